//! What comes from the phone network: receipts and replies.

use card::{Actor, Moment, Msisdn, PersonId, PhoneId, Span};
use deliver::book::Book as _;
use deliver::{
    AttemptId, OfferId, QuestionId, Refusal, RightId,
    archive::Written,
    conversation::{self, About, Answer, Bond, CallReason},
    message::{Asked, MOST_ACCOUNTS, Message},
    offer,
    outbox::{self, Purpose},
    port::{FromNetwork, ReceiptState},
    right,
    task::TaskKind,
};

use crate::{Service, ServiceError, Store, turn::Turn};

/// No operator waits longer for the answer to a reply.
const MAY_BE_UNANSWERED_MS: i64 = 60_000;

impl<S: Store> Service<S> {
    /// Takes what came from the network; when this returns, it is stored.
    pub fn from_network(&self, news: &FromNetwork) -> Result<(), ServiceError> {
        match news {
            FromNetwork::Receipt { id, attempt, state } => self.receipt(id, *attempt, *state),
            FromNetwork::Reply { id, from, text } => self.reply(id, *from, text),
        }
    }

    /// After a start: the replies that were stored so shortly before the stop that the operator may not
    /// know it, and delivers them again.
    pub fn replies_before_stop(&self) -> Result<Vec<FromNetwork>, ServiceError> {
        let mut replies = Vec::new();
        for (phone, written) in self.store.written_last(MAY_BE_UNANSWERED_MS).map_err(ServiceError::store)? {
            let from = self.store.msisdn(phone).map_err(ServiceError::store)?;
            let reply = |from| FromNetwork::Reply { id: written.id, from, text: written.text };
            replies.extend(from.map(reply));
        }
        Ok(replies)
    }

    fn receipt(&self, part: &str, attempt: Option<u64>, state: ReceiptState) -> Result<(), ServiceError> {
        let _turn = self.lock();
        let mut turn = Turn::begin(self, Actor::PhoneOperator);
        let known = match attempt {
            Some(attempt) => Some(AttemptId(attempt)),
            None => self.store.book().attempt_of_part(part).map_err(ServiceError::store)?,
        };
        let known = known.map(|id| turn.attempt(id)).transpose()?.flatten();
        let Some(id) = known.map(|attempt| attempt.id) else {
            turn.keep("receipt of an unknown message", Refusal::Absent("message".to_owned()));
            return turn.commit();
        };
        let events = match turn.move_attempt(id, outbox::Command::Receipt { part: part.to_owned(), state }) {
            Ok(events) => events,
            Err(ServiceError::Refused(refusal)) => {
                turn.keep("receipt out of order", refusal);
                vec![]
            }
            Err(error) => return Err(error),
        };
        for event in events {
            match event {
                outbox::Event::Delivered { .. } => turn.arrived(id)?,
                outbox::Event::Failed => turn.not_arrived(id)?,
                _ => {}
            }
        }
        turn.commit()
    }

    fn reply(&self, id: &str, from: Msisdn, text: &str) -> Result<(), ServiceError> {
        let _turn = self.lock();
        let mut turn = Turn::begin(self, Actor::PhoneOperator);
        let phone = self.store.phone_for(&from).map_err(ServiceError::store)?;
        turn.writer = Some(phone);
        let written = Written { id: id.to_owned(), at: turn.now, text: text.to_owned() };
        self.store.keep_written(phone, &written).map_err(ServiceError::store)?;
        turn.hear(phone, id, text)?;
        turn.commit()
    }
}

