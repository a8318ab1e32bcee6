//! Which authorities trust lists make anchors. Parsing and signatures are tested beside their modules.

use super::super::forged::{self, Draft};
use super::Status::Untrusted;
use super::*;
use jiff::civil::date;

const IN_ACCORD: &str = "http://uri.etsi.org/TrstSvc/Svcstatus/inaccord";
const REVOKED: &str = "http://uri.etsi.org/TrstSvc/Svcstatus/revoked";

fn service(ca_id: &str, file: &str, in_accord: bool) -> TrustedService {
    let certificates = match file {
        "" => Vec::new(),
        file => vec![objects(file).remove(0)],
    };
    TrustedService {
        ca_id: ca_id.to_owned(),
        operator: format!("OPERATOR OF {ca_id}"),
        directory: Some(format!("http://{ca_id}.example/directory")),
        certificates,
        in_accord,
        status: if in_accord { IN_ACCORD } else { REVOKED }.to_owned(),
        since: Some(date(2024, 8, 9)),
    }
}

fn list(operator: &str, sequence: u64, services: Vec<TrustedService>) -> TrustList {
    TrustList {
        sequence,
        operator: operator.to_owned(),
        issued: None,
        next_update: None,
        distribution_points: Vec::new(),
        // Not a certificate, so it counts as a key of its own: one for each operator.
        signer: operator.as_bytes().to_vec(),
        services,
    }
}

fn folder_and(files: &[&str], lists: Vec<TrustList>) -> TrustStore {
    let mut store = folder(files);
    for list in lists {
        store.add_trust_list("list", list);
    }
    assert!(store.faults().is_empty(), "{:?}", store.faults());
    store
}

#[test]
fn an_authority_in_accord_is_an_anchor() {
    let in_accord = || list("A", 1, vec![service("ZZ01", "zz01.pem", true)]);
    assert_valid(&folder_and(&["zz01-p256.pem"], vec![in_accord()]), "P256");
    assert_valid(&folder_and(&["zz01-directory.der"], vec![in_accord()]), "P256");
    let store = folder_and(&["forged-new.pem", "zz01-sha1.pem"], vec![in_accord()]);
    assert_refused(&store, "forged, new id", Untrusted, "not its signature");
    assert_refused(&store, "SHA-1", Untrusted, "SHA-1");
    assert_refused(&store, "P256", Untrusted, "no certificate `P256` of it");
    // It vouches for its own id only.
    let store = folder_and(&["zz01-p256.pem"], vec![list("A", 1, vec![service("ZZ02", "zz01.pem", true)])]);
    assert_refused(&store, "P256", Untrusted, "nothing here vouches");
}

#[test]
fn an_authority_not_in_accord_is_refused_even_if_a_certificate_vouches_for_it() {
    let words = "the trust list says of authority `ZZ01`: `revoked` since 2024-08-09, not in accord";
    for file in ["zz01.pem", "", "forged-authority.pem"] {
        let revoked = || list("A", 2, vec![service("ZZ01", file, false)]);
        let older = list("A", 1, vec![service("ZZ01", "zz01.pem", true)]);
        assert_refused(&folder_and(&["zz01-p256.pem"], vec![revoked()]), "P256", Untrusted, words);
        assert_refused(
            &folder_and(&["zz01-p256.pem", "zz01.pem"], vec![revoked()]),
            "P256",
            Untrusted,
            words,
        );
        assert_refused(
            &folder_and(&["zz01-p256.pem"], vec![revoked(), older.clone()]),
            "P256",
            Untrusted,
            words,
        );
        assert_refused(&folder_and(&["zz01-p256.pem"], vec![older, revoked()]), "P256", Untrusted, words);
        assert_refused(&folder_and(&[], vec![revoked()]), "P256", Untrusted, words);
        assert_valid(&folder_and(&["zz12-pin1.pem"], vec![revoked()]), "alone");
    }
}

#[test]
fn an_authority_not_in_accord_makes_no_revocation_list_trusted() {
    let part = b"--End\r\nContent-Type: application/pkix-crl\r\n\r\n";
    let directory = [&part[..], &objects("zz01-crl.pem").remove(0), b"\r\n--End--\r\n"].concat();
    for in_accord in [true, false] {
        let mut store = folder_and(&[], vec![list("A", 1, vec![service("ZZ01", "zz01.pem", in_accord)])]);
        store.add("directory", &directory);
        assert_eq!(store.faults().is_empty(), in_accord);
    }
}

