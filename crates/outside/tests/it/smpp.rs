//! The link against the simulated SMSC, over real sockets, with the faults of real operators.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use deliver::port::{FromNetwork, ReceiptState, Submission, Submitted};
use outside::smpp::{
    Answers, Binds, Coding, IdForm, Limits, Link, LinkConfig, LinkState, NotStored, Password, Profile,
};
use tokio::sync::mpsc;
use trial::smsc::{Config, Faults, IdStyle, Smsc, State};

const PHONE: &str = "77011234567";
const OFFER: &str = "1414: Сізге көпбалалы отбасы жәрдемақысы тағайындалуы мүмкін, айына 86 673 тг. Шот Halyk *4410. \
    Өтініш пен дерек тексеруге келіссеңіз 1, жоқ - 2, басқа шот - 3. 12.12 қоса алғанда. 1414 тегін 👍";

fn quick() -> Config {
    Config {
        receipt_after: Duration::from_millis(30),
        retry_after: Duration::from_millis(100),
        ..Config::default()
    }
}

fn settings(smsc: &Smsc) -> LinkConfig {
    let mut config =
        LinkConfig::new(smsc.address().to_string(), "family-card", Password("secret".to_owned()));
    config.profile =
        Profile { response_id: IdForm::Hex, receipt_id: IdForm::Decimal, submit_fail: Answers::Never };
    config.limits = Limits {
        back_off_first: Duration::from_millis(5),
        back_off_most: Duration::from_millis(50),
        response: Duration::from_secs(5),
        throttle_pause: Duration::from_millis(20),
        join_wait: Duration::from_millis(300),
        ..Limits::default()
    };
    config
}

fn submission(attempt: u64, text: &str) -> Submission {
    Submission { attempt, to: PHONE.parse().unwrap(), text: text.to_owned() }
}

/// A link whose handler stores everything and passes it on.
fn link(config: LinkConfig) -> (Link, mpsc::UnboundedReceiver<FromNetwork>) {
    let (sender, heard) = mpsc::unbounded_channel();
    let link = Link::start(config, [], move |what| {
        let kept = sender.send(what).map_err(|_| NotStored);
        async move { kept }
    });
    (link.unwrap(), heard)
}

async fn next(heard: &mut mpsc::UnboundedReceiver<FromNetwork>) -> FromNetwork {
    tokio::time::timeout(Duration::from_secs(10), heard.recv()).await.expect("nothing came").unwrap()
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(20), "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_long_message_arrives_whole_and_each_part_has_its_receipt() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let (link, mut heard) = link(settings(&smsc));
    let Submitted::Accepted { ids } = link.submit(submission(7, OFFER)).await else { panic!() };
    assert_eq!(ids.len(), 3);
    let mut received = BTreeSet::new();
    for _ in 0..3 {
        let FromNetwork::Receipt { id, attempt, state } = next(&mut heard).await else { panic!() };
        assert_eq!((attempt, state), (Some(7), ReceiptState::Delivered));
        received.insert(id);
    }
    assert_eq!(received, ids.into_iter().collect());
    let [message] = &smsc.thread(PHONE)[..] else { panic!("one message") };
    assert_eq!((message.text.as_str(), message.parts, message.state), (OFFER, 3, State::Arrived));
    assert_eq!(message.peer, "1414");
    link.close().await;
}

#[tokio::test]
async fn two_connections_serve_like_one() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let mut config = settings(&smsc);
    config.binds = Binds::Pair;
    let (link, mut heard) = link(config);
    assert!(matches!(link.submit(submission(1, "сәлем")).await, Submitted::Accepted { .. }));
    assert!(matches!(next(&mut heard).await, FromNetwork::Receipt { attempt: Some(1), .. }));
    smsc.reply(PHONE, "1");
    assert!(matches!(next(&mut heard).await, FromNetwork::Reply { .. }));
    assert_eq!(smsc.counts().binds, 2);
    // The submissions' connection breaks: both are made anew.
    smsc.set_faults(Faults { cut: 1000, ..Faults::default() });
    assert_eq!(link.submit(submission(2, "сәлем")).await, Submitted::Uncertain);
    smsc.set_faults(Faults::default());
    assert!(matches!(link.submit(submission(3, "сәлем")).await, Submitted::Accepted { .. }));
    assert_eq!(smsc.counts().binds, 4);
    link.close().await;
}

