//! Who belongs to whom: ties by child and by parent, with what is certain of each.

use card::{Bucket, Schema};

use super::{
    bits::{Bits, NO, UNKNOWN, YES, and, known, less, may, not, or},
    columns::{Finder, Rows},
    people::People,
};

/// The ties of a bucket on a day. Persons are positions in [`People`].
pub struct Kin {
    /// Where the ties of each child begin; one more at the end.
    of_child: Vec<u32>,
    /// Where the ties of each parent begin, and which they are.
    of_parent: Vec<u32>,
    by_parent: Vec<u32>,
    child: Vec<u32>,
    parent: Vec<u32>,
    /// Is it a tie on the day?
    holds: Vec<Bits>,
    /// Is it one with full rights?
    full: Vec<Bits>,
    guardian: Vec<Bits>,
}

/// A holder of rights over a child who is one with some certainty.
pub type Holder = (u32, Bits);

impl Kin {
    pub fn of(schema: &Schema, bucket: &Bucket, people: &People, day: i32) -> Self {
        let rows = Rows::of(schema, bucket, "parent_link");
        let (children, parents) = (rows.keys("child").values, rows.keys("parent").values);
        let (kinds, rights) = (rows.enums("kind"), rows.enums("rights"));
        let mut kin = Self {
            of_child: Vec::with_capacity(people.ids.len() + 1),
            of_parent: vec![0; people.ids.len() + 2],
            by_parent: vec![0; rows.len()],
            child: Vec::with_capacity(rows.len()),
            parent: Vec::with_capacity(rows.len()),
            holds: Vec::with_capacity(rows.len()),
            full: Vec::with_capacity(rows.len()),
            guardian: Vec::with_capacity(rows.len()),
        };
        let mut at = 0;
        let mut named = Finder::of(&people.ids);
        for (person, id) in people.ids.iter().enumerate() {
            kin.of_child.push(at as u32);
            let run = at..at + children[at..].iter().take_while(|child| *child == id).count();
            for tie in run.clone() {
                let parent = named.find(parents[tie]).start;
                let mut holds = rows.holds(tie, day);
                if holds && !rows.is_owned(tie) {
                    // What the owner says of the same tie outranks what others say.
                    holds = !run.clone().any(|other| {
                        rows.is_owned(other)
                            && rows.holds(other, day)
                            && parents[other] == parents[tie]
                            && kinds.values[other] == kinds.values[tie]
                            && rows.from()[other] == rows.from()[tie]
                    });
                }
                kin.child.push(person as u32);
                kin.parent.push(parent as u32);
                kin.holds.push(known(holds));
                let full = rights.get(tie).map_or(UNKNOWN, |rights| known(rights == 0));
                kin.full.push(and(known(holds), full));
                kin.guardian.push(kinds.get(tie).map_or(UNKNOWN, |kind| known(kind == 2)));
                kin.of_parent[parent + 2] += 1;
            }
            at = run.end;
        }
        kin.of_child.push(at as u32);
        for person in 2..kin.of_parent.len() {
            kin.of_parent[person] += kin.of_parent[person - 1];
        }
        for (tie, parent) in kin.parent.iter().enumerate() {
            let next = &mut kin.of_parent[*parent as usize + 1];
            kin.by_parent[*next as usize] = tie as u32;
            *next += 1;
        }
        kin
    }

    fn ties_of(&self, child: usize) -> std::ops::Range<usize> {
        self.of_child[child] as usize..self.of_child[child + 1] as usize
    }

    fn ties_to(&self, parent: usize) -> &[u32] {
        &self.by_parent[self.of_parent[parent] as usize..self.of_parent[parent + 1] as usize]
    }

    /// Those with full rights over a child; a guardian in force replaces the parents.
    pub fn holders(&self, child: usize, holders: &mut Vec<Holder>) {
        holders.clear();
        let ties = self.ties_of(child);
        let guarded =
            ties.clone().fold(NO, |guarded, tie| or(guarded, and(self.full[tie], self.guardian[tie])));
        for tie in ties {
            let is_one = and(self.full[tie], or(self.guardian[tie], not(guarded)));
            join(holders, self.parent[tie], is_one);
        }
    }

    /// The place of a child among the children of its holders who are women: at least, at most.
    pub fn birth_order(
        &self,
        people: &People,
        child: usize,
        holders: &[Holder],
        elder: &mut Vec<Holder>,
    ) -> (i64, i64) {
        elder.clear();
        for (holder, is_one) in holders {
            let mother = and(*is_one, people.female[*holder as usize]);
            if mother & YES == 0 {
                continue;
            }
            for tie in self.ties_to(*holder as usize) {
                let (tie, other) = (*tie as usize, self.child[*tie as usize]);
                if other as usize != child {
                    let before = less(people.born[other as usize], people.born[child]);
                    join(elder, other, and(mother, and(self.full[tie], before)));
                }
            }
        }
        let certain = elder.iter().filter(|(_, bits)| *bits == YES).count() as i64;
        (1 + certain, 1 + elder.len() as i64)
    }

    /// Has a person ties to children?
    pub fn is_parent(&self, person: usize) -> Bits {
        let ties = self.ties_to(person).iter();
        let (certain, possible) = ties.fold((false, false), |(certain, possible), tie| {
            let holds = self.holds[*tie as usize];
            (certain || holds == YES, possible || holds & YES != 0)
        });
        may(possible, !certain)
    }

    /// The children over whom a person has full rights.
    pub fn children(&self, person: usize, children: &mut Vec<Holder>) {
        children.clear();
        for tie in self.ties_to(person) {
            join(children, self.child[*tie as usize], self.full[*tie as usize]);
        }
    }
}

/// Adds to a set: who is in it in two ways is as certain as the surer one.
fn join(set: &mut Vec<Holder>, who: u32, bits: Bits) {
    if bits & YES == 0 {
        return;
    }
    match set.iter_mut().find(|(here, _)| *here == who) {
        Some((_, before)) => *before = or(*before, bits),
        None => set.push((who, bits)),
    }
}
