//! Comparing readings of text.

/// How many letters must be replaced, added or left out to make one text of the other.
pub(crate) fn edit_distance(one: &[char], other: &[char]) -> usize {
    // The row of the usual table that belongs to the letters of `one` so far.
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, char) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (place, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(char != against);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
