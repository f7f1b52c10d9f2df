//! Which file of a crate imports which other file of it, and the circles in that graph.
//!
//! A file imports the file that *defines* a name which its own code uses: in a private `use`, in a path, or in the
//! tokens of a macro. From this follows what is not an import:
//!
//! - `mod x;` only declares a child.
//! - `pub use` only re-exports a name. Whoever uses the name there imports the file that defines it, as does the file
//!   itself if its own code uses the name too.
//! - `use crate::x;` of a module brings no item. The paths through it do.
//! - Code under `#[cfg(test)]` is left out: a test may call its file through files of higher layers.
//!
//! A parent that only declares and re-exports its children is therefore a façade and in no circle. A parent that
//! calls its children and defines a type that they use is in one: the type belongs in a file below both. Method calls
//! name no file and are not seen.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use syn::visit::{self, Visit};

use crate::names::{UsedName, token_names, used_names};

/// How many re-exports a name is followed through.
const MAX_REEXPORTS: usize = 16;

type ModuleIndex = usize;
type FileIndex = usize;

/// The file of a folder that has none of its own.
const NO_FILE: FileIndex = usize::MAX;

/// A module: a file or a `mod x { … }` within one.
#[derive(Default)]
struct Module {
    file: FileIndex,
    parent: Option<ModuleIndex>,
    children: HashMap<String, ModuleIndex>,
    /// The items that it defines.
    items: HashSet<String>,
    /// The names that its `use` declarations bring, with the path of each.
    bindings: HashMap<String, Vec<String>>,
    /// The paths of `use path::*`.
    globs: Vec<Vec<String>>,
    /// The paths that its code uses; re-exports are not among them.
    used: BTreeSet<Vec<String>>,
    used_globs: BTreeSet<Vec<String>>,
}

/// What a path leads to.
enum Target {
    Item { file: FileIndex, name: String },
    Module(ModuleIndex),
}

/// The files of a crate and the imports between them.
pub(crate) struct ImportGraph {
    files: Vec<String>,
    /// Files that are compiled for tests only.
    test_only: BTreeSet<FileIndex>,
    /// Importing file, imported file, and the names that the first takes from the second.
    imports: BTreeMap<(FileIndex, FileIndex), BTreeSet<String>>,
}

impl ImportGraph {
    /// Reads the imports of a crate. `files` are (path relative to the crate's `src`, content); `crate_name` is the name
    /// by which a crate may call itself.
    pub(crate) fn from_sources(crate_name: &str, files: &[(String, String)]) -> Self {
        let modules = Modules::from_sources(crate_name, files);
        let mut imports: BTreeMap<(FileIndex, FileIndex), BTreeSet<String>> = BTreeMap::new();
        for (id, module) in modules.modules.iter().enumerate() {
            if modules.is_test_only(id) {
                continue;
            }
            let named = module.used.iter().filter_map(|path| modules.resolve(id, path, 0));
            let whole = module.used_globs.iter().filter_map(|path| modules.resolve_glob(id, path));
            for target in named.chain(whole) {
                let Target::Item { file, name } = target else { continue };
                if file != module.file && file != NO_FILE {
                    imports.entry((module.file, file)).or_default().insert(name);
                }
            }
        }
        let test_only = (0..files.len()).filter(|&file| modules.is_test_only(modules.files[file])).collect();
        Self { files: files.iter().map(|(file, _)| file.clone()).collect(), test_only, imports }
    }

