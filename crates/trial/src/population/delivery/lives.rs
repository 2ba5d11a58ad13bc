//! Work, health, pensions, honours, means, and what people declare.

use card::{Date, Tenge};

use super::{
    super::{
        figures,
        kin::{Kin, Who},
        records::Comes,
        sheet::WriteError,
        sums,
    },
    Delivery, Part, day, truth,
};

fn sum(amount: Option<Tenge>) -> String {
    amount.map(|amount| amount.to_string()).unwrap_or_default()
}

fn employer(code: u32) -> String {
    format!("B{code:06}")
}

impl Delivery {
    /// The figures of the line of poverty, of all regions.
    pub fn poverty(&mut self, made_on: Date) -> Result<(), WriteError> {
        sums::poverty(made_on).try_for_each(|one| {
            let (since, ended) = (one.since.to_string(), day(one.ended));
            let (minimum, median) = (one.minimum.to_string(), one.median.to_string());
            self.row(Part::Poverty, &[one.region, &since, &ended, &minimum, &median, ""])
        })
    }
}

/// The rows of a kin.
pub fn deliver(
    kin: &Kin,
    iins: &[String],
    full: &mut Delivery,
    late: &mut Delivery,
) -> Result<(), WriteError> {
    work(kin, iins, full, late)?;
    health(kin, iins, full, late)?;
    pensions(kin, iins, full)?;
    means(kin, iins, full)?;
    declared(kin, iins, full)?;
    well_being(kin, iins, full)
}

fn heard(kin: &Kin, registry: &str, who: Who) -> bool {
    !figures::is_silent(registry, kin.at(who).home.region.code)
}

fn work(kin: &Kin, iins: &[String], full: &mut Delivery, late: &mut Delivery) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for (who, insured) in kin.insured.iter().filter(|(who, _)| heard(kin, "sif", *who)) {
        full.row(Part::Insured, &[of(*who), truth(Some(*insured))])?;
    }
    for one in kin.contributions.iter().filter(|one| heard(kin, "sif", one.who)) {
        let (month, payer, paid) = (one.month.to_string(), employer(one.payer), sum(one.paid));
        let row = [of(one.who), &month, &payer, &paid];
        match one.comes {
            Comes::InTime => full.row(Part::Contributions, &row)?,
            Comes::Late => late.row(Part::Contributions, &row)?,
            Comes::Corrected(wrong) => {
                full.row(Part::Contributions, &[of(one.who), &month, &payer, &wrong.to_string()])?;
                late.row(Part::Contributions, &row)?;
            }
        }
    }
    for job in &kin.jobs {
        let (employer, since) = (employer(job.employer), job.since.to_string());
        full.row(Part::Jobs, &[of(job.who), &employer, &since, &day(job.ended)])?;
    }
    for one in &kin.unemployment {
        let delivery = if one.late { &mut *late } else { &mut *full };
        let registered_on = one.registered_on.to_string();
        delivery.row(Part::Unemployment, &[of(one.who), one.status, &registered_on, &day(one.ended)])?;
    }
    Ok(())
}

fn health(kin: &Kin, iins: &[String], full: &mut Delivery, late: &mut Delivery) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for one in &kin.disabilities {
        let delivery = if one.late { &mut *late } else { &mut *full };
        let (of_movement, since) = (truth(Some(one.of_movement)), one.since.to_string());
        let row = [of(one.who), one.group, one.cause, of_movement, &since, &day(one.ended)];
        delivery.row(Part::Disabilities, &row)?;
    }
    for one in &kin.capacity_losses {
        let (established_on, since) = (one.established_on.to_string(), one.since.to_string());
        let degree = one.degree.map(|of_hundred| format!("{}.{:02}", of_hundred / 100, of_hundred % 100));
        let degree = degree.unwrap_or_default();
        full.row(Part::CapacityLosses, &[of(one.who), &established_on, &degree, &since, &day(one.ended)])?;
    }
    Ok(())
}

