//! The mails of the service, one variant each: what each says, in English and in Spanish. `layout` makes text and HTML of it.
//! A mail holds no patient data, and nothing in it is fetched when it is read.

mod content;
mod layout;

use maneiro_api::account::MailLanguage;

pub use self::content::ComposedMail;
use self::content::{Block, Content};
use crate::domain::registration::{CODE_LIFETIME, MailedCode};

/// A mail and what it says.
#[derive(Debug, Clone)]
pub enum Mail<'a> {
    /// The code that proves an e-mail address.
    RegistrationCode { code: &'a MailedCode },
    /// Somebody registered with the address of an account.
    AddressHasAccount,
}

impl Mail<'_> {
    /// The mail in a language.
    #[must_use]
    pub fn compose(&self, language: MailLanguage) -> ComposedMail {
        let content = match language {
            MailLanguage::En => self.in_english(),
            MailLanguage::Es => self.in_spanish(),
        };
        layout::lay_out(content, language)
    }

    fn in_english(&self) -> Content {
        let minutes = CODE_LIFETIME.whole_minutes();
        match self {
            Self::RegistrationCode { code } => Content {
                subject: "Your code for Maneiro".to_owned(),
                blocks: vec![
                    Block::Paragraph("This code confirms your e-mail address and creates your clinic:".to_owned()),
                    Block::Code(code.to_string()),
                    Block::Paragraph(format!("It can be used once, within {minutes} minutes.")),
                    Block::Paragraph(
                        "If you did not ask for it, do nothing: without the code nothing is created. Nobody at \
                         Maneiro will ever ask you for it."
                            .to_owned(),
                    ),
                ],
            },
            Self::AddressHasAccount => Content {
                subject: "You already have a Maneiro account".to_owned(),
                blocks: vec![
                    Block::Paragraph(
                        "Somebody, most likely you, wanted to register a clinic with this e-mail address, which \
                         already has an account. Nothing was changed."
                            .to_owned(),
                    ),
                    Block::Paragraph(
                        "To go on, open Maneiro and sign in with this address and the password of your account."
                            .to_owned(),
                    ),
                    Block::Paragraph("If it was not you, do nothing: your account is as it was.".to_owned()),
                ],
            },
        }
    }

    fn in_spanish(&self) -> Content {
        let minutes = CODE_LIFETIME.whole_minutes();
        match self {
            Self::RegistrationCode { code } => Content {
                subject: "Su código para Maneiro".to_owned(),
                blocks: vec![
                    Block::Paragraph(
                        "Este código confirma su dirección de correo y crea su clínica:".to_owned(),
                    ),
                    Block::Code(code.to_string()),
                    Block::Paragraph(format!("Se puede usar una sola vez, durante {minutes} minutos.")),
                    Block::Paragraph(
                        "Si no lo ha pedido, no haga nada: sin el código no se crea nada. Nadie de Maneiro se lo \
                         pedirá nunca."
                            .to_owned(),
                    ),
                ],
            },
            Self::AddressHasAccount => Content {
                subject: "Ya tiene una cuenta de Maneiro".to_owned(),
                blocks: vec![
                    Block::Paragraph(
                        "Alguien, probablemente usted, quiso registrar una clínica con esta dirección de correo, \
                         que ya tiene una cuenta. No se ha cambiado nada."
                            .to_owned(),
                    ),
                    Block::Paragraph(
                        "Para continuar, abra Maneiro e inicie sesión con esta dirección y la contraseña de su \
                         cuenta."
                            .to_owned(),
                    ),
                    Block::Paragraph("Si no fue usted, no haga nada: su cuenta sigue como estaba.".to_owned()),
                ],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [MailLanguage; 2] = [MailLanguage::En, MailLanguage::Es];

    fn all(code: &MailedCode) -> [Mail<'_>; 2] {
        [Mail::RegistrationCode { code }, Mail::AddressHasAccount]
    }

    #[test]
    fn text_and_html_say_the_same_in_each_language() {
        let code = MailedCode::from_mac(&[0x5a; 32]);
        for language in LANGUAGES {
            for mail in all(&code) {
                let ComposedMail { subject, text, html } = mail.compose(language);
                let shown = html.split(['<', '>']).skip(2).step_by(2).collect::<String>();
                let shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                for line in text.lines().filter(|line| !line.is_empty()) {
                    assert!(shown.contains(line), "{subject}: {line} is not in {shown}");
                }
            }
        }
    }

    #[test]
    fn mail_fetches_nothing() {
        let code = MailedCode::from_mac(&[0x5a; 32]);
        for language in LANGUAGES {
            for mail in all(&code) {
                let html = mail.compose(language).html;
                for fetching in ["http", "src=", "url(", "<img", "<link", "<script"] {
                    assert!(!html.contains(fetching), "{fetching} in {html}");
                }
            }
        }
    }

    #[test]
    fn code_stands_on_a_line_of_its_own() {
        let code = MailedCode::from_mac(&[0x5a; 32]);
        for language in LANGUAGES {
            let text = Mail::RegistrationCode { code: &code }.compose(language).text;
            assert!(text.lines().any(|line| line == code.to_string()), "{text}");
        }
    }
}
