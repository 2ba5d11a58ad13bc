//! What people and officials do by telephone and at a desk.

use super::*;

impl Life {
    /// Somebody calls 1414 about a right that waits for their account.
    pub(super) fn call_about_account(&mut self) {
        let (right, account) = {
            let audit = self.witness.look();
            let waiting = audit.states.rights.values().filter(|right| right.needs_account());
            let Some(right) = self.rng.choice(waiting.collect::<Vec<_>>()) else { return };
            let store = &self.service.as_ref().expect("open").store().store;
            let own = store.accounts_of(right.recipient, self.now().day()).unwrap();
            let Some(account) = self.rng.choice(own) else { return };
            (right.clone(), account)
        };
        let by = official("Г", Role::Operator);
        let person = right.recipient;
        if let Some(named) = self.may_crash(|service| service.name_account(&by, person, right.id.0, account))
        {
            named.unwrap_or_else(|error| panic!("{error}: {right:?}"));
            self.count("accounts named in a call");
        }
    }

    /// Somebody calls 1414 about a right of theirs.
    pub(super) fn call(&mut self) {
        let (right, accounts) = {
            let audit = self.witness.look();
            let open = |stage: &Stage| {
                matches!(stage, Stage::Found | Stage::Offered | Stage::Declined | Stage::Lapsed)
            };
            let rights: Vec<_> = audit.states.rights.values().filter(|right| open(&right.stage)).collect();
            let Some(right) = self.rng.choice(rights) else { return };
            let store = &self.service.as_ref().expect("open").store().store;
            (right.clone(), store.accounts_of(right.recipient, self.now().day()).unwrap())
        };
        let answer = if self.rng.u8(..5) == 0 {
            CallerAnswer::Refuse
        } else {
            CallerAnswer::Accept {
                account: accounts.first().copied(),
                recording: format!("R-{}", self.rng.u16(..)),
            }
        };
        let by = official("Г", Role::Operator);
        let called = self
            .may_crash(|service| service.answer_for_caller(&by, right.recipient, right.id.0, answer.clone()));
        match called {
            Some(Ok(())) => self.count("calls"),
            Some(Err(ServiceError::Refused(_))) => self.count("calls refused"),
            Some(Err(error)) => panic!("{error}: {right:?}"),
            None => {}
        }
    }

    /// A steward halts a measure at once; two start it again.
    pub(super) fn halt(&mut self, halted: bool) {
        let mut names: Vec<String> = self.shared.law.pack.measures.iter().map(|m| m.name.clone()).collect();
        names.retain(|name| self.witness.look().halted.contains(name) == halted);
        let Some(measure) = self.rng.choice(names) else { return };
        if halted {
            self.switch(&measure, Proposal::Mode(Mode::Offering));
        } else {
            self.count("halts");
            let first = official("А", Role::Steward);
            self.until_done(|service| service.halt(&first, &measure, None, "a bad day of a registry"))
                .expect("one steward halts");
        }
        let mut audit = self.witness.look();
        if halted {
            audit.halted.remove(&measure);
        } else {
            audit.halted.insert(measure);
        }
    }

    /// Two stewards switch a measure.
    pub(super) fn switch(&mut self, measure: &str, what: Proposal) {
        let (first, second) = (official("А", Role::Steward), official("Б", Role::Steward));
        self.until_done(|service| service.propose(&first, measure, None, what)).expect("one proposes");
        // Where it was confirmed before a crash, there is nothing left to confirm.
        match self.until_done(|service| service.confirm(&second, measure, None)) {
            Ok(_) | Err(ServiceError::Refused(deliver::Refusal::Absent(_))) => {}
            Err(error) => panic!("{error}: {measure}"),
        }
    }
}
