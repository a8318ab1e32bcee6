//! Any bytes as a file of a trust folder, and any bytes as the code that it judges.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twoddoc::trust::{Policy, Status, TrustStore};
use twoddoc::{VerificationReport, parse};

/// A code that no key of a fuzzer can have signed.
const CODE: &[u8] = b"DC04FR03ONI1FFFF265FA601FR80A\x1d81B\x1d82C\x1d83D\x1f\
    AJAAHAISLNYEB4Y4HSXWNXVP5AVERXZ757B76A2ODCZM7AORDL4XJUXECINA7GZ4KOCLOEEVFN4MI3643HGRN4V4DEIGDJAW6S7M2AI";

fuzz_target!(|bytes: &[u8]| {
    let mut trust = TrustStore::default();
    trust.add("file", bytes);
    let policy = Policy { accept_test_authorities: true };
    let code = parse(CODE).expect("our own code");
    assert_ne!(trust.verify(&code, &policy).status, Status::Valid);
    let _ = (trust.faults().len(), trust.skipped().len(), trust.trust_lists().count());
    let _ = VerificationReport::of_symbol(bytes, &trust, &policy);
});
