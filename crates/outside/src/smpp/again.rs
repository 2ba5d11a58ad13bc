//! Which reply is one that came before.
//!
//! SMPP gives a reply no name: a number, a text and a counter of the session are all there is. What
//! it does say is when an operator delivers again: while it has no answer from us. So a reply is the
//! earlier one of the same number and text where that one has no answer yet, or was answered so
//! shortly before its session ended that the answer may never have arrived. Every other reply is new,
//! however alike: people do write the same again.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use card::Msisdn;

/// An answer that is older when a session ends has arrived: an operator waits no longer for one.
const ANSWER_UNDER_WAY: Duration = Duration::from_mins(1);

/// So long an operator tries to deliver a reply; then it drops it.
const DELIVERED_WITHIN: Duration = Duration::from_hours(72);

/// So many replies are kept before those that cannot come again are looked for.
const ROOM: usize = 1_000;

/// The replies that may come again, by number and text.
#[derive(Clone, Default)]
pub(super) struct Again(Arc<Mutex<Met>>);

#[derive(Default)]
struct Met {
    replies: HashMap<(Msisdn, String), Reply>,
    /// How many were left when they were looked through last.
    left: usize,
}

struct Reply {
    id: String,
    at: Instant,
    answer: Answer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// None yet.
    Owed,
    /// Given in this session.
    Given(Instant),
    /// Given to a session that ended; it may be lost.
    Doubtful,
}

impl Met {
    fn forget(&mut self, now: Instant) {
        self.replies.retain(|_, reply| match reply.answer {
            Answer::Given(at) => now.duration_since(at) < ANSWER_UNDER_WAY,
            Answer::Owed | Answer::Doubtful => now.duration_since(reply.at) < DELIVERED_WITHIN,
        });
        self.left = self.replies.len();
    }
}

impl Again {
    fn met(&self) -> MutexGuard<'_, Met> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reply came: the id of the one that it is, else `id` from now on.
    pub(super) fn id(&self, from: Msisdn, text: &str, id: String, now: Instant) -> String {
        let mut met = self.met();
        if met.replies.len() > 2 * met.left + ROOM {
            met.forget(now);
        }
        let comes_again = |reply: &Reply| {
            !matches!(reply.answer, Answer::Given(_)) && now.duration_since(reply.at) < DELIVERED_WITHIN
        };
        match met.replies.entry((from, text.to_owned())) {
            Entry::Occupied(mut known) if comes_again(known.get()) => {
                known.get_mut().answer = Answer::Owed;
                known.get().id.clone()
            }
            other => {
                other.insert_entry(Reply { id: id.clone(), at: now, answer: Answer::Owed });
                id
            }
        }
    }

    /// A reply is stored, and the operator is told so.
    pub(super) fn answered(&self, from: Msisdn, text: String, now: Instant) {
        if let Some(reply) = self.met().replies.get_mut(&(from, text)) {
            reply.answer = Answer::Given(now);
        }
    }

    /// The session ended.
    pub(super) fn ended(&self, now: Instant) {
        let mut met = self.met();
        met.forget(now);
        for reply in met.replies.values_mut().filter(|reply| reply.answer != Answer::Owed) {
            reply.answer = Answer::Doubtful;
        }
    }

    /// A reply that was stored before the program stopped, and that nobody knows to be answered.
    pub(super) fn doubt(&self, from: Msisdn, text: String, id: String, now: Instant) {
        self.met().replies.insert((from, text), Reply { id, at: now, answer: Answer::Doubtful });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(last: u8) -> Msisdn {
        format!("+7701000000{last}").parse().unwrap()
    }

    #[test]
    fn a_reply_is_the_earlier_one_while_that_has_no_answer() {
        let (again, now) = (Again::default(), Instant::now());
        let id = |from, text, id: &str| again.id(from, text, id.to_owned(), now);
        assert_eq!(id(number(1), "1", "a"), "a");
        assert_eq!(id(number(1), "1", "b"), "a", "the operator did not wait for the answer");
        assert_eq!(id(number(2), "1", "c"), "c");
        assert_eq!(id(number(1), "2", "d"), "d");
        again.answered(number(1), "1".to_owned(), now);
        assert_eq!(id(number(1), "1", "e"), "e", "the person wrote it again");
    }

    #[test]
    fn an_answer_shortly_before_the_end_of_a_session_may_be_lost_once() {
        let (again, now) = (Again::default(), Instant::now());
        let id = |id: &str| again.id(number(1), "1", id.to_owned(), now);
        id("a");
        again.answered(number(1), "1".to_owned(), now);
        again.ended(now);
        assert_eq!(id("b"), "a");
        again.answered(number(1), "1".to_owned(), now);
        assert_eq!(id("c"), "c", "answered in this session");
    }

    #[test]
    fn an_answer_long_before_the_end_of_a_session_has_arrived() {
        let (again, now) = (Again::default(), Instant::now());
        again.id(number(1), "1", "a".to_owned(), now);
        again.answered(number(1), "1".to_owned(), now);
        let later = now + ANSWER_UNDER_WAY;
        again.ended(later);
        assert_eq!(again.id(number(1), "1", "b".to_owned(), later), "b");
    }

    #[test]
    fn what_was_stored_before_a_stop_may_come_again_until_the_operator_drops_it() {
        let (again, now) = (Again::default(), Instant::now());
        again.doubt(number(1), "1".to_owned(), "a".to_owned(), now);
        let late = now + DELIVERED_WITHIN;
        assert_eq!(again.id(number(1), "1", "b".to_owned(), late), "b");
        again.doubt(number(2), "1".to_owned(), "c".to_owned(), now);
        assert_eq!(again.id(number(2), "1", "d".to_owned(), now), "c");
    }
}
