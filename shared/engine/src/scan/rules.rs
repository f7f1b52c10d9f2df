//! The rules of forms: the lines to write on, the frames of tables. Takes them out so that what is written on them
//! stands alone: Tesseract reads them as letters, and cells beside them badly.

use image::GrayImage;

use super::ink::Bitmap;

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
    const WHITE: u8 = 255;
    let with = Bitmap::of(picture);
    let mut without = Bitmap { ink: with.ink.clone(), ..with };
    remove_all(&mut without, dpi, &CERTAIN);
    let (width, height) = (with.width, with.height);
    let pixels = picture.as_flat_samples_mut().samples;
    for (at, _) in
        with.ink.iter().zip(&without.ink).enumerate().filter(|(_, (with, without))| with != without)
    {
        // With its soft edge, which is no ink by itself.
        let (x, y) = (at % width, at / width);
        for row in y.saturating_sub(1)..(y + 2).min(height) {
            for column in x.saturating_sub(1)..(x + 2).min(width) {
                if !without.ink[row * width + column] {
                    pixels[row * width + column] = WHITE;
                }
            }
        }
    }
}

/// Takes out what is likely a rule, and leaves the strokes of letters that cross it.
pub(super) fn remove(bitmap: &mut Bitmap, dpi: f64) {
    remove_all(bitmap, dpi, &LIKELY);
}

fn remove_all(bitmap: &mut Bitmap, dpi: f64, rule: &Measure) {
    let length = (rule.length * dpi).ceil() as usize;
    let thickness = (THICKNESS * dpi).ceil() as usize;
    let mut columns = turned(bitmap);
    let across = thin(&turned(&long_stretches(bitmap, length, rule.gap)), thickness);
    let down = thin(&turned(&long_stretches(&columns, length, rule.gap)), thickness);
    // `across` lies column by column and `down` row by row, as their thickness is measured.
    let across_rows = turned(&across);
    let down_columns = turned(&down);
    erase(&mut columns, &across, &down_columns, thickness);
    erase(bitmap, &down, &across_rows, thickness);
    let without_across = turned(&columns);
    for (pixel, stays) in bitmap.ink.iter_mut().zip(without_across.ink) {
        *pixel &= stays;
    }
}

/// Columns become rows.
fn turned(bitmap: &Bitmap) -> Bitmap {
    /// Squares of so many pixels are turned at a time, which stay in the processor's cache.
    const BLOCK: usize = 64;
    let (width, height) = (bitmap.width, bitmap.height);
    let mut ink = vec![false; width * height];
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            for y in top..(top + BLOCK).min(height) {
                for x in left..(left + BLOCK).min(width) {
                    ink[x * height + y] = bitmap.ink[y * width + x];
                }
            }
        }
    }
    Bitmap { width: height, height: width, ink }
}

/// The stretches of ink on a row, from and to, joined over gaps of up to `gap` pixels.
fn stretches(line: &[bool], gap: usize) -> Vec<(usize, usize)> {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    let mut x = 0;
    while x < line.len() {
        if !line[x] {
            x += 1;
            continue;
        }
        let begin = x;
        while x < line.len() && line[x] {
            x += 1;
        }
        match stretches.last_mut() {
            Some(last) if begin - last.1 <= gap => last.1 = x,
            _ => stretches.push((begin, x)),
        }
    }
    stretches
}

/// What is as long as a rule on its row.
fn long_stretches(bitmap: &Bitmap, length: usize, gap: usize) -> Bitmap {
    let mut ink = vec![false; bitmap.ink.len()];
    let width = bitmap.width.max(1);
    for (line, long) in bitmap.ink.chunks_exact(width).zip(ink.chunks_exact_mut(width)) {
        for (from, to) in stretches(line, gap) {
            if to - from >= length {
                long[from..to].fill(true);
            }
        }
    }
    Bitmap { width: bitmap.width, height: bitmap.height, ink }
}

/// What of it is as thin as a rule, measured along the rows.
fn thin(bitmap: &Bitmap, thickness: usize) -> Bitmap {
    let mut ink = vec![false; bitmap.ink.len()];
    let width = bitmap.width.max(1);
    for (line, thin) in bitmap.ink.chunks_exact(width).zip(ink.chunks_exact_mut(width)) {
        for (from, to) in stretches(line, 0) {
            if to - from <= thickness {
                thin[from..to].fill(true);
            }
        }
    }
    Bitmap { width: bitmap.width, height: bitmap.height, ink }
}

/// Erases rules that run down the bitmap, with their soft edge. A stroke that comes in on one side and goes out on
/// the other stays, unless it is a rule itself.
fn erase(bitmap: &mut Bitmap, rules: &Bitmap, crossing: &Bitmap, thickness: usize) {
    let width = bitmap.width.max(1);
    for (y, line) in bitmap.ink.chunks_exact_mut(width).enumerate() {
        let rule = &rules.ink[y * width..][..width];
        let other = &crossing.ink[y * width..][..width];
        for (from, to) in stretches(rule, 0) {
            let is_stroke = |x: usize| line[x] && !other[x];
            let begin = (0..from).rev().take_while(|x| is_stroke(*x)).last().unwrap_or(from);
            let end = (to..width).take_while(|x| is_stroke(*x)).last().map_or(to, |x| x + 1);
            if end - begin <= thickness + 2 {
                // No more than a ragged edge.
                line[begin..end].fill(false);
            } else if begin == from || end == to {
                line[from.saturating_sub(1)..(to + 1).min(width)].fill(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(width: usize, height: usize, ink: impl Fn(usize, usize) -> bool) -> Bitmap {
        let ink = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| ink(x, y)).collect();
        Bitmap { width, height, ink }
    }

    #[test]
    fn rules_go_and_the_strokes_across_them_stay() {
        let is_rule = |x: usize, y: usize| (50..53).contains(&y) || (100..103).contains(&x);
        let is_stroke = |x: usize, y: usize| (30..34).contains(&x) && (40..65).contains(&y);
        let mut page = bitmap(200, 150, |x, y| is_rule(x, y) || is_stroke(x, y));
        remove(&mut page, 300.0);
        for y in 0..150 {
            for x in 0..200 {
                assert_eq!(page.ink[y * 200 + x], is_stroke(x, y), "{x} {y}");
            }
        }
    }

    #[test]
    fn bars_and_letters_are_no_rules() {
        let is_bar = |x: usize, y: usize| (20..180).contains(&x) && (20..45).contains(&y);
        let is_letter = |x: usize, y: usize| (20..70).contains(&x) && (80..84).contains(&y);
        let mut page = bitmap(200, 150, |x, y| is_bar(x, y) || is_letter(x, y));
        let before = page.ink.clone();
        remove(&mut page, 300.0);
        assert_eq!(page.ink, before);
    }
}
