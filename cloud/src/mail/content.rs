//! A mail before and after it has a layout.

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
}

/// What a mail says.
pub(super) struct Content {
    pub(super) subject: String,
    pub(super) blocks: Vec<Block>,
}
