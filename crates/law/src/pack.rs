//! The compiled pack: the law as an evaluator reads it.

use card::{Date, EntityId, FieldId, Lang, RegistryId, Schema, Span, Standing, Text};

use crate::says::Says;
use crate::score::Score;
use crate::tree::{Exact, Expr, LinkId, MeasureId, ParameterId, RuleId, Type, WordId};

/// A law pack that loaded: every name resolved, every expression typed, every load rule held.
#[derive(Clone, Debug)]
pub struct Pack {
    /// The facts that it reads. Group entities (`insured_month`) come after the stored ones.
    pub schema: Schema,
    /// Entities that are groups of another entity's rows.
    pub groups: Vec<Group>,
    /// Acts, by key.
    pub acts: Vec<Act>,
    /// Relations.
    pub links: Vec<Link>,
    /// Derived words, each after those that it reads.
    pub words: Vec<Word>,
    /// Named parts of an entity.
    pub roles: Vec<Role>,
    /// Parameters, shared ones and those of measures.
    pub parameters: Vec<Parameter>,
    /// Rules with arguments, each after those that it calls.
    pub rules: Vec<Rule>,
    /// The pages of the law: measures, which give money, and after them notices, which tell a person something.
    pub measures: Vec<Measure>,
    /// Benefits that exclude each other.
    pub choices: Vec<Choice>,
    /// Methodologies that give a level for points, edition by edition. No measure reads them.
    pub scores: Vec<Score>,
    /// A hash of what stands at which position. Expressions name things by position: what was made of
    /// one pack serves another only if these are equal, too.
    pub layout: String,
}

/// An act of law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The key that sources write before the colon.
    pub key: String,
    /// Its title.
    pub title: Text,
    /// Where it is published.
    pub link: String,
}

/// `groups: {rows, by}`: one row for every combination of the keys that a row of `rows` has.
///
/// The link whose `of` is the group and whose `to` is `rows` leads from a group row to the very
/// rows that it groups: those that agree in all of `by`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The group entity, whose fields are the keys in order.
    pub entity: EntityId,
    /// Rows of this entity are grouped.
    pub rows: EntityId,
    /// The fields of `rows` that are the keys.
    pub by: Vec<FieldId>,
}

/// A relation of an entity. A `via` path is a derived word of list type, not a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// Whose relation.
    pub of: EntityId,
    /// To which entity.
    pub to: EntityId,
    /// The field of `of` whose value is followed, or its own key.
    pub from: LinkFrom,
    /// The field of `to` that equals it.
    pub by: FieldId,
    /// One or many, on the day or of all time.
    pub arity: Arity,
    /// What it means that there is no row.
    pub silence: Silence,
    /// The registry that owes the rows.
    pub registry: RegistryId,
    /// For `only_first`: the fields that order the rows; then the key.
    pub order: Vec<FieldId>,
}

/// Where a link starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFrom {
    /// At the row's own key.
    Key,
    /// At one of its fields.
    Field(FieldId),
}

/// How many rows a link has, and of when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// The row that a key names, of any time.
    OneByKey,
    /// The one row valid on `day`.
    OneOnDay,
    /// The rows valid on `day`.
    ManyOnDay,
    /// The rows of all time.
    ManyAll,
}

/// What a missing row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// To one, inside coverage: nothing. Outside: unknown.
    Nothing,
    /// To one: always unknown.
    Unknown,
    /// To many: no further rows, inside the registry's coverage; outside the list is open.
    ClosedByRegistry,
    /// To many: what was declared is all there is.
    Declared,
    /// To many, of months: closed for months inside coverage.
    ThroughMonth,
    /// To many: always open.
    Open,
}

/// A derived word of an entity: one expression about a row, in slot 0.
#[derive(Clone, Debug)]
pub struct Word {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// Of which entity.
    pub of: EntityId,
    /// Its expression, by the date from which that form applies on `day`.
    pub is: Dated<Expr>,
    /// Its type.
    pub ty: Type,
    /// Articles.
    pub sources: Vec<String>,
}

