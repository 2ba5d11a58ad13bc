//! When rows are true, from their fields: the same as [`intake::validity_of`], column by column.

use card::{Column, Date, Entity, FOREVER, FieldId, LONG_AGO, Month, Said, UntilIs, Validity, Values};

/// The fields that say when the rows of an entity are true.
pub(super) fn fields(entity: &Entity) -> impl Iterator<Item = FieldId> + use<> {
    let (first, end) = match entity.validity {
        Validity::Always => (None, None),
        Validity::Period { from, until, .. } => (Some(from), until),
        Validity::Month(month) => (Some(month), None),
    };
    first.into_iter().chain(end)
}

/// The first days on which rows are true and the first on which they are true no more.
pub(super) fn derived(entity: &Entity, columns: &[Column], rows: usize) -> (Vec<i32>, Vec<i32>) {
    let always = || (vec![LONG_AGO.days(); rows], vec![FOREVER.days(); rows]);
    let column = |field: FieldId| {
        let column = &columns[field.0 as usize];
        match &column.values {
            Values::Days(days) => Some((days, column)),
            _ => None,
        }
    };
    match entity.validity {
        Validity::Always => always(),
        Validity::Month(field) => {
            let Some((months, said)) = column(field) else { return always() };
            // A nation's contributions are of few months: each is worked out where it is met first.
            let mut known = [(i32::MIN, (0, 0)); 64];
            each(months, said, |month, said| {
                if said != Said::Told {
                    return (LONG_AGO.days(), FOREVER.days());
                }
                let known = &mut known[month as usize % 64];
                if known.0 != month {
                    let of = Month(month);
                    *known = (month, (of.first_day().days(), of.next().first_day().days()));
                }
                known.1
            })
            .unzip()
        }
        Validity::Period { from, until, until_is } => {
            let (mut first, mut end) = always();
            if let Some((days, said)) = column(from) {
                first = each(days, said, |day, said| match said {
                    Said::Told => day,
                    Said::Year => Date::from_ymd(day, 1, 1).unwrap_or(LONG_AGO).days(),
                    Said::Nothing | Said::Unknown => LONG_AGO.days(),
                })
                .collect();
            }
            if let Some((days, said)) = until.and_then(column) {
                let after = i32::from(until_is == UntilIs::LastDay);
                end = each(days, said, |day, said| match said {
                    Said::Told => day + after,
                    _ => FOREVER.days(),
                })
                .collect();
            }
            (first, end)
        }
    }
}

fn each<'c, T>(
    days: &'c [i32],
    column: &'c Column,
    mut of: impl FnMut(i32, Said) -> T + 'c,
) -> impl Iterator<Item = T> + 'c {
    days.iter()
        .enumerate()
        .map(move |(at, day)| of(*day, column.said.as_ref().map_or(Said::Told, |said| said[at])))
}
