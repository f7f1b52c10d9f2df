//! A page as it was read: words with boxes and confidence, in reading order, and how they came to be known.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rectangle on a page as it is shown (after the file's own rotation), in points (1/72 inch), origin at the top left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
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

/// A word: what stands between two spaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Word {
    /// The characters, without white space.
    pub text: String,
    /// Where it stands.
    pub bbox: BBox,
    /// How sure the reader is, 0 to 100. A sound text layer gives 100.
    pub confidence: u8,
}

/// Words that stand on one line, in reading order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HowRead {
    /// From the file's own text layer.
    TextLayer,
    /// By optical recognition of the rendered page.
    Ocr {
        /// Mean confidence of the words, weighted by their length, 0 to 100.
        confidence: u8,
    },
    /// Nothing is on the page.
    Blank,
    /// The page repeats an earlier one exactly and was not read again; its words are found there.
    Repeat {
        /// The earlier page's number.
        of: u32,
    },
    /// The page could not be read. Everything else of the file was.
    Unreadable {
        /// Why, in words a user can act on.
        reason: String,
    },
}

/// One page of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page {
    /// Position in the file, from 1.
    pub number: u32,
    /// Width as shown, in points.
    pub width: f32,
    /// Height as shown, in points.
    pub height: f32,
    /// How the words came to be known.
    pub how: HowRead,
    /// The words in reading order; none on a blank, repeated or unreadable page.
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
