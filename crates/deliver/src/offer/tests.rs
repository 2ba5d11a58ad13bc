use card::{Date, Moment, PersonId, PhoneId, Span, Tenge};

use super::*;
use crate::{apply, replay};

const MOTHER: PersonId = PersonId(1);
const FATHER: PersonId = PersonId(2);
const PHONE: PhoneId = PhoneId(5);

fn contact() -> Contact {
    Contact::default()
}

fn noon() -> Moment {
    Moment::local(Date::from_ymd(2026, 12, 1).unwrap(), 12, 0)
}

fn line(right: u64, lost_after: Option<Date>) -> Line {
    let (measure, amount) = ("m".to_owned(), Tenge::whole(100));
    Line { right: RightId(right), measure, amount, per: Per::Month, lost_after, agreed: None }
}

fn gather(line: Line) -> Command {
    let candidates = vec![MOTHER, FATHER];
    Command::Gather { id: OfferId(1), cause: 7, line, candidates, window_days: 3, contact: contact() }
}

fn tried(offer: &Offer, command: Command, now: Moment) -> Result<Vec<Event>, Refusal> {
    Offer::handle(Some(offer), command, now)
}

fn then(offer: &Offer, command: Command, now: Moment) -> Offer {
    apply(Some(offer.clone()), &tried(offer, command, now).unwrap()).unwrap()
}

fn begun(lost_after: Option<Date>) -> Offer {
    replay(&Offer::handle(None, gather(line(1, lost_after)), noon()).unwrap()).unwrap()
}

fn queued(lost_after: Option<Date>) -> Offer {
    then(&begun(lost_after), Command::Put { phone: PHONE }, noon().plus_ms(10 * 60_000))
}

fn asked(lost_after: Option<Date>) -> Offer {
    let later = noon().plus_ms(10 * 60_000);
    then(&queued(lost_after), Command::Ask { message: AttemptId(1), leaves: later }, later)
}

fn tick(offer: &Offer, now: Moment) -> Vec<Event> {
    tried(offer, Command::Tick { contact: contact() }, now).unwrap()
}

fn silent(offer: Offer, from: Moment, hours: i64) -> (Offer, Vec<Event>) {
    let mut offer = Some(offer);
    let mut all = Vec::new();
    for hour in 0..hours {
        let events = tick(offer.as_ref().unwrap(), from.plus_hours(hour));
        offer = apply(offer, &events);
        all.extend(events);
    }
    (offer.unwrap(), all)
}

#[test]
fn rights_of_one_cause_are_gathered_before_anybody_is_asked() {
    let offer = begun(None);
    let both = then(&offer, gather(line(2, None)), noon());
    assert_eq!(both.lines.len(), 2);
    assert_eq!(tried(&both, gather(line(2, None)), noon()), Ok(vec![]));
    let early = Command::Put { phone: PHONE };
    assert!(tried(&both, early, noon()).is_err(), "more may join");
    assert!(tried(&asked(None), gather(line(3, None)), noon()).is_err(), "too late to join");
    let nobody = Command::Gather {
        id: OfferId(1),
        cause: 7,
        line: line(1, None),
        candidates: vec![],
        window_days: 3,
        contact: contact(),
    };
    assert!(Offer::handle(None, nobody, noon()).is_err());
}

#[test]
fn silence_is_reminded_once_passes_to_the_next_and_then_lapses() {
    let delivered = noon().plus_hours(1);
    let offer = then(&asked(None), Command::Deliver { contact: contact() }, delivered);
    let (offer, events) = silent(offer, delivered, 24 * 6);
    let passed = Event::PassedOn { silent: MOTHER, next: FATHER };
    assert_eq!(events, [Event::ReminderDue, passed]);
    assert_eq!(offer.person(), Some(FATHER));
    let now = delivered.plus_days(6);
    let offer = then(&offer, Command::Put { phone: PhoneId(6) }, now);
    let offer = then(&offer, Command::Ask { message: AttemptId(2), leaves: now }, now);
    let offer = then(&offer, Command::Deliver { contact: contact() }, now);
    let (offer, events) = silent(offer, now, 24 * 6);
    assert!(matches!(events[..], [Event::ReminderDue, Event::Lapsed { .. }]), "{events:?}");
    assert!(matches!(offer.stage, Stage::Lapsed { .. }));
}

