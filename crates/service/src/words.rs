//! Short words of the officials' pages about states, in three languages: Kazakh, Russian, English.

use card::{Lang, Missing, Points, Tenge, Text};
use deliver::{
    decision::Ground, elsewhere::Kind, mode::Mode, outbox::Stage as AttemptStage, payrun, right::Stage,
    task::TaskKind,
};

use crate::Law;
use crate::notice::Untold;

type Said = [&'static str; 3];

pub(crate) fn pick(said: &Said, lang: Lang) -> &'static str {
    said[lang as usize]
}

/// The steps of a right that pages show, by the name under which the store counts them.
pub(crate) const STEPS: [(&str, Said); 7] = [
    ("found", ["табылды", "найдено", "found"]),
    ("offered", ["ұсынылды", "предложено", "offered"]),
    ("consented", ["келісім", "согласие", "consent"]),
    ("filed", ["өтініш", "заявление", "filed"]),
    ("granted", ["тағайындалды", "назначено", "granted"]),
    ("ordered", ["банкке кетті", "в банке", "with the bank"]),
    ("paid", ["төленді", "выплачено", "paid"]),
];

pub(crate) fn child(lang: Lang) -> &'static str {
    pick(&["бала", "ребёнок", "child"], lang)
}

/// What a refusal rests on that is no condition of the law, inside an SMS.
pub(crate) fn ground(ground: &Ground) -> Text {
    let [kk, ru, en] = match ground {
        Ground::Paid => {
            ["бұл төлем тағайындалып қойған", "эта выплата уже назначена", "this is paid already"]
        }
        Ground::Claimed => [
            "бала осы түрдегі басқа төлемде ескерілген",
            "ребёнок уже учтён в другой такой выплате",
            "a child counts in another such benefit already",
        ],
        Ground::Condition(_) | Ground::Commission => {
            ["комиссия шешімі", "решение комиссии", "the commission's decision"]
        }
    };
    Text { kk: kk.to_owned(), ru: ru.to_owned(), en: en.to_owned() }
}

pub fn owes(lang: Lang) -> &'static str {
    pick(&["Дерек күтіледі:", "Ждём сведений:", "A fact is owed by:"], lang)
}

/// Who owes a fact.
pub(crate) fn owed(law: &Law, missing: &Missing, lang: Lang) -> String {
    let schema = &law.pack.schema;
    let registry = schema.registry(&missing.registry);
    let title =
        registry.map_or(missing.registry.as_str(), |id| schema.registries[id.0 as usize].title.get(lang));
    format!("{} {title}", owes(lang))
}

/// `+50`, `−290 … 100`.
pub(crate) fn points(points: Points) -> String {
    let signed = |points: i64| match points {
        1.. => format!("+{points}"),
        0 => "0".to_owned(),
        _ => format!("−{}", points.unsigned_abs()),
    };
    match points.point() {
        Some(point) => signed(point),
        None => format!("{} … {}", signed(points.lo), signed(points.hi)),
    }
}

pub(crate) fn money(sum: Tenge, monthly: bool, lang: Lang) -> String {
    let unit = pick(&["тг", "тг", "tenge"], lang);
    let month = if monthly { pick(&[" айына", " в месяц", " a month"], lang) } else { "" };
    format!("{} {unit}{month}", sum.grouped())
}

pub(crate) fn stage(stage: &Stage, lang: Lang) -> &'static str {
    let said: Said = match stage {
        Stage::Found => ["табылды", "найдено", "found"],
        Stage::Offered => ["ұсынылды", "предложено", "offered"],
        Stage::Consented => ["шот күтіледі", "ждём счёт", "waits for an account"],
        Stage::Filed => ["өтініш тіркелді", "заявление подано", "filed"],
        Stage::WithOfficer { .. } => ["маман қарайды", "решает специалист", "with an officer"],
        Stage::Granted => ["тағайындалды", "назначено", "granted"],
        Stage::InPayment => ["төленуде", "выплачивается", "in payment"],
        Stage::Elsewhere => {
            ["қолданыстағы жүйе төлейді", "выплачивает действующая система", "paid by today's system"]
        }
        Stage::Suspended { .. } => ["уақытша тоқтатылды", "приостановлено", "suspended"],
        Stage::Declined => {
            ["бас тартылды, құқық сақталады", "отказ, право сохраняется", "declined, the right stays"]
        }
        Stage::Lapsed => {
            ["жауап жоқ, құқық сақталады", "нет ответа, право сохраняется", "no answer, the right stays"]
        }
        Stage::Refused => ["тағайындалмады", "не назначено", "refused"],
        Stage::Ended { .. } => ["аяқталды", "завершено", "ended"],
    };
    pick(&said, lang)
}

