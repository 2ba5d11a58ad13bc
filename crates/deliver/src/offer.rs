//! An offer: the rights that one cause gives one person, from the gathering to the last word.

use card::{Date, Moment, PersonId, Span, Tenge};
use serde::{Deserialize, Serialize};

use crate::{
    AttemptId, Machine, OfferId, Refusal, RightId,
    right::Per,
    timing::{self, Contact},
};

/// One right of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The right.
    pub right: RightId,
    /// Its measure.
    pub measure: String,
    /// The amount of one payment.
    pub amount: Tenge,
    /// Monthly or once.
    pub per: Per,
    /// The last day on which it can be asked for, if it is lost for good after that.
    pub lost_after: Option<Date>,
    /// What the person said about it.
    pub agreed: Option<bool>,
}

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// More rights of the same cause may join.
    Gathering {
        /// Until then.
        until: Moment,
    },
    /// Written to a person; no receipt yet.
    Asked {
        /// The message.
        message: AttemptId,
        /// When.
        at: Moment,
        /// The last day to answer that the message names.
        promised: Date,
    },
    /// On the phone.
    Waiting {
        /// Since when.
        delivered: Moment,
        /// The end of the window.
        until: Moment,
        /// The last day to answer that the message names.
        promised: Date,
    },
    /// Silence: the next person is to be asked.
    Passed,
    /// An operator talks with the person; silence ends nothing meanwhile.
    WithOperator,
    /// Answered: agreed to at least one right.
    Agreed,
    /// Answered: no.
    Refused,
    /// Nobody answered in time.
    Lapsed {
        /// When.
        at: Moment,
    },
    /// Nobody could be reached. Not silence: the rights stay, a task finds the person.
    Unreachable,
    /// Taken back, since the facts changed.
    Withdrawn,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its number.
    pub id: OfferId,
    /// The journal's number of its cause: a birth, a sweep, a release.
    pub cause: u64,
    /// The rights.
    pub lines: Vec<Line>,
    /// Who may be asked, in order: those whom the law certainly lets receive.
    pub candidates: Vec<PersonId>,
    /// Whose turn it is.
    pub turn: usize,
    /// How many calendar days they have.
    pub window_days: u16,
    /// Where it stands.
    pub stage: Stage,
    /// Was the person whose turn it is reminded?
    pub reminded: bool,
    /// Was a call asked for before a right is lost?
    pub called: bool,
    /// A measure of it stands still: until then nothing falls due.
    pub held_until: Option<Moment>,
}

impl Offer {
    /// Whose turn it is.
    pub fn person(&self) -> Option<PersonId> {
        self.candidates.get(self.turn).copied()
    }

    /// The next moment at which [`Command::Tick`] changes something, or at which it is to be asked.
    pub fn due(&self, contact: &Contact) -> Option<Moment> {
        self.due_by_stage(contact).map(|due| self.held_until.map_or(due, |held| due.max(held)))
    }

    fn due_by_stage(&self, contact: &Contact) -> Option<Moment> {
        match self.stage {
            Stage::Gathering { until } => Some(until),
            Stage::Asked { at, .. } => {
                let rounds = if self.reminded { 2 } else { 1 };
                Some(at.plus_hours(rounds * i64::from(contact.receipt_hours)))
            }
            Stage::Waiting { until, .. } if self.reminded => Some(until),
            Stage::Waiting { until, .. } => Some(until.plus_hours(-i64::from(contact.reminder_hours))),
            Stage::Lapsed { .. } | Stage::Unreachable if !self.called => self.call_from(contact),
            Stage::Passed => Some(Moment(i64::MIN)),
            _ => None,
        }
    }

    /// From when on an operator should call, because a right is lost for good soon.
    fn call_from(&self, contact: &Contact) -> Option<Moment> {
        let last = self.lines.iter().filter(|l| l.agreed.is_none()).filter_map(|l| l.lost_after).min()?;
        let day = last.plus(Span::Days(-(contact.call_days as i32)));
        Some(Moment::local(day, contact.quiet_to, 0))
    }
}

/// What may be asked of an offer.
#[derive(Clone, Debug)]
pub enum Command {
    /// A right joins: the first makes the offer.
    Gather {
        /// The number of the offer.
        id: OfferId,
        /// The journal's number of the cause.
        cause: u64,
        /// The right.
        line: Line,
        /// Who may be asked, in order.
        candidates: Vec<PersonId>,
        /// How many calendar days they have.
        window_days: u16,
        /// The rules of contact.
        contact: Contact,
    },
    /// The law gives another amount by now, and nobody was told the old one yet.
    Reprice {
        /// For this right.
        right: RightId,
        /// The amount of one payment.
        amount: Tenge,
    },
    /// A message to the person whose turn it is has been written.
    Ask {
        /// The message.
        message: AttemptId,
        /// When it may leave: awake and within the budget.
        leaves: Moment,
    },
    /// A message of the offer is on the phone.
    Deliver {
        /// The rules of contact.
        contact: Contact,
    },
    /// The message will not arrive, or there is no phone to write to.
    Fail,
    /// A measure of it stands still: it is looked at again in a while.
    Hold,
    /// Time has passed.
    Tick {
        /// The rules of contact.
        contact: Contact,
    },
    /// The person answered, in time or late; an operator's record counts alike.
    Answer {
        /// Who.
        by: PersonId,
        /// The rights that they agree to; the others are refused.
        agreed: Vec<RightId>,
    },
    /// An operator takes over: another account, a call asked for, an unclear reply.
    HandOver,
    /// The facts changed: nothing of it holds any more.
    Withdraw,
}

