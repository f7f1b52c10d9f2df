//! Images of a TIFF in the encodings of fax machines (ITU-T T.4: compressions 2 and 3), which `image` does not decode: it
//! knows Group 4 only. Reads the directory's entries and has the strips decoded.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};
use image::{ColorType, ImageDecoder, ImageResult, metadata::Orientation};

use super::tiff_directories::TiffDirectory;

const WIDTH_TAG: u64 = 256;
const HEIGHT_TAG: u64 = 257;
const COMPRESSION_TAG: u64 = 259;
const PHOTOMETRIC_TAG: u64 = 262;
const FILL_ORDER_TAG: u64 = 266;
const STRIP_OFFSETS_TAG: u64 = 273;
const ORIENTATION_TAG: u64 = 274;
const ROWS_PER_STRIP_TAG: u64 = 278;
const STRIP_BYTE_COUNTS_TAG: u64 = 279;
const T4_OPTIONS_TAG: u64 = 292;

/// Runs of one line after another, without marks of their ends.
const MODIFIED_HUFFMAN: u64 = 2;
const GROUP_3: u64 = 3;
/// The bit of the options that says that lines are encoded by what differs from the line before.
const TWO_DIMENSIONAL_BIT: u64 = 1;
/// 0 is black.
const BLACK_IS_ZERO: u64 = 1;
/// The lowest bit of a byte comes first.
const LOWEST_BIT_FIRST: u64 = 2;

/// An image of a TIFF in one of these encodings.
pub(crate) struct Group3Image<'b> {
    width: u32,
    height: u32,
    rows_per_strip: u32,
    strip_data: Vec<&'b [u8]>,
    settings: DecodeSettings,
    is_inverted: bool,
    has_lowest_bit_first: bool,
    orientation: Orientation,
}

impl<'b> Group3Image<'b> {
    /// The image of a directory, if it is in one of these encodings.
    pub(crate) fn from_directory(bytes: &'b [u8], directory: TiffDirectory) -> Option<Group3Image<'b>> {
        let uint = |tag| directory.uints(bytes, tag).and_then(|values| values.first().copied());
        let compression = uint(COMPRESSION_TAG)?;
        if ![MODIFIED_HUFFMAN, GROUP_3].contains(&compression) {
            return None;
        }
        let width = u32::try_from(uint(WIDTH_TAG)?).ok()?;
        let height = u32::try_from(uint(HEIGHT_TAG)?).ok()?;
        let offsets = directory.uints(bytes, STRIP_OFFSETS_TAG)?;
        let counts = directory.uints(bytes, STRIP_BYTE_COUNTS_TAG)?;
        // What is cut off is decoded as far as it goes.
        let strip = |(offset, count): (&u64, &u64)| {
            let begin = usize::try_from(*offset).ok()?.min(bytes.len());
            let end = begin.saturating_add(usize::try_from(*count).ok()?).min(bytes.len());
            Some(&bytes[begin..end])
        };
        let is_two_dimensional =
            compression == GROUP_3 && uint(T4_OPTIONS_TAG).unwrap_or(0) & TWO_DIMENSIONAL_BIT != 0;
        let rows_per_strip = uint(ROWS_PER_STRIP_TAG).and_then(|rows| u32::try_from(rows).ok());
        let orientation = uint(ORIENTATION_TAG).and_then(|value| u8::try_from(value).ok());
        Some(Group3Image {
            width,
            height,
            rows_per_strip: rows_per_strip.unwrap_or(height).clamp(1, height.max(1)),
            strip_data: offsets.iter().zip(&counts).map(strip).collect::<Option<_>>()?,
            settings: DecodeSettings {
                columns: width,
                rows: 0,
                end_of_block: compression == GROUP_3,
                end_of_line: compression == GROUP_3,
                rows_are_byte_aligned: compression == MODIFIED_HUFFMAN,
                encoding: if is_two_dimensional { EncodingMode::Group3_2D } else { EncodingMode::Group3_1D },
                strict: false,
            },
            is_inverted: uint(PHOTOMETRIC_TAG) == Some(BLACK_IS_ZERO),
            has_lowest_bit_first: uint(FILL_ORDER_TAG) == Some(LOWEST_BIT_FIRST),
            orientation: orientation.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms),
        })
    }
}

