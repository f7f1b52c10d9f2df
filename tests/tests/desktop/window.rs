//! What is behind the window, without the window: the real service, a real store and real page workers.

use std::{path::Path, sync::Arc, time::Duration};

use maneiro_api::{RecordId, RetryPolicy};
use maneiro_core::{
    contract::{
        common::CommandErrorCode,
        events::ShellEvent,
        pages::{PageState, WordPosition, WordRange},
        records::{IntakeShape, ReadingState, RecordState},
        report::{ReportOptionChanges, SavedReportFormat},
        review::{ReviewChange, ReviewState, StatementSection},
        session::{LockReason, SessionState},
    },
    desktop::{Desktop, DesktopConfig, ImageRequest, PastedImage, PicturePurpose},
    files::DataFolder,
    keychain::{Keychain, MemoryKeychain, NoKeychain},
    system::{SystemRandom, WallClock},
};
use maneiro_tests::{
    app::TestApp,
    binaries::binary_path,
    pdf_fixtures::{TestPage, build_pdf, encrypted_pdf, notes_pdf},
    personas::PASSWORD,
    time::TestClock,
};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::time::timeout;

/// Nothing takes this long.
const LIMIT: Duration = Duration::from_secs(120);

/// The service's clock, so that sessions end for both at the same time.
struct ServiceClock(Arc<TestClock>);

impl WallClock for ServiceClock {
    fn now(&self) -> OffsetDateTime {
        maneiro_cloud::ports::Clock::now(&*self.0)
    }
}

struct Workplace {
    app: TestApp,
    folder: TempDir,
    keychain: Arc<dyn Keychain>,
}

impl Workplace {
    async fn new() -> Self {
        Self::with_keychain(Arc::new(MemoryKeychain::default())).await
    }

    async fn with_keychain(keychain: Arc<dyn Keychain>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { app: TestApp::start().await, folder, keychain }
    }

    /// The program as if it was started now.
    fn start(&self) -> Desktop {
        start_desktop(&self.app, self.folder.path(), &self.keychain)
    }

    async fn sign_in(&self) -> Desktop {
        let desktop = self.start();
        let email = self.app.clinic().await.admin().me.email;
        let state = desktop.sign_in(&email, PASSWORD.into()).await.unwrap();
        assert!(matches!(state, SessionState::Open { read_only: false, .. }), "{state:?}");
        desktop
    }

