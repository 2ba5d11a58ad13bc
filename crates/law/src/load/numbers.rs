//! Parameters: dated numbers, tables and indexes.

use card::{Date, EnumId, Standing};

use super::{
    Loading,
    form::{Form, Read},
    fresh_name,
};
use crate::{
    check,
    diagnostic::did_you_mean,
    pack::{Constant, Entry, KeyTest, Parameter, Step},
    syntax::{self, Ast, Operator, Syntax, Test},
    tree::{Exact, Type},
    yaml::{Node, Problem, Scalar, Value},
};

/// The source and standing that a parameter gives to steps without their own.
struct Whole {
    sources: Vec<String>,
    standing: Option<Standing>,
}

impl<'a> Loading<'a> {
    /// `- parameter: name …` of `parameters/`.
    pub(super) fn shared_parameter(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let name = form.need("parameter")?.scalar()?;
        let read = self.parameter(name, node, None);
        self.note_named(&name.text, read);
        Ok(())
    }

    pub(super) fn parameter(&mut self, name: &'a Scalar, node: &'a Node, measure: Option<&str>) -> Read<()> {
        let form = Form::of(node)?;
        form.get("parameter");
        let text = name.name()?;
        let title = self.title(&form)?;
        let unit = form.text_or_nothing("unit")?.map(str::to_owned);
        let ty = match form.get("type") {
            Some(node) => self.type_named(node.scalar()?)?,
            None => Type::Decimal,
        };
        if unit.is_some() && !matches!(ty, Type::Integer | Type::Decimal) {
            return Err(Problem::at(&name.place, "a unit belongs to a number").mend("leave `type` out"));
        }
        let mut keys = Vec::new();
        for key in form.words("by")? {
            keys.push(self.type_named(key)?);
        }
        let index = form.text_or_nothing("kind")? == Some("index");
        let whole = Whole { sources: self.sources_if_any(&form)?, standing: standing(&form)? };
        let mut steps: Vec<Step> = Vec::new();
        let values = if self.lenient() { form.entries("values")? } else { form.need("values")?.entries()? };
        for (date, value) in values {
            let from = date.date()?;
            if steps.last().is_some_and(|last| last.from >= from) {
                return Err(Problem::at(&date.place, "the dates of the values do not rise")
                    .mend("write the earliest value first"));
            }
            steps.push(self.step(from, value, &ty, &keys, &whole)?);
        }
        self.close(&form)?;
        let measure = measure.map(str::to_owned);
        fresh_name(name, self.book.parameters.iter().any(|p| p.name == text && p.measure == measure))?;
        self.parameter_names.push(name.clone());
        self.book.parameters.push(Parameter {
            name: text.into(),
            title,
            measure,
            ty,
            unit,
            keys,
            index,
            steps,
        });
        Ok(())
    }

    /// A type by its name, as `type`, `by` and `with` write it.
    pub(super) fn type_named(&self, scalar: &Scalar) -> Read<Type> {
        let text = scalar.text.as_str();
        if let Some(inner) = text.strip_prefix("list(").and_then(|rest| rest.strip_suffix(')')) {
            let of = self.entity_id(&scalar.renamed(inner))?;
            return Ok(Type::List(Box::new(Type::Row(of))));
        }
        let schema = &self.book.schema;
        Ok(match text {
            "bool" => Type::Bool,
            "integer" => Type::Integer,
            "decimal" => Type::Decimal,
            "money" => Type::Money,
            "date" => Type::Date,
            "month" => Type::Month,
            "window" => Type::Window,
            "duration" => Type::Duration,
            "code" => Type::Code,
            name => {
                if let Some(at) = schema.enums.iter().position(|e| e.name == name) {
                    Type::Enum(EnumId(at as u16))
                } else if let Some(entity) = schema.entity(name) {
                    Type::Row(entity)
                } else {
                    let known = ["bool", "integer", "decimal", "money", "date", "month", "duration", "code"];
                    let known: Vec<&str> =
                        known.into_iter().chain(schema.enums.iter().map(|e| e.name.as_str())).collect();
                    return Err(Problem::at(&scalar.place, format!("there is no type `{name}`"))
                        .maybe_mend(did_you_mean(name, known)));
                }
            }
        })
    }

