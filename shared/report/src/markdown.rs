//! Markdown: CommonMark with tables. Text of the record is escaped and put on one line.

use crate::{
    model::{
        LetterModel, PageNotice, PageReference, ReportModel, ReportQuote, ReportRow, ReportSection,
        ReportStatement, ReportTable,
    },
    texts::Headings,
};

pub(crate) fn write(model: &ReportModel) -> String {
    let headings = &model.texts.headings;
    let mut out = MarkdownWriter(String::new());
    out.line(&format!("# {}", escape(&model.title)));
    if let Some(letterhead) = &model.letterhead {
        out.broken_lines(&letterhead.name, &letterhead.lines);
    }
    match &model.letter {
        Some(letter) => out.letter_head(model, letter),
        None => out.review_head(model),
    }
    if model.is_empty {
        out.line(headings.no_findings);
    }
    out.section(headings.most_important, numbered(model.most_important.iter().map(statement)));
    out.section(headings.summary, bullets(model.summary.iter().map(statement)));
    for section in model.letter.iter().flat_map(LetterModel::sections).chain(&model.sections) {
        out.statements(section, headings);
    }
    let conflicts = model.conflicts.iter().map(|it| format!("{}{}", escape(&it.text), quotes(&it.quotes)));
    out.section(headings.conflicts, bullets(conflicts));
    out.section(headings.gaps, bullets(model.gaps.iter().map(statement)));

    if !model.doubtful.is_empty() {
        out.line(&format!("## {}", headings.doubtful));
        out.line(&format!("> {}", headings.doubtful_notice));
        out.lines(bullets(model.doubtful.iter().map(|it| {
            let assertion = assertion_suffix(it.assertion.as_deref());
            let places =
                if it.quotes.is_empty() { format!(" {}", join(&it.pages)) } else { quotes(&it.quotes) };
            format!("{}: {}{assertion} - {}{places}", it.kind, escape(&it.text), it.reason)
        })));
    }

    let about = model.notes.iter().map(|note| escape(note));
    let letter = model.letter.as_ref();
    let about = about.chain(letter.and_then(|it| it.left_out.as_deref()).map(escape));
    out.section(headings.about, bullets(about.chain(letter.map(|it| escape(&it.documents)))));
    if !model.duplicates.is_empty() {
        out.lines(bullets(model.duplicates.iter().cloned()));
    }
    if model.has_low_confidence {
        out.line(headings.low_confidence);
    }
    let with_reason = |it: &PageNotice| format!("{} {}", it.page.text, escape(&it.reason));
    out.section(headings.unreadable_pages, bullets(model.unreadable_pages.iter().map(with_reason)));
    out.section(headings.partly_read_pages, bullets(model.partly_read_pages.iter().map(with_reason)));
    out.section(headings.not_understood_pages, bullets(model.not_understood_pages.iter().map(with_reason)));
    let source_pages = model.texts.source_pages;
    let sources = model.sources.iter().map(|it| format!("{} ({})", escape(&it.name), source_pages(it.pages)));
    out.section(headings.sources, numbered(sources));
    if let Some(signature) = &model.signature {
        if model.letter.is_some() {
            out.line(model.texts.letter.closing);
        } else {
            out.line(&format!("## {}", headings.signature));
        }
        out.broken_lines(&signature.name, &signature.lines);
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

    /// A name and the lines below it as one paragraph.
    fn broken_lines(&mut self, name: &str, lines: &[String]) {
        let name = format!("**{}**", escape(name));
        self.paragraph(std::iter::once(name).chain(lines.iter().map(|line| escape(line))));
    }

    fn paragraph(&mut self, lines: impl IntoIterator<Item = String>) {
        // Two spaces at its end break a line.
        self.line(&lines.into_iter().collect::<Vec<_>>().join("  \n"));
    }

    fn letter_head(&mut self, model: &ReportModel, letter: &LetterModel) {
        self.line(&letter.date);
        if !model.recipient.is_empty() {
            self.paragraph(model.recipient.iter().map(|line| escape(line)));
        }
        self.line(&format!("**{} {}**", model.texts.letter.subject, escape(&letter.subject)));
        self.line(&escape(&letter.opening));
    }

    fn review_head(&mut self, model: &ReportModel) {
        let headings = &model.texts.headings;
        let recipient = (!model.recipient.is_empty())
            .then(|| format!("- {}: {}", headings.recipient, escape(&model.recipient.join(", "))));
        let patient =
            model.patient.as_deref().map(|name| format!("- {}: {}", headings.patient, escape(name)));
        let values = model.identity.iter().chain(&model.request);
        let values = values.map(|it| format!("- {}: {}", it.label, escape(&it.value)));
        self.lines(recipient.into_iter().chain(patient).chain(values));
        self.line(&model.totals);
    }

    fn statements(&mut self, section: &ReportSection, headings: &Headings) {
        self.line(&format!("## {}", section.title));
        for table in &section.tables {
            if let Some(title) = table.title {
                self.line(&format!("### {title}"));
            }
            match table.columns.len() {
                1 => self.lines(bullets(table.rows.iter().map(list_entry))),
                _ => self.table(table, headings),
            }
        }
    }

    /// A heading and a list, or nothing if the list is empty.
    fn section(&mut self, title: &str, entries: Vec<String>) {
        if !entries.is_empty() {
            self.line(&format!("## {title}"));
            self.lines(entries);
        }
    }

    fn table(&mut self, table: &ReportTable, headings: &Headings) {
        let titles = table.columns.iter().map(|column| column.title).chain([headings.pages]);
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
    let assertion = assertion_suffix(row.assertion.as_deref());
    let note = row.note.as_deref().map(|note| format!(" - {}", escape(note))).unwrap_or_default();
    format!("{text}{assertion}{note}")
}

fn assertion_suffix(assertion: Option<&str>) -> String {
    assertion.map(|assertion| format!(" ({assertion})")).unwrap_or_default()
}

fn statement(statement: &ReportStatement) -> String {
    let assertion = assertion_suffix(statement.assertion.as_deref());
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
