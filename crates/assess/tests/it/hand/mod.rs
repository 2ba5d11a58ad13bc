//! Hand-built circles with answers computed by hand.

mod explains;
pub mod loads;
mod pays;

use card::{
    Cell, Circle, Coverage, Date, EntityId, FOREVER, LONG_AGO, Missing, Month, PersonId, Question, Row,
    Tenge, Ternary,
};
use law::{
    Pack,
    tree::{Exact, Expr, MeasureId},
};

use crate::{
    plain::{Interval, Is, Plain, Value},
    small::{expressions, pack, schema::*},
};

pub const GRANT: MeasureId = MeasureId(0);
pub const SHARED: MeasureId = MeasureId(1);

pub fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

pub fn person(id: u64) -> Cell {
    Cell::Person(PersonId(id))
}

/// Facts of a case, written short.
#[derive(Clone, Default)]
pub struct Facts(pub Circle);

impl Facts {
    pub fn row(mut self, entity: EntityId, cells: Vec<Cell>, from: Date, until: Date) -> Self {
        let id = self.0.rows.len() as u64 + 1;
        let (cells, registry) = (cells.into(), OWNER);
        self.0.rows.push(Row { id, entity, cells, from, until, registry });
        self
    }

    pub fn person(self, id: u64, born: &str, female: bool) -> Self {
        let cells = vec![
            person(id),
            Cell::Date(day(born)),
            Cell::Enum(u16::from(!female)),
            Cell::Nothing,
            Cell::Bool(true),
            Cell::Code("north".into()),
            Cell::Integer(1),
            Cell::Money(Tenge::ZERO),
            Cell::Decimal(500_000),
        ];
        self.row(PERSON, cells, LONG_AGO, FOREVER)
    }

    pub fn tie(self, child: u64, parent: u64, since: &str) -> Self {
        let cells = vec![person(child), person(parent), Cell::Enum(0), Cell::Date(day(since)), Cell::Nothing];
        self.row(TIE, cells, day(since), FOREVER)
    }

    pub fn study(self, id: u64, full_time: bool, since: &str) -> Self {
        let cells =
            vec![person(id), Cell::Bool(full_time), Cell::Date(day(since)), Cell::Nothing, Cell::Nothing];
        self.row(STUDY, cells, day(since), FOREVER)
    }

    pub fn income(self, id: u64, month: &str, tenge: i64) -> Self {
        let month: Month = month.parse().expect("a month");
        let cells = vec![person(id), Cell::Month(month), Cell::Enum(0), Cell::Money(Tenge::whole(tenge))];
        self.row(INCOME, cells, month.first_day(), month.next().first_day())
    }

    pub fn covered(mut self, entity: EntityId, region: Option<&str>, from: &str, through: &str) -> Self {
        let (from, through) = (day(from), day(through));
        let region = region.map(Into::into);
        self.0.coverage.push(Coverage { entity, registry: OWNER, region, from, through });
        self
    }

    /// Every entity covers everybody for a century.
    pub fn all_covered(self) -> Self {
        [PERSON, TIE, STUDY, HOME, INCOME, AWARD, AWARD_CHILD]
            .into_iter()
            .fold(self, |facts, entity| facts.covered(entity, None, "1950-01-01", "2050-01-01"))
    }

    pub fn hide(mut self, row: usize, field: usize) -> Self {
        self.0.rows[row].cells[field] = Cell::Unknown;
        self
    }
}

pub fn question(subject: u64, on: &str) -> Question {
    Question { subject: PersonId(subject), day: day(on), asked_on: day(on) }
}

pub fn named(pack: &Pack, name: &str) -> Expr {
    let found = expressions(pack).into_iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no expression {name}")).1
}

fn value(facts: &Facts, name: &str, question: Question) -> Value {
    let pack = pack();
    Plain::new().evaluate(&pack, GRANT, &named(&pack, name), question, &facts.0).expect("a value")
}

fn number(facts: &Facts, name: &str, question: Question) -> (Option<i128>, Option<i128>) {
    let value = value(facts, name, question);
    let Some(Is::Number(Interval { lo, hi })) = value.some else { panic!("{name} is no number: {value:?}") };
    let whole = |x: Exact| {
        assert!(x.is_integer(), "{name} is {x}");
        x.to_integer()
    };
    (lo.map(whole), hi.map(whole))
}

fn exactly(n: i128) -> (Option<i128>, Option<i128>) {
    (Some(n), Some(n))
}

/// A mother of three, of whom one studies.
fn family() -> Facts {
    Facts::default()
        .person(1, "1980-01-01", true)
        .person(2, "2004-03-01", false)
        .person(3, "2010-05-05", true)
        .person(4, "2020-07-09", false)
        .tie(2, 1, "2004-03-01")
        .tie(3, 1, "2010-05-05")
        .tie(4, 1, "2020-07-09")
        .study(2, true, "2022-09-01")
}

