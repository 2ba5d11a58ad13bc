//! Random worlds of a few people of whom everything is known, and what hides a part of it.

use std::collections::BTreeSet;

use card::{
    Cell, Circle, Coverage, Date, EntityId, FOREVER, FieldId, LONG_AGO, Month, PersonId, Question, Row, Span,
    Tenge,
};
use fastrand::Rng;

use super::schema::*;

const REGIONS: [&str; 3] = ["north", "south", "west"];
const ENTITIES: [EntityId; 7] = [PERSON, TIE, STUDY, HOME, INCOME, AWARD, AWARD_CHILD];

/// A circle of which everything is known, and a question about it.
#[derive(Clone, Debug)]
pub struct World {
    pub circle: Circle,
    pub question: Question,
    pub people: u64,
}

fn day_between(rng: &mut Rng, from: &str, to: &str) -> Date {
    let day = |text: &str| text.parse::<Date>().expect("a day").days();
    Date::from_days(rng.i32(day(from)..day(to)))
}

fn person(id: u64) -> Cell {
    Cell::Person(PersonId(id))
}

struct Maker<'r> {
    rng: &'r mut Rng,
    rows: Vec<Row>,
    last_id: u64,
}

impl Maker<'_> {
    fn row(&mut self, entity: EntityId, cells: Vec<Cell>, from: Date, until: Date) {
        self.last_id += 1;
        let (id, registry) = (self.last_id, OWNER);
        self.rows.push(Row { id, entity, cells: cells.into(), from, until, registry });
    }

    /// A period that began within the last years, still open or ended around now.
    fn period(&mut self, earliest: Date) -> (Date, Date, Cell) {
        let from = earliest.max(day_between(self.rng, "2010-01-01", "2025-06-01"));
        if self.rng.u8(0..3) > 0 {
            return (from, FOREVER, Cell::Nothing);
        }
        let until = day_between(self.rng, "2023-06-01", "2026-01-01").max(from.plus(Span::Days(1)));
        (from, until, Cell::Date(until))
    }
}

impl World {
    /// A world made from a seed.
    pub fn random(rng: &mut Rng) -> Self {
        let people = rng.u64(3..7);
        let day = day_between(rng, "2024-02-01", "2025-06-01");
        let asked_on = if rng.bool() { day } else { day.minus(Span::Days(rng.i32(1..120))) };
        let subject = PersonId(rng.u64(1..=people));
        let mut make = Maker { rng, rows: Vec::new(), last_id: 0 };
        let mut born = Vec::new();
        for id in 1..=people {
            // The first two are the elder generation.
            let birth = if id <= 2 {
                day_between(make.rng, "1958-01-01", "1990-01-01")
            } else {
                day_between(make.rng, "1998-01-01", "2025-01-01")
            };
            let died = if make.rng.u8(0..6) == 0 {
                Cell::Date(day_between(make.rng, "2023-01-01", "2025-06-01").max(birth))
            } else {
                Cell::Nothing
            };
            let region = REGIONS[make.rng.usize(0..3)];
            let cells = vec![
                person(id),
                Cell::Date(birth),
                Cell::Enum(make.rng.u16(0..2)),
                died,
                Cell::Bool(make.rng.bool()),
                Cell::Code(region.into()),
                Cell::Integer(make.rng.i64(0..4)),
                Cell::Money(Tenge::from_tiyn(make.rng.i64(-20_000..50_000))),
                Cell::Decimal(make.rng.i64(1..2_000_000)),
            ];
            make.row(PERSON, cells, LONG_AGO, FOREVER);
            born.push(birth);
        }
        make.ties(people, &born);
        make.lives(people, &born);
        make.awards(people);
        let rows = make.rows;
        let mut circle = Circle { rows, coverage: Vec::new(), loaded: None };
        for entity in ENTITIES {
            let regions: Vec<Option<&str>> =
                if rng.bool() { vec![None] } else { REGIONS.into_iter().map(Some).collect() };
            for region in regions {
                circle.coverage.push(Coverage {
                    entity,
                    registry: OWNER,
                    region: region.map(Into::into),
                    from: LONG_AGO,
                    through: FOREVER.minus(Span::Days(1000)),
                });
            }
        }
        Self { circle, question: Question { subject, day, asked_on }, people }
    }
}