    fn step(&mut self, from: Date, node: &'a Node, ty: &Type, keys: &[Type], whole: &Whole) -> Read<Step> {
        let detailed =
            matches!(&node.value, Value::Map(entries) if entries.iter().any(|(k, _)| k.text == "value"));
        let (value, mut sources, mut standing) = if detailed {
            let form = Form::of(node)?;
            let value = form.need("value")?;
            let read = (value, self.sources_if_any(&form)?, standing(&form)?);
            self.close(&form)?;
            read
        } else {
            (node, Vec::new(), None)
        };
        if sources.is_empty() {
            sources.clone_from(&whole.sources);
        }
        standing = standing.or(whole.standing);
        if sources.is_empty() && !self.lenient() {
            return Err(Problem::at(&node.place, "the value has no source").mend(
                "write `{value: …, source: [act:article], standing: …}`, or `source` of the whole parameter",
            ));
        }
        let standing = match standing {
            Some(standing) => standing,
            None if self.lenient() => Standing::Preliminary,
            None => {
                return Err(Problem::at(&node.place, "how sure is the value?")
                    .mend("write `standing: confirmed`, `single_source` or `preliminary`"));
            }
        };
        Ok(Step { from, entries: self.table(value, ty, keys)?, sources, standing })
    }

    /// The entries of a table, of which each combination of keys falls into one at most.
    pub(super) fn table(&self, node: &'a Node, ty: &Type, keys: &[Type]) -> Read<Vec<Entry>> {
        let mut entries: Vec<(Entry, &'a Node)> = Vec::new();
        self.entries(node, ty, keys, &mut Vec::new(), &mut entries)?;
        for (at, (entry, node)) in entries.iter().enumerate() {
            if entries[..at].iter().any(|(other, _)| overlap(&other.tests, &entry.tests)) {
                return Err(Problem::at(&node.place, "two entries of the table overlap")
                    .mend("let each key fall into one entry only"));
            }
        }
        Ok(entries.into_iter().map(|(entry, _)| entry).collect())
    }

    /// The entries of a table: maps nested by keys.
    fn entries(
        &self,
        node: &'a Node,
        ty: &Type,
        keys: &[Type],
        tests: &mut Vec<KeyTest>,
        found: &mut Vec<(Entry, &'a Node)>,
    ) -> Read<()> {
        let Some((key, rest)) = keys.split_first() else {
            let value = self.constant(node.scalar()?, ty)?;
            found.push((Entry { tests: tests.clone(), value }, node));
            return Ok(());
        };
        for (written, value) in node.entries()? {
            tests.push(self.key_test(written, key)?);
            self.entries(value, ty, rest, tests, found)?;
            tests.pop();
        }
        Ok(())
    }

    pub(super) fn key_test(&self, scalar: &Scalar, key: &Type) -> Read<KeyTest> {
        if scalar.text == "any" {
            return Ok(KeyTest::Any);
        }
        self.book.keys.borrow_mut().push(scalar.text.clone());
        let locate = |at: &std::ops::Range<usize>| scalar.locate(&self.book.sources, at);
        let tests = syntax::parse_test(&scalar.text)
            .map_err(|e| Problem::at(&locate(&e.at), e.message).maybe_mend(e.mend))?;
        let wrong = |test: &str| Problem::at(&scalar.place, format!("`{}` is no {test}", scalar.text));
        match key {
            Type::Integer | Type::Decimal | Type::Money => match &tests[..] {
                [one] => {
                    numbers(one).ok_or_else(|| wrong("test of a number").mend("write `4`, `[1..5]`, `>= 60`"))
                }
                _ => Err(wrong("single test of a number").mend("write an entry for each")),
            },
            Type::Enum(id) => {
                let values = self.book.schema.enumeration(*id);
                let mut found = Vec::new();
                for test in &tests {
                    let name = named(test).ok_or_else(|| wrong("value"))?;
                    found.push(values.value(name).ok_or_else(|| {
                        wrong(&format!("value of `{}`", values.name))
                            .maybe_mend(did_you_mean(name, values.values.iter().map(String::as_str)))
                    })?);
                }
                Ok(KeyTest::OneOf(found))
            }
            Type::Code => tests
                .iter()
                .map(|test| named(test).map(str::to_owned).ok_or_else(|| wrong("code")))
                .collect::<Read<_>>()
                .map(KeyTest::Codes),
            Type::Bool => match &tests[..] {
                [Test::Value(Ast { node: Syntax::Bool(value), .. })] => Ok(KeyTest::Is(*value)),
                _ => Err(wrong("truth value")),
            },
            other => Err(wrong(&format!("key: {} cannot be one", self.book.shown(other)))),
        }
    }

    fn constant(&self, scalar: &Scalar, ty: &Type) -> Read<Constant> {
        let text = scalar.text.as_str();
        let number = || {
            check::exact(text).ok_or_else(|| {
                Problem::at(&scalar.place, format!("`{text}` is no number"))
                    .mend("write digits and a point, such as 16.03")
            })
        };
        match ty {
            Type::Bool => match text {
                "true" => Ok(Constant::Bool(true)),
                "false" => Ok(Constant::Bool(false)),
                _ => Err(Problem::at(&scalar.place, "`true` or `false` is meant")),
            },
            Type::Integer => {
                let number = number()?;
                if !number.is_integer() {
                    return Err(Problem::at(&scalar.place, "a whole number is meant")
                        .mend("round it, or write `type: decimal` where a parameter may be broken"));
                }
                Ok(Constant::Number(number))
            }
            Type::Decimal => number().map(Constant::Number),
            Type::Money => {
                let number = number()?;
                if !(number * Exact::from_integer(100)).is_integer() {
                    return Err(Problem::at(&scalar.place, "money has at most two decimals"));
                }
                Ok(Constant::Number(number))
            }
            Type::Date => scalar.date().map(Constant::Date),
            Type::Duration => scalar.span().map(Constant::Duration),
            Type::Enum(id) => {
                let values = self.book.schema.enumeration(*id);
                values.value(text).map(Constant::Enum).ok_or_else(|| {
                    Problem::at(&scalar.place, format!("`{}` has no value `{text}`", values.name))
                        .maybe_mend(did_you_mean(text, values.values.iter().map(String::as_str)))
                })
            }
            other => {
                Err(Problem::at(&scalar.place, format!("{} cannot be a parameter", self.book.shown(other))))
            }
        }
    }
}

pub(super) fn standing(form: &Form<'_>) -> Read<Option<Standing>> {
    let Some(node) = form.get("standing") else { return Ok(None) };
    match node.scalar()?.text.as_str() {
        "confirmed" => Ok(Some(Standing::Confirmed)),
        "single_source" => Ok(Some(Standing::SingleSource)),
        "preliminary" => Ok(Some(Standing::Preliminary)),
        other => Err(Problem::at(&node.place, format!("`{other}` is no standing"))
            .mend("write `confirmed`, `single_source` or `preliminary`")),
    }
}

/// A bare name, a text in quotes, or a number read as a code.
fn named(test: &Test) -> Option<&str> {
    match test {
        Test::Value(Ast { node: Syntax::Name(text) | Syntax::Text(text) | Syntax::Number(text), .. }) => {
            Some(text)
        }
        _ => None,
    }
}

fn number_of(ast: &Ast) -> Option<Exact> {
    match &ast.node {
        Syntax::Number(text) => check::exact(text),
        Syntax::Neg(inner) => number_of(inner).map(|n| -n),
        _ => None,
    }
}

fn numbers(test: &Test) -> Option<KeyTest> {
    Some(match test {
        Test::Value(value) => {
            let number = number_of(value)?;
            KeyTest::Range(Some((number, true)), Some((number, true)))
        }
        Test::Range(range) => KeyTest::Range(
            Some((number_of(&range.lo)?, range.lo_included)),
            Some((number_of(&range.hi)?, range.hi_included)),
        ),
        Test::Compare(operator, value) => {
            let number = number_of(value)?;
            match operator {
                Operator::Less => KeyTest::Range(None, Some((number, false))),
                Operator::AtMost => KeyTest::Range(None, Some((number, true))),
                Operator::Greater => KeyTest::Range(Some((number, false)), None),
                Operator::AtLeast => KeyTest::Range(Some((number, true)), None),
                Operator::Equal => KeyTest::Range(Some((number, true)), Some((number, true))),
                _ => return None,
            }
        }
    })
}

/// May one combination of keys pass both?
pub(super) fn overlap(a: &[KeyTest], b: &[KeyTest]) -> bool {
    a.iter().zip(b).all(|(a, b)| meet(a, b))
}

fn meet(a: &KeyTest, b: &KeyTest) -> bool {
    match (a, b) {
        (KeyTest::Any, _) | (_, KeyTest::Any) => true,
        (KeyTest::OneOf(a), KeyTest::OneOf(b)) => a.iter().any(|value| b.contains(value)),
        (KeyTest::Codes(a), KeyTest::Codes(b)) => a.iter().any(|value| b.contains(value)),
        (KeyTest::Is(a), KeyTest::Is(b)) => a == b,
        (KeyTest::Range(a_lo, a_hi), KeyTest::Range(b_lo, b_hi)) => {
            let before = |hi: &Option<(Exact, bool)>, lo: &Option<(Exact, bool)>| match (hi, lo) {
                (Some((hi, hi_in)), Some((lo, lo_in))) => hi < lo || (hi == lo && !(*hi_in && *lo_in)),
                _ => false,
            };
            !before(a_hi, b_lo) && !before(b_hi, a_lo)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_do_not_overlap() {
        let test = |text: &str| numbers(&syntax::parse_test(text).unwrap()[0]).unwrap();
        assert!(!meet(&test("[1..5)"), &test("[5..9]")));
        assert!(meet(&test("[1..5]"), &test("[5..9]")));
        assert!(meet(&test(">= 60"), &test("72")));
        assert!(!meet(&test("< -459"), &test("[-459..-30)")));
    }
}
