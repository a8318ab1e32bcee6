//! `pli` turns a night's card-issuance records into print-ready letters and, apart from them, PIN/PUK mailers; proves
//! that what it printed can be read back; and keeps a ledger of every piece.
//!
//! `docs/architecture.md` draws the house: fronts, flows, means, codecs; a floor uses only the floors below it.

pub mod authorities;
pub mod cli;
mod failure;
mod files;
pub mod job;
pub mod ledger;
pub mod night;
pub mod raster;
pub mod sample;
pub mod store;
pub mod studio;
pub mod vault;
pub mod verification;

pub use failure::{Exit, Failure, Position};
