//! One small file of each kind that the engine reads, as seeds for mutation and fuzzing.

use std::io::Write as _;

use fax::{Color, VecWriter, encoder::Encoder};
use flate2::{Compression, write::ZlibEncoder};
use image::{GrayImage, Luma};
use lopdf::{EncryptionState, EncryptionVersion, Object, Permissions, Stream, dictionary};

use crate::page_builder::{PageBuilder, annotate, appearance, document, jpeg, pdf, png, save, tiff};

/// All seeds with descriptive file names.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    let note = || PageBuilder::with_size(200.0, 120.0).text(20.0, 50.0, 12.0, "Aspirin 100 mg");
    let picture = note().draw(40.0);
    let scan = || PageBuilder::with_size(200.0, 120.0).scan(&picture);
    let mut files = vec![
        ("text.pdf", note().into_pdf()),
        ("turned.pdf", note().rotated(90).into_pdf()),
        ("mute.pdf", note().with_unmapped_font().into_pdf()),
        ("mixed.pdf", note().image(&picture, [20.0, 10.0, 150.0, 70.0]).into_pdf()),
        ("pages.pdf", pdf(&[note(), scan(), PageBuilder::new()])),
        ("form.pdf", form()),
        ("encrypted.pdf", encrypted("")),
        ("picture.png", png(&picture)),
        ("picture.jpg", jpeg(&picture)),
        ("picture.tif", tiff(&[&picture, &picture])),
    ];
    for (name, stored) in stored_with_every_filter(&picture) {
        files.push((name, with_stored(scan(), vec![stored])));
    }
    files.into_iter().map(|(name, file)| (name.to_owned(), file)).collect()
}

/// A form with a note on it.
fn form() -> Vec<u8> {
    let mut document = document(&[PageBuilder::new().text(24.0, 60.0, 11.0, "Name:")]);
    let drawn = appearance(&mut document, [200, 16], "BT /F 11 Tf 2 4 Td (Ada Hill) Tj ET");
    let entries = dictionary! { "T" => Object::string_literal("name"), "FT" => "Tx",
    "V" => Object::string_literal("Ada Hill"), "AP" => dictionary! { "N" => drawn } };
    annotate(&mut document, "Widget", [120, 236, 320, 252], entries);
    let note = dictionary! { "Contents" => Object::string_literal("Call her back") };
    annotate(&mut document, "Text", [20, 20, 40, 40], note);
    save(document)
}

/// A note that opens with this password.
pub(crate) fn encrypted(user_password: &str) -> Vec<u8> {
    let mut document = document(&[PageBuilder::with_note()]);
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "the owner's",
        user_password,
        key_length: 128,
        permissions: Permissions::PRINTABLE,
    };
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    save(document)
}

/// A PDF of this page, with its images replaced in drawing order.
pub(crate) fn with_stored(sheet: PageBuilder, stored: Vec<Stream>) -> Vec<u8> {
    let mut document = document(&[sheet]);
    let is_picture = |object: &&mut Object| object.as_stream().is_ok_and(|stream| stream.dict.has(b"Width"));
    let pictures = document.objects.values_mut().filter(is_picture);
    for (picture, stored) in pictures.zip(stored) {
        *picture = stored.into();
    }
    save(document)
}

/// The image as a PDF stream, with each of the filters (ISO 32000-2, 7.4).
pub(crate) fn stored_with_every_filter(picture: &GrayImage) -> Vec<(&'static str, Stream)> {
    let (width, height) = picture.dimensions();
    let raw = picture.as_raw();
    let mut fax = stored(width, height, "CCITTFaxDecode", encode_fax(picture));
    fax.dict.set("DecodeParms", dictionary! { "K" => -1, "Columns" => width, "Rows" => height });
    fax.dict.set("BitsPerComponent", 1);
    let mut flate = stored(width, height, "FlateDecode", raw.clone());
    flate.dict.remove(b"Filter");
    flate.compress().unwrap();
    vec![
        ("flate.pdf", flate),
        ("lzw.pdf", stored(width, height, "LZWDecode", lzw(raw))),
        ("run_length.pdf", stored(width, height, "RunLengthDecode", run_length(raw))),
        ("hex.pdf", stored(width, height, "ASCIIHexDecode", hex(raw))),
        ("dct.pdf", stored(width, height, "DCTDecode", jpeg(picture))),
        ("fax.pdf", fax),
        ("jbig2.pdf", stored(width, height, "JBIG2Decode", jbig2(width, height, &encode_fax(picture)))),
        ("jpx.pdf", stored(60, 24, "JPXDecode", from_hex(JPX))),
    ]
}

