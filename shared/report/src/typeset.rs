//! Typesets a template in a closed world: the given files and the built-in fonts are all there is.
//! Reaches no file system, no package registry, no network and no clock.

use std::sync::LazyLock;

use time::Date;
use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;

use crate::ReportError;

/// What does not depend on the document: parsed once, then shared by all threads.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let fonts: Vec<Font> = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    Shared {
        library: LazyHash::new(Library::builder().build()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
    }
});

/// A file that a template can read, such as `data.json`.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path as the template names it.
    pub path: &'static str,
    /// What is in it.
    pub content: Vec<u8>,
}

impl File {
    /// Names some text.
    #[must_use]
    pub fn text(path: &'static str, content: &str) -> Self {
        Self { path, content: content.as_bytes().to_vec() }
    }
}

/// Typesets `main`, which may read `files`. `today` is what the template takes for the current day.
///
/// # Errors
/// [`ReportError`] if the template is wrong or reads a file that was not given. The message names the
/// template's fault and repeats nothing of the files.
pub fn typeset(main: &str, files: Vec<File>, today: Date) -> Result<PagedDocument, ReportError> {
    let main_id = file_id("main.typ")?;
    let files = files
        .into_iter()
        .map(|file| Ok((file_id(file.path)?, Bytes::new(file.content))))
        .collect::<Result<Vec<_>, ReportError>>()?;
    let world = ClosedWorld { main: Source::new(main_id, main.to_owned()), files, today };
    let document = typst::compile::<PagedDocument>(&world).output.map_err(|faults| refused(&faults));
    // The typesetter remembers what it laid out, for a next run that will not come; it holds patients' text.
    typst::comemo::evict(0);
    document
}

fn refused(faults: &[SourceDiagnostic]) -> ReportError {
    let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    ReportError(messages.join("; "))
}

fn file_id(path: &'static str) -> Result<FileId, ReportError> {
    let path = VirtualPath::new(path).map_err(|_| ReportError(format!("{path} is not a path")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

struct ClosedWorld {
    main: Source,
    files: Vec<(FileId, Bytes)>,
    today: Date,
}

impl World for ClosedWorld {
    fn library(&self) -> &LazyHash<Library> {
        &SHARED.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHARED.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        let text = String::from_utf8(self.file(id)?.to_vec()).map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let (_, content) =
            self.files.iter().find(|(known, _)| *known == id).ok_or(FileError::AccessDenied)?;
        Ok(content.clone())
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHARED.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        Datetime::from_ymd(self.today.year(), self.today.month().into(), self.today.day())
    }
}

/// Whether one of the built-in fonts has the character, and it is not for private use.
pub(crate) fn can_show(character: char) -> bool {
    let private = matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    !private && SHARED.fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
}
