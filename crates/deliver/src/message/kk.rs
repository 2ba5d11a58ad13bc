//! In Kazakh. Dates stand apart from case endings, which would have to follow their sound.

use card::{Lang, Month};

use super::{Asked, Message, NO_ACCOUNT_KEY, Offered, keys, list, menu, named, only, short};
use crate::right::Per;

const MONTHS: [&str; 12] = [
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
];

fn per(per: Per) -> &'static str {
    match per {
        Per::Month => "айына",
        Per::Once => "бір рет",
    }
}

fn sum(right: &Offered) -> String {
    format!("{} {} тг", per(right.per), right.amount.grouped_plain())
}

fn month(month: Month) -> &'static str {
    MONTHS[month.0.rem_euclid(12) as usize]
}

pub(super) fn write(message: &Message) -> String {
    match message {
        Message::Offer { rights, account, until, reminder } => {
            let until = short(*until);
            let (open, end) =
                if *reminder { ("Еске салу: сізге", "") } else { ("Сізге", " 1414 тегін") };
            let (asked, other) = match account {
                Some(account) => (format!("Шот {}. ", account.0), ", басқа шот - 3"),
                None => ("Шотты кейін сұраймыз. ".to_owned(), ""),
            };
            if let [right] = &rights[..] {
                format!(
                    "1414: {open} {} тағайындалуы мүмкін, {}. {asked}Өтініш пен дерек тексеруге келіссеңіз 1, \
                     жоқ - 2{other}. {until} қоса.{end}",
                    right.title.get(Lang::Kk),
                    sum(right)
                )
            } else {
                    // Every character counts here: two rights fill the three parts.
                    let account = account.as_ref().map(|a| format!("{}. ", a.0)).unwrap_or_default();
                    let other = if account.is_empty() { "" } else { ", басқа шот 3" };
                    let open = if *reminder { "Еске салу" } else { "Тағайындалуы мүмкін" };
                    let rights_listed = list(rights, Lang::Kk, sum);
                    let each = only(rights.len(), "тек");
                    format!(
                        "1414: {open}: {rights_listed}. {account}Өтініш, тексеру: бәрі 1, жоқ 2{other}, {each}. \
                         {until} қоса"
                    )
                }
            }
        Message::Commission { title, until } => format!(
            "1414: Отбасыңыз {} ала алуы мүмкін. Келіссеңіз, комиссия үйіңізге келеді, содан кейін шешім шығады. \
             Келісемін - 1, жоқ - 2. {} қоса. 1414 тегін",
            title.get(Lang::Kk),
            short(*until)
        ),
        Message::ChooseAccount { accounts } => format!(
            "1414: Ақша қай шотыңызға түссін? {}. Шотты таңдасаңыз, өтініш пен дерек тексеруге келісесіз. Бас тарту: \
             1414",
            menu(accounts, "басқа не шотым жоқ")
        ),
        Message::CameBack { amount, lost, accounts } => format!(
            "1414: {} тг {} шотына түспей қайтты, ақша сақтаулы. Қай шотыңызға жіберейік? {}",
            amount.grouped_plain(),
            lost.0,
            menu(accounts, "басқа не жоқ")
        ),
        Message::Consented { decide_by, late } => format!(
            "1414: {} қабылданды, өтініш тіркелді. Бұл әлі шешім емес. Шешімді SMS-пен айтамыз, мерзімі: \
             {}. Сұрақ: 1414, тегін",
            if *late { "Мерзім өтсе де, келісіміңіз" } else { "Келісіміңіз" },
            short(*decide_by)
        ),
        Message::Refused { until: Some(until) } => format!(
            "1414: Бас тартуыңыз жазылды. Құқығыңыз сақталады. Ойыңызды өзгертсеңіз, 1 деп жазыңыз ({} қоса), одан кейін 1414, тегін.",
            short(*until)
        ),
        Message::Refused { until: None } => "1414: Бас тартуыңыз жазылды. Құқығыңыз сақталады. Ойыңызды өзгертсеңіз, 1414 шалыңыз, тегін.".to_owned(),
        Message::Clarify(Asked::Offer { titles, account }) => {
            let named = named(titles, Lang::Kk);
            let other = if *account { ", басқа шот - 3" } else { "" };
            match titles.len() {
                1 => format!("1414: {named}: жауабыңызды түсінбедік. Бір сан жазыңыз: келісемін - 1, жоқ - 2{other}. Немесе 1414 шалыңыз, тегін."),
                count => format!("1414: {named}: жауабыңызды түсінбедік. Бір сан жазыңыз: бәрі - 1, жоқ - 2{other}, {}. Немесе 1414, тегін.", only(count, "тек")),
            }
        }
        Message::Clarify(Asked::Account(accounts)) => format!(
            "1414: Жауабыңызды түсінбедік. Шоттың алдындағы бір цифрды жазыңыз: {}. Басқа не шот жоқ - \
             {NO_ACCOUNT_KEY}. Немесе 1414 шалыңыз, тегін.",
            keys(*accounts)
        ),
        Message::Granted { title, payable, per: kind, account, from, appeal_until } => format!(
            "1414: Тағайындалды: {}, {} {} тг{}. Төлем {} бастап. Келіспесеңіз, шағым: 1414, тегін, {} қоса.",
            title.get(Lang::Kk),
            per(*kind),
            payable.grouped_plain(),
            account.as_ref().map(|a| format!(", шот {}", a.0)).unwrap_or_default(),
            short(*from),
            short(*appeal_until)
        ),
        Message::Rejected { title, reason, appeal_until } => {
            let (title, until) = (title.get(Lang::Kk), short(*appeal_until));
            match reason {
                Some(reason) => format!("1414: Тағайындалмады: {title}. Себебі: {}. Келіспесеңіз, шағым: 1414, тегін, {until} қоса.", reason.get(Lang::Kk)),
                None => format!("1414: Тағайындалмады: {title}. Себебін 1414 нөмірінен біліңіз, тегін. Келіспесеңіз, шағым да сонда, {until} қоса."),
            }
        }
        Message::WithOfficer { title, until } => format!(
            "1414: Өтінішіңізді маман қарайды: {}. Шешімді SMS-пен айтамыз, мерзімі: {}. Сұрақ: 1414, тегін",
            title.get(Lang::Kk),
            short(*until)
        ),
        Message::Paid { amount, month: of, account, until } => format!(
            "1414: {} тг {}{} шотыңызға жіберілді. {} қоса түспесе, 4 деп жазыңыз. Сұрақ пен шағым: 1414, тегін",
            amount.grouped_plain(),
            of.map(|m| format!("{} айы үшін ", month(m))).unwrap_or_default(),
            account.0,
            short(*until)
        ),
        Message::Notice(text) => text.kk.clone(),
        Message::NotReceivedTaken { until } => {
            format!("1414: Жазып алдық: ақша түспеді. Банктен тексереміз, {} қоса хабарласамыз.", short(*until))
        }
        Message::StopAsked => "1414: СТОП деп тағы жазсаңыз, ұсыныс SMS келмейді. Шешім мен төлем туралы SMS келе \
                               береді, құқығыңыз сақталады."
            .to_owned(),
        Message::Stopped => "1414: Ұсыныс SMS тоқтатылды. Құқығыңыз сақталады: сұрау не қайта қосу үшін 1414 шалыңыз, \
                             тегін."
            .to_owned(),
        Message::WrongNumber => {
            "1414: Кешіріңіз. Бұл нөмірге енді жазбаймыз, иесін тексереміз. Сұрақ: 1414, тегін.".to_owned()
        }
        Message::ShortAnswer => {
            "1414: Хабарыңыз келді, бірақ қазір жауап күтіп тұрған сұрақ жоқ. Көмек керек болса, 1414 шалыңыз, тегін."
                .to_owned()
        }
        Message::WillCall { until } => {
            format!("1414: Сізге 1414 нөмірінен хабарласамыз, {} қоса. Ешкімге код, PIN айтпаңыз.", short(*until))
        }
    }
}