/// A named part of an entity, such as a measure's subject.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Of which entity.
    pub of: EntityId,
    /// Which rows play it; slot 0 is the row.
    pub when: Expr,
}

/// Something whose form changed by date; the last one not after the date applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T>(pub Vec<(Date, T)>);

impl<T> Dated<T> {
    /// What applies on a day; `None` before the first.
    pub fn on(&self, day: Date) -> Option<&T> {
        self.0.iter().rev().find(|(from, _)| *from <= day).map(|(_, value)| value)
    }
}

/// A number of the law by date: a step function, or an index of factors.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// The measure that it belongs to, or `None` if shared.
    pub measure: Option<String>,
    /// The type of a value.
    pub ty: Type,
    /// The unit that a value is a multiple of, such as `mrp`, for people.
    pub unit: Option<String>,
    /// The types of its keys.
    pub keys: Vec<Type>,
    /// Is it an index: factors that happen on dates?
    pub index: bool,
    /// Its values by date, in order.
    pub steps: Vec<Step>,
}

/// The entries of a parameter from one date on.
#[derive(Clone, Debug)]
pub struct Step {
    /// The first day.
    pub from: Date,
    /// Without keys, one entry with no tests.
    pub entries: Vec<Entry>,
    /// Articles or publications.
    pub sources: Vec<String>,
    /// How sure the values are.
    pub standing: Standing,
}

/// One entry of a table: a value where every key passes its test. Entries do not overlap.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// One test per key.
    pub tests: Vec<KeyTest>,
    /// The value.
    pub value: Constant,
}

/// A unary test of FEEL over one key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyTest {
    /// `any`
    Any,
    /// One of these values of an enumeration.
    OneOf(Vec<u16>),
    /// One of these codes.
    Codes(Vec<String>),
    /// A range of numbers; `None` is no limit, the flag says whether the end belongs.
    Range(Option<(Exact, bool)>, Option<(Exact, bool)>),
    /// A truth value.
    Is(bool),
}

/// A constant of the pack.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// True or false.
    Bool(bool),
    /// A number; tenge for money.
    Number(Exact),
    /// A day.
    Date(Date),
    /// A duration.
    Duration(Span),
    /// A value of an enumeration.
    Enum(u16),
}

/// A named expression with arguments, in slots 0, 1, …
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: Text,
    /// The arguments and their types.
    pub with: Vec<(String, Type)>,
    /// Its expression.
    pub is: Dated<Expr>,
    /// Its type.
    pub ty: Type,
    /// Articles.
    pub sources: Vec<String>,
}

/// What a payment that is over stands for, where it is not made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// For the whole life of the subject: a child is born once.
    Ever,
    /// For the right from which it came. What began before the right arose was paid for another one,
    /// such as the loss of another job.
    Right,
}

/// One page of the law and its words: a measure, which gives money, or a notice, which gives a word. Both
/// ask whom they concern and what must hold; what only money needs is empty for a notice. Slot 0 of every
/// expression is the subject.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Its name, such as `birth_grant`.
    pub name: String,
    /// Its hash over everything that decides it: measure, words, parameters, entities, rules, evaluator.
    pub closure: String,
    /// The subject's role.
    pub subject: Role,
    /// Who is concerned at all.
    pub among: Option<Dated<Expr>>,
    /// Local names, each after those that it reads.
    pub lets: Vec<Let>,
    /// Conditions, all of which must hold.
    pub conditions: Vec<Condition>,
    /// Refusals, none of which may hold.
    pub refusals: Vec<Refusal>,
    /// Exactly one applies.
    pub branches: Vec<Branch>,
    /// Sums on top.
    pub additions: Vec<Branch>,
    /// A floor of the amount.
    pub at_least: Option<Expr>,
    /// A ceiling of the amount.
    pub at_most: Option<Expr>,
    /// A factor of the amount.
    pub indexed: Option<Expr>,
    /// How an amount becomes payable money, by the parameter that says so.
    pub rounding: Option<ParameterId>,
    /// What is withheld.
    pub withholds: Vec<Withhold>,
    /// Among whom the amount is divided, and by which weight.
    pub divided: Option<Divided>,
    /// When it is paid. Of a notice `right` is the day that it speaks of.
    pub period: Period,
    /// Classifications that decide duties or words, not money.
    pub kinds: Vec<Kind>,
    /// Who receives, in the order of asking: each a row or a list of persons.
    pub pays_to: Vec<Expr>,
    /// The children that the right is about, for *free* and for unique claims.
    pub claims: Option<Expr>,
    /// Is it paid once, and for what?
    pub once: Option<Once>,
    /// What whoever it says yes to is given.
    pub gives: Gives,
    /// What is told to people.
    pub told: Told,
    /// Articles of the page as a whole.
    pub sources: Vec<String>,
    /// The first day and, if any, the first day no more on which the pack knows this measure.
    pub in_force: (Date, Option<Date>),
    /// Cases beside the law.
    pub cases: Vec<crate::cases::Case>,
}

