//! An explanation in sentences.

use card::{
    Cell, EntityId, FOREVER, FieldId, FieldType, LONG_AGO, Lang, Missing, PersonId, Sentence, Ternary, Text,
    Told, Verdict,
};
use law::{ConditionTold, Let, Measure, Pack, port::Names};

use super::{
    Evidence, Explanation, Item, ListName, ListRead, Part, PartKind, RowRead,
    acts::articles,
    phrases as say,
    reading::{reading, reading_of_let},
};

/// Says an explanation in a language: the told texts of the pack first, then what each rests on.
/// Persons are called by the names that the reader may see, else by their number inside.
pub fn render(pack: &Pack, explanation: &Explanation, lang: Lang, names: Names) -> Told {
    let measure = &pack.measures[explanation.measure.0 as usize];
    Rendering::new(pack, &measure.lets, lang, names).whole(measure, explanation)
}

/// What is said in sentences of a page of the law.
pub(super) struct Rendering<'p> {
    pack: &'p Pack,
    /// The local names of the page.
    lets: &'p [Let],
    lang: Lang,
    names: Names<'p>,
    /// The rows and lists that were told already: they are told once.
    rows: Vec<RowRead>,
    lists: Vec<ListRead>,
}

impl<'p> Rendering<'p> {
    /// Of whom nothing was said yet.
    pub fn new(pack: &'p Pack, lets: &'p [Let], lang: Lang, names: Names<'p>) -> Self {
        Self { pack, lets, lang, names, rows: Vec::new(), lists: Vec::new() }
    }

