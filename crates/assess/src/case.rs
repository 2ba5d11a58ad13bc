//! Cases of the pack: what was expected, what came out, and how they differ.

use card::{Date, Missing, Outcome, PersonId, Points, Question, Scored, Standing, Tenge, Ternary, Verdict};
use law::{
    Pack, Score, ScoreExpectation,
    cases::Case,
    port::{AssessError, Assessor, Scorer},
};

/// How one case came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// What the case shows.
    pub name: String,
    /// Where it stands: file and line.
    pub place: String,
    /// The measure asked.
    pub measure: String,
    /// Every difference, as a sentence; none if the case holds.
    pub differences: Vec<String>,
}

impl CaseResult {
    /// Does the case hold?
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Asks what a case asks and compares the answer with what it expects. What the case does not
/// mention is not compared.
pub fn run_case(pack: &Pack, assessor: &dyn Assessor, case: &Case) -> CaseResult {
    let question = Question { subject: case.expect.subject, day: case.day, asked_on: case.asked_on };
    let answer = pack.measure(&case.measure).map(|id| assessor.assess(pack, id, question, &case.circle));
    let differences = match answer {
        None => vec![format!("the pack has no measure {}", case.measure)],
        Some(Err(error)) => vec![failed(&error)],
        Some(Ok(verdict)) => differences(case, &verdict),
    };
    let (name, place, measure) = (case.name.clone(), case.place.clone(), case.measure.clone());
    CaseResult { name, place, measure, differences }
}

/// As [`run_case`], of a methodology.
pub fn run_score_case(pack: &Pack, scorer: &dyn Scorer, case: &Case<ScoreExpectation>) -> CaseResult {
    let question = Question { subject: case.expect.subject, day: case.day, asked_on: case.asked_on };
    let differences = match pack.score(&case.measure, case.day) {
        None => vec![format!("the pack has no edition of {} on {}", case.measure, case.day)],
        Some(id) => match scorer.score(pack, id, question, &case.circle) {
            Err(error) => vec![failed(&error)],
            Ok(scored) => other_points(pack.score_at(id), case, &scored),
        },
    };
    let (name, place, measure) = (case.name.clone(), case.place.clone(), case.measure.clone());
    CaseResult { name, place, measure, differences }
}

fn other_points(score: &Score, case: &Case<ScoreExpectation>, scored: &Scored) -> Vec<String> {
    let expect = &case.expect;
    let mut all = Vec::new();
    let mut compare = |what: &str, expected: String, found: String| {
        if expected != found {
            all.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    let ends = |(lo, hi): (i64, i64)| if lo == hi { lo.to_string() } else { format!("{lo} to {hi}") };
    let found = |points: Points| ends((points.lo, points.hi));
    if let Some(levels) = &expect.levels
        && *levels != scored.levels
    {
        let owed: Vec<_> = scored.missing.iter().map(|missing| owed(&case.persons, missing)).collect();
        let found = format!("{}{}", listed(scored.levels.clone()), in_brackets(&owed));
        compare("level", listed(levels.clone()), found);
    }
    if let Some(points) = expect.points {
        compare("points", ends(points), found(scored.sum()));
    }
    for (name, expected) in &expect.indicators {
        let mut points = score.indicators().zip(scored.points.iter().flatten());
        let own = points.find(|(one, _)| one.name == *name).map(|(_, points)| *points);
        compare(name, ends(*expected), own.map_or_else(|| "none".into(), found));
    }
    if !expect.missing.is_empty() {
        let missing = scored.missing.iter().map(|missing| owed(&case.persons, missing)).collect();
        compare("missing", listed(expect.missing.clone()), listed(missing));
    }
    if let Some(expected) = expect.standing {
        compare("standing", standing(expected), standing(scored.standing));
    }
    all
}

fn failed(error: &AssessError) -> String {
    format!("expected an answer, and there is none: {error}")
}

fn differences(case: &Case, verdict: &Verdict) -> Vec<String> {
    let expect = &case.expect;
    let mut all = Vec::new();
    let mut compare = |what: &str, expected: String, found: String| {
        if expected != found {
            all.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    if expect.outcome != verdict.outcome {
        let reasons = reasons(case, verdict);
        compare("verdict", outcome(expect.outcome), format!("{}{reasons}", outcome(verdict.outcome)));
    }
    if let Some(free) = expect.free {
        compare("free", ternary(free), ternary(verdict.free));
    }
    if let Some(amount) = expect.amount {
        compare("amount", amount.grouped_plain(), found_amount(verdict));
    }
    if let Some((lo, hi)) = expect.between {
        compare("amount", range(lo, hi), found_amount(verdict));
    }
    if let Some(branch) = &expect.branch {
        compare("branch", branch.clone(), verdict.branch.clone().unwrap_or_else(|| "none".into()));
    }
    if !expect.because.is_empty() {
        let failing = verdict.conditions.iter().filter(|c| c.outcome == Ternary::No).map(|c| c.name.clone());
        compare("because", listed(expect.because.clone()), listed(failing.collect()));
    }
    if !expect.missing.is_empty() {
        let missing = verdict.missing.iter().map(|missing| owed(&case.persons, missing)).collect();
        compare("missing", listed(expect.missing.clone()), listed(missing));
    }
    if let Some(recipient) = expect.recipient {
        let found =
            verdict.recipient().map_or_else(|| "nobody certain".into(), |id| name_of(&case.persons, id));
        compare("recipient", name_of(&case.persons, recipient), found);
    }
    if let Some(withheld) = expect.withheld {
        compare("withheld", withheld.grouped_plain(), found_withheld(verdict));
    }
    let day = |day: Option<Date>| day.map_or_else(|| "no certain day".into(), |day| day.to_string());
    if expect.from.is_some() {
        compare("from", day(expect.from), day(verdict.pays_from));
    }
    if expect.until.is_some() {
        compare("until", day(expect.until), day(verdict.pays_until));
    }
    if let Some(expected) = expect.standing {
        compare("standing", standing(expected), standing(verdict.standing));
    }
    if expect.speaks_of.is_some() {
        compare("speaks of", day(expect.speaks_of), day(verdict.right_on));
    }
    if let Some(kinds) = &expect.kinds {
        let applying = verdict.kinds.iter().filter(|kind| kind.applies == Ternary::Yes);
        let applying = applying.map(|kind| kind.name.clone()).collect();
        compare("kinds", listed(kinds.clone()), listed(applying));
    }
    all
}

/// Why the outcome is what it is, in brackets.
fn reasons(case: &Case, verdict: &Verdict) -> String {
    let reasons: Vec<String> = match verdict.outcome {
        Outcome::NotEligible => {
            verdict.conditions.iter().filter(|c| c.outcome == Ternary::No).map(|c| c.name.clone()).collect()
        }
        Outcome::Unknown => verdict.missing.iter().map(|missing| owed(&case.persons, missing)).collect(),
        Outcome::NotConcerned | Outcome::Eligible => Vec::new(),
    };
    in_brackets(&reasons)
}

fn in_brackets(reasons: &[String]) -> String {
    if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) }
}

/// As a case writes a missing fact: `registry: entity.field of person`.
fn owed(persons: &[(String, PersonId)], missing: &Missing) -> String {
    let Missing { registry, entity, field, person } = missing;
    let field = field.as_ref().map(|field| format!(".{field}")).unwrap_or_default();
    let person = person.map(|id| format!(" of {}", name_of(persons, id))).unwrap_or_default();
    format!("{registry}: {entity}{field}{person}")
}

fn name_of(persons: &[(String, PersonId)], id: PersonId) -> String {
    let named = persons.iter().find(|(_, person)| *person == id);
    named.map_or_else(|| format!("person {id}"), |(name, _)| name.clone())
}

fn listed(mut names: Vec<String>) -> String {
    names.sort_unstable();
    if names.is_empty() { "nothing".into() } else { names.join("; ") }
}

fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::NotConcerned => "not concerned",
        Outcome::NotEligible => "not eligible",
        Outcome::Unknown => "unknown",
        Outcome::Eligible => "eligible",
    }
    .into()
}

fn ternary(value: Ternary) -> String {
    match value {
        Ternary::No => "no",
        Ternary::Unknown => "unknown",
        Ternary::Yes => "yes",
    }
    .into()
}

fn found_amount(verdict: &Verdict) -> String {
    match verdict.amount {
        None => "none".into(),
        Some(amount) => match amount.point() {
            Some(sum) => sum.grouped_plain(),
            None => range(amount.lo, amount.hi),
        },
    }
}

/// All that is withheld together, if it is certain.
fn found_withheld(verdict: &Verdict) -> String {
    let sums: Option<Vec<Tenge>> = verdict.withheld.iter().map(|part| part.amount.point()).collect();
    sums.map_or_else(|| "not certain".into(), |sums| sums.into_iter().sum::<Tenge>().grouped_plain())
}

fn standing(standing: Standing) -> String {
    match standing {
        Standing::Confirmed => "confirmed",
        Standing::SingleSource => "single source",
        Standing::Preliminary => "preliminary",
    }
    .into()
}

fn range(lo: Tenge, hi: Option<Tenge>) -> String {
    match hi {
        Some(hi) => format!("{} to {}", lo.grouped_plain(), hi.grouped_plain()),
        None => format!("{} and more", lo.grouped_plain()),
    }
}
