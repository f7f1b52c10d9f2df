//! Scanned and faxed pages.

use image::{GrayImage, Luma, imageops};
use maneiro_page::{BBox, Page, TextSource};

use crate::page_builder::{
    NOTE, PageBuilder, find, open, overlap, png, read_page, read_text_layer, recognise, skew, tiff, tiff_at,
    with_noise,
};

const DPI: f32 = 200.0;

/// Words that are read correctly if the page is read at all.
const LANDMARKS: [&str; 6] =
    ["Metoprolol", "Lisinopril", "echocardiogram", "medications,", "palpitations", "cardiology"];

fn note() -> GrayImage {
    PageBuilder::with_note().draw(DPI)
}

/// The share of the note's words that were read, from 0 to 1.
fn recall(page: &Page) -> f64 {
    let mut left: Vec<&str> = page.words().map(|word| word.text.as_str()).collect();
    let truth: Vec<&str> = NOTE.iter().flat_map(|line| line.split(' ')).collect();
    let found = truth
        .iter()
        .filter(|word| left.iter().position(|other| other == *word).map(|at| left.swap_remove(at)).is_some());
    found.count() as f64 / truth.len() as f64
}

/// Checks the boxes of the landmarks on a scan that was made by transforming the upright page.
fn check_places(page: &Page, transform: impl Fn(f32, f32) -> (f32, f32), min_overlap: f32) {
    let upright = read_text_layer(PageBuilder::with_note().into_pdf());
    for landmark in LANDMARKS {
        let b = find(&upright, landmark).bbox;
        let corners = [(b.x0, b.y0), (b.x1, b.y0), (b.x0, b.y1), (b.x1, b.y1)].map(|(x, y)| transform(x, y));
        let expected = corners
            .iter()
            .fold(BBox { x0: f32::MAX, y0: f32::MAX, x1: f32::MIN, y1: f32::MIN }, |all, (x, y)| {
                all.union(&BBox { x0: *x, y0: *y, x1: *x, y1: *y })
            });
        let found = find(page, landmark).bbox;
        assert!(overlap(&found, &expected) > min_overlap, "{landmark}: {found:?} for {expected:?}");
    }
}

#[test]
fn white_print_on_a_black_page_is_read() {
    let mut image = PageBuilder::with_note().draw(200.0);
    image::imageops::invert(&mut image);
    let page = recognise(PageBuilder::new().scan(&image).into_pdf());
    assert_eq!(page.text(), NOTE.join("\n"));
}

#[test]
fn hyphenated_word_of_a_scan_is_searched_whole() {
    let sheet = PageBuilder::new().text(24.0, 60.0, 11.0, "She is known to have hyper-").text(
        24.0,
        74.0,
        11.0,
        "tension since the year 2012",
    );
    let page = recognise(PageBuilder::new().scan(&sheet.draw(300.0)).into_pdf());
    assert!(page.search_text().as_str().contains("have hypertension since"), "{}", page.text());
}

#[test]
fn scan_is_recognised_with_words_in_place() {
    let page = recognise(PageBuilder::new().scan(&with_noise(note(), 1)).into_pdf());
    let TextSource::Ocr { confidence } = page.text_source else { panic!("read as {:?}", page.text_source) };
    assert!(confidence > 85, "{confidence}");
    assert!(recall(&page) > 0.95, "{}", page.text());
    check_places(&page, |x, y| (x, y), 0.5);
}

#[test]
fn framed_table_keeps_decimal_points_without_extra_letters() {
    const ROWS: [[&str; 4]; 8] = [
        ["Creatinine", "1.1", "mg/dL", "0.7"],
        ["C-reactive protein", "2.2", "mg/L", "0.1"],
        ["Hemoglobin", "11.6", "g/dL", "12.5"],
        ["Magnesium", "2.1", "mg/dL", "1.7"],
        ["Potassium", "4.8", "mmol/L", "3.6"],
        ["Red blood cells", "4.76", "T/L", "3.92"],
        ["Urea nitrogen", "11.2", "mg/dL", "6.0"],
        ["White blood cells", "7.5", "G/L", "3.4"],
    ];
    const COLUMNS: [f32; 5] = [60.0, 190.0, 240.0, 310.0, 360.0];
    let top = |row: usize| 60.0 + 18.0 * row as f32;
    let mut sheet = PageBuilder::new();
    for (row, cells) in ROWS.iter().enumerate() {
        for (cell, x) in cells.iter().zip(COLUMNS) {
            sheet = sheet.text(x + 5.0, top(row) + 13.0, 10.0, cell);
        }
    }
    for row in 0..=ROWS.len() {
        sheet = sheet.operators(&format!("0.6 w 60 {y} m 360 {y} l S", y = 300.0 - top(row)));
    }
    for x in COLUMNS {
        sheet = sheet.operators(&format!("{x} {} m {x} {} l S", 300.0 - top(0), 300.0 - top(ROWS.len())));
    }
    // Pale print on gray paper, as most scanners deliver it.
    let mut picture = sheet.draw(300.0);
    picture.pixels_mut().for_each(|pixel| pixel.0[0] = 70 + (f32::from(pixel.0[0]) * 0.6) as u8);
    let page = recognise(PageBuilder::new().scan(&with_noise(picture, 3)).into_pdf());
    let lines: Vec<String> = page.lines.iter().map(maneiro_page::Line::text).collect();
    for cells in ROWS {
        assert!(lines.contains(&cells.join(" ")), "{cells:?} in {lines:#?}");
    }
}

