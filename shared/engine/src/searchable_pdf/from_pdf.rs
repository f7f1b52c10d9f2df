//! Text layers for the pages of a PDF, as an incremental update (ISO 32000-2, 7.5.6): the file's bytes stay as they
//! are, and what changes of its objects is written again after them.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    io,
};

use hayro::{
    hayro_interpret::TransformExt as _,
    hayro_syntax::{
        Pdf,
        object::{Dict, MaybeRef, Name, Object, ObjectIdentifier},
        page::Page as PdfPage,
    },
};
use sha2::{Digest as _, Sha256};

use super::{
    Unaltered,
    cid_font::Characters,
    objects::{Id, Objects, reference},
    signatures::is_signed,
    text_layer,
    trailer::Tail,
};
use maneiro_page::{Page, TextSource};

use crate::pdf::PdfFile;

/// A page tree is at most so deep.
const MAX_DEPTH: usize = 64;

const LOST_PAGE: Unaltered = Unaltered::Damaged { reason: "a page's own entries cannot be found" };
const NOT_WRITTEN: Unaltered = Unaltered::Damaged { reason: "its text layer cannot be written" };

const BROKEN_LIST: Unaltered = Unaltered::Damaged {
    reason: "the list of its objects is broken, so that nothing can be added to it without altering the rest",
};

/// A PDF whose pages get text layers.
pub(super) struct PdfCopy<'d> {
    file: &'d PdfFile,
    pdf: &'d Pdf,
    tail: Tail,
    objects: Objects,
    characters: Characters,
    font: Id,
    /// The font's name on every page: no other has it, since an object's number is given once.
    font_name: String,
    /// What is written anew already.
    written: HashSet<Id>,
}

/// The same as our own number, if it is one that an object can have.
pub(super) fn id(id: ObjectIdentifier) -> Option<Id> {
    Some((id.obj_number, u16::try_from(id.gen_number).ok()?))
}

impl<'d> PdfCopy<'d> {
    pub(super) fn new(file: &'d PdfFile) -> Result<PdfCopy<'d>, Unaltered> {
        let pdf = file.parsed();
        let bytes: &[u8] = pdf.data().as_ref();
        let tail = Tail::of(bytes, pdf.xref().root_id()).ok_or(BROKEN_LIST)?;
        if tail.is_encrypted {
            return Err(Unaltered::Protected);
        }
        if is_signed(pdf) {
            return Err(Unaltered::Signed);
        }
        // New numbers must be free; a file that uses numbers beyond those that it says it has is not to be trusted.
        if (0..64).any(|n| pdf.xref().get::<Object<'_>>(ObjectIdentifier::new(tail.size + n, 0)).is_some()) {
            return Err(BROKEN_LIST);
        }
        let begin = (bytes.len() - tail.base) as u64;
        let mut objects = Objects::new(b"\n".to_vec(), begin, tail.size.max(1));
        let font = objects.reserve();
        let font_name = format!("Maneiro{}", font.0);
        let characters = Characters::default();
        Ok(PdfCopy { file, pdf, tail, objects, characters, font, font_name, written: HashSet::new() })
    }

    /// Lays the page's recognised words over it.
    pub(super) fn add(&mut self, page: &Page) -> Result<(), Unaltered> {
        let Some(own) = self.pdf.pages().get((page.number as usize).wrapping_sub(1)) else { return Ok(()) };
        let to_user = own.initial_transform(true).to_kurbo().inverse();
        // What the page says in part may be in a layer that nobody sees, and is in no other way told from what was
        // recognised than by looking.
        let own_words = match page.text_source {
            TextSource::Mixed { .. } => self.file.own_words(page.number),
            TextSource::TextLayer
            | TextSource::Ocr { .. }
            | TextSource::Blank
            | TextSource::Duplicate { .. }
            | TextSource::Unreadable { .. } => Vec::new(),
        };
        let Some(content) =
            text_layer::content(page, &own_words, to_user, &self.font_name, &mut self.characters)
        else {
            return Ok(());
        };
        let id = own.raw().obj_id().and_then(id).ok_or(LOST_PAGE)?;
        let is_found = self.dict(id).is_some_and(|dict| dict.data() == own.raw().data());
        if !is_found {
            return Err(LOST_PAGE);
        }
        // A page may stand in the tree twice; it shows the same.
        if !self.written.insert(id) {
            return Ok(());
        }
        let layer = self.objects.reserve();
        self.objects.put_packed(layer, "", &content).map_err(|_| NOT_WRITTEN)?;
        let mut changes = Changes::from([("Contents", self.contents(own, layer))]);
        if let Some(resources) = self.resources(own, id)? {
            changes.insert("Resources", resources);
        }
        self.rewrite(id, own.raw(), &changes);
        Ok(())
    }

    /// The update; none if no page has got a layer.
    pub(super) fn finish(self) -> Result<Vec<u8>, Unaltered> {
        if self.written.is_empty() {
            return Err(Unaltered::NothingRecognised);
        }
        let file = self.pdf;
        let update = self.finish_update().map_err(|_| NOT_WRITTEN)?;
        // Where the list of objects is wrong in places, readers look for the objects by themselves, and may find others
        // in the file that is continued.
        if has_pages_of(file, [file.data().as_ref(), &update].concat()) {
            Ok(update)
        } else {
            Err(BROKEN_LIST)
        }
    }

    fn finish_update(mut self) -> io::Result<Vec<u8>> {
        self.characters.put(&mut self.objects, self.font)?;
        let root = self.pdf.xref().root_id();
        let mut trailer =
            format!("/Root {} {} R /Prev {}", root.obj_number, root.gen_number, self.tail.table_at);
        if let Some(info) = self.tail.info {
            let _ = write!(trailer, " /Info {}", reference(info));
        }
        if let Some(first) = &self.tail.id {
            // The second part is another for every version (ISO 32000-2, 14.4).
            let second = Sha256::new().chain_update(first).chain_update(self.objects.bytes()).finalize();
            let _ = write!(trailer, " /ID [<{}> <{}>]", hex(first), hex(&second[..16]));
        }
        self.objects.finish(self.tail.table, &trailer)
    }

    fn dict(&self, (number, generation): Id) -> Option<Dict<'d>> {
        self.pdf.xref().get(ObjectIdentifier::new(number, generation.into()))
    }

