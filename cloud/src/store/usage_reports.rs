//! What clinics use by month and person, and its history. Counted in the transaction of what was done.

use maneiro_api::{
    JobId, UserId,
    subscription::{MonthUse, PersonUse},
};
use time::{Date, OffsetDateTime};

use super::OrgTx;
use crate::domain::{entitlements::StandingUse, error::Error};

/// The first day of the month (UTC).
#[must_use]
pub fn month_of(at: OffsetDateTime) -> Date {
    at.to_offset(time::UtcOffset::UTC).date().replace_day(1).expect("every month has a first day")
}

/// Counts pages that a user stored for the first time, in the month of `at`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn count_pages(tx: &mut OrgTx, pages: u32, at: OffsetDateTime) -> Result<(), Error> {
    let user = tx.who().actor().id();
    sqlx::query!(
        "insert into maneiro.monthly_usage as u (org_id, month, user_id, pages) values ($1, $2, $3, $4)
         on conflict on constraint monthly_usage_pkey do update set pages = u.pages + excluded.pages",
        tx.org(),
        month_of(at),
        user,
        i32::try_from(pages).map_err(Error::internal)?,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts a job for the user who created it, in the month in which it was.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn count_job(tx: &mut OrgTx, job: JobId) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.monthly_usage as u (org_id, month, user_id, analyses)
         select j.org_id, date_trunc('month', j.created_at at time zone 'UTC')::date, j.created_by_id, 1
         from maneiro.jobs j where j.org_id = $1 and j.id = $2
         on conflict on constraint monthly_usage_pkey do update set analyses = u.analyses + 1",
        tx.org(),
        job.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes back a job that ended in error.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn take_back_job(tx: &mut OrgTx, job: JobId) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.monthly_usage u set analyses = u.analyses - 1
         from maneiro.jobs j
         where j.org_id = $1 and j.id = $2 and u.org_id = $1 and u.user_id = j.created_by_id and u.analyses > 0
           and u.month = date_trunc('month', j.created_at at time zone 'UTC')::date",
        tx.org(),
        job.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Members and stored documents, now.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn standing(tx: &mut OrgTx) -> Result<StandingUse, Error> {
    let row = sqlx::query!(
        r#"select (select count(*) from maneiro.memberships where org_id = $1 and ended_at is null) as "members!",
                  (select coalesce(sum(bytes), 0)::bigint from maneiro.documents where org_id = $1) as "bytes!""#,
        tx.org(),
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(StandingUse {
        seats: u64::try_from(row.members).map_err(Error::internal)?,
        storage_bytes: u64::try_from(row.bytes).map_err(Error::internal)?,
    })
}

/// Stores a measurement.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn measure(tx: &mut OrgTx, standing: StandingUse, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.usage_history
             (org_id, measured_at, members, storage_bytes, analyses, pages, dictation_seconds)
         select $1, $2, $3, $4, coalesce(sum(analyses), 0)::int, coalesce(sum(pages), 0)::int,
                coalesce(sum(dictation_seconds), 0)::int
         from maneiro.monthly_usage where org_id = $1 and month = $5
         on conflict on constraint usage_history_pkey do nothing",
        tx.org(),
        at,
        i32::try_from(standing.seats).map_err(Error::internal)?,
        i64::try_from(standing.storage_bytes).map_err(Error::internal)?,
        month_of(at),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last twelve months with the present one, the latest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn months(tx: &mut OrgTx, now: OffsetDateTime) -> Result<Vec<MonthUse>, Error> {
    let rows = sqlx::query!(
        r#"select m.month as "month!", u.analyses as "analyses!", u.pages as "pages!", u.seconds as "seconds!",
                  h.storage_bytes as "storage_bytes?", h.members as "members?"
           from (select (($2::date - make_interval(months => n))::date) as month from generate_series(0, 11) n) m
           cross join lateral (select coalesce(sum(analyses), 0)::int as analyses, coalesce(sum(pages), 0)::int as pages,
                                      coalesce(sum(dictation_seconds), 0)::int as seconds
                               from maneiro.monthly_usage where org_id = $1 and month = m.month) u
           left join lateral (select storage_bytes, members from maneiro.usage_history
                              where org_id = $1 and measured_at >= (m.month::timestamp at time zone 'UTC')
                                and measured_at < ((m.month + interval '1 month')::timestamp at time zone 'UTC')
                              order by measured_at desc limit 1) h on true
           order by m.month desc"#,
        tx.org(),
        month_of(now),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(MonthUse {
                month: row.month,
                analyses: whole(row.analyses)?,
                pages: whole(row.pages)?,
                dictation_minutes: whole(row.seconds)?.div_ceil(60),
                storage_bytes: row.storage_bytes.map(u64::try_from).transpose().map_err(Error::internal)?,
                members: row.members.map(whole).transpose()?,
            })
        })
        .collect()
}

fn whole(number: i32) -> Result<u32, Error> {
    u32::try_from(number).map_err(Error::internal)
}

/// Who used how much in a month, and whose records hold how much now: who used most first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn persons(tx: &mut OrgTx, month: Date) -> Result<Vec<PersonUse>, Error> {
    let rows = sqlx::query!(
        r#"with counted as (
               select user_id, analyses, pages, dictation_seconds from maneiro.monthly_usage where org_id = $1 and month = $2
           ), stored as (
               select r.created_by_id as user_id, sum(d.bytes)::bigint as bytes
               from maneiro.documents d join maneiro.records r on r.org_id = d.org_id and r.id = d.record_id
               where d.org_id = $1 and r.created_by_kind = 'member' group by r.created_by_id
           )
           select coalesce(c.user_id, s.user_id) as "user!", u.name as "name?", coalesce(c.analyses, 0) as "analyses!",
                  coalesce(c.pages, 0) as "pages!", coalesce(c.dictation_seconds, 0) as "seconds!",
                  coalesce(s.bytes, 0) as "bytes!"
           from counted c full join stored s on s.user_id = c.user_id
           left join maneiro.users u on u.id = coalesce(c.user_id, s.user_id)
           order by 3 desc, 4 desc, 1"#,
        tx.org(),
        month,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PersonUse {
                user: Some(UserId::from_uuid(row.user)),
                name: row.name,
                analyses: whole(row.analyses)?,
                pages: whole(row.pages)?,
                dictation_minutes: whole(row.seconds)?.div_ceil(60),
                storage_bytes: u64::try_from(row.bytes).map_err(Error::internal)?,
            })
        })
        .collect()
}
