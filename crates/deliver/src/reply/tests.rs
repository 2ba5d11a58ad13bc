use proptest::prelude::*;

use super::*;
use Reading::{
    AccountTyped, CallMe, Choice, Empty, Language, No, NotReceived, OtherAccount, Stop, Unclear, WrongPerson,
    Yes,
};

/// What people write, and what it says.
fn table() -> Vec<(&'static str, Reading)> {
    let keyed = |key: &str, choice| Reading::Keyed { key: key.into(), choice };
    vec![
        // Yes, by digit.
        ("1", Choice(1)),
        ("0", Choice(0)),
        (" 1 ", Choice(1)),
        ("1.", Choice(1)),
        ("1)", Choice(1)),
        ("\"1\"", Choice(1)),
        ("«1»", Choice(1)),
        ("1️⃣", Choice(1)),
        ("１", Choice(1)),
        ("1 1", Choice(1)),
        ("ответ 1", Choice(1)),
        ("1 рахмет", Choice(1)),
        ("1, спасибо!", Choice(1)),
        // Yes, in words.
        ("+", Yes),
        ("иә", Yes),
        ("Иә!", Yes),
        ("ИЯ", Yes),
        ("ия", Yes),
        ("ие", Yes),
        ("ie", Yes),
        ("iya", Yes),
        ("да", Yes),
        ("Да.", Yes),
        ("ДА", Yes),
        ("дааа", Yes),
        ("дa", Yes),
        ("da", Yes),
        ("Da", Yes),
        ("ok", Yes),
        ("OK", Yes),
        ("ок", Yes),
        ("oк", Yes),
        ("окей", Yes),
        ("yes", Yes),
        ("да, согласна", Yes),
        ("Согласен", Yes),
        ("сагласен", Yes),
        ("келісемін", Yes),
        ("келисемин", Yes),
        ("kelisemin", Yes),
        ("иә келісемін рахмет", Yes),
        ("жарайды", Yes),
        ("болады", Yes),
        ("да спасибо", Yes),
        ("да 1", Choice(1)),
        ("1 да", Choice(1)),
        ("1+", Unclear),
        ("+1", Choice(1)),
        // No.
        ("2", Choice(2)),
        ("жоқ", No),
        ("ЖОҚ", No),
        ("жок", No),
        ("joq", No),
        ("жоқ рахмет", No),
        ("нет", No),
        ("Нет!!!", No),
        ("net", No),
        ("no", No),
        ("не согласен", No),
        ("не надо", No),
        ("керек емес", No),
        ("бас тартамын", No),
        ("нет 2", Choice(2)),
        // Another account.
        ("3", Choice(3)),
        ("другой счёт", OtherAccount),
        ("на другой счет пожалуйста", OtherAccount),
        ("басқа шот", OtherAccount),
        ("баска шот", OtherAccount),
        ("other account", OtherAccount),
        ("нет, другой счет", OtherAccount),
        // People.
        ("перезвоните", CallMe),
        ("Позвоните мне", CallMe),
        ("call me", CallMe),
        ("хабарласыңыз", CallMe),
        ("вы ошиблись номером", WrongPerson),
        ("не тот номер", WrongPerson),
        ("қате нөмір", WrongPerson),
        ("wrong number", WrongPerson),
        ("это не я", WrongPerson),
        ("стоп", Stop),
        ("STOP", Stop),
        ("тоқта", Stop),
        ("не пишите мне", Stop),
        ("жазбаңыз", Stop),
        // Money that did not come.
        ("4", Choice(4)),
        ("не пришли", NotReceived),
        ("деньги не пришли", NotReceived),
        ("ақша келмеді", NotReceived),
        ("not received", NotReceived),
        // Languages.
        ("9", Choice(9)),
        ("по-русски", Language(Lang::Ru)),
        ("орысша", Language(Lang::Ru)),
        ("қазақша", Language(Lang::Kk)),
        ("English", Language(Lang::En)),
        // The older form: the first digits are the session.
        ("R 1 1 2", keyed("11", 2)),
        ("r 1 1 1", keyed("11", 1)),
        ("R112", keyed("11", 2)),
        ("R 7 1", keyed("7", 1)),
        ("R 1", Unclear),
        ("R1", Unclear),
        ("R", Unclear),
        ("R да", Unclear),
        ("R 1234567 1", Unclear),
        // Accounts and cards are never taken from an SMS.
        ("KZ86125KZT5004100100", AccountTyped),
        ("kz86 125k zt50 0410 0100", AccountTyped),
        ("мой счет KZ86125KZT5004100100", AccountTyped),
        ("1 KZ86125KZT5004100100", AccountTyped),
        ("4400 4301 2345 6789", AccountTyped),
        // Nothing, or nothing that we can read.
        ("", Empty),
        ("   ", Empty),
        ("\n", Empty),
        ("?", Unclear),
        ("1?", Unclear),
        ("да?", Unclear),
        ("это что?", Unclear),
        ("1 2", Unclear),
        ("да нет", Unclear),
        ("нет да", Unclear),
        ("да нет наверное", Unclear),
        ("11", Unclear),
        ("12", Unclear),
        ("1414", Unclear),
        ("900514300123", Unclear),
        ("+77011234567", Unclear),
        ("👍", Unclear),
        ("👎", Unclear),
        ("да 👎", Unclear),
        ("😂", Unclear),
        ("😀😀", Unclear),
        ("дайте денег", Unclear),
        ("даже не знаю", Unclear),
        ("данет", Unclear),
        ("1 но мужу", Unclear),
        ("да но не сейчас", Unclear),
        ("не да", Unclear),
        ("не 1", Unclear),
        ("не ок", Unclear),
        ("спасибо", Unclear),
        ("рахмет", Unclear),
        ("Кто это", Unclear),
        ("asdf", Unclear),
        ("л", Unclear),
        ("i", Unclear),
        ("а", Unclear),
        ("не", Unclear),
        ("п", Unclear),
    ]
}

