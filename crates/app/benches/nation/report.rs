//! Results for a reader, and for whoever compares them later: a table, and a line of JSON for each.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    answers::{Measure, Tally},
    contender::Split,
};

/// The rounds of one contender.
pub struct Series {
    pub name: String,
    pub rounds: Vec<Split>,
}

impl Series {
    /// The round in the middle, by the clock.
    pub fn median(&self) -> Split {
        let mut rounds = self.rounds.clone();
        rounds.sort_by_key(|round| round.wall);
        rounds[rounds.len() / 2]
    }

    fn peak_kib(&self) -> u64 {
        self.rounds.iter().map(|round| round.peak_kib).max().unwrap_or_default()
    }
}

/// The head of the table of contenders.
pub fn head() {
    println!(
        "{:<16} {:>9} {:>12} {:>9} {:>9} {:>9} {:>9}",
        "", "wall s", "people/s", "decode s", "answer s", "write s", "peak MiB"
    );
}

/// One contender; the split is of all threads together.
pub fn contender(series: &Series, people: u64) {
    let median = series.median();
    let part = |part: Duration| if part.is_zero() { "-".to_owned() } else { seconds(part) };
    let rate = u128::from(people) * 1_000_000 / median.wall.as_micros().max(1);
    println!(
        "{:<16} {:>9} {:>12} {:>9} {:>9} {:>9} {:>9}",
        series.name,
        seconds(median.wall),
        rate,
        part(median.decode),
        part(median.evaluate),
        part(median.write),
        series.peak_kib() / 1024
    );
    line(&json!({
        "result": "sweep",
        "by": series.name,
        "people": people,
        "wall_ms": millis(median.wall),
        "rounds_ms": series.rounds.iter().map(|round| millis(round.wall)).collect::<Vec<_>>(),
        "people_per_s": rate as u64,
        "decode_ms": millis(median.decode),
        "answer_ms": millis(median.evaluate),
        "write_ms": millis(median.write),
        "peak_kib": series.peak_kib(),
    }));
}

/// How many times as long one takes as another: the median of the rounds' ratios, and the range.
pub fn ratio(what: &str, slow: &Series, fast: &Series) {
    let mut hundredths: Vec<u128> = slow
        .rounds
        .iter()
        .zip(&fast.rounds)
        .map(|(slow, fast)| slow.wall.as_micros() * 100 / fast.wall.as_micros().max(1))
        .collect();
    hundredths.sort_unstable();
    let (least, most) = (hundredths[0], hundredths[hundredths.len() - 1]);
    let median = hundredths[hundredths.len() / 2];
    let decimal = |hundredths: u128| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    println!("{what:<16} {:>9}   ({} to {})", decimal(median), decimal(least), decimal(most));
    line(&json!({
        "result": "ratio",
        "of": what,
        "hundredths": median as u64,
        "least": least as u64,
        "most": most as u64,
    }));
}

/// What was answered.
pub fn answers(tally: &Tally, by: &[&str]) {
    println!("answers: {} concern somebody, the same by {}", tally.rows(), by.join(", "));
    for (measure, [no, unknown, yes]) in Measure::ALL.iter().zip(tally.outcomes) {
        println!("  {:<16} {yes:>9} eligible {unknown:>9} unknown {no:>9} not eligible", measure.name());
    }
    let tenge = |tiyn: i128| tiyn / 100;
    println!(
        "  together at least {} tenge, at most {} and {} without an end; hash {:016x}",
        tenge(tally.lo),
        tenge(tally.hi),
        tally.endless,
        tally.hash
    );
    line(&json!({
        "result": "answers",
        "rows": tally.rows(),
        "outcomes": tally.outcomes,
        "offerable": tally.offerable,
        "least_tiyn": tally.lo.to_string(),
        "most_tiyn": tally.hi.to_string(),
        "endless": tally.endless,
        "hash": format!("{:016x}", tally.hash),
        "by": by,
    }));
}

/// A line for machines.
pub fn line(value: &Value) {
    println!("{value}");
}

/// Seconds with two decimals.
pub fn seconds(time: Duration) -> String {
    format!("{}.{:02}", time.as_millis() / 1000, time.as_millis() % 1000 / 10)
}

/// Whole milliseconds.
pub const fn millis(time: Duration) -> u64 {
    time.as_millis() as u64
}
