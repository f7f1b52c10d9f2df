use std::path::Path;

use maneiro_api::{RecordId, job::CreateJob};
use maneiro_page::{BBox, Line, Page, TextSource, Word};
use secrecy::SecretString;

use super::{DataFolder, FileId, FileInfo, Question, Store, StoreError, StoreKey};
use crate::worker::Fingerprint;

const PLANTED: &str = "Quokkaberry";

fn key(byte: &str) -> StoreKey {
    StoreKey::parse(&SecretString::from(byte.repeat(32))).unwrap()
}

fn page(number: u32, how: TextSource) -> Page {
    let bbox = BBox { x0: 1.0, y0: 2.0, x1: 3.0, y1: 4.0 };
    let word = Word { text: PLANTED.to_owned(), bbox, confidence: 93 };
    Page::new(number, 612.0, 792.0, how, vec![Line::body(vec![word])])
}

async fn file(store: &Store) -> FileId {
    let info =
        FileInfo { sha256: PLANTED, languages: "eng", media_type: "application/pdf", bytes: 9, pages: 9 };
    store.file(&info).await.unwrap()
}

async fn open(folder: &Path, key: &StoreKey) -> Result<Store, StoreError> {
    Store::open(&DataFolder::at(folder.to_path_buf()), key).await
}

#[tokio::test]
async fn a_page_comes_back_from_a_store_that_was_left_without_being_closed() {
    let folder = tempfile::tempdir().unwrap();
    let read = page(3, TextSource::Ocr { confidence: 93 });
    let store = open(folder.path(), &key("ab")).await.unwrap();
    let id = file(&store).await;
    store.keep_page(id, &read, Some(Fingerprint([7; 32]))).await.unwrap();
    drop(store);
    let store = open(folder.path(), &key("ab")).await.unwrap();
    assert_eq!(file(&store).await, id);
    assert_eq!(store.page(id, 3).await.unwrap(), Some(read));
    assert_eq!(store.finished(id, &(1..=9), true).await.unwrap(), [3]);
    assert_eq!(store.known(id).await.unwrap()[0].page, 3);
    store.close().await;
}

#[tokio::test]
async fn nothing_in_the_data_folder_is_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &key("ab")).await.unwrap();
    let id = file(&store).await;
    for number in 1..=9 {
        store.keep_page(id, &page(number, TextSource::TextLayer), None).await.unwrap();
    }
    // While it is open, so that the write-ahead log is there too.
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for clear in [PLANTED.as_bytes(), b"SQLite format 3", b"CREATE TABLE"] {
            assert!(!bytes.windows(clear.len()).any(|window| window == clear));
        }
        files += 1;
    }
    assert!(files >= 2, "the store and its log");
    store.close().await;
}

#[tokio::test]
async fn a_store_does_not_open_with_another_key_and_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &key("ab")).await.unwrap();
    let id = file(&store).await;
    store.keep_page(id, &page(1, TextSource::Blank), None).await.unwrap();
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
async fn a_damaged_store_is_named_and_left_as_it_is() {
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
async fn two_stores_of_one_folder_work_side_by_side_but_read_a_file_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) =
        (open(folder.path(), &key("ab")).await.unwrap(), open(folder.path(), &key("ab")).await.unwrap());
    let id = file(&first).await;
    first.keep_page(id, &page(1, TextSource::Blank), None).await.unwrap();
    second.keep_page(id, &page(2, TextSource::Blank), None).await.unwrap();
    assert_eq!(first.finished(id, &(1..=9), true).await.unwrap(), [1, 2]);
    let reading = first.lock_file(id).unwrap();
    assert!(reading.is_some() && second.lock_file(id).unwrap().is_none());
    drop(reading);
    assert!(second.lock_file(id).unwrap().is_some());
    first.close().await;
    second.close().await;
}

#[tokio::test]
async fn a_question_is_asked_anew_only_on_purpose_and_only_once_answered() {
    let store = Store::in_memory().await.unwrap();
    let record = RecordId::from_uuid(uuid::Uuid::from_u128(5));
    let question = Question::of(&CreateJob { record, focus: None, window: None });
    let other = Question::of(&CreateJob { record, focus: Some("left shoulder".to_owned()), window: None });
    let mut asked = Vec::new();
    for (anew, answered) in
        [(false, false), (true, false), (false, true), (false, true), (true, false), (true, true)]
    {
        asked.push(store.ask(&question, anew).await.unwrap());
        if answered {
            store.answered(&question).await.unwrap();
        }
    }
    assert_eq!(asked, [1, 1, 1, 1, 2, 2]);
    assert_eq!(store.ask(&other, true).await.unwrap(), 1);
    assert_ne!(question.key(1), question.key(2));
    assert_ne!(question.key(1), other.key(1));
    store.close().await;
}
