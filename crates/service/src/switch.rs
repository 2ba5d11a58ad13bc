//! How measures run, country-wide and by region: what two stewards switch, and one halts.

use card::{Actor, PersonId};
use deliver::book::Book as _;
use deliver::{
    Machine as _,
    book::Entry,
    mode::{self, Mode, Proposal, Switch},
};

use crate::{Moved, Permission, Service, ServiceError, Store, turn::Turn};

impl<S: Store> Service<S> {
    /// The switches of every measure: the country's, and those of regions that have their own.
    pub fn switches(&self, by: &Actor) -> Result<Vec<Switch>, ServiceError> {
        Permission::SeeSwitches.require(by)?;
        let law = self.law();
        let mut all = Vec::new();
        for measure in &law.pack.measures {
            all.extend(self.store.book().switches(&measure.name).map_err(ServiceError::store)?);
        }
        Ok(all)
    }

    /// A steward proposes how a measure is to run, in a region or, without one, wherever no region has its own
    /// switch.
    pub fn propose(
        &self,
        by: &Actor,
        measure: &str,
        region: Option<&str>,
        what: Proposal,
    ) -> Result<(), ServiceError> {
        Permission::Switch.require(by)?;
        let _turn = self.lock();
        let mut turn = Turn::begin(self, by.clone());
        turn.move_switch(measure, region, mode::Command::Propose { what, by: by.clone() })?;
        turn.commit()
    }

    /// A second steward confirms what was proposed; what that takes over or gives back is done then.
    pub fn confirm(&self, by: &Actor, measure: &str, region: Option<&str>) -> Result<Moved, ServiceError> {
        Permission::Switch.require(by)?;
        let switched = {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, by.clone());
            let events = turn.move_switch(measure, region, mode::Command::Confirm { by: by.clone() })?;
            turn.commit()?;
            events
        };
        let what = switched.into_iter().find_map(|event| match event {
            mode::Event::Switched { what, .. } => Some(what),
            _ => None,
        });
        match what {
            Some(Proposal::TakeOver { from }) => self.take_over(by, measure, region, from),
            Some(Proposal::GiveBack { from }) => self.give_back(by, measure, region, from),
            Some(Proposal::Mode(_)) | None => Ok(Moved::default()),
        }
    }

    /// One steward halts a measure at once.
    pub fn halt(
        &self,
        by: &Actor,
        measure: &str,
        region: Option<&str>,
        why: &str,
    ) -> Result<(), ServiceError> {
        Permission::Switch.require(by)?;
        if why.trim().is_empty() {
            return Err(ServiceError::Reason);
        }
        let _turn = self.lock();
        let mut turn = Turn::begin(self, by.clone());
        let why = why.trim().to_owned();
        turn.move_switch(measure, region, mode::Command::Halt { by: by.clone(), why })?;
        turn.commit()
    }
}

impl<S: Store> Turn<'_, S> {
    /// Lets a switch answer a command. A region's own switch begins as the country's stands.
    fn move_switch(
        &mut self,
        measure: &str,
        region: Option<&str>,
        command: mode::Command,
    ) -> Result<Vec<mode::Event>, ServiceError> {
        self.law.measure(measure)?;
        let stored = self.service.store.book().switch(measure, region).map_err(ServiceError::store)?;
        let mut events = Vec::new();
        let mut state = stored;
        if state.is_none() {
            let country = self.service.store.book().switch(measure, None).map_err(ServiceError::store)?;
            let (measure, region) = (measure.to_owned(), region.map(str::to_owned));
            let like = country.filter(|_| region.is_some());
            let (mode, taken_over) =
                like.map_or((Mode::default(), None), |like| (like.mode, like.taken_over));
            let install = mode::Command::Install { measure, region, mode, taken_over };
            events = Switch::handle(None, install, self.now)?;
            state = deliver::apply(None, &events);
        }
        let done = Switch::handle(state.as_ref(), command, self.now)?;
        events.extend(done.iter().cloned());
        if !events.is_empty() {
            self.note(Entry::Switch(measure.to_owned(), region.map(str::to_owned), events));
        }
        Ok(done)
    }

    /// The switch that holds for a measure where a person lives: their region's own, else the country's.
    pub fn switch_for(&self, measure: &str, person: PersonId) -> Result<Option<Switch>, ServiceError> {
        let mut switches = self.service.store.book().switches(measure).map_err(ServiceError::store)?;
        if switches.iter().all(|switch| switch.region.is_none()) {
            return Ok(switches.pop());
        }
        let region = self.service.store.region_of(person).map_err(ServiceError::store)?;
        let own = switches.iter().position(|switch| switch.region.is_some() && switch.region == region);
        let holds = own.or_else(|| switches.iter().position(|switch| switch.region.is_none()));
        Ok(holds.map(|at| switches.swap_remove(at)))
    }

    /// How a measure runs where a person lives.
    pub fn mode(&self, measure: &str, person: PersonId) -> Result<Mode, ServiceError> {
        Ok(self.switch_for(measure, person)?.map(|switch| switch.mode).unwrap_or_default())
    }

    /// Is a measure offered anywhere?
    pub fn offered_anywhere(&self, measure: &str) -> Result<bool, ServiceError> {
        let switches = self.service.store.book().switches(measure).map_err(ServiceError::store)?;
        Ok(switches.iter().any(|switch| switch.mode == Mode::Offering))
    }
}