#[test]
fn large_shaded_and_reverse_video_print_is_read() {
    let sheet = PageBuilder::with_size(420.0, 300.0)
        .text(40.0, 60.0, 52.0, "HOSPITAL")
        .operators("0 g 40 200 340 20 re f 0.75 g 40 170 340 20 re f")
        .operators("1 g")
        .text(48.0, 94.0, 11.0, "Allergies: penicillin")
        .operators("0 g")
        .text(48.0, 124.0, 11.0, "Diagnosis of atrial fibrillation")
        .text(40.0, 160.0, 11.0, "Glucose in the urine")
        .text(240.0, 160.0, 11.0, "-")
        .text(40.0, 180.0, 11.0, "There is no chest pain and no shortness of breath while walking.");
    let page = recognise(PageBuilder::new().scan(&with_noise(sheet.draw(300.0), 4)).into_pdf());
    let lines: Vec<String> = page.lines.iter().map(maneiro_page::Line::text).collect();
    assert_eq!(
        lines,
        [
            "HOSPITAL",
            "Allergies: penicillin",
            "Diagnosis of atrial fibrillation",
            "Glucose in the urine -",
            "There is no chest pain and no shortness of breath while walking."
        ]
    );
}

#[test]
fn image_file_is_recognised() {
    let image = imageops::resize(&note(), 1750, 1250, imageops::FilterType::Triangle);
    let page = recognise(png(&image));
    assert_eq!((page.width, page.height), (792.0, 792.0 * 1250.0 / 1750.0));
    assert!(recall(&page) > 0.95, "{}", page.text());
}

#[test]
fn sideways_and_upside_down_pages_are_read_in_place() {
    let scan = with_noise(note(), 2);
    let (width, height) = (420.0, 300.0);
    let clockwise =
        recognise(PageBuilder::with_size(height, width).scan(&imageops::rotate90(&scan)).into_pdf());
    assert!(recall(&clockwise) > 0.95, "{}", clockwise.text());
    check_places(&clockwise, |x, y| (height - y, x), 0.5);

    let over = recognise(PageBuilder::new().scan(&imageops::rotate180(&scan)).into_pdf());
    assert!(recall(&over) > 0.95, "{}", over.text());
    check_places(&over, |x, y| (width - x, height - y), 0.5);

    let anticlockwise =
        recognise(PageBuilder::with_size(height, width).scan(&imageops::rotate270(&scan)).into_pdf());
    assert!(recall(&anticlockwise) > 0.95, "{}", anticlockwise.text());
    check_places(&anticlockwise, |x, y| (y, width - x), 0.5);
}

#[test]
fn skewed_pages_are_read_in_place() {
    for degrees in [-8.0, 4.0] {
        let page = recognise(PageBuilder::new().scan(&skew(&with_noise(note(), 3), degrees)).into_pdf());
        let cut_off = 0.1;
        assert!(recall(&page) > 0.9 - cut_off, "{degrees}: {}", page.text());
        let (sin, cos) = (degrees.to_radians() as f32).sin_cos();
        let turn = |x: f32, y: f32| {
            let (dx, dy) = (x - 210.0, y - 150.0);
            (210.0 + dx * cos - dy * sin, 150.0 + dx * sin + dy * cos)
        };
        check_places(&page, turn, 0.5);
    }
}

