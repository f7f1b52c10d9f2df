//! The Markdown form: CommonMark with tables. What comes from a record is escaped and stays on one line.

use crate::view::{
    Group, HARD_TO_READ_MEANS, Item, NOT_VERIFIED, NOT_VERIFIED_MEANS, NOTHING_FOUND, Quote, Row, Unreadable,
    View,
};

pub(crate) fn write(view: &View) -> String {
    let mut out = Text(String::new());
    out.line(&format!("# {}", escape(&view.title)));
    out.line(&format!("**{}**", escape(&view.clinic)));
    let patient = view.patient.as_deref().map(|name| format!("- Patient: {}", escape(name)));
    let pairs = view.identity.iter().chain(&view.request);
    out.lines(patient.into_iter().chain(pairs.map(|it| format!("- {}: {}", it.name, escape(&it.value)))));
    out.line(&view.tally);

    if view.is_empty() {
        out.line(NOTHING_FOUND);
    }
    out.section("Most important", numbered(view.most_important.iter().map(item)));
    out.section("Summary", bullets(view.summary.iter().map(item)));
    for section in &view.sections {
        out.line(&format!("## {}", section.title));
        for group in &section.groups {
            if let Some(title) = group.title {
                out.line(&format!("### {title}"));
            }
            match group.columns.len() {
                1 => out.lines(bullets(group.rows.iter().map(bare))),
                _ => out.table(group),
            }
        }
    }
    let conflicts = view.conflicts.iter().map(|it| format!("{}{}", escape(&it.text), quotes(&it.sides)));
    out.section("Conflicts", bullets(conflicts));
    out.section("Gaps", bullets(view.gaps.iter().map(item)));

    if !view.unverified.is_empty() {
        out.line(&format!("## {NOT_VERIFIED}"));
        out.line(&format!("> {NOT_VERIFIED_MEANS}"));
        out.lines(bullets(view.unverified.iter().map(|it| {
            let context = it.context.map(|context| format!(" ({context})")).unwrap_or_default();
            format!("{}: {}{context}{}", it.kind, escape(&it.text), quotes(&it.claims))
        })));
    }

    out.section("About this report", bullets(view.notes.iter().map(|note| escape(note))));
    if !view.repeats.is_empty() {
        out.lines(bullets(view.repeats.iter().cloned()));
    }
    if view.hard_to_read {
        out.line(HARD_TO_READ_MEANS);
    }
    let with_reason = |it: &Unreadable| format!("{} {}", it.page, escape(&it.reason));
    out.section("Pages that could not be read", bullets(view.unreadable.iter().map(with_reason)));
    out.section("Pages that were read in part", bullets(view.partly_read.iter().map(with_reason)));
    let sources = view.sources.iter().map(|it| format!("{} ({} pages)", escape(&it.name), it.pages));
    out.section("Sources", numbered(sources));
    out.0
}

/// Markdown as it grows: blocks with an empty line between two.
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.lines([line.to_owned()]);
    }

    fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        for line in lines {
            self.0.push_str(&line);
            self.0.push('\n');
        }
    }

    /// A heading and a list, or nothing if the list has no entry.
    fn section(&mut self, title: &str, entries: Vec<String>) {
        if !entries.is_empty() {
            self.line(&format!("## {title}"));
            self.lines(entries);
        }
    }

    fn table(&mut self, group: &Group) {
        let titles = group.columns.iter().map(|column| column.title).chain(["Pages"]);
        let head: String = titles.map(|title| format!(" {title} |")).collect();
        let rule = " --- |".repeat(group.columns.len() + 1);
        self.lines([format!("|{head}"), format!("|{rule}")].into_iter().chain(group.rows.iter().map(row)));
    }
}

fn bullets(entries: impl Iterator<Item = String>) -> Vec<String> {
    entries.map(|entry| format!("- {entry}")).collect()
}

fn numbered(entries: impl Iterator<Item = String>) -> Vec<String> {
    entries.enumerate().map(|(index, entry)| format!("{}. {entry}", index + 1)).collect()
}

fn row(row: &Row) -> String {
    let cells: String = (0..row.cells.len()).map(|index| format!(" {} |", cell(row, index))).collect();
    format!("|{cells} {} |", row.pages.join(" "))
}

/// A row of a single column: an entry of a list.
fn bare(row: &Row) -> String {
    format!("{} {}", cell(row, row.named_by), row.pages.join(" "))
}

fn cell(row: &Row, index: usize) -> String {
    let text = escape(&row.cells[index].text);
    if index != row.named_by {
        return text;
    }
    let context = row.context.map(|context| format!(" ({context})")).unwrap_or_default();
    let note = row.note.as_deref().map(|note| format!(" - {}", escape(note))).unwrap_or_default();
    format!("{text}{context}{note}")
}

fn item(item: &Item) -> String {
    let context = item.context.map(|context| format!(" ({context})")).unwrap_or_default();
    format!("{}{context} {}", escape(&item.text), item.pages.join(" "))
}

fn quotes(quotes: &[Quote]) -> String {
    let quotes: Vec<String> =
        quotes.iter().map(|it| format!("\"{}\" {}", escape(&it.words), it.page)).collect();
    if quotes.is_empty() { String::new() } else { format!(" - {}", quotes.join(" / ")) }
}

/// Escapes what CommonMark or its tables would take for markup; any white space becomes one space.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if index == 0 && starts_block(word) {
            // Only the first word can begin a list, a rule or a heading.
            let sign = word.find(|character: char| !character.is_ascii_digit()).unwrap_or(0);
            out.push_str(&word[..sign]);
            out.push('\\');
            escape_word(&word[sign..], &mut out);
        } else {
            escape_word(word, &mut out);
        }
    }
    out
}

fn escape_word(word: &str, out: &mut String) {
    for character in word.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '$') {
            out.push('\\');
        }
        if !character.is_control() {
            out.push(character);
        }
    }
}

/// Whether a block that begins with this word would be a list item or a rule: `-`, `+`, `---`, `1.`, `1)`.
fn starts_block(word: &str) -> bool {
    let after_digits = word.trim_start_matches(|character: char| character.is_ascii_digit());
    let numbered = after_digits.len() < word.len() && matches!(after_digits, "." | ")");
    numbered || word.chars().all(|character| matches!(character, '-' | '+' | '='))
}
