//! From the columns of a measure to verdicts.

use std::collections::BTreeSet;

use card::{
    Amount, Condition, Date, EntityId, FieldId, Kind, Outcome, PersonId, Question, Recipient, Schema,
    Standing, Tenge, Ternary, Verdict, Withheld,
};
use law::{Measure, port::AssessError};

use crate::{
    exec::Columns,
    facts::{ANY, Facts},
    free::{Asked, Free, Rolls, ternary},
    kept::Kept,
    lower::{Measured, Paid},
    missing::{self, Leaf, Walk},
    plan::{Graph, N},
    types::{Bits, ENDLESS, NEVER, YES},
};

/// The columns of one measure, read question by question.
pub(crate) struct Reader<'r, 'a> {
    graph: &'r Graph,
    measure: &'r Measure,
    measured: &'r Measured,
    columns: &'r Columns,
    facts: &'a Facts<'a>,
    free: Free<'r, 'a>,
}

impl Measured {
    /// Which of some questions are about those whom the measure concerns or may concern?
    pub fn concerned(&self, columns: &Columns, questions: usize) -> Vec<usize> {
        let bits = columns.at(self.concerned).bits();
        (0..questions).filter(|at| pick(bits, *at) & YES != 0).collect()
    }
}

/// What is decided of a subject.
struct Answer {
    outcome: Outcome,
    free: Ternary,
    payable: Option<Payable>,
    claims: Vec<(PersonId, Bits)>,
    standing: Bits,
}

/// What a measure pays a subject.
struct Payable {
    amount: Option<Amount>,
    branch: Option<usize>,
    in_doubt: bool,
    standing: Bits,
}

impl<'r, 'a> Reader<'r, 'a> {
    /// Of a measure, over the columns that a run left.
    pub fn new(
        graph: &'r Graph,
        measure: &'r Measure,
        measured: &'r Measured,
        columns: &'r Columns,
        facts: &'a Facts<'a>,
        rolls: Option<&'r Rolls<'a>>,
    ) -> Self {
        let free = Free::of(facts, rolls, measure);
        Self { graph, measure, measured, columns, facts, free }
    }

    fn bits(&self, node: N, at: usize) -> Bits {
        pick(self.columns.at(node).bits(), at)
    }

    fn ints(&self, node: N, at: usize) -> (i128, i128) {
        let ints = self.columns.at(node).ints();
        if ints.lo.len() == 1 { ints.at(0) } else { ints.at(at) }
    }

    fn day(&self, node: N, at: usize) -> (i32, i32) {
        let days = self.columns.at(node).days();
        if days.lo.len() == 1 { days.at(0) } else { days.at(at) }
    }

    /// The answer to one question of the batch; with `why`, all columns were kept, and the deciding
    /// facts are named.
    pub fn verdict(&self, at: usize, question: Question, why: bool) -> Result<Verdict, AssessError> {
        let mut verdict = Verdict {
            measure: self.measure.name.clone(),
            question,
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
            standing: standing(self.bits(self.measured.standing.0, at)),
            conflicts: Vec::new(),
        };
        if ternary(self.bits(self.measured.concerned, at)) == Ternary::No {
            return Ok(verdict);
        }
        verdict.conditions = self.conditions(at);
        verdict.kinds = self.kinds(at);
        let mut free_leaves = BTreeSet::new();
        let answer = self.answer(at, question, &mut |leaf| {
            free_leaves.insert(leaf);
        })?;
        verdict.outcome = answer.outcome;
        verdict.free = answer.free;
        verdict.standing = standing(answer.standing);
        if let Some(payable) = answer.payable {
            verdict.amount = payable.amount;
            verdict.branch = payable.branch.map(|branch| self.measure.branches[branch].name.clone());
            if payable.amount.is_some() {
                verdict.withheld = self.withheld(at)?;
            }
        }
        if answer.outcome != Outcome::NotEligible {
            verdict.pays_to = self.recipients(at);
        }
        if why {
            self.doubts(at, &mut verdict, free_leaves)?;
        }
        let certain = answer.claims.iter().filter(|(_, bits)| *bits == YES);
        verdict.claims = certain.map(|(person, _)| *person).collect();
        let [right, from, until] = self.measured.days.map(|node| self.day(node, at));
        verdict.right_on = single(right);
        verdict.pays_from = single(from).filter(|_| self.measured.said.is_none());
        verdict.pays_until = single(until).filter(|_| self.bits(self.measured.ends, at) == YES);
        Ok(verdict)
    }

