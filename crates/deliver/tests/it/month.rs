//! The month: pay runs, and what the bank says.

use card::{Month, Role, Tenge};
use deliver::{
    BatchId, OrderId, Refusal, RightId, RunId,
    book::{Book, Entry},
    conversation,
    ledger::{Cause, OrderState},
    message::{AccountName, Message},
    outbox::Purpose,
    payrun::{self, Sums},
    right::{self, Assess, Payee, Right},
    task::TaskKind,
};

use crate::{
    bank::Says,
    driver::{Driver, official},
};

impl<B: Book> Driver<B> {
    /// Prepares a run; a later step approves and releases it, so that things happen in between.
    pub fn prepare(&mut self, month: Month) -> RunId {
        let id = RunId(self.number());
        let open = payrun::Command::Open {
            id,
            payer: "republic".into(),
            month,
            by: official("Aigerim", Role::Officer),
            limit: Tenge::whole(1_000_000_000),
            before: None,
            changes: payrun::Changes::default(),
            laws: payrun::Laws::new(),
        };
        self.run(id, open).unwrap();
        let mut sums = Sums::default();
        for right in self.book.rights_to_pay("republic", RightId(0), 10_000).unwrap() {
            sums += self.pay(&right, id, month);
        }
        self.run(id, payrun::Command::Add { chunk: 0, sums }).unwrap();
        self.run(id, payrun::Command::Close).unwrap();
        id
    }

    /// Every month that is due, and every month assessed before: facts may have changed.
    fn pay(&mut self, right: &Right, run: RunId, current: Month) -> Sums {
        let mut months: Vec<Month> = right.months_due(current);
        months.extend(right.ledger.owed.keys().copied().filter(|m| *m < current));
        months.sort();
        months.dedup();
        let mut sums = Sums::default();
        for month in months {
            let Some(question) = right.question(month) else { continue };
            let verdict = self.world.law(&right.measure, question);
            let assess = Assess {
                run,
                month,
                verdict,
                released: !self.world.preliminary,
                carry: 2,
                fact: run.0,
                payee: Payee::Certain,
                claimed_by: None,
                current: month == current || right.per == right::Per::Once,
            };
            let events = match self.right(right.id, right::Command::Assess(Box::new(assess))) {
                Ok(events) => events,
                // A month after the end is not asked about.
                Err(Refusal::Stage { .. }) => continue,
                Err(refusal) => panic!("{refusal}: {right:?}"),
            };
            let of = Sums::of(current, &events);
            sums += Sums { rights: 0, ..of };
            for event in events {
                match event {
                    right::Event::RecoveryOpened { .. } => {
                        self.task(TaskKind::Recovery(right.id), Some(right.recipient));
                    }
                    right::Event::Suspended { .. } => {
                        self.task(TaskKind::MissingFact(right.id), Some(right.recipient));
                    }
                    _ => {}
                }
            }
        }
        sums.rights = 1;
        sums
    }

    pub fn discard(&mut self, id: RunId) {
        self.run(id, payrun::Command::Discard { by: official("Aigerim", Role::Officer) }).unwrap();
        for right in self.book.rights_in_run(id, RightId(0), 10_000).unwrap() {
            let numbers: Vec<u32> = right.orders_in(id).map(|o| o.number).collect();
            for number in numbers {
                self.right(right.id, right::Command::Withdraw { number }).unwrap();
            }
        }
    }

