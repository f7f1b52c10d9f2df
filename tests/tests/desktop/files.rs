//! Files that cannot be used: each gets one clear sentence and a code.

use std::path::{Path, PathBuf};

use maneiro_tests::{
    papers::{Sheet, notes, protected_pdf},
    sample,
    workstation::{Ran, Workstation},
};

fn read(workstation: &Workstation, path: &Path) -> Ran {
    workstation.run([Path::new("read"), path])
}

#[test]
fn a_file_of_another_kind_is_refused_by_name() {
    let workstation = Workstation::new();
    let path = workstation.file("record.txt", "Dear colleague, please find enclosed");
    let said = read(&workstation, &path).refused(3, "not_a_page_file").to_owned();
    assert!(said.ends_with("record.txt is neither a PDF nor a PNG, JPEG or TIFF image"), "{said}");
}

#[test]
fn an_empty_file_is_refused() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", "");
    read(&workstation, &path).refused(3, "empty_file");
}

#[test]
fn a_truncated_file_is_refused_as_damaged() {
    let workstation = Workstation::new();
    let whole = sample::record_pdf();
    let path = workstation.file("record.pdf", &whole[..whole.len() / 2]);
    read(&workstation, &path).refused(3, "damaged_file");
}

#[test]
fn a_folder_is_refused() {
    let workstation = Workstation::new();
    std::fs::create_dir(workstation.path("records")).unwrap();
    let said = read(&workstation, &workstation.path("records")).refused(3, "is_a_folder").to_owned();
    assert!(said.ends_with("is a folder; name the files in it"), "{said}");
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let workstation = Workstation::new();
    read(&workstation, &workstation.path("missing.pdf")).refused(3, "file_not_found");
}

#[test]
fn a_refusal_is_json_for_programs() {
    let workstation = Workstation::new();
    let path = workstation.file("record.txt", "Dear colleague");
    let ran = workstation.run([Path::new("read"), &path, Path::new("--json")]);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "not_a_page_file");
    assert_eq!((ran.exit, ran.stdout.as_str()), (3, ""));
}

#[test]
fn a_file_with_a_password_is_read_with_it_and_only_with_it() {
    let workstation = Workstation::new();
    let bytes = protected_pdf(&[Sheet::note(1, "Metoprolol 50 mg once daily.")], "sesame-planted");
    let path = workstation.file("record.pdf", bytes);
    read(&workstation, &path).refused(3, "password_needed");
    let with = |password: &str| {
        let mut command = workstation.command([Path::new("read"), &path, Path::new("--password-stdin")]);
        command.stdin(std::fs::File::open(workstation.file("password", format!("{password}\n"))).unwrap());
        Ran::from(command.output().unwrap())
    };
    with("open").refused(3, "wrong_password");
    let ran = with("sesame-planted");
    assert!(ran.exit == 0 && ran.stdout.contains("Metoprolol 50 mg"), "{}", ran.stderr);
    // It is asked for again, although the pages are kept: the password is not.
    read(&workstation, &path).refused(3, "password_needed");
}

#[cfg(unix)]
#[test]
fn a_file_that_the_user_may_not_read_is_refused() {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt as _};

    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(1, "Metoprolol 50 mg"));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    let mut command = workstation.command([Path::new("read"), &path]);
    if nix::unistd::geteuid().is_root() {
        // Permission bits do not bind root, so somebody else runs the program, from where they can reach it.
        std::fs::set_permissions(workstation.path(""), PermissionsExt::from_mode(0o755)).unwrap();
        let program: PathBuf = workstation.path("maneiro");
        // By another process: while this one had the copy open, a fork of a test beside this could keep it so, and
        // a program that is open for writing cannot be started.
        assert!(
            std::process::Command::new("cp")
                .arg(command.get_program())
                .arg(&program)
                .status()
                .unwrap()
                .success()
        );
        let mut other = std::process::Command::new(program);
        workstation.dress(&mut other);
        other.args(command.get_args()).uid(65534).gid(65534);
        command = other;
    }
    Ran::from(command.output().unwrap()).refused(3, "no_permission");
}