#[tokio::test]
async fn ids_meet_in_every_style_with_and_without_tlvs() {
    let styles = [
        (IdStyle::Hex, IdForm::Hex),
        (IdStyle::Decimal, IdForm::Decimal),
        (IdStyle::PaddedDecimal, IdForm::Text),
        (IdStyle::PaddedHex, IdForm::Hex),
    ];
    for (response, response_form) in styles {
        for (receipt, receipt_form) in styles {
            if (response_form == IdForm::Text) != (receipt_form == IdForm::Text) {
                continue;
            }
            let config =
                Config { response_id: response, receipt_id: receipt, receipt_tlvs: false, ..quick() };
            let smsc = Smsc::start("127.0.0.1:0", config).await.unwrap();
            let mut config = settings(&smsc);
            config.profile.response_id = response_form;
            config.profile.receipt_id = receipt_form;
            let (link, mut heard) = link(config);
            let Submitted::Accepted { ids } = link.submit(submission(9, "сәлем")).await else {
                panic!()
            };
            let FromNetwork::Receipt { id, attempt, .. } = next(&mut heard).await else { panic!() };
            assert_eq!((vec![id], attempt), (ids, Some(9)), "{response:?} {receipt:?}");
        }
    }
}

#[tokio::test]
async fn a_reply_comes_in_every_alphabet_and_in_parts() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let (link, mut heard) = link(settings(&smsc));
    link.up().await;
    let long = "Келісемін, бірақ шотым ауысты. ".repeat(8);
    for text in ["1", "Иә", "ok €", "@_£", long.as_str()] {
        smsc.reply(PHONE, text);
        let FromNetwork::Reply { from, text: read, id } = next(&mut heard).await else { panic!() };
        assert_eq!((read.as_str(), from.expose().as_str()), (text, PHONE));
        assert!(!id.is_empty());
    }
    until("all arrived", || smsc.thread(PHONE).iter().all(|m| m.state == State::Arrived)).await;
    assert_eq!(link.health().replies, 5);
}

#[tokio::test]
async fn parts_that_come_one_at_a_time_are_joined_all_the_same() {
    let config = Config { window: 1, ..quick() };
    let smsc = Smsc::start("127.0.0.1:0", config).await.unwrap();
    let (link, mut heard) = link(settings(&smsc));
    link.up().await;
    let long = "я".repeat(150);
    smsc.reply(PHONE, &long);
    let FromNetwork::Reply { text, .. } = next(&mut heard).await else { panic!() };
    assert_eq!(text, long);
    until("all parts acknowledged", || smsc.counts().replies == 3).await;
    assert!(heard.try_recv().is_err(), "given once");
}

#[tokio::test]
async fn what_is_not_stored_comes_again_until_it_is() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let tries = Arc::new(AtomicU32::new(0));
    let counted = tries.clone();
    let link = Link::start(settings(&smsc), [], move |_| {
        let fails = counted.fetch_add(1, Ordering::SeqCst) < 2;
        async move { if fails { Err(NotStored) } else { Ok(()) } }
    })
    .unwrap();
    link.up().await;
    smsc.reply(PHONE, "1");
    until("stored at last", || smsc.counts().replies == 1).await;
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(smsc.thread(PHONE)[0].state, State::Arrived);
}

