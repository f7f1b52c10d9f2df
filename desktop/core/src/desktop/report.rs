//! The report: typeset on this computer, also without network, shown page by page, saved and printed. Its bytes stay in
//! memory until the user saves them.

use std::{path::Path, sync::Arc};

use maneiro_api::{
    RecordId,
    analysis::Analysis,
    report::{PaperSize, ReportFormat, is_printable_recipient},
    signature::{DraftReport, ReportFile, SignedContent, SignedReport},
};
use maneiro_report::PageLink;

use super::{
    pages::place_files,
    renderer::Renderer,
    review::document_places,
    signing::{reviewed_analysis, signed_versions},
    state::{Desktop, Drawing, OpenSession, Preview, ReportSource, blocking, lock},
    statements::DocumentPlaces,
};
use crate::{
    contract::{
        common::{CommandError, CommandErrorCode, Timestamp},
        report::{
            BeforeSigning, FormPages, PrintedBlock, ReportForm, ReportLanguage, ReportLink,
            ReportOptionChanges, ReportOptions, ReportPage, ReportPreview, SavedReportFormat,
        },
        review::{ReviewState, ReviewStatement, StatementSection},
        session::{PreferredReportLanguage, WindowLanguage},
    },
    files::{SourceFile, sha256_hex, write_atomically},
};

/// Previews whose pages are still shown: those of both forms, and the one before.
const MAX_PREVIEWS: usize = 3;

/// Typeset reports that are kept: both forms of what is shown and of what was shown before.
const MAX_DRAWINGS: usize = 4;

/// The plan whose reports have no letterhead.
const PLAIN_PLAN: &str = "free";

/// A report as a file, before the user says where it shall lie.
pub struct SavedReport {
    /// A name for the dialog.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl SavedReport {
    /// Writes it where the user chose. Answers the file's name.
    ///
    /// # Errors
    /// `DiskFull` if it cannot be written.
    pub async fn write(self, path: &Path) -> Result<String, CommandError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = path.to_path_buf();
        blocking(move || write_atomically(&path, &self.bytes))
            .await
            .map_err(|_| CommandErrorCode::DiskFull)?;
        Ok(name)
    }
}

impl Desktop {
    /// Draws the report, or a version of it that was signed. Options that are absent stay as they were for this record.
    ///
    /// # Errors
    /// `NoAnalysis`; `NotFound`; `InvalidInput` if the recipient does not print; those of the store.
    pub async fn preview_report(
        &self,
        record: RecordId,
        changes: ReportOptionChanges,
        version: Option<u32>,
    ) -> Result<ReportPreview, CommandError> {
        let session = self.session()?;
        let row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let analyses = session.store.analyses(record).await?;
        let shown = analyses.iter().find(|analysis| analysis.is_shown).ok_or(CommandErrorCode::NoAnalysis)?;
        let files = place_files(&session, record).await?;
        let statements = self.review_statements(&session, record, &files).await?.unwrap_or_default();
        let places = document_places(&files);
        let signed = self.signatures(&session, &row).await?;
        let own = self.own_signature(&session).await?;
        let sign = self.signing_right(&session, &own).await;
        let source = match version {
            Some(version) => self.signed_source(&session, &row, version).await?,
            None => {
                let options = self.choose_options(&session, record, changes)?;
                // As the cloud prints it: without a paid plan or a trial a report is plain.
                let letterhead = if options.letterhead && session.member().usage.plan != PLAIN_PLAN {
                    Some(self.letterhead(&session).await?)
                } else {
                    None
                };
                ReportSource {
                    options,
                    date: self.now().0.date(),
                    letterhead,
                    title: row.title,
                    analysis: reviewed_analysis(&session, record, &shown.analysis, &files).await?,
                    block: own.block.filter(|_| sign.allowed),
                    signature: None,
                }
            }
        };
        let (drawing, form_pages) = draw_both_forms(&session, &source).await?;
        let (width, height) = paper_size_pt(source.options.paper);
        let page = |links: &Vec<PageLink>| ReportPage {
            width,
            height,
            links: links.iter().filter_map(|link| record_link(link, &source.analysis, &places)).collect(),
        };
        let pages = drawing.links.iter().map(page).collect();
        let preview = format!("rep_{}", self.new_uuid().simple());
        let signed_at = source.signature.as_ref().map(|signature| Timestamp(signature.signed_at));
        let options = source.options.clone();
        let block = source.block.clone();
        let renderer = Renderer::new(self.shared.config.worker.clone(), drawing.pdf.clone(), None);
        let drawn = Preview { record, source, pdf: drawing.pdf.clone(), renderer };
        keep_preview(&session, preview.clone(), drawn);
        Ok(ReportPreview {
            preview,
            version,
            options,
            drawn_at: signed_at.unwrap_or_else(|| self.now()),
            pages,
            form_pages,
            before_signing: before_signing(&statements),
            block: block.map(|block| PrintedBlock {
                has_picture: block.picture.is_some(),
                name: block.name,
                line: block.line,
                licence: block.licence,
            }),
            clinic: session.member().clinic,
            signed: signed_versions(&signed),
            sign,
        })
    }

