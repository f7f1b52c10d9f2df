//! Languages other than English: chosen by name, asked for when they are missing, and each with a reading of its own.

use std::{path::Path, process::Command};

use maneiro_tests::{
    papers::{notes, png, printed},
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
        assert_eq!(document["pages"][1]["text_source"]["kind"], "ocr");
        (document["file"]["languages"].clone(), document["file"]["pages_read_now"].as_u64().unwrap())
    };
    assert_eq!(read(&[]), (json!(["eng"]), 2));
    assert_eq!(read(&["--language=twin", "--language=eng"]), (json!(["twin", "eng"]), 2));
    assert_eq!(read(&["--language=twin+eng"]), (json!(["twin", "eng"]), 0));
    assert_eq!(read(&["--language=eng"]), (json!(["eng"]), 0));
}

const GREEK: &str = "Η ασθενής ηλικίας πενήντα επτά ετών προσήλθε στο τμήμα με πόνο στον δεξιό ώμο μετά από πτώση στις \
    σκάλες. Ο πόνος επιδεινώνεται τη νύχτα και με την κίνηση του χεριού. Στο ιστορικό αναφέρεται αρτηριακή υπέρταση και \
    σακχαρώδης διαβήτης. Συνιστάται φυσιοθεραπεία και επανεξέταση σε έξι εβδομάδες.";
/// Its letters are those of English, so that English reads it well.
const DUTCH: &str = "De vrouw van zevenenvijftig jaar kwam op het spreekuur met pijn in de rechter schouder na een val op \
    de trap. De pijn is in de nacht erger en ook als zij haar arm beweegt. Zij heeft al jaren een te hoge bloeddruk en zij \
    heeft suikerziekte. Wij raden haar aan om oefeningen te doen met de therapeut en over zes weken weer bij ons te komen.";

#[test]
fn a_page_in_another_script_is_said_to_be_with_what_to_install() {
    let workstation = Workstation::new();
    let path = workstation.file("page.png", png(&printed(GREEK)));
    let ran = workstation.run([Path::new("read"), &path]);
    let note = "page 1 seems to be in Greek; install tesseract-ocr-ell and read with --language ell+eng";
    let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ran.exit == 0 && said.contains(note), "{said}");
    let document = workstation.run([Path::new("read"), &path, "--json".as_ref()]).json();
    let package = json!({ "why": "not_installed", "package": "tesseract-ocr-ell" });
    assert_eq!(
        document["pages"][0]["language"],
        json!({ "model": "ell", "name": "Greek", "missing": package })
    );
}

#[test]
fn a_page_in_another_language_is_said_to_be_until_it_is_chosen() {
    let workstation = Workstation::new();
    let path = workstation.file("page.png", png(&printed(DUTCH)));
    let folder = two_languages(&workstation);
    let read = |options: &[&str]| {
        let mut command = workstation.command([Path::new("read"), &path, "--json".as_ref()]);
        command.args(options).env("TESSDATA_PREFIX", &folder);
        Ran::from(command.output().unwrap()).json()["pages"][0]["language"].clone()
    };
    let package = json!({ "why": "not_installed", "package": "tesseract-ocr-nld" });
    assert_eq!(read(&[]), json!({ "model": "nld", "name": "Dutch", "missing": package }));
    std::fs::copy(folder.join("eng.traineddata"), folder.join("nld.traineddata")).unwrap();
    let other = ["--language=eng+twin"];
    assert_eq!(read(&other), json!({ "model": "nld", "name": "Dutch", "missing": { "why": "not_chosen" } }));
    assert_eq!(read(&["--language=eng+nld"]), json!({ "model": "nld", "name": "Dutch" }));
}

#[test]
fn an_english_record_with_all_its_names_and_numbers_is_in_no_other_language() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", sample::record_pdf());
    let document = workstation.run([Path::new("read"), &path, "--json".as_ref()]).json();
    let languages: Vec<&str> = document["pages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|page| page["language"]["model"].as_str())
        .collect();
    assert!(languages.len() > 9 && languages.iter().all(|model| *model == "eng"), "{languages:?}");
}
