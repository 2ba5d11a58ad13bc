//! What a reply is bound to.

use std::collections::BTreeSet;

use card::{AccountId, Lang, Moment, PersonId};

use super::{
    About, Answer, Bond, Bound, CallReason, Conversation, Event, Heard, Late, Open, Question, Seen, Wants,
};
use crate::{
    RightId,
    message::{ACCOUNT_KEYS, NO_ACCOUNT_KEY},
    reply::{Reading, read},
    timing::Contact,
};

/// A repetition by the network comes at once; a person reads first. What comes sooner was written before.
const READ_FIRST_MS: i64 = 20_000;

/// Binds a reply that just came.
pub(super) fn hear(
    conversation: &Conversation,
    reply: String,
    text: &str,
    bond: Bond,
    contact: &Contact,
    now: Moment,
) -> Vec<Event> {
    let reading = read(text);
    let personal = matches!(reading, Reading::Unclear | Reading::AccountTyped | Reading::Empty);
    let written = (!personal).then(|| text.trim().to_owned());
    bind(conversation, Heard { reply, reading, written, at: now }, bond, contact)
}

/// A reply that has the id of an earlier one: the operator delivers that again, or the person wrote the same
/// to a question that came to the phone since then. The network does not tell which (`outside::smpp`), so
/// the person is asked; whatever the earlier one could mean has happened.
pub(super) fn hear_again(conversation: &Conversation, seen: &Seen, text: &str, bond: Bond) -> Vec<Event> {
    let since = |open: &&Open| open.delivered().is_some_and(|(_, at)| at > seen.at);
    let Some(open) = conversation.open.as_ref().filter(since) else { return vec![] };
    let asked = bond == Bond::With(open.question.person);
    if !asked || interpret(&open.question, &read(text)).is_none() {
        return vec![];
    }
    vec![ask_back(open, seen.reply.clone())]
}

/// Binds a reply that waited for the receipt of the open question, now that it is there.
pub(super) fn release(conversation: &Conversation, held: Heard, bond: Bond, contact: &Contact) -> Vec<Event> {
    let Some(open) = &conversation.open else { return vec![] };
    let mut alone = conversation.clone();
    alone.held = None;
    // It was received once already: only what follows from it is told now.
    let told = |e: &Event| !matches!(e, Event::Heard { .. });
    let person = open.question.person;
    if bond != Bond::With(person) {
        return foreign(held, bond).into_iter().filter(told).collect();
    }
    to_question(&alone, open, held, contact).into_iter().filter(told).collect()
}

fn bind(conversation: &Conversation, heard: Heard, bond: Bond, contact: &Contact) -> Vec<Event> {
    if let Some(events) = wish(conversation, &heard, bond) {
        return events;
    }
    let repeats = repeats(conversation, &heard, contact);
    let Some(open) = &conversation.open else {
        return unasked(conversation, heard, bond, contact, repeats);
    };
    if open.delivered().is_none() {
        return unreceipted(conversation, open, heard, (bond, contact), repeats);
    }
    if bond != Bond::With(open.question.person) {
        return foreign(heard, bond);
    }
    if repeats && !asked_since(conversation, open, &heard) {
        // The same answer twice, and meanwhile another question arrived: nobody can tell.
        return unclear(heard, open);
    }
    to_question(conversation, open, heard, contact)
}

/// A reply while the open question has no receipt. Only that question can be meant: the answer
/// waits for the receipt. Something else could be meant as well: it is unclear.
fn unreceipted(
    conversation: &Conversation,
    open: &Open,
    heard: Heard,
    (bond, contact): (Bond, &Contact),
    repeats: bool,
) -> Vec<Event> {
    let answers = interpret(&open.question, &heard.reading).is_some();
    let earlier = closed(conversation, &heard, contact).is_some();
    if repeats
        || !(answers || earlier)
        || open.messages.is_empty()
        || bond != Bond::With(open.question.person)
    {
        return unasked(conversation, heard, bond, contact, repeats);
    }
    match &conversation.held {
        Some(held) if meaning(&held.reading) == meaning(&heard.reading) => {
            return vec![Event::Heard { heard, bound: Bound::Doubled }];
        }
        Some(_) => return unclear(heard, open),
        None => {}
    }
    if earlier
        || to_notice(conversation, open, &heard, contact)
        || !about_money(conversation, &heard, bond).is_empty()
    {
        return unclear(heard, open);
    }
    vec![Event::Heard { heard, bound: Bound::Held }]
}

/// A reply that equals the one before it, shortly after it.
fn repeats(conversation: &Conversation, heard: &Heard, contact: &Contact) -> bool {
    let span = i64::from(contact.repeat_minutes) * 60_000;
    conversation.last.as_ref().is_some_and(|last| {
        meaning(&last.reading) == meaning(&heard.reading) && heard.at <= last.at.plus_ms(span)
    })
}

