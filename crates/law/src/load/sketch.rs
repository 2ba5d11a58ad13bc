//! Expressions of a sketch: of notices without their words, and of levels, for which the pack has no place yet.

use super::{
    Loading,
    form::{Form, Read},
};
use crate::{
    syntax,
    tree::Type,
    yaml::{Node, Problem, Scalar, Value},
};

impl<'a> Loading<'a> {
    /// Types the expressions of notices and levels.
    pub(super) fn sketch(&mut self, notices: &[&'a Node], levels: &[&'a Node]) {
        for node in notices {
            let read = self.sketched(node);
            self.note(read);
        }
        for node in levels {
            let read = self.level(node);
            self.note(read);
        }
    }

    fn sketched(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let name = form.text("notice")?;
        for (parameter, node) in form.entries("parameters")? {
            self.parameter(parameter, node, Some(name))?;
        }
        let subject = self.subject(form.need("subject")?.scalar()?)?;
        self.bench(name, &subject, form.entries("let")?);
        self.concerned(&form);
        let scope = self.book.measure_scope();
        for (key, inner) in [("conditions", "holds"), ("kinds", "when")] {
            for (_, node) in form.entries(key)? {
                let form = Form::of(node)?;
                self.dated(form.get(inner), &scope, &Type::Bool);
            }
        }
        for (_, node) in form.entries("says")? {
            self.any(Form::of(node)?.need("each")?, &scope);
        }
        Ok(())
    }

    fn any(&mut self, node: &'a Node, scope: &crate::check::Scope) {
        for written in node.written(&self.book.sources, &mut self.book.problems) {
            self.book.one(scope, &written, None);
        }
    }

    fn level(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let subject = self.subject(form.need("subject")?.scalar()?)?;
        self.bench(form.text("score")?, &subject, form.entries("let")?);
        self.concerned(&form);
        let scope = self.book.measure_scope();
        for (_, direction) in form.entries("directions")? {
            for (_, node) in direction.entries()? {
                let form = Form::of(node)?;
                self.any(form.need("on")?, &scope);
                for (key, _) in form.entries("points")? {
                    self.test(key)?;
                }
            }
        }
        if let Some(levels) = form.get("levels") {
            for (_, range) in Form::of(levels)?.entries("result")? {
                if let Value::Scalar(scalar) = &range.value {
                    self.test(scalar)?;
                }
            }
        }
        Ok(())
    }

    fn test(&self, scalar: &Scalar) -> Read<()> {
        self.book.keys.borrow_mut().push(scalar.text.clone());
        syntax::parse_test(&scalar.text).map(|_| ()).map_err(|error| {
            let place = scalar.locate(&self.book.sources, &error.at);
            Problem::at(&place, error.message).maybe_mend(error.mend)
        })
    }
}
