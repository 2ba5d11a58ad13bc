//! The world as the pages of phones see it.

use card::{Date, Iin, Lang, Moment, Msisdn, PersonId, PhoneId, Span, Told};
use deliver::{
    archive::Archive,
    book::{Book, Library},
};
use num_rational::Ratio;
use service::Clock as _;
use trial::phones::{
    Bubble, CaseLine, Differences, FactLine, Mother, NumberLine, Page, Phone, PhoneLine, Seeker, Stage,
    StageError, Step, StepLine,
};
use trial::population;

use super::{
    happened::Happened,
    world::{World, lock},
};

/// Phones on one page.
const PHONES: usize = 20;
/// Mothers to pick from at once.
const MOTHERS: usize = 6;
/// People to register as unemployed from at once.
const SEEKERS: usize = 6;

fn failed(error: impl std::fmt::Display) -> StageError {
    StageError(error.to_string())
}

pub(super) const fn pick(lang: Lang, kk: &'static str, ru: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Kk => kk,
        Lang::Ru => ru,
        Lang::En => en,
    }
}

pub(super) fn say(lang: Lang, kk: &'static str, ru: &'static str, en: &'static str) -> String {
    pick(lang, kk, ru, en).to_owned()
}

/// A phone number as people write it.
fn written(number: &str) -> String {
    match number {
        n if n.len() == 11 => format!("+{} {} {} {} {}", &n[..1], &n[1..4], &n[4..7], &n[7..9], &n[9..]),
        other => other.to_owned(),
    }
}

fn time(at: Moment) -> String {
    let (hour, minute) = at.time_of_day();
    let (_, month, day) = at.day().ymd();
    format!("{day:02}.{month:02} {hour:02}:{minute:02}")
}

impl World {
    fn phone_of(&self, number: &str) -> Option<PhoneId> {
        let number: Msisdn = number.parse().ok()?;
        self.service.store().find_phone(&number).ok()?
    }

    fn number_of(&self, id: u64) -> Option<String> {
        Some(self.service.store().msisdn(PhoneId(id)).ok()??.expose())
    }

    fn owner(&self, phone: PhoneId) -> Option<PersonId> {
        self.service.store().bonds_of(phone, self.clock.now().day()).ok()?.first().copied()
    }

    /// The phone that rings when a person is written to.
    fn newest_phone(&self, iin: &Iin) -> Result<Option<u64>, StageError> {
        let (store, day) = (self.service.store(), self.clock.now().day());
        let Some(person) = store.find_person(iin).map_err(failed)? else { return Ok(None) };
        Ok(store.phones_of(person, day).map_err(failed)?.first().map(|phone| phone.0))
    }

    fn owner_name(&self, phone: PhoneId) -> String {
        self.owner(phone).and_then(|person| self.service.name(person).ok()).unwrap_or_default()
    }

    fn cases(&self, person: PersonId, lang: Lang) -> Vec<CaseLine> {
        let law = self.service.law();
        let rights = self.service.store().book().rights_of(person).unwrap_or_default();
        let mine = rights.iter().filter(|right| right.recipient == person);
        mine.filter_map(|right| {
            let line = self.service.right_line(&law, right, lang).ok()?;
            Some(CaseLine {
                right: line.right,
                title: format!("{} · {}", line.title, line.about),
                amount: line.amount,
                steps: line
                    .steps
                    .into_iter()
                    .map(|step| StepLine {
                        label: step.label,
                        at: step.at.map(time).unwrap_or_default(),
                        done: step.at.is_some(),
                    })
                    .collect(),
                files: line.files,
            })
        })
        .collect()
    }

    /// Sweeps again and tells what differs from the sweep before.
    fn sweep_and_compare(&self, lang: Lang) -> Result<Differences, StageError> {
        lock(&self.changes).clear();
        self.sweep().map_err(failed)?;
        self.settle().map_err(failed)?;
        self.differences(lang).map_err(failed)
    }
}

impl Stage for World {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn advance(&self, step: Step) -> Result<(), StageError> {
        let now = self.clock.now();
        match step {
            Step::Hour => self.move_to(now.plus_hours(1)).map_err(failed),
            Step::Day => {
                let next = Date::from_days(now.day().days() + 1);
                self.move_to(Moment::local(next, 10, 0)).map_err(failed)
            }
            Step::PayDay => {
                let today = now.day();
                let this = Date::from_days(today.month().first_day().days() + 9);
                let day = if this > today {
                    this
                } else {
                    Date::from_days(today.month().next().first_day().days() + 9)
                };
                self.move_to(Moment::local(day, 10, 0)).map_err(failed)?;
                self.pay().map_err(failed)
            }
        }
    }

