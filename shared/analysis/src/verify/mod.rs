//! Looks quotes up on the pages they name. Forgives reading noise, never a changed number or a lost negation.

use std::{
    collections::HashMap,
    ops::{Range, RangeInclusive},
};

use maneiro_api::{
    DocumentId,
    analysis::{Assertion, Citation, Findings},
};
use maneiro_page::{BBox, Page, TextSource};

use crate::{
    SourcePage, lexicon,
    text::{self, Kind, Token},
};

/// Longest quote that is looked up, in tokens. A page of dense print has about 1,500 words.
const MAX_QUOTE_TOKENS: usize = 2_000;

/// Looks up every quote on the page it names; sets boxes, confidence and `verified`.
///
/// A quote is found if its words stand on the page in one run, across line breaks, but for what optical readers
/// confuse: case, ligatures, hyphenation, `0`/`O`, `1`/`l`/`I`, `rn`/`m`, lost punctuation, a blank too many or
/// too few, one slip in a longer word. Numbers and negations must be the same. A quote that begins right after
/// the negation it belongs to does not support a statement that something is so.
///
/// A page that repeats an earlier one is looked up there: the two are the same print.
pub fn verify(findings: &mut Findings, pages: &[SourcePage]) {
    let index = Index::new(pages);
    for citation in &mut findings.patient.citations {
        index.locate(citation, false);
    }
    for statement in findings.statements_mut() {
        let affirms = match statement.assertion {
            Assertion::Present => true,
            Assertion::Negated | Assertion::Possible | Assertion::Family | Assertion::Historical => false,
        };
        let mut found = 0;
        for citation in &mut statement.citations {
            if index.locate(citation, affirms) {
                found += 1;
            }
        }
        statement.verified = found > 0 && found == statement.citations.len();
    }
}

/// All pages, prepared for look-ups.
struct Index {
    pages: HashMap<(DocumentId, u32), PageIndex>,
}

impl Index {
    fn new(pages: &[SourcePage]) -> Self {
        Self {
            pages: pages
                .iter()
                .map(|source| ((source.document, source.page.number), PageIndex::new(&source.page)))
                .collect(),
        }
    }

    /// Sets the citation's boxes and confidence; says whether it was found.
    fn locate(&self, citation: &mut Citation, affirms: bool) -> bool {
        citation.boxes.clear();
        citation.confidence = None;
        let page = match self.pages.get(&(citation.document, citation.page)) {
            Some(PageIndex { repeats: Some(of), .. }) => self.pages.get(&(citation.document, *of)),
            page => page,
        };
        let Some((page, run)) = page.and_then(|page| Some((page, page.find(&citation.quote, affirms)?)))
        else {
            return false;
        };
        (citation.boxes, citation.confidence) = page.outline(run);
        true
    }
}

/// Where a token of the page stands.
struct Place {
    token: Token,
    /// The words that it is of: one, or two that a line's end parts.
    words: RangeInclusive<usize>,
}

/// A word with its line, in reading order.
struct Spot {
    line: usize,
    bbox: BBox,
    confidence: u8,
    /// A sentence, clause or list item ends with it, or the next begins with it, as a bullet does.
    ends: bool,
}

struct PageIndex {
    repeats: Option<u32>,
    spots: Vec<Spot>,
    /// The page's text with words whole that lines break; if there are such, also as it is shown: a quote may end
    /// where a line does, within a word.
    texts: Vec<Tokens>,
}

/// A text of the page, in tokens.
#[derive(Default)]
struct Tokens {
    places: Vec<Place>,
    /// The places of each key, in reading order.
    by_key: HashMap<String, Vec<usize>>,
}

impl Tokens {
    /// Adds the tokens of a text, each with the words that `words` finds where it stands.
    fn add(&mut self, text: &str, words: impl Fn(Range<usize>) -> Option<RangeInclusive<usize>>) {
        for token in text::tokenise(text) {
            if let Some(words) = words(token.range.clone()) {
                self.by_key.entry(token.key.clone()).or_default().push(self.places.len());
                self.places.push(Place { token, words });
            }
        }
    }

