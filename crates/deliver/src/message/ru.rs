//! In Russian, without words that would have to know whether a man or a woman reads them.

use card::{Lang, Month};

use super::{Asked, Message, NO_ACCOUNT_KEY, Offered, keys, list, menu, named, only, short};
use crate::right::Per;

const MONTHS: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];

fn per(per: Per) -> &'static str {
    match per {
        Per::Month => "в месяц",
        Per::Once => "один раз",
    }
}

fn sum(right: &Offered) -> String {
    format!("{} тг {}", right.amount.grouped_plain(), per(right.per))
}

fn month(month: Month) -> &'static str {
    MONTHS[month.0.rem_euclid(12) as usize]
}

pub(super) fn write(message: &Message) -> String {
    match message {
        Message::Offer { rights, account, until, reminder } => {
            let until = short(*until);
            let (open, end) =
                if *reminder { ("Напоминаем: вам", "") } else { ("Вам", " 1414 бесплатно") };
            let (asked, other) = match account {
                Some(account) => (format!("Счёт {}. ", account.0), ", другой счёт - 3"),
                None => ("Счёт спросим позже. ".to_owned(), ""),
            };
            if let [right] = &rights[..] {
                format!(
                    "1414: {open} может быть назначено: {}, {}. {asked}Согласны на заявление и проверку данных - \
                     1, нет - 2{other}. По {until}.{end}",
                    right.title.get(Lang::Ru),
                    sum(right)
                )
            } else {
                    // Every character counts here: two rights fill the three parts.
                    let account = account.as_ref().map(|a| format!("{}. ", a.0)).unwrap_or_default();
                    let other = if account.is_empty() { "" } else { ", другой счёт 3" };
                    let open = if *reminder { "Напоминаем" } else { "Может быть назначено" };
                    let rights_listed = list(rights, Lang::Ru, sum);
                    let each = only(rights.len(), "лишь");
                    format!(
                        "1414: {open}: {rights_listed}. {account}Заявление и проверка: всё 1, нет 2{other}, {each}. \
                         По {until}"
                    )
                }
            }
        Message::Commission { title, until } => format!(
            "1414: Вашей семье может быть назначено: {}. Если согласны, комиссия придёт домой, потом будет решение. \
             Да - 1, нет - 2. По {}. 1414 бесплатно",
            title.get(Lang::Ru),
            short(*until)
        ),
        Message::ChooseAccount { accounts } => format!(
            "1414: На какой ваш счёт? {}. Выбирая счёт, соглашаетесь на заявление и проверку данных. Отказ: 1414, \
             бесплатно",
            menu(accounts, "другой или нет счёта")
        ),
        Message::CameBack { amount, lost, accounts } => format!(
            "1414: {} тг не зачислены на счёт {} и вернулись, они сохранены. На какой счёт отправить? {}",
            amount.grouped_plain(),
            lost.0,
            menu(accounts, "другой или нет")
        ),
        Message::Consented { decide_by, late } => format!(
            "1414: {} принято, заявление подано. Это ещё не решение. О решении сообщим SMS до {}. Вопросы: 1414, \
             бесплатно",
            if *late { "Хотя срок прошёл, согласие" } else { "Согласие" },
            short(*decide_by)
        ),
        Message::Refused { until: Some(until) } => format!(
            "1414: Отказ записан. Право сохраняется. Если передумаете, ответьте 1 по {} включительно, позже позвоните 1414, бесплатно.",
            short(*until)
        ),
        Message::Refused { until: None } => "1414: Отказ записан. Право сохраняется. Если передумаете, позвоните 1414, бесплатно.".to_owned(),
        Message::Clarify(Asked::Offer { titles, account }) => {
            let named = named(titles, Lang::Ru);
            let other = if *account { ", другой счёт - 3" } else { "" };
            match titles.len() {
                1 => format!("1414: {named}: ответ не понятен. Напишите одну цифру: согласие - 1, нет - 2{other}. Или позвоните 1414, бесплатно."),
                count => format!("1414: {named}: ответ не понятен. Напишите одну цифру: всё - 1, нет - 2{other}, {}. Или 1414, бесплатно.", only(count, "лишь")),
            }
        }
        Message::Clarify(Asked::Account(accounts)) => format!(
            "1414: Ответ не понятен. Напишите одну цифру, ту, что перед счётом: {}. Другой или нет счёта - \
             {NO_ACCOUNT_KEY}. Или позвоните 1414, бесплатно.",
            keys(*accounts)
        ),
        Message::Granted { title, payable, per: kind, account, from, appeal_until } => format!(
            "1414: Назначено: {}, {} тг {}{}. Выплата с {}. Если не согласны - жалоба: 1414, бесплатно, по {}.",
            title.get(Lang::Ru),
            payable.grouped_plain(),
            per(*kind),
            account.as_ref().map(|a| format!(", счёт {}", a.0)).unwrap_or_default(),
            short(*from),
            short(*appeal_until)
        ),
        Message::Rejected { title, reason, appeal_until } => {
            let (title, until) = (title.get(Lang::Ru), short(*appeal_until));
            match reason {
                Some(reason) => format!("1414: Не назначено: {title}. Причина: {}. Если не согласны - жалоба: 1414, бесплатно, по {until}.", reason.get(Lang::Ru)),
                None => format!("1414: Не назначено: {title}. Причину объяснят по номеру 1414, бесплатно. Если не согласны - жалоба там же, по {until}."),
            }
        }
        Message::WithOfficer { title, until } => format!(
            "1414: Заявление рассмотрит специалист: {}. О решении сообщим SMS до {}. Вопросы: 1414, бесплатно",
            title.get(Lang::Ru),
            short(*until)
        ),
        Message::Paid { amount, month: of, account, until } => format!(
            "1414: {} тг {}отправлены на счёт {}. Если не пришли по {} - ответьте 4. Вопросы и жалобы: 1414, бесплатно",
            amount.grouped_plain(),
            of.map(|m| format!("за {} ", month(m))).unwrap_or_default(),
            account.0,
            short(*until)
        ),
        Message::Notice(text) => text.ru.clone(),
        Message::NotReceivedTaken { until } => {
            format!("1414: Записано: деньги не пришли. Проверим в банке и свяжемся с вами до {}.", short(*until))
        }
        Message::StopAsked => "1414: Ответьте СТОП ещё раз, и SMS с предложениями прекратятся. О решениях и выплатах \
                               будем сообщать. Права сохраняются."
            .to_owned(),
        Message::Stopped => "1414: SMS с предложениями прекращены. Права сохраняются: узнать или вернуть SMS можно по \
                             1414, бесплатно."
            .to_owned(),
        Message::WrongNumber => {
            "1414: Извините. На этот номер больше не пишем, владельца проверим. Вопросы: 1414, бесплатно.".to_owned()
        }
        Message::ShortAnswer => {
            "1414: Сообщение получено, но сейчас нет вопроса, на который ждём ответа. Нужна помощь - звоните 1414, \
             бесплатно."
                .to_owned()
        }
        Message::WillCall { until } => {
            format!("1414: Вам позвонят с номера 1414 до {}. Никому не называйте коды и PIN.", short(*until))
        }
    }
}
