//! A stolen database, bucket or log contains no patient data.

use std::{
    fs, io,
    path::Path,
    sync::{Mutex, OnceLock},
};

use maneiro_api::{
    EditId,
    analysis::DateWindow,
    edit::{AppendEdits, EditChange, NewEdit, StatementSection},
    job::CreateJob,
    record::{AddDocument, CaseFields, CreateRecord, PageBatch, UpdateRecord},
    signature::SignReport,
};
use maneiro_page::{Page, TextSource};
use maneiro_tests::{Person, TestApp, fixtures};
use sqlx::AssertSqlSafe;
use time::macros::date;

/// The fingerprint of a file, by which whoever has the file finds whose it is.
const FILE_SHA256: [u8; 32] = *b"the planted file's fingerprint..";

/// Days of a patient's life.
const WINDOW: DateWindow = DateWindow { from: Some(date!(1971 - 03 - 14)), to: Some(date!(2058 - 10 - 29)) };

/// A thousand words that are in no dictionary, to be planted wherever patient data goes.
fn planted_words() -> Vec<String> {
    (0..1000).map(|number| format!("Zq{number:04}xv")).collect()
}

async fn plant_words(app: &TestApp, person: &Person, words: &[String]) {
    let (title, rest) = words.split_first().unwrap();
    let (name, rest) = rest.split_first().unwrap();
    let (focus, rest) = rest.split_first().unwrap();
    let (key, rest) = rest.split_first().unwrap();
    let (reason, rest) = rest.split_first().unwrap();
    let (number, rest) = rest.split_first().unwrap();
    let (edited, rest) = rest.split_first().unwrap();
    let record = person.create_record(&CreateRecord { title: title.clone() }).await.unwrap().id;
    let fields = CaseFields {
        number: Some(number.clone()),
        birth_date: WINDOW.from,
        injury_date: WINDOW.to,
        ..CaseFields::default()
    };
    person
        .update_record(record, &UpdateRecord { revision: 1, title: None, fields: Some(fields) })
        .await
        .unwrap();
    let texts: Vec<String> =
        rest.chunks(50).map(|words| format!("MEDICATIONS\n{} 5 mg daily", words.join(" "))).collect();
    let pages = u32::try_from(texts.len()).unwrap() + 1;
    let sha256 = hex::encode(FILE_SHA256);
    let file = AddDocument { name: format!("{name}.pdf"), sha256, ..fixtures::add_document_request(pages) };
    let document = person.add_document(record, &file).await.unwrap().id;
    let mut batch: Vec<Page> =
        (1..).zip(&texts).map(|(number, text)| fixtures::text_page(number, text)).collect();
    let text_source = TextSource::Unreadable { reason: reason.clone() };
    batch.push(Page { text_source, lines: Vec::new(), ..fixtures::text_page(pages, "") });
    person.put_pages(document, &PageBatch { pages: batch }).await.unwrap();
    let request = CreateJob { record, focus: Some(focus.clone()), window: Some(WINDOW) };
    let job = person.create_job(&request, key).await.unwrap();
    let worker = app.worker();
    let done = person.watch_job(job.id, |_| {}).await.unwrap();
    worker.stop().await;
    let analysis = person.analysis(done.analysis.unwrap()).await.unwrap();
    let change = EditChange::Edit {
        statement: format!("stm_{:032x}", 1),
        text: edited.clone(),
        section: StatementSection::Problems,
    };
    let edit = NewEdit { id: EditId::from_uuid(app.app.new_uuid()), change };
    person.append_edits(analysis.id, &AppendEdits { seen: 0, edits: vec![edit] }).await.unwrap();
    fixtures::let_sign(person, person).await;
    let signed = SignReport { revision: 1, title: title.clone(), ..fixtures::sign_report_request(&analysis) };
    person.sign_report(analysis.id, &signed).await.unwrap();
    assert!(
        serde_json::to_string(&analysis).unwrap().contains("Zq"),
        "the clinic itself can read the analysis"
    );
}