#[test]
fn counts_what_is_certain_and_what_is_possible() {
    let asked = question(1, "2025-02-01");
    assert_eq!(number(&family().all_covered(), "number", asked), exactly(3));
    // The education registry says nothing of the eldest any more, and covers nobody.
    let mut silent = family();
    silent.0.rows.pop();
    let silent = silent.covered(TIE, None, "1950-01-01", "2050-01-01");
    assert_eq!(number(&silent, "number", asked), (Some(2), Some(3)));
    assert_eq!(value(&silent, "four", asked).ternary(), Ternary::Yes);
}

#[test]
fn an_uncovered_list_is_open_and_never_overrides_what_is_certain() {
    let asked = question(1, "2025-02-01");
    let open = family().covered(STUDY, None, "1950-01-01", "2050-01-01");
    assert_eq!(number(&open, "number", asked), (Some(3), None));
    assert_eq!(value(&open, "four", asked).ternary(), Ternary::Yes);
    let alive = value(&open, "every_child_alive", asked);
    assert_eq!(alive.ternary(), Ternary::Unknown);
    let owed: Vec<_> = alive.why.missing.iter().map(|leaf| (leaf.entity, leaf.field, leaf.person)).collect();
    assert_eq!(owed, [(TIE, None, Some(PersonId(1)))]);
}

#[test]
fn coverage_is_believed_for_as_long_as_the_registry_declares() {
    let covered = |through: &str| family().covered(TIE, None, "1950-01-01", through);
    let asked = question(1, "2025-02-01");
    // Twenty days after the last covered day the registry still stands for its word.
    assert!(value(&covered("2025-01-12"), "children", asked).decided());
    assert!(!value(&covered("2025-01-11"), "children", asked).decided());
}

#[test]
fn coverage_of_a_region_is_for_those_known_to_be_there() {
    let asked = question(1, "2025-02-01");
    let of = |region: &str| family().covered(TIE, Some(region), "1950-01-01", "2050-01-01");
    assert!(value(&of("north"), "children", asked).decided());
    assert!(!value(&of("south"), "children", asked).decided());
    assert!(!value(&of("north").hide(0, 5), "children", asked).decided());
}

#[test]
fn months_close_where_every_admitted_month_is_covered() {
    let asked = question(1, "2025-02-10");
    let facts = family().income(1, "2024-11", 100).income(1, "2024-12", 50).income(1, "2023-01", 7);
    // The quarter before is October to December 2024.
    let covered = |from: &str, through: &str| facts.clone().covered(INCOME, None, from, through);
    assert_eq!(number(&covered("2024-10-01", "2024-12-31"), "quarter_income", asked), exactly(150));
    assert_eq!(number(&covered("2024-10-02", "2024-12-31"), "quarter_income", asked), (Some(150), None));
    assert_eq!(number(&covered("2024-10-01", "2024-12-30"), "quarter_income", asked), (Some(150), None));
    // `< m` admits all months ever.
    assert_eq!(number(&covered("2020-01-01", "2025-01-31"), "earlier_months", asked), (Some(3), None));
    let mut ever = covered("2020-01-01", "2025-01-31");
    ever.0.coverage[0].from = LONG_AGO;
    assert_eq!(number(&ever, "earlier_months", asked), exactly(3));
}

#[test]
fn group_rows_are_the_months_that_have_rows() {
    let facts = family().income(1, "2024-11", 100).income(1, "2024-12", 50).all_covered();
    let mut twice = facts.clone();
    let mut more = twice.0.rows[8].clone();
    more.id = 77;
    more.cells[2] = Cell::Enum(1);
    twice.0.rows.push(more);
    let asked = question(1, "2025-02-10");
    assert_eq!(number(&facts, "insured", asked), (Some(2), None));
    assert_eq!(number(&twice, "insured", asked), (Some(2), None));
    // The average of six months, gaps counting as zero: 250 / 6.
    let average = value(&twice, "average", asked).number().and_then(|n| n.single());
    assert_eq!(average, Some(Exact::new(250, 6)));
}

#[test]
fn a_birth_year_gives_two_ages() {
    let mut facts = family().all_covered();
    facts.0.rows[1].cells[1] = Cell::Year(2007);
    assert_eq!(number(&facts, "age", question(2, "2025-02-01")), (Some(17), Some(18)));
    assert_eq!(number(&facts, "age", question(2, "2025-12-31")), exactly(18));
}

