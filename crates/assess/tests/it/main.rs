//! The evaluators against hand-built packs and random worlds.

mod buckets;
mod columns;
mod feelin;
mod kz;
mod plain;
mod small;
mod soundness;