#[test]
fn a_newer_list_overrides_an_older_one() {
    let revoked = list("A", 1, vec![service("ZZ01", "zz01.pem", false)]);
    let restored = list("A", 2, vec![service("ZZ01", "zz01.pem", true)]);
    assert_valid(&folder_and(&["zz01-p256.pem"], vec![restored.clone(), revoked.clone()]), "P256");
    assert_valid(&folder_and(&["zz01-p256.pem"], vec![revoked, restored.clone()]), "P256");
    // An authority that the newest list leaves out is not an anchor. It stays known.
    let without = list("A", 3, vec![service("ZZ02", "zz02.pem", true)]);
    let store = folder_and(&["zz01-p256.pem"], vec![restored, without]);
    assert_refused(&store, "P256", Untrusted, "nothing here vouches");
    assert_eq!(store.trust_lists().map(|list| list.sequence).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_key_not_in_accord_is_refused_even_if_another_key_of_the_id_is_in_accord() {
    let both = list("A", 1, vec![service("ZZ11", "zz11-a.pem", false), service("ZZ11", "zz11-b.pem", true)]);
    let mut store = folder_and(&["zz11-a.pem", "zz11-b.pem"], vec![both]);
    assert_refused(&store, "renewed authority a", Untrusted, "not in accord");
    assert_valid(&store, "renewed authority b");
    // A list of another operator does not change that.
    store.add_trust_list("other", list("B", 9, vec![service("ZZ11", "zz11-a.pem", true)]));
    assert_refused(&store, "renewed authority a", Untrusted, "not in accord");
}

#[test]
fn superseded_lists_name_no_authorities() {
    let older = list("A", 1, vec![service("ZZ03", "", true)]);
    let newer = list("A", 2, vec![service("ZZ01", "zz01.pem", true), service("ZZ02", "", false)]);
    let other = list("B", 1, vec![service("ZZ04", "", true)]);
    let store = folder_and(&[], vec![newer, older, other]);
    let services = store.trust_lists().flat_map(|list| &list.services).filter(|service| service.in_accord);
    assert_eq!(services.map(|service| service.ca_id.as_str()).collect::<Vec<_>>(), ["ZZ01", "ZZ04"]);
}

#[test]
fn an_unbound_key_is_not_tried_for_an_authority_of_a_list() {
    for in_accord in [true, false] {
        let lists = vec![list("A", 1, vec![service("ZZ01", "", in_accord)])];
        judged(&folder_and(&["bureau.pub.pem"], lists), &code("bureau as ZZ01"), STRICT, Untrusted);
    }
}

#[test]
fn a_damaged_certificate_of_a_list_is_a_fault() {
    let mut damaged = service("ZZ01", "zz01.pem", true);
    damaged.certificates[0].truncate(99);
    let mut store = folder(&["zz01-p256.pem"]);
    store.add_trust_list("list.xml", list("A", 1, vec![damaged]));
    assert!(
        store.faults()[0]
            .to_string()
            .starts_with("`list.xml`, service `ZZ01`: its certificate can't be read")
    );
    assert_refused(&store, "P256", Untrusted, "nothing vouches for it");
}

/// S326 p. 15, PROC p. 13: an authority has one id, the CN of its certificate.
#[test]
fn an_authority_vouches_for_its_own_id_only() {
    let (upper, lower, leaf) = (forged::key(1), forged::key(2), forged::key(3));
    let authority = Draft::authority("ZZ71", "ZZ71", &upper).signed(&upper);
    let below = Draft::authority("ZZ73", "ZZ71", &lower).signed(&upper);
    let leaf_of_below = Draft::leaf("AAAA", "ZZ73", &leaf).signed(&lower);
    let own = Draft::leaf("BBBB", "ZZ71", &leaf).signed(&upper);
    let mut store = TrustStore::default();
    store.add("authority", &authority);
    store.add("leaves", &download::directory_file([&below, &leaf_of_below, &own], "pkix-cert"));
    judged(&store, &forged::code("ZZ71", "BBBB", &leaf), STRICT, Status::Valid);
    judged(&store, &forged::code("ZZ73", "AAAA", &leaf), STRICT, Untrusted);
    // A root has no id, and vouches for the authorities below it.
    let root = Draft::authority("RACINE", "RACINE", &upper).signed(&upper);
    let below = Draft::authority("ZZ73", "RACINE", &lower).signed(&upper);
    let mut store = TrustStore::default();
    store.add("root", &root);
    store.add("leaves", &download::directory_file([&below, &leaf_of_below], "pkix-cert"));
    judged(&store, &forged::code("ZZ73", "AAAA", &leaf), STRICT, Status::Valid);
}

/// Such an authority is not a trusted issuer of revocation lists either, so genuine lists are no faults.
#[test]
fn an_authority_below_another_id_makes_no_revocation_list_a_fault() {
    let (upper, lower, leaf, own) = (forged::key(1), forged::key(2), forged::key(3), forged::key(4));
    let below = Draft::authority("ZZ73", "ZZ71", &lower).signed(&upper);
    let mut store = TrustStore::default();
    store.add("authority", &Draft::authority("ZZ71", "ZZ71", &upper).signed(&upper));
    store.add("below", &download::directory_file([&below], "pkix-cert"));
    store.add("list", &forged::revocation_list("ZZ73", &own, 1, "AAAA", "all"));
    store.add("leaf", &Draft::leaf("AAAA", "ZZ73", &leaf).signed(&own));
    assert!(store.faults().is_empty(), "{:?}", store.faults());
}

#[test]
fn if_a_list_names_an_id_only_the_list_s_certificates_are_anchors() {
    let named = |file| vec![list("A", 1, vec![service("ZZ01", file, true)])];
    // The certificate is in the folder too. Only the list makes it an anchor.
    assert_valid(&folder_and(&["zz01.pem", "zz01-p256.pem"], named("zz01.pem")), "P256");
    for other in ["forged-authority.pem", ""] {
        let store = folder_and(&["zz01.pem", "zz01-p256.pem"], named(other));
        judged(&store, &code("P256"), STRICT, Untrusted);
    }
    let store = folder_and(&["forged-authority.pem", "forged-new.pem"], named("zz01.pem"));
    judged(&store, &code("forged, new id"), STRICT, Untrusted);
    // For an id that no list names, the folder decides.
    assert_valid(&folder_and(&["zz02.pem"], named("zz01.pem")), "ZZ02");
    // A root in the folder does not vouch for an authority that a list names without its certificate.
    let store =
        folder_and(&["root.pem", "zz09-0001.pem"], vec![list("A", 1, vec![service("ZZ09", "", true)])]);
    judged(&store, &code("under a root"), STRICT, Untrusted);
}

fn signed_by(key: &str, list: TrustList) -> TrustList {
    TrustList { signer: key.as_bytes().to_vec(), ..list }
}

#[test]
fn lists_of_one_operator_with_different_keys_are_refused_and_reported() {
    let in_accord = || list("Opérateur  A", 1, vec![service("ZZ01", "zz01.pem", true)]);
    let rival = || signed_by("another key", list("OPÉRATEUR A", 9, vec![service("ZZ02", "zz02.pem", true)]));
    for both in [[in_accord(), rival()], [rival(), in_accord()]] {
        let mut store = folder(&["zz01-p256.pem", "zz02.pem", "zz03.pem"]);
        let [first, second] = both;
        store.add_trust_list("first.xml", first);
        store.add_trust_list("second.xml", second);
        for label in ["P256", "ZZ02"] {
            assert_refused(&store, label, Untrusted, "signed with different keys: `first.xml` (key ");
        }
        assert_valid(&store, "ZZ03");
        let message: Vec<_> = store.faults().into_iter().map(ToString::to_string).collect();
        assert!(
            message[0].starts_with("`first.xml`: ") && message[1].starts_with("`second.xml`: "),
            "{message:?}"
        );
        assert!(
            message.iter().all(|one| one.contains("`first.xml`") && one.contains("`second.xml`")),
            "{message:?}"
        );
        assert_eq!(store.trust_lists().count(), 0);
    }
    assert_valid(&folder_and(&["zz01-p256.pem"], vec![in_accord()]), "P256");
}

#[test]
fn a_key_supersedes_its_own_lists_whatever_the_operator_is_called() {
    let old = list("AGENCE", 1, vec![service("ZZ01", "zz01.pem", true)]);
    let new = signed_by("AGENCE", list("FRANCE TITRES", 2, vec![service("ZZ01", "zz01.pem", false)]));
    let store = folder_and(&["zz01-p256.pem"], vec![new, old]);
    assert_refused(&store, "P256", Untrusted, "not in accord");
    let notes = store.trust_list_notes();
    assert!(notes[0].starts_with("`list`: issue 2 of the trust list of `FRANCE TITRES`, signed with key "));
    assert!(notes[0].ends_with(": counts") && notes[1].ends_with(": superseded by issue 2"), "{notes:?}");
}

/// S326 p. 8, 26; PROC p. 15: ECDSA alone.
#[test]
fn a_leaf_with_ed25519_under_an_authority_of_a_list_is_untrusted() {
    let lists = || vec![list("A", 1, vec![service("ZZ01", "zz01.pem", true)])];
    let store = folder_and(&["zz01-ed25519.pem", "zz01-p256.pem"], lists());
    assert_refused(
        &store,
        "Ed25519",
        Untrusted,
        "key is Ed25519, and codes of authority `ZZ01` of the trust list",
    );
    assert_valid(&store, "P256");
    // Under an authority of the folder, or trusted directly, Ed25519 is accepted.
    assert_valid(&folder(&["zz01.pem", "zz01-ed25519.pem"]), "Ed25519");
    assert_valid(&folder(&["zz01-ed25519.pem"]), "Ed25519");
}

/// Adding a list discards what was derived before.
#[test]
fn a_list_added_later_counts() {
    let mut store = folder(&["zz01.pem", "zz01-p256.pem"]);
    assert_valid(&store, "P256");
    store.add_trust_list("list", list("A", 1, vec![service("ZZ01", "zz01.pem", false)]));
    assert_refused(&store, "P256", Untrusted, "not in accord");
}
