//! News of registries: taken in, and then the law is asked about everybody whom they concern.

use std::{sync::PoisonError, time::Duration};

use card::{Actor, PersonId};
use intake::{Changes, Counts, Event, EventTaken, Manifest, Progress, Records, Step};
use law::{Reach, ReachFrom, tree::MeasureId};

use crate::{Permission, Service, ServiceError, Store, Swept};

/// So long others may come in between two chunks of an extract.
const BETWEEN_CHUNKS: Duration = Duration::from_millis(1);

/// What became of news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What became of its records.
    pub counts: Counts,
    /// What the law was asked because of it.
    pub swept: Swept,
}

/// The paths of the law in the words of intake, which knows no law.
pub(crate) fn steps(reads: &[Reach]) -> Vec<Step> {
    reads
        .iter()
        .map(|reach| Step {
            from: match reach.from {
                ReachFrom::Key => None,
                ReachFrom::Field(field) => Some(field),
            },
            entity: reach.entity,
            by: reach.by,
            then: steps(&reach.then),
        })
        .collect()
}

impl<S: Store> Service<S> {
    /// Takes an event of a registry, and at once asks the law about everybody whom it concerns.
    pub fn take_event(&self, body: &str) -> Result<Taken, ServiceError> {
        let law = self.law();
        let event =
            Event::parse(body, &law.pack.schema).map_err(|error| ServiceError::Intake(error.to_string()))?;
        let taken = {
            let _turn = self.lock();
            intake::take_event(&law.pack.schema, &self.store, &event, self.now())
                .map_err(|error| ServiceError::Intake(error.to_string()))?
        };
        let (entry, counts) = match taken {
            EventTaken::Taken { entry, counts } => (entry, counts),
            // A stop between the facts and the question lost the question: it is asked by the repetition.
            EventTaken::Repeated { entry } => (entry, Counts::default()),
            EventTaken::Quarantined { faults, .. } => {
                let told: Vec<String> = faults
                    .iter()
                    .map(|fault| {
                        let field = fault.field.as_deref().unwrap_or("row");
                        format!("row {}, {field}: {}; {}", fault.row, fault.reason, fault.mend)
                    })
                    .collect();
                return Err(ServiceError::Intake(told.join("; ")));
            }
            EventTaken::Contradicted { reason, mend, .. } => {
                return Err(ServiceError::Intake(format!("{reason}; {mend}")));
            }
        };
        let registry = law.pack.schema.registries[event.source.0 as usize].name.clone();
        self.take_awards(&Actor::Registry(registry.clone()))?;
        let concerned = self.concerned(&law, entry)?;
        match self.find_for(&Actor::Registry(registry), concerned, entry) {
            Ok(swept) => Ok(Taken { counts, swept }),
            // The event is taken all the same: sent again, it would change nothing. The sweep asks again,
            // and tells what has no answer.
            Err(ServiceError::Law(_)) => Ok(Taken { counts, swept: Swept::default() }),
            Err(error) => Err(error),
        }
    }

    /// Takes an extract of a registry, chunk by chunk; between two chunks others have their turn. The law is
    /// asked by the sweep that follows a day's extracts.
    pub fn take_extract<R: Records>(
        &self,
        manifest: &Manifest,
        records: &mut R,
        told: &mut dyn FnMut(&Progress),
    ) -> Result<Progress, ServiceError> {
        let law = self.law();
        let _extract = self.extract.lock().unwrap_or_else(PoisonError::into_inner);
        let mut turn = Some(self.lock());
        let now = self.now();
        let mut between = |progress: &Progress| {
            told(progress);
            turn.take();
            // Whoever waits is woken before the turn is taken again.
            std::thread::sleep(BETWEEN_CHUNKS);
            turn = Some(self.lock());
        };
        intake::take_extract(&law.pack.schema, &self.store, manifest, records, now, &mut between)
            .map_err(|error| ServiceError::Intake(error.to_string()))
    }

    fn concerned(&self, law: &crate::Law, entry: u64) -> Result<Vec<(MeasureId, PersonId)>, ServiceError> {
        let concerned = Changes::concerned(&self.store, entry, &law.steps).map_err(ServiceError::store)?;
        Ok(concerned.into_iter().collect())
    }

    /// Records that were not taken, for the eyes of whoever mends them.
    pub fn quarantine(&self, by: &Actor) -> Result<Vec<(String, String)>, ServiceError> {
        Permission::Quarantine.require(by)?;
        let held = self.store.held(500).map_err(ServiceError::store)?;
        Ok(held.into_iter().map(|held| (held.place, held.why)).collect())
    }
}
