use std::{iter::Sum, ops::Add};

use card::Tenge;
use serde::{Deserialize, Serialize};

/// The money of rights, from what is owed to what arrived. [`Totals::check`] says whether it closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Gross, as assessed.
    pub owed: Tenge,
    /// Withheld from it.
    pub withheld: Tenge,
    /// What persons are to receive.
    pub payable: Tenge,
    /// Every order that was not withdrawn.
    pub ordered: Tenge,
    /// Of these: not yet in a bank file.
    pub prepared: Tenge,
    /// Of these: in a bank file, without a last word.
    pub in_flight: Tenge,
    /// Of these: on accounts, and not returned.
    pub settled: Tenge,
    /// Of these: refused by the bank.
    pub rejected: Tenge,
    /// Of these: came back.
    pub returned: Tenge,
    /// Ordered, less rejected and returned, summed by month.
    pub net_ordered: Tenge,
    /// Owed and not ordered, because no account is named.
    pub awaiting_account: Tenge,
    /// Owed and not ordered yet; a coming run will.
    pub not_yet_due: Tenge,
    /// Ordered above what is owed now; an officer's recovery.
    pub overpaid: Tenge,
    /// What officers got back.
    pub recovered: Tenge,
}

/// An identity of money that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{identity}: {left} is not {right}")]
pub struct Broken {
    /// Which.
    pub identity: &'static str,
    /// Its left side.
    pub left: Tenge,
    /// Its right side.
    pub right: Tenge,
}

impl Totals {
    /// Do the four identities hold, to the tiyn? The first that does not is named.
    pub fn check(&self) -> Result<(), Broken> {
        let t = self;
        let sides = [
            ("owed = payable + withheld", t.owed, t.payable + t.withheld),
            (
                "payable + overpaid = net ordered - recovered + awaiting an account + not yet due",
                t.payable + t.overpaid,
                t.net_ordered - t.recovered + t.awaiting_account + t.not_yet_due,
            ),
            (
                "net ordered = ordered - rejected - returned",
                t.net_ordered,
                t.ordered - t.rejected - t.returned,
            ),
            (
                "ordered = settled + rejected + returned + in flight + prepared",
                t.ordered,
                t.settled + t.rejected + t.returned + t.in_flight + t.prepared,
            ),
        ];
        match sides.into_iter().find(|(_, left, right)| left != right) {
            Some((identity, left, right)) => Err(Broken { identity, left, right }),
            None => Ok(()),
        }
    }

    /// What the control sums of all bank files add up to.
    pub fn in_bank_files(&self) -> Tenge {
        self.ordered - self.prepared
    }
}

impl Add for Totals {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            owed: self.owed + other.owed,
            withheld: self.withheld + other.withheld,
            payable: self.payable + other.payable,
            ordered: self.ordered + other.ordered,
            prepared: self.prepared + other.prepared,
            in_flight: self.in_flight + other.in_flight,
            settled: self.settled + other.settled,
            rejected: self.rejected + other.rejected,
            returned: self.returned + other.returned,
            net_ordered: self.net_ordered + other.net_ordered,
            awaiting_account: self.awaiting_account + other.awaiting_account,
            not_yet_due: self.not_yet_due + other.not_yet_due,
            overpaid: self.overpaid + other.overpaid,
            recovered: self.recovered + other.recovered,
        }
    }
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_tiyn_is_named() {
        let paid = Tenge::whole(10);
        let whole = Totals {
            owed: paid,
            payable: paid,
            ordered: paid,
            settled: paid,
            net_ordered: paid,
            ..Totals::default()
        };
        assert_eq!(whole.check(), Ok(()));
        let lost = Totals { settled: paid - Tenge::from_tiyn(1), ..whole };
        assert!(lost.check().unwrap_err().identity.starts_with("ordered"));
        let invented = Totals { owed: paid + Tenge::from_tiyn(1), ..whole };
        assert!(invented.check().unwrap_err().identity.starts_with("owed"));
    }
}
