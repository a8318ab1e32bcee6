//! What is in which file.

use super::*;

fn with(name: &str, bytes: &[u8]) -> TrustStore {
    let mut store = TrustStore::default();
    store.add(name, bytes);
    store
}

fn reason(bytes: &[u8]) -> String {
    let store = with("file", bytes);
    assert!(store.is_empty() && store.faults().is_empty(), "{:?}", store.faults());
    assert_eq!(store.passed_over().len(), 1);
    store.passed_over()[0].reason.clone()
}

fn fault(bytes: &[u8]) -> String {
    let store = with("file", bytes);
    assert_eq!(store.faults().len(), 1, "{:?} {:?}", store.faults(), store.passed_over());
    store.faults()[0].to_string()
}

#[test]
fn a_bundle_with_text_between_its_blocks() {
    let mut bundle = b"\xef\xbb\xbfAuthority of tests, kept since 2020\r\n\r\n".to_vec();
    bundle.extend(fixture("zz01.pem"));
    bundle.extend(b"subject=CN = P256\nissuer=CN = ZZ01\n");
    bundle.extend(String::from_utf8(fixture("zz01-p256.pem")).unwrap().replace('\n', "\r\n").bytes());
    bundle.extend(fixture("zz01-crl.pem"));
    bundle.extend(fixture("zz01-revoked.pem"));
    let store = with("all.txt", &bundle);
    assert!(store.faults().is_empty() && store.passed_over().is_empty());
    assert_valid(&store, "P256");
    assert_refused(&store, "revoked", Status::Invalid, "revoked on");
}

#[test]
fn a_block_on_one_line_or_on_many() {
    for width in [1, 76, 10_000] {
        let pem = String::from_utf8(fixture("zz12-pin1.pem")).unwrap();
        let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let lines: Vec<_> = text.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line)).collect();
        let lines = lines.join("\n");
        let pem = format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----");
        assert_valid(&with("one", pem.as_bytes()), "alone");
    }
}

#[test]
fn der_alone_and_one_after_the_other() {
    let (authority, leaf) = (objects("zz01.pem").remove(0), objects("zz01-p256.pem").remove(0));
    let list = objects("zz01-crl.pem").remove(0);
    let mut store = with("authority", &authority);
    store.add("leaf", &leaf);
    assert_valid(&store, "P256");
    let together = [&authority[..], &leaf, b"\r\n", &list, &objects("zz01-revoked.pem")[0], b"\n"].concat();
    let store = with("together", &together);
    assert!(store.faults().is_empty());
    assert_valid(&store, "P256");
    assert_refused(&store, "revoked", Status::Invalid, "revoked on");
    assert_valid(&with("key", &objects("bureau.pub.pem")[0]), "bureau");
}

#[test]
fn a_directory_in_other_dresses() {
    let plain = fixture("zz01-directory.der");
    let unix = chains::directory(&["zz01-p256.pem"]);
    let headers = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=End\r\n\r\n";
    let text = String::from_utf8(fixture("zz01-p256.pem")).unwrap();
    let armoured = format!("--=_x\nContent-type: application/x-pem-file\n\n{text}\n--=_x--\n");
    for directory in [plain.clone(), unix, [&headers[..], &plain].concat(), armoured.into_bytes()] {
        let mut store = folder(&["zz01.pem"]);
        store.add("directory", &directory);
        assert!(store.faults().is_empty() && store.passed_over().is_empty(), "{:?}", store.faults());
        assert_valid(&store, "P256");
    }
}

#[test]
fn a_delimiter_within_a_certificate_does_not_cut_it() {
    let mut store = folder(&["zz01.pem"]);
    store.add("directory", &chains::directory(&["zz01-delimiter.pem", "zz01-p256.pem"]));
    assert!(store.faults().is_empty(), "{:?}", store.faults());
    assert_valid(&store, "delimiter");
    assert_valid(&store, "P256");
}

