//! Revocation lists (RFC 5280 §5): which certificates an issuer revoked, when and why.
//!
//! There is no clock, so a list never expires. An entry `removeFromCRL` of a delta list is ignored: it revokes nothing, and
//! lifts no revocation.

use super::authority_signature::CheckError;
use super::certificate::{Certificate, day};
use super::der::signed_part;
use super::error::DecodeError;
use super::name::DistinguishedName;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::CrlReason;
use x509_cert::spki::AlgorithmIdentifierOwned;

const REASON: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");
const CERTIFICATE_ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.29");

/// A revocation list.
#[derive(Debug, Clone)]
pub(super) struct RevocationList {
    /// Its issuer, who also issued the certificates that it revokes.
    pub(super) issuer: DistinguishedName,
    /// Revocations by serial number.
    revoked: BTreeMap<Vec<u8>, Revocation>,
    signed: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
}

/// When a certificate was revoked, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Revocation {
    day: Date,
    reason: Option<CrlReason>,
}

impl RevocationList {
    /// Reads DER.
    ///
    /// # Errors
    /// [`DecodeError::Indirect`] if an entry names another issuer, [`DecodeError::Der`], [`DecodeError::Truncated`] or
    /// [`DecodeError::Date`] if the list is damaged.
    pub(super) fn read(der: &[u8]) -> Result<RevocationList, DecodeError> {
        let parsed: CertificateList = CertificateList::from_der(der)?;
        let content = &parsed.tbs_cert_list;
        let entries = content.revoked_certificates.as_deref().unwrap_or_default();
        if entries.iter().any(|entry| entry_extension(entry, CERTIFICATE_ISSUER).is_some()) {
            return Err(DecodeError::Indirect);
        }
        Ok(RevocationList {
            issuer: DistinguishedName::of(&content.issuer),
            revoked: entries
                .iter()
                .filter_map(|entry| revocation_of(entry).transpose())
                .collect::<Result<_, _>>()?,
            signed: signed_part(der).ok_or(DecodeError::Truncated)?.to_vec(),
            algorithm: parsed.signature_algorithm.clone(),
            signature: parsed.signature.as_bytes().ok_or(DecodeError::Truncated)?.to_vec(),
        })
    }

    /// The revocation of its issuer's certificate with a serial number, if the list has one.
    pub(super) fn revocation(&self, serial: &[u8]) -> Option<&Revocation> {
        self.revoked.get(serial)
    }

    /// Checks that an authority signed it. SHA-1 is accepted, because a forger could only revoke certificates.
    ///
    /// # Errors
    /// [`CheckError::Mismatch`] or [`CheckError::Unsupported`] if the signature is not verified by the authority's key,
    /// [`CheckError::Usage`] if it is and the authority's key usage leaves out cRLSign.
    pub(super) fn check_signature(&self, authority: &Certificate) -> Result<(), CheckError> {
        authority.check(&self.algorithm, &self.signed, &self.signature)?;
        if authority.may_sign_revocation_lists() { Ok(()) } else { Err(CheckError::Usage) }
    }
}

/// The serial number and revocation of an entry; `None` if the entry is `removeFromCRL`.
fn revocation_of(entry: &RevokedCert) -> Result<Option<(Vec<u8>, Revocation)>, DecodeError> {
    let reason =
        entry_extension(entry, REASON).and_then(|one| CrlReason::from_der(one.extn_value.as_bytes()).ok());
    if reason == Some(CrlReason::RemoveFromCRL) {
        return Ok(None);
    }
    let revocation = Revocation { day: day(&entry.revocation_date)?, reason };
    Ok(Some((entry.serial_number.as_bytes().to_vec(), revocation)))
}

fn entry_extension(entry: &RevokedCert, oid: ObjectIdentifier) -> Option<&Extension> {
    entry.crl_entry_extensions.as_deref().unwrap_or_default().iter().find(|one| one.extn_id == oid)
}

impl fmt::Display for Revocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            None | Some(CrlReason::Unspecified | CrlReason::RemoveFromCRL) => {
                return write!(formatter, "{}", self.day);
            }
            Some(CrlReason::KeyCompromise) => "its key was compromised",
            Some(CrlReason::CaCompromise) => "the authority's key was compromised",
            Some(CrlReason::AaCompromise) => "an attribute authority was compromised",
            Some(CrlReason::AffiliationChanged) => "its holder changed affiliation",
            Some(CrlReason::Superseded) => "it was superseded",
            Some(CrlReason::CessationOfOperation) => "its holder ceased to operate",
            Some(CrlReason::CertificateHold) => "it is on hold",
            Some(CrlReason::PrivilegeWithdrawn) => "a privilege was withdrawn",
        };
        write!(formatter, "{} ({reason})", self.day)
    }
}