/// What has happened to an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was begun.
    Begun {
        /// Its number.
        id: OfferId,
        /// The journal's number of the cause.
        cause: u64,
        /// Who may be asked, in order.
        candidates: Vec<PersonId>,
        /// How many calendar days they have.
        window_days: u16,
        /// Until when rights join.
        until: Moment,
    },
    /// A right joined.
    Joined {
        /// The right.
        line: Line,
    },
    /// The law gives another amount by now.
    Repriced {
        /// For this right.
        right: RightId,
        /// The amount of one payment.
        amount: Tenge,
    },
    /// The person whose turn it is was written to.
    Asked {
        /// Who.
        person: PersonId,
        /// The message.
        message: AttemptId,
        /// When it leaves.
        at: Moment,
        /// The last day to answer that the message names.
        promised: Date,
    },
    /// It is on the phone.
    Delivered {
        /// Since when.
        at: Moment,
        /// The end of the window.
        until: Moment,
    },
    /// It waits, since a measure of it stands still.
    Held {
        /// Until then.
        until: Moment,
    },
    /// The one reminder is due.
    ReminderDue,
    /// A call is due: a right is lost for good soon.
    CallDue {
        /// The person.
        person: PersonId,
    },
    /// Silence: the next person's turn.
    PassedOn {
        /// Who did not answer.
        silent: PersonId,
        /// Who is asked next.
        next: PersonId,
    },
    /// Nobody answered.
    Lapsed {
        /// When.
        at: Moment,
    },
    /// Nobody can be reached.
    Unreachable {
        /// The person whose turn it was.
        person: PersonId,
    },
    /// Answered.
    Answered {
        /// Who.
        by: PersonId,
        /// The rights agreed to.
        agreed: Vec<RightId>,
        /// The rights refused.
        refused: Vec<RightId>,
        /// After the end of the window.
        late: bool,
    },
    /// An operator took over.
    HandedOver,
    /// Taken back.
    Withdrawn,
}

impl Machine for Offer {
    type Command = Command;
    type Event = Event;

