//! Forms as they come out of old fax machines: coarse, with frames and rules, boxes and sparse words.

use image::{GrayImage, Luma};

use crate::make::{Sheet, noisy, recognise};

const DPI: f32 = 100.0;

/// Pairs of what is printed and what is typed into it.
const ENTRIES: [(&str, &str); 12] = [
    ("Patient", "Eleanor Whitfield"),
    ("Referred by", "Dr. Samuel Ortega"),
    ("Date of birth", "March 14, 1951"),
    ("Insurance", "Medicare"),
    ("Weight", "71.5 kg"),
    ("Height", "168 cm"),
    ("Allergies", "Penicillin"),
    ("Diagnosis", "Hypertension"),
    ("Medication", "Lisinopril 10 mg"),
    ("Frequency", "once daily"),
    ("Pharmacy", "Northgate"),
    ("Telephone", "555 0142"),
];

/// A letter page: entries on rules, a table with a frame, lines of dashes.
fn form() -> Sheet {
    let mut sheet = Sheet::of_size(612.0, 792.0).text(200.0, 50.0, 14.0, "REFERRAL AND INTAKE FORM");
    for (n, (label, entry)) in ENTRIES.into_iter().enumerate() {
        let (x, y) = (40.0 + 280.0 * (n % 2) as f32, 90.0 + 26.0 * (n / 2) as f32);
        sheet = sheet.text(x, y, 8.0, label).text(x + 75.0, y, 10.0, entry);
        sheet = sheet.operators(&format!(
            "0.7 w {} {} m {} {} l S",
            x + 60.0,
            792.0 - y - 2.0,
            x + 250.0,
            792.0 - y - 2.0
        ));
    }
    for row in 0..=8 {
        let y = 500.0 - 24.0 * row as f32;
        sheet = sheet.operators(&format!("1 w 40 {y} m 570 {y} l S"));
    }
    for column in 0..=6 {
        let x = 40.0 + 88.3 * column as f32;
        sheet = sheet.operators(&format!("1 w {x} 500 m {x} 308 l S"));
        for row in 0..8 {
            if let Some(cell) = cell(row, column) {
                sheet = sheet.text(x + 52.0, 792.0 - 500.0 + 17.0 + 24.0 * row as f32, 10.0, &cell);
            }
        }
    }
    for line in 0..4 {
        sheet = sheet.operators(&format!("[5 3] 0 d 1 w 40 {0} m 570 {0} l S [] 0 d", 270 - 30 * line));
    }
    sheet.text(40.0, 515.0, 8.0, "Comments").text(60.0, 575.0, 10.0, "Patient prefers morning visits.")
}

/// What is typed into the table: numbers, close to the rule on their right.
fn cell(row: usize, column: usize) -> Option<String> {
    let is_filled = column < 6 && (row + column) % 3 != 2;
    is_filled.then(|| {
        format!("{}.{}{}", 4 * row + column + 1, (row * 7 + column * 3) % 10, (row + column * 5) % 10)
    })
}

fn words() -> Vec<String> {
    let cells = (0..8).flat_map(|row| (0..6).filter_map(move |column| cell(row, column)));
    let texts = ENTRIES.iter().flat_map(|(label, entry)| [*label, *entry]);
    let others = ["REFERRAL AND INTAKE FORM", "Comments", "Patient prefers morning visits."];
    texts.chain(others).flat_map(|text| text.split(' ')).map(str::to_owned).chain(cells).collect()
}

/// The printer's ink runs and the machine sees black or white only, as a fax does; then somebody scans the fax.
fn faxed(page: &GrayImage, seed: u32) -> GrayImage {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    let mut fax = page.clone();
    for Luma([pixel]) in fax.pixels_mut() {
        let limit = 165 + (next() % 40) as u8;
        *pixel = if *pixel < limit { 20 } else { 250 };
        if next() % 2000 == 0 {
            *pixel = 20;
        }
    }
    noisy(image::imageops::blur(&fax, 0.5), seed)
}

#[test]
fn a_coarse_form_is_read_and_its_rules_are_not() {
    let page = recognise(Sheet::of_size(612.0, 792.0).scan(&faxed(&form().draw(DPI), 7)).into_pdf());
    let mut read: Vec<&str> = page.words().map(|word| word.text.as_str()).collect();
    let count = read.len();
    let truth = words();
    let mut is_read = |word: &String| {
        let at = read.iter().position(|other| other == word);
        at.map(|at| read.swap_remove(at)).is_some()
    };
    let found = truth.iter().filter(|word| is_read(word)).count();
    let (recall, precision) = (found as f64 / truth.len() as f64, found as f64 / count as f64);
    assert!(recall > 0.85, "{recall}: {}", page.text());
    assert!(precision > 0.85, "{precision}: {}", page.text());
}
