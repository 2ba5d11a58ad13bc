//! The law of Kazakhstan against npm `feelin`, an evaluator of FEEL that is not ours: complete
//! families, the texts of the pack, the words about persons as values.
//!
//! `tools/install-witnesses` installs it. Where it is missing, the tests fail.
//!
//! A birth registered abroad is never complete, since its ties are never all known: no family here
//! has one, and the cases of the pack prove the condition that asks for the registration.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use assess::Engine;
use card::{Cell, Circle, Coverage, Date, EntityId, LONG_AGO, Outcome, PersonId, Question, Schema, Ternary};
use fastrand::Rng;
use law::{
    Constant, Measure, Pack,
    port::Assessor,
    tree::{Exact, Expr, MeasureId, Node, Slot, Type},
};
use serde_json::{Map, Value as Json, json};

use crate::{
    kz,
    plain::{Is, Plain, Thing, Value},
    soundness::kz::{Maker, day, person, words},
};

/// A family about which everything is said, one child often newly born.
struct Family {
    circle: Circle,
    lead: PersonId,
    child: PersonId,
    day: Date,
    asked_on: Date,
}

impl Family {
    fn random(rng: &mut Rng, pack: &Pack) -> Self {
        let mut make = Maker { pack, rng, rows: Vec::new() };
        let children = make.rng.u64(1..=11);
        let asked_on = make.between("2022-07-01", "2026-12-31");
        for (parent, sex) in [(1, "female"), (2, "male")] {
            let born = make.between("1972-01-01", "1998-01-01");
            let sex = make.value("sex", sex);
            make.row("person", &[("id", person(parent)), ("birth_date", Cell::Date(born)), ("sex", sex)]);
            lives_at(&mut make, parent, "2005-01-01");
        }
        if make.rng.u8(0..4) > 0 {
            let since = Cell::Date(day("2003-05-01"));
            make.row("marriage", &[("first", person(1)), ("second", person(2)), ("since", since)]);
        }
        for child in 3..3 + children {
            let years = if child == 3 && make.rng.bool() { 3 } else { 22 };
            let born = Date::from_days(asked_on.days() - make.rng.i32(0..years * 365)).to_string();
            let registered = ("birth_registered", Cell::Bool(true));
            make.row("person", &[("id", person(child)), ("birth_date", Cell::Date(day(&born))), registered]);
            lives_at(&mut make, child, &born);
            for parent in 1..=2 {
                let kind = if make.rng.u8(0..8) > 0 {
                    make.value("tie", "birth")
                } else {
                    let any = make.kind();
                    make.made_up(any)
                };
                let since = ("since", Cell::Date(day(&born)));
                let said = [("child", person(child)), ("parent", person(parent)), ("kind", kind), since];
                make.row("parent_link", &said);
            }
            if make.rng.u8(0..3) == 0 {
                make.row("study", &[("person", person(child)), ("since", Cell::Date(day("2020-09-01")))]);
            }
            if make.rng.u8(0..12) == 0 {
                make.row("stay", &[("person", person(child)), ("since", Cell::Date(day("2021-09-01")))]);
            }
        }
        let covered = |(at, entity): (usize, &card::Entity)| Coverage {
            entity: EntityId(at as u16),
            registry: entity.registry,
            region: None,
            from: LONG_AGO,
            through: day("2090-01-01"),
        };
        let coverage = pack.schema.entities.iter().enumerate().map(covered).collect();
        let later = if make.rng.bool() { 0 } else { make.rng.i32(0..40) };
        Self {
            circle: Circle { rows: make.rows, coverage, loaded: None },
            lead: PersonId(rng.u64(1..=2)),
            child: PersonId(3),
            day: Date::from_days(asked_on.days() + later),
            asked_on,
        }
    }

    fn question(&self, subject: PersonId) -> Question {
        Question { subject, day: self.day, asked_on: self.asked_on }
    }
}

