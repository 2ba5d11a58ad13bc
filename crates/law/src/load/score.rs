//! Methodologies: indicators with their points, and the levels that sums of points give.

use card::Standing;

use super::{
    Loading,
    facts::start_of,
    form::{Form, Read},
    fresh,
    numbers::standing,
    place_of,
    proof::{CaseReader, Persons, one_of},
};
use crate::{
    check::{self, Scope},
    pack::{Constant, Entry, KeyTest, Pack, Parameter, Step},
    score::{Direction, Indicator, Level, Score, ScoreExpectation},
    tree::{Exact, ParameterId, Type},
    yaml::{Node, Problem, Scalar, Value},
};

/// What an edition says of all its indicators, unless they say it themselves.
struct Edition {
    from: card::Date,
    /// The owner of its tables: no expression is read under that name, so none can name one.
    tables: String,
    sources: Vec<String>,
    standing: Option<Standing>,
}

impl<'a> Loading<'a> {
    /// The numbers of a methodology that its expressions name.
    pub(super) fn score_parameters(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let owner = owner(&form)?;
        for (name, node) in form.entries("parameters")? {
            let read = self.parameter(name, node, Some(&owner));
            self.note_named(&name.text, read);
        }
        Ok(())
    }

    /// All editions of all methodologies; the next one ends the one before it.
    pub(super) fn scores(&mut self, nodes: &[&'a Node]) -> Vec<Score> {
        let mut scores: Vec<Score> = Vec::new();
        for node in nodes {
            let read = self.score(node, &scores);
            scores.extend(self.note_value(read));
        }
        scores.sort_by(|a, b| (&a.name, a.in_force.0).cmp(&(&b.name, b.in_force.0)));
        for at in 1..scores.len() {
            if scores[at - 1].name == scores[at].name {
                scores[at - 1].in_force.1 = Some(scores[at].in_force.0);
            }
        }
        scores
    }

    fn score(&mut self, node: &'a Node, others: &[Score]) -> Read<Score> {
        let form = Form::of(node)?;
        let scalar = form.need("score")?.scalar()?;
        let name = scalar.name()?.to_owned();
        fresh(scalar, self.measure_names.contains(&name))?;
        let edition = form.need("edition")?.scalar()?;
        let from = edition.date()?;
        fresh(edition, others.iter().any(|other| other.name == name && other.in_force.0 == from))?;
        let title = self.title(&form)?;
        let sources = self.sources_needed(&form)?;
        let owner = owner(&form)?;
        let tables = format!("points of {owner}");
        let whole = Edition { from, tables, sources: sources.clone(), standing: standing(&form)? };
        let subject = self.subject(form.need("subject")?.scalar()?)?;
        self.bench(&owner, &subject, form.entries("let")?);
        self.concerned(&form);
        let scope = self.book.measure_scope();
        let (mut directions, mut names) = (Vec::new(), Vec::new());
        for (name, node) in form.need("directions")?.entries()? {
            let read = self.direction(name, node, &scope, &whole, &mut names);
            directions.extend(self.note_value(read));
        }
        let levels = self.levels(form.need("levels")?)?;
        form.get("parameters");
        form.get("cases");
        if let Some(among) = form.get("among") {
            return Err(Problem::at(&among.place, "a methodology is about everybody of its subject")
                .mend("say whom it is about by the role of `subject`"));
        }
        self.close(&form)?;
        let lets = std::mem::take(&mut self.book.bench.lets);
        let (closure, in_force, cases) = (String::new(), (from, None), Vec::new());
        let mut score =
            Score { name, title, closure, in_force, subject, lets, directions, levels, sources, cases };
        for item in self.cases_of(&form) {
            let expects = |_: &CaseReader<'_>, node: &Node, persons: &mut Persons| {
                expectation(&score, &names, node, persons)
            };
            let read = self.case_reader().case(item, Some(&score.name), expects);
            score.cases.extend(self.note_value(read));
        }
        Ok(score)
    }

