//! What is behind the window, without the window: the real service, a real store and real page workers.

use std::{path::Path, sync::Arc, time::Duration};

use maneiro_api::{
    AnalysisId, EditId, RecordId, RetryPolicy,
    account::{MailLanguage, Role},
    edit::{AppendEdits, Edit, EditChange, NewEdit},
    member::{AcceptInvitation, CreateInvitation},
    record::UpdateRecord,
};
use maneiro_core::{
    contract::{
        common::CommandErrorCode,
        events::ShellEvent,
        pages::{NotUnderstood, PageState, ShownLine, WordPosition, WordRange},
        records::{IntakeShape, OutboxWork, ReadingState, RecordFieldChanges, RecordState},
        report::{FormPages, ReportForm, ReportLanguage, ReportOptionChanges, SavedReportFormat, SigningBar},
        review::{ReviewChange, ReviewRecord, ReviewState, ReviewStatement, StatementSection},
        session::{LockReason, SessionState},
    },
    desktop::{
        Desktop, DesktopConfig, ImageRequest, LetterheadInput, PastedImage, PicturePurpose,
        SignatureBlockInput,
    },
    files::DataFolder,
    keychain::{Keychain, MemoryKeychain, NoKeychain},
    system::{SystemRandom, WallClock},
};
use maneiro_tests::{
    app::TestApp,
    binaries::binary_path,
    pdf_fixtures::{TestPage, build_pdf, encrypted_pdf, notes_pdf},
    personas::{PASSWORD, Person},
    proxy::{Proxy, Traffic},
    time::TestClock,
};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::time::timeout;
use url::Url;

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
    /// The address that the program is told: the service's, or that of a proxy before it.
    server: Url,
    folder: TempDir,
    keychain: Arc<dyn Keychain>,
}

impl Workplace {
    async fn new() -> Self {
        Self::with_keychain(Arc::new(MemoryKeychain::default())).await
    }

    async fn with_keychain(keychain: Arc<dyn Keychain>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = TestApp::start().await;
        Self { server: app.url.clone(), app, folder, keychain }
    }

    /// The program as if it was started now.
    fn start(&self) -> Desktop {
        start_desktop(&self.server, &self.app, self.folder.path(), &self.keychain)
    }

    async fn sign_in(&self) -> Desktop {
        self.sign_in_with_person().await.0
    }

    /// Signs in an admin, who also calls the service without the program.
    async fn sign_in_with_person(&self) -> (Desktop, Person) {
        let desktop = self.start();
        let person = self.app.clinic().await.admin();
        let state = desktop.sign_in(&person.me.email, PASSWORD.into()).await.unwrap();
        assert!(matches!(state, SessionState::Open { read_only: false, .. }), "{state:?}");
        (desktop, person)
    }

