//! Writing PDF objects and the table that finds them. Knows nothing of what they mean.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write as _},
};

use flate2::{Compression, write::ZlibEncoder};

/// An indirect object's number and generation.
pub(super) type Id = (u32, u16);

/// A reference to it.
pub(super) fn reference((number, generation): Id) -> String {
    format!("{number} {generation} R")
}

/// Objects as they are appended to a file, or make up a new one.
pub(super) struct Objects {
    bytes: Vec<u8>,
    /// Where the first of `bytes` stands, counted as the file's own cross-references count.
    begin: u64,
    places: BTreeMap<u32, (u16, u64)>,
    next: u32,
}

/// How the table of objects is written (ISO 32000-2, 7.5.4 and 7.5.8). An update does as the file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Plain,
    Stream,
}

impl Objects {
    /// `first` are the bytes that come before the first object; new objects have numbers from `next` on.
    pub(super) fn new(first: Vec<u8>, begin: u64, next: u32) -> Self {
        Self { bytes: first, begin, places: BTreeMap::new(), next }
    }

    /// The number of an object that is written later.
    pub(super) fn reserve(&mut self) -> Id {
        let number = self.next;
        self.next += 1;
        (number, 0)
    }

    fn begin(&mut self, (number, generation): Id) {
        self.places.insert(number, (generation, self.begin + self.bytes.len() as u64));
        self.text(&format!("{number} {generation} obj\n"));
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend(text.as_bytes());
    }

    /// All that was written so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn put(&mut self, id: Id, body: &[u8]) {
        self.begin(id);
        self.bytes.extend(body);
        self.text("\nendobj\n");
    }

    /// A stream of these bytes as they are. `entries` are those of its dictionary but for the length.
    pub(super) fn put_stream(&mut self, id: Id, entries: &str, data: &[u8]) {
        self.begin(id);
        self.text(&format!("<< {entries} /Length {} >>\nstream\n", data.len()));
        self.bytes.extend(data);
        self.text("\nendstream\nendobj\n");
    }

    /// A stream of these bytes, compressed.
    pub(super) fn put_packed(&mut self, id: Id, entries: &str, data: &[u8]) -> io::Result<()> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data)?;
        let packed = encoder.finish()?;
        self.put_stream(id, &format!("{entries} /Filter /FlateDecode"), &packed);
        Ok(())
    }

    /// Writes the table and the trailer with these entries; `/Size` is added.
    pub(super) fn finish(mut self, table: Table, trailer: &str) -> io::Result<Vec<u8>> {
        let at = match table {
            Table::Plain => self.plain_table(trailer),
            Table::Stream => self.stream_table(trailer)?,
        };
        self.text(&format!("startxref\n{at}\n%%EOF\n"));
        Ok(self.bytes)
    }

    fn plain_table(&mut self, trailer: &str) -> u64 {
        let at = self.begin + self.bytes.len() as u64;
        let mut table = String::from("xref\n");
        if self.begin == 0 {
            table.push_str("0 1\n0000000000 65535 f \n");
        }
        for run in runs(&self.places) {
            let _ = writeln!(table, "{} {}", run[0].0, run.len());
            for (_, generation, place) in run {
                let _ = writeln!(table, "{place:010} {generation:05} n ");
            }
        }
        let _ = writeln!(table, "trailer\n<< /Size {} {trailer} >>", self.next);
        self.text(&table);
        at
    }

    fn stream_table(&mut self, trailer: &str) -> io::Result<u64> {
        let id = self.reserve();
        let at = self.begin + self.bytes.len() as u64;
        // It lists itself too.
        self.places.insert(id.0, (id.1, at));
        let (mut index, mut rows) = (String::new(), Vec::new());
        for run in runs(&self.places) {
            let _ = write!(index, "{} {} ", run[0].0, run.len());
            for (_, generation, place) in run {
                rows.push(1);
                rows.extend(&place.to_be_bytes()[3..]);
                rows.extend(generation.to_be_bytes());
            }
        }
        let entries =
            format!("/Type /XRef /W [1 5 2] /Index [{}] /Size {} {trailer}", index.trim_end(), self.next);
        self.put_packed(id, &entries, &rows)?;
        Ok(at)
    }
}

/// Number, generation and place of each object, in runs of consecutive numbers.
fn runs(places: &BTreeMap<u32, (u16, u64)>) -> Vec<Vec<(u32, u16, u64)>> {
    let mut runs: Vec<Vec<(u32, u16, u64)>> = Vec::new();
    for (&number, &(generation, place)) in places {
        match runs.last_mut() {
            Some(run) if run[run.len() - 1].0 + 1 == number => run.push((number, generation, place)),
            _ => runs.push(vec![(number, generation, place)]),
        }
    }
    runs
}
