//! The offices that hand out numbers: every IIN, phone and account is valid and given out once.

use card::{Date, Iban, Iin, Msisdn, Sex};

use super::{dice::Dice, figures};

/// Addresses of a region lie between its number and the next one, times this.
pub const REGION: u64 = 10_000_000_000;

/// IINs from 1 January 1900; a birth date before it does not occur.
const FIRST_DAY: Date = Date::from_days(-25_567);

/// Hands out numbers in order; the same questions get the same answers.
#[derive(Debug)]
pub struct Numbers {
    /// The next serial of every birth day and sex.
    serials: Vec<u16>,
    phones: u64,
    accounts: u64,
    addresses: u64,
    objects: u64,
}

impl Numbers {
    /// Nothing has been given out yet.
    pub fn new() -> Self {
        Self { serials: Vec::new(), phones: 1, accounts: 1, addresses: 0, objects: 0 }
    }

    /// The next IIN of a birth day and sex.
    pub fn iin(&mut self, born: Date, sex: Sex) -> Iin {
        let at = (born.days() - FIRST_DAY.days()) as usize * 2 + usize::from(sex == Sex::Female);
        if self.serials.len() <= at {
            self.serials.resize(at + 1, 0);
        }
        loop {
            let serial = self.serials[at];
            self.serials[at] += 1;
            if let Some(iin) = Iin::compose(born, sex, serial) {
                return iin;
            }
            assert!(serial < 10_000, "ten thousand births of one day and sex: the world is too large");
        }
    }

    /// The next mobile number, of some operator.
    pub fn phone(&mut self) -> Msisdn {
        // A step without a common factor with the size visits every number once.
        let size = figures::MOBILE_PREFIXES.len() as u64 * 10_000_000;
        let scattered = self.phones * 61_803_399 % size;
        self.phones += 1;
        let prefix = figures::MOBILE_PREFIXES[(scattered / 10_000_000) as usize];
        format!("7{prefix}{:07}", scattered % 10_000_000)
            .parse()
            .expect("seven, a mobile prefix and seven digits are a mobile number")
    }

    /// The next account, at a bank by its share of the country's accounts for benefits.
    pub fn account(&mut self, dice: &mut Dice) -> Iban {
        let bank = dice.weighted(figures::BANKS);
        let scattered = self.accounts * 618_033_989 % 10_000_000_000;
        self.accounts += 1;
        Iban::compose(bank.code, &format!("{}{scattered:010}", bank.product))
            .expect("a bank of three digits and a product of three characters")
    }

    /// The next address: an opaque code under its region, only ever compared.
    pub fn address(&mut self, region: &str) -> u64 {
        self.addresses += 1;
        region[..2].parse::<u64>().unwrap_or_default() * REGION + self.addresses
    }

    /// The next thing in the register of property.
    pub fn object(&mut self) -> u64 {
        self.objects += 1;
        self.objects
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_number_is_given_out_twice() {
        let (mut numbers, mut dice) = (Numbers::new(), Dice::of(1, 1));
        let mut seen = BTreeSet::new();
        for _ in 0..20_000 {
            assert!(seen.insert(numbers.phone().expose()));
            let account = numbers.account(&mut dice);
            assert!(figures::bank_name(&account).is_some());
            assert!(seen.insert(account.expose()));
        }
        let born = Date::from_ymd(2020, 5, 5).unwrap();
        for _ in 0..2_000 {
            assert!(seen.insert(numbers.iin(born, Sex::Male).expose()));
        }
    }
}