    pub fn release(&mut self, id: RunId) {
        let known = self.book.run(id).unwrap().expect("it was prepared");
        let (sum, orders) = (known.sums.sum, known.sums.orders);
        let alone = payrun::Command::Approve { by: official("Aigerim", Role::Approver), sum, orders };
        assert!(self.run(id, alone).is_err(), "the preparer never approves");
        self.run(id, payrun::Command::Approve { by: official("Bolat", Role::Approver), sum, orders })
            .unwrap();
        let mut transfers = Vec::new();
        for right in self.book.rights_in_run(id, RightId(0), 10_000).unwrap() {
            let orders: Vec<_> = right.orders_in(id).cloned().collect();
            for order in orders {
                let released = right::Command::Release { number: order.number };
                for event in self.right(right.id, released).unwrap() {
                    if matches!(event, right::Event::Released { .. }) {
                        transfers.push((right.order_id(order.number).to_string(), order.amount));
                    }
                }
            }
        }
        let sum = transfers.iter().map(|(_, amount)| *amount).sum();
        let (batch, orders) = (BatchId(id).to_string(), transfers.len() as u64);
        self.bank.take(&mut self.rng, self.now, &batch, &transfers);
        self.run(id, payrun::Command::Release { batch, orders, sum }).unwrap();
    }

    pub fn hear_bank(&mut self) {
        for says in self.bank.speaks(self.now) {
            let end_to_end = match &says {
                Says::Status { batch, end_to_end, .. } => {
                    assert!(batch.parse::<BatchId>().is_ok(), "a file of ours");
                    end_to_end.clone()
                }
                Says::Entry(entry) => entry.end_to_end.clone(),
                Says::Refused { batch, reason } => {
                    self.refused(batch.parse().expect("a file of ours"), reason);
                    continue;
                }
            };
            let answer = end_to_end.parse::<OrderId>().and_then(|order| {
                let number = order.number;
                let command = match says {
                    Says::Status { status, .. } => right::Command::Report { number, status },
                    Says::Entry(entry) => right::Command::Book { number, entry },
                    Says::Refused { .. } => unreachable!("heard above"),
                };
                let known = self.book.right(order.right).unwrap().ok_or(Refusal::UnknownOrder)?;
                Ok((known, order, self.right(order.right, command)?))
            });
            match answer {
                Ok((_, order, events)) => self.booked(order, events),
                Err(refusal) => {
                    self.audit.kept += 1;
                    let said = format!("{end_to_end}: {refusal}");
                    self.append(card::Actor::Bank, Entry::Kept { what: end_to_end, refusal });
                    self.task(TaskKind::Bank { said }, None);
                }
            }
        }
    }

    fn refused(&mut self, batch: BatchId, reason: &str) {
        for right in self.book.rights_in_run(batch.0, RightId(0), 10_000).unwrap() {
            for order in right.orders_in(batch.0) {
                let (number, reason) = (order.number, reason.to_owned());
                let events = self.right(right.id, right::Command::RefuseFile { number, reason }).unwrap();
                assert!(events.iter().all(|event| matches!(event, right::Event::Rejected { .. })));
            }
        }
    }

    fn booked(&mut self, id: OrderId, events: Vec<right::Event>) {
        let right = self.book.right(id.right).unwrap().expect("the bank named it");
        let order = right.ledger.order(id.number).expect("the bank named it").clone();
        for event in events {
            match event {
                right::Event::Settled { .. } => {
                    let until = self.now.day().plus(card::Span::Days(3));
                    if let Some(phone) = self.world.phone_of(right.recipient) {
                        let told = self.now.plus_days(10);
                        let notice = conversation::PaidNotice {
                            right: right.id,
                            order: id.number,
                            person: right.recipient,
                            until: told,
                        };
                        self.conversation(phone, conversation::Command::Paid { phone, notice }).unwrap();
                    }
                    let account =
                        AccountName::new("Halyk", &format!("{:04}", order.account.0 % 10_000)).unwrap();
                    let month = (right.per == right::Per::Month).then_some(order.month);
                    let message = Message::Paid { amount: order.amount, month, account, until };
                    self.tell(right.recipient, &message, Purpose::Paid);
                }
                right::Event::AccountLost { account } => {
                    if matches!(order.cause, Cause::Reissue { .. }) {
                        self.task(TaskKind::BouncedAgain(right.id), Some(right.recipient));
                        self.task(TaskKind::Account(right.id), Some(right.recipient));
                    } else {
                        assert!(order.state != OrderState::Prepared);
                        self.ask_for_another(right.recipient, account);
                    }
                }
                _ => {}
            }
        }
    }
}
