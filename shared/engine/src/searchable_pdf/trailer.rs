//! Parses the end of a PDF: the newest cross-reference section and trailer, which an update must refer to.

use hayro::hayro_syntax::object::{
    Array, Dict, FromBytes as _, Name, Number, ObjectIdentifier, String as PdfString,
};

use super::objects::{ObjectId, XrefFormat, object_id};

/// PDF readers have a similar limit (ISO 32000-2, Annex C, expects 8,388,607).
const MAX_OBJECTS: i64 = 1 << 30;

/// The newest trailer of a file.
pub(super) struct Trailer {
    /// Offsets are counted from here: the file's first byte, or the header if there is junk before it.
    pub(super) base: usize,
    /// The offset of the newest cross-reference section.
    pub(super) xref_offset: u64,
    pub(super) xref_format: XrefFormat,
    /// One more than the highest object number.
    pub(super) size: u32,
    pub(super) info: Option<ObjectId>,
    /// The first part of the file's identifier, which its versions share.
    pub(super) permanent_id: Option<Vec<u8>>,
    pub(super) is_encrypted: bool,
}

impl Trailer {
    /// Parses the end of a file whose catalog is `root`; none if it does not lead to a cross-reference section.
    pub(super) fn parse(bytes: &[u8], root: ObjectIdentifier) -> Option<Trailer> {
        const START: &[u8] = b"startxref";
        let start = bytes.windows(START.len()).rposition(|window| window == START)?;
        let (xref_offset, _) = parse_number(&bytes[start + START.len()..])?;
        let header = bytes[..bytes.len().min(1024)].windows(5).position(|window| window == b"%PDF-")?;
        // White space before a section may make the wrong base look right, so exact offsets are tried first.
        [(header, false), (0, false), (0, true), (header, true)].into_iter().find_map(|(base, is_lenient)| {
            let at = base.checked_add(usize::try_from(xref_offset).ok()?)?;
            let section = bytes.get(at..)?;
            let (xref_format, dict) =
                parse_xref_section(if is_lenient { section.trim_ascii_start() } else { section })?;
            let has_root = dict.get_ref(b"Root").is_some_and(|id| ObjectIdentifier::from(id) == root);
            let size = dict.get::<Number>(b"Size")?.as_i64();
            (has_root && (1..MAX_OBJECTS).contains(&size)).then(|| Trailer {
                base,
                xref_offset,
                xref_format,
                size: size as u32,
                info: dict.get_ref(b"Info").and_then(|id| object_id(id.into())),
                permanent_id: dict.get::<Array<'_>>(b"ID").and_then(|id| first_string(&id)),
                is_encrypted: dict.contains_key(b"Encrypt"),
            })
        })
    }
}

fn first_string(array: &Array<'_>) -> Option<Vec<u8>> {
    Some(array.flex_iter().next::<PdfString<'_>>()?.as_bytes().to_vec())
}

/// The form of the cross-reference section that begins here, and its dictionary.
fn parse_xref_section(bytes: &[u8]) -> Option<(XrefFormat, Dict<'_>)> {
    if bytes.starts_with(b"xref") {
        const TRAILER: &[u8] = b"trailer";
        let trailer = bytes.windows(TRAILER.len()).position(|window| window == TRAILER)?;
        let dict = Dict::from_bytes(bytes[trailer + TRAILER.len()..].trim_ascii_start())?;
        return Some((XrefFormat::Table, dict));
    }
    if !bytes.first()?.is_ascii_digit() {
        return None;
    }
    let (_, rest) = parse_number(bytes)?;
    let (_, rest) = parse_number(rest)?;
    let dict = Dict::from_bytes(rest.trim_ascii_start().strip_prefix(b"obj")?.trim_ascii_start())?;
    let is_xref_stream = dict.get::<Name<'_>>(b"Type").is_some_and(|name| name.as_str() == "XRef");
    is_xref_stream.then_some((XrefFormat::Stream, dict))
}

/// The number at the beginning, and the bytes after it.
fn parse_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let bytes = bytes.trim_ascii_start();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    Some((number, &bytes[digits..]))
}
