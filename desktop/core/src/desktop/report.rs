//! The report: typeset on this computer, also without network, shown page by page, saved and printed. Its bytes stay in
//! memory until the user saves them.

use std::{path::Path, sync::Arc};

use maneiro_api::{
    RecordId,
    analysis::Analysis,
    report::ReportFormat,
    signature::{SignedContent, SignedReport},
};
use maneiro_report::PageLink;

use super::{
    edited_analysis::edited_analysis,
    pages::place_files,
    renderer::{Renderer, SharedRenderer},
    review::document_places,
    signing::signed_versions,
    state::{Desktop, OpenSession, Preview, ReportSource, blocking, lock},
    statements::DocumentPlaces,
};
use crate::{
    contract::{
        common::{CommandError, CommandErrorCode, Timestamp},
        report::{
            BeforeSigning, FormPages, PaperSize, PrintedBlock, ReportForm, ReportLink, ReportOptionChanges,
            ReportOptions, ReportPage, ReportPreview, SavedReportFormat,
        },
        review::{ReviewState, ReviewStatement, StatementSection},
        session::{ReportLanguage, WindowLanguage},
    },
    files::{SourceFile, write_atomically},
};

/// Drawn reports that are kept: those of both forms, and the one before.
const MAX_PREVIEWS: usize = 3;

/// The plan whose reports have no letterhead.
const PLAIN_PLAN: &str = "free";

/// The smallest image tells a page's size.
const SIZE_WIDTH_PX: u16 = 64;

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
    /// `NoAnalysis`; `NotFound`; those of the store.
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
        let block = own.block.filter(|_| sign.allowed);
        let mut options = self.report_options(&session, record);
        let source = match version {
            Some(version) => {
                let source = self.signed_source(&session, &row, version).await?;
                options.form = source.signature.as_ref().map_or(options.form, |signature| signature.form);
                source
            }
            None => {
                options.apply(changes);
                let me = session.member();
                // As the cloud prints it: without a paid plan or a trial a report is plain.
                let letterhead = if options.letterhead && me.usage.plan != PLAIN_PLAN {
                    Some(self.letterhead(&session).await?)
                } else {
                    None
                };
                let analysis = edited_analysis(&shown.analysis, &statements, &places);
                ReportSource { letterhead, title: row.title, analysis, block: block.clone(), signature: None }
            }
        };
        let (pdf, renderer, pages) = self.draw(&source, &places).await?;
        let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        let preview = format!("rep_{}", self.new_uuid().simple());
        let signed_at = source.signature.as_ref().map(|signature| Timestamp(signature.signed_at));
        let block = source.block.clone();
        let drawn = Preview { record, source, pdf, options: options.clone(), renderer };
        keep_preview(&session, preview.clone(), drawn);
        let is_wide = pages.first().is_some_and(|page| page.width > 600.0);
        Ok(ReportPreview {
            preview,
            version,
            options,
            paper: if is_wide { PaperSize::Letter } else { PaperSize::A4 },
            drawn_at: signed_at.unwrap_or_else(|| self.now()),
            pages,
            form_pages: FormPages { short_letter: count, full_review: count },
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

    /// Typesets a report, with the size of each page and where its page references lead.
    async fn draw(
        &self,
        source: &ReportSource,
        places: &DocumentPlaces,
    ) -> Result<(SourceFile, SharedRenderer, Vec<ReportPage>), CommandError> {
        let drawing = source.clone();
        let (pdf, links) = blocking(move || {
            let pdf = maneiro_report::pdf(&drawing.report())?;
            let links = maneiro_report::page_links(&pdf)?;
            Ok::<_, maneiro_report::ReportError>((pdf, links))
        })
        .await
        .map_err(|_| CommandErrorCode::Internal)?;
        let pdf = SourceFile::from_content("report.pdf", Arc::from(pdf));
        let shared = Renderer::new(self.shared.config.worker.clone(), pdf.clone(), None);
        let mut pages = Vec::new();
        {
            let mut renderer = shared.lock().await;
            let count = renderer.open().await?;
            for page in 1..=count {
                let drawn = renderer.render(page, None, SIZE_WIDTH_PX).await?;
                let links = links.get(page as usize - 1).map(Vec::as_slice).unwrap_or_default();
                let links = links.iter().filter_map(|link| record_link(link, &source.analysis, places));
                pages.push(ReportPage { width: drawn.width, height: drawn.height, links: links.collect() });
            }
        }
        Ok((pdf, shared, pages))
    }

    /// The options of the last report of this record, else those of this person.
    fn report_options(&self, session: &OpenSession, record: RecordId) -> ReportOptions {
        let previews = lock(&session.previews);
        let last = previews.iter().rev().find(|(_, preview)| preview.record == record);
        if let Some((_, preview)) = last {
            return preview.options.clone();
        }
        let preferences = self.preferences();
        let language = match preferences.report_language {
            ReportLanguage::En => WindowLanguage::En,
            ReportLanguage::Es => WindowLanguage::Es,
            ReportLanguage::App => preferences.language,
        };
        ReportOptions {
            form: ReportForm::FullReview,
            language,
            recipient: String::new(),
            sections: None,
            letterhead: true,
        }
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
        session.client.report(preview.source.analysis.id, ReportFormat::Markdown).await?;
        let (extension, bytes) = match format {
            SavedReportFormat::Pdf => ("pdf", preview.pdf.content.as_deref().unwrap_or_default().to_vec()),
            SavedReportFormat::Markdown => {
                ("md", maneiro_report::markdown(&preview.source.report()).into_bytes())
            }
            SavedReportFormat::Json => {
                // What was signed, with who signed it and when; else the analysis itself.
                let json = match signed_report(&preview.source) {
                    Some(signed) => serde_json::to_vec_pretty(&signed),
                    None => serde_json::to_vec_pretty(&preview.source.analysis),
                };
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

/// A signed report as the cloud keeps it; none of a draft.
fn signed_report(source: &ReportSource) -> Option<SignedReport> {
    let ReportSource { letterhead, title, analysis, block, signature } = source.clone();
    let content = SignedContent { title, letterhead, block: block?, analysis };
    Some(SignedReport { signature: signature?, content })
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
