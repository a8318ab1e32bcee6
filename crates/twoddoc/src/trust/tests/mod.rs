//! The room as a whole: made-up worlds of `fixtures/trust` in, verdicts out. Every rule is judged both ways.
//!
//! Whose rule each test holds: S326 is the specification 3.2.6, PROC the procedure for issuers, TSL the national trust
//! list and TS 119 612; what is no one's rule is a decision of the room's first page.
//!
//! | rule | where it stands | tests |
//! |---|---|---|
//! | ids: CN of issuer and of subject | S326 p. 15-16, PROC p. 13, 15 | `every_curve_under_…`, `a_certificate_with_two_names_…`, `an_authority_speaks_for_its_own_id_alone` |
//! | certificate ids of five digits in binary | S326 p. 20 | `the_binary_form_has_…` |
//! | one certificate per CN | PROC p. 15, S326 p. 16 | `an_id_is_given_once`, `a_bound_key_and_a_certificate_must_agree` |
//! | tests: `XX00`, `0000`; the published key | S326 p. 15-16, 155 | `tests_are_accepted_when_asked_for`, `a_test_certificate_put_here_alone_…`, `official_specimens_…` |
//! | signatures: ECDSA, its hash by the curve | S326 p. 8, 25-26, PROC p. 15 | `every_curve_under_…`, `rsa_keys_sign_no_codes`, `a_leaf_with_ed25519_…` |
//! | chain from authority to leaf, and its constraints | S326 p. 31 (steps before 5), RFC 5280 §4.2.1, §6 | `chains` |
//! | a revoked certificate is refused whatever the date | S326 p. 31, step 5 | `what_is_revoked_is_refused_whatever_the_day`, `a_revoked_key_…`, `a_revoked_authority_…` |
//! | signed within the certificate's validity | S326 p. 31, step 6 | `days`, `a_certificate_s_days_hold_…` |
//! | who signs revocation lists | RFC 5280 §5, §6.3.3 | `a_list_is_its_issuer_s_…`, `a_list_is_signed_by_one_whose_…` |
//! | directories: multipart, unsigned | PROC p. 12, RFC 4387 §2.2 | `a_directory_is_trusted_by_a_chain_only`, `a_directory_in_other_dresses`, `a_list_in_a_directory_…` |
//! | authorities by the trust list: id, status `inaccord` | PROC p. 13, TSL §5.4.2, §5.5.4 | `an_authority_in_accord_…`, `an_authority_not_in_accord_…`, `where_a_list_names_an_id_…` |
//! | issues of the trust list by number | TSL §5.3.2 | `a_newer_list_takes_back_…`, `a_key_supersedes_…`, `lists_of_one_operator_…` |

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

const ASKED: Policy = Policy { accept_test_authorities: false };
const TESTS_TOO: Policy = Policy { accept_test_authorities: true };

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/trust")
}

fn fixture(name: &str) -> Vec<u8> {
    fs_err::read(fixtures().join(name)).unwrap()
}

/// What the blocks of a file of the fixtures hold, in DER.
fn objects(name: &str) -> Vec<Vec<u8>> {
    pem::blocks(&fixture(name)).iter().map(|block| block.decode().unwrap()).collect()
}

/// A folder with these files of the fixtures, none of which may be at fault.
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

/// The code with one character of its message changed.
fn altered(label: &str) -> Code {
    let mut code = code(label);
    let at = code.signed.len() - 3;
    code.signed[at] ^= 1;
    code
}

/// Judges a code, asserts the status, gives the verdict.
#[track_caller]
fn judged(store: &TrustStore, code: &Code, policy: Policy, status: Status) -> Verdict {
    let verdict = store.verify(code, &policy);
    assert_eq!(verdict.status, status, "{verdict:?}");
    verdict
}

#[track_caller]
fn assert_valid(store: &TrustStore, label: &str) -> Verdict {
    judged(store, &code(label), ASKED, Status::Valid)
}

/// Asserts that a code is refused, with this status and for a reason that says these words.
#[track_caller]
fn assert_refused(store: &TrustStore, label: &str, status: Status, words: &str) {
    let verdict = judged(store, &code(label), ASKED, status);
    assert!(verdict.reason.contains(words), "`{words}` is not in: {}", verdict.reason);
}
