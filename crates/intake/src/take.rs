use std::convert::Infallible;

use card::{Moment, Schema};

use crate::{
    check::{Batch, Judge, Judged, Speaker},
    digest::{Root, added_leaf, closed_leaf},
    event::Event,
    fault::Fault,
    manifest::{Extent, Manifest, ManifestError},
    port::{Chunk, Coming, Counts, FactStore, NewEntry, NewFacts, Progress, Quarantined, Seen},
    record::{Header, Record, Records},
};

/// How far ahead of ours a sender's clock may be.
const AHEAD_MS_MAX: i64 = 5 * 60_000;

/// Why a file or an event is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The manifest is of the future.
    #[error("{file}: {error}")]
    Manifest {
        /// Which file.
        file: String,
        /// What is wrong.
        error: ManifestError,
    },
    /// The file holds another number of rows than its manifest says.
    #[error("{file}: the manifest says {told} rows and the file holds {found}; deliver both again")]
    Rows {
        /// Which file.
        file: String,
        /// In the manifest.
        told: u64,
        /// In the file.
        found: u64,
    },
    /// The event is of the future.
    #[error("time: the event lies more than five minutes ahead of our clock; correct the sender's clock")]
    Ahead,
}

/// Why intake stops. What was committed stays, and the same call goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum TakeError<S, R> {
    /// The store failed.
    #[error(transparent)]
    Store(S),
    /// The file could not be read on.
    #[error(transparent)]
    Read(R),
    /// Refused as a whole.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Takes an extract in, chunk by chunk, and goes on where an earlier run stopped. `told` hears of
/// every chunk. An extract that was taken whole changes nothing when it comes again.
///
/// `records` begins at the first record of the file, and its file is checked against the manifest's
/// hash by whoever opens it.
pub fn take_extract<S: FactStore, R: Records>(
    schema: &Schema,
    store: &S,
    manifest: &Manifest,
    records: &mut R,
    now: Moment,
    told: &mut dyn FnMut(&Progress),
) -> Result<Progress, TakeError<S::Error, R::Error>> {
    let (file, header) = (&records.file().to_owned(), &records.header().clone());
    if manifest.made_on > now.day() {
        let error = ManifestError::Future { made_on: manifest.made_on, today: now.day() };
        return Err(Refused::Manifest { file: file.clone(), error }.into());
    }
    let extract = Extract { schema, manifest, file, header, now };
    let mut progress = store
        .begin(now)
        .and_then(|mut chunk| chunk.extract(manifest, file, store.chunk_rows().get()))
        .map_err(TakeError::Store)?;
    if progress.finished {
        return Ok(progress);
    }
    let mut buffer: Vec<Record> = Vec::new();
    let taken = progress.chunks;
    for number in 0.. {
        let last = fill(&mut buffer, progress.chunk_rows as usize, records).map_err(TakeError::Read)?;
        if number < taken {
            continue;
        }
        let read = progress.counts.read + buffer.len() as u64;
        if read > manifest.rows || (last && read < manifest.rows) {
            let (file, told) = (file.clone(), manifest.rows);
            return Err(Refused::Rows { file, told, found: read }.into());
        }
        progress = extract.take_chunk(store, &buffer, last).map_err(TakeError::Store)?;
        told(&progress);
        if last {
            break;
        }
    }
    Ok(progress)
}

/// Reads the next chunk; is it the last one?
fn fill<R: Records>(buffer: &mut Vec<Record>, rows: usize, records: &mut R) -> Result<bool, R::Error> {
    buffer.resize_with(rows, Record::default);
    for at in 0..rows {
        if !records.next(&mut buffer[at])? {
            buffer.truncate(at);
            return Ok(true);
        }
    }
    Ok(false)
}

struct Extract<'a> {
    schema: &'a Schema,
    manifest: &'a Manifest,
    file: &'a str,
    header: &'a Header,
    now: Moment,
}

impl Extract<'_> {
    fn take_chunk<S: FactStore>(
        &self,
        store: &S,
        records: &[Record],
        last: bool,
    ) -> Result<Progress, S::Error> {
        let Self { schema, manifest, file, header, now } = *self;
        let mut chunk = store.begin(now)?;
        let progress = chunk.extract(manifest, file, store.chunk_rows().get())?;
        let late = chunk.is_late(manifest)?;
        let speaker = Speaker {
            registry: manifest.registry,
            said_at: manifest.said_at(),
            extract: Some(progress.extract),
            late,
        };
        let batch = Batch { entity: manifest.entity, header, records };
        let judged = Judge::new(schema, speaker).judge(&[batch], &mut chunk)?;
        chunk.write(facts(&judged, speaker, file))?;
        let (mut root, mut counts) = (root_of(&judged), judged.counts);
        let full = manifest.extent == Extent::Full;
        if full && last && !late {
            chunk.end_missing(progress.extract, manifest, &mut |row| {
                root.push(&closed_leaf(row));
                counts.ended += 1;
            })?;
        }
        let coming = Coming::Extract { extract: progress.extract, whole: last.then_some(manifest), late };
        let root = root.finish();
        chunk.commit(NewEntry { coming, registry: manifest.registry, file, counts, root })?;
        Ok(Progress {
            chunks: progress.chunks + 1,
            counts: progress.counts.plus(counts),
            finished: last,
            ..progress
        })
    }
}

