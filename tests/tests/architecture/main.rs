//! The architecture: which crate, module and file may import which. Reads the manifests and the source, and fails on any
//! import that the README's map does not have, and on files of one crate that import each other in a circle.
//!
//! The rules are data at the top. The checks below are themselves checked against made-up violations. [`import_graph`]
//! defines what counts as an import.

mod import_graph;
mod names;

use std::{collections::BTreeSet, fs};

use maneiro_tests::workspace::{root, rust_files};

use crate::{import_graph::ImportGraph, names::SourceNames};

/// The crates of the workspace that a crate may depend on. `tests` may depend on all and is not listed.
const CRATES: &[(&str, &[&str])] = &[
    ("shared/page", &[]),
    ("shared/api", &["maneiro-page"]),
    // The engine depends on itself to enable a feature for its own tests.
    ("shared/engine", &["maneiro-page", "maneiro-engine"]),
    ("shared/analysis", &["maneiro-page", "maneiro-api"]),
    ("shared/report", &["maneiro-page", "maneiro-api"]),
    ("cloud", &["maneiro-page", "maneiro-api", "maneiro-analysis", "maneiro-report"]),
    ("desktop/core", &["maneiro-page", "maneiro-api", "maneiro-engine", "maneiro-report"]),
    ("desktop/app", &["maneiro-page", "maneiro-api", "maneiro-core"]),
    ("desktop/cli", &["maneiro-page", "maneiro-api", "maneiro-core"]),
];

/// The modules of the cloud that a module of it may import. `wiring` may import all and is not listed.
const CLOUD: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ports", &["domain"]),
    ("store", &["domain"]),
    ("mail", &["domain"]),
    ("state", &["domain", "ports", "store"]),
    ("app", &["domain", "log", "mail", "ports", "state", "store"]),
    ("http", &["app", "domain", "log", "state", "web"]),
    ("web", &["app", "domain", "log", "state"]),
    ("tasks", &["analysis_process", "app", "config", "domain", "log", "ports", "state"]),
    ("adapters", &["config", "domain", "ports"]),
    ("config", &["domain"]),
    ("log", &[]),
    ("analysis_process", &[]),
    ("main", &["analysis_process", "config", "wiring"]),
];

/// The crates whose files must not import each other in a circle: the folder, and what the crate is called in source.
const CIRCLE_FREE: &[(&str, &str)] = &[
    ("shared/page", "maneiro_page"),
    ("shared/engine", "maneiro_engine"),
    ("shared/analysis", "maneiro_analysis"),
    ("shared/report", "maneiro_report"),
    ("shared/api", "maneiro_api"),
    ("desktop/core", "maneiro_core"),
    ("desktop/app", "maneiro_app"),
    ("desktop/cli", "maneiro"),
    ("tests", "maneiro_tests"),
    ("cloud", "maneiro_cloud"),
];

/// The floors of a crate, from the ground up. An entry is a file, or a folder with everything in it; the longest entry
/// that fits decides. A file may import files of its own entry and of lower floors, but not other entries of its floor.
const FLOORS: &[(&str, &[&[&str]])] = &[
    (
        "shared/engine",
        &[
            &["error.rs", "geometry.rs", "language.rs", "limits.rs", "source.rs"],
            &["layout/"],
            &["inspection.rs", "preprocess/"],
            &["input/", "pdf/", "segmentation/"],
            &["document.rs", "ocr/"],
            &["searchable_pdf/"],
            &["lib.rs"],
        ],
    ),
    (
        "shared/analysis",
        &[
            &["control.rs", "fold.rs", "request.rs", "word_list.rs"],
            &["text.rs"],
            &["dates.rs"],
            &["compact_pages.rs", "lexicon/"],
            &["lexicon.rs"],
            &["coding.rs", "language.rs"],
            // Below all that makes statements: the check must not share its mistakes.
            &["verify/"],
            &["extract/sig.rs", "extract/statements.rs"],
            &["extract/input/"],
            &["extract/context/"],
            &["extract/extractors/"],
            &["extract/cross_page/", "extract/understanding.rs"],
            &["extract/mod.rs"],
            &["model/"],
            &["analyser.rs"],
            &["lib.rs"],
        ],
    ),
    (
        "desktop/core",
        &[
            &["contract/", "files/", "keychain.rs", "languages.rs", "page_fingerprint.rs", "system.rs"],
            &["cloud/error.rs", "licences.rs", "store/error.rs"],
            &["error.rs"],
            &["cloud/session.rs", "store/", "worker/"],
            &["reading/"],
            &["cloud/", "searchable_pdf.rs"],
            &["desktop/"],
            &["lib.rs"],
        ],
    ),
    (
        "shared/report",
        &[
            &["texts/", "typeset.rs"],
            &["model.rs"],
            &["labels.rs", "page_references.rs"],
            &["letterhead.rs", "sections.rs"],
            &["selection.rs"],
            &["letter.rs"],
            &["builder.rs", "markdown.rs", "page_links.rs", "pdf.rs"],
            &["lib.rs"],
        ],
    ),
];

