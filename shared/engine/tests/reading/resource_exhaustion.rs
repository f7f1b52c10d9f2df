//! Hand-made files that exhaust stack, memory or time in naive readers. Each ends here, in the calling process, as a page or
//! an error. Files that only the limits of a child process stop are in the tests of the workstation.

use maneiro_engine::{Document, DocumentError, Limits, OcrEngine, PageError};
use maneiro_page::{Page, TextSource};

use crate::page_builder::read_page;

/// A PDF of these objects, numbered from 1; the first is the catalog.
fn file(objects: &[String]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
    }
    let table = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").as_bytes());
    }
    let size = objects.len() + 1;
    bytes.extend(format!("trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").as_bytes());
    bytes
}

fn stream(entries: &str, data: &str) -> String {
    format!("<< {entries} /Length {} >>\nstream\n{data}\nendstream", data.len())
}

/// A PDF of one page with this content and these resources; further objects are numbered from 5.
fn page(content: &str, resources: &str, others: &[String]) -> Vec<u8> {
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << {resources} >> >>"
        ),
        stream("", content),
    ];
    objects.extend_from_slice(others);
    file(&objects)
}

fn read(bytes: Vec<u8>) -> Result<Page, PageError> {
    let document = Document::open(bytes, None, Limits::default()).expect("it opens");
    read_page(&mut OcrEngine::english().unwrap(), &document, 1)
}

fn is_blank(bytes: Vec<u8>) -> bool {
    read(bytes).is_ok_and(|page| page.text_source == TextSource::Blank)
}

const FORM: &str = "/Type /XObject /Subtype /Form /BBox [0 0 200 100]";
const PATTERN: &str = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1";
const TEXT: &str = "BT /F 12 Tf 10 50 Td (Aspirin) Tj ET";
const HELVETICA: &str = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";

#[test]
fn endless_brackets_do_not_exhaust_the_stack() {
    for content in [
        "[".repeat(100_000),
        format!("{}{} TJ", "[".repeat(10_000), "]".repeat(10_000)),
        format!("/A {}{} BDC", "<< /B ".repeat(10_000), ">> ".repeat(10_000)),
        "(".repeat(100_000),
        "q ".repeat(300_000),
        "Q ".repeat(300_000),
        "BT ".repeat(100_000),
    ] {
        assert!(is_blank(page(&content, "", &[])), "{}", &content[..20]);
    }
    for (open, close) in [("[", "]"), ("<< /A ", " >>")] {
        let resources = format!("/ExtGState {}{}", open.repeat(10_000), close.repeat(10_000));
        // Then the page dictionary itself is garbage.
        let _ = Document::open(page("0 0 1 1 re f", &resources, &[]), None, Limits::default());
    }
    for garbage in ["1 0 obj ", "<< /Root << ", "<< /Type "] {
        let bytes = format!("%PDF-1.7\n{}", garbage.repeat(3_000)).into_bytes();
        assert!(matches!(Document::open(bytes, None, Limits::default()), Err(DocumentError::Damaged { .. })));
    }
}

