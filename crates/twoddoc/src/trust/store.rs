//! The contents of a trust folder. Each certificate is parsed and stored once.

use super::certificate::Certificate;
use super::content::{self, Content, Item, Location, PublicKey, Skipped};
use super::error::{SkippedFile, TrustError, TrustFault, limit_per_file};
use super::folder::{self, Found};
use super::index::Index;
use super::key_trust::KeyTrust;
use super::name::{display_safe, display_safe_within};
use super::revocation::RevocationList;
use super::revocation_list_selection::Revocations;
use super::trust_list::TrustList;
use super::trust_list_selection::{StoredTrustList, TrustListSelection};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// Maximum length of a fault's message, in characters.
const MAX_MESSAGE: usize = 600;

/// The certificates, keys and lists of a trust folder.
#[derive(Debug, Default)]
pub struct TrustStore {
    pub(super) certificates: Vec<StoredCertificate>,
    pub(super) public_keys: Vec<StoredKey>,
    pub(super) trust_lists: Vec<StoredTrustList>,
    pub(super) revocation_lists: Vec<StoredRevocationList>,
    /// Indexes of certificates by fingerprint, so that none is stored twice.
    by_fingerprint: BTreeMap<Vec<u8>, usize>,
    /// Indexes of certificates by subject name.
    pub(super) by_subject: BTreeMap<String, Vec<usize>>,
    /// Indexes of leaves by authority and certificate id.
    pub(super) by_id: BTreeMap<(String, String), Vec<usize>>,
    faults: Vec<TrustFault>,
    skipped: Vec<SkippedFile>,
    /// What is derived from the whole content, each part when first needed.
    pub(super) derived: OnceLock<Derived>,
}

/// What is derived from the whole folder.
#[derive(Debug, Default)]
pub(super) struct Derived {
    /// Whether each certificate's key is trusted to sign codes.
    pub(super) key_trust: Vec<OnceLock<KeyTrust>>,
    pub(super) revocations: OnceLock<Revocations>,
    pub(super) trust_list_selection: OnceLock<TrustListSelection>,
    pub(super) index: OnceLock<Index>,
}

/// A certificate and where it was found.
#[derive(Debug)]
pub(super) struct StoredCertificate {
    pub(super) certificate: Certificate,
    /// The file that contains it, if that is not a directory.
    pub(super) file: Option<String>,
    /// The directory that contains it.
    pub(super) directory: Option<String>,
    /// The services of trust lists that have it: indexes of list and service.
    pub(super) listed: Vec<(usize, usize)>,
}

/// A public key and its file.
#[derive(Debug)]
pub(super) struct StoredKey {
    pub(super) key: PublicKey,
    pub(super) file: String,
}

/// A revocation list and its file.
#[derive(Debug)]
pub(super) struct StoredRevocationList {
    pub(super) list: RevocationList,
    pub(super) file: String,
    pub(super) location: Location,
    pub(super) in_directory: bool,
}

impl TrustStore {
    /// Reads a folder and its sub-folders. Damaged content is reported by [`faults`](TrustStore::faults), files that are
    /// not used by [`skipped`](TrustStore::skipped).
    ///
    /// # Errors
    /// [`TrustError::NotFound`] if the folder does not exist, [`TrustError::NotAFolder`] if it is a file,
    /// [`TrustError::TooMany`] if it has more than 20 000 entries, [`TrustError::Io`] if it or a file can't be read.
    pub fn read(folder: &Path) -> Result<TrustStore, TrustError> {
        let mut store = TrustStore::default();
        folder::walk(folder, |file| match file.found {
            Found::Bytes(bytes) => store.add(&file.name, &bytes),
            Found::TooLarge => {
                store.add_fault(&file.name, None, "larger than anything a trust folder holds".to_owned())
            }
            Found::Again => {
                let reason = "another name of a file that was read".to_owned();
                store.skipped.push(SkippedFile { file: file.name, reason, notable: false });
            }
            Found::NotAFile(reason) => {
                let reason = reason.to_owned();
                store.skipped.push(SkippedFile { file: file.name, reason, notable: true });
            }
        })?;
        Ok(store)
    }

    /// Adds a file's bytes. The name is used in messages only.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        self.derived = OnceLock::new();
        let name = &display_safe(name);
        let Content { items, faults, skipped, is_directory } = content::read(bytes);
        let earlier = self.faults.len();
        for (location, item) in items {
            self.add_item(name, location, item, is_directory);
        }
        for (location, message) in faults {
            self.add_fault(name, location, message);
        }
        let own = self.faults.split_off(earlier);
        self.faults.extend(limit_per_file(own));
        for Skipped { reason, notable } in skipped {
            self.skipped.push(SkippedFile { file: name.to_owned(), reason, notable });
        }
    }

    /// Damaged or unusable content, including revocation lists with a wrong signature and conflicting trust lists.
    #[must_use]
    pub fn faults(&self) -> Vec<&TrustFault> {
        self.faults.iter().chain(self.trust_list_conflicts()).chain(&self.revocations().faults).collect()
    }

    /// A fault for each trust list whose operator has a list signed with another key.
    pub fn trust_list_conflicts(&self) -> &[TrustFault] {
        &self.trust_list_selection().faults
    }

    /// Files, and parts of files, that are not used.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedFile] {
        &self.skipped
    }

    /// Whether it holds neither certificates nor public keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.public_keys.is_empty()
    }

    fn add_fault(&mut self, name: &str, location: Location, message: String) {
        let message = display_safe_within(&message, MAX_MESSAGE);
        self.faults.push(TrustFault { file: name.to_owned(), location, message });
    }

    fn add_item(&mut self, name: &str, location: Location, item: Item, in_directory: bool) {
        let file = name.to_owned();
        match item {
            Item::Certificate(certificate) if in_directory => {
                self.insert(*certificate).directory = Some(file)
            }
            Item::Certificate(certificate) => self.insert(*certificate).file = Some(file),
            Item::RevocationList(list) => {
                self.revocation_lists.push(StoredRevocationList {
                    list: *list,
                    file,
                    location,
                    in_directory,
                });
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
                    Ok(certificate) => self.insert(certificate).listed.push((index, number)),
                    Err(damage) => {
                        let location = Some(format!("service `{}`", display_safe(&service.ca_id)));
                        self.add_fault(name, location, format!("its certificate can't be read; {damage}"));
                    }
                }
            }
        }
        self.trust_lists.push(StoredTrustList::new(list, name));
    }

    /// Stores a certificate unless it is stored already; returns the stored one.
    fn insert(&mut self, certificate: Certificate) -> &mut StoredCertificate {
        let index = *self.by_fingerprint.entry(certificate.fingerprint()).or_insert(self.certificates.len());
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
            key_trust: self.certificates.iter().map(|_| OnceLock::new()).collect(),
            ..Derived::default()
        })
    }
}

impl StoredCertificate {
    /// Where it was found, for messages.
    pub(super) fn location(&self) -> &str {
        self.file.as_deref().or(self.directory.as_deref()).unwrap_or("a trust list")
    }
}
