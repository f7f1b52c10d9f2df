//! Sealing what does not fit into memory: an original file, in chunks.
//!
//! A sealed stream is one version byte, the id of the key (4 bytes, big-endian), a 19-byte nonce prefix, and the content in chunks of [`CHUNK_BYTES`], each sealed
//! with XChaCha20-Poly1305 (16 bytes more). The nonce of a chunk is the prefix, the number of the chunk (4 bytes,
//! big-endian) and a byte that is 1 on the last chunk only: the STREAM construction of Hoang, Reyhanitabar, Rogaway and
//! Vizár (CRYPTO 2015). Chunks cannot be left out, repeated, reordered or cut off undetected. Nothing is compressed,
//! because scans are compressed already.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

use super::{KEY_ID_BYTES, SealingKey, UnsealError, key_id};

/// Bytes of content in one chunk. The last chunk may be shorter; only an empty file has an empty one.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Random bytes at the beginning of every nonce of one stream.
pub const NONCE_PREFIX_BYTES: usize = 19;

const VERSION: u8 = 2;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_PREFIX_BYTES;

/// The length of a sealed stream of `content_bytes` bytes, in bytes.
#[must_use]
pub const fn sealed_len(content_bytes: u64) -> u64 {
    let chunks = content_bytes.div_ceil(CHUNK_BYTES as u64);
    let chunks = if chunks == 0 { 1 } else { chunks };
    HEADER_BYTES as u64 + content_bytes + chunks * TAG_BYTES as u64
}

/// The cipher of one stream, and the number of its next chunk. Sealing and opening share it.
struct ChunkCipher {
    cipher: XChaCha20Poly1305,
    nonce_prefix: [u8; NONCE_PREFIX_BYTES],
    associated_data: Vec<u8>,
    next_chunk: u32,
}

impl ChunkCipher {
    fn new(key: &SealingKey, nonce_prefix: [u8; NONCE_PREFIX_BYTES], associated_data: &[u8]) -> Self {
        Self { cipher: key.cipher(), nonce_prefix, associated_data: associated_data.to_vec(), next_chunk: 0 }
    }

    fn next_nonce(&mut self, is_last: bool) -> XNonce {
        let mut nonce = [0; NONCE_PREFIX_BYTES + 5];
        nonce[..NONCE_PREFIX_BYTES].copy_from_slice(&self.nonce_prefix);
        nonce[NONCE_PREFIX_BYTES..NONCE_PREFIX_BYTES + 4].copy_from_slice(&self.next_chunk.to_be_bytes());
        nonce[NONCE_PREFIX_BYTES + 4] = u8::from(is_last);
        self.next_chunk = self.next_chunk.checked_add(1).expect("a stream is far below 256 TiB");
        XNonce::from(nonce)
    }
}

/// Seals one stream.
pub struct StreamSealer(ChunkCipher);

impl StreamSealer {
    /// Begins a stream and returns its header. `nonce_prefix` must be random and used once.
    #[must_use]
    pub fn new(
        key: &SealingKey,
        nonce_prefix: [u8; NONCE_PREFIX_BYTES],
        associated_data: &[u8],
    ) -> (Self, Vec<u8>) {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.push(VERSION);
        header.extend_from_slice(&key.id().to_be_bytes());
        header.extend_from_slice(&nonce_prefix);
        (Self(ChunkCipher::new(key, nonce_prefix, associated_data)), header)
    }

    /// Seals the next chunk, which is not the last.
    ///
    /// # Panics
    /// If the chunk does not have exactly [`CHUNK_BYTES`]: the other side could not tell where it ends.
    pub fn seal_chunk(&mut self, content: &[u8]) -> Vec<u8> {
        assert_eq!(content.len(), CHUNK_BYTES, "only the last chunk may be shorter");
        self.seal(content, false)
    }

    /// Seals the last chunk, of at most [`CHUNK_BYTES`]. A stream without it does not open.
    ///
    /// # Panics
    /// If the chunk is longer.
    #[must_use]
    pub fn seal_last_chunk(mut self, content: &[u8]) -> Vec<u8> {
        assert!(content.len() <= CHUNK_BYTES, "a chunk has at most {CHUNK_BYTES} bytes");
        self.seal(content, true)
    }

