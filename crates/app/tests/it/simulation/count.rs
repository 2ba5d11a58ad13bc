//! What the worlds came to: the proof that they are not empty, and the table of the documentation.

use std::collections::BTreeMap;

use deliver::{
    book::Entry,
    conversation::{Bound, Event as Talk},
    ledger::{Basis, Cause},
    notice::Event as Notice,
    offer::Event as Offered,
    outbox::Event as Sent,
    right::{End, Event as Moved},
};

/// How often each thing happened.
#[derive(Clone, Debug, Default)]
pub struct Counts(pub BTreeMap<&'static str, u64>);

/// What has to happen somewhere among many worlds.
pub const EXPECTED: [&str; 72] = [
    "accounts lost",
    "accounts named in a call",
    "answers late",
    "approvals",
    "awards compared",
    "awards elsewhere",
    "awards imported",
    "awards let go",
    "awards over there",
    "bank contradictions",
    "bank files",
    "bank files refused",
    "bank files twice",
    "births",
    "calls",
    "calls before a loss",
    "calls refused",
    "carried months",
    "clock jumps",
    "consents",
    "corrections",
    "crashes",
    "crashes between",
    "declined",
    "delivered",
    "ended by law",
    "events refused",
    "events twice",
    "extracts",
    "families",
    "forged events",
    "found",
    "found again",
    "granted",
    "halts",
    "lapsed",
    "menus ended",
    "menus reminded of",
    "link: later",
    "link: refused",
    "link: uncertain",
    "messages lost",
    "months confirmed",
    "notices lost",
    "notices taken back",
    "notices told",
    "offered",
    "orders",
    "passed on",
    "promises after a refusal",
    "questions given up",
    "queued",
    "reached again",
    "receipts",
    "recoveries",
    "registries silent",
    "reissues",
    "replies",
    "replies doubled",
    "replies foreign",
    "replies held",
    "replies of unknown numbers",
    "replies redelivered",
    "replies repeated",
    "rights without an answer",
    "successions",
    "suspended",
    "taken over",
    "takings over given back",
    "taken over and ordered",
    "withdrawn offers",
    "worlds of fifty families",
];

impl Counts {
    pub fn add(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub fn sum(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    /// Counts what a committed entry tells.
    pub fn entry(&mut self, entry: &Entry) {
        match entry {
            Entry::Right(_, events) => events.iter().filter_map(right).for_each(|what| self.add(what)),
            Entry::Offer(_, events) => {
                for event in events {
                    match event {
                        Offered::Asked { .. } => self.add("offered"),
                        Offered::Delivered { .. } => self.add("delivered"),
                        Offered::PassedOn { .. } => self.add("passed on"),
                        Offered::Lapsed { .. } => self.add("lapsed"),
                        Offered::Reached => self.add("reached again"),
                        Offered::Withdrawn => self.add("withdrawn offers"),
                        Offered::CallDue { .. } => self.add("calls before a loss"),
                        _ => {}
                    }
                }
            }
            Entry::Conversation(_, events) => {
                for event in events {
                    match event {
                        Talk::Queued { .. } => self.add("queued"),
                        Talk::GivenUp { .. } => self.add("questions given up"),
                        Talk::MenuReminderDue { .. } => self.add("menus reminded of"),
                        Talk::Unanswered { .. } => self.add("menus ended"),
                        Talk::Promised { .. } => self.add("promises after a refusal"),
                        Talk::Answered { late: true, .. } => self.add("answers late"),
                        Talk::Heard { bound: Bound::Held, .. } => self.add("replies held"),
                        Talk::Heard { bound: Bound::Doubled, .. } => self.add("replies doubled"),
                        Talk::Heard { bound: Bound::Foreign, .. } => self.add("replies foreign"),
                        _ => {}
                    }
                }
            }
            Entry::Attempt(_, events) => {
                for event in events {
                    match event {
                        Sent::PutOff { .. } => self.add("link: later"),
                        Sent::Refused { .. } => self.add("link: refused"),
                        Sent::Uncertain => self.add("link: uncertain"),
                        Sent::Failed => self.add("messages lost"),
                        _ => {}
                    }
                }
            }
            Entry::Told(_, _, events) => {
                for event in events {
                    match event {
                        Notice::Told { .. } => self.add("notices told"),
                        Notice::Lost { .. } => self.add("notices lost"),
                        Notice::TakenBack { .. } => self.add("notices taken back"),
                        Notice::Found { .. } | Notice::Passed { .. } => {}
                    }
                }
            }
            Entry::Kept { refusal: deliver::Refusal::Contradiction, .. } => self.add("bank contradictions"),
            _ => {}
        }
    }
}

fn right(event: &Moved) -> Option<&'static str> {
    Some(match event {
        Moved::Found { .. } => "found",
        Moved::FoundAgain { .. } => "found again",
        Moved::Imported { .. } => "awards imported",
        Moved::Compared { .. } => "awards compared",
        Moved::TakenOver { .. } => "taken over",
        Moved::Ended { why: End::Elsewhere, .. } => "awards over there",
        Moved::Consented { .. } => "consents",
        Moved::Declined { .. } => "declined",
        Moved::Decided { .. } => "granted",
        Moved::OwedSet { owed, .. } if owed.basis != Basis::Assessed => "carried months",
        Moved::Ordered { order } if matches!(order.cause, Cause::Reissue { .. }) => "reissues",
        Moved::Ordered { .. } => "orders",
        Moved::Ended { why: End::NotEligible { .. } | End::Period, .. } => "ended by law",
        Moved::Confirmed { .. } => "months confirmed",
        Moved::Resumed => "mended ends",
        Moved::Succeeded { .. } => "successions",
        Moved::AccountLost { .. } => "accounts lost",
        Moved::RecoveryOpened { .. } => "recoveries",
        Moved::Suspended { .. } => "suspended",
        _ => return None,
    })
}
