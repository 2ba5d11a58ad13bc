//! From consent to decision: the application files itself and is judged by the facts of that moment.

use card::{AccountId, Actor, Moment, PersonId, PhoneId, Span, Tenge, Ternary, Text};
use deliver::{
    AttemptId, ConsentId, OfferId, RightId, TaskId,
    application::{self, Grounds},
    consent::{Consent, Evidence, Notice},
    conversation::Heard,
    decision::{Decided, Ground},
    message::{Message, Reason, Title},
    offer,
    outbox::Purpose,
    right::{self, Right},
    task::TaskKind,
};

use crate::{Permission, Service, ServiceError, Store, find, turn::Turn, words};

/// How we know that a person agreed.
pub(crate) enum HowAgreed {
    /// By SMS.
    Sms { phone: PhoneId, message: AttemptId, delivered: Moment, heard: Heard, late: bool },
    /// By a call that an operator recorded; the words were read aloud.
    Call { operator: Actor, recording: String, read: String, lang: card::Lang },
}

impl<S: Store> Service<S> {
    /// An officer decides an application that did not decide itself, by the law's answer of now. A grant
    /// takes a certain right; a refusal takes a ground of the law, never an unknown.
    ///
    /// The right is one of the person whose card is open: a reason to look at one person decides nobody else's.
    pub fn decide(&self, by: &Actor, person: PersonId, right: u64, grants: bool) -> Result<(), ServiceError> {
        Permission::Decide.require(by)?;
        let _turn = self.lock();
        let mut turn = Turn::begin(self, by.clone());
        let id = self.right_on_card(person, right)?;
        let grounds = Box::new(turn.grounds(id)?);
        let by = by.clone();
        let command = if grants {
            right::Command::Grant { by, grounds, lower_end: false }
        } else {
            right::Command::Refuse { by, ground: ground(&grounds), grounds }
        };
        let events = turn.move_right(id, command)?;
        turn.after_decision(id, &events)?;
        turn.commit()
    }

    /// An official has done a task.
    pub fn finish_task(&self, by: &Actor, task: u64) -> Result<(), ServiceError> {
        Permission::Tasks.require(by)?;
        let _turn = self.lock();
        let mut turn = Turn::begin(self, by.clone());
        turn.finish(TaskId(task), by)?;
        turn.commit()
    }
}

/// What a refusal rests on: the law's own no first.
fn ground(grounds: &Grounds) -> Ground {
    let fails = grounds.verdict.conditions.iter().find(|c| c.outcome == Ternary::No);
    match fails {
        Some(condition) => Ground::Condition(condition.name.clone()),
        None if grounds.verdict.free == Ternary::No => Ground::Paid,
        None if grounds.claimed_by.is_some() => Ground::Claimed,
        None => Ground::Commission,
    }
}

