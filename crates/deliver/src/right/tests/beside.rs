//! Beside today's systems: what they pay, who is never asked, and what is taken over.

use super::*;
use crate::elsewhere::{Award, Kind, Ours};

const NOVEMBER: Month = Month(2026 * 12 + 10);
const FEBRUARY: Month = Month(2027 * 12 + 1);

fn award(tenge: i64) -> Award {
    Award {
        recipient: MOTHER,
        children: vec![PersonId(7)],
        since: NOVEMBER.first_day(),
        ended: None,
        amount: Some(Tenge::whole(tenge)),
        paid_on: None,
        account: Some(AccountId(9)),
    }
}

fn ended(on: Month) -> Award {
    Award { ended: Some(on.first_day()), ..award(90) }
}

fn tell(award: Option<Award>) -> Command {
    Command::Tell { number: "P-1".into(), award }
}

fn imported(per: Per, award: Award) -> Right {
    let import = Command::Import {
        id: RightId(1),
        measure: "m".into(),
        payer: "republic".into(),
        per,
        subject: SUBJECT,
        number: "P-1".into(),
        award,
    };
    replay(&Right::handle(None, import, now()).unwrap()).unwrap()
}

/// Told on a day of a month.
fn told_in(right: &Right, month: Month, award: Option<Award>) -> Right {
    let at = Moment::local(month.last_day(), 10, 0);
    let events = Right::handle(Some(right), tell(award), at).unwrap();
    apply(Some(right.clone()), &events).unwrap()
}

fn take_over(right: &Right, from: Month, tenge: i64) -> TakeOver {
    let verdict = Verdict { question: right.question(from.min(DECEMBER)).unwrap(), ..yes(tenge) };
    TakeOver { from, verdict, released: false, account: Some(AccountId(9)), claimed_by: None }
}

fn taken(right: &Right, from: Month, tenge: i64) -> Right {
    then(right, Command::TakeOver(Box::new(take_over(right, from, tenge))))
}

#[test]
fn what_today_s_system_pays_is_compared_and_never_offered_nor_ordered() {
    let right = imported(Per::Month, award(90));
    assert_eq!((&right.stage, right.recipient), (&Stage::Elsewhere, MOTHER));
    assert_eq!(right.ledger.elsewhere[&DECEMBER], Some(Tenge::whole(90)));
    let offer = Command::Offer { offer: OfferId(5), to: MOTHER, verdict: yes(100), released: true };
    assert_eq!(tried(&right, offer), Err(Refusal::AlreadyPaid));
    assert!(tried(&right, consent(MOTHER, Some(9))).is_err());
    assert_eq!(right.months_due(JANUARY), [JANUARY]);
    let more = then(&right, month(&right, JANUARY, Outcome::Eligible, 100));
    let compared = more.compared.clone().unwrap();
    assert_eq!((compared.kind(), compared.gives()), (Kind::More, Some(Tenge::whole(100))));
    assert_eq!(tried(&more, month(&more, JANUARY, Outcome::Eligible, 100)), Ok(vec![]), "said once");
    assert_eq!((more.ledger.orders.len(), more.totals()), (0, crate::Totals::default()));
    let nothing = then(&more, month(&more, JANUARY, Outcome::NotEligible, 0));
    assert_eq!(nothing.compared.as_ref().unwrap().kind(), Kind::Nothing);
    assert_eq!(nothing.stage, Stage::Elsewhere, "our no ends nothing there");
    let unknown = then(&more, month(&more, JANUARY, Outcome::Unknown, 0));
    assert!(matches!(unknown.compared.unwrap().ours, Ours::NotKnown { .. }));
}

#[test]
fn numbers_that_nobody_released_are_compared_and_not_taken_over() {
    let right = imported(Per::Month, award(90));
    let Command::Assess(assess) = month(&right, JANUARY, Outcome::Eligible, 100) else { unreachable!() };
    let verdict = Verdict { standing: Standing::Preliminary, ..assess.verdict.clone() };
    let beside = then(&right, Command::Assess(Box::new(Assess { verdict, ..*assess })));
    assert_eq!(beside.compared.unwrap().kind(), Kind::Unreleased);
    let take = take_over(&right, JANUARY, 100);
    let preliminary = Verdict { standing: Standing::Preliminary, ..take.verdict.clone() };
    let unknown = Verdict { outcome: Outcome::Unknown, ..take.verdict.clone() };
    let no = Verdict { outcome: Outcome::NotEligible, ..take.verdict.clone() };
    for verdict in [preliminary.clone(), unknown, no] {
        let take = TakeOver { verdict, ..take.clone() };
        assert_eq!(tried(&right, Command::TakeOver(Box::new(take))), Err(Refusal::NotGrantable));
    }
    let released = TakeOver { verdict: preliminary, released: true, ..take.clone() };
    assert!(tried(&right, Command::TakeOver(Box::new(released))).is_ok());
    let to_father = Verdict { pays_to: take.verdict.pays_to[1..].to_vec(), ..take.verdict.clone() };
    let other = TakeOver { verdict: to_father, ..take.clone() };
    assert_eq!(tried(&right, Command::TakeOver(Box::new(other))), Err(Refusal::WrongPerson));
    let counted = TakeOver { claimed_by: Some(RightId(8)), ..take.clone() };
    assert_eq!(tried(&right, Command::TakeOver(Box::new(counted))), Err(Refusal::ClaimTaken));
    let nowhere = TakeOver { account: None, ..take };
    assert!(matches!(tried(&right, Command::TakeOver(Box::new(nowhere))), Err(Refusal::Missing(_))));
}

