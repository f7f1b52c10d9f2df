//! The mails in Spanish.

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

const NOT_YOU: &str = "Si no fue usted, cambie la contraseña enseguida: en Maneiro, elija «¿Ha olvidado la contraseña?» al \
                       iniciar sesión. Eso cierra todas las sesiones abiertas. Avise después al administrador de su clínica.";

const WAS_YOU: &str = "Si fue usted, no tiene que hacer nada.";

pub(super) fn content(mail: &Mail<'_>) -> Content {
    match mail {
        Mail::RegistrationCode { code } => Content {
            subject: "Su código para Maneiro".to_owned(),
            blocks: vec![
                paragraph("Este código confirma su dirección de correo y crea su clínica:"),
                Block::Code(code.to_string()),
                Block::Paragraph(format!(
                    "Se puede usar una sola vez, durante {} minutos.",
                    CODE_LIFETIME.whole_minutes()
                )),
                paragraph(
                    "Si no lo ha pedido, no haga nada: sin el código no se crea nada. Nadie de Maneiro se lo pedirá \
                     nunca.",
                ),
            ],
        },
        Mail::AddressHasAccount => Content {
            subject: "Ya tiene una cuenta de Maneiro".to_owned(),
            blocks: vec![
                paragraph(
                    "Alguien, probablemente usted, quiso registrar una clínica con esta dirección de correo, que ya \
                     tiene una cuenta. No se ha cambiado nada.",
                ),
                paragraph(
                    "Para continuar, abra Maneiro e inicie sesión con esta dirección y la contraseña de su cuenta. Si la \
                     ha olvidado, elija allí «¿Ha olvidado la contraseña?».",
                ),
                paragraph("Si no fue usted, no haga nada: su cuenta sigue como estaba."),
            ],
        },
        Mail::Invitation { clinic, role, page, token } => Content {
            subject: format!("{clinic} le invita a Maneiro"),
            blocks: vec![
                Block::Paragraph(format!(
                    "{clinic} le invita a trabajar en Maneiro con el papel de {}.",
                    match role {
                        Role::Admin => "administración",
                        Role::Doctor => "médico",
                        Role::Assistant => "asistente",
                    }
                )),
                Block::Link { label: "Aceptar la invitación".to_owned(), url: with_code(page, token) },
                paragraph("O abra Maneiro, elija aceptar una invitación e introduzca este código:"),
                Block::Code((*token).to_owned()),
                Block::Paragraph(format!(
                    "Se puede usar una sola vez, durante {} días. Si no conoce la clínica, no haga nada.",
                    INVITATION_LIFETIME.whole_days()
                )),
            ],
        },
        Mail::PasswordReset { code, page } => Content {
            subject: "Cambie su contraseña de Maneiro".to_owned(),
            blocks: vec![
                paragraph("En esta página puede poner otra contraseña a su cuenta:"),
                Block::Link { label: "Poner otra contraseña".to_owned(), url: with_code(page, code) },
                paragraph("O escriba este código donde Maneiro se lo pida:"),
                Block::Code(code.to_string()),
                Block::Paragraph(format!(
                    "Se puede usar una sola vez, durante {} minutos, también mientras los inicios de sesión de su cuenta \
                     están detenidos por contraseñas erróneas.",
                    RESET_LIFETIME.whole_minutes()
                )),
                paragraph(
                    "Si no lo ha pedido, no haga nada: su contraseña sigue como estaba. Nadie de Maneiro le pedirá nunca \
                     el código.",
                ),
            ],
        },
        Mail::EmailChange { code, page } => Content {
            subject: "Confirme su nueva dirección de correo".to_owned(),
            blocks: vec![
                paragraph("En esta página su cuenta de Maneiro recibe esta dirección de correo:"),
                Block::Link { label: "Confirmar esta dirección".to_owned(), url: with_code(page, code) },
                paragraph("O escriba este código donde Maneiro se lo pida:"),
                Block::Code(code.to_string()),
                Block::Paragraph(format!(
                    "Se puede usar una sola vez, durante {} minutos.",
                    EMAIL_CHANGE_LIFETIME.whole_minutes()
                )),
                paragraph(
                    "Si no tiene cuenta en Maneiro, no haga nada: alguien se equivocó al escribir una dirección.",
                ),
            ],
        },
        Mail::UserNotice(notice) => notice_content(notice),
    }
}

