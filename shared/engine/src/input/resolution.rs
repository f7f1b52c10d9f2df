//! Pixels per inch: what an image file states, and what to assume when it does not.

/// Whether a page can have been scanned at this resolution. Screens' and cameras' default of 72 says nothing
/// about paper, so it does not count.
pub(crate) fn is_plausible(dpi: f32) -> bool {
    (73.0..=4800.0).contains(&dpi)
}

/// The resolution at which the longer side is that of a letter page, eleven inches.
pub(crate) fn guess(width: u32, height: u32) -> (f32, f32) {
    let dpi = (width.max(height) as f32 / 11.0).clamp(50.0, 1200.0);
    (dpi, dpi)
}

/// From the `pHYs` chunk (PNG specification, 11.3.4.3), horizontal and vertical.
pub(crate) fn of_png(bytes: &[u8]) -> Option<(f32, f32)> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?));
    let mut at = 8;
    loop {
        let length = number(at)? as usize;
        match bytes.get(at + 4..at + 8)? {
            b"pHYs" => {
                let (x, y) = (number(at + 8)?, number(at + 12)?);
                let in_meters = *bytes.get(at + 16)? == 1;
                return in_meters.then_some((x as f32 * 0.0254, y as f32 * 0.0254));
            }
            b"IDAT" | b"IEND" => return None,
            _ => at = at.checked_add(length)?.checked_add(12)?,
        }
    }
}

/// From the JFIF header (ITU-T T.871, 10.1), horizontal and vertical.
pub(crate) fn of_jpeg(bytes: &[u8]) -> Option<(f32, f32)> {
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
            // The image's own data begins: no header follows.
            0xda => return None,
            _ => at += length + 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_resolution_is_taken_as_a_letter_page() {
        assert_eq!(guess(2550, 3300), (300.0, 300.0));
        assert_eq!(guess(1100, 850), (100.0, 100.0));
    }

    #[test]
    fn the_resolution_of_a_jfif_header_is_read_in_both_units() {
        let jfif = |unit: u8, dots: u8| {
            [0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, unit, 0, dots, 0, dots, 0, 0]
        };
        assert_eq!(of_jpeg(&jfif(1, 200)), Some((200.0, 200.0)));
        assert_eq!(of_jpeg(&jfif(2, 100)), Some((254.0, 254.0)));
        assert_eq!(of_jpeg(&jfif(0, 1)), None);
        assert_eq!(of_jpeg(&[0xff, 0xd8, 0xff]), None);
    }
}
