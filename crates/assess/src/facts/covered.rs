//! The days on which silence means that there is nothing, worked out once for all persons of a region.

use std::{cell::Cell as Counter, collections::HashMap};

use card::{EntityId, LONG_AGO, PersonId, RegistryId, Schema};

use super::{Cell, Cells, Facts};
use crate::calendar;

/// A first and a last day.
type Period = (i32, i32);

/// On which days silence of a registry about somebody's rows of an entity means that there are none.
pub(crate) struct Covered<'f, 'a> {
    facts: &'f Facts<'a>,
    /// For everybody, in order and apart.
    everywhere: Vec<Period>,
    /// For those who live in each of [`Regions::known`], what covers everybody included; none if
    /// nothing is told of a region alone.
    regions: Vec<Vec<Period>>,
    near: Counter<usize>,
}

impl<'f, 'a> Covered<'f, 'a> {
    /// With `standing`, each period is believed for as long after its end as the registry declares.
    pub fn of(facts: &'f Facts<'a>, entity: EntityId, registry: RegistryId, standing: bool) -> Self {
        let stands_for = facts.pack.schema.registries[registry.0 as usize].stands_for;
        let told = || facts.coverage.iter().filter(|one| one.entity == entity && one.registry == registry);
        let among = |region: Option<Cell>| {
            let code = |name: &str| Cell::Is(i64::from(facts.code(name)));
            let here =
                told().filter(|one| one.region.as_deref().is_none_or(|name| Some(code(name)) == region));
            merged(here.map(|one| {
                let through = if standing { one.through.plus(stands_for) } else { one.through };
                (one.from.days(), through.days())
            }))
        };
        let regions = if told().any(|one| one.region.is_some()) { &facts.regions().known[..] } else { &[] };
        let regions = regions.iter().map(|region| among(Some(*region))).collect();
        Self { facts, everywhere: among(None), regions, near: Counter::new(0) }
    }

    /// Is it the same for everybody?
    pub fn is_everywhere(&self) -> bool {
        self.regions.is_empty()
    }

    /// For a person; for nobody in particular, what covers everybody.
    pub fn about(&self, person: Option<PersonId>) -> &[Period] {
        if self.is_everywhere() {
            return &self.everywhere;
        }
        let mut near = self.near.get();
        let place = person.and_then(|person| self.facts.person(person, &mut near));
        self.near.set(near);
        place.map_or(&self.everywhere, |place| self.about_place(place))
    }

    /// For the person at a place.
    pub fn about_place(&self, place: u32) -> &[Period] {
        if self.is_everywhere() {
            return &self.everywhere;
        }
        match self.facts.regions().of[place as usize] {
            0 => &self.everywhere,
            region => &self.regions[region as usize - 1],
        }
    }
}

/// Does silence on a day mean nothing?
pub(crate) fn is_within(periods: &[Period], day: i32) -> bool {
    periods.iter().any(|(from, through)| *from <= day && day <= *through)
}

/// Where persons are known to live.
pub(super) struct Regions {
    /// The regions in which somebody lives.
    known: Vec<Cell>,
    /// Of each place among the persons, which of them, from 1 on; 0 if it is not known.
    of: Vec<u32>,
}

impl Facts<'_> {
    fn regions(&self) -> &Regions {
        self.regions.get_or_init(|| {
            let mut numbers: HashMap<Cell, u32> = HashMap::new();
            let mut known = Vec::new();
            let mut of = Vec::with_capacity(self.len(Schema::PERSON));
            for place in 0..self.len(Schema::PERSON) {
                let cells =
                    self.region.map(|field| self.cells(Schema::PERSON, place, field, LONG_AGO.days()));
                let region = match cells {
                    Some(Cells::One(cell)) => cell,
                    Some(Cells::Many(cells)) => {
                        cells.first().copied().filter(|one| cells.iter().all(|cell| cell == one))
                    }
                    None => None,
                };
                of.push(match region {
                    Some(cell @ Cell::Is(_)) => *numbers.entry(cell).or_insert_with(|| {
                        known.push(cell);
                        known.len() as u32
                    }),
                    _ => 0,
                });
            }
            Regions { known, of }
        })
    }
}

/// Periods in order; those that touch are one.
fn merged(periods: impl Iterator<Item = Period>) -> Vec<Period> {
    let mut periods: Vec<Period> = periods.collect();
    periods.sort_unstable();
    let mut merged: Vec<Period> = Vec::new();
    for (from, through) in periods {
        match merged.last_mut() {
            Some(last) if from <= calendar::plus_days(last.1, 1) => last.1 = last.1.max(through),
            _ => merged.push((from, through)),
        }
    }
    merged
}
