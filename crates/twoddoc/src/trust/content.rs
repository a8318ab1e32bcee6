//! What a file of the folder is, by its content: its name says nothing.
//!
//! Takes bytes, gives the certificates, keys and lists in them, what is damaged, and what is none of that.
//! What private keys hold is never decoded and never reported.

use super::super::{KeyError, VerifyingKey};
use super::certificate::Certificate;
use super::der::{ObjectKind, element};
use super::directory;
use super::pem::{self, Block};
use super::revocation::RevocationList;
use super::text_encoding::{after_last_block, is_object, plain, unarmoured_base64};
use super::trust_list::{self, TrustList};

/// What stands before an id in the lines before a public key: `2D-DOC: FR00/0001`.
const BINDING: &str = "2D-DOC:";

/// How a block of PEM begins.
const BEGIN: &[u8] = b"-----BEGIN ";

/// The most things in one file that are reported to be passed over.
const MAX_SKIPPED: usize = 20;

const SECRET: &str = "a private key or a sealed store of keys, which has no place in a trust folder";

/// A thing that a trust folder holds.
#[derive(Debug)]
pub(super) enum Item {
    Certificate(Box<Certificate>),
    RevocationList(Box<RevocationList>),
    PublicKey(Box<PublicKey>),
    TrustList(Box<TrustList>),
}

/// A public key without a certificate.
#[derive(Debug)]
pub(super) struct PublicKey {
    pub(super) key: VerifyingKey,
    /// SubjectPublicKeyInfo in DER.
    pub(super) key_info: Vec<u8>,
    /// Authority and certificate ids that the file binds it to.
    pub(super) ids: Vec<(String, String)>,
}

/// What was found in a file.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Things, and where each stands.
    pub(super) items: Vec<(Location, Item)>,
    /// What is damaged.
    pub(super) faults: Vec<(Location, String)>,
    /// What is nothing of trust.
    pub(super) skipped: Vec<Aside>,
    /// Whether the file is the directory of an authority.
    pub(super) is_directory: bool,
}

/// What is passed over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Aside {
    /// What it is.
    pub(super) reason: String,
    /// Whether it may hold certificates or lists in a form that is not read.
    pub(super) notable: bool,
}

impl Aside {
    /// What has nothing to do with trust.
    fn plain(reason: impl Into<String>) -> Aside {
        Aside { reason: reason.into(), notable: false }
    }

    /// What may hold certificates or lists.
    fn notable(reason: impl Into<String>) -> Aside {
        Aside { reason: reason.into(), notable: true }
    }
}

/// Where something stands in a file, if the file holds more than one thing.
pub(super) type Location = Option<String>;

/// Reads a file.
pub(super) fn read(file: &[u8]) -> Content {
    let mut content = Content::default();
    let text = plain(file);
    content.add_file(&text);
    if content.items.is_empty() && content.faults.is_empty() && content.skipped.is_empty() {
        content.pass_over(other(&text));
    }
    content
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// What a file is that holds nothing of trust.
fn other(text: &[u8]) -> Aside {
    if text.is_empty() {
        Aside::plain("it is empty")
    } else if text.starts_with(b"age-encryption.org/") {
        Aside::plain("a file sealed with age")
    } else if contains(text, b"AGE-SECRET-KEY-") {
        Aside::plain("an age identity, which is a secret and has no place in a trust folder")
    } else if text.starts_with(b"age1") {
        Aside::plain("an age recipient: files are sealed to it, codes are not signed with it")
    } else if text.starts_with(b"MII") || contains(text, BEGIN) {
        Aside::notable("it looks like a certificate or a list in PEM or Base64, and is damaged")
    } else if text.starts_with(b"\x30\x80") {
        Aside::notable("BER without lengths, which may hold certificates or lists; only DER is read")
    } else {
        Aside::plain("neither certificate, public key, trust list nor revocation list")
    }
}

/// What a block of PEM is whose label is none of ours.
fn foreign(label: &str) -> Aside {
    let shown = super::name::legible_within(label, 60);
    match label {
        "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => {
            Aside::notable("PKCS#7; `openssl pkcs7 -print_certs` takes its certificates out")
        }
        "TRUSTED CERTIFICATE" => {
            Aside::notable(format!("`{shown}`; `openssl x509` makes a `CERTIFICATE` of it"))
        }
        _ if label.ends_with("PARAMETERS") || label.ends_with("REQUEST") => {
            Aside::plain(format!("`{shown}` is nothing of trust"))
        }
        _ if label.starts_with("AGE ") || label.contains("SSH") => {
            Aside::plain(format!("`{shown}` is nothing of trust"))
        }
        _ => Aside::notable(format!(
            "`{shown}` is not read; certificates are `CERTIFICATE`, revocation lists `X509 CRL`, keys `PUBLIC KEY`"
        )),
    }
}

impl Content {
    fn pass_over(&mut self, aside: Aside) {
        let aside =
            if self.skipped.len() < MAX_SKIPPED { aside } else { Aside::notable("and more of the kind") };
        if !self.skipped.contains(&aside) {
            self.skipped.push(aside);
        }
    }

    fn add_file(&mut self, text: &[u8]) {
        if is_object(text) {
            self.add_series(text);
        } else if let Some(parts) = directory::parts(text) {
            self.add_directory(&parts);
        } else if text.starts_with(b"<") {
            self.add_xml(text);
        } else if contains(text, BEGIN) {
            self.add_pem(text);
        } else if let Some(objects) = unarmoured_base64(text) {
            self.add_series(&objects);
        }
    }

