//! File formats: what is recognised, what is a fault, what is skipped.

use super::*;

fn with(name: &str, bytes: &[u8]) -> TrustStore {
    let mut store = TrustStore::default();
    store.add(name, bytes);
    store
}

fn reason(bytes: &[u8]) -> String {
    let store = with("file", bytes);
    assert!(store.is_empty() && store.faults().is_empty(), "{:?}", store.faults());
    assert_eq!(store.skipped().len(), 1);
    store.skipped()[0].reason.clone()
}

fn fault(bytes: &[u8]) -> String {
    let store = with("file", bytes);
    assert_eq!(store.faults().len(), 1, "{:?} {:?}", store.faults(), store.skipped());
    store.faults()[0].to_string()
}

#[test]
fn a_pem_bundle_with_text_between_its_blocks_is_read() {
    let mut bundle = b"\xef\xbb\xbfAuthority of tests, kept since 2020\r\n\r\n".to_vec();
    bundle.extend(fixture("zz01.pem"));
    bundle.extend(b"subject=CN = P256\nissuer=CN = ZZ01\n");
    bundle.extend(String::from_utf8(fixture("zz01-p256.pem")).unwrap().replace('\n', "\r\n").bytes());
    bundle.extend(fixture("zz01-crl.pem"));
    bundle.extend(fixture("zz01-revoked.pem"));
    let store = with("all.txt", &bundle);
    assert!(store.faults().is_empty() && store.skipped().is_empty());
    assert_valid(&store, "P256");
    assert_refused(&store, "revoked", Status::Invalid, "revoked on");
}

