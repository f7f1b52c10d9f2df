//! Dates as clinics write them. An all-digit date is read month first, as clinics in the United States write
//! it, unless its first number cannot be a month.

use std::{ops::Range, sync::LazyLock};

use regex::{Captures, Regex};
use time::{Date, Month};

use crate::text;

/// A full date in a text. Month and year alone are no date: the day would be an invention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(crate) date: Date,
}

const MONTHS: &str = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

/// Digits as readers of scans give them.
const D: &str = "[0-9OoIl|]";

static DATES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix)
        \b(?P<iy>(?:19|20|2O|l9){D}{{2}})\s?[-/.]\s?(?P<im>{D}{{1,2}})\s?[-/.]\s?(?P<id>{D}{{1,2}})(?:\b|T\d)
        | \b(?P<a>{D}{{1,2}})\s?(?P<s1>[-/.])\s?(?P<b>{D}{{1,2}})\s?(?P<s2>[-/.])\s?(?P<y>(?:19|20|2O|l9){D}{{2}}|{D}{{2}})\b
        | \b(?P<mm>{MONTHS})\.?\s+(?P<md>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)(?P<my>(?:19|20)\d{{2}})\b
        | \b(?P<dd>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of\s+|\s*-\s*|\s+)(?P<dm>{MONTHS})\.?(?:\s*,\s*|\s*-\s*|\s+)(?P<dy>(?:19|20)\d{{2}}|\d{{2}})\b
        "
    ))
    .expect("a fixed pattern")
});

/// Every full date of the text, in order.
pub(crate) fn find(text: &str) -> Vec<Found> {
    DATES
        .captures_iter(text)
        .filter_map(|found| {
            let range = found.get(0)?.range();
            // Part of a longer number, such as a version or an account: not a date.
            let before = text[..range.start].chars().next_back();
            let after = text[range.end..].chars().next();
            if matches!(before, Some('-' | '/' | '.')) || matches!(after, Some('/')) {
                return None;
            }
            Some(Found { date: read(&found)?, range })
        })
        .collect()
}

/// The only full date of a text that is one.
pub(crate) fn first(text: &str) -> Option<Date> {
    find(text).first().map(|found| found.date)
}

fn read(found: &Captures<'_>) -> Option<Date> {
    let number = |name: &str| -> Option<i32> {
        let raw = found.name(name)?.as_str();
        let digits: String = text::digits(&raw.replace('i', "I"));
        digits.parse().ok()
    };
    if let (Some(y), Some(m), Some(d)) = (number("iy"), number("im"), number("id")) {
        return day(y, m, d);
    }
    if let (Some(a), Some(b), Some(y)) = (number("a"), number("b"), number("y")) {
        let separators = (found.name("s1")?.as_str(), found.name("s2")?.as_str());
        if separators.0 != separators.1 {
            return None;
        }
        let short = found.name("y")?.as_str().len() == 2;
        // `7.5.20` is as likely a version or a dose as a day.
        if short && separators.0 == "." {
            return None;
        }
        let year = if short { century(y) } else { y };
        return if a > 12 { day(year, b, a) } else { day(year, a, b) };
    }
    if let (Some(m), Some(d), Some(y)) = (found.name("mm"), number("md"), number("my")) {
        return day(y, month(m.as_str())?, d);
    }
    let (d, m) = (number("dd")?, month(found.name("dm")?.as_str())?);
    let y = number("dy")?;
    day(if found.name("dy")?.as_str().len() == 2 { century(y) } else { y }, m, d)
}

/// Two-digit years from 40 on belong to the last century: a record holds births of it and events of this one.
fn century(year: i32) -> i32 {
    if year >= 40 { 1900 + year } else { 2000 + year }
}

fn month(name: &str) -> Option<i32> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = name.get(..3)?.to_lowercase();
    (1..).zip(NAMES).find(|(_, known)| *known == start).map(|(number, _)| number)
}

fn day(year: i32, month: i32, day: i32) -> Option<Date> {
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
            assert_eq!(first(text), Some(date!(2024 - 03 - 12)), "{text}");
        }
    }

    #[test]
    fn an_ambiguous_date_is_month_first_and_an_impossible_month_is_a_day() {
        assert_eq!(first("04/05/2024"), Some(date!(2024 - 04 - 05)));
        assert_eq!(first("25/04/2024"), Some(date!(2024 - 04 - 25)));
    }

    #[test]
    fn numbers_that_are_no_dates_are_left_alone() {
        for text in
            ["13/45/2024", "4/2018", "BP 142/88", "1.5-2.0", "12/34", "March 2024", "02/30/2024", "7.5.20"]
        {
            assert_eq!(find(text), [], "{text}");
        }
    }

    #[test]
    fn several_dates_keep_their_places() {
        let text = "from 1/2/2024 to 1/9/2024";
        let places: Vec<&str> = find(text).into_iter().map(|found| &text[found.range]).collect();
        assert_eq!(places, ["1/2/2024", "1/9/2024"]);
    }
}
