//! What today's system pays goes over to us, and sometimes back.

use deliver::elsewhere::Beside;

use super::{super::world::FAMILY, *};

impl Life {
    /// Stewards take over what today's system pays, or give it back.
    pub(super) fn take_over(&mut self) {
        let (now, by) = (self.now().day().month(), official("Д", Role::Officer));
        if self.witness.look().halted.contains(FAMILY) {
            return;
        }
        self.until_done(|service| service.compare(&by)).expect("the law is asked beside what they pay");
        let switch = self.service().store().book().switch(FAMILY, None).unwrap().expect("it is installed");
        let what = if switch.taken_over.is_some() && self.rng.bool() {
            self.count("takings over given back");
            Proposal::GiveBack { from: if self.rng.bool() { now } else { now.next() } }
        } else {
            Proposal::TakeOver { from: if self.rng.bool() { now } else { now.next() } }
        };
        self.switch(FAMILY, what);
    }

    /// Today's system ends what we took over; mostly before the first month that is ours, sometimes late.
    pub(super) fn let_go(&mut self) {
        let book = self.service().store().book();
        let rights = book.rights_beside(FAMILY, Beside::TakenOver, deliver::RightId(0), 1_000).unwrap();
        let Some(right) = self.rng.choice(rights) else { return };
        let Some(taken) = right.taken_over else { return };
        let late = self.rng.u8(..4) == 0;
        let first = if late { taken.from.next() } else { taken.from }.first_day();
        let now = self.now();
        let events = self.witness.look().world.lets_go(right.subject, first, now);
        for event in events {
            self.count("awards let go");
            self.tell(&event);
        }
    }
}
