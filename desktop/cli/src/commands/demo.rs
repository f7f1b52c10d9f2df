//! `demo`: an analysis on this machine alone. Starts a private cloud, registers a clinic in it, analyses a record, shows
//! the result, and leaves nothing but the report. Uses neither the user's keychain nor their store.

use std::{path::PathBuf, time::Duration};

use maneiro_api::{
    RetryPolicy,
    account::{ConfirmRegistration, MailLanguage, Register},
    client::Client,
};
use maneiro_core::{
    Error,
    cloud::{
        analyze::AnalyzeRequest,
        mail_outbox::MailOutbox,
        session::{self, SignIn, TokenStorage},
    },
    files::TemporaryFolder,
    keychain::NoKeychain,
    reading::ReadFile,
    store::Store,
    system::{Random as _, SystemRandom},
};
use serde_json::json;

use crate::{
    args,
    commands::{account, analyze, read},
    context::{Context, current_binary},
    demo_cloud::DemoCloud,
    failure::Failure,
    output,
    shutdown::shutdown_signal,
};

/// The record of a synthetic patient, from the project's own generator.
const SAMPLE_RECORD: &[u8] = include_bytes!("../../sample/record.pdf");

/// The private cloud runs on this machine. If it does not respond soon, it never will.
const RETRY_POLICY: RetryPolicy = RetryPolicy::with_total_delay(Duration::from_secs(10));

/// The prefix of the demonstration's folder. The next demonstration removes one that was left behind.
const FOLDER_PREFIX: &str = "maneiro-demo-";

pub(crate) async fn run(context: &Context<'_>, args: args::DemoArgs) -> Result<(), Failure> {
    let folder = TemporaryFolder::create(FOLDER_PREFIX).map_err(Failure::output)?;
    let mut cloud = None;
    let outcome = tokio::select! {
        outcome = analyze_in_folder(context, &args, &folder, &mut cloud) => outcome,
        () = shutdown_signal() => Err(Failure::interrupted("interrupted; nothing is left running")),
    };
    // The cloud must end before its folder is removed.
    if let Some(cloud) = cloud {
        cloud.stop().await;
    }
    folder.remove();
    outcome
}

async fn analyze_in_folder(
    context: &Context<'_>,
    args: &args::DemoArgs,
    folder: &TemporaryFolder,
    cloud: &mut Option<DemoCloud>,
) -> Result<(), Failure> {
    let ui = context.ui;
    let path = match &args.file {
        Some(path) => path.clone(),
        None => folder.write("record.pdf", SAMPLE_RECORD).map_err(Failure::output)?,
    };
    let source = read::open_source(&path).await?;
    let starting = ui.spinner("starting", "a private cloud on this machine");
    let address = DemoCloud::start(folder, cloud).await;
    let seconds = starting.elapsed().as_secs_f64();
    starting.finish_and_clear();
    let address = address?;
    ui.show_step("started", &format!("a private cloud on this machine, in {seconds:.1} s"));
    let client = register_clinic(&address, DemoCloud::outbox(folder)).await?;

    let store = context.open_store.register(Store::in_memory().await.map_err(Error::from)?);
    let options = args.reading.options(current_binary()?);
    let password = read::password_from_stdin(&args.password)?;
    let read: ReadFile = read::read_with_progress(ui, &store, &options, &source, password).await?;
    let files = [read];
    let title = args.file.is_none().then(|| "Sample record (synthetic)".to_owned());
    let request = AnalyzeRequest { title, ..AnalyzeRequest::default() };
    let completed = analyze::analyze_with_progress(ui, &client, &store, &files, &request).await?;
    let paths: Vec<PathBuf> = output::write_reports(&client, completed.analysis.id, &args.out).await?;

    if ui.is_json() {
        let mut document = analyze::completed_json(&files, &completed);
        document["output_files"] = json!(paths);
        return ui.print_json(&document);
    }
    if args.file.is_none() {
        ui.print("\nThe sample record is synthetic: it describes no real patient.\n")?;
    }
    ui.print(&output::format_summary(&completed.analysis))?;
    ui.print(&output::format_paths(&paths))
}

/// Registers a clinic in the private cloud, whose mail lies in a folder. Its password is random and not stored.
async fn register_clinic(address: &str, outbox: MailOutbox) -> Result<Client, Failure> {
    let client = session::anonymous_client(Some(address), RETRY_POLICY)?;
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes);
    let password = hex::encode(bytes);
    let register = Register { email: "demo@maneiro.example".to_owned(), language: MailLanguage::En };
    let code = account::request_code(&client, &register, Some(outbox)).await?;
    let sign_in = SignIn::ConfirmRegistration(ConfirmRegistration {
        email: register.email,
        code,
        clinic: "Demonstration clinic".to_owned(),
        name: "Demonstration".to_owned(),
        password: password.into(),
    });
    let response = session::sign_in(&client, &sign_in, TokenStorage::Caller, &NoKeychain).await?;
    Ok(client.with_token(response.token))
}
