//! Refreshes through a server of our own, which stands in as the proxy of every host and notes who was asked. What
//! it serves was signed by xmlsec1 and OpenSSL (`fixtures/trust_list/make.py`).

use super::forged::{self, Draft};
use super::*;
use crate::failure::Failure;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LIST: &str = "http://operator.example/list.xml";
const DIRECTORY: &str = "http://xx01.example/certificates?hash=a%2Fb";
const REVOCATIONS: &str = "http://revocations.xx01.example/xx01.crl";

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/twoddoc/fixtures/authorities");
    fs_err::read(folder.join(name)).unwrap()
}

fn ok(body: Vec<u8>) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.into_bytes(), body].concat()
}

fn answer(head: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

/// What a server answers, by address.
type Answers = BTreeMap<String, Vec<u8>>;

/// A server on this machine, and what it was asked.
struct Server {
    network: Network,
    asked: Arc<Mutex<Vec<String>>>,
}

fn server(answers: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Server {
    let answers: Answers =
        answers.into_iter().map(|(address, answer)| (address.to_owned(), answer)).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = ureq::Proxy::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = asked.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let _ = serve(connection.unwrap(), &answers, &notes);
        }
    });
    Server { network: Network::with(100_000, Duration::from_secs(1), Some(proxy)), asked }
}

/// Answers `CONNECT host:80`, then the request in the tunnel.
fn serve(mut connection: TcpStream, answers: &Answers, notes: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let tunnel = head(&mut reader)?;
    let host = tunnel.split(' ').nth(1).unwrap_or_default().trim_end_matches(":80").to_owned();
    connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let request = head(&mut reader)?;
    let address = format!("http://{host}{}", request.split(' ').nth(1).unwrap_or_default());
    notes.lock().unwrap().push(address.clone());
    let answer = answers.get(&address).cloned().unwrap_or_else(|| self::answer("404 Not Found"));
    connection.write_all(&answer)?;
    if answer.ends_with(b"unfinished") {
        // Held open until the other side goes.
        reader.read_to_end(&mut Vec::new())?;
    }
    Ok(())
}

fn head(reader: &mut impl io::BufRead) -> io::Result<String> {
    let mut lines = reader.lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    Ok(first)
}

fn folder_with(list: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("list.xml"), fixture(list)).unwrap();
    folder
}

/// Refreshes, and returns the outcomes as text, without those of the operator and `XX03` that are the same each time.
fn refreshed(server: &Server, folder: &tempfile::TempDir) -> Vec<String> {
    let outcomes = fetch_through(&server.network, folder.path()).unwrap();
    outcomes.iter().map(ToString::to_string).collect()
}

