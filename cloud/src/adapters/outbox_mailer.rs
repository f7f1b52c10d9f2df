//! Mails as files, for the embedded mode, where no mail server is set. A mail holds a code that opens an account, so that
//! only the owner of the folder may read it.

use std::{io, path::PathBuf};

use async_trait::async_trait;
use lettre::message::Mailbox;

use super::{
    mail_message::build_message,
    secret_file::{self, SecretFileError},
};
use crate::ports::{Mailer, MailerError, OutgoingMail};

/// Writes each mail to a file of its own, whose name sorts by the time of its cause.
pub struct OutboxMailer {
    folder: PathBuf,
    from: Mailbox,
}

impl OutboxMailer {
    /// Creates the folder unless it exists.
    ///
    /// # Errors
    /// [`SecretFileError`] if it cannot be created.
    pub fn new(folder: PathBuf) -> Result<Self, SecretFileError> {
        secret_file::create_private_folder(&folder)?;
        let address = "no-reply@localhost".parse().expect("a constant address");
        Ok(Self { folder, from: Mailbox::new(Some("Maneiro".to_owned()), address) })
    }
}

#[async_trait]
impl Mailer for OutboxMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailerError> {
        let message = build_message(&self.from, mail).map_err(MailerError::Refused)?.formatted();
        let path = self.folder.join(format!("{}.eml", mail.id.simple()));
        let written = tokio::task::spawn_blocking(move || secret_file::create(&path, &message)).await;
        match written.map_err(|error| MailerError::Unavailable(error.into()))? {
            // The same mail was written before.
            Err(SecretFileError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                Ok(())
            }
            written => written.map_err(|error| MailerError::Unavailable(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn mail_is_one_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("outbox");
        let mailer = OutboxMailer::new(outbox.clone()).unwrap();
        let mail = OutgoingMail {
            id: Uuid::from_u128(7),
            to: "ada@clinic.example".to_owned(),
            subject: "Código".to_owned(),
            text: "ABCD-EFGH\n".to_owned(),
            html: "<p>ABCD-EFGH</p>".to_owned(),
            sent_at: datetime!(2026-11-27 09:00 UTC),
        };
        mailer.send(&mail).await.unwrap();
        mailer.send(&mail).await.expect("the same mail again is no other");
        let files: Vec<_> = fs::read_dir(&outbox).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [file] = &files[..] else { panic!("{files:?}") };
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&outbox).unwrap().permissions().mode() & 0o777, 0o700);
        let message = fs::read_to_string(file).unwrap();
        for line in ["To: ada@clinic.example\r\n", "\r\nABCD-EFGH\r\n", "Auto-Submitted: auto-generated\r\n"]
        {
            assert!(message.contains(line), "{line:?} is not in {message}");
        }
    }
}
