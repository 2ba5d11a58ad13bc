//! One measure: from its conditions and its amount to a verdict with reasons.

use std::collections::BTreeSet;

use card::{Amount, Condition, Date, Kind, Missing, Outcome, PersonId, Recipient, Ternary, Verdict};
use law::{
    port::AssessError,
    tree::{Expr, Type},
};

use super::{
    Eval, Scope, Stop,
    amount::{Payable, Trouble},
    interval::Interval,
    judge::conjoined,
    value::{Is, Leaf, Rows, Thing, Value, Why},
};

/// The answer of a measure, and what a verdict does not carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workings {
    /// The answer.
    pub verdict: Verdict,
    /// For a divided measure, who may receive a share, by key.
    pub shares: Vec<Share>,
    /// May there be further members than those named in `shares`?
    pub more_shares: bool,
    /// The day on which the right may have arisen.
    pub right: Interval<Date>,
    /// The first day that may be paid for.
    pub from: Interval<Date>,
    /// The first day that may be paid for no more.
    pub until: Interval<Date>,
}

/// One member's share of a divided amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Who.
    pub person: PersonId,
    /// Certainly a member, or possibly.
    pub certain: bool,
    /// The share, if a member; exact to the tiyn.
    pub amount: Amount,
}

impl Eval<'_> {
    /// Answers the question.
    pub(crate) fn work(&self) -> Result<Workings, AssessError> {
        let scope = self.about_subject();
        let subject = Thing::person(self.question.subject);
        if self.facts.stored(&subject).is_empty() {
            return Err(AssessError::NoSubject);
        }
        let known = Ternary::known(self.measure.in_force_on(self.question.day));
        let mut concerned = vec![Value::truth(known, Why::default())];
        if known == Ternary::Yes {
            let role = &self.measure.subject.when;
            concerned.push(self.eval(role, &scope).map_err(|stop| self.told(stop, "the subject"))?);
        }
        if let Some(among) = &self.measure.among
            && conjoined(concerned.clone()).ternary() != Ternary::No
        {
            concerned.push(self.dated(among, &Type::Bool, &scope).map_err(|stop| self.told(stop, "among"))?);
        }
        let concerned = conjoined(concerned);
        if concerned.ternary() == Ternary::No {
            return Ok(self.not_concerned(&concerned.why));
        }
        let (conditions, decided) = self.conditions(&scope, concerned)?;
        let mut outcome = match decided.ternary() {
            Ternary::No => Outcome::NotEligible,
            Ternary::Unknown => Outcome::Unknown,
            Ternary::Yes => Outcome::Eligible,
        };
        let mut why = decided.why;
        let payable = if outcome == Outcome::NotEligible {
            Payable::default()
        } else {
            self.payable(&scope, outcome == Outcome::Eligible).map_err(|trouble| self.troubled(trouble))?
        };
        if payable.in_doubt && outcome == Outcome::Eligible {
            outcome = Outcome::Unknown;
        }
        why.add(&payable.why);
        let kinds = self.kinds(&scope)?;
        let notice = self.measure.says().is_some();
        if notice && outcome != Outcome::NotEligible {
            self.said(&scope, &kinds, &mut why)?;
        }
        let period = self.period(&scope).map_err(|stop| self.told(stop, "the period"))?;
        let (mut recipients, mut claims) = (Vec::new(), Vec::new());
        let (mut free, mut free_why) = (Ternary::Yes, Why::default());
        if outcome != Outcome::NotEligible && !notice {
            recipients = self.recipients(&scope)?;
            let claimed = self.claimed(&scope)?;
            claims = claimed
                .members
                .iter()
                .filter(|(_, m)| m.certain)
                .filter_map(|(t, _)| t.as_person())
                .collect();
            let freedom = self
                .free(&claimed, period.right, payable.members.as_ref())
                .map_err(|stop| self.told(stop, "whether it is free"))?;
            (free, free_why) = (freedom.ternary(), freedom.why);
        }
        let missing_free =
            if free == Ternary::Unknown { self.missing(&free_why.missing) } else { Vec::new() };
        let all: BTreeSet<Leaf> = match outcome {
            Outcome::NotEligible | Outcome::NotConcerned => BTreeSet::new(),
            _ => why.missing.union(&free_why.missing).cloned().collect(),
        };
        let verdict = Verdict {
            measure: self.measure.name.clone(),
            question: self.question,
            outcome,
            free,
            amount: payable.amount,
            withheld: payable.withheld,
            branch: payable.branch,
            conditions,
            kinds: kinds.into_iter().map(|(kind, _)| kind).collect(),
            missing: self.missing(&all),
            missing_free,
            pays_to: recipients,
            claims,
            right_on: period.right.single(),
            pays_from: period.from.single().filter(|_| !notice),
            pays_until: period.until.single().filter(|_| !period.may_be_open),
            standing: why.standing,
            conflicts: why.conflicts.iter().map(|id| self.pack.schema.at(*id).name.clone()).collect(),
        };
        Ok(Workings {
            verdict,
            shares: payable.shares,
            more_shares: payable.more_shares,
            right: period.right,
            from: period.from,
            until: period.until,
        })
    }

    fn not_concerned(&self, why: &Why) -> Workings {
        let verdict = Verdict {
            measure: self.measure.name.clone(),
            question: self.question,
            outcome: Outcome::NotConcerned,
            free: Ternary::Yes,
            amount: None,
            withheld: Vec::new(),
            branch: None,
            conditions: Vec::new(),
            kinds: Vec::new(),
            missing: Vec::new(),
            missing_free: Vec::new(),
            pays_to: Vec::new(),
            claims: Vec::new(),
            right_on: None,
            pays_from: None,
            pays_until: None,
            standing: why.standing,
            conflicts: Vec::new(),
        };
        Workings {
            verdict,
            shares: Vec::new(),
            more_shares: false,
            right: Interval::ANY,
            from: Interval::ANY,
            until: Interval::ANY,
        }
    }

    /// Every condition and refusal, and what they decide together with `concerned`.
    fn conditions(&self, scope: &Scope, concerned: Value) -> Result<(Vec<Condition>, Value), AssessError> {
        let mut told = Vec::new();
        let mut parts = vec![concerned];
        let mut zero = None;
        let mut take = |name: &str, sources: &[String], value: Result<Value, Stop>| {
            let value = match value {
                Err(Stop::DividesByZero) => {
                    zero = Some(format!("the condition {name}"));
                    Value::truth(Ternary::Unknown, Why::default())
                }
                value => value.map_err(|stop| self.told(stop, &format!("the condition {name}")))?,
            };
            told.push(Condition {
                name: name.to_owned(),
                outcome: value.ternary(),
                sources: sources.to_vec(),
            });
            parts.push(value);
            Ok(())
        };
        for condition in &self.measure.conditions {
            let value = self.dated(&condition.holds, &Type::Bool, scope);
            take(&condition.name, &condition.sources, value)?;
        }
        for refusal in &self.measure.refusals {
            take(&refusal.name, &refusal.sources, self.not_refused(refusal, scope))?;
        }
        // A division by zero counts only where nothing else leaves the measure in doubt: a condition
        // may be there to guard another one.
        if let Some(what) = zero {
            let others = told.iter().filter(|c| c.outcome != Ternary::Yes).count();
            if others <= 1 && parts[0].ternary() == Ternary::Yes {
                return Err(AssessError::DividesByZero { measure: self.measure.name.clone(), what });
            }
        }
        Ok((told, conjoined(parts)))
    }

    /// Does a ground of refusal not refuse?
    pub(crate) fn not_refused(&self, refusal: &law::Refusal, scope: &Scope) -> Result<Value, Stop> {
        let when = self.dated(&refusal.when, &Type::Bool, scope)?;
        let mut parts = vec![when];
        if let Some(unless) = &refusal.unless
            && parts[0].ternary() != Ternary::No
        {
            let unless = self.dated(unless, &Type::Bool, scope)?;
            parts.push(Value::truth(!unless.ternary(), unless.why));
        }
        let refuses = conjoined(parts);
        Ok(Value::truth(!refuses.ternary(), refuses.why))
    }

    /// Who receives, in the order of asking.
    fn recipients(&self, scope: &Scope) -> Result<Vec<Recipient>, AssessError> {
        let mut recipients: Vec<Recipient> = Vec::new();
        for expr in &self.measure.pays_to {
            let rows = self.persons(expr, scope).map_err(|stop| self.told(stop, "pays_to"))?;
            for (thing, member) in &rows.members {
                let Some(person) = thing.as_person() else { continue };
                let certain = if member.certain { Ternary::Yes } else { Ternary::Unknown };
                match recipients.iter_mut().find(|r| r.person == person) {
                    Some(recipient) => recipient.certain = recipient.certain.max(certain),
                    None => recipients.push(Recipient { person, certain }),
                }
            }
        }
        Ok(recipients)
    }

    /// The children that the right is about.
    fn claimed(&self, scope: &Scope) -> Result<Rows, AssessError> {
        match &self.measure.claims {
            None => Ok(Rows::none()),
            Some(claims) => self.persons(claims, scope).map_err(|stop| self.told(stop, "claims")),
        }
    }

    /// A row or a list of rows as a set.
    pub(crate) fn persons(&self, expr: &Expr, scope: &Scope) -> Result<Rows, Stop> {
        let value = self.eval(expr, scope)?;
        let listed = match &value.some {
            Some(Is::Rows(_) | Is::Row(_)) | None => super::lists::union(vec![value]),
            Some(_) => return Err(Stop::Wrong("persons are expected")),
        };
        match listed.some {
            Some(Is::Rows(rows)) => Ok(rows),
            _ => Err(Stop::Wrong("a union is a set of rows")),
        }
    }

    /// Every classification, with why it applies or not.
    fn kinds(&self, scope: &Scope) -> Result<Vec<(Kind, Why)>, AssessError> {
        let one = |kind: &law::Kind| {
            let what = format!("the kind {}", kind.name);
            let value = self.eval(&kind.when, scope).map_err(|stop| self.told(stop, &what))?;
            Ok((Kind { name: kind.name.clone(), applies: value.ternary() }, value.why))
        };
        self.measure.kinds.iter().map(one).collect()
    }

    /// What a notice says rests on its day, and on the kinds that may apply.
    fn said(&self, scope: &Scope, kinds: &[(Kind, Why)], why: &mut Why) -> Result<(), AssessError> {
        if let Some(day) = &self.measure.period.right {
            let day = self.eval(day, scope).map_err(|stop| self.told(stop, "the day"))?;
            if day.nothing || day.date().and_then(|day| day.single()).is_none() {
                why.missing.extend(day.why.missing.iter().cloned());
            }
            why.standing = why.standing.max(day.why.standing);
        }
        for (_, of_kind) in kinds.iter().filter(|(kind, _)| kind.applies != Ternary::No) {
            why.standing = why.standing.max(of_kind.standing);
        }
        Ok(())
    }

    /// Unknown facts by name.
    pub(crate) fn missing(&self, leaves: &BTreeSet<Leaf>) -> Vec<Missing> {
        let schema = &self.pack.schema;
        let mut missing: Vec<Missing> = leaves
            .iter()
            .map(|leaf| Missing {
                registry: schema.registries[leaf.registry.0 as usize].name.clone(),
                entity: schema.at(leaf.entity).name.clone(),
                field: leaf.field.map(|field| schema.at(leaf.entity).at(field).name.clone()),
                person: leaf.person,
            })
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    pub(crate) fn told(&self, stop: Stop, what: &str) -> AssessError {
        stop.told(self.pack, &self.measure.name, what)
    }

    fn troubled(&self, trouble: Trouble) -> AssessError {
        let measure = self.measure.name.clone();
        let source = |at: usize| self.measure.branches[at].sources.join(", ");
        match trouble {
            Trouble::Stop(stop, what) => self.told(stop, &what),
            Trouble::NoBranch => AssessError::NoBranch { measure },
            Trouble::TwoBranches(one, two) => AssessError::TwoBranches {
                first: self.measure.branches[one].name.clone(),
                first_source: source(one),
                second: self.measure.branches[two].name.clone(),
                second_source: source(two),
                measure,
            },
            Trouble::Nothing => AssessError::Pack {
                measure,
                what: "the conditions hold and a table has no entry for the amount".into(),
            },
            Trouble::Negative => {
                AssessError::Pack { measure, what: "the conditions hold and the amount is negative".into() }
            }
        }
    }
}
