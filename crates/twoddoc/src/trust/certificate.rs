//! Certificates (RFC 5280 §4): what chains and verdicts need of them. Whether one is trusted is decided elsewhere.

use super::super::{KeyError, VerifyingKey};
use super::authority_signature::{self, CheckError};
use super::der::signed_part;
use super::error::DecodeError;
use super::name::DistinguishedName;
use jiff::civil::Date;
use thiserror::Error;
use x509_cert::TbsCertificate;
use x509_cert::certificate::Version;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Time;

/// Extensions that may be critical: those evaluated here, and those that do not restrict a signature.
const KNOWN_EXTENSIONS: [&str; 10] = [
    "2.5.29.14",         // subjectKeyIdentifier
    "2.5.29.15",         // keyUsage
    "2.5.29.17",         // subjectAltName
    "2.5.29.18",         // issuerAltName
    "2.5.29.19",         // basicConstraints
    "2.5.29.31",         // cRLDistributionPoints
    "2.5.29.32",         // certificatePolicies
    "2.5.29.35",         // authorityKeyIdentifier
    "2.5.29.37",         // extKeyUsage
    "1.3.6.1.5.5.7.1.3", // qcStatements
];

/// The uses of which a critical extKeyUsage must name one (RFC 5280 §4.2.1.12).
const DOCUMENT_USES: [&str; 5] = [
    "2.5.29.37.0",             // any
    "1.3.6.1.5.5.7.3.4",       // e-mail protection, frequent in server seal certificates
    "1.3.6.1.5.5.7.3.36",      // documents (RFC 9336)
    "1.3.6.1.4.1.311.10.3.12", // documents, as Microsoft has it
    "1.2.840.113583.1.1.5",    // documents, as Adobe has it
];

/// Why a certificate's key may not be used for what it signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum UseError {
    #[error("its certificate says that its key signs no documents")]
    NotForDocuments,
    #[error("the key usage of its authority's certificate leaves out signing certificates")]
    NotForCertificates,
    #[error("more authorities stand between it and the root than the root allows")]
    PathLength,
    #[error("a certificate is, critically, for {0} alone, and not for signing documents")]
    OtherUses(String),
    #[error("a certificate holds the critical extension {0}, which is not understood here")]
    UnknownExtension(ObjectIdentifier),
}

/// A certificate.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    /// Its subject.
    pub(super) subject: DistinguishedName,
    /// Its issuer.
    pub(super) issuer: DistinguishedName,
    /// Its serial number.
    pub(super) serial: Vec<u8>,
    /// The public key, in DER.
    pub(super) key_info: Vec<u8>,
    /// The public key, if its algorithm signs 2D-DOC.
    pub(super) key: Result<VerifyingKey, KeyError>,
    /// Start of validity.
    pub(super) not_before: Time,
    /// End of validity.
    pub(super) not_after: Time,
    /// First and last day of validity, in UTC.
    pub(super) days: (Date, Date),
    /// Whether it may sign certificates.
    pub(super) is_authority: bool,
    /// Maximum number of authorities between it and a leaf, if limited.
    pub(super) path_length: Option<u8>,
    key_usage: Option<KeyUsage>,
    /// A critical extension that is not in [`KNOWN_EXTENSIONS`].
    unknown_extension: Option<ObjectIdentifier>,
    /// The uses of a critical extKeyUsage, if it names none of [`DOCUMENT_USES`].
    other_uses: Option<String>,
    signed: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
    public_key: SubjectPublicKeyInfoOwned,
}

impl Certificate {
    /// Reads DER.
    pub(super) fn read(der: &[u8]) -> Result<Certificate, DecodeError> {
        let parsed = x509_cert::Certificate::from_der(der)?;
        let content = parsed.tbs_certificate();
        let constraints: Option<BasicConstraints> = extension(content)?;
        let public_key = content.subject_public_key_info().clone();
        let key_info = public_key.to_der()?;
        let validity = content.validity();
        let mut certificate = Certificate {
            subject: DistinguishedName::of(content.subject()),
            issuer: DistinguishedName::of(content.issuer()),
            serial: content.serial_number().as_bytes().to_vec(),
            key: VerifyingKey::from_spki_der(&key_info),
            key_info,
            not_before: validity.not_before,
            not_after: validity.not_after,
            days: (day(&validity.not_before)?, day(&validity.not_after)?),
            is_authority: constraints.as_ref().is_some_and(|constraints| constraints.ca),
            path_length: constraints.and_then(|constraints| constraints.path_len_constraint),
            key_usage: extension(content)?,
            unknown_extension: content
                .extensions()
                .and_then(|all| all.iter().find(|one| is_unknown(one)))
                .map(|one| one.extn_id),
            other_uses: other_uses(content)?,
            signed: signed_part(der).ok_or(DecodeError::Truncated)?.to_vec(),
            algorithm: parsed.signature_algorithm().clone(),
            signature: parsed.signature().as_bytes().ok_or(DecodeError::Truncated)?.to_vec(),
            public_key,
        };
        if content.signature() != parsed.signature_algorithm() {
            return Err(DecodeError::Algorithms);
        }
        certificate.is_authority |= content.version() == Version::V1 && certificate.signs_itself();
        Ok(certificate)
    }

