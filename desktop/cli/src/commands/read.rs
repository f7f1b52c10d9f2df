//! `read`: prints the pages of a file as text or JSON. Nothing is uploaded.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use maneiro_core::{
    Error,
    files::{FileProblem, SourceFile},
    reading::{ReadFile, ReadOptions, ReadProgress, read_file},
    store::{PageCounts, Store, StoreError},
};
use maneiro_page::{Language, ModelUnused, Page, TextSource, UnreadReason};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    args,
    context::{Context, current_binary},
    failure::Failure,
    passwords,
    ui::{self, Ui},
};

pub(crate) async fn run(context: &Context<'_>, args: args::ReadArgs) -> Result<(), Failure> {
    let source = open_source(&args.file).await?;
    let store = context.store().await?;
    let mut options = args.reading.options(current_binary()?);
    options.pages = args.pages;
    let password = password_from_stdin(&args.password)?;
    let read = read_with_progress(context.ui, &store, &options, &source, password).await?;
    match print_pages(context.ui, &store, &read).await {
        // A closed pipe, as of `head`, is not an error.
        Err(PrintError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(PrintError::Output(error)) => return Err(Failure::output(error)),
        Err(PrintError::Core(error)) => return Err(error.into()),
        Ok(()) => {}
    }
    Ok(())
}

/// The password of a file, if it is to be read from standard input.
pub(super) fn password_from_stdin(args: &args::FilePasswordArgs) -> Result<Option<SecretString>, Failure> {
    args.password_stdin.then(passwords::read_first_line).transpose()
}

/// Checks a file without blocking the runtime.
pub(super) async fn open_source(path: &Path) -> Result<SourceFile, Failure> {
    let path: PathBuf = path.to_path_buf();
    let source = tokio::task::spawn_blocking(move || SourceFile::from_path(&path)).await;
    let source = source.map_err(|_| Failure::internal("internal", "the file could not be checked"))?;
    Ok(source.map_err(Error::from)?)
}

/// Reads one file into the store with a progress bar. Asks once for its password if it needs one.
pub(super) async fn read_with_progress(
    ui: &Ui,
    store: &Store,
    options: &ReadOptions,
    source: &SourceFile,
    password: Option<SecretString>,
) -> Result<ReadFile, Failure> {
    match show_reading(ui, store, options, source, password.as_ref()).await {
        Err(Error::File(error)) if matches!(error.problem, FileProblem::PasswordRequired) => {
            let Some(password) = passwords::file_password(&source.name())? else {
                return Err(Error::File(error).into());
            };
            Ok(show_reading(ui, store, options, source, Some(&password)).await?)
        }
        outcome => Ok(outcome?),
    }
}

async fn show_reading(
    ui: &Ui,
    store: &Store,
    options: &ReadOptions,
    source: &SourceFile,
    password: Option<&SecretString>,
) -> Result<ReadFile, Error> {
    let bar = ui.page_bar("reading");
    let show_progress = |progress: ReadProgress| {
        ui.show_pending_note(&bar);
        if bar.length() != Some(progress.pages_total.into()) {
            bar.set_length(progress.pages_total.into());
            ui::set_start(&bar, progress.pages_before.into());
        }
        bar.set_position(progress.pages_done.into());
    };
    let outcome = read_file(store, options, source, password, &show_progress).await;
    let seconds = bar.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let read = outcome?;
    ui.show_step("read", &describe_reading(&read, seconds));
    for (page, reason) in &read.unreadable {
        ui.note(&format!("page {page} could not be read: {reason}"));
    }
    for note in missing_model_notes(&read) {
        ui.note(&note);
    }
    Ok(read)
}

fn describe_reading(read: &ReadFile, seconds: f64) -> String {
    let PageCounts { text_layer, ocr, mixed, blank, duplicate, unreadable } = read.counts;
    let sources = [
        (text_layer, "text layer"),
        (ocr, "OCR"),
        (mixed, "text layer with OCR of images"),
        (blank, "blank"),
        (duplicate, "duplicate"),
        (unreadable, "unreadable"),
    ];
    let present = sources.iter().filter(|(count, _)| *count > 0);
    let sources: Vec<String> = present.map(|(count, source)| format!("{count} {source}")).collect();
    let pages = text_layer + ocr + mixed + blank + duplicate + unreadable;
    let noun = if pages == 1 { "page" } else { "pages" };
    let pace = match read.pages_newly_read {
        0 => "all read before".to_owned(),
        new if new < pages => format!("{new} newly read, {:.1} pages/s", f64::from(new) / seconds),
        new => format!("{:.1} pages/s", f64::from(new) / seconds),
    };
    format!("{pages} {noun} ({}), {pace}", sources.join(", "))
}

/// A note for each language whose model was missing when pages that seem to be in it were recognised.
fn missing_model_notes(read: &ReadFile) -> Vec<String> {
    let mut languages: Vec<(&Language, Vec<u32>)> = Vec::new();
    for (page, language) in &read.missing_models {
        match languages.iter_mut().find(|(known, _)| *known == language) {
            Some((_, pages)) => pages.push(*page),
            None => languages.push((language, vec![*page])),
        }
    }
    languages
        .into_iter()
        .map(|(language, pages)| {
            let install = match &language.model_unused {
                Some(ModelUnused::NotInstalled { package }) => format!("install {package} and "),
                Some(ModelUnused::NotEnabled) | None => String::new(),
            };
            let (noun, verb) = if pages.len() == 1 { ("page", "seems") } else { ("pages", "seem") };
            format!(
                "{noun} {} {verb} to be in {}; {install}read with --language {}+{}",
                format_page_ranges(&pages),
                language.name,
                language.model,
                read.languages
            )
        })
        .collect()
}

/// Page numbers in order, with consecutive ones as a range: `3–5, 8`.
fn format_page_ranges(pages: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &page in pages {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == page => *last = page,
            _ => ranges.push((page, page)),
        }
    }
    let format = |&(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    };
    ranges.iter().map(format).collect::<Vec<_>>().join(", ")
}

