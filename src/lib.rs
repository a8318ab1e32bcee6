//! `pli` turns a night's card-issuance records into print-ready letters and, apart from them, PIN/PUK mailers; proves
//! that what it printed can be read back; and keeps a ledger of every piece.
//!
//! `docs/architecture.md` lists the rooms, floor by floor: fronts, flows, means. A floor uses only the floors below it.

#![warn(unreachable_pub)]

pub mod approvals;
mod audit;
mod authorities;
/// Holds a French message against its English one, in tests.
#[cfg(test)]
#[allow(unreachable_pub)]
#[path = "../tests/suite/both_languages.rs"]
mod both_languages;
mod certificate;
pub mod cli;
mod doctor;
mod failure;
mod feedback;
mod files;
mod init;
pub mod inserting;
pub mod job;
mod kept;
mod ledger;
/// What a test does where its judge is not installed.
#[cfg(test)]
#[allow(unreachable_pub)]
#[path = "../tests/suite/missing.rs"]
mod missing;
pub mod night;
pub mod proving;
mod raster;
mod returns;
pub mod sample;
#[cfg(test)]
mod schema_tests;
pub mod signers;
mod store;
mod studio;
#[cfg(target_os = "linux")]
mod unsealing;
pub mod vault;
mod verification;

pub use failure::{Exit, Failure, Position};
