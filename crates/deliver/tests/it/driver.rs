//! The use cases as the service will have them, thin: load, ask, decide, write. What it knows of
//! people it reads from what arrives, never from what they meant.

use card::{Actor, Moment, PersonId, PhoneId, Role, Span, Text, Verdict};
use deliver::{
    AttemptId, Machine, OfferId, Refusal, RightId, TaskId,
    book::{Book, Entry, Transaction},
    consent::Evidence,
    conversation::{self, About, Bond, CallReason, Conversation, Open},
    message::{AccountName, Asked, Message, SmsText, Title, Voice, compose},
    offer::{self, Offer},
    outbox::{self, Attempt, Purpose},
    payrun::{self, PayRun},
    port::Submitted,
    right::{self, Per, Right, Stage},
    task::{self, Task, TaskKind},
    timing::Contact,
};
use fastrand::Rng;

use crate::{
    audit::Audit,
    bank::Bank,
    network::{Arrives, Network},
    world::{GRANT, World},
};

pub struct Driver<B> {
    pub book: B,
    pub world: World,
    pub network: Network,
    pub bank: Bank,
    pub audit: Audit,
    pub contact: Contact,
    pub now: Moment,
    pub rng: Rng,
}

pub fn official(name: &str, role: Role) -> Actor {
    Actor::Officer { name: name.into(), role }
}

pub fn title(measure: &str) -> Title {
    let text = |kk: &str, ru: &str, en: &str| Text { kk: kk.into(), ru: ru.into(), en: en.into() };
    let words = match measure {
        GRANT => text("туу жәрдемақысы", "на рождение", "birth grant"),
        _ => text("көпбалалы жәрдемақысы", "многодетной семье", "large family allowance"),
    };
    Title::new(words).unwrap()
}

pub fn account_name(account: card::AccountId) -> AccountName {
    AccountName::new("Halyk", &format!("{:04}", account.0 % 10_000)).unwrap()
}

impl<B: Book> Driver<B> {
    pub fn number(&mut self) -> u64 {
        self.book.next_number().unwrap()
    }

    pub fn append(&mut self, by: Actor, entry: Entry) {
        let mut transaction = Transaction::new(by, self.now);
        transaction.entries.push(entry);
        self.book.append(&transaction, &self.contact).unwrap();
    }

    pub fn right(&mut self, id: RightId, command: right::Command) -> Result<Vec<right::Event>, Refusal> {
        let before = self.book.right(id).unwrap();
        let events = Right::handle(before.as_ref(), command, self.now)?;
        if !events.is_empty() {
            self.append(Actor::System, Entry::Right(id, events.clone()));
            let after = self.book.right(id).unwrap().expect("it was just written");
            Audit::right(&self.world, self.now, before.as_ref(), &events, &after);
        }
        Ok(events)
    }

    pub fn offer(&mut self, id: OfferId, command: offer::Command) -> Result<Vec<offer::Event>, Refusal> {
        let before = self.book.offer(id).unwrap();
        let events = Offer::handle(before.as_ref(), command, self.now)?;
        if !events.is_empty() {
            self.append(Actor::System, Entry::Offer(id, events.clone()));
            self.audit.offer(self.now, before.as_ref(), &events);
            let after = self.book.offer(id).unwrap().expect("it was just written");
            let chooses = events.iter().any(|event| matches!(event, offer::Event::Choosing { .. }));
            if chooses || !after.stage.asks() {
                self.close_questions(&after);
            }
        }
        Ok(events)
    }

    /// Conversations speak back: what follows from their events is done at once.
    pub fn conversation(&mut self, phone: PhoneId, command: conversation::Command) -> Result<(), Refusal> {
        let before = self.book.conversation(phone).unwrap();
        let events = Conversation::handle(before.as_ref(), command, self.now)?;
        if events.is_empty() {
            return Ok(());
        }
        self.append(Actor::System, Entry::Conversation(phone, events.clone()));
        let after = self.book.conversation(phone).unwrap().expect("it was just written");
        self.audit.conversation(&self.world, &self.network, before.as_ref(), &events, &after);
        for event in events {
            self.follow(phone, event);
        }
        Ok(())
    }

    pub fn attempt(&mut self, id: AttemptId, command: outbox::Command) -> Vec<outbox::Event> {
        let before = self.book.attempt(id).unwrap();
        let events = Attempt::handle(before.as_ref(), command, self.now).unwrap_or_default();
        if !events.is_empty() {
            self.append(Actor::System, Entry::Attempt(id, events.clone()));
        }
        events
    }

    pub fn run(&mut self, id: deliver::RunId, command: payrun::Command) -> Result<(), Refusal> {
        let before = self.book.run(id).unwrap();
        let events = PayRun::handle(before.as_ref(), command, self.now)?;
        if !events.is_empty() {
            self.append(Actor::System, Entry::Run(id, events));
        }
        Ok(())
    }

