//! A small town on the real service, store, law and evaluator: registries whose tables a test writes and
//! mends, a clock that it moves, officials, and a bank that settles what it is sent.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use app::{evaluator::Evaluator, settings};
use card::{AccountId, Actor, Date, Iban, Iin, Lang, Moment, Month, PersonId, Role, Sex, Tenge};
use deliver::{
    RunId,
    archive::Archive as _,
    book::{Book as _, Library as _},
    mode::{self, Mode},
    port::{BankStatus, StatusReport},
    right::Right,
};
use intake::{Extent, Header, Manifest};
use law::{Pack, cases::Case, tree::MeasureId};
use outside::sqlite::{Keys, Store};
use service::{CallerAnswer, Law, Service};

use crate::{
    browser::folder,
    case::{numbers, text},
    rows::Rows,
};

pub fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

pub fn month(text: &str) -> Month {
    day(&format!("{text}-01")).month()
}

pub fn official(name: &str, role: Role) -> Actor {
    Actor::Officer { name: name.to_owned(), role }
}

pub fn officer() -> Actor {
    official("Ерлан", Role::Officer)
}

/// The pack, of its measures those that are named: others cost time and say nothing.
pub fn pack_of(measures: &[&str]) -> Pack {
    pack_without(measures, "no line of the law")
}

/// As it stood before some lines of the law were entered: those that hold a mark.
pub fn pack_without(measures: &[&str], mark: &str) -> Pack {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz");
    let mut sources = app::law_files::sources(&root).expect("the pack is there");
    let told: Vec<PathBuf> =
        measures.iter().map(|measure| root.join("measures").join(format!("{measure}.yaml"))).collect();
    sources.retain(|source| {
        let path = Path::new(&source.path);
        let other = path.starts_with(root.join("measures")) && told.iter().all(|told| path != told);
        !other && path != root.join("choices.yaml")
    });
    for source in sources.iter_mut().filter(|source| source.path.contains("parameters")) {
        source.text = source.text.lines().filter(|line| !line.contains(mark)).collect::<Vec<_>>().join("\n");
    }
    law::load(&sources).expect("the pack loads")
}

#[derive(Default)]
struct Clock(AtomicI64);

impl service::Clock for Clock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }
}

/// One row of a registry, by the names of its columns.
pub type Row = BTreeMap<String, String>;

pub struct Town {
    dir: PathBuf,
    clock: Arc<Clock>,
    pub law: Arc<Law>,
    pub service: Service<Store>,
    /// What registries say, by entity and registry.
    tables: BTreeMap<(String, String), Vec<Row>>,
    /// The last day that a registry covers, where it fell silent.
    silent: BTreeMap<String, Date>,
    people: BTreeMap<String, Iin>,
    extracts: u64,
}

impl Town {
    /// A town on a day, by the law of these measures, all of them offered.
    pub fn new(name: &str, measures: &[&str], today: &str) -> Self {
        Self::by(name, pack_of(measures), today)
    }

    /// A town by a pack.
    pub fn by(name: &str, pack: Pack, today: &str) -> Self {
        let dir = folder(name);
        std::fs::create_dir_all(&dir).unwrap();
        let mut schema = pack.schema.clone();
        let stored = pack.groups.iter().map(|group| group.entity.0 as usize).min();
        schema.entities.truncate(stored.unwrap_or(schema.entities.len()));
        let store = Store::open(dir.join("card.sqlite"), &schema, Keys::generate().unwrap()).unwrap();
        let clock = Arc::new(Clock::default());
        let law = Arc::new(Law::new(pack));
        let of_service = Arc::clone(&clock) as Arc<dyn service::Clock>;
        let judge = Box::new(Evaluator::default());
        let service = Service::new(store, Arc::clone(&law), judge, of_service, settings::trial().unwrap());
        let town = Self {
            dir,
            clock,
            law,
            service,
            tables: BTreeMap::new(),
            silent: BTreeMap::new(),
            people: BTreeMap::new(),
            extracts: 0,
        };
        town.set(today);
        for measure in &town.law.pack.measures {
            town.switch(&measure.name, None, mode::Proposal::Mode(Mode::Offering));
        }
        town
    }

