//! Filters downloads for a trust folder: the caller downloads, and stores only what these functions return.
//!
//! They return what the publisher signed: certificates, revocation lists, and the next issue of a trust list. Certificates
//! and revocation lists are stored in the format of a directory, so that they are not trusted for being in the folder.

use super::certificate::Certificate;
use super::der::{SEQUENCE, element};
use super::revocation::RevocationList;
use super::trust_list::{self, TrustList, TrustListError};
use super::{directory, pem};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;
use x509_cert::crl::CertificateList;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::CrlDistributionPoints;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

/// The extension that says which certificates a revocation list covers (RFC 5280 §5.2.5).
const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";

/// Why a download is not the next issue of a trust list in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SuccessionError {
    /// It is no trust list, or its signature is not valid.
    #[error(transparent)]
    List(#[from] TrustListError),
    /// It is signed with another key.
    #[error("issue {sequence} is signed with another key than issue {held} in the folder")]
    OtherKey {
        /// Its sequence number.
        sequence: u64,
        /// The sequence number of the list in the folder.
        held: u64,
    },
    /// Its sequence number is lower.
    #[error("issue {sequence} is older than issue {held} in the folder")]
    Older {
        /// Its sequence number.
        sequence: u64,
        /// The sequence number of the list in the folder.
        held: u64,
    },
}

impl SuccessionError {
    /// What the user can do about it, if there is something.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            SuccessionError::OtherKey { .. } => {
                Some("if the operator has announced a new key, put the list into the folder by hand")
            }
            _ => None,
        }
    }
}

/// Reads a download as the same issue of a trust list or a later one, signed with the same key.
///
/// # Errors
/// [`SuccessionError::List`] if the download is no trust list with a valid signature, [`SuccessionError::OtherKey`] if
/// another key signed it, [`SuccessionError::Older`] if its sequence number is lower.
pub fn successor(held: &TrustList, download: &[u8]) -> Result<TrustList, SuccessionError> {
    let list = trust_list::read(download)?;
    let (sequence, held_sequence) = (list.sequence, held.sequence);
    if key_of(&list.signer).is_none() || key_of(&list.signer) != key_of(&held.signer) {
        return Err(SuccessionError::OtherKey { sequence, held: held_sequence });
    }
    if sequence < held_sequence {
        return Err(SuccessionError::Older { sequence, held: held_sequence });
    }
    Ok(list)
}

/// The public key of a certificate, SubjectPublicKeyInfo in DER; `None` if the certificate can't be read.
pub fn key_of(certificate: &[u8]) -> Option<Vec<u8>> {
    Certificate::read(certificate).ok().map(|certificate| certificate.key_info)
}

/// The certificates in a download that an authority issued and signed. `authority`: its own certificates, in DER.
pub fn certificates(authority: &[Vec<u8>], download: &[u8]) -> BTreeSet<Vec<u8>> {
    let authority = read_all(authority);
    let mut certificates = BTreeSet::new();
    for_each_object(download, &mut |object| {
        if certificates.contains(object) {
            return;
        }
        let Ok(certificate) = Certificate::read(object) else { return };
        let is_issuer = |issuer: &&Certificate| issuer.subject.normalised == certificate.issuer.normalised;
        let mut issuers = authority.iter().filter(is_issuer);
        if issuers.any(|issuer| certificate.check_signature(issuer).is_ok()) {
            certificates.insert(object.to_vec());
        }
    });
    certificates
}

/// Revocation lists by issuer and distribution point.
pub type RevocationLists = BTreeMap<Vec<u8>, IssuedRevocations>;

/// A revocation list, and when it was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedRevocations {
    /// Seconds since 1970-01-01.
    issued: u64,
    /// The list, in DER.
    pub der: Vec<u8>,
}