/// The reply is stored, and the link breaks before the operator has heard so.
#[tokio::test]
async fn a_reply_whose_acknowledgement_was_lost_comes_again_as_itself() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let (sender, mut heard) = mpsc::unbounded_channel();
    let (release, released) = tokio::sync::watch::channel(false);
    let link = Link::start(settings(&smsc), [], move |what| {
        let kept = sender.send(what).map_err(|_| NotStored);
        let mut released = released.clone();
        async move { released.wait_for(|r| *r).await.map_err(|_| NotStored).and(kept) }
    })
    .unwrap();
    link.up().await;
    smsc.reply(PHONE, "1");
    let first = next(&mut heard).await;
    smsc.set_faults(Faults { cut: 1000, ..Faults::default() });
    assert_eq!(link.submit(submission(1, "сәлем")).await, Submitted::Uncertain);
    smsc.set_faults(Faults::default());
    release.send(true).unwrap();
    assert_eq!(next(&mut heard).await, first, "delivered again, known by its id");
    until("acknowledged", || smsc.counts().replies == 1).await;
    smsc.reply(PHONE, "1");
    assert_ne!(next(&mut heard).await, first, "written again");
}

/// The program stopped between the store and the acknowledgement.
#[tokio::test]
async fn a_reply_stored_before_a_stop_comes_again_as_itself() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let stored = FromNetwork::Reply { id: "a".into(), from: PHONE.parse().unwrap(), text: "1".into() };
    smsc.reply(PHONE, "1");
    smsc.reply(PHONE, "2");
    let (sender, mut heard) = mpsc::unbounded_channel();
    let _link = Link::start(settings(&smsc), [stored.clone()], move |what| {
        let kept = sender.send(what).map_err(|_| NotStored);
        async move { kept }
    })
    .unwrap();
    assert_eq!(next(&mut heard).await, stored);
    assert!(matches!(next(&mut heard).await, FromNetwork::Reply { id, .. } if id != "a"));
}

#[tokio::test]
async fn the_acknowledgement_waits_for_the_handler() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let (release, released) = tokio::sync::watch::channel(false);
    let link = Link::start(settings(&smsc), [], move |_| {
        let mut released = released.clone();
        async move { released.wait_for(|r| *r).await.map(|_| ()).map_err(|_| NotStored) }
    })
    .unwrap();
    link.up().await;
    smsc.reply(PHONE, "1");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(smsc.counts().replies, 0, "acknowledged before it was stored");
    release.send(true).unwrap();
    until("acknowledged after", || smsc.counts().replies == 1).await;
}

#[tokio::test]
async fn replies_of_one_phone_keep_their_order() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = stored.clone();
    let link = Link::start(settings(&smsc), [], move |what| {
        let kept = kept.clone();
        async move {
            let FromNetwork::Reply { text, .. } = what else { return Ok(()) };
            // The later one would be the quicker one.
            let pause = 20 - text.parse::<u64>().unwrap();
            tokio::time::sleep(Duration::from_millis(pause)).await;
            kept.lock().unwrap().push(text);
            Ok(())
        }
    })
    .unwrap();
    link.up().await;
    let sent: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    for text in &sent {
        smsc.reply(PHONE, text);
    }
    until("all stored", || stored.lock().unwrap().len() == 20).await;
    assert_eq!(*stored.lock().unwrap(), sent);
}

#[tokio::test]
async fn a_receipt_that_overtakes_the_answer_still_names_the_attempt() {
    let faults = Faults { receipt_first: true, ..Faults::default() };
    let config = Config { faults, receipt_tlvs: false, ..quick() };
    let smsc = Smsc::start("127.0.0.1:0", config).await.unwrap();
    let (link, mut heard) = link(settings(&smsc));
    let (submitted, receipt) = tokio::join!(link.submit(submission(70_001, "сәлем")), next(&mut heard));
    assert!(matches!(submitted, Submitted::Accepted { .. }));
    assert!(matches!(receipt, FromNetwork::Receipt { attempt: Some(70_001), .. }), "{receipt:?}");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let mut config = settings(&smsc);
    let (first, _heard) = link(config.clone());
    smsc.set_faults(Faults { throttled: 1000, ..Faults::default() });
    assert_eq!(first.submit(submission(1, "a")).await, Submitted::Later { status: 0x58 });
    smsc.set_faults(Faults { refused: 1000, ..Faults::default() });
    assert_eq!(first.submit(submission(2, "a")).await, Submitted::Refused { status: 0x45 });
    assert_eq!(first.submit(submission(3, "")).await, Submitted::Refused { status: 0x01 });
    config.profile.submit_fail = Answers::Later;
    let (second, _heard) = link(config);
    assert_eq!(second.submit(submission(4, "a")).await, Submitted::Later { status: 0x45 });
    assert_eq!(smsc.counts().messages, 0);
}

