//! Small pages and files that take gigabytes or hours to read: decompression bombs and the like.

use flate2::{Compress, Compression, Crc, FlushCompress};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

/// A page's content stream and resources.
#[derive(Debug)]
pub struct HostileContent {
    pub(crate) stream: Stream,
    pub(crate) resources: Dictionary,
}

impl HostileContent {
    pub(crate) fn new(content: &str, resources: Dictionary) -> Self {
        Self { stream: Stream::new(Dictionary::new(), content.as_bytes().to_vec()), resources }
    }

    /// An image as large as the page.
    pub(crate) fn from_image(image: ObjectId) -> Self {
        let resources = dictionary! { "XObject" => dictionary! { "X" => image } };
        Self::new("612 0 0 792 0 0 cm /X Do", resources)
    }

    fn from_text(content: &str, mut font: Dictionary) -> Self {
        font.extend(&dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
        Self::new(content, dictionary! { "Font" => dictionary! { "F" => font } })
    }
}

/// A zlib stream (RFC 1950) that inflates to `mib` MiB of one byte: one compressed MiB, repeated.
///
/// # Panics
/// If a MiB cannot be compressed.
#[must_use]
pub fn zlib_bomb(byte: u8, mib: usize) -> Vec<u8> {
    const MIB: usize = 1 << 20;
    let mut block = Vec::with_capacity(MIB);
    Compress::new(Compression::fast(), false)
        .compress_vec(&vec![byte; MIB], &mut block, FlushCompress::Full)
        .expect("a MiB can be compressed");
    let (byte, length) = (u128::from(byte), (mib * MIB) as u128);
    let adler = [length + byte * (length * (length + 1) / 2), 1 + byte * length];
    let mut bytes = vec![0x78, 0x01];
    bytes.extend(block.repeat(mib));
    bytes.extend([0x03, 0x00]);
    bytes.extend(adler.iter().flat_map(|sum| ((sum % 65_521) as u16).to_be_bytes()));
    bytes
}

fn flate_stream(entries: Dictionary, data: Vec<u8>) -> Stream {
    let mut entries = entries;
    entries.set("Filter", "FlateDecode");
    Stream::new(entries, data)
}

fn image_page(
    document: &mut Document,
    width: i64,
    height: i64,
    filter: impl Into<Object>,
    data: Vec<u8>,
) -> HostileContent {
    let entries = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "ColorSpace" => "DeviceGray", "BitsPerComponent" => 8,
        "Width" => width, "Height" => height, "Filter" => filter,
    };
    HostileContent::from_image(document.add_object(Stream::new(entries, data)))
}

/// A content stream of a GiB of spaces.
#[must_use]
pub fn content_stream_bomb(_: &mut Document) -> HostileContent {
    HostileContent {
        stream: flate_stream(Dictionary::new(), zlib_bomb(b' ', 1024)),
        resources: Dictionary::new(),
    }
}

/// A font with a `ToUnicode` map of a GiB.
#[must_use]
pub fn to_unicode_bomb(document: &mut Document) -> HostileContent {
    let to_unicode = document.add_object(flate_stream(Dictionary::new(), zlib_bomb(0, 1024)));
    HostileContent::from_text(
        "BT /F 12 Tf 72 720 Td (Aspirin) Tj ET",
        dictionary! { "ToUnicode" => to_unicode },
    )
}

/// An image of 100 × 100 pixels with a GiB of data.
#[must_use]
pub fn image_bomb(document: &mut Document) -> HostileContent {
    image_page(document, 100, 100, "FlateDecode", zlib_bomb(0, 1024))
}

/// The same image with two Flate filters.
///
/// # Panics
/// If it cannot be compressed.
#[must_use]
pub fn nested_image_bomb(document: &mut Document) -> HostileContent {
    let mut once = Stream::new(Dictionary::new(), zlib_bomb(0, 1024));
    once.compress().expect("it can be compressed");
    let filters: Vec<Object> = vec!["FlateDecode".into(), "FlateDecode".into()];
    image_page(document, 100, 100, filters, once.content)
}

