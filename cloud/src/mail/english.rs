//! The mails in English.

use maneiro_api::account::Role;
use time::{OffsetDateTime, macros::format_description};

use super::{
    content::{Block, Content},
    message::{Mail, with_code},
};
use crate::domain::{
    email_change::EMAIL_CHANGE_LIFETIME,
    invitation::INVITATION_LIFETIME,
    notice::{ClientProgram, OperatingSystem, ProgramName, UserNotice},
    password_reset::RESET_LIFETIME,
    registration::CODE_LIFETIME,
};

const NOT_YOU: &str = "If it was not you, set another password at once: in Maneiro, choose “Forgot your password?” where you \
                       sign in. That ends every open session. Then tell the admin of your clinic.";

pub(super) fn content(mail: &Mail<'_>) -> Content {
    match mail {
        Mail::RegistrationCode { code } => Content {
            subject: "Your code for Maneiro".to_owned(),
            blocks: vec![
                paragraph("This code confirms your e-mail address and creates your clinic:"),
                Block::Code(code.to_string()),
                Block::Paragraph(format!(
                    "It can be used once, within {} minutes.",
                    CODE_LIFETIME.whole_minutes()
                )),
                paragraph(
                    "If you did not ask for it, do nothing: without the code nothing is created. Nobody at Maneiro will \
                     ever ask you for it.",
                ),
            ],
        },
        Mail::AddressHasAccount => Content {
            subject: "You already have a Maneiro account".to_owned(),
            blocks: vec![
                paragraph(
                    "Somebody, most likely you, wanted to register a clinic with this e-mail address, which already has \
                     an account. Nothing was changed.",
                ),
                paragraph(
                    "To go on, open Maneiro and sign in with this address and the password of your account. If you \
                     forgot it, choose “Forgot your password?” there.",
                ),
                paragraph("If it was not you, do nothing: your account is as it was."),
            ],
        },
        Mail::Invitation { clinic, role, page, token } => Content {
            subject: format!("{clinic} invites you to Maneiro"),
            blocks: vec![
                Block::Paragraph(format!(
                    "{clinic} invites you to work with them in Maneiro as {}.",
                    match role {
                        Role::Admin => "an admin",
                        Role::Doctor => "a doctor",
                        Role::Assistant => "an assistant",
                    }
                )),
                Block::Link { label: "Accept the invitation".to_owned(), url: with_code(page, token) },
                paragraph("Or open Maneiro, choose to accept an invitation, and enter this code:"),
                Block::Code((*token).to_owned()),
                Block::Paragraph(format!(
                    "It can be used once, within {} days. If you do not know the clinic, do nothing.",
                    INVITATION_LIFETIME.whole_days()
                )),
            ],
        },
        Mail::PasswordReset { code, page } => Content {
            subject: "Set another password for Maneiro".to_owned(),
            blocks: vec![
                paragraph("With this page you set another password for your account:"),
                Block::Link { label: "Set another password".to_owned(), url: with_code(page, code) },
                paragraph("Or give this code where Maneiro asks for it:"),
                Block::Code(code.to_string()),
                Block::Paragraph(format!(
                    "It can be used once, within {} minutes, and also works while sign-ins to your account are held up \
                     because of wrong passwords.",
                    RESET_LIFETIME.whole_minutes()
                )),
                paragraph(
                    "If you did not ask for it, do nothing: your password is as it was. Nobody at Maneiro will ever ask \
                     you for the code.",
                ),
            ],
        },
        Mail::EmailChange { code, page } => Content {
            subject: "Confirm your new e-mail address".to_owned(),
            blocks: vec![
                paragraph("With this page your Maneiro account gets this e-mail address:"),
                Block::Link { label: "Confirm this address".to_owned(), url: with_code(page, code) },
                paragraph("Or give this code where Maneiro asks for it:"),
                Block::Code(code.to_string()),
                Block::Paragraph(format!(
                    "It can be used once, within {} minutes.",
                    EMAIL_CHANGE_LIFETIME.whole_minutes()
                )),
                paragraph("If you have no account with Maneiro, do nothing: somebody mistyped an address."),
            ],
        },
        Mail::UserNotice(notice) => notice_content(notice),
    }
}

