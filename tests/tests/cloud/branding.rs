//! Letterheads and signature blocks: what is kept of them, who changes them, and which pictures are refused.

use std::io::Write as _;

use maneiro_api::{
    ErrorCode,
    branding::{ClinicLetterhead, ReportPicture, SignerBlock},
    client::ClientError,
    report::ReportFormat,
};
use maneiro_tests::{TestApp, fixtures};

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

fn size(picture: Option<&ReportPicture>) -> (u32, u32) {
    let picture = image::load_from_memory(&picture.expect("a picture").file).unwrap();
    (picture.width(), picture.height())
}

#[tokio::test]
async fn a_letterhead_heads_the_reports_of_its_clinic() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    let plain = ClinicLetterhead { name: ada.me.clinic.clone(), lines: Vec::new(), picture: None };
    assert_eq!(dora.letterhead().await.unwrap(), plain, "without one, there is the clinic's name");

    let new = ClinicLetterhead {
        name: " Lakeside Practice ".to_owned(),
        picture: Some(fixtures::picture(2400, 600)),
        ..fixtures::letterhead()
    };
    let kept = ada.set_letterhead(&new).await.unwrap();
    assert_eq!((&*kept.name, &kept.lines), ("Lakeside Practice", &new.lines));
    assert_eq!(size(kept.picture.as_ref()), (1200, 300), "no larger than it is printed");
    assert_eq!(dora.letterhead().await.unwrap(), kept);
    assert_eq!(dora.me().await.unwrap().clinic, "Lakeside Practice");
    assert_eq!(code(dora.set_letterhead(&new).await), ErrorCode::PermissionDenied);
    let stranger = app.other_clinic().await.admin();
    assert_eq!(stranger.letterhead().await.unwrap().name, stranger.me.clinic);

    let fixture = fixtures::complete_record(&ada).await;
    let analysis = fixtures::complete_job(&app, &ada, &fixture).await.analysis.unwrap();
    let report = |bytes: bytes::Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    let on_letterhead = report(dora.report(analysis, ReportFormat::Markdown).await.unwrap());
    assert!(on_letterhead.contains("**Lakeside Practice**") && on_letterhead.contains(&new.lines[0]));
    assert!(dora.report(analysis, ReportFormat::Pdf).await.unwrap().starts_with(b"%PDF"));
    clinic.subscribe("free").await;
    let plain = report(dora.report(analysis, ReportFormat::Markdown).await.unwrap());
    assert!(!plain.contains("Lakeside Practice"), "a free plan's reports are plain: {plain}");
    app.finish().await;
}

#[tokio::test]
async fn a_signature_block_is_its_owners_in_one_clinic() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    assert_eq!(dora.signature_block().await.unwrap().block, None);
    let kept = dora.set_signature_block(&fixtures::signer_block()).await.unwrap();
    let block = kept.block.clone().unwrap();
    assert_eq!((&*block.name, &*block.licence), ("Dora Doctor, MD", "TX 12345"));
    assert!(!kept.signs, "writing a block gives no right to sign");
    assert_eq!(dora.signature_block().await.unwrap(), kept);
    assert_eq!(ada.signature_block().await.unwrap().block, None);
    let without = SignerBlock { picture: None, ..block };
    assert_eq!(dora.set_signature_block(&without).await.unwrap().block, Some(without));
    app.finish().await;
}

/// A PNG whose head says that it is larger than what it holds: a few bytes that would take gigabytes.
fn bomb() -> Vec<u8> {
    let side = 60_000_u32.to_be_bytes();
    let head = [b"IHDR", &side[..], &side[..], &[8, 6, 0, 0, 0]].concat();
    let mut zeros = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zeros.write_all(&vec![0; 1024 * 1024]).unwrap();
    let data = [&b"IDAT"[..], &zeros.finish().unwrap()].concat();
    let chunk = |content: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let length = u32::try_from(content.len() - 4).unwrap().to_be_bytes();
        [&length[..], content, &crc.sum().to_be_bytes()].concat()
    };
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(&head), &chunk(&data), &chunk(b"IEND")].concat()
}

#[tokio::test]
async fn other_files_and_bombs_are_no_pictures() {
    let app = TestApp::start().await;
    let ada = app.clinic().await.admin();
    let png = fixtures::picture(40, 20).file;
    let tiff = [&b"II*\0"[..], &[0; 64]].concat();
    for (name, file) in [
        ("markup", b"<svg onload='alert(1)'/>".to_vec()),
        ("another format", tiff),
        ("half a file", png[..60].to_vec()),
        ("a bomb", bomb()),
        ("too wide", fixtures::picture(4001, 1).file),
        ("too many bytes", [&png[..], &vec![0; 4 * 1024 * 1024]].concat()),
    ] {
        let letterhead = ClinicLetterhead {
            picture: Some(ReportPicture { file: file.clone() }),
            ..fixtures::letterhead()
        };
        assert_eq!(code(ada.set_letterhead(&letterhead).await), ErrorCode::InvalidInput, "{name}");
        let block = SignerBlock { picture: Some(ReportPicture { file }), ..fixtures::signer_block() };
        assert_eq!(code(ada.set_signature_block(&block).await), ErrorCode::InvalidInput, "{name}");
    }
    assert_eq!(ada.letterhead().await.unwrap().picture, None, "nothing of it is kept");
    app.finish().await;
}

#[tokio::test]
async fn a_block_in_the_place_of_another_does_not_open() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (ada, dora) = (clinic.admin(), clinic.doctor().await);
    dora.set_signature_block(&fixtures::signer_block()).await.unwrap();
    sqlx::query("update maneiro.signature_blocks set user_id = $1")
        .bind(ada.me.user.uuid())
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(code(ada.signature_block().await), ErrorCode::Internal);
    app.finish().await;
}
