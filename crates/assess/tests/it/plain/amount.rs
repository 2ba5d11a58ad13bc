//! The amount: branch, additions, bounds, index, rounding, withheld sums and shares, in this order.

use card::{Amount, Tenge, Ternary, Withheld};
use law::{
    Branch, Divided,
    tree::{Slot, Type},
};
use num_rational::Ratio;

use super::{
    Eval, Scope, Stop,
    eval::anything_or_nothing,
    interval::{Exact, Interval},
    judge::extreme,
    measure::Share,
    value::{Is, Open, Rows, Set, Value, Why},
};

/// What a measure pays, as far as it is known.
#[derive(Default)]
pub(crate) struct Payable {
    /// The gross amount after rounding.
    pub(crate) amount: Option<Amount>,
    /// The branch, if certainly one applies.
    pub(crate) branch: Option<String>,
    /// What is withheld.
    pub(crate) withheld: Vec<Withheld>,
    /// The shares of a divided amount.
    pub(crate) shares: Vec<Share>,
    /// May there be members beyond these?
    pub(crate) more_shares: bool,
    /// Among whom it is divided.
    pub(crate) members: Option<Rows>,
    /// On what the amount rests.
    pub(crate) why: Why,
    /// No entry may apply, or it is not known among whom to divide: no right to offer yet.
    pub(crate) in_doubt: bool,
}

/// Why a certain right has no amount.
pub(crate) enum Trouble {
    Stop(Stop, String),
    TwoBranches(usize, usize),
    NoBranch,
    Nothing,
    Negative,
}

/// How an amount becomes payable money.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Up,
    Nearest,
    ToTheTiyn,
}

impl Rounding {
    /// A known amount, in tiyn. All three never fall where the amount grows.
    fn tiyn(self, amount: Exact) -> Option<i128> {
        let half = Ratio::new(1, 2);
        match self {
            Self::Up => amount.ceil().to_integer().checked_mul(100),
            Self::Nearest => (amount + half).floor().to_integer().checked_mul(100),
            Self::ToTheTiyn => Some((amount * Ratio::from_integer(100) + half).floor().to_integer()),
        }
    }
}

