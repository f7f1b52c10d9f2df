//! Typesets a template with no access to the file system, package registries, the network or a clock: only the given files
//! and the built-in fonts exist.

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

/// The report could not be typeset: an error of the program, not of the analysis. Contains nothing of the analysis.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be typeset: {0}")]
pub struct ReportError(String);

impl ReportError {
    pub(crate) fn new(message: &str) -> Self {
        Self(message.to_owned())
    }
}

/// Library and fonts, loaded once and shared by all threads.
struct TypstResources {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static RESOURCES: LazyLock<TypstResources> = LazyLock::new(|| {
    let fonts: Vec<Font> = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    TypstResources {
        library: LazyHash::new(Library::builder().build()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
    }
});

/// A file that a template can read, such as `data.json`.
#[derive(Debug, Clone)]
pub struct TemplateFile {
    /// The path by which the template reads it.
    pub path: &'static str,
    /// The content.
    pub content: Vec<u8>,
}

impl TemplateFile {
    /// A text file.
    #[must_use]
    pub fn from_text(path: &'static str, content: &str) -> Self {
        Self { path, content: content.as_bytes().to_vec() }
    }
}

/// Typesets `main`, which may read `files`. `today` is the current date for the template.
///
/// # Errors
/// [`ReportError`] if the template is invalid or reads another file. The message contains nothing of the files.
pub fn typeset(main: &str, files: Vec<TemplateFile>, today: Date) -> Result<PagedDocument, ReportError> {
    let main_id = file_id("main.typ")?;
    let files = files
        .into_iter()
        .map(|file| Ok((file_id(file.path)?, Bytes::new(file.content))))
        .collect::<Result<Vec<_>, ReportError>>()?;
    let world = ClosedWorld { main: Source::new(main_id, main.to_owned()), files, today };
    let document =
        typst::compile::<PagedDocument>(&world).output.map_err(|diagnostics| template_error(&diagnostics));
    // The typesetter caches layouts, which contain patient data.
    typst::comemo::evict(0);
    document
}

fn template_error(diagnostics: &[SourceDiagnostic]) -> ReportError {
    let messages: Vec<&str> = diagnostics.iter().map(|it| it.message.as_str()).collect();
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
        &RESOURCES.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &RESOURCES.book
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
        RESOURCES.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        Datetime::from_ymd(self.today.year(), self.today.month().into(), self.today.day())
    }
}

/// Whether a built-in font has the character. Characters for private use have no glyph.
pub(crate) fn has_glyph(character: char) -> bool {
    let is_private = matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    !is_private && RESOURCES.fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
}
