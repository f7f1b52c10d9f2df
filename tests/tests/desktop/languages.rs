//! Languages other than English: chosen by name, suggested when their model is missing, and read separately.

use std::{path::Path, process::Command};

use maneiro_tests::{
    pdf_fixtures::{encode_png, notes_pdf, print_text},
    sample,
    workstation::{CommandOutput, Workstation},
};
use serde_json::json;

/// The folder of Tesseract's models on this machine.
fn tessdata_folder() -> String {
    let listed = Command::new("tesseract").arg("--list-langs").output().expect("tesseract is installed");
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.split('"').nth(1).expect("the folder is in quotation marks").to_owned()
}

/// Creates a folder of models with English under two names.
fn two_languages(workstation: &Workstation) -> std::path::PathBuf {
    let folder = workstation.path("tessdata");
    std::fs::create_dir(&folder).unwrap();
    let english = Path::new(&tessdata_folder()).join("eng.traineddata");
    std::fs::copy(&english, folder.join("eng.traineddata")).unwrap();
    std::fs::copy(&english, folder.join("twin.traineddata")).unwrap();
    folder
}

#[test]
fn a_missing_model_is_reported_with_its_package() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(1, "Metoprolol 50 mg"));
    let ran = workstation.run([Path::new("read"), &path, "--language=xyz+eng".as_ref()]);
    let message = ran.assert_error(2, "language_not_installed");
    assert!(message.contains("\"xyz\"") && message.contains("tesseract-ocr-xyz"), "{message}");
    let refused = workstation.run([Path::new("read"), &path, "--language=../eng".as_ref()]);
    assert!(refused.exit_code == 2 && refused.stderr.contains("such as deu+eng"), "{}", refused.stderr);
}

#[test]
fn a_file_is_read_again_in_other_languages_only() {
    let workstation = Workstation::new();
    // Its second page is a scan, so that the models are used.
    let path = workstation.write_file("record.pdf", sample::record_pdf());
    let folder = two_languages(&workstation);
    let read = |options: &[&str]| {
        let mut command = workstation.command([Path::new("read"), &path, "--json".as_ref()]);
        command.arg("--pages=1-2").args(options).env("TESSDATA_PREFIX", &folder);
        let document = CommandOutput::from(command.output().unwrap()).json();
        assert_eq!(document["pages"][1]["text_source"]["kind"], "ocr");
        (document["file"]["languages"].clone(), document["file"]["pages_newly_read"].as_u64().unwrap())
    };
    assert_eq!(read(&[]), (json!(["eng"]), 2));
    assert_eq!(read(&["--language=twin", "--language=eng"]), (json!(["twin", "eng"]), 2));
    assert_eq!(read(&["--language=twin+eng"]), (json!(["twin", "eng"]), 0));
    assert_eq!(read(&["--language=eng"]), (json!(["eng"]), 0));
}

const GREEK: &str = "Η ασθενής ηλικίας πενήντα επτά ετών προσήλθε στο τμήμα με πόνο στον δεξιό ώμο μετά από πτώση στις \
    σκάλες. Ο πόνος επιδεινώνεται τη νύχτα και με την κίνηση του χεριού. Στο ιστορικό αναφέρεται αρτηριακή υπέρταση και \
    σακχαρώδης διαβήτης. Συνιστάται φυσιοθεραπεία και επανεξέταση σε έξι εβδομάδες.";
/// In Latin script, so the English model recognises it well.
const DUTCH: &str = "De vrouw van zevenenvijftig jaar kwam op het spreekuur met pijn in de rechter schouder na een val op \
    de trap. De pijn is in de nacht erger en ook als zij haar arm beweegt. Zij heeft al jaren een te hoge bloeddruk en zij \
    heeft suikerziekte. Wij raden haar aan om oefeningen te doen met de therapeut en over zes weken weer bij ons te komen.";

#[test]
fn a_page_in_another_script_suggests_a_package() {
    let workstation = Workstation::new();
    let path = workstation.write_file("page.png", encode_png(&print_text(GREEK)));
    let ran = workstation.run([Path::new("read"), &path]);
    let note = "page 1 seems to be in Greek; install tesseract-ocr-ell and read with --language ell+eng";
    let message = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ran.exit_code == 0 && message.contains(note), "{message}");
    let document = workstation.run([Path::new("read"), &path, "--json".as_ref()]).json();
    let package = json!({ "reason": "not_installed", "package": "tesseract-ocr-ell" });
    assert_eq!(
        document["pages"][0]["language"],
        json!({ "model": "ell", "name": "Greek", "model_unused": package })
    );
}

#[test]
fn a_page_in_another_language_is_noted_until_it_is_enabled() {
    let workstation = Workstation::new();
    let path = workstation.write_file("page.png", encode_png(&print_text(DUTCH)));
    let folder = two_languages(&workstation);
    let read = |options: &[&str]| {
        let mut command = workstation.command([Path::new("read"), &path, "--json".as_ref()]);
        command.args(options).env("TESSDATA_PREFIX", &folder);
        CommandOutput::from(command.output().unwrap()).json()["pages"][0]["language"].clone()
    };
    let package = json!({ "reason": "not_installed", "package": "tesseract-ocr-nld" });
    assert_eq!(read(&[]), json!({ "model": "nld", "name": "Dutch", "model_unused": package }));
    std::fs::copy(folder.join("eng.traineddata"), folder.join("nld.traineddata")).unwrap();
    let other = ["--language=eng+twin"];
    assert_eq!(
        read(&other),
        json!({ "model": "nld", "name": "Dutch", "model_unused": { "reason": "not_enabled" } })
    );
    assert_eq!(read(&["--language=eng+nld"]), json!({ "model": "nld", "name": "Dutch" }));
}

#[test]
fn an_english_record_is_detected_as_english() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", sample::record_pdf());
    let document = workstation.run([Path::new("read"), &path, "--json".as_ref()]).json();
    let languages: Vec<&str> = document["pages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|page| page["language"]["model"].as_str())
        .collect();
    assert!(languages.len() > 9 && languages.iter().all(|model| *model == "eng"), "{languages:?}");
}
