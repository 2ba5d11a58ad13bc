//! A right: one measure, one subject, one recipient, from the day it is found to its end.
//!
//! Its number is permanent. A refusal or a lapse ends an offer, never the right; a corrected fact
//! changes the right, it does not make a second one.

mod beside;
mod command;
mod event;
mod life;
mod payment;

pub use command::{Assess, Command, Payee, TakeOver};
pub use event::Event;
pub(crate) use life::require;

use std::collections::BTreeMap;

use card::{AccountId, Date, Missing, Moment, Month, PersonId, Question, Tenge, Verdict};
use serde::{Deserialize, Serialize};

use crate::{
    Machine, OfferId, OrderId, Refusal, RightId, Totals,
    application::{Application, Reason},
    consent::Consent,
    decision::{Decided, Decision},
    elsewhere::{Award, Beside, Comparison, TakenOver},
    ledger::{Cause, Ledger, Order, OrderState, Owed},
};

/// Paid every month, or once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Every month.
    Month,
    /// Once.
    Once,
}

/// Where a right stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The law says yes; nobody was told.
    Found,
    /// A person was asked.
    Offered,
    /// A person agreed; an account is still to be named.
    Consented,
    /// The application is in.
    Filed,
    /// An officer decides.
    WithOfficer {
        /// Why it was not granted by itself.
        reasons: Vec<Reason>,
    },
    /// Granted; nothing ordered yet.
    Granted,
    /// Paid.
    InPayment,
    /// Today's system pays it: we compare, and neither offer nor order.
    Elsewhere,
    /// Not paid for now; the months are owed when what is missing arrives.
    Suspended {
        /// What is missing.
        why: Pause,
    },
    /// The person said no. The right stays.
    Declined,
    /// Nobody answered. The right stays.
    Lapsed,
    /// An officer refused.
    Refused,
    /// Over.
    Ended {
        /// The first month not paid for.
        from: Month,
        /// Why.
        why: End,
    },
}

/// What a suspended right waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// Facts that decide whether it goes on.
    NotKnown {
        /// These.
        missing: Vec<Missing>,
    },
    /// The consent and the account of a new recipient.
    NewRecipient,
}

/// Why a right is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The law says no; these conditions fail.
    NotEligible {
        /// Names of conditions and refusals.
        failing: Vec<String>,
    },
    /// Its period has passed.
    Period,
    /// It was one payment, and that has arrived.
    Paid,
    /// Today's system paid it, and does not any more.
    Elsewhere,
}

/// A right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Right {
    /// Its permanent number.
    pub id: RightId,
    /// The measure.
    pub measure: String,
    /// Who pays, by the key of the pack, such as `republic`.
    pub payer: String,
    /// Monthly or once.
    pub per: Per,
    /// The child, the deceased, the lead of the family.
    pub subject: PersonId,
    /// Who receives.
    pub recipient: PersonId,
    /// The children that it is about.
    pub claims: Vec<PersonId>,
    /// Where it stands.
    pub stage: Stage,
    /// The open offer.
    pub offer: Option<OfferId>,
    /// The local day of the consent, which the law counts from.
    pub asked_on: Option<Date>,
    /// The consent that counts now.
    pub consent: Option<Consent>,
    /// The application.
    pub application: Option<Application>,
    /// The decision.
    pub decision: Option<Decision>,
    /// The account that money goes to; none until named, none after a payment came back.
    pub account: Option<AccountId>,
    /// What today's systems say of it: their awards, by their numbers there.
    #[serde(default)]
    pub elsewhere: BTreeMap<String, Award>,
    /// The payment that we took over from them.
    #[serde(default)]
    pub taken_over: Option<TakenOver>,
    /// What the law gave when it was last asked beside what they pay.
    #[serde(default)]
    pub compared: Option<Comparison>,
    /// The money.
    pub ledger: Ledger,
}

impl Right {
    /// Does a pay run ask about it: while it lives, here or elsewhere, and after its end as long as money is
    /// open or in doubt?
    pub fn in_runs(&self) -> bool {
        let open = |month: &Month| self.ledger.gap(*month) != Tenge::ZERO;
        let ended = matches!(self.stage, Stage::Ended { .. });
        self.granted()
            || (self.stage == Stage::Elsewhere && self.per == Per::Month)
            || (ended && (!self.ledger.doubted.is_empty() || self.ledger.months().iter().any(open)))
    }

