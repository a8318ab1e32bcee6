//! 2D-DOC: the signed block of French documents (ANTS specification 3.2.6, header versions 01 to 04).
//!
//! Takes a header, fields and a key and gives the text of a symbol; takes a text and gives its
//! fields, its findings and a verdict. Works on text, and on the files of a trust folder: never draws a symbol, never
//! reads a picture, a clock or a network, and knows nothing of cards or mail.
//!
//! Writing: [`compose`] gathers every fault at once, [`signed_text`] signs.
//!
//! ```
//! use crate::{Header, SigningKey, Algorithm, Value, compose, parse, signed_text, verify};
//! let header = Header::v04("FR00", "0001", "P1", jiff::civil::date(2026, 11, 23));
//! let block = compose(&header, &[
//!     ("01", Value::Exact("810003461033")),
//!     ("10", Value::Text("Mme/Dupont-Maître/Zoé")),
//!     ("82", Value::Exact("2800012345")),
//!     ("83", Value::Exact("1750000123")),
//! ]).expect("a sound block");
//! assert_eq!(block.text, "DC04FR000001FFFF265FP101FR01810003461033\u{1d}\
//!     10MME/DUPONT MAITRE/ZOE\u{1d}822800012345\u{1d}831750000123");
//! let key = SigningKey::from_seed(Algorithm::Ed25519, &[7; 32])?;
//! let text = signed_text(&block, &key)?;
//!
//! let code = parse(text.as_bytes()).expect("a readable code");
//! assert_eq!(code.fields[1].value, "MME/DUPONT MAITRE/ZOE");
//! assert!(verify(&code, &key.verifying_key()).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Judging: a [`TrustStore`](trust::TrustStore) holds what is trusted, an [`Examination`] all that is to be said of a
//! code.
//!
//! ```
//! use crate::{Algorithm, Examination, Header, SigningKey, Value, compose, signed_text};
//! use crate::trust::{Policy, TrustStore};
//! let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[7; 32])?;
//! let mut trust = TrustStore::default();
//! trust.add("bureau.pem", format!("2D-DOC: FR8Z/AB12\n{}", key.verifying_key().to_spki_pem()?).as_bytes());
//!
//! let header = Header::v04("FR8Z", "AB12", "A6", jiff::civil::date(2026, 11, 23));
//! let fields = [("80", "MARTIN"), ("81", "ZOE"), ("82", "2800012345"), ("83", "ORDRE")];
//! let block = compose(&header, &fields.map(|(id, value)| (id, Value::Exact(value)))).expect("a sound block");
//! let text = signed_text(&block, &key)?;
//! assert!(Examination::of_text(&text, &trust, &Policy::default()).is_valid());
//! let forged = Examination::of_text(&text.replace("MARTIN", "MARTON"), &trust, &Policy::default());
//! assert!(forged.signature.reason.contains("the code was altered, or signed with another key"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// `trust::forged` is used by the program's tests too.
#[cfg(test)]
extern crate self as twoddoc;

pub mod alphabet;
pub mod base32;
mod binary;
mod checks;
mod compose;
pub mod date;
mod document_type_table;
mod document_types;
mod examination;
mod fault;
mod fields;
mod findings;
mod header;
mod identifier_table;
mod identifiers;
mod mixed;
mod multi;
mod parse;
mod scanner;
mod sign;
mod signing_key;
pub mod trust;
mod verifying_key;
mod version;

#[cfg(test)]
mod tests;

pub use compose::{Composed, Value, compose};
pub use document_types::{DocumentType, EmissionDate};
pub use examination::Examination;
pub use fault::FieldFault;
pub use findings::{Finding, Level};
pub use header::{Header, HeaderError};
pub use identifiers::DataIdentifier;
pub use multi::{Assembly, AssemblyFault, Part};
pub use parse::{Code, Field, Form, Unreadable, parse, parse_text};
pub use scanner::ScannerFault;
pub use sign::{
    Algorithm, KeyError, RemoteSigner, SignFault, SignatureFault, SigningKey, VerifyingKey, signed_text,
    verify,
};
pub use version::Version;

/// Ends a variable field that is shorter than its maximum and not the last.
pub const GS: char = '\u{1d}';
/// Ends a variable field that was truncated.
pub const RS: char = '\u{1e}';
/// Stands before a signature in Base32.
pub const US: char = '\u{1f}';
