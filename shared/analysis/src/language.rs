//! The language of a page, by its function words: what the page says is understood only in the languages whose terms are
//! listed.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    lexicon::{WordToken, word_keys},
    word_list::{comma_separated, lines},
};

/// The language of a page as far as the analyser knows languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageLanguage {
    English,
    Spanish,
    /// Another language: read, and not understood.
    Other,
    /// Too few words to tell, as on a table.
    Undetermined,
}

/// Fewer function words tell nothing.
const MIN_FUNCTION_WORDS: usize = 8;
/// A smaller share of function words tells nothing either: a table has hardly any, and its abbreviations look like those of
/// another language.
const MIN_FUNCTION_WORDS_PERCENT: usize = 20;
/// Share of letters of other scripts above which a page is in one.
const MAX_FOREIGN_SCRIPT_PERCENT: usize = 50;

static FUNCTION_WORDS: LazyLock<HashMap<String, Vec<PageLanguage>>> = LazyLock::new(|| {
    let mut words: HashMap<String, Vec<PageLanguage>> = HashMap::new();
    for (name, list) in
        lines(include_str!("lexicon/function_words.txt")).filter_map(|line| line.split_once('|'))
    {
        let language = match name {
            "english" => PageLanguage::English,
            "spanish" => PageLanguage::Spanish,
            _ => PageLanguage::Other,
        };
        for word in comma_separated(list) {
            words.entry(word_keys(word).join(" ")).or_default().push(language);
        }
    }
    words
});

/// The language of a text, given with its words.
pub(crate) fn detect_language(text: &str, tokens: &[WordToken]) -> PageLanguage {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let foreign = text.chars().filter(|c| c.is_alphabetic() && u32::from(*c) > 0x24f).count();
    if letters > 0 && foreign * 100 > letters * MAX_FOREIGN_SCRIPT_PERCENT {
        return PageLanguage::Other;
    }
    let count = |language| {
        let is_of = |token: &&WordToken| {
            FUNCTION_WORDS.get(&token.key).is_some_and(|languages| languages.contains(&language))
        };
        tokens.iter().filter(is_of).count()
    };
    [PageLanguage::English, PageLanguage::Spanish, PageLanguage::Other]
        .into_iter()
        .map(|language| (count(language), language))
        .rev()
        .max_by_key(|(count, _)| *count)
        .filter(|(count, _)| *count >= MIN_FUNCTION_WORDS)
        .filter(|(count, _)| count * 100 >= tokens.len() * MIN_FUNCTION_WORDS_PERCENT)
        .map_or(PageLanguage::Undetermined, |(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::word_tokens;

    #[test]
    fn language_of_a_page_is_known_by_its_function_words() {
        let of = |text: &str| detect_language(text, &word_tokens(text));
        let english = "The patient was seen in the clinic and is on aspirin for the pain that she has had with walking.";
        let spanish = "La paciente acude a la consulta por dolor de cabeza y refiere que no tiene fiebre ni tos desde el lunes.";
        let german = "Die Patientin wurde mit Schmerzen in der Brust und nicht mit dem Rettungswagen in die Klinik gebracht und ist stabil.";
        let french = "La patiente est venue pour une douleur dans le genou et elle ne prend pas de traitement depuis les vacances avec des amis.";
        assert_eq!(of(english), PageLanguage::English);
        assert_eq!(of(spanish), PageLanguage::Spanish);
        assert_eq!(of(german), PageLanguage::Other);
        assert_eq!(of(french), PageLanguage::Other);
        assert_eq!(of("Пациент поступил с болью в груди"), PageLanguage::Other);
        assert_eq!(of("Sodium 139 135-145 mmol/L"), PageLanguage::Undetermined);
        let table =
            "DE LA SO EN DU LE IL DA 139 ".to_owned() + &"Potassium 4.4 mmol/L 3.5 - 5.1 Normal ".repeat(9);
        assert_eq!(of(&table), PageLanguage::Undetermined);
    }
}
