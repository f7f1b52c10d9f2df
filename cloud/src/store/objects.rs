//! Rows of the objects in the object store: `reserved` before an upload, `stored` after it, `deleted` until the object is gone. An
//! object without a row is an orphan.

use std::time::Duration;

use maneiro_api::{ObjectId, OrgId};
use uuid::Uuid;

use super::{OrgTx, SystemTx, error::expect_rows};
use crate::domain::error::Error;

/// An object whose upload begins.
#[derive(Debug, Clone)]
pub struct NewObject {
    pub id: ObjectId,
    pub object_key: String,
    /// Size in bytes and SHA-256, if a client uploads it straight to the object store.
    pub announced: Option<(u64, [u8; 32])>,
}

/// Reserves objects before they are uploaded.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn reserve(tx: &mut OrgTx, objects: &[NewObject]) -> Result<(), Error> {
    let ids: Vec<Uuid> = objects.iter().map(|object| object.id.uuid()).collect();
    let keys: Vec<String> = objects.iter().map(|object| object.object_key.clone()).collect();
    let bytes = objects
        .iter()
        .map(|object| object.announced.map(|(bytes, _)| i64::try_from(bytes)).transpose())
        .collect::<Result<Vec<_>, _>>()
        .map_err(Error::internal)?;
    let digests: Vec<Option<Vec<u8>>> =
        objects.iter().map(|object| object.announced.map(|(_, sha256)| sha256.to_vec())).collect();
    let done = sqlx::query!(
        "insert into maneiro.objects (id, org_id, object_key, state, sealed_bytes, sealed_sha256)
         select object.id, $1, object.key, 'reserved', object.bytes, object.sha256
         from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bytea[]) as object (id, key, bytes, sha256)",
        tx.org(),
        &ids,
        &keys,
        &bytes as &[Option<i64>],
        &digests as &[Option<Vec<u8>>],
    )
    .execute(tx.conn())
    .await?;
    expect_rows(objects.len() as u64, &done)
}

/// The size in bytes and the SHA-256 that were announced for a reserved object with this key.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_announced(
    tx: &mut OrgTx,
    id: ObjectId,
    object_key: &str,
) -> Result<Option<(u64, [u8; 32])>, Error> {
    let row = sqlx::query!(
        r#"select sealed_bytes as "bytes!", sealed_sha256 as "sha256!" from maneiro.objects
           where id = $1 and object_key = $2 and state = 'reserved'
             and sealed_bytes is not null and sealed_sha256 is not null"#,
        id.uuid(),
        object_key,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        let bytes = u64::try_from(row.bytes).map_err(Error::internal)?;
        let sha256 = row.sha256.try_into();
        Ok((bytes, sha256.map_err(|_| Error::internal(anyhow::anyhow!("a digest is not 32 bytes")))?))
    })
    .transpose()
}

/// Records that reserved objects of these sizes in bytes are in the object store.
///
/// # Errors
/// `Internal` if one is not reserved any more.
pub async fn set_stored(tx: &mut OrgTx, objects: &[(ObjectId, u64)]) -> Result<(), Error> {
    let ids: Vec<Uuid> = objects.iter().map(|(id, _)| id.uuid()).collect();
    let bytes = objects.iter().map(|(_, bytes)| i64::try_from(*bytes)).collect::<Result<Vec<_>, _>>();
    let done = sqlx::query!(
        "update maneiro.objects o set state = 'stored', sealed_bytes = stored.bytes, changed_at = now()
         from unnest($1::uuid[], $2::bigint[]) as stored (id, bytes)
         where o.id = stored.id and o.state = 'reserved'",
        &ids,
        &bytes.map_err(Error::internal)?,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(objects.len() as u64, &done)
}

/// Gives up reservations older than `age`: their uploads have failed.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn give_up_reserved(tx: &mut SystemTx, age: Duration) -> Result<u64, Error> {
    let done = sqlx::query!(
        "update maneiro.objects set state = 'deleted', changed_at = now()
         where state = 'reserved' and changed_at < now() - make_interval(secs => $1)",
        age.as_secs_f64(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Gives up superseded pages that no job reads.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn give_up_superseded(tx: &mut SystemTx) -> Result<u64, Error> {
    let done = sqlx::query!(
        "with unused as (
             delete from maneiro.pages p
             where p.superseded_in is not null
               and not exists (select from maneiro.job_documents jd
                               where jd.org_id = p.org_id and jd.document_id = p.document_id
                                 and jd.revision >= p.stored_in and jd.revision < p.superseded_in)
             returning p.version
         )
         update maneiro.objects o set state = 'deleted', changed_at = now() from unused where o.id = unused.version",
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Up to `limit` objects that are to be deleted from the object store, the first by id after `after`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_deleted(
    tx: &mut SystemTx,
    org: Option<OrgId>,
    after: Option<ObjectId>,
    limit: u32,
) -> Result<Vec<(ObjectId, String)>, Error> {
    let rows = sqlx::query!(
        "select id, object_key from maneiro.objects
         where state = 'deleted' and ($1::uuid is null or org_id = $1) and ($2::uuid is null or id > $2)
         order by id limit $3",
        org.map(OrgId::uuid),
        after.map(ObjectId::uuid),
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (ObjectId::from_uuid(row.id), row.object_key)).collect())
}

/// Forgets objects that are gone from the object store.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_rows(tx: &mut SystemTx, objects: &[ObjectId]) -> Result<(), Error> {
    let ids: Vec<Uuid> = objects.iter().map(|id| id.uuid()).collect();
    sqlx::query!("delete from maneiro.objects where id = any($1) and state = 'deleted'", &ids)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Which of these keys no row has.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_unknown(tx: &mut SystemTx, keys: &[String]) -> Result<Vec<String>, Error> {
    let rows = sqlx::query_scalar!(
        r#"select key as "key!" from unnest($1::text[]) as key
           where not exists (select from maneiro.objects o where o.object_key = key)"#,
        keys,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// An object that is in the object store, as the database counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedObject {
    pub org: OrgId,
    pub object_key: String,
    pub bytes: u64,
}

/// Up to `limit` objects that are stored since `age` at least, in the order of their keys, after `after` and up to `until`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_stored(
    tx: &mut SystemTx,
    after: &str,
    until: Option<&str>,
    age: Duration,
    limit: u32,
) -> Result<Vec<CountedObject>, Error> {
    let rows = sqlx::query!(
        r#"select org_id, object_key, sealed_bytes as "bytes!" from maneiro.objects
           where state = 'stored' and object_key > $1 and ($2::text is null or object_key <= $2)
             and changed_at < now() - make_interval(secs => $3)
           order by object_key limit $4"#,
        after,
        until,
        age.as_secs_f64(),
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(CountedObject {
                org: OrgId::from_uuid(row.org_id),
                object_key: row.object_key,
                bytes: u64::try_from(row.bytes).map_err(Error::internal)?,
            })
        })
        .collect()
}
