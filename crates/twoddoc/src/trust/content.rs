//! Recognises what a file of the folder contains, from its bytes. File names play no part.
//!
//! Reads certificates, public keys, trust lists and revocation lists. Damaged ones are faults. Other content is skipped.
//! Private keys are never decoded.

mod public_key;
mod skipped;

pub(super) use public_key::{PublicKey, SigningDays};
pub(super) use skipped::Skipped;

use super::super::{KeyError, VerifyingKey};
use super::certificate::Certificate;
use super::der::{ObjectKind, element};
use super::directory;
use super::pem::{self, Block};
use super::revocation::RevocationList;
use super::text_encoding::{after_last_block, is_object, to_plain_bytes, unarmoured_base64};
use super::trust_list::{self, TrustList};
use public_key::{CertificateId, read_lines};

/// The start of a PEM block.
const PEM_BEGIN: &[u8] = b"-----BEGIN ";

/// Maximum number of skipped parts reported for one file.
const MAX_SKIPPED: usize = 20;

/// Something that a trust folder contains.
#[derive(Debug)]
pub(super) enum Item {
    Certificate(Box<Certificate>),
    RevocationList(Box<RevocationList>),
    PublicKey(Box<PublicKey>),
    TrustList(Box<TrustList>),
}

/// The content of a file.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The items, each with its location.
    pub(super) items: Vec<(Location, Item)>,
    /// What is damaged, each with its location.
    pub(super) faults: Vec<(Location, String)>,
    /// What is not used.
    pub(super) skipped: Vec<Skipped>,
    /// Whether the file is the directory of an authority.
    pub(super) is_directory: bool,
}

/// Where something is in a file, if the file contains more than one thing: `block 2`.
pub(super) type Location = Option<String>;

