//! Choices: benefits that exclude each other, decided after all verdicts, read by none.

use card::{Circle, Missing, Outcome, PersonId, Question, Ternary, Verdict};
use law::{Choice, Offered, Pack, port::AssessError, tree::MeasureId};

use super::{
    Eval, Facts, Plain, Scope,
    interval::Interval,
    value::{Is, Set, Thing, Value, Why},
};

/// How one choice stands for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its name in the pack.
    pub choice: String,
    /// What follows.
    pub decision: Decision,
}

/// What follows from a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// At most one of them may be due: the choice does not matter.
    Apart,
    /// Both are paid after all.
    Both,
    /// Offer this one and name the others.
    Offer(MeasureId),
    /// Somebody has to ask the person.
    Call,
    /// Offer neither yet: ask for these facts; after the choice's days of waiting, a call.
    Ask(Vec<Missing>),
}

impl Plain {
    /// Every choice that concerns a person who would receive, after the verdicts of all measures.
    /// `question` names the subject of the circle, `person` who would receive.
    pub fn choose(
        self,
        pack: &Pack,
        question: Question,
        person: PersonId,
        circle: &Circle,
        verdicts: &[Verdict],
    ) -> Result<Vec<Chosen>, AssessError> {
        let facts = Facts::of(pack, circle, false);
        let mut all = Vec::new();
        for choice in &pack.choices {
            let Some(first) = choice.between.first() else { continue };
            let eval = Eval::new(pack, &pack.measures[first.0 as usize], question, &facts, self.fault);
            let row = Value::of(Is::Row(Set::just(Thing::person(person))), Why::default());
            let scope = Scope::new(Interval::point(question.day), [row]);
            let unless = match &choice.unless {
                None => Ternary::No,
                Some(unless) => {
                    let told = |stop| eval.told(stop, &format!("the choice {}", choice.name));
                    eval.eval(unless, &scope).map_err(told)?.ternary()
                }
            };
            let decision = decide(pack, choice, unless, verdicts);
            all.push(Chosen { choice: choice.name.clone(), decision });
        }
        Ok(all)
    }
}

fn decide(pack: &Pack, choice: &Choice, unless: Ternary, verdicts: &[Verdict]) -> Decision {
    let of = |id: &MeasureId| verdicts.iter().find(|v| v.measure == pack.measures[id.0 as usize].name);
    let may: Vec<(MeasureId, &Verdict)> = choice
        .between
        .iter()
        .filter_map(|id| of(id).map(|verdict| (*id, verdict)))
        .filter(|(_, verdict)| verdict.outcome.ternary() != Ternary::No)
        .collect();
    if may.len() < 2 || choice.offered == Offered::DecidedByConditions {
        return Decision::Apart;
    }
    if unless == Ternary::Yes {
        return Decision::Both;
    }
    let open = |verdict: &Verdict| {
        verdict.outcome != Outcome::Eligible || verdict.amount.is_none_or(|amount| amount.point().is_none())
    };
    if may.iter().any(|(_, verdict)| open(verdict)) {
        let mut missing: Vec<Missing> = may.iter().flat_map(|(_, verdict)| verdict.missing.clone()).collect();
        missing.sort_unstable();
        missing.dedup();
        return Decision::Ask(missing);
    }
    let sum = |verdict: &Verdict| verdict.amount.and_then(|amount| amount.point());
    let most = may.iter().map(|(_, verdict)| sum(verdict)).max().flatten();
    let mut largest = may.iter().filter(|(_, verdict)| sum(verdict) == most);
    match (largest.next(), largest.next()) {
        (Some((id, _)), None) if choice.offered == Offered::TheLarger && unless == Ternary::No => {
            Decision::Offer(*id)
        }
        _ => Decision::Call,
    }
}
