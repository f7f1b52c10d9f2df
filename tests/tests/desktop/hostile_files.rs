//! Files that are made to exhaust their reader. What the engine cannot refuse beforehand (see its own tests) takes no more
//! than the limits of one page, and only that page is lost.

use std::path::Path;

use maneiro_tests::{
    hostile_pdfs::{self, HostileContent},
    pdf_fixtures::{TestPage, build_pdf},
    workstation::Workstation,
};
use serde_json::{Value, json};

/// Why each hostile page could not be read. Checks that the pages between them are read.
fn unreadable_reasons(
    hostile_pages: &[fn(&mut lopdf::Document) -> HostileContent],
    seconds: &str,
) -> Vec<String> {
    let mut sheets = vec![TestPage::note(1, "Metoprolol 50 mg")];
    for (index, hostile) in hostile_pages.iter().enumerate() {
        sheets.extend([TestPage::Hostile(*hostile), TestPage::note(index + 2, "Losartan 25 mg")]);
    }
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", build_pdf(&sheets));
    let options = ["--json", "--page-memory=100", seconds].map(Path::new);
    let document = workstation.run([&[Path::new("read"), &path][..], &options].concat()).json();
    let kinds: Vec<&Value> =
        document["pages"].as_array().unwrap().iter().map(|page| &page["text_source"]["kind"]).collect();
    assert_eq!(kinds.len(), sheets.len());
    assert!(kinds.iter().step_by(2).all(|kind| *kind == "text_layer"), "{kinds:?}");
    assert!(kinds.iter().skip(1).step_by(2).all(|kind| *kind == "unreadable"), "{kinds:?}");
    let unreadable = document["file"]["unreadable"].as_array().unwrap();
    unreadable.iter().map(|entry| entry["reason"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn pages_that_take_gigabytes_are_unreadable_and_others_read() {
    let hostile_pages = [
        hostile_pdfs::content_stream_bomb,
        hostile_pdfs::to_unicode_bomb,
        hostile_pdfs::image_bomb,
        hostile_pdfs::nested_image_bomb,
        hostile_pdfs::huge_path,
    ];
    let reason = "reading it takes more than 100 MiB of memory";
    assert_eq!(unreadable_reasons(&hostile_pages, "--page-timeout=30"), [reason; 5]);
}

#[test]
fn the_embedded_size_of_an_image_is_checked_before_decoding() {
    let reason = "an image on the page has 60000 × 60000 pixels, more than the limit of 144000000";
    assert_eq!(unreadable_reasons(&[hostile_pdfs::mismatched_jbig2_size], "--page-timeout=30"), [reason]);
}

#[test]
fn a_page_of_too_much_text_is_unreadable_and_others_read() {
    assert_eq!(
        unreadable_reasons(&[hostile_pdfs::huge_text], "--page-timeout=2"),
        ["reading it takes longer than 2 s"]
    );
}

#[test]
fn a_pdf_that_exceeds_memory_while_opening_is_refused() {
    for file in [hostile_pdfs::object_stream_bomb(), hostile_pdfs::million_pages()] {
        let workstation = Workstation::new();
        let path = workstation.write_file("record.pdf", file);
        let ran = workstation.run([Path::new("read"), &path, "--page-memory=100".as_ref()]);
        let message = ran.assert_error(3, "file_not_opened");
        assert!(message.ends_with("reading it takes more than 100 MiB of memory"), "{message}");
    }
}

#[test]
fn an_image_that_exceeds_memory_is_unreadable() {
    let workstation = Workstation::new();
    let path = workstation.write_file("scan.png", hostile_pdfs::png_bomb(11_900));
    let large =
        workstation.run([Path::new("read"), &path, "--json".as_ref(), "--page-memory=100".as_ref()]).json();
    let reason = "reading it takes more than 100 MiB of memory";
    assert_eq!(large["file"]["unreadable"], json!([{ "page": 1, "reason": reason }]));
}
