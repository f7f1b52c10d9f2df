//! Opening files, and the errors of files that do not open.

use maneiro_engine::{Document, DocumentError, Limits, PageError};

use crate::{
    page_builder::{PageBuilder, jpeg, open, pdf, png, read_text_layer},
    seed_files::encrypted,
};

fn open_error(bytes: Vec<u8>) -> DocumentError {
    Document::open(bytes, None, Limits::default()).unwrap_err()
}

#[test]
fn empty_file_is_refused() {
    assert_eq!(open_error(Vec::new()), DocumentError::Empty);
}

#[test]
fn file_of_another_format_is_refused() {
    assert_eq!(open_error(b"Dear doctor, please find enclosed".to_vec()), DocumentError::UnsupportedFormat);
    assert_eq!(open_error(b"PK\x03\x04 a word processor's file".to_vec()), DocumentError::UnsupportedFormat);
    assert_eq!(open_error(vec![0; 100_000]), DocumentError::UnsupportedFormat);
}

#[test]
fn truncated_file_is_damaged_or_gives_its_remaining_pages() {
    let whole = pdf(&[PageBuilder::with_note(), PageBuilder::with_note()]);
    assert!(matches!(open_error(whole[..60].to_vec()), DocumentError::Damaged { .. }));
    // Without cross-reference section and trailer the pages are still found by their objects.
    let table = whole.windows(4).rposition(|window| window == b"xref").unwrap();
    let table = whole[..table - 5].windows(4).rposition(|window| window == b"xref").unwrap_or(table);
    assert_eq!(open(whole[..table].to_vec()).page_count(), 2);

    let picture = png(&PageBuilder::with_note().draw(50.0));
    assert!(matches!(open_error(picture[..20].to_vec()), DocumentError::Damaged { .. }));
    let half = open(picture[..picture.len() / 2].to_vec());
    assert!(matches!(half.reader().inspect(1), Err(PageError::Damaged { .. })));
    let tiff_head = b"II\x2a\0\x08\0\0\0".to_vec();
    assert!(matches!(open_error(tiff_head), DocumentError::Damaged { .. }));
}

#[test]
fn junk_around_a_pdf_is_ignored() {
    let mut bytes = b"junk before\n".to_vec();
    bytes.extend(PageBuilder::with_note().into_pdf());
    bytes.extend(b"\n\n<html>junk after</html>");
    assert_eq!(open(bytes).page_count(), 1);
}

#[test]
fn encrypted_file_with_an_empty_password_opens() {
    let page = read_text_layer(encrypted(""));
    assert!(page.text().contains("Metoprolol 50 mg"));
    assert!(Document::open(encrypted(""), Some("needless"), Limits::default()).is_ok());
}

#[test]
fn encrypted_file_opens_with_its_password_only() {
    let bytes = encrypted("sesame");
    assert_eq!(open_error(bytes.clone()), DocumentError::PasswordRequired);
    let wrong = Document::open(bytes.clone(), Some("open"), Limits::default()).unwrap_err();
    assert_eq!(wrong, DocumentError::WrongPassword);
    let document = Document::open(bytes, Some("sesame"), Limits::default()).unwrap();
    let maneiro_engine::Finding::Page(page) = document.reader().inspect(1).unwrap().finding else {
        panic!("no text layer")
    };
    assert!(page.text().contains("Metoprolol 50 mg"));
}

#[test]
fn last_of_five_thousand_pages_is_read() {
    let mut sheets = vec![PageBuilder::new(); 4999];
    sheets.push(PageBuilder::with_note());
    let document = open(pdf(&sheets));
    assert_eq!(document.page_count(), 5000);
    let maneiro_engine::Finding::Page(page) = document.reader().inspect(5000).unwrap().finding else {
        panic!("no text layer")
    };
    assert_eq!(page.number, 5000);
    assert!(page.text().contains("Metoprolol"));
}

#[test]
fn file_above_a_limit_is_refused() {
    let bytes = pdf(&[PageBuilder::new(), PageBuilder::new(), PageBuilder::new()]);
    let size = bytes.len() as u64;
    let few_pages = Limits { max_pages: 2, ..Limits::default() };
    let few_bytes = Limits { max_bytes: 100, ..Limits::default() };
    let refused = |limits| Document::open(bytes.clone(), None, limits).unwrap_err();
    assert_eq!(refused(few_pages), DocumentError::TooManyPages { pages: 3, max_pages: 2 });
    assert_eq!(refused(few_bytes), DocumentError::TooLarge { bytes: size, max_bytes: 100 });
}

#[test]
fn page_number_out_of_range_is_an_error() {
    let document = open(jpeg(&PageBuilder::with_note().draw(50.0)));
    for page in [0, 2] {
        assert_eq!(
            document.reader().inspect(page).unwrap_err(),
            PageError::NoSuchPage { page, page_count: 1 }
        );
    }
}
