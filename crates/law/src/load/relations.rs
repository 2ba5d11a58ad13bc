//! How rows lead to rows: groups, relations, and the words derived from them.

use card::{EntityId, Field, FieldId, FieldType, Text, Validity};

use super::{
    Loading,
    facts::{plain_field, start_of},
    form::{Form, Read},
    fresh,
};
use crate::{
    check::{Member, State, Via, WordDraft},
    pack::{Arity, Group, Link, LinkFrom, Silence},
    tree::LinkId,
    yaml::{Node, Problem, Scalar},
};

/// A relation before both its ends are known.
pub(super) struct RelationDraft<'a> {
    pub(super) of: EntityId,
    pub(super) name: &'a Scalar,
    pub(super) node: &'a Node,
}

impl<'a> Loading<'a> {
    /// `groups: {rows, by}`: the keys become fields, and a link leads to the rows.
    pub(super) fn group(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let of = self.entity_id(form.need("entity")?.scalar()?)?;
        let Some(groups) = form.get("groups") else { return Ok(()) };
        let groups = Form::of(groups)?;
        let written = groups.need("rows")?.scalar()?;
        let single = written.text.strip_suffix('s').unwrap_or(&written.text);
        let rows =
            self.book.schema.entity(&written.text).or_else(|| self.book.schema.entity(single)).ok_or_else(
                || Problem::at(&written.place, format!("there is no entity `{}`", written.text)),
            )?;
        let mut by = Vec::new();
        for name in groups.words("by")? {
            let field = self.field_of(rows, name)?;
            by.push(field);
            let declared = self.book.schema.at(rows).at(field).clone();
            if !self.book.members[of.0 as usize].contains_key(&declared.name) {
                self.add_field(of, declared);
            }
        }
        groups.finish()?;
        let Some(first) = by.first().copied() else {
            return Err(Problem::at(groups.place, "`by` is missing")
                .mend("name the fields whose values make a group"));
        };
        let keys: Vec<FieldId> = by
            .iter()
            .map(|field| {
                let name = &self.book.schema.at(rows).at(*field).name;
                self.book.schema.at(of).field(name).expect("the keys became fields")
            })
            .collect();
        let month = keys.iter().copied().find(|k| self.book.schema.at(of).at(*k).ty == FieldType::Month);
        let registry = self.book.schema.at(rows).registry;
        let entity = &mut self.book.schema.entities[of.0 as usize];
        entity.registry = registry;
        entity.key = keys;
        entity.validity = month.map_or(Validity::Always, Validity::Month);
        let title = self.book.schema.at(rows).title.clone();
        self.add_link(
            of,
            Link {
                name: written.text.clone(),
                title,
                of,
                to: rows,
                from: LinkFrom::Key,
                by: first,
                arity: Arity::ManyAll,
                silence: if month.is_some() { Silence::ThroughMonth } else { Silence::ClosedByRegistry },
                registry,
                order: Vec::new(),
            },
        );
        self.book.groups.push(Group { entity: of, rows, by });
        form.get("fields");
        form.get("derived");
        form.get("title");
        form.get("relations");
        form.get("registry");
        self.close(&form)
    }

    fn add_link(&mut self, of: EntityId, link: Link) {
        let id = LinkId(self.book.links.len() as u16);
        self.book.members[of.0 as usize].insert(link.name.clone(), Member::Link(id));
        self.book.links.push(link);
    }

    /// A field that names a row is also the link to that row.
    pub(super) fn implicit_links(&mut self) {
        for at in 0..self.book.schema.entities.len() {
            let of = EntityId(at as u16);
            for (index, field) in self.book.schema.at(of).fields.clone().into_iter().enumerate() {
                let to = match field.ty {
                    FieldType::Person => card::Schema::PERSON,
                    FieldType::Row(to) => to,
                    _ => continue,
                };
                if of == card::Schema::PERSON && index == 0 {
                    continue;
                }
                let silence = if field.optional { Silence::Nothing } else { Silence::Unknown };
                self.add_link(
                    of,
                    Link {
                        name: field.name,
                        title: field.title,
                        of,
                        to,
                        from: LinkFrom::Field(FieldId(index as u16)),
                        by: self.book.key_of(to),
                        arity: Arity::OneByKey,
                        silence,
                        registry: field.registry.unwrap_or(self.book.schema.at(of).registry),
                        order: Vec::new(),
                    },
                );
            }
        }
    }

