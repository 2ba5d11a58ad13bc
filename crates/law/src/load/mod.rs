//! From the texts of a pack to the compiled pack, or to everything that is wrong with it.

mod choices;
mod facts;
mod form;
mod law;
mod numbers;
mod page;
mod proof;
mod relations;
mod score;
mod sketch;
mod told;

use card::{EntityId, Text};

use form::{Form, Read};

use crate::{
    check::{self, Book, Scope},
    diagnostic::{Diagnostic, did_you_mean},
    pack::{Act, Pack, Role},
    tree::Type,
    yaml::{self, Node, Place, Problem, Scalar, Source, Value},
};

pub use proof::load_cases;

/// Which rules are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// All of them.
    Pack,
    /// Only those about expressions: a sketch of law without texts, sources and cases.
    Expressions,
}

/// What reading the texts of a pack gives.
#[derive(Debug)]
pub struct Loaded {
    /// The pack, if nothing is wrong with it. Of a sketch it lacks what a sketch lacks.
    pub pack: Option<Pack>,
    /// What is wrong; the pack does not load.
    pub errors: Vec<Diagnostic>,
    /// What is probably not meant; the pack loads.
    pub warnings: Vec<Diagnostic>,
    /// The expressions that were typed, as written.
    pub expressions: Vec<String>,
    /// The unary tests of tables, as written.
    pub tests: Vec<String>,
}

/// Compiles a pack from its texts, or says everything that is wrong with it.
pub fn load(sources: &[Source]) -> Result<Pack, Vec<Diagnostic>> {
    let loaded = read(sources, Strictness::Pack);
    loaded.pack.ok_or(loaded.errors)
}

/// As [`load`], with warnings, and with fewer rules for a sketch.
pub fn read(sources: &[Source], strictness: Strictness) -> Loaded {
    let mut problems = Vec::new();
    let documents: Vec<Option<Node>> = (0..sources.len())
        .map(|file| match yaml::read(sources, file) {
            Ok(node) => Some(node),
            Err(problem) => {
                problems.push(problem);
                None
            }
        })
        .collect();
    let mut loading = Loading::new(sources, strictness);
    loading.book.problems = problems;
    let pack = loading.pack(&documents);
    let say = |problems: &[Problem]| {
        let mut said: Vec<Diagnostic> = problems
            .iter()
            .filter(|p| !p.is_reported())
            .map(|p| yaml::diagnose(sources, &documents, p))
            .collect();
        said.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        said.dedup();
        said
    };
    let errors = say(&loading.book.problems);
    let warnings = say(&loading.book.warnings);
    let (expressions, tests) = (loading.book.typed, loading.book.keys.into_inner());
    Loaded { pack: if errors.is_empty() { Some(pack) } else { None }, errors, warnings, expressions, tests }
}

/// A pack on its way.
pub(crate) struct Loading<'a> {
    book: Book,
    strictness: Strictness,
    acts: Vec<Act>,
    role_nodes: Vec<&'a Node>,
    /// Where each parameter of the book is named.
    parameter_names: Vec<Scalar>,
    measure_names: Vec<String>,
}

impl<'a> Loading<'a> {
    fn new(sources: &[Source], strictness: Strictness) -> Self {
        let book = Book { sources: sources.to_vec(), ..Book::default() };
        Self {
            book,
            strictness,
            acts: Vec::new(),
            role_nodes: Vec::new(),
            parameter_names: Vec::new(),
            measure_names: Vec::new(),
        }
    }

    fn lenient(&self) -> bool {
        self.strictness == Strictness::Expressions
    }

