//! From today's systems: their awards are rights here, compared, taken over and given back, and no month is
//! paid by both.

use card::{Lang, Role, Tenge};
use deliver::{
    archive::Archive as _,
    book::{Book as _, Library as _},
    elsewhere::{Kind, Ours},
    mode::Proposal,
    port::{Movement, StatementEntry},
    right::{End, Right, Stage},
};

use crate::browser::{Running, between, family_card, folder};
use crate::town::{Town, month, official, ordered, tenge};

const FAMILY: &str = "multi_child";
const GRANT: &str = "birth_grant";
const FOUR: [(&str, &str); 4] =
    [("Ару", "2012-04-02"), ("Бота", "2014-05-03"), ("Сәуле", "2017-06-04"), ("Дана", "2020-07-05")];
const NAMES: [&str; 4] = ["Ару", "Бота", "Сәуле", "Дана"];

/// A family of four children whom today's system pays a month.
fn paid_family(name: &str, amount: &str) -> Town {
    let mut town = Town::new(name, &[FAMILY], "2026-11-20");
    town.family("Айша", "Болат", &FOUR);
    town.award("P-1", FAMILY, ("Айша", "Айша"), &NAMES, ("2024-02-01", amount));
    town.to("2026-11-20");
    town
}

/// Two stewards take it over from a month on; how many moved, and how many stayed.
fn take_over(town: &Town, region: Option<&str>, from: &str) -> (u64, u64) {
    let (first, second) = (official("Нұрлан", Role::Steward), official("Светлана", Role::Steward));
    let from = month(from);
    town.service.propose(&first, FAMILY, region, Proposal::TakeOver { from }).unwrap();
    assert!(town.service.confirm(&first, FAMILY, region).is_err(), "two people");
    let moved = town.service.confirm(&second, FAMILY, region).unwrap();
    (moved.moved, moved.stayed)
}

#[test]
fn what_is_paid_there_is_a_right_here_and_told_again_it_changes_nothing() {
    let mut town = paid_family("told", "69330");
    let right = town.right(FAMILY, "Айша");
    assert_eq!((&right.stage, right.recipient, right.claims.len()), (&Stage::Elsewhere, town.id("Айша"), 4));
    assert_eq!(right.ledger.elsewhere[&month("2026-11")], Some(tenge(69_330)));
    let entries = town.service.store().book().totals().unwrap();
    town.to("2026-11-25");
    assert_eq!(town.right(FAMILY, "Айша"), right, "the same extract says nothing new");
    assert_eq!(town.service.store().book().totals().unwrap(), entries);
    let run = town.pay();
    assert_eq!(town.service.batch(run).unwrap().transfers, [], "nothing is ordered");
    assert_eq!(town.right(FAMILY, "Айша").compared.unwrap().kind(), Kind::Same);

    // It pays more from December on, and to the father; then it stops.
    town.mend(
        "running_award",
        "payments",
        ("number", "P-1"),
        &[("amount", "70000"), ("recipient", &town.iin("Болат"))],
    );
    town.to("2026-12-05");
    let moved = town.right(FAMILY, "Айша");
    assert_eq!((moved.id, moved.recipient), (right.id, town.id("Болат")));
    assert_eq!(moved.ledger.elsewhere[&month("2026-11")], Some(tenge(69_330)), "November stays as it was");
    assert_eq!(moved.ledger.elsewhere[&month("2026-12")], Some(tenge(70_000)));
    town.mend("running_award", "payments", ("number", "P-1"), &[("ended", "2027-01-01")]);
    town.to("2027-01-02");
    // What is not paid there any more is found and offered here, since the law gives it: the same right.
    let over = town.right(FAMILY, "Айша");
    assert_eq!((over.id, &over.stage), (right.id, &Stage::Found));
    assert!(over.offer.is_some(), "{over:?}");
    town.agree(FAMILY, "Айша");
    town.pay();
    let ours = town.right(FAMILY, "Айша");
    assert!(ours.stage == Stage::InPayment && ordered(&ours, "2027-01") > Tenge::ZERO, "{ours:?}");
}

