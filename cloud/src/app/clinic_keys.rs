//! The data key of an actor's clinic: wrapped in the database, unwrapped by the key service.

use maneiro_api::seal::SealingKey;

use crate::{
    domain::{actor::OrgActor, error::Error},
    ports::KeyServiceError,
    state::App,
    store::accounts,
};

/// The key of the actor's clinic. No transaction may be open.
///
/// # Errors
/// `Unavailable` if the database or the key service is; `Internal` if the key does not open with this master key.
pub(super) async fn load(app: &App, who: &OrgActor) -> Result<SealingKey, Error> {
    if let Some(key) = app.clinic_keys.get(who.org()) {
        return Ok(key);
    }
    let mut tx = app.db.begin_org(who).await?;
    let wrapped = accounts::wrapped_key(&mut tx).await?;
    tx.commit().await?;
    let key = app.key_service.unwrap(who.org(), &wrapped).await?;
    app.clinic_keys.insert(who.org(), key.clone());
    Ok(key)
}

impl From<KeyServiceError> for Error {
    fn from(error: KeyServiceError) -> Self {
        match error {
            KeyServiceError::Refused => Self::internal(error),
            KeyServiceError::Unavailable(_) => Self::unavailable(error),
        }
    }
}
