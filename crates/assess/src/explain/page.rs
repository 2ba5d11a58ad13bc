//! A measure or a notice as a page for people: its law read out in the titles of the pack, its numbers with their
//! history, its texts and its cases. In Markdown.

use card::{Amount, Lang, Outcome, Tenge, Text};
use law::{
    Branch, Constant, Dated, Delivery, Gives, KeyTest, Let, Measure, Named, Pack, Parameter, Role, Says,
    cases::Case,
    tree::{Expr, MeasureId, Node, ParameterId, Type},
};

use super::{
    acts::articles,
    figures::{length, number},
    phrases as say,
    reading::{argument, reading, reading_of_rule},
    score::name_of_score,
};

/// The page of a measure or a notice in a language.
pub fn page(pack: &Pack, id: MeasureId, lang: Lang) -> String {
    let measure = &pack.measures[id.0 as usize];
    let mut page = Page::new(pack, &measure.lets, lang);
    page.head(measure);
    page.conditions(measure);
    match &measure.gives {
        Gives::Money { .. } => {
            page.amount(measure);
            page.time(measure);
            page.recipients(measure);
        }
        Gives::Word(says) => page.said(measure, says),
    }
    let named = pack.named(id);
    page.words(&named);
    page.numbers(&named.parameters);
    page.texts(measure);
    page.cases(measure);
    page.text
}

/// The list of all pages, each named after its measure.
pub fn contents(pack: &Pack, lang: Lang) -> String {
    let (notices, measures): (Vec<&Measure>, Vec<&Measure>) =
        pack.measures.iter().partition(|page| page.says().is_some());
    let list = |pages: &[&Measure]| -> String {
        let line = |page: &&Measure| {
            format!("- [{}]({}.md)\n", titled(&page.told.title, &page.name, lang), page.name)
        };
        pages.iter().map(line).collect()
    };
    let scores = pack.scores.iter().fold(String::new(), |lines, score| {
        let title = titled(&score.title, &score.name, lang);
        lines
            + &format!("- [{title} ({} {})]({})\n", say::since(lang), score.in_force.0, name_of_score(score))
    });
    let part = |title: &str, lines: &str| {
        if lines.is_empty() { String::new() } else { format!("\n## {title}\n\n{lines}") }
    };
    let head = format!("# {}\n\n{}\n\n", say::measures(lang), say::generated(lang));
    head + &list(&measures) + &part(say::notices(lang), &list(&notices)) + &part(say::levels(lang), &scores)
}

pub(super) fn titled(title: &Text, name: &str, lang: Lang) -> String {
    let text = title.get(lang);
    if text.is_empty() { name.replace('_', " ") } else { text.to_owned() }
}

/// A cell of a table holds no bar and no line break.
pub(super) fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', " ")
}

/// A page of the law on its way.
pub(super) struct Page<'p> {
    pub pack: &'p Pack,
    /// The local names of the page.
    lets: &'p [Let],
    pub lang: Lang,
    pub text: String,
}

impl<'p> Page<'p> {
    pub fn new(pack: &'p Pack, lets: &'p [Let], lang: Lang) -> Self {
        Self { pack, lets, lang, text: String::new() }
    }

    pub fn line(&mut self, line: &str) {
        self.text += line;
        self.text.push('\n');
    }

    pub fn part(&mut self, title: &str) {
        self.line(&format!("\n## {title}\n"));
    }

    pub fn title(&self, title: &Text, name: &str) -> String {
        titled(title, name, self.lang)
    }

    pub fn read(&self, expr: &Expr) -> String {
        reading(self.pack, self.lets, expr, self.lang)
    }

    /// All forms of something, the dates of the later ones before them.
    fn forms(&self, dated: &Dated<Expr>) -> String {
        self.forms_by(dated, |form| self.read(form))
    }

    fn forms_by(&self, dated: &Dated<Expr>, read: impl Fn(&Expr) -> String) -> String {
        let one = |(at, (from, form)): (usize, &(card::Date, Expr))| {
            let read = read(form);
            if at == 0 { read } else { format!("{} {from}: {read}", say::since(self.lang)) }
        };
        dated.0.iter().enumerate().map(one).collect::<Vec<_>>().join("; ")
    }

    pub fn articles(&self, sources: &[String]) -> String {
        let told = articles(self.pack, sources, self.lang);
        if told.is_empty() { told } else { format!(" *({told})*") }
    }

