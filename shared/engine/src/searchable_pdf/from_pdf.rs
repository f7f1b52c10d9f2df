//! Text layers for the pages of a PDF, as an incremental update (ISO 32000-2, 7.5.6): the file's bytes stay as they are, and
//! changed objects are written again after them.

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
    cid_font::CidMap,
    objects::{ObjectId, ObjectWriter, object_id, reference},
    signatures::is_signed,
    text_layer,
    trailer::Trailer,
};
use maneiro_page::{Page, TextSource};

use crate::{error::NotWritable, pdf::PdfFile};

const MAX_PAGE_TREE_DEPTH: usize = 64;
/// This many object numbers from the stated size must be free.
const MIN_FREE_NUMBERS: u32 = 64;

const PAGE_NOT_FOUND: NotWritable = NotWritable::Damaged { reason: "a page's own entries cannot be found" };
const WRITE_FAILED: NotWritable = NotWritable::Damaged { reason: "its text layer cannot be written" };
const BROKEN_XREF: NotWritable = NotWritable::Damaged {
    reason: "the list of its objects is broken, so that nothing can be added to it without altering the rest",
};

/// Writes text layers for the pages of a PDF.
pub(super) struct PdfUpdateWriter<'d> {
    file: &'d PdfFile,
    pdf: &'d Pdf,
    trailer: Trailer,
    objects: ObjectWriter,
    cids: CidMap,
    font: ObjectId,
    /// The font's resource name on every page. It contains the font's object number, so no other font has it.
    font_name: String,
    /// The objects that are already written again.
    rewritten: HashSet<ObjectId>,
}

impl<'d> PdfUpdateWriter<'d> {
    pub(super) fn new(file: &'d PdfFile) -> Result<PdfUpdateWriter<'d>, NotWritable> {
        let pdf = file.parsed();
        let bytes: &[u8] = pdf.data().as_ref();
        let trailer = Trailer::parse(bytes, pdf.xref().root_id()).ok_or(BROKEN_XREF)?;
        if trailer.is_encrypted {
            return Err(NotWritable::Protected);
        }
        if is_signed(pdf) {
            return Err(NotWritable::Signed);
        }
        // New object numbers must be free. A file that uses numbers above its stated size cannot be trusted.
        let is_used = |n| pdf.xref().get::<Object<'_>>(ObjectIdentifier::new(trailer.size + n, 0)).is_some();
        if (0..MIN_FREE_NUMBERS).any(is_used) {
            return Err(BROKEN_XREF);
        }
        let start_offset = (bytes.len() - trailer.base) as u64;
        let mut objects = ObjectWriter::new(b"\n".to_vec(), start_offset, trailer.size.max(1));
        let font = objects.reserve_id();
        let font_name = format!("Maneiro{}", font.0);
        let (cids, rewritten) = (CidMap::default(), HashSet::new());
        Ok(PdfUpdateWriter { file, pdf, trailer, objects, cids, font, font_name, rewritten })
    }

    /// Adds a text layer with the page's recognised words.
    pub(super) fn add(&mut self, page: &Page) -> Result<(), NotWritable> {
        let Some(pdf_page) = self.pdf.pages().get((page.number as usize).wrapping_sub(1)) else {
            return Ok(());
        };
        let to_user_space = pdf_page.initial_transform(true).to_kurbo().inverse();
        // Words of an invisible layer have a confidence below 100 too. Only another inspection of the page tells them from
        // recognised ones.
        let existing = match page.text_source {
            TextSource::Mixed { .. } => self.file.text_layer_words(page.number),
            TextSource::TextLayer
            | TextSource::Ocr { .. }
            | TextSource::Blank
            | TextSource::Duplicate { .. }
            | TextSource::Unreadable { .. } => Vec::new(),
        };
        let Some(content) =
            text_layer::content_stream(page, &existing, to_user_space, &self.font_name, &mut self.cids)
        else {
            return Ok(());
        };
        let id = pdf_page.raw().obj_id().and_then(object_id).ok_or(PAGE_NOT_FOUND)?;
        let is_found = self.dict(id).is_some_and(|dict| dict.data() == pdf_page.raw().data());
        if !is_found {
            return Err(PAGE_NOT_FOUND);
        }
        // A page may be in the page tree twice; it shows the same.
        if !self.rewritten.insert(id) {
            return Ok(());
        }
        let text_layer = self.objects.reserve_id();
        self.objects.write_deflated_stream(text_layer, "", &content).map_err(|_| WRITE_FAILED)?;
        let mut changes = DictChanges::from([("Contents", self.contents_entry(pdf_page, text_layer))]);
        if let Some(resources) = self.add_font_to_resources(pdf_page, id)? {
            changes.insert("Resources", resources);
        }
        self.rewrite(id, pdf_page.raw(), &changes);
        Ok(())
    }

    /// The update; an error if no page has a text layer.
    pub(super) fn finish(self) -> Result<Vec<u8>, NotWritable> {
        if self.rewritten.is_empty() {
            return Err(NotWritable::NothingRecognised);
        }
        let file = self.pdf;
        let update = self.finish_update().map_err(|_| WRITE_FAILED)?;
        // Where the cross-reference section is partly wrong, readers search for the objects themselves, and may find other
        // ones in the updated file.
        if has_same_pages(file, [file.data().as_ref(), &update].concat()) {
            Ok(update)
        } else {
            Err(BROKEN_XREF)
        }
    }

    fn finish_update(mut self) -> io::Result<Vec<u8>> {
        self.cids.write_font(&mut self.objects, self.font)?;
        let root = self.pdf.xref().root_id();
        let mut trailer =
            format!("/Root {} {} R /Prev {}", root.obj_number, root.gen_number, self.trailer.xref_offset);
        if let Some(info) = self.trailer.info {
            let _ = write!(trailer, " /Info {}", reference(info));
        }
        if let Some(permanent) = &self.trailer.permanent_id {
            // The second part differs in every version (ISO 32000-2, 14.4).
            let changing =
                Sha256::new().chain_update(permanent).chain_update(self.objects.bytes()).finalize();
            let (permanent, changing) = (hex::encode(permanent), hex::encode(&changing[..16]));
            let _ = write!(trailer, " /ID [<{permanent}> <{changing}>]");
        }
        self.objects.finish(self.trailer.xref_format, &trailer)
    }

    fn dict(&self, (number, generation): ObjectId) -> Option<Dict<'d>> {
        self.pdf.xref().get(ObjectIdentifier::new(number, generation.into()))
    }

