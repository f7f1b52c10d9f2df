//! Extracts the input of a request: limited in size and time, decompressed, parsed. Errors name the position and never repeat the value.

use std::{io::Read, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::BytesRejection},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use maneiro_api::ErrorCode;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::{
    error_response::ErrorResponse,
    objects_only::ObjectsOnly,
    route_policy::{BodyLimit, RoutePolicy},
    server::ServerLimits,
};
use crate::{
    domain::{error::Error, pagination::ListRequest},
    state::App,
};

/// A zstd frame states how much memory its decompression needs: 8 MiB at most for ordinary levels (RFC 8878, section
/// 3.1.1.1.2, recommends to support at least that). The logarithm to base 2 of that size.
const MAX_WINDOW_LOG: u32 = 23;

/// Bodies up to this size are parsed on the async thread; larger ones would hold up other requests.
const MAX_INLINE_PARSE_BYTES: usize = 64 * 1024;

/// A JSON body as the route takes it.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned + Send + 'static> FromRequest<App> for JsonBody<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, app: &App) -> Result<Self, ErrorResponse> {
        let limit = request.extensions().get::<Arc<RoutePolicy>>().map(|policy| policy.body);
        let limit = limit.unwrap_or(BodyLimit::Ordinary);
        let server = request.extensions().get::<ServerLimits>().copied().unwrap_or_default();
        let is_compressed = check_headers(request.headers(), limit)?;
        // The route table limits its size.
        let body = tokio::time::timeout(limit.timeout(&server), Bytes::from_request(request, app)).await;
        let bytes = body
            .map_err(|_| ErrorResponse::new(ErrorCode::RequestTimeout, "the body did not arrive in time"))?
            .map_err(|error| body_error(&error, limit))?;
        if !is_compressed && bytes.len() <= MAX_INLINE_PARSE_BYTES {
            return parse(&bytes).map(Self);
        }
        tokio::task::spawn_blocking(move || {
            let json = if is_compressed { decompress(&bytes, limit)?.into() } else { bytes };
            parse(&json).map(Self)
        })
        .await
        .map_err(Error::internal)?
    }
}

/// Whether the body is compressed. Refuses a body that is not JSON or is announced as too large.
fn check_headers(headers: &HeaderMap, limit: BodyLimit) -> Result<bool, ErrorResponse> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(ErrorResponse::new(ErrorCode::UnsupportedMediaType, "the body must be application/json"));
    }
    if text(header::CONTENT_LENGTH).parse().is_ok_and(|length: usize| length > limit.max_bytes()) {
        return Err(too_large(limit));
    }
    match (text(header::CONTENT_ENCODING), limit) {
        ("" | "identity", _) => Ok(false),
        ("zstd", BodyLimit::Upload) => Ok(true),
        (_, BodyLimit::Upload) => Err(ErrorResponse::new(
            ErrorCode::UnsupportedMediaType,
            "the body may be compressed with zstd only",
        )),
        (_, BodyLimit::Ordinary) => {
            Err(ErrorResponse::new(ErrorCode::UnsupportedMediaType, "the body must not be compressed"))
        }
    }
}

fn body_error(error: &BytesRejection, limit: BodyLimit) -> ErrorResponse {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large(limit)
    } else {
        ErrorResponse::new(ErrorCode::InvalidInput, "the body is incomplete")
    }
}

fn too_large(limit: BodyLimit) -> ErrorResponse {
    let kib = limit.max_bytes() / 1024;
    ErrorResponse::new(ErrorCode::TooLarge, format!("the body is larger than {kib} KiB"))
}

fn decompress(bytes: &[u8], limit: BodyLimit) -> Result<Vec<u8>, ErrorResponse> {
    let invalid =
        |_| ErrorResponse::from(Error::invalid_field("body", "is not valid zstd within an 8 MiB window"));
    let mut decoder = zstd::Decoder::with_buffer(bytes).map_err(invalid)?;
    decoder.window_log_max(MAX_WINDOW_LOG).map_err(invalid)?;
    let mut json = Vec::new();
    decoder.take(limit.max_bytes() as u64 + 1).read_to_end(&mut json).map_err(invalid)?;
    if json.len() > limit.max_bytes() { Err(too_large(limit)) } else { Ok(json) }
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, ErrorResponse> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(ObjectsOnly(&mut reader)).map_err(|error| {
        Error::invalid_field(json_path(error.path(), error.inner()), parse_message(error.inner()))
    })?;
    reader.end().map_err(|_| Error::invalid_field("body", "continues after its end"))?;
    Ok(parsed)
}

