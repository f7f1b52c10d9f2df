//! Fillable forms.

use lopdf::{Dictionary, Object, dictionary};
use maneiro_page::{FieldValue, Page, TextSource};

use crate::page_builder::{
    PageBuilder, annotate, appearance, document, find, open, pdf, read_text_layer, recognise, save,
};

/// A form with two printed labels, 60 and 100 points from the top.
fn form() -> PageBuilder {
    PageBuilder::new().text(24.0, 60.0, 11.0, "Name:").text(24.0, 100.0, 11.0, "Allergies:")
}

/// The areas beside the first and the second label.
const FIRST_AREA: [i64; 4] = [120, 236, 320, 252];
const SECOND_AREA: [i64; 4] = [120, 196, 320, 212];

fn filled(area: [i64; 4], entries: Dictionary) -> Page {
    let mut document = document(&[form()]);
    annotate(&mut document, "Widget", area, entries);
    read_text_layer(save(document))
}

fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

#[test]
fn value_without_an_appearance_is_read_beside_its_label() {
    let mut document = document(&[form()]);
    let parent = document.add_object(dictionary! { "T" => Object::string_literal("patient"), "FT" => "Tx",
    "V" => Object::string_literal("Ada Hill") });
    annotate(
        &mut document,
        "Widget",
        FIRST_AREA,
        dictionary! { "T" => Object::string_literal("name"), "Parent" => parent },
    );
    let page = read_text_layer(save(document));
    assert_eq!(page.text_source, TextSource::TextLayer);
    assert_eq!(page.text(), "Name: Ada Hill\nAllergies:");
    let [field] = &page.fields[..] else { panic!("{:?}", page.fields) };
    assert_eq!((field.name.as_str(), &field.value), ("patient.name", &text("Ada Hill")));
    let bbox = find(&page, "Hill").bbox;
    assert_eq!(bbox, field.bbox);
    assert_eq!((bbox.x0, bbox.y0, bbox.x1, bbox.y1), (120.0, 48.0, 320.0, 64.0));
}

#[test]
fn value_with_an_appearance_is_read_once() {
    let mut document = document(&[form()]);
    let drawn = appearance(&mut document, [200, 16], "BT /F 11 Tf 2 4 Td (Zo\\353 Hill) Tj ET");
    let value = Object::string_literal(b"\xfe\xff\x00Z\x00o\x00\xeb\x00 \x00H\x00i\x00l\x00l".to_vec());
    let entries = dictionary! { "T" => Object::string_literal("name"), "FT" => "Tx", "V" => value,
    "AP" => dictionary! { "N" => drawn } };
    annotate(&mut document, "Widget", FIRST_AREA, entries);
    let page = read_text_layer(save(document));
    assert_eq!(page.fields[0].value, text("Zoë Hill"));
    assert_eq!(page.words().filter(|word| word.text == "Hill").count(), 1, "{}", page.text());
}

#[test]
fn check_boxes_are_read_as_ballot_boxes() {
    let mut document = document(&[form()]);
    let on = appearance(&mut document, [16, 16], "BT /Z 12 Tf 2 3 Td (4) Tj ET");
    let off = appearance(&mut document, [16, 16], "");
    let states = dictionary! { "N" => dictionary! { "Yes" => on, "Off" => off } };
    for (area, state) in [([120, 236, 136, 252], "Yes"), ([120, 196, 136, 212], "Off")] {
        let entries = dictionary! { "T" => Object::string_literal(state), "FT" => "Btn", "AS" => state,
        "AP" => states.clone() };
        annotate(&mut document, "Widget", area, entries);
    }
    let page = read_text_layer(save(document));
    assert_eq!(page.text(), "Name: ☒\nAllergies: ☐");
    let values: Vec<&FieldValue> = page.fields.iter().map(|field| &field.value).collect();
    assert_eq!(values, [&FieldValue::Checked(true), &FieldValue::Checked(false)]);
    assert!((find(&page, "☒").bbox.x0 - 120.0).abs() < 0.1);
}

#[test]
fn radio_button_without_a_state_follows_its_group() {
    let mut document = document(&[form()]);
    let group = document.add_object(dictionary! { "T" => Object::string_literal("smoker"), "FT" => "Btn",
    "Ff" => 1 << 15, "V" => "Never" });
    let drawing = appearance(&mut document, [16, 16], "");
    for (area, name) in [([120, 236, 136, 252], "Daily"), ([120, 196, 136, 212], "Never")] {
        let drawings = dictionary! { "N" => dictionary! { name => drawing.clone() } };
        annotate(&mut document, "Widget", area, dictionary! { "Parent" => group, "AP" => drawings });
    }
    assert_eq!(read_text_layer(save(document)).text(), "Name: ☐\nAllergies: ☒");
}

