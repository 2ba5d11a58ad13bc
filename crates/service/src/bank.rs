//! What the bank says of payment files: statuses (pain.002) and statements (camt.054).
//!
//! Whatever it says is taken or kept: what nobody can read, what names nothing of ours and what
//! contradicts itself becomes a task, and the rest of the file goes on.

use std::collections::BTreeSet;

use card::Actor;
use deliver::book::Book as _;
use deliver::{
    BatchId, OrderId, Refusal, RightId,
    ledger::OrderState,
    payrun,
    port::{BankStatus, StatementEntry, StatusReport, Unreadable},
    right,
    task::TaskKind,
};

use crate::{Service, ServiceError, Store, pay::CHUNK, turn::Turn};

impl<S: Store> Service<S> {
    /// What the bank says of orders (pain.002): of each that it names, then of the whole file.
    pub fn bank_reported(
        &self,
        reports: impl IntoIterator<Item = Result<StatusReport, Unreadable>>,
    ) -> Result<(), ServiceError> {
        // What is said of a whole file is about the orders that it does not name.
        let mut named = BTreeSet::new();
        for report in reports {
            let StatusReport { batch, end_to_end, status } = match report {
                Ok(report) => report,
                Err(place) => {
                    self.bank_is_unclear("bank status", Refusal::Unreadable(place.0.clone()), place.0)?;
                    continue;
                }
            };
            let Some(end_to_end) = end_to_end else {
                self.bank_said_of_file(&batch, &status, &named)?;
                continue;
            };
            named.extend(end_to_end.parse::<OrderId>());
            self.bank_said(&end_to_end, "bank status", |number| right::Command::Report {
                number,
                status: status.clone(),
            })?;
        }
        Ok(())
    }

    /// What the bank booked (camt.054).
    pub fn bank_booked(
        &self,
        entries: impl IntoIterator<Item = Result<StatementEntry, Unreadable>>,
    ) -> Result<(), ServiceError> {
        for entry in entries {
            match entry {
                Ok(entry) => self.bank_said(&entry.end_to_end, "statement entry", |number| {
                    right::Command::Book { number, entry: entry.clone() }
                })?,
                Err(place) => {
                    self.bank_is_unclear("statement entry", Refusal::Unreadable(place.0.clone()), place.0)?;
                }
            }
        }
        Ok(())
    }

    fn bank_said(
        &self,
        end_to_end: &str,
        what: &str,
        command: impl Fn(u32) -> right::Command,
    ) -> Result<(), ServiceError> {
        let said = {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, Actor::Bank);
            let said = end_to_end
                .parse::<OrderId>()
                .map_err(ServiceError::from)
                .and_then(|order| Ok((order, turn.move_right(order.right, command(order.number))?)));
            match said {
                Ok((order, events)) => {
                    turn.after_bank(order, &events)?;
                    return turn.commit();
                }
                Err(error) => error,
            }
        };
        match said {
            ServiceError::Refused(refusal) => {
                let said = format!("{end_to_end}: {refusal}");
                self.bank_is_unclear(what, refusal, said)
            }
            error => Err(error),
        }
    }

    /// What the bank says of a whole file, about the orders that the same report does not name and that
    /// have no last word. A refused file says nothing of accounts: the next run makes its orders again,
    /// and an official finds out what was wrong with it.
    fn bank_said_of_file(
        &self,
        batch: &str,
        status: &BankStatus,
        named: &BTreeSet<OrderId>,
    ) -> Result<(), ServiceError> {
        let what = "bank status of a file";
        let run = batch.parse::<BatchId>().ok().map(|id| id.0);
        let known = run.map(|run| self.store.book().run(run)).transpose().map_err(ServiceError::store)?;
        let sent = known.flatten().filter(|run| matches!(run.stage, payrun::Stage::Released { .. }));
        let Some(run) = sent.map(|run| run.id) else {
            let refusal = Refusal::Absent("payment file".to_owned());
            let said = format!("{batch}: {refusal}");
            return self.bank_is_unclear(what, refusal, said);
        };
        let command = |number| match status {
            // Silence about an order under a positive word for its file is acceptance.
            BankStatus::Accepted => None,
            BankStatus::Settled => Some(right::Command::Report { number, status: BankStatus::Settled }),
            BankStatus::Rejected { reason } => {
                Some(right::Command::RefuseFile { number, reason: reason.clone() })
            }
        };
        let mut after = RightId(0);
        let mut refused = false;
        loop {
            let _turn = self.lock();
            let rights = self.store.book().rights_in_run(run, after, CHUNK).map_err(ServiceError::store)?;
            let Some(last) = rights.last().map(|right| right.id) else { break };
            let mut turn = Turn::begin(self, Actor::Bank);
            for right in rights {
                for order in right.orders_in(run).filter(|order| order.state == OrderState::Released) {
                    let id = right.order_id(order.number);
                    let Some(command) = command(order.number).filter(|_| !named.contains(&id)) else {
                        continue;
                    };
                    let events = turn.move_right(right.id, command)?;
                    turn.after_bank(id, &events)?;
                    refused |= matches!(status, BankStatus::Rejected { .. });
                }
            }
            turn.commit()?;
            after = last;
        }
        match status {
            BankStatus::Rejected { reason } if refused => {
                let _turn = self.lock();
                let mut turn = Turn::begin(self, Actor::Bank);
                turn.task(TaskKind::Bank { said: format!("{batch}: {reason}") }, None)?;
                turn.commit()
            }
            _ => Ok(()),
        }
    }

    /// Keeps what the bank said to no effect, for an official; a repetition is kept once.
    fn bank_is_unclear(&self, what: &str, refusal: Refusal, said: String) -> Result<(), ServiceError> {
        let _turn = self.lock();
        let mut turn = Turn::begin(self, Actor::Bank);
        if turn.task(TaskKind::Bank { said }, None)? {
            turn.keep(what, refusal);
        }
        turn.commit()
    }
}

impl<S: Store> Turn<'_, S> {
    /// What follows from the bank's word about an order.
    fn after_bank(&mut self, order: OrderId, events: &[right::Event]) -> Result<(), ServiceError> {
        let Some(right) = self.right(order.right)? else { return Ok(()) };
        for event in events {
            match event {
                right::Event::Settled { number } => self.money_arrived(&right, *number)?,
                right::Event::AccountLost { .. } => self.money_came_back(&right, order.number)?,
                _ => {}
            }
        }
        Ok(())
    }
}
