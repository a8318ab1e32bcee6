//! `pli prove`: a lot that was copied alone to another machine is proved again; each alteration is named.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::schemas::answers;
use crate::tools::{output, text};

/// A lot's files and a trust folder, alone in a folder of their own.
pub struct Alone {
    folder: tempfile::TempDir,
}

impl Alone {
    /// The letters, or mailers, of a night that was run with `--prove all`, and the bureau's public key.
    pub fn of(job: &TestJob, night: &str, kind: &str) -> Alone {
        let alone = Alone { folder: tempfile::tempdir().unwrap() };
        for name in job.names(&format!("out/{night}/{kind}")) {
            let to = alone.path(&format!("lot/{name}"));
            fs_err::create_dir_all(to.parent().unwrap()).unwrap();
            fs_err::copy(job.path(&format!("out/{night}/{kind}/{name}")), to).unwrap();
        }
        fs_err::create_dir_all(alone.path("trust")).unwrap();
        fs_err::copy(job.path("keys/signing.pub"), alone.path("trust/bureau.pub")).unwrap();
        alone
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `pli prove` with nothing but the folder: no home, no job.
    pub fn prove(&self, more: &[&str]) -> Ran {
        let mut command = program();
        command.env("HOME", "/nonexistent").current_dir(self.folder.path());
        command.args(["prove", "lot", "--trust", "trust", "--json"]).args(more);
        command.output().unwrap().into()
    }

    /// The codes of the faults that a proof names, and that its exit code is 1.
    pub fn faults(&self, more: &[&str]) -> Vec<String> {
        let ran = self.prove(more);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        let report = ran.json();
        let faults = report["lots"][0]["faults"].as_array().unwrap().clone();
        faults.iter().map(|fault| fault["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Alters a file.
    pub fn alter(&self, name: &str, alter: impl FnOnce(&mut Vec<u8>)) {
        let path = self.path(&format!("lot/{name}"));
        let mut bytes = fs_err::read(&path).unwrap();
        alter(&mut bytes);
        fs_err::write(path, bytes).unwrap();
    }
}

/// A job whose nights are run, each piece proved.
pub fn proved_job() -> TestJob {
    let job = TestJob::new();
    job.run(FRIDAY, &["--prove", "all"]);
    job
}

pub fn checked(report: &Value, what: &str) -> u64 {
    report["lots"][0]["checked"][what].as_u64().unwrap()
}

pub fn copy_salts(job: &TestJob, alone: &Alone) {
    let salts = job.path(&format!("kept/proof-salts/{FRIDAY}/letters/26324A.proof-salts"));
    fs_err::copy(salts, alone.path("lot/26324A.proof-salts")).unwrap();
}

#[test]
fn a_lot_alone_is_proved_again_with_and_without_its_salts() {
    let job = proved_job();
    let alone = Alone::of(&job, FRIDAY, "letters");
    let ran = alone.prove(&[]);
    let report = ran.json();
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let pieces = job.table(&format!("out/{FRIDAY}/letters/26324A.manifest.csv")).len() as u64;
    assert!(pieces > 10);
    assert_eq!((checked(&report, "pieces"), checked(&report, "signatures")), (pieces, pieces));
    assert!(checked(&report, "symbols") >= 2 * pieces && checked(&report, "texts") == 0);
    let left_out = report["lots"][0]["not_checked"].to_string();
    assert!(left_out.contains("no salts") && left_out.contains("records"), "{left_out}");
    copy_salts(&job, &alone);
    let report = alone.prove(&["--lot", "26324A"]).json();
    assert!(checked(&report, "texts") > 5 * pieces, "{report}");
    let mailers = alone.prove(&["--lot", "M26324A"]);
    assert_eq!(
        (mailers.code, &mailers.json()["lots"]),
        (1, &Value::Array(Vec::new())),
        "letters alone are there"
    );
    assert!(!report["lots"][0]["not_checked"].to_string().contains("no salts"));
    // A salt of another piece shows.
    alone.alter("26324A.proof-salts", |bytes| {
        let swapped = String::from_utf8(bytes.clone()).unwrap();
        let mut rows: Vec<&str> = swapped.lines().collect();
        let (first, second) = (rows[1].to_owned(), rows[2].to_owned());
        let ((a, b), (c, d)) = (first.split_once(',').unwrap(), second.split_once(',').unwrap());
        let (first, second) = (format!("{a},{d}"), format!("{c},{b}"));
        (rows[1], rows[2]) = (&first, &second);
        *bytes = (rows.join("\n") + "\n").into_bytes();
    });
    assert_eq!(alone.faults(&[]), ["text_differs", "text_differs"]);
}

/// The first text's digest is what openssl makes of the salt and a text that poppler finds on the page.
#[test]
fn a_digest_is_what_openssl_makes_of_the_salt_and_the_text() {
    let job = proved_job();
    let letters = format!("out/{FRIDAY}/letters/26324A");
    let pages = crate::tools::pdf_text(&job.path(&format!("{letters}-0001.pdf")));
    let Some(pages) = pages else { return };
    let salts = job.table(&format!("kept/proof-salts/{FRIDAY}/letters/26324A.proof-salts"));
    let pieces = job.table(&format!("{letters}.proof-pieces.csv"));
    let (salt, piece) = (&salts[0]["salt"], &pieces[0]);
    assert_eq!(salts[0]["piece_id"], piece["piece_id"]);
    let digests: Vec<&str> = piece["texts"].split(' ').collect();
    let lines = pages[0].lines().map(str::trim).filter(|line| !line.is_empty());
    let message = job.path("message");
    let found = lines.flat_map(|line| (1..=digests.len()).map(move |number| (number, line)));
    let found = found.filter(|(number, line)| {
        fs_err::write(&message, format!("{number}:{line}")).unwrap();
        let key = format!("hexkey:{salt}");
        let made = output("openssl", &["dgst", "-sha256", "-mac", "HMAC", "-macopt", &key, text(&message)]);
        let made = String::from_utf8(made.unwrap().stdout).unwrap();
        made.rsplit(' ').next().unwrap().trim().starts_with(digests[number - 1])
    });
    assert!(found.count() > 1, "openssl finds some lines of the page among the digests");
    for private in ["kept/proof-salts", &format!("kept/proof-salts/{FRIDAY}/letters/26324A.proof-salts")] {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs_err::metadata(job.path(private)).unwrap().permissions(),
        );
        assert_eq!(mode & 0o077, 0, "{private}");
    }
}

#[test]
fn each_alteration_is_named_and_ends_no_other_check() {
    let job = proved_job();
    let alone = || Alone::of(&job, FRIDAY, "letters");
    // A byte of a print file, in the middle of it.
    let altered = alone();
    altered.alter("26324A-0001.pdf", |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    assert_eq!(altered.faults(&[])[0], "file_altered");
    // A missing file, and one too many.
    let missing = alone();
    fs_err::remove_file(missing.path("lot/26324A.xjdf")).unwrap();
    fs_err::write(missing.path("lot/26324A-0009.pdf"), "%PDF").unwrap();
    assert_eq!(missing.faults(&[]), ["file_missing", "file_added"]);
    // Two rows of the manifest exchanged.
    let exchanged = alone();
    exchanged.alter("26324A.manifest.csv", |bytes| {
        let table = String::from_utf8(bytes.clone()).unwrap();
        let mut rows: Vec<&str> = table.lines().collect();
        rows.swap(1, 2);
        *bytes = (rows.join("\n") + "\n").into_bytes();
    });
    let faults = exchanged.faults(&[]);
    assert!(faults.contains(&"file_altered".to_owned()) && faults.contains(&"row".to_owned()), "{faults:?}");
    // A digit of what the manifest says of a symbol.
    let differs = alone();
    differs.alter("26324A.manifest.csv", |bytes| {
        let at = bytes.windows(3).position(|window| window == b"DC0").unwrap() + 60;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    });
    let faults = differs.faults(&[]);
    for code in ["file_altered", "symbol_differs", "symbol_missing"] {
        assert!(faults.contains(&code.to_owned()), "{code}: {faults:?}");
    }
    // A certificate that says more than was signed, and one without a signature.
    for (from, to) in [("\"extent\": \"all\"", "\"extent\": \"sample\""), ("\"signature\"", "\"signature_\"")]
    {
        let forged = alone();
        forged.alter("26324A.proof.json", |bytes| {
            let json = String::from_utf8(bytes.clone()).unwrap();
            assert!(json.contains(from));
            *bytes = json.replacen(from, to, 1).into_bytes();
        });
        let faults = forged.faults(&[]);
        assert!(faults[0].starts_with("certificate"), "{faults:?}");
    }
}

#[test]
fn another_key_vouches_for_nothing_and_nothing_checked_is_no_success() {
    let job = proved_job();
    let alone = Alone::of(&job, FRIDAY, "letters");
    let other = TestJob::new();
    fs_err::copy(other.path("keys/signing.pub"), alone.path("trust/bureau.pub")).unwrap();
    let report = alone.prove(&[]).json();
    let pieces = checked(&report, "pieces");
    assert_eq!(report["lots"][0]["fault_count"].as_u64().unwrap(), 1 + pieces);
    assert_eq!(report["lots"][0]["faults"].as_array().unwrap().len(), 20);
    assert_eq!(report["lots"][0]["faults"][0]["code"], "certificate_signature");
    assert_eq!(report["lots"][0]["signed_by"], Value::Null);
    // No such lot, an empty folder; no folder, no trust.
    let unknown = alone.prove(&["--lot", "26324B"]);
    assert_eq!(unknown.code, 1);
    answers("prove", &unknown.stdout);
    let prove = |folder: &Path, trust: &Path| -> Ran {
        program().args(["prove", text(folder), "--trust", text(trust)]).output().unwrap().into()
    };
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(prove(empty.path(), &alone.path("trust")).code, 1);
    assert_eq!(prove(&alone.path("none"), &alone.path("trust")).code, 2);
    assert_eq!(prove(&alone.path("lot"), &alone.path("none")).code, 2);
    assert_eq!(prove(&alone.path("lot"), empty.path()).code, 2);
    // A lot without a certificate.
    fs_err::remove_file(alone.path("lot/26324A.proof.json")).unwrap();
    assert_eq!(alone.faults(&[]), ["certificate_missing"]);
}

#[test]
fn sealed_mailers_are_proved_by_digest_and_whole_with_an_identity() {
    let job = proved_job();
    job.run(MONDAY, &["--prove", "all", "--only", "mailers"]);
    let alone = Alone::of(&job, MONDAY, "mailers");
    let ran = alone.prove(&[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(checked(&report, "pages"), 0);
    assert!(checked(&report, "files") >= 6);
    assert!(report["lots"][0]["not_checked"].to_string().contains("--identity"));
    let identity = job.path("keys/press.identity");
    let ran = alone.prove(&["--identity", text(&identity)]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let pieces = job.table(&format!("out/{MONDAY}/mailers/26327A.manifest.csv")).len() as u64;
    assert_eq!(checked(&ran.json(), "pieces"), pieces);
    // Another identity opens nothing, and says so.
    let other = TestJob::new();
    let other = other.path("keys/press.identity");
    assert_eq!(alone.faults(&["--identity", text(&other)])[0], "file_unreadable");
    // No digest of a mailer's text is there to try codes against.
    for row in job.table(&format!("out/{MONDAY}/mailers/26327A.proof-pieces.csv")) {
        assert_eq!(row["texts"], "");
    }
    assert!(!job.path(&format!("kept/proof-salts/{MONDAY}/mailers")).exists());
}

#[test]
fn a_night_that_proves_nothing_certifies_nothing_and_one_that_can_t_sign_says_so() {
    let job = TestJob::new();
    let report = job.run(FRIDAY, &["--prove", "none"]).json();
    assert!(!job.path(&format!("out/{FRIDAY}/letters/26324A.proof.json")).exists());
    assert_eq!(report["lots"][0]["certificate"], Value::Null);
    // The station of the mailers has no signing key.
    fs_err::remove_file(job.path("keys/signing.pem")).unwrap();
    let report = job.run(MONDAY, &["--prove", "all", "--only", "mailers"]).json();
    assert!(report["alerts"].to_string().contains("no_certificate"), "{report}");
    assert!(!job.path(&format!("out/{MONDAY}/mailers/26327A.proof-pieces.csv")).exists());
}
