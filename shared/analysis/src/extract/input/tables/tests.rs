//! Tables of fictional records.

use maneiro_page::Line;

use super::*;
use crate::testing::page;

/// The rows of a table, each cell as `role=text`.
fn rows(text: &str) -> Vec<String> {
    let source = page(1, text);
    let mut table = OpenTable::default();
    source.page.lines.iter().filter_map(|line| row(&mut table, line)).collect()
}

fn row(table: &mut OpenTable, line: &Line) -> Option<String> {
    let words: Vec<&Word> = line.words.iter().collect();
    if table.open(&words, Section::Preamble, DateOrder::MonthFirst) {
        return None;
    }
    let (mark, entries) = match table.read(&words)? {
        TableLine::NewRow(entries) => ("", entries),
        TableLine::Continuation(cells) => ("+", vec![cells]),
    };
    let describe = |cell: &RowCell| {
        let texts: Vec<&str> = cell.words.iter().map(|&at| words[at].text.as_str()).collect();
        format!("{:?}={}", cell.role, texts.join(" "))
    };
    let entries: Vec<String> =
        entries.iter().map(|cells| cells.iter().map(describe).collect::<Vec<_>>().join("|")).collect();
    Some(format!("{mark}{}", entries.join(" & ")))
}

#[test]
fn cells_belong_to_the_column_that_they_stand_in() {
    let found = rows(
        "Substance       Reaction      Severity     Status\n\
                      Zymopen         Itching       Moderate     Active\n\
                      Latex                                      Active\n\
                      Branberry juice               Mild         Inactive",
    );
    assert_eq!(
        found,
        [
            "Substance=Zymopen|Reaction=Itching|Severity=Moderate|Status=Active",
            "Substance=Latex|Status=Active",
            "Substance=Branberry juice|Severity=Mild|Status=Inactive",
        ]
    );
}

#[test]
fn entries_beside_each_other_are_entries_of_their_own() {
    let found = rows(
        "Condition           Yes    No     Condition        Yes    No\n\
                      Heart attack        ☐      ☒      Kidney stones    ☒      ☐\n\
                      Asthma              ☒      ☐\n\
                      ☒ Chest pain        ☐ Cough",
    );
    assert_eq!(
        found,
        ["Problem=Heart attack|Yes=☐|No=☒ & Problem=Kidney stones|Yes=☒|No=☐", "Problem=Asthma|Yes=☒|No=☐"]
    );
}

#[test]
fn numbers_may_be_set_flush_right() {
    let found = rows(
        "Test              Result     Units     Reference\n\
                      Sodium               139    mmol/L     135 - 145\n\
                      Serum zymurgase  1,234.5       U/L          < 40",
    );
    assert_eq!(
        found,
        [
            "Test=Sodium|Result=139|Unit=mmol/L|Range=135 - 145",
            "Test=Serum zymurgase|Result=1,234.5|Unit=U/L|Range=< 40",
        ]
    );
}

#[test]
fn broken_cell_continues_and_prose_ends_the_table() {
    let found = rows(
        "Medication      Directions          Status\n\
                      Zorbex 10 mg    1 tablet every 6    Active\n\
                      \x20               hours as needed\n\
                      She was told to bring all of these bottles to the next visit\n\
                      Zorbex 10 mg    1 tablet daily      Active",
    );
    assert_eq!(found, ["Medication=Zorbex 10 mg|Sig=1 tablet every 6|Status=Active", "+Sig=hours as needed"]);
}

#[test]
fn days_below_the_titles_belong_to_their_columns() {
    let source = page(
        1,
        "Component     Result        Result        Units\n              03/04/2024    02/01/2024\nSodium        139           135           mmol/L",
    );
    let mut table = OpenTable::default();
    let words: Vec<Vec<&Word>> = source.page.lines.iter().map(|line| line.words.iter().collect()).collect();
    assert!(
        table.open(&words[0], Section::Preamble, DateOrder::MonthFirst)
            && table.open(&words[1], Section::Preamble, DateOrder::MonthFirst)
    );
    let Some(TableLine::NewRow(entries)) = table.read(&words[2]) else { panic!("a row") };
    let days: Vec<String> =
        entries[0].iter().filter_map(|cell| cell.date).map(|date| date.to_string()).collect();
    assert_eq!(days, ["2024-03-04", "2024-02-01"]);
}

#[test]
fn lines_that_are_no_heads_open_no_table() {
    for line in [
        "Sodium        139           135           mmol/L",
        "The result was normal and the date is unknown",
        "Allergies         Medications",
        "Name: Jane Doe      Date: 03/04/2024",
        "Test Result",
    ] {
        let source = page(1, line);
        let words: Vec<&Word> = source.page.lines[0].words.iter().collect();
        assert!(!OpenTable::default().open(&words, Section::Preamble, DateOrder::MonthFirst), "{line}");
    }
}
