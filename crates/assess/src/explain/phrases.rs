//! The few words of an explanation that are not words of the pack.

use card::{Lang, Outcome, Standing, Ternary};

/// One phrase in three languages: Kazakh, Russian, English.
type Phrase = [&'static str; 3];

fn say(phrase: Phrase, lang: Lang) -> &'static str {
    match lang {
        Lang::Kk => phrase[0],
        Lang::Ru => phrase[1],
        Lang::En => phrase[2],
    }
}

macro_rules! phrases {
    ($($name:ident: $kk:literal, $ru:literal, $en:literal;)*) => {
        $(pub(super) fn $name(lang: Lang) -> &'static str {
            say([$kk, $ru, $en], lang)
        })*
    };
}

phrases! {
    concerned: "Кімге қатысты", "Кого касается", "Whom it concerns";
    applies: "қолданылады", "применяется", "applies";
    applies_not: "қолданылмайды", "не применяется", "does not apply";
    may_apply: "қолданылуы мүмкін", "может применяться", "may apply";
    holds: "сақталған", "выполнено", "holds";
    fails: "сақталмаған", "не выполнено", "fails";
    not_known: "белгісіз", "неизвестно", "not known";
    rests_on: "негізі", "основание", "rests on";
    above: "жоғарыда айтылған", "сказано выше", "told above";
    counted: "ескерілді", "учтены", "counted";
    may_count: "ескерілуі мүмкін", "могут быть учтены", "may count";
    left_out: "ескерілмеді", "не учтены", "left out";
    list_open: "тізім толық болмауы мүмкін", "список может быть неполным", "the list may be incomplete";
    owed: "шешуші дерек", "решающий факт", "deciding fact";
    false_is: "орындалмайды", "не выполнено", "false";
    whole_rows: "жазбалар", "записи", "rows";
    person: "адам", "лицо", "person";
    since: "бастап", "с", "from";
    until: "дейін", "до", "until";
    nothing: "жоқ", "нет", "none";
    yes: "иә", "да", "yes";
    no: "жоқ", "нет", "no";
    year: "жыл", "год", "year";
    amount: "мөлшері", "размер", "amount";
    and_more: "және одан көп", "и более", "and more";
    free: "ол үшін төлем жоқ", "по нему ещё не платят", "nobody is paid for it yet";
    taken: "ол үшін төлем бар", "по нему уже платят", "it is paid already";
    perhaps_paid: "төлем бар-жоғы белгісіз", "неизвестно, платят ли по нему", "it is not known whether it is paid already";
    and: "және", "и", "and";
    or: "немесе", "или", "or";
    not: "емес", "не", "not";
    one_of: "мыналардың бірі", "одно из", "one of";
    within: "ішінде", "в пределах", "within";
    some: "кемінде біреуі", "хотя бы одно из", "some of";
    every: "әрқайсысы", "каждое из", "every one of";
    such_that: "мұнда", "где", "where";
    number_of: "саны", "число", "number of";
    sum_of: "жиыны", "сумма", "sum of";
    least_of: "ең кішісі", "меньшее из", "the least of";
    most_of: "ең үлкені", "большее из", "the most of";
    exists: "бар", "есть", "there is";
    whole_part: "бүтін бөлігі", "целая часть", "whole part of";
    together: "бірге", "вместе", "together";
    the_only: "жалғыз", "единственное из", "the only one of";
    the_first: "бірінші", "первое из", "the first of";
    if_: "егер", "если", "if";
    then: "онда", "то", "then";
    otherwise: "әйтпесе", "иначе", "otherwise";
    the_day: "күні", "день", "the day";
    asked_on: "өтініш күні", "день обращения", "the day of the request";
    on: "күнгі", "на", "on";
    age: "жасы", "возраст", "age";
    month_of: "айы", "месяц", "month of";
    first_day: "бірінші күні", "первый день", "first day of";
    last_day: "соңғы күні", "последний день", "last day of";
    months_before: "дейінгі айлар", "месяцы до", "months before";
    quarter_before: "алдыңғы тоқсан", "квартал перед", "quarter before";
    quarter_of: "тоқсаны", "квартал", "quarter of";
    reached: "жеткен күн", "день достижения", "day of reaching";
    valid_from: "басталған күні", "начало", "beginning";
    valid_until: "аяқталған күні", "окончание", "end";
    decided_by: "Шешім қабылдайды", "Решает", "Decided by";
    paid_by: "Төлейді", "Платит", "Paid by";
    known_since: "Жинақ біледі", "Свод знает", "The pack knows it";
    once: "бір рет", "один раз", "once";
    monthly: "ай сайын", "каждый месяц", "every month";
    paid_out: "Төленеді", "Выплачивается", "Paid";
    payer_fund: "Мемлекеттік әлеуметтік сақтандыру қоры", "Государственный фонд социального страхования", "the State Social Insurance Fund";
    payer_republic: "республикалық бюджет", "республиканский бюджет", "the republican budget";
    payer_local: "жергілікті бюджет", "местный бюджет", "the local budget";
    written_in: "Қайда жазылған", "Где записано", "Written in";
    conditions: "Шарттар", "Условия", "Conditions";
    refusals: "Бас тарту негіздері", "Основания для отказа", "Grounds of refusal";
    but_not: "мынадан басқа", "кроме случая", "but not where";
    how_much: "Мөлшері", "Размер", "How much";
    pays: "төленеді", "выплачивается", "pays";
    on_top: "қосымша", "сверх того", "on top";
    floor: "кемінде", "не меньше", "at least";
    ceiling: "көп дегенде", "не больше", "at most";
    factor: "индекстеледі", "индексируется", "indexed by";
    withheld: "ұсталады", "удерживается", "withheld";
    divided: "арасында бөлінеді", "делится между", "divided among";
    weight: "үлесі", "доля", "share of each";
    time: "Мерзімдері", "Сроки", "Time";
    right_on: "құқық пайда болатын күн", "день возникновения права", "the right arises on";
    paid_from: "бастап төленеді", "выплачивается с", "paid from";
    paid_until: "мынаған дейін төленеді", "выплачивается до", "paid until";
    for_months: "неше ай", "сколько месяцев", "for so many months";
    back_to: "өткен уақыт үшін", "за прошлое", "paid back to";
    receives: "Кім алады", "Кто получает", "Who receives";
    the_children: "Қай балаларға қатысты", "О каких детях право", "The children that it is about";
    words: "Сөздер", "Слова", "Words";
    numbers: "Сандар", "Числа", "Numbers";
    value: "мәні", "значение", "value";
    key: "кілті", "ключ", "key";
    how_sure: "сенімділігі", "надёжность", "how sure";
    confirmed: "расталған", "подтверждено", "confirmed";
    single_source: "бір дереккөз", "один источник", "one source";
    preliminary: "алдын ала", "предварительно", "preliminary";
    texts: "Адам оқитын мәтіндер", "Что читает человек", "What people read";
    in_an_sms: "SMS-те", "в SMS", "in an SMS";
    letter: "хат", "письмо", "letter";
    cases: "Тексеру мысалдары", "Проверочные случаи", "Cases";
    case: "мысал", "случай", "case";
    expected: "күтілетін жауап", "ожидаемый ответ", "expected";
    the_source: "дереккөз", "источник", "source";
    any: "кез келген", "любое", "any";
    measures: "Төлемдер", "Выплаты", "Measures";
    levels: "Саламаттылық деңгейлері", "Уровни благополучия", "Levels of well-being";
    level: "деңгейі", "уровень", "level";
    possible_levels: "мүмкін деңгейлер", "возможные уровни", "possible levels";
    found: "анықталғаны", "найдено", "found";
    points: "балл", "баллы", "points";
    looks_at: "неге қаралады", "на что смотрят", "what is looked at";
    edition: "Редакция", "Редакция", "Edition";
    decides_nothing: "Деңгей ешбір төлемді шешпейді: ол көрсетіледі, ізделеді және саналады.", "Уровень не решает ни одной выплаты: его показывают, по нему ищут и считают.", "The level decides no payment: it is shown, searched and counted.";
    notices: "Хабарламалар", "Уведомления", "Notices";
    speaks_of: "Қай күн туралы айтады", "О каком дне говорит", "The day that it speaks of";
    once_told: "Әр күн туралы бір рет айтылады.", "О каждом таком дне сообщается один раз.", "Each such day is told of once.";
    says_where: "Кімге не айтылады", "Кому что говорит", "What it says to whom";
    generated: "Бұл бет заң жинағынан жасалған; оны қолмен өзгертпеңіз.", "Эта страница создана из свода закона; не меняйте её вручную.", "This page is made from the law pack; do not edit it by hand.";
}

