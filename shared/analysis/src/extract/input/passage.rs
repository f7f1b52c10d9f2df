//! A passage: a sentence or a list entry with its section, its date and its words on the page, so that whatever is found
//! in it can be quoted word for word.

use std::{borrow::Cow, cell::Cell, ops::Range, sync::OnceLock};

use maneiro_api::analysis::Citation;
use maneiro_page::{Hyphen, Word};
use time::Date;

use super::{forms::FormAnswer, sections::Section, tables::ColumnRole};
use crate::{
    SourcePage,
    dates::{DateMatch, DateOrder, find_dates},
    lexicon::{TriggerMatch, WordToken, find_triggers, word_tokens},
    text,
};

/// A sentence or a list entry.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    /// Index of the page in the record.
    pub(crate) page: usize,
    pub(crate) section: Section,
    /// Whether the day or the month comes first in its dates.
    pub(crate) date_order: DateOrder,
    /// The date of the encounter that the page documents, if it has one.
    pub(crate) encounter_date: Option<Date>,
    /// The words with one space between them. Hyphenated words are joined.
    pub(crate) text: String,
    /// The words of `text`.
    pub(crate) tokens: Vec<WordToken>,
    /// Whether it is the first passage of its list entry or paragraph.
    pub(crate) starts_block: bool,
    /// The marker of the list entry that it is in.
    pub(crate) list_marker: Option<ListMarker>,
    /// The cells of a row of a table with a head.
    pub(crate) cells: Vec<GridCell>,
    /// What a form answers about the item that it names.
    pub(crate) answer: Option<FormAnswer>,
    /// Whether it is a heading or title, which states nothing.
    pub(crate) is_head: bool,
    /// Whether it is the head of a table.
    pub(crate) is_table_head: bool,
    /// Whether it is the first of an encounter.
    pub(crate) starts_encounter: bool,
    /// Whether list entries follow that are about it.
    pub(crate) precedes_list: bool,
    word_spans: Vec<WordSpan>,
    triggers: OnceLock<Vec<TriggerMatch>>,
    is_cited: Cell<bool>,
}

/// A cell of a row.
#[derive(Debug, Clone)]
pub(crate) struct GridCell {
    pub(crate) role: ColumnRole,
    /// The day of its column.
    pub(crate) date: Option<Date>,
    /// The title of its column.
    pub(crate) title: String,
    /// Byte range in the text of the passage.
    pub(crate) range: Range<usize>,
}

/// What a list entry begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListMarker {
    Bullet,
    Number,
    /// `#` before a problem of the author's own list.
    Problem,
}

/// A word of the page, before its passage is known.
#[derive(Clone)]
pub(super) struct PageWord {
    pub(super) text: String,
    /// Position among the page's words, in reading order.
    pub(super) index: usize,
    /// The hyphen that continues it in the next word, on the next line.
    pub(super) hyphen: Option<Hyphen>,
}

/// A word of the page in the text of a passage.
#[derive(Debug, Clone)]
struct WordSpan {
    range: Range<usize>,
    /// Position among the page's words, in reading order.
    word: usize,
}

/// Longer passages are quoted in part, so that a quote can be read at a glance.
const MAX_QUOTE_BYTES: usize = 320;

