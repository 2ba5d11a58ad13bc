//! Pay runs: prepared by one official, approved by another, and what the bank says of them.

use card::{Actor, Moment, Tenge};
use deliver::book::Book as _;
use deliver::{
    Machine as _, OrderId, RightId,
    payrun::{self, PayRun, Stage, Sums},
    port::{PaymentBatch, StatementEntry, StatusReport, Transfer},
    right::{self, Assess, Per, Right},
    task::TaskKind,
};

pub use deliver::RunId;

use crate::{Permission, Service, ServiceError, Store, turn::Turn};

/// How many rights one chunk of a run assesses in one transaction.
const CHUNK: usize = 200;

impl<S: Store> Service<S> {
    /// Prepares a run of a payer: every due month of every right is assessed again, in chunks.
    pub fn prepare_run(&self, by: &Actor, payer: &str) -> Result<RunId, ServiceError> {
        Permission::PrepareRun.require(by)?;
        let (_, limit) = self
            .settings
            .payers
            .0
            .get(payer)
            .ok_or_else(|| ServiceError::Absent(format!("payer {payer} in the settings")))?;
        let month = self.now().day().month();
        let id = {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, by.clone());
            let id = RunId(turn.number()?);
            let execution = turn.now.day();
            let command = payrun::Command::Open {
                id,
                payer: payer.to_owned(),
                month,
                execution,
                by: by.clone(),
                limit: *limit,
                before: None,
            };
            turn.move_run(id, command)?;
            turn.commit()?;
            id
        };
        self.fill_run(by, id)?;
        Ok(id)
    }

    /// Assesses the rights of a run that is being prepared, in chunks.
    fn fill_run(&self, by: &Actor, id: RunId) -> Result<(), ServiceError> {
        let run = self.store.book().run(id).map_err(ServiceError::store)?;
        let run = run.ok_or_else(|| ServiceError::Absent("pay run".to_owned()))?;
        let (payer, month) = (&run.payer, run.month);
        let mut after = RightId(0);
        for chunk in run.chunks.. {
            let _turn = self.lock();
            let rights = self.store.book().rights_to_pay(payer, after, CHUNK).map_err(ServiceError::store)?;
            let mut turn = Turn::begin(self, by.clone());
            let Some(last) = rights.last().map(|right| right.id) else {
                turn.move_run(id, payrun::Command::Close)?;
                return turn.commit();
            };
            let mut sums = Sums::default();
            for right in &rights {
                sums += turn.assess_due(id, month, right)?;
            }
            turn.move_run(id, payrun::Command::Add { chunk, sums })?;
            turn.commit()?;
            after = last;
        }
        Ok(())
    }

    /// A second official approves a run, as it is shown, and it leaves.
    pub fn approve_run(&self, by: &Actor, run: u64) -> Result<(), ServiceError> {
        Permission::ApproveRun.require(by)?;
        let id = RunId(run);
        {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, by.clone());
            let run = turn.run(id)?.ok_or_else(|| ServiceError::Absent("pay run".to_owned()))?;
            let (sum, orders) = (run.sums.sum, run.sums.orders);
            turn.move_run(id, payrun::Command::Approve { by: by.clone(), sum, orders })?;
            turn.commit()?;
        }
        self.release_run(by, id)
    }

    /// Lets the orders of an approved run go. After a stop in between it can be called again.
    pub fn release_run(&self, by: &Actor, id: RunId) -> Result<(), ServiceError> {
        let (mut orders, mut sum) = (0, Tenge::ZERO);
        let mut after = RightId(0);
        loop {
            let _turn = self.lock();
            let rights = self.store.book().rights_in_run(id, after, CHUNK).map_err(ServiceError::store)?;
            let mut turn = Turn::begin(self, by.clone());
            let Some(last) = rights.last().map(|right| right.id) else {
                let batch = batch_id(id);
                turn.move_run(id, payrun::Command::Release { batch, orders, sum, halted: false })?;
                return turn.commit();
            };
            for right in rights {
                let numbers: Vec<u32> = right.orders_in(id).map(|order| order.number).collect();
                for number in numbers {
                    turn.move_right(right.id, right::Command::Release { number })?;
                }
                let now = turn.right(right.id)?.unwrap_or(right);
                for order in now.orders_in(id).filter(|order| order.state.left()) {
                    orders += 1;
                    sum += order.amount;
                }
            }
            turn.commit()?;
            after = last;
        }
    }

    /// Gives up a run that nobody approved: its orders are withdrawn, and the next run makes them anew.
    pub fn discard_run(&self, by: &Actor, run: u64) -> Result<(), ServiceError> {
        let id = RunId(run);
        let mut after = RightId(0);
        loop {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, by.clone());
            let run = turn.run(id)?.ok_or_else(|| ServiceError::Absent("pay run".to_owned()))?;
            // Refused before anything is withdrawn.
            PayRun::handle(Some(&run), payrun::Command::Discard { by: by.clone() }, turn.now)?;
            let rights = self.store.book().rights_in_run(id, after, CHUNK).map_err(ServiceError::store)?;
            let Some(last) = rights.last().map(|right| right.id) else {
                turn.move_run(id, payrun::Command::Discard { by: by.clone() })?;
                return turn.commit();
            };
            for right in rights {
                let prepared: Vec<u32> = right.orders_in(id).map(|order| order.number).collect();
                for number in prepared {
                    turn.move_right(right.id, right::Command::Withdraw { number })?;
                }
            }
            turn.commit()?;
            after = last;
        }
    }

    /// After a start: a run that was approved before the stop leaves, and one that was still being
    /// prepared is given up, so that no order waits in it for ever. How many there were.
    pub fn recover_runs(&self) -> Result<u64, ServiceError> {
        let mut recovered = 0;
        for (id, _) in self.store.runs(usize::MAX).map_err(ServiceError::store)? {
            let run = self.store.book().run(id).map_err(ServiceError::store)?;
            match run.map(|run| (run.stage, run.prepared_by)) {
                Some((Stage::Approved { by }, _)) => self.release_run(&by, id)?,
                Some((Stage::Preparing, by)) => self.discard_run(&by, id.0)?,
                _ => continue,
            }
            recovered += 1;
        }
        Ok(recovered)
    }

    /// Released runs, the newest first.
    pub fn released_runs(&self, limit: usize) -> Result<Vec<RunId>, ServiceError> {
        let runs = self.store.runs(limit).map_err(ServiceError::store)?;
        let mut released = Vec::new();
        for (id, _) in runs {
            let run = self.store.book().run(id).map_err(ServiceError::store)?;
            if run.is_some_and(|run| matches!(run.stage, Stage::Released { .. })) {
                released.push(id);
            }
        }
        Ok(released)
    }

    /// The payment file of a released run; the same one however often it is asked for.
    pub fn batch(&self, id: RunId) -> Result<PaymentBatch, ServiceError> {
        let run = self
            .store
            .book()
            .run(id)
            .map_err(ServiceError::store)?
            .ok_or_else(|| ServiceError::Absent("pay run".to_owned()))?;
        let (payer, _) = self
            .settings
            .payers
            .0
            .get(&run.payer)
            .ok_or_else(|| ServiceError::Absent(format!("payer {} in the settings", run.payer)))?;
        let created = self
            .store
            .runs(usize::MAX)
            .map_err(ServiceError::store)?
            .into_iter()
            .find(|(known, _)| *known == id)
            .map_or(Moment(0), |(_, at)| at);
        let mut transfers = Vec::new();
        let mut after = RightId(0);
        loop {
            let rights = self.store.book().rights_in_run(id, after, CHUNK).map_err(ServiceError::store)?;
            let Some(last) = rights.last().map(|right| right.id) else { break };
            for right in &rights {
                for order in right.orders_in(id).filter(|order| order.state.left()) {
                    transfers.push(self.transfer(right, order, id)?);
                }
            }
            after = last;
        }
        let execution = run.execution;
        Ok(PaymentBatch { id: batch_id(id), created, execution, payer: payer.clone(), transfers })
    }

    fn transfer(
        &self,
        right: &Right,
        order: &deliver::ledger::Order,
        run: RunId,
    ) -> Result<Transfer, ServiceError> {
        let absent = |what: &str| ServiceError::Absent(format!("{what} of right {}", right.id));
        let to =
            self.store.iban(order.account).map_err(ServiceError::store)?.ok_or_else(|| absent("account"))?;
        let iin = self
            .store
            .iin(right.recipient)
            .map_err(ServiceError::store)?
            .ok_or_else(|| absent("recipient"))?;
        let name = self.store.name(right.recipient).map_err(ServiceError::store)?;
        let law = self.law();
        let (_, page) = law.measure(&right.measure)?;
        let title = page.told.title.ru.clone();
        let text = match right.per {
            Per::Once => title,
            Per::Month => format!("{title}, {}", order.month),
        };
        Ok(Transfer {
            end_to_end: right.order_id(order.number).to_string(),
            instruction: format!("R{run}-{}-{}", right.id, order.number),
            uetr: uetr(right.id, order.number),
            amount: order.amount,
            bic: self.settings.banks.of(&to).bic,
            to,
            name: name.unwrap_or_else(|| "NOTPROVIDED".to_owned()),
            iin,
            text,
        })
    }

    /// What the bank says of orders (pain.002).
    pub fn bank_reported(&self, reports: &[StatusReport]) -> Result<(), ServiceError> {
        for report in reports {
            // Silence about an order under a positive word for its file is acceptance.
            let Some(end_to_end) = &report.end_to_end else { continue };
            self.bank_said(end_to_end, "bank status", |number| right::Command::Report {
                number,
                status: report.status.clone(),
            })?;
        }
        Ok(())
    }

    /// What the bank booked (camt.054).
    pub fn bank_booked(&self, entries: &[StatementEntry]) -> Result<(), ServiceError> {
        for entry in entries {
            self.bank_said(&entry.end_to_end, "statement entry", |number| right::Command::Book {
                number,
                entry: entry.clone(),
            })?;
        }
        Ok(())
    }

    fn bank_said(
        &self,
        end_to_end: &str,
        what: &str,
        command: impl Fn(u32) -> right::Command,
    ) -> Result<(), ServiceError> {
        let _turn = self.lock();
        let mut turn = Turn::begin(self, Actor::Bank);
        let said = end_to_end
            .parse::<OrderId>()
            .map_err(ServiceError::from)
            .and_then(|order| Ok((order, turn.move_right(order.right, command(order.number))?)));
        match said {
            Ok((order, events)) => turn.after_bank(order, &events)?,
            Err(ServiceError::Refused(refusal)) => {
                turn.keep(what, refusal);
                turn.task(TaskKind::Bank, None)?;
            }
            Err(error) => return Err(error),
        }
        turn.commit()
    }
}

