//! What today's systems pay, beside the law: compared, listed, taken over by measure and region, given back.

use card::{AccountId, Actor, Month, Outcome};
use deliver::book::Book as _;
use deliver::{
    Refusal, RightId, RunId,
    elsewhere::Beside,
    mode::Mode,
    right::{self, Assess, Payee, Right, TakeOver},
    task::TaskKind,
};

use crate::{Service, ServiceError, Store, pay::CHUNK, turn::Turn};

/// How many rights moved from one side to the other, and how many stayed where they were, since something
/// of them is not certain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// These moved.
    pub moved: u64,
    /// These stayed.
    pub stayed: u64,
}

impl std::ops::AddAssign for Moved {
    fn add_assign(&mut self, more: Self) {
        self.moved += more.moved;
        self.stayed += more.stayed;
    }
}

impl<S: Store> Service<S> {
    /// Asks the law about everybody whom today's systems pay, for this month, beside what they pay. How many
    /// were asked about.
    pub fn compare(&self, by: &Actor) -> Result<u64, ServiceError> {
        let law = self.law();
        let mut compared = 0;
        for measure in law.measures() {
            let name = &law.pack.measures[measure.0 as usize].name;
            self.each_beside(by, name, Beside::Theirs, |turn, right| {
                compared += 1;
                // What the law has no answer about is not compared, and the others are.
                if let Err(refusal) = turn.unless_refused(|turn| turn.compare(right))? {
                    turn.keep("award that cannot be compared", refusal);
                }
                Ok(())
            })?;
        }
        Ok(compared)
    }

    /// Takes over what today's systems pay for a measure where a switch holds. Only what the law certainly
    /// gives to whom they pay moves; the rest stays with them, for an official to look at.
    pub(crate) fn take_over(
        &self,
        by: &Actor,
        measure: &str,
        region: Option<&str>,
        from: Month,
    ) -> Result<Moved, ServiceError> {
        let mut moved = Moved::default();
        self.each_under(by, (measure, region), Beside::Theirs, |turn, right| {
            moved += turn.take_over_or_leave(right, from)?;
            Ok(())
        })?;
        Ok(moved)
    }

    /// Lets today's systems pay again from a month on what was taken over where a switch holds.
    pub(crate) fn give_back(
        &self,
        by: &Actor,
        measure: &str,
        region: Option<&str>,
        from: Month,
    ) -> Result<Moved, ServiceError> {
        let mut moved = Moved::default();
        self.each_under(by, (measure, region), Beside::TakenOver, |turn, right| {
            moved.moved += 1;
            turn.give_back(right, from)
        })?;
        Ok(moved)
    }

    /// Brings every right of a payer to the side on which the switch of its region says it is: what has become
    /// certain since is taken over, and what a stop left undone is done.
    pub(crate) fn follow_switches(&self, by: &Actor, payer: &str, month: Month) -> Result<(), ServiceError> {
        let law = self.law();
        for page in law.pack.measures.iter().filter(|page| page.paid_by(payer)) {
            let switches = self.store.book().switches(&page.name).map_err(ServiceError::store)?;
            if switches.iter().any(|switch| switch.taken_over.is_some()) {
                self.each_beside(by, &page.name, Beside::Theirs, |turn, right| {
                    let switch = turn.switch_for(&page.name, right.recipient)?;
                    let here = switch.filter(|switch| switch.mode == Mode::Offering);
                    let Some(from) = here.and_then(|switch| switch.taken_over) else { return Ok(()) };
                    turn.take_over_or_leave(right, from.max(month.next())).map(drop)
                })?;
            }
            if switches.iter().any(|switch| switch.given_back.is_some()) {
                self.each_beside(by, &page.name, Beside::TakenOver, |turn, right| {
                    let switch = turn.switch_for(&page.name, right.recipient)?;
                    let back = switch.filter(|switch| switch.taken_over.is_none());
                    match back.and_then(|switch| switch.given_back) {
                        Some(from) => turn.give_back(right, from),
                        None => Ok(()),
                    }
                })?;
            }
        }
        Ok(())
    }

