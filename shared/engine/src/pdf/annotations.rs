//! Annotations of a page: form fields and markup annotations. Follows each annotation up to the field that it belongs to,
//! never the form's tree downwards, which a file can make arbitrarily large.

use hayro::{
    hayro_interpret::TransformExt,
    hayro_syntax::{
        object::{Array, Dict, Name, Object, Rect as PdfRect},
        page::Page,
    },
    kurbo::{Affine, Rect},
};

use super::text_string::decode_text_string;
use maneiro_page::FieldValue;

/// Further annotations of a page are ignored.
const MAX_ANNOTATIONS: usize = 5_000;
/// Fields above this depth are ignored; a file may nest them without end.
const MAX_FIELD_DEPTH: usize = 32;
/// Further options of a choice field are ignored.
const MAX_OPTIONS: usize = 2_000;

/// Annotation flags (ISO 32000-2, table 167): Hidden, NoView.
const HIDDEN_FLAGS: u32 = 1 << 1 | 1 << 5;
/// Field flags (tables 227, 229, 230 and 231).
const PASSWORD_FLAG: u32 = 1 << 13;
const PUSH_BUTTON_FLAG: u32 = 1 << 16;
const COMB_FLAG: u32 = 1 << 24;

/// An annotation of a page.
pub(super) struct PageAnnotation {
    /// In points on the page as shown.
    pub(super) area: Rect,
    pub(super) content: AnnotationContent,
}

pub(super) enum AnnotationContent {
    /// A form field.
    Field {
        /// The fully qualified name.
        name: String,
        value: FieldValue,
        /// What the appearance shows, if the file has one.
        appearance: FieldAppearance,
    },
    /// The text of a markup annotation.
    Markup(String),
}

/// What the appearance of a field shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldAppearance {
    /// The value as it is to be read.
    Value,
    /// Symbols in place of the value: a check mark, asterisks, letters in separate boxes.
    Symbols,
}

/// The visible annotations of a page, in the file's order.
pub(super) fn read_annotations(page: &Page<'_>) -> Vec<PageAnnotation> {
    let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots") else { return Vec::new() };
    let to_page = page.initial_transform(true).to_kurbo();
    let annotations = annotations.iter::<Dict<'_>>().take(MAX_ANNOTATIONS);
    annotations.filter_map(|dict| read_annotation(&dict, to_page)).collect()
}

fn read_annotation(dict: &Dict<'_>, to_page: Affine) -> Option<PageAnnotation> {
    if dict.get::<u32>(b"F").unwrap_or(0) & HIDDEN_FLAGS != 0 {
        return None;
    }
    let PdfRect { x0, y0, x1, y1 } = dict.get::<PdfRect>(b"Rect")?;
    let area = to_page.transform_rect_bbox(Rect::new(x0, y0, x1, y1).abs());
    let content = match &*dict.get::<Name<'_>>(b"Subtype")? {
        b"Widget" => read_field(dict)?,
        b"Text" | b"FreeText" | b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut" | b"Stamp"
        | b"Caret" | b"Ink" | b"Line" | b"Square" | b"Circle" | b"Polygon" | b"PolyLine"
        | b"FileAttachment" => read_markup(dict)?,
        _ => return None,
    };
    Some(PageAnnotation { area, content })
}

/// The text of a markup annotation; none if it only records a state, such as agreement (12.5.6.3).
fn read_markup(dict: &Dict<'_>) -> Option<AnnotationContent> {
    if dict.contains_key(b"StateModel") {
        return None;
    }
    let text = decode_text(dict.get(b"Contents")?)?;
    (!text.trim().is_empty()).then_some(AnnotationContent::Markup(text))
}