    /// A town in which the facts of a case of the pack are so.
    pub fn of_case(name: &str, measure: &str, case: &str, today: &str) -> Self {
        let mut town = Self::new(name, &[measure], today);
        let law = Arc::clone(&town.law);
        let case = law.pack.measures.iter().flat_map(|known| &known.cases).find(|known| known.name == case);
        let case = case.expect("the pack has the case").clone();
        town.facts_of(&case);
        town
    }

    fn set(&self, today: &str) {
        self.clock.0.store(Moment::local(day(today), 10, 0).0, Ordering::Relaxed);
    }

    pub fn today(&self) -> Date {
        service::Clock::now(&*self.clock).day()
    }

    /// Goes on to a day: the registries deliver, and the night has passed.
    pub fn to(&mut self, today: &str) {
        self.set(today);
        self.deliver();
        self.sweep();
    }

    /// Asks about everybody, as a night does.
    pub fn sweep(&self) {
        let people: Vec<PersonId> = self.people.keys().map(|name| self.id(name)).collect();
        let measures = (0..self.law.pack.measures.len()).map(|at| MeasureId(at as u16));
        let all = measures.flat_map(|measure| people.iter().map(move |person| (measure, *person)));
        self.service.take_awards(&Actor::System).unwrap();
        self.service.find_for(&Actor::System, all, self.clock.0.load(Ordering::Relaxed) as u64).unwrap();
    }

    // ── Facts ────────────────────────────────────────────────────────────────────────────────────

    /// Somebody of the town, with a phone and an account.
    pub fn person(&mut self, name: &str, sex: Sex, born: &str) {
        let iin = self.number(name, sex, day(born)).expose();
        let sex = if sex == Sex::Female { "female" } else { "male" };
        let row = [
            ("iin", iin.as_str()),
            ("name", name),
            ("birth_date", born),
            ("sex", sex),
            ("citizenship", "citizen"),
            ("region", "75"),
        ];
        self.say("person", "gbd_fl", &row);
        self.say(
            "person",
            "civil_acts",
            &[("iin", &iin), ("death_date", ""), ("birth_registered", "true"), ("birth_sequence", "1")],
        );
        self.say(
            "person",
            "migration",
            &[("iin", &iin), ("treaty_right", "false"), ("permanent_resident", "true")],
        );
        self.account(name);
    }

    /// An account of somebody's own.
    pub fn account(&mut self, name: &str) {
        let (iin, at) = (
            self.iin(name),
            self.tables.get(&("account".to_owned(), "accounts".to_owned())).map_or(0, Vec::len),
        );
        let iban = Iban::compose("601", &format!("{:013}", at + 1)).unwrap().expose();
        self.say(
            "account",
            "accounts",
            &[
                ("account", &iban),
                ("holder", &iin),
                ("holder_checked", "true"),
                ("since", "2020-01-01"),
                ("ended", ""),
            ],
        );
    }

