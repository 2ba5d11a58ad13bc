//! What must never happen, checked on every transaction before the store writes it, against the law
//! by hand, what people meant, and a second set of states folded from the same events.

use std::collections::{BTreeMap, BTreeSet};

use card::{Actor, Moment, PersonId, PhoneId, Tenge};
use deliver::{
    AttemptId, Machine, OfferId, RightId, RunId, apply,
    book::{Book as _, Entry, Library as _, Transaction},
    consent::Evidence,
    conversation::{self, About, Answer, Conversation},
    decision::Decided,
    ledger::{Basis, OrderState},
    message::{ACCOUNT_KEYS, MOST_PARTS},
    offer::{self, Offer},
    outbox::{self, Attempt},
    payrun::{self, PayRun},
    reply::Reading,
    right::{self, Right, Stage},
    timing::Contact,
};
use outside::sqlite::Store;

use super::{
    count::Counts,
    network::{Meant, Says},
    told::{self, Notices},
    world::{FAMILY, GRANT, Gives, World},
};

/// The states as the committed transactions make them.
#[derive(Clone, Default)]
pub struct States {
    pub rights: BTreeMap<RightId, Right>,
    pub offers: BTreeMap<OfferId, Offer>,
    pub conversations: BTreeMap<PhoneId, Conversation>,
    pub attempts: BTreeMap<AttemptId, Attempt>,
    pub runs: BTreeMap<RunId, PayRun>,
}

pub struct Audit {
    pub world: World,
    pub states: States,
    /// What each reply was meant to say, by the network's id.
    pub meant: BTreeMap<String, Meant>,
    pub counts: Counts,
    /// What was kept last, without effect.
    pub kept_last: Option<(String, deliver::Refusal)>,
    /// Measures that stand still.
    pub halted: BTreeSet<String>,
    /// What people were told of.
    notices: Notices,
    /// Rights that we found ourselves, first or again.
    found: BTreeSet<RightId>,
    heard: BTreeSet<String>,
    delivered: BTreeSet<OfferId>,
}

fn moved<K: Ord + Copy, M: Machine + Clone>(
    states: &mut BTreeMap<K, M>,
    id: K,
    events: &[M::Event],
) -> (Option<M>, M) {
    let before = states.get(&id).cloned();
    let after = apply(before.clone(), events).expect("a first event begins a life");
    states.insert(id, after.clone());
    (before, after)
}

impl Audit {
    pub fn new(world: World) -> Self {
        Self {
            world,
            states: States::default(),
            meant: BTreeMap::new(),
            counts: Counts::default(),
            kept_last: None,
            halted: BTreeSet::new(),
            notices: Notices::default(),
            found: BTreeSet::new(),
            heard: BTreeSet::new(),
            delivered: BTreeSet::new(),
        }
    }

    /// Checks a transaction; the states after it.
    pub fn check(&mut self, transaction: &Transaction) -> States {
        let now = transaction.at;
        let mut states = self.touched(transaction);
        // An offer is priced beside its rights: all of it counts before any of them is judged.
        for entry in &transaction.entries {
            if let Entry::Offer(id, events) = entry {
                moved(&mut states.offers, *id, events);
            }
        }
        let offers = states.offers;
        states.offers = self.touched(transaction).offers;
        for entry in &transaction.entries {
            match entry {
                Entry::Right(id, events) => {
                    for event in events {
                        let (before, after) = moved(&mut states.rights, *id, std::slice::from_ref(event));
                        self.right((&states, &offers), now, before.as_ref(), event, &after);
                    }
                }
                Entry::Offer(id, events) => {
                    let (before, _) = moved(&mut states.offers, *id, events);
                    self.offer(now, before.as_ref(), events);
                    self.last_days(&states.rights, events);
                }
                Entry::Conversation(id, events) => {
                    let (before, after) = moved(&mut states.conversations, *id, events);
                    self.conversation(now, before.as_ref(), events, &after);
                }
                Entry::Attempt(id, events) => {
                    let (_, after) = moved(&mut states.attempts, *id, events);
                    self.attempt(transaction, events, &after);
                    let talk = states.conversations.get(&after.phone);
                    let talk = talk.or_else(|| self.states.conversations.get(&after.phone));
                    told::leaves(events, &after, talk, &self.halted);
                }
                Entry::Run(id, events) => {
                    let (before, after) = moved(&mut states.runs, *id, events);
                    run(before.as_ref(), events, &after);
                }
                Entry::Told(person, notice, events) => {
                    let attempt = |id| states.attempts.get(&id).or_else(|| self.states.attempts.get(&id));
                    self.notices.check((*person, notice), events, &self.halted, attempt);
                }
                _ => {}
            }
        }
        states
    }