    /// The month in which the law's no ended it: a no that may turn out to be mistaken.
    pub const fn ended_by_law(&self) -> Option<Month> {
        match (&self.stage, self.per) {
            (Stage::Ended { from, why: End::NotEligible { .. } | End::Period }, Per::Month) => Some(*from),
            _ => None,
        }
    }

    /// Was a grant made that still stands?
    pub const fn granted(&self) -> bool {
        matches!(self.stage, Stage::Granted | Stage::InPayment | Stage::Suspended { .. })
    }

    /// Was it found, and is nobody asked about it?
    pub fn unasked(&self) -> bool {
        self.stage == Stage::Found && self.offer.is_none()
    }

    /// Does it wait for an account: agreed to without one, or the last one took no money?
    pub fn needs_account(&self) -> bool {
        let live = match self.stage {
            Stage::Consented | Stage::Filed | Stage::WithOfficer { .. } => true,
            Stage::Suspended { why: Pause::NewRecipient } => false,
            // Where it goes on to when we take it over.
            Stage::Elsewhere => {
                self.per == Per::Month && self.award().is_some_and(|award| award.account.is_none())
            }
            Stage::Ended { .. } => self.ledger.owed.keys().any(|month| self.ledger.gap(*month) > Tenge::ZERO),
            _ => self.granted(),
        };
        live && self.account.is_none()
    }

    /// The money that an account did not take, while the right waits for another account.
    pub fn stranded(&self, lost: AccountId) -> Tenge {
        let again = |order: &Order| {
            let made = |o: &&Order| o.cause == Cause::Reissue { of: order.number };
            self.ledger.orders.iter().filter(made).any(|o| o.state != OrderState::Withdrawn)
        };
        let waits = |o: &&Order| o.account == lost && o.state.bounced() && !again(o);
        let orders = self.ledger.orders.iter().filter(|_| self.account.is_none()).filter(waits);
        orders.map(|order| order.amount).sum()
    }

    /// The terms of the grant, or those by which its payment was taken over.
    pub fn terms(&self) -> Option<&crate::decision::Terms> {
        let granted = self.decision.as_ref().and_then(|decision| match &decision.outcome {
            Decided::Granted(terms) => Some(terms),
            Decided::Refused { .. } => None,
        });
        granted.or(self.taken_over.as_ref().map(|taken| &taken.terms))
    }

    /// The first day paid for.
    pub fn pays_from(&self) -> Option<Date> {
        self.terms().map(|t| t.from).or(self.award().map(|award| award.since))
    }

    /// The award of today's systems that counts: the one that runs longest, and of those the oldest.
    pub fn award(&self) -> Option<&Award> {
        let open = |award: &&Award| (award.ended.is_none(), award.ended, std::cmp::Reverse(award.since));
        self.elsewhere.values().max_by_key(open)
    }

    /// The day of the request: of the consent, or since when today's system pays.
    pub fn requested_on(&self) -> Option<Date> {
        self.asked_on.or(self.award().map(|award| award.since))
    }

    /// On which side it stands of what is taken over from today's systems.
    pub fn beside(&self) -> Option<Beside> {
        let ours = self.taken_over.is_some_and(|taken| taken.until.is_none());
        match &self.stage {
            Stage::Elsewhere => Some(Beside::Theirs),
            _ if self.granted() && ours && !self.granted_here() => Some(Beside::TakenOver),
            _ => None,
        }
    }

    /// Did it end as today's system ended it?
    pub const fn ended_elsewhere(&self) -> bool {
        matches!(self.stage, Stage::Ended { why: End::Elsewhere, .. })
    }

    /// Was it granted here, and not only taken over?
    pub fn granted_here(&self) -> bool {
        self.decision.as_ref().is_some_and(|decision| matches!(decision.outcome, Decided::Granted(_)))
    }

    /// Is a month ours to pay, by our grant or since we took the payment over?
    pub fn ours(&self, month: Month) -> bool {
        self.granted_here() || self.taken_over.is_some_and(|taken| taken.holds(month))
    }

