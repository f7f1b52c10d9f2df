//! What the end of a PDF says of the whole: where its objects are listed, and how an update is to go on.

use hayro::hayro_syntax::object::{
    Array, Dict, FromBytes as _, Name, Number, ObjectIdentifier, String as PdfString,
};

use super::objects::{Id, Table};

/// Object numbers stay below this, as in readers (ISO 32000-2, Annex C, gives 8,388,607 as what to expect).
const MAX_SIZE: i64 = 1 << 30;

/// The newest trailer of a file.
pub(super) struct Tail {
    /// Places are counted from here: the file's first byte, or the header if there is junk before it.
    pub(super) base: usize,
    /// Where the newest table of objects stands.
    pub(super) table_at: u64,
    pub(super) table: Table,
    /// One more than the highest object number.
    pub(super) size: u32,
    pub(super) info: Option<Id>,
    /// The first part of the file's identifier, which its versions share.
    pub(super) id: Option<Vec<u8>>,
    pub(super) is_encrypted: bool,
}

impl Tail {
    /// Reads the end of a file whose catalog is `root`; none if what is there does not lead to a list of its objects.
    pub(super) fn of(bytes: &[u8], root: ObjectIdentifier) -> Option<Tail> {
        const START: &[u8] = b"startxref";
        let start = bytes.windows(START.len()).rposition(|window| window == START)?;
        let (table_at, _) = number(&bytes[start + START.len()..])?;
        let header = bytes[..bytes.len().min(1024)].windows(5).position(|window| window == b"%PDF-")?;
        // White space before a list may make the wrong base look right, so the exact place is tried first.
        [(header, false), (0, false), (0, true), (header, true)].into_iter().find_map(|(base, is_lenient)| {
            let at = base.checked_add(usize::try_from(table_at).ok()?)?;
            let list = bytes.get(at..)?;
            let (table, dict) = table(if is_lenient { list.trim_ascii_start() } else { list })?;
            let is_this = dict.get_ref(b"Root").is_some_and(|id| ObjectIdentifier::from(id) == root);
            let size = dict.get::<Number>(b"Size")?.as_i64();
            (is_this && (1..MAX_SIZE).contains(&size)).then(|| Tail {
                base,
                table_at,
                table,
                size: size as u32,
                info: dict.get_ref(b"Info").and_then(|id| super::from_pdf::id(id.into())),
                id: dict.get::<Array<'_>>(b"ID").and_then(|id| first_part(&id)),
                is_encrypted: dict.contains_key(b"Encrypt"),
            })
        })
    }
}

fn first_part(id: &Array<'_>) -> Option<Vec<u8>> {
    Some(id.flex_iter().next::<PdfString<'_>>()?.as_bytes().to_vec())
}

/// What kind of list begins here, and its dictionary.
fn table(bytes: &[u8]) -> Option<(Table, Dict<'_>)> {
    if bytes.starts_with(b"xref") {
        const TRAILER: &[u8] = b"trailer";
        let trailer = bytes.windows(TRAILER.len()).position(|window| window == TRAILER)?;
        let dict = Dict::from_bytes(bytes[trailer + TRAILER.len()..].trim_ascii_start())?;
        return Some((Table::Plain, dict));
    }
    if !bytes.first()?.is_ascii_digit() {
        return None;
    }
    let (_, rest) = number(bytes)?;
    let (_, rest) = number(rest)?;
    let dict = Dict::from_bytes(rest.trim_ascii_start().strip_prefix(b"obj")?.trim_ascii_start())?;
    let is_table = dict.get::<Name<'_>>(b"Type").is_some_and(|name| name.as_str() == "XRef");
    is_table.then_some((Table::Stream, dict))
}

/// The number at the beginning, and what follows it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let bytes = bytes.trim_ascii_start();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    Some((number, &bytes[digits..]))
}
