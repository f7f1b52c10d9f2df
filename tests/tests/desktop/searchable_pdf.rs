//! Searchable PDFs: written as a whole or not at all, and never over an existing file.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::LazyLock,
    time::Duration,
};

use lopdf::{Document, dictionary};
use maneiro_tests::{
    pdf_fixtures::{TestPage, encrypted_pdf, notes_pdf},
    sample,
    workstation::{CommandOutput, Workstation},
};

/// The sample record's first two pages: one of text, one scan.
static SCANNED: LazyLock<Vec<u8>> = LazyLock::new(|| save(scanned_document()));

fn scanned_document() -> Document {
    let mut document = Document::load_mem(sample::record_pdf()).unwrap();
    let pages = document.get_pages().len() as u32;
    document.delete_pages(&(3..=pages).collect::<Vec<_>>());
    document.prune_objects();
    document
}

fn save(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn convert(workstation: &Workstation, from: &Path, to: &Path, options: &[&str]) -> CommandOutput {
    let mut command = workstation.command([Path::new("searchable-pdf"), from, "--out".as_ref(), to]);
    command.args(options);
    command.output().unwrap().into()
}

/// Checks that the command failed with this code after it had read the file.
fn assert_error_after_reading(ran: &CommandOutput, code: &str) {
    let last = ran.stderr.trim_end().lines().last().unwrap();
    assert!(last.starts_with(&format!("error[{code}]: ")), "{}", ran.stderr);
}

fn read(workstation: &Workstation, path: &Path) -> serde_json::Value {
    workstation.run([Path::new("read"), path, "--json".as_ref()]).json()
}

#[test]
fn the_searchable_pdf_of_a_scan_contains_its_words() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", &*SCANNED);
    let to = workstation.path("searchable.pdf");
    let document = convert(&workstation, &path, &to, &["--json"]).json();
    assert_eq!(document["output_file"], to.to_str().unwrap());
    assert!(std::fs::read(&path).unwrap() == *SCANNED, "the file was altered");
    let bytes = std::fs::read(&to).unwrap();
    assert!(bytes.len() > SCANNED.len() && bytes.starts_with(&SCANNED));

    let (original, searchable) = (read(&workstation, &path), read(&workstation, &to));
    let kinds =
        |read: &serde_json::Value| [0, 1].map(|page| read["pages"][page]["text_source"]["kind"].clone());
    assert_eq!(kinds(&original), ["text_layer", "ocr"]);
    assert_eq!(kinds(&searchable), ["text_layer", "text_layer"]);
    let words = |read: &serde_json::Value| -> Vec<String> {
        let lines = read["pages"][1]["lines"].as_array().unwrap().iter();
        let words = lines.flat_map(|line| line["words"].as_array().unwrap());
        words.map(|word| word["text"].as_str().unwrap().to_owned()).collect()
    };
    let (mut seen, mut found) = (words(&original), words(&searchable));
    seen.sort();
    found.sort();
    assert_eq!(found, seen);
}

#[test]
fn an_image_becomes_a_searchable_pdf() {
    let workstation = Workstation::new();
    let jpeg = scanned_document().objects.into_values().find_map(|object| {
        let stream = object.as_stream().ok()?.clone();
        (stream.dict.get(b"Filter").ok()?.as_name().ok()? == b"DCTDecode").then_some(stream.content)
    });
    let jpeg = jpeg.expect("the scan is a JPEG");
    let path = workstation.write_file("page.jpg", &jpeg);
    let to = workstation.path("page.pdf");
    assert_eq!(convert(&workstation, &path, &to, &[]).exit_code, 0);
    let bytes = std::fs::read(&to).unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes.windows(jpeg.len()).any(|window| window == jpeg));
    assert_eq!(read(&workstation, &to)["pages"][0]["text_source"]["kind"], "text_layer");
}

