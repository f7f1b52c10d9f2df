//! The use of a clinic as CSV (RFC 4180): a line for each month, then one for each person.

use maneiro_api::subscription::UsageReport;

/// Spreadsheets take a field that begins with one of these for a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn field(text: &str) -> String {
    let text = if text.starts_with(FORMULA_STARTS) { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The report as CSV.
#[must_use]
pub fn write(report: &UsageReport) -> String {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let month = |date: time::Date| format!("{:04}-{:02}", date.year(), u8::from(date.month()));
    let mut csv = "month,person,analyses,pages,dictation_minutes,storage_bytes,members\r\n".to_owned();
    for line in &report.months {
        csv.push_str(&format!(
            "{},,{},{},{},{},{}\r\n",
            month(line.month),
            line.analyses,
            line.pages,
            line.dictation_minutes,
            number(line.storage_bytes),
            number(line.members.map(u64::from)),
        ));
    }
    for line in &report.persons {
        let person = line.name.clone().or_else(|| line.user.map(|user| user.to_string())).unwrap_or_default();
        csv.push_str(&format!(
            "{},{},{},{},{},{},\r\n",
            month(report.month),
            field(&person),
            line.analyses,
            line.pages,
            line.dictation_minutes,
            line.storage_bytes,
        ));
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_stays_one_field_and_no_formula() {
        assert_eq!(field("Ada Lovelace"), "Ada Lovelace");
        assert_eq!(field("Lovelace, \"Ada\""), "\"Lovelace, \"\"Ada\"\"\"");
        assert_eq!(field("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    }
}
