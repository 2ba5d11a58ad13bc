//! What officials see. Every look at a person is an entry with a reason.

use std::{cell::RefCell, collections::BTreeSet};

use card::{
    AccountId, Actor, Iin, Lang, Msisdn, Outcome, PersonId, PhoneId, Question, Tenge, Ternary, Told, Verdict,
};
use deliver::book::Book as _;
use deliver::{
    RightId, TaskId,
    elsewhere::Application,
    payrun::{PayRun, Stage as RunStage},
    right::{Per, Right, Stage},
    task::{Task, TaskKind},
};
use law::tree::MeasureId;

use crate::{
    Law, Permission, Service, ServiceError, Store,
    turn::Turn,
    view::{
        ApplicationLine, DisputeLine, FamilyMember, FoundPerson, PersonCard, ReasonLine, RightLine, RunLine,
        StepLine, TaskLine, ThreadLine, UnknownThread, VerdictLine,
    },
    words,
};

impl<S: Store> Service<S> {
    /// Finds a person by IIN or phone number.
    pub fn find(&self, by: &Actor, query: &str, reason: &str) -> Result<Vec<FoundPerson>, ServiceError> {
        Permission::SeePerson.require(by)?;
        require_reason(reason)?;
        let query = query.trim();
        let mut persons = Vec::new();
        if let Ok(number) = query.parse::<Iin>() {
            persons.extend(self.store.find_person(&number).map_err(ServiceError::store)?);
        } else if let Ok(number) = query.parse::<Msisdn>()
            && let Some(phone) = self.store.find_phone(&number).map_err(ServiceError::store)?
        {
            persons = self.store.bonds_of(phone, self.now().day()).map_err(ServiceError::store)?;
        }
        persons.dedup();
        let mut found = Vec::new();
        for person in persons {
            self.store.looked(self.now(), by, person, reason).map_err(ServiceError::store)?;
            found.push(FoundPerson { person, name: self.name(person)?, iin: self.masked(person)? });
        }
        Ok(found)
    }

    /// Everything about a person on one screen.
    pub fn card(
        &self,
        by: &Actor,
        person: PersonId,
        reason: &str,
        lang: Lang,
    ) -> Result<PersonCard, ServiceError> {
        Permission::SeePerson.require(by)?;
        require_reason(reason)?;
        self.store.looked(self.now(), by, person, reason).map_err(ServiceError::store)?;
        let law = self.law();
        let day = self.now().day();
        let rights = self.store.book().rights_of(person).map_err(ServiceError::store)?;
        let phones = self.store.phones_of(person, day).map_err(ServiceError::store)?;
        let mut accounts = Vec::new();
        for account in self.store.accounts_of(person, day).map_err(ServiceError::store)? {
            accounts.push((account, self.account_label(account)?));
        }
        let mut lines: Vec<RightLine> =
            rights.iter().map(|right| self.right_line(&law, right, lang)).collect::<Result<_, _>>()?;
        let own =
            accounts.iter().map(|(account, _)| Some(*account)).chain(accounts.is_empty().then_some(None));
        let own: Vec<Option<AccountId>> = own.collect();
        for (line, right) in lines.iter_mut().zip(&rights).filter(|(line, _)| line.open) {
            line.aloud = Turn::begin(self, by.clone()).aloud(right, person, &own)?;
        }
        let (verdicts, family) = self.verdicts_about(&law, person, &rights, lang)?;
        // Whoever is named beside them is looked at too.
        let named = verdicts.iter().map(|line| line.subject).chain(family.iter().map(|one| one.person));
        let named: BTreeSet<PersonId> = named.chain(rights.iter().map(|right| right.subject)).collect();
        for other in named.into_iter().filter(|other| *other != person) {
            self.store.looked(self.now(), by, other, reason).map_err(ServiceError::store)?;
        }
        let tasks = if Permission::Tasks.require(by).is_ok() {
            self.store.book().tasks_of(person).map_err(ServiceError::store)?
        } else {
            vec![]
        };
        let disputes = self.store.book().disputes(person).map_err(ServiceError::store)?;
        Ok(PersonCard {
            person,
            name: self.name(person)?,
            iin: self.masked(person)?,
            born: self.born(person)?,
            lang: self.store.language_of(person).map_err(ServiceError::store)?.unwrap_or_default(),
            phone: match phones.first() {
                Some(phone) => {
                    let number = self.store.msisdn(*phone).map_err(ServiceError::store)?;
                    number.map(masked_phone)
                }
                None => None,
            },
            accounts,
            family,
            verdicts,
            levels: self.levels_of(&law, person, lang)?,
            rights: lines,
            applications: self.applications(&law, person, lang)?,
            disputes: disputes.into_iter().map(|(at, what)| DisputeLine { at, what }).collect(),
            thread: self.thread(person, lang)?,
            tasks: tasks.iter().map(|task| task_line(task, lang)).collect(),
        })
    }

