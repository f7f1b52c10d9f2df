//! Pictures of letterheads and signatures. The file that the user chose is decoded by a page worker, never in this process,
//! and what is kept is drawn anew: of a bounded size, on white, and without whatever else the file held.

use std::{path::PathBuf, sync::Arc};

use serde::Deserialize;

use super::{
    intake::inspect,
    page_images::PngImage,
    renderer::Renderer,
    state::{Desktop, OpenSession, blocking, lock},
};
use crate::{
    contract::{
        common::{CommandError, CommandErrorCode},
        settings::Picture,
    },
    files::{SourceFile, sha256_hex},
};

/// Bytes of the file that a picture is made of.
const MAX_PICTURE_FILE_BYTES: u64 = 10 * 1024 * 1024;

/// The smallest image tells the form of a picture.
const FORM_WIDTH_PX: u16 = 64;

/// Pictures that are kept for the settings: what was chosen, what is stored, and some that were tried.
const MAX_PICTURES: usize = 8;

/// Where a PNG says its width and its height (PNG, third edition, 11.2.1).
const PNG_SIZE: std::ops::Range<usize> = 16..24;

/// What a picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PicturePurpose {
    Letterhead,
    Signature,
}

impl PicturePurpose {
    /// The largest width and height: 300 dots an inch of the place where it is printed.
    const fn max_size_px(self) -> (u16, u16) {
        match self {
            Self::Letterhead => (1200, 450),
            Self::Signature => (900, 300),
        }
    }
}

impl Desktop {
    /// Makes a picture of a file that the user chose.
    ///
    /// # Errors
    /// `PictureKind` unless it is PNG or JPEG; `PictureTooLarge`; `PictureDamaged`; `FileMissing`.
    pub async fn make_picture(
        &self,
        path: PathBuf,
        purpose: PicturePurpose,
    ) -> Result<Picture, CommandError> {
        let session = self.session()?;
        let offer = inspect(&path);
        if !matches!(offer.media_type.as_deref(), Some("image/png" | "image/jpeg")) {
            return Err(CommandErrorCode::PictureKind.into());
        }
        if offer.bytes > MAX_PICTURE_FILE_BYTES {
            return Err(CommandErrorCode::PictureTooLarge.into());
        }
        let source = blocking(move || SourceFile::from_path(&path))
            .await
            .map_err(|error| CommandError::from(error.problem))?;
        let renderer = Renderer::new(self.shared.config.worker.clone(), source, None);
        let mut renderer = renderer.lock().await;
        let damaged = |_| CommandErrorCode::PictureDamaged;
        let form = renderer.render(1, None, FORM_WIDTH_PX).await.map_err(damaged)?;
        let (max_width, max_height) = purpose.max_size_px();
        let width_of_max_height = f32::from(max_height) * form.width / form.height.max(1.0);
        // Rounded down, and never less than a pixel.
        let width_px = (width_of_max_height as u16).clamp(1, max_width);
        let drawn = renderer.render(1, None, width_px).await.map_err(damaged)?;
        self.keep_picture(&session, drawn.png)
    }

    /// Keeps a picture for the window, under a name that its content gives it.
    ///
    /// # Errors
    /// `PictureDamaged` if it is no PNG.
    pub(super) fn keep_picture(&self, session: &OpenSession, png: Vec<u8>) -> Result<Picture, CommandError> {
        let size = png.get(PNG_SIZE).and_then(|size| size.split_first_chunk::<4>());
        let Some((width, [a, b, c, d])) = size else { return Err(CommandErrorCode::PictureDamaged.into()) };
        let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes([*a, *b, *c, *d]));
        let handle = format!("pic_{}", &sha256_hex(&png)[..32]);
        let mut pictures = lock(&session.pictures);
        pictures.retain(|(known, _)| *known != handle);
        pictures.push((handle.clone(), Arc::from(png)));
        let surplus = pictures.len().saturating_sub(MAX_PICTURES);
        pictures.drain(..surplus);
        let url = format!("{}/picture/{handle}", self.shared.config.page_base);
        Ok(Picture { handle, url, width, height })
    }
}

impl OpenSession {
    /// The PNG of a picture that the window was shown.
    ///
    /// # Errors
    /// `NotFound` if it is kept no more.
    pub(super) fn picture(&self, handle: &str) -> Result<PngImage, CommandError> {
        let pictures = lock(&self.pictures);
        let found = pictures.iter().find(|(known, _)| known == handle);
        found.map(|(_, png)| PngImage(png.to_vec())).ok_or_else(|| CommandErrorCode::NotFound.into())
    }
}
