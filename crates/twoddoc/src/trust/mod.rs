//! Trust: from a folder of files to a verdict on a code that was read.
//!
//! Takes a folder of certificates, public keys, trust lists and revocation lists, in any files and under any
//! names; gives a [`Verdict`] on a [`Code`](super::Code): whose key signed it, whether the folder trusts that
//! key, and whether it did on the day of the signature. **The folder is what is trusted**: this room never
//! asks a network or a clock, brings no authority of its own, and never shows what a private key holds.
//!
//! | what lies in the folder | what it does |
//! |---|---|
//! | certificate of an authority | an anchor for the id that is its CN, or, of a root, for those of the authorities below it: chains are built to it. For ids that a trust list names, only the list's own certificates are |
//! | certificate of a signer (a leaf) | speaks for the id it carries (CN of its issuer / its own CN, S326 p. 15-16): through a chain if its authority is known here, as it stands if not |
//! | public key after a line `2D-DOC: FR00/0001` | speaks for that id as it stands, unless the authority is known here |
//! | public key without such a line | is tried for codes of authorities of which the folder holds nothing, and for those of test authorities |
//! | trust list, signed | its authorities "in accord" are anchors, each for its own id; others are refused whoever vouches for them |
//! | directory of an authority (multipart, or several certificates in DER one after the other) | its certificates are known, and trusted by a chain only |
//! | revocation list | what it names is refused, whatever the date |
//!
//! What a verdict weighs, in this order: a signature that can't be read or does not match is `invalid`; a
//! signer that nothing trusted vouches for is `untrusted`, and so is a test authority (`XX00`, or certificate
//! `0000`) unless the [`Policy`] accepts them or its certificate or key was put into the folder alone, which asks
//! for it; then revocation, the days of validity, and what the reader found are `invalid`. Only what passes all of
//! that is `valid`; of a test, that word proves nothing, since the published test key is everybody's.
//!
//! Decisions, where the specification leaves room:
//! - Days are compared, in UTC, both ends included. A code without signature date is `invalid` if its
//!   certificate has days to hold it to: they can't be shown to be kept.
//! - A leaf must have been issued while its authority's certificate was valid; that the authority's
//!   certificate has expired since changes nothing. One issued before is `untrusted`: the authority may have renewed
//!   its certificate with the same key, and the earlier one is not here.
//! - A certificate of a test authority that stands alone in the folder is taken as it stands **without** its
//!   days: the published one, `FR00/0001`, expired in 2015, and specimens are signed with it to this day. Its
//!   private key is published too (S326 p. 155), so that its word proves nothing, and the verdict says so.
//! - A public key without an id is the bureau's own. A code that it did not sign is `untrusted`, since others sign
//!   too, but `invalid` if it names a test authority or a type that is not national: then it claims to be the
//!   bureau's.
//! - A key without days (bound to an id) takes none from a certificate of the same key beside it.
//! - Under an authority of a trust list, leaves have ECDSA keys (S326 p. 26): Ed25519 is `untrusted` there, as RSA is
//!   everywhere. Under an authority that the bureau put here itself, or pinned, Ed25519 signs.
//! - A critical extKeyUsage that names neither any use nor one of seals on documents is refused, on leaf or authority.
//! - SHA-1 is refused in chains. Of the certificates published until 2026, only `FR00/0001` has it.
//! - A revocation list must be signed by its issuer if the folder trusts a certificate of that issuer; if
//!   not, it is taken as it stands, unless it came in a directory. Staleness is not judged (no clock). A
//!   revocation holds for the key: a certificate renewed with the key of a revoked one is revoked with it.
//! - Two certificates with different keys for one id: neither is believed, since an authority gives an id
//!   once.
//! - A revocation list's signer may sign such lists: if its certificate has a key usage, that says cRLSign.
//! - Of several trust lists signed with one key, the highest sequence number counts, alone, whatever the operator is
//!   called. Lists of one operator signed with different keys are a fault, and none of them makes an authority: what
//!   any of them names is `untrusted`, until only those of the operator's key are in the folder.

mod anchors;
mod authority_signature;
mod candidates;
mod canonical_xml;
mod certificate;
mod chain;
mod content;
mod der;
mod directory;
pub mod download;
mod error;
mod folder;
#[cfg(test)]
pub(crate) mod forged;
mod index;
mod name;
mod pem;
mod revocation;
mod store;
mod text_encoding;
mod trust_list;
mod trust_list_selection;
mod verdict;
mod verify;
mod xml_signature;

#[cfg(test)]
mod tests;

pub use canonical_xml::XmlError;
pub use error::{SkippedFile, TrustError, TrustFault};
pub use name::legible;
pub use store::TrustStore;
pub use trust_list::{TrustList, TrustListError, TrustedService};
pub use verdict::{Policy, Status, Verdict};
pub use xml_signature::XmlSignatureError;
