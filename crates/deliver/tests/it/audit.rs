//! What must never happen, checked after every transaction against the oracles: the law of the
//! world, what people meant, and the bank's own books.

use std::collections::BTreeSet;

use card::{Moment, Outcome, Question, Tenge, Ternary};
use deliver::{
    OfferId,
    book::{Book, Entry, Transaction},
    conversation::{self, Answer, Bound, Conversation},
    decision::Decided,
    ledger::Basis,
    message::{MOST_PARTS, SmsText},
    offer::{self, Offer},
    reply::Reading,
    right::{self, Right, Stage},
};

use crate::{
    bank::{Bank, Money},
    network::{Network, Says},
    world::World,
};

#[derive(Default)]
pub struct Audit {
    /// Replies that were heard, by id.
    heard: BTreeSet<String>,
    /// Offers that were on a phone.
    delivered: BTreeSet<OfferId>,
    /// Messages that the operator did not take and whose answer we lost.
    pub untaken: u64,
    /// Answers of the bank that were refused and kept.
    pub kept: u64,
}

impl Audit {
    /// Invariants 1 and 3 of the design, on a right.
    pub fn right(world: &World, now: Moment, before: Option<&Right>, events: &[right::Event], after: &Right) {
        for event in events {
            match event {
                right::Event::Offered { .. } => {
                    let before = before.expect("an offered right was found");
                    let day = now.day();
                    let question = Question { subject: after.subject, day, asked_on: day };
                    let law = world.law(&after.measure, question);
                    assert_eq!(law.outcome, Outcome::Eligible, "an offer without a certain right: {after:?}");
                    assert!(!world.preliminary, "an offer on preliminary numbers");
                    assert_eq!(law.free, Ternary::Yes, "an offer to somebody who is paid: {before:?}");
                    assert!(before.elsewhere.is_empty() && !before.granted());
                }
                right::Event::Decided { decision } => {
                    let law = world.law(&after.measure, decision.question);
                    if let Decided::Granted(terms) = decision.outcome {
                        assert_eq!(law.outcome, Outcome::Eligible, "a grant without a certain right");
                        assert_eq!(law.free, Ternary::Yes, "a grant to somebody who is paid");
                        assert_eq!(law.amount.and_then(|a| a.point()), Some(terms.gross));
                        assert!(!world.preliminary, "a grant on preliminary numbers");
                        assert!(after.consent.is_some(), "a grant without consent");
                    } else {
                        assert_ne!(law.outcome, Outcome::Unknown, "an unknown read as no");
                    }
                }
                right::Event::OwedSet { month, owed } => {
                    let question = before.and_then(|r| r.question(*month)).expect("a granted right");
                    let law = world.law(&after.measure, question);
                    match owed.basis {
                        Basis::Assessed if law.outcome == Outcome::Eligible => {
                            assert_eq!(law.amount.and_then(|a| a.point()), Some(owed.gross));
                        }
                        Basis::Assessed => {
                            assert_eq!(law.outcome.ternary(), Ternary::No, "an unknown read as no in a run");
                            assert_eq!(owed.gross, Tenge::ZERO);
                        }
                        Basis::Carried { .. } => {
                            let certain = law.outcome == Outcome::Eligible && !world.preliminary;
                            assert!(!certain, "carried though it is certain");
                        }
                    }
                }
                right::Event::Ended { from, why } if *why != right::End::Paid => {
                    let question = before.and_then(|r| r.question(*from)).expect("a granted right");
                    let law = world.law(&after.measure, question);
                    assert_eq!(law.outcome.ternary(), Ternary::No, "ended without a certain no");
                }
                right::Event::Ordered { order } => {
                    assert!(after.consent.is_some(), "an order without consent");
                    // What an officer got back may be ordered again when more is owed.
                    let (held, payable) = (after.ledger.held(order.month), after.ledger.payable(order.month));
                    assert!(held <= payable, "ordered {held} of {payable} owed: {after:?}");
                    let same = |o: &&deliver::ledger::Order| o.cause == order.cause;
                    let count = after.ledger.orders_of(order.month).filter(same).count();
                    assert_eq!(count, 1, "two orders of one cause: {after:?}");
                }
                right::Event::Released { number } => {
                    let order = after.ledger.order(*number).expect("it was released");
                    if let Stage::Ended { from, .. } = &after.stage {
                        assert!(order.month < *from, "paid after the end: {after:?}");
                    }
                }
                _ => {}
            }
        }
        after.totals().check().unwrap_or_else(|broken| panic!("{broken}: {after:?}"));
        assert!(after.ledger.orders.iter().all(|o| o.amount > Tenge::ZERO));
    }

