//! The words of the grammar, in the spellings that people use.

use card::Lang;

use super::Reading;

/// What a word of the grammar does.
#[derive(Clone, Debug)]
pub(super) enum Word {
    /// It says something.
    Says(Reading),
    /// It is polite, and says nothing.
    Polite,
}

const YES: &[&str] = &[
    "+",
    "да",
    "даа",
    "дa",
    "ага",
    "угу",
    "иә",
    "ия",
    "ие",
    "иа",
    "йә",
    "иая",
    "иәә",
    "ok",
    "ок",
    "оk",
    "oк",
    "okay",
    "окей",
    "okei",
    "da",
    "ia",
    "iya",
    "ie",
    "ià",
    "iä",
    "ya",
    "yes",
    "yep",
    "согласен",
    "согласна",
    "согласны",
    "сагласен",
    "сагласна",
    "согласин",
    "соглсен",
    "согласн",
    "soglasen",
    "soglasna",
    "soglasny",
    "да согласен",
    "да согласна",
    "келісемін",
    "келисемин",
    "келісем",
    "келісемиз",
    "келісеміз",
    "келисем",
    "kelisemin",
    "kelisem",
    "болады",
    "болад",
    "bolady",
    "boladi",
    "жарайды",
    "zharaidy",
    "jaraidy",
    "один",
    "бір",
    "бир",
    "bir",
    "i agree",
    "agree",
    "мақұл",
    "макул",
];

const NO: &[&str] = &[
    "нет",
    "неет",
    "нит",
    "неа",
    "net",
    "no",
    "nope",
    "жоқ",
    "жок",
    "жоққ",
    "joq",
    "jok",
    "zhoq",
    "zhok",
    "не согласен",
    "не согласна",
    "несогласен",
    "несогласна",
    "не хочу",
    "не надо",
    "ненадо",
    "не нужно",
    "ненужно",
    "ne nado",
    "ne nuzhno",
    "ne soglasen",
    "ne soglasna",
    "отказ",
    "отказываюсь",
    "отказываемся",
    "керек емес",
    "kerek emes",
    "қажет емес",
    "кажет емес",
    "келіспеймін",
    "келиспеймин",
    "kelispeimin",
    "бас тартамын",
    "bas tartamyn",
    "два",
    "екі",
    "еки",
    "eki",
];

const OTHER_ACCOUNT: &[&str] = &[
    "другой счет",
    "на другой счет",
    "другая карта",
    "на другую карту",
    "другой банк",
    "drugoi schet",
    "drugoy schet",
    "drugoi shet",
    "басқа шот",
    "баска шот",
    "басқа шотқа",
    "баска шотка",
    "basqa shot",
    "baska shot",
    "басқа карта",
    "басқа банк",
    "other account",
    "another account",
    "три",
    "үш",
    "уш",
];

const CALL_ME: &[&str] = &[
    "перезвоните",
    "перезвони",
    "позвоните",
    "позвоните мне",
    "позвони",
    "звоните",
    "perezvonite",
    "pozvonite",
    "оператор",
    "operator",
    "звонок",
    "хабарласыңыз",
    "хабарласыныз",
    "хабарласыңызшы",
    "habarlasynyz",
    "қоңырау шалыңыз",
    "конырау шалыныз",
    "қоңырау",
    "телефон соғыңыз",
    "маған звондаңыз",
    "звондаңыз",
    "звонданыз",
    "call me",
    "call",
    "call back",
    "please call",
];

const WRONG_PERSON: &[&str] = &[
    "не туда",
    "вы не туда",
    "ошиблись",
    "вы ошиблись",
    "вы ошиблись номером",
    "ошиблись номером",
    "ошибка",
    "не тот номер",
    "это не я",
    "это не мой номер",
    "не мой номер",
    "чужой номер",
    "ne tot nomer",
    "oshiblis",
    "қате нөмір",
    "кате номер",
    "қателестіңіз",
    "кателестиниз",
    "бұл мен емес",
    "бул мен емес",
    "мен емес",
    "бөтен нөмір",
    "wrong number",
    "wrong person",
    "not me",
];

const STOP: &[&str] = &[
    "стоп",
    "stop",
    "тоқта",
    "токта",
    "тоқтат",
    "тоқтатыңыз",
    "toqta",
    "toktat",
    "отписаться",
    "отпишите",
    "отписка",
    "не пишите",
    "не пишите мне",
    "больше не пишите",
    "жазбаңыз",
    "жазбаныз",
    "маған жазбаңыз",
    "unsubscribe",
    "do not write",
];

