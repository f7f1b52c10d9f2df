//! `read`: a file's pages as text or JSON. Nothing leaves this machine.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use maneiro_core::{
    Error,
    files::{FileProblem, SourceFile},
    reading::{self, Options, Progress, ReadFile},
    store::{PageCounts, Store, StoreError},
};
use maneiro_page::{Language, ModelUnused, Page, TextSource, UnreadReason};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    args,
    context::{Context, this_binary},
    failure::Failure,
    passwords,
    ui::{self, Ui},
};

/// Reads a file and prints its pages.
pub(crate) async fn run(context: &Context<'_>, args: args::Read) -> Result<(), Failure> {
    let source = examine(&args.file).await?;
    let store = context.store().await?;
    let mut options = args.reading.options(this_binary()?);
    options.pages = args.pages;
    let password = given_password(&args.password)?;
    let read = file(context.ui, &store, &options, &source, password).await?;
    match print(context.ui, &store, &read).await {
        // A reader that has had enough, such as `head`, is no error.
        Err(Printing::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(Printing::Output(error)) => return Err(Failure::output(error)),
        Err(Printing::Core(error)) => return Err(error.into()),
        Ok(()) => {}
    }
    Ok(())
}

/// The password that standard input holds, if that was said.
pub(crate) fn given_password(password: &args::Password) -> Result<Option<SecretString>, Failure> {
    password.password_stdin.then(passwords::first_line).transpose()
}

/// Looks at a file without blocking the runtime.
pub(crate) async fn examine(path: &Path) -> Result<SourceFile, Failure> {
    let path: PathBuf = path.to_path_buf();
    let examined = tokio::task::spawn_blocking(move || SourceFile::examine(&path)).await;
    let examined = examined.map_err(|_| Failure::fault("internal", "looking at the file failed"))?;
    Ok(examined.map_err(Error::from)?)
}

/// Reads one file into the store with a progress bar, and asks for its password once if it has one.
pub(crate) async fn file(
    ui: &Ui,
    store: &Store,
    options: &Options,
    source: &SourceFile,
    password: Option<SecretString>,
) -> Result<ReadFile, Failure> {
    match with_bar(ui, store, options, source, password.as_ref()).await {
        Err(Error::File(error)) if matches!(error.problem, FileProblem::PasswordNeeded) => {
            let Some(password) = passwords::of_file(&source.name())? else {
                return Err(Error::File(error).into());
            };
            Ok(with_bar(ui, store, options, source, Some(&password)).await?)
        }
        outcome => Ok(outcome?),
    }
}

async fn with_bar(
    ui: &Ui,
    store: &Store,
    options: &Options,
    source: &SourceFile,
    password: Option<&SecretString>,
) -> Result<ReadFile, Error> {
    let bar = ui.pages("reading");
    let told = |progress: Progress| {
        ui.begins(&bar);
        if bar.length() != Some(progress.pages_total.into()) {
            bar.set_length(progress.pages_total.into());
            ui::counts_from(&bar, progress.pages_before.into());
        }
        bar.set_position(progress.pages_done.into());
    };
    let outcome = reading::read(store, options, source, password, &told).await;
    let seconds = bar.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let read = outcome?;
    ui.done("read", &told_in_words(&read, seconds));
    for (page, reason) in &read.unreadable {
        ui.note(&format!("page {page} could not be read: {reason}"));
    }
    for note in in_other_languages(&read) {
        ui.note(&note);
    }
    Ok(read)
}

fn told_in_words(read: &ReadFile, seconds: f64) -> String {
    let PageCounts { text_layer, ocr, mixed, blank, repeat, unreadable } = read.counts;
    let ways = [
        (text_layer, "from text"),
        (ocr, "recognised"),
        (mixed, "from text with pictures recognised"),
        (blank, "blank"),
        (repeat, "repeated"),
        (unreadable, "unreadable"),
    ];
    let ways: Vec<String> =
        ways.iter().filter(|(count, _)| *count > 0).map(|(count, way)| format!("{count} {way}")).collect();
    let pages = text_layer + ocr + mixed + blank + repeat + unreadable;
    let noun = if pages == 1 { "page" } else { "pages" };
    let pace = match read.pages_read_now {
        0 => "all read before".to_owned(),
        now if now < pages => format!("{now} now, {:.1} pages/s", f64::from(now) / seconds),
        now => format!("{:.1} pages/s", f64::from(now) / seconds),
    };
    format!("{pages} {noun} ({}), {pace}", ways.join(", "))
}

/// A sentence for each language that pages seem to be in without having been recognised in it.
fn in_other_languages(read: &ReadFile) -> Vec<String> {
    let mut languages: Vec<(&Language, Vec<u32>)> = Vec::new();
    for (page, language) in &read.foreign {
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
                ranges(&pages),
                language.name,
                language.model,
                read.languages
            )
        })
        .collect()
}

