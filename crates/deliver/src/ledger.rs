//! The money of one right: what is owed for each month, and the orders that pay it.

use std::collections::{BTreeMap, BTreeSet};

use card::{AccountId, Date, Missing, Month, Tenge};
use serde::{Deserialize, Serialize};

use crate::{RunId, Totals};

/// What the law gives for one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Before anything is withheld.
    pub gross: Tenge,
    /// What leaves for others, such as the pension contribution.
    pub withheld: Tenge,
    /// How we know.
    pub basis: Basis,
}

impl Owed {
    /// What the person receives.
    pub fn payable(&self) -> Tenge {
        self.gross - self.withheld
    }
}

/// How an owed amount is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The law answered with certainty.
    Assessed,
    /// The law could not answer; the last certain amount goes on for a while.
    Carried {
        /// The facts that would decide.
        missing: Vec<Missing>,
    },
}

/// Why an order exists. A right has at most one order of a cause for a month, withdrawn ones aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The first order of the month.
    Regular,
    /// More is owed than was ordered.
    Arrears {
        /// The journal's number of what changed.
        fact: u64,
    },
    /// An order came back and is made again.
    Reissue {
        /// The order that came back.
        of: u32,
    },
}

/// A payment order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number within the right, from 1.
    pub number: u32,
    /// For which month.
    pub month: Month,
    /// Why.
    pub cause: Cause,
    /// What is sent to the person, after what is withheld.
    pub amount: Tenge,
    /// To which account.
    pub account: AccountId,
    /// In which run.
    pub run: RunId,
    /// What became of it.
    pub state: OrderState,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// In a run that is not approved yet.
    Prepared,
    /// Taken out of its run before the bank saw it.
    Withdrawn,
    /// In a bank file; the bank has not said the last word.
    Released,
    /// On the person's account.
    Settled {
        /// Its line of the statement, where that came.
        paid: Option<Booking>,
    },
    /// The bank refused it.
    Rejected {
        /// The ISO reason.
        reason: String,
    },
    /// The money came back.
    Returned {
        /// The ISO reason.
        reason: String,
        /// The line of the statement on which it went out, where that came.
        paid: Option<Booking>,
        /// The line on which it came back.
        back: Booking,
    },
}

/// A line of the bank's statement. The same line may be sent twice; another line for the same movement
/// of the same order would be money moved twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The bank's reference (`AcctSvcrRef` of camt.054).
    pub reference: String,
    /// Booked on.
    pub on: Date,
}

impl OrderState {
    /// Did it come back?
    pub const fn bounced(&self) -> bool {
        matches!(self, Self::Rejected { .. } | Self::Returned { .. })
    }

    /// Has the bank seen it?
    pub const fn left(&self) -> bool {
        !matches!(self, Self::Prepared | Self::Withdrawn)
    }
}

/// The money of a right, per month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// What the law gives.
    pub owed: BTreeMap<Month, Owed>,
    /// What today's system pays, where that is told: such a month is not ours to pay, whatever it sends.
    #[serde(default)]
    pub elsewhere: BTreeMap<Month, Option<Tenge>>,
    /// Every order ever made, in the order of their numbers.
    pub orders: Vec<Order>,
    /// What officers got back of an overpayment.
    pub recovered: BTreeMap<Month, Tenge>,
    /// Months that nobody could assess, to be asked again when the fact arrives.
    pub suspended: BTreeSet<Month>,
    /// Months whose answer a changed fact may have changed: the next run asks about them again.
    pub doubted: BTreeSet<Month>,
}

impl Ledger {
    /// The order of that number.
    pub fn order(&self, number: u32) -> Option<&Order> {
        self.orders.get((number as usize).checked_sub(1)?)
    }

    pub(crate) fn order_mut(&mut self, number: u32) -> Option<&mut Order> {
        self.orders.get_mut((number as usize).checked_sub(1)?)
    }

    /// Orders of a month that were not withdrawn.
    pub fn orders_of(&self, month: Month) -> impl Iterator<Item = &Order> {
        self.orders.iter().filter(move |o| o.month == month && o.state != OrderState::Withdrawn)
    }

    /// What we owe for a month: nothing where today's system pays it.
    pub fn due(&self, month: Month) -> Option<&Owed> {
        self.owed.get(&month).filter(|_| !self.elsewhere.contains_key(&month))
    }

    /// What the person is to receive from us for a month.
    pub fn payable(&self, month: Month) -> Tenge {
        self.due(month).map_or(Tenge::ZERO, Owed::payable)
    }

    /// Ordered, less what was rejected and returned.
    pub fn net_ordered(&self, month: Month) -> Tenge {
        self.orders_of(month).filter(|o| !o.state.bounced()).map(|o| o.amount).sum()
    }

    /// Net ordered, less what was recovered.
    pub fn held(&self, month: Month) -> Tenge {
        self.net_ordered(month) - self.recovered.get(&month).copied().unwrap_or(Tenge::ZERO)
    }

    /// What is still to be ordered for a month; negative where too much was.
    pub fn gap(&self, month: Month) -> Tenge {
        self.payable(month) - self.held(month)
    }

    /// What was ordered above what is owed now.
    pub fn overpaid(&self, month: Month) -> Tenge {
        (-self.gap(month)).max(Tenge::ZERO)
    }

    /// Every month that has an amount or an order.
    pub fn months(&self) -> BTreeSet<Month> {
        self.owed.keys().copied().chain(self.orders.iter().map(|o| o.month)).collect()
    }

    /// The latest amount before a month that the law gave with certainty.
    pub fn last_certain(&self, before: Month) -> Option<&Owed> {
        let certain = |o: &&Owed| o.basis == Basis::Assessed && o.payable() > Tenge::ZERO;
        self.owed.range(..before).rev().map(|(_, owed)| owed).find(certain)
    }

