//! A store in memory: a journal, and the states that it tells.

use std::{collections::BTreeMap, convert::Infallible};

use card::{Moment, PersonId, PhoneId};
use deliver::{
    AttemptId, Machine, OfferId, RightId, RunId, TaskId, Totals, apply,
    book::{Book, Entry, Funnel, NoticeCount, Transaction},
    conversation::Conversation,
    elsewhere::Beside,
    mode::Switch,
    notice::Told,
    offer::{self, Offer},
    outbox::{self, Attempt},
    payrun::PayRun,
    right::{self, Right},
    task::{Task, TaskKind, same},
    timing::Contact,
};

#[derive(Default)]
pub struct Memory {
    number: u64,
    pub journal: Vec<Transaction>,
    pub rights: BTreeMap<RightId, Right>,
    pub offers: BTreeMap<OfferId, Offer>,
    pub conversations: BTreeMap<PhoneId, Conversation>,
    pub attempts: BTreeMap<AttemptId, Attempt>,
    pub runs: BTreeMap<RunId, PayRun>,
    pub told: BTreeMap<(PersonId, String), Told>,
    pub tasks: BTreeMap<TaskId, Task>,
    pub switches: BTreeMap<(String, Option<String>), Switch>,
    funnel: Funnel,
    awards: u64,
    pub contact: Contact,
}

fn fold<K: Ord + Clone, M: Machine + Clone>(states: &mut BTreeMap<K, M>, key: &K, events: &[M::Event]) {
    if let Some(state) = apply(states.remove(key), events) {
        states.insert(key.clone(), state);
    }
}

impl Memory {
    pub fn with(contact: Contact) -> Self {
        Self { contact, ..Self::default() }
    }

    /// Everything again from the journal, through its text: what a restart reads.
    pub fn replayed(&self) -> Self {
        let mut again = Self::with(self.contact);
        for transaction in &self.journal {
            let text = serde_json::to_string(transaction).unwrap();
            again.append(&serde_json::from_str(&text).unwrap(), &self.contact).unwrap();
        }
        again
    }

    fn count(&mut self, events: &[right::Event]) {
        for event in events {
            match event {
                right::Event::Found { .. } | right::Event::FoundAgain { .. } => self.funnel.found += 1,
                right::Event::Offered { .. } => self.funnel.offered += 1,
                right::Event::Consented { .. } => self.funnel.consented += 1,
                right::Event::Filed { .. } => self.funnel.filed += 1,
                right::Event::Decided { decision }
                    if matches!(decision.outcome, deliver::decision::Decided::Granted(_)) =>
                {
                    self.funnel.granted += 1;
                }
                right::Event::Settled { .. } => self.funnel.paid += 1,
                _ => {}
            }
        }
    }
}

impl Book for Memory {
    type Error = Infallible;

    fn next_number(&mut self) -> Result<u64, Infallible> {
        self.number += 1;
        Ok(self.number)
    }

    fn append(&mut self, transaction: &Transaction, _: &Contact) -> Result<(), Infallible> {
        for entry in &transaction.entries {
            match entry {
                Entry::Right(id, events) => {
                    self.count(events);
                    fold(&mut self.rights, id, events);
                }
                Entry::Offer(id, events) => {
                    for event in events {
                        match event {
                            offer::Event::Delivered { .. } => self.funnel.delivered += 1,
                            offer::Event::Answered { .. } => self.funnel.answered += 1,
                            offer::Event::Unreachable { .. } => self.funnel.unreachable += 1,
                            _ => {}
                        }
                    }
                    fold(&mut self.offers, id, events);
                }
                Entry::Conversation(phone, events) => fold(&mut self.conversations, phone, events),
                Entry::Attempt(id, events) => fold(&mut self.attempts, id, events),
                Entry::Run(id, events) => fold(&mut self.runs, id, events),
                Entry::Told(person, notice, events) => {
                    fold(&mut self.told, &(*person, notice.clone()), events);
                }
                Entry::Task(id, events) => fold(&mut self.tasks, id, events),
                Entry::Switch(measure, region, events) => {
                    fold(&mut self.switches, &(measure.clone(), region.clone()), events);
                }
                Entry::AwardsTaken(until) => self.awards = *until,
                Entry::Disputed(..) | Entry::Kept { .. } => {}
            }
        }
        self.journal.push(transaction.clone());
        Ok(())
    }