    fn pack(&mut self, documents: &'a [Option<Node>]) -> Pack {
        let of = |folder: &str| -> Vec<&'a Node> {
            let in_folder = |source: &Source| source.path.split('/').rev().nth(1) == Some(folder);
            let nodes = self.book.sources.iter().zip(documents).filter(|(source, _)| in_folder(source));
            nodes.filter_map(|(_, node)| node.as_ref()).collect()
        };
        let file = |name: &str| -> Option<&'a Node> {
            let at = self.book.sources.iter().position(|s| s.path.rsplit('/').next() == Some(name))?;
            documents[at].as_ref()
        };
        let (entities, rules, parameters) = (of("entities"), of("rules"), of("parameters"));
        let (measures, notices, levels) = (of("measures"), of("notices"), of("levels"));
        let (acts, choices) = (file("acts.yaml"), file("choices.yaml"));
        if let Some(acts) = acts {
            let read = self.acts(acts);
            self.note(read);
        }
        self.facts(&items(&entities));
        if self.book.schema.entities.is_empty() {
            return self.empty();
        }
        for node in items(&parameters) {
            let read = self.shared_parameter(node);
            self.note(read);
        }
        for node in items(&rules) {
            let read = self.rule_draft(node);
            self.note(read);
        }
        let measure_nodes = items(&measures);
        for node in &measure_nodes {
            let read = self.page_parameters(node, "measure");
            self.note(read);
        }
        // A sketch has notices without their words: its expressions alone are read.
        let notice_nodes = if self.lenient() { Vec::new() } else { items(&notices) };
        for node in &notice_nodes {
            let read = self.page_parameters(node, "notice");
            self.note(read);
        }
        let score_nodes = if self.lenient() { Vec::new() } else { items(&levels) };
        for node in &score_nodes {
            let read = self.score_parameters(node);
            self.note(read);
        }
        self.unshadowed();
        for draft in 0..self.book.word_drafts.len() {
            let name = 0..0;
            if let Err(fault) = self.book.word(draft, &name) {
                let scalar = self.book.word_drafts[draft].is.first().map(|form| form.scalar.clone());
                if let Some(scalar) = scalar {
                    self.book.report(&scalar, fault);
                }
            }
        }
        for draft in 0..self.book.rule_drafts.len() {
            let _reported = self.book.rule(draft, &(0..0));
        }
        self.roles();
        let measures: Vec<_> = measure_nodes
            .iter()
            .filter_map(|node| {
                let read = self.measure(node);
                self.note_value(read)
            })
            .collect();
        let told: Vec<_> = notice_nodes
            .iter()
            .filter_map(|node| {
                let read = self.notice(node);
                self.note_value(read)
            })
            .collect();
        let choices = choices.map(|node| self.choices(node, &measures)).unwrap_or_default();
        let scores = self.scores(&score_nodes);
        if self.lenient() {
            self.sketch(&items(&notices), &items(&levels));
        }
        let mut pack = self.empty();
        pack.measures = measures;
        pack.measures.extend(told);
        pack.choices = choices;
        pack.scores = scores;
        if !self.lenient() {
            let nodes = [measure_nodes, notice_nodes].concat();
            self.unpaid(&pack, &nodes);
            if self.book.problems.is_empty() {
                self.proved(&pack, &nodes);
                self.scores_proved(&pack, &score_nodes);
            }
        }
        crate::closure::seal(&mut pack);
        pack
    }

    /// No entitlement reads what is paid.
    fn unpaid(&mut self, pack: &Pack, nodes: &[&'a Node]) {
        for measure in &pack.measures {
            let Some(link) = crate::closure::reads_payments(pack, measure) else { continue };
            let place = place_of(nodes, &["measure", "notice"], &measure.name);
            self.book
                .problems
                .push(Problem::at(&place, format!("`{}` reads what is paid: `{link}`", measure.name)).mend(
                    "whether somebody is paid already is the second question of every measure, *free*",
                ));
        }
    }

    /// Warns of conditions, refusals and branches of which no case tells.
    fn proved(&mut self, pack: &Pack, nodes: &[&'a Node]) {
        for measure in &pack.measures {
            let grounds =
                measure.conditions.iter().map(|c| &c.name).chain(measure.refusals.iter().map(|r| &r.name));
            let fails = |name: &&String| measure.cases.iter().any(|case| case.expect.because.contains(name));
            let applies =
                |name: &&String| measure.cases.iter().any(|case| case.expect.branch.as_ref() == Some(name));
            let branches = measure.branches.iter().map(|b| &b.name);
            let missing = grounds
                .filter(|name| !fails(name))
                .map(|name| format!("no case in which `{name}` decides against the subject"))
                .chain(
                    branches
                        .filter(|name| !applies(name))
                        .map(|name| format!("no case in which branch `{name}` applies")),
                );
            let place = place_of(nodes, &["measure", "notice"], &measure.name);
            for message in missing {
                self.book.warnings.push(Problem::at(&place, message).mend("add one to `cases`"));
            }
        }
    }

    fn empty(&self) -> Pack {
        Pack {
            schema: self.book.schema.clone(),
            groups: self.book.groups.clone(),
            acts: self.acts.clone(),
            links: self.book.links.clone(),
            words: self.book.words.clone(),
            roles: self.book.roles.clone(),
            parameters: self.book.parameters.clone(),
            rules: self.book.rules.clone(),
            measures: Vec::new(),
            choices: Vec::new(),
            scores: Vec::new(),
            layout: String::new(),
        }
    }

    fn acts(&mut self, node: &'a Node) -> Read<()> {
        for (key, node) in node.entries()? {
            let form = Form::of(node)?;
            let act =
                Act { key: key.name()?.into(), title: self.title(&form)?, link: form.text("link")?.into() };
            for key in ["number", "adopted", "in_force_until"] {
                form.get(key);
            }
            self.close(&form)?;
            self.acts.push(act);
        }
        Ok(())
    }

    fn roles(&mut self) {
        for node in self.role_nodes.clone() {
            let read = self.role(node);
            self.note(read);
        }
    }

    fn role(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let scalar = form.need("role")?.scalar()?;
        let name = scalar.name()?.to_owned();
        let of = self.entity_id(form.need("of")?.scalar()?)?;
        let written = form.need("where")?.written(&self.book.sources, &mut self.book.problems);
        form.get("title");
        self.close(&form)?;
        fresh(scalar, self.book.roles.iter().any(|r| r.name == name))?;
        let scope = Scope::about(of, vec![name.clone(), self.book.schema.at(of).name.clone()]);
        if let Some(when) = self.book.wanted(&scope, &written, &Type::Bool)
            && let Some((_, when)) = when.0.into_iter().next()
        {
            self.book.roles.push(Role { name, of, when });
        } else {
            self.book.broken.push(name);
        }
        Ok(())
    }

    /// A `let` or parameter never has the name of a field: in a filter it would change its meaning.
    fn unshadowed(&mut self) {
        for name in self.parameter_names.clone() {
            if let Some(owner) = self.field_with(&name.text) {
                let owner = self.book.schema.at(owner).name.clone();
                self.book.problems.push(shadow(&name.place, &name.text, &owner));
            }
        }
    }

    fn field_with(&self, name: &str) -> Option<EntityId> {
        self.book.members.iter().position(|members| members.contains_key(name)).map(|at| EntityId(at as u16))
    }

    // What every form needs.

    fn note(&mut self, read: Read<()>) {
        self.note_value(read);
    }

    /// As [`Loading::note`], for the declaration of a name.
    fn note_named(&mut self, name: &str, read: Read<()>) {
        if read.is_err() {
            self.book.broken.push(name.to_owned());
        }
        self.note(read);
    }

    fn note_value<T>(&mut self, read: Read<T>) -> Option<T> {
        read.map_err(|problem| self.book.problems.push(problem)).ok()
    }

    fn complain(&mut self, file: &str, message: &str, mend: &str) {
        let at = self.book.sources.iter().position(|s| s.path.contains(file)).unwrap_or(0);
        if self.book.sources.is_empty() {
            self.book.sources.push(Source { path: file.into(), text: String::new() });
        }
        self.book.problems.push(Problem::at(&Place { file: at, chars: 0..0 }, message).mend(mend));
    }

    fn title(&self, form: &Form<'a>) -> Read<Text> {
        match form.get("title") {
            Some(node) => node.texts(),
            None if self.lenient() => Ok(Text::default()),
            None => form.need("title")?.texts(),
        }
    }

    fn close(&self, form: &Form<'a>) -> Read<()> {
        if self.lenient() { Ok(()) } else { form.finish() }
    }

    /// The articles of a condition or value, which it must have.
    fn sources_needed(&self, form: &Form<'a>) -> Read<Vec<String>> {
        if !self.lenient() {
            form.need("source")?;
        }
        self.sources(form)
    }

    fn sources_if_any(&self, form: &Form<'a>) -> Read<Vec<String>> {
        self.sources(form)
    }

    /// `act:article`, or the act as a whole.
    fn sources(&self, form: &Form<'a>) -> Read<Vec<String>> {
        let mut sources = Vec::new();
        for scalar in form.words("source")? {
            let act = scalar.text.split(':').next().unwrap_or_default();
            if !self.lenient() && !self.acts.iter().any(|a| a.key == act) {
                let known: Vec<&str> = self.acts.iter().map(|a| a.key.as_str()).collect();
                return Err(Problem::at(&scalar.place, format!("there is no act `{act}`"))
                    .maybe_mend(did_you_mean(act, known)));
            }
            sources.push(scalar.text.clone());
        }
        Ok(sources)
    }
}

/// Where a page of the law is named, by one of the keys that name pages of its kind.
fn place_of(nodes: &[&Node], kinds: &[&str], page: &str) -> Place {
    let name = |node: &&Node| {
        let form = Form::of(node).ok()?;
        let name = kinds.iter().find_map(|kind| form.get(kind))?.scalar().ok()?;
        (name.text == page).then(|| name.place.clone())
    };
    nodes.iter().find_map(name).unwrap_or(Place { file: 0, chars: 0..1 })
}

/// A name is declared once.
fn fresh(name: &Scalar, taken: bool) -> Read<()> {
    if taken {
        return Err(Problem::at(&name.place, format!("`{}` is declared twice", name.text))
            .mend("give one of them another name"));
    }
    Ok(())
}

/// As [`fresh`], and no word of the language.
fn fresh_name(name: &Scalar, taken: bool) -> Read<()> {
    if check::reserved(&name.text) {
        return Err(Problem::at(&name.place, format!("`{}` is a word of the language", name.text))
            .mend("choose another name"));
    }
    fresh(name, taken)
}

fn shadow(place: &Place, name: &str, owner: &str) -> Problem {
    Problem::at(place, format!("`{name}` is also a field of `{owner}`: inside a filter it would mean that"))
        .mend("give it another name")
}

/// The declarations of some files: each is one, or a list of them.
fn items<'a>(nodes: &[&'a Node]) -> Vec<&'a Node> {
    nodes
        .iter()
        .flat_map(|node| match &node.value {
            Value::List(items) => items.iter().collect::<Vec<_>>(),
            _ => vec![*node],
        })
        .collect()
}
