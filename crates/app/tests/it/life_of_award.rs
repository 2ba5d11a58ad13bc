//! The life of an award after it was granted: from a fact of a registry to the money, on the real store.

use card::{Sex, Tenge};
use deliver::{
    ledger::{Basis, Cause},
    right::{End, Pause, Right, Stage},
};

use crate::town::{Town, month, officer, ordered, pack_of, pack_without, tenge};

const FAMILY: &str = "multi_child";
const FIVE: [(&str, &str); 5] = [
    ("Ару", "2009-02-10"),
    ("Бота", "2014-05-03"),
    ("Сәуле", "2017-06-04"),
    ("Дана", "2020-07-05"),
    ("Назым", "2023-08-06"),
];

/// A family that was granted the benefit of many children, and paid until a month.
fn granted(name: &str, children: &[(&str, &str)], from: &str, until: &[&str]) -> Town {
    let mut town = Town::new(name, &[FAMILY], from);
    town.family("Айша", "Болат", children);
    town.to(from);
    let right = town.agree(FAMILY, "Айша");
    assert_eq!(right.stage, Stage::Granted);
    for day in until {
        town.to(day);
        town.pay();
    }
    town
}

fn family(town: &Town) -> Right {
    town.right(FAMILY, "Айша")
}

#[test]
fn a_child_turns_18_and_the_award_falls_with_the_month_after() {
    // On 10 February 2027 the eldest of five is 18, and studies nowhere: from March on four count.
    let mut town = granted("turns-18", &FIVE, "2027-01-05", &["2027-01-10", "2027-02-10"]);
    town.to("2027-03-10");
    town.pay();
    let right = family(&town);
    // 20.04 and 16.03 indexes of 4 606 tenge.
    assert_eq!(ordered(&right, "2027-02"), tenge(92_305), "the month of the birthday is paid in full");
    assert_eq!(ordered(&right, "2027-03"), tenge(73_835));
    assert_eq!(right.claims.len(), 4);
    assert_eq!(right.ledger.overpaid(month("2027-02")), Tenge::ZERO);
}

#[test]
fn a_student_leaves_and_the_award_ends_when_too_few_are_left() {
    let mut town = Town::new("leaves", &[FAMILY], "2026-09-05");
    town.family(
        "Айша",
        "Болат",
        &[("Ару", "2007-02-10"), ("Бота", "2014-05-03"), ("Сәуле", "2017-06-04"), ("Дана", "2020-07-05")],
    );
    let student = town.iin("Ару");
    town.say(
        "study",
        "nobd",
        &[
            ("person", &student),
            ("form", "full_time"),
            ("level", "higher"),
            ("since", "2025-09-01"),
            ("ended", ""),
        ],
    );
    town.to("2026-09-05");
    town.agree(FAMILY, "Айша");
    for day in ["2026-09-10", "2026-10-10", "2026-11-10"] {
        town.to(day);
        town.pay();
    }
    // She left on 15 October; the education registry tells it in November, after November was paid.
    town.mend("study", "nobd", ("person", "Ару"), &[("ended", "2026-10-15")]);
    town.to("2026-12-10");
    town.pay();
    let right = family(&town);
    assert_eq!(
        right.stage,
        Stage::Ended {
            from: month("2026-12"),
            why: End::NotEligible { failing: vec!["four_children".to_owned()] }
        }
    );
    assert_eq!(right.ledger.overpaid(month("2026-10")), Tenge::ZERO, "October was hers on its first day");
    assert_eq!(right.ledger.overpaid(month("2026-11")), tenge(69_330));
    assert!(town.tasks().iter().any(|task| task == "Overpayment"));
}

#[test]
fn a_death_is_paid_through_its_month_and_an_overpayment_is_recovered_by_an_officer() {
    let mut town = granted("death", &FIVE[1..], "2026-09-05", &["2026-09-10", "2026-10-10", "2026-11-10"]);
    town.mend("person", "civil_acts", ("iin", "Дана"), &[("death_date", "2026-10-20")]);
    town.to("2026-11-20");
    let before = family(&town);
    assert_eq!(before.ledger.overpaid(month("2026-11")), Tenge::ZERO, "the run asks, not the event");
    town.to("2026-12-10");
    town.pay();
    let right = family(&town);
    assert!(matches!(right.stage, Stage::Ended { from, .. } if from == month("2026-12")), "{right:?}");
    assert_eq!(ordered(&right, "2026-10"), tenge(69_330), "the month of the death is paid");
    let of = month("2026-11");
    assert_eq!(right.ledger.overpaid(of), tenge(69_330));
    let person = right.recipient;
    assert!(
        town.service.recover(&officer(), person, right.id.0, of, tenge(69_331)).is_err(),
        "no more than is open"
    );
    town.service.recover(&officer(), person, right.id.0, of, tenge(30_000)).unwrap();
    assert_eq!(family(&town).ledger.overpaid(of), tenge(39_330));
    town.service.recover(&officer(), person, right.id.0, of, tenge(39_330)).unwrap();
    assert_eq!(family(&town).ledger.overpaid(of), Tenge::ZERO);
    assert!(!town.tasks().iter().any(|task| task == "Overpayment"), "there is nothing left to recover");
}

