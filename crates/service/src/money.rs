//! What people are told of their money, and where it goes when an account did not take it.

use card::{AccountId, Moment, PersonId, Span, Tenge};
use deliver::book::Book as _;
use deliver::{
    conversation::{self, About, PaidNotice},
    message::{MOST_ACCOUNTS, Message},
    outbox::Purpose,
    right::{Per, Right},
    task::TaskKind,
};

use crate::{ServiceError, Store, turn::Turn};

impl<S: Store> Turn<'_, S> {
    /// Money was sent. The bank says so twice, in its status and in its statement; the person hears it once.
    pub fn money_arrived(&mut self, right: &Right, number: u32) -> Result<(), ServiceError> {
        let Some(order) = right.ledger.order(number) else { return Ok(()) };
        let phones = self.phones(right.recipient)?;
        let Some(phone) = phones.first().copied() else { return Ok(()) };
        let until = self.now.day().plus(Span::Days(self.service.settings.arrival_days));
        let notice = PaidNotice {
            right: right.id,
            order: number,
            person: right.recipient,
            until: Moment::local(until, 0, 0).plus_days(30),
        };
        if self.move_conversation(phone, conversation::Command::Paid { phone, notice })?.is_empty() {
            return Ok(());
        }
        let message = Message::Paid {
            amount: order.amount,
            month: (right.per == Per::Month).then_some(order.month),
            account: self.account_names(&[order.account])?.remove(0),
            until,
        };
        self.write(phone, right.recipient, Purpose::Paid, &message, self.soonest(phone))?;
        Ok(())
    }

    /// The account is asked for again, once for all that it did not take; the second time an official looks.
    pub fn money_came_back(&mut self, right: &Right, number: u32) -> Result<(), ServiceError> {
        let Some(order) = right.ledger.order(number) else { return Ok(()) };
        let (person, lost) = (right.recipient, order.account);
        let mut bounced = right.ledger.orders_of(order.month).filter(|other| other.state.bounced());
        if bounced.any(|other| other.account != lost) {
            self.task(TaskKind::BouncedAgain(right.id), Some(person))?;
            return Ok(());
        }
        let mut accounts = self.own_accounts(person)?;
        accounts.retain(|account| *account != lost);
        accounts.truncate(MOST_ACCOUNTS);
        let phones = self.phones(person)?;
        let Some(phone) = phones.first().copied().filter(|_| !accounts.is_empty()) else {
            self.task(TaskKind::Account(right.id), Some(person))?;
            return Ok(());
        };
        let of_it = |about: &About| matches!(about, About::CameBack { lost: known, .. } if *known == lost);
        let conversation = self.conversation(phone)?;
        if let Some(open) = conversation.as_ref().and_then(|known| known.open.as_ref())
            && of_it(&open.question.about)
        {
            return self.say_sum_again(phone, open);
        }
        if conversation.is_some_and(|known| known.questions().any(|question| of_it(&question.about))) {
            return Ok(());
        }
        let question = self.number()?;
        self.put(phone, person, About::CameBack { lost, accounts }, question)?;
        Ok(())
    }

    /// More came back from the account than its open question says: if that has not left, it says the sum.
    fn say_sum_again(&mut self, phone: card::PhoneId, open: &conversation::Open) -> Result<(), ServiceError> {
        let mut unsent = false;
        for message in &open.messages {
            unsent |= self.take_back(*message)?;
        }
        if !unsent {
            return Ok(());
        }
        self.write_menu(phone, &open.question)
    }

    /// What came back from an account, and the person's other accounts.
    pub fn came_back(
        &mut self,
        person: PersonId,
        lost: AccountId,
        accounts: &[AccountId],
    ) -> Result<Message, ServiceError> {
        let rights = self.stranded(person, lost)?;
        let amount: Tenge = rights.iter().map(|right| right.stranded(lost)).sum();
        if amount == Tenge::ZERO {
            return Err(ServiceError::Absent("order that came back".to_owned()));
        }
        let accounts = self.account_names(accounts)?;
        let lost = self.account_names(&[lost])?.remove(0);
        Ok(Message::CameBack { amount, lost, accounts })
    }

    /// The rights of a person whose money an account did not take, and that have no other one yet.
    pub fn stranded(&mut self, person: PersonId, lost: AccountId) -> Result<Vec<Right>, ServiceError> {
        let mut found = Vec::new();
        for right in self.service.store.book().rights_of(person).map_err(ServiceError::store)? {
            let Some(right) = self.right(right.id)? else { continue };
            if right.recipient == person && right.stranded(lost) > Tenge::ZERO {
                found.push(right);
            }
        }
        Ok(found)
    }
}
