//! PNG, JPEG and TIFF files as documents: their pages, page sizes in points, and pixels in gray.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use image::{
    DynamicImage, GrayImage, ImageBuffer, ImageDecoder, ImageError, ImageFormat, ImageReader, Pixel,
    RgbImage,
    codecs::{png::PngDecoder, tiff::TiffDecoder},
    imageops,
    metadata::Orientation,
};
use maneiro_page::BBox;
use sha2::{Digest, Sha256};

use super::{group3_tiff::Group3Image, resolution, tiff_directories};
use crate::{
    error::{DocumentError, PageError},
    inspection::{Finding, PageInspection, Scan, ScanPixels},
    layout::merge_layers::TextLayerContent,
    limits::Limits,
    source::SourceBytes,
};

/// An image file: one page, or one for each image of a TIFF.
pub(crate) struct ImageFile {
    bytes: SourceBytes,
    format: ImageFileFormat,
}

enum ImageFileFormat {
    Png,
    Jpeg,
    Tiff { directories: Vec<tiff_directories::TiffDirectory> },
}

impl ImageFile {
    pub(crate) fn open(bytes: SourceBytes, max_pages: u32) -> Result<ImageFile, DocumentError> {
        let format = match image::guess_format(&bytes) {
            Ok(ImageFormat::Png) => ImageFileFormat::Png,
            Ok(ImageFormat::Jpeg) => ImageFileFormat::Jpeg,
            Ok(ImageFormat::Tiff) => {
                ImageFileFormat::Tiff { directories: tiff_directories::find_directories(&bytes, max_pages)? }
            }
            // `guess_format` does not know the version number of BigTIFF.
            _ if tiff_directories::is_big_tiff(&bytes) => {
                ImageFileFormat::Tiff { directories: tiff_directories::find_directories(&bytes, max_pages)? }
            }
            _ => return Err(DocumentError::UnsupportedFormat),
        };
        let file = ImageFile { bytes, format };
        // In a TIFF each page may fail by itself; any other file has only one header.
        if !matches!(file.format, ImageFileFormat::Tiff { .. }) && file.decoder(0).is_err() {
            return Err(DocumentError::Damaged { reason: "the image's header cannot be read" });
        }
        Ok(file)
    }

    pub(crate) fn page_count(&self) -> u32 {
        match &self.format {
            ImageFileFormat::Png | ImageFileFormat::Jpeg => 1,
            ImageFileFormat::Tiff { directories } => directories.len() as u32,
        }
    }

