//! The evaluators against hand-built packs and random worlds.

mod kz;
mod plain;
mod small;
mod soundness;
