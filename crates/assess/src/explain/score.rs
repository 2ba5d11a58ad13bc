//! Why a family has its level: direction by direction what was found, its points, and the rows behind
//! it. And the methodology as a page for people.

use card::{Circle, EnumId, Lang, Outcome, Points, Question, Scored, Sentence, Ternary, Told};
use law::{
    Constant, Indicator, Level, Pack, Score, ScoreExpectation,
    cases::Case,
    port::{AssessError, Names},
    tree::{Exact, ScoreId, Type},
};
use num_rational::Ratio;

use super::{
    Evidence,
    acts::articles,
    figures::number,
    gather::Gathering,
    page::{Page, cell, titled},
    phrases as say,
    render::Rendering,
};
use crate::{
    engine::{Engine, run},
    facts::Facts,
    free::ternary,
    kept::Kept,
    lower::{Found, Is, Reach},
    score::scored,
    types::{ENDLESS, End, NEVER},
};

/// Why a methodology says of a subject what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreExplanation {
    /// The edition.
    pub score: ScoreId,
    /// The answer.
    pub scored: Scored,
    /// By direction: its indicators.
    pub directions: Vec<Vec<IndicatorRead>>,
}

/// What was found of an indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorRead {
    /// What was found.
    pub found: Looked,
    /// Its points.
    pub points: Points,
    /// What that rests on.
    pub evidence: Evidence,
}

/// What an indicator found, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Whether it is so.
    Truth(Ternary),
    /// The least and the most; no end where there is none.
    Number(Option<Exact>, Option<Exact>),
    /// The values that are possible, as bits.
    OneOf(EnumId, u64),
}

impl Engine {
    /// Explains the points of one subject: the same columns that count, all of them kept. `open_words` as
    /// in [`Engine::explain`].
    pub fn explain_score(
        &self,
        pack: &Pack,
        id: ScoreId,
        question: Question,
        circle: &Circle,
        open_words: bool,
    ) -> Result<ScoreExplanation, AssessError> {
        let asked = Some(question.asked_on);
        let plan = self.scoring(pack, id, question.day, asked, Reach::AllRows, Some(open_words))?;
        let facts = Facts::of_circles(pack, &[circle]);
        let columns = run(&plan, &facts, &[question], true)?;
        let score = pack.score_at(id);
        let scored = scored(score, &plan, &columns, &facts, question)?;
        let kept = Kept { graph: &plan.graph, columns: &columns, facts: &facts };
        let gathering = Gathering { kept, circle, measure: &score.name };
        let read = |((found, indicator), points): ((&Found, &Indicator), &Points)| {
            let evidence = gathering.evidence(found.points, &found.lists)?;
            let found = looked(kept, found, &indicator.on.ty);
            Ok(IndicatorRead { found, points: *points, evidence })
        };
        let indicators = plan.outputs.directions.iter().zip(&score.directions).zip(&scored.points);
        let directions: Result<_, AssessError> = indicators
            .map(|((found, direction), points)| {
                found.iter().zip(&direction.indicators).zip(points).map(read).collect()
            })
            .collect();
        Ok(ScoreExplanation { score: id, directions: directions?, scored })
    }
}

fn looked(kept: Kept, found: &Found, ty: &Type) -> Looked {
    let Some(node) = found.node() else { return Looked::Truth(Ternary::Unknown) };
    let at = kept.element(node, 0);
    match (&found.on.is, ty) {
        (Is::Truth(_), _) => Looked::Truth(ternary(kept.bits(node, 0))),
        (Is::Enum(_), Type::Enum(id)) => Looked::OneOf(*id, kept.column(node).sets()[at]),
        (Is::Ratio(_), _) => {
            let (lo, hi) = kept.column(node).ratios().at(at);
            let end = |end| if let End::At(ratio) = end { Some(ratio) } else { None };
            Looked::Number(end(lo), end(hi))
        }
        (Is::Number(number), _) => {
            let (lo, hi) = kept.column(node).ints().at(at);
            let end = |end| (end != NEVER && end != ENDLESS).then(|| Ratio::new(end, number.den));
            Looked::Number(end(lo), end(hi))
        }
        _ => Looked::Truth(Ternary::Unknown),
    }
}