    /// The states that a transaction is about, as they are before it.
    fn touched(&self, transaction: &Transaction) -> States {
        fn put<K: Ord + Copy, M: Clone>(from: &BTreeMap<K, M>, to: &mut BTreeMap<K, M>, id: &K) {
            to.extend(from.get(id).map(|state| (*id, state.clone())));
        }
        let (known, mut states) = (&self.states, States::default());
        for entry in &transaction.entries {
            match entry {
                Entry::Right(id, _) => put(&known.rights, &mut states.rights, id),
                Entry::Offer(id, _) => put(&known.offers, &mut states.offers, id),
                Entry::Conversation(id, _) => put(&known.conversations, &mut states.conversations, id),
                Entry::Attempt(id, _) => put(&known.attempts, &mut states.attempts, id),
                Entry::Run(id, _) => put(&known.runs, &mut states.runs, id),
                _ => {}
            }
        }
        states
    }

    /// Every right: those that a transaction touched as it leaves them, the others as they are.
    fn rights<'a>(&'a self, touched: &'a States) -> impl Iterator<Item = &'a Right> {
        let others = self.states.rights.iter().filter(|(id, _)| !touched.rights.contains_key(id));
        touched.rights.values().chain(others.map(|(_, right)| right))
    }

    /// Takes over what was committed.
    pub fn keep(&mut self, transaction: &Transaction, states: States) {
        for entry in &transaction.entries {
            match entry {
                Entry::Conversation(_, events) => {
                    for event in events {
                        if let conversation::Event::Heard { heard, .. } = event {
                            self.heard.insert(heard.reply.clone());
                        }
                    }
                }
                Entry::Told(person, _, events) => self.notices.keep(*person, events),
                Entry::Right(id, events)
                    if events.iter().any(|event| {
                        matches!(event, right::Event::Found { .. } | right::Event::FoundAgain { .. })
                    }) =>
                {
                    self.found.insert(*id);
                }
                Entry::Kept { what, refusal } => self.kept_last = Some((what.clone(), refusal.clone())),
                Entry::Offer(id, events)
                    if events.iter().any(|event| matches!(event, offer::Event::Delivered { .. })) =>
                {
                    self.delivered.insert(*id);
                }
                _ => {}
            }
            self.counts.entry(entry);
            if let Entry::Right(id, events) = entry {
                let ordered = events.iter().any(|event| matches!(event, right::Event::Ordered { .. }));
                if ordered && states.rights[id].taken_over.is_some() {
                    self.counts.add("taken over and ordered");
                }
            }
        }
        self.states.rights.extend(states.rights);
        self.states.offers.extend(states.offers);
        self.states.conversations.extend(states.conversations);
        self.states.attempts.extend(states.attempts);
        self.states.runs.extend(states.runs);
    }

