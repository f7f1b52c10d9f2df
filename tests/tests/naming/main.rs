//! Names are the field's terms. Reads every declaration of the workspace and refuses names that a standard term has
//! replaced, names that mean nothing by themselves, and one type name for two things.
//!
//! `retired.txt` lists the replaced names with their terms; `shared_names.txt` lists the type names that may be declared
//! more than once, each with its reason. `CONTRIBUTING.md` explains the rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use maneiro_tests::workspace::rust_files;
use syn::visit::{self, Visit};

const RETIRED: &str = include_str!("retired.txt");
const SHARED_NAMES: &str = include_str!("shared_names.txt");

/// The longest name of a test, in characters.
const MAX_TEST_NAME_CHARS: usize = 60;

/// How the name of a constant with a fractional value may end: its unit.
const UNITS: &[&str] = &[
    "MM", "INCHES", "PX", "PT", "DPI", "EM", "PERCENT", "RATIO", "SHARE", "DEGREES", "RADIANS", "SECONDS",
    "SIGMAS", "LUMA",
];

/// A declared name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Declaration {
    kind: DeclarationKind,
    name: String,
    is_test: bool,
    is_fractional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeclarationKind {
    Constant,
    Field,
    Function,
    Module,
    Type,
    Variant,
}

#[derive(Default)]
struct Declarations(Vec<Declaration>);

impl Declarations {
    fn in_file(file: &str, content: &str) -> Vec<Declaration> {
        let syntax = syn::parse_file(content).unwrap_or_else(|e| panic!("{file}: {e}"));
        let mut all = Self::default();
        let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        all.declare(DeclarationKind::Module, stem.unwrap_or_default());
        all.visit_file(&syntax);
        all.0
    }

    fn declare(&mut self, kind: DeclarationKind, name: String) {
        self.0.push(Declaration { kind, name, is_test: false, is_fractional: false });
    }

    fn function(&mut self, name: &syn::Ident, attributes: &[syn::Attribute]) {
        let is_test = attributes
            .iter()
            .any(|attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "test"));
        self.0.push(Declaration {
            kind: DeclarationKind::Function,
            name: name.to_string(),
            is_test,
            is_fractional: false,
        });
    }

    fn constant(&mut self, name: &syn::Ident, r#type: &syn::Type) {
        self.0.push(Declaration {
            kind: DeclarationKind::Constant,
            name: name.to_string(),
            is_test: false,
            is_fractional: is_fractional(r#type),
        });
    }
}

/// Whether a type is a fractional number or a range of them.
fn is_fractional(r#type: &syn::Type) -> bool {
    let syn::Type::Path(path) = r#type else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    match &last.arguments {
        syn::PathArguments::None => last.ident == "f32" || last.ident == "f64",
        syn::PathArguments::AngleBracketed(arguments) => {
            let is_range = last.ident.to_string().starts_with("Range");
            let is_inner_fractional = |argument: &syn::GenericArgument| matches!(argument, syn::GenericArgument::Type(inner) if is_fractional(inner));
            is_range && arguments.args.iter().any(is_inner_fractional)
        }
        syn::PathArguments::Parenthesized(_) => false,
    }
}

impl<'ast> Visit<'ast> for Declarations {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.declare(DeclarationKind::Type, item.ident.to_string());
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.declare(DeclarationKind::Type, item.ident.to_string());
        visit::visit_item_enum(self, item);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.declare(DeclarationKind::Variant, variant.ident.to_string());
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.declare(DeclarationKind::Field, name.to_string());
        }
        visit::visit_field(self, field);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.declare(DeclarationKind::Type, item.ident.to_string());
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.declare(DeclarationKind::Type, item.ident.to_string());
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.declare(DeclarationKind::Module, item.ident.to_string());
        visit::visit_item_mod(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.constant(&item.ident, &item.ty);
        visit::visit_item_const(self, item);
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.constant(&item.ident, &item.ty);
        visit::visit_impl_item_const(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident, &item.attrs);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        // The names in an implementation of a trait are the trait's.
        if item.trait_.is_none() {
            visit::visit_item_impl(self, item);
        } else {
            for part in &item.items {
                if let syn::ImplItem::Fn(function) = part {
                    self.visit_block(&function.block);
                }
            }
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig.ident, &item.attrs);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig.ident, &item.attrs);
        visit::visit_trait_item_fn(self, item);
    }
}

/// A replaced name, the term that replaces it, and the folder where it is retired.
struct Retired<'a> {
    name: &'a str,
    term: &'a str,
    folder: &'a str,
}

