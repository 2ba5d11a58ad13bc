//! Entities, enumerations, registries, roles: what facts there are and what silence means.

use std::collections::BTreeMap;

use card::{
    Entity, EntityId, EnumId, EnumType, Field, FieldId, FieldType, Registry, RegistryId, Span, Text, UntilIs,
    Validity,
};

use super::{
    Loading,
    form::{Form, Read},
};
use crate::{
    check::{Member, State, Via, WordDraft},
    diagnostic::did_you_mean,
    pack::{Arity, Group, Link, LinkFrom, Silence},
    tree::LinkId,
    yaml::{Node, Problem, Scalar, Value},
};

/// The enumeration of ways to round that exists without being declared.
const ROUNDING: [(&str, &str, &str, &str); 3] = [
    ("up", "бүтін теңгеге дейін жоғары", "вверх до целого тенге", "up to a whole tenge"),
    ("nearest", "жақын бүтін теңгеге", "до ближайшего целого тенге", "to the nearest whole tenge"),
    ("none", "дөңгелектенбейді", "без округления", "not rounded"),
];

/// A relation before both its ends are known.
struct RelationDraft<'a> {
    of: EntityId,
    name: &'a Scalar,
    node: &'a Node,
}

impl<'a> Loading<'a> {
    /// Reads everything in `entities/`, in passes: names first, then what refers to names.
    pub(super) fn facts(&mut self, items: &[&'a Node]) {
        let mut entities = Vec::new();
        let mut roles = Vec::new();
        for item in items {
            let kind = match &item.value {
                Value::Map(entries) => entries.first().map_or("", |(key, _)| key.text.as_str()),
                _ => "",
            };
            let read = match kind {
                "enum" => self.enumeration(item),
                "registry" => self.registry(item),
                "entity" => {
                    entities.push(*item);
                    Ok(())
                }
                "role" => {
                    roles.push(*item);
                    Ok(())
                }
                other => Err(Problem::at(&item.place, format!("`{other}` is no kind of declaration"))
                    .mend("begin with `entity`, `role`, `enum` or `registry`")),
            };
            self.note(read);
        }
        self.rounding();
        let person = |node: &&Node| named(node, "entity") == Some("person");
        entities.sort_by_key(|node| (!person(node), has(node, "groups")));
        if !entities.first().is_some_and(person) {
            return self.complain(
                "entities/",
                "there is no entity `person`",
                "declare it: everything hangs on it",
            );
        }
        for node in &entities {
            let read = self.entity_name(node);
            self.note(read);
        }
        let mut relations = Vec::new();
        for node in &entities {
            let read = self.entity_fields(node, &mut relations);
            self.note(read);
        }
        for node in &entities {
            let read = self.group(node);
            self.note(read);
        }
        self.implicit_links();
        for relation in &relations {
            let read = self.relation(relation);
            self.note(read);
        }
        for node in &entities {
            let read = self.derived(node);
            self.note(read);
        }
        self.role_nodes = roles;
    }

    fn enumeration(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let name = form.need("enum")?.scalar()?.name()?;
        let mut values = Vec::new();
        let mut titles = Vec::new();
        match &form.need("values")?.value {
            Value::Map(entries) => {
                for (value, title) in entries {
                    values.push(value.text.clone());
                    titles.push(title.texts()?);
                }
            }
            _ if self.lenient() => {
                for value in form.words("values")? {
                    values.push(value.text.clone());
                    titles.push(Text::default());
                }
            }
            _ => {
                return Err(Problem::at(&form.need("values")?.place, "each value needs its titles")
                    .mend("write `value: {kk: …, ru: …, en: …}`"));
            }
        }
        form.get("title");
        self.close(&form)?;
        self.fresh(
            &form.need("enum")?.scalar()?.clone(),
            self.book.schema.enums.iter().any(|e| e.name == name),
        )?;
        self.book.schema.enums.push(EnumType { name: name.into(), values, titles });
        Ok(())
    }

    fn registry(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let scalar = form.need("registry")?.scalar()?;
        let name = scalar.name()?;
        let title = self.title(&form)?;
        let stands_for = form.need("stands_for")?.scalar()?.span()?;
        self.close(&form)?;
        self.fresh(scalar, self.book.schema.registry(name).is_some())?;
        self.book.schema.registries.push(Registry { name: name.into(), title, stands_for });
        Ok(())
    }

    fn rounding(&mut self) {
        if self.book.schema.enums.iter().any(|e| e.name == "rounding") {
            return;
        }
        let values = ROUNDING.iter().map(|(value, ..)| (*value).into()).collect();
        let titles = ROUNDING
            .iter()
            .map(|(_, kk, ru, en)| Text { kk: (*kk).into(), ru: (*ru).into(), en: (*en).into() })
            .collect();
        self.book.schema.enums.push(EnumType { name: "rounding".into(), values, titles });
    }

    /// The registry of that name. Outside the pack one that is not declared is made up.
    fn registry_of(&mut self, scalar: Option<&Scalar>, whose: &Node) -> Read<RegistryId> {
        let name = scalar.map_or("registry", |s| s.text.as_str());
        if let Some(id) = self.book.schema.registry(name) {
            return Ok(id);
        }
        if self.lenient() {
            let registry = Registry { name: name.into(), title: Text::default(), stands_for: Span::Days(30) };
            self.book.schema.registries.push(registry);
            return Ok(RegistryId(self.book.schema.registries.len() as u16 - 1));
        }
        let Some(scalar) = scalar else {
            return Err(Problem::at(&start_of(whose), "the registry that owns it is missing")
                .mend("add `registry: …`"));
        };
        let known: Vec<&str> = self.book.schema.registries.iter().map(|r| r.name.as_str()).collect();
        Err(Problem::at(&scalar.place, format!("there is no registry `{name}`"))
            .maybe_mend(did_you_mean(name, known)))
    }

    fn entity_name(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let scalar = form.need("entity")?.scalar()?;
        let name = scalar.name()?;
        self.fresh(scalar, self.book.schema.entity(name).is_some())?;
        let registry = match (form.get("registry"), form.get("groups")) {
            (Some(registry), _) => self.registry_of(Some(registry.scalar()?), node)?,
            (None, Some(_)) => RegistryId(0),
            (None, None) => self.registry_of(None, node)?,
        };
        let title = self.title(&form)?;
        let aliases = form.words("aliases")?.into_iter().map(|s| s.text.clone()).collect();
        self.book.schema.entities.push(Entity {
            name: name.into(),
            aliases,
            title,
            registry,
            fields: Vec::new(),
            key: Vec::new(),
            validity: Validity::Always,
        });
        self.book.members.push(BTreeMap::new());
        Ok(())
    }

    fn entity_fields(&mut self, node: &'a Node, relations: &mut Vec<RelationDraft<'a>>) -> Read<()> {
        let form = Form::of(node)?;
        let of = self.entity_id(form.need("entity")?.scalar()?)?;
        if of == card::Schema::PERSON && !form.entries("fields")?.iter().any(|(name, _)| name.text == "id") {
            let title = Text { kk: "ЖСН".into(), ru: "ИИН".into(), en: "IIN".into() };
            self.add_field(of, plain_field("id", FieldType::Person, title));
        }
        for (name, declared) in form.entries("fields")? {
            let read = self.field(of, name, declared);
            self.note(read);
        }
        for (name, declared) in form.entries("relations")? {
            relations.push(RelationDraft { of, name, node: declared });
        }
        if form.get("groups").is_some() {
            return Ok(());
        }
        let mut key = Vec::new();
        if of == card::Schema::PERSON {
            key.push(FieldId(0));
            form.get("key");
        } else {
            for name in form.words("key")? {
                key.push(self.field_of(of, name)?);
            }
            if key.is_empty() && !self.lenient() {
                return Err(Problem::at(&start_of(node), "`key` is missing")
                    .mend("name the fields that tell one row from another: `key: [person, since]`"));
            }
        }
        let validity = self.validity(of, &form)?;
        let entity = &mut self.book.schema.entities[of.0 as usize];
        entity.key = key;
        entity.validity = validity;
        form.get("derived");
        form.get("title");
        form.get("aliases");
        form.get("registry");
        self.close(&form)
    }

    fn validity(&mut self, of: EntityId, form: &Form<'a>) -> Read<Validity> {
        if let Some(event) = form.get("event") {
            let field = self.field_of(of, event.scalar()?)?;
            return match self.book.schema.at(of).at(field).ty {
                FieldType::Month => Ok(Validity::Month(field)),
                _ => {
                    Err(Problem::at(&event.place, "an event is of a month")
                        .mend("name a field of type month"))
                }
            };
        }
        let Some(valid) = form.get("valid") else { return Ok(Validity::Always) };
        let valid = Form::of(valid)?;
        let date =
            |loading: &mut Self, node: &'a Node| -> Read<FieldId> {
                let field = loading.field_of(of, node.scalar()?)?;
                match loading.book.schema.at(of).at(field).ty {
                    FieldType::Date => Ok(field),
                    _ => Err(Problem::at(&node.place, "validity is told by dates")
                        .mend("name a field of type date")),
                }
            };
        let from = date(self, valid.need("from")?)?;
        let until = valid.get("until").map(|node| date(self, node)).transpose()?;
        let until_is = match (valid.text_or_nothing("until_is")?, until) {
            (Some("last_day"), Some(_)) => UntilIs::LastDay,
            (Some("first_day_after"), Some(_)) | (None, None) => UntilIs::FirstDayAfter,
            (_, None) => return Err(Problem::at(valid.place, "`until_is` needs `until`")),
            _ => {
                return Err(Problem::at(valid.place, "`until_is` says how the end is meant")
                    .mend("write `until_is: last_day` or `until_is: first_day_after`"));
            }
        };
        valid.finish()?;
        Ok(Validity::Period { from, until, until_is })
    }

