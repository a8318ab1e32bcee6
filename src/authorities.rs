//! Refreshes a trust folder with what the authorities publish. Only `pli verify --fetch` runs this.
//!
//! The folder must hold a trust list. Downloads are kept in its sub-folder `fetched`, and each address has an outcome. Only
//! these are asked: the operator of a list in the folder, the authorities that such a list has in accord, and the addresses
//! of revocation lists in certificates that they signed. Only what they signed is kept, and nothing older replaces anything
//! newer. Files are written whole or not at all. A failure at one address does not stop the others.

#[cfg(test)]
#[allow(dead_code, reason = "shared with the tests of `twoddoc`, which use other parts of it")]
#[path = "../crates/twoddoc/src/trust/forged.rs"]
mod forged;
mod network;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::failure::{Exit, Explained};
use crate::files::{hexadecimal, write_whole};

use network::Network;
pub(crate) use network::NetworkFault;
use twoddoc::trust::download::{self, RevocationLists, SuccessionError};
use twoddoc::trust::{TrustError, TrustList, TrustStore, display_safe};

/// The sub-folder of fetched files in a trust folder.
const FETCHED: &str = "fetched";

/// The address at which the ANTS publishes its list, for a list of the ANTS that does not name it.
const ANTS_LIST: &str = "https://pub.ants.gouv.fr/2D-DOC/V1/PRD/01_TSL/tsl_signed.xml";

/// The names of the ANTS as operator of its lists, the current one first.
const ANTS: [&str; 3] = [
    "FRANCE TITRES (ANTS)",
    "AGENCE NATIONALE DES TITRES SÉCURISÉS",
    "AGENCE NATIONALE DES TITRES SÉCURISÉS (ANTS)",
];

/// The most addresses of revocation lists that are asked for one authority.
const MOST_REVOCATION_ADDRESSES: usize = 8;

/// Why nothing was fetched at all.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum FetchError {
    /// The folder can't be read.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The folder holds no trust list.
    #[error("`{}` holds no trust list whose signature holds, so there is nobody to fetch from", .0.display())]
    NoList(PathBuf),
    /// Lists contest each other.
    #[error("no trust list in `{}` counts, so there is nobody to fetch from: {fault}", .folder.display())]
    Contested {
        /// The trust folder.
        folder: PathBuf,
        /// The first contested list's fault.
        fault: String,
    },
    /// The sub-folder can't be made.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Explained for FetchError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        match self {
            FetchError::Trust(_) => "trust_folder",
            FetchError::NoList(_) => "trust_no_list",
            FetchError::Contested { .. } => "trust_lists_contested",
            FetchError::Io(_) => "io",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            FetchError::NoList(_) => Some(format!("put the list of the ANTS there first: {ANTS_LIST}")),
            FetchError::Contested { .. } => {
                Some("leave only the list that the operator's own key signed".to_owned())
            }
            FetchError::Trust(_) | FetchError::Io(_) => None,
        }
    }
}

/// The outcome of asking one address.
#[derive(Debug)]
pub(crate) struct FetchOutcome {
    /// The authority's identifier, or the operator of a trust list.
    pub publisher: String,
    /// The address, if there was one to ask.
    pub address: Option<String>,
    /// What was kept, or why nothing was.
    pub result: Result<Fetched, FetchFault>,
}

/// What was kept of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Fetched {
    /// An issue of a trust list, with its number.
    TrustList(u64),
    /// So many certificates that the authority signed.
    Certificates(usize),
    /// So many revocation lists that the authority signed.
    RevocationLists(usize),
    /// The folder has all of it already.
    Nothing,
}

/// Why nothing of a download was kept. The folder stays as it is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum FetchFault {
    /// The list names no address.
    #[error("the trust list names no address")]
    NoAddress,
    /// The address gave no file.
    #[error(transparent)]
    Network(#[from] NetworkFault),
    /// The file is not the next issue of the list.
    #[error(transparent)]
    Succession(#[from] SuccessionError),
    /// The file holds no certificate of the authority.
    #[error("the file holds no certificate that the authority signed")]
    NoCertificate,
    /// The file holds no revocation list of the authority.
    #[error("the file holds no revocation list that the authority signed")]
    NoRevocationList,
    /// A revocation list is older than the one in the folder.
    #[error("a revocation list is older than the one in the folder")]
    OlderRevocationList,
    /// There are more addresses than are asked.
    #[error(
        "{0} more addresses of revocation lists are not asked: {MOST_REVOCATION_ADDRESSES} at most for one authority"
    )]
    AddressesLeft(usize),
    /// The file can't be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Refreshes a trust folder: its lists first, then what their authorities publish.
