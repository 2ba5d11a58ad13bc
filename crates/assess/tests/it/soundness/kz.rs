//! Random families under the law of Kazakhstan, and what is left of them when a part is hidden.

use std::collections::BTreeSet;

use card::{
    Cell, Circle, Coverage, Date, EntityId, FOREVER, FieldId, FieldType, LONG_AGO, PersonId, Question, Row,
    Schema, Span, UntilIs, Validity,
};
use fastrand::Rng;
use law::{
    Pack,
    tree::{Expr, Node, Slot, Type, WordId},
};

use crate::small::World;

const REGIONS: [&str; 2] = ["71", "75"];

/// Every derived word of a person, about slot 0.
pub fn words(pack: &Pack) -> Vec<(String, Expr)> {
    let me = || Expr { node: Node::Var(Slot(0)), ty: Type::Row(Schema::PERSON), at: 0..0 };
    let of_person = pack.words.iter().enumerate().filter(|(_, word)| word.of == Schema::PERSON);
    of_person
        .map(|(at, word)| {
            let node = Node::Word(Box::new(me()), WordId(at as u16));
            (word.name.clone(), Expr { node, ty: word.ty.clone(), at: 0..0 })
        })
        .collect()
}

/// Makes up rows of the pack's entities.
pub struct Maker<'m> {
    pub pack: &'m Pack,
    pub rng: &'m mut Rng,
    pub rows: Vec<Row>,
}

pub fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

pub fn person(id: u64) -> Cell {
    Cell::Person(PersonId(id))
}

impl Maker<'_> {
    /// Adds a row with the named cells; an optional field that is not named is nothing, any other is
    /// made up.
    pub fn row(&mut self, entity: &str, said: &[(&str, Cell)]) {
        let id = self.pack.schema.entity(entity).unwrap_or_else(|| panic!("the pack has no {entity}"));
        let declared = self.pack.schema.at(id);
        let cells: Box<[Cell]> = declared
            .fields
            .iter()
            .map(|field| match said.iter().find(|(name, _)| *name == field.name) {
                Some((_, cell)) => cell.clone(),
                None if field.optional => Cell::Nothing,
                None => self.made_up(field.ty),
            })
            .collect();
        let (mut from, mut until) = (LONG_AGO, FOREVER);
        if let Validity::Period { from: first, until: end, until_is } = &declared.validity {
            if let Cell::Date(day) = &cells[first.0 as usize] {
                from = *day;
            }
            if let Some(Cell::Date(day)) = end.map(|end| &cells[end.0 as usize]) {
                until = if *until_is == UntilIs::LastDay { day.plus(Span::Days(1)) } else { *day };
            }
        }
        let number = self.rows.len() as u64 + 1;
        self.rows.push(Row { id: number, entity: id, cells, from, until, registry: declared.registry });
    }

    pub fn made_up(&mut self, ty: FieldType) -> Cell {
        match ty {
            FieldType::Bool => Cell::Bool(self.rng.u8(0..5) > 0),
            FieldType::Integer => Cell::Integer(self.rng.i64(1..3)),
            FieldType::Decimal => Cell::Decimal(1_000_000),
            FieldType::Money => Cell::Money(card::Tenge::whole(self.rng.i64(0..1000))),
            FieldType::Date => Cell::Date(self.between("2021-06-01", "2026-06-01")),
            FieldType::Month => Cell::Month(card::Month(2026 * 12)),
            FieldType::Enum(id) => {
                let many = self.pack.schema.enumeration(id).values.len() as u16;
                Cell::Enum(if self.rng.bool() { 0 } else { self.rng.u16(0..many) })
            }
            FieldType::Code | FieldType::Row(_) => Cell::Code(format!("c{}", self.rng.u8(0..2)).into()),
            FieldType::Person => person(1),
            FieldType::Account => Cell::Account(card::AccountId(1)),
            FieldType::Phone => Cell::Phone(card::PhoneId(1)),
        }
    }

    pub fn between(&mut self, from: &str, to: &str) -> Date {
        Date::from_days(self.rng.i32(day(from).days()..day(to).days()))
    }

    pub fn value(&self, name: &str, value: &str) -> Cell {
        let of = self.pack.schema.enums.iter().find(|e| e.name == name).expect("an enumeration");
        Cell::Enum(of.value(value).unwrap_or_else(|| panic!("{name} has no {value}")))
    }

    fn adult(&mut self, id: u64, sex: &str) {
        let born = Cell::Date(self.between("1975-01-01", "2000-01-01"));
        let sex = self.value("sex", sex);
        let region = Cell::Code(REGIONS[self.rng.usize(0..2)].into());
        let died = if self.rng.u8(0..12) == 0 {
            Cell::Date(self.between("2024-01-01", "2026-06-01"))
        } else {
            Cell::Nothing
        };
        self.row(
            "person",
            &[
                ("id", person(id)),
                ("birth_date", born),
                ("sex", sex),
                ("region", region),
                ("death_date", died),
            ],
        );
        self.lives_at(id);
    }

    fn lives_at(&mut self, id: u64) {
        let address = Cell::Code(format!("home {}", self.rng.u8(1..3)).into());
        let since = Cell::Date(self.between("2005-01-01", "2024-01-01"));
        self.row("residence", &[("person", person(id)), ("address", address), ("since", since)]);
    }
}