/// Every value of every table as text; `bytea` shows as hexadecimal, so its bytes are added as they are.
async fn dump_database(app: &TestApp) -> Vec<u8> {
    let mut superuser = app.database.superuser().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert!(tables.len() >= 12, "{tables:?}");
    let mut all = Vec::new();
    for table in tables {
        let rows = format!("select row::text from {table} as row");
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut superuser).await.unwrap();
        for row in rows {
            all.extend(row.as_bytes());
            for value in row.split("\\x").skip(1) {
                let digits: Vec<u8> = value.bytes().take_while(u8::is_ascii_hexdigit).collect();
                all.extend(hex::decode(digits).unwrap());
            }
        }
    }
    all
}

fn append_files(folder: &Path, all: &mut Vec<u8>) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.extend(path.to_string_lossy().as_bytes());
        if path.is_dir() {
            count += append_files(&path, all);
        } else {
            all.extend(fs::read(&path).unwrap());
            count += 1;
        }
    }
    count
}

#[tokio::test]
async fn a_stolen_database_and_bucket_contain_no_planted_word() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let words = planted_words();
    plant_words(&app, &admin, &words).await;

    let mut loot = dump_database(&app).await;
    assert!(loot.windows(8).any(|part| part == b"Lakeside"), "the dump contains the clinic's name");
    let objects = append_files(&app.bucket_folder(), &mut loot);
    assert!(objects >= 21, "{objects} objects");
    let text = String::from_utf8_lossy(&loot).to_lowercase();
    let found: Vec<&String> = words.iter().filter(|word| text.contains(&word.to_lowercase())).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(!loot.windows(32).any(|part| part == FILE_SHA256), "the file's fingerprint");
    for day in ["1971-03-14", "2058-10-29", &hex::encode(FILE_SHA256)] {
        assert!(!text.contains(day), "{day}");
    }
    app.finish().await;
}

/// The log of this process at debug level.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct LogWriter;

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn capture_log() {
    static CAPTURED: OnceLock<()> = OnceLock::new();
    CAPTURED.get_or_init(|| {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_ansi(false);
        subscriber.with_writer(|| LogWriter).init();
    });
}

#[tokio::test]
async fn logs_and_errors_contain_no_planted_word() {
    capture_log();
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    plant_words(&app, &admin, &planted_words()).await;

    // Invalid requests, and one that fails in the object store.
    let fixture = fixtures::complete_record(&admin).await;
    let too_long = "Zq0000xv ".repeat(100);
    let mut outputs =
        vec![format!("{:?}", admin.create_record(&CreateRecord { title: too_long.clone() }).await)];
    let wrong = CreateJob { focus: Some(too_long), ..fixture.create_job_request() };
    outputs.push(format!("{:?}", admin.create_job(&wrong, "Zq0000xv").await));
    let unknown = serde_json::json!({ "title": "Zq0000xv", "Zq0001xv": "Zq0002xv" });
    let raw = reqwest::Client::new().post(app.url.join("v1/records").unwrap());
    let raw = raw
        .bearer_auth(secrecy::ExposeSecret::expose_secret(&admin.token))
        .json(&unknown)
        .send()
        .await
        .unwrap();
    assert_eq!(raw.status(), 400);
    outputs.push(raw.text().await.unwrap());
    app.files.break_down();
    let batch = PageBatch { pages: vec![fixtures::text_page(1, "Zq0000xv")] };
    outputs.push(format!("{:?}", admin.put_pages(fixture.document, &batch).await));
    app.files.repair();

    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    assert!(log.contains("request served") && log.contains("request failed"), "the log was not captured");
    outputs.push(log);
    for text in outputs {
        let at = text.find("Zq0");
        assert!(at.is_none(), "{}", &text[at.unwrap_or(0).saturating_sub(300)..]);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_sealed_value_does_not_open_in_another_row() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let first = admin.create_record(&CreateRecord { title: "First".to_owned() }).await.unwrap();
    let second = admin.create_record(&CreateRecord { title: "Second".to_owned() }).await.unwrap();
    let mut superuser = app.database.superuser().await;
    let swap =
        "update maneiro.records set title_sealed = (select title_sealed from maneiro.records where id = $2)
                where id = $1";
    sqlx::query(swap).bind(first.id.uuid()).bind(second.id.uuid()).execute(&mut superuser).await.unwrap();
    let swapped = admin.record(first.id).await.unwrap();
    assert_eq!((swapped.title, swapped.is_damaged), (None, true));
    assert_eq!(admin.record(second.id).await.unwrap().title.as_deref(), Some("Second"));
    app.finish().await;
}
