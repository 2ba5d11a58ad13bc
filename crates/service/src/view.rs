//! What pages show: plain values, already opened, worded and formatted for eyes.

use card::{AccountId, Date, Lang, Moment, Month, Outcome, PersonId, Tenge, Ternary};
use deliver::elsewhere::Kind;

/// A person found by a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPerson {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// The number, masked but for its last four digits.
    pub iin: String,
}

/// Everything that the desk shows of one person on one screen.
#[derive(Clone, Debug)]
pub struct PersonCard {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// The number, masked but for its last four digits.
    pub iin: String,
    /// Their birth date, or what is known of it.
    pub born: String,
    /// The language that they are spoken to in.
    pub lang: Lang,
    /// Their phone, masked but for its last two digits; `None` if no number is bonded with them.
    pub phone: Option<String>,
    /// Their accounts: bank and last four characters.
    pub accounts: Vec<(AccountId, String)>,
    /// Their family as the law derives it: name and tie.
    pub family: Vec<FamilyMember>,
    /// Every verdict about them and about the children whose money they would receive.
    pub verdicts: Vec<VerdictLine>,
    /// The levels of the family that they lead.
    pub levels: Vec<LevelLine>,
    /// Their rights.
    pub rights: Vec<RightLine>,
    /// What they applied for with today's systems, the newest first.
    pub applications: Vec<ApplicationLine>,
    /// What they said is wrong about them, the newest first.
    pub disputes: Vec<DisputeLine>,
    /// The thread of SMS, oldest first.
    pub thread: Vec<ThreadLine>,
    /// Open tasks about them.
    pub tasks: Vec<TaskLine>,
}

/// What a methodology says of a family. It decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelLine {
    /// The methodology's name in the pack.
    pub score: String,
    /// Its title.
    pub title: String,
    /// The level; every one that is possible, if several are.
    pub level: String,
    /// Is it certain?
    pub certain: bool,
    /// All points, the least and the most if they are not certain.
    pub points: String,
    /// The points of each direction.
    pub directions: Vec<DirectionLine>,
    /// What the level says of a family; who owes a fact, if it is not certain.
    pub told: Vec<String>,
    /// Does it rest on numbers from memory?
    pub preliminary: bool,
}

/// The points of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectionLine {
    /// Its title.
    pub title: String,
    /// Its points.
    pub points: String,
}

/// One of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyMember {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// The tie, in words.
    pub tie: String,
    /// Their birth date, or what is known of it.
    pub born: String,
}

/// What a person disputes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeLine {
    /// Since when.
    pub at: Moment,
    /// In their words.
    pub what: String,
}

/// An application to a today's system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationLine {
    /// The title of what was applied for.
    pub title: String,
    /// When.
    pub filed_on: Option<Date>,
    /// When it was decided.
    pub decided_on: Option<Date>,
    /// Where it stands, in words.
    pub state: String,
}

/// The answer of a measure or a notice in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictLine {
    /// The measure's name in the pack.
    pub measure: String,
    /// Its title.
    pub title: String,
    /// About whom.
    pub subject: PersonId,
    /// Their name.
    pub about: String,
    /// The answer.
    pub outcome: Outcome,
    /// Is nobody paid for it already?
    pub free: Ternary,
    /// How much, in words of money; empty where there is no amount.
    pub amount: String,
    /// Why, part by part.
    pub why: Vec<ReasonLine>,
    /// Rests on numbers that are not confirmed?
    pub preliminary: bool,
    /// Of a notice: each day that it speaks of, and whether it is told, or why not; `None` for a measure.
    pub told: Option<Vec<String>>,
}

/// One reason of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonLine {
    /// Does it speak for the right?
    pub holds: Ternary,
    /// In a sentence.
    pub text: String,
}

/// A right in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightLine {
    /// Which right.
    pub right: u64,
    /// The measure's name in the pack.
    pub measure: String,
    /// Its title.
    pub title: String,
    /// About whom.
    pub subject: PersonId,
    /// Their name.
    pub about: String,
    /// Where it stands, in words.
    pub state: String,
    /// How much, in words of money.
    pub amount: String,
    /// The steps from found to paid.
    pub steps: Vec<StepLine>,
    /// May the caller accept or refuse it now?
    pub open: bool,
    /// What is read aloud to the caller before they agree, for each of their accounts; empty unless open.
    pub aloud: Vec<String>,
    /// Does it wait for an account?
    pub needs_account: bool,
    /// Does an officer have to decide it?
    pub with_officer: bool,
    /// Months for which more was paid than is owed, and how much, in words of money.
    pub overpaid: Vec<(Month, Tenge, String)>,
    /// The files that carried its orders to the bank.
    pub files: Vec<String>,
}

/// One step of a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepLine {
    /// What it is called.
    pub label: String,
    /// When it was reached.
    pub at: Option<Moment>,
}

/// One message of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadLine {
    /// When.
    pub at: Moment,
    /// From 1414?
    pub ours: bool,
    /// As it was sent or written.
    pub text: String,
    /// For ours: where it stands with the operator, in words.
    pub state: String,
}

/// A task for an official.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLine {
    /// Which task.
    pub task: u64,
    /// To be done by.
    pub due: Date,
    /// About whom.
    pub person: Option<PersonId>,
    /// What there is to do.
    pub what: String,
    /// Is it to read what came from a number that is nobody's?
    pub unknown_number: bool,
}

/// What was written from a number that is nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownThread {
    /// The number, masked but for its last two digits.
    pub phone: String,
    /// The thread, oldest first.
    pub thread: Vec<ThreadLine>,
}

/// A pay run in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    /// Which run.
    pub run: u64,
    /// Who pays, in words.
    pub payer: String,
    /// When it was prepared.
    pub at: Moment,
    /// Who prepared it.
    pub prepared_by: String,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// How many orders.
    pub orders: u64,
    /// Their sum: whoever approves says that they saw it.
    pub sum: Tenge,
    /// The sum in words of money.
    pub total: String,
    /// May it be approved or given up?
    pub open: bool,
    /// Where it stands, in words.
    pub state: String,
    /// Its file.
    pub file: Option<String>,
}

/// What today's systems pay beside what the law gives, of one kind in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferenceLine {
    /// The measure's name in the pack.
    pub measure: String,
    /// Its title.
    pub title: String,
    /// The region's code, where it is known.
    pub region: Option<String>,
    /// How they differ; `None` where they were not compared yet.
    pub kind: Option<Kind>,
    /// That, in words.
    pub told: String,
    /// How many awards.
    pub awards: u64,
    /// What they pay a month, as far as it is told.
    pub theirs: Tenge,
    /// What the law gives, as far as it is known.
    pub ours: Tenge,
}

/// Somebody whom today's system pays something else than the law gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// Who receives.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// The numbers of the awards there.
    pub awards: Vec<String>,
    /// For which month.
    pub month: Month,
    /// What is paid, where it is told.
    pub theirs: Option<Tenge>,
    /// What the law gives, where it is known.
    pub ours: Option<Tenge>,
    /// Why, in sentences.
    pub why: Vec<String>,
}
