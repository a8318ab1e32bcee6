//! Codes, keys and sealed files.
//!
//! Reads codes from sealed files (age) and composes mailers with them; loads the signing key from a PEM file or a token;
//! seals files for the press; keeps the keys of the ledger's personal columns; writes certificate requests. Codes are never logged or displayed, and leave this module only
//! in a composed mailer. Codes, PINs and private keys are wiped when they are dropped.

mod code_statistics;
mod codes;
mod codes_cells;
mod codes_error;
mod codes_file;
mod codes_header;
mod codes_index;
mod codes_last_row;
mod codes_of_night;
mod codes_rows;
mod hardened;
mod held_bytes;
#[cfg(feature = "pkcs11")]
mod hsm;
mod identities;
mod key_error;
mod key_register;
mod keys;
mod ledger_keys;
mod mailer;
mod mailer_order;
mod mailer_pattern;
#[cfg(any(not(feature = "pkcs11"), test))]
#[cfg_attr(all(feature = "pkcs11", test), allow(dead_code))]
mod no_hsm;
mod opened_text;
mod opening;
mod recipients;
mod request;
mod rotation;
mod seal;
mod share_key;
mod shares;
mod shown_codes;

#[cfg(not(feature = "pkcs11"))]
use no_hsm as hsm;

pub(crate) use code_statistics::is_simple_pin;
pub use codes::{AssistanceCode, CardCodes, Pin, Puk};
pub use codes_error::{CodesError, CodesFault};
pub use codes_file::CodesFile;
pub(crate) use codes_of_night::CodesOfCard;
pub use codes_of_night::CodesOfNight;
pub(crate) use hardened::{end_with_parent, keep_to_itself};
pub(crate) use held_bytes::HeldBytes;
pub use key_error::{KeyError, UnfitDates};
#[cfg(test)]
pub(crate) use key_register::Contents as KeyRegisterFile;
pub(crate) use key_register::{KeyDates, KeyRegister, change_register, folder_of_job};
pub use keys::{KeySummary, new_identity, new_signing_key};
pub(crate) use keys::{
    describe, describe_all, describe_public, load_signing_key, make_key_file, open_signing_key, write_request,
};
pub(crate) use ledger_keys::{
    ErasedCards, Hashed, KeysBackup, LedgerKeys, LedgerKeysError, Month, OpaqueIds, ProofSalts, RestoredKeys,
    open_keys, seal_keys,
};
pub(crate) use mailer::{CheckedMailer, MailerComposer};
pub(crate) use mailer_order::MailerOrder;
pub(crate) use mailer_pattern::MailerPattern;
pub use opened_text::OpenedText;
#[cfg(test)]
pub(crate) use opened_text::tests::sealed_and_opened;
pub use opening::open;
pub(crate) use opening::{MAX_SEALED_SIZE, open_bytes};
#[allow(unused_imports, reason = "the ledger's next version uses it")]
pub(crate) use recipients::recovery_recipients;
pub(crate) use recipients::refuse_open_file;
pub use recipients::{RecipientSummary, Recipients, recipients};
pub(crate) use request::{CertificateRequest, HeaderId};
pub(crate) use rotation::{Following, RotatedKey, rotated_key};
pub(crate) use seal::SealedWriter;
pub use seal::{Damage, SealError, seal_bytes};
pub(crate) use share_key::ShareKey;
pub(crate) use shares::{KeyShare, read_shares, recover_key, restore_key, split_key, write_share_file};
pub(crate) use shown_codes::ShownCodes;
