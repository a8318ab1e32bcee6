//! Any bytes as rows under a sound header, and as a whole file: ours, an issuer's, one of fixed places, a compressed one. Every
//! row ends as a record or with a reason.
#![no_main]

use std::sync::LazyLock;

use fuzz::{with_file, with_folder};
use libfuzzer_sys::fuzz_target;
use pli::job::Job;
use pli::night::intake::{Encoding, Intake, IntakeSettings, take_in};

const HEADER: &[u8] =
    b"card_number,card_family,reason,requested_at,issue_date,expiry_date,replaced_card_number,\
replaced_generation,ps_id_nat,structure_id,civility,title,last_name,first_name,profession_code,organisation,\
address_1,address_2,address_3,address_4,address_5,address_6,country,status\n";

/// The settings of jobs that map an issuer's files.
static MAPPED: LazyLock<Vec<IntakeSettings>> = LazyLock::new(|| {
    let jobs: [&[u8]; 2] =
        [include_bytes!("../corpus/job/issuer.toml"), include_bytes!("../corpus/job/fixed.toml")];
    let settings = jobs.map(|text| {
        let job = with_file(text, Job::load).unwrap_or_else(|error| panic!("{error}"));
        IntakeSettings::of_job(&job, None)
    });
    settings.into()
});

fuzz_target!(|bytes: &[u8]| {
    for encoding in [Encoding::Utf8, Encoding::Windows1252] {
        let settings = IntakeSettings { encoding, ..IntakeSettings::default() };
        let _ = with_file(bytes, |path| take_in(&[path.to_owned()], &settings));
        let taken = with_file(&[HEADER, bytes].concat(), |path| take_in(&[path.to_owned()], &settings));
        hold(&taken.expect("a sound header"));
    }
    for settings in MAPPED.iter() {
        let taken = with_file(bytes, |path| take_in(&[path.to_owned()], settings));
        taken.iter().for_each(hold);
        let name = "rows.csv.gz";
        let unpacked = with_folder(name, bytes, |folder| take_in(&[folder.join(name)], settings));
        unpacked.iter().for_each(hold);
    }
});

/// Every row is accounted for, and no message is long.
fn hold(taken: &Intake) {
    assert_eq!(taken.rows, taken.records.len() as u64 + taken.rejected_rows);
    assert!(taken.rejects.iter().all(|finding| finding.message.len() < 2000));
}