    /// SHA-256 of the signed part and the signature.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        let whole = [self.signed.as_slice(), &self.signature].concat();
        ring::digest::digest(&ring::digest::SHA256, &whole).as_ref().to_vec()
    }

    /// Whether it is self-signed. X.509 v1 roots have no extension that marks them as authorities.
    fn signs_itself(&self) -> bool {
        self.subject == self.issuer && self.check_signature(self).is_ok()
    }

    /// Checks that an authority signed this certificate. SHA-1 is accepted here: see
    /// [`is_weak`](Certificate::is_weak).
    pub(super) fn check_signature(&self, authority: &Certificate) -> Result<(), CheckError> {
        authority.check(&self.algorithm, &self.signed, &self.signature)
    }

    /// Checks that this certificate's key signed bytes.
    pub(super) fn check(
        &self,
        algorithm: &AlgorithmIdentifierOwned,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), CheckError> {
        authority_signature::check(algorithm, &self.public_key, signed, signature)
    }

    /// Whether its signature was made with SHA-1.
    pub(super) fn is_weak(&self) -> bool {
        authority_signature::is_weak(&self.algorithm)
    }

    /// The authority id and certificate id by which codes name it (S326 p. 15-16); `None` for an authority.
    pub(super) fn id(&self) -> Option<(&str, &str)> {
        match (&self.issuer.common_name, &self.subject.common_name) {
            (Some(ca_id), Some(id)) if !self.is_authority => Some((ca_id, id)),
            _ => None,
        }
    }

    /// Checks that its key may sign codes.
    pub(super) fn check_leaf_use(&self) -> Result<(), UseError> {
        let usage = self.key_usage.as_ref();
        if usage.is_some_and(|usage| !usage.digital_signature() && !usage.non_repudiation()) {
            return Err(UseError::NotForDocuments);
        }
        self.check_extensions()
    }

    /// Checks that it may sign certificates, with `below` authorities between it and the leaf.
    pub(super) fn check_authority_use(&self, below: usize) -> Result<(), UseError> {
        if self.key_usage.as_ref().is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(UseError::NotForCertificates);
        }
        if self.path_length.is_some_and(|max| usize::from(max) < below) {
            return Err(UseError::PathLength);
        }
        self.check_extensions()
    }

    /// Whether it may sign revocation lists: its key usage is absent or includes cRLSign (RFC 5280 §6.3.3).
    pub(super) fn may_sign_revocation_lists(&self) -> bool {
        self.key_usage.as_ref().is_none_or(|usage| usage.crl_sign())
    }

    fn check_extensions(&self) -> Result<(), UseError> {
        if let Some(uses) = &self.other_uses {
            return Err(UseError::OtherUses(uses.clone()));
        }
        self.unknown_extension.map_or(Ok(()), |extension| Err(UseError::UnknownExtension(extension)))
    }
}

/// An extension, if the certificate has it.
fn extension<'a, T>(content: &'a TbsCertificate) -> Result<Option<T>, x509_cert::der::Error>
where
    T: x509_cert::der::Decode<'a, Error = x509_cert::der::Error> + x509_cert::der::oid::AssociatedOid,
{
    Ok(content.get_extension::<T>()?.map(|(_, extension)| extension))
}

/// The uses that a critical extKeyUsage names, if none is in [`DOCUMENT_USES`].
fn other_uses(content: &TbsCertificate) -> Result<Option<String>, x509_cert::der::Error> {
    let Some((true, ExtendedKeyUsage(uses))) = content.get_extension()? else { return Ok(None) };
    let uses: Vec<_> = uses.iter().map(ToString::to_string).collect();
    let is_document_use = uses.iter().any(|one| DOCUMENT_USES.contains(&one.as_str()));
    Ok((!is_document_use).then(|| uses.iter().take(8).map(String::as_str).collect::<Vec<_>>().join(", ")))
}

fn is_unknown(extension: &Extension) -> bool {
    extension.critical && !KNOWN_EXTENSIONS.contains(&extension.extn_id.to_string().as_str())
}

/// The day of a time, in UTC.
pub(super) fn day(time: &Time) -> Result<Date, DecodeError> {
    let time = time.to_date_time();
    let date = (i16::try_from(time.year()), i8::try_from(time.month()), i8::try_from(time.day()));
    match date {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).map_err(|_| DecodeError::Date),
        _ => Err(DecodeError::Date),
    }
}