#[test]
fn a_new_job_ends_the_payment_for_a_lost_one() {
    let case = "24 months of contributions: 0.85, 3 months paid";
    let mut town = Town::of_case("new-job", "sif_job_loss", case, "2026-06-15");
    town.to("2026-06-15");
    let right = town.agree("sif_job_loss", "employee");
    assert_eq!(right.stage, Stage::Granted);
    town.pay();
    let paid = town.right("sif_job_loss", "employee");
    assert_eq!(paid.stage, Stage::InPayment);
    let owed = paid.ledger.owed[&month("2026-06")].clone();
    assert!(owed.withheld > Tenge::ZERO && ordered(&paid, "2026-06") == owed.payable(), "{owed:?}");
    let employee = town.iin("employee");
    town.say(
        "job",
        "enbek",
        &[("person", &employee), ("employer", "shop"), ("since", "2026-06-25"), ("ended", "")],
    );
    town.to("2026-07-10");
    town.pay();
    let over = town.right("sif_job_loss", "employee");
    assert_eq!(
        over.stage,
        Stage::Ended {
            from: month("2026-07"),
            why: End::NotEligible { failing: vec!["not_working".to_owned()] }
        }
    );
    assert_eq!(
        (ordered(&over, "2026-07"), over.ledger.overpaid(month("2026-06"))),
        (Tenge::ZERO, Tenge::ZERO)
    );
}

#[test]
fn a_number_of_payments_is_paid_and_no_more() {
    let case = "24 months of contributions: 0.85, 3 months paid";
    let mut town = Town::of_case("three", "sif_job_loss", case, "2026-06-15");
    town.to("2026-06-15");
    town.agree("sif_job_loss", "employee");
    for day in ["2026-06-16", "2026-07-10", "2026-08-10", "2026-09-10", "2026-10-10"] {
        town.to(day);
        town.pay();
    }
    let right = town.right("sif_job_loss", "employee");
    assert!(matches!(right.stage, Stage::Ended { why: End::Period, .. }), "{right:?}");
    assert_eq!(right.ledger.orders.len(), 3);
}

#[test]
fn another_group_of_disability_is_another_amount_from_its_month_on() {
    let mut town = Town::of_case("group", "disability", "2026, general illness, group III", "2026-06-15");
    town.to("2026-06-15");
    town.agree("disability", "person");
    town.pay();
    assert_eq!(ordered(&town.right("disability", "person"), "2026-06"), tenge(61_022));
    // Established again in July as group II, and told in August, after July was paid.
    town.to("2026-07-10");
    town.pay();
    town.mend("disability", "cbdi", ("person", "person"), &[("ended", "2026-07-01")]);
    let person = town.iin("person");
    town.say(
        "disability",
        "cbdi",
        &[
            ("person", &person),
            ("group", "group_2"),
            ("cause", "general_illness"),
            ("of_movement", "false"),
            ("since", "2026-07-01"),
            ("ended", ""),
        ],
    );
    town.to("2026-08-10");
    town.pay();
    let right = town.right("disability", "person");
    assert_eq!((ordered(&right, "2026-06"), ordered(&right, "2026-07")), (tenge(61_022), tenge(89_498)));
    assert_eq!(ordered(&right, "2026-08"), tenge(89_498));
    let arrears =
        right.ledger.orders.iter().find(|order| matches!(order.cause, Cause::Arrears { .. })).unwrap();
    assert_eq!((arrears.month, arrears.amount), (month("2026-07"), tenge(28_476)));
}

