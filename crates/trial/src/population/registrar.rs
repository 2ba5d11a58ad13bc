//! The offices that tell the card what happens after the extracts were made: a birth, an end of
//! studies, a corrected date. Each is a `CloudEvent` of the registry that owns the fact.

use card::{Date, Iin, Lang, Moment, Sex};
use serde_json::{Value, json};

use super::{
    dice::Dice,
    kin::{Home, Kin, Person, Who},
    names,
    news::News,
    sheet::{Extract, WriteError},
    well_being::place,
};

/// How many mothers and students are kept to choose from.
const KEPT: usize = 5_000;

/// A woman to whom a child may be born.
#[derive(Clone)]
pub struct Mother {
    /// Her number.
    pub iin: Iin,
    /// Her name.
    pub name: String,
    /// Her birth date.
    pub born: Date,
    /// The code of her region.
    pub region: &'static str,
    /// Her language.
    pub language: Option<Lang>,
    /// Her children who count for benefits today.
    pub children: usize,
    /// Has she a phone of her own and an account, so that an offer can reach her?
    pub reachable: bool,
    /// The man who will be registered as the father, with his given name.
    father: Option<(Iin, &'static str)>,
    home: Home,
    custom: names::Custom,
    stem: names::Stem,
}

/// A grown child whose studies decide whether a family has four.
#[derive(Clone)]
pub struct Student {
    /// The number.
    pub iin: Iin,
    /// The name.
    pub name: String,
    /// The mother's number.
    pub mother: Iin,
    form: &'static str,
    level: &'static str,
    since: Date,
}

/// Somebody of working age without a job, who never was at the career centre.
#[derive(Clone)]
pub struct Seeker {
    /// The number.
    pub iin: Iin,
    /// The name.
    pub name: String,
    /// The birth date.
    pub born: Date,
}

/// A birth that was told.
#[derive(Clone)]
pub struct Birth {
    /// The number of the child.
    pub child: Iin,
    /// `CloudEvents`, to be delivered in this order: the last one ties the child to its parents.
    pub events: Vec<String>,
}

/// Tells what happens, and knows to whom it may happen.
pub struct Registrar {
    day: Date,
    news: News,
    silent: Vec<String>,
    mothers: Vec<Mother>,
    students: Vec<Student>,
    seekers: Vec<Seeker>,
}

impl Registrar {
    /// Goes on with the news that are kept beside the extracts.
    pub(super) fn new(day: Date, news: News) -> Self {
        Self { day, news, silent: Vec::new(), mothers: Vec::new(), students: Vec::new(), seekers: Vec::new() }
    }

    /// Women to choose from, in the order of the world.
    pub fn mothers(&self) -> &[Mother] {
        &self.mothers
    }

    /// Students in families of exactly four counted children: without their studies the family has three.
    pub fn students(&self) -> &[Student] {
        &self.students
    }

    /// Whoever may register as unemployed and can be written to, in the order of the world.
    pub fn seekers(&self) -> &[Seeker] {
        &self.seekers
    }

    /// The full extracts of a later day, in a folder of its name beside the first ones: those, with
    /// what came late and what was told since. They are what keeps coverage from running out.
    pub fn renew(&self, day: Date) -> Result<Vec<Extract>, WriteError> {
        let silent: Vec<&str> = self.silent.iter().map(String::as_str).collect();
        self.news.renew(&silent, day)
    }

    /// From now on a registry delivers nothing, or speaks again. What it has said is believed for as
    /// long as the pack declares (`stands_for`); then its facts are unknown, and it owes them.
    pub fn silence(&mut self, registry: &str, silent: bool) {
        self.silent.retain(|other| other != registry);
        if silent {
            self.silent.push(registry.to_owned());
        }
    }

