//! A mail as an internet message (RFC 5322) with a text and an HTML part.

use anyhow::Context as _;
use lettre::{
    Message,
    message::{Mailbox, MultiPart},
};

use crate::ports::OutgoingMail;

/// # Errors
/// If the address of the recipient cannot be written in a header. The error names no address.
pub(super) fn build_message(from: &Mailbox, mail: &OutgoingMail) -> anyhow::Result<Message> {
    let to = mail.to.parse().ok().context("the recipient's address cannot be used")?;
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.as_str())
        .date(mail.sent_at.into())
        .message_id(Some(format!("<{}@{}>", mail.id.simple(), from.email.domain())))
        // RFC 3834: no answering machine answers.
        .raw_header(auto_submitted())
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .context("the mail cannot be written")
}

fn auto_submitted() -> lettre::message::header::HeaderValue {
    let name = lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted");
    lettre::message::header::HeaderValue::new(name, "auto-generated".to_owned())
}
