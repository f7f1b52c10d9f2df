//! Image files as PDFs: each image a page of the size that its resolution gives, with its text layer.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
};

use flate2::{Compression, write::ZlibEncoder};
use hayro::kurbo::Affine;
use image::{DynamicImage, ImageDecoder as _, metadata::Orientation};
use sha2::{Digest as _, Sha256};

use super::{
    Unaltered,
    cid_font::Characters,
    objects::{Id, Objects, Table, reference},
    text_layer,
};
use maneiro_page::Page;

use crate::{document::Limits, input::ImageFile};

const FONT: &str = "Text";
const UNDECODED: Unaltered = Unaltered::Damaged { reason: "one of its images cannot be decoded" };
const NOT_WRITTEN: Unaltered = Unaltered::Damaged { reason: "its copy cannot be written" };

/// An image file that becomes a PDF.
pub(super) struct ImageCopy<'d> {
    file: &'d ImageFile,
    limits: &'d Limits,
    objects: Objects,
    characters: Characters,
    catalog: Id,
    tree: Id,
    font: Id,
    pages: BTreeMap<u32, Id>,
    has_layer: bool,
}

impl<'d> ImageCopy<'d> {
    pub(super) fn new(file: &'d ImageFile, limits: &'d Limits) -> ImageCopy<'d> {
        let mut objects = Objects::new(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), 0, 1);
        let [catalog, tree, font] = std::array::from_fn(|_| objects.reserve());
        let characters = Characters::default();
        let pages = BTreeMap::new();
        ImageCopy { file, limits, objects, characters, catalog, tree, font, pages, has_layer: false }
    }

    /// Writes the image with the page's number, and the page's words over it.
    pub(super) fn add(&mut self, page: &Page) -> Result<(), Unaltered> {
        if page.number == 0 || page.number > self.file.page_count() || self.pages.contains_key(&page.number) {
            return Ok(());
        }
        let to_user = Affine::new([1.0, 0.0, 0.0, -1.0, 0.0, f64::from(page.height)]);
        let layer = text_layer::content(page, &[], to_user, FONT, &mut self.characters);
        self.has_layer |= layer.is_some();
        self.put_page(page.number, &layer.unwrap_or_default())
    }

    /// The PDF, with those images too whose pages were not added; none if no image has got a layer.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, Unaltered> {
        if !self.has_layer {
            return Err(Unaltered::NothingRecognised);
        }
        for number in 1..=self.file.page_count() {
            if !self.pages.contains_key(&number) {
                self.put_page(number, &[])?;
            }
        }
        let ImageCopy { mut objects, characters, catalog, tree, font, pages, .. } = self;
        let kids: Vec<String> = pages.values().map(|page| reference(*page)).collect();
        objects.put(catalog, format!("<< /Type /Catalog /Pages {} >>", reference(tree)).as_bytes());
        let tree_entries = format!("<< /Type /Pages /Count {} /Kids [{}] >>", kids.len(), kids.join(" "));
        objects.put(tree, tree_entries.as_bytes());
        characters.put(&mut objects, font).map_err(|_| NOT_WRITTEN)?;
        let id: String =
            Sha256::digest(objects.bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let trailer = format!("/Root {} /ID [<{id}> <{id}>]", reference(catalog));
        objects.finish(Table::Plain, &trailer).map_err(|_| NOT_WRITTEN)
    }

    fn put_page(&mut self, number: u32, layer: &[u8]) -> Result<(), Unaltered> {
        let [page, content, picture] = std::array::from_fn(|_| self.objects.reserve());
        let (width, height, orientation) = self.put_picture(number, picture)?;
        let [a, b, c, d, e, f] = laid(orientation, width, height);
        let mut drawn = format!("q {a} {b} {c} {d} {e} {f} cm /Picture Do Q\n").into_bytes();
        drawn.extend(layer);
        self.objects.put_packed(content, "", &drawn).map_err(|_| NOT_WRITTEN)?;
        let entries = format!(
            "<< /Type /Page /Parent {} /MediaBox [0 0 {width} {height}] /Contents {} \
             /Resources << /XObject << /Picture {} >> /Font << /{FONT} {} >> >> >>",
            reference(self.tree),
            reference(content),
            reference(picture),
            reference(self.font)
        );
        self.objects.put(page, entries.as_bytes());
        self.pages.insert(number, page);
        Ok(())
    }

    /// Writes the image; its size in points as it is shown, and how it is to be turned for that.
    fn put_picture(&mut self, number: u32, picture: Id) -> Result<(f32, f32, Orientation), Unaltered> {
        let objects = &mut self.objects;
        let index = number as usize - 1;
        let mut decoder = self.file.decoder(index).map_err(|_| UNDECODED)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > self.limits.max_pixels || width == 0 || height == 0 {
            return Err(UNDECODED);
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let (across, down) = self.file.points(index, width, height);
        let header = format!("/Type /XObject /Subtype /Image /Width {width} /Height {height}");
        match self.file.jpeg().and_then(|jpeg| Some((jpeg, JpegFrame::of(jpeg)?))) {
            Some((jpeg, frame)) => {
                let space = frame.color_space();
                objects.put_stream(
                    picture,
                    &format!("{header} {space} /BitsPerComponent 8 /Filter /DCTDecode"),
                    jpeg,
                );
            }
            None => {
                let image = DynamicImage::from_decoder(decoder).map_err(|_| UNDECODED)?;
                put_lossless(objects, picture, &header, image).map_err(|_| NOT_WRITTEN)?;
            }
        }
        Ok(if is_sideways(orientation) { (down, across, orientation) } else { (across, down, orientation) })
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

/// Where the image's unit square goes on a page of this size.
fn laid(orientation: Orientation, w: f32, h: f32) -> [f32; 6] {
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

/// What a JPEG says of its colours.
struct JpegFrame {
    components: u8,
    /// Whether Adobe's software wrote it, which stores inks the other way round.
    is_adobe: bool,
}

impl JpegFrame {
    /// Of a JPEG as PDF knows it: eight bits, Huffman-coded (ISO 32000-2, 7.4.8).
    fn of(jpeg: &[u8]) -> Option<JpegFrame> {
        let mut at = 2;
        let mut is_adobe = false;
        loop {
            let [0xff, marker] = *jpeg.get(at..at + 2)? else { return None };
            if marker == 0xff {
                // Bytes of filling may stand before a marker.
                at += 1;
                continue;
            }
            let length = usize::from(u16::from_be_bytes(jpeg.get(at + 2..at + 4)?.try_into().ok()?));
            let body = jpeg.get(at + 4..(at + 2).checked_add(length)?)?;
            match marker {
                0xc0..=0xc2 => {
                    let (precision, components) = (*body.first()?, *body.get(5)?);
                    let is_known = precision == 8 && matches!(components, 1 | 3 | 4);
                    return is_known.then_some(JpegFrame { components, is_adobe });
                }
                0xee => is_adobe |= body.starts_with(b"Adobe"),
                // Another kind of frame, or the image's data without one.
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

/// Writes an image with all that it shows.
fn put_lossless(objects: &mut Objects, id: Id, header: &str, image: DynamicImage) -> io::Result<()> {
    let width = image.width() as usize;
    let has_alpha = image.color().has_alpha();
    let has_color = image.color().has_color();
    let is_deep = image.color().bits_per_pixel() / u16::from(image.color().channel_count()) > 8;
    let channels = if has_color { 3 } else { 1 } + usize::from(has_alpha);
    let (bits, bytes) = match (is_deep, has_color, has_alpha) {
        (false, false, false) => (8, image.into_luma8().into_raw()),
        (false, false, true) => (8, image.into_luma_alpha8().into_raw()),
        (false, true, false) => (8, image.into_rgb8().into_raw()),
        (false, true, true) => (8, image.into_rgba8().into_raw()),
        (true, false, false) => (16, deep(&image.into_luma16())),
        (true, false, true) => (16, deep(&image.into_luma_alpha16())),
        (true, true, false) => (16, deep(&image.into_rgb16())),
        (true, true, true) => (16, deep(&image.into_rgba16())),
    };
    let space = if has_color { "DeviceRGB" } else { "DeviceGray" };
    if !has_alpha {
        if channels == 1 && bits == 8 && bytes.iter().all(|byte| matches!(byte, 0 | 255)) {
            return put_samples(
                objects,
                id,
                &format!("{header} /ColorSpace /DeviceGray"),
                &packed(&bytes, width),
                1,
                1,
                width,
            );
        }
        return put_samples(
            objects,
            id,
            &format!("{header} /ColorSpace /{space}"),
            &bytes,
            channels,
            bits,
            width,
        );
    }
    // Colours and transparency are stored apart.
    let size = bits / 8;
    let (color, alpha): (Vec<&[u8]>, Vec<&[u8]>) =
        bytes.chunks_exact(channels * size).map(|pixel| pixel.split_at((channels - 1) * size)).unzip();
    let mask = objects.reserve();
    put_samples(
        objects,
        mask,
        &format!("{header} /ColorSpace /DeviceGray"),
        &alpha.concat(),
        1,
        bits,
        width,
    )?;
    let header = format!("{header} /ColorSpace /{space} /SMask {}", reference(mask));
    put_samples(objects, id, &header, &color.concat(), channels - 1, bits, width)
}

/// Samples of 16 bits, the more significant byte first.
fn deep<P: image::Pixel<Subpixel = u16>>(image: &image::ImageBuffer<P, Vec<u16>>) -> Vec<u8> {
    image.as_raw().iter().flat_map(|sample| sample.to_be_bytes()).collect()
}

/// Black and white at one bit each, every row beginning with a byte of its own.
fn packed(bytes: &[u8], width: usize) -> Vec<u8> {
    let byte = |bits: &[u8]| bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | (bit & 1) << (7 - at));
    bytes.chunks_exact(width).flat_map(|row| row.chunks(8).map(byte)).collect()
}

/// Writes samples as differences from the row above, compressed (ISO 32000-2, 7.4.4.4).
fn put_samples(
    objects: &mut Objects,
    id: Id,
    header: &str,
    samples: &[u8],
    channels: usize,
    bits: usize,
    width: usize,
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
    objects.put_stream(id, &entries, &encoder.finish()?);
    Ok(())
}
