//! Any bytes as an opened codes file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pli::vault::{CodesFile, CodesOfNight};
use zeroize::Zeroizing;

fuzz_target!(|bytes: &[u8]| {
    let header = b"card_number,pin,puk,assistance_code\n2400140649,4821,90817263,\n";
    for plain in [bytes.to_vec(), [&header[..], bytes].concat()] {
        let mut codes = CodesOfNight::default();
        match CodesFile::read("codes.csv", Zeroizing::new(plain)) {
            Ok(file) => codes.add(file),
            Err(error) => assert!(error.message.len() < 200),
        }
        if let Some(Err(fault)) = codes.of_card("2400140649") {
            assert!(fault.line > 0 && fault.message.len() < 200);
        }
    }
});
