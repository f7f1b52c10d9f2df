//! Sign-up, sign-in, and who one is.

use maneiro_api::{
    account::{Login, LoginResponse, Me, Register},
    client::Client,
};
use maneiro_core::cloud::session::{self, SignIn, TokenGoes};
use secrecy::ExposeSecret as _;
use serde_json::json;
use time::macros::format_description;

use crate::{
    args,
    context::Context,
    failure::Failure,
    passwords::{self, variable},
};

/// Makes a clinic and signs in.
pub(crate) async fn signup(context: &Context<'_>, args: args::Signup) -> Result<(), Failure> {
    let (client, goes) = prepare(context, &args.sign_in)?;
    let password = passwords::account(args.sign_in.password_stdin, true)?;
    let register = Register { clinic: args.clinic, name: args.name, email: args.email, password };
    let signed_in = session::sign_in(&client, &SignIn::Register(register), goes, &context.keychain).await?;
    tell(context, goes, &signed_in)
}

/// Signs in.
pub(crate) async fn login(context: &Context<'_>, args: args::Login) -> Result<(), Failure> {
    let (client, goes) = prepare(context, &args.sign_in)?;
    let password = passwords::account(args.sign_in.password_stdin, false)?;
    let login = Login { email: args.email, password, organization: None };
    let signed_in = session::sign_in(&client, &SignIn::Login(login), goes, &context.keychain).await?;
    tell(context, goes, &signed_in)
}

/// Makes sure that the token has a place, before a password is asked for.
fn prepare(context: &Context<'_>, args: &args::SignIn) -> Result<(Client, TokenGoes), Failure> {
    let client = context.anonymous()?;
    let goes = if args.print_token { TokenGoes::ToCaller } else { TokenGoes::IntoKeychain };
    session::check_place(&client, goes, &context.keychain)?;
    Ok((client, goes))
}

fn tell(context: &Context<'_>, goes: TokenGoes, signed_in: &LoginResponse) -> Result<(), Failure> {
    match goes {
        TokenGoes::ToCaller => context.ui.print(&format!("{}\n", signed_in.token.expose_secret())),
        TokenGoes::IntoKeychain if context.ui.is_json() => {
            context.ui.print_json(&json!({ "me": signed_in.me }))
        }
        TokenGoes::IntoKeychain => context.ui.print(&who(&signed_in.me)),
    }
}

/// Ends the session.
pub(crate) async fn logout(context: &Context<'_>) -> Result<(), Failure> {
    session::sign_out(context.anonymous()?, variable("MANEIRO_TOKEN"), &context.keychain).await?;
    if context.ui.is_json() {
        context.ui.print_json(&json!({ "signed_in": false }))
    } else {
        context.ui.print("signed out\n")
    }
}

/// Who is signed in.
pub(crate) async fn whoami(context: &Context<'_>) -> Result<(), Failure> {
    let me = context.client()?.me().await?;
    if context.ui.is_json() {
        context.ui.print_json(&json!({ "me": me }))
    } else {
        context.ui.print(&who(&me))
    }
}

fn who(me: &Me) -> String {
    let day = format_description!("[day padding:none] [month repr:long] [year]");
    let usage = &me.usage;
    let analyses = match usage.analyses_limit {
        Some(limit) => format!("{} of {limit} used this month", usage.analyses_used),
        None => format!("{} used this month, no limit", usage.analyses_used),
    };
    let until = match usage.trial_ends_at.and_then(|end| end.format(day).ok()) {
        Some(end) => format!("{} until {end}", usage.plan),
        None => usage.plan.clone(),
    };
    format!(
        "  signed in   {} <{}>\n  clinic      {}\n  plan        {until}\n  analyses    {analyses}\n",
        me.name, me.email, me.clinic
    )
}
