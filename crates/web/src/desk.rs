mod awards;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use askama::Template;
use axum::{
    Router,
    extract::{Form, Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use card::{AccountId, Actor, Lang, Moment, Month, PersonId, Tenge, Ternary, Told};
use serde::Deserialize;
use service::{
    CallerAnswer, Permission, Service, ServiceError, Store,
    view::{FoundPerson, PersonCard, RunLine, TaskLine, UnknownThread},
};

use crate::{
    officers::Officers,
    words::{Words, words},
};

struct Desk<S> {
    service: Arc<Service<S>>,
    officers: Officers,
    /// What each official is told on their next page.
    said: Mutex<HashMap<usize, Said>>,
    /// Why each official looks at each person: given at the search, entered with every look.
    reasons: Mutex<HashMap<(usize, PersonId), String>>,
}

type Shared<S> = Arc<Desk<S>>;

/// The routes of the officials' pages.
pub fn router<S: Store>(service: Arc<Service<S>>, officers: Officers) -> Router {
    let desk = Desk { service, officers, said: Mutex::default(), reasons: Mutex::default() };
    Router::new()
        .route("/desk", get(search::<S>).post(find::<S>))
        .route("/desk.css", get(style))
        .route("/officer", post(choose_officer))
        .route("/desk/{person}", get(person::<S>).post(give_reason::<S>))
        .route("/desk/{person}/why/{measure}/{subject}", get(why::<S>))
        .route("/desk/{person}/answer", post(answer::<S>))
        .route("/desk/{person}/account", post(name_account::<S>))
        .route("/desk/{person}/decide", post(decide::<S>))
        .route("/desk/{person}/dispute", post(dispute::<S>))
        .route("/desk/{person}/recover", post(recover::<S>))
        .route("/runs", get(runs::<S>).post(act_on_runs::<S>))
        .route("/tasks", get(tasks::<S>).post(finish::<S>))
        .route("/tasks/{task}", get(unknown_number::<S>))
        .route("/quarantine", get(quarantine::<S>))
        .merge(awards::routes())
        .with_state(Arc::new(desk))
}

/// What a page says of the form that was sent before it.
enum Said {
    Done(&'static str),
    Moved(String),
    Refused(String),
}

/// What every page shows around its own part.
struct Around {
    lang: Lang,
    langs: [Lang; 3],
    w: &'static Words,
    officers: Vec<String>,
    officer: usize,
    actor: Actor,
    said: Option<Said>,
}

impl Around {
    /// Is it worth to show a way to do it? Whether it is done is up to the use case.
    fn may(&self, what: Permission) -> bool {
        what.is_given_to(&self.actor)
    }

    /// A moment as people write it.
    fn time(&self, at: Moment) -> String {
        let ((year, month, day), (hour, minute)) = (at.day().ymd(), at.time_of_day());
        match self.lang {
            Lang::En => format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}"),
            Lang::Kk | Lang::Ru => format!("{day:02}.{month:02}.{year} {hour:02}:{minute:02}"),
        }
    }
}

/// How a page shows whether something holds; the words beside it say the same.
const fn class(holds: Ternary) -> &'static str {
    match holds {
        Ternary::Yes => "holds",
        Ternary::No => "fails",
        Ternary::Unknown => "unknown",
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(header::COOKIE)?.to_str().ok()?.split("; ").find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    })
}

fn language(headers: &HeaderMap) -> Lang {
    cookie(headers, "lang").and_then(|code| code.parse().ok()).unwrap_or_default()
}

fn position(headers: &HeaderMap) -> usize {
    cookie(headers, "officer").and_then(|at| at.parse().ok()).unwrap_or_default()
}

impl<S> Desk<S> {
    fn around(&self, headers: &HeaderMap) -> Around {
        let lang = language(headers);
        Around {
            lang,
            langs: Lang::ALL,
            w: words(lang),
            officers: self.officers.menu(words(lang)),
            officer: position(headers),
            actor: self.actor(headers),
            said: self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(&position(headers)),
        }
    }

    fn actor(&self, headers: &HeaderMap) -> Actor {
        self.officers.at(position(headers))
    }

    fn say(&self, headers: &HeaderMap, said: Said) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(position(headers), said);
    }

    fn reason(&self, headers: &HeaderMap, person: PersonId) -> Option<String> {
        let reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.get(&(position(headers), person)).cloned()
    }
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A refusal is shown on the page that it belongs to.
fn refused<S>(desk: &Desk<S>, headers: &HeaderMap, error: &ServiceError, to: &str) -> Response {
    desk.say(headers, Said::Refused(words(language(headers)).refusal(error)));
    Redirect::to(to).into_response()
}

#[derive(Template)]
#[template(path = "desk.html")]
struct SearchPage {
    a: Around,
    query: String,
    found: Option<Vec<FoundPerson>>,
}

#[derive(Template)]
#[template(path = "desk_reason.html")]
struct ReasonPage {
    a: Around,
    person: PersonId,
}

#[derive(Template)]
#[template(path = "desk_person.html")]
struct PersonPage {
    a: Around,
    p: PersonCard,
}

