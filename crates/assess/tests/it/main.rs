//! The evaluators against hand-built packs and random worlds.

mod columns;
mod feelin;
mod kz;
mod plain;
mod small;
mod soundness;