    pub(crate) fn inspect(&self, number: u32, limits: &Limits) -> Result<PageInspection<'_>, PageError> {
        let (image, orientation, dpi) = self.decode(number as usize - 1, limits)?;
        let mut gray = flatten_to_gray(image);
        let dpi = resample_to_square_pixels(&mut gray, dpi);
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
        let scan = Scan {
            number,
            width,
            height,
            pixels: ScanPixels::Decoded(gray),
            text_layer: TextLayerContent::default(),
        };
        Ok(PageInspection { number, width, height, fingerprint, finding: Finding::Scan(scan) })
    }

    /// The page as shown, or the part of it in `area`, in colours and `width_px` wide; and the size of the page in points.
    pub(crate) fn render(
        &self,
        number: u32,
        area: Option<BBox>,
        width_px: u16,
        limits: &Limits,
    ) -> Result<(RgbImage, (f32, f32)), PageError> {
        let (image, orientation, dpi) = self.decode(number as usize - 1, limits)?;
        let mut colours = flatten_to_colours(image);
        let dpi = resample_to_square_pixels(&mut colours, dpi);
        let mut image = DynamicImage::ImageRgb8(colours);
        image.apply_orientation(orientation);
        let (width, height) = (image.width() as f32 * 72.0 / dpi, image.height() as f32 * 72.0 / dpi);
        if let Some(area) = area.map(|area| area.clamp_to_page(width, height)) {
            let [x, y, right, bottom] =
                [area.x0, area.y0, area.x1, area.y1].map(|points| (points * dpi / 72.0).round() as u32);
            image = image.crop_imm(x, y, right.saturating_sub(x).max(1), bottom.saturating_sub(y).max(1));
        }
        let rows = f64::from(image.height()) * f64::from(width_px) / f64::from(image.width().max(1));
        let rows = rows.round().clamp(1.0, f64::from(u16::MAX)) as u32;
        Ok((image.thumbnail_exact(width_px.into(), rows).into_rgb8(), (width, height)))
    }

    /// The pixels of an image before its orientation is applied, and its resolution.
    fn decode(
        &self,
        index: usize,
        limits: &Limits,
    ) -> Result<(DynamicImage, Orientation, (f32, f32)), PageError> {
        let mut decoder = self
            .decoder(index)
            .map_err(|_| PageError::Damaged { reason: "the image's header cannot be read" })?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > limits.max_pixels {
            return Err(PageError::ImageTooLarge { width, height, max_pixels: limits.max_pixels });
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
        Ok((image, orientation, self.dpi(index, width, height)))
    }

    /// A decoder that has read the header of the image at `index`.
    pub(crate) fn decoder(&self, index: usize) -> Result<Box<dyn ImageDecoder + '_>, ImageError> {
        match &self.format {
            ImageFileFormat::Png => {
                Ok(Box::new(PngDecoder::with_limits(Cursor::new(&self.bytes[..]), png_limits())?))
            }
            ImageFileFormat::Jpeg => Ok(Box::new(
                ImageReader::with_format(Cursor::new(&self.bytes[..]), ImageFormat::Jpeg).into_decoder()?,
            )),
            ImageFileFormat::Tiff { directories } => {
                if let Some(image) = Group3Image::from_directory(&self.bytes, directories[index]) {
                    return Ok(Box::new(image));
                }
                let header = directories[index].header(&self.bytes);
                Ok(Box::new(TiffDecoder::new(WithHeader::new(&self.bytes, header))?))
            }
        }
    }

    /// The bytes of the file, if it is a JPEG.
    pub(crate) fn jpeg_bytes(&self) -> Option<&[u8]> {
        match self.format {
            ImageFileFormat::Jpeg => Some(&self.bytes),
            ImageFileFormat::Png | ImageFileFormat::Tiff { .. } => None,
        }
    }

    /// The size in points of the image at `index`, given its size in pixels, before its orientation is applied.
    pub(crate) fn size_in_points(&self, index: usize, width: u32, height: u32) -> (f32, f32) {
        let (mut x, mut y) = self.dpi(index, width, height);
        if !has_oblong_pixels(x, y) {
            (x, y) = (x.max(y), x.max(y));
        }
        (width as f32 * 72.0 / x, height as f32 * 72.0 / y)
    }

    /// The stated resolution, horizontal and vertical, if a page can have been scanned at it; else a guess.
    fn dpi(&self, index: usize, width: u32, height: u32) -> (f32, f32) {
        let stated = match &self.format {
            ImageFileFormat::Png => resolution::png_dpi(&self.bytes),
            ImageFileFormat::Jpeg => resolution::jpeg_dpi(&self.bytes),
            ImageFileFormat::Tiff { directories } => directories[index].dpi(&self.bytes),
        };
        stated
            .filter(|dpi| resolution::is_plausible_dpi(dpi.0) && resolution::is_plausible_dpi(dpi.1))
            .unwrap_or_else(|| resolution::guess_dpi(width, height))
    }
}

/// The most memory for what a PNG holds besides its pixels: a colour profile can be compressed to inflate to gigabytes.
const MAX_METADATA_BYTES: u64 = 16 << 20;

fn png_limits() -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(MAX_METADATA_BYTES);
    limits
}

