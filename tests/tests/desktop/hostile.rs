//! Files made to exhaust whoever reads them. What the engine cannot refuse beforehand (its own tests show what it can)
//! costs no more than one page may cost, and only that page.

use std::path::Path;

use maneiro_tests::{
    papers::{Sheet, pdf},
    troubles::{self, Drawing},
    workstation::Workstation,
};
use serde_json::{Value, json};

/// Why each page of trouble could not be read; the pages between them are.
fn reasons(troubles: &[fn(&mut lopdf::Document) -> Drawing], seconds: &str) -> Vec<String> {
    let mut sheets = vec![Sheet::note(1, "Metoprolol 50 mg")];
    for (index, trouble) in troubles.iter().enumerate() {
        sheets.extend([Sheet::Trouble(*trouble), Sheet::note(index + 2, "Losartan 25 mg")]);
    }
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", pdf(&sheets));
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
fn pages_that_ask_for_gigabytes_get_none_and_the_rest_is_read() {
    let troubles = [
        troubles::vast_content,
        troubles::vast_meaning,
        troubles::overfull_picture,
        troubles::twice_packed_picture,
        troubles::endless_line,
    ];
    let reason = "reading it takes more than 100 MiB of memory";
    assert_eq!(reasons(&troubles, "--page-seconds=30"), [reason; 5]);
}

#[test]
fn a_picture_that_is_larger_inside_than_the_file_says_is_measured_before_it_is_decoded() {
    let reason = "an image on the page has 60000 × 60000 pixels, more than the limit of 144000000";
    assert_eq!(reasons(&[troubles::picture_of_another_size], "--page-seconds=30"), [reason]);
}

#[test]
fn a_page_of_more_letters_than_can_be_looked_at_is_listed_and_the_rest_is_read() {
    assert_eq!(reasons(&[troubles::endless_text], "--page-seconds=2"), ["reading it takes longer than 2 s"]);
}

#[test]
fn a_pdf_that_does_not_open_in_its_memory_is_refused() {
    for file in [troubles::vast_objects(), troubles::a_million_pages()] {
        let workstation = Workstation::new();
        let path = workstation.file("record.pdf", file);
        let ran = workstation.run([Path::new("read"), &path, "--page-memory=100".as_ref()]);
        let said = ran.refused(3, "file_not_opened");
        assert!(said.ends_with("reading it takes more than 100 MiB of memory"), "{said}");
    }
}

#[test]
fn a_picture_of_more_than_its_memory_is_listed() {
    let workstation = Workstation::new();
    let path = workstation.file("scan.png", troubles::png(11_900));
    let large =
        workstation.run([Path::new("read"), &path, "--json".as_ref(), "--page-memory=100".as_ref()]).json();
    let reason = "reading it takes more than 100 MiB of memory";
    assert_eq!(large["file"]["unreadable"], json!([{ "page": 1, "reason": reason }]));
}
