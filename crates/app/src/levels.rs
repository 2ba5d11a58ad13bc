//! `levels`: the level of every family, counted by region, and as a table for analysts.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    fs::File,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use assess::{Engine, Levels};
use card::{Bucket, Cell, PersonId, Schema};
use clap::Args;
use law::{Pack, Reach, Score, port::Circles, tree::ScoreId};
use outside::{
    levels::{Family, LevelsWriter},
    snapshot::{Making, Snapshot},
};

use crate::{
    ask::Over,
    everybody::{Passing, progress, say},
    failure::Failure,
    sweep::{Buckets, Sweep, Told},
};

/// `levels`
#[derive(Args)]
pub struct Counting {
    /// The methodology.
    #[arg(default_value = "well_being")]
    score: String,
    /// Writes the level of every family to this Parquet file.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The folder of the snapshot of the store [default: `snapshot` in the folder of the store]
    #[arg(long)]
    snapshot: Option<PathBuf>,
    #[command(flatten)]
    over: Over,
}

impl Counting {
    /// Prints how many families have each level, by region.
    pub fn run(&self, law: &Path) -> Result<ExitCode, Failure> {
        let (pack, store) = self.over.open(law)?;
        let (day, known_on) = (self.over.day, self.over.moment());
        let id = pack.score(&self.score, day).ok_or_else(|| {
            Failure(format!("the pack has no edition of {} that is in force on {day}", self.score))
        })?;
        let score = pack.score_at(id);
        let (engine, making) = (Engine::new(), Making::default());
        let sweep = Sweep { store: &store, pack: &pack, engine: &engine, day, known_on, making };
        // What was known then is looked at once, and not kept.
        let past = known_on.map(|_| Passing::new()).transpose()?;
        let folder = match (&past, &self.snapshot) {
            (_, Some(folder)) => folder.clone(),
            (Some(past), None) => past.0.clone(),
            (None, None) => self.over.store.join("snapshot"),
        };
        let (snapshot, brought) = sweep.bring_up(&folder, &progress("snapshot"))?;
        say(&snapshot, brought);
        let table = self.out.as_ref().map(|path| {
            let file = File::create(path).map_err(|error| Failure::file(path, &error))?;
            LevelsWriter::new(file, &score.name, score.in_force.0, day).map_err(Failure::of)
        });
        let kept = Mutex::new((Counted::of(score), table.transpose()?));
        sweep.levels(&snapshot, id, &progress("counted"), &|families| {
            let (counted, table) = &mut *kept.lock().unwrap_or_else(PoisonError::into_inner);
            counted.add(&families);
            match table {
                Some(table) => table.write(&families).map_err(Failure::of),
                None => Ok(()),
            }
        })?;
        let (counted, table) = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        print!("{}", counted.in_words());
        if let (Some(table), Some(path)) = (table, &self.out) {
            table.close().map_err(Failure::of)?;
            println!("{} families in {}", counted.families(), path.display());
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What methodologies may read, by their names: all editions together.
pub(crate) fn paths(pack: &Pack) -> Vec<(String, Vec<Reach>)> {
    let mut paths: BTreeMap<String, Vec<Reach>> = BTreeMap::new();
    for (score, at) in pack.scores.iter().zip(0..) {
        paths.entry(score.name.clone()).or_default().extend(pack.reads_of_score(ScoreId(at)));
    }
    paths.into_iter().map(|(name, reads)| (name, Reach::merged(reads))).collect()
}

impl Sweep<'_> {
    /// Counts the points of everybody of a snapshot who leads a family or may lead one, bucket by bucket.
    pub fn levels(
        &self,
        snapshot: &Snapshot,
        id: ScoreId,
        told: Told<'_>,
        each: &(dyn Fn(Vec<Family<'_>>) -> Result<(), Failure> + Sync),
    ) -> Result<(), Failure> {
        let buckets = Buckets::new(self.pack, snapshot);
        let score = self.pack.score_at(id);
        let (doubted, reads) = (snapshot.doubted(&score.name), self.pack.reads_of_score(id));
        self.through(snapshot, told, &|at| {
            let bucket = buckets.read(at)?;
            let levels = self.engine.levels_of_bucket(self.pack, id, self.day, &bucket);
            let mut levels = levels.map_err(Failure::of)?;
            // Silence means nothing to whoever has a record in quarantine near them.
            for subject in doubted.iter().filter(|who| bucket.subjects.binary_search(who).is_ok()) {
                let circle = self.store.circle(*subject, &reads, self.known_on).map_err(Failure::of)?;
                let alone = self.engine.level_alone(self.pack, id, self.day, *subject, &circle);
                levels.correct(*subject, &alone.map_err(Failure::of)?);
            }
            each(families(score, &levels, &regions(&self.pack.schema, &bucket)))
        })
    }
}

fn families<'s>(score: &'s Score, levels: &Levels, regions: &HashMap<PersonId, Arc<str>>) -> Vec<Family<'s>> {
    let name = |level: u16| score.levels[usize::from(level)].name.as_str();
    let family = |at: usize| Family {
        subject: levels.subjects[at],
        leads: levels.certain[at],
        region: regions.get(&levels.subjects[at]).cloned(),
        best: name(levels.levels[at].0),
        worst: name(levels.levels[at].1),
        points: levels.points[at],
        standing: levels.standings[at],
    };
    (0..levels.subjects.len()).map(family).collect()
}

/// Where the people of a bucket live, as far as it is told.
fn regions(schema: &Schema, bucket: &Bucket) -> HashMap<PersonId, Arc<str>> {
    let declared = schema.at(Schema::PERSON);
    let Some(region) = declared.field("region") else { return HashMap::new() };
    let rows = 0..bucket.tables[Schema::PERSON.0 as usize].len();
    let told = rows.filter_map(|at| {
        let row = bucket.row(schema, Schema::PERSON, at);
        match (row.cell(declared.key[0]), row.cell(region)) {
            (Cell::Person(person), Cell::Code(code)) => Some((*person, Arc::from(&**code))),
            _ => None,
        }
    });
    told.collect()
}

/// Families by region and level. Of whom it is not certain that they lead one, nobody is counted.
pub struct Counted {
    levels: Vec<String>,
    /// By region, or by none: how many of each level, and how many of whom more than one is possible.
    regions: BTreeMap<Option<Arc<str>>, Vec<u64>>,
}

impl Counted {
    /// Nobody yet.
    pub fn of(score: &Score) -> Self {
        let levels = score.levels.iter().map(|level| level.name.clone()).collect();
        Self { levels, regions: BTreeMap::new() }
    }

    /// Counts some more.
    pub fn add(&mut self, families: &[Family<'_>]) {
        let several = self.levels.len();
        for family in families.iter().filter(|family| family.leads) {
            let place = self.levels.iter().position(|level| level == family.best);
            let place = place.filter(|_| family.best == family.worst).unwrap_or(several);
            let counts = self.regions.entry(family.region.clone());
            counts.or_insert_with(|| vec![0; several + 1])[place] += 1;
        }
    }

    /// How many families.
    pub fn families(&self) -> u64 {
        self.regions.values().flatten().sum()
    }

    /// How many of each level in all regions, then how many of whom more than one is possible.
    pub fn everywhere(&self) -> Vec<u64> {
        let mut sums = vec![0; self.levels.len() + 1];
        for counts in self.regions.values() {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        sums
    }

    /// A table, a line for each region.
    pub fn in_words(&self) -> String {
        let mut text = format!("{:12}", "region");
        for level in &self.levels {
            let _ = write!(text, " {:>9}", level.to_uppercase());
        }
        let _ = writeln!(text, " {:>9} {:>9}", "not known", "families");
        let regions = self.regions.iter().map(|(region, counts)| (region.as_deref(), counts.clone()));
        for (region, counts) in regions.chain([(Some("all"), self.everywhere())]) {
            let _ = write!(text, "{:12}", region.unwrap_or("not told"));
            for count in &counts {
                let _ = write!(text, " {count:>9}");
            }
            let _ = writeln!(text, " {:>9}", counts.iter().sum::<u64>());
        }
        text
    }
}
