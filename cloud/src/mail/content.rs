//! A mail before and after it has a layout.

use url::Url;

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposedMail {
    pub subject: String,
    pub text: String,
    /// The same content as `text`.
    pub html: String,
}

/// A piece of a mail.
pub(super) enum Block {
    Paragraph(String),
    /// Shown large, on a line of its own.
    Code(String),
    /// A page to go on with. What is secret in its address stands behind `#`, which no server is sent.
    Link {
        label: String,
        url: Url,
    },
}

/// What a mail says.
pub(super) struct Content {
    pub(super) subject: String,
    pub(super) blocks: Vec<Block>,
}
