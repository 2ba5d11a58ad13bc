use std::collections::BTreeSet;

use card::{
    AccountId, Actor, Amount, Date, Lang, Missing, Moment, Month, Outcome, PersonId, Question, Recipient,
    Role, Standing, Tenge, Ternary, Text, Verdict,
};
use proptest::prelude::*;

use super::*;
use crate::{
    ConsentId, RunId,
    application::Grounds,
    apply,
    consent::{Evidence, Notice},
    decision::Ground,
    ledger::{Basis, Booking, Cause},
    port::{BankStatus, Movement, StatementEntry},
    replay,
};

mod beside;

const SUBJECT: PersonId = PersonId(1);
const MOTHER: PersonId = PersonId(2);
const FATHER: PersonId = PersonId(3);
const DECEMBER: Month = Month(2026 * 12 + 11);
const JANUARY: Month = Month(2027 * 12);

fn day() -> Date {
    Date::from_ymd(2026, 12, 10).unwrap()
}

fn now() -> Moment {
    Moment::local(day(), 10, 0)
}

fn official(role: Role) -> Actor {
    Actor::Officer { name: "A".into(), role }
}

fn law(day: Date, outcome: Outcome, tenge: i64) -> Verdict {
    let yes = Ternary::Yes;
    Verdict {
        measure: "m".into(),
        question: Question { subject: SUBJECT, day, asked_on: self::day() },
        outcome,
        free: yes,
        amount: Some(Amount::exactly(Tenge::whole(tenge))),
        withheld: vec![],
        branch: None,
        conditions: vec![],
        kinds: vec![],
        missing: vec![Missing { registry: "r".into(), entity: "e".into(), field: None, person: None }],
        missing_free: vec![],
        pays_to: vec![Recipient { person: MOTHER, certain: yes }, Recipient { person: FATHER, certain: yes }],
        claims: vec![],
        right_on: None,
        pays_from: Some(self::day()),
        pays_until: None,
        standing: Standing::Confirmed,
        conflicts: vec![],
    }
}

fn yes(tenge: i64) -> Verdict {
    law(day(), Outcome::Eligible, tenge)
}

fn grounds(verdict: Verdict) -> Box<Grounds> {
    Box::new(Grounds {
        verdict,
        released: false,
        commission: false,
        choice_open: false,
        claimed_by: None,
        body: Text::default(),
        automatic_by: Some("order:1".into()),
        closure: "c".into(),
        known_on: now(),
    })
}

fn consent(person: PersonId, account: Option<u64>) -> Command {
    let consent = Consent {
        id: ConsentId(person.0),
        person,
        right: RightId(1),
        measure: "m".into(),
        notice: Notice { text: String::new(), lang: Lang::Kk, amount: Tenge::ZERO, offer: None },
        evidence: Evidence::Portal { session: "s".into() },
        at: now(),
        account: account.map(AccountId),
        obligations: vec![],
        law: "c".into(),
    };
    Command::Consent { consent, decide_within: 5 }
}

fn found(per: Per) -> Right {
    let find = Command::Find { id: RightId(1), payer: "republic".into(), per, verdict: yes(100) };
    replay(&Right::handle(None, find, now()).unwrap()).unwrap()
}

fn tried(right: &Right, command: Command) -> Result<Vec<Event>, Refusal> {
    Right::handle(Some(right), command, now())
}

fn then(right: &Right, command: Command) -> Right {
    let events = tried(right, command).unwrap();
    let after: Right = apply(Some(right.clone()), &events).unwrap();
    assert_eq!(after.totals().check(), Ok(()));
    after
}

fn offered(right: &Right) -> Right {
    then(right, Command::Offer { offer: OfferId(5), to: MOTHER, verdict: yes(100), released: false })
}

fn granted(per: Per) -> Right {
    let filed = then(&offered(&found(per)), consent(MOTHER, Some(9)));
    assert_eq!(filed.stage, Stage::Filed);
    then(&filed, Command::Judge { grounds: grounds(yes(100)) })
}