    /// Invariants 1 and 3 of the design.
    fn right(
        &self,
        (states, offers): (&States, &BTreeMap<OfferId, Offer>),
        now: Moment,
        before: Option<&Right>,
        event: &right::Event,
        after: &Right,
    ) {
        let (world, day) = (&self.world, now.day());
        match event {
            right::Event::Offered { offer, to } => {
                let gives = world.law(&after.measure, after.subject, day, day);
                let line = offers
                    .get(offer)
                    .or_else(|| self.states.offers.get(offer))
                    .and_then(|o| o.lines.iter().find(|l| l.right == after.id));
                let amount = line.map_or(Gives::Nothing, |line| Gives::Exactly(line.amount));
                assert_eq!(gives, amount, "what is offered is not what the law gives: {after:?}");
                // Who follows a recipient is asked for a right that is being paid.
                let follows =
                    before.is_some_and(|b| b.stage == Stage::Suspended { why: right::Pause::NewRecipient });
                assert!(
                    follows || !world.paid(&after.measure, after.subject, day),
                    "offered to somebody who is paid: {after:?}"
                );
                assert!(
                    follows || !world.silent("payments", day),
                    "offered, not known to be free: {after:?}"
                );
                assert!(!world.blocked(day), "offered on preliminary numbers: {after:?}");
                if after.measure == FAMILY {
                    assert!(!world.families_unknown(day), "offered on an unknown: {after:?}");
                }
                let parents = world.family_of(after.subject);
                assert!(parents.contains(to), "offered to a stranger: {after:?}");
                let other = |right: &&Right| {
                    right.id != after.id
                        && right.measure == after.measure
                        && right.granted()
                        && right.claims.iter().any(|child| after.claims.contains(child))
                };
                let ours = self.rights(states).find(other);
                assert!(ours.is_none(), "offered what we pay already: {after:?} {ours:?}");
                assert!(follows || before.is_some_and(|b| !b.granted()));
            }
            right::Event::Consented { consent } => {
                if let Evidence::Sms { message, .. } = &consent.evidence {
                    let asked = &self.states.attempts[message];
                    assert_eq!(consent.notice.text, asked.text.as_str(), "agreed to other words");
                    assert_eq!(consent.notice.lang, asked.lang, "agreed in another language");
                }
            }
            right::Event::Decided { decision } => {
                let question = decision.question;
                let gives = world.law(&after.measure, after.subject, question.day, question.asked_on);
                if let Decided::Granted(terms) = decision.outcome {
                    assert_eq!(
                        gives,
                        Gives::Exactly(terms.gross),
                        "a grant that the law does not give: {after:?}"
                    );
                    assert!(
                        !world.paid(&after.measure, after.subject, question.day),
                        "granted, though paid: {after:?}"
                    );
                    assert!(
                        !world.silent("payments", question.day),
                        "granted, not known to be free: {after:?}"
                    );
                    // A grant paid once goes by the index of the day of the request.
                    let numbers_of = if after.measure == GRANT { question.asked_on } else { question.day };
                    assert!(!world.blocked(numbers_of), "granted on preliminary numbers: {after:?}");
                    let consent = after.consent.as_ref().expect("a grant has a consent");
                    assert_eq!(consent.person, after.recipient, "somebody else agreed");
                    let twice = |right: &&Right| {
                        right.id != after.id
                            && right.measure == after.measure
                            && right.granted()
                            && right.claims.iter().any(|child| after.claims.contains(child))
                    };
                    assert!(
                        !self.rights(states).any(|right| twice(&right)),
                        "a child counts twice: {after:?}"
                    );
                }
            }
            right::Event::OwedSet { month, owed } => {
                let question = before.and_then(|right| right.question(*month)).expect("a granted right");
                let gives = world.law(&after.measure, after.subject, question.day, question.asked_on);
                match owed.basis {
                    Basis::Assessed if owed.gross > Tenge::ZERO => {
                        assert_eq!(
                            gives,
                            Gives::Exactly(owed.gross),
                            "owed and given differ in {month}: {after:?}"
                        );
                    }
                    Basis::Assessed => {
                        assert_eq!(gives, Gives::Nothing, "owed nothing in {month}: {after:?}");
                    }
                    Basis::Carried { .. } => {
                        let unknown = world.any_silent(question.day)
                            || world.blocked(question.day)
                            || world.doubted(after.subject);
                        assert!(unknown, "carried in {month}, though certain: {after:?}");
                    }
                }
            }
            right::Event::Ended { from, why: right::End::NotEligible { .. } } => {
                let question = before.and_then(|right| right.question(*from)).expect("a granted right");
                let gives = world.law(&after.measure, after.subject, question.day, question.asked_on);
                assert_eq!(gives, Gives::Nothing, "ended without a certain no: {after:?}");
            }
            right::Event::Ordered { order } => {
                assert!(!self.halted.contains(&after.measure), "ordered though it stands still: {after:?}");
                assert!(
                    after.consent.is_some() || after.taken_over.is_some(),
                    "an order without consent: {after:?}"
                );
                assert!(
                    after.ours(order.month)
                        && !world.pays_elsewhere(&after.measure, after.subject, order.month),
                    "ordered what today's system pays: {after:?}"
                );
                assert!(
                    world.may_receive(after.subject, after.recipient, day),
                    "ordered to somebody who may not receive: {after:?}"
                );
                let (held, payable) = (after.ledger.held(order.month), after.ledger.payable(order.month));
                assert!(held <= payable, "ordered {held} of {payable} owed: {after:?}");
                let same = after.ledger.orders_of(order.month).filter(|o| o.cause == order.cause).count();
                assert_eq!(same, 1, "two orders of one cause: {after:?}");
            }
            right::Event::Settled { number } => {
                let before = before.and_then(|right| right.ledger.order(*number)).expect("it was ordered");
                assert_eq!(before.state, OrderState::Released, "it arrives twice: {after:?}");
            }
            right::Event::Released { number } => {
                assert!(!self.halted.contains(&after.measure), "paid though it stands still: {after:?}");
                let order = after.ledger.order(*number).expect("it was released");
                if let Stage::Ended { from, .. } = &after.stage {
                    assert!(order.month < *from, "paid after the end: {after:?}");
                }
            }
            _ => {}
        }
        after.totals().check().unwrap_or_else(|broken| panic!("{broken}: {after:?}"));
        assert!(after.ledger.orders.iter().all(|order| order.amount > Tenge::ZERO));
    }

