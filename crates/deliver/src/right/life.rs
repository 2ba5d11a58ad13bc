//! From found to decided.

use card::{Actor, Moment, Outcome, PersonId, Role, Ternary, Verdict};

use std::collections::BTreeMap;

use super::{Command, End, Event, Pause, Right, Stage, beside};
use crate::{
    Refusal,
    application::{Application, Grounds, Reason, amounts, judge, sure},
    consent::Consent,
    decision::{Decided, DecidedBy, Decision, Terms},
    ledger::Ledger,
};

/// The first command of a right's life.
pub(super) fn begin(command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Find { id, payer, per, verdict } => {
            let recipient = findable(&verdict)?;
            let subject = verdict.question.subject;
            let (measure, claims) = (verdict.measure, verdict.claims);
            Ok(vec![Event::Found { id, measure, payer, per, subject, recipient, claims }])
        }
        Command::Import { id, measure, payer, per, subject, number, award } => {
            let (recipient, claims) = (award.recipient, award.children.clone());
            let imported = Event::Imported { id, measure, payer, per, subject, recipient, claims };
            let told = born(&imported).map(|right| beside::tell(&right, &number, Some(award), now.day()));
            Ok(std::iter::once(imported).chain(told.into_iter().flatten()).collect())
        }
        _ => Err(Refusal::absent("right")),
    }
}

/// Who may receive what the law certainly gives, where nobody is paid for it.
pub(super) fn findable(verdict: &Verdict) -> Result<PersonId, Refusal> {
    let free = verdict.outcome == Outcome::Eligible && verdict.free == Ternary::Yes;
    verdict.recipient().filter(|_| free).ok_or(Refusal::NotOfferable)
}

/// The state after the first event.
pub(super) fn born(event: &Event) -> Option<Right> {
    let blank = |id, measure: &str, payer: &str, per, subject, recipient, claims: &[PersonId], stage| Right {
        id,
        measure: measure.to_owned(),
        payer: payer.to_owned(),
        per,
        subject,
        recipient,
        claims: claims.to_vec(),
        stage,
        offer: None,
        asked_on: None,
        consent: None,
        application: None,
        decision: None,
        account: None,
        elsewhere: BTreeMap::new(),
        taken_over: None,
        compared: None,
        ledger: Ledger::default(),
    };
    match event {
        Event::Found { id, measure, payer, per, subject, recipient, claims } => {
            Some(blank(*id, measure, payer, *per, *subject, *recipient, claims, Stage::Found))
        }
        Event::Imported { id, measure, payer, per, subject, recipient, claims } => {
            Some(blank(*id, measure, payer, *per, *subject, *recipient, claims, Stage::Elsewhere))
        }
        _ => None,
    }
}

