//! The period that a plan's limits count in: the trial, the month between two bills, or the calendar month (UTC).

use time::{Date, OffsetDateTime, UtcOffset};

/// From one instant to another, the second not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaPeriod {
    starts_at: OffsetDateTime,
    ends_at: OffsetDateTime,
}

impl QuotaPeriod {
    /// All of a trial.
    #[must_use]
    pub const fn trial(starts_at: OffsetDateTime, ends_at: OffsetDateTime) -> Self {
        Self { starts_at, ends_at }
    }

    /// The month of the calendar that `at` is in, UTC.
    #[must_use]
    pub fn calendar_month(at: OffsetDateTime) -> Self {
        let first_day =
            at.to_offset(UtcOffset::UTC).date().replace_day(1).expect("every month has a first day");
        Self::months_since(first_day.midnight().assume_utc(), at)
    }

    /// The month between two bills that `at` is in, where bills are made at the day and time of `anchor`. In a month that
    /// lacks the day it is the last day.
    #[must_use]
    pub fn billed_month(anchor: OffsetDateTime, at: OffsetDateTime) -> Self {
        Self::months_since(anchor.to_offset(UtcOffset::UTC), at)
    }

    fn months_since(anchor: OffsetDateTime, at: OffsetDateTime) -> Self {
        let at = at.to_offset(UtcOffset::UTC);
        let months = month_number(at.date()) - month_number(anchor.date());
        let months = if add_months(anchor, months) <= at { months } else { months - 1 };
        Self { starts_at: add_months(anchor, months), ends_at: add_months(anchor, months + 1) }
    }

    /// Names the period: no two of a clinic begin at once.
    #[must_use]
    pub const fn starts_at(self) -> OffsetDateTime {
        self.starts_at
    }

    /// When the next one begins.
    #[must_use]
    pub const fn ends_at(self) -> OffsetDateTime {
        self.ends_at
    }
}

/// Months since the year 0.
fn month_number(date: Date) -> i32 {
    date.year() * 12 + i32::from(u8::from(date.month())) - 1
}

fn add_months(anchor: OffsetDateTime, months: i32) -> OffsetDateTime {
    let number = month_number(anchor.date()) + months;
    let month = u8::try_from(number.rem_euclid(12) + 1).ok().and_then(|month| month.try_into().ok());
    let (year, month): (i32, time::Month) =
        (number.div_euclid(12), month.expect("a remainder of 12 is a month"));
    let day = anchor.day().min(month.length(year));
    let date = Date::from_calendar_date(year, month, day).expect("the month has this day");
    anchor.replace_date(date)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn period(starts_at: OffsetDateTime, ends_at: OffsetDateTime) -> QuotaPeriod {
        QuotaPeriod { starts_at, ends_at }
    }

    #[test]
    fn calendar_month_is_counted_in_utc() {
        let december = period(datetime!(2026-12-01 00:00 UTC), datetime!(2027-01-01 00:00 UTC));
        for at in
            [datetime!(2027-01-01 01:00 +2), datetime!(2026-12-01 00:00 UTC), datetime!(2026-12-31 23:59 UTC)]
        {
            assert_eq!(QuotaPeriod::calendar_month(at), december, "{at}");
        }
        assert_eq!(
            QuotaPeriod::calendar_month(datetime!(2028-02-10 12:00 UTC)).ends_at(),
            datetime!(2028-03-01 00:00 UTC)
        );
    }

    #[test]
    fn billed_month_begins_at_the_day_and_time_of_the_anchor() {
        let anchor = datetime!(2026-03-15 09:30 UTC);
        let month = |at| QuotaPeriod::billed_month(anchor, at);
        let first = period(anchor, datetime!(2026-04-15 09:30 UTC));
        assert_eq!(month(anchor), first);
        assert_eq!(month(datetime!(2026-04-15 09:29 UTC)), first);
        assert_eq!(month(datetime!(2026-04-15 09:30 UTC)).starts_at(), first.ends_at());
        let turn_of_the_year = period(datetime!(2026-12-15 09:30 UTC), datetime!(2027-01-15 09:30 UTC));
        assert_eq!(month(datetime!(2027-01-03 00:00 UTC)), turn_of_the_year);
    }

    #[test]
    fn month_that_lacks_the_day_is_billed_on_its_last() {
        let anchor = datetime!(2026-01-31 12:00 UTC);
        let mut starts = Vec::new();
        let mut at = anchor;
        for _ in 0..5 {
            let month = QuotaPeriod::billed_month(anchor, at);
            starts.push(month.starts_at().date().to_string());
            assert_eq!(
                QuotaPeriod::billed_month(anchor, month.ends_at() - time::Duration::nanoseconds(1)),
                month
            );
            at = month.ends_at();
        }
        assert_eq!(starts, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]);
    }
}