    /// The page's content streams with the text layer before them: below everything, and in the initial graphics state.
    fn contents_entry(&self, page: &PdfPage<'d>, text_layer: ObjectId) -> Vec<u8> {
        let text_layer = reference(text_layer);
        let existing: Vec<u8> = match page.raw().get_raw::<Object<'_>>(b"Contents") {
            Some(MaybeRef::Ref(id)) => match self.pdf.xref().get::<Object<'_>>(id.into()) {
                Some(Object::Array(array)) => array.data().to_vec(),
                Some(_) => id.to_string().into_bytes(),
                None => Vec::new(),
            },
            Some(MaybeRef::NotRef(Object::Array(array))) => array.data().to_vec(),
            Some(MaybeRef::NotRef(_)) | None => Vec::new(),
        };
        [b"[", text_layer.as_bytes(), b" ", &existing, b"]"].concat()
    }

    /// Adds the font to the page's resources, wherever they are: several pages may share them. Returns the page's own
    /// resources if they are to be written in its dictionary.
    fn add_font_to_resources(
        &mut self,
        page: &PdfPage<'d>,
        page_id: ObjectId,
    ) -> Result<Option<Vec<u8>>, NotWritable> {
        let (owner_id, owner) = self.resources_owner(page, page_id)?;
        let Some(raw) = owner.get_raw::<Dict<'_>>(b"Resources") else {
            let fonts = format!("<< /Font << {} >> >>", self.font_entry());
            return Ok(Some(fonts.into_bytes()));
        };
        let (resources_id, resources) = match raw {
            MaybeRef::Ref(reference) => {
                let resources_id = object_id(reference.into()).ok_or(PAGE_NOT_FOUND)?;
                (Some(resources_id), self.dict(resources_id).unwrap_or_default())
            }
            MaybeRef::NotRef(resources) => (None, resources),
        };
        let fonts = match resources.get_raw::<Dict<'_>>(b"Font") {
            // The font dictionary is a separate object, and the only one to change.
            Some(MaybeRef::Ref(reference)) if self.pdf.xref().get::<Dict<'_>>(reference.into()).is_some() => {
                let fonts_id = object_id(reference.into()).ok_or(PAGE_NOT_FOUND)?;
                if self.rewritten.insert(fonts_id) {
                    let fonts = self.dict(fonts_id).unwrap_or_default();
                    let fonts = self.with_font(&fonts);
                    self.objects.write_object(fonts_id, &fonts);
                }
                return Ok(None);
            }
            Some(MaybeRef::NotRef(fonts)) => fonts,
            Some(MaybeRef::Ref(_)) | None => Dict::empty(),
        };
        let changes = DictChanges::from([("Font", self.with_font(&fonts))]);
        match resources_id {
            Some(resources_id) => {
                if self.rewritten.insert(resources_id) {
                    self.rewrite(resources_id, &resources, &changes);
                }
                Ok(None)
            }
            None if owner_id == page_id => Ok(Some(apply_changes(&resources, &changes))),
            None => {
                if self.rewritten.insert(owner_id) {
                    let changes = DictChanges::from([("Resources", apply_changes(&resources, &changes))]);
                    self.rewrite(owner_id, &owner, &changes);
                }
                Ok(None)
            }
        }
    }

    /// The page, or the page tree node above it, that has the page's resources; the page if none has.
    fn resources_owner(
        &self,
        page: &PdfPage<'d>,
        page_id: ObjectId,
    ) -> Result<(ObjectId, Dict<'d>), NotWritable> {
        let (mut node_id, mut node) = (page_id, page.raw().clone());
        for _ in 0..MAX_PAGE_TREE_DEPTH {
            if node.get::<Dict<'_>>(b"Resources").is_some() {
                return Ok((node_id, node));
            }
            let Some(parent) = node.get_ref(b"Parent").and_then(|parent| object_id(parent.into())) else {
                break;
            };
            let Some(dict) = self.dict(parent) else { break };
            (node_id, node) = (parent, dict);
        }
        let resources = page.resources();
        // The parser found inherited resources that this walk did not. New ones must not hide them.
        let has_inherited = [
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
        if has_inherited { Err(PAGE_NOT_FOUND) } else { Ok((page_id, Dict::empty())) }
    }

    fn font_entry(&self) -> String {
        format!("/{} {}", self.font_name, reference(self.font))
    }

    fn with_font(&self, fonts: &Dict<'_>) -> Vec<u8> {
        let mut bytes = apply_changes(fonts, &DictChanges::new());
        bytes.truncate(bytes.len() - 2);
        bytes.extend(self.font_entry().as_bytes());
        bytes.extend(b" >>");
        bytes
    }

    fn rewrite(&mut self, id: ObjectId, dict: &Dict<'_>, changes: &DictChanges) {
        self.objects.write_object(id, &apply_changes(dict, changes));
    }
}

