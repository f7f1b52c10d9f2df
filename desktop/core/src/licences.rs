//! The licences of this program and of the lists of terms that its analysis uses.

use crate::contract::settings::Licence;

const PROGRAM: &str = include_str!("../../../LICENSE");
const TERM_LISTS: &str = include_str!("../../../shared/analysis/terms/NOTICE.txt");

/// Name, licence and text of each part. `version` is this program's.
#[must_use]
pub fn licences(version: &str) -> Vec<Licence> {
    let licence = |name: &str, version: &str, licence: &str, text: &str| Licence {
        name: name.to_owned(),
        version: version.to_owned(),
        licence: licence.to_owned(),
        text: text.to_owned(),
    };
    vec![
        licence("Maneiro", version, "Apache-2.0", PROGRAM),
        licence("ICD-10-CM", "April 2026", "public domain", TERM_LISTS),
        licence("Human Phenotype Ontology", "2025-01-16", "HPO licence", TERM_LISTS),
        licence("UNII, DrugBank vocabulary, MeSH", "2025", "public domain, CC0-1.0, NLM", TERM_LISTS),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_of_terms_is_acknowledged() {
        let shown = licences("1.0");
        let text: String = shown.iter().map(|licence| licence.text.as_str()).collect();
        for list in [
            include_str!("../../../shared/analysis/terms/icd10cm.txt"),
            include_str!("../../../shared/analysis/terms/hpo.txt"),
            include_str!("../../../shared/analysis/terms/medicines.txt"),
        ] {
            // The first words of a list's head name its source.
            let head = list.lines().next().unwrap_or_default().trim_start_matches("# ");
            let source = head.split([':', ',']).next().unwrap_or_default();
            let source = if source.starts_with("Medicines") {
                "UNII"
            } else {
                source.split(" 20").next().unwrap_or(source)
            };
            assert!(shown.iter().any(|licence| licence.name.contains(source)), "{source}");
            assert!(text.contains(source), "{source}");
        }
    }
}
