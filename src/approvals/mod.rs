//! Acts that nobody does alone: requested, approved by two persons, then done once.
//!
//! Takes an act with its exact pieces and the hashes of what it depends on; lets it pass where enough of the job's approvers
//! have signed exactly that, and otherwise writes the request and says what is missing. Knows the users of the system by their
//! real numbers, and who prints letters and who mailers. Never does an act itself, and reads no code. docs/approvals.md.

mod decision;
mod desk;
mod first_use;
mod folder;
mod gate;
mod public_key;
mod request;
mod roles;
mod signed;
mod vote;
mod words;

pub(crate) use desk::{Listing, Shown, Voted, find, list, sign};
pub(crate) use first_use::{Allowed, Used, first_use, hash, note_use, press_keys, signing_key, template};
pub use gate::{Asking, Requests};
pub(crate) use gate::{approvers, cosigners, pass, tied_key};
#[cfg(test)]
pub(crate) use request::Request;
pub(crate) use request::{Act, Subject};
pub(crate) use roles::{permit, permit_moving, refuse_another_user};
#[cfg(test)]
pub(crate) use vote::Ballot;

#[cfg(test)]
mod tests;