/// Where the parser stopped. The name of an unknown member is the client's own, so the path ends at its parent.
fn json_path(path: &serde_path_to_error::Path, error: &serde_json::Error) -> String {
    let unknown = usize::from(is_unknown_member(error));
    let known = path.iter().len().saturating_sub(unknown);
    let path = path.iter().take(known).fold(String::new(), |path, segment| match segment {
        Segment::Seq { index } => format!("{path}[{index}]"),
        Segment::Map { key } if path.is_empty() => key.clone(),
        Segment::Map { key } => format!("{path}.{key}"),
        Segment::Enum { .. } | Segment::Unknown => path,
    });
    if path.is_empty() { "body".to_owned() } else { path }
}

fn is_unknown_member(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("unknown field")
}

/// The parser's message without the value that it may repeat: only what was expected comes from our own types.
fn parse_message(error: &serde_json::Error) -> String {
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
            format!("has an unknown member: expected {expected}")
        }
        Some((_, expected)) => format!("is invalid: expected {expected}"),
        None => "is invalid".to_owned(),
    }
}

/// The parameters in the path. A malformed id is not found, like one of another clinic.
pub(super) struct PathParams<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for PathParams<T> {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ErrorResponse> {
        let path = Path::<T>::from_request_parts(parts, app).await;
        path.map(|Path(params)| Self(params))
            .map_err(|_| ErrorResponse::new(ErrorCode::NotFound, "there is nothing at this path"))
    }
}

/// The query string.
pub(super) struct QueryParams<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<App> for QueryParams<T> {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ErrorResponse> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(params)| Self(params))
            .map_err(|_| Error::invalid_field("query", "is invalid").into())
    }
}

#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// The `next_cursor` of the previous response.
    #[param(pattern = "^[A-Za-z0-9_-]{21}[AQgw]$")]
    cursor: Option<String>,
    /// Items to return, 1 to 200; 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

impl ListQuery {
    /// # Errors
    /// `InvalidInput` if the cursor or the limit is invalid.
    pub(super) fn list_request(&self) -> Result<ListRequest, Error> {
        ListRequest::parse(self.cursor.as_deref(), self.limit)
    }
}

/// The `Idempotency-Key` header.
pub(super) struct IdempotencyKeyHeader(pub(super) String);

impl FromRequestParts<App> for IdempotencyKeyHeader {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ErrorResponse> {
        let value = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
        let value = value.ok_or_else(|| Error::invalid_field("Idempotency-Key", "is a required header"))?;
        Ok(Self(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use maneiro_api::{job::CreateJob, limits::MAX_UPLOAD_BYTES, record::PageBatch};

    use super::*;

    fn parse_error<T: DeserializeOwned>(json: &str) -> String {
        match parse::<T>(json.as_bytes()) {
            Ok(_) => panic!("this must be an error"),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn error_names_the_position_and_never_repeats_the_value() {
        let wrong_number = r#"{"pages":[{"number":"Jane Doe, expected tomorrow","width":1,"height":1,"text_source":{"kind":"blank"},"lines":[]}]}"#;
        let error = parse_error::<PageBatch>(wrong_number);
        assert!(error.contains("pages[0].number") && error.contains("expected u32"), "{error}");
        assert!(!error.contains("Jane") && !error.contains("tomorrow"), "{error}");

        let wrong_id = parse_error::<CreateJob>(r#"{"record":"Jane Doe"}"#);
        assert!(
            wrong_id.contains("record") && wrong_id.contains("rec_") && !wrong_id.contains("Jane"),
            "{wrong_id}"
        );

        let unknown =
            parse_error::<CreateJob>(r#"{"record":"rec_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b","Jane.Doe":1}"#);
        assert!(unknown.contains("\"body\"") && unknown.contains("an unknown member"), "{unknown}");
        assert!(!unknown.contains("Jane"), "{unknown}");

        assert!(parse_error::<CreateJob>("{}").contains("missing field `record`"));
        assert!(parse_error::<CreateJob>(r#"{"record""#).contains("is not JSON (line 1"));
        assert!(
            parse_error::<CreateJob>(r#"{"record":"rec_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b"} x"#)
                .contains("after its end")
        );
    }

    #[test]
    fn compressed_body_is_limited_by_its_decompressed_size() {
        let bomb = zstd::encode_all(std::io::repeat(b' ').take(MAX_UPLOAD_BYTES as u64 + 1), 3).unwrap();
        assert!(bomb.len() < 10_000, "repetition compresses");
        assert!(format!("{:?}", decompress(&bomb, BodyLimit::Upload).unwrap_err()).contains("TooLarge"));
        let fits = zstd::encode_all(std::io::repeat(b' ').take(MAX_UPLOAD_BYTES as u64), 3).unwrap();
        assert_eq!(decompress(&fits, BodyLimit::Upload).unwrap().len(), MAX_UPLOAD_BYTES);
    }

    #[test]
    fn frame_that_needs_a_huge_window_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.long_distance_matching(true).unwrap();
        std::io::copy(&mut std::io::repeat(b' ').take(1024), &mut encoder).unwrap();
        let frame = encoder.finish().unwrap();
        assert!(decompress(&frame, BodyLimit::Upload).is_err());
    }
}
