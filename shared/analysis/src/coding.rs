//! The codes of names in the public lists that the lexicon is made from.

use maneiro_api::analysis::{CodeSystem, Coding, Findings};

use crate::lexicon::{DRUGS, PROBLEMS, SIGNS_SYMPTOMS, TermList};

/// Gives problems, signs and medications the codes of their names, whether the built-in analyser or a model named them. A name
/// that is more or less than a listed term has none: the code of a part would say something else.
pub(crate) fn add_codings(findings: &mut Findings) {
    for problem in &mut findings.problems {
        problem.coding = coding(&[&PROBLEMS, &SIGNS_SYMPTOMS], &problem.name);
    }
    for sign in &mut findings.signs_symptoms {
        sign.coding = coding(&[&SIGNS_SYMPTOMS, &PROBLEMS], &sign.name);
    }
    for medication in &mut findings.medications {
        medication.coding = coding(&[&DRUGS], &medication.name);
    }
}

fn coding(lists: &[&TermList], name: &str) -> Option<Coding> {
    let code = lists.iter().find_map(|list| list.code_of(name))?;
    Some(Coding { system: system_of(code), code: code.to_owned() })
}

/// Which list writes its codes so: those of HPO begin with its name, those of UNII are ten letters and digits, and those of
/// ICD-10-CM are at most seven beside a point.
fn system_of(code: &str) -> CodeSystem {
    const UNII_CHARS: usize = 10;
    if code.starts_with("HP:") {
        CodeSystem::Hpo
    } else if code.len() == UNII_CHARS && !code.contains('.') {
        CodeSystem::Unii
    } else {
        CodeSystem::Icd10Cm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_code_of_the_list_that_has_them() {
        let code = |name| coding(&[&PROBLEMS, &SIGNS_SYMPTOMS, &DRUGS], name).map(|it| (it.system, it.code));
        for (name, system, expected) in [
            ("Hypertension", CodeSystem::Icd10Cm, "I10"),
            ("Budd-Chiari syndrome", CodeSystem::Icd10Cm, "I82.0"),
            ("Cutis marmorata", CodeSystem::Hpo, "HP:0000965"),
            ("metformin", CodeSystem::Unii, "9100L32L2N"),
        ] {
            assert_eq!(code(name), Some((system, expected.to_owned())), "{name}");
        }
        assert_eq!(code("Hypertension of the neighbour"), None, "more than the term");
    }
}
