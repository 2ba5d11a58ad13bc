//! What people are told, and for whom and from whom a measure is delivered.

use card::{Date, LONG_AGO, Text};

use super::{
    Loading,
    form::{Form, Read},
};
use crate::{
    pack::{ConditionTold, Delivery, Gives, MOST_OF_SHORT, OfferWords, Told},
    tree::{ParameterId, Type},
    yaml::{Node, Problem, Scalar},
};

impl<'a> Loading<'a> {
    pub(super) fn condition_told(&mut self, form: &Form<'a>) -> Read<ConditionTold> {
        let told = if self.lenient() { form.get("told") } else { Some(form.need("told")?) };
        let Some(told) = told else { return Ok(ConditionTold::default()) };
        let told = Form::of(told)?;
        let texts = ConditionTold {
            holds: told.need("holds")?.texts()?,
            fails: told.need("fails")?.texts()?,
            unknown: told.need("unknown")?.texts()?,
            short: told.get("short").map(short).transpose()?,
        };
        self.close(&told)?;
        Ok(texts)
    }

    fn delivery(&self, form: &Form<'a>) -> Read<Delivery> {
        let node = if self.lenient() { form.get("delivery") } else { Some(form.need("delivery")?) };
        let Some(node) = node else {
            let none = ParameterId(0);
            return Ok(Delivery {
                decided_by: Text::default(),
                automatic_by: None,
                payer: String::new(),
                window: none,
                decide_within: none,
            });
        };
        let form = Form::of(node)?;
        let payer = form.need("payer")?.scalar()?;
        if !matches!(payer.text.as_str(), "fund" | "republic" | "local") {
            return Err(Problem::at(&payer.place, format!("`{}` is no payer", payer.text))
                .mend("write `fund`, `republic` or `local`"));
        }
        let delivery = Delivery {
            decided_by: form.need("decided_by")?.texts()?,
            automatic_by: form.text_or_nothing("automatic_by")?.map(str::to_owned),
            payer: payer.text.clone(),
            window: self.parameter_at(form.need("window")?.scalar()?, &Type::Duration)?,
            decide_within: self.parameter_at(form.need("decide_within")?.scalar()?, &Type::Duration)?,
        };
        self.close(&form)?;
        Ok(delivery)
    }

    /// What a measure is called, and how its money comes to people.
    pub(super) fn money(&self, form: &Form<'a>) -> Read<(Told, Gives)> {
        let (delivery, (told, offer)) = (self.delivery(form)?, self.told(form)?);
        Ok((told, Gives::Money { delivery, offer }))
    }

    fn told(&self, form: &Form<'a>) -> Read<(Told, OfferWords)> {
        let node = if self.lenient() { form.get("told") } else { Some(form.need("told")?) };
        let Some(node) = node else { return Ok(Default::default()) };
        let form = Form::of(node)?;
        let latin = Form::of(form.need("latin")?)?;
        let gsm = |key: &'a str| -> Read<String> {
            let scalar = latin.need(key)?.scalar()?;
            if !scalar.text.is_ascii() {
                return Err(Problem::at(&scalar.place, "this name goes to old phones")
                    .mend("write it in Latin letters without marks"));
            }
            Ok(scalar.text.clone())
        };
        let letter = form.need("letter")?;
        for (_, text) in letter.entries()? {
            placeholders(text.scalar()?)?;
        }
        let told = Told { title: form.need("title")?.texts()?, short: form.need("short")?.texts()? };
        let offer = OfferWords { latin: (gsm("kk")?, gsm("ru")?), letter: letter.texts()? };
        self.close(&latin)?;
        self.close(&form)?;
        Ok((told, offer))
    }

    pub(super) fn in_force(&self, form: &Form<'a>) -> Read<(Date, Option<Date>)> {
        let node = if self.lenient() { form.get("in_force") } else { Some(form.need("in_force")?) };
        let Some(node) = node else { return Ok((LONG_AGO, None)) };
        let form = Form::of(node)?;
        let from = form.need("from")?.scalar()?.date()?;
        let until = form.get("until").map(|node| node.scalar().and_then(Scalar::date)).transpose()?;
        self.close(&form)?;
        Ok((from, until))
    }
}

/// A reason that fits an SMS.
fn short(node: &Node) -> Read<Text> {
    for (_, text) in node.entries()? {
        let scalar = text.scalar()?;
        let count = scalar.text.chars().count();
        if count > MOST_OF_SHORT {
            return Err(Problem::at(&scalar.place, format!("this reason has {count} characters"))
                .mend(format!("say it in at most {MOST_OF_SHORT}: an SMS has no room for more")));
        }
    }
    node.texts()
}

/// A letter says `{amount}`, `{recipient}` and `{until}`, and leaves nothing else open.
fn placeholders(scalar: &Scalar) -> Read<()> {
    for part in scalar.text.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !matches!(name, "amount" | "recipient" | "until") {
            return Err(Problem::at(&scalar.place, format!("`{{{name}}}` is filled with nothing"))
                .mend("write `{amount}`, `{recipient}` or `{until}`"));
        }
    }
    Ok(())
}