#[test]
fn no_month_is_paid_by_both() {
    let ours = taken(&imported(Per::Month, award(90)), JANUARY, 100);
    assert_eq!((&ours.stage, ours.account), (&Stage::Granted, Some(AccountId(9))));
    // December is theirs still, and is compared.
    let december = then(&ours, month(&ours, DECEMBER, Outcome::Eligible, 100));
    assert!(december.ledger.orders.is_empty() && december.compared.is_some());
    // They have not let go of January: it waits, and is not lost.
    let waits = then(&december, month(&december, JANUARY, Outcome::Eligible, 100));
    assert_eq!(waits.ledger.net_ordered(JANUARY), Tenge::ZERO);
    let let_go = told_in(&waits, JANUARY, Some(ended(JANUARY)));
    assert_eq!(let_go.stage, Stage::Granted);
    let paid = then(&let_go, changed(&let_go, JANUARY, Outcome::Eligible, 100, 5));
    assert_eq!(paid.ledger.net_ordered(JANUARY), Tenge::whole(100));
    assert!(paid.months_due(FEBRUARY).iter().all(|month| *month >= JANUARY), "what was theirs stays theirs");
    // It turns out that they paid January all the same.
    let gone = super::paid(&paid, 1);
    let at = Moment::local(FEBRUARY.last_day(), 10, 0);
    let twice = Right::handle(Some(&gone), tell(Some(ended(FEBRUARY))), at).unwrap();
    assert!(
        twice.contains(&Event::RecoveryOpened { month: JANUARY, amount: Tenge::whole(100) }),
        "{twice:?}"
    );
}

#[test]
fn what_stopped_there_before_it_was_ours_is_not_taken_over() {
    let ours = taken(&imported(Per::Month, award(90)), FEBRUARY, 100);
    let stopped = told_in(&ours, DECEMBER, Some(ended(DECEMBER)));
    assert_eq!(stopped.stage, Stage::Ended { from: DECEMBER, why: End::Elsewhere });
    let never = told_in(&ours, DECEMBER, None);
    assert!(matches!(never.stage, Stage::Ended { why: End::Elsewhere, .. }));
    assert_eq!(never.ledger.elsewhere, BTreeMap::new(), "as if it had never been");
}

#[test]
fn what_is_given_back_is_theirs_again_from_then_on() {
    let ours = taken(&imported(Per::Month, award(90)), DECEMBER, 100);
    let ours = told_in(&ours, DECEMBER, Some(ended(DECEMBER)));
    let december = paid(&then(&ours, month(&ours, DECEMBER, Outcome::Eligible, 100)), 1);
    let january = then(&december, month(&december, JANUARY, Outcome::Eligible, 100));
    let back = then(&january, Command::GiveBack { from: JANUARY });
    assert_eq!((&back.stage, back.ledger.net_ordered(JANUARY)), (&Stage::Elsewhere, Tenge::ZERO));
    assert_eq!(back.ledger.net_ordered(DECEMBER), Tenge::whole(100));
    assert!(tried(&back, Command::GiveBack { from: JANUARY }).is_err());
    let again = told_in(&back, JANUARY, Some(Award { since: JANUARY.first_day(), ..award(90) }));
    assert_eq!(again.stage, Stage::Elsewhere);
    // A later rise of December is ours; January is compared.
    let doubted = then(&again, Command::Doubt);
    assert_eq!(doubted.months_due(JANUARY), [DECEMBER, JANUARY]);
    let rose = then(&doubted, changed(&doubted, DECEMBER, Outcome::Eligible, 130, 6));
    assert_eq!(rose.ledger.net_ordered(DECEMBER), Tenge::whole(130));
    let beside = then(&rose, month(&rose, JANUARY, Outcome::Eligible, 100));
    assert_eq!(beside.ledger.net_ordered(JANUARY), Tenge::ZERO);
}

