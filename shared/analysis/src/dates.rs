//! Dates in clinical text. Whether the day or the month comes first in a date of digits alone is learned from the dates of
//! the document that allow one reading only. Without any, paper of the United States stands for month first; on other
//! paper such a date has no day.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use maneiro_api::DocumentId;
use maneiro_page::Page;
use regex::{Captures, Regex};
use time::{Date, Month};

use crate::{SourcePage, text};

/// Which number of a date of digits alone is the month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum DateOrder {
    #[default]
    MonthFirst,
    DayFirst,
    /// Not known: `03/04/2024` is no day.
    Unknown,
}

/// Learns the order of each document from its pages.
#[derive(Default)]
pub(crate) struct DateOrders(HashMap<DocumentId, OrderCounts>);

/// Dates that allow one order only.
#[derive(Debug, Clone, Copy, Default)]
struct OrderCounts {
    month_first: u32,
    day_first: u32,
}

impl DateOrders {
    /// The order on a page, which comes after the other pages of its document that were seen before.
    pub(crate) fn learn(&mut self, source: &SourcePage) -> DateOrder {
        let counts = self.0.entry(source.document).or_default();
        for line in &source.page.lines {
            for found in DATES.captures_iter(&line.text()) {
                match unambiguous_order(&found) {
                    Some(DateOrder::MonthFirst) => counts.month_first += 1,
                    Some(DateOrder::DayFirst) => counts.day_first += 1,
                    Some(DateOrder::Unknown) | None => {}
                }
            }
        }
        match counts.month_first.cmp(&counts.day_first) {
            std::cmp::Ordering::Greater => DateOrder::MonthFirst,
            std::cmp::Ordering::Less => DateOrder::DayFirst,
            std::cmp::Ordering::Equal if counts.day_first == 0 && !is_iso_paper(&source.page) => {
                DateOrder::MonthFirst
            }
            std::cmp::Ordering::Equal => DateOrder::Unknown,
        }
    }
}

/// Whether a page has the proportions of ISO 216 (A4), which the United States do not use.
fn is_iso_paper(page: &Page) -> bool {
    const ISO_RATIO: f32 = std::f32::consts::SQRT_2;
    const MAX_DEVIATION_RATIO: f32 = 0.02;
    let (short, long) = (page.width.min(page.height), page.width.max(page.height));
    (long / short.max(1.0) - ISO_RATIO).abs() <= MAX_DEVIATION_RATIO
}

/// The order of a date of digits alone that is a date in one order only.
fn unambiguous_order(found: &Captures<'_>) -> Option<DateOrder> {
    let (first, second) = (number(found, "a")?, number(found, "b")?);
    match (first, second) {
        (13..=31, 1..=12) => Some(DateOrder::DayFirst),
        (1..=12, 13..=31) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

/// A full date in a text. Month and year alone are not a date: the day would be made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DateMatch {
    pub(crate) range: Range<usize>,
    pub(crate) date: Date,
}

const MONTH_NAME: &str = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";

/// A digit, also one that was recognised as a letter.
const DIGIT: &str = "[0-9OoIl|]";

static DATES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?ix)
        \b(?P<iy>(?:19|20|2O|l9){DIGIT}{{2}})\s?[-/.]\s?(?P<im>{DIGIT}{{1,2}})\s?[-/.]\s?(?P<id>{DIGIT}{{1,2}})(?:\b|T\d)
        | \b(?P<a>{DIGIT}{{1,2}})\s?(?P<s1>[-/.])\s?(?P<b>{DIGIT}{{1,2}})\s?(?P<s2>[-/.])\s?(?P<y>(?:19|20|2O|l9){DIGIT}{{2}}|{DIGIT}{{2}})\b
        | \b(?P<mm>{MONTH_NAME})\.?\s+(?P<md>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)(?P<my>(?:19|20)\d{{2}})\b
        | \b(?P<dd>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of\s+|\s+de\s+|\s*[-/.]\s*|\s+)(?P<dm>{MONTH_NAME})\.?(?:\s*,\s*|\s*[-/]\s*|\s+del?\s+|\s+)(?P<dy>(?:19|20)\d{{2}}|\d{{2}})\b
        "
    ))
    .expect("a fixed pattern")
});

/// All full dates of the text whose day is certain, in order.
pub(crate) fn find_dates(text: &str, order: DateOrder) -> Vec<DateMatch> {
    DATES
        .captures_iter(text)
        .filter_map(|found| {
            let range = date_range(text, &found)?;
            Some(DateMatch { date: parse_date(&found, order)?, range })
        })
        .collect()
}

/// Where the dates of the text stand, also those whose day is not certain.
pub(crate) fn find_date_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    DATES.captures_iter(text).filter_map(|found| {
        let range = date_range(text, &found)?;
        let is_date = parse_date(&found, DateOrder::MonthFirst).or(parse_date(&found, DateOrder::DayFirst));
        is_date.map(|_| range)
    })
}

