//! Headers of image data in a PDF: the size, which decoders use whatever the PDF states, and whether the data is cut off.
//! Decodes nothing.

use hayro::hayro_syntax::{Filter, object::Stream};

use super::stream_filters;

/// The size of the image, or of its largest part, in pixels; none if the codec uses the size that the PDF states.
pub(super) fn decoded_size(stream: &Stream<'_>) -> Option<(u32, u32)> {
    let has_own_size = |filter: &Filter| matches!(filter, Filter::JpxDecode | Filter::Jbig2Decode);
    if !stream.filters().iter().any(has_own_size) {
        return None;
    }
    match stream_filters::decode_outer_filters(stream)? {
        (Filter::JpxDecode, data) => jpeg2000_size(&data),
        (Filter::Jbig2Decode, data) => jbig2_size(&data),
        _ => None,
    }
}

/// Whether the data of a JPEG is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JpegEnding {
    /// The data has an end-of-image marker (ITU-T T.81, B.1.1.3).
    Complete,
    /// A sequential JPEG is cut off: rows are missing at the bottom.
    CutInRows,
    /// A progressive JPEG is cut off: scans that refine the whole image are missing.
    CutInScans,
}

/// How the data of an image ends, if it is a JPEG.
pub(super) fn jpeg_ending(stream: &Stream<'_>) -> Option<JpegEnding> {
    match stream_filters::decode_outer_filters(stream)? {
        (Filter::DctDecode, data) => parse_jpeg_ending(&data),
        _ => None,
    }
}

/// None if there is no scan at all.
fn parse_jpeg_ending(bytes: &[u8]) -> Option<JpegEnding> {
    let mut rest = bytes.get(2..)?;
    let mut cut = JpegEnding::CutInRows;
    loop {
        // Fill bytes may precede a marker (ITU-T T.81, B.1.1.2).
        let at = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff))?;
        let marker = rest[at + 1];
        let length = u16::from_be_bytes(rest.get(at + 2..at + 4)?.try_into().ok()?);
        rest = rest.get(at + 2 + usize::from(length)..)?;
        match marker {
            // Progressive frames.
            0xc2 | 0xc6 | 0xca | 0xce => cut = JpegEnding::CutInScans,
            // Start of scan. The end-of-image marker cannot occur within its data.
            0xda => {
                let is_complete = rest.windows(2).rev().any(|pair| pair == b"\xff\xd9");
                return Some(if is_complete { JpegEnding::Complete } else { cut });
            }
            _ => {}
        }
    }
}

/// The big-endian integer at `at`.
fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// The size of a JPEG 2000: the reference grid less its offset (ISO/IEC 15444-1, A.5.1).
fn jpeg2000_size(bytes: &[u8]) -> Option<(u32, u32)> {
    const START: &[u8] = b"\xff\x4f\xff\x51";
    let stream = if bytes.starts_with(START) { bytes } else { jpeg2000_codestream(bytes)? };
    let header = stream.strip_prefix(START)?;
    let side = |at| Some(read_u32(header, at)?.saturating_sub(read_u32(header, at + 8)?));
    Some((side(4)?, side(8)?))
}

/// The codestream in the boxes of a file (ISO/IEC 15444-1, I.4 and I.5.4).
fn jpeg2000_codestream(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (length, header) = match read_u32(bytes, 0)? {
            0 => (bytes.len(), 8),
            1 => (
                usize::try_from(u64::from(read_u32(bytes, 8)?) << 32 | u64::from(read_u32(bytes, 12)?))
                    .ok()?,
                16,
            ),
            length => (length as usize, 8),
        };
        // A stated length may go beyond the end.
        let end = length.max(header).min(bytes.len());
        if bytes.get(4..8)? == b"jp2c" {
            return bytes.get(header..end);
        }
        bytes = &bytes[end..];
    }
}

/// The size of a JBIG2: that of the page or of a region on it (ITU-T T.88, 7.4.1 and 7.4.8), whichever has more pixels.
fn jbig2_size(mut bytes: &[u8]) -> Option<(u32, u32)> {
    let mut page_width = 0;
    let mut sizes = Vec::new();
    while let Some((kind, data, rest)) = jbig2_segment(bytes) {
        bytes = rest;
        let size = read_u32(data, 0).zip(read_u32(data, 4));
        match kind {
            48 => {
                page_width = size.map_or(0, |(width, _)| width);
                // A page of unknown height gets it from its end-of-stripe segments.
                sizes.extend(size.filter(|(_, height)| *height != u32::MAX));
            }
            50 => sizes.extend(read_u32(data, 0).map(|last_row| (page_width, last_row.saturating_add(1)))),
            4 | 6 | 7 | 20 | 22 | 23 | 36 | 38..=40 | 42 | 43 => sizes.extend(size),
            _ => {}
        }
    }
    sizes.into_iter().max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}

