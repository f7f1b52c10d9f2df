//! Pages with a text layer and images that contain more text.

use image::{GrayImage, Luma, imageops};
use maneiro_engine::Finding;
use maneiro_page::{Page, TextSource};

use crate::page_builder::{NOTE, PageBuilder, find, open, read_text_layer, recognise, with_noise};

/// The text of a scanned letter that is pasted on the page.
const LETTER: [&str; 4] = [
    "Dear colleague, thank you for referring this patient.",
    "Her spirometry was normal and the chest radiograph clear.",
    "We have stopped Amlodipine because of swollen ankles.",
    "Kind regards from the respiratory department.",
];

fn letter() -> GrayImage {
    let sheet = PageBuilder::with_size(420.0, 120.0);
    with_noise(sheet.lines(&LETTER).draw(200.0), 7)
}

/// A page of 600 by 800 points with a note above the place of the letter and the note's plan below it.
fn around_a_letter() -> PageBuilder {
    PageBuilder::with_size(600.0, 800.0)
        .lines(&NOTE[..7])
        .text(24.0, 600.0, 11.0, NOTE[7])
        .text(24.0, 624.0, 11.0, NOTE[8])
}

fn check_occurs_once(page: &Page, text: &str) {
    assert_eq!(page.words().filter(|word| word.text == text).count(), 1, "{text:?} in {:?}", page.text());
}

/// A photograph: soft shapes, no print.
fn photo() -> GrayImage {
    let image = GrayImage::from_fn(600, 600, |x, y| {
        let (x, y) = (f64::from(x) / 600.0, f64::from(y) / 600.0);
        let wave = (x * 9.0).sin() + (y * 7.0 + x * 3.0).cos() + (x * y * 20.0).sin();
        Luma([(128.0 + 40.0 * wave) as u8])
    });
    with_noise(image, 5)
}

#[test]
fn pasted_scan_is_read_between_the_lines_around_it() {
    let page = recognise(around_a_letter().image(&letter(), [60.0, 420.0, 420.0, 120.0]).into_pdf());
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
fn fax_header_on_a_scan_is_read_once() {
    let fax = "FAX 20 NOV 2026 10:41 PAGE 3 OF 7";
    // The fax machine has printed its header on the scan as well.
    let scan = PageBuilder::with_note().text(24.0, 14.0, 8.0, fax).draw(200.0);
    let page = recognise(PageBuilder::new().scan(&scan).text(24.0, 14.0, 8.0, fax).into_pdf());
    assert!(matches!(page.text_source, TextSource::Mixed { .. }), "{:?}", page.text_source);
    assert_eq!(page.text(), [&[fax], &NOTE[..]].concat().join("\n"));
    assert_eq!(find(&page, "FAX").confidence, 100);
}

#[test]
fn unusable_hidden_layer_is_replaced_and_the_stamp_kept() {
    let scan = PageBuilder::with_note().draw(200.0);
    let garbage = ["~r0gre55 n|te 0f th3 c@rd", "|he p@t||nt i$ 4 6$ ye@r", "x#q zz|y %%t$ ~~k rr|||s t^"];
    let sheet = PageBuilder::new().scan(&scan).text(300.0, 290.0, 8.0, "Received 21 November");
    let page = recognise(sheet.operators("3 Tr").lines(&garbage).into_pdf());
    assert!(matches!(page.text_source, TextSource::Mixed { .. }), "{:?}", page.text_source);
    check_occurs_once(&page, "Metoprolol");
    check_occurs_once(&page, "Received");
    assert!(!page.text().contains('~'), "{}", page.text());
}

#[test]
fn plausible_text_below_a_scan_is_used() {
    let scan = PageBuilder::with_note().draw(100.0);
    let page = read_text_layer(PageBuilder::with_note().scan(&scan).into_pdf());
    assert_eq!(page.text_source, TextSource::TextLayer);
    assert!(find(&page, "Metoprolol").confidence < 100);
}

#[test]
fn image_without_a_hidden_layer_is_recognised() {
    let scan = PageBuilder::with_note().draw(150.0);
    let sheet = PageBuilder::with_size(420.0, 600.0).image(&scan, [0.0, 300.0, 420.0, 300.0]);
    let page = recognise(
        sheet.image(&letter(), [0.0, 60.0, 420.0, 120.0]).operators("3 Tr").lines(&NOTE).into_pdf(),
    );
    assert_eq!(page.text(), [&NOTE[..], &LETTER].concat().join("\n"));
}

#[test]
fn photograph_has_no_text() {
    let page = recognise(around_a_letter().image(&photo(), [60.0, 300.0, 250.0, 250.0]).into_pdf());
    assert_eq!(page.text_source, TextSource::TextLayer, "{}", page.text());
    assert_eq!(page.text(), NOTE.join("\n"));
}

#[test]
fn logo_needs_no_ocr() {
    let logo = PageBuilder::with_size(120.0, 40.0).text(10.0, 25.0, 14.0, "Hill Clinic").draw(200.0);
    let page = read_text_layer(PageBuilder::with_note().image(&logo, [300.0, 255.0, 100.0, 33.0]).into_pdf());
    assert_eq!(page.text(), NOTE.join("\n"));
}

#[test]
fn strips_of_a_scan_on_a_rotated_page_are_read_in_place() {
    let letter = imageops::rotate270(&letter());
    let (width, height) = (letter.width(), letter.height());
    let mut sheet = PageBuilder::with_size(800.0, 600.0).rotated(90);
    // The page is shown as 600 by 800; its right margin is the top of these coordinates.
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
        sheet = sheet.image(&strip, [300.0, y, width as f32 * scale, (to - from) as f32 * scale]);
    }
    let page = recognise(sheet.into_pdf());
    assert_eq!((page.width, page.height), (600.0, 800.0));
    assert_eq!(page.text(), [&NOTE[..7], &LETTER].concat().join("\n"));
    let word = find(&page, "Amlodipine");
    assert!(word.bbox.width() > 40.0 && word.bbox.height() < 16.0, "{word:?}");
    assert!((word.bbox.y1 - 390.0).abs() < 8.0, "{word:?}");
}

