//! The evaluators against hand-built packs and random worlds.

mod buckets;
mod columns;
mod explained;
mod feelin;
mod hand;
mod kz;
mod plain;
mod scores;
mod small;
mod soundness;
