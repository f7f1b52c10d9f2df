//! What holds for a file as a whole: copies of a sheet, and lines that run from page to page.

use std::path::Path;

use maneiro_tests::{
    papers::{Lies, Sheet, notes, pdf, scans},
    workstation::Workstation,
};
use serde_json::Value;

const LETTER: &str = "Dear colleague, thank you for seeing this woman of fifty seven years who fell on the stairs on \
    03/12/2024 and has had pain in her right shoulder since. She takes metoprolol 50 mg twice daily. An X-ray showed no \
    fracture. Please see her within 6 weeks.";
const RESULTS: &str = "Hill Clinic laboratory results of 01/14/2025 for Rosa Lindqvist\n\nSodium 139 mmol/L 135 to 145\n\n\
    Potassium 4.2 mmol/L 3.5 to 5.1\n\nCreatinine 0.9 mg/dL 0.6 to 1.2\n\nGlucose 98 mg/dL 70 to 99\n\n\
    Hemoglobin 13.2 g/dL 12.0 to 16.0";

fn read(workstation: &Workstation, path: &Path, options: &[&str]) -> Value {
    let options = options.iter().map(Path::new);
    workstation.run([Path::new("read"), path, "--json".as_ref()].into_iter().chain(options)).json()
}

fn copies(document: &Value) -> Vec<Option<u64>> {
    let pages = document["pages"].as_array().unwrap();
    pages.iter().map(|page| page["near_duplicate"]["duplicate_of"].as_u64()).collect()
}

#[test]
fn a_sheet_that_was_scanned_again_is_a_copy_and_a_form_with_another_value_is_not() {
    let workstation = Workstation::new();
    let straight = Lies { tilt: 0, paper: 245, noise: 3 };
    let crooked = Lies { tilt: 22, paper: 215, noise: 7 };
    let later = RESULTS.replace("4.2", "4.8");
    let file = scans(&[
        (LETTER, straight),
        (RESULTS, straight),
        (LETTER, crooked),
        (&later, crooked),
        ("Back of the letter", straight),
        (RESULTS, Lies { tilt: -12, paper: 230, noise: 5 }),
        ("Back of the letter", crooked),
    ]);
    let path = workstation.file("record.pdf", file);
    let document = read(&workstation, &path, &[]);
    assert_eq!(copies(&document), [None, None, Some(1), None, None, Some(2), None], "{document:#}");
    let similarity = document["pages"][2]["near_duplicate"]["similarity"].as_f64().unwrap();
    assert!((0.75..=1.0).contains(&similarity), "{similarity}");
}

#[test]
fn copies_are_the_same_however_many_workers_read_and_in_which_order() {
    let sheets: Vec<(String, Lies)> = (0..6)
        .map(|n| {
            (
                LETTER.replace("fifty seven", ["sixty", "forty"][n % 2]),
                Lies { tilt: 3, paper: 240, noise: n as u8 },
            )
        })
        .collect();
    let sheets: Vec<(&str, Lies)> = sheets.iter().map(|(words, lies)| (words.as_str(), *lies)).collect();
    let file = scans(&sheets);
    let (one, two) = (Workstation::new(), Workstation::new());
    let (path, again) = (one.file("record.pdf", &file), two.file("record.pdf", &file));
    let alone = read(&one, &path, &["--workers=1"]);
    // The later pages come first here, and are told anew when the earlier ones are there.
    let _ = read(&two, &again, &["--pages=4-6", "--workers=3"]);
    assert_eq!(read(&two, &again, &["--workers=3"])["pages"], alone["pages"]);
    assert_eq!(copies(&alone).iter().flatten().count(), 4, "{:?}", copies(&alone));
}

#[test]
fn a_line_tells_that_its_last_word_goes_on_in_the_next() {
    let workstation = Workstation::new();
    let text = ["The patient is known to have hyper-", "tension and takes vitamin B-", "12 every day."];
    let path = workstation.file("record.pdf", pdf(&[Sheet::Text(text.map(str::to_owned).to_vec())]));
    let document = read(&workstation, &path, &[]);
    let lines = document["pages"][0]["lines"].as_array().unwrap();
    let hyphens: Vec<Option<&str>> = lines.iter().map(|line| line["hyphen"].as_str()).collect();
    assert_eq!(hyphens, [Some("soft"), Some("hard"), None], "{document:#}");
}

#[test]
fn lines_that_run_from_page_to_page_are_marked_and_those_of_two_pages_are_not() {
    let workstation = Workstation::new();
    let heads = |document: &Value| -> Vec<String> {
        let pages = document["pages"].as_array().unwrap();
        pages.iter().map(|page| page["lines"][0]["role"].as_str().unwrap_or("body").to_owned()).collect()
    };
    let path = workstation.file("record.pdf", notes(4, "Metoprolol 50 mg"));
    assert_eq!(heads(&read(&workstation, &path, &[])), ["head"; 4]);
    let two = [1, 2].map(|number| Sheet::note(number, "Metoprolol 50 mg"));
    let path = workstation.file("two.pdf", pdf(&two));
    assert_eq!(heads(&read(&workstation, &path, &[])), ["body"; 2]);
}
