//! Where the law and today's systems say different things: in numbers for whoever steers, by person only for
//! an official with a reason.

use std::collections::BTreeMap;

use card::{Actor, Lang, PersonId, Tenge};
use deliver::{
    elsewhere::{Beside, Comparison, Kind, Ours},
    right::{End, Right},
};

use crate::{
    Law, Permission, Service, ServiceError, Store,
    view::{DifferenceLine, Differing},
    words,
};

/// Of awards that differ in one way.
#[derive(Default)]
struct Sums {
    awards: u64,
    theirs: Tenge,
    ours: Tenge,
}

impl<S: Store> Service<S> {
    /// How what today's systems pay differs from what the law gives, by measure, region and kind, as it was
    /// compared last: no personal data.
    pub fn differences(&self, by: &Actor, lang: Lang) -> Result<Vec<DifferenceLine>, ServiceError> {
        permitted(Permission::SeeSwitches, by)?;
        let law = self.law();
        let mut lines = Vec::new();
        for measure in &law.pack.measures {
            let mut sums: BTreeMap<(Option<String>, Option<Kind>), Sums> = BTreeMap::new();
            self.each_beside(by, &measure.name, Beside::Theirs, |_, right| {
                let region = self.store.region_of(right.recipient).map_err(ServiceError::store)?;
                let compared = right.compared.as_ref();
                let sum = sums.entry((region, compared.map(Comparison::kind))).or_default();
                sum.awards += 1;
                sum.theirs += compared.and_then(|compared| compared.theirs).unwrap_or(Tenge::ZERO);
                sum.ours += compared.and_then(Comparison::gives).unwrap_or(Tenge::ZERO);
                Ok(())
            })?;
            lines.extend(sums.into_iter().map(|((region, kind), Sums { awards, theirs, ours })| {
                DifferenceLine {
                    measure: measure.name.clone(),
                    title: measure.told.title.get(lang).to_owned(),
                    region,
                    kind,
                    told: words::difference(kind, lang).to_owned(),
                    awards,
                    theirs,
                    ours,
                }
            }));
        }
        Ok(lines)
    }

    /// Of whom they differ in one way, and why, no more than so many. Each who is listed was looked at, for a reason.
    pub fn differing(
        &self,
        by: &Actor,
        (measure, region, kind): (&str, Option<&str>, Kind),
        (reason, most): (&str, usize),
        lang: Lang,
    ) -> Result<Vec<Differing>, ServiceError> {
        permitted(Permission::SeeDifferences, by)?;
        if reason.trim().is_empty() {
            return Err(ServiceError::Reason);
        }
        let law = self.law();
        law.measure(measure)?;
        let mut listed = Vec::new();
        self.each_beside(by, measure, Beside::Theirs, |_, right| {
            let Some(compared) = right.compared.as_ref().filter(|compared| compared.kind() == kind) else {
                return Ok(());
            };
            let of = self.store.region_of(right.recipient).map_err(ServiceError::store)?;
            if of.as_deref() == region && listed.len() < most {
                self.store
                    .looked(self.now(), by, right.recipient, reason.trim())
                    .map_err(ServiceError::store)?;
                listed.push(self.differs(&law, right, compared, lang)?);
            }
            Ok(())
        })?;
        Ok(listed)
    }

    fn differs(
        &self,
        law: &Law,
        right: &Right,
        compared: &Comparison,
        lang: Lang,
    ) -> Result<Differing, ServiceError> {
        let person: PersonId = right.recipient;
        Ok(Differing {
            person,
            name: self.name(person)?,
            awards: right.elsewhere.keys().cloned().collect(),
            month: compared.month,
            theirs: compared.theirs,
            ours: compared.gives(),
            why: why(law, right, &compared.ours, lang),
        })
    }
}

/// Whoever works at the machine of the store has opened it already.
fn permitted(permission: Permission, by: &Actor) -> Result<(), ServiceError> {
    if *by == Actor::System { Ok(()) } else { permission.require(by) }
}

/// Why the law does not give what is paid, in sentences; none where it gives it.
fn why(law: &Law, right: &Right, ours: &Ours, lang: Lang) -> Vec<String> {
    let Ok((_, page)) = law.measure(&right.measure) else { return vec![] };
    match ours {
        Ours::Nothing { why: End::NotEligible { failing } } if failing.is_empty() => {
            vec![words::not_asked_about(lang).to_owned()]
        }
        Ours::Nothing { why: End::NotEligible { failing } } => {
            let conditions = page.conditions.iter().map(|c| (&c.name, &c.told));
            let told = conditions.chain(page.refusals.iter().map(|r| (&r.name, &r.told)));
            told.filter(|(name, _)| failing.contains(name))
                .map(|(_, told)| told.fails.get(lang).to_owned())
                .collect()
        }
        Ours::Nothing { .. } => vec![words::period_over(lang).to_owned()],
        Ours::NotKnown { missing } => {
            let mut owed: Vec<String> = missing
                .iter()
                .map(|missing| {
                    let registry = law.pack.schema.registry(&missing.registry);
                    let title = registry.map_or(missing.registry.as_str(), |id| {
                        law.pack.schema.registries[id.0 as usize].title.get(lang)
                    });
                    format!("{} {title}", words::owes(lang))
                })
                .collect();
            owed.sort();
            owed.dedup();
            owed
        }
        Ours::Gives(_) | Ours::ToAnother(_) | Ours::Unreleased(_) => vec![],
    }
}
