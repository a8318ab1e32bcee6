//! The files of a lot against the certificate's digests and sizes.

use std::collections::BTreeSet;
use std::io;

use rayon::prelude::*;

use super::finding::FoundLot;
use super::report::{Fault, LotReport};
use crate::certificate::{Certificate, CertifiedFile, certificate_name, salts_name};
use crate::files::sha256_of_reader;

/// Compares every file, and names those that are missing or too many.
pub(super) fn check_files(lot: &FoundLot, certificate: &Certificate, report: &mut LotReport) {
    let faults: Vec<Option<Fault>> = certificate.files.par_iter().map(|file| fault_of(lot, file)).collect();
    for fault in faults {
        match fault {
            None => report.checked.files += 1,
            Some(fault) => report.fault(fault),
        }
    }
    let own = [certificate_name(&lot.name), salts_name(&lot.name)];
    let mut known: BTreeSet<&str> = own.iter().map(String::as_str).collect();
    for file in &certificate.files {
        if !known.insert(&file.name) {
            report.fault(Fault::of_file("file_twice", &file.name, "the certificate names it twice"));
        }
    }
    for added in lot.files.iter().filter(|name| !known.contains(name.as_str())) {
        report.fault(Fault::of_file("file_added", added, "the certificate knows nothing of it"));
    }
}

/// The fault of a file; `None` for one that has the certified bytes.
fn fault_of(lot: &FoundLot, file: &CertifiedFile) -> Option<Fault> {
    let path = lot.folder.join(&file.name);
    let opened = match foreign::open_regular(&path) {
        Ok(opened) => opened,
        Err(unreadable) if unreadable.error.kind() == io::ErrorKind::NotFound => {
            return Some(Fault::of_file("file_missing", &file.name, "it is not there"));
        }
        Err(unreadable) => {
            return Some(Fault::of_file("file_unreadable", &file.name, unreadable.error.to_string()));
        }
    };
    let bytes = opened.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    if bytes != file.bytes {
        let message = format!("it has {bytes} bytes, and the certificate says {}", file.bytes);
        return Some(Fault::of_file("file_altered", &file.name, message));
    }
    match sha256_of_reader(opened) {
        Err(error) => Some(Fault::of_file("file_unreadable", &file.name, error.to_string())),
        Ok(sha256) if sha256 != file.sha256 => {
            Some(Fault::of_file("file_altered", &file.name, "its bytes are not those of the certificate"))
        }
        Ok(_) => None,
    }
}
