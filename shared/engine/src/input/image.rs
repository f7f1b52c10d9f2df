//! PNG, JPEG and TIFF files as documents: finding their pages, their size in points, and their pixels in gray.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use image::{
    DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader,
    codecs::{png::PngDecoder, tiff::TiffDecoder},
    imageops,
    metadata::Orientation,
};
use sha2::{Digest, Sha256};

use super::{resolution, tiff_directories};
use crate::{
    document::{Bytes, Finding, Limits, Looked, Pixels, Scan},
    error::{OpenError, PageError},
    layout::merge_layers::Known,
};

/// An image file: one page, or in a TIFF as many as it has images.
pub(crate) struct ImageFile {
    bytes: Bytes,
    kind: Kind,
}

enum Kind {
    Png,
    Jpeg,
    Tiff { directories: Vec<tiff_directories::Directory> },
}

impl ImageFile {
    pub(crate) fn open(bytes: Bytes, max_pages: u32) -> Result<ImageFile, OpenError> {
        let kind = match image::guess_format(&bytes) {
            Ok(ImageFormat::Png) => Kind::Png,
            Ok(ImageFormat::Jpeg) => Kind::Jpeg,
            Ok(ImageFormat::Tiff) => {
                Kind::Tiff { directories: tiff_directories::directories(&bytes, max_pages)? }
            }
            // BigTIFF has another version number, which the guess above does not know.
            _ if tiff_directories::is_big_tiff(&bytes) => {
                Kind::Tiff { directories: tiff_directories::directories(&bytes, max_pages)? }
            }
            _ => return Err(OpenError::NotAPageFile),
        };
        let file = ImageFile { bytes, kind };
        // A file whose first header cannot be read has nothing to offer; later pages may fail one by one.
        if !matches!(file.kind, Kind::Tiff { .. }) && file.decoder(0).is_err() {
            return Err(OpenError::Damaged { reason: "the image's header cannot be read" });
        }
        Ok(file)
    }

    pub(crate) fn page_count(&self) -> u32 {
        match &self.kind {
            Kind::Png | Kind::Jpeg => 1,
            Kind::Tiff { directories } => directories.len() as u32,
        }
    }

    pub(crate) fn look(&self, number: u32, limits: &Limits) -> Result<Looked<'_>, PageError> {
        let index = number as usize - 1;
        let mut decoder = self
            .decoder(index)
            .map_err(|_| PageError::Damaged { reason: "the image's header cannot be read" })?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > limits.max_pixels {
            return Err(PageError::TooLarge { width, height, max_pixels: limits.max_pixels });
        }
        if width == 0 || height == 0 {
            return Err(PageError::Damaged { reason: "the image has no pixels" });
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let image = DynamicImage::from_decoder(decoder).map_err(|error| match error {
            ImageError::Unsupported(_) => {
                PageError::Damaged { reason: "the image is stored in a way that cannot be decoded" }
            }
            _ => PageError::Damaged { reason: "the image breaks off or cannot be decoded" },
        })?;
        let mut gray = gray_on_white(image);
        let dpi = make_square(&mut gray, self.dpi(index, width, height));
        let mut image = DynamicImage::ImageLuma8(gray);
        image.apply_orientation(orientation);
        let gray = image.into_luma8();
        let (width, height) = (gray.width() as f32 * 72.0 / dpi, gray.height() as f32 * 72.0 / dpi);
        let fingerprint = Sha256::new()
            .chain_update(gray.width().to_le_bytes())
            .chain_update(width.to_le_bytes())
            .chain_update(height.to_le_bytes())
            .chain_update(gray.as_raw())
            .finalize()
            .into();
        let scan = Scan { number, width, height, pixels: Pixels::Ready(gray), known: Known::default() };
        Ok(Looked { number, width, height, fingerprint, finding: Finding::Scan(scan) })
    }

