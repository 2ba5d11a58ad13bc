//! The use cases as the service will have them, thin: load, ask, decide, write. What it knows of
//! people it reads from what arrives, never from what they meant.

use card::{Actor, Date, Lang, Moment, PersonId, PhoneId, Question, Role, Span, Text, Verdict};
use deliver::{
    AttemptId, ConsentId, Machine, OfferId, QuestionId, Refusal, RightId, TaskId,
    application::Grounds,
    book::{Book, Entry, Transaction},
    consent::{Consent, Evidence, Notice},
    conversation::{self, About, Answer, Bond, CallReason, Conversation, Open},
    decision::{Decided, Decision},
    ledger::OrderState,
    message::{AccountName, Asked, MOST_ACCOUNTS, Message, Offered, SmsText, Title, Voice, compose},
    offer::{self, Line, Offer},
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
    world::{FAMILY, GRANT, World},
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

fn title(measure: &str) -> Title {
    let text = |kk: &str, ru: &str, en: &str| Text { kk: kk.into(), ru: ru.into(), en: en.into() };
    let words = match measure {
        GRANT => text("туу жәрдемақысы", "на рождение", "birth grant"),
        _ => text("көпбалалы жәрдемақысы", "многодетной семье", "large family allowance"),
    };
    Title::new(words).unwrap()
}

fn account_name(account: card::AccountId) -> AccountName {
    AccountName::new("Halyk", &format!("{:04}", account.0 % 10_000)).unwrap()
}

impl<B: Book> Driver<B> {
    pub fn number(&mut self) -> u64 {
        self.book.next_number().unwrap()
    }

    pub fn append(&mut self, by: Actor, entry: Entry) {
        let mut transaction = Transaction::new(by, self.now);
        transaction.entries.push(entry);
        self.book.append(&transaction).unwrap();
    }

    pub fn right(&mut self, id: RightId, command: right::Command) -> Result<Vec<right::Event>, Refusal> {
        let before = self.book.right(id).unwrap();
        let events = Right::handle(before.as_ref(), command, self.now)?;
        if !events.is_empty() {
            self.append(Actor::System, Entry::Right(id, events.clone()));
            let after = self.book.right(id).unwrap().expect("it was just written");
            self.audit.right(&self.world, self.now, before.as_ref(), &events, &after);
        }
        Ok(events)
    }

    pub fn offer(&mut self, id: OfferId, command: offer::Command) -> Result<Vec<offer::Event>, Refusal> {
        let before = self.book.offer(id).unwrap();
        let events = Offer::handle(before.as_ref(), command, self.now)?;
        if !events.is_empty() {
            self.append(Actor::System, Entry::Offer(id, events.clone()));
            self.audit.offer(self.now, before.as_ref(), &events);
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
                None => self.find(verdict, cause),
                Some(right) if right.stage == Stage::Found => self.gather(&right, verdict, cause),
                Some(_) => {}
            }
        }
    }

    fn find(&mut self, verdict: Verdict, cause: u64) {
        let id = RightId(self.number());
        let per = if verdict.measure == GRANT { Per::Once } else { Per::Month };
        let find = right::Command::Find { id, payer: "republic".into(), per, verdict: verdict.clone() };
        if self.right(id, find).is_ok() {
            let right = self.book.right(id).unwrap().expect("it was just found");
            self.gather(&right, verdict, cause);
        }
    }

    fn gather(&mut self, right: &Right, verdict: Verdict, cause: u64) {
        if !verdict.offerable(!self.world.preliminary) {
            return;
        }
        let candidates: Vec<PersonId> = verdict.pays_to.iter().map(|r| r.person).collect();
        let amount = verdict.amount.and_then(|a| a.point()).expect("offerable");
        let line = Line {
            right: right.id,
            measure: right.measure.clone(),
            amount,
            per: right.per,
            lost_after: self.world.lost_after(&right.measure, right.subject),
            agreed: None,
        };
        let gathering = self.book.gathering(candidates[0], cause).unwrap();
        let fits = gathering.filter(|o| o.candidates == candidates && self.fits(o, &line));
        let id = fits.map_or_else(|| OfferId(self.number()), |o| o.id);
        let contact = self.contact;
        let gather = offer::Command::Gather { id, cause, line, candidates, window_days: 3, contact };
        self.offer(id, gather).expect("a right joins a gathering offer");
    }

    /// Do the rights of an offer and one more fit one message to each who may be asked?
    fn fits(&self, offer: &Offer, line: &Line) -> bool {
        let mut more = offer.clone();
        more.lines.push(line.clone());
        more.candidates.iter().all(|person| {
            let voice = Voice { lang: self.world.people[person].lang, latin: false };
            compose(&self.offer_words(&more, *person, false), voice).is_ok()
        })
    }

    /// Everything whose time has come.
    pub fn tick(&mut self) {
        for offer in self.book.offers_due(self.now, 1000).unwrap() {
            match offer.stage {
                offer::Stage::Gathering { .. } | offer::Stage::Passed => self.ask(&offer),
                _ => self.time_passes(&offer),
            }
        }
        for id in self.book.attempts_made().unwrap() {
            self.attempt(id, outbox::Command::Forget);
        }
        for attempt in self.book.attempts_due(self.now, 1000).unwrap() {
            self.send(&attempt);
        }
    }

    fn ask(&mut self, offer: &Offer) {
        let person = offer.person().expect("somebody's turn");
        let Some(phone) = self.world.phone_of(person) else {
            self.offer(offer.id, offer::Command::Fail).unwrap();
            self.close_question(offer, person, false);
            self.task(TaskKind::Unreachable(offer.id), Some(person));
            return;
        };
        let account = self.world.people[&person].accounts.first().copied();
        let rights = offer.lines.iter().map(|l| l.right).collect();
        let about = About::Offer { offer: offer.id, rights, account };
        // The number of the question is that of the offer and the turn: asking again is no second one.
        let id = QuestionId(offer.id.0 * 10 + offer.turn as u64);
        let question = conversation::Question { id, person, about, key: None };
        if self.conversation(phone, conversation::Command::Ask { phone, question }).is_err() {
            self.offer(offer.id, offer::Command::HandOver).unwrap();
            self.task(TaskKind::Unreachable(offer.id), Some(person));
        }
    }

    fn time_passes(&mut self, offer: &Offer) {
        let contact = self.contact;
        let person = offer.person().expect("somebody's turn");
        for event in self.offer(offer.id, offer::Command::Tick { contact }).unwrap() {
            match event {
                offer::Event::ReminderDue => self.remind(offer, person),
                offer::Event::PassedOn { silent, .. } => self.close_question(offer, silent, true),
                offer::Event::Lapsed { .. } => {
                    self.close_question(offer, person, true);
                    for line in &offer.lines {
                        let _ = self.right(line.right, right::Command::Lapse { offer: offer.id });
                    }
                }
                offer::Event::Unreachable { person } => {
                    self.close_question(offer, person, false);
                    self.task(TaskKind::Unreachable(offer.id), Some(person));
                }
                offer::Event::CallDue { person } => {
                    self.task(TaskKind::CallBeforeLoss(offer.id), Some(person))
                }
                _ => {}
            }
        }
    }

    fn close_question(&mut self, offer: &Offer, person: PersonId, reopens: bool) {
        let Some(phone) = self.world.people[&person].phone else { return };
        let question = QuestionId(offer.id.0 * 10 + offer.turn as u64);
        let _ = self.conversation(phone, conversation::Command::Close { question, reopens });
    }

    fn remind(&mut self, offer: &Offer, person: PersonId) {
        let Some(phone) = self.world.phone_of(person) else { return };
        let known = self.book.conversation(phone).unwrap();
        let Some(open) = known.and_then(|c| c.open) else { return };
        if open.question.about.offer() == Some(offer.id) {
            let message = self.offer_words(offer, person, true);
            self.put(phone, &open.question, message, Purpose::Reminder, true);
        }
    }

    fn offer_words(&self, offer: &Offer, person: PersonId, reminder: bool) -> Message {
        let rights = offer
            .lines
            .iter()
            .map(|l| Offered { title: title(&l.measure), amount: l.amount, per: l.per })
            .collect();
        let account = self.world.people[&person].accounts.first().map(|a| account_name(*a));
        let until = self.now.day().plus(Span::Days(3));
        Message::Offer { rights, account, until, reminder }
    }

    /// Writes a message that asks the open question.
    fn put(
        &mut self,
        phone: PhoneId,
        question: &conversation::Question,
        message: Message,
        purpose: Purpose,
        counts: bool,
    ) -> AttemptId {
        let known = self.book.conversation(phone).unwrap().expect("it has an open question");
        let leaves =
            if counts { known.next_contact(&self.contact, self.now) } else { self.contact.awake(self.now) };
        let id = self.write(phone, question.person, &message, purpose, leaves);
        let sent = conversation::Command::Sent { question: question.id, message: id, leaves, counts };
        self.conversation(phone, sent).expect("the question is open");
        id
    }

    fn write(
        &mut self,
        phone: PhoneId,
        person: PersonId,
        message: &Message,
        purpose: Purpose,
        not_before: Moment,
    ) -> AttemptId {
        let id = AttemptId(self.number());
        let voice = Voice { lang: self.world.people[&person].lang, latin: self.rng.u8(..5) == 0 };
        let text: SmsText = compose(message, voice).unwrap_or_else(|error| panic!("{error}: {message:?}"));
        self.audit.text(&text);
        let write = outbox::Command::Write { id, phone, person, purpose, text, not_before };
        self.attempt(id, write);
        id
    }

    pub fn tell(&mut self, person: PersonId, message: &Message, purpose: Purpose) {
        if let Some(phone) = self.world.phone_of(person) {
            let not_before = self.contact.awake(self.now);
            self.write(phone, person, message, purpose, not_before);
        }
    }

    fn send(&mut self, attempt: &Attempt) {
        if self.attempt(attempt.id, outbox::Command::Make { halted: false }).is_empty() {
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
            Arrives::Reply { id, phone, text } => {
                let (bond, contact) = (self.bond(phone), self.contact);
                let hear = conversation::Command::Hear { phone, reply: id, text, bond, contact };
                self.conversation(phone, hear).expect("a reply is always heard");
            }
        }
    }

    fn bond(&self, phone: PhoneId) -> Bond {
        self.world.bond(phone).map_or(Bond::None, Bond::With)
    }

    fn delivered(&mut self, id: AttemptId) {
        let attempt = self.book.attempt(id).unwrap().expect("it was delivered");
        let (phone, contact, bond) = (attempt.phone, self.contact, self.bond(attempt.phone));
        if let Some(offer) = self.offer_of(&attempt) {
            self.offer(offer, offer::Command::Deliver { contact }).unwrap();
        }
        if self.book.conversation(phone).unwrap().is_some() {
            self.conversation(phone, conversation::Command::Deliver { message: id, contact, bond }).unwrap();
        }
    }

    /// The offer that a message of the open question asks about.
    fn offer_of(&self, attempt: &Attempt) -> Option<OfferId> {
        let open = self.book.conversation(attempt.phone).unwrap()?.open?;
        open.messages.contains(&attempt.id).then(|| open.question.about.offer())?
    }

    fn undelivered(&mut self, id: AttemptId) {
        let attempt = self.book.attempt(id).unwrap().expect("it failed");
        let Some(offer) = self.offer_of(&attempt).filter(|_| attempt.purpose == Purpose::Offer) else {
            return;
        };
        let events = self.offer(offer, offer::Command::Fail).unwrap();
        if !events.is_empty() {
            let known = self.book.offer(offer).unwrap().expect("it has a message");
            self.close_question(&known, attempt.person, false);
            self.task(TaskKind::Unreachable(offer), Some(attempt.person));
        }
    }

    /// What follows from an event of a conversation.
    fn follow(&mut self, phone: PhoneId, event: conversation::Event) {
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
                self.answered(person, answer, evidence, late);
            }
            conversation::Event::Clarify { .. } => {
                let known = self.book.conversation(phone).unwrap();
                let Some(open) = known.and_then(|c| c.open) else { return };
                let asked = match &open.question.about {
                    About::Offer { rights, .. } => Asked::Offer(rights.len()),
                    About::Account { accounts, .. } => Asked::Account(accounts.len()),
                };
                self.put(phone, &open.question, Message::Clarify(asked), Purpose::Clarify, false);
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
            _ => {}
        }
    }

    fn answer_shortly(&mut self, phone: PhoneId, message: &Message) {
        if let Some(person) = self.world.bond(phone) {
            let not_before = self.contact.awake(self.now);
            self.write(phone, person, message, Purpose::Notice, not_before);
        }
    }

    fn hand_over(&mut self, phone: PhoneId) {
        let known = self.book.conversation(phone).unwrap().and_then(|c| c.open);
        if let Some(offer) = known.and_then(|open: Open| open.question.about.offer()) {
            let _ = self.offer(offer, offer::Command::HandOver);
        }
    }

    /// A question's turn has come: its message is written, if it still holds.
    fn open(&mut self, phone: PhoneId, question: &conversation::Question) {
        match &question.about {
            About::Offer { offer, .. } => {
                let known = self.book.offer(*offer).unwrap().expect("a question has an offer");
                let turn = matches!(known.stage, offer::Stage::Gathering { .. } | offer::Stage::Passed);
                if !turn {
                    let close = conversation::Command::Close { question: question.id, reopens: false };
                    self.conversation(phone, close).unwrap();
                    return;
                }
                if self.offer_rights(&known, question.person).is_err() {
                    let _ = self.offer(known.id, offer::Command::Withdraw);
                    for line in &known.lines {
                        let _ = self.right(line.right, right::Command::Lapse { offer: known.id });
                    }
                    let close = conversation::Command::Close { question: question.id, reopens: false };
                    self.conversation(phone, close).unwrap();
                    return;
                }
                let words = self.offer_words(&known, question.person, false);
                let message = self.put(phone, question, words, Purpose::Offer, true);
                let leaves = self.book.attempt(message).unwrap().expect("just written").not_before;
                self.offer(known.id, offer::Command::Ask { message, leaves }).expect("its turn has come");
            }
            About::Account { offer, rights, accounts } => {
                let accounts: Vec<AccountName> = accounts.iter().map(|a| account_name(*a)).collect();
                let words = if offer.is_some() {
                    Message::ChooseAccount { accounts }
                } else {
                    let right = self.book.right(rights[0]).unwrap().expect("it was paid");
                    let bounced = |o: &&deliver::ledger::Order| o.state.bounced();
                    let order = right.ledger.orders.iter().rev().find(bounced).expect("an order came back");
                    Message::CameBack { amount: order.amount, lost: account_name(order.account), accounts }
                };
                self.put(phone, question, words, Purpose::Account, false);
            }
        }
    }

    /// The law is asked once more before a person is.
    fn offer_rights(&mut self, offer: &Offer, to: PersonId) -> Result<(), Refusal> {
        let day = self.now.day();
        let mut checked = Vec::new();
        for line in &offer.lines {
            let right = self.book.right(line.right).unwrap().expect("a line has a right");
            let question = Question { subject: right.subject, day, asked_on: day };
            let verdict = self.world.law(&right.measure, question);
            let released = !self.world.preliminary;
            let command = right::Command::Offer { offer: offer.id, to, verdict, released };
            Right::handle(Some(&right), command.clone(), self.now)?;
            checked.push((right.id, command));
        }
        for (id, command) in checked {
            self.right(id, command)?;
        }
        Ok(())
    }

    fn answered(&mut self, person: PersonId, answer: Answer, evidence: Evidence, late: bool) {
        match answer {
            Answer::Agreed { offer, rights, account } => {
                let agreed = offer::Command::Answer { by: person, agreed: rights };
                match self.offer(offer, agreed) {
                    Ok(events) => self.consents(person, offer, events, account, &evidence, late),
                    Err(_) => self.tell(person, &Message::ShortAnswer, Purpose::Notice),
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
                        self.tell(person, &Message::Refused { until }, Purpose::Outcome);
                    }
                }
            }
            Answer::OtherAccount { offer } => {
                let _ = self.offer(offer, offer::Command::HandOver);
                let known = self.book.offer(offer).unwrap().expect("it was answered");
                let rights: Vec<RightId> = known.lines.iter().map(|l| l.right).collect();
                self.ask_account(person, Some(offer), rights, None);
            }
            Answer::Account { rights, account } => {
                for right in rights {
                    let _ = self.right(right, right::Command::NameAccount { account, decide_within: 5 });
                }
            }
            Answer::NoAccount { offer, rights } => {
                if let Some(offer) = offer {
                    let _ = self.offer(offer, offer::Command::HandOver);
                }
                self.task(TaskKind::Account(rights[0]), Some(person));
            }
        }
    }

    pub fn ask_account(
        &mut self,
        person: PersonId,
        offer: Option<OfferId>,
        rights: Vec<RightId>,
        lost: Option<card::AccountId>,
    ) {
        let named = |a: &card::AccountId| {
            lost.map_or(self.world.people[&person].accounts.first() != Some(a), |l| l != *a)
        };
        let accounts: Vec<_> =
            self.world.people[&person].accounts.iter().copied().filter(named).take(MOST_ACCOUNTS).collect();
        let phone = self.world.phone_of(person).filter(|_| !accounts.is_empty());
        let Some(phone) = phone else {
            self.task(TaskKind::Account(rights[0]), Some(person));
            return;
        };
        let id = QuestionId(self.number() * 10 + 9);
        let about = About::Account { offer, rights, accounts };
        let question = conversation::Question { id, person, about, key: None };
        self.conversation(phone, conversation::Command::Ask { phone, question }).unwrap();
    }

    fn consents(
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

    fn judge(&mut self, id: RightId) {
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
                    Message::Rejected { title: title.clone(), reason, appeal_until }
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
                    let refuse = right::Command::Refuse { by, ground: "holds".into(), grounds };
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

    fn finish(&mut self, id: TaskId) {
        let task = self.book.task(id).unwrap();
        let by = official("Aigerim", Role::Officer);
        let events = Task::handle(task.as_ref(), task::Command::Finish(by.clone()), self.now).unwrap();
        self.append(by, Entry::Task(id, events));
    }
}
