use std::{fmt, str::FromStr};

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar day, as the number of days since 1 January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(i32);

/// Why a text is not a day, a month or a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not `YYYY-MM-DD` of the calendar.
    #[error("a date is written YYYY-MM-DD and exists in the calendar")]
    Date,
    /// Not `YYYY-MM`.
    #[error("a month is written YYYY-MM")]
    Month,
    /// Not an ISO 8601 duration of years and months, or of days.
    #[error("a duration is months or days, such as P18M, P1Y6M or P30D")]
    Span,
}

impl Date {
    /// From the number of days since 1 January 1970.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// The number of days since 1 January 1970.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// From year, month and day of the calendar, where they exist.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::of)
    }

    /// Year, month, day.
    pub fn ymd(self) -> (i32, u32, u32) {
        let day = self.civil();
        (day.year(), day.month(), day.day())
    }

    /// The month that holds the day.
    pub fn month(self) -> Month {
        let (year, month, _) = self.ymd();
        Month(year * 12 + month as i32 - 1)
    }

    /// The day plus a span. Months clamp to the month's end: 31 August and 18 months is 28 February.
    pub fn plus(self, span: Span) -> Self {
        match span {
            Span::Days(days) => Self(self.0 + days),
            Span::Months(months) => {
                let step = Months::new(months.unsigned_abs());
                let day = self.civil();
                let moved =
                    if months < 0 { day.checked_sub_months(step) } else { day.checked_add_months(step) };
                moved.map_or(if months < 0 { LIMITS.0 } else { LIMITS.1 }, Self::of)
            }
        }
    }

    /// The day minus a span, clamped as [`Date::plus`].
    pub fn minus(self, span: Span) -> Self {
        self.plus(span.negated())
    }

    /// Completed years of age on `day` of somebody born on this day. Who was born on 29 February
    /// completes a year on 28 February of a common year, by the clamping rule of the pack.
    pub fn age_on(self, day: Self) -> i32 {
        let (born, _, _) = self.ymd();
        let (now, _, _) = day.ymd();
        let years = now - born;
        if self.plus(Span::Months(years * 12)) <= day { years } else { years - 1 }
    }

    fn civil(self) -> NaiveDate {
        let clamped = self.0.clamp(LIMITS.0.0, LIMITS.1.0);
        NaiveDate::from_epoch_days(clamped).expect("clamped to the calendar")
    }

    fn of(day: NaiveDate) -> Self {
        Self(day.to_epoch_days())
    }
}

/// The calendar that we compute in: years 1 to 9999.
const LIMITS: (Date, Date) = (Date(-719_162), Date(2_932_896));

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts[..] else { return Err(DateError::Date) };
        if year.len() != 4 || month.len() != 2 || day.len() != 2 {
            return Err(DateError::Date);
        }
        let number = |s: &str| s.bytes().all(|b| b.is_ascii_digit()).then(|| s.parse().ok()).flatten();
        let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else {
            return Err(DateError::Date);
        };
        Self::from_ymd(year as i32, month, day).ok_or(DateError::Date)
    }
}

/// A calendar month, as year × 12 + month − 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(pub i32);

impl Month {
    /// Its first day.
    pub fn first_day(self) -> Date {
        // Years that begin in March end with the day that only some have. A nation's contributions each
        // ask for this, so it goes without a calendar.
        let from_march = i64::from(self.0) - 2;
        let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        let days = year * 365 + leap_days + (153 * month + 2) / 5 - 719_468;
        Date(i32::try_from(days).expect("a first day exists"))
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        Date(self.next().first_day().0 - 1)
    }

    /// The month after it.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The month before it.
    pub const fn previous(self) -> Self {
        Self(self.0 - 1)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        format!("{text}-01").parse::<Date>().map(Date::month).map_err(|_| DateError::Month)
    }
}

/// A length of time: months or days, never mixed, since their sum would depend on the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Span {
    /// Calendar months; years are twelve each.
    Months(i32),
    /// Days.
    Days(i32),
}

impl Span {
    /// The same length backwards.
    pub const fn negated(self) -> Self {
        match self {
            Self::Months(months) => Self::Months(-months),
            Self::Days(days) => Self::Days(-days),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "P{days}D"),
            Self::Months(months) if *months != 0 && months % 12 == 0 => write!(f, "P{}Y", months / 12),
            Self::Months(months) if *months > 12 => write!(f, "P{}Y{}M", months / 12, months % 12),
            Self::Months(months) => write!(f, "P{months}M"),
        }
    }
}

impl FromStr for Span {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let mut rest = text.strip_prefix('P').ok_or(DateError::Span)?;
        let mut take = |unit: char| -> Result<Option<i32>, DateError> {
            let Some((number, after)) = rest.split_once(unit) else { return Ok(None) };
            if number.is_empty() || number.len() > 5 || !number.bytes().all(|b| b.is_ascii_digit()) {
                return Err(DateError::Span);
            }
            rest = after;
            number.parse().map(Some).map_err(|_| DateError::Span)
        };
        let (years, months, days) = (take('Y')?, take('M')?, take('D')?);
        match (years, months, days) {
            _ if !rest.is_empty() => Err(DateError::Span),
            (None, None, Some(days)) => Ok(Self::Days(days)),
            (None, None, None) | (_, _, Some(_)) => Err(DateError::Span),
            (years, months, None) => Ok(Self::Months(years.unwrap_or(0) * 12 + months.unwrap_or(0))),
        }
    }
}

