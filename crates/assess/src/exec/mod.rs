//! Executes a graph: one pass over its nodes, whole columns at a time.

mod list;
mod number;
mod ratio;
mod schedule;
mod table;
mod time;
mod truth;

use std::{collections::HashMap, rc::Rc};

use card::{EntityId, FieldId};
use law::{Arity, Link, tree::LinkId};

use crate::{
    facts::{Facts, Key, Places},
    plan::{Dom, Graph, N, Op, Place},
    relate::{Ends, Follow, Followed, Index, OnDay, Relation},
    types::{
        ANY_CODE, Bits, Column, Days, EVER_AFTER, EVER_BEFORE, Edges, Ints, NO, Ratios, Shared, Span,
        UNKNOWN, YES,
    },
};

pub(crate) use schedule::Schedule;
use schedule::Step;
use table::Looked;

/// The columns that a run left: those of the results, or all of them.
pub(crate) struct Columns(Vec<Option<Shared>>);

impl Columns {
    /// The column of a node.
    pub fn at(&self, node: N) -> &Column {
        self.0[node.0 as usize].as_ref().expect("a result's column is kept")
    }
}

/// A table, by which keys, on which days.
type TableOfKeys = (u32, Vec<N>, N);

/// A graph over some facts, ready to be asked. What no question changes is computed once.
pub(crate) struct Run<'r, 'a> {
    graph: &'r Graph,
    facts: &'r Facts<'a>,
    keep: bool,
    subjects: Vec<u32>,
    asked_on: Vec<i32>,
    columns: Vec<Option<Shared>>,
    indexes: HashMap<(EntityId, FieldId), Rc<Index<'r>>>,
    on_day: HashMap<(EntityId, Option<i32>), Rc<OnDay>>,
    relations: HashMap<LinkId, Rc<Relation<'r, 'a>>>,
    sets: truth::CodeSets,
    everyone: HashMap<EntityId, Shared>,
    /// What was looked up last.
    looked: Option<(TableOfKeys, Looked)>,
    /// What was found in each table.
    memories: HashMap<u32, table::Memory>,
}

impl<'r, 'a> Run<'r, 'a> {
    /// Computes what a schedule needs for any question. Columns that no later node needs are dropped
    /// on the way, unless `keep`.
    pub fn over(graph: &'r Graph, facts: &'r Facts<'a>, schedule: &Schedule, keep: bool) -> Self {
        let mut run = Self {
            graph,
            facts,
            keep,
            subjects: Vec::new(),
            asked_on: Vec::new(),
            columns: vec![None; graph.len()],
            indexes: HashMap::new(),
            on_day: HashMap::new(),
            relations: HashMap::new(),
            sets: truth::CodeSets::default(),
            everyone: HashMap::new(),
            looked: None,
            memories: HashMap::new(),
        };
        run.take(&schedule.shared);
        run
    }

    /// Asks about subjects, by their places among the persons, each with the day of the request. The
    /// schedule needs no more that is the same for every question than the one of [`Run::over`].
    pub fn ask(&mut self, schedule: &Schedule, subjects: Vec<u32>, asked_on: Vec<i32>) -> Columns {
        (self.subjects, self.asked_on) = (subjects, asked_on);
        self.looked = None;
        let shared = self.columns.clone();
        self.take(&schedule.asked);
        Columns(std::mem::replace(&mut self.columns, shared))
    }

    fn take(&mut self, steps: &[Step]) {
        for step in steps {
            let column = self.compute(step.node);
            self.columns[step.node.0 as usize] = Some(column);
            if !self.keep {
                for unneeded in &step.drops {
                    self.columns[unneeded.0 as usize] = None;
                }
            }
        }
    }
}

impl<'r, 'a> Run<'r, 'a> {
    fn at(&self, node: N) -> &Column {
        self.columns[node.0 as usize].as_ref().expect("inputs come before their node and are kept until it")
    }

