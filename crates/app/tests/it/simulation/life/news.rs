//! What registries tell in the middle of a life: births, deaths, moves, and what turns out to be wrong.

use deliver::right::Per;

use super::Life;

impl Life {
    pub(super) fn news(&mut self) {
        let now = self.now();
        let (people, awards) = {
            let audit = self.witness.look();
            (audit.world.people.len(), audit.world.awards.len())
        };
        let events = {
            let mut audit = self.witness.look();
            audit.world.happens(&mut self.rng, now)
        };
        let born = self.witness.look().world.people.len() > people;
        self.count(if born { "births" } else { "corrections" });
        if self.witness.look().world.awards.len() > awards {
            self.count("awards elsewhere");
        }
        let last = events.len().saturating_sub(1);
        for (at, event) in events.iter().enumerate() {
            if at == last {
                // The last event of a birth ties the child to its parents.
                self.witness.look().world.untied = None;
            }
            self.tell(event);
            if self.rng.u8(..4) == 0 {
                self.tick();
            }
        }
        self.learn();
    }

    /// What changes an award after it was granted: its recipient dies, or what ended it was a mistake.
    pub(super) fn news_of_an_award(&mut self) {
        let now = self.now();
        let events: Vec<String> = {
            let mut audit = self.witness.look();
            let rights: Vec<_> = audit.states.rights.values().cloned().collect();
            let world = &mut audit.world;
            let told = rights.iter().find_map(|right| {
                let open = right.per == Per::Once && right.granted() && right.ledger.orders.is_empty();
                let events = match right.ended_by_law() {
                    Some(_) => world.children_live(right.subject, now),
                    None if open => world.recipient_dies(right.recipient, now),
                    None => vec![],
                };
                (!events.is_empty()).then_some(events)
            });
            told.unwrap_or_default()
        };
        for event in events {
            self.tell(&event);
        }
    }

    fn tell(&mut self, event: &str) {
        self.learn();
        // A crash after the facts were taken leaves the question to the sweep.
        if let Some(taken) = self.may_crash(|service| service.take_event(event)) {
            taken.unwrap_or_else(|error| panic!("{error}: {event}"));
        } else {
            let again = self.until_done(|service| service.take_event(event));
            again.unwrap_or_else(|error| panic!("{error}: {event}"));
        }
        match self.rng.u8(..12) {
            0 => {
                self.count("events twice");
                let again =
                    self.until_done(|service| service.take_event(event)).expect("a repetition is no fault");
                assert_eq!(again.counts, intake::Counts::default(), "an event was taken twice");
            }
            1 => {
                self.count("forged events");
                let other =
                    event.replace("Тест", "Тес").replace("true", "false").replace("null", "\"2026-01-02\"");
                if other != *event {
                    self.witness.look().world.doubt(event);
                    let forged = self.until_done(|service| service.take_event(&other));
                    assert!(forged.is_err(), "an event of a known id with another body was taken");
                }
            }
            2 => {
                self.count("events refused");
                let refused =
                    self.until_done(|service| service.take_event(&event.replace("source", "sauce")));
                assert!(refused.is_err());
            }
            _ => {}
        }
    }
}
