//! 2D-DOC: the signed block of French administrative documents. Compose, sign, parse, verify, trust.
//!
//! # What a 2D-DOC is
//!
//! A 2D-DOC is a Data Matrix symbol, printed on a document, that repeats the document's key data and signs them.
//! France Titres (ANTS) specifies it. The text in the symbol has three parts:
//!
//! ```text
//! DC04FR000001FFFF265FP101FR    01810003461033<GS>10MME/DUPONT MAITRE/ZOE<GS>…    <US>MFRGGZDF…
//! └─ header ───────────────┘    └─ message: data identifier + value, … ──────┘    └─ signature ┘
//! ```
//!
//! - The **header** names the certification authority (`FR00`), its certificate (`0001`), the dates of issue and of
//!   signature, and the document type (S326 §3.3, p. 17–19).
//! - The **message** holds fields. Each is a data identifier of two characters and a value. A variable field that is
//!   shorter than its maximum ends with `<GS>`, a truncated one with `<RS>` (S326 p. 20–22).
//! - The **signature** covers header and message, follows `<US>`, and is written in Base32 (S326 p. 25–26). Fields
//!   after it, the annex, are not signed.
//!
//! "S326" is the technical specification, version 3.2.6 of 24 March 2023. Header versions 01 to 04 are read; 02 to 04
//! are written. The crate works on text and on the files of a trust folder. It draws and reads no symbols, has no
//! clock, and never uses the network.
//!
//! # Compose
//!
//! [`compose`] takes a [`Header`] and fields and returns the text to be signed, or every error at once. A
//! [`Value::Text`] is transliterated to the characters that its identifier permits. A [`Value::Exact`] is written as it
//! is, or is an error.
//!
//! ```
//! use twoddoc::{Header, Value, compose};
//!
//! let header = Header::v04("FR00", "0001", "P1", jiff::civil::date(2026, 11, 23));
//! let block = compose(&header, &[
//!     ("01", Value::Exact("810003461033")),
//!     ("10", Value::Text("Mme/Dupont-Maître/Zoé")),
//!     ("82", Value::Exact("2800012345")),
//!     ("83", Value::Exact("1750000123")),
//! ]).expect("every field conforms");
//! assert_eq!(block.text, "DC04FR000001FFFF265FP101FR01810003461033\u{1d}\
//!     10MME/DUPONT MAITRE/ZOE\u{1d}822800012345\u{1d}831750000123");
//!
//! let errors = compose(&header, &[("82", Value::Exact("card 7"))]).unwrap_err();
//! assert_eq!(errors.len(), 4); // three mandatory fields are missing, and `card` is not in capitals
//! ```
//!
//! # Sign
//!
//! [`signed_text`] appends the signature. A [`SigningKey`] is read from PKCS#8, made from a seed, or held elsewhere
//! behind a [`RemoteSigner`], such as an HSM. The national specification permits ECDSA only, on P-256, P-384 or P-521.
//! The crate signs with ECDSA P-256, and with Ed25519 for issuers who verify their own codes.
//!
//! ```
//! use twoddoc::{Algorithm, Header, SigningKey, Value, compose, signed_text};
//!
//! # let header = Header::v04("FR00", "0001", "A6", jiff::civil::date(2026, 11, 23));
//! # let fields = [("80", "MARTIN"), ("81", "ZOE"), ("82", "2800012345"), ("83", "ORDRE")];
//! # let block = compose(&header, &fields.map(|(id, value)| (id, Value::Exact(value)))).unwrap();
//! let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[7; 32])?; // a real seed comes from a secure random source
//! let text = signed_text(&block, &key)?;
//! assert!(text.starts_with(&block.text));
//! assert_eq!(text.len(), block.text.len() + 1 + 103); // `<US>` and 64 bytes in Base32
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Parse
//!
//! [`parse`] reads the bytes of a symbol and [`parse_text`] its text: from a decoder, or typed by a hand scanner. Only
//! an unreadable header is an error. What else breaks a rule is a [`Finding`] beside the fields.
//!
//! ```
//! use twoddoc::{DataIdentifier, Form, parse_text};
//!
//! let code = parse_text("DC04FR000001FFFF265FA601FR80MARTIN\u{1d}81ZOE\u{1d}822800012345\u{1d}83ORDRE")?;
//! assert_eq!((code.form, code.header.ca_id.as_str()), (Form::C40, "FR00"));
//! assert_eq!(code.document_type().map(|kind| kind.name), Some("Carte professionnelle sapeur-pompier"));
//! assert_eq!(code.fields[2].value, "2800012345");
//! assert_eq!(DataIdentifier::find("82").map(|known| known.name), Some("Numéro de carte"));
//! assert!(code.findings.iter().any(|finding| finding.message.contains("no signature")));
//! # Ok::<(), twoddoc::ParseError>(())
//! ```
//!
//! # Verify
//!
//! [`verify`] checks the signature of a parsed code with one public key. It proves that the holder of that key signed
//! the header and the fields, and nothing about who that is.
//!
//! ```
//! use twoddoc::{Algorithm, Header, SignatureError, SigningKey, Value, compose, parse_text, signed_text, verify};
//!
//! # let header = Header::v04("FR00", "0001", "A6", jiff::civil::date(2026, 11, 23));
//! # let fields = [("80", "MARTIN"), ("81", "ZOE"), ("82", "2800012345"), ("83", "ORDRE")];
//! # let block = compose(&header, &fields.map(|(id, value)| (id, Value::Exact(value)))).unwrap();
//! # let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[7; 32])?;
//! # let text = signed_text(&block, &key)?;
//! let public = key.verifying_key();
//! assert_eq!(verify(&parse_text(&text)?, &public), Ok(()));
//! let altered = parse_text(&text.replace("MARTIN", "MARTON"))?;
//! assert_eq!(verify(&altered, &public), Err(SignatureError::Mismatch));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`KeyVerifier`] verifies many signatures of one key, and gives the same answers.
//!
//! # Trust
//!
//! A [`trust::TrustStore`] is a folder of certificates, public keys, trust lists and revocation lists. Its
//! [`verify`](trust::TrustStore::verify) returns a [`trust::Verdict`]: valid, invalid or untrusted, and why (S326 §6,
//! p. 31). A [`VerificationReport`] is that verdict with the parsed code. The [`trust`] module documents what each kind
//! of file does.
//!
//! ```
//! use twoddoc::trust::{Policy, Status, TrustStore};
//! use twoddoc::{Algorithm, Header, SigningKey, Value, VerificationReport, compose, signed_text};
//!
//! let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[7; 32])?;
//! # let header = Header::v04("FR8Z", "AB12", "A6", jiff::civil::date(2026, 11, 23));
//! # let fields = [("80", "MARTIN"), ("81", "ZOE"), ("82", "2800012345"), ("83", "ORDRE")];
//! # let block = compose(&header, &fields.map(|(id, value)| (id, Value::Exact(value)))).unwrap();
//! # let text = signed_text(&block, &key)?;
//! let mut trust = TrustStore::default(); // or TrustStore::read(folder)
//! trust.add("bureau.pem", format!("2D-DOC: FR8Z/AB12\n{}", key.verifying_key().to_spki_pem()?).as_bytes());
//!
//! let report = VerificationReport::of_text(&text, &trust, &Policy::default());
//! assert_eq!(report.signature.status, Status::Valid);
//! let report = VerificationReport::of_text(&text.replace("MARTIN", "MARTON"), &trust, &Policy::default());
//! assert_eq!(report.signature.status, Status::Invalid);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to find what
//!
//! | items | for | specification |
//! |---|---|---|
//! | [`Header`], [`Version`] | the header | S326 §3.3, p. 17–20 |
//! | [`compose`], [`Value`], [`UnsignedBlock`], [`ComposeError`] | writing header and message | S326 p. 20–22 |
//! | [`alphabet`] | permitted characters, transliteration | S326 p. 23, 52 |
//! | [`DataIdentifier`], [`DecodedValue`] | the data identifiers: names, lengths, characters, decoded values | S326 §7, p. 34–98 |
//! | [`DocumentType`], [`Choice`], [`EmissionDate`] | the document types: mandatory and optional identifiers | S326 §5, p. 32–33, 99–113 |
//! | [`SigningKey`], [`RemoteSigner`], [`VerifyingKey`], [`KeyVerifier`], [`Algorithm`], [`signed_text`], [`verify`] | keys and signatures | S326 p. 25–26 |
//! | [`base32`] | the encoding of signatures and of URLs | RFC 4648 §6; S326 p. 26, 35 |
//! | [`parse`], [`parse_text`], [`Code`], [`Field`], [`Form`] | reading: C40, binary, mixed, annex | S326 p. 15–28 |
//! | [`Finding`], [`Level`], [`ScannerFault`] | what is wrong with a code that was read | S326 p. 21–24, 99 |
//! | [`Part`], [`Assembly`] | codes that span several symbols | S326 p. 28 |
//! | [`trust`], [`VerificationReport`] | certificates, trust lists, revocation, verdicts | S326 §6, p. 31; RFC 5280; TS 119 612 |
//!
//! The specification is published by France Titres:
//! [technical specifications](https://pub.ants.gouv.fr/2D-DOC/DOCUMENTATION/04_Specifications_Techniques/FranceTitres_DCAT_2D-DOC_V1_04_Specifications_Techniques.pdf),
//! [trust list](https://pub.ants.gouv.fr/2D-DOC/V1/PRD/01_TSL/tsl_signed.xml).

