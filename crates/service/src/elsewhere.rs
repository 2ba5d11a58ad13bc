//! From today's systems: what they pay enters as rights with their ledger, and is never offered again.

use card::{Actor, Outcome, PersonId, Question};
use deliver::book::Book as _;
use deliver::{
    RightId,
    book::Entry,
    elsewhere::{Award, Told},
    right::{self, Right, Stage},
};
use law::tree::MeasureId;

use crate::{Service, ServiceError, Store, find, pay::CHUNK, turn::Turn};

/// So many awards are looked up at once.
const AT_ONCE: usize = 10_000;

/// What became of awards of today's systems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AwardsTaken {
    /// Awards that were looked at, since something of them came or ended.
    pub looked: u64,
    /// Rights that they became.
    pub new: u64,
    /// Rights that they changed.
    pub changed: u64,
    /// Awards that do not say of what, to whom or since when: they keep others from being offered the same,
    /// and become no right.
    pub unclear: u64,
    /// Awards of something that this law does not know.
    pub others: u64,
}

impl std::ops::AddAssign for AwardsTaken {
    fn add_assign(&mut self, more: Self) {
        self.looked += more.looked;
        self.new += more.new;
        self.changed += more.changed;
        self.unclear += more.unclear;
        self.others += more.others;
    }
}

impl<S: Store> Service<S> {
    /// Lets rights follow what the registry of today's systems says by now. Only awards of which something
    /// came or ended since the last time are looked at; what is told again changes nothing, and what a stop
    /// cuts off is done again.
    pub fn take_awards(&self, by: &Actor) -> Result<AwardsTaken, ServiceError> {
        let since = self.store.book().awards_taken().map_err(ServiceError::store)?;
        let until = self.store.journal_end().map_err(ServiceError::store)?;
        let mut taken = AwardsTaken::default();
        let mut after = String::new();
        loop {
            let numbers = self.store.awards_changed(since, &after, AT_ONCE).map_err(ServiceError::store)?;
            let Some(last) = numbers.last().cloned() else { break };
            for some in numbers.chunks(CHUNK) {
                let _turn = self.lock();
                let mut turn = Turn::begin(self, by.clone());
                for number in some {
                    taken += turn.take_award(number)?;
                }
                turn.commit()?;
            }
            after = last;
        }
        if taken.looked > 0 {
            let _turn = self.lock();
            let mut turn = Turn::begin(self, by.clone());
            turn.note(Entry::AwardsTaken(until));
            turn.commit()?;
        }
        Ok(taken)
    }
}

