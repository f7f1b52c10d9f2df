//! `maneiro-app`: the window, or a page worker of it.

// Windows opens no console beside the window.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

use maneiro_core::worker;
use zeroizing_alloc::ZeroAlloc;

/// Overwrites what is freed: the memory of a locked window holds no words of a record and no token.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// WebKitGTK draws nothing on some drivers with this renderer (tauri #9304, #9394).
#[cfg(target_os = "linux")]
const DMABUF_VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

fn main() -> ExitCode {
    // A page worker is this same binary. It is started before anything else is set up.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == worker::COMMAND) {
        return worker::run(&arguments.collect::<Vec<_>>());
    }
    // A process cannot safely set a variable for itself once it has threads, so it becomes one that has it.
    #[cfg(target_os = "linux")]
    if std::env::var_os(DMABUF_VARIABLE).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        use std::os::unix::process::CommandExt as _;
        let error = std::process::Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(DMABUF_VARIABLE, "1")
            .exec();
        eprintln!("maneiro-app: cannot be started again: {error}");
        return ExitCode::FAILURE;
    }
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("MANEIRO_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .init();
    match maneiro_app::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("maneiro-app: {error}");
            ExitCode::FAILURE
        }
    }
}
