//! The mails of the service, one variant each.

use maneiro_api::account::Role;
use url::Url;

use crate::domain::{
    email_change::EmailChangeCode, notice::UserNotice, password_reset::ResetCode, registration::MailedCode,
};

/// A mail and what it says.
#[derive(Debug, Clone)]
pub enum Mail<'a> {
    /// The code that proves an e-mail address.
    RegistrationCode { code: &'a MailedCode },
    /// Somebody registered with the address of an account.
    AddressHasAccount,
    /// The code that sets another password, and the page that takes it.
    PasswordReset { code: &'a ResetCode, page: Url },
    /// The code that proves the new address of an account, and the page that takes it.
    EmailChange { code: &'a EmailChangeCode, page: Url },
    /// A clinic invites the reader; the page, and the token of its address for the app.
    Invitation { clinic: &'a str, role: Role, page: Url, token: &'a str },
    /// What has no code.
    UserNotice(&'a UserNotice),
}

/// A page with a code that no server is sent and no log or referrer shows: browsers keep what stands behind `#`.
pub(super) fn with_code(page: &Url, code: &impl ToString) -> Url {
    let mut page = page.clone();
    page.set_fragment(Some(&code.to_string()));
    page
}