#[derive(Template)]
#[template(path = "desk_why.html")]
struct WhyPage {
    a: Around,
    person: PersonId,
    told: Told,
}

#[derive(Template)]
#[template(path = "desk_runs.html")]
struct RunsPage {
    a: Around,
    runs: Vec<RunLine>,
}

#[derive(Template)]
#[template(path = "desk_tasks.html")]
struct TasksPage {
    a: Around,
    tasks: Vec<TaskLine>,
}

#[derive(Template)]
#[template(path = "desk_unknown.html")]
struct UnknownPage {
    a: Around,
    unknown: UnknownThread,
}

#[derive(Template)]
#[template(path = "desk_quarantine.html")]
struct QuarantinePage {
    a: Around,
    lines: Vec<(String, String)>,
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../templates/desk.css"))
}

#[derive(Deserialize)]
struct OfficerForm {
    officer: usize,
}

async fn choose_officer(Form(form): Form<OfficerForm>) -> Response {
    let chosen = format!("officer={}; Path=/; SameSite=Lax", form.officer);
    ([(header::SET_COOKIE, chosen)], Redirect::to("/desk")).into_response()
}

async fn search<S: Store>(State(desk): State<Shared<S>>, headers: HeaderMap) -> Response {
    page(&SearchPage { a: desk.around(&headers), query: String::new(), found: None })
}

#[derive(Deserialize)]
struct FindForm {
    query: String,
    reason: String,
}

async fn find<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<FindForm>,
) -> Response {
    let reason = listed(&form.reason);
    match desk.service.find(&desk.actor(&headers), &form.query, reason) {
        Ok(found) => {
            let mut reasons = desk.reasons.lock().unwrap_or_else(PoisonError::into_inner);
            for person in &found {
                reasons.insert((position(&headers), person.person), reason.to_owned());
            }
            drop(reasons);
            page(&SearchPage { a: desk.around(&headers), query: form.query, found: Some(found) })
        }
        Err(error) => refused(&desk, &headers, &error, "/desk"),
    }
}

async fn person<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path(person): Path<u64>,
) -> Response {
    let person = PersonId(person);
    let Some(reason) = desk.reason(&headers, person) else {
        return page(&ReasonPage { a: desk.around(&headers), person });
    };
    match desk.service.card(&desk.actor(&headers), person, &reason, language(&headers)) {
        Ok(card) => page(&PersonPage { a: desk.around(&headers), p: card }),
        Err(error) => refused(&desk, &headers, &error, "/desk"),
    }
}

#[derive(Deserialize)]
struct ReasonForm {
    reason: String,
}

/// Whoever comes from a task or by an address says why, as at the search.
async fn give_reason<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path(person): Path<u64>,
    Form(form): Form<ReasonForm>,
) -> Response {
    let reason = listed(&form.reason);
    if !reason.is_empty() {
        let mut reasons = desk.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.insert((position(&headers), PersonId(person)), reason.to_owned());
    }
    Redirect::to(&format!("/desk/{person}")).into_response()
}

/// A reason that the pages list; what else a form brings is none.
fn listed(reason: &str) -> &'static str {
    words(Lang::En).reasons.iter().find(|(key, _)| *key == reason).map_or("", |(key, _)| key)
}

async fn why<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path((person, measure, subject)): Path<(u64, String, u64)>,
) -> Response {
    let person = PersonId(person);
    let Some(reason) = desk.reason(&headers, person) else {
        return Redirect::to("/desk").into_response();
    };
    let actor = desk.actor(&headers);
    match desk.service.why(&actor, person, &measure, PersonId(subject), &reason, language(&headers)) {
        Ok(told) => page(&WhyPage { a: desk.around(&headers), person, told }),
        Err(error) => refused(&desk, &headers, &error, &format!("/desk/{person}")),
    }
}

#[derive(Deserialize)]
struct AnswerForm {
    right: u64,
    answer: String,
    account: Option<u64>,
    #[serde(default)]
    recording: String,
}

async fn answer<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path(person): Path<u64>,
    Form(form): Form<AnswerForm>,
) -> Response {
    let to = format!("/desk/{person}");
    if desk.reason(&headers, PersonId(person)).is_none() {
        return Redirect::to(&to).into_response();
    }
    let answer = match form.answer.as_str() {
        "accept" => CallerAnswer::Accept { account: form.account.map(AccountId), recording: form.recording },
        "refuse" => CallerAnswer::Refuse,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let actor = desk.actor(&headers);
    done(&desk, &headers, desk.service.answer_for_caller(&actor, PersonId(person), form.right, answer), &to)
}

#[derive(Deserialize)]
struct AccountForm {
    right: u64,
    account: u64,
}

async fn name_account<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path(person): Path<u64>,
    Form(form): Form<AccountForm>,
) -> Response {
    let to = format!("/desk/{person}");
    if desk.reason(&headers, PersonId(person)).is_none() {
        return Redirect::to(&to).into_response();
    }
    let (actor, account) = (desk.actor(&headers), AccountId(form.account));
    done(&desk, &headers, desk.service.name_account(&actor, PersonId(person), form.right, account), &to)
}

