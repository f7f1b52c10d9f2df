//! `demo`: the whole job on this machine alone. Starts a private cloud, makes a clinic in it, runs the job, shows the
//! result, and leaves nothing but the report. Touches neither the user's keychain nor their store.

use std::{path::PathBuf, time::Duration};

use maneiro_api::{RetryPolicy, account::Register, client::Client};
use maneiro_core::{
    Error,
    cloud::{
        analyze::Request,
        session::{self, SignIn, TokenGoes},
    },
    keychain::NoKeychain,
    reading::ReadFile,
    store::Store,
    system::{Random as _, SystemRandom},
};
use serde_json::json;

use crate::{
    args,
    commands::{analyze, read},
    context::{Context, this_binary},
    demo_cloud::{DemoCloud, DemoFolder},
    failure::Failure,
    show,
    stopping::told_to_stop,
};

/// A synthetic patient's record, made by the project's own generator.
const SAMPLE: &[u8] = include_bytes!("../../sample/record.pdf");

/// The private cloud is on this machine and up; what does not answer soon never will.
const RETRY_POLICY: RetryPolicy = RetryPolicy::with_total_delay(Duration::from_secs(10));

/// Runs the demonstration.
pub(crate) async fn run(context: &Context<'_>, args: args::Demo) -> Result<(), Failure> {
    let folder = DemoFolder::create().map_err(Failure::output)?;
    let mut cloud = None;
    let outcome = tokio::select! {
        outcome = job(context, &args, &folder, &mut cloud) => outcome,
        () = told_to_stop() => Err(Failure::stopped("stopped; nothing is left running")),
    };
    // Whatever happened, the cloud ends before its folder goes.
    if let Some(cloud) = cloud {
        cloud.stop().await;
    }
    folder.remove();
    outcome
}

async fn job(
    context: &Context<'_>,
    args: &args::Demo,
    folder: &DemoFolder,
    cloud: &mut Option<DemoCloud>,
) -> Result<(), Failure> {
    let ui = context.ui;
    let path = match &args.file {
        Some(path) => path.clone(),
        None => folder.write("record.pdf", SAMPLE).map_err(Failure::output)?,
    };
    let source = read::examine(&path).await?;
    let starting = ui.spinner("starting", "a private cloud on this machine");
    let address = DemoCloud::start(folder, cloud).await;
    let seconds = starting.elapsed().as_secs_f64();
    starting.finish_and_clear();
    let address = address?;
    ui.done("started", &format!("a private cloud on this machine, in {seconds:.1} s"));
    let client = signed_up(&address).await?;

    let store = context.opened.note(Store::in_memory().await.map_err(Error::from)?);
    let options = args.reading.options(this_binary()?);
    let password = read::given_password(&args.password)?;
    let read: ReadFile = read::file(ui, &store, &options, &source, password).await?;
    let files = [read];
    let title = args.file.is_none().then(|| "Sample record (synthetic)".to_owned());
    let request = Request { title, ..Request::default() };
    let outcome = analyze::in_cloud(ui, &client, &store, &files, &request).await?;
    let written: Vec<PathBuf> = show::write_reports(&client, outcome.analysis.id, &args.out).await?;

    if ui.is_json() {
        let mut document = analyze::as_json(&files, &outcome);
        document["written"] = json!(written);
        return ui.print_json(&document);
    }
    if args.file.is_none() {
        ui.print("\nThe sample record is of a synthetic patient: nobody is described.\n")?;
    }
    ui.print(&show::summary(&outcome.analysis))?;
    ui.print(&show::files(&written))
}

/// Makes a clinic in the private cloud; its password is random and forgotten at once.
async fn signed_up(address: &str) -> Result<Client, Failure> {
    let client = session::anonymous(Some(address), RETRY_POLICY)?;
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes);
    let password: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let register = Register {
        clinic: "Demonstration clinic".to_owned(),
        name: "Demonstration".to_owned(),
        email: "demo@maneiro.example".to_owned(),
        password: password.into(),
    };
    let how = SignIn::Register(register);
    let signed_in = session::sign_in(&client, &how, TokenGoes::ToCaller, &NoKeychain).await?;
    Ok(client.with_token(signed_in.token))
}
