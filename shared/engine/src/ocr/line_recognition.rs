//! Recognises a page line by line. The lines are found from the page's components: Tesseract's own line finding takes a
//! sixth of its time, joins the cells of tables, and loses decimal points in them.

use std::{cell::LazyCell, cmp::Reverse, ops::RangeInclusive};

use hayro::kurbo::Rect;

use super::{
    context_words::ContextWords,
    number_verification::verify_numbers,
    tesseract::{OcrWord, Tesseract, mean_confidence},
};
use crate::{
    error::PageError,
    geometry::median,
    preprocess::PreprocessedPage,
    segmentation::{LineImage, LineScaling, TextLine, find_text_lines},
};

/// Lines with more letters are prose: their words help each other, which those of table cells do not.
const MAX_CELL_LETTERS: usize = 14;
/// The letter heights of a line in the page's usual print, in parts of the page's x-height. A line of capitals is higher, and
/// is shown as large as the lines around it.
const USUAL_HEIGHT_RATIO: RangeInclusive<f64> = 0.75..=1.5;
/// A line with no more letters, or of punctuation only, is noise if it is read with less confidence.
const MAX_NOISE_LETTERS: usize = 2;
const MIN_SHORT_LINE_CONFIDENCE_PERCENT: f64 = 60.0;
/// A single component that is not a digit needs more.
const MIN_SINGLE_COMPONENT_CONFIDENCE_PERCENT: f64 = 75.0;
/// Other lines are doubtful below this.
const MIN_LINE_CONFIDENCE_PERCENT: f64 = 40.0;
/// A line that is doubtful, or has no more letters, is noise as well if this many lines of noise or doubt are close.
const MAX_OPEN_LINE_LETTERS: usize = 5;
const MIN_NOISE_LINES_NEARBY: usize = 3;
/// How far around a line others are close, in parts of its letters' height.
const NEARBY_RATIO: f64 = 3.0;
/// After this many lines of noise or doubt in a row, the shorter lines are not recognised: the image is a photograph.
const MAX_NOISE_LINES_IN_A_ROW: usize = 60;

/// Recognises the words of a page, the longest lines first. Stops after the line in which `max_letters` are reached.
pub(super) fn recognise_lines(
    tesseract: &mut Tesseract,
    page: &PreprocessedPage,
    max_letters: usize,
) -> Result<Vec<OcrWord>, PageError> {
    let mut text_lines = find_text_lines(page);
    text_lines.sort_by_key(|line| Reverse(line.letters.len()));
    let usual_height = median(text_lines.iter().filter(|line| is_prose(line)).map(|line| line.letter_height))
        .unwrap_or_default();
    let (mut recognised, mut noise) = (Vec::new(), Vec::new());
    let mut context_words = ContextWords::default();
    let with_ruling_lines = LazyCell::new(|| page.with_ruling_lines());
    let (mut letters_seen, mut noise_in_a_row) = (0, 0);
    for line in text_lines {
        if letters_seen >= max_letters {
            break;
        }
        if noise_in_a_row >= MAX_NOISE_LINES_IN_A_ROW {
            noise.push(line.deskewed_bounds);
            continue;
        }
        letters_seen += line.letters.len();
        let is_prose = is_prose(&line);
        let image_of = |page: &PreprocessedPage| match is_prose {
            true => LineImage::from_prose_line(page, &line, x_height(&line, usual_height)),
            false => LineImage::from_text_line(page, &line, LineScaling::Unscaled, None),
        };
        let mut words = match is_prose {
            true => fit_to_letters(tesseract.recognise_line(&image_of(page))?, &line),
            false => recognise_line(tesseract, page, &line, &context_words)?,
        };
        if words.iter().any(|word| page.touches_removed_line(word.bounds)) {
            let with_ruling_line =
                fit_to_letters(tesseract.recognise_line(&image_of(&with_ruling_lines))?, &line);
            words = more_confident_at_ruling_line(page, words, with_ruling_line);
        }
        context_words.add_from_line(page, &line, &words);
        let confidence = mean_confidence(&words);
        let words = verify_numbers(tesseract, page, &context_words, words)?;
        // Ambiguous numbers have a low confidence without being noise.
        let confidence = confidence.max(mean_confidence(&words));
        let (is_noise, is_doubtful) =
            (is_noise(&line, &words, confidence), confidence < MIN_LINE_CONFIDENCE_PERCENT);
        noise_in_a_row = if is_noise || is_doubtful { noise_in_a_row + 1 } else { 0 };
        if is_noise || is_doubtful {
            noise.push(line.deskewed_bounds);
        }
        if !is_noise {
            let is_open = is_doubtful || line.letters.len() <= MAX_OPEN_LINE_LETTERS;
            let reach = NEARBY_RATIO * line.letter_height;
            recognised.push((words, is_open.then_some(line.deskewed_bounds.inflate(reach, reach))));
        }
    }
    // The image is a photograph, or holds one.
    let is_photograph = noise.len() > recognised.len();
    let is_amid_noise =
        |nearby: Rect| noise.iter().filter(|noise| noise.overlaps(nearby)).count() >= MIN_NOISE_LINES_NEARBY;
    recognised.retain(|(words, nearby)| match nearby {
        Some(nearby) => {
            let is_confident = mean_confidence(words) >= MIN_SHORT_LINE_CONFIDENCE_PERCENT;
            !is_amid_noise(*nearby) && (!is_photograph || is_confident)
        }
        None => true,
    });
    Ok(recognised.into_iter().flat_map(|(words, _)| words).collect())
}