#[test]
fn choice_is_read_as_the_list_shows_it() {
    let option = |exported: &str, shown: &str| {
        Object::Array(vec![Object::string_literal(exported), Object::string_literal(shown)])
    };
    let options = vec![option("PEN", "Penicillin"), option("LTX", "Latex")];
    let entries = dictionary! { "FT" => "Ch", "V" => vec![Object::string_literal("LTX"), Object::string_literal("PEN")],
    "Opt" => options };
    assert_eq!(filled(SECOND_AREA, entries).text(), "Name:\nAllergies: Latex, Penicillin");
}

#[test]
fn comb_field_is_read_as_its_value() {
    let mut document = document(&[form()]);
    let drawn =
        appearance(&mut document, [200, 16], "BT /F 11 Tf 2 4 Td (H) Tj 40 0 Td (I) Tj 40 0 Td (V) Tj ET");
    let entries = dictionary! { "FT" => "Tx", "Ff" => 1 << 24, "V" => Object::string_literal("HIV"),
    "AP" => dictionary! { "N" => drawn } };
    annotate(&mut document, "Widget", SECOND_AREA, entries);
    assert_eq!(read_text_layer(save(document)).text(), "Name:\nAllergies: HIV");
}

#[test]
fn password_and_hidden_fields_are_not_read() {
    let mut document = document(&[form()]);
    let drawn = appearance(&mut document, [200, 16], "BT /F 11 Tf 2 4 Td (sesame) Tj ET");
    let secret = dictionary! { "FT" => "Tx", "Ff" => 1 << 13, "V" => Object::string_literal("sesame"),
    "AP" => dictionary! { "N" => drawn } };
    annotate(&mut document, "Widget", FIRST_AREA, secret);
    let hidden = dictionary! { "FT" => "Tx", "F" => 2, "V" => Object::string_literal("nothing to see") };
    annotate(&mut document, "Widget", SECOND_AREA, hidden);
    let page = read_text_layer(save(document));
    assert_eq!(page.text(), "Name:\nAllergies:");
    assert_eq!(page.fields.iter().map(|field| &field.value).collect::<Vec<_>>(), [&text("")]);
}

#[test]
fn fields_of_a_scanned_form_are_read_with_it() {
    let mut document = document(&[PageBuilder::new().scan(&form().draw(200.0))]);
    let entries = dictionary! { "FT" => "Tx", "V" => Object::string_literal("Ada Hill") };
    annotate(&mut document, "Widget", FIRST_AREA, entries);
    let page = recognise(save(document));
    assert!(matches!(page.text_source, TextSource::Mixed { .. }), "{:?}", page.text_source);
    assert_eq!(page.text(), "Name: Ada Hill\nAllergies:");
}

#[test]
fn field_of_a_rotated_page_is_in_place() {
    let mut document = document(&[PageBuilder::new().rotated(90)]);
    let entries = dictionary! { "FT" => "Tx", "V" => Object::string_literal("Ada") };
    annotate(&mut document, "Widget", [100, 200, 300, 220], entries);
    let bbox = find(&read_text_layer(save(document)), "Ada").bbox;
    assert_eq!((bbox.x0, bbox.y0, bbox.x1, bbox.y1), (200.0, 100.0, 220.0, 300.0));
}

#[test]
fn field_value_changes_the_fingerprint() {
    let fingerprint = |value: &str| {
        let mut document = document(&[form()]);
        let entries = dictionary! { "FT" => "Tx", "V" => Object::string_literal(value) };
        annotate(&mut document, "Widget", FIRST_AREA, entries);
        open(save(document)).reader().inspect(1).unwrap().fingerprint
    };
    assert_eq!(fingerprint("one"), fingerprint("one"));
    assert_ne!(fingerprint("one"), fingerprint("two"));
    assert_ne!(fingerprint("one"), open(pdf(&[form()])).reader().inspect(1).unwrap().fingerprint);
}

#[test]
fn endless_fields_end() {
    let mut document = document(&[form()]);
    let own_parent = document.new_object_id();
    let entries = dictionary! { "T" => Object::string_literal("loop"), "FT" => "Tx", "Parent" => own_parent,
    "Kids" => vec![own_parent.into()] };
    document.objects.insert(own_parent, entries.into());
    let mut parent = own_parent;
    for _ in 0..10_000 {
        parent =
            document.add_object(dictionary! { "T" => Object::string_literal("deep"), "Parent" => parent });
    }
    for parent in [own_parent, parent] {
        annotate(&mut document, "Widget", FIRST_AREA, dictionary! { "Parent" => parent });
    }
    for _ in 0..20_000 {
        annotate(&mut document, "Widget", SECOND_AREA, dictionary! { "FT" => "Tx" });
    }
    let page = read_text_layer(save(document));
    assert_eq!(page.text(), "Name:\nAllergies:");
    assert!(page.fields.len() < 10_000, "{}", page.fields.len());
}