fn pensions(kin: &Kin, iins: &[String], full: &mut Delivery) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for (who, fought) in &kin.veterans {
        full.row(Part::Veterans, &[of(*who), truth(Some(*fought))])?;
    }
    for one in &kin.pensions {
        let since = one.since.to_string();
        full.row(Part::Pensions, &[of(one.who), one.kind, &sum(one.amount), &since, &day(one.ended)])?;
    }
    for one in &kin.benefits {
        full.row(Part::Benefits, &[of(one.who), one.kind, &one.since.to_string(), &day(one.ended)])?;
    }
    for one in &kin.honours {
        let given_on = one.given_on.to_string();
        full.row(Part::Honours, &[of(one.who), one.kind, &given_on, &day(one.withdrawn_on)])?;
    }
    Ok(())
}

fn means(kin: &Kin, iins: &[String], full: &mut Delivery) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for one in kin.ownerships.iter().filter(|one| heard(kin, "property", one.who)) {
        let (object, since) = (format!("K{:09}", one.object), one.since.to_string());
        let area = one.area.map(|tenths| format!("{}.{}", tenths / 10, tenths % 10)).unwrap_or_default();
        let [fit, condemned, for_profit, granted_free] =
            [one.fit, one.condemned, one.for_profit, one.granted_free].map(|is| truth(Some(is)));
        let ended = day(one.ended);
        let row = [
            of(one.who),
            &object,
            one.kind,
            &since,
            &ended,
            &area,
            fit,
            condemned,
            for_profit,
            granted_free,
            one.machine,
        ];
        full.row(Part::Property, &row)?;
    }
    for one in &kin.contracts {
        let (broken_on, refused_on) = (day(one.broken_on), day(one.refused_on));
        let row = [of(one.who), &one.since.to_string(), &broken_on, &refused_on, &day(one.false_data_on)];
        full.row(Part::Contracts, &row)?;
    }
    for one in &kin.incomes {
        full.row(Part::Incomes, &[of(one.who), &one.month.to_string(), one.kind, &sum(one.amount)])?;
    }
    Ok(())
}

fn declared(kin: &Kin, iins: &[String], full: &mut Delivery) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for one in &kin.cares {
        full.row(Part::Care, &[of(one.carer), of(one.cared), &one.since.to_string(), ""])?;
    }
    for one in &kin.burials {
        full.row(Part::Burials, &[of(one.deceased), of(one.buried_by), &one.since.to_string()])?;
    }
    for one in &kin.dependencies {
        let row = [of(one.dependant), of(one.breadwinner), truth(one.without_others)];
        full.row(Part::Dependencies, &row)?;
    }
    for deceased in &kin.service_deaths {
        full.row(Part::ServiceDeaths, &[of(*deceased)])?;
    }
    for (child, receives) in &kin.alimony {
        full.row(Part::Alimony, &[of(*child), truth(Some(*receives))])?;
    }
    Ok(())
}

fn well_being(kin: &Kin, iins: &[String], full: &mut Delivery) -> Result<(), WriteError> {
    let of = |who: Who| iins[who.0].as_str();
    for one in &kin.loans {
        let (contract, since) = (format!("L{:09}", one.contract), one.since.to_string());
        let row = [of(one.who), &contract, &since, "", &day(one.overdue_since), &sum(one.overdue)];
        full.row(Part::Loans, &row)?;
    }
    for one in &kin.businesses {
        let (number, since) = (format!("T{:09}", one.number), one.since.to_string());
        full.row(Part::Businesses, &[of(one.who), &number, one.kind, &since, &day(one.ended)])?;
    }
    for one in &kin.health_records {
        let [attached, covered, chronic, dispensary] =
            [one.attached, one.covered, one.chronic, one.dispensary].map(|is| truth(Some(is)));
        let row = [of(one.who), &one.since.to_string(), "", attached, covered, chronic, dispensary];
        full.row(Part::HealthRecords, &row)?;
    }
    for one in &kin.livestock {
        let (heads, since) = (one.heads.to_string(), one.since.to_string());
        full.row(Part::Livestock, &[of(one.who), one.kind, &heads, &sum(one.value), &since, ""])?;
    }
    Ok(())
}