pub(crate) fn attempt(stage: AttemptStage, lang: Lang) -> &'static str {
    let said: Said = match stage {
        AttemptStage::Written => ["кезекте", "в очереди", "waiting"],
        AttemptStage::Cancelled => ["алынып тасталды", "отменено", "cancelled"],
        AttemptStage::Made => ["жіберілуде", "отправляется", "being sent"],
        AttemptStage::Confirmed => ["операторда", "у оператора", "with the operator"],
        AttemptStage::Refused => ["оператор қабылдамады", "оператор отказал", "refused by the operator"],
        AttemptStage::Uncertain => ["жеткені белгісіз", "неизвестно, ушло ли", "uncertain"],
        AttemptStage::Delivered => ["жеткізілді", "доставлено", "delivered"],
        AttemptStage::Failed => ["жетпеді", "не доставлено", "not delivered"],
    };
    pick(&said, lang)
}

/// Why a day is not told of; `None` where it is to be told next.
pub(crate) fn untold(why: Option<Untold>, lang: Lang) -> &'static str {
    let said: Said = match why {
        None => ["хабарлануын күтеді", "ждёт отправки", "waits to be told"],
        Some(Untold::Still(Mode::Halted)) => [
            "айтылмады: хабарлама тоқтатылған",
            "не сообщено: уведомление остановлено",
            "not told: the notice is halted",
        ],
        Some(Untold::Still(_)) => [
            "айтылмады: хабарлама әлі қосылмаған",
            "не сообщено: уведомление ещё не включено",
            "not told: the notice is not told to anybody yet",
        ],
        Some(Untold::Preliminary) => [
            "айтылмады: расталмаған санға сүйенеді",
            "не сообщено: основано на неподтверждённом числе",
            "not told: it rests on a number that is not confirmed",
        ],
        Some(Untold::NoPhone) => {
            ["айтылмады: телефоны жоқ", "не сообщено: нет телефона", "not told: no phone"]
        }
        Some(Untold::Unwanted) => [
            "айтылмады: SMS алғысы келмейді",
            "не сообщено: от SMS отказ",
            "not told: no such SMS are wanted",
        ],
        Some(Untold::Lost) => {
            ["айтылмады: SMS жетпеді", "не сообщено: SMS не доходит", "not told: no SMS arrives"]
        }
        Some(Untold::Passed) => [
            "айтылмай қалды, енді айтылмайды",
            "не сообщено и больше не нужно",
            "never told, and not to be told any more",
        ],
    };
    pick(&said, lang)
}

