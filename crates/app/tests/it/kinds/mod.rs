//! Each kind of benefit on its whole way through the real binary: registries tell of a family in their
//! events, an SMS goes out, the answer to it files the application, the decision is made, two officials let
//! the money go, and the bank settles it. Why it was granted is read in three languages.
//!
//! The families are those of the pack's own cases, so that every measure has one.

mod events;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use app::law_files;
use card::{Outcome, Ternary};
use events::Family;
use law::{Pack, cases::Case};

use crate::browser::{Running, between, card, folder};

/// The Fund sends a tenth of these on as pension contributions.
const OF_WHICH_A_TENTH_IS_SAVED: [&str; 3] = ["sif_work_capacity", "sif_job_loss", "sif_child_care"];

/// The first family of this year in the pack to which a measure certainly pays one known sum.
fn family<'p>(pack: &'p Pack, measure: &str) -> &'p Case {
    let pays = |case: &&Case| {
        let expect = &case.expect;
        case.day.ymd().0 == 2026
            && case.asked_on == case.day
            && case.known_on.is_none()
            && expect.outcome == Outcome::Eligible
            && expect.amount.is_some()
            && expect.free == Some(Ternary::Yes)
    };
    let page = pack.measures.iter().find(|page| page.name == measure).unwrap();
    page.cases.iter().find(pays).unwrap_or_else(|| panic!("no case of {measure} pays"))
}

/// A family in a running demo, and the right that is followed.
struct Story {
    demo: Running,
    /// What the right is called.
    title: String,
    /// How many messages were on each of its phones when it last answered.
    read: BTreeMap<String, usize>,
}

impl Story {
    /// Registries tell of the family of a case.
    fn begin(case: &Case, pack: &Pack) -> Self {
        let page = pack.measures.iter().find(|page| page.name == case.measure).unwrap();
        let family = Family::of(case, &pack.schema);
        let demo = Running::demo_on(folder(&case.measure), "40", &case.day.to_string());
        for event in family.events(case, &pack.schema) {
            let mut form = "event=".to_owned();
            for byte in event.bytes() {
                write!(form, "%{byte:02x}").unwrap();
            }
            demo.post("/happen/event", &form);
            let said = demo.get("/happen");
            assert!(said.contains("Rows accepted"), "{}: {event}\n{said}", case.place);
        }
        Self { demo, title: page.told.title.en.clone(), read: BTreeMap::new() }
    }

    /// The phones of the family on which something came.
    fn phones(&self) -> Vec<String> {
        let page = self.demo.ask("POST", "/", "search=7701000");
        let found = page.split("<a href=\"/phone/").skip(1);
        found.map(|rest| format!("/phone/{}", rest.split('"').next().unwrap())).collect()
    }

    /// The phone and the case of the right, once they are there.
    fn case(&self) -> Option<(String, String)> {
        self.phones().into_iter().find_map(|phone| {
            let page = self.demo.get(&format!("{phone}/cases"));
            let mut cases = page.split("<article class=\"case\">").skip(1);
            let case = cases.find(|case| case.contains(&self.title))?.to_owned();
            Some((phone, case))
        })
    }

    /// Whoever was asked since the last time says yes.
    fn agree(&mut self) {
        for phone in self.phones() {
            let thread = self.demo.get(&format!("{phone}/thread"));
            let messages: Vec<&str> = thread.split("<li class=\"theirs\">").skip(1).collect();
            let read = self.read.entry(phone.clone()).or_default();
            let asks = |message: &&str| message.contains("келіссеңіз") || message.contains("келісемін - 1");
            let asked = messages.iter().skip(*read).any(asks);
            *read = messages.len();
            if asked {
                // Time to read it; what is answered sooner is asked back.
                sleep(Duration::from_secs(1));
                self.demo.post("/clock", "step=hour");
                self.demo.post(&phone, "key=1");
            }
        }
    }