    fn bits(&self, node: N) -> &[Bits] {
        self.at(node).bits()
    }

    /// How many elements a node has.
    fn size(&self, node: N) -> usize {
        match self.graph.dom(node) {
            Dom::One => 1,
            Dom::Questions => self.subjects.len(),
            Dom::Rows(entity) => self.facts.len(entity),
            Dom::Edges(edges) => self.at(edges).edges().len(),
        }
    }

    /// The things and days of which something is read.
    fn places(&self, entity: EntityId, place: Place) -> Places<'_> {
        let days = &self.at(place.day).days().lo;
        let things = place.rows.map(|rows| self.at(rows).rows().as_slice());
        let len = match things {
            None => self.facts.len(entity),
            Some(things) if days.len() == 1 => things.len(),
            Some(_) => days.len(),
        };
        Places { entity, things, days, len }
    }

    fn index(&mut self, entity: EntityId, field: FieldId) -> Rc<Index<'r>> {
        let facts = self.facts;
        Rc::clone(
            self.indexes.entry((entity, field)).or_insert_with(|| Rc::new(Index::of(facts, entity, field))),
        )
    }

    fn relation(&mut self, link: LinkId) -> Rc<Relation<'r, 'a>> {
        let facts = self.facts;
        let made = || Rc::new(Relation::of(facts, facts.pack.link(link)));
        Rc::clone(self.relations.entry(link).or_insert_with(made))
    }

    /// The rows to which a relation may lead.
    fn ends(&mut self, link: &Link, place: Place) -> Ends<'r> {
        let facts = self.facts;
        let index = self.index(link.to, link.by);
        let on = matches!(link.arity, Arity::ManyOnDay | Arity::OneOnDay);
        let days = &self.at(place.day).days().lo;
        let day = match days[..] {
            [day] => Some(on.then_some(day)),
            _ => (!on).then_some(None),
        };
        let on_day = day.map(|day| {
            let known = self.on_day.entry((link.to, day));
            Rc::clone(known.or_insert_with(|| Rc::new(OnDay::of(facts, link.to, day))))
        });
        Ends { index, on_day }
    }

    fn compute(&mut self, node: N) -> Shared {
        let facts = self.facts;
        let graph = self.graph;
        Rc::new(match graph.op(node) {
            Op::Truth(bits) => Column::Bits(vec![*bits]),
            Op::Int(lo, hi) => Column::Ints(Ints::of(vec![*lo], vec![*hi])),
            Op::Day(lo, hi) => Column::Days(Days::of(vec![*lo], vec![*hi])),
            Op::Set(set) => Column::Sets(vec![*set]),
            Op::Code(code) => Column::Codes(vec![facts.code(code)]),
            Op::AnyCode => Column::Codes(vec![ANY_CODE]),
            Op::Subject => Column::Rows(self.subjects.clone()),
            Op::AskedOn => Column::Days(Days::known(self.asked_on.clone())),
            Op::Own(entity) => {
                let n = facts.len(*entity) as u32;
                return Rc::clone(
                    self.everyone.entry(*entity).or_insert_with(|| Rc::new(Column::Rows((0..n).collect()))),
                );
            }
            Op::Field(entity, field, place) => {
                let mut sets = std::mem::take(&mut self.sets);
                let column = facts.field(*field, &self.places(*entity, *place), |a, b| sets.union(a, b));
                self.sets = sets;
                column
            }
            Op::FieldExists(entity, field, place) => {
                Column::Bits(facts.exists(*field, &self.places(*entity, *place)))
            }
            Op::FieldRow(entity, field, place) => self.field_row(*entity, *field, *place),
            Op::ValidFrom(entity) => Column::Days(facts.valid_from(*entity)),
            Op::ValidUntil(entity) => Column::Days(facts.valid_until(*entity).0),
            Op::Ends(entity) => Column::Bits(facts.valid_until(*entity).1),
            Op::Follow(link, optional, place) => {
                let relation = self.relation(*link);
                let link = facts.pack.link(*link);
                let ends = self.ends(link, *place);
                let from = self.places(link.of, *place);
                let Followed { mut edges, open, exists } = Follow::new(&relation, *optional, ends).all(&from);
                edges.open = Some(open);
                edges.exists = Some(exists);
                Column::Edges(edges)
            }

            Op::Gather(column, rows) => gather(self.at(*column), self.at(*rows).rows()),
            Op::Members(edges) => Column::Rows(self.at(*edges).edges().rows.clone()),
            Op::Owners(edges) => Column::Rows(list::owners(self.at(*edges).edges())),
            Op::Back(edges) => Column::Rows(built(self.at(*edges).edges().back.as_ref())),
            Op::Member(edges) => Column::Bits(self.members(self.at(*edges).edges())),
            Op::Open(edges) => Column::Bits(built(self.at(*edges).edges().open.as_ref())),
            Op::Exists(edges) => Column::Bits(built(self.at(*edges).edges().exists.as_ref())),
            Op::GatherEdges(edges, via) => {
                Column::Edges(list::gather(self.at(*edges).edges(), self.at(*via).rows()))
            }
            Op::Flatten { outer, member, via, inner, inner_member, either, rows } => {
                Column::Edges(list::flatten(
                    self.at(*outer).edges(),
                    self.bits(*member),
                    via.map(|via| self.at(via).rows().as_slice()),
                    self.at(*inner).edges(),
                    self.bits(*inner_member),
                    either.map(|exists| self.bits(exists)),
                    *rows,
                ))
            }
            Op::FlattenOpen { outer, member, inner_open } => Column::Bits(list::flatten_open(
                self.at(*outer).edges(),
                self.bits(*member),
                self.bits(*inner_open),
            )),
            Op::Union(parts, _) => {
                let parts: Vec<(&Edges, &[Bits])> = parts
                    .iter()
                    .map(|(edges, member)| (self.at(*edges).edges(), self.bits(*member)))
                    .collect();
                Column::Edges(list::union(&parts))
            }
            Op::Nobody(_) => {
                Column::Edges(Edges { offsets: vec![0; self.size(node) + 1], ..Edges::default() })
            }
            Op::Single(rows) => Column::Edges(list::single(self.at(*rows).rows())),
            Op::Only(edges, member, open) => {
                Column::Edges(list::only(self.at(*edges).edges(), self.bits(*member), self.bits(*open)))
            }
            Op::Sure(edges, exists) => {
                Column::Bits(list::sure(self.at(*edges).edges(), exists.map(|exists| self.bits(exists))))
            }
            Op::MayBeAny(edges) => Column::Bits(list::may_be_any(self.at(*edges).edges())),
            Op::First { edges, member, open, order } => self.first(*edges, *member, *open, order),

            Op::And(a, b) => Column::Bits(truth::and(self.bits(*a), self.bits(*b))),
            Op::Or(a, b) => Column::Bits(truth::or(self.bits(*a), self.bits(*b))),
            Op::Not(a) => Column::Bits(truth::not(self.bits(*a))),
            Op::Guard(value, exists) => Column::Bits(truth::guard(self.bits(*value), self.bits(*exists))),
            Op::Doubtless(a) => Column::Bits(truth::doubtless(self.bits(*a))),
            Op::Doubt(a) => Column::Bits(truth::doubt(self.bits(*a))),

            Op::CompareInts(how, a, b) if matches!(self.at(*a), Column::Ratios(_)) => {
                Column::Bits(truth::compare(*how, self.at(*a).ratios(), self.at(*b).ratios()))
            }
            Op::CompareInts(how, a, b) => {
                Column::Bits(truth::compare(*how, self.at(*a).ints(), self.at(*b).ints()))
            }
            Op::CompareDays(how, a, b) => {
                Column::Bits(truth::compare(*how, self.at(*a).days(), self.at(*b).days()))
            }
            Op::EqualBits(a, b) => Column::Bits(truth::equal_bits(self.bits(*a), self.bits(*b))),
            Op::EqualSets(a, b) => Column::Bits(truth::equal_sets(self.at(*a).sets(), self.at(*b).sets())),
            Op::AmongSets(a, these) => Column::Bits(truth::among_sets(self.at(*a).sets(), *these)),
            Op::EqualCodes(a, b) => {
                Column::Bits(truth::equal_codes(self.at(*a).codes(), self.at(*b).codes(), &self.sets))
            }
            Op::EqualRows(a, b) => Column::Bits(list::equal_rows(self.at(*a), self.at(*b))),
            Op::Contains(rows, edges, member, via) => Column::Bits(list::contains(
                self.at(*rows).rows(),
                self.at(*edges).edges(),
                self.bits(*member),
                via.map(|via| self.at(via).rows().as_slice()),
            )),

            Op::Add(a, b) => Column::Ints(number::add(self.at(*a).ints(), self.at(*b).ints())),
            Op::Sub(a, b) => Column::Ints(number::sub(self.at(*a).ints(), self.at(*b).ints())),
            Op::Mul(a, b) => Column::Ints(number::mul(self.at(*a).ints(), self.at(*b).ints())),
            Op::Scale(a, by) => Column::Ints(number::scale(self.at(*a).ints(), *by)),
            Op::Min(a, b) => match (self.at(*a), self.at(*b)) {
                (Column::Days(a), Column::Days(b)) => Column::Days(time::min(a, b)),
                (a, b) => Column::Ints(number::min(a.ints(), b.ints())),
            },
            Op::Max(a, b) => match (self.at(*a), self.at(*b)) {
                (Column::Days(a), Column::Days(b)) => Column::Days(time::max(a, b)),
                (a, b) => Column::Ints(number::max(a.ints(), b.ints())),
            },
            Op::FloorDiv(a, by) => Column::Ints(number::floor(self.at(*a).ints(), *by)),
            Op::Round(a, how) => Column::Ints(number::round(self.at(*a).ints(), *how)),
            Op::ToRatio(a, den) => Column::Ratios(ratio::of_ints(self.at(*a).ints(), *den)),
            Op::Exact(how, a, b) => {
                Column::Ratios(ratio::apply(*how, self.at(*a).ratios(), self.at(*b).ratios()))
            }
            Op::RatioFloor(a) => Column::Ints(ratio::floor(self.at(*a).ratios())),
            Op::RatioTiyn(a, way) => Column::Ints(ratio::tiyn(self.at(*a).ratios(), *way)),

            Op::AgeOn(born, day) => Column::Ints(time::age(self.at(*born).days(), self.at(*day).days())),
            Op::MonthOf(a) => Column::Days(time::month_of(self.at(*a).days())),
            Op::FirstDay(a) => Column::Days(time::first_day(self.at(*a).days())),
            Op::LastDay(a) => Column::Days(time::last_day(self.at(*a).days())),
            Op::Shift(day, by, months) => {
                Column::Days(time::shift(self.at(*day).days(), self.at(*by).ints(), *months))
            }
            Op::ShiftMonth(month, by, forward) => {
                Column::Days(time::shift_month(self.at(*month).days(), self.at(*by).ints(), *forward))
            }
            Op::Reached(day, steps, months) => {
                Column::Days(self.reached(*day, steps, *months, self.size(node)).0)
            }
            Op::ReachedExists(day, steps, months) => {
                Column::Bits(self.reached(*day, steps, *months, self.size(node)).1)
            }
            Op::DayOrAny(day, exists) => {
                Column::Days(time::day_or_any(self.at(*day).days(), self.bits(*exists)))
            }
            Op::QuarterStart(month) => Column::Days(time::quarter_start(self.at(*month).days())),

            Op::Join(parts) => {
                let n = self.size(node);
                let columns: Vec<(Shared, Shared)> =
                    parts.iter().map(|(when, value)| (self.shared(*when), self.shared(*value))).collect();
                let parts: Vec<(&[Bits], &Column)> =
                    columns.iter().map(|(when, value)| (when.bits().as_slice(), &**value)).collect();
                truth::join(n, &parts, &mut self.sets)
            }
            Op::Hull(edges, member, values)
                if self.graph.dom(*values) == Dom::Edges(*edges)
                    && self.bits(*member).iter().all(|bits| *bits & YES != 0)
                    && self.at(*edges).edges().one_each() =>
            {
                // One row each, as it mostly is: its value is the hull.
                return self.shared(*values);
            }
            Op::Hull(edges, member, values) => {
                let (edges, member, values) =
                    (self.shared(*edges), self.shared(*member), self.shared(*values));
                truth::hull(edges.edges(), member.bits(), &values, &mut self.sets)
            }
            Op::Table(table, keys, day) => return self.table(node, *table, keys, *day).values,
            Op::TableExists(table, keys, day) => return self.table(node, *table, keys, *day).exists,
            Op::TableStanding(table, keys, day) => return self.table(node, *table, keys, *day).standing,

            Op::Count(edges, member, open) => {
                Column::Ints(list::count(self.at(*edges).edges(), self.bits(*member), self.bits(*open)))
            }
            Op::Sum(edges, member, open, values) if matches!(self.at(*values), Column::Ratios(_)) => {
                Column::Ratios(ratio::sum(
                    self.at(*edges).edges(),
                    self.bits(*member),
                    self.bits(*open),
                    self.at(*values).ratios(),
                ))
            }
            Op::Sum(edges, member, open, values) => Column::Ints(list::sum(
                self.at(*edges).edges(),
                self.bits(*member),
                self.bits(*open),
                self.at(*values).ints(),
            )),
            Op::Unbounded(sum, open, values) => {
                Column::Ints(list::unbounded(self.at(*sum).ints(), self.bits(*open), self.at(*values).ints()))
            }
            Op::MonthsCovered(link, owners, lo, hi) => {
                let relation = self.relation(*link);
                let lo = lo.map(|lo| self.at(lo).days());
                months_covered(&relation, self.at(*owners).rows(), lo, self.at(*hi).days())
            }
            Op::AnyOf(edges, _, bits) => {
                Column::Bits(list::any_of(self.at(*edges).edges(), self.bits(*bits)))
            }
            Op::OnlyExists(edges, member, open) => {
                Column::Bits(list::only_exists(self.at(*edges).edges(), self.bits(*member), self.bits(*open)))
            }
            Op::Stretches(days) => Column::Edges(time::stretches(
                self.at(*days).days(),
                self.size(node),
                &facts.borders(),
                &graph.changes,
            )),
            Op::TooMany(edges) => Column::Bits(time::too_many(self.at(*edges).edges())),
            Op::Anybody(_) => Column::Rows(vec![crate::facts::ANY; self.size(node)]),
            Op::StretchDay(edges) => Column::Days(time::some_day(self.at(*edges).edges())),
            Op::StretchDays(edges) => Column::Days(time::all_days(self.at(*edges).edges())),

            Op::Applies(whens, which) => {
                let whens: Vec<&[Bits]> = whens.iter().map(|when| self.bits(*when)).collect();
                Column::Bits(truth::applies(&whens, *which as usize, self.size(node)))
            }

            Op::Worse(a, b) => Column::Bits(zip(self.bits(*a), self.bits(*b), Bits::max)),
            Op::Blame(whole, part, standing) => {
                let takes_part =
                    zip(self.bits(*whole), self.bits(*part), |whole, part| whole != NO || part == NO);
                Column::Bits(zip(
                    &takes_part,
                    self.bits(*standing),
                    |takes_part, standing| {
                        if takes_part { standing } else { 0 }
                    },
                ))
            }
            Op::Either(when, a, b) => {
                let (when, a, b) = (self.bits(*when), self.bits(*a), self.bits(*b));
                let yes = zip(when, a, |when, a| if when & YES == 0 { 0 } else { a });
                let no = zip(when, b, |when, b| if when & NO == 0 { 0 } else { b });
                Column::Bits(zip(&yes, &no, Bits::max))
            }
            Op::Worst(edges, standings) => {
                Column::Bits(list::worst(self.at(*edges).edges(), self.bits(*standings)))
            }
        })
    }

    /// The membership of a list; one for all where all are certain, unless every column is kept for
    /// a walk from element to element.
    fn members(&self, edges: &Edges) -> Vec<Bits> {
        match &edges.member {
            Some(member) => member.clone(),
            None => vec![YES; if self.keep { edges.len() } else { 1 }],
        }
    }

    fn shared(&self, node: N) -> Shared {
        Rc::clone(self.columns[node.0 as usize].as_ref().expect("inputs come before their node"))
    }

    fn field_row(&mut self, entity: EntityId, field: FieldId, place: Place) -> Column {
        let facts = self.facts;
        let to = match facts.pack.schema.at(entity).at(field).ty {
            card::FieldType::Row(to) => to,
            _ => card::Schema::PERSON,
        };
        let key = facts.key_field(to).unwrap_or(FieldId(0));
        let index = self.index(to, key);
        let places = self.places(entity, place);
        let mut near = 0;
        let rows = places.iter().map(|(thing, day)| {
            let cell = match facts.cells(entity, thing as usize, field, day) {
                crate::facts::Cells::One(cell) => cell,
                crate::facts::Cells::Many(cells) => {
                    cells.first().copied().filter(|c| cells.iter().all(|o| o == c))
                }
            };
            match Key::of(cell) {
                Key::Is(key) => index.first(key, &mut near),
                _ => crate::facts::ANY,
            }
        });
        Column::Edges(list::single(&rows.collect::<Vec<_>>()))
    }

    fn reached(&self, day: N, steps: &[(i32, N, N)], months: bool, n: usize) -> (Days, Vec<Bits>) {
        let steps: Vec<time::Step> = steps
            .iter()
            .map(|(from, length, exists)| time::Step {
                from: *from,
                length: self.at(*length).ints(),
                exists: self.bits(*exists),
            })
            .collect();
        time::reached(self.at(day).days(), &steps, months, n)
    }

    fn first(&self, edges: N, member: N, open: N, order: &[N]) -> Column {
        let edges = self.at(edges).edges();
        let order: Vec<&Column> = order.iter().map(|node| self.at(*node)).collect();
        let before = |a: usize, b: usize| {
            let (mut equal, mut before) = (YES, NO);
            for column in &order {
                let (less, same) = compare_at(column, a, b);
                before = or(before, and(equal, less));
                equal = and(equal, same);
            }
            or(before, and(equal, if edges.rows[a] < edges.rows[b] { YES } else { NO }))
        };
        Column::Bits(list::first(edges, self.bits(member), self.bits(open), before))
    }

    /// What is found in a table, once for the nodes that follow one another and read parts of it.
    fn table(&mut self, node: N, table: u32, keys: &[N], day: N) -> Looked {
        if let Some((of, looked)) = &self.looked
            && *of == (table, keys.to_vec(), day)
        {
            return looked.clone();
        }
        let mut memory = self.memories.remove(&table).unwrap_or_default();
        let columns: Vec<&Column> = keys.iter().map(|key| self.at(*key)).collect();
        let names = |code: &str| self.facts.code(code);
        let (days, n) = (self.at(day).days(), self.size(node));
        let looked =
            table::look_up(&self.graph.tables[table as usize], &columns, days, n, &names, &mut memory);
        self.memories.insert(table, memory);
        self.looked = Some(((table, keys.to_vec(), day), looked.clone()));
        looked
    }
}

