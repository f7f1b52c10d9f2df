//! The text of a page for searching.

use std::ops::Range;

use crate::line::Line;

/// A page's text for searching: words broken at a line end are whole, and lines are separated by single spaces. A byte range
/// of the text leads back to the words of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchText {
    text: String,
    /// The byte range of each word in the text, and its (line, word) index on the page; in order.
    ranges: Vec<(Range<usize>, (usize, usize))>,
}

impl SearchText {
    pub(crate) fn from_lines(lines: &[Line]) -> Self {
        let mut search = Self::default();
        let mut is_joined = true;
        for (row, line) in lines.iter().enumerate() {
            for (column, word) in line.words.iter().enumerate() {
                if !is_joined {
                    search.text.push(' ');
                }
                let continues = line.hyphen.filter(|_| column + 1 == line.words.len());
                let start = search.text.len();
                search.text.push_str(&word.text);
                if let Some(hyphen) = continues {
                    hyphen.resolve(&mut search.text);
                }
                is_joined = continues.is_some();
                search.ranges.push((start..search.text.len(), (row, column)));
            }
        }
        search
    }

    /// The text, in reading order, with a space between any two words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The words that these bytes of the text overlap, in order, as (index of the line on the page, index in the line).
    pub fn words(&self, bytes: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
        let first = self.ranges.partition_point(|(range, _)| range.end <= bytes.start);
        let touched = self.ranges[first..].iter().take_while(move |(range, _)| range.start < bytes.end);
        touched.map(|(_, word)| *word)
    }
}