/// Whether these bytes are a PDF with the pages of `file`, in their order.
fn has_same_pages(file: &Pdf, bytes: Vec<u8>) -> bool {
    let pages = |pdf: &Pdf| pdf.pages().iter().map(|page| page.raw().obj_id()).collect::<Vec<_>>();
    Pdf::new(bytes).is_ok_and(|updated| pages(&updated) == pages(file))
}

/// Serialised entries that replace those of a dictionary or are added to it.
type DictChanges = HashMap<&'static str, Vec<u8>>;

/// The serialised dictionary with these changes.
fn apply_changes(dict: &Dict<'_>, changes: &DictChanges) -> Vec<u8> {
    let mut bytes = b"<< ".to_vec();
    for (key, value) in dict.entries() {
        if !changes.contains_key(key.as_str()) {
            write_name(&mut bytes, &key);
            bytes.push(b' ');
            write_value(&mut bytes, &value);
            bytes.push(b' ');
        }
    }
    let mut changed: Vec<_> = changes.iter().collect();
    changed.sort();
    for (key, value) in changed {
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
        // Rust writes no exponent, which PDF does not allow.
        Object::Number(number) => bytes.extend(number.as_f64().to_string().as_bytes()),
        Object::String(string) => bytes.extend(format!("<{}>", hex::encode(string.as_bytes())).as_bytes()),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A file without a cross-reference section. Readers search for the objects; the last with each number counts.
    fn file(kids: &str) -> String {
        let page = |number: u32| format!("{number} 0 obj << /Type /Page /MediaBox [0 0 9 9] >> endobj\n");
        let tree = format!("2 0 obj << /Type /Pages /Kids [{kids}] /Count 2 >> endobj\n");
        format!("%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n{tree}{}{}", page(3), page(4))
    }

    #[test]
    fn update_with_other_pages_or_that_does_not_open_is_rejected() {
        let original = Pdf::new(file("3 0 R 4 0 R").into_bytes()).unwrap();
        for (kids, is_the_same) in
            [("3 0 R 4 0 R", true), ("3 0 R", false), ("4 0 R 3 0 R", false), ("9 0 R", false)]
        {
            assert_eq!(has_same_pages(&original, file(kids).into_bytes()), is_the_same, "{kids}");
        }
    }
}
