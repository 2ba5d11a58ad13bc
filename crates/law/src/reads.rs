//! What a measure may read: the questions to put to a store, from a subject outward.

use std::collections::BTreeMap;

use card::{EntityId, FieldId, FieldType, Schema};

use crate::{
    pack::{Let, Link, LinkFrom, Measure, Pack},
    score::Score,
    tree::{Expr, MeasureId, Node, ScoreId, Slot, WordId},
};

/// One step from a row: load the rows of `entity` whose `by` equals the row's own key or field, and
/// go on from each of them. Links are followed over rows of any time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reach {
    /// Where the step starts at the row.
    pub from: ReachFrom,
    /// Rows of this entity are loaded,
    pub entity: EntityId,
    /// by this field.
    pub by: FieldId,
    /// And from each of them, these.
    pub then: Vec<Reach>,
}

/// Where a step starts; as [`LinkFrom`], with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReachFrom {
    /// At the row's own key.
    Key,
    /// At one of its fields.
    Field(FieldId),
}

impl From<LinkFrom> for ReachFrom {
    fn from(from: LinkFrom) -> Self {
        match from {
            LinkFrom::Key => Self::Key,
            LinkFrom::Field(field) => Self::Field(field),
        }
    }
}

impl Pack {
    /// What may be read to answer one measure, from its subject outward: by its law, by the derived
    /// words behind it, and by the question whether the subject is free. Equal steps are one step.
    pub fn reads(&self, measure: MeasureId) -> Vec<Reach> {
        let measure = &self.measures[measure.0 as usize];
        let mut map = Map::about(self, measure.subject.of, &measure.lets);
        map.measure(measure);
        map.reach(&[0])
    }

    /// What may be read to count the points of a methodology, from its subject outward.
    pub fn reads_of_score(&self, score: ScoreId) -> Vec<Reach> {
        let score = self.score_at(score);
        let mut map = Map::about(self, score.subject.of, &score.lets);
        for expr in counted(score) {
            map.walk(expr, &[vec![0]]);
        }
        map.reach(&[0])
    }
}

impl Reach {
    /// The steps of several paths together. Equal steps are one step.
    pub fn merged(steps: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut equal: BTreeMap<(ReachFrom, EntityId, FieldId), Vec<Self>> = BTreeMap::new();
        for step in steps {
            equal.entry((step.from, step.entity, step.by)).or_default().extend(step.then);
        }
        let one = |((from, entity, by), then)| Self { from, entity, by, then: Self::merged(then) };
        equal.into_iter().map(one).collect()
    }
}

/// Where rows are, as a step from other rows.
#[derive(Default)]
struct Place {
    entity: Option<EntityId>,
    /// The place and the field that led here from a row's own key.
    back: Option<(usize, FieldId)>,
    steps: BTreeMap<(ReachFrom, EntityId, FieldId), usize>,
}

/// The places of some rows: small, sorted, without duplicates.
type Places = Vec<usize>;

struct Map<'p> {
    pack: &'p Pack,
    /// The local names of what is read.
    lets: &'p [Let],
    places: Vec<Place>,
    /// Where the rows of a word are, for each set of places that it was read at.
    known: BTreeMap<(WordId, Places), Places>,
}

impl<'p> Map<'p> {
    fn about(pack: &'p Pack, of: EntityId, lets: &'p [Let]) -> Self {
        let subject = Place { entity: Some(of), ..Place::default() };
        Self { pack, lets, places: vec![subject], known: BTreeMap::new() }
    }

    fn measure(&mut self, m: &Measure) {
        let subject = vec![vec![0]];
        for expr in spoken(m) {
            self.walk(expr, &subject);
        }
        if m.says().is_some() {
            // Who is told something is paid nothing.
            return;
        }
        let mut concerned = vec![0];
        for expr in &m.pays_to {
            concerned.extend(self.walk(expr, &subject));
        }
        if let Some(divided) = &m.divided {
            let members = self.walk(&divided.among, &subject);
            self.walk(&divided.each, &[vec![0], members.clone()]);
            concerned.extend(members);
        }
        let children = m.claims.as_ref().map(|claims| self.walk(claims, &subject)).unwrap_or_default();
        concerned.extend(&children);
        for child in sorted(children) {
            self.past_recipients(child, &mut concerned);
        }
        for place in sorted(concerned) {
            self.paid_already(place);
        }
    }

    /// Whoever has or had a tie to a child may be paid for it.
    fn past_recipients(&mut self, child: usize, concerned: &mut Places) {
        let Some(ties) = self.pack.schema.entity("parent_link") else { return };
        let entity = self.pack.schema.at(ties);
        let (Some(of_child), Some(parent)) = (entity.field("child"), entity.field("parent")) else { return };
        let tie = self.step(child, ReachFrom::Key, ties, of_child);
        let person = self.pack.schema.at(Schema::PERSON).key[0];
        concerned.push(self.step(tie, ReachFrom::Field(parent), Schema::PERSON, person));
    }

