//! An offer: the rights that one cause gives one person, from the gathering to the last word.

use card::{Date, Moment, PersonId, PhoneId, Span, Tenge};
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
    /// Whoever's turn it is is to be asked: the one before was silent, or they can be reached again.
    ToAsk,
    /// Its question is with a phone, and waits there for its turn.
    Queued,
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
    /// The person wants another account and has a menu of theirs, which ends by itself.
    Choosing,
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

impl Stage {
    /// Does a phone hold a question of it, open or waiting for its turn?
    pub const fn asks(self) -> bool {
        matches!(self, Self::Queued | Self::Asked { .. } | Self::Waiting { .. } | Self::Choosing)
    }
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
    /// The phones that were given its question, the last one last: a number may go to somebody else
    /// meanwhile, and the question closes there all the same.
    pub phones: Vec<PhoneId>,
    /// Those of them that no message of it came to.
    pub dead: Vec<PhoneId>,
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
            Stage::Queued | Stage::Lapsed { .. } | Stage::Unreachable if !self.called => {
                self.call_from(contact)
            }
            Stage::ToAsk => Some(Moment(i64::MIN)),
            _ => None,
        }
    }

    /// May a late answer still come to a question of it that closed? After silence it may; what was
    /// answered, taken back or taken over is settled.
    pub const fn reopens(&self) -> bool {
        matches!(self.stage, Stage::ToAsk | Stage::Lapsed { .. } | Stage::Unreachable)
    }

    fn was_asked(&self, person: PersonId) -> bool {
        self.candidates.iter().take(self.turn + 1).any(|candidate| *candidate == person)
    }

    fn give_to(&mut self, phone: PhoneId) {
        self.phones.retain(|known| *known != phone);
        self.phones.push(phone);
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
    /// Its question is given to a phone of the person whose turn it is.
    Put {
        /// The phone.
        phone: PhoneId,
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
    /// The phone that has its question is not the person's, or takes no offers: they were not asked.
    Lose,
    /// The person can be written to again.
    Reach,
    /// A person wants another account, and gets a menu of theirs; nobody else is asked meanwhile.
    Choose {
        /// Who.
        by: PersonId,
        /// The phone that gets the menu.
        phone: PhoneId,
    },
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
    /// A caller speaks of one right: the others leave the offer, neither agreed to nor refused.
    TakeOut {
        /// The right that stays.
        all_but: RightId,
    },
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
    /// Its question is with a phone.
    Put {
        /// Whom it asks.
        person: PersonId,
        /// The phone.
        phone: PhoneId,
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
        /// The phone that took no message, if there was one.
        dead: Option<PhoneId>,
    },
    /// The person can be written to again.
    Reached,
    /// A person has a menu of their accounts.
    Choosing {
        /// Who.
        person: PersonId,
        /// The phone that has it.
        phone: PhoneId,
    },
    /// Rights left the offer, neither agreed to nor refused.
    TakenOut {
        /// These.
        rights: Vec<RightId>,
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
                Stage::Gathering { .. } | Stage::ToAsk | Stage::Queued => {
                    let stale = offer.lines.iter().any(|l| l.right == right && l.amount != amount);
                    Ok(if stale { vec![Event::Repriced { right, amount }] } else { vec![] })
                }
                _ => refuse("reprice it"),
            },
            Command::Put { phone } => {
                let person = offer.person().ok_or(Refusal::WrongPerson)?;
                match offer.stage {
                    Stage::Gathering { until } if now >= until => {}
                    Stage::ToAsk => {}
                    _ => return refuse("ask"),
                }
                Ok(vec![Event::Put { person, phone }])
            }
            Command::Ask { message, leaves } => {
                let person = offer.person().ok_or(Refusal::WrongPerson)?;
                if offer.stage != Stage::Queued {
                    return refuse("ask");
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
                (Stage::Gathering { .. } | Stage::ToAsk, Some(person)) => {
                    Ok(vec![Event::Unreachable { person, dead: None }])
                }
                (Stage::Asked { .. }, Some(person)) => {
                    Ok(vec![Event::Unreachable { person, dead: offer.phones.last().copied() }])
                }
                _ => Ok(vec![]),
            },
            Command::Lose => match offer.person() {
                Some(person) if offer.stage.asks() => Ok(vec![Event::Unreachable { person, dead: None }]),
                _ => Ok(vec![]),
            },
            Command::Reach => match offer.stage {
                Stage::Unreachable => Ok(vec![Event::Reached]),
                _ => Ok(vec![]),
            },
            Command::Choose { by, phone } => match offer.stage {
                Stage::Agreed | Stage::Withdrawn | Stage::Gathering { .. } => refuse("choose an account"),
                _ if !offer.was_asked(by) => Err(Refusal::WrongPerson),
                _ => Ok(vec![Event::Choosing { person: by, phone }]),
            },
            Command::Hold => Ok(vec![Event::Held { until: now.plus_hours(1) }]),
            Command::Tick { contact } => Ok(offer.tick(&contact, now)),
            Command::Answer { by, agreed } => offer.answer(by, agreed, now),
            Command::HandOver => match offer.stage {
                Stage::Agreed | Stage::Refused | Stage::Withdrawn => refuse("hand it over"),
                Stage::WithOperator => Ok(vec![]),
                _ => Ok(vec![Event::HandedOver]),
            },
            Command::TakeOut { all_but } => match offer.stage {
                Stage::Agreed | Stage::Refused | Stage::Withdrawn => refuse("take rights out of it"),
                _ if !offer.lines.iter().any(|line| line.right == all_but) => {
                    Err(Refusal::absent("right in this offer"))
                }
                _ => {
                    let rights: Vec<RightId> =
                        offer.lines.iter().map(|line| line.right).filter(|right| *right != all_but).collect();
                    Ok(if rights.is_empty() { vec![] } else { vec![Event::TakenOut { rights }] })
                }
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
                phones: vec![],
                dead: vec![],
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
            Event::Put { phone, .. } => {
                offer.give_to(*phone);
                offer.stage = Stage::Queued;
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
                offer.stage = Stage::ToAsk;
            }
            Event::Lapsed { at } => offer.stage = Stage::Lapsed { at: *at },
            Event::Unreachable { dead, .. } => {
                offer.dead.extend(dead);
                offer.stage = Stage::Unreachable;
            }
            Event::Reached => offer.stage = Stage::ToAsk,
            Event::Choosing { person, phone } => {
                offer.turn = offer.candidates.iter().position(|c| c == person).unwrap_or(offer.turn);
                offer.give_to(*phone);
                offer.stage = Stage::Choosing;
            }
            Event::TakenOut { rights } => offer.lines.retain(|line| !rights.contains(&line.right)),
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
            Stage::Asked { .. } if self.reminded => {
                vec![Event::Unreachable { person, dead: self.phones.last().copied() }]
            }
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
            Stage::Queued | Stage::Lapsed { .. } | Stage::Unreachable if due <= now => {
                vec![Event::CallDue { person }]
            }
            _ => vec![],
        }
    }

    /// Late answers reopen. An answer may come from whoever was asked so far, and from nobody else.
    fn answer(&self, by: PersonId, agreed: Vec<RightId>, now: Moment) -> Result<Vec<Event>, Refusal> {
        if !self.was_asked(by) {
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