/// An image stream of this stated size, with bytes that are already encoded.
pub(crate) fn stored(width: u32, height: u32, filter: &str, bytes: Vec<u8>) -> Stream {
    let entries = dictionary! { "Type" => "XObject", "Subtype" => "Image", "Width" => i64::from(width),
    "Height" => i64::from(height), "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8, "Filter" => filter };
    Stream::new(entries, bytes)
}

/// The same image with this filter around its own.
pub(crate) fn wrapped_in(outer: &str, mut picture: Stream) -> Stream {
    let inner = picture.dict.get(b"Filter").unwrap().clone();
    picture.dict.set("Filter", vec![outer.into(), inner]);
    picture.content = match outer {
        "FlateDecode" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&picture.content).unwrap();
            encoder.finish().unwrap()
        }
        "ASCIIHexDecode" => hex(&picture.content),
        other => panic!("{other} is not made here"),
    };
    picture
}

/// LZW with codes of nine bits, one per byte; the table is cleared before codes would grow (ISO 32000-2, 7.4.4.2).
fn lzw(bytes: &[u8]) -> Vec<u8> {
    const CLEAR: u16 = 256;
    const END: u16 = 257;
    let codes =
        bytes.chunks(200).flat_map(|chunk| [CLEAR].into_iter().chain(chunk.iter().copied().map(u16::from)));
    let bits: Vec<u8> =
        codes.chain([END]).flat_map(|code| (0..9).rev().map(move |bit| (code >> bit & 1) as u8)).collect();
    let byte = |bits: &[u8]| bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | bit << (7 - at));
    bits.chunks(8).map(byte).collect()
}

/// Literal runs only (ISO 32000-2, 7.4.5).
fn run_length(bytes: &[u8]) -> Vec<u8> {
    let runs = bytes.chunks(128).flat_map(|run| [&[run.len() as u8 - 1], run].concat());
    runs.chain([128]).collect()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).chain(*b">").collect()
}

fn from_hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Black and white, encoded as faxes are (ITU-T T.6).
fn encode_fax(picture: &GrayImage) -> Vec<u8> {
    let mut encoder = Encoder::new(VecWriter::new());
    for row in picture.rows() {
        let pixels = row.map(|Luma([level])| if *level < 128 { Color::Black } else { Color::White });
        encoder.encode_line(pixels, picture.width() as u16).unwrap();
    }
    encoder.finish().unwrap().finish()
}

/// One page with one region in MMR coding (ITU-T T.88, 7.4.6 and 7.4.8).
pub(crate) fn jbig2(width: u32, height: u32, faxed: &[u8]) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let segment = |number: u8, kind: u8, data: &[u8]| {
        let length = (data.len() as u32).to_be_bytes();
        [&[0, 0, 0, number, kind, 0, 1][..], &length, data].concat()
    };
    let page = segment(0, 48, &[&size[..], &[0; 11]].concat());
    let region = segment(1, 38, &[&size[..], &[0; 9], &[1], faxed].concat());
    [page, region].concat()
}

/// A JPEG 2000 of 60 by 24 pixels that shows "Aspirin", in hexadecimal digits, written by OpenJPEG.
const JPX: &str = "\
    0000000c6a5020200d0a870a00000014667479706a703220000000006a7032200000002d6a703268000000166968647200000018 \
    0000003c0001070700000000000f636f6c7201000000000011000001796a703263ff4fff51002900000000003c00000018000000 \
    00000000000000003c0000001800000000000000000001070101ff52000c00000001000204040001ff5c000a4040484850484850 \
    ff90000a0000000001280001ff93df4bd00ed1dab4a176fc450447010ffaa0a2fb1d41a87caf76dbbd568b8b6406ae1acc83ccc1 \
    3a795343db36bc0c7d99a5a0b170a2f707f361caf02172d60655df4979f31987c098338cbd275ceb335549d98cf3b94c46576eaa \
    02eeaf7230280cc52ea303ea39e2c51dfa8b44ceac3e027a65e358b9dfd119986bd0cc3efd25995c340ddb36bbcb5654c1df3379 \
    f22e8f828895134bca9aabc378cfdb4689f5ab21b2ba857e1d553612f3c75a6f8cd141c9babff918d55531c6086bf4f8d77b7269 \
    80ad1b50142281b1900033535c5c461352a1ddeb6aa971c846c4fb2019139c666c6ba2df1eb2af566aee273649578dfb116ba594 \
    2f528f4fc5798689dd7ada19ff659db0678f80cffec3f1c0503c16ce1aa2dadcdb58cb03ffd9";