fn notice_content(notice: &UserNotice) -> Content {
    match notice {
        UserNotice::Welcome { clinic, trial_days } => {
            let mut blocks =
                vec![Block::Paragraph(format!("{clinic} is registered, and you are its first admin."))];
            blocks.extend(trial_days.map(|days| {
                Block::Paragraph(format!(
                    "Your trial lasts {days} days. Afterwards your records stay readable and exportable, whatever you \
                     decide."
                ))
            }));
            blocks.push(paragraph(
                "To begin, drop a record into Maneiro: every statement of its analysis leads to the page, the line and \
                 the words it came from.",
            ));
            Content { subject: "Welcome to Maneiro".to_owned(), blocks }
        }
        UserNotice::PasswordChanged { changed_at } => Content {
            subject: "Your Maneiro password was changed".to_owned(),
            blocks: vec![
                Block::Paragraph(format!(
                    "The password of your account was changed at {}. Every other session has ended.",
                    moment(*changed_at)
                )),
                paragraph("If it was you, there is nothing to do."),
                paragraph(NOT_YOU),
            ],
        },
        UserNotice::NewSignIn { client, address, signed_in_at } => {
            let from =
                address.map_or_else(String::new, |address| format!(", from the network address {address}"));
            Content {
                subject: "New sign-in to your Maneiro account".to_owned(),
                blocks: vec![
                    Block::Paragraph(format!(
                        "Somebody signed in to your account with the right password at {}: {}{from}.",
                        moment(*signed_in_at),
                        program(*client)
                    )),
                    paragraph("If it was you, there is nothing to do."),
                    paragraph(NOT_YOU),
                ],
            }
        }
        UserNotice::EmailTaken => Content {
            subject: "This address already has a Maneiro account".to_owned(),
            blocks: vec![
                paragraph(
                    "Somebody wanted to give this e-mail address to another Maneiro account. It already has one, so \
                     nothing was changed.",
                ),
                paragraph("If it was you, sign in with this address. If not, there is nothing to do."),
            ],
        },
        UserNotice::EmailChangeRequested { new_email } => Content {
            subject: "Your e-mail address for Maneiro is to change".to_owned(),
            blocks: vec![
                Block::Paragraph(format!(
                    "Somebody who is signed in to your account wants to change its e-mail address to {new_email}. It \
                     changes once that address is confirmed."
                )),
                paragraph("If it was you, there is nothing to do."),
                paragraph(NOT_YOU),
            ],
        },
        UserNotice::EmailChanged { new_email } => Content {
            subject: "Your e-mail address for Maneiro was changed".to_owned(),
            blocks: vec![
                Block::Paragraph(format!("The e-mail address of your account is now {new_email}.")),
                paragraph("If it was you, there is nothing to do."),
                paragraph(
                    "If it was not you, tell the admin of your clinic at once, who can remove the account.",
                ),
            ],
        },
        UserNotice::AccountClosed => Content {
            subject: "Your Maneiro account is closed".to_owned(),
            blocks: vec![
                paragraph(
                    "Your account is closed, and every session has ended. What you made stays with your clinic for as \
                     long as it keeps its records.",
                ),
                paragraph("If it was not you, tell the admin of your clinic at once."),
            ],
        },
        UserNotice::SecondFactorReset => Content {
            subject: "Your second factor for Maneiro was removed".to_owned(),
            blocks: vec![
                paragraph(
                    "The administrators of Maneiro removed the second factor of your account, and every session has ended. \
                     You sign in with your password and set up a new one in Settings › Security.",
                ),
                paragraph(
                    "If you did not ask for it, set another password at once and tell the admin of your clinic.",
                ),
            ],
        },
        // They are composed with their code.
        UserNotice::PasswordReset | UserNotice::EmailChange => {
            Content { subject: "Maneiro".to_owned(), blocks: Vec::new() }
        }
    }
}

fn paragraph(words: &str) -> Block {
    Block::Paragraph(words.to_owned())
}

fn moment(at: OffsetDateTime) -> String {
    let format = format_description!("[hour]:[minute] UTC on [month repr:long] [day padding:none], [year]");
    at.format(format).unwrap_or_default()
}

fn program(client: ClientProgram) -> String {
    let name = match client.name {
        ProgramName::Maneiro => "the Maneiro app",
        ProgramName::Firefox => "Firefox",
        ProgramName::Edge => "Edge",
        ProgramName::Chrome => "Chrome",
        ProgramName::Safari => "Safari",
        ProgramName::Unknown => "an unknown program",
    };
    match client.system {
        OperatingSystem::Windows => format!("{name} on Windows"),
        OperatingSystem::Macos => format!("{name} on macOS"),
        OperatingSystem::Linux => format!("{name} on Linux"),
        OperatingSystem::Ios => format!("{name} on iOS"),
        OperatingSystem::Android => format!("{name} on Android"),
        OperatingSystem::Unknown => name.to_owned(),
    }
}
