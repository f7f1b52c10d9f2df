//! Words with their places on their lines, and how lines in several directions and from several sources become one
//! page in reading order. Knows places only; where the words come from is the caller's business.

use maneiro_page::{BBox, Field, Line, Word};

use crate::layout::reading_order::{self, Item};

/// A recognised word that lies on a known one by so much of its area says the same.
const SAME_PLACE: f32 = 0.5;
/// Unless the known word is so many times higher: a watermark does not repeat what is printed on it.
const MUCH_HIGHER: f32 = 3.0;

/// A word and where it stands among others that run in its direction.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) word: Word,
    /// Its place on its line, in points, on the page turned back by its direction about the top left corner.
    pub(crate) item: Item,
    /// The direction in which its line runs, in degrees clockwise from left to right, from 0 to 359.
    pub(crate) direction: i32,
}

/// What is known of a page without recognising anything.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// What it shows, in no order.
    pub(crate) words: Vec<Standing>,
    /// What others have noted on it, in order.
    pub(crate) notes: Vec<Line>,
    pub(crate) fields: Vec<Field>,
}

/// What was recognised in a part of a page.
pub(crate) struct Recognised {
    pub(crate) area: BBox,
    pub(crate) words: Vec<Standing>,
    /// Where it is written on by hand.
    pub(crate) handwriting: Vec<BBox>,
}

/// The words in lines, in reading order; the page's main direction first.
pub(crate) fn in_lines(words: Vec<Standing>) -> Vec<Vec<Standing>> {
    let mut directions: Vec<(i32, Vec<Standing>)> = Vec::new();
    for standing in words {
        match directions.iter_mut().find(|(direction, _)| *direction == standing.direction) {
            Some((_, same)) => same.push(standing),
            None => directions.push((standing.direction, vec![standing])),
        }
    }
    let letters = |words: &[Standing]| words.iter().map(|standing| standing.word.text.len()).sum::<usize>();
    directions.sort_by_key(|(_, words)| std::cmp::Reverse(letters(words)));
    let mut lines = Vec::new();
    for (_, words) in directions {
        let items: Vec<Item> = words.iter().map(|standing| standing.item).collect();
        let mut words: Vec<Option<Standing>> = words.into_iter().map(Some).collect();
        let order = reading_order::reading_order(&items).into_iter();
        lines.extend(
            order.map(|line| line.into_iter().filter_map(|index| words[index].take()).collect::<Vec<_>>()),
        );
    }
    lines
}

/// The lines without the places of their words.
pub(crate) fn finish(lines: Vec<Vec<Standing>>) -> Vec<Line> {
    lines
        .into_iter()
        .map(|line| Line::body(line.into_iter().map(|standing| standing.word).collect()))
        .collect()
}

/// Leaves of what was recognised only what the page does not say already.
pub(crate) fn without_repeats(mut recognised: Vec<Standing>, known: &[Standing]) -> Vec<Standing> {
    let repeats = |found: &BBox| {
        known.iter().any(|known| {
            let known = &known.word.bbox;
            let (width, height) = (found.x1.min(known.x1) - found.x0.max(known.x0), {
                found.y1.min(known.y1) - found.y0.max(known.y0)
            });
            let smaller = (found.width() * found.height()).min(known.width() * known.height());
            width > 0.0
                && height > 0.0
                && width * height >= SAME_PLACE * smaller
                && known.height() <= MUCH_HIGHER * found.height()
        })
    };
    recognised.retain(|standing| !repeats(&standing.word.bbox));
    recognised
}

