//! What an operator of 1414 does for a caller: their answer to a right, an account, a fact that they say is wrong.

use card::{AccountId, Actor, Lang, PersonId, Question, Verdict};
use deliver::book::Book as _;
use deliver::{
    OfferId, Refusal, RightId,
    application::payable,
    message::{Message, Offered, Title, Voice, compose},
    offer,
    right::{self, Right},
    task::TaskKind,
};

use crate::{Permission, Service, ServiceError, Store, grant::HowAgreed, turn::Turn};

/// What a caller says to an open right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerAnswer {
    /// Yes; money to this account of their own.
    Accept {
        /// The account; `None` where they have none.
        account: Option<AccountId>,
        /// The call centre's number of the recording, as the operator reads it there.
        recording: String,
    },
    /// No.
    Refuse,
}

impl<S: Store> Service<S> {
    /// A caller, identified by the operator, answers an open right.
    pub fn answer_for_caller(
        &self,
        by: &Actor,
        person: PersonId,
        right: u64,
        answer: CallerAnswer,
    ) -> Result<(), ServiceError> {
        Permission::SpeakForCaller.require(by)?;
        let _turn = self.lock();
        let mut turn = Turn::begin(self, by.clone());
        let id = self.right_on_card(person, right)?;
        let account = match &answer {
            CallerAnswer::Accept { recording, .. } if recording.trim().is_empty() => {
                return Err(ServiceError::Recording);
            }
            CallerAnswer::Accept { account, .. } => *account,
            CallerAnswer::Refuse => None,
        };
        turn.require_own(person, account)?;
        let state = turn.right(id)?.ok_or_else(|| ServiceError::Absent("right".to_owned()))?;
        let offer = match state.offer {
            Some(offer) => offer,
            None => turn.offer_by_call(&state, person)?,
        };
        let open = turn.offer(offer)?.ok_or_else(|| ServiceError::Absent("offer".to_owned()))?;
        // The caller speaks of one right: the others of the offer are neither accepted nor refused.
        turn.move_offer(offer, offer::Command::HandOver)?;
        turn.move_offer(offer, offer::Command::TakeOut { all_but: id })?;
        let others: Vec<RightId> = open.lines.iter().map(|l| l.right).filter(|other| *other != id).collect();
        match answer {
            CallerAnswer::Accept { account, recording } => {
                let alone = turn.offer(offer)?.and_then(|offer| offer.lines.first().cloned());
                let line = alone.ok_or_else(|| ServiceError::Absent("right in the offer".to_owned()))?;
                let (read, lang) = turn.words_to_read(&line, person, account)?;
                let recording = recording.trim().to_owned();
                let how = HowAgreed::Call { operator: by.clone(), recording, read, lang };
                turn.agree(person, offer, &[id], account, &how)?;
            }
            CallerAnswer::Refuse => {
                turn.move_offer(offer, offer::Command::Answer { by: person, agreed: vec![] })?;
                turn.move_right(id, right::Command::Decline { offer })?;
            }
        }
        turn.gather_again(offer, open.cause, others.into_iter())?;
        turn.commit()
    }

    /// A caller names the account for a right that waits for one: they agreed without an account, or money
    /// came back.
    pub fn name_account(
        &self,
        by: &Actor,
        person: PersonId,
        right: u64,
        account: AccountId,
    ) -> Result<(), ServiceError> {
        Permission::SpeakForCaller.require(by)?;
        let _turn = self.lock();
        let mut turn = Turn::begin(self, by.clone());
        let id = self.right_on_card(person, right)?;
        turn.require_own(person, Some(account))?;
        let right = turn.right(id)?.filter(|right| right.recipient == person && right.needs_account());
        if right.is_none() {
            return Err(ServiceError::Absent("right of theirs that waits for an account".to_owned()));
        }
        turn.account_named(&[id], account)?;
        turn.close_menus(person)?;
        let task = self.store.book().task_like(&TaskKind::Account(id), Some(person));
        if let Some(task) = task.map_err(ServiceError::store)? {
            turn.finish(task, by)?;
        }
        turn.commit()
    }

