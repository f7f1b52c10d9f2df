//! Mails by SMTP (RFC 5321). TLS is verified, and required unless the server is on this machine.

use std::{fs, time::Duration};

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret as _;

use super::mail_message::build_message;
use crate::{
    config::{MailConfig, SmtpConfig, SmtpTls},
    ports::{Mailer, MailerError, OutgoingMail},
};

/// Of each step of the conversation (RFC 5321, section 4.5.3.2, asks for more; a task is retried instead).
const STEP_TIMEOUT: Duration = Duration::from_secs(30);

/// Hands each mail to one server, on a connection of its own: mails are rare.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// Prepares the client; nothing is sent before the first mail.
    ///
    /// # Errors
    /// If the file with the server's root certificate cannot be used.
    pub fn new(config: &MailConfig) -> anyhow::Result<Self> {
        let SmtpConfig { host, port, tls, credentials, ca_file } = &config.smtp;
        let parameters = || {
            let mut parameters = TlsParameters::builder(host.clone());
            if let Some(path) = ca_file {
                let unusable = || format!("{} cannot be used", path.display());
                let pem = fs::read(path).with_context(unusable)?;
                parameters =
                    parameters.add_root_certificate(Certificate::from_pem(&pem).with_context(unusable)?);
            }
            parameters.build().context("the TLS settings cannot be used")
        };
        let tls = match tls {
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::None => Tls::None,
        };
        let from = config.from.clone();
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(*port)
            .tls(tls)
            .timeout(Some(STEP_TIMEOUT))
            .hello_name(ClientId::Domain(from.email.domain().to_owned()));
        if let Some((user, password)) = credentials {
            let password = password.expose_secret().to_owned();
            transport = transport.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self { transport: transport.build(), from })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailerError> {
        let message = build_message(&self.from, mail).map_err(MailerError::Refused)?;
        // A server's words may repeat the address, so the error keeps its status only.
        self.transport.send(message).await.map(drop).map_err(|error| match error.status() {
            Some(status) if error.is_permanent() => {
                MailerError::Refused(anyhow!("the mail server answered {status}"))
            }
            Some(status) => MailerError::Unavailable(anyhow!("the mail server answered {status}")),
            None => MailerError::Unavailable(anyhow!("{}", connection_failure(&error))),
        })
    }
}

fn connection_failure(error: &lettre::transport::smtp::Error) -> &'static str {
    if error.is_timeout() {
        "the mail server did not answer in time"
    } else if error.is_tls() {
        "the mail server cannot prove its identity"
    } else if error.is_client() {
        "the mail server lacks what is required, such as STARTTLS"
    } else if error.is_response() {
        "the mail server's answer is not SMTP"
    } else {
        "there is no connection to the mail server"
    }
}
