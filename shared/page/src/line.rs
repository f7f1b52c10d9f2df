//! Words and the lines they form.

use serde::{Deserialize, Serialize};

use crate::geometry::BBox;

/// A word: the characters between two spaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Word {
    /// The characters, without white space.
    pub text: String,
    /// The box on the page.
    pub bbox: BBox,
    /// OCR confidence in percent, 0 to 100. Visible text of the file has 100, an invisible text layer 90.
    pub confidence: u8,
}

/// The role of a line on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LineRole {
    /// Running text of the page.
    #[default]
    Body,
    /// A page header: repeated at the top of consecutive pages, except for its numbers.
    Header,
    /// A page footer: repeated at the bottom of consecutive pages, except for its numbers.
    Footer,
    /// The text of a PDF annotation.
    Annotation,
}

impl LineRole {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it skips by reference")]
    fn is_body(&self) -> bool {
        *self == LineRole::Body
    }
}

/// The hyphen at the end of a line whose last word continues on the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Hyphen {
    /// Added because the line ends: `hyper-` and `tension`.
    Soft,
    /// Part of the word: `COVID-` and `19`.
    Hard,
}

impl Hyphen {
    /// Replaces the hyphen at the end of `text` by what the whole word has there: nothing for a soft hyphen, `-` for a hard
    /// one.
    pub fn resolve(self, text: &mut String) {
        text.pop();
        match self {
            Hyphen::Soft => {}
            Hyphen::Hard => text.push('-'),
        }
    }
}

/// The words of one line, in reading order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// At least one word.
    pub words: Vec<Word>,
    /// Its role on the page.
    #[serde(default, skip_serializing_if = "LineRole::is_body")]
    pub role: LineRole,
    /// The hyphen that its last word ends with, if that word continues on the next line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyphen: Option<Hyphen>,
}

impl Line {
    /// A line of the page's body.
    #[must_use]
    pub fn body(words: Vec<Word>) -> Self {
        Self { words, role: LineRole::Body, hyphen: None }
    }

    /// The words, joined by single spaces.
    #[must_use]
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}
