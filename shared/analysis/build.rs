//! Compiles the term lists of `terms/` into automata: for each kind of term the keys of all its names with the number of their
//! entry, and the entries.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use fst::MapBuilder;

#[path = "src/fold.rs"]
mod fold;

/// In the order of their precedence: a name belongs to the first list that has it.
const LISTS: [&str; 4] = ["icd10cm.txt", "hpo.txt", "medicines.txt", "spanish.txt"];
const TRANSLATIONS: &str = "spanish.txt";
/// The letter of each kind, its automaton and our own list of it.
const KINDS: [(&str, &str, &str); 3] = [
    ("p", "problems", "problems.txt"),
    ("s", "signs_symptoms", "signs_symptoms.txt"),
    ("m", "medicines", "drugs.txt"),
];
/// Shorter names of our own are found as they are listed only: "falls" is not "fails".
const MIN_OWN_BYTES: usize = 6;
/// What our own lists of other kinds name is no term of a catalog.
const OTHER_LISTS: [&str; 3] = ["labs.txt", "procedures.txt", "imaging.txt"];

fn main() {
    let folder = env::var("CARGO_MANIFEST_DIR").expect("set by cargo");
    let (from, own) = (Path::new(&folder).join("terms"), Path::new(&folder).join("src/lexicon"));
    let to = env::var("OUT_DIR").expect("set by cargo");
    println!("cargo::rerun-if-changed=src/fold.rs");
    println!("cargo::rerun-if-changed={}", from.display());
    println!("cargo::rerun-if-changed={}", own.display());
    let mut lists: [TermMap; 3] = Default::default();
    let mut others: BTreeSet<String> = OTHER_LISTS
        .iter()
        .flat_map(|file| own_names(&own.join(file)))
        .flatten()
        .flat_map(|name| keys_of(&name))
        .collect();
    // Our own names come first, and belong to one kind.
    for (at, (_, _, file)) in KINDS.iter().enumerate() {
        for names in own_names(&own.join(file)) {
            let entry = lists[at].entries.len();
            lists[at].entries.push(String::new());
            let is_short = |name: &&String| name.len() < MIN_OWN_BYTES;
            others.extend(names.iter().filter(is_short).flat_map(|name| keys_of(name)));
            let spelled_out =
                names.iter().filter(|name| !is_abbreviation(name) && name.len() >= MIN_OWN_BYTES);
            for key in spelled_out.flat_map(|name| keys_of(name)) {
                if !lists[..at].iter().any(|list| list.keys.contains_key(&key)) {
                    lists[at].keys.entry(key).or_insert(entry);
                }
            }
        }
        lists[at].own_entries = lists[at].entries.len();
        lists[at].own_codes = vec![None; lists[at].own_entries];
    }
    for list in LISTS {
        // Our own entry has the code of the first term that shares a name with it.
        for (kind, code, names) in catalog_terms(&from.join(list)) {
            let Some(at) = KINDS.iter().position(|(letter, ..)| *letter == kind) else { continue };
            let TermMap { keys, own_entries, own_codes, .. } = &mut lists[at];
            let own_entry = |key: &String| keys.get(key).copied().filter(|entry| *entry < *own_entries);
            // A title that is one of our names comes before an inclusion term that is.
            for (rank, name) in names.iter().enumerate().filter(|_| !code.is_empty()) {
                let Some(entry) = keys_of(name).iter().find_map(own_entry) else { continue };
                let known = &mut own_codes[entry];
                if known.as_ref().is_none_or(|(best, _)| rank.min(1) < *best) {
                    *known = Some((rank.min(1), code.clone()));
                }
            }
        }
    }
    for list in LISTS {
        for (kind, code, names) in catalog_terms(&from.join(list)) {
            let at = KINDS.iter().position(|(letter, ..)| *letter == kind);
            let at = at.unwrap_or_else(|| panic!("{list}: no kind {kind}"));
            // A translation belongs to the term that it names first, without a code of its own.
            let is_translation = list == TRANSLATIONS;
            let translated = keys_of(&names[0]).iter().find_map(|key| lists[at].keys.get(key)).copied();
            let known = translated.filter(|_| is_translation);
            let entry = known.unwrap_or(lists[at].entries.len());
            let mut is_new = false;
            for key in names[usize::from(is_translation)..].iter().flat_map(|name| keys_of(name)) {
                // One word may be a problem and a medicine, but not a problem and a sign.
                let is_taken = others.contains(&key)
                    || lists
                        .iter()
                        .enumerate()
                        .any(|(other, list)| (other == at || other + at < 2) && list.keys.contains_key(&key));
                if !is_taken {
                    lists[at].keys.insert(key, entry);
                    is_new = true;
                }
            }
            if is_new && known.is_none() {
                lists[at].entries.push(format!("{}|{code}", names[0]));
            }
        }
    }
    for ((_, file, _), list) in KINDS.iter().zip(lists) {
        let mut automaton = MapBuilder::memory();
        for (key, entry) in &list.keys {
            automaton.insert(key, u64::try_from(*entry).expect("few entries")).expect("keys are in order");
        }
        let bytes = automaton.into_inner().expect("memory does not fail");
        fs::write(format!("{to}/{file}.fst"), bytes).expect("a writable folder");
        let own = list
            .own_codes
            .iter()
            .map(|code| code.as_ref().map(|(_, code)| format!("|{code}")).unwrap_or_default());
        let entries: Vec<String> = own.chain(list.entries[list.own_entries..].iter().cloned()).collect();
        fs::write(format!("{to}/{file}.txt"), entries.join("\n")).expect("a writable folder");
    }
}