    fn write(&self, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// The program on a computer with this folder and keychain, as if it was started now.
pub(super) fn start_desktop(app: &TestApp, folder: &Path, keychain: &Arc<dyn Keychain>) -> Desktop {
    Desktop::new(DesktopConfig {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        folder: DataFolder::new(folder.join("data")),
        keychain: Arc::clone(keychain),
        store_key: None,
        preset_server: app.url.as_str().trim_end_matches('/').to_owned(),
        mail_outbox: None,
        worker: binary_path("maneiro"),
        page_base: "page://localhost/secret".to_owned(),
        sample_record: b"",
        retry: RetryPolicy::with_total_delay(Duration::ZERO),
        random: Arc::new(SystemRandom),
        clock: Arc::new(ServiceClock(Arc::clone(&app.clock))),
    })
}

/// Waits for an event that a condition holds for.
pub(super) async fn heard(
    events: &mut tokio::sync::broadcast::Receiver<ShellEvent>,
    is_wanted: impl Fn(&ShellEvent) -> bool,
) {
    let wanted = async { while !is_wanted(&events.recv().await.unwrap()) {} };
    timeout(LIMIT, wanted).await.expect("the event comes");
}

pub(super) async fn read_file(desktop: &Desktop, path: &Path) -> RecordId {
    let mut events = desktop.subscribe();
    let offered = desktop.offer_files(vec![path.to_path_buf()]).await;
    let made = desktop.create_records(&[offered[0].handle.clone()], IntakeShape::One).await.unwrap();
    heard(
        &mut events,
        |event| matches!(event, ShellEvent::Reading { reading, .. } if reading.state == ReadingState::Done),
    )
    .await;
    made[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_file_is_read_searched_and_drawn() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let path = place.write("Rivera.pdf", &notes_pdf(3, "Lisinopril 10 mg daily for hypertension"));
    let record = read_file(&desktop, &path).await;

    let pages = desktop.pages(record).await.unwrap();
    assert_eq!(pages.iter().map(|page| page.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(pages.iter().all(|page| page.state == PageState::Read && page.width > 500.0), "{pages:?}");
    let found = desktop.search_pages(record, "LISINOPRIL").await.unwrap();
    assert_eq!(found.hits.iter().map(|hit| hit.page).collect::<Vec<_>>(), [1, 2, 3]);
    let hit = &found.hits[0];
    assert_eq!(&hit.text[hit.start as usize..hit.end as usize], "Lisinopril");
    let words = desktop.page_words(record, 1).await.unwrap();
    let word = words.lines.iter().flat_map(|line| &line.words).find(|word| word.text == "Lisinopril");
    assert_eq!(word.map(|word| word.bbox), hit.boxes.first().copied());

    let request = |area| ImageRequest::Page { document: pages[0].document, page: 1, width_px: 640, area };
    let image = desktop.page_image(request(None)).await.unwrap();
    let image = image::load_from_memory(&image.0).unwrap().into_rgb8();
    assert_eq!(image.width(), 640);
    let has_ink =
        |image: &image::RgbImage| image.pixels().any(|pixel| pixel.0.iter().all(|channel| *channel < 90));
    assert!(has_ink(&image) && image.get_pixel(2, 2).0 == [255; 3], "black print on white paper");
    let piece = desktop.page_image(request(hit.boxes.first().copied())).await.unwrap();
    assert!(has_ink(&image::load_from_memory(&piece.0).unwrap().into_rgb8()), "the piece shows the word");

    let list = desktop.list_records(&Default::default()).await.unwrap();
    let summary = &list.items[0];
    assert_eq!((&*summary.title, summary.pages, summary.state), ("Rivera", 3, RecordState::Reading));
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_pages_go_on_across_files() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let first = place.write("a.pdf", &notes_pdf(2, "Asthma since childhood"));
    let record = read_file(&desktop, &first).await;
    let mut events = desktop.subscribe();
    let second = place.write("b.pdf", &encrypted_pdf(&[TestPage::note(9, "Gout of the left foot")], "open"));
    let offered = desktop.offer_files(vec![second]).await;
    desktop.add_files(record, &[offered[0].handle.clone()]).await.unwrap();
    heard(
        &mut events,
        |event| matches!(event, ShellEvent::Reading { reading, .. } if reading.files_locked == 1),
    )
    .await;
    let detail = desktop.record(record).await.unwrap();
    let locked = detail.summary.locked_files[0].document;
    assert_eq!(
        desktop.unlock_file(locked, "wrong".to_owned()).await.unwrap_err().code,
        CommandErrorCode::WrongPassword
    );
    desktop.unlock_file(locked, "open".to_owned()).await.unwrap();
    heard(
        &mut events,
        |event| matches!(event, ShellEvent::Reading { reading, .. } if reading.pages_done == 3),
    )
    .await;
    let found = desktop.search_pages(record, "gout").await.unwrap();
    assert_eq!(found.hits[0].page, 3);
    let order: Vec<_> =
        desktop.record(record).await.unwrap().files.iter().map(|file| file.document).collect();
    desktop.arrange_files(record, &[order[1], order[0]]).await.unwrap();
    assert_eq!(desktop.search_pages(record, "gout").await.unwrap().hits[0].page, 1);
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_window_shows_nothing_until_the_password() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let path = place.write("Zebedee.pdf", &notes_pdf(1, "Zebedee Quux has gout"));
    let record = read_file(&desktop, &path).await;
    let document = desktop.pages(record).await.unwrap()[0].document;
    desktop.lock(LockReason::Key).await;

    let locked = CommandErrorCode::Locked;
    assert_eq!(desktop.record(record).await.unwrap_err().code, locked);
    let image = ImageRequest::Page { document, page: 1, width_px: 64, area: None };
    assert_eq!(desktop.page_image(image).await.err().map(|error| error.code), Some(locked));
    assert_eq!(
        desktop.unlock("another password".into()).await.unwrap_err().code,
        CommandErrorCode::WrongPassword
    );
    let data = place.folder.path().join("data");
    let mut folders = vec![data];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let is_clear = bytes.windows(7).any(|part| part == b"Zebedee");
                assert!(!is_clear, "{} holds the record in clear", path.display());
            }
        }
    }

    // A program that was ended meanwhile is locked too.
    let again = place.start();
    assert!(matches!(
        again.session_state(),
        SessionState::Locked { reason: LockReason::Start, needs_sign_in: false, .. }
    ));
    again.unlock(PASSWORD.into()).await.unwrap();
    assert_eq!(again.record(record).await.unwrap().summary.title, "Zebedee");
    again.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_opens_by_a_full_sign_in_only() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    desktop.lock(LockReason::Key).await;
    place.app.clock.advance(time::Duration::days(366));
    assert_eq!(desktop.unlock(PASSWORD.into()).await.unwrap_err().code, CommandErrorCode::SessionEnded);
    assert!(matches!(place.start().session_state(), SessionState::Locked { needs_sign_in: true, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_nothing_is_kept() {
    let place = Workplace::with_keychain(Arc::new(NoKeychain)).await;
    let desktop = place.start();
    let email = place.app.clinic().await.admin().me.email;
    let state = desktop.sign_in(&email, PASSWORD.into()).await.unwrap();
    let SessionState::NoKeychain { fault, .. } = state else { panic!("{state:?}") };
    assert_eq!(fault.number, "KEYCHAIN-01");
    let state = desktop.work_in_memory().await.unwrap();
    assert!(matches!(state, SessionState::Open { read_only: true, .. }));
    let path = place.write("a.pdf", &notes_pdf(1, "Asthma"));
    let record = read_file(&desktop, &path).await;
    let refused = desktop.run_analysis(record, None, None).await.unwrap_err();
    assert_eq!(refused.code, CommandErrorCode::ReadOnly);
    let kept = place.folder.path().join("data");
    let names: Vec<_> =
        std::fs::read_dir(kept).into_iter().flatten().map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        names.iter().all(|name| name == "settings.json"),
        "nothing else is kept on this computer: {names:?}"
    );
    assert_eq!(place.start().session_state(), SessionState::SignedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_analysis_is_reviewed_and_printed_as_left() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let _worker = place.app.worker();
    let words =
        "Assessment: type 2 diabetes mellitus. Lisinopril 10 mg by mouth daily. Allergic to penicillin.";
    let path = place.write("Rivera.pdf", &notes_pdf(2, words));
    let record = read_file(&desktop, &path).await;
    let mut events = desktop.subscribe();
    desktop.run_analysis(record, None, None).await.unwrap();
    heard(&mut events, |event| matches!(event, ShellEvent::ReviewChanged { .. })).await;

    let review = desktop.review(record).await.unwrap().review.unwrap();
    let has_boxes = |citation: &maneiro_core::contract::review::ReviewCitation| {
        citation.places.first().is_some_and(|place| !place.boxes.is_empty())
    };
    let found = review.statements.iter().find(|statement| statement.citations.first().is_some_and(has_boxes));
    let allergy = found.unwrap_or_else(|| panic!("no statement rests on words: {:?}", review.statements));
    let place_of = &allergy.citations[0].places[0];
    assert!(place_of.page >= 1 && !place_of.boxes.is_empty(), "{place_of:?}");

    let statement = allergy.id.clone();
    let section = allergy.section;
    let edit = ReviewChange::Edit {
        statement: statement.clone(),
        text: "Penicillin: hives in 1998".to_owned(),
        section,
    };
    let changed = desktop.change(record, edit).await.unwrap();
    assert_eq!(changed.statements.len(), 1, "only what changed is answered");
    assert_eq!(changed.statements[0].text_before.as_deref(), Some(&*allergy.text));
    let range = WordRange {
        page: 1,
        first: WordPosition { line: 0, word: 0 },
        last: WordPosition { line: 0, word: 1 },
    };
    let add = ReviewChange::Add {
        section: StatementSection::Problems,
        text: "Followed by family medicine".to_owned(),
        assertion: maneiro_api::analysis::Assertion::Present,
        words: vec![range],
    };
    let added = desktop.change(record, add).await.unwrap();
    assert_eq!(added.statements[0].citations[0].quote, "Progress note");

    let undone = desktop.undo(record).await.unwrap();
    assert_eq!(undone.removed, [added.statements[0].id.clone()]);
    desktop.undo(record).await.unwrap();
    assert_eq!(desktop.undo(record).await.unwrap_err().code, CommandErrorCode::NothingToUndo);
    let redone = desktop.redo(record).await.unwrap();
    assert_eq!(redone.statements[0].text, "Penicillin: hives in 1998");
    assert_eq!(redone.statements[0].state, ReviewState::Accepted);
    assert_eq!(desktop.history(record, Some(&statement)).await.unwrap().len(), 3, "edit, undo, redo");

    let preview = desktop.preview_report(record, ReportOptionChanges::default(), None).await.unwrap();
    assert!(!preview.pages.is_empty() && preview.before_signing.not_looked_at > 0);
    let links: Vec<_> = preview.pages.iter().flat_map(|page| &page.links).collect();
    assert!(!links.is_empty() && links.iter().all(|link| (1..=2).contains(&link.page)), "{links:?}");
    let image = ImageRequest::Report { preview: preview.preview.clone(), page: 1, width_px: 128 };
    assert!(desktop.page_image(image).await.is_ok());
    let markdown = desktop.saved_report(&preview.preview, SavedReportFormat::Markdown).await.unwrap();
    let markdown = String::from_utf8(markdown.bytes).unwrap();
    assert!(markdown.contains("Penicillin: hives in 1998"), "{markdown}");
    let pdf = desktop.saved_report(&preview.preview, SavedReportFormat::Pdf).await.unwrap();
    assert!(pdf.bytes.starts_with(b"%PDF") && pdf.name == "Rivera.pdf");
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_image_never_lies_on_the_disk_in_clear() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let image = maneiro_tests::pdf_fixtures::print_text("Aspirin 81 mg daily for the heart");
    let png = maneiro_tests::pdf_fixtures::encode_png(&image);
    let pasted = PastedImage { media_type: "image/png".to_owned(), base64: STANDARD.encode(&png) };
    let offered = desktop.offer_pasted(&pasted).unwrap();
    let mut events = desktop.subscribe();
    let made = desktop.create_records(&[offered.handle], IntakeShape::One).await.unwrap();
    heard(
        &mut events,
        |event| matches!(event, ShellEvent::Reading { reading, .. } if reading.state == ReadingState::Done),
    )
    .await;
    assert_eq!(desktop.search_pages(made[0], "aspirin").await.unwrap().hits.len(), 1);
    let refused = PastedImage { media_type: "image/png".to_owned(), base64: STANDARD.encode("<svg/>") };
    assert_eq!(desktop.offer_pasted(&refused).unwrap_err().code, CommandErrorCode::FileKind);
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_among_good_ones_stops_nothing() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let good = build_pdf(&[TestPage::note(1, "Asthma since childhood")]);
    let paths = vec![place.write("broken.pdf", b"%PDF-1.7\nnothing more"), place.write("good.pdf", &good)];
    let mut events = desktop.subscribe();
    let offered = desktop.offer_files(paths).await;
    let handles: Vec<_> = offered.into_iter().map(|file| file.handle).collect();
    let made = desktop.create_records(&handles, IntakeShape::One).await.unwrap();
    heard(
        &mut events,
        |event| matches!(event, ShellEvent::Reading { reading, .. } if reading.state == ReadingState::Done),
    )
    .await;
    let detail = desktop.record(made[0]).await.unwrap();
    assert!(detail.files[0].fault.is_some(), "{:?}", detail.files);
    assert_eq!(desktop.search_pages(made[0], "asthma").await.unwrap().hits[0].page, 1);
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_picture_is_drawn_anew_in_bounds() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let wide = image::GrayImage::from_fn(3000, 1500, |x, _| image::Luma([(x / 12) as u8]));
    let mut png = maneiro_tests::pdf_fixtures::encode_png(&wide);
    // Whatever lies behind the picture stays behind.
    png.extend_from_slice(b"planted words");
    let path = place.write("logo.png", &png);
    let picture = desktop.make_picture(path, PicturePurpose::Letterhead).await.unwrap();
    assert_eq!((picture.width, picture.height), (900, 450), "no larger than it is printed");
    assert_eq!(picture.url, format!("page://localhost/secret/picture/{}", picture.handle));
    let kept = desktop.page_image(ImageRequest::Picture { handle: picture.handle }).await.unwrap();
    assert!(!kept.0.windows(13).any(|part| part == b"planted words"));
    assert_eq!(image::load_from_memory(&kept.0).unwrap().width(), 900);

    let refused = [
        ("script.png", b"<svg onload='alert(1)'/>".to_vec(), CommandErrorCode::PictureKind),
        ("letter.pdf", notes_pdf(1, "no picture"), CommandErrorCode::PictureKind),
        ("half.png", png[..60].to_vec(), CommandErrorCode::PictureDamaged),
        ("huge.png", [&png[..], &[0; 10 * 1024 * 1024]].concat(), CommandErrorCode::PictureTooLarge),
    ];
    for (name, bytes, code) in refused {
        let path = place.write(name, &bytes);
        let outcome = desktop.make_picture(path, PicturePurpose::Signature).await;
        assert_eq!(outcome.unwrap_err().code, code, "{name}");
    }
    desktop.close().await;
}