fn month(right: &Right, month: Month, outcome: Outcome, tenge: i64) -> Command {
    let question = right.question(month).unwrap();
    let verdict = Verdict { question, ..law(day(), outcome, tenge) };
    let (run, fact) = (RunId(month.0 as u64), month.0 as u64);
    Command::Assess(Box::new(Assess {
        run,
        month,
        verdict,
        released: false,
        carry: 1,
        fact,
        payee: Payee::Certain,
        claimed_by: None,
        current: true,
    }))
}

fn changed(right: &Right, of: Month, outcome: Outcome, tenge: i64, fact: u64) -> Command {
    let Command::Assess(assess) = month(right, of, outcome, tenge) else { unreachable!() };
    Command::Assess(Box::new(Assess { current: false, fact, ..*assess }))
}

fn paid(right: &Right, number: u32) -> Right {
    let released = then(right, Command::Release { number });
    then(&released, Command::Report { number, status: BankStatus::Settled })
}

#[test]
fn only_a_certain_free_right_with_one_amount_is_offered() {
    let right = found(Per::Month);
    let offer =
        |verdict| tried(&right, Command::Offer { offer: OfferId(5), to: MOTHER, verdict, released: false });
    assert!(offer(yes(100)).is_ok());
    let open = Verdict { amount: Some(Amount { lo: Tenge::whole(1), hi: None }), ..yes(100) };
    let preliminary = Verdict { standing: Standing::Preliminary, ..yes(100) };
    let unfree = Verdict { free: Ternary::Unknown, ..yes(100) };
    for verdict in
        [law(day(), Outcome::Unknown, 100), law(day(), Outcome::NotEligible, 100), open, preliminary, unfree]
    {
        assert_eq!(offer(verdict), Err(Refusal::NotOfferable));
    }
    let other = Verdict { measure: "other".into(), ..yes(100) };
    assert_eq!(offer(other), Err(Refusal::WrongQuestion));
    let stranger = Command::Offer { offer: OfferId(5), to: PersonId(99), verdict: yes(100), released: false };
    assert_eq!(tried(&right, stranger), Err(Refusal::WrongPerson));
}

#[test]
fn an_offer_taken_back_leaves_the_right_as_it_was_found() {
    let right = then(&offered(&found(Per::Month)), Command::TakeBack { offer: OfferId(5) });
    assert_eq!((&right.stage, right.offer), (&Stage::Found, None));
    assert_eq!(offered(&right).stage, Stage::Offered, "it is offered again");
    assert!(tried(&right, Command::TakeBack { offer: OfferId(5) }).is_err(), "closed once");
}

#[test]
fn a_refusal_or_silence_ends_the_offer_and_never_the_right() {
    for close in [Command::Decline { offer: OfferId(5) }, Command::Lapse { offer: OfferId(5) }] {
        let right = then(&offered(&found(Per::Month)), close);
        assert_eq!(right.offer, None);
        assert_eq!(then(&right, consent(MOTHER, Some(9))).stage, Stage::Filed, "a late yes counts");
        assert!(
            tried(
                &right,
                Command::Offer { offer: OfferId(6), to: MOTHER, verdict: yes(100), released: false }
            )
            .is_ok()
        );
        assert!(tried(&right, Command::Decline { offer: OfferId(5) }).is_err(), "closed once");
    }
}

#[test]
fn without_an_account_the_application_waits_for_it() {
    let right = then(&offered(&found(Per::Month)), consent(MOTHER, None));
    assert_eq!(right.stage, Stage::Consented);
    let named = then(&right, Command::NameAccount { account: AccountId(9), decide_within: 5 });
    assert_eq!((named.stage, named.asked_on), (Stage::Filed, Some(day())));
}

#[test]
fn a_consent_needs_evidence_and_counts_once() {
    let right = offered(&found(Per::Month));
    let Command::Consent { consent: good, .. } = consent(MOTHER, Some(9)) else { unreachable!() };
    let nobody = Evidence::Call { operator: Actor::System, recording: "r".into() };
    let without = Consent { evidence: nobody, ..good.clone() };
    assert!(tried(&right, Command::Consent { consent: without, decide_within: 5 }).is_err());
    let other = Consent { right: RightId(2), ..good.clone() };
    assert!(tried(&right, Command::Consent { consent: other, decide_within: 5 }).is_err());
    let filed = then(&right, Command::Consent { consent: good.clone(), decide_within: 5 });
    assert_eq!(tried(&filed, Command::Consent { consent: good, decide_within: 5 }), Ok(vec![]));
    assert!(tried(&filed, consent(FATHER, Some(10))).is_err(), "filed once");
}

