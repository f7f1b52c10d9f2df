//! Pages and files of a few kilobytes that ask for gigabytes or for hours. They are made in an instant.

use flate2::{Compress, Compression, Crc, FlushCompress};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

/// A page's content and what it refers to.
#[derive(Debug)]
pub struct Drawing {
    pub(crate) content: Stream,
    pub(crate) resources: Dictionary,
}

impl Drawing {
    pub(crate) fn new(content: &str, resources: Dictionary) -> Self {
        Self { content: Stream::new(Dictionary::new(), content.as_bytes().to_vec()), resources }
    }

    /// This picture, as large as the page.
    pub(crate) fn of_picture(picture: ObjectId) -> Self {
        let resources = dictionary! { "XObject" => dictionary! { "X" => picture } };
        Self::new("612 0 0 792 0 0 cm /X Do", resources)
    }

    fn of_text(content: &str, mut font: Dictionary) -> Self {
        font.extend(&dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
        Self::new(content, dictionary! { "Font" => dictionary! { "F" => font } })
    }
}

/// So many MiB of this byte, packed (RFC 1950): one block that unpacks to a MiB, again and again.
///
/// # Panics
/// If a MiB cannot be packed.
#[must_use]
pub fn packed(byte: u8, mib: usize) -> Vec<u8> {
    const MIB: usize = 1 << 20;
    let mut block = Vec::with_capacity(MIB);
    Compress::new(Compression::fast(), false)
        .compress_vec(&vec![byte; MIB], &mut block, FlushCompress::Full)
        .expect("a MiB can be packed");
    let (byte, length) = (u128::from(byte), (mib * MIB) as u128);
    let adler = [length + byte * (length * (length + 1) / 2), 1 + byte * length];
    let mut bytes = vec![0x78, 0x01];
    bytes.extend(block.repeat(mib));
    bytes.extend([0x03, 0x00]);
    bytes.extend(adler.iter().flat_map(|sum| ((sum % 65_521) as u16).to_be_bytes()));
    bytes
}

fn unpacks(entries: Dictionary, data: Vec<u8>) -> Stream {
    let mut entries = entries;
    entries.set("Filter", "FlateDecode");
    Stream::new(entries, data)
}

fn picture(
    document: &mut Document,
    width: i64,
    height: i64,
    filter: impl Into<Object>,
    data: Vec<u8>,
) -> Drawing {
    let entries = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        "Width" => width, "Height" => height, "Filter" => filter,
    };
    Drawing::of_picture(document.add_object(Stream::new(entries, data)))
}

/// A GiB of blanks as a page's content.
#[must_use]
pub fn vast_content(_: &mut Document) -> Drawing {
    Drawing { content: unpacks(Dictionary::new(), packed(b' ', 1024)), resources: Dictionary::new() }
}

/// A GiB that say what a font's letters mean.
#[must_use]
pub fn vast_meaning(document: &mut Document) -> Drawing {
    let meaning = document.add_object(unpacks(Dictionary::new(), packed(0, 1024)));
    Drawing::of_text("BT /F 12 Tf 72 720 Td (Aspirin) Tj ET", dictionary! { "ToUnicode" => meaning })
}

/// A GiB for a picture of a hundred by a hundred pixels.
#[must_use]
pub fn overfull_picture(document: &mut Document) -> Drawing {
    picture(document, 100, 100, "FlateDecode", packed(0, 1024))
}

/// The same, packed twice.
///
/// # Panics
/// If it cannot be packed.
#[must_use]
pub fn twice_packed_picture(document: &mut Document) -> Drawing {
    let mut once = Stream::new(Dictionary::new(), packed(0, 1024));
    once.compress().expect("it can be packed");
    let filters: Vec<Object> = vec!["FlateDecode".into(), "FlateDecode".into()];
    picture(document, 100, 100, filters, once.content)
}

/// One line of four million corners.
///
/// # Panics
/// If it cannot be packed.
#[must_use]
pub fn endless_line(_: &mut Document) -> Drawing {
    let corners = "1 1 l 2 3 l 5 1 l 9 3 l ".repeat(1_000_000);
    let mut content = Stream::new(Dictionary::new(), format!("0 0 m {corners} S").into_bytes());
    content.compress().expect("it can be packed");
    Drawing { content, resources: Dictionary::new() }
}

