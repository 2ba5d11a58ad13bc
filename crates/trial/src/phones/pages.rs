use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::{
    Router,
    extract::{Form, Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use card::{Lang, Told};
use serde::Deserialize;

use super::{
    stage::{Differences, FactLine, Mother, NumberLine, Phone, PhoneLine, Seeker, Stage, StageError, Step},
    words::{Words, words},
};

/// The pages over one stage. The demo has one viewer, so what was last said is kept once.
pub struct Pages<S> {
    stage: Arc<S>,
    said: Mutex<Option<String>>,
    differences: Mutex<Option<Differences>>,
}

type Shared<S> = Arc<Pages<S>>;

/// The routes of the demo's pages.
pub fn router<S: Stage>(stage: Arc<S>) -> Router {
    let pages = Arc::new(Pages { stage, said: Mutex::default(), differences: Mutex::default() });
    Router::new()
        .route("/", get(phones::<S>).post(search::<S>))
        .route("/phones.css", get(style))
        .route("/lang/{lang}", get(choose_language))
        .route("/clock", post(clock::<S>))
        .route("/phone/{id}", get(phone::<S>).post(write::<S>))
        .route("/phone/{id}/thread", get(thread::<S>))
        .route("/phone/{id}/cases", get(cases::<S>))
        .route("/phone/{id}/why/{right}", get(why::<S>))
        .route("/file/{id}", get(file::<S>))
        .route("/happen", get(happen::<S>))
        .route("/happen/mothers", get(happen::<S>).post(mothers::<S>))
        .route("/happen/birth", post(birth::<S>))
        .route("/happen/unemployed", post(unemployed::<S>))
        .route("/happen/correct", post(correct::<S>))
        .route("/happen/silence", post(silence::<S>))
        .route("/happen/event", post(tell::<S>))
        .route("/happen/reform", post(reform::<S>))
        .with_state(pages)
}

/// What every page shows around its own part.
struct Around {
    lang: Lang,
    w: &'static Words,
    now: String,
    said: Option<String>,
}

impl<S: Stage> Pages<S> {
    fn around(&self, headers: &HeaderMap) -> Around {
        let lang = language(headers);
        let now = self.stage.now();
        let (hour, minute) = now.time_of_day();
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).take();
        Around { lang, w: words(lang), now: format!("{} {hour:02}:{minute:02}", now.day()), said }
    }

    fn say(&self, text: impl Into<String>) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.into());
    }

    /// Says what went wrong, or shows the differences that came out.
    fn show(&self, outcome: Result<Differences, StageError>) {
        match outcome {
            Ok(found) => {
                *self.differences.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            }
            Err(error) => self.say(error.to_string()),
        }
    }
}

/// The language of the viewer: the choice in the cookie, else Kazakh.
fn language(headers: &HeaderMap) -> Lang {
    let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    cookies
        .split("; ")
        .find_map(|pair| pair.strip_prefix("lang="))
        .and_then(|code| code.parse().ok())
        .unwrap_or_default()
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Template)]
#[template(path = "phones.html")]
struct PhonesPage {
    lang: Lang,
    langs: [Lang; 3],
    w: &'static Words,
    now: String,
    said: Option<String>,
    funnel: Vec<(String, u64)>,
    search: String,
    lines: Vec<PhoneLine>,
    page: usize,
    pages: usize,
}

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage {
    lang: Lang,
    langs: [Lang; 3],
    w: &'static Words,
    now: String,
    said: Option<String>,
    phone: Phone,
}

#[derive(Template)]
#[template(path = "thread.html")]
struct ThreadPart {
    w: &'static Words,
    phone: Phone,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPart {
    w: &'static Words,
    phone: Phone,
}

#[derive(Template)]
#[template(path = "why.html")]
struct WhyPage {
    lang: Lang,
    langs: [Lang; 3],
    w: &'static Words,
    now: String,
    said: Option<String>,
    phone: u64,
    told: Told,
}

#[derive(Template)]
#[template(path = "file.html")]
struct FilePage {
    lang: Lang,
    langs: [Lang; 3],
    w: &'static Words,
    now: String,
    said: Option<String>,
    files: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "happen.html")]
