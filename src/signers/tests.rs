//! Signatures of other programs: minisign's published example, and files that Python's `cryptography` and `hashlib` made.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::Blake2b512;
use ed25519_dalek::Signer as _;
use sha2::Digest as _;

use super::*;

/// The key, signature and file of minisign's documentation.
const PUBLISHED_KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
const PUBLISHED: &str = "untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1556193335\tfile:test
y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==
";
/// The same key's signature of minisign's older kind.
const PUBLISHED_OLDER: &str = "untrusted comment: signature from minisign secret key
RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=
trusted comment: timestamp:1555779966\tfile:test
QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==
";
/// A key that Python made, as minisign and as OpenSSL write it.
const KEY: &str = "RWQBAgMEBQYHCAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const KEY_PEM: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=
-----END PUBLIC KEY-----
";
/// A file and what Python signed of it.
const CARDS: &[u8] = b"card_number,reason\n2400140649,first\n";
const MINISIGNED: &str = "untrusted comment: signature
RUQBAgMEBQYHCKWP7zrQghBqYbhtzQOglBCwXE7u2B16x7znD/88PkqIZpI5KMjWMh0zOzRIj3f3evKwL0opfn5s4/DizLuL8gQ=
trusted comment: file:cards.csv night:2026-11-20
HhzQOucMkV7gzp28mgFOrtJgtRqwSfzceWb6QMn1qOaifsqhxfMu7i3/sssUUOuZpkwjfJVFzj2fZd698/NhBg==
";
const STATED: &str = "pli-signature 1
file: cards.csv
night: 2026-11-20
sha256: c9df67ee3edcf1806cb90fba115d2ed1fc6712d719a8e2728e76e11038c223af
signature: BfZpft9OHa+XR37rTo+BA4zm2dWu0AXGycwXkot72kfi/5JtanBE+iwWBu/GV6igRvgeu/7ZXzqfuDCiuBhhCQ==
";

/// A sender with a key of its own, for tests of other rooms.
pub(crate) struct Sender(ed25519_dalek::SigningKey);

impl Sender {
    /// The sender of a seed.
    pub(crate) fn new(seed: u8) -> Sender {
        Sender(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]))
    }

    fn number(&self) -> [u8; 8] {
        [self.0.to_bytes()[0]; 8]
    }

    /// Its public key as `input.signers` takes it.
    pub(crate) fn public(&self) -> String {
        STANDARD.encode([&b"Ed"[..], &self.number()[..], self.0.verifying_key().as_bytes()].concat())
    }

    /// A minisign signature with this trusted comment.
    pub(crate) fn minisign(&self, bytes: &[u8], comment: &str) -> String {
        let signature = self.0.sign(&Blake2b512::digest(bytes)).to_bytes();
        let global = self.0.sign(&[&signature[..], comment.as_bytes()].concat()).to_bytes();
        let first = STANDARD.encode([&b"ED"[..], &self.number()[..], &signature].concat());
        format!("untrusted comment: x\n{first}\ntrusted comment: {comment}\n{}\n", STANDARD.encode(global))
    }

    /// A statement on a file of this name, and its signature.
    pub(crate) fn statement(&self, bytes: &[u8], name: &str, night: &str) -> String {
        let sha256 = digests(bytes).sha256;
        let stated = format!("pli-signature 1\nfile: {name}\nnight: {night}\nsha256: {sha256}\n");
        let signature = STANDARD.encode(self.0.sign(stated.as_bytes()).to_bytes());
        format!("{stated}signature: {signature}\n")
    }
}

fn digests(bytes: &[u8]) -> FileDigests {
    FileDigests::of(bytes, true).unwrap()
}

fn signers(keys: &[&str]) -> Signers {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    Signers::read(&keys, |name| PathBuf::from(name)).unwrap()
}

fn check(
    key: &str,
    name: &str,
    bytes: &[u8],
    form: SignatureForm,
    signature: &str,
) -> Result<Date, &'static str> {
    let signed = signers(&[key]).check(name, &digests(bytes), form, signature.as_bytes());
    signed.map(|signed| signed.night).map_err(|fault| fault.code())
}