    /// Invariant 8: only silence after a delivery, and after the window, lapses.
    fn offer(&self, now: Moment, before: Option<&Offer>, events: &[offer::Event]) {
        for event in events {
            if matches!(event, offer::Event::Lapsed { .. } | offer::Event::PassedOn { .. }) {
                let before = before.expect("an offer that lapses was made");
                assert!(self.delivered.contains(&before.id), "undelivered taken for silence: {before:?}");
                let over = matches!(before.stage, offer::Stage::Waiting { until, .. } if until <= now);
                assert!(over, "lapsed before its window ended: {before:?}");
            }
        }
    }

    /// Does an offer know when each of its rights is lost? A call before it rests on that.
    fn last_days(&self, touched: &BTreeMap<RightId, Right>, events: &[offer::Event]) {
        for event in events {
            let offer::Event::Joined { line } = event else { continue };
            let right = touched.get(&line.right).or_else(|| self.states.rights.get(&line.right));
            let open = right.filter(|right| !right.granted());
            let last = open.and_then(|right| self.world.last_day_to_ask(&right.measure, right.subject));
            assert_eq!(line.lost_after, last, "another last day to ask: {right:?}");
        }
    }

    /// Invariants 2 and 8.
    fn conversation(
        &self,
        now: Moment,
        before: Option<&Conversation>,
        events: &[conversation::Event],
        after: &Conversation,
    ) {
        let bond = self.world.bond(after.phone, now.day());
        for event in events {
            match event {
                conversation::Event::Heard { heard, .. } => {
                    assert!(!self.heard.contains(&heard.reply), "heard twice: {heard:?}");
                    let personal =
                        matches!(heard.reading, Reading::Unclear | Reading::AccountTyped | Reading::Empty);
                    assert!(!personal || heard.written.is_none(), "kept in clear");
                }
                conversation::Event::Answered { person, answer, heard, question, .. } => {
                    assert_eq!(
                        bond,
                        self.world.ids.get(person).copied(),
                        "a foreign reply was bound: {heard:?}"
                    );
                    let Some(meant) = self.meant.get(&heard.reply) else { continue };
                    let asked = before.and_then(|conversation| {
                        let closed = conversation.closed.as_ref().map(|closed| &closed.open);
                        conversation.open.iter().chain(closed).find(|open| open.question.id == *question)
                    });
                    let says_no = matches!(meant.says, Says::No | Says::Digit(2));
                    assert!(
                        !matches!(answer, Answer::Refused { .. }) || says_no,
                        "{:?} taken for a refusal",
                        meant.says
                    );
                    assert!(meant.says != Says::Nonsense, "nonsense taken for an answer");
                    let fits = asked.is_some_and(|open| open.messages.contains(&meant.answers));
                    assert!(
                        fits || !meant.asked,
                        "an answer to another question: {heard:?} {meant:?} {before:?}"
                    );
                    if let Some(About::Choose { accounts, .. } | About::CameBack { accounts, .. }) =
                        asked.map(|open| &open.question.about)
                        && let Answer::Agreed { account: Some(account), .. } | Answer::Instead { account, .. } =
                            answer
                    {
                        let chosen = ACCOUNT_KEYS.iter().position(|key| meant.says == Says::Digit(*key));
                        let chosen = chosen.and_then(|place| accounts.get(place));
                        assert_eq!(chosen, Some(account), "another account than was chosen: {meant:?}");
                    }
                }
                _ => {}
            }
        }
        assert!(
            after.open.is_some() || after.waiting.is_empty(),
            "a question waits and none is open: {after:?}"
        );
    }

