//! A store and its keys in a folder.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use law::Pack;
use outside::sqlite::{Keys, Store};

use crate::failure::Failure;

/// Opens the store of a folder, or makes it with new keys beside it, which only the owner may read.
pub fn open(dir: &Path, pack: &Pack) -> Result<Store, Failure> {
    fs::create_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
    let path = dir.join("card.keys");
    let keys: Keys = if path.exists() {
        let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
        text.parse().map_err(|error| Failure::file(&path, &error))?
    } else {
        let keys = Keys::generate().map_err(Failure::of)?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(keys.expose().as_bytes()))
            .map_err(|error| Failure::file(&path, &error))?;
        keys
    };
    // Group entities are computed; only those before them are stored.
    let mut schema = pack.schema.clone();
    let stored = pack.groups.iter().map(|group| group.entity.0 as usize).min();
    schema.entities.truncate(stored.unwrap_or(schema.entities.len()));
    Store::open(dir.join("card.sqlite"), &schema, keys).map_err(Failure::of)
}
