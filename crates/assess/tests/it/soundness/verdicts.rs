//! When a verdict with more known lies in a verdict with less known.

use std::fmt::Debug;

use card::{Amount, Outcome, Ternary};

use super::{Tally, agrees};
use crate::plain::{Chosen, Decision, Workings};

type Tell<'t> = &'t dyn Fn(&str, &dyn Debug, &dyn Debug) -> String;

fn within(more: &Amount, less: &Amount) -> bool {
    less.lo <= more.lo && less.hi.is_none_or(|hi| more.hi.is_some_and(|theirs| theirs <= hi))
}

/// Compares outcome, conditions, amount, freedom, period, branch, withheld sums, shares, recipients.
pub fn compare(more: &Workings, less: &Workings, tally: &mut Tally, told: Tell) {
    let (known, rest) = (&more.verdict, &less.verdict);
    let outcome = rest.outcome.ternary();
    tally.check(agrees(known.outcome.ternary(), outcome), outcome != Ternary::Unknown, || {
        told(&format!("{}: outcome", rest.measure), known, rest)
    });
    // What an unknown verdict waits for is named.
    let explained = outcome != Ternary::Unknown || !rest.missing.is_empty() || !rest.conflicts.is_empty();
    tally.check(explained, false, || told(&format!("{}: names no missing fact", rest.measure), known, rest));
    for (one, other) in known.conditions.iter().zip(&rest.conditions) {
        tally.check(agrees(one.outcome, other.outcome), other.outcome != Ternary::Unknown, || {
            told(&format!("{}: {}", rest.measure, one.name), known, rest)
        });
    }
    for (one, other) in known.kinds.iter().zip(&rest.kinds) {
        tally.check(agrees(one.applies, other.applies), other.applies != Ternary::Unknown, || {
            told(&format!("{}: {}", rest.measure, one.name), known, rest)
        });
    }
    if known.outcome.ternary() == Ternary::No {
        return;
    }
    if let Some(amount) = &known.amount {
        let sound = rest.amount.as_ref().is_some_and(|less| within(amount, less));
        let certain = rest.amount.is_some_and(|amount| amount.point().is_some());
        tally.check(sound, certain, || told(&format!("{}: amount", rest.measure), known, rest));
    }
    tally.check(agrees(known.free, rest.free), rest.free != Ternary::Unknown, || {
        told(&format!("{}: free", rest.measure), known, rest)
    });
    tally.check(rest.branch.is_none() || rest.branch == known.branch, rest.branch.is_some(), || {
        told(&format!("{}: branch", rest.measure), known, rest)
    });
    let period = less.right.includes(&more.right) && less.from.includes(&more.from);
    tally.check(period, rest.pays_from.is_some(), || told(&format!("{}: period", rest.measure), more, less));
    let until = rest.pays_until.is_none() || rest.pays_until == known.pays_until;
    tally.check(until, rest.pays_until.is_some(), || told(&format!("{}: until", rest.measure), more, less));
    for one in &known.withheld {
        let other = rest.withheld.iter().find(|w| w.name == one.name);
        tally.check(other.is_some_and(|w| within(&one.amount, &w.amount)), false, || {
            told(&format!("{}: withheld", rest.measure), known, rest)
        });
    }
    let receive = |w: &Workings| -> Vec<_> {
        w.verdict.pays_to.iter().filter(|r| r.certain == Ternary::Yes).map(|r| r.person).collect()
    };
    let theirs = receive(more);
    tally.check(receive(less).iter().all(|p| theirs.contains(p)), true, || {
        told(&format!("{}: recipients", rest.measure), known, rest)
    });
    tally.check(rest.claims.iter().all(|p| known.claims.contains(p)), true, || {
        told(&format!("{}: claims", rest.measure), known, rest)
    });
    compare_shares(more, less, tally, told);
    let day = rest.tellable(true);
    tally.check(day.is_none() || day == known.tellable(true), day.is_some(), || {
        told(&format!("{}: what is told", rest.measure), known, rest)
    });
    let offer = rest.offerable(true);
    tally.check(!offer || (known.offerable(true) && known.outcome == Outcome::Eligible), offer, || {
        told(&format!("{}: offer", rest.measure), known, rest)
    });
}

fn compare_shares(more: &Workings, less: &Workings, tally: &mut Tally, told: Tell) {
    for share in &more.shares {
        let sound = match less.shares.iter().find(|s| s.person == share.person) {
            Some(wider) => within(&share.amount, &wider.amount),
            None => less.more_shares,
        };
        tally.check(sound, false, || told("a share", more, less));
    }
    let kept = less
        .shares
        .iter()
        .filter(|share| share.certain)
        .all(|share| more.shares.iter().any(|s| s.person == share.person && s.certain));
    tally.check(kept || more.verdict.amount.is_none(), false, || told("a certain member", more, less));
}

/// An offer that a choice makes stands, whatever else becomes known.
pub fn compare_choices(more: &Chosen, less: &Chosen, tally: &mut Tally, told: Tell) {
    let sound = match less.decision {
        Decision::Offer(_) | Decision::Apart => more.decision == less.decision,
        Decision::Both => matches!(more.decision, Decision::Both | Decision::Apart),
        Decision::Call | Decision::Ask(_) => true,
    };
    let certain = !matches!(less.decision, Decision::Call | Decision::Ask(_));
    tally.check(sound, certain, || told("a choice", more, less));
}
