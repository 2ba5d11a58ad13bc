//! Work, health and means resemble the country's, and are as awkward as in life.

use std::collections::{BTreeMap, BTreeSet};

use card::{Date, Month};
use trial::population::{Comes, Kin, Options, Population, Who};

/// The last day on which anything has happened.
fn yesterday() -> Date {
    "2026-06-14".parse().unwrap()
}

fn world() -> Population {
    Population::generate(Options { people: 40_000, seed: 7, day: "2026-06-15".parse().unwrap() })
}

/// The last month that is over.
const MAY: Month = Month(2026 * 12 + 4);

fn in_force(ended: Option<Date>) -> bool {
    ended.is_none_or(|ended| yesterday() < ended)
}

#[derive(Default)]
struct Census {
    living: u64,
    paid_for: u64,
    wages: Vec<i64>,
    jobless: u64,
    disabled: u64,
    disabled_children: u64,
    lost_capacity: u64,
    pensioners: u64,
    honoured: u64,
    raising: u64,
    assisted: u64,
    contributions: u64,
}

impl Census {
    fn count(&mut self, kin: &Kin) {
        let lives = |who: Who| kin.at(who).lives_on(yesterday());
        let many = |who: BTreeSet<Who>| who.len() as u64;
        self.living += kin.everybody().filter(|who| lives(*who)).count() as u64;
        let of_may = || kin.contributions.iter().filter(|one| one.month == MAY && lives(one.who));
        self.paid_for += many(of_may().map(|one| one.who).collect());
        self.wages.extend(of_may().map(|one| one.wage.tiyn() / 100));
        self.contributions += kin.contributions.len() as u64;
        let unemployed =
            kin.unemployment.iter().filter(|one| one.status == "unemployed" && in_force(one.ended));
        self.jobless += many(unemployed.map(|one| one.who).collect());
        let disabled: BTreeSet<Who> =
            kin.disabilities.iter().filter(|d| in_force(d.ended) && lives(d.who)).map(|d| d.who).collect();
        self.disabled_children +=
            disabled.iter().filter(|who| kin.at(**who).age_on(yesterday()) < 18).count() as u64;
        self.disabled += many(disabled);
        let paid = |measure: &str| {
            let awards = kin.awards.iter().filter(|award| award.measure == measure && in_force(award.ended));
            awards.count() as u64
        };
        self.lost_capacity += paid("sif_work_capacity");
        self.raising += paid("raising_disabled_child");
        self.assisted += paid("targeted_assistance");
        self.honoured += paid("awarded_mother");
        let pensions = kin.pensions.iter().filter(|p| p.kind == "age" && lives(p.who));
        self.pensioners += many(pensions.map(|p| p.who).collect());
    }
}

#[test]
fn shares_lie_near_the_published_figures() {
    let mut census = Census::default();
    world().for_each(|kin| census.count(&kin));
    let mut far = Vec::new();
    let mut near = |name: &str, number: u64, low: u64, high: u64| {
        let found = number * 100_000 / census.living;
        if !(low..=high).contains(&found) {
            far.push(format!("{name}: {found} is not within {low} to {high}"));
        }
    };
    // Of 100,000 people; docs/population.md names the published figure behind each band.
    near("contributions paid in a month", census.paid_for, 28_000, 38_000);
    near("registered as unemployed", census.jobless, 600, 1_900);
    near("with a disability", census.disabled, 3_200, 4_300);
    near("children with a disability", census.disabled_children, 450, 680);
    near("paid for a loss of capacity", census.lost_capacity, 380, 620);
    near("with an age pension", census.pensioners, 9_500, 13_500);
    near("awarded mothers in payment", census.honoured, 950, 1_450);
    near("paid for raising a child with a disability", census.raising, 420, 640);
    near("families assisted in a quarter", census.assisted, 60, 330);
    assert!(far.is_empty(), "{}", far.join("\n"));
    let per_person = census.contributions / census.living;
    assert!((9..17).contains(&per_person), "{per_person} contributions for each person");
    census.wages.sort_unstable();
    let average = census.wages.iter().sum::<i64>() / census.wages.len() as i64;
    let median = census.wages[census.wages.len() / 2];
    assert!((420_000..520_000).contains(&average), "{average}");
    assert!((300_000..370_000).contains(&median), "{median}");
}

#[test]
fn every_awkward_turn_occurs() {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    world().for_each(|kin| look(&kin, &mut |what, is| *seen.entry(what).or_default() += u64::from(is)));
    let missing: Vec<_> = seen.iter().filter(|(_, number)| **number == 0).collect();
    assert!(seen.len() > 15 && missing.is_empty(), "not in the world: {missing:?}");
}

fn look(kin: &Kin, see: &mut dyn FnMut(&'static str, bool)) {
    let days_ago = |day: Date| yesterday().days() - day.days();
    for pair in kin.contributions.windows(2).filter(|pair| pair[0].who == pair[1].who) {
        see("a gap in contributions", (2..20).contains(&(pair[1].month.0 - pair[0].month.0)));
        see("two employers in a month", pair[0].month == pair[1].month && pair[0].payer != pair[1].payer);
    }
    for one in &kin.contributions {
        see("a contribution that comes late", one.comes == Comes::Late);
        see("a contribution that is corrected", matches!(one.comes, Comes::Corrected(_)));
        see("a contribution whose sum is not told", one.paid.is_none());
    }
    for one in &kin.unemployment {
        let left = kin.jobs.iter().find_map(|job| job.ended.filter(|_| job.who == one.who));
        see("registered a week after the job", left.is_some_and(|left| days_ago(left) < 14));
        see(
            "registered and working again",
            in_force(one.ended) && kin.jobs.iter().any(|j| j.who == one.who && j.ended.is_none()),
        );
        see("registered late", one.late);
        see("still a job seeker", one.status == "job_seeker" && one.ended.is_none());
    }
    for one in &kin.disabilities {
        see("a disability whose term is over", one.ended.is_some_and(|ended| days_ago(ended) >= 0));
        see("a disability whose group is not told", one.group.is_empty());
        see("a disability told late", one.late);
    }
    for pair in kin.capacity_losses.windows(2) {
        see("a degree that changed", pair[0].who == pair[1].who && pair[0].degree != pair[1].degree);
    }
    for one in &kin.ownerships {
        see("a second home that was sold", one.kind == "dwelling" && one.ended.is_some());
    }
    for award in &kin.awards {
        see(
            "a payment for a lost job that is over",
            award.measure == "sif_job_loss" && award.ended.is_some(),
        );
    }
    see("a burial that was declared", !kin.burials.is_empty());
    see("a death whose burial nobody declared", kin.death_registrations.len() > kin.burials.len());
    see("a declared dependency", !kin.dependencies.is_empty());
    see("a declared carer", !kin.cares.is_empty());
    see("a death in service", !kin.service_deaths.is_empty());
}
