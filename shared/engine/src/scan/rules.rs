//! The rules of forms: the lines to write on, the frames of tables. Takes them out so that what is written on them
//! stands alone: Tesseract reads them as letters, and cells beside them badly.

use image::GrayImage;

use super::{bitmap::Bitmap, ink};

/// What is taken for a rule.
struct Measure {
    /// The least length, in inches.
    length: f64,
    /// A rule that is a little askew, or worn, has gaps of so many pixels on each row.
    gap: usize,
}

/// Longer than the strokes of any letter in text, and not longer than the line below an entry of three letters. The
/// feet of letters that touch may look like it.
const LIKELY: Measure = Measure { length: 0.2, gap: 2 };
/// Longer than the feet of letters that touch.
const CERTAIN: Measure = Measure { length: 0.4, gap: 1 };
/// No rule is thicker than this, in inches: the bar of a heavy frame.
const THICKNESS: f64 = 0.04;

/// Paints over the rules of a picture whose paper is white.
pub(super) fn paint_over(picture: &mut GrayImage, dpi: f64) {
    paint_over_what(picture, |bitmap| Rules::of(bitmap, dpi, &CERTAIN).remove(bitmap));
}

/// Paints over those that run down. Coarse letters run into the rules that they stand on, and are lost with them.
pub(super) fn paint_over_down(picture: &mut GrayImage, dpi: f64) {
    paint_over_what(picture, |bitmap| Rules::of(bitmap, dpi, &CERTAIN).erase_down(bitmap));
}

/// Paints over what is removed from the ink of a picture whose paper is white.
fn paint_over_what(picture: &mut GrayImage, remove: impl FnOnce(&mut Bitmap)) {
    const WHITE: u8 = 255;
    let with = ink::on_white(picture);
    let mut without = with.clone();
    remove(&mut without);
    let (width, height) = (with.width, with.height);
    let pixels = picture.as_flat_samples_mut().samples;
    let gone = with.without(&without);
    for y in 0..height {
        for x in gone.along(y) {
            // With its soft edge, which is no ink by itself.
            for row in y.saturating_sub(1)..(y + 2).min(height) {
                for column in x.saturating_sub(1)..(x + 2).min(width) {
                    if !without.is_ink(column, row) {
                        pixels[row * width + column] = WHITE;
                    }
                }
            }
        }
    }
}

/// Takes out what is likely a rule, and leaves the strokes of letters that cross it.
pub(super) fn remove(bitmap: &mut Bitmap, dpi: f64) {
    Rules::of(bitmap, dpi, &LIKELY).remove(bitmap);
}

/// The rules of a bitmap, and how many pixels one is thick at most.
struct Rules {
    across: Bitmap,
    down: Bitmap,
    thickness: usize,
}

impl Rules {
    fn of(bitmap: &Bitmap, dpi: f64, rule: &Measure) -> Rules {
        let length = (rule.length * dpi).ceil() as usize;
        let thickness = (THICKNESS * dpi).ceil() as usize;
        let across = bitmap.closed_across(rule.gap).long_across(length);
        let down = bitmap.closed_down(rule.gap).long_down(length);
        let (thick_across, thick_down) = (across.long_down(thickness + 1), down.long_across(thickness + 1));
        Rules { across: across.without(&thick_across), down: down.without(&thick_down), thickness }
    }

    fn remove(&self, bitmap: &mut Bitmap) {
        let mut without_across = bitmap.clone();
        self.erase_across(&mut without_across);
        self.erase_down(bitmap);
        *bitmap = std::mem::replace(bitmap, Bitmap::new(0, 0)).common(&without_across);
    }

    /// Erases those that run down the bitmap, with their soft edge.
    fn erase_down(&self, bitmap: &mut Bitmap) {
        for y in 0..bitmap.height {
            let mut next = 0;
            while let Some((from, to)) = self.down.stretch(y, next) {
                next = to;
                let is_stroke = |x: usize| bitmap.is_ink(x, y) && !self.across.is_ink(x, y);
                if let Some((from, to)) = erasable(from, to, bitmap.width, self.thickness, is_stroke) {
                    bitmap.erase(y, from, to);
                }
            }
        }
    }

    /// Erases those that run across it, with their soft edge.
    fn erase_across(&self, bitmap: &mut Bitmap) {
        for y in 0..bitmap.height {
            for x in self.across.along(y) {
                if y > 0 && self.across.is_ink(x, y - 1) {
                    continue;
                }
                let to = (y..bitmap.height).find(|y| !self.across.is_ink(x, *y)).unwrap_or(bitmap.height);
                let is_stroke = |y: usize| bitmap.is_ink(x, y) && !self.down.is_ink(x, y);
                if let Some((from, to)) = erasable(y, to, bitmap.height, self.thickness, is_stroke) {
                    (from..to).for_each(|y| bitmap.erase(y, x, x + 1));
                }
            }
        }
    }
}

/// What is erased where a rule is crossed along a line of so many pixels, `from` and `to` being its sides. A stroke
/// that comes in on one side and goes out on the other stays, unless it is a rule itself.
fn erasable(
    from: usize,
    to: usize,
    pixels: usize,
    thickness: usize,
    is_stroke: impl Fn(usize) -> bool,
) -> Option<(usize, usize)> {
    let begin = (0..from).rev().take_while(|at| is_stroke(*at)).last().unwrap_or(from);
    let end = (to..pixels).take_while(|at| is_stroke(*at)).last().map_or(to, |at| at + 1);
    if end - begin <= thickness + 2 {
        // No more than a ragged edge.
        Some((begin, end))
    } else if begin == from || end == to {
        Some((from.saturating_sub(1), (to + 1).min(pixels)))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(width: usize, height: usize, is_ink: impl Fn(usize, usize) -> bool) -> Bitmap {
        let mut bitmap = Bitmap::new(width, height);
        for y in 0..height {
            let pixels: Vec<u8> = (0..width).map(|x| u8::from(!is_ink(x, y))).collect();
            bitmap.set_row(y, &pixels, &vec![1; width]);
        }
        bitmap
    }

    #[test]
    fn rules_go_and_the_strokes_across_them_stay() {
        let is_rule = |x: usize, y: usize| (50..53).contains(&y) || (100..103).contains(&x);
        let is_stroke = |x: usize, y: usize| (30..34).contains(&x) && (40..65).contains(&y);
        let mut page = bitmap(200, 150, |x, y| is_rule(x, y) || is_stroke(x, y));
        remove(&mut page, 300.0);
        for y in 0..150 {
            for x in 0..200 {
                assert_eq!(page.is_ink(x, y), is_stroke(x, y), "{x} {y}");
            }
        }
    }

    #[test]
    fn bars_and_letters_are_no_rules() {
        let is_bar = |x: usize, y: usize| (20..180).contains(&x) && (20..45).contains(&y);
        let is_letter = |x: usize, y: usize| (20..70).contains(&x) && (80..84).contains(&y);
        let mut page = bitmap(200, 150, |x, y| is_bar(x, y) || is_letter(x, y));
        let before = page.clone();
        remove(&mut page, 300.0);
        assert_eq!(page, before);
    }
}
