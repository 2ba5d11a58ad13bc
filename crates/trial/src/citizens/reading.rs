//! What a person sees in an SMS: which digit means what. Nothing else is known to a citizen.

/// In which letters and language an SMS is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Kazakh, in Cyrillic.
    Kazakh,
    /// Russian.
    Russian,
    /// Latin letters, of whatever language.
    Latin,
}

/// The digits that an SMS offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Means yes.
    pub yes: Option<char>,
    /// Means no.
    pub no: Option<char>,
    /// Means another account.
    pub other: Option<char>,
    /// Mean accounts that are named.
    pub accounts: Vec<char>,
    /// How it is written.
    pub script: Script,
}

/// What words mean; a star stands for any ending.
const YES: &[&str] = &["келіс*", "иә", "соглас*", "да", "kelis*", "soglas*", "agree", "yes", "ia"];
const NO: &[&str] = &["жоқ", "нет", "joq", "zhoq", "net", "no"];
const OTHER: &[&str] = &["басқа", "друг*", "basqa", "drug*", "other", "another"];

/// What a message asks; `None` if it asks nothing.
pub fn asked(text: &str) -> Option<Asked> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let mut asked = Asked { yes: None, no: None, other: None, accounts: Vec::new(), script: script(&lower) };
    let mut clause = 0;
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_end_matches([',', '.', ';', ':', '!', ')']);
        let next = words.get(at + 1).copied().unwrap_or_default();
        let lone = bare.len() == 1 && bare.starts_with(|c: char| c.is_ascii_digit());
        // The first group of a number written in thousands is no choice.
        if lone && next.chars().take_while(char::is_ascii_digit).count() != 3 {
            let meaning = if is_dash(next) { after(&words[at + 2..]) } else { words[clause..at].to_vec() };
            note(&mut asked, bare.chars().next()?, &meaning);
            clause = at + 1;
        } else if *word != bare {
            clause = at + 1;
        }
    }
    let nothing = asked.yes.is_none() && asked.no.is_none() && asked.accounts.is_empty();
    (!nothing).then_some(asked)
}

/// The words up to the end of their clause.
fn after<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let end = words.iter().position(|word| word.ends_with([',', '.', ';'])).map_or(words.len(), |at| at + 1);
    words[..end].to_vec()
}

fn is_dash(word: &str) -> bool {
    matches!(word, "-" | "–" | "—" | "=")
}

fn note(asked: &mut Asked, digit: char, meaning: &[&str]) {
    let says = |list: &[&str]| meaning.iter().any(|word| list.iter().any(|known| means(word, known)));
    let names_account = meaning.iter().any(|word| word.starts_with('*'));
    match () {
        () if names_account && !says(YES) => asked.accounts.push(digit),
        () if says(OTHER) => asked.other = asked.other.or(Some(digit)),
        () if says(NO) => asked.no = asked.no.or(Some(digit)),
        () if says(YES) => asked.yes = asked.yes.or(Some(digit)),
        () => {}
    }
}

fn means(word: &str, known: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    known.strip_suffix('*').map_or(word == known, |stem| word.starts_with(stem))
}

fn script(lower: &str) -> Script {
    if lower.chars().any(|c| "әғқңөұүһі".contains(c)) {
        Script::Kazakh
    } else if lower.chars().any(|c| ('а'..='я').contains(&c)) {
        Script::Russian
    } else {
        Script::Latin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits for yes, no and another account, then those of accounts; a dot where there is none.
    fn digits(text: &str) -> Option<String> {
        let seen = asked(text)?;
        let three = [seen.yes, seen.no, seen.other].map(|digit| digit.unwrap_or('.'));
        Some(three.into_iter().chain(seen.accounts).collect())
    }

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(digits(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn an_offer_says_which_digit_means_what() {
        for text in [
            "1414: Сізге көпбалалы отбасы жәрдемақысы тағайындалуы мүмкін, айына 86 673 тг. Шот Halyk *4410. \
             Өтініш пен дерек тексеруге келіссеңіз 1, жоқ - 2, басқа шот - 3. 12.12 қоса алғанда. 1414 тегін",
            "1414: Вам может быть назначено пособие многодетной семье, 86 673 тг в месяц. Счёт Halyk *4410. \
             Согласны на заявление и проверку данных - 1, нет - 2, другой счёт - 3. По 12.12 включит. 1414 бесплатно",
            "1414: You may be granted 1 104 017 KZT. Account Halyk *4410. I agree - 1, no - 2, other account - 3.",
        ] {
            check(text, Some("123"));
        }
        check("Келісем - 1, жоқ - 2. 12.12 қоса", Some("12."));
        check("Да - 1, нет - 2. По 12.12", Some("12."));
        check("Да - 2, нет - 1.", Some("21."));
    }

    #[test]
    fn a_question_for_the_account_names_accounts() {
        check(
            "1414: Ақша қай шотыңызға түссін? 6 - Kaspi *0021, 7 - Kazpost *7315, 0 - басқа не шотым жоқ",
            Some("..067"),
        );
        check(
            "1414: На какой ваш счёт? 6 - Kaspi *0021, 7 - Kazpost *7315, 0 - другой или нет счёта",
            Some("..067"),
        );
    }

    #[test]
    fn news_asks_nothing() {
        for text in [
            "1414: Келісіміңіз қабылданды, өтініш тіркелді. Бұл әлі шешім емес. Шешімді 15.12 дейін SMS-пен айтамыз.",
            "1414: Согласие принято, заявление подано. Это ещё не решение. О решении сообщим SMS до 15.12.",
            "1414: 86 673 тг қаңтар айы үшін Halyk *4410 шотыңызға жіберілді. 10.01 дейін түспесе, 4 деп жазыңыз",
            "1414: 86 673 тг за январь отправлены на счёт Halyk *4410. Не пришли до 10.01 - ответьте 4",
        ] {
            check(text, None);
        }
    }
}
