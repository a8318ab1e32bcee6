//! Any bytes as rows under a sound header, and as a whole file; every row ends as a record or with a reason.
#![no_main]

use fuzz::with_file;
use libfuzzer_sys::fuzz_target;
use pli::night::intake::{Encoding, IntakeSettings, take_in};

const HEADER: &[u8] =
    b"card_number,card_family,reason,requested_at,issue_date,expiry_date,replaced_card_number,\
replaced_generation,ps_id_nat,structure_id,civility,title,last_name,first_name,profession_code,organisation,\
address_1,address_2,address_3,address_4,address_5,address_6,country,status\n";

fuzz_target!(|bytes: &[u8]| {
    for encoding in [Encoding::Utf8, Encoding::Windows1252] {
        let settings = IntakeSettings { encoding, ..IntakeSettings::default() };
        let _ = with_file(bytes, |path| take_in(&[path.to_owned()], &settings));
        let taken = with_file(&[HEADER, bytes].concat(), |path| take_in(&[path.to_owned()], &settings));
        let taken = taken.expect("a sound header");
        assert_eq!(taken.rows, taken.records.len() as u64 + taken.rejected_rows);
        assert!(taken.rejects.iter().all(|finding| finding.message.len() < 2000));
    }
});
