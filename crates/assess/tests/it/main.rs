//! The evaluators against hand-built packs and random worlds.

mod plain;
mod small;
mod soundness;
