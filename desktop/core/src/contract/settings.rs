//! Settings of the clinic and of the person, about, and the support bundle.

use serde::Serialize;
use ts_rs::TS;

use super::common::Timestamp;

/// A picture that the shell checked and re-encoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Picture {
    /// What to name it by when saving.
    pub handle: String,
    /// For an <img>: an address of the page protocol.
    pub url: String,
    pub width: u32,
    pub height: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Letterhead {
    /// Beside or below the picture, at most four.
    pub lines: Vec<String>,
    pub picture: Option<Picture>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ClinicSettings {
    pub name: String,
    pub letterhead: Letterhead,
    pub may_edit: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SignatureBlock {
    pub name: String,
    pub line: String,
    pub licence: String,
    pub phone: String,
    pub picture: Option<Picture>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SignatureSettings {
    pub block: Option<SignatureBlock>,
    pub signs: bool,
    pub signs_since: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Licence {
    pub name: String,
    pub version: String,
    pub licence: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AboutServer {
    pub url: String,
    pub version: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AboutComponent {
    pub name: String,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct About {
    pub version: String,
    pub commit: String,
    pub built_at: Timestamp,
    pub server: AboutServer,
    pub components: Vec<AboutComponent>,
    pub licences: Vec<Licence>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BundleFile {
    pub name: String,
    pub text: String,
}

/// What a support bundle will hold, as text, before it is saved. No patient data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SupportBundle {
    pub id: String,
    pub name: String,
    pub files: Vec<BundleFile>,
}