/// The terms of a kind: the entry of each key, and the entries, our own first.
#[derive(Default)]
struct TermMap {
    keys: BTreeMap<String, usize>,
    entries: Vec<String>,
    own_entries: usize,
    /// The code of each own entry, and whether a term's title (0) or another of its names (1) gives it.
    own_codes: Vec<Option<(usize, String)>>,
}

fn read(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_else(|err| panic!("{}: {err}", file.display()));
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// The names of each entry of one of our own lists.
fn own_names(file: &Path) -> Vec<Vec<String>> {
    let names = |line: &String| {
        let columns: Vec<&str> = line.split('|').collect();
        let aliases = columns.get(1).copied().unwrap_or_default().split(',');
        let names = std::iter::once(columns[0]).chain(aliases).map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    read(file).iter().map(names).collect()
}

/// Kind, code and names of each term of a catalog.
fn catalog_terms(file: &Path) -> Vec<(String, String, Vec<String>)> {
    let term = |line: String| {
        let columns: Vec<&str> = line.split('|').collect();
        let [kind, code, name, others] = columns[..] else {
            panic!("{}: four columns: {line}", file.display())
        };
        let names = std::iter::once(name).chain(others.split(';')).filter(|name| !name.is_empty());
        (kind.to_owned(), code.to_owned(), names.map(str::to_owned).collect())
    };
    read(file).into_iter().map(term).collect()
}

/// Abbreviations are matched only as they are written, by our own lists.
fn is_abbreviation(name: &str) -> bool {
    name.len() <= 5 && name.chars().filter(|c| c.is_uppercase()).count() >= 2
}

/// The keys of a name: its words, and those of the order "femur fracture" for "fracture of femur".
fn keys_of(name: &str) -> Vec<String> {
    let words = words_of(name);
    let mut keys = vec![words.join(" ")];
    let ofs: Vec<usize> = (1..words.len().saturating_sub(1)).filter(|at| words[*at] == "of").collect();
    if let [of] = ofs[..]
        && words.len() <= 6
        && !words
            .iter()
            .any(|word| matches!(word.as_str(), "wlth" | "wlthout" | "due" | "and" | "or" | "ln" | "to"))
    {
        keys.push([&words[of + 1..], &words[..of]].concat().join(" "));
    }
    keys.retain(|key| key.len() >= 4);
    keys
}

fn words_of(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut key = String::new();
        if fold::write_term_key(&fold::fold(word), &mut key) {
            words.push(key);
        }
    }
    words
}
