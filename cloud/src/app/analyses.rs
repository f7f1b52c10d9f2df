//! Results of jobs.

use maneiro_api::{AnalysisId, analysis::Analysis, seal::associated_data};

use super::{clinic_keys, sealing};
use crate::{
    domain::{actor::OrgActor, audit::AuditAction, error::Error},
    state::{App, clinic_keys::ClinicKeys},
    store::{self, analyses::StoredAnalysis, audit},
};

/// Reads an analysis of the clinic, which is audited.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn get(app: &App, who: &OrgActor, id: AnalysisId) -> Result<Analysis, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let stored = store::analyses::find(&mut tx, id).await?;
    audit::append(&mut tx, &app.audit_event(AuditAction::AnalysisRead, Some(id.uuid()))).await?;
    tx.commit().await?;
    open(&key, &stored)
}

/// # Errors
/// `Internal` if it does not open.
pub(super) fn open(key: &ClinicKeys, stored: &StoredAnalysis) -> Result<Analysis, Error> {
    sealing::open_json(key, &associated_data::analysis(stored.id), &stored.body_sealed)
}