#[test]
fn what_is_not_certain_goes_to_an_officer_with_every_reason() {
    let filed = then(&offered(&found(Per::Month)), consent(MOTHER, Some(9)));
    let sent = |change: fn(&mut Grounds)| {
        let mut grounds = grounds(yes(100));
        change(&mut grounds);
        match &tried(&filed, Command::Judge { grounds }).unwrap()[..] {
            [Event::SentToOfficer { reasons }] => reasons.clone(),
            other => panic!("granted: {other:?}"),
        }
    };
    assert!(matches!(sent(|g| g.verdict.outcome = Outcome::Unknown)[..], [Reason::Unknown { .. }]));
    assert!(matches!(sent(|g| g.verdict.outcome = Outcome::NotEligible)[..], [Reason::NoLonger { .. }]));
    assert!(matches!(sent(|g| g.verdict.free = Ternary::Unknown)[..], [Reason::FreeUnknown { .. }]));
    assert_eq!(sent(|g| g.verdict.free = Ternary::No), [Reason::AlreadyPaid]);
    assert!(matches!(sent(|g| g.verdict.amount = None)[..], [Reason::AmountOpen { .. }]));
    assert_eq!(sent(|g| g.verdict.standing = Standing::Preliminary), [Reason::Preliminary]);
    assert_eq!(sent(|g| g.commission = true), [Reason::Commission]);
    assert_eq!(sent(|g| g.choice_open = true), [Reason::ChoiceOpen]);
    assert_eq!(sent(|g| g.claimed_by = Some(RightId(8))), [Reason::ClaimTaken { by: RightId(8) }]);
    assert_eq!(sent(|g| g.automatic_by = None), [Reason::NoAutomaticOrder]);
    assert_eq!(sent(|g| (g.commission, g.choice_open) = (true, true)).len(), 2);
    assert_eq!(sent(|g| g.verdict.pays_to.clear()), [Reason::NotRecipient], "she agreed and may not receive");
    let asked_another_day =
        Verdict { question: Question { asked_on: Date::from_days(0), ..yes(1).question }, ..yes(100) };
    assert_eq!(
        tried(&filed, Command::Judge { grounds: grounds(asked_another_day) }),
        Err(Refusal::WrongQuestion)
    );
}

#[test]
fn an_officer_cannot_grant_or_refuse_an_unknown() {
    let filed = then(&offered(&found(Per::Month)), consent(MOTHER, Some(9)));
    let unknown = || grounds(law(day(), Outcome::Unknown, 100));
    let right = then(&filed, Command::Judge { grounds: unknown() });
    let by = || official(Role::Officer);
    let grant = |grounds, by| tried(&right, Command::Grant { by, grounds, lower_end: false });
    let refuse =
        |grounds| tried(&right, Command::Refuse { by: by(), ground: Ground::Condition("g".into()), grounds });
    assert_eq!(grant(unknown(), by()), Err(Refusal::NotGrantable));
    assert_eq!(refuse(unknown()), Err(Refusal::NotRefusable));
    assert_eq!(refuse(grounds(yes(100))), Err(Refusal::NotRefusable));
    assert!(grant(grounds(yes(100)), official(Role::Operator)).is_err());
    assert!(grant(grounds(yes(100)), by()).is_ok());
    assert!(refuse(grounds(law(day(), Outcome::NotEligible, 100))).is_ok());
    let additions = Verdict { amount: Some(Amount { lo: Tenge::whole(60), hi: None }), ..yes(1) };
    let lower = Command::Grant { by: by(), grounds: grounds(additions), lower_end: true };
    assert_eq!(then(&right, lower).terms().unwrap().gross, Tenge::whole(60));
}