// `trust::forged` names the crate `twoddoc`, because the tests of another crate include that file too.
#[cfg(test)]
extern crate self as twoddoc;

pub mod alphabet;
mod assembly;
pub mod base32;
mod binary;
mod compose;
mod conformance;
mod date;
mod decoded;
mod document_type_table;
mod document_types;
mod fields;
mod findings;
mod header;
mod identifier_table;
mod identifiers;
mod key_verifier;
mod mixed;
mod parse;
mod report;
mod scanner;
#[cfg(test)]
mod schema_tests;
mod sign;
mod signing_key;
pub mod trust;
mod verifying_key;
mod version;

#[cfg(test)]
mod tests;

pub use assembly::{Assembly, AssemblyError, Part};
pub use compose::{ComposeError, UnsignedBlock, Value, compose};
pub use date::DateError;
pub use decoded::DecodedValue;
pub use document_types::{Choice, DocumentType, EmissionDate};
pub use fields::Field;
pub use findings::{Finding, Level};
pub use header::{Header, HeaderError};
pub use identifiers::DataIdentifier;
pub use key_verifier::KeyVerifier;
pub use parse::{Code, Form, ParseError, parse, parse_text};
pub use report::VerificationReport;
pub use scanner::ScannerFault;
pub use sign::{Algorithm, KeyError, SignError, SignatureError, signed_text, verify};
pub use signing_key::{RemoteSigner, SigningKey};
pub use verifying_key::VerifyingKey;
pub use version::Version;

/// Group separator: ends a variable field that is shorter than its maximum and is not the last.
pub const GS: char = '\u{1d}';
/// Record separator: ends a variable field that was truncated.
pub const RS: char = '\u{1e}';
/// Unit separator: precedes a signature in Base32.
pub const US: char = '\u{1f}';