fn months_covered(relation: &Relation, owners: &[u32], lo: Option<&Days>, hi: &Days) -> Column {
    let end = |days: &Days, at: usize| if days.lo.len() == 1 { days.at(0) } else { days.at(at) };
    let covered = owners.iter().enumerate().map(|(at, owner)| {
        let from = lo.map_or(EVER_BEFORE, |lo| end(lo, at).0);
        let through = end(hi, at).1;
        if relation.covers(*owner as usize, from, through) { YES } else { NO }
    });
    Column::Bits(covered.collect())
}

/// `a < b` and `a = b` of two elements of one column.
fn compare_at(column: &Column, a: usize, b: usize) -> (Bits, Bits) {
    use law::tree::Comparison::{Equal, Less};
    match column {
        Column::Days(days) => {
            let one = |at: usize| Days::of(vec![days.at(at).0], vec![days.at(at).1]);
            (truth::compare(Less, &one(a), &one(b))[0], truth::compare(Equal, &one(a), &one(b))[0])
        }
        Column::Ints(ints) => {
            let one = |at: usize| Ints::of(vec![ints.at(at).0], vec![ints.at(at).1]);
            (truth::compare(Less, &one(a), &one(b))[0], truth::compare(Equal, &one(a), &one(b))[0])
        }
        Column::Sets(sets) => (UNKNOWN, truth::equal_sets(&[sets[a]], &[sets[b]])[0]),
        _ => (UNKNOWN, UNKNOWN),
    }
}

