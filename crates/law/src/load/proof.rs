//! Cases: facts as rows, a question, and the expected answer.

use std::collections::BTreeMap;

use card::{
    Cell, Circle, Coverage, Date, EntityId, FOREVER, FieldType, LONG_AGO, Moment, Month, Outcome, PersonId,
    RegistryId, Row, Schema, Tenge, Ternary, UntilIs, Validity,
};

use super::{
    Loading,
    form::{Form, Read},
    numbers::standing,
};
use crate::{
    cases::{Case, Expectation},
    check,
    diagnostic::{Diagnostic, did_you_mean},
    pack::{Group, Link, Pack},
    yaml::{self, Node, Problem, Scalar, Source},
};

/// Reads cases that are kept outside the pack, in its format; each names its measure.
pub fn load_cases(pack: &Pack, sources: &[Source]) -> Result<Vec<Case>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut cases = Vec::new();
    let mut documents = Vec::new();
    for file in 0..sources.len() {
        documents.push(yaml::read(sources, file).map_err(|problem| problems.push(problem)).ok());
    }
    for node in documents.iter().flatten() {
        let reader = CaseReader {
            schema: &pack.schema,
            links: &pack.links,
            groups: &pack.groups,
            sources,
            names: None,
        };
        let items = match Form::of(node) {
            Ok(form) => form.need("cases").and_then(Node::list),
            Err(_) => node.list(),
        };
        match items {
            Ok(items) => {
                for item in items {
                    match reader.case(item, None, CaseReader::expectation) {
                        Ok(case) if pack.measure(&case.measure).is_some() => cases.push(case),
                        Ok(case) => problems.push(Problem::at(
                            &item.place,
                            format!("there is no measure `{}`", case.measure),
                        )),
                        Err(problem) => problems.push(problem),
                    }
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        return Ok(cases);
    }
    Err(problems.iter().map(|problem| yaml::diagnose(sources, &documents, problem)).collect())
}

impl<'a> Loading<'a> {
    /// The cases beside a page.
    pub(super) fn page_cases(&mut self, measure: &str, form: &Form<'a>) -> Vec<Case> {
        let items = self.cases_of(form);
        let keys = |form: &Form<'a>, key: &'a str| -> Vec<String> {
            form.entries(key).unwrap_or_default().iter().map(|(name, _)| name.text.clone()).collect()
        };
        let grounds = [keys(form, "conditions"), keys(form, "refusals")].concat();
        let kinds = keys(form, "kinds");
        let branches = form
            .get("amount")
            .and_then(|node| Form::of(node).ok())
            .map_or_else(Vec::new, |f| keys(&f, "branches"));
        let mut cases = Vec::new();
        for item in items {
            let names = Some(Names { grounds: &grounds, branches: &branches, kinds: &kinds });
            let reader = CaseReader { names, ..self.case_reader() };
            let read = reader.case(item, Some(measure), CaseReader::expectation);
            cases.extend(self.note_value(read));
        }
        cases
    }

    pub(super) fn cases_of(&mut self, form: &Form<'a>) -> &'a [Node] {
        let items = form.get("cases").map_or(Ok(&[] as &[Node]), Node::list);
        self.note_value(items).unwrap_or_default()
    }

    pub(super) fn case_reader(&self) -> CaseReader<'_> {
        let book = &self.book;
        let (schema, links, groups, sources) = (&book.schema, &book.links, &book.groups, &book.sources);
        CaseReader { schema, links, groups, sources, names: None }
    }
}

pub(super) struct CaseReader<'p> {
    schema: &'p Schema,
    links: &'p [Link],
    groups: &'p [Group],
    sources: &'p [Source],
    /// What the page names, where the case stands beside it.
    names: Option<Names<'p>>,
}

/// What a page names that a case may expect.
struct Names<'p> {
    grounds: &'p [String],
    branches: &'p [String],
    kinds: &'p [String],
}

/// The persons of a case, numbered in the order in which it names them.
#[derive(Default)]
pub(super) struct Persons(Vec<(String, PersonId)>);

impl Persons {
    fn named(&mut self, name: &str) -> PersonId {
        if let Some((_, id)) = self.0.iter().find(|(known, _)| known == name) {
            return *id;
        }
        let id = PersonId(self.0.len() as u64 + 1);
        self.0.push((name.to_owned(), id));
        id
    }

    /// Somebody whom a fact of the case names.
    pub(super) fn known(&self, scalar: &Scalar) -> Read<PersonId> {
        let found = self.0.iter().find(|(name, _)| *name == scalar.text).map(|(_, id)| *id);
        found.ok_or_else(|| {
            Problem::at(&scalar.place, format!("no fact of the case names `{}`", scalar.text))
                .maybe_mend(did_you_mean(&scalar.text, self.0.iter().map(|(name, _)| name.as_str())))
        })
    }
}

