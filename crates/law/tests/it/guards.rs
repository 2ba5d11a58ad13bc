//! Which ways of asking before reading are understood, and which are not enough.

use law::Strictness;

use crate::folder;

/// The faults of the small pack with that as its first condition.
fn faults(condition: &str) -> Vec<String> {
    let mut sources = folder::sources("small");
    let measure = sources.iter_mut().find(|s| s.path == "measures/grant.yaml").unwrap();
    let quoted = format!("holds: '{condition}'");
    measure.text = measure.text.replace("holds: exists(mother) and mother.alive", &quoted);
    law::read(&sources, Strictness::Pack).errors.iter().map(ToString::to_string).collect()
}

#[test]
fn an_optional_is_read_behind_a_guard() {
    for condition in [
        "exists(mother) and mother.alive",
        "not(exists(mother)) or mother.alive",
        "if exists(mother) then mother.alive else true",
        "if not(exists(mother)) then true else mother.alive",
        "exists(mother.loan) and mother.loan.amount > 0 and mother.alive",
        "exists(mother) and (exists(mother.loan) and mother.loan.amount > 0)",
        "count(parents[exists(loan) and loan.amount > 0]) = 1",
        "sum(parents[exists(loan)].loan.amount) > 0",
        "sum(parents[alive and exists(loan)][age > 18].loan.amount) > 0",
        "some p in parents satisfies exists(p.loan) and p.loan.amount > 0",
        "some p in parents[exists(loan)] satisfies p.loan.amount > 0",
        "as_of(birth_date, exists(mother) and mother.alive)",
        "exists(death_date) and death_date > birth_date",
    ] {
        assert_eq!(faults(condition), Vec::<String>::new(), "{condition}");
    }
}

#[test]
fn what_proves_nothing_guards_nothing() {
    for condition in [
        "mother.alive",
        "exists(mother) or mother.alive",
        "not(exists(mother)) and mother.alive",
        "if exists(mother) then true else mother.alive",
        "(exists(mother) or alive) and mother.alive",
        "exists(mother) and mother.loan.amount > 0",
        "count(parents[loan.amount > 0]) = 1",
        "some p in parents[alive] satisfies p.loan.amount > 0",
        "exists(mother) and as_of(birth_date, mother.alive)",
        "exists(loan) and mother.loan.amount > 0",
    ] {
        let faults = faults(condition);
        assert!(faults.len() == 1 && faults[0].contains("may be nothing"), "{condition}: {faults:?}");
    }
}

#[test]
fn nothing_is_no_row_and_adds_no_row() {
    for condition in
        ["mother = child", "count(union(parents, mother)) > 0", "count(union(mother.child_ties, ties)) > 0"]
    {
        assert_eq!(faults(condition), Vec::<String>::new(), "{condition}");
    }
    assert_eq!(faults("mother != child").len(), 1);
    assert_eq!(faults("count(mother.child_ties) > 0").len(), 1);
}