/// Crates that only some files may use: the crate, and the paths of those files.
const RESERVED: &[(&str, &[&str])] = &[
    // `config` judges what the driver makes of a database URL.
    (
        "sqlx",
        &[
            "cloud/src/store/",
            "cloud/src/adapters/embedded/",
            "cloud/src/config/",
            "desktop/core/src/store",
            "tests/",
        ],
    ),
    ("seccompiler", &["cloud/src/analysis_process/sandbox.rs"]),
    ("redis", &["cloud/src/adapters/redis_rate_limiter.rs"]),
    ("aws_sdk_s3", &["cloud/src/adapters/"]),
    ("aws_config", &["cloud/src/adapters/"]),
    ("s3s", &["cloud/src/adapters/embedded/"]),
    ("s3s_fs", &["cloud/src/adapters/embedded/"]),
    ("lettre", &["cloud/src/adapters/", "cloud/src/config/mail.rs"]),
    ("maud", &["cloud/src/mail/", "cloud/src/web/"]),
    ("async_openai", &["cloud/src/adapters/openai_model/"]),
    ("axum", &["cloud/src/http/", "cloud/src/web/", "cloud/src/adapters/openai_model/tests", "tests/"]),
    ("keyring", &["desktop/core/src/keychain"]),
    ("tesseract", &["shared/engine/src/ocr/tesseract.rs"]),
    ("tesseract_sys", &["shared/engine/src/ocr/tesseract_ffi"]),
    ("hayro", &["shared/engine/", "shared/report/src/tests", "tests/"]),
    ("typst", &["shared/report/", "tests/"]),
    ("tauri", &["desktop/app/"]),
];

/// How SQL statements begin, and what follows in the same text.
const SQL: &[(&str, &str)] = &[
    ("select ", " from "),
    ("insert into ", ""),
    ("update ", " set "),
    ("delete from ", ""),
    ("create table ", ""),
    ("create role ", ""),
    ("create database ", ""),
    ("alter ", " role "),
    ("alter ", " table "),
    ("set local ", ""),
];

/// The modules of the cloud that a file of it imports, by any path: `crate::store`, `super::super::store`.
fn own_modules(inside: &str, names: &SourceNames) -> BTreeSet<String> {
    let mut module: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    if matches!(module.last(), Some(&"mod" | &"lib" | &"main")) {
        module.pop();
    }
    names
        .paths
        .iter()
        .filter_map(|path| match path.first()?.as_str() {
            "crate" | "maneiro_cloud" => path.get(1).cloned(),
            "super" => {
                let ups = path.iter().take_while(|segment| *segment == "super").count();
                (module.len() == ups).then(|| path.get(ups).cloned())?
            }
            _ => None,
        })
        .collect()
}

