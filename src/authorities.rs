//! Refreshes a trust folder with what the authorities publish: `pli verify --fetch`, and nothing else, runs this.
//!
//! Takes a trust folder that holds a trust list. Gives files in its sub-folder `fetched`, and a line for each address
//! that was asked. Contacts nobody but the operator of a list that the folder holds, the authorities that such a list
//! has in accord, and the addresses of revocation lists in certificates that they signed. Keeps nothing that they did
//! not sign, never replaces what is newer, and writes files whole or not at all; a failure leaves the rest to go on.

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
pub use network::NetworkFault;
use twoddoc::trust::download::{self, RevocationLists, SuccessionError};
use twoddoc::trust::{TrustError, TrustList, TrustStore, display_safe};

/// Where fetched files lie in a trust folder.
const FETCHED: &str = "fetched";

/// Where the ANTS publishes its list, should a list of the ANTS not say it.
const ANTS_LIST: &str = "https://pub.ants.gouv.fr/2D-DOC/V1/PRD/01_TSL/tsl_signed.xml";

/// What the ANTS calls itself in its lists, as issued and as it was called before.
const ANTS: [&str; 3] = [
    "FRANCE TITRES (ANTS)",
    "AGENCE NATIONALE DES TITRES SÉCURISÉS",
    "AGENCE NATIONALE DES TITRES SÉCURISÉS (ANTS)",
];

/// Addresses of revocation lists that are asked for one authority.
const MOST_REVOCATION_ADDRESSES: usize = 8;

/// Why nothing was fetched at all.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The folder can't be read.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// No list says who the authorities are.
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

/// What came of one address.
#[derive(Debug)]
pub struct FetchOutcome {
    /// The authority's identifier, or the operator of a trust list.
    pub whose: String,
    /// The address, if there was one to ask.
    pub address: Option<String>,
    /// What was kept.
    pub result: Result<Kept, FetchFault>,
}

/// What was kept of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kept {
    /// An issue of a trust list, by number.
    TrustList(u64),
    /// Certificates that the authority signed.
    Certificates(usize),
    /// Revocation lists that the authority signed.
    RevocationLists(usize),
    /// The folder has all of it already.
    Nothing,
}

