//! Amounts, freedom, shares and choices.

use card::{Cell, FOREVER, LONG_AGO, Outcome, PersonId, Tenge, Ternary};
use law::{Pack, port::AssessError, tree::MeasureId};

use super::{Facts, GRANT, SHARED, day, family, person, question};
use crate::{
    plain::{Chosen, Decision, Plain, Workings},
    small::{pack, schema::*, terms},
};

fn work(
    pack: &Pack,
    measure: MeasureId,
    facts: &Facts,
    subject: u64,
    on: &str,
) -> Result<Workings, AssessError> {
    Plain::new().work(pack, measure, question(subject, on), &facts.0)
}

fn tenge(w: &Workings) -> Option<Tenge> {
    w.verdict.amount.and_then(|amount| amount.point())
}

#[test]
fn the_branch_and_the_date_of_the_request_decide_the_amount() {
    let (pack, facts) = (pack(), family().all_covered());
    // The second child: 63 units of 3932 and no addition; at most 64 units.
    let answer = work(&pack, GRANT, &facts, 3, "2025-02-01").expect("a verdict");
    assert_eq!(answer.verdict.outcome, Outcome::Eligible);
    assert_eq!(tenge(&answer), Some(Tenge::whole(63 * 3932)));
    assert_eq!(answer.verdict.branch.as_deref(), Some("later"));
    assert_eq!(answer.verdict.right_on, Some(day("2010-05-05")));
    // Paid for six months before the request: the right is older.
    assert_eq!(answer.verdict.pays_from, Some(day("2024-08-01")));
    assert!(answer.verdict.offerable(false));
    // The first child studies: 38 units and 2, whether or not the tie is the eldest's.
    let answer = work(&pack, GRANT, &facts, 2, "2025-02-01").expect("a verdict");
    assert_eq!(tenge(&answer), Some(Tenge::whole(40 * 3932)));
}

#[test]
fn an_addition_that_may_apply_opens_the_amount_upwards() {
    let mut facts = family();
    facts.0.rows.pop();
    let facts = [PERSON, TIE, HOME, INCOME, AWARD, AWARD_CHILD]
        .into_iter()
        .fold(facts, |facts, entity| facts.covered(entity, None, "1950-01-01", "2050-01-01"));
    let answer = work(&pack(), GRANT, &facts, 2, "2025-02-01").expect("a verdict");
    let amount = answer.verdict.amount.expect("an amount");
    assert_eq!((amount.lo, amount.hi), (Tenge::whole(38 * 3932), Some(Tenge::whole(40 * 3932))));
    assert_eq!(answer.verdict.missing[0].entity, "study");
}

#[test]
fn shares_follow_the_weights_and_the_rest_goes_to_the_first() {
    let (pack, mut facts) = (pack(), family());
    // Ranks 1, 2 and 1 weigh 2, 3 and 2.
    facts.0.rows[2].cells[6] = Cell::Integer(2);
    facts.0.rows[0].cells[1] = Cell::Date(day("2024-08-01"));
    let facts = facts.all_covered();
    let answer = work(&pack, SHARED, &facts, 1, "2024-12-01").expect("a verdict");
    // 24.05 units of 3692, nothing indexed since.
    let all = Tenge::from_tiyn(8_879_260);
    assert_eq!(tenge(&answer), Some(all));
    let shares: Vec<_> = answer.shares.iter().map(|s| (s.person, s.amount.lo.tiyn(), s.certain)).collect();
    let (two, three) = (8_879_260 * 2 / 7, 8_879_260 * 3 / 7);
    let rest = 8_879_260 - two - three - two;
    assert_eq!(
        shares,
        [(PersonId(2), two + rest, true), (PersonId(3), three, true), (PersonId(4), two, true)]
    );
    assert_eq!(answer.verdict.withheld[0].amount.point(), Some(Tenge::from_tiyn(887_926)));
    assert!(
        answer.verdict.pays_until == Some(day("2024-12-31"))
            && answer.verdict.kinds[0].applies == Ternary::Yes
    );
}

