//! Persons, ties, marriages, homes, studies; how people are reached, and what they are paid.

use super::{
    super::{
        figures,
        kin::{Kin, Study, TieKind, Told, Who},
        sheet::WriteError,
        well_being::place,
    },
    Delivery, Part, day, truth,
};

/// The rows of a kin.
pub fn deliver(
    kin: &Kin,
    iins: &[String],
    full: &mut Delivery,
    late: &mut Delivery,
) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for (person, iin) in kin.persons.iter().zip(iins) {
        let delivery = if person.late { &mut *late } else { &mut *full };
        delivery.person(person, iin)?;
        if matches!(person.told, Told::Wrongly(_)) {
            late.population(person, iin, &person.born.to_string())?;
        }
        if person.death_late {
            late.civil_acts(person, iin, person.died)?;
        }
    }
    for tie in &kin.ties {
        let delivery = if kin.at(tie.child).late { &mut *late } else { &mut *full };
        let (child, parent, kind) = (of(tie.child), of(tie.parent), tie.kind.word());
        let (since, ended) = (tie.since.to_string(), day(tie.ended));
        delivery.row(Part::Ties, &[child, parent, kind, tie.rights.word(), &since, &ended])?;
        if tie.kind == TieKind::Step {
            delivery.row(Part::Counted, &[child, parent, kind, &since, tie.counted_in.map_or("", of)])?;
        }
    }
    for marriage in &kin.marriages {
        let (since, ended) = (marriage.since.to_string(), day(marriage.ended));
        full.row(Part::Marriages, &[of(marriage.first), of(marriage.second), &since, &ended])?;
    }
    for residence in &kin.residences {
        let delivery = if kin.at(residence.who).late { &mut *late } else { &mut *full };
        let (address, since) = (format!("A{:012}", residence.address), residence.since.to_string());
        let row = [of(residence.who), &address, place(residence.address), &since, &day(residence.ended)];
        delivery.row(Part::Residences, &row)?;
    }
    for (child, parent, since) in &kin.declared_homes {
        full.row(Part::Homes, &[of(*child), of(*parent), &since.to_string(), ""])?;
    }
    let heard = |study: &&Study| !figures::is_silent("nobd", kin.at(study.who).home.region.code);
    for study in kin.studies.iter().chain(&kin.schooling).filter(heard) {
        let delivery = if study.late { &mut *late } else { &mut *full };
        let (since, ended) = (study.since.to_string(), day(study.ended));
        delivery.row(Part::Studies, &[of(study.who), study.form, study.level, &since, &ended])?;
    }
    for stay in &kin.stays {
        full.row(Part::Stays, &[of(stay.who), stay.kind, &stay.since.to_string(), &day(stay.ended)])?;
    }
    for (deceased, informant, on) in &kin.death_registrations {
        let delivery = if kin.at(*deceased).death_late { &mut *late } else { &mut *full };
        delivery.row(Part::Deaths, &[of(*deceased), informant.map_or("", of), &on.to_string()])?;
    }
    for account in &kin.accounts {
        let (iban, since) = (account.iban.expose(), account.since.to_string());
        full.row(
            Part::Accounts,
            &[&iban, of(account.who), truth(Some(account.checked)), &since, &day(account.ended)],
        )?;
    }
    for phone in &kin.phones {
        let (number, since) = (format!("+{}", phone.number.expose()), phone.since.to_string());
        full.row(Part::Phones, &[&number, of(phone.who), &since, &day(phone.ended)])?;
    }
    kin.awards.iter().try_for_each(|award| full.award(award, iins))
}
