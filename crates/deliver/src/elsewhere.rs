//! What today's systems pay: their awards, as their registry tells them, and what the law gives beside it.

use card::{AccountId, Date, Missing, Month, PersonId, Tenge, Text};
use serde::{Deserialize, Serialize};

use crate::right::{End, Per};

/// An award of a today's system, as its registry tells it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// Who receives.
    pub recipient: PersonId,
    /// The children whom it counts, as far as they are told.
    pub children: Vec<PersonId>,
    /// Since when: the law reads it as the day of the request.
    pub since: Date,
    /// The first day not paid for; `None` while it runs.
    pub ended: Option<Date>,
    /// What it pays a month, or once, before anything is withheld; `None` where that is not told.
    pub amount: Option<Tenge>,
    /// The day on which a single payment was made.
    pub paid_on: Option<Date>,
    /// The account that it goes to, where that is told.
    pub account: Option<AccountId>,
}

impl Award {
    /// Is it still to be paid on a day?
    pub fn runs_on(&self, day: Date) -> bool {
        self.paid_on.is_none() && self.ended.is_none_or(|ended| day < ended)
    }

    /// Does it pay a month? A month that it begins in, or that it ends within, is its own.
    pub fn pays(&self, month: Month) -> bool {
        self.since.month() <= month && self.ended.is_none_or(|ended| month.first_day() < ended)
    }

    /// The first month that it does not pay, once it is over.
    pub fn over(&self, per: Per) -> Option<Month> {
        let last = match per {
            Per::Month => {
                return self.ended.map(|day| {
                    if day == day.month().first_day() { day.month() } else { day.month().next() }
                });
            }
            Per::Once => self.paid_on.or(self.ended)?,
        };
        Some(last.month().next())
    }
}

/// An award as it stands in the registry, before anybody has asked whether it says enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number there.
    pub number: String,
    /// The measure, by its name in the pack.
    pub measure: Option<String>,
    /// Who receives.
    pub recipient: Option<PersonId>,
    /// Whom it is about; `None` where the registry names nobody but the recipient.
    pub subject: Option<PersonId>,
    /// Since when.
    pub since: Option<Date>,
    /// The first day not paid for.
    pub ended: Option<Date>,
    /// How much.
    pub amount: Option<Tenge>,
    /// The day on which a single payment was made.
    pub paid_on: Option<Date>,
    /// The account that it goes to.
    pub account: Option<AccountId>,
    /// The children whom it counts.
    pub children: Vec<PersonId>,
}

impl Told {
    /// The award, where it is told who receives it and since when.
    pub fn award(&self) -> Option<Award> {
        Some(Award {
            recipient: self.recipient?,
            children: self.children.clone(),
            since: self.since?,
            ended: self.ended,
            amount: self.amount,
            paid_on: self.paid_on,
            account: self.account,
        })
    }
}

/// An application to a today's system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The measure, by its name in the pack.
    pub measure: String,
    /// When it was filed.
    pub filed_on: Option<Date>,
    /// When it was decided; `None` while it waits.
    pub decided_on: Option<Date>,
    /// How, in words.
    pub outcome: Option<Text>,
}

/// The registry of today's systems, as delivery reads it.
pub trait Registry {
    /// Why the store fails.
    type Error: std::error::Error;

    /// The numbers of awards of which something came or ended after an entry of the journal: in order,
    /// after the given one.
    fn awards_changed(&self, entry: u64, after: &str, limit: usize) -> Result<Vec<String>, Self::Error>;

    /// An award of another system than ours, as it is known now; `None` if nobody tells of it any more.
    fn award_told(&self, number: &str) -> Result<Option<Told>, Self::Error>;

    /// The applications that a person filed, or that are about them, the newest first.
    fn applications_of(&self, person: PersonId) -> Result<Vec<Application>, Self::Error>;

    /// The region of a person, by its code, where it is known.
    fn region_of(&self, person: PersonId) -> Result<Option<String>, Self::Error>;
}

/// What the law gives for a month beside what today's system pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The month.
    pub month: Month,
    /// What today's system pays, where it is told.
    pub theirs: Option<Tenge>,
    /// What the law gives, by our reading.
    pub ours: Ours,
}

/// What the law gives for a month to whom today's system pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ours {
    /// One amount, to the same person.
    Gives(Tenge),
    /// One amount, and it is not certain that this person receives it.
    ToAnother(Tenge),
    /// One amount, by numbers that nobody released.
    Unreleased(Tenge),
    /// Certainly nothing.
    Nothing {
        /// Why.
        why: End,
    },
    /// Nobody can say.
    NotKnown {
        /// The facts that would decide.
        missing: Vec<Missing>,
    },
}

