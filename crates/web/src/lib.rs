//! Pages for officials: the 1414 desk, pay runs, tasks and quarantine.
//!
//! **Invariant:** a page asks the service and shows what it answers; it decides nothing, and an
//! address never holds personal data.

mod desk;
mod officers;
mod words;

pub use desk::router;
pub use officers::Officers;
