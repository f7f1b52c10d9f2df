//! Near-duplicate pages, headers and footers, and hyphenation.

use std::path::Path;

use maneiro_tests::{
    pdf_fixtures::{ScanConditions, TestPage, build_pdf, notes_pdf, scanned_pdf},
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

fn near_duplicates(document: &Value) -> Vec<Option<u64>> {
    let pages = document["pages"].as_array().unwrap();
    pages.iter().map(|page| page["near_duplicate"]["duplicate_of"].as_u64()).collect()
}

#[test]
fn a_second_scan_is_a_near_duplicate_but_not_a_changed_form() {
    let workstation = Workstation::new();
    let straight = ScanConditions { skew_permille: 0, paper_level: 245, noise_level: 3 };
    let crooked = ScanConditions { skew_permille: 22, paper_level: 215, noise_level: 7 };
    let later = RESULTS.replace("4.2", "4.8");
    let file = scanned_pdf(&[
        (LETTER, straight),
        (RESULTS, straight),
        (LETTER, crooked),
        (&later, crooked),
        ("Back of the letter", straight),
        (RESULTS, ScanConditions { skew_permille: -12, paper_level: 230, noise_level: 5 }),
        ("Back of the letter", crooked),
    ]);
    let path = workstation.write_file("record.pdf", file);
    let document = read(&workstation, &path, &[]);
    assert_eq!(near_duplicates(&document), [None, None, Some(1), None, None, Some(2), None], "{document:#}");
    let similarity = document["pages"][2]["near_duplicate"]["similarity"].as_f64().unwrap();
    assert!((0.75..=1.0).contains(&similarity), "{similarity}");
}

#[test]
fn near_duplicates_do_not_depend_on_the_reading_order() {
    let sheets: Vec<(String, ScanConditions)> = (0..6)
        .map(|n| {
            (
                LETTER.replace("fifty seven", ["sixty", "forty"][n % 2]),
                ScanConditions { skew_permille: 3, paper_level: 240, noise_level: n as u8 },
            )
        })
        .collect();
    let sheets: Vec<(&str, ScanConditions)> =
        sheets.iter().map(|(words, conditions)| (words.as_str(), *conditions)).collect();
    let file = scanned_pdf(&sheets);
    let (one, two) = (Workstation::new(), Workstation::new());
    let (path, again) = (one.write_file("record.pdf", &file), two.write_file("record.pdf", &file));
    let alone = read(&one, &path, &["--workers=1"]);
    // The later pages are read first here, and annotated again when the earlier ones are there.
    let _ = read(&two, &again, &["--pages=4-6", "--workers=3"]);
    assert_eq!(read(&two, &again, &["--workers=3"])["pages"], alone["pages"]);
    assert_eq!(near_duplicates(&alone).iter().flatten().count(), 4, "{:?}", near_duplicates(&alone));
}

#[test]
fn hyphenated_lines_are_marked() {
    let workstation = Workstation::new();
    let text = ["The patient is known to have hyper-", "tension and takes vitamin B-", "12 every day."];
    let path =
        workstation.write_file("record.pdf", build_pdf(&[TestPage::Text(text.map(str::to_owned).to_vec())]));
    let document = read(&workstation, &path, &[]);
    let lines = document["pages"][0]["lines"].as_array().unwrap();
    let hyphens: Vec<Option<&str>> = lines.iter().map(|line| line["hyphen"].as_str()).collect();
    assert_eq!(hyphens, [Some("soft"), Some("hard"), None], "{document:#}");
}

#[test]
fn headers_are_marked_from_three_pages_on() {
    let workstation = Workstation::new();
    let heads = |document: &Value| -> Vec<String> {
        let pages = document["pages"].as_array().unwrap();
        pages.iter().map(|page| page["lines"][0]["role"].as_str().unwrap_or("body").to_owned()).collect()
    };
    let path = workstation.write_file("record.pdf", notes_pdf(4, "Metoprolol 50 mg"));
    assert_eq!(heads(&read(&workstation, &path, &[])), ["header"; 4]);
    let two = [1, 2].map(|number| TestPage::note(number, "Metoprolol 50 mg"));
    let path = workstation.write_file("two.pdf", build_pdf(&two));
    assert_eq!(heads(&read(&workstation, &path, &[])), ["body"; 2]);
}
