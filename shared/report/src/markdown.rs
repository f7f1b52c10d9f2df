//! Markdown: CommonMark with tables. Text of the record is escaped and put on one line.

use crate::model::{
    DOUBTFUL_NOTICE, DOUBTFUL_TITLE, LOW_CONFIDENCE_LEGEND, NO_FINDINGS_NOTICE, PageNotice, PageReference,
    ReportModel, ReportQuote, ReportRow, ReportStatement, ReportTable,
};

pub(crate) fn write(model: &ReportModel) -> String {
    let mut out = MarkdownWriter(String::new());
    out.line(&format!("# {}", escape(&model.title)));
    if let Some(letterhead) = &model.letterhead {
        // Two spaces at its end break a line.
        let name = std::iter::once(format!("**{}**", escape(&letterhead.name)));
        let lines: Vec<String> = name.chain(letterhead.lines.iter().map(|line| escape(line))).collect();
        out.line(&lines.join("  \n"));
    }
    let patient = model.patient.as_deref().map(|name| format!("- Patient: {}", escape(name)));
    let values = model.identity.iter().chain(&model.request);
    let values = values.map(|it| format!("- {}: {}", it.label, escape(&it.value)));
    out.lines(patient.into_iter().chain(values));
    out.line(&model.totals);

    if model.is_empty() {
        out.line(NO_FINDINGS_NOTICE);
    }
    out.section("Most important", numbered(model.most_important.iter().map(statement)));
    out.section("Summary", bullets(model.summary.iter().map(statement)));
    for section in &model.sections {
        out.line(&format!("## {}", section.title));
        for table in &section.tables {
            if let Some(title) = table.title {
                out.line(&format!("### {title}"));
            }
            match table.columns.len() {
                1 => out.lines(bullets(table.rows.iter().map(list_entry))),
                _ => out.table(table),
            }
        }
    }
    let conflicts = model.conflicts.iter().map(|it| format!("{}{}", escape(&it.text), quotes(&it.quotes)));
    out.section("Conflicts", bullets(conflicts));
    out.section("Gaps", bullets(model.gaps.iter().map(statement)));

    if !model.doubtful.is_empty() {
        out.line(&format!("## {DOUBTFUL_TITLE}"));
        out.line(&format!("> {DOUBTFUL_NOTICE}"));
        out.lines(bullets(model.doubtful.iter().map(|it| {
            let assertion = assertion_suffix(it.assertion);
            format!("{}: {}{assertion} - {}{}", it.kind, escape(&it.text), it.reason, quotes(&it.quotes))
        })));
    }

    out.section("About this report", bullets(model.notes.iter().map(|note| escape(note))));
    if !model.duplicates.is_empty() {
        out.lines(bullets(model.duplicates.iter().cloned()));
    }
    if model.has_low_confidence {
        out.line(LOW_CONFIDENCE_LEGEND);
    }
    let with_reason = |it: &PageNotice| format!("{} {}", it.page.text, escape(&it.reason));
    out.section("Pages that could not be read", bullets(model.unreadable_pages.iter().map(with_reason)));
    out.section("Pages that were read in part", bullets(model.partly_read_pages.iter().map(with_reason)));
    out.section(
        "Pages that were not understood",
        bullets(model.not_understood_pages.iter().map(with_reason)),
    );
    let sources = model.sources.iter().map(|it| format!("{} ({} pages)", escape(&it.name), it.pages));
    out.section("Sources", numbered(sources));
    if let Some(signature) = &model.signature {
        out.line("## Signature");
        let name = std::iter::once(format!("**{}**", escape(&signature.name)));
        let lines: Vec<String> = name.chain(signature.lines.iter().map(|line| escape(line))).collect();
        out.line(&lines.join("  \n"));
        out.lines(
            std::iter::once(&signature.statement)
                .chain(&signature.digest)
                .map(|text| format!("- {}", escape(text))),
        );
    }
    out.0
}

/// Writes blocks with an empty line between them.
struct MarkdownWriter(String);

impl MarkdownWriter {
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

    /// A heading and a list, or nothing if the list is empty.
    fn section(&mut self, title: &str, entries: Vec<String>) {
        if !entries.is_empty() {
            self.line(&format!("## {title}"));
            self.lines(entries);
        }
    }

    fn table(&mut self, table: &ReportTable) {
        let titles = table.columns.iter().map(|column| column.title).chain(["Pages"]);
        let head: String = titles.map(|title| format!(" {title} |")).collect();
        let rule = " --- |".repeat(table.columns.len() + 1);
        self.lines(
            [format!("|{head}"), format!("|{rule}")].into_iter().chain(table.rows.iter().map(table_row)),
        );
    }
}

fn bullets(entries: impl Iterator<Item = String>) -> Vec<String> {
    entries.map(|entry| format!("- {entry}")).collect()
}

fn numbered(entries: impl Iterator<Item = String>) -> Vec<String> {
    entries.enumerate().map(|(index, entry)| format!("{}. {entry}", index + 1)).collect()
}

fn table_row(row: &ReportRow) -> String {
    let cells: String = (0..row.cells.len()).map(|index| format!(" {} |", cell(row, index))).collect();
    format!("|{cells} {} |", join(&row.pages))
}

fn join(pages: &[PageReference]) -> String {
    pages.iter().map(|page| page.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// A row of a table with one column.
fn list_entry(row: &ReportRow) -> String {
    format!("{} {}", cell(row, row.name_column), join(&row.pages))
}

fn cell(row: &ReportRow, index: usize) -> String {
    let text = escape(&row.cells[index].text);
    if index != row.name_column {
        return text;
    }
    let assertion = assertion_suffix(row.assertion);
    let note = row.note.as_deref().map(|note| format!(" - {}", escape(note))).unwrap_or_default();
    format!("{text}{assertion}{note}")
}

fn assertion_suffix(assertion: Option<&str>) -> String {
    assertion.map(|assertion| format!(" ({assertion})")).unwrap_or_default()
}

fn statement(statement: &ReportStatement) -> String {
    let assertion = assertion_suffix(statement.assertion);
    format!("{}{assertion} {}", escape(&statement.text), join(&statement.pages))
}

fn quotes(quotes: &[ReportQuote]) -> String {
    let quotes: Vec<String> =
        quotes.iter().map(|it| format!("\"{}\" {}", escape(&it.text), it.page.text)).collect();
    if quotes.is_empty() { String::new() } else { format!(" - {}", quotes.join(" / ")) }
}

/// Escapes the markup of CommonMark and its tables. White space becomes one space.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if index == 0 && starts_block(word) {
            // Only the first word can begin a list, a thematic break or a heading.
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

/// Whether a block that begins with this word would be a list item or a thematic break: `-`, `+`, `---`, `1.`, `1)`.
fn starts_block(word: &str) -> bool {
    let after_digits = word.trim_start_matches(|character: char| character.is_ascii_digit());
    let is_numbered = after_digits.len() < word.len() && matches!(after_digits, "." | ")");
    is_numbered || word.chars().all(|character| matches!(character, '-' | '+' | '='))
}