impl ImageDecoder for Group3Image<'_> {
    fn dimensions(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn color_type(&self) -> ColorType {
        ColorType::L8
    }

    fn orientation(&mut self) -> ImageResult<Orientation> {
        Ok(self.orientation)
    }

    /// Decodes each strip as far as it can be decoded. What is missing is white.
    fn read_image(self, pixels: &mut [u8]) -> ImageResult<()> {
        pixels.fill(u8::MAX);
        let width = (self.width as usize).max(1);
        let strip_length = width * self.rows_per_strip as usize;
        for (data, pixels) in self.strip_data.iter().zip(pixels.chunks_mut(strip_length)) {
            let mut settings = self.settings;
            settings.rows = (pixels.len() / width) as u32;
            let mut rows = Rows { rows: pixels.chunks_exact_mut(width) };
            let reversed: Vec<u8>;
            let data = if self.has_lowest_bit_first {
                reversed = data.iter().map(|byte| byte.reverse_bits()).collect();
                &reversed
            } else {
                *data
            };
            // The rows before an error have been decoded.
            let _error = hayro_ccitt::decode(data, &mut rows, &mut DecoderContext::new(settings));
        }
        if self.is_inverted {
            pixels.iter_mut().for_each(|pixel| *pixel = !*pixel);
        }
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, pixels: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(pixels)
    }
}

/// The rows of a strip that are not decoded yet.
struct Rows<'p> {
    rows: std::slice::ChunksExactMut<'p, u8>,
}

impl Decoder for Rows<'_> {
    fn push_row(&mut self, changes: &[u32]) {
        const BLACK: u8 = 0;
        let Some(row) = self.rows.next() else { return };
        for run in changes.chunks(2) {
            let end = run.get(1).map_or(row.len(), |end| *end as usize).min(row.len());
            row[(run[0] as usize).min(end)..end].fill(BLACK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::tiff_directories::find_directories;

    /// Packs bits, the highest of each byte first.
    fn pack(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(u8::is_ascii_digit).map(|bit| bit - b'0').collect();
        bits.chunks(8).map(|byte| byte.iter().enumerate().map(|(at, bit)| bit << (7 - at)).sum()).collect()
    }

    /// A TIFF of one strip, 16 pixels wide and 3 high.
    fn tiff(compression: u16, fill_order: u16, photometric: u16, strip: &[u8]) -> Vec<u8> {
        let entries: [(u16, u16, u32); 8] = [
            (256, 3, 16),
            (257, 3, 3),
            (259, 3, compression.into()),
            (262, 3, photometric.into()),
            (266, 3, fill_order.into()),
            (273, 4, 8 + 2 + 8 * 12 + 4),
            (278, 4, u32::MAX),
            (279, 4, strip.len() as u32),
        ];
        let mut file = b"II\x2a\0\x08\0\0\0\x08\0".to_vec();
        for (tag, kind, value) in entries {
            file.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            file.extend([1u32.to_le_bytes(), value.to_le_bytes()].concat());
        }
        file.extend([0; 4]);
        file.extend(strip);
        file
    }

    fn rows(file: &[u8]) -> Vec<String> {
        let directories = find_directories(file, 10).expect("a directory");
        let image = Group3Image::from_directory(file, directories[0]).expect("a fax encoding");
        assert_eq!(image.dimensions(), (16, 3));
        let mut pixels = vec![7; 48];
        image.read_image(&mut pixels).expect("decodes");
        let mark = |pixel: &u8| if *pixel == 0 { '#' } else { '.' };
        pixels.chunks(16).map(|row| row.iter().map(mark).collect()).collect()
    }

    /// Eight white, three black and five white pixels; then only white ones.
    const RUNS: [&str; 2] = ["10011 10 1100", "101010"];
    const EXPECTED: [&str; 3] = ["........###.....", "................", "........###....."];

    #[test]
    fn group_3_is_decoded_in_both_bit_orders_and_polarities() {
        let end_of_line = "000000000001";
        let [mixed, white] = RUNS;
        let lines = [mixed, white, mixed].map(|line| format!("{end_of_line} {line}")).concat();
        let strip = pack(&format!("{lines} {}", end_of_line.repeat(6)));
        assert_eq!(rows(&tiff(3, 1, 0, &strip)), EXPECTED);
        let reversed: Vec<u8> = strip.iter().map(|byte| byte.reverse_bits()).collect();
        assert_eq!(rows(&tiff(3, 2, 0, &reversed)), EXPECTED);
        assert_eq!(rows(&tiff(3, 1, 1, &strip))[1], "################");
    }

    #[test]
    fn lines_without_marks_begin_at_bytes() {
        let strip = [RUNS[0], RUNS[1], RUNS[0]].map(pack).concat();
        assert_eq!(rows(&tiff(2, 1, 0, &strip)), EXPECTED);
    }

    #[test]
    fn strip_that_breaks_off_keeps_its_first_lines() {
        let [mixed, _] = RUNS;
        let strip = pack(&format!("000000000001 {mixed} 000000000001 10011"));
        let rows = rows(&tiff(3, 1, 0, &strip));
        assert_eq!((&*rows[0], &*rows[2]), (EXPECTED[0], "................"));
    }
}
