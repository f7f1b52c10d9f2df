//! What stands on a page besides its content: form fields and notes. Follows each annotation of the page up to the
//! field that it belongs to, never the form's tree downwards, which a file can make as large as it likes.

use hayro::{
    hayro_interpret::TransformExt,
    hayro_syntax::{
        object::{Array, Dict, Name, Object, Rect as PdfRect, Stream, String as PdfString},
        page::Page,
    },
    kurbo::{Affine, Rect},
};

use super::text_string;
use maneiro_page::FieldValue;

/// More annotations of one page are not looked at.
const MOST: usize = 5_000;
/// Fields are nested less deep than this; a file may nest them without end.
const DEEPEST: usize = 32;
/// A field offers fewer choices than this.
const MOST_CHOICES: usize = 2_000;

/// Flags of annotations (ISO 32000-2, table 167): hidden, not to be viewed.
const HIDDEN: u32 = 1 << 1 | 1 << 5;
/// Flags of fields (tables 227, 229, 230 and 231).
const PASSWORD: u32 = 1 << 13;
const PUSH_BUTTON: u32 = 1 << 16;
const COMB: u32 = 1 << 24;

/// Something that lies on a page.
pub(super) struct Annotation {
    /// In points on the page as shown.
    pub(super) area: Rect,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    /// A field of a form.
    Field {
        /// The names from the outermost field to this one, joined by full stops.
        name: String,
        value: FieldValue,
        /// What the file draws for it, if anything.
        drawing: Drawing,
    },
    /// A remark that somebody made.
    Note(String),
}

/// What the drawing of a field is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawing {
    /// It shows the value as it is to be read.
    Value,
    /// It shows signs that stand for the value: a check mark, asterisks, letters in boxes of their own.
    Signs,
}

/// The annotations of a page that can be seen, in the file's order.
pub(super) fn of(page: &Page<'_>) -> Vec<Annotation> {
    let Some(all) = page.raw().get::<Array<'_>>(b"Annots") else { return Vec::new() };
    let to_page = page.initial_transform(true).to_kurbo();
    all.iter::<Dict<'_>>().take(MOST).filter_map(|dict| annotation(&dict, to_page)).collect()
}

fn annotation(dict: &Dict<'_>, to_page: Affine) -> Option<Annotation> {
    if dict.get::<u32>(b"F").unwrap_or(0) & HIDDEN != 0 {
        return None;
    }
    let PdfRect { x0, y0, x1, y1 } = dict.get::<PdfRect>(b"Rect")?;
    let area = to_page.transform_rect_bbox(Rect::new(x0, y0, x1, y1).abs());
    let kind = match &*dict.get::<Name<'_>>(b"Subtype")? {
        b"Widget" => field(dict)?,
        b"Text" | b"FreeText" | b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut" | b"Stamp"
        | b"Caret" | b"Ink" | b"Line" | b"Square" | b"Circle" | b"Polygon" | b"PolyLine"
        | b"FileAttachment" => note(dict)?,
        _ => return None,
    };
    Some(Annotation { area, kind })
}

/// What an annotation says; none if it only records that somebody agreed (12.5.6.3).
fn note(dict: &Dict<'_>) -> Option<Kind> {
    if dict.contains_key(b"StateModel") {
        return None;
    }
    let text = string(dict.get(b"Contents")?)?;
    (!text.trim().is_empty()).then_some(Kind::Note(text))
}

fn field(widget: &Dict<'_>) -> Option<Kind> {
    let lineage = Lineage::of(widget);
    let flags = lineage.find::<u32>(b"Ff").unwrap_or(0);
    let (value, drawing) = match &*lineage.find::<Name<'_>>(b"FT")? {
        b"Btn" if flags & PUSH_BUTTON != 0 => return None,
        b"Btn" => (FieldValue::Checked(is_checked(widget, &lineage)), Drawing::Signs),
        b"Tx" if flags & PASSWORD != 0 => (FieldValue::Text(String::new()), Drawing::Signs),
        b"Tx" => {
            let text = lineage.find(b"V").and_then(string).unwrap_or_default();
            (FieldValue::Text(text), if flags & COMB != 0 { Drawing::Signs } else { Drawing::Value })
        }
        b"Ch" => (FieldValue::Text(choice(&lineage)), Drawing::Value),
        // Signatures have no text.
        _ => return None,
    };
    Some(Kind::Field { name: lineage.name(), value, drawing })
}

/// An annotation and the fields that it belongs to, innermost first.
struct Lineage<'a>(Vec<Dict<'a>>);

impl<'a> Lineage<'a> {
    fn of(widget: &Dict<'a>) -> Lineage<'a> {
        let parent = |dict: &Dict<'a>| dict.get::<Dict<'a>>(b"Parent");
        Lineage(std::iter::successors(Some(widget.clone()), parent).take(DEEPEST).collect())
    }

    /// An attribute that is inherited (table 226).
    fn find<T>(&self, key: &[u8]) -> Option<T>
    where
        T: TryFrom<Object<'a>>,
    {
        self.0.iter().find_map(|dict| T::try_from(dict.get::<Object<'a>>(key)?).ok())
    }

    fn name(&self) -> String {
        let names = self.0.iter().rev().filter_map(|dict| string(dict.get::<Object<'a>>(b"T")?));
        names.collect::<Vec<_>>().join(".")
    }
}

/// Whether a check box or radio button is on: its appearance says so, or else the field's value.
fn is_checked(widget: &Dict<'_>, lineage: &Lineage<'_>) -> bool {
    if let Some(state) = widget.get::<Name<'_>>(b"AS") {
        return &*state != b"Off";
    }
    let Some(value) = lineage.find::<Name<'_>>(b"V").filter(|value| &**value != b"Off") else { return false };
    match widget.get::<Dict<'_>>(b"AP").and_then(|drawings| drawings.get::<Dict<'_>>(b"N")) {
        Some(states) => states.contains_key(&*value),
        None => true,
    }
}

/// What is chosen in a list, as the list shows it.
fn choice(lineage: &Lineage<'_>) -> String {
    let chosen: Vec<String> = match lineage.find::<Object<'_>>(b"V") {
        Some(Object::Array(several)) => {
            several.iter::<Object<'_>>().take(MOST_CHOICES).filter_map(string).collect()
        }
        Some(one) => string(one).into_iter().collect(),
        None => Vec::new(),
    };
    let options = lineage.find::<Array<'_>>(b"Opt");
    let shown = |exported: String| {
        let pairs = options.iter().flat_map(Array::iter::<Array<'_>>).take(MOST_CHOICES);
        let mut pairs = pairs.map(|pair| pair.iter::<Object<'_>>().filter_map(string).collect::<Vec<_>>());
        let pair = pairs.find(|pair| pair.len() == 2 && pair[0] == exported);
        pair.and_then(|mut pair| pair.pop()).unwrap_or(exported)
    };
    chosen.into_iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// The text of a string or, for long ones, of a stream.
fn string(object: Object<'_>) -> Option<String> {
    match object {
        Object::String(string) => Some(text_of(&string)),
        Object::Stream(stream) => text_of_stream(&stream),
        // The choice of an old radio button list.
        Object::Name(name) => Some(String::from_utf8_lossy(&name).into_owned()),
        Object::Null(_) | Object::Boolean(_) | Object::Number(_) | Object::Dict(_) | Object::Array(_) => None,
    }
}

fn text_of(string: &PdfString<'_>) -> String {
    text_string::text(string.as_bytes())
}

fn text_of_stream(stream: &Stream<'_>) -> Option<String> {
    Some(text_string::text(&stream.decoded().ok()?))
}
