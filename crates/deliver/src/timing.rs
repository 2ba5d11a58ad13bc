//! When a person may be written to, and how long they have to answer.

use card::{Date, Moment, Span};
use serde::{Deserialize, Serialize};

/// The rules of contact, from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The local hour from which nobody is written to.
    pub quiet_from: u32,
    /// The local hour from which people are written to again.
    pub quiet_to: u32,
    /// How many offers and reminders one phone gets at most within `budget_days`.
    pub budget: u32,
    /// The days that the budget counts.
    pub budget_days: u32,
    /// How many hours after the receipt an answer is awaited at least.
    pub least_hours: u32,
    /// After how many hours without a receipt a message counts as not arrived.
    pub receipt_hours: u32,
    /// How many hours before the end of its window a question is asked a second time.
    pub reminder_hours: u32,
    /// How many days after it was sent a menu of accounts ends; then somebody calls.
    pub menu_days: u32,
    /// How many days after the end of its window a late answer still reopens a question.
    pub late_days: u32,
    /// How many days before a right is lost for good an operator calls.
    pub call_days: u32,
    /// Within how many minutes an equal answer is taken for a repetition.
    pub repeat_minutes: u32,
    /// How many minutes more causes of one person are gathered into one offer.
    pub gather_minutes: u32,
}

impl Default for Contact {
    fn default() -> Self {
        Self {
            quiet_from: 21,
            quiet_to: 9,
            budget: 6,
            budget_days: 7,
            least_hours: 48,
            receipt_hours: 48,
            reminder_hours: 30,
            menu_days: 3,
            late_days: 30,
            call_days: 14,
            repeat_minutes: 3,
            gather_minutes: 10,
        }
    }
}

impl Contact {
    /// The first moment from `now` on outside the quiet hours.
    pub const fn awake(&self, now: Moment) -> Moment {
        let (hour, _) = now.time_of_day();
        let quiet = if self.quiet_from <= self.quiet_to {
            hour >= self.quiet_from && hour < self.quiet_to
        } else {
            hour >= self.quiet_from || hour < self.quiet_to
        };
        if !quiet {
            return now;
        }
        let day = now.day();
        let later = hour >= self.quiet_to;
        let morning = if later { Date::from_days(day.days() + 1) } else { day };
        Moment::local(morning, self.quiet_to, 0)
    }

    /// The first moment at which a phone that was written to at `sent` may be written to unasked:
    /// within the budget and awake.
    pub fn next(&self, now: Moment, sent: &[Moment]) -> Moment {
        let span = i64::from(self.budget_days);
        let mut recent: Vec<Moment> = sent.iter().copied().filter(|at| at.plus_days(span) > now).collect();
        recent.sort();
        let over = (recent.len() + 1).saturating_sub(self.budget.max(1) as usize);
        let free = if over == 0 { now } else { recent[over - 1].plus_days(span).max(now) };
        self.awake(free)
    }

    /// The end of a window of so many calendar days: the day named to the person has passed, and
    /// the receipt is long enough ago.
    pub fn end_of_window(&self, promised: Date, delivered: Moment, window_days: u16) -> Moment {
        let by_receipt = delivered.day().plus(Span::Days(i32::from(window_days)));
        let midnight = Moment::local(promised.max(by_receipt).plus(Span::Days(1)), 0, 0);
        midnight.max(delivered.plus_hours(i64::from(self.least_hours)))
    }
}

/// The day named to a person who is written to at `now` and has so many calendar days.
pub fn promised(now: Moment, window_days: u16) -> Date {
    now.day().plus(Span::Days(i32::from(window_days)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str, hour: u32, minute: u32) -> Moment {
        Moment::local(text.parse().unwrap(), hour, minute)
    }

    #[test]
    fn nights_are_quiet() {
        let contact = Contact::default();
        assert_eq!(contact.awake(at("2026-12-01", 20, 59)), at("2026-12-01", 20, 59));
        assert_eq!(contact.awake(at("2026-12-01", 21, 0)), at("2026-12-02", 9, 0));
        assert_eq!(contact.awake(at("2026-12-02", 0, 5)), at("2026-12-02", 9, 0));
        assert_eq!(contact.awake(at("2026-12-02", 9, 0)), at("2026-12-02", 9, 0));
        let noon = Contact { quiet_from: 12, quiet_to: 14, ..contact };
        assert_eq!(noon.awake(at("2026-12-01", 13, 0)), at("2026-12-01", 14, 0));
        assert_eq!(noon.awake(at("2026-12-01", 22, 0)), at("2026-12-01", 22, 0));
    }

    #[test]
    fn the_budget_waits_for_the_oldest_message_to_age() {
        let contact = Contact { budget: 2, budget_days: 7, ..Contact::default() };
        let sent = [at("2026-12-01", 10, 0), at("2026-12-03", 10, 0)];
        assert_eq!(contact.next(at("2026-12-02", 10, 0), &sent[..1]), at("2026-12-02", 10, 0));
        assert_eq!(contact.next(at("2026-12-04", 10, 0), &sent), at("2026-12-08", 10, 0));
        assert_eq!(contact.next(at("2026-12-09", 10, 0), &sent), at("2026-12-09", 10, 0));
    }

    #[test]
    fn three_calendar_days_include_the_last() {
        let contact = Contact::default();
        let sent = at("2026-12-09", 10, 0);
        let promised = promised(sent, 3);
        assert_eq!(promised, "2026-12-12".parse().unwrap());
        assert_eq!(contact.end_of_window(promised, sent, 3), at("2026-12-13", 0, 0));
        // A phone that was off for two days has its three days from the receipt.
        assert_eq!(contact.end_of_window(promised, at("2026-12-11", 23, 0), 3), at("2026-12-15", 0, 0));
        // A window of one day never ends before the least time.
        assert_eq!(contact.end_of_window(sent.day(), at("2026-12-09", 20, 0), 0), at("2026-12-11", 20, 0));
    }

    proptest! {
        #[test]
        fn nobody_is_written_to_at_night(ms in 0i64..4_000_000_000_000, from in 0u32..24, to in 0u32..24) {
            prop_assume!(from != to);
            let contact = Contact { quiet_from: from, quiet_to: to, ..Contact::default() };
            let awake = contact.awake(Moment(ms));
            prop_assert!(awake >= Moment(ms));
            prop_assert_eq!(contact.awake(awake), awake);
            prop_assert!(awake.0 - ms <= 24 * 3_600_000);
        }
    }
}
