//! The local store: what survives, what is refused, and that nothing of it is in clear.

use std::{fs::File, path::Path, process::Command};

use maneiro_tests::{
    papers::notes,
    workstation::{Ran, Workstation},
};

fn contains(bytes: &[u8], planted: &str) -> bool {
    bytes.windows(planted.len()).any(|window| window == planted.as_bytes())
}

fn read(workstation: &Workstation, path: &Path) -> Ran {
    workstation.run([Path::new("read"), path, "--json".as_ref()])
}

#[test]
fn no_word_of_a_page_and_no_file_name_is_in_clear_in_the_data_folder() {
    let workstation = Workstation::new();
    let path = workstation.file("quokkaberry.pdf", notes(3, "Thistledown 50 mg once daily."));
    let ran = read(&workstation, &path);
    assert!(ran.stdout.contains("Thistledown"), "{}", ran.stderr);
    let kept = workstation.bytes_of("data");
    assert!(kept.len() > 10_000, "something is kept");
    for planted in ["Thistledown", "quokkaberry", "SQLite format", "text_layer"] {
        assert!(!contains(&kept, planted), "{planted}");
    }
}

#[test]
fn a_second_run_reads_nothing_again() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(5, "Metoprolol 50 mg"));
    let first = read(&workstation, &path).json();
    let second = read(&workstation, &path).json();
    assert_eq!((&first["file"]["pages_read_now"], &second["file"]["pages_read_now"]), (&5.into(), &0.into()));
    assert_eq!(first["pages"], second["pages"]);
}

#[test]
fn a_store_with_another_key_is_refused_and_left_as_it_is() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(2, "Metoprolol 50 mg"));
    let _ = read(&workstation, &path).json();
    let before = std::fs::read(workstation.path("data/store.db")).unwrap();
    let mut command = workstation.command([Path::new("read"), &path]);
    let other = Ran::from(command.env("MANEIRO_STORE_KEY", "ab".repeat(32)).output().unwrap());
    let said = other.refused(7, "store_not_opened");
    assert!(said.ends_with("does not open with this key, or is damaged; it was left as it is"), "{said}");
    assert_eq!(std::fs::read(workstation.path("data/store.db")).unwrap(), before);
    assert_eq!(read(&workstation, &path).json()["file"]["pages_read_now"], 0);
}

#[test]
fn a_key_that_is_none_is_refused_before_anything_is_made() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(1, "Metoprolol 50 mg"));
    let mut command = workstation.command([Path::new("read"), &path]);
    Ran::from(command.env("MANEIRO_STORE_KEY", "secret").output().unwrap()).refused(7, "bad_store_key");
    assert!(!workstation.path("data").exists());
}

#[test]
fn without_keychain_and_key_nothing_is_kept_and_it_says_so() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(1, "Metoprolol 50 mg"));
    let mut command = workstation.command([Path::new("read"), &path]);
    let ran = Ran::from(command.env_remove("MANEIRO_STORE_KEY").output().unwrap());
    assert!(ran.exit == 0 && ran.stdout.contains("Metoprolol"), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("note: there is no keychain here"), "{}", ran.stderr);
    assert!(ran.stderr.contains("MANEIRO_STORE_KEY"), "{}", ran.stderr);
    assert!(!workstation.path("data").exists());
}

#[test]
fn two_processes_do_not_read_the_same_file_at_once() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(2, "Metoprolol 50 mg"));
    let other = workstation.file("other.pdf", notes(3, "Losartan 25 mg"));
    let _ = read(&workstation, &path).json();
    // Somebody else is at it: the first file of this store.
    let lock = File::create(workstation.path("data/reading-1.lock")).unwrap();
    lock.lock().unwrap();
    workstation.run([Path::new("read"), &path]).refused(3, "file_busy");
    assert_eq!(read(&workstation, &other).json()["file"]["pages_read_now"], 3);
    drop(lock);
    assert_eq!(read(&workstation, &path).json()["file"]["pages_read_now"], 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_is_a_clear_error_and_loses_nothing() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(400, &"Metoprolol 50 mg once daily. ".repeat(20)));
    std::fs::create_dir(workstation.path("data")).unwrap();
    let maneiro = workstation.command([Path::new("read"), &path, "--json".as_ref()]);
    // A disk of its own that only this shell sees; where that is not allowed, a limit on the size of files.
    let script = r#"
        data=$1; shift
        if mount -t tmpfs -o size=200k tmpfs "$data" 2>/dev/null; then
            "$@" >&2; echo "exit $?" >&2
            mount -o remount,size=100M "$data"
        else
            (trap '' XFSZ; ulimit -f 300; "$@" >&2; echo "exit $?" >&2)
        fi
        exec "$@"
    "#;
    let mut shell = Command::new("unshare");
    workstation.dress(&mut shell);
    shell.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]);
    shell.arg(workstation.path("data")).arg(maneiro.get_program()).args(maneiro.get_args());
    let ran = Ran::from(shell.output().unwrap());
    let (error, exit) =
        ran.stderr.trim_end().split_once('\n').expect("two lines: the error and the exit code");
    let error: serde_json::Value = serde_json::from_str(error).unwrap();
    assert_eq!((error["error"]["code"].as_str(), exit), (Some("disk_full"), "exit 7"));
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let again = document["file"]["pages_read_now"].as_u64().unwrap();
    assert!((1..400).contains(&again), "what fitted is not read again: {again}");
    assert_eq!(document["file"]["counts"]["text_layer"], 400);
}
