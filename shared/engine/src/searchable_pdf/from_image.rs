//! Image files as PDFs: each image becomes a page of the size that its resolution gives, with its text layer.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
};

use flate2::{Compression, write::ZlibEncoder};
use hayro::kurbo::Affine;
use image::{DynamicImage, ImageDecoder as _, metadata::Orientation};
use sha2::{Digest as _, Sha256};

use super::{
    cid_font::CidMap,
    objects::{ObjectId, ObjectWriter, XrefFormat, reference},
    text_layer,
};
use maneiro_page::Page;

use crate::{error::NotWritable, input::ImageFile, limits::Limits};

const FONT_NAME: &str = "Text";
const UNDECODABLE: NotWritable = NotWritable::Damaged { reason: "one of its images cannot be decoded" };
const WRITE_FAILED: NotWritable = NotWritable::Damaged { reason: "its PDF cannot be written" };

/// Writes an image file as a PDF.
pub(super) struct ImagePdfWriter<'d> {
    file: &'d ImageFile,
    limits: &'d Limits,
    objects: ObjectWriter,
    cids: CidMap,
    catalog: ObjectId,
    page_tree: ObjectId,
    font: ObjectId,
    pages: BTreeMap<u32, ObjectId>,
    has_text_layer: bool,
}

impl<'d> ImagePdfWriter<'d> {
    pub(super) fn new(file: &'d ImageFile, limits: &'d Limits) -> ImagePdfWriter<'d> {
        let mut objects = ObjectWriter::new(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), 0, 1);
        let [catalog, page_tree, font] = std::array::from_fn(|_| objects.reserve_id());
        ImagePdfWriter {
            file,
            limits,
            objects,
            cids: CidMap::default(),
            catalog,
            page_tree,
            font,
            pages: BTreeMap::new(),
            has_text_layer: false,
        }
    }

    /// Writes the image with the page's number, and the page's words over it.
    pub(super) fn add(&mut self, page: &Page) -> Result<(), NotWritable> {
        if page.number == 0 || page.number > self.file.page_count() || self.pages.contains_key(&page.number) {
            return Ok(());
        }
        let to_user_space = Affine::new([1.0, 0.0, 0.0, -1.0, 0.0, f64::from(page.height)]);
        let text_layer = text_layer::content_stream(page, &[], to_user_space, FONT_NAME, &mut self.cids);
        self.has_text_layer |= text_layer.is_some();
        self.write_page(page.number, &text_layer.unwrap_or_default())
    }

    /// The PDF, including the images whose pages were not added; an error if no page has a text layer.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, NotWritable> {
        if !self.has_text_layer {
            return Err(NotWritable::NothingRecognised);
        }
        for number in 1..=self.file.page_count() {
            if !self.pages.contains_key(&number) {
                self.write_page(number, &[])?;
            }
        }
        let ImagePdfWriter { mut objects, cids, catalog, page_tree, font, pages, .. } = self;
        let kids: Vec<String> = pages.values().map(|page| reference(*page)).collect();
        let catalog_entries = format!("<< /Type /Catalog /Pages {} >>", reference(page_tree));
        objects.write_object(catalog, catalog_entries.as_bytes());
        let tree_entries = format!("<< /Type /Pages /Count {} /Kids [{}] >>", kids.len(), kids.join(" "));
        objects.write_object(page_tree, tree_entries.as_bytes());
        cids.write_font(&mut objects, font).map_err(|_| WRITE_FAILED)?;
        let id = hex::encode(&Sha256::digest(objects.bytes())[..16]);
        let trailer = format!("/Root {} /ID [<{id}> <{id}>]", reference(catalog));
        objects.finish(XrefFormat::Table, &trailer).map_err(|_| WRITE_FAILED)
    }

    fn write_page(&mut self, number: u32, text_layer: &[u8]) -> Result<(), NotWritable> {
        let [page, content, image] = std::array::from_fn(|_| self.objects.reserve_id());
        let (width, height, orientation) = self.write_image(number, image)?;
        let [a, b, c, d, e, f] = image_matrix(orientation, width, height);
        let mut operators = format!("q {a} {b} {c} {d} {e} {f} cm /Picture Do Q\n").into_bytes();
        operators.extend(text_layer);
        self.objects.write_deflated_stream(content, "", &operators).map_err(|_| WRITE_FAILED)?;
        let entries = format!(
            "<< /Type /Page /Parent {} /MediaBox [0 0 {width} {height}] /Contents {} \
             /Resources << /XObject << /Picture {} >> /Font << /{FONT_NAME} {} >> >> >>",
            reference(self.page_tree),
            reference(content),
            reference(image),
            reference(self.font)
        );
        self.objects.write_object(page, entries.as_bytes());
        self.pages.insert(number, page);
        Ok(())
    }

    /// Writes the image, and returns its size in points as shown and its orientation.
    fn write_image(&mut self, number: u32, id: ObjectId) -> Result<(f32, f32, Orientation), NotWritable> {
        let objects = &mut self.objects;
        let index = number as usize - 1;
        let mut decoder = self.file.decoder(index).map_err(|_| UNDECODABLE)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > self.limits.max_pixels || width == 0 || height == 0 {
            return Err(UNDECODABLE);
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let (page_width, page_height) = self.file.size_in_points(index, width, height);
        let header = format!("/Type /XObject /Subtype /Image /Width {width} /Height {height}");
        match self.file.jpeg_bytes().and_then(|jpeg| Some((jpeg, JpegFrame::parse(jpeg)?))) {
            Some((jpeg, frame)) => {
                let space = frame.color_space();
                objects.write_stream(
                    id,
                    &format!("{header} {space} /BitsPerComponent 8 /Filter /DCTDecode"),
                    jpeg,
                );
            }
            None => {
                let image = DynamicImage::from_decoder(decoder).map_err(|_| UNDECODABLE)?;
                write_lossless_image(objects, id, &header, image).map_err(|_| WRITE_FAILED)?;
            }
        }
        Ok(if is_sideways(orientation) {
            (page_height, page_width, orientation)
        } else {
            (page_width, page_height, orientation)
        })
    }
}