    /// A doctor of the admin's clinic.
    async fn colleague(&self, admin: &Person) -> Person {
        let invite = CreateInvitation {
            email: "dora@clinic.example".to_owned(),
            role: Role::Doctor,
            signs: false,
            language: MailLanguage::En,
        };
        admin.create_invitation(&invite).await.unwrap();
        self.app.send_invitation_mails().await;
        let accept = AcceptInvitation {
            token: self.app.invitation_token(&invite.email).await.unwrap(),
            name: Some("Dora Doctor".to_owned()),
            password: PASSWORD.into(),
        };
        let token = self.app.anonymous().accept_invitation(&accept).await.unwrap().token;
        admin.clone().with_session_token(&self.app, token)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// The program on a computer with this folder and keychain, as if it was started now. `server` is the address that it is told:
/// the service's, or that of a proxy before it.
pub(super) fn start_desktop(
    server: &Url,
    app: &TestApp,
    folder: &Path,
    keychain: &Arc<dyn Keychain>,
) -> Desktop {
    Desktop::new(DesktopConfig {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        folder: DataFolder::new(folder.join("data")),
        keychain: Arc::clone(keychain),
        store_key: None,
        preset_server: server.as_str().trim_end_matches('/').to_owned(),
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

/// The texts of a report's pages, one space between words.
fn text_of(pdf: &[u8]) -> String {
    let file = lopdf::Document::load_mem(pdf).unwrap();
    let numbers: Vec<u32> = file.get_pages().into_keys().collect();
    let text = file.extract_text(&numbers).unwrap().replace('\u{200b}', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A record with its analysis.
async fn analyse(desktop: &Desktop, path: &Path) -> RecordId {
    let record = read_file(desktop, path).await;
    let mut events = desktop.subscribe();
    desktop.run_analysis(record, None, None).await.unwrap();
    heard(&mut events, |event| matches!(event, ShellEvent::ReviewChanged { .. })).await;
    record
}

fn draft() -> ReportOptionChanges {
    ReportOptionChanges::default()
}

#[tokio::test(flavor = "multi_thread")]
async fn letterhead_and_block_are_saved_and_printed() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let _worker = place.app.worker();
    let before = desktop.clinic().await.unwrap();
    assert!(before.may_edit && before.letterhead.lines.is_empty());
    assert_eq!(desktop.signature().await.unwrap().block, None);

    let logo = image::GrayImage::from_fn(600, 200, |x, y| image::Luma([((x + y) % 256) as u8]));
    let path = place.write("logo.png", &maneiro_tests::pdf_fixtures::encode_png(&logo));
    let picture = desktop.make_picture(path, PicturePurpose::Letterhead).await.unwrap();
    let letterhead = LetterheadInput {
        lines: vec!["12 Quay Street".to_owned(), "Telephone 555 0100".to_owned()],
        picture: Some(picture.handle),
    };
    let name = "The Lakeside Practice for Orthopaedic Surgery, Sports Medicine and Rehabilitation".to_owned();
    let saved = desktop.save_clinic(name.clone(), letterhead).await.unwrap();
    assert_eq!((&saved.name, saved.letterhead.lines.len()), (&name, 2));
    let shown = saved.letterhead.picture.clone().unwrap();
    assert!(desktop.page_image(ImageRequest::Picture { handle: shown.handle }).await.is_ok());
    assert_eq!(desktop.clinic().await.unwrap(), saved);
    let SessionState::Open { me, .. } = desktop.session_state() else { panic!("the session is open") };
    assert_eq!(me.clinic, name, "the window shows the new name at once");

    let unknown = LetterheadInput { lines: Vec::new(), picture: Some("pic_0".to_owned()) };
    let refused = desktop.save_clinic(name.clone(), unknown).await.unwrap_err();
    assert_eq!(refused.code, CommandErrorCode::NotFound);

    let record = analyse(&desktop, &place.write("Rivera.pdf", &notes_pdf(2, "Lisinopril 10 mg daily"))).await;
    let preview = desktop.preview_report(record, draft(), None).await.unwrap();
    assert_eq!((preview.sign.reason, preview.block), (Some(SigningBar::NotASigner), None));
    let pdf = desktop.saved_report(&preview.preview, SavedReportFormat::Pdf).await.unwrap();
    let text = text_of(&pdf.bytes);
    assert!(text.contains("Rehabilitation 12 Quay Street Telephone 555 0100"), "{text}");
    let plain = ReportOptionChanges { letterhead: Some(false), ..draft() };
    let preview = desktop.preview_report(record, plain, None).await.unwrap();
    let pdf = desktop.saved_report(&preview.preview, SavedReportFormat::Pdf).await.unwrap();
    assert!(!text_of(&pdf.bytes).contains("Quay"), "a plain report names no clinic");
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_were_not_understood_are_listed() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let _worker = place.app.worker();
    let odd = "Qwertyuiop zxcvbnm asdfghjkl seen";
    let record = analyse(&desktop, &place.write("Rivera.pdf", &notes_pdf(2, odd))).await;
    let unused = async || desktop.review(record).await.unwrap().review.unwrap();
    let before = unused().await;
    let listed = before.unused_lines.iter().find(|line| line.page == 2 && line.text.contains("Qwertyuiop"));
    let listed = listed.unwrap_or_else(|| panic!("{:?}", before.unused_lines)).clone();
    assert_eq!(listed.reason, NotUnderstood::NoSense);
    assert_eq!(before.unused_line_count as usize, before.unused_lines.len());

    let words = desktop.page_words(record, 2).await.unwrap();
    let is_odd = |line: &ShownLine| line.words.iter().any(|word| word.text == "Qwertyuiop");
    let row = u32::try_from(words.lines.iter().position(is_odd).unwrap()).unwrap();
    let last = u32::try_from(words.lines[row as usize].words.len()).unwrap() - 1;
    let range = WordRange {
        page: 2,
        first: WordPosition { line: row, word: 0 },
        last: WordPosition { line: row, word: last },
    };
    let add = ReviewChange::Add {
        section: StatementSection::Problems,
        text: "What it says".to_owned(),
        assertion: maneiro_api::analysis::Assertion::Present,
        words: vec![range],
    };
    desktop.change(record, add).await.unwrap();
    let after = unused().await;
    assert!(!after.unused_lines.contains(&listed), "a statement rests on it now");
    assert_eq!(after.unused_line_count, before.unused_line_count - 1);
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_signed_saved_and_read_back() {
    let place = Workplace::new().await;
    let desktop = place.sign_in().await;
    let _worker = place.app.worker();
    let SessionState::Open { me, .. } = desktop.session_state() else { panic!("the session is open") };
    let record = analyse(&desktop, &place.write("Rivera.pdf", &notes_pdf(2, "Lisinopril 10 mg daily"))).await;
    let preview = desktop.preview_report(record, draft(), None).await.unwrap();
    let refused = desktop.sign_report(record, &preview.preview, None).await.unwrap_err();
    assert_eq!(refused.code, CommandErrorCode::PermissionDenied, "nobody said that they may sign");
    let let_sign = "update maneiro.memberships set signs = true where user_id = $1";
    sqlx::query(let_sign)
        .bind(me.user.uuid())
        .execute(&mut place.app.database.superuser().await)
        .await
        .unwrap();
    let preview = desktop.preview_report(record, draft(), None).await.unwrap();
    assert_eq!(preview.sign.reason, Some(SigningBar::NoBlock));
    let block = SignatureBlockInput {
        name: "Dr. Ada Admin, MD".to_owned(),
        line: "Family medicine".to_owned(),
        licence: "TX 12345".to_owned(),
        phone: String::new(),
        picture: None,
    };
    desktop.save_signature(block).await.unwrap();
    let preview = desktop.preview_report(record, draft(), None).await.unwrap();
    assert!(preview.sign.allowed && preview.block.as_ref().is_some_and(|block| block.licence == "TX 12345"));
    let letter = ReportOptionChanges {
        form: Some(ReportForm::ShortLetter),
        language: Some(ReportLanguage::Es),
        recipient: Some("Dr. Ana Pérez\n4 Mill Road".to_owned()),
        ..draft()
    };
    let preview = desktop.preview_report(record, letter, None).await.unwrap();
    let FormPages { short_letter, full_review } = preview.form_pages;
    assert_eq!(preview.pages.len(), short_letter as usize);
    let review = ReportOptionChanges { form: Some(ReportForm::FullReview), ..draft() };
    let review = desktop.preview_report(record, review, None).await.unwrap();
    assert_eq!((review.pages.len(), review.form_pages), (full_review as usize, preview.form_pages));
    let pdf = desktop.saved_report(&review.preview, SavedReportFormat::Pdf).await.unwrap();
    let drawn = lopdf::Document::load_mem(&pdf.bytes).unwrap().get_pages().len();
    assert_eq!(drawn, full_review as usize);
    let letter = ReportOptionChanges { form: Some(ReportForm::ShortLetter), ..draft() };
    let preview = desktop.preview_report(record, letter, None).await.unwrap();
    assert_eq!(preview.options.recipient, "Dr. Ana Pérez\n4 Mill Road", "what was chosen stays");
    let odd = ReportOptionChanges { recipient: Some("a\nb\nc\nd\ne".to_owned()), ..draft() };
    let refused = desktop.preview_report(record, odd, None).await.unwrap_err();
    assert_eq!(refused.code, CommandErrorCode::InvalidInput);
    let pdf = desktop.saved_report(&preview.preview, SavedReportFormat::Pdf).await.unwrap();
    assert!(text_of(&pdf.bytes).contains("Borrador, sin firmar"));

    // What was changed since it was drawn is not what the signer sees.
    let statement = desktop.review(record).await.unwrap().review.unwrap().statements[0].clone();
    let edit = ReviewChange::Edit {
        statement: statement.id.clone(),
        text: "Lisinopril 20 mg".to_owned(),
        section: statement.section,
    };
    desktop.change(record, edit).await.unwrap();
    let stale = desktop.sign_report(record, &preview.preview, None).await.unwrap_err();
    assert_eq!(stale.code, CommandErrorCode::ChangedElsewhere);
    let preview = desktop.preview_report(record, draft(), None).await.unwrap();
    place.app.clock.advance(time::Duration::minutes(10));
    desktop.preview_report(record, draft(), None).await.unwrap();
    place.app.clock.advance(time::Duration::minutes(10));
    let asked = desktop.sign_report(record, &preview.preview, None).await.unwrap_err();
    assert_eq!(asked.code, CommandErrorCode::PasswordRequired);
    let wrong = desktop.sign_report(record, &preview.preview, Some("another password".into())).await;
    assert_eq!(wrong.unwrap_err().code, CommandErrorCode::WrongPassword);
    let signed = desktop.sign_report(record, &preview.preview, Some(PASSWORD.into())).await.unwrap();
    assert_eq!((signed.version, &*signed.signer), (1, "Ada Admin"));
    assert_eq!(desktop.record(record).await.unwrap().summary.state, RecordState::Signed);

    let shown = desktop.preview_report(record, draft(), Some(1)).await.unwrap();
    assert_eq!((shown.version, &shown.signed[..]), (Some(1), &[signed][..]));
    let pdf = desktop.saved_report(&shown.preview, SavedReportFormat::Pdf).await.unwrap();
    let text = text_of(&pdf.bytes);
    for wanted in [
        "Dr. Ada Admin, MD",
        "Licencia TX 12345",
        "Firmado por Dr. Ada Admin, MD el",
        "Lisinopril 20 mg",
        "4 Mill Road",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
    let markdown = desktop.saved_report(&shown.preview, SavedReportFormat::Markdown).await.unwrap();
    assert!(String::from_utf8(markdown.bytes).unwrap().contains("Firmado por Dr. Ada Admin, MD el"));
    let json = desktop.saved_report(&shown.preview, SavedReportFormat::Json).await.unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.bytes).unwrap();
    assert_eq!(json["content"]["block"]["name"], "Dr. Ada Admin, MD");
    assert_eq!(json["signature"]["version"], 1);
    assert_eq!(json["content"]["options"]["form"], "short_letter");

    // A correction is another report; what was signed stays as it is, for another computer too.
    desktop.undo(record).await.unwrap();
    let english = ReportOptionChanges { language: Some(ReportLanguage::En), ..draft() };
    desktop.preview_report(record, english, None).await.unwrap();
    assert_eq!(desktop.record(record).await.unwrap().summary.state, RecordState::ToReview);
    let again = desktop.preview_report(record, draft(), Some(1)).await.unwrap();
    assert_eq!(desktop.saved_report(&again.preview, SavedReportFormat::Pdf).await.unwrap().bytes, pdf.bytes);
    desktop.close().await;
}

/// A change of words by somebody else, straight in the cloud.
fn edit_elsewhere(id: u128, statement: &str, text: &str, section: StatementSection) -> NewEdit {
    let (statement, text) = (statement.to_owned(), text.to_owned());
    let change = EditChange::Edit { statement, text, section };
    NewEdit { id: EditId::from_uuid(uuid::Uuid::from_u128(id)), change }
}

/// Waits until the cloud has so many edits of an analysis.
async fn edits_in_cloud(person: &Person, analysis: AnalysisId, count: usize) -> Vec<Edit> {
    let wanted = async {
        loop {
            let edits = person.edits(analysis, 0).await.unwrap();
            if edits.len() >= count {
                return edits;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, wanted).await.expect("the edits arrive")
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_go_to_the_cloud_and_those_of_others_come() {
    let place = Workplace::new().await;
    let (desktop, ada) = place.sign_in_with_person().await;
    let _worker = place.app.worker();
    let words =
        "Assessment: type 2 diabetes mellitus. Lisinopril 10 mg by mouth daily. Allergic to penicillin.";
    let record = analyse(&desktop, &place.write("Rivera.pdf", &notes_pdf(2, words))).await;
    let review = desktop.review(record).await.unwrap().review.unwrap();
    let analysis = review.analysis;
    let [first, second, third] = &review.statements[..3] else { panic!("{:?}", review.statements) };
    let edit = |of: &ReviewStatement, text: &str| ReviewChange::Edit {
        statement: of.id.clone(),
        text: text.to_owned(),
        section: of.section,
    };
    desktop.change(record, edit(first, "First, by Ada")).await.unwrap();
    desktop.change(record, ReviewChange::Reject { statement: second.id.clone() }).await.unwrap();
    desktop.undo(record).await.unwrap();
    let range = WordRange {
        page: 1,
        first: WordPosition { line: 0, word: 0 },
        last: WordPosition { line: 0, word: 1 },
    };
    let section = StatementSection::Problems;
    let assertion = maneiro_api::analysis::Assertion::Present;
    let add = ReviewChange::Add { section, text: "Added by Ada".to_owned(), assertion, words: vec![range] };
    desktop.change(record, add).await.unwrap();
    let reached = edits_in_cloud(&ada, analysis, 4).await;
    let EditChange::Undo { edit: taken_back } = reached[2].change else { panic!("{reached:?}") };
    assert_eq!(taken_back, reached[1].id);
    let [citation] = reached[3].change.citations() else { panic!("{reached:?}") };
    assert_eq!((&*citation.quote, citation.page), ("Progress note", 1));

    // Somebody else, of another statement: it comes by itself, with its author, and is not this reader's to take back.
    let dora = place.colleague(&ada).await;
    let mut events = desktop.subscribe();
    let elsewhere = edit_elsewhere(7, &third.id, "Third, by Dora", third.section);
    dora.append_edits(analysis, &AppendEdits { seen: 4, edits: vec![elsewhere] }).await.unwrap();
    heard(&mut events, |event| matches!(event, ShellEvent::ReviewChanged { .. })).await;
    let review = desktop.review(record).await.unwrap().review.unwrap();
    let shown = review.statements.iter().find(|statement| statement.id == third.id).unwrap();
    assert_eq!(shown.text, "Third, by Dora");
    assert!(shown.changed.as_ref().is_some_and(|changed| !changed.mine && changed.author == "Dora Doctor"));
    assert_eq!(desktop.undo(record).await.unwrap().removed.len(), 1, "what Ada added, not what Dora wrote");
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_made_offline_go_by_themselves_and_a_conflict_shows() {
    let mut place = Workplace::new().await;
    let proxy = Proxy::start(&place.app.url).await;
    place.server = proxy.url();
    let (desktop, ada) = place.sign_in_with_person().await;
    let _worker = place.app.worker();
    let record = analyse(&desktop, &place.write("Rivera.pdf", &notes_pdf(2, "Lisinopril 10 mg daily"))).await;
    let review = desktop.review(record).await.unwrap().review.unwrap();
    let (analysis, statement) = (review.analysis, review.statements[0].clone());
    proxy.set_traffic(Traffic::Cut);
    let dora = place.colleague(&ada).await;
    let elsewhere = edit_elsewhere(7, &statement.id, "By Dora", statement.section);
    dora.append_edits(analysis, &AppendEdits { seen: 0, edits: vec![elsewhere] }).await.unwrap();
    let mut events = desktop.subscribe();
    let mine = ReviewChange::Edit {
        statement: statement.id.clone(),
        text: "By Ada".to_owned(),
        section: statement.section,
    };
    desktop.change(record, mine).await.unwrap();
    heard(&mut events, |event| matches!(event, ShellEvent::OutboxChanged)).await;
    let outbox = desktop.outbox().await.unwrap();
    let waiting: Vec<_> = outbox.items.iter().map(|item| (item.what, item.count)).collect();
    assert_eq!((outbox.online, waiting), (false, vec![(OutboxWork::Edits, 1)]));
    let preview = desktop.preview_report(record, draft(), None).await.unwrap();
    let offline = desktop.sign_report(record, &preview.preview, None).await.unwrap_err();
    assert_eq!(offline.code, CommandErrorCode::Offline, "nothing is signed without the cloud");

    proxy.set_traffic(Traffic::Delayed(Duration::ZERO));
    heard(&mut events, |event| matches!(event, ShellEvent::ReviewChanged { .. })).await;
    let shown = |review: ReviewRecord| {
        let statements = review.review.unwrap().statements;
        statements.into_iter().find(|shown| shown.id == statement.id).unwrap()
    };
    let both = shown(desktop.review(record).await.unwrap()).versions.unwrap();
    assert_eq!((&*both.mine.text, &*both.theirs.text, &both.base), ("By Ada", "By Dora", &statement.text));
    assert_eq!(ada.edits(analysis, 0).await.unwrap().len(), 1, "nothing is overwritten");
    let keep = ReviewChange::KeepMine { statement: statement.id.clone() };
    let kept = desktop.change(record, keep).await.unwrap();
    assert_eq!((&*kept.statements[0].text, &kept.statements[0].versions), ("By Ada", &None));
    let reached = edits_in_cloud(&ada, analysis, 2).await;
    assert!(matches!(&reached[1].change, EditChange::Edit { text, .. } if text == "By Ada"), "{reached:?}");
    assert!(desktop.outbox().await.unwrap().items.is_empty());
    desktop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_fields_and_deletions_reach_the_cloud() {
    let place = Workplace::new().await;
    let (desktop, ada) = place.sign_in_with_person().await;
    let _worker = place.app.worker();
    let record = analyse(&desktop, &place.write("Rivera.pdf", &notes_pdf(1, "Lisinopril 10 mg daily"))).await;
    let all = std::num::NonZeroU32::new(10).unwrap();
    let in_cloud = ada.records(None, all).await.unwrap().items[0].id;
    let wait_for = async |is_wanted: &dyn Fn(&maneiro_api::record::Record) -> bool| {
        let wanted = async {
            loop {
                let record = ada.record(in_cloud).await.unwrap();
                if is_wanted(&record) {
                    return record;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LIMIT, wanted).await.expect("the change arrives")
    };
    wait_for(&|record| record.title.as_deref() == Some("Rivera")).await;
    let fields = |json: serde_json::Value| serde_json::from_value::<RecordFieldChanges>(json).ok();
    let number = fields(serde_json::json!({ "number": "4711" }));
    desktop.update_record(record, Some("Rivera, knee".to_owned()), number).await.unwrap();
    let reached = wait_for(&|record| record.fields.number.is_some()).await;
    assert_eq!(reached.title.as_deref(), Some("Rivera, knee"));

    // Somebody else changes the title, which this computer does not know when another field is changed here.
    let renamed = UpdateRecord {
        revision: reached.revision,
        title: Some("Rivera, left knee".to_owned()),
        fields: None,
    };
    ada.update_record(in_cloud, &renamed).await.unwrap();
    let examiner = fields(serde_json::json!({ "examiner": "Dr. Okafor" }));
    desktop.update_record(record, None, examiner).await.unwrap();
    let merged = wait_for(&|record| record.fields.examiner.is_some()).await;
    assert_eq!(merged.title.as_deref(), Some("Rivera, left knee"), "neither change is lost");
    assert_eq!(merged.fields.number.as_deref(), Some("4711"));
    assert_eq!(desktop.record(record).await.unwrap().summary.title, "Rivera, left knee");
    let too_long = fields(serde_json::json!({ "kind": "x".repeat(201) }));
    let refused = desktop.update_record(record, None, too_long).await.unwrap_err();
    assert_eq!(refused.code, CommandErrorCode::InvalidInput);

    desktop.delete_record(record).await.unwrap();
    let gone = async {
        while ada.record(in_cloud).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, gone).await.expect("it is deleted in the cloud too");
    desktop.close().await;
}
