//! assess

pub mod plain;
