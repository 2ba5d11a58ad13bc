//! What two sweeps answered differently, for eyes.

use std::{cmp::Reverse, collections::BTreeMap};

use card::{Lang, Outcome, Schema, Ternary};
use law::tree::MeasureId;
use trial::phones::{DifferenceLine, Differences, TurnLine};

use super::{
    stage::{pick, say},
    world::{Answer, Answers, World},
};

/// Differences that are listed one by one.
const LISTED: usize = 100;

impl World {
    /// What differs between two sweeps.
    pub(super) fn differences(&self, before: &Answers, after: &Answers, lang: Lang) -> Differences {
        let law = self.service.law();
        let mut keys: Vec<_> = before
            .keys()
            .chain(after.keys())
            .filter(|key| before.get(*key) != after.get(*key))
            .copied()
            .collect();
        keys.sort();
        keys.dedup();
        let short =
            |measure: &MeasureId| law.pack.measures[measure.0 as usize].told.short.get(lang).to_owned();
        let mut turns: BTreeMap<(MeasureId, &'static str, &'static str), usize> = BTreeMap::new();
        for key in &keys {
            let turn = (key.0, kind(before.get(key), lang), kind(after.get(key), lang));
            *turns.entry(turn).or_default() += 1;
        }
        let mut turns: Vec<_> = turns.into_iter().collect();
        turns.sort_by_key(|(_, count)| Reverse(*count));
        let told = |answer: Option<&Answer>| in_words(answer, &law.pack.schema, lang);
        let rows = keys
            .iter()
            .take(LISTED)
            .map(|(measure, person)| DifferenceLine {
                who: self.service.name(*person).unwrap_or_default(),
                measure: short(measure),
                before: told(before.get(&(*measure, *person))),
                after: told(after.get(&(*measure, *person))),
            })
            .collect();
        let count = keys.len();
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
        Differences { summary, turns: turns.collect(), rows }
    }
}

/// An answer without its amount.
fn kind(answer: Option<&Answer>, lang: Lang) -> &'static str {
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

/// An answer with its amount, and who owes what is not known.
fn in_words(answer: Option<&Answer>, schema: &Schema, lang: Lang) -> String {
    let outcome = kind(answer, lang);
    let Some(answer) = answer else { return outcome.to_owned() };
    let amount = match answer.amount {
        Some((lo, Some(hi))) if lo == hi => format!(", {}", lo.grouped()),
        Some((lo, Some(hi))) => format!(", {} – {}", lo.grouped(), hi.grouped()),
        _ => String::new(),
    };
    if answer.owed_by.is_empty() {
        return format!("{outcome}{amount}");
    }
    let title = |name: &String| {
        let registry = schema.registry(name).map(|id| schema.registries[id.0 as usize].title.get(lang));
        registry.unwrap_or(name).to_owned()
    };
    let owed: Vec<String> = answer.owed_by.iter().map(title).collect();
    format!(
        "{outcome}{amount}; {} {}",
        pick(lang, "дерек күтіледі:", "ждём сведений:", "owed by:"),
        owed.join(", ")
    )
}