#[test]
fn a_child_in_an_institution_does_not_count_and_counts_again_when_it_is_back() {
    let mut town = Town::new("institution", &[FAMILY], "2026-09-05");
    town.family("Айша", "Болат", &FIVE[1..]);
    town.to("2026-09-05");
    town.agree(FAMILY, "Айша");
    town.to("2026-09-10");
    town.pay();
    // From 15 September the youngest is in an institution of full state support; in November it is back.
    let child = town.iin("Назым");
    town.say(
        "stay",
        "stays",
        &[("person", &child), ("kind", "full_state_support"), ("since", "2026-09-15"), ("ended", "")],
    );
    town.to("2026-10-10");
    town.pay();
    assert!(matches!(family(&town).stage, Stage::Ended { from, .. } if from == month("2026-10")));
    town.mend("stay", "stays", ("person", "Назым"), &[("ended", "2026-11-01")]);
    town.to("2026-11-10");
    let again = family(&town);
    assert_eq!(again.stage, Stage::Found, "it is offered again, as a right of its own: {again:?}");
}

#[test]
fn a_corrected_fact_of_the_past_is_arrears() {
    // A fifth child was born in August and told in November.
    let mut town = granted("arrears", &FIVE[..4], "2026-08-20", &["2026-09-10", "2026-10-10"]);
    town.person("Назым", Sex::Female, "2026-08-25");
    let (mother, father, child) = (town.iin("Айша"), town.iin("Болат"), town.iin("Назым"));
    for parent in [&mother, &father] {
        town.say(
            "parent_link",
            "civil_acts",
            &[
                ("child", &child),
                ("parent", parent),
                ("kind", "birth"),
                ("rights", "full"),
                ("since", "2026-08-25"),
                ("ended", ""),
            ],
        );
    }
    town.say(
        "residence",
        "residence_register",
        &[("person", &child), ("address", "A-Айша"), ("since", "2026-08-25"), ("ended", "")],
    );
    town.to("2026-11-10");
    town.pay();
    let right = family(&town);
    for of in ["2026-09", "2026-10", "2026-11"] {
        assert_eq!(ordered(&right, of), tenge(86_673), "{of}");
    }
    assert_eq!(right.claims.len(), 5);
}

#[test]
fn silence_carries_the_last_amount_for_two_months_and_then_waits_for_the_fact() {
    let mut town = granted("silence", &FIVE[1..], "2026-05-05", &["2026-05-10"]);
    town.falls_silent("civil_acts", "2026-05-10");
    for day in ["2026-06-30", "2026-07-30", "2026-08-30", "2026-09-30"] {
        town.to(day);
        town.pay();
    }
    let right = family(&town);
    // Silence since 10 May is believed until 9 June: June's first day is known, July and August are carried.
    let basis =
        |of: &str| right.ledger.owed.get(&month(of)).map(|owed| matches!(owed.basis, Basis::Carried { .. }));
    assert_eq!(
        ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09"].map(basis),
        [Some(false), Some(false), Some(true), Some(true), None]
    );
    assert_eq!(ordered(&right, "2026-08"), tenge(69_330));
    assert!(matches!(right.stage, Stage::Suspended { why: Pause::NotKnown { .. } }), "not over: {right:?}");
    assert!(town.tasks().iter().any(|task| task == "Get the missing fact"));
    // When the registry speaks again, September is owed, and what was carried is found due.
    town.speaks_again("civil_acts");
    town.to("2026-10-10");
    town.pay();
    let right = family(&town);
    assert_eq!(right.stage, Stage::InPayment);
    for of in ["2026-07", "2026-08", "2026-09", "2026-10"] {
        assert_eq!(
            (ordered(&right, of), &right.ledger.owed[&month(of)].basis),
            (tenge(69_330), &Basis::Assessed),
            "{of}"
        );
    }
}

#[test]
fn whoever_leads_after_a_death_goes_on_with_the_award_s_money_of_their_own_right() {
    let mut town = granted("lead", &FIVE[1..], "2026-09-05", &["2026-09-10"]);
    town.mend("person", "civil_acts", ("iin", "Айша"), &[("death_date", "2026-09-20")]);
    town.to("2026-10-10");
    town.pay();
    let hers = family(&town);
    assert!(matches!(hers.stage, Stage::Ended { from, .. } if from == month("2026-10")), "{hers:?}");
    town.to("2026-10-11");
    let his = town.right(FAMILY, "Болат");
    assert!(his.offer.is_some(), "the father is asked: {his:?}");
    town.agree(FAMILY, "Болат");
    town.pay();
    assert_eq!(ordered(&town.right(FAMILY, "Болат"), "2026-10"), tenge(69_330), "and no month is lost");
}