    /// Why the law answers as it does, in sentences, with the rows read and the articles.
    ///
    /// The subject is the person of the card, or whom one of their rights is about: an address does not
    /// open somebody else.
    pub fn why(
        &self,
        by: &Actor,
        person: PersonId,
        measure: &str,
        subject: PersonId,
        reason: &str,
        lang: Lang,
    ) -> Result<Told, ServiceError> {
        Permission::SeePerson.require(by)?;
        require_reason(reason)?;
        let rights = self.store.book().rights_of(person).map_err(ServiceError::store)?;
        if subject != person && !rights.iter().any(|right| right.subject == subject) {
            return Err(ServiceError::Absent("such subject on this person's card".to_owned()));
        }
        self.store.looked(self.now(), by, subject, reason).map_err(ServiceError::store)?;
        let (told, named) = self.explain(measure, subject, lang)?;
        // Whoever is called by name was looked at too.
        for other in named.into_iter().filter(|other| *other != subject) {
            self.store.looked(self.now(), by, other, reason).map_err(ServiceError::store)?;
        }
        Ok(told)
    }

    /// Why a measure or a methodology answers as it does, and whom that calls by name; whoever shows it has checked who
    /// sees it.
    pub fn explain(
        &self,
        page: &str,
        subject: PersonId,
        lang: Lang,
    ) -> Result<(Told, BTreeSet<PersonId>), ServiceError> {
        let law = self.law();
        let day = self.now().day();
        let question = Question { subject, day, asked_on: day };
        let named = RefCell::new(BTreeSet::new());
        let names = |person| {
            named.borrow_mut().insert(person);
            self.store.name(person).ok().flatten()
        };
        let told = if let Some(id) = law.pack.score(page, day) {
            let circle = self.circle_of_level(&law, id, subject)?;
            self.assessor.explain_score(&law.pack, id, question, &circle, lang, &names)?
        } else {
            let (measure, _) = law.measure(page)?;
            let circle = self.circle(&law, measure, subject)?;
            self.assessor.explain(&law.pack, measure, question, &circle, lang, &names)?
        };
        Ok((told, named.into_inner()))
    }

    /// One of the rights on a person's card.
    pub(crate) fn right_on_card(&self, person: PersonId, right: u64) -> Result<RightId, ServiceError> {
        let rights = self.store.book().rights_of(person).map_err(ServiceError::store)?;
        let known = rights.iter().find(|known| known.id.0 == right).map(|known| known.id);
        known.ok_or_else(|| ServiceError::Absent("such right on this person's card".to_owned()))
    }

    /// Open tasks, the most urgent first.
    pub fn tasks(&self, by: &Actor, lang: Lang) -> Result<Vec<TaskLine>, ServiceError> {
        Permission::Tasks.require(by)?;
        let tasks = self.store.book().tasks(200).map_err(ServiceError::store)?;
        Ok(tasks.iter().map(|task| task_line(task, lang)).collect())
    }

