//! What people note on a page.

use lopdf::{Dictionary, Object, dictionary};
use maneiro_page::{Line, LineRole, Page, TextSource};

use crate::make::{NOTE, Sheet, annotate, appearance, document, find, read_text_layer, recognise, save};

fn noted(kind: &str, entries: Dictionary) -> Page {
    let mut document = document(&[Sheet::with_note()]);
    annotate(&mut document, kind, [300, 200, 320, 220], entries);
    read_text_layer(save(document))
}

fn contents(text: &str) -> Dictionary {
    dictionary! { "Contents" => Object::string_literal(text) }
}

fn notes(page: &Page) -> Vec<String> {
    page.lines.iter().filter(|line| line.role == LineRole::Annotation).map(Line::text).collect()
}

#[test]
fn remarks_of_every_kind_are_notes_after_the_pages_own_text() {
    for kind in ["Text", "FreeText", "Highlight", "Underline", "StrikeOut", "Stamp", "Ink"] {
        let page = noted(kind, contents("Ask about\ndizziness"));
        assert_eq!(notes(&page), ["Ask about", "dizziness"], "{kind}");
        assert_eq!(page.text(), [&NOTE[..], &["Ask about", "dizziness"]].concat().join("\n"), "{kind}");
        let bbox = page.words().last().unwrap().bbox;
        assert_eq!((bbox.x0, bbox.y0, bbox.x1, bbox.y1), (300.0, 80.0, 320.0, 100.0));
    }
}

#[test]
fn notes_follow_each_other_as_they_stand_on_the_page() {
    let mut document = document(&[Sheet::with_note()]);
    annotate(&mut document, "Text", [20, 100, 40, 120], contents("below"));
    annotate(&mut document, "Text", [20, 200, 40, 220], contents("above"));
    assert_eq!(notes(&read_text_layer(save(document))), ["above", "below"]);
}

#[test]
fn a_remark_that_is_drawn_is_read_once() {
    let mut document = document(&[Sheet::with_note()]);
    let drawn = appearance(&mut document, [160, 20], "BT /F 11 Tf 2 4 Td (Copy to Dr. Miller) Tj ET");
    let mut entries = contents("Copy to Dr. Miller");
    entries.set("AP", dictionary! { "N" => drawn });
    annotate(&mut document, "FreeText", [230, 10, 390, 30], entries);
    let page = read_text_layer(save(document));
    assert_eq!(page.words().filter(|word| word.text == "Miller").count(), 1, "{}", page.text());
}

#[test]
fn what_is_hidden_a_popup_a_link_or_a_mere_agreement_is_no_note() {
    let mut hidden = contents("hidden");
    hidden.set("F", 2);
    let mut agreed = contents("Accepted set by Ada");
    agreed.set("StateModel", Object::string_literal("Review"));
    for (kind, entries) in [
        ("Text", hidden),
        ("Text", agreed),
        ("Popup", contents("again")),
        ("Link", contents("a link")),
        ("Text", contents("  ")),
    ] {
        let page = noted(kind, entries);
        assert_eq!(notes(&page), Vec::<String>::new(), "{kind}");
    }
}

#[test]
fn a_note_on_a_scan_is_kept_and_one_on_an_empty_page_makes_it_not_blank() {
    let mut scanned = document(&[Sheet::new().scan(&Sheet::with_note().draw(200.0))]);
    annotate(&mut scanned, "Text", [20, 200, 40, 220], contents("Call back"));
    let page = recognise(save(scanned));
    assert!(matches!(page.text_source, TextSource::Ocr { .. }), "{:?}", page.text_source);
    find(&page, "Metoprolol");
    assert_eq!(notes(&page), ["Call back"]);

    let mut empty = document(&[Sheet::new()]);
    annotate(&mut empty, "Text", [20, 200, 40, 220], contents("Call back"));
    let page = read_text_layer(save(empty));
    assert_eq!((&page.text_source, page.text().as_str()), (&TextSource::TextLayer, "Call back"));
}
