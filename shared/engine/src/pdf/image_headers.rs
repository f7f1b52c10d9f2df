//! What a picture's own data tell of it: its size, which its decoder goes by whatever the PDF says, and whether they break
//! off. Reads headers, and decodes nothing.

use hayro::hayro_syntax::{Filter, object::Stream};

use super::stream_filters;

/// The size of the picture, or of its largest part, in pixels across and down; none if its data are not of a kind
/// that goes by a size of its own.
pub(super) fn size(stream: &Stream<'_>) -> Option<(u32, u32)> {
    let is_measured = |filter: &Filter| matches!(filter, Filter::JpxDecode | Filter::Jbig2Decode);
    if !stream.filters().iter().any(is_measured) {
        return None;
    }
    match stream_filters::packed(stream)? {
        (Filter::JpxDecode, data) => jpeg_2000(&data),
        (Filter::Jbig2Decode, data) => jbig2(&data),
        _ => None,
    }
}

/// How the data of a JPEG end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JpegEnd {
    /// With the mark of the end (ITU-T T.81, B.1.1.3).
    Whole,
    /// Without it, in the middle of rows that follow each other.
    InRows,
    /// Without it, in the middle of scans that all go over the whole picture, each to refine it.
    InScans,
}

/// How the data of a picture end, if it is a JPEG.
pub(super) fn jpeg_end(stream: &Stream<'_>) -> Option<JpegEnd> {
    match stream_filters::packed(stream)? {
        (Filter::DctDecode, data) => end_of_jpeg(&data),
        _ => None,
    }
}

/// None if no pixels come at all.
fn end_of_jpeg(bytes: &[u8]) -> Option<JpegEnd> {
    let mut rest = bytes.get(2..)?;
    let mut cut = JpegEnd::InRows;
    loop {
        // What a segment begins with may be repeated (ITU-T T.81, B.1.1.2).
        let at = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff))?;
        let kind = rest[at + 1];
        let length = u16::from_be_bytes(rest.get(at + 2..at + 4)?.try_into().ok()?);
        rest = rest.get(at + 2 + usize::from(length)..)?;
        match kind {
            // Frames of progressive pictures.
            0xc2 | 0xc6 | 0xca | 0xce => cut = JpegEnd::InScans,
            // Pixels, in which this mark cannot come.
            0xda => {
                let is_whole = rest.windows(2).rev().any(|pair| pair == b"\xff\xd9");
                return Some(if is_whole { JpegEnd::Whole } else { cut });
            }
            _ => {}
        }
    }
}

/// The big-endian number at `at`.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Of a JPEG 2000: the grid less its offset (ISO/IEC 15444-1, A.5.1).
fn jpeg_2000(bytes: &[u8]) -> Option<(u32, u32)> {
    const START: &[u8] = b"\xff\x4f\xff\x51";
    let stream = if bytes.starts_with(START) { bytes } else { codestream(bytes)? };
    let header = stream.strip_prefix(START)?;
    let side = |at| Some(number(header, at)?.saturating_sub(number(header, at + 8)?));
    Some((side(4)?, side(8)?))
}

/// The codestream in the boxes of a file (ISO/IEC 15444-1, I.4 and I.5.4).
fn codestream(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (length, header) = match number(bytes, 0)? {
            0 => (bytes.len(), 8),
            1 => (
                usize::try_from(u64::from(number(bytes, 8)?) << 32 | u64::from(number(bytes, 12)?)).ok()?,
                16,
            ),
            length => (length as usize, 8),
        };
        // Some lengths go beyond the end.
        let end = length.max(header).min(bytes.len());
        if bytes.get(4..8)? == b"jp2c" {
            return bytes.get(header..end);
        }
        bytes = &bytes[end..];
    }
}

/// Of a JBIG2: that of the page or of a region on it (ITU-T T.88, 7.4.1 and 7.4.8), whichever has more pixels.
fn jbig2(mut bytes: &[u8]) -> Option<(u32, u32)> {
    let mut page_width = 0;
    let mut sizes = Vec::new();
    while let Some((kind, data, rest)) = segment(bytes) {
        bytes = rest;
        let size = number(data, 0).zip(number(data, 4));
        match kind {
            48 => {
                page_width = size.map_or(0, |(width, _)| width);
                // A page of unknown height has that of its stripes.
                sizes.extend(size.filter(|(_, height)| *height != u32::MAX));
            }
            50 => sizes.extend(number(data, 0).map(|last_row| (page_width, last_row.saturating_add(1)))),
            4 | 6 | 7 | 20 | 22 | 23 | 36 | 38..=40 | 42 | 43 => sizes.extend(size),
            _ => {}
        }
    }
    sizes.into_iter().max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}

