//! Whether follow-ups were done, as far as the record and the day of the request show it.

use std::sync::LazyLock;

use maneiro_api::analysis::{FollowUp, FollowUpStatus};
use regex::Regex;
use time::{Date, Duration};

use super::pending_orders::{Results, find_orderables};
use crate::{
    dates::{DateOrder, first_date},
    lexicon::word_tokens,
};

/// A follow-up is done if every test, study and procedure that it names has a later result, overdue if its day has passed
/// without one, and else open.
pub(crate) fn follow_up_status(follow_up: &FollowUp, results: &Results<'_>, today: Date) -> FollowUpStatus {
    let text = &follow_up.statement.text;
    let orderables = find_orderables(text, &word_tokens(text));
    let is_done = |noted: Date| {
        !orderables.is_empty() && orderables.iter().all(|(kind, _)| kind.has_result_after(noted, results))
    };
    if follow_up.noted.is_some_and(is_done) {
        FollowUpStatus::Done
    } else if due_date(follow_up).is_some_and(|due| due < today) {
        FollowUpStatus::Overdue
    } else {
        FollowUpStatus::Open
    }
}

/// The day on which a follow-up is due: a date, or the end of an interval after the note.
fn due_date(follow_up: &FollowUp) -> Option<Date> {
    static INTERVAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:with)?in\s+(?:\w+\s+)?(?:(?P<from>\d{1,2})\s*(?:-|–|to)\s*)?(?P<count>\d{1,2}|one|two|three|four|six)\s*-?\s*(?P<unit>day|week|wk|month|mo|year|yr)").expect("a fixed pattern")
    });
    let due = follow_up.due.as_deref()?;
    if let Some(date) = first_date(due, DateOrder::Unknown) {
        return Some(date);
    }
    let found = INTERVAL.captures(due)?;
    let count = match found["count"].to_lowercase().as_str() {
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "six" => 6,
        digits => digits.parse().ok()?,
    };
    let days = match found["unit"].to_lowercase().as_str() {
        "day" => count,
        "week" | "wk" => 7 * count,
        "month" | "mo" => 31 * count,
        _ => 366 * count,
    };
    follow_up.noted?.checked_add(Duration::days(days))
}
