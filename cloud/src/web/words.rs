//! What the pages say, in English and in Spanish.

use maneiro_api::account::{MailLanguage, Role};

/// The words of one language.
pub(super) struct Words {
    language: MailLanguage,
    pub(super) footer: &'static str,
    pub(super) email: &'static str,
    pub(super) password: &'static str,
    pub(super) new_password: &'static str,
    pub(super) password_hint: &'static str,
    pub(super) name: &'static str,
    pub(super) clinic: &'static str,
    pub(super) mailed_code: &'static str,
    pub(super) send_code: &'static str,
    pub(super) enter_code: &'static str,
    pub(super) check_mail_title: &'static str,
    pub(super) check_mail: &'static str,
    pub(super) register_title: &'static str,
    pub(super) register_text: &'static str,
    pub(super) create_clinic: &'static str,
    pub(super) registered_title: &'static str,
    pub(super) registered: &'static str,
    pub(super) reset_title: &'static str,
    pub(super) reset_text: &'static str,
    pub(super) set_password: &'static str,
    pub(super) password_set_title: &'static str,
    pub(super) password_set: &'static str,
    pub(super) email_title: &'static str,
    pub(super) email_text: &'static str,
    pub(super) confirm_email: &'static str,
    pub(super) email_changed_title: &'static str,
    pub(super) email_changed: &'static str,
    pub(super) invitation_title: &'static str,
    pub(super) invitation_text: &'static str,
    pub(super) see_invitation: &'static str,
    pub(super) join_with_account: &'static str,
    pub(super) join_anew: &'static str,
    pub(super) accept_invitation: &'static str,
    pub(super) joined_title: &'static str,
    pub(super) no_seat: &'static str,
    pub(super) sign_in_title: &'static str,
    pub(super) sign_in_text: &'static str,
    pub(super) sign_in: &'static str,
    pub(super) forgotten: &'static str,
    pub(super) signed_in_title: &'static str,
    pub(super) open_app: &'static str,
    pub(super) open_app_button: &'static str,
    pub(super) no_clinic: &'static str,
    pub(super) paid_title: &'static str,
    pub(super) paid: &'static str,
    pub(super) billing_left_title: &'static str,
    pub(super) billing_left: &'static str,
    pub(super) form_refused_title: &'static str,
    pub(super) form_refused: &'static str,
    pub(super) code_wrong: &'static str,
    pub(super) code_expired: &'static str,
    pub(super) credentials_wrong: &'static str,
    pub(super) too_many: &'static str,
    pub(super) unavailable: &'static str,
    pub(super) internal: &'static str,
}

impl Words {
    pub(super) const fn for_language(language: MailLanguage) -> &'static Self {
        match language {
            MailLanguage::En => &ENGLISH,
            MailLanguage::Es => &SPANISH,
        }
    }

    pub(super) fn code_lasts(&self, minutes: i64) -> String {
        match self.language {
            MailLanguage::En => format!("It can be used once, within {minutes} minutes."),
            MailLanguage::Es => format!("Se puede usar una sola vez, durante {minutes} minutos."),
        }
    }

    pub(super) fn offer(&self, role: Role, email: &str) -> String {
        match (self.language, role) {
            (MailLanguage::En, Role::Admin) => {
                format!("You are invited as an admin, with the address {email}.")
            }
            (MailLanguage::En, Role::Doctor) => {
                format!("You are invited as a doctor, with the address {email}.")
            }
            (MailLanguage::En, Role::Assistant) => {
                format!("You are invited as an assistant, with the address {email}.")
            }
            (MailLanguage::Es, Role::Admin) => {
                format!("Se le invita como administrador, con la dirección {email}.")
            }
            (MailLanguage::Es, Role::Doctor) => {
                format!("Se le invita como médico, con la dirección {email}.")
            }
            (MailLanguage::Es, Role::Assistant) => {
                format!("Se le invita como asistente, con la dirección {email}.")
            }
        }
    }

    pub(super) fn joined(&self, clinic: &str) -> String {
        match self.language {
            MailLanguage::En => format!("You are a member of {clinic}."),
            MailLanguage::Es => format!("Usted es miembro de {clinic}."),
        }
    }

    /// What is wrong with a field. In English that is what the service says.
    pub(super) fn field_message(&self, field: &str, message: &str) -> String {
        match (self.language, field) {
            (MailLanguage::En, _) => format!("This {message}."),
            (MailLanguage::Es, "email") => "Escriba una dirección de correo.".to_owned(),
            (MailLanguage::Es, "password" | "new_password") => {
                "Elija una contraseña de 12 a 256 caracteres que no sea fácil de adivinar: varias palabras poco comunes, sin \
                 su nombre ni su dirección."
                    .to_owned()
            }
            (MailLanguage::Es, _) => "Escriba de 1 a 200 caracteres.".to_owned(),
        }
    }
}