    fn field(&mut self, of: EntityId, name: &'a Scalar, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let title = self.title(&form)?;
        let text = name.name()?;
        if matches!(text, "valid_from" | "valid_until") && !self.lenient() {
            return Err(Problem::at(&name.place, format!("`{text}` is a word of the language"))
                .mend("call the field `since` or `ended`"));
        }
        let ty = self.field_type(form.need("type")?.scalar()?)?;
        let may_be = form.words("may_be")?;
        let registry = form
            .get("registry")
            .map(|r| r.scalar().and_then(|s| self.registry_of(Some(s), node)))
            .transpose()?;
        let field = Field {
            name: text.into(),
            aliases: form.words("aliases")?.into_iter().map(|s| s.text.clone()).collect(),
            title,
            ty,
            optional: form.flag("optional")?,
            signed: form.flag("signed")?,
            year_only: may_be.iter().any(|s| s.text == "year_only"),
            registry,
        };
        self.close(&form)?;
        self.fresh(name, self.book.members[of.0 as usize].contains_key(text))?;
        self.add_field(of, field);
        Ok(())
    }

    fn add_field(&mut self, of: EntityId, field: Field) -> FieldId {
        let entity = &mut self.book.schema.entities[of.0 as usize];
        let id = FieldId(entity.fields.len() as u16);
        self.book.members[of.0 as usize].insert(field.name.clone(), Member::Field(id));
        entity.fields.push(field);
        id
    }