fn notice_content(notice: &UserNotice) -> Content {
    match notice {
        UserNotice::Welcome { clinic, trial_days } => {
            let mut blocks = vec![Block::Paragraph(format!(
                "{clinic} está registrada y usted es su primer administrador."
            ))];
            blocks.extend(trial_days.map(|days| {
                Block::Paragraph(format!(
                    "La prueba dura {days} días. Después sus historias se podrán seguir leyendo y exportando, decida lo \
                     que decida."
                ))
            }));
            blocks.push(paragraph(
                "Para empezar, arrastre una historia a Maneiro: cada afirmación de su análisis lleva a la página, la \
                 línea y las palabras de las que procede.",
            ));
            Content { subject: "Bienvenido a Maneiro".to_owned(), blocks }
        }
        UserNotice::PasswordChanged { changed_at } => Content {
            subject: "Se ha cambiado su contraseña de Maneiro".to_owned(),
            blocks: vec![
                Block::Paragraph(format!(
                    "La contraseña de su cuenta se cambió el {}. Todas las demás sesiones se han cerrado.",
                    moment(*changed_at)
                )),
                paragraph(WAS_YOU),
                paragraph(NOT_YOU),
            ],
        },
        UserNotice::NewSignIn { client, address, signed_in_at } => {
            let from =
                address.map_or_else(String::new, |address| format!(", desde la dirección de red {address}"));
            Content {
                subject: "Nuevo inicio de sesión en su cuenta de Maneiro".to_owned(),
                blocks: vec![
                    Block::Paragraph(format!(
                        "Alguien inició sesión en su cuenta con la contraseña correcta el {}: {}{from}.",
                        moment(*signed_in_at),
                        program(*client)
                    )),
                    paragraph(WAS_YOU),
                    paragraph(NOT_YOU),
                ],
            }
        }
        UserNotice::EmailTaken => Content {
            subject: "Esta dirección ya tiene una cuenta de Maneiro".to_owned(),
            blocks: vec![
                paragraph(
                    "Alguien quiso dar esta dirección de correo a otra cuenta de Maneiro. Ya tiene una, así que no se ha \
                     cambiado nada.",
                ),
                paragraph("Si fue usted, inicie sesión con esta dirección. Si no, no tiene que hacer nada."),
            ],
        },
        UserNotice::EmailChangeRequested { new_email } => Content {
            subject: "Su dirección de correo en Maneiro va a cambiar".to_owned(),
            blocks: vec![
                Block::Paragraph(format!(
                    "Alguien con sesión iniciada en su cuenta quiere cambiar su dirección de correo por {new_email}. \
                     Cambiará cuando se confirme esa dirección."
                )),
                paragraph(WAS_YOU),
                paragraph(NOT_YOU),
            ],
        },
        UserNotice::EmailChanged { new_email } => Content {
            subject: "Se ha cambiado su dirección de correo en Maneiro".to_owned(),
            blocks: vec![
                Block::Paragraph(format!("La dirección de correo de su cuenta es ahora {new_email}.")),
                paragraph(WAS_YOU),
                paragraph(
                    "Si no fue usted, avise enseguida al administrador de su clínica, que puede quitar la cuenta.",
                ),
            ],
        },
        UserNotice::AccountClosed => Content {
            subject: "Su cuenta de Maneiro está cerrada".to_owned(),
            blocks: vec![
                paragraph(
                    "Su cuenta está cerrada y todas las sesiones han terminado. Lo que usted hizo queda en su clínica \
                     mientras esta conserve sus historias.",
                ),
                paragraph("Si no fue usted, avise enseguida al administrador de su clínica."),
            ],
        },
        UserNotice::SecondFactorReset => Content {
            subject: "Se ha quitado su segundo factor en Maneiro".to_owned(),
            blocks: vec![
                paragraph(
                    "Los administradores de Maneiro han quitado el segundo factor de su cuenta y todas las sesiones han \
                     terminado. Inicie sesión con su contraseña y configure uno nuevo en Ajustes › Seguridad.",
                ),
                paragraph(
                    "Si usted no lo pidió, ponga enseguida otra contraseña y avise al administrador de su clínica.",
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
    let format = format_description!("[day padding:none]/[month]/[year] a las [hour]:[minute] UTC");
    at.format(format).unwrap_or_default()
}

fn program(client: ClientProgram) -> String {
    let name = match client.name {
        ProgramName::Maneiro => "la aplicación Maneiro",
        ProgramName::Firefox => "Firefox",
        ProgramName::Edge => "Edge",
        ProgramName::Chrome => "Chrome",
        ProgramName::Safari => "Safari",
        ProgramName::Unknown => "un programa desconocido",
    };
    match client.system {
        OperatingSystem::Windows => format!("{name} en Windows"),
        OperatingSystem::Macos => format!("{name} en macOS"),
        OperatingSystem::Linux => format!("{name} en Linux"),
        OperatingSystem::Ios => format!("{name} en iOS"),
        OperatingSystem::Android => format!("{name} en Android"),
        OperatingSystem::Unknown => name.to_owned(),
    }
}
