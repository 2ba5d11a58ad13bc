//! Tables of the law: parameters by keys and days, indexes, and dates that a table says are reached.

use card::{Span, Standing};
use law::{
    Constant, Parameter,
    tree::{Comparison, ParameterId, Type},
};
use num_rational::Ratio;

use super::{Ctx, Is, Lower, Lowered, Number, Val, number::least_common, refuse};
use crate::{
    plan::{Dom, KeyType, Kind, N, Op, Row, Table},
    types::{NO, YES},
};

impl<'p> Lower<'p> {
    /// The value of a parameter by keys on a day.
    pub(super) fn parameter(
        &mut self,
        ctx: &Ctx<'p>,
        id: ParameterId,
        keys: &[Val],
        day: Option<&Val>,
    ) -> Lowered<Val> {
        let days = match day {
            None => ctx.day,
            Some(day) => Self::as_day(day)?,
        };
        let parameter = self.pack.parameter(id);
        let mut val = if let (Op::Day(lo, hi), true) = (self.graph.op(days).clone(), keys.is_empty())
            && lo == hi
        {
            self.on_one_day(ctx, parameter, lo)?
        } else {
            self.look_up(ctx, id, keys, days)?
        };
        for other in keys.iter().chain(day) {
            val.exists = self.both(ctx, val.exists, other.exists)?;
            val.standing = self.worse(ctx, val.standing, other.standing)?;
        }
        Ok(val)
    }

    fn on_one_day(&mut self, ctx: &Ctx<'p>, parameter: &'p Parameter, day: i32) -> Lowered<Val> {
        let step = parameter.steps.iter().rev().find(|step| step.from.days() <= day);
        let Some((step, entry)) = step.and_then(|step| step.entries.first().map(|entry| (step, entry)))
        else {
            return self.nothing_of(ctx, &parameter.ty);
        };
        let is = match &entry.value {
            Constant::Bool(value) => Is::Truth(self.graph.truth(if *value { YES } else { NO })),
            Constant::Number(number) => Is::Number(self.number(*number)),
            Constant::Date(day) => Is::Day(self.graph.node(Op::Day(day.days(), day.days()), Dom::One)),
            Constant::Duration(span) => self.length(*span),
            Constant::Enum(value) => Is::Enum(self.graph.node(Op::Set(1 << value), Dom::One)),
        };
        let standing = self.graph.truth(standing(step.standing));
        Ok(Val { is, exists: None, standing })
    }

    fn look_up(&mut self, ctx: &Ctx<'p>, id: ParameterId, keys: &[Val], days: N) -> Lowered<Val> {
        let parameter = self.pack.parameter(id);
        let mut key_nodes = Vec::new();
        let mut types = Vec::new();
        for (key, ty) in keys.iter().zip(&parameter.keys) {
            let (node, key_type) = match &key.is {
                Is::Truth(n) => (*n, KeyType::Truth),
                Is::Number(number) => (number.n, KeyType::Number(number.den, *ty == Type::Integer)),
                Is::Ratio(n) => (*n, KeyType::Ratio),
                Is::Enum(n) => {
                    let Type::Enum(id) = ty else { return refuse("a key of the wrong type") };
                    (*n, KeyType::Enum(self.pack.schema.enumeration(*id).values.len() as u32))
                }
                Is::Code(n) => (*n, KeyType::Code),
                _ => return refuse("a key that no table can test"),
            };
            key_nodes.push(node);
            types.push(key_type);
        }
        let (kind, den, months) = kind_of(parameter)?;
        let at = match self.tables.get(&id.0) {
            Some(at) if self.graph.tables[*at as usize].keys == types => *at,
            _ => {
                let table = table(parameter, kind, den, types);
                self.graph.tables.push(table);
                let at = self.graph.tables.len() as u32 - 1;
                self.tables.insert(id.0, at);
                at
            }
        };
        let mut level = self.level(ctx, days)?;
        for key in &key_nodes {
            level = level.max(self.level(ctx, *key)?);
        }
        let days = self.lift(ctx, days, level)?;
        for key in &mut key_nodes {
            *key = self.lift(ctx, *key, level)?;
        }
        let dom = ctx.dom_at(level);
        let n = self.graph.node(Op::Table(at, key_nodes.clone(), days), dom);
        let exists = self.graph.node(Op::TableExists(at, key_nodes.clone(), days), dom);
        let values = || parameter.steps.iter().flat_map(|step| &step.entries).map(|entry| &entry.value);
        let is = match kind {
            Kind::Truth => Is::Truth(n),
            Kind::Day => Is::Day(n),
            Kind::Enum => Is::Enum(n),
            Kind::Number => {
                if let Some(months) = months {
                    Is::Length(n, months)
                } else {
                    let numbers =
                        values().filter_map(|v| if let Constant::Number(n) = v { Some(*n) } else { None });
                    let most = numbers.map(|n| (n * Ratio::from_integer(den)).to_integer().abs()).max();
                    let unsigned = values().all(|v| !matches!(v, Constant::Number(n) if *n.numer() < 0));
                    Is::Number(Number { n, den, most: most.unwrap_or(0), unsigned })
                }
            }
        };
        let sure = parameter.steps.iter().map(|step| standing(step.standing)).max().unwrap_or(0);
        let standing = if sure == 0 {
            self.graph.truth(0)
        } else {
            self.graph.node(Op::TableStanding(at, key_nodes, days), dom)
        };
        Ok(Val { is, exists: Some(exists), standing })
    }

