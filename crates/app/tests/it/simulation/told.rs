//! Everybody who is grown is told of their birth date, by a notice of the worlds' own; and nobody twice.

use std::collections::{BTreeMap, BTreeSet};

use card::{Date, PersonId};
use deliver::{
    AttemptId,
    conversation::Conversation,
    notice::Event,
    outbox::{self, Attempt, Purpose, Stage},
};

/// The notice of the worlds: everybody has a birth date, and registries correct it.
pub const NOTICE: &str = "\
notice: grown
source: social_code
in_force: {from: 2000-01-01}
subject: person
among: alive
speaks_of: birth_date
conditions:
  grown:
    holds: age >= 18
    source: social_code
    told:
      holds: {kk: Ересек., ru: Совершеннолетие., en: Grown.}
      fails: {kk: Ересек емес., ru: Нет совершеннолетия., en: Not grown.}
      unknown: {kk: Белгісіз., ru: Неизвестно., en: Not known.}
told:
  title: {kk: Ересек, ru: Совершеннолетие, en: Grown}
  short: {kk: ересек, ru: совершеннолетие, en: grown}
  sms:
    kk: '1414: Туған күніңіз {day}. Бұл SMS-ке жауап қажет емес.'
    ru: '1414: Ваш день рождения {day}. Отвечать не нужно.'
    en: '1414: You were born on {day}. No answer is needed.'
cases:
  - case: a child
    day: 2026-06-15
    facts: {person: [{id: child, birth_date: 2020-01-10}]}
    expect: {subject: child, verdict: not_eligible, because: [grown]}
    source: none
";

/// The last message about each day.
#[derive(Default)]
pub struct Notices(BTreeMap<(PersonId, Date), AttemptId>);

impl Notices {
    /// Nobody is told while the notice stands still, nor again unless the message before certainly never arrived.
    /// `attempt` finds a message as it is by now.
    pub fn check<'a>(
        &self,
        (person, notice): (PersonId, &str),
        events: &[Event],
        halted: &BTreeSet<String>,
        attempt: impl Fn(AttemptId) -> Option<&'a Attempt>,
    ) {
        for event in events {
            let Event::Told { day, message } = event else { continue };
            assert!(!halted.contains(notice), "told though it stands still: {person} {day}");
            if let Some(before) = self.0.get(&(person, *day)) {
                let stage = attempt(*before).map(|before| before.stage);
                let never = matches!(stage, Some(Stage::Cancelled | Stage::Refused | Stage::Failed));
                assert!(never, "told twice of {day}: {before} is {stage:?}, and now {message}");
            }
        }
    }

    /// Takes over what was committed.
    pub fn keep(&mut self, person: PersonId, events: &[Event]) {
        for event in events {
            if let Event::Told { day, message } = event {
                self.0.insert((person, *day), *message);
            }
        }
    }
}

/// The message of a notice leaves only to a phone that asks nothing by then, while the notice is told.
pub fn leaves(
    events: &[outbox::Event],
    attempt: &Attempt,
    talk: Option<&Conversation>,
    halted: &BTreeSet<String>,
) {
    let made = events.iter().any(|event| matches!(event, outbox::Event::Made { .. }));
    if !made || attempt.purpose != Purpose::Notice {
        return;
    }
    let asks = talk.and_then(|talk| talk.open.as_ref());
    assert!(asks.is_none(), "a notice beside an open question: {attempt:?} {asks:?}");
    assert!(!halted.contains("grown"), "it leaves though the notice stands still: {attempt:?}");
}
