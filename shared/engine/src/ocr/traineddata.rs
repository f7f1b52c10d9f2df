//! Tesseract's models: their names, which of them are installed, and which package brings those that are not.
//! Loads none of them.

use super::tesseract_ffi;
use crate::error::OcrEngineError;

/// Files among the models that recognise no language: one finds a page's script, the other its formulas.
const NO_LANGUAGES: [&str; 2] = ["osd", "equ"];

/// The models of scripts, and what Debian calls them: their codes in ISO 15924.
const SCRIPTS: [(&str, &str); 37] = [
    ("Arabic", "arab"),
    ("Armenian", "armn"),
    ("Bengali", "beng"),
    ("Canadian_Aboriginal", "cans"),
    ("Cherokee", "cher"),
    ("Cyrillic", "cyrl"),
    ("Devanagari", "deva"),
    ("Ethiopic", "ethi"),
    ("Fraktur", "frak"),
    ("Georgian", "geor"),
    ("Greek", "grek"),
    ("Gujarati", "gujr"),
    ("Gurmukhi", "guru"),
    ("HanS", "hans"),
    ("HanS_vert", "hans-vert"),
    ("HanT", "hant"),
    ("HanT_vert", "hant-vert"),
    ("Hangul", "hang"),
    ("Hangul_vert", "hang-vert"),
    ("Hebrew", "hebr"),
    ("Japanese", "jpan"),
    ("Japanese_vert", "jpan-vert"),
    ("Kannada", "knda"),
    ("Khmer", "khmr"),
    ("Lao", "laoo"),
    ("Latin", "latn"),
    ("Malayalam", "mlym"),
    ("Myanmar", "mymr"),
    ("Oriya", "orya"),
    ("Sinhala", "sinh"),
    ("Syriac", "syrc"),
    ("Tamil", "taml"),
    ("Telugu", "telu"),
    ("Thaana", "thaa"),
    ("Thai", "thai"),
    ("Tibetan", "tibt"),
    ("Vietnamese", "viet"),
];

/// The scripts that Tesseract can tell from a picture, and the model to read each with: where one language of today
/// is written in it, that language's; else that of the script.
const OF_SCRIPT: [(&str, &str); 26] = [
    ("Arabic", "script/Arabic"),
    ("Armenian", "hye"),
    ("Bengali", "script/Bengali"),
    ("Cherokee", "chr"),
    ("Cyrillic", "script/Cyrillic"),
    ("Devanagari", "script/Devanagari"),
    ("Ethiopic", "script/Ethiopic"),
    ("Georgian", "kat"),
    ("Greek", "ell"),
    ("Gujarati", "guj"),
    ("Gurmukhi", "pan"),
    ("Han", "script/HanS"),
    ("Hangul", "kor"),
    ("Hebrew", "heb"),
    ("Hiragana", "jpn"),
    ("Japanese", "jpn"),
    ("Kannada", "kan"),
    ("Katakana", "jpn"),
    ("Khmer", "khm"),
    ("Korean", "kor"),
    ("Lao", "lao"),
    ("Malayalam", "mal"),
    ("Sinhala", "sin"),
    ("Tamil", "tam"),
    ("Telugu", "tel"),
    ("Thai", "tha"),
];

/// The languages that are not written in Latin letters, by script.
const WRITTEN_IN: [(&str, &[&str]); 25] = [
    ("Arabic", &["ara", "fas", "pus", "snd", "uig", "urd"]),
    ("Armenian", &["hye"]),
    ("Bengali", &["asm", "ben"]),
    ("Cherokee", &["chr"]),
    (
        "Cyrillic",
        &[
            "aze_cyrl", "bel", "bul", "kaz", "kir", "mkd", "mon", "rus", "srp", "tat", "tgk", "ukr",
            "uzb_cyrl",
        ],
    ),
    ("Devanagari", &["hin", "mar", "nep", "san"]),
    ("Ethiopic", &["amh", "tir"]),
    ("Georgian", &["kat", "kat_old"]),
    ("Greek", &["ell", "grc"]),
    ("Gujarati", &["guj"]),
    ("Gurmukhi", &["pan"]),
    ("Han", &["chi_sim", "chi_sim_vert", "chi_tra", "chi_tra_vert", "script/HanS", "script/HanT"]),
    ("Hangul", &["kor", "kor_vert"]),
    ("Hebrew", &["heb", "yid"]),
    ("Japanese", &["jpn", "jpn_vert"]),
    ("Kannada", &["kan"]),
    ("Khmer", &["khm"]),
    ("Lao", &["lao"]),
    ("Malayalam", &["mal"]),
    ("Myanmar", &["mya"]),
    ("Oriya", &["ori"]),
    ("Sinhala", &["sin"]),
    ("Tamil", &["tam"]),
    ("Telugu", &["tel"]),
    ("Thai", &["tha"]),
];