#[test]
fn a_key_in_a_directory_is_not_taken() {
    let key = String::from_utf8(fixture("bureau.pub.pem")).unwrap();
    let directory = format!("--End\nContent-Type: text/plain\n\n2D-DOC: ZZ50/BUR1\n{key}\n--End--\n");
    assert_refused(
        &with("directory", directory.as_bytes()),
        "bureau",
        Status::Untrusted,
        "nothing here speaks",
    );
}

#[test]
fn what_is_nothing_of_trust_is_passed_over() {
    let secret = "a private key or a sealed store of keys, which has no place in a trust folder";
    assert_eq!(reason(&fixture("bureau.key.pem")), secret);
    assert_eq!(reason(&objects("bureau.key.pem")[0]), secret);
    assert_eq!(reason(b""), "it is empty");
    assert!(reason(b"age-encryption.org/v1\n-> X25519 abc").contains("sealed with age"));
    let identity = "# created: 2026\n# public key: age1abc\nAGE-SECRET-KEY-1QQQQ\n";
    assert!(
        reason(identity.as_bytes()).contains("identity") && !reason(identity.as_bytes()).contains("QQQQ")
    );
    assert!(
        reason(b"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n").contains("recipient")
    );
    assert!(reason(b"# How this folder is kept\n").contains("neither"));
    assert!(reason(b"0 is the first digit, and a text may begin with it").contains("neither"));
    assert!(reason(b"<html><body>404</body></html>").contains("no trust list"));
    assert!(reason(&fixture("rsa.pub.pem")).contains("RSA"));
    let trusted =
        String::from_utf8(fixture("zz01.pem")).unwrap().replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    assert!(reason(trusted.as_bytes()).contains("TRUSTED CERTIFICATE"));
    assert!(reason(b"-----BEGIN EC PRIVATE KEY-----\n!!!!\n").contains("private key"));
}

#[test]
fn a_private_key_beside_a_certificate_is_told_and_not_shown() {
    let store = with("both.pem", &[fixture("bureau.key.pem"), fixture("zz12-pin1.pem")].concat());
    assert_valid(&store, "alone");
    let told = store.passed_over()[0].to_string();
    assert!(told.starts_with("`both.pem` is passed over: a private key"), "{told}");
    let text = String::from_utf8(fixture("bureau.key.pem")).unwrap();
    let secret = text.lines().nth(1).unwrap();
    assert!(!format!("{store:?}").contains(&secret[..16]));
}

#[test]
fn what_is_damaged_is_a_fault_of_its_place_and_stops_nothing_else() {
    let leaf = fixture("zz12-pin1.pem");
    let damaged = String::from_utf8(fixture("zz01-p256.pem")).unwrap().replacen("MII", "M!I", 1);
    let store = with("sub/bundle.pem", &[damaged.as_bytes(), &leaf].concat());
    assert_valid(&store, "alone");
    let faults: Vec<_> = store.faults().into_iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["`sub/bundle.pem`, block 1: damaged: no Base64 between its first and last line"]);

    let (one, two) = (objects("zz01.pem").remove(0), objects("zz01-p256.pem").remove(0));
    assert!(fault(&one[..one.len() - 1]).contains("the certificate can't be read"));
    assert!(fault(&one[..30]).contains("the certificate can't be read"));
    assert!(
        fault(&[&one[..], &two[..two.len() - 9]].concat()).starts_with("`file`, object 2: the certificate")
    );
    assert!(fault(&[&one[..], b"tail"].concat()).starts_with("`file`, object 2: this is no certificate"));
    let list = objects("zz01-crl.pem").remove(0);
    assert!(fault(&list[..list.len() - 5]).contains("the revocation list can't be read"));
    let unended = String::from_utf8(fixture("zz01.pem")).unwrap().replace("-----END CERTIFICATE-----", "");
    assert!(fault(unended.as_bytes()).starts_with("`file`, block 1: damaged"));
    assert!(fault(b"<TrustServiceStatusList>").starts_with("`file`: "));
    let mut directory = fixture("zz01-directory.der");
    let at = directory.windows(8).position(|window| window == b"base64\r\n").unwrap() + 14;
    directory[at] = b'!';
    assert!(fault(&directory).starts_with("`file`, part 2: damaged"));
}