fn lives_at(make: &mut Maker, who: u64, since: &str) {
    let address = if make.rng.u8(0..40) > 0 { "home" } else { "elsewhere" };
    let since = Cell::Date(day(since));
    make.row(
        "residence",
        &[("person", person(who)), ("address", Cell::Code(address.into())), ("since", since)],
    );
}

/// A word or a field of persons, and the names that stand beside it in the same lines of the law: what
/// is read of its rows.
struct Read {
    word: String,
    expr: Expr,
    beside: BTreeSet<String>,
}

/// The words and fields of persons that the law of a measure names.
fn named(pack: &Pack, measure: &Measure) -> Vec<Read> {
    let sources = kz::sources();
    let mut lines: Vec<BTreeSet<String>> = Vec::new();
    for source in &sources {
        let law = source.text.split("# ── The words").next().unwrap_or_default();
        let role = format!("- {{role: {},", measure.subject.name);
        let of_measure = source.path == format!("measures/{}.yaml", measure.name);
        let read = law.lines().filter(|line| line.starts_with(&role) || of_measure && !line.contains("kk:"));
        lines.extend(read.map(|line| {
            let code = line.split('#').next().unwrap_or_default();
            let words = code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            words.map(str::to_owned).collect()
        }));
    }
    let me = || Box::new(Expr { node: Node::Var(Slot(0)), ty: Type::Row(Schema::PERSON), at: 0..0 });
    let fields = pack.schema.at(Schema::PERSON).fields.iter().enumerate().filter_map(|(at, field)| {
        let ty = match field.ty {
            card::FieldType::Bool => Type::Bool,
            card::FieldType::Integer => Type::Integer,
            card::FieldType::Date => Type::Date,
            card::FieldType::Enum(id) => Type::Enum(id),
            _ => return None,
        };
        let ty = if field.optional { Type::Optional(Box::new(ty)) } else { ty };
        Some((field.name.clone(), Expr { node: Node::Field(me(), card::FieldId(at as u16)), ty, at: 0..0 }))
    });
    let beside = |name: &String| -> Option<BTreeSet<String>> {
        lines.iter().filter(|line| line.contains(name)).cloned().reduce(|a, b| &a | &b)
    };
    let all = words(pack).into_iter().chain(fields);
    all.filter_map(|(name, expr)| beside(&name).map(|beside| Read { word: name, expr, beside })).collect()
}

/// What is asked of the two evaluators.
struct Asked<'p> {
    pack: &'p Pack,
    names: Vec<Vec<Read>>,
}