///
/// # Errors
/// [`FetchError`]: no address can be asked. A failure at one address is in its outcome.
pub(crate) fn fetch(folder: &Path) -> Result<Vec<FetchOutcome>, FetchError> {
    fetch_through(&Network::new(), folder)
}

fn fetch_through(network: &Network, folder: &Path) -> Result<Vec<FetchOutcome>, FetchError> {
    let store = TrustStore::read(folder)?;
    if let (None, Some(fault)) = (store.trust_lists().next(), store.trust_list_conflicts().first()) {
        return Err(FetchError::Contested { folder: folder.to_owned(), fault: fault.to_string() });
    }
    if store.trust_lists().next().is_none() {
        return Err(FetchError::NoList(folder.to_owned()));
    }
    let fetched = folder.join(FETCHED);
    fs_err::create_dir_all(&fetched)?;
    let mut refresh = Refresh { network, fetched, outcomes: Vec::new() };
    for list in store.trust_lists() {
        refresh.trust_list(list);
    }
    // Authorities may have changed with the new lists.
    let store = TrustStore::read(folder)?;
    for (ca_id, authority) in in_accord(&store) {
        refresh.certificates(&ca_id, &authority);
        refresh.revocations(&ca_id, &authority);
    }
    Ok(refresh.outcomes)
}

/// Certificates and directories of an authority that the lists have in accord.
#[derive(Debug, Default)]
struct Listed {
    certificates: Vec<Vec<u8>>,
    directories: BTreeSet<String>,
}

fn in_accord(store: &TrustStore) -> BTreeMap<String, Listed> {
    let mut authorities: BTreeMap<String, Listed> = BTreeMap::new();
    for service in store.trust_lists().flat_map(|list| &list.services).filter(|service| service.in_accord) {
        let authority = authorities.entry(service.ca_id.clone()).or_default();
        authority.certificates.extend(service.certificates.iter().cloned());
        authority.directories.extend(service.directory.clone());
    }
    authorities
}

/// A refresh in progress.
struct Refresh<'n> {
    network: &'n Network,
    fetched: PathBuf,
    outcomes: Vec<FetchOutcome>,
}

impl Refresh<'_> {
    fn report(&mut self, publisher: &str, address: Option<&str>, result: Result<Fetched, FetchFault>) {
        let (publisher, address) = (publisher.to_owned(), address.map(str::to_owned));
        self.outcomes.push(FetchOutcome { publisher, address, result });
    }

    fn trust_list(&mut self, held: &TrustList) {
        let address = published_at(held);
        let result = match address {
            Some(address) => self.next_issue(held, address),
            None => Err(FetchFault::NoAddress),
        };
        self.report(&held.operator, address, result);
    }

    fn next_issue(&self, held: &TrustList, address: &str) -> Result<Fetched, FetchFault> {
        let download = self.network.get(address)?;
        let list = download::successor(held, &download)?;
        if list == *held {
            return Ok(Fetched::Nothing);
        }
        // One file for each key that signs lists, so that no operator can replace another's.
        let key = download::key_of(&list.signer).unwrap_or_default();
        let short = hexadecimal(&Sha256::digest(&key)[..4]);
        write_whole(&self.fetched.join(format!("trust-list-{short}.xml")), &download)?;
        Ok(Fetched::TrustList(list.sequence))
    }

    fn certificates(&mut self, ca_id: &str, authority: &Listed) {
        if authority.directories.is_empty() {
            self.report(ca_id, None, Err(FetchFault::NoAddress));
        }
        for address in &authority.directories {
            let result = self.directory(ca_id, authority, address);
            self.report(ca_id, Some(address), result);
        }
    }

    fn certificates_file(&self, ca_id: &str) -> PathBuf {
        self.fetched.join(format!("{ca_id}.certificates"))
    }

    /// Adds the certificates of a directory to those fetched before: codes outlive the certificate that signed them,
    /// and directories may drop those that have expired.
    fn directory(&self, ca_id: &str, authority: &Listed, address: &str) -> Result<Fetched, FetchFault> {
        let path = self.certificates_file(ca_id);
        let held = download::certificates(&authority.certificates, &read_if_there(&path)?);
        let found = download::certificates(&authority.certificates, &self.network.get(address)?);
        if found.is_empty() {
            return Err(FetchFault::NoCertificate);
        }
        if found.is_subset(&held) {
            return Ok(Fetched::Nothing);
        }
        write_whole(&path, &download::directory_file(held.union(&found), "pkix-cert"))?;
        Ok(Fetched::Certificates(found.len()))
    }

    /// Asks the addresses in certificates that the authority signed, its own among them if it is self-signed. The certificate
    /// of an authority under a root names the root's revocation list, which nothing in the folder could verify; the trust
    /// list says whether that authority is still in accord.
    fn revocations(&mut self, ca_id: &str, authority: &Listed) {
        let own = authority.certificates.concat();
        let fetched = read_if_there(&self.certificates_file(ca_id)).unwrap_or_default();
        let signed = |file: &[u8]| download::certificates(&authority.certificates, file);
        let addresses = download::revocation_addresses(&(&signed(&own) | &signed(&fetched)));
        let web: Vec<_> = addresses.iter().filter(|address| network::is_web(address)).collect();
        let (asked, left) = web.split_at(web.len().min(MOST_REVOCATION_ADDRESSES));
        for address in asked {
            match self.revocation_list(ca_id, authority, address) {
                Ok(Revocations { kept, older }) => {
                    if older == 0 || kept != Fetched::Nothing {
                        self.report(ca_id, Some(address), Ok(kept));
                    }
                    (0..older).for_each(|_| {
                        self.report(ca_id, Some(address), Err(FetchFault::OlderRevocationList))
                    });
                }
                Err(fault) => self.report(ca_id, Some(address), Err(fault)),
            }
        }
        if !left.is_empty() {
            self.report(ca_id, None, Err(FetchFault::AddressesLeft(left.len())));
        }
    }

    fn revocation_list(
        &self,
        ca_id: &str,
        authority: &Listed,
        address: &str,
    ) -> Result<Revocations, FetchFault> {
        let path = self.fetched.join(format!("{ca_id}.crl"));
        let held = download::revocation_lists(&authority.certificates, &read_if_there(&path)?);
        let found = download::revocation_lists(&authority.certificates, &self.network.get(address)?);
        if found.is_empty() {
            return Err(FetchFault::NoRevocationList);
        }
        let number = found.len();
        let (lists, older) = latest_of(held.clone(), found);
        if lists == held {
            return Ok(Revocations { kept: Fetched::Nothing, older });
        }
        let ders = lists.values().map(|list| &list.der);
        write_whole(&path, &download::directory_file(ders, "pkix-crl"))?;
        Ok(Revocations { kept: Fetched::RevocationLists(number - older), older })
    }
}

