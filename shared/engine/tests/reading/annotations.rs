//! Markup annotations.

use lopdf::{Dictionary, Object, dictionary};
use maneiro_page::{Line, LineRole, Page, TextSource};

use crate::page_builder::{
    NOTE, PageBuilder, annotate, appearance, document, find, read_text_layer, recognise, save,
};

fn page_with_annotation(subtype: &str, entries: Dictionary) -> Page {
    let mut document = document(&[PageBuilder::with_note()]);
    annotate(&mut document, subtype, [300, 200, 320, 220], entries);
    read_text_layer(save(document))
}

fn contents(text: &str) -> Dictionary {
    dictionary! { "Contents" => Object::string_literal(text) }
}

fn markup_lines(page: &Page) -> Vec<String> {
    page.lines.iter().filter(|line| line.role == LineRole::Annotation).map(Line::text).collect()
}

#[test]
fn markup_of_every_type_follows_the_text_of_the_page() {
    for subtype in ["Text", "FreeText", "Highlight", "Underline", "StrikeOut", "Stamp", "Ink"] {
        let page = page_with_annotation(subtype, contents("Ask about\ndizziness"));
        assert_eq!(markup_lines(&page), ["Ask about", "dizziness"], "{subtype}");
        assert_eq!(page.text(), [&NOTE[..], &["Ask about", "dizziness"]].concat().join("\n"), "{subtype}");
        let bbox = page.words().last().unwrap().bbox;
        assert_eq!((bbox.x0, bbox.y0, bbox.x1, bbox.y1), (300.0, 80.0, 320.0, 100.0));
    }
}

#[test]
fn markup_is_ordered_from_top_to_bottom() {
    let mut document = document(&[PageBuilder::with_note()]);
    annotate(&mut document, "Text", [20, 100, 40, 120], contents("below"));
    annotate(&mut document, "Text", [20, 200, 40, 220], contents("above"));
    assert_eq!(markup_lines(&read_text_layer(save(document))), ["above", "below"]);
}

#[test]
fn markup_with_an_appearance_is_read_once() {
    let mut document = document(&[PageBuilder::with_note()]);
    let drawn = appearance(&mut document, [160, 20], "BT /F 11 Tf 2 4 Td (Copy to Dr. Miller) Tj ET");
    let mut entries = contents("Copy to Dr. Miller");
    entries.set("AP", dictionary! { "N" => drawn });
    annotate(&mut document, "FreeText", [230, 10, 390, 30], entries);
    let page = read_text_layer(save(document));
    assert_eq!(page.words().filter(|word| word.text == "Miller").count(), 1, "{}", page.text());
}

#[test]
fn hidden_popup_link_and_state_annotations_are_ignored() {
    let mut hidden = contents("hidden");
    hidden.set("F", 2);
    let mut agreed = contents("Accepted set by Ada");
    agreed.set("StateModel", Object::string_literal("Review"));
    for (subtype, entries) in [
        ("Text", hidden),
        ("Text", agreed),
        ("Popup", contents("again")),
        ("Link", contents("a link")),
        ("Text", contents("  ")),
    ] {
        let page = page_with_annotation(subtype, entries);
        assert_eq!(markup_lines(&page), Vec::<String>::new(), "{subtype}");
    }
}

#[test]
fn markup_is_kept_on_scans_and_on_empty_pages() {
    let mut scanned = document(&[PageBuilder::new().scan(&PageBuilder::with_note().draw(200.0))]);
    annotate(&mut scanned, "Text", [20, 200, 40, 220], contents("Call back"));
    let page = recognise(save(scanned));
    assert!(matches!(page.text_source, TextSource::Ocr { .. }), "{:?}", page.text_source);
    find(&page, "Metoprolol");
    assert_eq!(markup_lines(&page), ["Call back"]);

    let mut empty = document(&[PageBuilder::new()]);
    annotate(&mut empty, "Text", [20, 200, 40, 220], contents("Call back"));
    let page = read_text_layer(save(empty));
    assert_eq!((&page.text_source, page.text().as_str()), (&TextSource::TextLayer, "Call back"));
}
