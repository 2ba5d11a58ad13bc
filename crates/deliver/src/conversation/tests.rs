use std::collections::BTreeMap;

use card::{AccountId, Date, Moment, PersonId, PhoneId};

use super::*;
use crate::{OfferId, apply};

const PHONE: PhoneId = PhoneId(1);
const AIDA: PersonId = PersonId(2);
const BOLAT: PersonId = PersonId(3);

fn morning() -> Moment {
    Moment::local(Date::from_ymd(2026, 12, 1).unwrap(), 10, 0)
}

/// A phone at a moment, and what has happened on it.
struct Phone {
    state: Option<Conversation>,
    now: Moment,
    /// When each message was handed over.
    made: BTreeMap<u64, Moment>,
    replies: u32,
}

impl Phone {
    fn new() -> Self {
        Self { state: None, now: morning(), made: BTreeMap::new(), replies: 0 }
    }

    fn tell(&mut self, command: Command) -> Vec<Event> {
        let events = Conversation::handle(self.state.as_ref(), command, self.now).unwrap();
        self.state = apply(self.state.take(), &events);
        events
    }

    fn later(&mut self, minutes: i64) -> &mut Self {
        self.now = self.now.plus_ms(minutes * 60_000);
        self
    }

    fn offer(&mut self, number: u64) -> Vec<Event> {
        let about = About::Offer {
            offer: OfferId(number),
            rights: vec![RightId(number)],
            account: Some(AccountId(9)),
        };
        let question = Question { id: QuestionId(number), person: AIDA, about, key: None };
        self.tell(Command::Ask { phone: PHONE, question })
    }

    fn sent(&mut self, question: u64, message: u64) {
        let leaves = self.now;
        self.made.insert(message, leaves);
        let (question, message) = (QuestionId(question), AttemptId(message));
        self.tell(Command::Sent { question, message, leaves, counts: true });
    }

    fn delivered(&mut self, message: u64) -> Vec<Event> {
        let made = self.made[&message];
        let (message, contact, bond) = (AttemptId(message), Contact::default(), Bond::With(AIDA));
        self.tell(Command::Deliver { message, made, contact, bond })
    }

    fn asked(number: u64) -> Self {
        let mut phone = Self::new();
        phone.offer(number);
        phone.sent(number, number);
        phone.delivered(number);
        phone.later(30);
        phone
    }

    fn hears(&mut self, text: &str, bond: Bond) -> Vec<Event> {
        self.replies += 1;
        let (reply, contact) = (format!("m{}", self.replies), Contact::default());
        self.tell(Command::Hear { phone: PHONE, reply, text: text.into(), bond, contact })
    }

    fn aida(&mut self, text: &str) -> Vec<Event> {
        self.hears(text, Bond::With(AIDA))
    }
}

fn bound(events: &[Event]) -> Bound {
    let heard: Vec<Bound> = events
        .iter()
        .filter_map(|e| if let Event::Heard { bound, .. } = e { Some(*bound) } else { None })
        .collect();
    assert_eq!(heard.len(), 1, "every reply is heard once: {events:?}");
    heard[0]
}

fn answer(events: &[Event]) -> Option<&Answer> {
    events.iter().find_map(|e| if let Event::Answered { answer, .. } = e { Some(answer) } else { None })
}

#[test]
fn a_yes_binds_to_the_question_on_the_phone() {
    let mut phone = Phone::asked(7);
    let events = phone.aida("иә");
    assert_eq!(bound(&events), Bound::Question(QuestionId(7)));
    let agreed = Answer::Agreed { offer: OfferId(7), rights: vec![RightId(7)], account: Some(AccountId(9)) };
    assert_eq!(answer(&events), Some(&agreed));
}

#[test]
fn unclear_is_asked_back_once_then_a_person_calls_and_nothing_is_refused() {
    let mut phone = Phone::asked(7);
    let first = phone.aida("кто это?");
    assert_eq!(bound(&first), Bound::Unclear);
    assert!(first.contains(&Event::Clarify { question: QuestionId(7) }));
    let second = phone.later(5).aida("R 1");
    assert!(second.iter().any(|e| matches!(e, Event::CallNeeded { why: CallReason::Unclear, .. })));
    assert_eq!((answer(&first), answer(&second)), (None, None));
    assert!(answer(&phone.later(5).aida("да")).is_some(), "a clear answer still counts");
}

