//! What comes with a request: bounded, decompressed, parsed. Refusals name the place and never repeat what stands there.

use std::io::Read;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::BytesRejection},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use maneiro_api::{ErrorCode, limits::MAX_BODY_BYTES};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::problem::Problem;
use crate::{
    domain::{error::Error, list::Window},
    state::App,
};

/// A zstd frame states how much memory opening it takes; 8 MiB is what its strongest ordinary level states (RFC 8878,
/// section 3.1.1.1.2, recommends to support at least that).
const WINDOW_LOG_MAX: u32 = 23;

/// Bodies up to this size are parsed where they arrive; larger ones would hold up other requests.
const PARSED_IN_PLACE_BYTES: usize = 64 * 1024;

/// A JSON body, plain or compressed with zstd.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned + Send + 'static> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let compressed = check_headers(request.headers())?;
        // The router bounds it by `MAX_BODY_BYTES`.
        let bytes = Bytes::from_request(request, app).await.map_err(|error| unread(&error))?;
        if !compressed && bytes.len() <= PARSED_IN_PLACE_BYTES {
            return parse(&bytes).map(Self);
        }
        tokio::task::spawn_blocking(move || {
            let json = if compressed { decompress(&bytes)?.into() } else { bytes };
            parse(&json).map(Self)
        })
        .await
        .map_err(Error::bug)?
    }
}

/// Whether the body is compressed, if it is JSON and not announced as too large.
fn check_headers(headers: &HeaderMap) -> Result<bool, Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(ErrorCode::UnsupportedMediaType, "the body must be application/json"));
    }
    if text(header::CONTENT_LENGTH).parse().is_ok_and(|length: usize| length > MAX_BODY_BYTES) {
        return Err(too_large());
    }
    match text(header::CONTENT_ENCODING) {
        "" | "identity" => Ok(false),
        "zstd" => Ok(true),
        _ => Err(Problem::new(ErrorCode::UnsupportedMediaType, "the body may be compressed with zstd only")),
    }
}

fn unread(error: &BytesRejection) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        Problem::new(ErrorCode::InvalidInput, "the body broke off")
    }
}

fn too_large() -> Problem {
    let limit = MAX_BODY_BYTES / (1024 * 1024);
    Problem::new(ErrorCode::TooLarge, format!("the body is larger than {limit} MiB"))
}

fn decompress(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let broken = |_| Problem::from(Error::invalid("body", "is not sound zstd within an 8 MiB window"));
    let mut decoder = zstd::Decoder::with_buffer(bytes).map_err(broken)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(broken)?;
    let mut json = Vec::new();
    decoder.take(MAX_BODY_BYTES as u64 + 1).read_to_end(&mut json).map_err(broken)?;
    if json.len() > MAX_BODY_BYTES { Err(too_large()) } else { Ok(json) }
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| Error::invalid(place(error.path(), error.inner()), wrong_form(error.inner())))?;
    reader.end().map_err(|_| Error::invalid("body", "goes on after its end"))?;
    Ok(parsed)
}

/// Where a parser stopped. An unknown member's name is the client's own, so its place is what holds it.
fn place(path: &serde_path_to_error::Path, error: &serde_json::Error) -> String {
    let own = usize::from(is_unknown_member(error));
    let known = path.iter().len().saturating_sub(own);
    let place = path.iter().take(known).fold(String::new(), |place, segment| match segment {
        Segment::Seq { index } => format!("{place}[{index}]"),
        Segment::Map { key } if place.is_empty() => key.clone(),
        Segment::Map { key } => format!("{place}.{key}"),
        Segment::Enum { .. } | Segment::Unknown => place,
    });
    if place.is_empty() { "body".to_owned() } else { place }
}

fn is_unknown_member(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("unknown field")
}