    pub(super) fn meet(&mut self, kin: &Kin) {
        let living = |who: &Who| kin.at(*who).lives_on(self.day);
        let room = KEPT - self.seekers.len();
        let seekers = kin.everybody().filter(|who| living(who) && seeks(kin, *who, self.day)).take(room);
        self.seekers.extend(seekers.map(|who| {
            let person = kin.at(who);
            Seeker { iin: person.iin, name: person.name(), born: person.born }
        }));
        for woman in kin.everybody().filter(living) {
            let person = kin.at(woman);
            if person.sex != Sex::Female || !(18..45).contains(&person.age_on(self.day)) || person.late {
                continue;
            }
            let children = kin.qualifying(woman, self.day);
            let father = father_to_be(kin, woman, &children, self.day);
            if self.mothers.len() < KEPT && (father.is_some() || !children.is_empty()) {
                self.mothers.push(mother(kin, woman, children.len(), father));
            }
            if children.len() == 4 && self.students.len() < KEPT {
                let deciding = children.iter().find(|child| kin.at(**child).age_on(self.day) >= 18);
                self.students.extend(deciding.and_then(|child| student(kin, *child, person)));
            }
        }
    }

    /// A child is born to a woman and registered at a moment: the population register tells who it
    /// is, the register of residence where it lives, the civil registry whose child it is.
    pub fn birth(&mut self, mother: &Mother, at: Moment) -> Result<Birth, WriteError> {
        let told = self.news.told();
        let mut dice = Dice::of(told, at.day().days() as u64);
        let born = at.day();
        let sex = if dice.chance(516) { Sex::Male } else { Sex::Female };
        // From the last serial of the day down: extracts number from the first one up.
        let child = (0..=9_999 - (told % 9_000) as u16)
            .rev()
            .find_map(|serial| Iin::compose(born, sex, serial))
            .expect("one serial in a hundred has no control digit, and not a thousand in a row");
        let iin = child.expose();
        let patronymic =
            mother.father.map_or(String::new(), |(_, father)| names::patronymic(mother.custom, sex, father));
        let (family, given) =
            (names::family(mother.custom, sex, mother.stem), names::given(mother.custom, sex, &mut dice));
        let name = format!("{family} {given} {patronymic}").trim_end().to_owned();
        let word = super::means::sex_word(sex);
        let since = born.to_string();
        let father = mother.father.map(|(father, _)| father);
        let ties: Vec<Value> = ([Some(mother.iin), father].into_iter().flatten())
            .map(|parent| json!({
                "child": iin, "parent": parent.expose(), "kind": "birth", "rights": "full", "since": since, "ended": null,
            }))
            .collect();
        let acts = json!({
            "iin": iin, "birth_date": since, "sex": word, "death_date": null, "birth_registered": true, "birth_sequence": 1,
        });
        let population = json!({
            "iin": iin, "name": name, "birth_date": since, "sex": word, "citizenship": "citizen",
            "region": mother.region, "settlement": mother.home.settlement(),
            "language": null, "language_source": null, "language_since": null,
        });
        let status = json!({"iin": iin, "treaty_right": false, "permanent_resident": true});
        let address = format!("A{:012}", mother.home.address);
        let residence = json!({
            "person": iin, "address": address, "place": place(mother.home.address), "since": since, "ended": null,
        });
        let events = vec![
            self.tell("gbd_fl", "person.registered", at, &[("person", vec![population])])?,
            self.tell("migration", "status.registered", at, &[("person", vec![status])])?,
            self.tell("residence_register", "residence.registered", at, &[("residence", vec![residence])])?,
            self.tell(
                "civil_acts",
                "birth.registered",
                at,
                &[("person", vec![acts]), ("parent_link", ties)],
            )?,
        ];
        Ok(Birth { child, events })
    }

    /// Somebody leaves their studies on the day before the moment.
    pub fn studies_end(&mut self, student: &Student, at: Moment) -> Result<String, WriteError> {
        let ended = Date::from_days(at.day().days() - 1).max(Date::from_days(student.since.days() + 1));
        let row = json!({
            "person": student.iin.expose(), "form": student.form, "level": student.level,
            "since": student.since.to_string(), "ended": ended.to_string(),
        });
        self.tell("nobd", "study.ended", at, &[("study", vec![row])])
    }

    /// Somebody registers at the career centre and is given the status of an unemployed person.
    pub fn unemployed(&mut self, seeker: &Seeker, at: Moment) -> Result<String, WriteError> {
        let row = json!({
            "person": seeker.iin.expose(), "status": "unemployed", "registered_on": at.day().to_string(), "ended": null,
        });
        self.tell("enbek", "unemployment.registered", at, &[("unemployment", vec![row])])
    }

