//! From granted to the money on the account.

use card::{Actor, Missing, Month, Outcome, Role, Tenge, Ternary, Verdict};

use super::{
    Assess, End, Event, Order, OrderState, Owed, Pause, Payee, Per, Right, Stage, beside,
    life::{awaits_recipient, require, why_no},
    mark,
};
use crate::{
    Refusal, RunId,
    application::{amounts, sure},
    ledger::{Basis, Booking},
    port::{BankStatus, Movement, StatementEntry},
};

/// What the law says about a month, as far as money is concerned.
pub(super) enum Answer {
    /// Certain, with one amount.
    Gives { gross: Tenge, withheld: Tenge },
    /// Certainly nothing.
    Nothing(End),
    /// Nobody can say.
    NotKnown(Vec<Missing>),
}

fn answer(assess: &Assess, per: Per) -> Answer {
    let verdict = &assess.verdict;
    if assess.claimed_by.is_some() {
        return Answer::NotKnown(verdict.missing.clone());
    }
    said(verdict, assess.released, per)
}

/// What a verdict says of the money of its day.
pub(super) fn said(verdict: &Verdict, released: bool, per: Per) -> Answer {
    if verdict.outcome.ternary() == Ternary::No {
        return Answer::Nothing(why_no(verdict));
    }
    if per == Per::Month && verdict.pays_until.is_some_and(|until| verdict.question.day >= until) {
        return Answer::Nothing(End::Period);
    }
    match amounts(verdict) {
        Some((gross, withheld)) if verdict.outcome == Outcome::Eligible && sure(verdict, released) => {
            Answer::Gives { gross, withheld }
        }
        _ => Answer::NotKnown(verdict.missing.clone()),
    }
}

/// What a changed fact puts in doubt: every month that was assessed, and the month of a lawful end.
/// Which of them it changes, the law alone knows.
pub(super) fn doubt(right: &Right) -> Vec<Event> {
    let doubted = &right.ledger.doubted;
    let new = in_doubt(right).any(|month| !doubted.contains(&month));
    new.then_some(Event::Doubted).into_iter().collect()
}

fn in_doubt(right: &Right) -> impl Iterator<Item = Month> {
    right.ledger.owed.keys().copied().chain(right.ended_by_law())
}

/// Sets what is owed for a month and orders what is missing, in one go: so no order can take net
/// ordered above what is owed as assessed then.
pub(super) fn assess(right: &Right, assess: &Assess) -> Result<Vec<Event>, Refusal> {
    let month = assess.month;
    let ended = match right.stage {
        Stage::Ended { from, .. } => Some(from),
        _ => None,
    };
    let lives = right.granted() || right.stage == Stage::Elsewhere;
    if (!lives && ended.is_none()) || ended.is_some_and(|from| month > from) {
        return Err(Refusal::stage("assess a month", &right.stage));
    }
    if !right.concerns(&assess.verdict) || right.question(month) != Some(assess.verdict.question) {
        return Err(Refusal::WrongQuestion);
    }
    if !right.ours(month) {
        return Ok(beside::compare(right, assess));
    }
    let answer = answer(assess, right.per);
    let mut events = beside::month_elsewhere(right, month);
    match answer {
        Answer::Gives { gross, withheld } => {
            set(right, &mut events, month, Owed { gross, withheld, basis: Basis::Assessed });
            let paused = matches!(right.stage, Stage::Suspended { why: Pause::NotKnown { .. } });
            // The very month in which it ended is due after all: the fact that ended it was wrong.
            if (paused && assess.current) || ended == Some(month) {
                events.push(Event::Resumed);
            }
        }
        Answer::Nothing(why) => {
            if right.ledger.owed.contains_key(&month) {
                let nothing = Owed { gross: Tenge::ZERO, withheld: Tenge::ZERO, basis: Basis::Assessed };
                set(right, &mut events, month, nothing);
            }
            if assess.current && right.granted() {
                events.push(Event::Ended { from: month, why });
            }
        }
        Answer::NotKnown(missing) => {
            not_known(right, &mut events, assess, missing);
            order(right, &mut events, assess);
            return Ok(events);
        }
    }
    let changed = events.iter().any(|event| matches!(event, Event::OwedSet { .. }));
    if right.ledger.doubted.contains(&month) && !changed {
        events.push(Event::Confirmed { month });
    }
    order(right, &mut events, assess);
    Ok(events)
}

/// An unknown never takes anything away: a month assessed before keeps its amount, a new one
/// carries the last certain amount for a while, then waits.
fn not_known(right: &Right, events: &mut Vec<Event>, assess: &Assess, missing: Vec<Missing>) {
    let month = assess.month;
    if right.ledger.owed.contains_key(&month) || !assess.current || !right.granted() {
        return;
    }
    let carried = right.ledger.carried_before(month);
    let going_on = matches!(right.stage, Stage::InPayment | Stage::Suspended { why: Pause::NewRecipient });
    match right.ledger.last_certain(month) {
        Some(last) if going_on && carried < assess.carry => {
            let (gross, withheld) = (last.gross, last.withheld);
            set(right, events, month, Owed { gross, withheld, basis: Basis::Carried { missing } });
        }
        _ if right.ledger.suspended.contains(&month) => {}
        _ => events.push(Event::Suspended { month, missing }),
    }
}

