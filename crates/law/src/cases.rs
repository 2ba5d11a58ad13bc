//! Cases: facts, a question and the expected answer, as data beside the law.

use card::{Circle, Date, Moment, Outcome, PersonId, Standing, Tenge, Ternary};

/// One case. Its ids are local: persons are numbered in the order in which the case names them.
///
/// What it expects is of a measure, or of whatever else is asked.
#[derive(Clone, Debug)]
pub struct Case<E = Expectation> {
    /// What it shows.
    pub name: String,
    /// Where it stands, for messages: file and line.
    pub place: String,
    /// The measure asked, or the methodology.
    pub measure: String,
    /// The day asked about.
    pub day: Date,
    /// The day of the request.
    pub asked_on: Date,
    /// What was known when, if not everything.
    pub known_on: Option<Moment>,
    /// The facts, with what silence means.
    pub circle: Circle,
    /// The local names of persons, by number.
    pub persons: Vec<(String, PersonId)>,
    /// The expected answer.
    pub expect: E,
    /// The published sentence or article that it comes from.
    pub source: String,
}

/// What a case expects. What it does not mention it does not check.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// About whom.
    pub subject: PersonId,
    /// The outcome.
    pub outcome: Outcome,
    /// Is it free?
    pub free: Option<Ternary>,
    /// The amount, exactly.
    pub amount: Option<Tenge>,
    /// The least and most that an open amount may be.
    pub between: Option<(Tenge, Option<Tenge>)>,
    /// The branch.
    pub branch: Option<String>,
    /// The conditions that fail, for a no.
    pub because: Vec<String>,
    /// The deciding facts, for an unknown, as `registry: entity.field of person` or `registry: entity of person`.
    pub missing: Vec<String>,
    /// Who receives first.
    pub recipient: Option<PersonId>,
    /// All that is withheld from the amount.
    pub withheld: Option<Tenge>,
    /// The first day paid for.
    pub from: Option<Date>,
    /// The first day not paid for.
    pub until: Option<Date>,
    /// How sure the numbers are.
    pub standing: Option<Standing>,
    /// The day that a notice speaks of.
    pub speaks_of: Option<Date>,
    /// All classifications that certainly apply.
    pub kinds: Option<Vec<String>>,
}
