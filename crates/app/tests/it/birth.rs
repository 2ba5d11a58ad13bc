//! A birth becomes money, through the real binary: event, SMS over SMPP, reply, decision, pay run
//! with two officials, payment file, the bank's answer.

use crate::browser::{Running, between, family_card, folder};

#[test]
fn a_birth_becomes_money_and_the_store_opens_again() {
    let demo = Running::demo(folder("birth"), "1500");
    let happen = demo.get("/happen");
    let mother = between(&happen, "name=\"mother\" value=\"", "\"");
    let phone = demo.post("/happen/birth", &format!("mother={mother}"));
    let thread = format!("{phone}/thread");
    let cases = format!("{phone}/cases");

    let offer = demo.until(&thread, "1414:");
    assert!(offer.contains("164 350") || offer.contains("272 475"), "{offer}");
    demo.until(&cases, "<li class=\"done\"><span>offered");

    // What cannot be read is asked about, and is no refusal.
    demo.post(&phone, "text=what%20is%20this");
    demo.until(&thread, "what is this");
    assert!(!demo.get(&cases).contains("<li class=\"done\"><span>consent"));

    demo.post(&phone, "key=1");
    let granted = demo.until(&cases, "<li class=\"done\"><span>granted");
    assert!(!granted.contains("<li class=\"done\"><span>paid"));

    let why = demo.get(between(&granted, "href=\"", "\""));
    assert!(why.contains("79") && why.contains("Civil registration"), "the article and the registry: {why}");

    demo.post("/clock", "step=pay_day");
    let paid = demo.until(&cases, "<li class=\"done\"><span>paid");
    demo.until(&thread, "*");
    let file = demo.get(&format!("/file/{}", between(&paid, "/file/", "\"")));
    for part in ["pain.001.001.09", "pain.002", "camt.054", "CtrlSum"] {
        assert!(file.contains(part), "{part} in {file}");
    }

    // A number of the law changes for everybody who is not paid already, and is told again later.
    assert!(demo.get("/happen").contains(": 4325</option>"));
    demo.post("/happen/reform", "number=mrp&value=0");
    assert!(demo.get("/happen").contains("A number above zero is expected"));
    demo.post("/happen/reform", "number=mrp&value=4700");
    let changed = demo.get("/happen");
    assert!(changed.contains("answers changed") && changed.contains(": 4700</option>"), "{changed}");

    let dir = demo.interrupt();
    let again = Running::demo(dir, "1500");
    let happen = again.get("/happen");
    assert!(happen.contains(": 4700</option>") && happen.contains("date of birth"), "{happen}");
    let kept = again.get(&cases);
    assert!(kept.contains("<li class=\"done\"><span>paid"), "{kept}");
    // Others are written to meanwhile: the phone need not stand on the first page.
    assert!(again.get(&thread).contains("what is this"));
    let dir = again.interrupt();
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn left_to_itself_the_demo_ends_with_a_funnel_and_money_that_close() {
    let dir = folder("auto");
    let place = dir.display().to_string();
    let run = family_card(&["demo", "--auto", "--people", "1500", "--days", "20", "--dir", &place])
        .args(["--day", "2026-11-24"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}{}", String::from_utf8_lossy(&run.stderr));
    assert!(told.contains("every identity of money holds, to the tiyn"), "{told}");
    let count = |stage: &str| -> u64 {
        let line =
            told.lines().find(|line| line.starts_with(stage)).unwrap_or_else(|| panic!("{stage}: {told}"));
        line.split_whitespace().last().unwrap().parse().unwrap()
    };
    let stages = ["found", "offered", "delivered", "answered", "consented", "filed", "granted", "paid"];
    for pair in stages.windows(2) {
        assert!(count(pair[0]) >= count(pair[1]), "{told}");
    }
    assert!(count("paid") > 0, "somebody was paid: {told}");
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn the_pack_holds_and_a_false_case_from_outside_is_told() {
    let check = family_card(&["law", "check"]).output().unwrap();
    let told = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "{told}");
    assert!(told.contains(" passed, 0 failed"), "{told}");

    let dir = folder("cases");
    std::fs::create_dir_all(&dir).unwrap();
    let case = "
cases:
  - case: a grant of one tenge too much
    measure: birth_grant
    day: 2026-06-15
    facts:
      person:
        - {id: mother, sex: female, birth_date: 1990-02-03, permanent_resident: true, citizenship: citizen}
        - {id: child, birth_date: 2026-05-10, birth_registered: true}
      parent_link:
        - {child: child, parent: mother, kind: birth, rights: full, since: 2026-05-10}
    expect: {subject: child, verdict: eligible, amount: 164351}
    source: nobody
";
    std::fs::write(dir.join("false.yaml"), case).unwrap();
    let check = family_card(&["law", "check", "--cases", &dir.display().to_string()]).output().unwrap();
    let told = String::from_utf8_lossy(&check.stdout);
    assert!(!check.status.success(), "{told}");
    assert!(told.contains("a grant of one tenge too much") && told.contains("1 failed"), "{told}");
    std::fs::remove_dir_all(dir).unwrap();
}
