//! PDF files: opening them, what their pages hold, and drawing those that must be recognised.

mod annotations;
mod content_recorder;
mod embedded_image;
mod fingerprint;
mod glyphs;
mod image_headers;
mod merge_annotations;
mod missing_objects;
mod ocr_regions;
mod render;
mod render_cost;
mod stream_filters;
mod text_layer_quality;
mod text_string;
mod undecodable_images;
mod words;

use std::sync::Arc;

use hayro::{
    hayro_syntax::{DecryptionError, LoadPdfError, Pdf, page::Page as PdfPage},
    kurbo::{Affine, Rect},
};
use image::GrayImage;

use maneiro_page::{Page, TextSource, Word};

use crate::{
    document::{Bytes, Finding, Limits, Looked, Pixels, Scan},
    error::{OpenError, PageError, contained},
    layout::{
        dehyphenate,
        merge_layers::{self, Known},
    },
};
pub(crate) use content_recorder::Shared;
use content_recorder::Trace;
use merge_annotations::Overlay;
pub(crate) use ocr_regions::Region;
use text_layer_quality::Verdict;

/// A PDF whose page tree could be followed.
pub(crate) struct PdfFile {
    pdf: Pdf,
}

impl PdfFile {
    /// Whether the header of a PDF is near the beginning, as readers accept it (ISO 32000-2, Annex I).
    pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
        bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-")
    }

    pub(crate) fn open(bytes: Bytes, password: Option<&str>) -> Result<PdfFile, OpenError> {
        // A file with an empty user password opens for everyone, also for those who were given another one.
        let mut loaded = Pdf::new_with_password(Arc::new(bytes.clone()), "");
        if let (Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)), Some(password)) =
            (&loaded, password)
        {
            loaded = Pdf::new_with_password(Arc::new(bytes), password);
        }
        let pdf = loaded.map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) if password.is_some() => {
                OpenError::PasswordWrong
            }
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => OpenError::PasswordNeeded,
            LoadPdfError::Decryption(_) => {
                OpenError::Damaged { reason: "its encryption is of an unknown kind" }
            }
            LoadPdfError::Invalid => OpenError::Damaged { reason: "its pages cannot be found" },
        })?;
        if pdf.pages().is_empty() {
            return Err(OpenError::Damaged { reason: "its pages cannot be found" });
        }
        Ok(PdfFile { pdf })
    }

    pub(crate) fn parsed(&self) -> &Pdf {
        &self.pdf
    }

    pub(crate) fn page_count(&self) -> u32 {
        u32::try_from(self.pdf.pages().len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn look<'d>(
        &'d self,
        number: u32,
        limits: &Limits,
        shared: &Shared<'d>,
    ) -> Result<Looked<'d>, PageError> {
        let page = &self.pdf.pages()[number as usize - 1];
        let mut trace = Trace::of(page, shared, limits.max_pixels);
        let (width, height) = (trace.width, trace.height);
        let mut overlay = merge_annotations::lay(annotations::of(page), &mut trace);
        let verdict = text_layer_quality::judge(&trace);
        let mut fingerprint = overlay.fingerprint(trace.fingerprint);
        let is_blank = matches!(verdict, Verdict::Blank);
        let (mut words, mut regions) = match verdict {
            Verdict::Blank if missing_objects::is_emptied(page) => {
                return Err(PageError::Damaged { reason: "what it shows is missing in the file" });
            }
            Verdict::Blank => (Vec::new(), Vec::new()),
            Verdict::Shows { words, regions } => (words, regions),
        };
        let mut lost = ocr_regions::lost(missing_objects::places(page));
        if !lost.is_empty() {
            fingerprint = missing_objects::fingerprint(fingerprint, number);
            regions.append(&mut lost);
        }
        words.append(&mut overlay.words);
        let Overlay { fields, notes, .. } = overlay;
        let must_draw = regions.iter().any(|region| region.is_drawable);
        if !must_draw
            && words.is_empty()
            && notes.is_empty()
            && let Some(too_large) = trace.effort.too_large()
        {
            return Err(too_large);
        }
        let finding = if regions.is_empty() {
            let says_nothing = is_blank && words.is_empty() && notes.is_empty();
            let how = if says_nothing { TextSource::Blank } else { TextSource::TextLayer };
            let mut lines = merge_layers::finish(merge_layers::in_lines(words));
            dehyphenate::mark(&mut lines);
            lines.extend(notes);
            Finding::Page(Page { fields, ..Page::new(number, width, height, how, lines) })
        } else if must_draw && trace.effort.is_absurd() {
            return Err(PageError::Damaged { reason: "its lines have more dashes than can be drawn" });
        } else {
            let pixels = Pixels::InPdf { pdf: self, regions };
            Finding::Scan(Scan { number, width, height, pixels, known: Known { words, notes, fields } })
        };
        Ok(Looked { number, width, height, fingerprint, finding })
    }

    /// The words that the file itself has on a page of which something must be recognised.
    pub(crate) fn own_words(&self, number: u32) -> Vec<Word> {
        match self.look(number, &Limits::default(), &Shared::new()).map(|looked| looked.finding) {
            Ok(Finding::Scan(scan)) => scan.known.words.into_iter().map(|standing| standing.word).collect(),
            Ok(Finding::Page(_)) | Err(_) => Vec::new(),
        }
    }

    /// The picture of a part of a page: the embedded one if there is nothing else, or one drawn at about 300 pixels per
    /// inch, fewer if the page is very large.
    pub(crate) fn picture(&self, number: u32, region: &Region) -> Drawn {
        let nothing = || Drawn { picture: None, undrawn: vec![region.area] };
        if !region.is_drawable {
            return nothing();
        }
        contained(nothing(), || {
            let page = &self.pdf.pages()[number as usize - 1];
            let embedded = region.image.and_then(|image| embedded_image::take(page, image));
            Ok(embedded.unwrap_or_else(|| draw(page, region.area)))
        })
        .unwrap_or_else(|nothing| nothing)
    }
}

/// What a part of a page shows.
pub(crate) struct Drawn {
    /// It in gray, and the map from its pixels to points on the page; none if nothing of it can be drawn.
    pub(crate) picture: Option<(GrayImage, Affine)>,
    /// Where pictures are that cannot be decoded, or are too large to be, in points on the page.
    pub(crate) undrawn: Vec<Rect>,
}

fn draw(page: &PdfPage<'_>, area: Rect) -> Drawn {
    Drawn { picture: Some(render::draw(page, area)), undrawn: undecodable_images::in_area(page, area) }
}

/// Brightness: ITU-R BT.601 in 8-bit fixed point.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8
}
