//! assess

pub mod case;
pub mod explain;
pub mod plain;
