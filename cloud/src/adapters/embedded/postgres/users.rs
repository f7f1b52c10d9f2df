//! The user that the server runs as. PostgreSQL refuses to run as root, so root runs it as another user.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::Path,
    process::Command,
};

use nix::unistd::{Gid, Uid, User, geteuid};

use super::error::{ClusterError, io_error};

/// The user of the distribution's PostgreSQL package.
const SERVICE_USER: &str = "postgres";

/// The user that the server runs as, if this process is root's.
pub(super) struct ServiceUser {
    uid: Uid,
    gid: Gid,
}

impl ServiceUser {
    /// `None` if the server runs as the user of this process.
    pub(super) fn detect() -> Result<Option<Self>, ClusterError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let user = User::from_name(SERVICE_USER).ok().flatten().ok_or(ClusterError::NoServiceUser)?;
        Ok(Some(Self { uid: user.uid, gid: user.gid }))
    }

    pub(super) fn run_as(&self, command: &mut Command) {
        command.uid(self.uid.as_raw()).gid(self.gid.as_raw());
    }
}

/// Sets the mode of a path and makes `user` its owner.
pub(super) fn chown_to(user: Option<&ServiceUser>, path: &Path, mode: u32) -> Result<(), ClusterError> {
    let operation = || format!("preparing {}", path.display());
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(io_error(operation()))?;
    match user {
        Some(user) => {
            chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).map_err(io_error(operation()))
        }
        None => Ok(()),
    }
}