fn set(right: &Right, events: &mut Vec<Event>, month: Month, owed: Owed) {
    if right.ledger.owed.get(&month) != Some(&owed) {
        events.push(Event::OwedSet { month, owed });
    }
}

/// Orders what is missing for the month, takes back what is too much and still here, and opens a
/// recovery for what is too much and gone.
fn order(right: &Right, events: &mut Vec<Event>, assess: &Assess) {
    let month = assess.month;
    let mut after = right.clone();
    for event in events.iter() {
        evolve(&mut after, event);
        beside::evolve(&mut after, event);
    }
    take_back(&mut after, events, month);
    let carried = after.ledger.owed.get(&month).is_some_and(|owed| owed.basis != Basis::Assessed);
    let payable = match assess.payee {
        Payee::Certain => true,
        Payee::NotKnown => carried,
        Payee::Nobody => false,
    };
    if let (Some(account), true) = (after.account, payable) {
        for (cause, amount) in after.ledger.orders_due(month, assess.fact) {
            let number = after.ledger.orders.len() as u32 + 1;
            let (run, state) = (assess.run, OrderState::Prepared);
            let order = Order { number, month, cause, amount, account, run, state };
            push(&mut after, events, Event::Ordered { order });
        }
    }
    open_recovery(right, &after, events, month);
}

/// Takes out what is prepared above what is owed for a month.
pub(super) fn take_back(after: &mut Right, events: &mut Vec<Event>, month: Month) {
    if after.ledger.gap(month) < Tenge::ZERO {
        let prepared = |o: &&Order| o.state == OrderState::Prepared;
        let numbers: Vec<u32> = after.ledger.orders_of(month).filter(prepared).map(|o| o.number).collect();
        for number in numbers {
            push(after, events, Event::Withdrawn { number });
        }
    }
}

/// What is gone above what is owed for a month, more than before, is an officer's.
pub(super) fn open_recovery(before: &Right, after: &Right, events: &mut Vec<Event>, month: Month) {
    let (before, amount) = (before.ledger.overpaid(month), after.ledger.overpaid(month));
    if amount > before {
        events.push(Event::RecoveryOpened { month, amount });
    }
}

fn push(right: &mut Right, events: &mut Vec<Event>, event: Event) {
    evolve(right, &event);
    events.push(event);
}

/// Lets an order go to the bank, unless less is owed by now than when it was prepared: then it is
/// taken out, and the next run orders what is owed.
pub(super) fn release(right: &Right, number: u32) -> Result<Vec<Event>, Refusal> {
    let order = right.ledger.order(number).ok_or(Refusal::UnknownOrder)?;
    match order.state {
        OrderState::Prepared => {}
        OrderState::Withdrawn => return Err(Refusal::stage("release it", "withdrawn")),
        _ => return Ok(vec![]),
    }
    let too_much = right.ledger.gap(order.month) < Tenge::ZERO;
    let moved = right.account != Some(order.account) || awaits_recipient(right);
    Ok(vec![if too_much || moved { Event::Withdrawn { number } } else { Event::Released { number } }])
}

pub(super) fn withdraw(right: &Right, number: u32) -> Result<Vec<Event>, Refusal> {
    match right.ledger.order(number).ok_or(Refusal::UnknownOrder)?.state {
        OrderState::Prepared => Ok(vec![Event::Withdrawn { number }]),
        OrderState::Withdrawn => Ok(vec![]),
        _ => Err(Refusal::stage("withdraw it", "with the bank")),
    }
}

/// What a status report (pain.002) changes. Reports repeat and come out of order: a repetition
/// changes nothing, a contradiction is refused and kept.
pub(super) fn report(right: &Right, number: u32, status: BankStatus) -> Result<Vec<Event>, Refusal> {
    let order = sent(right, number)?;
    match (&order.state, status) {
        // A returned order had reached the account before it came back.
        (_, BankStatus::Accepted)
        | (OrderState::Settled { .. } | OrderState::Returned { .. }, BankStatus::Settled) => Ok(vec![]),
        (OrderState::Released, BankStatus::Settled) => Ok(settled(right, number)),
        (OrderState::Released, BankStatus::Rejected { reason }) => {
            Ok(bounced(right, order, Event::Rejected { number, reason }))
        }
        (OrderState::Rejected { reason: known }, BankStatus::Rejected { reason }) if *known == reason => {
            Ok(vec![])
        }
        _ => Err(Refusal::Contradiction),
    }
}

/// What the refusal of a whole file changes: its orders that have no last word are made again, to the
/// same account.
pub(super) fn refuse_file(right: &Right, number: u32, reason: String) -> Result<Vec<Event>, Refusal> {
    let released = sent(right, number)?.state == OrderState::Released;
    Ok(released.then_some(Event::Rejected { number, reason }).into_iter().collect())
}

