//! Detection of the language of a page. Answers only when sure: a page of names, numbers and abbreviations has none.

use whatlang::{Info, Lang, Script};

use maneiro_page::{Language, Page, TextSource};

/// Words below this OCR confidence are ignored: misread letters look like another language.
const MIN_CONFIDENCE_PERCENT: u8 = 60;
/// With fewer words the language is not detected.
const MIN_WORDS: usize = 40;
/// With fewer letters it is not detected either; in scripts without word spaces this alone counts.
const MIN_LETTERS: usize = 80;

/// The Tesseract model of the page's language, if there is enough text to detect it.
pub(crate) fn detect_model(page: &Page) -> Option<&'static str> {
    let is_trusted = |confidence: u8| match page.text_source {
        TextSource::Ocr { .. } => confidence >= MIN_CONFIDENCE_PERCENT,
        TextSource::TextLayer
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Duplicate { .. }
        | TextSource::Unreadable { .. } => true,
    };
    let words: Vec<&str> = page
        .words()
        .filter(|word| is_trusted(word.confidence))
        .flat_map(|word| word.text.split(|char: char| !char.is_alphabetic() && char != '\''))
        .filter(|word| is_prose(word))
        .collect();
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    let has_word_spaces = whatlang::detect_script(&words.join(" ")).is_none_or(uses_word_spaces);
    if letters < MIN_LETTERS || (has_word_spaces && words.len() < MIN_WORDS) {
        return None;
    }
    let language = if has_word_spaces { detect_in_both_halves(&words)? } else { detect_reliably(&words)? };
    tesseract_model(language, &words)
}

/// The language in which both halves of the text are written. A few foreign words, such as a Latin diagnosis, affect one
/// half but rarely both.
fn detect_in_both_halves(words: &[&str]) -> Option<Lang> {
    let (first, second) = words.split_at(words.len() / 2);
    let (first, second) = (detect(first)?, detect(second)?);
    if first.lang() != second.lang() {
        return None;
    }
    // If each half is reliable by itself, the whole adds nothing, and detection takes as long again.
    let are_reliable = first.is_reliable() && second.is_reliable();
    if are_reliable {
        Some(first.lang())
    } else {
        detect_reliably(words).filter(|whole| *whole == first.lang())
    }
}

/// Whether a word is ordinary prose: not a single letter, and not an abbreviation in capitals.
fn is_prose(word: &str) -> bool {
    let mut letters = word.chars().filter(|char| char.is_alphabetic());
    let has_several_letters = !word.is_ascii() || word.len() >= 2;
    has_several_letters && (letters.clone().any(|char| !char.is_uppercase()) && letters.next().is_some())
}

fn detect_reliably(words: &[&str]) -> Option<Lang> {
    detect(words).filter(Info::is_reliable).map(|info| info.lang())
}

fn detect(words: &[&str]) -> Option<Info> {
    whatlang::detect(&words.join(" ").to_lowercase())
}

fn uses_word_spaces(script: Script) -> bool {
    !matches!(
        script,
        Script::Mandarin
            | Script::Hiragana
            | Script::Katakana
            | Script::Thai
            | Script::Khmer
            | Script::Myanmar
    )
}

/// Tesseract's model of a language; none for Latin, Esperanto and the languages that Tesseract has no model for.
fn tesseract_model(language: Lang, words: &[&str]) -> Option<&'static str> {
    Some(match language {
        Lang::Cmn if is_traditional_chinese(words) => "chi_tra",
        Lang::Cmn => "chi_sim",
        Lang::Nob => "nor",
        Lang::Pes => "fas",
        Lang::Tgl => "fil",
        Lang::Lat | Lang::Epo | Lang::Aka | Lang::Zul | Lang::Sna | Lang::Tuk => return None,
        // Both name all others by ISO 639-3.
        other => other.code(),
    })
}

/// The language of this model, for text that was recognised with it or needed no OCR.
pub(crate) fn from_model(model: &str) -> Language {
    Language { model: model.to_owned(), name: english_name(model), model_unused: None }
}

/// The English name of a model's language or script.
fn english_name(model: &str) -> String {
    let language = match model {
        "chi_sim" | "chi_tra" | "script/HanS" => Some("Chinese"),
        "nor" => Some("Norwegian"),
        "fas" => Some("Persian"),
        "fil" => Some("Filipino"),
        "lao" => Some("Lao"),
        "chr" => Some("Cherokee"),
        other => Lang::from_code(other).map(Lang::eng_name),
    };
    let script = || model.strip_prefix("script/").map(|script| format!("{script} script"));
    language.map(str::to_owned).or_else(script).unwrap_or_else(|| model.to_owned())
}