    /// An officer grants what the law leaves to people.
    fn decide(&self, phone: &str) {
        let card = card(&self.demo, phone, 1);
        let page = self.demo.get_as(1, &card);
        let Some((_, form)) = page.split_once("/decide\"") else { return };
        let right = between(form, "name=\"right\" value=\"", "\"");
        self.demo.post_as(1, &format!("{card}/decide"), &format!("right={right}&decision=grant"));
    }

    /// One official prepares the runs of all payers, another lets them go.
    fn pay(&self) {
        self.demo.post_as(1, "/runs", "act=prepare");
        while let Some((_, run)) =
            self.demo.get_as(2, "/runs").split_once("<input type=\"hidden\" name=\"run\"")
        {
            let field = |name: &str| between(run, &format!("name=\"{name}\" value=\""), "\"").to_owned();
            let run_number = between(run, " value=\"", "\"");
            let seen = format!("run={run_number}&sum={}&orders={}", field("sum"), field("orders"));
            self.demo.post_as(2, "/runs", &format!("act=approve&{seen}"));
        }
        self.demo.post("/clock", "step=hour");
    }

    /// Goes on until a step of the case is done.
    fn until(&mut self, step: &str, act: impl Fn(&mut Self, Option<&(String, String)>)) -> (String, String) {
        let begun = Instant::now();
        loop {
            let case = self.case();
            if let Some((phone, case)) = &case
                && case.contains(&format!("<li class=\"done\"><span>{step}"))
            {
                return (phone.clone(), case.clone());
            }
            let late = begun.elapsed() > Duration::from_mins(1);
            let threads =
                || self.phones().iter().map(|p| self.demo.get(&format!("{p}/thread"))).collect::<String>();
            assert!(!late, "{} is never {step}: {case:?}\n{}", self.title, threads());
            act(self, case.as_ref());
            sleep(Duration::from_millis(100));
        }
    }
}

/// Follows the family of a measure to the settled payment.
fn follow(measure: &str) {
    let pack = law_files::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz")).unwrap();
    let case = family(&pack, measure);
    let mut story = Story::begin(case, &pack);
    let (_, granted) = story.until("granted", |story, case| match case {
        Some((phone, case)) if case.contains("<li class=\"done\"><span>filed") => story.decide(phone),
        _ => story.agree(),
    });
    // What comes to the account, in whole tenge, is told before the decision and after it.
    let gross = case.expect.amount.unwrap();
    let net =
        if OF_WHICH_A_TENTH_IS_SAVED.contains(&measure) { gross.tiyn() * 9 / 10 } else { gross.tiyn() } / 100;
    let digits: String = granted.chars().filter(char::is_ascii_digit).collect();
    assert!(digits.contains(&net.to_string()), "{measure} pays {net}: {granted}");
    let why = between(&granted, "href=\"", "\"");
    let titles = &pack.measures.iter().find(|page| page.name == measure).unwrap().told.title;
    for (lang, title) in [("kk", &titles.kk), ("ru", &titles.ru), ("en", &titles.en)] {
        let page = story.demo.get_in(lang, why);
        assert!(page.contains(title) && page.matches("<li").count() > 3, "{title}: {page}");
    }
    story.pay();
    let (_, paid) = story.until("paid", |_, _| {});
    let file = story.demo.get(&format!("/file/{}", between(&paid, "/file/", "\"")));
    for part in ["pain.001.001.09", "pain.002", "camt.054"] {
        assert!(file.contains(part), "{part} in {file}");
    }
    let dir = story.demo.interrupt();
    std::fs::remove_dir_all(dir).unwrap();
}

macro_rules! kinds {
    ($($measure:ident)+) => {$(
        #[test]
        fn $measure() {
            follow(stringify!($measure));
        }
    )+};
}

kinds! {
    awarded_mother birth_grant burial disability multi_child raising_disabled_child sif_child_care sif_job_loss
    sif_survivor sif_work_capacity state_child_care state_survivor targeted_assistance
}
