//! What two sweeps answered differently, for eyes.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use card::{Lang, Outcome, PersonId, Question, Ternary};
use law::{
    port::{Assessor as _, Circles as _},
    tree::MeasureId,
};
use outside::answers::Answer;
use service::Clock as _;
use trial::phones::{DifferenceLine, Differences, TurnLine};

use super::{
    stage::{pick, say},
    world::{World, lock},
};
use crate::failure::Failure;

/// Differences that are listed one by one.
const LISTED: usize = 100;

impl World {
    /// What the sweeps since the last look answered differently.
    pub(super) fn differences(&self, lang: Lang) -> Result<Differences, Failure> {
        let law = self.service.law();
        let changes = std::mem::take(&mut *lock(&self.changes));
        let changes: Vec<_> = changes.into_iter().filter(|(_, (before, after))| before != after).collect();
        let short =
            |measure: &MeasureId| law.pack.measures[measure.0 as usize].told.short.get(lang).to_owned();
        let mut turns: BTreeMap<(MeasureId, &'static str, &'static str), usize> = BTreeMap::new();
        for ((measure, _), (before, after)) in &changes {
            *turns.entry((*measure, kind(before.as_ref(), lang), kind(after.as_ref(), lang))).or_default() +=
                1;
        }
        let mut turns: Vec<_> = turns.into_iter().collect();
        turns.sort_by_key(|(_, count)| Reverse(*count));
        let mut rows = Vec::new();
        for ((measure, person), (before, after)) in changes.iter().take(LISTED) {
            let mut told = in_words(after.as_ref(), lang);
            if after.is_some_and(|after| after.outcome == Outcome::Unknown) {
                told += &self.owed_by(*measure, *person, lang)?;
            }
            rows.push(DifferenceLine {
                who: self.service.name(*person).unwrap_or_default(),
                measure: short(measure),
                before: in_words(before.as_ref(), lang),
                after: told,
            });
        }
        let count = changes.len();
        let summary = match (count, lang) {
            (0, _) => {
                say(lang, "Ешбір жауап өзгерген жоқ.", "Ни один ответ не изменился.", "No answer changed.")
            }
            (_, Lang::Kk) => format!("{count} жауап өзгерді."),
            (_, Lang::Ru) => format!("Изменилось ответов: {count}."),
            (_, Lang::En) => format!("{count} answers changed."),
        };
        let turns = turns.into_iter().map(|((measure, before, after), count)| TurnLine {
            measure: short(&measure),
            before: before.to_owned(),
            after: after.to_owned(),
            count,
        });
        Ok(Differences { summary, turns: turns.collect(), rows })
    }

    /// Who owes the facts that an answer waits for.
    fn owed_by(&self, measure: MeasureId, subject: PersonId, lang: Lang) -> Result<String, Failure> {
        let (law, day) = (self.service.law(), self.clock.now().day());
        let reads = law.pack.reads(measure);
        let circle = self.service.store().circle(subject, &reads, None).map_err(Failure::of)?;
        let question = Question { subject, day, asked_on: day };
        let verdict = self.engine.assess(&law.pack, measure, question, &circle).map_err(Failure::of)?;
        let schema = &law.pack.schema;
        let title = |name: &str| {
            let registry = schema.registry(name).map(|id| schema.registries[id.0 as usize].title.get(lang));
            registry.unwrap_or(name).to_owned()
        };
        let owed: BTreeSet<String> = verdict.missing.iter().map(|one| title(&one.registry)).collect();
        if owed.is_empty() {
            return Ok(String::new());
        }
        let told = pick(lang, "дерек күтіледі:", "ждём сведений:", "owed by:");
        Ok(format!("; {told} {}", Vec::from_iter(owed).join(", ")))
    }
}

/// An answer without its amount.
fn kind(answer: Option<&Answer>, lang: Lang) -> &'static str {
    if answer.is_some_and(|answer| answer.day.is_some()) {
        return pick(lang, "хабарланады", "сообщаем", "is told");
    }
    match answer.map(|answer| (answer.outcome, answer.free)) {
        Some((Outcome::Eligible, Ternary::Yes)) => pick(lang, "құқығы бар", "право есть", "has a right"),
        Some((Outcome::Eligible, Ternary::No)) => {
            pick(lang, "төленіп жатыр", "уже выплачивается", "paid already")
        }
        Some((Outcome::Eligible, Ternary::Unknown)) => {
            pick(lang, "төленетіні белгісіз", "неизвестно, выплачивается ли", "not known whether paid")
        }
        Some((Outcome::Unknown, _)) => pick(lang, "белгісіз", "неизвестно", "not known"),
        _ => pick(lang, "құқығы жоқ", "права нет", "no right"),
    }
}

/// An answer with its amount.
fn in_words(answer: Option<&Answer>, lang: Lang) -> String {
    let outcome = kind(answer, lang);
    match answer.and_then(|answer| answer.amount).map(|amount| (amount.lo, amount.hi)) {
        Some((lo, Some(hi))) if lo == hi => format!("{outcome}, {}", lo.grouped()),
        Some((lo, Some(hi))) => format!("{outcome}, {} – {}", lo.grouped(), hi.grouped()),
        _ => outcome.to_owned(),
    }
}
