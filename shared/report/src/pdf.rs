//! The PDF form: the view goes to the template as data, never as markup, so no text of a record can act.

use std::borrow::Cow;

use maneiro_api::analysis::Analysis;
use serde_json::{Value, json};
use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::{
    MISSING, ReportError,
    typeset::{File, can_show, typeset},
    view::{HARD_TO_READ_MEANS, NOT_VERIFIED, NOT_VERIFIED_MEANS, NOTHING_FOUND, View},
};

const TEMPLATE: &str = include_str!("report.typ");

/// Words longer than this may be broken anywhere: no line of a report is too short for a word of this length.
const LONG_WORD: usize = 26;

/// How much of a very long word stays together at least, in characters.
const PIECE: usize = 4;

/// Zero width space: a line may be broken here.
const BREAK: &str = "\u{200b}";

pub(crate) fn write(view: &View, analysis: &Analysis) -> Result<Vec<u8>, ReportError> {
    let mut data = serde_json::to_value(view).map_err(|_| fault("the data could not be written"))?;
    data["empty"] = Value::Bool(view.is_empty());
    data["words"] = json!({
        "nothing_found": NOTHING_FOUND,
        "not_verified": NOT_VERIFIED,
        "not_verified_means": NOT_VERIFIED_MEANS,
        "hard_to_read_means": HARD_TO_READ_MEANS,
    });
    make_printable(&mut data);
    // Metadata have no lines to break.
    data["title"] = Value::String(showable(&view.title));
    let generated_at = analysis.generated_at.to_offset(time::UtcOffset::UTC);
    let document = typeset(TEMPLATE, vec![File::text("data.json", &data.to_string())], generated_at.date())
        // The typesetter's own words could repeat some of the data.
        .map_err(|_| fault("the template was refused"))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|_| fault("the PDF standards do not go together"))?;
    let time = Datetime::from_ymd_hms(
        generated_at.year(),
        generated_at.month().into(),
        generated_at.day(),
        generated_at.hour(),
        generated_at.minute(),
        generated_at.second(),
    );
    let options = PdfOptions {
        ident: Smart::Custom(analysis.id.to_string()),
        creator: Smart::Custom(Some("Maneiro".to_owned())),
        timestamp: time.map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options)
        // What the exporter says about text may repeat it.
        .map_err(|faults| fault(&format!("the PDF standards are not met ({} faults)", faults.len())));
    typst::comemo::evict(0);
    bytes
}

fn fault(what: &str) -> ReportError {
    ReportError(what.to_owned())
}

/// Makes every text of the data fit to be set: see [`printable`].
fn make_printable(value: &mut Value) {
    match value {
        Value::String(text) => *text = printable(text),
        Value::Array(values) => values.iter_mut().for_each(make_printable),
        Value::Object(fields) => fields.values_mut().for_each(make_printable),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// One space for any white space, nothing for what steers other text, [`MISSING`] for what no font can show.
fn showable(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().filter(|character| !steers(*character)))
        .map(|word| word.map(|character| if can_show(character) { character } else { MISSING }).collect())
        .collect();
    words.join(" ")
}

/// The same, with invisible places to break very long words at.
fn printable(text: &str) -> String {
    let text = showable(text);
    let words: Vec<Cow<'_, str>> = text
        .split(' ')
        .map(|word| {
            let characters: Vec<char> = word.chars().collect();
            if characters.len() <= LONG_WORD {
                return Cow::Borrowed(word);
            }
            let pieces: Vec<String> = characters.chunks(PIECE).map(|piece| piece.iter().collect()).collect();
            Cow::Owned(pieces.join(BREAK))
        })
        .collect();
    words.join(" ")
}

/// Characters that are not seen but steer others: direction marks and overrides, joiners, byte order marks.
/// A record must not be able to turn a report's text around.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        | '\u{fe00}'..='\u{fe0f}')
}