/// The lines of a list, without comments.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn retired(list: &str) -> Vec<Retired<'_>> {
    entries(list)
        .map(|line| {
            let mut parts = line.split_whitespace();
            let (Some(name), Some(term)) = (parts.next(), parts.next()) else {
                panic!("«{line}» has no term")
            };
            Retired { name, term, folder: parts.next().unwrap_or("") }
        })
        .collect()
}

fn violations(file: &str, content: &str, retired: &[Retired<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for declaration in Declarations::in_file(file, content) {
        let name = declaration.name.as_str();
        if let Some(old) = retired.iter().find(|old| old.name == name && file.starts_with(old.folder)) {
            found.push(format!("{file}: «{name}» is called {} here", old.term));
        }
        if declaration.kind == DeclarationKind::Function && (name == "of" || name.starts_with("of_")) {
            found.push(format!("{file}: «fn {name}» means nothing by itself; name what it makes"));
        }
        if declaration.is_test && name.chars().count() > MAX_TEST_NAME_CHARS {
            found.push(format!("{file}: the test «{name}» has more than {MAX_TEST_NAME_CHARS} characters"));
        }
        let has_unit = UNITS.iter().any(|unit| name.rsplit('_').next() == Some(unit));
        if declaration.is_fractional && !has_unit {
            found.push(format!("{file}: «{name}» does not end in its unit"));
        }
    }
    found
}

/// The type names that several files declare, each with those files.
fn declared_twice(files: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, content) in files {
        let types = Declarations::in_file(file, content)
            .into_iter()
            .filter(|found| found.kind == DeclarationKind::Type);
        for declaration in types {
            places.entry(declaration.name).or_default().push(file.clone());
        }
    }
    places.retain(|_, files| files.len() > 1);
    places
}

/// Every Rust file of the workspace as (path relative to the root, content).
fn sources() -> Vec<(String, String)> {
    ["shared", "cloud", "desktop", "tests"].map(rust_files).concat()
}

#[test]
fn names_are_the_fields_terms() {
    let retired = retired(RETIRED);
    let found: Vec<String> =
        sources().iter().flat_map(|(file, content)| violations(file, content, &retired)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn one_type_name_means_one_thing() {
    let allowed: BTreeSet<&str> =
        entries(SHARED_NAMES).filter_map(|line| line.split_whitespace().next()).collect();
    let twice = declared_twice(&sources());
    let found: Vec<String> = twice
        .iter()
        .filter(|(name, _)| !allowed.contains(name.as_str()))
        .map(|(name, files)| format!("{name} is declared in {}", files.join(", ")))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    let stale: Vec<&&str> = allowed.iter().filter(|name| !twice.contains_key(**name)).collect();
    assert!(stale.is_empty(), "shared_names.txt allows what is declared once: {stale:?}");
}

#[test]
fn every_rule_of_naming_bites() {
    let list = retired("Strip TextLine shared/engine\n# a comment\nlook inspect\n");
    let refused = |content: &str| violations("shared/engine/src/a.rs", content, &list).len();
    for content in [
        "struct Strip;",
        "enum Strip {}",
        "fn f() { fn look() {} }",
        "impl A { fn look(&self) {} }",
        "trait A { fn look(&self); }",
        "struct A { look: u8 }",
        "enum A { Strip }",
        "mod look {}",
        "fn of(a: u8) {}",
        "impl A { fn of_pdf() {} }",
        "const SURE: f64 = 0.5;",
        "const WIDTH: std::ops::RangeInclusive<f32> = 0.5..=1.0;",
        "#[test] fn a_name_that_goes_on_and_on_and_on_until_nobody_can_read_it_any_more() {}",
    ] {
        assert_eq!(refused(content), 1, "{content}");
    }
    for content in
        ["fn f(strip: u8) { look() }", "impl A for B { fn look(&self) {} }", "const SURE_RATIO: f64 = 0.5;"]
    {
        assert_eq!(refused(content), 0, "{content}");
    }
    assert_eq!(
        violations("cloud/src/strip.rs", "struct Strip;", &list).len(),
        0,
        "it holds in its folder only"
    );
    assert_eq!(violations("shared/engine/src/look.rs", "", &list).len(), 1, "a file is a module");

    let file = |name: &str, content: &str| (name.to_owned(), content.to_owned());
    let twice = declared_twice(&[file("a.rs", "struct A; struct B;"), file("b.rs", "enum A {}")]);
    assert_eq!(twice.keys().collect::<Vec<_>>(), ["A"]);
}
