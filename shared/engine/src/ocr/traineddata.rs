//! Tesseract's models (traineddata files): their names, which of them are installed, and which package provides the others.
//! Loads none of them.

use super::tesseract_ffi;
use crate::error::OcrEngineError;

/// Models that recognise no language: one detects orientation and script, the other formulas.
const NON_LANGUAGE_MODELS: [&str; 2] = ["osd", "equ"];

/// The models of scripts, and their codes in Debian's package names, which follow ISO 15924.
const SCRIPT_PACKAGES: [(&str, &str); 37] = [
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

/// The scripts that Tesseract can detect, and the model that reads each: that of its language if only one living language
/// is written in it, else that of the script.
const SCRIPT_MODELS: [(&str, &str); 26] = [
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

/// The models of languages that are not written in Latin letters, by script.
const NON_LATIN_MODELS: [(&str, &[&str]); 25] = [
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

/// The model that reads a script, by Tesseract's name of the script. None for Latin, which every model reads.
pub(super) fn model_for_script(script: &str) -> Option<&'static str> {
    SCRIPT_MODELS.iter().find(|(name, _)| *name == script).map(|(_, model)| *model)
}

/// The script that a model reads.
pub(super) fn script_of_model(model: &str) -> &str {
    let non_latin = NON_LATIN_MODELS.iter().find(|(_, models)| models.contains(&model));
    non_latin.map(|(script, _)| *script).or(model.strip_prefix("script/")).unwrap_or("Latin")
}

/// The models of languages and scripts that Tesseract finds, in alphabetical order.
pub(super) fn installed_models() -> Vec<String> {
    let mut models = tesseract_ffi::available_models();
    models.retain(|model| !NON_LANGUAGE_MODELS.contains(&model.as_str()));
    models.sort();
    models
}

/// Checks that all of these models can be loaded.
pub(super) fn check_installed(languages: &[&str]) -> Result<(), OcrEngineError> {
    if languages.is_empty() {
        return Err(OcrEngineError::NoLanguage);
    }
    if let Some(invalid) = languages.iter().find(|language| !is_model_name(language)) {
        return Err(OcrEngineError::InvalidLanguage { language: (*invalid).to_owned() });
    }
    let installed = installed_models();
    match languages.iter().find(|language| !installed.iter().any(|model| model == *language)) {
        Some(missing) => Err(missing_language(missing)),
        None => Ok(()),
    }
}

/// The error for a model that is not installed.
pub(super) fn missing_language(language: &str) -> OcrEngineError {
    OcrEngineError::LanguageNotInstalled { language: language.to_owned(), package: debian_package(language) }
}

/// Whether a name can be that of a model: `eng`, `chi_sim`, `script/Cyrillic`. It becomes part of a path.
fn is_model_name(language: &str) -> bool {
    let name = language.strip_prefix("script/").unwrap_or(language);
    !name.is_empty()
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        && !NON_LANGUAGE_MODELS.contains(&name)
}

/// The Debian package that provides a model.
pub(super) fn debian_package(model: &str) -> String {
    let script = model.strip_prefix("script/");
    match SCRIPT_PACKAGES.iter().find(|(name, _)| Some(*name) == script) {
        Some((_, code)) => format!("tesseract-ocr-script-{code}"),
        None => format!("tesseract-ocr-{}", model.to_lowercase().replace(['_', '/'], "-")),
    }
}

/// Whether a model is for vertical text.
pub(super) fn is_vertical(model: &str) -> bool {
    model.ends_with("_vert")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_names_map_to_debian_packages() {
        assert_eq!(debian_package("deu"), "tesseract-ocr-deu");
        assert_eq!(debian_package("chi_sim"), "tesseract-ocr-chi-sim");
        assert_eq!(debian_package("script/Cyrillic"), "tesseract-ocr-script-cyrl");
        assert_eq!(debian_package("script/HanS_vert"), "tesseract-ocr-script-hans-vert");
    }

    #[test]
    fn invalid_model_names_are_refused_before_they_become_paths() {
        for invalid in
            ["", "../eng", "/etc/passwd", "script/", "script/../eng", "eng+deu", "~eng", "osd", "equ"]
        {
            let error = check_installed(&["eng", invalid]).unwrap_err();
            assert_eq!(error, OcrEngineError::InvalidLanguage { language: invalid.to_owned() });
        }
        assert!(is_model_name("chi_sim") && is_model_name("script/Cyrillic"));
    }

    #[test]
    fn installed_models_are_languages_only() {
        let installed = installed_models();
        assert!(installed.iter().any(|model| model == "eng"), "{installed:?}");
        assert!(!installed.iter().any(|model| model == "osd"), "{installed:?}");
    }

    #[test]
    fn vertical_models_are_known_by_their_names() {
        let models = ["jpn_vert", "script/Japanese_vert", "jpn", "eng", "script/Japanese"];
        assert_eq!(models.map(is_vertical), [true, true, false, false, false]);
    }
}
