use std::path::Path;

use maneiro_api::{RecordId, job::CreateJob};
use maneiro_page::{BBox, Line, Page, TextSource, Word};
use secrecy::SecretString;

use super::{AnalysisRequestDigest, FileId, FileInfo, Store, StoreError, StoreKey};
use crate::{files::DataFolder, page_fingerprint::PageFingerprint};

const PLANTED: &str = "Quokkaberry";

fn key(byte: &str) -> StoreKey {
    StoreKey::parse(&SecretString::from(byte.repeat(32))).unwrap()
}

fn page(number: u32, text_source: TextSource) -> Page {
    let bbox = BBox { x0: 1.0, y0: 2.0, x1: 3.0, y1: 4.0 };
    let word = Word { text: PLANTED.to_owned(), bbox, confidence: 93 };
    Page::new(number, 612.0, 792.0, text_source, vec![Line::body(vec![word])])
}

async fn insert_file(store: &Store) -> FileId {
    let info =
        FileInfo { sha256: PLANTED, languages: "eng", media_type: "application/pdf", bytes: 9, pages: 9 };
    store.get_or_insert_file(&info).await.unwrap()
}

async fn open(folder: &Path, key: &StoreKey) -> Result<Store, StoreError> {
    Store::open(&DataFolder::new(folder.to_path_buf()), key).await
}

#[tokio::test]
async fn a_page_survives_a_store_that_was_not_closed() {
    let folder = tempfile::tempdir().unwrap();
    let read = page(3, TextSource::Ocr { confidence: 93 });
    let store = open(folder.path(), &key("ab")).await.unwrap();
    let id = insert_file(&store).await;
    store.save_page(id, &read, Some(PageFingerprint([7; 32]))).await.unwrap();
    drop(store);
    let store = open(folder.path(), &key("ab")).await.unwrap();
    assert_eq!(insert_file(&store).await, id);
    assert_eq!(store.page(id, 3).await.unwrap(), Some(read));
    assert_eq!(store.finished_pages(id, &(1..=9), true).await.unwrap(), [3]);
    assert_eq!(store.known_fingerprints(id).await.unwrap()[0].page, 3);
    store.close().await;
}

#[tokio::test]
async fn nothing_in_the_data_folder_is_unencrypted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &key("ab")).await.unwrap();
    let id = insert_file(&store).await;
    for number in 1..=9 {
        store.save_page(id, &page(number, TextSource::TextLayer), None).await.unwrap();
    }
    // While it is open, so that the write-ahead log is there too.
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for plaintext in [PLANTED.as_bytes(), b"SQLite format 3", b"CREATE TABLE"] {
            assert!(!bytes.windows(plaintext.len()).any(|window| window == plaintext));
        }
        files += 1;
    }
    assert!(files >= 2, "the store and its log");
    store.close().await;
}

#[tokio::test]
async fn another_key_is_refused_and_the_store_left_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &key("ab")).await.unwrap();
    let id = insert_file(&store).await;
    store.save_page(id, &page(1, TextSource::Blank), None).await.unwrap();
    store.close().await;
    let before = std::fs::read(folder.path().join("store.db")).unwrap();
    let refused = open(folder.path(), &key("cd")).await.unwrap_err();
    assert_eq!(refused.code(), "store_not_opened");
    assert_eq!(std::fs::read(folder.path().join("store.db")).unwrap(), before);
    let store = open(folder.path(), &key("ab")).await.unwrap();
    assert!(store.page(id, 1).await.unwrap().is_some());
    store.close().await;
}

#[tokio::test]
async fn a_damaged_store_is_refused_and_left_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), &key("ab")).await.unwrap().close().await;
    let path = folder.path().join("store.db");
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in &mut bytes[..2048] {
        *byte ^= 0x55;
    }
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(open(folder.path(), &key("ab")).await.unwrap_err().code(), "store_not_opened");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn two_processes_share_a_store_but_not_the_lock_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) =
        (open(folder.path(), &key("ab")).await.unwrap(), open(folder.path(), &key("ab")).await.unwrap());
    let id = insert_file(&first).await;
    first.save_page(id, &page(1, TextSource::Blank), None).await.unwrap();
    second.save_page(id, &page(2, TextSource::Blank), None).await.unwrap();
    assert_eq!(first.finished_pages(id, &(1..=9), true).await.unwrap(), [1, 2]);
    let lock = first.try_lock_file(id).unwrap();
    assert!(lock.is_some() && second.try_lock_file(id).unwrap().is_none());
    drop(lock);
    assert!(second.try_lock_file(id).unwrap().is_some());
    first.close().await;
    second.close().await;
}

#[tokio::test]
async fn a_rerun_counts_only_after_the_last_run_was_delivered() {
    let store = Store::in_memory().await.unwrap();
    let record = RecordId::from_uuid(uuid::Uuid::from_u128(5));
    let request = AnalysisRequestDigest::new(&CreateJob { record, focus: None, window: None });
    let other = AnalysisRequestDigest::new(&CreateJob {
        record,
        focus: Some("left shoulder".to_owned()),
        window: None,
    });
    let mut runs = Vec::new();
    for (rerun, is_delivered) in
        [(false, false), (true, false), (false, true), (false, true), (true, false), (true, true)]
    {
        runs.push(store.save_analysis_request(&request, rerun).await.unwrap());
        if is_delivered {
            store.set_delivered(&request).await.unwrap();
        }
    }
    assert_eq!(runs, [1, 1, 1, 1, 2, 2]);
    assert_eq!(store.save_analysis_request(&other, true).await.unwrap(), 1);
    assert_ne!(request.idempotency_key(1), request.idempotency_key(2));
    assert_ne!(request.idempotency_key(1), other.idempotency_key(1));
    store.close().await;
}