/// A local name.
#[derive(Clone, Debug)]
pub struct Let {
    /// Its name.
    pub name: String,
    /// Its expression.
    pub is: Dated<Expr>,
    /// Its type.
    pub ty: Type,
}

/// A condition of a measure.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Its name.
    pub name: String,
    /// What must hold.
    pub holds: Dated<Expr>,
    /// Articles.
    pub sources: Vec<String>,
    /// What a person is told when it holds, fails, or is not known.
    pub told: ConditionTold,
}

/// What a person is told about a condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConditionTold {
    /// It holds.
    pub holds: Text,
    /// It fails.
    pub fails: Text,
    /// It is not known.
    pub unknown: Text,
    /// Why it refuses, in the few words that an SMS has room for; without it the sentence that is told
    /// when it fails has to be short enough.
    pub short: Option<Text>,
}

/// The most characters of a short reason in any language: with the longest title it fits three parts of an
/// SMS.
pub const MOST_OF_SHORT: usize = 70;

/// A ground of refusal.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Its name.
    pub name: String,
    /// When it refuses.
    pub when: Dated<Expr>,
    /// The exception that the article names.
    pub unless: Option<Dated<Expr>>,
    /// Articles.
    pub sources: Vec<String>,
    /// What a person is told; `fails` where it refuses.
    pub told: ConditionTold,
}

/// One way in which the amount is computed, or one sum on top.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// When it applies.
    pub when: Dated<Expr>,
    /// What it pays.
    pub pays: Dated<Expr>,
    /// Articles.
    pub sources: Vec<String>,
    /// What a person calls it.
    pub title: Text,
}

/// A sum withheld and sent elsewhere: a share of the amount after rounding.
#[derive(Clone, Debug)]
pub struct Withhold {
    /// Its name.
    pub name: String,
    /// When it is withheld.
    pub when: Option<Expr>,
    /// The share of the amount, a number.
    pub share: Expr,
    /// Articles.
    pub sources: Vec<String>,
}

/// Division of one amount among persons.
#[derive(Clone, Debug)]
pub struct Divided {
    /// Among whom.
    pub among: Expr,
    /// Each one's weight; slot 1 is bound to the member.
    pub each: Expr,
    /// Only to members who ask for their share.
    pub only_if_asked: bool,
}

/// When a measure is paid. All expressions are about the subject.
#[derive(Clone, Debug, Default)]
pub struct Period {
    /// The day on which the right arises.
    pub right: Option<Expr>,
    /// The first day paid for, if not by the default.
    pub from: Option<Expr>,
    /// The first day not paid for.
    pub until: Option<Expr>,
    /// Exactly so many payment months.
    pub months: Option<Expr>,
    /// For `months`: does the first payment month follow the month of `from`?
    pub next_month: bool,
    /// How far back it is paid before it was asked for.
    pub back_to: Option<Expr>,
    /// Paid every month, or once.
    pub monthly: bool,
    /// What happens with the month in which `until` falls.
    pub broken_month: BrokenMonth,
    /// For how many months an unknown carries the last certain amount.
    pub carry: Option<ParameterId>,
}

