//! Entities, enumerations, registries, roles: what facts there are and what silence means.

use std::collections::BTreeMap;

use card::{
    Entity, EntityId, EnumId, EnumType, Field, FieldId, FieldType, Registry, RegistryId, Span, Text, UntilIs,
    Validity,
};

use super::{
    Loading,
    form::{Form, Read},
    fresh,
    relations::RelationDraft,
};
use crate::{
    check::Member,
    diagnostic::did_you_mean,
    yaml::{Node, Problem, Scalar, Value},
};

/// The enumeration of ways to round that exists without being declared.
const ROUNDING: [(&str, &str, &str, &str); 3] = [
    ("up", "бүтін теңгеге дейін жоғары", "вверх до целого тенге", "up to a whole tenge"),
    ("nearest", "жақын бүтін теңгеге", "до ближайшего целого тенге", "to the nearest whole tenge"),
    ("none", "дөңгелектенбейді", "без округления", "not rounded"),
];

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
            self.note_named(&relation.name.text, read);
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
        fresh(&form.need("enum")?.scalar()?.clone(), self.book.schema.enums.iter().any(|e| e.name == name))?;
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
        fresh(scalar, self.book.schema.registry(name).is_some())?;
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
    pub(super) fn registry_of(&mut self, scalar: Option<&Scalar>, whose: &Node) -> Read<RegistryId> {
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
        fresh(scalar, self.book.schema.entity(name).is_some())?;
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
        // The fields of a group are its keys, and follow from them.
        let grouped = form.get("groups").is_some();
        for (name, declared) in form.entries("fields")?.iter().filter(|_| !grouped) {
            let read = self.field(of, name, declared);
            self.note_named(&name.text, read);
        }
        for (name, declared) in form.entries("relations")? {
            if self.lenient() {
                self.implied_field(of, name, declared)?;
            }
            relations.push(RelationDraft { of, name, node: declared });
        }
        if grouped {
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
        fresh(name, self.book.members[of.0 as usize].contains_key(text))?;
        self.add_field(of, field);
        Ok(())
    }

    pub(super) fn add_field(&mut self, of: EntityId, field: Field) -> FieldId {
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

pub(super) fn plain_field(name: &str, ty: FieldType, title: Text) -> Field {
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
