//! Where a private PostgreSQL cluster is stored, and for how long.

use std::path::Path;

use secrecy::SecretString;

/// The cluster's superuser: creates the database and runs the migrations. The service never logs in as this role.
pub const SUPERUSER: &str = "postgres";

pub struct ClusterOptions<'a> {
    /// The data folder, created if it does not exist. Its parent must exist and belong to this process's user.
    pub data: &'a Path,
    /// The superuser's password.
    pub password: &'a SecretString,
    pub lifetime: Lifetime,
}

/// What becomes of a cluster's data after its owner's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Stays, and is synced to the disk.
    Persistent,
    /// Removed with its owner, together with the parent folder, so nothing needs to be synced. For tests.
    Temporary,
}
