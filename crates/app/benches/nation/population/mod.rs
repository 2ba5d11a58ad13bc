//! A nation that does not exist, bucket by bucket: any bucket can be made alone, the same every time.
//!
//! What makes it awkward is here on purpose: half-siblings and guardians whose families lie in other
//! buckets, payers of contributions who are related to nobody, persons and ties of whom two registries
//! speak, homes and findings that follow one another, cells that nobody told, regions whose registries are
//! silent or late.

mod family;
mod scribe;

use std::collections::BTreeSet;

use card::{Bucket, Coverage, Date, LONG_AGO, PersonId, Schema, Span};

use family::Family;
use scribe::Scribe;

/// One family in so many has a parent or guardian in a family of the bucket before.
const BOUND: u64 = 39;

/// The region whose registries of findings and contributions say nothing, the one whose contributions come
/// late, and all others.
const REGIONS: [&str; 20] = [
    "10", "11", "15", "19", "23", "27", "31", "33", "35", "39", "43", "47", "55", "59", "61", "62", "63",
    "71", "75", "79",
];
const SILENT: usize = 19;
const LATE: usize = 18;

/// The population as it is known on a day.
pub struct Nation<'s> {
    schema: &'s Schema,
    day: Date,
    buckets: u64,
    /// Of each bucket.
    families: u64,
}

impl<'s> Nation<'s> {
    /// About so many people, in buckets of about so many: 6.2 families for every 20 people.
    pub fn of(schema: &'s Schema, day: Date, people: u64, of_bucket: u64) -> Self {
        Self::in_buckets(schema, day, people.div_ceil(of_bucket).max(1), of_bucket * 31 / 100)
    }

    /// So many buckets of so many families.
    pub const fn in_buckets(schema: &'s Schema, day: Date, buckets: u64, families: u64) -> Self {
        Self { schema, day, buckets, families }
    }

    /// How many families each has.
    pub const fn families(&self) -> u64 {
        self.families
    }

    /// How many families of each bucket are bound to one of the bucket before.
    const fn bound(&self) -> u64 {
        self.families / BOUND
    }

    /// What its rows mean.
    pub const fn schema(&self) -> &Schema {
        self.schema
    }

    /// How many buckets.
    pub const fn buckets(&self) -> u64 {
        self.buckets
    }

    /// One of them: its own families, and those elsewhere that the law of its subjects reads about.
    pub fn bucket(&self, nth: u64) -> Bucket {
        let (before, after) = ((nth + self.buckets - 1) % self.buckets, (nth + 1) % self.buckets);
        let own = (0..self.families).map(|slot| (nth, slot));
        let parents = (0..self.bound()).map(|slot| (before, slot));
        let children = (self.bound()..2 * self.bound()).map(|slot| (after, slot));
        let families: BTreeSet<(u64, u64)> = own.chain(parents).chain(children).collect();
        let (mut scribe, mut subjects) = (Scribe::of(self.schema), Vec::new());
        for (bucket, slot) in families {
            let persons = Family::of(self, bucket, slot).write(&mut scribe);
            if bucket == nth {
                subjects.extend(persons);
            }
        }
        Bucket::of(self.schema, subjects, &scribe.rows, self.coverage())
    }

    /// Who a family's first parent is.
    const fn first_of(&self, bucket: u64, slot: u64) -> PersonId {
        self.person(bucket, slot, 0)
    }

    const fn person(&self, bucket: u64, slot: u64, nth: u64) -> PersonId {
        PersonId((bucket * self.families + slot + 1) * family::MOST + nth)
    }

    /// What silence means: for everybody, or where registries report by region, for those known to live there.
    pub fn coverage(&self) -> Vec<Coverage> {
        let mut all = Vec::new();
        let through = self.day.minus(Span::Days(10));
        for (at, declared) in self.schema.entities.iter().enumerate() {
            let entity = card::EntityId(at as u16);
            let mut covered = |region: Option<usize>, through| {
                all.push(Coverage {
                    entity,
                    registry: declared.registry,
                    region: region.map(|region| REGIONS[region].into()),
                    from: LONG_AGO,
                    through,
                });
            };
            let whole_months = self.day.month().first_day().minus(Span::Days(1));
            match declared.name.as_str() {
                "contribution" => (0..SILENT).for_each(|region| {
                    let late = if region == LATE { Span::Months(2) } else { Span::Days(0) };
                    covered(Some(region), whole_months.month().first_day().minus(late).month().last_day());
                }),
                "capacity_loss" | "disability" | "study" => {
                    (0..SILENT).for_each(|region| covered(Some(region), through));
                }
                _ => covered(None, through),
            }
        }
        all
    }
}