#[test]
fn redacted_lines_of_a_scan_stay_unread() {
    let sheet = PageBuilder::with_size(420.0, 600.0).text(24.0, 20.0, 11.0, "Released by the records office");
    let sheet = sheet.image(&PageBuilder::with_note().draw(200.0), [0.0, 100.0, 420.0, 300.0]);
    // Covers the line with the medications.
    let page = recognise(sheet.operators("0 g 20 305 400 14 re f").into_pdf());
    check_occurs_once(&page, "palpitations");
    assert!(!page.text().contains("Lisinopril"), "{}", page.text());
}

#[test]
fn only_the_passage_with_unknown_characters_is_recognised() {
    let mut sheet = PageBuilder::with_size(600.0, 800.0).lines(&NOTE);
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
fn many_small_images_are_read_as_one_region() {
    let slip = PageBuilder::with_size(200.0, 60.0).text(10.0, 35.0, 14.0, "Potassium 4.1 mmol/L").draw(150.0);
    let mut sheet = PageBuilder::with_size(900.0, 1200.0).text(24.0, 20.0, 11.0, "Results");
    for n in 0..40 {
        let (x, y) = (10.0 + 220.0 * (n % 4) as f32, 1080.0 - 100.0 * (n / 4) as f32);
        sheet = sheet.image(&slip, [x, y, 200.0, 60.0]);
    }
    let page = recognise(sheet.into_pdf());
    let found = page.words().filter(|word| word.text == "Potassium").count();
    assert!(found >= 38, "{found} of 40");
}

#[test]
fn duplicate_of_a_mixed_page_has_the_same_fingerprint() {
    let sheet = around_a_letter().image(&letter(), [60.0, 420.0, 420.0, 120.0]);
    let document = open(crate::page_builder::pdf(&[sheet.clone(), sheet]));
    let (first, second) = (document.reader().inspect(1).unwrap(), document.reader().inspect(2).unwrap());
    assert_eq!(first.fingerprint, second.fingerprint);
    assert!(matches!(first.finding, Finding::Scan(_)));
}