/// Says an explanation in a language, as [`super::render`] does.
pub fn render_score(pack: &Pack, explanation: &ScoreExplanation, lang: Lang, names: Names) -> Told {
    let score = pack.score_at(explanation.score);
    let scored = &explanation.scored;
    let mut rendering = Rendering::new(pack, &score.lets, lang, names);
    let title = rendering.title(&score.title, &score.name);
    let named = |name: &String| score.levels.iter().find(|level| level.name == *name);
    let levels: Vec<&Level> = scored.levels.iter().filter_map(named).collect();
    let day = scored.question.day;
    let mut told = Vec::new();
    match levels[..] {
        [] => told
            .push(Sentence::new(format!("{title}: {} ({day})", say::outcome(Outcome::NotConcerned, lang)))),
        [level] => {
            let name = rendering.title(&level.title, &level.name);
            told.push(Sentence::new(format!("{title}: {} {name} ({day})", say::level(lang))));
            told.push(Sentence::new(level.told.get(lang)));
        }
        _ => {
            let names: Vec<String> =
                levels.iter().map(|level| rendering.title(&level.title, &level.name)).collect();
            let text = format!("{title}: {}: {} ({day})", say::possible_levels(lang), names.join(", "));
            let under = scored.missing.iter().map(|missing| rendering.owed(missing)).collect();
            told.push(Sentence { holds: Some(Ternary::Unknown), text, under });
        }
    }
    if !levels.is_empty() {
        let sum = format!("{}: {}", say::points(lang), in_words(scored.sum()));
        told.push(Sentence::new(rendering.with_articles(sum, &score.sources)));
        told.push(Sentence::new(format!(
            "{}: {}",
            say::how_sure(lang),
            say::standing(scored.standing, lang)
        )));
        told.push(Sentence::new(say::decides_nothing(lang)));
    }
    for (direction, read) in score.directions.iter().zip(&explanation.directions) {
        let sum: Points = read.iter().map(|one| one.points).sum();
        let title = rendering.title(&direction.title, &direction.name);
        let indicators = direction.indicators.iter().zip(read);
        let under = indicators.map(|(one, read)| indicator(&mut rendering, one, read, lang)).collect();
        told.push(Sentence { under, ..Sentence::new(format!("{title}: {}", in_words(sum))) });
    }
    Told(told)
}

fn indicator(rendering: &mut Rendering, one: &Indicator, read: &IndicatorRead, lang: Lang) -> Sentence {
    let title = rendering.title(&one.title, &one.name);
    let found = match &read.found {
        Looked::Truth(value) => say::ternary(*value, lang).to_owned(),
        Looked::Number(lo, hi) => match (lo, hi) {
            (Some(lo), Some(hi)) if lo == hi => rounded(*lo),
            (Some(lo), Some(hi)) => format!("{} … {}", rounded(*lo), rounded(*hi)),
            (Some(lo), None) => format!("{} {}", rounded(*lo), say::and_more(lang)),
            _ => say::not_known(lang).to_owned(),
        },
        Looked::OneOf(id, set) => {
            let values = rendering.pack().schema.enumeration(*id);
            let possible = (0..values.values.len()).filter(|value| set >> value & 1 == 1);
            let named = possible.map(|value| rendering.title(&values.titles[value], &values.values[value]));
            named.collect::<Vec<_>>().join(", ")
        }
    };
    let points = in_words(read.points);
    let holds = read.points.point().is_none().then_some(Ternary::Unknown);
    Sentence {
        holds,
        text: format!("{title}: {found} → {points}"),
        under: rendering.evidence(&read.evidence),
    }
}

/// To two places: what is found is shown to be understood, and compared exactly.
fn rounded(exact: Exact) -> String {
    let hundred = Exact::from_integer(100);
    number((exact * hundred).round() / hundred)
}

/// `+50`, `−50 … 100`.
fn in_words(points: Points) -> String {
    let signed = |points: i64| {
        let sign = if points > 0 { "+" } else { "" };
        format!("{sign}{}", number(Exact::from_integer(points.into())))
    };
    match points.point() {
        Some(point) => signed(point),
        None => format!("{} … {}", signed(points.lo), signed(points.hi)),
    }
}

/// The file of the page of an edition, in which names and dates are apart.
pub(super) fn name_of_score(score: &Score) -> String {
    format!("{}-{}.md", score.name, score.in_force.0)
}

