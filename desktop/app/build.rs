//! Gives each command of the window a permission of its own, and the program its commit and date.

use std::process::Command;

include!("src/commands/list.rs");

macro_rules! names {
    ($($module:ident: $($name:ident),+;)+) => {
        &[$($(stringify!($name)),+),+]
    };
}

fn main() {
    let output = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let commit = output("git", &["rev-parse", "--short=12", "HEAD"]).unwrap_or_default();
    let date = output("git", &["log", "-1", "--format=%cI"]).unwrap_or_default();
    println!("cargo:rustc-env=MANEIRO_COMMIT={commit}");
    println!("cargo:rustc-env=MANEIRO_COMMIT_DATE={date}");
    println!("cargo:rerun-if-changed=src/commands/list.rs");
    println!("cargo:rerun-if-changed=../ui/dist");
    let manifest = tauri_build::AppManifest::new().commands(commands!(names));
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("{error:#}");
    }
}
