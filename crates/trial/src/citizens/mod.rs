//! Simulated citizens: people who get an SMS and do what people do. They read the text and nothing
//! else; what they are like is drawn once, so that a crowd keeps its shares.

mod reading;

use fastrand::Rng;

pub use reading::{Asked, Script, asked};

/// What a citizen is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Temper {
    /// Agrees.
    Agrees,
    /// Refuses.
    Refuses,
    /// Never answers.
    Silent,
    /// Answers beside the point first; asked again, most agree.
    Confused,
    /// Wants the money on another account.
    OtherAccount,
    /// Agrees after the window has closed.
    Late,
    /// Holds a number that once was somebody else's.
    WrongPerson,
}

/// How many of a thousand are like that. Of those whom the card has written to about half used the
/// offer (2025: 276,200 of 529,600); how the others differ is our guess.
pub const SHARES: &[(Temper, u32)] = &[
    (Temper::Agrees, 520),
    (Temper::Refuses, 60),
    (Temper::Silent, 300),
    (Temper::Confused, 40),
    (Temper::OtherAccount, 35),
    (Temper::Late, 25),
    (Temper::WrongPerson, 20),
];

/// How a citizen writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hand {
    /// The digit alone.
    Digit,
    /// The digit with something around it.
    DressedDigit,
    /// A word in the letters of the message.
    Word,
    /// A word in Latin letters.
    LatinWord,
}

const HANDS: &[(Hand, u32)] =
    &[(Hand::Digit, 620), (Hand::DressedDigit, 90), (Hand::Word, 200), (Hand::LatinWord, 90)];

/// A person with a phone.
#[derive(Clone, Debug)]
pub struct Citizen {
    temper: Temper,
    hand: Hand,
    answered: u32,
}

impl Citizen {
    /// Somebody of the crowd.
    pub fn new(rng: &mut Rng) -> Self {
        Self { temper: drawn(rng, SHARES), hand: drawn(rng, HANDS), answered: 0 }
    }

    /// What the citizen is like.
    pub fn temper(&self) -> Temper {
        self.temper
    }

    /// Reads an SMS. Says after how many minutes the citizen answers, and what; `None` for silence,
    /// as also for a message that asks nothing.
    pub fn answer(&mut self, rng: &mut Rng, text: &str) -> Option<(u32, String)> {
        let asked = asked(text)?;
        let before = self.answered;
        if self.temper == Temper::Silent {
            return None;
        }
        self.answered += 1;
        let soon = drawn(rng, &[((1, 30), 60), ((30, 12 * 60), 30), ((12 * 60, 60 * 60), 10)]);
        let delay = rng.u32(soon.0..=soon.1);
        let says = match self.temper {
            Temper::Refuses => self.no(rng, &asked),
            Temper::Confused if before == 0 => pick(rng, beside_the_point(asked.script)),
            Temper::Confused if rng.u32(..10) < 3 => return None,
            Temper::OtherAccount if before == 0 && asked.other.is_some() => self.other(rng, &asked),
            Temper::WrongPerson if before == 0 => pick(rng, wrong_person(asked.script)),
            _ => self.yes(rng, &asked),
        };
        let delay =
            if self.temper == Temper::Late && before == 0 { rng.u32(76 * 60..=120 * 60) } else { delay };
        Some((delay, says))
    }

    fn yes(&self, rng: &mut Rng, asked: &Asked) -> String {
        match (asked.yes, asked.accounts.first()) {
            (Some(digit), _) => self.written(rng, digit, asked.script, yes_words),
            // Which account? One of those named, by its digit: there is no word for it.
            (None, Some(_)) => asked.accounts[rng.usize(..asked.accounts.len())].to_string(),
            (None, None) => pick(rng, yes_words(asked.script)),
        }
    }

    fn no(&self, rng: &mut Rng, asked: &Asked) -> String {
        match asked.no {
            Some(digit) => self.written(rng, digit, asked.script, no_words),
            None => pick(rng, no_words(asked.script)),
        }
    }

    fn other(&self, rng: &mut Rng, asked: &Asked) -> String {
        match asked.other {
            Some(digit) => self.written(rng, digit, asked.script, other_words),
            None => pick(rng, other_words(asked.script)),
        }
    }

    fn written(
        &self,
        rng: &mut Rng,
        digit: char,
        script: Script,
        words: fn(Script) -> &'static [&'static str],
    ) -> String {
        match self.hand {
            Hand::Digit => digit.to_string(),
            Hand::DressedDigit => {
                let dress = pick(rng, &[" #", "#.", "#!", "# ", "«#»", "#\n"]);
                dress.replace('#', &digit.to_string())
            }
            Hand::Word => pick(rng, words(script)),
            Hand::LatinWord => pick(rng, words(Script::Latin)),
        }
    }
}

const fn yes_words(script: Script) -> &'static [&'static str] {
    match script {
        Script::Kazakh => &["иә", "Иә", "ия", "келісемін", "ИЯ", "Иә, келісем"],
        Script::Russian => &["да", "Да", "ДА", "согласна", "Согласен", "да."],
        Script::Latin => &["ia", "ie", "da", "Da", "ok", "yes", "kelisemin"],
    }
}

