//! What the rows of each person say together, and what silence about them means.

use card::{Bucket, Coverage, Date, LONG_AGO, Said, Schema};

use super::{
    bits::{Bits, UNKNOWN, YES, and, known, may},
    columns::{Codes, Rows, Told},
};

/// The day before all days and the day after.
pub const ANY_DAY: (i32, i32) = (i32::MIN, i32::MAX);

/// The persons of a bucket, in order.
#[derive(Default)]
pub struct People {
    pub ids: Vec<u64>,
    pub born: Vec<(i32, i32)>,
    pub alive: Vec<Bits>,
    pub female: Vec<Bits>,
    pub entitled: Vec<Bits>,
    pub registered: Vec<Bits>,
    /// Where each is known to live: a position in [`Silence`].
    region: Vec<u32>,
}

impl People {
    pub fn of(schema: &Schema, bucket: &Bucket, day: i32) -> Self {
        let rows = Rows::of(schema, bucket, "person");
        let ids = rows.keys("id").values;
        let columns = Columns {
            rows,
            born: rows.days("birth_date"),
            sex: rows.enums("sex"),
            died: rows.days("death_date"),
            citizenship: rows.enums("citizenship"),
            resident: rows.bools("permanent_resident"),
            registered: rows.bools("birth_registered"),
            region: rows.codes("region"),
            day,
        };
        let mut people = Self::default();
        let mut at = 0;
        while at < ids.len() {
            let end = at + ids[at..].iter().take_while(|id| **id == ids[at]).count();
            people.ids.push(ids[at]);
            if end - at == 1 {
                columns.one(at, &mut people);
            } else {
                columns.several(at..end, &mut people);
            }
            at = end;
        }
        people
    }

    /// Is everything known that a registry has about a person on a day?
    pub fn is_heard(&self, silence: &Silence, person: usize, day: i32) -> bool {
        self.heard(silence, person).is_some_and(|(from, through)| from <= day && day <= through)
    }

    /// The days of which everything is known about a person.
    pub fn heard(&self, silence: &Silence, person: usize) -> Option<(i32, i32)> {
        silence.heard(self.region[person])
    }
}

struct Columns<'b> {
    rows: Rows<'b>,
    born: Told<'b, i32>,
    sex: Told<'b, u16>,
    died: Told<'b, i32>,
    citizenship: Told<'b, u16>,
    resident: Told<'b, bool>,
    registered: Told<'b, bool>,
    region: Told<'b, u32>,
    day: i32,
}

