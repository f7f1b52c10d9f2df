//! Reports: an analysis as a file that leaves the clinic.

use maneiro_api::{AnalysisId, analysis::Analysis, report::ReportFormat, seal::associated_data};
use maneiro_report::Report;
use serde_json::json;

use super::{analyses, clinic_keys, sealing};
use crate::{
    domain::{actor::OrgActor, audit::Deed, error::Error},
    state::App,
    store::{self, accounts, audit, records},
};

/// Makes the report of an analysis. Making it is noted.
///
/// # Errors
/// `NotFound` if the clinic has no such analysis; `Bug` if it cannot be typeset.
pub async fn make(app: &App, who: &OrgActor, id: AnalysisId, format: ReportFormat) -> Result<Vec<u8>, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let stored = store::analyses::find(&mut tx, id).await?;
    let record = records::find(&mut tx, stored.record).await?;
    let clinic = accounts::clinic_name(&mut tx).await?;
    let event = app.event(Deed::ReportMade, Some(id.uuid()));
    audit::add(&mut tx, &event.with(json!({ "format": format }))).await?;
    tx.commit().await?;

    let analysis = analyses::open(&key, &stored)?;
    let title = sealing::open_text(&key, &associated_data::record_title(record.id), &record.title_sealed)?;
    // Typesetting takes a good part of a second.
    tokio::task::spawn_blocking(move || typeset(&clinic, &title, &analysis, format))
        .await
        .map_err(Error::bug)?
}

fn typeset(
    clinic: &str,
    record_title: &str,
    analysis: &Analysis,
    format: ReportFormat,
) -> Result<Vec<u8>, Error> {
    let report = Report { clinic, record_title, analysis };
    match format {
        ReportFormat::Pdf => maneiro_report::pdf(&report).map_err(Error::bug),
        ReportFormat::Markdown => Ok(maneiro_report::markdown(&report).into_bytes()),
        ReportFormat::Json => serde_json::to_vec_pretty(analysis).map_err(Error::bug),
    }
}