    /// What came from a number that is nobody's, for whoever does the task of reading it.
    pub fn unknown_number(&self, by: &Actor, task: u64, lang: Lang) -> Result<UnknownThread, ServiceError> {
        Permission::SpeakForCaller.require(by)?;
        let found = self.store.book().task(TaskId(task)).map_err(ServiceError::store)?;
        let open = found.filter(|task| task.done.is_none()).map(|task| task.kind);
        let Some(TaskKind::UnknownNumber(phone)) = open else {
            return Err(ServiceError::Absent("open task to read what came".to_owned()));
        };
        self.store.looked_at_phone(self.now(), by, phone, "unknown_number").map_err(ServiceError::store)?;
        let number = self.store.msisdn(phone).map_err(ServiceError::store)?;
        Ok(UnknownThread {
            phone: number.map(masked_phone).unwrap_or_default(),
            thread: self.thread_of(&[phone], lang)?,
        })
    }

    /// Pay runs, the newest first.
    pub fn runs(&self, by: &Actor, lang: Lang) -> Result<Vec<RunLine>, ServiceError> {
        Permission::SeeRuns.require(by)?;
        let mut lines = Vec::new();
        for (id, at) in self.store.runs(100).map_err(ServiceError::store)? {
            let Some(run) = self.store.book().run(id).map_err(ServiceError::store)? else { continue };
            lines.push(run_line(&run, at, lang));
        }
        Ok(lines)
    }

    /// Prepares a run of every payer.
    pub fn prepare_runs(&self, by: &Actor) -> Result<(), ServiceError> {
        Permission::PrepareRun.require(by)?;
        let payers: Vec<String> = self.settings.payers.0.keys().cloned().collect();
        for payer in payers {
            self.prepare_run(by, &payer)?;
        }
        Ok(())
    }

    fn applications(
        &self,
        law: &Law,
        person: PersonId,
        lang: Lang,
    ) -> Result<Vec<ApplicationLine>, ServiceError> {
        let filed = self.store.applications_of(person).map_err(ServiceError::store)?;
        let line = |one: Application| ApplicationLine {
            title: law.pack.title(&one.measure, lang).unwrap_or(&one.measure).to_owned(),
            filed_on: one.filed_on,
            decided_on: one.decided_on,
            state: one.outcome.map_or_else(
                || words::waits_elsewhere(lang).to_owned(),
                |outcome| outcome.get(lang).to_owned(),
            ),
        };
        Ok(filed.into_iter().map(line).collect())
    }

    fn verdicts_about(
        &self,
        law: &Law,
        person: PersonId,
        rights: &[Right],
        lang: Lang,
    ) -> Result<(Vec<VerdictLine>, Vec<FamilyMember>), ServiceError> {
        let day = self.now().day();
        let mut asked: Vec<(MeasureId, PersonId)> = law.measures().map(|measure| (measure, person)).collect();
        for right in rights {
            if let Some(measure) = law.pack.measure(&right.measure) {
                asked.push((measure, right.subject));
            }
        }
        asked.sort();
        asked.dedup();
        let (mut lines, mut family) = (Vec::new(), Vec::new());
        for (measure, subject) in asked {
            let question = Question { subject, day, asked_on: day };
            let verdict = match self.ask(law, measure, question) {
                Ok(verdict) => verdict,
                // One question without an answer does not close the card.
                Err(ServiceError::Law(error)) => {
                    let page = &law.pack.measures[measure.0 as usize];
                    lines.push(VerdictLine {
                        measure: page.name.clone(),
                        title: page.told.title.get(lang).to_owned(),
                        subject,
                        about: self.name(subject)?,
                        outcome: Outcome::Unknown,
                        free: Ternary::Unknown,
                        amount: String::new(),
                        why: vec![ReasonLine { holds: Ternary::Unknown, text: error.to_string() }],
                        preliminary: false,
                        told: self.told_lines(page, subject, lang)?,
                    });
                    continue;
                }
                Err(error) => return Err(error),
            };
            for child in &verdict.claims {
                if *child != person && !family.iter().any(|m: &FamilyMember| m.person == *child) {
                    family.push(FamilyMember {
                        person: *child,
                        name: self.name(*child)?,
                        tie: words::child(lang).to_owned(),
                        born: self.born(*child)?,
                    });
                }
            }
            if verdict.outcome != Outcome::NotConcerned {
                lines.push(self.verdict_line(law, measure, &verdict, lang)?);
            }
        }
        Ok((lines, family))
    }

