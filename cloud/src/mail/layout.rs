//! The one layout of all mails: HTML and text from the same blocks, so that they cannot say different things.

use maneiro_api::account::MailLanguage;
use maud::{DOCTYPE, html};

use super::content::{Block, ComposedMail, Content};

/// Mail programs know little more than inline styles. Paper on a quiet ground, as the window shows it; a tool's words are sans.
const BODY_STYLE: &str = "margin:0;padding:32px 16px;background:#f1f4f5;color:#1c2227;\
                          font-family:Inter,'Segoe UI',Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5";
const PAPER_STYLE: &str = "max-width:496px;margin:0 auto;padding:28px 32px;background:#ffffff;border:1px solid #d5dcdf;\
                           border-radius:10px";
const SENDER_STYLE: &str = "margin:0 0 20px;padding-bottom:16px;border-bottom:1px solid #d5dcdf;color:#17495b;\
                            font-family:'Libertinus Serif',Georgia,serif;font-size:22px;font-weight:bold";
const CODE_STYLE: &str = "margin:24px 0;padding:14px 0;background:#e9f1f4;border-radius:6px;color:#17495b;text-align:center;\
                          font-family:Menlo,Consolas,monospace;font-size:28px;letter-spacing:4px;font-weight:bold";
/// A code of more than two groups.
const LONG_CODE_STYLE: &str = "margin:24px 0;padding:14px 0;background:#e9f1f4;border-radius:6px;color:#17495b;text-align:center;\
                               font-family:Menlo,Consolas,monospace;font-size:17px;letter-spacing:1px;font-weight:bold";
const BUTTON_STYLE: &str = "display:inline-block;margin:8px 0 10px;padding:10px 18px;background:#17495b;border-radius:6px;\
                            color:#ffffff;font-weight:bold;text-decoration:none";
const URL_STYLE: &str = "color:#566168;font-size:13px;word-break:break-all";
const FOOTER_STYLE: &str =
    "max-width:496px;margin:16px auto 0;color:#566168;font-size:13px;text-align:center";

const SENDER: &str = "Maneiro";

pub(super) fn lay_out(content: Content, language: MailLanguage) -> ComposedMail {
    let Content { subject, blocks } = content;
    let footer = footer(language);
    let mut text = String::new();
    for block in &blocks {
        match block {
            Block::Paragraph(words) | Block::Code(words) => text.push_str(words),
            Block::Link { label, url } => {
                text.push_str(label);
                text.push('\n');
                text.push_str(url.as_str());
            }
        }
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
                meta name="viewport" content="width=device-width";
                title { (subject) }
            }
            body style=(BODY_STYLE) {
                div style=(PAPER_STYLE) {
                    p style=(SENDER_STYLE) { (SENDER) }
                    @for block in &blocks {
                        @match block {
                            Block::Paragraph(words) => p { (words) },
                            Block::Code(words) => p style=(code_style(words)) { (words) },
                            Block::Link { label, url } => p {
                                a style=(BUTTON_STYLE) href=(url) { (label) }
                                br;
                                span style=(URL_STYLE) { (url) }
                            },
                        }
                    }
                }
                p style=(FOOTER_STYLE) { (footer) }
            }
        }
    };
    ComposedMail { subject, text, html: html.into_string() }
}

const fn code_style(code: &str) -> &'static str {
    if code.len() > 9 { LONG_CODE_STYLE } else { CODE_STYLE }
}

const fn footer(language: MailLanguage) -> &'static str {
    match language {
        MailLanguage::En => "This mail was sent by a program. Replies to it are not read.",
        MailLanguage::Es => "Un programa ha enviado este correo. Nadie lee las respuestas.",
    }
}