    fn direction(
        &mut self,
        name: &'a Scalar,
        node: &'a Node,
        scope: &Scope,
        whole: &Edition,
        names: &mut Vec<String>,
    ) -> Read<Direction> {
        let form = Form::of(node)?;
        let title = self.title(&form)?;
        let mut indicators = Vec::new();
        for (name, node) in form.need("indicators")?.entries()? {
            fresh(name, names.contains(&name.text))?;
            names.push(name.text.clone());
            let read = self.indicator(name, node, scope, whole);
            indicators.extend(self.note_value(read).flatten());
        }
        self.close(&form)?;
        Ok(Direction { name: name.name()?.to_owned(), title, indicators })
    }

    fn indicator(
        &mut self,
        name: &'a Scalar,
        node: &'a Node,
        scope: &Scope,
        whole: &Edition,
    ) -> Read<Option<Indicator>> {
        let form = Form::of(node)?;
        let key = name.name()?.to_owned();
        let title = self.title(&form)?;
        let on = form.need("on")?;
        let written = on.written(&self.book.sources, &mut self.book.problems);
        let sources = match self.sources(&form)? {
            own if own.is_empty() => whole.sources.clone(),
            own => own,
        };
        let Some(standing) = standing(&form)?.or(whole.standing) else {
            return Err(Problem::at(&name.place, "how sure are these points?")
                .mend("write `standing: confirmed`, `single_source` or `preliminary`"));
        };
        let points = form.need("points")?;
        self.close(&form)?;
        let [written] = &written[..] else {
            if written.is_empty() {
                return Ok(None);
            }
            return Err(Problem::at(&on.place, "an indicator has one form")
                .mend("write another edition where the methodology changed"));
        };
        let typed = self.book.named_after(&key, scope, std::slice::from_ref(written));
        let Some((mut on, ty)) = typed else { return Ok(None) };
        if let Type::Optional(_) = ty {
            return Err(Problem::at(&written.scalar.place, "this may be nothing, and nothing has no points")
                .mend("write `if exists(x) then … else …`"));
        }
        let Some((_, on)) = on.0.pop() else { return Ok(None) };
        let entries = self.table(points, &Type::Integer, std::slice::from_ref(&ty))?;
        let tests: Vec<&KeyTest> = entries.iter().map(|entry| &entry.tests[0]).collect();
        if let Some(gap) = self.gap(&tests, &ty, self.book.unsigned(&on)) {
            return Err(Problem::at(&start_of(points), format!("`{key}` has no points for {gap}"))
                .mend("add an entry: whatever may be has points, if only 0"));
        }
        let id = ParameterId(self.book.parameters.len() as u16);
        let step = Step { from: whole.from, entries, sources: sources.clone(), standing };
        self.book.parameters.push(Parameter {
            name: key.clone(),
            title: title.clone(),
            measure: Some(whole.tables.clone()),
            ty: Type::Integer,
            unit: None,
            keys: vec![ty],
            index: false,
            steps: vec![step],
        });
        Ok(Some(Indicator { name: key, title, on, points: id, sources }))
    }

    fn levels(&self, node: &'a Node) -> Read<Vec<Level>> {
        let mut levels: Vec<Level> = Vec::new();
        for (name, node) in node.entries()? {
            let form = Form::of(node)?;
            let (title, told) = (form.need("title")?.texts()?, form.need("told")?.texts()?);
            let scalar = form.need("points")?.scalar()?;
            let points = self.key_test(scalar, &Type::Integer)?;
            let entry = |test: &KeyTest| vec![test.clone()];
            if levels.iter().any(|other| super::numbers::overlap(&entry(&other.points), &entry(&points))) {
                return Err(Problem::at(&scalar.place, "two levels overlap")
                    .mend("let each sum of points fall into one level only"));
            }
            self.close(&form)?;
            levels.push(Level { name: name.name()?.to_owned(), title, told, points });
        }
        let tests: Vec<&KeyTest> = levels.iter().map(|level| &level.points).collect();
        if let Some(gap) = self.gap(&tests, &Type::Integer, false) {
            return Err(Problem::at(&start_of(node), format!("there is no level for {gap}"))
                .mend("let the levels reach each other"));
        }
        Ok(levels)
    }

