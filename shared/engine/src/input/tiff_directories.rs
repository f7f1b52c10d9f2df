//! The chain of image file directories in a TIFF, one for each page. Only finds them; `image` decodes them.

use crate::error::DocumentError;

/// The directory of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TiffDirectory {
    offset: u64,
}

const X_RESOLUTION_TAG: u64 = 282;
const Y_RESOLUTION_TAG: u64 = 283;
const RESOLUTION_UNIT_TAG: u64 = 296;
/// Entries of one directory after these are ignored.
const MAX_ENTRIES: u64 = 4096;

/// The byte order and the size of offsets.
#[derive(Clone, Copy)]
struct TiffLayout {
    is_little_endian: bool,
    /// BigTIFF, with 64-bit offsets.
    is_big: bool,
}

impl TiffLayout {
    fn detect(bytes: &[u8]) -> Option<TiffLayout> {
        let is_little_endian = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let layout = TiffLayout { is_little_endian, is_big: false };
        match layout.read_uint(bytes, 2, 2)? {
            42 => Some(layout),
            43 => Some(TiffLayout { is_big: true, ..layout }),
            _ => None,
        }
    }

    /// The unsigned integer in `size` bytes at `at`.
    fn read_uint(self, bytes: &[u8], at: u64, size: usize) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let digits = bytes.get(at..at.checked_add(size)?)?;
        let fold = |number: u64, digit: &u8| number << 8 | u64::from(*digit);
        Some(if self.is_little_endian {
            digits.iter().rev().fold(0, fold)
        } else {
            digits.iter().fold(0, fold)
        })
    }

    /// The header's field that holds the offset of the first directory: its position and its size.
    fn first_offset_field(self) -> (u64, usize) {
        if self.is_big { (8, 8) } else { (4, 4) }
    }

    /// The offset of the first entry, the number of entries, and the size of an entry.
    fn entries(self, bytes: &[u8], directory: u64) -> Option<(u64, u64, u64)> {
        let (count_size, entry_size) = if self.is_big { (8, 20) } else { (2, 12) };
        let count = self.read_uint(bytes, directory, count_size)?;
        Some((directory.checked_add(count_size as u64)?, count, entry_size))
    }

    /// The offset of the next directory; 0 after the last.
    fn next_offset(self, bytes: &[u8], directory: u64) -> Option<u64> {
        let (first, count, size) = self.entries(bytes, directory)?;
        self.read_uint(bytes, first.checked_add(count.checked_mul(size)?)?, self.first_offset_field().1)
    }

    /// The offset of the value field of the entry with this tag.
    fn value_field(self, bytes: &[u8], directory: u64, tag: u64) -> Option<u64> {
        let (first, count, size) = self.entries(bytes, directory)?;
        let entry = (0..count.min(MAX_ENTRIES))
            .map(|n| first + n * size)
            .find(|at| self.read_uint(bytes, *at, 2) == Some(tag))?;
        Some(entry + if self.is_big { 12 } else { 8 })
    }

    /// The unsigned integers of the entry with this tag, of 16, 32 or 64 bits.
    fn uints(self, bytes: &[u8], directory: u64, tag: u64) -> Option<Vec<u64>> {
        let field = self.value_field(bytes, directory, tag)?;
        let size = if self.is_big { 8 } else { 4 };
        let count = self.read_uint(bytes, field - size, size as usize)?;
        let width: u64 = match self.read_uint(bytes, field - size - 2, 2)? {
            3 => 2,
            4 => 4,
            16 => 8,
            _ => return None,
        };
        // No more values than the file has room for.
        let length = count.checked_mul(width).filter(|length| *length <= bytes.len() as u64)?;
        let at = if length <= size { field } else { self.read_uint(bytes, field, size as usize)? };
        (0..count)
            .map(|index| self.read_uint(bytes, at.checked_add(index * width)?, width as usize))
            .collect()
    }

    /// The rational number (two 32-bit integers) of the entry with this tag.
    fn rational(self, bytes: &[u8], directory: u64, tag: u64) -> Option<f32> {
        let field = self.value_field(bytes, directory, tag)?;
        // Eight bytes fit into the field of a BigTIFF; a classic one holds their offset.
        let at = if self.is_big { field } else { self.read_uint(bytes, field, 4)? };
        let (numerator, denominator) =
            (self.read_uint(bytes, at, 4)?, self.read_uint(bytes, at.checked_add(4)?, 4)?);
        (denominator != 0).then(|| numerator as f32 / denominator as f32)
    }
}

/// Whether the file is a TIFF with 64-bit offsets.
pub(crate) fn is_big_tiff(bytes: &[u8]) -> bool {
    TiffLayout::detect(bytes).is_some_and(|layout| layout.is_big)
}

/// All directories in the file's order. A chain that is cut off or loops ends there.
pub(crate) fn find_directories(bytes: &[u8], max_pages: u32) -> Result<Vec<TiffDirectory>, DocumentError> {
    let damaged = DocumentError::Damaged { reason: "the list of its images cannot be followed" };
    let layout = TiffLayout::detect(bytes).ok_or(damaged.clone())?;
    let (field, field_size) = layout.first_offset_field();
    let mut next = layout.read_uint(bytes, field, field_size);
    let mut directories: Vec<TiffDirectory> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while let Some(offset) = next
        && offset != 0
        && layout.entries(bytes, offset).is_some()
        && seen.insert(offset)
    {
        if directories.len() as u32 >= max_pages {
            return Err(DocumentError::TooManyPages { pages: directories.len() as u32 + 1, max_pages });
        }
        directories.push(TiffDirectory { offset });
        next = layout.next_offset(bytes, offset);
    }
    if directories.is_empty() { Err(damaged) } else { Ok(directories) }
}

impl TiffDirectory {
    /// The unsigned integers of the entry with this tag.
    pub(crate) fn uints(self, bytes: &[u8], tag: u64) -> Option<Vec<u64>> {
        TiffLayout::detect(bytes)?.uints(bytes, self.offset, tag)
    }

    /// The file's header as it would be if this directory were the first.
    pub(crate) fn header(self, bytes: &[u8]) -> Vec<u8> {
        let Some(layout) = TiffLayout::detect(bytes) else { return Vec::new() };
        let (field, field_size) = layout.first_offset_field();
        let mut header = bytes[..field as usize].to_vec();
        if layout.is_little_endian {
            header.extend(&self.offset.to_le_bytes()[..field_size]);
        } else {
            header.extend(&self.offset.to_be_bytes()[8 - field_size..]);
        }
        header
    }

    /// The resolution in pixels per inch, horizontal and vertical, if the directory states one.
    pub(crate) fn dpi(self, bytes: &[u8]) -> Option<(f32, f32)> {
        let layout = TiffLayout::detect(bytes)?;
        let pixels_per_unit_to_dpi = match layout
            .value_field(bytes, self.offset, RESOLUTION_UNIT_TAG)
            .and_then(|at| layout.read_uint(bytes, at, 2))
        {
            // Per centimetre.
            Some(3) => 2.54,
            // Without a unit.
            Some(1) => return None,
            _ => 1.0,
        };
        let x = layout.rational(bytes, self.offset, X_RESOLUTION_TAG)?;
        let y = layout.rational(bytes, self.offset, Y_RESOLUTION_TAG)?;
        Some((x * pixels_per_unit_to_dpi, y * pixels_per_unit_to_dpi))
    }
}
