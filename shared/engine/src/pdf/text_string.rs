//! Decodes text strings outside of page content (ISO 32000-2, 7.9.2.2), as in forms and annotations.
//!
//! Unlike `lopdf::decode_text_string` it drops language tags, reads little-endian UTF-16, and replaces what is invalid
//! instead of failing.

/// Longer strings are cut off: no form asks for more.
const MAX_CHARS: usize = 100_000;

/// The characters from 0x18 to 0x1f and from 0x80 to 0xa0 in PDFDocEncoding (ISO 32000-2, table D.2).
const PDF_DOC_FROM_18: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
const PDF_DOC_FROM_80: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ',
    'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
];

/// Decodes a text string in any of the permitted encodings. Line ends become line feeds, and other control characters are
/// dropped.
pub(super) fn decode_text_string(bytes: &[u8]) -> String {
    let decoded: String = match bytes {
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).chars().take(MAX_CHARS).collect(),
        bytes => bytes.iter().take(MAX_CHARS).map(|byte| decode_pdf_doc(*byte)).collect(),
    };
    let is_text = |char: &char| *char == '\n' || *char == '\t' || !char.is_control();
    decoded.replace("\r\n", "\n").replace('\r', "\n").chars().filter(is_text).collect()
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> =
        bytes.chunks_exact(2).take(MAX_CHARS).map(|pair| unit([pair[0], pair[1]])).collect();
    // A language tag is enclosed in two escape characters (7.9.2.2.1).
    let mut text = String::new();
    let mut in_tag = false;
    for char in char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)) {
        if char == '\u{1b}' {
            in_tag = !in_tag;
        } else if !in_tag {
            text.push(char);
        }
    }
    text
}

fn decode_pdf_doc(byte: u8) -> char {
    match byte {
        0x18..=0x1f => PDF_DOC_FROM_18[usize::from(byte - 0x18)],
        0x80..=0xa0 => PDF_DOC_FROM_80[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permitted_encoding_is_decoded() {
        assert_eq!(decode_text_string(b"\xfe\xff\x00K\x01\x42\x20\xac"), "Kł€");
        assert_eq!(decode_text_string(b"\xff\xfeK\x00"), "K");
        assert_eq!(decode_text_string(b"\xef\xbb\xbfcaf\xc3\xa9"), "café");
        assert_eq!(decode_text_string(b"5 \x8d\xb5g\x8e \x84 \xa0"), "5 “µg” — €");
        assert_eq!(decode_text_string(b"one\r\ntwo\rthree\x00"), "one\ntwo\nthree");
    }

    #[test]
    fn language_tag_is_dropped() {
        assert_eq!(decode_text_string(b"\xfe\xff\x00\x1b\x00e\x00n\x00\x1b\x00A"), "A");
        assert_eq!(decode_text_string(b"\xfe\xff\x00A\x00\x1b\x00d\x00e\x00D\x00E\x00\x1b\x00B"), "AB");
    }

    #[test]
    fn incomplete_utf16_at_the_end_is_replaced() {
        assert_eq!(decode_text_string(b"\xfe\xff\x00A\x00"), "A");
        assert_eq!(decode_text_string(b"\xfe\xff\xd8\x00"), "\u{fffd}");
    }
}