const ENGLISH: Words = Words {
    language: MailLanguage::En,
    footer: "Maneiro sets one cookie, which protects this form.",
    email: "E-mail",
    password: "Password",
    new_password: "New password",
    password_hint: "12 characters or more. A sentence is easy to keep.",
    name: "Your name",
    clinic: "Name of the clinic",
    mailed_code: "Code from the mail",
    send_code: "Send the code",
    enter_code: "Enter the code",
    check_mail_title: "Look into your mail",
    check_mail: "A mail is on its way to this address. It has a code, which can be used once. If nothing arrives within a few \
                 minutes, look into the folder for unwanted mail.",
    register_title: "Create a clinic",
    register_text: "A code is mailed to your address. Nothing is stored before you give it back.",
    create_clinic: "Create the clinic",
    registered_title: "Your clinic is created",
    registered: "You are its first admin, and its trial has begun.",
    reset_title: "Set another password",
    reset_text: "If the address has an account, a code is mailed to it, with which another password is set. It also works \
                 while sign-ins are held up because of wrong passwords.",
    set_password: "Set the password",
    password_set_title: "Your password is set",
    password_set: "Every session that was open has ended.",
    email_title: "Confirm your new address",
    email_text: "The code was mailed to the new address.",
    confirm_email: "Confirm the address",
    email_changed_title: "Your address is changed",
    email_changed: "From now on you sign in with the new address. Sessions that are open go on.",
    invitation_title: "Your invitation",
    invitation_text: "The code is in the mail that invited you.",
    see_invitation: "See the invitation",
    join_with_account: "This address has an account. Give its password to join.",
    join_anew: "Choose a password for your account.",
    accept_invitation: "Accept the invitation",
    joined_title: "You have joined",
    no_seat: "Every seat of this clinic is taken. Its admin can free one or add some; the invitation stays as it is.",
    sign_in_title: "Sign in",
    sign_in_text: "You are shown a code, with which you sign in to the app.",
    sign_in: "Sign in",
    forgotten: "Forgot your password?",
    signed_in_title: "Open the app",
    open_app: "In Maneiro choose “Sign in with a code” and give this one:",
    open_app_button: "Open Maneiro",
    no_clinic: "Your account belongs to no clinic at present. An admin of your clinic can invite you.",
    paid_title: "Thank you",
    paid: "The payment is on its way to Maneiro. Go back to the app: Settings › Billing shows the plan within a minute.",
    billing_left_title: "Back to Maneiro",
    billing_left: "Go back to the app: Settings › Billing shows how your plan stands.",
    form_refused_title: "This form is too old",
    form_refused: "The form was not sent by this page, or its cookie is gone. Open the page again; nothing was changed.",
    code_wrong: "This is not the code that was mailed. Take the one of the newest mail.",
    code_expired: "The code has expired or was used. Have a new one mailed.",
    credentials_wrong: "E-mail and password do not match.",
    too_many: "Too many tries. Wait a quarter of an hour, or set another password by mail, which works at once.",
    unavailable: "Maneiro cannot be reached at the moment. Nothing was changed; try again in a moment.",
    internal: "Something failed in Maneiro. Nothing was changed; try again in a moment.",
};

