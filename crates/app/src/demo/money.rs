//! Files to the bank and from it.

use std::{
    fs::{self, File},
    io::{BufRead, BufWriter, Write},
    path::{Path, PathBuf},
};

use outside::{
    bank::{statement, status_reports, write_batch},
    sqlite::Store,
};
use service::Service;

use crate::failure::Failure;

/// Writes the file of every released run that is not there yet; the same run gives the same file.
pub fn write_files(service: &Service<Store>, folder: &Path) -> Result<(), Failure> {
    for run in service.released_runs(usize::MAX).map_err(Failure::of)? {
        let path = folder.join(format!("FCRUN{run}.xml"));
        if path.exists() {
            continue;
        }
        let batch = service.batch(run).map_err(Failure::of)?;
        if batch.transfers.is_empty() {
            continue;
        }
        let half = path.with_extension("part");
        let failed = |error| Failure::file(&half, &error);
        let mut out = BufWriter::new(File::create(&half).map_err(failed)?);
        write_batch(&batch, &mut out).map_err(Failure::of)?;
        out.flush().map_err(failed)?;
        out.into_inner().map_err(|error| Failure::of(error.error()))?.sync_all().map_err(failed)?;
        fs::rename(&half, &path).map_err(|error| Failure::file(&path, &error))?;
    }
    Ok(())
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

/// Reads one file of the bank into the service.
pub fn read_answer(service: &Service<Store>, path: &Path, source: impl BufRead) -> Result<(), Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.contains("pain.002") {
        let reports: Vec<_> = status_reports(source, &name).collect::<Result<_, _>>().map_err(Failure::of)?;
        service.bank_reported(&reports).map_err(Failure::of)
    } else {
        let entries: Vec<_> = statement(source, &name).collect::<Result<_, _>>().map_err(Failure::of)?;
        service.bank_booked(&entries).map_err(Failure::of)
    }
}