#[test]
fn names_of_algorithms_inside_and_outside_must_agree() {
    let mut leaf = objects("zz02.pem").remove(1);
    let names: Vec<_> = (0..leaf.len())
        .filter(|at| leaf[*at..].starts_with(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2]))
        .collect();
    assert_eq!(names.len(), 2);
    leaf[names[1] + 7] = 3;
    assert!(fault(&leaf).contains("two signature algorithms"));
}

#[test]
fn a_folder_is_read_through_sub_folders_and_links() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    fs_err::create_dir_all(&inner).unwrap();
    fs_err::write(inner.join("no extension"), fixture("zz01.pem")).unwrap();
    fs_err::write(folder.path().join("leaf.txt"), fixture("zz01-p256.pem")).unwrap();
    fs_err::write(folder.path().join("a/README"), "nothing").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path(), inner.join("back")).unwrap();
        std::os::unix::fs::symlink("nowhere", inner.join("lost")).unwrap();
    }
    let store = TrustStore::read(folder.path()).unwrap();
    assert_valid(&store, "P256");
    let passed: Vec<_> = store.passed_over().iter().map(|one| one.file.as_str()).collect();
    let expected = if cfg!(unix) { vec!["a/README", "a/b/lost"] } else { vec!["a/README"] };
    assert_eq!(passed, expected);
    assert!(TrustStore::read(&folder.path().join("absent")).unwrap_err().to_string().contains("absent"));
}

#[test]
fn a_file_larger_than_any_list_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::File::create(folder.path().join("huge")).unwrap().set_len((64 << 20) + 1).unwrap();
    let store = TrustStore::read(folder.path()).unwrap();
    assert!(store.faults()[0].to_string().starts_with("`huge`: larger than"), "{:?}", store.faults());
}

/// What others wrote reaches no terminal as it is.
#[test]
fn foreign_text_in_faults_is_made_legible() {
    let root = "<r\u{e9}\u{200d}TrustServiceStatusList xmlns='u'/>";
    let long = format!("<{}TrustServiceStatusList/>", "r".repeat(5_000));
    for text in [root, &long, "<a b='\u{9b}31m'><\u{9b}2J TrustServiceStatusList"] {
        let told = fault(text.as_bytes());
        assert!(!told.chars().any(|c| c.is_control() || c == '\u{200d}'), "{told:?}");
        assert!(told.chars().count() < 700, "{told}");
    }
    let mut store = TrustStore::default();
    store.add("a\u{1b}[2J", b"<TrustServiceStatusList>");
    assert!(store.faults()[0].to_string().starts_with("`a\u{fffd}[2J`: "), "{:?}", store.faults());
}

#[test]
fn faults_of_a_list_never_move_a_terminal_s_cursor() {
    use super::super::canonical_xml::XmlFault;
    use super::super::trust_list::TrustListFault;
    use super::super::xml_signature::SignatureFault;
    let odd = || format!("\u{1b}[2J\u{9b}31m{}", "x".repeat(2_000));
    let signature = [
        SignatureFault::TwoIds(odd()),
        SignatureFault::Reference(odd()),
        SignatureFault::Transform(odd()),
        SignatureFault::Algorithm(odd()),
        SignatureFault::Digest(odd()),
    ];
    let mut faults: Vec<TrustListFault> = signature.into_iter().map(TrustListFault::Signature).collect();
    faults.push(TrustListFault::Xml(XmlFault { line: 1, reason: odd() }));
    faults.push(TrustListFault::Root(odd()));
    faults.push(TrustListFault::Value { what: "Day", value: odd() });
    for fault in faults {
        let told = fault.to_string();
        assert!(!told.chars().any(char::is_control) && told.chars().count() < 400, "{told:?}");
    }
}
