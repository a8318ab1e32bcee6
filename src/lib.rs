//! `pli` turns a night's card-issuance records into print-ready letters and, apart from them, PIN/PUK mailers; proves
//! that what it printed can be read back; and keeps a ledger of every piece.
//!
//! `docs/architecture.md` draws the house: fronts, flows, means, codecs; a floor uses only the floors below it.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod authorities;
pub mod barcode;
pub mod cli;
mod failure;
pub mod ledger;
pub mod mail;
pub mod night;
pub mod pdf;
pub mod preflight;
pub mod reading;
pub mod sample;
pub mod store;
pub mod template;
pub mod twoddoc;
pub mod vault;

pub use failure::Failure;
