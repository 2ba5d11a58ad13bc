//! An application files itself at consent, and is judged by the facts of that moment.

use card::{Amount, Date, Missing, Moment, Outcome, Span, Standing, Tenge, Ternary, Text, Verdict};
use serde::{Deserialize, Serialize};

use crate::{ConsentId, RightId, decision::Terms};

/// An application for a right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The consent that it rests on.
    pub consent: ConsentId,
    /// When it was filed.
    pub filed: Moment,
    /// The last day on which the person is told the decision.
    pub decide_by: Date,
}

impl Application {
    /// An application filed now, to be decided within so many days.
    pub fn filed(consent: ConsentId, now: Moment, within_days: u16) -> Self {
        Self { consent, filed: now, decide_by: now.day().plus(Span::Days(i32::from(within_days))) }
    }
}

/// What an application is judged by: the law's answer of this moment, and what stands around it.
#[derive(Clone, Debug)]
pub struct Grounds {
    /// The law's answer, asked again.
    pub verdict: Verdict,
    /// Did two officials release the preliminary numbers of the measure at this closure?
    pub released: bool,
    /// Does the law give this measure to a commission?
    pub commission: bool,
    /// Is a choice between this right and another open?
    pub choice_open: bool,
    /// Another right of the measure that counts one of the children already.
    pub claimed_by: Option<RightId>,
    /// The body in whose name it is decided.
    pub body: Text,
    /// The order that gives an automatic decision its force, as `act:article`.
    pub automatic_by: Option<String>,
    /// The hash of the law's closure.
    pub closure: String,
    /// The facts known until this moment were read.
    pub known_on: Moment,
}

/// Why an application is not granted by itself and goes to an officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The law answers no by the facts of now; these conditions fail. Only an officer refuses.
    NoLonger {
        /// Names of conditions and refusals.
        failing: Vec<String>,
    },
    /// The law cannot answer.
    Unknown {
        /// The facts that would decide.
        missing: Vec<Missing>,
    },
    /// Somebody is paid for it already.
    AlreadyPaid,
    /// It is not known whether somebody is paid for it already.
    FreeUnknown {
        /// The facts that would decide.
        missing: Vec<Missing>,
    },
    /// More than one amount is possible.
    AmountOpen {
        /// The amount as far as it is known.
        amount: Option<Amount>,
    },
    /// It rests on numbers that nobody released.
    Preliminary,
    /// Rows contradict each other.
    Conflict {
        /// Of these entities.
        entities: Vec<String>,
    },
    /// The law gives it to a commission.
    Commission,
    /// A choice between benefits is open.
    ChoiceOpen,
    /// Another right counts one of its children.
    ClaimTaken {
        /// That right.
        by: RightId,
    },
    /// It is not certain that the person who agreed may receive it.
    NotRecipient,
    /// No order gives an automatic decision its force.
    NoAutomaticOrder,
}

/// The one amount and what is withheld of it, where both are known and something is left.
pub fn amounts(verdict: &Verdict) -> Option<(Tenge, Tenge)> {
    let gross = verdict.amount?.point()?;
    let withheld =
        verdict.withheld.iter().map(|w| w.amount.point()).try_fold(Tenge::ZERO, |sum, w| Some(sum + w?))?;
    (gross > Tenge::ZERO && withheld >= Tenge::ZERO && withheld < gross).then_some((gross, withheld))
}

/// What comes to the account: what a person is told, before the decision as after it.
pub fn payable(verdict: &Verdict) -> Option<Tenge> {
    amounts(verdict).map(|(gross, withheld)| gross - withheld)
}

/// May the numbers behind a verdict move money?
pub fn sure(verdict: &Verdict, released: bool) -> bool {
    verdict.standing < Standing::Preliminary || released
}

/// Judges an application: the terms of an automatic grant, or every reason why an officer decides.
pub fn judge(grounds: &Grounds) -> Result<Terms, Vec<Reason>> {
    let verdict = &grounds.verdict;
    let mut reasons = Vec::new();
    match verdict.outcome {
        Outcome::Eligible => {}
        Outcome::Unknown => reasons.push(Reason::Unknown { missing: verdict.missing.clone() }),
        Outcome::NotEligible | Outcome::NotConcerned => {
            let fails = |c: &&card::Condition| c.outcome == Ternary::No;
            let failing = verdict.conditions.iter().filter(fails).map(|c| c.name.clone()).collect();
            reasons.push(Reason::NoLonger { failing });
        }
    }
    match verdict.free {
        Ternary::Yes => {}
        Ternary::Unknown => {
            reasons.push(Reason::FreeUnknown { missing: verdict.missing_free.clone() });
        }
        Ternary::No => reasons.push(Reason::AlreadyPaid),
    }
    let amounts = amounts(verdict);
    if verdict.outcome == Outcome::Eligible && amounts.is_none() {
        reasons.push(Reason::AmountOpen { amount: verdict.amount });
    }
    if !sure(verdict, grounds.released) {
        reasons.push(Reason::Preliminary);
    }
    if !verdict.conflicts.is_empty() {
        reasons.push(Reason::Conflict { entities: verdict.conflicts.clone() });
    }
    if grounds.commission {
        reasons.push(Reason::Commission);
    }
    if grounds.choice_open {
        reasons.push(Reason::ChoiceOpen);
    }
    if let Some(by) = grounds.claimed_by {
        reasons.push(Reason::ClaimTaken { by });
    }
    if grounds.automatic_by.is_none() {
        reasons.push(Reason::NoAutomaticOrder);
    }
    match amounts {
        Some((gross, withheld)) if reasons.is_empty() => Ok(Terms {
            gross,
            withheld,
            from: verdict.pays_from.unwrap_or(verdict.question.asked_on),
            until: verdict.pays_until,
        }),
        _ => Err(reasons),
    }
}
