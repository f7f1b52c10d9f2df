//! Answers of the language model that a job has paid for, kept until its analysis is recorded: a worker that takes the job over
//! from a lost one asks no question twice.

use maneiro_analysis::model::ModelRequest;
use maneiro_api::seal::associated_data;
use sha2::{Digest as _, Sha256};

use super::{clinic_keys, sealing};
use crate::{
    domain::{actor::OrgActor, error::Error, task::JobLease},
    state::{App, clinic_keys::ClinicKeys},
    store::{model_answers, tasks},
};

/// The answer to a request that an earlier attempt of the job has stored.
///
/// # Errors
/// `Unavailable` if the database or the key service is; `Damaged` if the answer does not open.
pub async fn find(app: &App, lease: &JobLease, request: &ModelRequest) -> Result<Option<String>, Error> {
    let who = OrgActor::from_job_lease(lease);
    let keys = clinic_keys::load(app, &who).await?;
    let request_mac = mac(&keys, request)?;
    let mut tx = app.db.begin_org(&who).await?;
    let sealed = model_answers::find(&mut tx, lease.job(), &request_mac).await?;
    tx.commit().await?;
    let associated_data = associated_data::model_answer(lease.job(), &hex::encode(request_mac));
    sealed.map(|sealed| sealing::open_text(&keys, &associated_data, &sealed)).transpose()
}

/// Stores the answer to a request.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease; `Unavailable` if the database or the key service is.
pub async fn store(app: &App, lease: &JobLease, request: &ModelRequest, content: &str) -> Result<(), Error> {
    let who = OrgActor::from_job_lease(lease);
    let keys = clinic_keys::load(app, &who).await?;
    let request_mac = mac(&keys, request)?;
    let associated_data = associated_data::model_answer(lease.job(), &hex::encode(request_mac));
    let sealed = sealing::seal_text(app, &keys, &associated_data, content);
    let mut tx = app.db.begin_org(&who).await?;
    tasks::lock_leased(&mut tx, lease.task()).await?;
    model_answers::insert(&mut tx, lease.job(), &request_mac, &sealed).await?;
    tx.commit().await
}

/// Removes the answers of a job.
///
/// # Errors
/// As [`store`].
pub async fn delete(app: &App, lease: &JobLease) -> Result<(), Error> {
    let mut tx = app.db.begin_org(&OrgActor::from_job_lease(lease)).await?;
    tasks::lock_leased(&mut tx, lease.task()).await?;
    model_answers::delete(&mut tx, lease.job()).await?;
    tx.commit().await
}

/// Under the newest key: after a rotation the model is merely asked again.
fn mac(keys: &ClinicKeys, request: &ModelRequest) -> Result<[u8; 32], Error> {
    let json = serde_json::to_vec(request).map_err(Error::internal)?;
    let newest = keys.versions().next();
    let newest = newest.ok_or_else(|| Error::internal(anyhow::anyhow!("a clinic has no key")))?;
    Ok(newest.derive("model request", &Sha256::digest(json)))
}
