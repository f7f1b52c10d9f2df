//! A binary image with one bit per pixel and 64 pixels per machine word, and the morphology on it. Whole rows are
//! compared, shifted and combined at once. Knows nothing of what the foreground shows.

/// A binary image. A set bit is a foreground pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bitmap {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Machine words per row.
    stride: usize,
    /// Row by row. The lowest bit of a word is its leftmost pixel. Bits beyond the width are never set.
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

impl Bitmap {
    /// A bitmap of this size without foreground.
    pub(crate) fn new(width: usize, height: usize) -> Bitmap {
        let stride = width.div_ceil(BITS);
        Bitmap { width, height, stride, words: vec![0; stride * height] }
    }

    /// Sets the pixels of a row that are darker than their thresholds. Each pixel has its own threshold.
    pub(crate) fn set_row(&mut self, y: usize, pixels: &[u8], thresholds: &[u8]) {
        let row = &mut self.words[y * self.stride..][..self.stride];
        for ((word, pixels), thresholds) in
            row.iter_mut().zip(pixels.chunks(BITS)).zip(thresholds.chunks(BITS))
        {
            let mut is_dark = [0u8; BITS];
            for ((bit, pixel), threshold) in is_dark.iter_mut().zip(pixels).zip(thresholds) {
                *bit = u8::from(pixel < threshold);
            }
            *word = 0;
            for (at, eight) in is_dark.as_chunks().0.iter().enumerate() {
                // The product gathers the lowest bits of eight bytes in its highest byte.
                let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                *word |= gathered << (8 * at);
            }
        }
    }

    pub(crate) fn is_foreground(&self, x: usize, y: usize) -> bool {
        self.words[y * self.stride + x / BITS] >> (x % BITS) & 1 == 1
    }

    /// Clears the pixels `from..to` of a row.
    pub(crate) fn clear_run(&mut self, y: usize, from: usize, to: usize) {
        for x in from..to {
            self.words[y * self.stride + x / BITS] &= !(1 << (x % BITS));
        }
    }

