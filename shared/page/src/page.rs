//! One page: its words with boxes and confidence in reading order, and the source of its text.

use serde::{Deserialize, Serialize};

use crate::{
    geometry::BBox,
    language::Language,
    line::{Line, Word},
    search_text::SearchText,
};

/// Where the text of a page comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TextSource {
    /// The text layer of the file.
    TextLayer,
    /// Optical character recognition of the rendered page.
    Ocr {
        /// Mean confidence of the words, weighted by their length, in percent; 0 if there are none.
        confidence: u8,
    },
    /// The text layer of the file, and optical character recognition of images on the page.
    Mixed {
        /// Mean confidence of the recognised words, weighted by their length, in percent; 0 if there are none.
        confidence: u8,
    },
    /// The page is blank.
    Blank,
    /// The page is identical to an earlier one and was not read again; that page has the words.
    Duplicate {
        /// The earlier page's number.
        duplicate_of: u32,
    },
    /// The page could not be read; the rest of the file was.
    Unreadable {
        /// The reason, in words a user can act on.
        reason: String,
    },
}

/// A fillable form field and its value. The value also appears among the lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Field {
    /// The fully qualified field name (ISO 32000-2, 12.7.4.2): the partial names joined by full stops.
    pub name: String,
    /// The value.
    pub value: FieldValue,
    /// The box on the page.
    pub bbox: BBox,
}

/// The value of a form field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// Typed or chosen text; empty if there is none.
    Text(String),
    /// A check box or radio button.
    Checked(bool),
}

/// A region of the page that has content but was not read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadRegion {
    /// The box on the page.
    pub bbox: BBox,
    /// Why it was not read.
    pub reason: UnreadReason,
}

/// Why a region of a page was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnreadReason {
    /// Handwriting.
    Handwriting,
    /// An image that is damaged, missing from the file, in a format that cannot be decoded, or above the pixel limit.
    DamagedImage,
}

impl UnreadReason {
    /// A sentence part that names these reasons: `not read: handwriting, a damaged or too large image`.
    #[must_use]
    pub fn describe(reasons: &[Self]) -> String {
        let what = |why: &Self| match why {
            Self::Handwriting => "handwriting",
            Self::DamagedImage => "a damaged or too large image",
        };
        format!("not read: {}", reasons.iter().map(what).collect::<Vec<_>>().join(", "))
    }
}

/// An earlier page with the same content, scanned at another angle or brightness.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NearDuplicate {
    /// The earlier page's number.
    pub duplicate_of: u32,
    /// Share of the two pages' text that agrees, 0 to 1.
    pub similarity: f32,
}

/// One page of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page {
    /// Page number in the file, from 1.
    pub number: u32,
    /// Width as shown, in points.
    pub width: f32,
    /// Height as shown, in points.
    pub height: f32,
    /// Where the text comes from.
    pub text_source: TextSource,
    /// The words in reading order; none on a blank, duplicate or unreadable page.
    pub lines: Vec<Line>,
    /// The form fields, in the file's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// The regions that have content but were not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<UnreadRegion>,
    /// Its language, if there is enough text to detect it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The earlier page that this one nearly duplicates. Unlike an exact duplicate, this page has words of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_duplicate: Option<NearDuplicate>,
}

impl Page {
    /// A page with these lines and no fields, unread regions or language.
    #[must_use]
    pub fn new(number: u32, width: f32, height: f32, text_source: TextSource, lines: Vec<Line>) -> Self {
        Self {
            number,
            width,
            height,
            text_source,
            lines,
            fields: Vec::new(),
            unread: Vec::new(),
            language: None,
            near_duplicate: None,
        }
    }

    /// The page's text: its lines, separated by line feeds.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(Line::text).collect();
        lines.join("\n")
    }

    /// The reasons of its unread regions, each once.
    #[must_use]
    pub fn unread_reasons(&self) -> Vec<UnreadReason> {
        let mut reasons = Vec::new();
        for region in &self.unread {
            if !reasons.contains(&region.reason) {
                reasons.push(region.reason);
            }
        }
        reasons
    }

    /// The text of the page for searching.
    #[must_use]
    pub fn search_text(&self) -> SearchText {
        SearchText::from_lines(&self.lines)
    }

    /// All words in reading order.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.lines.iter().flat_map(|line| &line.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unread_reason_is_named_once() {
        let region = |reason| UnreadRegion { bbox: BBox { x0: 0.0, y0: 0.0, x1: 9.0, y1: 9.0 }, reason };
        let describe = |unread| {
            let source = TextSource::Ocr { confidence: 90 };
            UnreadReason::describe(
                &Page { unread, ..Page::new(4, 612.0, 792.0, source, Vec::new()) }.unread_reasons(),
            )
        };
        let (handwriting, image) = (region(UnreadReason::Handwriting), region(UnreadReason::DamagedImage));
        assert_eq!(describe(vec![image, image]), "not read: a damaged or too large image");
        assert_eq!(
            describe(vec![handwriting, image, handwriting]),
            "not read: handwriting, a damaged or too large image"
        );
    }
}
