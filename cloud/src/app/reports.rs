//! Reports: an analysis as a file that leaves the clinic.

use maneiro_api::{
    AnalysisId,
    edited_analysis::{edited_analysis, standing_changes},
    report::{CreateReport, ReportFormat, ReportOptions, RequestedReport},
    seal::associated_data,
    signature::{DraftReport, ReportFile, SignedReport},
};
use maneiro_report::{Report, Signer};
use serde_json::json;
use time::UtcOffset;

use super::{analyses, branding, clinic_keys, edits, plan_limits, sealing, signatures};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        error::{Error, Resource},
        plan::Feature,
        report_options::check_options,
        validation::FieldErrors,
    },
    state::App,
    store::{self, accounts, audit, records},
};

/// Creates the report of an analysis, which is audited.
///
/// # Errors
/// `InvalidInput` with every invalid option; `NotFound` if the clinic has no such analysis, or no such version of it was signed; `Damaged` if it is not what was signed;
/// `Unavailable` if too many reports are waiting; `Internal` if it cannot be typeset.
pub async fn create(
    app: &App,
    who: &OrgActor,
    id: AnalysisId,
    CreateReport { format, report }: CreateReport,
) -> Result<Vec<u8>, Error> {
    match report {
        RequestedReport::Draft(options) => {
            let mut errors = FieldErrors::default();
            check_options(&mut errors, |option| format!("report.draft.{option}"), &options);
            errors.finish()?;
            create_draft(app, who, id, format, options).await
        }
        RequestedReport::Signed(version) => create_signed(app, who, id, format, version).await,
    }
}

/// The analysis as readers have left it, with the place of the member's signature if the member signs.
async fn create_draft(
    app: &App,
    who: &OrgActor,
    id: AnalysisId,
    format: ReportFormat,
    options: ReportOptions,
) -> Result<Vec<u8>, Error> {
    let key = clinic_keys::load(app, who).await?;
    let date = app.now().to_offset(UtcOffset::UTC).date();
    let mut tx = app.db.begin_org(who).await?;
    let stored = store::analyses::find(&mut tx, id).await?;
    let stored_edits = store::edits::list(&mut tx, id, 0).await?;
    let record = records::find(&mut tx, stored.record).await?;
    let has_letterhead =
        options.letterhead && plan_limits::current(app, &mut tx).await?.has(Feature::LetterheadReport);
    let letterhead =
        if has_letterhead { Some(branding::current_letterhead(&mut tx, who, &key).await?) } else { None };
    let block = match who.require_member() {
        Ok((user, _)) if accounts::identity(&mut tx, user).await?.signs => {
            branding::signature_block(&mut tx, who, &key, user).await?
        }
        Ok(_) | Err(_) => None,
    };
    let event = app
        .audit_event(AuditAction::ReportCreated, Some(id.uuid()))
        .with_details(json!({ "format": format, "form": options.form }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;

    let edits = edits::open_all(&key, id, stored_edits)?;
    let analysis = edited_analysis(&analyses::open(&key, &stored)?, standing_changes(&edits));
    let title = sealing::open_text(&key, &associated_data::record_title(record.id), &record.title_sealed)?;
    // Typesetting takes a good part of a second and a core.
    let work = move || {
        let report = Report {
            letterhead: letterhead.as_ref(),
            options: &options,
            record_title: &title,
            analysis: &analysis,
            date,
            signer: block.as_ref().map(|block| Signer { block, signature: None }),
        };
        let file = || {
            let (title, options, analysis) = (title.clone(), options.clone(), analysis.clone());
            ReportFile::Draft(Box::new(DraftReport { title, options, analysis }))
        };
        write(&report, format, file)
    };
    app.typesetting.run(work).await?
}

/// A version as it was signed.
async fn create_signed(
    app: &App,
    who: &OrgActor,
    id: AnalysisId,
    format: ReportFormat,
    version: u32,
) -> Result<Vec<u8>, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let record = store::analyses::find_origin(&mut tx, id).await?.record;
    let event = app
        .audit_event(AuditAction::ReportCreated, Some(id.uuid()))
        .with_details(json!({ "format": format, "version": version }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    let signed = signatures::get(app, who, record, version).await?;
    if signed.signature.analysis != id {
        return Err(Error::NotFound(Resource::SignedReport));
    }
    let work = move || {
        let SignedReport { signature, content } = &signed;
        let report = Report {
            letterhead: content.letterhead.as_ref(),
            options: &content.options,
            record_title: &content.title,
            analysis: &content.analysis,
            date: signature.signed_at.date(),
            signer: Some(Signer { block: &content.block, signature: Some(signature) }),
        };
        write(&report, format, || ReportFile::Signed(Box::new(signed.clone())))
    };
    app.typesetting.run(work).await?
}

fn write(
    report: &Report<'_>,
    format: ReportFormat,
    file: impl FnOnce() -> ReportFile,
) -> Result<Vec<u8>, Error> {
    match format {
        ReportFormat::Pdf => maneiro_report::pdf(report).map_err(Error::internal),
        ReportFormat::Markdown => Ok(maneiro_report::markdown(report).into_bytes()),
        ReportFormat::Json => serde_json::to_vec_pretty(&file()).map_err(Error::internal),
    }
}
