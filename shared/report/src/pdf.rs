//! PDF: the content is given to the template as data, never as markup, so that no text of a record is executed.

use std::borrow::Cow;

use maneiro_api::analysis::Analysis;
use serde_json::{Value, json};
use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::{
    model::ReportModel,
    typeset::{ReportError, TemplateFile, has_glyph, typeset},
};

const TEMPLATE: &str = include_str!("report.typ");

/// The shown replacement of a character that no built-in font has.
pub const MISSING_GLYPH: char = '\u{25a1}';

/// Longer words may be broken across lines. Every line of a report has room for a word of this length.
const MAX_UNBROKEN_CHARS: usize = 26;

/// Characters of a longer word between two places where it may be broken.
const BREAK_INTERVAL_CHARS: usize = 4;

const ZERO_WIDTH_SPACE: &str = "\u{200b}";

pub(crate) fn write(model: &ReportModel, analysis: &Analysis) -> Result<Vec<u8>, ReportError> {
    let mut data = serde_json::to_value(model).map_err(|_| pdf_error("the data could not be written"))?;
    let texts = model.texts;
    data["texts"] = json!(texts.headings);
    data["letter_texts"] = json!({ "subject": texts.letter.subject, "closing": texts.letter.closing });
    sanitise_strings(&mut data);
    // Addresses and metadata have no lines to break.
    let files = analysis.sources.iter().map(|source| percent_encoded(&source.name));
    data["files"] = files.collect::<Vec<_>>().into();
    data["language"] = texts.tag.into();
    data["paper"] = model.paper.into();
    data["title"] = Value::String(displayable(&model.title));
    let generated_at = analysis.generated_at.to_offset(time::UtcOffset::UTC);
    let mut files = vec![TemplateFile::from_text("data.json", &data.to_string())];
    let letterhead = model.letterhead.as_ref().and_then(|letterhead| letterhead.picture.as_ref());
    let signature = model.signature.as_ref().and_then(|signature| signature.picture.as_ref());
    for (path, picture) in [("letterhead.png", letterhead), ("signature.png", signature)] {
        files.extend(picture.map(|picture| TemplateFile { path, content: picture.png.clone() }));
    }
    let document = typeset(TEMPLATE, files, generated_at.date())
        // The typesetter's message may contain data.
        .map_err(|_| pdf_error("the template is invalid"))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|_| pdf_error("the PDF standards are incompatible"))?;
    let time = Datetime::from_ymd_hms(
        generated_at.year(),
        generated_at.month().into(),
        generated_at.day(),
        generated_at.hour(),
        generated_at.minute(),
        generated_at.second(),
    );
    // A signed report is another file than the draft.
    let signed = model.signature.as_ref().and_then(|signature| signature.digest.as_deref());
    let ident = [Some(&*analysis.id.to_string()), signed].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Maneiro".to_owned())),
        timestamp: time.map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options)
        // The exporter's message may contain data.
        .map_err(|errors| pdf_error(&format!("the PDF standards are not met ({} errors)", errors.len())));
    typst::comemo::evict(0);
    bytes
}

fn pdf_error(message: &str) -> ReportError {
    ReportError::new(message)
}

/// A file's name as a relative reference (RFC 3986): no character of it has a meaning of its own.
fn percent_encoded(name: &str) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes()
        .map(|byte| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Makes every string of the data displayable and breakable.
fn sanitise_strings(value: &mut Value) {
    match value {
        Value::String(text) => *text = breakable(text),
        Value::Array(values) => values.iter_mut().for_each(sanitise_strings),
        Value::Object(fields) => fields.values_mut().for_each(sanitise_strings),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text with single spaces, without invisible control characters, and with [`MISSING_GLYPH`] for characters that no
/// font has.
fn displayable(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(|character| !is_invisible_control(*character)))
        .map(|word| {
            word.map(|character| if has_glyph(character) { character } else { MISSING_GLYPH }).collect()
        })
        .collect();
    words.join(" ")
}

/// The displayable text, with invisible places where long words may be broken.
fn breakable(text: &str) -> String {
    let text = displayable(text);
    let words: Vec<Cow<'_, str>> = text
        .split(' ')
        .map(|word| {
            let characters: Vec<char> = word.chars().collect();
            if characters.len() <= MAX_UNBROKEN_CHARS {
                return Cow::Borrowed(word);
            }
            let chunks = characters.chunks(BREAK_INTERVAL_CHARS).map(|chunk| chunk.iter().collect());
            Cow::Owned(chunks.collect::<Vec<String>>().join(ZERO_WIDTH_SPACE))
        })
        .collect();
    words.join(" ")
}

/// Invisible characters that change how others are shown: direction marks and overrides, joiners, byte order marks. A
/// record must not be able to reorder the text of a report.
fn is_invisible_control(character: char) -> bool {
    character.is_control()
        || matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        | '\u{fe00}'..='\u{fe0f}')
}
