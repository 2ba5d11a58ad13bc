//! A synthetic population with the statistics of the country and its awkward circles, written as
//! the extracts that registries would deliver: ties, marriages, residence, studies, phones, accounts,
//! awards in payment. Never families: those are for the law to find.
//!
//! Method: a world is a sequence of kin, each woven from its own seed, written and forgotten, so that
//! memory does not grow with the number of people. Figures and sources: `docs/population.md`.

mod awards;
mod dice;
mod extracts;
mod figures;
mod files;
mod kin;
mod means;
mod names;
mod news;
mod numbers;
mod registrar;
mod sheet;
mod turns;
mod weave;

pub use extracts::Written;
pub use figures::bank_name;
pub use kin::{Home, Kin, Person, Rights, Status, Tie, TieKind, Told, Who};
pub use registrar::{Birth, Mother, Registrar, Student};
pub use sheet::{Extract, Scope, WriteError};

use card::Date;
use numbers::Numbers;
use weave::Weaver;

/// What world to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// At least so many living people; the last kin may add a few.
    pub people: u32,
    /// The same seed gives the same world, to the byte.
    pub seed: u64,
    /// The day on which the registries make their extracts; everything known happened before it.
    pub day: Date,
}

/// A world, made kin by kin as somebody asks for the next.
#[derive(Debug)]
pub struct Population {
    options: Options,
    numbers: Numbers,
    next: u64,
    living: u32,
}

impl Population {
    /// The beginning of a world.
    pub fn generate(options: Options) -> Self {
        Self { options, numbers: Numbers::new(), next: 0, living: 0 }
    }
}

impl Iterator for Population {
    type Item = Kin;

    fn next(&mut self) -> Option<Kin> {
        if self.living >= self.options.people {
            return None;
        }
        let today = weave::after(self.options.day, -1);
        let mut weaver = Weaver::new(self.options.seed, self.next, today, &mut self.numbers);
        weaver.found();
        weaver.guardians();
        weaver.studies();
        weaver.gaps();
        weaver.awards();
        weaver.reach();
        weaver.closing();
        self.next += 1;
        let kin = weaver.kin;
        self.living += kin.persons.iter().filter(|person| person.lives_on(today)).count() as u32;
        Some(kin)
    }
}