    /// Invariant 8, on an offer: only silence after a delivery, and after the window, lapses.
    pub fn offer(&mut self, now: Moment, before: Option<&Offer>, events: &[offer::Event]) {
        for event in events {
            match event {
                offer::Event::Delivered { .. } => {
                    self.delivered.extend(before.map(|o| o.id));
                }
                offer::Event::Lapsed { .. } | offer::Event::PassedOn { .. } => {
                    let before = before.expect("an offer that lapses was made");
                    assert!(self.delivered.contains(&before.id), "undelivered taken for silence");
                    let ended = matches!(before.stage, offer::Stage::Waiting { until, .. } if until <= now);
                    assert!(ended, "lapsed before the window ended: {before:?}");
                }
                _ => {}
            }
        }
    }

    /// Invariants 2 and 8, on a conversation.
    pub fn conversation(
        &mut self,
        world: &World,
        network: &Network,
        before: Option<&Conversation>,
        events: &[conversation::Event],
        after: &Conversation,
    ) {
        for event in events {
            match event {
                conversation::Event::Heard { heard, bound } => {
                    assert!(self.heard.insert(heard.reply.clone()), "heard twice: {heard:?}");
                    let personal =
                        matches!(heard.reading, Reading::Unclear | Reading::AccountTyped | Reading::Empty);
                    assert!(
                        !personal || heard.written.is_none(),
                        "a reply that may be personal is kept in clear"
                    );
                    let foreign = before.and_then(|c| c.open.as_ref()).filter(|o| o.delivered().is_some());
                    if let (Some(open), Bound::Question(_)) = (foreign, bound) {
                        assert_eq!(
                            world.bond(after.phone),
                            Some(open.question.person),
                            "a foreign reply was bound"
                        );
                    }
                }
                conversation::Event::Answered { person, answer, heard, question, .. } => {
                    assert_eq!(world.bond(after.phone), Some(*person), "a foreign reply was bound");
                    let meant = &network.meant.get(&heard.reply);
                    let Some(meant) = meant else { continue };
                    let asked = |c: &Conversation| {
                        let open = c.open.iter().chain(c.closed.as_ref().map(|closed| &closed.open));
                        open.into_iter()
                            .find(|o| o.question.id == *question)
                            .is_some_and(|o| o.messages.contains(&meant.answers))
                    };
                    let fits = before.is_some_and(asked);
                    let refuses = matches!(answer, Answer::Refused { .. });
                    let says_no = matches!(meant.says, Says::No | Says::Digit(2));
                    assert!(!refuses || says_no, "{:?} taken for a refusal", meant.says);
                    assert!(meant.says != Says::Nonsense, "nonsense taken for an answer");
                    assert!(
                        fits || !meant.asked,
                        "an answer to another question: {heard:?} {meant:?} {before:?}"
                    );
                }
                _ => {}
            }
        }
        let open = usize::from(after.open.is_some());
        assert!(open <= 1);
        assert!(after.open.is_some() || after.waiting.is_empty(), "a question waits and none is open");
    }

    /// Invariant 10.
    pub fn text(text: &SmsText) {
        let words = text.as_str();
        assert!(words.starts_with("1414:") && text.parts() <= MOST_PARTS, "{words}");
        let digits = words.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(digits < Some(6), "{words}");
        assert!(!words.contains("http") && !words.contains(".kz") && !words.contains('+'), "{words}");
    }

    /// Invariants 2 and 5, at the end of a world.
    pub fn close<B: Book>(&self, book: &B, journal: &[Transaction], network: &Network, bank: &Bank) {
        let totals = book.totals().unwrap();
        totals.check().unwrap();
        assert_eq!(totals.in_bank_files(), bank.control_sums, "orders and bank files differ");
        let known = (totals.settled, totals.rejected, totals.returned, totals.in_flight);
        let theirs = (
            bank.sum(Money::Paid),
            bank.sum(Money::Rejected),
            bank.sum(Money::Returned),
            bank.sum(Money::Waits),
        );
        assert_eq!(known, theirs, "our ledger and the bank's books differ");
        for (attempt, times) in &network.submitted {
            assert_eq!(*times, 1, "message {attempt} was handed over {times} times");
        }
        assert_eq!(self.heard.len(), network.arrived.len(), "a reply is lost");
        let kept =
            journal.iter().flat_map(|t| &t.entries).filter(|e| matches!(e, Entry::Kept { .. })).count();
        assert_eq!(kept as u64, self.kept);
        assert!(self.kept >= bank.nonsense, "an answer of the bank about an unknown order was not kept");
        let funnel = book.funnel().unwrap();
        assert!(funnel.consented >= funnel.filed && funnel.filed >= funnel.granted, "{funnel:?}");
    }
}