    /// A decoder that has read the header of the image at `index`.
    pub(crate) fn decoder(&self, index: usize) -> Result<Box<dyn ImageDecoder + '_>, ImageError> {
        match &self.kind {
            Kind::Png => {
                Ok(Box::new(PngDecoder::with_limits(Cursor::new(&self.bytes[..]), beside_pixels())?))
            }
            Kind::Jpeg => Ok(Box::new(
                ImageReader::with_format(Cursor::new(&self.bytes[..]), ImageFormat::Jpeg).into_decoder()?,
            )),
            Kind::Tiff { directories } => Ok(Box::new(TiffDecoder::new(Patched::new(
                &self.bytes,
                directories[index].header(&self.bytes),
            ))?)),
        }
    }

    /// The whole file, if it is a JPEG.
    pub(crate) fn jpeg(&self) -> Option<&[u8]> {
        match self.kind {
            Kind::Jpeg => Some(&self.bytes),
            Kind::Png | Kind::Tiff { .. } => None,
        }
    }

    /// The size in points of the image at `index`, which has so many pixels, before it is turned.
    pub(crate) fn points(&self, index: usize, width: u32, height: u32) -> (f32, f32) {
        let (mut x, mut y) = self.dpi(index, width, height);
        if !is_oblong(x, y) {
            (x, y) = (x.max(y), x.max(y));
        }
        (width as f32 * 72.0 / x, height as f32 * 72.0 / y)
    }

    /// The resolution that the file states, horizontal and vertical, if it is one a page can have; else a guess.
    fn dpi(&self, index: usize, width: u32, height: u32) -> (f32, f32) {
        let stated = match &self.kind {
            Kind::Png => resolution::of_png(&self.bytes),
            Kind::Jpeg => resolution::of_jpeg(&self.bytes),
            Kind::Tiff { directories } => directories[index].dpi(&self.bytes),
        };
        stated
            .filter(|dpi| resolution::is_plausible(dpi.0) && resolution::is_plausible(dpi.1))
            .unwrap_or_else(|| resolution::guess(width, height))
    }
}

/// What a PNG may hold beside its pixels: 16 MiB, as a colour profile can be packed to unpack to gigabytes.
fn beside_pixels() -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(16 << 20);
    limits
}

/// Whether pixels of these resolutions are oblong, as those of faxes are (204 by 98). Beyond a factor of four the file
/// is mistaken about one of them.
fn is_oblong(x: f32, y: f32) -> bool {
    (x / y - 1.0).abs() > 0.05 && (0.25..=4.0).contains(&(x / y))
}

/// Stretches an image of oblong pixels to the higher resolution; says which that is.
fn make_square(gray: &mut GrayImage, (x, y): (f32, f32)) -> f32 {
    let dpi = x.max(y);
    if is_oblong(x, y) {
        let side = |pixels: u32, own: f32| (pixels as f32 * dpi / own).round() as u32;
        let (width, height) = (side(gray.width(), x), side(gray.height(), y));
        *gray = imageops::resize(gray, width, height, imageops::FilterType::Triangle);
    }
    dpi
}

/// The image in gray, on white paper where it is transparent.
fn gray_on_white(image: DynamicImage) -> GrayImage {
    if !image.color().has_alpha() {
        return image.into_luma8();
    }
    let with_alpha = image.into_luma_alpha8();
    GrayImage::from_fn(with_alpha.width(), with_alpha.height(), |x, y| {
        let [luma, alpha] = with_alpha.get_pixel(x, y).0.map(u32::from);
        image::Luma([((luma * alpha + 255 * (255 - alpha)) / 255) as u8])
    })
}

/// Bytes whose first few are replaced: `image` decodes the directory that a TIFF's header names, and so it can be
/// shown any directory of the file without a copy of the file.
struct Patched<'a> {
    bytes: &'a [u8],
    head: Vec<u8>,
    at: u64,
}

impl<'a> Patched<'a> {
    fn new(bytes: &'a [u8], head: Vec<u8>) -> Self {
        Self { bytes, head, at: 0 }
    }
}

impl Read for Patched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Patched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let at = usize::try_from(self.at).unwrap_or(usize::MAX);
        Ok(self
            .head
            .get(at..)
            .filter(|rest| !rest.is_empty())
            .unwrap_or_else(|| self.bytes.get(at..).unwrap_or_default()))
    }

    fn consume(&mut self, count: usize) {
        self.at += count as u64;
    }
}

impl Seek for Patched<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(delta) => (self.bytes.len() as u64).checked_add_signed(delta),
            SeekFrom::Current(delta) => self.at.checked_add_signed(delta),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, Crc, write::ZlibEncoder};

    use super::*;

    /// A PNG of one pixel with a colour profile of so many MiB.
    fn with_profile(mib: usize) -> Vec<u8> {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        for _ in 0..mib {
            packer.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let profile = [&b"iCCPname\0\0"[..], &packer.finish().unwrap()].concat();
        let mut crc = Crc::new();
        crc.update(&profile);
        let length = profile.len() as u32 - 4;
        let chunk = [&length.to_be_bytes(), &profile[..], &crc.sum().to_be_bytes()].concat();
        let mut png = Vec::new();
        GrayImage::new(1, 1).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        // Between the header and the pixels.
        png.splice(33..33, chunk);
        png
    }

    #[test]
    fn a_pngs_colour_profile_is_not_unpacked_beyond_measure() {
        for (mib, is_kept) in [(1, true), (64, false)] {
            let file = ImageFile::open(Bytes::of(with_profile(mib)), 1).unwrap();
            assert_eq!(file.decoder(0).unwrap().icc_profile().unwrap().is_some(), is_kept, "{mib} MiB");
            assert!(file.look(1, &Limits::default()).is_ok());
        }
    }
}
