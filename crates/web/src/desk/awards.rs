//! What today's systems pay beside the law: the differences, and the switches by which two stewards take a
//! measure over or give it back.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::{Form, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use card::{Lang, Month, Tenge};
use serde::Deserialize;
use service::{
    Kind, Mode, Permission, Proposal, ServiceError, Store, Switch,
    view::{DifferenceLine, Differing},
};

use super::{Around, Said, Shared, done, language, listed, page, refused};

/// So many persons are listed at once; whoever wants more of them takes the command.
const MOST_LISTED: usize = 1_000;

/// The routes of these pages.
pub(super) fn routes<S: Store>() -> Router<Shared<S>> {
    Router::new().route("/awards", get(awards::<S>).post(act::<S>)).route("/awards/people", post(people::<S>))
}

/// What these pages say, in one language.
struct Words {
    title: &'static str,
    intro: &'static str,
    measure: &'static str,
    region: &'static str,
    everywhere: &'static str,
    everywhere_hint: &'static str,
    difference: &'static str,
    awards: &'static str,
    theirs: &'static str,
    ours: &'static str,
    compare: &'static str,
    switches: &'static str,
    from: &'static str,
    take_over: &'static str,
    give_back: &'static str,
    offer: &'static str,
    confirm: &'static str,
    halt: &'static str,
    proposed: &'static str,
    taken_over: &'static str,
    list: &'static str,
    why: &'static str,
    month_wanted: &'static str,
    first: &'static str,
    moved: &'static str,
    stayed: &'static str,
    modes: [&'static str; 3],
}

const WORDS: [Words; 3] = [
    Words {
        title: "Қолданыстағы төлемдер",
        intro: "Қолданыстағы жүйелер төлейтін сома мен заң беретін сома қатар тұр. Қабылдап алуға екі басқарушы керек; анық емес төлем сол жүйеде қалады.",
        measure: "Төлем",
        region: "Өңір",
        everywhere: "бүкіл ел",
        everywhere_hint: "бос болса, бүкіл ел",
        difference: "Айырмасы",
        awards: "Саны",
        theirs: "Олар төлейді",
        ours: "Заң береді",
        compare: "Қазір салыстыру",
        switches: "Қалай жүреді",
        from: "Қай айдан (ЖЖЖЖ-АА)",
        take_over: "Қабылдап алуды ұсыну",
        give_back: "Қайтаруды ұсыну",
        offer: "Ұсынуды бастауды ұсыну",
        confirm: "Растау",
        halt: "Тоқтату",
        proposed: "ұсынылды",
        taken_over: "біз төлейміз, мына айдан:",
        list: "Тізім",
        why: "Неге",
        month_wanted: "Айды ЖЖЖЖ-АА түрінде жазыңыз, мысалы 2027-01.",
        first: "Алғашқы 1 000 адам ғана көрсетілді. Бәрі: family-card awards --people",
        moved: "Ауысты:",
        stayed: "Орнында қалды:",
        modes: ["көлеңкеде", "ұсынылады", "тоқтатылған"],
    },
    Words {
        title: "Действующие выплаты",
        intro: "Рядом стоит то, что платят действующие системы, и то, что даёт закон. Чтобы принять выплаты, нужны два распорядителя; что неясно, остаётся в той системе.",
        measure: "Выплата",
        region: "Регион",
        everywhere: "вся страна",
        everywhere_hint: "пусто - вся страна",
        difference: "Разница",
        awards: "Сколько",
        theirs: "Платят они",
        ours: "Даёт закон",
        compare: "Сравнить сейчас",
        switches: "Как работает",
        from: "С месяца (ГГГГ-ММ)",
        take_over: "Предложить принять",
        give_back: "Предложить вернуть",
        offer: "Предложить начать",
        confirm: "Подтвердить",
        halt: "Остановить",
        proposed: "предложено",
        taken_over: "платим мы с месяца",
        list: "Список",
        why: "Почему",
        month_wanted: "Напишите месяц как ГГГГ-ММ, например 2027-01.",
        first: "Показаны первые 1 000 человек. Все: family-card awards --people",
        moved: "Перешло:",
        stayed: "Осталось:",
        modes: ["в тени", "предлагается", "остановлено"],
    },
    Words {
        title: "Today's payments",
        intro: "What today's systems pay stands beside what the law gives. Taking over takes two stewards; what is not certain stays with that system.",
        measure: "Benefit",
        region: "Region",
        everywhere: "the whole country",
        everywhere_hint: "empty means the whole country",
        difference: "Difference",
        awards: "Awards",
        theirs: "They pay",
        ours: "The law gives",
        compare: "Compare now",
        switches: "How it runs",
        from: "From month (YYYY-MM)",
        take_over: "Propose to take over",
        give_back: "Propose to give back",
        offer: "Propose to offer",
        confirm: "Confirm",
        halt: "Halt",
        proposed: "proposed",
        taken_over: "paid by us from",
        list: "List",
        why: "Why",
        month_wanted: "Write the month as YYYY-MM, such as 2027-01.",
        first: "Only the first 1,000 are shown. All of them: family-card awards --people",
        moved: "Moved:",
        stayed: "Stayed:",
        modes: ["in shadow", "offered", "halted"],
    },
];

impl Words {
    const fn of(lang: Lang) -> &'static Self {
        &WORDS[lang as usize]
    }

