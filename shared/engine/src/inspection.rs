//! The result of inspecting a page without OCR: the page itself, or a scan and the regions of it that OCR must read.
//!
//! Plain types between the formats that fill them in (`pdf`, `input`) and the OCR that reads them.

use hayro::kurbo::{Affine, Rect};
use image::GrayImage;

use maneiro_page::Page;

use crate::layout::merge_layers::TextLayerContent;

/// What is known about a page without OCR.
#[derive(Debug)]
pub struct PageInspection<'d> {
    /// Page number in the file, from 1.
    pub number: u32,
    /// Width as shown, in points.
    pub width: f32,
    /// Height as shown, in points.
    pub height: f32,
    /// Equal for two pages of one document exactly if they show the same, so that a duplicate need not be read again.
    pub fingerprint: [u8; 32],
    /// The page itself, or what OCR needs to read it.
    pub finding: Finding<'d>,
}

/// Whether a page needs OCR.
#[derive(Debug)]
pub enum Finding<'d> {
    /// The page is read: its text layer is usable and complete, or the page is blank.
    Page(Page),
    /// The page, or images on it, need OCR: see [`OcrEngine::recognise`](crate::OcrEngine::recognise).
    Scan(Scan<'d>),
}

/// A page that needs OCR, in whole or in part. Its pixels are rendered only when OCR asks for them.
#[derive(Debug)]
pub struct Scan<'d> {
    pub(crate) number: u32,
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) pixels: ScanPixels<'d>,
    /// The text of the page that needs no OCR.
    pub(crate) text_layer: TextLayerContent,
}

/// Where a scan's pixels come from.
pub(crate) enum ScanPixels<'d> {
    /// The file renders each region when it is asked to.
    Deferred { renderer: &'d dyn RegionRenderer, regions: Vec<OcrRegion> },
    /// Decoded from an image file. They cover the whole page.
    Decoded(GrayImage),
}

impl std::fmt::Debug for ScanPixels<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ScanPixels::Deferred { regions, .. } => write!(f, "Deferred {{ regions: {regions:?} }}"),
            ScanPixels::Decoded(image) => write!(f, "Decoded({} × {})", image.width(), image.height()),
        }
    }
}

/// A file that can render regions of its pages.
pub(crate) trait RegionRenderer: Send + Sync {
    /// The image of a region of a page.
    fn render_region(&self, page_number: u32, region: &OcrRegion) -> RegionImage;
}

/// A region of a page that needs OCR.
#[derive(Debug, Clone)]
pub(crate) struct OcrRegion {
    /// In points on the page as shown.
    pub(crate) area: Rect,
    /// The page's image that fills the region, by its index in drawing order, if there is nothing else in it.
    pub(crate) image_index: Option<usize>,
    /// Whether the region can be rendered. If not, it is reported as unread.
    pub(crate) is_drawable: bool,
}

/// The image of a region.
pub(crate) struct RegionImage {
    /// In gray, and the map from its pixels to points on the page; none if nothing of the region can be rendered.
    pub(crate) image: Option<(GrayImage, Affine)>,
    /// Where images are that cannot be decoded or exceed the pixel limit, in points on the page.
    pub(crate) undecodable: Vec<Rect>,
}