#[test]
fn an_offer_of_what_turns_out_to_be_paid_there_is_taken_back() {
    let mut town = Town::new("taken-back", &[FAMILY], "2026-11-20");
    town.family("Айша", "Болат", &FOUR);
    town.to("2026-11-20");
    let offered = town.right(FAMILY, "Айша");
    assert!(offered.offer.is_some());
    town.award("P-1", FAMILY, ("Айша", "Айша"), &NAMES, ("2026-11-01", "69330"));
    town.to("2026-11-21");
    let right = town.right(FAMILY, "Айша");
    assert_eq!((right.id, &right.stage, right.offer), (offered.id, &Stage::Elsewhere, None));
    let offer = town.service.store().book().offer(offered.offer.unwrap()).unwrap().unwrap();
    assert_eq!(offer.stage, deliver::offer::Stage::Withdrawn);
}

#[test]
fn it_is_taken_over_from_a_month_on_and_no_month_is_paid_by_both() {
    let mut town = paid_family("taken-over", "69330");
    assert_eq!(take_over(&town, None, "2027-01"), (1, 0));
    town.to("2026-12-10");
    town.pay();
    assert_eq!(town.right(FAMILY, "Айша").ledger.orders, [], "December is theirs");
    // Today's system has not let go yet: January waits.
    town.to("2027-01-10");
    town.pay();
    assert_eq!(ordered(&town.right(FAMILY, "Айша"), "2027-01"), Tenge::ZERO);
    assert!(town.has_no_offer(FAMILY, "Айша"));
    town.mend("running_award", "payments", ("number", "P-1"), &[("ended", "2027-01-01")]);
    town.to("2027-01-15");
    town.pay();
    let right = town.right(FAMILY, "Айша");
    let owed = right.ledger.owed[&month("2027-01")].gross;
    assert!(owed > tenge(69_330), "the index of 2027: {owed}");
    assert_eq!((&right.stage, ordered(&right, "2027-01")), (&Stage::InPayment, owed));
    assert_eq!(right.consent, None, "who is paid already is not asked again");
    assert_eq!(right.ledger.orders.len(), 1);
    // Our award is a fact now, so that nobody is offered it beside.
    town.to("2027-02-10");
    town.pay();
    let right = town.right(FAMILY, "Айша");
    assert_eq!((ordered(&right, "2027-01"), ordered(&right, "2027-02")), (owed, owed));
    assert_eq!(right.ledger.elsewhere.keys().next_back(), Some(&month("2026-12")));

    // The way back: halted at once, given back by two, and paid there again.
    town.service.halt(&official("Нұрлан", Role::Steward), FAMILY, None, "a fault").unwrap();
    town.to("2027-03-10");
    town.pay();
    assert_eq!(ordered(&town.right(FAMILY, "Айша"), "2027-03"), Tenge::ZERO);
    town.switch(FAMILY, None, Proposal::GiveBack { from: month("2027-03") });
    assert_eq!(town.right(FAMILY, "Айша").stage, Stage::Elsewhere);
    town.switch(FAMILY, None, Proposal::Mode(deliver::mode::Mode::Offering));
    town.award("P-2", FAMILY, ("Айша", "Айша"), &NAMES, ("2027-03-01", "73832"));
    town.to("2027-03-20");
    town.pay();
    let back = town.right(FAMILY, "Айша");
    assert_eq!((back.id, ordered(&back, "2027-03")), (right.id, Tenge::ZERO));
    assert_eq!(back.ledger.elsewhere[&month("2027-03")], Some(tenge(73_832)));
    assert!(
        back.ledger.months().iter().all(|of| !back.ledger.elsewhere.contains_key(of)),
        "{:?}",
        back.ledger
    );
}

