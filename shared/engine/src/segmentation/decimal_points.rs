//! Points in the ink of a number: what stands on its line between two characters or before the first, and is as small as
//! a decimal point. Tesseract passes over some of them, and no other mistake changes a value tenfold.

use hayro::kurbo::{Rect, Vec2};
use image::imageops;

use crate::preprocess::{
    Prepared,
    components::{self, Mark},
};

/// A character is at least so high, in parts of the highest.
const CHARACTER: f64 = 0.5;
/// A point is at most this long on each side, and at least this, in parts of the characters' height.
const LARGEST: f64 = 0.3;
pub(crate) const SMALLEST: f64 = 0.09;
/// And no further above or below the line that the characters stand on, in parts of their height.
const OFF_LINE: f64 = 0.15;
/// A point makes room: the characters beside it are so far apart, in parts of their height. Grain between them does not.
const APART: f64 = 0.3;
/// Characters further apart than this are not of one number.
const FAR: f64 = 1.0;
/// A point is no further than this from the character that it belongs to, if it has one on one side only.
const NEAR: f64 = 0.6;
/// What stands before a number is looked at as far away as this, in parts of its height.
const REACH: f64 = 2.5;

/// Among more marks than this nothing is said to be a point: it is grain.
const MARKS: usize = 100;

/// The points and commas in the ink of a number.
pub(crate) struct Points {
    /// How many stand between its characters.
    pub(crate) between: usize,
    /// Where the one is that it begins with, as ".5" does, in pixels of the picture.
    pub(crate) first: Option<Rect>,
}

/// The points of the number in this part of a picture, in pixels.
pub(crate) fn points(picture: &Prepared, number: Rect) -> Points {
    let around = Around::number(picture, number);
    let points = || around.small.iter().filter(|mark| around.is_point(mark));
    let between = points().filter(|point| around.is_between(point)).count();
    // No number has two.
    let first = points().find(|point| between == 0 && around.is_first(point)).copied();
    Points { between, first }
}

/// The marks of a number and of what stands before it.
struct Around {
    /// As high as characters, and lower than those.
    characters: Vec<Rect>,
    small: Vec<Rect>,
    /// Where the number begins, and the height of its highest mark.
    begin: f64,
    height: f64,
}

impl Around {
    fn number(picture: &Prepared, number: Rect) -> Around {
        let left = number.x0 - REACH * number.height();
        let [x0, y0, x1, y1] = [left, number.y0, number.x1, number.y1].map(|side| side.max(0.0) as u32);
        let cut = imageops::crop_imm(&picture.image, x0, y0, x1.saturating_sub(x0), y1.saturating_sub(y0));
        let place = Vec2::new(x0.into(), y0.into());
        let marks: Vec<Rect> = components::marks(&components::on_white(&cut.to_image()))
            .iter()
            .map(Mark::place)
            .map(|mark| mark + place)
            .collect();
        let marks = if marks.len() > MARKS { Vec::new() } else { marks };
        let own = marks.iter().filter(|mark| mark.center().x >= number.x0);
        let height = own.map(Rect::height).fold(0.0, f64::max);
        let (characters, small) = marks.into_iter().partition(|mark| mark.height() >= CHARACTER * height);
        Around { characters, small, begin: number.x0, height }
    }

    /// Whether the mark is as small as a point.
    fn is_point(&self, mark: &Rect) -> bool {
        let sides = SMALLEST * self.height..=LARGEST * self.height;
        sides.contains(&mark.width()) && sides.contains(&mark.height())
    }

    fn is_own(&self, mark: &Rect) -> bool {
        mark.center().x >= self.begin
    }

    fn before(&self, mark: &Rect) -> Option<&Rect> {
        let before = self.characters.iter().filter(|character| character.x1 <= mark.x0);
        before.max_by(|one, other| one.x1.total_cmp(&other.x1))
    }

    fn after(&self, mark: &Rect) -> Option<&Rect> {
        let after = self.characters.iter().filter(|character| character.x0 >= mark.x1);
        after.min_by(|one, other| one.x0.total_cmp(&other.x0))
    }

    fn is_on_line(&self, point: &Rect, character: &Rect) -> bool {
        (character.y1 - point.y1).abs() <= OFF_LINE * self.height
    }

