//! The life of an award after it is granted: it follows the law's answer of today, and before each
//! payment the law is asked again about every month that is due or in doubt.

use card::{Actor, Month, Outcome, PersonId, Question, Tenge, Ternary, Verdict};
use deliver::book::Book as _;
use deliver::{
    Machine as _, RightId, RunId,
    application::amounts,
    mode::Mode,
    payrun::{Laws, Sums},
    right::{self, Assess, Payee, Per, Right, Stage},
    task::TaskKind,
};
use law::tree::MeasureId;

use crate::{Permission, Service, ServiceError, Store, pay::CHUNK, turn::Turn};

impl<S: Store> Service<S> {
    /// Puts the rights of a payer in doubt that anything concerns which changed after a journal entry:
    /// whether it changes a month, the run that follows asks. Extracts and events count alike, and what
    /// changed the past alone, too.
    pub(crate) fn doubt_what_changed(&self, by: &Actor, payer: &str, after: u64) -> Result<(), ServiceError> {
        let law = self.law();
        let of_payer = |measure: MeasureId| law.pack.measures[measure.0 as usize].paid_by(payer);
        let steps: Vec<_> = law.steps.iter().filter(|(measure, _)| of_payer(*measure)).cloned().collect();
        let concerned = self.store.concerned_since(after, &steps).map_err(ServiceError::store)?;
        let concerned: Vec<(MeasureId, PersonId)> = concerned.into_iter().collect();
        for some in concerned.chunks(CHUNK) {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, by.clone());
            for (measure, subject) in some {
                let name = &law.pack.measures[measure.0 as usize].name;
                for right in self.store.book().rights_of(*subject).map_err(ServiceError::store)? {
                    if right.subject == *subject && right.measure == *name {
                        turn.move_right(right.id, right::Command::Doubt)?;
                    }
                }
            }
            turn.commit()?;
        }
        Ok(())
    }
}

impl<S: Store> Service<S> {
    /// An officer got back what was paid above what is owed for a month.
    ///
    /// The right is one of the person whose card is open, as in [`Service::decide`].
    pub fn recover(
        &self,
        by: &Actor,
        person: PersonId,
        right: u64,
        month: Month,
        amount: Tenge,
    ) -> Result<(), ServiceError> {
        Permission::Decide.require(by)?;
        let _turn = self.lock();
        let mut turn = Turn::begin(self, by.clone());
        let id = self.right_on_card(person, right)?;
        turn.move_right(id, right::Command::Recover { by: by.clone(), month, amount })?;
        let open = turn.right(id)?.is_some_and(|right| right.totals().overpaid > Tenge::ZERO);
        let task = self.store.book().task_like(&TaskKind::Recovery(id), Some(person));
        if let Some(task) = task.map_err(ServiceError::store)?.filter(|_| !open) {
            turn.finish(task, by)?;
        }
        turn.commit()
    }

    /// Puts every month in doubt that was assessed by another law than the one in force: an index
    /// that is raised afterwards changes the months since then, and not the month in which it is paid.
    pub(crate) fn doubt_by_another_law(
        &self,
        by: &Actor,
        before: &Laws,
        now: &Laws,
    ) -> Result<(), ServiceError> {
        for (measure, _) in now.iter().filter(|(measure, closure)| before.get(*measure) != Some(*closure)) {
            let mut after = RightId(0);
            loop {
                let _turn = self.lock();
                let rights = self.store.book().rights_under(measure, after, CHUNK);
                let rights = rights.map_err(ServiceError::store)?;
                let Some(last) = rights.last().map(|right| right.id) else { break };
                let mut turn = Turn::begin(self, by.clone());
                for right in &rights {
                    turn.move_right(right.id, right::Command::Doubt)?;
                }
                turn.commit()?;
                after = last;
            }
        }
        Ok(())
    }
}