#[test]
fn skewed_small_pale_print_on_gray_is_read() {
    let sheet = (0..50).fold(PageBuilder::with_size(612.0, 792.0), |sheet, line| {
        sheet.text(
            40.0,
            60.0 + 13.0 * line as f32,
            8.0,
            "The patient was seen today and takes no other medicine.",
        )
    });
    let mut scan = skew(&sheet.draw(200.0), 1.2);
    scan.pixels_mut().for_each(|pixel| pixel.0[0] = 90 + (f32::from(pixel.0[0]) * 110.0 / 255.0) as u8);
    let page = recognise(PageBuilder::with_size(612.0, 792.0).scan(&scan).into_pdf());
    let medicines = page.words().filter(|word| word.text == "medicine.").count();
    assert!(medicines >= 40, "{medicines} of 50");
}

#[test]
fn page_of_capitals_and_numbers_is_turned_upright() {
    let lines = [
        "DISCHARGE SUMMARY 2024",
        "SODIUM 138 POTASSIUM 4.1",
        "CHLORIDE 102 GLUCOSE 101",
        "HEMOGLOBIN 13.2 PLATELETS 240",
    ];
    let scan = PageBuilder::new().lines(&lines).draw(DPI);
    let page = recognise(PageBuilder::new().scan(&imageops::rotate180(&scan)).into_pdf());
    for word in ["DISCHARGE", "POTASSIUM", "HEMOGLOBIN", "102"] {
        find(&page, word);
    }
}

#[test]
fn low_and_high_resolution_scans_are_read() {
    for dpi in [100.0, 600.0] {
        let page = recognise(PageBuilder::new().scan(&PageBuilder::with_note().draw(dpi)).into_pdf());
        assert!(recall(&page) > 0.9, "{dpi}: {}", page.text());
    }
}

#[test]
fn empty_sheet_with_noise_holes_and_shadow_is_blank() {
    let mut sheet = GrayImage::from_pixel(1240, 1754, Luma([245]));
    for (x, y, Luma([pixel])) in sheet.enumerate_pixels_mut() {
        let hole = |cy: u32| (i64::from(x) - 70).pow(2) + (i64::from(y) - i64::from(cy)).pow(2) < 18 * 18;
        if x < 9 {
            *pixel = 60;
        } else if hole(550) || hole(1200) {
            *pixel = 40;
        }
    }
    let page = recognise(PageBuilder::with_size(595.0, 842.0).scan(&with_noise(sheet, 4)).into_pdf());
    assert_eq!(page.text_source, TextSource::Blank);
}

#[test]
fn sheet_with_one_word_is_not_blank() {
    let scan = with_noise(PageBuilder::new().text(180.0, 150.0, 11.0, "Discharged").draw(DPI), 5);
    let page = recognise(PageBuilder::new().scan(&scan).into_pdf());
    assert_eq!(page.text(), "Discharged");
}

#[test]
fn each_tiff_image_is_a_page() {
    let second = PageBuilder::new().lines(&["Second page of the fax", "with its own words"]).draw(300.0);
    let first = PageBuilder::with_note().draw(300.0);
    let bytes = tiff(&[&first, &second, &first]);
    let document = open(bytes);
    assert_eq!(document.page_count(), 3);
    let inspection: Vec<_> = (1..=3).map(|page| document.reader().inspect(page).unwrap()).collect();
    assert_eq!(inspection[0].fingerprint, inspection[2].fingerprint);
    assert_ne!(inspection[0].fingerprint, inspection[1].fingerprint);
    assert!((inspection[1].width - 420.0).abs() < 0.5, "{}", inspection[1].width);

    let mut ocr_engine = maneiro_engine::OcrEngine::english().unwrap();
    assert_eq!(
        read_page(&mut ocr_engine, &document, 2).unwrap().text(),
        "Second page of the fax\nwith its own words"
    );
}

#[test]
fn fax_with_oblong_pixels_has_its_true_shape() {
    let fine = PageBuilder::with_note().draw(204.0);
    let fax = imageops::resize(&fine, fine.width(), fine.height() / 2, imageops::FilterType::Triangle);
    let page = recognise(tiff_at(&[&fax], (204, 102)));
    assert!(
        (page.width - 420.0).abs() < 1.0 && (page.height - 300.0).abs() < 1.0,
        "{} × {}",
        page.width,
        page.height
    );
    assert!(recall(&page) > 0.85, "{}", page.text());
}

#[test]
fn scan_that_the_file_rotates_is_read_in_place() {
    // Scanned sideways; the file rotates it upright.
    let scan = imageops::rotate270(&with_noise(note(), 6));
    let page = recognise(PageBuilder::with_size(300.0, 420.0).scan(&scan).rotated(90).into_pdf());
    assert_eq!((page.width, page.height), (420.0, 300.0));
    assert!(recall(&page) > 0.95, "{}", page.text());
    check_places(&page, |x, y| (x, y), 0.5);
}

