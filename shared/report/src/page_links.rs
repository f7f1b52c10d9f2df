//! The page references of a report's PDF: where they stand, and which page of the record they lead to.

use lopdf::{Dictionary, Document};
use maneiro_page::BBox;

use crate::typeset::ReportError;

/// A page reference on a page of the report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageLink {
    /// In points from the upper left corner of the report's page.
    pub bbox: BBox,
    /// The number of the document in the analysis's list of sources, from 1.
    pub source: usize,
    /// The page of that document, from 1.
    pub page: u32,
}

/// The page references of each page of a report, in reading order.
///
/// # Errors
/// [`ReportError`] if the bytes are no PDF.
pub fn page_links(pdf: &[u8]) -> Result<Vec<Vec<PageLink>>, ReportError> {
    let file = Document::load_mem(pdf).map_err(|_| ReportError::new("it cannot be read back"))?;
    let links = |page| {
        let height = numbers(&file, file.get_dictionary(page).ok()?, b"MediaBox")?[3];
        let annotations = file.get_page_annotations(page).ok()?;
        Some(annotations.into_iter().filter_map(|it| page_link(&file, it, height)).collect())
    };
    Ok(file.page_iter().map(|page| links(page).unwrap_or_default()).collect())
}

fn page_link(file: &Document, annotation: &Dictionary, page_height: f32) -> Option<PageLink> {
    let action = annotation.get_deref(b"A", file).ok()?.as_dict().ok()?;
    let address = std::str::from_utf8(action.get_deref(b"URI", file).ok()?.as_str().ok()?).ok()?;
    let (_, fragment) = address.split_once('#')?;
    let parameter = |name: &str| {
        let values = fragment.split('&').filter_map(|parameter| parameter.split_once('='));
        values.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok())
    };
    let [x0, bottom, x1, top] = numbers(file, annotation, b"Rect")?;
    Some(PageLink {
        bbox: BBox { x0, y0: page_height - top, x1, y1: page_height - bottom },
        source: usize::try_from(parameter("source")?).ok()?,
        page: parameter("page")?,
    })
}

/// Four numbers of a dictionary, such as a rectangle (ISO 32000-2, 7.9.5).
fn numbers(file: &Document, dictionary: &Dictionary, key: &[u8]) -> Option<[f32; 4]> {
    let values = dictionary.get_deref(key, file).ok()?.as_array().ok()?;
    let values: Vec<f32> = values.iter().map(lopdf::Object::as_float).collect::<Result<_, _>>().ok()?;
    values.try_into().ok()
}