    /// The population register corrects a birth date. The number stays as it is.
    pub fn birth_date_corrected(&mut self, iin: Iin, born: Date, at: Moment) -> Result<String, WriteError> {
        let row = json!({"iin": iin.expose(), "birth_date": born.to_string()});
        self.tell("gbd_fl", "person.corrected", at, &[("person", vec![row])])
    }

    /// A death is registered.
    pub fn death(&mut self, iin: Iin, died: Date, at: Moment) -> Result<String, WriteError> {
        let person = json!({"iin": iin.expose(), "death_date": died.to_string()});
        let registration =
            json!({"deceased": iin.expose(), "registered_by": null, "registered_on": at.day().to_string()});
        self.tell(
            "civil_acts",
            "death.registered",
            at,
            &[("person", vec![person]), ("death_registration", vec![registration])],
        )
    }

    fn tell(
        &mut self,
        registry: &str,
        what: &str,
        at: Moment,
        data: &[(&str, Vec<Value>)],
    ) -> Result<String, WriteError> {
        let parts: Vec<Value> =
            data.iter().map(|(entity, rows)| json!({"entity": entity, "rows": rows})).collect();
        let event = json!({
            "specversion": "1.0",
            "id": format!("{registry}-{:06}", self.news.told() + 1),
            "source": format!("/registries/{registry}"),
            "type": format!("kz.{registry}.{what}.v1"),
            "time": at.to_string(),
            "datacontenttype": "application/json",
            "data": parts,
        })
        .to_string();
        self.news.keep(&event)?;
        Ok(event)
    }
}

/// Has somebody of working age a phone of their own, and neither job nor studies nor a record at the career
/// centre?
fn seeks(kin: &Kin, who: Who, day: Date) -> bool {
    let person = kin.at(who);
    let owns = kin.phones.iter().any(|phone| phone.who == who && phone.ended.is_none());
    let busy = kin.jobs.iter().any(|job| job.who == who && job.ended.is_none_or(|ended| day < ended))
        || kin.studies.iter().any(|study| study.who == who && study.ended.is_none())
        || kin.unemployment.iter().any(|known| known.who == who);
    owns && !busy && !person.late && (20..55).contains(&person.age_on(day))
}

/// The husband; else the acknowledged father of the youngest child at the same address.
fn father_to_be(kin: &Kin, woman: Who, children: &[Who], day: Date) -> Option<Who> {
    let home = kin.at(woman).home.address;
    kin.spouse_of(woman, day).or_else(|| {
        let youngest = children.iter().max_by_key(|child| kin.at(**child).born)?;
        kin.ties
            .iter()
            .filter(|tie| tie.child == *youngest && tie.parent != woman && tie.holds_on(day))
            .map(|tie| tie.parent)
            .find(|man| {
                kin.at(*man).sex == Sex::Male
                    && kin.at(*man).lives_on(day)
                    && kin.at(*man).home.address == home
            })
    })
}

fn mother(kin: &Kin, woman: Who, children: usize, father: Option<Who>) -> Mother {
    let person = kin.at(woman);
    let namesake = father.map_or(person, |man| kin.at(man));
    Mother {
        iin: person.iin,
        name: person.name(),
        born: person.born,
        region: person.home.region.code,
        language: person.language,
        children,
        reachable: kin.phones.iter().any(|phone| phone.who == woman && phone.ended.is_none())
            && kin
                .accounts
                .iter()
                .any(|account| account.who == woman && account.ended.is_none() && account.checked),
        father: father.map(|man| (kin.at(man).iin, kin.at(man).given)),
        home: person.home,
        custom: namesake.custom,
        stem: namesake.stem,
    }
}

fn student(kin: &Kin, child: Who, mother: &Person) -> Option<Student> {
    let study = kin.studies.iter().find(|s| s.who == child && s.ended.is_none() && s.form == "full_time")?;
    let person = kin.at(child);
    Some(Student {
        iin: person.iin,
        name: person.name(),
        mother: mother.iin,
        form: study.form,
        level: study.level,
        since: study.since,
    })
}