    fn head(&mut self, measure: &Measure) {
        let lang = self.lang;
        let title = self.title(&measure.told.title, &measure.name);
        self.line(&format!("# {title}\n\n{}\n", say::generated(lang)));
        let (from, until) = measure.in_force;
        let until = until.map_or(String::new(), |until| format!(" {} {until}", say::until(lang)));
        let mut rows = vec![(say::concerned(lang), self.subject(&measure.subject))];
        if let Some(delivery) = measure.delivery() {
            rows.extend(self.delivery(measure, delivery));
        }
        rows.push((say::written_in(lang), articles(self.pack, &measure.sources, lang)));
        rows.push((say::known_since(lang), format!("{} {from}{until}", say::since(lang))));
        self.line("| | |\n|---|---|");
        for (name, value) in rows {
            self.line(&format!("| {name} | {} |", cell(&value)));
        }
        if let Some(among) = &measure.among {
            let among = self.forms(among);
            self.line(&format!("\n{}: {among}.", say::such_that(lang)));
        }
    }

    /// How often it is paid, who decides, who pays.
    fn delivery(&self, measure: &Measure, delivery: &Delivery) -> [(&'static str, String); 3] {
        let lang = self.lang;
        let payer = match delivery.payer.as_str() {
            "fund" => say::payer_fund(lang),
            "republic" => say::payer_republic(lang),
            _ => say::payer_local(lang),
        };
        let paid = if measure.period.monthly { say::monthly(lang) } else { say::once(lang) };
        [
            (say::paid_out(lang), paid.to_owned()),
            (say::decided_by(lang), delivery.decided_by.get(lang).to_owned()),
            (say::paid_by(lang), payer.to_owned()),
        ]
    }

    /// Of which day a notice speaks, and what it says to whom.
    fn said(&mut self, measure: &Measure, says: &Says) {
        let lang = self.lang;
        if let Some(day) = &measure.period.right {
            let read = self.read(day);
            self.part(say::speaks_of(lang));
            self.line(&format!("{read}. {}", say::once_told(lang)));
        }
        if measure.kinds.is_empty() {
            return;
        }
        self.part(say::says_where(lang));
        for (kind, (_, text)) in measure.kinds.iter().zip(&says.kinds) {
            let (when, articles) = (self.read(&kind.when), self.articles(&kind.sources));
            self.line(&format!(
                "- `{{{}}}` «{}» — {} {when}.{articles}",
                kind.name,
                text.get(lang).trim(),
                say::if_(lang)
            ));
        }
    }

    /// Whom the measure is about: an entity as a whole, or those of it who play a role.
    pub fn subject(&self, role: &Role) -> String {
        let of = self.pack.schema.at(role.of);
        let of = self.title(&of.title, &of.name);
        match role.when.node {
            Node::Bool(true) => of,
            _ => format!("{of}, {} {}", say::such_that(self.lang), self.read(&role.when)),
        }
    }

    fn conditions(&mut self, measure: &Measure) {
        let lang = self.lang;
        self.part(say::conditions(lang));
        for condition in &measure.conditions {
            let told = self.title(&condition.told.holds, &condition.name);
            let (read, articles) = (self.forms(&condition.holds), self.articles(&condition.sources));
            self.line(&format!("1. **{told}** — {read}.{articles}"));
        }
        if measure.refusals.is_empty() {
            return;
        }
        self.part(say::refusals(lang));
        for refusal in &measure.refusals {
            let told = self.title(&refusal.told.fails, &refusal.name);
            let mut read = self.forms(&refusal.when);
            if let Some(unless) = &refusal.unless {
                read = format!("{read}, {} {}", say::but_not(lang), self.forms(unless));
            }
            let articles = self.articles(&refusal.sources);
            self.line(&format!("1. **{told}** — {read}.{articles}"));
        }
    }

    fn branch(&mut self, branch: &Branch) {
        let (title, lang) = (self.title(&branch.title, &branch.name), self.lang);
        let (when, pays) = (self.forms(&branch.when), self.forms(&branch.pays));
        let articles = self.articles(&branch.sources);
        self.line(&format!(
            "- **{title}** — {} {when}: {} {pays}.{articles}",
            say::if_(lang),
            say::pays(lang)
        ));
    }

    fn amount(&mut self, measure: &Measure) {
        let lang = self.lang;
        self.part(say::how_much(lang));
        for branch in &measure.branches {
            self.branch(branch);
        }
        if !measure.additions.is_empty() {
            self.line(&format!("\n{}:\n", say::on_top(lang)));
            for addition in &measure.additions {
                self.branch(addition);
            }
        }
        let bounds = [
            (say::floor(lang), &measure.at_least),
            (say::ceiling(lang), &measure.at_most),
            (say::factor(lang), &measure.indexed),
        ];
        for (name, bound) in bounds {
            if let Some(bound) = bound {
                let read = self.read(bound);
                self.line(&format!("- {name}: {read}."));
            }
        }
        for withhold in &measure.withholds {
            let mut read = self.read(&withhold.share);
            if let Some(when) = &withhold.when {
                read = format!("{read}, {} {}", say::if_(lang), self.read(when));
            }
            let articles = self.articles(&withhold.sources);
            self.line(&format!("- {}: {read}.{articles}", say::withheld(lang)));
        }
        if let Some(divided) = &measure.divided {
            let (among, each) = (self.read(&divided.among), self.read(&divided.each));
            self.line(&format!("- {}: {among}; {}: {each}.", say::divided(lang), say::weight(lang)));
        }
    }

    fn time(&mut self, measure: &Measure) {
        let lang = self.lang;
        let period = &measure.period;
        let days = [
            (say::right_on(lang), &period.right),
            (say::paid_from(lang), &period.from),
            (say::paid_until(lang), &period.until),
            (say::for_months(lang), &period.months),
            (say::back_to(lang), &period.back_to),
        ];
        if days.iter().all(|(_, day)| day.is_none()) {
            return;
        }
        self.part(say::time(lang));
        for (name, day) in days {
            if let Some(day) = day {
                let read = self.read(day);
                self.line(&format!("- {name}: {read}."));
            }
        }
    }

    fn recipients(&mut self, measure: &Measure) {
        let lang = self.lang;
        if measure.pays_to.is_empty() {
            return;
        }
        self.part(say::receives(lang));
        for who in &measure.pays_to {
            let read = self.read(who);
            self.line(&format!("1. {read}"));
        }
        if let Some(claims) = &measure.claims {
            let read = self.read(claims);
            self.line(&format!("\n{}: {read}.", say::the_children(lang)));
        }
    }

    pub fn words(&mut self, named: &Named) {
        if named.words.is_empty() && named.rules.is_empty() {
            return;
        }
        self.part(say::words(self.lang));
        for id in &named.words {
            let word = self.pack.word(*id);
            let of = self.pack.schema.at(word.of);
            let (title, of) = (self.title(&word.title, &word.name), self.title(&of.title, &of.name));
            let (read, articles) = (self.forms(&word.is), self.articles(&word.sources));
            self.line(&format!("- **{title}** ({of}): {read}.{articles}"));
        }
        for id in &named.rules {
            let rule = self.pack.rule(*id);
            let title = self.title(&rule.title, &rule.name);
            let with = rule.with.iter().map(|(name, ty)| match ty {
                Type::Row(entity) => {
                    let entity = self.pack.schema.at(*entity);
                    self.title(&entity.title, &entity.name)
                }
                _ => argument(name),
            });
            let with = with.collect::<Vec<_>>().join("; ");
            let of_rule = |form: &Expr| reading_of_rule(self.pack, self.lets, rule, form, self.lang);
            let (read, articles) = (self.forms_by(&rule.is, of_rule), self.articles(&rule.sources));
            self.line(&format!("- **{title}** ({with}): {read}.{articles}"));
        }
    }

    pub fn numbers(&mut self, parameters: &[ParameterId]) {
        let lang = self.lang;
        if parameters.is_empty() {
            return;
        }
        self.part(say::numbers(lang));
        for id in parameters {
            let parameter = self.pack.parameter(*id);
            let mut title = self.title(&parameter.title, &parameter.name);
            if let Some(unit) = &parameter.unit {
                title = format!("{title} ({unit})");
            }
            self.line(&format!("### {title}\n"));
            let keys =
                if parameter.keys.is_empty() { String::new() } else { format!(" {} |", say::key(lang)) };
            let rule = if parameter.keys.is_empty() { "" } else { "---|" };
            self.line(&format!(
                "| {} |{keys} {} | {} | {} |\n|---|{rule}---|---|---|",
                say::since(lang),
                say::value(lang),
                say::how_sure(lang),
                say::the_source(lang)
            ));
            for step in &parameter.steps {
                let sure = say::standing(step.standing, lang);
                let source = cell(&articles(self.pack, &step.sources, lang));
                for entry in &step.entries {
                    let tests: Vec<String> = parameter
                        .keys
                        .iter()
                        .zip(&entry.tests)
                        .map(|(ty, test)| self.test(ty, test))
                        .collect();
                    let key = if tests.is_empty() {
                        String::new()
                    } else {
                        format!(" {} |", cell(&tests.join(", ")))
                    };
                    let value = cell(&self.constant(parameter, &entry.value));
                    self.line(&format!("| {} |{key} {value} | {sure} | {source} |", step.from));
                }
            }
            self.line("");
        }
    }

    fn constant(&self, parameter: &Parameter, constant: &Constant) -> String {
        match constant {
            Constant::Bool(value) => {
                (if *value { say::yes(self.lang) } else { say::no(self.lang) }).to_owned()
            }
            Constant::Number(value) => number(*value),
            Constant::Date(day) => day.to_string(),
            Constant::Duration(span) => length(*span, self.lang),
            Constant::Enum(value) => self.value_of(&parameter.ty, *value),
        }
    }

    fn value_of(&self, ty: &Type, value: u16) -> String {
        let of = if let Type::Optional(of) = ty { of } else { ty };
        let Type::Enum(id) = of else { return value.to_string() };
        let values = self.pack.schema.enumeration(*id);
        self.title(&values.titles[value as usize], &values.values[value as usize])
    }

    pub fn test(&self, ty: &Type, test: &KeyTest) -> String {
        match test {
            KeyTest::Any => say::any(self.lang).to_owned(),
            KeyTest::OneOf(values) => {
                values.iter().map(|value| self.value_of(ty, *value)).collect::<Vec<_>>().join(", ")
            }
            KeyTest::Codes(codes) => codes.join(", "),
            KeyTest::Is(value) => (if *value { say::yes(self.lang) } else { say::no(self.lang) }).to_owned(),
            KeyTest::Range(lo, hi) => match (lo, hi) {
                (Some((lo, true)), Some((hi, true))) if lo == hi => number(*lo),
                _ => {
                    let (left, lo) = match lo {
                        Some((end, belongs)) => (if *belongs { "[" } else { "(" }, number(*end)),
                        None => ("(", "−∞".to_owned()),
                    };
                    let (hi, right) = match hi {
                        Some((end, belongs)) => (number(*end), if *belongs { "]" } else { ")" }),
                        None => ("∞".to_owned(), ")"),
                    };
                    format!("{left}{lo}; {hi}{right}")
                }
            },
        }
    }

    fn texts(&mut self, measure: &Measure) {
        let lang = self.lang;
        self.part(say::texts(lang));
        match &measure.gives {
            Gives::Money { offer, .. } => {
                self.line(&format!("- {}: «{}»", say::in_an_sms(lang), measure.told.short.get(lang)));
                self.line(&format!("- {}:\n", say::letter(lang)));
                for line in offer.letter.get(lang).lines() {
                    self.line(&format!("  > {line}\n  >"));
                }
            }
            Gives::Word(says) => {
                self.line(&format!("- {}:\n\n  > {}", say::in_an_sms(lang), says.sms.get(lang)));
            }
        }
        self.line("");
        let told = measure.conditions.iter().map(|condition| &condition.told);
        let refused = measure.refusals.iter().map(|refusal| &refusal.told);
        self.line(&format!(
            "| {} | {} | {} |\n|---|---|---|",
            say::holds(lang),
            say::fails(lang),
            say::not_known(lang)
        ));
        for told in told.chain(refused) {
            let [holds, fails, unknown] =
                [&told.holds, &told.fails, &told.unknown].map(|text| cell(text.get(lang)));
            self.line(&format!("| {holds} | {fails} | {unknown} |"));
        }
    }

    fn cases(&mut self, measure: &Measure) {
        let lang = self.lang;
        self.part(say::cases(lang));
        self.line(&format!(
            "| {} | {} | {} | {} |\n|---|---|---|---|",
            say::case(lang),
            say::the_day(lang),
            say::expected(lang),
            say::the_source(lang)
        ));
        for case in &measure.cases {
            let (name, expected, source) =
                (cell(&case.name), self.expected(measure, case), cell(&case.source));
            self.line(&format!("| {name} | {} | {expected} | {source} |", case.day));
        }
    }

    fn expected(&self, measure: &Measure, case: &Case) -> String {
        let outcome = match measure.gives {
            Gives::Money { .. } => say::outcome(case.expect.outcome, self.lang),
            Gives::Word(_) => say::told(case.expect.outcome, self.lang),
        };
        let amount = case
            .expect
            .amount
            .map(|sum| Amount { lo: sum, hi: Some(sum) })
            .or(case.expect.between.map(|(lo, hi)| Amount { lo, hi }));
        let sum = |sum: Tenge| sum.grouped();
        match amount {
            Some(Amount { lo, hi: Some(hi) }) if lo == hi => format!("{outcome}, {}", sum(lo)),
            Some(Amount { lo, hi: Some(hi) }) => format!("{outcome}, {} … {}", sum(lo), sum(hi)),
            Some(Amount { lo, hi: None }) => format!("{outcome}, {} {}", sum(lo), say::and_more(self.lang)),
            None if case.expect.outcome == Outcome::NotEligible && !case.expect.because.is_empty() => {
                let named = case.expect.because.iter().map(|name| name.replace('_', " "));
                format!("{outcome}: {}", named.collect::<Vec<_>>().join(", "))
            }
            None => case.expect.speaks_of.map_or(outcome.to_owned(), |day| format!("{outcome}, {day}")),
        }
    }
}
