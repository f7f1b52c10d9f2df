//! Removing single dark specks, as dirty glass and fax lines make them.

use image::GrayImage;

/// Specks up to this length are dust, in inches; the full stop of eight-point print is twice as long.
const LENGTH: f64 = 0.0067;
/// A speck is darker than everything around it by so many levels of 255.
const CONTRAST: u8 = 50;
/// And what is around it is paper, equally bright up to so many levels. A blurred full stop fades out instead, and a
/// lost decimal point is worse than a hundred specks.
const EVEN: u8 = 36;
/// So many pixels of a row are looked at together.
const TOGETHER: usize = 64;

/// Paints over each dark spot that has nothing but lighter pixels around it and is shorter than any letter or stop.
pub(crate) fn remove(picture: &mut GrayImage, dpi: f64) {
    let length = (LENGTH * dpi).round() as usize;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if length == 0 || width < length + 2 || height < length + 2 {
        return;
    }
    for y in 1..height - length {
        for begin in (1..width - length).step_by(TOGETHER) {
            let end = (begin + TOGETHER).min(width - length);
            // Most of a page is paper.
            if picture.as_raw()[y * width..][begin..end].iter().all(|pixel| !is_dark(*pixel)) {
                continue;
            }
            for x in begin..end {
                let (pixels, dark) = (picture.as_raw(), picture.as_raw()[y * width + x]);
                let Some(paper) = is_dark(dark).then(|| lone(pixels, width, x, y, length)).flatten() else {
                    continue;
                };
                for line in y..y + length {
                    picture.as_flat_samples_mut().samples[line * width + x..][..length].fill(paper);
                }
            }
        }
    }
}

fn is_dark(pixel: u8) -> bool {
    pixel < u8::MAX - CONTRAST
}

/// The brightness around the square that begins at `x`, `y`, if all of it is lighter than its first pixel.
fn lone(pixels: &[u8], width: usize, x: usize, y: usize, length: usize) -> Option<u8> {
    let limit = pixels[y * width + x].saturating_add(CONTRAST);
    let above = &pixels[(y - 1) * width + x - 1..][..length + 2];
    let below = &pixels[(y + length) * width + x - 1..][..length + 2];
    let beside =
        (y..y + length).flat_map(|line| [pixels[line * width + x - 1], pixels[line * width + x + length]]);
    let around = || above.iter().chain(below).copied().chain(beside.clone());
    let (darkest, brightest) =
        around().fold((u8::MAX, 0), |(least, most), pixel| (least.min(pixel), most.max(pixel)));
    if darkest < limit || brightest - darkest > EVEN {
        return None;
    }
    let count = 4 * (length as u32 + 1);
    Some((around().map(u32::from).sum::<u32>() / count) as u8)
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn specks_go_and_full_stops_stay() {
        let mut picture = GrayImage::from_pixel(40, 40, Luma([240]));
        for (x, y) in [(5, 5), (15, 15), (16, 15), (15, 16), (16, 16)] {
            picture.put_pixel(x, y, Luma([10]));
        }
        let stop: Vec<(u32, u32)> = (28..32).flat_map(|x| (28..32).map(move |y| (x, y))).collect();
        for (x, y) in &stop {
            picture.put_pixel(*x, *y, Luma([10]));
        }
        remove(&mut picture, 300.0);
        let dark: Vec<(u32, u32)> = picture
            .enumerate_pixels()
            .filter(|(_, _, pixel)| pixel.0[0] < 100)
            .map(|(x, y, _)| (y, x))
            .collect();
        assert_eq!(dark, stop);
    }

    #[test]
    fn a_full_stop_that_fades_out_stays() {
        let mut picture = GrayImage::from_pixel(20, 20, Luma([240]));
        for (x, y, level) in [(9, 9, 40), (8, 9, 120), (10, 9, 140), (9, 8, 130), (9, 10, 110)] {
            picture.put_pixel(x, y, Luma([level]));
        }
        let before = picture.clone();
        remove(&mut picture, 200.0);
        assert_eq!(picture, before);
    }
}
