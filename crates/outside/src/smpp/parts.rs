//! A text cut into the parts that the network carries, and parts joined to a text.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::alphabet;

/// Octets of user data in one message.
const ROOM: usize = 140;
/// Octets of the header that says which part this is.
const HEADER: usize = 6;
/// Characters of the GSM alphabet in a whole message and in a part: packed, seven octets hold eight.
const GSM_ROOM: (usize, usize) = (160, 153);

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Always UCS-2.
    Ucs2,
    /// The GSM default alphabet where every character is in it, else UCS-2.
    GsmWhereItFits,
}

/// One part, ready for `short_message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The data coding of its text.
    pub data_coding: u8,
    /// Whether the octets begin with a user data header.
    pub header: bool,
    /// Header and text.
    pub octets: Vec<u8>,
}

/// A text that no phone could join: more than 255 parts, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsendable;

/// Cuts a text. `reference` is the same in all parts of one message and differs between messages
/// to one phone that are on the way together.
pub(super) fn cut(text: &str, coding: Coding, reference: u8) -> Result<Vec<Part>, Unsendable> {
    let gsm = match coding {
        Coding::GsmWhereItFits => alphabet::gsm(text),
        Coding::Ucs2 => None,
    };
    let (data_coding, octets, whole, part) = match gsm {
        Some(octets) => (alphabet::GSM, octets, GSM_ROOM.0, GSM_ROOM.1),
        None => (alphabet::UCS2, alphabet::ucs2(text), ROOM, ROOM - HEADER),
    };
    if octets.is_empty() {
        return Err(Unsendable);
    }
    if octets.len() <= whole {
        return Ok(vec![Part { data_coding, header: false, octets }]);
    }
    let mut slices = Vec::new();
    let mut rest = octets.as_slice();
    while !rest.is_empty() {
        let (slice, after) = rest.split_at(boundary(data_coding, rest, part));
        slices.push(slice);
        rest = after;
    }
    let total = u8::try_from(slices.len()).map_err(|_| Unsendable)?;
    Ok((1..=total)
        .zip(slices)
        .map(|(number, slice)| Part {
            data_coding,
            header: true,
            octets: [&[5, 0, 3, reference, total, number], slice].concat(),
        })
        .collect())
}

/// How many octets the next part takes: never half of a surrogate pair or of an escape sequence.
fn boundary(data_coding: u8, rest: &[u8], most: usize) -> usize {
    if rest.len() <= most {
        return rest.len();
    }
    if data_coding == alphabet::UCS2 {
        let high_surrogate_last = (0xD8..0xDC).contains(&rest[most - 2]);
        if high_surrogate_last { most - 2 } else { most }
    } else {
        // An escape may itself be escaped: what counts is an odd run of them at the end.
        let escapes = rest[..most].iter().rev().take_while(|&&o| o == alphabet::ESCAPE).count();
        most - escapes % 2
    }
}

/// Which part of which message this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The same in all parts of a message.
    pub reference: u16,
    /// How many parts there are.
    pub total: u8,
    /// Which one this is, from 1.
    pub number: u8,
}

/// Takes the user data header off, and reads the place from it where it has one.
///
/// A header that is longer than the message is no header: the octets stay as they are.
pub(super) fn behead(octets: &[u8]) -> (Option<Place>, &[u8]) {
    let Some((&length, after)) = octets.split_first() else { return (None, octets) };
    let Some((mut header, text)) = after.split_at_checked(length as usize) else { return (None, octets) };
    let mut place = None;
    while let [id, length, rest @ ..] = header {
        let Some((value, rest)) = rest.split_at_checked(*length as usize) else { break };
        place = match (id, value) {
            (0x00, &[reference, total, number]) => {
                Place::checked(Place { reference: u16::from(reference), total, number })
            }
            (0x08, &[high, low, total, number]) => {
                Place::checked(Place { reference: u16::from_be_bytes([high, low]), total, number })
            }
            _ => place,
        };
        header = rest;
    }
    (place, text)
}

