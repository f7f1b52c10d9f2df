//! Decimal points in a number: small components on its baseline, between two characters or before the first. Tesseract
//! passes over some of them, and no other mistake changes a value tenfold.

use hayro::kurbo::{Rect, Vec2};
use image::imageops;

use crate::preprocess::{
    PreprocessedPage,
    binarize::binarize_global,
    components::{Component, connected_components},
};

/// The least height of a character, in parts of the highest.
const MIN_CHARACTER_HEIGHT_RATIO: f64 = 0.5;
/// The width and height of a point, in parts of the characters' height.
pub(crate) const MIN_POINT_SIZE_RATIO: f64 = 0.09;
const MAX_POINT_SIZE_RATIO: f64 = 0.3;
/// A point ends no further above or below the baseline, in parts of the characters' height.
const MAX_BASELINE_OFFSET_RATIO: f64 = 0.15;
/// The gap between the characters beside a point, in parts of their height. A point makes room and noise does not.
/// Characters further apart belong to different numbers.
const MIN_DIGIT_GAP_RATIO: f64 = 0.3;
const MAX_DIGIT_GAP_RATIO: f64 = 1.0;
/// A leading point is no further from its character, in parts of that height.
const MAX_LEADING_GAP_RATIO: f64 = 0.6;
/// How far before a number its neighbourhood extends, in parts of the number's height.
const LOOK_BEHIND_RATIO: f64 = 2.5;
/// More components than this are noise, and none of them is a point.
const MAX_COMPONENTS: usize = 100;

/// The decimal points of a number; commas count as well.
pub(crate) struct DecimalPoints {
    /// The number of points between its characters.
    pub(crate) inner: usize,
    /// The bounds of the point that it begins with, as ".5" does, in pixels of the page.
    pub(crate) leading: Option<Rect>,
}

/// Finds the decimal points of the number with these bounds, in pixels.
pub(crate) fn find_decimal_points(page: &PreprocessedPage, number: Rect) -> DecimalPoints {
    let neighbourhood = DigitNeighbourhood::new(page, number);
    let points = || neighbourhood.small.iter().filter(|component| neighbourhood.has_point_size(component));
    let inner = points().filter(|point| neighbourhood.is_inner(point)).count();
    // No number has two.
    let leading = points().find(|point| inner == 0 && neighbourhood.is_leading(point)).copied();
    DecimalPoints { inner, leading }
}

/// The components of a number and of what is before it on its line.
struct DigitNeighbourhood {
    /// Components as high as characters.
    characters: Vec<Rect>,
    /// Lower components.
    small: Vec<Rect>,
    /// The left edge of the number.
    begin: f64,
    /// The height of the number's highest component.
    height: f64,
}

impl DigitNeighbourhood {
    fn new(page: &PreprocessedPage, number: Rect) -> DigitNeighbourhood {
        let left = number.x0 - LOOK_BEHIND_RATIO * number.height();
        let [x0, y0, x1, y1] = [left, number.y0, number.x1, number.y1].map(|side| side.max(0.0) as u32);
        let crop = imageops::crop_imm(&page.image, x0, y0, x1.saturating_sub(x0), y1.saturating_sub(y0));
        let offset = Vec2::new(x0.into(), y0.into());
        let components: Vec<Rect> = connected_components(&binarize_global(&crop.to_image()))
            .iter()
            .map(Component::bounding_box)
            .map(|component| component + offset)
            .collect();
        let components = if components.len() > MAX_COMPONENTS { Vec::new() } else { components };
        let own = components.iter().filter(|component| component.center().x >= number.x0);
        let height = own.map(Rect::height).fold(0.0, f64::max);
        let (characters, small) = components
            .into_iter()
            .partition(|component| component.height() >= MIN_CHARACTER_HEIGHT_RATIO * height);
        DigitNeighbourhood { characters, small, begin: number.x0, height }
    }

    fn has_point_size(&self, component: &Rect) -> bool {
        let sizes = MIN_POINT_SIZE_RATIO * self.height..=MAX_POINT_SIZE_RATIO * self.height;
        sizes.contains(&component.width()) && sizes.contains(&component.height())
    }

    fn is_in_number(&self, component: &Rect) -> bool {
        component.center().x >= self.begin
    }

    fn character_before(&self, component: &Rect) -> Option<&Rect> {
        let before = self.characters.iter().filter(|character| character.x1 <= component.x0);
        before.max_by(|one, other| one.x1.total_cmp(&other.x1))
    }

    fn character_after(&self, component: &Rect) -> Option<&Rect> {
        let after = self.characters.iter().filter(|character| character.x0 >= component.x1);
        after.min_by(|one, other| one.x0.total_cmp(&other.x0))
    }

    fn is_on_baseline(&self, point: &Rect, character: &Rect) -> bool {
        (character.y1 - point.y1).abs() <= MAX_BASELINE_OFFSET_RATIO * self.height
    }