const NOT_RECEIVED: &[&str] = &[
    "не пришли",
    "не пришло",
    "не пришла",
    "деньги не пришли",
    "не получил",
    "не получила",
    "не получали",
    "денег нет",
    "не поступили",
    "не поступило",
    "ne prishli",
    "ne prishlo",
    "келмеді",
    "келмеди",
    "ақша келмеді",
    "акша келмеди",
    "түспеді",
    "туспеди",
    "ақша түспеді",
    "акша туспеди",
    "kelmedi",
    "tuspedi",
    "алмадым",
    "ақша жоқ",
    "акша жок",
    "not received",
    "did not come",
    "no money",
    "четыре",
    "төрт",
    "торт",
];

const RUSSIAN: &[&str] = &[
    "орысша",
    "орыс тілінде",
    "русский",
    "по русски",
    "на русском",
    "russian",
    "russkii",
    "orysscha",
    "oryssha",
    "девять",
    "тоғыз",
];
const KAZAKH: &[&str] =
    &["қазақша", "казакша", "қазақ тілінде", "на казахском", "казахский", "kazakh", "qazaqsha", "kazaksha"];
const ENGLISH: &[&str] = &["english", "in english", "по английски", "ағылшынша", "агылшынша"];

/// Said out of politeness; changes nothing.
const POLITE: &[&str] = &[
    "рахмет",
    "рақмет",
    "рахмед",
    "rahmet",
    "raqmet",
    "спасибо",
    "спс",
    "spasibo",
    "пожалуйста",
    "please",
    "thanks",
    "thank you",
    "добрый день",
    "здравствуйте",
    "сәлем",
    "салем",
    "салеметсиз бе",
    "сәлеметсіз бе",
    "мен",
    "я",
    "на",
    "ответ",
    "жауап",
    "номер",
    "цифра",
];

const ALL: &[(&[&str], Word)] = &[
    (YES, Word::Says(Reading::Yes)),
    (NO, Word::Says(Reading::No)),
    (OTHER_ACCOUNT, Word::Says(Reading::OtherAccount)),
    (CALL_ME, Word::Says(Reading::CallMe)),
    (WRONG_PERSON, Word::Says(Reading::WrongPerson)),
    (STOP, Word::Says(Reading::Stop)),
    (NOT_RECEIVED, Word::Says(Reading::NotReceived)),
    (RUSSIAN, Word::Says(Reading::Language(Lang::Ru))),
    (KAZAKH, Word::Says(Reading::Language(Lang::Kk))),
    (ENGLISH, Word::Says(Reading::Language(Lang::En))),
    (POLITE, Word::Polite),
];

/// The longest beginning of a reply that the grammar knows, and how many words it has.
pub(super) fn longest(words: &[&str]) -> Option<(Word, usize)> {
    (1..=words.len().min(4)).rev().find_map(|count| {
        let phrase = words[..count].join(" ");
        Some((known(&phrase)?, count))
    })
}

fn known(phrase: &str) -> Option<Word> {
    let mut chars = phrase.chars();
    if let (Some(digit @ '0'..='9'), None) = (chars.next(), chars.next()) {
        return Some(Word::Says(Reading::Choice(digit as u8 - b'0')));
    }
    let folded = fold(phrase);
    let listed = |list: &&(&[&str], Word)| list.0.iter().any(|word| fold(word) == folded);
    ALL.iter().find(listed).map(|(_, word)| word.clone())
}

/// One spelling for look-alike letters of the two alphabets, and for lengthened letters ("дааа").
/// Words of one alphabet only: a Latin `p` is never read as a Cyrillic word's `р` by chance.
fn fold(word: &str) -> String {
    let cyrillic =
        word.chars().any(|c| matches!(c, 'а'..='я' | 'ә' | 'ғ' | 'қ' | 'ң' | 'ө' | 'ұ' | 'ү' | 'һ' | 'і'));
    let mut folded = String::new();
    for c in word.chars() {
        let c = match c {
            'a' if cyrillic => 'а',
            'e' if cyrillic => 'е',
            'o' if cyrillic => 'о',
            'p' if cyrillic => 'р',
            'c' if cyrillic => 'с',
            'x' if cyrillic => 'х',
            'y' if cyrillic => 'у',
            'k' if cyrillic => 'к',
            't' if cyrillic => 'т',
            'h' if cyrillic => 'н',
            'i' if cyrillic => 'і',
            'á' | 'à' | 'ä' => 'a',
            other => other,
        };
        if !folded.ends_with(c) {
            folded.push(c);
        }
    }
    folded
}
