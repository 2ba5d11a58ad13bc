//! From an answer to a decision.

use card::{Date, Lang, Moment, PersonId, Question, Role, Span, Text};
use deliver::{
    ConsentId, Machine, OfferId, RightId, TaskId,
    application::Grounds,
    book::{Book, Entry},
    consent::{Consent, Evidence, Notice},
    conversation::{self, About, Answer},
    decision::{Decided, Decision, Ground},
    ledger::OrderState,
    message::{Message, Reason},
    offer::{self},
    outbox::Purpose,
    right::{self, Right, Stage},
    task::{self, Task, TaskKind},
};

use crate::{
    driver::{Driver, account_name, official, title},
    world::FAMILY,
};

impl<B: Book> Driver<B> {
    pub fn answered(&mut self, person: PersonId, answer: Answer, evidence: &Evidence, late: bool) {
        match answer {
            Answer::Agreed { offer, rights, account } => {
                let agreed = offer::Command::Answer { by: person, agreed: rights };
                match self.offer(offer, agreed) {
                    Ok(events) => self.consents(person, offer, events, account, evidence, late),
                    Err(_) => self.tell(person, &Message::ShortAnswer, Purpose::Short),
                }
            }
            Answer::Refused { offer } => {
                let refused = offer::Command::Answer { by: person, agreed: vec![] };
                for event in self.offer(offer, refused).unwrap_or_default() {
                    if let offer::Event::Answered { refused, .. } = event {
                        for right in refused {
                            let _ = self.right(right, right::Command::Decline { offer });
                        }
                        let until = self.now.day().plus(Span::Days(3));
                        self.tell(person, &Message::Refused { until: Some(until) }, Purpose::Outcome);
                        self.promise(person, offer, Moment::local(until.plus(Span::Days(1)), 0, 0));
                    }
                }
            }
            Answer::OtherAccount { offer } => {
                let phone = self.world.phone_of(person);
                let choose = phone.map(|phone| offer::Command::Choose { by: person, phone });
                if choose.is_some_and(|choose| self.offer(offer, choose).is_ok()) {
                    self.choose_account(person, offer);
                }
            }
            Answer::Instead { lost, account } => {
                for right in self.paid_to(person, lost) {
                    let _ = self.right(right, right::Command::NameAccount { account, decide_within: 5 });
                }
            }
            Answer::NoAccount { about } => self.no_account(person, &about),
        }
    }

    /// Nobody named an account of a menu: somebody calls.
    pub fn no_account(&mut self, person: PersonId, about: &About) {
        let rights = match about {
            About::Choose { offer, rights, .. } => {
                let _ = self.offer(*offer, offer::Command::HandOver);
                rights.clone()
            }
            About::CameBack { lost, .. } => self.paid_to(person, *lost),
            About::Offer { .. } => vec![],
        };
        for right in rights {
            self.task(TaskKind::Account(right), Some(person));
        }
    }

    fn promise(&mut self, person: PersonId, offer: OfferId, until: Moment) {
        let Some(phone) = self.world.phone_of(person) else { return };
        let closed = self.book.conversation(phone).unwrap().and_then(|talk| talk.closed);
        if let Some(question) = closed.map(|closed| closed.open.question)
            && question.about.offer() == Some(offer)
        {
            self.conversation(phone, conversation::Command::Promise { question: question.id, until })
                .unwrap();
        }
    }

    pub fn consents(
        &mut self,
        person: PersonId,
        offer: OfferId,
        events: Vec<offer::Event>,
        account: Option<card::AccountId>,
        evidence: &Evidence,
        late: bool,
    ) {
        for event in events {
            let offer::Event::Answered { agreed, refused, .. } = event else { continue };
            let known = self.book.offer(offer).unwrap().expect("it was answered");
            for line in known.lines.iter().filter(|l| agreed.contains(&l.right)) {
                let message = match evidence {
                    Evidence::Sms { message, .. } => *message,
                    _ => continue,
                };
                let words = self.book.attempt(message).unwrap().expect("it asked").text.to_string();
                let consent = Consent {
                    id: ConsentId(self.number()),
                    person,
                    right: line.right,
                    measure: line.measure.clone(),
                    notice: Notice { text: words, lang: Lang::Kk, amount: line.amount, offer: Some(offer) },
                    evidence: evidence.clone(),
                    at: self.now,
                    account,
                    obligations: vec![],
                    law: "closure".into(),
                };
                if self.right(line.right, right::Command::Consent { consent, decide_within: 5 }).is_ok() {
                    let decide_by = self.now.day().plus(Span::Days(5));
                    self.tell(person, &Message::Consented { decide_by, late }, Purpose::Outcome);
                    if account.is_none() {
                        self.task(TaskKind::Account(line.right), Some(person));
                    }
                    self.judge(line.right);
                }
            }
            for right in refused {
                let _ = self.right(right, right::Command::Decline { offer });
            }
        }
    }

