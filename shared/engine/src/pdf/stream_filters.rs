//! The data that a picture's own decoder is given: what is left when the filters around it are undone, which add nothing
//! to a picture that is packed already. Unpacks no more than any picture needs, and decodes nothing.

use std::{borrow::Cow, io::Read};

use flate2::read::{DeflateDecoder, ZlibDecoder};
use hayro::hayro_syntax::{Filter, object::Stream};

/// The most bytes that are unpacked: several times what the largest pictures have. What goes beyond is cut off.
const MOST: u64 = 64 << 20;

/// The first of the stream's filters that makes a picture, and the data that it is given; none if there is no such
/// filter, or one around it is of a kind that nobody puts there.
pub(super) fn packed<'a>(stream: &Stream<'a>) -> Option<(Filter, Cow<'a, [u8]>)> {
    let filters = stream.filters();
    let makes_picture =
        |filter: &Filter| matches!(filter, Filter::DctDecode | Filter::JpxDecode | Filter::Jbig2Decode);
    let at = filters.iter().position(makes_picture)?;
    let data = filters[..at].iter().try_fold(stream.raw_data(), |data, filter| undone(*filter, data))?;
    Some((filters[at], data))
}

fn undone(filter: Filter, data: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    match filter {
        // Raw data are decrypted already.
        Filter::Crypt => Some(data),
        Filter::FlateDecode => Some(inflated(&data).into()),
        Filter::AsciiHexDecode => Some(from_hex(&data).into()),
        Filter::Ascii85Decode => Some(from_base_85(&data).into()),
        Filter::LzwDecode
        | Filter::RunLengthDecode
        | Filter::CcittFaxDecode
        | Filter::Jbig2Decode
        | Filter::DctDecode
        | Filter::JpxDecode => None,
    }
}

/// As much as there is before an error, with the header that belongs there or without.
fn inflated(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let result = ZlibDecoder::new(data).take(MOST).read_to_end(&mut bytes);
    if result.is_err() && bytes.is_empty() {
        DeflateDecoder::new(data).take(MOST).read_to_end(&mut bytes).ok();
    }
    bytes
}

/// Digits up to the end or its sign (ISO 32000-2, 7.4.2).
fn from_hex(data: &[u8]) -> Vec<u8> {
    let digits = data.iter().take_while(|byte| **byte != b'>');
    let digits: Vec<u8> =
        digits.filter_map(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect()
}

/// Groups of five digits up to the end or its sign (ISO 32000-2, 7.4.3).
fn from_base_85(data: &[u8]) -> Vec<u8> {
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
    fn digits_become_the_bytes_that_they_stand_for() {
        assert_eq!(from_hex(b"4D 61\n6e2>99"), b"Man ");
        assert_eq!(from_base_85(b"9jqo^BlbD-BleB1DJ+*+F(f,q\nzCh3~>9jqo"), b"Man is distinguished\0\0\0\0le");
        for garbage in [&b""[..], b"~", b"!", b"uuuuuuu", b"\xff\0z!"] {
            assert!(from_base_85(garbage).len() < 8);
        }
    }
}