#[test]
fn unknown_membership_is_no_offer() {
    let (pack, facts) = (pack(), family().all_covered().hide(3, 1));
    let answer = work(&pack, SHARED, &facts, 1, "2025-02-01").expect("a verdict");
    assert_eq!(answer.verdict.outcome, Outcome::Unknown);
    assert!(answer.shares.iter().any(|share| share.person == PersonId(4) && !share.certain));
    assert!(!answer.verdict.offerable(true));
}

fn award(facts: Facts, measure: &str, recipient: u64, subject: Option<u64>, until: Option<&str>) -> Facts {
    let number = format!("A{}", facts.0.rows.len());
    let cells = vec![
        Cell::Code(number.into()),
        Cell::Code(measure.into()),
        person(recipient),
        subject.map_or(Cell::Nothing, person),
        Cell::Date(day("2024-01-01")),
        until.map_or(Cell::Nothing, |until| Cell::Date(day(until))),
    ];
    facts.row(AWARD, cells, day("2024-01-01"), until.map_or(FOREVER, day))
}

fn free(facts: &Facts, measure: MeasureId) -> Ternary {
    let subject = if measure == GRANT { 3 } else { 1 };
    work(&pack(), measure, facts, subject, "2025-02-01").expect("a verdict").verdict.free
}

#[test]
fn what_is_paid_already_is_not_free() {
    let covered = family().all_covered();
    assert_eq!(free(&covered, GRANT), Ternary::Yes);
    assert_eq!(free(&award(covered.clone(), "grant", 1, Some(3), None), GRANT), Ternary::No);
    // Paid once, so that an ended award counts as well; of a monthly one only what runs.
    assert_eq!(free(&award(covered.clone(), "grant", 1, Some(3), Some("2024-02-01")), GRANT), Ternary::No);
    assert_eq!(free(&award(covered.clone(), "shared", 1, None, Some("2024-02-01")), SHARED), Ternary::Yes);
    assert_eq!(free(&award(covered.clone(), "shared", 1, None, None), SHARED), Ternary::No);
    // A choice joins the two; another benefit does not matter, nor does another child's.
    assert_eq!(free(&award(covered.clone(), "shared", 1, Some(3), None), GRANT), Ternary::No);
    assert_eq!(free(&award(covered.clone(), "other", 1, Some(3), None), GRANT), Ternary::Yes);
    assert_eq!(free(&award(covered.clone(), "grant", 1, Some(4), None), GRANT), Ternary::Yes);
}

#[test]
fn an_award_counts_for_its_children_and_where_they_are_not_known_for_every_tie() {
    let covered = award(family().all_covered(), "grant", 1, None, None);
    let number = covered.0.rows.last().expect("rows").cells[0].clone();
    assert_eq!(free(&covered, GRANT), Ternary::Yes);
    let named =
        |child: u64| covered.clone().row(AWARD_CHILD, vec![number.clone(), person(child)], LONG_AGO, FOREVER);
    assert_eq!(free(&named(4), GRANT), Ternary::Yes);
    assert_eq!(free(&named(3), GRANT), Ternary::No);
    let mut silent = covered.clone();
    silent.0.coverage.retain(|coverage| coverage.entity != AWARD_CHILD);
    assert_eq!(free(&silent, GRANT), Ternary::Unknown);
    // Without the extract of awards nobody is known to be free.
    let mut nothing = family().all_covered();
    nothing.0.coverage.retain(|coverage| coverage.entity != AWARD);
    assert_eq!(free(&nothing, GRANT), Ternary::Unknown);
    assert_eq!(free(&nothing, SHARED), Ternary::Unknown);
}

#[test]
fn paid_once_is_free_only_if_coverage_reaches_back_to_the_right() {
    let since = |from: &str| {
        let mut facts = family().all_covered();
        facts.0.coverage.retain(|coverage| coverage.entity != AWARD);
        facts.covered(AWARD, None, from, "2050-01-01")
    };
    assert_eq!(free(&since("2010-05-05"), GRANT), Ternary::Yes);
    assert_eq!(free(&since("2010-05-06"), GRANT), Ternary::Unknown);
    assert_eq!(free(&since("2025-02-01"), SHARED), Ternary::Yes);
}

