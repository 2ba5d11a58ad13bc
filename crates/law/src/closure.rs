//! The version of a measure: a hash of everything that decides it. Words for people, cases and
//! sources decide nothing and do not change it.

use std::collections::BTreeSet;
use std::fmt::Write;

use card::{EntityId, EnumId, FieldId};
use sha2::{Digest, Sha256};

use crate::{
    pack::{Branch, Dated, Let, Measure, Pack},
    score::Score,
    tree::{Expr, LinkId, MeasureId, Node, ParameterId, RuleId, ScoreId, Type, WordId},
};

/// Changes whenever the same pack may answer differently.
pub const EVALUATOR: &str = "1";

/// Gives every measure the hash of what it reads, and the pack that of its positions.
pub(crate) fn seal(pack: &mut Pack) {
    pack.layout = hex(&layout(pack));
    let of_measures: Vec<String> =
        pack.measures.iter().map(|measure| Closure::of(pack, measure).hash()).collect();
    let of_scores: Vec<String> =
        pack.scores.iter().map(|score| Closure::of_score(pack, score).hash()).collect();
    for (measure, hash) in pack.measures.iter_mut().zip(of_measures) {
        measure.closure = hash;
    }
    for (score, hash) in pack.scores.iter_mut().zip(of_scores) {
        score.closure = hash;
    }
}

/// The names of whatever expressions name by position, in order.
fn layout(pack: &Pack) -> String {
    let schema = &pack.schema;
    let mut text = String::new();
    let mut list = |kind: &str, names: &mut dyn Iterator<Item = &String>| {
        let names: Vec<&str> = names.map(String::as_str).collect();
        let _infallible = writeln!(text, "{kind} {}", names.join(" "));
    };
    for entity in &schema.entities {
        let fields = entity.fields.iter().map(|field| &field.name);
        list("entity", &mut std::iter::once(&entity.name).chain(fields));
    }
    for one in &schema.enums {
        list("enum", &mut std::iter::once(&one.name).chain(&one.values));
    }
    list("registries", &mut schema.registries.iter().map(|registry| &registry.name));
    let of = |entity: EntityId| &schema.at(entity).name;
    list("links", &mut pack.links.iter().flat_map(|link| [of(link.of), &link.name]));
    list("words", &mut pack.words.iter().flat_map(|word| [of(word.of), &word.name]));
    list("parameters", &mut pack.parameters.iter().map(|parameter| &parameter.name));
    list("rules", &mut pack.rules.iter().map(|rule| &rule.name));
    for measure in &pack.measures {
        let lets = measure.lets.iter().map(|part| &part.name);
        list("measure", &mut std::iter::once(&measure.name).chain(lets));
    }
    for score in &pack.scores {
        let parts = score.lets.iter().map(|part| &part.name).chain(score.indicators().map(|one| &one.name));
        list("score", &mut std::iter::once(&score.name).chain(parts));
    }
    text
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

/// What a measure's law uses of what the pack names, itself or through others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Derived words.
    pub words: Vec<WordId>,
    /// Rules.
    pub rules: Vec<RuleId>,
    /// Numbers of the law.
    pub parameters: Vec<ParameterId>,
}

impl Pack {
    /// What the law of a measure uses, each in the order of the pack.
    pub fn named(&self, measure: MeasureId) -> Named {
        Closure::of(self, &self.measures[measure.0 as usize]).named()
    }

    /// What a methodology uses, each in the order of the pack; its tables of points are among the numbers.
    pub fn named_by_score(&self, score: ScoreId) -> Named {
        Closure::of_score(self, self.score_at(score)).named()
    }
}