    /// The awards of a person, by any of the roles that they may have in one.
    fn paid_already(&mut self, place: usize) {
        if self.places[place].entity != Some(Schema::PERSON) {
            return;
        }
        let schema = &self.pack.schema;
        let award = schema.entity("running_award");
        for name in PAID {
            let Some(entity) = schema.entity(name) else { continue };
            for (at, field) in schema.at(entity).fields.iter().enumerate() {
                if field.ty != FieldType::Person {
                    continue;
                }
                let found = self.step(place, ReachFrom::Key, entity, FieldId(at as u16));
                let Some(award) = award else { continue };
                let names_award = |entity: EntityId| {
                    let fields = &schema.at(entity).fields;
                    fields.iter().position(|f| f.ty == FieldType::Row(award)).map(|at| FieldId(at as u16))
                };
                if let Some(field) = names_award(entity) {
                    self.step(found, ReachFrom::Field(field), award, schema.at(award).key[0]);
                }
                if entity == award {
                    for other in PAID {
                        if let Some(other) = schema.entity(other)
                            && let Some(field) = names_award(other)
                        {
                            let named = self.step(found, ReachFrom::Key, other, field);
                            self.step(named, ReachFrom::Field(field), award, schema.at(award).key[0]);
                        }
                    }
                }
            }
        }
    }

    /// Notes what an expression reads; gives the places of the rows that it is.
    fn walk(&mut self, expr: &Expr, slots: &[Places]) -> Places {
        let pack = self.pack;
        match &expr.node {
            Node::Var(slot) => slots.get(slot.0 as usize).cloned().unwrap_or_default(),
            Node::Link(row, id) => {
                let from = self.walk(row, slots);
                sorted(from.into_iter().map(|place| self.follow(place, &pack.links[id.0 as usize])).collect())
            }
            Node::Word(row, id) => {
                let at = self.walk(row, slots);
                if let Some(known) = self.known.get(&(*id, at.clone())) {
                    return known.clone();
                }
                let forms = &pack.words[id.0 as usize].is.0;
                let found = sorted(
                    forms.iter().flat_map(|(_, form)| self.walk(form, std::slice::from_ref(&at))).collect(),
                );
                self.known.insert((*id, at), found.clone());
                found
            }
            Node::Let(id) => {
                let forms = &self.lets[id.0 as usize].is.0;
                sorted(forms.iter().flat_map(|(_, form)| self.walk(form, &[vec![0]])).collect())
            }
            Node::Rule(id, arguments) => {
                let arguments: Vec<Places> = arguments.iter().map(|a| self.walk(a, slots)).collect();
                let forms = &pack.rules[id.0 as usize].is.0;
                sorted(forms.iter().flat_map(|(_, form)| self.walk(form, &arguments)).collect())
            }
            Node::Each { list, slot, body } | Node::Through { row: list, slot, body } => {
                let rows = self.walk(list, slots);
                self.walk(body, &bound(slots, *slot, rows))
            }
            Node::Filter { list, slot, when } => {
                let rows = self.walk(list, slots);
                self.walk(when, &bound(slots, *slot, rows.clone()));
                rows
            }
            Node::Some { list, slot, when } | Node::Every { list, slot, when } => {
                let rows = self.walk(list, slots);
                self.walk(when, &bound(slots, *slot, rows));
                Vec::new()
            }
            // The same rows, or rows of one of these.
            Node::Guarded(_)
            | Node::Only(_)
            | Node::OnlyFirst(_)
            | Node::AsOf(..)
            | Node::If(..)
            | Node::Union(_) => {
                sorted(expr.parts().into_iter().flat_map(|child| self.walk(child, slots)).collect())
            }
            _ => {
                for child in expr.parts() {
                    self.walk(child, slots);
                }
                Vec::new()
            }
        }
    }

    /// The place to which a relation leads. Groups are computed from the rows that they group.
    fn follow(&mut self, place: usize, link: &Link) -> usize {
        let of_group = self.pack.groups.iter().find(|group| group.entity == link.of);
        let to_group = self.pack.groups.iter().find(|group| group.entity == link.to);
        if let Some(group) = of_group
            && group.rows == link.to
            && link.from == LinkFrom::Key
        {
            return place;
        }
        let from = match (link.from, of_group) {
            (LinkFrom::Field(field), Some(group)) => ReachFrom::Field(group.by[field.0 as usize]),
            (from, _) => from.into(),
        };
        match to_group {
            Some(group) => self.step(place, from, group.rows, group.by[link.by.0 as usize]),
            None => self.step(place, from, link.to, link.by),
        }
    }