/// The properties of a file that was read, for programs.
pub(super) fn file_json(read: &ReadFile) -> Value {
    let unreadable: Vec<Value> =
        read.unreadable.iter().map(|(page, reason)| json!({ "page": page, "reason": reason })).collect();
    json!({
        "name": read.source.name(),
        "sha256": read.source.sha256,
        "media_type": read.media_type,
        "bytes": read.source.bytes,
        "languages": read.languages.models(),
        "pages": read.pages,
        "pages_newly_read": read.pages_newly_read,
        "counts": read.counts,
        "unreadable": unreadable,
    })
}

enum PrintError {
    Output(io::Error),
    Core(Error),
}

impl From<io::Error> for PrintError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Prints page by page, so that memory does not grow with their number.
async fn print_pages(ui: &Ui, store: &Store, read: &ReadFile) -> Result<(), PrintError> {
    let mut output = io::BufWriter::new(io::stdout());
    if ui.is_json() {
        write!(output, "{{\n\"file\": {},\n\"pages\": [", file_json(read))?;
    }
    for number in read.range.clone() {
        let page = store.page(read.id, number).await.map_err(|error| PrintError::Core(error.into()))?;
        let page = page.ok_or(PrintError::Core(StoreError::Damaged.into()))?;
        if ui.is_json() {
            let comma = if number == *read.range.start() { "" } else { "," };
            write!(output, "{comma}\n{}", json!(page))?;
        } else {
            writeln!(output, "{}\n{}\n", format_heading(&page, read.pages), page.text())?;
        }
    }
    if ui.is_json() {
        writeln!(output, "\n]\n}}")?;
    }
    output.flush()?;
    Ok(())
}

fn format_heading(page: &Page, pages: u32) -> String {
    let source = match &page.text_source {
        TextSource::TextLayer => "text layer".to_owned(),
        TextSource::Ocr { confidence } => format!("OCR, confidence {confidence} %"),
        TextSource::Mixed { confidence } => {
            format!("text layer with OCR of images, confidence {confidence} %")
        }
        TextSource::Blank => "blank".to_owned(),
        TextSource::Duplicate { duplicate_of } => format!("duplicate of page {duplicate_of}"),
        TextSource::Unreadable { reason } => format!("unreadable: {reason}"),
    };
    let unread = match page.unread_reasons().as_slice() {
        [] => String::new(),
        reasons => format!(" · {}", UnreadReason::describe(reasons)),
    };
    format!("── page {} of {pages} · {source}{unread} ──", page.number)
}

#[cfg(test)]
mod tests {
    use maneiro_page::{BBox, UnreadRegion};

    use super::*;

    #[test]
    fn consecutive_pages_are_shown_as_a_range() {
        assert_eq!(format_page_ranges(&[3]), "3");
        assert_eq!(format_page_ranges(&[1, 3, 4, 5, 8, 9]), "1, 3–5, 8–9");
    }

    #[test]
    fn the_heading_of_a_page_names_what_was_not_read() {
        let page = Page::new(3, 612.0, 792.0, TextSource::TextLayer, Vec::new());
        assert_eq!(format_heading(&page, 9), "── page 3 of 9 · text layer ──");
        let bbox = BBox { x0: 0.0, y0: 0.0, x1: 9.0, y1: 9.0 };
        let page = Page { unread: vec![UnreadRegion { bbox, reason: UnreadReason::Handwriting }], ..page };
        assert_eq!(format_heading(&page, 9), "── page 3 of 9 · text layer · not read: handwriting ──");
    }
}