#[test]
fn what_the_pack_leaves_out_is_an_error_with_its_sources() {
    let facts = family().all_covered();
    let answer = |change: &dyn Fn(&mut law::Measure)| {
        let mut pack = pack();
        change(&mut pack.measures[0]);
        work(&pack, GRANT, &facts, 3, "2025-02-01").expect_err("an error").to_string()
    };
    let always = || crate::small::dated(terms::yes());
    let two = answer(&|m| m.branches[0].when = always());
    assert_eq!(two, "grant: branches first (code:first) and later (code:later) both apply; exactly one may");
    let none = answer(&|m| m.branches.truncate(1));
    assert!(none.starts_with("grant: the conditions hold and no branch applies"), "{none}");
    let negative = answer(&|m| m.branches[1].pays = crate::small::dated(terms::money(-5)));
    assert!(negative.contains("negative"), "{negative}");
    let zero = answer(&|m| {
        m.conditions[0].holds =
            crate::small::dated(terms::cmp(terms::div(terms::num(1), terms::num(0)), "=", terms::num(1)));
    });
    assert_eq!(zero, "grant: the condition alive divides by zero");
    let huge = answer(&|m| {
        m.branches[1].pays = crate::small::dated(terms::mul(terms::money(i128::MAX), terms::num(2)));
    });
    assert!(huge.contains("beyond 128 bits"), "{huge}");
}

#[test]
fn a_certain_no_tells_which_condition_and_no_amount() {
    let (pack, mut facts) = (pack(), family().all_covered());
    facts.0.rows[2].cells[3] = Cell::Date(day("2024-05-05"));
    let verdict = work(&pack, GRANT, &facts, 3, "2025-02-01").expect("a verdict").verdict;
    assert_eq!((verdict.outcome, verdict.amount), (Outcome::NotEligible, None));
    assert_eq!(verdict.conditions[0].outcome, Ternary::No);
    let grown = work(&pack, GRANT, &facts, 3, "2060-02-01").expect("a verdict").verdict;
    assert_eq!(grown.outcome, Outcome::NotConcerned);
    let stranger = work(&pack, GRANT, &facts, 9, "2025-02-01");
    assert_eq!(stranger.expect_err("no such person"), AssessError::NoSubject);
}

#[test]
fn the_larger_of_two_is_offered_once_both_are_certain() {
    let pack = pack();
    let decide = |facts: &Facts, subject: u64| {
        let verdicts: Vec<_> = [GRANT, SHARED]
            .into_iter()
            .map(|m| work(&pack, m, facts, subject, "2025-02-01").expect("a verdict").verdict)
            .collect();
        let asked = question(subject, "2025-02-01");
        let chosen = Plain::new().choose(&pack, asked, PersonId(subject), &facts.0, &verdicts);
        let Ok([Chosen { decision, .. }]) = chosen.as_deref() else { panic!("one choice: {chosen:?}") };
        decision.clone()
    };
    // A mother of 26 with a child: 38 and 10.03 units.
    let mother = |born: &str| {
        Facts::default()
            .person(1, born, true)
            .person(2, "2024-12-01", true)
            .person(3, "1970-01-01", true)
            .tie(2, 1, "2024-12-01")
            .tie(1, 3, "1998-01-01")
            .all_covered()
    };
    assert_eq!(decide(&mother("1998-01-01"), 1), Decision::Offer(GRANT));
    // Under 25 both are paid; of a child the second one is not due.
    assert_eq!(decide(&mother("2003-01-01"), 1), Decision::Both);
    assert_eq!(decide(&mother("1998-01-01"), 2), Decision::Apart);
    let open = mother("1998-01-01").hide(2, 4);
    assert!(
        matches!(decide(&open, 1), Decision::Ask(missing) if missing[0].field.as_deref() == Some("resident"))
    );
}
