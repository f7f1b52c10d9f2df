//! Passwords for the servers that this process starts.

use crate::ports::Random;

const PASSWORD_BYTES: usize = 32;

/// 256 random bits in hexadecimal, which need no quoting anywhere.
#[must_use]
pub fn random_password(random: &dyn Random) -> String {
    let mut bytes = [0; PASSWORD_BYTES];
    random.fill(&mut bytes);
    hex::encode(bytes)
}
