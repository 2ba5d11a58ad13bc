//! How the card is run, from the configuration.

use std::collections::BTreeMap;

use card::{Iban, Tenge};
use deliver::{port::Payer, timing::Contact};
use service::{Bank, Banks, Payers, Settings};

use crate::failure::Failure;

/// The banks, as `config/banks.csv` lists them.
fn banks() -> Result<Banks, Failure> {
    let mut reader = csv::Reader::from_reader(include_str!("../../../config/banks.csv").as_bytes());
    let mut banks = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(Failure::of)?;
        let [code, short, bic] = [0, 1, 2].map(|at| record.get(at).unwrap_or_default().to_owned());
        banks.insert(code, Bank { short, bic });
    }
    Ok(Banks(banks))
}

/// Settings of a trial: everything preliminary is released, offers leave at once.
pub fn trial() -> Result<Settings, Failure> {
    let account = |number: &str| {
        Iban::compose("601", number).ok_or_else(|| Failure("the payer's account is no IBAN".to_owned()))
    };
    let payer = Payer {
        name: "Государственная корпорация Правительство для граждан".to_owned(),
        bin: "160440007161".to_owned(),
        account: account("A870000000014")?,
        bic: "HSBKKZKX".to_owned(),
    };
    let limit = Tenge::whole(100_000_000_000);
    Ok(Settings {
        contact: Contact { gather_minutes: 0, ..Contact::default() },
        released: vec!["all".to_owned()],
        payers: Payers(BTreeMap::from([("republic".to_owned(), (payer, limit))])),
        banks: banks()?,
        pay_day: 10,
        appeal_days: 90,
        task_days: 3,
        arrival_days: 3,
    })
}
