//! Places at which a test makes the program die. A store that is dropped after such an error is in
//! the state that a real crash there would have left.

use std::{
    cell::RefCell,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use super::StoreError;

/// Every crash point of the store.
pub const POINTS: [&str; 8] = [
    "chunk: begun",
    "chunk: facts written",
    "chunk: before commit",
    "chunk: after commit",
    "write: before commit",
    "write: after commit",
    "book: before commit",
    "book: after commit",
];

/// Threads with an armed crash; while there is none, a point costs one relaxed load.
static ARMED: AtomicUsize = AtomicUsize::new(0);
static HITS: [AtomicU64; POINTS.len()] = [const { AtomicU64::new(0) }; POINTS.len()];

thread_local! {
    static PLAN: RefCell<Option<Plan>> = const { RefCell::new(None) };
}

#[derive(Clone, Copy)]
struct Plan {
    point: Option<&'static str>,
    passes_left: u64,
}

/// Makes this thread crash at the `pass`th pass, from 0, of a point, or of any point if `None`.
pub fn arm(point: Option<&'static str>, pass: u64) {
    disarm();
    PLAN.set(Some(Plan { point, passes_left: pass }));
    ARMED.fetch_add(1, Ordering::Relaxed);
}

/// Takes the plan back; was it still open?
pub fn disarm() -> bool {
    let open = PLAN.take().is_some();
    if open {
        ARMED.fetch_sub(1, Ordering::Relaxed);
    }
    open
}

/// How many crashes happened at a point, in all threads.
pub fn hits(point: &str) -> u64 {
    POINTS.iter().position(|p| *p == point).map_or(0, |at| HITS[at].load(Ordering::Relaxed))
}

/// A place where the program may die: an error if a plan says so.
pub(crate) fn point(name: &'static str) -> Result<(), StoreError> {
    if ARMED.load(Ordering::Relaxed) == 0 {
        return Ok(());
    }
    let dies = PLAN.with_borrow_mut(|plan| match plan {
        Some(Plan { point, passes_left }) if point.is_none_or(|point| point == name) => {
            let dies = *passes_left == 0;
            *passes_left = passes_left.saturating_sub(1);
            dies
        }
        _ => false,
    });
    if !dies {
        return Ok(());
    }
    disarm();
    let at = POINTS.iter().position(|p| *p == name).expect("a crash point is in the list of points");
    HITS[at].fetch_add(1, Ordering::Relaxed);
    Err(StoreError::Crash(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_passed_until_its_turn() {
        assert!(point("write: before commit").is_ok());
        arm(Some("write: before commit"), 1);
        assert!(point("write: after commit").is_ok());
        assert!(point("write: before commit").is_ok());
        let before = hits("write: before commit");
        assert!(matches!(point("write: before commit"), Err(StoreError::Crash("write: before commit"))));
        assert_eq!(hits("write: before commit"), before + 1);
        assert!(point("write: before commit").is_ok(), "a process dies once");
        arm(None, 0);
        assert!(disarm());
        assert!(point("write: before commit").is_ok());
    }
}