    fn funnel(&self, lang: Lang) -> Vec<(String, u64)> {
        let store = self.service.store();
        let (Ok(funnel), Ok(notices)) = (store.book().funnel(), store.book().notices()) else {
            return vec![];
        };
        vec![
            (say(lang, "табылды", "найдено", "found"), funnel.found),
            (say(lang, "ұсынылды", "предложено", "offered"), funnel.offered),
            (say(lang, "жеткізілді", "доставлено", "delivered"), funnel.delivered),
            (say(lang, "жауап берді", "ответили", "answered"), funnel.answered),
            (say(lang, "келісті", "согласны", "consented"), funnel.consented),
            (say(lang, "тағайындалды", "назначено", "granted"), funnel.granted),
            (say(lang, "төленді", "выплачено", "paid"), funnel.paid),
            (say(lang, "хабарласу мүмкін емес", "не дозваться", "unreachable"), funnel.unreachable),
            (say(lang, "хабарланды", "сообщено", "told"), notices.iter().map(|one| one.told).sum()),
            (
                say(lang, "хабар күтеді", "ждут сообщения", "to be told"),
                notices.iter().map(|one| one.waiting).sum(),
            ),
        ]
    }

    fn phones(&self, search: &str, page: usize) -> Page<PhoneLine> {
        let digits: String = search.chars().filter(char::is_ascii_digit).collect();
        let by_name = !search.trim().is_empty() && digits.is_empty();
        let size = if by_name { 5_000 } else { PHONES };
        let found = self.smsc.phones(&digits, if by_name { 0 } else { page.max(1) - 1 }, size);
        let wanted = search.trim().to_lowercase();
        let mut lines: Vec<PhoneLine> = found
            .items
            .into_iter()
            .filter_map(|phone| {
                let id = self.phone_of(&phone.number)?;
                Some(PhoneLine {
                    id: id.0,
                    owner: self.owner_name(id),
                    number: written(&phone.number),
                    last: phone.last.text,
                    at: time(phone.last.at),
                })
            })
            .collect();
        if by_name {
            lines.retain(|line| line.owner.to_lowercase().contains(&wanted));
            lines.truncate(PHONES);
            return Page { lines, pages: 1 };
        }
        Page { lines, pages: found.total.div_ceil(PHONES).max(1) }
    }

    fn phone(&self, id: u64, lang: Lang) -> Option<Phone> {
        let number = self.number_of(id)?;
        let messages = self
            .smsc
            .thread(&number)
            .into_iter()
            .map(|message| Bubble {
                ours: !message.from_phone,
                text: message.text,
                at: time(message.at),
                parts: usize::from(message.parts),
            })
            .collect();
        let owner = self.owner(PhoneId(id));
        Some(Phone {
            id,
            owner: self.owner_name(PhoneId(id)),
            number: written(&number),
            messages,
            cases: owner.map(|person| self.cases(person, lang)).unwrap_or_default(),
        })
    }

    fn write(&self, id: u64, text: &str) -> Result<(), StageError> {
        let number = self.number_of(id).ok_or_else(|| StageError("there is no such phone".to_owned()))?;
        self.smsc.reply(&number, text);
        Ok(())
    }

    fn why(&self, id: u64, right: u64, lang: Lang) -> Option<Told> {
        let person = self.owner(PhoneId(id))?;
        let right = self.service.store().book().right(deliver::RightId(right)).ok()??;
        if right.recipient != person {
            return None;
        }
        self.service.explain(&right.measure, right.subject, lang).ok().map(|(told, _)| told)
    }

