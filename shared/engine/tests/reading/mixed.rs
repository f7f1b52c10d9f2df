//! Pages with text of their own and pictures that hold more of it.

use image::{GrayImage, Luma, imageops};
use maneiro_engine::Finding;
use maneiro_page::{Page, TextSource};

use crate::make::{NOTE, Sheet, find, noisy, open, read_text_layer, recognise};

/// What a letter says that was scanned and pasted.
const LETTER: [&str; 4] = [
    "Dear colleague, thank you for referring this patient.",
    "Her spirometry was normal and the chest radiograph clear.",
    "We have stopped Amlodipine because of swollen ankles.",
    "Kind regards from the respiratory department.",
];

fn letter() -> GrayImage {
    let sheet = Sheet::of_size(420.0, 120.0);
    noisy(sheet.lines(&LETTER).draw(200.0), 7)
}

/// A page of 600 by 800 points with a note at its top and, below the letter's place, its plan.
fn around_a_letter() -> Sheet {
    Sheet::of_size(600.0, 800.0)
        .lines(&NOTE[..7])
        .text(24.0, 600.0, 11.0, NOTE[7])
        .text(24.0, 624.0, 11.0, NOTE[8])
}

fn is_once(page: &Page, text: &str) {
    assert_eq!(page.words().filter(|word| word.text == text).count(), 1, "{text:?} in {:?}", page.text());
}

/// A photograph of nothing in particular: soft shapes, no print.
fn photo() -> GrayImage {
    let image = GrayImage::from_fn(600, 600, |x, y| {
        let (x, y) = (f64::from(x) / 600.0, f64::from(y) / 600.0);
        let wave = (x * 9.0).sin() + (y * 7.0 + x * 3.0).cos() + (x * y * 20.0).sin();
        Luma([(128.0 + 40.0 * wave) as u8])
    });
    noisy(image, 5)
}

#[test]
fn a_pasted_scan_is_read_between_the_lines_around_it() {
    let page = recognise(around_a_letter().picture(&letter(), [60.0, 420.0, 420.0, 120.0]).into_pdf());
    let TextSource::Mixed { confidence } = page.text_source else { panic!("read as {:?}", page.text_source) };
    assert!(confidence > 80 && confidence < 100, "{confidence}");
    let expected = [&NOTE[..7], &LETTER, &NOTE[7..]].concat().join("\n");
    assert_eq!(page.text(), expected);
    assert_eq!(find(&page, "Metoprolol").confidence, 100);
    let word = find(&page, "Amlodipine");
    assert!(word.confidence < 100 && (word.bbox.x0 - 170.0).abs() < 12.0, "{word:?}");
    assert!((word.bbox.y1 - 350.0).abs() < 6.0, "{word:?}");
}

#[test]
fn the_line_of_a_fax_machine_is_kept_and_the_scan_below_it_recognised_without_repeating_it() {
    let fax = "FAX 20 NOV 2026 10:41 PAGE 3 OF 7";
    // The machine has printed the line on the scan as well.
    let scan = Sheet::with_note().text(24.0, 14.0, 8.0, fax).draw(200.0);
    let page = recognise(Sheet::new().scan(&scan).text(24.0, 14.0, 8.0, fax).into_pdf());
    assert!(matches!(page.text_source, TextSource::Mixed { .. }), "{:?}", page.text_source);
    assert_eq!(page.text(), [&[fax], &NOTE[..]].concat().join("\n"));
    assert_eq!(find(&page, "FAX").confidence, 100);
}

#[test]
fn a_bad_invisible_layer_is_recognised_again_and_the_stamp_on_the_scan_kept() {
    let scan = Sheet::with_note().draw(200.0);
    let garbage = ["~r0gre55 n|te 0f th3 c@rd", "|he p@t||nt i$ 4 6$ ye@r", "x#q zz|y %%t$ ~~k rr|||s t^"];
    let sheet = Sheet::new().scan(&scan).text(300.0, 290.0, 8.0, "Received 21 November");
    let page = recognise(sheet.operators("3 Tr").lines(&garbage).into_pdf());
    assert!(matches!(page.text_source, TextSource::Mixed { .. }), "{:?}", page.text_source);
    is_once(&page, "Metoprolol");
    is_once(&page, "Received");
    assert!(!page.text().contains('~'), "{}", page.text());
}

#[test]
fn text_that_lies_below_its_scan_is_a_layer_that_is_used_if_it_is_plausible() {
    let scan = Sheet::with_note().draw(100.0);
    let page = read_text_layer(Sheet::with_note().scan(&scan).into_pdf());
    assert_eq!(page.text_source, TextSource::TextLayer);
    assert!(find(&page, "Metoprolol").confidence < 100);
}

#[test]
fn a_second_picture_is_recognised_where_only_the_first_has_a_layer() {
    let scan = Sheet::with_note().draw(150.0);
    let sheet = Sheet::of_size(420.0, 600.0).picture(&scan, [0.0, 300.0, 420.0, 300.0]);
    let page = recognise(
        sheet.picture(&letter(), [0.0, 60.0, 420.0, 120.0]).operators("3 Tr").lines(&NOTE).into_pdf(),
    );
    assert_eq!(page.text(), [&NOTE[..], &LETTER].concat().join("\n"));
}

