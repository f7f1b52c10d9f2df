//! Pages that are trouble: they are listed with a reason, and the rest is read.

use std::{path::Path, process::Command};

use maneiro_tests::{
    papers::{Sheet, notes, pdf},
    workstation::{Ran, Workstation},
};
use serde_json::{Value, json};

fn kinds(document: &Value) -> Vec<&str> {
    document["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| page["text_source"]["kind"].as_str().unwrap())
        .collect()
}

#[test]
fn a_page_that_takes_too_much_memory_is_listed_and_the_rest_is_read() {
    let workstation = Workstation::new();
    let file = pdf(&[Sheet::note(1, "Metoprolol 50 mg"), Sheet::Vast, Sheet::note(3, "Losartan 25 mg")]);
    let path = workstation.file("record.pdf", file);
    let ran = workstation.run([Path::new("read"), &path, "--json".as_ref(), "--page-memory=100".as_ref()]);
    let document = ran.json();
    assert_eq!(kinds(&document), ["text_layer", "unreadable", "text_layer"]);
    let reason = "reading it takes more than 100 MiB of memory";
    assert_eq!(document["file"]["unreadable"], json!([{ "page": 2, "reason": reason }]));
}

#[test]
fn a_page_that_takes_too_long_is_listed_and_the_rest_is_read() {
    let workstation = Workstation::new();
    let file = pdf(&[Sheet::note(1, "Metoprolol 50 mg"), Sheet::Endless, Sheet::note(3, "Losartan 25 mg")]);
    let path = workstation.file("record.pdf", file);
    let ran = workstation.run([Path::new("read"), &path, "--json".as_ref(), "--page-seconds=2".as_ref()]);
    let document = ran.json();
    assert_eq!(kinds(&document), ["text_layer", "unreadable", "text_layer"]);
    let reason = "reading it takes longer than 2 s";
    assert_eq!(document["file"]["unreadable"], json!([{ "page": 2, "reason": reason }]));
}

#[test]
fn a_page_that_could_not_be_read_is_tried_again_only_when_asked_to() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", pdf(&[Sheet::note(1, "Metoprolol 50 mg"), Sheet::Vast]));
    let read = |option: &str| {
        let ran = workstation.run([Path::new("read"), &path, "--json".as_ref(), option.as_ref()]).json();
        (
            ran["file"]["pages_read_now"].as_u64().unwrap(),
            ran["file"]["counts"]["unreadable"].as_u64().unwrap(),
        )
    };
    assert_eq!(read("--page-memory=100"), (2, 1));
    assert_eq!(read("--page-memory=2000"), (0, 1));
    assert_eq!(read("--retry-unreadable"), (1, 0));
}

#[test]
fn a_repeated_page_points_back_and_is_not_read_again() {
    let workstation = Workstation::new();
    let sheets = [1, 2, 1, 2, 3].map(|number| Sheet::note(number, "Metoprolol 50 mg"));
    let path = workstation.file("record.pdf", pdf(&sheets));
    let document = workstation.run([Path::new("read"), &path, "--json".as_ref()]).json();
    let how: Vec<&Value> =
        document["pages"].as_array().unwrap().iter().map(|page| &page["text_source"]).collect();
    assert_eq!(
        how[2..4],
        [
            &json!({ "kind": "duplicate", "duplicate_of": 1 }),
            &json!({ "kind": "duplicate", "duplicate_of": 2 })
        ]
    );
    assert_eq!(kinds(&document)[4], "text_layer");
}

#[test]
fn of_a_long_file_some_pages_are_read_and_a_page_beyond_its_end_is_refused() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(7, "Metoprolol 50 mg"));
    let read = |pages: &str| workstation.run([Path::new("read"), &path, "--json".as_ref(), pages.as_ref()]);
    let document = read("--pages=3-4").json();
    let numbers: Vec<u64> =
        document["pages"].as_array().unwrap().iter().map(|page| page["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [3, 4]);
    let refused = read("--pages=8");
    assert!(refused.exit == 3 && refused.stderr.contains("no_such_page"), "{}", refused.stderr);
}

#[cfg(unix)]
#[test]
fn five_thousand_pages_are_read_in_memory_that_does_not_grow_with_them() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(5_000, "Metoprolol 50 mg once daily."));
    let maneiro = workstation.command([Path::new("read"), &path, "--json".as_ref()]);
    // 160 MiB for each process: what it asks for beyond that it does not get.
    let mut limited = Command::new("/bin/sh");
    workstation.dress(&mut limited);
    limited
        .args(["-c", "ulimit -d 163840; exec \"$@\"", "sh"])
        .arg(maneiro.get_program())
        .args(maneiro.get_args());
    let document = Ran::from(limited.output().unwrap()).json();
    assert_eq!(document["file"]["counts"]["text_layer"], 5_000);
    assert_eq!(document["pages"].as_array().unwrap().len(), 5_000);
}