/// The lines of a page of which some words are known and others were recognised in its pictures. What is printed on
/// a picture is read with it; a picture is read after the lines above it and before those beside and below it.
pub(crate) fn merged(known: Vec<Standing>, pictures: Vec<Recognised>) -> Vec<Line> {
    let mut around = known;
    let mut blocks = Vec::new();
    for Recognised { area, words, .. } in pictures {
        let (mut inside, outside): (Vec<Standing>, Vec<Standing>) =
            around.into_iter().partition(|standing| area.contains_center(&standing.word.bbox));
        around = outside;
        inside.extend(words);
        blocks.push((area, finish(in_lines(inside))));
    }
    let mut lines = finish(in_lines(around));
    for (area, block) in blocks {
        let at = place_of(&area, &lines);
        lines.splice(at..at, block);
    }
    lines
}

/// Before which of the lines a picture is read.
fn place_of(area: &BBox, lines: &[Line]) -> usize {
    let extent = |line: &Line| {
        let boxes = line.words.iter().map(|word| word.bbox);
        boxes.reduce(|all, bbox| all.union(&bbox))
    };
    let extents: Vec<Option<BBox>> = lines.iter().map(extent).collect();
    let is = |line: &Option<BBox>, fits: &dyn Fn(&BBox) -> bool| line.as_ref().is_some_and(fits);
    let over = |line: &BBox| line.x0 < area.x1 && line.x1 > area.x0;
    let above = |line: &BBox| (line.y0 + line.y1) / 2.0 < area.y0;
    if let Some(last) = extents.iter().rposition(|line| is(line, &|line| over(line) && above(line))) {
        return last + 1;
    }
    let below = |line: &BBox| over(line) && !above(line);
    let first = extents.iter().position(|line| is(line, &below));
    first.or_else(|| extents.iter().position(|line| is(line, &|line| !above(line)))).unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, x0: f32, y0: f32) -> Standing {
        let bbox = BBox { x0, y0, x1: x0 + 6.0 * text.len() as f32, y1: y0 + 10.0 };
        let item = Item {
            x0: f64::from(bbox.x0),
            x1: f64::from(bbox.x1),
            y0: f64::from(bbox.y0),
            y1: f64::from(bbox.y1),
        };
        Standing { word: Word { text: text.to_owned(), bbox, confidence: 100 }, item, direction: 0 }
    }

    fn text(lines: &[Line]) -> Vec<String> {
        lines.iter().map(Line::text).collect()
    }

    #[test]
    fn a_picture_is_read_as_a_whole_between_what_is_above_and_what_is_beside_and_below() {
        let known = vec![word("above", 20.0, 20.0), word("beside", 300.0, 62.0), word("below", 20.0, 200.0)];
        let area = BBox { x0: 20.0, y0: 50.0, x1: 200.0, y1: 150.0 };
        let words = vec![word("one", 30.0, 60.0), word("two", 30.0, 80.0)];
        let lines = merged(known, vec![Recognised { area, words, handwriting: Vec::new() }]);
        assert_eq!(text(&lines), ["above", "one", "two", "beside", "below"]);
    }

    #[test]
    fn what_is_printed_on_a_picture_is_read_among_its_lines() {
        let known = vec![word("Smith", 60.0, 60.0)];
        let area = BBox { x0: 0.0, y0: 0.0, x1: 400.0, y1: 400.0 };
        let words = vec![word("Form", 20.0, 20.0), word("Name", 20.0, 61.0), word("Date", 20.0, 90.0)];
        let lines = merged(known, vec![Recognised { area, words, handwriting: Vec::new() }]);
        assert_eq!(text(&lines), ["Form", "Name Smith", "Date"]);
    }

    #[test]
    fn a_word_is_a_repeat_where_a_known_one_of_its_size_stands_and_not_under_a_watermark() {
        let mut watermark = word("DRAFT", 0.0, 0.0);
        watermark.word.bbox = BBox { x0: 0.0, y0: 0.0, x1: 400.0, y1: 400.0 };
        let known = [watermark, word("Page", 20.0, 20.0)];
        let left = without_repeats(vec![word("Pagc", 21.0, 21.0), word("Dear", 20.0, 40.0)], &known);
        assert_eq!(left.iter().map(|standing| standing.word.text.as_str()).collect::<Vec<_>>(), ["Dear"]);
    }
}
