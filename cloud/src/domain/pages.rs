//! What pages of a document may look like, and which have not arrived yet.

use maneiro_api::{
    limits::{MAX_PAGES_PER_BATCH, MAX_WORDS_PER_PAGE},
    record::PageRange,
};
use maneiro_page::{BBox, Page, TextSource};

use super::{error::Error, fields::Fields};

/// Passes a batch of pages for a document of `total` pages.
///
/// # Errors
/// `Invalid` with the place of everything that is refused.
pub fn check(batch: &[Page], total: u32) -> Result<(), Error> {
    let mut fields = Fields::default();
    if !(1..=MAX_PAGES_PER_BATCH).contains(&batch.len()) {
        fields.refuse("pages", format!("must hold 1 to {MAX_PAGES_PER_BATCH} pages"));
        return fields.done();
    }
    for (at, page) in batch.iter().enumerate() {
        let place = format!("pages[{at}]");
        if !(1..=total).contains(&page.number) {
            fields.refuse(format!("{place}.number"), format!("must be between 1 and {total}"));
        }
        if batch[..at].iter().any(|earlier| earlier.number == page.number) {
            fields.refuse(format!("{place}.number"), "must not stand in the batch twice");
        }
        check_page(&mut fields, &place, page);
    }
    fields.done()
}

fn check_page(fields: &mut Fields, place: &str, page: &Page) {
    if !(page.width > 0.0 && page.height > 0.0) {
        fields.refuse(format!("{place}.width"), "width and height must be above 0");
    }
    match page.text_source {
        TextSource::TextLayer
        | TextSource::Ocr { confidence: 0..=100 }
        | TextSource::Mixed { confidence: 0..=100 } => {}
        TextSource::Ocr { .. } | TextSource::Mixed { .. } => {
            fields.refuse(format!("{place}.text_source.confidence"), "must be between 0 and 100");
        }
        TextSource::Duplicate { of } if of == 0 || of >= page.number => {
            fields.refuse(format!("{place}.text_source.of"), "must be an earlier page");
        }
        TextSource::Blank | TextSource::Duplicate { .. } | TextSource::Unreadable { .. } => {
            if !page.lines.is_empty() {
                fields.refuse(format!("{place}.lines"), "must be empty on a page without words of its own");
            }
        }
    }
    if let Some(repeat) = page.near_duplicate {
        if repeat.of == 0 || repeat.of >= page.number {
            fields.refuse(format!("{place}.near_duplicate.of"), "must be an earlier page");
        }
        if !(0.0..=1.0).contains(&repeat.similarity) {
            fields.refuse(format!("{place}.near_duplicate.similarity"), "must be between 0 and 1");
        }
    }
    if page.words().count() > MAX_WORDS_PER_PAGE {
        fields.refuse(format!("{place}.lines"), format!("must hold at most {MAX_WORDS_PER_PAGE} words"));
    }
    for (row, line) in page.lines.iter().enumerate() {
        for (column, word) in line.words.iter().enumerate() {
            let place = || format!("{place}.lines[{row}].words[{column}]");
            if word.confidence > 100 {
                fields.refuse(format!("{}.confidence", place()), "must be between 0 and 100");
            }
            check_box(fields, place, word.bbox);
        }
    }
    for (at, field) in page.fields.iter().enumerate() {
        check_box(fields, || format!("{place}.fields[{at}]"), field.bbox);
    }
    for (at, unread) in page.unread.iter().enumerate() {
        check_box(fields, || format!("{place}.unread[{at}]"), unread.bbox);
    }
}

/// Refuses a box that is none. A number that is no number is not at most another either.
fn check_box(fields: &mut Fields, place: impl Fn() -> String, bbox: BBox) {
    if !(bbox.x0 <= bbox.x1 && bbox.y0 <= bbox.y1) {
        fields.refuse(format!("{}.bbox", place()), "must not end before it begins");
    }
}

/// The pages from 1 to `total` that are not among `arrived`, which is sorted and holds no number twice.
#[must_use]
pub fn missing(total: u32, arrived: &[u32]) -> Vec<PageRange> {
    let mut ranges = Vec::new();
    let mut next = 1;
    for &number in arrived {
        if number > next {
            ranges.push(PageRange { first: next, last: number - 1 });
        }
        next = number + 1;
    }
    if next <= total {
        ranges.push(PageRange { first: next, last: total });
    }
    ranges
}