const SPANISH: Words = Words {
    language: MailLanguage::Es,
    footer: "Maneiro guarda una sola cookie, que protege este formulario.",
    email: "Correo electrónico",
    password: "Contraseña",
    new_password: "Contraseña nueva",
    password_hint: "12 caracteres o más. Una frase es fácil de recordar.",
    name: "Su nombre",
    clinic: "Nombre de la clínica",
    mailed_code: "Código del correo",
    send_code: "Enviar el código",
    enter_code: "Escribir el código",
    check_mail_title: "Mire su correo",
    check_mail: "Un correo va de camino a esa dirección. Lleva un código que se puede usar una sola vez. Si no llega en unos \
                 minutos, mire en la carpeta de correo no deseado.",
    register_title: "Crear una clínica",
    register_text: "Se envía un código a su dirección. No se guarda nada hasta que lo escriba.",
    create_clinic: "Crear la clínica",
    registered_title: "Su clínica está creada",
    registered: "Usted es su primer administrador y la prueba ha empezado.",
    reset_title: "Poner otra contraseña",
    reset_text: "Si la dirección tiene una cuenta, se le envía un código con el que se pone otra contraseña. También funciona \
                 mientras los inicios de sesión están detenidos por contraseñas erróneas.",
    set_password: "Poner la contraseña",
    password_set_title: "La contraseña está puesta",
    password_set: "Todas las sesiones que estaban abiertas se han cerrado.",
    email_title: "Confirme su nueva dirección",
    email_text: "El código se envió a la dirección nueva.",
    confirm_email: "Confirmar la dirección",
    email_changed_title: "Su dirección ha cambiado",
    email_changed: "Desde ahora inicia sesión con la dirección nueva. Las sesiones abiertas siguen.",
    invitation_title: "Su invitación",
    invitation_text: "El código está en el correo que le invitó.",
    see_invitation: "Ver la invitación",
    join_with_account: "Esta dirección tiene una cuenta. Escriba su contraseña para unirse.",
    join_anew: "Elija una contraseña para su cuenta.",
    accept_invitation: "Aceptar la invitación",
    joined_title: "Ya forma parte",
    no_seat: "Todas las plazas de esta clínica están ocupadas. Su administrador puede liberar o añadir alguna; la invitación sigue \
              en pie.",
    sign_in_title: "Iniciar sesión",
    sign_in_text: "Se le muestra un código con el que inicia sesión en la aplicación.",
    sign_in: "Iniciar sesión",
    forgotten: "¿Ha olvidado la contraseña?",
    signed_in_title: "Abra la aplicación",
    open_app: "En Maneiro elija «Iniciar sesión con un código» y escriba este:",
    open_app_button: "Abrir Maneiro",
    no_clinic: "Su cuenta no pertenece ahora a ninguna clínica. Un administrador de su clínica puede invitarle.",
    paid_title: "Gracias",
    paid: "El pago va de camino a Maneiro. Vuelva a la aplicación: Ajustes › Facturación muestra el plan en un minuto.",
    billing_left_title: "De vuelta a Maneiro",
    billing_left: "Vuelva a la aplicación: Ajustes › Facturación muestra cómo está su plan.",
    form_refused_title: "Este formulario ha caducado",
    form_refused: "El formulario no lo envió esta página o falta su cookie. Abra la página otra vez; no se ha cambiado nada.",
    code_wrong: "Este no es el código que se envió. Use el del correo más reciente.",
    code_expired: "El código ha caducado o ya se usó. Pida que se le envíe otro.",
    credentials_wrong: "El correo y la contraseña no coinciden.",
    too_many: "Demasiados intentos. Espere un cuarto de hora o ponga otra contraseña por correo, que funciona enseguida.",
    unavailable: "Ahora no se puede llegar a Maneiro. No se ha cambiado nada; inténtelo otra vez en un momento.",
    internal: "Algo ha fallado en Maneiro. No se ha cambiado nada; inténtelo otra vez en un momento.",
};
