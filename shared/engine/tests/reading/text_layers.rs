//! Pages with usable and with unusable text layers.

use maneiro_engine::{Finding, PageError};
use maneiro_page::TextSource;

use crate::page_builder::{NOTE, PageBuilder, find, open, pdf, read_text_layer, recognise};

#[test]
fn text_layer_gives_words_in_reading_order() {
    let page = read_text_layer(PageBuilder::with_note().into_pdf());
    assert_eq!(page.text_source, TextSource::TextLayer);
    assert_eq!((page.number, page.width, page.height), (1, 420.0, 300.0));
    assert_eq!(page.text(), NOTE.join("\n"));
    assert!(page.words().all(|word| word.confidence == 100));
}

#[test]
fn word_has_the_box_of_its_letters() {
    let page = read_text_layer(PageBuilder::new().text(100.0, 50.0, 20.0, "Tablets left").into_pdf());
    let bbox = find(&page, "Tablets").bbox;
    // In Helvetica "Tablets" is 3.279 em wide and a capital 0.72 em high.
    assert!((bbox.x0 - 100.0).abs() < 0.5 && (bbox.x1 - 165.6).abs() < 0.5, "{bbox:?}");
    assert!((bbox.y1 - 50.0).abs() < 0.6 && (bbox.y0 - 35.4).abs() < 0.8, "{bbox:?}");
    assert!(find(&page, "left").bbox.x0 > bbox.x1 + 3.0);
}

#[test]
fn boxes_of_a_rotated_page_are_as_shown() {
    let page = read_text_layer(PageBuilder::new().text(100.0, 50.0, 20.0, "Tablets").rotated(90).into_pdf());
    assert_eq!((page.width, page.height), (300.0, 420.0));
    let bbox = find(&page, "Tablets").bbox;
    // The top left corner becomes the top right one: 50 from the top becomes 50 from the right.
    assert!((bbox.x0 - 250.0).abs() < 1.0 && (bbox.y0 - 100.0).abs() < 1.0, "{bbox:?}");
    assert!(bbox.height() > 60.0 && bbox.width() < 20.0, "{bbox:?}");
}

#[test]
fn words_drawn_out_of_order_are_read_in_order() {
    let sheet = PageBuilder::new()
        .text(24.0, 120.0, 11.0, "second line")
        .text(60.0, 60.0, 11.0, "line")
        .text(24.0, 60.0, 11.0, "first");
    assert_eq!(read_text_layer(sheet.into_pdf()).text(), "first line\nsecond line");
}

#[test]
fn double_struck_text_is_read_once() {
    let sheet = PageBuilder::new().text(24.0, 60.0, 11.0, "Allergies").text(24.3, 60.0, 11.0, "Allergies");
    assert_eq!(read_text_layer(sheet.into_pdf()).text(), "Allergies");
}

#[test]
fn gap_splits_words_and_kerning_does_not() {
    let sheet = PageBuilder::new().operators("BT /F 11 Tf 24 200 Td [(W) 80 (arfarin) -300 (daily)] TJ ET");
    assert_eq!(read_text_layer(sheet.into_pdf()).text(), "Warfarin daily");
}

#[test]
fn space_without_width_splits_no_word() {
    // The space of Helvetica is 0.278 em wide; word spacing takes it away again.
    let sheet = PageBuilder::new().operators(
        "BT /F 12 Tf -3.336 Tw 24 200 Td (Metf ormin) Tj 60 0 Td (1 0 m g) Tj 0 Tw 0 -20 Td (twice daily) Tj \
         -1.2 Tw 0 -20 Td (in the morning) Tj ET",
    );
    assert_eq!(read_text_layer(sheet.into_pdf()).text(), "Metformin 10mg\ntwice daily\nin the morning");
}

#[test]
fn letters_set_apart_are_one_word() {
    let sheet = PageBuilder::new().operators(
        "BT /F 12 Tf 4 Tc 24 200 Td (REVISION OF) Tj 0 -20 Td [(ALLERGIES) -600 (TODAY)] TJ ET \
         BT /F 12 Tf 24 140 Td (Y N Y N Y N) Tj ET BT /F 12 Tf 5 Tc 24 120 Td (012345) Tj ET",
    );
    let expected = "REVISION OF\nALLERGIES TODAY\nY N Y N Y N\n0 1 2 3 4 5";
    assert_eq!(read_text_layer(sheet.into_pdf()).text(), expected);
}

#[test]
fn hyphenated_word_is_shown_as_is_and_searched_whole() {
    let sheet = PageBuilder::new()
        .text(24.0, 60.0, 11.0, "Known hyper-")
        .text(24.0, 74.0, 11.0, "tension. Vitamin B-")
        .text(24.0, 88.0, 11.0, "12 daily");
    let page = read_text_layer(sheet.into_pdf());
    assert_eq!(page.text(), "Known hyper-\ntension. Vitamin B-\n12 daily");
    assert_eq!(page.search_text().as_str(), "Known hypertension. Vitamin B-12 daily");
}

