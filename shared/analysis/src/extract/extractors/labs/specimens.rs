//! The specimen that a laboratory test is of: a sodium of ascites is not the patient's sodium.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use crate::lexicon::{SPECIMENS, WordToken, word_keys};

/// The specimen that needs no name.
const BLOOD: &str = "blood";

static SPECIMEN_BY_WORDS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    SPECIMENS
        .iter()
        .flat_map(|group| group.members.iter().map(|words| (word_keys(words).join(" "), group.name)))
        .collect()
});

/// A specimen.
pub(super) struct Specimen {
    pub(super) name: &'static str,
}

/// The specimen that holds at a position: the last one before it in its clause, unless it is blood.
pub(super) fn specimen_before(text: &str, tokens: &[WordToken], position: usize) -> Option<Specimen> {
    let clause =
        text[..position].rfind([';', '|', '/', '•']).max(text[..position].rfind(". ")).map_or(0, |at| at + 1);
    find(tokens, clause..position).next_back().filter(|found| found.name != BLOOD)
}

/// The specimen that a name itself has: "Protein (urine)".
pub(super) fn specimen_in(tokens: &[WordToken], range: Range<usize>) -> Option<Specimen> {
    find(tokens, range).next_back().filter(|found| found.name != BLOOD)
}

fn find(tokens: &[WordToken], range: Range<usize>) -> impl DoubleEndedIterator<Item = Specimen> {
    let first = tokens.partition_point(|token| token.range.start < range.start);
    let end = tokens.partition_point(|token| token.range.end <= range.end);
    (first..end.max(first)).filter_map(move |at| {
        [2, 1].into_iter().find_map(|count| {
            let words = tokens.get(at..at + count).filter(|_| at + count <= end)?;
            let key: Vec<&str> = words.iter().map(|token| token.key.as_str()).collect();
            let name = SPECIMEN_BY_WORDS.get(&key.join(" "))?;
            Some(Specimen { name })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::word_tokens;

    fn specimen(text: &str, test: &str) -> Option<&'static str> {
        let at = text.find(test).expect("the test is in the text");
        specimen_before(text, &word_tokens(text), at).map(|found| found.name)
    }

    #[test]
    fn specimen_holds_to_the_end_of_its_clause() {
        assert_eq!(specimen("ascites Na 130", "Na"), Some("ascites"));
        assert_eq!(specimen("Ascitic fluid: WBC 210, Na 130", "Na"), Some("ascites"));
        assert_eq!(specimen("Ascites WBC 210; serum Na 138", "Na"), None);
        assert_eq!(specimen("Ascites WBC 210. Na 138", "Na"), None);
        assert_eq!(specimen("Na 138, urine Na 20", "Na 138"), None);
    }
}