/// What a parser says, without the value it may repeat: only what was expected comes from our own types.
fn wrong_form(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => {}
        serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof
        | serde_json::error::Category::Io => {
            return format!("is not JSON (line {}, column {})", error.line(), error.column());
        }
    }
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if text.starts_with("missing field") || text.starts_with("not an id") {
        return text.to_owned();
    }
    match text.rsplit_once(", expected ") {
        Some((_, expected)) if is_unknown_member(error) => {
            format!("holds an unknown member: expected {expected}")
        }
        Some((_, expected)) => format!("is not of the right form: expected {expected}"),
        None => "is not of the right form".to_owned(),
    }
}

/// The ids in an address. One that is none of ours is not found, like one of another clinic.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, app).await;
        path.map(|Path(ids)| Self(ids))
            .map_err(|_| Problem::new(ErrorCode::NotFound, "there is nothing at this address"))
    }
}

/// What stands behind the question mark.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let asked = Query::try_from_uri(&parts.uri);
        asked
            .map(|Query(asked)| Self(asked))
            .map_err(|_| Error::invalid("query", "is not of the right form").into())
    }
}

/// Which part of a list is asked for.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless asked.
    limit: Option<u32>,
}

impl ListQuery {
    /// The same, checked.
    pub(super) fn window(&self) -> Result<Window, Error> {
        Window::parse(self.cursor.as_deref(), self.limit)
    }
}

/// The `Idempotency-Key` header.
pub(super) struct IdempotencyKey(pub(super) String);

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let value = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
        let value =
            value.ok_or_else(|| Error::invalid("Idempotency-Key", "is a header that this request needs"))?;
        Ok(Self(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use maneiro_api::{job::CreateJob, record::PageBatch};

    use super::*;

    fn refusal<T: DeserializeOwned>(json: &str) -> String {
        match parse::<T>(json.as_bytes()) {
            Ok(_) => panic!("this must be refused"),
            Err(problem) => format!("{problem:?}"),
        }
    }

    #[test]
    fn a_refusal_names_the_place_and_never_repeats_the_value() {
        let wrong_number = r#"{"pages":[{"number":"Jane Doe, expected tomorrow","width":1,"height":1,"text_source":{"kind":"blank"},"lines":[]}]}"#;
        let said = refusal::<PageBatch>(wrong_number);
        assert!(said.contains("pages[0].number") && said.contains("expected u32"), "{said}");
        assert!(!said.contains("Jane") && !said.contains("tomorrow"), "{said}");

        let wrong_id = refusal::<CreateJob>(r#"{"record":"Jane Doe"}"#);
        assert!(
            wrong_id.contains("record") && wrong_id.contains("rec_") && !wrong_id.contains("Jane"),
            "{wrong_id}"
        );

        let unknown =
            refusal::<CreateJob>(r#"{"record":"rec_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b","Jane.Doe":1}"#);
        assert!(unknown.contains("\"body\"") && unknown.contains("an unknown member"), "{unknown}");
        assert!(!unknown.contains("Jane"), "{unknown}");

        assert!(refusal::<CreateJob>("{}").contains("missing field `record`"));
        assert!(refusal::<CreateJob>(r#"{"record""#).contains("is not JSON (line 1"));
        assert!(
            refusal::<CreateJob>(r#"{"record":"rec_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b"} x"#)
                .contains("after its end")
        );
    }

    #[test]
    fn a_compressed_body_is_bounded_by_what_it_becomes() {
        let bomb = zstd::encode_all(std::io::repeat(b' ').take(MAX_BODY_BYTES as u64 + 1), 3).unwrap();
        assert!(bomb.len() < 10_000, "repetition compresses");
        assert!(format!("{:?}", decompress(&bomb).unwrap_err()).contains("TooLarge"));
        let fits = zstd::encode_all(std::io::repeat(b' ').take(MAX_BODY_BYTES as u64), 3).unwrap();
        assert_eq!(decompress(&fits).unwrap().len(), MAX_BODY_BYTES);
    }

    #[test]
    fn a_frame_that_wants_a_huge_window_is_refused_before_it_gets_one() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.long_distance_matching(true).unwrap();
        std::io::copy(&mut std::io::repeat(b' ').take(1024), &mut encoder).unwrap();
        let greedy = encoder.finish().unwrap();
        assert!(decompress(&greedy).is_err());
    }
}
