//! Notices: whoever the law wants told is told once for each day, outside the quiet hours, on a phone that asks
//! nothing else just then.

use card::{Actor, Date, Lang, Outcome, PersonId, PhoneId, Question, Text, Verdict};
use deliver::book::Book as _;
use deliver::{
    conversation::{self, Wants},
    message::Message,
    mode::Mode,
    notice::{self, Stage, Told},
    outbox::{Attempt, Purpose},
};
use law::{Says, tree::MeasureId};

use crate::{Law, Service, ServiceError, Store, find::Swept, turn::Turn, words};

/// How many people are looked at in one go.
const AT_ONCE: usize = 500;

/// May a message of a notice leave?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// Now.
    Now,
    /// Not yet: a question is open on the phone, or the notice stands still.
    Later,
    /// Not at all: the law does not want it told any more.
    Never,
}

/// Why a day is not told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untold {
    /// The notice runs in shadow, or is halted.
    Still(Mode),
    /// It rests on a number from memory that nobody released.
    Preliminary,
    /// The person has no phone.
    NoPhone,
    /// They want no such messages on any of their phones.
    Unwanted,
    /// No message arrived on any of their phones.
    Lost,
    /// The day passed.
    Passed,
}

impl<S: Store> Service<S> {
    /// Tells whoever waits to be told and can be by now: a phone has appeared, two stewards let the notice be
    /// told, its numbers were released. How many messages were written.
    pub fn tell_waiting(&self) -> Result<u64, ServiceError> {
        let law = self.law();
        let (mut swept, mut first_error) = (Swept::default(), None);
        let (mut person, mut notice) = (PersonId(0), String::new());
        loop {
            let waiting = self.store.book().told_waiting((person, &notice), AT_ONCE);
            let waiting = waiting.map_err(ServiceError::store)?;
            let Some(last) = waiting.last() else { break };
            (person, notice) = (last.person, last.notice.clone());
            // What a law said that is no more, waits for nothing.
            let asked = |told: &Told| Some((law.pack.measure(&told.notice)?, told.person));
            for (measure, person) in waiting.iter().filter_map(asked) {
                match self.find_for(&Actor::System, [(measure, person)], 0) {
                    Ok(more) => swept += more,
                    Err(error @ ServiceError::Law(_)) => first_error = first_error.or(Some(error)),
                    Err(error) => return Err(error),
                }
            }
        }
        first_error.map_or(Ok(swept.told), Err)
    }

    /// Each day of which a notice speaks to a person, and whether it is told, or why not; `None` for a measure.
    pub(crate) fn told_lines(
        &self,
        page: &law::Measure,
        person: PersonId,
        lang: Lang,
    ) -> Result<Option<Vec<String>>, ServiceError> {
        if page.says().is_none() {
            return Ok(None);
        }
        let mut turn = Turn::begin(self, Actor::System);
        let Some(told) = turn.told(person, &page.name)? else { return Ok(Some(vec![])) };
        let mut lines = Vec::new();
        for cause in &told.causes {
            let state = match cause.stage {
                Stage::Told(message) => {
                    let stage = turn.attempt(message)?.map(|attempt| attempt.stage);
                    stage.map_or_else(String::new, |stage| words::attempt(stage, lang).to_owned())
                }
                Stage::Waiting | Stage::Passed => {
                    words::untold(turn.why_untold(&told, cause)?, lang).to_owned()
                }
            };
            lines.push(format!("{}: {state}", cause.day));
        }
        Ok(Some(lines))
    }
}