/// How the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The same sum to the same person.
    Same,
    /// The law gives more than is paid.
    More,
    /// The law gives less than is paid.
    Less,
    /// The law gives nothing.
    Nothing,
    /// The law gives it, perhaps not to this person.
    ToAnother,
    /// The law gives it by numbers that nobody released.
    Unreleased,
    /// The law has no certain answer, or today's system does not tell its sum.
    NotKnown,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Same,
        Self::More,
        Self::Less,
        Self::Nothing,
        Self::ToAnother,
        Self::Unreleased,
        Self::NotKnown,
    ];

    /// Its word in files and addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::More => "more",
            Self::Less => "less",
            Self::Nothing => "nothing",
            Self::ToAnother => "to_another",
            Self::Unreleased => "unreleased",
            Self::NotKnown => "not_known",
        }
    }
}

impl Comparison {
    /// How they differ.
    pub fn kind(&self) -> Kind {
        match (&self.ours, self.theirs) {
            (Ours::Nothing { .. }, _) => Kind::Nothing,
            (Ours::ToAnother(_), _) => Kind::ToAnother,
            (Ours::Unreleased(_), _) => Kind::Unreleased,
            (Ours::NotKnown { .. }, _) | (Ours::Gives(_), None) => Kind::NotKnown,
            (Ours::Gives(ours), Some(theirs)) => match ours.cmp(&theirs) {
                std::cmp::Ordering::Equal => Kind::Same,
                std::cmp::Ordering::Greater => Kind::More,
                std::cmp::Ordering::Less => Kind::Less,
            },
        }
    }

    /// What the law gives, where that is one amount.
    pub const fn gives(&self) -> Option<Tenge> {
        match self.ours {
            Ours::Gives(sum) | Ours::ToAnother(sum) | Ours::Unreleased(sum) => Some(sum),
            Ours::Nothing { .. } => Some(Tenge::ZERO),
            Ours::NotKnown { .. } => None,
        }
    }
}

/// On which side of a take-over a right stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Today's system pays it.
    Theirs,
    /// We pay it since we took it over.
    TakenOver,
}

/// The payment of an award of a today's system, taken over by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOver {
    /// The first month that is ours to pay.
    pub from: Month,
    /// The first month that is not any more, once it was given back.
    pub until: Option<Month>,
    /// What the law gave when it was taken over.
    pub terms: crate::decision::Terms,
}

impl TakenOver {
    /// Is a month ours to pay?
    pub fn holds(&self, month: Month) -> bool {
        self.from <= month && self.until.is_none_or(|until| month < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JANUARY: Month = Month(2027 * 12);

    fn award(ended: Option<Date>, paid_on: Option<Date>) -> Award {
        let since = Date::from_ymd(2026, 12, 20).unwrap();
        Award { recipient: PersonId(1), children: vec![], since, ended, amount: None, paid_on, account: None }
    }

    #[test]
    fn a_month_that_an_award_touches_is_its_own() {
        let december = JANUARY.previous();
        let runs = award(None, None);
        assert!(!runs.pays(december.previous()) && runs.pays(december) && runs.pays(JANUARY));
        let within = award(Some(Date::from_ymd(2027, 1, 2).unwrap()), None);
        assert!(within.pays(JANUARY) && !within.pays(JANUARY.next()));
        assert_eq!(within.over(Per::Month), Some(JANUARY.next()));
        let before = award(Some(JANUARY.first_day()), None);
        assert!(!before.pays(JANUARY) && before.runs_on(december.last_day()));
        assert_eq!(before.over(Per::Month), Some(JANUARY));
        let once = award(None, Some(december.last_day()));
        assert_eq!((once.runs_on(december.last_day()), once.over(Per::Once)), (false, Some(JANUARY)));
    }

    #[test]
    fn a_sum_that_is_not_told_is_no_difference() {
        let beside = |theirs, ours| Comparison { month: JANUARY, theirs, ours }.kind();
        let (one, two) = (Tenge::whole(1), Tenge::whole(2));
        assert_eq!(beside(Some(one), Ours::Gives(one)), Kind::Same);
        assert_eq!(beside(Some(one), Ours::Gives(two)), Kind::More);
        assert_eq!(beside(Some(two), Ours::Gives(one)), Kind::Less);
        assert_eq!(beside(None, Ours::Gives(one)), Kind::NotKnown);
        assert_eq!(beside(None, Ours::Nothing { why: End::Period }), Kind::Nothing);
    }
}