/// What is paid for the month in which the period ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrokenMonth {
    /// All of it.
    #[default]
    Whole,
    /// By days.
    ByDays,
    /// Nothing.
    Unpaid,
}

/// A classification of a measure.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// When it applies.
    pub when: Expr,
    /// Obligations that it brings.
    pub duties: Vec<String>,
    /// Articles.
    pub sources: Vec<String>,
}

/// What a page of the law gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Money that is offered, decided and paid.
    Money {
        /// From whom and how fast.
        delivery: Delivery,
        /// The words of the offer.
        offer: OfferWords,
    },
    /// A word: the person is told once for each day that the notice speaks of.
    Word(Says),
}

/// How a measure is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The body that decides, for people.
    pub decided_by: Text,
    /// The order that gives an automatic decision its force, as `act:article`.
    pub automatic_by: Option<String>,
    /// Who pays: `fund`, `republic`, `local`.
    pub payer: String,
    /// How many days a person has to answer an offer.
    pub window: ParameterId,
    /// Within how many days the decision is told.
    pub decide_within: ParameterId,
}

/// What a page of the law is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its full title.
    pub title: Text,
    /// Its name inside an SMS.
    pub short: Text,
}

/// The words of an offer that stand outside its SMS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferWords {
    /// The measure's name in Latin letters of GSM 7-bit, kk and ru.
    pub latin: (String, String),
    /// The letter, with `{amount}`, `{recipient}`, `{until}`.
    pub letter: Text,
}

/// Benefits that exclude each other.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// Between these measures.
    pub between: Vec<MeasureId>,
    /// Who would receive both; slot 0 is a person.
    pub person: Option<Expr>,
    /// When both are paid after all.
    pub unless: Option<Expr>,
    /// The larger is offered, or a call decides.
    pub offered: Offered,
    /// After how many days of missing facts a call decides.
    pub wait: Option<Span>,
    /// Articles.
    pub sources: Vec<String>,
}

/// How a choice is put to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// The larger is offered and the other is named.
    TheLarger,
    /// An operator calls.
    Call,
    /// The conditions of the measures decide; both never apply.
    DecidedByConditions,
}

impl Measure {
    /// How its money is delivered; `None` for a notice.
    pub const fn delivery(&self) -> Option<&Delivery> {
        match &self.gives {
            Gives::Money { delivery, .. } => Some(delivery),
            Gives::Word(_) => None,
        }
    }

    /// Is its money of this payer?
    pub fn paid_by(&self, payer: &str) -> bool {
        self.delivery().is_some_and(|delivery| delivery.payer == payer)
    }

    /// Does the pack know it on a day?
    pub fn in_force_on(&self, day: Date) -> bool {
        let (from, until) = self.in_force;
        from <= day && until.is_none_or(|until| day < until)
    }

    /// What it says; `None` for a measure.
    pub const fn says(&self) -> Option<&Says> {
        match &self.gives {
            Gives::Money { .. } => None,
            Gives::Word(says) => Some(says),
        }
    }
}

impl Pack {
    /// The measure or notice of that name.
    pub fn measure(&self, name: &str) -> Option<MeasureId> {
        self.measures.iter().position(|m| m.name == name).map(|at| MeasureId(at as u16))
    }

    /// The parameter at a position.
    pub fn parameter(&self, id: ParameterId) -> &Parameter {
        &self.parameters[id.0 as usize]
    }

    /// The relation at a position.
    pub fn link(&self, id: LinkId) -> &Link {
        &self.links[id.0 as usize]
    }

    /// The word at a position.
    pub fn word(&self, id: WordId) -> &Word {
        &self.words[id.0 as usize]
    }

    /// The rule at a position.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// What a person calls a measure.
    pub fn title(&self, measure: &str, lang: Lang) -> Option<&str> {
        self.measure(measure).map(|id| self.measures[id.0 as usize].told.title.get(lang))
    }
}
