use card::{Lang, Moment, PersonId, PhoneId};
use serde::{Deserialize, Serialize};

use super::{Answer, Heard, PaidNotice, Question, Wants};
use crate::{AttemptId, QuestionId, RightId};

/// What has happened in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The first contact with the phone.
    Begun {
        /// The phone.
        phone: PhoneId,
    },
    /// A question waits for its turn.
    Queued {
        /// The question.
        question: Question,
    },
    /// A question is open: its message is to be written now.
    Opened {
        /// The question.
        question: Question,
    },
    /// A message of the open question was written.
    Sent {
        /// The question.
        question: QuestionId,
        /// The message.
        message: AttemptId,
        /// When it leaves.
        leaves: Moment,
        /// Does it count in the budget?
        counts: bool,
    },
    /// A message was taken back before it left.
    TakenBack {
        /// The message.
        message: AttemptId,
    },
    /// The open question is on the phone.
    Delivered {
        /// The question.
        question: QuestionId,
        /// The message.
        message: AttemptId,
        /// When it was handed to the operator: it was there no sooner.
        made: Moment,
        /// When its receipt came: it was there no later.
        at: Moment,
    },
    /// The one reminder of a menu is due.
    MenuReminderDue {
        /// The question.
        question: QuestionId,
    },
    /// A menu ended, and nobody had chosen.
    Unanswered {
        /// The question.
        question: Question,
    },
    /// A question can no longer be asked here: the number is not the person's, or they want no offers.
    GivenUp {
        /// The question.
        question: Question,
        /// When.
        at: Moment,
    },
    /// The message after a refusal promised that a yes still counts.
    Promised {
        /// The question that was refused.
        question: QuestionId,
        /// The moment before which it counts.
        until: Moment,
    },
    /// Money was told of.
    PaidTold {
        /// The notice.
        notice: PaidNotice,
    },
    /// A notice, which asks nothing, was handed over.
    Noticed {
        /// When.
        at: Moment,
    },
    /// A reply came. Exactly one for every id of the network.
    Heard {
        /// The reply.
        heard: Heard,
        /// What it is bound to.
        bound: Bound,
    },
    /// A question was answered.
    Answered {
        /// The question.
        question: QuestionId,
        /// Whom it asked.
        person: PersonId,
        /// The answer.
        answer: Answer,
        /// The message that asked.
        message: AttemptId,
        /// When that was on the phone.
        delivered: Moment,
        /// The reply.
        heard: Heard,
        /// After the question had closed.
        late: bool,
    },
    /// The person is asked to answer more clearly.
    Clarify {
        /// The question.
        question: QuestionId,
    },
    /// An operator calls.
    CallNeeded {
        /// Why.
        why: CallReason,
        /// Who is called: the person asked, else the one bonded.
        person: Option<PersonId>,
        /// The reply in the vault.
        reply: String,
    },
    /// A reply that answers nothing gets a short answer.
    ShortAnswer,
    /// The money did not come, says the person.
    NotReceived {
        /// The right.
        right: RightId,
        /// Who says so.
        person: PersonId,
    },
    /// The person said stop: they are told what stops, and how to confirm it.
    StopAsked {
        /// When.
        at: Moment,
    },
    /// The person wants another language.
    LangAsked {
        /// Which.
        lang: Lang,
    },
    /// The person wants offers again, or no more.
    Wanted {
        /// What.
        wants: Wants,
    },
    /// The number is not the person's: nothing is sent to it until the bond is checked.
    WrongNumber,
    /// A question closed.
    Closed {
        /// The question.
        question: QuestionId,
        /// When.
        at: Moment,
        /// May a late answer reopen it?
        reopens: bool,
    },
}

/// What a reply is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// To a question, which it answers.
    Question(QuestionId),
    /// It waits for the receipt of the question that it may answer.
    Held,
    /// It repeats the reply before it.
    Doubled,
    /// The number is bonded to somebody else.
    Foreign,
    /// It is a wish of its own: stop, a call, a language, money that did not come.
    Wish,
    /// It cannot be read, or two things could be meant.
    Unclear,
    /// Nothing was asked.
    Nothing,
}

/// Why an operator calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallReason {
    /// The person asked for it.
    Asked,
    /// The reply could not be read, twice.
    Unclear,
    /// An account number was typed, which an SMS cannot change.
    AccountTyped,
    /// The number is bonded to somebody else.
    Foreign,
    /// The person says that they are not the one meant.
    WrongPerson,
}