    pub fn task(&mut self, kind: TaskKind, person: Option<PersonId>) {
        if self.book.task_like(&kind, person).unwrap().is_some() {
            return;
        }
        let (id, due) = (TaskId(self.number()), self.now.day().plus(Span::Days(3)));
        let events = Task::handle(None, task::Command::Open { id, kind, person, due }, self.now).unwrap();
        self.append(Actor::System, Entry::Task(id, events));
    }

    /// Asks the law about everybody, and begins what is new.
    pub fn sweep(&mut self) {
        let cause = self.number();
        for (measure, question) in self.world.questions(self.now.day()) {
            let verdict = self.world.law(measure, question);
            let known = self.book.right_to(measure, question.subject).unwrap();
            match known {
                None => self.find(&verdict, cause),
                Some(right) if right.stage == Stage::Found => self.gather(&right, &verdict, cause),
                Some(_) => {}
            }
        }
    }

    pub fn find(&mut self, verdict: &Verdict, cause: u64) {
        let id = RightId(self.number());
        let per = if verdict.measure == GRANT { Per::Once } else { Per::Month };
        let find = right::Command::Find { id, payer: "republic".into(), per, verdict: verdict.clone() };
        if self.right(id, find).is_ok() {
            let right = self.book.right(id).unwrap().expect("it was just found");
            self.gather(&right, verdict, cause);
        }
    }

    /// Everything whose time has come.
    pub fn tick(&mut self) {
        for offer in self.book.offers_due(self.now, 1000).unwrap() {
            match offer.stage {
                offer::Stage::Gathering { .. } | offer::Stage::ToAsk => self.ask(&offer),
                _ => self.time_passes(&offer),
            }
        }
        for phone in self.book.conversations_due(self.now, 1000).unwrap() {
            let contact = self.contact;
            self.conversation(phone, conversation::Command::Tick { contact }).unwrap();
        }
        for id in self.book.attempts_made().unwrap() {
            self.attempt(id, outbox::Command::Forget);
        }
        for attempt in self.book.attempts_due(self.now, 1000).unwrap() {
            self.send(&attempt);
        }
    }

    pub fn write(
        &mut self,
        phone: PhoneId,
        person: PersonId,
        message: &Message,
        purpose: Purpose,
        not_before: Moment,
    ) -> AttemptId {
        let id = AttemptId(self.number());
        let voice = Voice { lang: self.world.people[&person].lang };
        let text: SmsText = compose(message, voice).unwrap_or_else(|error| panic!("{error}: {message:?}"));
        Audit::text(&text);
        let lang = voice.lang.unwrap_or_default();
        let write = outbox::Command::Write { id, phone, person, purpose, text, lang, not_before };
        self.attempt(id, write);
        id
    }

    pub fn tell(&mut self, person: PersonId, message: &Message, purpose: Purpose) {
        if let Some(phone) = self.world.phone_of(person) {
            let not_before = self.contact.awake(self.now);
            self.write(phone, person, message, purpose, not_before);
        }
    }

    pub fn send(&mut self, attempt: &Attempt) {
        if attempt.purpose.personal() && self.world.bond(attempt.phone) != Some(attempt.person) {
            self.attempt(attempt.id, outbox::Command::Cancel);
            self.check_bond(attempt.phone);
            return;
        }
        let known = self.book.conversation(attempt.phone).unwrap();
        let open = known.and_then(|c| c.open).is_some_and(|o| o.messages.contains(&attempt.id));
        if attempt.purpose.asks() && !open {
            self.attempt(attempt.id, outbox::Command::Cancel);
            return;
        }
        if self.attempt(attempt.id, outbox::Command::Make).is_empty() {
            return;
        }
        let message = (attempt.id, attempt.phone, attempt.purpose);
        let answer = self.network.submit(&mut self.rng, self.now, message, &attempt.text);
        // Sometimes the service stops right here: the next tick finds the message made.
        if self.rng.u8(..30) == 0 {
            if matches!(answer, Submitted::Later { .. } | Submitted::Refused { .. }) {
                self.audit.untaken += 1;
            }
            return;
        }
        let failed = matches!(answer, Submitted::Refused { .. });
        self.attempt(attempt.id, outbox::Command::Answer(answer));
        if failed {
            self.undelivered(attempt.id);
        }
    }

    pub fn arrives(&mut self, what: Arrives) {
        match what {
            Arrives::Receipt { attempt, part, state } => {
                for event in self.attempt(attempt, outbox::Command::Receipt { part, state }) {
                    match event {
                        outbox::Event::Delivered { .. } => self.delivered(attempt),
                        outbox::Event::Failed => self.undelivered(attempt),
                        _ => {}
                    }
                }
            }
            Arrives::Reply { id, phone, text, .. } => {
                let (bond, contact) = (self.bond(phone), self.contact);
                let hear = conversation::Command::Hear { phone, reply: id, text, bond, contact };
                self.conversation(phone, hear).expect("a reply is always heard");
            }
        }
    }

    pub fn bond(&self, phone: PhoneId) -> Bond {
        self.world.bond(phone).map_or(Bond::None, Bond::With)
    }