/// The page of an edition of a methodology in a language, and its name.
pub fn page_of_score(pack: &Pack, id: ScoreId, lang: Lang) -> (String, String) {
    let score = pack.score_at(id);
    let mut page = Page::new(pack, &score.lets, lang);
    page.line(&format!("# {}\n\n{}\n", titled(&score.title, &score.name, lang), say::generated(lang)));
    let (from, until) = score.in_force;
    let until = until.map_or(String::new(), |until| format!(" {} {until}", say::until(lang)));
    page.line("| | |\n|---|---|");
    page.line(&format!("| {} | {} |", say::concerned(lang), cell(&page.subject(&score.subject))));
    page.line(&format!("| {} | {} {from}{until} |", say::edition(lang), say::since(lang)));
    let written_in = articles(pack, &score.sources, lang);
    page.line(&format!("| {} | {} |", say::written_in(lang), cell(&written_in)));
    page.line(&format!("\n{}", say::decides_nothing(lang)));
    levels(&mut page, score);
    for direction in &score.directions {
        let title = page.title(&direction.title, &direction.name);
        page.part(&title);
        for one in &direction.indicators {
            points(&mut page, one);
        }
    }
    let named = pack.named_by_score(id);
    page.words(&named);
    let tables: Vec<_> = score.indicators().map(|one| one.points).collect();
    let numbers: Vec<_> = named.parameters.iter().copied().filter(|id| !tables.contains(id)).collect();
    page.numbers(&numbers);
    cases(&mut page, score);
    (name_of_score(score), page.text)
}

fn levels(page: &mut Page, score: &Score) {
    let lang = page.lang;
    page.part(say::levels(lang));
    page.line(&format!("| {} | {} | |\n|---|---|---|", say::level(lang), say::points(lang)));
    for level in &score.levels {
        let title = page.title(&level.title, &level.name);
        let points = page.test(&Type::Integer, &level.points);
        page.line(&format!("| {} | {} | {} |", cell(&title), cell(&points), cell(level.told.get(lang))));
    }
}

fn points(page: &mut Page, one: &Indicator) {
    let lang = page.lang;
    let title = page.title(&one.title, &one.name);
    let (read, articles) = (page.read(&one.on), page.articles(&one.sources));
    page.line(&format!("### {title}\n\n{}: {read}.{articles}\n", say::looks_at(lang)));
    let parameter = page.pack.parameter(one.points);
    for step in &parameter.steps {
        let sure = say::standing(step.standing, lang);
        page.line(&format!("| {} | {} ({sure}) |\n|---|---|", say::found(lang), say::points(lang)));
        for entry in &step.entries {
            let tests = parameter.keys.iter().zip(&entry.tests).map(|(ty, test)| page.test(ty, test));
            let found = tests.collect::<Vec<_>>().join(", ");
            if let Constant::Number(points) = entry.value {
                page.line(&format!("| {} | {} |", cell(&found), number(points)));
            }
        }
        page.line("");
    }
}

fn cases(page: &mut Page, score: &Score) {
    let lang = page.lang;
    page.part(say::cases(lang));
    let head = [say::case(lang), say::the_day(lang), say::expected(lang), say::the_source(lang)];
    page.line(&format!("| {} |\n|---|---|---|---|", head.join(" | ")));
    for case in &score.cases {
        let (name, source) = (cell(&case.name), cell(&case.source));
        let expected = cell(&expected(page, score, case));
        page.line(&format!("| {name} | {} | {expected} | {source} |", case.day));
    }
}

fn expected(page: &Page, score: &Score, case: &Case<ScoreExpectation>) -> String {
    let expect = &case.expect;
    let ends = |(lo, hi): (i64, i64)| in_words(Points { lo, hi });
    let mut all = Vec::new();
    if let Some(levels) = &expect.levels {
        let named = score.levels.iter().filter(|level| levels.contains(&level.name));
        let named: Vec<String> = named.map(|level| page.title(&level.title, &level.name)).collect();
        let nobody = say::outcome(Outcome::NotConcerned, page.lang);
        all.push(if named.is_empty() { nobody.to_owned() } else { named.join(", ") });
    }
    all.extend(expect.points.map(|points| format!("{}: {}", say::points(page.lang), ends(points))));
    for (name, points) in &expect.indicators {
        let one = score.indicators().find(|one| one.name == *name);
        let title = one.map_or_else(|| name.clone(), |one| page.title(&one.title, &one.name));
        all.push(format!("{title}: {}", ends(*points)));
    }
    all.join("; ")
}
