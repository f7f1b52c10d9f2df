//! The chain of directories in a TIFF: one per page. Only finds them; decoding is left to `image`.

use crate::error::OpenError;

/// Where one image's directory stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Directory {
    offset: u64,
}

const X_RESOLUTION: u64 = 282;
const Y_RESOLUTION: u64 = 283;
const RESOLUTION_UNIT: u64 = 296;

/// How numbers are laid out in a file.
#[derive(Clone, Copy)]
struct Layout {
    little: bool,
    big: bool,
}

impl Layout {
    fn of(bytes: &[u8]) -> Option<Layout> {
        let little = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let layout = Layout { little, big: false };
        match layout.number(bytes, 2, 2)? {
            42 => Some(layout),
            43 => Some(Layout { big: true, ..layout }),
            _ => None,
        }
    }

    /// The unsigned number in `size` bytes at `at`.
    fn number(self, bytes: &[u8], at: u64, size: usize) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let digits = bytes.get(at..at.checked_add(size)?)?;
        let fold = |number: u64, digit: &u8| number << 8 | u64::from(*digit);
        Some(if self.little { digits.iter().rev().fold(0, fold) } else { digits.iter().fold(0, fold) })
    }

    /// Where the header names the first directory, and in how many bytes.
    fn link(self) -> (u64, usize) {
        if self.big { (8, 8) } else { (4, 4) }
    }

    /// Offset of the first entry, number of entries, bytes of an entry.
    fn entries(self, bytes: &[u8], directory: u64) -> Option<(u64, u64, u64)> {
        let (count_size, entry_size) = if self.big { (8, 20) } else { (2, 12) };
        let count = self.number(bytes, directory, count_size)?;
        Some((directory.checked_add(count_size as u64)?, count, entry_size))
    }

    /// Where the next directory's offset stands.
    fn next(self, bytes: &[u8], directory: u64) -> Option<u64> {
        let (first, count, size) = self.entries(bytes, directory)?;
        self.number(bytes, first.checked_add(count.checked_mul(size)?)?, self.link().1)
    }

    /// The value field of the entry with this tag.
    fn value_at(self, bytes: &[u8], directory: u64, tag: u64) -> Option<u64> {
        let (first, count, size) = self.entries(bytes, directory)?;
        let entry = (0..count.min(4096))
            .map(|n| first + n * size)
            .find(|at| self.number(bytes, *at, 2) == Some(tag))?;
        Some(entry + if self.big { 12 } else { 8 })
    }

    /// The rational number (two 32-bit numbers) of the entry with this tag.
    fn rational(self, bytes: &[u8], directory: u64, tag: u64) -> Option<f32> {
        let field = self.value_at(bytes, directory, tag)?;
        // Eight bytes fit into the field of a BigTIFF; a classic one holds their offset.
        let at = if self.big { field } else { self.number(bytes, field, 4)? };
        let (above, below) = (self.number(bytes, at, 4)?, self.number(bytes, at.checked_add(4)?, 4)?);
        (below != 0).then(|| above as f32 / below as f32)
    }
}

/// Whether the file is a TIFF with 64-bit offsets.
pub(crate) fn is_big_tiff(bytes: &[u8]) -> bool {
    Layout::of(bytes).is_some_and(|layout| layout.big)
}

/// All directories in the file's order. A chain that breaks off or bites its tail ends there.
pub(crate) fn directories(bytes: &[u8], max_pages: u32) -> Result<Vec<Directory>, OpenError> {
    let damaged = OpenError::Damaged { reason: "the list of its images cannot be followed" };
    let layout = Layout::of(bytes).ok_or(damaged.clone())?;
    let (link, link_size) = layout.link();
    let mut next = layout.number(bytes, link, link_size);
    let mut found: Vec<Directory> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while let Some(offset) = next
        && offset != 0
        && layout.entries(bytes, offset).is_some()
        && seen.insert(offset)
    {
        if found.len() as u32 >= max_pages {
            return Err(OpenError::TooManyPages { pages: found.len() as u32 + 1, max_pages });
        }
        found.push(Directory { offset });
        next = layout.next(bytes, offset);
    }
    if found.is_empty() { Err(damaged) } else { Ok(found) }
}

impl Directory {
    /// The file's header as it would be if this directory were the first.
    pub(crate) fn header(self, bytes: &[u8]) -> Vec<u8> {
        let Some(layout) = Layout::of(bytes) else { return Vec::new() };
        let (at, size) = layout.link();
        let mut header = bytes[..at as usize].to_vec();
        if layout.little {
            header.extend(&self.offset.to_le_bytes()[..size]);
        } else {
            header.extend(&self.offset.to_be_bytes()[8 - size..]);
        }
        header
    }

    /// The resolution in pixels per inch, horizontal and vertical, if the directory states one.
    pub(crate) fn dpi(self, bytes: &[u8]) -> Option<(f32, f32)> {
        let layout = Layout::of(bytes)?;
        let unit = match layout
            .value_at(bytes, self.offset, RESOLUTION_UNIT)
            .and_then(|at| layout.number(bytes, at, 2))
        {
            Some(3) => 2.54,
            Some(1) => return None,
            _ => 1.0,
        };
        let x = layout.rational(bytes, self.offset, X_RESOLUTION)?;
        let y = layout.rational(bytes, self.offset, Y_RESOLUTION)?;
        Some((x * unit, y * unit))
    }
}