/// Has the person read since the last reply that they are asked to answer more clearly? Then the same word again
/// is an answer to that.
fn asked_since(conversation: &Conversation, open: &Open, heard: &Heard) -> bool {
    let Some(last) = conversation.last.as_ref().filter(|_| open.clarified) else { return false };
    let read = open.latest().is_some_and(|arrived| heard.at >= arrived.plus_ms(READ_FIRST_MS));
    read && open.surely_follows(last.at)
}

/// "1" and "да" repeat each other.
fn meaning(reading: &Reading) -> Reading {
    match reading {
        Reading::Yes | Reading::Keyed { choice: 1, .. } => Reading::Choice(1),
        Reading::No | Reading::Keyed { choice: 2, .. } => Reading::Choice(2),
        Reading::OtherAccount => Reading::Choice(3),
        Reading::NotReceived => Reading::Choice(4),
        other => other.clone(),
    }
}

/// The closed question that a reply could be about as well, whether or not that reopens it.
fn closed<'a>(conversation: &'a Conversation, heard: &Heard, contact: &Contact) -> Option<&'a Open> {
    let closed = conversation.closed.as_ref()?;
    let recent = heard.at <= closed.at.plus_days(i64::from(contact.late_days));
    let fits = interpret(&closed.open.question, &heard.reading).is_some();
    (recent && fits).then_some(&closed.open)
}

/// The rights of whose money "4" could speak.
fn about_money(conversation: &Conversation, heard: &Heard, bond: Bond) -> BTreeSet<(RightId, PersonId)> {
    let told = conversation.paid.iter().filter(|_| meaning(&heard.reading) == Reading::Choice(4));
    let told = told.filter(|paid| heard.at <= paid.until && bond == Bond::With(paid.person));
    told.map(|paid| (paid.right, paid.person)).collect()
}

/// Money did not come. Of which payment, where several were told of, only the person knows.
fn not_received(heard: Heard, told: &BTreeSet<(RightId, PersonId)>) -> Vec<Event> {
    let Some((right, person)) = told.first().copied() else { return vec![] };
    if told.len() == 1 {
        return vec![Event::Heard { heard, bound: Bound::Wish }, Event::NotReceived { right, person }];
    }
    let reply = heard.reply.clone();
    let call = Event::CallNeeded { why: CallReason::Unclear, person: Some(person), reply };
    vec![Event::Heard { heard, bound: Bound::Unclear }, call]
}

/// Wishes that need no question: they mean the same at any time.
fn wish(conversation: &Conversation, heard: &Heard, bond: Bond) -> Option<Vec<Event>> {
    let person = person(conversation, bond);
    let call = |why| Event::CallNeeded { why, person, reply: heard.reply.clone() };
    let mut events = vec![Event::Heard { heard: heard.clone(), bound: Bound::Wish }];
    match &heard.reading {
        Reading::CallMe => events.push(call(CallReason::Asked)),
        Reading::AccountTyped => events.push(call(CallReason::AccountTyped)),
        Reading::WrongPerson => {
            events.push(Event::WrongNumber);
            events.push(call(CallReason::WrongPerson));
            // Whoever holds the phone is not the one meant: nothing more is asked there.
            events.extend(conversation.give_up(|_| true, heard.at));
        }
        Reading::Stop => return Some(stop(conversation, heard)),
        Reading::Language(lang) => events.push(Event::LangAsked { lang: *lang }),
        // Nine is never an answer of a menu: messages of unknown language end with it.
        Reading::Choice(9) => events.push(Event::LangAsked { lang: Lang::Ru }),
        _ => return None,
    }
    Some(events)
}

/// The first "stop" is told what stops; the second does it.
fn stop(conversation: &Conversation, heard: &Heard) -> Vec<Event> {
    const CONFIRM_WITHIN_DAYS: i64 = 7;
    let follows = match conversation.stop_asked {
        _ if conversation.wants == Wants::NoOffers => vec![Event::ShortAnswer],
        Some(asked) if heard.at < asked.plus_ms(READ_FIRST_MS) => vec![],
        Some(asked) if heard.at <= asked.plus_days(CONFIRM_WITHIN_DAYS) => {
            conversation.want(Wants::NoOffers, heard.at)
        }
        _ => vec![Event::StopAsked { at: heard.at }],
    };
    let told = Event::Heard { heard: heard.clone(), bound: Bound::Wish };
    std::iter::once(told).chain(follows).collect()
}

