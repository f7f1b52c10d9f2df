//! Clinics' keys, wrapped under a master key that lives in a file apart from database and objects.
//! Never writes the master key anywhere else.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use maneiro_api::{
    OrgId,
    seal::{self, Key, associated_data},
};
use zeroize::Zeroizing;

use super::secret_file::{self, SecretFileError};
use crate::ports::{Keys, KeysError, Random};

const KEY_BYTES: usize = 32;

/// A master key read from a file of 32 random bytes.
pub struct FileKeys {
    master: Key,
    random: Arc<dyn Random>,
}

impl FileKeys {
    /// Reads the master key.
    ///
    /// # Errors
    /// `Missing`, `Exposed` if others may read it, `Malformed` if it has not 32 bytes.
    pub fn open(path: &Path, random: Arc<dyn Random>) -> Result<Self, SecretFileError> {
        let secret = secret_file::read(path)?;
        let bytes: [u8; KEY_BYTES] =
            secret.as_slice().try_into().map_err(|_| SecretFileError::Malformed(path.to_owned()))?;
        Ok(Self { master: Key::new(bytes), random })
    }

    /// Makes a new master key. What was sealed under another can then not be read with it.
    ///
    /// # Errors
    /// `Io`, also if there is one already.
    pub fn create(path: &Path, random: Arc<dyn Random>) -> Result<Self, SecretFileError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        random.fill(bytes.as_mut_slice());
        secret_file::create(path, bytes.as_slice())?;
        Ok(Self { master: Key::new(*bytes), random })
    }
}

#[async_trait]
impl Keys for FileKeys {
    async fn wrap(&self, org: OrgId, key: &Key) -> Result<Vec<u8>, KeysError> {
        let mut nonce = [0; 24];
        self.random.fill(&mut nonce);
        Ok(seal::seal(&self.master, nonce, associated_data::organization_key(org).as_bytes(), key.expose()))
    }

    async fn unwrap(&self, org: OrgId, wrapped: &[u8]) -> Result<Key, KeysError> {
        let bytes =
            seal::open(&self.master, associated_data::organization_key(org).as_bytes(), wrapped, KEY_BYTES)
                .map(Zeroizing::new)
                .map_err(|_| KeysError::Refused)?;
        bytes.as_slice().try_into().map(Key::new).map_err(|_| KeysError::Refused)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::adapters::system::SystemRandom;

    fn clinic(number: u128) -> OrgId {
        OrgId::from_uuid(Uuid::from_u128(number))
    }

    fn keys(folder: &Path) -> FileKeys {
        FileKeys::create(&folder.join("master.key"), Arc::new(SystemRandom)).unwrap()
    }

    #[tokio::test]
    async fn a_clinics_key_comes_back_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let wrapped = keys(folder.path()).wrap(clinic(1), &Key::new([5; 32])).await.unwrap();
        let again = FileKeys::open(&folder.path().join("master.key"), Arc::new(SystemRandom)).unwrap();
        assert_eq!(again.unwrap(clinic(1), &wrapped).await.unwrap().expose(), &[5; 32]);
    }

    #[tokio::test]
    async fn a_clinics_key_opens_for_no_other_clinic_and_no_other_master_key() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let keys_here = keys(folder.path());
        let wrapped = keys_here.wrap(clinic(1), &Key::new([5; 32])).await.unwrap();
        assert!(matches!(keys_here.unwrap(clinic(2), &wrapped).await, Err(KeysError::Refused)));
        assert!(matches!(keys(elsewhere.path()).unwrap(clinic(1), &wrapped).await, Err(KeysError::Refused)));
    }

    #[test]
    fn a_master_key_of_another_size_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        secret_file::create(&path, &[1; 31]).unwrap();
        assert!(matches!(FileKeys::open(&path, Arc::new(SystemRandom)), Err(SecretFileError::Malformed(_))));
    }
}