    fn file(&self, id: &str) -> Vec<(String, String)> {
        let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // A run that was approved at the desk leaves now, without waiting for the clock.
        if !plain || self.money().is_err() {
            return vec![];
        }
        let mut files = Vec::new();
        for folder in ["bank/to", "bank/from"] {
            let Ok(entries) = std::fs::read_dir(self.dir.join(folder)) else { continue };
            for path in entries.flatten().map(|entry| entry.path()) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if name.strip_prefix(id).is_some_and(|rest| rest.starts_with('.'))
                    && let Ok(text) = std::fs::read_to_string(&path)
                {
                    files.push((name, text.replace("><", ">\n<")));
                }
            }
        }
        files.sort();
        files
    }

    fn mothers(&self, search: &str) -> Vec<Mother> {
        let wanted = search.trim().to_lowercase();
        lock(&self.registrar)
            .mothers()
            .iter()
            .enumerate()
            .filter(|(_, mother)| mother.reachable && mother.name.to_lowercase().contains(&wanted))
            .take(MOTHERS)
            .map(|(at, mother)| Mother {
                id: at as u64,
                name: mother.name.clone(),
                born: mother.born.to_string(),
                children: mother.children,
            })
            .collect()
    }

    fn birth(&self, mother: u64) -> Result<Option<u64>, StageError> {
        let now = self.clock.now();
        let (mother, birth) = {
            let mut registrar = lock(&self.registrar);
            let mother = registrar
                .mothers()
                .get(mother as usize)
                .cloned()
                .ok_or_else(|| StageError("there is no such mother".to_owned()))?;
            let birth = registrar.birth(&mother, now).map_err(failed)?;
            (mother, birth)
        };
        for event in &birth.events {
            self.service.take_event(event).map_err(failed)?;
        }
        while self.service.tick().map_err(failed)? {}
        Happened::Birth(birth.child, now.day()).keep(&self.dir).map_err(failed)?;
        self.born(birth.child, now.day()).map_err(failed)?;
        self.newest_phone(&mother.iin)
    }

    fn seekers(&self) -> Vec<Seeker> {
        let registrar = lock(&self.registrar);
        let line = |(at, seeker): (usize, &population::Seeker)| Seeker {
            id: at as u64,
            name: seeker.name.clone(),
            born: seeker.born.to_string(),
        };
        registrar.seekers().iter().enumerate().take(SEEKERS).map(line).collect()
    }

    fn unemployed(&self, seeker: u64) -> Result<Option<u64>, StageError> {
        let now = self.clock.now();
        let (iin, event) = {
            let mut registrar = lock(&self.registrar);
            let seeker = registrar.seekers().get(seeker as usize).cloned();
            let seeker = seeker.ok_or_else(|| StageError("there is no such person".to_owned()))?;
            (seeker.iin, registrar.unemployed(&seeker, now).map_err(failed)?)
        };
        self.service.take_event(&event).map_err(failed)?;
        while self.service.tick().map_err(failed)? {}
        self.newest_phone(&iin)
    }

    fn facts(&self, lang: Lang) -> Vec<FactLine> {
        lock(&self.births)
            .iter()
            .enumerate()
            .map(|(at, (_, born, name))| {
                let right = corrected(*born);
                let date = say(lang, "туған күні", "дата рождения", "date of birth");
                FactLine { id: at as u64, says: format!("{name}: {date} {born} → {right}") }
            })
            .collect()
    }

    fn correct(&self, fact: u64, lang: Lang) -> Result<String, StageError> {
        let (iin, born, _) = lock(&self.births)
            .get(fact as usize)
            .cloned()
            .ok_or_else(|| StageError("there is no such fact".to_owned()))?;
        let right = corrected(born);
        let event =
            lock(&self.registrar).birth_date_corrected(iin, right, self.clock.now()).map_err(failed)?;
        let taken = self.service.take_event(&event).map_err(failed)?;
        Happened::Birth(iin, right).keep(&self.dir).map_err(failed)?;
        self.born(iin, right).map_err(failed)?;
        Ok(match lang {
            Lang::Kk => format!("Түзетілді: {right}. Заңға {} сұрақ қойылды.", taken.swept.asked),
            Lang::Ru => format!("Исправлено: {right}. Закон спрошен {} раз.", taken.swept.asked),
            Lang::En => format!("Corrected: {right}. The law was asked {} questions.", taken.swept.asked),
        })
    }

    fn registries(&self, lang: Lang) -> Vec<(String, String)> {
        let law = self.service.law();
        let delivering =
            ["civil_acts", "gbd_fl", "migration", "nobd", "residence_register", "stays", "payments"];
        law.pack
            .schema
            .registries
            .iter()
            .filter(|registry| delivering.contains(&registry.name.as_str()))
            .map(|registry| (registry.name.clone(), registry.title.get(lang).to_owned()))
            .collect()
    }

    fn silence(&self, registry: &str, lang: Lang) -> Result<Differences, StageError> {
        let law = self.service.law();
        let id = law
            .pack
            .schema
            .registry(registry)
            .ok_or_else(|| StageError(format!("there is no registry {registry}")))?;
        let stands_for = law.pack.schema.registries[id.0 as usize].stands_for;
        lock(&self.registrar).silence(registry, true);
        Happened::Silence(registry.to_owned()).keep(&self.dir).map_err(failed)?;
        lock(&self.changes).clear();
        // Its word is believed for a while; on the day after that it is stale.
        let stale = self.clock.now().day().plus(stands_for).plus(Span::Days(1));
        self.move_to(Moment::local(stale, 10, 0)).map_err(failed)?;
        self.differences(lang).map_err(failed)
    }

    fn tell(&self, event: &str, lang: Lang) -> Result<String, StageError> {
        let counts = self.service.take_event(event).map_err(failed)?.counts;
        self.settle().map_err(failed)?;
        let (accepted, unchanged) = (counts.accepted, counts.unchanged);
        Ok(match lang {
            Lang::Kk => format!("Қабылданған жазба: {accepted}, өзгеріссіз: {unchanged}"),
            Lang::Ru => format!("Принято записей: {accepted}, без изменений: {unchanged}"),
            Lang::En => format!("Rows accepted: {accepted}, unchanged: {unchanged}"),
        })
    }

    fn numbers(&self, lang: Lang) -> Vec<NumberLine> {
        let law = self.service.law();
        let today = self.clock.now().day();
        law.pack
            .parameters
            .iter()
            .filter(|parameter| parameter.keys.is_empty())
            .filter_map(|parameter| {
                let step = parameter.steps.iter().rev().find(|step| step.from <= today)?;
                let law::Constant::Number(value) = step.entries.first()?.value else { return None };
                Some(NumberLine {
                    id: parameter.name.clone(),
                    title: parameter.title.get(lang).to_owned(),
                    now: decimal(value),
                })
            })
            .collect()
    }

    fn reform(&self, number: &str, value: &str, lang: Lang) -> Result<Differences, StageError> {
        let value = parse_decimal(value).filter(|value| *value > Ratio::ZERO).ok_or_else(|| {
            StageError(say(
                lang,
                "Мәні нөлден үлкен сан болуы керек, мысалы 4500 немесе 16.03",
                "Нужно число больше нуля, например 4500 или 16.03",
                "A number above zero is expected, such as 4500 or 16.03",
            ))
        })?;
        let from = self.clock.now().day();
        let pack = self.reformed(number, value, from).map_err(failed)?;
        let before = self.service.law().pack.clone();
        self.service.change_law(pack);
        // A number by which the law no longer answers is taken back: else no day could follow.
        let found = self.sweep_and_compare(lang).inspect_err(|_| self.service.change_law(before))?;
        Happened::Reform { number: number.to_owned(), value, from }.keep(&self.dir).map_err(failed)?;
        Ok(found)
    }
}

