//! Decodes the filters around an image codec (DCT, JPX, JBIG2), so that the header of the image data can be read. Decodes no
//! more than any image needs, and never the image itself.

use std::{borrow::Cow, io::Read};

use flate2::read::{DeflateDecoder, ZlibDecoder};
use hayro::hayro_syntax::{Filter, object::Stream};

/// Several times the compressed size of the largest images. Anything beyond is cut off.
const MAX_DECODED_BYTES: u64 = 64 << 20;

/// The first image codec among the stream's filters and its input; none if there is no such codec, or if a filter
/// around it is not supported.
pub(super) fn decode_outer_filters<'a>(stream: &Stream<'a>) -> Option<(Filter, Cow<'a, [u8]>)> {
    let filters = stream.filters();
    let is_image_codec =
        |filter: &Filter| matches!(filter, Filter::DctDecode | Filter::JpxDecode | Filter::Jbig2Decode);
    let at = filters.iter().position(is_image_codec)?;
    let data =
        filters[..at].iter().try_fold(stream.raw_data(), |data, filter| decode_filter(*filter, data))?;
    Some((filters[at], data))
}

fn decode_filter(filter: Filter, data: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    match filter {
        // Raw data is decrypted already.
        Filter::Crypt => Some(data),
        Filter::FlateDecode => Some(inflate(&data).into()),
        Filter::AsciiHexDecode => Some(decode_ascii_hex(&data).into()),
        Filter::Ascii85Decode => Some(decode_ascii85(&data).into()),
        Filter::LzwDecode
        | Filter::RunLengthDecode
        | Filter::CcittFaxDecode
        | Filter::Jbig2Decode
        | Filter::DctDecode
        | Filter::JpxDecode => None,
    }
}

/// As much as can be inflated before an error, with a zlib header or without.
fn inflate(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let result = ZlibDecoder::new(data).take(MAX_DECODED_BYTES).read_to_end(&mut bytes);
    if result.is_err() && bytes.is_empty() {
        DeflateDecoder::new(data).take(MAX_DECODED_BYTES).read_to_end(&mut bytes).ok();
    }
    bytes
}

/// Digits up to the end-of-data marker (ISO 32000-2, 7.4.2).
fn decode_ascii_hex(data: &[u8]) -> Vec<u8> {
    let digits = data.iter().take_while(|byte| **byte != b'>');
    let digits: Vec<u8> =
        digits.filter_map(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect()
}

/// Groups of five digits up to the end-of-data marker (ISO 32000-2, 7.4.3).
fn decode_ascii85(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut group = Vec::with_capacity(5);
    let flush = |group: &mut Vec<u8>, bytes: &mut Vec<u8>| {
        let count = group.len().saturating_sub(1);
        group.resize(5, b'u' - b'!');
        let value = group.drain(..).fold(0_u32, |value, digit| value.wrapping_mul(85) + u32::from(digit));
        bytes.extend_from_slice(&value.to_be_bytes()[..count]);
    };
    for byte in data.iter().take_while(|byte| **byte != b'~') {
        match byte {
            b'!'..=b'u' => group.push(byte - b'!'),
            b'z' => group.extend([0; 5]),
            _ => {}
        }
        if group.len() >= 5 {
            group.truncate(5);
            flush(&mut group, &mut bytes);
        }
    }
    flush(&mut group, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_hex_and_ascii85_are_decoded() {
        assert_eq!(decode_ascii_hex(b"4D 61\n6e2>99"), b"Man ");
        assert_eq!(
            decode_ascii85(b"9jqo^BlbD-BleB1DJ+*+F(f,q\nzCh3~>9jqo"),
            b"Man is distinguished\0\0\0\0le"
        );
        for garbage in [&b""[..], b"~", b"!", b"uuuuuuu", b"\xff\0z!"] {
            assert!(decode_ascii85(garbage).len() < 8);
        }
    }
}