/// The first segment's type and data, and the bytes after it (ITU-T T.88, 7.2). Data of unknown length extends to the end.
fn jbig2_segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let segment_number = read_u32(bytes, 0)?;
    let (flags, references) = (*bytes.get(4)?, *bytes.get(5)?);
    let (count, mut at) = match references >> 5 {
        7 => {
            let count = read_u32(bytes, 5)? as usize & 0x1fff_ffff;
            (count, 9 + (count + 1).div_ceil(8))
        }
        count => (usize::from(count), 6),
    };
    let reference_size = match segment_number {
        0..=256 => 1,
        257..=65_536 => 2,
        65_537.. => 4,
    };
    let page_size = if flags & 0x40 == 0 { 1 } else { 4 };
    at += count * reference_size + page_size;
    let data = bytes.get(at + 4..)?;
    let length = (read_u32(bytes, at)? as usize).min(data.len());
    let (data, rest) = data.split_at(length);
    Some((flags & 0x3f, data, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: &[u8] = b"\xff\x4f\xff\x51\0\x29\0\0\0\0\x03\xe8\0\0\x07\xd0\0\0\0\x08\0\0\0\0";

    #[test]
    fn jpeg_2000_size_is_found_with_and_without_boxes() {
        assert_eq!(jpeg2000_size(GRID), Some((992, 2000)));
        let length = |length: u32| length.to_be_bytes();
        let first = [&length(12), &b"jP  \r\n\x87\n"[..]].concat();
        for header in [&[&length(0)[..], b"jp2c"], &[&length(9999)[..], b"jp2c"]] {
            assert_eq!(jpeg2000_size(&[&first, &header.concat(), GRID].concat()), Some((992, 2000)));
        }
        let long = [&length(1)[..], b"jp2c", &length(0), &length(16 + GRID.len() as u32), GRID].concat();
        assert_eq!(jpeg2000_size(&[first.clone(), long].concat()), Some((992, 2000)));
        for damaged in [&first[..], &GRID[..20], b"", b"\0\0\0\x01jp2c\xff\xff\xff\xff\xff\xff\xff\xff"] {
            assert_eq!(jpeg2000_size(damaged), None);
        }
    }

    #[test]
    fn jpeg_that_is_cut_off_is_detected() {
        let jpeg = |frame: u8, pixels: &[u8]| {
            [
                &b"\xff\xd8\xff\xe1\0\x06\xff\xd9\xff\xda\xff"[..],
                &[0xff, frame, 0, 2, 0xff, 0xda, 0, 2],
                pixels,
            ]
            .concat()
        };
        assert_eq!(parse_jpeg_ending(&jpeg(0xc0, b"pixels\xff\xd9\n")), Some(JpegEnding::Complete));
        assert_eq!(parse_jpeg_ending(&jpeg(0xc2, b"pixels\xff\xd9")), Some(JpegEnding::Complete));
        assert_eq!(parse_jpeg_ending(&jpeg(0xc0, b"pixels\xff\0\xff\xd0")), Some(JpegEnding::CutInRows));
        assert_eq!(parse_jpeg_ending(&jpeg(0xc2, b"pixels")), Some(JpegEnding::CutInScans));
        for garbage in [&b""[..], b"\xff\xd8", b"\xff\xd8\xff\xda\xff\xff", &jpeg(0xc0, b"")[..16]] {
            assert_eq!(parse_jpeg_ending(garbage), None);
        }
    }

    #[test]
    fn jbig2_has_the_size_of_its_largest_part() {
        let segment = |kind: u8, data: &[u8]| {
            [b"\0\0\0\0", &[kind, 0, 1][..], &(data.len() as u32).to_be_bytes(), data].concat()
        };
        let page = segment(48, b"\0\0\x03\xe8\0\0\x07\xd0\0\0\0");
        assert_eq!(jbig2_size(&page), Some((1000, 2000)));
        let region = segment(38, b"\0\0\x0b\xb8\0\0\x0b\xb8\0\0\0");
        assert_eq!(jbig2_size(&[page.clone(), region].concat()), Some((3000, 3000)));
        let striped = [segment(48, b"\0\0\x03\xe8\xff\xff\xff\xff\0"), segment(50, b"\0\0\x0b\xb7")].concat();
        assert_eq!(jbig2_size(&striped), Some((1000, 3000)));
        // A segment that refers to seven others, with its page in four bytes.
        let mut other = b"\0\0\x01\x01\x66\xe0\0\0\x07\0".to_vec();
        other.extend([0; 14]);
        other.extend(b"\0\0\0\x01\0\0\0\x08\0\0\x0f\xa0\0\0\x0f\xa0");
        assert_eq!(jbig2_size(&[other, page].concat()), Some((4000, 4000)));
        assert_eq!(jbig2_size(b"~}|{zyx~}|{zyx"), None);
    }
}
