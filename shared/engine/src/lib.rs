//! Bytes in, pages out: PDF, page images, layout and recognition. No network, no clock.