    pub fn pack(&self) -> &'p Pack {
        self.pack
    }

    pub fn title(&self, title: &Text, name: &str) -> String {
        let text = title.get(self.lang);
        if text.is_empty() { name.replace('_', " ") } else { text.to_owned() }
    }

    fn whole(&mut self, measure: &Measure, explanation: &Explanation) -> Told {
        let (lang, verdict) = (self.lang, &explanation.verdict);
        let title = self.title(&measure.told.title, &measure.name);
        let says = measure.says();
        let outcome = if says.is_some() {
            say::told(verdict.outcome, lang)
        } else {
            say::outcome(verdict.outcome, lang)
        };
        let mut told = vec![Sentence::new(format!("{title}: {outcome} ({})", verdict.question.day))];
        if let Some(amount) = verdict.amount {
            let sum = match (amount.point(), amount.hi) {
                (Some(sum), _) => sum.grouped_plain(),
                (None, Some(hi)) => format!("{} – {}", amount.lo.grouped_plain(), hi.grouped_plain()),
                (None, None) => format!("{} {}", amount.lo.grouped_plain(), say::and_more(lang)),
            };
            told.push(Sentence::new(format!("{}: {sum}", say::amount(lang))));
        }
        match says {
            None => told.push(self.free(verdict)),
            Some(says) => {
                if let Some(day) = verdict.tellable(true) {
                    let text = says.filled(lang, day, |kind| verdict.is(kind));
                    told.push(Sentence::new(format!("{}: «{text}»", say::in_an_sms(lang))));
                }
            }
        }
        told.extend(explanation.parts.iter().map(|part| self.part(measure, part)));
        Told(told)
    }

    /// Is nobody paid for it already?
    fn free(&self, verdict: &Verdict) -> Sentence {
        let free = match verdict.free {
            Ternary::Yes => say::free(self.lang),
            Ternary::No => say::taken(self.lang),
            Ternary::Unknown => say::perhaps_paid(self.lang),
        };
        let under = verdict.missing_free.iter().map(|missing| self.owed(missing)).collect();
        Sentence { under, ..Sentence::new(free) }
    }

    fn part(&mut self, measure: &Measure, part: &Part) -> Sentence {
        let (lang, outcome) = (self.lang, part.outcome);
        let applies = match outcome {
            Ternary::Yes => say::applies(lang),
            Ternary::No => say::applies_not(lang),
            Ternary::Unknown => say::may_apply(lang),
        };
        let told = match part.kind {
            PartKind::Concerned => format!("{}: {}", say::concerned(lang), say::ternary(outcome, lang)),
            PartKind::Condition => {
                let one = measure.conditions.iter().find(|c| c.name == part.name);
                self.told(one.map(|c| &c.told), outcome, &part.name)
            }
            PartKind::Refusal => {
                let one = measure.refusals.iter().find(|r| r.name == part.name);
                self.told(one.map(|r| &r.told), outcome, &part.name)
            }
            PartKind::Kind => {
                let kinds = measure.says().map(|says| says.kinds.as_slice()).unwrap_or_default();
                let text = kinds.iter().find(|(name, _)| *name == part.name);
                let text = text.map_or(part.name.as_str(), |(_, text)| text.get(lang));
                format!("«{}»: {applies}", text.trim_matches([' ', ',', ';', '.']))
            }
            PartKind::Branch | PartKind::Addition => {
                let mut all = measure.branches.iter().chain(&measure.additions);
                let one = all.find(|b| b.name == part.name);
                let name =
                    one.map_or_else(|| part.name.clone(), |branch| self.title(&branch.title, &branch.name));
                format!("{name}: {applies}")
            }
        };
        let under = self.evidence(&part.evidence);
        // A branch that does not apply speaks neither for the right nor against it.
        let neutral = matches!(part.kind, PartKind::Branch | PartKind::Addition) && outcome == Ternary::No;
        Sentence {
            holds: (!neutral).then_some(outcome),
            text: self.with_articles(told, &part.sources),
            under,
        }
    }

    /// With the articles behind it.
    pub fn with_articles(&self, told: String, sources: &[String]) -> String {
        match articles(self.pack, sources, self.lang) {
            articles if articles.is_empty() => told,
            articles => format!("{told} [{articles}]"),
        }
    }

    /// What something rests on; rows and lists that were told already by their numbers.
    pub fn evidence(&mut self, evidence: &Evidence) -> Vec<Sentence> {
        let mut under: Vec<Sentence> = evidence.missing.iter().map(|missing| self.owed(missing)).collect();
        for list in &evidence.lists {
            if !self.lists.contains(list) {
                under.push(self.list(list));
                self.lists.push(list.clone());
            }
        }
        let mut again = Vec::new();
        for row in &evidence.rows {
            if self.rows.contains(row) {
                again.push(format!("№{}", row.id));
            } else {
                under.push(self.row(row));
                self.rows.push(row.clone());
            }
        }
        if !again.is_empty() {
            let lang = self.lang;
            let again = format!("{} ({}): {}", say::rests_on(lang), say::above(lang), again.join(", "));
            under.push(Sentence::new(again));
        }
        under
    }

    fn told(&self, told: Option<&ConditionTold>, outcome: Ternary, name: &str) -> String {
        let text = told.map(|told| match outcome {
            Ternary::Yes => told.holds.get(self.lang),
            Ternary::No => told.fails.get(self.lang),
            Ternary::Unknown => told.unknown.get(self.lang),
        });
        match text {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => {
                let outcome = match outcome {
                    Ternary::Yes => say::holds(self.lang),
                    Ternary::No => say::fails(self.lang),
                    Ternary::Unknown => say::not_known(self.lang),
                };
                format!("{}: {outcome}", name.replace('_', " "))
            }
        }
    }

    pub fn owed(&self, missing: &Missing) -> Sentence {
        let schema = &self.pack.schema;
        let registry = schema.registry(&missing.registry).map_or_else(
            || missing.registry.clone(),
            |id| {
                let registry = &schema.registries[id.0 as usize];
                self.title(&registry.title, &registry.name)
            },
        );
        let what = schema.entity(&missing.entity).map_or_else(
            || missing.entity.clone(),
            |id| {
                let entity = schema.at(id);
                let field = missing.field.as_ref().and_then(|name| entity.field(name));
                let entity_title = self.title(&entity.title, &entity.name);
                match field {
                    Some(field) => {
                        let field = entity.at(field);
                        format!("{entity_title}: {}", self.title(&field.title, &field.name))
                    }
                    None => format!("{entity_title}: {}", say::whole_rows(self.lang)),
                }
            },
        );
        let person = self.person(missing.person);
        let text = format!("{}: {what}{person} ({registry})", say::owed(self.lang));
        Sentence { holds: Some(Ternary::Unknown), ..Sentence::new(text) }
    }

    /// What a person is called.
    fn name(&self, person: PersonId) -> String {
        (self.names)(person).unwrap_or_else(|| format!("{} {person}", say::person(self.lang)))
    }

    fn person(&self, person: Option<PersonId>) -> String {
        person.map(|id| format!(", {}", self.name(id))).unwrap_or_default()
    }

    fn list(&self, list: &ListRead) -> Sentence {
        let lang = self.lang;
        let name = match &list.name {
            ListName::Let(id) => reading_of_let(self.pack, self.lets, *id, lang),
            ListName::Word(id) => {
                let word = self.pack.word(*id);
                self.title(&word.title, &word.name)
            }
            ListName::Expr(expr) => reading(self.pack, self.lets, expr, lang),
        };
        let open = if list.open { format!(" ({})", say::list_open(lang)) } else { String::new() };
        let mut under = Vec::new();
        if !list.counted.is_empty() {
            let items: Vec<String> = list.counted.iter().map(|item| self.item(item)).collect();
            let counted = format!("{} {}: {}", say::counted(lang), items.len(), items.join(", "));
            under.push(Sentence::new(counted));
        }
        for (item, missing) in &list.possible {
            let item = self.item(item);
            let mut possible = Sentence::new(format!("{}: {item}", say::may_count(lang)));
            possible.under = missing.iter().map(|missing| self.owed(missing)).collect();
            under.push(possible);
        }
        for (item, wrong) in &list.left_out {
            let item = self.item(item);
            let parts: Vec<String> =
                wrong.iter().map(|part| reading(self.pack, self.lets, part, lang)).collect();
            let wrong = if parts.is_empty() {
                String::new()
            } else {
                format!(" ({}: {})", say::false_is(lang), parts.join("; "))
            };
            under.push(Sentence::new(format!("{}: {item}{wrong}", say::left_out(lang))));
        }
        Sentence { under, ..Sentence::new(format!("{name}{open}")) }
    }

    fn item(&self, item: &Item) -> String {
        let entity = self.pack.schema.at(item.entity);
        let title = self.title(&entity.title, &entity.name);
        let row = item.row.map(|row| format!(" №{row}")).unwrap_or_default();
        match item.person {
            Some(person) if item.entity == card::Schema::PERSON => self.name(person),
            person => format!("{title}{row}{}", self.person(person)),
        }
    }

    fn row(&self, row: &RowRead) -> Sentence {
        let lang = self.lang;
        let schema = &self.pack.schema;
        let entity = schema.at(row.entity);
        let registry = &schema.registries[row.registry.0 as usize];
        let mut said = vec![self.title(&registry.title, &registry.name)];
        if row.from > LONG_AGO {
            said.push(format!("{} {}", say::since(lang), row.from));
        }
        if row.until < FOREVER {
            said.push(format!("{} {}", say::until(lang), row.until));
        }
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|(field, cell)| {
                let declared = entity.at(*field);
                let name = self.title(&declared.title, &declared.name);
                format!("{name}: {}", self.cell(row.entity, *field, cell))
            })
            .collect();
        Sentence::new(format!(
            "{}: {} №{}{} ({}){}{}",
            say::rests_on(lang),
            self.title(&entity.title, &entity.name),
            row.id,
            self.person(row.person),
            said.join(", "),
            if cells.is_empty() { "" } else { ": " },
            cells.join("; ")
        ))
    }

    fn cell(&self, entity: EntityId, field: FieldId, cell: &Cell) -> String {
        let lang = self.lang;
        match cell {
            Cell::Unknown => say::not_known(lang).to_owned(),
            Cell::Nothing => say::nothing(lang).to_owned(),
            Cell::Bool(value) => say::ternary(Ternary::known(*value), lang).to_owned(),
            Cell::Integer(value) => value.to_string(),
            Cell::Decimal(millionths) => {
                let sign = if *millionths < 0 { "-" } else { "" };
                let (whole, part) = (millionths.abs() / 1_000_000, millionths.abs() % 1_000_000);
                let digits = format!("{part:06}");
                let digits = digits.trim_end_matches('0');
                if digits.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{digits}") }
            }
            Cell::Money(sum) => sum.grouped_plain(),
            Cell::Date(day) => day.to_string(),
            Cell::Year(year) => format!("{year} {}", say::year(lang)),
            Cell::Month(month) => month.to_string(),
            Cell::Enum(value) => match self.pack.schema.at(entity).at(field).ty {
                FieldType::Enum(id) => {
                    let values = self.pack.schema.enumeration(id);
                    let at = *value as usize;
                    self.title(&values.titles[at], &values.values[at])
                }
                _ => value.to_string(),
            },
            Cell::Code(code) => code.to_string(),
            Cell::Person(id) => self.name(*id),
            // Whose account or phone it is the vault alone knows.
            Cell::Account(_) | Cell::Phone(_) => "…".to_owned(),
        }
    }
}