    fn step(&mut self, place: usize, from: ReachFrom, entity: EntityId, by: FieldId) -> usize {
        // From a tie of a child back to that very child.
        if let (ReachFrom::Field(field), Some((origin, led))) = (from, self.places[place].back)
            && field == led
            && entity == Schema::PERSON
            && self.places[origin].entity == Some(entity)
            && self.is_key(entity, by)
        {
            return origin;
        }
        if let Some(known) = self.places[place].steps.get(&(from, entity, by)) {
            return *known;
        }
        let back = (from == ReachFrom::Key).then_some((place, by));
        let new = self.places.len();
        self.places.push(Place { entity: Some(entity), back, steps: BTreeMap::new() });
        self.places[place].steps.insert((from, entity, by), new);
        new
    }

    /// The steps from some places, equal ones merged.
    ///
    /// What names a row is its key. So whatever starts at the key of a named row starts at the field
    /// that names it: a person of whom only others speak is asked about all the same.
    fn reach(&self, places: &[usize]) -> Vec<Reach> {
        let mut steps: BTreeMap<(ReachFrom, EntityId, FieldId), Places> = BTreeMap::new();
        for place in places {
            for (step, to) in &self.places[*place].steps {
                steps.entry(*step).or_default().push(*to);
                self.hoist(*step, *to, &mut steps);
            }
        }
        let named = |(from, entity, by): &(ReachFrom, EntityId, FieldId)| {
            matches!(from, ReachFrom::Field(_)) && self.is_key(*entity, *by)
        };
        steps
            .into_iter()
            .map(|(step, to)| {
                let mut then = self.reach(&sorted(to));
                if named(&step) {
                    then.retain(|next| next.from != ReachFrom::Key);
                }
                Reach { from: step.0, entity: step.1, by: step.2, then }
            })
            .collect()
    }

    /// The steps that start at the key of a row that a field names.
    fn hoist(
        &self,
        (from, entity, by): (ReachFrom, EntityId, FieldId),
        to: usize,
        steps: &mut BTreeMap<(ReachFrom, EntityId, FieldId), Places>,
    ) {
        if from == ReachFrom::Key || !self.is_key(entity, by) {
            return;
        }
        for ((start, next, field), place) in &self.places[to].steps {
            if *start == ReachFrom::Key {
                steps.entry((from, *next, *field)).or_default().push(*place);
                self.hoist((from, *next, *field), *place, steps);
            }
        }
    }

    fn is_key(&self, entity: EntityId, field: FieldId) -> bool {
        self.pack.schema.at(entity).key == [field]
    }
}

/// The expressions of a measure about its subject, but for who receives and among whom it is divided.
pub(crate) fn spoken(measure: &Measure) -> impl Iterator<Item = &Expr> {
    let dated = measure
        .among
        .iter()
        .chain(measure.lets.iter().map(|l| &l.is))
        .chain(measure.conditions.iter().map(|c| &c.holds))
        .chain(measure.refusals.iter().map(|r| &r.when))
        .chain(measure.refusals.iter().filter_map(|r| r.unless.as_ref()))
        .chain(measure.branches.iter().chain(&measure.additions).flat_map(|b| [&b.when, &b.pays]));
    let p = &measure.period;
    let single = [&measure.at_least, &measure.at_most, &measure.indexed];
    let period = [&p.right, &p.from, &p.until, &p.months, &p.back_to];
    std::iter::once(&measure.subject.when)
        .chain(dated.flat_map(|dated| &dated.0).map(|form| &form.1))
        .chain(single.into_iter().chain(period).flatten())
        .chain(measure.kinds.iter().map(|k| &k.when))
        .chain(measure.withholds.iter().flat_map(|w| w.when.iter().chain([&w.share])))
}

/// The expressions of a methodology, all of them about its subject.
pub(crate) fn counted(score: &Score) -> impl Iterator<Item = &Expr> {
    let lets = score.lets.iter().flat_map(|local| &local.is.0).map(|form| &form.1);
    let indicators = score.indicators().map(|indicator| &indicator.on);
    std::iter::once(&score.subject.when).chain(lets).chain(indicators)
}

/// Where it is written that somebody is paid, was paid, or asked.
pub(crate) const PAID: [&str; 3] = ["running_award", "running_award_child", "earlier_application"];

fn bound(slots: &[Places], slot: Slot, rows: Places) -> Vec<Places> {
    let mut inner = slots.to_vec();
    inner.resize(slot.0 as usize, Vec::new());
    inner.push(rows);
    inner
}

fn sorted(mut places: Places) -> Places {
    places.sort_unstable();
    places.dedup();
    places
}
