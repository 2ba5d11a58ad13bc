//! How the simulated operator behaves.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use card::Moment;

/// The settings of the simulator.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who may bind: name and password.
    pub accounts: Vec<(String, String)>,
    /// The short number to which phones write.
    pub number: String,
    /// How ids are written in answers to submissions.
    pub response_id: IdStyle,
    /// How ids are written in receipts.
    pub receipt_id: IdStyle,
    /// Whether receipts carry TLVs beside their text.
    pub receipt_tlvs: bool,
    /// How long a message takes to its phone.
    pub receipt_after: Duration,
    /// How long a delivery that the other side put off waits.
    pub retry_after: Duration,
    /// How often a delivery is tried.
    pub tries: u32,
    /// How long an answer to a delivery may take before it is tried again.
    pub response: Duration,
    /// Deliveries on the way without an answer, on each bind.
    pub window: usize,
    /// Between two `enquire_link`.
    pub enquire_every: Duration,
    /// The seed of every chance.
    pub seed: u64,
    /// What time messages bear.
    pub clock: Clock,
    /// Faults to begin with.
    pub faults: Faults,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            accounts: vec![("family-card".to_owned(), "secret".to_owned())],
            number: "1414".to_owned(),
            response_id: IdStyle::Hex,
            receipt_id: IdStyle::Decimal,
            receipt_tlvs: true,
            receipt_after: Duration::from_millis(500),
            retry_after: Duration::from_secs(2),
            tries: 100,
            response: Duration::from_secs(15),
            window: 50,
            enquire_every: Duration::from_secs(30),
            seed: 1,
            clock: Clock::default(),
            faults: Faults::default(),
        }
    }
}

/// How an operator writes its ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdStyle {
    /// `2623`.
    Decimal,
    /// `0000002623`.
    PaddedDecimal,
    /// `A3F`.
    Hex,
    /// `00000a3f`.
    PaddedHex,
}

impl IdStyle {
    pub(super) fn write(self, id: u64) -> String {
        match self {
            Self::Decimal => format!("{id}"),
            Self::PaddedDecimal => format!("{id:010}"),
            Self::Hex => format!("{id:X}"),
            Self::PaddedHex => format!("{id:08x}"),
        }
    }
}

/// What goes wrong, in so many of a thousand submissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Refused with `SUBMITFAIL`.
    pub refused: u32,
    /// Answered with `THROTTLED`.
    pub throttled: u32,
    /// The connection is cut after the submission came and before it is answered.
    pub cut: u32,
    /// Of those cut, taken nevertheless.
    pub cut_but_taken: u32,
    /// Taken, and never arrive.
    pub undelivered: u32,
    /// Arrive, and their receipt is lost.
    pub receipt_lost: u32,
    /// The receipt comes before the answer to the submission.
    pub receipt_first: bool,
    /// Whatever comes over a bound connection is read and not answered.
    pub silent: bool,
}

/// Where the simulator takes the time from that its messages bear.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Moment + Send + Sync>);

impl Clock {
    /// A clock of one's own, such as the settable one of the demo.
    pub fn new(now: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(super) fn now(&self) -> Moment {
        (self.0)()
    }
}

/// The clock of the machine.
impl Default for Clock {
    fn default() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Moment(since.as_millis() as i64)
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
