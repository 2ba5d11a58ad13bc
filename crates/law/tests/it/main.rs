//! The tests of the language over whole packs.

mod bad;
mod folder;
mod sketch;
mod small;
mod text;
