//! Any bytes as a signature of both forms, as a signer's key and as an announcement: none but the two signatures that the key's
//! owner made holds, for its file and night, and nothing that is refused ends the program.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use fuzz::with_file;
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use pli::night::intake::read_announcement;
use pli::signers::{FileDigests, SignatureForm, Signers};

/// A key, a file and, among the seeds, what its owner signed of it: for this name and the night of 20 November 2026.
const KEY: &str = "RWQBAgMEBQYHCAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const NAME: &str = "cards.csv";
const CARDS: &[u8] = b"card_number,reason\n2400140649,first\n";

/// The signer, the digests of the signed file and those of another.
fn signed() -> &'static (Signers, [FileDigests; 2]) {
    static SIGNED: OnceLock<(Signers, [FileDigests; 2])> = OnceLock::new();
    SIGNED.get_or_init(|| {
        let signers = Signers::read(&[KEY.to_owned()], |path| PathBuf::from(path)).unwrap();
        (signers, [CARDS, &CARDS[1..]].map(|bytes| FileDigests::of(bytes, true).unwrap()))
    })
}

fuzz_target!(|bytes: &[u8]| {
    let (signers, [own, other]) = signed();
    for form in SignatureForm::ALL {
        match signers.check(NAME, own, form, bytes) {
            Ok(signed) => assert!(signed.night == date(2026, 11, 20) && signed.signer == KEY),
            Err(fault) => assert!(!fault.code().is_empty() && !fault.advice(NAME).is_empty()),
        }
        assert!(signers.check("cards-2.csv", own, form, bytes).is_err());
        assert!(signers.check(NAME, other, form, bytes).is_err());
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    with_file(bytes, |path| {
        if let Ok(signers) = Signers::read(std::slice::from_ref(&text), |_| path.to_owned()) {
            assert!(!signers.is_empty());
        }
    });
    match read_announcement(bytes, "day.announce.toml") {
        Ok((_, files)) => assert!(files <= bytes.len()),
        Err(failure) => assert!(failure.code() == "announcement_invalid" && failure.exit().code() == 2),
    }
});
