//! Why no chain leads from a certificate to a trust anchor.

use super::super::anchors::Refusal;
use super::super::certificate::UseError;
use jiff::civil::Date;
use thiserror::Error;

/// Why no chain leads to an anchor. Of several errors, the one of the latest step is reported.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::trust) enum ChainError {
    #[error("the certificate of its authority is not here, so nothing vouches for it")]
    NoIssuer,
    #[error("its issuer's certificate is not that of an authority")]
    NotAnAuthority,
    #[error("its certificate bears its authority's name, and not its signature")]
    Signature,
    #[error("its authority signs certificates with an algorithm or a size of key not supported here")]
    UnsupportedAlgorithm,
    /// The issuer's key matches, but its certificate does not permit the use.
    #[error("its authority's certificate is not for signing certificates")]
    SignatureUsage,
    #[error("its certificate is signed with SHA-1, which can be forged")]
    Sha1,
    #[error("too many certificates here bear its authority's name")]
    TooManyIssuers,
    #[error(transparent)]
    Use(#[from] UseError),
    /// The authority's CN is another id than that at the start of the chain.
    #[error("authority `{authority}` speaks for itself alone, not for `{own_id}`")]
    OtherId { authority: String, own_id: String },
    #[error("the chain of its authorities is too long")]
    TooLong,
    #[error("the certificate of its authority came in a directory, and nothing here vouches for it")]
    NoAnchor,
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An earlier certificate of the authority with the same key may exist.
    #[error(
        "its certificate was issued on {issued}, before the authority's certificate here is valid (from {} to {}): \
         add the authority's earlier certificate", .valid.0, .valid.1
    )]
    IssuedBefore { issued: Date, valid: (Date, Date) },
    #[error(
        "its certificate was issued on {issued}, and its authority's is valid from {} to {}", .valid.0, .valid.1
    )]
    IssuedAfter { issued: Date, valid: (Date, Date) },
    /// When and why.
    #[error("its authority's certificate was revoked on {0}")]
    Revoked(String),
    /// An authority higher in the chain was revoked, or issued a certificate after its validity period.
    #[error("{0}")]
    Above(Box<ChainError>),
}

/// The checks from one certificate to its issuer, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ChainStep {
    Issuer,
    Authority,
    Signature,
    Constraints,
    Anchor,
    Refusal,
    IssuedBefore,
    IssuedAfter,
    Revocation,
}

impl ChainError {
    /// The check that failed.
    pub(super) fn step(&self) -> ChainStep {
        match self {
            ChainError::NoIssuer => ChainStep::Issuer,
            ChainError::NotAnAuthority => ChainStep::Authority,
            ChainError::Signature | ChainError::UnsupportedAlgorithm | ChainError::SignatureUsage => {
                ChainStep::Signature
            }
            ChainError::Sha1
            | ChainError::TooManyIssuers
            | ChainError::Use(_)
            | ChainError::OtherId { .. } => ChainStep::Constraints,
            ChainError::TooLong | ChainError::NoAnchor => ChainStep::Anchor,
            ChainError::Refused(_) => ChainStep::Refusal,
            ChainError::IssuedBefore { .. } => ChainStep::IssuedBefore,
            ChainError::IssuedAfter { .. } => ChainStep::IssuedAfter,
            ChainError::Revoked(_) | ChainError::Above(_) => ChainStep::Revocation,
        }
    }

    /// Whether it makes a code invalid rather than untrusted: an authority was revoked, or issued a certificate after its
    /// validity period.
    pub(super) fn is_invalid(&self) -> bool {
        matches!(self, ChainError::IssuedAfter { .. } | ChainError::Revoked(_) | ChainError::Above(_))
    }
}