#[test]
fn the_bond_is_checked_when_the_reply_comes() {
    for bond in [Bond::With(BOLAT), Bond::None] {
        let mut phone = Phone::asked(7);
        let events = phone.hears("1", bond);
        assert_eq!((bound(&events), answer(&events)), (Bound::Foreign, None));
    }
}

#[test]
fn a_repeated_reply_answers_nothing_more() {
    let mut phone = Phone::asked(7);
    phone.offer(8);
    let again = Command::Hear {
        phone: PHONE,
        reply: "m1".into(),
        text: "1".into(),
        bond: Bond::With(AIDA),
        contact: Contact::default(),
    };
    let first = phone.aida("1");
    assert!(first.iter().any(|e| matches!(e, Event::Opened { question } if question.id == QuestionId(8))));
    assert_eq!(phone.tell(again), vec![], "known by its id");
    assert_eq!(bound(&phone.later(1).aida("да")), Bound::Doubled, "known by what it says");
    phone.sent(8, 8);
    phone.delivered(8);
    assert_eq!(bound(&phone.later(1).aida("1")), Bound::Unclear, "it may be about either");
    assert!(answer(&phone.later(10).aida("1")).is_some());
}

#[test]
fn one_question_is_open_at_a_time() {
    let mut phone = Phone::asked(7);
    assert!(matches!(phone.offer(8)[..], [Event::Queued { .. }]));
    assert_eq!(phone.offer(8), vec![], "asking twice is asking once");
    let closed = phone.tell(Command::Close { question: QuestionId(7), reopens: true });
    assert!(matches!(closed[..], [Event::Closed { .. }, Event::Opened { .. }]));
}

#[test]
fn a_reply_before_the_receipt_waits_for_it() {
    let mut phone = Phone::new();
    phone.offer(7);
    assert_eq!(bound(&phone.aida("1")), Bound::Nothing, "nothing was sent");
    phone.later(10).sent(7, 7);
    assert_eq!(bound(&phone.later(1).aida("1")), Bound::Held);
    let events = phone.later(1).delivered(7);
    assert!(answer(&events).is_some());
    // What came before the message was handed over cannot be its answer.
    let mut early = Phone::new();
    early.offer(7);
    early.sent(7, 7);
    early.aida("1");
    let made = early.now.plus_ms(1);
    let (message, contact, bond) = (AttemptId(7), Contact::default(), Bond::With(AIDA));
    let events = early.later(5).tell(Command::Deliver { message, made, contact, bond });
    assert_eq!(answer(&events), None);
}

#[test]
fn a_held_answer_whose_receipt_never_comes_goes_to_a_person() {
    let mut phone = Phone::new();
    phone.offer(7);
    phone.sent(7, 7);
    phone.later(1).aida("1");
    let closed = phone.later(5000).tell(Command::Close { question: QuestionId(7), reopens: false });
    assert!(closed.iter().any(|e| matches!(e, Event::CallNeeded { .. })), "{closed:?}");
}

#[test]
fn a_late_answer_reopens_until_another_question_is_there() {
    let mut phone = Phone::asked(7);
    phone.tell(Command::Close { question: QuestionId(7), reopens: true });
    let mut crossing = Phone { state: phone.state.clone(), ..phone };
    let late = crossing.later(60 * 24).aida("да");
    assert!(late.iter().any(|e| matches!(e, Event::Answered { late: true, .. })));
    crossing.state = phone.state.clone();
    crossing.offer(8);
    crossing.sent(8, 8);
    assert_eq!(bound(&crossing.later(10).aida("1")), Bound::Unclear, "8 may be on the phone or not");
    crossing.delivered(8);
    assert_eq!(bound(&crossing.later(1).aida("1")), Bound::Unclear, "it may have been under way");
    let clear = crossing.later(30).aida("1");
    assert_eq!(bound(&clear), Bound::Question(QuestionId(8)));
}

#[test]
fn who_refused_may_still_agree() {
    let mut phone = Phone::asked(7);
    assert_eq!(answer(&phone.aida("нет")), Some(&Answer::Refused { offer: OfferId(7) }));
    assert_eq!(answer(&phone.later(600).aida("1")), None, "nothing was promised");
    let until = phone.now.plus_days(3);
    phone.tell(Command::Promise { question: QuestionId(7), until });
    assert_eq!(answer(&phone.later(4).aida("3")), None, "a yes was promised, and nothing else");
    let mut late = Phone { state: phone.state.clone(), now: until, replies: 10, ..Phone::new() };
    assert_eq!(answer(&late.aida("1")), None, "after that day one calls");
    let events = phone.later(600).aida("1");
    assert!(matches!(answer(&events), Some(Answer::Agreed { .. })));
}

