//! The demonstration: an analysis on one machine that leaves nothing behind.

#![cfg(target_os = "linux")]

use std::{fs, io::Read as _, path::Path, process::Stdio, time::Duration};

use maneiro_tests::{
    pdf_fixtures::notes_pdf,
    workstation::{CommandOutput, Workstation},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

const NOTE: &str = "Metoprolol 50 mg by mouth twice daily for hypertension.";

/// The processes with this folder in their command line or as their working directory.
fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let command = fs::read(entry.path().join("cmdline")).ok()?;
            let working_directory = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            (command.contains(folder) || working_directory.starts_with(folder)).then_some(command)
        })
        .collect()
}

async fn wait_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn demo(workstation: &Workstation) -> std::process::Command {
    // PostgreSQL's own user must get through to the demonstration's folder, when root runs it.
    fs::set_permissions(workstation.path(""), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    fs::create_dir(workstation.path("tmp")).unwrap();
    fs::set_permissions(workstation.path("tmp"), std::os::unix::fs::PermissionsExt::from_mode(0o711))
        .unwrap();
    let file = workstation.write_file("record.pdf", notes_pdf(3, NOTE));
    let out = workstation.path("out");
    let mut command = workstation.command([Path::new("demo"), &file, "--out".as_ref(), &out]);
    command.env("TMPDIR", workstation.path("tmp"));
    command
}

#[test]
fn a_demonstration_leaves_only_its_reports() {
    let workstation = Workstation::new();
    let ran = CommandOutput::from(demo(&workstation).output().unwrap());
    assert_eq!(ran.exit_code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("Most important") && ran.stdout.contains("out/report.pdf"), "{}", ran.stdout);
    assert!(workstation.path("out/report.pdf").is_file() && workstation.path("out/report.json").is_file());
    assert_eq!(processes_of(workstation.path("").as_path()), Vec::<String>::new());
    assert_eq!(fs::read_dir(workstation.path("tmp")).unwrap().count(), 0);
    assert!(!workstation.path("data").exists(), "the user's own store is not used");
}

#[tokio::test]
async fn a_stopped_demonstration_leaves_nothing() {
    let workstation = Workstation::new();
    let child = demo(&workstation).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let folder = workstation.path("tmp");
    wait_until(|| processes_of(&folder).iter().any(|command| command.contains("postgres"))).await;
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert_eq!(processes_of(&folder), Vec::<String>::new());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[tokio::test]
async fn a_killed_demonstration_ends_and_the_next_cleans_up() {
    let workstation = Workstation::new();
    let mut command = demo(&workstation);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let folder = workstation.path("tmp");
    wait_until(|| processes_of(&folder).iter().any(|command| command.contains("postgres"))).await;
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until(|| processes_of(&folder).is_empty()).await;
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    let mut next = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut summary = String::new();
    next.stdout.take().unwrap().read_to_string(&mut summary).unwrap();
    assert!(next.wait().unwrap().success() && summary.contains("Most important"), "{summary}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}