impl<S: Store> Turn<'_, S> {
    /// A person agreed to rights of an offer.
    pub fn agree(
        &mut self,
        person: PersonId,
        id: OfferId,
        rights: &[RightId],
        account: Option<AccountId>,
        how: &HowAgreed,
    ) -> Result<(), ServiceError> {
        let Some(before) = self.offer(id)? else { return Ok(()) };
        self.move_offer(id, offer::Command::Answer { by: person, agreed: rights.to_vec() })?;
        for line in before.lines.iter().filter(|line| !rights.contains(&line.right)) {
            if self.right(line.right)?.is_some_and(|right| right.offer == Some(id)) {
                self.move_right(line.right, right::Command::Decline { offer: id })?;
            }
        }
        // Whoever takes a refusal back does what the message after it allowed: no time has passed.
        let late = matches!(how, HowAgreed::Sms { late: true, .. }) && before.stage != offer::Stage::Refused;
        let mut decide_by = None;
        let mut filed = Vec::new();
        for line in before.lines.iter().filter(|line| rights.contains(&line.right)) {
            let events = self.consent(line.right, person, id, line.amount, account, how)?;
            if let Some(application) = self.right(line.right)?.and_then(|right| right.application) {
                decide_by = decide_by.max(Some(application.decide_by));
            }
            filed.push((line.right, events));
        }
        let decide_by = decide_by.unwrap_or_else(|| self.task_day());
        if account.is_some() {
            self.tell(person, Purpose::Outcome, &Message::Consented { decide_by, late })?;
        } else {
            for (right, _) in &filed {
                self.task(TaskKind::Account(*right), Some(person))?;
            }
            let until = self.task_day();
            self.tell(person, Purpose::Short, &Message::WillCall { until })?;
        }
        for (right, events) in filed {
            self.after_filing(right, &events)?;
        }
        Ok(())
    }

    fn consent(
        &mut self,
        right: RightId,
        person: PersonId,
        offer: OfferId,
        amount: Tenge,
        account: Option<AccountId>,
        how: &HowAgreed,
    ) -> Result<Vec<right::Event>, ServiceError> {
        let Some(state) = self.right(right)? else { return Ok(vec![]) };
        let law = self.law.clone();
        let (page, delivery) = law.paying(&state.measure)?;
        let (notice, evidence) = match how {
            HowAgreed::Sms { phone, message, delivered, heard, .. } => {
                let attempt = self
                    .attempt(*message)?
                    .ok_or_else(|| ServiceError::Absent("message that was answered".to_owned()))?;
                let notice = Notice {
                    text: attempt.text.as_str().to_owned(),
                    lang: attempt.lang,
                    amount,
                    offer: Some(offer),
                };
                let evidence = Evidence::Sms {
                    phone: *phone,
                    message: *message,
                    delivered: *delivered,
                    reply: heard.reply.clone(),
                    written: heard.written.clone().unwrap_or_default(),
                    reading: heard.reading.clone(),
                };
                (notice, evidence)
            }
            HowAgreed::Call { operator, recording, read, lang } => (
                Notice { text: read.clone(), lang: *lang, amount, offer: Some(offer) },
                Evidence::Call { operator: operator.clone(), recording: recording.clone() },
            ),
        };
        let consent = Consent {
            id: ConsentId(self.number()?),
            person,
            right,
            measure: state.measure.clone(),
            notice,
            evidence,
            at: self.now,
            account,
            obligations: vec![],
            law: page.closure.clone(),
        };
        let decide_within = find::days(&law, delivery.decide_within, self.now.day(), 11);
        self.move_right(right, right::Command::Consent { consent, decide_within })
    }

    /// Judges an application that has just been filed, and tells the person.
    pub fn after_filing(&mut self, id: RightId, events: &[right::Event]) -> Result<(), ServiceError> {
        if !events.iter().any(|event| matches!(event, right::Event::Filed { .. })) {
            return Ok(());
        }
        let grounds = Box::new(self.grounds(id)?);
        let events = self.move_right(id, right::Command::Judge { grounds })?;
        self.after_decision(id, &events)
    }

    /// The law's answer of this moment, and what stands around it.
    fn grounds(&mut self, id: RightId) -> Result<Grounds, ServiceError> {
        let right = self.right(id)?.ok_or_else(|| ServiceError::Absent("right".to_owned()))?;
        let law = self.law.clone();
        let (measure, _) = law.measure(&right.measure)?;
        let (page, delivery) = law.paying(&right.measure)?;
        let asked_on = right.asked_on.unwrap_or_else(|| self.now.day());
        let question = card::Question { subject: right.subject, day: self.now.day(), asked_on };
        let verdict = self.service.ask(&law, measure, question)?;
        let claimed_by = self.rival(&right.measure, &verdict.claims, id)?;
        Ok(Grounds {
            released: self.service.released(&page.closure),
            commission: delivery.automatic_by.is_none(),
            choice_open: false,
            claimed_by,
            body: delivery.decided_by.clone(),
            automatic_by: delivery.automatic_by.clone(),
            closure: page.closure.clone(),
            known_on: self.now,
            verdict,
        })
    }

    fn after_decision(&mut self, id: RightId, events: &[right::Event]) -> Result<(), ServiceError> {
        let Some(right) = self.right(id)? else { return Ok(()) };
        for event in events {
            match event {
                right::Event::Decided { decision } => match &decision.outcome {
                    Decided::Granted(terms) => {
                        let message = self.granted(&right, terms.gross - terms.withheld)?;
                        self.tell(right.recipient, Purpose::Outcome, &message)?;
                    }
                    Decided::Refused { ground } => {
                        let message = Message::Rejected {
                            title: self.short_title(&right)?,
                            reason: self.reason(&right, ground)?,
                            appeal_until: self.appeal_until(),
                        };
                        self.tell(right.recipient, Purpose::Outcome, &message)?;
                    }
                },
                right::Event::SentToOfficer { reasons } => {
                    self.task(TaskKind::Decide(id), Some(right.recipient))?;
                    if reasons.iter().all(|reason| *reason != application::Reason::AlreadyPaid) {
                        let until = right.application.as_ref().map_or(self.task_day(), |a| a.decide_by);
                        let title = self.short_title(&right)?;
                        let message = Message::WithOfficer { title, until };
                        self.tell(right.recipient, Purpose::Outcome, &message)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn granted(&mut self, right: &Right, payable: Tenge) -> Result<Message, ServiceError> {
        let account = self.account_names(right.account.as_slice())?.pop();
        Ok(Message::Granted {
            title: self.short_title(right)?,
            payable,
            per: right.per,
            account,
            from: self.service.settings.next_pay_day(self.now.day()),
            appeal_until: self.appeal_until(),
        })
    }

    fn appeal_until(&self) -> card::Date {
        self.now.day().plus(Span::Days(self.service.settings.appeal_days))
    }

    /// The name of a right's measure inside an SMS.
    pub fn short_title(&self, right: &Right) -> Result<Title, ServiceError> {
        let (_, page) = self.law.measure(&right.measure)?;
        Ok(Title::new(page.told.short.clone())?)
    }

    /// Why it is refused, as short as an SMS needs it; `None` where the pack has no words that short.
    fn reason(&self, right: &Right, ground: &Ground) -> Result<Option<Reason>, ServiceError> {
        let name = match ground {
            Ground::Condition(name) => name,
            other => return Ok(Some(Reason::new(words::ground(other))?)),
        };
        let (_, page) = self.law.measure(&right.measure)?;
        let conditions = page.conditions.iter().map(|c| (&c.name, &c.told));
        let mut told = conditions.chain(page.refusals.iter().map(|r| (&r.name, &r.told)));
        let Some((_, told)) = told.find(|(known, _)| *known == name) else { return Ok(None) };
        let sentence = |text: &str| text.split('.').next().unwrap_or_default().to_owned();
        let whole = || Text {
            kk: sentence(&told.fails.kk),
            ru: sentence(&told.fails.ru),
            en: sentence(&told.fails.en),
        };
        Ok(Reason::new(told.short.clone().unwrap_or_else(whole)).ok())
    }
}
