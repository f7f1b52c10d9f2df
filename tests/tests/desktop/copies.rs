//! Searchable copies: written as a whole or not at all, and never over anything.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::LazyLock,
    time::Duration,
};

use lopdf::{Document, dictionary};
use maneiro_tests::{
    papers::{Sheet, notes, protected_pdf},
    sample,
    workstation::{Ran, Workstation},
};

/// The sample record's first two pages: one of text, one scan.
static SCANNED: LazyLock<Vec<u8>> = LazyLock::new(|| saved(scanned()));

fn scanned() -> Document {
    let mut document = Document::load_mem(sample::record_pdf()).unwrap();
    let pages = document.get_pages().len() as u32;
    document.delete_pages(&(3..=pages).collect::<Vec<_>>());
    document.prune_objects();
    document
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn copy(workstation: &Workstation, from: &Path, to: &Path, options: &[&str]) -> Ran {
    let mut command = workstation.command([Path::new("copy"), from, "--out".as_ref(), to]);
    command.args(options);
    command.output().unwrap().into()
}

/// That it failed in one sentence with this code, after what reading had to say.
fn refused_after_reading(ran: &Ran, code: &str) {
    let last = ran.stderr.trim_end().lines().last().unwrap();
    assert!(last.starts_with(&format!("error[{code}]: ")), "{}", ran.stderr);
}

fn read(workstation: &Workstation, path: &Path) -> serde_json::Value {
    workstation.run([Path::new("read"), path, "--json".as_ref()]).json()
}

#[test]
fn a_scan_can_be_searched_in_its_copy_and_is_itself_left_alone() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", &*SCANNED);
    let to = workstation.path("copy.pdf");
    let said = copy(&workstation, &path, &to, &["--json"]).json();
    assert_eq!(said["written"], to.to_str().unwrap());
    assert!(std::fs::read(&path).unwrap() == *SCANNED, "the file was altered");
    let bytes = std::fs::read(&to).unwrap();
    assert!(bytes.len() > SCANNED.len() && bytes.starts_with(&SCANNED));

    let (original, copied) = (read(&workstation, &path), read(&workstation, &to));
    let kinds =
        |read: &serde_json::Value| [0, 1].map(|page| read["pages"][page]["text_source"]["kind"].clone());
    assert_eq!(kinds(&original), ["text_layer", "ocr"]);
    assert_eq!(kinds(&copied), ["text_layer", "text_layer"]);
    let words = |read: &serde_json::Value| -> Vec<String> {
        let lines = read["pages"][1]["lines"].as_array().unwrap().iter();
        let words = lines.flat_map(|line| line["words"].as_array().unwrap());
        words.map(|word| word["text"].as_str().unwrap().to_owned()).collect()
    };
    let (mut seen, mut found) = (words(&original), words(&copied));
    seen.sort();
    found.sort();
    assert_eq!(found, seen);
}

#[test]
fn an_image_becomes_a_pdf_that_can_be_searched() {
    let workstation = Workstation::new();
    let jpeg = scanned().objects.into_values().find_map(|object| {
        let stream = object.as_stream().ok()?.clone();
        (stream.dict.get(b"Filter").ok()?.as_name().ok()? == b"DCTDecode").then_some(stream.content)
    });
    let jpeg = jpeg.expect("the scan is a JPEG");
    let path = workstation.file("page.jpg", &jpeg);
    let to = workstation.path("page.pdf");
    assert_eq!(copy(&workstation, &path, &to, &[]).exit, 0);
    let bytes = std::fs::read(&to).unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes.windows(jpeg.len()).any(|window| window == jpeg));
    assert_eq!(read(&workstation, &to)["pages"][0]["text_source"]["kind"], "text_layer");
}

