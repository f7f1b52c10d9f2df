//! The images of a scan that are recognised, and how their pixels relate to points on the page.

use hayro::kurbo::{Affine, Rect};
use image::{GrayImage, Luma, imageops};

use maneiro_page::BBox;

use crate::{
    geometry::bbox_from_rect,
    inspection::{Scan, ScanPixels},
    preprocess::{PageComponents, Rotation, text_metrics::densest_band},
};

/// An image that covers more of a page is the image of the whole page.
const MIN_WHOLE_PAGE_SHARE: f32 = 0.9;
/// The white margin around an image of a part of a page.
const CROP_MARGIN_INCHES: f64 = 0.3;
/// The share of a page that is recognised to decide its orientation.
const SAMPLE_BAND_SHARE: f64 = 0.12;

/// A region of a scan that needs recognition.
pub(super) struct ScanRegion {
    /// In points on the page.
    pub(super) area: BBox,
    /// The region's image. None if it cannot be rendered.
    pub(super) image: Option<PageImage>,
    /// The parts of the region that cannot be rendered, in points on the page.
    pub(super) undecodable: Vec<BBox>,
}

/// Renders the regions of a scan one after the other: images take much memory.
pub(super) fn scan_regions<'d>(scan: &mut Scan<'d>) -> Box<dyn Iterator<Item = ScanRegion> + 'd> {
    let (number, width, height) = (scan.number, scan.width, scan.height);
    match std::mem::replace(&mut scan.pixels, ScanPixels::Decoded(GrayImage::default())) {
        ScanPixels::Decoded(image) => {
            let image = PageImage::from_whole_page(image, width, height);
            let (area, undecodable) = (image.area(), Vec::new());
            Box::new(std::iter::once(ScanRegion { area, image: Some(image), undecodable }))
        }
        ScanPixels::Deferred { renderer, regions } => Box::new(regions.into_iter().map(move |region| {
            let rendered = renderer.render_region(number, &region);
            let undecodable = rendered
                .undecodable
                .iter()
                .map(|area| bbox_from_rect(*area).clamp_to_page(width, height))
                .collect();
            let image = rendered.image.map(|(image, to_points)| PageImage::new(image, to_points));
            let area = image.as_ref().map_or(bbox_from_rect(region.area), PageImage::area);
            let is_part = |image: &PageImage| !image.covers_page(width, height);
            let image = image.map(|image| if is_part(&image) { image.with_margin() } else { image });
            ScanRegion { area, image, undecodable }
        })),
    }
}

/// The image of a page or of a part of it.
pub(super) struct PageImage {
    pub(super) image: GrayImage,
    pub(super) dpi: f64,
    /// From its pixels to points on the page.
    pub(super) to_points: Affine,
}

impl PageImage {
    fn new(image: GrayImage, to_points: Affine) -> PageImage {
        PageImage { image, dpi: 72.0 / to_points.determinant().abs().sqrt(), to_points }
    }

    /// An image that covers a page of this size, in points.
    fn from_whole_page(image: GrayImage, width: f32, height: f32) -> PageImage {
        let (columns, rows) = (f64::from(image.width()), f64::from(image.height()));
        let to_points = Affine::scale_non_uniform(f64::from(width) / columns, f64::from(height) / rows);
        PageImage::new(image, to_points)
    }

    /// The area that it covers, in points on the page.
    fn area(&self) -> BBox {
        let pixels = Rect::new(0.0, 0.0, f64::from(self.image.width()), f64::from(self.image.height()));
        bbox_from_rect(self.to_points.transform_rect_bbox(pixels))
    }

    /// Whether it covers nearly all of a page of this size.
    fn covers_page(&self, width: f32, height: f32) -> bool {
        let area = self.area().clamp_to_page(width, height);
        area.width() * area.height() > MIN_WHOLE_PAGE_SHARE * width * height
    }

    /// Print that is cropped closely is read badly, and is taken for the shadow at the edge of a sheet.
    fn with_margin(self) -> PageImage {
        let margin = (CROP_MARGIN_INCHES * self.dpi).round() as u32;
        let (width, height) = (self.image.width() + 2 * margin, self.image.height() + 2 * margin);
        let mut image = GrayImage::from_pixel(width, height, Luma([u8::MAX]));
        imageops::replace(&mut image, &self.image, i64::from(margin), i64::from(margin));
        let shift = Affine::translate((-f64::from(margin), -f64::from(margin)));
        PageImage { image, dpi: self.dpi, to_points: self.to_points * shift }
    }

    /// The band along the lines of a page with this rotation that holds the most characters.
    pub(super) fn sample_band(&self, components: &PageComponents, rotation: Rotation) -> PageImage {
        let (width, height) = (self.image.width(), self.image.height());
        let [x, y, width, height] = if rotation.has_horizontal_lines() {
            let (from, to) =
                densest_band(components, SAMPLE_BAND_SHARE, |component| component.y0, components.height);
            [0, (from * f64::from(height)) as u32, width, ((to - from) * f64::from(height)) as u32]
        } else {
            let (from, to) =
                densest_band(components, SAMPLE_BAND_SHARE, |component| component.x0, components.width);
            [(from * f64::from(width)) as u32, 0, ((to - from) * f64::from(width)) as u32, height]
        };
        PageImage {
            image: imageops::crop_imm(&self.image, x, y, width.max(1), height.max(1)).to_image(),
            dpi: self.dpi,
            to_points: self.to_points,
        }
    }
}