#[test]
fn an_unknown_carries_for_a_while_then_waits_and_is_owed_when_the_fact_arrives() {
    let first =
        paid(&then(&granted(Per::Month), month(&granted(Per::Month), DECEMBER, Outcome::Eligible, 100)), 1);
    let carried = then(&first, month(&first, JANUARY, Outcome::Unknown, 0));
    assert!(matches!(carried.ledger.owed[&JANUARY].basis, Basis::Carried { .. }));
    assert_eq!(carried.ledger.net_ordered(JANUARY), Tenge::whole(100));
    let february = JANUARY.next();
    let waits = then(&carried, month(&carried, february, Outcome::Unknown, 0));
    assert!(matches!(waits.stage, Stage::Suspended { why: Pause::NotKnown { .. } }));
    let march = february.next();
    let waits = then(&waits, month(&waits, march, Outcome::Unknown, 0));
    assert!(!waits.ledger.owed.contains_key(&march), "carried no second time");
    assert_eq!(waits.months_due(march), [JANUARY, february, march]);
    let known = then(&waits, changed(&waits, february, Outcome::Eligible, 100, 77));
    assert_eq!(known.ledger.net_ordered(february), Tenge::whole(100));
    let resumed = then(&known, month(&known, march, Outcome::Eligible, 100));
    assert_eq!(resumed.stage, Stage::InPayment);
    // What was carried and is found not due is a recovery.
    let january = paid(&resumed, 2);
    let events = tried(&january, changed(&january, JANUARY, Outcome::NotEligible, 0, 78)).unwrap();
    assert!(events.contains(&Event::RecoveryOpened { month: JANUARY, amount: Tenge::whole(100) }));
}

#[test]
fn a_changed_fact_puts_every_assessed_month_in_doubt_until_the_law_is_asked_again() {
    let right = granted(Per::Month);
    assert_eq!(tried(&right, Command::Doubt), Ok(vec![]), "nothing was assessed");
    let december = paid(&then(&right, month(&right, DECEMBER, Outcome::Eligible, 100)), 1);
    let both = paid(&then(&december, month(&december, JANUARY, Outcome::Eligible, 100)), 2);
    let february = JANUARY.next();
    assert_eq!(both.months_due(february), [february]);
    let doubted = then(&both, Command::Doubt);
    assert_eq!(tried(&doubted, Command::Doubt), Ok(vec![]), "in doubt already");
    assert_eq!(doubted.months_due(february), [DECEMBER, JANUARY, february]);
    // The death of January was registered in February.
    let december = then(&doubted, changed(&doubted, DECEMBER, Outcome::Eligible, 100, 5));
    assert_eq!(december.months_due(february), [JANUARY, february], "December stands");
    let unknown = then(&december, changed(&december, JANUARY, Outcome::Unknown, 0, 5));
    assert_eq!(unknown.months_due(february), [JANUARY, february], "asked until somebody can say");
    let fell = tried(&unknown, changed(&unknown, JANUARY, Outcome::Eligible, 60, 5)).unwrap();
    assert!(fell.contains(&Event::RecoveryOpened { month: JANUARY, amount: Tenge::whole(40) }));
    let rose = then(&unknown, changed(&unknown, JANUARY, Outcome::Eligible, 130, 5));
    assert_eq!(rose.ledger.order(3).unwrap().cause, Cause::Arrears { fact: 5 });
    assert_eq!(rose.ledger.doubted, BTreeSet::new());
}

#[test]
fn a_mistaken_end_is_found_by_a_changed_fact_and_a_payment_once_too() {
    let right = granted(Per::Month);
    let right = paid(&then(&right, month(&right, DECEMBER, Outcome::Eligible, 100)), 1);
    let over = then(&right, month(&right, JANUARY, Outcome::NotEligible, 0));
    let february = JANUARY.next();
    assert!(over.months_due(february).is_empty() && !over.in_runs());
    let doubted = then(&over, Command::Doubt);
    assert!(doubted.in_runs());
    assert_eq!(doubted.months_due(february), [DECEMBER, JANUARY]);
    let stands = then(&doubted, changed(&doubted, JANUARY, Outcome::NotEligible, 0, 5));
    assert_eq!(stands.months_due(february), [DECEMBER]);
    let mended = then(&doubted, changed(&doubted, JANUARY, Outcome::Eligible, 100, 5));
    assert_eq!(mended.stage, Stage::InPayment);
    assert_eq!(mended.months_due(february), [DECEMBER, february], "and what came after it is due");

    let once = granted(Per::Once);
    let over = paid(&then(&once, month(&once, DECEMBER, Outcome::Eligible, 100)), 1);
    let doubted = then(&over, Command::Doubt);
    assert_eq!(doubted.months_due(february), [DECEMBER]);
    let rose = then(&doubted, changed(&doubted, DECEMBER, Outcome::Eligible, 130, 5));
    assert_eq!(rose.ledger.net_ordered(DECEMBER), Tenge::whole(130));
}