    /// The page's content with the layer before it: below everything, and in a state that nothing has touched yet.
    fn contents(&self, page: &PdfPage<'d>, layer: Id) -> Vec<u8> {
        let layer = reference(layer);
        let own: Vec<u8> = match page.raw().get_raw::<Object<'_>>(b"Contents") {
            Some(MaybeRef::Ref(id)) => match self.pdf.xref().get::<Object<'_>>(id.into()) {
                Some(Object::Array(array)) => array.data().to_vec(),
                Some(_) => id.to_string().into_bytes(),
                None => Vec::new(),
            },
            Some(MaybeRef::NotRef(Object::Array(array))) => array.data().to_vec(),
            Some(MaybeRef::NotRef(_)) | None => Vec::new(),
        };
        [b"[", layer.as_bytes(), b" ", &own, b"]"].concat()
    }

    /// Makes the font known to the page, where its fonts are listed now: several pages may share the list. Gives the
    /// page's own resources if they are to be written anew in it.
    fn resources(&mut self, page: &PdfPage<'d>, page_id: Id) -> Result<Option<Vec<u8>>, Unaltered> {
        let (owner_id, owner) = self.owner_of_resources(page, page_id)?;
        let Some(raw) = owner.get_raw::<Dict<'_>>(b"Resources") else {
            let fonts = format!("<< /Font << {} >> >>", self.font_entry());
            return Ok(Some(fonts.into_bytes()));
        };
        let (resources_id, resources) = match raw {
            MaybeRef::Ref(reference) => {
                let resources_id = id(reference.into()).ok_or(LOST_PAGE)?;
                (Some(resources_id), self.dict(resources_id).unwrap_or_default())
            }
            MaybeRef::NotRef(resources) => (None, resources),
        };
        let fonts = match resources.get_raw::<Dict<'_>>(b"Font") {
            // The list of fonts is an object of its own: it alone changes.
            Some(MaybeRef::Ref(reference)) if self.pdf.xref().get::<Dict<'_>>(reference.into()).is_some() => {
                let fonts_id = id(reference.into()).ok_or(LOST_PAGE)?;
                if self.written.insert(fonts_id) {
                    let fonts = self.dict(fonts_id).unwrap_or_default();
                    let longer = self.with_font(&fonts);
                    self.objects.put(fonts_id, &longer);
                }
                return Ok(None);
            }
            Some(MaybeRef::NotRef(fonts)) => fonts,
            Some(MaybeRef::Ref(_)) | None => Dict::empty(),
        };
        let changes = Changes::from([("Font", self.with_font(&fonts))]);
        match resources_id {
            Some(resources_id) => {
                if self.written.insert(resources_id) {
                    self.rewrite(resources_id, &resources, &changes);
                }
                Ok(None)
            }
            None if owner_id == page_id => Ok(Some(changed(&resources, &changes))),
            None => {
                if self.written.insert(owner_id) {
                    let changes = Changes::from([("Resources", changed(&resources, &changes))]);
                    self.rewrite(owner_id, &owner, &changes);
                }
                Ok(None)
            }
        }
    }

    /// The page, or the node of the page tree above it that has its resources; the page if none has.
    fn owner_of_resources(&self, page: &PdfPage<'d>, page_id: Id) -> Result<(Id, Dict<'d>), Unaltered> {
        let (mut node_id, mut node) = (page_id, page.raw().clone());
        for _ in 0..MAX_DEPTH {
            if node.get::<Dict<'_>>(b"Resources").is_some() {
                return Ok((node_id, node));
            }
            let Some(parent) = node.get_ref(b"Parent").and_then(|parent| id(parent.into())) else { break };
            let Some(dict) = self.dict(parent) else { break };
            (node_id, node) = (parent, dict);
        }
        let resources = page.resources();
        // It has some after all, by a way that only the tree knows: then they must not be hidden by new ones.
        let has_some = [
            &resources.ext_g_states,
            &resources.fonts,
            &resources.properties,
            &resources.color_spaces,
            &resources.x_objects,
            &resources.patterns,
            &resources.shadings,
        ]
        .into_iter()
        .any(|dict| !dict.is_empty());
        if has_some { Err(LOST_PAGE) } else { Ok((page_id, Dict::empty())) }
    }

    fn font_entry(&self) -> String {
        format!("/{} {}", self.font_name, reference(self.font))
    }

    fn with_font(&self, fonts: &Dict<'_>) -> Vec<u8> {
        let mut longer = changed(fonts, &Changes::new());
        longer.truncate(longer.len() - 2);
        longer.extend(self.font_entry().as_bytes());
        longer.extend(b" >>");
        longer
    }

    fn rewrite(&mut self, id: Id, dict: &Dict<'_>, changes: &Changes) {
        self.objects.put(id, &changed(dict, changes));
    }
}