pub(super) fn outcome(outcome: Outcome, lang: Lang) -> &'static str {
    say(
        match outcome {
            Outcome::NotConcerned => ["қатысы жоқ", "не касается", "not concerned"],
            Outcome::NotEligible => ["құқығы жоқ", "права нет", "not eligible"],
            Outcome::Unknown => ["белгісіз", "неизвестно", "unknown"],
            Outcome::Eligible => ["құқығы бар", "право есть", "eligible"],
        },
        lang,
    )
}

pub(super) fn standing(standing: Standing, lang: Lang) -> &'static str {
    match standing {
        Standing::Confirmed => confirmed(lang),
        Standing::SingleSource => single_source(lang),
        Standing::Preliminary => preliminary(lang),
    }
}

/// As [`outcome`], of a notice.
pub(super) fn told(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::NotEligible => say(["хабарланбайды", "не сообщаем", "is not told"], lang),
        Outcome::Eligible => say(["хабарланады", "сообщаем", "is told"], lang),
        Outcome::NotConcerned | Outcome::Unknown => self::outcome(outcome, lang),
    }
}

pub(super) fn ternary(value: Ternary, lang: Lang) -> &'static str {
    match value {
        Ternary::Yes => yes(lang),
        Ternary::No => no(lang),
        Ternary::Unknown => not_known(lang),
    }
}