    fn verdict_line(
        &self,
        law: &Law,
        measure: MeasureId,
        verdict: &Verdict,
        lang: Lang,
    ) -> Result<VerdictLine, ServiceError> {
        let page = &law.pack.measures[measure.0 as usize];
        let mut why = Vec::new();
        for condition in &verdict.conditions {
            let told = page
                .conditions
                .iter()
                .map(|c| (&c.name, &c.told))
                .chain(page.refusals.iter().map(|r| (&r.name, &r.told)))
                .find(|(name, _)| **name == condition.name)
                .map(|(_, told)| told);
            let Some(told) = told else { continue };
            let text = match condition.outcome {
                Ternary::Yes => &told.holds,
                Ternary::No => &told.fails,
                Ternary::Unknown => &told.unknown,
            };
            why.push(ReasonLine { holds: condition.outcome, text: text.get(lang).to_owned() });
        }
        for missing in &verdict.missing {
            why.push(ReasonLine { holds: Ternary::Unknown, text: words::owed(law, missing, lang) });
        }
        why.dedup();
        Ok(VerdictLine {
            measure: page.name.clone(),
            title: page.told.title.get(lang).to_owned(),
            subject: verdict.question.subject,
            about: self.name(verdict.question.subject)?,
            outcome: verdict.outcome,
            free: verdict.free,
            amount: verdict.amount.map_or_else(String::new, |amount| match (amount.point(), amount.hi) {
                (Some(sum), _) => words::money(sum, page.period.monthly, lang),
                (None, Some(hi)) => {
                    format!("{} – {}", amount.lo.grouped(), words::money(hi, page.period.monthly, lang))
                }
                (None, None) => String::new(),
            }),
            why,
            preliminary: verdict.standing == card::Standing::Preliminary,
            told: self.told_lines(page, verdict.question.subject, lang)?,
        })
    }

    /// A right in one line.
    pub fn right_line(&self, law: &Law, right: &Right, lang: Lang) -> Result<RightLine, ServiceError> {
        let title = law.pack.title(&right.measure, lang).unwrap_or(&right.measure).to_owned();
        let reached = self.store.reached(right.id).map_err(ServiceError::store)?;
        let steps = words::STEPS
            .iter()
            .map(|(stage, label)| StepLine {
                label: words::pick(label, lang).to_owned(),
                at: reached.iter().find(|(name, _)| name == stage).map(|(_, at)| *at),
            })
            .collect();
        let offered = match right.offer {
            Some(id) => self.store.book().offer(id).map_err(ServiceError::store)?,
            None => None,
        };
        let line = offered.as_ref().and_then(|o| o.lines.iter().find(|line| line.right == right.id));
        let amount = right.terms().map(|terms| terms.gross - terms.withheld).or(line.map(|line| line.amount));
        let agreed = right.consent.as_ref().map(|consent| consent.notice.amount);
        let amount = amount.or(agreed).or(right.award().and_then(|award| award.amount));
        let mut files: Vec<String> = right
            .ledger
            .orders
            .iter()
            .filter(|order| order.state.left())
            .map(|order| format!("FCRUN{}", order.run))
            .collect();
        files.dedup();
        Ok(RightLine {
            right: right.id.0,
            measure: right.measure.clone(),
            title,
            subject: right.subject,
            about: self.name(right.subject)?,
            state: words::stage(&right.stage, lang).to_owned(),
            amount: amount.map_or_else(String::new, |sum| words::money(sum, right.per == Per::Month, lang)),
            steps,
            open: matches!(right.stage, Stage::Found | Stage::Offered | Stage::Declined | Stage::Lapsed),
            aloud: vec![],
            needs_account: right.needs_account(),
            with_officer: matches!(right.stage, Stage::WithOfficer { .. }),
            overpaid: right
                .ledger
                .months()
                .into_iter()
                .map(|month| (month, right.ledger.overpaid(month)))
                .filter(|(_, sum)| *sum > Tenge::ZERO)
                .map(|(month, sum)| (month, sum, words::money(sum, false, lang)))
                .collect(),
            files,
        })
    }

