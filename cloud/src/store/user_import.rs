//! Accounts that are imported into a clinic, or into a new one, with the login of migrations.

use maneiro_api::{OrgId, UserId};
use secrecy::SecretString;
use time::OffsetDateTime;

use super::{
    accounts, audit, clinic_keys,
    enum_text::to_text,
    owner::{OwnerTx, begin_as_owner},
    subscriptions,
};
use crate::domain::{
    audit::{AuditActor, AuditEvent},
    clinic_key::WrappedKeyVersion,
    error::Error,
    subscription::Subscription,
    user_import::{ImportOutcome, ImportedUser},
    validation::Title,
};

/// A clinic that is made for its first members.
#[derive(Debug)]
pub struct NewOrganization<'a> {
    pub org: OrgId,
    pub name: &'a Title,
    pub subscription: &'a Subscription,
    /// The first version of the clinic's key.
    pub key: &'a WrappedKeyVersion,
    pub created_at: OffsetDateTime,
}

/// An import into one clinic. Dropping it undoes everything.
#[must_use = "an import that is dropped undoes everything"]
pub struct UserImport {
    tx: OwnerTx,
    org: OrgId,
}

impl UserImport {
    /// Begins an import; none if there is no such clinic. Two imports into one clinic run one after another.
    ///
    /// # Errors
    /// `Unavailable` if the database is; `Internal` if the login is not a member of `maneiro_owner`.
    pub async fn begin(login: &SecretString, org: OrgId) -> Result<Option<Self>, Error> {
        let mut tx = begin_as_owner(login).await?;
        let found = sqlx::query_scalar!(
            "select id from maneiro.organizations where id = $1 and deleted_at is null for update",
            org.uuid()
        )
        .fetch_optional(tx.conn())
        .await?;
        Ok(found.map(|_| Self { tx, org }))
    }

    /// Makes a clinic, into which its first members are then imported.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn into_new(login: &SecretString, new: &NewOrganization<'_>) -> Result<Self, Error> {
        let mut tx = begin_as_owner(login).await?;
        accounts::insert_organization(tx.conn(), new.org, new.name, new.created_at).await?;
        clinic_keys::insert(tx.conn(), new.org.uuid(), new.key, new.created_at).await?;
        subscriptions::insert(tx.conn(), new.org.uuid(), new.subscription).await?;
        Ok(Self { tx, org: new.org })
    }

    /// Imports one user. What exists is not changed, so that the same file can be imported again.
    ///
    /// # Errors
    /// `Unavailable` if the database is.
    pub async fn insert(
        &mut self,
        new: UserId,
        user: &ImportedUser,
        created_at: OffsetDateTime,
    ) -> Result<ImportOutcome, Error> {
        let created = sqlx::query!(
            "insert into maneiro.users (id, email, name, language, created_at) values ($1, $2, $3, $4, $5)
             on conflict (lower(email)) do nothing",
            new.uuid(),
            user.email.as_str(),
            user.name.as_str(),
            to_text(&user.language),
            created_at,
        )
        .execute(self.tx.conn())
        .await?
        .rows_affected()
            == 1;
        if let (true, Some(hash)) = (created, &user.password_hash) {
            sqlx::query!(
                "insert into maneiro.credentials (user_id, kind, hash, created_at, changed_at)
                 values ($1, 'password', $2, $3, $3)",
                new.uuid(),
                hash.as_str(),
                created_at,
            )
            .execute(self.tx.conn())
            .await?;
        }
        let membership = sqlx::query!(
            r#"with joined as (
                 insert into maneiro.memberships (org_id, user_id, role, signs, created_at)
                 select $1, id, $3, $4, $5 from maneiro.users where lower(email) = lower($2) and disabled_at is null
                 on conflict on constraint memberships_pkey do nothing
                 returning user_id
             )
             select u.disabled_at is not null as "is_disabled!", exists (select from joined) as "joined!",
                    (select m.ended_at is not null from maneiro.memberships m
                     where m.org_id = $1 and m.user_id = u.id) as was_removed
             from maneiro.users u where lower(u.email) = lower($2)"#,
            self.org.uuid(),
            user.email.as_str(),
            to_text(&user.role),
            user.signs,
            created_at,
        )
        .fetch_one(self.tx.conn())
        .await?;
        Ok(match (created, membership.joined, membership.was_removed) {
            (true, _, _) => ImportOutcome::Created,
            (false, true, _) => ImportOutcome::Joined,
            (false, false, Some(true)) => ImportOutcome::Removed,
            (false, false, _) if membership.is_disabled => {
                ImportOutcome::Refused("the account of this address is disabled".to_owned())
            }
            (false, false, _) => ImportOutcome::Unchanged,
        })
    }

    /// Records the import and makes it lasting.
    ///
    /// # Errors
    /// `Unavailable` if the database is; whether it was committed is then unknown, and importing again does no harm.
    pub async fn commit(mut self, event: &AuditEvent) -> Result<(), Error> {
        let actor = AuditActor { org: Some(self.org), ..AuditActor::SERVER };
        audit::insert(self.tx.conn(), event, actor).await?;
        self.tx.commit().await
    }
}
