//! Single glyphs: where they stand on the page and which characters they mean.

use hayro::{
    hayro_interpret::hayro_cmap::BfString,
    kurbo::{Affine, Point, Rect, Vec2},
};

/// Units in which fonts are measured, per font size (ISO 32000-2, 9.2.4).
const UNITS: f64 = 1000.0;

/// A glyph on the page. Coordinates are points on the page as shown, y downwards.
pub(super) struct Placed {
    /// The characters it means; none if the file does not say.
    pub(super) text: Option<String>,
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
    pub(super) fn new(
        text: Option<String>,
        to_page: Affine,
        advance: f64,
        ink: Rect,
        visible: bool,
    ) -> Placed {
        let [a, b, c, d, ..] = to_page.as_coeffs();
        let mut up = Vec2::new(c, d) * UNITS;
        // A font that is drawn rather than outlined may state any size: what it blackens tells.
        let (size, height) = (up.hypot(), ink.height());
        if size > 0.0 && height > size * 1.5 {
            up *= height / size;
        }
        Placed { text, origin: to_page * Point::ZERO, advance: Vec2::new(a, b) * advance, up, ink, visible }
    }

    /// Whether it is white space, or stands for nothing.
    pub(super) fn is_space(&self) -> bool {
        self.text.as_deref().is_some_and(|text| text.trim().is_empty())
    }

    /// The middle of the glyph, a third of its size above the baseline.
    pub(super) fn middle(&self) -> Point {
        self.origin + self.advance * 0.5 + self.up * 0.3
    }

    /// The direction in which the line runs, in radians, clockwise on the page from left to right.
    pub(super) fn angle(&self) -> f64 {
        // The baseline is perpendicular to the way up, also where a glyph does not advance.
        if self.up.hypot() > 0.0 { Vec2::new(-self.up.y, self.up.x).atan2() } else { self.advance.atan2() }
    }
}

/// The characters that a font gives for a glyph, without those that mean nothing to a reader: `None` if that leaves
/// nothing known. White space of any kind becomes a space.
pub(super) fn text_of(unicode: Option<BfString>) -> Option<String> {
    let known: String = match unicode? {
        BfString::Char(char) => char.to_string(),
        BfString::String(string) => string,
    };
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
        assert_eq!(text_of(Some(BfString::Char('ﬁ'))).as_deref(), Some("fi"));
        assert_eq!(text_of(Some(BfString::Char('\u{a0}'))).as_deref(), Some(" "));
        assert_eq!(text_of(Some(BfString::Char('\u{f041}'))), None);
        assert_eq!(text_of(Some(BfString::Char('\u{3}'))), None);
        assert_eq!(text_of(None), None);
    }
}
