use card::Moment;

use crate::Refusal;

/// A pure state machine whose events are kept in the journal.
pub trait Machine: Sized {
    /// What may be asked of it.
    type Command;
    /// What has happened to it.
    type Event;

    /// Answers a command: what happens, or why nothing does. An empty list means that it has all
    /// happened already, as when a message is repeated.
    ///
    /// `state` is `None` before the first event.
    fn handle(state: Option<&Self>, command: Self::Command, now: Moment)
    -> Result<Vec<Self::Event>, Refusal>;

    /// The state after an event. An event that does not fit the state changes nothing.
    fn evolve(state: Option<Self>, event: &Self::Event) -> Option<Self>;
}

/// The state after further events.
pub fn apply<M: Machine>(state: Option<M>, events: &[M::Event]) -> Option<M> {
    events.iter().fold(state, M::evolve)
}

/// The state that the events of a life tell.
pub fn replay<M: Machine>(events: &[M::Event]) -> Option<M> {
    apply(None, events)
}