impl Asked<'_> {
    /// What is known of a person by name: everything of a subject, of a row what is read `beside` it.
    /// `None` if something is not known.
    fn person(
        &self,
        measure: MeasureId,
        family: &Family,
        who: PersonId,
        beside: Option<&BTreeSet<String>>,
    ) -> Option<Json> {
        let read = |n: &&Read| beside.is_none_or(|beside| !rows(&n.expr.ty) && beside.contains(&n.word));
        let names: Vec<&Read> = self.names[measure.0 as usize].iter().filter(read).collect();
        let exprs: Vec<&Expr> = names.iter().map(|n| &n.expr).collect();
        let question = family.question(who);
        let values = Plain::new().evaluate_all(self.pack, measure, &exprs, question, &family.circle);
        let mut told = Map::from_iter([("id".to_owned(), json!(who.0))]);
        for (name, value) in names.iter().zip(values) {
            let value = value.unwrap_or_else(|error| panic!("{}: {error}", name.word));
            told.insert(name.word.clone(), self.told(measure, family, name, &value)?);
        }
        Some(Json::Object(told))
    }

    fn told(&self, measure: MeasureId, family: &Family, name: &Read, value: &Value) -> Option<Json> {
        if !value.decided() {
            return None;
        }
        let inner = |who: &Thing| self.person(measure, family, who.as_person()?, Some(&name.beside));
        Some(match (&value.some, &name.expr.ty) {
            (None, _) => Json::Null,
            (Some(Is::Bool(truth)), _) => json!(*truth == Ternary::Yes),
            (Some(Is::Number(number)), _) => decimal(number.single()?),
            (Some(Is::Date(date)), _) => date_told(date.single()?),
            (Some(Is::Enum(set)), Type::Enum(id)) => {
                json!(self.pack.schema.enumeration(*id).values[*set.single()? as usize])
            }
            (Some(Is::Row(set)), _) => inner(set.single()?)?,
            (Some(Is::Rows(rows)), _) => rows.members.keys().map(inner).collect::<Option<Vec<_>>>()?.into(),
            (Some(other), _) => panic!("no value of FEEL for {other:?}"),
        })
    }

    /// A question with what our engine answers; `None` where the answer is not certain.
    fn ask(&self, engine: &Engine, name: &str, family: &Family, subject: PersonId) -> Option<Json> {
        let id = self.pack.measure(name).expect("a measure of the pack");
        let measure = &self.pack.measures[id.0 as usize];
        let question = family.question(subject);
        let told = self.person(id, family, subject, None)?;
        let verdict = engine.assess(self.pack, id, question, &family.circle).expect("an answer");
        let conditions: Option<Map<_, _>> = verdict
            .conditions
            .iter()
            .map(|c| {
                (c.outcome != Ternary::Unknown).then(|| (c.name.clone(), json!(c.outcome == Ternary::Yes)))
            })
            .collect();
        let ours = match verdict.outcome {
            Outcome::Unknown => return None,
            Outcome::NotConcerned => json!({"outcome": "not_concerned"}),
            Outcome::NotEligible => json!({"outcome": "not_eligible", "conditions": conditions?}),
            Outcome::Eligible => {
                let branch = measure.branches.iter().find(|b| Some(&b.name) == verdict.branch.as_ref())?;
                let pays = branch.pays.on(question.day).expect("a form of the day");
                let exact = Plain::new().evaluate(self.pack, id, pays, question, &family.circle);
                let Some(Is::Number(exact)) = exact.expect("an amount").some else { return None };
                let paid = verdict.pays_to.iter().filter(|to| to.certain == Ternary::Yes);
                json!({
                    "outcome": "eligible",
                    "conditions": conditions?,
                    "branch": branch.name,
                    "exact": decimal(exact.single()?),
                    "amount": decimal(Exact::new(verdict.amount?.point()?.tiyn().into(), 100)),
                    "pays_to": paid.map(|to| to.person.0).collect::<Vec<_>>(),
                })
            }
        };
        let (day, asked_on) = (date_told(question.day), date_told(question.asked_on));
        Some(json!({"measure": name, "day": day, "asked_on": asked_on, "subject": told, "ours": ours}))
    }
}

fn rows(ty: &Type) -> bool {
    match ty {
        Type::Row(_) | Type::List(_) => true,
        Type::Optional(inner) => rows(inner),
        _ => false,
    }
}

fn date_told(date: Date) -> Json {
    json!({"date": date.to_string()})
}

/// An exact number with at most six places, written without a binary float.
fn decimal(number: Exact) -> Json {
    let millionths = number * Exact::from_integer(1_000_000);
    assert!(millionths.is_integer() && millionths >= Exact::from_integer(0), "{number}");
    let whole = millionths.to_integer();
    serde_json::from_str(&format!("{}.{:06}", whole / 1_000_000, whole % 1_000_000)).expect("a number")
}

/// As many complete families, each with a question to either measure and our answer by a pack.
fn families(pack: &Pack, many: usize) -> Vec<Json> {
    let asked = Asked { pack, names: pack.measures.iter().map(|measure| named(pack, measure)).collect() };
    let engine = Engine::new();
    let complete = |seed: u64| {
        let family = Family::random(&mut Rng::with_seed(seed), pack);
        let grant = asked.ask(&engine, "birth_grant", &family, family.child)?;
        let benefit = asked.ask(&engine, "multi_child", &family, family.lead)?;
        Some(json!({"seed": seed, "questions": [grant, benefit]}))
    };
    // The even and the odd seeds side by side, whatever the machine: the same families everywhere.
    std::thread::scope(|scope| {
        let half = |first: u64| (first..).step_by(2).filter_map(complete).take(many / 2).collect::<Vec<_>>();
        let even = scope.spawn(move || half(0));
        let mut families = half(1);
        families.extend(even.join().expect("families of even seeds"));
        families
    })
}

