//! The one layout of all mails: HTML and text from the same blocks, so that they cannot say different things.

use maneiro_api::account::MailLanguage;
use maud::{DOCTYPE, html};

use super::content::{Block, ComposedMail, Content};

/// Mail programs know little more than inline styles.
const BODY_STYLE: &str = "margin:0;padding:24px;background:#ffffff;color:#1c1c1c;\
                          font-family:Georgia,'Times New Roman',serif;font-size:16px;line-height:1.5";
const CODE_STYLE: &str =
    "margin:24px 0;font-family:Menlo,Consolas,monospace;font-size:28px;letter-spacing:4px;font-weight:bold";
const FOOTER_STYLE: &str = "margin-top:32px;color:#5c5c5c;font-size:13px";

const SENDER: &str = "Maneiro";

pub(super) fn lay_out(content: Content, language: MailLanguage) -> ComposedMail {
    let Content { subject, blocks } = content;
    let footer = footer(language);
    let mut text = String::new();
    for block in &blocks {
        let (Block::Paragraph(words) | Block::Code(words)) = block;
        text.push_str(words);
        text.push_str("\n\n");
    }
    text.push_str(SENDER);
    text.push('\n');
    text.push_str(footer);
    text.push('\n');

    let code = match language {
        MailLanguage::En => "en",
        MailLanguage::Es => "es",
    };
    let html = html! {
        (DOCTYPE)
        html lang=(code) {
            head {
                meta charset="utf-8";
                title { (subject) }
            }
            body style=(BODY_STYLE) {
                @for block in &blocks {
                    @match block {
                        Block::Paragraph(words) => p { (words) },
                        Block::Code(words) => p style=(CODE_STYLE) { (words) },
                    }
                }
                div style=(FOOTER_STYLE) {
                    p { (SENDER) }
                    p { (footer) }
                }
            }
        }
    };
    ComposedMail { subject, text, html: html.into_string() }
}

const fn footer(language: MailLanguage) -> &'static str {
    match language {
        MailLanguage::En => "This mail was sent by a program. Replies to it are not read.",
        MailLanguage::Es => "Un programa ha enviado este correo. Nadie lee las respuestas.",
    }
}