    pub(super) fn relation(&mut self, draft: &RelationDraft<'a>) -> Read<()> {
        let RelationDraft { of, name, node } = *draft;
        let form = Form::of(node)?;
        let title = self.title(&form)?;
        let text = name.name()?;
        let to = self.entity_id(form.need("to")?.scalar()?)?;
        let (one, many) = (form.text_or_nothing("one")?, form.text_or_nothing("many")?);
        let registry = form
            .get("registry")
            .map(|r| r.scalar().and_then(|s| self.registry_of(Some(s), node)))
            .transpose()?;
        if let Some(path) = form.get("via") {
            let is = path.written(&self.book.sources, &mut self.book.problems);
            let via = Via { one: one.is_some(), except_self: form.flag("except_self")? };
            form.get("missing");
            form.get("closed");
            self.close(&form)?;
            fresh(name, self.book.members[of.0 as usize].contains_key(text))?;
            self.add_word(WordDraft {
                name: text.into(),
                title,
                of,
                is,
                via: Some(via),
                sources: Vec::new(),
                state: State::Waiting,
            });
            return Ok(());
        }
        let arity = match (one, many) {
            (Some("key"), None) => Arity::OneByKey,
            (Some("on_day"), None) => Arity::OneOnDay,
            (None, Some("on_day")) => Arity::ManyOnDay,
            (None, Some("all")) => Arity::ManyAll,
            _ => {
                return Err(Problem::at(
                    &start_of(node),
                    "a relation says how many rows it has, and of when",
                )
                .mend("write `one: on_day`, `one: key`, `many: on_day` or `many: all`"));
            }
        };
        let from = match (arity, form.get("from")) {
            (_, Some(field)) => LinkFrom::Field(self.field_of(of, field.scalar()?)?),
            (Arity::OneByKey, None) => LinkFrom::Field(self.own_field(of, name)?),
            (_, None) => LinkFrom::Key,
        };
        let silence = self.silence(arity, &form, from, of)?;
        let by = match (form.get("by"), arity) {
            (Some(field), _) => self.field_of(to, field.scalar()?)?,
            (None, Arity::OneByKey) => self.book.key_of(to),
            (None, _) => self.only_field_of_type(of, to, node)?,
        };
        let mut order = Vec::new();
        for field in form.words("order")? {
            order.push(self.field_of(to, field)?);
        }
        self.close(&form)?;
        let same_field = matches!(from, LinkFrom::Field(f) if self.book.schema.at(of).at(f).name == text);
        fresh(name, self.book.members[of.0 as usize].contains_key(text) && !same_field)?;
        let registry = registry.unwrap_or(self.book.schema.at(to).registry);
        self.add_link(
            of,
            Link { name: text.into(), title, of, to, from, by, arity, silence, registry, order },
        );
        Ok(())
    }

