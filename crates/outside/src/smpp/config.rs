//! What an operator agrees with us about the link.

use std::{fmt, time::Duration};

use rusmpp::{
    pdus::BindTransceiver,
    types::{COctetString, EmptyOrFullCOctetString},
    values::{InterfaceVersion, Npi, Ton},
};

use super::{Coding, IdForm};

/// The settings of one link.
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// Host and port of the operator's SMSC.
    pub address: String,
    /// Our name there, at most 15 characters.
    pub system_id: String,
    /// Our password there, at most 8 characters.
    pub password: Password,
    /// The kind of system, mostly empty, at most 12 characters.
    pub system_type: String,
    /// How we bind.
    pub binds: Binds,
    /// Whose messages they are.
    pub sender: Sender,
    /// How texts are written.
    pub coding: Coding,
    /// How long the operator tries to deliver, in whole seconds; `None` leaves it to the operator.
    pub validity: Option<Duration>,
    /// The tag of a vendor's TLV (0x1400 to 0x3FFF) that carries the whole number of the attempt, where
    /// the operator returns one. The user message reference always carries its last 16 bits.
    pub attempt_tag: Option<u16>,
    /// How this operator departs from the standard.
    pub profile: Profile,
    /// Windows, timers and sizes.
    pub limits: Limits,
}

/// How we bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binds {
    /// One connection for both directions.
    Transceiver,
    /// A transmitter and a receiver, for operators without transceivers.
    Pair,
}

/// The sender's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The short number.
    pub number: String,
    /// Type of number: 3, network specific, or 6, abbreviated, as the operator asks.
    pub ton: u8,
    /// Numbering plan.
    pub npi: u8,
}

/// A password, which nothing prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// How an operator departs from the standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The form of ids in answers to submissions.
    pub response_id: IdForm,
    /// The form of ids in receipts.
    pub receipt_id: IdForm,
    /// What 0x45, `SUBMITFAIL`, means here: some use it for overload.
    pub submit_fail: Answers,
}

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Not now.
    Later,
    /// Never.
    Never,
}

/// Windows, timers and sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Submissions on the way without an answer.
    pub window: usize,
    /// How long an answer to a submission or a bind may take.
    pub response: Duration,
    /// How long a late answer is still waited for, to learn the operator's id for the receipt.
    pub late_response: Duration,
    /// How long a submission waits for a link.
    pub link_wait: Duration,
    /// Between two `enquire_link`.
    pub enquire_every: Duration,
    /// The first pause before a new attempt to bind; it doubles.
    pub back_off_first: Duration,
    /// The longest pause before a new attempt to bind.
    pub back_off_most: Duration,
    /// How long nothing is submitted after the operator asked to slow down.
    pub throttle_pause: Duration,
    /// How often a further part of a message is tried again when the operator asks to slow down.
    pub part_retries: u32,
    /// Receipts, and phones with replies, in the handler's hands at once.
    pub handling: usize,
    /// How long the acknowledgement of a part waits for the other parts of its message; keep it
    /// below the operator's response timer.
    pub join_wait: Duration,
    /// How long parts are kept for those that are missing.
    pub join_keep: Duration,
    /// Messages whose parts are kept at once.
    pub joins: usize,
    /// Operator's ids kept in memory to name the attempt in a receipt.
    pub remembered: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            window: 32,
            response: seconds(10),
            late_response: seconds(300),
            link_wait: seconds(10),
            enquire_every: seconds(30),
            back_off_first: Duration::from_millis(500),
            back_off_most: seconds(60),
            throttle_pause: seconds(1),
            part_retries: 30,
            handling: 64,
            join_wait: seconds(5),
            join_keep: seconds(600),
            joins: 1_000,
            remembered: 200_000,
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self { response_id: IdForm::Text, receipt_id: IdForm::Text, submit_fail: Answers::Never }
    }
}

/// Settings that SMPP cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A text is too long or not ASCII.
    #[error("link setting {field}: at most {most} ASCII characters fit into SMPP; shorten it")]
    Text {
        /// Which setting.
        field: &'static str,
        /// How many fit.
        most: usize,
    },
    /// A number is outside its range.
    #[error("link setting {field}: {must}")]
    Range {
        /// Which setting.
        field: &'static str,
        /// What it must be.
        must: &'static str,
    },
}

