//! Files that cannot be used: each gets one sentence and a code.

use std::path::{Path, PathBuf};

use maneiro_tests::{
    pdf_fixtures::{TestPage, encrypted_pdf, notes_pdf},
    sample,
    workstation::{CommandOutput, Workstation},
};

fn read(workstation: &Workstation, path: &Path) -> CommandOutput {
    workstation.run([Path::new("read"), path])
}

#[test]
fn a_file_of_an_unsupported_format_is_refused() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.txt", "Dear colleague, please find enclosed");
    let message = read(&workstation, &path).assert_error(3, "unsupported_format").to_owned();
    assert!(message.ends_with("record.txt is neither a PDF nor a PNG, JPEG or TIFF image"), "{message}");
}

#[test]
fn an_empty_file_is_refused() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", "");
    read(&workstation, &path).assert_error(3, "file_empty");
}

#[test]
fn a_truncated_file_is_damaged() {
    let workstation = Workstation::new();
    let whole = sample::record_pdf();
    let path = workstation.write_file("record.pdf", &whole[..whole.len() / 2]);
    read(&workstation, &path).assert_error(3, "file_damaged");
}

#[test]
fn a_directory_is_refused() {
    let workstation = Workstation::new();
    std::fs::create_dir(workstation.path("records")).unwrap();
    let message =
        read(&workstation, &workstation.path("records")).assert_error(3, "is_a_directory").to_owned();
    assert!(message.ends_with("is a directory; name the files in it"), "{message}");
}

#[test]
fn a_missing_file_is_refused() {
    let workstation = Workstation::new();
    read(&workstation, &workstation.path("missing.pdf")).assert_error(3, "file_not_found");
}

#[test]
fn errors_are_json_on_request() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.txt", "Dear colleague");
    let ran = workstation.run([Path::new("read"), &path, Path::new("--json")]);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "unsupported_format");
    assert_eq!((ran.exit_code, ran.stdout.as_str()), (3, ""));
}

#[test]
fn an_encrypted_file_is_read_with_its_password_only() {
    let workstation = Workstation::new();
    let bytes = encrypted_pdf(&[TestPage::note(1, "Metoprolol 50 mg once daily.")], "sesame-planted");
    let path = workstation.write_file("record.pdf", bytes);
    read(&workstation, &path).assert_error(3, "password_required");
    let read_with = |password: &str| {
        let mut command = workstation.command([Path::new("read"), &path, Path::new("--password-stdin")]);
        command
            .stdin(std::fs::File::open(workstation.write_file("password", format!("{password}\n"))).unwrap());
        CommandOutput::from(command.output().unwrap())
    };
    read_with("open").assert_error(3, "wrong_password");
    let ran = read_with("sesame-planted");
    assert!(ran.exit_code == 0 && ran.stdout.contains("Metoprolol 50 mg"), "{}", ran.stderr);
    // The pages are stored, but the password is not.
    read(&workstation, &path).assert_error(3, "password_required");
}

#[cfg(unix)]
#[test]
fn a_file_without_read_permission_is_refused() {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt as _};

    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(1, "Metoprolol 50 mg"));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    let mut command = workstation.command([Path::new("read"), &path]);
    if nix::unistd::geteuid().is_root() {
        // Root ignores permission bits, so another user runs a copy of the program that they can reach.
        std::fs::set_permissions(workstation.path(""), PermissionsExt::from_mode(0o755)).unwrap();
        let program: PathBuf = workstation.path("maneiro");
        // Copied by another process: if this one had the copy open for writing, a fork of a test that runs at the same time
        // could keep it open, and then it cannot be started.
        assert!(
            std::process::Command::new("cp")
                .arg(command.get_program())
                .arg(&program)
                .status()
                .unwrap()
                .success()
        );
        let mut other = std::process::Command::new(program);
        workstation.set_environment(&mut other);
        other.args(command.get_args()).uid(65534).gid(65534);
        command = other;
    }
    CommandOutput::from(command.output().unwrap()).assert_error(3, "permission_denied");
}