/// A fortnight before: a date that was mistyped.
fn corrected(born: Date) -> Date {
    born.minus(Span::Days(14))
}

fn decimal(value: Ratio<i128>) -> String {
    let hundredths = (value * Ratio::from_integer(100)).round().to_integer();
    match hundredths % 100 {
        0 => (hundredths / 100).to_string(),
        rest => format!("{}.{rest:02}", hundredths / 100),
    }
}

/// A decimal number with at most six places.
fn parse_decimal(text: &str) -> Option<Ratio<i128>> {
    let text = text.trim().replace(',', ".");
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || places.len() > 6 || !digits(whole) || !digits(places) {
        return None;
    }
    let all: i128 = format!("{whole}{places}").parse().ok()?;
    Some(Ratio::new(all, 10_i128.pow(places.len() as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(parse_decimal("16,03"), Some(Ratio::new(1603, 100)));
        assert_eq!(parse_decimal(" 4500 "), Some(Ratio::from_integer(4500)));
        for wrong in ["", "-1", "1.2.3", "x", "1e3", ".5"] {
            assert_eq!(parse_decimal(wrong), None, "{wrong}");
        }
        assert_eq!(decimal(Ratio::new(1603, 100)), "16.03");
        assert_eq!(decimal(Ratio::from_integer(4325)), "4325");
    }
}