impl CaseReader<'_> {
    pub(super) fn case<E>(
        &self,
        node: &Node,
        measure: Option<&str>,
        expectation: impl FnOnce(&Self, &Node, &mut Persons) -> Read<E>,
    ) -> Read<Case<E>> {
        let form = Form::of(node)?;
        let name = form.text("case")?.to_owned();
        let measure = match (form.text_or_nothing("measure")?, measure) {
            (Some(named), _) => named.to_owned(),
            (None, Some(measure)) => measure.to_owned(),
            (None, None) => {
                return Err(form
                    .need("measure")
                    .err()
                    .unwrap_or_else(|| Problem::at(&node.place, "`measure` is missing")));
            }
        };
        let day = form.need("day")?.scalar()?.date()?;
        let date = |key| form.get(key).map(|node: &Node| node.scalar().and_then(Scalar::date)).transpose();
        let asked_on = date("asked_on")?.unwrap_or(day);
        // What was learned on that day is known.
        let known_on = date("known_on")?.map(|day: Date| Moment::local(day, 0, 0).plus_days(1).plus_ms(-1));
        let mut uncovered = Vec::new();
        for scalar in form.words("uncovered")? {
            uncovered.push(self.registry(scalar)?);
        }
        let mut persons = Persons::default();
        let mut rows = Vec::new();
        for (entity, facts) in form.entries("facts")? {
            let of = self.entity(entity)?;
            for fact in facts.list()? {
                rows.push(self.row(of, fact, &uncovered, &mut persons, rows.len() as u64 + 1)?);
            }
        }
        for hidden in form.words("hide")? {
            self.hide(hidden, &mut rows, &persons)?;
        }
        let expect = expectation(self, form.need("expect")?, &mut persons)?;
        let source = form.text("source")?.to_owned();
        form.finish()?;
        let line = self.line(node);
        Ok(Case {
            name,
            place: format!("{}:{line}", self.sources[node.place.file].path),
            measure,
            day,
            asked_on,
            known_on,
            circle: Circle { rows, coverage: self.coverage(&uncovered), loaded: None },
            persons: persons.0,
            expect,
            source,
        })
    }

    fn line(&self, node: &Node) -> usize {
        let before = self.sources[node.place.file].text.chars().take(node.place.chars.start);
        before.filter(|c| *c == '\n').count() + 1
    }

    fn registry(&self, scalar: &Scalar) -> Read<RegistryId> {
        let known: Vec<&str> = self.schema.registries.iter().map(|r| r.name.as_str()).collect();
        self.schema.registry(&scalar.text).ok_or_else(|| {
            Problem::at(&scalar.place, format!("there is no registry `{}`", scalar.text))
                .maybe_mend(did_you_mean(&scalar.text, known))
        })
    }

    fn entity(&self, scalar: &Scalar) -> Read<EntityId> {
        let alias = || {
            self.schema
                .entities
                .iter()
                .position(|e| e.aliases.contains(&scalar.text))
                .map(|at| EntityId(at as u16))
        };
        let known: Vec<&str> = self.schema.entities.iter().map(|e| e.name.as_str()).collect();
        self.schema.entity(&scalar.text).or_else(alias).ok_or_else(|| {
            Problem::at(&scalar.place, format!("there is no entity `{}`", scalar.text))
                .maybe_mend(did_you_mean(&scalar.text, known))
        })
    }

    /// Every registry covers everybody and all time, but for those that the case silences.
    fn coverage(&self, uncovered: &[RegistryId]) -> Vec<Coverage> {
        let mut pairs: Vec<(EntityId, RegistryId)> = Vec::new();
        for (at, entity) in self.schema.entities.iter().enumerate() {
            let id = EntityId(at as u16);
            pairs.push((id, entity.registry));
            pairs.extend(entity.fields.iter().filter_map(|f| f.registry).map(|registry| (id, registry)));
        }
        pairs.extend(
            self.links
                .iter()
                .flat_map(|link| [(link.to, link.registry), (self.stored(link.to), link.registry)]),
        );
        pairs.sort_unstable();
        pairs.dedup();
        pairs
            .into_iter()
            .filter(|(_, registry)| !uncovered.contains(registry))
            .map(|(entity, registry)| Coverage {
                entity,
                registry,
                region: None,
                from: LONG_AGO,
                through: FOREVER,
            })
            .collect()
    }

    /// The entity whose rows a group is made of, or the entity itself.
    fn stored(&self, of: EntityId) -> EntityId {
        self.groups.iter().find(|group| group.entity == of).map_or(of, |group| group.rows)
    }

    fn row(
        &self,
        of: EntityId,
        node: &Node,
        uncovered: &[RegistryId],
        persons: &mut Persons,
        id: u64,
    ) -> Read<Row> {
        let entity = self.schema.at(of);
        let mut written = BTreeMap::new();
        for (name, value) in node.entries()? {
            let known: Vec<&str> = entity.fields.iter().map(|f| f.name.as_str()).collect();
            let field = entity.field(&name.text).ok_or_else(|| {
                Problem::at(&name.place, format!("`{}` has no field `{}`", entity.name, name.text))
                    .maybe_mend(did_you_mean(&name.text, known))
            })?;
            written.insert(field, value.scalar()?);
        }
        let mut cells = Vec::new();
        for (at, field) in entity.fields.iter().enumerate() {
            let registry = field.registry.unwrap_or(entity.registry);
            let cell = match written.get(&card::FieldId(at as u16)) {
                Some(scalar) => self.cell(scalar, field, persons)?,
                None if field.optional && !uncovered.contains(&registry) => Cell::Nothing,
                None => Cell::Unknown,
            };
            cells.push(cell);
        }
        let date = |at: card::FieldId| match &cells[at.0 as usize] {
            Cell::Date(date) => Some(*date),
            Cell::Year(year) => Date::from_ymd(*year, 1, 1),
            _ => None,
        };
        let (from, until) = match &entity.validity {
            Validity::Always => (LONG_AGO, FOREVER),
            Validity::Period { from, until, until_is } => {
                let end = until.and_then(date).map(|day| match until_is {
                    UntilIs::LastDay => Date::from_days(day.days() + 1),
                    UntilIs::FirstDayAfter => day,
                });
                (date(*from).unwrap_or(LONG_AGO), end.unwrap_or(FOREVER))
            }
            Validity::Month(field) => match &cells[field.0 as usize] {
                Cell::Month(month) => (month.first_day(), month.next().first_day()),
                _ => (LONG_AGO, FOREVER),
            },
        };
        Ok(Row { id, entity: of, cells: cells.into(), from, until, registry: entity.registry })
    }

    fn cell(&self, scalar: &Scalar, field: &card::Field, persons: &mut Persons) -> Read<Cell> {
        let text = scalar.text.as_str();
        let wrong =
            |what: &str| Problem::at(&scalar.place, format!("`{}` is {what}, `{text}` is none", field.name));
        if scalar.plain && text == "unknown" {
            return Ok(Cell::Unknown);
        }
        if scalar.is_empty() {
            if field.optional {
                return Ok(Cell::Nothing);
            }
            return Err(Problem::at(&scalar.place, format!("`{}` is never nothing", field.name))
                .mend("leave it out if it is unknown"));
        }
        Ok(match field.ty {
            FieldType::Bool => match text {
                "true" => Cell::Bool(true),
                "false" => Cell::Bool(false),
                _ => return Err(wrong("true or false")),
            },
            FieldType::Integer => Cell::Integer(text.parse().map_err(|_| wrong("a whole number"))?),
            FieldType::Decimal => {
                let number = check::exact(text).ok_or_else(|| wrong("a number"))? * check::whole(1_000_000);
                let millionths =
                    number.is_integer().then(|| i64::try_from(number.to_integer()).ok()).flatten();
                Cell::Decimal(millionths.ok_or_else(|| wrong("a number of at most six decimals"))?)
            }
            FieldType::Money => Cell::Money(
                text.parse()
                    .map_err(|error: card::TengeError| Problem::at(&scalar.place, error.to_string()))?,
            ),
            FieldType::Date => match (text.parse::<Date>(), text.parse::<i32>()) {
                (Ok(date), _) => Cell::Date(date),
                (_, Ok(year)) if field.year_only && text.len() == 4 => Cell::Year(year),
                _ => return Err(wrong("a date")),
            },
            FieldType::Month => Cell::Month(text.parse::<Month>().map_err(|_| wrong("a month"))?),
            FieldType::Enum(id) => {
                let values = self.schema.enumeration(id);
                Cell::Enum(values.value(text).ok_or_else(|| {
                    wrong(&format!("a value of `{}`", values.name))
                        .maybe_mend(did_you_mean(text, values.values.iter().map(String::as_str)))
                })?)
            }
            FieldType::Code | FieldType::Row(_) => Cell::Code(text.into()),
            FieldType::Person => Cell::Person(persons.named(text)),
            FieldType::Account => Cell::Account(card::AccountId(number_of(text))),
            FieldType::Phone => Cell::Phone(card::PhoneId(number_of(text))),
        })
    }

    /// `child.birth_date`: the field of that person becomes unknown.
    fn hide(&self, scalar: &Scalar, rows: &mut [Row], persons: &Persons) -> Read<()> {
        let wrong = || {
            Problem::at(&scalar.place, format!("`{}` hides nothing", scalar.text))
                .mend("write `person.field` with the local name of a person, or `person.entity.field`")
        };
        let parts: Vec<&str> = scalar.text.split('.').collect();
        let (name, entity, field) = match parts[..] {
            [name, field] => (name, Schema::PERSON, field),
            [name, entity, field] => (name, self.schema.entity(entity).ok_or_else(wrong)?, field),
            _ => return Err(wrong()),
        };
        let (_, person) = persons.0.iter().find(|(known, _)| known == name).ok_or_else(wrong)?;
        let field = self.schema.at(entity).field(field).ok_or_else(wrong)?;
        let mut hidden = false;
        for row in
            rows.iter_mut().filter(|row| row.entity == entity && row.cells.contains(&Cell::Person(*person)))
        {
            row.cells[field.0 as usize] = Cell::Unknown;
            hidden = true;
        }
        if hidden { Ok(()) } else { Err(wrong()) }
    }

    fn expectation(&self, node: &Node, persons: &mut Persons) -> Read<Expectation> {
        let form = Form::of(node)?;
        let subject = persons.known(form.need("subject")?.scalar()?)?;
        let verdict = form.need("verdict")?.scalar()?;
        let outcome = match verdict.text.as_str() {
            "eligible" => Outcome::Eligible,
            "not_eligible" => Outcome::NotEligible,
            "not_concerned" => Outcome::NotConcerned,
            "unknown" => Outcome::Unknown,
            other => {
                return Err(Problem::at(&verdict.place, format!("`{other}` is no verdict")).maybe_mend(
                    did_you_mean(other, ["eligible", "not_eligible", "not_concerned", "unknown"]),
                ));
            }
        };
        let free = match form.text_or_nothing("free")? {
            None => None,
            Some("true") => Some(Ternary::Yes),
            Some("false") => Some(Ternary::No),
            Some("unknown") => Some(Ternary::Unknown),
            Some(_) => {
                return Err(Problem::at(&form.need("free")?.place, "`true`, `false` or `unknown` is meant"));
            }
        };
        let tenge = |node: &Node| -> Read<Tenge> {
            let scalar = node.scalar()?;
            scalar
                .text
                .parse()
                .map_err(|error: card::TengeError| Problem::at(&scalar.place, error.to_string()))
        };
        let day = |key| form.get(key).map(|node: &Node| node.scalar().and_then(Scalar::date)).transpose();
        let amount = form.get("amount").map(tenge).transpose()?;
        let between = match form.get("between") {
            None => None,
            Some(node) => match node.list()? {
                [lo, hi] if hi.is_empty() => Some((tenge(lo)?, None)),
                [lo, hi] => Some((tenge(lo)?, Some(tenge(hi)?))),
                [lo] => Some((tenge(lo)?, None)),
                _ => {
                    return Err(Problem::at(&node.place, "the least and the most are meant")
                        .mend("write `[149416, 247716]`"));
                }
            },
        };
        if let Some(Names { grounds, branches, kinds }) = &self.names {
            let known = [
                ("because", grounds, "condition or refusal"),
                ("branch", branches, "branch"),
                ("kinds", kinds, "kind"),
            ];
            for (key, names, what) in known {
                for scalar in form.words(key)? {
                    one_of(scalar, names, what)?;
                }
            }
        }
        let texts =
            |key| -> Read<Vec<String>> { Ok(form.words(key)?.into_iter().map(|s| s.text.clone()).collect()) };
        let expect = Expectation {
            subject,
            outcome,
            free,
            amount,
            between,
            branch: form.text_or_nothing("branch")?.map(str::to_owned),
            because: texts("because")?,
            missing: texts("missing")?,
            recipient: form
                .get("recipient")
                .map(|node| node.scalar().and_then(|s| persons.known(s)))
                .transpose()?,
            withheld: form.get("withheld").map(tenge).transpose()?,
            from: day("from")?,
            until: day("until")?,
            standing: standing(&form)?,
            speaks_of: day("speaks_of")?,
            kinds: form.get("kinds").map(|_| texts("kinds")).transpose()?,
        };
        form.finish()?;
        Ok(expect)
    }
}

pub(super) fn one_of(scalar: &Scalar, names: &[String], what: &str) -> Read<()> {
    if names.contains(&scalar.text) {
        return Ok(());
    }
    Err(Problem::at(&scalar.place, format!("`{}` is no {what} of this page", scalar.text))
        .maybe_mend(did_you_mean(&scalar.text, names.iter().map(String::as_str))))
}

/// A local account or phone: its digits, else a number of its letters.
fn number_of(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| {
        text.bytes().fold(7u64, |number, byte| number.wrapping_mul(31).wrapping_add(u64::from(byte)))
    })
}
