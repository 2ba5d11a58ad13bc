//! From a verdict to a right and its offer.

use card::{Actor, Date, Lang, Outcome, PersonId, Question, Span, Ternary, Verdict};
use deliver::book::Book as _;
use deliver::{
    OfferId, Refusal, RightId,
    application::{amounts, payable},
    message::{AccountName, Asked, Message, Offered, Title, Voice, compose},
    mode::Mode,
    offer::{self, Line},
    right::{self, Per, Right, Stage},
};
use law::{Gives, tree::MeasureId};

use crate::{Law, Service, ServiceError, Store, turn::Turn};

/// What a sweep came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Questions asked.
    pub asked: u64,
    /// Certain rights, free and with one amount; and certain notices.
    pub offerable: u64,
    /// Rights and days to tell of that nobody had found before.
    pub found: u64,
    /// Questions that nobody can answer with what is known.
    pub unknown: u64,
    /// Messages of notices that were written.
    pub told: u64,
    /// Questions whose answer differs from the last one.
    pub changed: u64,
}

impl<S: Store> Service<S> {
    /// Asks the law about persons whom something concerns, and finds what it gives them. `cause`
    /// gathers what one cause gives one person into one offer.
    pub fn find_for(
        &self,
        by: &Actor,
        concerned: impl IntoIterator<Item = (MeasureId, PersonId)>,
        cause: u64,
    ) -> Result<Swept, ServiceError> {
        let mut swept = Swept::default();
        let law = self.law();
        let mut first_error = None;
        for (measure, subject) in concerned {
            let _turn = self.lock();
            let day = self.now().day();
            swept.asked += 1;
            let verdict = match self.ask(&law, measure, Question { subject, day, asked_on: day }) {
                Ok(verdict) => verdict,
                // A question without an answer does not keep the others from theirs.
                Err(error @ ServiceError::Law(_)) => {
                    first_error = first_error.or(Some(error));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let mut turn = Turn::begin(self, by.clone());
            turn.weigh(measure, &verdict, cause, &mut swept)?;
            turn.commit()?;
        }
        first_error.map_or(Ok(swept), Err)
    }

    /// As [`Service::find_for`], about those of whom a sweep answers otherwise than before. What it does not
    /// know of somebody without a right changes nothing, and most of a nation's answers are such.
    pub fn find_changed(
        &self,
        by: &Actor,
        changed: impl IntoIterator<Item = (MeasureId, PersonId, Outcome)>,
        cause: u64,
    ) -> Result<Swept, ServiceError> {
        // What is paid already is nobody's offer.
        self.take_awards(by)?;
        let law = self.law();
        let (mut idle, mut concerned) = (Swept::default(), Vec::new());
        for (measure, subject, outcome) in changed {
            let name = &law.pack.measures[measure.0 as usize].name;
            let right = || self.store.book().right_to(name, subject).map_err(ServiceError::store);
            if outcome == Outcome::Unknown && right()?.is_none() {
                idle.asked += 1;
                idle.unknown += 1;
            } else {
                concerned.push((measure, subject));
            }
        }
        let mut swept = self.find_for(by, concerned, cause)?;
        swept += idle;
        Ok(swept)
    }

    /// Asks about every right that was found and that nobody is asked about: found in shadow before its
    /// measure was offered, or left over from an offer that was taken back.
    pub fn offer_unasked(&self, by: &Actor, cause: u64) -> Result<Swept, ServiceError> {
        const AT_ONCE: usize = 500;
        let law = self.law();
        let mut swept = Swept::default();
        let mut first_error = None;
        for measure in law.measures() {
            let name = &law.pack.measures[measure.0 as usize].name;
            if !Turn::begin(self, by.clone()).offered_anywhere(name)? {
                continue;
            }
            let mut after = RightId(0);
            loop {
                let unasked = self.store.book().rights_unasked(name, after, AT_ONCE);
                let unasked = unasked.map_err(ServiceError::store)?;
                let Some((last, _)) = unasked.last().copied() else { break };
                let concerned = unasked.into_iter().map(|(_, subject)| (measure, subject));
                match self.find_for(by, concerned, cause) {
                    Ok(more) => swept += more,
                    Err(error @ ServiceError::Law(_)) => first_error = first_error.or(Some(error)),
                    Err(error) => return Err(error),
                }
                after = last;
            }
        }
        first_error.map_or(Ok(swept), Err)
    }
}

impl std::ops::AddAssign for Swept {
    fn add_assign(&mut self, more: Self) {
        self.asked += more.asked;
        self.offerable += more.offerable;
        self.found += more.found;
        self.unknown += more.unknown;
        self.told += more.told;
        self.changed += more.changed;
    }
}

/// So far ahead the law is asked whether waiting loses a right. What is lost later than that has time.
const AHEAD_DAYS: i32 = 3 * 366;

impl<S: Store> Service<S> {
    /// The last day on which a right can be asked for, if waiting alone loses it: asked on that day the law
    /// gives it still, on the next one certainly no more, all facts being as they are. The pack says the
    /// limit as a condition on the day of the request, so it is found by asking the law itself.
    pub(crate) fn last_day_to_ask(
        &self,
        law: &Law,
        measure: MeasureId,
        question: Question,
    ) -> Result<Option<Date>, ServiceError> {
        let circle = self.circle(law, measure, question.subject)?;
        let day = |ahead: i32| question.day.plus(Span::Days(ahead));
        let lost = |ahead: i32| -> Result<bool, ServiceError> {
            let question = Question { asked_on: day(ahead), ..question };
            let outcome = self.assessor.assess(&law.pack, measure, question, &circle)?.outcome;
            Ok(matches!(outcome, Outcome::NotConcerned | Outcome::NotEligible))
        };
        let (mut still, mut gone) = (0, AHEAD_DAYS);
        if !lost(gone)? {
            return Ok(None);
        }
        while gone - still > 1 {
            let middle = i32::midpoint(still, gone);
            if lost(middle)? { gone = middle } else { still = middle }
        }
        Ok(Some(day(still)))
    }
}

/// Monthly or once, as the measure's period says.
pub(crate) fn per(law: &Law, measure: MeasureId) -> Per {
    if law.pack.measures[measure.0 as usize].period.monthly { Per::Month } else { Per::Once }
}

impl<S: Store> Turn<'_, S> {
    /// What an answer changes: a new right, or an offer that no longer holds.
    fn weigh(
        &mut self,
        measure: MeasureId,
        verdict: &Verdict,
        cause: u64,
        swept: &mut Swept,
    ) -> Result<(), ServiceError> {
        let law = self.law.clone();
        let page = &law.pack.measures[measure.0 as usize];
        let delivery = match &page.gives {
            Gives::Money { delivery, .. } => delivery,
            Gives::Word(says) => {
                swept.unknown += u64::from(verdict.outcome == Outcome::Unknown);
                return self.weigh_notice(measure, says, verdict, swept);
            }
        };
        let offerable = verdict.offerable(self.service.released(&page.closure));
        swept.offerable += u64::from(offerable);
        swept.unknown += u64::from(verdict.outcome == Outcome::Unknown);
        let subject = verdict.question.subject;
        let known = self.service.store.book().right_to(&page.name, subject).map_err(ServiceError::store)?;
        let follows = |right: &&Right| !right.granted() && right.stage != Stage::Elsewhere;
        if let Some(right) = known.as_ref().filter(follows)
            && verdict.outcome == Outcome::Eligible
            && amounts(verdict).is_some()
        {
            self.move_right(right.id, right::Command::Correct { claims: verdict.claims.clone() })?;
        }
        match known {
            None if offerable
                && verdict.recipient().is_some()
                && !self.ended_by_mistake(measure, subject)? =>
            {
                swept.found += 1;
                let verdict = verdict.clone();
                let id = if let Some(before) = self.ended_elsewhere(&page.name, subject)? {
                    self.move_right(before.id, right::Command::FindAgain { verdict: verdict.clone() })?;
                    before.id
                } else {
                    let id = RightId(self.number()?);
                    let (payer, per) = (delivery.payer.clone(), per(&law, measure));
                    self.move_right(id, right::Command::Find { id, payer, per, verdict: verdict.clone() })?;
                    id
                };
                self.gather(id, measure, &verdict, cause)
            }
            Some(right) if right.granted() => {
                let today = self.today(measure, &right)?;
                self.follow_law(right.id, measure, &today, cause)
            }
            Some(right) if matches!(right.stage, Stage::Found) && right.offer.is_none() && offerable => {
                self.gather(right.id, measure, verdict, cause)
            }
            Some(right) if matches!(right.stage, Stage::Found | Stage::Offered) && !offerable => {
                let Some(offer) = right.offer else { return Ok(()) };
                self.withdraw(offer)
            }
            _ => Ok(()),
        }
    }

    /// Puts a right into the offer of its cause, or into one of its own.
    pub fn gather(
        &mut self,
        right: RightId,
        measure: MeasureId,
        verdict: &Verdict,
        cause: u64,
    ) -> Result<(), ServiceError> {
        let law = self.law.clone();
        let page = &law.pack.measures[measure.0 as usize];
        let Some(delivery) = page.delivery() else { return Ok(()) };
        let mut candidates: Vec<PersonId> =
            verdict.pays_to.iter().filter(|r| r.certain == Ternary::Yes).map(|r| r.person).collect();
        candidates.dedup();
        let (Some(first), Some(amount)) = (candidates.first(), payable(verdict)) else {
            return Ok(());
        };
        if self.mode(&page.name, *first)? != Mode::Offering {
            return Ok(());
        }
        // Who follows a recipient asks for nothing new.
        let anew = self.right(right)?.is_none_or(|right| !right.granted());
        if anew && self.applied_elsewhere(&page.name, verdict.question.subject, &candidates)? {
            return Ok(());
        }
        // Who follows a recipient has time: the right was asked for already.
        let lost_after = match self.right(right)? {
            Some(right) if right.granted() => None,
            _ => self.service.last_day_to_ask(&law, measure, verdict.question)?,
        };
        let line = Line {
            right,
            measure: page.name.clone(),
            amount,
            per: per(&law, measure),
            lost_after,
            agreed: None,
        };
        let window_days = days(&law, delivery.window, self.now.day(), 3);
        let contact = self.service.settings.contact;
        let open = self.service.store.book().gathering(*first, cause).map_err(ServiceError::store)?;
        let open = match open {
            Some(open) if self.fit_one_message(open.lines.iter().chain([&line]))? => Some(open),
            _ => None,
        };
        if let Some(open) = open {
            let (line, candidates) = (line.clone(), candidates.clone());
            let joined = self.move_offer(
                open.id,
                offer::Command::Gather { id: open.id, cause, line, candidates, window_days, contact },
            );
            match joined {
                Ok(_) => {
                    self.move_right(right, right::Command::Join { offer: open.id })?;
                    return Ok(());
                }
                // Others may receive this one: it is asked for by itself.
                Err(ServiceError::Refused(Refusal::WrongPerson)) => {}
                Err(error) => return Err(error),
            }
        }
        let id = OfferId(self.number()?);
        self.move_offer(id, offer::Command::Gather { id, cause, line, candidates, window_days, contact })?;
        // It is in an offer from now on: the next sweep makes no second one.
        self.move_right(right, right::Command::Join { offer: id })?;
        Ok(())
    }

    /// Do rights fit into one message, whatever the language and the account? Those that do not are
    /// asked for one by one.
    fn fit_one_message<'l>(&self, lines: impl Iterator<Item = &'l Line>) -> Result<bool, ServiceError> {
        let mut rights = Vec::new();
        for line in lines {
            let (_, page) = self.law.measure(&line.measure)?;
            let title = Title::new(page.told.short.clone())?;
            rights.push(Offered { title, amount: line.amount, per: line.per });
        }
        let account = Some(AccountName::new(&"W".repeat(AccountName::MOST_BANK), "9999")?);
        let titles = rights.iter().map(|right: &Offered| right.title.clone()).collect();
        let offer = Message::Offer { rights, account, until: self.now.day(), reminder: true };
        let unclear = Message::Clarify(Asked::Offer { titles, account: true });
        let langs = std::iter::once(None).chain(Lang::ALL.map(Some));
        Ok(langs.into_iter().all(|lang| {
            let fits = |message| compose(message, Voice { lang }).is_ok();
            fits(&offer) && fits(&unclear)
        }))
    }

