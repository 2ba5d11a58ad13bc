//! A bank with books of its own, by which ours are checked.

use std::collections::BTreeMap;

use card::{Date, Moment, Tenge};
use deliver::port::{BankStatus, Movement, StatementEntry};
use fastrand::Rng;

pub enum Says {
    Status {
        batch: String,
        end_to_end: String,
        status: BankStatus,
    },
    /// A whole file is refused.
    Refused {
        batch: String,
        reason: String,
    },
    Entry(StatementEntry),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Money {
    Waits,
    Paid,
    Rejected,
    Returned,
}

#[derive(Default)]
pub struct Bank {
    coming: Vec<(Moment, u64, Says)>,
    sequence: u64,
    /// Every order that came, what it sends, and where the money is as far as we were told.
    pub books: BTreeMap<String, (Tenge, Money)>,
    /// The orders of the files that are refused as a whole.
    refused: BTreeMap<String, Vec<String>>,
    pub control_sums: Tenge,
    /// How many answers the service was told, and of how many it must not make sense.
    pub said: u64,
    pub nonsense: u64,
}

const HOUR: i64 = 3_600_000;

impl Bank {
    fn later(&mut self, at: Moment, what: Says) {
        self.sequence += 1;
        self.coming.push((at, self.sequence, what));
    }

    pub fn take(&mut self, rng: &mut Rng, now: Moment, batch: &str, orders: &[(String, Tenge)]) {
        for (end_to_end, amount) in orders {
            assert!(
                self.books.insert(end_to_end.clone(), (*amount, Money::Waits)).is_none(),
                "{end_to_end} twice"
            );
            self.control_sums += *amount;
        }
        if rng.u8(..10) == 0 && !orders.is_empty() {
            let names = orders.iter().map(|(end_to_end, _)| end_to_end.clone()).collect();
            self.refused.insert(batch.to_owned(), names);
            for _ in 0..rng.u8(1..3) {
                let at = now.plus_ms(rng.i64(1..40) * HOUR);
                self.later(at, Says::Refused { batch: batch.to_owned(), reason: "AM18".to_owned() });
            }
            return;
        }
        for (end_to_end, amount) in orders {
            let at = now.plus_ms(rng.i64(1..40) * HOUR);
            let status =
                |status| Says::Status { batch: batch.to_owned(), end_to_end: end_to_end.clone(), status };
            let entry = |movement, booked: Date| {
                let way = if movement == Movement::Paid { "out" } else { "back" };
                let reference = format!("{end_to_end}-{way}");
                Says::Entry(StatementEntry {
                    reference,
                    end_to_end: end_to_end.clone(),
                    amount: *amount,
                    booked,
                    movement,
                })
            };
            if rng.bool() {
                self.later(at, status(BankStatus::Accepted));
            }
            let reason = || "AC04".to_owned();
            let repeats = if rng.u8(..6) == 0 { 2 } else { 1 };
            let later = at.plus_ms(rng.i64(0..30) * HOUR);
            let days = later.plus_days(rng.i64(1..6));
            for _ in 0..repeats {
                match rng.u8(..12) {
                    0..=1 if repeats == 1 => {
                        self.later(later, status(BankStatus::Rejected { reason: reason() }));
                    }
                    2..=3 if repeats == 1 => {
                        self.later(later, status(BankStatus::Settled));
                        self.later(days, entry(Movement::Returned { reason: reason() }, days.day()));
                        if rng.bool() {
                            self.later(days.plus_ms(HOUR), status(BankStatus::Settled));
                        }
                    }
                    4 => {}
                    5..=7 => self.later(later, entry(Movement::Paid, later.day())),
                    _ => {
                        self.later(later, status(BankStatus::Settled));
                        self.later(days, entry(Movement::Paid, days.day()));
                    }
                }
            }
            if rng.u8(..15) == 0 {
                let end_to_end = (*rng.choice(&["FC999999-1", "NOTPROVIDED", "FC1-777"]).unwrap()).to_owned();
                let batch = batch.to_owned();
                self.later(later, Says::Status { batch, end_to_end, status: BankStatus::Settled });
            }
            if rng.u8(..25) == 0 {
                // Debited once more: nothing that we sent asked for it.
                let Says::Entry(twice) = entry(Movement::Paid, days.day()) else { unreachable!() };
                let reference = format!("{end_to_end}-twice");
                self.later(days.plus_ms(9 * HOUR), Says::Entry(StatementEntry { reference, ..twice }));
            }
        }
    }

    /// What the bank says until now; its own books follow what it says.
    pub fn speaks(&mut self, now: Moment) -> Vec<Says> {
        let (mut come, wait): (Vec<_>, Vec<_>) = self.coming.drain(..).partition(|(at, ..)| *at <= now);
        self.coming = wait;
        come.sort_by_key(|(at, sequence, _)| (*at, *sequence));
        let said: Vec<Says> = come.into_iter().map(|(.., what)| what).collect();
        for says in &said {
            self.said += 1;
            let (end_to_end, money) = match says {
                Says::Status { status: BankStatus::Accepted, end_to_end, .. } => (end_to_end, None),
                Says::Status { status: BankStatus::Settled, end_to_end, .. } => {
                    (end_to_end, Some(Money::Paid))
                }
                Says::Status { status: BankStatus::Rejected { .. }, end_to_end, .. } => {
                    (end_to_end, Some(Money::Rejected))
                }
                Says::Refused { batch, .. } => {
                    for end_to_end in self.refused.get(batch).into_iter().flatten() {
                        self.books
                            .entry(end_to_end.clone())
                            .and_modify(|(_, money)| *money = Money::Rejected);
                    }
                    continue;
                }
                Says::Entry(entry) => match entry.movement {
                    Movement::Paid => (&entry.end_to_end, Some(Money::Paid)),
                    Movement::Returned { .. } => (&entry.end_to_end, Some(Money::Returned)),
                },
            };
            match (self.books.get_mut(end_to_end), money) {
                (None, _) => self.nonsense += 1,
                (Some((_, known)), Some(money)) if *known == Money::Waits || money == Money::Returned => {
                    *known = money;
                }
                _ => {}
            }
        }
        said
    }

    pub fn sum(&self, money: Money) -> Tenge {
        self.books.values().filter(|(_, known)| *known == money).map(|(amount, _)| *amount).sum()
    }
}