    /// Names the deciding facts of what is not certain, and the contradictions behind it.
    fn doubts(&self, at: usize, verdict: &mut Verdict, mut free: BTreeSet<Leaf>) -> Result<(), AssessError> {
        let kept = Kept { graph: self.graph, columns: self.columns, facts: self.facts };
        let mut walk = Walk::new(kept);
        walk.value(self.measured.decided, at);
        let schema = &self.facts.pack.schema;
        if verdict.outcome == Outcome::NotEligible {
            return Ok(());
        }
        if verdict.free == Ternary::Unknown {
            if let Some((edges, member, open)) = self.measured.claims
                && self.bits(open, at) & YES != 0
            {
                let mut of_claims = Walk::new(kept);
                of_claims.members(edges, member, at);
                free.append(&mut of_claims.leaves);
            }
            verdict.missing_free = missing::named(schema, &free);
        } else {
            free.clear();
        }
        if self.measured.said.is_some() && single(self.day(self.measured.days[0], at)).is_none() {
            walk.value(self.measured.days[0], at);
        }
        if let Some(paid) = &self.measured.amount
            && verdict.amount.is_some()
        {
            walk.value(paid.tiyn, at);
            if let Some(exists) = paid.exists
                && self.bits(exists, at) != YES
            {
                walk.value(exists, at);
                walk.value(paid.exact, at);
            }
            if let Some(shares) = &self.measured.divided
                && !self.division_is_sure(at)
            {
                walk.members(shares.edges, shares.member, at);
                walk.members(shares.edges, shares.weight, at);
                walk.openness(shares.open, at);
            }
        }
        verdict.conflicts = walk.conflicts.iter().map(|entity| schema.at(*entity).name.clone()).collect();
        walk.leaves.append(&mut free);
        verdict.missing = missing::named(schema, &walk.leaves);
        match walk.unloaded {
            Some((entity, field)) => Err(self.not_loaded(entity, field)),
            None => Ok(()),
        }
    }

    fn not_loaded(&self, entity: EntityId, field: FieldId) -> AssessError {
        not_loaded(&self.facts.pack.schema, &self.measure.name, entity, field)
    }

    /// As [`Reader::verdict`], only what a sweep writes down.
    pub fn line(&self, at: usize, question: Question) -> Result<Line, AssessError> {
        let mut line = Line {
            outcome: Outcome::NotConcerned,
            free: Ternary::Yes,
            amount: None,
            day: None,
            conditions: 0,
            standing: standing(self.bits(self.measured.standing.0, at)),
        };
        if ternary(self.bits(self.measured.concerned, at)) == Ternary::No {
            return Ok(line);
        }
        for (nth, condition) in self.measured.conditions.iter().enumerate().take(32) {
            line.conditions |= u64::from(self.bits(*condition, at)) << (2 * nth);
        }
        let answer = self.answer(at, question, &mut |_| {})?;
        line.outcome = answer.outcome;
        line.free = answer.free;
        line.amount = answer.payable.and_then(|payable| payable.amount);
        line.standing = standing(answer.standing);
        if self.measured.said.is_some() && answer.outcome == Outcome::Eligible {
            line.day = single(self.day(self.measured.days[0], at));
        }
        Ok(line)
    }

