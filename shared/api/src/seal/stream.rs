//! Sealing what does not fit into memory: an original file, piece by piece.
//!
//! A sealed stream is one version byte, a 19-byte prefix, and the content in pieces of [`PIECE_BYTES`], each sealed
//! with XChaCha20-Poly1305 (16 bytes more). A piece's nonce is the prefix, the piece's number (4 bytes, big-endian)
//! and a byte that is 1 on the last piece only: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár
//! (CRYPTO 2015), so that pieces cannot be left out, repeated, reordered or cut off unnoticed. Nothing is compressed:
//! scans are already.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

use super::{Key, OpenError};

/// Bytes of content in one piece; the last may be shorter, and only an empty file has an empty one.
pub const PIECE_BYTES: usize = 64 * 1024;

/// Random bytes at the beginning of every nonce of one stream.
pub const PREFIX_BYTES: usize = 19;

const VERSION: u8 = 2;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + PREFIX_BYTES;

/// How long `content_bytes` become when sealed.
#[must_use]
pub const fn sealed_bytes(content_bytes: u64) -> u64 {
    let pieces = content_bytes.div_ceil(PIECE_BYTES as u64);
    let pieces = if pieces == 0 { 1 } else { pieces };
    HEADER_BYTES as u64 + content_bytes + pieces * TAG_BYTES as u64
}

/// Where a stream stands: what both directions share.
struct Pieces {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX_BYTES],
    belongs_to: Vec<u8>,
    number: u32,
}

impl Pieces {
    fn new(key: &Key, prefix: [u8; PREFIX_BYTES], belongs_to: &[u8]) -> Self {
        Self { cipher: key.cipher(), prefix, belongs_to: belongs_to.to_vec(), number: 0 }
    }

    fn nonce(&mut self, last: bool) -> XNonce {
        let mut nonce = [0; PREFIX_BYTES + 5];
        nonce[..PREFIX_BYTES].copy_from_slice(&self.prefix);
        nonce[PREFIX_BYTES..PREFIX_BYTES + 4].copy_from_slice(&self.number.to_be_bytes());
        nonce[PREFIX_BYTES + 4] = u8::from(last);
        self.number = self.number.checked_add(1).expect("a stream is far below 256 TiB");
        XNonce::from(nonce)
    }
}

/// Seals one stream.
pub struct Sealer(Pieces);

impl Sealer {
    /// Begins a stream that belongs to `belongs_to`; `prefix` must be random and used once. Gives its first bytes.
    #[must_use]
    pub fn new(key: &Key, prefix: [u8; PREFIX_BYTES], belongs_to: &[u8]) -> (Self, Vec<u8>) {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.push(VERSION);
        header.extend_from_slice(&prefix);
        (Self(Pieces::new(key, prefix, belongs_to)), header)
    }

    /// Seals the next piece, which is not the last.
    ///
    /// # Panics
    /// If the piece does not have exactly [`PIECE_BYTES`]: the other side could not tell where it ends.
    pub fn piece(&mut self, content: &[u8]) -> Vec<u8> {
        assert_eq!(content.len(), PIECE_BYTES, "only the last piece may be shorter");
        self.seal(content, false)
    }

    /// Seals the last piece, of at most [`PIECE_BYTES`]. Without it the stream does not open.
    ///
    /// # Panics
    /// If the piece is longer.
    #[must_use]
    pub fn last(mut self, content: &[u8]) -> Vec<u8> {
        assert!(content.len() <= PIECE_BYTES, "a piece is at most {PIECE_BYTES} bytes");
        self.seal(content, true)
    }

    fn seal(&mut self, content: &[u8], last: bool) -> Vec<u8> {
        let nonce = self.0.nonce(last);
        let payload = Payload { msg: content, aad: &self.0.belongs_to };
        self.0.cipher.encrypt(&nonce, payload).expect("a piece is far below the cipher's limit")
    }
}

/// Opens a sealed stream that is whole in memory: for tests and small files.
///
/// # Errors
/// [`OpenError`] whatever the reason, so that nothing can be learned from it.
pub fn open(key: &Key, belongs_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (&version, rest) = sealed.split_first().ok_or(OpenError)?;
    let (prefix, mut rest) = rest.split_first_chunk::<PREFIX_BYTES>().ok_or(OpenError)?;
    if version != VERSION {
        return Err(OpenError);
    }
    let mut pieces = Pieces::new(key, *prefix, belongs_to);
    let mut content = Vec::with_capacity(rest.len());
    loop {
        let last = rest.len() <= PIECE_BYTES + TAG_BYTES;
        let (piece, after) = rest.split_at(if last { rest.len() } else { PIECE_BYTES + TAG_BYTES });
        let nonce = pieces.nonce(last);
        let payload = Payload { msg: piece, aad: belongs_to };
        content.extend(pieces.cipher.decrypt(&nonce, payload).map_err(|_| OpenError)?);
        if last {
            return Ok(content);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: [u8; PREFIX_BYTES] = [9; PREFIX_BYTES];
    const PLACE: &[u8] = b"original/1";

    fn key() -> Key {
        Key::new([3; 32])
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let (mut sealer, mut out) = Sealer::new(&key(), PREFIX, PLACE);
        let mut rest = content;
        while rest.len() > PIECE_BYTES {
            let (piece, after) = rest.split_at(PIECE_BYTES);
            out.extend(sealer.piece(piece));
            rest = after;
        }
        out.extend(sealer.last(rest));
        out
    }

    #[test]
    fn content_of_any_length_comes_back_and_its_sealed_length_is_known_before() {
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 5] {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let sealed = sealed(&content);
            assert_eq!(sealed.len() as u64, sealed_bytes(length as u64), "{length} bytes");
            assert_eq!(open(&key(), PLACE, &sealed).unwrap(), content, "{length} bytes");
        }
    }

    #[test]
    fn a_stream_that_was_cut_reordered_altered_or_moved_does_not_open() {
        let whole = sealed(&vec![5; 3 * PIECE_BYTES]);
        let piece = PIECE_BYTES + TAG_BYTES;
        let cut = &whole[..HEADER_BYTES + 2 * piece];
        let mut swapped = whole.clone();
        let (first, second) = swapped[HEADER_BYTES..].split_at_mut(piece);
        first.swap_with_slice(&mut second[..piece]);
        let mut altered = whole.clone();
        altered[HEADER_BYTES + 7] ^= 1;
        for broken in [cut, &swapped, &altered, &whole[..10], &[]] {
            assert_eq!(open(&key(), PLACE, broken), Err(OpenError));
        }
        assert_eq!(open(&key(), b"original/2", &whole), Err(OpenError));
        assert_eq!(open(&Key::new([4; 32]), PLACE, &whole), Err(OpenError));
        assert!(open(&key(), PLACE, &whole).is_ok());
    }
}