/// The imports of a file of the cloud that the rules forbid.
fn cloud_violations(file: &str, content: &str) -> Vec<String> {
    let inside = file.strip_prefix("cloud/src/").expect("a file of the cloud");
    let module = inside.split('/').next().expect("a name").trim_end_matches(".rs");
    if matches!(module, "wiring" | "lib") {
        return Vec::new();
    }
    let Some((_, allowed)) = CLOUD.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{file}: module «{module}» has no rule; give it one")];
    };
    own_modules(inside, &SourceNames::from_source(file, content))
        .into_iter()
        .filter(|target| target == "wiring" || CLOUD.iter().any(|(name, _)| name == target))
        .filter(|target| target != module && !allowed.contains(&target.as_str()))
        .map(|target| format!("{file}: «{module}» may not import «{target}»"))
        .collect()
}

/// The reserved crates that a file may not use but does.
fn reserved_violations(file: &str, content: &str) -> Vec<String> {
    let names = SourceNames::from_source(file, content);
    RESERVED
        .iter()
        .filter(|(_, places)| !places.iter().any(|place| file.starts_with(place)))
        .filter(|(name, _)| names.paths.iter().any(|path| path.len() > 1 && path[0] == *name))
        .map(|(name, places)| format!("{file}: «{name}» may only be used in {}", places.join(", ")))
        .collect()
}

/// The SQL in a file outside the stores.
fn sql_violations(file: &str, content: &str) -> Vec<String> {
    let (_, places) = RESERVED.iter().find(|(name, _)| *name == "sqlx").expect("sqlx is reserved");
    if places.iter().any(|place| file.starts_with(place)) {
        return Vec::new();
    }
    SourceNames::from_source(file, content)
        .texts
        .iter()
        .map(|text| text.trim_start().to_lowercase())
        .filter(|text| SQL.iter().any(|(start, then)| text.starts_with(start) && text.contains(then)))
        .map(|text| format!("{file}: SQL outside a store: {}", text.chars().take(60).collect::<String>()))
        .collect()
}

fn assert_none(violations: Vec<String>) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn crates_depend_only_on_what_the_map_allows() {
    let mut violations = Vec::new();
    for (folder, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
        for line in manifest.lines().filter(|line| line.starts_with("maneiro")) {
            let name = line.split(['.', ' ', '=']).next().expect("a name");
            if !allowed.contains(&name) {
                violations.push(format!("{folder} may not depend on {name}"));
            }
        }
    }
    assert_none(violations);
}

#[test]
fn every_crate_of_the_workspace_has_a_rule() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace manifest");
    let members =
        manifest.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).expect("members");
    for member in members.split('"').skip(1).step_by(2).filter(|member| *member != "tests") {
        assert!(CRATES.iter().any(|(folder, _)| *folder == member), "{member} has no rule; give it one");
    }
}

#[test]
fn cloud_modules_import_only_what_the_map_allows() {
    let all = rust_files("cloud/src");
    assert_none(all.iter().flat_map(|(file, content)| cloud_violations(file, content)).collect());
}

/// The import graph of a crate.
fn import_graph(folder: &str, name: &str) -> ImportGraph {
    let source = format!("{folder}/src/");
    let relative = |(file, content): (String, String)| (file[source.len()..].to_owned(), content);
    let files: Vec<(String, String)> = rust_files(&source).into_iter().map(relative).collect();
    ImportGraph::from_sources(name, &files)
}

/// The floor of a file, counted from the ground, and the longest entry that fits it.
fn floor<'a>(floors: &[&[&'a str]], file: &str) -> Option<(usize, &'a str)> {
    let entries =
        floors.iter().enumerate().flat_map(|(floor, entries)| entries.iter().map(move |e| (floor, *e)));
    let fits = |entry: &str| file == entry || (entry.ends_with('/') && file.starts_with(entry));
    entries.filter(|(_, entry)| fits(entry)).max_by_key(|(_, entry)| entry.len())
}

/// The files of a crate without a floor, and the imports that do not lead to a lower floor.
fn floor_violations(folder: &str, floors: &[&[&str]], graph: &ImportGraph) -> Vec<String> {
    let homeless = graph.files().filter(|file| floor(floors, file).is_none());
    let homeless = homeless.map(|file| format!("{folder}/src/{file} has no floor; give it one"));
    let upward = graph.imports().filter_map(|(from, to, names)| {
        let ((from_floor, from_entry), (to_floor, to_entry)) = (floor(floors, from)?, floor(floors, to)?);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        (from_entry != to_entry && from_floor <= to_floor)
            .then(|| format!("{folder}/src/{from} may not import {to} ({})", names.join(", ")))
    });
    homeless.chain(upward).collect()
}