fn and(a: Bits, b: Bits) -> Bits {
    truth::and(&[a], &[b])[0]
}

fn or(a: Bits, b: Bits) -> Bits {
    truth::or(&[a], &[b])[0]
}

fn built<T: Clone>(part: Option<&T>) -> T {
    part.cloned().expect("lowering takes of a list only what its construction gives")
}

/// Elements by row number.
fn gather(column: &Column, rows: &[u32]) -> Column {
    fn pick<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
        if let [one] = values {
            return vec![*one; rows.len()];
        }
        rows.iter().map(|row| values[*row as usize]).collect()
    }
    /// Mostly of rows that are known, out of all of which some are not.
    fn pick_span<T: Copy + PartialEq>(span: &Span<T>, rows: &[u32]) -> Span<T> {
        let lo = pick(&span.lo, rows);
        match &span.hi {
            None => Span::known(lo),
            Some(hi) => Span::of(lo, pick(hi, rows)),
        }
    }
    match column {
        Column::Bits(values) => Column::Bits(pick(values, rows)),
        Column::Ints(span) => Column::Ints(pick_span(span, rows)),
        Column::Days(span) => Column::Days(pick_span(span, rows)),
        Column::Ratios(span) => {
            Column::Ratios(Ratios { lo: pick(&span.lo, rows), hi: span.hi.as_ref().map(|hi| pick(hi, rows)) })
        }
        Column::Sets(values) => Column::Sets(pick(values, rows)),
        Column::Codes(values) => Column::Codes(pick(values, rows)),
        Column::Rows(values) => Column::Rows(pick(values, rows)),
        Column::Edges(edges) => Column::Edges(list::gather(edges, rows)),
    }
}

/// Two columns element by element; one of a single element stands for all of its kind.
pub(crate) fn zip<A: Copy, B: Copy, C>(a: &[A], b: &[B], f: impl Fn(A, B) -> C) -> Vec<C> {
    match (a, b) {
        (a, b) if a.len() == b.len() => a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect(),
        ([a], b) => b.iter().map(|b| f(*a, *b)).collect(),
        (a, [b]) => a.iter().map(|a| f(*a, *b)).collect(),
        _ => unreachable!("lowering aligns the operands of a node"),
    }
}

/// Days without an end on either side.
pub(crate) const ANY_DAY: (i32, i32) = (EVER_BEFORE, EVER_AFTER);
