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

/// What the variable is set to; none if somebody has set it, to whatever.
#[cfg(target_os = "linux")]
fn renderer_setting(set: Option<&std::ffi::OsStr>) -> Option<&'static str> {
    set.is_none().then_some("1")
}

fn main() -> ExitCode {
    // A page worker is this same binary. It is started before anything else is set up.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == worker::COMMAND) {
        return worker::run(&arguments.collect::<Vec<_>>());
    }
    // A process cannot safely set a variable for itself once it has threads, so it becomes one that has it.
    #[cfg(target_os = "linux")]
    if let Some(value) = renderer_setting(std::env::var_os(DMABUF_VARIABLE).as_deref())
        && let Ok(program) = std::env::current_exe()
    {
        use std::os::unix::process::CommandExt as _;
        let error = std::process::Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(DMABUF_VARIABLE, value)
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn renderer_is_off_unless_somebody_set_it() {
        assert_eq!(renderer_setting(None), Some("1"));
        for set in ["0", "1", ""] {
            assert_eq!(renderer_setting(Some(set.as_ref())), None);
        }
    }
}