#[test]
fn reads_what_people_write() {
    let wrong: Vec<_> = table()
        .into_iter()
        .map(|(text, says)| (text, read(text), says))
        .filter(|(_, is, says)| is != says)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn consents(reading: &Reading) -> bool {
    matches!(reading, Yes | Choice(1) | Reading::Keyed { choice: 1, .. })
}

proptest! {
    /// Whatever people type, it is consent only if every word of it is in the grammar.
    #[test]
    fn random_text_is_no_consent(text in "[a-zа-яәғқңөұүһі0-9 ]{1,24}") {
        if consents(&read(&text)) {
            let listed = |word: &str| words::longest(&[word]).is_some() || word.starts_with('r')
                || word.bytes().all(|b| b.is_ascii_digit());
            prop_assert!(text.split_whitespace().all(listed), "{text}");
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    /// One foreign word beside a yes takes the yes away.
    #[test]
    fn a_yes_with_something_else_is_unclear(yes in "1|да|иә|ok", word in "[бвгджзлмпрстфхцчшщ]{4,12}", first: bool) {
        let text = if first { format!("{word} {yes}") } else { format!("{yes} {word}") };
        prop_assert_eq!(read(&text), Unclear);
    }

    #[test]
    fn a_session_key_alone_is_no_consent(digit in 0u8..10, blanks in " {0,3}") {
        let text = format!("R{blanks}{digit}");
        prop_assert!(!consents(&read(&text)));
    }

    #[test]
    fn an_account_in_any_reply_is_a_task(account in "[0-9]{13}", before in "(1 |да |счет )?") {
        let iban = card::Iban::compose("125", &account).unwrap();
        prop_assert_eq!(read(&format!("{before}{}", iban.expose())), AccountTyped);
    }
}
