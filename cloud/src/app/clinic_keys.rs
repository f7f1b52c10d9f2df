//! The keys of an actor's clinic: wrapped in the database, unwrapped by the key service, in memory for a few minutes. And
//! their rotation, by a command on the server.

use std::sync::Arc;

use maneiro_api::{AuditEventId, OrgId, seal::associated_data};
use secrecy::SecretString;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    domain::{
        actor::OrgActor,
        audit::{AuditAction, AuditEvent},
        clinic_key::{KeyVersion, SEALS_AFTER, WrappedKeyVersion, current_version},
        error::Error,
    },
    ports::{Clock, KeyService, KeyServiceError, Random},
    state::{
        App,
        clinic_keys::{ClinicKey, ClinicKeys},
    },
    store::{clinic_keys, second_factors},
};

/// The keys of the actor's clinic. No transaction may be open.
///
/// # Errors
/// `Unavailable` if the database or the key service is; `Internal` if a key does not open with this master key.
pub(super) async fn load(app: &App, who: &OrgActor) -> Result<Arc<ClinicKeys>, Error> {
    let now = app.now();
    if let Some(keys) = app.clinic_keys.get(who.org(), now) {
        return Ok(keys);
    }
    let mut tx = app.db.begin_org(who).await?;
    let wrapped = clinic_keys::list(&mut tx).await?;
    tx.commit().await?;
    let current = current_version(wrapped.iter().map(|key| (key.version, key.seals_from)), now)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("a clinic has no key")))?;
    let (mut sealing, mut others) = (None, Vec::new());
    for WrappedKeyVersion { version, wrapped, .. } in wrapped {
        let key = ClinicKey::new(version, &*app.key_service.unwrap(who.org(), version, &wrapped).await?);
        if version == current { sealing = Some(key) } else { others.push(key) }
    }
    let sealing = sealing.ok_or_else(|| Error::internal(anyhow::anyhow!("a clinic has no key")))?;
    let keys = Arc::new(ClinicKeys::new(sealing, others));
    app.clinic_keys.insert(who.org(), Arc::clone(&keys), now);
    Ok(keys)
}

/// Makes the first version of a new clinic's key, which seals at once.
///
/// # Errors
/// `Unavailable` if the key service is.
pub(super) async fn first_version(app: &App, org: OrgId) -> Result<WrappedKeyVersion, Error> {
    let key = Zeroizing::new(app.random_bytes());
    let version = 1;
    let wrapped = app.key_service.wrap(org, version, &key).await?;
    Ok(WrappedKeyVersion { version, wrapped, seals_from: app.now() })
}

/// What a command on the server needs to change keys.
pub struct KeyAdministration<'a> {
    /// The login of migrations: the service's own may not do this.
    pub login: &'a SecretString,
    pub key_service: &'a dyn KeyService,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
}

impl KeyAdministration<'_> {
    /// Gives a clinic a new key, which seals what is stored from ten minutes on. What is stored already stays sealed with the
    /// earlier ones. Returns its version; `None` if there is no such clinic.
    ///
    /// # Errors
    /// `Unavailable` if the database or the key service is.
    pub async fn rotate(&self, org: OrgId) -> Result<Option<KeyVersion>, Error> {
        let Some(newest) = clinic_keys::newest_version(self.login, org).await? else { return Ok(None) };
        let version = newest + 1;
        let mut key = Zeroizing::new([0; 32]);
        self.random.fill(key.as_mut_slice());
        let wrapped = self.key_service.wrap(org, version, &key).await?;
        let event = AuditEvent {
            id: AuditEventId::from_uuid(self.random.uuid()),
            occurred_at: self.clock.now(),
            action: AuditAction::ClinicKeyRotated,
            subject: Some(org.uuid()),
            details: json!({ "version": version }),
        };
        let rotated = WrappedKeyVersion { version, wrapped, seals_from: event.occurred_at + SEALS_AFTER };
        clinic_keys::rotate(self.login, org, &rotated, &event).await?;
        Ok(Some(version))
    }

    /// Wraps all keys of all clinics, and seals the secrets of all second factors, under the present master key, so that
    /// retired ones are no longer needed. Returns how many keys.
    /// Can be run again if it was interrupted.
    ///
    /// # Errors
    /// `Unavailable` if the database or the key service is; `Internal` if a key does not open with any master key.
    pub async fn rewrap(&self) -> Result<usize, Error> {
        let all = clinic_keys::list_all(self.login).await?;
        for (org, version, wrapped) in &all {
            let key = self.key_service.unwrap(*org, *version, wrapped).await?;
            let wrapped = self.key_service.wrap(*org, *version, &key).await?;
            clinic_keys::replace_wrapped(self.login, *org, *version, &wrapped).await?;
        }
        for secret in second_factors::list_all(self.login).await? {
            let bound_to = associated_data::second_factor(secret.user);
            let opened = self.key_service.open(&bound_to, &secret.sealed).await?;
            let sealed = self.key_service.seal(&bound_to, &opened).await?;
            second_factors::replace_sealed(self.login, &secret, &sealed).await?;
        }
        Ok(all.len())
    }
}

impl From<KeyServiceError> for Error {
    fn from(error: KeyServiceError) -> Self {
        match error {
            KeyServiceError::Refused => Self::internal(error),
            KeyServiceError::Unavailable(_) => Self::unavailable(error),
        }
    }
}