#[test]
fn what_is_not_certain_stays_with_today_s_system() {
    let mut town = paid_family("stays", "50000");
    // Nobody of three children is paid by our reading, and somebody with two accounts could be paid to either.
    town.family(
        "Гүлнар",
        "Дәурен",
        &[("Еркін", "2012-04-02"), ("Жанар", "2014-05-03"), ("Зере", "2017-06-04")],
    );
    town.award("P-2", FAMILY, ("Гүлнар", "Гүлнар"), &["Еркін", "Жанар", "Зере"], ("2024-02-01", "69330"));
    town.account("Айша");
    town.to("2026-11-21");
    assert_eq!(town.service.compare(&official("Ерлан", Role::Officer)).unwrap(), 2);
    let more = town.right(FAMILY, "Айша").compared.unwrap();
    assert_eq!((more.kind(), more.gives()), (Kind::More, Some(tenge(69_330))));
    let nothing = town.right(FAMILY, "Гүлнар").compared.unwrap();
    let Ours::Nothing { why: End::NotEligible { failing } } = nothing.ours else { panic!("{nothing:?}") };
    assert_eq!(failing, ["four_children"]);
    assert_eq!(take_over(&town, None, "2027-01"), (0, 2));
    assert_eq!(town.right(FAMILY, "Гүлнар").stage, Stage::Elsewhere, "our no stops nobody's money there");
    // Once today's system tells to which account it pays, the next run takes it over, from the month after.
    let account = town.account_of("Айша", 0);
    town.mend("running_award", "payments", ("number", "P-1"), &[("account", &account)]);
    town.to("2027-01-10");
    town.pay();
    let taken = town.right(FAMILY, "Айша");
    assert_eq!(taken.taken_over.map(|taken| taken.from), Some(month("2027-02")));
}

#[test]
fn a_region_is_taken_over_alone() {
    let mut town = paid_family("region", "69330");
    town.family(
        "Гүлнар",
        "Дәурен",
        &[("Еркін", "2012-04-02"), ("Жанар", "2014-05-03"), ("Зере", "2017-06-04"), ("Іңкәр", "2019-01-09")],
    );
    town.mend("person", "gbd_fl", ("iin", "Гүлнар"), &[("region", "71")]);
    town.award(
        "P-2",
        FAMILY,
        ("Гүлнар", "Гүлнар"),
        &["Еркін", "Жанар", "Зере", "Іңкәр"],
        ("2024-02-01", "69330"),
    );
    town.to("2026-11-21");
    assert_eq!(take_over(&town, Some("71"), "2027-01"), (1, 0));
    assert_eq!(town.right(FAMILY, "Айша").stage, Stage::Elsewhere);
    assert_eq!(town.right(FAMILY, "Гүлнар").stage, Stage::Granted);
    assert_eq!(take_over(&town, None, "2027-02"), (1, 0));
}

#[test]
fn what_we_pay_and_they_pay_too_is_an_officer_s() {
    let mut town = Town::new("twice", &[FAMILY], "2026-11-20");
    town.family("Айша", "Болат", &FOUR);
    town.to("2026-11-20");
    town.agree(FAMILY, "Айша");
    town.to("2026-12-10");
    town.pay();
    assert_eq!(ordered(&town.right(FAMILY, "Айша"), "2026-12"), tenge(69_330));
    town.award("P-1", FAMILY, ("Айша", "Айша"), &NAMES, ("2026-12-01", "69330"));
    town.to("2027-01-10");
    town.pay();
    let right = town.right(FAMILY, "Айша");
    assert_eq!((&right.stage, ordered(&right, "2027-01")), (&Stage::InPayment, Tenge::ZERO));
    assert_eq!(right.ledger.overpaid(month("2026-12")), tenge(69_330));
    let tasks = town.tasks();
    assert!(tasks.iter().any(|task| task == "Overpayment"), "{tasks:?}");
    assert!(tasks.iter().any(|task| task.starts_with("Today's system pays it too")), "{tasks:?}");
}

