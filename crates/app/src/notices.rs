//! What people were told of without being asked anything.

use deliver::book::{Book as _, Library as _, NoticeCount};
use outside::sqlite::Store;

use crate::failure::Failure;

/// Prints how many days of each notice were told of, wait, and passed untold.
pub fn print(store: &Store) -> Result<(), Failure> {
    println!("{:<24}{:>10}{:>10}{:>10}", "notice", "told", "waiting", "passed");
    for count in store.book().notices().map_err(Failure::of)? {
        let NoticeCount { notice, told, waiting, passed } = count;
        println!("{notice:<24}{told:>10}{waiting:>10}{passed:>10}");
    }
    Ok(())
}