pub(super) fn handle(right: &Right, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
    let stage = &right.stage;
    let refuse = |action: &str| Err(Refusal::stage(action, stage));
    match command {
        Command::Join { offer } => match right.offer {
            Some(known) if known == offer => Ok(vec![]),
            None if open_to_offers(right) => Ok(vec![Event::Joined { offer }]),
            _ => refuse("join an offer"),
        },
        Command::Offer { offer, to, verdict, released } => {
            if right.offer.is_some_and(|known| known != offer) {
                return refuse("offer it twice at a time");
            }
            if !right.concerns(&verdict) {
                return Err(Refusal::WrongQuestion);
            }
            if *stage == Stage::Elsewhere {
                return Err(Refusal::AlreadyPaid);
            }
            if *stage != Stage::Offered && !open_to_offers(right) {
                return refuse("offer it");
            }
            // A succession is not free: the right itself is what is being paid.
            let allowed = if awaits_recipient(right) {
                verdict.outcome == Outcome::Eligible && sure(&verdict, released)
            } else {
                verdict.offerable(released)
            };
            if !allowed {
                return Err(Refusal::NotOfferable);
            }
            if !verdict.pays_to.iter().any(|r| r.person == to && r.certain == Ternary::Yes) {
                return Err(Refusal::WrongPerson);
            }
            Ok(vec![Event::Offered { offer, to }])
        }
        Command::Consent { consent, decide_within } => agree(right, consent, decide_within, now),
        Command::NameAccount { account, decide_within } => {
            let mut events = vec![Event::AccountNamed { account }];
            match (stage, &right.consent) {
                (Stage::Consented, Some(consent)) => {
                    let application = Application::filed(consent.id, now, decide_within);
                    events.push(Event::Filed { application });
                }
                (
                    Stage::Filed
                    | Stage::WithOfficer { .. }
                    | Stage::Granted
                    | Stage::InPayment
                    | Stage::Elsewhere
                    | Stage::Suspended { why: Pause::NotKnown { .. } }
                    | Stage::Ended { .. },
                    _,
                ) => {}
                _ => return refuse("name an account"),
            }
            Ok(events)
        }
        Command::Decline { offer } if right.offer == Some(offer) => Ok(vec![Event::Declined { offer }]),
        Command::Lapse { offer } if right.offer == Some(offer) => Ok(vec![Event::Lapsed { offer }]),
        Command::TakeBack { offer } if right.offer == Some(offer) => Ok(vec![Event::TakenBack { offer }]),
        Command::Decline { .. } | Command::Lapse { .. } | Command::TakeBack { .. } => {
            refuse("close an offer that is not open")
        }
        Command::Judge { grounds } => {
            if *stage != Stage::Filed {
                return refuse("judge it");
            }
            check_question(right, &grounds)?;
            let mut judged = judge(&grounds);
            if grounds.verdict.receives(right.recipient) != Ternary::Yes {
                judged = Err(judged.err().into_iter().flatten().chain([Reason::NotRecipient]).collect());
            }
            match (judged, grounds.automatic_by.clone()) {
                (Ok(terms), Some(order)) => {
                    let by = DecidedBy::Automatic { body: grounds.body.clone(), order };
                    Ok(granted(right, terms, by, *grounds, now))
                }
                (Ok(_), None) => Ok(vec![Event::SentToOfficer { reasons: vec![Reason::NoAutomaticOrder] }]),
                (Err(reasons), _) => Ok(vec![Event::SentToOfficer { reasons }]),
            }
        }
        Command::Grant { by, grounds, lower_end } => {
            require(&by, Role::Officer)?;
            if !matches!(stage, Stage::WithOfficer { .. }) {
                return refuse("grant it");
            }
            check_question(right, &grounds)?;
            if grounds.verdict.receives(right.recipient) != Ternary::Yes {
                return Err(Refusal::NotGrantable);
            }
            let terms = grantable(&grounds, lower_end)?;
            let by = DecidedBy::Officer { body: grounds.body.clone(), officer: by };
            Ok(granted(right, terms, by, *grounds, now))
        }
        Command::Refuse { by, ground, grounds } => {
            require(&by, Role::Officer)?;
            if !matches!(stage, Stage::WithOfficer { .. }) {
                return refuse("refuse it");
            }
            check_question(right, &grounds)?;
            if !refusable(&grounds) {
                return Err(Refusal::NotRefusable);
            }
            let by = DecidedBy::Officer { body: grounds.body.clone(), officer: by };
            Ok(vec![decided(Decided::Refused { ground }, by, *grounds, now)])
        }
        Command::Correct { claims } if claims == right.claims => Ok(vec![]),
        Command::Correct { claims } => Ok(vec![Event::Corrected { claims }]),
        Command::Succeed { recipient } if recipient == right.recipient => Ok(vec![]),
        Command::Succeed { recipient } => {
            if matches!(stage, Stage::Ended { .. }) {
                refuse("pass it on")
            } else {
                Ok(vec![Event::Succeeded { recipient }])
            }
        }
        _ => refuse("do that"),
    }
}

pub(super) fn evolve(right: &mut Right, event: &Event) {
    match event {
        Event::Joined { offer } => right.offer = Some(*offer),
        Event::Offered { offer, to } => {
            right.offer = Some(*offer);
            right.recipient = *to;
            if !awaits_recipient(right) {
                right.stage = Stage::Offered;
            }
        }
        Event::Consented { consent } => {
            if awaits_recipient(right) {
                right.stage = Stage::InPayment;
            } else {
                right.stage = Stage::Consented;
                right.asked_on = Some(consent.at.day());
            }
            right.offer = None;
            right.recipient = consent.person;
            right.account = consent.account.or(right.account);
            right.consent = Some(consent.clone());
        }
        Event::AccountNamed { account } => right.account = Some(*account),
        Event::Filed { application } => {
            right.application = Some(application.clone());
            right.stage = Stage::Filed;
        }
        Event::Declined { .. } => close_offer(right, Stage::Declined),
        Event::Lapsed { .. } => close_offer(right, Stage::Lapsed),
        Event::TakenBack { .. } => close_offer(right, Stage::Found),
        Event::SentToOfficer { reasons } => right.stage = Stage::WithOfficer { reasons: reasons.clone() },
        Event::Decided { decision } => {
            right.stage = match decision.outcome {
                Decided::Granted(_) => Stage::Granted,
                Decided::Refused { .. } => Stage::Refused,
            };
            right.decision = Some(decision.clone());
        }
        Event::Corrected { claims } => right.claims.clone_from(claims),
        Event::Succeeded { recipient } => {
            right.recipient = *recipient;
            right.offer = None;
            right.account = None;
            right.consent = None;
            right.stage = if right.granted() {
                Stage::Suspended { why: Pause::NewRecipient }
            } else {
                // Nothing was granted yet: the new recipient is asked from the beginning.
                Stage::Found
            };
        }
        Event::Suspended { missing, .. } if !awaits_recipient(right) => {
            right.stage = Stage::Suspended { why: Pause::NotKnown { missing: missing.clone() } };
        }
        Event::Resumed => right.stage = Stage::InPayment,
        Event::Ended { from, why } => right.stage = Stage::Ended { from: *from, why: why.clone() },
        _ => {}
    }
}