/// The birth grant that we paid, whatever today's system says beside it.
fn paid_once(town: &Town) -> Right {
    let rights = town.service.store().book().rights_of(town.id("Ару")).unwrap();
    rights.into_iter().find(Right::granted_here).expect("it was granted")
}

#[test]
fn a_single_payment_that_came_back_is_not_sent_again_once_they_pay_it() {
    let born = [("Ару", "2026-11-10")];
    let mut town = Town::new("once", &[GRANT], "2026-11-20");
    town.family("Айша", "Болат", &born);
    town.to("2026-11-20");
    town.agree(GRANT, "Ару");
    let run = town.pay();
    let sent = town.service.batch(run).unwrap().transfers.remove(0);
    town.award("P-1", GRANT, ("Айша", "Ару"), &["Ару"], ("2026-11-22", "164350"));
    town.account("Айша");
    town.to("2026-11-25");
    let back = StatementEntry {
        reference: "back".to_owned(),
        end_to_end: sent.end_to_end,
        amount: sent.amount,
        booked: town.today(),
        movement: Movement::Returned { reason: "AC04".to_owned() },
    };
    town.service.bank_booked([Ok(back)]).unwrap();
    let right = paid_once(&town);
    let accounts = town.service.store().accounts_of(right.recipient, town.today()).unwrap();
    let other = *accounts.iter().find(|one| Some(**one) != right.account).expect("another account");
    let operator = official("Айгерім", Role::Operator);
    town.service.name_account(&operator, right.recipient, right.id.0, other).unwrap();
    let run = town.pay();
    assert_eq!(town.service.batch(run).unwrap().transfers, [], "they pay it");
    let tasks = town.tasks();
    assert!(tasks.iter().any(|task| task.starts_with("Today's system pays it too")), "{tasks:?}");
}

#[test]
fn differences_are_numbers_for_all_and_people_for_an_officer_with_a_reason() {
    let mut town = paid_family("differences", "50000");
    town.family(
        "Гүлнар",
        "Дәурен",
        &[("Еркін", "2012-04-02"), ("Жанар", "2014-05-03"), ("Зере", "2017-06-04")],
    );
    town.award("P-2", FAMILY, ("Гүлнар", "Гүлнар"), &["Еркін", "Жанар", "Зере"], ("2024-02-01", "69330"));
    town.to("2026-11-21");
    let (steward, officer) = (official("Нұрлан", Role::Steward), official("Ерлан", Role::Officer));
    assert_eq!(
        town.service.differences(&steward, Lang::En).unwrap()[0].kind,
        None,
        "nothing was compared yet"
    );
    town.service.compare(&steward).unwrap();
    let lines = town.service.differences(&steward, Lang::En).unwrap();
    let told: Vec<_> =
        lines.iter().map(|l| (l.region.as_deref(), l.kind, l.awards, l.theirs, l.ours)).collect();
    let more = (Some("75"), Some(Kind::More), 1, tenge(50_000), tenge(69_330));
    assert_eq!(told, [more, (Some("75"), Some(Kind::Nothing), 1, tenge(69_330), Tenge::ZERO)]);
    let nothing = (FAMILY, Some("75"), Kind::Nothing);
    assert!(
        town.service.differing(&steward, nothing, ("cut-over", 9), Lang::En).is_err(),
        "no names for a steward"
    );
    assert!(town.service.differing(&officer, nothing, (" ", 9), Lang::En).is_err(), "nor without a reason");
    let people = town.service.differing(&officer, nothing, ("cut-over", 9), Lang::En).unwrap();
    assert_eq!(
        (people.len(), people[0].person, &people[0].awards[..]),
        (1, town.id("Гүлнар"), &["P-2".to_owned()][..])
    );
    assert!(people[0].why[0].contains("four"), "{:?}", people[0].why);
    assert_eq!(
        town.service.differing(&officer, (FAMILY, Some("71"), Kind::Nothing), ("x", 9), Lang::En).unwrap(),
        []
    );
}

