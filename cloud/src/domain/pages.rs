//! Validates pages of a document.

use maneiro_api::limits::{MAX_PAGES_PER_BATCH, MAX_WORDS_PER_PAGE};
use maneiro_page::{BBox, Page, TextSource};

use super::{error::Error, validation::FieldErrors};

/// Checks a batch of pages of a document of `total` pages.
///
/// # Errors
/// `InvalidInput` with the position of everything that is invalid.
pub fn validate_batch(batch: &[Page], total: u32) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    if !(1..=MAX_PAGES_PER_BATCH).contains(&batch.len()) {
        errors.add("pages", format!("must hold 1 to {MAX_PAGES_PER_BATCH} pages"));
        return errors.finish();
    }
    for (index, page) in batch.iter().enumerate() {
        let path = format!("pages[{index}]");
        if !(1..=total).contains(&page.number) {
            errors.add(format!("{path}.number"), format!("must be between 1 and {total}"));
        }
        if batch[..index].iter().any(|earlier| earlier.number == page.number) {
            errors.add(format!("{path}.number"), "must not be in the batch twice");
        }
        validate_page(&mut errors, &path, page);
    }
    errors.finish()
}

fn validate_page(errors: &mut FieldErrors, path: &str, page: &Page) {
    if !(page.width.is_finite() && page.height.is_finite()) {
        errors.add(format!("{path}.width"), "width and height must be numbers");
    }
    if !has_extent(page) {
        return;
    }
    match page.text_source {
        TextSource::TextLayer
        | TextSource::Ocr { confidence: 0..=100 }
        | TextSource::Mixed { confidence: 0..=100 } => {}
        TextSource::Ocr { .. } | TextSource::Mixed { .. } => {
            errors.add(format!("{path}.text_source.confidence"), "must be between 0 and 100");
        }
        TextSource::Duplicate { duplicate_of } if duplicate_of == 0 || duplicate_of >= page.number => {
            errors.add(format!("{path}.text_source.duplicate_of"), "must be an earlier page");
        }
        TextSource::Blank | TextSource::Duplicate { .. } | TextSource::Unreadable { .. } => {
            if !page.lines.is_empty() {
                errors.add(format!("{path}.lines"), "must be empty on a page without words of its own");
            }
        }
    }
    if let Some(near) = page.near_duplicate {
        if near.duplicate_of == 0 || near.duplicate_of >= page.number {
            errors.add(format!("{path}.near_duplicate.duplicate_of"), "must be an earlier page");
        }
        if !(0.0..=1.0).contains(&near.similarity) {
            errors.add(format!("{path}.near_duplicate.similarity"), "must be between 0 and 1");
        }
    }
    if page.words().count() > MAX_WORDS_PER_PAGE {
        errors.add(format!("{path}.lines"), format!("must hold at most {MAX_WORDS_PER_PAGE} words"));
    }
    for (row, line) in page.lines.iter().enumerate() {
        for (column, word) in line.words.iter().enumerate() {
            let path = || format!("{path}.lines[{row}].words[{column}]");
            if word.confidence > 100 {
                errors.add(format!("{}.confidence", path()), "must be between 0 and 100");
            }
            validate_bbox(errors, path, word.bbox);
        }
    }
    for (index, field) in page.fields.iter().enumerate() {
        validate_bbox(errors, || format!("{path}.fields[{index}]"), field.bbox);
    }
    for (index, unread) in page.unread.iter().enumerate() {
        validate_bbox(errors, || format!("{path}.unread[{index}]"), unread.bbox);
    }
}

/// Refuses a box that ends before it begins. NaN fails every comparison, so it is refused too.
fn validate_bbox(errors: &mut FieldErrors, path: impl Fn() -> String, bbox: BBox) {
    if !(bbox.x0 <= bbox.x1 && bbox.y0 <= bbox.y1) {
        errors.add(format!("{}.bbox", path()), "must not end before it begins");
    }
}

/// A page without an extent holds nothing that could be read, so it is stored as one that could not be read.
#[must_use]
pub fn mark_without_extent(page: Page) -> Page {
    if has_extent(&page) || matches!(page.text_source, TextSource::Unreadable { .. }) {
        return page;
    }
    let reason = "the page has no size".to_owned();
    Page::new(page.number, page.width, page.height, TextSource::Unreadable { reason }, Vec::new())
}