    /// How many months just before this one were carried.
    pub fn carried_before(&self, month: Month) -> u32 {
        let mut at = month.previous();
        let mut count = 0;
        while self.owed.get(&at).is_some_and(|o| matches!(o.basis, Basis::Carried { .. })) {
            count += 1;
            at = at.previous();
        }
        count
    }

    /// The orders that close the gap of a month: what came back is made again, the rest is the
    /// month's regular order or arrears. Their sum never exceeds the gap.
    pub(crate) fn orders_due(&self, month: Month, fact: u64) -> Vec<(Cause, Tenge)> {
        let mut gap = self.gap(month);
        let mut due = Vec::new();
        let taken = |cause: Cause| self.orders_of(month).any(|o| o.cause == cause);
        for order in self.orders_of(month).filter(|o| o.state.bounced()) {
            let cause = Cause::Reissue { of: order.number };
            let amount = order.amount.min(gap);
            if amount > Tenge::ZERO && !taken(cause) {
                due.push((cause, amount));
                gap -= amount;
            }
        }
        let rest = if taken(Cause::Regular) { Cause::Arrears { fact } } else { Cause::Regular };
        if gap > Tenge::ZERO && !taken(rest) {
            due.push((rest, gap));
        }
        due
    }

    /// The sums over all months. `account` says whether the person has named an account.
    pub fn totals(&self, account: bool) -> Totals {
        let mut sums = Totals::default();
        for month in self.months() {
            if let Some(owed) = self.due(month) {
                sums.owed += owed.gross;
                sums.withheld += owed.withheld;
                sums.payable += owed.payable();
            }
            sums.net_ordered += self.net_ordered(month);
            sums.recovered += self.recovered.get(&month).copied().unwrap_or(Tenge::ZERO);
            let gap = self.gap(month);
            match (gap > Tenge::ZERO, account) {
                (true, true) => sums.not_yet_due += gap,
                (true, false) => sums.awaiting_account += gap,
                (false, _) => sums.overpaid -= gap,
            }
        }
        for order in &self.orders {
            match &order.state {
                OrderState::Withdrawn => continue,
                OrderState::Prepared => sums.prepared += order.amount,
                OrderState::Released => sums.in_flight += order.amount,
                OrderState::Settled { .. } => sums.settled += order.amount,
                OrderState::Rejected { .. } => sums.rejected += order.amount,
                OrderState::Returned { .. } => sums.returned += order.amount,
            }
            sums.ordered += order.amount;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JANUARY: Month = Month(2027 * 12);

    fn ledger(payable: i64, orders: &[(Cause, i64, OrderState)]) -> Ledger {
        let mut ledger = Ledger::default();
        let owed = Owed { gross: Tenge::whole(payable), withheld: Tenge::ZERO, basis: Basis::Assessed };
        ledger.owed.insert(JANUARY, owed);
        for (at, (cause, amount, state)) in orders.iter().enumerate() {
            ledger.orders.push(Order {
                number: at as u32 + 1,
                month: JANUARY,
                cause: *cause,
                amount: Tenge::whole(*amount),
                account: AccountId(1),
                run: RunId(1),
                state: state.clone(),
            });
        }
        ledger
    }

    fn rejected() -> OrderState {
        OrderState::Rejected { reason: "AC04".into() }
    }

    #[test]
    fn a_month_is_ordered_once() {
        assert_eq!(ledger(100, &[]).orders_due(JANUARY, 7), [(Cause::Regular, Tenge::whole(100))]);
        let ordered = ledger(100, &[(Cause::Regular, 100, OrderState::Released)]);
        assert_eq!(ordered.orders_due(JANUARY, 7), []);
    }

    #[test]
    fn what_came_back_is_made_again_once_and_the_rest_is_arrears() {
        let mut bounced = ledger(130, &[(Cause::Regular, 100, rejected())]);
        let due = bounced.orders_due(JANUARY, 7);
        let arrears = (Cause::Arrears { fact: 7 }, Tenge::whole(30));
        assert_eq!(due, [(Cause::Reissue { of: 1 }, Tenge::whole(100)), arrears]);
        bounced = ledger(
            130,
            &[(Cause::Regular, 100, rejected()), (Cause::Reissue { of: 1 }, 100, OrderState::Released)],
        );
        assert_eq!(bounced.orders_due(JANUARY, 7), [arrears]);
    }

    #[test]
    fn a_fall_of_the_owed_sum_shrinks_a_reissue_and_shows_what_was_overpaid() {
        let fell = ledger(60, &[(Cause::Regular, 100, rejected())]);
        assert_eq!(fell.orders_due(JANUARY, 7), [(Cause::Reissue { of: 1 }, Tenge::whole(60))]);
        let paid = ledger(60, &[(Cause::Regular, 100, OrderState::Released)]);
        assert_eq!(paid.overpaid(JANUARY), Tenge::whole(40));
        assert_eq!(paid.orders_due(JANUARY, 7), []);
    }

    #[test]
    fn totals_close_in_every_state() {
        use OrderState::{Prepared, Released, Withdrawn};
        let back = Booking { reference: "x".into(), on: JANUARY.first_day() };
        let returned = OrderState::Returned { reason: "AC04".into(), paid: None, back };
        for state in [Prepared, Withdrawn, Released, OrderState::Settled { paid: None }, rejected(), returned]
        {
            for account in [true, false] {
                for payable in [60, 100, 150] {
                    let sums = ledger(payable, &[(Cause::Regular, 100, state.clone())]).totals(account);
                    assert_eq!(sums.check(), Ok(()), "{state:?} {sums:?}");
                }
            }
        }
    }
}