    /// Whether the point is between two characters of the number.
    fn is_inner(&self, point: &Rect) -> bool {
        let before = self.character_before(point).filter(|before| self.is_in_number(before));
        before.zip(self.character_after(point)).is_some_and(|(before, after)| {
            let gap = (after.x0 - before.x1) / self.height;
            (MIN_DIGIT_GAP_RATIO..=MAX_DIGIT_GAP_RATIO).contains(&gap)
                && self.is_on_baseline(point, before)
                && self.is_on_baseline(point, after)
        })
    }

    /// Whether the number begins with the point: the point is closer to the number than to what is before it, and is
    /// neither the lower dot of a colon nor the last of a row of dot leaders.
    fn is_leading(&self, point: &Rect) -> bool {
        let Some(character) = self.character_after(point) else { return false };
        let gap = character.x0 - point.x1;
        let is_near = gap <= MAX_LEADING_GAP_RATIO * self.height && self.is_on_baseline(point, character);
        let before = self.character_before(point);
        let is_first = self.is_in_number(character) && before.is_none_or(|before| !self.is_in_number(before));
        let is_closer = before.is_none_or(|before| point.x0 - before.x1 > gap);
        let is_of_colon_or_leaders = |other: &Rect| {
            let is_above = other.x0 < point.x1 && other.x1 > point.x0;
            let ends_word = || {
                self.character_before(other)
                    .is_some_and(|word| other.x0 - word.x1 <= MAX_LEADING_GAP_RATIO * self.height)
            };
            other != point
                && (is_above
                    || (other.x1 <= point.x0 && self.is_on_baseline(other, character) && !ends_word()))
        };
        is_first && is_near && is_closer && !self.small.iter().any(is_of_colon_or_leaders)
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    /// The points found among characters of 12 by 20 pixels at these columns and other components: left, top, width,
    /// height. The number begins at `begin`.
    fn detect(begin: f64, characters: &[u32], others: &[[u32; 4]]) -> DecimalPoints {
        let mut image = GrayImage::from_pixel(200, 60, Luma([255]));
        let characters = characters.iter().map(|x| [*x, 20, 12, 20]);
        for [left, top, width, height] in characters.chain(others.iter().copied()) {
            for (x, y) in (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y))) {
                image.put_pixel(x, y, Luma([0]));
            }
        }
        let page = PreprocessedPage::unchanged(image, 200.0);
        find_decimal_points(&page, Rect::new(begin, 15.0, 190.0, 45.0))
    }

    fn inner(characters: &[u32], others: &[[u32; 4]]) -> usize {
        detect(8.0, characters, others).inner
    }

    #[test]
    fn point_on_the_baseline_between_digits_is_found() {
        assert_eq!(inner(&[10, 26, 48, 64], &[[41, 37, 3, 3]]), 1);
    }

    #[test]
    fn dots_off_the_baseline_and_in_wide_gaps_are_not_points() {
        let above = [41, 22, 3, 3];
        let dash = [41, 28, 5, 2];
        let end = [80, 37, 3, 3];
        let in_a_wide_gap = [100, 37, 3, 3];
        let speck = [41, 39, 1, 1];
        let between_neighbours = [23, 37, 2, 2];
        let others = [above, dash, in_a_wide_gap, speck, between_neighbours];
        assert_eq!(inner(&[10, 26, 48, 64, 140], &others), 0);
        assert_eq!(inner(&[10, 26, 48, 64], &[end]), 0);
    }

    #[test]
    fn leading_point_is_found_inside_and_before_the_word_box() {
        for begin in [90.0, 98.0] {
            assert!(detect(begin, &[10, 26, 100, 116], &[[92, 37, 3, 3]]).leading.is_some());
        }
        assert!(detect(98.0, &[100, 116], &[[92, 37, 3, 3]]).leading.is_some(), "nothing before it");
        let after_a_sentence = [[41, 37, 3, 3], [92, 37, 3, 3]];
        assert!(detect(98.0, &[10, 26, 100, 116], &after_a_sentence).leading.is_some());
    }

    #[test]
    fn punctuation_before_a_number_is_not_its_leading_point() {
        let is_leading = |others: &[[u32; 4]]| detect(98.0, &[10, 70, 100, 116], others).leading.is_some();
        assert!(!is_leading(&[[85, 37, 3, 3]]), "a full stop");
        assert!(!is_leading(&[[92, 37, 3, 3], [92, 25, 3, 3]]), "a colon");
        assert!(!is_leading(&[[92, 28, 3, 3]]), "above the baseline");
        assert!(!is_leading(&[[94, 39, 1, 1]]), "noise");
        assert!(!is_leading(&[]), "nothing");
        let dots: Vec<[u32; 4]> = (0..12).map(|n| [30 + 5 * n, 37, 3, 3]).collect();
        assert!(detect(98.0, &[10, 100, 116], &dots).leading.is_none(), "leaders");
    }
}