pub(crate) fn task(kind: &TaskKind, lang: Lang) -> String {
    let said: Said = match kind {
        TaskKind::CallBeforeLoss(_) => [
            "Қоңырау шалу: құқық жоғалуға жақын",
            "Позвонить: право вот-вот пропадёт",
            "Call: a right is about to be lost",
        ],
        TaskKind::CallBack => {
            ["Қоңырау шалу: адам сұрады", "Позвонить: человек просил", "Call back: the person asked"]
        }
        TaskKind::Disputed => [
            "Дауланған деректі тексеру",
            "Проверить факт, который оспаривают",
            "Check a fact that is disputed",
        ],
        TaskKind::Unclear => {
            ["Қоңырау шалу: жауабы түсініксіз", "Позвонить: ответ непонятен", "Call: the reply is unclear"]
        }
        TaskKind::Account(_) => ["Шотын анықтау", "Уточнить счёт", "Find out the account"],
        TaskKind::NotReceived(_) => [
            "Ақша келмеді: банкпен тексеру",
            "Деньги не пришли: проверить с банком",
            "Money did not come: check with the bank",
        ],
        TaskKind::BouncedAgain(_) => {
            ["Төлем екінші рет қайтты", "Выплата вернулась второй раз", "A payment came back again"]
        }
        TaskKind::Unreachable(_) => [
            "Адамды табу: телефоны жоқ не жетпейді",
            "Найти человека: нет связи",
            "Find the person: nobody is reached",
        ],
        TaskKind::WrongNumber => {
            ["Нөмір басқа адамдікі", "Номер другого человека", "The number is somebody else's"]
        }
        TaskKind::ForeignReply => {
            ["Жауап бөтен телефоннан келді", "Ответ с чужого телефона", "A reply from a foreign phone"]
        }
        TaskKind::UnknownNumber(_) => [
            "Белгісіз нөмірден хабар келді",
            "Сообщение с неизвестного номера",
            "A message from an unknown number",
        ],
        TaskKind::Decide(_) => {
            ["Өтініш бойынша шешім қабылдау", "Принять решение по заявлению", "Decide an application"]
        }
        TaskKind::MissingFact(_) => {
            ["Жетіспейтін деректі сұрау", "Запросить недостающий факт", "Get the missing fact"]
        }
        TaskKind::MistakenEnd(_) => [
            "Төлем қателесіп тоқтатылған: аралықтағы айларды есептеу",
            "Выплату прекратили ошибочно: посчитать месяцы между правами",
            "Ended by mistake: settle the months between",
        ],
        TaskKind::Recovery(_) => ["Артық төлем", "Переплата", "Overpayment"],
        TaskKind::PaidTwice(_) => [
            "Қолданыстағы жүйе де төлеп жатыр: қайсысы тоқтайтынын шешу",
            "Платит и действующая система: решить, кто перестаёт",
            "Today's system pays it too: settle which one stops",
        ],
        TaskKind::Bank { .. } => ["Банк жауабын тексеру", "Проверить ответ банка", "Check the bank's answer"],
    };
    match kind {
        TaskKind::Bank { said: what } => format!("{}: {what}", pick(&said, lang)),
        _ => pick(&said, lang).to_owned(),
    }
}

pub(crate) fn run(stage: &payrun::Stage, lang: Lang) -> &'static str {
    let said: Said = match stage {
        payrun::Stage::Preparing => ["дайындалуда", "готовится", "being prepared"],
        payrun::Stage::Prepared => ["бекітуді күтеді", "ждёт утверждения", "waits for approval"],
        payrun::Stage::Approved { .. } => ["бекітілді", "утверждено", "approved"],
        payrun::Stage::Released { .. } => ["банкке кетті", "ушло в банк", "with the bank"],
        payrun::Stage::Discarded => ["алынып тасталды", "отменено", "discarded"],
    };
    pick(&said, lang)
}

/// How what today's system pays differs from what the law gives.
pub(crate) fn difference(kind: Option<Kind>, lang: Lang) -> &'static str {
    let said: Said = match kind {
        None => ["салыстырылмады", "ещё не сравнивали", "not compared yet"],
        Some(Kind::Same) => ["бірдей", "одинаково", "the same"],
        Some(Kind::More) => ["заң бойынша көбірек", "по закону больше", "the law gives more"],
        Some(Kind::Less) => ["заң бойынша азырақ", "по закону меньше", "the law gives less"],
        Some(Kind::Nothing) => ["заң бойынша төленбейді", "по закону не положено", "the law gives nothing"],
        Some(Kind::ToAnother) => {
            ["басқа адам алуы мүмкін", "возможно, получает другой человек", "perhaps another person receives"]
        }
        Some(Kind::Unreleased) => {
            ["сан расталмаған", "число не подтверждено", "by numbers that nobody released"]
        }
        Some(Kind::NotKnown) => ["белгісіз", "неизвестно", "not known"],
    };
    pick(&said, lang)
}

/// The law asks about somebody else.
pub(crate) fn not_asked_about(lang: Lang) -> &'static str {
    pick(
        &[
            "Заң бұл төлем туралы басқа адамға қатысты сұрайды.",
            "По этой выплате закон спрашивает о другом человеке.",
            "For this payment the law asks about somebody else.",
        ],
        lang,
    )
}

/// What is paid has run out.
pub(crate) fn period_over(lang: Lang) -> &'static str {
    pick(&["Төлем мерзімі өтті.", "Срок выплаты прошёл.", "Its time is over."], lang)
}

/// Where an application stands that today's system has not decided.
pub(crate) fn waits_elsewhere(lang: Lang) -> &'static str {
    pick(&["шешім күтіледі", "ждёт решения", "waits for a decision"], lang)
}
