use card::{Lang, Moment, Told};

/// What the pages of phones need of the world behind them: the phones of the simulated operator,
/// the clock of the demo, and the few ways to make something happen. Everything goes the way that
/// it goes in production: an event through intake, an answer over the operator's link.
pub trait Stage: Send + Sync + 'static {
    /// The demo's clock.
    fn now(&self) -> Moment;

    /// Moves the clock on and lets everything happen that falls due.
    fn advance(&self, step: Step) -> Result<(), StageError>;

    /// How far things are: stage and count.
    fn funnel(&self, lang: Lang) -> Vec<(String, u64)>;

    /// Phones, the latest message first; `search` matches number or name.
    fn phones(&self, search: &str, page: usize) -> Page<PhoneLine>;

    /// One phone with its thread and the cases of its person.
    fn phone(&self, id: u64, lang: Lang) -> Option<Phone>;

    /// The person writes to 1414.
    fn write(&self, id: u64, text: &str) -> Result<(), StageError>;

    /// The explanation of a right, as the person may read it.
    fn why(&self, id: u64, right: u64, lang: Lang) -> Option<Told>;

    /// The files that went to a bank and came back, by our id: name and content.
    fn file(&self, id: &str) -> Vec<(String, String)>;

    /// Women who may give birth; `search` matches the name.
    fn mothers(&self, search: &str) -> Vec<Mother>;

    /// A birth happens; answers with the phone that will ring, if there is one.
    fn birth(&self, mother: u64) -> Result<Option<u64>, StageError>;

    /// Whoever may register as unemployed.
    fn seekers(&self) -> Vec<Seeker>;

    /// Somebody registers as unemployed; answers with the phone that will ring, if there is one.
    fn unemployed(&self, seeker: u64) -> Result<Option<u64>, StageError>;

    /// Facts that can be corrected.
    fn facts(&self, lang: Lang) -> Vec<FactLine>;

    /// A registry corrects a fact.
    fn correct(&self, fact: u64, lang: Lang) -> Result<String, StageError>;

    /// Registries that can go silent: name and title.
    fn registries(&self, lang: Lang) -> Vec<(String, String)>;

    /// A registry goes silent.
    fn silence(&self, registry: &str, lang: Lang) -> Result<Differences, StageError>;

    /// A registry tells something: a `CloudEvent` in JSON.
    fn tell(&self, event: &str, lang: Lang) -> Result<String, StageError>;

    /// Numbers of the law that can be changed.
    fn numbers(&self, lang: Lang) -> Vec<NumberLine>;

    /// Changes a number from today on and sweeps again.
    fn reform(&self, number: &str, value: &str, lang: Lang) -> Result<Differences, StageError>;
}

/// How far the clock moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One hour.
    Hour,
    /// To nine o'clock of the next day.
    Day,
    /// To the next day on which benefits are paid.
    PayDay,
}

/// Why something could not happen; the text is shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StageError(pub String);

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page<T> {
    /// Its lines.
    pub lines: Vec<T>,
    /// How many pages there are, at least one.
    pub pages: usize,
}

/// A phone in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneLine {
    /// The demo's number of the phone; not the phone number.
    pub id: u64,
    /// Whose it is.
    pub owner: String,
    /// The phone number, for eyes.
    pub number: String,
    /// The latest message.
    pub last: String,
    /// When that was.
    pub at: String,
}

/// One phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phone {
    /// The demo's number of the phone.
    pub id: u64,
    /// Whose it is.
    pub owner: String,
    /// The phone number, for eyes.
    pub number: String,
    /// The thread, oldest first.
    pub messages: Vec<Bubble>,
    /// The cases of the person.
    pub cases: Vec<CaseLine>,
}

/// One message of a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bubble {
    /// From 1414?
    pub ours: bool,
    /// As it arrived.
    pub text: String,
    /// When.
    pub at: String,
    /// In how many parts it came.
    pub parts: usize,
}

/// One case of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseLine {
    /// The right.
    pub right: u64,
    /// What it is called.
    pub title: String,
    /// How much.
    pub amount: String,
    /// From found to paid.
    pub steps: Vec<StepLine>,
    /// The bank files that carry its orders.
    pub files: Vec<String>,
}

/// One step of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepLine {
    /// What it is called.
    pub label: String,
    /// When it was reached.
    pub at: String,
    /// Is it reached?
    pub done: bool,
}

/// A woman who may give birth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mother {
    /// The demo's number of her.
    pub id: u64,
    /// Her name.
    pub name: String,
    /// Her birth date.
    pub born: String,
    /// How many children she has.
    pub children: usize,
}

/// Somebody who may register as unemployed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seeker {
    /// The demo's number of them.
    pub id: u64,
    /// Their name.
    pub name: String,
    /// Their birth date.
    pub born: String,
}

/// A fact that can be corrected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactLine {
    /// The demo's number of it.
    pub id: u64,
    /// What it says and what it will say.
    pub says: String,
}

/// A number of the law.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberLine {
    /// Its name in the pack.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Its value today.
    pub now: String,
}

/// What two sweeps answered differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// In one sentence.
    pub summary: String,
    /// How many answers of each measure went which way, the most first.
    pub turns: Vec<TurnLine>,
    /// The first of them.
    pub rows: Vec<DifferenceLine>,
}

/// How many answers of one measure turned from one kind into another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnLine {
    /// The measure.
    pub measure: String,
    /// The kind of answer before.
    pub before: String,
    /// The kind of answer after.
    pub after: String,
    /// How many.
    pub count: usize,
}

/// One answer that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DifferenceLine {
    /// About whom.
    pub who: String,
    /// Of which measure.
    pub measure: String,
    /// The answer before.
    pub before: String,
    /// The answer after.
    pub after: String,
}
