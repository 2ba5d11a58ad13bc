//! Which attempt an operator's id belongs to, for as long as a receipt may come.
//!
//! A receipt can overtake the answer to its submission. It then waits here, unacknowledged, until
//! every submission that was on the way when it came has its answer.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// The memory of one link. It is an aid, not the truth: after a restart it is empty, and receipts
/// are matched by the ids that the caller stored.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: Mutex<Known>,
    changed: Notify,
    most: usize,
}

#[derive(Debug, Default)]
struct Known {
    attempts: HashMap<String, u64>,
    oldest: VecDeque<String>,
    started: u64,
    on_the_way: BTreeSet<u64>,
    uncertain: HashMap<(u16, String), u64>,
    oldest_uncertain: VecDeque<(u16, String)>,
}

/// A submission on the way; dropped when its answer is known or given up.
#[derive(Debug)]
pub(super) struct OnTheWay<'m> {
    memory: &'m Memory,
    number: u64,
}

impl Memory {
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A submission starts.
    pub(super) fn start(&self) -> OnTheWay<'_> {
        let mut known = self.known();
        known.started += 1;
        let number = known.started;
        known.on_the_way.insert(number);
        OnTheWay { memory: self, number }
    }

    /// The operator numbered a part of an attempt.
    pub(super) fn learn(&self, id: &str, attempt: u64) {
        let mut known = self.known();
        if known.attempts.insert(id.to_owned(), attempt).is_none() {
            known.oldest.push_back(id.to_owned());
            if known.oldest.len() > self.most
                && let Some(oldest) = known.oldest.pop_front()
            {
                known.attempts.remove(&oldest);
            }
        }
        drop(known);
        self.changed.notify_waiters();
    }

    /// The answer to a part of an attempt was lost; its receipt may still name it by our reference
    /// and the recipient.
    pub(super) fn doubt(&self, attempt: u64, to: &str) {
        let key = (attempt as u16, to.to_owned());
        let mut known = self.known();
        if known.uncertain.insert(key.clone(), attempt).is_none() {
            known.oldest_uncertain.push_back(key);
            if known.oldest_uncertain.len() > self.most
                && let Some(oldest) = known.oldest_uncertain.pop_front()
            {
                known.uncertain.remove(&oldest);
            }
        }
    }

    /// The attempt that a receipt is about: by the operator's id, else by our reference.
    pub(super) async fn attempt(&self, id: &str, reference: Option<u16>, phone: &str) -> Option<u64> {
        let came_at = self.known().started;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let known = self.known();
                if let Some(attempt) = known.attempts.get(id) {
                    return Some(*attempt);
                }
                if known.on_the_way.first().is_none_or(|&oldest| oldest > came_at) {
                    return known.uncertain.get(&(reference?, phone.to_owned())).copied();
                }
            }
            changed.await;
        }
    }
}

impl Drop for OnTheWay<'_> {
    fn drop(&mut self) {
        self.memory.known().on_the_way.remove(&self.number);
        self.memory.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_receipt_waits_for_the_answers_that_were_on_the_way() {
        let memory = Memory::new(2);
        assert_eq!(memory.attempt("a", None, "7").await, None, "nothing on the way");
        let first = memory.start();
        let asked = memory.attempt("a", None, "7");
        tokio::pin!(asked);
        assert!(tokio::time::timeout(Duration::from_millis(20), &mut asked).await.is_err());
        let later = memory.start();
        memory.learn("a", 41);
        assert_eq!(asked.await, Some(41));
        drop(first);
        drop(later);
        memory.learn("b", 42);
        memory.learn("c", 43);
        assert_eq!(memory.attempt("a", None, "7").await, None, "only so many are kept");
    }

    #[tokio::test]
    async fn a_later_submission_holds_no_receipt_up() {
        let memory = Memory::new(2);
        let first = memory.start();
        let asked = memory.attempt("z", None, "7");
        tokio::pin!(asked);
        assert!(tokio::time::timeout(Duration::from_millis(20), &mut asked).await.is_err());
        let _second = memory.start();
        drop(first);
        assert_eq!(asked.await, None);
    }

    #[tokio::test]
    async fn a_doubtful_attempt_is_named_by_reference_and_phone() {
        let memory = Memory::new(2);
        memory.doubt(0x1_0007, "77011234567");
        assert_eq!(memory.attempt("x", Some(7), "77011234567").await, Some(0x1_0007));
        assert_eq!(memory.attempt("x", Some(7), "77011234568").await, None);
        assert_eq!(memory.attempt("x", Some(8), "77011234567").await, None);
        assert_eq!(memory.attempt("x", None, "77011234567").await, None);
    }
}
