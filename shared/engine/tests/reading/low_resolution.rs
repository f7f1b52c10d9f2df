//! Forms from old fax machines: low resolution, frames, ruling lines, boxes and sparse words.

use image::{GrayImage, Luma};
use maneiro_page::{Page, Word};

use crate::page_builder::{PageBuilder, recognise, with_noise};

const DPI: f32 = 100.0;

/// Pairs of a printed label and its typed entry.
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

/// A letter page: entries on ruling lines, a framed table with these cells, dashed lines.
fn form(cell: CellText) -> PageBuilder {
    let mut sheet = PageBuilder::with_size(612.0, 792.0).text(200.0, 50.0, 14.0, "REFERRAL AND INTAKE FORM");
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

/// The text in a row and column of the table, close to the ruling line on its right.
type CellText = fn(usize, usize) -> Option<String>;

fn number(row: usize, column: usize) -> Option<String> {
    Some(format!("{}{}", 4 * row + column + 1, below_one(row, column)?))
}

/// A number with a leading decimal point.
fn below_one(row: usize, column: usize) -> Option<String> {
    let is_filled = column < 6 && (row + column) % 3 != 2;
    is_filled.then(|| format!(".{}{}", (row * 7 + column * 3) % 10, (row + column * 5) % 10))
}

fn cells(cell: CellText) -> Vec<String> {
    (0..8).flat_map(|row| (0..6).filter_map(move |column| cell(row, column))).collect()
}

fn words() -> Vec<String> {
    let texts = ENTRIES.iter().flat_map(|(label, entry)| [*label, *entry]);
    let others = ["REFERRAL AND INTAKE FORM", "Comments", "Patient prefers morning visits."];
    texts.chain(others).flat_map(|text| text.split(' ')).map(str::to_owned).chain(cells(number)).collect()
}

/// A scan of a fax: black and white with ragged edges and speckle, then blurred and noisy.
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
    with_noise(image::imageops::blur(&fax, 0.5), seed)
}

fn read_fax(cell: CellText) -> Page {
    recognise(PageBuilder::with_size(612.0, 792.0).scan(&faxed(&form(cell).draw(DPI), 7)).into_pdf())
}

#[test]
fn most_values_below_one_are_read_or_have_low_confidence() {
    let page = read_fax(below_one);
    let is_in_table = |word: &&Word| word.bbox.y0 > 292.0 && word.bbox.y1 < 484.0;
    let cells = cells(below_one);
    let (right, wrong): (Vec<&Word>, Vec<&Word>) =
        page.words().filter(is_in_table).partition(|word| cells.contains(&word.text));
    let sure = wrong.iter().filter(|word| word.confidence > 30).count();
    assert!(right.len() >= 16, "{} of {}: {}", right.len(), cells.len(), page.text());
    assert!(sure <= 10, "{sure} are wrong and not marked: {}", page.text());
}

#[test]
fn low_resolution_form_is_read_without_its_rules() {
    let page = read_fax(number);
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