#[test]
fn the_window_never_ends_before_the_promised_day_has_passed() {
    let delivered = noon().plus_hours(1);
    let offer = then(&asked(None), Command::Deliver { contact: contact() }, delivered);
    let Stage::Waiting { until, promised, .. } = offer.stage else { panic!("{offer:?}") };
    assert!(until >= Moment::local(promised.plus(Span::Days(1)), 0, 0));
    let reminded = apply(Some(offer), &[Event::ReminderDue]).unwrap();
    assert_eq!(tick(&reminded, until.plus_ms(-1)), []);
    assert!(!tick(&reminded, until).is_empty());
}

#[test]
fn undelivered_is_not_silence() {
    let (offer, events) = silent(asked(None), noon(), 24 * 10);
    assert_eq!(events, [Event::ReminderDue, Event::Unreachable { person: MOTHER, dead: Some(PHONE) }]);
    assert_eq!(offer.stage, Stage::Unreachable);
    let failed = then(&asked(None), Command::Fail, noon());
    assert_eq!(failed.stage, Stage::Unreachable);
}

#[test]
fn a_call_is_due_once_when_a_right_is_about_to_be_lost() {
    let lost = Date::from_ymd(2027, 2, 1).unwrap();
    let (offer, events) = silent(asked(Some(lost)), noon(), 24 * 70);
    let call = Event::CallDue { person: MOTHER };
    assert_eq!(events.iter().filter(|e| **e == call).count(), 1, "{events:?}");
    assert!(offer.called);
}

#[test]
fn a_late_answer_reopens_and_says_so() {
    let delivered = noon().plus_hours(1);
    let alone = Offer { candidates: vec![MOTHER], ..asked(None) };
    let offer = then(&alone, Command::Deliver { contact: contact() }, delivered);
    let (lapsed, _) = silent(offer, delivered, 24 * 6);
    let agree = || Command::Answer { by: MOTHER, agreed: vec![RightId(1)] };
    let events = tried(&lapsed, agree(), delivered.plus_days(9)).unwrap();
    assert!(matches!(&events[..], [Event::Answered { late: true, agreed, .. }] if agreed.len() == 1));
    let agreed = then(&lapsed, agree(), delivered.plus_days(9));
    assert!(tried(&agreed, agree(), delivered.plus_days(9)).is_err(), "agreed once");
}

#[test]
fn consent_is_per_right_and_only_of_those_asked() {
    let offer = apply(Some(asked(None)), &[Event::Joined { line: line(2, None) }]).unwrap();
    let answer = |by, agreed: &[u64]| {
        let agreed = agreed.iter().copied().map(RightId).collect();
        tried(&offer, Command::Answer { by, agreed }, noon())
    };
    let events = answer(MOTHER, &[2]).unwrap();
    assert!(matches!(&events[..], [Event::Answered { refused, .. }] if *refused == [RightId(1)]));
    assert_eq!(answer(FATHER, &[2]), Err(Refusal::WrongPerson), "not his turn yet");
    assert!(answer(MOTHER, &[3]).is_err(), "not in the offer");
    assert_eq!(then(&offer, Command::Answer { by: MOTHER, agreed: vec![] }, noon()).stage, Stage::Refused);
}

#[test]
fn with_an_operator_silence_ends_nothing() {
    let offer = then(&asked(None), Command::HandOver, noon());
    assert_eq!(silent(offer, noon(), 24 * 30).1, []);
}

