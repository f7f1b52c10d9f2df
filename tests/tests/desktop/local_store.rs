//! The local store: what survives, what is refused, and that nothing in it is unencrypted.

use std::{fs::File, path::Path, process::Command};

use maneiro_tests::{
    pdf_fixtures::notes_pdf,
    workstation::{CommandOutput, Workstation},
};

fn contains(bytes: &[u8], planted: &str) -> bool {
    bytes.windows(planted.len()).any(|window| window == planted.as_bytes())
}

fn read(workstation: &Workstation, path: &Path) -> CommandOutput {
    workstation.run([Path::new("read"), path, "--json".as_ref()])
}

#[test]
fn pages_and_file_names_are_encrypted_in_the_data_folder() {
    let workstation = Workstation::new();
    let path = workstation.write_file("quokkaberry.pdf", notes_pdf(3, "Thistledown 50 mg once daily."));
    let ran = read(&workstation, &path);
    assert!(ran.stdout.contains("Thistledown"), "{}", ran.stderr);
    let stored = workstation.folder_bytes("data");
    assert!(stored.len() > 10_000, "the store is empty");
    for planted in ["Thistledown", "quokkaberry", "SQLite format", "text_layer"] {
        assert!(!contains(&stored, planted), "{planted}");
    }
}

#[test]
fn a_second_run_reads_no_page_again() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(5, "Metoprolol 50 mg"));
    let first = read(&workstation, &path).json();
    let second = read(&workstation, &path).json();
    assert_eq!(
        (&first["file"]["pages_newly_read"], &second["file"]["pages_newly_read"]),
        (&5.into(), &0.into())
    );
    assert_eq!(first["pages"], second["pages"]);
}

#[test]
fn a_store_with_another_key_is_refused_and_not_changed() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(2, "Metoprolol 50 mg"));
    let _ = read(&workstation, &path).json();
    let before = std::fs::read(workstation.path("data/store.db")).unwrap();
    let mut command = workstation.command([Path::new("read"), &path]);
    let other = CommandOutput::from(command.env("MANEIRO_STORE_KEY", "ab".repeat(32)).output().unwrap());
    let message = other.assert_error(7, "store_not_opened");
    assert!(message.ends_with("does not open with this key, or is damaged; it was not changed"), "{message}");
    assert_eq!(std::fs::read(workstation.path("data/store.db")).unwrap(), before);
    assert_eq!(read(&workstation, &path).json()["file"]["pages_newly_read"], 0);
}

#[test]
fn an_invalid_key_is_refused_before_the_store_is_created() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(1, "Metoprolol 50 mg"));
    let mut command = workstation.command([Path::new("read"), &path]);
    CommandOutput::from(command.env("MANEIRO_STORE_KEY", "secret").output().unwrap())
        .assert_error(7, "invalid_store_key");
    assert!(!workstation.path("data").exists());
}

#[test]
fn without_a_key_nothing_is_stored_and_the_user_is_told() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(1, "Metoprolol 50 mg"));
    let mut command = workstation.command([Path::new("read"), &path]);
    let ran = CommandOutput::from(command.env_remove("MANEIRO_STORE_KEY").output().unwrap());
    assert!(ran.exit_code == 0 && ran.stdout.contains("Metoprolol"), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("note: no keychain is available"), "{}", ran.stderr);
    assert!(ran.stderr.contains("MANEIRO_STORE_KEY"), "{}", ran.stderr);
    assert!(!workstation.path("data").exists());
}

#[test]
fn two_processes_do_not_read_the_same_file() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(2, "Metoprolol 50 mg"));
    let other = workstation.write_file("other.pdf", notes_pdf(3, "Losartan 25 mg"));
    let _ = read(&workstation, &path).json();
    // Another process reads the first file of this store.
    let lock = File::create(workstation.path("data/reading-1.lock")).unwrap();
    lock.lock().unwrap();
    workstation.run([Path::new("read"), &path]).assert_error(3, "file_busy");
    assert_eq!(read(&workstation, &other).json()["file"]["pages_newly_read"], 3);
    drop(lock);
    assert_eq!(read(&workstation, &path).json()["file"]["pages_newly_read"], 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_loses_no_page() {
    let workstation = Workstation::new();
    let path =
        workstation.write_file("record.pdf", notes_pdf(400, &"Metoprolol 50 mg once daily. ".repeat(20)));
    std::fs::create_dir(workstation.path("data")).unwrap();
    let maneiro = workstation.command([Path::new("read"), &path, "--json".as_ref()]);
    // A disk of its own that only this shell sees; where that is not allowed, a limit on the size of files.
    let script = r#"
        data=$1; shift
        if mount -t tmpfs -o size=800k tmpfs "$data" 2>/dev/null; then
            "$@" >&2; echo "exit $?" >&2
            mount -o remount,size=100M "$data"
        else
            (trap '' XFSZ; ulimit -f 1200; "$@" >&2; echo "exit $?" >&2)
        fi
        exec "$@"
    "#;
    let mut shell = Command::new("unshare");
    workstation.set_environment(&mut shell);
    shell.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]);
    shell.arg(workstation.path("data")).arg(maneiro.get_program()).args(maneiro.get_args());
    let ran = CommandOutput::from(shell.output().unwrap());
    let (error, exit) =
        ran.stderr.trim_end().split_once('\n').expect("two lines: the error and the exit code");
    let error: serde_json::Value = serde_json::from_str(error).unwrap();
    assert_eq!((error["error"]["code"].as_str(), exit), (Some("disk_full"), "exit 7"));
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let again = document["file"]["pages_newly_read"].as_u64().unwrap();
    assert!((1..400).contains(&again), "pages that were stored are not read again: {again}");
    assert_eq!(document["file"]["counts"]["text_layer"], 400);
}