/// Eleven million letters.
///
/// # Panics
/// If they cannot be packed.
#[must_use]
pub fn endless_text(_: &mut Document) -> Drawing {
    let text = "(Hello world) Tj ".repeat(1_000_000);
    let mut drawing = Drawing::of_text(&format!("BT /F 12 Tf 10 100 Td {text} ET"), Dictionary::new());
    drawing.content.compress().expect("it can be packed");
    drawing
}

/// A black and white picture (JBIG2, ITU-T T.88) that is a hundred pixels wide and high outside, and has an area of
/// 60,000 by 60,000 inside; packed once more, so that nobody sees that before it is unpacked.
///
/// # Panics
/// If it cannot be packed.
#[must_use]
pub fn picture_of_another_size(document: &mut Document) -> Drawing {
    let size = [60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat();
    let mut data = [b"\0\0\0\0\x30\0\x01\0\0\0\x13", &size[..], &[0; 11]].concat();
    data.extend([b"\0\0\0\x01\x26\0\x01\0\0\0\x28", &size[..], &[0; 40]].concat());
    let mut packed = Stream::new(Dictionary::new(), data);
    packed.compress().expect("it can be packed");
    let filters: Vec<Object> = vec!["FlateDecode".into(), "JBIG2Decode".into()];
    picture(document, 100, 100, filters, packed.content)
}

/// A PNG of this many pixels across and down, all of nothing, of 16 bits in four channels.
#[must_use]
pub fn png(side: u32) -> Vec<u8> {
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[16, 6, 0, 0, 0]].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut put = |kind: &[u8; 4], data: &[u8]| {
        bytes.extend((data.len() as u32).to_be_bytes());
        let start = bytes.len();
        bytes.extend(kind);
        bytes.extend(data);
        let mut crc = Crc::new();
        crc.update(&bytes[start..]);
        bytes.extend(crc.sum().to_be_bytes());
    };
    put(b"IHDR", &header);
    let pixels = packed(0, (side as usize * (side as usize * 8 + 1)).div_ceil(1 << 20));
    put(b"IDAT", &pixels);
    put(b"IEND", &[]);
    bytes
}

/// A PDF whose page is in a stream of objects that unpacks to a GiB.
#[must_use]
pub fn vast_objects() -> Vec<u8> {
    let data = packed(b' ', 1024);
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = vec![(0_u8, 0_u32)];
    let mut put = |object: &[u8]| {
        places.push((1, bytes.len() as u32));
        bytes.extend(format!("{} 0 obj\n", places.len() - 1).as_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    };
    put(b"<< /Type /Catalog /Pages 3 0 R >>");
    let head =
        format!("<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length {} >>\nstream\n", data.len());
    put(&[head.as_bytes(), &data, b"\nendstream"].concat());
    places.push((2, 2));
    let table = bytes.len();
    places.push((1, table as u32));
    let entries: Vec<u8> =
        places.iter().flat_map(|(kind, place)| [&[*kind][..], &place.to_be_bytes(), &[0]].concat()).collect();
    let head = format!(
        "4 0 obj\n<< /Type /XRef /Size {} /W [1 4 1] /Root 1 0 R /Length {} >>\nstream\n",
        places.len(),
        entries.len()
    );
    bytes.extend([head.as_bytes(), &entries, b"\nendstream\nendobj\n"].concat());
    bytes.extend(format!("startxref\n{table}\n%%EOF\n").as_bytes());
    bytes
}

/// A PDF of a million pages in a few megabytes.
#[must_use]
pub fn a_million_pages() -> Vec<u8> {
    let kids = "<< /Type /Page >> ".repeat(1_000_000);
    format!(
        "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [{kids}] \
         /Count 1000000 >>\nendobj\ntrailer << /Root 1 0 R /Size 3 >>\n%%EOF\n"
    )
    .into_bytes()
}