/// Why nothing was kept of a download. What the folder had stays.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchFault {
    /// The list names no address.
    #[error("the trust list names no address")]
    NoAddress,
    /// The address gave no file.
    #[error(transparent)]
    Network(#[from] NetworkFault),
    /// Not the next issue of the list.
    #[error(transparent)]
    Succession(#[from] SuccessionError),
    /// No certificate of the authority.
    #[error("the file holds no certificate that the authority signed")]
    NoCertificate,
    /// No revocation list of the authority.
    #[error("the file holds no revocation list that the authority signed")]
    NoRevocationList,
    /// An old revocation list.
    #[error("a revocation list is older than the one in the folder")]
    OlderRevocationList,
    /// More addresses than are asked.
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
/// [`FetchError`]: nothing could be asked for. What fails for one address is in its outcome.
pub fn fetch(folder: &Path) -> Result<Vec<FetchOutcome>, FetchError> {
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
    // The new lists say who the authorities are now.
    let store = TrustStore::read(folder)?;
    for (ca_id, authority) in in_accord(&store) {
        refresh.certificates(&ca_id, &authority);
        refresh.revocations(&ca_id, &authority);
    }
    Ok(refresh.outcomes)
}

/// What the lists say of an authority that they have in accord.
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

/// A refresh under way.
struct Refresh<'n> {
    network: &'n Network,
    fetched: PathBuf,
    outcomes: Vec<FetchOutcome>,
}

impl Refresh<'_> {
    fn tell(&mut self, whose: &str, address: Option<&str>, result: Result<Kept, FetchFault>) {
        let (whose, address) = (whose.to_owned(), address.map(str::to_owned));
        self.outcomes.push(FetchOutcome { whose, address, result });
    }

    fn trust_list(&mut self, held: &TrustList) {
        let address = published_at(held);
        let result = match address {
            Some(address) => self.next_issue(held, address),
            None => Err(FetchFault::NoAddress),
        };
        self.tell(&held.operator, address, result);
    }

    fn next_issue(&self, held: &TrustList, address: &str) -> Result<Kept, FetchFault> {
        let download = self.network.get(address)?;
        let list = download::successor(held, &download)?;
        if list == *held {
            return Ok(Kept::Nothing);
        }
        // One file for each key that signs lists, so that no operator can replace another's.
        let key = download::key_of(&list.signer).unwrap_or_default();
        let short = hexadecimal(&Sha256::digest(&key)[..4]);
        write_whole(&self.fetched.join(format!("trust-list-{short}.xml")), &download)?;
        Ok(Kept::TrustList(list.sequence))
    }

    fn certificates(&mut self, ca_id: &str, authority: &Listed) {
        if authority.directories.is_empty() {
            self.tell(ca_id, None, Err(FetchFault::NoAddress));
        }
        for address in &authority.directories {
            let result = self.directory(ca_id, authority, address);
            self.tell(ca_id, Some(address), result);
        }
    }

    fn certificates_file(&self, ca_id: &str) -> PathBuf {
        self.fetched.join(format!("{ca_id}.certificates"))
    }

    /// Adds the certificates of a directory to those fetched before: codes outlive the certificate that signed them,
    /// and directories may drop those that have expired.
    fn directory(&self, ca_id: &str, authority: &Listed, address: &str) -> Result<Kept, FetchFault> {
        let path = self.certificates_file(ca_id);
        let held = download::certificates(&authority.certificates, &read_if_there(&path)?);
        let found = download::certificates(&authority.certificates, &self.network.get(address)?);
        if found.is_empty() {
            return Err(FetchFault::NoCertificate);
        }
        if found.is_subset(&held) {
            return Ok(Kept::Nothing);
        }
        write_whole(&path, &download::directory_file(held.union(&found), "pkix-cert"))?;
        Ok(Kept::Certificates(found.len()))
    }

    /// Asks the addresses that the authority's own certificates name, those that it signed. The certificate of an
    /// authority under a root names the root's list, which nothing in the folder could vouch for; whether that
    /// authority is still one, the trust list says.
    fn revocations(&mut self, ca_id: &str, authority: &Listed) {
        let own = authority.certificates.concat();
        let fetched = read_if_there(&self.certificates_file(ca_id)).unwrap_or_default();
        let signed = |file: &[u8]| download::certificates(&authority.certificates, file);
        let addresses = download::revocation_addresses(&(&signed(&own) | &signed(&fetched)));
        let web: Vec<_> = addresses.iter().filter(|address| network::is_web(address)).collect();
        let (asked, left) = web.split_at(web.len().min(MOST_REVOCATION_ADDRESSES));
        for address in asked {
            match self.revocation_list(ca_id, authority, address) {
                Ok(Followed { kept, older }) => {
                    if older == 0 || kept != Kept::Nothing {
                        self.tell(ca_id, Some(address), Ok(kept));
                    }
                    (0..older)
                        .for_each(|_| self.tell(ca_id, Some(address), Err(FetchFault::OlderRevocationList)));
                }
                Err(fault) => self.tell(ca_id, Some(address), Err(fault)),
            }
        }
        if !left.is_empty() {
            self.tell(ca_id, None, Err(FetchFault::AddressesLeft(left.len())));
        }
    }

    fn revocation_list(
        &self,
        ca_id: &str,
        authority: &Listed,
        address: &str,
    ) -> Result<Followed, FetchFault> {
        let path = self.fetched.join(format!("{ca_id}.crl"));
        let held = download::revocation_lists(&authority.certificates, &read_if_there(&path)?);
        let found = download::revocation_lists(&authority.certificates, &self.network.get(address)?);
        if found.is_empty() {
            return Err(FetchFault::NoRevocationList);
        }
        let number = found.len();
        let (lists, older) = latest_of(held.clone(), found);
        if lists == held {
            return Ok(Followed { kept: Kept::Nothing, older });
        }
        let ders = lists.values().map(|list| &list.der);
        write_whole(&path, &download::directory_file(ders, "pkix-crl"))?;
        Ok(Followed { kept: Kept::RevocationLists(number - older), older })
    }
}

/// What came of the revocation lists at one address.
struct Followed {
    kept: Kept,
    /// How many were older than what the folder had.
    older: usize,
}

/// Takes new lists in, but those that are older than what is held: a list that is sent again lifts no revocation. Says
/// how many those were.
fn latest_of(mut held: RevocationLists, found: RevocationLists) -> (RevocationLists, usize) {
    let mut older = 0;
    for (kind, list) in found {
        if !download::keep_latest(&mut held, kind, list) {
            older += 1;
        }
    }
    (held, older)
}

/// Where the next issue of a list is to be found.
fn published_at(list: &TrustList) -> Option<&str> {
    let named = list.distribution_points.iter().map(String::as_str).find(|address| network::is_web(address));
    let operator = list.operator.to_uppercase();
    named.or_else(|| ANTS.contains(&operator.as_str()).then_some(ANTS_LIST))
}

fn read_if_there(path: &Path) -> io::Result<Vec<u8>> {
    match fs_err::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        result => result,
    }
}

impl fmt::Display for FetchOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", display_safe(&self.whose))?;
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

impl fmt::Display for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kept::TrustList(sequence) => write!(formatter, "issue {sequence} of the trust list"),
            Kept::Certificates(number) => write!(formatter, "certificates: {number}"),
            Kept::RevocationLists(number) => write!(formatter, "revocation lists: {number}"),
            Kept::Nothing => formatter.write_str("nothing new"),
        }
    }
}

#[cfg(test)]
mod tests;
