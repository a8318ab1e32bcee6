//! Any bytes as an opened codes file, with and without a valid header: faults never repeat a value of the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pli::vault::{CodesFile, CodesOfNight};
use zeroize::Zeroizing;

/// A card that the target looks up.
const CARD: &str = "2400140649";
const HEADER: &[u8] = b"card_number,pin,puk,assistance_code\n2400140649,4821,90817263,\n";

fuzz_target!(|bytes: &[u8]| {
    for plain in [bytes.to_vec(), [HEADER, bytes].concat()] {
        let mut codes = CodesOfNight::default();
        match CodesFile::read("codes.csv", Zeroizing::new(plain)) {
            Ok(file) => codes.add(file),
            Err(error) => assert!(error.line >= 1 && error.message.len() < 200),
        }
        if let Some(Err(fault)) = codes.of_card(CARD) {
            assert!(fault.line >= 1 && fault.file == "codes.csv");
        }
    }
});