/// A relation by which a measure reads what is paid. No entitlement does: that is the second
/// question, whether its subject is free.
pub(crate) fn reads_payments(pack: &Pack, measure: &Measure) -> Option<String> {
    Closure::of(pack, measure).seen.iter().find_map(|thing| match thing {
        Thing::Link(id) => {
            let link = &pack.links[*id as usize];
            let paid = [link.of, link.to]
                .into_iter()
                .any(|of| crate::reads::PAID.contains(&pack.schema.at(of).name.as_str()));
            paid.then(|| format!("{}.{}", pack.schema.at(link.of).name, link.name))
        }
        _ => None,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Word(u16),
    Link(u16),
    Parameter(u16),
    Rule(u16),
    Entity(u16),
    Field(u16, u16),
    Enum(u16),
}

/// Everything that a page of the law uses.
struct Closure<'p> {
    pack: &'p Pack,
    /// The local names of the page.
    lets: &'p [Let],
    waiting: Vec<Thing>,
    seen: BTreeSet<Thing>,
    /// One line per thing, names instead of positions, so that nothing changes when something else is
    /// added to the pack.
    lines: BTreeSet<String>,
}

impl<'p> Closure<'p> {
    fn of(pack: &'p Pack, measure: &'p Measure) -> Self {
        Self::walked(pack, &measure.lets, |closure| closure.measure(measure))
    }

    fn of_score(pack: &'p Pack, score: &'p Score) -> Self {
        Self::walked(pack, &score.lets, |closure| closure.score(score))
    }

    fn walked(pack: &'p Pack, lets: &'p [Let], page: impl FnOnce(&mut Self)) -> Self {
        let (waiting, seen, lines) = Default::default();
        let mut closure = Self { pack, lets, waiting, seen, lines };
        page(&mut closure);
        while let Some(thing) = closure.waiting.pop() {
            closure.define(thing);
        }
        closure
    }

    fn hash(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(String::as_str).collect();
        hex(&format!("evaluator {EVALUATOR}\n{}", lines.join("\n")))
    }

    fn named(&self) -> Named {
        let mut named = Named::default();
        for thing in &self.seen {
            match thing {
                Thing::Word(id) => named.words.push(WordId(*id)),
                Thing::Rule(id) => named.rules.push(RuleId(*id)),
                Thing::Parameter(id) => named.parameters.push(ParameterId(*id)),
                Thing::Link(_) | Thing::Entity(_) | Thing::Field(..) | Thing::Enum(_) => {}
            }
        }
        named
    }

    fn line(&mut self, line: String) {
        self.lines.insert(line);
    }

    fn reads(&mut self, thing: Thing) {
        if self.seen.insert(thing) {
            self.waiting.push(thing);
        }
    }

    fn score(&mut self, score: &Score) {
        let role = self.text(&score.subject.when);
        let entity = self.entity(score.subject.of);
        self.line(format!("score {} about {entity} where {role} in force {:?}", score.name, score.in_force));
        for one in &score.lets {
            self.form(&format!("let {}", one.name), &one.is);
        }
        for direction in &score.directions {
            for one in &direction.indicators {
                let (on, points) = (self.text(&one.on), self.parameter(one.points));
                self.line(format!("indicator {}.{} {on} {points}", direction.name, one.name));
            }
        }
        for level in &score.levels {
            self.line(format!("level {} {:?}", level.name, level.points));
        }
    }

    fn measure(&mut self, m: &Measure) {
        let role = self.text(&m.subject.when);
        let entity = self.entity(m.subject.of);
        let page = if m.says().is_some() { "notice" } else { "measure" };
        self.line(format!(
            "{page} {} about {entity} where {role} once {:?} in force {:?}",
            m.name, m.once, m.in_force
        ));
        self.maybe("among", m.among.as_ref());
        for one in &m.lets {
            self.form(&format!("let {}", one.name), &one.is);
        }
        for one in &m.conditions {
            self.form(&format!("condition {}", one.name), &one.holds);
        }
        for one in &m.refusals {
            self.form(&format!("refusal {}", one.name), &one.when);
            self.maybe(&format!("unless {}", one.name), one.unless.as_ref());
        }
        self.branches("branch", &m.branches);
        self.branches("addition", &m.additions);
        let p = &m.period;
        for (what, expr) in [
            ("at_least", &m.at_least),
            ("at_most", &m.at_most),
            ("indexed", &m.indexed),
            ("right", &p.right),
            ("from", &p.from),
            ("until", &p.until),
            ("for", &p.months),
            ("back_to", &p.back_to),
            ("claims", &m.claims),
        ] {
            if let Some(expr) = expr {
                let text = self.text(expr);
                self.line(format!("{what} {text}"));
            }
        }
        for one in &m.withholds {
            let when = one.when.as_ref().map(|when| self.text(when));
            let share = self.text(&one.share);
            self.line(format!("withholds {} when {when:?} share {share}", one.name));
        }
        if let Some(divided) = &m.divided {
            let (among, each) = (self.text(&divided.among), self.text(&divided.each));
            self.line(format!("divided {among} each {each} asked {}", divided.only_if_asked));
        }
        for one in &m.kinds {
            let when = self.text(&one.when);
            self.line(format!("kind {} {when} {:?}", one.name, one.duties));
        }
        for (at, one) in m.pays_to.iter().enumerate() {
            let text = self.text(one);
            self.line(format!("pays_to {at} {text}"));
        }
        let rounding = m.rounding.map(|id| self.parameter(id));
        let carry = p.carry.map(|id| self.parameter(id));
        self.line(format!(
            "rounding {rounding:?} carry {carry:?} monthly {} broken {:?} next {}",
            p.monthly, p.broken_month, p.next_month
        ));
        for choice in self
            .pack
            .choices
            .iter()
            .filter(|c| c.between.iter().any(|id| self.pack.measures[id.0 as usize].name == m.name))
        {
            let between: Vec<&str> =
                choice.between.iter().map(|id| self.pack.measures[id.0 as usize].name.as_str()).collect();
            self.line(format!("choice {} {between:?} {:?}", choice.name, choice.offered));
        }
    }

    fn branches(&mut self, kind: &str, branches: &[Branch]) {
        for one in branches {
            self.form(&format!("{kind} {} when", one.name), &one.when);
            self.form(&format!("{kind} {} pays", one.name), &one.pays);
        }
    }

    fn maybe(&mut self, what: &str, dated: Option<&Dated<Expr>>) {
        if let Some(dated) = dated {
            self.form(what, dated);
        }
    }

    fn form(&mut self, what: &str, dated: &Dated<Expr>) {
        for (from, expr) in &dated.0 {
            let text = self.text(expr);
            self.line(format!("{what} from {} {text}", from.days()));
        }
    }

    fn define(&mut self, thing: Thing) {
        let pack = self.pack;
        match thing {
            Thing::Word(id) => {
                let word = &pack.words[id as usize];
                let of = self.entity(word.of);
                self.form(&format!("word {of}.{}", word.name), &word.is);
            }
            Thing::Link(id) => {
                let link = &pack.links[id as usize];
                let (of, to) = (self.entity(link.of), self.entity(link.to));
                let from = match link.from {
                    crate::pack::LinkFrom::Key => "key".into(),
                    crate::pack::LinkFrom::Field(field) => self.field(link.of, field),
                };
                let by = self.field(link.to, link.by);
                let order: Vec<String> = link.order.iter().map(|field| self.field(link.to, *field)).collect();
                let registry = self.registry(link.registry);
                self.line(format!(
                    "link {of}.{} to {to} from {from} by {by} {:?} {:?} {registry} {order:?}",
                    link.name, link.arity, link.silence
                ));
            }
            Thing::Parameter(id) => {
                let p = &pack.parameters[id as usize];
                let keys: Vec<String> = p.keys.iter().map(|ty| self.ty(ty)).collect();
                let ty = self.ty(&p.ty);
                self.line(format!(
                    "parameter {} {ty} {:?} {keys:?} {}",
                    self.parameter_name(ParameterId(id)),
                    p.unit,
                    p.index
                ));
                for step in &p.steps {
                    let line = format!(
                        "value of {} from {} {:?} {:?}",
                        self.parameter_name(ParameterId(id)),
                        step.from,
                        step.standing,
                        step.entries
                    );
                    self.line(line);
                }
            }
            Thing::Rule(id) => {
                let rule = &pack.rules[id as usize];
                let with: Vec<String> =
                    rule.with.iter().map(|(name, ty)| format!("{name} {}", self.ty(ty))).collect();
                self.form(&format!("rule {} {with:?}", rule.name), &rule.is);
            }
            Thing::Entity(id) => {
                let id = EntityId(id);
                let entity = pack.schema.at(id);
                let key: Vec<String> = entity.key.iter().map(|field| self.field(id, *field)).collect();
                let validity = match &entity.validity {
                    card::Validity::Always => "always".into(),
                    card::Validity::Month(field) => format!("month {}", self.field(id, *field)),
                    card::Validity::Period { from, until, until_is } => {
                        let until = until.map(|field| self.field(id, field));
                        format!("from {} until {until:?} {until_is:?}", self.field(id, *from))
                    }
                };
                let registry = self.registry(entity.registry);
                self.line(format!("entity {} key {key:?} {validity} {registry}", entity.name));
                for group in pack.groups.iter().filter(|group| group.entity == id) {
                    let by: Vec<String> =
                        group.by.iter().map(|field| self.field(group.rows, *field)).collect();
                    self.line(format!("group {} by {by:?}", entity.name));
                }
            }
            Thing::Field(of, field) => {
                let of = EntityId(of);
                let f = pack.schema.at(of).at(FieldId(field));
                let registry = f.registry.map(|registry| self.registry(registry));
                let ty = match f.ty {
                    card::FieldType::Enum(id) => self.enumeration(id),
                    card::FieldType::Row(entity) => self.entity(entity),
                    other => format!("{other:?}"),
                };
                let name = &pack.schema.at(of).name;
                self.line(format!(
                    "field {name}.{} {ty} {} {} {} {registry:?}",
                    f.name, f.optional, f.signed, f.year_only
                ));
            }
            Thing::Enum(id) => {
                let one = pack.schema.enumeration(EnumId(id));
                self.line(format!("enum {} {:?}", one.name, one.values));
            }
        }
    }

    fn registry(&self, id: card::RegistryId) -> String {
        let registry = &self.pack.schema.registries[id.0 as usize];
        format!("{} {}", registry.name, registry.stands_for)
    }

    fn entity(&mut self, id: EntityId) -> String {
        self.reads(Thing::Entity(id.0));
        self.pack.schema.at(id).name.clone()
    }

    fn field(&mut self, of: EntityId, field: FieldId) -> String {
        self.reads(Thing::Field(of.0, field.0));
        self.pack.schema.at(of).at(field).name.clone()
    }

    fn enumeration(&mut self, id: EnumId) -> String {
        self.reads(Thing::Enum(id.0));
        self.pack.schema.enumeration(id).name.clone()
    }

    fn parameter(&mut self, id: ParameterId) -> String {
        self.reads(Thing::Parameter(id.0));
        self.parameter_name(id)
    }

    fn parameter_name(&self, id: ParameterId) -> String {
        let p = self.pack.parameter(id);
        p.measure.as_ref().map_or_else(|| p.name.clone(), |measure| format!("{measure}.{}", p.name))
    }

    fn ty(&mut self, ty: &Type) -> String {
        match ty {
            Type::Enum(id) => self.enumeration(*id),
            Type::Row(of) => self.entity(*of),
            Type::List(of) => format!("list of {}", self.ty(of)),
            Type::Optional(of) => format!("optional {}", self.ty(of)),
            other => format!("{other:?}"),
        }
    }

    /// The expression with names, noting what it reads.
    fn text(&mut self, expr: &Expr) -> String {
        let pack = self.pack;
        let own = match &expr.node {
            Node::Bool(value) => value.to_string(),
            Node::Number(number) => number.to_string(),
            Node::Date(date) => date.to_string(),
            Node::Duration(span) => span.to_string(),
            Node::Enum(id, value) => {
                format!("{}:{}", self.enumeration(*id), pack.schema.enumeration(*id).values[*value as usize])
            }
            Node::Code(text) => format!("{text:?}"),
            Node::Var(slot)
            | Node::Each { slot, .. }
            | Node::Through { slot, .. }
            | Node::Filter { slot, .. }
            | Node::Some { slot, .. }
            | Node::Every { slot, .. } => slot.0.to_string(),
            Node::Let(id) => self.lets[id.0 as usize].name.clone(),
            Node::Field(row, field) => match row.ty {
                Type::Row(of) => self.field(of, *field),
                _ => field.0.to_string(),
            },
            Node::Link(_, LinkId(id)) => {
                self.reads(Thing::Link(*id));
                pack.links[*id as usize].name.clone()
            }
            Node::Word(_, WordId(id)) => {
                self.reads(Thing::Word(*id));
                let word = &pack.words[*id as usize];
                format!("{}.{}", pack.schema.at(word.of).name, word.name)
            }
            Node::Compare(comparison, ..) => format!("{comparison:?}"),
            Node::InRange { lo_included, hi_included, .. } => format!("{lo_included} {hi_included}"),
            Node::Parameter(id, ..) | Node::Index(id, ..) | Node::ReachedOn(id, ..) => self.parameter(*id),
            Node::Rule(RuleId(id), _) => {
                self.reads(Thing::Rule(*id));
                pack.rules[*id as usize].name.clone()
            }
            _ => String::new(),
        };
        let parts: Vec<String> = expr.parts().into_iter().map(|child| self.text(child)).collect();
        format!("({} {own} {})", kind(&expr.node), parts.join(" "))
    }
}

/// The name of a node's kind, as its declaration writes it.
fn kind(node: &Node) -> String {
    let shown = format!("{node:?}");
    shown.chars().take_while(char::is_ascii_alphanumeric).collect()
}
