//! What this computer keeps of an account: who it is, and the session's token and the keys of its stores, one for each clinic,
//! sealed under a key made of the password (Argon2id) and a secret of the keychain. Neither alone opens it.

use std::path::PathBuf;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use maneiro_api::{
    OrgId,
    seal::{self, SealingKey},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    contract::{
        common::Timestamp,
        session::{LockReason, SessionState, SignedInMember},
    },
    files::{DataFolder, sha256_hex, write_atomically},
    keychain::{Keychain, KeychainError},
    system::Random,
};

/// A quarter of a second on a small machine (RFC 9106, section 4, second recommendation).
const ARGON2_MEMORY_KIB: u32 = 64 * 1024;
const ARGON2_PASSES: u32 = 3;

/// An account is sealed as a whole, so its key never needs another number.
const SEALING_KEY_ID: u32 = 1;

const SALT_BYTES: usize = 16;
const DEVICE_SECRET_BYTES: usize = 32;
const MAX_SEALED_BYTES: usize = 64 * 1024;

const DEVICE_SECRET_ENTRY: &str = "device-secret";
const FOLDER: &str = "accounts";
const FILE: &str = "account.json";

/// An account of this computer. What is in clear is what the lock shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AccountFile {
    pub(super) server: String,
    pub(super) user: String,
    pub(super) name: String,
    pub(super) clinic: String,
    pub(super) email: String,
    /// When the session ends at the latest.
    pub(super) expires_at: Timestamp,
    pub(super) idle_minutes: u32,
    salt: String,
    sealed_secrets: String,
}

/// What only the password opens.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountSecrets {
    #[serde(serialize_with = "expose")]
    pub(super) token: SecretString,
    pub(super) me: SignedInMember,
    /// One for each clinic that was signed in to: what belongs to one is never in the store of another.
    pub(super) stores: Vec<ClinicStore>,
}

/// The store of a clinic on this computer.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ClinicStore {
    pub(super) organization: OrgId,
    /// Its folder within the account's own.
    pub(super) folder: String,
    #[serde(serialize_with = "expose")]
    pub(super) key: SecretString,
}

impl AccountSecrets {
    /// The store of the clinic that the session acts in.
    pub(super) fn store(&self) -> Option<&ClinicStore> {
        self.stores.iter().find(|store| store.organization == self.me.organization)
    }
}

fn expose<S: serde::Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// The password or the keychain's secret is not the one that sealed the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AccountSealed;

/// The keychain's half of what opens an account.
pub(super) struct DeviceSecret(Zeroizing<Vec<u8>>);

impl DeviceSecret {
    /// The secret of `MANEIRO_STORE_KEY` if that is set, else the keychain's, which is made on first use and read back.
    ///
    /// # Errors
    /// [`KeychainError`]; none if the keychain answers but does not keep.
    pub(super) fn find(
        configured: Option<&SecretString>,
        keychain: &dyn Keychain,
        random: &dyn Random,
    ) -> Result<Self, Option<KeychainError>> {
        if let Some(configured) = configured {
            return Ok(Self(Zeroizing::new(configured.expose_secret().trim().as_bytes().to_vec())));
        }
        if let Some(kept) = keychain.get(DEVICE_SECRET_ENTRY)? {
            return Ok(Self(Zeroizing::new(kept.expose_secret().as_bytes().to_vec())));
        }
        let mut bytes = Zeroizing::new([0; DEVICE_SECRET_BYTES]);
        random.fill(&mut *bytes);
        let secret = SecretString::from(hex::encode(*bytes));
        keychain.set(DEVICE_SECRET_ENTRY, &secret)?;
        match keychain.get(DEVICE_SECRET_ENTRY)? {
            Some(kept) if kept.expose_secret() == secret.expose_secret() => {
                Ok(Self(Zeroizing::new(secret.expose_secret().as_bytes().to_vec())))
            }
            Some(_) | None => Err(None),
        }
    }
}