fn close_offer(right: &mut Right, stage: Stage) {
    right.offer = None;
    if right.stage == Stage::Offered {
        right.stage = stage;
    }
}

/// May it be offered, first or again?
fn open_to_offers(right: &Right) -> bool {
    matches!(right.stage, Stage::Found | Stage::Declined | Stage::Lapsed) || awaits_recipient(right)
}

/// Does the right wait for its new recipient?
pub(super) fn awaits_recipient(right: &Right) -> bool {
    right.stage == Stage::Suspended { why: Pause::NewRecipient }
}

fn agree(right: &Right, consent: Consent, within: u16, now: Moment) -> Result<Vec<Event>, Refusal> {
    if consent.right != right.id || consent.measure != right.measure {
        return Err(Refusal::WrongPerson);
    }
    if !consent.evidence.shows_consent() {
        return Err(Refusal::Missing("evidence of a consent".into()));
    }
    if right.consent.as_ref().is_some_and(|known| known.id == consent.id) {
        return Ok(vec![]);
    }
    if awaits_recipient(right) {
        if consent.account.is_none() {
            return Err(Refusal::Missing("the account of the new recipient".into()));
        }
        return Ok(vec![Event::Consented { consent }]);
    }
    match right.stage {
        Stage::Found | Stage::Offered | Stage::Declined | Stage::Lapsed | Stage::Refused => {}
        _ => return Err(Refusal::stage("take another consent", &right.stage)),
    }
    let filed = consent.account.map(|_| Application::filed(consent.id, now, within));
    let consented = Event::Consented { consent };
    Ok(std::iter::once(consented).chain(filed.map(|application| Event::Filed { application })).collect())
}

/// What an officer may grant. What makes a grant true is not theirs to waive: a certain right,
/// certainly free, numbers that are released, and no child counted twice.
fn grantable(grounds: &Grounds, lower_end: bool) -> Result<Terms, Refusal> {
    if let Some(_other) = grounds.claimed_by {
        return Err(Refusal::ClaimTaken);
    }
    let mut verdict = grounds.verdict.clone();
    if lower_end && verdict.outcome == Outcome::Eligible {
        verdict.amount = verdict.amount.map(|a| card::Amount::exactly(a.lo));
        for withheld in &mut verdict.withheld {
            withheld.amount = card::Amount::exactly(withheld.amount.lo);
        }
    }
    let certain = verdict.outcome == Outcome::Eligible && verdict.free == Ternary::Yes;
    match amounts(&verdict) {
        Some((gross, withheld)) if certain && sure(&verdict, grounds.released) => Ok(Terms {
            gross,
            withheld,
            from: verdict.pays_from.unwrap_or(verdict.question.asked_on),
            until: verdict.pays_until,
        }),
        _ => Err(Refusal::NotGrantable),
    }
}

/// What an officer may refuse: a certain no, what is paid already, a child counted elsewhere, and
/// what a commission decides. An unknown is never read as no: the facts come first.
fn refusable(grounds: &Grounds) -> bool {
    grounds.verdict.outcome.ternary() == Ternary::No
        || grounds.verdict.free == Ternary::No
        || grounds.claimed_by.is_some()
        || grounds.commission
}

/// A grant counts the children whom the law counts at that moment, not those of the day it was found.
fn granted(right: &Right, terms: Terms, by: DecidedBy, grounds: Grounds, at: Moment) -> Vec<Event> {
    let claims = grounds.verdict.claims.clone();
    let corrected = (claims != right.claims).then_some(Event::Corrected { claims });
    let decided = decided(Decided::Granted(terms), by, grounds, at);
    corrected.into_iter().chain([decided]).collect()
}

fn decided(outcome: Decided, by: DecidedBy, grounds: Grounds, at: Moment) -> Event {
    let question = grounds.verdict.question;
    let (closure, known_on) = (grounds.closure, grounds.known_on);
    Event::Decided { decision: Decision { outcome, by, question, closure, known_on, at } }
}

fn check_question(right: &Right, grounds: &Grounds) -> Result<(), Refusal> {
    let asked = right.asked_on == Some(grounds.verdict.question.asked_on);
    if right.concerns(&grounds.verdict) && asked { Ok(()) } else { Err(Refusal::WrongQuestion) }
}

/// Is the actor an official of that role?
pub(crate) fn require(actor: &Actor, needed: Role) -> Result<(), Refusal> {
    match actor {
        Actor::Officer { role, .. } if *role == needed => Ok(()),
        _ => Err(Refusal::Role(format!("{needed:?}"))),
    }
}

/// Why the law's no ends a right.
pub(super) fn why_no(verdict: &card::Verdict) -> End {
    let fails = |c: &&card::Condition| c.outcome == Ternary::No;
    let failing: Vec<String> = verdict.conditions.iter().filter(fails).map(|c| c.name.clone()).collect();
    End::NotEligible { failing }
}
