//! Merges the words of a text layer with recognised words, and lines of several directions, into one page in reading
//! order. Knows positions only, not where the words come from.

use maneiro_page::{BBox, Field, Line, Word};

use crate::layout::reading_order::{self, LayoutBox};

/// A recognised word duplicates a word of the text layer if they overlap by at least this share of the smaller one.
const MIN_OVERLAP_RATIO: f32 = 0.5;
/// Unless the word of the text layer is higher by more than this factor: a watermark does not duplicate what is printed
/// on it.
const MAX_HEIGHT_RATIO: f32 = 3.0;

/// A word and its position among the words that run in its direction.
#[derive(Debug, Clone)]
pub(crate) struct PositionedWord {
    pub(crate) word: Word,
    /// In points, on the page turned back by the direction about its top left corner.
    pub(crate) layout_box: LayoutBox,
    /// The direction of the line, in degrees clockwise from left to right, from 0 to 359.
    pub(crate) direction_degrees: i32,
}

/// The text of a page that needs no OCR.
#[derive(Debug, Default)]
pub(crate) struct TextLayerContent {
    /// In no particular order.
    pub(crate) words: Vec<PositionedWord>,
    /// The lines of annotations, in order.
    pub(crate) annotation_lines: Vec<Line>,
    pub(crate) fields: Vec<Field>,
}

/// The result of OCR in a region of a page.
pub(crate) struct RecognisedRegion {
    pub(crate) area: BBox,
    pub(crate) words: Vec<PositionedWord>,
    /// Areas of handwriting.
    pub(crate) handwriting: Vec<BBox>,
}

/// Groups the words into lines in reading order; the direction with the most letters comes first.
pub(crate) fn group_into_lines(words: Vec<PositionedWord>) -> Vec<Vec<PositionedWord>> {
    let mut directions: Vec<(i32, Vec<PositionedWord>)> = Vec::new();
    for positioned in words {
        match directions.iter_mut().find(|(direction, _)| *direction == positioned.direction_degrees) {
            Some((_, words)) => words.push(positioned),
            None => directions.push((positioned.direction_degrees, vec![positioned])),
        }
    }
    let letters =
        |words: &[PositionedWord]| words.iter().map(|positioned| positioned.word.text.len()).sum::<usize>();
    directions.sort_by_key(|(_, words)| std::cmp::Reverse(letters(words)));
    let mut lines = Vec::new();
    for (_, words) in directions {
        let boxes: Vec<LayoutBox> = words.iter().map(|positioned| positioned.layout_box).collect();
        let mut words: Vec<Option<PositionedWord>> = words.into_iter().map(Some).collect();
        let order = reading_order::reading_order(&boxes).into_iter();
        lines.extend(
            order.map(|line| line.into_iter().filter_map(|index| words[index].take()).collect::<Vec<_>>()),
        );
    }
    lines
}

/// The lines without the positions of their words.
pub(crate) fn into_page_lines(lines: Vec<Vec<PositionedWord>>) -> Vec<Line> {
    lines
        .into_iter()
        .map(|line| Line::body(line.into_iter().map(|positioned| positioned.word).collect()))
        .collect()
}

/// Drops the recognised words that the text layer already has.
pub(crate) fn drop_duplicate_words(
    mut recognised: Vec<PositionedWord>,
    text_layer: &[PositionedWord],
) -> Vec<PositionedWord> {
    let is_duplicate = |bbox: &BBox| text_layer.iter().any(|known| duplicates(bbox, &known.word.bbox));
    recognised.retain(|positioned| !is_duplicate(&positioned.word.bbox));
    recognised
}

fn duplicates(recognised: &BBox, known: &BBox) -> bool {
    let width = recognised.x1.min(known.x1) - recognised.x0.max(known.x0);
    let height = recognised.y1.min(known.y1) - recognised.y0.max(known.y0);
    let smaller_area = (recognised.width() * recognised.height()).min(known.width() * known.height());
    width > 0.0
        && height > 0.0
        && width * height >= MIN_OVERLAP_RATIO * smaller_area
        && known.height() <= MAX_HEIGHT_RATIO * recognised.height()
}