    fn right(&self, id: RightId) -> Result<Option<Right>, Infallible> {
        Ok(self.rights.get(&id).cloned())
    }
    fn offer(&self, id: OfferId) -> Result<Option<Offer>, Infallible> {
        Ok(self.offers.get(&id).cloned())
    }
    fn conversation(&self, phone: PhoneId) -> Result<Option<Conversation>, Infallible> {
        Ok(self.conversations.get(&phone).cloned())
    }
    fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, Infallible> {
        Ok(self.attempts.get(&id).cloned())
    }
    fn run(&self, id: RunId) -> Result<Option<PayRun>, Infallible> {
        Ok(self.runs.get(&id).cloned())
    }
    fn told(&self, person: PersonId, notice: &str) -> Result<Option<Told>, Infallible> {
        Ok(self.told.get(&(person, notice.to_owned())).cloned())
    }
    fn told_of(&self, person: PersonId) -> Result<Vec<Told>, Infallible> {
        Ok(self.told.values().filter(|told| told.person == person).cloned().collect())
    }
    fn told_waiting(
        &self,
        (person, notice): (PersonId, &str),
        limit: usize,
    ) -> Result<Vec<Told>, Infallible> {
        let after = (person, notice.to_owned());
        let waits = |told: &&Told| told.waiting().next().is_some();
        let later = self.told.iter().filter(|(key, _)| **key > after).map(|(_, told)| told);
        Ok(later.filter(waits).take(limit).cloned().collect())
    }
    fn notices(&self) -> Result<Vec<NoticeCount>, Infallible> {
        let mut counts: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
        for told in self.told.values() {
            let all = counts.entry(&told.notice).or_default();
            all.iter_mut().zip(told.counts()).for_each(|(all, more)| *all += more);
        }
        let count = |(notice, [told, waiting, passed]): (&str, [u64; 3])| NoticeCount {
            notice: notice.to_owned(),
            told,
            waiting,
            passed,
        };
        Ok(counts.into_iter().map(count).collect())
    }
    fn task(&self, id: TaskId) -> Result<Option<Task>, Infallible> {
        Ok(self.tasks.get(&id).cloned())
    }
    fn switch(&self, measure: &str, region: Option<&str>) -> Result<Option<Switch>, Infallible> {
        let own = self.switches.get(&(measure.to_owned(), region.map(str::to_owned)));
        Ok(own.or_else(|| self.switches.get(&(measure.to_owned(), None))).cloned())
    }

    fn rights_of(&self, person: PersonId) -> Result<Vec<Right>, Infallible> {
        let of = |r: &&Right| r.recipient == person || r.subject == person || r.claims.contains(&person);
        Ok(self.rights.values().filter(of).cloned().collect())
    }
    fn right_to(&self, measure: &str, subject: PersonId) -> Result<Option<Right>, Infallible> {
        let live = |r: &&Right| {
            r.measure == measure && r.subject == subject && !matches!(r.stage, right::Stage::Ended { .. })
        };
        Ok(self.rights.values().find(live).cloned())
    }
    fn switches(&self, measure: &str) -> Result<Vec<Switch>, Infallible> {
        Ok(self.switches.values().filter(|switch| switch.measure == measure).cloned().collect())
    }

    fn rights_under(&self, measure: &str, after: RightId, limit: usize) -> Result<Vec<Right>, Infallible> {
        let of = |right: &&Right| right.id > after && right.measure == measure;
        Ok(self.rights.values().filter(of).take(limit).cloned().collect())
    }

    fn right_of_award(&self, number: &str) -> Result<Option<RightId>, Infallible> {
        let told = |right: &&Right| right.elsewhere.contains_key(number);
        Ok(self.rights.values().rev().find(told).map(|right| right.id))
    }

    fn rights_beside(
        &self,
        measure: &str,
        side: Beside,
        after: RightId,
        limit: usize,
    ) -> Result<Vec<Right>, Infallible> {
        let of =
            |right: &&Right| right.id > after && right.measure == measure && right.beside() == Some(side);
        Ok(self.rights.values().filter(of).take(limit).cloned().collect())
    }

    fn awards_taken(&self) -> Result<u64, Infallible> {
        Ok(self.awards)
    }