#[test]
fn no_file_is_overwritten_unless_that_is_asked_for_and_the_original_never() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", &*SCANNED);
    let taken = workstation.file("taken.pdf", "a letter");
    copy(&workstation, &path, &taken, &[]).refused(2, "output_exists");
    assert_eq!(std::fs::read(&taken).unwrap(), b"a letter");
    copy(&workstation, &path, &path, &["--force"]).refused(2, "output_is_the_file");
    copy(&workstation, &path, &workstation.path("./record.pdf"), &["--force"])
        .refused(2, "output_is_the_file");
    assert!(std::fs::read(&path).unwrap() == *SCANNED);
    assert_eq!(copy(&workstation, &path, &taken, &["--force"]).exit, 0);
    assert!(std::fs::read(&taken).unwrap().starts_with(&SCANNED));
    let nowhere = copy(&workstation, &path, &workstation.path("missing/copy.pdf"), &[]);
    refused_after_reading(&nowhere, "output_not_written");
}

#[test]
fn what_must_not_be_altered_is_refused_before_it_is_read() {
    let workstation = Workstation::new();
    let mut signed = scanned();
    signed.add_object(
        dictionary! { "Type" => "Sig", "ByteRange" => vec![0.into(), 1.into(), 2.into(), 3.into()] },
    );
    let protected = protected_pdf(&[Sheet::note(1, "Metoprolol 50 mg")], "");
    let locked = protected_pdf(&[Sheet::note(1, "Metoprolol 50 mg")], "sesame");
    for (bytes, code) in
        [(saved(signed), "file_signed"), (protected, "file_protected"), (locked, "file_protected")]
    {
        let path = workstation.file("record.pdf", bytes);
        let to = workstation.path("copy.pdf");
        copy(&workstation, &path, &to, &[]).refused(3, code);
        assert!(!to.exists());
    }
}

#[test]
fn a_file_of_text_needs_no_copy_and_gets_none() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", notes(2, "Metoprolol 50 mg"));
    let to = workstation.path("copy.pdf");
    refused_after_reading(&copy(&workstation, &path, &to, &[]), "nothing_recognised");
    assert!(!to.exists());
}

#[tokio::test]
async fn killed_while_it_writes_it_leaves_no_part_of_a_copy_in_its_place_nor_beside_the_next() {
    let workstation = Workstation::new();
    // So long that writing it takes a while.
    let mut document = scanned();
    document.add_object(lopdf::Stream::new(lopdf::Dictionary::new(), vec![b' '; 48 << 20]));
    let bytes = saved(document);
    let path = workstation.file("record.pdf", &bytes);
    read(&workstation, &path);
    std::fs::create_dir(workstation.path("out")).unwrap();
    let to = workstation.path("out/copy.pdf");
    let mut copying = workstation
        .command([Path::new("copy"), &path, "--out".as_ref(), &to])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while std::fs::read_dir(workstation.path("out")).unwrap().next().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Child::kill is kill -9.
    copying.kill().unwrap();
    copying.wait().unwrap();
    assert!(!to.exists() || std::fs::read(&to).unwrap().len() > bytes.len(), "half a copy");
    assert_eq!(copy(&workstation, &path, &to, &["--force"]).exit, 0);
    assert!(std::fs::read(&to).unwrap().starts_with(&bytes));
    let left = std::fs::read_dir(workstation.path("out")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(
        left.collect::<Vec<_>>(),
        ["copy.pdf"],
        "the next copy removes what was left of the killed one"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_nothing_is_left_of_a_copy() {
    let workstation = Workstation::new();
    let path = workstation.file("record.pdf", &*SCANNED);
    let folder = workstation.path("out");
    std::fs::create_dir(&folder).unwrap();
    let maneiro = workstation.command([Path::new("copy"), &path, "--out".as_ref(), &folder.join("copy.pdf")]);
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
    workstation.dress(&mut shell);
    // The store must have room, so it lies elsewhere, or only in memory.
    shell.env_remove("MANEIRO_STORE_KEY");
    shell.args(["--mount", "--map-root-user", "sh", "-c", script, "sh"]);
    shell.arg(&folder).arg(maneiro.get_program()).args(maneiro.get_args());
    let ran = Ran::from(shell.output().unwrap());
    assert!(ran.stderr.contains("error[disk_full]: ") && ran.stderr.ends_with("exit 7\n"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "", "something is left");
}
