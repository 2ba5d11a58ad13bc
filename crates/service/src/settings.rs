use std::collections::BTreeMap;

use card::{Iban, Tenge};
use deliver::{port::Payer, timing::Contact};

/// How the ministry wants the card to be run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The rules of contact.
    pub contact: Contact,
    /// Closures of measures whose preliminary numbers two officials released; `all` for a demo.
    pub released: Vec<String>,
    /// Who pays, by the key of the pack.
    pub payers: Payers,
    /// The banks of the country.
    pub banks: Banks,
    /// On which day of the month benefits are paid.
    pub pay_day: u32,
    /// Within how many days a person may object to a decision.
    pub appeal_days: i32,
    /// Within how many days a task is to be done.
    pub task_days: i32,
    /// Within how many days money is on the account after it was sent.
    pub arrival_days: i32,
}

/// Who pays, by the key of the pack, and the most that one run may send.
#[derive(Clone, Debug, Default)]
pub struct Payers(pub BTreeMap<String, (Payer, Tenge)>);

/// A bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    /// The name in an SMS, short and in Latin letters.
    pub short: String,
    /// Its BIC.
    pub bic: String,
}

/// The banks of the country, by the three digits of an IBAN.
#[derive(Clone, Debug, Default)]
pub struct Banks(pub BTreeMap<String, Bank>);

impl Banks {
    /// The bank of an account; `None` where it is not known: no order goes there.
    pub fn of(&self, account: &Iban) -> Option<&Bank> {
        self.0.get(&account.bank())
    }

    /// What the owner of an account knows its bank by.
    pub fn short_of(&self, account: &Iban) -> &str {
        self.of(account).map_or("Bank", |bank| &bank.short)
    }
}

impl Settings {
    /// The first pay day from a day on.
    pub fn next_pay_day(&self, day: card::Date) -> card::Date {
        let of = |month: card::Month| {
            card::Date::from_days(month.first_day().days() + self.pay_day as i32 - 1).min(month.last_day())
        };
        let this = of(day.month());
        if this >= day { this } else { of(day.month().next()) }
    }
}
