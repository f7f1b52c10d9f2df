//! The font of a text layer: it says how wide its characters are and what they mean, and draws nothing.

use std::{collections::HashMap, fmt::Write as _, io};

use super::objects::{Id, Objects, reference};

/// How wide every character is, how far it rises and how far it falls, in parts of the font's size.
pub(super) const ADVANCE: f64 = 0.5;
pub(super) const ASCENT: f64 = 0.72;
pub(super) const DESCENT: f64 = 0.21;

/// The code of a character of which there are more than a font can have.
const UNKNOWN: char = '\u{fffd}';

/// The characters that a file's text layers use, each with its code: 1 and onwards, in the order of their first use.
#[derive(Debug, Default)]
pub(super) struct Characters {
    codes: HashMap<char, u16>,
    used: Vec<char>,
}

impl Characters {
    pub(super) fn code(&mut self, char: char) -> u16 {
        if let Some(code) = self.codes.get(&char) {
            return *code;
        }
        // The last code is kept for what comes when all others are taken.
        let char = if self.used.len() < usize::from(u16::MAX) - 1 { char } else { UNKNOWN };
        if let Some(code) = self.codes.get(&char) {
            return *code;
        }
        self.used.push(char);
        let code = self.used.len() as u16;
        self.codes.insert(char, code);
        code
    }

    /// Writes the font with these characters as `font` (ISO 32000-2, 9.7).
    pub(super) fn put(&self, objects: &mut Objects, font: Id) -> io::Result<()> {
        let [descendant, descriptor, file, map, meaning] = std::array::from_fn(|_| objects.reserve());
        let name = "/GlyphLessFont";
        objects.put(
            font,
            format!(
                "<< /Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H \
                 /DescendantFonts [{}] /ToUnicode {} >>",
                reference(descendant),
                reference(meaning)
            )
            .as_bytes(),
        );
        objects.put(
            descendant,
            format!(
                "<< /Type /Font /Subtype /CIDFontType2 /BaseFont {name} /DW {advance} /CIDToGIDMap {} \
                 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor {} >>",
                reference(map),
                reference(descriptor),
                advance = thousandths(ADVANCE)
            )
            .as_bytes(),
        );
        objects.put(
            descriptor,
            format!(
                "<< /Type /FontDescriptor /FontName {name} /Flags 4 /FontBBox [0 {descent} {advance} {ascent}] \
                 /ItalicAngle 0 /Ascent {ascent} /Descent {descent} /CapHeight {ascent} /StemV 80 /FontFile2 {} >>",
                reference(file),
                descent = -thousandths(DESCENT),
                advance = thousandths(ADVANCE),
                ascent = thousandths(ASCENT)
            )
            .as_bytes(),
        );
        let program = program();
        objects.put_packed(file, &format!("/Length1 {}", program.len()), &program)?;
        // Code 0 means no character; all others are drawn by the one glyph that draws nothing.
        let glyphs: Vec<u8> = (0..=self.used.len()).flat_map(|code| [0, u8::from(code > 0)]).collect();
        objects.put_packed(map, "", &glyphs)?;
        objects.put_packed(meaning, "", self.to_unicode().as_bytes())
    }

    /// What the codes mean (ISO 32000-2, 9.10.3).
    fn to_unicode(&self) -> String {
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        for (block, chars) in self.used.chunks(100).enumerate() {
            let _ = writeln!(map, "{} beginbfchar", chars.len());
            for (index, char) in chars.iter().enumerate() {
                let _ = write!(map, "<{:04X}> <", block * 100 + index + 1);
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let _ = write!(map, "{unit:04X}");
                }
                map.push_str(">\n");
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map
    }
}

fn thousandths(parts: f64) -> i32 {
    (parts * 1000.0).round() as i32
}

/// A TrueType font with the tables that one embedded in a PDF must have (ISO 32000-2, 9.9.1), of two glyphs without
/// outlines.
fn program() -> Vec<u8> {
    const GLYPH: [u8; 12] = [0; 12];
    let words =
        |words: &[i32]| -> Vec<u8> { words.iter().flat_map(|word| (*word as u16).to_be_bytes()).collect() };
    let (advance, ascent, descent) = (thousandths(ADVANCE), thousandths(ASCENT), -thousandths(DESCENT));
    // Version 1.0, revision 1.0, a checksum that is filled in below, and the magic number; 1,000 units to the em, two
    // dates, the glyphs' bounds, no style, readable from 8 pixels on, left to right, short offsets.
    let head = words(&[
        1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 0, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, descent, advance, ascent, 0, 8,
        2, 0, 0,
    ]);
    let hhea = words(&[1, 0, ascent, descent, 0, advance, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    let maxp = words(&[1, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    let hmtx = words(&[advance, 0, 0]);
    // The first glyph has no bytes, the second all, counted in twos.
    let loca = words(&[0, 0, GLYPH.len() as i32 / 2]);
    let tables: [(&[u8; 4], &[u8]); 6] = [
        (b"glyf", &GLYPH),
        (b"head", &head),
        (b"hhea", &hhea),
        (b"hmtx", &hmtx),
        (b"loca", &loca),
        (b"maxp", &maxp),
    ];

    // Six tables: the largest power of two below is four, for readers that search by halves.
    let mut font = words(&[1, 0, 6, 64, 2, 32]);
    let mut at = font.len() + 16 * tables.len();
    for (tag, table) in tables {
        font.extend(tag);
        for number in [checksum(table), at as u32, table.len() as u32] {
            font.extend(number.to_be_bytes());
        }
        at += table.len().next_multiple_of(4);
    }
    let mut head_at = 0;
    for (tag, table) in tables {
        if tag == b"head" {
            head_at = font.len();
        }
        font.extend(table);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    let adjustment = 0xb1b0_afba_u32.wrapping_sub(checksum(&font));
    font[head_at + 8..head_at + 12].copy_from_slice(&adjustment.to_be_bytes());
    font
}

/// The sum of a table's 32-bit words (OpenType specification, "Calculating checksums").
fn checksum(table: &[u8]) -> u32 {
    table.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fonts_checksum_is_what_the_specification_wants() {
        assert_eq!(checksum(&program()), 0xb1b0_afba);
    }

    #[test]
    fn a_character_beyond_the_basic_plane_is_written_as_two_units() {
        let mut characters = Characters::default();
        assert_eq!([characters.code('a'), characters.code('𝄞'), characters.code('a')], [1, 2, 1]);
        assert!(
            characters.to_unicode().contains("2 beginbfchar\n<0001> <0061>\n<0002> <D834DD1E>\nendbfchar")
        );
    }

    #[test]
    fn more_characters_than_a_font_can_have_share_the_last_code() {
        let mut characters = Characters::default();
        let last = ('\u{1}'..).take(70_000).map(|char| characters.code(char)).last();
        assert_eq!(last, Some(characters.code(UNKNOWN)));
        assert!(characters.used.len() <= usize::from(u16::MAX));
    }
}
