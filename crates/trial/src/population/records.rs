//! What registries know of the work, the health and the means of a person: one record, one row.

use card::{Date, Month, Tenge};

use super::kin::Who;

/// How a row comes to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comes {
    /// With the full extract.
    InTime,
    /// With the late one.
    Late,
    /// Wrongly with the full one, with that sum; rightly with the late one.
    Corrected(Tenge),
}

/// A job, by the labour exchange.
#[derive(Clone, Debug)]
pub struct Job {
    /// Who works.
    pub who: Who,
    /// For whom.
    pub employer: u32,
    /// The first day.
    pub since: Date,
    /// The first day after it.
    pub ended: Option<Date>,
}

/// A registration at the career centre.
#[derive(Clone, Debug)]
pub struct Unemployment {
    /// Who.
    pub who: Who,
    /// `job_seeker` or `unemployed`; empty where it is not told.
    pub status: &'static str,
    /// Registered.
    pub registered_on: Date,
    /// Taken off the register.
    pub ended: Option<Date>,
    /// The registry delivers it late.
    pub late: bool,
}

/// A social contribution for one month.
#[derive(Clone, Debug)]
pub struct Contribution {
    /// For whom.
    pub who: Who,
    /// For which month.
    pub month: Month,
    /// By whom.
    pub payer: u32,
    /// The wage of the month, of which the Fund knows the contribution alone.
    pub wage: Tenge,
    /// What the Fund received; `None` where the sum is not told.
    pub paid: Option<Tenge>,
    /// How it comes.
    pub comes: Comes,
}

/// A disability that was established.
#[derive(Clone, Debug)]
pub struct Disability {
    /// Who.
    pub who: Who,
    /// The group; empty where it is not told.
    pub group: &'static str,
    /// The cause.
    pub cause: &'static str,
    /// Of the organs of movement.
    pub of_movement: bool,
    /// Established.
    pub since: Date,
    /// The end of its term.
    pub ended: Option<Date>,
    /// The registry delivers it late.
    pub late: bool,
}

/// A loss of general work capacity.
#[derive(Clone, Debug)]
pub struct CapacityLoss {
    /// Who.
    pub who: Who,
    /// First established.
    pub established_on: Date,
    /// Of a hundred; `None` where it is not told.
    pub degree: Option<i32>,
    /// The first day of this degree.
    pub since: Date,
    /// The end of its term, or of this degree.
    pub ended: Option<Date>,
}

/// A pension in payment.
#[derive(Clone, Debug)]
pub struct Pension {
    /// Who.
    pub who: Who,
    /// `age`, `service` or `base`.
    pub kind: &'static str,
    /// A month; `None` where it is not told.
    pub amount: Option<Tenge>,
    /// Granted.
    pub since: Date,
    /// The first day after it.
    pub ended: Option<Date>,
}

/// A state social benefit in payment.
#[derive(Clone, Debug)]
pub struct SocialBenefit {
    /// Who is paid.
    pub who: Who,
    /// `disability` or `survivor`.
    pub kind: &'static str,
    /// Granted.
    pub since: Date,
    /// The first day after it.
    pub ended: Option<Date>,
}

/// An award of a mother.
#[derive(Clone, Debug)]
pub struct Honour {
    /// Who.
    pub who: Who,
    /// Which.
    pub kind: &'static str,
    /// Given.
    pub given_on: Date,
    /// Taken back.
    pub withdrawn_on: Option<Date>,
}

/// A thing that the register of property knows.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the register has these columns")]
pub struct Ownership {
    /// Whose.
    pub who: Who,
    /// Its code.
    pub object: u64,
    /// What it is.
    pub kind: &'static str,
    /// Acquired.
    pub since: Date,
    /// Given away.
    pub ended: Option<Date>,
    /// Tenths of a square metre, of a building.
    pub area: Option<i32>,
    /// Fit for use.
    pub fit: bool,
    /// Certified unsafe.
    pub condemned: bool,
    /// Used for profit.
    pub for_profit: bool,
    /// Granted free.
    pub granted_free: bool,
    /// What a machine is; empty of all else.
    pub machine: &'static str,
}

/// A social contract with a family that was assisted.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Who signed.
    pub who: Who,
    /// Signed.
    pub since: Date,
    /// Ended by fault.
    pub broken_on: Option<Date>,
    /// Measures of employment refused.
    pub refused_on: Option<Date>,
    /// False data given.
    pub false_data_on: Option<Date>,
}

/// An income of one month and kind.
#[derive(Clone, Debug)]
pub struct Income {
    /// Whose.
    pub who: Who,
    /// Of which month.
    pub month: Month,
    /// Its kind.
    pub kind: &'static str,
    /// How much; `None` where it is not told.
    pub amount: Option<Tenge>,
}

/// A declared care.
#[derive(Clone, Debug)]
pub struct Care {
    /// Who cares.
    pub carer: Who,
    /// For whom.
    pub cared: Who,
    /// Since.
    pub since: Date,
}

/// A declared burial.
#[derive(Clone, Debug)]
pub struct Burial {
    /// Of whom.
    pub deceased: Who,
    /// By whom.
    pub buried_by: Who,
    /// Declared on.
    pub since: Date,
}

/// A declared dependency on somebody who died.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Who depended.
    pub dependant: Who,
    /// On whom.
    pub breadwinner: Who,
    /// Nobody else is obliged, and there are no other means; `None` where it was not said.
    pub without_others: Option<bool>,
}

/// A loan.
#[derive(Clone, Debug)]
pub struct Loan {
    /// Who borrows.
    pub who: Who,
    /// Its contract.
    pub contract: u64,
    /// Since.
    pub since: Date,
    /// Not paid since.
    pub overdue_since: Option<Date>,
    /// How much of it is overdue; `None` where it is not told.
    pub overdue: Option<Tenge>,
}

/// A business.
#[derive(Clone, Debug)]
pub struct Business {
    /// Whose.
    pub who: Who,
    /// Its number.
    pub number: u64,
    /// `sole_trader` or `company`.
    pub kind: &'static str,
    /// Registered.
    pub since: Date,
    /// Closed.
    pub ended: Option<Date>,
}

/// What the health system knows of a patient.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the register has these columns")]
pub struct HealthRecord {
    /// Who.
    pub who: Who,
    /// Since.
    pub since: Date,
    /// Attached to a clinic.
    pub attached: bool,
    /// Medically insured.
    pub covered: bool,
    /// A chronic illness is observed.
    pub chronic: bool,
    /// On a dispensary register.
    pub dispensary: bool,
}

/// Animals of one kind.
#[derive(Clone, Debug)]
pub struct Livestock {
    /// Whose.
    pub who: Who,
    /// What they are.
    pub kind: &'static str,
    /// How many.
    pub heads: i32,
    /// What they are worth; `None` where it is not told.
    pub value: Option<Tenge>,
    /// Since.
    pub since: Date,
}