fn read_field(widget: &Dict<'_>) -> Option<AnnotationContent> {
    let ancestry = FieldAncestry::from_widget(widget);
    let flags = ancestry.inherited::<u32>(b"Ff").unwrap_or(0);
    let (value, appearance) = match &*ancestry.inherited::<Name<'_>>(b"FT")? {
        b"Btn" if flags & PUSH_BUTTON_FLAG != 0 => return None,
        b"Btn" => (FieldValue::Checked(is_checked(widget, &ancestry)), FieldAppearance::Symbols),
        b"Tx" if flags & PASSWORD_FLAG != 0 => (FieldValue::Text(String::new()), FieldAppearance::Symbols),
        b"Tx" => {
            let text = ancestry.inherited(b"V").and_then(decode_text).unwrap_or_default();
            (
                FieldValue::Text(text),
                if flags & COMB_FLAG != 0 { FieldAppearance::Symbols } else { FieldAppearance::Value },
            )
        }
        b"Ch" => (FieldValue::Text(chosen_options(&ancestry)), FieldAppearance::Value),
        // Signatures have no text.
        _ => return None,
    };
    Some(AnnotationContent::Field { name: ancestry.qualified_name(), value, appearance })
}

/// A widget and the fields that it belongs to, innermost first.
struct FieldAncestry<'a>(Vec<Dict<'a>>);

impl<'a> FieldAncestry<'a> {
    fn from_widget(widget: &Dict<'a>) -> FieldAncestry<'a> {
        let parent = |dict: &Dict<'a>| dict.get::<Dict<'a>>(b"Parent");
        FieldAncestry(std::iter::successors(Some(widget.clone()), parent).take(MAX_FIELD_DEPTH).collect())
    }

    /// An inheritable attribute (table 226).
    fn inherited<T>(&self, key: &[u8]) -> Option<T>
    where
        T: TryFrom<Object<'a>>,
    {
        self.0.iter().find_map(|dict| T::try_from(dict.get::<Object<'a>>(key)?).ok())
    }

    fn qualified_name(&self) -> String {
        let names = self.0.iter().rev().filter_map(|dict| decode_text(dict.get::<Object<'a>>(b"T")?));
        names.collect::<Vec<_>>().join(".")
    }
}

/// Whether a check box or radio button is on, by its appearance state or else by the field's value.
fn is_checked(widget: &Dict<'_>, ancestry: &FieldAncestry<'_>) -> bool {
    if let Some(state) = widget.get::<Name<'_>>(b"AS") {
        return &*state != b"Off";
    }
    let Some(value) = ancestry.inherited::<Name<'_>>(b"V").filter(|value| &**value != b"Off") else {
        return false;
    };
    match widget.get::<Dict<'_>>(b"AP").and_then(|appearances| appearances.get::<Dict<'_>>(b"N")) {
        Some(states) => states.contains_key(&*value),
        None => true,
    }
}

/// The chosen options of a choice field, as the list shows them.
fn chosen_options(ancestry: &FieldAncestry<'_>) -> String {
    let chosen: Vec<String> = match ancestry.inherited::<Object<'_>>(b"V") {
        Some(Object::Array(values)) => {
            values.iter::<Object<'_>>().take(MAX_OPTIONS).filter_map(decode_text).collect()
        }
        Some(value) => decode_text(value).into_iter().collect(),
        None => Vec::new(),
    };
    let options = ancestry.inherited::<Array<'_>>(b"Opt");
    let shown = |exported: String| {
        let pairs = options.iter().flat_map(Array::iter::<Array<'_>>).take(MAX_OPTIONS);
        let mut pairs =
            pairs.map(|pair| pair.iter::<Object<'_>>().filter_map(decode_text).collect::<Vec<_>>());
        let pair = pairs.find(|pair| pair.len() == 2 && pair[0] == exported);
        pair.and_then(|mut pair| pair.pop()).unwrap_or(exported)
    };
    chosen.into_iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// The text of a string, or of a stream for long texts.
fn decode_text(object: Object<'_>) -> Option<String> {
    match object {
        Object::String(string) => Some(decode_text_string(string.as_bytes())),
        Object::Stream(stream) => Some(decode_text_string(&stream.decoded().ok()?)),
        // The value of an old radio button list.
        Object::Name(name) => Some(String::from_utf8_lossy(&name).into_owned()),
        Object::Null(_) | Object::Boolean(_) | Object::Number(_) | Object::Dict(_) | Object::Array(_) => None,
    }
}