/// The name of an account's folder. Tells neither server nor person.
pub(super) fn account_name(server: &str, user: &str) -> String {
    sha256_hex(format!("{server}\n{user}").as_bytes())[..32].to_owned()
}

fn account_folder(folder: &DataFolder, account: &str) -> PathBuf {
    folder.join(FOLDER).join(account)
}

/// The key that an account is sealed with. An open session holds it, so that what becomes of the session can be sealed
/// without asking for the password.
#[derive(Clone)]
pub(super) struct AccountKey {
    salt: [u8; SALT_BYTES],
    key: SealingKey,
}

impl AccountKey {
    /// The key of an account that nothing is kept of yet. Blocks for a quarter of a second.
    pub(super) fn generate(password: &SecretString, device: &DeviceSecret, random: &dyn Random) -> Self {
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt);
        Self::derive(password, device, salt)
    }

    /// A key of the password and the device's secret.
    fn derive(password: &SecretString, device: &DeviceSecret, salt: [u8; SALT_BYTES]) -> Self {
        let params = Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, 1, Some(32))
            .expect("the parameters are within limits");
        let mut stretched = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.expose_secret().as_bytes(), &salt, &mut *stretched)
            .expect("a salt of 16 bytes and a key of 32 are within limits");
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(device.0.as_slice()), &*stretched)
            .expand(b"maneiro account", &mut *key)
            .expect("32 bytes are within the limit of HKDF");
        Self { salt, key: SealingKey::new(SEALING_KEY_ID, *key) }
    }
}