/// What the other program found.
struct Found {
    families: u64,
    disagreements: u64,
    counts: BTreeMap<String, u64>,
    told: String,
}

fn compare(families: &[Json]) -> Found {
    let modules =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder").join("witness-node");
    assert!(modules.join("installed").exists(), "{}: run tools/install-witnesses", modules.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/witness/law.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .args([modules, kz::folder()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed by tools/install-witnesses");
    let questions = serde_json::to_vec(families).expect("plain JSON");
    node.stdin.take().expect("a pipe").write_all(&questions).expect("node reads what it is asked");
    let output = node.wait_with_output().expect("node ends");
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "node failed; its words are above\n{told}");
    let last = told.lines().last().expect("a line of counts");
    let last: Json = serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}\n{told}"));
    let counts = last["counts"].as_object().expect("counts").iter();
    Found {
        families: last["families"].as_u64().expect("a number"),
        disagreements: last["disagreements"].as_u64().expect("a number"),
        counts: counts.map(|(kind, many)| (kind.clone(), many.as_u64().expect("a number"))).collect(),
        told,
    }
}

#[test]
fn feelin_agrees_about_a_thousand_complete_families() {
    let found = compare(&families(&kz::pack(), 1_000));
    assert_eq!(found.disagreements, 0, "{}", found.told);
    assert_eq!(found.families, 1_000);
    // Every branch, every kind of no: an agreement about nothing would be none.
    for kind in [
        "birth_grant first_children",
        "birth_grant later_children",
        "birth_grant not_eligible",
        "birth_grant not_concerned",
        "multi_child four_to_seven",
        "multi_child eight_or_more",
        "multi_child not_eligible",
        "multi_child not_concerned",
    ] {
        let many = found.counts.get(kind).copied().unwrap_or_default();
        assert!(many >= 20, "only {many} answers are {kind}: {:?}", found.counts);
    }
}

#[test]
fn feelin_sees_a_tenge_in_our_numbers() {
    let mut pack = kz::pack();
    let index = pack.parameters.iter_mut().find(|parameter| parameter.name == "mrp").expect("the index");
    for entry in index.steps.iter_mut().flat_map(|step| &mut step.entries) {
        let Constant::Number(value) = &mut entry.value else { panic!("an index without a number") };
        *value += Exact::from_integer(1);
    }
    let found = compare(&families(&pack, 60));
    let paid: u64 = found
        .counts
        .iter()
        .filter(|(kind, _)| !kind.ends_with("_eligible") && !kind.ends_with("_concerned"))
        .map(|(_, many)| many)
        .sum();
    assert!(paid >= 20, "{:?}", found.counts);
    assert_eq!(found.disagreements, paid, "{}", found.told);
}

#[test]
fn feelin_sees_one_wrong_answer() {
    let right = families(&kz::pack(), 60);
    let sum = right
        .iter()
        .position(|family| family["questions"][1]["ours"]["amount"].is_number())
        .expect("a family with a benefit");
    let seen = |wrong: &dyn Fn(&mut Json)| {
        let mut families = right.clone();
        wrong(&mut families[sum]["questions"][1]["ours"]);
        compare(&families).disagreements
    };
    let amount = &right[sum]["questions"][1]["ours"]["amount"].to_string();
    let (whole, _) = amount.split_once('.').expect("a decimal number");
    let dearer: u64 = whole.parse::<u64>().expect("tenge") + 1;
    assert_eq!(seen(&|_| {}), 0);
    assert_eq!(seen(&|ours| ours["amount"] = json!(dearer)), 1);
    assert_eq!(seen(&|ours| ours["conditions"]["four_children"] = json!(false)), 1);
    assert_eq!(seen(&|ours| ours["pays_to"] = json!([2, 1])), 1);
    assert_eq!(seen(&|ours| ours["branch"] = json!("another")), 1);
}