#[test]
fn money_goes_only_to_whom_the_law_certainly_lets_receive() {
    let right = granted(Per::Month);
    let to = |right: &Right, of, outcome, payee| {
        let Command::Assess(assess) = month(right, of, outcome, 100) else { unreachable!() };
        then(right, Command::Assess(Box::new(Assess { payee, ..*assess })))
    };
    for payee in [Payee::NotKnown, Payee::Nobody] {
        let waits = to(&right, DECEMBER, Outcome::Eligible, payee);
        assert_eq!(waits.totals().not_yet_due, Tenge::whole(100), "{payee:?}");
    }
    let first = paid(&to(&right, DECEMBER, Outcome::Eligible, Payee::Certain), 1);
    let carried = to(&first, JANUARY, Outcome::Unknown, Payee::NotKnown);
    assert_eq!(carried.ledger.net_ordered(JANUARY), Tenge::whole(100), "nobody can say, so it goes on");
    let dead = to(&first, JANUARY, Outcome::Unknown, Payee::Nobody);
    assert_eq!(dead.ledger.net_ordered(JANUARY), Tenge::ZERO);
}

#[test]
fn a_grant_counts_the_children_of_its_moment_and_a_child_counts_once() {
    let filed = then(&offered(&found(Per::Month)), consent(MOTHER, Some(9)));
    let moved = Verdict { claims: vec![PersonId(7)], ..yes(100) };
    let granted = then(&filed, Command::Judge { grounds: grounds(moved) });
    assert_eq!((granted.claims.clone(), granted.granted()), (vec![PersonId(7)], true));
    let first = paid(&then(&granted, month(&granted, DECEMBER, Outcome::Eligible, 100)), 1);
    let Command::Assess(assess) = month(&first, JANUARY, Outcome::Eligible, 130) else { unreachable!() };
    let taken = Assess { claimed_by: Some(RightId(8)), ..*assess };
    let carried = then(&first, Command::Assess(Box::new(taken)));
    assert!(matches!(carried.ledger.owed[&JANUARY].basis, Basis::Carried { .. }), "two rights count her");
}

#[test]
fn a_certain_no_ends_it_and_a_mistaken_one_is_mended() {
    let right = granted(Per::Month);
    let right = paid(&then(&right, month(&right, DECEMBER, Outcome::Eligible, 100)), 1);
    let over = then(&right, month(&right, JANUARY, Outcome::NotEligible, 0));
    assert!(matches!(over.stage, Stage::Ended { from: JANUARY, .. }));
    let february = JANUARY.next();
    assert!(tried(&over, month(&over, february, Outcome::Eligible, 100)).is_err(), "nothing after the end");
    assert!(
        tried(&over, Command::Offer { offer: OfferId(6), to: MOTHER, verdict: yes(1), released: false })
            .is_err()
    );
    let mended = then(&over, changed(&over, JANUARY, Outcome::Eligible, 100, 79));
    assert_eq!(
        (mended.stage.clone(), mended.ledger.net_ordered(JANUARY)),
        (Stage::InPayment, Tenge::whole(100))
    );
    let until = Verdict { pays_until: Some(JANUARY.first_day()), ..law(day(), Outcome::Eligible, 100) };
    let question = right.question(JANUARY).unwrap();
    let Command::Assess(assess) = month(&right, JANUARY, Outcome::Eligible, 100) else { unreachable!() };
    let passed = Assess { verdict: Verdict { question, ..until }, ..*assess };
    let events = tried(&right, Command::Assess(Box::new(passed))).unwrap();
    assert_eq!(events, [Event::Ended { from: JANUARY, why: End::Period }]);
}

