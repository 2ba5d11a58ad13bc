use card::{Cell, Date, EntityId, FOREVER, FieldId, LONG_AGO, RegistryId, Schema, UntilIs, Validity};

/// When a row is true, half-open, by the fields that its entity declares. A day that is not told
/// leaves that side open.
pub fn validity_of(schema: &Schema, entity: EntityId, cells: &[Cell]) -> (Date, Date) {
    match &schema.at(entity).validity {
        Validity::Always => (LONG_AGO, FOREVER),
        Validity::Month(field) => match &cells[field.0 as usize] {
            Cell::Month(month) => (month.first_day(), month.next().first_day()),
            _ => (LONG_AGO, FOREVER),
        },
        Validity::Period { from, until, until_is } => {
            let first = match &cells[from.0 as usize] {
                Cell::Date(day) => *day,
                Cell::Year(year) => Date::from_ymd(*year, 1, 1).unwrap_or(LONG_AGO),
                _ => LONG_AGO,
            };
            let end = match until.map(|field| &cells[field.0 as usize]) {
                Some(Cell::Date(day)) if *until_is == UntilIs::LastDay => Date::from_days(day.days() + 1),
                Some(Cell::Date(day)) => *day,
                _ => FOREVER,
            };
            (first, end)
        }
    }
}

/// One row from what several registries say of the same thing: each field by the registry that
/// owns it; where that is silent, by the entity's registry; then by the others in their order.
/// `told` holds the registry and cells of each.
pub fn merged(schema: &Schema, entity: EntityId, told: &[(RegistryId, &[Cell])]) -> Box<[Cell]> {
    let declared = schema.at(entity);
    let mut order: Vec<usize> = (0..told.len()).collect();
    order.sort_by_key(|at| told[*at].0);
    (0..declared.fields.len())
        .map(|field| {
            let owner = declared.at(FieldId(field as u16)).registry.unwrap_or(declared.registry);
            let rank = |at: &usize| match told[*at].0 {
                registry if registry == owner => 0,
                registry if registry == declared.registry => 1,
                _ => 2,
            };
            order
                .iter()
                .filter(|at| told[**at].1[field] != Cell::Unknown)
                .min_by_key(|at| rank(at))
                .map_or(Cell::Unknown, |at| told[*at].1[field].clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use card::PersonId;

    use super::*;
    use crate::landmarks::tests::schema;

    #[test]
    fn each_field_is_told_by_its_owner_first() {
        let day = |n| Cell::Date(Date::from_days(n));
        let id = Cell::Person(PersonId(1));
        let population = [id.clone(), day(1), Cell::Unknown, Cell::Nothing, Cell::Unknown, Cell::Unknown];
        let civil_acts = [id.clone(), day(2), Cell::Enum(0), day(9), Cell::Unknown, Cell::Unknown];
        let told = [(RegistryId(1), &civil_acts[..]), (RegistryId(0), &population[..])];
        let one = merged(&schema(), Schema::PERSON, &told);
        // The birth date is the population register's, the death the civil registry's; the sex only
        // one of them told.
        assert_eq!(*one, [id, day(1), Cell::Enum(0), day(9), Cell::Unknown, Cell::Unknown]);
    }

    #[test]
    fn ends_become_half_open() {
        let mut schema = schema();
        let day = Date::from_days;
        let cells = |end| [Cell::Unknown, Cell::Unknown, Cell::Date(day(10)), end];
        let of = |schema: &Schema, end| validity_of(schema, EntityId(1), &cells(end));
        assert_eq!(of(&schema, Cell::Nothing), (day(10), FOREVER));
        assert_eq!(of(&schema, Cell::Date(day(20))), (day(10), day(20)));
        if let Validity::Period { until_is, .. } = &mut schema.entities[1].validity {
            *until_is = UntilIs::LastDay;
        }
        assert_eq!(of(&schema, Cell::Date(day(20))), (day(10), day(21)));
        schema.entities[1].validity = Validity::Month(FieldId(2));
        let month = day(40).month();
        let cells = [Cell::Unknown, Cell::Unknown, Cell::Month(month), Cell::Unknown];
        assert_eq!(validity_of(&schema, EntityId(1), &cells), (month.first_day(), month.next().first_day()));
    }
}
