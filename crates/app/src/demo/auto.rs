//! Simulated citizens answer, days pass, and a table is printed.

use std::{collections::HashMap, process::ExitCode, sync::Arc, time::Duration};

use card::Moment;
use deliver::book::{Book as _, Library as _};
use fastrand::Rng;
use service::Clock as _;
use trial::{citizens::Citizen, phones::Stage as _};

use super::{
    Demo, report,
    world::{World, lock},
};
use crate::failure::Failure;

/// Lets the demo's days pass with citizens who answer by themselves.
pub async fn run(world: &Arc<World>, demo: &Demo) -> Result<ExitCode, Failure> {
    let mut crowd =
        Crowd { rng: Rng::with_seed(demo.seed), people: HashMap::new(), read: 0, answers: Vec::new() };
    println!("{} days pass; citizens answer by themselves", demo.days);
    let first = world.clock.now().day();
    for day in 0..=demo.days {
        let today = card::Date::from_days(first.days() + day);
        let at_work = Arc::clone(world);
        tokio::task::spawn_blocking(move || -> Result<(), Failure> {
            at_work.move_to(Moment::local(today, 10, 0))?;
            if today == at_work_pay_day(today) {
                at_work.pay()?;
            }
            at_work.settle()
        })
        .await
        .map_err(Failure::of)??;
        crowd.give_birth(world, demo.people).await?;
        for hour in [10, 14, 19] {
            world.clock.move_to(Moment::local(today, hour, 0));
            quiet(world).await;
            crowd.read_messages(world);
            crowd.write_due(world);
            quiet(world).await;
        }
        if day % 5 == 0 {
            let funnel = world.service.store().book().funnel().map_err(Failure::of)?;
            println!(
                "  {today}: {} offered, {} answered, {} granted, {} paid",
                funnel.offered, funnel.answered, funnel.granted, funnel.paid
            );
        }
    }
    report::print(&world.service, &world.dir.join("bank/to"))?;
    Ok(ExitCode::SUCCESS)
}

/// The pay day of a day's month.
fn at_work_pay_day(day: card::Date) -> card::Date {
    card::Date::from_days(day.month().first_day().days() + 9)
}

/// Waits until everything that left has arrived, and everything that came is taken.
async fn quiet(world: &Arc<World>) {
    let mut last = None;
    let mut calm = 0;
    for _ in 0..1_000 {
        let waiting =
            world.service.store().book().attempts_due(world.clock.now(), 1).is_ok_and(|due| !due.is_empty());
        let counts = (world.smsc.counts(), world.smsc.underway(), world.link.health());
        calm = if last.as_ref() == Some(&counts) && !waiting && counts.1 == 0 { calm + 1 } else { 0 };
        if calm >= 3 {
            return;
        }
        last = Some(counts);
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// The people behind the phones.
struct Crowd {
    rng: Rng,
    people: HashMap<String, Citizen>,
    /// Messages up to this number were read.
    read: u64,
    /// What will be written, by whom and when.
    answers: Vec<(Moment, String, String)>,
}

impl Crowd {
    /// As many births as a day brings: about eighteen a year for a thousand people.
    async fn give_birth(&mut self, world: &Arc<World>, people: u32) -> Result<(), Failure> {
        let mothers = lock(&world.registrar).mothers().len();
        if mothers == 0 {
            return Ok(());
        }
        let expected = people * 18 / 1_000;
        let births = (expected + self.rng.u32(0..365)) / 365;
        let chosen: Vec<u64> = (0..births).map(|_| self.rng.usize(0..mothers) as u64).collect();
        let at_work = Arc::clone(world);
        tokio::task::spawn_blocking(move || chosen.into_iter().try_for_each(|m| at_work.birth(m).map(drop)))
            .await
            .map_err(Failure::of)?
            .map_err(Failure::of)
    }

    fn read_messages(&mut self, world: &World) {
        loop {
            let news = world.smsc.messages(self.read, 1_000);
            let Some(last) = news.last() else { return };
            self.read = last.number;
            for message in news.iter().filter(|message| !message.from_phone) {
                let rng = &mut self.rng;
                let citizen = self.people.entry(message.phone.clone()).or_insert_with(|| Citizen::new(rng));
                if let Some((minutes, text)) = citizen.answer(rng, &message.text) {
                    let at = world.clock.now().plus_ms(i64::from(minutes) * 60_000);
                    self.answers.push((at, message.phone.clone(), text));
                }
            }
        }
    }

    fn write_due(&mut self, world: &World) {
        let now = world.clock.now();
        self.answers.sort_by_key(|(at, ..)| *at);
        let due = self.answers.partition_point(|(at, ..)| *at <= now);
        for (_, phone, text) in self.answers.drain(..due) {
            world.smsc.reply(&phone, &text);
        }
    }
}
