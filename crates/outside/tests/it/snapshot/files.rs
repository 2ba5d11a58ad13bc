//! What lies in the files is what was given, and what is wrong there is said.

use std::fs;

use card::{
    AccountId, Bucket, Cell, Column, Date, EntityId, FieldId, FieldType, Month, PersonId, PhoneId,
    RegistryId, Row, Schema, Tenge, Values,
};
use outside::snapshot::{Fields, read_bucket, write_bucket};
use proptest::prelude::*;

use crate::world::{PERSON, Scratch, schema};

/// The small country, and a thing that has a field of every type.
fn everything() -> Schema {
    let mut schema = schema();
    let mut thing = schema.at(PERSON).clone();
    "thing".clone_into(&mut thing.name);
    for (name, ty) in [
        ("good", FieldType::Bool),
        ("number", FieldType::Integer),
        ("part", FieldType::Decimal),
        ("account", FieldType::Account),
        ("phone", FieldType::Phone),
        ("month", FieldType::Month),
        ("amount", FieldType::Money),
        ("award", FieldType::Row(EntityId(3))),
    ] {
        let mut field = thing.fields[0].clone();
        (field.name, field.ty, field.signed) = (name.to_owned(), ty, true);
        thing.fields.push(field);
    }
    schema.entities.push(thing);
    schema
}

fn cell(schema: &Schema, ty: FieldType, signed: bool) -> BoxedStrategy<Cell> {
    let least = if signed { i64::MIN } else { 0 };
    let told = match ty {
        FieldType::Bool => any::<bool>().prop_map(Cell::Bool).boxed(),
        FieldType::Integer => (least..=i64::MAX).prop_map(Cell::Integer).boxed(),
        FieldType::Decimal => (least..=i64::MAX).prop_map(Cell::Decimal).boxed(),
        FieldType::Money => (least..=i64::MAX).prop_map(|sum| Cell::Money(Tenge::from_tiyn(sum))).boxed(),
        FieldType::Date => prop_oneof![
            4 => (-40_000..40_000).prop_map(|day| Cell::Date(Date::from_days(day))),
            1 => (1900..2100).prop_map(Cell::Year),
        ]
        .boxed(),
        FieldType::Month => (23_000..25_000).prop_map(|month| Cell::Month(Month(month))).boxed(),
        FieldType::Enum(id) => {
            (0..schema.enumeration(id).values.len()).prop_map(|at| Cell::Enum(at as u16)).boxed()
        }
        FieldType::Code | FieldType::Row(_) => {
            "[a-zё\"]{0,3}".prop_map(|code| Cell::Code(code.into())).boxed()
        }
        FieldType::Person => any::<u64>().prop_map(|id| Cell::Person(PersonId(id))).boxed(),
        FieldType::Account => any::<u64>().prop_map(|id| Cell::Account(AccountId(id))).boxed(),
        FieldType::Phone => any::<u64>().prop_map(|id| Cell::Phone(PhoneId(id))).boxed(),
    };
    prop_oneof![8 => told, 1 => Just(Cell::Nothing), 1 => Just(Cell::Unknown)].boxed()
}

fn row(schema: &Schema, entity: EntityId) -> impl Strategy<Value = Row> + use<> {
    let declared = schema.at(entity).clone();
    let owner = declared.registry;
    let cells: Vec<_> = declared.fields.iter().map(|field| cell(schema, field.ty, field.signed)).collect();
    let schema = schema.clone();
    let other = prop::option::weighted(0.02, (0u16..3, -9i32..9, 0i32..9));
    (any::<u64>(), cells, other).prop_map(move |(id, cells, other)| {
        let (mut from, mut until) = intake::validity_of(&schema, entity, &cells);
        let mut registry = owner;
        if let Some((speaker, first, days)) = other {
            registry = RegistryId(speaker);
            (from, until) = (Date::from_days(first), Date::from_days(first + days));
        }
        Row { id, entity, cells: cells.into(), from, until, registry }
    })
}