#[test]
fn two_rows_that_contradict_each_other_leave_it_open() {
    let mut facts = family().all_covered();
    facts = facts.study(2, false, "2023-09-01");
    let student = value(&facts, "full_time", question(2, "2025-02-01"));
    assert_eq!(student.ternary(), Ternary::Unknown);
    assert_eq!(student.why.conflicts.iter().copied().collect::<Vec<_>>(), [STUDY]);
    // Another registry's word does not contradict the owner's.
    facts.0.rows.last_mut().expect("rows").registry = OTHER;
    let student = value(&facts, "full_time", question(2, "2025-02-01"));
    assert_eq!((student.ternary(), student.why.conflicts.len()), (Ternary::Yes, 0));
}

#[test]
fn the_first_by_the_order_of_the_relation_is_taken() {
    let facts = family().all_covered();
    assert_eq!(number(&facts, "first_child", question(1, "2020-01-01")), exactly(1));
    assert_eq!(number(&facts, "first_child", question(1, "2025-02-01")), exactly(0));
    // Which tie is the oldest is not known: the eldest, grown up, or one of the minors.
    let hidden = facts.hide(4, 3);
    assert_eq!(number(&hidden, "first_child", question(1, "2025-02-01")), (Some(0), Some(1)));
}

#[test]
fn a_number_of_the_law_is_read_on_its_date_and_by_its_keys() {
    let facts = family().all_covered();
    let asked = question(1, "2024-12-31");
    assert_eq!(number(&facts, "unit", asked), exactly(3692));
    assert_eq!(number(&facts, "unit", question(1, "2025-01-01")), exactly(3932));
    assert_eq!(number(&facts, "unit_at_birth", question(3, "2025-01-01")), exactly(100));
    assert_eq!(number(&facts, "norm", asked), exactly(700));
    // An unknown region may be one that the table does not know.
    let norm = value(&facts.hide(0, 5), "norm", asked);
    assert!(norm.nothing);
    assert_eq!(norm.number(), Some(Interval::between(Exact::from_integer(500), Exact::from_integer(700))));
}

#[test]
fn an_age_is_reached_when_the_age_of_that_day_has_passed() {
    let reached = |born: &str, female: bool| {
        let facts = Facts::default().person(1, born, female).all_covered();
        let asked = question(1, "2025-02-01");
        value(&facts, "pension_day", asked).date().and_then(|d| d.single()).expect("a day")
    };
    assert_eq!(reached("1960-05-05", false), day("2023-05-05"));
    // 58 years before 2024, 60 in 2024, 61 and a half from 2025.
    assert_eq!(reached("1965-12-31", true), day("2023-12-31"));
    assert_eq!(reached("1964-01-02", true), day("2022-01-02"));
    assert_eq!(reached("1966-01-01", true), day("2027-07-01"));
}

#[test]
fn as_of_the_day_itself_is_the_day() {
    let pack = pack();
    let facts = family().income(1, "2024-11", 100).covered(TIE, None, "1950-01-01", "2024-06-01");
    for on in ["2024-06-21", "2024-06-22", "2025-02-01"] {
        for (name, expr) in expressions(&pack) {
            let elsewhere = Question { day: day("2023-03-03"), ..question(1, on) };
            let read = crate::small::terms::as_of(crate::small::terms::date(on), expr.clone());
            let plain = Plain::new();
            let here = plain.evaluate(&pack, GRANT, &expr, question(1, on), &facts.0);
            let there = plain.evaluate(&pack, GRANT, &read, elsewhere, &facts.0);
            assert_eq!(
                here.map(|v| (v.some, v.nothing)),
                there.map(|v| (v.some, v.nothing)),
                "{name} on {on}"
            );
        }
    }
}

#[test]
fn the_index_multiplies_what_lies_between() {
    let facts = Facts::default().person(1, "2023-01-01", true).all_covered();
    let index = |on: &str| value(&facts, "indexation", question(1, on)).number().and_then(|n| n.single());
    // The factor of the first day itself is not in (from..to].
    assert_eq!(index("2024-06-30"), Some(Exact::from_integer(1)));
    assert_eq!(index("2025-01-01"), Some(Exact::new(98 * 110, 10_000)));
}

#[test]
fn a_missing_fact_is_named_with_who_owes_it() {
    let pack = pack();
    let facts = family().all_covered().hide(0, 4);
    let verdict =
        Plain::new().work(&pack, GRANT, question(4, "2025-02-01"), &facts.0).expect("a verdict").verdict;
    let owed = Missing {
        registry: "state".into(),
        entity: "person".into(),
        field: Some("resident".into()),
        person: Some(PersonId(1)),
    };
    assert_eq!(verdict.outcome, card::Outcome::Unknown);
    assert_eq!(verdict.missing, [owed]);
}