    /// Whether the point stands between characters of the number.
    fn is_between(&self, point: &Rect) -> bool {
        let before = self.before(point).filter(|before| self.is_own(before));
        before.zip(self.after(point)).is_some_and(|(before, after)| {
            (APART..=FAR).contains(&((after.x0 - before.x1) / self.height))
                && self.is_on_line(point, before)
                && self.is_on_line(point, after)
        })
    }

    /// Whether the number begins with the point: it is nearer to that than to what stands before, and neither the foot of a
    /// colon nor the last of a row of dots.
    fn is_first(&self, point: &Rect) -> bool {
        let Some(character) = self.after(point) else { return false };
        let gap = character.x0 - point.x1;
        let is_near = gap <= NEAR * self.height && self.is_on_line(point, character);
        let before = self.before(point);
        let begins = self.is_own(character) && before.is_none_or(|before| !self.is_own(before));
        let is_nearer = before.is_none_or(|before| point.x0 - before.x1 > gap);
        let is_row = |other: &Rect| {
            let is_above = other.x0 < point.x1 && other.x1 > point.x0;
            let ends_word =
                || self.before(other).is_some_and(|word| other.x0 - word.x1 <= NEAR * self.height);
            other != point
                && (is_above || (other.x1 <= point.x0 && self.is_on_line(other, character) && !ends_word()))
        };
        begins && is_near && is_nearer && !self.small.iter().any(is_row)
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    /// The points of characters of 12 by 20 pixels at these places, and of other marks: left, top, width, height. The
    /// number begins at `begin`.
    fn found(begin: f64, characters: &[u32], others: &[[u32; 4]]) -> Points {
        let mut image = GrayImage::from_pixel(200, 60, Luma([255]));
        let characters = characters.iter().map(|x| [*x, 20, 12, 20]);
        for [left, top, width, height] in characters.chain(others.iter().copied()) {
            for (x, y) in (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y))) {
                image.put_pixel(x, y, Luma([0]));
            }
        }
        let picture = Prepared::as_it_is(image, 200.0);
        points(&picture, Rect::new(begin, 15.0, 190.0, 45.0))
    }

    fn word(characters: &[u32], others: &[[u32; 4]]) -> usize {
        found(8.0, characters, others).between
    }

    #[test]
    fn a_point_on_the_line_between_characters_is_one() {
        assert_eq!(word(&[10, 26, 48, 64], &[[41, 37, 3, 3]]), 1);
    }

    #[test]
    fn dots_above_the_line_at_the_ends_and_in_wide_gaps_are_none() {
        let above = [41, 22, 3, 3];
        let dash = [41, 28, 5, 2];
        let end = [80, 37, 3, 3];
        let lost_in_a_gap = [100, 37, 3, 3];
        let grain = [41, 39, 1, 1];
        let between_neighbours = [23, 37, 2, 2];
        let others = [above, dash, lost_in_a_gap, grain, between_neighbours];
        assert_eq!(word(&[10, 26, 48, 64, 140], &others), 0);
        assert_eq!(word(&[10, 26, 48, 64], &[end]), 0);
    }

    #[test]
    fn the_point_that_a_number_begins_with_is_found_whether_its_place_is_the_words_or_not() {
        for begin in [90.0, 98.0] {
            assert!(found(begin, &[10, 26, 100, 116], &[[92, 37, 3, 3]]).first.is_some());
        }
        assert!(found(98.0, &[100, 116], &[[92, 37, 3, 3]]).first.is_some(), "nothing before it");
        let after_a_sentence = [[41, 37, 3, 3], [92, 37, 3, 3]];
        assert!(found(98.0, &[10, 26, 100, 116], &after_a_sentence).first.is_some());
    }

    #[test]
    fn what_else_stands_before_a_number_is_no_point_of_it() {
        let is_first = |others: &[[u32; 4]]| found(98.0, &[10, 70, 100, 116], others).first.is_some();
        assert!(!is_first(&[[85, 37, 3, 3]]), "a full stop");
        assert!(!is_first(&[[92, 37, 3, 3], [92, 25, 3, 3]]), "a colon");
        assert!(!is_first(&[[92, 28, 3, 3]]), "above the line");
        assert!(!is_first(&[[94, 39, 1, 1]]), "grain");
        assert!(!is_first(&[]), "nothing");
        let dots: Vec<[u32; 4]> = (0..12).map(|n| [30 + 5 * n, 37, 3, 3]).collect();
        assert!(found(98.0, &[10, 100, 116], &dots).first.is_none(), "leaders");
    }
}