    /// The runs of places that the quote matches.
    fn runs(&self, quote: &[Token]) -> impl Iterator<Item = Range<usize>> {
        self.starts(quote).filter_map(|start| Some(start..self.run(quote, start)?))
    }

    /// Where the quote may begin: first where its rarest token says, then everywhere, since that very token may
    /// be misread and a broken word shifts the count.
    fn starts(&self, quote: &[Token]) -> impl Iterator<Item = usize> {
        let likely: Vec<usize> = quote
            .iter()
            .enumerate()
            .filter_map(|(at, token)| Some((at, self.by_key.get(&token.key)?)))
            .min_by_key(|(_, places)| places.len())
            .map(|(at, places)| places.iter().filter_map(|place| place.checked_sub(at)).collect())
            .unwrap_or_default();
        likely.into_iter().chain(0..self.places.len())
    }

    /// Follows the quote from a place on; gives the place after its last token.
    fn run(&self, quote: &[Token], start: usize) -> Option<usize> {
        let known = |key: &str| lexicon::is_term(key);
        let (mut q, mut p) = (0, start);
        while q < quote.len() {
            let place = &self.places.get(p)?.token;
            if text::same(&quote[q], place, known) {
                q += 1;
                p += 1;
            } else if let Some(pieces) = self.joined(&quote[q], p) {
                q += 1;
                p += pieces;
            } else if quote.get(q + 1).is_some_and(|next| joins(&[&quote[q], next], place)) {
                q += 2;
                p += 1;
            } else {
                return None;
            }
        }
        Some(p)
    }

    /// How many places from `p` on make up one token of the quote: a word that the page breaks.
    fn joined(&self, whole: &Token, p: usize) -> Option<usize> {
        (2..=3).find(|&pieces| {
            self.places.get(p..p + pieces).is_some_and(|places| {
                joins(&places.iter().map(|place| &place.token).collect::<Vec<_>>(), whole)
            })
        })
    }
}

impl PageIndex {
    fn new(page: &Page) -> Self {
        let repeats = match page.text_source {
            TextSource::Duplicate { duplicate_of } => Some(duplicate_of),
            TextSource::TextLayer
            | TextSource::Ocr { .. }
            | TextSource::Mixed { .. }
            | TextSource::Blank
            | TextSource::Unreadable { .. } => None,
        };
        let (mut spots, mut firsts) = (Vec::new(), Vec::new());
        for (line, words) in page.lines.iter().enumerate() {
            firsts.push(spots.len());
            spots.extend(words.words.iter().map(|word| Spot {
                line,
                bbox: word.bbox,
                confidence: word.confidence,
                ends: word.text.ends_with(['.', ';', ':', '?', '!', ')', '•']),
            }));
        }
        let (search, mut whole) = (page.search_text(), Tokens::default());
        whole.add(search.as_str(), |token| {
            let mut words = search.words(token).map(|(line, word)| firsts[line] + word);
            let first = words.next()?;
            Some(first..=words.last().unwrap_or(first))
        });
        let mut texts = vec![whole];
        if page.lines.iter().any(|line| line.hyphen.is_some()) {
            let mut shown = Tokens::default();
            page.words().enumerate().for_each(|(at, word)| shown.add(&word.text, |_| Some(at..=at)));
            texts.push(shown);
        }
        Self { repeats, spots, texts }
    }

    /// The words of the run that the quote matches.
    fn find(&self, quote: &str, affirms: bool) -> Option<RangeInclusive<usize>> {
        let quote = text::tokenise(quote);
        if quote.is_empty() || quote.len() > MAX_QUOTE_TOKENS {
            return None;
        }
        self.texts.iter().find_map(|text| {
            let run = text.runs(&quote).find(|run| !(affirms && self.is_denied(text, run.start)))?;
            Some(*text.places[run.start].words.start()..=*text.places[run.end - 1].words.end())
        })
    }

    /// Whether the word before this place, on the same line, denies what follows.
    fn is_denied(&self, text: &Tokens, start: usize) -> bool {
        start.checked_sub(1).is_some_and(|before| {
            let (before, first) = (&text.places[before], &text.places[start]);
            let (from, to) = (*before.words.end(), *first.words.start());
            self.spots[from].line == self.spots[to].line
                && self.spots[from..to].iter().all(|spot| !spot.ends)
                && ["no", "not", "denies", "denied", "without", "never"]
                    .iter()
                    .any(|word| text::fold(word) == before.token.key)
        })
    }

