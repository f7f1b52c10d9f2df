//! Despeckling: removes single dark specks, as dirty scanner glass and fax lines make them.

use image::GrayImage;

/// Specks have at most this length. The full stop of eight-point print is twice as long.
const MAX_SPECK_INCHES: f64 = 0.0067;
/// A speck is darker than all pixels around it by this much.
const MIN_CONTRAST_LUMA: u8 = 50;
/// The pixels around a speck differ from each other by at most this much. A blurred full stop fades out instead, and a
/// lost decimal point is worse than a hundred specks.
const MAX_BACKGROUND_SPREAD_LUMA: u8 = 36;
/// Pixels of a row that are skipped together if none is dark.
const CHUNK_PX: usize = 64;

/// Paints over each dark spot that has only lighter pixels around it and is shorter than any letter or full stop.
pub(crate) fn despeckle(image: &mut GrayImage, dpi: f64) {
    let length = (MAX_SPECK_INCHES * dpi).round() as usize;
    let (width, height) = (image.width() as usize, image.height() as usize);
    if length == 0 || width < length + 2 || height < length + 2 {
        return;
    }
    for y in 1..height - length {
        for begin in (1..width - length).step_by(CHUNK_PX) {
            let end = (begin + CHUNK_PX).min(width - length);
            // Most of a page is background.
            if image.as_raw()[y * width..][begin..end].iter().all(|pixel| !is_dark(*pixel)) {
                continue;
            }
            for x in begin..end {
                let (pixels, dark) = (image.as_raw(), image.as_raw()[y * width + x]);
                let background =
                    is_dark(dark).then(|| background_if_isolated(pixels, width, x, y, length)).flatten();
                let Some(background) = background else { continue };
                for row in y..y + length {
                    image.as_flat_samples_mut().samples[row * width + x..][..length].fill(background);
                }
            }
        }
    }
}

fn is_dark(pixel: u8) -> bool {
    pixel < u8::MAX - MIN_CONTRAST_LUMA
}

/// The mean brightness around the square that begins at `x`, `y`, if every pixel around it is lighter than its first.
fn background_if_isolated(pixels: &[u8], width: usize, x: usize, y: usize, length: usize) -> Option<u8> {
    let threshold = pixels[y * width + x].saturating_add(MIN_CONTRAST_LUMA);
    let above = &pixels[(y - 1) * width + x - 1..][..length + 2];
    let below = &pixels[(y + length) * width + x - 1..][..length + 2];
    let beside =
        (y..y + length).flat_map(|row| [pixels[row * width + x - 1], pixels[row * width + x + length]]);
    let around = || above.iter().chain(below).copied().chain(beside.clone());
    let (darkest, brightest) =
        around().fold((u8::MAX, 0), |(least, most), pixel| (least.min(pixel), most.max(pixel)));
    if darkest < threshold || brightest - darkest > MAX_BACKGROUND_SPREAD_LUMA {
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
    fn specks_are_removed_and_full_stops_kept() {
        let mut image = GrayImage::from_pixel(40, 40, Luma([240]));
        for (x, y) in [(5, 5), (15, 15), (16, 15), (15, 16), (16, 16)] {
            image.put_pixel(x, y, Luma([10]));
        }
        let stop: Vec<(u32, u32)> = (28..32).flat_map(|x| (28..32).map(move |y| (x, y))).collect();
        for (x, y) in &stop {
            image.put_pixel(*x, *y, Luma([10]));
        }
        despeckle(&mut image, 300.0);
        let dark: Vec<(u32, u32)> = image
            .enumerate_pixels()
            .filter(|(_, _, pixel)| pixel.0[0] < 100)
            .map(|(x, y, _)| (y, x))
            .collect();
        assert_eq!(dark, stop);
    }

    #[test]
    fn blurred_full_stop_is_kept() {
        let mut image = GrayImage::from_pixel(20, 20, Luma([240]));
        for (x, y, luma) in [(9, 9, 40), (8, 9, 120), (10, 9, 140), (9, 8, 130), (9, 10, 110)] {
            image.put_pixel(x, y, Luma([luma]));
        }
        let before = image.clone();
        despeckle(&mut image, 200.0);
        assert_eq!(image, before);
    }
}
