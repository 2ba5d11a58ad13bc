//! Which mothers the state honoured: of six children and of seven and more today, of more in Soviet times.

use card::{Date, Sex};

use super::{
    kin::Who,
    records::Honour,
    weave::{Weaver, after},
};

/// Mothers born before this year were honoured with Soviet awards: 1950.
const SOVIET_BEFORE: i32 = 1950;

/// The pendants of today were founded in July 1995.
const PENDANTS_SINCE: Date = Date::from_days(9_322);

impl Weaver<'_> {
    /// Awards of mothers who raised six children and more.
    pub fn honours(&mut self) {
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            if person.sex != Sex::Female || person.age_on(self.day) < 27 {
                continue;
            }
            let mut births: Vec<Date> = (self.kin.ties.iter().filter(|tie| tie.parent == who))
                .map(|tie| self.kin.at(tie.child).born)
                .collect();
            births.sort();
            births.dedup();
            let age = person.age_on(self.day);
            // Of the old the registries do not tell all children, and yet who was honoured.
            let told = births.len() >= 6;
            let untold = age > 55 && births.len() < 5;
            if (told && self.dice.chance(870)) || (untold && self.dice.chance(115)) {
                self.honour(who, &births);
            }
        }
    }

    fn honour(&mut self, who: Who, births: &[Date]) {
        let born = self.kin.at(who).born;
        let soviet = born.ymd().0 < SOVIET_BEFORE && self.dice.chance(600);
        let last = births.last().copied().unwrap_or(after(born, 38 * 365));
        let kind = match births.len() {
            10.. if soviet => "mother_heroine",
            8.. if soviet => "maternal_glory_1",
            _ if soviet => "maternal_glory_2",
            7.. => "altyn_alqa",
            6 => "kumis_alqa",
            _ => self.dice.weighted(&[("altyn_alqa", 45), ("kumis_alqa", 55)]),
        };
        let earliest = if soviet { last } else { last.max(PENDANTS_SINCE) };
        let given_on = after(earliest, self.dice.between(380, 1_500));
        if given_on > self.day || !self.kin.at(who).lives_on(given_on) {
            return;
        }
        // A decree took some back, and is no news to anybody.
        let withdrawn_on = self.dice.chance(8).then(|| after(given_on, self.dice.between(200, 4_000)));
        let withdrawn_on = withdrawn_on.filter(|day| *day <= self.day);
        self.kin.honours.push(Honour { who, kind, given_on, withdrawn_on });
    }
}
