//! The tests of the language over whole packs.

mod bad;
mod folder;
mod guards;
mod pack;
mod sketch;
mod small;
mod text;
