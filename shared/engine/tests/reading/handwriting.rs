//! Handwriting on printed pages.

use image::Luma;
use maneiro_page::{BBox, Page, UnreadReason};

use crate::page_builder::{NOTE, PageBuilder, overlap, recognise, with_noise};

/// The page as read from a noisy scan.
fn read_scan(sheet: PageBuilder) -> Page {
    let image = with_noise(sheet.draw(200.0), 11);
    recognise(PageBuilder::new().scan(&image).into_pdf())
}

/// Adds joined loops of changing height, as a pen makes them, from `x` over `length` points on a line at `y` from the top.
fn with_handwriting(sheet: PageBuilder, x: f32, y: f32, length: f32) -> PageBuilder {
    let point = |step: usize| {
        let angle = step as f32 * 0.3;
        let loops = angle / std::f32::consts::TAU;
        let height = [26.0, 9.0, 15.0, 8.0, 22.0, 10.0, 13.0][loops as usize % 7];
        let up = height * (1.0 - angle.cos()) / 2.0;
        (x + 9.0 * loops - 5.0 * angle.sin() + 0.4 * up, 300.0 - y + up)
    };
    let (x0, y0) = point(0);
    let steps = (1..).map(point).take_while(|(at, _)| *at < x + length);
    let path: String = steps.map(|(x, y)| format!("{x:.2} {y:.2} l ")).collect();
    sheet.operators(&format!("q 1.4 w 1 J 1 j {x0:.2} {y0:.2} m {path} S Q"))
}

fn words_in(lines: &[&str]) -> Vec<String> {
    lines.iter().flat_map(|line| line.split(' ')).map(str::to_owned).collect()
}

fn read_words(page: &Page) -> Vec<String> {
    page.words().map(|word| word.text.clone()).collect()
}

#[test]
fn handwriting_below_print_is_marked_and_not_read() {
    let page = read_scan(with_handwriting(PageBuilder::with_note(), 60.0, 278.0, 160.0));
    let [unread] = &page.unread[..] else { panic!("{:?}", page.unread) };
    assert_eq!(unread.reason, UnreadReason::Handwriting);
    let place = BBox { x0: 55.0, y0: 252.0, x1: 220.0, y1: 278.0 };
    assert!(overlap(&unread.bbox, &place) > 0.75, "{:?}", unread.bbox);
    assert_eq!(read_words(&page), words_in(&NOTE));
}

#[test]
fn printed_name_below_a_signature_is_read() {
    let lines = &NOTE[..7];
    let sheet =
        PageBuilder::new().lines(lines).text(60.0, 268.0, 11.0, "Johanna Miller, attending physician");
    let page = read_scan(with_handwriting(sheet, 60.0, 256.0, 140.0));
    assert_eq!(page.unread.len(), 1, "{:?}", page.unread);
    let words = read_words(&page);
    assert!(words.ends_with(&words_in(&["Johanna Miller, attending physician"])), "{}", page.text());
}

#[test]
fn print_frames_and_curves_are_not_handwriting() {
    let heading = PageBuilder::with_note().text(24.0, 284.0, 34.0, "Discharge letter");
    assert_eq!(read_scan(heading).unread, []);

    let grid: String =
        (0..6).map(|n| format!("24 {0} 300 24 re S 174 {0} 150 24 re S ", 30 + 24 * n)).collect();
    let mut table = PageBuilder::new().lines(&NOTE[..3]).operators(&grid);
    for (n, test) in ["Sodium", "Potassium", "Glucose", "Calcium", "Albumin", "Urea"].into_iter().enumerate()
    {
        let y = 287.0 - 24.0 - 24.0 * n as f32;
        table = table.text(30.0, y, 11.0, test).text(180.0, y, 11.0, "4.1 mmol/L");
    }
    assert_eq!(read_scan(table).unread, []);

    let arc = PageBuilder::with_note().operators("1.4 w 60 20 m 90 60 170 60 200 22 c S");
    assert_eq!(read_scan(arc).unread, []);
}

#[test]
fn logos_and_bar_codes_are_not_handwriting() {
    let logo = "300 20 m 320 70 360 70 380 20 c 360 40 320 40 300 20 c f 330 50 m 345 20 l 352 50 l f";
    let bars: String = (0..40).map(|n| format!("{} 20 {} 30 re f ", 40 + 4 * n, 1 + n * n % 3)).collect();
    assert_eq!(read_scan(PageBuilder::with_note().operators(logo).operators(&bars)).unread, []);
}

#[test]
fn halftone_images_are_not_handwriting() {
    // Error diffusion of a gray gradient, as a fax shows a photograph.
    let mut image = PageBuilder::with_note().draw(200.0);
    let (left, right, top, bottom) = (100, 900, 650, 820);
    let mut below = vec![0.0; right - left + 2];
    for y in top..bottom {
        let errors = std::mem::replace(&mut below, vec![0.0; right - left + 2]);
        let mut error = 0.0;
        for x in left..right {
            let at = x - left + 1;
            let gray = 0.8 - 0.5 * (x - left) as f32 / (right - left) as f32 + error + errors[at];
            let is_white = gray >= 0.5;
            let rest = gray - if is_white { 1.0 } else { 0.0 };
            error = rest * 7.0 / 16.0;
            below[at - 1] += rest * 3.0 / 16.0;
            below[at] += rest * 5.0 / 16.0;
            below[at + 1] += rest / 16.0;
            image.put_pixel(x as u32, y as u32, Luma([if is_white { 255 } else { 0 }]));
        }
    }
    assert_eq!(recognise(PageBuilder::new().scan(&image).into_pdf()).unread, []);
}