/// The lines of a page from the words of its text layer and the words recognised in regions of it. Words of the text
/// layer that lie in a region are read with it; a region is read after the lines above it and before those beside and
/// below it.
pub(crate) fn merge_recognised(text_layer: Vec<PositionedWord>, regions: Vec<RecognisedRegion>) -> Vec<Line> {
    let mut outside = text_layer;
    let mut blocks = Vec::new();
    for RecognisedRegion { area, words, .. } in regions {
        let (mut inside, rest): (Vec<PositionedWord>, Vec<PositionedWord>) =
            outside.into_iter().partition(|positioned| area.contains_center(&positioned.word.bbox));
        outside = rest;
        inside.extend(words);
        blocks.push((area, into_page_lines(group_into_lines(inside))));
    }
    let mut lines = into_page_lines(group_into_lines(outside));
    for (area, block) in blocks {
        let at = insertion_index(&area, &lines);
        lines.splice(at..at, block);
    }
    lines
}

/// The index of the line before which a region is read.
fn insertion_index(area: &BBox, lines: &[Line]) -> usize {
    let extent = |line: &Line| {
        let boxes = line.words.iter().map(|word| word.bbox);
        boxes.reduce(|all, bbox| all.union(&bbox))
    };
    let extents: Vec<Option<BBox>> = lines.iter().map(extent).collect();
    let matches = |line: &Option<BBox>, fits: &dyn Fn(&BBox) -> bool| line.as_ref().is_some_and(fits);
    let overlaps_in_x = |line: &BBox| line.x0 < area.x1 && line.x1 > area.x0;
    let is_above = |line: &BBox| line.center().1 < area.y0;
    if let Some(last) =
        extents.iter().rposition(|line| matches(line, &|line| overlaps_in_x(line) && is_above(line)))
    {
        return last + 1;
    }
    let is_below = |line: &BBox| overlaps_in_x(line) && !is_above(line);
    let first = extents.iter().position(|line| matches(line, &is_below));
    first
        .or_else(|| extents.iter().position(|line| matches(line, &|line| !is_above(line))))
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, x0: f32, y0: f32) -> PositionedWord {
        let bbox = BBox { x0, y0, x1: x0 + 6.0 * text.len() as f32, y1: y0 + 10.0 };
        let layout_box = LayoutBox {
            x0: f64::from(bbox.x0),
            x1: f64::from(bbox.x1),
            y0: f64::from(bbox.y0),
            y1: f64::from(bbox.y1),
        };
        PositionedWord {
            word: Word { text: text.to_owned(), bbox, confidence: 100 },
            layout_box,
            direction_degrees: 0,
        }
    }

    fn text(lines: &[Line]) -> Vec<String> {
        lines.iter().map(Line::text).collect()
    }

    #[test]
    fn region_is_read_between_lines_above_and_lines_below() {
        let text_layer =
            vec![word("above", 20.0, 20.0), word("beside", 300.0, 62.0), word("below", 20.0, 200.0)];
        let area = BBox { x0: 20.0, y0: 50.0, x1: 200.0, y1: 150.0 };
        let words = vec![word("one", 30.0, 60.0), word("two", 30.0, 80.0)];
        let lines =
            merge_recognised(text_layer, vec![RecognisedRegion { area, words, handwriting: Vec::new() }]);
        assert_eq!(text(&lines), ["above", "one", "two", "beside", "below"]);
    }

    #[test]
    fn text_layer_words_in_a_region_are_read_with_its_lines() {
        let text_layer = vec![word("Smith", 60.0, 60.0)];
        let area = BBox { x0: 0.0, y0: 0.0, x1: 400.0, y1: 400.0 };
        let words = vec![word("Form", 20.0, 20.0), word("Name", 20.0, 61.0), word("Date", 20.0, 90.0)];
        let lines =
            merge_recognised(text_layer, vec![RecognisedRegion { area, words, handwriting: Vec::new() }]);
        assert_eq!(text(&lines), ["Form", "Name Smith", "Date"]);
    }

    #[test]
    fn recognised_word_is_dropped_unless_under_a_watermark() {
        let mut watermark = word("DRAFT", 0.0, 0.0);
        watermark.word.bbox = BBox { x0: 0.0, y0: 0.0, x1: 400.0, y1: 400.0 };
        let text_layer = [watermark, word("Page", 20.0, 20.0)];
        let left =
            drop_duplicate_words(vec![word("Pagc", 21.0, 21.0), word("Dear", 20.0, 40.0)], &text_layer);
        assert_eq!(left.iter().map(|positioned| positioned.word.text.as_str()).collect::<Vec<_>>(), ["Dear"]);
    }
}
