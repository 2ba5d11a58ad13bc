//! What 1414 says: offers when they are due, and the message that follows from what happened.

use card::{AccountId, Actor, Date, Lang, Moment, PersonId, PhoneId, Span, Tenge};
use deliver::book::Book as _;
use deliver::{
    AttemptId, OfferId, QuestionId, Refusal, RightId,
    conversation::{self, About, Bond, Question},
    message::{AccountName, Message, Offered, Title, Voice, compose},
    mode::Mode,
    offer::{self, Offer},
    outbox::{self, Attempt, Purpose},
    port::{Submission, Submitted},
    right,
    task::TaskKind,
};

use crate::{Service, ServiceError, Store, turn::Turn};

/// How much falls due in one go; the rest follows in the next.
const AT_ONCE: usize = 500;

impl<S: Store> Service<S> {
    /// Lets everything happen that is due by now: offers leave, windows end, reminders are written.
    /// True if there was something; call again until there is nothing.
    pub fn tick(&self) -> Result<bool, ServiceError> {
        let now = self.now();
        let due = self.store.book().offers_due(now, AT_ONCE).map_err(ServiceError::store)?;
        let mut moved = false;
        for offer in due {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, Actor::System);
            match turn.offer_due(offer.id) {
                Ok(happened) => {
                    moved |= happened;
                    turn.commit()?;
                }
                Err(ServiceError::Message(_) | ServiceError::Law(_)) => {
                    moved |= self.give_to_operator(offer.id)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(moved)
    }

    /// An offer that no message can be written for, or that the law has no answer about, waits for
    /// an official instead of holding up the others.
    fn give_to_operator(&self, id: OfferId) -> Result<bool, ServiceError> {
        let mut turn = Turn::begin(self, Actor::System);
        let person = turn.offer(id)?.and_then(|offer| offer.person());
        turn.move_offer(id, offer::Command::HandOver)?;
        turn.task(TaskKind::Unreachable(id), person)?;
        turn.commit()?;
        Ok(true)
    }

    /// Messages that may leave now, each marked as handed over before it is.
    pub fn to_send(&self, limit: usize) -> Result<Vec<Submission>, ServiceError> {
        let _turn = self.lock();
        let due = self.store.book().attempts_due(self.now(), limit).map_err(ServiceError::store)?;
        let mut submissions = Vec::new();
        let mut turn = Turn::begin(self, Actor::System);
        for attempt in due {
            // The number went to somebody else since it was written: it is not for their eyes.
            if matches!(turn.bond(attempt.phone)?, Bond::With(person) if person != attempt.person) {
                turn.move_attempt(attempt.id, outbox::Command::Cancel)?;
                turn.not_arrived(attempt.id)?;
                continue;
            }
            if turn.stands_still(&attempt)? {
                turn.move_attempt(attempt.id, outbox::Command::Hold)?;
                continue;
            }
            turn.move_attempt(attempt.id, outbox::Command::Make)?;
            match self.store.msisdn(attempt.phone).map_err(ServiceError::store)? {
                Some(to) => submissions.push(Submission {
                    attempt: attempt.id.0,
                    to,
                    text: attempt.text.as_str().to_owned(),
                }),
                // The number was erased meanwhile: nobody can be written to.
                None => turn.answered(attempt.id, Submitted::Refused { status: 0 })?,
            }
        }
        turn.commit()?;
        Ok(submissions)
    }

    /// What the operator's link answered.
    pub fn submitted(&self, attempt: u64, answer: Submitted) -> Result<(), ServiceError> {
        let _turn = self.lock();
        let mut turn = Turn::begin(self, Actor::PhoneOperator);
        turn.answered(AttemptId(attempt), answer)?;
        turn.commit()
    }

    /// After a start: what was handed over before the stop and never answered is uncertain.
    pub fn recover_outbox(&self) -> Result<u64, ServiceError> {
        let _turn = self.lock();
        let mut turn = Turn::begin(self, Actor::System);
        let made = self.store.book().attempts_made().map_err(ServiceError::store)?;
        for attempt in &made {
            turn.move_attempt(*attempt, outbox::Command::Forget)?;
        }
        turn.commit()?;
        Ok(made.len() as u64)
    }
}

impl<S: Store> Turn<'_, S> {
    fn answered(&mut self, attempt: AttemptId, answer: Submitted) -> Result<(), ServiceError> {
        for event in self.move_attempt(attempt, outbox::Command::Answer(answer))? {
            if matches!(event, outbox::Event::Refused { .. }) {
                self.not_arrived(attempt)?;
            }
        }
        Ok(())
    }

    /// A message will not arrive: if it asked for an offer, nobody was asked.
    pub fn not_arrived(&mut self, attempt: AttemptId) -> Result<(), ServiceError> {
        let Some(attempt) = self.attempt(attempt)? else { return Ok(()) };
        if !matches!(attempt.purpose, Purpose::Offer | Purpose::Reminder) {
            return Ok(());
        }
        let Some(conversation) = self.conversation(attempt.phone)? else { return Ok(()) };
        let Some(open) = conversation.open.filter(|open| open.messages.contains(&attempt.id)) else {
            return Ok(());
        };
        if let About::Offer { offer, .. } = open.question.about {
            let events = self.move_offer(offer, offer::Command::Fail)?;
            self.after_offer(offer, &events)?;
        }
        Ok(())
    }

    /// Does a message ask for something whose measure stands still?
    fn stands_still(&mut self, attempt: &Attempt) -> Result<bool, ServiceError> {
        if !matches!(attempt.purpose, Purpose::Offer | Purpose::Reminder) {
            return Ok(false);
        }
        let open = self.conversation(attempt.phone)?.and_then(|conversation| conversation.open);
        let asks = open.filter(|open| open.messages.contains(&attempt.id));
        let offer = asks.and_then(|open| open.question.about.offer());
        match offer.map(|id| self.offer(id)).transpose()?.flatten() {
            Some(offer) => self.is_halted(&offer),
            None => Ok(false),
        }
    }

    /// Does a measure of an offer stand still?
    fn is_halted(&self, offer: &Offer) -> Result<bool, ServiceError> {
        for line in &offer.lines {
            if self.mode(&line.measure)? == Mode::Halted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is due of an offer; true if something happened.
    fn offer_due(&mut self, id: OfferId) -> Result<bool, ServiceError> {
        let Some(offer) = self.offer(id)? else { return Ok(false) };
        if self.is_halted(&offer)? {
            // Neither asked nor reminded nor taken for silence meanwhile.
            self.move_offer(id, offer::Command::Hold)?;
            return Ok(true);
        }
        if matches!(offer.stage, offer::Stage::Gathering { .. } | offer::Stage::Passed) {
            return self.ask(&offer);
        }
        let contact = self.service.settings.contact;
        let events = self.move_offer(id, offer::Command::Tick { contact })?;
        self.after_offer(id, &events)?;
        Ok(!events.is_empty())
    }

    /// Puts an offer to the person whose turn it is.
    fn ask(&mut self, offer: &Offer) -> Result<bool, ServiceError> {
        let Some(person) = offer.person() else { return Ok(false) };
        let phones = self.phones(person)?;
        let Some(phone) = phones.first().copied() else {
            let events = self.move_offer(offer.id, offer::Command::Fail)?;
            self.after_offer(offer.id, &events)?;
            return Ok(true);
        };
        let about = About::Offer {
            offer: offer.id,
            rights: offer.lines.iter().map(|line| line.right).collect(),
            account: self.own_accounts(person)?.first().copied(),
        };
        let asked = self.put(phone, person, about, offer.id.0);
        match asked {
            Ok(put) => Ok(put),
            // The person wants no SMS: an operator is the way.
            Err(ServiceError::Refused(_)) => {
                let events = self.move_offer(offer.id, offer::Command::Fail)?;
                self.after_offer(offer.id, &events)?;
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Puts a question to a phone, now or when its turn comes. A question about an offer has the
    /// number of the offer and of the person, so that it is put once.
    pub fn put(
        &mut self,
        phone: PhoneId,
        person: PersonId,
        about: About,
        number: u64,
    ) -> Result<bool, ServiceError> {
        let question = Question { id: QuestionId(number), person, about, key: None };
        let events = self.move_conversation(phone, conversation::Command::Ask { phone, question })?;
        self.opened(phone, &events)?;
        Ok(!events.is_empty())
    }

    /// Writes the message of every question that has just opened.
    pub fn opened(&mut self, phone: PhoneId, events: &[conversation::Event]) -> Result<(), ServiceError> {
        for event in events {
            let conversation::Event::Opened { question } = event else { continue };
            let written = self.unless_refused(|turn| turn.write_question(phone, question))?;
            if let Err(refusal) = written {
                // What it asked about is settled, or no message can say it: the next question has its
                // turn, and an operator has the offer.
                self.keep("question that was overtaken", refusal);
                let close = conversation::Command::Close { question: question.id, reopens: false };
                let events = self.move_conversation(phone, close)?;
                self.opened(phone, &events)?;
                if let About::Account { rights, .. } = &question.about {
                    for right in rights {
                        self.task(TaskKind::Account(*right), Some(question.person))?;
                    }
                }
                if let Some(offer) = question.about.offer() {
                    let handed =
                        self.unless_refused(|turn| turn.move_offer(offer, offer::Command::HandOver))?;
                    if handed.is_ok_and(|events| !events.is_empty()) {
                        self.task(TaskKind::Unreachable(offer), Some(question.person))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes the message of an open question; an offer that no longer holds is withdrawn instead.
    fn write_question(&mut self, phone: PhoneId, question: &Question) -> Result<(), ServiceError> {
        // It may have waited for its turn while the number went to somebody else.
        if self.bond(phone)? != Bond::With(question.person) {
            return Err(Refusal::WrongPerson.into());
        }
        match &question.about {
            About::Offer { offer, account, .. } => {
                if !self.still_holds(*offer, question.person)? {
                    return self.withdraw(*offer);
                }
                let leaves = self.leaves(phone)?;
                let Some(offer) = self.offer(*offer)? else { return Ok(()) };
                let until = deliver::timing::promised(leaves, offer.window_days);
                let message = self.offer_message(&offer, *account, until, false)?;
                let attempt = self.write(phone, question.person, Purpose::Offer, &message, leaves)?;
                self.sent(phone, question.id, attempt, leaves, true)?;
                self.move_offer(offer.id, offer::Command::Ask { message: attempt, leaves })?;
                Ok(())
            }
            About::Account { offer, rights, accounts } => {
                let names = self.account_names(accounts)?;
                let message = match offer {
                    Some(_) => Message::ChooseAccount { accounts: names },
                    None => self.came_back(rights, names)?,
                };
                let leaves = self.now;
                let attempt = self.write(phone, question.person, Purpose::Account, &message, leaves)?;
                self.sent(phone, question.id, attempt, leaves, false)
            }
        }
    }

    fn sent(
        &mut self,
        phone: PhoneId,
        question: QuestionId,
        message: AttemptId,
        leaves: Moment,
        counts: bool,
    ) -> Result<(), ServiceError> {
        self.move_conversation(phone, conversation::Command::Sent { question, message, leaves, counts })?;
        Ok(())
    }

    /// Asks the law again about every right of an offer, as it leaves.
    fn still_holds(&mut self, offer: OfferId, to: PersonId) -> Result<bool, ServiceError> {
        let Some(offer) = self.offer(offer)? else { return Ok(false) };
        for line in &offer.lines {
            let Some(right) = self.right(line.right)? else { return Ok(false) };
            let law = self.law.clone();
            let (measure, page) = law.measure(&right.measure)?;
            let day = self.now.day();
            let question = card::Question { subject: right.subject, day, asked_on: day };
            let verdict = self.service.ask(&law, measure, question)?;
            let released = self.service.released(&page.closure);
            let amount = verdict.amount.and_then(|amount| amount.point());
            let command = right::Command::Offer { offer: offer.id, to, verdict, released };
            match self.move_right(line.right, command) {
                Ok(_) => {
                    // A new year or a new fact since the right was found: the message names today's sum.
                    let Some(amount) = amount else { return Ok(false) };
                    self.move_offer(offer.id, offer::Command::Reprice { right: line.right, amount })?;
                }
                Err(ServiceError::Refused(_)) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// What follows from what happened to an offer.
    pub fn after_offer(&mut self, id: OfferId, events: &[offer::Event]) -> Result<(), ServiceError> {
        for event in events {
            match event {
                offer::Event::ReminderDue => self.remind(id)?,
                offer::Event::PassedOn { .. } => {
                    if let Some(offer) = self.offer(id)? {
                        self.close_question_of(&offer, true)?;
                    }
                }
                offer::Event::Lapsed { .. } => {
                    let Some(offer) = self.offer(id)? else { continue };
                    self.close_question_of(&offer, true)?;
                    for line in &offer.lines {
                        self.move_right(line.right, right::Command::Lapse { offer: id })?;
                    }
                }
                offer::Event::CallDue { person } => {
                    self.task(TaskKind::CallBeforeLoss(id), Some(*person))?;
                }
                offer::Event::Unreachable { person } => {
                    self.task(TaskKind::Unreachable(id), Some(*person))?;
                    if let Some(offer) = self.offer(id)? {
                        self.close_question_of(&offer, true)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Closes the question that an offer has open or waiting on any phone of those asked so far.
    pub fn close_question_of(&mut self, offer: &Offer, reopens: bool) -> Result<(), ServiceError> {
        let question = QuestionId(offer.id.0);
        for person in offer.candidates.iter().take(offer.turn + 1) {
            for phone in self.service.store.phones_of(*person, self.now.day()).map_err(ServiceError::store)? {
                if self.conversation(phone)?.is_some() {
                    let asking = self.messages_of_question(phone)?;
                    let events =
                        self.move_conversation(phone, conversation::Command::Close { question, reopens })?;
                    if !events.is_empty() {
                        self.cancel_unsent(&asking)?;
                    }
                    self.opened(phone, &events)?;
                }
            }
        }
        Ok(())
    }

    /// The messages that ask the open question of a phone.
    pub fn messages_of_question(&mut self, phone: PhoneId) -> Result<Vec<AttemptId>, ServiceError> {
        let open = self.conversation(phone)?.and_then(|conversation| conversation.open);
        Ok(open.map(|open| open.messages).unwrap_or_default())
    }

    /// Takes messages back that have not left yet: their question is closed.
    pub fn cancel_unsent(&mut self, messages: &[AttemptId]) -> Result<(), ServiceError> {
        for message in messages {
            if self.attempt(*message)?.is_some_and(|attempt| attempt.stage == outbox::Stage::Written) {
                self.move_attempt(*message, outbox::Command::Cancel)?;
            }
        }
        Ok(())
    }

    /// The one reminder.
    fn remind(&mut self, id: OfferId) -> Result<(), ServiceError> {
        let Some(offer) = self.offer(id)? else { return Ok(()) };
        let Some(person) = offer.person() else { return Ok(()) };
        let until = match offer.stage {
            offer::Stage::Waiting { until, .. } => until.plus_ms(-1).day(),
            offer::Stage::Asked { promised, .. } => promised.max(self.now.day()),
            _ => return Ok(()),
        };
        for phone in self.phones(person)? {
            let Some(conversation) = self.conversation(phone)? else { continue };
            let Some(open) = conversation.open.filter(|open| open.question.id == QuestionId(id.0)) else {
                continue;
            };
            let About::Offer { account, .. } = open.question.about else { continue };
            let leaves = self.leaves(phone)?;
            let message = self.offer_message(&offer, account, until, true)?;
            let attempt = self.write(phone, person, Purpose::Reminder, &message, leaves)?;
            self.sent(phone, open.question.id, attempt, leaves, true)?;
        }
        Ok(())
    }

    /// When the next unasked message to a phone may leave.
    fn leaves(&mut self, phone: PhoneId) -> Result<Moment, ServiceError> {
        let contact = self.service.settings.contact;
        Ok(match self.conversation(phone)? {
            Some(conversation) => conversation.next_contact(&contact, self.now),
            None => contact.awake(self.now),
        })
    }

    pub fn offer_message(
        &mut self,
        offer: &Offer,
        account: Option<AccountId>,
        until: Date,
        reminder: bool,
    ) -> Result<Message, ServiceError> {
        let law = self.law.clone();
        let mut rights = Vec::new();
        for line in &offer.lines {
            let (_, page) = law.measure(&line.measure)?;
            rights.push(Offered {
                title: Title::new(page.told.short.clone())?,
                amount: line.amount,
                per: line.per,
            });
        }
        let account = self.account_names(account.as_slice())?.pop();
        Ok(Message::Offer { rights, account, until, reminder })
    }

    fn came_back(&mut self, rights: &[RightId], accounts: Vec<AccountName>) -> Result<Message, ServiceError> {
        let mut amount = Tenge::ZERO;
        let mut lost = None;
        for id in rights {
            let Some(right) = self.right(*id)? else { continue };
            if let Some(order) = right.ledger.orders.iter().rev().find(|order| order.state.bounced()) {
                amount += order.amount;
                lost = Some(order.account);
            }
        }
        let lost = lost.ok_or_else(|| ServiceError::Absent("order that came back".to_owned()))?;
        let lost = self.account_names(&[lost])?.remove(0);
        Ok(Message::CameBack { amount, lost, accounts })
    }

    /// What owners know accounts by.
    pub fn account_names(&self, accounts: &[AccountId]) -> Result<Vec<AccountName>, ServiceError> {
        let mut names = Vec::new();
        for account in accounts {
            let iban = self.service.store.iban(*account).map_err(ServiceError::store)?;
            let iban = iban.ok_or_else(|| ServiceError::Absent(format!("account {account}")))?;
            let bank = self.service.settings.banks.short_of(&iban);
            names.push(AccountName::new(bank, &iban.last_four())?);
        }
        Ok(names)
    }

    /// The person's own open accounts.
    pub fn own_accounts(&self, person: PersonId) -> Result<Vec<AccountId>, ServiceError> {
        self.service.store.accounts_of(person, self.now.day()).map_err(ServiceError::store)
    }

    /// Writes a message into the outbox.
    pub fn write(
        &mut self,
        phone: PhoneId,
        person: PersonId,
        purpose: Purpose,
        message: &Message,
        not_before: Moment,
    ) -> Result<AttemptId, ServiceError> {
        let text = compose(message, self.voice(phone, person)?)?;
        let id = AttemptId(self.number()?);
        self.move_attempt(id, outbox::Command::Write { id, phone, person, purpose, text, not_before })?;
        Ok(id)
    }

    /// Tells a person something at once, over the newest phone; silent where there is none.
    pub fn tell(
        &mut self,
        person: PersonId,
        purpose: Purpose,
        message: &Message,
    ) -> Result<(), ServiceError> {
        let phones = self.phones(person)?;
        if let Some(phone) = phones.first() {
            self.write(*phone, person, purpose, message, self.now)?;
        }
        Ok(())
    }

    pub fn voice(&mut self, phone: PhoneId, person: PersonId) -> Result<Voice, ServiceError> {
        let asked = self.conversation(phone)?.and_then(|conversation| conversation.lang);
        let known: Option<Lang> = match asked {
            Some(lang) => Some(lang),
            None => self.service.store.language_of(person).map_err(ServiceError::store)?,
        };
        Ok(Voice { lang: known, latin: false })
    }

    /// An open question once more, in the language that was asked for meanwhile.
    pub fn write_again(&mut self, phone: PhoneId, question: &Question) -> Result<(), ServiceError> {
        let message = match &question.about {
            About::Offer { offer, account, .. } => {
                let Some(offer) = self.offer(*offer)? else { return Ok(()) };
                let (offer::Stage::Asked { promised: until, .. }
                | offer::Stage::Waiting { promised: until, .. }) = offer.stage
                else {
                    return Ok(());
                };
                self.offer_message(&offer, *account, until, false)?
            }
            About::Account { accounts, .. } => {
                let accounts = self.account_names(accounts)?;
                Message::ChooseAccount { accounts }
            }
        };
        let leaves = self.now;
        let attempt = self.write(phone, question.person, Purpose::Clarify, &message, leaves)?;
        self.sent(phone, question.id, attempt, leaves, false)
    }

    /// The day by which a task is done, for people.
    pub fn task_day(&self) -> Date {
        self.now.day().plus(Span::Days(self.service.settings.task_days))
    }
}
