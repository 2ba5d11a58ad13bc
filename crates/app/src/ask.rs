//! Questions to the law from the command line, over the store of a folder.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use card::{Actor, Date, Iin, Lang, Moment, Outcome, PersonId, Question, Ternary, Verdict};
use clap::Args;
use deliver::archive::Archive as _;
use law::{
    Pack,
    port::{Assessor, Circles, Explainer, ScoreExplainer},
    tree::{MeasureId, ScoreId},
};
use outside::sqlite::Store;

use crate::{
    evaluator::Evaluator, failure::Failure, law_files, operators::machine_clock, parse_date, parse_lang,
    store_files,
};

/// Where the facts are, and as of when.
#[derive(Args)]
pub struct Over {
    /// The folder of the store, such as the demo's.
    #[arg(long, default_value = "demo-data")]
    pub store: PathBuf,
    /// The day asked about, YYYY-MM-DD.
    #[arg(long, value_parser = parse_date)]
    pub day: Date,
    /// What was known at the end of this day, YYYY-MM-DD, instead of now.
    #[arg(long, value_parser = parse_date)]
    known_on: Option<Date>,
}

impl Over {
    /// The law, and the store by its schema.
    pub fn open(&self, law: &Path) -> Result<(Pack, Store), Failure> {
        let pack = law_files::load(law)?;
        let store = store_files::open(&self.store, &pack)?;
        Ok((pack, store))
    }

    /// The moment by which it must have been known; `None`: now.
    pub fn moment(&self) -> Option<Moment> {
        self.known_on.map(|day| Moment::local(day, 24, 0).plus_ms(-1))
    }

    /// The person of a number. That somebody at this machine looks at them, and why, is an entry.
    fn person(store: &Store, iin: &str, reason: &str) -> Result<PersonId, Failure> {
        let number: Iin = iin.parse().map_err(Failure::of)?;
        let person = store.person(&number).map_err(Failure::of)?;
        let person = person.ok_or_else(|| Failure("nobody of this number is in the store".to_owned()))?;
        if reason.trim().is_empty() {
            return Err(Failure("the reason is empty, and every look at personal data is an entry with its reason; say it after `--reason`".to_owned()));
        }
        store.looked(machine_clock(), &Actor::System, person, reason).map_err(Failure::of)?;
        Ok(person)
    }
}

/// `assess IIN`
#[derive(Args)]
pub struct Assess {
    /// The person's number.
    iin: String,
    /// Why you look: it is entered into the journal.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    over: Over,
}

impl Assess {
    /// Prints the answer of every measure about the person.
    pub fn run(&self, law: &Path) -> Result<ExitCode, Failure> {
        let (pack, store) = self.over.open(law)?;
        let subject = Over::person(&store, &self.iin, &self.reason)?;
        let evaluator = Evaluator::default();
        for (at, measure) in pack.measures.iter().enumerate() {
            let id = MeasureId(at as u16);
            let circle = store.circle(subject, &pack.reads(id), self.over.moment()).map_err(Failure::of)?;
            let question = Question { subject, day: self.over.day, asked_on: self.over.day };
            let verdict = evaluator.assess(&pack, id, question, &circle).map_err(Failure::of)?;
            println!("{:24} {}", measure.name, in_words(&verdict));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn in_words(verdict: &Verdict) -> String {
    let outcome = match verdict.outcome {
        Outcome::Eligible => "eligible",
        Outcome::NotEligible => "not eligible",
        Outcome::Unknown => "unknown",
        Outcome::NotConcerned => return "not concerned".to_owned(),
    };
    let free = match verdict.free {
        Ternary::Yes => "not paid yet",
        Ternary::No => "paid already",
        Ternary::Unknown => "not known to be free",
    };
    let amount = verdict.amount.map_or_else(String::new, |amount| match (amount.point(), amount.hi) {
        (Some(sum), _) => format!(", {sum}"),
        (None, Some(hi)) => format!(", {} to {hi}", amount.lo),
        (None, None) => format!(", at least {}", amount.lo),
    });
    let missing: Vec<String> = verdict
        .missing
        .iter()
        .map(|m| {
            format!(
                "{}: {}{}",
                m.registry,
                m.entity,
                m.field.as_ref().map(|f| format!(".{f}")).unwrap_or_default()
            )
        })
        .collect();
    let owed = if missing.is_empty() { String::new() } else { format!("; owed by {}", missing.join(", ")) };
    format!("{outcome}, {free}{amount}{owed}")
}

/// `explain IIN NAME`
#[derive(Args)]
pub struct Explain {
    /// The person's number.
    iin: String,
    /// The name of a measure or methodology, such as `birth_grant` or `well_being`.
    name: String,
    /// In which language: kk, ru, en.
    #[arg(long, value_parser = parse_lang, default_value = "en")]
    lang: Lang,
    /// Why you look: it is entered into the journal.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    over: Over,
}

impl Explain {
    /// Prints each condition, its outcome, the rows read and the articles; of a methodology the points.
    pub fn run(&self, law: &Path) -> Result<ExitCode, Failure> {
        let (pack, store) = self.over.open(law)?;
        let day = self.over.day;
        let page = Page::named(&pack, &self.name, day)?;
        let reads = match page {
            Page::Measure(id) => pack.reads(id),
            Page::Score(id) => pack.reads_of_score(id),
        };
        let subject = Over::person(&store, &self.iin, &self.reason)?;
        let circle = store.circle(subject, &reads, self.over.moment()).map_err(Failure::of)?;
        let question = Question { subject, day, asked_on: day };
        let evaluator = Evaluator::default();
        let told = match page {
            Page::Measure(id) => evaluator.explain(&pack, id, question, &circle, self.lang, &|_| None),
            Page::Score(id) => evaluator.explain_score(&pack, id, question, &circle, self.lang, &|_| None),
        };
        print!("{}", told.map_err(Failure::of)?);
        Ok(ExitCode::SUCCESS)
    }
}

/// What can be explained.
#[derive(Clone, Copy)]
enum Page {
    Measure(MeasureId),
    Score(ScoreId),
}

impl Page {
    fn named(pack: &Pack, name: &str, day: Date) -> Result<Self, Failure> {
        let measure = pack.measure(name).map(Self::Measure);
        measure.or_else(|| pack.score(name, day).map(Self::Score)).ok_or_else(|| {
            let measures = pack.measures.iter().map(|measure| measure.name.as_str());
            let scores = pack.editions(day).map(|id| pack.score_at(id).name.as_str());
            let known: Vec<&str> = measures.chain(scores).collect();
            Failure(format!("on {day} there is no {name}; there are {}", known.join(", ")))
        })
    }
}