    /// What falls into no entry of a table of one key, in words; `unsigned`: the key is never below zero.
    fn gap(&self, tests: &[&KeyTest], key: &Type, unsigned: bool) -> Option<String> {
        if tests.contains(&&KeyTest::Any) {
            return None;
        }
        match key {
            Type::Bool => {
                let missing = [true, false].into_iter().find(|value| !tests.contains(&&KeyTest::Is(*value)));
                missing.map(|value| format!("`{value}`"))
            }
            Type::Enum(id) => {
                let values = &self.book.schema.enumeration(*id).values;
                let named = |value: u16| {
                    tests.iter().any(|test| matches!(test, KeyTest::OneOf(values) if values.contains(&value)))
                };
                let missing = values.iter().zip(0..).find(|(_, value)| !named(*value));
                missing.map(|(name, _)| format!("`{name}`"))
            }
            Type::Integer => numbers_left(tests, unsigned, true),
            Type::Code => Some("any other code".into()),
            _ => numbers_left(tests, unsigned, false),
        }
    }

    /// Warns of points and levels of which no case tells.
    pub(super) fn scores_proved(&mut self, pack: &Pack, nodes: &[&'a Node]) {
        for score in &pack.scores {
            let told = |name: &str, points: i64| {
                let expects =
                    |(indicator, ends): &(String, (i64, i64))| indicator == name && *ends == (points, points);
                score.cases.iter().any(|case| case.expect.indicators.iter().any(expects))
            };
            let mut missing = Vec::new();
            for indicator in score.indicators() {
                let entries = pack.parameter(indicator.points).steps.iter().flat_map(|step| &step.entries);
                for points in entries.filter_map(points_of) {
                    if !told(&indicator.name, points) {
                        missing.push(format!("no case in which `{}` gives {points}", indicator.name));
                    }
                }
            }
            for level in &score.levels {
                let only = |levels: &Vec<String>| levels[..] == [level.name.clone()];
                if !score.cases.iter().any(|case| case.expect.levels.as_ref().is_some_and(only)) {
                    missing.push(format!("no case of level `{}`", level.name));
                }
            }
            let place = place_of(nodes, &["score"], &score.name);
            for message in missing {
                self.book.warnings.push(Problem::at(&place, message).mend("add one to `cases`"));
            }
        }
    }
}

/// Under which name the numbers and expressions of an edition are read.
fn owner(form: &Form<'_>) -> Read<String> {
    Ok(format!("{} of {}", form.text("score")?, form.text("edition")?))
}

fn points_of(entry: &Entry) -> Option<i64> {
    let Constant::Number(points) = &entry.value else { return None };
    i64::try_from(points.to_integer()).ok()
}

/// An end of a range, and whether it belongs; `None` is no limit.
type End = Option<(Exact, bool)>;

/// The first numbers of a line that no range covers, in words.
fn numbers_left(tests: &[&KeyTest], unsigned: bool, whole: bool) -> Option<String> {
    let one = Exact::from_integer(1);
    let mut ranges: Vec<(End, End)> = Vec::new();
    for test in tests {
        let KeyTest::Range(lo, hi) = test else { continue };
        ranges.push(if whole {
            // Of whole numbers both ends belong.
            let up = |(end, included): (Exact, bool)| {
                if included { end.ceil() } else { end.floor() + one }
            };
            let down = |(end, included): (Exact, bool)| {
                if included { end.floor() } else { end.ceil() - one }
            };
            (lo.map(|lo| (up(lo), true)), hi.map(|hi| (down(hi), true)))
        } else {
            (*lo, *hi)
        });
    }
    ranges.sort_by_key(|(lo, _)| lo.map(|(end, included)| (end, !included)));
    // All below `reached` is covered, and `reached` itself unless it is wanted.
    let mut reached = unsigned.then(|| (Exact::from_integer(0), true));
    for (lo, hi) in ranges {
        let joins = match (lo, reached) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((lo, included)), Some((at, wanted))) => lo < at || (lo == at && (included || !wanted)),
        };
        if !joins {
            break;
        }
        let (hi, included) = hi?;
        let next = if whole { (hi + one, true) } else { (hi, !included) };
        reached = Some(match reached {
            Some(before) if before.0 > next.0 || (before.0 == next.0 && !before.1) => before,
            _ => next,
        });
    }
    Some(match reached {
        None => "the smallest numbers".into(),
        Some((at, true)) => format!("{at} and what follows"),
        Some((at, false)) => format!("what is more than {at}"),
    })
}