#[test]
fn the_amount_follows_the_law_until_somebody_is_told_it() {
    let reprice = Command::Reprice { right: RightId(1), amount: Tenge::whole(107) };
    let offer = then(&begun(None), reprice.clone(), noon());
    assert_eq!(offer.lines[0].amount, Tenge::whole(107));
    assert_eq!(tried(&offer, reprice.clone(), noon()), Ok(vec![]), "it says so already");
    assert!(tried(&asked(None), reprice, noon()).is_err(), "the person was told another");
}

#[test]
fn an_offer_that_waits_for_its_turn_on_a_phone_is_not_due() {
    let offer = queued(None);
    assert_eq!(offer.due(&contact()), None);
    assert_eq!(silent(offer, noon(), 24 * 30).1, []);
    let lost = Date::from_ymd(2027, 2, 1).unwrap();
    let (offer, events) = silent(queued(Some(lost)), noon(), 24 * 70);
    assert_eq!(events, [Event::CallDue { person: MOTHER }], "but a call comes before a right is lost");
    assert_eq!(offer.stage, Stage::Queued);
}

#[test]
fn a_phone_that_is_not_theirs_is_no_silence_and_another_one_is_tried() {
    let delivered = noon().plus_hours(1);
    let waiting = then(&asked(None), Command::Deliver { contact: contact() }, delivered);
    for offer in [queued(None), asked(None), waiting] {
        let lost = then(&offer, Command::Lose, delivered);
        assert_eq!((lost.stage, &lost.phones[..]), (Stage::Unreachable, &[PHONE][..]), "{offer:?}");
        assert!(lost.dead.is_empty(), "once it is theirs again, it may be tried again");
        let again = then(&lost, Command::Reach, delivered.plus_days(9));
        assert_eq!(again.stage, Stage::ToAsk);
        let put = then(&again, Command::Put { phone: PhoneId(6) }, delivered.plus_days(9));
        assert_eq!(put.phones, [PHONE, PhoneId(6)]);
    }
    assert_eq!(tried(&begun(None), Command::Lose, delivered), Ok(vec![]), "no phone has it yet");
}

#[test]
fn who_wants_another_account_is_awaited_by_the_menu() {
    let choose = |by| Command::Choose { by, phone: PHONE };
    assert_eq!(tried(&asked(None), choose(FATHER), noon()), Err(Refusal::WrongPerson));
    let choosing = then(&asked(None), choose(MOTHER), noon());
    assert!(choosing.stage.asks());
    assert_eq!(silent(choosing.clone(), noon(), 24 * 30).1, []);
    let agreed = then(&choosing, Command::Answer { by: MOTHER, agreed: vec![RightId(1)] }, noon());
    assert_eq!(agreed.stage, Stage::Agreed);
    // The mother was silent, and wants another account after all: it is her turn again.
    let delivered = noon().plus_hours(1);
    let (passed, _) =
        silent(then(&asked(None), Command::Deliver { contact: contact() }, delivered), delivered, 144);
    let fathers = then(&passed, Command::Put { phone: PhoneId(6) }, delivered.plus_days(7));
    let hers = then(&fathers, choose(MOTHER), delivered.plus_days(8));
    assert_eq!((hers.person(), hers.phones.last()), (Some(MOTHER), Some(&PHONE)));
}

#[test]
fn what_a_caller_did_not_speak_of_leaves_the_offer() {
    let offer = apply(Some(asked(None)), &[Event::Joined { line: line(2, None) }]).unwrap();
    let alone = then(&offer, Command::TakeOut { all_but: RightId(2) }, noon());
    assert_eq!(alone.lines.iter().map(|line| line.right).collect::<Vec<_>>(), [RightId(2)]);
    let answer = Command::Answer { by: MOTHER, agreed: vec![RightId(2)] };
    let events = tried(&alone, answer, noon()).unwrap();
    assert!(matches!(&events[..], [Event::Answered { refused, .. }] if refused.is_empty()));
    assert!(tried(&offer, Command::TakeOut { all_but: RightId(3) }, noon()).is_err());
}
