//! Single glyphs: their position on the page and the text they stand for.

use hayro::{
    hayro_interpret::hayro_cmap::BfString,
    kurbo::{Affine, Point, Rect, Vec2},
};

/// Glyph space units (ISO 32000-2, 9.2.4).
pub(super) const UNITS_PER_EM: f64 = 1000.0;

/// The text that a glyph stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GlyphText {
    /// The file does not say.
    Unknown,
    /// White space of any kind.
    Space,
    /// One character, as most glyphs.
    Char(char),
    /// Several characters (a ligature or a whole word), or none (a joiner or a direction mark).
    String(Box<str>),
}

impl GlyphText {
    /// The text that a font states for a glyph, normalised.
    pub(super) fn from_unicode(unicode: Option<BfString>) -> GlyphText {
        match unicode {
            None => GlyphText::Unknown,
            Some(BfString::Char(char)) if is_normalised(char) => GlyphText::Char(char),
            Some(BfString::Char(char)) => GlyphText::from_text(char.encode_utf8(&mut [0; 4])),
            Some(BfString::String(text)) => GlyphText::from_text(&text),
        }
    }

    fn from_text(text: &str) -> GlyphText {
        let Some(text) = normalise(text) else { return GlyphText::Unknown };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(' '), None) => GlyphText::Space,
            (Some(char), None) => GlyphText::Char(char),
            _ => GlyphText::String(text.into_boxed_str()),
        }
    }

    /// The text, or [`UNKNOWN_CHAR`]. The buffer holds a single character.
    pub(super) fn as_str<'t>(&'t self, buffer: &'t mut [u8; 4]) -> &'t str {
        match self {
            GlyphText::Unknown => UNKNOWN_CHAR.encode_utf8(buffer),
            GlyphText::Space => " ",
            GlyphText::Char(char) => char.encode_utf8(buffer),
            GlyphText::String(text) => text,
        }
    }
}

/// Stands for a character that the file does not identify.
pub(super) const UNKNOWN_CHAR: char = '\u{fffd}';

/// A glyph on the page. Coordinates are points on the page as shown, y downwards.
pub(super) struct PositionedGlyph {
    pub(super) text: GlyphText,
    /// The origin, on the baseline.
    pub(super) origin: Point,
    /// From the origin to that of the next glyph.
    pub(super) advance: Vec2,
    /// From the baseline to the top of a line, one font size long.
    pub(super) up: Vec2,
    /// The box of the outline; empty for a space.
    pub(super) ink: Rect,
    /// Whether it is visible; text over a scan is often drawn invisibly.
    pub(super) is_visible: bool,
}

impl PositionedGlyph {
    pub(super) fn new(
        text: GlyphText,
        to_page: Affine,
        advance: f64,
        ink: Rect,
        is_visible: bool,
    ) -> PositionedGlyph {
        let [a, b, c, d, ..] = to_page.as_coeffs();
        let mut up = Vec2::new(c, d) * UNITS_PER_EM;
        // A Type 3 font may state any size; the ink shows the real one.
        let (size, height) = (up.hypot(), ink.height());
        if size > 0.0 && height > size * 1.5 {
            up *= height / size;
        }
        PositionedGlyph {
            text,
            origin: to_page * Point::ZERO,
            advance: Vec2::new(a, b) * advance,
            up,
            ink,
            is_visible,
        }
    }

    /// Whether it is white space, or has no text.
    pub(super) fn is_space(&self) -> bool {
        match &self.text {
            GlyphText::Space => true,
            GlyphText::Unknown | GlyphText::Char(_) => false,
            GlyphText::String(text) => text.trim().is_empty(),
        }
    }

    /// Whether it stands for a letter.
    pub(super) fn is_letter(&self) -> bool {
        matches!(&self.text, GlyphText::Char(char) if char.is_alphabetic())
    }

    /// The centre of the glyph, a third of the font size above the baseline.
    pub(super) fn center(&self) -> Point {
        self.origin + self.advance * 0.5 + self.up * 0.3
    }

    /// The direction of the line in radians, clockwise from left to right.
    pub(super) fn angle_radians(&self) -> f64 {
        // Most text is upright, and an arc tangent is the most expensive operation on a glyph.
        if self.up.x == 0.0 && self.up.y < 0.0 {
            return 0.0;
        }
        // The baseline is perpendicular to `up`, even if the glyph has no advance.
        if self.up.hypot() > 0.0 { Vec2::new(-self.up.y, self.up.x).atan2() } else { self.advance.atan2() }
    }
}

/// Whether [`normalise`] keeps the character as it is.
fn is_normalised(char: char) -> bool {
    matches!(char, '!'..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{24f}')
}

/// Replaces ligatures by their letters and white space by spaces, and drops joiners and direction marks. `None` if a
/// character is not identified.
fn normalise(text: &str) -> Option<String> {
    let mut normalised = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            // Private use, whose meaning only the font knows, or the replacement character.
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. | '\u{fffd}' => return None,
            _ if char.is_whitespace() => normalised.push(' '),
            _ if char.is_control() => return None,
            // Joiners and direction marks.
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            '\u{ad}' => normalised.push('-'),
            '\u{fb00}' => normalised.push_str("ff"),
            '\u{fb01}' => normalised.push_str("fi"),
            '\u{fb02}' => normalised.push_str("fl"),
            '\u{fb03}' => normalised.push_str("ffi"),
            '\u{fb04}' => normalised.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => normalised.push_str("st"),
            _ => normalised.push(char),
        }
    }
    Some(normalised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures_are_expanded_and_unknown_characters_not_guessed() {
        let text = |char| GlyphText::from_unicode(Some(BfString::Char(char)));
        assert_eq!(text('ﬁ'), GlyphText::String("fi".into()));
        assert_eq!(text('\u{a0}'), GlyphText::Space);
        assert_eq!(text('\u{ad}'), GlyphText::Char('-'));
        assert_eq!(text('é'), GlyphText::Char('é'));
        assert_eq!(text('\u{f041}'), GlyphText::Unknown);
        assert_eq!(text('\u{3}'), GlyphText::Unknown);
        assert_eq!(GlyphText::from_unicode(None), GlyphText::Unknown);
    }
}
