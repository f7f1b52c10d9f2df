//! The names and texts in a source file, read off its syntax.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};

/// What a file names: every path as its segments, and every text literal; macros' arguments included.
#[derive(Default)]
pub(crate) struct SourceNames {
    pub(crate) paths: BTreeSet<Vec<String>>,
    pub(crate) texts: Vec<String>,
}

impl SourceNames {
    pub(crate) fn from_source(file: &str, content: &str) -> Self {
        let syntax = syn::parse_file(content).unwrap_or_else(|e| panic!("{file}: {e}"));
        let mut names = Self::default();
        names.visit_file(&syntax);
        names
    }

    fn extend(&mut self, tokens: proc_macro2::TokenStream) {
        let Self { paths, texts } = token_names(tokens);
        self.paths.extend(paths);
        self.texts.extend(texts);
    }
}

impl<'ast> Visit<'ast> for SourceNames {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.paths.extend(used_names(&item.tree).into_iter().map(|used| used.path));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        self.extend(mac.tokens.clone());
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.texts.push(literal.value());
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {
        // Documentation is not code, and derives name macros, not modules.
    }
}

/// One name that a `use` declaration brings.
pub(crate) struct UsedName {
    pub(crate) path: Vec<String>,
    /// The name in the importing file; none if it is a glob.
    pub(crate) name: Option<String>,
}

/// The names that a `use` declaration brings.
pub(crate) fn used_names(tree: &syn::UseTree) -> Vec<UsedName> {
    fn collect(tree: &syn::UseTree, parent: &[String], names: &mut Vec<UsedName>) {
        let joined = |ident: &syn::Ident| match ident.to_string().as_str() {
            "self" if !parent.is_empty() => parent.to_vec(),
            ident => [parent, &[ident.to_owned()]].concat(),
        };
        match tree {
            syn::UseTree::Path(part) => collect(&part.tree, &joined(&part.ident), names),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| collect(item, parent, names)),
            syn::UseTree::Name(syn::UseName { ident }) => {
                let path = joined(ident);
                names.push(UsedName { name: path.last().cloned(), path });
            }
            syn::UseTree::Rename(syn::UseRename { ident, rename, .. }) => {
                names.push(UsedName { path: joined(ident), name: Some(rename.to_string()) });
            }
            syn::UseTree::Glob(_) => names.push(UsedName { path: parent.to_vec(), name: None }),
        }
    }
    let mut names = Vec::new();
    collect(tree, &[], &mut names);
    names
}

/// The names and texts among a macro's arguments, which are not parsed.
pub(crate) fn token_names(tokens: proc_macro2::TokenStream) -> SourceNames {
    fn finish(path: &mut Vec<String>, names: &mut SourceNames) {
        if !path.is_empty() {
            names.paths.insert(std::mem::take(path));
        }
    }
    let mut names = SourceNames::default();
    let mut path = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            proc_macro2::TokenTree::Ident(name) => {
                if colons != 2 {
                    finish(&mut path, &mut names);
                }
                path.push(name.to_string());
                colons = 0;
            }
            proc_macro2::TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            proc_macro2::TokenTree::Punct(_) => {
                finish(&mut path, &mut names);
                colons = 0;
            }
            proc_macro2::TokenTree::Group(group) => {
                finish(&mut path, &mut names);
                colons = 0;
                names.extend(group.stream());
            }
            proc_macro2::TokenTree::Literal(literal) => {
                finish(&mut path, &mut names);
                colons = 0;
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    names.texts.push(text.value());
                }
            }
        }
    }
    finish(&mut path, &mut names);
    names
}