/// A moment, in milliseconds since 1 January 1970 UTC. Time comes in as an argument; nothing of
/// this room reads a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// Kazakhstan keeps one time, UTC+5, since 1 March 2024.
    pub const OFFSET_MS: i64 = 5 * 3_600_000;

    /// The moment at which a local day and time of day begin.
    pub const fn local(day: Date, hour: u32, minute: u32) -> Self {
        Self(day.0 as i64 * 86_400_000 + hour as i64 * 3_600_000 + minute as i64 * 60_000 - Self::OFFSET_MS)
    }

    /// The local day.
    pub const fn day(self) -> Date {
        Date((self.0 + Self::OFFSET_MS).div_euclid(86_400_000) as i32)
    }

    /// The local hour and minute.
    pub const fn time_of_day(self) -> (u32, u32) {
        let ms = (self.0 + Self::OFFSET_MS).rem_euclid(86_400_000);
        ((ms / 3_600_000) as u32, (ms / 60_000 % 60) as u32)
    }

    /// Later by so many milliseconds.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0 + ms)
    }

    /// Later by so many hours.
    pub const fn plus_hours(self, hours: i64) -> Self {
        Self(self.0 + hours * 3_600_000)
    }

    /// Later by so many days of 24 hours.
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0 + days * 86_400_000)
    }
}

/// Local date and time with its offset, as RFC 3339 writes it.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute) = self.time_of_day();
        let second = (self.0 + Self::OFFSET_MS).rem_euclid(60_000) / 1000;
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}+05:00", self.day())
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(Date);
as_text!(Month);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn months_clamp_to_the_months_end() {
        assert_eq!(day("2024-08-31").plus(Span::Months(18)), day("2026-02-28"));
        assert_eq!(day("2026-03-31").minus(Span::Months(1)), day("2026-02-28"));
        assert_eq!(day("2024-01-31").plus(Span::Months(1)), day("2024-02-29"));
        assert_eq!(day("2024-01-31").plus(Span::Days(1)), day("2024-02-01"));
    }

    #[test]
    fn age_is_completed_years() {
        assert_eq!(day("2008-06-15").age_on(day("2026-06-14")), 17);
        assert_eq!(day("2008-06-15").age_on(day("2026-06-15")), 18);
        assert_eq!(day("2008-02-29").age_on(day("2026-02-27")), 17);
        assert_eq!(day("2008-02-29").age_on(day("2026-02-28")), 18);
        assert_eq!(day("2026-06-15").age_on(day("2026-06-14")), -1);
    }

    #[test]
    fn spans_are_months_or_days() {
        assert_eq!("P18M".parse(), Ok(Span::Months(18)));
        assert_eq!("P58Y6M".parse(), Ok(Span::Months(702)));
        assert_eq!("P30D".parse(), Ok(Span::Days(30)));
        for wrong in ["", "P", "18M", "P1M2D", "P-1M", "P1W", "PM", "P1M1Y"] {
            assert_eq!(wrong.parse::<Span>(), Err(DateError::Span), "{wrong}");
        }
    }

    #[test]
    fn a_moment_knows_its_local_day() {
        let moment = Moment::local(day("2026-06-15"), 9, 30);
        assert_eq!((moment.day(), moment.time_of_day()), (day("2026-06-15"), (9, 30)));
        assert_eq!(moment.to_string(), "2026-06-15T09:30:00+05:00");
        assert_eq!(moment.plus_hours(15).day(), day("2026-06-16"));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for wrong in ["2026-02-29", "2026-2-3", "26-01-01", "2026-13-01", "2026-01-01 ", "+026-01-01", "x"] {
            assert_eq!(wrong.parse::<Date>(), Err(DateError::Date), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn text_parses_back(days in -100_000i32..100_000, months in 0i32..5000) {
            let date = Date::from_days(days);
            prop_assert_eq!(date.to_string().parse(), Ok(date));
            prop_assert_eq!(date.month().to_string().parse(), Ok(date.month()));
            let span = Span::Months(months);
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }

        #[test]
        fn adding_months_is_monotonic(a in 0i32..40_000, b in 0i32..40_000, months in -400i32..400) {
            let (a, b) = (Date::from_days(a.min(b)), Date::from_days(a.max(b)));
            let span = Span::Months(months);
            prop_assert!(a.plus(span) <= b.plus(span));
        }

        #[test]
        fn a_birthday_is_the_first_day_of_its_age(days in 0i32..30_000, years in 0i32..90) {
            let born = Date::from_days(days);
            let birthday = born.plus(Span::Months(years * 12));
            prop_assert_eq!(born.age_on(birthday), years);
            prop_assert_eq!(born.age_on(birthday.plus(Span::Days(-1))), years - 1);
        }
    }
}
