//! From a verdict to a question on a phone.

use card::{PersonId, PhoneId, Question, Span, Verdict};
use deliver::{
    AttemptId, Machine, OfferId, QuestionId, Refusal, RightId,
    book::Book,
    conversation::{self, About},
    message::{AccountName, MOST_ACCOUNTS, Message, Offered, Voice, compose},
    offer::{self, Line, Offer},
    outbox::Purpose,
    right::{self, Right},
    task::TaskKind,
};

use crate::driver::{Driver, account_name, title};

impl<B: Book> Driver<B> {
    pub fn gather(&mut self, right: &Right, verdict: &Verdict, cause: u64) {
        if right.offer.is_some() || !verdict.offerable(!self.world.preliminary) {
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
        self.right(right.id, right::Command::Join { offer: id }).expect("it is in no other offer");
    }

    /// Do the rights of an offer and one more fit one message to each who may be asked?
    pub fn fits(&self, offer: &Offer, line: &Line) -> bool {
        let mut more = offer.clone();
        more.lines.push(line.clone());
        more.candidates.iter().all(|person| {
            let voice = Voice { lang: self.world.people[person].lang };
            compose(&self.offer_words(&more, *person, false), voice).is_ok()
        })
    }

    pub fn ask(&mut self, offer: &Offer) {
        let person = offer.person().expect("somebody's turn");
        let Some(phone) = self.world.phone_of(person) else {
            self.offer(offer.id, offer::Command::Fail).unwrap();
            self.task(TaskKind::Unreachable(offer.id), Some(person));
            return;
        };
        let account = self.world.people[&person].accounts.first().copied();
        let rights = offer.lines.iter().map(|l| l.right).collect();
        let about = About::Offer { offer: offer.id, rights, account };
        self.offer(offer.id, offer::Command::Put { phone }).expect("its turn has come");
        // The number of the question is that of the offer and the turn: asking again is no second one.
        let id = QuestionId(offer.id.0 * 10 + offer.turn as u64);
        let question = conversation::Question { id, person, about, key: None };
        if self.conversation(phone, conversation::Command::Ask { phone, question }).is_err() {
            self.offer(offer.id, offer::Command::HandOver).unwrap();
            self.task(TaskKind::Unreachable(offer.id), Some(person));
        }
    }

    pub fn time_passes(&mut self, offer: &Offer) {
        let contact = self.contact;
        let person = offer.person().expect("somebody's turn");
        for event in self.offer(offer.id, offer::Command::Tick { contact }).unwrap() {
            match event {
                offer::Event::ReminderDue => self.remind(offer, person),
                offer::Event::Lapsed { .. } => {
                    for line in &offer.lines {
                        let _ = self.right(line.right, right::Command::Lapse { offer: offer.id });
                    }
                }
                offer::Event::Unreachable { person, .. } => {
                    self.task(TaskKind::Unreachable(offer.id), Some(person));
                }
                offer::Event::CallDue { person } => {
                    self.task(TaskKind::CallBeforeLoss(offer.id), Some(person));
                }
                _ => {}
            }
        }
    }

    /// Closes the questions of an offer that asks nobody any more, on every phone that has one.
    pub fn close_questions(&mut self, offer: &Offer) {
        for phone in offer.phones.clone() {
            let Some(talk) = self.book.conversation(phone).unwrap() else { continue };
            let of_it = |question: &&conversation::Question| question.about.offer() == Some(offer.id);
            let questions: Vec<QuestionId> = talk.questions().filter(of_it).map(|q| q.id).collect();
            for question in questions {
                let close = conversation::Command::Close { question, reopens: offer.reopens() };
                self.conversation(phone, close).unwrap();
            }
        }
    }

    /// A number that went to somebody else asks nothing of whoever had it before.
    pub fn check_bond(&mut self, phone: PhoneId) {
        let bond = self.bond(phone);
        if self.book.conversation(phone).unwrap().is_some() {
            self.conversation(phone, conversation::Command::Rebond { bond }).unwrap();
        }
    }

    pub fn remind(&mut self, offer: &Offer, person: PersonId) {
        let Some(phone) = self.world.phone_of(person) else { return };
        let known = self.book.conversation(phone).unwrap();
        let Some(open) = known.and_then(|c| c.open) else { return };
        if open.question.about.offer() == Some(offer.id) {
            let message = self.offer_words(offer, person, true);
            self.put(phone, &open.question, &message, Purpose::Reminder, true);
        }
    }

    pub fn offer_words(&self, offer: &Offer, person: PersonId, reminder: bool) -> Message {
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
    pub fn put(
        &mut self,
        phone: PhoneId,
        question: &conversation::Question,
        message: &Message,
        purpose: Purpose,
        counts: bool,
    ) -> AttemptId {
        let known = self.book.conversation(phone).unwrap().expect("it has an open question");
        let leaves =
            if counts { known.next_contact(&self.contact, self.now) } else { self.contact.awake(self.now) };
        let id = self.write(phone, question.person, message, purpose, leaves);
        let sent = conversation::Command::Sent { question: question.id, message: id, leaves, counts };
        self.conversation(phone, sent).expect("the question is open");
        id
    }

    /// A question's turn has come: its message is written, if it still holds.
    pub fn open(&mut self, phone: PhoneId, question: &conversation::Question) {
        match &question.about {
            About::Offer { offer, .. } => {
                let known = self.book.offer(*offer).unwrap().expect("a question has an offer");
                if known.stage != offer::Stage::Queued {
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
                let message = self.put(phone, question, &words, Purpose::Offer, true);
                let leaves = self.book.attempt(message).unwrap().expect("just written").not_before;
                self.offer(known.id, offer::Command::Ask { message, leaves }).expect("its turn has come");
            }
            About::Choose { .. } | About::CameBack { .. } => {
                let words = self.menu_words(question);
                self.put(phone, question, &words, Purpose::Account, false);
            }
        }
    }

    pub fn menu_words(&self, question: &conversation::Question) -> Message {
        match &question.about {
            About::CameBack { lost, accounts } => {
                let accounts: Vec<AccountName> = accounts.iter().map(|a| account_name(*a)).collect();
                let rights = self.paid_to(question.person, *lost);
                let amount = rights
                    .iter()
                    .map(|id| self.book.right(*id).unwrap().expect("it was paid").stranded(*lost));
                Message::CameBack { amount: amount.sum(), lost: account_name(*lost), accounts }
            }
            About::Choose { accounts, .. } => {
                Message::ChooseAccount { accounts: accounts.iter().map(|a| account_name(*a)).collect() }
            }
            About::Offer { .. } => unreachable!("an offer is no menu"),
        }
    }

    /// The rights of a person whose money an account did not take.
    pub fn paid_to(&self, person: PersonId, lost: card::AccountId) -> Vec<RightId> {
        let rights = self.book.rights_of(person).unwrap();
        let lost = |r: &&Right| r.recipient == person && r.stranded(lost) > card::Tenge::ZERO;
        rights.iter().filter(lost).map(|r| r.id).collect()
    }

    /// The law is asked once more before a person is.
    pub fn offer_rights(&mut self, offer: &Offer, to: PersonId) -> Result<(), Refusal> {
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

    pub fn choose_account(&mut self, person: PersonId, offer: OfferId) {
        let accounts: Vec<_> = self.world.people[&person].accounts.iter().copied().skip(1).collect();
        let known = self.book.offer(offer).unwrap().expect("it was answered");
        let rights: Vec<RightId> = known.lines.iter().map(|l| l.right).collect();
        self.menu(person, About::Choose { offer, rights, accounts });
    }

    pub fn ask_for_another(&mut self, person: PersonId, lost: card::AccountId) {
        let mut accounts = self.world.people[&person].accounts.clone();
        accounts.retain(|account| *account != lost);
        self.menu(person, About::CameBack { lost, accounts });
    }

    fn menu(&mut self, person: PersonId, mut about: About) {
        let (About::Choose { accounts, .. } | About::CameBack { accounts, .. }) = &mut about else { return };
        accounts.truncate(MOST_ACCOUNTS);
        let phone = self.world.phone_of(person).filter(|_| !accounts.is_empty());
        let Some(phone) = phone else { return self.no_account(person, &about) };
        let id = QuestionId(self.number() * 10 + 9);
        let question = conversation::Question { id, person, about, key: None };
        self.conversation(phone, conversation::Command::Ask { phone, question }).unwrap();
    }
}
