//! Menus of accounts on a phone: what they say, when they are due, and how they end.

use card::{PersonId, PhoneId};
use deliver::{
    conversation::{self, About, Question},
    message::Message,
    offer,
    outbox::Purpose,
    task::TaskKind,
};

use crate::{ServiceError, Store, turn::Turn};

impl<S: Store> Turn<'_, S> {
    /// The message of a menu, first or once more.
    pub fn write_menu(&mut self, phone: PhoneId, question: &Question) -> Result<(), ServiceError> {
        let message = self.menu(question)?;
        let leaves = self.soonest(phone);
        let attempt = self.write(phone, question.person, Purpose::Account, &message, leaves)?;
        self.sent(phone, question.id, attempt, leaves, false)
    }

    pub fn menu(&mut self, question: &Question) -> Result<Message, ServiceError> {
        match &question.about {
            About::CameBack { lost, accounts } => self.came_back(question.person, *lost, accounts),
            About::Choose { accounts, .. } => {
                Ok(Message::ChooseAccount { accounts: self.account_names(accounts)? })
            }
            About::Offer { .. } => Err(ServiceError::Absent("menu".to_owned())),
        }
    }

    /// A menu is due: its person is reminded once, then somebody calls.
    pub fn menu_due(&mut self, phone: PhoneId) -> Result<(), ServiceError> {
        let contact = self.service.settings.contact;
        let Some(open) = self.conversation(phone)?.and_then(|conversation| conversation.open) else {
            return Ok(());
        };
        self.check_bond(phone)?;
        let asking = self.messages_of_question(phone)?;
        let events = self.move_conversation(phone, conversation::Command::Tick { contact })?;
        self.cancel_unasked(phone, &asking)?;
        for event in &events {
            match event {
                conversation::Event::MenuReminderDue { .. } => self.write_menu(phone, &open.question)?,
                other => self.follow(phone, other)?,
            }
        }
        self.opened(phone, &events)
    }

    /// A menu that no message can say: somebody calls at once.
    pub fn end_menu(&mut self, phone: PhoneId) -> Result<(), ServiceError> {
        let Some(open) = self.conversation(phone)?.and_then(|conversation| conversation.open) else {
            return Ok(());
        };
        self.close(phone, conversation::Command::Close { question: open.question.id, reopens: false })?;
        self.no_account(open.question.person, &open.question.about)
    }

    /// Closes the menus of a person for which nothing waits any more.
    pub fn close_menus(&mut self, person: PersonId) -> Result<(), ServiceError> {
        for phone in self.phones(person)? {
            let Some(conversation) = self.conversation(phone)? else { continue };
            for question in conversation.questions() {
                let About::CameBack { lost, .. } = question.about else { continue };
                if question.person == person && self.stranded(person, lost)?.is_empty() {
                    let question = question.id;
                    self.close(phone, conversation::Command::Close { question, reopens: false })?;
                }
            }
        }
        Ok(())
    }

    /// Nobody named an account of a menu: somebody calls.
    pub fn no_account(&mut self, person: PersonId, about: &About) -> Result<(), ServiceError> {
        let rights = match about {
            About::Choose { offer, rights, .. } => {
                self.move_offer(*offer, offer::Command::HandOver)?;
                rights.clone()
            }
            About::CameBack { lost, .. } => self.stranded(person, *lost)?.iter().map(|r| r.id).collect(),
            About::Offer { .. } => vec![],
        };
        for right in rights {
            self.task(TaskKind::Account(right), Some(person))?;
        }
        Ok(())
    }
}