#[test]
fn a_photograph_says_nothing() {
    let page = recognise(around_a_letter().picture(&photo(), [60.0, 300.0, 250.0, 250.0]).into_pdf());
    assert_eq!(page.text_source, TextSource::TextLayer, "{}", page.text());
    assert_eq!(page.text(), NOTE.join("\n"));
}

#[test]
fn a_logo_costs_no_recognition() {
    let logo = Sheet::of_size(120.0, 40.0).text(10.0, 25.0, 14.0, "Hill Clinic").draw(200.0);
    let page = read_text_layer(Sheet::with_note().picture(&logo, [300.0, 255.0, 100.0, 33.0]).into_pdf());
    assert_eq!(page.text(), NOTE.join("\n"));
}

#[test]
fn a_scan_in_strips_on_a_page_that_is_shown_turned_is_read_in_place() {
    let letter = imageops::rotate270(&letter());
    let (width, height) = (letter.width(), letter.height());
    let mut sheet = Sheet::of_size(800.0, 600.0).rotated(90);
    // The page is 600 by 800 as it is shown; its right margin is the top of what is written here.
    for (n, line) in NOTE[..7].iter().enumerate() {
        let x = 40.0 + 24.0 * n as f32;
        sheet = sheet.operators(&format!("BT /F 11 Tf 0 1 -1 0 {x} 24 Tm ({line}) Tj ET"));
    }
    let strips = 8;
    for n in 0..strips {
        let (from, to) = (height * n / strips, height * (n + 1) / strips);
        let strip = imageops::crop_imm(&letter, 0, from, width, to - from).to_image();
        let scale = 72.0 / 200.0;
        let y = 500.0 - to as f32 * scale;
        sheet = sheet.picture(&strip, [300.0, y, width as f32 * scale, (to - from) as f32 * scale]);
    }
    let page = recognise(sheet.into_pdf());
    assert_eq!((page.width, page.height), (600.0, 800.0));
    assert_eq!(page.text(), [&NOTE[..7], &LETTER].concat().join("\n"));
    let word = find(&page, "Amlodipine");
    assert!(word.bbox.width() > 40.0 && word.bbox.height() < 16.0, "{word:?}");
    assert!((word.bbox.y1 - 390.0).abs() < 8.0, "{word:?}");
}

#[test]
fn what_is_blackened_on_a_scan_stays_unread() {
    let sheet = Sheet::of_size(420.0, 600.0).text(24.0, 20.0, 11.0, "Released by the records office");
    let sheet = sheet.picture(&Sheet::with_note().draw(200.0), [0.0, 100.0, 420.0, 300.0]);
    // Over the line with the medicines.
    let page = recognise(sheet.operators("0 g 20 305 400 14 re f").into_pdf());
    is_once(&page, "palpitations");
    assert!(!page.text().contains("Lisinopril"), "{}", page.text());
}

#[test]
fn a_passage_of_unknown_characters_is_recognised_and_the_rest_is_not() {
    let mut sheet = Sheet::of_size(600.0, 800.0).lines(&NOTE);
    for (n, line) in LETTER.iter().enumerate() {
        let y = 500.0 - 24.0 * n as f32;
        sheet = sheet.operators(&format!("BT /Mute 11 Tf 24 {y} Td ({line}) Tj ET"));
    }
    let page = recognise(sheet.into_pdf());
    assert!(matches!(page.text_source, TextSource::Mixed { .. }), "{:?}", page.text_source);
    assert_eq!(page.text(), [&NOTE[..], &LETTER].concat().join("\n"));
    assert_eq!(find(&page, "Metoprolol").confidence, 100);
}

#[test]
fn a_page_of_many_small_pictures_is_read_in_bounded_parts() {
    let slip = Sheet::of_size(200.0, 60.0).text(10.0, 35.0, 14.0, "Potassium 4.1 mmol/L").draw(150.0);
    let mut sheet = Sheet::of_size(900.0, 1200.0).text(24.0, 20.0, 11.0, "Results");
    for n in 0..40 {
        let (x, y) = (10.0 + 220.0 * (n % 4) as f32, 1080.0 - 100.0 * (n / 4) as f32);
        sheet = sheet.picture(&slip, [x, y, 200.0, 60.0]);
    }
    let page = recognise(sheet.into_pdf());
    let found = page.words().filter(|word| word.text == "Potassium").count();
    assert!(found >= 38, "{found} of 40");
}

#[test]
fn a_repeat_of_a_mixed_page_has_its_fingerprint() {
    let sheet = around_a_letter().picture(&letter(), [60.0, 420.0, 420.0, 120.0]);
    let document = open(crate::make::pdf(&[sheet.clone(), sheet]));
    let (first, second) = (document.reader().inspect(1).unwrap(), document.reader().inspect(2).unwrap());
    assert_eq!(first.fingerprint, second.fingerprint);
    assert!(matches!(first.finding, Finding::Scan(_)));
}