impl AccountFile {
    /// The account of this name, if there is one that can be read.
    pub(super) fn load(folder: &DataFolder, account: &str) -> Option<Self> {
        let text = std::fs::read(account_folder(folder, account).join(FILE)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Seals the secrets of an account.
    pub(super) fn seal(
        server: &str,
        expires_at: Timestamp,
        secrets: &AccountSecrets,
        key: &AccountKey,
        random: &dyn Random,
    ) -> Self {
        let mut nonce = [0; 24];
        random.fill(&mut nonce);
        let user = secrets.me.user.to_string();
        let content = Zeroizing::new(serde_json::to_vec(secrets).expect("secrets have string keys only"));
        let sealed = seal::seal(&key.key, nonce, &associated_data(server, &user), &content);
        Self {
            server: server.to_owned(),
            user,
            name: secrets.me.name.clone(),
            clinic: secrets.me.clinic.clone(),
            email: secrets.me.email.clone(),
            expires_at,
            idle_minutes: secrets.me.idle_minutes,
            salt: hex::encode(key.salt),
            sealed_secrets: STANDARD.encode(sealed),
        }
    }

    /// The key that opens the account, if password and device are those that sealed it. Blocks for a quarter of a second.
    ///
    /// # Errors
    /// [`AccountSealed`] if the file is damaged.
    pub(super) fn key(
        &self,
        password: &SecretString,
        device: &DeviceSecret,
    ) -> Result<AccountKey, AccountSealed> {
        let salt = hex::decode(&self.salt).map_err(|_| AccountSealed)?;
        let salt = salt.try_into().map_err(|_| AccountSealed)?;
        Ok(AccountKey::derive(password, device, salt))
    }

    /// Opens the secrets.
    ///
    /// # Errors
    /// [`AccountSealed`], whether the password, the device or the file is another.
    pub(super) fn open(&self, key: &AccountKey) -> Result<AccountSecrets, AccountSealed> {
        let sealed = STANDARD.decode(&self.sealed_secrets).map_err(|_| AccountSealed)?;
        let associated = associated_data(&self.server, &self.user);
        let content = seal::open(&key.key, &associated, &sealed, MAX_SEALED_BYTES)
            .map(Zeroizing::new)
            .map_err(|_| AccountSealed)?;
        serde_json::from_slice(&content).map_err(|_| AccountSealed)
    }

    pub(super) fn save(&self, folder: &DataFolder) -> std::io::Result<()> {
        let own = account_folder(folder, &self.account());
        DataFolder::new(own.clone()).create()?;
        let text = serde_json::to_vec_pretty(self).expect("an account has string keys only");
        write_atomically(&own.join(FILE), &text)
    }

    pub(super) fn account(&self) -> String {
        account_name(&self.server, &self.user)
    }

    /// The folder of a store of it.
    pub(super) fn store_folder(&self, folder: &DataFolder, store: &ClinicStore) -> DataFolder {
        DataFolder::new(account_folder(folder, &self.account()).join(&store.folder))
    }

    pub(super) fn locked(&self, reason: LockReason, needs_sign_in: bool) -> SessionState {
        SessionState::Locked {
            name: self.name.clone(),
            clinic: self.clinic.clone(),
            email: self.email.clone(),
            reason,
            idle_minutes: self.idle_minutes,
            needs_sign_in,
        }
    }
}

fn associated_data(server: &str, user: &str) -> Vec<u8> {
    [server, user].join("\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::{
        contract::session::PlanUsage,
        keychain::{MemoryKeychain, NoKeychain},
        system::SystemRandom,
    };

    fn secrets() -> AccountSecrets {
        let at = Timestamp(datetime!(2026-11-27 09:00 UTC));
        let usage = PlanUsage {
            plan: "trial".to_owned(),
            trial_ends_at: None,
            analyses_used: 0,
            analyses_limit: None,
            resets_at: at,
        };
        let me = SignedInMember {
            user: "usr_0197a6b2c3d47e8f9a0b1c2d3e4f00e1".parse().unwrap(),
            name: "Ada".to_owned(),
            email: "ada@clinic.example".to_owned(),
            organization: "org_0197a6b2c3d47e8f9a0b1c2d3e4f0c11".parse().unwrap(),
            clinic: "Clinic".to_owned(),
            role: maneiro_api::account::Role::Admin,
            signs: false,
            idle_minutes: 15,
            usage,
        };
        let store =
            ClinicStore { organization: me.organization, folder: "a".to_owned(), key: "planted-key".into() };
        AccountSecrets { token: "planted-token".into(), me, stores: vec![store] }
    }

    fn device(keychain: &MemoryKeychain) -> DeviceSecret {
        DeviceSecret::find(None, keychain, &SystemRandom).ok().unwrap()
    }

    #[test]
    fn account_opens_with_its_password_on_its_device_only() {
        let keychain = MemoryKeychain::default();
        let at = Timestamp(datetime!(2026-11-27 21:00 UTC));
        let password = SecretString::from("correct horse");
        let key = AccountKey::generate(&password, &device(&keychain), &SystemRandom);
        let file = AccountFile::seal("https://a.example/", at, &secrets(), &key, &SystemRandom);
        let written = serde_json::to_string(&file).unwrap();
        assert!(!written.contains("planted"), "{written}");
        let open = |password: &str, keychain: &MemoryKeychain| {
            file.open(&file.key(&password.into(), &device(keychain)).ok().unwrap())
        };
        let opened = open("correct horse", &keychain).ok().unwrap();
        assert_eq!(opened.token.expose_secret(), "planted-token");
        assert_eq!(opened.store().unwrap().key.expose_secret(), "planted-key");
        assert!(open("correct horsf", &keychain).is_err());
        assert!(open("correct horse", &MemoryKeychain::default()).is_err());
        let moved = AccountFile { server: "https://b.example/".to_owned(), ..file };
        assert!(moved.open(&key).is_err(), "the server is part of the seal");
    }

    #[test]
    fn a_machine_without_keychain_has_no_device_secret() {
        assert_eq!(
            DeviceSecret::find(None, &NoKeychain, &SystemRandom).err(),
            Some(Some(KeychainError::Unavailable))
        );
        let configured = SecretString::from("ab".repeat(32));
        assert!(DeviceSecret::find(Some(&configured), &NoKeychain, &SystemRandom).is_ok());
    }
}
