//! The messages that 1414 sends, in Kazakh, Russian and English, and in Latin letters for phones
//! that show nothing else. Somebody who sees only the SMS can tell what it is, how much, until
//! when, how to answer and how to object.
//!
//! The texts are our own; none is an official one, and a native editor has not read them yet.

mod en;
mod kk;
mod ru;

use card::{Date, Lang, Month, Tenge, Text};

pub use card::{MOST_PARTS, SmsError, SmsText};

use crate::right::Per;

/// How a person is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    /// In which language; `None` if nobody knows: Kazakh, and Russian on reply 9.
    pub lang: Option<Lang>,
}

/// The name of a measure inside an SMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title(Text);

impl Title {
    /// The most characters in Kazakh, Russian and English.
    pub const MOST: (usize, usize, usize) = (28, 27, 40);

    /// From the pack's short title.
    pub fn new(text: Text) -> Result<Self, SmsError> {
        let long = |text: &str, most: usize| text.trim().is_empty() || text.chars().count() > most;
        if long(&text.kk, Self::MOST.0) || long(&text.ru, Self::MOST.1) || long(&text.en, Self::MOST.2) {
            return Err(SmsError::Title);
        }
        Ok(Self(text))
    }

    fn get(&self, lang: Lang) -> &str {
        self.0.get(lang)
    }
}

/// Why something is not granted, as short as an SMS needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(Text);

impl Reason {
    /// The most characters in any language.
    pub const MOST: usize = 70;

    /// From the pack's words.
    pub fn new(text: Text) -> Result<Self, SmsError> {
        let fits = |lang| (1..=Self::MOST).contains(&text.get(lang).trim().chars().count());
        if Lang::ALL.into_iter().all(fits) { Ok(Self(text)) } else { Err(SmsError::Reason) }
    }

    fn get(&self, lang: Lang) -> &str {
        self.0.get(lang)
    }
}

/// A bank account as its owner knows it: the bank, and the last four characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName(String);

impl AccountName {
    /// The most characters of a bank's short name.
    pub const MOST_BANK: usize = 8;

    /// From the bank's short name in Latin letters and [`card::Iban::last_four`].
    pub fn new(bank: &str, last_four: &str) -> Result<Self, SmsError> {
        let named = !bank.is_empty()
            && bank.len() <= Self::MOST_BANK
            && bank.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
        let four =
            last_four.len() == 4 && last_four.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if named && four { Ok(Self(format!("{bank} *{last_four}"))) } else { Err(SmsError::Account) }
    }
}

/// One right of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// What it is.
    pub title: Title,
    /// The amount of one payment, before anything is withheld.
    pub amount: Tenge,
    /// Monthly or once.
    pub per: Per,
}

/// What a person did not answer clearly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An offer.
    Offer {
        /// Its rights, one to three.
        titles: Vec<Title>,
        /// Does it name an account, so that another one may be wanted?
        account: bool,
    },
    /// An account, among so many.
    Account(usize),
}

/// What is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// May we apply for you?
    Offer {
        /// The rights, one to three.
        rights: Vec<Offered>,
        /// Where the money would go; without an account an operator asks for it.
        account: Option<AccountName>,
        /// The last day to answer.
        until: Date,
        /// Is it said a second time?
        reminder: bool,
    },
    /// May a commission come to your home?
    Commission {
        /// What it is.
        title: Title,
        /// The last day to answer.
        until: Date,
    },
    /// Which account? Choosing one agrees to the offer.
    ChooseAccount {
        /// Up to [`MOST_ACCOUNTS`] of the person's own.
        accounts: Vec<AccountName>,
    },
    /// A payment came back. Which account?
    CameBack {
        /// How much.
        amount: Tenge,
        /// Where it did not arrive.
        lost: AccountName,
        /// Up to [`MOST_ACCOUNTS`] others of the person's own.
        accounts: Vec<AccountName>,
    },
    /// The consent is taken.
    Consented {
        /// By when the decision is told.
        decide_by: Date,
        /// It came after the last day, and is taken all the same.
        late: bool,
    },
    /// The refusal is written down.
    Refused {
        /// Until when a 1 still reopens it; `None` where a 1 would mean something else.
        until: Option<Date>,
    },
    /// Please answer more clearly.
    Clarify(Asked),
    /// Granted.
    Granted {
        /// What.
        title: Title,
        /// What arrives each time.
        payable: Tenge,
        /// Monthly or once.
        per: Per,
        /// Where it goes.
        account: Option<AccountName>,
        /// The first day on which money may come.
        from: Date,
        /// Until when one may object.
        appeal_until: Date,
    },
    /// Not granted.
    Rejected {
        /// What.
        title: Title,
        /// Why, where a few words can say it.
        reason: Option<Reason>,
        /// Until when one may object.
        appeal_until: Date,
    },
    /// An officer decides.
    WithOfficer {
        /// What.
        title: Title,
        /// By when.
        until: Date,
    },
    /// Money was sent.
    Paid {
        /// How much.
        amount: Tenge,
        /// For which month; `None` for a single payment.
        month: Option<Month>,
        /// Where to.
        account: AccountName,
        /// The day by which it should be there.
        until: Date,
    },
    /// A notice of the pack, with everything filled in, in each language.
    Notice(Text),
    /// "Not received" was heard.
    NotReceivedTaken {
        /// By when somebody calls.
        until: Date,
    },
    /// What stops, and how to confirm it.
    StopAsked,
    /// Offers have stopped.
    Stopped,
    /// The wrong number is struck out.
    WrongNumber,
    /// A reply answered nothing.
    ShortAnswer,
    /// An operator will call.
    WillCall {
        /// By when.
        until: Date,
    },
}

