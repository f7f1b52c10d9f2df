//! An index of the words of all pages, in which quotes are looked up.

use std::{
    collections::HashMap,
    ops::{Range, RangeInclusive},
};

use maneiro_api::analysis::Citation;
use maneiro_page::{BBox, Page};

use crate::{
    lexicon::is_term_word,
    text::{Token, TokenKind, fold, is_negation, is_same_word, tokenise},
};

/// Longest quote that is looked up. A page of dense print has about 1,500 words.
const MAX_QUOTE_TOKENS: usize = 2_000;

/// Quotes of at most this length are looked for at more than one place.
const MAX_REPEATED_TOKENS: usize = 4;
const MAX_PLACES: usize = 8;

/// Words that deny what follows them directly.
const DENIALS: [&str; 6] = ["no", "not", "denies", "denied", "without", "never"];

/// A token of the page.
struct IndexedToken {
    token: Token,
    /// The positions of its words: one, or two that are hyphenated.
    words: RangeInclusive<usize>,
}

/// A word of the page.
struct IndexedWord {
    line: usize,
    bbox: BBox,
    confidence: u8,
    /// Whether it ends a sentence, clause or list item, or is a bullet.
    ends_clause: bool,
}

/// A page, prepared for lookups.
pub(super) struct PageIndex {
    /// In reading order.
    words: Vec<IndexedWord>,
    /// The text with hyphenated words joined. If there are any, also the text as it is printed: a quote may end at the
    /// hyphen.
    texts: Vec<TokenIndex>,
}

/// The tokens of a text.
#[derive(Default)]
struct TokenIndex {
    /// In reading order.
    tokens: Vec<IndexedToken>,
    /// The positions of each key, in reading order.
    positions: HashMap<String, Vec<usize>>,
}

impl TokenIndex {
    /// Adds the tokens of a text. `words_at` returns the words at a byte range of it.
    fn add(&mut self, text: &str, words_at: impl Fn(Range<usize>) -> Option<RangeInclusive<usize>>) {
        for token in tokenise(text) {
            if let Some(words) = words_at(token.range.clone()) {
                self.positions.entry(token.key.clone()).or_default().push(self.tokens.len());
                self.tokens.push(IndexedToken { token, words });
            }
        }
    }

    /// The runs of tokens that match the quote.
    fn find_runs(&self, quote: &[Token]) -> impl Iterator<Item = Range<usize>> {
        self.candidate_starts(quote).filter_map(|start| Some(start..self.match_run(quote, start)?))
    }

    /// Where the quote may begin: first by the positions of its rarest token, then everywhere, since that token may be
    /// misread and a split word shifts the positions.
    fn candidate_starts(&self, quote: &[Token]) -> impl Iterator<Item = usize> {
        let likely: Vec<usize> = quote
            .iter()
            .enumerate()
            .filter_map(|(at, token)| Some((at, self.positions.get(&token.key)?)))
            .min_by_key(|(_, positions)| positions.len())
            .map(|(at, positions)| positions.iter().filter_map(|position| position.checked_sub(at)).collect())
            .unwrap_or_default();
        let all = 0..self.tokens.len();
        // Only if no likely place is one, so that places do not come twice.
        let rest = likely.is_empty() || !likely.iter().any(|&start| self.match_run(quote, start).is_some());
        likely.into_iter().chain(all.filter(move |_| rest))
    }

    /// Matches the quote from a position on. Returns the position after its last token.
    fn match_run(&self, quote: &[Token], start: usize) -> Option<usize> {
        let (mut in_quote, mut on_page) = (0, start);
        while in_quote < quote.len() {
            let token = &self.tokens.get(on_page)?.token;
            if is_same_word(&quote[in_quote], token, is_term_word) {
                in_quote += 1;
                on_page += 1;
            } else if let Some(parts) = self.count_parts(&quote[in_quote], on_page) {
                in_quote += 1;
                on_page += parts;
            } else if quote
                .get(in_quote + 1)
                .is_some_and(|next| is_concatenation(&[&quote[in_quote], next], token))
            {
                in_quote += 2;
                on_page += 1;
            } else {
                return None;
            }
        }
        Some(on_page)
    }

    /// The number of tokens from a position on that make up one token of the quote: a word that is split on the page.
    fn count_parts(&self, whole: &Token, start: usize) -> Option<usize> {
        (2..=3).find(|&count| {
            self.tokens.get(start..start + count).is_some_and(|tokens| {
                is_concatenation(&tokens.iter().map(|indexed| &indexed.token).collect::<Vec<_>>(), whole)
            })
        })
    }
}