/// `known`: the names of the indicators, also of those that are wrong themselves.
fn expectation(
    score: &Score,
    known: &[String],
    node: &Node,
    persons: &mut Persons,
) -> Read<ScoreExpectation> {
    let form = Form::of(node)?;
    let subject = persons.known(form.need("subject")?.scalar()?)?;
    let names: Vec<String> = score.levels.iter().map(|level| level.name.clone()).collect();
    let mut levels = None;
    if form.get("level").is_some() {
        let words = form.words("level")?;
        for scalar in &words {
            one_of(scalar, &names, "level")?;
        }
        levels = Some(words.into_iter().map(|scalar| scalar.text.clone()).collect());
    }
    let points = form.get("points").map(ends).transpose()?;
    let mut indicators = Vec::new();
    for (name, node) in form.entries("indicators")? {
        one_of(name, known, "indicator")?;
        indicators.push((name.text.clone(), ends(node)?));
    }
    let missing = form.words("missing")?.into_iter().map(|scalar| scalar.text.clone()).collect();
    let standing = standing(&form)?;
    form.finish()?;
    Ok(ScoreExpectation { subject, levels, points, indicators, missing, standing })
}

/// Points, or the least and the most that they may be.
fn ends(node: &Node) -> Read<(i64, i64)> {
    let number = |node: &Node| -> Read<i64> {
        let scalar = node.scalar()?;
        let number = check::exact(&scalar.text).filter(Exact::is_integer);
        let number = number.and_then(|number| i64::try_from(number.to_integer()).ok());
        number.ok_or_else(|| Problem::at(&scalar.place, "whole points are meant"))
    };
    match &node.value {
        Value::List(items) => match &items[..] {
            [least, most] => Ok((number(least)?, number(most)?)),
            _ => Err(Problem::at(&node.place, "the least and the most are meant").mend("write `[-80, 50]`")),
        },
        _ => number(node).map(|points| (points, points)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(lo: Option<(i128, bool)>, hi: Option<(i128, bool)>) -> KeyTest {
        let end = |(at, included)| (Exact::from_integer(at), included);
        KeyTest::Range(lo.map(end), hi.map(end))
    }

    fn left(tests: &[KeyTest], unsigned: bool, whole: bool) -> Option<String> {
        numbers_left(&tests.iter().collect::<Vec<_>>(), unsigned, whole)
    }

    #[test]
    fn whole_numbers_that_follow_each_other_leave_no_gap() {
        let tests = [range(Some((2, true)), None), range(Some((0, true)), Some((0, true)))];
        assert_eq!(left(&tests, true, true), Some("1 and what follows".into()));
        let one = range(Some((1, true)), Some((2, false)));
        assert_eq!(left(&[&tests[..], &[one]].concat(), true, true), None);
    }

    #[test]
    fn between_numbers_there_are_always_others() {
        let tests = [range(Some((0, true)), Some((1, false))), range(Some((1, false)), None)];
        assert_eq!(left(&tests, true, false), Some("1 and what follows".into()));
        let tests = [range(Some((0, true)), Some((1, true))), range(Some((1, false)), None)];
        assert_eq!(left(&tests, true, false), None);
        assert_eq!(left(&tests, false, false), Some("the smallest numbers".into()));
        let tests = [range(None, Some((1, true)))];
        assert_eq!(left(&tests, false, false), Some("what is more than 1".into()));
    }
}
