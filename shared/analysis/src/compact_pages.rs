//! The pages of a record in about a fifth of their memory, for what needs them again after all have been taken: the prompts of
//! the language model and the verification of quotes.

use std::collections::HashMap;

use maneiro_api::DocumentId;
use maneiro_page::{BBox, Hyphen, Line, LineRole, Page, TextSource, Word};

use crate::{SourcePage, dates::DateOrder};

/// Pages without their fields, unread regions and language. Coordinates are exact to a hundredth of a point on pages of
/// usual size.
#[derive(Default)]
pub(crate) struct CompactPages {
    pages: Vec<CompactPage>,
    positions: HashMap<(DocumentId, u32), usize>,
}

struct CompactPage {
    document: DocumentId,
    number: u32,
    width: f32,
    height: f32,
    text_source: TextSource,
    date_order: DateOrder,
    /// The words without spaces.
    text: Box<str>,
    words: Box<[CompactWord]>,
    lines: Box<[CompactLine]>,
    /// What the coordinates are relative to.
    extent: BBox,
}

struct CompactWord {
    /// Left, top, right and bottom edge, as shares of the extent.
    edges: [u16; 4],
    text_bytes: u16,
    confidence: u8,
}

struct CompactLine {
    words: u16,
    role: LineRole,
    hyphen: Option<Hyphen>,
}

impl CompactPages {
    /// Adds the next page of the record.
    pub(crate) fn push(&mut self, source: &SourcePage, date_order: DateOrder) {
        self.positions.entry((source.document, source.page.number)).or_insert(self.pages.len());
        self.pages.push(CompactPage { date_order, ..CompactPage::new(source) });
    }

    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// The position of a page in the record.
    pub(crate) fn position(&self, document: DocumentId, number: u32) -> Option<usize> {
        self.positions.get(&(document, number)).copied()
    }

    /// The document and number of the page at a position.
    pub(crate) fn key(&self, position: usize) -> Option<(DocumentId, u32)> {
        self.pages.get(position).map(|page| (page.document, page.number))
    }

    /// Where the text of the page at a position comes from.
    pub(crate) fn text_source(&self, position: usize) -> Option<&TextSource> {
        self.pages.get(position).map(|page| &page.text_source)
    }

    /// Whether the day or the month comes first on the page at a position.
    pub(crate) fn date_order(&self, position: usize) -> DateOrder {
        self.pages.get(position).map_or(DateOrder::Unknown, |page| page.date_order)
    }

    /// The page at a position with its words.
    pub(crate) fn page(&self, position: usize) -> Option<Page> {
        self.pages.get(position).map(CompactPage::expand)
    }
}

impl CompactPage {
    fn new(source: &SourcePage) -> Self {
        let page = &source.page;
        let extent = page
            .words()
            .map(|word| word.bbox)
            .fold(BBox { x0: 0.0, y0: 0.0, x1: page.width, y1: page.height }, |all, bbox| all.union(&bbox));
        Self {
            document: source.document,
            number: page.number,
            width: page.width,
            height: page.height,
            text_source: page.text_source.clone(),
            date_order: DateOrder::default(),
            text: page.words().map(|word| word.text.as_str()).collect::<String>().into(),
            words: page
                .words()
                .map(|word| CompactWord {
                    edges: [
                        share(word.bbox.x0, extent.x0, extent.x1),
                        share(word.bbox.y0, extent.y0, extent.y1),
                        share(word.bbox.x1, extent.x0, extent.x1),
                        share(word.bbox.y1, extent.y0, extent.y1),
                    ],
                    text_bytes: u16::try_from(word.text.len()).unwrap_or(u16::MAX),
                    confidence: word.confidence,
                })
                .collect(),
            lines: page
                .lines
                .iter()
                .map(|line| CompactLine {
                    words: u16::try_from(line.words.len()).unwrap_or(u16::MAX),
                    role: line.role,
                    hyphen: line.hyphen,
                })
                .collect(),
            extent,
        }
    }

    fn expand(&self) -> Page {
        let extent = self.extent;
        let mut start = 0;
        let mut words = self.words.iter().map(|word| {
            let [x0, y0, x1, y1] = word.edges;
            let end = (start + usize::from(word.text_bytes)).min(self.text.len());
            let text = self.text.get(start..end).unwrap_or_default().to_owned();
            start = end;
            Word {
                text,
                bbox: BBox {
                    x0: coordinate(x0, extent.x0, extent.x1),
                    y0: coordinate(y0, extent.y0, extent.y1),
                    x1: coordinate(x1, extent.x0, extent.x1),
                    y1: coordinate(y1, extent.y0, extent.y1),
                },
                confidence: word.confidence,
            }
        });
        let lines = self
            .lines
            .iter()
            .map(|line| Line {
                words: words.by_ref().take(usize::from(line.words)).collect(),
                role: line.role,
                hyphen: line.hyphen,
            })
            .collect();
        Page::new(self.number, self.width, self.height, self.text_source.clone(), lines)
    }
}

/// Where a coordinate lies between two others, in 65,535ths.
fn share(at: f32, from: f32, to: f32) -> u16 {
    let share = (at - from) / (to - from).max(f32::MIN_POSITIVE) * f32::from(u16::MAX);
    // Truncates nothing: a share is between 0 and 65,535.
    share.round().clamp(0.0, f32::from(u16::MAX)) as u16
}

fn coordinate(share: u16, from: f32, to: f32) -> f32 {
    from + f32::from(share) / f32::from(u16::MAX) * (to - from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::page;

    #[test]
    fn expanded_page_has_the_same_words_and_places() {
        let mut source = page(7, "Kalium 4,1 µmol/L\n   second line hyphen-\nated");
        source.page.lines[1].hyphen = Some(Hyphen::Soft);
        source.page.lines[2].role = LineRole::Footer;
        source.page.lines[0].words[0].bbox.x0 = -3.0;
        let mut pages = CompactPages::default();
        pages.push(&source, DateOrder::MonthFirst);
        let expanded = pages.page(pages.position(source.document, 7).unwrap()).unwrap();
        assert_eq!(expanded.text(), source.page.text());
        for (line, before) in expanded.lines.iter().zip(&source.page.lines) {
            assert_eq!((line.role, line.hyphen), (before.role, before.hyphen));
            for (word, before) in line.words.iter().zip(&before.words) {
                assert_eq!(word.confidence, before.confidence);
                let off = |a: f32, b: f32| (a - b).abs();
                assert!(off(word.bbox.x0, before.bbox.x0).max(off(word.bbox.y1, before.bbox.y1)) < 0.01);
            }
        }
    }
}
