//! Writes PDF objects and their cross-reference section. Knows nothing about what the objects mean.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write as _},
};

use flate2::{Compression, write::ZlibEncoder};
use hayro::hayro_syntax::object::ObjectIdentifier;

/// The number and generation of an indirect object.
pub(super) type ObjectId = (u32, u16);

/// The parser's identifier as an id, if its generation is valid.
pub(super) fn object_id(id: ObjectIdentifier) -> Option<ObjectId> {
    Some((id.obj_number, u16::try_from(id.gen_number).ok()?))
}

/// An indirect reference to an object.
pub(super) fn reference((number, generation): ObjectId) -> String {
    format!("{number} {generation} R")
}

/// Writes objects that are appended to a file, or that make up a new one.
pub(super) struct ObjectWriter {
    bytes: Vec<u8>,
    /// The offset of the first of `bytes` in the file, as its cross-references count.
    start_offset: u64,
    /// The generation and offset of each object, by its number.
    offsets: BTreeMap<u32, (u16, u64)>,
    next_number: u32,
}

/// The form of the cross-reference section (ISO 32000-2, 7.5.4 and 7.5.8). An update uses the form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum XrefFormat {
    Table,
    Stream,
}

impl ObjectWriter {
    /// `head` are the bytes before the first object; new objects are numbered from `next_number`.
    pub(super) fn new(head: Vec<u8>, start_offset: u64, next_number: u32) -> Self {
        Self { bytes: head, start_offset, offsets: BTreeMap::new(), next_number }
    }

    /// The id of an object that is written later.
    pub(super) fn reserve_id(&mut self) -> ObjectId {
        let number = self.next_number;
        self.next_number += 1;
        (number, 0)
    }

    fn begin_object(&mut self, (number, generation): ObjectId) {
        self.offsets.insert(number, (generation, self.offset()));
        self.push_str(&format!("{number} {generation} obj\n"));
    }

    fn push_str(&mut self, text: &str) {
        self.bytes.extend(text.as_bytes());
    }

    /// The bytes written so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn offset(&self) -> u64 {
        self.start_offset + self.bytes.len() as u64
    }

    pub(super) fn write_object(&mut self, id: ObjectId, body: &[u8]) {
        self.begin_object(id);
        self.bytes.extend(body);
        self.push_str("\nendobj\n");
    }

    /// Writes a stream of these bytes as they are. `entries` are those of its dictionary without the length.
    pub(super) fn write_stream(&mut self, id: ObjectId, entries: &str, data: &[u8]) {
        self.begin_object(id);
        self.push_str(&format!("<< {entries} /Length {} >>\nstream\n", data.len()));
        self.bytes.extend(data);
        self.push_str("\nendstream\nendobj\n");
    }

    /// Writes a stream of these bytes, compressed with Deflate.
    pub(super) fn write_deflated_stream(
        &mut self,
        id: ObjectId,
        entries: &str,
        data: &[u8],
    ) -> io::Result<()> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data)?;
        let deflated = encoder.finish()?;
        self.write_stream(id, &format!("{entries} /Filter /FlateDecode"), &deflated);
        Ok(())
    }

    /// Writes the cross-reference section and the trailer with these entries; `/Size` is added.
    pub(super) fn finish(mut self, format: XrefFormat, trailer: &str) -> io::Result<Vec<u8>> {
        let offset = match format {
            XrefFormat::Table => self.write_xref_table(trailer),
            XrefFormat::Stream => self.write_xref_stream(trailer)?,
        };
        self.push_str(&format!("startxref\n{offset}\n%%EOF\n"));
        Ok(self.bytes)
    }

    fn write_xref_table(&mut self, trailer: &str) -> u64 {
        let table_offset = self.offset();
        let mut table = String::from("xref\n");
        if self.start_offset == 0 {
            table.push_str("0 1\n0000000000 65535 f \n");
        }
        for subsection in xref_subsections(&self.offsets) {
            let _ = writeln!(table, "{} {}", subsection[0].0, subsection.len());
            for (_, generation, offset) in subsection {
                let _ = writeln!(table, "{offset:010} {generation:05} n ");
            }
        }
        let _ = writeln!(table, "trailer\n<< /Size {} {trailer} >>", self.next_number);
        self.push_str(&table);
        table_offset
    }

    fn write_xref_stream(&mut self, trailer: &str) -> io::Result<u64> {
        let id = self.reserve_id();
        let stream_offset = self.offset();
        // The stream has an entry for itself.
        self.offsets.insert(id.0, (id.1, stream_offset));
        let (mut index, mut rows) = (String::new(), Vec::new());
        for subsection in xref_subsections(&self.offsets) {
            let _ = write!(index, "{} {} ", subsection[0].0, subsection.len());
            for (_, generation, offset) in subsection {
                rows.push(1);
                rows.extend(&offset.to_be_bytes()[3..]);
                rows.extend(generation.to_be_bytes());
            }
        }
        let (index, size) = (index.trim_end(), self.next_number);
        let entries = format!("/Type /XRef /W [1 5 2] /Index [{index}] /Size {size} {trailer}");
        self.write_deflated_stream(id, &entries, &rows)?;
        Ok(stream_offset)
    }
}

/// Number, generation and offset of each object, in runs of consecutive numbers.
fn xref_subsections(offsets: &BTreeMap<u32, (u16, u64)>) -> Vec<Vec<(u32, u16, u64)>> {
    let mut subsections: Vec<Vec<(u32, u16, u64)>> = Vec::new();
    for (&number, &(generation, offset)) in offsets {
        match subsections.last_mut() {
            Some(run) if run[run.len() - 1].0 + 1 == number => run.push((number, generation, offset)),
            _ => subsections.push(vec![(number, generation, offset)]),
        }
    }
    subsections
}