    /// Invariants 8 and 10, and that nobody reads what is meant for another.
    fn attempt(&self, transaction: &Transaction, events: &[outbox::Event], after: &Attempt) {
        let now = transaction.at;
        let asks = matches!(after.purpose, outbox::Purpose::Offer | outbox::Purpose::Reminder);
        if asks && events.iter().any(|event| matches!(event, outbox::Event::Made { .. })) {
            let open = self.states.conversations.get(&after.phone).and_then(|talk| talk.open.as_ref());
            let offer =
                open.filter(|open| open.messages.contains(&after.id)).and_then(|o| o.question.about.offer());
            let lines = offer.and_then(|id| self.states.offers.get(&id)).map(|offer| &offer.lines[..]);
            let halted = lines.unwrap_or_default().iter().any(|line| self.halted.contains(&line.measure));
            assert!(!halted, "it leaves though its measure stands still: {after:?}");
        }
        if !events.iter().any(|event| matches!(event, outbox::Event::Written { .. })) {
            return;
        }
        // Whoever has just written is awake; nobody else is woken.
        let written = matches!(transaction.by, Actor::PhoneOperator);
        let awake = Contact::default().awake(after.not_before) == after.not_before;
        assert!(written || awake, "written to at night: {after:?}");
        let words = after.text.as_str();
        assert!(words.starts_with("1414:") && after.text.parts() <= MOST_PARTS, "{words}");
        let digits = words.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(digits < Some(6), "{words}");
        assert!(!words.contains("http") && !words.contains(".kz") && !words.contains('+'), "{words}");
        let bond = self.world.bond(after.phone, now.day());
        let to = self.world.ids.get(&after.person).copied();
        assert!(bond.is_none() || bond == to, "written to a number of somebody else: {after:?}");
    }

    /// After a run: does the law still give what was assessed for every month, by the facts of now? Those
    /// excepted whom nobody asked about.
    pub fn months_hold(&self, run: RunId, dumb: Option<PersonId>) {
        let world = &self.world;
        for right in self.states.rights.values() {
            let asked = Some(right.subject) != dumb && !self.halted.contains(&right.measure);
            let paid = right.granted() || right.ended_by_law().is_some() || right.per == right::Per::Once;
            if !asked || !paid {
                continue;
            }
            // Where another right goes on since, what was owed between is an official's.
            let follows = |other: &Right| {
                let same = other.subject == right.subject
                    || other.claims.iter().any(|child| right.claims.contains(child));
                other.id != right.id && other.measure == right.measure && same
            };
            let end = right.ended_by_law().filter(|_| self.states.rights.values().any(follows));
            for (month, owed) in &right.ledger.owed {
                let Some(question) = right.question(*month) else { continue };
                // What today's system paid before a take-over is compared, never owed here.
                if !right.ours(*month) || end.is_some_and(|end| *month >= end) {
                    continue;
                }
                let unknown = world.any_silent(question.day)
                    || world.any_silent(world.begun)
                    || world.blocked(question.day)
                    || world.doubted(right.subject);
                if unknown || owed.basis != Basis::Assessed {
                    continue;
                }
                let gives = world.law(&right.measure, right.subject, question.day, question.asked_on);
                let owed = if owed.gross > Tenge::ZERO { Gives::Exactly(owed.gross) } else { Gives::Nothing };
                assert_eq!(owed, gives, "{month} is not asked again in run {run}: {right:?}");
            }
        }
    }

