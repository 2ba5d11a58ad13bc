//! Beside today's systems: what they pay is kept, compared with the law, and taken over or given back.

use card::{Date, Month, Outcome, Tenge, Ternary, Verdict};

use super::{
    Assess, End, Event, Per, Right, Stage, TakeOver,
    life::findable,
    payment::{self, Answer, open_recovery, said, take_back},
};
use crate::{
    Refusal,
    application::amounts,
    decision::Terms,
    elsewhere::{Award, Comparison, Ours, TakenOver},
};

/// What today's systems pay for a month, where that is told.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Theirs(Option<Tenge>);

impl Right {
    /// What today's systems pay for a month by what they say now; `None` if they do not pay it, and an
    /// amount that is not told where one of them does not tell it.
    fn theirs(&self, month: Month) -> Option<Theirs> {
        let pays = |award: &&Award| self.per == Per::Once || award.pays(month);
        let mut paying = self.elsewhere.values().filter(pays).peekable();
        paying.peek()?;
        Some(Theirs(paying.try_fold(Tenge::ZERO, |sum, award| Some(sum + award.amount?))))
    }

    /// The months of which it is kept who pays them: from the first that we know of until now. A single
    /// payment is of the month of its request.
    fn kept_months(&self, now: Month) -> Vec<Month> {
        if self.per == Per::Once {
            return self.requested_on().map(Date::month).into_iter().collect();
        }
        let ledger = &self.ledger;
        let known = ledger.elsewhere.keys().chain(ledger.owed.keys()).copied().chain([now]);
        let (first, last) =
            known.fold((now, now), |(first, last), month| (first.min(month), last.max(month)));
        (first.0..=last.0).map(Month).collect()
    }
}

/// What follows from what today's system says of an award.
pub(super) fn tell(right: &Right, number: &str, award: Option<Award>, today: Date) -> Vec<Event> {
    let (mut after, mut events) = (right.clone(), Vec::new());
    if right.elsewhere.get(number) != award.as_ref() {
        push(&mut after, &mut events, Event::Told { number: number.to_owned(), award });
    }
    for month in after.kept_months(today.month()) {
        let known = after.ledger.elsewhere.get(&month).copied().map(Theirs);
        let changed = match (after.theirs(month), known) {
            (None, None) => continue,
            (None, Some(_)) => Event::NotPaidElsewhere { month },
            // What was told while a month passed stands, though another sum is told later.
            (Some(_), Some(Theirs(Some(_)))) if month < today.month() && right.per == Per::Month => continue,
            (Some(theirs), Some(known)) if theirs == known => continue,
            (Some(Theirs(amount)), _) => Event::PaidElsewhere { month, amount },
        };
        push(&mut after, &mut events, changed);
        take_back(&mut after, &mut events, month);
        open_recovery(right, &after, &mut events, month);
    }
    let turn = turn(&after, today);
    events.extend(turn);
    events
}

/// Where the right stands by what is told now, if that is another place.
fn turn(right: &Right, today: Date) -> Option<Event> {
    let runs = right.elsewhere.values().any(|award| award.runs_on(today));
    let over = || right.elsewhere.values().filter_map(|award| award.over(right.per)).max();
    let ended = || Event::Ended { from: over().unwrap_or(today.month()), why: End::Elsewhere };
    let goes = || {
        let Award { recipient, children, .. } = right.award()?.clone();
        Some(Event::GoesElsewhere { recipient, claims: children })
    };
    match &right.stage {
        Stage::Found
        | Stage::Offered
        | Stage::Declined
        | Stage::Lapsed
        | Stage::Refused
        | Stage::Ended { why: End::Elsewhere, .. }
            if runs =>
        {
            goes()
        }
        // A single payment that today's system has made leaves nothing to ask for.
        Stage::Found | Stage::Offered | Stage::Declined | Stage::Lapsed | Stage::Refused
            if right.per == Per::Once && !right.elsewhere.is_empty() =>
        {
            Some(ended())
        }
        Stage::Elsewhere if !runs => Some(ended()),
        Stage::Elsewhere => {
            let award = right.award()?;
            let other = award.recipient != right.recipient || award.children != right.claims;
            goes().filter(|_| other)
        }
        // It stopped there before it was ours: what was to be taken over is no more.
        Stage::Granted if !right.granted_here() && right.ledger.orders.is_empty() => {
            let from = right.taken_over?.from;
            let let_go = over().is_some_and(|over| over >= from);
            (!runs && !let_go).then(ended)
        }
        _ => None,
    }
}

/// Finds what today's system paid once more: under its old number, with the months that are theirs.
pub(super) fn find_again(right: &Right, verdict: &Verdict) -> Result<Vec<Event>, Refusal> {
    if !right.ended_elsewhere() {
        return Err(Refusal::stage("find it again", &right.stage));
    }
    if !right.concerns(verdict) {
        return Err(Refusal::WrongQuestion);
    }
    Ok(vec![Event::FoundAgain { recipient: findable(verdict)?, claims: verdict.claims.clone() }])
}

/// A month that today's system pays by what it said last, kept as such if it was not yet.
pub(super) fn month_elsewhere(right: &Right, month: Month) -> Vec<Event> {
    let kept = right.ledger.elsewhere.contains_key(&month);
    let theirs = right.theirs(month).filter(|_| !kept && right.per == Per::Month);
    theirs.map(|Theirs(amount)| Event::PaidElsewhere { month, amount }).into_iter().collect()
}

