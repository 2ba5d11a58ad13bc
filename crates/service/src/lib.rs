//! The use cases: an event came, a reply came, a run was approved.
//!
//! Each use case loads what it needs, asks the law, lets the state machines of `deliver` decide, and
//! writes everything in one transaction. It meets store, law and clock through ports alone.
//!
//! **Invariant:** every use case names an [`card::Actor`], and time is an argument.

mod award;
mod bank;
mod caller;
mod desk;
mod differences;
mod elsewhere;
mod error;
mod facts;
mod find;
mod grant;
mod hear;
mod level;
mod menu;
mod money;
mod notice;
mod pay;
mod permission;
mod settings;
mod speak;
mod switch;
mod takeover;
mod turn;
pub mod view;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use card::{Circle, Moment, PersonId, Question, Verdict};
use deliver::{archive::Archive, book::Library, elsewhere::Registry};
use law::{
    Pack,
    port::{Circles, Evaluator},
    tree::{MeasureId, ScoreId},
};

pub use caller::CallerAnswer;
pub use deliver::Refusal;
pub use deliver::elsewhere::Kind;
pub use deliver::mode::{Mode, Proposal, Switch};
pub use elsewhere::AwardsTaken;
pub use error::ServiceError;
pub use facts::Taken;
pub use find::Swept;
pub use pay::RunId;
pub use permission::Permission;
pub use settings::{Bank, Banks, Payers, Settings};
pub use takeover::Moved;

/// The store, as the use cases need it: circles for the law, facts for intake, the book of delivery
/// and the archive of what may be opened.
pub trait Store:
    Circles + intake::FactStore + intake::Changes + Library + Archive + Registry + Send + Sync + 'static
{
}

impl<T> Store for T where
    T: Circles + intake::FactStore + intake::Changes + Library + Archive + Registry + Send + Sync + 'static
{
}

/// The clock, as an argument of every use case comes from it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// The use cases over one store and one law.
pub struct Service<S> {
    store: S,
    law: RwLock<Arc<Law>>,
    assessor: Box<dyn Evaluator>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    /// One use case at a time: what it has read stands until it writes.
    turn: Mutex<()>,
    /// One extract at a time: its chunks are counted.
    extract: Mutex<()>,
}

/// The pack in force, with what its measures read.
pub struct Law {
    /// The pack.
    pub pack: Pack,
    reads: Vec<Vec<law::Reach>>,
    /// What methodologies read, by edition.
    levels: Vec<Vec<law::Reach>>,
    steps: Vec<(MeasureId, Vec<intake::Step>)>,
}

impl Law {
    /// Prepares a pack for use.
    pub fn new(pack: Pack) -> Self {
        let measures = (0..pack.measures.len()).map(|at| MeasureId(at as u16));
        let reads: Vec<_> = measures.clone().map(|measure| pack.reads(measure)).collect();
        let steps = measures.zip(&reads).map(|(measure, reads)| (measure, facts::steps(reads))).collect();
        let editions = (0..pack.scores.len()).map(|at| ScoreId(at as u16));
        let levels = editions.map(|id| pack.reads_of_score(id)).collect();
        Self { pack, reads, levels, steps }
    }

    fn measures(&self) -> impl Iterator<Item = MeasureId> + use<> {
        (0..self.pack.measures.len()).map(|at| MeasureId(at as u16))
    }

    fn measure(&self, name: &str) -> Result<(MeasureId, &law::Measure), ServiceError> {
        let id = self.pack.measure(name).ok_or_else(|| ServiceError::Absent(format!("measure {name}")))?;
        Ok((id, &self.pack.measures[id.0 as usize]))
    }

    /// A measure that pays, and how its money is delivered.
    fn paying(&self, name: &str) -> Result<(&law::Measure, &law::Delivery), ServiceError> {
        let (_, page) = self.measure(name)?;
        let delivery = page.delivery();
        Ok((page, delivery.ok_or_else(|| ServiceError::Absent(format!("money of {name}")))?))
    }
}

impl<S: Store> Service<S> {
    /// Over a store, by a law that is prepared once, however often a store is opened.
    pub fn new(
        store: S,
        law: Arc<Law>,
        assessor: Box<dyn Evaluator>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Self {
        let law = RwLock::new(law);
        Self { store, law, assessor, clock, settings, turn: Mutex::default(), extract: Mutex::default() }
    }

    /// The law in force.
    pub fn law(&self) -> Arc<Law> {
        Arc::clone(&self.law.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another pack in force; the next sweep finds what it changes.
    pub fn change_law(&self, pack: Pack) {
        *self.law.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Law::new(pack));
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Now.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn circle(&self, law: &Law, measure: MeasureId, subject: PersonId) -> Result<Circle, ServiceError> {
        self.store.circle(subject, &law.reads[measure.0 as usize], None).map_err(ServiceError::store)
    }

    /// What the law answers, by what is known now.
    fn ask(&self, law: &Law, measure: MeasureId, question: Question) -> Result<Verdict, ServiceError> {
        let circle = self.circle(law, measure, question.subject)?;
        Ok(self.assessor.assess(&law.pack, measure, question, &circle)?)
    }

    fn released(&self, closure: &str) -> bool {
        self.settings.released.iter().any(|known| known == closure || known == "all")
    }
}
