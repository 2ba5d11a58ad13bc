//! What officials do for a caller, through the real binary.

use crate::browser::{Running, between, card, folder};

#[test]
fn an_answer_by_call_pays_the_person_alone_and_a_reply_after_it_is_kept() {
    let demo = Running::demo(folder("desk"), "1500");
    let mother = between(&demo.get("/happen"), "name=\"mother\" value=\"", "\"").to_owned();
    let phone = demo.post("/happen/birth", &format!("mother={mother}"));
    let thread = format!("{phone}/thread");
    let cases = format!("{phone}/cases");
    demo.until(&cases, "<li class=\"done\"><span>offered");
    demo.until(&thread, "1414:");

    // Nobody's card opens without a reason.
    let closed = demo.get("/desk/1");
    assert!(closed.contains("name=\"reason\"") && !closed.contains("class=\"facts\""), "{closed}");
    assert_eq!(demo.post("/desk/1/dispute", "what=x"), "/desk/1");
    assert!(!demo.get("/desk/1").contains("Recorded"));

    let card = card(&demo, &phone, 0);
    demo.until(&card, "delivered");
    // The reason was given for this card: its address opens nobody else.
    assert!(demo.ask("GET", &format!("{card}/why/birth_grant/1"), "").starts_with("HTTP/1.0 303"));
    demo.post(&phone, "key=2");
    let page = demo.until(&card, "declined, the right stays");
    let right = between(&page, "name=\"right\" value=\"", "\"").to_owned();
    let own: u64 = match page.split_once("name=\"account\" value=\"") {
        Some((_, rest)) => rest.split('"').next().unwrap().parse().unwrap(),
        None => between(&page, "<select name=\"account\"><option value=\"", "\"").parse().unwrap(),
    };
    let foreign = if own > 40 { own - 40 } else { own + 40 };
    let answer = format!("{card}/answer");
    demo.post(&answer, &format!("right={right}&answer=accept&account={own}"));
    assert!(demo.get(&card).contains("number of the recording"), "no consent by call without its recording");
    demo.post(&answer, &format!("right={right}&answer=accept&recording=R1&account={foreign}"));
    assert!(demo.get(&card).contains("There is no such record"));
    assert!(page.contains("<blockquote>1414: "), "the words to read aloud: {page}");
    assert!(!demo.get(&cases).contains("<li class=\"done\"><span>consent"));

    demo.post(&answer, &format!("right={right}&answer=accept&recording=R1&account={own}"));
    demo.until(&cases, "<li class=\"done\"><span>granted");
    // A run that two officials let go is a file at once; neither may do the other's part, and an
    // operator sees no runs.
    assert!(demo.ask("GET", "/runs", "").starts_with("HTTP/1.0 303"));
    demo.post_as(2, "/runs", "act=prepare");
    let refused = demo.get_as(2, "/runs");
    assert!(refused.contains("Only this role may do it: officer."), "{refused}");
    demo.post_as(1, "/runs", "act=prepare");
    let runs = demo.get_as(2, "/runs");
    let field = |runs: &str, name: &str| {
        format!("{name}={}", between(runs, &format!("name=\"{name}\" value=\""), "\""))
    };
    // Given up, it is prepared again; what is approved is the sum that was seen.
    // There is one of each payer.
    for _ in 0..runs.matches("value=\"approve\"").count() {
        let runs = demo.get_as(2, "/runs");
        demo.post_as(1, "/runs", &format!("act=discard&{}", field(&runs, "run")));
    }
    assert!(!demo.get_as(2, "/runs").contains("value=\"approve\""));
    demo.post_as(1, "/runs", "act=prepare");
    let runs = demo.get_as(2, "/runs");
    let seen = format!("{}&{}", field(&runs, "run"), field(&runs, "orders"));
    demo.post_as(2, "/runs", &format!("act=approve&{seen}&sum=1"));
    assert!(!demo.get_as(2, "/runs").contains("/file/"));
    let approve = format!("act=approve&{seen}&{}", field(&runs, "sum"));
    demo.post_as(1, "/runs", &approve);
    assert!(!demo.get_as(2, "/runs").contains("/file/"));
    demo.post_as(2, "/runs", &approve);
    let runs = demo.get_as(2, "/runs");
    assert!(demo.get(&format!("/file/{}", between(&runs, "/file/", "\""))).contains("pain.001.001.09"));
    // What the caller says is wrong is before whoever opens the card next.
    demo.post(&format!("{card}/dispute"), "what=my%20third%20child%20is%20missing");
    let page = demo.until(&card, "my third child is missing");
    assert!(page.contains("Check a fact that is disputed"), "{page}");
    // After the call an answer to the old message, which had promised that a yes counts; the care of the child has
    // been offered since. It could mean either, so she is asked which.
    demo.post(&phone, "text=1");
    let told = demo.until(&thread, "жауабыңызды түсінбедік");
    assert!(told.matches("class=\"mine\"").count() == 2, "{told}");
    assert!(told.contains("1414: бала күтімі жәрдемақысы: "), "{told}");
    // Asked so, and having read it, she says yes to the care alone.
    demo.until_it(&card, "asked back, delivered", |page| {
        let asked_back = page.split_once("түсінбедік").and_then(|(_, rest)| rest.split("</li>").next());
        asked_back.is_some_and(|state| state.contains("delivered"))
    });
    demo.post("/clock", "step=hour");
    demo.post(&phone, "text=1");
    demo.until(&thread, "Тағайындалды: бала күтімі");
    // The money comes, and the promise has ended too: nothing waits for an answer.
    demo.post("/clock", "step=pay_day");
    let paid = demo.until(&thread, "29 454 тг желтоқсан айы үшін");
    assert_eq!(demo.get(&cases).matches("<li class=\"done\"><span>with the bank").count(), 2, "{paid}");
    demo.post(&phone, "text=1");
    demo.until(&thread, "жауап күтіп тұрған сұрақ жоқ");
    let dir = demo.interrupt();
    std::fs::remove_dir_all(dir).unwrap();
}