/// The revocation lists in a download that an authority signed: the latest for each issuer and distribution point.
pub fn revocation_lists(authority: &[Vec<u8>], download: &[u8]) -> RevocationLists {
    let authority = read_all(authority);
    let mut lists = RevocationLists::new();
    for_each_object(download, &mut |object| {
        let Ok(list) = RevocationList::read(object) else { return };
        let mut issuers =
            authority.iter().filter(|issuer| issuer.subject.normalised == list.issuer.normalised);
        if issuers.any(|issuer| list.check_signature(issuer).is_ok())
            && let Some((kind, issued)) = kind_and_time(object)
        {
            keep_latest(&mut lists, kind, IssuedRevocations { issued, der: object.to_vec() });
        }
    });
    lists
}

/// Adds a list unless one of its kind is there that was issued at the same time or later. Returns `false` if the new list
/// is older.
pub fn keep_latest(lists: &mut RevocationLists, kind: Vec<u8>, list: IssuedRevocations) -> bool {
    let latest = lists.entry(kind).or_insert_with(|| list.clone());
    if latest.issued < list.issued {
        *latest = list;
        return true;
    }
    latest.issued == list.issued
}

/// Issuer and distribution point, and when the list was issued.
fn kind_and_time(list: &[u8]) -> Option<(Vec<u8>, u64)> {
    let list: CertificateList = CertificateList::from_der(list).ok()?;
    let content = &list.tbs_cert_list;
    let mut kind = content.issuer.to_der().ok()?;
    let extensions = content.crl_extensions.iter().flatten();
    for extension in extensions.filter(|one| one.extn_id.to_string() == ISSUING_DISTRIBUTION_POINT) {
        kind.extend(extension.extn_value.as_bytes());
    }
    Some((kind, content.this_update.to_unix_duration().as_secs()))
}

/// The addresses of revocation lists in certificates (RFC 5280 §4.2.1.13).
pub fn revocation_addresses<'c>(certificates: impl IntoIterator<Item = &'c Vec<u8>>) -> BTreeSet<String> {
    certificates.into_iter().filter_map(|der| addresses_of(der)).flatten().collect()
}

fn addresses_of(der: &[u8]) -> Option<Vec<String>> {
    let certificate = x509_cert::Certificate::from_der(der).ok()?;
    let (_, points) = certificate.tbs_certificate().get_extension::<CrlDistributionPoints>().ok()??;
    let names = points.0.iter().filter_map(|point| match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => Some(names),
        _ => None,
    });
    let address = |name: &GeneralName| match name {
        GeneralName::UniformResourceIdentifier(address) => Some(address.as_str().to_owned()),
        _ => None,
    };
    Some(names.flatten().filter_map(address).collect())
}

/// Writes certificates or revocation lists into one file in the format of a directory (RFC 4387 §2.2).
pub fn directory_file<'o>(objects: impl IntoIterator<Item = &'o Vec<u8>>, media_type: &str) -> Vec<u8> {
    let mut file = Vec::new();
    for object in objects {
        let head = format!(
            "--part\r\nContent-Type: application/{media_type}\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        );
        file.extend([head.as_bytes(), object, b"\r\n"].concat());
    }
    file.extend(b"--part--\r\n");
    file
}

fn read_all(certificates: &[Vec<u8>]) -> Vec<Certificate> {
    certificates.iter().filter_map(|der| Certificate::read(der).ok()).collect()
}

/// Calls `take` with each DER object of a file: a directory, PEM blocks, or objects in a row.
fn for_each_object(file: &[u8], take: &mut impl FnMut(&[u8])) {
    let text = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file).trim_ascii_start();
    match directory::parts(text) {
        Some(parts) => parts.iter().flatten().for_each(|part| for_each_in_part(part, take)),
        None => for_each_in_part(text, take),
    }
}

fn for_each_in_part(part: &[u8], take: &mut impl FnMut(&[u8])) {
    if part.first() != Some(&SEQUENCE) {
        let blocks = pem::blocks(part);
        return blocks.iter().filter_map(pem::Block::decode).for_each(|object| take(&object));
    }
    let mut rest = part;
    while let Some(object) = element(rest) {
        take(object.whole);
        rest = object.rest.trim_ascii_start();
    }
}

#[cfg(test)]
mod tests;
