//! Money of a world: runs, files to the bank, and what the bank says.

use std::sync::atomic::Ordering;

use card::{PersonId, Role, Tenge};
use deliver::{
    book::{Book as _, Library as _},
    payrun,
    port::{BankStatus, StatementEntry, StatusReport, Unreadable},
    right::{Right, Stage},
};

use super::{super::bank, Life, official};

impl Life {
    pub(super) fn pay(&mut self) {
        let (officer, approver) = (official("Д", Role::Officer), official("Е", Role::Approver));
        let ended = |right: &Right| matches!(right.stage, Stage::Ended { .. });
        let granted: Vec<_> = {
            let audit = self.witness.look();
            let rights =
                audit.states.rights.values().filter(|right| right.terms().is_some() && !ended(right));
            rights.map(|right| right.subject).collect()
        };
        let dumb = self.rng.choice(granted).filter(|_| self.rng.u8(..6) == 0);
        self.dumb.store(dumb.map_or(0, |subject: PersonId| subject.0), Ordering::Relaxed);
        let prepared = self.may_crash(|service| service.prepare_run(&officer, "republic"));
        self.dumb.store(0, Ordering::Relaxed);
        let Some(run) = prepared else { return };
        let run = run.expect("a run is prepared");
        let sums = self.service().store().book().run(run).unwrap().expect("it was prepared").sums;
        if sums.failed > 0 {
            self.count("rights without an answer");
        }
        assert!(sums.failed == 0 || dumb.is_some(), "{sums:?}");
        self.witness.look().months_hold(run, dumb);
        match self.rng.u8(..8) {
            // Facts change between the two officials.
            0..=1 => self.news(),
            2 => {
                let own = official("Д", Role::Approver);
                assert!(
                    self.until_done(|service| service.approve_run(&own, run.0, (sums.sum, sums.orders)))
                        .is_err(),
                    "approved by its preparer"
                );
            }
            3 => {
                self.until_done(|service| service.discard_run(&approver, run.0)).expect("a run is given up");
                return;
            }
            // Nobody approves it: the next run is prepared beside it.
            4 => return,
            _ => {}
        }
        match self.may_crash(|service| service.approve_run(&approver, run.0, (sums.sum, sums.orders))) {
            Some(Ok(())) => self.count("approvals"),
            Some(Err(error)) => panic!("{error}: {run:?}"),
            None => {}
        }
        self.hand_to_bank();
    }

    /// Files of released runs that the bank does not have yet.
    pub(super) fn hand_to_bank(&mut self) {
        for run in self.service().released_runs(usize::MAX).expect("runs") {
            if !self.sent.insert(run) {
                continue;
            }
            let batch = self.service().batch(run).expect("a released run has a file");
            assert_eq!(batch, self.service().batch(run).unwrap(), "two files of one run");
            let mut file = Vec::new();
            if !batch.transfers.is_empty() {
                outside::bank::write_batch(&batch, &mut file).expect("a file");
                self.count("bank files");
            }
            let orders: Vec<(String, Tenge)> = batch
                .transfers
                .iter()
                .map(|transfer| (transfer.end_to_end.clone(), transfer.amount))
                .collect();
            let sum: Tenge = orders.iter().map(|(_, amount)| *amount).sum();
            {
                let audit = self.witness.look();
                let payrun::Stage::Released { orders: count, sum: control, .. } =
                    audit.states.runs[&run].stage
                else {
                    panic!("a file of a run that was not released");
                };
                assert_eq!(
                    (count, control),
                    (orders.len() as u64, sum),
                    "the control sum is not the orders'"
                );
                for transfer in &batch.transfers {
                    let who = audit.world.people.iter().position(|person| person.iin == transfer.iin);
                    let own = audit.world.own(super::super::world::Who(who.expect("somebody of this world")));
                    assert!(own.contains(&transfer.to), "money goes to an account of somebody else");
                }
            }
            let now = self.now();
            self.bank.take(&mut self.rng, now, &batch.id, &orders);
        }
    }

    /// What the bank says, in files that come once or twice.
    pub(super) fn hear_bank(&mut self) {
        self.hand_to_bank();
        let now = self.now();
        let said = self.bank.speaks(now);
        let (mut statuses, mut entries) = (vec![], vec![]);
        for says in said {
            match says {
                bank::Says::Status { batch, end_to_end, status } => {
                    statuses.push(Ok(StatusReport { batch, end_to_end: Some(end_to_end), status }));
                }
                bank::Says::Refused { batch, reason } => {
                    self.count("bank files refused");
                    let status = BankStatus::Rejected { reason };
                    statuses.push(Ok(StatusReport { batch, end_to_end: None, status }));
                }
                bank::Says::Entry(entry) => entries.push(Ok(entry)),
            }
            // Answers about one order come in their order; files mix the orders.
            if self.rng.bool() {
                self.bank_files(&mut statuses, &mut entries);
            }
        }
        self.bank_files(&mut statuses, &mut entries);
    }

    fn bank_files(
        &mut self,
        statuses: &mut Vec<Result<StatusReport, Unreadable>>,
        entries: &mut Vec<Result<StatementEntry, Unreadable>>,
    ) {
        if !entries.is_empty() && self.rng.u8(..8) == 0 {
            // A line that nobody can read stands among the others.
            let at = self.rng.usize(..=entries.len());
            entries.insert(at, Err(Unreadable("an entry without EndToEndId".to_owned())));
        }
        let times = if self.rng.u8(..6) == 0 { 2 } else { 1 };
        for time in 0..times {
            if time > 0 && !(statuses.is_empty() && entries.is_empty()) {
                self.count("bank files twice");
            }
            if let Some(Ok(StatusReport { batch, .. })) = statuses.last() {
                let whole =
                    StatusReport { batch: batch.clone(), end_to_end: None, status: BankStatus::Accepted };
                statuses.push(Ok(whole));
                self.until_done(|service| service.bank_reported(statuses.clone()))
                    .expect("a status file is taken");
            }
            if !entries.is_empty() {
                self.until_done(|service| service.bank_booked(entries.clone()))
                    .expect("a statement is taken");
            }
        }
        statuses.clear();
        entries.clear();
    }
}
