//! The calendar month (UTC) that a plan's limits count in.

use time::{Date, OffsetDateTime, UtcOffset};

/// One calendar month, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Date);

impl Period {
    /// The month that `at` is in.
    #[must_use]
    pub fn of(at: OffsetDateTime) -> Self {
        let date = at.to_offset(UtcOffset::UTC).date();
        Self(date.replace_day(1).expect("every month has a first day"))
    }

    /// The month that begins on `first_day`, as the database keeps it.
    #[must_use]
    pub fn from_first_day(first_day: Date) -> Self {
        Self(first_day.replace_day(1).expect("every month has a first day"))
    }

    /// Its first day.
    #[must_use]
    pub const fn first_day(self) -> Date {
        self.0
    }

    /// The first instant of the next month.
    #[must_use]
    pub fn end(self) -> OffsetDateTime {
        let days = i64::from(self.0.month().length(self.0.year()));
        (self.0 + time::Duration::days(days)).midnight().assume_utc()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_month_is_counted_in_utc() {
        assert_eq!(Period::of(datetime!(2027-01-01 01:00 +2)).first_day(), date!(2026 - 12 - 01));
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        assert_eq!(Period::of(datetime!(2026-12-31 23:59 UTC)).end(), datetime!(2027-01-01 00:00 UTC));
        assert_eq!(Period::of(datetime!(2028-02-10 12:00 UTC)).end(), datetime!(2028-03-01 00:00 UTC));
    }
}