    fn field_type(&self, scalar: &Scalar) -> Read<FieldType> {
        let simple = match scalar.text.as_str() {
            "bool" => FieldType::Bool,
            "integer" => FieldType::Integer,
            "decimal" => FieldType::Decimal,
            "money" => FieldType::Money,
            "date" => FieldType::Date,
            "month" => FieldType::Month,
            "code" => FieldType::Code,
            "person" => FieldType::Person,
            "account" => FieldType::Account,
            "phone" => FieldType::Phone,
            name => {
                let schema = &self.book.schema;
                if let Some(at) = schema.enums.iter().position(|e| e.name == name) {
                    FieldType::Enum(EnumId(at as u16))
                } else if let Some(entity) = schema.entity(name) {
                    FieldType::Row(entity)
                } else {
                    let known = ["bool", "integer", "decimal", "money", "date", "month", "code", "person"];
                    let known: Vec<&str> = known
                        .into_iter()
                        .chain(schema.enums.iter().map(|e| e.name.as_str()))
                        .chain(schema.entities.iter().map(|e| e.name.as_str()))
                        .collect();
                    return Err(Problem::at(&scalar.place, format!("there is no type `{name}`"))
                        .maybe_mend(did_you_mean(name, known)));
                }
            }
        };
        Ok(simple)
    }