/// The first segment's kind and data, and what follows it (ITU-T T.88, 7.2). Data of unknown length go to the end.
fn segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let own_number = number(bytes, 0)?;
    let (flags, references) = (*bytes.get(4)?, *bytes.get(5)?);
    let (count, mut at) = match references >> 5 {
        7 => {
            let count = number(bytes, 5)? as usize & 0x1fff_ffff;
            (count, 9 + (count + 1).div_ceil(8))
        }
        count => (usize::from(count), 6),
    };
    let reference_size = match own_number {
        0..=256 => 1,
        257..=65_536 => 2,
        65_537.. => 4,
    };
    let page_size = if flags & 0x40 == 0 { 1 } else { 4 };
    at += count * reference_size + page_size;
    let data = bytes.get(at + 4..)?;
    let length = (number(bytes, at)? as usize).min(data.len());
    let (data, rest) = data.split_at(length);
    Some((flags & 0x3f, data, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: &[u8] = b"\xff\x4f\xff\x51\0\x29\0\0\0\0\x03\xe8\0\0\x07\xd0\0\0\0\x08\0\0\0\0";

    #[test]
    fn the_size_of_a_jpeg_2000_is_found_with_boxes_around_it_and_without() {
        assert_eq!(jpeg_2000(GRID), Some((992, 2000)));
        let length = |length: u32| length.to_be_bytes();
        let first = [&length(12), &b"jP  \r\n\x87\n"[..]].concat();
        for header in [&[&length(0)[..], b"jp2c"], &[&length(9999)[..], b"jp2c"]] {
            assert_eq!(jpeg_2000(&[&first, &header.concat(), GRID].concat()), Some((992, 2000)));
        }
        let long = [&length(1)[..], b"jp2c", &length(0), &length(16 + GRID.len() as u32), GRID].concat();
        assert_eq!(jpeg_2000(&[first.clone(), long].concat()), Some((992, 2000)));
        for damaged in [&first[..], &GRID[..20], b"", b"\0\0\0\x01jp2c\xff\xff\xff\xff\xff\xff\xff\xff"] {
            assert_eq!(jpeg_2000(damaged), None);
        }
    }

    #[test]
    fn it_is_seen_where_a_jpeg_breaks_off() {
        let jpeg = |frame: u8, pixels: &[u8]| {
            [
                &b"\xff\xd8\xff\xe1\0\x06\xff\xd9\xff\xda\xff"[..],
                &[0xff, frame, 0, 2, 0xff, 0xda, 0, 2],
                pixels,
            ]
            .concat()
        };
        assert_eq!(end_of_jpeg(&jpeg(0xc0, b"pixels\xff\xd9\n")), Some(JpegEnd::Whole));
        assert_eq!(end_of_jpeg(&jpeg(0xc2, b"pixels\xff\xd9")), Some(JpegEnd::Whole));
        assert_eq!(end_of_jpeg(&jpeg(0xc0, b"pixels\xff\0\xff\xd0")), Some(JpegEnd::InRows));
        assert_eq!(end_of_jpeg(&jpeg(0xc2, b"pixels")), Some(JpegEnd::InScans));
        for garbage in [&b""[..], b"\xff\xd8", b"\xff\xd8\xff\xda\xff\xff", &jpeg(0xc0, b"")[..16]] {
            assert_eq!(end_of_jpeg(garbage), None);
        }
    }

    #[test]
    fn the_size_of_a_jbig2_is_that_of_its_largest_part() {
        let segment = |kind: u8, data: &[u8]| {
            [b"\0\0\0\0", &[kind, 0, 1][..], &(data.len() as u32).to_be_bytes(), data].concat()
        };
        let page = segment(48, b"\0\0\x03\xe8\0\0\x07\xd0\0\0\0");
        assert_eq!(jbig2(&page), Some((1000, 2000)));
        let region = segment(38, b"\0\0\x0b\xb8\0\0\x0b\xb8\0\0\0");
        assert_eq!(jbig2(&[page.clone(), region].concat()), Some((3000, 3000)));
        let striped = [segment(48, b"\0\0\x03\xe8\xff\xff\xff\xff\0"), segment(50, b"\0\0\x0b\xb7")].concat();
        assert_eq!(jbig2(&striped), Some((1000, 3000)));
        // A segment that refers to seven others, with its page in four bytes.
        let mut other = b"\0\0\x01\x01\x66\xe0\0\0\x07\0".to_vec();
        other.extend([0; 14]);
        other.extend(b"\0\0\0\x01\0\0\0\x08\0\0\x0f\xa0\0\0\x0f\xa0");
        assert_eq!(jbig2(&[other, page].concat()), Some((4000, 4000)));
        assert_eq!(jbig2(b"~}|{zyx~}|{zyx"), None);
    }
}
