use std::sync::Arc;

use ::parquet::{
    basic::{Compression, ConvertedType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};
use card::{Cell, Sex, Tenge};
use intake::{Counts, Manifest, take_extract};
use outside::extract::Extract;

use crate::world::{AWARD, Delivery, World, at, day, iin, sha256};

fn column(name: &str, physical: Physical, converted: ConvertedType, scale: i32) -> Arc<Type> {
    let repetition = if name == "ended" { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    let column = Type::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_converted_type(converted)
        .with_precision(if scale > 0 { 18 } else { -1 })
        .with_scale(if scale > 0 { scale } else { -1 });
    Arc::new(column.build().unwrap())
}

/// Two awards in a file, the amount as a decimal or as a binary fraction.
fn file(recipients: [&str; 2], exact: bool) -> Vec<u8> {
    let amount = if exact {
        column("amount", Physical::INT64, ConvertedType::DECIMAL, 2)
    } else {
        column("amount", Physical::DOUBLE, ConvertedType::NONE, 0)
    };
    let columns = vec![
        column("number", Physical::BYTE_ARRAY, ConvertedType::UTF8, 0),
        column("recipient", Physical::BYTE_ARRAY, ConvertedType::UTF8, 0),
        column("since", Physical::INT32, ConvertedType::DATE, 0),
        column("ended", Physical::INT32, ConvertedType::DATE, 0),
        amount,
    ];
    let schema = Arc::new(Type::group_type_builder("awards").with_fields(columns).build().unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = |texts: [&str; 2]| texts.map(|text| ByteArray::from(text.as_bytes().to_vec()));
    for texts in [texts(["A1", "B1"]), texts(recipients)] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
        column.close().unwrap();
    }
    let since = day("2024-01-01").days();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[since, since], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int32Type>().write_batch(&[since + 31], Some(&[0, 1]), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    if exact {
        column.typed::<Int64Type>().write_batch(&[10_050, 20_000], None, None).unwrap();
    } else {
        column.typed::<::parquet::data_type::DoubleType>().write_batch(&[100.5, 200.0], None, None).unwrap();
    }
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

fn take(world: &World, bytes: &[u8], rows: u64) -> Result<Counts, String> {
    let path = world.dir.join("awards.parquet");
    std::fs::write(&path, bytes).unwrap();
    let manifest = Delivery::full("running_award", "payments", "2026-06-15", "").manifest();
    let (head, _) = manifest.split_at(manifest.find("\"rows\"").unwrap());
    let manifest = format!("{head}\"rows\": {rows}, \"sha256\": \"{}\"}}", sha256(bytes));
    let manifest = Manifest::parse(&manifest, &world.schema).unwrap();
    let mut extract = Extract::open(&path, &manifest, &world.schema).map_err(|error| error.to_string())?;
    let now = at("2026-06-16", 9);
    take_extract(&world.schema, &world.store, &manifest, &mut extract, now, &mut |_| {})
        .map(|progress| progress.counts)
        .map_err(|error| error.to_string())
}

#[test]
fn columns_become_the_same_rows_as_text() {
    let (first, second) = (iin("1990-02-03", Sex::Female, 1), iin("1990-02-03", Sex::Female, 2));
    let of_columns = World::new();
    let counts = take(&of_columns, &file([&first, &second], true), 2).unwrap();
    assert_eq!(counts, Counts { read: 2, accepted: 2, ..Counts::default() });
    let of_text = World::new();
    let text = format!(
        "number,recipient,since,ended,amount\nA1,{first},2024-01-01,,100.50\nB1,{second},2024-01-01,2024-02-01,200\n"
    );
    of_text.deliver(&Delivery::full("running_award", "payments", "2026-06-15", &text), at("2026-06-16", 9));
    assert_eq!(of_columns.facts(None), of_text.facts(None));
    assert_eq!(of_columns.rows(AWARD, None)[0].cells[4], Cell::Money(Tenge::from_tiyn(10_050)));
}

#[test]
fn a_row_at_fault_is_held_by_its_number() {
    let world = World::new();
    let good = iin("1990-02-03", Sex::Female, 1);
    let counts = take(&world, &file([&good, "12"], true), 2).unwrap();
    assert_eq!((counts.accepted, counts.quarantined), (1, 1));
    assert_eq!(
        world.held(),
        [
            "line 2, recipient: an IIN has exactly twelve digits; compare the IIN with the document and send the row \
          again"
        ]
    );
}

#[test]
fn a_file_that_is_wrong_as_a_whole_is_refused() {
    let world = World::new();
    let good = file(["1", "2"], true);
    assert_eq!(
        take(&world, &good, 3).unwrap_err(),
        "awards.parquet: the manifest says 3 rows and the file holds 2; deliver both again"
    );
    assert_eq!(
        take(&world, &good[..good.len() - 9], 2).unwrap_err(),
        "awards.parquet: not a Parquet file that is plain or compressed with snappy; write it so, or as CSV"
    );
    assert_eq!(
        take(&world, &file(["1", "2"], false), 2).unwrap_err(),
        "awards.parquet: column 5: a text, a whole number, a decimal, a date or a truth value is expected; write \
         amounts as decimals, a binary fraction is not exact"
    );
    assert_eq!(world.facts(None), []);
}