    fn seal(&mut self, content: &[u8], is_last: bool) -> Vec<u8> {
        let nonce = self.0.next_nonce(is_last);
        let payload = Payload { msg: content, aad: &self.0.associated_data };
        self.0.cipher.encrypt(&nonce, payload).expect("a chunk is far below the cipher's limit")
    }
}

/// Opens a sealed stream that is in memory as a whole: for tests and small files.
///
/// # Errors
/// [`UnsealError`] whatever the reason, so that nothing can be learned from it.
pub fn open(key: &SealingKey, associated_data: &[u8], sealed: &[u8]) -> Result<Vec<u8>, UnsealError> {
    let (&version, rest) = sealed.split_first().ok_or(UnsealError)?;
    let (nonce_prefix, mut rest) = rest
        .get(KEY_ID_BYTES..)
        .and_then(<[u8]>::split_first_chunk::<NONCE_PREFIX_BYTES>)
        .ok_or(UnsealError)?;
    if version != VERSION || key_id(sealed)? != key.id() {
        return Err(UnsealError);
    }
    let mut stream = ChunkCipher::new(key, *nonce_prefix, associated_data);
    let mut content = Vec::with_capacity(rest.len());
    loop {
        let is_last = rest.len() <= CHUNK_BYTES + TAG_BYTES;
        let (chunk, after) = rest.split_at(if is_last { rest.len() } else { CHUNK_BYTES + TAG_BYTES });
        let nonce = stream.next_nonce(is_last);
        let payload = Payload { msg: chunk, aad: associated_data };
        content.extend(stream.cipher.decrypt(&nonce, payload).map_err(|_| UnsealError)?);
        if is_last {
            return Ok(content);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE_PREFIX: [u8; NONCE_PREFIX_BYTES] = [9; NONCE_PREFIX_BYTES];
    const ASSOCIATED_DATA: &[u8] = b"original/1";

    fn key() -> SealingKey {
        SealingKey::new(1, [3; 32])
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let (mut sealer, mut out) = StreamSealer::new(&key(), NONCE_PREFIX, ASSOCIATED_DATA);
        let mut rest = content;
        while rest.len() > CHUNK_BYTES {
            let (chunk, after) = rest.split_at(CHUNK_BYTES);
            out.extend(sealer.seal_chunk(chunk));
            rest = after;
        }
        out.extend(sealer.seal_last_chunk(rest));
        out
    }

    #[test]
    fn content_of_any_length_opens_and_has_the_predicted_length() {
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5] {
            let content: Vec<u8> = (0..length).map(|position| (position % 251) as u8).collect();
            let sealed = sealed(&content);
            assert_eq!(sealed.len() as u64, sealed_len(length as u64), "{length} bytes");
            assert_eq!(open(&key(), ASSOCIATED_DATA, &sealed).unwrap(), content, "{length} bytes");
        }
    }

    #[test]
    fn cut_reordered_altered_or_moved_stream_does_not_open() {
        let whole = sealed(&vec![5; 3 * CHUNK_BYTES]);
        let chunk = CHUNK_BYTES + TAG_BYTES;
        let cut = &whole[..HEADER_BYTES + 2 * chunk];
        let mut swapped = whole.clone();
        let (first, second) = swapped[HEADER_BYTES..].split_at_mut(chunk);
        first.swap_with_slice(&mut second[..chunk]);
        let mut altered = whole.clone();
        altered[HEADER_BYTES + 7] ^= 1;
        for broken in [cut, &swapped, &altered, &whole[..10], &[]] {
            assert_eq!(open(&key(), ASSOCIATED_DATA, broken), Err(UnsealError));
        }
        assert_eq!(open(&key(), b"original/2", &whole), Err(UnsealError));
        assert_eq!(open(&SealingKey::new(1, [4; 32]), ASSOCIATED_DATA, &whole), Err(UnsealError));
        assert!(open(&key(), ASSOCIATED_DATA, &whole).is_ok());
    }
}
