//! PDF files: opens them, reads their text layer, and renders the regions that need OCR.

mod annotations;
mod content_recorder;
mod embedded_image;
mod fingerprint;
mod glyphs;
mod image_headers;
mod image_visitor;
mod letter_spacing;
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

use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use image::RgbImage;

use maneiro_page::{BBox, Page, TextSource, Word};

use crate::{
    error::{DocumentError, PageError, catch_panics},
    geometry,
    inspection::{Finding, OcrRegion, PageInspection, RegionImage, RegionRenderer, Scan, ScanPixels},
    layout::{
        dehyphenate,
        merge_layers::{self, TextLayerContent},
    },
    limits::Limits,
    source::SourceBytes,
};
pub(crate) use content_recorder::PdfCache;
use content_recorder::RecordedContent;
use merge_annotations::MergedAnnotations;
use text_layer_quality::TextLayerQuality;

/// A PDF whose page tree could be followed.
pub(crate) struct PdfFile {
    pdf: Pdf,
}

impl PdfFile {
    /// Whether a PDF header is near the beginning, where readers accept it (ISO 32000-2, Annex I).
    pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
        bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-")
    }

    pub(crate) fn open(bytes: SourceBytes, password: Option<&str>) -> Result<PdfFile, DocumentError> {
        // A file with an empty user password opens whatever password is given.
        let mut loaded = Pdf::new_with_password(Arc::new(bytes.clone()), "");
        if let (Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)), Some(password)) =
            (&loaded, password)
        {
            loaded = Pdf::new_with_password(Arc::new(bytes), password);
        }
        let pdf = loaded.map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) if password.is_some() => {
                DocumentError::WrongPassword
            }
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => DocumentError::PasswordRequired,
            LoadPdfError::Decryption(_) => {
                DocumentError::Damaged { reason: "its encryption is of an unknown kind" }
            }
            LoadPdfError::Invalid => DocumentError::Damaged { reason: "its pages cannot be found" },
        })?;
        if pdf.pages().is_empty() {
            return Err(DocumentError::Damaged { reason: "its pages cannot be found" });
        }
        Ok(PdfFile { pdf })
    }

    pub(crate) fn parsed(&self) -> &Pdf {
        &self.pdf
    }

    pub(crate) fn page_count(&self) -> u32 {
        u32::try_from(self.pdf.pages().len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn inspect<'d>(
        &'d self,
        number: u32,
        limits: &Limits,
        cache: &PdfCache<'d>,
    ) -> Result<PageInspection<'d>, PageError> {
        let page = &self.pdf.pages()[number as usize - 1];
        let mut content = RecordedContent::record(page, cache, limits.max_pixels);
        let (width, height) = (content.width, content.height);
        let annotations = annotations::read_annotations(page);
        let mut annotations = merge_annotations::merge_annotations(annotations, &mut content);
        let quality = text_layer_quality::assess(&content);
        let mut fingerprint = annotations.fingerprint(content.fingerprint);
        let is_blank = matches!(quality, TextLayerQuality::Blank);
        let (mut words, mut regions) = match quality {
            TextLayerQuality::Blank if missing_objects::has_missing_content(page) => {
                return Err(PageError::Damaged { reason: "its content is missing from the file" });
            }
            TextLayerQuality::Blank => (Vec::new(), Vec::new()),
            TextLayerQuality::Assessed { words, regions } => (words, regions),
        };
        let mut missing = ocr_regions::missing_regions(missing_objects::missing_image_areas(page));
        if !missing.is_empty() {
            fingerprint = missing_objects::unique_fingerprint(fingerprint, number);
            regions.append(&mut missing);
        }
        words.append(&mut annotations.words);
        let MergedAnnotations { fields, lines: annotation_lines, .. } = annotations;
        let has_text = !words.is_empty() || !annotation_lines.is_empty();
        let needs_rendering = regions.iter().any(|region| region.is_drawable);
        if !needs_rendering
            && !has_text
            && let Some(too_large) = content.render_cost.too_large_image()
        {
            return Err(too_large);
        }
        let finding = if regions.is_empty() {
            let is_empty = is_blank && !has_text;
            let text_source = if is_empty { TextSource::Blank } else { TextSource::TextLayer };
            let mut lines = merge_layers::into_page_lines(merge_layers::group_into_lines(words));
            dehyphenate::mark_hyphens(&mut lines);
            lines.extend(annotation_lines);
            Finding::Page(Page { fields, ..Page::new(number, width, height, text_source, lines) })
        } else if needs_rendering && content.render_cost.exceeds_limit() {
            return Err(PageError::Damaged { reason: "its lines have more dashes than can be drawn" });
        } else {
            let pixels = ScanPixels::Deferred { renderer: self, regions };
            let text_layer = TextLayerContent { words, annotation_lines, fields };
            Finding::Scan(Scan { number, width, height, pixels, text_layer })
        };
        Ok(PageInspection { number, width, height, fingerprint, finding })
    }

    /// The page as shown, or the part of it in `area`, in colours and `width_px` wide; and the size of the page in points.
    pub(crate) fn render(
        &self,
        number: u32,
        area: Option<BBox>,
        width_px: u16,
        limits: &Limits,
    ) -> Result<(RgbImage, (f32, f32)), PageError> {
        let page = &self.pdf.pages()[number as usize - 1];
        let (width, height) = page.render_dimensions();
        let content = RecordedContent::record(page, &PdfCache::new(), limits.max_pixels);
        if content.render_cost.exceeds_limit() {
            return Err(PageError::Damaged { reason: "its lines have more dashes than can be drawn" });
        }
        let whole = BBox { x0: 0.0, y0: 0.0, x1: width, y1: height };
        let area = area.map_or(whole, |area| area.clamp_to_page(width, height));
        Ok((render::render_colours(page, geometry::rect_from_bbox(area), width_px), (width, height)))
    }

    /// The words of the text layer on a page that also needs OCR.
    pub(crate) fn text_layer_words(&self, number: u32) -> Vec<Word> {
        let inspection = self.inspect(number, &Limits::default(), &PdfCache::new());
        match inspection.map(|inspection| inspection.finding) {
            Ok(Finding::Scan(scan)) => {
                scan.text_layer.words.into_iter().map(|positioned| positioned.word).collect()
            }
            Ok(Finding::Page(_)) | Err(_) => Vec::new(),
        }
    }
}

impl RegionRenderer for PdfFile {
    /// The embedded image if there is nothing else in the region, or the region rendered at about 300 dpi, less if the
    /// page is very large.
    fn render_region(&self, page_number: u32, region: &OcrRegion) -> RegionImage {
        let nothing = || RegionImage { image: None, undecodable: vec![region.area] };
        if !region.is_drawable {
            return nothing();
        }
        catch_panics(nothing(), || {
            let page = &self.pdf.pages()[page_number as usize - 1];
            let embedded = region.image_index.and_then(|index| embedded_image::extract_image(page, index));
            Ok(embedded.unwrap_or_else(|| RegionImage {
                image: Some(render::render_area(page, region.area)),
                undecodable: undecodable_images::undecodable_areas(page, region.area),
            }))
        })
        .unwrap_or_else(|nothing| nothing)
    }
}