#[test]
fn a_later_fall_takes_back_what_is_still_here_and_opens_a_recovery_for_the_rest() {
    let right = granted(Per::Month);
    let prepared = then(&right, month(&right, DECEMBER, Outcome::Eligible, 100));
    let fell = then(&prepared, changed(&prepared, DECEMBER, Outcome::Eligible, 60, 5));
    assert_eq!(fell.ledger.net_ordered(DECEMBER), Tenge::whole(60), "withdrawn and ordered anew");
    let gone = paid(&prepared, 1);
    let fell = tried(&gone, changed(&gone, DECEMBER, Outcome::Eligible, 60, 5)).unwrap();
    assert!(fell.contains(&Event::RecoveryOpened { month: DECEMBER, amount: Tenge::whole(40) }));
    let fell = apply(Some(gone), &fell).unwrap();
    let recover = |tenge| Command::Recover {
        by: official(Role::Officer),
        month: DECEMBER,
        amount: Tenge::whole(tenge),
    };
    assert_eq!(tried(&fell, recover(41)), Err(Refusal::WrongSum));
    assert_eq!(then(&fell, recover(40)).ledger.overpaid(DECEMBER), Tenge::ZERO);
}

#[test]
fn what_came_back_asks_for_the_account_and_is_made_again_once() {
    let right = granted(Per::Month);
    let right =
        then(&then(&right, month(&right, DECEMBER, Outcome::Eligible, 100)), Command::Release { number: 1 });
    let reject = Command::Report { number: 1, status: BankStatus::Rejected { reason: "AC04".into() } };
    let lost = then(&right, reject.clone());
    assert_eq!((lost.account, lost.totals().awaiting_account), (None, Tenge::whole(100)));
    assert_eq!(tried(&lost, reject), Ok(vec![]), "said twice");
    let settled = Command::Report { number: 1, status: BankStatus::Settled };
    assert_eq!(tried(&lost, settled), Err(Refusal::Contradiction));
    let waits = then(&lost, month(&lost, JANUARY, Outcome::Eligible, 100));
    assert_eq!(waits.ledger.net_ordered(JANUARY), Tenge::ZERO, "no account, no order");
    let named = then(&waits, Command::NameAccount { account: AccountId(10), decide_within: 5 });
    let again = then(&named, changed(&named, DECEMBER, Outcome::Eligible, 100, 6));
    let order = again.ledger.order(2).unwrap();
    assert_eq!((order.cause, order.account), (Cause::Reissue { of: 1 }, AccountId(10)));
    let quiet = then(&again, changed(&again, DECEMBER, Outcome::Eligible, 100, 7));
    assert_eq!(quiet.ledger.orders.len(), 2);
}

#[test]
fn the_bank_is_heard_only_about_what_it_was_sent() {
    let right = granted(Per::Month);
    let prepared = then(&right, month(&right, DECEMBER, Outcome::Eligible, 100));
    let settled = |number| Command::Report { number, status: BankStatus::Settled };
    assert_eq!(tried(&prepared, settled(1)), Err(Refusal::UnknownOrder), "not released");
    assert_eq!(tried(&prepared, settled(2)), Err(Refusal::UnknownOrder));
    let released = then(&prepared, Command::Release { number: 1 });
    let entry = |tenge, movement| Command::Book {
        number: 1,
        entry: StatementEntry {
            reference: "x".into(),
            end_to_end: "FC1-1".into(),
            amount: Tenge::whole(tenge),
            booked: day(),
            movement,
        },
    };
    assert_eq!(tried(&released, entry(99, Movement::Paid)), Err(Refusal::Contradiction));
    let booked = then(&released, entry(100, Movement::Paid));
    assert_eq!(tried(&booked, settled(1)), Ok(vec![]));
    assert_eq!(tried(&booked, entry(100, Movement::Paid)), Ok(vec![]), "the same line");
    let returned = then(&booked, entry(100, Movement::Returned { reason: "AC04".into() }));
    assert_eq!(tried(&returned, settled(1)), Ok(vec![]), "late, and no contradiction");
    assert_eq!(returned.totals().returned, Tenge::whole(100));
}