/// What a statement entry (camt.054) changes. A line that came before changes nothing; a second line
/// of the same movement is money that the bank moved twice.
pub(super) fn book(right: &Right, number: u32, entry: StatementEntry) -> Result<Vec<Event>, Refusal> {
    let order = sent(right, number)?;
    if entry.amount != order.amount || entry.end_to_end != right.order_id(number).to_string() {
        return Err(Refusal::Contradiction);
    }
    let line = Booking { reference: entry.reference, on: entry.booked };
    match (&order.state, entry.movement) {
        (OrderState::Released, Movement::Paid) => {
            Ok(settled(right, number).into_iter().chain([Event::Booked { number, line }]).collect())
        }
        (
            OrderState::Settled { paid: Some(known) } | OrderState::Returned { paid: Some(known), .. },
            Movement::Paid,
        )
        | (OrderState::Returned { back: known, .. }, Movement::Returned { .. })
            if known.reference == line.reference =>
        {
            Ok(vec![])
        }
        (OrderState::Settled { paid: None } | OrderState::Returned { paid: None, .. }, Movement::Paid) => {
            Ok(vec![Event::Booked { number, line }])
        }
        (OrderState::Released | OrderState::Settled { .. }, Movement::Returned { reason }) => {
            Ok(bounced(right, order, Event::Returned { number, reason, line }))
        }
        _ => Err(Refusal::Contradiction),
    }
}

fn sent(right: &Right, number: u32) -> Result<&Order, Refusal> {
    right.ledger.order(number).filter(|o| o.state.left()).ok_or(Refusal::UnknownOrder)
}

fn settled(right: &Right, number: u32) -> Vec<Event> {
    let mut after = right.clone();
    let mut events = Vec::new();
    push(&mut after, &mut events, Event::Settled { number });
    if let Some(order) = after.ledger.order(number) {
        let month = order.month;
        let arrived = |o: &Order| o.state.bounced() || matches!(o.state, OrderState::Settled { .. });
        let all = after.ledger.gap(month) == Tenge::ZERO && after.ledger.orders_of(month).all(arrived);
        if right.per == Per::Once && all && !matches!(right.stage, Stage::Ended { .. }) {
            events.push(Event::Ended { from: month.next(), why: End::Paid });
        }
    }
    events
}

/// The account that did not take the money is not used again.
fn bounced(right: &Right, order: &Order, event: Event) -> Vec<Event> {
    let lost =
        (right.account == Some(order.account)).then_some(Event::AccountLost { account: order.account });
    std::iter::once(event).chain(lost).collect()
}

pub(super) fn recover(right: &Right, by: Actor, month: Month, amount: Tenge) -> Result<Vec<Event>, Refusal> {
    require(&by, Role::Officer)?;
    if amount <= Tenge::ZERO || amount > right.ledger.overpaid(month) {
        return Err(Refusal::WrongSum);
    }
    Ok(vec![Event::Recovered { month, amount, by }])
}

pub(super) fn evolve(right: &mut Right, event: &Event) {
    match event {
        Event::OwedSet { month, owed } => {
            right.ledger.suspended.remove(month);
            right.ledger.doubted.remove(month);
            right.ledger.owed.insert(*month, owed.clone());
        }
        Event::Doubted => {
            let months: Vec<Month> = in_doubt(right).collect();
            right.ledger.doubted.extend(months);
        }
        Event::Confirmed { month } => {
            right.ledger.doubted.remove(month);
        }
        Event::Suspended { month, .. } => {
            right.ledger.suspended.insert(*month);
        }
        Event::Ordered { order } => {
            if right.stage == Stage::Granted {
                right.stage = Stage::InPayment;
            }
            right.ledger.orders.push(order.clone());
        }
        Event::Withdrawn { number } => mark(right, *number, OrderState::Withdrawn),
        Event::Released { number } => mark(right, *number, OrderState::Released),
        Event::Settled { number } => mark(right, *number, OrderState::Settled { paid: None }),
        Event::Booked { number, line } => {
            let order = right.ledger.order_mut(*number);
            if let Some(OrderState::Settled { paid } | OrderState::Returned { paid, .. }) =
                order.map(|order| &mut order.state)
            {
                *paid = Some(line.clone());
            }
        }
        Event::Rejected { number, reason } => {
            mark(right, *number, OrderState::Rejected { reason: reason.clone() });
        }
        Event::Returned { number, reason, line } => {
            let paid = match right.ledger.order(*number).map(|order| &order.state) {
                Some(OrderState::Settled { paid }) => paid.clone(),
                _ => None,
            };
            let (reason, back) = (reason.clone(), line.clone());
            mark(right, *number, OrderState::Returned { reason, paid, back });
        }
        Event::AccountLost { account } if right.account == Some(*account) => right.account = None,
        Event::Recovered { month, amount, .. } => {
            *right.ledger.recovered.entry(*month).or_default() += *amount;
        }
        _ => {}
    }
}

/// The orders of a right in a run.
impl Right {
    /// Numbers of the orders that a run made and that were not withdrawn.
    pub fn orders_in(&self, run: RunId) -> impl Iterator<Item = &Order> {
        self.ledger.orders.iter().filter(move |o| o.run == run && o.state != OrderState::Withdrawn)
    }
}
