//! Assembles a page from the words of its text layer and those that were recognised.

use maneiro_page::{BBox, Page, TextSource, UnreadReason, UnreadRegion};

use super::tesseract::weighted_mean;
use crate::{
    inspection::Scan,
    layout::{
        dehyphenate,
        merge_layers::{
            PositionedWord, RecognisedRegion, TextLayerContent, drop_duplicate_words, merge_recognised,
        },
    },
};

/// The page of a scan. `undecodable` are the areas that could not be rendered.
pub(super) fn assemble_page(
    scan: &Scan<'_>,
    text_layer: TextLayerContent,
    mut regions: Vec<RecognisedRegion>,
    undecodable: Vec<BBox>,
) -> Page {
    let TextLayerContent { words, annotation_lines, fields } = text_layer;
    for region in &mut regions {
        // What is left of an image that breaks off may look like a word.
        let is_decodable =
            |word: &PositionedWord| !undecodable.iter().any(|area| area.contains_center(&word.word.bbox));
        region.words.retain(is_decodable);
        region.words = drop_duplicate_words(std::mem::take(&mut region.words), &words);
    }
    let confidence = mean_confidence(regions.iter().flat_map(|region| &region.words));
    let text_source = match (words.is_empty(), regions.iter().all(|region| region.words.is_empty())) {
        (true, _) if regions.is_empty() && annotation_lines.is_empty() => TextSource::Blank,
        (true, _) if regions.is_empty() => TextSource::TextLayer,
        (true, _) => TextSource::Ocr { confidence },
        (false, true) => TextSource::TextLayer,
        (false, false) => TextSource::Mixed { confidence },
    };
    let unread_because = |reason| move |bbox| UnreadRegion { bbox, reason };
    let handwriting = regions.iter().flat_map(|region| &region.handwriting).copied();
    let unread = undecodable.into_iter().map(unread_because(UnreadReason::DamagedImage));
    let unread = unread.chain(handwriting.map(unread_because(UnreadReason::Handwriting))).collect();
    let mut lines = merge_recognised(words, regions);
    dehyphenate::mark_hyphens(&mut lines);
    lines.extend(annotation_lines);
    Page { fields, unread, ..Page::new(scan.number, scan.width, scan.height, text_source, lines) }
}

/// Mean confidence of the words, weighted by their length; 0 if there are none.
fn mean_confidence<'w>(words: impl Iterator<Item = &'w PositionedWord>) -> u8 {
    let weighted =
        words.map(|PositionedWord { word, .. }| (word.text.chars().count(), f64::from(word.confidence)));
    weighted_mean(weighted).round() as u8
}