#[test]
fn money_arrives_once_however_often_it_is_said() {
    let right = granted(Per::Month);
    let prepared = then(&right, month(&right, DECEMBER, Outcome::Eligible, 100));
    let released = then(&prepared, Command::Release { number: 1 });
    let line = |reference: &str, movement| Command::Book {
        number: 1,
        entry: StatementEntry {
            reference: reference.into(),
            end_to_end: "FC1-1".into(),
            amount: Tenge::whole(100),
            booked: day(),
            movement,
        },
    };
    let back = || Movement::Returned { reason: "AC04".into() };
    let settled = then(&released, Command::Report { number: 1, status: BankStatus::Settled });
    let booked = Booking { reference: "x".into(), on: day() };
    assert_eq!(
        tried(&settled, line("x", Movement::Paid)),
        Ok(vec![Event::Booked { number: 1, line: booked }]),
        "the statement after the status says when, not that it arrived again"
    );
    let known = then(&settled, line("x", Movement::Paid));
    assert_eq!(tried(&known, line("y", Movement::Paid)), Err(Refusal::Contradiction), "debited twice");
    let returned = then(&known, line("z", back()));
    assert_eq!(tried(&returned, line("x", Movement::Paid)), Ok(vec![]));
    assert_eq!(tried(&returned, line("z", back())), Ok(vec![]));
    for twice in [line("y", Movement::Paid), line("w", back())] {
        assert_eq!(tried(&returned, twice), Err(Refusal::Contradiction));
    }
    // The line of a payment may come after that of its return.
    let early = then(&released, line("z", back()));
    assert!(matches!(tried(&early, line("x", Movement::Paid)).unwrap()[..], [Event::Booked { .. }]));
}

#[test]
fn a_refused_file_loses_no_account_and_its_orders_are_made_again() {
    let right = granted(Per::Month);
    let prepared = then(&right, month(&right, DECEMBER, Outcome::Eligible, 100));
    let refuse = || Command::RefuseFile { number: 1, reason: "AM18".into() };
    assert_eq!(tried(&prepared, refuse()), Err(Refusal::UnknownOrder), "it never left");
    let released = then(&prepared, Command::Release { number: 1 });
    let refused = then(&released, refuse());
    assert_eq!((refused.account, refused.totals().rejected), (Some(AccountId(9)), Tenge::whole(100)));
    assert_eq!(tried(&refused, refuse()), Ok(vec![]), "said twice");
    let again = then(&refused, changed(&refused, DECEMBER, Outcome::Eligible, 100, 6));
    assert_eq!(again.ledger.order(2).map(|order| order.cause), Some(Cause::Reissue { of: 1 }));
    let settled = then(&released, Command::Report { number: 1, status: BankStatus::Settled });
    assert_eq!(tried(&settled, refuse()), Ok(vec![]), "what has its last word keeps it");
}

#[test]
fn one_payment_ends_the_right_and_comes_back_to_life_only_for_its_money() {
    let right = granted(Per::Once);
    assert_eq!(right.months_due(JANUARY), [DECEMBER]);
    let over = paid(&then(&right, month(&right, DECEMBER, Outcome::Eligible, 100)), 1);
    assert!(matches!(over.stage, Stage::Ended { why: End::Paid, .. }));
    assert!(over.months_due(JANUARY).is_empty());
    let entry = StatementEntry {
        reference: "x".into(),
        end_to_end: "FC1-1".into(),
        amount: Tenge::whole(100),
        booked: day(),
        movement: Movement::Returned { reason: "AC04".into() },
    };
    let returned = then(&over, Command::Book { number: 1, entry });
    assert_eq!(returned.months_due(JANUARY), [DECEMBER]);
    let named = then(&returned, Command::NameAccount { account: AccountId(10), decide_within: 5 });
    let again = then(&named, changed(&named, DECEMBER, Outcome::Eligible, 100, 6));
    assert_eq!(again.ledger.net_ordered(DECEMBER), Tenge::whole(100));
}

