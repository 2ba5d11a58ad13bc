//! Pay runs: prepared by one official, approved by another, and handed to the bank as a file.

use card::{AccountId, Actor, Iban, Iin, Tenge};
use deliver::book::Book as _;
use deliver::{
    BatchId, Machine as _, RightId,
    ledger::{Order, OrderState},
    mode::Mode,
    payrun::{self, Changes, Laws, PayRun, Stage, Sums},
    port::{PaymentBatch, Transfer},
    right::{self, Per, Right},
    task::TaskKind,
};

pub use deliver::RunId;

use crate::{Permission, Service, ServiceError, Store, turn::Turn};

/// Who receives, in clear: opened at the last moment, never kept.
pub(crate) struct Creditor {
    to: Iban,
    bic: String,
    name: String,
    iin: Iin,
}

/// How many rights one chunk of a run assesses in one transaction.
pub(crate) const CHUNK: usize = 200;

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
        let known = self.store.journal_end().map_err(ServiceError::store)?;
        let last = self.last_run(payer)?;
        let after = last.as_ref().map_or(known, |(after, _)| *after);
        let laws = self.laws_of(payer);
        let id = {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, by.clone());
            let id = RunId(turn.number()?);
            let command = payrun::Command::Open {
                id,
                payer: payer.to_owned(),
                month,
                by: by.clone(),
                limit: *limit,
                before: None,
                changes: Changes { after, until: known },
                laws: laws.clone(),
            };
            turn.move_run(id, command)?;
            turn.commit()?;
            id
        };
        self.take_awards(by)?;
        self.follow_switches(by, payer, month)?;
        self.doubt_what_changed(by, payer, after)?;
        if let Some((_, before)) = last {
            self.doubt_by_another_law(by, &before, &laws)?;
        }
        self.fill_run(by, id)?;
        Ok(id)
    }

    /// The law of every measure of a payer.
    fn laws_of(&self, payer: &str) -> Laws {
        let law = self.law();
        let of_payer = law.pack.measures.iter().filter(|page| page.paid_by(payer));
        of_payer.map(|page| (page.name.clone(), page.closure.clone())).collect()
    }

    /// The journal entry after which changes were not looked at yet by a run of a payer, and the law of the
    /// last that looked; `None` before the first one. What a run was to look at that was given up is looked at
    /// again.
    fn last_run(&self, payer: &str) -> Result<Option<(u64, Laws)>, ServiceError> {
        let mut after = None;
        for (id, _) in self.store.runs(usize::MAX).map_err(ServiceError::store)? {
            let run = self.store.book().run(id).map_err(ServiceError::store)?;
            let Some(run) = run.filter(|run| run.payer == payer) else { continue };
            if !matches!(run.stage, Stage::Preparing | Stage::Discarded) {
                return Ok(Some((after.unwrap_or(run.changes.until), run.laws)));
            }
            after = Some(run.changes.after);
        }
        Ok(after.map(|after| (after, Laws::new())))
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

    /// A second official approves a run with the sum and the orders that they saw, and it leaves.
    pub fn approve_run(&self, by: &Actor, run: u64, seen: (Tenge, u64)) -> Result<(), ServiceError> {
        Permission::ApproveRun.require(by)?;
        let id = RunId(run);
        {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, by.clone());
            let (sum, orders) = seen;
            turn.move_run(id, payrun::Command::Approve { by: by.clone(), sum, orders })?;
            turn.commit()?;
        }
        self.release_run(by, id)
    }

    /// Lets the orders of an approved run go. After a stop in between it can be called again.
    fn release_run(&self, by: &Actor, id: RunId) -> Result<(), ServiceError> {
        let (mut orders, mut sum) = (0, Tenge::ZERO);
        let mut after = RightId(0);
        loop {
            let _turn = self.lock();
            let rights = self.store.book().rights_in_run(id, after, CHUNK).map_err(ServiceError::store)?;
            let mut turn = Turn::begin(self, by.clone());
            let Some(last) = rights.last().map(|right| right.id) else {
                let batch = BatchId(id).to_string();
                turn.move_run(id, payrun::Command::Release { batch, orders, sum })?;
                return turn.commit();
            };
            for right in rights {
                let numbers: Vec<u32> = right.orders_in(id).map(|order| order.number).collect();
                let halted = turn.mode(&right.measure, right.recipient)? != Mode::Offering;
                for number in numbers {
                    let order = right.ledger.order(number);
                    let prepared = order.filter(|order| order.state == OrderState::Prepared);
                    // What stands still, or cannot be written any more, is taken out; the first run that
                    // can orders it again.
                    let stays =
                        prepared.is_some_and(|order| halted || self.creditor(&right, order.account).is_err());
                    let command = if stays {
                        right::Command::Withdraw { number }
                    } else {
                        right::Command::Release { number }
                    };
                    turn.move_right(right.id, command)?;
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
        Permission::DiscardRun.require(by)?;
        self.give_up_run(by, RunId(run))
    }

    fn give_up_run(&self, by: &Actor, id: RunId) -> Result<(), ServiceError> {
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
            match run.map(|run| run.stage) {
                Some(Stage::Approved { .. }) => self.release_run(&Actor::System, id)?,
                Some(Stage::Preparing) => self.give_up_run(&Actor::System, id)?,
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
        let Stage::Released { at: created, .. } = run.stage else {
            return Err(ServiceError::Absent(format!("file of run {id}, which has not left")));
        };
        let mut transfers = Vec::new();
        let mut after = RightId(0);
        loop {
            let rights = self.store.book().rights_in_run(id, after, CHUNK).map_err(ServiceError::store)?;
            let Some(last) = rights.last().map(|right| right.id) else { break };
            for right in &rights {
                for order in right.orders_in(id).filter(|order| order.state.left()) {
                    transfers.push(self.transfer(right, order)?);
                }
            }
            after = last;
        }
        let (id, payer) = (BatchId(id).to_string(), payer.clone());
        Ok(PaymentBatch { id, created, execution: created.day(), payer, transfers })
    }

    /// An order as the bank is told it.
    fn transfer(&self, right: &Right, order: &Order) -> Result<Transfer, ServiceError> {
        let Creditor { to, bic, name, iin } = self.creditor(right, order.account)?;
        let law = self.law();
        let (_, page) = law.measure(&right.measure)?;
        let title = page.told.title.ru.clone();
        let text = match right.per {
            Per::Once => title,
            Per::Month => format!("{title}, {}", order.month),
        };
        Ok(Transfer {
            end_to_end: right.order_id(order.number).to_string(),
            instruction: format!("R{}-{}-{}", order.run, right.id, order.number),
            uetr: uetr(right.id, order.number),
            amount: order.amount,
            bic,
            to,
            name,
            iin,
            text,
        })
    }

    /// Who receives, as the bank is told. Where something of it is not known, no order is made: neither a
    /// bank nor a name is made up.
    pub(crate) fn creditor(&self, right: &Right, account: AccountId) -> Result<Creditor, ServiceError> {
        let absent = |what: &str| ServiceError::Absent(format!("{what} of right {}", right.id));
        let to = self.store.iban(account).map_err(ServiceError::store)?;
        let to = to.ok_or_else(|| absent("account"))?;
        let bank = self.settings.banks.of(&to).ok_or_else(|| absent("bank"))?;
        let iin = self.store.iin(right.recipient).map_err(ServiceError::store)?;
        let name = self.store.name(right.recipient).map_err(ServiceError::store)?;
        let name = name.filter(|name| name.chars().any(char::is_alphanumeric));
        Ok(Creditor {
            to,
            bic: bank.bic.clone(),
            name: name.ok_or_else(|| absent("recipient's name"))?,
            iin: iin.ok_or_else(|| absent("recipient"))?,
        })
    }

    /// A file that could not be written is an official's; the others leave.
    pub fn file_not_written(&self, run: RunId, why: &str) -> Result<(), ServiceError> {
        let _turn = self.lock();
        let mut turn = Turn::begin(self, Actor::System);
        turn.task(TaskKind::Bank { said: format!("{}: {why}", BatchId(run)) }, None)?;
        turn.commit()
    }
}

/// A UUID of version 4's form that names an order: the same in every attempt.
fn uetr(right: RightId, number: u32) -> String {
    let spread = (u128::from(right.0) << 32 | u128::from(number))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let bits = spread & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
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
