//! Whether a key is trusted to sign codes, and why not.

use super::anchors::Refusal;
use super::certificate::UseError;
use super::chain::{ChainError, PathSearch};
use super::store::{StoredCertificate, TrustStore};
use thiserror::Error;

/// Whether a key is trusted to sign codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyTrust {
    /// A chain leads to a trust anchor. Holds the operator of the issuer.
    Chained(Option<String>),
    /// The folder contains it, and nothing of its authority.
    Direct,
    /// Nothing trusted vouches for it.
    Untrusted(UntrustedReason),
    /// An authority of its chain was revoked, or issued a certificate after its own validity period.
    Invalid(ChainError),
}

/// Why nothing trusted vouches for a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum UntrustedReason {
    #[error("it is the certificate of an authority, which signs no codes")]
    AuthorityCertificate,
    #[error(transparent)]
    Use(#[from] UseError),
    /// The authority is unknown.
    #[error("its certificate came in a directory, and nothing here vouches for authority `{ca_id}`")]
    InDirectory { ca_id: String },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(
        "its certificate's key is Ed25519, and codes of authority `{ca_id}` of the trust list are signed with ECDSA"
    )]
    Ed25519 { ca_id: String },
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(
        "it is a public key without a certificate, and authority `{ca_id}` is known here: only certificates that it \
         issued speak for it"
    )]
    BareKey { ca_id: String },
}

impl KeyTrust {
    /// Whether the key is trusted.
    pub(super) fn is_trusted(&self) -> bool {
        matches!(self, KeyTrust::Chained(_) | KeyTrust::Direct)
    }

    /// The trust in a certificate of the store.
    pub(super) fn of(store: &TrustStore, stored: &StoredCertificate) -> KeyTrust {
        let leaf = &stored.certificate;
        let Some((ca_id, _)) = leaf.id() else {
            return KeyTrust::Untrusted(UntrustedReason::AuthorityCertificate);
        };
        if let Err(error) = leaf.check_leaf_use() {
            return KeyTrust::Untrusted(error.into());
        }
        let issuers = store.by_subject.get(&leaf.issuer.normalised);
        if store.is_known_authority(ca_id) || issuers.is_some() {
            return PathSearch::of(store, leaf, ca_id);
        }
        match stored.file {
            Some(_) => KeyTrust::Direct,
            None => KeyTrust::Untrusted(UntrustedReason::InDirectory { ca_id: ca_id.to_owned() }),
        }
    }
}