/// Entities whose rows are made with care, since a family hangs on them.
const FAMILY: [&str; 9] = [
    "person",
    "parent_link",
    "residence",
    "marriage",
    "lives_with",
    "study",
    "stay",
    "running_award",
    "running_award_child",
];

impl Maker<'_> {
    /// A few rows of everything else that some measure reads, about anybody. Where a relation leads to
    /// one row on a day there are never two: of a contradiction less known would be more certain.
    fn whatever_else(&mut self, people: u64) {
        let groups = self.pack.groups.iter().map(|group| group.entity.0 as usize);
        let stored = groups.min().unwrap_or(self.pack.schema.entities.len());
        let mut keys = BTreeSet::new();
        for declared in self.pack.schema.entities[..stored].iter().filter(|e| !FAMILY.contains(&&*e.name)) {
            let monthly = matches!(declared.validity, Validity::Month(_));
            let one = |link: &&law::Link| {
                self.pack.schema.at(link.to).name == declared.name && link.arity == law::Arity::OneOnDay
            };
            let alone = self.pack.links.iter().find(one).map(|link| vec![link.by]);
            let alone = alone.unwrap_or_else(|| declared.key.clone());
            for _ in 0..self.rng.usize(0..if monthly { 60 } else { 4 }) {
                let mut said = Vec::new();
                for field in &declared.fields {
                    let cell = match field.ty {
                        _ if field.optional && self.rng.u8(0..3) > 0 => Cell::Nothing,
                        FieldType::Person => person(self.rng.u64(1..=people)),
                        FieldType::Month => Cell::Month(card::Month(2024 * 12 + self.rng.i32(0..30))),
                        _ if field.name == "region" => Cell::Code(REGIONS[self.rng.usize(0..2)].into()),
                        ty => self.made_up(ty),
                    };
                    said.push((&*field.name, cell));
                }
                let key = alone.iter().map(|field| said[field.0 as usize].1.clone());
                if keys.insert((&*declared.name, key.collect::<Vec<_>>())) {
                    self.row(&declared.name, &said);
                }
            }
        }
    }
}