#[test]
fn minisigns_own_example_holds_and_is_not_bound_to_a_night() {
    let check = |bytes: &[u8], signature: &str| {
        check(PUBLISHED_KEY, "test", bytes, SignatureForm::Minisign, signature).unwrap_err()
    };
    // Both signatures hold: only then is the comment read.
    assert_eq!(check(b"test", PUBLISHED), "signature_unbound");
    assert_eq!(check(b"Test", PUBLISHED), "signature_altered_file");
    assert_eq!(check(b"test", &PUBLISHED.replace("file:test", "file:best")), "signature_altered_comment");
    assert_eq!(check(b"test", PUBLISHED_OLDER), "signature_not_hashed");
}

#[test]
fn signatures_of_another_library_hold_for_their_name_and_bytes_alone() {
    let night = jiff::civil::date(2026, 11, 20);
    for (form, signature) in [(SignatureForm::Minisign, MINISIGNED), (SignatureForm::Statement, STATED)] {
        let check = |key: &str, name: &str, bytes: &[u8]| check(key, name, bytes, form, signature);
        assert_eq!(check(KEY, "cards.csv", CARDS), Ok(night));
        assert_eq!(check(KEY, "cards2.csv", CARDS), Err("signature_other_name"));
        assert_eq!(check(KEY, "cards.csv", &CARDS[1..]), Err("signature_altered_file"));
        assert_eq!(check(PUBLISHED_KEY, "cards.csv", CARDS), Err("signature_another_key"));
    }
    let altered = STATED.replace("2026-11-20", "2026-11-23");
    assert_eq!(
        check(KEY, "cards.csv", CARDS, SignatureForm::Statement, &altered),
        Err("signature_another_key")
    );
    let altered = MINISIGNED.replace("2026-11-20", "2026-11-23");
    assert_eq!(
        check(KEY, "cards.csv", CARDS, SignatureForm::Minisign, &altered),
        Err("signature_altered_comment")
    );
}

#[test]
fn what_is_no_signature_is_refused_by_its_form() {
    for text in ["", "\n\n\n", "untrusted comment: x\nRUQ=\ntrusted comment: y\nAA==\n", &MINISIGNED[..200]] {
        let found = check(KEY, "cards.csv", CARDS, SignatureForm::Minisign, text);
        assert_eq!(found, Err("signature_malformed"), "{text}");
    }
    let crlf = STATED.replace('\n', "\r\n");
    let more = STATED.replace("\nsignature", "\nmore: 1\nsignature");
    for text in ["", "signature: AA==", &crlf, &more, &STATED[..STATED.len() - 6]] {
        let found = check(KEY, "cards.csv", CARDS, SignatureForm::Statement, text);
        assert_eq!(found, Err("signature_malformed"), "{text}");
    }
    let signers = signers(&[KEY]);
    for length in 0..MINISIGNED.len() {
        for (form, text) in [(SignatureForm::Minisign, MINISIGNED), (SignatureForm::Statement, STATED)] {
            let cut = &text.as_bytes()[..length.min(text.len() - 2)];
            assert!(signers.check("cards.csv", &digests(CARDS), form, cut).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn keys_are_minisigns_or_pem_and_never_private() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        let path = folder.path().join("key.pub");
        fs_err::write(&path, text).unwrap();
        Signers::read(&["key.pub".to_owned()], |_| path.clone()).map_err(|error| error.to_string())
    };
    let minisign = format!("untrusted comment: minisign public key 0807060504030201\n{KEY}\n");
    let from_file = read(&minisign).unwrap();
    let signed =
        from_file.check("cards.csv", &digests(CARDS), SignatureForm::Minisign, MINISIGNED.as_bytes());
    assert_eq!(signed.map(|signed| signed.signer).as_deref(), Ok("key.pub"));
    let from_pem = read(KEY_PEM).unwrap();
    let check = |form, text: &str| from_pem.check("cards.csv", &digests(CARDS), form, text.as_bytes());
    assert!(check(SignatureForm::Statement, STATED).is_ok());
    assert_eq!(check(SignatureForm::Minisign, MINISIGNED), Err(SignatureFault::AnotherKey));
    for (text, reason) in [
        ("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", "a private key"),
        ("untrusted comment: minisign encrypted secret key\nRWRTY0Iy\n", "a private key"),
        ("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n", "no Ed25519 public key in PEM"),
        ("", "no public key of minisign"),
        ("age1abc\n", "no public key of minisign"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(reason) && !error.contains("RWRT"), "{text}: {error}");
    }
    assert!(Signers::read(&["nowhere.pub".to_owned()], |name| PathBuf::from(name)).is_err());
}
