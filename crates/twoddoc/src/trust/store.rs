//! What the folder holds, each certificate parsed once.

use super::anchors::Revocations;
use super::certificate::Certificate;
use super::chain::KeyTrust;
use super::content::{self, Aside, Content, Item, Place, PublicKey};
use super::error::{SkippedFile, TrustError, TrustFault, limit_per_file};
use super::folder::{self, Found};
use super::index::Index;
use super::name::{legible, legible_within};
use super::revocation::RevocationList;
use super::trust_list::TrustList;
use super::trust_list_selection::{StoredTrustList, TrustListSelection};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// The most characters of a fault's message.
const MAX_MESSAGE: usize = 600;

/// What is trusted, and what is known about it.
#[derive(Debug, Default)]
pub struct TrustStore {
    pub(super) certificates: Vec<StoredCertificate>,
    pub(super) public_keys: Vec<StoredKey>,
    pub(super) trust_lists: Vec<StoredTrustList>,
    pub(super) revocation_lists: Vec<StoredRevocationList>,
    /// Certificates by what they are, so that none is stored twice.
    known: BTreeMap<Vec<u8>, usize>,
    /// Certificates by the name of their subject.
    pub(super) by_subject: BTreeMap<String, Vec<usize>>,
    /// Leaves by authority and certificate id.
    pub(super) by_id: BTreeMap<(String, String), Vec<usize>>,
    faults: Vec<TrustFault>,
    skipped: Vec<SkippedFile>,
    /// What follows from all of it, as far as it was asked for.
    pub(super) derived: OnceLock<Derived>,
}

/// What follows from the whole folder.
#[derive(Debug, Default)]
pub(super) struct Derived {
    /// Whether each certificate's key may sign codes.
    pub(super) standings: Vec<OnceLock<KeyTrust>>,
    pub(super) revocations: OnceLock<Revocations>,
    pub(super) issues: OnceLock<TrustListSelection>,
    pub(super) index: OnceLock<Index>,
}

/// A certificate, and where it stands.
#[derive(Debug)]
pub(super) struct StoredCertificate {
    pub(super) certificate: Certificate,
    /// The file that holds it, for its own sake.
    pub(super) file: Option<String>,
    /// The directory that holds it.
    pub(super) directory: Option<String>,
    /// The trust lists that hold it: list and service.
    pub(super) listed: Vec<(usize, usize)>,
}

/// A public key, and where it stands.
#[derive(Debug)]
pub(super) struct StoredKey {
    pub(super) key: PublicKey,
    pub(super) file: String,
}

/// A revocation list, and where it stands.
#[derive(Debug)]
pub(super) struct StoredRevocationList {
    pub(super) list: RevocationList,
    pub(super) file: String,
    pub(super) place: Place,
    pub(super) in_directory: bool,
}

impl TrustStore {
    /// Reads a folder and its sub-folders. Damaged files are [`faults`](TrustStore::faults), and what is
    /// nothing of trust is [`skipped`](TrustStore::skipped).
    ///
    /// # Errors
    /// [`TrustError`]: the folder, or a file in it, can't be opened.
    pub fn read(folder: &Path) -> Result<TrustStore, TrustError> {
        let mut store = TrustStore::default();
        folder::walk(folder, |file| match file.found {
            Found::Bytes(bytes) => store.add(&file.name, &bytes),
            Found::TooLarge => {
                store.add_fault(&file.name, None, "larger than anything a trust folder holds".to_owned())
            }
            Found::NoFile(reason) => {
                let reason = reason.to_owned();
                store.skipped.push(SkippedFile { file: file.name, reason, notable: true });
            }
        })?;
        Ok(store)
    }

    /// Adds a file, known by a name and its bytes.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        self.derived = OnceLock::new();
        let name = &legible(name);
        let Content { items, faults, skipped, is_directory } = content::read(bytes);
        let earlier = self.faults.len();
        for (place, item) in items {
            self.add_item(name, place, item, is_directory);
        }
        for (place, message) in faults {
            self.add_fault(name, place, message);
        }
        let own = self.faults.split_off(earlier);
        self.faults.extend(limit_per_file(own));
        for Aside { reason, notable } in skipped {
            self.skipped.push(SkippedFile { file: name.to_owned(), reason, notable });
        }
    }

    /// What is damaged or can't be used, revocation lists with a wrong signature and contested trust lists included.
    #[must_use]
    pub fn faults(&self) -> Vec<&TrustFault> {
        self.faults.iter().chain(self.contested_lists()).chain(&self.revocations().faults).collect()
    }

    /// The trust lists that are signed with different keys for one operator.
    pub fn contested_lists(&self) -> &[TrustFault] {
        &self.issues().faults
    }

    /// What is nothing of trust.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedFile] {
        &self.skipped
    }

    /// Whether nothing in it can vouch for any code.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.public_keys.is_empty()
    }

    fn add_fault(&mut self, name: &str, place: Place, message: String) {
        let message = legible_within(&message, MAX_MESSAGE);
        self.faults.push(TrustFault { file: name.to_owned(), place, message });
    }

    fn add_item(&mut self, name: &str, place: Place, item: Item, in_directory: bool) {
        let file = name.to_owned();
        match item {
            Item::Certificate(certificate) if in_directory => self.hold(*certificate).directory = Some(file),
            Item::Certificate(certificate) => self.hold(*certificate).file = Some(file),
            Item::RevocationList(list) => {
                self.revocation_lists.push(StoredRevocationList { list: *list, file, place, in_directory });
            }
            Item::PublicKey(key) => self.public_keys.push(StoredKey { key: *key, file }),
            Item::TrustList(list) => self.add_trust_list(name, *list),
        }
    }

    pub(super) fn add_trust_list(&mut self, name: &str, list: TrustList) {
        self.derived = OnceLock::new();
        let index = self.trust_lists.len();
        for (number, service) in list.services.iter().enumerate() {
            for der in &service.certificates {
                match Certificate::read(der) {
                    Ok(certificate) => self.hold(certificate).listed.push((index, number)),
                    Err(damage) => {
                        let place = Some(format!("service `{}`", legible(&service.ca_id)));
                        self.add_fault(name, place, format!("its certificate can't be read; {damage}"));
                    }
                }
            }
        }
        self.trust_lists.push(StoredTrustList::new(list, name));
    }

    /// The place where a certificate is stored, once however often it stands in the folder.
    fn hold(&mut self, certificate: Certificate) -> &mut StoredCertificate {
        let index = *self.known.entry(certificate.fingerprint()).or_insert(self.certificates.len());
        if index == self.certificates.len() {
            self.by_subject.entry(certificate.subject.normalised.clone()).or_default().push(index);
            if let Some((ca_id, id)) = certificate.id() {
                self.by_id.entry((ca_id.to_owned(), id.to_owned())).or_default().push(index);
            }
            let (file, directory, listed) = (None, None, Vec::new());
            self.certificates.push(StoredCertificate { certificate, file, directory, listed });
        }
        &mut self.certificates[index]
    }

    pub(super) fn derived(&self) -> &Derived {
        self.derived.get_or_init(|| Derived {
            standings: self.certificates.iter().map(|_| OnceLock::new()).collect(),
            ..Derived::default()
        })
    }
}

impl StoredCertificate {
    /// The file that holds it, to be named.
    pub(super) fn place(&self) -> &str {
        self.file.as_deref().or(self.directory.as_deref()).unwrap_or("a trust list")
    }
}