#[test]
fn self_referencing_objects_do_not_loop() {
    let x = |number: u32| format!("{FORM} /Resources << /XObject << /X {number} 0 R >> >>");
    let use_x = "/XObject << /X 5 0 R >>";
    let forms = |forms: &[String]| page("/X Do", use_x, forms);
    assert!(read(forms(&[stream(&x(5), "/X Do /X Do")])).is_ok());
    assert!(read(forms(&[stream(&x(6), "/X Do /X Do"), stream(&x(5), "/X Do /X Do")])).is_ok());
    let chain: Vec<String> = (6..2_000).map(|next| stream(&x(next), "/X Do")).collect();
    assert!(read(forms(&chain)).is_ok(), "a long chain");

    let type3 = "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 10 10] /FontMatrix [0.1 0 0 0.1 0 0] \
                 /CharProcs << /a 6 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 \
                 /Widths [10] /Resources << /Font << /F 5 0 R >> >> >>";
    let glyph = stream("", "10 0 d0 BT /F 1 Tf (aa) Tj ET");
    assert!(
        read(page("BT /F 12 Tf 10 50 Td (aaa) Tj ET", "/Font << /F 5 0 R >>", &[type3.into(), glyph]))
            .is_ok()
    );
    let type0 = "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [5 0 R] \
                 /ToUnicode 5 0 R >>";
    assert!(read(page(TEXT, "/Font << /F 5 0 R >>", &[type0.into()])).is_ok());

    let entries =
        format!("{PATTERN} /BBox [0 0 10 10] /XStep 10 /YStep 10 /Resources << /Pattern << /P 5 0 R >> >>");
    let pattern = stream(&entries, "/Pattern cs /P scn 0 0 10 10 re f");
    let paint = "/Pattern cs /P scn 0 0 200 100 re f";
    assert!(read(page(paint, "/Pattern << /P 5 0 R >>", &[pattern])).is_ok());
    let mask = "<< /SMask << /S /Luminosity /G 6 0 R >> >>";
    let group = format!("{FORM} /Group << /S /Transparency >> /Resources << /ExtGState << /G 5 0 R >> >>");
    let group = stream(&group, "/G gs 0 0 200 100 re f");
    assert!(read(page("/G gs 0 0 200 100 re f", "/ExtGState << /G 5 0 R >>", &[mask.into(), group])).is_ok());
    let space = "[/Indexed 5 0 R 1 <000000>]";
    assert!(
        read(page("/C cs 1 scn 0 0 200 100 re f", "/ColorSpace << /C 5 0 R >>", &[space.into()])).is_ok()
    );
    let function =
        "<< /FunctionType 3 /Domain [0 1] /Functions [5 0 R 5 0 R] /Bounds [0.5] /Encode [0 1 0 1] >>";
    let separation = "/ColorSpace << /C [/Separation /X /DeviceRGB 5 0 R] >>";
    assert!(read(page("/C cs 1 scn 0 0 200 100 re f", separation, &[function.into()])).is_ok());
}

#[test]
fn page_tree_has_its_real_number_of_pages() {
    let catalog = || "<< /Type /Catalog /Pages 2 0 R >>".to_owned();
    let leaf = "<< /Type /Page /MediaBox [0 0 10 10] >>";
    let count = |objects: &[String]| {
        Document::open(file(objects), None, Limits::default()).map(|document| document.page_count())
    };
    let lies = "<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>".to_owned();
    assert_eq!(count(&[catalog(), lies, leaf.to_owned()]), Ok(1));

    // Ten levels, each with the next ten times: ten thousand million pages if all were followed.
    let mut objects = vec![catalog()];
    for next in 3..13 {
        objects.push(format!("<< /Type /Pages /Kids [{}] /Count 10 >>", format!("{next} 0 R ").repeat(10)));
    }
    objects.push(leaf.to_owned());
    assert_eq!(count(&objects), Ok(1));

    let mut deep = vec![catalog()];
    deep.extend((3..20_000).map(|next| format!("<< /Type /Pages /Kids [{next} 0 R] /Count 1 >>")));
    deep.push(leaf.to_owned());
    assert_eq!(count(&deep), Ok(1));

    let many = format!("<< /Type /Pages /Kids [{}] /Count 1 >>", "<< /Type /Page >> ".repeat(100_001));
    assert!(matches!(count(&[catalog(), many]), Err(DocumentError::TooManyPages { pages: 100_001, .. })));
}

