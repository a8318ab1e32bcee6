//! What may be kept of bytes that came over a network, for the folder to find.
//!
//! Takes a download and what the folder knows of its publisher. Gives only what the publisher signed: certificates,
//! revocation lists, and the next issue of a trust list. All but that list is kept in the form of a directory, so it
//! is never trusted for standing in the folder. Contacts nobody.

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

/// The extension that says of what a revocation list is one (RFC 5280 §5.2.5).
const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";

/// Why a downloaded trust list is not taken for the next issue of one that the folder has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SuccessionError {
    /// Not a trust list, or its signature does not hold.
    #[error(transparent)]
    List(#[from] TrustListError),
    /// Signed with another key.
    #[error(
        "issue {sequence} is signed with another key than issue {held} in the folder; if the operator has announced \
         a new key, put the list into the folder by hand"
    )]
    OtherKey {
        /// Its number.
        sequence: u64,
        /// The number of the folder's.
        held: u64,
    },
    /// Older than the folder's.
    #[error("issue {sequence} is older than issue {held} in the folder")]
    Older {
        /// Its number.
        sequence: u64,
        /// The number of the folder's.
        held: u64,
    },
}

/// Reads a download as the same issue of a trust list or a later one, signed with the same key.
///
/// # Errors
/// [`SuccessionError`].
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

/// The key of a certificate, SubjectPublicKeyInfo in DER.
pub fn key_of(certificate: &[u8]) -> Option<Vec<u8>> {
    Certificate::read(certificate).ok().map(|certificate| certificate.key_info)
}

/// The certificates in a download that an authority signed under its own name, each once. `authority` are its own
/// certificates.
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

/// Revocation lists, in DER, by who issued them and what they cover.
pub type RevocationLists = BTreeMap<Vec<u8>, IssuedRevocations>;

/// A revocation list, and when it was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedRevocations {
    /// Seconds since 1970.
    issued: u64,
    /// The list.
    pub der: Vec<u8>,
}

/// The revocation lists in a download that an authority signed, of each kind the latest.
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

/// Keeps the later of two lists of one kind, the one that is there if they are of one time; says whether the new one
/// is not older.
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

/// Where certificates say that revocation lists are published (RFC 5280 §4.2.1.13), each address once.
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

/// Certificates or revocation lists in one file, in the form of a directory (RFC 4387 §2.2).
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

/// Shows `take` each object in DER that a file holds: a directory, PEM blocks, or objects one after the other.
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