    /// The options of the last draft of this record, else those of this person, with what is chosen now.
    fn choose_options(
        &self,
        session: &OpenSession,
        record: RecordId,
        changes: ReportOptionChanges,
    ) -> Result<ReportOptions, CommandError> {
        let mut chosen = lock(&session.report_options);
        let before = chosen.get(&record).cloned().unwrap_or_else(|| {
            let preferences = self.preferences();
            let language = match (preferences.report_language, preferences.language) {
                (PreferredReportLanguage::En, _) | (PreferredReportLanguage::App, WindowLanguage::En) => {
                    ReportLanguage::En
                }
                (PreferredReportLanguage::Es, _) | (PreferredReportLanguage::App, WindowLanguage::Es) => {
                    ReportLanguage::Es
                }
            };
            ReportOptions { language, ..ReportOptions::default() }
        });
        let options = changes.apply(before);
        if !is_printable_recipient(&options.recipient) {
            return Err(CommandErrorCode::InvalidInput.into());
        }
        chosen.insert(record, options.clone());
        Ok(options)
    }

    /// The drawn report as a file of a format.
    ///
    /// # Errors
    /// `NotFound` if it is drawn no more; `PermissionDenied`; `Offline`: what leaves the clinic is audited.
    pub async fn saved_report(
        &self,
        preview: &str,
        format: SavedReportFormat,
    ) -> Result<SavedReport, CommandError> {
        let session = self.session()?;
        let preview = session.preview(preview)?;
        // A report leaves the clinic: the cloud decides whether this member may hand it out, and writes it down.
        let ReportSource { analysis, options, signature, .. } = &preview.source;
        let (client, markdown) = (&session.client, ReportFormat::Markdown);
        match signature {
            Some(signed) => client.signed_report_file(signed.analysis, signed.version, markdown).await?,
            None => client.report_with_options(analysis.id, markdown, options).await?,
        };
        let (extension, bytes) = match format {
            SavedReportFormat::Pdf => ("pdf", preview.pdf.content.as_deref().unwrap_or_default().to_vec()),
            SavedReportFormat::Markdown => {
                ("md", maneiro_report::markdown(&preview.source.report()).into_bytes())
            }
            SavedReportFormat::Json => {
                let json = serde_json::to_vec_pretty(&report_file(&preview.source));
                ("json", json.expect("wire types have string keys only"))
            }
        };
        let title = &preview.source.title;
        Ok(SavedReport { name: format!("{}.{extension}", file_name(title)), bytes })
    }

    /// The text of the report or of one section, for the clipboard.
    ///
    /// # Errors
    /// `NotFound` if it is drawn no more.
    pub async fn report_text(
        &self,
        preview: &str,
        section: Option<StatementSection>,
    ) -> Result<String, CommandError> {
        let session = self.session()?;
        let preview = session.preview(preview)?;
        let Some(section) = section else {
            return Ok(maneiro_report::markdown(&preview.source.report()));
        };
        let files = place_files(&session, preview.record).await?;
        let statements = self.review_statements(&session, preview.record, &files).await?.unwrap_or_default();
        Ok(section_text(&statements, section))
    }
}

/// A report as the cloud keeps it if it is signed, or as the cloud answers it.
fn report_file(source: &ReportSource) -> ReportFile {
    let ReportSource { options, letterhead, title, analysis, block, signature, .. } = source.clone();
    match (signature, block) {
        (Some(signature), Some(block)) => {
            let content = SignedContent { title, options, letterhead, block, analysis };
            ReportFile::Signed(Box::new(SignedReport { signature, content }))
        }
        _ => ReportFile::Draft(Box::new(DraftReport { title, options, analysis })),
    }
}

/// Draws a report, and counts the pages of both forms of it.
async fn draw_both_forms(
    session: &OpenSession,
    source: &ReportSource,
) -> Result<(Arc<Drawing>, FormPages), CommandError> {
    let form = source.options.form;
    let other = match form {
        ReportForm::ShortLetter => ReportForm::FullReview,
        ReportForm::FullReview => ReportForm::ShortLetter,
    };
    let mut other_source = source.clone();
    other_source.options.form = other;
    let (drawing, other) = tokio::try_join!(draw(session, source), draw(session, &other_source))?;
    let (short_letter, full_review) = match form {
        ReportForm::ShortLetter => (&drawing, &other),
        ReportForm::FullReview => (&other, &drawing),
    };
    let count = |drawing: &Drawing| u32::try_from(drawing.links.len()).unwrap_or(u32::MAX);
    let form_pages = FormPages { short_letter: count(short_letter), full_review: count(full_review) };
    Ok((drawing, form_pages))
}