#[test]
fn four_after_paid_is_not_received_and_unclear_where_it_could_be_a_choice() {
    let notice = PaidNotice { right: RightId(1), order: 1, person: AIDA, until: morning().plus_days(10) };
    let mut phone = Phone::new();
    phone.tell(Command::Paid { phone: PHONE, notice: notice.clone() });
    let events = phone.later(5).aida("4");
    assert!(events.contains(&Event::NotReceived { right: RightId(1), person: AIDA }));
    let mut phone = Phone::new();
    phone.tell(Command::Paid { phone: PHONE, notice });
    let rights = vec![RightId(1), RightId(2)];
    let about = About::Offer { offer: OfferId(7), rights, account: None };
    let question = Question { id: QuestionId(7), person: AIDA, about, key: None };
    phone.tell(Command::Ask { phone: PHONE, question });
    phone.sent(7, 7);
    phone.delivered(7);
    assert_eq!(bound(&phone.later(30).aida("4")), Bound::Unclear);
    assert_eq!(
        answer(&phone.later(30).aida("5")),
        Some(&Answer::Agreed { offer: OfferId(7), rights: vec![RightId(2)], account: None })
    );
}

#[test]
fn the_older_form_needs_the_key_of_the_question() {
    let about = About::Offer { offer: OfferId(7), rights: vec![RightId(7)], account: None };
    let keyed = |key: Option<&str>, text: &str| {
        let mut phone = Phone::new();
        let question =
            Question { id: QuestionId(7), person: AIDA, about: about.clone(), key: key.map(str::to_owned) };
        phone.tell(Command::Ask { phone: PHONE, question });
        phone.sent(7, 7);
        phone.delivered(7);
        let events = phone.later(30).aida(text);
        answer(&events).cloned()
    };
    assert!(matches!(keyed(Some("11"), "R 1 1 1"), Some(Answer::Agreed { .. })));
    assert_eq!(keyed(Some("11"), "R 1 1 2"), Some(Answer::Refused { offer: OfferId(7) }));
    assert_eq!(keyed(Some("12"), "R 1 1 1"), None);
    assert_eq!(keyed(None, "R 1 1 1"), None);
}

#[test]
fn stop_is_confirmed_once_and_ends_offers_only() {
    let mut phone = Phone::asked(7);
    assert!(phone.aida("стоп").iter().any(|e| matches!(e, Event::StopAsked { .. })));
    assert!(phone.state.as_ref().unwrap().open.is_some(), "the offer stays open");
    let doubled = phone.aida("стоп");
    assert_eq!(doubled.len(), 1, "a repetition by the network confirms nothing: {doubled:?}");
    let confirmed = phone.later(3).aida("стоп");
    assert!(confirmed.contains(&Event::Wanted { wants: Wants::NoOffers }));
    let about = About::Offer { offer: OfferId(8), rights: vec![RightId(8)], account: None };
    let question = Question { id: QuestionId(8), person: AIDA, about, key: None };
    let asked =
        Conversation::handle(phone.state.as_ref(), Command::Ask { phone: PHONE, question }, phone.now);
    assert!(asked.is_err());
}

#[test]
fn a_wrong_number_closes_what_was_asked() {
    let mut phone = Phone::asked(7);
    phone.offer(8);
    let events = phone.aida("вы ошиблись номером");
    assert!(events.contains(&Event::WrongNumber));
    let state = phone.state.unwrap();
    assert!(state.open.is_none() && state.waiting.is_empty());
}

#[test]
fn an_account_typed_is_a_task_and_its_number_is_not_kept() {
    let mut phone = Phone::asked(7);
    let events = phone.aida("1 KZ86125KZT5004100100");
    assert_eq!(answer(&events), None);
    assert!(events.iter().any(|e| matches!(e, Event::CallNeeded { why: CallReason::AccountTyped, .. })));
    let journal = serde_json::to_string(&events).unwrap();
    assert!(!journal.contains("KZ86") && !journal.contains("0100100"), "{journal}");
}