/// Pixels are square if their resolutions differ by at most this.
const MAX_SQUARE_DIFFERENCE_RATIO: f32 = 0.05;
/// If the resolutions differ by more than this, one of them is taken as an error of the file.
const MAX_ASPECT_RATIO: f32 = 4.0;

/// Whether pixels of these resolutions are not square, such as those of faxes (204 by 98 dpi).
fn has_oblong_pixels(x_dpi: f32, y_dpi: f32) -> bool {
    let aspect = x_dpi / y_dpi;
    (aspect - 1.0).abs() > MAX_SQUARE_DIFFERENCE_RATIO
        && (1.0 / MAX_ASPECT_RATIO..=MAX_ASPECT_RATIO).contains(&aspect)
}

/// Stretches an image of oblong pixels to the higher of its resolutions, and returns that.
fn resample_to_square_pixels<P: Pixel<Subpixel = u8> + 'static>(
    image: &mut ImageBuffer<P, Vec<u8>>,
    (x, y): (f32, f32),
) -> f32 {
    let dpi = x.max(y);
    if has_oblong_pixels(x, y) {
        let side = |pixels: u32, side_dpi: f32| (pixels as f32 * dpi / side_dpi).round() as u32;
        let (width, height) = (side(image.width(), x), side(image.height(), y));
        *image = imageops::resize(image, width, height, imageops::FilterType::Triangle);
    }
    dpi
}

/// The image in gray, on white where it is transparent.
fn flatten_to_gray(image: DynamicImage) -> GrayImage {
    if !image.color().has_alpha() {
        return image.into_luma8();
    }
    let with_alpha = image.into_luma_alpha8();
    GrayImage::from_fn(with_alpha.width(), with_alpha.height(), |x, y| {
        let [luma, alpha] = with_alpha.get_pixel(x, y).0.map(u32::from);
        image::Luma([((luma * alpha + 255 * (255 - alpha)) / 255) as u8])
    })
}

/// The image in colours, on white where it is transparent.
fn flatten_to_colours(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let with_alpha = image.into_rgba8();
    RgbImage::from_fn(with_alpha.width(), with_alpha.height(), |x, y| {
        let [red, green, blue, alpha] = with_alpha.get_pixel(x, y).0.map(u32::from);
        image::Rgb([red, green, blue].map(|colour| ((colour * alpha + 255 * (255 - alpha)) / 255) as u8))
    })
}

/// A file with another header. `image` decodes the directory that a TIFF's header points at; with another header it
/// decodes any directory, without a copy of the file.
struct WithHeader<'a> {
    bytes: &'a [u8],
    header: Vec<u8>,
    position: u64,
}

impl<'a> WithHeader<'a> {
    fn new(bytes: &'a [u8], header: Vec<u8>) -> Self {
        Self { bytes, header, position: 0 }
    }
}

impl Read for WithHeader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for WithHeader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let at = usize::try_from(self.position).unwrap_or(usize::MAX);
        Ok(self
            .header
            .get(at..)
            .filter(|rest| !rest.is_empty())
            .unwrap_or_else(|| self.bytes.get(at..).unwrap_or_default()))
    }

    fn consume(&mut self, count: usize) {
        self.position += count as u64;
    }
}

impl Seek for WithHeader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(delta) => (self.bytes.len() as u64).checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, Crc, write::ZlibEncoder};

    use super::*;

    /// A PNG of one pixel with a colour profile of this size.
    fn with_profile(mib: usize) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        for _ in 0..mib {
            encoder.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let profile = [&b"iCCPname\0\0"[..], &encoder.finish().unwrap()].concat();
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
    fn png_colour_profile_above_the_limit_is_not_inflated() {
        for (mib, is_inflated) in [(1, true), (64, false)] {
            let file = ImageFile::open(SourceBytes::new(with_profile(mib)), 1).unwrap();
            assert_eq!(file.decoder(0).unwrap().icc_profile().unwrap().is_some(), is_inflated, "{mib} MiB");
            assert!(file.inspect(1, &Limits::default()).is_ok());
        }
    }
}
