//! A synthetic population with the statistics of the country and its awkward circles, written as
//! the extracts that registries would deliver: ties, marriages, residence, studies; work, contributions,
//! health, pensions, honours, property, incomes; phones, accounts, awards in payment. Never families:
//! those are for the law to find.
//!
//! Method: a world is a sequence of kin, each woven from its own seed, written and forgotten, so that
//! memory does not grow with the number of people. Figures and sources: `docs/population.md`.

mod awards;
mod delivery;
mod dice;
mod extracts;
mod figures;
mod files;
mod health;
mod honours;
mod incomes;
mod kin;
mod loss;
mod means;
mod names;
mod news;
mod numbers;
mod paid;
mod pensions;
mod property;
mod qandas;
mod rare;
mod records;
mod registrar;
mod sheet;
mod sums;
mod turns;
mod weave;
mod well_being;
mod work;

pub use extracts::Written;
pub use figures::bank_name;
pub use kin::{Home, Kin, Person, Rights, Status, Tie, TieKind, Told, Who};
pub use records::{
    Burial, Business, CapacityLoss, Care, Comes, Contract, Contribution, Dependency, Disability,
    HealthRecord, Honour, Income, Job, Livestock, Loan, Ownership, Pension, SocialBenefit, Unemployment,
};
pub use registrar::{Birth, Mother, Registrar, Seeker, Student};
pub use sheet::{Extract, Scope, WriteError};

use card::Date;
use dice::Dice;
use numbers::Numbers;
use rare::Dealt;
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
    dealt: Dealt,
    owners: well_being::Dealt,
}

impl Population {
    /// The beginning of a world.
    pub fn generate(options: Options) -> Self {
        let (dealt, owners) = Default::default();
        Self { options, numbers: Numbers::new(), next: 0, living: 0, dealt, owners }
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
        weaver.live(self.options.seed, self.next, &mut self.dealt);
        weaver.well_being(self.options.seed, self.next, &mut self.owners);
        self.next += 1;
        let kin = weaver.kin;
        self.living += kin.persons.iter().filter(|person| person.lives_on(today)).count() as u32;
        Some(kin)
    }
}

impl Weaver<'_> {
    /// Health, work and means of a kin that is woven. They have dice of their own, so that families stay
    /// as they are when the country is told to earn more.
    fn live(&mut self, seed: u64, number: u64, dealt: &mut Dealt) {
        self.dice = Dice::of(!seed, number);
        self.health();
        self.work();
        self.honours();
        self.pensions();
        self.loss();
        self.care();
        self.alimony();
        self.property();
        self.contracts();
        self.rare(dealt);
        self.paid();
        self.incomes();
        self.paid_assistance();
        self.qandas();
    }
}
