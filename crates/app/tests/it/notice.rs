//! Somebody registers as unemployed and is told of employment measures once, through the real binary.

use crate::browser::{Running, between, card, folder};

/// What is said to a reply that answers nothing, to somebody who is spoken to in Kazakh.
const NO_QUESTION: &str = "жауап күтіп тұрған сұрақ жоқ";

#[test]
fn a_registration_is_told_of_once_and_a_reply_to_it_agrees_to_nothing() {
    let demo = Running::demo(folder("notice"), "1500");
    let seeker = between(&demo.get("/happen"), "name=\"seeker\" value=\"", "\"").to_owned();
    let phone = demo.post("/happen/unemployed", &format!("seeker={seeker}"));
    let thread = format!("{phone}/thread");
    let cases = format!("{phone}/cases");
    let notices = |page: &str| page.matches("24.11.2026").count();

    let told = demo.until(&thread, "24.11.2026");
    assert!(told.contains("1414: ") && !told.contains('{'), "{told}");

    // It asks nothing: a yes is answered shortly, and starts no case.
    demo.post(&phone, "key=1");
    let page = demo.until(&thread, NO_QUESTION);
    assert_eq!(notices(&page), 1, "{page}");
    assert!(!demo.get(&cases).contains("<li class=\"done\"><span>consent"));

    // The desk shows the day, and that its message is on the phone.
    let card = card(&demo, &phone, 0);
    let shown = demo.until(&card, "2026-11-24: delivered");
    assert!(shown.contains("Notice of employment measures") && shown.contains("is told"), "{shown}");
    let why = demo.get(&format!(
        "{card}/why/employment_measures/{}",
        between(&shown, "/why/employment_measures/", "\"")
    ));
    assert!(why.contains("You are registered as unemployed."), "{why}");

    // The same registration once more, and the sweeps of the next days, tell nothing again.
    demo.post("/happen/unemployed", &format!("seeker={seeker}"));
    demo.post("/clock", "step=day");
    demo.post("/clock", "step=day");
    assert_eq!(notices(&demo.get(&thread)), 1, "{}", demo.get(&thread));
    let dir = demo.interrupt();

    // Nor does a start after a stop.
    let again = Running::demo(dir, "1500");
    again.post("/clock", "step=day");
    assert_eq!(notices(&again.get(&thread)), 1);
    let dir = again.interrupt();
    std::fs::remove_dir_all(dir).unwrap();
}