/// Reads a file.
pub(super) fn read(file: &[u8]) -> Content {
    let mut content = Content::default();
    let text = to_plain_bytes(file);
    content.add_file(&text);
    if content.items.is_empty() && content.faults.is_empty() && content.skipped.is_empty() {
        content.skip(Skipped::file(&text));
    }
    content
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

impl Content {
    /// Adds a skipped part, unless the same is there or the limit is reached.
    fn skip(&mut self, skipped: Skipped) {
        let skipped = match self.skipped.len() < MAX_SKIPPED {
            true => skipped,
            false => Skipped::notable("and more of the kind"),
        };
        if !self.skipped.contains(&skipped) {
            self.skipped.push(skipped);
        }
    }

    fn add_file(&mut self, text: &[u8]) {
        if is_object(text) {
            self.add_series(text);
        } else if let Some(parts) = directory::parts(text) {
            self.add_directory(&parts);
        } else if text.starts_with(b"<") {
            self.add_xml(text);
        } else if contains(text, PEM_BEGIN) {
            self.add_pem(text);
        } else if let Some(objects) = unarmoured_base64(text) {
            self.add_series(&objects);
        }
    }

    /// Adds PEM blocks, and DER objects after the last one.
    fn add_pem(&mut self, text: &[u8]) {
        pem::blocks(text).iter().zip(1..).for_each(|(block, number)| self.add_block(block, number));
        let tail = after_last_block(text);
        if is_object(tail) {
            self.add_series(tail);
        }
    }

    /// Adds the DER objects of a file. A file of several certificates is a directory: authorities publish theirs in this
    /// form too.
    fn add_series(&mut self, objects: &[u8]) {
        if self.add_objects(objects, None) > 1 {
            self.mark_as_directory();
        }
    }

    /// Marks the file as a directory. Of a directory, only certificates and revocation lists are used.
    fn mark_as_directory(&mut self) {
        self.is_directory = true;
        self.items.retain(|(_, item)| matches!(item, Item::Certificate(_) | Item::RevocationList(_)));
    }

    fn fault(&mut self, location: Location, message: impl ToString) {
        self.faults.push((location, message.to_string()));
    }

    fn add_xml(&mut self, text: &[u8]) {
        if !contains(text, b"TrustServiceStatusList") {
            return self.skip(Skipped::irrelevant("XML, but no trust list"));
        }
        match trust_list::read(text) {
            Ok(list) => self.items.push((None, Item::TrustList(Box::new(list)))),
            Err(error) => self.fault(None, error),
        }
    }

    /// Adds the parts of a multipart directory.
    fn add_directory(&mut self, parts: &[Option<std::borrow::Cow<'_, [u8]>>]) {
        for (part, number) in parts.iter().zip(1..) {
            let location = Some(format!("part {number}"));
            match part {
                Some(part) if !is_object(part) && contains(part, PEM_BEGIN) => {
                    pem::blocks(part).iter().for_each(|block| self.add_block(block, number));
                }
                Some(part) if part.trim_ascii().is_empty() => {}
                Some(part) => {
                    self.add_objects(part, location);
                }
                None => self.fault(location, "damaged: no Base64"),
            }
        }
        self.mark_as_directory();
    }

    /// Adds DER objects in a row, up to the first damaged one, and PEM blocks after them. Returns the number of
    /// certificates, damaged ones included.
    fn add_objects(&mut self, objects: &[u8], location: Location) -> usize {
        let mut rest = objects.trim_ascii_start();
        let mut certificates = 0;
        for number in 1.. {
            let found = element(rest);
            let (object, after) = found.map_or((rest, &[][..]), |found| (found.whole, found.rest));
            rest = after.trim_ascii_start();
            let own = (number > 1 || !rest.is_empty()).then(|| format!("object {number}"));
            certificates += usize::from(ObjectKind::of(object) == ObjectKind::Certificate);
            let earlier = self.faults.len();
            self.add_object(object, location.clone().or(own));
            if rest.is_empty() {
                break;
            }
            if let Some((_, message)) = self.faults.get_mut(earlier) {
                message.push_str("; what follows it is not read");
                break;
            }
            if rest.starts_with(PEM_BEGIN) {
                self.add_pem(rest);
                break;
            }
        }
        certificates
    }

    fn add_object(&mut self, object: &[u8], location: Location) {
        match ObjectKind::of(object) {
            ObjectKind::Certificate => self.add_certificate(object, location),
            ObjectKind::RevocationList => self.add_revocation_list(object, location),
            ObjectKind::PublicKey => {
                self.add_public_key(object, location, (Vec::new(), SigningDays::default()))
            }
            other => match Skipped::object(other) {
                Some(skipped) => self.skip(skipped),
                None => self.fault(location, "this is no certificate, public key or revocation list"),
            },
        }
    }

    fn add_block(&mut self, block: &Block<'_>, number: usize) {
        let location = Some(format!("block {number}"));
        let label = block.label.as_str();
        if label.ends_with("PRIVATE KEY") {
            return self.skip(Skipped::private_key());
        }
        let known = matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "X509 CRL" | "CRL" | "PUBLIC KEY");
        match (known, block.decode()) {
            (false, _) => self.skip(Skipped::block(label)),
            (true, None) => self.fault(location, "damaged: no Base64 between its first and last line"),
            (true, Some(object)) => match label {
                "X509 CRL" | "CRL" => self.add_revocation_list(&object, location),
                "PUBLIC KEY" => self.add_bound_key(&object, location, block),
                _ => self.add_certificate(&object, location),
            },
        }
    }

    fn add_certificate(&mut self, der: &[u8], location: Location) {
        match Certificate::read(der) {
            Ok(certificate) => self.items.push((location, Item::Certificate(Box::new(certificate)))),
            Err(error) => self.fault(location, format!("the certificate can't be read; {error}")),
        }
    }

    fn add_revocation_list(&mut self, der: &[u8], location: Location) {
        match RevocationList::read(der) {
            Ok(list) => self.items.push((location, Item::RevocationList(Box::new(list)))),
            Err(error) => self.fault(location, format!("the revocation list can't be read; {error}")),
        }
    }

    /// Adds a public key with the ids and days in the lines before its block.
    fn add_bound_key(&mut self, der: &[u8], location: Location, block: &Block<'_>) {
        match read_lines(&block.before) {
            Ok(read) => self.add_public_key(der, location, read),
            Err(error) => self.fault(location, error),
        }
    }

    fn add_public_key(
        &mut self,
        der: &[u8],
        location: Location,
        (ids, days): (Vec<CertificateId>, SigningDays),
    ) {
        match VerifyingKey::from_spki_der(der) {
            Ok(key) => {
                let key = PublicKey { key, key_info: der.to_vec(), ids, days };
                self.items.push((location, Item::PublicKey(Box::new(key))));
            }
            Err(error @ KeyError::Rsa) => self.skip(Skipped::irrelevant(error.to_string())),
            Err(error) => self.fault(location, error),
        }
    }
}
