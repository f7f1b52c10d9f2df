//! A page worker that draws the pages of one file.

use std::{path::PathBuf, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_page::BBox;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::{
    contract::common::{CommandError, CommandErrorCode},
    files::SourceFile,
    languages::Languages,
    worker::{PageLimits, PageWorker, WorkerOptions, WorkerRequest, WorkerResponse},
};

/// The widest image; a page of 5 screens' width shows nothing more.
const MAX_WIDTH_PX: u16 = 4096;

pub(super) type SharedRenderer = Arc<Mutex<Renderer>>;

/// Draws the pages of one file.
pub(super) struct Renderer {
    program: PathBuf,
    source: SourceFile,
    password: Option<SecretString>,
    worker: Option<Box<PageWorker>>,
}

/// A drawn page and its size in points.
pub(super) struct RenderedPage {
    pub(super) png: Vec<u8>,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Renderer {
    pub(super) fn new(
        program: PathBuf,
        source: SourceFile,
        password: Option<SecretString>,
    ) -> SharedRenderer {
        Arc::new(Mutex::new(Self { program, source, password, worker: None }))
    }

    /// Opens the file and answers how many pages it has.
    pub(super) async fn open(&mut self) -> Result<u32, CommandError> {
        let languages = Languages::default();
        let options = WorkerOptions {
            program: self.program.clone(),
            source: &self.source,
            password: self.password.as_ref(),
            limits: PageLimits::default(),
            languages: &languages,
        };
        let (worker, pages, _) = options.open().await?;
        self.worker = Some(worker);
        Ok(pages)
    }

    /// # Errors
    /// `FileMissing`, `FileDamaged` and so on, as opening the file fails; `FileDamaged` if the page cannot be drawn.
    pub(super) async fn render(
        &mut self,
        page: u32,
        area: Option<BBox>,
        width_px: u16,
    ) -> Result<RenderedPage, CommandError> {
        if self.worker.is_none() {
            self.open().await?;
        }
        let mut worker = self.worker.take().ok_or(CommandErrorCode::Internal)?;
        let request = WorkerRequest::Render { page, area, width_px: width_px.clamp(1, MAX_WIDTH_PX) };
        // A worker that ended is gone; the next page starts another.
        let response = worker.request(&request).await.map_err(|_| CommandErrorCode::FileDamaged)?;
        self.worker = Some(worker);
        match response {
            WorkerResponse::Rendered { png, width, height } => {
                let png = STANDARD.decode(png).map_err(|_| CommandErrorCode::Internal)?;
                Ok(RenderedPage { png, width, height })
            }
            _ => Err(CommandErrorCode::FileDamaged.into()),
        }
    }
}