fn person(conversation: &Conversation, bond: Bond) -> Option<PersonId> {
    match bond {
        Bond::With(person) => Some(person),
        Bond::None => conversation.open.as_ref().map(|o| o.question.person),
    }
}

fn foreign(heard: Heard, bond: Bond) -> Vec<Event> {
    let person = match bond {
        Bond::With(person) => Some(person),
        Bond::None => None,
    };
    let reply = heard.reply.clone();
    vec![
        Event::Heard { heard, bound: Bound::Foreign },
        Event::CallNeeded { why: CallReason::Foreign, person, reply },
    ]
}

/// A reply while no question is on the phone.
fn unasked(
    conversation: &Conversation,
    heard: Heard,
    bond: Bond,
    contact: &Contact,
    repeats: bool,
) -> Vec<Event> {
    if repeats {
        return vec![Event::Heard { heard, bound: Bound::Doubled }];
    }
    let money = about_money(conversation, &heard, bond);
    let adrift =
        conversation.closed.as_ref().is_some_and(|closed| adrift(conversation, &closed.open, contact));
    let late = closed(conversation, &heard, contact)
        .filter(|open| {
            !adrift
                && !noticed_since(conversation)
                && open.delivered().is_some()
                && bond == Bond::With(open.question.person)
        })
        .and_then(|open| Some((open, interpret(&open.question, &heard.reading)?)))
        .filter(|(_, answer)| reopens(conversation, answer, &heard));
    match (money.is_empty(), late) {
        (false, None) => not_received(heard, &money),
        (true, Some((open, answer))) => answered(conversation, open, heard, answer, true),
        (false, Some(_)) => vec![Event::Heard { heard, bound: Bound::Unclear }, Event::ShortAnswer],
        // Which refusal it takes back, only the person knows.
        (true, None) if promised(conversation, &heard) => {
            let (person, reply) = (person(conversation, bond), heard.reply.clone());
            let call = Event::CallNeeded { why: CallReason::Unclear, person, reply };
            vec![Event::Heard { heard, bound: Bound::Unclear }, call]
        }
        (true, None) => vec![Event::Heard { heard, bound: Bound::Nothing }, Event::ShortAnswer],
    }
}

/// Does a late answer reopen the question that closed last?
fn reopens(conversation: &Conversation, answer: &Answer, heard: &Heard) -> bool {
    match conversation.closed.as_ref().map(|closed| closed.late) {
        Some(Late::Silence) => true,
        Some(Late::Promised { until }) => heard.at < until && matches!(answer, Answer::Agreed { .. }),
        Some(Late::Settled) | None => false,
    }
}

/// Would a reply also take back a refusal, as it was promised?
fn promised(conversation: &Conversation, heard: &Heard) -> bool {
    conversation.promises(heard.at) && meaning(&heard.reading) == Reading::Choice(1)
}

fn to_question(conversation: &Conversation, open: &Open, heard: Heard, contact: &Contact) -> Vec<Event> {
    let answer = interpret(&open.question, &heard.reading);
    let money = about_money(conversation, &heard, Bond::With(open.question.person));
    let other = closed(conversation, &heard, contact).is_some_and(|earlier| {
        earlier.question.id != open.question.id && mixed(conversation, open, &heard, contact)
    });
    // Once the person was asked to answer more clearly, the answer is to that.
    let either = promised(conversation, &heard)
        || adrift(conversation, open, contact)
        || to_notice(conversation, open, &heard, contact);
    let other = other || (!open.clarified && either);
    match (answer, money.is_empty()) {
        (None, false) => not_received(heard, &money),
        (Some(answer), true) if !other => answered(conversation, open, heard, answer, false),
        _ => unclear(heard, open),
    }
}

/// Was a notice handed over after the last question closed? A late yes may then be said to the notice, and
/// agrees to nothing.
fn noticed_since(conversation: &Conversation) -> bool {
    conversation
        .closed
        .as_ref()
        .zip(conversation.noticed)
        .is_some_and(|(closed, noticed)| closed.at <= noticed)
}

/// Could a reply to the open question be said to a notice before it? If the notice is fresh, and nobody can
/// have read the question yet.
fn to_notice(conversation: &Conversation, open: &Open, heard: &Heard, contact: &Contact) -> bool {
    let fresh = |noticed: Moment| heard.at <= noticed.plus_hours(i64::from(contact.receipt_hours));
    let unread = open.latest().is_none_or(|arrived| heard.at < arrived.plus_ms(READ_FIRST_MS));
    conversation.noticed.is_some_and(fresh) && unread
}