    /// Do the store's states equal those folded from what it committed? A crash that lost something
    /// accepted, or kept half of it, shows here.
    pub fn compare(&self, store: &Store) {
        let book = store.book();
        for (id, right) in &self.states.rights {
            assert_eq!(book.right(*id).unwrap().as_ref(), Some(right), "the store holds another right");
        }
        for (id, offer) in &self.states.offers {
            assert_eq!(book.offer(*id).unwrap().as_ref(), Some(offer), "the store holds another offer");
        }
        for (phone, talk) in &self.states.conversations {
            assert_eq!(
                book.conversation(*phone).unwrap().as_ref(),
                Some(talk),
                "the store holds another conversation"
            );
        }
        for (id, attempt) in &self.states.attempts {
            assert_eq!(book.attempt(*id).unwrap().as_ref(), Some(attempt), "the store holds another message");
        }
        for (id, run) in &self.states.runs {
            assert_eq!(book.run(*id).unwrap().as_ref(), Some(run), "the store holds another run");
        }
        self.every_question_ends();
        let totals = book.totals().unwrap();
        totals.check().unwrap();
        assert_eq!(totals, self.states.rights.values().map(Right::totals).sum(), "the sums differ");
        self.funnel(&book.funnel().unwrap());
    }

    /// What a phone asks about an offer, that offer knows and ends; a menu ends by itself. And an offer that
    /// asks has a phone that does.
    fn every_question_ends(&self) {
        for (phone, talk) in &self.states.conversations {
            for offer in talk.questions().filter_map(|question| question.about.offer()) {
                let offer = &self.states.offers[&offer];
                assert!(
                    offer.stage.asks() && offer.phones.contains(phone),
                    "asked for ever: {offer:?} {talk:?}"
                );
            }
            let menu =
                talk.open.as_ref().is_some_and(|open| !matches!(open.question.about, About::Offer { .. }));
            assert!(!menu || talk.due(&Contact::default()).is_some(), "a menu without an end: {talk:?}");
        }
        for offer in self.states.offers.values().filter(|offer| offer.stage.asks()) {
            let phone = offer.phones.last().expect("a phone asks");
            let talk = &self.states.conversations[phone];
            let asks = talk.questions().any(|question| question.about.offer() == Some(offer.id));
            assert!(asks, "waits for a phone that does not ask: {offer:?} {talk:?}");
        }
    }

    fn funnel(&self, funnel: &deliver::book::Funnel) {
        assert_eq!(funnel.found, self.found.len() as u64, "{funnel:?}");
        let chain =
            [funnel.found, funnel.answered, funnel.consented, funnel.filed, funnel.granted, funnel.paid];
        assert!(chain.is_sorted_by(|more, less| more >= less), "the funnel does not close: {funnel:?}");
        assert!(funnel.found >= funnel.offered && funnel.offered >= funnel.delivered, "{funnel:?}");
        let granted = self.states.rights.values().filter(|right| right.granted_here()).count();
        assert_eq!(funnel.granted, granted as u64);
    }

    /// The replies that conversations heard, by the network's id.
    pub const fn heard(&self) -> &BTreeSet<String> {
        &self.heard
    }

    /// The awards that we tell ourselves: number, recipient and gross, as the granted rights say.
    pub fn awards(&self) -> BTreeSet<(String, PersonId, Tenge)> {
        let granted = self.states.rights.values().filter_map(|right| {
            let terms = right.terms()?;
            Some((format!("FC{}", right.id), right.recipient, terms.gross))
        });
        granted.collect()
    }

    /// Sums of orders that left, by what became of them.
    pub fn orders(&self, state: fn(&OrderState) -> bool) -> Tenge {
        let orders = self.states.rights.values().flat_map(|right| &right.ledger.orders);
        orders.filter(|order| state(&order.state)).map(|order| order.amount).sum()
    }
}

/// Invariant 7: the approver is not the preparer.
fn run(before: Option<&PayRun>, events: &[payrun::Event], after: &PayRun) {
    for event in events {
        match event {
            payrun::Event::Approved { by } => assert_ne!(*by, after.prepared_by, "approved by its preparer"),
            payrun::Event::Released { .. } => {
                let approved = before.is_some_and(|run| matches!(run.stage, payrun::Stage::Approved { .. }));
                assert!(approved, "released without approval");
            }
            _ => {}
        }
    }
}