fn is_sideways(orientation: Orientation) -> bool {
    match orientation {
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
    }
}

/// The matrix that maps the image's unit square to a page of this size.
fn image_matrix(orientation: Orientation, w: f32, h: f32) -> [f32; 6] {
    match orientation {
        Orientation::NoTransforms => [w, 0.0, 0.0, h, 0.0, 0.0],
        Orientation::Rotate90 => [0.0, -h, w, 0.0, 0.0, h],
        Orientation::Rotate180 => [-w, 0.0, 0.0, -h, w, h],
        Orientation::Rotate270 => [0.0, h, -w, 0.0, w, 0.0],
        Orientation::FlipHorizontal => [-w, 0.0, 0.0, h, w, 0.0],
        Orientation::FlipVertical => [w, 0.0, 0.0, -h, 0.0, h],
        Orientation::Rotate90FlipH => [0.0, -h, -w, 0.0, w, h],
        Orientation::Rotate270FlipH => [0.0, h, w, 0.0, 0.0, 0.0],
    }
}

/// The colours of a JPEG.
struct JpegFrame {
    components: u8,
    /// Whether Adobe's software wrote it, which stores CMYK inverted.
    is_adobe: bool,
}

impl JpegFrame {
    /// Parses a JPEG that a PDF may embed: eight bits, Huffman-coded (ISO 32000-2, 7.4.8).
    fn parse(jpeg: &[u8]) -> Option<JpegFrame> {
        let mut at = 2;
        let mut is_adobe = false;
        loop {
            let [0xff, marker] = *jpeg.get(at..at + 2)? else { return None };
            if marker == 0xff {
                // Fill bytes may precede a marker.
                at += 1;
                continue;
            }
            let length = usize::from(u16::from_be_bytes(jpeg.get(at + 2..at + 4)?.try_into().ok()?));
            let body = jpeg.get(at + 4..(at + 2).checked_add(length)?)?;
            match marker {
                0xc0..=0xc2 => {
                    let (precision, components) = (*body.first()?, *body.get(5)?);
                    let is_supported = precision == 8 && matches!(components, 1 | 3 | 4);
                    return is_supported.then_some(JpegFrame { components, is_adobe });
                }
                0xee => is_adobe |= body.starts_with(b"Adobe"),
                // Another kind of frame, or the start of scan without a frame.
                0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xda => return None,
                _ => {}
            }
            at += 2 + length;
        }
    }

    fn color_space(&self) -> &'static str {
        match (self.components, self.is_adobe) {
            (1, _) => "/ColorSpace /DeviceGray",
            (4, true) => "/ColorSpace /DeviceCMYK /Decode [1 0 1 0 1 0 1 0]",
            (4, false) => "/ColorSpace /DeviceCMYK",
            _ => "/ColorSpace /DeviceRGB",
        }
    }
}

