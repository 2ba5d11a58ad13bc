//! The phones and what is on them.

use std::collections::{BTreeMap, HashMap};

use card::Moment;

/// One message, to a phone or from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Counts from 1 over all phones.
    pub number: u64,
    /// Whose phone.
    pub phone: String,
    /// The other end: the short number.
    pub peer: String,
    /// Whether the phone wrote it.
    pub from_phone: bool,
    /// The text.
    pub text: String,
    /// In how many parts it travelled.
    pub parts: u8,
    /// When it was submitted or written.
    pub at: Moment,
    /// Where it is.
    pub state: State,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not there yet.
    Underway,
    /// On the phone, or with whom the phone wrote to.
    Arrived,
    /// Will not arrive.
    Failed,
}

/// A phone in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// Its number.
    pub number: String,
    /// How many messages it has.
    pub messages: usize,
    /// The newest.
    pub last: Message,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: usize,
}

/// What happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Binds that succeeded.
    pub binds: u64,
    /// `submit_sm` received.
    pub submits: u64,
    /// Whole messages for phones.
    pub messages: u64,
    /// Receipts that the other side acknowledged.
    pub receipts: u64,
    /// Messages of phones, and parts of them, that the other side acknowledged.
    pub replies: u64,
    /// Deliveries given up.
    pub given_up: u64,
}

#[derive(Debug, Default)]
pub(super) struct Phones {
    messages: Vec<Message>,
    by_phone: HashMap<String, Vec<usize>>,
    /// Phones by the number of their newest message.
    newest: BTreeMap<u64, String>,
}

impl Phones {
    pub(super) fn add(&mut self, message: Message) -> Message {
        let at = self.messages.len();
        let number = at as u64 + 1;
        let message = Message { number, ..message };
        let thread = self.by_phone.entry(message.phone.clone()).or_default();
        if let Some(&last) = thread.last() {
            self.newest.remove(&(last as u64 + 1));
        }
        thread.push(at);
        self.newest.insert(number, message.phone.clone());
        self.messages.push(message.clone());
        message
    }

    /// Sets the state; the message, where that changed it.
    pub(super) fn set_state(&mut self, number: u64, state: State) -> Option<Message> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        let message = self.messages.get_mut(at).filter(|message| message.state != state)?;
        message.state = state;
        Some(message.clone())
    }

    pub(super) fn underway(&self) -> usize {
        self.messages.iter().filter(|message| message.state == State::Underway).count()
    }

    pub(super) fn page(&self, search: &str, page: usize, size: usize) -> Page<Phone> {
        let found = || self.newest.values().rev().filter(|number| number.contains(search));
        let phone = |number: &String| {
            let thread = self.by_phone.get(number)?;
            let last = self.messages.get(*thread.last()?)?.clone();
            Some(Phone { number: number.clone(), messages: thread.len(), last })
        };
        let total = if search.is_empty() { self.newest.len() } else { found().count() };
        Page { items: found().skip(page.saturating_mul(size)).take(size).filter_map(phone).collect(), total }
    }

    pub(super) fn thread(&self, number: &str) -> Vec<Message> {
        let thread = self.by_phone.get(number).map(Vec::as_slice).unwrap_or_default();
        thread.iter().map(|&at| self.messages[at].clone()).collect()
    }

    pub(super) fn after(&self, number: u64, most: usize) -> Vec<Message> {
        let from = usize::try_from(number).unwrap_or(usize::MAX);
        self.messages.iter().skip(from).take(most).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(phone: &str) -> Message {
        Message {
            number: 0,
            phone: phone.to_owned(),
            peer: "1414".to_owned(),
            from_phone: false,
            text: "сәлем".to_owned(),
            parts: 1,
            at: Moment(0),
            state: State::Underway,
        }
    }

    #[test]
    fn the_phone_with_the_newest_message_comes_first() {
        let mut phones = Phones::default();
        for phone in ["77010000001", "77010000002", "77010000003", "77010000001"] {
            phones.add(message(phone));
        }
        let numbers =
            |page: Page<Phone>| page.items.into_iter().map(|phone| phone.number).collect::<Vec<_>>();
        assert_eq!(numbers(phones.page("", 0, 2)), ["77010000001", "77010000003"]);
        assert_eq!(numbers(phones.page("", 1, 2)), ["77010000002"]);
        assert_eq!(phones.page("", 9, 2).total, 3);
        assert_eq!(numbers(phones.page("0003", 0, 10)), ["77010000003"]);
        assert_eq!(phones.page("0003", 0, 10).total, 1);
        assert_eq!(phones.thread("77010000001").len(), 2);
        assert_eq!(phones.thread("nobody"), []);
        assert_eq!(phones.after(3, 9).len(), 1);
    }

    #[test]
    fn a_state_changes_once() {
        let mut phones = Phones::default();
        let number = phones.add(message("77010000001")).number;
        assert_eq!(phones.set_state(number, State::Arrived).map(|m| m.state), Some(State::Arrived));
        assert_eq!(phones.set_state(number, State::Arrived), None);
        assert_eq!(phones.set_state(0, State::Arrived), None);
        assert_eq!(phones.set_state(9, State::Arrived), None);
    }
}
