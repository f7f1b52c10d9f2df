//! `signup`, `login`, `logout` and `whoami`.

use maneiro_api::{
    account::{ConfirmRegistration, Login, LoginResponse, Me, Register},
    client::Client,
};
use maneiro_core::cloud::{
    mail_outbox::MailOutbox,
    session::{self, SignIn, TokenStorage},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use time::macros::format_description;

use crate::{
    args,
    context::Context,
    failure::Failure,
    passwords::{account_password, mailed_code, secret_variable},
};

pub(crate) async fn signup(context: &Context<'_>, args: args::SignupArgs) -> Result<(), Failure> {
    let (client, storage) = prepare_sign_in(context, &args.sign_in)?;
    let password = account_password(args.sign_in.password_stdin, true)?;
    let register = Register { email: args.email, language: args.mail_language };
    let code = request_code(&client, &register, args.outbox.map(MailOutbox::new)).await?;
    let confirm =
        ConfirmRegistration { email: register.email, code, clinic: args.clinic, name: args.name, password };
    let sign_in = SignIn::ConfirmRegistration(confirm);
    let response = session::sign_in(&client, &sign_in, storage, &context.keychain).await?;
    show_login(context, storage, &response)
}

/// Has a code mailed and takes it from the outbox of an embedded cloud, or asks for it.
pub(crate) async fn request_code(
    client: &Client,
    register: &Register,
    outbox: Option<MailOutbox>,
) -> Result<SecretString, Failure> {
    let Some(outbox) = outbox else {
        session::request_registration(client, register).await?;
        return mailed_code(&register.email);
    };
    let previous = outbox.newest_code(&register.email);
    session::request_registration(client, register).await?;
    let code = outbox.wait_for_code(&register.email, previous.as_deref()).await;
    code.map(SecretString::from).ok_or_else(|| {
        Failure::usage(
            "no_mailed_code",
            "the outbox holds no code for this address; it may have an account already",
        )
    })
}

pub(crate) async fn login(context: &Context<'_>, args: args::LoginArgs) -> Result<(), Failure> {
    let (client, storage) = prepare_sign_in(context, &args.sign_in)?;
    let password = account_password(args.sign_in.password_stdin, false)?;
    let login = Login { email: args.email, password, organization: None };
    let response = session::sign_in(&client, &SignIn::Login(login), storage, &context.keychain).await?;
    show_login(context, storage, &response)
}

/// Checks that the token can be kept, before a password is asked for.
fn prepare_sign_in(
    context: &Context<'_>,
    args: &args::SignInArgs,
) -> Result<(Client, TokenStorage), Failure> {
    let client = context.anonymous_client()?;
    let storage = if args.print_token { TokenStorage::Caller } else { TokenStorage::Keychain };
    session::check_token_storage(&client, storage, &context.keychain)?;
    Ok((client, storage))
}

fn show_login(context: &Context<'_>, storage: TokenStorage, response: &LoginResponse) -> Result<(), Failure> {
    match storage {
        TokenStorage::Caller => context.ui.print(&format!("{}\n", response.token.expose_secret())),
        TokenStorage::Keychain if context.ui.is_json() => {
            context.ui.print_json(&json!({ "me": response.me }))
        }
        TokenStorage::Keychain => context.ui.print(&format_user(&response.me)),
    }
}

pub(crate) async fn logout(context: &Context<'_>) -> Result<(), Failure> {
    let token = secret_variable("MANEIRO_TOKEN");
    session::sign_out(context.anonymous_client()?, token, &context.keychain).await?;
    if context.ui.is_json() {
        context.ui.print_json(&json!({ "signed_in": false }))
    } else {
        context.ui.print("signed out\n")
    }
}

pub(crate) async fn whoami(context: &Context<'_>) -> Result<(), Failure> {
    let me = context.client()?.me().await?;
    if context.ui.is_json() {
        context.ui.print_json(&json!({ "me": me }))
    } else {
        context.ui.print(&format_user(&me))
    }
}

fn format_user(me: &Me) -> String {
    let day = format_description!("[day padding:none] [month repr:long] [year]");
    let usage = &me.usage;
    let analyses = match usage.analyses_limit {
        Some(limit) => format!("{} of {limit} used", usage.analyses_used),
        None => format!("{} used, no limit", usage.analyses_used),
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
