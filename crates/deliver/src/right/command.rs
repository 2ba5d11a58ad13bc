use card::{AccountId, Actor, Month, PersonId, Tenge, Verdict};

use super::Per;
use crate::{
    OfferId, RightId, RunId,
    application::Grounds,
    consent::Consent,
    decision::Ground,
    elsewhere::Award,
    port::{BankStatus, StatementEntry},
};

/// What may be asked of a right.
#[derive(Clone, Debug)]
pub enum Command {
    /// The law says yes, and nobody is paid for it.
    Find {
        /// The number of the new right.
        id: RightId,
        /// Who pays, by the key of the pack.
        payer: String,
        /// Monthly or once.
        per: Per,
        /// The answer that it rests on.
        verdict: Verdict,
    },
    /// The law says yes, and nobody is paid for it any more, here or there.
    FindAgain {
        /// The answer that it rests on.
        verdict: Verdict,
    },
    /// Today's system pays it, or did.
    Import {
        /// The number of the new right.
        id: RightId,
        /// The measure.
        measure: String,
        /// Who pays, by the key of the pack.
        payer: String,
        /// Monthly or once.
        per: Per,
        /// The subject.
        subject: PersonId,
        /// The number of the award there.
        number: String,
        /// The award.
        award: Award,
    },
    /// What the registry of today's systems says of an award by now.
    Tell {
        /// The number of the award there.
        number: String,
        /// The award; `None` if it is told no more, as if it had never been.
        award: Option<Award>,
    },
    /// We pay from now on what today's system pays.
    TakeOver(Box<TakeOver>),
    /// Today's system pays again what we took over.
    GiveBack {
        /// The first month that is not ours any more.
        from: Month,
    },
    /// It joins an offer that is being gathered; it then joins no other.
    Join {
        /// The offer.
        offer: OfferId,
    },
    /// It is part of an offer that goes out.
    Offer {
        /// The offer.
        offer: OfferId,
        /// Who is asked.
        to: PersonId,
        /// The law's answer of now.
        verdict: Verdict,
        /// Were preliminary numbers released?
        released: bool,
    },
    /// A person agreed.
    Consent {
        /// The record.
        consent: Consent,
        /// Within how many days the decision is told.
        decide_within: u16,
    },
    /// A person named the account: first, or again after a payment came back.
    NameAccount {
        /// The account, checked to be the recipient's own.
        account: AccountId,
        /// Within how many days the decision is told, if the application waited for the account.
        decide_within: u16,
    },
    /// The person said no to an offer.
    Decline {
        /// The offer.
        offer: OfferId,
    },
    /// Nobody answered an offer.
    Lapse {
        /// The offer.
        offer: OfferId,
    },
    /// An offer was taken back, since the facts did not bear it: the right is as it was found.
    TakeBack {
        /// The offer.
        offer: OfferId,
    },
    /// The application is judged.
    Judge {
        /// By this.
        grounds: Box<Grounds>,
    },
    /// An officer grants what did not grant itself.
    Grant {
        /// The officer.
        by: Actor,
        /// The law's answer of now, and what stands around it.
        grounds: Box<Grounds>,
        /// Where only additions are open: grant the lower end, the rest follows as arrears.
        lower_end: bool,
    },
    /// An officer refuses.
    Refuse {
        /// The officer.
        by: Actor,
        /// What it rests on.
        ground: Ground,
        /// The law's answer of now, and what stands around it.
        grounds: Box<Grounds>,
    },
    /// The children that it is about were corrected.
    Correct {
        /// The children.
        claims: Vec<PersonId>,
    },
    /// The recipient changes while the right goes on.
    Succeed {
        /// The new recipient.
        recipient: PersonId,
    },
    /// A fact changed that the law may read about it.
    Doubt,
    /// A pay run, or a changed fact, asks about one month.
    Assess(Box<Assess>),
    /// The approved run sends an order.
    Release {
        /// The order.
        number: u32,
    },
    /// The run of an order was discarded.
    Withdraw {
        /// The order.
        number: u32,
    },
    /// The bank says what became of an order.
    Report {
        /// The order.
        number: u32,
        /// What became of it.
        status: BankStatus,
    },
    /// The bank refused the file of an order as a whole: nothing is said of the account.
    RefuseFile {
        /// The order.
        number: u32,
        /// The ISO reason.
        reason: String,
    },
    /// A statement has an entry of an order.
    Book {
        /// The order.
        number: u32,
        /// The entry.
        entry: StatementEntry,
    },
    /// An officer got an overpayment back.
    Recover {
        /// The officer.
        by: Actor,
        /// Of which month.
        month: Month,
        /// How much.
        amount: Tenge,
    },
}

/// On what the payment of an award of today's systems is taken over.
#[derive(Clone, Debug)]
pub struct TakeOver {
    /// The first month that is ours to pay.
    pub from: Month,
    /// The law's answer to [`super::Right::question`] of this month, or of that one where it is past: of a
    /// month to come nobody knows the facts yet.
    pub verdict: Verdict,
    /// Were preliminary numbers released?
    pub released: bool,
    /// The recipient's own account, where it is known which one.
    pub account: Option<AccountId>,
    /// Another right that counts one of its children.
    pub claimed_by: Option<RightId>,
}

/// The law's answer about one month of a right, and what follows for its money.
#[derive(Clone, Debug)]
pub struct Assess {
    /// The run that orders of this month join.
    pub run: RunId,
    /// The month.
    pub month: Month,
    /// The law's answer to [`super::Right::question`] of that month.
    pub verdict: Verdict,
    /// Were preliminary numbers released?
    pub released: bool,
    /// For how many months in a row an unknown carries the last certain amount.
    pub carry: u32,
    /// The journal's number of what made us ask: the run, or the changed fact.
    pub fact: u64,
    /// May money go to the recipient?
    pub payee: Payee,
    /// Another right that counts one of its children by now: a child counts once a month.
    pub claimed_by: Option<RightId>,
    /// Is it the month of the run? Only that one can suspend or end the right.
    pub current: bool,
}

/// May money go to the recipient of a right, to the account that they named?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payee {
    /// The law certainly lets them receive, and the bank can be told who they are.
    Certain,
    /// Nobody can say: a month that is carried goes on, a certain one waits.
    NotKnown,
    /// Certainly not, or the bank cannot be told who they are: the money waits.
    Nobody,
}
