//! Single glyphs: where they stand on the page and which characters they mean.

use hayro::{
    hayro_interpret::hayro_cmap::BfString,
    kurbo::{Affine, Point, Rect, Vec2},
};

/// Units in which fonts are measured, per font size (ISO 32000-2, 9.2.4).
const UNITS: f64 = 1000.0;

/// What a glyph means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The file does not say.
    Unknown,
    /// White space of any kind.
    Space,
    /// Most glyphs mean one character.
    One(char),
    /// Others mean several: ligatures, or a whole word. Some mean nothing to a reader: none.
    Several(Box<str>),
}

impl Meaning {
    /// The characters that a font gives for a glyph, without those that mean nothing to a reader.
    pub(super) fn of(unicode: Option<BfString>) -> Meaning {
        match unicode {
            None => Meaning::Unknown,
            Some(BfString::Char(char)) if is_plain(char) => Meaning::One(char),
            Some(BfString::Char(char)) => Meaning::of_all(char.encode_utf8(&mut [0; 4])),
            Some(BfString::String(text)) => Meaning::of_all(&text),
        }
    }

    fn of_all(text: &str) -> Meaning {
        let Some(text) = text_of(text) else { return Meaning::Unknown };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(' '), None) => Meaning::Space,
            (Some(char), None) => Meaning::One(char),
            _ => Meaning::Several(text.into_boxed_str()),
        }
    }

    /// The characters, with [`UNKNOWN`] for one that is not known. A buffer holds a single one.
    pub(super) fn text<'t>(&'t self, buffer: &'t mut [u8; 4]) -> &'t str {
        match self {
            Meaning::Unknown => UNKNOWN.encode_utf8(buffer),
            Meaning::Space => " ",
            Meaning::One(char) => char.encode_utf8(buffer),
            Meaning::Several(text) => text,
        }
    }
}

/// Stands for a character of which the file does not say what it is.
pub(super) const UNKNOWN: char = '\u{fffd}';

/// A glyph on the page. Coordinates are points on the page as shown, y downwards.
pub(super) struct Placed {
    pub(super) meaning: Meaning,
    /// Where it stands on the baseline.
    pub(super) origin: Point,
    /// From its origin to that of the next glyph.
    pub(super) advance: Vec2,
    /// From the baseline to the top of a line of its size.
    pub(super) up: Vec2,
    /// What it blackens; empty for a space.
    pub(super) ink: Rect,
    /// Whether it can be seen; text over a scan is often drawn invisibly.
    pub(super) visible: bool,
}

impl Placed {
    pub(super) fn new(meaning: Meaning, to_page: Affine, advance: f64, ink: Rect, visible: bool) -> Placed {
        let [a, b, c, d, ..] = to_page.as_coeffs();
        let mut up = Vec2::new(c, d) * UNITS;
        // A font that is drawn rather than outlined may state any size: what it blackens tells.
        let (size, height) = (up.hypot(), ink.height());
        if size > 0.0 && height > size * 1.5 {
            up *= height / size;
        }
        Placed {
            meaning,
            origin: to_page * Point::ZERO,
            advance: Vec2::new(a, b) * advance,
            up,
            ink,
            visible,
        }
    }

    /// Whether it is white space, or stands for nothing.
    pub(super) fn is_space(&self) -> bool {
        match &self.meaning {
            Meaning::Space => true,
            Meaning::Unknown | Meaning::One(_) => false,
            Meaning::Several(text) => text.trim().is_empty(),
        }
    }

    /// The middle of the glyph, a third of its size above the baseline.
    pub(super) fn middle(&self) -> Point {
        self.origin + self.advance * 0.5 + self.up * 0.3
    }

    /// The direction in which the line runs, in radians, clockwise on the page from left to right.
    pub(super) fn angle(&self) -> f64 {
        // Most text is upright, and an arc tangent costs more than all else that is asked of a glyph.
        if self.up.x == 0.0 && self.up.y < 0.0 {
            return 0.0;
        }
        // The baseline is perpendicular to the way up, also where a glyph does not advance.
        if self.up.hypot() > 0.0 { Vec2::new(-self.up.y, self.up.x).atan2() } else { self.advance.atan2() }
    }
}

/// Whether a character stands for itself.
fn is_plain(char: char) -> bool {
    matches!(char, '!'..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{24f}')
}

/// The characters without those that mean nothing to a reader: `None` if one of them is not known. White space of any
/// kind becomes a space.
fn text_of(known: &str) -> Option<String> {
    let mut text = String::with_capacity(known.len());
    for char in known.chars() {
        match char {
            // Private use: the font's own meaning, unknown to us; or a font that says that it does not know.
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. | '\u{fffd}' => return None,
            _ if char.is_whitespace() => text.push(' '),
            _ if char.is_control() => return None,
            // Joiners and marks of direction.
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            '\u{ad}' => text.push('-'),
            '\u{fb00}' => text.push_str("ff"),
            '\u{fb01}' => text.push_str("fi"),
            '\u{fb02}' => text.push_str("fl"),
            '\u{fb03}' => text.push_str("ffi"),
            '\u{fb04}' => text.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => text.push_str("st"),
            _ => text.push(char),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures_are_spelled_out_and_unknown_characters_are_not_guessed() {
        let meaning = |char| Meaning::of(Some(BfString::Char(char)));
        assert_eq!(meaning('ﬁ'), Meaning::Several("fi".into()));
        assert_eq!(meaning('\u{a0}'), Meaning::Space);
        assert_eq!(meaning('\u{ad}'), Meaning::One('-'));
        assert_eq!(meaning('é'), Meaning::One('é'));
        assert_eq!(meaning('\u{f041}'), Meaning::Unknown);
        assert_eq!(meaning('\u{3}'), Meaning::Unknown);
        assert_eq!(Meaning::of(None), Meaning::Unknown);
    }
}
