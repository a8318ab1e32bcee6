//! Codes, keys and sealed files.
//!
//! Takes age files and PEM keys. Gives codes to the composition of a mailer, a signer to that of a letter, sealed
//! files to the press. Never logs, displays, stores or compares a code; what it holds is wiped when it is dropped.

mod codes;
mod keys;
mod seal;

pub use codes::{AssistanceCode, CardCodes, CodesError, CodesFault, CodesFile, CodesShelf, Pin, Puk};
pub use keys::{KeyError, KeySummary, describe, load_signing_key, new_identity, new_signing_key};
pub use seal::{Recipients, SealError, SealedWriter, open, recipients, seal_bytes};
