use card::{Date, Lang, Month, Tenge, Text};

use super::*;

const VOICES: [Voice; 4] = [
    Voice { lang: None },
    Voice { lang: Some(Lang::Kk) },
    Voice { lang: Some(Lang::Ru) },
    Voice { lang: Some(Lang::En) },
];

fn until() -> Date {
    Date::from_ymd(2026, 12, 28).unwrap()
}

fn longest_title() -> Title {
    let (kk, ru, en) = Title::MOST;
    Title::new(Text { kk: "ж".repeat(kk), ru: "щ".repeat(ru), en: "m".repeat(en) }).unwrap()
}

fn longest_account() -> AccountName {
    AccountName::new(&"M".repeat(AccountName::MOST_BANK), "9999").unwrap()
}

fn real_title() -> Title {
    Title::new(Text {
        kk: "көпбалалы отбасы жәрдемақысы".into(),
        ru: "пособие многодетной семье".into(),
        en: "large family allowance".into(),
    })
    .unwrap()
}

/// Every message with its longest values: the largest amount is ten times the largest payment known.
fn longest() -> Vec<Message> {
    let amount = Tenge::from_tiyn(98_989_850);
    let (title, account) = (longest_title(), longest_account());
    let reason = Reason::new(Text { kk: "ж".repeat(70), ru: "ж".repeat(70), en: "m".repeat(70) }).unwrap();
    let offered = |per| Offered { title: title.clone(), amount, per };
    let accounts = vec![account.clone(); MOST_ACCOUNTS];
    let mut all = vec![
        Message::Commission { title: title.clone(), until: until() },
        Message::ChooseAccount { accounts: accounts.clone() },
        Message::CameBack { amount, lost: account.clone(), accounts },
        Message::Consented { decide_by: until(), late: true },
        Message::Refused { until: Some(until()) },
        Message::Refused { until: None },
        Message::Clarify(Asked::Account(MOST_ACCOUNTS)),
        Message::Rejected { title: title.clone(), reason: Some(reason), appeal_until: until() },
        Message::Rejected { title: title.clone(), reason: None, appeal_until: until() },
        Message::WithOfficer { title: title.clone(), until: until() },
        Message::NotReceivedTaken { until: until() },
        Message::StopAsked,
        Message::Stopped,
        Message::WrongNumber,
        Message::ShortAnswer,
        Message::WillCall { until: until() },
    ];
    for titles in [vec![title.clone()], vec![title.clone(); 2]] {
        for account in [true, false] {
            all.push(Message::Clarify(Asked::Offer { titles: titles.clone(), account }));
        }
    }
    for month in (0..12).map(|m| Some(Month(2026 * 12 + m))).chain([None]) {
        all.push(Message::Paid { amount, month, account: account.clone(), until: until() });
    }
    for per in [Per::Month, Per::Once] {
        for account in [Some(account.clone()), None] {
            for reminder in [true, false] {
                let rights = vec![offered(per)];
                all.push(Message::Offer { rights, account: account.clone(), until: until(), reminder });
            }
            all.push(Message::Granted {
                title: title.clone(),
                payable: amount,
                per,
                account,
                from: until(),
                appeal_until: until(),
            });
        }
    }
    all
}

