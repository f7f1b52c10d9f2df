//! Password hashing: Argon2id, off the async threads, with bounded memory. The plain password goes no further than here.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};

use super::blocking_pool::{BlockingPool, half_of_the_cores};
use crate::{
    domain::{error::Error, validation::NewPassword},
    ports::Random,
};

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane, at least.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Sign-ins that wait while others are verified. With 19 MiB for each that runs, memory is bounded whatever the load, and
/// half of the cores remain for people who are signed in.
const MAX_WAITING_SIGN_INS: usize = 64;

/// Hashes and verifies passwords.
pub struct PasswordHasher {
    pool: BlockingPool,
    /// Verified where there is no account, so that it takes the same time.
    dummy_hash: Arc<str>,
}

impl PasswordHasher {
    /// Makes the hash that stands in for accounts that do not exist.
    #[must_use]
    pub fn new(random: &dyn Random) -> Self {
        let mut password = [0; 32];
        random.fill(&mut password);
        let dummy_hash =
            hash(&password, &new_salt(random)).expect("fixed parameters and 32 bytes can be hashed");
        let pool = BlockingPool::new(half_of_the_cores(), MAX_WAITING_SIGN_INS);
        Self { pool, dummy_hash: dummy_hash.into() }
    }

    /// Hashes a password to be stored, in PHC string format.
    ///
    /// # Errors
    /// `Unavailable` if too many sign-ins are waiting.
    pub async fn hash(&self, password: &NewPassword, random: &dyn Random) -> Result<String, Error> {
        let (password, salt) = (password.secret().clone(), new_salt(random));
        self.pool.run(move || hash(password.expose_secret().as_bytes(), &salt)).await?
    }

    /// Whether a password matches a stored hash. Without a hash the answer is no, after the same work.
    ///
    /// # Errors
    /// `Unavailable` if too many sign-ins are waiting; `Internal` if the hash is malformed.
    pub async fn verify(&self, password: &SecretString, stored: Option<&str>) -> Result<bool, Error> {
        let has_account = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| self.dummy_hash.clone(), Arc::from);
        let password = password.clone();
        let verify = move || {
            let stored =
                PasswordHash::new(&stored).map_err(|error| Error::internal(anyhow::anyhow!(error)))?;
            Ok::<_, Error>(argon2().verify_password(password.expose_secret().as_bytes(), &stored).is_ok())
        };
        let matches = self.pool.run(verify).await??;
        Ok(matches && has_account)
    }
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn new_salt(random: &dyn Random) -> [u8; 16] {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    salt
}

fn hash(password: &[u8], salt: &[u8; 16]) -> Result<String, Error> {
    argon2()
        .hash_password_with_salt(password, salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| Error::internal(anyhow::anyhow!(error)))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    struct CountingRandom(std::sync::atomic::AtomicU8);

    impl Random for CountingRandom {
        fn uuid(&self) -> Uuid {
            Uuid::nil()
        }

        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[tokio::test]
    async fn password_is_hashed_with_argon2id_at_the_recommended_cost() {
        let random = CountingRandom(0.into());
        let passwords = PasswordHasher::new(&random);
        let password = NewPassword::parse("correct horse battery".into()).unwrap();
        let stored = passwords.hash(&password, &random).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify(password.secret(), Some(&stored)).await.unwrap());
        assert!(!passwords.verify(&"wrong horse battery".into(), Some(&stored)).await.unwrap());
        assert_ne!(passwords.hash(&password, &random).await.unwrap(), stored, "each has its own salt");
    }

    #[tokio::test]
    async fn unknown_account_costs_as_much_as_a_known_one() {
        let passwords = PasswordHasher::new(&CountingRandom(0.into()));
        assert!(passwords.dummy_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!passwords.verify(&"anything at all".into(), None).await.unwrap());
    }
}
