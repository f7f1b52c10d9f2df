//! The fingerprint by which pages with the same content are found before they are recognised.

use serde::{Deserialize, Serialize};

/// Equal for two pages of one file exactly if they show the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct PageFingerprint(pub(crate) [u8; 32]);