    /// What silence means: it is said, never guessed.
    fn silence(&mut self, arity: Arity, form: &Form<'a>, from: LinkFrom, of: EntityId) -> Read<Silence> {
        let (missing, closed) = (form.text_or_nothing("missing")?, form.text_or_nothing("closed")?);
        match (arity, missing, closed) {
            (Arity::OneByKey, None, None) => Ok(match from {
                LinkFrom::Field(field) if self.book.schema.at(of).at(field).optional => Silence::Nothing,
                _ => Silence::Unknown,
            }),
            (Arity::OneByKey | Arity::OneOnDay, Some("nothing"), None) => Ok(Silence::Nothing),
            (Arity::OneByKey | Arity::OneOnDay, Some("unknown"), None) => Ok(Silence::Unknown),
            (Arity::ManyAll | Arity::ManyOnDay, None, Some("registry")) => Ok(Silence::ClosedByRegistry),
            (Arity::ManyAll | Arity::ManyOnDay, None, Some("declared")) => Ok(Silence::Declared),
            (Arity::ManyAll | Arity::ManyOnDay, None, Some("through_month")) => Ok(Silence::ThroughMonth),
            (Arity::ManyAll | Arity::ManyOnDay, None, Some("unknown")) => Ok(Silence::Open),
            (Arity::OneByKey | Arity::OneOnDay, ..) => {
                Err(Problem::at(form.place, "what does it mean that there is no row?")
                    .mend("write `missing: nothing` or `missing: unknown`"))
            }
            _ => Err(Problem::at(form.place, "what does it mean that there are no more rows?")
                .mend("write `closed: registry`, `declared`, `through_month` or `unknown`")),
        }
    }

    /// The field that a relation to one by key starts from: the one of its name.
    fn own_field(&self, of: EntityId, name: &Scalar) -> Read<FieldId> {
        let entity = self.book.schema.at(of);
        entity.field(&name.text).ok_or_else(|| {
            Problem::at(&name.place, format!("`{}` has no field `{}` to follow", entity.name, name.text))
                .mend("write `from: FIELD`, or declare the field")
        })
    }

    /// A sketch names a row by a relation alone; the field that holds its key follows.
    pub(super) fn implied_field(&mut self, of: EntityId, name: &Scalar, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        if form.text_or_nothing("one")? == Some("key") && self.book.schema.at(of).field(&name.text).is_none()
        {
            let to = self.entity_id(form.need("to")?.scalar()?)?;
            let ty = if to == card::Schema::PERSON { FieldType::Person } else { FieldType::Row(to) };
            self.add_field(of, plain_field(&name.text, ty, Text::default()));
        }
        Ok(())
    }

    fn only_field_of_type(&mut self, of: EntityId, to: EntityId, node: &Node) -> Read<FieldId> {
        let fits = |field: &Field| match field.ty {
            FieldType::Person => of == card::Schema::PERSON,
            FieldType::Row(entity) => entity == of,
            _ => false,
        };
        let name = self.book.schema.at(of).name.clone();
        let candidates: Vec<usize> = self
            .book
            .schema
            .at(to)
            .fields
            .iter()
            .enumerate()
            .filter(|(_, f)| fits(f))
            .map(|(at, _)| at)
            .collect();
        match candidates[..] {
            [one] => Ok(FieldId(one as u16)),
            [] if self.lenient() => {
                let ty = if of == card::Schema::PERSON { FieldType::Person } else { FieldType::Row(of) };
                Ok(self.add_field(to, plain_field(&name, ty, Text::default())))
            }
            _ => Err(Problem::at(
                &start_of(node),
                format!("which field of `{}` names the `{name}`?", self.book.schema.at(to).name),
            )
            .mend("write `by: FIELD`")),
        }
    }

    pub(super) fn derived(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let of = self.entity_id(form.need("entity")?.scalar()?)?;
        for (name, node) in form.entries("derived")? {
            let read = self.derived_word(of, name, node);
            self.note_named(&name.text, read);
        }
        Ok(())
    }

    fn derived_word(&mut self, of: EntityId, name: &'a Scalar, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let title = self.title(&form)?;
        let text = name.name()?;
        let is = form.need("is")?.written(&self.book.sources, &mut self.book.problems);
        let sources = self.sources(&form)?;
        self.close(&form)?;
        fresh(name, self.book.members[of.0 as usize].contains_key(text))?;
        self.add_word(WordDraft {
            name: text.into(),
            title,
            of,
            is,
            via: None,
            sources,
            state: State::Waiting,
        });
        Ok(())
    }

    fn add_word(&mut self, draft: WordDraft) {
        let at = self.book.word_drafts.len();
        self.book.members[draft.of.0 as usize].insert(draft.name.clone(), Member::Word(at));
        self.book.word_drafts.push(draft);
    }
}