    /// `groups: {rows, by}`: the keys become fields, and a link leads to the rows.
    fn group(&mut self, node: &'a Node) -> Read<()> {
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
    fn implicit_links(&mut self) {
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

    fn relation(&mut self, draft: &RelationDraft<'a>) -> Read<()> {
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
            self.fresh(name, self.book.members[of.0 as usize].contains_key(text))?;
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
            (Arity::OneByKey, None) => LinkFrom::Field(self.own_field(of, to, name)?),
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
        self.fresh(name, self.book.members[of.0 as usize].contains_key(text) && !same_field)?;
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
    fn own_field(&mut self, of: EntityId, to: EntityId, name: &Scalar) -> Read<FieldId> {
        if let Some(field) = self.book.schema.at(of).field(&name.text) {
            return Ok(field);
        }
        if self.lenient() {
            let ty = if to == card::Schema::PERSON { FieldType::Person } else { FieldType::Row(to) };
            return Ok(self.add_field(of, plain_field(&name.text, ty, Text::default())));
        }
        Err(Problem::at(
            &name.place,
            format!("`{}` has no field `{}` to follow", self.book.schema.at(of).name, name.text),
        )
        .mend("write `from: FIELD`, or declare the field"))
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

    fn derived(&mut self, node: &'a Node) -> Read<()> {
        let form = Form::of(node)?;
        let of = self.entity_id(form.need("entity")?.scalar()?)?;
        for (name, node) in form.entries("derived")? {
            let read = self.derived_word(of, name, node);
            self.note(read);
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
        self.fresh(name, self.book.members[of.0 as usize].contains_key(text))?;
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

    pub(super) fn entity_id(&self, scalar: &Scalar) -> Read<EntityId> {
        let schema = &self.book.schema;
        let known = || schema.entities.iter().map(|e| e.name.as_str()).collect::<Vec<_>>();
        schema.entity(&scalar.text).ok_or_else(|| {
            Problem::at(&scalar.place, format!("there is no entity `{}`", scalar.text))
                .maybe_mend(did_you_mean(&scalar.text, known()))
        })
    }

    pub(super) fn field_of(&self, of: EntityId, scalar: &Scalar) -> Read<FieldId> {
        let entity = self.book.schema.at(of);
        let known = || entity.fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>();
        entity.field(&scalar.text).ok_or_else(|| {
            Problem::at(&scalar.place, format!("`{}` has no field `{}`", entity.name, scalar.text))
                .maybe_mend(did_you_mean(&scalar.text, known()))
        })
    }
}

fn plain_field(name: &str, ty: FieldType, title: Text) -> Field {
    Field {
        name: name.into(),
        aliases: Vec::new(),
        title,
        ty,
        optional: false,
        signed: false,
        year_only: false,
        registry: None,
    }
}

fn has(node: &Node, key: &str) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.iter().any(|(k, _)| k.text == key))
}

fn named<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    let Value::Map(entries) = &node.value else { return None };
    let (_, value) = entries.iter().find(|(k, _)| k.text == key)?;
    value.scalar().ok().map(|s| s.text.as_str())
}

/// The first character of a node, where something is missing in it.
pub(super) fn start_of(node: &Node) -> crate::yaml::Place {
    let start = node.place.chars.start;
    crate::yaml::Place { file: node.place.file, chars: start..start + 1 }
}
