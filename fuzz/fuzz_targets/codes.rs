//! Any bytes as an opened codes file, with and without a valid header: faults never repeat a value of the file, and a card's
//! codes are asked for by card.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use pli::vault::{CodesFile, CodesOfNight, OpenedText, Recipients, new_identity, recipients, seal_bytes};

/// A card that the target looks up.
const CARD: &str = "2400140649";
const HEADER: &[u8] = b"card_number,pin,puk,assistance_code\n2400140649,4821,90817263,\n";

/// The identity that opens what is sealed to the recipients; its folder stays until the target ends.
fn keys() -> &'static (tempfile::TempDir, PathBuf, Recipients) {
    static KEYS: OnceLock<(tempfile::TempDir, PathBuf, Recipients)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (identity, public) = (folder.path().join("it"), folder.path().join("it.pub"));
        new_identity(&identity, &public).unwrap();
        let recipients = recipients(&["it".to_owned()], |_| public.clone()).unwrap();
        (folder, identity, recipients)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let (_, identity, recipients) = keys();
    for plain in [bytes.to_vec(), [HEADER, bytes].concat()] {
        let sealed = seal_bytes(recipients, &plain).unwrap();
        let text = OpenedText::of_bytes("codes.csv", sealed, identity).unwrap();
        let mut codes = CodesOfNight::default();
        match CodesFile::read("codes.csv", text) {
            Ok(file) => codes.add(file),
            Err(error) => assert!(error.line >= 1 && error.message.len() < 200),
        }
        if let Some(Err(fault)) = codes.of_card(CARD) {
            assert!(fault.line >= 1 && fault.file == "codes.csv");
        }
        assert!(codes.check_unchanged().is_ok());
    }
});
