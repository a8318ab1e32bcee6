//! Codes, keys and sealed files.
//!
//! Reads codes from sealed files (age) and composes mailers with them; loads the signing key from a PEM file or a token;
//! seals files for the press; keeps the keys of the ledger's personal columns; writes certificate requests. Codes are never logged or displayed, and leave this module only
//! in a composed mailer. Codes, PINs and private keys are wiped when they are dropped.

mod code_statistics;
mod codes;
mod codes_cells;
mod codes_file;
mod codes_header;
mod codes_rows;
#[cfg(feature = "pkcs11")]
mod hsm;
mod identities;
mod key_error;
mod keys;
mod ledger_keys;
mod mailer;
mod mailer_order;
mod mailer_pattern;
#[cfg(any(not(feature = "pkcs11"), test))]
#[cfg_attr(all(feature = "pkcs11", test), allow(dead_code))]
mod no_hsm;
mod opening;
mod recipients;
mod request;
mod seal;
mod share_key;
mod shown_codes;

#[cfg(not(feature = "pkcs11"))]
use no_hsm as hsm;

pub(crate) use code_statistics::is_simple_pin;
pub use codes::{AssistanceCode, CardCodes, Pin, Puk};
pub use codes_file::{CodesError, CodesFault, CodesFile, CodesOfNight};
pub use key_error::KeyError;
pub use keys::{KeySummary, new_identity, new_signing_key};
pub(crate) use keys::{
    describe, describe_all, load_signing_key, make_key_file, open_signing_key, write_request,
};
pub(crate) use ledger_keys::{
    ErasedCards, Hashed, KeysBackup, LedgerKeys, LedgerKeysError, Month, OpaqueIds, ProofSalts, RestoredKeys,
    open_keys, seal_keys,
};
pub(crate) use mailer::{CheckedMailer, MailerComposer};
pub(crate) use mailer_order::MailerOrder;
pub(crate) use mailer_pattern::MailerPattern;
pub use opening::open;
pub(crate) use opening::{MAX_SEALED_SIZE, open_bytes};
#[allow(unused_imports, reason = "the ledger's next version uses it")]
pub(crate) use recipients::recovery_recipients;
pub(crate) use recipients::refuse_open_file;
pub use recipients::{RecipientSummary, Recipients, recipients};
pub(crate) use request::{CertificateRequest, HeaderId};
pub(crate) use seal::SealedWriter;
pub use seal::{Damage, SealError, seal_bytes};
pub(crate) use share_key::ShareKey;
pub(crate) use shown_codes::ShownCodes;