/// The model to read a script with, by Tesseract's name of the script; none for Latin, which every model can.
pub(super) fn of_script(script: &str) -> Option<&'static str> {
    OF_SCRIPT.iter().find(|(name, _)| *name == script).map(|(_, model)| *model)
}

/// The script that a model is for.
pub(super) fn script(model: &str) -> &str {
    let written_in = WRITTEN_IN.iter().find(|(_, languages)| languages.contains(&model));
    written_in.map(|(script, _)| *script).or(model.strip_prefix("script/")).unwrap_or("Latin")
}

/// The models of languages and scripts that Tesseract finds, in the order of their names.
pub(super) fn installed() -> Vec<String> {
    let mut models = tesseract_ffi::models();
    models.retain(|model| !NO_LANGUAGES.contains(&model.as_str()));
    models.sort();
    models
}

/// Makes sure that all these models can be loaded.
pub(super) fn check(languages: &[&str]) -> Result<(), OcrEngineError> {
    if languages.is_empty() {
        return Err(OcrEngineError::NoLanguage);
    }
    if let Some(wrong) = languages.iter().find(|language| !is_name(language)) {
        return Err(OcrEngineError::InvalidLanguage { language: (*wrong).to_owned() });
    }
    let installed = installed();
    match languages.iter().find(|language| !installed.iter().any(|model| model == *language)) {
        Some(absent) => Err(missing(absent)),
        None => Ok(()),
    }
}

/// The error of a model that is not there.
pub(super) fn missing(language: &str) -> OcrEngineError {
    OcrEngineError::LanguageNotInstalled { language: language.to_owned(), package: package(language) }
}

/// Whether a name can be that of a model: `eng`, `chi_sim`, `script/Cyrillic`. It becomes part of a path.
fn is_name(language: &str) -> bool {
    let name = language.strip_prefix("script/").unwrap_or(language);
    !name.is_empty()
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        && !NO_LANGUAGES.contains(&name)
}

/// The Debian package that brings a model.
pub(super) fn package(model: &str) -> String {
    let script = model.strip_prefix("script/");
    match SCRIPTS.iter().find(|(name, _)| Some(*name) == script) {
        Some((_, code)) => format!("tesseract-ocr-script-{code}"),
        None => format!("tesseract-ocr-{}", model.to_lowercase().replace(['_', '/'], "-")),
    }
}

/// Whether a model of this name is for lines that run downwards.
pub(super) fn is_vertical(language: &str) -> bool {
    language.ends_with("_vert")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_named_with_the_package_that_brings_it() {
        assert_eq!(package("deu"), "tesseract-ocr-deu");
        assert_eq!(package("chi_sim"), "tesseract-ocr-chi-sim");
        assert_eq!(package("script/Cyrillic"), "tesseract-ocr-script-cyrl");
        assert_eq!(package("script/HanS_vert"), "tesseract-ocr-script-hans-vert");
    }

    #[test]
    fn what_is_no_models_name_is_refused_before_it_becomes_part_of_a_path() {
        for wrong in
            ["", "../eng", "/etc/passwd", "script/", "script/../eng", "eng+deu", "~eng", "osd", "equ"]
        {
            let refused = check(&["eng", wrong]).unwrap_err();
            assert_eq!(refused, OcrEngineError::InvalidLanguage { language: wrong.to_owned() });
        }
        assert!(is_name("chi_sim") && is_name("script/Cyrillic"));
    }

    #[test]
    fn the_installed_models_are_languages_only() {
        let installed = installed();
        assert!(installed.iter().any(|model| model == "eng"), "{installed:?}");
        assert!(!installed.iter().any(|model| model == "osd"), "{installed:?}");
    }

    #[test]
    fn the_models_of_vertical_lines_are_known_by_their_names() {
        let models = ["jpn_vert", "script/Japanese_vert", "jpn", "eng", "script/Japanese"];
        assert_eq!(models.map(is_vertical), [true, true, false, false, false]);
    }
}