    /// Every file that is not for tests only.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .enumerate()
            .filter(|(file, _)| !self.test_only.contains(file))
            .map(|(_, file)| &**file)
    }

    /// Every import as (importing file, imported file, names).
    pub(crate) fn imports(&self) -> impl Iterator<Item = (&str, &str, &BTreeSet<String>)> {
        self.imports.iter().map(|((from, to), names)| (&*self.files[*from], &*self.files[*to], names))
    }

    /// Every circle as the imports that tie it, one a line: `a.rs -> b.rs: names`.
    pub(crate) fn circles(&self) -> Vec<String> {
        let components = self.strong_components();
        let mut circles: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for ((from, to), names) in &self.imports {
            if components[*from] == components[*to] {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let line = format!("  {} -> {}: {}", self.files[*from], self.files[*to], names.join(", "));
                circles.entry(components[*from]).or_default().push(line);
            }
        }
        circles.into_values().map(|lines| lines.join("\n")).collect()
    }

    /// The number of each file's strongly connected component: two files have the same one if each reaches the other.
    fn strong_components(&self) -> Vec<usize> {
        let forward = self.neighbours(|(from, to)| (from, to));
        let backward = self.neighbours(|(from, to)| (to, from));
        let mut order = Vec::new();
        let mut seen = vec![false; self.files.len()];
        for file in 0..self.files.len() {
            depth_first(file, &forward, &mut seen, &mut order);
        }
        let mut components = vec![0; self.files.len()];
        let mut seen = vec![false; self.files.len()];
        for (number, &file) in order.iter().rev().enumerate() {
            let mut members = Vec::new();
            depth_first(file, &backward, &mut seen, &mut members);
            members.into_iter().for_each(|member| components[member] = number);
        }
        components
    }

    fn neighbours(
        &self,
        direction: impl Fn((FileIndex, FileIndex)) -> (FileIndex, FileIndex),
    ) -> Vec<Vec<FileIndex>> {
        let mut neighbours = vec![Vec::new(); self.files.len()];
        for &edge in self.imports.keys() {
            let (from, to) = direction(edge);
            neighbours[from].push(to);
        }
        neighbours
    }
}

/// Appends the unseen files that are reached from `file` to `order`, each after all files that it reaches.
fn depth_first(
    file: FileIndex,
    neighbours: &[Vec<FileIndex>],
    seen: &mut [bool],
    order: &mut Vec<FileIndex>,
) {
    if std::mem::replace(&mut seen[file], true) {
        return;
    }
    for &next in &neighbours[file] {
        depth_first(next, neighbours, seen, order);
    }
    order.push(file);
}

/// The module tree of a crate.
struct Modules {
    crate_name: String,
    modules: Vec<Module>,
    files: Vec<ModuleIndex>,
    /// Modules that are compiled for tests only.
    test_only: HashSet<ModuleIndex>,
}

impl Modules {
    fn from_sources(crate_name: &str, files: &[(String, String)]) -> Self {
        let mut all = Self {
            crate_name: crate_name.to_owned(),
            modules: vec![Module { file: NO_FILE, ..Module::default() }],
            files: Vec::new(),
            test_only: HashSet::new(),
        };
        let has_library = files.iter().any(|(file, _)| file == "lib.rs");
        for (id, (file, _)) in files.iter().enumerate() {
            let module = match all.module_path(file, has_library) {
                // The program beside a library is a crate of its own.
                None => all.add(Module { file: id, ..Module::default() }),
                Some(path) => all.at(&path),
            };
            all.modules[module].file = id;
            all.files.push(module);
        }
        for (id, (file, content)) in files.iter().enumerate() {
            let syntax = syn::parse_file(content).unwrap_or_else(|e| panic!("{file}: {e}"));
            let module = all.files[id];
            ModuleReader { modules: &mut all, module }.visit_file(&syntax);
        }
        all
    }

    /// The module path of a file; none for the root of another crate.
    fn module_path(&self, file: &str, has_library: bool) -> Option<Vec<String>> {
        let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        match path.last().map(String::as_str) {
            Some("main") if path.len() == 1 && has_library => return None,
            Some("lib" | "main") if path.len() == 1 => path.clear(),
            Some("mod") => {
                path.pop();
            }
            Some(_) | None => {}
        }
        Some(path)
    }

    fn add(&mut self, module: Module) -> ModuleIndex {
        self.modules.push(module);
        self.modules.len() - 1
    }

    fn at(&mut self, path: &[String]) -> ModuleIndex {
        path.iter().fold(0, |module, name| self.child(module, name, NO_FILE))
    }

    fn child(&mut self, parent: ModuleIndex, name: &str, file: FileIndex) -> ModuleIndex {
        if let Some(&child) = self.modules[parent].children.get(name) {
            return child;
        }
        let child = self.add(Module { file, parent: Some(parent), ..Module::default() });
        self.modules[parent].children.insert(name.to_owned(), child);
        child
    }

    fn is_test_only(&self, module: ModuleIndex) -> bool {
        std::iter::successors(Some(module), |&module| self.modules[module].parent)
            .any(|module| self.test_only.contains(&module))
    }

    fn resolve(&self, from: ModuleIndex, path: &[String], depth: usize) -> Option<Target> {
        if depth > MAX_REEXPORTS {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "Self" => None,
            "self" => self.walk(from, rest, depth),
            "super" => self.walk(self.modules[from].parent?, rest, depth),
            "crate" => self.walk(0, rest, depth),
            name if name == self.crate_name => self.walk(0, rest, depth),
            name => {
                let module = &self.modules[from];
                // A path of one segment names an item or a variable, never a module.
                let is_module = !rest.is_empty() && module.children.contains_key(name);
                if is_module || module.defines(name) {
                    self.walk(from, path, depth)
                } else {
                    self.walk_globs(from, path, depth)
                }
            }
        }
    }