impl PageIndex {
    pub(super) fn new(page: &Page) -> Self {
        let (mut words, mut first_words) = (Vec::new(), Vec::new());
        for (at, line) in page.lines.iter().enumerate() {
            first_words.push(words.len());
            words.extend(line.words.iter().map(|word| IndexedWord {
                line: at,
                bbox: word.bbox,
                confidence: word.confidence,
                ends_clause: word.text.ends_with(['.', ';', ':', '?', '!', ')', '•']),
            }));
        }
        let (search, mut joined) = (page.search_text(), TokenIndex::default());
        joined.add(search.as_str(), |range| {
            let mut words = search.words(range).map(|(line, word)| first_words[line] + word);
            let first = words.next()?;
            Some(first..=words.last().unwrap_or(first))
        });
        let mut texts = vec![joined];
        if page.lines.iter().any(|line| line.hyphen.is_some()) {
            let mut printed = TokenIndex::default();
            page.words().enumerate().for_each(|(at, word)| printed.add(&word.text, |_| Some(at..=at)));
            texts.push(printed);
        }
        Self { words, texts }
    }

    /// Looks up a citation, and sets its boxes and confidence if it is found. Returns the words of each place where it
    /// stands; those that directly follow a denial only if it is no quote of an affirmation.
    pub(super) fn locate(&self, citation: &mut Citation, is_affirmation: bool) -> Vec<RangeInclusive<usize>> {
        let places = self.find(&citation.quote, is_affirmation);
        if let Some(first) = places.first() {
            (citation.boxes, citation.confidence) = self.boxes_and_confidence(first.clone());
        }
        places
    }

    fn find(&self, quote: &str, is_affirmation: bool) -> Vec<RangeInclusive<usize>> {
        let quote = tokenise(quote);
        if quote.is_empty() || quote.len() > MAX_QUOTE_TOKENS {
            return Vec::new();
        }
        // A long quote stands at one place; a short one may be a word that a page has often.
        let count = if quote.len() > MAX_REPEATED_TOKENS { 1 } else { MAX_PLACES };
        let in_text = |text: &TokenIndex| -> Vec<RangeInclusive<usize>> {
            text.find_runs(&quote)
                .filter(|run| !(is_affirmation && self.is_denied(text, run.start)))
                .map(|run| *text.tokens[run.start].words.start()..=*text.tokens[run.end - 1].words.end())
                .take(count)
                .collect()
        };
        self.texts.iter().map(in_text).find(|places| !places.is_empty()).unwrap_or_default()
    }

    /// Whether the word before a position, in the same line and clause, denies what follows.
    fn is_denied(&self, text: &TokenIndex, start: usize) -> bool {
        start.checked_sub(1).is_some_and(|before| {
            let (before, first) = (&text.tokens[before], &text.tokens[start]);
            let (from, to) = (*before.words.end(), *first.words.start());
            self.words[from].line == self.words[to].line
                && self.words[from..to].iter().all(|word| !word.ends_clause)
                && DENIALS.iter().any(|denial| fold(denial) == before.token.key)
        })
    }

    /// One box per line, and the mean confidence.
    fn boxes_and_confidence(&self, words: RangeInclusive<usize>) -> (Vec<BBox>, Option<u8>) {
        let words = &self.words[words];
        let mut boxes: Vec<BBox> = Vec::new();
        let mut line = None;
        let mut sum = 0_usize;
        for word in words {
            sum += usize::from(word.confidence);
            match boxes.last_mut() {
                Some(bbox) if line == Some(word.line) => *bbox = union(*bbox, word.bbox),
                Some(_) | None => boxes.push(word.bbox),
            }
            line = Some(word.line);
        }
        (boxes, u8::try_from(sum / words.len()).ok())
    }
}

/// Whether the parts, written together, are the whole word. Numbers and negations are never parts.
fn is_concatenation(parts: &[&Token], whole: &Token) -> bool {
    whole.kind == TokenKind::Word
        && parts.iter().all(|part| part.kind == TokenKind::Word && !is_negation(&part.key))
        && parts.iter().map(|part| part.key.as_str()).collect::<String>() == whole.key
}

fn union(a: BBox, b: BBox) -> BBox {
    BBox { x0: a.x0.min(b.x0), y0: a.y0.min(b.y0), x1: a.x1.max(b.x1), y1: a.y1.max(b.y1) }
}
