//! Verdicts under trust folders of invented authorities (`fixtures/trust`). Each rule has a case that meets it and one that
//! breaks it.
//!
//! Sources of the rules: S326 is the specification 3.2.6, PROC the procedure for issuers, TSL the national trust list and
//! TS 119 612. Other rules are decisions that the documentation of the module `trust` lists.
//!
//! | rule | source | tests |
//! |---|---|---|
//! | ids: CN of issuer and of subject | S326 p. 15-16, PROC p. 13, 15 | `leaves_of_every_curve_…`, `a_certificate_with_two_common_names_…`, `an_authority_vouches_for_its_own_id_only` |
//! | certificate ids of five digits in binary | S326 p. 20 | `binary_codes_have_…` |
//! | one certificate per CN | PROC p. 15, S326 p. 16 | `two_keys_with_one_id_are_untrusted`, `a_bound_key_and_a_certificate_must_agree` |
//! | tests: `XX00`, `0000`; the published key | S326 p. 15-16, 155 | `test_authorities_are_accepted_…`, `a_test_certificate_alone_…`, `official_specimens_…` |
//! | signatures: ECDSA, its hash by the curve | S326 p. 8, 25-26, PROC p. 15 | `leaves_of_every_curve_…`, `rsa_keys_sign_no_codes`, `a_leaf_with_ed25519_…` |
//! | chain from authority to leaf, and its constraints | S326 p. 31 (steps before 5), RFC 5280 §4.2.1, §6 | `chains` |
//! | a revoked certificate is refused whatever the date | S326 p. 31, step 5 | `a_revoked_certificate_is_refused_whatever_the_date`, `a_revoked_key_…`, `a_revoked_authority_…` |
//! | signed within the certificate's validity | S326 p. 31, step 6 | `days`, `a_certificate_s_validity_period_…` |
//! | who signs revocation lists | RFC 5280 §5, §6.3.3 | `a_list_must_be_signed_by_its_issuer`, `the_signer_of_a_list_needs_…` |
//! | directories: multipart, unsigned | PROC p. 12, RFC 4387 §2.2 | `certificates_of_a_directory_…`, `a_directory_is_read_in_every_format`, `a_list_in_a_directory_…` |
//! | authorities by the trust list: id, status `inaccord` | PROC p. 13, TSL §5.4.2, §5.5.4 | `an_authority_in_accord_…`, `an_authority_not_in_accord_…`, `if_a_list_names_an_id_…` |
//! | issues of the trust list by number | TSL §5.3.2 | `a_newer_list_overrides_…`, `a_key_supersedes_…`, `lists_of_one_operator_…` |

mod chains;
mod days;
mod files;
mod keys;
mod published;
mod revocations;
mod robustness;
mod trust_lists;

use super::*;
use crate::{Algorithm, Code, parse_text};
use std::path::PathBuf;

const STRICT: Policy = Policy { accept_test_authorities: false };
const WITH_TESTS: Policy = Policy { accept_test_authorities: true };

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/trust")
}

fn fixture(name: &str) -> Vec<u8> {
    fs_err::read(fixtures().join(name)).unwrap()
}

/// The decoded PEM blocks of a fixture.
fn objects(name: &str) -> Vec<Vec<u8>> {
    pem::blocks(&fixture(name)).iter().map(|block| block.decode().unwrap()).collect()
}

/// A store with these fixtures. Asserts that none has faults.
fn folder(names: &[&str]) -> TrustStore {
    let mut store = TrustStore::default();
    for name in names {
        store.add(name, &fixture(name));
    }
    assert_eq!(store.faults(), Vec::<&TrustFault>::new());
    assert!(store.skipped().is_empty(), "{:?}", store.skipped());
    store
}

fn code(label: &str) -> Code {
    let codes: serde_json::Value = serde_json::from_slice(&fixture("codes.json")).unwrap();
    parse_text(codes[label].as_str().unwrap_or_else(|| panic!("no code `{label}`"))).unwrap()
}

/// A code with one changed byte in its message.
fn altered(label: &str) -> Code {
    let mut code = code(label);
    let at = code.signed.len() - 3;
    code.signed[at] ^= 1;
    code
}

/// Verifies a code and asserts its status.
#[track_caller]
fn judged(store: &TrustStore, code: &Code, policy: Policy, status: Status) -> Verdict {
    let verdict = store.verify(code, &policy);
    assert_eq!(verdict.status, status, "{verdict:?}");
    verdict
}

#[track_caller]
fn assert_valid(store: &TrustStore, label: &str) -> Verdict {
    judged(store, &code(label), STRICT, Status::Valid)
}

/// Asserts the status of a code, and that the reason contains these words.
#[track_caller]
fn assert_refused(store: &TrustStore, label: &str, status: Status, words: &str) {
    let verdict = judged(store, &code(label), STRICT, status);
    assert!(verdict.reason.contains(words), "`{words}` is not in: {}", verdict.reason);
}