impl<S: Store> Turn<'_, S> {
    /// What the law says today about a right that was granted.
    pub fn today(&self, measure: MeasureId, right: &Right) -> Result<Verdict, ServiceError> {
        let day = self.now.day();
        let asked_on = right.requested_on().unwrap_or(day);
        let question = Question { subject: right.subject, day, asked_on };
        self.service.ask(&self.law, measure, question)
    }

    /// Lets a granted right follow the law's certain answer of today: the children whom it counts, and
    /// the person who receives. A new recipient is asked, and names an account.
    pub fn follow_law(
        &mut self,
        id: RightId,
        measure: MeasureId,
        today: &Verdict,
        cause: u64,
    ) -> Result<(), ServiceError> {
        if today.outcome != Outcome::Eligible {
            return Ok(());
        }
        let Some(right) = self.right(id)?.filter(Right::granted) else { return Ok(()) };
        if amounts(today).is_some()
            && right.claims != today.claims
            && self.rival(&right.measure, &today.claims, id)?.is_none()
        {
            self.move_right(id, right::Command::Correct { claims: today.claims.clone() })?;
        }
        if today.receives(right.recipient) == Ternary::No
            && !awaits_recipient(&right)
            && still_pays(&right)
            && let Some(recipient) = today.recipient()
        {
            self.move_right(id, right::Command::Succeed { recipient })?;
        }
        match self.right(id)? {
            Some(right) if awaits_recipient(&right) && right.offer.is_none() => {
                self.gather(id, measure, today, cause)
            }
            _ => Ok(()),
        }
    }

    /// Another granted right that counts one of some children. Who only counts one still, though the law
    /// gives the child to somebody else by now, lets it go.
    pub fn rival(
        &mut self,
        measure: &str,
        children: &[PersonId],
        except: RightId,
    ) -> Result<Option<RightId>, ServiceError> {
        for child in children {
            let stored = self.service.store.book().claimed_by(measure, &[*child], except);
            let stored = stored.map_err(ServiceError::store)?;
            let Some(other) = self.counted_here(measure, *child, except).or(stored) else { continue };
            let Some(right) = self.right(other)? else { continue };
            if !right.granted() || !right.claims.contains(child) {
                continue;
            }
            let law = self.law.clone();
            let (id, _) = law.measure(measure)?;
            let today = self.today(id, &right)?;
            let claims = match today.outcome {
                Outcome::Eligible if amounts(&today).is_some() => today.claims,
                Outcome::NotEligible | Outcome::NotConcerned => vec![],
                _ => return Ok(Some(other)),
            };
            if claims.contains(child) {
                return Ok(Some(other));
            }
            // It only loses children here: whoever it gains is its own question.
            let kept = right.claims.iter().copied().filter(|known| claims.contains(known)).collect();
            self.move_right(other, right::Command::Correct { claims: kept })?;
        }
        Ok(None)
    }

    /// Was the lawful end of an award a mistake, by the facts of now? Then it goes on with the next run,
    /// and no second right begins beside it.
    pub fn ended_by_mistake(&mut self, measure: MeasureId, subject: PersonId) -> Result<bool, ServiceError> {
        let law = self.law.clone();
        let name = &law.pack.measures[measure.0 as usize].name;
        let mut rights = self.service.store.book().rights_of(subject).map_err(ServiceError::store)?;
        rights.retain(|right| right.subject == subject && right.measure == *name);
        let Some(last) = rights.into_iter().max_by_key(|right| right.id) else { return Ok(false) };
        let Some(question) = last.ended_by_law().and_then(|month| last.question(month)) else {
            return Ok(false);
        };
        let then = self.service.ask(&law, measure, question)?;
        let over = then.pays_until.is_some_and(|until| question.day >= until);
        if then.outcome != Outcome::Eligible || over {
            return Ok(false);
        }
        if self.rival(name, &last.claims, last.id)?.is_some() {
            return Ok(false);
        }
        self.move_right(last.id, right::Command::Doubt)?;
        Ok(true)
    }

    /// Assesses every due month of a right for a run. A right that the law has no answer about waits for
    /// an official, and the others are paid; one whose measure stands still waits for the stewards.
    pub fn assess_due(&mut self, run: RunId, month: Month, right: &Right) -> Result<Sums, ServiceError> {
        // In shadow, today's awards are compared, and nothing is paid.
        let pays = match self.mode(&right.measure, right.recipient)? {
            Mode::Offering => true,
            Mode::Shadow => right.stage == Stage::Elsewhere,
            Mode::Halted => false,
        };
        if !pays {
            return Ok(Sums { halted: 1, ..Sums::default() });
        }
        // A single payment that came back is not sent again where today's system pays the same by now.
        if right.per == Per::Once
            && let Some(live) = self.live_right(&right.measure, right.subject)?
            && live.id != right.id
            && live.stage == Stage::Elsewhere
        {
            self.task(TaskKind::PaidTwice(right.id), Some(right.recipient))?;
            return Ok(Sums { rights: 1, ..Sums::default() });
        }
        let asked = match self.unless_refused(|turn| turn.ask_due(run, month, right))? {
            Ok(asked) => asked,
            Err(refusal) => {
                self.keep("right that no run can ask about", refusal);
                self.task(TaskKind::MissingFact(right.id), Some(right.recipient))?;
                return Ok(Sums { rights: 1, failed: 1, ..Sums::default() });
            }
        };
        let mut events = Vec::new();
        for assess in asked {
            events.extend(self.move_right(right.id, right::Command::Assess(Box::new(assess)))?);
        }
        self.officials_tasks(right, &events)?;
        Ok(Sums::of(month, &events))
    }

    /// What officials have to do since something happened to a right.
    pub fn officials_tasks(&mut self, right: &Right, events: &[right::Event]) -> Result<(), ServiceError> {
        for event in events {
            let kind = match event {
                right::Event::Suspended { .. } => TaskKind::MissingFact(right.id),
                right::Event::RecoveryOpened { .. } => TaskKind::Recovery(right.id),
                right::Event::PaidElsewhere { .. } if right.granted_here() => TaskKind::PaidTwice(right.id),
                _ => continue,
            };
            self.task(kind, Some(right.recipient))?;
        }
        Ok(())
    }

    /// Lets a right follow the law of today, and asks about its due months, one after the other: a
    /// mistaken end that is mended makes the months after it due.
    fn ask_due(&mut self, run: RunId, month: Month, right: &Right) -> Result<Vec<Assess>, ServiceError> {
        let law = self.law.clone();
        let (measure, page) = law.measure(&right.measure)?;
        let today = self.today(measure, right)?;
        self.follow_law(right.id, measure, &today, run.0)?;
        let mut right = self.right(right.id)?.unwrap_or_else(|| right.clone());
        let claimed_by = match today.outcome {
            Outcome::Eligible => self.rival(&right.measure, &today.claims, right.id)?,
            _ => None,
        };
        // Another right goes on where this one ended, or counts one of its children: it stays ended.
        let followed = matches!(right.stage, Stage::Ended { .. }) && {
            let live = self.service.store.book().right_to(&right.measure, right.subject);
            live.map_err(ServiceError::store)?.is_some()
                || self.rival(&right.measure, &right.claims, right.id)?.is_some()
        };
        let released = self.service.released(&page.closure);
        let carry = page.period.carry.map_or(0, |id| crate::find::whole(&law, id, self.now.day()));
        let known = self.can_be_paid(&right)?;
        let mut asked: Vec<Assess> = Vec::new();
        loop {
            let after = asked.last().map(|assess| assess.month);
            let mut due = right.months_due(month).into_iter();
            let Some(due) = due.find(|due| after.is_none_or(|after| *due > after)) else { break };
            let Some(question) = right.question(due) else { break };
            let verdict = self.service.ask(&law, measure, question)?;
            let certainly_not = matches!(verdict.outcome, Outcome::NotEligible | Outcome::NotConcerned);
            if followed && !certainly_not && right.ended_by_law().is_some_and(|end| due >= end) {
                // What is owed between the two rights, an official finds out.
                self.task(TaskKind::MistakenEnd(right.id), Some(right.recipient))?;
                break;
            }
            let current = due == month || right.per == Per::Once;
            // A certain no of today says nothing about persons: the answer about the month does.
            let of = match today.outcome {
                Outcome::Eligible | Outcome::Unknown => &today,
                Outcome::NotEligible | Outcome::NotConcerned => &verdict,
            };
            let payee = match of.receives(right.recipient) {
                Ternary::Yes if known => Payee::Certain,
                Ternary::Unknown if known => Payee::NotKnown,
                _ => Payee::Nobody,
            };
            let claimed_by = claimed_by.filter(|_| current);
            let fact = run.0;
            let assess =
                Assess { run, month: due, verdict, released, carry, fact, payee, claimed_by, current };
            let command = right::Command::Assess(Box::new(assess.clone()));
            let events = Right::handle(Some(&right), command, self.now)?;
            if let Some(after) = deliver::apply(Some(right.clone()), &events) {
                right = after;
            }
            asked.push(assess);
        }
        Ok(asked)
    }

    /// Can the bank be told who receives? Where it cannot, an official finds out, and the money waits.
    fn can_be_paid(&mut self, right: &Right) -> Result<bool, ServiceError> {
        let Some(account) = right.account else { return Ok(true) };
        match self.service.creditor(right, account) {
            Ok(_) => Ok(true),
            Err(ServiceError::Absent(_)) => {
                self.task(TaskKind::Account(right.id), Some(right.recipient))?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// A granted right, moved by this very transaction, that counts a child.
    fn counted_here(&self, measure: &str, child: PersonId, except: RightId) -> Option<RightId> {
        let counts = |right: &&Right| {
            right.id != except && right.measure == measure && right.granted() && right.claims.contains(&child)
        };
        self.moved_rights().find(counts).map(|right| right.id)
    }
}

fn awaits_recipient(right: &Right) -> bool {
    right.stage == Stage::Suspended { why: right::Pause::NewRecipient }
}

/// Is there still something to pay? A single payment that is ordered needs no new recipient.
fn still_pays(right: &Right) -> bool {
    let ordered = |month: &Month| right.ledger.gap(*month) <= card::Tenge::ZERO;
    right.per == Per::Month || !right.ledger.owed.keys().any(ordered)
}