struct HappenPage {
    lang: Lang,
    langs: [Lang; 3],
    w: &'static Words,
    now: String,
    said: Option<String>,
    search: String,
    mothers: Vec<Mother>,
    seekers: Vec<Seeker>,
    facts: Vec<FactLine>,
    registries: Vec<(String, String)>,
    numbers: Vec<NumberLine>,
    differences: Option<Differences>,
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../templates/phones.css"))
}

async fn choose_language(Path(lang): Path<String>, headers: HeaderMap) -> Response {
    let Ok(lang) = lang.parse::<Lang>() else { return StatusCode::NOT_FOUND.into_response() };
    ([(header::SET_COOKIE, format!("lang={lang}; Path=/; SameSite=Lax"))], Redirect::to(&back(&headers)))
        .into_response()
}

/// The page that the viewer came from, as a path of ours: nobody is sent to another host.
fn back(headers: &HeaderMap) -> String {
    let from = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    format!("/{}", path.trim_start_matches(['/', '\\']))
}

#[derive(Deserialize)]
struct PageQuery {
    #[serde(default)]
    page: Option<usize>,
}

#[derive(Deserialize)]
struct SearchForm {
    search: String,
}

async fn phones<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> Response {
    list(&pages, &headers, "", query.page.unwrap_or(1))
}

async fn search<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<SearchForm>,
) -> Response {
    list(&pages, &headers, &form.search, 1)
}

fn list<S: Stage>(pages: &Pages<S>, headers: &HeaderMap, search: &str, number: usize) -> Response {
    let Around { lang, w, now, said } = pages.around(headers);
    let found = pages.stage.phones(search, number.max(1));
    page(&PhonesPage {
        lang,
        langs: Lang::ALL,
        w,
        now,
        said,
        funnel: pages.stage.funnel(lang),
        search: search.to_owned(),
        lines: found.lines,
        page: number.max(1),
        pages: found.pages,
    })
}

#[derive(Deserialize)]
struct ClockForm {
    step: String,
}

