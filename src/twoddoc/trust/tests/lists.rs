//! Trust lists. How they are read and their signature checked is tested where that is done.

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
        signer: Vec::new(),
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
    // It vouches for its own id alone.
    let store = folder_and(&["zz01-p256.pem"], vec![list("A", 1, vec![service("ZZ02", "zz01.pem", true)])]);
    assert_refused(&store, "P256", Untrusted, "nothing here vouches");
}

#[test]
fn an_authority_not_in_accord_is_refused_whoever_vouches_for_it() {
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
fn a_newer_list_takes_back_what_an_older_one_said() {
    let revoked = list("A", 1, vec![service("ZZ01", "zz01.pem", false)]);
    let restored = list("A", 2, vec![service("ZZ01", "zz01.pem", true)]);
    assert_valid(&folder_and(&["zz01-p256.pem"], vec![restored.clone(), revoked.clone()]), "P256");
    assert_valid(&folder_and(&["zz01-p256.pem"], vec![revoked, restored.clone()]), "P256");
    // An authority that the newest list leaves out is no anchor, and known all the same.
    let without = list("A", 3, vec![service("ZZ02", "zz02.pem", true)]);
    let store = folder_and(&["zz01-p256.pem"], vec![restored, without]);
    assert_refused(&store, "P256", Untrusted, "nothing here vouches");
    assert_eq!(store.trust_lists().map(|list| list.sequence).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_withdrawn_key_is_refused_beside_the_one_in_accord() {
    let both = list("A", 1, vec![service("ZZ11", "zz11-a.pem", false), service("ZZ11", "zz11-b.pem", true)]);
    let mut store = folder_and(&["zz11-a.pem", "zz11-b.pem"], vec![both]);
    assert_refused(&store, "renewed authority a", Untrusted, "not in accord");
    assert_valid(&store, "renewed authority b");
    // Another operator's list does not outvote it.
    store.add_trust_list("other", list("B", 9, vec![service("ZZ11", "zz11-a.pem", true)]));
    assert_refused(&store, "renewed authority a", Untrusted, "not in accord");
}

#[test]
fn authorities_are_those_in_accord_in_lists_that_count() {
    let older = list("A", 1, vec![service("ZZ03", "", true)]);
    let newer = list("A", 2, vec![service("ZZ01", "zz01.pem", true), service("ZZ02", "", false)]);
    let other = list("B", 1, vec![service("ZZ04", "", true)]);
    let store = folder_and(&[], vec![newer, older, other]);
    let authorities = store.authorities();
    assert_eq!(authorities.iter().map(|one| one.ca_id.as_str()).collect::<Vec<_>>(), ["ZZ01", "ZZ04"]);
    assert_eq!(authorities[0].operator, "OPERATOR OF ZZ01");
    assert_eq!(authorities[0].directory.as_deref(), Some("http://ZZ01.example/directory"));
}

#[test]
fn a_bare_key_does_not_speak_for_an_authority_of_a_list() {
    for in_accord in [true, false] {
        let lists = vec![list("A", 1, vec![service("ZZ01", "", in_accord)])];
        judged(&folder_and(&["bureau.pub.pem"], lists), &code("bureau as ZZ01"), ASKED, Untrusted);
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