impl Maker<'_> {
    fn ties(&mut self, people: u64, born: &[Date]) {
        for child in 3..=people {
            for parent in 1..=2 {
                if self.rng.u8(0..5) > 0 {
                    let (from, until, ended) = self.period(born[child as usize - 1]);
                    let kind = Cell::Enum(self.rng.u16(0..3));
                    self.row(
                        TIE,
                        vec![person(child), person(parent), kind, Cell::Date(from), ended],
                        from,
                        until,
                    );
                }
            }
        }
        // A third generation, and a tie that loops back among siblings.
        if people >= 5 && self.rng.bool() {
            let from = day_between(self.rng, "2015-01-01", "2025-01-01");
            let cells = vec![person(people), person(3), Cell::Enum(0), Cell::Date(from), Cell::Nothing];
            self.row(TIE, cells, from, FOREVER);
        }
    }

    fn lives(&mut self, people: u64, born: &[Date]) {
        for id in 1..=people {
            let birth = born[id as usize - 1];
            if self.rng.bool() {
                let (from, until, ended) = self.period(birth);
                let grant = if self.rng.bool() { Cell::Money(Tenge::whole(30)) } else { Cell::Nothing };
                let cells = vec![person(id), Cell::Bool(self.rng.bool()), Cell::Date(from), ended, grant];
                self.row(STUDY, cells, from, until);
            }
            let from = birth.max(day_between(self.rng, "1995-01-01", "2023-01-01"));
            let address = Cell::Code(format!("street {}", self.rng.u8(1..3)).into());
            self.row(HOME, vec![person(id), address, Cell::Date(from), Cell::Nothing], from, FOREVER);
            for _ in 0..self.rng.u8(0..5) {
                let month = Month(self.rng.i32(2023 * 12 + 6..2025 * 12 + 6));
                let cells = vec![
                    person(id),
                    Cell::Month(month),
                    Cell::Enum(self.rng.u16(0..3)),
                    Cell::Money(Tenge::from_tiyn(self.rng.i64(0..40_000))),
                ];
                self.row(INCOME, cells, month.first_day(), month.next().first_day());
            }
        }
        // One registry speaks once of a person, month and kind.
        let mut said = BTreeSet::new();
        self.rows.retain(|row| {
            row.entity != INCOME
                || said.insert((row.cells[0].clone(), row.cells[1].clone(), row.cells[2].clone()))
        });
    }

    fn awards(&mut self, people: u64) {
        for number in 0..self.rng.u64(0..3) {
            let (from, until, ended) = self.period(LONG_AGO);
            let measure = ["grant", "shared", "monthly", "other"][self.rng.usize(0..4)];
            let recipient = self.rng.u64(1..=people);
            let subject = if self.rng.bool() { person(self.rng.u64(1..=people)) } else { Cell::Nothing };
            let code = Cell::Code(format!("A{number}").into());
            let cells = vec![
                code.clone(),
                Cell::Code(measure.into()),
                person(recipient),
                subject,
                Cell::Date(from),
                ended,
            ];
            self.row(AWARD, cells, from, until);
            // An award is for children with whom its recipient has a tie.
            let tied: Vec<Cell> = self
                .rows
                .iter()
                .filter(|row| row.entity == TIE && row.cells[1] == person(recipient))
                .map(|row| row.cells[0].clone())
                .collect();
            for child in tied {
                if self.rng.bool() {
                    self.row(AWARD_CHILD, vec![code.clone(), child], LONG_AGO, FOREVER);
                }
            }
        }
    }
}

/// One way to know less.
#[derive(Clone, Debug)]
pub enum Mask {
    /// A cell is not told.
    Hide { row: u64, field: FieldId },
    /// A birth date is told by its year.
    YearOnly { row: u64 },
    /// A registry covers an entity less: not at all, or not of a region, and some rows are not here.
    Uncover { entity: EntityId, region: Option<usize> },
    /// Coverage of an entity ends early, and rows of later days are not here.
    Shorten { entity: EntityId, through: Date },
    /// A person is named and not here.
    Forget { person: u64 },
    /// The registry also says something else of a home.
    Contradict { row: u64 },
    /// Another registry says what an outranking one says differently.
    Outrank { row: u64 },
}