#[test]
fn only_force_overwrites_a_file_and_never_the_input() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", &*SCANNED);
    let taken = workstation.write_file("taken.pdf", "a letter");
    convert(&workstation, &path, &taken, &[]).assert_error(2, "output_exists");
    assert_eq!(std::fs::read(&taken).unwrap(), b"a letter");
    convert(&workstation, &path, &path, &["--force"]).assert_error(2, "output_is_input");
    convert(&workstation, &path, &workstation.path("./record.pdf"), &["--force"])
        .assert_error(2, "output_is_input");
    assert!(std::fs::read(&path).unwrap() == *SCANNED);
    assert_eq!(convert(&workstation, &path, &taken, &["--force"]).exit_code, 0);
    assert!(std::fs::read(&taken).unwrap().starts_with(&SCANNED));
    let nowhere = convert(&workstation, &path, &workstation.path("missing/searchable.pdf"), &[]);
    assert_error_after_reading(&nowhere, "output_not_written");
}

#[test]
fn signed_and_encrypted_files_are_refused_before_reading() {
    let workstation = Workstation::new();
    let mut signed = scanned_document();
    signed.add_object(
        dictionary! { "Type" => "Sig", "ByteRange" => vec![0.into(), 1.into(), 2.into(), 3.into()] },
    );
    let protected = encrypted_pdf(&[TestPage::note(1, "Metoprolol 50 mg")], "");
    let locked = encrypted_pdf(&[TestPage::note(1, "Metoprolol 50 mg")], "sesame");
    for (bytes, code) in
        [(save(signed), "file_signed"), (protected, "file_encrypted"), (locked, "file_encrypted")]
    {
        let path = workstation.write_file("record.pdf", bytes);
        let to = workstation.path("searchable.pdf");
        convert(&workstation, &path, &to, &[]).assert_error(3, code);
        assert!(!to.exists());
    }
}

#[test]
fn a_file_without_scans_is_refused() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", notes_pdf(2, "Metoprolol 50 mg"));
    let to = workstation.path("searchable.pdf");
    assert_error_after_reading(&convert(&workstation, &path, &to, &[]), "no_ocr_text");
    assert!(!to.exists());
}

#[tokio::test]
async fn a_killed_process_leaves_no_partial_file() {
    let workstation = Workstation::new();
    // Large enough that writing it takes a while.
    let mut document = scanned_document();
    document.add_object(lopdf::Stream::new(lopdf::Dictionary::new(), vec![b' '; 48 << 20]));
    let bytes = save(document);
    let path = workstation.write_file("record.pdf", &bytes);
    read(&workstation, &path);
    std::fs::create_dir(workstation.path("out")).unwrap();
    let to = workstation.path("out/searchable.pdf");
    let mut writing = workstation
        .command([Path::new("searchable-pdf"), &path, "--out".as_ref(), &to])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while std::fs::read_dir(workstation.path("out")).unwrap().next().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Child::kill is kill -9.
    writing.kill().unwrap();
    writing.wait().unwrap();
    assert!(!to.exists() || std::fs::read(&to).unwrap().len() > bytes.len(), "a partial file");
    assert_eq!(convert(&workstation, &path, &to, &["--force"]).exit_code, 0);
    assert!(std::fs::read(&to).unwrap().starts_with(&bytes));
    let left = std::fs::read_dir(workstation.path("out")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["searchable.pdf"], "the next run removes the abandoned file");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_no_partial_file() {
    let workstation = Workstation::new();
    let path = workstation.write_file("record.pdf", &*SCANNED);
    let folder = workstation.path("out");
    std::fs::create_dir(&folder).unwrap();
    let maneiro = workstation.command([
        Path::new("searchable-pdf"),
        &path,
        "--out".as_ref(),
        &folder.join("searchable.pdf"),
    ]);
    // A disk of its own that only this shell sees; where that is not allowed, a limit on the size of files.
    let script = r#"
        out=$1; shift
        if mount -t tmpfs -o size=100k tmpfs "$out" 2>/dev/null; then
            "$@"
        else
            trap '' XFSZ; ulimit -f 200; "$@"
        fi
        echo "exit $?" >&2
        ls -A "$out"
    "#;
    let mut shell = Command::new("unshare");
    workstation.set_environment(&mut shell);
    // The store must not be on the full disk, so it is in memory.
    shell.env_remove("MANEIRO_STORE_KEY");
    shell.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]);
    shell.arg(&folder).arg(maneiro.get_program()).args(maneiro.get_args());
    let ran = CommandOutput::from(shell.output().unwrap());
    assert!(ran.stderr.contains("error[disk_full]: ") && ran.stderr.ends_with("exit 7\n"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "", "something is left");
}
