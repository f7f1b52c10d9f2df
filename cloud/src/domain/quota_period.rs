//! The period that a plan's limits count in: a calendar month, UTC.

use time::{Date, OffsetDateTime, UtcOffset};

/// One calendar month, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotaPeriod(Date);

impl QuotaPeriod {
    /// The month that `at` is in.
    #[must_use]
    pub fn containing(at: OffsetDateTime) -> Self {
        Self::from_date(at.to_offset(UtcOffset::UTC).date())
    }

    /// The month of a date in UTC.
    #[must_use]
    pub fn from_date(date: Date) -> Self {
        Self(date.replace_day(1).expect("every month has a first day"))
    }

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
    fn month_is_counted_in_utc() {
        let period = QuotaPeriod::containing(datetime!(2027-01-01 01:00 +2));
        assert_eq!(period.first_day(), date!(2026 - 12 - 01));
    }

    #[test]
    fn month_ends_where_the_next_begins() {
        let end = |at| QuotaPeriod::containing(at).end();
        assert_eq!(end(datetime!(2026-12-31 23:59 UTC)), datetime!(2027-01-01 00:00 UTC));
        assert_eq!(end(datetime!(2028-02-10 12:00 UTC)), datetime!(2028-03-01 00:00 UTC));
    }
}
