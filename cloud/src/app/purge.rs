//! Deletes records: at once for their clinic, then for real, in the database and in the object store. A tombstone without
//! content and the audit events stay.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use maneiro_api::{ObjectId, OrgId, RecordId, TaskId};
use serde_json::json;

use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        error::Error,
        task::{NewTask, TaskKind, TaskLease},
    },
    state::App,
    store::{self, SystemTask, audit, objects, purge::PurgeReason, tasks},
};

const MAX_CONCURRENT_DELETES: usize = 8;

/// Objects that are deleted between two looks at the database.
const OBJECTS_PER_BATCH: u32 = 500;

/// Records that one run of the hourly task enqueues.
const RECORDS_PER_RUN: u32 = 1_000;

/// How long an upload may take before its object is given up.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(24 * 3600);

/// Deletes a record. From now on nothing of it is found; a task purges it.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn delete_record(app: &App, who: &OrgActor, record: RecordId) -> Result<(), Error> {
    let mut tx = app.db.begin_org(who).await?;
    store::purge::mark_deleted(&mut tx, record, app.now()).await?;
    tasks::enqueue(&mut tx, &purge_task(app, record, PurgeReason::Deleted)).await?;
    audit::append(&mut tx, &app.audit_event(AuditAction::RecordDeleted, Some(record.uuid()))).await?;
    tx.commit().await
}

fn purge_task(app: &App, record: RecordId, reason: PurgeReason) -> NewTask {
    let cause = match reason {
        PurgeReason::Deleted => "deleted".to_owned(),
        PurgeReason::Expired { active_at } => active_at.unix_timestamp().to_string(),
    };
    NewTask::new(TaskId::from_uuid(app.new_uuid()), TaskKind::PurgeRecord)
        .with_subject(record.uuid())
        .with_dedupe_key(format!("purge/{record}/{cause}"))
}

/// Enqueues the purge of each record that was deleted or has expired.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn enqueue_due(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    for (org, record, reason) in store::purge::list_due(&mut tx, app.now(), RECORDS_PER_RUN).await? {
        let task = purge_task(app, record, reason);
        tasks::enqueue(tasks::TaskTx::SystemFor(&mut tx, org), &task).await?;
    }
    tx.commit().await
}

/// Purges the record of a task: its rows, then its objects in all versions. Does nothing if the record has been used since its
/// retention ended.
///
/// # Errors
/// `Unavailable` if the database or the object store is; what was done stays done.
pub async fn purge_record(app: &App, lease: &TaskLease) -> Result<(), Error> {
    let who = OrgActor::from_task_lease(lease)?;
    let record = RecordId::from_uuid(lease.require_subject()?);
    let mut tx = app.db.begin_org(&who).await?;
    let retention = store::purge::lock_record(&mut tx, record, app.now()).await?;
    if !retention.is_deleted {
        if !retention.is_expired {
            return tx.commit().await;
        }
        store::purge::mark_deleted(&mut tx, record, app.now()).await?;
        audit::append(&mut tx, &app.audit_event(AuditAction::RecordExpired, Some(record.uuid()))).await?;
    }
    if !retention.is_purged {
        let purged = store::purge::purge_content(&mut tx, record, app.now()).await?;
        let event =
            app.audit_event(AuditAction::RecordPurged, Some(record.uuid())).with_details(json!(purged));
        audit::append(&mut tx, &event).await?;
    }
    tx.commit().await?;
    delete_objects(app, Some(who.org())).await
}

/// Deletes what nobody wants any more: objects of failed uploads, superseded pages that no job reads, and what an earlier run
/// could not delete.
///
/// # Errors
/// `Unavailable` if the database or the object store is; what was done stays done.
pub async fn delete_orphans(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    objects::give_up_reserved(&mut tx, UPLOAD_TIMEOUT).await?;
    objects::give_up_superseded(&mut tx).await?;
    tx.commit().await?;
    delete_objects(app, None).await
}

/// Deletes all versions of the objects that are marked so, then their rows.
async fn delete_objects(app: &App, org: Option<OrgId>) -> Result<(), Error> {
    let mut after = None;
    loop {
        let mut tx = app.db.begin_system(SystemTask::Queue).await?;
        let batch = objects::list_deleted(&mut tx, org, after, OBJECTS_PER_BATCH).await?;
        tx.commit().await?;
        let Some((last, _)) = batch.last() else { return Ok(()) };
        after = Some(*last);
        let deleted: Vec<ObjectId> = stream::iter(batch)
            .map(|(id, key)| async move {
                app.objects.delete_all_versions(&key).await?;
                Ok::<_, Error>(id)
            })
            .buffer_unordered(MAX_CONCURRENT_DELETES)
            .try_collect()
            .await?;
        let mut tx = app.db.begin_system(SystemTask::Queue).await?;
        objects::delete_rows(&mut tx, &deleted).await?;
        tx.commit().await?;
    }
}

/// Deletes objects of ours that have no row, such as after the restore of an older backup of the database.
///
/// # Errors
/// As [`delete_orphans`].
pub async fn delete_unknown_objects(app: &App) -> Result<(), Error> {
    let uploads_before = app.now() - UPLOAD_TIMEOUT;
    let mut after = String::new();
    loop {
        let listed = app.objects.list(&after).await?;
        let Some(last) = listed.last() else { return Ok(()) };
        after.clone_from(&last.key);
        let keys: Vec<String> = listed
            .into_iter()
            .filter(|object| is_own_key(&object.key) && object.last_modified < uploads_before)
            .map(|object| object.key)
            .collect();
        let mut tx = app.db.begin_system(SystemTask::Queue).await?;
        let unknown = objects::list_unknown(&mut tx, &keys).await?;
        tx.commit().await?;
        for key in unknown {
            app.objects.delete_all_versions(&key).await?;
        }
    }
}

/// Whether a key has the form of ours: a bucket may hold other things.
fn is_own_key(key: &str) -> bool {
    let is_id = |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = key.split('/').collect();
    match parts[..] {
        [org, document, "original", version] => is_id(org) && is_id(document) && is_id(version),
        [org, document, "pages", number, version] => {
            is_id(org) && is_id(document) && number.parse::<u32>().is_ok() && is_id(version)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_our_own_form_are_ours() {
        let id = "0197a6b2c3d47e8f9a0b1c2d3e4f5a6b";
        assert!(is_own_key(&format!("{id}/{id}/original/{id}")));
        assert!(is_own_key(&format!("{id}/{id}/pages/12/{id}")));
        for other in ["backup.tar", "logs/2026/01", &format!("{id}/{id}/pages/x/{id}"), &format!("{id}/{id}")]
        {
            assert!(!is_own_key(other), "{other}");
        }
    }
}
