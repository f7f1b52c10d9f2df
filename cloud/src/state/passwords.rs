//! Password hashing: Argon2id, off the async threads, with bounded memory. The plain password goes no further than here.
//! bcrypt is verified only, for accounts that were imported.

use std::{collections::BTreeSet, sync::Arc};

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
        self.hash_verified(password.secret(), random).await
    }

    /// Hashes a password that was verified, however it would be judged if it were new.
    ///
    /// # Errors
    /// `Unavailable` if too many sign-ins are waiting.
    pub async fn hash_verified(&self, password: &SecretString, random: &dyn Random) -> Result<String, Error> {
        let (password, salt) = (password.clone(), new_salt(random));
        self.pool.run(move || hash(password.expose_secret().as_bytes(), &salt)).await?
    }

    /// Whether a password matches a stored hash. Without a hash the answer is no. `schemes` are those of all accounts: each is
    /// computed once, so that an account takes the same work however its password is hashed, and as much as none.
    ///
    /// # Errors
    /// `Unavailable` if too many sign-ins are waiting; `Internal` if the hash is malformed.
    pub async fn verify(
        &self,
        password: &SecretString,
        stored: Option<&str>,
        schemes: &[String],
    ) -> Result<bool, Error> {
        let own = stored.map(|stored| scheme(stored).to_owned());
        let current = scheme(&self.dummy_hash).to_owned();
        let mut computed: BTreeSet<String> = schemes.iter().cloned().chain(own.clone()).collect();
        if computed.is_empty() {
            computed.insert(current);
        }
        let (dummy_hash, stored, password) =
            (self.dummy_hash.clone(), stored.map(str::to_owned), password.clone());
        let verify = move || {
            let password = password.expose_secret().as_bytes();
            let mut matches = false;
            for scheme in computed {
                match &stored {
                    Some(stored) if own.as_ref() == Some(&scheme) => matches = verify_one(password, stored)?,
                    // One that is none of ours belongs to nobody who could sign in.
                    _ => drop(verify_one(password, &dummy(&scheme, &dummy_hash))),
                }
            }
            Ok::<_, Error>(matches)
        };
        self.pool.run(verify).await?
    }

    /// Whether a stored hash is weaker than what is made now.
    #[must_use]
    pub fn is_outdated(stored: &str) -> bool {
        let parameters = PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
        parameters.is_none_or(|stored| stored.m_cost() < MEMORY_KIB || stored.t_cost() < PASSES)
    }
}

/// How a hash was made: what precedes its salt.
fn scheme(hash: &str) -> &str {
    let parts = if hash.starts_with("$argon2id$") { 4 } else { 3 };
    hash.match_indices('$').nth(parts - 1).map_or(hash, |(end, _)| &hash[..end])
}

/// A hash of a scheme that no password matches.
fn dummy(scheme: &str, argon2_hash: &str) -> String {
    if scheme.starts_with("$argon2id$") {
        let salt_and_hash = &argon2_hash[self::scheme(argon2_hash).len()..];
        format!("{scheme}{salt_and_hash}")
    } else {
        // Salt and hash are zeros.
        format!("{scheme}${}", ".".repeat(53))
    }
}

fn verify_one(password: &[u8], stored: &str) -> Result<bool, Error> {
    if stored.starts_with("$2") {
        // As all of its kind it looks at the first 72 bytes only; the hash is replaced once it was matched.
        return bcrypt::verify(password, stored).map_err(Error::internal);
    }
    let stored = PasswordHash::new(stored).map_err(|error| Error::internal(anyhow::anyhow!(error)))?;
    Ok(argon2().verify_password(password, &stored).is_ok())
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

    const SCHEME: &str = "$argon2id$v=19$m=19456,t=2,p=1";

    #[tokio::test]
    async fn password_is_hashed_with_argon2id_at_the_recommended_cost() {
        let random = CountingRandom(0.into());
        let passwords = PasswordHasher::new(&random);
        let password = NewPassword::parse("correct horse battery".into(), &[]).unwrap();
        let stored = passwords.hash(&password, &random).await.unwrap();
        assert_eq!(scheme(&stored), SCHEME);
        assert!(!PasswordHasher::is_outdated(&stored));
        assert!(passwords.verify(password.secret(), Some(&stored), &[]).await.unwrap());
        assert!(!passwords.verify(&"wrong horse battery".into(), Some(&stored), &[]).await.unwrap());
        assert_ne!(passwords.hash(&password, &random).await.unwrap(), stored, "each has its own salt");
    }

    #[tokio::test]
    async fn bcrypt_and_weaker_argon2_are_verified_and_outdated() {
        let passwords = PasswordHasher::new(&CountingRandom(0.into()));
        let password = SecretString::from("an old password");
        let bcrypt = bcrypt::hash("an old password", 4).unwrap();
        let params = Params::new(8 * 1024, 1, 1, None).unwrap();
        let weak: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(b"an old password", &[7; 16])
            .unwrap();
        for stored in [bcrypt, weak.to_string()] {
            let schemes = [scheme(&stored).to_owned(), SCHEME.to_owned()];
            assert!(passwords.verify(&password, Some(&stored), &schemes).await.unwrap(), "{stored}");
            assert!(!passwords.verify(&"another".into(), Some(&stored), &schemes).await.unwrap());
            assert!(PasswordHasher::is_outdated(&stored));
        }
    }

    #[tokio::test]
    async fn no_password_matches_where_there_is_no_account() {
        let passwords = PasswordHasher::new(&CountingRandom(0.into()));
        let schemes = [SCHEME.to_owned(), "$2b$04".to_owned(), "$argon2id$v=19$m=8192,t=1,p=1".to_owned()];
        for scheme in &schemes {
            let dummy = dummy(scheme, &passwords.dummy_hash);
            assert_eq!(&self::scheme(&dummy), scheme);
            assert!(
                !verify_one(b"anything at all", &dummy).expect("it is computed as if it were somebody's")
            );
        }
        assert!(!passwords.verify(&"anything at all".into(), None, &schemes).await.unwrap());
        assert!(!passwords.verify(&"anything at all".into(), None, &[]).await.unwrap());
    }
}