#[test]
fn an_account_is_chosen_by_its_key() {
    let accounts = vec![AccountId(21), AccountId(22)];
    let choose = |text: &str| {
        let mut phone = Phone::new();
        let about = About::CameBack { lost: AccountId(20), accounts: accounts.clone() };
        let question = Question { id: QuestionId(7), person: AIDA, about, key: None };
        phone.tell(Command::Ask { phone: PHONE, question });
        phone.sent(7, 7);
        phone.delivered(7);
        answer(&phone.later(30).aida(text)).cloned()
    };
    let about = About::CameBack { lost: AccountId(20), accounts: accounts.clone() };
    assert_eq!(choose("7"), Some(Answer::Instead { lost: AccountId(20), account: AccountId(22) }));
    assert_eq!(choose("0"), Some(Answer::NoAccount { about }));
    for nothing in ["да", "нет", "1", "2", "3", "8"] {
        assert_eq!(choose(nothing), None, "{nothing}");
    }
}

#[test]
fn a_menu_is_answered_at_once_and_a_digit_of_the_offer_is_asked_back() {
    let chosen = |text: &str| {
        let mut phone = Phone::asked(7);
        assert_eq!(answer(&phone.aida("3")), Some(&Answer::OtherAccount { offer: OfferId(7) }));
        let accounts = vec![AccountId(21), AccountId(22)];
        let about = About::Choose { offer: OfferId(7), rights: vec![RightId(7)], accounts };
        let question = Question { id: QuestionId(8), person: AIDA, about, key: None };
        phone.tell(Command::Ask { phone: PHONE, question });
        phone.sent(8, 8);
        phone.delivered(8);
        let events = phone.later(1).aida(text);
        (bound(&events), answer(&events).cloned())
    };
    let agreed = Answer::Agreed { offer: OfferId(7), rights: vec![RightId(7)], account: Some(AccountId(22)) };
    assert_eq!(chosen("7"), (Bound::Question(QuestionId(8)), Some(agreed)));
    assert!(matches!(chosen("0"), (Bound::Question(QuestionId(8)), Some(Answer::NoAccount { .. }))));
    assert_eq!(chosen("1"), (Bound::Unclear, None));
}

#[test]
fn a_late_answer_binds_to_nothing_while_an_older_message_may_have_come_last() {
    let late = |receipt: bool| {
        let mut phone = Phone::new();
        phone.offer(1);
        phone.sent(1, 1);
        if receipt {
            phone.delivered(1);
        }
        phone.later(30).tell(Command::Close { question: QuestionId(1), reopens: true });
        phone.offer(2);
        phone.sent(2, 2);
        phone.delivered(2);
        phone.later(30).tell(Command::Close { question: QuestionId(2), reopens: true });
        phone.later(60);
        bound(&phone.aida("1"))
    };
    assert_eq!(late(true), Bound::Question(QuestionId(2)));
    assert_eq!(late(false), Bound::Nothing);
}

#[test]
fn an_answer_is_unclear_while_a_message_from_before_the_last_question_may_have_come_last() {
    let mut phone = Phone::new();
    for number in 1..=3 {
        phone.offer(number);
        phone.sent(number, number);
        if number > 1 {
            phone.delivered(number);
        }
        if number < 3 {
            phone.later(30).tell(Command::Close { question: QuestionId(number), reopens: false });
        }
    }
    phone.later(60);
    assert_eq!(bound(&phone.aida("1")), Bound::Unclear, "the first message has no receipt");
    phone.sent(3, 4);
    phone.delivered(4);
    phone.later(60);
    assert_eq!(bound(&phone.aida("1")), Bound::Question(QuestionId(3)), "asked again, it is clear");
}

#[test]
fn a_late_receipt_of_an_older_message_may_tell_of_the_one_that_came_last() {
    let heard = |first_receipt_comes_before: bool| {
        let mut phone = Phone::new();
        phone.offer(1);
        phone.sent(1, 1);
        phone.later(30).tell(Command::Close { question: QuestionId(1), reopens: false });
        if first_receipt_comes_before {
            phone.delivered(1);
        }
        phone.offer(2);
        phone.sent(2, 2);
        if !first_receipt_comes_before {
            phone.later(60).delivered(1);
        }
        phone.later(60).delivered(2);
        bound(&phone.later(600).aida("2"))
    };
    assert_eq!(heard(true), Bound::Question(QuestionId(2)));
    assert_eq!(heard(false), Bound::Unclear, "the second may have been there first, its receipt late");
}

