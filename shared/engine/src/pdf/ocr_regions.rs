//! Selects the regions of a page that need OCR. Knows what the page draws, never its pixels.

use hayro::kurbo::{Rect, Size};

use super::content_recorder::{PlacedImage, RecordedContent};
use crate::inspection::OcrRegion;

/// Images with a gap of at most this between them are one: scans are often cut into strips.
const MAX_GAP_PT: f64 = 2.0;
/// An image that may hold text has at least this side and area. Most logos are smaller: 10,000 square points are a label of
/// 7 by 5 centimetres.
const MIN_SIDE_PT: f64 = 20.0;
const MIN_AREA_SQUARE_PT: f64 = 10_000.0;
/// Print cannot be read at a lower resolution. Shadings and backgrounds have less.
const MIN_DPI: f64 = 50.0;
/// More regions than this are recognised as one.
const MAX_REGIONS: usize = 12;
/// More images than this are one cluster, whether they touch or not.
const MAX_CLUSTERED_IMAGES: usize = 500;
/// An image that is the whole page leaves at most this share of the page uncovered.
const MAX_UNCOVERED_SHARE: f64 = 0.06;

/// The areas of missing images that may have held text, as regions that cannot be rendered.
pub(super) fn missing_regions(areas: Vec<Rect>) -> Vec<OcrRegion> {
    let areas = areas.into_iter().filter(|area| is_worth_reading(*area));
    areas.map(|area| OcrRegion { area, image_index: None, is_drawable: false }).collect()
}

/// The whole page as a region; or each image by itself, if the page shows only images and one of them is too large to be
/// rendered.
pub(super) fn whole_page(content: &RecordedContent) -> Vec<OcrRegion> {
    if content.shows_only_images() && content.images.iter().any(|image| image.is_too_large) {
        return regions_to_recognise(content, |_| false, &[]);
    }
    let area = Size::new(f64::from(content.width), f64::from(content.height)).to_rect();
    let is_one_image = match &content.images[..] {
        [image] => {
            is_alone(content, 0)
                && !content.has_shapes
                && image.area.area() > (1.0 - MAX_UNCOVERED_SHARE) * area.area()
        }
        _ => false,
    };
    vec![OcrRegion { area, image_index: is_one_image.then_some(0), is_drawable: is_drawable(content, area) }]
}

/// Whether no image there is too large: rendering a part of an image decodes all of it.
fn is_drawable(content: &RecordedContent, area: Rect) -> bool {
    !content.images.iter().any(|image| image.is_too_large && touch(image.area, area))
}

/// The images that may hold text and for which `is_read` is false, and the areas of unusable text.
pub(super) fn regions_to_recognise(
    content: &RecordedContent,
    is_read: impl Fn(Rect) -> bool,
    unusable_text: &[Rect],
) -> Vec<OcrRegion> {
    let images = content.images.iter().enumerate();
    let images = images.map(|(index, image)| ImageCluster::from_image(index, image)).collect();
    let images =
        merge_touching(images).into_iter().filter(|image| image.may_hold_text() && !is_read(image.area));
    let unusable_text = unusable_text.iter().map(|area| ImageCluster {
        area: *area,
        pixels: 0.0,
        covered_area: 0.0,
        image_index: None,
    });
    let mut clusters = merge_touching(images.chain(unusable_text).collect());
    if clusters.len() > MAX_REGIONS {
        clusters = clusters.into_iter().reduce(ImageCluster::merge).into_iter().collect();
    }
    clusters.sort_by(|a, b| a.area.y0.total_cmp(&b.area.y0));
    let region = |cluster: &ImageCluster| OcrRegion {
        area: cluster.area,
        image_index: cluster.image_index.filter(|index| is_alone(content, *index)),
        is_drawable: is_drawable(content, cluster.area),
    };
    clusters.iter().map(region).collect()
}