    fn handle(state: Option<&Self>, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
        let offer = match (state, command) {
            (None, Command::Gather { id, cause, line, candidates, window_days, contact }) => {
                if candidates.is_empty() {
                    return Err(Refusal::Missing("a person who certainly may receive".into()));
                }
                let until = now.plus_ms(i64::from(contact.gather_minutes) * 60_000);
                let begun = Event::Begun { id, cause, candidates, window_days, until };
                return Ok(vec![begun, Event::Joined { line }]);
            }
            (None, _) => return Err(Refusal::absent("offer")),
            (Some(offer), command) => (offer, command),
        };
        let (offer, command) = offer;
        let refuse = |action: &str| Err(Refusal::stage(action, offer.stage));
        match command {
            Command::Gather { line, candidates, .. } => {
                if offer.lines.iter().any(|known| known.right == line.right) {
                    return Ok(vec![]);
                }
                match offer.stage {
                    Stage::Gathering { .. } if offer.candidates == candidates => {
                        Ok(vec![Event::Joined { line }])
                    }
                    Stage::Gathering { .. } => Err(Refusal::WrongPerson),
                    _ => refuse("add a right"),
                }
            }
            Command::Reprice { right, amount } => match offer.stage {
                Stage::Gathering { .. } | Stage::Passed => {
                    let stale = offer.lines.iter().any(|l| l.right == right && l.amount != amount);
                    Ok(if stale { vec![Event::Repriced { right, amount }] } else { vec![] })
                }
                _ => refuse("reprice it"),
            },
            Command::Ask { message, leaves } => {
                let person = offer.person().ok_or(Refusal::WrongPerson)?;
                match offer.stage {
                    Stage::Gathering { until } if now >= until => {}
                    Stage::Passed => {}
                    _ => return refuse("ask"),
                }
                let promised = timing::promised(leaves, offer.window_days);
                Ok(vec![Event::Asked { person, message, at: leaves, promised }])
            }
            Command::Deliver { contact } => match offer.stage {
                Stage::Asked { promised, .. } => {
                    let until = contact.end_of_window(promised, now, offer.window_days);
                    Ok(vec![Event::Delivered { at: now, until }])
                }
                // The reminder's receipt, or one that comes after the answer.
                _ => Ok(vec![]),
            },
            Command::Fail => match (offer.stage, offer.person()) {
                (Stage::Asked { .. } | Stage::Gathering { .. } | Stage::Passed, Some(person)) => {
                    Ok(vec![Event::Unreachable { person }])
                }
                _ => Ok(vec![]),
            },
            Command::Hold => Ok(vec![Event::Held { until: now.plus_hours(1) }]),
            Command::Tick { contact } => Ok(offer.tick(&contact, now)),
            Command::Answer { by, agreed } => offer.answer(by, agreed, now),
            Command::HandOver => match offer.stage {
                Stage::Agreed | Stage::Refused | Stage::Withdrawn => refuse("hand it over"),
                Stage::WithOperator => Ok(vec![]),
                _ => Ok(vec![Event::HandedOver]),
            },
            Command::Withdraw => match offer.stage {
                Stage::Agreed | Stage::Refused => refuse("withdraw it"),
                Stage::Withdrawn => Ok(vec![]),
                _ => Ok(vec![Event::Withdrawn]),
            },
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        let Some(mut offer) = state else {
            let Event::Begun { id, cause, candidates, window_days, until } = event else { return None };
            return Some(Self {
                id: *id,
                cause: *cause,
                lines: vec![],
                candidates: candidates.clone(),
                turn: 0,
                window_days: *window_days,
                stage: Stage::Gathering { until: *until },
                reminded: false,
                called: false,
                held_until: None,
            });
        };
        match event {
            Event::Begun { .. } => {}
            Event::Held { until } => offer.held_until = Some(*until),
            Event::Joined { line } => offer.lines.push(line.clone()),
            Event::Repriced { right, amount } => {
                for line in offer.lines.iter_mut().filter(|line| line.right == *right) {
                    line.amount = *amount;
                }
            }
            Event::Asked { message, at, promised, .. } => {
                offer.stage = Stage::Asked { message: *message, at: *at, promised: *promised };
                offer.reminded = false;
            }
            Event::Delivered { at, until } => {
                if let Stage::Asked { promised, .. } = offer.stage {
                    offer.stage = Stage::Waiting { delivered: *at, until: *until, promised };
                }
            }
            Event::ReminderDue => offer.reminded = true,
            Event::CallDue { .. } => offer.called = true,
            Event::PassedOn { .. } => {
                offer.turn += 1;
                offer.stage = Stage::Passed;
            }
            Event::Lapsed { at } => offer.stage = Stage::Lapsed { at: *at },
            Event::Unreachable { .. } => offer.stage = Stage::Unreachable,
            Event::Answered { by, agreed, .. } => {
                for line in &mut offer.lines {
                    line.agreed = Some(agreed.contains(&line.right));
                }
                offer.turn = offer.candidates.iter().position(|c| c == by).unwrap_or(offer.turn);
                offer.stage = if agreed.is_empty() { Stage::Refused } else { Stage::Agreed };
            }
            Event::HandedOver => offer.stage = Stage::WithOperator,
            Event::Withdrawn => offer.stage = Stage::Withdrawn,
        }
        Some(offer)
    }
}

impl Offer {
    fn tick(&self, contact: &Contact, now: Moment) -> Vec<Event> {
        let Some(due) = self.due(contact).filter(|due| *due <= now) else { return vec![] };
        let Some(person) = self.person() else { return vec![] };
        match self.stage {
            // Without a receipt nobody knows whether it arrived: the reminder is the second chance.
            Stage::Asked { .. } if self.reminded => vec![Event::Unreachable { person }],
            Stage::Asked { .. } => vec![Event::ReminderDue],
            // A late tick must not skip the reminder and end the window in one step, unless it ended.
            Stage::Waiting { until, .. } if now < until && !self.reminded => vec![Event::ReminderDue],
            Stage::Waiting { until, .. } if now >= until => {
                if let Some(next) = self.candidates.get(self.turn + 1) {
                    return vec![Event::PassedOn { silent: person, next: *next }];
                }
                let call = self.call_from(contact).filter(|from| *from <= now && !self.called);
                let call = call.map(|_| Event::CallDue { person });
                std::iter::once(Event::Lapsed { at: now }).chain(call).collect()
            }
            Stage::Lapsed { .. } | Stage::Unreachable if due <= now => vec![Event::CallDue { person }],
            _ => vec![],
        }
    }

    /// Late answers reopen. An answer may come from whoever was asked so far, and from nobody else.
    fn answer(&self, by: PersonId, agreed: Vec<RightId>, now: Moment) -> Result<Vec<Event>, Refusal> {
        if !self.candidates.iter().take(self.turn + 1).any(|c| *c == by) {
            return Err(Refusal::WrongPerson);
        }
        if agreed.iter().any(|right| !self.lines.iter().any(|line| line.right == *right)) {
            return Err(Refusal::absent("right in this offer"));
        }
        let late = match self.stage {
            Stage::Gathering { .. } | Stage::Withdrawn | Stage::Agreed => {
                return Err(Refusal::stage("answer", self.stage));
            }
            Stage::Refused if agreed.is_empty() => return Ok(vec![]),
            Stage::Waiting { until, .. } => now >= until,
            Stage::Lapsed { .. } | Stage::Refused => true,
            _ => false,
        };
        let refused =
            self.lines.iter().map(|line| line.right).filter(|right| !agreed.contains(right)).collect();
        Ok(vec![Event::Answered { by, agreed, refused, late }])
    }
}

#[cfg(test)]
mod tests;