#[test]
fn scan_that_is_painted_over_is_read_as_shown() {
    let page = recognise(PageBuilder::new().scan(&note()).operators("1 g 0 250 420 50 re f").into_pdf());
    assert!(!page.text().contains("Progress"), "{}", page.text());
    find(&page, "Metoprolol");
}

#[test]
fn list_numbers_and_table_cells_stay_on_their_lines() {
    let mut sheet = PageBuilder::new();
    let rows = [
        ["Sodium", "139", "mmol/L"],
        ["Potassium", "4.4", "mmol/L"],
        ["Creatinine", "1.18", "mg/dL"],
        ["Glucose", "168", "mg/dL"],
    ];
    for (n, [test, value, unit]) in rows.into_iter().enumerate() {
        let y = 30.0 + 18.0 * n as f32;
        sheet = sheet.text(24.0, y, 11.0, test).text(190.0, y, 11.0, value).text(320.0, y, 11.0, unit);
    }
    for (n, item) in
        ["Continue Metoprolol as before.", "Repeat the blood tests in May.", "Return in six months."]
            .into_iter()
            .enumerate()
    {
        let y = 150.0 + 24.0 * n as f32;
        sheet = sheet.text(24.0, y, 11.0, &format!("{}.", n + 1)).text(60.0, y, 11.0, item);
    }
    let text = recognise(PageBuilder::new().scan(&sheet.draw(300.0)).into_pdf()).text();
    for line in [
        "Potassium 4.4 mmol/L",
        "Creatinine 1.18 mg/dL",
        "1. Continue Metoprolol as before.",
        "3. Return in six months.",
    ] {
        assert!(text.lines().any(|other| other == line), "{text}");
    }
}

#[test]
fn columns_of_a_scan_are_read_in_turn() {
    let mut sheet = PageBuilder::with_size(500.0, 300.0).text(
        24.0,
        30.0,
        14.0,
        "Information for patients after a rotator cuff repair",
    );
    for n in 0..8 {
        let y = 60.0 + 15.0 * n as f32;
        sheet = sheet.text(24.0, y, 10.0, &format!("Left column sentence number {n} says so."));
        sheet = sheet.text(270.0, y + 6.0, 10.0, &format!("Right column sentence number {n} says so."));
    }
    let text = recognise(PageBuilder::with_size(500.0, 300.0).scan(&sheet.draw(300.0)).into_pdf()).text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 17, "{text}");
    assert_eq!(lines[2], "Left column sentence number 1 says so.");
    assert_eq!(lines[9], "Right column sentence number 0 says so.");
}

