//! Password hashing: Argon2id, off the async threads, with bounded memory. The plain password goes no further than here.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    domain::{error::Error, fields::NewPassword},
    ports::Random,
};

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane, at least.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes at the same time; with 19 MiB each this bounds their memory to 76 MiB, whatever floods in.
const AT_ONCE: usize = 4;

/// How long a sign-in waits for its turn before it is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Hashes and checks passwords.
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Checked where there is no account, so that it costs the same.
    nobody: Arc<str>,
}

impl Passwords {
    /// Makes the hash that stands in for accounts that do not exist.
    #[must_use]
    pub fn new(random: &dyn Random) -> Self {
        let mut password = [0; 32];
        random.fill(&mut password);
        let nobody = hash(&password, &salt(random)).expect("fixed parameters and 32 bytes can be hashed");
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() }
    }

    /// Hashes a password for storing it, in PHC string format.
    ///
    /// # Errors
    /// `Unavailable` if too many sign-ins are waiting.
    pub async fn hash(&self, password: &NewPassword, random: &dyn Random) -> Result<String, Error> {
        let (password, salt) = (password.secret().clone(), salt(random));
        let turn = self.turn().await?;
        off_thread(turn, move || hash(password.expose_secret().as_bytes(), &salt)).await?
    }

    /// Whether a password belongs to a stored hash. Without a hash the answer is no, after the same work.
    ///
    /// # Errors
    /// `Unavailable` if too many sign-ins are waiting; `Bug` if the hash is none.
    pub async fn verify(&self, password: &SecretString, stored: Option<&str>) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored: Arc<str> = stored.map_or_else(|| self.nobody.clone(), Arc::from);
        let password = password.clone();
        let turn = self.turn().await?;
        let fits = off_thread(turn, move || {
            let stored = PasswordHash::new(&stored).map_err(|error| Error::bug(anyhow::anyhow!(error)))?;
            Ok::<_, Error>(hasher().verify_password(password.expose_secret().as_bytes(), &stored).is_ok())
        })
        .await??;
        Ok(fits && known)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        let turn = tokio::time::timeout(LONGEST_WAIT, self.turns.clone().acquire_owned());
        turn.await
            .map_err(|_| Error::unavailable(anyhow::anyhow!("too many sign-ins are waiting for their turn")))?
            .map_err(Error::bug)
    }
}

async fn off_thread<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    // The turn moves along: an abandoned request keeps it until its memory is free.
    let job = move || {
        let done = work();
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(job).await.map_err(Error::bug)
}

fn hasher() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn salt(random: &dyn Random) -> [u8; 16] {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    salt
}

fn hash(password: &[u8], salt: &[u8; 16]) -> Result<String, Error> {
    hasher()
        .hash_password_with_salt(password, salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| Error::bug(anyhow::anyhow!(error)))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Random for Counting {
        fn uuid(&self) -> Uuid {
            Uuid::nil()
        }

        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_at_the_recommended_cost_and_verifies() {
        let random = Counting(0.into());
        let passwords = Passwords::new(&random);
        let password = NewPassword::parse("correct horse battery".into()).unwrap();
        let stored = passwords.hash(&password, &random).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify(password.secret(), Some(&stored)).await.unwrap());
        assert!(!passwords.verify(&"wrong horse battery".into(), Some(&stored)).await.unwrap());
        assert_ne!(passwords.hash(&password, &random).await.unwrap(), stored, "each has its own salt");
    }

    #[tokio::test]
    async fn an_unknown_account_is_checked_against_a_hash_of_the_same_cost() {
        let passwords = Passwords::new(&Counting(0.into()));
        assert!(passwords.nobody.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!passwords.verify(&"anything at all".into(), None).await.unwrap());
    }
}
