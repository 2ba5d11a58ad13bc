//! `awards`: what today's systems pay, beside what the law gives.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use card::{Actor, Lang, Tenge};
use clap::Args;
use outside::sqlite::Store;
use service::{Kind, Law, Service, view::DifferenceLine};

use crate::{
    evaluator::Evaluator, everybody::MachineClock, failure::Failure, law_files, parse_lang, settings,
    store_files,
};

/// `awards`
#[derive(Args)]
pub struct Awards {
    /// The folder of the store, such as the demo's.
    #[arg(long, default_value = "demo-data")]
    store: PathBuf,
    /// Writes the numbers to this CSV file: by measure, region and difference, no personal data.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Writes everybody whom today's systems pay something else than the law gives to this CSV file, and why.
    #[arg(long, requires = "reason")]
    people: Option<PathBuf>,
    /// Why you look at them: it is entered into the journal for each.
    #[arg(long)]
    reason: Option<String>,
    /// In which language: kk, ru, en.
    #[arg(long, value_parser = parse_lang, default_value = "en")]
    lang: Lang,
}

impl Awards {
    /// Takes in what today's systems say now, asks the law about all of it for this month, and prints how
    /// they differ.
    pub fn run(&self, law: &Path) -> Result<ExitCode, Failure> {
        let pack = law_files::load(law)?;
        let store = store_files::open(&self.store, &pack)?;
        let (law, judge) = (Arc::new(Law::new(pack)), Box::new(Evaluator::default()));
        let service = Service::new(store, law, judge, Arc::new(MachineClock), settings::trial()?);
        let taken = service.take_awards(&Actor::System).map_err(Failure::of)?;
        let compared = service.compare(&Actor::System).map_err(Failure::of)?;
        println!(
            "{} awards looked at: {} new, {} changed, {} unclear, {} of nothing that this law knows; {compared} compared",
            taken.looked, taken.new, taken.changed, taken.unclear, taken.others
        );
        let lines = service.differences(&Actor::System, self.lang).map_err(Failure::of)?;
        println!(
            "{:24} {:10} {:12} {:>8} {:>18} {:>18}",
            "measure", "region", "difference", "awards", "they pay", "the law gives"
        );
        for line in &lines {
            println!(
                "{:24} {:10} {:12} {:>8} {:>18} {:>18}",
                line.measure,
                line.region.as_deref().unwrap_or("-"),
                word(line),
                line.awards,
                line.theirs.grouped(),
                line.ours.grouped()
            );
        }
        if let Some(path) = &self.out {
            numbers(&lines, path)?;
        }
        if let (Some(path), Some(reason)) = (&self.people, &self.reason) {
            self.by_person(&service, &lines, path, reason)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn by_person(
        &self,
        service: &Service<Store>,
        lines: &[DifferenceLine],
        path: &Path,
        reason: &str,
    ) -> Result<(), Failure> {
        let mut out = writer(path)?;
        let header =
            ["measure", "region", "difference", "awards", "name", "month", "they_pay", "law_gives", "why"];
        out.write_record(header).map_err(Failure::of)?;
        let mut people = 0;
        for line in lines {
            let Some(kind) = line.kind.filter(|kind| *kind != Kind::Same) else { continue };
            let of = (line.measure.as_str(), line.region.as_deref(), kind);
            let differing = service.differing(&Actor::System, of, (reason, usize::MAX), self.lang);
            for one in differing.map_err(Failure::of)? {
                let sum = |sum: Option<Tenge>| sum.map(|sum| sum.to_string()).unwrap_or_default();
                out.write_record([
                    line.measure.as_str(),
                    line.region.as_deref().unwrap_or_default(),
                    kind.word(),
                    &one.awards.join(" "),
                    &one.name,
                    &one.month.to_string(),
                    &sum(one.theirs),
                    &sum(one.ours),
                    &one.why.join(" "),
                ])
                .map_err(Failure::of)?;
                people += 1;
            }
        }
        out.flush().map_err(|error| Failure::file(path, &error))?;
        println!("{people} people in {}", path.display());
        Ok(())
    }
}

fn writer(path: &Path) -> Result<csv::Writer<File>, Failure> {
    let file = File::create(path).map_err(|error| Failure::file(path, &error))?;
    Ok(csv::Writer::from_writer(file))
}

fn word(line: &DifferenceLine) -> &'static str {
    line.kind.map_or("not_compared", Kind::word)
}

fn numbers(lines: &[DifferenceLine], path: &Path) -> Result<(), Failure> {
    let mut out = writer(path)?;
    out.write_record(["measure", "region", "difference", "awards", "they_pay", "law_gives"])
        .map_err(Failure::of)?;
    for line in lines {
        out.write_record([
            line.measure.as_str(),
            line.region.as_deref().unwrap_or_default(),
            word(line),
            &line.awards.to_string(),
            &line.theirs.to_string(),
            &line.ours.to_string(),
        ])
        .map_err(Failure::of)?;
    }
    out.flush().map_err(|error| Failure::file(path, &error))
}
