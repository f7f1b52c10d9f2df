//! A word in the form in which two pages are compared.

use maneiro_page::{BBox, Page, Word};

/// Words of at least this OCR confidence are taken as read correctly.
const SURE_CONFIDENCE_PERCENT: u8 = 85;
/// Numbers of at least this: if a value differs, it is more likely another value than misread.
const SURE_NUMBER_CONFIDENCE_PERCENT: u8 = 50;
/// In this share of the page height at the top and bottom, fax machines and stamps add lines.
const EDGE_ZONE_RATIO: f32 = 0.07;

#[derive(Debug, Clone)]
pub(super) struct ComparedWord {
    /// The letters and digits in lower case, with those that OCR confuses made equal.
    pub(super) key: String,
    /// The text as written, without punctuation around it, if it contains a digit.
    pub(super) number: Option<String>,
    confidence: u8,
    /// Whether it is where fax machines and stamps add lines.
    pub(super) is_at_edge: bool,
    pub(super) bbox: BBox,
}

impl ComparedWord {
    /// The words of a page that contain a letter or a digit.
    pub(super) fn all_from_page(page: &Page) -> Vec<ComparedWord> {
        page.words().filter_map(|word| ComparedWord::from_word(word, page)).collect()
    }

    fn from_word(word: &Word, page: &Page) -> Option<ComparedWord> {
        let trimmed = word.text.trim_matches(|char: char| !char.is_alphanumeric());
        let key: String =
            trimmed.chars().filter(|char| char.is_alphanumeric()).flat_map(fold_confusable).collect();
        if key.is_empty() {
            return None;
        }
        let is_number = trimmed.chars().any(|char| char.is_ascii_digit());
        let (_, y) = word.bbox.center();
        let is_at_edge = y < EDGE_ZONE_RATIO * page.height || y > (1.0 - EDGE_ZONE_RATIO) * page.height;
        let number = is_number.then(|| trimmed.to_owned());
        Some(ComparedWord { key, number, confidence: word.confidence, is_at_edge, bbox: word.bbox })
    }

    pub(super) fn key_chars(&self) -> usize {
        self.key.chars().count()
    }

    /// Whether its confidence is high enough to take it as read correctly.
    pub(super) fn is_sure(&self) -> bool {
        self.confidence
            >= if self.is_number() { SURE_NUMBER_CONFIDENCE_PERCENT } else { SURE_CONFIDENCE_PERCENT }
    }

    pub(super) fn is_number(&self) -> bool {
        self.number.is_some()
    }
}

/// The character in lower case, and as the digit that OCR confuses it with.
fn fold_confusable(char: char) -> impl Iterator<Item = char> {
    char.to_lowercase().map(|char| match char {
        'o' => '0',
        'l' | 'i' | '|' => '1',
        other => other,
    })
}
