//! `pli keys`: certificate requests and labelled public keys, judged by openssl and python's cryptography.

use crate::job::{FRIDAY, Ran, TestJob, pli};
use crate::schemas::answers;
use crate::tools::{python, text, tool};

/// Reads a request as a certification authority would, and prints what it asks for.
const READ_REQUEST: &str = r#"
import sys
try:
    from cryptography import x509
except ImportError:
    sys.exit(77)
request = x509.load_pem_x509_csr(open(sys.argv[1], "rb").read())
assert request.is_signature_valid
usage = request.extensions.get_extension_for_class(x509.KeyUsage)
assert usage.critical and usage.value.digital_signature and usage.value.content_commitment
assert not usage.value.key_encipherment and not usage.value.key_cert_sign
assert request.public_key().curve.name == "secp256r1" and len(list(request.extensions)) == 1
print("|".join(f"{a.rfc4514_attribute_name}={a.value}" for a in request.subject))
"#;

fn new_key(job: &TestJob, profile: &str) -> String {
    let file = job.path(&format!("keys/{profile}.pem"));
    let made = pli(&["keys", "new", "signing", "--profile", profile, "--output", text(&file)]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    text(&file).to_owned()
}

fn request(job: &TestJob, key: &str, fields: [&str; 4]) -> Ran {
    let [ca, certificate_id, organisation, organisation_id] = fields;
    pli(&[
        "keys",
        "request",
        key,
        "--ca",
        ca,
        "--certificate-id",
        certificate_id,
        "--organisation",
        organisation,
        "--organisation-id",
        organisation_id,
        "--output",
        text(&job.path("request.csr")),
        "--json",
    ])
}

const SOUND: [&str; 4] = ["FR03", "AB12", "Bureau d’émission, Poitiers", "0002 73282932000074"];

#[test]
fn a_certificate_request_is_what_an_authority_expects() {
    let job = TestJob::new();
    let key = new_key(&job, "ecdsa-p256");
    let made = request(&job, &key, SOUND);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert_eq!(made.json()["certificate_id"], "AB12");
    answers("key-request", &made.stdout);
    let csr = job.path("request.csr");
    assert!(job.read("request.csr").starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    if let Some(said) = tool("openssl", &["req", "-in", text(&csr), "-verify", "-noout", "-pubkey"]) {
        assert_eq!(String::from_utf8_lossy(&said), job.read("keys/ecdsa-p256.pub"), "the key's own");
    }
    if let Some(read) = python("cryptography", &["-c", READ_REQUEST, text(&csr)]) {
        assert_eq!(read.trim(), "C=FR|O=Bureau d’émission, Poitiers|OU=0002 73282932000074|CN=AB12");
    }
    let again = request(&job, &key, SOUND);
    assert!(again.code == 2 && again.stderr.contains("never overwritten"), "{}", again.stderr);
}

#[test]
fn a_request_that_no_authority_would_take_is_refused_with_all_its_faults() {
    let job = TestJob::new();
    let wrong = request(&job, &new_key(&job, "ed25519"), ["FR3", "0000", "Bureau", "0002 732829321"]);
    assert_eq!(wrong.code, 2);
    for word in ["`ca`", "`certificate-id`", "`organisation-id`", "`key`", "--profile ecdsa-p256"] {
        assert!(wrong.stderr.contains(word), "`{word}` in: {}", wrong.stderr);
    }
    assert!(!job.path("request.csr").exists());
    let identity = request(&job, text(&job.path("keys/codes.identity")), SOUND);
    assert_eq!(identity.code, 2, "an age identity signs nothing: {}", identity.stderr);
    assert!(!wrong.stderr.contains("PRIVATE") && !identity.stderr.contains("SECRET"));
}

#[test]
fn a_key_has_one_fingerprint_wherever_it_is_named() {
    let job = TestJob::new();
    let listed = pli(&["keys", "list", text(&job.path("keys/signing.pem")), "--json"]).json();
    answers("keys", &listed.to_string());
    let exported = pli(&["keys", "export", text(&job.path("keys/signing.pem")), "--json"]);
    answers("public-key", &exported.stdout);
    let fingerprint = listed[0]["fingerprint"].as_str().unwrap().to_owned();
    assert_eq!(job.run(FRIDAY, &[]).json()["keys"]["signing"], fingerprint);

    let manifest = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let public = job.path("trust/bureau.pem");
    fs_err::create_dir_all(job.path("trust")).unwrap();
    job.write("trust/bureau.pem", &pli(&["keys", "export", text(&job.path("keys/signing.pem"))]).stdout);
    let verified = pli(&["verify", "--trust", text(&job.path("trust")), "--json", &manifest[0]["twoddoc"]]);
    let signer = verified.json()["signature"]["signer"].as_str().unwrap().to_owned();
    assert!(signer.contains(&format!("public key {fingerprint}")), "{fingerprint} in: {signer}");

    let spki = ["pkey", "-pubin", "-in", text(&public), "-outform", "DER"];
    let Some(spki) = tool("openssl", &spki) else { return };
    fs_err::write(job.path("spki"), spki).unwrap();
    let Some(digest) = tool("openssl", &["dgst", "-sha256", "-r", text(&job.path("spki"))]) else { return };
    assert!(String::from_utf8_lossy(&digest).starts_with(&fingerprint), "{fingerprint}");
}

#[test]
fn an_exported_key_says_which_codes_it_verifies() {
    let job = TestJob::new();
    let key = new_key(&job, "ecdsa-p256");
    let plain = pli(&["keys", "export", &key]).stdout;
    let labelled = pli(&["keys", "export", &key, "--id", "FR00/0001"]);
    assert_eq!(labelled.stdout, format!("2D-DOC: FR00/0001\n{plain}"));
    job.write("labelled.pem", &labelled.stdout);
    tool("openssl", &["pkey", "-pubin", "-in", text(&job.path("labelled.pem")), "-noout"]);
    let binary = pli(&["keys", "export", &key, "--id", "FR01/1A2B3"]);
    assert!(binary.stdout.starts_with("2D-DOC: FR01/1A2B3\n"), "{}", binary.stderr);
    assert_eq!(pli(&["keys", "export", &key, "--id", "FR00-0001"]).code, 2);
    let age = pli(&["keys", "export", text(&job.path("keys/press.identity")), "--id", "FR00/0001"]);
    assert_eq!(age.code, 2, "{}", age.stderr);
}

#[test]
fn what_is_no_private_file_is_not_told_to_be_closed() {
    let job = TestJob::new();
    for (file, code, word) in [
        ("keys/signing.pub", "key_invalid", "the private one is needed"),
        ("/dev/null", "key_unreadable", "regular"),
    ] {
        let path = job.path(file).display().to_string();
        let ran = pli(&["keys", "export", &path]);
        assert_eq!(ran.code, 2, "{file}: {}", ran.stderr);
        assert!(ran.stderr.contains(code) && ran.stderr.contains(word), "{file}: {}", ran.stderr);
    }
}

#[cfg(not(feature = "pkcs11"))]
#[test]
fn a_build_without_pkcs11_says_how_to_get_one() {
    let uri = "pkcs11:token=bureau;object=signing?module-path=/usr/lib/softhsm/libsofthsm2.so";
    let refused = pli(&["keys", "list", uri]);
    assert!(refused.code == 2 && refused.stderr.contains("--features pkcs11"), "{}", refused.stderr);
}
