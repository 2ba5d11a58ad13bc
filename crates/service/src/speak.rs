//! What 1414 says: offers when they are due, and the message that follows from what happened.

use card::{AccountId, Actor, Date, Lang, Moment, PersonId, PhoneId, Span};
use deliver::book::Book as _;
use deliver::{
    AttemptId, OfferId, QuestionId, Refusal,
    application::payable,
    conversation::{self, About, Bond, Question},
    message::{AccountName, Message, Offered, Title, Voice, compose},
    mode::Mode,
    offer::{self, Offer},
    outbox::{self, Attempt, Purpose},
    port::{Submission, Submitted},
    right,
    task::TaskKind,
};

use crate::{Service, ServiceError, Store, notice::Leaves, turn::Turn};

/// How much falls due in one go; the rest follows in the next.
const AT_ONCE: usize = 500;

impl<S: Store> Service<S> {
    /// Lets everything happen that is due by now: offers leave, windows end, reminders are written.
    /// True if there was something; call again until there is nothing.
    pub fn tick(&self) -> Result<bool, ServiceError> {
        let now = self.now();
        let offers = self.store.book().offers_due(now, AT_ONCE).map_err(ServiceError::store)?;
        let phones = self.store.book().conversations_due(now, AT_ONCE).map_err(ServiceError::store)?;
        let mut moved = false;
        for offer in offers {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, Actor::System);
            match turn.unless_refused(|turn| turn.offer_due(offer.id))? {
                Ok(happened) => moved |= happened,
                // No message can say it, or the law has no answer about it: an official sees to it, and the
                // others go on.
                Err(refusal) => {
                    turn.keep("offer that cannot go on", refusal);
                    turn.give_to_operator(offer.id)?;
                    moved = true;
                }
            }
            turn.commit()?;
        }
        for phone in phones {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, Actor::System);
            if let Err(refusal) = turn.unless_refused(|turn| turn.menu_due(phone))? {
                turn.keep("menu that cannot go on", refusal);
                turn.end_menu(phone)?;
            }
            turn.commit()?;
            moved = true;
        }
        Ok(moved)
    }

    /// Asks again whoever could not be reached and can be now: a phone has appeared, or the number was
    /// checked, or they want offers again. How many there were.
    pub fn reach_again(&self) -> Result<u64, ServiceError> {
        let (mut reached, mut after) = (0, OfferId(0));
        loop {
            let offers = self.store.book().offers_unreachable(after, AT_ONCE).map_err(ServiceError::store)?;
            let Some(last) = offers.last().map(|offer| offer.id) else { return Ok(reached) };
            for offer in offers {
                let _turn = self.lock();
                let mut turn = Turn::begin(self, Actor::System);
                if turn.phone_for(&offer)?.is_some() {
                    turn.move_offer(offer.id, offer::Command::Reach)?;
                    reached += 1;
                }
                turn.commit()?;
            }
            after = last;
        }
    }

    /// Messages that may leave now, each marked as handed over before it is.
    pub fn to_send(&self, limit: usize) -> Result<Vec<Submission>, ServiceError> {
        let _turn = self.lock();
        let due = self.store.book().attempts_due(self.now(), limit).map_err(ServiceError::store)?;
        let mut submissions = Vec::new();
        let mut turn = Turn::begin(self, Actor::System);
        for attempt in due {
            // A question that closed a moment ago took its message with it.
            let waits = turn.attempt(attempt.id)?.is_some_and(|now| now.stage == outbox::Stage::Written);
            if !waits {
                continue;
            }
            // The number went to somebody else since it was written, or nobody knows whose it is: it is
            // not for their eyes.
            let theirs = match turn.bond(attempt.phone)? {
                Bond::With(person) => person == attempt.person,
                Bond::None => !attempt.purpose.personal(),
            };
            if !theirs {
                turn.take_back(attempt.id)?;
                turn.check_bond(attempt.phone)?;
                continue;
            }
            let leaves = match attempt.purpose {
                Purpose::Notice => turn.notice_leaves(&attempt)?,
                _ => Leaves::Now,
            };
            if leaves == Leaves::Never {
                turn.take_back(attempt.id)?;
                continue;
            }
            if leaves == Leaves::Later || turn.stands_still(&attempt)? {
                turn.move_attempt(attempt.id, outbox::Command::Hold)?;
                continue;
            }
            turn.move_attempt(attempt.id, outbox::Command::Make)?;
            if attempt.purpose == Purpose::Notice {
                turn.notice_made(&attempt)?;
            }
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
        if attempt.purpose == Purpose::Notice {
            return self.notice_untold(&attempt, true);
        }
        if !matches!(attempt.purpose, Purpose::Offer | Purpose::Reminder) {
            return Ok(());
        }
        let Some(conversation) = self.conversation(attempt.phone)? else { return Ok(()) };
        let Some(open) = conversation.open.filter(|open| open.messages.contains(&attempt.id)) else {
            return Ok(());
        };
        if let About::Offer { offer, .. } = open.question.about {
            self.move_offer(offer, offer::Command::Fail)?;
        }
        Ok(())
    }

    /// Lets an offer answer a command, and what follows from that: once it asks nobody any more, or waits
    /// for a menu, its questions close, on whatever phone and whosever that is by now.
    pub fn move_offer(
        &mut self,
        id: OfferId,
        command: offer::Command,
    ) -> Result<Vec<offer::Event>, ServiceError> {
        let events = self.offer_moves(id, command)?;
        let chooses = events.iter().any(|event| matches!(event, offer::Event::Choosing { .. }));
        let after = self.offer(id)?.filter(|_| !events.is_empty());
        if let Some(offer) = after.filter(|offer| chooses || !offer.stage.asks()) {
            self.close_questions_of(&offer)?;
        }
        for event in &events {
            match event {
                offer::Event::ReminderDue => self.remind(id)?,
                offer::Event::Lapsed { .. } => self.lapse(id)?,
                offer::Event::CallDue { person } => {
                    self.task(TaskKind::CallBeforeLoss(id), Some(*person))?;
                }
                offer::Event::Unreachable { person, .. } => {
                    self.task(TaskKind::Unreachable(id), Some(*person))?;
                }
                _ => {}
            }
        }
        Ok(events)
    }

    fn lapse(&mut self, id: OfferId) -> Result<(), ServiceError> {
        let Some(offer) = self.offer(id)? else { return Ok(()) };
        for line in &offer.lines {
            if self.right(line.right)?.is_some_and(|right| right.offer == Some(id)) {
                self.move_right(line.right, right::Command::Lapse { offer: id })?;
            }
        }
        Ok(())
    }

    fn close_questions_of(&mut self, offer: &Offer) -> Result<(), ServiceError> {
        for phone in &offer.phones {
            let Some(conversation) = self.conversation(*phone)? else { continue };
            let of_it = |question: &&Question| question.about.offer() == Some(offer.id);
            let questions: Vec<QuestionId> = conversation.questions().filter(of_it).map(|q| q.id).collect();
            for question in questions {
                let reopens = offer.reopens();
                self.close(*phone, conversation::Command::Close { question, reopens })?;
            }
        }
        Ok(())
    }

    /// Lets questions of a phone close, and what follows from that: what asks them and has not left stays
    /// here, and the next question has its turn.
    pub fn close(&mut self, phone: PhoneId, command: conversation::Command) -> Result<(), ServiceError> {
        if self.conversation(phone)?.is_none() {
            return Ok(());
        }
        let asking = self.messages_of_question(phone)?;
        let events = self.move_conversation(phone, command)?;
        self.cancel_unasked(phone, &asking)?;
        for event in &events {
            self.follow(phone, event)?;
        }
        self.opened(phone, &events)
    }

    /// A number that went to somebody else, or to nobody, asks nothing of whoever had it before.
    pub fn check_bond(&mut self, phone: PhoneId) -> Result<(), ServiceError> {
        let bond = self.bond(phone)?;
        self.close(phone, conversation::Command::Rebond { bond })
    }

    /// A question cannot be asked on its phone any more: nobody was asked.
    pub fn given_up(&mut self, question: &Question) -> Result<(), ServiceError> {
        match question.about.offer() {
            Some(offer) => self.move_offer(offer, offer::Command::Lose).map(drop),
            None => self.no_account(question.person, &question.about),
        }
    }

    fn give_to_operator(&mut self, id: OfferId) -> Result<(), ServiceError> {
        let person = self.offer(id)?.and_then(|offer| offer.person());
        self.move_offer(id, offer::Command::HandOver)?;
        self.task(TaskKind::Unreachable(id), person)?;
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
    fn is_halted(&mut self, offer: &Offer) -> Result<bool, ServiceError> {
        for line in &offer.lines {
            let person = self.right(line.right)?.map(|right| right.recipient).or(offer.person());
            let Some(person) = person else { continue };
            if self.mode(&line.measure, person)? == Mode::Halted {
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
        if matches!(offer.stage, offer::Stage::Gathering { .. } | offer::Stage::ToAsk) {
            return self.ask(&offer);
        }
        if let Some(phone) = offer.phones.last().filter(|_| offer.stage.asks()) {
            // Silence counts only of somebody who has the phone still.
            self.check_bond(*phone)?;
        }
        let contact = self.service.settings.contact;
        let events = self.move_offer(id, offer::Command::Tick { contact })?;
        let lost = self.offer(id)?.is_some_and(|now| now.stage != offer.stage);
        Ok(lost || !events.is_empty())
    }

    /// Puts an offer to the person whose turn it is.
    fn ask(&mut self, offer: &Offer) -> Result<bool, ServiceError> {
        let Some(person) = offer.person() else { return Ok(false) };
        let Some(phone) = self.phone_for(offer)? else {
            self.move_offer(offer.id, offer::Command::Fail)?;
            return Ok(true);
        };
        let about = About::Offer {
            offer: offer.id,
            rights: offer.lines.iter().map(|line| line.right).collect(),
            account: self.own_accounts(person)?.first().copied(),
        };
        self.move_offer(offer.id, offer::Command::Put { phone })?;
        self.put(phone, person, about, offer.id.0)?;
        Ok(true)
    }

    /// The phone on which an offer can be put to the person whose turn it is: the newest one that took no
    /// message of it in vain, unless they want no offers there. An operator is the way then.
    fn phone_for(&mut self, offer: &Offer) -> Result<Option<PhoneId>, ServiceError> {
        let Some(person) = offer.person() else { return Ok(None) };
        let phones = self.phones(person)?;
        let Some(phone) = phones.into_iter().find(|phone| !offer.dead.contains(phone)) else {
            return Ok(None);
        };
        let conversation = self.conversation(phone)?;
        let none = conversation.is_some_and(|known| known.wants == conversation::Wants::NoOffers);
        Ok((!none).then_some(phone))
    }

    /// Puts a question to a phone, now or when its turn comes, behind nothing that was asked of somebody
    /// who has it no more. A question about an offer has the number of the offer, so that it is put once.
    pub fn put(
        &mut self,
        phone: PhoneId,
        person: PersonId,
        about: About,
        number: u64,
    ) -> Result<bool, ServiceError> {
        self.check_bond(phone)?;
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
                let handed = self.unless_refused(|turn| match question.about {
                    About::Offer { offer, .. } => turn.give_to_operator(offer),
                    About::Choose { .. } | About::CameBack { .. } => {
                        turn.no_account(question.person, &question.about)
                    }
                })?;
                if let Err(refusal) = handed {
                    self.keep("offer that was settled meanwhile", refusal);
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
                let wants = self.conversation(phone)?.map(|conversation| conversation.wants);
                if wants == Some(conversation::Wants::NoOffers) {
                    return Err(Refusal::stage("offer by SMS", "stopped by the person").into());
                }
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
            About::Choose { .. } | About::CameBack { .. } => self.write_menu(phone, question),
        }
    }

    pub fn sent(
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
            let amount = payable(&verdict);
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

    /// The messages that ask the open question of a phone.
    pub fn messages_of_question(&mut self, phone: PhoneId) -> Result<Vec<AttemptId>, ServiceError> {
        let open = self.conversation(phone)?.and_then(|conversation| conversation.open);
        Ok(open.map(|open| open.messages).unwrap_or_default())
    }

    /// Takes messages back that have not left yet and whose question is not open any more.
    pub fn cancel_unasked(&mut self, phone: PhoneId, messages: &[AttemptId]) -> Result<(), ServiceError> {
        let still = self.messages_of_question(phone)?;
        for message in messages.iter().filter(|message| !still.contains(message)) {
            self.take_back(*message)?;
        }
        Ok(())
    }

    /// Takes a message back, if it has not left; was it taken?
    pub fn take_back(&mut self, message: AttemptId) -> Result<bool, ServiceError> {
        let attempt = self.attempt(message)?.filter(|attempt| attempt.stage == outbox::Stage::Written);
        let Some(attempt) = attempt else { return Ok(false) };
        self.move_attempt(message, outbox::Command::Cancel)?;
        if attempt.purpose == Purpose::Notice {
            self.notice_untold(&attempt, false)?;
        }
        if self.conversation(attempt.phone)?.is_some() {
            self.move_conversation(attempt.phone, conversation::Command::TakeBack { message })?;
        }
        Ok(true)
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
        let Some(phone) = offer.phones.last().copied() else { return Ok(()) };
        let Some(conversation) = self.conversation(phone)? else { return Ok(()) };
        if conversation.wants == conversation::Wants::NoOffers {
            return Ok(());
        }
        let of_it = |open: &conversation::Open| open.question.id == QuestionId(id.0);
        let Some(open) = conversation.open.filter(of_it) else { return Ok(()) };
        let About::Offer { account, .. } = open.question.about else { return Ok(()) };
        let leaves = self.leaves(phone)?;
        let message = self.offer_message(&offer, account, until, true)?;
        let attempt = self.write(phone, person, Purpose::Reminder, &message, leaves)?;
        self.sent(phone, open.question.id, attempt, leaves, true)
    }

    /// When the next unasked message to a phone may leave.
    pub fn leaves(&mut self, phone: PhoneId) -> Result<Moment, ServiceError> {
        let contact = self.service.settings.contact;
        Ok(match self.conversation(phone)? {
            Some(conversation) => conversation.next_contact(&contact, self.now),
            None => contact.awake(self.now),
        })
    }

    /// When an answer may leave: at once to a phone from which somebody has just written; whatever another
    /// brings, a bank or an official, waits for the morning.
    pub fn soonest(&self, phone: PhoneId) -> Moment {
        if self.writer == Some(phone) { self.now } else { self.service.settings.contact.awake(self.now) }
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
        let voice = self.voice(phone, person)?;
        let text = compose(message, voice)?;
        let lang = voice.lang.unwrap_or_default();
        let id = AttemptId(self.number()?);
        self.move_attempt(id, outbox::Command::Write { id, phone, person, purpose, text, lang, not_before })?;
        Ok(id)
    }

    /// Tells a person something, over the newest phone; silent where there is none.
    pub fn tell(
        &mut self,
        person: PersonId,
        purpose: Purpose,
        message: &Message,
    ) -> Result<(), ServiceError> {
        let phones = self.phones(person)?;
        if let Some(phone) = phones.first() {
            self.write(*phone, person, purpose, message, self.soonest(*phone))?;
        }
        Ok(())
    }

    pub fn voice(&mut self, phone: PhoneId, person: PersonId) -> Result<Voice, ServiceError> {
        let asked = self.conversation(phone)?.and_then(|conversation| conversation.lang);
        let known: Option<Lang> = match asked {
            Some(lang) => Some(lang),
            None => self.service.store.language_of(person).map_err(ServiceError::store)?,
        };
        Ok(Voice { lang: known })
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
            About::Choose { .. } | About::CameBack { .. } => self.menu(question)?,
        };
        let leaves = self.soonest(phone);
        let attempt = self.write(phone, question.person, Purpose::Clarify, &message, leaves)?;
        self.sent(phone, question.id, attempt, leaves, false)
    }

    /// The day by which a task is done, for people.
    pub fn task_day(&self) -> Date {
        self.now.day().plus(Span::Days(self.service.settings.task_days))
    }
}
