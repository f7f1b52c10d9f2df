//! The language of a page, detected from its text.

use serde::{Deserialize, Serialize};

/// The language a page is written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Language {
    /// The name of Tesseract's model: `eng`, `deu`; `script/Cyrillic` where only the script is certain.
    pub model: String,
    /// The English name: `German`; `Cyrillic script`.
    pub name: String,
    /// Why the page was recognised without that model, if it was. Its text may then be misread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_unused: Option<ModelUnused>,
}

/// Why a page was recognised without the model of its language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ModelUnused {
    /// The model is installed but not enabled.
    NotEnabled,
    /// The model is not installed.
    NotInstalled {
        /// The Debian package that provides it.
        package: String,
    },
}