/// Whether the page shows all of the image and draws nothing over it.
fn is_alone(content: &RecordedContent, image_index: usize) -> bool {
    let image = &content.images[image_index];
    // Rectangles that only touch do not count: an empty extent is at the corner of the page.
    let is_drawn_over = image.drawn_after.intersect(image.area).area() > 0.0;
    content.is_opaque && image.is_shown_completely && !is_drawn_over
}

/// One image, or several that touch.
#[derive(Debug)]
struct ImageCluster {
    area: Rect,
    /// The pixels of the images, and the area of the page that they cover in square points.
    pixels: f64,
    covered_area: f64,
    /// The index of the image, if it is one.
    image_index: Option<usize>,
}

impl ImageCluster {
    fn from_image(index: usize, image: &PlacedImage) -> ImageCluster {
        ImageCluster {
            area: image.area,
            pixels: image.pixel_count() as f64,
            covered_area: image.area.area(),
            image_index: Some(index),
        }
    }

    fn merge(self, other: ImageCluster) -> ImageCluster {
        ImageCluster {
            area: self.area.union(other.area),
            pixels: self.pixels + other.pixels,
            covered_area: self.covered_area + other.covered_area,
            image_index: None,
        }
    }

    fn may_hold_text(&self) -> bool {
        let dpi = 72.0 * (self.pixels / self.covered_area.max(1.0)).sqrt();
        is_worth_reading(self.area) && dpi >= MIN_DPI
    }
}

fn is_worth_reading(area: Rect) -> bool {
    area.width().min(area.height()) >= MIN_SIDE_PT && area.area() >= MIN_AREA_SQUARE_PT
}

/// Merges clusters that touch until none do.
fn merge_touching(clusters: Vec<ImageCluster>) -> Vec<ImageCluster> {
    let clusters: Vec<ImageCluster> = clusters
        .into_iter()
        .filter(|cluster| cluster.area.width() > 0.0 && cluster.area.height() > 0.0)
        .collect();
    if clusters.len() > MAX_CLUSTERED_IMAGES {
        return clusters.into_iter().reduce(ImageCluster::merge).into_iter().collect();
    }
    let mut merged: Vec<ImageCluster> = Vec::new();
    for mut cluster in clusters {
        // A merged cluster is larger and may touch others in turn.
        while let Some(at) = merged.iter().position(|other| touch(other.area, cluster.area)) {
            cluster = cluster.merge(merged.swap_remove(at));
        }
        merged.push(cluster);
    }
    merged
}

fn touch(a: Rect, b: Rect) -> bool {
    a.inflate(MAX_GAP_PT, MAX_GAP_PT).overlaps(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(x0: f64, y0: f64, x1: f64, y1: f64, dpi: f64) -> ImageCluster {
        let area = Rect::new(x0, y0, x1, y1);
        let pixels = area.area() * (dpi / 72.0).powi(2);
        ImageCluster { area, pixels, covered_area: area.area(), image_index: Some(0) }
    }

    #[test]
    fn strips_of_a_scan_are_one_region_and_separate_images_are_two() {
        let strips =
            (0..20).map(|n| cluster(0.0, 10.0 * f64::from(n), 200.0, 10.0 * f64::from(n + 1), 200.0));
        let found = merge_touching(strips.chain([cluster(300.0, 0.0, 400.0, 200.0, 200.0)]).collect());
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(ImageCluster::may_hold_text), "{found:?}");
    }

    #[test]
    fn logos_rules_and_shadings_hold_no_text() {
        assert!(!cluster(0.0, 0.0, 110.0, 50.0, 300.0).may_hold_text(), "a logo");
        assert!(!cluster(0.0, 0.0, 600.0, 4.0, 300.0).may_hold_text(), "a rule");
        assert!(!cluster(0.0, 0.0, 600.0, 800.0, 2.0).may_hold_text(), "a shading");
        assert!(cluster(0.0, 0.0, 300.0, 40.0, 100.0).may_hold_text(), "two lines of print");
    }
}