/// Page numbers in order, those in a row as a range: `3–5, 8`.
fn ranges(pages: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &page in pages {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == page => *last = page,
            _ => ranges.push((page, page)),
        }
    }
    let named = |&(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    };
    ranges.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// What is known of a file, for programs.
pub(crate) fn as_json(read: &ReadFile) -> Value {
    let unreadable: Vec<Value> =
        read.unreadable.iter().map(|(page, reason)| json!({ "page": page, "reason": reason })).collect();
    json!({
        "name": read.source.name(),
        "sha256": read.source.sha256,
        "media_type": read.media_type,
        "bytes": read.source.bytes,
        "languages": read.languages.models(),
        "pages": read.pages,
        "pages_read_now": read.pages_read_now,
        "counts": read.counts,
        "unreadable": unreadable,
    })
}

enum Printing {
    Output(io::Error),
    Core(Error),
}

impl From<io::Error> for Printing {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Prints page by page, so that memory does not grow with their number.
async fn print(ui: &Ui, store: &Store, read: &ReadFile) -> Result<(), Printing> {
    let mut output = io::BufWriter::new(io::stdout());
    if ui.is_json() {
        write!(output, "{{\n\"file\": {},\n\"pages\": [", as_json(read))?;
    }
    for number in read.range.clone() {
        let page = store.page(read.id, number).await.map_err(|error| Printing::Core(error.into()))?;
        let page = page.ok_or(Printing::Core(StoreError::Damaged.into()))?;
        if ui.is_json() {
            let comma = if number == *read.range.start() { "" } else { "," };
            write!(output, "{comma}\n{}", json!(page))?;
        } else {
            writeln!(output, "{}\n{}\n", heading(&page, read.pages), page.text())?;
        }
    }
    if ui.is_json() {
        writeln!(output, "\n]\n}}")?;
    }
    output.flush()?;
    Ok(())
}

fn heading(page: &Page, pages: u32) -> String {
    let how = match &page.text_source {
        TextSource::TextLayer => "from text".to_owned(),
        TextSource::Ocr { confidence } => format!("recognised, confidence {confidence}"),
        TextSource::Mixed { confidence } => {
            format!("from text, pictures recognised, confidence {confidence}")
        }
        TextSource::Blank => "blank".to_owned(),
        TextSource::Duplicate { duplicate_of } => format!("repeats page {duplicate_of}"),
        TextSource::Unreadable { reason } => format!("unreadable: {reason}"),
    };
    let unread = match page.unread_reasons().as_slice() {
        [] => String::new(),
        reasons => format!(" · {}", UnreadReason::describe(reasons)),
    };
    format!("── page {} of {pages} · {how}{unread} ──", page.number)
}

#[cfg(test)]
mod tests {
    use maneiro_page::{BBox, UnreadRegion};

    use super::*;

    #[test]
    fn pages_in_a_row_are_named_as_a_range() {
        assert_eq!(ranges(&[3]), "3");
        assert_eq!(ranges(&[1, 3, 4, 5, 8, 9]), "1, 3–5, 8–9");
    }

    #[test]
    fn the_heading_of_a_page_tells_what_was_not_read_of_it() {
        let page = Page::new(3, 612.0, 792.0, TextSource::TextLayer, Vec::new());
        assert_eq!(heading(&page, 9), "── page 3 of 9 · from text ──");
        let bbox = BBox { x0: 0.0, y0: 0.0, x1: 9.0, y1: 9.0 };
        let page = Page { unread: vec![UnreadRegion { bbox, reason: UnreadReason::Handwriting }], ..page };
        assert_eq!(heading(&page, 9), "── page 3 of 9 · from text · not read: handwriting ──");
    }
}