/// A path of four million segments.
///
/// # Panics
/// If it cannot be compressed.
#[must_use]
pub fn huge_path(_: &mut Document) -> HostileContent {
    let segments = "1 1 l 2 3 l 5 1 l 9 3 l ".repeat(1_000_000);
    let mut stream = Stream::new(Dictionary::new(), format!("0 0 m {segments} S").into_bytes());
    stream.compress().expect("it can be compressed");
    HostileContent { stream, resources: Dictionary::new() }
}

/// Eleven million characters of text.
///
/// # Panics
/// If they cannot be compressed.
#[must_use]
pub fn huge_text(_: &mut Document) -> HostileContent {
    let text = "(Hello world) Tj ".repeat(1_000_000);
    let mut content =
        HostileContent::from_text(&format!("BT /F 12 Tf 10 100 Td {text} ET"), Dictionary::new());
    content.stream.compress().expect("it can be compressed");
    content
}

/// A JBIG2 image (ITU-T T.88) of 100 × 100 pixels by its dictionary, whose own header has 60,000 × 60,000. A Flate filter
/// hides the header until it is inflated.
///
/// # Panics
/// If it cannot be compressed.
#[must_use]
pub fn mismatched_jbig2_size(document: &mut Document) -> HostileContent {
    let size = [60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat();
    let mut data = [b"\0\0\0\0\x30\0\x01\0\0\0\x13", &size[..], &[0; 11]].concat();
    data.extend([b"\0\0\0\x01\x26\0\x01\0\0\0\x28", &size[..], &[0; 40]].concat());
    let mut stream = Stream::new(Dictionary::new(), data);
    stream.compress().expect("it can be compressed");
    let filters: Vec<Object> = vec!["FlateDecode".into(), "JBIG2Decode".into()];
    image_page(document, 100, 100, filters, stream.content)
}

/// An empty PNG of `side` × `side` pixels with four channels of 16 bits.
#[must_use]
pub fn png_bomb(side: u32) -> Vec<u8> {
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
    let pixels = zlib_bomb(0, (side as usize * (side as usize * 8 + 1)).div_ceil(1 << 20));
    put(b"IDAT", &pixels);
    put(b"IEND", &[]);
    bytes
}

/// A PDF whose page is in an object stream that inflates to a GiB.
#[must_use]
pub fn object_stream_bomb() -> Vec<u8> {
    let data = zlib_bomb(b' ', 1024);
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut offsets = vec![(0_u8, 0_u32)];
    let mut put = |object: &[u8]| {
        offsets.push((1, bytes.len() as u32));
        bytes.extend(format!("{} 0 obj\n", offsets.len() - 1).as_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    };
    put(b"<< /Type /Catalog /Pages 3 0 R >>");
    let head =
        format!("<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length {} >>\nstream\n", data.len());
    put(&[head.as_bytes(), &data, b"\nendstream"].concat());
    offsets.push((2, 2));
    let table = bytes.len();
    offsets.push((1, table as u32));
    let entries: Vec<u8> = offsets
        .iter()
        .flat_map(|(kind, offset)| [&[*kind][..], &offset.to_be_bytes(), &[0]].concat())
        .collect();
    let head = format!(
        "4 0 obj\n<< /Type /XRef /Size {} /W [1 4 1] /Root 1 0 R /Length {} >>\nstream\n",
        offsets.len(),
        entries.len()
    );
    bytes.extend([head.as_bytes(), &entries, b"\nendstream\nendobj\n"].concat());
    bytes.extend(format!("startxref\n{table}\n%%EOF\n").as_bytes());
    bytes
}

/// A PDF of a million pages in a few megabytes.
#[must_use]
pub fn million_pages() -> Vec<u8> {
    let kids = "<< /Type /Page >> ".repeat(1_000_000);
    format!(
        "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [{kids}] \
         /Count 1000000 >>\nendobj\ntrailer << /Root 1 0 R /Size 3 >>\n%%EOF\n"
    )
    .into_bytes()
}
