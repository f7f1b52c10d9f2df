//! Pictures that people put on reports: decoded within limits and encoded anew, so that nothing of a file is kept but what it
//! shows.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgb, RgbImage, error::ImageError,
    imageops::FilterType, metadata::Orientation,
};
use maneiro_api::limits::MAX_PICTURE_BYTES;

/// The largest width and height of a file that is decoded.
const MAX_DECODED_SIDE_PX: u32 = 4_000;

/// Memory that decoding may take: an image of the largest size with four channels of two bytes.
const MAX_DECODER_BYTES: u64 = 128 * 1024 * 1024;

/// What a picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureUse {
    Letterhead,
    Signature,
}

impl PictureUse {
    /// The largest width and height that are kept: 300 dots an inch of the place where it is printed.
    const fn max_size_px(self) -> (u32, u32) {
        match self {
            Self::Letterhead => (1200, 450),
            Self::Signature => (900, 300),
        }
    }
}

/// Makes the PNG that is kept of a file: what it shows, on white, no larger than it is printed. Blocks for as long as it takes
/// to decode 16 million pixels.
///
/// # Errors
/// The message for the field if the file is no PNG or JPEG, too large, or damaged.
pub fn redraw(file: &[u8], purpose: PictureUse) -> Result<Vec<u8>, String> {
    if file.len() > MAX_PICTURE_BYTES {
        return Err(format!("must have at most {} MiB", MAX_PICTURE_BYTES / (1024 * 1024)));
    }
    let format = image::guess_format(file).ok();
    let format = format.filter(|format| matches!(format, ImageFormat::Png | ImageFormat::Jpeg));
    let format = format.ok_or("must be a PNG or JPEG file")?;
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_DECODED_SIDE_PX);
    limits.max_image_height = Some(MAX_DECODED_SIDE_PX);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let refusal = |error| match error {
        ImageError::Limits(_) => format!("must be at most {MAX_DECODED_SIDE_PX} pixels wide and high"),
        _ => "is damaged".to_owned(),
    };
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    // A camera held sideways says so beside the pixels.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    decoded.apply_orientation(orientation);
    let (max_width, max_height) = purpose.max_size_px();
    let fitted = if decoded.width() > max_width || decoded.height() > max_height {
        decoded.resize(max_width, max_height, FilterType::Lanczos3)
    } else {
        decoded
    };
    let mut png = Cursor::new(Vec::new());
    on_white(&fitted).write_to(&mut png, ImageFormat::Png).map_err(|_| "is damaged".to_owned())?;
    Ok(png.into_inner())
}

/// The image on white paper.
fn on_white(image: &DynamicImage) -> RgbImage {
    let transparent = image.to_rgba8();
    let mut opaque = RgbImage::new(transparent.width(), transparent.height());
    for (from, to) in transparent.pixels().zip(opaque.pixels_mut()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        let mixed = [red, green, blue].map(|channel| (channel * alpha + 255 * (255 - alpha) + 127) / 255);
        *to = Rgb(mixed.map(|channel| u8::try_from(channel).unwrap_or(u8::MAX)));
    }
    opaque
}

#[cfg(test)]
mod tests {
    use image::{ImageEncoder as _, Rgba, RgbaImage, codecs::jpeg::JpegEncoder};

    use super::*;

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn gradient(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 40])).into()
    }

    #[test]
    fn a_picture_is_kept_no_larger_than_it_is_printed() {
        for (purpose, width, height) in
            [(PictureUse::Letterhead, 1200, 150), (PictureUse::Signature, 900, 113)]
        {
            let kept = redraw(&encoded(&gradient(2400, 300), ImageFormat::Jpeg), purpose).unwrap();
            let kept = image::load_from_memory_with_format(&kept, ImageFormat::Png).unwrap();
            assert_eq!((kept.width(), kept.height()), (width, height), "{purpose:?}");
        }
    }

    #[test]
    fn a_photograph_taken_sideways_is_kept_upright() {
        // The tag Orientation with the value 6: the top row is the right side (EXIF 2.32, 4.6.4).
        let exif = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        let left_half_is_dark =
            RgbImage::from_fn(80, 40, |x, _| if x < 40 { Rgb([0; 3]) } else { Rgb([250; 3]) });
        let mut file = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut file, 95);
        encoder.set_exif_metadata(exif).unwrap();
        encoder.encode_image(&left_half_is_dark).unwrap();
        let kept =
            image::load_from_memory(&redraw(&file, PictureUse::Signature).unwrap()).unwrap().into_luma8();
        assert_eq!(kept.dimensions(), (40, 80));
        assert!(
            kept.get_pixel(20, 10).0[0] < 30 && kept.get_pixel(20, 70).0[0] > 220,
            "its dark half is above"
        );
    }

    #[test]
    fn nothing_of_the_file_is_kept_but_what_it_shows() {
        let mut file = encoded(&gradient(40, 20), ImageFormat::Png);
        file.extend_from_slice(b"planted words");
        let kept = redraw(&file, PictureUse::Signature).unwrap();
        assert!(!kept.windows(13).any(|part| part == b"planted words"));
        let clear = RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0]));
        let kept = redraw(&encoded(&clear.into(), ImageFormat::Png), PictureUse::Signature).unwrap();
        let kept = image::load_from_memory(&kept).unwrap().into_rgb8();
        assert!(kept.pixels().all(|pixel| pixel.0 == [255; 3]), "what is transparent is paper");
    }

    #[test]
    fn other_files_and_bombs_are_refused() {
        let png = encoded(&gradient(40, 20), ImageFormat::Png);
        let bomb = encoded(&DynamicImage::new_luma8(MAX_DECODED_SIDE_PX + 1, 4), ImageFormat::Png);
        let refused: [(&[u8], &str); 6] = [
            (b"<svg onload='alert(1)'/>", "must be a PNG or JPEG file"),
            (b"GIF89a\x01\x00\x01\x00", "must be a PNG or JPEG file"),
            (b"", "must be a PNG or JPEG file"),
            (&png[..60], "is damaged"),
            (&bomb, "must be at most 4000 pixels wide and high"),
            (&vec![0x89; MAX_PICTURE_BYTES + 1], "must have at most 4 MiB"),
        ];
        for (file, message) in refused {
            assert_eq!(redraw(file, PictureUse::Letterhead).unwrap_err(), message);
        }
    }
}