#[test]
fn missing_language_is_named_with_its_package() {
    let error = maneiro_engine::OcrEngine::new(&["eng", "xx_yy"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the language model \"xx_yy\" is not installed; it is in Debian's tesseract-ocr-xx-yy and \
         Homebrew's tesseract-lang"
    );
    assert!(maneiro_engine::OcrEngine::new(&["../eng"]).is_err());
    assert!(maneiro_engine::OcrEngine::new(&[]).is_err());
}

/// A page with values below one that lack the leading zero, in sentences and in a table, and the values.
fn values_below_one() -> (PageBuilder, Vec<String>) {
    let (mut sheet, mut values) = (PageBuilder::with_size(612.0, 792.0), Vec::new());
    for row in 0..20 {
        let y = 60.0 + 24.0 * row as f32;
        let [one, two, three] = [row % 10, row * 3 % 10, row * 7 % 10];
        let sentence = format!("Take .{one} mg of Warfarin daily. .{one}5 mg more, INR .{two}{one}");
        let (wide, narrow) = (format!(".{three}{one}"), format!(".{three}"));
        sheet =
            sheet.text(40.0, y, 10.0, &sentence).text(400.0, y, 10.0, &wide).text(480.0, y, 10.0, &narrow);
        sheet = sheet.operators(&format!("1 w 380 {0} m 570 {0} l S", 784.0 - y));
        let in_sentence = sentence.split(' ').filter(|word| word.starts_with('.')).map(str::to_owned);
        values.extend(in_sentence.chain([wide, narrow]));
    }
    for x in [380, 460, 570] {
        sheet = sheet.operators(&format!("1 w {x} 740 m {x} 260 l S"));
    }
    (sheet, values)
}

#[test]
fn leading_decimal_points_are_kept() {
    for dpi in [300.0, 200.0] {
        let (sheet, values) = values_below_one();
        let page = recognise(PageBuilder::with_size(612.0, 792.0).scan(&sheet.draw(dpi)).into_pdf());
        let mut missing = values.clone();
        let mut wrong = Vec::new();
        for word in page.words().filter(|word| word.text.contains(|sign: char| sign.is_ascii_digit())) {
            match missing.iter().position(|value| *value == word.text) {
                Some(at) => drop(missing.swap_remove(at)),
                None => wrong.push((&word.text, word.confidence)),
            }
        }
        assert!(missing.is_empty() && wrong.is_empty(), "{dpi}: missing {missing:?}, wrong {wrong:?}");
    }
}

/// A page with headings and values, each underlined by a thin line `gap` points below the baseline, which touches letters
/// and crosses descenders, and the words.
fn underlined(gap: f32) -> (PageBuilder, Vec<&'static str>) {
    const TEXTS: [&str; 20] = [
        "ASSESSMENT",
        "PLAN",
        "MEDICATIONS",
        "ALLERGIES",
        "HISTORY OF PRESENT ILLNESS",
        "Past Medical History",
        "Family History",
        "PHYSICAL EXAMINATION",
        "LABORATORY DATA",
        "Recommendations",
        "Discharge Diagnosis",
        "HOSPITAL COURSE",
        "Review of Systems",
        "Vital Signs",
        "CHIEF COMPLAINT",
        "Condition on Discharge",
        "Creatinine 135.3",
        "Digoxin 0.25 mg",
        "Potassium 4.2",
        "Weight 71.5 kg",
    ];
    let mut sheet = PageBuilder::with_size(612.0, 400.0);
    for (at, text) in TEXTS.into_iter().enumerate() {
        let (x, y) = (60.0 + 260.0 * (at % 2) as f32, 40.0 + 32.0 * (at / 2) as f32);
        let (end, below) = (x + 8.0 * text.len() as f32, 400.0 - y - gap - 0.5);
        sheet = sheet.text(x, y, 10.5, text).operators(&format!("1 w {x} {below} m {end} {below} l S"));
    }
    (sheet, TEXTS.iter().flat_map(|text| text.split(' ')).collect())
}

#[test]
fn underlined_words_keep_feet_and_descenders() {
    for (dpi, gap, allowed) in
        [(300.0, 0.0, 0), (300.0, 0.5, 0), (200.0, 0.0, 0), (200.0, 0.5, 0), (100.0, 0.5, 1)]
    {
        let (sheet, mut missing) = underlined(gap);
        let page = recognise(PageBuilder::with_size(612.0, 400.0).scan(&sheet.draw(dpi)).into_pdf());
        let mut others: Vec<&str> = page.words().map(|word| word.text.as_str()).collect();
        missing.retain(|word| match others.iter().position(|other| other == word) {
            Some(at) => others.swap_remove(at) != *word,
            None => true,
        });
        assert!(missing.len() <= allowed, "{dpi} {gap}: missing {missing:?}, instead {others:?}");
    }
}

#[test]
fn plus_after_a_grade_is_not_read_as_a_digit() {
    let mut sheet = PageBuilder::with_size(612.0, 400.0);
    for row in 0..8 {
        let (y, grade) = (40.0 + 16.0 * row as f32, row % 4 + 1);
        let sentence = format!("Edema {grade}+, reflexes {grade}+, protein {grade}+ in the urine");
        sheet = sheet.text(40.0, y, 9.0, &sentence).text(380.0, y, 9.0, &format!("{grade}+"));
        sheet = sheet.operators(&format!("0.7 w 370 {} 60 14 re S", 400.0 - y - 4.0));
    }
    for dpi in [300.0, 200.0] {
        let page = recognise(PageBuilder::with_size(612.0, 400.0).scan(&sheet.clone().draw(dpi)).into_pdf());
        let mut wrong = Vec::new();
        for word in page.words().filter(|word| word.text.contains(|sign: char| sign.is_ascii_digit())) {
            let grade = word.text.trim_end_matches(',');
            if !["1+", "2+", "3+", "4+"].contains(&grade) && word.confidence > 30 {
                wrong.push(&word.text);
            }
        }
        assert!(wrong.is_empty(), "{dpi}: {wrong:?} {}", page.text());
        let right = page.words().filter(|word| word.text.trim_end_matches(',').ends_with('+')).count();
        assert!(right >= 30, "{dpi}: {right} of 32, {}", page.text());
    }
}
