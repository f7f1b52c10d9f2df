//! Points in the ink of a word: what stands on the line between two characters and is as small as a decimal point.
//! Tesseract passes over some of them, and no other mistake changes a value tenfold.

use hayro::kurbo::Rect;
use image::imageops;

use super::{
    Prepared,
    ink::{self, Mark},
};

/// A character is at least so high, in parts of the highest.
const CHARACTER: f64 = 0.5;
/// A point is at most this long on each side, and at least this, in parts of the characters' height.
const LARGEST: f64 = 0.3;
const SMALLEST: f64 = 0.09;
/// And no further above or below the line that the characters stand on, in parts of their height.
const OFF_LINE: f64 = 0.15;
/// A point makes room: the characters beside it are so far apart, in parts of their height. Grain between them does not.
const APART: f64 = 0.3;
/// Characters further apart than this are not of one number.
const FAR: f64 = 1.0;

/// How many points and commas stand between characters in this part of a picture, which holds a word, in pixels.
pub(crate) fn points(picture: &Prepared, word: Rect) -> usize {
    let [x0, y0, x1, y1] = [word.x0, word.y0, word.x1, word.y1].map(|side| side.max(0.0) as u32);
    let cut = imageops::crop_imm(&picture.image, x0, y0, x1.saturating_sub(x0), y1.saturating_sub(y0));
    let marks = ink::marks(&ink::on_white(&cut.to_image()));
    let highest = f64::from(marks.iter().map(Mark::height).max().unwrap_or_default());
    let (characters, small): (Vec<&Mark>, Vec<&Mark>) =
        marks.iter().partition(|mark| f64::from(mark.height()) >= CHARACTER * highest);
    let sides = |mark: &Mark| [f64::from(mark.width()), f64::from(mark.height())];
    let is_between = |mark: &Mark| {
        let before = characters.iter().filter(|character| character.x1 <= mark.x0).max_by_key(|one| one.x1);
        let after = characters.iter().filter(|character| character.x0 >= mark.x1).min_by_key(|one| one.x0);
        before.zip(after).is_some_and(|(before, after)| {
            let on_line =
                |character: &Mark| (f64::from(character.y1) - f64::from(mark.y1)).abs() <= OFF_LINE * highest;
            let apart = f64::from(after.x0 - before.x1) / highest;
            (APART..=FAR).contains(&apart) && on_line(before) && on_line(after)
        })
    };
    let is_small =
        |mark: &Mark| sides(mark).iter().all(|side| (SMALLEST * highest..=LARGEST * highest).contains(side));
    small.into_iter().filter(|mark| is_small(mark) && is_between(mark)).count()
}

#[cfg(test)]
mod tests {
    use hayro::kurbo::Affine;
    use image::{GrayImage, Luma};

    use super::*;

    /// Characters of 12 by 20 pixels at these places, and other marks: left, top, width, height.
    fn word(characters: &[u32], others: &[[u32; 4]]) -> usize {
        let mut image = GrayImage::from_pixel(200, 60, Luma([255]));
        let characters = characters.iter().map(|x| [*x, 20, 12, 20]);
        for [left, top, width, height] in characters.chain(others.iter().copied()) {
            for (x, y) in (left..left + width).flat_map(|x| (top..top + height).map(move |y| (x, y))) {
                image.put_pixel(x, y, Luma([0]));
            }
        }
        let picture = Prepared { image, dpi: 200.0, to_source: Affine::IDENTITY, slope: 0.0 };
        points(&picture, Rect::new(8.0, 15.0, 190.0, 45.0))
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
}
