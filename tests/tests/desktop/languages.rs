//! Languages other than English: chosen by name, asked for when they are missing, and each with a reading of its own.

use std::{path::Path, process::Command};

use maneiro_tests::{
    papers::notes,
    sample,
    workstation::{Ran, Workstation},
};
use serde_json::json;

/// Where Tesseract keeps its models on this machine, as it says itself.
fn models() -> String {
    let listed = Command::new("tesseract").arg("--list-langs").output().expect("tesseract is installed");
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.split('"').nth(1).expect("the folder stands between quotation marks").to_owned()
}

/// Gives a workstation English under two names, in a folder of models of its own.
fn two_languages(workstation: &Workstation) -> std::path::PathBuf {
    let folder = workstation.path("tessdata");
    std::fs::create_dir(&folder).unwrap();
    let english = Path::new(&models()).join("eng.traineddata");
    std::fs::copy(&english, folder.join("eng.traineddata")).unwrap();
    std::fs::copy(&english, folder.join("twin.traineddata")).unwrap();
    folder
}

#[test]
fn a_language_that_is_not_installed_is_said_with_its_package_before_anything_is_read() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(1, "Metoprolol 50 mg"));
    let ran = workstation.run([Path::new("read"), &path, "--language=xyz+eng".as_ref()]);
    let said = ran.refused(2, "language_not_installed");
    assert!(said.contains("\"xyz\"") && said.contains("tesseract-ocr-xyz"), "{said}");
    let refused = workstation.run([Path::new("read"), &path, "--language=../eng".as_ref()]);
    assert!(refused.exit == 2 && refused.stderr.contains("such as deu+eng"), "{}", refused.stderr);
}

#[test]
fn a_file_is_read_anew_in_other_languages_and_only_then() {
    let workstation = Workstation::new();
    // Its second page is a scan, so that the models are used.
    let path = workstation.file("record.pdf", sample::record_pdf());
    let folder = two_languages(&workstation);
    let read = |options: &[&str]| {
        let mut command = workstation.command([Path::new("read"), &path, "--json".as_ref()]);
        command.arg("--pages=1-2").args(options).env("TESSDATA_PREFIX", &folder);
        let document = Ran::from(command.output().unwrap()).json();
        assert_eq!(document["pages"][1]["how"]["kind"], "ocr");
        (document["file"]["languages"].clone(), document["file"]["pages_read_now"].as_u64().unwrap())
    };
    assert_eq!(read(&[]), (json!(["eng"]), 2));
    assert_eq!(read(&["--language=twin", "--language=eng"]), (json!(["twin", "eng"]), 2));
    assert_eq!(read(&["--language=twin+eng"]), (json!(["twin", "eng"]), 0));
    assert_eq!(read(&["--language=eng"]), (json!(["eng"]), 0));
}
