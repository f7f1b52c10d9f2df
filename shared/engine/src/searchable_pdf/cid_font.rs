//! The glyphless font of a text layer: it gives characters a width and a Unicode value, and draws nothing.

use std::{collections::HashMap, fmt::Write as _, io};

use super::objects::{ObjectId, ObjectWriter, reference};

/// The width, ascent and descent of every character.
pub(super) const ADVANCE_EM: f64 = 0.5;
pub(super) const ASCENT_EM: f64 = 0.72;
pub(super) const DESCENT_EM: f64 = 0.21;

/// Stands for every character after the font is full.
const OVERFLOW_CHAR: char = '\u{fffd}';

/// The CIDs of the characters in a file's text layers: from 1, in the order of first use.
#[derive(Debug, Default)]
pub(super) struct CidMap {
    cids: HashMap<char, u16>,
    chars: Vec<char>,
}

impl CidMap {
    pub(super) fn cid(&mut self, char: char) -> u16 {
        if let Some(cid) = self.cids.get(&char) {
            return *cid;
        }
        // The last CID is reserved for all characters that come after the others are taken.
        let char = if self.chars.len() < usize::from(u16::MAX) - 1 { char } else { OVERFLOW_CHAR };
        if let Some(cid) = self.cids.get(&char) {
            return *cid;
        }
        self.chars.push(char);
        let cid = self.chars.len() as u16;
        self.cids.insert(char, cid);
        cid
    }

    /// Writes the font with these characters as `font` (ISO 32000-2, 9.7).
    pub(super) fn write_font(&self, objects: &mut ObjectWriter, font: ObjectId) -> io::Result<()> {
        let [descendant, descriptor, file, cid_to_gid, to_unicode] =
            std::array::from_fn(|_| objects.reserve_id());
        let name = "/GlyphLessFont";
        objects.write_object(
            font,
            format!(
                "<< /Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H \
                 /DescendantFonts [{}] /ToUnicode {} >>",
                reference(descendant),
                reference(to_unicode)
            )
            .as_bytes(),
        );
        objects.write_object(
            descendant,
            format!(
                "<< /Type /Font /Subtype /CIDFontType2 /BaseFont {name} /DW {advance} /CIDToGIDMap {} \
                 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor {} >>",
                reference(cid_to_gid),
                reference(descriptor),
                advance = glyph_units(ADVANCE_EM)
            )
            .as_bytes(),
        );
        objects.write_object(
            descriptor,
            format!(
                "<< /Type /FontDescriptor /FontName {name} /Flags 4 /FontBBox [0 {descent} {advance} {ascent}] \
                 /ItalicAngle 0 /Ascent {ascent} /Descent {descent} /CapHeight {ascent} /StemV 80 /FontFile2 {} >>",
                reference(file),
                descent = -glyph_units(DESCENT_EM),
                advance = glyph_units(ADVANCE_EM),
                ascent = glyph_units(ASCENT_EM)
            )
            .as_bytes(),
        );
        let program = glyphless_truetype();
        objects.write_deflated_stream(file, &format!("/Length1 {}", program.len()), &program)?;
        // CID 0 is not a character; all others map to the one empty glyph.
        let glyph_ids: Vec<u8> = (0..=self.chars.len()).flat_map(|cid| [0, u8::from(cid > 0)]).collect();
        objects.write_deflated_stream(cid_to_gid, "", &glyph_ids)?;
        objects.write_deflated_stream(to_unicode, "", self.to_unicode_cmap().as_bytes())
    }

    /// The ToUnicode CMap (ISO 32000-2, 9.10.3).
    fn to_unicode_cmap(&self) -> String {
        let mut cmap = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        for (block, chars) in self.chars.chunks(100).enumerate() {
            let _ = writeln!(cmap, "{} beginbfchar", chars.len());
            for (index, char) in chars.iter().enumerate() {
                let _ = write!(cmap, "<{:04X}> <", block * 100 + index + 1);
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let _ = write!(cmap, "{unit:04X}");
                }
                cmap.push_str(">\n");
            }
            cmap.push_str("endbfchar\n");
        }
        cmap.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        cmap
    }
}

/// In thousandths of an em.
fn glyph_units(em: f64) -> i32 {
    (em * 1000.0).round() as i32
}

/// A TrueType font with the tables that an embedded font must have (ISO 32000-2, 9.9.1), and two glyphs without outlines.
fn glyphless_truetype() -> Vec<u8> {
    const GLYPH: [u8; 12] = [0; 12];
    let words =
        |words: &[i32]| -> Vec<u8> { words.iter().flat_map(|word| (*word as u16).to_be_bytes()).collect() };
    let (advance, ascent, descent) =
        (glyph_units(ADVANCE_EM), glyph_units(ASCENT_EM), -glyph_units(DESCENT_EM));
    // Version 1.0, revision 1.0, a checksum that is set below, and the magic number; 1,000 units per em, two dates, the
    // glyphs' bounds, no style, readable from 8 pixels, left to right, short offsets.
    let head = words(&[
        1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 0, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, descent, advance, ascent, 0, 8,
        2, 0, 0,
    ]);
    let hhea = words(&[1, 0, ascent, descent, 0, advance, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    let maxp = words(&[1, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    let hmtx = words(&[advance, 0, 0]);
    // The first glyph has no bytes, the second all of them. Offsets count pairs of bytes.
    let loca = words(&[0, 0, GLYPH.len() as i32 / 2]);
    let tables: [(&[u8; 4], &[u8]); 6] = [
        (b"glyf", &GLYPH),
        (b"head", &head),
        (b"hhea", &hhea),
        (b"hmtx", &hmtx),
        (b"loca", &loca),
        (b"maxp", &maxp),
    ];

    // Six tables. The largest power of two below is four, for binary search.
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
    fn font_has_the_checksum_of_the_specification() {
        assert_eq!(checksum(&glyphless_truetype()), 0xb1b0_afba);
    }

    #[test]
    fn character_beyond_the_basic_plane_has_two_utf16_units() {
        let mut cids = CidMap::default();
        assert_eq!([cids.cid('a'), cids.cid('𝄞'), cids.cid('a')], [1, 2, 1]);
        assert!(
            cids.to_unicode_cmap().contains("2 beginbfchar\n<0001> <0061>\n<0002> <D834DD1E>\nendbfchar")
        );
    }

    #[test]
    fn characters_beyond_a_full_font_share_the_last_cid() {
        let mut cids = CidMap::default();
        let last = ('\u{1}'..).take(70_000).map(|char| cids.cid(char)).last();
        assert_eq!(last, Some(cids.cid(OVERFLOW_CHAR)));
        assert!(cids.chars.len() <= usize::from(u16::MAX));
    }
}
