//! Pages as images, for the page protocol: drawn by page workers, one that stays for each of the files seen last.

use std::sync::Arc;

use maneiro_api::DocumentId;
use maneiro_page::BBox;
use secrecy::SecretString;

use super::{
    reading::file_source,
    renderer::{Renderer, SharedRenderer},
    state::{Desktop, OpenSession},
};
use crate::contract::common::{CommandError, CommandErrorCode};

/// Files whose worker stays: the record's own and the one beside it.
const MAX_RENDERERS: usize = 3;

/// What an address of the page protocol asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum ImageRequest {
    /// A page of a file of a record, or a piece of it.
    Page { document: DocumentId, page: u32, width_px: u16, area: Option<BBox> },
    /// A page of a drawn report.
    Report { preview: String, page: u32, width_px: u16 },
    /// A picture of a letterhead or a signature.
    Picture { handle: String },
}

/// An image as PNG. Not printed: it is the patient's.
pub struct PngImage(pub Vec<u8>);

impl Desktop {
    /// Draws what an address of the page protocol names.
    ///
    /// # Errors
    /// `Locked` or `Unauthenticated`; `NotFound`; `FileMissing`, `FileDamaged` and so on.
    pub async fn page_image(&self, request: ImageRequest) -> Result<PngImage, CommandError> {
        let session = self.session()?;
        let (renderer, page, area, width_px) = match request {
            ImageRequest::Page { document, page, width_px, area } => {
                (self.renderer(&session, document).await?, page, area, width_px)
            }
            ImageRequest::Report { preview, page, width_px } => {
                let preview = session.preview(&preview)?;
                (Arc::clone(&preview.renderer), page, None, width_px)
            }
            ImageRequest::Picture { handle } => return session.picture(&handle),
        };
        let rendered = renderer.lock().await.render(page, area, width_px).await?;
        Ok(PngImage(rendered.png))
    }

    /// The worker of a file, which is started if it was not seen lately.
    async fn renderer(
        &self,
        session: &OpenSession,
        document: DocumentId,
    ) -> Result<SharedRenderer, CommandError> {
        let mut renderers = session.renderers.lock().await;
        if let Some(at) = renderers.iter().position(|(known, _)| *known == document) {
            let known = renderers.remove(at);
            let renderer = Arc::clone(&known.1);
            renderers.push(known);
            return Ok(renderer);
        }
        let file = session.store.record_file(document).await?.ok_or(CommandErrorCode::NotFound)?;
        let source = file_source(&session.store, &file).await?;
        let password = file.password.map(SecretString::from);
        let renderer = Renderer::new(self.shared.config.worker.clone(), source, password);
        if renderers.len() >= MAX_RENDERERS {
            renderers.remove(0);
        }
        renderers.push((document, Arc::clone(&renderer)));
        Ok(renderer)
    }
}