    /// The product of an index's factors in (from..to].
    pub(super) fn index(&mut self, ctx: &Ctx<'p>, id: ParameterId, from: &Val, to: &Val) -> Lowered<Val> {
        let one = self.number(Ratio::from_integer(1));
        let mut product = self.val(Is::Number(one));
        for step in &self.pack.parameter(id).steps {
            let Some(Constant::Number(factor)) = step.entries.first().map(|entry| &entry.value) else {
                return refuse("an index of what are no factors");
            };
            let day = self.graph.node(Op::Day(step.from.days(), step.from.days()), Dom::One);
            let (lo, hi) = (Self::as_day(from)?, Self::as_day(to)?);
            let after = self.pair(ctx, |a, b| Op::CompareDays(Comparison::Less, a, b), lo, day)?;
            let before = self.pair(ctx, |a, b| Op::CompareDays(Comparison::AtMost, a, b), day, hi)?;
            let inside = self.and(ctx, after, before)?;
            let factor = self.number(*factor);
            let standing = self.graph.truth(standing(step.standing));
            let factor = Val { is: Is::Number(factor), exists: None, standing };
            let unchanged = self.val(Is::Number(one));
            let factor = self.choose(ctx, inside, factor, unchanged)?;
            product = self.product(ctx, &product, &factor)?;
        }
        let Is::Number(number) = product.is else { return refuse("an index of what are no factors") };
        let standing = product.standing;
        let mut val = self.both_of(ctx, Is::Number(number), from, to)?;
        val.standing = self.worse(ctx, val.standing, standing)?;
        Ok(val)
    }

    /// The first day t on which `day + p(keys, t)` has passed.
    pub(super) fn reached_on(
        &mut self,
        ctx: &Ctx<'p>,
        id: ParameterId,
        keys: &[Val],
        day: &Val,
    ) -> Lowered<Val> {
        let parameter = self.pack.parameter(id);
        let mut spans = Vec::new();
        let mut standing = day.standing;
        let mut level = self.level(ctx, Self::as_day(day)?)?;
        let mut months = true;
        for step in &parameter.steps {
            let from = self.graph.node(Op::Day(step.from.days(), step.from.days()), Dom::One);
            let from = self.val(Is::Day(from));
            let span = self.parameter(ctx, id, keys, Some(&from))?;
            standing = self.worse(ctx, standing, span.standing)?;
            let Is::Length(n, unit) = span.is else { return refuse("a length of time is expected") };
            months = unit;
            let exists = span.exists.unwrap_or_else(|| self.graph.truth(YES));
            level = level.max(self.level(ctx, n)?).max(self.level(ctx, exists)?);
            spans.push((step.from.days(), n, exists));
        }
        let mut lifted = Vec::new();
        for (from, n, exists) in spans {
            lifted.push((from, self.lift(ctx, n, level)?, self.lift(ctx, exists, level)?));
        }
        let days = self.lift(ctx, Self::as_day(day)?, level)?;
        let dom = ctx.dom_at(level);
        let n = self.graph.node(Op::Reached(days, lifted.clone(), months), dom);
        let reached = self.graph.node(Op::ReachedExists(days, lifted, months), dom);
        let exists = self.both(ctx, Some(reached), day.exists)?;
        Ok(Val { is: Is::Day(n), exists, standing })
    }
}

pub(super) const fn standing(standing: Standing) -> u8 {
    match standing {
        Standing::Confirmed => 0,
        Standing::SingleSource => 1,
        Standing::Preliminary => 2,
    }
}

/// What a parameter's values are, their common denominator, and the unit of lengths of time.
fn kind_of(parameter: &Parameter) -> Lowered<(Kind, i128, Option<bool>)> {
    let mut values = parameter.steps.iter().flat_map(|step| &step.entries).map(|entry| &entry.value);
    let den = values.clone().fold(1, |den, value| match value {
        Constant::Number(number) => least_common(den, *number.denom()),
        _ => den,
    });
    Ok(match values.next() {
        Some(Constant::Bool(_)) => (Kind::Truth, 1, None),
        Some(Constant::Number(_)) => (Kind::Number, den, None),
        Some(Constant::Date(_)) => (Kind::Day, 1, None),
        Some(Constant::Enum(_)) => (Kind::Enum, 1, None),
        Some(Constant::Duration(first)) => {
            let unit = |span: &Span| matches!(span, Span::Months(_));
            let mixed = values.any(|v| matches!(v, Constant::Duration(span) if unit(span) != unit(first)));
            if mixed {
                return refuse("a table of lengths of time in months and in days");
            }
            (Kind::Number, 1, Some(unit(first)))
        }
        None => return refuse("a parameter without values"),
    })
}

fn table(parameter: &Parameter, kind: Kind, den: i128, keys: Vec<KeyType>) -> Table {
    let row = |entry: &law::Entry| Row {
        tests: entry.tests.clone(),
        value: match &entry.value {
            Constant::Bool(value) => i128::from(*value),
            Constant::Number(number) => (number * Ratio::from_integer(den)).to_integer(),
            Constant::Date(day) => i128::from(day.days()),
            Constant::Duration(Span::Months(n) | Span::Days(n)) => i128::from(*n),
            Constant::Enum(value) => i128::from(*value),
        },
    };
    let steps = parameter
        .steps
        .iter()
        .map(|step| (step.from.days(), step.entries.iter().map(row).collect(), standing(step.standing)))
        .collect();
    Table { steps, keys, kind }
}