#[test]
fn no_crate_has_an_import_circle() {
    let mut violations = Vec::new();
    for (folder, name) in CIRCLE_FREE {
        let circles = import_graph(folder, name).circles();
        violations.extend(circles.into_iter().map(|circle| format!("{folder}/src has a circle:\n{circle}")));
    }
    assert_none(violations);
}

#[test]
fn imports_lead_to_lower_floors() {
    let mut violations = Vec::new();
    for (folder, floors) in FLOORS {
        let (_, name) = CIRCLE_FREE.iter().find(|(circle_free, _)| circle_free == folder).expect("a crate");
        violations.extend(floor_violations(folder, floors, &import_graph(folder, name)));
    }
    assert_none(violations);
}

#[test]
fn reserved_crates_are_used_only_where_permitted() {
    let all = ["shared", "cloud", "desktop", "tests"].map(rust_files).concat();
    assert_none(all.iter().flat_map(|(file, content)| reserved_violations(file, content)).collect());
}

#[test]
fn sql_is_in_stores_only() {
    let all = ["shared", "cloud", "desktop"].map(rust_files).concat();
    assert_none(all.iter().flat_map(|(file, content)| sql_violations(file, content)).collect());
}

#[test]
fn every_way_to_break_a_rule_is_refused() {
    for content in [
        "use crate::store::tx::OrgTx;",
        "use crate::{domain::job, store::{self, jobs}};",
        "fn f() { crate::store::jobs::claim() }",
        "use super::super::store::jobs;",
        "fn f() { assert!(crate::store::ready()); }",
    ] {
        assert_eq!(
            cloud_violations("cloud/src/http/jobs.rs", content),
            ["cloud/src/http/jobs.rs: «http» may not import «store»"],
            "{content}"
        );
        assert!(cloud_violations("cloud/src/app/jobs.rs", content).is_empty(), "{content}");
    }
    assert_eq!(cloud_violations("cloud/src/new.rs", "").len(), 1, "an unknown module is refused");

    let query = r#"fn f() { sqlx::query("select 1 from t"); }"#;
    assert_eq!(reserved_violations("cloud/src/app/jobs.rs", query).len(), 1);
    assert!(reserved_violations("cloud/src/store/jobs.rs", query).is_empty());
    let in_macro = r#"fn f() { log!("update t set a = 1"); }"#;
    assert_eq!(sql_violations("cloud/src/app/jobs.rs", in_macro).len(), 1);
    assert!(sql_violations("cloud/src/app/jobs.rs", r#"fn f() { say("update the app"); }"#).is_empty());
}

/// The graph of made-up files and a `lib.rs` with this content.
fn made_up(lib: &str, files: &[(&str, &str)]) -> ImportGraph {
    let files: Vec<(String, String)> = [&[("lib.rs", lib)], files]
        .concat()
        .into_iter()
        .map(|(file, content)| (file.to_owned(), content.to_owned()))
        .collect();
    ImportGraph::from_sources("made_up", &files)
}

#[test]
fn every_way_to_import_closes_a_circle() {
    let back = "use crate::a::A; pub struct B(A);";
    for content in [
        "use crate::b::B; pub struct A;",
        "use super::b::B; pub struct A;",
        "use made_up::b::B; pub struct A;",
        "use crate::b::*; pub struct A;",
        "use crate::{b::{self as other}}; pub struct A(other::B);",
        "use crate::b; pub struct A; fn f() { b::make() }",
        "pub struct A; fn f() -> crate::b::B { todo() }",
        "pub struct A; fn f() { use crate::b::B; }",
        "pub struct A; fn f() { assert!(crate::b::ready()) }",
        "pub struct A; impl crate::b::T for A {}",
        "pub struct A; mod inner { use super::super::b::B; }",
        "pub struct A; pub use crate::b::B; fn f(b: B) {}",
        "pub struct A; fn f(b: crate::B) {}",
    ] {
        let graph = made_up("mod a; mod b; pub use b::B;", &[("a.rs", content), ("b.rs", back)]);
        assert_eq!(graph.circles().len(), 1, "{content}");
    }
    let three = [
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::c::C; pub struct B;"),
        ("c/mod.rs", "mod d; pub use d::C;"),
        ("c/d.rs", "use crate::a::A; pub struct C;"),
    ];
    let circles = made_up("mod a; mod b; mod c;", &three).circles();
    assert_eq!(circles, ["  a.rs -> b.rs: B\n  b.rs -> c/d.rs: C\n  c/d.rs -> a.rs: A"]);
    let parent = "mod child; pub struct Shared; fn f() { child::make(Shared) }";
    let circles = made_up("mod p;", &[("p/mod.rs", parent), ("p/child.rs", "use super::Shared;")]).circles();
    assert_eq!(circles.len(), 1, "a parent that calls its child and defines what it uses");
}

#[test]
fn what_is_not_an_import_closes_no_circle() {
    let back = "use crate::a::A; pub struct B(A);";
    for content in [
        "pub use crate::b::B; pub struct A;",
        "use crate::b; pub struct A;",
        "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
        "pub struct A; #[cfg(all(test, unix))] use crate::b::B;",
        "pub struct A; fn f() { let b = 1; g(b) }",
        "//! See [`crate::b::B`].\npub struct A;",
    ] {
        let graph =
            made_up("mod a; mod b; pub use a::A; pub use b::B;", &[("a.rs", content), ("b.rs", back)]);
        assert!(graph.circles().is_empty(), "{content}: {:?}", graph.circles());
    }
    let parent = "mod child; mod other; pub use child::Child; pub struct Shared;";
    let files = [("p/mod.rs", parent), ("p/child.rs", "use super::Shared; pub struct Child;")];
    assert!(made_up("mod p;", &files).circles().is_empty(), "a parent that only hands its child on");
}

#[test]
fn upward_and_sideways_imports_are_refused() {
    let floors: &[&[&str]] = &[&["ground.rs"], &["left/", "right.rs"], &["lib.rs"]];
    let refused = |file, content| {
        let graph = made_up(
            "mod ground; mod left; mod right;",
            &[("ground.rs", ""), ("left/mod.rs", ""), (file, content)],
        );
        floor_violations("x", floors, &graph)
    };
    assert!(refused("right.rs", "use crate::ground::G;").is_empty());
    assert!(refused("left/a.rs", "use crate::{ground::G, left::L};").is_empty());
    assert_eq!(
        refused("right.rs", "use crate::left::L;"),
        ["x/src/right.rs may not import left/mod.rs (L)"],
        "side by side"
    );
    assert_eq!(
        refused("left/a.rs", "use crate::X;"),
        ["x/src/left/a.rs may not import lib.rs (X)"],
        "upward"
    );
    assert_eq!(refused("new.rs", ""), ["x/src/new.rs has no floor; give it one"]);
    let with_tests = [("ground.rs", "#[cfg(test)] mod tests;"), ("ground/tests.rs", "use crate::X;")];
    assert!(floor_violations("x", floors, &made_up("mod ground;", &with_tests)).is_empty(), "tests are free");
}

#[test]
fn check_of_statements_uses_nothing_of_the_analyser() {
    let (_, floors) = FLOORS.iter().find(|(folder, _)| *folder == "shared/analysis").expect("its floors");
    let imports = ["extract/sig.rs", "extract/statements.rs", "extract/context/mod.rs", "extract/mod.rs"];
    for file in imports {
        let path = file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
        let check = format!("use crate::{path}::Thing; pub fn check(thing: Thing) {{}}");
        let graph =
            made_up("mod verify; mod extract;", &[("verify/mod.rs", &check), (file, "pub struct Thing;")]);
        let refused = floor_violations("shared/analysis", floors, &graph);
        assert!(refused.iter().any(|it| it.contains("verify/mod.rs may not import")), "{file}: {refused:?}");
    }
}