    /// A caller says that a fact is wrong: its registry is asked, and nothing changes until it answers.
    /// Whoever opens the person's card to decide reads the caller's words there.
    pub fn dispute(&self, by: &Actor, person: PersonId, what: &str) -> Result<(), ServiceError> {
        Permission::SpeakForCaller.require(by)?;
        if what.trim().is_empty() {
            return Err(ServiceError::Reason);
        }
        let _turn = self.lock();
        let mut turn = Turn::begin(self, by.clone());
        turn.dispute(person, what.trim());
        turn.task(TaskKind::Disputed, Some(person))?;
        turn.commit()
    }
}

impl<S: Store> Turn<'_, S> {
    fn require_own(&self, person: PersonId, account: Option<AccountId>) -> Result<(), ServiceError> {
        let own = self.own_accounts(person)?;
        if account.is_none_or(|account| own.contains(&account)) {
            Ok(())
        } else {
            Err(ServiceError::Absent("such account of this person".to_owned()))
        }
    }

    /// What an operator reads aloud before a caller agrees to a right: the words of the SMS, in the caller's
    /// language.
    fn words_to_read(
        &mut self,
        line: &offer::Line,
        person: PersonId,
        account: Option<AccountId>,
    ) -> Result<(String, Lang), ServiceError> {
        let lang = self.service.store.language_of(person).map_err(ServiceError::store)?.unwrap_or_default();
        let (_, page) = self.law.measure(&line.measure)?;
        let title = Title::new(page.told.short.clone())?;
        let message = Message::Offer {
            rights: vec![Offered { title, amount: line.amount, per: line.per }],
            account: self.account_names(account.as_slice())?.pop(),
            until: self.now.day(),
            reminder: false,
        };
        let text = compose(&message, Voice { lang: Some(lang) })?;
        Ok((text.as_str().to_owned(), lang))
    }

    /// The same words before anything is agreed to, for each account; none where the law gives nothing now.
    pub fn aloud(
        &mut self,
        right: &Right,
        person: PersonId,
        accounts: &[Option<AccountId>],
    ) -> Result<Vec<String>, ServiceError> {
        let offer = right.offer.map(|offer| self.offer(offer)).transpose()?.flatten();
        let offered = offer.and_then(|offer| offer.lines.into_iter().find(|line| line.right == right.id));
        let words = self.unless_refused(|turn| {
            let line = match offered {
                Some(line) => line,
                None => turn.line_of(right)?.0,
            };
            accounts.iter().map(|account| Ok(turn.words_to_read(&line, person, *account)?.0)).collect()
        })?;
        Ok(words.unwrap_or_default())
    }

    /// A right as an offer of today would name it.
    fn line_of(&self, right: &Right) -> Result<(offer::Line, Verdict), ServiceError> {
        let law = self.law.clone();
        let (measure, _) = law.measure(&right.measure)?;
        let day = self.now.day();
        let question = Question { subject: right.subject, day, asked_on: day };
        let verdict = self.service.ask(&law, measure, question)?;
        let amount = payable(&verdict);
        let line = offer::Line {
            right: right.id,
            measure: right.measure.clone(),
            amount: amount.ok_or(Refusal::NotOfferable)?,
            per: right.per,
            lost_after: self.service.last_day_to_ask(&law, measure, question)?,
            agreed: None,
        };
        Ok((line, verdict))
    }

    /// A right that no offer is open for is offered in the call itself.
    fn offer_by_call(&mut self, right: &Right, person: PersonId) -> Result<OfferId, ServiceError> {
        let (line, verdict) = self.line_of(right)?;
        let law = self.law.clone();
        let (page, delivery) = law.paying(&right.measure)?;
        let id = OfferId(self.number()?);
        let mut contact = self.service.settings.contact;
        contact.gather_minutes = 0;
        let window_days = crate::find::days(&law, delivery.window, self.now.day(), 3);
        self.move_offer(
            id,
            offer::Command::Gather { id, cause: id.0, line, candidates: vec![person], window_days, contact },
        )?;
        let released = self.service.released(&page.closure);
        self.move_right(right.id, right::Command::Offer { offer: id, to: person, verdict, released })?;
        self.move_offer(id, offer::Command::HandOver)?;
        Ok(id)
    }
}
