//! In English.

use card::{Lang, Month};

use super::{Asked, Message, NO_ACCOUNT_KEY, Offered, keys, list, menu, named, only, short};
use crate::right::Per;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn per(per: Per) -> &'static str {
    match per {
        Per::Month => "a month",
        Per::Once => "once",
    }
}

fn sum(right: &Offered) -> String {
    format!("{} tenge {}", right.amount.grouped_plain(), per(right.per))
}

fn month(month: Month) -> &'static str {
    MONTHS[month.0.rem_euclid(12) as usize]
}

pub(super) fn write(message: &Message) -> String {
    match message {
        Message::Offer { rights, account, until, reminder } => {
            let (open, until) = (if *reminder { "Reminder: you" } else { "You" }, short(*until));
            let (asked, other) = match account {
                Some(account) => (format!("To account {}. ", account.0), ", another account - 3"),
                None => ("We will ask for an account later. ".to_owned(), ""),
            };
            match &rights[..] {
                [right] => format!(
                    "1414: {open} may be granted: {}, {}. {asked}Agree to apply and to have your data checked - 1, no \
                     - 2{other}. Until {until} inclusive. 1414 is free",
                    right.title.get(Lang::En),
                    sum(right)
                ),
                _ => format!(
                    "1414: {open} may be granted: {}. {asked}Agree to apply and to have your data checked: all - 1, \
                     no - 2{other}, {}. Until {until} inclusive. 1414 is free",
                    list(rights, Lang::En, sum),
                    only(rights.len(), "only")
                ),
            }
        }
        Message::Commission { title, until } => format!(
            "1414: Your family may be granted: {}. If you agree, a commission visits your home, then it is decided. Yes \
             - 1, no - 2. Until {} inclusive. 1414 is free",
            title.get(Lang::En),
            short(*until)
        ),
        Message::ChooseAccount { accounts } => format!(
            "1414: To which account of yours? {}. By choosing one you agree to apply and to have your data checked. To \
             refuse, call 1414, free",
            menu(accounts, "another or none")
        ),
        Message::CameBack { amount, lost, accounts } => format!(
            "1414: {} tenge did not reach account {} and came back; the money is kept for you. Where to send it? {}",
            amount.grouped_plain(),
            lost.0,
            menu(accounts, "another or none")
        ),
        Message::Consented { decide_by, late } => format!(
            "1414: {}our consent is taken and the application is filed. This is not a decision yet. We will tell you \
             the decision by SMS by {}. Questions: 1414, free",
            if *late { "The time had passed, but y" } else { "Y" },
            short(*decide_by)
        ),
        Message::Refused { until: Some(until) } => format!(
            "1414: Your refusal is noted. You keep the right. If you change your mind, reply 1 until {} inclusive, later call 1414, free.",
            short(*until)
        ),
        Message::Refused { until: None } => "1414: Your refusal is noted. You keep the right. If you change your mind, call 1414, free.".to_owned(),
        Message::Clarify(Asked::Offer { titles, account }) => {
            let named = named(titles, Lang::En);
            let other = if *account { ", another account - 3" } else { "" };
            match titles.len() {
                1 => format!("1414: We did not understand your answer about: {named}. Please write one digit: agree - 1, no - 2{other}. Or call 1414, free."),
                count => format!("1414: We did not understand your answer about: {named}. Please write one digit: all - 1, no - 2{other}, {}. Or call 1414, free.", only(count, "only")),
            }
        }
        Message::Clarify(Asked::Account(accounts)) => format!(
            "1414: We did not understand. Please write the one digit before the account: {}. Another or none - \
             {NO_ACCOUNT_KEY}. Or call 1414, free.",
            keys(*accounts)
        ),
        Message::Granted { title, payable, per: kind, account, from, appeal_until } => format!(
            "1414: Granted: {}, {} tenge {}{}. Paid from {}. If you disagree, appeal: 1414, free, until {}.",
            title.get(Lang::En),
            payable.grouped_plain(),
            per(*kind),
            account.as_ref().map(|a| format!(", account {}", a.0)).unwrap_or_default(),
            short(*from),
            short(*appeal_until)
        ),
        Message::Rejected { title, reason, appeal_until } => {
            let (title, until) = (title.get(Lang::En), short(*appeal_until));
            match reason {
                Some(reason) => format!("1414: Not granted: {title}. Reason: {}. If you disagree, appeal: 1414, free, until {until}.", reason.get(Lang::En)),
                None => format!("1414: Not granted: {title}. Call 1414, free, to hear the reason. If you disagree, appeal there until {until}."),
            }
        }
        Message::WithOfficer { title, until } => format!(
            "1414: An officer looks at your application: {}. We will tell you the decision by SMS by {}. Questions: \
             1414, free",
            title.get(Lang::En),
            short(*until)
        ),
        Message::Paid { amount, month: of, account, until } => format!(
            "1414: {} tenge {}sent to account {}. If not received by {}, reply 4. Questions and complaints: 1414, free",
            amount.grouped_plain(),
            of.map(|m| format!("for {} ", month(m))).unwrap_or_default(),
            account.0,
            short(*until)
        ),
        Message::Notice(text) => text.en.clone(),
        Message::NotReceivedTaken { until } => {
            format!("1414: Noted: the money has not come. We check with the bank and tell you by {}.", short(*until))
        }
        Message::StopAsked => "1414: Reply STOP again and offers by SMS will stop. We will still tell you of decisions \
                               and payments. You keep your rights."
            .to_owned(),
        Message::Stopped => "1414: Offers by SMS have stopped. You keep your rights: to ask or to have SMS again, call \
                             1414, free."
            .to_owned(),
        Message::WrongNumber => {
            "1414: Sorry. We will not write to this number again and will check whose it is. Questions: 1414, free."
                .to_owned()
        }
        Message::ShortAnswer => {
            "1414: We got your message, but no question is waiting for an answer now. For help call 1414, free."
                .to_owned()
        }
        Message::WillCall { until } => {
            format!("1414: We will call you from 1414 by {}. Never tell anybody a code or a PIN.", short(*until))
        }
    }
}
