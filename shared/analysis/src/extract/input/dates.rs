//! Dates in clinical text. A date of digits alone is read month first, as is usual in the United States, unless its first
//! number cannot be a month.

use std::{ops::Range, sync::LazyLock};

use regex::{Captures, Regex};
use time::{Date, Month};

use crate::text;

/// A full date in a text. Month and year alone are not a date: the day would be made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DateMatch {
    pub(crate) range: Range<usize>,
    pub(crate) date: Date,
}

const MONTH_NAME: &str = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

/// A digit, also one that was recognised as a letter.
const DIGIT: &str = "[0-9OoIl|]";

static DATES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix)
        \b(?P<iy>(?:19|20|2O|l9){DIGIT}{{2}})\s?[-/.]\s?(?P<im>{DIGIT}{{1,2}})\s?[-/.]\s?(?P<id>{DIGIT}{{1,2}})(?:\b|T\d)
        | \b(?P<a>{DIGIT}{{1,2}})\s?(?P<s1>[-/.])\s?(?P<b>{DIGIT}{{1,2}})\s?(?P<s2>[-/.])\s?(?P<y>(?:19|20|2O|l9){DIGIT}{{2}}|{DIGIT}{{2}})\b
        | \b(?P<mm>{MONTH_NAME})\.?\s+(?P<md>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)(?P<my>(?:19|20)\d{{2}})\b
        | \b(?P<dd>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of\s+|\s*-\s*|\s+)(?P<dm>{MONTH_NAME})\.?(?:\s*,\s*|\s*-\s*|\s+)(?P<dy>(?:19|20)\d{{2}}|\d{{2}})\b
        "
    ))
    .expect("a fixed pattern")
});

/// All full dates of the text, in order.
pub(crate) fn find_dates(text: &str) -> Vec<DateMatch> {
    DATES
        .captures_iter(text)
        .filter_map(|found| {
            let range = found.get(0)?.range();
            // Part of a longer number, such as a version or an account number.
            let before = text[..range.start].chars().next_back();
            let after = text[range.end..].chars().next();
            if matches!(before, Some('-' | '/' | '.')) || matches!(after, Some('/')) {
                return None;
            }
            Some(DateMatch { date: parse_date(&found)?, range })
        })
        .collect()
}

/// The first full date of the text.
pub(crate) fn first_date(text: &str) -> Option<Date> {
    find_dates(text).first().map(|found| found.date)
}

fn parse_date(found: &Captures<'_>) -> Option<Date> {
    let number = |name: &str| -> Option<i32> {
        let raw = found.name(name)?.as_str();
        let digits: String = text::restore_digits(&raw.replace('i', "I"));
        digits.parse().ok()
    };
    if let (Some(y), Some(m), Some(d)) = (number("iy"), number("im"), number("id")) {
        return calendar_date(y, m, d);
    }
    if let (Some(a), Some(b), Some(y)) = (number("a"), number("b"), number("y")) {
        let separators = (found.name("s1")?.as_str(), found.name("s2")?.as_str());
        if separators.0 != separators.1 {
            return None;
        }
        let is_short_year = found.name("y")?.as_str().len() == 2;
        // `7.5.20` may as well be a version or a dose.
        if is_short_year && separators.0 == "." {
            return None;
        }
        let year = if is_short_year { expand_year(y) } else { y };
        return if a > 12 { calendar_date(year, b, a) } else { calendar_date(year, a, b) };
    }
    if let (Some(m), Some(d), Some(y)) = (found.name("mm"), number("md"), number("my")) {
        return calendar_date(y, month_number(m.as_str())?, d);
    }
    let (d, m) = (number("dd")?, month_number(found.name("dm")?.as_str())?);
    let y = number("dy")?;
    calendar_date(if found.name("dy")?.as_str().len() == 2 { expand_year(y) } else { y }, m, d)
}

/// Two-digit years from 40 on belong to the last century: records hold births of that century and events of this one.
fn expand_year(year: i32) -> i32 {
    if year >= 40 { 1900 + year } else { 2000 + year }
}

fn month_number(name: &str) -> Option<i32> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = name.get(..3)?.to_lowercase();
    (1..).zip(NAMES).find(|(_, known)| *known == start).map(|(number, _)| number)
}

fn calendar_date(year: i32, month: i32, day: i32) -> Option<Date> {
    if !(1880..=2150).contains(&year) {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn each_way_of_writing_a_date_is_read() {
        for text in [
            "03/12/2024",
            "3/12/2024",
            "3-12-24",
            "3/12/24",
            "2024-03-12",
            "2024-03-12T10:45",
            "03.12.2024",
            "March 12, 2024",
            "Mar 12 2024",
            "MARCH 12th, 2024",
            "12 March 2024",
            "12-Mar-2024",
            "12th of March, 2024",
            "12-MAR-24",
            "O3/l2/2O24",
            "03/ 12/2024",
        ] {
            assert_eq!(first_date(text), Some(date!(2024 - 03 - 12)), "{text}");
        }
    }

    #[test]
    fn digits_are_month_first_unless_that_is_impossible() {
        assert_eq!(first_date("04/05/2024"), Some(date!(2024 - 04 - 05)));
        assert_eq!(first_date("25/04/2024"), Some(date!(2024 - 04 - 25)));
    }

    #[test]
    fn other_numbers_are_not_dates() {
        for text in
            ["13/45/2024", "4/2018", "BP 142/88", "1.5-2.0", "12/34", "March 2024", "02/30/2024", "7.5.20"]
        {
            assert_eq!(find_dates(text), [], "{text}");
        }
    }

    #[test]
    fn dates_have_their_ranges() {
        let text = "from 1/2/2024 to 1/9/2024";
        let matched: Vec<&str> = find_dates(text).into_iter().map(|found| &text[found.range]).collect();
        assert_eq!(matched, ["1/2/2024", "1/9/2024"]);
    }
}