fn kept(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = fs_err::read_dir(folder.path().join(FETCHED)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn fetched(folder: &tempfile::TempDir, name: &str) -> Vec<u8> {
    fs_err::read(folder.path().join(FETCHED).join(name)).unwrap_or_default()
}

fn certificates_kept(folder: &tempfile::TempDir) -> usize {
    let authority = in_accord(&TrustStore::read(folder.path()).unwrap()).remove("XX01").unwrap().certificates;
    download::certificates(&authority, &fetched(folder, "XX01.certificates")).len()
}

#[test]
fn a_refresh_keeps_what_the_authorities_signed() {
    let folder = folder_with("list_7.xml");
    let server = server([
        (LIST, ok(fixture("list_8.xml"))),
        (DIRECTORY, ok(fixture("directory.multipart"))),
        (REVOCATIONS, ok(fixture("revocations_1.crl"))),
    ]);
    let lines = refreshed(&server, &folder);
    assert_eq!(
        lines,
        [
            format!("OPÉRATEUR D'ESSAI: issue 8 of the trust list ({LIST})"),
            format!("XX01: certificates: 2 ({DIRECTORY})"),
            format!("XX01: revocation lists: 1 ({REVOCATIONS})"),
            "XX03: nothing kept: the trust list names no address".to_owned(),
        ]
    );
    // Nobody else: not the authority that is not in accord, not the host that a stranger's certificate names.
    assert_eq!(*server.asked.lock().unwrap(), [LIST, DIRECTORY, REVOCATIONS]);
    let [certificates, crl, list] = &kept(&folder)[..] else { panic!("{:?}", kept(&folder)) };
    assert_eq!((certificates.as_str(), crl.as_str()), ("XX01.certificates", "XX01.crl"));
    assert!(list.starts_with("trust-list-") && fetched(&folder, list) == fixture("list_8.xml"));
    let store = TrustStore::read(folder.path()).unwrap();
    assert_eq!(store.trust_lists().map(|list| list.sequence).collect::<Vec<_>>(), [8]);
    assert_eq!(store.faults().iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(certificates_kept(&folder), 2);
}

#[test]
fn a_second_refresh_finds_nothing_new() {
    let folder = folder_with("list_8.xml");
    let server = server([
        (LIST, ok(fixture("list_8.xml"))),
        (DIRECTORY, ok(fixture("directory.multipart"))),
        (REVOCATIONS, ok(fixture("revocations_2.crl"))),
    ]);
    refreshed(&server, &folder);
    let before = kept(&folder);
    let lines = refreshed(&server, &folder);
    assert!(lines.iter().take(3).all(|line| line.contains(": nothing new (")), "{lines:?}");
    assert_eq!(kept(&folder), before);
    assert_eq!(before, ["XX01.certificates", "XX01.crl"]);
}

#[test]
fn certificates_once_published_stay() {
    let folder = folder_with("list_8.xml");
    refreshed(&server([(DIRECTORY, ok(fixture("directory.multipart")))]), &folder);
    let lines = refreshed(&server([(DIRECTORY, ok(fixture("directory.der")))]), &folder);
    assert!(lines.contains(&format!("XX01: nothing new ({DIRECTORY})")), "{lines:?}");
    assert_eq!(certificates_kept(&folder), 2);
    let other = folder_with("list_8.xml");
    refreshed(&server([(DIRECTORY, ok(fixture("directory.der")))]), &other);
    assert_eq!(certificates_kept(&other), 1);
    refreshed(&server([(DIRECTORY, ok(fixture("directory.multipart")))]), &other);
    assert_eq!(certificates_kept(&other), 2);
}

#[test]
fn a_list_of_another_key_or_an_older_one_is_refused() {
    let folder = folder_with("list_7.xml");
    let stranger = refreshed(&server([(LIST, ok(fixture("list_9_other_signer.xml")))]), &folder);
    assert!(stranger[0].contains("issue 9 is signed with another key than issue 7"), "{stranger:?}");
    let older = refreshed(&server([(LIST, ok(fixture("list_6.xml")))]), &folder);
    assert!(older[0].contains("issue 6 is older than issue 7"), "{older:?}");
    let changed = String::from_utf8(fixture("list_8.xml")).unwrap().replace("xx01.example", "xx66.example");
    let changed = refreshed(&server([(LIST, ok(changed.into_bytes()))]), &folder);
    assert!(changed[0].contains("changed after it was signed"), "{changed:?}");
    assert_eq!(kept(&folder), [""; 0]);
}

#[test]
fn revocations_are_never_lifted() {
    let folder = folder_with("list_8.xml");
    let serving = |name: &str| {
        server([(DIRECTORY, ok(fixture("directory.multipart"))), (REVOCATIONS, ok(fixture(name)))])
    };
    refreshed(&serving("revocations_2.crl"), &folder);
    let held = fetched(&folder, "XX01.crl");
    let lines = refreshed(&serving("revocations_1.crl"), &folder);
    assert!(lines[2].contains("older than the one in the folder"), "{lines:?}");
    let lines = refreshed(&serving("revocations_forged.crl"), &folder);
    assert!(lines[2].contains("no revocation list that the authority signed"), "{lines:?}");
    assert_eq!(fetched(&folder, "XX01.crl"), held);
    let other = folder_with("list_8.xml");
    refreshed(&serving("revocations_1.crl"), &other);
    assert!(refreshed(&serving("revocations_2.crl"), &other)[2].contains("revocation lists: 1"));
    assert_eq!(fetched(&other, "XX01.crl"), held);
}

/// What goes wrong at one address leaves what was there, and the rest goes on.
#[test]
fn what_fails_replaces_nothing() {
    let unfinished = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n0\x82unfinished".to_vec();
    let broken = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n0\x82broken off".to_vec();
    let endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1ffff\r\n".to_vec();
    let failures = [
        (answer("404 Not Found"), "the server answers 404"),
        (answer("503 Busy"), "the server answers 503"),
        (answer("304 Not Modified"), "the server answers 304"),
        (answer("204 No Content"), "the server answers 204"),
        (ok(b"<html>Welcome to the hotel</html>".to_vec()), "no certificate that the authority signed"),
        (ok(Vec::new()), "no certificate that the authority signed"),
        (ok(fixture("strangers.der")), "no certificate that the authority signed"),
        (ok(fixture("list_8.xml")), "no certificate that the authority signed"),
        (ok(vec![b'0'; 100_001]), "larger than"),
        ([endless, vec![b'0'; 0x1ffff]].concat(), "larger than"),
        (
            answer("302 Found\r\nLocation: http://elsewhere.example/"),
            "sends us on to `http://elsewhere.example/`",
        ),
        (answer("302 Found\r\nLocation: file:///etc/passwd"), "sends us on to `file:///etc/passwd`"),
        (answer(&format!("302 Found\r\nLocation: {DIRECTORY}")), "more than 5 times"),
        (unfinished, "did not arrive within 1 seconds"),
        (broken, "no connection"),
        (b"garbage\r\n\r\n".to_vec(), "no connection"),
        (Vec::new(), "no connection"),
    ];
    for (failure, reason) in failures {
        let folder = folder_with("list_8.xml");
        refreshed(&server([(DIRECTORY, ok(fixture("directory.der")))]), &folder);
        let before = fetched(&folder, "XX01.certificates");
        let server = server([(DIRECTORY, failure), (REVOCATIONS, ok(fixture("revocations_1.crl")))]);
        let lines = refreshed(&server, &folder);
        assert!(
            lines[1].starts_with("XX01: nothing kept: ") && lines[1].contains(reason),
            "{reason}: {lines:?}"
        );
        assert!(lines[2].contains("revocation lists: 1"), "{lines:?}");
        assert_eq!(fetched(&folder, "XX01.certificates"), before);
        assert_eq!(kept(&folder), ["XX01.certificates", "XX01.crl"]);
        let asked = server.asked.lock().unwrap();
        assert!(
            asked.iter().all(|address| [LIST, DIRECTORY, REVOCATIONS].contains(&address.as_str())),
            "{asked:?}"
        );
    }
}

#[test]
fn a_redirect_within_the_host_is_followed() {
    let folder = folder_with("list_8.xml");
    let server = server([
        (DIRECTORY, answer("301 Moved\r\nLocation: /new?a=b")),
        ("http://xx01.example/new?a=b", ok(fixture("directory.der"))),
    ]);
    assert!(refreshed(&server, &folder)[1].contains("certificates: 1"));
}

/// A file that can't be written is reported, and the other addresses are asked.
#[test]
fn a_file_that_cannot_be_written_is_reported() {
    let folder = folder_with("list_8.xml");
    fs_err::create_dir_all(folder.path().join(FETCHED).join("XX01.certificates")).unwrap();
    let lines = refreshed(&server([(DIRECTORY, ok(fixture("directory.der")))]), &folder);
    assert!(lines[1].contains("nothing kept: "), "{lines:?}");
    assert_eq!(lines.len(), 3);
}

#[test]
fn without_a_list_nobody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let server = server([]);
    let error = Failure::from(fetch_through(&server.network, folder.path()).unwrap_err()).to_string();
    assert!(error.contains("holds no trust list") && error.contains(ANTS_LIST), "{error}");
    assert!(server.asked.lock().unwrap().is_empty());
    assert!(!folder.path().join(FETCHED).exists());
}

/// An authority that is made on the spot, and a refresh of what it publishes.
fn refreshed_from(server: &Server, folder: &Path, addresses: &[String]) -> Vec<String> {
    let key = forged::key(1);
    let authority = Draft::authority("ZZ71", "ZZ71", &key).with(revocation_addresses(addresses));
    let listed = Listed { certificates: vec![authority.signed(&key)], directories: BTreeSet::new() };
    let mut refresh = Refresh { network: &server.network, fetched: folder.to_owned(), outcomes: Vec::new() };
    refresh.revocations("ZZ71", &listed);
    refresh.outcomes.iter().map(ToString::to_string).collect()
}

#[test]
fn an_older_revocation_list_discards_no_newer_one() {
    let list = |day, part| forged::revocation_list("ZZ71", &forged::key(1), day, "AAAA", part);
    let folder = tempfile::tempdir().unwrap();
    let serving = |lists: [Vec<u8>; 2]| server([(REVOCATIONS, ok(lists.concat()))]);
    let addresses = [REVOCATIONS.to_owned()];
    let first = refreshed_from(&serving([list(5, "1"), list(5, "2")]), folder.path(), &addresses);
    assert_eq!(first, [format!("ZZ71: revocation lists: 2 ({REVOCATIONS})")]);
    for (one, two) in [(4, 6), (7, 5)] {
        let outcomes = refreshed_from(&serving([list(one, "1"), list(two, "2")]), folder.path(), &addresses);
        assert_eq!(outcomes[0], format!("ZZ71: revocation lists: 1 ({REVOCATIONS})"));
        assert!(outcomes[1].contains("older than the one in the folder"), "{outcomes:?}");
        assert_eq!(outcomes.len(), 2);
    }
    let kept = fs_err::read(folder.path().join("ZZ71.crl")).unwrap();
    for newest in [list(7, "1"), list(6, "2")] {
        assert!(kept.windows(newest.len()).any(|window| window == newest));
    }
    let outcomes = refreshed_from(&serving([list(1, "1"), list(1, "2")]), folder.path(), &addresses);
    assert!(outcomes.len() == 2 && outcomes.iter().all(|one| one.contains("older than")), "{outcomes:?}");
}

#[test]
fn addresses_that_are_not_asked_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let addresses = |number| (0..number).map(|at| format!("http://h{at:02}.example/crl")).collect::<Vec<_>>();
    let server = server([]);
    assert_eq!(refreshed_from(&server, folder.path(), &addresses(8)).len(), 8);
    let outcomes = refreshed_from(&server, folder.path(), &addresses(11));
    assert_eq!(outcomes.len(), 9);
    assert_eq!(
        outcomes[8],
        "ZZ71: nothing kept: 3 more addresses of revocation lists are not asked: 8 at most for one authority"
    );
}

#[test]
fn the_address_of_the_ants_is_for_its_own_lists() {
    let mut list = TrustStore::default();
    list.add("list", &fixture("list_8.xml"));
    let mut list = list.trust_lists().next().unwrap().clone();
    assert_eq!(published_at(&list), Some(LIST));
    list.distribution_points.clear();
    for (operator, address) in [
        ("FRANCE TITRES (ANTS)", Some(ANTS_LIST)),
        ("Agence nationale des titres sécurisés", Some(ANTS_LIST)),
        ("LES PARTICIPANTS", None),
        ("ANTS OF ELSEWHERE", None),
        ("FRANCE TITRES (ANTS) BIS", None),
        ("", None),
    ] {
        operator.clone_into(&mut list.operator);
        assert_eq!(published_at(&list), address, "{operator}");
    }
}

#[test]
fn lists_that_contest_each_other_are_reported_and_nobody_is_asked() {
    let folder = folder_with("list_8.xml");
    fs_err::write(folder.path().join("other.xml"), fixture("list_9_other_signer.xml")).unwrap();
    let server = server([]);
    let error = Failure::from(fetch_through(&server.network, folder.path()).unwrap_err()).to_string();
    assert!(error.contains("`list.xml` (key ") && error.contains("`other.xml` (key "), "{error}");
    assert!(server.asked.lock().unwrap().is_empty());
}

/// The addresses of revocation lists in a certificate.
fn revocation_addresses(addresses: &[String]) -> forged::Extension {
    let points = addresses.iter().map(|address| {
        let full_name = forged::tlv(0xA0, &forged::tlv(0x86, address.as_bytes()));
        forged::tlv(0x30, &forged::tlv(0xA0, &full_name))
    });
    ("2.5.29.31", false, forged::tlv(0x30, &points.collect::<Vec<_>>().concat()))
}