/// A pair, perhaps a third adult, their children, and whatever else registries tell of them.
pub fn make(rng: &mut Rng, pack: &Pack) -> World {
    let mut make = Maker { pack, rng, rows: Vec::new() };
    make.adult(1, "female");
    make.adult(2, "male");
    let third = if make.rng.bool() { "female" } else { "male" };
    make.adult(3, third);
    let children = make.rng.u64(1..9);
    for child in 4..4 + children {
        let newborn = make.rng.u8(0..4) == 0;
        let born = if newborn {
            make.between("2025-01-01", "2026-06-01")
        } else {
            make.between("2001-01-01", "2025-01-01")
        };
        let region = Cell::Code(REGIONS[make.rng.usize(0..2)].into());
        make.row("person", &[("id", person(child)), ("birth_date", Cell::Date(born)), ("region", region)]);
        make.lives_at(child);
        for parent in 1..=2 {
            if make.rng.u8(0..8) > 0 {
                let kind = if make.rng.u8(0..8) > 0 {
                    make.value("tie", "birth")
                } else {
                    make.made_up(make.kind())
                };
                let said = [
                    ("child", person(child)),
                    ("parent", person(parent)),
                    ("kind", kind),
                    ("since", Cell::Date(born)),
                ];
                make.row("parent_link", &said);
            }
        }
        if make.rng.u8(0..10) == 0 {
            let kind = make.value("tie", "guardianship");
            make.row(
                "parent_link",
                &[
                    ("child", person(child)),
                    ("parent", person(3)),
                    ("kind", kind),
                    ("since", Cell::Date(born)),
                ],
            );
        }
        if make.rng.u8(0..3) == 0 {
            make.row("study", &[("person", person(child)), ("since", Cell::Date(day("2023-09-01")))]);
        }
        if make.rng.u8(0..10) == 0 {
            make.row("stay", &[("person", person(child)), ("since", Cell::Date(day("2024-09-01")))]);
        }
        if make.rng.u8(0..6) == 0 {
            let parent = person(make.rng.u64(1..4));
            make.row(
                "lives_with",
                &[("child", person(child)), ("parent", parent), ("since", Cell::Date(day("2024-01-01")))],
            );
        }
    }
    if make.rng.u8(0..3) > 0 {
        let ended = if make.rng.u8(0..4) == 0 { Cell::Date(day("2025-03-01")) } else { Cell::Nothing };
        let said = [
            ("first", person(1)),
            ("second", person(2)),
            ("since", Cell::Date(day("2000-05-01"))),
            ("ended", ended),
        ];
        make.row("marriage", &said);
    }
    if make.rng.u8(0..3) == 0 {
        let measure = ["multi_child", "birth_grant", "other"][make.rng.usize(0..3)];
        let said = [
            ("number", Cell::Code("A1".into())),
            ("measure", Cell::Code(measure.into())),
            ("recipient", person(make.rng.u64(1..4))),
            ("since", Cell::Date(day("2025-10-01"))),
        ];
        make.row("running_award", &said);
        let child = person(make.rng.u64(4..4 + children));
        make.row("running_award_child", &[("award", Cell::Code("A1".into())), ("child", child)]);
    }
    make.whatever_else(3 + children);
    let rows = make.rows;
    let mut circle = Circle { rows, coverage: Vec::new(), loaded: None };
    for (at, entity) in pack.schema.entities.iter().enumerate() {
        let regions = if rng.bool() { vec![None] } else { REGIONS.into_iter().map(Some).collect() };
        for region in regions {
            circle.coverage.push(Coverage {
                entity: EntityId(at as u16),
                registry: entity.registry,
                region: region.map(Into::into),
                from: LONG_AGO,
                through: day("2090-01-01"),
            });
        }
    }
    let asked = Date::from_days(rng.i32(day("2025-06-01").days()..day("2026-08-01").days()));
    let subject = if rng.bool() { PersonId(rng.u64(1..3)) } else { PersonId(rng.u64(4..4 + children)) };
    World { circle, question: Question { subject, day: asked, asked_on: asked }, people: 3 + children }
}

impl Maker<'_> {
    pub fn kind(&self) -> card::FieldType {
        let at = self.pack.schema.enums.iter().position(|e| e.name == "tie").expect("an enumeration");
        card::FieldType::Enum(card::EnumId(at as u16))
    }
}

/// Hides a part: a cell, a birth date but for its year, or a registry with the rows it alone told.
pub fn hide(rng: &mut Rng, pack: &Pack, world: &World) -> (World, String) {
    let mut world = world.clone();
    let circle = &mut world.circle;
    let told = match rng.u8(0..5) {
        0..=2 => {
            let at = rng.usize(0..circle.rows.len());
            let row = &mut circle.rows[at];
            let key = &pack.schema.at(row.entity).key;
            let named = row.entity == Schema::PERSON || key.len() == 1;
            let field = FieldId(rng.u16(0..row.cells.len() as u16));
            if !(named && key.contains(&field)) {
                row.cells[field.0 as usize] = Cell::Unknown;
            }
            format!("{field:?} of row {} hidden", row.id)
        }
        3 => {
            let birth = pack.schema.at(Schema::PERSON).field("birth_date").expect("a birth date");
            let people: Vec<usize> =
                (0..circle.rows.len()).filter(|at| circle.rows[*at].entity == Schema::PERSON).collect();
            let row = &mut circle.rows[people[rng.usize(0..people.len())]];
            if let Cell::Date(day) = row.cells[birth.0 as usize] {
                row.cells[birth.0 as usize] = Cell::Year(day.ymd().0);
            }
            format!("row {}: only the year of birth", row.id)
        }
        _ => {
            let entity = EntityId(rng.u16(1..pack.schema.entities.len() as u16));
            circle.coverage.retain(|coverage| coverage.entity != entity);
            // What was declared is complete by definition: there silence is nothing.
            let declared = pack.links.iter().any(|l| l.to == entity && l.silence == law::Silence::Declared);
            let hidden =
                |row: &Row| row.cells.iter().any(|cell| matches!(cell, Cell::Unknown | Cell::Year(_)));
            circle.rows.retain(|row| row.entity != entity || declared || hidden(row) || rng.bool());
            format!("{} covered no more", pack.schema.at(entity).name)
        }
    };
    (world, told)
}
