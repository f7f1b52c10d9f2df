//! Putting the fields and notes that lie on a page among its words, each once.

use hayro::kurbo::Rect;
use sha2::{Digest, Sha256};

use super::{
    annotations::{Annotation, Drawing, Kind},
    content_recorder::Trace,
    glyphs::Placed,
};
use maneiro_page::{BBox, Field, FieldValue, Line, LineRole, Word};

use crate::layout::{merge_layers::Standing, reading_order::Item};

/// How a check box or radio button is read.
const CHECKED: &str = "☒";
const NOT_CHECKED: &str = "☐";

/// What lies on a page besides its content.
#[derive(Default)]
pub(super) struct Overlay {
    pub(super) fields: Vec<Field>,
    pub(super) notes: Vec<Line>,
    /// The values of the fields that no drawing shows as they are to be read.
    pub(super) words: Vec<Standing>,
}

impl Overlay {
    /// The fingerprint of a page with these fields and notes, if it has any, that would have this one without them.
    pub(super) fn fingerprint(&self, without: [u8; 32]) -> [u8; 32] {
        if self.fields.is_empty() && self.notes.is_empty() {
            return without;
        }
        let mut hash = Sha256::new_with_prefix(without);
        // The name of a field is not shown. The debug form of the rest holds all there is.
        for Field { name: _, value, bbox } in &self.fields {
            hash.update(format!("{value:?}{bbox:?}"));
        }
        hash.update(format!("{:?}", self.notes));
        hash.finalize().into()
    }
}

/// What the annotations of a page say beyond what is drawn for them. Drawn signs that stand for a value are taken
/// out of the trace.
pub(super) fn lay(annotations: Vec<Annotation>, trace: &mut Trace) -> Overlay {
    let mut overlay = Overlay::default();
    let mut notes: Vec<(Rect, String)> = Vec::new();
    for Annotation { area, kind } in annotations {
        match kind {
            Kind::Field { name, value, drawing } => {
                if drawing == Drawing::Signs {
                    trace.remove_annotations_in(area);
                }
                let is_drawn = !drawn_in(area, trace).is_empty();
                let field = Field { name, value, bbox: bbox(area).clamp_to_page(trace.width, trace.height) };
                if !is_drawn {
                    write(&field, &mut overlay.words);
                }
                overlay.fields.push(field);
            }
            Kind::Note(text) => {
                if !letters(&drawn_in(area, trace)).contains(&letters(&text)) || letters(&text).is_empty() {
                    notes.push((area, text));
                }
            }
        }
    }
    notes.sort_by(|(a, _), (b, _)| a.y0.total_cmp(&b.y0).then(a.x0.total_cmp(&b.x0)));
    for (area, text) in notes {
        let bbox = bbox(area).clamp_to_page(trace.width, trace.height);
        let lines = text.lines().map(|line| words(line, bbox)).filter(|words| !words.is_empty());
        overlay.notes.extend(lines.map(|words| Line { role: LineRole::Annotation, ..Line::body(words) }));
    }
    overlay
}

/// What the drawings of annotations show in this area.
fn drawn_in(area: Rect, trace: &Trace) -> String {
    let is_shown = |glyph: &&Placed| glyph.visible && area.contains(glyph.middle());
    let mut drawn = String::new();
    for glyph in trace.of_annotations().iter().filter(is_shown) {
        drawn.push_str(glyph.meaning.text(&mut [0; 4]));
    }
    drawn.trim().to_owned()
}

fn letters(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).collect()
}

/// The words of a field's value, side by side within its box.
fn write(field: &Field, to: &mut Vec<Standing>) {
    let value = match &field.value {
        FieldValue::Text(text) => text,
        FieldValue::Checked(true) => CHECKED,
        FieldValue::Checked(false) => NOT_CHECKED,
    };
    let [x0, y0, x1, y1] = [field.bbox.x0, field.bbox.y0, field.bbox.x1, field.bbox.y1].map(f64::from);
    let lines: Vec<Vec<Word>> = value.lines().map(|line| words(line, field.bbox)).collect();
    let height = (y1 - y0) / lines.len().max(1) as f64;
    for (row, line) in lines.into_iter().enumerate() {
        let width = (x1 - x0) / line.len().max(1) as f64;
        let top = y0 + height * row as f64;
        to.extend(line.into_iter().enumerate().map(|(column, word)| {
            let x0 = x0 + width * column as f64;
            let item = Item { x0, x1: x0 + width, y0: top, y1: top + height };
            Standing { word, item, direction: 0 }
        }));
    }
}

fn words(line: &str, bbox: BBox) -> Vec<Word> {
    line.split_whitespace().map(|text| Word { text: text.to_owned(), bbox, confidence: 100 }).collect()
}

fn bbox(area: Rect) -> BBox {
    BBox { x0: area.x0 as f32, y0: area.y0 as f32, x1: area.x1 as f32, y1: area.y1 as f32 }
}