#[test]
fn another_recipient_keeps_the_right_and_its_ledger() {
    // The mother may not receive any more: she lives here permanently no longer.
    let mut town = granted("recipient", &FIVE[1..], "2026-09-05", &["2026-09-10"]);
    town.mend("person", "migration", ("iin", "Айша"), &[("permanent_resident", "false")]);
    town.to("2026-10-10");
    town.pay();
    let passed = family(&town);
    assert_eq!(
        (&passed.stage, passed.recipient),
        (&Stage::Suspended { why: Pause::NewRecipient }, town.id("Болат"))
    );
    assert_eq!(ordered(&passed, "2026-10"), Tenge::ZERO, "money waits for his consent and his account");
    town.agree(FAMILY, "Айша");
    town.to("2026-11-10");
    town.pay();
    let goes_on = family(&town);
    assert_eq!((goes_on.id, &goes_on.stage), (passed.id, &Stage::InPayment));
    for of in ["2026-09", "2026-10", "2026-11"] {
        assert_eq!(ordered(&goes_on, of), tenge(69_330), "{of}");
    }
}

#[test]
fn on_1_january_a_running_payment_is_indexed() {
    let town = granted("index", &FIVE[1..], "2025-11-05", &["2025-11-10", "2025-12-10", "2026-01-10"]);
    let right = family(&town);
    // 16.03 indexes of 3 932 and of 4 325 tenge.
    let paid = ["2025-11", "2025-12", "2026-01"].map(|of| ordered(&right, of));
    assert_eq!(paid, [tenge(63_030), tenge(63_030), tenge(69_330)]);
    assert!(right.ledger.orders.iter().all(|order| order.cause == Cause::Regular), "nothing is recalculated");
}

#[test]
fn an_index_raised_afterwards_changes_the_months_since_then_as_in_april_2022() {
    // The index of 1 April 2022 was decided later and paid in June, with arrears for April and May.
    let before = pack_without(&[FAMILY], "2022-04-01");
    let mut town = Town::by("april-2022", before, "2022-03-05");
    let young: Vec<(&str, &str)> = FIVE[..4]
        .iter()
        .map(|(name, _)| *name)
        .zip(["2010-01-02", "2013-02-03", "2016-03-04", "2019-04-05"])
        .collect();
    town.family("Айша", "Болат", &young);
    town.to("2022-03-05");
    town.agree(FAMILY, "Айша");
    for day in ["2022-03-10", "2022-04-10", "2022-05-10"] {
        town.to(day);
        town.pay();
    }
    let old = family(&town);
    // 16.03 indexes of 3 063 tenge, rounded up.
    assert_eq!(["2022-03", "2022-04", "2022-05"].map(|of| ordered(&old, of)), [tenge(49_100); 3]);
    town.service.change_law(pack_of(&[FAMILY]));
    town.to("2022-06-10");
    town.pay();
    let right = family(&town);
    assert_eq!(ordered(&right, "2022-03"), tenge(49_100), "March is of the old index");
    // 16.03 indexes of 3 180 tenge, 50 975.40, rounded to the nearest.
    assert_eq!(["2022-04", "2022-05", "2022-06"].map(|of| ordered(&right, of)), [tenge(50_975); 3]);
    let arrears = right.ledger.orders.iter().filter(|order| matches!(order.cause, Cause::Arrears { .. }));
    assert_eq!(
        arrears.map(|order| (order.month, order.amount)).collect::<Vec<_>>(),
        [(month("2022-04"), tenge(1_875)), (month("2022-05"), tenge(1_875))]
    );
}

#[test]
fn a_child_who_moves_counts_where_it_lives() {
    let mut town = granted("moves", &FIVE, "2026-08-20", &["2026-09-10"]);
    let (father, child) = (town.iin("Болат"), town.iin("Назым"));
    // The parents part; the youngest lives with the father from 20 September on.
    town.mend("marriage", "civil_acts", ("second", "Болат"), &[("ended", "2026-09-15")]);
    town.mend("residence", "residence_register", ("person", "Болат"), &[("ended", "2026-09-15")]);
    for who in [&father, &child] {
        if who == &child {
            town.mend("residence", "residence_register", ("person", "Назым"), &[("ended", "2026-09-20")]);
        }
        town.say(
            "residence",
            "residence_register",
            &[("person", who), ("address", "A-Болат"), ("since", "2026-09-20"), ("ended", "")],
        );
    }
    let lives = [("child", child.as_str()), ("parent", &father), ("since", "2026-09-20"), ("ended", "")];
    town.say("lives_with", "declared", &lives);
    town.to("2026-10-10");
    town.pay();
    let right = family(&town);
    assert_eq!((ordered(&right, "2026-09"), ordered(&right, "2026-10")), (tenge(86_673), tenge(69_330)));
    assert!(!right.claims.contains(&town.id("Назым")), "{right:?}");
}
