//! What the registries know of one kin: some related households and who married into them. The
//! facts of persons and of pairs; never a family.

use card::{Date, Iban, Iin, Lang, Msisdn, Sex, Tenge};

use super::{
    figures::Region,
    names::{self, Custom, Stem},
    records::{
        Burial, Business, CapacityLoss, Care, Contract, Contribution, Dependency, Disability, HealthRecord,
        Honour, Income, Job, Livestock, Loan, Ownership, Pension, SocialBenefit, Unemployment,
    },
};

/// A person of the kin, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who(pub usize);

/// Where a person lives.
#[derive(Clone, Copy, Debug)]
pub struct Home {
    /// The oblast or city.
    pub region: &'static Region,
    /// The code of the address, only ever compared.
    pub address: u64,
}

impl Home {
    /// The code of the settlement: a city of republican rank is its own, elsewhere addresses are
    /// spread over a dozen.
    pub fn settlement(&self) -> String {
        let code = self.region.code;
        match &code[..1] {
            "7" => code.to_owned(),
            _ => format!("{}{:02}10000", &code[..2], 10 + self.address % 12),
        }
    }
}

/// How exactly a registry tells a birth date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// To the day.
    Day,
    /// The year alone, as of many who were born long ago or abroad.
    Year,
    /// Wrongly at first, and corrected by a later extract.
    Wrongly(Date),
    /// Not at all.
    Never,
}

/// Citizenship as the population register names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A citizen.
    Citizen,
    /// An ethnic returnee.
    Qandas,
    /// A citizen of another state.
    Foreigner,
    /// Of no state.
    Stateless,
    /// A refugee.
    Refugee,
}

impl Status {
    /// As extracts write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Qandas => "qandas",
            Self::Foreigner => "foreigner",
            Self::Stateless => "stateless",
            Self::Refugee => "refugee",
        }
    }
}

/// A person. `None` in a field means that the registry did not tell. It has no debug form: names are
/// shown to nobody by accident.
pub struct Person {
    /// The number.
    pub iin: Iin,
    /// The sex.
    pub sex: Sex,
    /// The true birth date.
    pub born: Date,
    /// How it is told.
    pub told: Told,
    /// The day of death.
    pub died: Option<Date>,
    /// Citizenship.
    pub status: Option<Status>,
    /// Of a qandas, present or former: since when, and to which day the status was extended.
    pub qandas: Option<(Date, Option<Date>)>,
    /// Has a right under a ratified treaty.
    pub treaty_right: Option<bool>,
    /// Resides permanently.
    pub permanent: Option<bool>,
    /// The birth was registered in Kazakhstan.
    pub registered: Option<bool>,
    /// The place within one confinement.
    pub sequence: Option<u8>,
    /// The last home; of the dead, where they lived.
    pub home: Home,
    /// Does the population register tell the region?
    pub region_told: bool,
    /// The language in which the person wants to be addressed.
    pub language: Option<Lang>,
    /// Customs of naming.
    pub custom: Custom,
    /// The stem of the family name.
    pub stem: Stem,
    /// The given name.
    pub given: &'static str,
    /// The given name of the father.
    pub father: &'static str,
    /// The day on which a grown child leaves the parents' home; of others, their birth.
    pub leaves: Date,
    /// The registry delivers the person late.
    pub late: bool,
    /// The registry delivers the death late.
    pub death_late: bool,
}

impl Person {
    /// Family name, given name and patronymic.
    pub fn name(&self) -> String {
        format!(
            "{} {} {}",
            names::family(self.custom, self.sex, self.stem),
            self.given,
            names::patronymic(self.custom, self.sex, self.father)
        )
    }

    /// Alive at the end of a day.
    pub fn lives_on(&self, day: Date) -> bool {
        self.born <= day && self.died.is_none_or(|died| day < died)
    }

    /// Completed years.
    pub fn age_on(&self, day: Date) -> i32 {
        self.born.age_on(day)
    }
}

/// The kind of a tie of parent and child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TieKind {
    /// By birth.
    Birth,
    /// By adoption.
    Adoption,
    /// Guardian and ward.
    Guardianship,
    /// Stepparent and stepchild.
    Step,
}

impl TieKind {
    /// As extracts write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Birth => "birth",
            Self::Adoption => "adoption",
            Self::Guardianship => "guardianship",
            Self::Step => "step",
        }
    }
}

/// What parental rights a tie carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// All of them.
    Full,
    /// Limited by a court.
    Limited,
    /// Removed by a court.
    Removed,
}

impl Rights {
    /// As extracts write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Limited => "limited",
            Self::Removed => "removed",
        }
    }
}

/// A tie of parent and child.
#[derive(Clone, Debug)]
pub struct Tie {
    /// The child.
    pub child: Who,
    /// The parent, guardian or stepparent.
    pub parent: Who,
    /// Its kind.
    pub kind: TieKind,
    /// Its rights.
    pub rights: Rights,
    /// The first day.
    pub since: Date,
    /// The first day after it.
    pub ended: Option<Date>,
    /// In whose family a stepchild is declared to count.
    pub counted_in: Option<Who>,
}

/// A marriage.
#[derive(Clone, Debug)]
pub struct Marriage {
    /// One spouse.
    pub first: Who,
    /// The other.
    pub second: Who,
    /// The wedding.
    pub since: Date,
    /// The divorce.
    pub ended: Option<Date>,
}

/// A period at an address.
#[derive(Clone, Debug)]
pub struct Residence {
    /// Who.
    pub who: Who,
    /// Where.
    pub address: u64,
    /// The first day.
    pub since: Date,
    /// The first day after it.
    pub ended: Option<Date>,
}

