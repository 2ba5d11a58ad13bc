//! From the columns of a measure to verdicts.

use card::{
    Amount, Condition, Date, Outcome, PersonId, Question, Recipient, Standing, Tenge, Ternary, Verdict,
    Withheld,
};
use law::{Measure, port::AssessError};

use crate::{
    exec::Columns,
    facts::{ANY, Facts},
    free::{Asked, Free, ternary},
    lower::{Measured, Paid},
    plan::N,
    types::{Bits, ENDLESS, NEVER, YES},
};

/// The columns of one measure, read question by question.
pub(crate) struct Reader<'r, 'a> {
    measure: &'r Measure,
    measured: &'r Measured,
    columns: &'r Columns,
    facts: &'r Facts<'a>,
    free: Free<'r, 'a>,
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
        measure: &'r Measure,
        measured: &'r Measured,
        columns: &'r Columns,
        facts: &'r Facts<'a>,
    ) -> Self {
        let free = Free::of(facts.pack, facts, measure);
        Self { measure, measured, columns, facts, free }
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

    /// The answer to one question of the batch.
    pub fn verdict(&self, at: usize, question: Question) -> Result<Verdict, AssessError> {
        let mut verdict = Verdict {
            measure: self.measure.name.clone(),
            question,
            outcome: Outcome::NotConcerned,
            free: Ternary::Yes,
            amount: None,
            withheld: Vec::new(),
            branch: None,
            conditions: Vec::new(),
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
        let mut sure = self.bits(self.measured.standing.1, at);
        verdict.outcome = match ternary(self.bits(self.measured.decided, at)) {
            Ternary::No => Outcome::NotEligible,
            Ternary::Unknown => Outcome::Unknown,
            Ternary::Yes => Outcome::Eligible,
        };
        let [right, from, until] = self.measured.days.map(|node| self.day(node, at));
        if verdict.outcome != Outcome::NotEligible {
            if let Some(paid) = &self.measured.amount {
                let payable = self.payable(paid, at, verdict.outcome == Outcome::Eligible)?;
                if payable.in_doubt && verdict.outcome == Outcome::Eligible {
                    verdict.outcome = Outcome::Unknown;
                }
                verdict.amount = payable.amount;
                verdict.branch = payable.branch.map(|branch| self.measure.branches[branch].name.clone());
                sure = sure.max(payable.standing);
                if verdict.amount.is_some() {
                    verdict.withheld = self.withheld(at)?;
                }
            }
            if self.measured.divided.is_some()
                && !self.division_is_sure(at)
                && verdict.outcome == Outcome::Eligible
            {
                verdict.outcome = Outcome::Unknown;
            }
            verdict.pays_to = self.recipients(at);
            let claims = self.measured.claims.map(|(edges, member, open)| {
                (self.persons(edges, member, at), self.bits(open, at) & YES != 0)
            });
            let certain = |claims: &[(PersonId, Bits)]| {
                claims.iter().filter(|(_, bits)| *bits == YES).map(|(person, _)| *person).collect()
            };
            verdict.claims = claims.as_ref().map_or_else(Vec::new, |(claims, _)| certain(claims));
            let members = match &self.measured.divided {
                Some(shares) if verdict.amount.is_some() => self.persons(shares.edges, shares.member, at),
                _ => Vec::new(),
            };
            verdict.free = self.free.answer(&Asked {
                subject: question.subject,
                day: question.day.days(),
                right: right.0,
                claims: claims.as_ref().map(|(claims, open)| (claims.as_slice(), *open)),
                members: &members,
            });
        }
        let single = |(lo, hi): (i32, i32)| (lo == hi).then(|| Date::from_days(lo));
        verdict.right_on = single(right);
        verdict.pays_from = single(from);
        verdict.pays_until = single(until).filter(|_| self.bits(self.measured.ends, at) == YES);
        verdict.standing = standing(sure);
        Ok(verdict)
    }

    /// As [`Reader::verdict`], only what a sweep writes down.
    pub fn line(&self, at: usize, question: Question) -> Result<Line, AssessError> {
        let verdict = self.verdict(at, question)?;
        let mut conditions = 0u64;
        for (nth, condition) in verdict.conditions.iter().enumerate().take(32) {
            let bits = Bits::from(condition.outcome.may_be_true())
                | Bits::from(condition.outcome.may_be_false()) << 1;
            conditions |= u64::from(bits) << (2 * nth);
        }
        Ok(Line {
            outcome: verdict.outcome,
            free: verdict.free,
            lo: verdict.amount.map(|amount| amount.lo.tiyn()),
            hi: verdict.amount.and_then(|amount| amount.hi).map(Tenge::tiyn),
            conditions,
            standing: verdict.standing,
        })
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

    /// The possible members of a list of persons.
    fn persons(&self, edges: N, member: N, at: usize) -> Vec<(PersonId, Bits)> {
        let edges = self.columns.at(edges).edges();
        let member = self.columns.at(member).bits();
        edges
            .run(at)
            .map(|edge| (edges.rows[edge], pick(member, edge)))
            .filter(|(row, bits)| *row != ANY && bits & YES != 0)
            .filter_map(|(row, bits)| self.facts.person_at(row).map(|person| (person, bits)))
            .collect()
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
    pub outcome: Outcome,
    pub free: Ternary,
    pub lo: Option<i64>,
    pub hi: Option<i64>,
    pub conditions: u64,
    pub standing: Standing,
}

fn pick<T: Copy>(column: &[T], at: usize) -> T {
    if column.len() == 1 { column[0] } else { column[at] }
}

const fn standing(sure: Bits) -> Standing {
    match sure {
        0 => Standing::Confirmed,
        1 => Standing::SingleSource,
        _ => Standing::Preliminary,
    }
}