#[test]
fn a_yes_is_asked_back_while_it_would_also_take_back_a_refusal() {
    let mut phone = Phone::asked(7);
    phone.aida("нет");
    let until = phone.now.plus_days(3);
    phone.tell(Command::Promise { question: QuestionId(7), until });
    phone.later(24 * 60).offer(8);
    phone.sent(8, 8);
    phone.delivered(8);
    let refused =
        Phone { state: phone.state.clone(), now: phone.now, replies: 20, ..Phone::new() }.later(30).aida("2");
    assert_eq!(answer(&refused), Some(&Answer::Refused { offer: OfferId(8) }), "a no has one meaning");
    let unclear = phone.later(30).aida("1");
    assert_eq!((bound(&unclear), answer(&unclear)), (Bound::Unclear, None));
    assert!(unclear.contains(&Event::Clarify { question: QuestionId(8) }));
    let clear = phone.later(5).aida("1");
    assert!(matches!(answer(&clear), Some(Answer::Agreed { offer: OfferId(8), .. })), "{clear:?}");
}

#[test]
fn the_same_word_after_being_asked_back_is_an_answer_once_it_could_be_read() {
    let asked_back = |seconds: i64| {
        let mut phone = Phone::asked(7);
        phone.aida("нет");
        let until = phone.now.plus_days(3);
        phone.tell(Command::Promise { question: QuestionId(7), until });
        phone.later(24 * 60).offer(8);
        phone.sent(8, 8);
        phone.delivered(8);
        phone.later(30).aida("1");
        phone.sent(8, 9);
        phone.delivered(9);
        phone.now = phone.now.plus_ms(seconds * 1_000);
        let events = phone.aida("1");
        (bound(&events), answer(&events).cloned())
    };
    assert!(matches!(asked_back(40), (Bound::Question(QuestionId(8)), Some(Answer::Agreed { .. }))));
    assert_eq!(asked_back(2), (Bound::Unclear, None), "nobody reads so fast: the network said it twice");
}

#[test]
fn stop_gives_up_the_offers_that_wait() {
    let mut phone = Phone::asked(7);
    phone.offer(8);
    phone.aida("стоп");
    let stopped = phone.later(3).aida("стоп");
    let gone = |events: &[Event]| -> Vec<u64> {
        let gone = events.iter().filter_map(|event| match event {
            Event::GivenUp { question, .. } => Some(question.id.0),
            _ => None,
        });
        gone.collect()
    };
    assert_eq!(gone(&stopped), [8]);
    let answered = phone.later(3).aida("1");
    assert!(answer(&answered).is_some(), "what is on the phone may be answered");
    assert!(!answered.iter().any(|event| matches!(event, Event::Opened { .. })), "{answered:?}");
}

#[test]
fn a_menu_that_nobody_answers_is_reminded_of_once_and_ends() {
    let contact = Contact::default();
    let mut phone = Phone::new();
    let about = About::CameBack { lost: AccountId(20), accounts: vec![AccountId(21)] };
    let question = Question { id: QuestionId(7), person: AIDA, about, key: None };
    phone.tell(Command::Ask { phone: PHONE, question: question.clone() });
    phone.sent(7, 7);
    phone.offer(8);
    let mut ticks = Vec::new();
    for _ in 0..6 * 24 {
        ticks.extend(phone.later(60).tell(Command::Tick { contact }));
        if ticks.len() == 1 && phone.state.as_ref().unwrap().open.as_ref().unwrap().messages.len() == 1 {
            phone.sent(7, 9);
        }
    }
    assert!(
        matches!(
            &ticks[..],
            [
                Event::MenuReminderDue { .. },
                Event::Unanswered { question: ended },
                Event::Closed { .. },
                Event::Opened { .. },
            ] if *ended == question
        ),
        "{ticks:?}"
    );
}

#[test]
fn a_number_that_went_to_somebody_else_asks_nothing_of_its_former_owner() {
    let mut phone = Phone::asked(7);
    let about = About::Offer { offer: OfferId(8), rights: vec![RightId(8)], account: None };
    let question = Question { id: QuestionId(8), person: BOLAT, about, key: None };
    phone.offer(9);
    phone.tell(Command::Ask { phone: PHONE, question: question.clone() });
    let events = phone.tell(Command::Rebond { bond: Bond::With(BOLAT) });
    let given_up = events.iter().filter(|event| matches!(event, Event::GivenUp { .. })).count();
    assert_eq!((given_up, events.last()), (2, Some(&Event::Opened { question })));
    assert!(phone.state.unwrap().waiting.is_empty());
}

