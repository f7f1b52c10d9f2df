//! Page workers as processes: the memory they hold, and that they end with their parent.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use lopdf::{Dictionary, Document, Stream};
use maneiro_tests::{
    pdf_fixtures::{TestPage, build_pdf},
    workstation::Workstation,
};
use sha2::{Digest as _, Sha256};

/// A file whose fourth page keeps a worker busy forever.
fn stuck_on_page_four(workstation: &Workstation) -> PathBuf {
    let sheets: Vec<TestPage> = (1..=6)
        .map(
            |number| {
                if number == 4 { TestPage::NestedForms } else { TestPage::note(number, "Metoprolol 50 mg") }
            },
        )
        .collect();
    workstation.write_file("record.pdf", build_pdf(&sheets))
}

/// Starts reading with one worker, and waits until it reads page four.
async fn reading_page_four(workstation: &Workstation, path: &Path) -> std::process::Child {
    let arguments = [Path::new("read"), path, "--workers=1".as_ref(), "--page-timeout=3600".as_ref()];
    let child = workstation.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let sha256 = hex::encode(Sha256::digest(std::fs::read(path).unwrap()));
    let store = workstation.open_store().await;
    while store.finished_page_count(&sha256).await.unwrap() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    store.close().await;
    child
}

fn children_of(pid: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let listed = children.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<u32>>();
    // A multi-threaded parent's children belong to the thread that started them.
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of_threads = threads.flat_map(|thread| {
        let children = std::fs::read_to_string(thread.unwrap().path().join("children")).unwrap_or_default();
        children.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<u32>>()
    });
    let mut all: Vec<u32> = listed.into_iter().chain(of_threads).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[tokio::test]
async fn a_killed_run_ends_its_workers_and_the_next_continues() {
    let workstation = Workstation::new();
    let path = stuck_on_page_four(&workstation);
    let mut reading = reading_page_four(&workstation, &path).await;
    let workers = children_of(reading.id());
    assert_eq!(workers.len(), 1);
    let environment = std::fs::read_to_string(format!("/proc/{}/environ", workers[0])).unwrap();
    assert!(environment.contains("OMP_THREAD_LIMIT=1") && !environment.contains("MANEIRO"), "{environment}");

    // Child::kill is kill -9.
    reading.kill().unwrap();
    reading.wait().unwrap();
    while Path::new(&format!("/proc/{}", workers[0])).exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let again =
        workstation.run([Path::new("read"), &path, "--json".as_ref(), "--page-timeout=1".as_ref()]).json();
    assert_eq!(again["file"]["pages_newly_read"], 3, "pages 1 to 3 are not read again");
    assert_eq!(again["file"]["counts"]["text_layer"], 5);
}

#[tokio::test]
async fn a_signal_ends_the_run_and_its_workers() {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };

    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let workstation = Workstation::new();
        let path = stuck_on_page_four(&workstation);
        let reading = reading_page_four(&workstation, &path).await;
        let workers = children_of(reading.id());
        kill(Pid::from_raw(i32::try_from(reading.id()).unwrap()), signal).unwrap();
        let status = reading.wait_with_output().unwrap().status;
        assert_eq!(status.code(), Some(130), "{signal}");
        for worker in workers {
            while Path::new(&format!("/proc/{worker}")).exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

#[tokio::test]
async fn workers_share_the_bytes_of_the_file() {
    let workstation = Workstation::new();
    let path = stuck_on_page_four(&workstation);
    let mut document = Document::load(&path).unwrap();
    document.add_object(Stream::new(Dictionary::new(), vec![b' '; 64 << 20]));
    document.save(&path).unwrap();
    let mut reading = reading_page_four(&workstation, &path).await;
    let workers = children_of(reading.id());
    assert_eq!(workers.len(), 1);
    let seen = |what: &str| std::fs::read_to_string(format!("/proc/{}/{what}", workers[0])).unwrap();
    let (maps, status) = (seen("maps"), seen("status"));
    reading.kill().unwrap();
    reading.wait().unwrap();

    let of_file = maps.lines().filter(|line| line.ends_with(path.to_str().unwrap()));
    let rights: Vec<&str> = of_file.map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(rights, ["r--s"], "read only and shared");
    let own = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    let own_kib: u64 = own.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(own_kib < 64 << 10, "{own_kib} KiB of its own: the file is there a second time");
}