impl Eval<'_> {
    /// What is paid if the conditions hold; `certain`: they do, so that what the pack leaves out is
    /// an error.
    pub(crate) fn payable(&self, scope: &Scope, certain: bool) -> Result<Payable, Trouble> {
        if self.measure.branches.is_empty() {
            return Ok(Payable::default());
        }
        let Some((mut amount, branch)) = self.branch(scope, certain)? else {
            return Ok(Payable { in_doubt: true, ..Payable::default() });
        };
        let what = "the amount";
        let stopped = |stop| Trouble::Stop(stop, what.to_owned());
        for addition in &self.measure.additions {
            let more = self.addition(addition, scope, certain)?;
            amount = combine(amount, more, super::time::plus).map_err(stopped)?;
        }
        for (bound, least) in [(&self.measure.at_least, false), (&self.measure.at_most, true)] {
            if let Some(bound) = bound {
                let bound = Self::within(self.eval(bound, scope), &Type::Money, what, certain)?;
                amount = combine(amount, bound, |a, b| extreme(a, b, least)).map_err(stopped)?;
            }
        }
        if let Some(index) = &self.measure.indexed {
            let index = Self::within(self.eval(index, scope), &Type::Decimal, what, certain)?;
            amount = combine(amount, index, |a, b| match (a, b) {
                (Is::Number(a), Is::Number(b)) => a.times(b).map(Is::Number),
                _ => Err(Stop::Wrong("an index of what is no amount")),
            })
            .map_err(stopped)?;
        }
        let (rounding, standing) = self.rounding(scope).map_err(stopped)?;
        amount.why.standing = amount.why.standing.max(standing);
        let Some(exact) = amount.number() else {
            return if certain {
                Err(Trouble::Nothing)
            } else {
                Ok(Payable { why: amount.why, in_doubt: true, ..Payable::default() })
            };
        };
        if certain && exact.hi.is_some_and(|hi| hi < Ratio::from_integer(0)) {
            return Err(Trouble::Negative);
        }
        let rounded = rounded(exact, rounding).map_err(stopped)?;
        let mut payable = Payable {
            amount: Some(rounded),
            branch,
            in_doubt: amount.nothing,
            why: if rounded.point().is_some() && !amount.nothing { amount.why.settled() } else { amount.why },
            ..Payable::default()
        };
        let (withheld, standing) = self.withheld(scope, rounded)?;
        payable.withheld = withheld;
        payable.why.standing = payable.why.standing.max(standing);
        if let Some(divided) = &self.measure.divided {
            self.divide(divided, rounded, scope, &mut payable)
                .map_err(|stop| Trouble::Stop(stop, "the division of the amount".to_owned()))?;
        }
        Ok(payable)
    }

    /// The amount of the branch that applies, and its name if that is certain; `None` if none may
    /// apply while it is not certain that any must.
    fn branch(&self, scope: &Scope, certain: bool) -> Result<Option<(Value, Option<String>)>, Trouble> {
        let mut doubt = Why::default();
        let (mut yes, mut may) = (Vec::new(), Vec::new());
        for (at, branch) in self.measure.branches.iter().enumerate() {
            let when = self.dated(&branch.when, &Type::Bool, scope);
            let when = Self::within(when, &Type::Bool, &branch.name, certain)?;
            doubt.add(&when.why);
            match when.ternary() {
                Ternary::Yes => yes.push(at),
                Ternary::Unknown => may.push(at),
                Ternary::No => {}
            }
        }
        let apply = match (&yes[..], &may[..]) {
            ([one, two, ..], _) if certain => return Err(Trouble::TwoBranches(*one, *two)),
            ([], []) if certain => return Err(Trouble::NoBranch),
            ([], []) => return Ok(None),
            ([one], _) => {
                doubt = doubt.settled();
                vec![*one]
            }
            _ => yes.iter().chain(&may).copied().collect(),
        };
        let name = (yes.len() == 1).then(|| self.measure.branches[yes[0]].name.clone());
        let only = apply.len() == 1;
        let mut amount: Option<Value> = None;
        for at in apply {
            let next = self.pays(&self.measure.branches[at], scope, certain && only)?;
            amount = Some(match amount {
                None => next,
                Some(amount) => amount.or(next),
            });
        }
        Ok(amount.map(|amount| (amount.because(&doubt), name)))
    }

    fn pays(&self, branch: &Branch, scope: &Scope, certain: bool) -> Result<Value, Trouble> {
        Self::within(self.dated(&branch.pays, &Type::Money, scope), &Type::Money, &branch.name, certain)
    }

    /// A sum on top: nothing of it where it does not apply, anything between where that is unknown.
    fn addition(&self, addition: &Branch, scope: &Scope, certain: bool) -> Result<Value, Trouble> {
        let when = self.dated(&addition.when, &Type::Bool, scope);
        let when = Self::within(when, &Type::Bool, &addition.name, certain)?;
        let none = Value::of(Is::Number(Interval::zero()), Why::default());
        Ok(match when.ternary() {
            Ternary::No => none.because(&when.why),
            Ternary::Yes => self.pays(addition, scope, certain)?.because(&when.why),
            Ternary::Unknown => none.or(self.pays(addition, scope, false)?).because(&when.why),
        })
    }

    /// A value of the amount; a division by zero counts only where the right is certain.
    fn within(value: Result<Value, Stop>, ty: &Type, what: &str, certain: bool) -> Result<Value, Trouble> {
        match value {
            Err(Stop::DividesByZero) if !certain => Ok(anything_or_nothing(ty)),
            value => value.map_err(|stop| Trouble::Stop(stop, format!("the amount ({what})"))),
        }
    }

    fn rounding(&self, scope: &Scope) -> Result<(Rounding, card::Standing), Stop> {
        let Some(id) = self.measure.rounding else {
            return Ok((Rounding::ToTheTiyn, card::Standing::Confirmed));
        };
        let Type::Enum(names) = self.pack.parameter(id).ty else {
            return Err(Stop::Wrong("the rounding is no value of an enumeration"));
        };
        let value = self.parameter(id, &[], None, scope)?;
        let rounding = match &value.some {
            None => Rounding::ToTheTiyn,
            Some(Is::Enum(Set::Of(ways))) if ways.len() == 1 => {
                let way = ways.first().map_or(0, |way| *way as usize);
                match self.pack.schema.enumeration(names).values.get(way).map(String::as_str) {
                    Some("up") => Rounding::Up,
                    Some("nearest") => Rounding::Nearest,
                    Some("none") => Rounding::ToTheTiyn,
                    _ => return Err(Stop::Wrong("the rounding is up, nearest or none")),
                }
            }
            Some(_) => return Err(Stop::Wrong("the rounding is not one")),
        };
        Ok((rounding, value.why.standing))
    }

    fn withheld(&self, scope: &Scope, amount: Amount) -> Result<(Vec<Withheld>, card::Standing), Trouble> {
        let (mut all, mut standing) = (Vec::new(), card::Standing::Confirmed);
        for withhold in &self.measure.withholds {
            let stopped = |stop| Trouble::Stop(stop, format!("what is withheld ({})", withhold.name));
            let applies = match &withhold.when {
                None => Ternary::Yes,
                Some(when) => {
                    let when = self.eval(when, scope).map_err(stopped)?;
                    standing = standing.max(when.why.standing);
                    when.ternary()
                }
            };
            if applies == Ternary::No {
                continue;
            }
            let share = self.eval(&withhold.share, scope).map_err(stopped)?;
            standing = standing.max(share.why.standing);
            let share =
                if share.some.is_none() { Interval::zero() } else { share.number().unwrap_or(Interval::ANY) };
            let part = share.times(exactly(amount)).map_err(stopped)?;
            let part = if applies == Ternary::Unknown { part.hull(Interval::zero()) } else { part };
            let amount = rounded(part, Rounding::ToTheTiyn).map_err(stopped)?;
            all.push(Withheld { name: withhold.name.clone(), amount });
        }
        Ok((all, standing))
    }

    /// Divides an amount by weight: exact to the tiyn, what does not divide goes to the first by key.
    fn divide(&self, divided: &Divided, amount: Amount, scope: &Scope, to: &mut Payable) -> Result<(), Stop> {
        let members = self.persons(&divided.among, scope)?;
        let open = members.open != Open::Closed;
        let mut weights = Vec::new();
        let mut doubt = self.eval(&divided.among, scope)?.why;
        for (thing, member) in &members.members {
            let bound = Value::of(Is::Row(Set::just(thing.clone())), Why::default());
            let weight = self.eval(&divided.each, &scope.with(Slot(1), bound))?;
            doubt.add(&member.why);
            doubt.add(&weight.why);
            let zero = Interval { lo: Some(Ratio::from_integer(0)), hi: None };
            let number = weight.number().unwrap_or(zero).larger(Interval::zero());
            weights.push((thing.clone(), member.certain, number));
        }
        let sure = !open && weights.iter().all(|(_, certain, weight)| *certain && weight.single().is_some());
        to.in_doubt |= !sure;
        to.more_shares = open;
        to.why.add(&if sure { doubt.settled() } else { doubt });
        let total = |ends: &dyn Fn(&Interval<Exact>) -> Option<Exact>, but: usize| {
            let mut sum = Some(Ratio::from_integer(0));
            for (at, (_, certain, weight)) in weights.iter().enumerate() {
                if at != but {
                    let end = if *certain || ends(weight).is_none() {
                        ends(weight)
                    } else {
                        ends(&weight.hull(Interval::zero()))
                    };
                    sum = sum.zip(end).map(|(sum, end)| sum + end);
                }
            }
            sum
        };
        let zero = Ratio::from_integer(0);
        let exact = exactly(amount);
        let slack = Ratio::new(weights.len() as i128, 100);
        for (at, (thing, certain, weight)) in weights.iter().enumerate() {
            let Some(person) = thing.as_person() else { return Err(Stop::Wrong("shares are of persons")) };
            let least_others = total(&|w| w.lo, at).unwrap_or(zero);
            let most_others = if open { None } else { total(&|w| w.hi, at) };
            let part = |mine: Exact, others: Exact| (mine + others > zero).then(|| mine / (mine + others));
            let low =
                weight.lo.zip(most_others).and_then(|(mine, others)| part(mine, others)).unwrap_or(zero);
            let high = weight.hi.and_then(|mine| part(mine, least_others)).unwrap_or(Ratio::from_integer(1));
            let floor = |share: Exact| (share * Ratio::from_integer(100)).floor() / Ratio::from_integer(100);
            let lo = exact.lo.map(|lo| floor(lo * low));
            let hi = exact.hi.map(|hi| if sure { floor(hi * high) } else { (hi * high + slack).min(hi) });
            let amount = rounded(Interval { lo, hi }, Rounding::ToTheTiyn)?;
            to.shares.push(Share { person, certain: *certain, amount });
        }
        if let (true, Some(sum)) = (sure, amount.point()) {
            if !to.shares.is_empty() && total(&|w| w.lo, usize::MAX) == Some(zero) {
                return Err(Stop::DividesByZero);
            }
            let shared: Tenge = to.shares.iter().filter_map(|share| share.amount.point()).sum();
            if let Some(first) = to.shares.first_mut() {
                first.amount = Amount::exactly(first.amount.lo + (sum - shared));
            }
        } else if sure && let Some(first) = to.shares.first_mut() {
            let rest = Tenge::from_tiyn(weights.len() as i64);
            first.amount.hi = first.amount.hi.zip(amount.hi).map(|(hi, all)| (hi + rest).min(all));
        }
        to.members = Some(members);
        Ok(())
    }
}

