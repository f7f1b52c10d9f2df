//! What reading gives: words on lines on pages, with boxes, and how they came to be known.

/// A rectangle on a page as it is shown (after the file's own rotation), in points (1/72 inch), origin at the
/// top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BBox {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge, not less than `x0`.
    pub x1: f32,
    /// Bottom edge, not less than `y0`.
    pub y1: f32,
}

impl BBox {
    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(&self, other: &BBox) -> BBox {
        BBox {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// Width in points.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// Height in points.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// The part that lies on a page of this size.
    pub(crate) fn on_page(self, width: f32, height: f32) -> BBox {
        BBox {
            x0: self.x0.clamp(0.0, width),
            y0: self.y0.clamp(0.0, height),
            x1: self.x1.clamp(0.0, width),
            y1: self.y1.clamp(0.0, height),
        }
    }
}

/// A word: what stands between two spaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The characters, without white space.
    pub text: String,
    /// Where it stands.
    pub bbox: BBox,
    /// How sure the reader is, 0 to 100. A sound text layer gives 100.
    pub confidence: u8,
}

/// Words that stand on one line, in reading order.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// At least one word.
    pub words: Vec<Word>,
}

impl Line {
    /// The words, joined by single spaces.
    #[must_use]
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}

/// How a page's words came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HowRead {
    /// From the file's own text layer.
    TextLayer,
    /// By optical recognition.
    Ocr {
        /// Mean confidence of the words, weighted by their length, 0 to 100; 0 if there are none.
        confidence: u8,
    },
    /// Nothing is on the page.
    Blank,
}

/// One page as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Position in the file, from 1.
    pub number: u32,
    /// Width as shown, in points.
    pub width: f32,
    /// Height as shown, in points.
    pub height: f32,
    /// How the words came to be known.
    pub how: HowRead,
    /// The words in reading order; none on a blank page.
    pub lines: Vec<Line>,
}

impl Page {
    /// The page's text: its lines, separated by line feeds.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(Line::text).collect();
        lines.join("\n")
    }

    /// All words in reading order.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.lines.iter().flat_map(|line| &line.words)
    }
}
