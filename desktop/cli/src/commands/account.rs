//! `signup`, `login`, `logout` and `whoami`.

use maneiro_api::{
    account::{Login, LoginResponse, Me, Register},
    client::Client,
};
use maneiro_core::cloud::session::{self, SignIn, TokenStorage};
use secrecy::ExposeSecret as _;
use serde_json::json;
use time::macros::format_description;

use crate::{
    args,
    context::Context,
    failure::Failure,
    passwords::{account_password, secret_variable},
};

pub(crate) async fn signup(context: &Context<'_>, args: args::SignupArgs) -> Result<(), Failure> {
    let (client, storage) = prepare_sign_in(context, &args.sign_in)?;
    let password = account_password(args.sign_in.password_stdin, true)?;
    let register = Register { clinic: args.clinic, name: args.name, email: args.email, password };
    let response = session::sign_in(&client, &SignIn::Register(register), storage, &context.keychain).await?;
    show_login(context, storage, &response)
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
