//! Which pixels of a picture are ink: a bit for each, 64 to a word, so that whole rows are compared, shifted and joined
//! at once. Knows nothing of what the ink means.

/// Which pixels are ink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bitmap {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Words for each row.
    stride: usize,
    /// Row by row. The lowest bit of a word is its leftmost pixel; bits beyond the width are never set.
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

impl Bitmap {
    /// A bitmap of this size without ink.
    pub(crate) fn new(width: usize, height: usize) -> Bitmap {
        let stride = width.div_ceil(BITS);
        Bitmap { width, height, stride, words: vec![0; stride * height] }
    }

    /// Makes ink of what is darker than its limit on a row of pixels; there are as many limits.
    pub(crate) fn set_row(&mut self, y: usize, pixels: &[u8], limits: &[u8]) {
        let row = &mut self.words[y * self.stride..][..self.stride];
        for ((word, pixels), limits) in row.iter_mut().zip(pixels.chunks(BITS)).zip(limits.chunks(BITS)) {
            let mut is_ink = [0u8; BITS];
            for ((bit, pixel), limit) in is_ink.iter_mut().zip(pixels).zip(limits) {
                *bit = u8::from(pixel < limit);
            }
            *word = 0;
            for (at, eight) in is_ink.as_chunks().0.iter().enumerate() {
                // The product gathers the lowest bits of eight bytes in its highest byte.
                let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                *word |= gathered << (8 * at);
            }
        }
    }

    pub(crate) fn is_ink(&self, x: usize, y: usize) -> bool {
        self.words[y * self.stride + x / BITS] >> (x % BITS) & 1 == 1
    }

    /// Erases `from..to` of a row.
    pub(crate) fn erase(&mut self, y: usize, from: usize, to: usize) {
        for x in from..to {
            self.words[y * self.stride + x / BITS] &= !(1 << (x % BITS));
        }
    }