    pub fn grounds(&self, right: &Right) -> Box<Grounds> {
        let asked_on = right.asked_on.expect("it was asked for");
        let question = Question { subject: right.subject, day: asked_on, asked_on };
        let verdict = self.world.law(&right.measure, question);
        let claimed_by = self.book.claimed_by(&right.measure, &verdict.claims, right.id).unwrap();
        let body = Text { kk: "Орган".into(), ru: "Орган".into(), en: "Body".into() };
        Box::new(Grounds {
            verdict,
            released: !self.world.preliminary,
            commission: false,
            choice_open: false,
            claimed_by,
            body,
            automatic_by: Some("order:1".into()),
            closure: "closure".into(),
            known_on: self.now,
        })
    }

    pub fn judge(&mut self, id: RightId) {
        let right = self.book.right(id).unwrap().expect("it was filed");
        if right.stage != Stage::Filed {
            return;
        }
        let grounds = self.grounds(&right);
        let events = self.right(id, right::Command::Judge { grounds }).unwrap();
        self.decided(id, events);
    }

    pub fn decided(&mut self, id: RightId, events: Vec<right::Event>) {
        let right = self.book.right(id).unwrap().expect("it was decided");
        let (title, person) = (title(&right.measure), right.recipient);
        let appeal_until: Date = self.now.day().plus(Span::Months(3));
        for event in events {
            let message = match event {
                right::Event::Decided { decision: Decision { outcome: Decided::Granted(terms), .. } } => {
                    // The grant is a running award from now on, in the same transaction in the real store.
                    self.world.paid.insert((right.measure.clone(), right.subject));
                    if right.measure == FAMILY {
                        self.world.paid.extend(right.claims.iter().map(|c| (right.measure.clone(), *c)));
                    }
                    let account = right.account.map(account_name);
                    let payable = terms.gross - terms.withheld;
                    Message::Granted {
                        title: title.clone(),
                        payable,
                        per: right.per,
                        account,
                        from: terms.from,
                        appeal_until,
                    }
                }
                right::Event::Decided { .. } => {
                    let reason =
                        Text { kk: "шарт".into(), ru: "условие".into(), en: "condition".into() };
                    Message::Rejected { title: title.clone(), reason: Reason::new(reason).ok(), appeal_until }
                }
                right::Event::SentToOfficer { .. } => {
                    self.task(TaskKind::Decide(id), Some(person));
                    Message::WithOfficer { title: title.clone(), until: self.now.day().plus(Span::Days(5)) }
                }
                _ => continue,
            };
            self.tell(person, &message, Purpose::Outcome);
        }
    }

    /// An officer works through what waits.
    pub fn officer(&mut self) {
        let waiting: Vec<Task> = self.book.tasks(1000).unwrap();
        for task in waiting {
            let by = official("Aigerim", Role::Officer);
            match task.kind {
                TaskKind::Decide(id) => {
                    let right = self.book.right(id).unwrap().expect("a task has a right");
                    if !matches!(right.stage, Stage::WithOfficer { .. }) {
                        continue;
                    }
                    let grounds = self.grounds(&right);
                    let grant =
                        right::Command::Grant { by: by.clone(), grounds: grounds.clone(), lower_end: false };
                    let refuse =
                        right::Command::Refuse { by, ground: Ground::Condition("holds".into()), grounds };
                    let decided = self.right(id, grant).or_else(|_| self.right(id, refuse));
                    if let Ok(events) = decided {
                        self.decided(id, events);
                        self.finish(task.id);
                    }
                }
                TaskKind::Account(id) => {
                    // The person came with an account of their own.
                    let right = self.book.right(id).unwrap().expect("a task has a right");
                    let account = card::AccountId(self.number() + 1_000_000);
                    if let Some(person) = self.world.people.get_mut(&right.recipient) {
                        person.accounts.insert(0, account);
                    }
                    let named = right::Command::NameAccount { account, decide_within: 5 };
                    if self.right(id, named).is_ok() {
                        self.judge(id);
                    }
                    self.finish(task.id);
                }
                TaskKind::Recovery(id) => {
                    let right = self.book.right(id).unwrap().expect("a task has a right");
                    for month in right.ledger.months() {
                        let settled =
                            |o: &deliver::ledger::Order| matches!(o.state, OrderState::Settled { .. });
                        let amount = right.ledger.overpaid(month);
                        if right.ledger.orders_of(month).any(settled) && self.rng.bool() {
                            let _ = self.right(id, right::Command::Recover { by: by.clone(), month, amount });
                        }
                    }
                    self.finish(task.id);
                }
                _ => {}
            }
        }
    }

    pub fn finish(&mut self, id: TaskId) {
        let task = self.book.task(id).unwrap();
        let by = official("Aigerim", Role::Officer);
        let events = Task::handle(task.as_ref(), task::Command::Finish(by.clone()), self.now).unwrap();
        self.append(by, Entry::Task(id, events));
    }
}