    /// What the law is asked about a month: on its first day, or on the first day paid for; in the
    /// month of the consent on the day of the consent. A single payment is always asked about the
    /// day of the consent.
    pub fn question(&self, month: Month) -> Option<Question> {
        let from = self.pays_from()?;
        let asked_on = self.requested_on()?;
        let day = if self.per == Per::Once || (month == asked_on.month() && from <= asked_on) {
            asked_on
        } else {
            month.first_day().max(from)
        };
        Some(Question { subject: self.subject, day, asked_on })
    }

    /// The months that a run of `run` asks about anew: those that nobody assessed yet, could not
    /// assess, carried, that wait for an order, or that a changed fact put in doubt. Oldest first; the
    /// month of the run is always among them while the right lives.
    pub fn months_due(&self, run: Month) -> Vec<Month> {
        let Some(from) = self.pays_from() else { return vec![] };
        if self.per == Per::Once {
            let Some(asked_on) = self.asked_on else { return vec![] };
            let month = asked_on.month();
            let ledger = &self.ledger;
            let open = !ledger.owed.contains_key(&month)
                || ledger.gap(month) > Tenge::ZERO
                || ledger.doubted.contains(&month);
            return if open && month <= run { vec![month] } else { vec![] };
        }
        let last = match &self.stage {
            Stage::Ended { from, .. } if self.ledger.doubted.contains(from) => (*from).min(run),
            Stage::Ended { from, .. } => from.previous().min(run),
            _ if self.granted() || self.stage == Stage::Elsewhere => run,
            _ => return vec![],
        };
        let open = |month: &Month| {
            let carried = |o: &Owed| o.basis != crate::ledger::Basis::Assessed;
            // Beside what others pay, the law is asked about the month of the run alone.
            if !self.ours(*month) {
                return *month == run;
            }
            *month == run
                || self.ledger.doubted.contains(month)
                || self.ledger.gap(*month) != Tenge::ZERO
                || self.ledger.owed.get(month).is_none_or(carried)
        };
        let first = if self.ours(run) { from.month() } else { from.month().min(run) };
        (first.0..=last.0).map(Month).filter(open).collect()
    }

    /// The bank's name of one of its orders.
    pub fn order_id(&self, number: u32) -> OrderId {
        OrderId { right: self.id, number }
    }

    /// The sums of its money.
    pub fn totals(&self) -> Totals {
        self.ledger.totals(self.account.is_some())
    }

    /// Does a verdict speak of this right?
    fn concerns(&self, verdict: &Verdict) -> bool {
        verdict.measure == self.measure && verdict.question.subject == self.subject
    }
}

impl Machine for Right {
    type Command = Command;
    type Event = Event;

    fn handle(state: Option<&Self>, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
        let Some(right) = state else { return life::begin(command, now) };
        match command {
            Command::Find { id, .. } | Command::Import { id, .. } if id == right.id => Ok(vec![]),
            Command::Find { .. } | Command::Import { .. } => Err(Refusal::Exists("right".into())),
            Command::Tell { number, award } => Ok(beside::tell(right, &number, award, now.day())),
            Command::FindAgain { verdict } => beside::find_again(right, &verdict),
            Command::TakeOver(take) => beside::take_over(right, *take, now.day().month()),
            Command::GiveBack { from } => beside::give_back(right, from),
            Command::Doubt => Ok(payment::doubt(right)),
            Command::Assess(assess) => payment::assess(right, &assess),
            Command::Release { number } => payment::release(right, number),
            Command::Withdraw { number } => payment::withdraw(right, number),
            Command::Report { number, status } => payment::report(right, number, status),
            Command::RefuseFile { number, reason } => payment::refuse_file(right, number, reason),
            Command::Book { number, entry } => payment::book(right, number, entry),
            Command::Recover { by, month, amount } => payment::recover(right, by, month, amount),
            other => life::handle(right, other, now),
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        let Some(mut right) = state else { return life::born(event) };
        life::evolve(&mut right, event);
        payment::evolve(&mut right, event);
        beside::evolve(&mut right, event);
        Some(right)
    }
}

/// Sets the state of an order; an order that does not exist stays so.
fn mark(right: &mut Right, number: u32, state: OrderState) {
    if let Some(order) = right.ledger.order_mut(number) {
        order.state = state;
    }
}

#[cfg(test)]
mod tests;
