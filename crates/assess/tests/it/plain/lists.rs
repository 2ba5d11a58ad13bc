//! Lists: paths, filters, quantifiers, counts and sums over rows that are or may be there.

use card::{Date, EntityId, FieldId, LONG_AGO, Month, Ternary};
use law::tree::{Comparison, Expr, Node, Slot, Type};
use num_rational::Ratio;

use super::{
    Fault, Stop,
    eval::{Eval, Scope, anything},
    interval::{Exact, Interval},
    judge::conjoined,
    value::{Is, Member, Open, Rows, Set, Thing, Value, Values, Why},
};

fn rows(list: &Value) -> Result<&Rows, Stop> {
    match &list.some {
        Some(Is::Rows(rows)) => Ok(rows),
        _ => Err(Stop::Wrong("a list of rows is expected")),
    }
}

fn bound(thing: &Thing) -> Value {
    Value::of(Is::Row(Set::just(thing.clone())), Why::default())
}

fn any_row() -> Value {
    Value { some: Some(Is::Row(Set::Any)), nothing: false, why: Why::default() }
}

impl Eval<'_> {
    /// A path over a list: rows as one flat set, values as one per row.
    pub(crate) fn each(
        &self,
        list: &Value,
        slot: Slot,
        body: &Expr,
        ty: &Type,
        scope: &Scope,
    ) -> Result<Value, Stop> {
        let owners = rows(list)?;
        let unseen = owners.open != Open::Closed;
        if !matches!(ty, Type::List(of) if matches!(**of, Type::Row(_))) {
            let mut why = list.why.clone();
            let mut items = Vec::new();
            for (thing, member) in &owners.members {
                let value = self.eval(body, &scope.with(slot, bound(thing)))?;
                why.add(&value.why);
                items.push((value.because(&member.why), member.certain));
            }
            let unseen =
                if unseen { Some(Box::new(self.eval(body, &scope.with(slot, any_row()))?)) } else { None };
            return Ok(Value::of(Is::Values(Values { items, unseen }), why));
        }
        let mut result = Rows { order: Vec::new(), ..Rows::none() };
        let mut why = list.why.clone();
        for (thing, member) in &owners.members {
            let theirs = self.eval(body, &scope.with(slot, bound(thing)))?;
            gather(&mut result, &theirs, Some(member));
            why.add(&theirs.why);
        }
        if unseen {
            result.open = Open::Everywhere;
        }
        Ok(Value::of(Is::Rows(result), why))
    }

    /// `list[when]`.
    pub(crate) fn filter(&self, list: &Value, slot: Slot, when: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let all = rows(list)?;
        let closes = self.closes(&all.open, slot, when, scope)?;
        let open = if closes { Open::Closed } else { all.open.clone() };
        let mut kept = Rows { open, order: all.order.clone(), ..Rows::none() };
        let mut why = list.why.clone();
        for (thing, member) in &all.members {
            let stays = self.eval(when, &scope.with(slot, bound(thing)))?;
            let ternary = stays.ternary();
            if ternary == Ternary::No
                || (ternary == Ternary::Unknown && self.fault == Some(Fault::FilterDropsUnknown))
            {
                why.standing = why.standing.max(stays.why.standing);
                continue;
            }
            let certain = member.certain && ternary == Ternary::Yes;
            kept.insert(thing.clone(), certain, member.why.clone().and(&stays.why));
        }
        if closes {
            // What may be missing from the list does not keep the filtered list open.
            why.missing.clear();
            for member in kept.members.values() {
                why.add(&member.why);
            }
        }
        Ok(Value::of(Is::Rows(kept), why))
    }

    /// Does a filter admit only months of which every row is here?
    fn closes(&self, open: &Open, slot: Slot, when: &Expr, scope: &Scope) -> Result<bool, Stop> {
        let Open::Outside { field, covered } = open else { return Ok(false) };
        let parts = match &when.node {
            Node::And(parts) => parts.as_slice(),
            _ => std::slice::from_ref(when),
        };
        for part in parts {
            let Some(months) = self.admitted(part, slot, *field, scope)? else { continue };
            let inside = match (months.lo, months.hi) {
                (Some(lo), Some(hi)) if hi < lo => true,
                (lo, Some(hi)) => {
                    let first = lo.map_or(LONG_AGO, Month::first_day);
                    covered.iter().any(|(from, through)| *from <= first && hi.last_day() <= *through)
                }
                (_, None) => false,
            };
            if inside {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The months that a conjunct `month in w`, `= m` or `< m` may admit.
    fn admitted(
        &self,
        part: &Expr,
        slot: Slot,
        field: FieldId,
        scope: &Scope,
    ) -> Result<Option<Interval<Month>>, Stop> {
        let is_month =
            |e: &Expr| matches!(&e.node, Node::Field(row, f) if *f == field && row.node == Node::Var(slot));
        // Evaluated for no row in particular: the other side may not speak of the row.
        let other =
            |e: &Expr| -> Result<Option<Is>, Stop> { Ok(self.eval(e, &scope.with(slot, any_row()))?.some) };
        let month = |is: Option<Is>| match is {
            Some(Is::Month(month)) => Some(month),
            _ => None,
        };
        Ok(match &part.node {
            Node::InWindow(m, window) if is_month(m) => match other(window)? {
                Some(Is::Window(from, to)) => Some(Interval { lo: from.lo, hi: to.hi }),
                _ => None,
            },
            Node::Compare(Comparison::Equal, a, b) if is_month(a) => month(other(b)?),
            Node::Compare(Comparison::Equal, a, b) if is_month(b) => month(other(a)?),
            Node::Compare(Comparison::Less, m, limit) if is_month(m) => {
                month(other(limit)?).map(|limit| Interval { lo: None, hi: limit.hi.map(Month::previous) })
            }
            _ => None,
        })
    }

    /// `some x in list satisfies when`.
    pub(crate) fn some(&self, list: &Value, slot: Slot, when: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let negated = self.members(list, slot, when, scope, |member, value| {
            Value::truth(!(member & value.ternary()), value.why)
        })?;
        let none = conjoined(negated);
        Ok(Value::truth(!none.ternary(), none.why))
    }

    /// `every x in list satisfies when`.
    pub(crate) fn every(&self, list: &Value, slot: Slot, when: &Expr, scope: &Scope) -> Result<Value, Stop> {
        let parts = self.members(list, slot, when, scope, |member, value| {
            Value::truth(!member | value.ternary(), value.why)
        })?;
        Ok(conjoined(parts))
    }

    /// The truth of `when` for each row, and a doubt where there may be other rows.
    fn members(
        &self,
        list: &Value,
        slot: Slot,
        when: &Expr,
        scope: &Scope,
        part: impl Fn(Ternary, Value) -> Value,
    ) -> Result<Vec<Value>, Stop> {
        let all = rows(list)?;
        let mut parts = Vec::new();
        for (thing, member) in &all.members {
            let value = self.eval(when, &scope.with(slot, bound(thing)))?;
            let here = if member.certain { Ternary::Yes } else { Ternary::Unknown };
            let mut why = value.why.clone().and(&member.why);
            if !member.certain {
                why.add(&list.why);
            }
            parts.push(part(here, Value { why, ..value }));
        }
        if all.open != Open::Closed && self.fault != Some(Fault::QuantifierIgnoresOpen) {
            parts.push(Value::truth(Ternary::Unknown, list.why.clone()));
        } else {
            let settled = list.why.clone().settled();
            parts.push(Value::truth(Ternary::Yes, settled));
        }
        Ok(parts)
    }

    /// `only_first(list)`: the one that no other precedes.
    pub(crate) fn only_first(&self, list: &Value, scope: &Scope) -> Result<Value, Stop> {
        let all = rows(list)?;
        let mut first = Rows { open: all.open.clone(), order: all.order.clone(), ..Rows::none() };
        let mut why = list.why.clone();
        for (thing, member) in &all.members {
            let mut certainly = member.certain && all.open == Open::Closed;
            let mut possibly = true;
            let mut doubt = member.why.clone().and(&list.why);
            for (other, theirs) in all.members.iter().filter(|(other, _)| *other != thing) {
                let precedes = self.precedes(other, thing, &all.order, scope)?;
                possibly &= !(theirs.certain && precedes.ternary() == Ternary::Yes);
                if precedes.ternary() != Ternary::No {
                    certainly = false;
                    doubt.add(&precedes.why);
                    doubt.add(&theirs.why);
                }
            }
            if possibly {
                why.add(&doubt);
                first.insert(thing.clone(), certainly, doubt);
            }
        }
        Ok(Value::of(Is::Rows(first), why))
    }

    /// Does a row come before another in the order of its relation, then of its key?
    fn precedes(&self, a: &Thing, b: &Thing, order: &[FieldId], scope: &Scope) -> Result<Value, Stop> {
        let day: Date = scope.some_day();
        let mut equal_so_far = Value::truth(Ternary::Yes, Why::default());
        let mut before = Value::truth(Ternary::No, Why::default());
        for field in order {
            let (x, y) = (self.facts.read(a, *field, day)?, self.facts.read(b, *field, day)?);
            let less = super::judge::compare(Comparison::Less, &x, &y);
            let equal = super::judge::compare(Comparison::Equal, &x, &y);
            let here = equal_so_far.ternary() & less.ternary();
            before = Value::truth(before.ternary() | here, before.why.and(&less.why).and(&equal_so_far.why));
            equal_so_far = conjoined(vec![equal_so_far, equal]);
        }
        let last = equal_so_far.ternary() & Ternary::known(a < b);
        Ok(Value::truth(before.ternary() | last, before.why.and(&equal_so_far.why)))
    }
}

/// Adds what a path leads to from one owner: certain if the owner and the row are.
fn gather(result: &mut Rows, theirs: &Value, owner: Option<&Member>) {
    let certain_owner = owner.is_none_or(|member| member.certain);
    let doubt = owner.map_or_else(Why::default, |member| member.why.clone()).and(&theirs.why);
    match &theirs.some {
        None => {}
        Some(Is::Rows(rows)) => {
            for (thing, member) in &rows.members {
                let why = doubt.clone().and(&member.why);
                result.insert(thing.clone(), certain_owner && member.certain, why);
            }
            let open = std::mem::replace(&mut result.open, Open::Closed);
            result.open = open.or(rows.open.clone());
            if result.order.is_empty() {
                result.order.clone_from(&rows.order);
            }
        }
        Some(Is::Row(Set::Any)) => result.open = Open::Everywhere,
        Some(Is::Row(Set::Of(things))) => {
            let certain = certain_owner && things.len() == 1 && !theirs.nothing;
            for thing in things {
                result.insert(thing.clone(), certain, doubt.clone());
            }
        }
        Some(_) => unreachable!("the checker takes paths of rows only"),
    }
}

/// `union(lists and rows)`.
pub(crate) fn union(parts: Vec<Value>) -> Value {
    let mut result = Rows::none();
    let mut why = Why::default();
    for part in parts {
        gather(&mut result, &part, None);
        why.add(&part.why);
    }
    Value::of(Is::Rows(result), why)
}

/// `count(list)`.
pub(crate) fn count(list: &Value, fault: Option<Fault>) -> Value {
    let (certain, all, open, mut why) = match &list.some {
        Some(Is::Rows(rows)) => {
            let why = rows.members.values().fold(list.why.clone(), |why, member| why.and(&member.why));
            (rows.certain(), rows.members.len(), rows.open != Open::Closed, why)
        }
        Some(Is::Values(values)) => {
            let certain = values.items.iter().filter(|(_, certain)| *certain).count();
            (certain, values.items.len(), values.unseen.is_some(), list.why.clone())
        }
        _ => (0, 0, false, list.why.clone()),
    };
    let open = open && fault != Some(Fault::CountIgnoresOpen);
    let whole = |n: usize| Exact::from_integer(n as i128);
    if certain == all && !open {
        why = why.settled();
    }
    let count = Interval { lo: Some(whole(certain)), hi: (!open).then(|| whole(all)) };
    Value::of(Is::Number(count), why)
}

/// `sum(list of values)`; of none, 0. A value that is nothing adds nothing.
pub(crate) fn sum(list: &Value, fault: Option<Fault>) -> Result<Value, Stop> {
    let Some(Is::Values(values)) = &list.some else {
        return Err(Stop::Wrong("a sum of what are no numbers"));
    };
    let mut why = list.why.clone();
    let mut total = Interval::zero();
    for (value, certain) in &values.items {
        why.add(&value.why);
        let Some(number) = &value.some else { continue };
        let Is::Number(number) = number else { return Err(Stop::Wrong("a sum of what are no numbers")) };
        let sure = *certain && !value.nothing;
        total = total.plus(if sure { *number } else { number.hull(Interval::zero()) })?;
    }
    if let Some(unseen) = &values.unseen
        && fault != Some(Fault::SumIgnoresOpen)
    {
        let one = unseen.number().unwrap_or(Interval::ANY).hull(Interval::zero());
        let zero = Some(Ratio::from_integer(0));
        let many =
            Interval { lo: one.lo.filter(|lo| Some(*lo) == zero), hi: one.hi.filter(|hi| Some(*hi) == zero) };
        total = total.plus(many)?;
    }
    Ok(Value::of(Is::Number(total), why))
}

/// `row in list`.
pub(crate) fn in_rows(row: &Value, list: &Value) -> Value {
    let why = row.why.clone().and(&list.why);
    let (Some(Is::Row(row_set)), Some(Is::Rows(rows))) = (&row.some, &list.some) else {
        return Value::truth(Ternary::No, why.settled());
    };
    let closed = rows.open == Open::Closed;
    let within = |thing: &Thing| match rows.members.get(thing) {
        Some(member) if member.certain => Ternary::Yes,
        None if closed => Ternary::No,
        _ => Ternary::Unknown,
    };
    let outcome = match row_set {
        Set::Any if closed && rows.members.is_empty() => Ternary::No,
        Set::Any => Ternary::Unknown,
        Set::Of(things) => {
            let mut each = things.iter().map(within);
            let first = each.next().unwrap_or(Ternary::Unknown);
            if each.all(|next| next == first) { first } else { Ternary::Unknown }
        }
    };
    let outcome = if row.nothing { outcome & Ternary::Unknown } else { outcome };
    let why = match row_set {
        Set::Of(things) => things.iter().filter_map(|t| rows.members.get(t)).fold(why, |w, m| w.and(&m.why)),
        Set::Any => why,
    };
    Value::truth(outcome, why)
}

/// `only(list)`: the one row, or nothing. Two certain rows contradict the word.
pub(crate) fn only(list: &Value, ty: &Type) -> Value {
    let Some(Is::Rows(rows)) = &list.some else { return anything(ty).because(&list.why) };
    let mut why = list.why.clone();
    let certain = rows.certain();
    if certain > 1
        && let Some(thing) = rows.members.keys().next()
    {
        why.conflicts.insert(EntityId(thing.entity.0));
    }
    for member in rows.members.values() {
        why.add(&member.why);
    }
    let nothing = certain == 0;
    if rows.open != Open::Closed {
        return Value { some: Some(Is::Row(Set::Any)), nothing, why };
    }
    if rows.members.is_empty() {
        return Value::nothing(why);
    }
    let set = Set::Of(rows.members.keys().cloned().collect());
    Value { some: Some(Is::Row(set)), nothing, why }.settle()
}