impl<S: Store> Turn<'_, S> {
    /// What the answer of a notice changes: a day to be told of, or one that is told no more.
    pub fn weigh_notice(
        &mut self,
        measure: MeasureId,
        says: &Says,
        verdict: &Verdict,
        swept: &mut Swept,
    ) -> Result<(), ServiceError> {
        let law = self.law.clone();
        let page = &law.pack.measures[measure.0 as usize];
        let (person, name) = (verdict.question.subject, page.name.as_str());
        let wanted = verdict.tellable(true);
        if let Some(day) = wanted {
            let found = notice::Command::Find { person, notice: name.to_owned(), day };
            swept.found += self.move_told(person, name, found)?.len() as u64;
        }
        let may_be_told = verdict.tellable(self.service.released(&page.closure));
        swept.offerable += u64::from(may_be_told.is_some());
        let Some(told) = self.told(person, name)? else { return Ok(()) };
        let open =
            verdict.outcome == Outcome::Unknown || verdict.outcome == Outcome::Eligible && wanted.is_none();
        for cause in told.waiting() {
            if wanted == Some(cause.day) {
                if may_be_told.is_some() && self.mode(name, person)? == Mode::Offering {
                    swept.told += u64::from(self.tell_of(name, says, verdict, cause)?);
                }
            } else if !open {
                self.move_told(person, name, notice::Command::Pass { day: cause.day })?;
            }
        }
        Ok(())
    }

    /// Tells of a day, if there is a phone for it; was a message written?
    fn tell_of(
        &mut self,
        name: &str,
        says: &Says,
        verdict: &Verdict,
        cause: &notice::Cause,
    ) -> Result<bool, ServiceError> {
        let person = verdict.question.subject;
        let Ok(phone) = self.phone_to_tell(person, &cause.dead)? else { return Ok(false) };
        let leaves = self.leaves(phone)?;
        let message =
            self.write(phone, person, Purpose::Notice, &filled(says, cause.day, verdict), leaves)?;
        self.move_told(person, name, notice::Command::Tell { day: cause.day, message })?;
        Ok(true)
    }

    /// The newest phone that took no message about this in vain and on which the person wants such messages; or
    /// why there is none.
    fn phone_to_tell(
        &mut self,
        person: PersonId,
        dead: &[PhoneId],
    ) -> Result<Result<PhoneId, Untold>, ServiceError> {
        let phones = self.phones(person)?;
        let mut none = if phones.is_empty() { Untold::NoPhone } else { Untold::Lost };
        for phone in phones.into_iter().filter(|phone| !dead.contains(phone)) {
            match self.conversation(phone)? {
                Some(known) if known.wants == Wants::NoOffers => none = Untold::Unwanted,
                _ => return Ok(Ok(phone)),
            }
        }
        Ok(Err(none))
    }

    /// The notice and the day of which a message tells, if it is the message of one.
    fn told_by(&mut self, attempt: &Attempt) -> Result<Option<(String, Date)>, ServiceError> {
        let all = self.service.store.book().told_of(attempt.person).map_err(ServiceError::store)?;
        for known in all {
            let told = self.told(attempt.person, &known.notice)?;
            if let Some(day) = told.and_then(|told| told.by(attempt.id)) {
                return Ok(Some((known.notice, day)));
            }
        }
        Ok(None)
    }

    /// May the message of a notice leave? The law is asked once more, as before every offer.
    pub fn notice_leaves(&mut self, attempt: &Attempt) -> Result<Leaves, ServiceError> {
        let Some((name, day)) = self.told_by(attempt)? else { return Ok(Leaves::Now) };
        let asks = self.conversation(attempt.phone)?.is_some_and(|conversation| conversation.open.is_some());
        if asks || self.mode(&name, attempt.person)? != Mode::Offering {
            return Ok(Leaves::Later);
        }
        let law = self.law.clone();
        let Some(verdict) = self.answer_of(&law, &name, attempt.person)? else { return Ok(Leaves::Later) };
        let (_, page) = law.measure(&name)?;
        let stands = verdict.tellable(self.service.released(&page.closure)) == Some(day);
        Ok(if stands { Leaves::Now } else { Leaves::Never })
    }

    /// What the law answers today about a notice and a person; `None` where it has no answer.
    fn answer_of(&self, law: &Law, name: &str, subject: PersonId) -> Result<Option<Verdict>, ServiceError> {
        let (day, Some(measure)) = (self.now.day(), law.pack.measure(name)) else { return Ok(None) };
        match self.service.ask(law, measure, Question { subject, day, asked_on: day }) {
            Ok(verdict) => Ok(Some(verdict)),
            Err(ServiceError::Law(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The message of a notice is handed over: what is written from the phone after it may be about it.
    pub fn notice_made(&mut self, attempt: &Attempt) -> Result<(), ServiceError> {
        let phone = attempt.phone;
        self.move_conversation(phone, conversation::Command::Notice { phone }).map(drop)
    }

    /// The message of a notice was taken back before it left, or will never arrive.
    pub fn notice_untold(&mut self, attempt: &Attempt, lost: bool) -> Result<(), ServiceError> {
        let Some((name, _)) = self.told_by(attempt)? else { return Ok(()) };
        let (message, phone) = (attempt.id, attempt.phone);
        let command = if lost {
            notice::Command::Lose { message, phone }
        } else {
            notice::Command::TakeBack { message }
        };
        self.move_told(attempt.person, &name, command).map(drop)
    }

    /// The last notice of a phone once more, in the language that its person asked for meanwhile; was there one?
    pub fn notice_again(&mut self, phone: PhoneId, person: PersonId) -> Result<bool, ServiceError> {
        let law = self.law.clone();
        let all = self.service.store.book().told_of(person).map_err(ServiceError::store)?;
        let told = |told: &Told| -> Vec<(deliver::AttemptId, String, Date)> {
            let of = |cause: &notice::Cause| match cause.stage {
                Stage::Told(message) => Some((message, told.notice.clone(), cause.day)),
                Stage::Waiting | Stage::Passed => None,
            };
            told.causes.iter().filter_map(of).collect()
        };
        let Some((message, name, day)) = all.iter().flat_map(told).max() else { return Ok(false) };
        let here = self.attempt(message)?.is_some_and(|attempt| attempt.phone == phone);
        let (true, Some(verdict)) = (here, self.answer_of(&law, &name, person)?) else { return Ok(false) };
        let (_, page) = law.measure(&name)?;
        let (Some(says), true) = (page.says(), verdict.tellable(true) == Some(day)) else { return Ok(false) };
        let leaves = self.soonest(phone);
        self.write(phone, person, Purpose::Outcome, &filled(says, day, &verdict), leaves)?;
        Ok(true)
    }

    /// Why a day that waits, or passed, is not told of.
    pub fn why_untold(&mut self, told: &Told, cause: &notice::Cause) -> Result<Option<Untold>, ServiceError> {
        if cause.stage == Stage::Passed {
            return Ok(Some(Untold::Passed));
        }
        let mode = self.mode(&told.notice, told.person)?;
        if mode != Mode::Offering {
            return Ok(Some(Untold::Still(mode)));
        }
        let law = self.law.clone();
        if let Some(verdict) = self.answer_of(&law, &told.notice, told.person)?
            && verdict.tellable(true).is_some()
            && verdict.tellable(self.service.released(&law.measure(&told.notice)?.1.closure)).is_none()
        {
            return Ok(Some(Untold::Preliminary));
        }
        Ok(self.phone_to_tell(told.person, &cause.dead)?.err())
    }
}

/// The message about a day, with what applies to its reader.
fn filled(says: &Says, day: Date, verdict: &Verdict) -> Message {
    let text = |lang| says.filled(lang, day, |kind| verdict.is(kind));
    Message::Notice(Text { kk: text(Lang::Kk), ru: text(Lang::Ru), en: text(Lang::En) })
}
