//! Wraps clinics' keys under a master key that is in a file apart from database and objects. Never writes the master key
//! anywhere else.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use hkdf::Hkdf;
use maneiro_api::{
    OrgId,
    seal::{self, SealingKey, associated_data},
};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::secret_file::{self, SecretFileError};
use crate::ports::{KeyService, KeyServiceError, Random};

const KEY_BYTES: usize = 32;

/// A master key that was read from a file of 32 random bytes.
pub struct MasterKeyFile {
    master_key: SealingKey,
    random: Arc<dyn Random>,
}

impl MasterKeyFile {
    /// Reads the master key.
    ///
    /// # Errors
    /// `Missing`; `Exposed` if others may read it; `Malformed` if it does not have 32 bytes.
    pub fn open(path: &Path, random: Arc<dyn Random>) -> Result<Self, SecretFileError> {
        let secret = secret_file::read(path)?;
        let bytes: [u8; KEY_BYTES] =
            secret.as_slice().try_into().map_err(|_| SecretFileError::Malformed(path.to_owned()))?;
        Ok(Self { master_key: SealingKey::new(bytes), random })
    }

    /// Creates a new master key. It opens nothing that was sealed under another.
    ///
    /// # Errors
    /// `Io`, also if the file exists already.
    pub fn create(path: &Path, random: Arc<dyn Random>) -> Result<Self, SecretFileError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        random.fill(bytes.as_mut_slice());
        secret_file::create(path, bytes.as_slice())?;
        Ok(Self { master_key: SealingKey::new(*bytes), random })
    }
}

#[async_trait]
impl KeyService for MasterKeyFile {
    async fn wrap(&self, org: OrgId, key: &SealingKey) -> Result<Vec<u8>, KeyServiceError> {
        let mut nonce = [0; 24];
        self.random.fill(&mut nonce);
        let associated_data = associated_data::organization_key(org);
        Ok(seal::seal(&self.master_key, nonce, associated_data.as_bytes(), key.expose()))
    }

    async fn unwrap(&self, org: OrgId, wrapped: &[u8]) -> Result<SealingKey, KeyServiceError> {
        let associated_data = associated_data::organization_key(org);
        let bytes = seal::open(&self.master_key, associated_data.as_bytes(), wrapped, KEY_BYTES)
            .map(Zeroizing::new)
            .map_err(|_| KeyServiceError::Refused)?;
        bytes.as_slice().try_into().map(SealingKey::new).map_err(|_| KeyServiceError::Refused)
    }

    async fn mac(&self, purpose: &str, input: &[u8]) -> Result<[u8; 32], KeyServiceError> {
        let mut mac = [0; 32];
        // The purpose ends with a byte that no purpose contains, so that no two pairs are one.
        Hkdf::<Sha256>::new(None, self.master_key.expose())
            .expand(&[purpose.as_bytes(), &[0], input].concat(), &mut mac)
            .expect("32 bytes are within what SHA-256 expands to");
        Ok(mac)
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

    fn create(folder: &Path) -> MasterKeyFile {
        MasterKeyFile::create(&folder.join("master.key"), Arc::new(SystemRandom)).unwrap()
    }

    #[tokio::test]
    async fn wrapped_key_opens_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let wrapped = create(folder.path()).wrap(clinic(1), &SealingKey::new([5; 32])).await.unwrap();
        let reopened =
            MasterKeyFile::open(&folder.path().join("master.key"), Arc::new(SystemRandom)).unwrap();
        assert_eq!(reopened.unwrap(clinic(1), &wrapped).await.unwrap().expose(), &[5; 32]);
    }

    #[tokio::test]
    async fn wrapped_key_is_bound_to_its_clinic_and_master_key() {
        let (folder, other_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let keys = create(folder.path());
        let other_keys = create(other_folder.path());
        let wrapped = keys.wrap(clinic(1), &SealingKey::new([5; 32])).await.unwrap();
        assert!(matches!(keys.unwrap(clinic(2), &wrapped).await, Err(KeyServiceError::Refused)));
        assert!(matches!(other_keys.unwrap(clinic(1), &wrapped).await, Err(KeyServiceError::Refused)));
    }

    #[test]
    fn master_key_of_another_size_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        secret_file::create(&path, &[1; 31]).unwrap();
        let opened = MasterKeyFile::open(&path, Arc::new(SystemRandom));
        assert!(matches!(opened, Err(SecretFileError::Malformed(_))));
    }
}
