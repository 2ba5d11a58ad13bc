//! The days on which silence means that there is nothing, worked out once for all persons of a region.

use std::cell::Cell as Counter;

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
    /// For those who are known to live in a region, by its code: what covers everybody, too.
    regions: Vec<(Cell, Vec<Period>)>,
    near: Counter<usize>,
}

impl<'f, 'a> Covered<'f, 'a> {
    /// With `standing`, each period is believed for as long after its end as the registry declares.
    pub fn of(facts: &'f Facts<'a>, entity: EntityId, registry: RegistryId, standing: bool) -> Self {
        let stands_for = facts.pack.schema.registries[registry.0 as usize].stands_for;
        let told = || facts.coverage.iter().filter(|one| one.entity == entity && one.registry == registry);
        let among = |region: Option<&str>| {
            let here = told().filter(|one| one.region.is_none() || one.region.as_deref() == region);
            merged(here.map(|one| {
                let through = if standing { one.through.plus(stands_for) } else { one.through };
                (one.from.days(), through.days())
            }))
        };
        let mut regions: Vec<&str> = told().filter_map(|one| one.region.as_deref()).collect();
        regions.sort_unstable();
        regions.dedup();
        let region = |region: &str| (Cell::Is(i64::from(facts.code(region))), among(Some(region)));
        let regions = regions.into_iter().map(region).collect();
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
        let region = place.and_then(|place| self.facts.region_of(place));
        let known = self.regions.iter().find(|(code, _)| Some(*code) == region);
        known.map_or(&self.everywhere, |(_, periods)| periods)
    }

    /// Does silence about a person mean nothing on a day?
    pub fn on(&self, person: Option<PersonId>, day: i32) -> bool {
        self.about(person).iter().any(|(from, through)| *from <= day && day <= *through)
    }
}

impl Facts<'_> {
    /// The code of the region where a person is known to live.
    fn region_of(&self, place: u32) -> Option<Cell> {
        let all = self.regions.get_or_init(|| {
            let places = 0..self.len(Schema::PERSON);
            let region = |place| match self.cells(Schema::PERSON, place, self.region?, LONG_AGO.days()) {
                Cells::One(cell) => cell,
                Cells::Many(cells) => {
                    cells.first().copied().filter(|one| cells.iter().all(|cell| cell == one))
                }
            };
            places.map(region).collect()
        });
        all[place as usize]
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