#[test]
fn an_award_that_changes_changes_its_right() {
    let right = imported(Per::Month, award(90));
    assert_eq!(tried(&right, tell(Some(award(90)))), Ok(vec![]), "told again, it says nothing new");
    let raised = told_in(&right, JANUARY, Some(award(95)));
    let sums = [(DECEMBER, Some(Tenge::whole(90))), (JANUARY, Some(Tenge::whole(95)))];
    assert_eq!(raised.ledger.elsewhere, BTreeMap::from(sums), "a later sum changes no month before");
    let moved = told_in(&raised, JANUARY, Some(Award { recipient: FATHER, ..award(95) }));
    assert_eq!(moved.recipient, FATHER);
    let over = told_in(&moved, JANUARY, Some(ended(JANUARY)));
    assert_eq!(over.stage, Stage::Ended { from: JANUARY, why: End::Elsewhere });
    assert!(!over.in_runs() && over.ended_by_law().is_none());
    let resumed = told_in(&over, JANUARY, Some(award(95)));
    assert_eq!(resumed.stage, Stage::Elsewhere);
}

#[test]
fn what_was_found_here_and_is_paid_there_is_asked_no_more() {
    let paid_there = then(&found(Per::Month), tell(Some(award(90))));
    assert_eq!(paid_there.stage, Stage::Elsewhere);
    let once = Award { paid_on: Some(day()), ..award(90) };
    let grant = then(&found(Per::Once), tell(Some(once.clone())));
    assert_eq!(grant.stage, Stage::Ended { from: JANUARY, why: End::Elsewhere });
    assert_eq!(imported(Per::Once, once).stage, Stage::Ended { from: JANUARY, why: End::Elsewhere });
}

#[test]
fn what_we_pay_and_they_pay_too_is_stopped_here_and_given_to_an_officer() {
    let right = granted(Per::Month);
    let sent = paid(&then(&right, month(&right, DECEMBER, Outcome::Eligible, 100)), 1);
    let twice = tried(&sent, tell(Some(award(90)))).unwrap();
    assert!(twice.contains(&Event::RecoveryOpened { month: DECEMBER, amount: Tenge::whole(100) }));
    let right = apply(Some(sent), &twice).unwrap();
    assert_eq!(right.stage, Stage::InPayment, "our grant stands");
    let waits = then(&right, month(&right, JANUARY, Outcome::Eligible, 100));
    assert_eq!(waits.ledger.net_ordered(JANUARY), Tenge::ZERO);
    let alone = told_in(&waits, JANUARY, None);
    assert_eq!(alone.ledger.overpaid(DECEMBER), Tenge::ZERO);
    let ours = then(&alone, changed(&alone, JANUARY, Outcome::Eligible, 100, 7));
    assert_eq!(ours.ledger.net_ordered(JANUARY), Tenge::whole(100));
}

proptest! {
    /// Whatever today's system, the law, the stewards and the bank say, in any order: no order is made for a
    /// month that today's system is known to pay or that is not ours, none takes what is held above what is
    /// owed, and the money closes.
    #[test]
    fn no_order_is_theirs(steps in proptest::collection::vec((0u8..10, 0i64..3, 0i32..4), 1..60)) {
        let mut right = imported(Per::Month, award(100));
        for (fact, (what, amount, at)) in steps.into_iter().enumerate() {
            let of = Month(NOVEMBER.0 + at);
            let number = right.ledger.orders.len() as u32;
            let asked = right.question(of).is_some();
            let command = match what {
                0..=2 if asked => month(&right, of, Outcome::Eligible, 50 + amount * 25),
                3 if asked => changed(&right, of, [Outcome::Unknown, Outcome::NotEligible][(amount % 2) as usize], 0, fact as u64),
                4 => Command::Release { number },
                5 => Command::Report { number, status: BankStatus::Settled },
                6 => tell(Some(ended(of))),
                7 => tell([Some(award(100)), None][(amount % 2) as usize].clone()),
                8 if asked => {
                    let take = take_over(&right, of, 100);
                    let question = right.question(of.min(Month(NOVEMBER.0 + amount as i32))).unwrap();
                    let verdict = Verdict { question, ..take.verdict };
                    Command::TakeOver(Box::new(TakeOver { verdict, ..take }))
                }
                9 => Command::GiveBack { from: of },
                _ => continue,
            };
            let at = Moment::local(Month(NOVEMBER.0 + amount as i32).last_day(), 10, 0);
            let Ok(events) = Right::handle(Some(&right), command, at) else { continue };
            for event in &events {
                right = apply(Some(right), std::slice::from_ref(event)).unwrap();
                if let Event::Ordered { order } = event {
                    prop_assert!(right.ours(order.month) && !right.ledger.elsewhere.contains_key(&order.month));
                    prop_assert!(right.ledger.held(order.month) <= right.ledger.payable(order.month));
                }
            }
            prop_assert_eq!(right.totals().check(), Ok(()));
        }
    }
}
