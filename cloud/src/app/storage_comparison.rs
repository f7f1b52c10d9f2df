//! Compares what the database counts as stored with what lies in the bucket. Changes nothing: what differs is for an operator.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use maneiro_api::OrgId;
use tracing::{error, info};

use crate::{
    domain::error::Error,
    state::App,
    store::{SystemTask, objects},
};

/// What changed since then may not be seen on both sides yet.
const SETTLED_AGE: Duration = Duration::from_secs(24 * 3600);

/// Rows between two looks at the database.
const OBJECTS_PER_BATCH: u32 = 1_000;

/// How a clinic's storage differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StorageDifference {
    /// Objects that are counted and not in the bucket.
    pub lost: u64,
    /// Objects of another size than is counted.
    pub resized: u64,
    /// Bytes that the bucket has more than is counted; negative if it has less.
    pub bytes: i64,
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StorageComparison {
    pub objects: u64,
    pub counted_bytes: u64,
    /// Of the clinics that differ.
    pub differences: BTreeMap<OrgId, StorageDifference>,
}

/// Compares every object that was stored a day ago or earlier.
///
/// # Errors
/// `Unavailable` if the database or the object store is.
pub async fn compare(app: &App) -> Result<StorageComparison, Error> {
    let mut found = StorageComparison::default();
    let mut after = String::new();
    loop {
        // The bucket first: what is deleted meanwhile is then not counted any more.
        let listed = app.objects.list(&after).await?;
        let until = listed.last().map(|object| object.key.clone());
        let sizes: HashMap<String, u64> =
            listed.into_iter().map(|object| (object.key, object.bytes)).collect();
        compare_range(app, &mut found, &sizes, &after, until.as_deref()).await?;
        match until {
            Some(until) => after = until,
            None => break,
        }
    }
    for (org, difference) in &found.differences {
        let StorageDifference { lost, resized, bytes } = difference;
        error!(org.id = %org, lost, resized, bytes, "a clinic's stored objects differ from what is counted");
    }
    let (objects, counted_bytes, clinics) = (found.objects, found.counted_bytes, found.differences.len());
    info!(objects, counted_bytes, clinics, "stored objects were compared with the bucket");
    Ok(found)
}

/// Compares the counted objects of a range of keys with the sizes that the bucket lists.
async fn compare_range(
    app: &App,
    found: &mut StorageComparison,
    sizes: &HashMap<String, u64>,
    after: &str,
    until: Option<&str>,
) -> Result<(), Error> {
    let mut after = after.to_owned();
    loop {
        let mut tx = app.db.begin_system(SystemTask::Queue).await?;
        let counted = objects::list_stored(&mut tx, &after, until, SETTLED_AGE, OBJECTS_PER_BATCH).await?;
        tx.commit().await?;
        let Some(last) = counted.last() else { return Ok(()) };
        after.clone_from(&last.object_key);
        for object in counted {
            found.objects += 1;
            found.counted_bytes += object.bytes;
            let size = sizes.get(&object.object_key).copied();
            if size == Some(object.bytes) {
                continue;
            }
            let difference = found.differences.entry(object.org).or_default();
            match size {
                Some(_) => difference.resized += 1,
                None => difference.lost += 1,
            }
            difference.bytes += size.unwrap_or(0).cast_signed() - object.bytes.cast_signed();
        }
    }
}
