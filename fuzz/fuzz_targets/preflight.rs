//! Any bytes as a print file; where they are one, preflight comes to an end, within its bound of reported faults.
#![no_main]

use std::sync::Arc;

use fuzz::let_dependencies_panic;
use libfuzzer_sys::fuzz_target;
use preflight::{Marks, Standard, preflight};

fuzz_target!(init: let_dependencies_panic(), |bytes: &[u8]| {
    let bytes = Arc::new(bytes.to_vec());
    for (standard, marks) in [(Standard::PressAndArchive, Marks::All), (Standard::Imposed, Marks::Sample)] {
        for fault in preflight(&bytes, standard, marks) {
            assert!(!fault.message.is_empty());
        }
    }
});
