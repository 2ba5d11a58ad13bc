//! Calendar arithmetic over whole columns: the same answers as [`card::Date`], without a date type
//! in between.

use crate::types::{EVER_AFTER, EVER_BEFORE};

/// The calendar that [`card::Date`] computes in: years 1 to 9999.
const FIRST: i32 = -719_162;
const LAST: i32 = 2_932_896;

/// Year, month (1 to 12) and day of a number of days since 1970, clamped to the calendar.
pub(crate) fn civil(days: i32) -> (i32, i32, i32) {
    let shifted = days.clamp(FIRST, LAST) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i32::from(month <= 2), month, day)
}

/// The number of days since 1970 of a day that exists.
pub(crate) fn days(year: i32, month: i32, day: i32) -> i32 {
    let year = year - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

/// How many days a month has.
fn length(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A day and so many months, clamped to the month's end and to the calendar.
pub(crate) fn plus_months(day: i32, months: i32) -> i32 {
    if endless(day) {
        return day;
    }
    let (year, month, of_month) = civil(day);
    let at = i64::from(year) * 12 + i64::from(month) - 1 + i64::from(months);
    let (to, month) = (at.div_euclid(12), at.rem_euclid(12) as i32 + 1);
    match to {
        ..1 => FIRST,
        10_000.. => LAST,
        _ => days(to as i32, month, of_month.min(length(to as i32, month))),
    }
}

/// A day and so many days.
pub(crate) fn plus_days(day: i32, more: i32) -> i32 {
    if endless(day) { day } else { day.saturating_add(more) }
}

/// Completed years of age on a day.
pub(crate) fn age(born: i32, day: i32) -> i32 {
    let ((year, month, of_month), (on_year, on_month, on_day)) = (civil(born), civil(day));
    let birthday = of_month.min(length(on_year, month));
    // A day before the calendar's first is compared as it is, as `Date::age_on` does.
    on_year - year - i32::from((on_month, on_day) < (month, birthday))
}

/// The month of a day, as year × 12 + month − 1.
pub(crate) fn month_of(day: i32) -> i32 {
    if endless(day) {
        return day;
    }
    let (year, month, _) = civil(day);
    year * 12 + month - 1
}

/// The first day of a month.
pub(crate) fn first_day(month: i32) -> i32 {
    if endless(month) { month } else { days(month.div_euclid(12), month.rem_euclid(12) + 1, 1) }
}

/// The last day of a month.
pub(crate) fn last_day(month: i32) -> i32 {
    if endless(month) { month } else { first_day(month + 1) - 1 }
}

/// Has an interval no end here?
fn endless(at: i32) -> bool {
    at == EVER_AFTER || at == EVER_BEFORE
}

#[cfg(test)]
mod tests {
    use card::{Date, Month, Span};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_dates_of_everybody(day in -200_000i32..200_000, other in -200_000i32..200_000, months in -3000i32..3000) {
            let (a, b) = (Date::from_days(day), Date::from_days(other));
            let (year, month, of_month) = a.ymd();
            prop_assert_eq!(civil(day), (year, month as i32, of_month as i32));
            prop_assert_eq!(days(year, month as i32, of_month as i32), day);
            prop_assert_eq!(plus_months(day, months), a.plus(Span::Months(months)).days());
            prop_assert_eq!(age(day, other), a.age_on(b));
            prop_assert_eq!(month_of(day), a.month().0);
            prop_assert_eq!(first_day(month_of(day)), a.month().first_day().days());
            prop_assert_eq!(last_day(month_of(day)), Month(month_of(day)).last_day().days());
        }
    }

    #[test]
    fn an_interval_without_end_keeps_none() {
        assert_eq!(plus_months(EVER_AFTER, 3), EVER_AFTER);
        assert_eq!(plus_days(EVER_BEFORE, -3), EVER_BEFORE);
        assert_eq!(last_day(EVER_AFTER), EVER_AFTER);
    }
}
