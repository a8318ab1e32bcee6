//! Trust: from a folder of files to a verdict on a parsed code.
//!
//! A [`TrustStore`] reads certificates, public keys, trust lists and revocation lists from a folder, in any files and under
//! any names. [`TrustStore::verify`] returns a [`Verdict`] on a [`Code`](super::Code): whose key signed it, whether the
//! folder trusts that key, and whether it did on the day of the signature. **The folder alone decides what is trusted.** The
//! crate brings no certificates, uses neither network nor clock, and never decodes a private key.
//!
//! | file in the folder | effect |
//! |---|---|
//! | certificate of an authority | A trust anchor for the id in its CN; a root is an anchor for the authorities below it. For ids that a trust list names, only the list's certificates are anchors. |
//! | certificate of a signer (a leaf) | Signs for the id it carries (CN of its issuer / its own CN, S326 p. 15-16). If its authority is known, it needs a chain; otherwise it is trusted directly. |
//! | public key after a line `2D-DOC: FR00/0001` | Signs for that id, trusted directly, unless the authority is known. |
//! | public key after a line `2D-DOC from: 2026-11-28` or `2D-DOC until: 2028-11-27` | Signs on these days only, first and last day included: what it signed in time stays `valid`, anything else is `invalid`. |
//! | public key without a line `2D-DOC:` | Is tried for codes of authorities of which the folder holds nothing, and for those of test authorities. |
//! | signed trust list | Its authorities "in accord" are anchors, each for its own id. Its other authorities are refused, even if another certificate vouches for them. |
//! | directory of an authority (multipart, or several DER certificates in a row) | Its certificates are known, and trusted through a chain only. |
//! | revocation list | The certificates it names are refused, whatever the date of the signature. |
//!
//! The checks, in order. A signature that is unreadable or does not match makes a code `invalid`. If nothing trusted vouches
//! for the signer, the code is `untrusted`. So is a code of a test authority (`XX00`, or certificate `0000`), unless the
//! [`Policy`] accepts them or its certificate or key was put into the folder on its own. Then revocation, the validity
//! period and [invalid](super::Level::Invalid) findings make a code `invalid`. A code that passes all checks is `valid`. For
//! a test authority this proves nothing, because the private key of the published test certificate is public.
//!
//! Where the specification leaves room, the crate decides:
//! - Days are compared in UTC, first and last day included. A code without a signature date is `invalid` if its certificate
//!   has a validity period.
//! - A leaf must have been issued while its authority's certificate was valid. That certificate may have expired since. A
//!   leaf issued before it is `untrusted`: the authority may have renewed its certificate with the same key, and the
//!   earlier one is missing.
//! - A certificate of a test authority that is alone in the folder is trusted directly, and its validity period is
//!   ignored: the published one, `FR00/0001`, expired in 2015, and specimens are still signed with it. Its private key is
//!   published (S326 p. 155), which the verdict mentions.
//! - A public key without an id is the issuer's own. A code that it did not sign is `untrusted`, because others sign too. It
//!   is `invalid` if it names a test authority or a type that is not national, because then it claims to be the issuer's.
//! - A key that is bound to an id has no validity period, even if a certificate of the same key is in the folder.
//! - Under an authority of a trust list, leaves must have ECDSA keys (S326 p. 26); Ed25519 is `untrusted` there. RSA leaves
//!   are `untrusted` everywhere. Under an authority that was put into the folder, Ed25519 is accepted.
//! - A certificate with a critical extKeyUsage is refused if the extension names neither any use nor document signing.
//! - SHA-1 is refused in chains. Of the certificates published until 2026, only `FR00/0001` uses it.
//! - If the folder trusts a certificate of a revocation list's issuer, the list must be signed by it. If not, the list is
//!   used without a check, unless it came in a directory. Its age is not judged, because there is no clock. A revocation
//!   applies to the key: a certificate that was renewed with a revoked key is revoked too.
//! - Two certificates or public keys with different keys for one id: neither is trusted, because an authority assigns an id
//!   once. A public key that does not sign on the day of the signature (`2D-DOC from:`, `until:`) does not count.
//! - If the certificate of a revocation list's signer has a key usage, it must include cRLSign.
//! - Of the trust lists signed with one key, only the one with the highest sequence number counts, whatever the operator is
//!   called. If lists of one operator are signed with different keys, all are faults, none makes an authority, and what they
//!   name is `untrusted` until only lists of the operator's key are in the folder.

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
mod key_trust;
mod name;
mod pem;
mod revocation;
mod revocation_list_selection;
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
pub use name::display_safe;
pub use store::TrustStore;
pub use trust_list::{TrustList, TrustListError, TrustedService};
pub use verdict::{Policy, Status, Verdict};
pub use xml_signature::XmlSignatureError;