    /// A married couple and their children, at one address.
    pub fn family(&mut self, mother: &str, father: &str, children: &[(&str, &str)]) {
        self.person(mother, Sex::Female, "1988-03-05");
        self.person(father, Sex::Male, "1986-03-05");
        let (wife, husband) = (self.iin(mother), self.iin(father));
        self.say(
            "marriage",
            "civil_acts",
            &[("first", &wife), ("second", &husband), ("since", "2006-06-01"), ("ended", "")],
        );
        let address = format!("A-{mother}");
        for parent in [&wife, &husband] {
            self.say(
                "residence",
                "residence_register",
                &[("person", parent), ("address", &address), ("since", "2006-06-01"), ("ended", "")],
            );
        }
        for (child, born) in children {
            self.person(child, Sex::Female, born);
            let iin = self.iin(child);
            for parent in [&wife, &husband] {
                self.say(
                    "parent_link",
                    "civil_acts",
                    &[
                        ("child", &iin),
                        ("parent", parent),
                        ("kind", "birth"),
                        ("rights", "full"),
                        ("since", born),
                        ("ended", ""),
                    ],
                );
            }
            self.say(
                "residence",
                "residence_register",
                &[("person", &iin), ("address", &address), ("since", born), ("ended", "")],
            );
        }
        for (entity, registry) in [
            ("study", "nobd"),
            ("stay", "stays"),
            ("lives_with", "declared"),
            ("running_award", "payments"),
            ("running_award_child", "payments"),
        ] {
            self.tables.entry((entity.to_owned(), registry.to_owned())).or_default();
        }
    }

    /// A registry says a row more.
    pub fn say(&mut self, entity: &str, registry: &str, row: &[(&str, &str)]) {
        let row = row.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect();
        self.tables.entry((entity.to_owned(), registry.to_owned())).or_default().push(row);
    }