/// Two values of an amount through a function; with nothing, nothing.
fn combine(one: Value, other: Value, f: impl FnOnce(Is, Is) -> Result<Is, Stop>) -> Result<Value, Stop> {
    let why = one.why.and(&other.why);
    let nothing = one.nothing || other.nothing;
    match (one.some, other.some) {
        (Some(x), Some(y)) => Ok(Value { some: Some(f(x, y)?), nothing, why }.settle()),
        _ => Ok(Value::nothing(why)),
    }
}

/// An amount in tenge.
fn exactly(amount: Amount) -> Interval<Exact> {
    let tenge = |sum: Tenge| Ratio::new(i128::from(sum.tiyn()), 100);
    Interval { lo: Some(tenge(amount.lo)), hi: amount.hi.map(tenge) }
}

/// A payable amount. What may be below zero is at least zero: a certain negative amount is an error.
fn rounded(exact: Interval<Exact>, rounding: Rounding) -> Result<Amount, Stop> {
    let money = |end: Exact| {
        let tiyn = rounding.tiyn(end).and_then(|tiyn| i64::try_from(tiyn).ok());
        tiyn.map(Tenge::from_tiyn).ok_or(Stop::TooLarge)
    };
    let lo = exact.lo.map(money).transpose()?.unwrap_or(Tenge::ZERO).max(Tenge::ZERO);
    let hi = exact.hi.map(money).transpose()?.map(|hi| hi.max(Tenge::ZERO));
    Ok(Amount { lo, hi })
}