    /// The columns of the foreground pixels of a row, from left to right.
    pub(crate) fn foreground_in_row(&self, y: usize) -> impl Iterator<Item = usize> {
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

    /// The next run of foreground pixels of a row at or after `x`, as its begin and end.
    pub(crate) fn next_run(&self, y: usize, x: usize) -> Option<(usize, usize)> {
        let begin = self.next_different(y, x, 0)?;
        Some((begin, self.next_different(y, begin, u64::MAX).unwrap_or(self.width)))
    }

    /// The first pixel of a row at or after `x` that differs from a row of `plain` words.
    fn next_different(&self, y: usize, x: usize, plain: u64) -> Option<usize> {
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

    /// The foreground that `other`, of the same size, does not have.
    pub(crate) fn subtract(mut self, other: &Bitmap) -> Bitmap {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
        self
    }

    /// The foreground that `other`, of the same size, has as well.
    pub(crate) fn intersect(mut self, other: &Bitmap) -> Bitmap {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
        self
    }

    /// Morphological closing along rows: fills gaps of up to `gap` pixels between two foreground pixels of a row.
    pub(crate) fn close_horizontal(&self, gap: usize) -> Bitmap {
        self.close(gap, Bitmap::shift_horizontal)
    }

    /// Morphological closing along columns: fills gaps of up to `gap` pixels between two foreground pixels of a column.
    pub(crate) fn close_vertical(&self, gap: usize) -> Bitmap {
        self.close(gap, Bitmap::shift_vertical)
    }

    fn close(&self, gap: usize, shift: impl Fn(&Bitmap, isize) -> Bitmap) -> Bitmap {
        let mut closed = self.clone();
        let reach = gap as isize;
        for before in 1..=reach {
            for after in 1..=reach + 1 - before {
                let between = shift(self, before).intersect(&shift(self, -after));
                closed.words.iter_mut().zip(&between.words).for_each(|(word, fill)| *word |= fill);
            }
        }
        closed
    }

    /// Morphological opening along rows: keeps the horizontal runs that have at least `length` pixels.
    pub(crate) fn open_horizontal(&self, length: usize) -> Bitmap {
        self.open(length, Bitmap::shift_horizontal)
    }

    /// Morphological opening along columns: keeps the vertical runs that have at least `length` pixels.
    pub(crate) fn open_vertical(&self, length: usize) -> Bitmap {
        self.open(length, Bitmap::shift_vertical)
    }

    /// Erodes to the first pixels of the runs that are long enough, then dilates to the whole runs. Each takes a number
    /// of steps that grows with the logarithm of the length.
    fn open(&self, length: usize, shift: impl Fn(&Bitmap, isize) -> Bitmap) -> Bitmap {
        let mut opened = self.clone();
        for (direction, is_dilation) in [(-1, false), (1, true)] {
            let mut reached = 1;
            while reached < length {
                let step = reached.min(length - reached);
                let other = shift(&opened, direction * step as isize);
                for (word, other) in opened.words.iter_mut().zip(&other.words) {
                    *word = if is_dilation { *word | other } else { *word & other };
                }
                reached += step;
            }
        }
        opened
    }

    /// The foreground shifted to the right by `by` pixels, to the left if negative.
    fn shift_horizontal(&self, by: isize) -> Bitmap {
        let mut shifted = Bitmap::new(self.width, self.height);
        let (words, bits) = (by.unsigned_abs() / BITS, by.unsigned_abs() % BITS);
        // The bits that are carried over from the next word; none if the shift is by whole words.
        let carry = |word: u64, shift: fn(u64, u32) -> Option<u64>| {
            shift(word, (BITS - bits) as u32).unwrap_or_default()
        };
        let stride = self.stride;
        let rows = self.words.chunks_exact(stride.max(1)).zip(shifted.words.chunks_exact_mut(stride.max(1)));
        // Pixels shifted beyond the width are dropped.
        let last = u64::MAX >> (stride * BITS - self.width);
        for (from, to) in rows {
            for at in words..stride {
                if by >= 0 {
                    let carried = if at > words { carry(from[at - words - 1], u64::checked_shr) } else { 0 };
                    to[at] = from[at - words] << bits | carried;
                } else {
                    let carried = if at + 1 < stride { carry(from[at + 1], u64::checked_shl) } else { 0 };
                    to[at - words] = from[at] >> bits | carried;
                }
            }
            if let Some(word) = to.last_mut() {
                *word &= last;
            }
        }
        shifted
    }

    /// The foreground shifted down by `by` pixels, up if negative.
    fn shift_vertical(&self, by: isize) -> Bitmap {
        let mut shifted = Bitmap::new(self.width, self.height);
        let skipped = by.unsigned_abs().min(self.height) * self.stride;
        let kept = self.words.len() - skipped;
        if by >= 0 {
            shifted.words[skipped..].copy_from_slice(&self.words[..kept]);
        } else {
            shifted.words[..kept].copy_from_slice(&self.words[skipped..]);
        }
        shifted
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
        (0..bitmap.width).map(|x| if bitmap.is_foreground(x, 0) { '#' } else { '.' }).collect()
    }

    /// A row and the same as a column.
    fn both_ways(dots: &str) -> [Bitmap; 2] {
        let across = row(dots);
        let mut down = Bitmap::new(1, across.width);
        (0..across.width)
            .for_each(|y| down.set_row(y, &[if across.is_foreground(y, 0) { 0 } else { 9 }], &[5]));
        [across, down]
    }

    fn down_dots(bitmap: &Bitmap) -> String {
        (0..bitmap.height).map(|y| if bitmap.is_foreground(0, y) { '#' } else { '.' }).collect()
    }

    #[test]
    fn runs_cross_the_boundaries_of_machine_words() {
        let long = format!("..###{}{}.#", ".".repeat(55), "#".repeat(80));
        let bitmap = row(&long);
        assert_eq!(dots(&bitmap), long);
        assert_eq!(bitmap.next_run(0, 0), Some((2, 5)));
        assert_eq!(bitmap.next_run(0, 4), Some((4, 5)));
        assert_eq!(bitmap.next_run(0, 5), Some((60, 140)));
        assert_eq!(bitmap.next_run(0, 140), Some((141, 142)));
        assert_eq!(bitmap.next_run(0, 142), None);
        assert_eq!(bitmap.foreground_in_row(0).collect::<Vec<_>>()[..4], [2, 3, 4, 60]);
    }

    #[test]
    fn closing_fills_gaps_and_opening_drops_short_runs() {
        let before = format!("#.#..##...#{}..#{}#.", "#".repeat(70), ".".repeat(64));
        let closed = format!("#######...#{}###{}#.", "#".repeat(70), ".".repeat(64));
        let [across, down] = both_ways(&before);
        assert_eq!(dots(&across.close_horizontal(2)), closed);
        assert_eq!(down_dots(&down.close_vertical(2)), closed);
        let long = format!("..........#{}...{}..", "#".repeat(70), ".".repeat(64));
        for length in [3, 64, 65, 71] {
            assert_eq!(dots(&across.open_horizontal(length)), long, "{length}");
            assert_eq!(down_dots(&down.open_vertical(length)), long, "{length}");
        }
        assert!(!dots(&across.open_horizontal(72)).contains('#'));
        assert!(!down_dots(&down.open_vertical(72)).contains('#'));
    }
}
