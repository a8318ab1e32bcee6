//! Codes, keys and sealed files.
//!
//! Takes age files, PEM keys and keys on a token. Gives codes to the composition of a mailer, a signer to that of a
//! letter, sealed files to the press, a request to a certification authority. Never logs, displays, stores or compares a
//! code or a PIN; what it holds is wiped when it is dropped.

mod codes;
#[cfg(feature = "pkcs11")]
mod hsm;
mod keys;
mod mailer;
#[cfg(any(not(feature = "pkcs11"), test))]
#[cfg_attr(all(feature = "pkcs11", test), allow(dead_code))]
mod no_hsm;
mod request;
mod seal;

#[cfg(not(feature = "pkcs11"))]
use no_hsm as hsm;

pub use codes::{AssistanceCode, CardCodes, CodesError, CodesFault, CodesFile, CodesOfNight, Pin, Puk};
pub use keys::{
    KeyError, KeySummary, describe, load_signing_key, new_identity, new_signing_key, open_signing_key,
    write_request,
};
pub use mailer::{CheckedMailer, MailerComposer, MailerNumbers};
pub use request::{CertificateRequest, HeaderId, RequestError, RequestFault};
pub use seal::{Recipients, SealError, SealedWriter, open, open_bytes, recipients, seal_bytes};