#[test]
fn page_that_draws_nothing_is_blank() {
    let page = read_text_layer(PageBuilder::new().into_pdf());
    assert_eq!(page.text_source, TextSource::Blank);
    assert!(page.lines.is_empty());
}

#[test]
fn word_with_an_unmapped_ligature_is_recognised() {
    // The file has no text for the first two letters; the words beside them stay as it has them.
    let pdf = PageBuilder::with_note()
        .operators(
            "BT /F 11 Tf 24 30 Td (Known atrial ) Tj /Mute 11 Tf (fi) Tj \
             /F 11 Tf (brillation since 2019, on Apixaban 5 mg twice daily.) Tj ET",
        )
        .into_pdf();
    let page = recognise(pdf);
    let word = find(&page, "fibrillation");
    assert!(word.confidence < 100 && !page.text().contains('\u{fffd}'), "{}", page.text());
    assert_eq!(find(&page, "Apixaban").confidence, 100);
}

#[test]
fn text_of_unknown_characters_needs_ocr() {
    let bytes = PageBuilder::with_note().with_unmapped_font().into_pdf();
    assert!(matches!(open(bytes).reader().inspect(1).unwrap().finding, Finding::Scan(_)));
}

#[test]
fn text_in_a_wrong_encoding_needs_ocr() {
    let shift = |char: char| match char {
        'a'..='z' => char::from((char as u8 - b'a' + 3) % 26 + b'a'),
        'A'..='Z' => char::from((char as u8 - b'A' + 3) % 26 + b'A'),
        other => other,
    };
    let shifted = NOTE.map(|line| line.chars().map(shift).collect::<String>());
    let bytes = PageBuilder::new().lines(&shifted.each_ref().map(String::as_str)).into_pdf();
    assert!(matches!(open(bytes).reader().inspect(1).unwrap().finding, Finding::Scan(_)));
}

#[test]
fn plausible_hidden_layer_is_used_with_lower_confidence() {
    let scan = PageBuilder::with_note().draw(100.0);
    let page = read_text_layer(PageBuilder::new().scan(&scan).operators("3 Tr").lines(&NOTE).into_pdf());
    assert_eq!(page.text_source, TextSource::TextLayer);
    assert!(find(&page, "Metoprolol").confidence < 100);

    let garbage = [
        "~r0gre55 n|te 0f th3 c@rd",
        "|he p@t||nt i$ 4 6$ ye@r",
        "$he t@kes ]\\/[et0pr|l|l",
        "x#q zz|y %%t$ ~~k rr|||s t^",
    ];
    let bytes = PageBuilder::new().scan(&scan).operators("3 Tr").lines(&garbage).into_pdf();
    assert!(matches!(open(bytes).reader().inspect(1).unwrap().finding, Finding::Scan(_)));
}

#[test]
fn only_exact_duplicates_have_equal_fingerprints() {
    let scan = PageBuilder::with_note().draw(60.0);
    let mut darker = scan.clone();
    darker.put_pixel(3, 3, image::Luma([254]));
    let note = PageBuilder::with_note();
    let sheets = [
        note.clone(),
        note.clone(),
        PageBuilder::new().lines(&NOTE[..8]).text(24.0, 232.0, 11.0, &NOTE[8].replace("office", "0ffice")),
        PageBuilder::new().scan(&scan),
        PageBuilder::new().scan(&scan),
        PageBuilder::new().scan(&darker),
        note.rotated(180),
    ];
    let document = open(pdf(&sheets));
    let fingerprints: Vec<[u8; 32]> =
        (1..=7).map(|page| document.reader().inspect(page).unwrap().fingerprint).collect();
    assert_eq!(fingerprints[0], fingerprints[1]);
    assert_eq!(fingerprints[3], fingerprints[4]);
    for (a, b) in [(0, 2), (0, 3), (3, 5), (0, 6)] {
        assert_ne!(fingerprints[a], fingerprints[b], "pages {} and {}", a + 1, b + 1);
    }
}

#[test]
fn cached_reader_finds_the_same_as_a_fresh_one() {
    let note = PageBuilder::with_note();
    let other = PageBuilder::new().lines(&NOTE[..4]);
    let document = open(pdf(&[note.clone(), other, note]));
    let mut reader = document.reader();
    for number in [3, 1, 2, 1] {
        let (inspection, alone) =
            (reader.inspect(number).unwrap(), document.reader().inspect(number).unwrap());
        assert_eq!(inspection.fingerprint, alone.fingerprint);
        assert_eq!(page_text(inspection.finding), page_text(alone.finding));
    }
    assert!(matches!(reader.inspect(4), Err(PageError::NoSuchPage { page: 4, page_count: 3 })));
}

fn page_text(finding: Finding<'_>) -> String {
    match finding {
        Finding::Page(page) => page.text(),
        Finding::Scan(_) => panic!("the page has a text layer"),
    }
}