fn bucket(schema: &Schema) -> impl Strategy<Value = Bucket> + use<> {
    let entities = (0..schema.entities.len() as u16).map(EntityId);
    let rows: Vec<_> = entities.map(|entity| prop::collection::vec(row(schema, entity), 0..12)).collect();
    let schema = schema.clone();
    (prop::collection::vec(any::<u64>(), 0..9), rows).prop_map(move |(subjects, rows)| {
        let subjects = subjects.into_iter().map(PersonId).collect();
        Bucket::of(&schema, subjects, rows.iter().flatten(), Vec::new())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_bucket_comes_back_as_it_was_given(given in bucket(&everything())) {
        let (schema, scratch) = (everything(), Scratch::new());
        write_bucket(&scratch, &schema, &given).unwrap();
        let back = read_bucket(&scratch, &schema, None, Vec::new()).unwrap();
        prop_assert_eq!(&back, &given);
    }

    #[test]
    fn a_part_of_a_bucket_has_what_was_wanted_and_the_days_of_its_rows(given in bucket(&everything())) {
        let (schema, scratch) = (everything(), Scratch::new());
        write_bucket(&scratch, &schema, &given).unwrap();
        let address = (EntityId(2), FieldId(1));
        let part = read_bucket(&scratch, &schema, Some(&Fields::from([address])), Vec::new()).unwrap();
        for (told, read) in given.tables.iter().zip(&part.tables) {
            prop_assert_eq!((&told.ids, &told.from, &told.until), (&read.ids, &read.from, &read.until));
            prop_assert_eq!(&told.registries, &read.registries);
        }
        let homes = &part.tables[2].fields;
        prop_assert_eq!(&homes[1], &given.tables[2].fields[1]);
        prop_assert_eq!(&homes[0].values, &Values::Unread);
        prop_assert_eq!(&part.tables[0].fields[2], &Column { values: Values::Unread, said: None });
    }
}

/// A bucket with one woman, whose mother is told.
fn small(schema: &Schema) -> Bucket {
    let woman = Row {
        id: 1,
        entity: PERSON,
        cells: [
            Cell::Person(PersonId(1)),
            Cell::Date(Date::from_days(4_000)),
            Cell::Enum(1),
            Cell::Nothing,
            Cell::Code("75".into()),
        ]
        .into(),
        from: card::LONG_AGO,
        until: card::FOREVER,
        registry: RegistryId(0),
    };
    Bucket::of(schema, vec![PersonId(1)], [&woman], Vec::new())
}

#[test]
fn what_is_wrong_in_a_file_is_said_with_its_place() {
    let (schema, scratch) = (schema(), Scratch::new());
    let folder = scratch.join("7");
    let error = |schema: &Schema| read_bucket(&folder, schema, None, Vec::new()).unwrap_err().to_string();
    let written = |change: fn(&mut Bucket)| {
        let mut bucket = small(&schema);
        change(&mut bucket);
        write_bucket(&folder, &schema, &bucket).unwrap();
        error(&schema)
    };
    let mend = "delete the snapshot, it is made again from the store";
    assert_eq!(
        written(|bucket| bucket.tables[0].fields[2].values = Values::Enums(vec![2])),
        format!("7/person.parquet: column sex holds a value that is not declared; {mend}")
    );
    assert_eq!(
        written(|bucket| bucket.codes.clear()),
        format!("7/person.parquet: column region points beyond the codes of its bucket; {mend}")
    );
    assert_eq!(
        written(|bucket| bucket.tables[0].fields[2].values = Values::Unread),
        format!("7/person.parquet: column sex is not there; {mend}")
    );
    assert_eq!(
        written(|bucket| bucket.tables[0].fields[2].values = Values::Numbers(vec![1])),
        format!("7/person.parquet: column sex is of another type; {mend}")
    );
    write_bucket(&folder, &schema, &small(&schema)).unwrap();
    let path = folder.join("person.parquet");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert!(error(&schema).starts_with("7/person.parquet: damaged ("), "{}", error(&schema));
    fs::remove_file(&path).unwrap();
    assert!(error(&schema).starts_with("7/person.parquet: "), "{}", error(&schema));
}
