//! Since when somebody is a qandas, and whether the status was extended: it lasts a year, and once half a
//! year more. Who became a citizen meanwhile was one.

use card::Span;

use super::{
    kin::Status,
    weave::{Weaver, after},
};

impl Weaver<'_> {
    /// Terms of the status; of some it is not told whether they have it still.
    pub fn qandas(&mut self) {
        for who in self.kin.everybody() {
            let person = self.kin.at(who);
            let (status, born) = (person.status, person.born);
            let was = status == Some(Status::Citizen) && person.lives_on(self.day) && self.dice.chance(4);
            if status != Some(Status::Qandas) && !was {
                continue;
            }
            let in_first_year = self.dice.chance(750);
            let ago = if in_first_year { self.dice.between(5, 364) } else { self.dice.between(366, 545) };
            let since = after(self.day, -ago).max(born);
            let extended_to = (!in_first_year).then(|| since.plus(Span::Months(18)));
            let person = &mut self.kin.persons[who.0];
            person.qandas = Some((since, extended_to));
            if !was && self.dice.chance(60) {
                person.status = None;
            }
        }
    }
}