    /// What a path leads to from within a module.
    fn walk(&self, at: ModuleIndex, path: &[String], depth: usize) -> Option<Target> {
        let module = &self.modules[at];
        let Some((name, rest)) = path.split_first() else { return Some(Target::Module(at)) };
        if name == "super" {
            return self.walk(module.parent?, rest, depth);
        }
        // Where a module and an item have one name, a longer path goes through the module.
        if let Some(&child) = module.children.get(name)
            && (!rest.is_empty() || !module.defines(name))
        {
            return self.walk(child, rest, depth);
        }
        let defined_here = || Some(Target::Item { file: module.file, name: name.clone() });
        if module.items.contains(name) {
            return defined_here();
        }
        if let Some(binding) = module.bindings.get(name) {
            return self.resolve(at, &[binding, rest].concat(), depth + 1);
        }
        // A name without a visible definition is defined here by a macro.
        self.walk_globs(at, path, depth).or_else(defined_here)
    }

    /// What a path leads to through a `use …::*` of a module.
    fn walk_globs(&self, at: ModuleIndex, path: &[String], depth: usize) -> Option<Target> {
        self.modules[at].globs.iter().find_map(|glob| {
            let Some(Target::Module(source)) = self.resolve(at, glob, depth + 1) else { return None };
            let is_source = source != at && self.modules[source].defines(path.first()?);
            if is_source { self.walk(source, path, depth + 1) } else { None }
        })
    }

    /// A glob takes everything of a module, so it imports that module's file.
    fn resolve_glob(&self, from: ModuleIndex, path: &[String]) -> Option<Target> {
        match self.resolve(from, path, 0)? {
            Target::Module(module) => {
                Some(Target::Item { file: self.modules[module].file, name: "*".to_owned() })
            }
            Target::Item { file, name } => Some(Target::Item { file, name }),
        }
    }
}

impl Module {
    fn defines(&self, name: &str) -> bool {
        self.items.contains(name) || self.bindings.contains_key(name)
    }
}

/// Fills one module of the tree from its source.
struct ModuleReader<'m> {
    modules: &'m mut Modules,
    module: ModuleIndex,
}

impl ModuleReader<'_> {
    fn module(&mut self) -> &mut Module {
        &mut self.modules.modules[self.module]
    }

    fn take_use(&mut self, item: &syn::ItemUse) {
        if item.leading_colon.is_some() {
            return;
        }
        let is_reexport = !matches!(item.vis, syn::Visibility::Inherited);
        for UsedName { path, name } in used_names(&item.tree) {
            let module = self.module();
            match name {
                Some(name) => {
                    if !is_reexport {
                        module.used.insert(path.clone());
                    }
                    module.bindings.entry(name).or_insert(path);
                }
                None => {
                    if !is_reexport {
                        module.used_globs.insert(path.clone());
                    }
                    module.globs.push(path);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for ModuleReader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_for_tests(attributes(item)) {
            if let syn::Item::Mod(item) = item
                && item.content.is_none()
            {
                let child = self.modules.child(self.module, &item.ident.to_string(), NO_FILE);
                self.modules.test_only.insert(child);
            }
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_file(&mut self, file: &'ast syn::File) {
        let items = file.items.iter().filter_map(item_name);
        self.module().items.extend(items);
        visit::visit_file(self, file);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let Some((_, items)) = &item.content else { return };
        let file = self.module().file;
        let child = self.modules.child(self.module, &item.ident.to_string(), file);
        let mut reader = ModuleReader { modules: &mut *self.modules, module: child };
        reader.module().items.extend(items.iter().filter_map(item_name));
        items.iter().for_each(|item| reader.visit_item(item));
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.take_use(item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let path = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.module().used.insert(path);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        let names = token_names(mac.tokens.clone());
        self.module().used.extend(names.paths);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(crate)` names no module's item.
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {
        // Documentation is not code, and derives name macros, not modules.
    }
}

/// Whether an item is compiled for tests only.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        let names = token_names(list.tokens.clone());
        let says = |word: &str| names.paths.iter().any(|path| path.len() == 1 && path[0] == word);
        list.path.is_ident("cfg") && says("test") && !says("not")
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn item_name(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        syn::Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
