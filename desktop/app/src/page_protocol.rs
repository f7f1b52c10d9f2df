//! The page protocol: images of pages for `<img>`, under an address that only this window knows.

use maneiro_core::{
    contract::common::CommandErrorCode,
    desktop::{Desktop, ImageRequest},
    system::{Random as _, SystemRandom},
};
use maneiro_page::BBox;
use tauri::{
    AppHandle, Manager as _, UriSchemeResponder,
    http::{Request, Response, StatusCode, header},
};

pub(crate) const SCHEME: &str = "page";

const SECRET_BYTES: usize = 16;

/// The widths that images come in are multiples of this.
const WIDTH_STEP_PX: u16 = 64;
const MAX_WIDTH_PX: u16 = 4096;

/// The part of the address that only this window knows.
pub(crate) struct PageSecret(String);

impl PageSecret {
    pub(crate) fn generate() -> Self {
        let mut bytes = [0; SECRET_BYTES];
        SystemRandom.fill(&mut bytes);
        Self(hex::encode(bytes))
    }

    /// What addresses of images begin with, without a slash at the end.
    pub(crate) fn page_base(&self) -> String {
        // WebView2 knows custom schemes only as hosts.
        let origin = if cfg!(windows) { "http://page.localhost" } else { "page://localhost" };
        format!("{origin}/{}", self.0)
    }

    /// What a path asks for; none if it is not of this window or not well formed.
    fn parse(&self, path: &str, query: &str) -> Option<ImageRequest> {
        let rest = path.strip_prefix('/')?.strip_prefix(self.0.as_str())?.strip_prefix('/')?;
        if let Some(handle) = rest.strip_prefix("picture/") {
            return query.is_empty().then(|| ImageRequest::Picture { handle: handle.to_owned() });
        }
        let (mut width_px, mut area) = (None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "w" => width_px = value.parse().ok(),
                "box" => area = Some(parse_box(&value)?),
                _ => return None,
            }
        }
        let width_px =
            width_px.filter(|width| (1..=MAX_WIDTH_PX).contains(width) && width % WIDTH_STEP_PX == 0)?;
        match *rest.split('/').collect::<Vec<_>>() {
            ["report", preview, page] if area.is_none() => {
                Some(ImageRequest::Report { preview: preview.to_owned(), page: page.parse().ok()?, width_px })
            }
            [document, page] => Some(ImageRequest::Page {
                document: document.parse().ok()?,
                page: page.parse().ok()?,
                width_px,
                area,
            }),
            _ => None,
        }
    }
}

fn parse_box(text: &str) -> Option<BBox> {
    let sides: Vec<f32> = text.split(',').map(|side| side.parse().ok()).collect::<Option<_>>()?;
    let &[x0, y0, x1, y1] = &sides[..] else { return None };
    let is_finite = sides.iter().all(|side| side.is_finite());
    (is_finite && x0 < x1 && y0 < y1).then_some(BBox { x0, y0, x1, y1 })
}

/// Answers a request of the web view, from a thread of the runtime.
pub(crate) fn respond(app: &AppHandle, request: &Request<Vec<u8>>, responder: UriSchemeResponder) {
    let uri = request.uri();
    let wanted = app.state::<PageSecret>().parse(uri.path(), uri.query().unwrap_or_default());
    let desktop = app.state::<Desktop>().inner().clone();
    tauri::async_runtime::spawn(async move {
        let outcome = match wanted {
            Some(wanted) => desktop.page_image(wanted).await.map_err(|error| error.code),
            None => Err(CommandErrorCode::NotFound),
        };
        let (status, body) = match outcome {
            Ok(image) => (StatusCode::OK, image.0),
            Err(CommandErrorCode::Locked | CommandErrorCode::Unauthenticated) => {
                (StatusCode::FORBIDDEN, Vec::new())
            }
            Err(_) => (StatusCode::NOT_FOUND, Vec::new()),
        };
        let response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, "image/png")
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .body(body);
        if let Ok(response) = response {
            responder.respond(response);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "doc_0197a6b2c3d47e8f9a0b1c2d3e4f5a6b";

    fn parse(path: &str, query: &str) -> Option<ImageRequest> {
        PageSecret("5ec2e7".to_owned()).parse(path, query)
    }

    #[test]
    fn an_address_names_a_page_or_a_piece_of_one() {
        let document = DOCUMENT.parse().unwrap();
        assert_eq!(
            parse(&format!("/5ec2e7/{DOCUMENT}/12"), "w=640"),
            Some(ImageRequest::Page { document, page: 12, width_px: 640, area: None })
        );
        let area = Some(BBox { x0: 1.5, y0: 2.0, x1: 30.0, y1: 40.0 });
        assert_eq!(
            parse(&format!("/5ec2e7/{DOCUMENT}/12"), "w=64&box=1.5,2.0,30.0,40.0"),
            Some(ImageRequest::Page { document, page: 12, width_px: 64, area })
        );
        let preview = "rep_7".to_owned();
        assert_eq!(
            parse("/5ec2e7/report/rep_7/2", "w=128"),
            Some(ImageRequest::Report { preview, page: 2, width_px: 128 })
        );
        let picture = ImageRequest::Picture { handle: "pic_1".to_owned() };
        assert_eq!(parse("/5ec2e7/picture/pic_1", ""), Some(picture));
    }

    #[test]
    fn an_address_without_the_secret_shows_nothing() {
        for path in
            [format!("/{DOCUMENT}/1"), format!("/5ec2e8/{DOCUMENT}/1"), format!("/5ec2e7{DOCUMENT}/1")]
        {
            assert_eq!(parse(&path, "w=64"), None, "{path}");
        }
        assert_eq!(parse("/5ec2e8/picture/pic_1", ""), None);
    }

    #[test]
    fn a_size_that_no_screen_asks_for_is_refused() {
        let path = format!("/5ec2e7/{DOCUMENT}/1");
        for query in
            ["", "w=0", "w=63", "w=4160", "w=65536", "w=64&x=1", "w=64&box=1,2,3", "w=64&box=9,2,3,4"]
        {
            assert_eq!(parse(&path, query), None, "{query}");
        }
        assert!(parse(&path, "w=4096").is_some());
    }
}
