//! Any bytes as a `template.toml`: a template, or an error with a line. Nothing is laid out.
#![no_main]

use fuzz::with_folder;
use libfuzzer_sys::fuzz_target;
use template::Template;

fuzz_target!(|bytes: &[u8]| {
    match with_folder("template.toml", bytes, Template::find) {
        Ok(template) => assert!(template.manifest().grams(1) > 0.0),
        Err(error) => {
            let from_one = |(line, column)| line >= 1 && column >= 1;
            assert!(error.faults.iter().all(|fault| fault.location.is_none_or(from_one)))
        }
    }
});
