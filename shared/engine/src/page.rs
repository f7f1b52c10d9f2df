//! What reading gives: words on lines on pages, with boxes, and how they came to be known.

use std::ops::Range;

use crate::language;

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

    /// Whether the middle of another lies in this one.
    pub(crate) fn holds(&self, other: &BBox) -> bool {
        let (x, y) = ((other.x0 + other.x1) / 2.0, (other.y0 + other.y1) / 2.0);
        (self.x0..=self.x1).contains(&x) && (self.y0..=self.y1).contains(&y)
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
    /// How sure the reader is, 0 to 100. Only what the file itself says gives 100.
    pub confidence: u8,
}

/// What a line is to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// The hyphen at the end of a line whose last word goes on in the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hyphen {
    /// It is there because the line ends: `hyper-` and `tension`.
    Soft,
    /// It is the word's own: `COVID-` and `19`.
    Hard,
}

impl Hyphen {
    /// Makes text that ends with this hyphen ready for the rest of the word.
    fn join(self, text: &mut String) {
        text.pop();
        match self {
            Hyphen::Soft => {}
            Hyphen::Hard => text.push('-'),
        }
    }
}

/// Words that stand on one line, in reading order.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// At least one word.
    pub words: Vec<Word>,
    /// What it is to the page.
    pub role: Role,
    /// The hyphen that its last word ends with, if that word goes on in the next line.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HowRead {
    /// From the file's own text layer.
    TextLayer,
    /// By optical recognition.
    Ocr {
        /// Mean confidence of the words, weighted by their length, 0 to 100; 0 if there are none.
        confidence: u8,
    },
    /// From the file's own text layer, and by optical recognition of the pictures on the page.
    Mixed {
        /// Mean confidence of the recognised words, weighted by their length, 0 to 100; 0 if there are none.
        confidence: u8,
    },
    /// Nothing is on the page.
    Blank,
}

/// A field of a form that can be filled on the screen, and what is in it. Its value also stands among the lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its full name in the file, the parts joined by full stops.
    pub name: String,
    /// What is in it.
    pub value: FieldValue,
    /// Where it stands.
    pub bbox: BBox,
}

/// What is in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// Typed or chosen; empty if nothing was.
    Text(String),
    /// A check box or radio button.
    Checked(bool),
}

/// A part of the page that was seen but not read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unread {
    /// Where it is.
    pub bbox: BBox,
    /// Why it was not read.
    pub why: WhyUnread,
}

/// Why a part of a page was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyUnread {
    /// It is written by hand.
    Handwriting,
    /// It is a picture that is damaged or not in the file, is stored in a way that cannot be decoded, or has more pixels
    /// than are read.
    DamagedPicture,
}

/// What language a page is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// As Tesseract names its models: `eng`, `deu`; `script/Cyrillic` where only the script is certain.
    pub model: String,
    /// What it is called in English: `German`; `Cyrillic script`.
    pub name: String,
    /// Why the page was recognised without that model, if it was. What it says may then be misread.
    pub missing: Option<Missing>,
}

impl Language {
    /// That of text that did not need to be recognised, or was with this model.
    pub(crate) fn sound(model: &str) -> Self {
        Self { model: model.to_owned(), name: language::name(model), missing: None }
    }
}

/// Why a page was recognised without the model of its language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The model is installed, and was not chosen.
    NotChosen,
    /// The model is not installed.
    NotInstalled {
        /// The Debian package that brings it.
        package: String,
    },
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
    /// The form fields, in the file's order.
    pub fields: Vec<Field>,
    /// What was seen but not read.
    pub unread: Vec<Unread>,
    /// Its language, if there is enough text to tell.
    pub language: Option<Language>,
}

impl Page {
    /// A page with these lines and nothing else.
    #[must_use]
    pub fn new(number: u32, width: f32, height: f32, how: HowRead, lines: Vec<Line>) -> Self {
        Self { number, width, height, how, lines, fields: Vec::new(), unread: Vec::new(), language: None }
    }

    /// The page's text: its lines, separated by line feeds.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(Line::text).collect();
        lines.join("\n")
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