/// Whether more characters exist only in traditional Chinese than only in simplified Chinese.
fn is_traditional_chinese(words: &[&str]) -> bool {
    const TRADITIONAL: &str = "們個這說國來時會學對開關醫藥診體與無過還後發經問題門長頭齡號檢";
    const SIMPLIFIED: &str = "们个这说国来时会学对开关医药诊体与无过还后发经问题门长头龄号检";
    let count =
        |set: &str| words.iter().flat_map(|word| word.chars()).filter(|char| set.contains(*char)).count();
    count(TRADITIONAL) > count(SIMPLIFIED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use maneiro_page::{BBox, Line, Word};

    const GERMAN: &str = "Die siebenundfünfzigjährige Patientin stellte sich mit Schmerzen in der rechten Schulter nach \
        einem Sturz auf der Treppe vor. Die Schmerzen nehmen nachts und bei jeder Bewegung des Armes zu. In der \
        Vorgeschichte bestehen ein Bluthochdruck und eine Zuckerkrankheit. Wir empfehlen eine Behandlung durch die \
        Krankengymnastik und bitten um eine Wiedervorstellung in sechs Wochen.";
    const SPANISH: &str = "La paciente de cincuenta y siete años acudió a la consulta con dolor en el hombro derecho \
        después de una caída en la escalera. El dolor empeora por la noche y cuando mueve el brazo. Tiene \
        antecedentes de presión alta y de azúcar en la sangre. Recomendamos que haga ejercicios con la fisioterapeuta \
        y que vuelva a vernos dentro de seis semanas.";
    const RUSSIAN: &str = "Пациентка пятидесяти семи лет поступила в отделение с жалобами на боли в правом плече после \
        падения на лестнице. Боль усиливается ночью и при каждом движении руки. Раньше у неё находили высокое давление \
        и сахар в крови. Назначены таблетки от боли и лечебная гимнастика, и мы просим её прийти на повторный осмотр \
        через шесть недель вместе с результатами анализов.";
    const CHINESE: &str = "患者女性五十七歲因從樓梯上跌倒後右肩疼痛來醫院就診疼痛在夜間和手臂活動時加重過去有高血壓和糖尿病史\
        醫生建議進行物理治療並於六週後複診患者對青黴素過敏沒有發燒沒有咳嗽檢查時右肩活動受限沒有腫脹診斷為肩袖損傷";
    /// English, with hardly a word that only English has.
    const RESULTS: &str = "SODIUM 139 mmol/L POTASSIUM 4.2 mmol/L CHLORIDE 101 mmol/L Glucose 98 mg/dL Creatinine 0.9 mg/dL \
        Albumin 4.1 g/dL Bilirubin total 0.6 mg/dL Hemoglobin 13.2 g/dL Hematocrit 39.8 Platelets 250 Lymphocytes 28 \
        Monocytes 6 Eosinophils 2 Basophils 1 Ferritin 88 ng/mL Triglycerides 140 mg/dL Cholesterol 180 mg/dL \
        Lisinopril Metformin Atorvastatin Omeprazole Gabapentin Tramadol Naproxen Dr. Maria Garcia Dr. Jean Dubois";
    const LATIN: &str = "Fractura colli femoris dextri. Diabetes mellitus. Status post appendectomiam. Ulcus cruris. \
        Musculus supraspinatus, musculus infraspinatus, musculus subscapularis, caput longum musculi bicipitis brachii, \
        ligamentum coracoacromiale, bursa subacromialis, tuberculum majus humeri, processus coracoideus scapulae, \
        facies articularis, nervus axillaris, arteria circumflexa humeri posterior, vena cephalica, fascia axillaris.";

    fn detect_in(text: &str, text_source: TextSource, confidence: u8) -> Option<&'static str> {
        let bbox = BBox { x0: 0.0, y0: 0.0, x1: 10.0, y1: 10.0 };
        let word = |word: &str| Word { text: word.to_owned(), bbox, confidence };
        let words = text.split_whitespace().map(word).collect();
        detect_model(&Page::new(1, 600.0, 800.0, text_source, vec![Line::body(words)]))
    }

    #[test]
    fn page_of_prose_has_a_language() {
        for (text, model) in [(GERMAN, "deu"), (SPANISH, "spa"), (RUSSIAN, "rus"), (CHINESE, "chi_tra")] {
            assert_eq!(detect_in(text, TextSource::TextLayer, 100), Some(model));
        }
    }

    #[test]
    fn numbers_names_and_latin_have_no_language_or_are_english() {
        for text in [RESULTS, LATIN, "", "Die Patientin stellte sich vor."] {
            let language = detect_in(text, TextSource::TextLayer, 100);
            assert!(language.is_none_or(|model| model == "eng"), "{language:?}: {text}");
        }
    }

    #[test]
    fn words_of_low_confidence_are_ignored() {
        assert_eq!(detect_in(GERMAN, TextSource::Ocr { confidence: 90 }, 90), Some("deu"));
        assert_eq!(detect_in(GERMAN, TextSource::Ocr { confidence: 40 }, 40), None);
    }

    #[test]
    fn model_has_an_english_name() {
        assert_eq!(english_name("deu"), "German");
        assert_eq!(english_name("script/Cyrillic"), "Cyrillic script");
        assert_eq!(english_name("xyz"), "xyz");
    }
}