impl<S: Store> Turn<'_, S> {
    /// Binds a reply, and lets happen what follows from it.
    fn hear(&mut self, phone: PhoneId, id: &str, text: &str) -> Result<(), ServiceError> {
        let bond = self.bond(phone)?;
        let command = conversation::Command::Hear {
            phone,
            reply: id.to_owned(),
            text: text.to_owned(),
            bond,
            contact: self.service.settings.contact,
        };
        let asking = self.messages_of_question(phone)?;
        let events = self.move_conversation(phone, command)?;
        self.cancel_unasked(phone, &asking)?;
        let heard = events.iter().any(|event| matches!(event, conversation::Event::Heard { .. }));
        if heard && bond == Bond::None {
            // Nobody is known behind the number; what they wrote is sealed, and somebody reads it.
            self.task(TaskKind::UnknownNumber(phone), None)?;
        }
        self.after_hearing(phone, &events)
    }

    /// Whose number it is now.
    pub fn bond(&self, phone: PhoneId) -> Result<Bond, ServiceError> {
        let bonds = self.service.store.bonds_of(phone, self.now.day()).map_err(ServiceError::store)?;
        Ok(bonds.first().map_or(Bond::None, |person| Bond::With(*person)))
    }

    /// A message is on its phone.
    fn arrived(&mut self, id: AttemptId) -> Result<(), ServiceError> {
        let Some(attempt) = self.attempt(id)? else { return Ok(()) };
        let phone = attempt.phone;
        if self.conversation(phone)?.is_none() {
            return Ok(());
        }
        let contact = self.service.settings.contact;
        let bond = self.bond(phone)?;
        let made = attempt.made.unwrap_or(self.now);
        let command = conversation::Command::Deliver { message: id, made, contact, bond };
        let events = self.move_conversation(phone, command)?;
        // The offer has to know before a reply that waited for this receipt is bound.
        if events.iter().any(|event| matches!(event, conversation::Event::Delivered { .. }))
            && let Some(offer) = self.offer_asked_by(phone, id, &events)?
        {
            self.move_offer(offer, offer::Command::Deliver { contact })?;
        }
        self.after_hearing(phone, &events)
    }

    fn offer_asked_by(
        &mut self,
        phone: PhoneId,
        message: AttemptId,
        events: &[conversation::Event],
    ) -> Result<Option<OfferId>, ServiceError> {
        let answered = events.iter().find_map(|event| match event {
            conversation::Event::Answered {
                answer:
                    Answer::Agreed { offer, .. } | Answer::Refused { offer } | Answer::OtherAccount { offer },
                ..
            } => Some(*offer),
            _ => None,
        });
        if answered.is_some() {
            return Ok(answered);
        }
        let open = self.conversation(phone)?.and_then(|conversation| conversation.open);
        Ok(open.filter(|open| open.messages.contains(&message)).and_then(|open| match open.question.about {
            About::Offer { offer, .. } => Some(offer),
            About::Choose { .. } | About::CameBack { .. } => None,
        }))
    }

    /// What follows from what was heard. What the state, the law or the words do not allow any more,
    /// is kept, and an operator calls: the reply itself is taken in any case.
    fn after_hearing(&mut self, phone: PhoneId, events: &[conversation::Event]) -> Result<(), ServiceError> {
        for event in events {
            if let Err(refusal) = self.unless_refused(|turn| turn.follow(phone, event))? {
                self.keep("reply without effect", refusal);
                let person = match self.bond(phone)? {
                    Bond::With(person) => Some(person),
                    Bond::None => None,
                };
                self.task(TaskKind::Unclear, person)?;
                if let conversation::Event::Answered { answer, .. } = event
                    && let Some(offer) = answer.offer()
                    && self.offer(offer)?.is_some_and(|offer| offer.stage.asks())
                {
                    // Its question is answered and closed: it waits for the operator, not for a phone.
                    self.move_offer(offer, offer::Command::HandOver)?;
                }
                let until = self.task_day();
                self.say(phone, Purpose::Short, &Message::WillCall { until })?;
            }
        }
        self.opened(phone, events)
    }

    pub fn follow(&mut self, phone: PhoneId, event: &conversation::Event) -> Result<(), ServiceError> {
        match event {
            conversation::Event::Answered { person, answer, message, delivered, heard, late, .. } => {
                let how = crate::grant::HowAgreed::Sms {
                    phone,
                    message: *message,
                    delivered: *delivered,
                    heard: heard.clone(),
                    late: *late,
                };
                self.answer(phone, *person, answer, &how)
            }
            conversation::Event::Clarify { .. } => self.clarify(phone),
            conversation::Event::CallNeeded { why, person, .. } => self.call(phone, *why, *person),
            conversation::Event::ShortAnswer => self.say(phone, Purpose::Short, &Message::ShortAnswer),
            conversation::Event::NotReceived { right, person } => {
                self.task(TaskKind::NotReceived(*right), Some(*person))?;
                let until = self.task_day();
                self.say(phone, Purpose::Outcome, &Message::NotReceivedTaken { until })
            }
            conversation::Event::LangAsked { .. } => self.say_again(phone),
            conversation::Event::StopAsked { .. } => self.say(phone, Purpose::Short, &Message::StopAsked),
            conversation::Event::Wanted { wants: conversation::Wants::NoOffers } => {
                self.say(phone, Purpose::Short, &Message::Stopped)
            }
            conversation::Event::GivenUp { question, .. } => self.given_up(question),
            conversation::Event::Unanswered { question } => self.no_account(question.person, &question.about),
            conversation::Event::WrongNumber => self.say(phone, Purpose::Short, &Message::WrongNumber),
            _ => Ok(()),
        }
    }

    fn answer(
        &mut self,
        phone: PhoneId,
        person: PersonId,
        answer: &Answer,
        how: &crate::grant::HowAgreed,
    ) -> Result<(), ServiceError> {
        match answer {
            Answer::Agreed { offer, rights, account } => self.agree(person, *offer, rights, *account, how),
            Answer::Refused { offer } => self.refuse(phone, person, *offer),
            Answer::OtherAccount { offer } => self.other_account(phone, person, *offer),
            Answer::Instead { lost, account } => {
                let rights: Vec<RightId> = self.stranded(person, *lost)?.iter().map(|r| r.id).collect();
                self.account_named(&rights, *account)
            }
            Answer::NoAccount { about } => {
                self.no_account(person, about)?;
                let until = self.task_day();
                self.say(phone, Purpose::Short, &Message::WillCall { until })
            }
        }
    }

    fn refuse(&mut self, phone: PhoneId, person: PersonId, offer: OfferId) -> Result<(), ServiceError> {
        let Some(before) = self.offer(offer)? else { return Ok(()) };
        self.move_offer(offer, offer::Command::Answer { by: person, agreed: vec![] })?;
        for line in &before.lines {
            if self.right(line.right)?.is_some_and(|right| right.offer == Some(offer)) {
                self.move_right(line.right, right::Command::Decline { offer })?;
            }
        }
        // Where the next question is there already, a 1 is an answer to that one; where another refusal can be
        // taken back, it is about that one. No second promise is made.
        let now = self.now;
        let taken = self.conversation(phone)?.is_some_and(|c| c.open.is_some() || c.promises(now));
        let until = self.now.day().plus(Span::Days(i32::from(before.window_days)));
        let until = (!taken).then_some(until);
        self.say(phone, Purpose::Outcome, &Message::Refused { until })?;
        if let Some(day) = until {
            let (question, until) = (QuestionId(offer.0), Moment::local(day.plus(Span::Days(1)), 0, 0));
            self.move_conversation(phone, conversation::Command::Promise { question, until })?;
        }
        Ok(())
    }

    /// Another account: the person's own ones are listed; without any, an operator calls.
    fn other_account(&mut self, phone: PhoneId, person: PersonId, id: OfferId) -> Result<(), ServiceError> {
        let Some(offer) = self.offer(id)? else { return Ok(()) };
        let mut accounts = self.own_accounts(person)?;
        accounts.truncate(MOST_ACCOUNTS);
        let rights: Vec<RightId> = offer.lines.iter().map(|line| line.right).collect();
        if accounts.len() < 2 {
            self.move_offer(id, offer::Command::HandOver)?;
            for right in rights {
                self.task(TaskKind::Account(right), Some(person))?;
            }
            let until = self.task_day();
            return self.say(phone, Purpose::Short, &Message::WillCall { until });
        }
        self.move_offer(id, offer::Command::Choose { by: person, phone })?;
        let about = About::Choose { offer: id, rights, accounts };
        let number = self.number()?;
        self.put(phone, person, about, number)?;
        Ok(())
    }

    pub fn account_named(
        &mut self,
        rights: &[RightId],
        account: card::AccountId,
    ) -> Result<(), ServiceError> {
        for id in rights {
            let Some(right) = self.right(*id)? else { continue };
            let law = self.law.clone();
            let (_, delivery) = law.paying(&right.measure)?;
            let decide_within = crate::find::days(&law, delivery.decide_within, self.now.day(), 11);
            let events = self.move_right(*id, right::Command::NameAccount { account, decide_within })?;
            self.after_filing(*id, &events)?;
        }
        Ok(())
    }

    fn clarify(&mut self, phone: PhoneId) -> Result<(), ServiceError> {
        let open = self.conversation(phone)?.and_then(|conversation| conversation.open);
        let Some(open) = open else { return Ok(()) };
        let asked = match &open.question.about {
            About::Offer { rights, account, .. } => {
                let mut titles = Vec::new();
                for id in rights {
                    let right = self.right(*id)?.ok_or_else(|| ServiceError::Absent("right".to_owned()))?;
                    titles.push(self.short_title(&right)?);
                }
                Asked::Offer { titles, account: account.is_some() }
            }
            About::Choose { accounts, .. } | About::CameBack { accounts, .. } => {
                Asked::Account(accounts.len())
            }
        };
        let message = Message::Clarify(asked);
        let leaves = self.soonest(phone);
        let attempt = self.write(phone, open.question.person, Purpose::Clarify, &message, leaves)?;
        let question = open.question.id;
        self.move_conversation(
            phone,
            conversation::Command::Sent { question, message: attempt, leaves, counts: false },
        )?;
        Ok(())
    }

    fn call(
        &mut self,
        phone: PhoneId,
        why: CallReason,
        person: Option<PersonId>,
    ) -> Result<(), ServiceError> {
        let kind = match why {
            CallReason::Asked | CallReason::AccountTyped => TaskKind::CallBack,
            CallReason::Unclear => TaskKind::Unclear,
            CallReason::Foreign => TaskKind::ForeignReply,
            CallReason::WrongPerson => TaskKind::WrongNumber,
        };
        if person.is_some() {
            self.task(kind, person)?;
        }
        if matches!(why, CallReason::Foreign | CallReason::WrongPerson) {
            return Ok(());
        }
        let until = self.task_day();
        self.say(phone, Purpose::Short, &Message::WillCall { until })
    }

    /// The open question again, in the language that was asked for; else the last notice.
    fn say_again(&mut self, phone: PhoneId) -> Result<(), ServiceError> {
        let open = self.conversation(phone)?.and_then(|conversation| conversation.open);
        match open {
            Some(open) if self.bond(phone)? == Bond::With(open.question.person) => {
                self.write_again(phone, &open.question)
            }
            // Nothing is asked, or somebody else has the number now: it is not for their eyes.
            _ => {
                let told = match self.bond(phone)? {
                    Bond::With(person) => self.notice_again(phone, person)?,
                    Bond::None => false,
                };
                if told { Ok(()) } else { self.say(phone, Purpose::Short, &Message::ShortAnswer) }
            }
        }
    }

    /// Says something to the person of a phone: the one asked, else the one bonded.
    fn say(&mut self, phone: PhoneId, purpose: Purpose, message: &Message) -> Result<(), ServiceError> {
        let asked = self
            .conversation(phone)?
            .and_then(|conversation| conversation.open.map(|open| open.question.person));
        let person = match (asked, self.bond(phone)?) {
            (_, Bond::With(person)) | (Some(person), Bond::None) => person,
            // Nobody is known behind the number: nothing is said.
            (None, Bond::None) => return Ok(()),
        };
        self.write(phone, person, purpose, message, self.soonest(phone))?;
        Ok(())
    }
}