fn facts<'a>(judged: &'a Judged, speaker: Speaker, file: &'a str) -> NewFacts<'a> {
    NewFacts {
        registry: speaker.registry,
        said_at: speaker.said_at,
        extract: speaker.extract,
        file,
        changes: &judged.changes,
        met: if speaker.extract.is_some() { &judged.met } else { &[] },
        quarantined: &judged.quarantined,
        settled: &judged.settled,
    }
}

fn root_of(judged: &Judged) -> Root {
    let mut root = Root::default();
    for change in &judged.changes {
        if let Some(row) = change.closes {
            root.push(&closed_leaf(row));
        }
        root.push(&added_leaf(change.row, &change.digest));
    }
    root
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventTaken {
    /// Its rows are facts, or were already.
    Taken {
        /// The journal entry.
        entry: u64,
        /// The counts.
        counts: Counts,
    },
    /// The same event came before; nothing changed.
    Repeated {
        /// The journal entry that took it.
        entry: u64,
    },
    /// A row is at fault, so that none is taken.
    Quarantined {
        /// The journal entry.
        entry: u64,
        /// The counts.
        counts: Counts,
        /// Each fault, for the sender.
        faults: Vec<EventFault>,
    },
    /// An event of this id came before with another body: refused, and both bodies are kept.
    Contradicted {
        /// The journal entry.
        entry: u64,
        /// The reason.
        reason: String,
        /// What to do.
        mend: String,
    },
}

/// Why one row of an event is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFault {
    /// Which row, from 1.
    pub row: u64,
    /// Which field, where one is at fault.
    pub field: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub mend: String,
}

/// Takes an event in, as one chunk.
pub fn take_event<S: FactStore>(
    schema: &Schema,
    store: &S,
    event: &Event,
    now: Moment,
) -> Result<EventTaken, TakeError<S::Error, Infallible>> {
    if event.said_at > now.plus_ms(AHEAD_MS_MAX) {
        return Err(Refused::Ahead.into());
    }
    take_readable(schema, store, event, now).map_err(TakeError::Store)
}

fn take_readable<S: FactStore>(
    schema: &Schema,
    store: &S,
    event: &Event,
    now: Moment,
) -> Result<EventTaken, S::Error> {
    let mut chunk = store.begin(now)?;
    let seen = chunk.event(event.source, &event.id, &event.digest)?;
    if let Seen::Same { entry } = seen {
        return Ok(EventTaken::Repeated { entry });
    }
    let contradicts = seen != Seen::New;
    let speaker = Speaker { registry: event.source, said_at: event.said_at, extract: None, late: false };
    let batches: Vec<Batch<'_>> = event
        .parts
        .iter()
        .map(|part| Batch {
            entity: part.entity,
            header: &part.header,
            records: std::slice::from_ref(&part.record),
        })
        .collect();
    let mut judged = Judge::new(schema, speaker).judge(&batches, &mut chunk)?;
    let fault = match judged.quarantined.first() {
        _ if contradicts => Some(Fault::OtherBody),
        Some(faulty) => Some(Fault::Together { row: faulty.line }),
        None => None,
    };
    if let Some(fault) = &fault {
        judged = hold(judged, fault, contradicts);
    }
    if seen != Seen::OtherAgain {
        chunk.write(facts(&judged, speaker, &event.kind))?;
    }
    let entry = chunk.commit(NewEntry {
        coming: Coming::Event { id: &event.id, body_digest: event.digest, body: &event.body, contradicts },
        registry: event.source,
        file: &event.kind,
        counts: judged.counts,
        root: root_of(&judged).finish(),
    })?;
    let counts = judged.counts;
    Ok(match fault {
        None => EventTaken::Taken { entry, counts },
        Some(fault @ Fault::OtherBody) => {
            EventTaken::Contradicted { entry, reason: fault.to_string(), mend: fault.mend() }
        }
        Some(_) => EventTaken::Quarantined { entry, counts, faults: faults(judged.quarantined) },
    })
}

/// Every row of an event in quarantine: those at fault with their fault, the others for `fault`.
fn hold(judged: Judged, fault: &Fault, all_alike: bool) -> Judged {
    let Judged { about, mut quarantined, counts, .. } = judged;
    if all_alike {
        quarantined.clear();
    }
    let faulty: Vec<u64> = quarantined.iter().map(|row| row.line).collect();
    quarantined
        .extend(about.into_iter().filter(|row| !faulty.contains(&row.line)).map(|row| row.held(fault)));
    quarantined.sort_by_key(|row| row.line);
    let counts = Counts { read: counts.read, quarantined: counts.read, ..Counts::default() };
    Judged { quarantined, counts, ..Judged::default() }
}

fn faults(quarantined: Vec<Quarantined>) -> Vec<EventFault> {
    let fault = |row: Quarantined| EventFault {
        row: row.line,
        field: row.column,
        reason: row.reason,
        mend: row.mend,
    };
    quarantined.into_iter().map(fault).collect()
}