    /// Does something with every right on one side of a take-over for which a measure's switch of a region, or the
    /// country's, holds.
    fn each_under(
        &self,
        by: &Actor,
        (measure, region): (&str, Option<&str>),
        side: Beside,
        mut each: impl FnMut(&mut Turn<'_, S>, &Right) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        self.each_beside(by, measure, side, |turn, right| {
            let here = turn.switch_for(measure, right.recipient)?;
            let holds = here.is_some_and(|switch| switch.region.as_deref() == region);
            if holds { each(turn, right) } else { Ok(()) }
        })
    }

    /// Does something with every right on one side of a take-over, in transactions of some hundred.
    pub(crate) fn each_beside(
        &self,
        by: &Actor,
        measure: &str,
        side: Beside,
        mut each: impl FnMut(&mut Turn<'_, S>, &Right) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let mut after = RightId(0);
        loop {
            let _turn = self.lock();
            let rights = self.store.book().rights_beside(measure, side, after, CHUNK);
            let rights = rights.map_err(ServiceError::store)?;
            let Some(last) = rights.last().map(|right| right.id) else { return Ok(()) };
            let mut turn = Turn::begin(self, by.clone());
            for right in &rights {
                each(&mut turn, right)?;
            }
            turn.commit()?;
            after = last;
        }
    }
}

impl<S: Store> Turn<'_, S> {
    /// Asks the law about a right that today's system pays, for this month.
    fn compare(&mut self, right: &Right) -> Result<(), ServiceError> {
        let law = self.law.clone();
        let (measure, page) = law.measure(&right.measure)?;
        let month = self.now.day().month();
        let Some(question) = right.question(month) else { return Ok(()) };
        let verdict = self.service.ask(&law, measure, question)?;
        let released = self.service.released(&page.closure);
        let assess = Assess {
            run: RunId(0),
            month,
            verdict,
            released,
            carry: 0,
            fact: 0,
            payee: Payee::Certain,
            claimed_by: None,
            current: false,
        };
        self.move_right(right.id, right::Command::Assess(Box::new(assess))).map(drop)
    }

    /// Takes a right over, or leaves it with today's system. Where only the account is not known, an official
    /// asks for it.
    fn take_over_or_leave(&mut self, right: &Right, from: Month) -> Result<Moved, ServiceError> {
        match self.unless_refused(|turn| turn.take_over(right, from))? {
            Ok(()) => Ok(Moved { moved: 1, stayed: 0 }),
            Err(refusal) => {
                if matches!(refusal, Refusal::Missing(_)) && self.account_of(right)?.is_none() {
                    self.task(TaskKind::Account(right.id), Some(right.recipient))?;
                }
                Ok(Moved { moved: 0, stayed: 1 })
            }
        }
    }

    fn give_back(&mut self, right: &Right, from: Month) -> Result<(), ServiceError> {
        let events = self.move_right(right.id, right::Command::GiveBack { from })?;
        self.officials_tasks(right, &events)
    }

    fn take_over(&mut self, right: &Right, from: Month) -> Result<(), ServiceError> {
        let law = self.law.clone();
        let (measure, page) = law.measure(&right.measure)?;
        let Some(question) = right.question(from.min(self.now.day().month())) else {
            return Err(Refusal::Missing("the day since when it is paid".to_owned()).into());
        };
        let verdict = self.service.ask(&law, measure, question)?;
        let claimed_by = match verdict.outcome {
            Outcome::Eligible => self.rival(&right.measure, &verdict.claims, right.id)?,
            _ => None,
        };
        let account = self.account_of(right)?;
        if let Some(account) = account {
            self.service.creditor(right, account)?;
        }
        let released = self.service.released(&page.closure);
        let take = TakeOver { from, verdict, released, account, claimed_by };
        self.move_right(right.id, right::Command::TakeOver(Box::new(take))).map(drop)
    }

    /// Where the money of an award goes on: to the account that its recipient has named, or that today's
    /// system pays to, if that is their own; else to the only one that they have. Which of several it is,
    /// nobody guesses.
    fn account_of(&self, right: &Right) -> Result<Option<AccountId>, ServiceError> {
        let own = self.own_accounts(right.recipient)?;
        let told = right.account.or(right.award().and_then(|award| award.account));
        Ok(match (told, &own[..]) {
            (Some(told), own) if own.contains(&told) => Some(told),
            (None, [only]) => Some(*only),
            _ => None,
        })
    }
}