#[test]
fn a_pem_block_may_have_lines_of_any_length() {
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
fn der_objects_are_read_alone_and_in_a_row() {
    let (authority, leaf) = (objects("zz01.pem").remove(0), objects("zz01-p256.pem").remove(0));
    let list = objects("zz01-crl.pem").remove(0);
    let mut store = with("authority", &authority);
    store.add("leaf", &leaf);
    assert_valid(&store, "P256");
    let together = [&authority[..], &leaf, b"\r\n", &list, &objects("zz01-revoked.pem")[0], b"\n"].concat();
    let mut store = with("together", &together);
    assert_refused(&store, "P256", Status::Untrusted, "came in a directory, and nothing here vouches for it");
    store.add("zz01.pem", &fixture("zz01.pem"));
    assert!(store.faults().is_empty());
    assert_valid(&store, "P256");
    assert_refused(&store, "revoked", Status::Invalid, "revoked on");
    assert_valid(&with("key", &objects("bureau.pub.pem")[0]), "bureau");
}

#[test]
fn a_directory_is_read_in_every_format() {
    let plain = fixture("zz01-directory.der");
    let unix = chains::directory(&["zz01-p256.pem"]);
    let headers = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=End\r\n\r\n";
    let text = String::from_utf8(fixture("zz01-p256.pem")).unwrap();
    let armoured = format!("--=_x\nContent-type: application/x-pem-file\n\n{text}\n--=_x--\n");
    for directory in [plain.clone(), unix, [&headers[..], &plain].concat(), armoured.into_bytes()] {
        let mut store = folder(&["zz01.pem"]);
        store.add("directory", &directory);
        assert!(store.faults().is_empty() && store.skipped().is_empty(), "{:?}", store.faults());
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
fn a_public_key_in_a_directory_is_ignored() {
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
fn files_without_certificates_keys_or_lists_are_skipped() {
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
fn a_private_key_is_reported_and_not_stored() {
    let store = with("both.pem", &[fixture("bureau.key.pem"), fixture("zz12-pin1.pem")].concat());
    assert_valid(&store, "alone");
    let message = store.skipped()[0].to_string();
    assert!(message.starts_with("`both.pem` is skipped: a private key"), "{message}");
    let text = String::from_utf8(fixture("bureau.key.pem")).unwrap();
    let secret = text.lines().nth(1).unwrap();
    assert!(!format!("{store:?}").contains(&secret[..16]));
}

#[test]
fn damage_is_reported_with_its_location_and_the_rest_of_the_file_is_used() {
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
fn inner_and_outer_signature_algorithms_must_be_the_same() {
    let mut leaf = objects("zz02.pem").remove(1);
    let names: Vec<_> = (0..leaf.len())
        .filter(|at| leaf[*at..].starts_with(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2]))
        .collect();
    assert_eq!(names.len(), 2);
    leaf[names[1] + 7] = 3;
    assert!(fault(&leaf).contains("two signature algorithms"));
}

#[test]
fn sub_folders_and_links_are_followed() {
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
    let passed: Vec<_> = store.skipped().iter().map(|one| one.file.as_str()).collect();
    let expected = if cfg!(unix) { vec!["a/README", "a/b/lost"] } else { vec!["a/README"] };
    assert_eq!(passed, expected);
    let message = |name: &str| TrustStore::read(&folder.path().join(name)).unwrap_err().to_string();
    assert!(
        message("absent").starts_with("the trust folder `")
            && message("absent").ends_with("absent` does not exist")
    );
    assert!(message("leaf.txt").ends_with("leaf.txt` is a file"), "{}", message("leaf.txt"));
}

#[test]
fn a_file_beyond_the_maximum_size_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::File::create(folder.path().join("huge")).unwrap().set_len((64 << 20) + 1).unwrap();
    let store = TrustStore::read(folder.path()).unwrap();
    assert!(store.faults()[0].to_string().starts_with("`huge`: larger than"), "{:?}", store.faults());
}

#[test]
fn foreign_text_in_faults_is_safe_to_display() {
    let root = "<r\u{e9}\u{200d}TrustServiceStatusList xmlns='u'/>";
    let long = format!("<{}TrustServiceStatusList/>", "r".repeat(5_000));
    for text in [root, &long, "<a b='\u{9b}31m'><\u{9b}2J TrustServiceStatusList"] {
        let message = fault(text.as_bytes());
        assert!(!message.chars().any(|c| c.is_control() || c == '\u{200d}'), "{message:?}");
        assert!(message.chars().count() < 700, "{message}");
    }
    let mut store = TrustStore::default();
    store.add("a\u{1b}[2J", b"<TrustServiceStatusList>");
    assert!(store.faults()[0].to_string().starts_with("`a\u{fffd}[2J`: "), "{:?}", store.faults());
}

#[test]
fn faults_of_a_trust_list_are_safe_to_display() {
    use super::super::XmlSignatureError;
    use super::super::canonical_xml::parse;
    use super::super::trust_list::TrustListError;
    let odd = || format!("\u{1b}[2J\u{9b}31m{}", "x".repeat(2_000));
    let signature = [
        XmlSignatureError::DuplicateId(odd()),
        XmlSignatureError::Reference(odd()),
        XmlSignatureError::Transform(odd()),
        XmlSignatureError::Algorithm(odd()),
        XmlSignatureError::Digest(odd()),
    ];
    let mut faults: Vec<TrustListError> = signature.into_iter().map(TrustListError::Signature).collect();
    let xml = parse(format!("<?{}?>", odd()).as_bytes()).unwrap_err();
    assert!(xml.to_string().contains("`\u{fffd}[2J"), "{xml}");
    faults.push(TrustListError::Xml(xml));
    faults.push(TrustListError::Root(odd()));
    faults.push(TrustListError::Value { what: "Day", value: odd() });
    for fault in faults {
        let message = fault.to_string();
        assert!(!message.chars().any(char::is_control) && message.chars().count() < 400, "{message:?}");
    }
}

fn utf_16(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// A PEM file with one object, in every encoding that is read.
fn encodings(name: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (pem, der) = (fixture(name), objects(name).remove(0));
    let text = String::from_utf8(pem.clone()).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let leaf = String::from_utf8(fixture("zz12-pin1.pem")).unwrap();
    let utf_16_be = utf_16(&pem).chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    vec![
        ("blank before DER", [b"\r\n \n", &der[..]].concat()),
        ("mark of UTF-8 before DER", [b"\xef\xbb\xbf", &der[..]].concat()),
        ("CR alone", text.replace('\n', "\r").into_bytes()),
        ("UTF-16", utf_16(&pem)),
        ("UTF-16, big end first", utf_16_be),
        ("Base64 alone", base64.clone().into_bytes()),
        ("Base64 alone, in UTF-16", utf_16(base64.as_bytes())),
        ("Base64 alone, in lines", base64.as_bytes().chunks(64).collect::<Vec<_>>().join(&b"\r\n"[..])),
        ("DER after PEM", [leaf.as_bytes(), &der].concat()),
        ("PEM after DER", [&der[..], b"\n", leaf.as_bytes()].concat()),
    ]
}

#[test]
fn a_revocation_list_is_read_in_every_encoding() {
    let crl = String::from_utf8(fixture("zz01-crl.pem")).unwrap().replace("X509 CRL", "CRL");
    for (dress, list) in encodings("zz01-crl.pem").into_iter().chain([("`CRL`", crl.into_bytes())]) {
        let mut store = folder(&["zz01.pem", "zz01-revoked.pem"]);
        store.add("list", &list);
        assert!(store.faults().is_empty() && store.skipped().is_empty(), "{dress}: {:?}", store.skipped());
        let verdict = store.verify(&code("revoked"), &STRICT);
        assert_eq!(verdict.status, Status::Invalid, "{dress}: {}", verdict.reason);
    }
}

#[test]
fn a_certificate_is_read_in_every_encoding() {
    for (dress, certificate) in encodings("zz01-p256.pem") {
        let mut store = folder(&["zz01.pem"]);
        store.add("leaf", &certificate);
        assert_eq!(
            store.verify(&code("P256"), &STRICT).status,
            Status::Valid,
            "{dress}: {:?}",
            store.faults()
        );
        assert!(store.faults().is_empty() && store.skipped().is_empty(), "{dress}: {:?}", store.faults());
    }
}

/// A skipped file may contain the list that revokes a certificate. Such files are marked notable, other ones not.
#[test]
fn skipped_files_that_may_hold_certificates_or_lists_are_notable() {
    let notable = |bytes: &[u8]| {
        let store = with("file", bytes);
        assert_eq!((store.skipped().len(), store.faults().len()), (1, 0), "{:?}", store.skipped());
        store.skipped()[0].notable
    };
    let labelled = |label: &str| format!("-----BEGIN {label}-----\nMIIB\n-----END {label}-----\n");
    for label in ["PKCS7", "CMS", "TRUSTED CERTIFICATE", "X509 LIST", "CERTIFICATE LIST"] {
        assert!(notable(labelled(label).as_bytes()), "{label}");
    }
    for label in [
        "EC PARAMETERS",
        "RSA PRIVATE KEY",
        "AGE ENCRYPTED FILE",
        "OPENSSH PRIVATE KEY",
        "CERTIFICATE REQUEST",
    ] {
        assert!(!notable(labelled(label).as_bytes()), "{label}");
    }
    let content_type = forged::oid("1.2.840.113549.1.7.2");
    let cms = forged::tlv(0x30, &[content_type.clone(), forged::tlv(0xA0, &[0x30, 0])].concat());
    assert!(notable(&cms));
    let sealed = forged::tlv(0x30, &[vec![2, 1, 3], cms].concat());
    assert!(notable(&sealed));
    assert!(notable(&[b"\x30\x80", &content_type[..]].concat()));
    assert!(notable(
        &String::from_utf8(fixture("zz01-crl.pem"))
            .unwrap()
            .replace("-----BEGIN", "x -----BEGIN")
            .into_bytes()
    ));
    assert!(notable(b"MIIBdamaged!"));
    for plain in [&b"# How this folder is kept"[..], b"", b"<html/>", &objects("bureau.key.pem")[0]] {
        assert!(!notable(plain), "{plain:?}");
    }
}

#[test]
fn several_certificates_in_der_are_a_directory_and_one_is_not() {
    let (authority, leaf) = (objects("zz01.pem").remove(0), objects("zz01-p256.pem").remove(0));
    let list = objects("zz01-crl.pem").remove(0);
    let words = "nothing here vouches for it";
    assert_refused(&with("both", &[&authority[..], &leaf].concat()), "P256", Status::Untrusted, words);
    // Truncated, it is still a directory.
    let mut store = with("both", &[&authority[..], &leaf[..40]].concat());
    store.add("leaf", &leaf);
    assert_refused(&store, "P256", Status::Untrusted, words);
    let mut store = with("one", &[&authority[..], &list].concat());
    store.add("leaf", &leaf);
    assert_valid(&store, "P256");
}

#[test]
fn the_faults_of_one_file_are_limited() {
    let damaged = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".repeat(1_000);
    let store = with("bundle", &damaged);
    assert_eq!(store.faults().len(), 21);
    assert_eq!(store.faults()[20].to_string(), "`bundle`: and 980 more faults in this file");
    let forged = fixture("zz01-crl-forged.pem").repeat(30);
    let mut store = folder(&["zz01.pem"]);
    store.add("lists", &forged);
    assert_eq!(store.faults().len(), 21);
    let labels: String = (0..1_000).map(|n| format!("-----BEGIN X{n}-----\n-----END X{n}-----\n")).collect();
    assert_eq!(with("labels", labels.as_bytes()).skipped().len(), 21);
}

#[test]
fn der_objects_are_read_up_to_the_first_damaged_one() {
    let leaf = objects("zz12-pin1.pem").remove(0);
    let message = fault(&[&leaf[..], &b"\x30\x00".repeat(1_000), &leaf].concat());
    assert!(
        message.starts_with("`file`, object 2: ") && message.ends_with("; what follows it is not read"),
        "{message}"
    );
}

#[test]
fn a_directory_may_have_a_preamble_and_parts_without_headers() {
    let plain = fixture("zz01-directory.der");
    let der = objects("zz01-p256.pem").remove(0);
    let pem = String::from_utf8(fixture("zz01-p256.pem")).unwrap();
    let base64: String =
        pem.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect();
    let http = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=End\r\n\r\n";
    let preamble = b"This is a multi-part message in MIME format.\r\n-- \r\n\r\n";
    let bare = |gap: &str, body: &[u8]| {
        let head = format!("--=_b1\r\n{gap}");
        [head.as_bytes(), body, b"\r\n", head.as_bytes(), body, b"\r\n--=_b1--\r\n"].concat()
    };
    let dresses = [
        [&http[..], &plain].concat(),
        [&preamble[..], &plain].concat(),
        [&http[..], preamble, &plain].concat(),
        bare("", &der),
        bare("\r\n", &der),
        bare("", pem.as_bytes()),
        bare("\r\n", pem.as_bytes()),
        bare("", base64.as_bytes()),
        bare("\r\n", base64.as_bytes()),
        [&http[..], &bare("\r\n", &der)].concat(),
    ];
    for (number, directory) in dresses.iter().enumerate() {
        let store = with("directory", directory);
        assert_refused(&store, "P256", Status::Untrusted, "nothing here vouches for");
        let mut store = folder(&["zz01.pem"]);
        store.add("directory", directory);
        assert!(store.faults().is_empty() && store.skipped().is_empty(), "{number}: {:?}", store.faults());
        assert_valid(&store, "P256");
    }
}

#[test]
fn text_between_ruled_lines_is_not_a_directory() {
    for rule in ["-- \n", "----------\n", "-- leaf\n", "--------------\n\n----------\n"] {
        let bundle = [rule.as_bytes(), &fixture("zz12-pin1.pem"), rule.as_bytes()].concat();
        assert_valid(&with("bundle", &bundle), "alone");
    }
}
