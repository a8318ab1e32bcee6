//! Validity periods.

use super::Status::{Invalid, Untrusted};
use super::*;

#[test]
fn first_and_last_day_belong_to_the_validity_period() {
    for files in [&["zz01.pem", "zz01-p256.pem"][..], &["zz01-p256.pem"]] {
        let store = folder(files);
        assert_valid(&store, "P256 first day");
        assert_valid(&store, "P256 last day");
        let period = "from 2024-01-01 to 2027-01-01";
        assert_refused(&store, "P256 day before", Invalid, "made on 2023-12-31");
        assert_refused(&store, "P256 day before", Invalid, period);
        assert_refused(&store, "P256 day after", Invalid, "made on 2027-01-02");
    }
}

#[test]
fn codes_signed_before_or_after_the_validity_period_are_invalid() {
    assert_refused(
        &folder(&["zz01.pem", "zz01-expired.pem"]),
        "expired",
        Invalid,
        "from 2021-01-01 to 2022-01-01",
    );
    assert_refused(
        &folder(&["zz01.pem", "zz01-future.pem"]),
        "future",
        Invalid,
        "from 2028-01-01 to 2029-01-01",
    );
}

#[test]
fn a_code_without_a_signature_date_is_invalid_if_its_certificate_has_a_validity_period() {
    assert_refused(&folder(&["zz01.pem", "zz01-p256.pem"]), "P256 undated", Invalid, "not dated");
    assert_refused(&folder(&["zz12-pin1.pem"]), "alone, undated", Invalid, "not dated");
}

#[test]
fn a_leaf_must_be_issued_while_its_authority_is_valid() {
    let store = folder(&["zz01.pem", "zz01-early.pem"]);
    assert_refused(&store, "before its authority", Untrusted, "issued on 2019-12-31, before the authority's");
    assert_refused(
        &store,
        "before its authority",
        Untrusted,
        "(from 2020-01-01 to 2030-01-01): add the authority's",
    );
    assert_valid(&folder(&["zz01-early.pem"]), "before its authority");
    assert_refused(
        &folder(&["zz01.pem", "zz01-late.pem"]),
        "after its authority",
        Invalid,
        "issued on 2030-01-02",
    );
    assert_valid(&folder(&["zz01-late.pem"]), "after its authority");
}

#[test]
fn a_renewed_certificate_adds_its_validity_period() {
    let store = folder(&["zz01.pem", "zz01-renewed.pem"]);
    assert_valid(&store, "renewed, in the old");
    assert_valid(&store, "renewed, in the new");
    let words = "from 2021-01-01 to 2024-01-01 and from 2024-01-01 to 2027-01-01";
    assert_refused(&store, "renewed, in neither", Invalid, words);
}