/// The revocation lists of one address.
struct Revocations {
    kept: Fetched,
    /// How many were older than those in the folder.
    older: usize,
}

/// Merges new lists into those held and returns how many were left out because they are older: replaying an old list must
/// not lift a revocation.
fn latest_of(mut held: RevocationLists, found: RevocationLists) -> (RevocationLists, usize) {
    let mut older = 0;
    for (kind, list) in found {
        if !download::keep_latest(&mut held, kind, list) {
            older += 1;
        }
    }
    (held, older)
}

/// The address of the next issue of a list.
fn published_at(list: &TrustList) -> Option<&str> {
    let named = list.distribution_points.iter().map(String::as_str).find(|address| network::is_web(address));
    let operator = list.operator.to_uppercase();
    named.or_else(|| ANTS.contains(&operator.as_str()).then_some(ANTS_LIST))
}

/// The largest file of a trust folder that is read, in bytes.
const MAX_KEPT_SIZE: u64 = 64 << 20;

fn read_if_there(path: &Path) -> io::Result<Vec<u8>> {
    match foreign::read(path, MAX_KEPT_SIZE) {
        Ok(bytes) => Ok(bytes),
        Err(unreadable) if unreadable.error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(unreadable) => {
            Err(io::Error::new(unreadable.error.kind(), format!("{}: {unreadable}", unreadable.file)))
        }
    }
}

impl fmt::Display for FetchOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", display_safe(&self.publisher))?;
        match &self.result {
            Ok(kept) => write!(formatter, "{kept}")?,
            Err(fault) => {
                write!(formatter, "nothing kept: {fault}")?;
                if let FetchFault::Succession(error) = fault
                    && let Some(advice) = error.advice()
                {
                    write!(formatter, "; {advice}")?;
                }
            }
        }
        match &self.address {
            Some(address) => write!(formatter, " ({})", display_safe(address)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Fetched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fetched::TrustList(sequence) => write!(formatter, "issue {sequence} of the trust list"),
            Fetched::Certificates(number) => write!(formatter, "certificates: {number}"),
            Fetched::RevocationLists(number) => write!(formatter, "revocation lists: {number}"),
            Fetched::Nothing => formatter.write_str("nothing new"),
        }
    }
}

#[cfg(test)]
mod tests;