    /// Blocks of PEM, and DER after them.
    fn add_pem(&mut self, text: &[u8]) {
        pem::blocks(text).iter().zip(1..).for_each(|(block, number)| self.add_block(block, number));
        let tail = after_last_block(text);
        if is_object(tail) {
            self.add_series(tail);
        }
    }

    /// The objects of a file in DER. Several certificates are how authorities serve their directories, too.
    fn add_series(&mut self, objects: &[u8]) {
        if self.add_objects(objects, None) > 1 {
            self.be_directory();
        }
    }

    /// Of a directory, only certificates and revocation lists are taken.
    fn be_directory(&mut self) {
        self.is_directory = true;
        self.items.retain(|(_, item)| matches!(item, Item::Certificate(_) | Item::RevocationList(_)));
    }

    fn fault(&mut self, location: Location, message: impl ToString) {
        self.faults.push((location, message.to_string()));
    }

    fn add_xml(&mut self, text: &[u8]) {
        if !contains(text, b"TrustServiceStatusList") {
            return self.pass_over(Aside::plain("XML, but no trust list"));
        }
        match trust_list::read(text) {
            Ok(list) => self.items.push((None, Item::TrustList(Box::new(list)))),
            Err(fault) => self.fault(None, fault),
        }
    }

    fn add_directory(&mut self, parts: &[Option<std::borrow::Cow<'_, [u8]>>]) {
        for (part, number) in parts.iter().zip(1..) {
            let location = Some(format!("part {number}"));
            match part {
                Some(part) if !is_object(part) && contains(part, BEGIN) => {
                    pem::blocks(part).iter().for_each(|block| self.add_block(block, number));
                }
                Some(part) if part.trim_ascii().is_empty() => {}
                Some(part) => {
                    self.add_objects(part, location);
                }
                None => self.fault(location, "damaged: no Base64"),
            }
        }
        self.be_directory();
    }

    /// DER objects, one after the other, as far as they can be read, and PEM after them; gives how many of them are
    /// certificates, damaged or not.
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
            if rest.starts_with(BEGIN) {
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
            ObjectKind::PublicKey => self.add_public_key(object, location, Vec::new()),
            ObjectKind::Secret => self.pass_over(Aside::plain(SECRET)),
            ObjectKind::Pkcs12 => {
                self.pass_over(Aside::notable("PKCS#12; `openssl pkcs12 -nokeys` takes its certificates out"))
            }
            ObjectKind::Request => self.pass_over(Aside::plain("a request for a certificate")),
            ObjectKind::Cms => self.pass_over(Aside::notable(
                "PKCS#7; `openssl pkcs7 -inform der -print_certs` takes its certificates out",
            )),
            ObjectKind::Unknown => {
                self.fault(location, "this is no certificate, public key or revocation list")
            }
        }
    }

    fn add_block(&mut self, block: &Block<'_>, number: usize) {
        let location = Some(format!("block {number}"));
        let label = block.label.as_str();
        if label.ends_with("PRIVATE KEY") {
            return self.pass_over(Aside::plain(SECRET));
        }
        let known = matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "X509 CRL" | "CRL" | "PUBLIC KEY");
        match (known, block.decode()) {
            (false, _) => self.pass_over(foreign(label)),
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
            Err(damage) => self.fault(location, format!("the certificate can't be read; {damage}")),
        }
    }

    fn add_revocation_list(&mut self, der: &[u8], location: Location) {
        match RevocationList::read(der) {
            Ok(list) => self.items.push((location, Item::RevocationList(Box::new(list)))),
            Err(damage) => self.fault(location, format!("the revocation list can't be read; {damage}")),
        }
    }

    fn add_bound_key(&mut self, der: &[u8], location: Location, block: &Block<'_>) {
        let lines = block.before.iter().filter_map(|line| binding(line));
        match lines.collect::<Result<Vec<_>, _>>() {
            Ok(ids) => self.add_public_key(der, location, ids),
            Err(line) => {
                self.fault(location, format!("`{line}` binds the key to no id; write `2D-DOC: FR00/0001`"))
            }
        }
    }

    fn add_public_key(&mut self, der: &[u8], location: Location, ids: Vec<(String, String)>) {
        match VerifyingKey::from_spki_der(der) {
            Ok(key) => {
                let key = PublicKey { key, key_info: der.to_vec(), ids };
                self.items.push((location, Item::PublicKey(Box::new(key))));
            }
            Err(fault @ KeyError::Rsa) => self.pass_over(Aside::plain(fault.to_string())),
            Err(fault) => self.fault(location, fault),
        }
    }
}

/// The id that a line binds a key to; `None` if it is another line.
fn binding(line: &[u8]) -> Option<Result<(String, String), String>> {
    let line = String::from_utf8_lossy(line);
    let id = line.trim_start_matches(['#', ' ', '\t']).strip_prefix(BINDING)?.trim();
    let is_id = |id: &str, lengths: &[usize]| {
        lengths.contains(&id.len()) && id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let parts = id.split_once('/').filter(|(ca_id, id)| is_id(ca_id, &[4]) && is_id(id, &[4, 5]));
    Some(match parts {
        Some((ca_id, id)) => Ok((ca_id.to_owned(), id.to_owned())),
        None => Err(super::name::legible(line.trim())),
    })
}
