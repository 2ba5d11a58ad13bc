//! The evaluators against hand-built packs and random worlds.

mod columns;
mod kz;
mod plain;
mod small;
mod soundness;