/// Whether these bytes are a PDF with the pages of `file`, in their order.
fn has_pages_of(file: &Pdf, bytes: Vec<u8>) -> bool {
    let pages = |pdf: &Pdf| pdf.pages().iter().map(|page| page.raw().obj_id()).collect::<Vec<_>>();
    Pdf::new(bytes).is_ok_and(|copy| pages(&copy) == pages(file))
}

/// Entries of a dictionary that are replaced or added, as they are written.
type Changes = HashMap<&'static str, Vec<u8>>;

/// The dictionary with these changes.
fn changed(dict: &Dict<'_>, changes: &Changes) -> Vec<u8> {
    let mut bytes = b"<< ".to_vec();
    for (key, value) in dict.entries() {
        if !changes.contains_key(key.as_str()) {
            write_name(&mut bytes, &key);
            bytes.push(b' ');
            write_value(&mut bytes, &value);
            bytes.push(b' ');
        }
    }
    let mut new: Vec<_> = changes.iter().collect();
    new.sort();
    for (key, value) in new {
        bytes.extend(format!("/{key} ").as_bytes());
        bytes.extend(value);
        bytes.push(b' ');
    }
    bytes.extend(b">>");
    bytes
}

fn write_name(bytes: &mut Vec<u8>, name: &Name<'_>) {
    bytes.push(b'/');
    for byte in name.as_ref() {
        if byte.is_ascii_alphanumeric() || b"-_.+*:".contains(byte) {
            bytes.push(*byte);
        } else {
            bytes.extend(format!("#{byte:02X}").as_bytes());
        }
    }
}

fn write_value(bytes: &mut Vec<u8>, value: &MaybeRef<Object<'_>>) {
    let object = match value {
        MaybeRef::Ref(id) => return bytes.extend(id.to_string().as_bytes()),
        MaybeRef::NotRef(object) => object,
    };
    match object {
        Object::Null(_) => bytes.extend(b"null"),
        Object::Boolean(value) => bytes.extend(value.to_string().as_bytes()),
        // Written without an exponent, which PDF does not know.
        Object::Number(number) => bytes.extend(number.as_f64().to_string().as_bytes()),
        Object::String(string) => bytes.extend(format!("<{}>", hex(string.as_bytes())).as_bytes()),
        Object::Name(name) => write_name(bytes, name),
        Object::Dict(dict) => bytes.extend(dict.data()),
        Object::Array(array) => {
            bytes.push(b'[');
            bytes.extend(array.data());
            bytes.push(b']');
        }
        // A stream is never a value.
        Object::Stream(_) => bytes.extend(b"null"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file without a list of its objects, which readers look for by themselves: the last of each number counts.
    fn file(kids: &str) -> String {
        let page = |number: u32| format!("{number} 0 obj << /Type /Page /MediaBox [0 0 9 9] >> endobj\n");
        let tree = format!("2 0 obj << /Type /Pages /Kids [{kids}] /Count 2 >> endobj\n");
        format!("%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n{tree}{}{}", page(3), page(4))
    }

    #[test]
    fn a_copy_is_no_copy_if_its_pages_are_others_or_it_does_not_open() {
        let original = Pdf::new(file("3 0 R 4 0 R").into_bytes()).unwrap();
        for (kids, is_the_same) in
            [("3 0 R 4 0 R", true), ("3 0 R", false), ("4 0 R 3 0 R", false), ("9 0 R", false)]
        {
            assert_eq!(has_pages_of(&original, file(kids).into_bytes()), is_the_same, "{kids}");
        }
    }
}