/// The keys of a menu of accounts. A menu follows a 3 that came a moment ago, and 1 to 5 could still be
/// about the offer before it, 4 about money that was sent; 9 asks for Russian.
pub const ACCOUNT_KEYS: [u8; 3] = [6, 7, 8];

/// The key for none of the accounts: a person calls, as on every line where 0 is the operator.
pub const NO_ACCOUNT_KEY: u8 = 0;

/// The most accounts that a message names.
pub const MOST_ACCOUNTS: usize = ACCOUNT_KEYS.len();

/// Writes a message. Fails only where several rights do not fit into one message, which are then
/// asked for one by one, or where a reason is too long.
pub fn compose(message: &Message, voice: Voice) -> Result<SmsText, SmsError> {
    let lang = voice.lang.unwrap_or_default();
    let mut text = match lang {
        Lang::Kk => kk::write(message),
        Lang::Ru => ru::write(message),
        Lang::En => en::write(message),
    };
    if voice.lang.is_none() {
        text.push_str(SmsText::RUSSIAN_ON_9);
    }
    SmsText::new(&text)
}

/// Day and month, as people write them here: `12.12`.
fn short(day: Date) -> String {
    let (_, month, day) = day.ymd();
    format!("{day:02}.{month:02}")
}

/// The letters by which the rights of one message are told apart.
const LETTERS: [char; 3] = ['A', 'B', 'C'];

/// `A) birth grant 164 350; B) …`, with each amount as `say` puts it.
fn list(rights: &[Offered], lang: Lang, say: impl Fn(&Offered) -> String) -> String {
    let line =
        |(right, letter): (&Offered, char)| format!("{letter}) {}, {}", right.title.get(lang), say(right));
    rights.iter().zip(LETTERS).map(line).collect::<Vec<_>>().join("; ")
}

/// `birth grant`, or `A) birth grant; B) child care`.
fn named(titles: &[Title], lang: Lang) -> String {
    if let [title] = titles {
        return title.get(lang).to_owned();
    }
    let line = |(title, letter): (&Title, char)| format!("{letter}) {}", title.get(lang));
    titles.iter().zip(LETTERS).map(line).collect::<Vec<_>>().join("; ")
}

/// `only A 4, only B 5`, with the word for *only*.
fn only(rights: usize, word: &str) -> String {
    let line = |(at, letter): (usize, char)| format!("{word} {letter} {}", at + 4);
    LETTERS.into_iter().take(rights).enumerate().map(line).collect::<Vec<_>>().join(", ")
}

/// `6 - Kaspi *0021, 7 - Kazpost *7315, 0 - …`, the last one in the given words.
fn menu(accounts: &[AccountName], other: &str) -> String {
    let line = |(key, account): (u8, &AccountName)| format!("{key} - {}, ", account.0);
    let listed: String = ACCOUNT_KEYS.into_iter().zip(accounts).map(line).collect();
    format!("{listed}{NO_ACCOUNT_KEY} - {other}")
}

/// `6, 7` for two accounts.
fn keys(accounts: usize) -> String {
    let keys = ACCOUNT_KEYS.iter().take(accounts);
    keys.map(u8::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