#[tokio::test]
async fn a_message_half_taken_is_finished_not_begun_again() {
    let smsc = Smsc::start("127.0.0.1:0", Config { seed: 5, ..quick() }).await.unwrap();
    let (link, _heard) = link(settings(&smsc));
    smsc.set_faults(Faults { throttled: 400, ..Faults::default() });
    let (mut whole, mut later) = (0, 0);
    for attempt in 0..40 {
        match link.submit(submission(attempt, &format!("{attempt} {OFFER}"))).await {
            Submitted::Accepted { ids } => {
                assert_eq!(ids.len(), 3);
                whole += 1;
            }
            Submitted::Later { .. } => later += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(smsc.thread(PHONE).len(), whole, "every accepted message, none twice");
    assert!(whole > 5 && later > 5, "{whole} {later}");
}

#[tokio::test]
async fn a_wrong_password_is_told_and_tried_again() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let mut config = settings(&smsc);
    config.password = Password("wrong".to_owned());
    config.limits.link_wait = Duration::from_millis(50);
    let (link, _heard) = link(config);
    until("refused", || link.health().state == LinkState::Refused(0x0E)).await;
    assert_eq!(link.submit(submission(1, "a")).await, Submitted::Later { status: 0x0D });
}

#[tokio::test]
async fn a_message_goes_in_gsm_where_it_fits_and_the_link_says_so() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let mut config = settings(&smsc);
    config.coding = Coding::GsmWhereItFits;
    let (link, _heard) = link(config);
    let latin = "1414: Sizge zhardemaqy taghaiyndaluy mumkin [1] ~ {2} €. ".repeat(3);
    for text in [latin.as_str(), "Сізге"] {
        link.submit(submission(1, text)).await;
    }
    let shown: Vec<_> = smsc.thread(PHONE).into_iter().map(|m| (m.text, m.parts)).collect();
    assert_eq!(shown, [(latin.clone(), 2), ("Сізге".to_owned(), 1)]);
}

/// The lesson of every gateway: cut the link between submission and answer, a hundred times.
#[tokio::test]
async fn a_cut_link_neither_doubles_nor_loses() {
    let config = Config { seed: 11, ..quick() };
    let smsc = Smsc::start("127.0.0.1:0", config).await.unwrap();
    let (link, mut heard) = link(settings(&smsc));
    let (mut cuts, mut attempt) = (0, 0);
    let mut outcomes = BTreeMap::new();
    while cuts < 100 {
        // One in four is cut; of those, half were taken before.
        smsc.set_faults(Faults { cut: 250, cut_but_taken: 500, ..Faults::default() });
        let outcome = link.submit(submission(attempt, &format!("хабар {attempt}"))).await;
        cuts += u32::from(outcome == Submitted::Uncertain);
        outcomes.insert(attempt, outcome);
        attempt += 1;
    }
    smsc.set_faults(Faults::default());
    let mut shown = BTreeMap::new();
    for message in smsc.thread(PHONE) {
        *shown.entry(message.text).or_insert(0) += 1;
    }
    assert!(shown.values().all(|times| *times == 1), "a message came twice");
    let mut resolved = BTreeSet::new();
    until("every message on a phone has its receipt", || {
        while let Ok(what) = heard.try_recv() {
            let FromNetwork::Receipt { attempt: Some(attempt), .. } = what else { panic!("{what:?}") };
            resolved.insert(attempt);
        }
        resolved.len() == shown.len()
    })
    .await;
    let mut taken = 0;
    for (attempt, outcome) in &outcomes {
        let arrived = shown.contains_key(&format!("хабар {attempt}"));
        match outcome {
            Submitted::Accepted { .. } => assert!(arrived, "accepted and lost"),
            Submitted::Uncertain => taken += u32::from(arrived),
            other => panic!("{other:?}"),
        }
        assert_eq!(arrived, resolved.contains(attempt), "the receipt tells what the answer did not");
    }
    assert!(taken > 20 && taken < 80, "both kinds of cut occurred: {taken}");
    assert!(link.health().binds > 100);
}