#[test]
fn the_longest_values_fit_three_parts_in_every_language() {
    let mut wrong = Vec::new();
    for message in longest() {
        for voice in VOICES {
            if let Err(error) = compose(&message, voice) {
                let text = match voice.lang.unwrap_or_default() {
                    Lang::Kk => kk::write(&message),
                    Lang::Ru => ru::write(&message),
                    Lang::En => en::write(&message),
                };
                wrong.push(format!("{voice:?} {error}: {} characters: {text}", text.chars().count()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A keypad phone alone suffices.
#[test]
fn an_offer_says_what_how_much_where_until_when_and_how_to_answer() {
    let offer = Message::Offer {
        rights: vec![Offered { title: real_title(), amount: Tenge::whole(86_673), per: Per::Month }],
        account: Some(AccountName::new("Halyk", "4410").unwrap()),
        until: Date::from_ymd(2026, 12, 12).unwrap(),
        reminder: false,
    };
    let say = |lang| compose(&offer, Voice { lang: Some(lang) }).unwrap().to_string();
    assert_eq!(
        say(Lang::Kk),
        "1414: Сізге көпбалалы отбасы жәрдемақысы тағайындалуы мүмкін, айына 86 673 тг. Шот Halyk *4410. Өтініш \
         пен дерек тексеруге келіссеңіз 1, жоқ - 2, басқа шот - 3. 12.12 қоса. 1414 тегін"
    );
    assert_eq!(
        say(Lang::Ru),
        "1414: Вам может быть назначено: пособие многодетной семье, 86 673 тг в месяц. Счёт Halyk *4410. Согласны \
         на заявление и проверку данных - 1, нет - 2, другой счёт - 3. По 12.12. 1414 бесплатно"
    );
    assert!(say(Lang::En).contains("86 673 tenge a month"));
    let unknown = compose(&offer, Voice { lang: None }).unwrap().to_string();
    assert!(unknown.starts_with("1414: Сізге") && unknown.ends_with("Орысша-9"));
}

/// Who was asked for an account just answered an offer: no digit means something in both.
#[test]
fn a_menu_of_accounts_has_keys_of_its_own() {
    let accounts =
        vec![AccountName::new("Kaspi", "0021").unwrap(), AccountName::new("Kazpost", "7315").unwrap()];
    let say = |message: &Message| compose(message, Voice { lang: Some(Lang::Ru) }).unwrap().to_string();
    let menu = say(&Message::ChooseAccount { accounts });
    assert!(menu.contains("6 - Kaspi *0021, 7 - Kazpost *7315, 0 - другой или нет счёта"), "{menu}");
    let unclear = say(&Message::Clarify(Asked::Account(2)));
    assert!(unclear.contains("счётом: 6, 7. Другой или нет счёта - 0."), "{unclear}");
}

/// Every message that tells of money or of a decision says how to object.
#[test]
fn a_decision_and_a_payment_say_how_to_object() {
    for message in longest() {
        let objects = matches!(
            message,
            Message::Granted { .. }
                | Message::Rejected { .. }
                | Message::Paid { .. }
                | Message::Offer { reminder: false, .. }
        );
        for voice in VOICES {
            let text = compose(&message, voice).unwrap().to_string();
            assert!(!objects || text[5..].contains("1414"), "{text}");
        }
    }
}

#[test]
fn two_rights_fit_one_message_where_their_titles_are_short() {
    let title = |kk: &str, ru: &str, en: &str| {
        Title::new(Text { kk: kk.into(), ru: ru.into(), en: en.into() }).unwrap()
    };
    let rights = vec![
        Offered {
            title: title("туу жәрдемақысы", "на рождение", "birth grant"),
            amount: Tenge::whole(164_350),
            per: Per::Once,
        },
        Offered {
            title: title("бала күтімі", "уход за ребёнком", "child care"),
            amount: Tenge::whole(24_913),
            per: Per::Month,
        },
    ];
    let account = Some(AccountName::new("Halyk", "4410").unwrap());
    let offer = Message::Offer { rights, account, until: until(), reminder: false };
    for voice in VOICES {
        let text = compose(&offer, voice).unwrap();
        assert!(text.as_str().contains("A 4"), "{text}");
    }
}

#[test]
fn refuses_titles_and_accounts_that_could_not_fit() {
    let text = |kk: &str| Text { kk: kk.into(), ru: "да".into(), en: "x".into() };
    assert_eq!(Title::new(text(&"ж".repeat(29))), Err(SmsError::Title));
    assert_eq!(Title::new(text(" ")), Err(SmsError::Title));
    for (bank, four) in
        [("", "4410"), ("Halyk", "441"), ("Halyk 5", "4410"), ("Halyk", "44а0"), ("Longestbank", "4410")]
    {
        assert_eq!(AccountName::new(bank, four), Err(SmsError::Account), "{bank} {four}");
    }
}

#[test]
fn it_cannot_be_read_back_unchecked() {
    assert!(serde_json::from_str::<SmsText>("\"1414: сәлем\"").is_ok());
    assert!(serde_json::from_str::<SmsText>("\"1414: 123456\"").is_err());
}