impl<S: Store> Turn<'_, S> {
    /// Lets the right of one award follow what is told of it now.
    fn take_award(&mut self, number: &str) -> Result<AwardsTaken, ServiceError> {
        let mut taken = AwardsTaken { looked: 1, ..AwardsTaken::default() };
        let store = &self.service.store;
        let told = store.award_told(number).map_err(ServiceError::store)?;
        let linked = store.book().right_of_award(number).map_err(ServiceError::store)?;
        let mut linked = linked.map(|id| self.right(id)).transpose()?.flatten();
        let law = self.law.clone();
        let named = told.as_ref().and_then(|told| told.measure.as_ref());
        let measure = named.filter(|name| law.paying(name).is_ok()).and_then(|name| law.pack.measure(name));
        let clear = told.as_ref().and_then(|told| Some((measure?, told, told.award()?)));
        let subject = if let Some((measure, told, _)) = &clear {
            Some(self.about(*measure, told, linked.as_ref())?)
        } else {
            let other = named.is_some() && measure.is_none();
            taken.others = u64::from(other);
            taken.unclear = u64::from(told.is_some() && !other);
            None
        };
        // It is told of somebody else, or not at all: what it was is as if it had never been.
        let same = |right: &Right| subject == Some(right.subject) && named == Some(&right.measure);
        if let Some(right) = linked.take_if(|right| !same(right)) {
            taken.changed += self.follow_award(&right, number, None)?;
        }
        let (Some((measure, _, award)), Some(subject)) = (clear, subject) else { return Ok(taken) };
        let page = &law.pack.measures[measure.0 as usize];
        let linked_lives = linked.as_ref().is_some_and(lives);
        let live = if linked_lives { None } else { self.live_right(&page.name, subject)? };
        let runs = award.runs_on(self.now.day());
        let right = match (linked, live) {
            (Some(linked), _) if linked_lives || !runs => Some(linked),
            (_, Some(live)) => Some(live),
            (_, None) => self.ended_elsewhere(&page.name, subject)?,
        };
        if let Some(right) = right {
            taken.changed += self.follow_award(&right, number, Some(award))?;
            return Ok(taken);
        }
        let id = RightId(self.number()?);
        let (name, payer) = (page.name.clone(), law.paying(&page.name)?.1.payer.clone());
        let (per, number) = (find::per(&law, measure), number.to_owned());
        let import = right::Command::Import { id, measure: name, payer, per, subject, number, award };
        self.move_right(id, import)?;
        taken.new += 1;
        Ok(taken)
    }

    /// Whom an award is about: whom it names; else whom the law asks about, of those whom it concerns.
    fn about(
        &mut self,
        measure: MeasureId,
        told: &Told,
        linked: Option<&Right>,
    ) -> Result<PersonId, ServiceError> {
        if let Some(subject) = told.subject.or(linked.map(|right| right.subject)) {
            return Ok(subject);
        }
        let law = self.law.clone();
        let day = self.now.day();
        let named = told.recipient.into_iter().chain(told.children.iter().copied());
        let named: Vec<PersonId> = named.collect();
        for subject in named.iter().copied().filter(|_| named.len() > 1) {
            let question = Question { subject, day, asked_on: told.since.unwrap_or(day) };
            match self.service.ask(&law, measure, question) {
                Ok(verdict) if verdict.outcome == Outcome::NotConcerned => {}
                Ok(_) | Err(ServiceError::Law(_)) => return Ok(subject),
                Err(error) => return Err(error),
            }
        }
        named.first().copied().ok_or_else(|| ServiceError::Absent("recipient of an award".to_owned()))
    }

    /// Does an application for it wait with a today's system, about the subject or of one who may receive? Then
    /// nobody is asked here until it is decided there.
    pub fn applied_elsewhere(
        &self,
        measure: &str,
        subject: PersonId,
        candidates: &[PersonId],
    ) -> Result<bool, ServiceError> {
        for person in candidates.iter().copied().chain([subject]) {
            let filed = self.service.store.applications_of(person).map_err(ServiceError::store)?;
            if filed.iter().any(|one| one.measure == measure && one.decided_on.is_none()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The right of a measure and subject that is not over, as this very transaction leaves it.
    pub fn live_right(&mut self, measure: &str, subject: PersonId) -> Result<Option<Right>, ServiceError> {
        let of = |right: &&Right| right.measure == measure && right.subject == subject && lives(right);
        if let Some(moved) = self.moved_rights().find(of) {
            return Ok(Some(moved.clone()));
        }
        let stored = self.service.store.book().right_to(measure, subject).map_err(ServiceError::store)?;
        let stored = stored.map(|right| self.right(right.id)).transpose()?.flatten();
        Ok(stored.filter(lives))
    }

    /// The right of a measure and subject that today's system paid last and does not any more: it goes on
    /// under its number.
    pub fn ended_elsewhere(
        &mut self,
        measure: &str,
        subject: PersonId,
    ) -> Result<Option<Right>, ServiceError> {
        let mut last: Option<Right> = None;
        for right in self.service.store.book().rights_of(subject).map_err(ServiceError::store)? {
            if right.subject == subject && right.measure == measure {
                last = last.into_iter().chain(self.right(right.id)?).max_by_key(|right| right.id);
            }
        }
        let moved = self.moved_rights().filter(|right| right.measure == measure && right.subject == subject);
        let last = last.into_iter().chain(moved.cloned()).max_by_key(|right| right.id);
        Ok(last.filter(Right::ended_elsewhere))
    }

    /// Tells a right what is said of an award, and does what follows; 1 if it changed.
    fn follow_award(
        &mut self,
        right: &Right,
        number: &str,
        award: Option<Award>,
    ) -> Result<u64, ServiceError> {
        let command = right::Command::Tell { number: number.to_owned(), award };
        let events = self.move_right(right.id, command)?;
        self.officials_tasks(right, &events)?;
        // Nobody is asked any more about what today's system pays.
        let went = |now: &Right| !lives(now) || now.stage == Stage::Elsewhere;
        if let Some(offer) = right.offer
            && self.right(right.id)?.as_ref().is_some_and(went)
            && let Err(refusal) = self.unless_refused(|turn| turn.withdraw(offer))?
        {
            self.keep("offer of what today's system pays", refusal);
        }
        Ok(u64::from(!events.is_empty()))
    }
}

fn lives(right: &Right) -> bool {
    !matches!(right.stage, Stage::Ended { .. })
}