    /// One box per line, and the mean confidence of the words.
    fn outline(&self, words: RangeInclusive<usize>) -> (Vec<BBox>, Option<u8>) {
        let spots = &self.spots[words];
        let mut boxes: Vec<BBox> = Vec::new();
        let mut line = None;
        let mut sum = 0_usize;
        for spot in spots {
            sum += usize::from(spot.confidence);
            match boxes.last_mut() {
                Some(bbox) if line == Some(spot.line) => *bbox = union(*bbox, spot.bbox),
                Some(_) | None => boxes.push(spot.bbox),
            }
            line = Some(spot.line);
        }
        (boxes, u8::try_from(sum / spots.len()).ok())
    }
}

/// Whether the pieces, written together, are the whole. Numbers and negations are never pieces.
fn joins(pieces: &[&Token], whole: &Token) -> bool {
    whole.kind == Kind::Word
        && pieces.iter().all(|piece| piece.kind == Kind::Word && !text::is_negation(&piece.key))
        && {
            let together: String = pieces.iter().map(|piece| piece.key.as_str()).collect();
            together == whole.key
        }
}

fn union(a: BBox, b: BBox) -> BBox {
    BBox { x0: a.x0.min(b.x0), y0: a.y0.min(b.y0), x1: a.x1.max(b.x1), y1: a.y1.max(b.y1) }
}

#[cfg(test)]
mod tests {
    use maneiro_api::analysis::Statement;
    use maneiro_page::Hyphen;

    use super::*;
    use crate::testing::{document, empty, page};

    fn cited(page: u32, quote: &str) -> Citation {
        Citation { document: document(1), page, quote: quote.to_owned(), boxes: Vec::new(), confidence: None }
    }

    fn verified(assertion: Assertion, citations: Vec<Citation>, pages: &[SourcePage]) -> Statement {
        let statement = Statement { text: "said".to_owned(), assertion, citations, verified: true };
        let mut findings = Findings { conflicts: vec![statement], ..Findings::default() };
        verify(&mut findings, pages);
        findings.conflicts.remove(0)
    }

    fn found(text: &str, quote: &str) -> bool {
        verified(Assertion::Present, vec![cited(1, quote)], &[page(1, text)]).verified
    }

    #[test]
    fn a_quote_is_found_through_reading_noise() {
        for (text, quote) in [
            ("Metformin 500 mg PO BID", "Metformin 500 mg PO BID"),
            ("METFORMlN 5OO rng P0 B1D", "Metformin 500 rng PO BID"),
            ("history of hyper-\ntension since 2012", "history of hypertension since 2012"),
            ("chest pain on\nexertion only", "chest pain on exertion"),
            ("Lisin opril 10 mg daily", "Lisinopril 10 mg daily"),
            ("Lisinopril10 mg daily", "Lisinopril10 mg daily"),
            ("reﬂux disease, controlled", "reflux disease controlled"),
            ("Allergies: Penicillin (hives)", "allergies penicillin hives"),
            ("The patient has hypertensian", "The patient has hypertension"),
        ] {
            assert!(found(text, quote), "{quote:?} in {text:?}");
        }
    }

    #[test]
    fn a_quote_that_says_something_else_is_not_found() {
        for (text, quote) in [
            ("Metformin 500 mg PO BID", "Metformin 850 mg PO BID"),
            ("Metformin 500 mg PO BID", "Metformin 50 mg PO BID"),
            ("Potassium 4.5 mmol/L", "Potassium 45 mmol/L"),
            ("seen on 03/12/2024", "seen on 03/13/2024"),
            ("There is no evidence of fracture", "There is evidence of fracture"),
            ("There is evidence of fracture", "There is no evidence of fracture"),
            ("not able to walk", "notable to walk"),
            ("history of hypotension", "history of hypertension"),
            ("left knee pain", "right knee pain"),
            ("left knee pain", "left shoulder pain"),
            ("anything", ""),
            ("anything", "..."),
            ("", "anything"),
        ] {
            assert!(!found(text, quote), "{quote:?} in {text:?}");
        }
    }

