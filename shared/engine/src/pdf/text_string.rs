//! Text strings of a PDF outside its pages' content (ISO 32000-2, 7.9.2.2), as forms and annotations have them.

/// Longer texts are cut, in characters: no form asks for more.
const LONGEST: usize = 100_000;

/// The characters from 0x18 to 0x1f and from 0x80 to 0xa0 in PDFDocEncoding (ISO 32000-2, table D.2).
const FROM_18: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
const FROM_80: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ',
    'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
];

/// The text of a string, in whichever of the permitted encodings it is. Other line ends become line feeds, and
/// characters that mean nothing to a reader are left out.
pub(super) fn text(bytes: &[u8]) -> String {
    let decoded: String = match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).chars().take(LONGEST).collect(),
        plain => plain.iter().take(LONGEST).map(|byte| from_pdf_doc(*byte)).collect(),
    };
    let is_text = |char: &char| *char == '\n' || *char == '\t' || !char.is_control();
    decoded.replace("\r\n", "\n").replace('\r', "\n").chars().filter(is_text).collect()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).take(LONGEST).map(|pair| unit([pair[0], pair[1]])).collect();
    // A language tag stands between two escape characters (7.9.2.2.1).
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

fn from_pdf_doc(byte: u8) -> char {
    match byte {
        0x18..=0x1f => FROM_18[usize::from(byte - 0x18)],
        0x80..=0xa0 => FROM_80[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permitted_encoding_is_read() {
        assert_eq!(text(b"\xfe\xff\x00K\x01\x42\x20\xac"), "Kł€");
        assert_eq!(text(b"\xff\xfeK\x00"), "K");
        assert_eq!(text(b"\xef\xbb\xbfcaf\xc3\xa9"), "café");
        assert_eq!(text(b"5 \x8d\xb5g\x8e \x84 \xa0"), "5 “µg” — €");
        assert_eq!(text(b"one\r\ntwo\rthree\x00"), "one\ntwo\nthree");
        assert_eq!(text(b"\xfe\xff\x00\x1b\x00e\x00n\x00\x1b\x00A"), "A");
    }

    #[test]
    fn half_a_character_at_the_end_is_left_out() {
        assert_eq!(text(b"\xfe\xff\x00A\x00"), "A");
        assert_eq!(text(b"\xfe\xff\xd8\x00"), "\u{fffd}");
    }
}