/// The bank's name of a run's file.
fn batch_id(run: RunId) -> String {
    format!("FCRUN{run}")
}

/// A UUID of version 4's form that names an order: the same in every attempt.
fn uetr(right: RightId, number: u32) -> String {
    let spread = (u128::from(right.0) << 32 | u128::from(number))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let bits = spread & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

impl<S: Store> Turn<'_, S> {
    /// Assesses every due month of a right.
    fn assess_due(&mut self, run: RunId, month: card::Month, right: &Right) -> Result<Sums, ServiceError> {
        let law = self.law.clone();
        let (measure, page) = law.measure(&right.measure)?;
        let released = self.service.released(&page.closure);
        let carry = page.period.carry.map_or(0, |id| crate::find::whole(&law, id, self.now.day()));
        let mut events = Vec::new();
        for due in right.months_due(month) {
            let Some(question) = right.question(due) else { continue };
            let verdict = self.service.ask(&law, measure, question)?;
            let current = due == month || right.per == Per::Once;
            let assess = Assess { run, month: due, verdict, released, carry, fact: run.0, current };
            match self.move_right(right.id, right::Command::Assess(Box::new(assess))) {
                Ok(happened) => events.extend(happened),
                // The right ended by an earlier month of this run.
                Err(ServiceError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        for event in &events {
            match event {
                right::Event::Suspended { .. } => {
                    self.task(TaskKind::MissingFact(right.id), Some(right.recipient))?;
                }
                right::Event::RecoveryOpened { .. } => {
                    self.task(TaskKind::Recovery(right.id), Some(right.recipient))?;
                }
                _ => {}
            }
        }
        Ok(Sums::of(month, &events))
    }

    /// What follows from the bank's word.
    fn after_bank(&mut self, order: OrderId, events: &[right::Event]) -> Result<(), ServiceError> {
        let Some(right) = self.right(order.right)? else { return Ok(()) };
        for event in events {
            match event {
                right::Event::Settled { number, .. } => self.money_arrived(&right, *number)?,
                right::Event::Rejected { number, .. } | right::Event::Returned { number, .. } => {
                    self.money_came_back(&right, *number)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uetr_has_the_form_of_a_uuid_of_version_four_and_names_one_order() {
        let mut seen = std::collections::BTreeSet::new();
        for right in 1..200 {
            for number in 1..5 {
                let text = uetr(RightId(right), number);
                assert_eq!(text.len(), 36);
                assert_eq!(&text[14..15], "4");
                assert!(["8", "9", "a", "b"].contains(&&text[19..20]), "{text}");
                assert!(seen.insert(text));
            }
        }
    }
}