/// The layout of uncompressed samples.
#[derive(Clone, Copy)]
struct SampleLayout {
    width: usize,
    channels: usize,
    bits: usize,
}

/// Writes an image without loss.
fn write_lossless_image(
    objects: &mut ObjectWriter,
    id: ObjectId,
    header: &str,
    image: DynamicImage,
) -> io::Result<()> {
    let width = image.width() as usize;
    let has_alpha = image.color().has_alpha();
    let has_color = image.color().has_color();
    let is_deep = image.color().bits_per_pixel() / u16::from(image.color().channel_count()) > 8;
    let (bits, bytes) = match (is_deep, has_color, has_alpha) {
        (false, false, false) => (8, image.into_luma8().into_raw()),
        (false, false, true) => (8, image.into_luma_alpha8().into_raw()),
        (false, true, false) => (8, image.into_rgb8().into_raw()),
        (false, true, true) => (8, image.into_rgba8().into_raw()),
        (true, false, false) => (16, big_endian_samples(&image.into_luma16())),
        (true, false, true) => (16, big_endian_samples(&image.into_luma_alpha16())),
        (true, true, false) => (16, big_endian_samples(&image.into_rgb16())),
        (true, true, true) => (16, big_endian_samples(&image.into_rgba16())),
    };
    let color_channels = if has_color { 3 } else { 1 };
    let space = if has_color { "DeviceRGB" } else { "DeviceGray" };
    let layout = |channels, bits| SampleLayout { width, channels, bits };
    if !has_alpha {
        let header = format!("{header} /ColorSpace /{space}");
        let is_bilevel = !has_color && bits == 8 && bytes.iter().all(|byte| matches!(byte, 0 | 255));
        return if is_bilevel {
            write_samples(objects, id, &header, &pack_bilevel(&bytes, width), layout(1, 1))
        } else {
            write_samples(objects, id, &header, &bytes, layout(color_channels, bits))
        };
    }
    // Colour and transparency are separate images.
    let sample_bytes = bits / 8;
    let (color, alpha): (Vec<&[u8]>, Vec<&[u8]>) = bytes
        .chunks_exact((color_channels + 1) * sample_bytes)
        .map(|pixel| pixel.split_at(color_channels * sample_bytes))
        .unzip();
    let mask = objects.reserve_id();
    let mask_header = format!("{header} /ColorSpace /DeviceGray");
    write_samples(objects, mask, &mask_header, &alpha.concat(), layout(1, bits))?;
    let header = format!("{header} /ColorSpace /{space} /SMask {}", reference(mask));
    write_samples(objects, id, &header, &color.concat(), layout(color_channels, bits))
}

/// Samples of 16 bits, the more significant byte first.
fn big_endian_samples<P: image::Pixel<Subpixel = u16>>(image: &image::ImageBuffer<P, Vec<u16>>) -> Vec<u8> {
    image.as_raw().iter().flat_map(|sample| sample.to_be_bytes()).collect()
}

/// Black and white at one bit each, every row beginning with its own byte.
fn pack_bilevel(bytes: &[u8], width: usize) -> Vec<u8> {
    let byte = |bits: &[u8]| bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | (bit & 1) << (7 - at));
    bytes.chunks_exact(width).flat_map(|row| row.chunks(8).map(byte)).collect()
}

/// Writes samples with the PNG predictor Up, compressed with Deflate (ISO 32000-2, 7.4.4.4).
fn write_samples(
    objects: &mut ObjectWriter,
    id: ObjectId,
    header: &str,
    samples: &[u8],
    SampleLayout { width, channels, bits }: SampleLayout,
) -> io::Result<()> {
    const UP: u8 = 2;
    let stride = (width * channels * bits).div_ceil(8);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let mut above = vec![0; stride];
    let mut row = vec![UP; stride + 1];
    for samples in samples.chunks_exact(stride) {
        for ((difference, sample), above) in row[1..].iter_mut().zip(samples).zip(&above) {
            *difference = sample.wrapping_sub(*above);
        }
        encoder.write_all(&row)?;
        above.copy_from_slice(samples);
    }
    let entries = format!(
        "{header} /BitsPerComponent {bits} /Filter /FlateDecode \
         /DecodeParms << /Predictor 12 /Colors {channels} /BitsPerComponent {bits} /Columns {width} >>"
    );
    objects.write_stream(id, &entries, &encoder.finish()?);
    Ok(())
}