impl Place {
    /// Itself, where it can be.
    pub(super) fn checked(self) -> Option<Self> {
        (1..=self.total).contains(&self.number).then_some(self)
    }
}

/// What a new part led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// The whole text.
    Whole(String),
    /// Others are missing.
    Waiting,
    /// A part of a message that was whole before and is safe.
    Known,
}

/// Whose part of which message: the sender's address and the reference.
pub(super) type Key = (String, u16, u8);

/// The parts that wait for their others.
///
/// Nothing here is the only copy: a part is acknowledged to the operator only when its whole
/// message is stored, so that what is dropped here comes again.
#[derive(Debug)]
pub(super) struct Waiting {
    most: usize,
    keep: Duration,
    sets: HashMap<Key, Set>,
}

#[derive(Debug)]
struct Set {
    since: Instant,
    parts: Vec<Option<String>>,
    stored: bool,
}

impl Waiting {
    /// At most so many messages, each at most so long.
    pub(super) fn new(most: usize, keep: Duration) -> Self {
        Self { most, keep, sets: HashMap::new() }
    }

    /// Takes one part.
    pub(super) fn add(&mut self, key: &Key, place: Place, text: String, now: Instant) -> Joined {
        self.sets.retain(|_, set| now.duration_since(set.since) < self.keep);
        if self.sets.len() >= self.most && !self.sets.contains_key(key) {
            let oldest = self.sets.iter().min_by_key(|(_, set)| set.since).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                self.sets.remove(&oldest);
            }
        }
        let set = self.sets.entry(key.clone()).or_insert_with(|| Set {
            since: now,
            parts: vec![None; place.total as usize],
            stored: false,
        });
        if set.stored {
            return Joined::Known;
        }
        set.parts[place.number as usize - 1] = Some(text);
        match set.parts.iter().cloned().collect::<Option<Vec<_>>>() {
            Some(parts) => Joined::Whole(parts.concat()),
            None => Joined::Waiting,
        }
    }

    /// Whether the message is stored.
    pub(super) fn is_stored(&self, key: &Key) -> bool {
        self.sets.get(key).is_some_and(|set| set.stored)
    }

    /// The message is stored; its parts need not be kept, only known.
    pub(super) fn stored(&mut self, key: &Key) {
        if let Some(set) = self.sets.get_mut(key) {
            set.stored = true;
            set.parts.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn join(parts: &[Part], order: &[usize]) -> Option<String> {
        let mut waiting = Waiting::new(10, Duration::from_mins(1));
        let mut whole = None;
        for &at in order {
            let part = &parts[at];
            let (place, text) = if part.header { behead(&part.octets) } else { (None, &part.octets[..]) };
            let text = alphabet::read(part.data_coding, text)?;
            let Some(place) = place else { return Some(text) };
            let key = ("7".to_owned(), place.reference, place.total);
            if let Joined::Whole(text) = waiting.add(&key, place, text, Instant::now()) {
                whole = Some(text);
            }
        }
        whole
    }

    #[test]
    fn limits_are_those_of_the_network() {
        let parts = |text: &str, coding| cut(text, coding, 7).unwrap().len();
        assert_eq!(parts(&"ә".repeat(70), Coding::Ucs2), 1);
        assert_eq!(parts(&"ә".repeat(71), Coding::Ucs2), 2);
        assert_eq!(parts(&"ә".repeat(134), Coding::Ucs2), 2);
        assert_eq!(parts(&"ә".repeat(201), Coding::Ucs2), 3);
        assert_eq!(parts(&"a".repeat(160), Coding::GsmWhereItFits), 1);
        assert_eq!(parts(&"a".repeat(161), Coding::GsmWhereItFits), 2);
        assert_eq!(parts(&"a".repeat(306), Coding::GsmWhereItFits), 2);
        assert_eq!(parts(&"a".repeat(307), Coding::GsmWhereItFits), 3);
        assert_eq!(parts(&"a".repeat(71), Coding::Ucs2), 2);
        assert_eq!(cut("", Coding::Ucs2, 7), Err(Unsendable));
        assert_eq!(cut(&"ә".repeat(67 * 256), Coding::Ucs2, 7), Err(Unsendable));
    }

    #[test]
    fn a_surrogate_pair_and_an_escape_stay_whole() {
        let faces = format!("{}👍{}", "a".repeat(66), "b".repeat(66));
        let parts = cut(&faces, Coding::Ucs2, 7).unwrap();
        assert_eq!(parts[0].octets.len(), 6 + 132);
        let euros = format!("{}€{}", "a".repeat(152), "b".repeat(20));
        let parts = cut(&euros, Coding::GsmWhereItFits, 7).unwrap();
        assert_eq!(parts[0].octets.len(), 6 + 152);
        assert_eq!(&parts[1].octets[..8], &[5, 0, 3, 7, 2, 2, 0x1B, 0x65]);
    }

    #[test]
    fn a_foreign_header_is_taken_off_and_a_false_one_is_text() {
        assert_eq!(behead(&[0x04, 0x24, 0x02, 0x01, 0x01, b'1']), (None, &b"1"[..]));
        let place = Place { reference: 0x0102, total: 3, number: 2 };
        assert_eq!(behead(&[6, 8, 4, 1, 2, 3, 2, b'x']), (Some(place), &b"x"[..]));
        assert_eq!(behead(&[5, 0, 3, 1, 2, 3, b'x']), (None, &b"x"[..]));
        assert_eq!(behead(&[200, 1]), (None, &[200, 1][..]));
        assert_eq!(behead(&[]), (None, &[][..]));
    }

    #[test]
    fn what_was_stored_is_known_when_it_comes_again() {
        let mut waiting = Waiting::new(1, Duration::from_mins(1));
        let key = ("7".to_owned(), 1, 2);
        let place = |number| Place { reference: 1, total: 2, number };
        let now = Instant::now();
        assert_eq!(waiting.add(&key, place(2), "b".into(), now), Joined::Waiting);
        assert_eq!(waiting.add(&key, place(1), "a".into(), now), Joined::Whole("ab".into()));
        waiting.stored(&key);
        assert_eq!(waiting.add(&key, place(2), "b".into(), now), Joined::Known);
        let other = ("8".to_owned(), 1, 2);
        assert_eq!(waiting.add(&other, place(2), "b".into(), now), Joined::Waiting);
        assert_eq!(waiting.sets.len(), 1, "the limit holds");
        let later = now + Duration::from_secs(61);
        assert_eq!(waiting.add(&other, place(1), "a".into(), later), Joined::Waiting, "the old part is gone");
    }

    proptest! {
        #[test]
        fn every_text_comes_back_in_any_order(
            text in "([ -~]|[а-яәіңғүұқөһ]|👍|€|[^\u{FFFD}]){1,600}",
            gsm in any::<bool>(),
            seed in any::<u64>(),
        ) {
            let coding = if gsm { Coding::GsmWhereItFits } else { Coding::Ucs2 };
            let parts = cut(&text, coding, 9).unwrap();
            for part in &parts {
                let room = if part.data_coding == alphabet::UCS2 { 140 } else { 160 };
                prop_assert!(part.octets.len() <= room);
                let text = if part.header { behead(&part.octets).1 } else { &part.octets };
                let broken = alphabet::read(part.data_coding, text).unwrap().contains('\u{FFFD}');
                prop_assert!(!broken, "a character was split");
            }
            let mut order: Vec<usize> = (0..parts.len()).collect();
            fastrand::Rng::with_seed(seed).shuffle(&mut order);
            prop_assert_eq!(join(&parts, &order), Some(text));
        }
    }
}
