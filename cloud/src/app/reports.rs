//! Reports: an analysis as a file that leaves the clinic.

use maneiro_api::{
    AnalysisId, analysis::Analysis, branding::ClinicLetterhead, report::ReportFormat, seal::associated_data,
};
use maneiro_report::Report;
use serde_json::json;

use super::{analyses, branding, clinic_keys, plan_limits, sealing};
use crate::{
    domain::{actor::OrgActor, audit::AuditAction, error::Error, plan::Feature},
    state::App,
    store::{self, audit, records},
};

/// Creates the report of an analysis, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such analysis; `Unavailable` if too many reports are waiting; `Internal` if it cannot be
/// typeset.
pub async fn create(
    app: &App,
    who: &OrgActor,
    id: AnalysisId,
    format: ReportFormat,
) -> Result<Vec<u8>, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let stored = store::analyses::find(&mut tx, id).await?;
    let record = records::find(&mut tx, stored.record).await?;
    let letterhead = branding::current_letterhead(&mut tx, who, &key).await?;
    let has_letterhead = plan_limits::current(app, &mut tx).await?.has(Feature::LetterheadReport);
    let event = app
        .audit_event(AuditAction::ReportCreated, Some(id.uuid()))
        .with_details(json!({ "format": format }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;

    let analysis = analyses::open(&key, &stored)?;
    let title = sealing::open_text(&key, &associated_data::record_title(record.id), &record.title_sealed)?;
    // Typesetting takes a good part of a second and a core.
    let work = move || {
        let letterhead = has_letterhead.then_some(&letterhead);
        typeset(letterhead, &title, &analysis, format)
    };
    app.typesetting.run(work).await?
}

fn typeset(
    letterhead: Option<&ClinicLetterhead>,
    record_title: &str,
    analysis: &Analysis,
    format: ReportFormat,
) -> Result<Vec<u8>, Error> {
    let report = Report { letterhead, record_title, analysis, signer: None };
    match format {
        ReportFormat::Pdf => maneiro_report::pdf(&report).map_err(Error::internal),
        ReportFormat::Markdown => Ok(maneiro_report::markdown(&report).into_bytes()),
        ReportFormat::Json => serde_json::to_vec_pretty(analysis).map_err(Error::internal),
    }
}
