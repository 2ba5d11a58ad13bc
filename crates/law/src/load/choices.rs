//! Benefits that exclude each other, and benefits that count as income of others.

use card::Schema;

use super::{
    Loading,
    form::{Form, Read},
};
use crate::{
    check::{Bench, Scope},
    diagnostic::did_you_mean,
    pack::{Choice, Measure, Offered},
    tree::{MeasureId, Type},
    yaml::{Node, Place, Problem, Scalar},
};

impl<'a> Loading<'a> {
    /// `choices.yaml`: benefits that exclude each other, and orders in which one counts for another.
    pub(super) fn choices(&mut self, node: &'a Node, measures: &[Measure]) -> Vec<Choice> {
        let mut choices = Vec::new();
        let mut edges = Vec::new();
        let read = node.list().and_then(|items| {
            for item in items {
                let form = Form::of(item)?;
                if let Some(order) = form.get("order") {
                    edges.extend(self.order(order, measures)?);
                } else {
                    choices.push(self.choice(&form, measures)?);
                }
            }
            Ok(())
        });
        self.note(read);
        if let Some((_, _, place)) = edges.iter().find(|(from, ..)| reaches(&edges, from, from, edges.len()))
        {
            self.book
                .problems
                .push(Problem::at(place, "these benefits count as income of each other in a circle"));
        }
        choices
    }

    fn order(&self, node: &'a Node, measures: &[Measure]) -> Read<Vec<(String, String, Place)>> {
        let form = Form::of(node)?;
        let before = form.need("before")?.scalar()?;
        measure_named(before, measures)?;
        form.get("how");
        let mut edges = Vec::new();
        for counted in form.words("counts_as_income")? {
            measure_named(counted, measures)?;
            edges.push((before.text.clone(), counted.text.clone(), counted.place.clone()));
        }
        self.close(&form)?;
        Ok(edges)
    }

    fn choice(&mut self, form: &Form<'a>, measures: &[Measure]) -> Read<Choice> {
        let name = form.need("choice")?.scalar()?.name()?.to_owned();
        let sources = self.sources_needed(form)?;
        let mut between = Vec::new();
        for scalar in form.words("between")? {
            between.push(measure_named(scalar, measures)?);
        }
        if between.len() < 2 {
            return Err(Problem::at(
                &form.need("between")?.place,
                "a choice is between two measures or more",
            ));
        }
        self.book.bench = Bench::default();
        let scope = Scope::about(Schema::PERSON, vec!["person".into()]);
        let person = self.receivers(form.get("person"), &scope).into_iter().next();
        let unless = self.single(form.get("unless"), &scope, &Type::Bool);
        let offered = match (form.text_or_nothing("offered")?, form.text_or_nothing("decided_by")?) {
            (Some("the_larger"), None) => Offered::TheLarger,
            (Some("call"), None) => Offered::Call,
            (None, Some("conditions")) => Offered::DecidedByConditions,
            _ => {
                return Err(Problem::at(form.place, "how is the choice put to the person?")
                    .mend("write `offered: the_larger`, `offered: call` or `decided_by: conditions`"));
            }
        };
        let wait = form.get("wait").map(|node| node.scalar().and_then(Scalar::span)).transpose()?;
        self.close(form)?;
        Ok(Choice { name, between, person, unless, offered, wait, sources })
    }
}

fn measure_named(scalar: &Scalar, measures: &[Measure]) -> Read<MeasureId> {
    let known: Vec<&str> = measures.iter().map(|m| m.name.as_str()).collect();
    measures.iter().position(|m| m.name == scalar.text).map(|at| MeasureId(at as u16)).ok_or_else(|| {
        Problem::at(&scalar.place, format!("there is no measure `{}`", scalar.text))
            .maybe_mend(did_you_mean(&scalar.text, known))
    })
}

fn reaches(edges: &[(String, String, Place)], from: &str, to: &str, steps: usize) -> bool {
    steps > 0
        && edges
            .iter()
            .filter(|(start, ..)| start == from)
            .any(|(_, next, _)| next == to || reaches(edges, next, to, steps - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_incomes_is_found() {
        let place = Place { file: 0, chars: 0..0 };
        let edge = |a: &str, b: &str| (a.to_owned(), b.to_owned(), place.clone());
        assert!(reaches(&[edge("a", "b"), edge("b", "a")], "a", "a", 2));
        assert!(!reaches(&[edge("a", "b"), edge("c", "a")], "a", "a", 2));
    }
}
