//! Mails in a real SMTP conversation: with TLS that is verified, and with a server that refuses.

use maneiro_cloud::{
    adapters::smtp_mailer::SmtpMailer,
    config::{MailConfig, SmtpConfig, SmtpTls},
    ports::{Mailer as _, MailerError, OutgoingMail},
};
use maneiro_tests::smtp_sink::{SinkTls, SmtpSink, authority_file};
use tempfile::TempDir;
use time::macros::datetime;
use uuid::Uuid;

struct Server {
    sink: SmtpSink,
    folder: TempDir,
}

impl Server {
    async fn start(tls: SinkTls) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { sink: SmtpSink::start(tls, folder.path()).await, folder }
    }

    /// As an operator would set it, with the authority of the server's certificate.
    fn config(&self, tls: SmtpTls) -> MailConfig {
        let smtp = SmtpConfig {
            host: "localhost".to_owned(),
            port: self.sink.port,
            tls,
            credentials: None,
            ca_file: Some(authority_file(self.folder.path())),
        };
        MailConfig { from: "Maneiro <no-reply@clinics.example>".parse().unwrap(), smtp }
    }

    async fn send(&self, config: &MailConfig) -> Result<(), MailerError> {
        SmtpMailer::new(config).unwrap().send(&mail()).await
    }
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        id: Uuid::from_u128(0x0197),
        to: "ada@clinic.example".to_owned(),
        subject: "Su código para Maneiro".to_owned(),
        text: "Código:\n\nABCD-EFGH\n\n.\n".to_owned(),
        html: "<p>ABCD-EFGH</p>".to_owned(),
        sent_at: datetime!(2026-11-27 09:00 UTC),
    }
}

/// The error without its address.
fn cause(answer: Result<(), MailerError>) -> String {
    match answer {
        Err(MailerError::Unavailable(cause)) => format!("later: {cause:#}"),
        Err(MailerError::Refused(cause)) => format!("never: {cause:#}"),
        Ok(()) => panic!("this must fail"),
    }
}

#[tokio::test]
async fn a_mail_arrives_through_each_kind_of_connection() {
    for (offered, set, is_encrypted) in [
        (SinkTls::Implicit, SmtpTls::Implicit, true),
        (SinkTls::StartTls, SmtpTls::StartTls, true),
        (SinkTls::None, SmtpTls::None, false),
    ] {
        let server = Server::start(offered).await;
        let mut config = server.config(set);
        config.smtp.credentials = Some(("ada".to_owned(), "secret".into()));
        server.send(&config).await.unwrap();
        let [received] = &server.sink.received()[..] else { panic!("one mail through {offered:?}") };
        assert_eq!(
            (received.from.as_str(), received.to.as_str()),
            ("no-reply@clinics.example", "ada@clinic.example")
        );
        assert_eq!(received.was_encrypted, is_encrypted);
        // "\0ada\0secret" in Base64.
        assert_eq!(received.authentication.as_deref(), Some("AGFkYQBzZWNyZXQ="));
        for part in [
            "From: Maneiro <no-reply@clinics.example>\r\n",
            "To: ada@clinic.example\r\n",
            "Date: Fri, 27 Nov 2026 09:00:00 +0000\r\n",
            "Message-ID: <00000000000000000000000000000197@clinics.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "text/plain; charset=utf-8",
            "text/html; charset=utf-8",
            "\r\nABCD-EFGH\r\n",
        ] {
            assert!(received.message.contains(part), "{part:?} is not in {}", received.message);
        }
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    for (offered, set) in [(SinkTls::Implicit, SmtpTls::Implicit), (SinkTls::StartTls, SmtpTls::StartTls)] {
        let server = Server::start(offered).await;
        let mut config = server.config(set);
        config.smtp.ca_file = None;
        let refused = cause(server.send(&config).await);
        assert!(refused.starts_with("later: "), "{refused}");
        assert_eq!(server.sink.received(), []);
    }
}

#[tokio::test]
async fn a_certificate_of_another_host_is_refused() {
    let server = Server::start(SinkTls::Implicit).await;
    let mut config = server.config(SmtpTls::Implicit);
    config.smtp.host = "127.0.0.1".to_owned();
    cause(server.send(&config).await);
    assert_eq!(server.sink.received(), []);
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail() {
    let server = Server::start(SinkTls::None).await;
    let refused = cause(server.send(&server.config(SmtpTls::StartTls)).await);
    assert_eq!(refused, "later: the mail server lacks what is required, such as STARTTLS");
    assert_eq!((server.sink.received(), server.sink.connections()), (vec![], 1));
}

#[tokio::test]
async fn a_temporary_refusal_is_for_later_and_a_final_one_final() {
    let server = Server::start(SinkTls::StartTls).await;
    let config = server.config(SmtpTls::StartTls);
    server.sink.refuse_next(&["451 4.7.1 greylisted ada@clinic.example", "550 5.1.1 no ada@clinic.example"]);
    assert_eq!(cause(server.send(&config).await), "later: the mail server answered 451");
    assert_eq!(cause(server.send(&config).await), "never: the mail server answered 550");
    server.send(&config).await.unwrap();
    assert_eq!(server.sink.received().len(), 1);
}

#[tokio::test]
async fn an_unreachable_server_is_for_later() {
    let server = Server::start(SinkTls::None).await;
    let config = server.config(SmtpTls::None);
    drop(server);
    let mailer = SmtpMailer::new(&config).unwrap();
    assert!(cause(mailer.send(&mail()).await).starts_with("later: "));
}
