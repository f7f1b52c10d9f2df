//! The resolution of image files in pixels per inch: stated in the file, or guessed.

/// The resolutions at which a page can have been scanned. Excludes 72 dpi, the default of screens and cameras, which says
/// nothing about paper.
const PLAUSIBLE_DPI: std::ops::RangeInclusive<f32> = 73.0..=4800.0;
/// The longer side of a letter page.
const LETTER_SIDE_INCHES: f32 = 11.0;

/// Whether a page can have been scanned at this resolution.
pub(crate) fn is_plausible_dpi(dpi: f32) -> bool {
    PLAUSIBLE_DPI.contains(&dpi)
}

/// The resolution at which the longer side of the image is that of a letter page.
pub(crate) fn guess_dpi(width: u32, height: u32) -> (f32, f32) {
    let dpi = (width.max(height) as f32 / LETTER_SIDE_INCHES).clamp(50.0, 1200.0);
    (dpi, dpi)
}

/// Reads the `pHYs` chunk (PNG specification, 11.3.4.3): horizontal and vertical.
pub(crate) fn png_dpi(bytes: &[u8]) -> Option<(f32, f32)> {
    let read_u32 = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?));
    let mut at = 8;
    loop {
        let length = read_u32(at)? as usize;
        match bytes.get(at + 4..at + 8)? {
            b"pHYs" => {
                let (x, y) = (read_u32(at + 8)?, read_u32(at + 12)?);
                let is_per_metre = *bytes.get(at + 16)? == 1;
                return is_per_metre.then_some((x as f32 * 0.0254, y as f32 * 0.0254));
            }
            b"IDAT" | b"IEND" => return None,
            _ => at = at.checked_add(length)?.checked_add(12)?,
        }
    }
}

/// Reads the JFIF header (ITU-T T.871, 10.1): horizontal and vertical.
pub(crate) fn jpeg_dpi(bytes: &[u8]) -> Option<(f32, f32)> {
    let mut at = 2;
    loop {
        let [0xff, marker] = *bytes.get(at..at + 2)? else { return None };
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        let body = bytes.get(at + 4..at.checked_add(length)?.checked_add(2)?)?;
        match marker {
            0xe0 if body.starts_with(b"JFIF\0") => {
                let x = f32::from(u16::from_be_bytes([*body.get(8)?, *body.get(9)?]));
                let y = f32::from(u16::from_be_bytes([*body.get(10)?, *body.get(11)?]));
                return match body.get(7)? {
                    1 => Some((x, y)),
                    2 => Some((x * 2.54, y * 2.54)),
                    _ => None,
                };
            }
            // Start of scan: no header follows.
            0xda => return None,
            _ => at += length + 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_without_a_resolution_is_taken_as_a_letter_page() {
        assert_eq!(guess_dpi(2550, 3300), (300.0, 300.0));
        assert_eq!(guess_dpi(1100, 850), (100.0, 100.0));
    }

    #[test]
    fn jfif_resolution_is_read_in_both_units() {
        let jfif = |unit: u8, dots: u8| {
            [0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, unit, 0, dots, 0, dots, 0, 0]
        };
        assert_eq!(jpeg_dpi(&jfif(1, 200)), Some((200.0, 200.0)));
        assert_eq!(jpeg_dpi(&jfif(2, 100)), Some((254.0, 254.0)));
        assert_eq!(jpeg_dpi(&jfif(0, 1)), None);
        assert_eq!(jpeg_dpi(&[0xff, 0xd8, 0xff]), None);
    }
}
