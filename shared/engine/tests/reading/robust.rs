//! Files made to do harm. Whatever they are, the caller gets a page or a reason.

use image::GrayImage;
use lopdf::{Object, dictionary};
use maneiro_engine::{Document, Finding, HowRead, Limits, PageError, Recogniser};

use crate::make::{Sheet, document, open, png, save};

/// A PNG that claims to have 30,000 by 30,000 pixels.
fn huge_png() -> Vec<u8> {
    let mut bytes = png(&GrayImage::new(8, 8));
    bytes[16..20].copy_from_slice(&30_000u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&30_000u32.to_be_bytes());
    let checksum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

/// The checksum of a PNG chunk (PNG specification, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

#[test]
fn an_image_of_absurd_size_is_refused_before_it_is_decoded() {
    let too_large =
        PageError::TooLarge { width: 30_000, height: 30_000, max_pixels: Limits::default().max_pixels };
    assert_eq!(open(huge_png()).look(1).unwrap_err(), too_large);

    let mut document = document(&[Sheet::new().scan(&GrayImage::new(8, 8))]);
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream.dict.has(b"Width")
        {
            stream.dict.set("Width", 30_000);
            stream.dict.set("Height", 30_000);
        }
    }
    assert_eq!(open(save(document)).look(1).unwrap_err(), too_large);
}

#[test]
fn a_page_without_size_and_one_as_large_as_a_house_are_read() {
    let mut recogniser = Recogniser::english().unwrap();
    for (width, height) in [(0.0, 0.0), (0.0, 500.0), (14_400.0, 14_400.0), (2_000_000.0, 3.0), (1.0, 1.0)] {
        let bytes = Sheet::of_size(width, height).operators("0 0 1 1 re f").into_pdf();
        let page = recogniser.read(&open(bytes), 1).unwrap();
        assert!(page.width > 0.0 && page.height > 0.0, "{width} × {height}");
    }
}

#[test]
fn a_page_tree_that_bites_its_tail_ends() {
    let mut document = document(&[Sheet::with_note()]);
    let pages = document.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
    let tree = document.get_object_mut(pages).unwrap().as_dict_mut().unwrap();
    tree.get_mut(b"Kids").unwrap().as_array_mut().unwrap().push(Object::Reference(pages));
    assert_eq!(open(save(document)).page_count(), 1);
}

#[test]
fn a_drawing_that_draws_itself_ends() {
    let mut document = document(&[Sheet::with_note().operators("/X Do")]);
    let form = document.new_object_id();
    let resources = dictionary! { "XObject" => dictionary! { "X" => form } };
    let entries = dictionary! { "Type" => "XObject", "Subtype" => "Form", "Resources" => resources.clone(),
    "BBox" => vec![0.into(), 0.into(), 400.into(), 300.into()] };
    document.objects.insert(form, lopdf::Stream::new(entries, b"/X Do /X Do".to_vec()).into());
    let page = document.page_iter().next().unwrap();
    let page = document.get_object_mut(page).unwrap().as_dict_mut().unwrap();
    page.get_mut(b"Resources").unwrap().as_dict_mut().unwrap().set("XObject", dictionary! { "X" => form });
    let _ = open(save(document)).look(1);
}

#[test]
fn content_that_is_not_content_is_a_blank_page() {
    let page = open(Sheet::new().operators("\u{1}\u{2} ((( <<<< q q q Q BT /Nofont 12 Tf").into_pdf());
    let Finding::Page(page) = page.look(1).unwrap().finding else { panic!("something was found") };
    assert_eq!(page.how, HowRead::Blank);
}

#[test]
fn mutated_files_give_pages_or_reasons() {
    let small = Sheet::of_size(200.0, 120.0).text(20.0, 50.0, 12.0, "Aspirin 100 mg");
    let picture = small.clone().draw(40.0);
    let seeds = [
        small.clone().into_pdf(),
        Sheet::of_size(200.0, 120.0).scan(&picture).into_pdf(),
        png(&picture),
        crate::make::jpeg(&picture),
        crate::make::tiff(&[&picture, &picture]),
    ];
    let mut state = 20_261_120_u64;
    let mut below = move |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let limits = Limits { max_pixels: 4_000_000, ..Limits::default() };
    for round in 0..2000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..=below(8) {
            let at = below(bytes.len());
            match below(4) {
                0 => bytes[at] ^= 1 << below(8),
                1 => bytes[at] = below(256) as u8,
                2 => bytes.truncate(at.max(1)),
                _ => {
                    let piece: Vec<u8> = bytes[at..(at + below(40)).min(bytes.len())].to_vec();
                    let to = below(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        // A panic would end the test; an error is an answer.
        if let Ok(document) = Document::open(bytes, None, limits) {
            for page in 1..=document.page_count().min(3) {
                let _ = document.look(page);
            }
        }
    }
}