#[cfg(test)]
mod tests {
    use maneiro_page::{Field, FieldValue, Line, NearDuplicate, UnreadReason, UnreadRegion, Word};

    use super::*;

    fn page(number: u32) -> Page {
        let bbox = BBox { x0: 10.0, y0: 10.0, x1: 60.0, y1: 20.0 };
        let word = Word { text: "Metformin".to_owned(), bbox, confidence: 96 };
        let lines = vec![Line::body(vec![word])];
        Page::new(number, 595.0, 842.0, TextSource::TextLayer, lines)
    }

    fn refused(batch: &[Page]) -> Vec<String> {
        match check(batch, 9) {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(fields)) => fields.into_iter().map(|field| field.field).collect(),
            Err(other) => panic!("pages are refused as invalid, not as {other:?}"),
        }
    }

    #[test]
    fn sound_pages_pass_in_any_order() {
        assert!(refused(&[page(9), page(1)]).is_empty());
        assert!(
            refused(&[Page { text_source: TextSource::Duplicate { of: 1 }, lines: Vec::new(), ..page(2) }])
                .is_empty()
        );
    }

    #[test]
    fn every_refusal_names_its_place() {
        let mut unsure = page(2);
        unsure.lines[0].words[0].confidence = 101;
        let mut twisted = page(3);
        twisted.lines[0].words[0].bbox.x1 = 5.0;
        let batch = [page(0), page(10), unsure, twisted, page(3), Page { width: f32::NAN, ..page(4) }];
        assert_eq!(
            refused(&batch),
            [
                "pages[0].number",
                "pages[1].number",
                "pages[2].lines[0].words[0].confidence",
                "pages[3].lines[0].words[0].bbox",
                "pages[4].number",
                "pages[5].width",
            ]
        );
    }

    #[test]
    fn fields_and_what_was_not_read_have_boxes_too() {
        let sound = BBox { x0: 10.0, y0: 10.0, x1: 60.0, y1: 20.0 };
        let field = |bbox| Field { name: "smoker".to_owned(), value: FieldValue::Checked(true), bbox };
        let unread = |bbox| UnreadRegion { bbox, reason: UnreadReason::Handwriting };
        let with = |bbox| Page {
            fields: vec![field(sound), field(bbox)],
            unread: vec![unread(sound), unread(bbox)],
            ..page(1)
        };
        assert!(refused(&[with(sound)]).is_empty());
        for twisted in [BBox { y1: 5.0, ..sound }, BBox { x0: f32::NAN, ..sound }] {
            assert_eq!(refused(&[with(twisted)]), ["pages[0].fields[1].bbox", "pages[0].unread[1].bbox"]);
        }
    }

    #[test]
    fn a_page_without_words_of_its_own_holds_none() {
        assert_eq!(refused(&[Page { text_source: TextSource::Blank, ..page(2) }]), ["pages[0].lines"]);
        assert_eq!(
            refused(&[Page { text_source: TextSource::Duplicate { of: 2 }, ..page(2) }]),
            ["pages[0].text_source.of"]
        );
        let near =
            |of, similarity| Page { near_duplicate: Some(NearDuplicate { of, similarity }), ..page(2) };
        assert!(refused(&[near(1, 0.9)]).is_empty());
        assert_eq!(refused(&[near(2, 0.9)]), ["pages[0].near_duplicate.of"]);
        assert_eq!(refused(&[near(1, 1.5)]), ["pages[0].near_duplicate.similarity"]);
    }

    #[test]
    fn a_batch_is_neither_empty_nor_endless() {
        assert_eq!(refused(&[]), ["pages"]);
        assert_eq!(refused(&vec![page(1); MAX_PAGES_PER_BATCH + 1]), ["pages"]);
    }

    fn ranges(total: u32, arrived: &[u32]) -> Vec<(u32, u32)> {
        missing(total, arrived).iter().map(|range| (range.first, range.last)).collect()
    }

    #[test]
    fn what_has_not_arrived_is_given_as_ranges() {
        assert_eq!(ranges(5, &[]), [(1, 5)]);
        assert_eq!(ranges(5, &[1, 2, 3, 4, 5]), []);
        assert_eq!(ranges(5, &[2, 4]), [(1, 1), (3, 3), (5, 5)]);
        assert_eq!(ranges(9, &[1, 2, 8, 9]), [(3, 7)]);
    }
}