fn has_extent(page: &Page) -> bool {
    page.width > 0.0 && page.height > 0.0
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

    fn invalid_fields(batch: &[Page]) -> Vec<String> {
        match validate_batch(batch, 9) {
            Ok(()) => Vec::new(),
            Err(Error::InvalidInput(fields)) => fields.into_iter().map(|field| field.field).collect(),
            Err(other) => panic!("the input is invalid, not {other:?}"),
        }
    }

    #[test]
    fn valid_pages_pass_in_any_order() {
        assert!(invalid_fields(&[page(9), page(1)]).is_empty());
        assert!(
            invalid_fields(&[Page {
                text_source: TextSource::Duplicate { duplicate_of: 1 },
                lines: Vec::new(),
                ..page(2)
            }])
            .is_empty()
        );
    }

    #[test]
    fn every_error_names_its_position() {
        let mut unsure = page(2);
        unsure.lines[0].words[0].confidence = 101;
        let mut reversed = page(3);
        reversed.lines[0].words[0].bbox.x1 = 5.0;
        let batch = [page(0), page(10), unsure, reversed, page(3), Page { width: f32::NAN, ..page(4) }];
        assert_eq!(
            invalid_fields(&batch),
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
    fn boxes_of_fields_and_unread_regions_are_validated() {
        let valid = BBox { x0: 10.0, y0: 10.0, x1: 60.0, y1: 20.0 };
        let field = |bbox| Field { name: "smoker".to_owned(), value: FieldValue::Checked(true), bbox };
        let unread = |bbox| UnreadRegion { bbox, reason: UnreadReason::Handwriting };
        let with = |bbox| Page {
            fields: vec![field(valid), field(bbox)],
            unread: vec![unread(valid), unread(bbox)],
            ..page(1)
        };
        assert!(invalid_fields(&[with(valid)]).is_empty());
        for reversed in [BBox { y1: 5.0, ..valid }, BBox { x0: f32::NAN, ..valid }] {
            assert_eq!(
                invalid_fields(&[with(reversed)]),
                ["pages[0].fields[1].bbox", "pages[0].unread[1].bbox"]
            );
        }
    }

    #[test]
    fn page_without_words_of_its_own_has_no_lines() {
        assert_eq!(invalid_fields(&[Page { text_source: TextSource::Blank, ..page(2) }]), ["pages[0].lines"]);
        assert_eq!(
            invalid_fields(&[Page { text_source: TextSource::Duplicate { duplicate_of: 2 }, ..page(2) }]),
            ["pages[0].text_source.duplicate_of"]
        );
        let near = |duplicate_of, similarity| Page {
            near_duplicate: Some(NearDuplicate { duplicate_of, similarity }),
            ..page(2)
        };
        assert!(invalid_fields(&[near(1, 0.9)]).is_empty());
        assert_eq!(invalid_fields(&[near(2, 0.9)]), ["pages[0].near_duplicate.duplicate_of"]);
        assert_eq!(invalid_fields(&[near(1, 1.5)]), ["pages[0].near_duplicate.similarity"]);
    }

    #[test]
    fn page_without_an_extent_is_stored_as_unreadable() {
        let flat = Page { height: 0.0, ..page(2) };
        assert!(invalid_fields(std::slice::from_ref(&flat)).is_empty());
        let marked = mark_without_extent(flat);
        assert!(matches!(marked.text_source, TextSource::Unreadable { .. }) && marked.lines.is_empty());
        let reason = TextSource::Unreadable { reason: "it is encrypted".to_owned() };
        let unreadable = Page { width: 0.0, text_source: reason.clone(), lines: Vec::new(), ..page(3) };
        assert_eq!(mark_without_extent(unreadable).text_source, reason, "its own reason stays");
        assert_eq!(mark_without_extent(page(1)), page(1));
    }

    #[test]
    fn size_of_a_batch_is_limited() {
        assert_eq!(invalid_fields(&[]), ["pages"]);
        assert_eq!(invalid_fields(&vec![page(1); MAX_PAGES_PER_BATCH + 1]), ["pages"]);
    }
}