    /// The thread of a person's phone, oldest first.
    fn thread(&self, person: PersonId, lang: Lang) -> Result<Vec<ThreadLine>, ServiceError> {
        let phones = self.store.phones_of(person, self.now().day()).map_err(ServiceError::store)?;
        self.thread_of(&phones, lang)
    }

    fn thread_of(&self, phones: &[PhoneId], lang: Lang) -> Result<Vec<ThreadLine>, ServiceError> {
        let mut thread = Vec::new();
        for phone in phones.iter().copied() {
            for (id, at) in self.store.attempts_to(phone).map_err(ServiceError::store)? {
                let Some(attempt) = self.store.book().attempt(id).map_err(ServiceError::store)? else {
                    continue;
                };
                // Of one moment: the question, the reply to it, what became of the reply.
                let turn = if attempt.purpose.asks() { 0 } else { 2 };
                thread.push((
                    at,
                    turn,
                    ThreadLine {
                        at,
                        ours: true,
                        text: attempt.text.as_str().to_owned(),
                        state: words::attempt(attempt.stage, lang).to_owned(),
                    },
                ));
            }
            for written in self.store.written(phone).map_err(ServiceError::store)? {
                let at = written.at;
                let line = ThreadLine { at, ours: false, text: written.text, state: String::new() };
                thread.push((at, 1, line));
            }
        }
        thread.sort_by_key(|(at, turn, _)| (*at, *turn));
        Ok(thread.into_iter().map(|(_, _, line)| line).collect())
    }

    /// The name of a person for eyes; a dash where none is known.
    pub fn name(&self, person: PersonId) -> Result<String, ServiceError> {
        match self.store.name(person) {
            Ok(name) => Ok(name.unwrap_or_else(|| format!("№ {person}"))),
            Err(error) => Err(ServiceError::store(error)),
        }
    }

    fn born(&self, person: PersonId) -> Result<String, ServiceError> {
        let born = self.store.born(person).map_err(ServiceError::store)?;
        Ok(born.map_or_else(|| "—".to_owned(), |day| day.to_string()))
    }

    fn masked(&self, person: PersonId) -> Result<String, ServiceError> {
        let iin = self.store.iin(person).map_err(ServiceError::store)?;
        Ok(iin.map_or_else(|| "—".to_owned(), |iin| format!("••••••••{}", &iin.expose()[8..])))
    }

    fn account_label(&self, account: AccountId) -> Result<String, ServiceError> {
        let iban = self.store.iban(account).map_err(ServiceError::store)?;
        Ok(iban.map_or_else(
            || "—".to_owned(),
            |iban| format!("{} *{}", self.settings.banks.short_of(&iban), iban.last_four()),
        ))
    }
}

fn masked_phone(number: Msisdn) -> String {
    format!("+7 7•• ••• •• {}", &number.expose()[9..])
}

fn require_reason(reason: &str) -> Result<(), ServiceError> {
    if reason.trim().is_empty() { Err(ServiceError::Reason) } else { Ok(()) }
}

fn task_line(task: &Task, lang: Lang) -> TaskLine {
    TaskLine {
        task: task.id.0,
        due: task.due,
        person: task.person,
        what: words::task(&task.kind, lang),
        unknown_number: matches!(task.kind, TaskKind::UnknownNumber(_)),
    }
}

fn run_line(run: &PayRun, at: card::Moment, lang: Lang) -> RunLine {
    let name = |actor: &Actor| match actor {
        Actor::Officer { name, .. } => name.clone(),
        other => format!("{other:?}"),
    };
    let approved_by = run.approved_by.as_ref().map(name);
    let file = match &run.stage {
        RunStage::Released { batch, .. } => Some(batch.clone()),
        _ => None,
    };
    RunLine {
        run: run.id.0,
        payer: run.payer.clone(),
        at,
        prepared_by: name(&run.prepared_by),
        approved_by,
        orders: run.sums.orders,
        sum: run.sums.sum,
        open: run.stage == RunStage::Prepared,
        total: words::money(run.sums.sum, false, lang),
        state: words::run(&run.stage, lang).to_owned(),
        file,
    }
}
