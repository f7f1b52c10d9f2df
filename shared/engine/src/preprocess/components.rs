//! Connected components: the pieces of foreground on a page whose pixels touch.

use hayro::kurbo::Rect;
use image::GrayImage;

use super::{binarize::binarize_adaptive, bitmap::Bitmap, resample::downsample};

/// Pages are analysed at about this resolution: small print still has several pixels, and noise has none.
pub(crate) const ANALYSIS_DPI: f64 = 150.0;
/// The length of the longer side of what may be a character.
const MIN_CHARACTER_MM: f64 = 0.9;
const MAX_CHARACTER_MM: f64 = 12.0;
/// What is longer in proportion to its width is a ruling line.
const MAX_CHARACTER_ASPECT_RATIO: f64 = 15.0;
const MIN_CHARACTER_AREA_PX: u32 = 6;

/// A connected component. In pixels of the image it was found in; `x1` and `y1` are one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) x0: u32,
    pub(crate) y0: u32,
    pub(crate) x1: u32,
    pub(crate) y1: u32,
    /// The number of its pixels.
    pub(crate) area: u32,
}

impl Component {
    pub(crate) fn width(&self) -> u32 {
        self.x1 - self.x0
    }

    pub(crate) fn height(&self) -> u32 {
        self.y1 - self.y0
    }

    pub(crate) fn bounding_box(&self) -> Rect {
        Rect::new(self.x0.into(), self.y0.into(), self.x1.into(), self.y1.into())
    }
}

/// The connected components of a page, found in a downsampled image of it.
pub(crate) struct PageComponents {
    /// The size of the downsampled image, in pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The resolution of the downsampled image.
    pub(crate) dpi: f64,
    pub(crate) components: Vec<Component>,
}

impl PageComponents {
    /// Finds the components in an image of this resolution.
    pub(crate) fn detect(image: &GrayImage, dpi: f64) -> PageComponents {
        let factor = (dpi / ANALYSIS_DPI).round().max(1.0) as u32;
        let downsampled;
        let small = if factor > 1 {
            downsampled = downsample(image, factor);
            &downsampled
        } else {
            image
        };
        let components = connected_components(&binarize_adaptive(small));
        PageComponents {
            width: small.width(),
            height: small.height(),
            dpi: dpi / f64::from(factor),
            components,
        }
    }

    pub(crate) fn mm_to_px(&self, length_mm: f64) -> f64 {
        length_mm / 25.4 * self.dpi
    }

    /// The components whose size and shape may be those of a character.
    pub(crate) fn character_candidates(&self) -> impl Iterator<Item = &Component> {
        let (min_length, max_length) = (self.mm_to_px(MIN_CHARACTER_MM), self.mm_to_px(MAX_CHARACTER_MM));
        self.components.iter().filter(move |component| {
            let (width, height) = (component.width(), component.height());
            let (longer, shorter) = (f64::from(width.max(height)), f64::from(width.min(height)));
            longer >= min_length
                && longer <= max_length
                && longer <= MAX_CHARACTER_ASPECT_RATIO * shorter
                && component.area >= MIN_CHARACTER_AREA_PX
        })
    }
}

/// The 8-connected components of a bitmap. Runs of foreground are joined with the runs of the row above that they touch.
pub(crate) fn connected_components(bitmap: &Bitmap) -> Vec<Component> {
    let mut sets = DisjointSet::default();
    let mut above: Vec<(u32, u32, usize)> = Vec::new();
    let mut current: Vec<(u32, u32, usize)> = Vec::new();
    for y in 0..bitmap.height {
        current.clear();
        let (mut x, mut first_touching) = (0, 0);
        while let Some((begin, end)) = bitmap.next_run(y, x) {
            x = end;
            let (begin, end) = (begin as u32, end as u32);
            let run =
                sets.add(Component { x0: begin, x1: end, y0: y as u32, y1: y as u32 + 1, area: end - begin });
            while first_touching < above.len() && above[first_touching].1 < begin {
                first_touching += 1;
            }
            for (_, _, other) in above[first_touching..].iter().take_while(|run| run.0 <= end) {
                sets.union(run, *other);
            }
            current.push((begin, end, run));
        }
        std::mem::swap(&mut above, &mut current);
    }
    sets.into_components()
}

/// A disjoint-set forest of runs. The root of each set holds the component that the set makes.
#[derive(Default)]
struct DisjointSet {
    parents: Vec<usize>,
    components: Vec<Component>,
}

impl DisjointSet {
    fn add(&mut self, run: Component) -> usize {
        self.parents.push(self.parents.len());
        self.components.push(run);
        self.parents.len() - 1
    }

    fn find(&mut self, mut run: usize) -> usize {
        while self.parents[run] != run {
            self.parents[run] = self.parents[self.parents[run]];
            run = self.parents[run];
        }
        run
    }

    fn union(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return;
        }
        let (root, child) = (a.min(b), a.max(b));
        self.parents[child] = root;
        let (first, second) = (self.components[root], self.components[child]);
        self.components[root] = Component {
            x0: first.x0.min(second.x0),
            y0: first.y0.min(second.y0),
            x1: first.x1.max(second.x1),
            y1: first.y1.max(second.y1),
            area: first.area + second.area,
        };
    }

    fn into_components(self) -> Vec<Component> {
        let roots = self.parents.iter().enumerate().filter(|(index, parent)| index == *parent);
        roots.map(|(index, _)| self.components[index]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_that_touch_are_one_component() {
        // A ring, and a dot inside it that does not touch it.
        let mut image = GrayImage::from_pixel(60, 60, image::Luma([250]));
        for n in 10..31 {
            for (x, y) in [(n, 10), (n, 30), (10, n), (30, n)] {
                image.put_pixel(x, y, image::Luma([20]));
            }
        }
        image.put_pixel(20, 20, image::Luma([20]));
        let page = PageComponents::detect(&image, 150.0);
        let ring = Component { x0: 10, y0: 10, x1: 31, y1: 31, area: 80 };
        assert_eq!(page.components, [ring, Component { x0: 20, y0: 20, x1: 21, y1: 21, area: 1 }]);
    }
}
