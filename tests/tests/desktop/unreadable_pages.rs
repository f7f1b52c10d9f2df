//! Pages that cannot be read are listed with a reason, and the others are read.

use std::{path::Path, process::Command};

use maneiro_tests::{
    pdf_fixtures::{TestPage, build_pdf, notes_pdf},
    workstation::{CommandOutput, Workstation},
};
use serde_json::{Value, json};

fn text_sources(document: &Value) -> Vec<&str> {
    document["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| page["text_source"]["kind"].as_str().unwrap())
        .collect()
}

#[test]
fn a_page_that_exceeds_memory_is_unreadable_and_others_read() {
    let workstation = Workstation::new();
    let file = build_pdf(&[
        TestPage::note(1, "Metoprolol 50 mg"),
        TestPage::HugeImage,
        TestPage::note(3, "Losartan 25 mg"),
    ]);
    let path = workstation.write_file("record.pdf", file);
    let ran = workstation.run([Path::new("read"), &path, "--json".as_ref(), "--page-memory=100".as_ref()]);
    let document = ran.json();
    assert_eq!(text_sources(&document), ["text_layer", "unreadable", "text_layer"]);
    let reason = "reading it takes more than 100 MiB of memory";
    assert_eq!(document["file"]["unreadable"], json!([{ "page": 2, "reason": reason }]));
}

#[test]
fn a_page_that_times_out_is_unreadable_and_others_read() {
    let workstation = Workstation::new();
    let file = build_pdf(&[
        TestPage::note(1, "Metoprolol 50 mg"),
        TestPage::NestedForms,
        TestPage::note(3, "Losartan 25 mg"),
    ]);
    let path = workstation.write_file("record.pdf", file);
    let ran = workstation.run([Path::new("read"), &path, "--json".as_ref(), "--page-timeout=2".as_ref()]);
    let document = ran.json();
    assert_eq!(text_sources(&document), ["text_layer", "unreadable", "text_layer"]);
    let reason = "reading it takes longer than 2 s";
    assert_eq!(document["file"]["unreadable"], json!([{ "page": 2, "reason": reason }]));
}

#[test]
fn an_unreadable_page_is_retried_only_on_request() {
    let workstation = Workstation::new();
    let path = workstation
        .write_file("record.pdf", build_pdf(&[TestPage::note(1, "Metoprolol 50 mg"), TestPage::HugeImage]));
    let read = |option: &str| {
        let ran = workstation.run([Path::new("read"), &path, "--json".as_ref(), option.as_ref()]).json();
        (
            ran["file"]["pages_newly_read"].as_u64().unwrap(),
            ran["file"]["counts"]["unreadable"].as_u64().unwrap(),
        )
    };
    assert_eq!(read("--page-memory=100"), (2, 1));
    assert_eq!(read("--page-memory=2000"), (0, 1));
    assert_eq!(read("--retry-unreadable"), (1, 0));
}

#[test]
fn a_duplicate_page_refers_to_the_first_and_is_not_read() {
    let workstation = Workstation::new();
    let sheets = [1, 2, 1, 2, 3].map(|number| TestPage::note(number, "Metoprolol 50 mg"));
    let path = workstation.write_file("record.pdf", build_pdf(&sheets));
    let document = workstation.run([Path::new("read"), &path, "--json".as_ref()]).json();
    let sources: Vec<&Value> =
        document["pages"].as_array().unwrap().iter().map(|page| &page["text_source"]).collect();
    assert_eq!(
        sources[2..4],
        [
            &json!({ "kind": "duplicate", "duplicate_of": 1 }),
            &json!({ "kind": "duplicate", "duplicate_of": 2 })
        ]
    );
    assert_eq!(text_sources(&document)[4], "text_layer");
}

#[test]
fn a_page_range_is_read_and_one_beyond_the_end_refused() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(7, "Metoprolol 50 mg"));
    let read = |pages: &str| workstation.run([Path::new("read"), &path, "--json".as_ref(), pages.as_ref()]);
    let document = read("--pages=3-4").json();
    let numbers: Vec<u64> =
        document["pages"].as_array().unwrap().iter().map(|page| page["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [3, 4]);
    let refused = read("--pages=8");
    assert!(refused.exit_code == 3 && refused.stderr.contains("no_such_page"), "{}", refused.stderr);
}

#[cfg(unix)]
#[test]
fn five_thousand_pages_are_read_in_constant_memory() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(5_000, "Metoprolol 50 mg once daily."));
    let maneiro = workstation.command([Path::new("read"), &path, "--json".as_ref()]);
    // Each process gets at most 160 MiB.
    let mut limited = Command::new("/bin/sh");
    workstation.set_environment(&mut limited);
    limited
        .args(["-c", "ulimit -d 163840; exec \"$@\"", "sh"])
        .arg(maneiro.get_program())
        .args(maneiro.get_args());
    let document = CommandOutput::from(limited.output().unwrap()).json();
    assert_eq!(document["file"]["counts"]["text_layer"], 5_000);
    assert_eq!(document["pages"].as_array().unwrap().len(), 5_000);
}