impl Columns<'_> {
    fn one(&self, at: usize, people: &mut People) {
        people.born.push(self.born(at));
        people.alive.push(self.alive(at));
        people.female.push(self.female(at));
        people.entitled.push(and(self.resident(at), self.citizen(at)));
        people.registered.push(self.registered(at));
        people.region.push(self.region.get(at).unwrap_or(u32::MAX));
    }

    /// Several rows about one person: the known before the unknown, the owner of a field before others; what
    /// they still say differently may each be true.
    fn several(&self, rows: std::ops::Range<usize>, people: &mut People) {
        let best = |field: &str, said: &dyn Fn(usize) -> Said| {
            let rank = |at: usize| (said(at) != Said::Unknown, self.rows.owns(at, field));
            let best = rows.clone().map(rank).max();
            rows.clone().filter(move |at| Some(rank(*at)) == best).collect::<Vec<_>>()
        };
        let born = best("birth_date", &|at| self.born.said(at)).into_iter().map(|at| self.born(at));
        let either = |field: &str, said: &dyn Fn(usize) -> Said, bits: &dyn Fn(usize) -> Bits| {
            best(field, said).into_iter().fold(0, |all, at| all | bits(at))
        };
        people.born.push(born.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or(ANY_DAY));
        people.alive.push(either("death_date", &|at| self.died.said(at), &|at| self.alive(at)));
        people.female.push(either("sex", &|at| self.sex.said(at), &|at| self.female(at)));
        people.entitled.push(and(
            either("permanent_resident", &|at| self.resident.said(at), &|at| self.resident(at)),
            either("citizenship", &|at| self.citizenship.said(at), &|at| self.citizen(at)),
        ));
        people
            .registered
            .push(either("birth_registered", &|at| self.registered.said(at), &|at| self.registered(at)));
        let regions = best("region", &|at| self.region.said(at)).into_iter().map(|at| self.region.get(at));
        let region = regions.reduce(|a, b| if a == b { a } else { None }).flatten();
        people.region.push(region.unwrap_or(u32::MAX));
    }

    fn born(&self, at: usize) -> (i32, i32) {
        match self.born.said(at) {
            Said::Told => (self.born.values[at], self.born.values[at]),
            Said::Year => {
                let end = |month, day| Date::from_ymd(self.born.values[at], month, day).map(Date::days);
                (end(1, 1).unwrap_or(i32::MIN), end(12, 31).unwrap_or(i32::MAX))
            }
            _ => ANY_DAY,
        }
    }

    fn alive(&self, at: usize) -> Bits {
        match self.died.said(at) {
            Said::Told => known(self.died.values[at] >= self.day),
            Said::Nothing => YES,
            _ => UNKNOWN,
        }
    }

    fn female(&self, at: usize) -> Bits {
        self.sex.get(at).map_or(UNKNOWN, |sex| known(sex == 0))
    }

    fn citizen(&self, at: usize) -> Bits {
        self.citizenship.get(at).map_or(UNKNOWN, |status| known(status < 2))
    }

    fn resident(&self, at: usize) -> Bits {
        self.resident.get(at).map_or(UNKNOWN, known)
    }

    fn registered(&self, at: usize) -> Bits {
        self.registered.get(at).map_or(UNKNOWN, known)
    }
}

/// What the silence of a registry about an entity means: the days of which everything is here, for everybody
/// and by region.
pub struct Silence {
    everywhere: Option<(i32, i32)>,
    regions: Vec<(u32, (i32, i32))>,
}

impl Silence {
    /// About an entity. With `standing`, the word of the registry is believed for as long as it declares.
    pub fn of(schema: &Schema, bucket: &Bucket, codes: &Codes, name: &str, standing: bool) -> Self {
        let entity = schema.entity(name).expect("an entity of the benchmark's pack");
        let registry = schema.at(entity).registry;
        let stands_for = schema.registries[registry.0 as usize].stands_for;
        let days = |coverage: &Coverage| {
            let through = if standing { coverage.through.plus(stands_for) } else { coverage.through };
            (coverage.from.days(), through.days())
        };
        let of = |coverage: &&Coverage| coverage.entity == entity && coverage.registry == registry;
        let mut silence = Self { everywhere: None, regions: Vec::new() };
        for coverage in bucket.coverage.iter().filter(of) {
            match &coverage.region {
                None => silence.everywhere = Some(days(coverage)),
                Some(region) => {
                    silence.regions.extend(codes.find(region).map(|code| (code, days(coverage))));
                }
            }
        }
        silence
    }

    fn heard(&self, region: u32) -> Option<(i32, i32)> {
        self.everywhere.or_else(|| {
            let found = self.regions.iter().find(|(code, _)| *code == region);
            found.map(|(_, days)| *days)
        })
    }

    /// The days of which everything is known, whoever is asked about.
    pub fn everywhere(&self) -> Option<(i32, i32)> {
        self.everywhere
    }
}

/// Is everything known of the months between?
pub fn covers(heard: Option<(i32, i32)>, (first, last): (i32, i32)) -> bool {
    let Some((from, through)) = heard.filter(|_| last != i32::MAX) else {
        return first > last && last != i32::MAX;
    };
    let first_day = if first == i32::MIN { LONG_AGO } else { card::Month(first).first_day() };
    first > last || (from <= first_day.days() && card::Month(last).last_day().days() <= through)
}

/// Is a day that lies between two after another?
pub fn after((lo, hi): (i32, i32), day: i32) -> Bits {
    may(hi > day, lo <= day)
}
