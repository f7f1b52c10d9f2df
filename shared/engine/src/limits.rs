//! Limits on what a file may ask for.

/// What is refused before it costs time or memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// The most pages of one file.
    pub max_pages: u32,
    /// The most pixels of one image. A page with a larger image is read without that image.
    pub max_pixels: u64,
}

impl Default for Limits {
    /// 2 GiB, 100,000 pages, and 144 million pixels (an A4 page at 1,200 dpi has 139 million).
    fn default() -> Self {
        Self { max_bytes: 2 << 30, max_pages: 100_000, max_pixels: 144_000_000 }
    }
}