    fn claimed_by(
        &self,
        measure: &str,
        children: &[PersonId],
        except: RightId,
    ) -> Result<Option<RightId>, Infallible> {
        let claims = |r: &&Right| {
            r.id != except
                && r.measure == measure
                && r.granted()
                && r.claims.iter().any(|child| children.contains(child))
        };
        Ok(self.rights.values().find(claims).map(|r| r.id))
    }
    fn gathering(&self, person: PersonId, cause: u64) -> Result<Option<Offer>, Infallible> {
        let open = |o: &&Offer| {
            o.cause == cause
                && o.person() == Some(person)
                && matches!(o.stage, offer::Stage::Gathering { .. })
        };
        Ok(self.offers.values().find(open).cloned())
    }
    fn offers_due(&self, now: Moment, limit: usize) -> Result<Vec<Offer>, Infallible> {
        let mut due: Vec<(Moment, Offer)> =
            self.offers.values().filter_map(|o| Some((o.due(&self.contact)?, o.clone()))).collect();
        due.retain(|(at, _)| *at <= now);
        due.sort_by_key(|(at, o)| (*at, o.id));
        Ok(due.into_iter().map(|(_, o)| o).take(limit).collect())
    }
    fn offers_unreachable(&self, after: OfferId, limit: usize) -> Result<Vec<Offer>, Infallible> {
        let unreachable = |o: &&Offer| o.id > after && o.stage == offer::Stage::Unreachable;
        Ok(self.offers.values().filter(unreachable).take(limit).cloned().collect())
    }
    fn conversations_due(&self, now: Moment, limit: usize) -> Result<Vec<PhoneId>, Infallible> {
        let due = |c: &&Conversation| c.due(&self.contact).is_some_and(|due| due <= now);
        Ok(self.conversations.values().filter(due).map(|c| c.phone).take(limit).collect())
    }
    fn rights_unasked(
        &self,
        measure: &str,
        after: RightId,
        limit: usize,
    ) -> Result<Vec<(RightId, PersonId)>, Infallible> {
        let unasked = |r: &&Right| r.id > after && r.measure == measure && r.unasked();
        Ok(self.rights.values().filter(unasked).take(limit).map(|r| (r.id, r.subject)).collect())
    }
    fn attempts_due(&self, now: Moment, limit: usize) -> Result<Vec<Attempt>, Infallible> {
        let due = |a: &&Attempt| a.stage == outbox::Stage::Written && a.not_before <= now;
        Ok(self.attempts.values().filter(due).take(limit).cloned().collect())
    }
    fn attempts_made(&self) -> Result<Vec<AttemptId>, Infallible> {
        let made = |a: &&Attempt| a.stage == outbox::Stage::Made;
        Ok(self.attempts.values().filter(made).map(|a| a.id).collect())
    }
    fn attempt_of_part(&self, part: &str) -> Result<Option<AttemptId>, Infallible> {
        let has = |a: &&Attempt| a.parts.iter().any(|p| p == part);
        Ok(self.attempts.values().find(has).map(|a| a.id))
    }
    fn rights_to_pay(&self, payer: &str, after: RightId, limit: usize) -> Result<Vec<Right>, Infallible> {
        let open = |r: &&Right| {
            let ended = matches!(r.stage, right::Stage::Ended { .. });
            r.payer == payer && r.id > after && (r.granted() || ended)
        };
        Ok(self.rights.values().filter(open).take(limit).cloned().collect())
    }
    fn rights_in_run(&self, run: RunId, after: RightId, limit: usize) -> Result<Vec<Right>, Infallible> {
        let within = |r: &&Right| r.id > after && r.orders_in(run).next().is_some();
        Ok(self.rights.values().filter(within).take(limit).cloned().collect())
    }
    fn tasks(&self, limit: usize) -> Result<Vec<Task>, Infallible> {
        let mut open: Vec<Task> = self.tasks.values().filter(|t| t.done.is_none()).cloned().collect();
        open.sort_by_key(|t| (t.due, t.id));
        open.truncate(limit);
        Ok(open)
    }
    fn tasks_of(&self, person: PersonId) -> Result<Vec<Task>, Infallible> {
        let of = |t: &&Task| t.done.is_none() && t.person == Some(person);
        Ok(self.tasks.values().filter(of).cloned().collect())
    }
    fn task_like(&self, kind: &TaskKind, person: Option<PersonId>) -> Result<Option<TaskId>, Infallible> {
        Ok(self.tasks.values().find(|t| same(t, kind, person)).map(|t| t.id))
    }
    fn disputes(&self, person: PersonId) -> Result<Vec<(Moment, String)>, Infallible> {
        let entries = self.journal.iter().rev().flat_map(|t| t.entries.iter().map(|entry| (t.at, entry)));
        let said = entries.filter_map(|(at, entry)| match entry {
            Entry::Disputed(who, what) if *who == person => Some((at, what.clone())),
            _ => None,
        });
        Ok(said.collect())
    }
    fn funnel(&self) -> Result<Funnel, Infallible> {
        Ok(self.funnel)
    }
    fn totals(&self) -> Result<Totals, Infallible> {
        Ok(self.rights.values().map(Right::totals).sum())
    }
}