/// A course of study.
#[derive(Clone, Debug)]
pub struct Study {
    /// Who.
    pub who: Who,
    /// `full_time`, `part_time` or `distance`.
    pub form: &'static str,
    /// Level of education.
    pub level: &'static str,
    /// Enrolment.
    pub since: Date,
    /// Graduation or expulsion.
    pub ended: Option<Date>,
    /// The registry delivers it late.
    pub late: bool,
}

/// A stay that changes what is owed.
#[derive(Clone, Debug)]
pub struct Stay {
    /// Who.
    pub who: Who,
    /// Its kind.
    pub kind: &'static str,
    /// The first day.
    pub since: Date,
    /// The first day after it.
    pub ended: Option<Date>,
}

/// A mobile number bonded to a person.
#[derive(Clone, Debug)]
pub struct Phone {
    /// The number.
    pub number: Msisdn,
    /// Its holder in the citizens' mobile database.
    pub who: Who,
    /// The first day.
    pub since: Date,
    /// The first day after it.
    pub ended: Option<Date>,
}

/// A bank account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The number.
    pub iban: Iban,
    /// Its holder.
    pub who: Who,
    /// The bank confirmed the holder.
    pub checked: bool,
    /// Opened.
    pub since: Date,
    /// Closed.
    pub ended: Option<Date>,
}

/// What today's systems pay or have paid.
#[derive(Clone, Debug)]
pub struct Award {
    /// The measure, as the pack names it.
    pub measure: &'static str,
    /// Who gets the money.
    pub recipient: Who,
    /// About whom.
    pub subject: Option<Who>,
    /// Awarded.
    pub since: Date,
    /// Ended.
    pub ended: Option<Date>,
    /// What is paid, a month or once.
    pub amount: Tenge,
    /// Paid once, on that day.
    pub paid_on: Option<Date>,
    /// Whom it counts, mostly children; empty where today's system does not tell.
    pub children: Vec<Who>,
}

/// The kin.
#[derive(Default)]
pub struct Kin {
    /// Persons; all else names them by position.
    pub persons: Vec<Person>,
    /// Ties of parents and children.
    pub ties: Vec<Tie>,
    /// Marriages.
    pub marriages: Vec<Marriage>,
    /// Addresses over time.
    pub residences: Vec<Residence>,
    /// With whom a child was declared to live: child, holder of rights, since.
    pub declared_homes: Vec<(Who, Who, Date)>,
    /// Studies.
    pub studies: Vec<Study>,
    /// Stays.
    pub stays: Vec<Stay>,
    /// Phones.
    pub phones: Vec<Phone>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Awards.
    pub awards: Vec<Award>,
    /// Who registered a death: deceased, informant, day.
    pub death_registrations: Vec<(Who, Option<Who>, Date)>,
    /// Jobs.
    pub jobs: Vec<Job>,
    /// Registrations of the unemployed.
    pub unemployment: Vec<Unemployment>,
    /// Social contributions.
    pub contributions: Vec<Contribution>,
    /// Does somebody take part in social insurance?
    pub insured: Vec<(Who, bool)>,
    /// Disabilities.
    pub disabilities: Vec<Disability>,
    /// Losses of work capacity.
    pub capacity_losses: Vec<CapacityLoss>,
    /// Pensions.
    pub pensions: Vec<Pension>,
    /// Was a pensioner in the war of 1941 to 1945?
    pub veterans: Vec<(Who, bool)>,
    /// State social benefits.
    pub benefits: Vec<SocialBenefit>,
    /// Awards of mothers.
    pub honours: Vec<Honour>,
    /// Property.
    pub ownerships: Vec<Ownership>,
    /// Social contracts.
    pub contracts: Vec<Contract>,
    /// Incomes.
    pub incomes: Vec<Income>,
    /// Declared care.
    pub cares: Vec<Care>,
    /// Declared burials.
    pub burials: Vec<Burial>,
    /// Declared dependencies.
    pub dependencies: Vec<Dependency>,
    /// Who died in service, as declared.
    pub service_deaths: Vec<Who>,
    /// Does a child receive alimony, as declared?
    pub alimony: Vec<(Who, bool)>,
    /// Preschool and school of the young.
    pub schooling: Vec<Study>,
    /// Loans.
    pub loans: Vec<Loan>,
    /// Businesses.
    pub businesses: Vec<Business>,
    /// What the health system knows.
    pub health_records: Vec<HealthRecord>,
    /// Animals.
    pub livestock: Vec<Livestock>,
}

impl Kin {
    /// The person at a position.
    pub fn at(&self, who: Who) -> &Person {
        &self.persons[who.0]
    }

    /// All positions.
    pub fn everybody(&self) -> impl Iterator<Item = Who> + use<> {
        (0..self.persons.len()).map(Who)
    }

    /// The children over whom a person holds full rights on a day, as birth or adoptive parent or guardian.
    pub fn children_of(&self, parent: Who, day: Date) -> Vec<Who> {
        self.ties
            .iter()
            .filter(|tie| tie.parent == parent && tie.holds_on(day) && tie.kind != TieKind::Step)
            .map(|tie| tie.child)
            .collect()
    }

    /// The spouse on a day, if alive.
    pub fn spouse_of(&self, who: Who, day: Date) -> Option<Who> {
        self.marriages
            .iter()
            .filter(|marriage| marriage.since <= day && marriage.ended.is_none_or(|ended| day < ended))
            .find_map(|marriage| match who {
                first if first == marriage.first => Some(marriage.second),
                second if second == marriage.second => Some(marriage.first),
                _ => None,
            })
            .filter(|spouse| self.at(*spouse).lives_on(day))
    }
}

impl Tie {
    /// In force with full rights.
    pub fn holds_on(&self, day: Date) -> bool {
        self.rights == Rights::Full && self.since <= day && self.ended.is_none_or(|ended| day < ended)
    }
}
