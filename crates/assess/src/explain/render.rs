//! An explanation as text.

use std::fmt::Write;

use card::{Cell, EntityId, FOREVER, FieldId, FieldType, LONG_AGO, Lang, Missing, PersonId, Ternary, Text};
use law::{ConditionTold, Measure, Pack};

use super::{
    Explanation, Item, ListName, ListRead, Part, PartKind, RowRead, phrases as say,
    reading::{reading, reading_of_let},
};

/// Says an explanation in a language: the told texts of the pack first, then what each rests on.
/// Persons are named by their number inside: whoever may see names puts them in place.
pub fn render(pack: &Pack, explanation: &Explanation, lang: Lang) -> String {
    let measure = &pack.measures[explanation.measure.0 as usize];
    let (rows, lists) = (Vec::new(), Vec::new());
    let mut text = Rendering { pack, measure, lang, text: String::new(), rows, lists };
    text.whole(explanation);
    text.text
}

struct Rendering<'p> {
    pack: &'p Pack,
    measure: &'p Measure,
    lang: Lang,
    text: String,
    /// The rows and lists that were told already: they are told once.
    rows: Vec<RowRead>,
    lists: Vec<ListRead>,
}

impl Rendering<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:width$}{line}", "", width = depth * 2);
    }

    fn title(&self, title: &Text, name: &str) -> String {
        let text = title.get(self.lang);
        if text.is_empty() { name.replace('_', " ") } else { text.to_owned() }
    }

    fn whole(&mut self, explanation: &Explanation) {
        let (lang, verdict) = (self.lang, &explanation.verdict);
        let title = self.title(&self.measure.told.title, &self.measure.name);
        let outcome = say::outcome(verdict.outcome, lang);
        self.line(0, &format!("{title}: {outcome} ({})", verdict.question.day));
        if let Some(amount) = verdict.amount {
            let sum = match (amount.point(), amount.hi) {
                (Some(sum), _) => sum.grouped_plain(),
                (None, Some(hi)) => format!("{} – {}", amount.lo.grouped_plain(), hi.grouped_plain()),
                (None, None) => format!("{} {}", amount.lo.grouped_plain(), say::and_more(lang)),
            };
            self.line(0, &format!("{}: {sum}", say::amount(lang)));
        }
        self.line(0, &format!("{}: {}", say::free(lang), say::ternary(verdict.free, lang)));
        for missing in &verdict.missing_free {
            self.owed(1, missing);
        }
        for part in &explanation.parts {
            self.part(part);
        }
    }

    fn part(&mut self, part: &Part) {
        let (lang, outcome) = (self.lang, part.outcome);
        let mark = match outcome {
            Ternary::Yes => '+',
            Ternary::No => '-',
            Ternary::Unknown => '?',
        };
        let applies = match outcome {
            Ternary::Yes => say::applies(lang),
            Ternary::No => say::applies_not(lang),
            Ternary::Unknown => say::may_apply(lang),
        };
        let told = match part.kind {
            PartKind::Concerned => format!("{}: {}", say::concerned(lang), say::ternary(outcome, lang)),
            PartKind::Condition => {
                let one = self.measure.conditions.iter().find(|c| c.name == part.name);
                self.told(one.map(|c| &c.told), outcome, &part.name)
            }
            PartKind::Refusal => {
                let one = self.measure.refusals.iter().find(|r| r.name == part.name);
                self.told(one.map(|r| &r.told), outcome, &part.name)
            }
            PartKind::Branch | PartKind::Addition => {
                let mut all = self.measure.branches.iter().chain(&self.measure.additions);
                let one = all.find(|b| b.name == part.name);
                let name =
                    one.map_or_else(|| part.name.clone(), |branch| self.title(&branch.title, &branch.name));
                format!("{name}: {applies}")
            }
        };
        let articles = if part.sources.is_empty() {
            String::new()
        } else {
            let articles: Vec<String> = part.sources.iter().map(|source| self.article(source)).collect();
            format!(" [{}]", articles.join("; "))
        };
        self.line(0, &format!("{mark} {told}{articles}"));
        for missing in &part.missing {
            self.owed(1, missing);
        }
        for list in &part.lists {
            if !self.lists.contains(list) {
                self.list(list);
                self.lists.push(list.clone());
            }
        }
        let mut again = Vec::new();
        for row in &part.rows {
            if self.rows.contains(row) {
                again.push(format!("№{}", row.id));
            } else {
                self.row(row);
                self.rows.push(row.clone());
            }
        }
        if !again.is_empty() {
            self.line(1, &format!("{} ({}): {}", say::rests_on(lang), say::above(lang), again.join(", ")));
        }
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

    /// `act:article` with the act's title.
    fn article(&self, source: &str) -> String {
        let (act, article) = source.split_once(':').unwrap_or((source, ""));
        let title = self.pack.acts.iter().find(|known| known.key == act);
        let title = title.map_or_else(|| act.to_owned(), |act| self.title(&act.title, &act.key));
        if article.is_empty() { title } else { format!("{title}, {article}") }
    }

    fn owed(&mut self, depth: usize, missing: &Missing) {
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
        self.line(depth, &format!("? {}: {what}{person} ({registry})", say::owed(self.lang)));
    }

    fn person(&self, person: Option<PersonId>) -> String {
        person.map(|id| format!(", {} {id}", say::person(self.lang))).unwrap_or_default()
    }

    fn list(&mut self, list: &ListRead) {
        let lang = self.lang;
        let name = match &list.name {
            ListName::Let(id) => reading_of_let(self.pack, self.measure, *id, lang),
            ListName::Word(id) => {
                let word = self.pack.word(*id);
                self.title(&word.title, &word.name)
            }
            ListName::Expr(expr) => reading(self.pack, self.measure, expr, lang),
        };
        let open = if list.open { format!(" ({})", say::list_open(lang)) } else { String::new() };
        self.line(1, &format!("{name}{open}"));
        if !list.counted.is_empty() {
            let items: Vec<String> = list.counted.iter().map(|item| self.item(item)).collect();
            self.line(2, &format!("{} {}: {}", say::counted(lang), items.len(), items.join(", ")));
        }
        for (item, missing) in &list.possible {
            let item = self.item(item);
            self.line(2, &format!("{}: {item}", say::may_count(lang)));
            for missing in missing {
                self.owed(3, missing);
            }
        }
        for (item, wrong) in &list.left_out {
            let item = self.item(item);
            let parts: Vec<String> =
                wrong.iter().map(|part| reading(self.pack, self.measure, part, lang)).collect();
            let wrong = if parts.is_empty() {
                String::new()
            } else {
                format!(" ({}: {})", say::false_is(lang), parts.join("; "))
            };
            self.line(2, &format!("{}: {item}{wrong}", say::left_out(lang)));
        }
    }

    fn item(&self, item: &Item) -> String {
        let entity = self.pack.schema.at(item.entity);
        let title = self.title(&entity.title, &entity.name);
        let row = item.row.map(|row| format!(" №{row}")).unwrap_or_default();
        match item.person {
            Some(person) if item.entity == card::Schema::PERSON => {
                format!("{} {person}", say::person(self.lang))
            }
            person => format!("{title}{row}{}", self.person(person)),
        }
    }

    fn row(&mut self, row: &RowRead) {
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
        let line = format!(
            "{}: {} №{}{} ({}){}{}",
            say::rests_on(lang),
            self.title(&entity.title, &entity.name),
            row.id,
            self.person(row.person),
            said.join(", "),
            if cells.is_empty() { "" } else { ": " },
            cells.join("; ")
        );
        self.line(1, &line);
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
            Cell::Person(id) => format!("{} {id}", say::person(lang)),
            // Whose account or phone it is the vault alone knows.
            Cell::Account(_) | Cell::Phone(_) => "…".to_owned(),
        }
    }
}