    /// Takes an offer back, since the facts no longer bear all of it. Rights of it that still stand are
    /// gathered again.
    pub fn withdraw(&mut self, id: OfferId) -> Result<(), ServiceError> {
        let Some(offer) = self.offer(id)? else { return Ok(()) };
        self.move_offer(id, offer::Command::Withdraw)?;
        self.gather_again(id, offer.cause, offer.lines.iter().map(|line| line.right))
    }

    /// Takes rights out of an offer, and gathers those that still stand into another one.
    pub fn gather_again(
        &mut self,
        offer: OfferId,
        cause: u64,
        rights: impl Iterator<Item = RightId>,
    ) -> Result<(), ServiceError> {
        let law = self.law.clone();
        let day = self.now.day();
        for id in rights {
            let Some(right) = self.right(id)?.filter(|right| right.offer == Some(offer)) else { continue };
            self.move_right(id, right::Command::TakeBack { offer })?;
            let (measure, page) = law.measure(&right.measure)?;
            let question = Question { subject: right.subject, day, asked_on: day };
            let verdict = self.service.ask(&law, measure, question)?;
            if verdict.offerable(self.service.released(&page.closure)) {
                self.gather(id, measure, &verdict, cause)?;
            }
        }
        Ok(())
    }
}

/// A duration parameter in days, as it stands on a day.
pub(crate) fn days(law: &Law, parameter: law::tree::ParameterId, day: Date, otherwise: u16) -> u16 {
    let step = law.pack.parameter(parameter).steps.iter().rev().find(|step| step.from <= day);
    match step.and_then(|step| step.entries.first()).map(|entry| &entry.value) {
        Some(law::Constant::Duration(Span::Days(days))) => (*days).clamp(0, i32::from(u16::MAX)) as u16,
        _ => otherwise,
    }
}

/// A whole number of a parameter, as it stands on a day.
pub(crate) fn whole(law: &Law, parameter: law::tree::ParameterId, day: Date) -> u32 {
    let step = law.pack.parameter(parameter).steps.iter().rev().find(|step| step.from <= day);
    match step.and_then(|step| step.entries.first()).map(|entry| &entry.value) {
        Some(law::Constant::Number(number)) => u32::try_from(number.to_integer()).unwrap_or(0),
        _ => 0,
    }
}
