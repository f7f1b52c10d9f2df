//! The mails of the service, one variant each; `english` and `spanish` say what they say, and `layout` makes text and HTML of
//! it. A mail holds no patient data, and nothing in it is fetched when it is read.

pub mod billing;
mod content;
mod english;
mod layout;
mod message;
mod spanish;

use maneiro_api::account::MailLanguage;

pub use self::{content::ComposedMail, message::Mail};

impl Mail<'_> {
    /// The mail in a language.
    #[must_use]
    pub fn compose(&self, language: MailLanguage) -> ComposedMail {
        let content = match language {
            MailLanguage::En => english::content(self),
            MailLanguage::Es => spanish::content(self),
        };
        layout::lay_out(content, language)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use maneiro_api::account::Role;
    use time::macros::datetime;
    use url::Url;

    use super::*;
    use crate::domain::{
        email_change::EmailChangeCode,
        notice::{ClientProgram, OperatingSystem, ProgramName, UserNotice},
        password_reset::ResetCode,
        registration::MailedCode,
    };

    const LANGUAGES: [MailLanguage; 2] = [MailLanguage::En, MailLanguage::Es];

    fn all_notices() -> Vec<UserNotice> {
        let at = datetime!(2026-11-27 09:05 UTC);
        let new_email = "ada@new.example".to_owned();
        let client = ClientProgram { name: ProgramName::Firefox, system: OperatingSystem::Linux };
        let unknown = ClientProgram { name: ProgramName::Unknown, system: OperatingSystem::Unknown };
        let address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        vec![
            UserNotice::Welcome { clinic: "Lakeside <Family> & Practice".to_owned(), trial_days: Some(14) },
            UserNotice::PasswordChanged { changed_at: at },
            UserNotice::NewSignIn { client, address, signed_in_at: at },
            UserNotice::NewSignIn { client: unknown, address: None, signed_in_at: at },
            UserNotice::EmailTaken,
            UserNotice::EmailChangeRequested { new_email: new_email.clone() },
            UserNotice::EmailChanged { new_email },
            UserNotice::AccountClosed,
            UserNotice::SecondFactorReset,
        ]
    }

    /// Every mail in every language.
    fn for_each_mail(mut check: impl FnMut(ComposedMail)) {
        let mac = [0x5a; 32];
        let (code, reset, change) =
            (MailedCode::from_mac(&mac), ResetCode::from_mac(&mac), EmailChangeCode::from_mac(&mac));
        let page = Url::parse("https://cloud.example/account/reset/confirm").unwrap();
        let notices = all_notices();
        let mut mails = vec![
            Mail::RegistrationCode { code: &code },
            Mail::AddressHasAccount,
            Mail::PasswordReset { code: &reset, page: page.clone() },
            Mail::EmailChange { code: &change, page: page.clone() },
            Mail::Invitation { clinic: "Lakeside <Family>", role: Role::Doctor, page, token: "mni_AAAA" },
        ];
        mails.extend(notices.iter().map(Mail::UserNotice));
        for language in LANGUAGES {
            for mail in &mails {
                check(mail.compose(language));
            }
        }
    }

    #[test]
    fn text_and_html_say_the_same_in_each_language() {
        for_each_mail(|ComposedMail { subject, text, html }| {
            let shown = html.split(['<', '>']).skip(2).step_by(2).collect::<String>();
            let shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            for line in text.lines().filter(|line| !line.is_empty()) {
                assert!(shown.contains(line), "{subject}: {line} is not in {shown}");
            }
        });
    }

    #[test]
    fn mail_fetches_nothing_and_links_to_own_pages_only() {
        for_each_mail(|ComposedMail { html, .. }| {
            for fetching in ["src=", "url(", "<img", "<link", "<script", "background="] {
                assert!(!html.contains(fetching), "{fetching} in {html}");
            }
            for link in html.split("http").skip(1) {
                assert!(link.starts_with("s://cloud.example/account/reset/confirm#"), "{link}");
            }
        });
    }

    #[test]
    fn code_stands_on_a_line_of_its_own_and_behind_the_hash() {
        let code = ResetCode::from_mac(&[0x5a; 32]);
        let page = Url::parse("https://cloud.example/account/reset/confirm").unwrap();
        for language in LANGUAGES {
            let text = Mail::PasswordReset { code: &code, page: page.clone() }.compose(language).text;
            assert!(text.lines().any(|line| line == code.to_string()), "{text}");
            assert!(text.contains(&format!("/confirm#{code}\n")), "{text}");
            let code = MailedCode::from_mac(&[0x5a; 32]);
            let text = Mail::RegistrationCode { code: &code }.compose(language).text;
            assert!(text.lines().any(|line| line == code.to_string()), "{text}");
        }
    }
}