/// Typesets a report, unless it was typeset just before: whoever changes between forms waits for none.
async fn draw(session: &OpenSession, source: &ReportSource) -> Result<Arc<Drawing>, CommandError> {
    let drawn = source.clone();
    let key = blocking(move || {
        let file = (report_file(&drawn), &drawn.letterhead, &drawn.block, drawn.date);
        sha256_hex(&serde_json::to_vec(&file).expect("wire types have string keys only"))
    })
    .await;
    let known = lock(&session.drawings).iter().find(|(known, _)| *known == key).map(|(_, it)| Arc::clone(it));
    if let Some(known) = known {
        return Ok(known);
    }
    let drawn = source.clone();
    let drawing = blocking(move || {
        let pdf = maneiro_report::pdf(&drawn.report())?;
        let links = maneiro_report::page_links(&pdf)?;
        let pdf = SourceFile::from_content("report.pdf", Arc::from(pdf));
        Ok::<_, maneiro_report::ReportError>(Arc::new(Drawing { pdf, links }))
    })
    .await
    .map_err(|_| CommandErrorCode::Internal)?;
    let mut drawings = lock(&session.drawings);
    drawings.push((key, Arc::clone(&drawing)));
    let surplus = drawings.len().saturating_sub(MAX_DRAWINGS);
    drawings.drain(..surplus);
    Ok(drawing)
}

/// The size of a page in points (ISO 216; ANSI/ASME Y14.1).
const fn paper_size_pt(paper: PaperSize) -> (f32, f32) {
    match paper {
        PaperSize::Letter => (612.0, 792.0),
        PaperSize::A4 => (595.276, 841.89),
    }
}

/// A page reference as a link to the page of the record; none if its file is no longer in the record.
fn record_link(link: &PageLink, analysis: &Analysis, places: &DocumentPlaces) -> Option<ReportLink> {
    let source = analysis.sources.get(link.source.checked_sub(1)?)?;
    let place = places.get(&source.document)?;
    Some(ReportLink { bbox: link.bbox, page: place.first_page + link.page.checked_sub(1)? })
}

fn keep_preview(session: &OpenSession, name: String, preview: Preview) {
    let mut previews = lock(&session.previews);
    previews.push((name, Arc::new(preview)));
    let surplus = previews.len().saturating_sub(MAX_PREVIEWS);
    previews.drain(..surplus);
}

fn before_signing(statements: &[ReviewStatement]) -> BeforeSigning {
    let count = |is_counted: &dyn Fn(&ReviewStatement) -> bool| {
        u32::try_from(statements.iter().filter(|statement| is_counted(statement)).count()).unwrap_or(u32::MAX)
    };
    BeforeSigning {
        statements: count(&|_| true),
        not_looked_at: count(&|statement| statement.state == ReviewState::Open),
        conflicts: count(&|statement| statement.section == StatementSection::Conflicts),
        left_out: count(&|statement| !statement.verified),
    }
}

/// One statement a line, with its pages; what was rejected or not found is left out.
fn section_text(statements: &[ReviewStatement], section: StatementSection) -> String {
    let mut text = String::new();
    for statement in statements {
        if statement.section != section || statement.state == ReviewState::Rejected || !statement.verified {
            continue;
        }
        let places = statement.citations.iter().flat_map(|citation| &citation.places);
        let mut pages: Vec<u32> = places.map(|place| place.page).collect();
        pages.sort_unstable();
        pages.dedup();
        let pages: Vec<String> = pages.iter().map(u32::to_string).collect();
        text.push_str(&statement.text);
        if !pages.is_empty() {
            text.push_str(&format!(" [p. {}]", pages.join(", ")));
        }
        text.push('\n');
    }
    text
}

/// A title without what a file's name may not hold (Windows' list is the longest).
fn file_name(title: &str) -> String {
    let is_refused = |char: char| char.is_control() || r#"<>:"/\|?*"#.contains(char);
    let name: String = title.chars().map(|char| if is_refused(char) { ' ' } else { char }).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "Report".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_every_system_takes() {
        assert_eq!(file_name("Rivera: intake 3/2024?"), "Rivera intake 3 2024");
        assert_eq!(file_name("..\\..\\etc"), "etc");
        assert_eq!(file_name("???"), "Report");
    }
}