impl Passage {
    pub(super) fn new(
        page: usize,
        section: Section,
        encounter_date: Option<Date>,
        words: &[PageWord],
        starts_block: bool,
        list_marker: Option<ListMarker>,
    ) -> Self {
        let mut text = String::new();
        let mut word_spans: Vec<WordSpan> = Vec::new();
        let mut continues_word = false;
        for (at, word) in words.iter().enumerate() {
            if at > 0 && !continues_word {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(&word.text);
            let hyphen = word.hyphen.filter(|_| at + 1 < words.len());
            if let Some(hyphen) = hyphen {
                hyphen.resolve(&mut text);
            }
            continues_word = hyphen.is_some();
            word_spans.push(WordSpan { range: start..text.len(), word: word.index });
        }
        let tokens = word_tokens(&text);
        Self {
            page,
            section,
            date_order: DateOrder::default(),
            encounter_date,
            text,
            tokens,
            starts_block,
            list_marker,
            cells: Vec::new(),
            answer: None,
            is_head: false,
            precedes_list: false,
            is_table_head: false,
            starts_encounter: false,
            word_spans,
            triggers: OnceLock::new(),
            is_cited: Cell::new(false),
        }
    }

    /// The full dates in the text.
    pub(crate) fn dates(&self) -> Vec<DateMatch> {
        find_dates(&self.text, self.date_order)
    }

    /// Whether a part of it was cited.
    pub(crate) fn is_cited(&self) -> bool {
        self.is_cited.get()
    }

    /// Positions of its words among the page's words.
    pub(crate) fn page_words(&self) -> impl Iterator<Item = usize> {
        self.word_spans.iter().map(|span| span.word)
    }

    /// The text of some of the words that it was made from.
    pub(super) fn range_of_words(&self, words: Range<usize>) -> Range<usize> {
        let start = self.word_spans.get(words.start).map_or(self.text.len(), |span| span.range.start);
        let end = self.word_spans[..words.end.min(self.word_spans.len())]
            .last()
            .map_or(start, |span| span.range.end);
        start..end.max(start)
    }

    /// The text of the first cell of a column.
    pub(crate) fn cell(&self, role: ColumnRole) -> Option<&str> {
        self.cells.iter().find(|cell| cell.role == role).map(|cell| self.text[cell.range.clone()].trim())
    }

    /// The range of the whole text.
    pub(crate) fn range(&self) -> Range<usize> {
        0..self.text.len()
    }

    /// The triggers of ConText in the text, found when they are first asked for.
    pub(crate) fn triggers(&self) -> &[TriggerMatch] {
        self.triggers.get_or_init(|| find_triggers(&self.tokens))
    }

    /// The words of a part of the text.
    pub(crate) fn tokens_in(&self, range: Range<usize>) -> Cow<'_, [WordToken]> {
        let first = self.tokens.partition_point(|token| token.range.start < range.start);
        let end = self.tokens.partition_point(|token| token.range.end <= range.end).max(first);
        let splits_first = first > 0 && self.tokens[first - 1].range.end > range.start;
        let splits_last = self.tokens.get(end).is_some_and(|token| token.range.start < range.end);
        if splits_first || splits_last {
            return Cow::Owned(word_tokens(&self.text[range]));
        }
        Cow::Borrowed(&self.tokens[first..end])
    }

    /// Cites the words that the range touches, and a negation directly before them, without which they would say the
    /// opposite.
    pub(crate) fn cite(&self, source: &SourcePage, range: &Range<usize>) -> Citation {
        self.is_cited.set(true);
        let words: Vec<&Word> = source.page.words().collect();
        let mut range = range.clone();
        while let Some(before) = self.word_spans.iter().rev().find(|span| span.range.end <= range.start) {
            let is_negation = text::tokenise(&words[before.word].text)
                .last()
                .is_some_and(|token| text::is_negation(&token.key));
            if !is_negation {
                break;
            }
            range.start = before.range.start;
        }
        Citation {
            document: source.document,
            page: source.page.number,
            quote: self.quote(&words, &range),
            boxes: Vec::new(),
            confidence: None,
        }
    }

    /// Cites the whole passage, or the words around the range if it is long.
    pub(crate) fn cite_with_context(&self, source: &SourcePage, range: &Range<usize>) -> Citation {
        if self.text.len() <= MAX_QUOTE_BYTES {
            return self.cite(source, &self.range());
        }
        let margin = MAX_QUOTE_BYTES / 2;
        self.cite(source, &(range.start.saturating_sub(margin)..range.end + margin))
    }

    /// The shortest run of the page's words that holds all those that the range touches. If a cell is continued on the
    /// next line, the run includes the cells beside it.
    fn quote(&self, words: &[&Word], range: &Range<usize>) -> String {
        let touched = self
            .word_spans
            .iter()
            .filter(|span| span.range.start < range.end && span.range.end > range.start)
            .map(|span| span.word);
        let (Some(first), Some(last)) = (touched.clone().min(), touched.max()) else { return String::new() };
        let run: Vec<&str> = words[first..=last].iter().map(|word| word.text.as_str()).collect();
        run.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_a_range_are_those_of_its_text() {
        let words: Vec<PageWord> = ["stopped|today,", "no", "longer", "taken"]
            .into_iter()
            .enumerate()
            .map(|(index, text)| PageWord { text: text.to_owned(), index, hyphen: None })
            .collect();
        let passage = Passage::new(0, Section::Hpi, None, &words, true, None);
        let ranges = (0..=passage.text.len())
            .flat_map(|start| (start..=passage.text.len()).map(move |end| start..end));
        for range in ranges {
            let keys = |tokens: &[WordToken]| -> Vec<String> {
                tokens.iter().map(|token| token.key.clone()).collect()
            };
            let expected = word_tokens(&passage.text[range.clone()]);
            assert_eq!(keys(&passage.tokens_in(range.clone())), keys(&expected), "{range:?}");
        }
    }
}
