//! Merges form fields and markup annotations with the words of the page, each once.

use hayro::kurbo::Rect;
use sha2::{Digest, Sha256};

use super::{
    annotations::{AnnotationContent, FieldAppearance, PageAnnotation},
    content_recorder::RecordedContent,
    glyphs::PositionedGlyph,
};
use maneiro_page::{BBox, Field, FieldValue, Line, LineRole, Word};

use crate::{
    geometry::bbox_from_rect,
    layout::{merge_layers::PositionedWord, reading_order::LayoutBox},
};

/// The text of a check box or radio button.
const CHECKED: &str = "☒";
const NOT_CHECKED: &str = "☐";
const CONFIDENCE_PERCENT: u8 = 100;

/// The annotations of a page.
#[derive(Default)]
pub(super) struct MergedAnnotations {
    pub(super) fields: Vec<Field>,
    /// The lines of markup annotations.
    pub(super) lines: Vec<Line>,
    /// The values of the fields whose appearance does not show them as they are to be read.
    pub(super) words: Vec<PositionedWord>,
}

impl MergedAnnotations {
    /// The fingerprint of a page with these annotations. `recorded` is the fingerprint of what the page draws.
    pub(super) fn fingerprint(&self, recorded: [u8; 32]) -> [u8; 32] {
        if self.fields.is_empty() && self.lines.is_empty() {
            return recorded;
        }
        let mut hash = Sha256::new_with_prefix(recorded);
        // The name of a field is not shown. The debug form contains everything else.
        for Field { name: _, value, bbox } in &self.fields {
            hash.update(format!("{value:?}{bbox:?}"));
        }
        hash.update(format!("{:?}", self.lines));
        hash.finalize().into()
    }
}

/// The text of annotations that the page does not draw already. Removes from the page's content the symbols that stand for
/// a value.
pub(super) fn merge_annotations(
    annotations: Vec<PageAnnotation>,
    page_content: &mut RecordedContent,
) -> MergedAnnotations {
    let (width, height) = (page_content.width, page_content.height);
    let mut merged = MergedAnnotations::default();
    let mut markup: Vec<(Rect, String)> = Vec::new();
    for PageAnnotation { area, content } in annotations {
        match content {
            AnnotationContent::Field { name, value, appearance } => {
                if appearance == FieldAppearance::Symbols {
                    page_content.remove_annotation_glyphs_in(area);
                }
                let is_drawn = !drawn_text_in(area, page_content).is_empty();
                let field = Field { name, value, bbox: bbox_from_rect(area).clamp_to_page(width, height) };
                if !is_drawn {
                    merged.words.extend(value_words(&field));
                }
                merged.fields.push(field);
            }
            AnnotationContent::Markup(text) => {
                let letters = alphanumerics(&text);
                let is_drawn = !letters.is_empty()
                    && alphanumerics(&drawn_text_in(area, page_content)).contains(&letters);
                if !is_drawn {
                    markup.push((area, text));
                }
            }
        }
    }
    markup.sort_by(|(a, _), (b, _)| a.y0.total_cmp(&b.y0).then(a.x0.total_cmp(&b.x0)));
    for (area, text) in markup {
        let bbox = bbox_from_rect(area).clamp_to_page(width, height);
        let lines = text.lines().map(|line| words(line, bbox)).filter(|words| !words.is_empty());
        merged.lines.extend(lines.map(|words| Line { role: LineRole::Annotation, ..Line::body(words) }));
    }
    merged
}

/// The text that the appearances of annotations show in this area.
fn drawn_text_in(area: Rect, page_content: &RecordedContent) -> String {
    let is_shown = |glyph: &&PositionedGlyph| glyph.is_visible && area.contains(glyph.center());
    let mut text = String::new();
    for glyph in page_content.annotation_glyphs().iter().filter(is_shown) {
        text.push_str(glyph.text.as_str(&mut [0; 4]));
    }
    text.trim().to_owned()
}

fn alphanumerics(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).collect()
}

/// The words of a field's value, side by side within its box.
fn value_words(field: &Field) -> Vec<PositionedWord> {
    let value = match &field.value {
        FieldValue::Text(text) => text,
        FieldValue::Checked(true) => CHECKED,
        FieldValue::Checked(false) => NOT_CHECKED,
    };
    let [x0, y0, x1, y1] = [field.bbox.x0, field.bbox.y0, field.bbox.x1, field.bbox.y1].map(f64::from);
    let lines: Vec<Vec<Word>> = value.lines().map(|line| words(line, field.bbox)).collect();
    let height = (y1 - y0) / lines.len().max(1) as f64;
    let mut positioned = Vec::new();
    for (row, line) in lines.into_iter().enumerate() {
        let width = (x1 - x0) / line.len().max(1) as f64;
        let top = y0 + height * row as f64;
        positioned.extend(line.into_iter().enumerate().map(|(column, word)| {
            let left = x0 + width * column as f64;
            let layout_box = LayoutBox { x0: left, x1: left + width, y0: top, y1: top + height };
            PositionedWord { word, layout_box, direction_degrees: 0 }
        }));
    }
    positioned
}

fn words(line: &str, bbox: BBox) -> Vec<Word> {
    let word = |text: &str| Word { text: text.to_owned(), bbox, confidence: CONFIDENCE_PERCENT };
    line.split_whitespace().map(word).collect()
}
