//! Files to the bank and from it.

use std::{
    fs::{self, File},
    io::{BufRead, BufWriter, IntoInnerError, Write},
    path::{Path, PathBuf},
};

use deliver::port::{PaymentBatch, Unreadable};
use outside::{
    bank::{BankFileError, BatchError, statement, status_reports, write_batch},
    sqlite::Store,
};
use service::{Service, ServiceError};

use crate::failure::Failure;

/// Writes the file of every released run that is not there yet; the same run gives the same file. One that
/// cannot be written keeps no other from leaving.
pub fn write_files(service: &Service<Store>, folder: &Path) -> Result<(), Failure> {
    for run in service.released_runs(usize::MAX).map_err(Failure::of)? {
        let path = folder.join(format!("FCRUN{run}.xml"));
        if path.exists() {
            continue;
        }
        let batch = match service.batch(run) {
            Ok(batch) if batch.transfers.is_empty() => continue,
            Ok(batch) => batch,
            Err(error @ ServiceError::Store(_)) => return Err(Failure::of(error)),
            Err(error) => {
                service.file_not_written(run, &error.to_string()).map_err(Failure::of)?;
                continue;
            }
        };
        match write_file(&batch, &path) {
            Ok(()) => {}
            Err(BatchError::Io(error)) => return Err(Failure::file(&path, &error)),
            Err(error) => service.file_not_written(run, &error.to_string()).map_err(Failure::of)?,
        }
    }
    Ok(())
}

/// Writes a file whole or not at all.
fn write_file(batch: &PaymentBatch, path: &Path) -> Result<(), BatchError> {
    let half = path.with_extension("part");
    let mut out = BufWriter::new(File::create(&half)?);
    write_batch(batch, &mut out)?;
    out.flush()?;
    out.into_inner().map_err(IntoInnerError::into_error)?.sync_all()?;
    Ok(fs::rename(&half, path)?)
}

/// The bank's files, oldest name first.
pub fn answers(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))? {
        let path = entry.map_err(|error| Failure::file(folder, &error))?.path();
        if path.extension().is_some_and(|end| end == "xml") {
            found.push(path);
        }
    }
    // Statuses before statements, statements before returns.
    found.sort_by_key(|path| {
        let name = path.to_string_lossy().into_owned();
        (!name.contains("pain.002"), name.contains("returns"), name)
    });
    Ok(found)
}

/// Reads one file of the bank into the service, as far as it can be read; was it whole? What is cut or
/// broken is asked for again under the same name, and a repetition changes nothing.
pub fn read_answer(service: &Service<Store>, path: &Path, source: impl BufRead) -> Result<bool, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut whole = true;
    let mut unreadable = |error: BankFileError| {
        whole &= !error.fatal;
        Unreadable(error.to_string())
    };
    if name.contains("pain.002") {
        let reports = status_reports(source, &name).map(|report| report.map_err(&mut unreadable));
        service.bank_reported(reports).map_err(Failure::of)?;
    } else {
        let entries = statement(source, &name).map(|entry| entry.map_err(&mut unreadable));
        service.bank_booked(entries).map_err(Failure::of)?;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use card::{Date, Role};
    use service::Law;

    use super::*;
    use crate::{
        demo::{clock::DemoClock, world::officer},
        evaluator::Evaluator,
        law_files, settings, store_files,
    };

    /// An entry that names no order, and beside it one that does: the second is taken, the first is a task.
    #[test]
    fn one_odd_entry_keeps_no_other_from_being_heard() {
        let dir = std::env::temp_dir().join(format!("family-card-odd-entry-{}", std::process::id()));
        let law = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/kz");
        let pack = law_files::load(&law).unwrap();
        let store = store_files::open(&dir, &pack).unwrap();
        let clock = Arc::new(DemoClock::at(DemoClock::morning(Date::from_ymd(2026, 12, 1).unwrap())));
        let settings = settings::trial().unwrap();
        let law = Arc::new(Law::new(pack));
        let service = Service::new(store, law, Box::new(Evaluator::default()), clock, settings);
        let entry = |refs: &str| {
            format!(
                "<Ntry><NtryRef>7</NtryRef><Amt Ccy=\"KZT\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-12-10</Dt></BookgDt><NtryDtls><TxDtls><Refs>{refs}</Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>"
            )
        };
        let file = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.06\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M</MsgId></GrpHdr><Ntfctn><Id>N</Id>{}{}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
            entry(""),
            entry("<EndToEndId>FC9-1</EndToEndId>")
        );
        let path = Path::new("camt.054-returns.xml");
        let tasks = || -> Vec<String> {
            let tasks = service.tasks(&officer(Role::Officer, false), card::Lang::En).unwrap();
            tasks.into_iter().map(|task| task.what).collect()
        };
        assert!(read_answer(&service, path, file.as_bytes()).unwrap());
        assert!(
            tasks()[0].contains("camt.054-returns.xml, line 1") && tasks()[0].contains("without EndToEndId")
        );
        // No order has this id here; that it was looked for says that the entry was heard.
        assert!(tasks()[1].contains("FC9-1: there is no such right"), "{:?}", tasks());
        read_answer(&service, path, file.as_bytes()).unwrap();
        assert_eq!(tasks().len(), 2, "what comes again is asked once");
        let cut = &file[..file.len() - 40];
        assert!(!read_answer(&service, path, cut.as_bytes()).unwrap(), "it is read again when it is whole");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