    #[test]
    fn words_cut_from_their_negation_support_no_affirmation() {
        let pages = [page(1, "Patient denies chest pain. No pneumonia on film.")];
        let pneumonia = || vec![cited(1, "pneumonia on film")];
        assert!(!verified(Assertion::Present, pneumonia(), &pages).verified);
        assert!(verified(Assertion::Negated, pneumonia(), &pages).verified);
        assert!(verified(Assertion::Present, vec![cited(1, "No pneumonia on film")], &pages).verified);
        let pages = [page(1, "Walks or not. Pneumonia on film.")];
        assert!(verified(Assertion::Present, vec![cited(1, "Pneumonia on film")], &pages).verified);
        let pages = [page(1, "Fever: no • Pneumonia on film")];
        assert!(verified(Assertion::Present, vec![cited(1, "Pneumonia on film")], &pages).verified);
    }

    #[test]
    fn a_quote_over_two_lines_has_a_box_for_each() {
        let statement = verified(
            Assertion::Present,
            vec![cited(1, "pain on exertion")],
            &[page(1, "has chest pain on\nexertion only")],
        );
        let boxes = &statement.citations[0].boxes;
        assert_eq!(boxes.len(), 2);
        assert!(boxes[0].y1 < boxes[1].y0 && boxes[0].x0 > boxes[1].x0);
        assert_eq!(statement.citations[0].confidence, Some(90));
    }

    #[test]
    fn a_word_that_a_line_breaks_is_looked_up_whole_and_outlined_in_both_parts() {
        let mut source = page(1, "known hyper-\ntensian and long-\nterm care, not-\nable gains");
        source.page.lines[0].hyphen = Some(Hyphen::Soft);
        source.page.lines[1].hyphen = Some(Hyphen::Hard);
        let pages = [source];
        for (quote, lines) in [
            ("known hypertension", 2),
            ("hyper- tensian and", 2),
            ("long-term care", 2),
            ("long- term care", 2),
            ("known hyper-", 1),
            ("tensian and long-", 1),
        ] {
            let statement = verified(Assertion::Present, vec![cited(1, quote)], &pages);
            assert!(statement.verified, "{quote}");
            assert_eq!(statement.citations[0].boxes.len(), lines, "{quote}");
        }
        let statement = verified(Assertion::Present, vec![cited(1, "notable gains")], &pages);
        assert!(!statement.verified, "that line's hyphen breaks no word");
    }

    #[test]
    fn a_quote_is_looked_up_on_its_own_page_only() {
        let pages = [page(1, "Metformin 500 mg"), page(2, "Lisinopril 10 mg")];
        assert!(!verified(Assertion::Present, vec![cited(2, "Metformin 500 mg")], &pages).verified);
        assert!(!verified(Assertion::Present, vec![cited(9, "Metformin 500 mg")], &pages).verified);
    }

    #[test]
    fn one_quote_that_is_missing_leaves_the_statement_unverified() {
        let pages = [page(1, "Metformin 500 mg")];
        let both = vec![cited(1, "Metformin 500 mg"), cited(1, "Metformin 1000 mg")];
        let statement = verified(Assertion::Present, both, &pages);
        assert!(!statement.verified);
        assert_eq!(statement.citations[0].boxes.len(), 1);
        assert!(statement.citations[1].boxes.is_empty());
        assert!(!verified(Assertion::Present, Vec::new(), &pages).verified);
    }

    #[test]
    fn a_repeat_is_looked_up_on_the_page_it_repeats() {
        let pages = [page(1, "Metformin 500 mg"), empty(2, TextSource::Duplicate { duplicate_of: 1 })];
        assert!(verified(Assertion::Present, vec![cited(2, "Metformin 500 mg")], &pages).verified);
    }

    #[test]
    fn the_occurrence_that_is_not_denied_is_the_one_that_counts() {
        let pages = [page(1, "No pneumonia on the left.\nShe has pneumonia on the right.")];
        let statement = verified(Assertion::Present, vec![cited(1, "pneumonia on the")], &pages);
        assert!(statement.verified);
        assert!(statement.citations[0].boxes[0].y0 > 40.0);
    }
}