#[test]
fn broken_cross_reference_section_is_rebuilt() {
    let whole = String::from_utf8(page(TEXT, HELVETICA, &[])).unwrap();
    let table = whole.rfind("xref\n0 ").unwrap();
    let end = whole.rfind("startxref").unwrap();
    for broken in [
        format!("{}startxref\n99999999\n%%EOF", &whole[..end]),
        format!("{}startxref\n{end}\n%%EOF", &whole[..end]),
        whole.replace("trailer << ", &format!("trailer << /Prev {table} ")),
        whole[..end].to_owned(),
        whole[..table].to_owned() + "trailer << /Root 1 0 R >>",
        whole.replace("0000000009", "0000000123"),
        whole.clone() + &"\u{7f}garbage".repeat(10_000),
    ] {
        let page = read(broken.clone().into_bytes()).unwrap();
        assert_eq!(
            page.text(),
            "Aspirin",
            "{}",
            &broken[table.min(broken.len())..][..60.min(broken.len() - table)]
        );
    }
}

#[test]
fn wrong_stream_lengths_do_not_hide_text() {
    let whole = String::from_utf8(page(TEXT, HELVETICA, &["5 0 R".to_owned()])).unwrap();
    let length = format!("/Length {}", TEXT.len());
    for lie in
        ["/Length 4 0 R", "/Length 5 0 R", "/Length 99 0 R", "/Length 0", "/Length -7", "/Length 99999999999"]
    {
        let broken = whole.replace(&length, lie);
        assert_ne!(broken, whole);
        assert_eq!(read(broken.into_bytes()).map(|page| page.text()), Ok("Aspirin".to_owned()), "{lie}");
    }
}

#[test]
fn self_referencing_object_streams_end() {
    let packed =
        "<< /Type /ObjStm /N 1 /First 4 /Extends 5 0 R /Length 20 >>\nstream\n5 0 << /A 5 0 R >>\nendstream";
    let whole = String::from_utf8(page("/X Do", "/XObject << /X 6 0 R >>", &[packed.to_owned()])).unwrap();
    // The cross-reference stream states that the drawing and the object stream contain each other.
    let at = whole.len();
    let entries: Vec<u8> =
        [[0, 0, 0, 0], [2, 0, 5, 0], [2, 0, 5, 1], [2, 0, 6, 0], [2, 0, 5, 0], [2, 0, 6, 0], [2, 0, 5, 0]]
            .concat();
    let mut bytes = whole.into_bytes();
    bytes.extend(b"7 0 obj\n<< /Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /Length 28 >>\nstream\n");
    bytes.extend(entries);
    bytes.extend(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").as_bytes());
    if let Ok(document) = Document::open(bytes, None, Limits::default()) {
        let _ = read_page(&mut OcrEngine::english().unwrap(), &document, 1);
    }
}

#[test]
fn too_many_dashes_are_refused() {
    let dashed = |dashes: &str| read(page(&format!("[{dashes}] 0 d 0 0 m 200 100 l S"), "", &[]));
    let refused = PageError::Damaged { reason: "its lines have more dashes than can be drawn" };
    assert_eq!(dashed("0.00001 0.00001"), Err(refused.clone()));
    assert_eq!(dashed("0.0001"), Err(refused.clone()));
    assert_eq!(dashed("3 -1"), Err(refused));
    for dashes in ["3 2", "0 0", "0", &"1 2 ".repeat(10_000)] {
        assert!(dashed(dashes).is_ok(), "{dashes}");
    }
}

#[test]
fn patterns_with_tiny_steps_end() {
    for (size, step) in
        [("1 1", "0.0001"), ("1 1", "0"), ("1 1", "-1"), ("1000000 1000000", "1000000"), ("1 1", "1e-30")]
    {
        let entries = format!("{PATTERN} /BBox [0 0 {size}] /XStep {step} /YStep {step} /Resources << >>");
        let pattern = stream(&entries, "0 0 1 1 re f");
        let file = page("/Pattern cs /P scn 0 0 200 100 re f", "/Pattern << /P 5 0 R >>", &[pattern]);
        assert!(read(file).is_ok(), "{size} {step}");
    }
}

fn picture(entries: &str, data: &str) -> Vec<u8> {
    let entries =
        format!("/Type /XObject /Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceGray {entries}");
    page("q 200 0 0 100 0 0 cm /X Do Q", "/XObject << /X 5 0 R >>", &[stream(&entries, data)])
}

#[test]
fn fax_with_a_larger_decoded_size_is_refused() {
    for parameters in ["<< /K -1 /Columns 60000 /Rows 60000 >>", "[<< /K -1 /Columns 60000 /Rows 60000 >>]"] {
        let entries = format!("/Width 100 /Height 100 /Filter /CCITTFaxDecode /DecodeParms {parameters}");
        let refused = read(picture(&entries, &"~".repeat(10_000))).unwrap_err();
        let max_pixels = Limits::default().max_pixels;
        assert_eq!(refused, PageError::ImageTooLarge { width: 60_000, height: 60_000, max_pixels });
    }
}

#[test]
fn garbage_image_data_is_damaged_or_partly_read() {
    let damaged = PageError::Damaged { reason: "its image cannot be decoded" };
    let garbage = "~}|{zyx".repeat(300);
    for data in ["", &garbage, "\u{0}\u{0}\u{0}\u{c}jP  \r\n\u{7}\n"] {
        let read = |filter: &str| read(picture(&format!("/Width 500 /Height 500 /Filter /{filter}"), data));
        for filter in ["JPXDecode", "JBIG2Decode", "DCTDecode", "FlateDecode"] {
            assert_eq!(read(filter), Err(damaged.clone()), "{filter}");
        }
        for filter in ["CCITTFaxDecode", "LZWDecode", "RunLengthDecode", "ASCII85Decode"] {
            let read = read(filter);
            assert!(read.is_ok() || read == Err(damaged.clone()), "{filter}: {read:?}");
        }
    }
    let nothing = picture("/Width 0 /Height 0", "");
    assert!(is_blank(nothing));
}

/// A TIFF of one directory with these entries: tag, kind, count, value.
fn tiff(entries: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 100]);
    bytes
}