#[derive(Deserialize)]
struct DisputeForm {
    what: String,
}

async fn dispute<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path(person): Path<u64>,
    Form(form): Form<DisputeForm>,
) -> Response {
    let to = format!("/desk/{person}");
    if desk.reason(&headers, PersonId(person)).is_none() {
        return Redirect::to(&to).into_response();
    }
    done(&desk, &headers, desk.service.dispute(&desk.actor(&headers), PersonId(person), &form.what), &to)
}

async fn runs<S: Store>(State(desk): State<Shared<S>>, headers: HeaderMap) -> Response {
    match desk.service.runs(&desk.actor(&headers), language(&headers)) {
        Ok(runs) => page(&RunsPage { a: desk.around(&headers), runs }),
        Err(error) => refused(&desk, &headers, &error, "/desk"),
    }
}

#[derive(Deserialize)]
struct RunsForm {
    act: String,
    run: Option<u64>,
    /// What the page showed: the sum in tiyn, and the orders.
    sum: Option<i64>,
    orders: Option<u64>,
}

async fn act_on_runs<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<RunsForm>,
) -> Response {
    let actor = desk.actor(&headers);
    let done = match (form.act.as_str(), form.run) {
        ("prepare", None) => desk.service.prepare_runs(&actor),
        ("approve", Some(run)) => match (form.sum, form.orders) {
            (Some(sum), Some(orders)) => {
                desk.service.approve_run(&actor, run, (Tenge::from_tiyn(sum), orders))
            }
            _ => return StatusCode::BAD_REQUEST.into_response(),
        },
        ("discard", Some(run)) => desk.service.discard_run(&actor, run),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    match done {
        Ok(()) => Redirect::to("/runs").into_response(),
        Err(error) => refused(&desk, &headers, &error, "/runs"),
    }
}

#[derive(Deserialize)]
struct DecideForm {
    right: u64,
    decision: String,
}

async fn decide<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path(person): Path<u64>,
    Form(form): Form<DecideForm>,
) -> Response {
    let to = format!("/desk/{person}");
    let grants = match form.decision.as_str() {
        "grant" => true,
        "refuse" => false,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    if desk.reason(&headers, PersonId(person)).is_none() {
        return Redirect::to(&to).into_response();
    }
    done(
        &desk,
        &headers,
        desk.service.decide(&desk.actor(&headers), PersonId(person), form.right, grants),
        &to,
    )
}

#[derive(Deserialize)]
struct RecoverForm {
    right: u64,
    month: String,
    amount: String,
}

async fn recover<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path(person): Path<u64>,
    Form(form): Form<RecoverForm>,
) -> Response {
    let to = format!("/desk/{person}");
    if desk.reason(&headers, PersonId(person)).is_none() {
        return Redirect::to(&to).into_response();
    }
    let (Ok(month), Ok(amount)) = (form.month.parse::<Month>(), form.amount.trim().parse::<Tenge>()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let actor = desk.actor(&headers);
    done(&desk, &headers, desk.service.recover(&actor, PersonId(person), form.right, month, amount), &to)
}

/// Says that it is recorded, or why it was refused.
fn done<S>(desk: &Desk<S>, headers: &HeaderMap, outcome: Result<(), ServiceError>, to: &str) -> Response {
    match outcome {
        Ok(()) => {
            desk.say(headers, Said::Done(words(language(headers)).recorded));
            Redirect::to(to).into_response()
        }
        Err(error) => refused(desk, headers, &error, to),
    }
}

async fn tasks<S: Store>(State(desk): State<Shared<S>>, headers: HeaderMap) -> Response {
    match desk.service.tasks(&desk.actor(&headers), language(&headers)) {
        Ok(tasks) => page(&TasksPage { a: desk.around(&headers), tasks }),
        Err(error) => refused(&desk, &headers, &error, "/desk"),
    }
}

async fn unknown_number<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Path(task): Path<u64>,
) -> Response {
    match desk.service.unknown_number(&desk.actor(&headers), task, language(&headers)) {
        Ok(unknown) => page(&UnknownPage { a: desk.around(&headers), unknown }),
        Err(error) => refused(&desk, &headers, &error, "/tasks"),
    }
}

#[derive(Deserialize)]
struct TaskForm {
    task: u64,
}

async fn finish<S: Store>(
    State(desk): State<Shared<S>>,
    headers: HeaderMap,
    Form(form): Form<TaskForm>,
) -> Response {
    done(&desk, &headers, desk.service.finish_task(&desk.actor(&headers), form.task), "/tasks")
}

async fn quarantine<S: Store>(State(desk): State<Shared<S>>, headers: HeaderMap) -> Response {
    match desk.service.quarantine(&desk.actor(&headers)) {
        Ok(lines) => page(&QuarantinePage { a: desk.around(&headers), lines }),
        Err(error) => refused(&desk, &headers, &error, "/desk"),
    }
}
