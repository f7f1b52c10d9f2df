//! Pages whose own text can be used, and pages where it cannot.

use maneiro_engine::{Finding, PageError};
use maneiro_page::TextSource;

use crate::make::{NOTE, Sheet, find, open, pdf, read_text_layer};

#[test]
fn a_text_layer_gives_words_in_reading_order() {
    let page = read_text_layer(Sheet::with_note().into_pdf());
    assert_eq!(page.text_source, TextSource::TextLayer);
    assert_eq!((page.number, page.width, page.height), (1, 420.0, 300.0));
    assert_eq!(page.text(), NOTE.join("\n"));
    assert!(page.words().all(|word| word.confidence == 100));
}

#[test]
fn a_words_box_is_where_it_stands() {
    let page = read_text_layer(Sheet::new().text(100.0, 50.0, 20.0, "Tablets left").into_pdf());
    let bbox = find(&page, "Tablets").bbox;
    // Helvetica: "Tablets" is 3.279 times its size wide, a capital 0.72 high.
    assert!((bbox.x0 - 100.0).abs() < 0.5 && (bbox.x1 - 165.6).abs() < 0.5, "{bbox:?}");
    assert!((bbox.y1 - 50.0).abs() < 0.6 && (bbox.y0 - 35.4).abs() < 0.8, "{bbox:?}");
    assert!(find(&page, "left").bbox.x0 > bbox.x1 + 3.0);
}

#[test]
fn a_page_that_the_file_shows_turned_has_its_boxes_where_they_are_shown() {
    let page = read_text_layer(Sheet::new().text(100.0, 50.0, 20.0, "Tablets").rotated(90).into_pdf());
    assert_eq!((page.width, page.height), (300.0, 420.0));
    let bbox = find(&page, "Tablets").bbox;
    // The top left corner has become the top right one: what was 50 from the top is 50 from the right.
    assert!((bbox.x0 - 250.0).abs() < 1.0 && (bbox.y0 - 100.0).abs() < 1.0, "{bbox:?}");
    assert!(bbox.height() > 60.0 && bbox.width() < 20.0, "{bbox:?}");
}

#[test]
fn words_that_are_drawn_out_of_order_are_read_in_order() {
    let sheet = Sheet::new()
        .text(24.0, 120.0, 11.0, "second line")
        .text(60.0, 60.0, 11.0, "line")
        .text(24.0, 60.0, 11.0, "first");
    assert_eq!(read_text_layer(sheet.into_pdf()).text(), "first line\nsecond line");
}

#[test]
fn text_that_is_struck_twice_to_look_bold_is_read_once() {
    let sheet = Sheet::new().text(24.0, 60.0, 11.0, "Allergies").text(24.3, 60.0, 11.0, "Allergies");
    assert_eq!(read_text_layer(sheet.into_pdf()).text(), "Allergies");
}

#[test]
fn kerning_does_not_split_words_and_a_shift_without_a_space_does() {
    let sheet = Sheet::new().operators("BT /F 11 Tf 24 200 Td [(W) 80 (arfarin) -300 (daily)] TJ ET");
    assert_eq!(read_text_layer(sheet.into_pdf()).text(), "Warfarin daily");
}

#[test]
fn a_word_that_a_line_breaks_is_shown_as_it_is_and_searched_whole() {
    let sheet = Sheet::new()
        .text(24.0, 60.0, 11.0, "Known hyper-")
        .text(24.0, 74.0, 11.0, "tension. Vitamin B-")
        .text(24.0, 88.0, 11.0, "12 daily");
    let page = read_text_layer(sheet.into_pdf());
    assert_eq!(page.text(), "Known hyper-\ntension. Vitamin B-\n12 daily");
    assert_eq!(page.search_text().as_str(), "Known hypertension. Vitamin B-12 daily");
}

#[test]
fn a_page_that_draws_nothing_is_blank() {
    let page = read_text_layer(Sheet::new().into_pdf());
    assert_eq!(page.text_source, TextSource::Blank);
    assert!(page.lines.is_empty());
}

