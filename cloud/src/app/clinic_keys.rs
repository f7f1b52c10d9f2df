//! The data key of an actor's clinic: wrapped in the database, opened by the master key's holder.

use maneiro_api::seal::Key;

use crate::{
    domain::{actor::OrgActor, error::Error},
    ports::KeysError,
    state::App,
    store::accounts,
};

/// The key of the actor's clinic. No transaction may be open.
///
/// # Errors
/// `Unavailable` if the database or the key service is; `Bug` if the key does not open with this master key.
pub(super) async fn of(app: &App, who: &OrgActor) -> Result<Key, Error> {
    if let Some(key) = app.clinic_keys.get(who.org()) {
        return Ok(key);
    }
    let mut tx = app.db.begin_org(who).await?;
    let wrapped = accounts::wrapped_key(&mut tx).await?;
    tx.commit().await?;
    let key = app.keys.unwrap(who.org(), &wrapped).await?;
    app.clinic_keys.keep(who.org(), key.clone());
    Ok(key)
}

impl From<KeysError> for Error {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Refused => Self::bug(error),
            KeysError::Unavailable(_) => Self::unavailable(error),
        }
    }
}
