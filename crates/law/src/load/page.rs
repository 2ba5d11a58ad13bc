//! What measures and notices share: whom they concern, what must hold, and their proof.

use card::{Lang, SmsError};

use super::{
    Loading,
    form::{Form, Read},
};
use crate::{
    check::Scope,
    diagnostic::did_you_mean,
    pack::{Gives, Measure, Period, Told},
    says::{DAY, Says, place},
    tree::Type,
    yaml::{Node, Problem, Scalar},
};

impl<'a> Loading<'a> {
    /// A page up to what it gives, named under `key`; what only money needs is empty.
    pub(super) fn page(&mut self, form: &Form<'a>, key: &'a str) -> Read<(Measure, Scope)> {
        let name = form.need(key)?.scalar()?.name()?.to_owned();
        let sources = self.sources_needed(form)?;
        let subject = self.subject(form.need("subject")?.scalar()?)?;
        self.bench(&name, &subject, form.entries("let")?);
        let among = self.concerned(form);
        let scope = self.book.measure_scope();
        let mut conditions = Vec::new();
        for (name, node) in form.entries("conditions")? {
            let read = self.condition(name, node, &scope);
            conditions.extend(self.note_value(read).flatten());
        }
        let mut kinds = Vec::new();
        for (name, node) in form.entries("kinds")? {
            let read = self.kind(name, node, &scope, key);
            kinds.extend(self.note_value(read).flatten());
        }
        if !self.lenient() {
            form.need("conditions")?;
        }
        let page = Measure {
            name,
            closure: String::new(),
            subject,
            among,
            lets: Vec::new(),
            conditions,
            refusals: Vec::new(),
            branches: Vec::new(),
            additions: Vec::new(),
            at_least: None,
            at_most: None,
            indexed: None,
            rounding: None,
            withholds: Vec::new(),
            divided: None,
            period: Period::default(),
            kinds,
            pays_to: Vec::new(),
            claims: None,
            once: None,
            gives: Gives::Word(Says::default()),
            told: Told::default(),
            sources,
            in_force: self.in_force(form)?,
            cases: Vec::new(),
        };
        Ok((page, scope))
    }

    /// A page of which everything is read, with its local names and its cases.
    pub(super) fn whole(&mut self, page: Measure, form: &Form<'a>) -> Read<Measure> {
        form.get("cases");
        form.get("parameters");
        self.close(form)?;
        let lets = std::mem::take(&mut self.book.bench.lets);
        let cases = self.page_cases(&page.name, form);
        Ok(Measure { lets, cases, ..page })
    }

    /// A notice: what is told to whom the page says yes, once for each day that it speaks of.
    pub(super) fn notice(&mut self, node: &'a Node) -> Read<Measure> {
        let form = Form::of(node)?;
        let (page, scope) = self.page(&form, "notice")?;
        let right = self.single(Some(form.need("speaks_of")?), &scope, &Type::Date);
        let told = Form::of(form.need("told")?)?;
        let mut says = Says { kinds: Vec::new(), sms: told.need("sms")?.texts()? };
        for (name, node) in form.entries("kinds")? {
            says.kinds.push((name.text.clone(), Form::of(node)?.need("says")?.texts()?));
        }
        for (lang, node) in told.need("sms")?.entries()? {
            sms(&says, lang, node.scalar()?)?;
        }
        let names = Told { title: told.need("title")?.texts()?, short: told.need("short")?.texts()? };
        self.close(&told)?;
        let period = Period { right, ..Period::default() };
        self.whole(Measure { period, gives: Gives::Word(says), told: names, ..page }, &form)
    }
}

/// A text of a notice leaves nothing open, leaves out no kind, and is an SMS of 1414 at its shortest and at
/// its longest.
fn sms(says: &Says, lang: &Scalar, text: &Scalar) -> Read<()> {
    let names: Vec<&str> = says.kinds.iter().map(|(name, _)| name.as_str()).chain([DAY]).collect();
    for part in text.text.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !names.contains(&name) {
            return Err(Problem::at(&text.place, format!("`{{{name}}}` is filled with nothing"))
                .maybe_mend(did_you_mean(name, names)));
        }
    }
    if let Some(left_out) = names.iter().find(|name| !text.text.contains(&place(name))) {
        let at = place(left_out);
        return Err(Problem::at(&text.place, format!("this text leaves `{at}` out"))
            .mend(format!("write `{at}` where it belongs")));
    }
    let lang: Lang = match lang.text.parse() {
        Ok(lang) => lang,
        Err(error) => return Err(Problem::at(&lang.place, format!("{error}"))),
    };
    says.fits(lang).map_err(|error| {
        Problem::at(&text.place, error.to_string()).mend(match error {
            SmsError::TooLong => "say it in fewer words: all that may be filled in counts",
            SmsError::Sender => "begin with `1414: `",
            _ => "leave it out: fraudsters write so",
        })
    })
}
