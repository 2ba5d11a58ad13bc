use card::{AccountId, Actor, Missing, Month, PersonId, Tenge};
use serde::{Deserialize, Serialize};

use super::{End, Per};
use crate::{
    OfferId, RightId,
    application::{Application, Reason},
    consent::Consent,
    decision::Decision,
    elsewhere::{Award, Comparison, TakenOver},
    ledger::{Booking, Order, Owed},
};

/// What has happened to a right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was found.
    Found {
        /// Its number.
        id: RightId,
        /// The measure.
        measure: String,
        /// Who pays.
        payer: String,
        /// Monthly or once.
        per: Per,
        /// The subject.
        subject: PersonId,
        /// The first who certainly may receive.
        recipient: PersonId,
        /// The children that it is about.
        claims: Vec<PersonId>,
    },
    /// It was found again, after today's system stopped to pay it.
    FoundAgain {
        /// The first who certainly may receive.
        recipient: PersonId,
        /// The children that it is about.
        claims: Vec<PersonId>,
    },
    /// It came from today's systems.
    Imported {
        /// Its number.
        id: RightId,
        /// The measure.
        measure: String,
        /// Who pays.
        payer: String,
        /// Monthly or once.
        per: Per,
        /// The subject.
        subject: PersonId,
        /// Who receives.
        recipient: PersonId,
        /// The children that it is about.
        claims: Vec<PersonId>,
    },
    /// Today's system says something else of an award than before.
    Told {
        /// The number of the award there.
        number: String,
        /// What it says; `None` if it tells of it no more.
        award: Option<Award>,
    },
    /// A month is paid by today's system.
    PaidElsewhere {
        /// The month.
        month: Month,
        /// How much, where that is told.
        amount: Option<Tenge>,
    },
    /// A month turns out not to be paid by today's system.
    NotPaidElsewhere {
        /// The month.
        month: Month,
    },
    /// Today's system pays what nobody here was granted.
    GoesElsewhere {
        /// Who receives there.
        recipient: PersonId,
        /// The children that it counts.
        claims: Vec<PersonId>,
    },
    /// We pay it from now on.
    TakenOver {
        /// From when on, and how much by the law of then.
        taken: TakenOver,
        /// To which account.
        account: AccountId,
    },
    /// Today's system pays it again.
    GivenBack {
        /// The first month that is not ours any more.
        from: Month,
    },
    /// It joined an offer.
    Joined {
        /// The offer.
        offer: OfferId,
    },
    /// A person is asked.
    Offered {
        /// The offer.
        offer: OfferId,
        /// Who is asked.
        to: PersonId,
    },
    /// A person agreed.
    Consented {
        /// The record.
        consent: Consent,
    },
    /// A person named the account.
    AccountNamed {
        /// The account.
        account: AccountId,
    },
    /// The application is in.
    Filed {
        /// It.
        application: Application,
    },
    /// The person said no.
    Declined {
        /// To this offer.
        offer: OfferId,
    },
    /// Nobody answered.
    Lapsed {
        /// This offer.
        offer: OfferId,
    },
    /// The offer was taken back; another one may follow.
    TakenBack {
        /// This offer.
        offer: OfferId,
    },
    /// An officer is to decide.
    SentToOfficer {
        /// Why.
        reasons: Vec<Reason>,
    },
    /// It was decided.
    Decided {
        /// The decision.
        decision: Decision,
    },
    /// The children were corrected.
    Corrected {
        /// The children.
        claims: Vec<PersonId>,
    },
    /// Another person receives.
    Succeeded {
        /// Who.
        recipient: PersonId,
    },
    /// What is owed for a month changed.
    OwedSet {
        /// The month.
        month: Month,
        /// What is owed now.
        owed: Owed,
    },
    /// A fact changed that the law may read about it: what was assessed, and its end, are asked again.
    Doubted,
    /// A month in doubt was asked again, and its answer stands.
    Confirmed {
        /// The month.
        month: Month,
    },
    /// The law was asked beside what today's system pays.
    Compared {
        /// What it gives.
        comparison: Comparison,
    },
    /// An order was made.
    Ordered {
        /// It.
        order: Order,
    },
    /// An order was taken out of its run.
    Withdrawn {
        /// The order.
        number: u32,
    },
    /// An order left for the bank.
    Released {
        /// The order.
        number: u32,
    },
    /// An order arrived; said once, by whichever of status and statement comes first.
    Settled {
        /// The order.
        number: u32,
    },
    /// The statement has the line of an order that arrived.
    Booked {
        /// The order.
        number: u32,
        /// The line.
        line: Booking,
    },
    /// The bank refused an order.
    Rejected {
        /// The order.
        number: u32,
        /// The ISO reason.
        reason: String,
    },
    /// The money of an order came back.
    Returned {
        /// The order.
        number: u32,
        /// The ISO reason.
        reason: String,
        /// The line of the statement.
        line: Booking,
    },
    /// Money came back: the account is asked for again.
    AccountLost {
        /// The account that does not take the money.
        account: AccountId,
    },
    /// More was ordered for a month than is owed now: an officer's case.
    RecoveryOpened {
        /// The month.
        month: Month,
        /// How much too much.
        amount: Tenge,
    },
    /// An officer got money back.
    Recovered {
        /// Of which month.
        month: Month,
        /// How much.
        amount: Tenge,
        /// The officer.
        by: Actor,
    },
    /// A month cannot be assessed and is carried no longer.
    Suspended {
        /// The month.
        month: Month,
        /// The facts that would decide.
        missing: Vec<Missing>,
    },
    /// It is paid again.
    Resumed,
    /// It is over.
    Ended {
        /// The first month not paid for.
        from: Month,
        /// Why.
        why: End,
    },
}
