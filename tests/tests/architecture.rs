//! Who may import whom. Reads the manifests and the source, and fails on any edge that the README's map does not have.
//!
//! The rules are data at the top; the checks below them are themselves checked against made-up violations.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use syn::visit::{self, Visit};

/// Which of our crates a crate may depend on. `tests` may depend on everything and is not listed.
const CRATES: &[(&str, &[&str])] = &[
    ("shared/page", &[]),
    ("shared/api", &["maneiro-page"]),
    ("shared/engine", &["maneiro-page"]),
    ("shared/analysis", &["maneiro-page", "maneiro-api"]),
    ("shared/report", &["maneiro-page", "maneiro-api"]),
    ("cloud", &["maneiro-page", "maneiro-api", "maneiro-analysis", "maneiro-report"]),
    ("desktop/core", &["maneiro-page", "maneiro-api", "maneiro-engine"]),
    ("desktop/cli", &["maneiro-page", "maneiro-api", "maneiro-core"]),
];

/// Which modules of the cloud a module of it may name. `wiring` may name everything and is not listed.
const CLOUD: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ports", &["domain"]),
    ("store", &["domain"]),
    ("state", &["domain", "ports", "store"]),
    ("app", &["domain", "ports", "state", "store"]),
    ("http", &["app", "domain", "state"]),
    ("jobs", &["app", "domain", "ports", "state"]),
    ("adapters", &["config", "ports"]),
    ("config", &[]),
    ("main", &["config", "wiring"]),
];

/// What only some places may use: a crate, and where it may stand.
const RESERVED: &[(&str, &[&str])] = &[
    ("sqlx", &["cloud/src/store/", "cloud/src/adapters/embedded/", "desktop/core/src/store", "tests/"]),
    ("aws_sdk_s3", &["cloud/src/adapters/"]),
    ("aws_config", &["cloud/src/adapters/"]),
    ("s3s", &["cloud/src/adapters/embedded/"]),
    ("s3s_fs", &["cloud/src/adapters/embedded/"]),
    ("async_openai", &["shared/analysis/src/model/"]),
    ("axum", &["cloud/src/http/", "tests/", "shared/analysis/src/model/tests"]),
    ("keyring", &["desktop/core/src/keychain"]),
    ("tesseract", &["shared/engine/src/"]),
    ("hayro", &["shared/engine/", "shared/report/src/tests", "tests/"]),
    ("typst", &["shared/report/", "tests/"]),
    ("tauri", &["desktop/app/"]),
];

/// How SQL begins, and what follows in the same text.
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace").to_owned()
}

/// Every Rust file below `folder`, as (path relative to the root, content).
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a folder that can be listed").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    walk(&root.join(folder), &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let content = fs::read_to_string(&path).expect("source is UTF-8");
            let relative = path.strip_prefix(&root).expect("below the root");
            (relative.to_string_lossy().replace('\\', "/"), content)
        })
        .collect()
}

/// What a file names: every path as its segments, and every text literal; macros' arguments included.
#[derive(Default)]
struct Names {
    paths: BTreeSet<Vec<String>>,
    texts: Vec<String>,
}

impl Names {
    fn of(file: &str, content: &str) -> Self {
        let syntax = syn::parse_file(content).unwrap_or_else(|e| panic!("{file}: {e}"));
        let mut names = Self::default();
        names.visit_file(&syntax);
        names
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let mut path = before.to_vec();
        match tree {
            syn::UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.tree(&part.tree, &path);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
            syn::UseTree::Name(syn::UseName { ident })
            | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                path.push(ident.to_string());
                self.paths.insert(path);
            }
            syn::UseTree::Glob(_) => {
                self.paths.insert(path);
            }
        }
    }

    /// A macro's arguments are not parsed; read names and texts off its tokens.
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.keep(&mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                proc_macro2::TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                proc_macro2::TokenTree::Punct(_) => self.keep(&mut path),
                proc_macro2::TokenTree::Group(group) => {
                    self.keep(&mut path);
                    self.tokens(group.stream());
                }
                proc_macro2::TokenTree::Literal(literal) => {
                    self.keep(&mut path);
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.texts.push(text.value());
                    }
                }
            }
        }
        self.keep(&mut path);
    }

    fn keep(&mut self, path: &mut Vec<String>) {
        if !path.is_empty() {
            self.paths.insert(std::mem::take(path));
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        self.tokens(mac.tokens.clone());
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.texts.push(literal.value());
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {
        // Documentation is no code, and derives name macros, not modules.
    }
}

/// The modules of the cloud that a file of it names, whatever the way: `crate::store`, `super::super::store`.
fn own_modules(inside: &str, names: &Names) -> BTreeSet<String> {
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

/// What a file of the cloud names against the rules.
fn cloud_violations(file: &str, content: &str) -> Vec<String> {
    let inside = file.strip_prefix("cloud/src/").expect("a file of the cloud");
    let module = inside.split('/').next().expect("a name").trim_end_matches(".rs");
    if matches!(module, "wiring" | "lib") {
        return Vec::new();
    }
    let Some((_, allowed)) = CLOUD.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{file}: module «{module}» has no rule; give it one")];
    };
    own_modules(inside, &Names::of(file, content))
        .into_iter()
        .filter(|target| target == "wiring" || CLOUD.iter().any(|(name, _)| name == target))
        .filter(|target| target != module && !allowed.contains(&target.as_str()))
        .map(|target| format!("{file}: «{module}» may not name «{target}»"))
        .collect()
}

/// Which reserved crates a file names where it may not.
fn reserved_violations(file: &str, content: &str) -> Vec<String> {
    let names = Names::of(file, content);
    RESERVED
        .iter()
        .filter(|(_, places)| !places.iter().any(|place| file.starts_with(place)))
        .filter(|(name, _)| names.paths.iter().any(|path| path.len() > 1 && path[0] == *name))
        .map(|(name, places)| format!("{file}: «{name}» may only be used in {}", places.join(", ")))
        .collect()
}

/// Where a file outside the stores holds SQL.
fn sql_violations(file: &str, content: &str) -> Vec<String> {
    let (_, places) = RESERVED.iter().find(|(name, _)| *name == "sqlx").expect("sqlx is reserved");
    if places.iter().any(|place| file.starts_with(place)) {
        return Vec::new();
    }
    Names::of(file, content)
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
fn modules_of_the_cloud_name_only_what_the_map_allows() {
    let all = sources("cloud/src");
    assert_none(all.iter().flat_map(|(file, content)| cloud_violations(file, content)).collect());
}

#[test]
fn reserved_crates_stay_in_their_rooms() {
    let all = ["shared", "cloud", "desktop", "tests"].map(sources).concat();
    assert_none(all.iter().flat_map(|(file, content)| reserved_violations(file, content)).collect());
}

#[test]
fn sql_stands_only_in_stores() {
    let all = ["shared", "cloud", "desktop"].map(sources).concat();
    assert_none(all.iter().flat_map(|(file, content)| sql_violations(file, content)).collect());
}

#[test]
fn the_checks_see_every_way_to_break_a_rule() {
    for content in [
        "use crate::store::tx::OrgTx;",
        "use crate::{domain::job, store::{self, jobs}};",
        "fn f() { crate::store::jobs::claim() }",
        "use super::super::store::jobs;",
        "fn f() { assert!(crate::store::ready()); }",
    ] {
        assert_eq!(
            cloud_violations("cloud/src/http/jobs.rs", content),
            ["cloud/src/http/jobs.rs: «http» may not name «store»"],
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
