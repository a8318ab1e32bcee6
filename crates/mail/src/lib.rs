//! The words of the trade as types: cards, the people and structures that hold them, their identifiers, their postal
//! addresses, working days, lots and pieces.
//!
//! Values are parsed from text, as a record or a job file spells it. A value that parses is valid; one that does not
//! yields a fault with a stable code, the problem and what to write instead.
//! This crate reads no file and no clock, and holds no PIN: codes live in the program's vault.

pub mod address;
pub mod calendar;
pub mod card;
pub mod country;
pub mod date;
mod encoding;
pub mod holder;
pub mod identifiers;
pub mod inserter;
pub mod issuance;
mod language;
pub mod lot;
mod packed;
pub mod piece;
pub mod postcode;
pub mod profession;
pub mod reason;
pub mod residue;
pub mod returned;
mod text;
pub mod tracking;

pub use encoding::Encoding;
pub use language::{Language, Worded, Words};
pub use text::{
    composed, excerpt, has_stray_accent, postal_capitals, shown_character, shown_character_in, tidy,
};
