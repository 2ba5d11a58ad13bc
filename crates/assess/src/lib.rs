//! assess

pub mod case;
pub mod plain;
