//! Of the night, only what reads records.

#[path = "../../src/night/intake/mod.rs"]
pub mod intake;
#[path = "../../src/night/spool.rs"]
mod spool;