    pub fn delivered(&mut self, id: AttemptId) {
        let attempt = self.book.attempt(id).unwrap().expect("it was delivered");
        let (phone, contact, bond) = (attempt.phone, self.contact, self.bond(attempt.phone));
        let made = attempt.made.expect("it was handed over");
        if let Some(offer) = self.offer_of(&attempt) {
            self.offer(offer, offer::Command::Deliver { contact }).unwrap();
        }
        if self.book.conversation(phone).unwrap().is_some() {
            self.conversation(phone, conversation::Command::Deliver { message: id, made, contact, bond })
                .unwrap();
        }
    }

    /// The offer that a message of the open question asks about.
    pub fn offer_of(&self, attempt: &Attempt) -> Option<OfferId> {
        let open = self.book.conversation(attempt.phone).unwrap()?.open?;
        open.messages.contains(&attempt.id).then(|| open.question.about.offer())?
    }

    pub fn undelivered(&mut self, id: AttemptId) {
        let attempt = self.book.attempt(id).unwrap().expect("it failed");
        let Some(offer) = self.offer_of(&attempt).filter(|_| attempt.purpose == Purpose::Offer) else {
            return;
        };
        let events = self.offer(offer, offer::Command::Fail).unwrap();
        if !events.is_empty() {
            self.task(TaskKind::Unreachable(offer), Some(attempt.person));
        }
    }

    /// What follows from an event of a conversation.
    pub fn follow(&mut self, phone: PhoneId, event: conversation::Event) {
        let until = self.now.day().plus(Span::Days(3));
        match event {
            conversation::Event::Opened { question } => self.open(phone, &question),
            conversation::Event::Answered { person, answer, message, delivered, heard, late, .. } => {
                let evidence = Evidence::Sms {
                    phone,
                    message,
                    delivered,
                    reply: heard.reply,
                    written: heard.written.unwrap_or_default(),
                    reading: heard.reading,
                };
                self.answered(person, answer, &evidence, late);
            }
            conversation::Event::Clarify { .. } => {
                let known = self.book.conversation(phone).unwrap();
                let Some(open) = known.and_then(|c| c.open) else { return };
                let asked = match &open.question.about {
                    About::Offer { rights, account, .. } => {
                        let measure =
                            |right: &RightId| self.book.right(*right).unwrap().expect("offered").measure;
                        let titles = rights.iter().map(|right| title(&measure(right))).collect();
                        Asked::Offer { titles, account: account.is_some() }
                    }
                    About::Choose { accounts, .. } | About::CameBack { accounts, .. } => {
                        Asked::Account(accounts.len())
                    }
                };
                self.put(phone, &open.question, &Message::Clarify(asked), Purpose::Clarify, false);
            }
            conversation::Event::CallNeeded { why, person, .. } => {
                self.hand_over(phone);
                let kind = match why {
                    CallReason::Unclear => TaskKind::Unclear,
                    CallReason::Foreign => TaskKind::ForeignReply,
                    CallReason::WrongPerson => TaskKind::WrongNumber,
                    CallReason::Asked | CallReason::AccountTyped => TaskKind::CallBack,
                };
                self.task(kind, person);
                if let (CallReason::Asked, Some(person)) = (why, person) {
                    self.tell(person, &Message::WillCall { until }, Purpose::Outcome);
                }
            }
            conversation::Event::ShortAnswer => self.answer_shortly(phone, &Message::ShortAnswer),
            conversation::Event::StopAsked { .. } => self.answer_shortly(phone, &Message::StopAsked),
            conversation::Event::Wanted { .. } => self.answer_shortly(phone, &Message::Stopped),
            conversation::Event::NotReceived { right, person } => {
                self.task(TaskKind::NotReceived(right), Some(person));
                self.tell(person, &Message::NotReceivedTaken { until }, Purpose::Outcome);
            }
            conversation::Event::WrongNumber => {
                self.answer_shortly(phone, &Message::WrongNumber);
                self.world.bonds.remove(&phone);
            }
            conversation::Event::MenuReminderDue { .. } => {
                let known = self.book.conversation(phone).unwrap().and_then(|c| c.open);
                let question = known.expect("a menu is open").question;
                let words = self.menu_words(&question);
                self.put(phone, &question, &words, Purpose::Account, false);
            }
            conversation::Event::Unanswered { question } => self.no_account(question.person, &question.about),
            conversation::Event::GivenUp { question, .. } => match question.about.offer() {
                Some(offer) => {
                    self.offer(offer, offer::Command::Lose).unwrap();
                    self.task(TaskKind::Unreachable(offer), Some(question.person));
                }
                None => self.no_account(question.person, &question.about),
            },
            _ => {}
        }
    }

    pub fn answer_shortly(&mut self, phone: PhoneId, message: &Message) {
        if let Some(person) = self.world.bond(phone) {
            let not_before = self.contact.awake(self.now);
            self.write(phone, person, message, Purpose::Short, not_before);
        }
    }

    pub fn hand_over(&mut self, phone: PhoneId) {
        let known = self.book.conversation(phone).unwrap().and_then(|c| c.open);
        if let Some(offer) = known.and_then(|open: Open| open.question.about.offer()) {
            let _ = self.offer(offer, offer::Command::HandOver);
        }
    }
}