impl Mask {
    /// A random way to know less of a world.
    pub fn random(rng: &mut Rng, world: &World) -> Self {
        let rows = &world.circle.rows;
        let any = |rng: &mut Rng, entity: EntityId| {
            let of: Vec<u64> = rows.iter().filter(|row| row.entity == entity).map(|row| row.id).collect();
            if of.is_empty() { None } else { Some(of[rng.usize(0..of.len())]) }
        };
        match rng.u8(0..16) {
            0..=6 => {
                let row = &rows[rng.usize(0..rows.len())];
                let first = u16::from(row.entity == PERSON || row.entity == AWARD);
                Self::Hide { row: row.id, field: FieldId(rng.u16(first..row.cells.len() as u16)) }
            }
            7 | 8 => Self::YearOnly { row: any(rng, PERSON).expect("there are people") },
            9..=11 => {
                let region = rng.bool().then(|| rng.usize(0..REGIONS.len()));
                Self::Uncover { entity: ENTITIES[rng.usize(1..ENTITIES.len())], region }
            }
            12 | 13 => {
                let entity = [TIE, INCOME, HOME][rng.usize(0..3)];
                Self::Shorten { entity, through: day_between(rng, "2023-06-01", "2025-08-01") }
            }
            14 => Self::Forget { person: rng.u64(1..=world.people) },
            _ => match (any(rng, HOME), rng.bool()) {
                (Some(row), true) => Self::Contradict { row },
                (Some(row), false) => Self::Outrank { row },
                (None, _) => Self::YearOnly { row: 1 },
            },
        }
    }

    /// Applies it, dropping rows that nothing covers any more by chance.
    pub fn apply(&self, rng: &mut Rng, world: &World) -> World {
        let mut world = world.clone();
        let circle = &mut world.circle;
        match self {
            Self::Hide { row, field } => {
                if let Some(row) = circle.rows.iter_mut().find(|r| r.id == *row) {
                    row.cells[field.0 as usize] = Cell::Unknown;
                }
            }
            Self::YearOnly { row } => {
                if let Some(row) = circle.rows.iter_mut().find(|r| r.id == *row)
                    && let Cell::Date(day) = row.cells[1]
                {
                    row.cells[1] = Cell::Year(day.ymd().0);
                }
            }
            Self::Uncover { entity, region } => {
                let region = region.map(|at| REGIONS[at]);
                circle.coverage.retain(|c| {
                    c.entity != *entity
                        || (region.is_some() && c.region.as_deref() != region && c.region.is_some())
                });
                drop_uncovered(rng, circle, *entity);
            }
            Self::Shorten { entity, through } => {
                for coverage in circle.coverage.iter_mut().filter(|c| c.entity == *entity) {
                    coverage.through = coverage.through.min(*through);
                }
                // The registry is believed for twenty days more, and a month of which a part is
                // covered may have its rows here.
                let silent = through.plus(Span::Days(20));
                circle.rows.retain(|row| {
                    row.entity != *entity || row.from <= silent || in_part_hidden(row) || rng.bool()
                });
            }
            Self::Forget { person: id } => {
                if PersonId(*id) != world.question.subject {
                    circle.rows.retain(|row| row.entity != PERSON || row.cells[0] != person(*id));
                }
            }
            Self::Contradict { row } | Self::Outrank { row } => {
                if let Some(mut said) = circle.rows.iter().find(|r| r.id == *row).cloned() {
                    said.id = 1000 + *row;
                    said.cells[1] = Cell::Code("street 9".into());
                    if matches!(self, Self::Outrank { .. }) {
                        said.registry = OTHER;
                    }
                    if !circle.rows.iter().any(|r| r.id == said.id) {
                        circle.rows.push(said);
                    }
                }
            }
        }
        world
    }
}

/// Drops some rows of an entity all of whose persons are covered by nothing.
fn drop_uncovered(rng: &mut Rng, circle: &mut Circle, entity: EntityId) {
    let covered: BTreeSet<Cell> = circle
        .rows
        .iter()
        .filter(|row| row.entity == PERSON)
        .filter(|row| {
            circle.coverage.iter().filter(|c| c.entity == entity).any(|c| match (&c.region, &row.cells[5]) {
                (None, _) => true,
                (Some(region), Cell::Code(code)) => region == code,
                _ => false,
            })
        })
        .map(|row| row.cells[0].clone())
        .collect();
    let everybody = circle.coverage.iter().any(|c| c.entity == entity && c.region.is_none());
    // A row whose person is hidden may be a covered person's.
    let silent = |row: &Row| {
        !everybody
            && row.cells.iter().all(|cell| !matches!(cell, Cell::Person(_)) || !covered.contains(cell))
            && !in_part_hidden(row)
    };
    circle.rows.retain(|row| row.entity != entity || !silent(row) || rng.bool());
}

/// A row of which a cell is hidden may be any row: that it is gone would tell something.
fn in_part_hidden(row: &Row) -> bool {
    row.cells.iter().any(|cell| matches!(cell, Cell::Unknown | Cell::Year(_)))
}
