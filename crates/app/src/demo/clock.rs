use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use card::{Date, Moment};
use service::Clock;

/// The demo's clock: it runs as fast as any, and can be moved on.
pub struct DemoClock {
    start: Instant,
    begun: AtomicI64,
}

impl DemoClock {
    /// A clock that shows a moment now.
    pub fn at(moment: Moment) -> Self {
        Self { start: Instant::now(), begun: AtomicI64::new(moment.0) }
    }

    /// Moves on to a moment; never back.
    pub fn move_to(&self, moment: Moment) {
        let ahead = moment.0 - self.now().0;
        if ahead > 0 {
            self.begun.fetch_add(ahead, Ordering::SeqCst);
        }
    }

    /// Ten in the morning of a day.
    pub fn morning(day: Date) -> Moment {
        Moment::local(day, 10, 0)
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Moment {
        Moment(self.begun.load(Ordering::SeqCst) + self.start.elapsed().as_millis() as i64)
    }
}
