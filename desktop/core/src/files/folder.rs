//! The folder where the workstation keeps its data.

use std::{io, path::PathBuf};

use directories::ProjectDirs;

/// The data folder. It holds nothing unencrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The user's data folder: `MANEIRO_DATA_DIR` if that is set, else where the operating system keeps such data
    /// (`~/.local/share/maneiro` on Linux). None if the user has no home.
    #[must_use]
    pub fn for_user() -> Option<Self> {
        let configured =
            std::env::var_os("MANEIRO_DATA_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
        let default = || ProjectDirs::from("", "", "maneiro").map(|dirs| dirs.data_local_dir().to_path_buf());
        configured.or_else(default).map(Self)
    }

    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Creates the folder if it is missing, accessible to this user only.
    ///
    /// # Errors
    /// Those of creating a folder.
    pub fn create(&self) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0)
    }
}