    /// Outcome, amount and freedom of a subject whom the measure concerns or may concern.
    fn answer(
        &self,
        at: usize,
        question: Question,
        why: &mut dyn FnMut(Leaf),
    ) -> Result<Answer, AssessError> {
        let mut answer = Answer {
            outcome: match ternary(self.bits(self.measured.decided, at)) {
                Ternary::No => Outcome::NotEligible,
                Ternary::Unknown => Outcome::Unknown,
                Ternary::Yes => Outcome::Eligible,
            },
            free: Ternary::Yes,
            payable: None,
            claims: Vec::new(),
            standing: self.bits(self.measured.standing.1, at),
        };
        if answer.outcome == Outcome::NotEligible {
            return Ok(answer);
        }
        if let Some(said) = self.measured.said {
            // Who is told something is paid nothing: of a word everybody is free.
            answer.standing = answer.standing.max(self.bits(said, at));
            return Ok(answer);
        }
        let certain = answer.outcome == Outcome::Eligible;
        if let Some(paid) = &self.measured.amount {
            let payable = self.payable(paid, at, certain)?;
            if certain && (payable.in_doubt || !self.division_is_sure(at)) {
                answer.outcome = Outcome::Unknown;
            }
            answer.standing = answer.standing.max(payable.standing);
            answer.payable = Some(payable);
        }
        let mut open = false;
        if let Some((edges, member, is_open)) = self.measured.claims {
            answer.claims = self.persons(edges, member, at);
            open = self.bits(is_open, at) & YES != 0;
        }
        let divides = answer.payable.as_ref().is_some_and(|payable| payable.amount.is_some());
        let members = match &self.measured.divided {
            Some(shares) if divides => self.persons(shares.edges, shares.member, at),
            _ => Vec::new(),
        };
        let asked = Asked {
            subject: question.subject,
            day: question.day.days(),
            right: self.day(self.measured.days[0], at),
            claims: self.measured.claims.map(|_| (answer.claims.as_slice(), open)),
            members: &members,
        };
        answer.free = self
            .free
            .answer(&asked, why)
            .map_err(|unloaded| self.not_loaded(unloaded.entity, unloaded.field))?;
        Ok(answer)
    }

    fn conditions(&self, at: usize) -> Vec<Condition> {
        let conditions = self.measure.conditions.iter().map(|c| (&c.name, &c.sources));
        let refusals = self.measure.refusals.iter().map(|r| (&r.name, &r.sources));
        conditions
            .chain(refusals)
            .zip(&self.measured.conditions)
            .map(|((name, sources), node)| Condition {
                name: name.clone(),
                outcome: ternary(self.bits(*node, at)),
                sources: sources.clone(),
            })
            .collect()
    }

    fn kinds(&self, at: usize) -> Vec<Kind> {
        let kinds = self.measure.kinds.iter().zip(&self.measured.kinds);
        kinds
            .map(|(kind, node)| Kind { name: kind.name.clone(), applies: ternary(self.bits(*node, at)) })
            .collect()
    }

    fn payable(&self, paid: &Paid, at: usize, certain: bool) -> Result<Payable, AssessError> {
        let bits: Vec<Bits> = paid.whens.iter().map(|when| self.bits(*when, at)).collect();
        let yes: Vec<usize> = (0..bits.len()).filter(|branch| bits[*branch] == YES).collect();
        let none = Payable { amount: None, branch: None, in_doubt: true, standing: 0 };
        if certain && yes.len() > 1 {
            return Err(self.two_branches(yes[0], yes[1]));
        }
        if bits.iter().all(|bits| bits & YES == 0) {
            return if certain {
                Err(AssessError::NoBranch { measure: self.measure.name.clone() })
            } else {
                Ok(none)
            };
        }
        let exists = paid.exists.map_or(YES, |exists| self.bits(exists, at));
        let sure = self.bits(paid.standing, at);
        if exists & YES == 0 {
            return if certain {
                Err(self.wrong("the conditions hold and a table has no entry for the amount"))
            } else {
                Ok(Payable { standing: sure, ..none })
            };
        }
        if certain && self.ints(paid.exact, at).1 < 0 {
            return Err(self.wrong("the conditions hold and the amount is negative"));
        }
        let amount = self.money(self.ints(paid.tiyn, at))?;
        Ok(Payable {
            amount: Some(amount),
            branch: (yes.len() == 1).then(|| yes[0]),
            in_doubt: exists != YES,
            standing: sure,
        })
    }

    fn withheld(&self, at: usize) -> Result<Vec<Withheld>, AssessError> {
        let mut all = Vec::new();
        for (withhold, (applies, part)) in self.measure.withholds.iter().zip(&self.measured.withheld) {
            if self.bits(*applies, at) & YES != 0 {
                all.push(Withheld { name: withhold.name.clone(), amount: self.money(self.ints(*part, at))? });
            }
        }
        Ok(all)
    }