    /// The pixels of ink on a row, from left to right.
    pub(crate) fn along(&self, y: usize) -> impl Iterator<Item = usize> {
        let row = &self.words[y * self.stride..][..self.stride];
        row.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(at * BITS + bit)
            })
        })
    }

    /// The next stretch of ink on a row at or after `x`, from and to.
    pub(crate) fn stretch(&self, y: usize, x: usize) -> Option<(usize, usize)> {
        let from = self.next(y, x, 0)?;
        Some((from, self.next(y, from, u64::MAX).unwrap_or(self.width)))
    }

    /// The first pixel of a row at or after `x` that differs from a row of `plain` words.
    fn next(&self, y: usize, x: usize, plain: u64) -> Option<usize> {
        let row = &self.words[y * self.stride..][..self.stride];
        let mut skipped = u64::MAX.checked_shl((x % BITS) as u32).filter(|_| x < self.width)?;
        for (at, word) in row.iter().enumerate().skip(x / BITS) {
            let different = (word ^ plain) & skipped;
            if different != 0 {
                let found = at * BITS + different.trailing_zeros() as usize;
                return (found < self.width).then_some(found);
            }
            skipped = u64::MAX;
        }
        None
    }

    /// The ink that `other`, of the same size, does not have.
    pub(crate) fn without(mut self, other: &Bitmap) -> Bitmap {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
        self
    }

    /// The ink that `other`, of the same size, has, too.
    pub(crate) fn common(mut self, other: &Bitmap) -> Bitmap {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
        self
    }

    /// Gaps of up to `gap` pixels between two pixels of a row are filled.
    pub(crate) fn closed_across(&self, gap: usize) -> Bitmap {
        self.closed(gap, Bitmap::moved_across)
    }

    /// Gaps of up to `gap` pixels between two pixels of a column are filled.
    pub(crate) fn closed_down(&self, gap: usize) -> Bitmap {
        self.closed(gap, Bitmap::moved_down)
    }

    fn closed(&self, gap: usize, moved: impl Fn(&Bitmap, isize) -> Bitmap) -> Bitmap {
        let mut closed = self.clone();
        let reach = gap as isize;
        for before in 1..=reach {
            for after in 1..=reach + 1 - before {
                let between = moved(self, before).common(&moved(self, -after));
                closed.words.iter_mut().zip(&between.words).for_each(|(word, fill)| *word |= fill);
            }
        }
        closed
    }

    /// The stretches of ink on rows that are at least `length` pixels long.
    pub(crate) fn long_across(&self, length: usize) -> Bitmap {
        self.opened(length, Bitmap::moved_across)
    }

    /// The stretches of ink on columns that are at least `length` pixels long.
    pub(crate) fn long_down(&self, length: usize) -> Bitmap {
        self.opened(length, Bitmap::moved_down)
    }

    /// Where stretches begin that are long enough, and then all of them, each in a number of steps that is the
    /// logarithm of the length.
    fn opened(&self, length: usize, moved: impl Fn(&Bitmap, isize) -> Bitmap) -> Bitmap {
        let mut opened = self.clone();
        for (forth, join) in [(-1, false), (1, true)] {
            let mut reached = 1;
            while reached < length {
                let step = reached.min(length - reached);
                let other = moved(&opened, forth * step as isize);
                for (word, other) in opened.words.iter_mut().zip(&other.words) {
                    *word = if join { *word | other } else { *word & other };
                }
                reached += step;
            }
        }
        opened
    }

    /// All ink so many pixels further to the right, or to the left.
    fn moved_across(&self, by: isize) -> Bitmap {
        let mut moved = Bitmap::new(self.width, self.height);
        let (words, bits) = (by.unsigned_abs() / BITS, by.unsigned_abs() % BITS);
        // The bits that come over from the next word; none if the move is by whole words.
        let over = |word: u64, shifted: fn(u64, u32) -> Option<u64>| {
            shifted(word, (BITS - bits) as u32).unwrap_or_default()
        };
        let stride = self.stride;
        let rows = self.words.chunks_exact(stride.max(1)).zip(moved.words.chunks_exact_mut(stride.max(1)));
        // What moves beyond the width is gone.
        let last = u64::MAX >> (stride * BITS - self.width);
        for (from, to) in rows {
            for at in words..stride {
                if by >= 0 {
                    let carried = if at > words { over(from[at - words - 1], u64::checked_shr) } else { 0 };
                    to[at] = from[at - words] << bits | carried;
                } else {
                    let carried = if at + 1 < stride { over(from[at + 1], u64::checked_shl) } else { 0 };
                    to[at - words] = from[at] >> bits | carried;
                }
            }
            if let Some(word) = to.last_mut() {
                *word &= last;
            }
        }
        moved
    }

    /// All ink so many pixels further down, or up.
    fn moved_down(&self, by: isize) -> Bitmap {
        let mut moved = Bitmap::new(self.width, self.height);
        let skipped = by.unsigned_abs().min(self.height) * self.stride;
        let kept = self.words.len() - skipped;
        if by >= 0 {
            moved.words[skipped..].copy_from_slice(&self.words[..kept]);
        } else {
            moved.words[..kept].copy_from_slice(&self.words[skipped..]);
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(dots: &str) -> Bitmap {
        let pixels: Vec<u8> = dots.bytes().map(|dot| if dot == b'#' { 0 } else { 9 }).collect();
        let mut bitmap = Bitmap::new(pixels.len(), 1);
        bitmap.set_row(0, &pixels, &vec![5; pixels.len()]);
        bitmap
    }

    fn dots(bitmap: &Bitmap) -> String {
        (0..bitmap.width).map(|x| if bitmap.is_ink(x, 0) { '#' } else { '.' }).collect()
    }

    /// A row and the same as a column.
    fn both_ways(dots: &str) -> [Bitmap; 2] {
        let across = row(dots);
        let mut down = Bitmap::new(1, across.width);
        (0..across.width).for_each(|y| down.set_row(y, &[if across.is_ink(y, 0) { 0 } else { 9 }], &[5]));
        [across, down]
    }

    fn down_dots(bitmap: &Bitmap) -> String {
        (0..bitmap.height).map(|y| if bitmap.is_ink(0, y) { '#' } else { '.' }).collect()
    }

    #[test]
    fn stretches_are_found_across_the_edges_of_words() {
        let long = format!("..###{}{}.#", ".".repeat(55), "#".repeat(80));
        let bitmap = row(&long);
        assert_eq!(dots(&bitmap), long);
        assert_eq!(bitmap.stretch(0, 0), Some((2, 5)));
        assert_eq!(bitmap.stretch(0, 4), Some((4, 5)));
        assert_eq!(bitmap.stretch(0, 5), Some((60, 140)));
        assert_eq!(bitmap.stretch(0, 140), Some((141, 142)));
        assert_eq!(bitmap.stretch(0, 142), None);
        assert_eq!(bitmap.along(0).collect::<Vec<_>>()[..4], [2, 3, 4, 60]);
    }

    #[test]
    fn gaps_are_closed_and_short_stretches_opened_in_both_directions() {
        let before = format!("#.#..##...#{}..#{}#.", "#".repeat(70), ".".repeat(64));
        let closed = format!("#######...#{}###{}#.", "#".repeat(70), ".".repeat(64));
        let [across, down] = both_ways(&before);
        assert_eq!(dots(&across.closed_across(2)), closed);
        assert_eq!(down_dots(&down.closed_down(2)), closed);
        let long = format!("..........#{}...{}..", "#".repeat(70), ".".repeat(64));
        for length in [3, 64, 65, 71] {
            assert_eq!(dots(&across.long_across(length)), long, "{length}");
            assert_eq!(down_dots(&down.long_down(length)), long, "{length}");
        }
        assert!(!dots(&across.long_across(72)).contains('#'));
        assert!(!down_dots(&down.long_down(72)).contains('#'));
    }
}
