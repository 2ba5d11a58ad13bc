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
    let payer = |name: &str, number: &str| -> Result<(Payer, Tenge), Failure> {
        let (name, bin) = (name.to_owned(), "160440007161".to_owned());
        let payer = Payer { name, bin, account: account(number)?, bic: "HSBKKZKX".to_owned() };
        Ok((payer, Tenge::whole(100_000_000_000)))
    };
    // One corporation pays out of three purses.
    let corporation = "Государственная корпорация Правительство для граждан";
    let payers = [("republic", "A870000000014"), ("fund", "A870000000021"), ("local", "A870000000038")]
        .map(|(key, number)| Ok((key.to_owned(), payer(corporation, number)?)));
    Ok(Settings {
        contact: Contact { gather_minutes: 0, ..Contact::default() },
        released: vec!["all".to_owned()],
        payers: Payers(payers.into_iter().collect::<Result<BTreeMap<_, _>, Failure>>()?),
        banks: banks()?,
        pay_day: 10,
        appeal_days: 90,
        task_days: 3,
        arrival_days: 3,
    })
}