#[tokio::test]
async fn a_link_that_falls_silent_is_noticed_and_made_anew() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let mut config = settings(&smsc);
    config.limits.response = Duration::from_millis(200);
    config.limits.enquire_every = Duration::from_millis(100);
    let (link, _heard) = link(config);
    link.up().await;
    smsc.set_faults(Faults { silent: true, ..Faults::default() });
    assert_eq!(link.submit(submission(1, "сәлем")).await, Submitted::Uncertain);
    until("the silence is noticed", || link.health().binds > 1).await;
    smsc.set_faults(Faults::default());
    until("a message passes again", || link.health().state == LinkState::Up).await;
    let mut attempt = 2;
    while !matches!(link.submit(submission(attempt, "сәлем")).await, Submitted::Accepted { .. }) {
        attempt += 1;
        assert!(attempt < 10, "the new link works");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_replies_are_all_stored() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let (link, mut heard) = link(settings(&smsc));
    link.up().await;
    let many: usize = 2_000;
    let started = Instant::now();
    for n in 0..many {
        smsc.reply(&format!("7701{n:07}"), if n % 2 == 0 { "1" } else { "Иә" });
    }
    for _ in 0..many {
        assert!(matches!(next(&mut heard).await, FromNetwork::Reply { .. }));
    }
    until("all acknowledged", || smsc.counts().replies == many as u64).await;
    println!("{many} replies in {:?}", started.elapsed());
}

#[tokio::test]
async fn many_messages_share_the_window() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let (link, mut heard) = link(settings(&smsc));
    link.up().await;
    let link = Arc::new(link);
    let many = 3_000;
    let started = Instant::now();
    let tasks: Vec<_> = (0..many)
        .map(|attempt| {
            let link = link.clone();
            tokio::spawn(async move { link.submit(submission(attempt, "1414: сәлем")).await })
        })
        .collect();
    for task in tasks {
        let outcome = task.await.unwrap();
        assert!(matches!(outcome, Submitted::Accepted { .. }), "{outcome:?} {:?}", link.health());
    }
    let took = started.elapsed();
    println!("{many} submissions in {took:?}: {} a second", many * 1000 / took.as_millis() as u64);
    for _ in 0..many {
        assert!(matches!(next(&mut heard).await, FromNetwork::Receipt { attempt: Some(_), .. }));
    }
    println!("and their receipts in {:?}", started.elapsed());
    assert_eq!(smsc.counts().messages, many);
}

/// `rusmppc` 0.4 can leave a written message unflushed when answers come in the same moment; the
/// session stirs it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_never_gets_stuck() {
    let smsc = Smsc::start("127.0.0.1:0", quick()).await.unwrap();
    let (link, _heard) = link(settings(&smsc));
    link.up().await;
    let link = Arc::new(link);
    for burst in 0..1500 {
        let tasks: Vec<_> = (0..9)
            .map(|n| {
                let link = link.clone();
                tokio::spawn(async move { link.submit(submission(burst * 10 + n, "1414: сәлем")).await })
            })
            .collect();
        for task in tasks {
            let outcome = task.await.unwrap();
            assert!(matches!(outcome, Submitted::Accepted { .. }), "burst {burst}: {outcome:?}");
        }
    }
}