    /// A registry says otherwise of a row that says something of somebody.
    pub fn mend(&mut self, entity: &str, registry: &str, (column, name): (&str, &str), to: &[(&str, &str)]) {
        let key = self.people.get(name).map_or_else(|| name.to_owned(), Iin::expose);
        let rows = self.tables.get_mut(&(entity.to_owned(), registry.to_owned())).expect("it speaks of such");
        let row = rows.iter_mut().find(|row| row.get(column) == Some(&key)).expect("it says such a row");
        row.extend(to.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())));
    }

    /// An award of today's system.
    pub fn award(
        &mut self,
        number: &str,
        measure: &str,
        (recipient, subject): (&str, &str),
        children: &[&str],
        (since, amount): (&str, &str),
    ) {
        let (recipient, subject) = (self.iin(recipient), self.iin(subject));
        let row = [
            ("number", number),
            ("measure", measure),
            ("recipient", &recipient),
            ("subject", &subject),
            ("since", since),
            ("ended", ""),
            ("amount", amount),
            ("monthly", "true"),
            ("paid_on", ""),
        ];
        self.say("running_award", "payments", &row);
        for child in children {
            let child = self.iin(child);
            self.say("running_award_child", "payments", &[("award", number), ("child", &child)]);
        }
    }

    /// A registry speaks no more after a day.
    pub fn falls_silent(&mut self, registry: &str, after: &str) {
        self.silent.insert(registry.to_owned(), day(after));
    }

    /// It speaks again.
    pub fn speaks_again(&mut self, registry: &str) {
        self.silent.remove(registry);
    }

    /// Every registry that speaks delivers everything that it says now.
    pub fn deliver(&mut self) {
        // Persons before whoever speaks of them, awards before their children.
        let mut names: Vec<(String, String)> = self.tables.keys().cloned().collect();
        names.sort_by_key(|(entity, _)| (entity != "person", entity.clone()));
        for (entity, registry) in names {
            if !self.silent.contains_key(&registry) {
                self.extract(&entity, &registry);
            }
        }
    }

    fn extract(&mut self, entity: &str, registry: &str) {
        let schema = &self.law.pack.schema;
        let rows = &self.tables[&(entity.to_owned(), registry.to_owned())];
        let id = schema.entity(entity).expect("a declared entity");
        let mut columns: Vec<String> = rows.iter().flat_map(|row| row.keys().cloned()).collect();
        columns.sort();
        columns.dedup();
        if columns.is_empty() {
            columns = schema.at(id).key.iter().map(|field| schema.at(id).at(*field).name.clone()).collect();
        }
        let header =
            Header::bind(schema, id, columns.iter().map(String::as_str)).expect("columns of the entity");
        self.extracts += 1;
        let mut sha256 = [0; 32];
        sha256[..8].copy_from_slice(&self.extracts.to_be_bytes());
        let manifest = Manifest {
            entity: id,
            registry: schema.registry(registry).expect("a declared registry"),
            regions: vec![],
            extent: Extent::Full,
            from: card::LONG_AGO,
            through: self.today(),
            made_on: self.today(),
            rows: rows.len() as u64,
            sha256,
        };
        let cells =
            |row: &Row| columns.iter().map(|column| row.get(column).cloned().unwrap_or_default()).collect();
        let left: Vec<Vec<String>> = rows.iter().map(cells).collect();
        let mut rows = Rows::new(format!("{entity}-{registry}.csv"), header, left);
        let taken = self.service.take_extract(&manifest, &mut rows, &mut |_| {}).unwrap();
        assert_eq!(
            taken.counts.quarantined,
            0,
            "{entity} of {registry}: {:?}",
            self.service.quarantine(&officer())
        );
    }

    fn number(&mut self, name: &str, sex: Sex, born: Date) -> Iin {
        let serial = self.people.len() as u16 * 7;
        let number = (serial..).find_map(|serial| Iin::compose(born, sex, serial)).expect("a number");
        self.people.insert(name.to_owned(), number);
        number
    }

    pub fn iin(&self, name: &str) -> String {
        self.people[name].expose()
    }

    pub fn id(&self, name: &str) -> PersonId {
        self.service.store().find_person(&self.people[name]).unwrap().expect("somebody told of them")
    }

    /// Writes the facts of a case into the registries.
    fn facts_of(&mut self, case: &Case) {
        let law = Arc::clone(&self.law);
        let schema = &law.pack.schema;
        let numbers = numbers(case, schema);
        for (name, id) in &case.persons {
            self.people.insert(name.clone(), numbers[id]);
        }
        let told = |cell, ty| text(cell, ty, schema, &numbers).unwrap_or_default();
        for row in &case.circle.rows {
            let declared = schema.at(row.entity);
            let mut by_registry: BTreeMap<&str, Row> = BTreeMap::new();
            let keys: Vec<(String, String)> = declared
                .key
                .iter()
                .map(|field| {
                    (declared.at(*field).name.clone(), told(row.cell(*field), declared.at(*field).ty))
                })
                .collect();
            for (at, field) in declared.fields.iter().enumerate() {
                let owner = field.registry.unwrap_or(declared.registry);
                let text = told(&row.cells[at], field.ty);
                by_registry
                    .entry(&schema.registries[owner.0 as usize].name)
                    .or_default()
                    .insert(field.name.clone(), text);
            }
            // A case needs no key that tells its rows apart; a registry does.
            let keys = keys
                .into_iter()
                .map(|(column, cell)| (column, if cell.is_empty() { "only".to_owned() } else { cell }));
            let keys: Vec<(String, String)> = keys.collect();
            for (registry, mut cells) in by_registry {
                cells.extend(keys.clone());
                let cells = cells
                    .into_iter()
                    .map(|(column, cell)| (if column == "id" { "iin".to_owned() } else { column }, cell));
                let key = (declared.name.clone(), registry.to_owned());
                self.tables.entry(key).or_default().push(cells.collect());
            }
        }
        // What the case tells nothing of, its registries say is nothing.
        for coverage in &case.circle.coverage {
            let (entity, registry) =
                (&schema.at(coverage.entity).name, &schema.registries[coverage.registry.0 as usize].name);
            if (coverage.entity.0 as usize) < self.service.store().schema().entities.len() {
                self.tables.entry((entity.clone(), registry.clone())).or_default();
            }
        }
        let names: Vec<String> = self.people.keys().cloned().collect();
        for name in names {
            self.account(&name);
            let iin = self.iin(&name);
            self.mend_name(&iin, &name);
        }
    }

    fn mend_name(&mut self, iin: &str, name: &str) {
        for row in self.tables.get_mut(&("person".to_owned(), "gbd_fl".to_owned())).into_iter().flatten() {
            if row.get("iin").is_some_and(|known| known == iin) {
                row.insert("name".to_owned(), name.to_owned());
            }
        }
    }

    // ── What officials do ────────────────────────────────────────────────────────────────────────

    /// Two stewards switch a measure.
    pub fn switch(&self, measure: &str, region: Option<&str>, what: mode::Proposal) {
        let (first, second) = (official("Нұрлан", Role::Steward), official("Светлана", Role::Steward));
        self.service.propose(&first, measure, region, what).unwrap();
        self.service.confirm(&second, measure, region).unwrap();
    }

    /// The right of somebody, here or elsewhere, that is not over; else the last one.
    pub fn right(&self, measure: &str, subject: &str) -> Right {
        let rights = self.service.store().book().rights_of(self.id(subject)).unwrap();
        let mut of =
            rights.into_iter().filter(|right| right.measure == measure && right.subject == self.id(subject));
        of.next_back().unwrap_or_else(|| {
            let (told, _) = self.service.explain(measure, self.id(subject), Lang::En).unwrap();
            panic!("{subject} has no right to {measure}: {told}")
        })
    }

    /// Is nobody asked about it?
    pub fn has_no_offer(&self, measure: &str, subject: &str) -> bool {
        self.right(measure, subject).offer.is_none()
    }

    /// One of somebody's accounts, by its number.
    pub fn account_of(&self, name: &str, at: usize) -> String {
        let iin = self.iin(name);
        let rows = &self.tables[&("account".to_owned(), "accounts".to_owned())];
        rows.iter().filter(|row| row["holder"] == iin).nth(at).expect("they have so many")["account"].clone()
    }

    /// The person whom a right is offered to agrees in a call.
    pub fn agree(&self, measure: &str, subject: &str) -> Right {
        let right = self.right(measure, subject);
        let operator = official("Айгерім", Role::Operator);
        let account: Option<AccountId> =
            self.service.store().accounts_of(right.recipient, self.today()).unwrap().first().copied();
        let answer = CallerAnswer::Accept { account, recording: "R-1".to_owned() };
        self.service.answer_for_caller(&operator, right.recipient, right.id.0, answer).unwrap();
        self.right(measure, subject)
    }

    /// The pay run of today, approved and settled by the bank.
    pub fn pay(&self) -> RunId {
        let run = self.prepare();
        let seen = self.service.store().book().run(run).unwrap().unwrap().sums;
        let approver = official("Динара", Role::Approver);
        self.service.approve_run(&approver, run.0, (seen.sum, seen.orders)).unwrap();
        let batch = self.service.batch(run).unwrap();
        let reports = batch.transfers.iter().map(|transfer| {
            let (batch, end_to_end) = (batch.id.clone(), Some(transfer.end_to_end.clone()));
            Ok(StatusReport { batch, end_to_end, status: BankStatus::Settled })
        });
        self.service.bank_reported(reports.collect::<Vec<_>>()).unwrap();
        self.service.store().book().totals().unwrap().check().unwrap();
        run
    }

    /// The pay run of today, not approved yet.
    pub fn prepare(&self) -> RunId {
        let payer = &self.law.pack.measures[0].delivery().expect("a measure").payer;
        self.service.prepare_run(&officer(), payer).unwrap()
    }

    /// What tasks officials have.
    pub fn tasks(&self) -> Vec<String> {
        self.service.tasks(&officer(), Lang::En).unwrap().into_iter().map(|task| task.what).collect()
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// What a right paid for a month.
pub fn ordered(right: &Right, of: &str) -> Tenge {
    right.ledger.net_ordered(month(of))
}

pub fn tenge(sum: i64) -> Tenge {
    Tenge::whole(sum)
}