/// May a message of an older question, whose receipt never came or came late, have reached the phone
/// after those of this one? A network carries a message for some days, then drops it.
fn adrift(conversation: &Conversation, open: &Open, contact: &Contact) -> bool {
    let carried = 2 * i64::from(contact.receipt_hours);
    conversation.adrift.iter().any(|(_, closed)| !open.surely_follows(closed.plus_hours(carried)))
}

/// Could a reply to the open question be about the one that closed before it? Yes, if it may have
/// been under way when the open question arrived, or if the earlier message may have come to the phone
/// after it: a receipt says by when a message was there, and none at all says nothing.
fn mixed(conversation: &Conversation, open: &Open, heard: &Heard, contact: &Contact) -> bool {
    let (Some(arrived), Some(earlier)) = (open.latest(), &conversation.closed) else { return true };
    // Who was asked to answer more clearly, and has read it, answers that.
    let span =
        if asked_since(conversation, open, heard) { 0 } else { i64::from(contact.repeat_minutes) * 60_000 };
    let under_way = heard.at <= arrived.max(earlier.at).plus_ms(span);
    let unknown = earlier.open.messages.iter().any(|message| earlier.open.awaits(*message));
    let overtook = earlier.open.latest().is_some_and(|by| !open.surely_follows(by));
    under_way || unknown || overtook
}

fn unclear(heard: Heard, open: &Open) -> Vec<Event> {
    let back = ask_back(open, heard.reply.clone());
    vec![Event::Heard { heard, bound: Bound::Unclear }, back]
}

/// The person is asked to answer more clearly, once; then somebody calls.
fn ask_back(open: &Open, reply: String) -> Event {
    if open.clarified {
        let person = Some(open.question.person);
        return Event::CallNeeded { why: CallReason::Unclear, person, reply };
    }
    Event::Clarify { question: open.question.id }
}

fn answered(
    conversation: &Conversation,
    open: &Open,
    heard: Heard,
    answer: Answer,
    late: bool,
) -> Vec<Event> {
    let Some((message, delivered)) = open.delivered() else { return vec![] };
    let (question, person) = (open.question.id, open.question.person);
    let told = Event::Heard { heard: heard.clone(), bound: Bound::Question(question) };
    let answered = Event::Answered { question, person, answer, message, delivered, heard, late };
    let next = if late { None } else { next(conversation) };
    [told, answered].into_iter().chain(next).collect()
}

/// The question whose turn comes when the open one closes.
fn next(conversation: &Conversation) -> Option<Event> {
    conversation.waiting.front().cloned().map(|question| Event::Opened { question })
}

/// What a reading means to a question; `None` where it is no answer to it.
fn interpret(question: &Question, reading: &Reading) -> Option<Answer> {
    let plain = match reading {
        Reading::Keyed { key, choice } if question.key.as_ref() == Some(key) => Reading::Choice(*choice),
        Reading::Keyed { .. } => return None,
        other => other.clone(),
    };
    match &question.about {
        About::Offer { offer, rights, account } => {
            let agreed = |rights: Vec<_>| Answer::Agreed { offer: *offer, rights, account: *account };
            match plain {
                Reading::Yes | Reading::Choice(1) => Some(agreed(rights.clone())),
                Reading::No | Reading::Choice(2) => Some(Answer::Refused { offer: *offer }),
                Reading::OtherAccount | Reading::Choice(3) => Some(Answer::OtherAccount { offer: *offer }),
                Reading::Choice(digit @ 4..) if rights.len() > 1 => {
                    rights.get(digit as usize - 4).map(|right| agreed(vec![*right]))
                }
                _ => None,
            }
        }
        About::Choose { offer, rights, accounts } => Some(match chosen(accounts, &plain)? {
            Chosen::Account(account) => {
                Answer::Agreed { offer: *offer, rights: rights.clone(), account: Some(account) }
            }
            Chosen::NoneOfThem => Answer::NoAccount { about: question.about.clone() },
        }),
        About::CameBack { lost, accounts } => Some(match chosen(accounts, &plain)? {
            Chosen::Account(account) => Answer::Instead { lost: *lost, account },
            Chosen::NoneOfThem => Answer::NoAccount { about: question.about.clone() },
        }),
    }
}

enum Chosen {
    Account(AccountId),
    NoneOfThem,
}

/// What a reading chooses from a menu; `None` where it is no answer to one.
fn chosen(accounts: &[AccountId], reading: &Reading) -> Option<Chosen> {
    match reading {
        Reading::OtherAccount | Reading::Choice(NO_ACCOUNT_KEY) => Some(Chosen::NoneOfThem),
        Reading::Choice(key) => {
            let place = ACCOUNT_KEYS.iter().position(|known| known == key)?;
            accounts.get(place).copied().map(Chosen::Account)
        }
        _ => None,
    }
}