/// What the law gives for a month beside what today's system pays.
pub(super) fn compare(right: &Right, assess: &Assess) -> Vec<Event> {
    let (month, verdict) = (assess.month, &assess.verdict);
    let mut events = month_elsewhere(right, month);
    let known = right.ledger.elsewhere.get(&month).copied().map(Theirs);
    let theirs = known.or_else(|| right.theirs(month)).and_then(|Theirs(amount)| amount);
    let gives = amounts(verdict).filter(|_| verdict.outcome == Outcome::Eligible).map(|(gross, _)| gross);
    let ours = match (said(verdict, assess.released, right.per), gives) {
        (Answer::Gives { gross, .. }, _) if verdict.receives(right.recipient) == Ternary::Yes => {
            Ours::Gives(gross)
        }
        (Answer::Gives { gross, .. }, _) => Ours::ToAnother(gross),
        (Answer::Nothing(why), _) => Ours::Nothing { why },
        (Answer::NotKnown(_), Some(gross)) => Ours::Unreleased(gross),
        (Answer::NotKnown(missing), None) => Ours::NotKnown { missing },
    };
    let comparison = Comparison { month, theirs, ours };
    if right.compared.as_ref() != Some(&comparison) {
        events.push(Event::Compared { comparison });
    }
    events
}

/// Takes over what the law certainly gives to whom today's system pays, to an account that is known.
/// Whatever is not certain stays with today's system.
pub(super) fn take_over(right: &Right, take: TakeOver, now: Month) -> Result<Vec<Event>, Refusal> {
    let TakeOver { from, verdict, released, account, claimed_by } = take;
    if right.stage != Stage::Elsewhere || right.per == Per::Once {
        return Err(Refusal::stage("take it over", &right.stage));
    }
    if !right.concerns(&verdict) || right.question(from.min(now)) != Some(verdict.question) {
        return Err(Refusal::WrongQuestion);
    }
    if claimed_by.is_some() {
        return Err(Refusal::ClaimTaken);
    }
    let Answer::Gives { gross, withheld } = said(&verdict, released, right.per) else {
        return Err(Refusal::NotGrantable);
    };
    if verdict.receives(right.recipient) != Ternary::Yes {
        return Err(Refusal::WrongPerson);
    }
    let account = account.ok_or_else(|| Refusal::Missing("an account of the recipient".into()))?;
    let terms = Terms { gross, withheld, from: from.first_day(), until: verdict.pays_until };
    let corrected = (verdict.claims != right.claims).then_some(Event::Corrected { claims: verdict.claims });
    let taken = Event::TakenOver { taken: TakenOver { from, until: None, terms }, account };
    Ok(corrected.into_iter().chain([taken]).collect())
}

/// Gives a payment back: the months from then on are today's system's again, those before stay ours.
pub(super) fn give_back(right: &Right, from: Month) -> Result<Vec<Event>, Refusal> {
    let ours = right.taken_over.filter(|taken| taken.until.is_none());
    let Some(taken) = ours.filter(|_| right.granted() && !right.granted_here()) else {
        return Err(Refusal::stage("give it back", &right.stage));
    };
    let (mut after, mut events) = (right.clone(), Vec::new());
    push(&mut after, &mut events, Event::GivenBack { from: from.max(taken.from) });
    let months: Vec<Month> = after.ledger.months().into_iter().filter(|month| !after.ours(*month)).collect();
    for month in months {
        take_back(&mut after, &mut events, month);
        open_recovery(right, &after, &mut events, month);
    }
    Ok(events)
}

fn push(right: &mut Right, events: &mut Vec<Event>, event: Event) {
    evolve(right, &event);
    payment::evolve(right, &event);
    events.push(event);
}

pub(super) fn evolve(right: &mut Right, event: &Event) {
    match event {
        Event::Told { number, award: Some(award) } => {
            right.elsewhere.insert(number.clone(), award.clone());
        }
        Event::Told { number, award: None } => {
            right.elsewhere.remove(number);
        }
        Event::PaidElsewhere { month, amount } => {
            right.ledger.elsewhere.insert(*month, *amount);
        }
        Event::NotPaidElsewhere { month } => {
            right.ledger.elsewhere.remove(month);
        }
        Event::GoesElsewhere { recipient, claims } | Event::FoundAgain { recipient, claims } => {
            let found = matches!(event, Event::FoundAgain { .. });
            right.stage = if found { Stage::Found } else { Stage::Elsewhere };
            right.recipient = *recipient;
            right.claims.clone_from(claims);
            right.offer = None;
            // What was asked for here before is another request.
            right.asked_on = None;
            right.taken_over = right.taken_over.filter(|taken| taken.until.is_some());
        }
        Event::Compared { comparison } => right.compared = Some(comparison.clone()),
        Event::TakenOver { taken, account } => {
            right.taken_over = Some(*taken);
            right.account = Some(*account);
            right.stage = Stage::Granted;
        }
        Event::GivenBack { from } => {
            if let Some(taken) = &mut right.taken_over {
                taken.until = Some(*from);
            }
            // What was assessed of months that are not ours any more is not owed by us.
            right.ledger.owed.retain(|month, _| month < from);
            right.ledger.suspended.retain(|month| month < from);
            right.ledger.doubted.retain(|month| month < from);
            right.stage = Stage::Elsewhere;
        }
        _ => {}
    }
}