#[test]
fn text_of_unknown_characters_is_recognised_instead() {
    let bytes = Sheet::with_note().with_mute_font().into_pdf();
    assert!(matches!(open(bytes).reader().inspect(1).unwrap().finding, Finding::Scan(_)));
}

#[test]
fn text_in_a_wrong_encoding_is_recognised_instead() {
    let shift = |char: char| match char {
        'a'..='z' => char::from((char as u8 - b'a' + 3) % 26 + b'a'),
        'A'..='Z' => char::from((char as u8 - b'A' + 3) % 26 + b'A'),
        other => other,
    };
    let shifted = NOTE.map(|line| line.chars().map(shift).collect::<String>());
    let bytes = Sheet::new().lines(&shifted.each_ref().map(String::as_str)).into_pdf();
    assert!(matches!(open(bytes).reader().inspect(1).unwrap().finding, Finding::Scan(_)));
}

#[test]
fn an_invisible_layer_over_a_scan_is_used_if_it_is_plausible_and_then_trusted_less() {
    let scan = Sheet::with_note().draw(100.0);
    let page = read_text_layer(Sheet::new().scan(&scan).operators("3 Tr").lines(&NOTE).into_pdf());
    assert_eq!(page.text_source, TextSource::TextLayer);
    assert!(find(&page, "Metoprolol").confidence < 100);

    let garbage = [
        "~r0gre55 n|te 0f th3 c@rd",
        "|he p@t||nt i$ 4 6$ ye@r",
        "$he t@kes ]\\/[et0pr|l|l",
        "x#q zz|y %%t$ ~~k rr|||s t^",
    ];
    let bytes = Sheet::new().scan(&scan).operators("3 Tr").lines(&garbage).into_pdf();
    assert!(matches!(open(bytes).reader().inspect(1).unwrap().finding, Finding::Scan(_)));
}

#[test]
fn an_exact_repeat_has_an_equal_fingerprint_and_a_page_that_differs_in_a_letter_has_not() {
    let scan = Sheet::with_note().draw(60.0);
    let mut darker = scan.clone();
    darker.put_pixel(3, 3, image::Luma([254]));
    let note = Sheet::with_note();
    let sheets = [
        note.clone(),
        note.clone(),
        Sheet::new().lines(&NOTE[..8]).text(24.0, 232.0, 11.0, &NOTE[8].replace("office", "0ffice")),
        Sheet::new().scan(&scan),
        Sheet::new().scan(&scan),
        Sheet::new().scan(&darker),
        note.rotated(180),
    ];
    let document = open(pdf(&sheets));
    let prints: Vec<[u8; 32]> =
        (1..=7).map(|page| document.reader().inspect(page).unwrap().fingerprint).collect();
    assert_eq!(prints[0], prints[1]);
    assert_eq!(prints[3], prints[4]);
    for (a, b) in [(0, 2), (0, 3), (3, 5), (0, 6)] {
        assert_ne!(prints[a], prints[b], "pages {} and {}", a + 1, b + 1);
    }
}

#[test]
fn a_reader_finds_on_every_page_what_a_single_look_at_it_finds() {
    let note = Sheet::with_note();
    let other = Sheet::new().lines(&NOTE[..4]);
    let document = open(pdf(&[note.clone(), other, note]));
    let mut reader = document.reader();
    for number in [3, 1, 2, 1] {
        let (inspection, alone) =
            (reader.inspect(number).unwrap(), document.reader().inspect(number).unwrap());
        assert_eq!(inspection.fingerprint, alone.fingerprint);
        assert_eq!(text_of(inspection.finding), text_of(alone.finding));
    }
    assert!(matches!(reader.inspect(4), Err(PageError::NoSuchPage { page: 4, page_count: 3 })));
}

fn text_of(finding: Finding<'_>) -> String {
    match finding {
        Finding::Page(page) => page.text(),
        Finding::Scan(_) => panic!("the page has a text layer"),
    }
}