#[test]
fn a_reply_with_the_id_of_an_earlier_one_is_asked_about_once_another_question_has_come() {
    let mut phone = Phone::asked(7);
    let again = |text: &str| Command::Hear {
        phone: PHONE,
        reply: "m1".into(),
        text: text.into(),
        bond: Bond::With(AIDA),
        contact: Contact::default(),
    };
    phone.aida("1");
    phone.later(60).offer(8);
    phone.sent(8, 8);
    assert_eq!(phone.tell(again("1")), vec![], "nothing has come to the phone since");
    phone.delivered(8);
    phone.later(2 * 24 * 60);
    let asked_back = [Event::Clarify { question: QuestionId(8) }];
    assert_eq!(phone.tell(again("1")), asked_back, "it may be a new answer, or the old one once more");
    assert!(matches!(answer(&phone.later(5).aida("1")), Some(Answer::Agreed { offer: OfferId(8), .. })));
}

#[test]
fn four_is_asked_about_where_several_payments_were_told_of() {
    let told = |right, order| PaidNotice {
        right: RightId(right),
        order,
        person: AIDA,
        until: morning().plus_days(10),
    };
    let mut phone = Phone::new();
    phone.tell(Command::Paid { phone: PHONE, notice: told(1, 1) });
    assert_eq!(phone.tell(Command::Paid { phone: PHONE, notice: told(1, 1) }), vec![], "it is told once");
    phone.tell(Command::Paid { phone: PHONE, notice: told(2, 1) });
    let events = phone.later(5).aida("4");
    assert_eq!(bound(&events), Bound::Unclear);
    assert!(events.iter().any(|e| matches!(e, Event::CallNeeded { why: CallReason::Unclear, .. })));
    let mut phone = Phone::new();
    phone.tell(Command::Paid { phone: PHONE, notice: told(1, 1) });
    phone.tell(Command::Paid { phone: PHONE, notice: told(1, 2) });
    let events = phone.later(5).aida("4");
    assert!(
        events.contains(&Event::NotReceived { right: RightId(1), person: AIDA }),
        "two months of one right"
    );
}

#[test]
fn a_promise_stands_while_other_questions_come_and_go() {
    let mut phone = Phone::asked(7);
    phone.aida("нет");
    let until = phone.now.plus_days(3);
    phone.tell(Command::Promise { question: QuestionId(7), until });
    phone.later(60).offer(8);
    phone.sent(8, 8);
    phone.delivered(8);
    phone.later(60).aida("нет");
    assert!(phone.state.as_ref().unwrap().promises(phone.now), "no second one can be made");
    let events = phone.later(60).aida("1");
    assert_eq!((bound(&events), answer(&events)), (Bound::Unclear, None));
    assert!(events.iter().any(|e| matches!(e, Event::CallNeeded { why: CallReason::Unclear, .. })));
    let mut after = Phone { state: phone.state, now: until, replies: 20, ..Phone::new() };
    assert_eq!(bound(&after.aida("1")), Bound::Nothing, "the day has passed");
}

#[test]
fn a_yes_after_a_notice_takes_up_no_offer_that_lapsed() {
    let lapsed = || {
        let mut phone = Phone::asked(1);
        phone.tell(Command::Close { question: QuestionId(1), reopens: true });
        phone.later(60);
        phone
    };
    let late = lapsed().aida("1");
    assert!(matches!(bound(&late), Bound::Question(_)), "without a notice it would: {late:?}");
    let mut phone = lapsed();
    phone.tell(Command::Notice { phone: PHONE });
    phone.later(5);
    let events = phone.aida("1");
    assert_eq!(bound(&events), Bound::Nothing);
    assert!(events.contains(&Event::ShortAnswer), "{events:?}");
    // The next offer is another question, and is answered as ever once it could be read.
    phone.later(10).offer(2);
    phone.sent(2, 2);
    phone.delivered(2);
    let hasty = phone.aida("1");
    assert!(matches!(hasty[..], [Event::Heard { .. }, Event::Clarify { .. }]), "{hasty:?}");
    let events = phone.later(5).aida("1");
    assert_eq!(bound(&events), Bound::Question(QuestionId(2)));
}

#[test]
fn a_yes_that_was_promised_to_take_back_a_refusal_is_asked_about_after_a_notice() {
    let mut phone = Phone::asked(1);
    phone.aida("2");
    let until = phone.now.plus_days(3);
    phone.tell(Command::Promise { question: QuestionId(1), until });
    phone.later(60).tell(Command::Notice { phone: PHONE });
    let events = phone.later(5).aida("1");
    assert!(events.iter().any(|event| matches!(event, Event::CallNeeded { .. })), "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, Event::Answered { .. })), "{events:?}");
}
