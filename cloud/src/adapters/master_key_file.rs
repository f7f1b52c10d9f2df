//! Wraps clinics' keys under a master key that is in a file apart from database and objects. Never writes the master key
//! anywhere else. Retired master keys still open what they wrapped.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

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

/// The longest secret that is opened.
const MAX_SECRET_BYTES: usize = 64;

/// A master key, of which only subkeys are kept: one to wrap with, and one to make codes with.
struct MasterKey {
    wrapping: SealingKey,
    mac: Zeroizing<[u8; KEY_BYTES]>,
}

impl MasterKey {
    /// Makes the subkeys (HKDF-SHA256, RFC 5869). The id is derived too, so that a key has the same one wherever it is read.
    fn new(bytes: &[u8; KEY_BYTES]) -> Self {
        let extracted = Hkdf::<Sha256>::new(None, bytes);
        let expand = |purpose: &str, subkey: &mut [u8]| {
            extracted.expand(purpose.as_bytes(), subkey).expect("a few bytes can be expanded");
        };
        let mut id = [0; 4];
        let (mut wrapping, mut mac) = (Zeroizing::new([0; KEY_BYTES]), Zeroizing::new([0; KEY_BYTES]));
        expand("id", &mut id);
        expand("wrap", wrapping.as_mut_slice());
        expand("mac", mac.as_mut_slice());
        Self { wrapping: SealingKey::new(u32::from_be_bytes(id), *wrapping), mac }
    }

    fn read(path: &Path) -> Result<Self, SecretFileError> {
        let secret = secret_file::read(path)?;
        let bytes = secret.as_slice().try_into().map_err(|_| SecretFileError::Malformed(path.to_owned()))?;
        Ok(Self::new(bytes))
    }
}

/// Master keys that were read from files of 32 random bytes.
pub struct MasterKeyFile {
    current: MasterKey,
    retired: Vec<MasterKey>,
    random: Arc<dyn Random>,
}

impl MasterKeyFile {
    /// Reads the master key, and those that were replaced by it.
    ///
    /// # Errors
    /// `Missing`; `Exposed` if others may read it; `Malformed` if it does not have 32 bytes.
    pub fn open(path: &Path, retired: &[PathBuf], random: Arc<dyn Random>) -> Result<Self, SecretFileError> {
        let current = MasterKey::read(path)?;
        let retired = retired.iter().map(|path| MasterKey::read(path)).collect::<Result<_, _>>()?;
        Ok(Self { current, retired, random })
    }

    /// Creates a new master key. It opens nothing that was sealed under another.
    ///
    /// # Errors
    /// `Io`, also if the file exists already.
    pub fn create(path: &Path, random: Arc<dyn Random>) -> Result<Self, SecretFileError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        random.fill(bytes.as_mut_slice());
        secret_file::create(path, bytes.as_slice())?;
        Ok(Self { current: MasterKey::new(&bytes), retired: Vec::new(), random })
    }
}

#[async_trait]
impl KeyService for MasterKeyFile {
    async fn wrap(&self, org: OrgId, version: u32, key: &[u8; 32]) -> Result<Vec<u8>, KeyServiceError> {
        self.seal(&associated_data::organization_key(org, version), key).await
    }

    async fn unwrap(
        &self,
        org: OrgId,
        version: u32,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, KeyServiceError> {
        let bytes = self.open(&associated_data::organization_key(org, version), wrapped).await?;
        bytes.as_slice().try_into().map(Zeroizing::new).map_err(|_| KeyServiceError::Refused)
    }

    async fn seal(&self, associated_data: &str, secret: &[u8]) -> Result<Vec<u8>, KeyServiceError> {
        let mut nonce = [0; 24];
        self.random.fill(&mut nonce);
        Ok(seal::seal(&self.current.wrapping, nonce, associated_data.as_bytes(), secret))
    }

    async fn open(
        &self,
        associated_data: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyServiceError> {
        let id = seal::key_id(sealed).map_err(|_| KeyServiceError::Refused)?;
        let master_key = std::iter::once(&self.current)
            .chain(&self.retired)
            .find(|key| key.wrapping.id() == id)
            .ok_or(KeyServiceError::Refused)?;
        seal::open(&master_key.wrapping, associated_data.as_bytes(), sealed, MAX_SECRET_BYTES)
            .map(Zeroizing::new)
            .map_err(|_| KeyServiceError::Refused)
    }

    async fn mac(&self, purpose: &str, input: &[u8]) -> Result<[u8; 32], KeyServiceError> {
        let mut mac = [0; 32];
        // The purpose ends with a byte that no purpose contains, so that no two pairs are one.
        Hkdf::<Sha256>::new(None, self.current.mac.as_slice())
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

    fn open(folder: &Path, retired: &[PathBuf]) -> Result<MasterKeyFile, SecretFileError> {
        MasterKeyFile::open(&folder.join("master.key"), retired, Arc::new(SystemRandom))
    }

    #[tokio::test]
    async fn wrapped_key_opens_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let wrapped = create(folder.path()).wrap(clinic(1), 1, &[5; 32]).await.unwrap();
        let reopened = open(folder.path(), &[]).unwrap();
        assert_eq!(*reopened.unwrap(clinic(1), 1, &wrapped).await.unwrap(), [5; 32]);
    }

    #[tokio::test]
    async fn wrapped_key_is_bound_to_clinic_version_and_master_key() {
        let (folder, other_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let keys = create(folder.path());
        let other_keys = create(other_folder.path());
        let wrapped = keys.wrap(clinic(1), 1, &[5; 32]).await.unwrap();
        assert!(matches!(keys.unwrap(clinic(2), 1, &wrapped).await, Err(KeyServiceError::Refused)));
        assert!(matches!(keys.unwrap(clinic(1), 2, &wrapped).await, Err(KeyServiceError::Refused)));
        assert!(matches!(other_keys.unwrap(clinic(1), 1, &wrapped).await, Err(KeyServiceError::Refused)));
    }

    #[tokio::test]
    async fn retired_master_key_opens_and_the_present_one_wraps() {
        let (old_folder, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let old = create(old_folder.path());
        let wrapped = old.wrap(clinic(1), 1, &[5; 32]).await.unwrap();
        create(folder.path());
        let both = open(folder.path(), &[old_folder.path().join("master.key")]).unwrap();
        assert_eq!(*both.unwrap(clinic(1), 1, &wrapped).await.unwrap(), [5; 32]);
        let again = both.wrap(clinic(1), 1, &[5; 32]).await.unwrap();
        assert!(matches!(old.unwrap(clinic(1), 1, &again).await, Err(KeyServiceError::Refused)));
        assert!(open(folder.path(), &[]).unwrap().unwrap(clinic(1), 1, &again).await.is_ok());
    }

    #[tokio::test]
    async fn codes_differ_by_purpose_input_and_master_key() {
        let (folder, other_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let keys = create(folder.path());
        let code = keys.mac("purpose", b"input").await.unwrap();
        assert_eq!(keys.mac("purpose", b"input").await.unwrap(), code);
        assert_ne!(keys.mac("purposei", b"nput").await.unwrap(), code);
        assert_ne!(create(other_folder.path()).mac("purpose", b"input").await.unwrap(), code);
    }

    #[test]
    fn master_key_of_another_size_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        secret_file::create(&folder.path().join("master.key"), &[1; 31]).unwrap();
        assert!(matches!(open(folder.path(), &[]), Err(SecretFileError::Malformed(_))));
    }
}