const fn no_words(script: Script) -> &'static [&'static str] {
    match script {
        Script::Kazakh => &["жоқ", "Жоқ", "жок", "ЖОК"],
        Script::Russian => &["нет", "Нет", "НЕТ", "не надо"],
        Script::Latin => &["joq", "zhok", "net", "no"],
    }
}

const fn other_words(script: Script) -> &'static [&'static str] {
    match script {
        Script::Kazakh => &["басқа шот", "Басқа шот", "баска шот"],
        Script::Russian => &["другой счёт", "другой счет", "Другой счет"],
        Script::Latin => &["basqa shot", "drugoi schet", "other account"],
    }
}

const fn wrong_person(script: Script) -> &'static [&'static str] {
    match script {
        Script::Kazakh => &["қате нөмір", "мен ол адам емеспін"],
        Script::Russian => &["вы ошиблись номером", "не тот номер"],
        Script::Latin => &["wrong number", "ne tot nomer"],
    }
}

const fn beside_the_point(script: Script) -> &'static [&'static str] {
    match script {
        Script::Kazakh => &["бұл не?", "Рахмет!", "кім бұл", "ақша қашан келеді?", "👍👍"],
        Script::Russian => &["это что?", "Спасибо!", "кто это", "а когда придут деньги", "1 или 2"],
        Script::Latin => &["rahmet", "kto eto", "hz", "?", "1 2"],
    }
}

fn pick(rng: &mut Rng, list: &[&str]) -> String {
    list[rng.usize(..list.len())].to_owned()
}

fn drawn<T: Copy>(rng: &mut Rng, list: &[(T, u32)]) -> T {
    let total: u32 = list.iter().map(|(_, weight)| weight).sum();
    let mut left = rng.u32(..total);
    for (value, weight) in list {
        if left < *weight {
            return *value;
        }
        left -= weight;
    }
    list[list.len() - 1].0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const OFFER: &str = "1414: Сізге жәрдемақы тағайындалуы мүмкін, 86 673 тг. Шот Halyk *4410. Келіссеңіз 1, жоқ - 2, \
                         басқа шот - 3. 12.12 қоса.";

    #[test]
    fn a_crowd_keeps_its_shares() {
        let mut rng = Rng::with_seed(5);
        let mut met: BTreeMap<Temper, u32> = BTreeMap::new();
        let (mut answered, crowd) = (0, 20_000);
        for _ in 0..crowd {
            let mut citizen = Citizen::new(&mut rng);
            *met.entry(citizen.temper()).or_default() += 1;
            answered += u32::from(citizen.answer(&mut rng, OFFER).is_some());
        }
        for (temper, per_mille) in SHARES {
            let share = met[temper] * 1_000 / crowd;
            assert!(share.abs_diff(*per_mille) <= 12, "{temper:?} {share}");
        }
        let silent = 1_000 - answered * 1_000 / crowd;
        assert!(silent.abs_diff(300) <= 12, "{silent}");
        assert_eq!(SHARES.iter().map(|(_, share)| share).sum::<u32>(), 1_000);
    }

    #[test]
    fn the_same_seed_answers_the_same() {
        let crowd = |seed| {
            let mut rng = Rng::with_seed(seed);
            (0..50).map(|_| Citizen::new(&mut rng).answer(&mut rng, OFFER)).collect::<Vec<_>>()
        };
        assert_eq!(crowd(1), crowd(1));
        assert_ne!(crowd(1), crowd(2));
    }

    #[test]
    fn who_refuses_uses_the_digit_that_the_text_gives() {
        let mut rng = Rng::with_seed(3);
        let mut refuses = Citizen { temper: Temper::Refuses, hand: Hand::Digit, answered: 0 };
        assert_eq!(refuses.answer(&mut rng, OFFER).unwrap().1, "2");
        assert_eq!(refuses.answer(&mut rng, "Да - 2, нет - 1.").unwrap().1, "1");
        let mut late = Citizen { temper: Temper::Late, ..refuses };
        late.answered = 0;
        assert!(late.answer(&mut rng, OFFER).unwrap().0 > 72 * 60);
    }

    #[test]
    fn nobody_answers_what_asks_nothing() {
        let mut rng = Rng::with_seed(9);
        let news = "1414: Согласие принято, заявление подано. О решении сообщим SMS до 15.12.";
        assert!((0..500).all(|_| Citizen::new(&mut rng).answer(&mut rng, news).is_none()));
    }

    #[test]
    fn who_wants_another_account_then_chooses_one_that_is_named() {
        let mut rng = Rng::with_seed(4);
        let mut other = Citizen { temper: Temper::OtherAccount, hand: Hand::Digit, answered: 0 };
        assert_eq!(other.answer(&mut rng, OFFER).unwrap().1, "3");
        let question =
            "1414: На какой ваш счёт? 6 - Kaspi *0021, 7 - Kazpost *7315, 0 - другой или нет счёта";
        assert!(["6", "7"].contains(&other.answer(&mut rng, question).unwrap().1.as_str()));
    }
}