impl LinkConfig {
    /// A link of 1414 with the usual settings.
    pub fn new(address: impl Into<String>, system_id: impl Into<String>, password: Password) -> Self {
        Self {
            address: address.into(),
            system_id: system_id.into(),
            password,
            system_type: String::new(),
            binds: Binds::Transceiver,
            sender: Sender { number: "1414".to_owned(), ton: 3, npi: 0 },
            coding: Coding::Ucs2,
            validity: Some(Duration::from_hours(48)),
            attempt_tag: None,
            profile: Profile::default(),
            limits: Limits::default(),
        }
    }
}

/// The settings in the protocol's own types.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub bind: BindTransceiver,
    pub sender: COctetString<1, 21>,
    pub sender_ton: Ton,
    pub sender_npi: Npi,
    pub validity: EmptyOrFullCOctetString<17>,
}

impl Wire {
    /// Checks the settings once, so that nothing later can fail for them.
    pub(super) fn of(config: &LinkConfig) -> Result<Self, ConfigError> {
        let bind = BindTransceiver::builder()
            .system_id(text("system_id", 15, &config.system_id)?)
            .password(text("password", 8, &config.password.0)?)
            .system_type(text("system_type", 12, &config.system_type)?)
            .interface_version(InterfaceVersion::Smpp3_4)
            .build();
        let range = |field, must, holds: bool| holds.then_some(()).ok_or(ConfigError::Range { field, must });
        range("window", "at least 1", config.limits.window > 0)?;
        range("handling", "at least 1", config.limits.handling > 0)?;
        range("enquire_every", "more than nothing", !config.limits.enquire_every.is_zero())?;
        range(
            "attempt_tag",
            "a vendor's tag, 0x1400 to 0x3FFF",
            config.attempt_tag.is_none_or(|tag| (0x1400..=0x3FFF).contains(&tag)),
        )?;
        Ok(Self {
            bind,
            sender: text("sender.number", 20, &config.sender.number)?,
            sender_ton: Ton::from(config.sender.ton),
            sender_npi: Npi::from(config.sender.npi),
            validity: match config.validity {
                None => EmptyOrFullCOctetString::empty(),
                Some(length) => relative_time(length)?,
            },
        })
    }
}

fn text<const MOST: usize>(
    field: &'static str,
    most: usize,
    value: &str,
) -> Result<COctetString<1, MOST>, ConfigError> {
    value.parse().map_err(|_| ConfigError::Text { field, most })
}

/// The relative form of SMPP, `YYMMDDhhmmss000R`, of which days and below are used: months have no
/// fixed length.
fn relative_time(length: Duration) -> Result<EmptyOrFullCOctetString<17>, ConfigError> {
    let seconds = length.as_secs();
    let days = seconds / 86_400;
    let wrong = ConfigError::Range { field: "validity", must: "between 1 second and 30 days" };
    if seconds == 0 || days > 30 {
        return Err(wrong);
    }
    format!("0000{days:02}{:02}{:02}{:02}000R", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
        .parse()
        .map_err(|_| wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_do_not_fit_are_named() {
        let config = LinkConfig::new("localhost:2775", "family-card", Password("secret".into()));
        assert!(Wire::of(&config).is_ok());
        assert!(!format!("{config:?}").contains("secret"));
        let refusal = |change: fn(&mut LinkConfig)| {
            let mut changed = config.clone();
            change(&mut changed);
            Wire::of(&changed).unwrap_err().to_string()
        };
        assert!(refusal(|c| c.password = Password("123456789".into())).contains("password: at most 8"));
        assert!(refusal(|c| c.system_id = "сис".into()).contains("system_id"));
        assert!(refusal(|c| c.validity = Some(Duration::ZERO)).contains("validity"));
        assert!(refusal(|c| c.limits.window = 0).contains("window"));
        assert!(refusal(|c| c.attempt_tag = Some(0x0204)).contains("attempt_tag"));
    }

    #[test]
    fn validity_is_written_as_days_and_below() {
        let written = |seconds| relative_time(Duration::from_secs(seconds)).unwrap().as_str().to_owned();
        assert_eq!(written(2 * 86_400), "000002000000000R");
        assert_eq!(written(3 * 3600 + 4 * 60 + 5), "000000030405000R");
    }
}