/// The words with the bounds of their letters. Those that Tesseract gives are as high as the image of the line, and reach into
/// the spaces between words. What begins or ends a word and is no letter keeps its place.
fn fit_to_letters(mut words: Vec<OcrWord>, line: &TextLine) -> Vec<OcrWord> {
    for word in &mut words {
        let bounds = word.bounds;
        let is_within = |letter: &&Rect| (bounds.x0..=bounds.x1).contains(&letter.center().x);
        let letters = line.letters.iter().copied().filter(|letter| is_within(&letter));
        let Some(fitted) = letters.reduce(|one, other| one.union(other)) else { continue };
        let is_letter = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        let x0 = if is_letter(word.text.chars().next()) { fitted.x0 } else { bounds.x0.min(fitted.x0) };
        let x1 = if is_letter(word.text.chars().last()) { fitted.x1 } else { bounds.x1.max(fitted.x1) };
        word.bounds = Rect::new(x0, fitted.y0, x1, fitted.y1);
    }
    words
}

fn is_prose(line: &TextLine) -> bool {
    line.letters.len() > MAX_CELL_LETTERS
}

/// The x-height of a line's print on a page with this usual one, in pixels.
fn x_height(line: &TextLine, usual_height: f64) -> f64 {
    if USUAL_HEIGHT_RATIO.contains(&(line.letter_height / usual_height)) {
        usual_height
    } else {
        line.letter_height
    }
}

/// Recognises a line. A single digit is easily read as a letter, more so with a point before it, so an isolated line that
/// may be a number is also recognised beside a context word.
pub(super) fn recognise_line(
    tesseract: &mut Tesseract,
    page: &PreprocessedPage,
    line: &TextLine,
    context_words: &ContextWords,
) -> Result<Vec<OcrWord>, PageError> {
    let alone =
        tesseract.recognise_line(&LineImage::from_text_line(page, line, LineScaling::Unscaled, None))?;
    let may_be_number = digit_count(&alone) == 0
        && (line.has_punctuation_before() || is_noise(line, &alone, mean_confidence(&alone)));
    let Some(context) = context_words.for_isolated_line(line).filter(|_| may_be_number) else {
        return Ok(alone);
    };
    let line_image = LineImage::from_text_line(page, line, LineScaling::Unscaled, Some(context));
    let in_context = tesseract.recognise_line(&line_image)?;
    let is_number = digit_count(&in_context) > 0 && mean_confidence(&in_context) > mean_confidence(&alone);
    Ok(if is_number { in_context } else { alone })
}

/// Chooses between two readings of a line, without and with its ruling line. Takes from the second the words that touch
/// the ruling line and were read with more confidence: a "g" whose bowl is covered by the line is read as "q" without it.
fn more_confident_at_ruling_line(
    page: &PreprocessedPage,
    words: Vec<OcrWord>,
    mut with_ruling_line: Vec<OcrWord>,
) -> Vec<OcrWord> {
    let choose = |word: OcrWord| {
        let is_same = |other: &OcrWord| {
            other.bounds.contains(word.bounds.center()) && word.bounds.contains(other.bounds.center())
        };
        let same =
            with_ruling_line.iter().position(is_same).filter(|_| page.touches_removed_line(word.bounds));
        let is_better = |other: &usize| {
            let other = &with_ruling_line[*other];
            other.confidence > word.confidence && other.letter_count() >= word.letter_count()
        };
        match same.filter(is_better) {
            Some(other) => with_ruling_line.swap_remove(other),
            None => word,
        }
    };
    words.into_iter().map(choose).collect()
}

fn digit_count(words: &[OcrWord]) -> usize {
    words.iter().map(OcrWord::digit_count).sum()
}

/// Whether the words that were read of a line with this mean confidence are noise.
fn is_noise(line: &TextLine, words: &[OcrWord], confidence: f64) -> bool {
    let is_short = words.iter().map(OcrWord::letter_count).sum::<usize>() <= MAX_NOISE_LETTERS;
    let is_single = line.letters.len() == 1 && words.iter().all(|word| word.digit_count() == 0);
    let min_confidence =
        if is_single { MIN_SINGLE_COMPONENT_CONFIDENCE_PERCENT } else { MIN_SHORT_LINE_CONFIDENCE_PERCENT };
    (is_short || words.iter().all(OcrWord::is_punctuation)) && confidence < min_confidence
}