    const fn mode(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Shadow => self.modes[0],
            Mode::Offering => self.modes[1],
            Mode::Halted => self.modes[2],
        }
    }

    fn proposal(&self, what: Proposal) -> String {
        match what {
            Proposal::Mode(mode) => self.mode(mode).to_owned(),
            Proposal::TakeOver { from } => format!("{} {from}", self.take_over),
            Proposal::GiveBack { from } => format!("{} {from}", self.give_back),
        }
    }
}

#[derive(Template)]
#[template(path = "desk_awards.html")]
struct AwardsPage {
    a: Around,
    t: &'static Words,
    lines: Vec<DifferenceLine>,
    switches: Vec<Switch>,
    /// The codes of regions in which somebody is paid.
    regions: BTreeSet<String>,
}

#[derive(Template)]
#[template(path = "desk_differing.html")]
struct DifferingPage {
    a: Around,
    t: &'static Words,
    lines: Vec<Differing>,
}

async fn awards<S: Store>(State(desk): State<Shared<S>>, headers: HeaderMap) -> Response {
    let (actor, lang) = (desk.actor(&headers), language(&headers));
    let found =
        desk.service.differences(&actor, lang).and_then(|lines| Ok((lines, desk.service.switches(&actor)?)));
    match found {
        Ok((lines, switches)) => {
            let regions = lines.iter().filter_map(|line| line.region.clone()).collect();
            page(&AwardsPage { a: desk.around(&headers), t: Words::of(lang), lines, switches, regions })
        }
        Err(error) => refused(&desk, &headers, &error, "/desk"),
    }
}

#[derive(Deserialize)]
struct ActForm {
    act: String,
    #[serde(default)]
    measure: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    why: String,
}

async fn act<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<ActForm>,
) -> Response {
    let (actor, t) = (desk.actor(&headers), Words::of(language(&headers)));
    let region = Some(form.region.trim()).filter(|region| !region.is_empty());
    let from: Option<Month> = form.from.trim().parse().ok();
    let propose = |what| desk.service.propose(&actor, &form.measure, region, what);
    let outcome = match (form.act.as_str(), from) {
        ("compare", _) => desk.service.compare(&actor).map(drop),
        ("take_over", Some(from)) => propose(Proposal::TakeOver { from }),
        ("give_back", Some(from)) => propose(Proposal::GiveBack { from }),
        ("take_over" | "give_back", None) => {
            desk.say(&headers, Said::Refused(t.month_wanted.to_owned()));
            return Redirect::to("/awards").into_response();
        }
        ("offer", _) => propose(Proposal::Mode(Mode::Offering)),
        ("halt", _) => desk.service.halt(&actor, &form.measure, region, &form.why),
        ("confirm", _) => match desk.service.confirm(&actor, &form.measure, region) {
            Ok(moved) => {
                let said = format!("{} {} · {} {}", t.moved, moved.moved, t.stayed, moved.stayed);
                desk.say(&headers, Said::Moved(said));
                return Redirect::to("/awards").into_response();
            }
            Err(error) => Err(error),
        },
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    done(&desk, &headers, outcome, "/awards")
}

#[derive(Deserialize)]
struct PeopleForm {
    measure: String,
    #[serde(default)]
    region: String,
    kind: String,
    reason: String,
}

/// Asked for by a form, so that no address holds of whom it tells.
async fn people<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<PeopleForm>,
) -> Response {
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.word() == form.kind) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (actor, lang) = (desk.actor(&headers), language(&headers));
    let region = Some(form.region.as_str()).filter(|region| !region.is_empty());
    let of = (form.measure.as_str(), region, kind);
    let found: Result<Vec<Differing>, ServiceError> =
        desk.service.differing(&actor, of, (listed(&form.reason), MOST_LISTED), lang);
    match found {
        Ok(lines) => page(&DifferingPage { a: desk.around(&headers), t: Words::of(lang), lines }),
        Err(error) => refused(&desk, &headers, &error, "/awards"),
    }
}

/// A sum as people write it; a dash where it is not known.
fn sum(of: Option<&Tenge>) -> String {
    of.map_or_else(|| "—".to_owned(), |sum| sum.grouped())
}
