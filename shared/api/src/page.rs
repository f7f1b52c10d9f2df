//! A page as it was read: words with boxes and confidence, in reading order, and how they came to be known.

use std::ops::Range;

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

/// What a line is to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What the page says.
    #[default]
    Body,
    /// A running head: at the top of page after page, with at most its numbers changing.
    Head,
    /// A running foot.
    Foot,
    /// A note that somebody put onto the page: the text of an annotation.
    Note,
}

impl Role {
    /// Whether it is the usual one, which need not be said.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it skips by reference")]
    fn is_body(&self) -> bool {
        *self == Role::Body
    }
}

/// The hyphen at the end of a line whose last word goes on in the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hyphen {
    /// It is there because the line ends: `hyper-` and `tension`.
    Soft,
    /// It is the word's own: `COVID-` and `19`.
    Hard,
}

impl Hyphen {
    /// Makes text that ends with this hyphen ready for the rest of the word.
    pub fn join(self, text: &mut String) {
        text.pop();
        match self {
            Hyphen::Soft => {}
            Hyphen::Hard => text.push('-'),
        }
    }
}

/// Words that stand on one line, in reading order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// At least one word.
    pub words: Vec<Word>,
    /// What it is to the page.
    #[serde(default, skip_serializing_if = "Role::is_body")]
    pub role: Role,
    /// The hyphen that its last word ends with, if that word goes on in the next line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyphen: Option<Hyphen>,
}

impl Line {
    /// A line of the page's body.
    #[must_use]
    pub fn body(words: Vec<Word>) -> Self {
        Self { words, role: Role::Body, hyphen: None }
    }

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
    /// From the file's own text layer, and by optical recognition of the pictures on the page.
    Mixed {
        /// Mean confidence of the recognised words, weighted by their length, 0 to 100.
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

/// A field of a form that can be filled on the screen, and what is in it. Its value also stands among the lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Field {
    /// Its full name in the file, the parts joined by full stops.
    pub name: String,
    /// What is in it.
    pub value: FieldValue,
    /// Where it stands.
    pub bbox: BBox,
}

/// What is in a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// Typed or chosen; empty if nothing was.
    Text(String),
    /// A check box or radio button.
    Checked(bool),
}

/// A part of the page that was seen but not read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Unread {
    /// Where it is.
    pub bbox: BBox,
    /// Why it was not read.
    pub why: WhyUnread,
}

/// Why a part of a page was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnread {
    /// It is written by hand.
    Handwriting,
    /// It is a picture that is damaged or not in the file, is stored in a way that cannot be decoded, or has more pixels
    /// than are read.
    DamagedPicture,
}

impl WhyUnread {
    /// What was not read for these reasons, in words: `not read: handwriting, a damaged or too large picture`.
    #[must_use]
    pub fn in_words(reasons: &[Self]) -> String {
        let what = |why: &Self| match why {
            Self::Handwriting => "handwriting",
            Self::DamagedPicture => "a damaged or too large picture",
        };
        format!("not read: {}", reasons.iter().map(what).collect::<Vec<_>>().join(", "))
    }
}

/// What language a page is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Language {
    /// As Tesseract names its models: `eng`, `deu`; `script/Cyrillic` where only the script is certain.
    pub model: String,
    /// What it is called in English: `German`; `Cyrillic script`.
    pub name: String,
    /// Why the page was recognised without that model, if it was. What it says may then be misread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
}

/// Why a page was recognised without the model of its language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Missing {
    /// The model is installed, and was not chosen.
    NotChosen,
    /// The model is not installed.
    NotInstalled {
        /// The Debian package that brings it.
        package: String,
    },
}

/// An earlier page that says the same: scanned again at another angle or brightness.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NearRepeat {
    /// The earlier page's number.
    pub of: u32,
    /// How much of the two agrees, 0 to 1.
    pub similarity: f32,
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
    /// The form fields, in the file's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// What was seen but not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
    /// Its language, if there is enough text to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The earlier page that it nearly repeats. Unlike an exact repeat it has words of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_repeat: Option<NearRepeat>,
}

impl Page {
    /// A page with these lines and nothing else.
    #[must_use]
    pub fn new(number: u32, width: f32, height: f32, how: HowRead, lines: Vec<Line>) -> Self {
        Self {
            number,
            width,
            height,
            how,
            lines,
            fields: Vec::new(),
            unread: Vec::new(),
            language: None,
            near_repeat: None,
        }
    }

    /// The page's text: its lines, separated by line feeds.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(Line::text).collect();
        lines.join("\n")
    }

    /// Why parts of it were not read, each reason once.
    #[must_use]
    pub fn why_unread(&self) -> Vec<WhyUnread> {
        let mut reasons = Vec::new();
        for part in &self.unread {
            if !reasons.contains(&part.why) {
                reasons.push(part.why);
            }
        }
        reasons
    }

    /// The page's text for searching.
    #[must_use]
    pub fn search_text(&self) -> SearchText {
        SearchText::of(&self.lines)
    }

    /// All words in reading order.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.lines.iter().flat_map(|line| &line.words)
    }
}

/// A page's text for searching: words that lines break are whole, and lines follow each other like words. What is found
/// in it leads back to the page's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchText {
    text: String,
    /// Where each word stands in the text, which word of which line it is; in order.
    places: Vec<(Range<usize>, (usize, usize))>,
}

impl SearchText {
    fn of(lines: &[Line]) -> Self {
        let mut search = Self::default();
        let mut is_joined = true;
        for (row, line) in lines.iter().enumerate() {
            for (column, word) in line.words.iter().enumerate() {
                if !is_joined {
                    search.text.push(' ');
                }
                let goes_on = line.hyphen.filter(|_| column + 1 == line.words.len());
                let start = search.text.len();
                search.text.push_str(&word.text);
                if let Some(hyphen) = goes_on {
                    hyphen.join(&mut search.text);
                }
                is_joined = goes_on.is_some();
                search.places.push((start..search.text.len(), (row, column)));
            }
        }
        search
    }

    /// The text, in reading order, with a space between any two words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The words that these bytes of the text touch, in order: for each the index of its line on the page, and its own
    /// in the line.
    pub fn words(&self, bytes: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
        let first = self.places.partition_point(|(place, _)| place.end <= bytes.start);
        let touched = self.places[first..].iter().take_while(move |(place, _)| place.start < bytes.end);
        touched.map(|(_, word)| *word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_read_is_told_once() {
        let part = |why| Unread { bbox: BBox { x0: 0.0, y0: 0.0, x1: 9.0, y1: 9.0 }, why };
        let told = |unread| {
            let how = HowRead::Ocr { confidence: 90 };
            WhyUnread::in_words(&Page { unread, ..Page::new(4, 612.0, 792.0, how, Vec::new()) }.why_unread())
        };
        let (hand, picture) = (part(WhyUnread::Handwriting), part(WhyUnread::DamagedPicture));
        assert_eq!(told(vec![picture, picture]), "not read: a damaged or too large picture");
        assert_eq!(told(vec![hand, picture, hand]), "not read: handwriting, a damaged or too large picture");
    }
}