#[test]
fn who_has_applied_there_is_asked_here_once_it_is_decided() {
    let mut town = Town::new("applied", &[FAMILY], "2026-11-20");
    town.family("Айша", "Болат", &FOUR);
    let applicant = town.iin("Айша");
    let row = [("number", "A-1"), ("measure", FAMILY), ("applicant", applicant.as_str()), ("subject", "")];
    let filed = [("filed_on", "2026-11-12"), ("decided_on", ""), ("outcome", "")];
    town.say("earlier_application", "payments", &[&row[..], &filed].concat());
    town.to("2026-11-20");
    assert!(town.has_no_offer(FAMILY, "Айша"), "she has asked already");
    let operator = official("Айгерім", Role::Operator);
    let card =
        |town: &Town| town.service.card(&operator, town.id("Айша"), "a call", Lang::En).unwrap().applications;
    assert_eq!((card(&town).len(), &*card(&town)[0].state), (1, "waits for a decision"));
    // Refused there, her right stays: by our reading she has one, and is asked.
    let decided = [("decided_on", "2026-11-24"), ("outcome", "refused")];
    town.mend("earlier_application", "payments", ("number", "A-1"), &decided);
    town.to("2026-11-25");
    assert!(!town.has_no_offer(FAMILY, "Айша"));
    assert_eq!(card(&town)[0].state, "refused");
}

#[test]
fn two_stewards_take_over_on_a_page_and_only_an_officer_reads_names() {
    let demo = Running::demo(folder("stewards"), "1500");
    assert!(demo.ask("GET", "/awards", "").starts_with("HTTP/1.0 303"), "an operator sees no switches");
    demo.post_as(3, "/awards", "act=compare");
    let page = demo.get_as(3, "/awards");
    assert!(page.contains("the same") && !page.contains("/awards/people"), "{page}");
    demo.post_as(3, "/awards", "act=take_over&measure=multi_child&from=2027-01");
    demo.post_as(3, "/awards", "act=confirm&measure=multi_child");
    assert!(demo.get_as(3, "/awards").contains("a second official has to"));
    demo.post_as(4, "/awards", "act=confirm&measure=multi_child");
    let page = demo.get_as(4, "/awards");
    assert!(page.contains("Moved: ") && page.contains("paid by us from 2027-01"), "{page}");

    let page = demo.get_as(1, "/awards");
    let row = page
        .split("<tr>")
        .find(|row| row.contains("value=\"nothing\""))
        .expect("some are paid, and have no right");
    let field = |name: &str| format!("{name}={}", between(row, &format!("name=\"{name}\" value=\""), "\""));
    let asked = format!("{}&{}&{}", field("measure"), field("region"), field("kind"));
    let told = demo.ask_as(1, "POST", "/awards/people", &format!("{asked}&reason=case_review"));
    assert!(told.contains("<a href=\"/desk/") && told.contains("P-"), "{told}");
    let refused = demo.ask_as(1, "POST", "/awards/people", &format!("{asked}&reason=curiosity"));
    assert!(refused.starts_with("HTTP/1.0 303"), "{refused}");
    let refused = demo.ask_as(4, "POST", "/awards/people", &format!("{asked}&reason=case_review"));
    assert!(refused.starts_with("HTTP/1.0 303"), "{refused}");
    let dir = demo.interrupt();

    // The same from the command line, as files.
    let (numbers, people) = (dir.join("numbers.csv"), dir.join("people.csv"));
    let store = dir.display().to_string();
    let files = [numbers.display().to_string(), people.display().to_string()];
    let told = family_card(&["awards", "--store", &store, "--out", &files[0], "--people", &files[1]])
        .args(["--reason", "cut-over"])
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let rows = |file: &str| std::fs::read_to_string(file).unwrap().lines().count();
    assert!(rows(&files[0]) > 10 && rows(&files[1]) > 10);
    let open = family_card(&["awards", "--store", &store, "--people", &files[1]]).output().unwrap();
    assert!(!open.status.success(), "no names without a reason");
    std::fs::remove_dir_all(dir).unwrap();
}