#[test]
fn a_new_recipient_keeps_the_right_and_is_owed_the_months_between() {
    let right = granted(Per::Month);
    let right = paid(&then(&right, month(&right, DECEMBER, Outcome::Eligible, 100)), 1);
    let passed = then(&right, Command::Succeed { recipient: FATHER });
    assert_eq!(passed.stage, Stage::Suspended { why: Pause::NewRecipient });
    let waits = then(&passed, month(&passed, JANUARY, Outcome::Eligible, 100));
    assert_eq!(waits.ledger.net_ordered(JANUARY), Tenge::ZERO);
    let taken = Verdict { free: Ternary::No, ..yes(100) };
    let asked =
        then(&waits, Command::Offer { offer: OfferId(6), to: FATHER, verdict: taken, released: false });
    assert!(tried(&asked, consent(FATHER, None)).is_err(), "the account belongs to it");
    let goes_on = then(&asked, consent(FATHER, Some(11)));
    assert_eq!((goes_on.stage.clone(), goes_on.asked_on), (Stage::InPayment, Some(day())));
    let owed = then(&goes_on, changed(&goes_on, JANUARY, Outcome::Eligible, 100, 8));
    assert_eq!(owed.ledger.order(2).map(|o| o.account), Some(AccountId(11)));
}

#[test]
fn a_run_releases_no_more_than_is_owed_by_then() {
    let right = granted(Per::Month);
    let prepared = then(&right, month(&right, DECEMBER, Outcome::Eligible, 100));
    let moved = then(&prepared, Command::NameAccount { account: AccountId(10), decide_within: 5 });
    assert_eq!(tried(&moved, Command::Release { number: 1 }), Ok(vec![Event::Withdrawn { number: 1 }]));
    let passed = then(&prepared, Command::Succeed { recipient: FATHER });
    assert_eq!(tried(&passed, Command::Release { number: 1 }), Ok(vec![Event::Withdrawn { number: 1 }]));
    assert!(
        tried(&then(&prepared, Command::Release { number: 1 }), Command::Withdraw { number: 1 }).is_err()
    );
}

#[test]
fn a_right_joins_one_offer_at_a_time() {
    let right = then(&found(Per::Month), Command::Join { offer: OfferId(5) });
    assert!(tried(&right, Command::Join { offer: OfferId(6) }).is_err());
    let other = Command::Offer { offer: OfferId(6), to: MOTHER, verdict: yes(100), released: false };
    assert!(tried(&right, other).is_err());
    let free = then(&right, Command::Lapse { offer: OfferId(5) });
    assert_eq!((free.stage.clone(), free.offer), (Stage::Found, None));
}

proptest! {
    /// Whatever the law and the bank say, in any order: no order takes what a person holds above
    /// what is owed as assessed then, no cause is ordered twice, and the money closes.
    #[test]
    fn money_closes_whatever_comes(steps in proptest::collection::vec((0u8..8, 0i64..3, 0i32..3), 1..60)) {
        let mut right = granted(Per::Month);
        for (fact, (what, amount, at)) in steps.into_iter().enumerate() {
            let of = Month(DECEMBER.0 + at);
            let number = right.ledger.orders.len() as u32;
            let order = right.ledger.order(number).cloned();
            let fact = fact as u64 + 100;
            let command = match what {
                0..=2 => changed(&right, of, Outcome::Eligible, 50 + amount * 25, fact),
                3 => changed(&right, of, [Outcome::Unknown, Outcome::NotEligible][(amount % 2) as usize], 0, fact),
                4 => Command::Release { number },
                5 => Command::Report { number, status: BankStatus::Settled },
                6 => Command::Report { number, status: BankStatus::Rejected { reason: "AC04".into() } },
                _ => Command::NameAccount { account: AccountId(20 + fact), decide_within: 5 },
            };
            let Ok(events) = tried(&right, command) else { continue };
            right = apply(Some(right), &events).unwrap();
            prop_assert_eq!(right.totals().check(), Ok(()));
            for event in &events {
                if let Event::Ordered { order: new } = event {
                    prop_assert!(right.ledger.held(new.month) <= right.ledger.payable(new.month));
                    prop_assert!(right.account == Some(new.account));
                    let same = right.ledger.orders_of(new.month).filter(|o| o.cause == new.cause).count();
                    prop_assert_eq!(same, 1);
                }
            }
            if let (Some(before), false) = (order, events.is_empty()) {
                let after = right.ledger.order(number).unwrap();
                prop_assert!(before.amount == after.amount && before.month == after.month, "an order never changes");
            }
        }
    }
}