/// The first full date of the text.
pub(crate) fn first_date(text: &str, order: DateOrder) -> Option<Date> {
    find_dates(text, order).first().map(|found| found.date)
}

/// Where a date stands; none if it is part of a longer number, such as a version or an account number.
fn date_range(text: &str, found: &Captures<'_>) -> Option<Range<usize>> {
    let range = found.get(0)?.range();
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let is_part = matches!(before, Some('-' | '/' | '.')) || matches!(after, Some('/'));
    (!is_part).then_some(range)
}

fn number(found: &Captures<'_>, name: &str) -> Option<i32> {
    let raw = found.name(name)?.as_str();
    let digits: String = text::restore_digits(&raw.replace('i', "I"));
    digits.parse().ok()
}

fn parse_date(found: &Captures<'_>, order: DateOrder) -> Option<Date> {
    let number = |name: &str| number(found, name);
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
        return match unambiguous_order(found).unwrap_or(order) {
            DateOrder::MonthFirst => calendar_date(year, a, b),
            DateOrder::DayFirst => calendar_date(year, b, a),
            // The same day in either order.
            DateOrder::Unknown if a == b => calendar_date(year, a, b),
            DateOrder::Unknown => None,
        };
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
    const NAMES: [&[&str]; 12] = [
        &["jan", "ene"],
        &["feb"],
        &["mar"],
        &["apr", "abr"],
        &["may"],
        &["jun"],
        &["jul"],
        &["aug", "ago"],
        &["sep", "set"],
        &["oct"],
        &["nov"],
        &["dec", "dic"],
    ];
    let start = name.get(..3)?.to_lowercase();
    (1..).zip(NAMES).find(|(_, known)| known.contains(&start.as_str())).map(|(number, _)| number)
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
    use crate::testing::{document, page};

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
            "12/Mar/2024",
            "12 de marzo de 2024",
            "12 marzo 2024",
            "2024/03/12",
            "O3/l2/2O24",
            "03/ 12/2024",
        ] {
            assert_eq!(first_date(text, DateOrder::MonthFirst), Some(date!(2024 - 03 - 12)), "{text}");
        }
    }

    #[test]
    fn digits_are_read_in_the_order_of_the_document() {
        let read = |text: &str, order| first_date(text, order);
        assert_eq!(read("04/05/2024", DateOrder::MonthFirst), Some(date!(2024 - 04 - 05)));
        assert_eq!(read("04/05/2024", DateOrder::DayFirst), Some(date!(2024 - 05 - 04)));
        assert_eq!(read("04/05/2024", DateOrder::Unknown), None, "no day is claimed");
        assert_eq!(read("05/05/2024", DateOrder::Unknown), Some(date!(2024 - 05 - 05)));
        for order in [DateOrder::MonthFirst, DateOrder::DayFirst, DateOrder::Unknown] {
            assert_eq!(read("25/04/2024", order), Some(date!(2024 - 04 - 25)));
            assert_eq!(read("04/25/2024", order), Some(date!(2024 - 04 - 25)));
            assert_eq!(read("2024-04-05", order), Some(date!(2024 - 04 - 05)));
        }
        let found: Vec<_> = find_date_ranges("on 04/05/2024").collect();
        assert!(matches!(found.as_slice(), [range] if *range == (3..13)), "{found:?}");
    }

    #[test]
    fn order_is_learned_from_the_document() {
        let mut orders = DateOrders::default();
        let mut learn = |text: &str, size: (f32, f32)| {
            let mut source = page(1, text);
            (source.page.width, source.page.height) = size;
            source.document = document(text.len() as u128);
            orders.learn(&source)
        };
        let (letter, a4) = ((612.0, 792.0), (595.0, 842.0));
        assert_eq!(learn("Seen 04/05/2024", letter), DateOrder::MonthFirst);
        assert_eq!(learn("Seen on 04/05/2024", a4), DateOrder::Unknown);
        assert_eq!(learn("Seen 04/05/2024, born 23/07/1958", a4), DateOrder::DayFirst);
        assert_eq!(learn("Seen on 04/05/2024, born 23/07/1958", letter), DateOrder::DayFirst);
        assert_eq!(learn("Seen on 04/05/2024, born on 07/23/1958", a4), DateOrder::MonthFirst);
        let second_page = "4/5/24";
        assert_eq!(learn(second_page, letter), DateOrder::MonthFirst, "another document");
    }

    #[test]
    fn other_numbers_are_not_dates() {
        for text in
            ["13/45/2024", "4/2018", "BP 142/88", "1.5-2.0", "12/34", "March 2024", "02/30/2024", "7.5.20"]
        {
            assert_eq!(find_dates(text, DateOrder::MonthFirst), [], "{text}");
        }
    }

    #[test]
    fn dates_have_their_ranges() {
        let text = "from 1/2/2024 to 1/9/2024";
        let matched: Vec<&str> =
            find_dates(text, DateOrder::MonthFirst).into_iter().map(|found| &text[found.range]).collect();
        assert_eq!(matched, ["1/2/2024", "1/9/2024"]);
    }
}
