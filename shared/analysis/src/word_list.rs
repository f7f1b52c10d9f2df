//! Word lists in text files: entries separated by commas or line ends, comments after `#` at the beginning of a line.

use std::collections::HashSet;

/// Words that are compared exactly as they are written.
pub(crate) struct WordList(HashSet<&'static str>);

impl WordList {
    pub(crate) fn parse(list: &'static str) -> Self {
        Self(entries(list).collect())
    }

    pub(crate) fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

/// The lines of a file without comments and blank lines.
pub(crate) fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The entries of a word list.
pub(crate) fn entries(file: &'static str) -> impl Iterator<Item = &'static str> {
    lines(file).flat_map(comma_separated)
}

pub(crate) fn comma_separated(column: &'static str) -> impl Iterator<Item = &'static str> {
    column.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_line_ends_separate_entries() {
        let list = "# a, comment\none, two words\n\nthree,\n";
        assert_eq!(entries(list).collect::<Vec<_>>(), ["one", "two words", "three"]);
        assert!(WordList::parse(list).contains("two words"));
        assert!(!WordList::parse(list).contains("Three"));
    }
}
