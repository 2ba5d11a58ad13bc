//! The record of a consent, shaped by ISO/IEC TS 27560: who agreed, to what, by which notice, how
//! we know, and when. By SMS, by phone and on the portal it is the same record with other evidence.

use card::{AccountId, Actor, Lang, Moment, PersonId, PhoneId, Role, Tenge};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, ConsentId, OfferId, RightId, reply::Reading};

/// A consent to apply for one right and to have one's facts checked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Its number (27560: record identifier).
    pub id: ConsentId,
    /// Who agreed (27560: PII principal).
    pub person: PersonId,
    /// For which right (27560: purpose).
    pub right: RightId,
    /// The measure of the right.
    pub measure: String,
    /// What the person was told before they agreed (27560: notice).
    pub notice: Notice,
    /// How we know that they agreed (27560: event).
    pub evidence: Evidence,
    /// When they agreed.
    pub at: Moment,
    /// The account that they confirmed; without one the application waits for it.
    pub account: Option<AccountId>,
    /// Obligations that they accepted, by the keys of the pack.
    pub obligations: Vec<String>,
    /// The law that the offer rested on: the hash of its closure.
    pub law: String,
}

/// What a person was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The exact words, as sent or read aloud.
    pub text: String,
    /// In which language.
    pub lang: Lang,
    /// The amount of one payment in it.
    pub amount: Tenge,
    /// The offer, if there was one; a person may also call without one.
    pub offer: Option<OfferId>,
}

/// How a consent is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A reply to an SMS.
    Sms {
        /// The phone, whose bond with the person was checked when the reply came.
        phone: PhoneId,
        /// The message that asked.
        message: AttemptId,
        /// When that message was on the phone.
        delivered: Moment,
        /// The network's id of the reply.
        reply: String,
        /// The reply as written. It fits the grammar of replies, so it holds nothing personal.
        written: String,
        /// How it was read.
        reading: Reading,
    },
    /// A call to 1414, recorded by an operator who identified the caller by the stated rule.
    Call {
        /// The operator.
        operator: Actor,
        /// The call centre's number of the recording.
        recording: String,
    },
    /// A click on the portal by a person who signed in.
    Portal {
        /// The portal's number of the session.
        session: String,
    },
}

impl Evidence {
    /// Does it show a consent? A reply has to be read as one, and a call has to be recorded by an
    /// official who takes calls.
    pub fn shows_consent(&self) -> bool {
        match self {
            Self::Sms { reading, .. } => {
                matches!(reading, Reading::Yes | Reading::Choice(_) | Reading::Keyed { .. })
            }
            Self::Call { operator, .. } => {
                matches!(operator, Actor::Officer { role: Role::Operator | Role::Officer, .. })
            }
            Self::Portal { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back() {
        let consent = Consent {
            id: ConsentId(1),
            person: PersonId(2),
            right: RightId(3),
            measure: "birth_grant".into(),
            notice: Notice {
                text: "1414: …".into(),
                lang: Lang::Ru,
                amount: Tenge::whole(164_350),
                offer: Some(OfferId(4)),
            },
            evidence: Evidence::Sms {
                phone: PhoneId(5),
                message: AttemptId(6),
                delivered: Moment(7),
                reply: "m8".into(),
                written: "да".into(),
                reading: Reading::Yes,
            },
            at: Moment(9),
            account: Some(AccountId(10)),
            obligations: vec![],
            law: "hash".into(),
        };
        let text = serde_json::to_string(&consent).unwrap();
        assert_eq!(serde_json::from_str::<Consent>(&text).unwrap(), consent);
    }

    #[test]
    fn only_a_yes_and_an_official_show_consent() {
        let sms = |reading| Evidence::Sms {
            phone: PhoneId(5),
            message: AttemptId(6),
            delivered: Moment(7),
            reply: "m8".into(),
            written: String::new(),
            reading,
        };
        assert!(sms(Reading::Choice(1)).shows_consent());
        for reading in [Reading::No, Reading::Unclear, Reading::Empty, Reading::Stop, Reading::CallMe] {
            assert!(!sms(reading).shows_consent());
        }
        let call = |operator| Evidence::Call { operator, recording: "r".into() }.shows_consent();
        assert!(call(Actor::Officer { name: "A".into(), role: Role::Operator }));
        assert!(!call(Actor::Officer { name: "A".into(), role: Role::Auditor }) && !call(Actor::System));
    }
}