#[test]
fn tiff_with_absurd_numbers_is_damaged_or_too_large() {
    let image = |side: u32, rows: u32, strips: u32, bytes: u32, compression: u32| {
        tiff(&[
            (256, 4, 1, side),
            (257, 4, 1, side),
            (258, 3, 1, 8),
            (259, 3, 1, compression),
            (262, 3, 1, 1),
            (273, 4, strips, 8),
            (278, 4, 1, rows),
            (279, 4, strips, bytes),
        ])
    };
    assert!(matches!(read(image(30_000, 30_000, 1, 100, 1)), Err(PageError::ImageTooLarge { .. })));
    for file in [
        image(10_000, 1, 0x3fff_ffff, 100, 1),
        image(1_000, u32::MAX, 1, 100, 1),
        image(1_000, 0, 1, 100, 1),
        image(9_000, 9_000, 1, u32::MAX, 1),
        image(9_000, 9_000, 1, 100, 5),
        image(9_000, 9_000, 1, 100, 8),
        image(0, 0, 1, 100, 1),
        tiff(&[
            (256, 4, 1, 9_000),
            (257, 4, 1, 9_000),
            (258, 3, 1, 8),
            (262, 3, 1, 1),
            (322, 4, 1, 1),
            (323, 4, 1, 1),
            (324, 4, 100_000_000, 8),
            (325, 4, 100_000_000, 8),
        ]),
    ] {
        assert!(matches!(read(file), Err(PageError::Damaged { .. })));
    }
}

#[test]
fn huge_jpeg_is_refused_before_it_is_decoded() {
    let mut bytes = b"\xff\xd8\xff\xc0\0\x0b\x08".to_vec();
    bytes.extend([0x75, 0x30, 0x75, 0x30]);
    bytes.extend(b"\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\0\0\0");
    assert!(matches!(read(bytes), Err(PageError::ImageTooLarge { width: 30_000, height: 30_000, .. })));
}