    /// Is it known who the members are and how much each weighs?
    fn division_is_sure(&self, at: usize) -> bool {
        let Some(shares) = &self.measured.divided else { return true };
        let edges = self.columns.at(shares.edges).edges();
        let sure = edges.run(at).all(|edge| {
            let (lo, hi) = self.ints(shares.weight, edge);
            let bits = pick(self.columns.at(shares.member).bits(), edge);
            bits & YES == 0 || (bits == YES && lo.max(0) == hi.max(0))
        });
        sure && self.bits(shares.open, at) & YES == 0
    }

    fn recipients(&self, at: usize) -> Vec<Recipient> {
        let mut recipients: Vec<Recipient> = Vec::new();
        for (edges, member) in &self.measured.pays_to {
            for (person, bits) in self.persons(*edges, *member, at) {
                let certain = ternary(bits);
                match recipients.iter_mut().find(|recipient| recipient.person == person) {
                    Some(recipient) => recipient.certain = recipient.certain.max(certain),
                    None => recipients.push(Recipient { person, certain }),
                }
            }
        }
        recipients
    }

    /// The possible members of a list of persons, in the order of their numbers: who is only named
    /// stands after the others among the facts.
    fn persons(&self, edges: N, member: N, at: usize) -> Vec<(PersonId, Bits)> {
        let edges = self.columns.at(edges).edges();
        let member = self.columns.at(member).bits();
        let mut persons: Vec<(PersonId, Bits)> = edges
            .run(at)
            .map(|edge| (edges.rows[edge], pick(member, edge)))
            .filter(|(row, bits)| *row != ANY && bits & YES != 0)
            .filter_map(|(row, bits)| self.facts.person_at(row).map(|person| (person, bits)))
            .collect();
        persons.sort_by_key(|(person, _)| *person);
        persons
    }

    fn money(&self, (lo, hi): (i128, i128)) -> Result<Amount, AssessError> {
        let tiyn = |end: i128| {
            i64::try_from(end)
                .map(Tenge::from_tiyn)
                .map_err(|_| self.wrong("the amount computes a number beyond 128 bits"))
        };
        let hi = if hi == ENDLESS { None } else { Some(tiyn(hi)?) };
        Ok(Amount { lo: if lo == NEVER { Tenge::ZERO } else { tiyn(lo)? }, hi })
    }

    fn wrong(&self, what: &str) -> AssessError {
        AssessError::Pack { measure: self.measure.name.clone(), what: what.to_owned() }
    }

    fn two_branches(&self, one: usize, two: usize) -> AssessError {
        let source = |at: usize| self.measure.branches[at].sources.join(", ");
        let name = |at: usize| self.measure.branches[at].name.clone();
        AssessError::TwoBranches {
            measure: self.measure.name.clone(),
            first: name(one),
            first_source: source(one),
            second: name(two),
            second_source: source(two),
        }
    }
}

/// What a sweep writes down of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The answer.
    pub outcome: Outcome,
    /// Is nobody paid for this already?
    pub free: Ternary,
    /// The gross amount.
    pub amount: Option<Amount>,
    /// Of a notice that is to be told: the day that it speaks of.
    pub day: Option<Date>,
    /// Two bits for each condition: may be true, may be false.
    pub conditions: u64,
    /// How sure the numbers are.
    pub standing: Standing,
}

/// Rows of an entity by a field were read and never asked for.
pub(crate) fn not_loaded(schema: &Schema, measure: &str, entity: EntityId, field: FieldId) -> AssessError {
    let entity = schema.at(entity);
    AssessError::NotLoaded {
        measure: measure.to_owned(),
        entity: entity.name.clone(),
        field: entity.at(field).name.clone(),
    }
}

/// A day, if only one is possible.
fn single((lo, hi): (i32, i32)) -> Option<Date> {
    (lo == hi).then(|| Date::from_days(lo))
}

pub(crate) fn pick<T: Copy>(column: &[T], at: usize) -> T {
    if column.len() == 1 { column[0] } else { column[at] }
}

pub(crate) const fn standing(sure: Bits) -> Standing {
    match sure {
        0 => Standing::Confirmed,
        1 => Standing::SingleSource,
        _ => Standing::Preliminary,
    }
}
