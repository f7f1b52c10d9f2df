//! How mails are sent.

use std::{net::IpAddr, path::PathBuf};

use lettre::message::Mailbox;
use secrecy::SecretString;
use url::Url;

use super::ConfigReader;

/// How mails are sent.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Name and address of the sender.
    pub from: Mailbox,
    pub smtp: SmtpConfig,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    /// User and password, if the server requires them.
    pub credentials: Option<(String, SecretString)>,
    /// A root certificate that the server's may lead to, besides those of the system.
    pub ca_file: Option<PathBuf>,
}

/// How the connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the start (RFC 8314).
    Implicit,
    /// By STARTTLS (RFC 3207), without which nothing is sent.
    StartTls,
    /// Not at all: only on this machine.
    None,
}

impl ConfigReader {
    pub fn mail(&mut self) -> Option<MailConfig> {
        // MANEIRO_SMTP_URL: the mail server: smtps://HOST:PORT for TLS from the start (port 465 by default), or
        // smtp://HOST:PORT for STARTTLS, which is then required (port 587 by default). A server on this machine may be
        // spoken to without TLS, as smtp://127.0.0.1:PORT?tls=none. Required.
        let form = "smtps://HOST:PORT or smtp://HOST:PORT";
        let server = match self.value("MANEIRO_SMTP_URL") {
            Some(_) => {
                self.parsed("MANEIRO_SMTP_URL", &format!("of the form {form}"), parse_server).flatten()
            }
            None => self.error(format!("MANEIRO_SMTP_URL is not set: give the mail server as {form}.")),
        };
        // MANEIRO_SMTP_USER and MANEIRO_SMTP_PASSWORD: both or neither. Default: the server asks for none.
        let user = self.value("MANEIRO_SMTP_USER");
        let password = self.value("MANEIRO_SMTP_PASSWORD");
        // MANEIRO_SMTP_CA_FILE: root certificate of the mail server, PEM. Default: those of the system.
        let ca_file = self.value("MANEIRO_SMTP_CA_FILE").map(PathBuf::from);
        // MANEIRO_MAIL_FROM: sender of all mails, such as Maneiro <no-reply@clinics.example>. Required.
        let from = self.required("MANEIRO_MAIL_FROM", "the sender of all mails").and_then(|_| {
            self.parsed("MANEIRO_MAIL_FROM", "a sender such as Maneiro <no-reply@clinics.example>", |text| {
                text.parse::<Mailbox>().ok()
            })
            .flatten()
        });
        let credentials = match (user, password) {
            (Some(user), Some(password)) => Some((user, password.into())),
            (None, None) => None,
            (Some(_), None) => {
                return self.error("MANEIRO_SMTP_USER is set, so set MANEIRO_SMTP_PASSWORD too.");
            }
            (None, Some(_)) => {
                return self.error("MANEIRO_SMTP_PASSWORD is set, so set MANEIRO_SMTP_USER too.");
            }
        };
        let (host, port, tls) = server?;
        if tls == SmtpTls::None && !is_this_machine(&host) {
            return self
                .error("MANEIRO_SMTP_URL may end in ?tls=none only if the server is on this machine.");
        }
        Some(MailConfig { from: from?, smtp: SmtpConfig { host, port, tls, credentials, ca_file } })
    }
}

fn parse_server(text: &str) -> Option<(String, u16, SmtpTls)> {
    let url = Url::parse(text).ok()?;
    let (tls, default_port) = match (url.scheme(), url.query()) {
        ("smtps", None) => (SmtpTls::Implicit, 465),
        ("smtp", None) => (SmtpTls::StartTls, 587),
        ("smtp", Some("tls=none")) => (SmtpTls::None, 25),
        _ => return None,
    };
    let has_rest = !matches!(url.path(), "" | "/") || url.fragment().is_some();
    // A password has its own setting, which is never printed.
    if has_rest || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some((host, url.port().unwrap_or(default_port), tls))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<MailConfig, Vec<String>> {
        let set: Vec<(String, String)> =
            set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut reader = ConfigReader::new(move |name| {
            set.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        });
        let config = reader.mail();
        reader.finish(config).map_err(|errors| errors.0)
    }

    const FROM: (&str, &str) = ("MANEIRO_MAIL_FROM", "Maneiro <no-reply@clinics.example>");

    #[test]
    fn mail_server_is_spoken_to_with_tls_unless_it_is_local() {
        for (url, expected) in [
            ("smtps://mail.example", Some(("mail.example", 465, SmtpTls::Implicit))),
            ("smtps://mail.example:2465", Some(("mail.example", 2465, SmtpTls::Implicit))),
            ("smtp://mail.example", Some(("mail.example", 587, SmtpTls::StartTls))),
            ("smtp://127.0.0.1:2525?tls=none", Some(("127.0.0.1", 2525, SmtpTls::None))),
            ("smtp://[::1]:2525?tls=none", Some(("::1", 2525, SmtpTls::None))),
            ("smtp://mail.example?tls=none", None),
            ("smtp://127.0.0.1.mail.example?tls=none", None),
            ("smtps://mail.example?tls=none", None),
            ("smtp://mail.example?tls=opportunistic", None),
            ("smtp://user:secret@mail.example", None),
            ("http://mail.example", None),
            ("mail.example", None),
        ] {
            let config = read(&[FROM, ("MANEIRO_SMTP_URL", url)]);
            let server = config.as_ref().map(|MailConfig { smtp, .. }| (&*smtp.host, smtp.port, smtp.tls));
            assert_eq!(server.ok(), expected, "{url}");
            assert!(!format!("{config:?}").contains("secret"), "{url}");
        }
    }

    #[test]
    fn every_wrong_mail_setting_is_reported() {
        assert_eq!(
            read(&[("MANEIRO_SMTP_USER", "ada")]).unwrap_err(),
            [
                "MANEIRO_SMTP_URL is not set: give the mail server as smtps://HOST:PORT or smtp://HOST:PORT.",
                "MANEIRO_MAIL_FROM is not set: give the sender of all mails.",
                "MANEIRO_SMTP_USER is set, so set MANEIRO_SMTP_PASSWORD too.",
            ]
        );
        let set = [("MANEIRO_MAIL_FROM", "nobody"), ("MANEIRO_SMTP_URL", "smtps://mail.example")];
        assert_eq!(
            read(&set).unwrap_err(),
            ["MANEIRO_MAIL_FROM is not a sender such as Maneiro <no-reply@clinics.example>."]
        );
    }
}