async fn clock<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<ClockForm>,
) -> Response {
    let step = match form.step.as_str() {
        "hour" => Step::Hour,
        "day" => Step::Day,
        "pay_day" => Step::PayDay,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    if let Err(error) = blocking(&pages, move |stage| stage.advance(step)).await {
        pages.say(error.to_string());
    }
    Redirect::to(&back(&headers)).into_response()
}

async fn phone<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Path(id): Path<u64>,
) -> Response {
    let Around { lang, w, now, said } = pages.around(&headers);
    match pages.stage.phone(id, lang) {
        Some(phone) => page(&PhonePage { lang, langs: Lang::ALL, w, now, said, phone }),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn thread<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Path(id): Path<u64>,
) -> Response {
    let lang = language(&headers);
    match pages.stage.phone(id, lang) {
        Some(phone) => page(&ThreadPart { w: words(lang), phone }),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn cases<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Path(id): Path<u64>,
) -> Response {
    let lang = language(&headers);
    match pages.stage.phone(id, lang) {
        Some(phone) => page(&CasesPart { w: words(lang), phone }),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct WriteForm {
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    text: String,
}

async fn write<S: Stage>(
    State(pages): State<Shared<S>>,
    Path(id): Path<u64>,
    Form(form): Form<WriteForm>,
) -> Response {
    let text = form.key.unwrap_or(form.text);
    if let Err(error) = blocking(&pages, move |stage| stage.write(id, &text)).await {
        pages.say(error.to_string());
    }
    Redirect::to(&format!("/phone/{id}")).into_response()
}

async fn why<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Path((id, right)): Path<(u64, u64)>,
) -> Response {
    let Around { lang, w, now, said } = pages.around(&headers);
    match pages.stage.why(id, right, lang) {
        Some(told) => page(&WhyPage { lang, langs: Lang::ALL, w, now, said, phone: id, told }),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn file<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let Around { lang, w, now, said } = pages.around(&headers);
    let files = pages.stage.file(&id);
    if files.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    page(&FilePage { lang, langs: Lang::ALL, w, now, said, files })
}

async fn happen<S: Stage>(State(pages): State<Shared<S>>, headers: HeaderMap) -> Response {
    happen_page(&pages, &headers, "")
}

async fn mothers<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<SearchForm>,
) -> Response {
    happen_page(&pages, &headers, &form.search)
}

fn happen_page<S: Stage>(pages: &Pages<S>, headers: &HeaderMap, search: &str) -> Response {
    let Around { lang, w, now, said } = pages.around(headers);
    let stage = &pages.stage;
    page(&HappenPage {
        lang,
        langs: Lang::ALL,
        w,
        now,
        said,
        search: search.to_owned(),
        mothers: stage.mothers(search),
        seekers: stage.seekers(),
        facts: stage.facts(lang),
        registries: stage.registries(lang),
        numbers: stage.numbers(lang),
        differences: pages.differences.lock().unwrap_or_else(PoisonError::into_inner).take(),
    })
}

#[derive(Deserialize)]
struct BirthForm {
    mother: u64,
}

async fn birth<S: Stage>(State(pages): State<Shared<S>>, Form(form): Form<BirthForm>) -> Response {
    rings(&pages, blocking(&pages, move |stage| stage.birth(form.mother)).await)
}

#[derive(Deserialize)]
struct SeekerForm {
    seeker: u64,
}

async fn unemployed<S: Stage>(State(pages): State<Shared<S>>, Form(form): Form<SeekerForm>) -> Response {
    rings(&pages, blocking(&pages, move |stage| stage.unemployed(form.seeker)).await)
}

/// On to the phone that will ring.
fn rings<S: Stage>(pages: &Pages<S>, phone: Result<Option<u64>, StageError>) -> Response {
    let to = match phone {
        Ok(Some(phone)) => format!("/phone/{phone}"),
        Ok(None) => "/happen".to_owned(),
        Err(error) => {
            pages.say(error.to_string());
            "/happen".to_owned()
        }
    };
    Redirect::to(&to).into_response()
}

#[derive(Deserialize)]
struct CorrectForm {
    fact: u64,
}

async fn correct<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<CorrectForm>,
) -> Response {
    let lang = language(&headers);
    let said = blocking(&pages, move |stage| stage.correct(form.fact, lang)).await;
    pages.say(said.unwrap_or_else(|error| error.to_string()));
    Redirect::to("/happen").into_response()
}

#[derive(Deserialize)]
struct SilenceForm {
    registry: String,
}

async fn silence<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<SilenceForm>,
) -> Response {
    let lang = language(&headers);
    pages.show(blocking(&pages, move |stage| stage.silence(&form.registry, lang)).await);
    Redirect::to("/happen").into_response()
}

#[derive(Deserialize)]
struct EventForm {
    event: String,
}

async fn tell<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<EventForm>,
) -> Response {
    let lang = language(&headers);
    let said = blocking(&pages, move |stage| stage.tell(&form.event, lang)).await;
    pages.say(said.unwrap_or_else(|error| error.to_string()));
    Redirect::to("/happen").into_response()
}

#[derive(Deserialize)]
struct ReformForm {
    number: String,
    value: String,
}

async fn reform<S: Stage>(
    State(pages): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<ReformForm>,
) -> Response {
    let lang = language(&headers);
    pages.show(blocking(&pages, move |stage| stage.reform(&form.number, &form.value, lang)).await);
    Redirect::to("/happen").into_response()
}

/// Long work leaves the threads that serve pages alone.
async fn blocking<S: Stage, T: Send + 'static>(
    pages: &Shared<S>,
    work: impl FnOnce(&S) -> Result<T, StageError> + Send + 'static,
) -> Result<T, StageError> {
    let stage = Arc::clone(&pages.stage);
    tokio::task::spawn_blocking(move || work(&stage))
        .await
        .unwrap_or_else(|_| Err(StageError("the work was interrupted".to_owned())))
}
