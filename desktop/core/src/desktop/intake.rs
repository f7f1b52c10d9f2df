//! Files that come in: dropped, chosen, pasted or opened with the app. The window gets handles, never paths.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::state::{Desktop, Offer, blocking, lock};
use crate::contract::{
    common::{CommandError, CommandErrorCode},
    records::OfferedFile,
};

/// As much of a file as its format is told by; a PDF's header may stand this late (ISO 32000-2, Annex I).
const MAX_HEADER_BYTES: u64 = 1024;

/// Bytes of a pasted image.
const MAX_PASTED_BYTES: usize = 32 * 1024 * 1024;

/// An image from the clipboard, as the web view got it.
#[derive(Deserialize)]
pub struct PastedImage {
    pub media_type: String,
    pub base64: String,
}

impl Desktop {
    /// Keeps the paths of files and answers their handles.
    pub async fn offer_files(&self, paths: Vec<PathBuf>) -> Vec<OfferedFile> {
        let offers = blocking(move || paths.into_iter().map(|path| inspect(&path)).collect::<Vec<_>>()).await;
        offers.into_iter().map(|offer| self.keep_offer(offer)).collect()
    }

    /// Takes an image from the clipboard. It never lies on the disk in clear.
    ///
    /// # Errors
    /// `TooLarge`; `FileDamaged` if it is not Base64; `FileKind`.
    pub fn offer_pasted(&self, pasted: &PastedImage) -> Result<OfferedFile, CommandError> {
        if pasted.base64.len() > MAX_PASTED_BYTES / 3 * 4 + 4 {
            return Err(CommandErrorCode::TooLarge.into());
        }
        let content = STANDARD.decode(&pasted.base64).map_err(|_| CommandErrorCode::FileDamaged)?;
        let media_type = media_type(&content).ok_or(CommandErrorCode::FileKind)?;
        let extension = media_type.rsplit('/').next().unwrap_or_default();
        Ok(self.keep_offer(Offer {
            name: format!("Pasted image.{extension}"),
            media_type: Some(media_type.to_owned()),
            bytes: content.len() as u64,
            path: PathBuf::new(),
            content: Some(Arc::from(content)),
        }))
    }

    fn keep_offer(&self, offer: Offer) -> OfferedFile {
        let handle = format!("fil_{}", self.new_uuid().simple());
        let offered = OfferedFile {
            handle: handle.clone(),
            name: offer.name.clone(),
            kilobytes: kilobytes(offer.bytes),
            media_type: offer.media_type.clone(),
        };
        lock(&self.shared.offers).insert(handle, offer);
        offered
    }

    /// Forgets offered files that nobody wants.
    pub fn drop_offer(&self, handles: &[String]) {
        let mut offers = lock(&self.shared.offers);
        for handle in handles {
            offers.remove(handle);
        }
    }

    /// The files of these handles, which are used up.
    ///
    /// # Errors
    /// `FileMissing` if one is unknown; `FileKind`, `FileEmpty` with the file's name. Nothing is then used up.
    pub(super) fn take_offers(&self, handles: &[String]) -> Result<Vec<Offer>, CommandError> {
        let mut offers = lock(&self.shared.offers);
        for handle in handles {
            let offer = offers.get(handle).ok_or(CommandErrorCode::FileMissing)?;
            let refused =
                |code: CommandErrorCode| Err(CommandError::from(code).with_text("name", offer.name.clone()));
            if offer.bytes == 0 {
                return refused(CommandErrorCode::FileEmpty);
            }
            if offer.media_type.is_none() {
                return refused(CommandErrorCode::FileKind);
            }
        }
        Ok(handles.iter().filter_map(|handle| offers.remove(handle)).collect())
    }
}

/// What a file is by its first bytes. What cannot be read is nothing.
pub(super) fn inspect(path: &Path) -> Offer {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut header = Vec::new();
    let bytes = std::fs::File::open(path).and_then(|file| {
        let metadata = file.metadata()?;
        if metadata.is_file() {
            file.take(MAX_HEADER_BYTES).read_to_end(&mut header)?;
        }
        Ok(metadata.len())
    });
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let media_type = media_type(&header).map(str::to_owned);
    Offer { name, media_type, bytes: bytes.unwrap_or(0), path, content: None }
}

fn media_type(header: &[u8]) -> Option<&'static str> {
    match header {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, ..] => Some("image/jpeg"),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some("image/tiff"),
        header if header.windows(5).any(|window| window == b"%PDF-") => Some("application/pdf"),
        _ => None,
    }
}

/// The size as the window shows it; at least one.
pub(super) fn kilobytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_first_bytes_not_by_its_name() {
        assert_eq!(media_type(b"\n%PDF-1.7"), Some("application/pdf"));
        assert_eq!(media_type(&[0xFF, 0xD8, 0xFF]), Some("image/jpeg"));
        assert_eq!(media_type(b"II*\0"), Some("image/tiff"));
        assert_eq!(media_type(b"IInvoice"), None);
        assert_eq!(media_type(b""), None);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.pdf");
        std::fs::write(&path, "hello").unwrap();
        let offer = inspect(&path);
        assert_eq!((offer.media_type, offer.bytes), (None, 5));
    }
}
