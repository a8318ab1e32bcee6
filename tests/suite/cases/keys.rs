//! Keys that other programs read, folders of keys, and keys that are missing.

use crate::job::{FRIDAY, MONDAY, TestJob, pli};
use crate::tools::{python, text, tool};

/// Reads a private key as a script of the bureau would, and prints its public half.
const READ_KEY: &str = r#"
import sys
try:
    from cryptography.hazmat.primitives import serialization as s
except ImportError:
    sys.exit(77)
key = s.load_pem_private_key(open(sys.argv[1], "rb").read(), None)
print(key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode(), end="")
"#;

#[test]
fn a_new_signing_key_is_read_by_openssl_and_python() {
    let job = TestJob::new();
    for profile in ["ed25519", "ecdsa-p256"] {
        let (key, public) = (job.path(&format!("{profile}.pem")), format!("{profile}.pub"));
        assert_eq!(pli(&["keys", "new", "signing", "--profile", profile, "--output", text(&key)]).code, 0);
        if let Some(read) = tool("openssl", &["pkey", "-in", text(&key), "-pubout"]) {
            assert_eq!(String::from_utf8_lossy(&read), job.read(&public));
        }
        if let Some(read) = python("cryptography", &["-c", READ_KEY, text(&key)]) {
            assert_eq!(read, job.read(&public));
        }
    }
}

#[test]
fn a_key_that_openssl_made_signs_and_other_forms_are_converted_as_the_advice_says() {
    let job = TestJob::new();
    let made = job.path("keys/openssl.pem");
    let new = |arguments: &[&str]| {
        let _ = fs_err::remove_file(&made);
        let done = tool("openssl", arguments).is_some();
        if done {
            private(&job, "keys/openssl.pem");
        }
        done
    };
    if !new(&["genpkey", "-algorithm", "ed25519", "-out", text(&made)]) {
        return;
    }
    job.replace("job.toml", "keys/signing.pem", "keys/openssl.pem");
    assert_eq!(job.run(FRIDAY, &["--dry-run"]).code, 1);
    assert_eq!(pli(&["keys", "list", text(&made)]).code, 0);
    new(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", text(&made)]);
    let listed = pli(&["keys", "list", text(&made), "--json"]);
    let advice = listed.json()["error"]["advice"].as_str().unwrap().to_owned();
    assert!(listed.code == 2 && listed.stderr.contains("SEC 1"), "{}", listed.stderr);
    let commands: Vec<&str> = advice.split('`').skip(1).step_by(2).collect();
    for command in commands {
        let ran = std::process::Command::new("sh")
            .current_dir(job.path(""))
            .args(["-c", command])
            .output()
            .unwrap();
        assert!(ran.status.success(), "{command}");
    }
    assert_eq!(pli(&["keys", "list", text(&job.path("KEY.pem"))]).code, 0);
    new(&["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:secret", "-out", text(&made)]);
    let sealed = pli(&["keys", "list", text(&made)]);
    assert!(sealed.code == 2 && sealed.stderr.contains("passphrase"), "{}", sealed.stderr);
}

#[cfg(unix)]
fn private(job: &TestJob, path: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs_err::set_permissions(job.path(path), std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn private(_: &TestJob, _: &str) {}

#[test]
fn a_folder_of_keys_is_listed_past_a_file_that_is_none() {
    let job = TestJob::new();
    job.write("keys/aaa.pem", "garbage");
    private(&job, "keys/aaa.pem");
    job.write("keys/open.identity", &job.read("keys/press.identity"));
    let both = format!("{}{}", job.read("keys/press.identity"), job.read("keys/codes.identity"));
    job.write("keys/two.identity", &both);
    private(&job, "keys/two.identity");
    let listed = pli(&["keys", "list", text(&job.path("keys")), "--json"]);
    assert_eq!(listed.code, 1, "{}", listed.stderr);
    assert_eq!(listed.json().as_array().map(Vec::len), Some(5), "{}", listed.stdout);
    for name in ["aaa.pem", "open.identity"] {
        assert!(listed.stderr.contains(name), "{name} in: {}", listed.stderr);
    }
    assert!(!listed.stderr.contains("AGE-SECRET"));
}

/// What a message says to do about a missing key.
fn advice(job: &TestJob, night: &str) -> String {
    let ran = job.run(night, &[]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"key_unreadable".into()), "{}", ran.stderr);
    ran.json()["error"]["advice"].as_str().unwrap().to_owned()
}

#[test]
fn a_missing_key_of_a_new_job_is_made_as_the_advice_says() {
    for (profile, line) in [("ed25519", ""), ("ecdsa-p256", "profile = \"ecdsa-p256\"\n")] {
        let job = TestJob::new();
        job.replace("job.toml", "[signing]\n", &format!("[signing]\n{line}"));
        for name in ["signing.pem", "signing.pub"] {
            fs_err::remove_file(job.path(&format!("keys/{name}"))).unwrap();
        }
        let advice = advice(&job, FRIDAY);
        let command = advice.split('`').nth(1).expect("a command");
        assert!(command.starts_with("pli keys new signing"), "{advice}");
        let arguments: Vec<&str> = command.split(' ').skip(1).collect();
        assert_eq!(pli(&arguments).code, 0, "{command}");
        assert_eq!(job.run(FRIDAY, &["--prove", "none"]).code, 1, "{profile}");
    }
}

#[test]
fn a_missing_key_of_a_job_with_a_past_is_restored_and_never_made_anew() {
    let job = TestJob::new();
    let saved = job.read("keys/signing.pem");
    fs_err::remove_file(job.path("keys/signing.pem")).unwrap();
    let told = advice(&job, FRIDAY);
    assert!(told.contains("restore") && !told.contains("keys new"), "its public half is there: {told}");
    job.write("keys/signing.pem", &saved);
    private(&job, "keys/signing.pem");
    assert_eq!(job.run(FRIDAY, &["--prove", "none"]).code, 1);
    for name in ["codes.identity", "codes.pub"] {
        fs_err::rename(job.path(&format!("keys/{name}")), job.path(name)).unwrap();
    }
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let told = advice(&job, MONDAY);
    assert!(told.contains("restore") && !told.contains("keys new"), "the ledger has a night: {told}");
    fs_err::rename(job.path("codes.identity"), job.path("keys/codes.identity")).unwrap();
    assert_ne!(job.run(MONDAY, &["--prove", "none"]).code, 2);
}

#[cfg(unix)]
#[test]
fn a_private_key_that_everybody_can_replace_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let job = TestJob::new();
    let keys = job.path("keys");
    let mode = |mode| fs_err::set_permissions(&keys, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o777);
    let refused = pli(&["keys", "list", text(&job.path("keys/signing.pem"))]);
    assert!(refused.code == 2 && refused.stderr.contains("chmod o-w"), "{}", refused.stderr);
    mode(0o1777);
    assert_eq!(
        pli(&["keys", "list", text(&job.path("keys/signing.pem"))]).code,
        0,
        "nobody can replace it there"
    );
}

/// Every file of a job that names a secret, except the job file, and what a run wrote on the console.
fn leaks(job: &TestJob, secret: &str, ran: &[&str]) -> Vec<String> {
    let secret = secret.to_lowercase();
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_lowercase().contains(&secret);
    let mut found: Vec<String> = job
        .files()
        .into_iter()
        .filter(|file| !file.ends_with("job.toml") && !file.starts_with(job.path("keys")))
        .filter(|file| holds(&fs_err::read(file).unwrap()))
        .map(|file| file.display().to_string())
        .collect();
    found.extend(ran.iter().filter(|text| holds(text.as_bytes())).map(|_| "the console".to_owned()));
    found
}

/// A job file with a line at the head of a section, in the place of the key's own.
fn with_line(text: &str, section: &str, line: &str) -> String {
    let key = line.split(' ').next().unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with(&format!("{key} ="))).collect();
    let header = format!("[{section}]\n");
    format!("{}\n", kept.join("\n")).replacen(&header, &format!("{header}{line}\n"), 1)
}

#[test]
fn a_secret_in_the_job_file_is_refused_and_never_repeated() {
    let job = TestJob::new();
    let right = job.read("job.toml");
    let identity = job.read("keys/press.identity");
    let identity = identity.lines().find(|line| line.starts_with("AGE-SECRET")).unwrap();
    let pem = job.read("keys/signing.pem");
    let pem_body = pem.lines().nth(1).unwrap();
    let escaped = pem.trim_end().replace('\n', "\\n");
    for (section, line, secret) in [
        ("output", format!("seal_to = [\"{identity}\"]"), identity),
        ("output", format!("seal_to = [\"{}\"]", identity.to_lowercase()), identity),
        ("input", format!("codes_identity = \"{identity}\""), identity),
        ("signing", format!("key = \"{escaped}\""), pem_body),
        ("signing", format!("key = \"\"\"\n{pem}\"\"\""), pem_body),
        ("signing", "key = \"pkcs11:object=k?module-path=m&pin-value=49381726\"".to_owned(), "49381726"),
        ("output", format!("{identity} = 1"), identity),
        ("output", format!("pieces_per_file = \"{identity}"), identity),
    ] {
        let wrong = with_line(&right, section, &line);
        job.write("job.toml", &wrong);
        for command in ["check", "run"] {
            let ran = job.pli(command, &["--date", FRIDAY]);
            assert_eq!(leaks(&job, secret, &[&ran.stdout, &ran.stderr]), Vec::<String>::new(), "{section}");
            let error = &ran.json()["error"];
            assert_eq!((ran.code, &error["code"]), (2, &"job_holds_secret".into()), "{section}");
            let named = wrong.lines().nth(error["line"].as_u64().unwrap() as usize - 1).unwrap();
            let named = named.to_lowercase();
            assert!(
                ["secret-key", "begin", "pin-value"].iter().any(|word| named.contains(word)),
                "{section}"
            );
            assert!(error["advice"].as_str().unwrap().contains("others may have seen this one"));
        }
        assert!(!job.path("ledger.db").exists() && !job.path("out").exists(), "nothing is begun");
    }
    // As the advice says: a new key, and its file named.
    assert_eq!(pli(&["keys", "new", "press", "--output", text(&job.path("keys/new.identity"))]).code, 0);
    job.write("job.toml", &with_line(&right, "output", "seal_to = [\"keys/new.pub\"]"));
    assert_eq!(job.run(FRIDAY, &["--prove", "none"]).code, 1);
}

#[cfg(unix)]
#[test]
fn a_job_file_or_ledger_that_everybody_can_write_is_refused_until_it_is_closed() {
    use std::os::unix::fs::PermissionsExt;
    let job = TestJob::new();
    let mode = |file: &str, mode| {
        fs_err::set_permissions(job.path(file), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let recipient = job.read("keys/press.pub");
    let recipient = recipient.lines().find(|line| line.starts_with("age1")).unwrap();
    let right = job.read("job.toml");
    job.write("job.toml", &with_line(&right, "output", &format!("seal_to = [\"{recipient}\"]")));
    let closed_again = |night: &str, code: &str, file: &str| {
        let ran = job.run(night, &["--prove", "none"]);
        let error = &ran.json()["error"];
        assert_eq!((ran.code, &error["code"]), (2, &code.into()), "{}", ran.stdout);
        let command = format!("`chmod o-w {}`", text(&job.path(file)));
        assert!(error["advice"].as_str().unwrap().contains(&command), "{error}");
        assert!(
            std::process::Command::new("sh")
                .args(["-c", command.trim_matches('`')])
                .status()
                .unwrap()
                .success()
        );
    };
    assert_eq!(job.run(FRIDAY, &["--prove", "none"]).code, 1);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    mode("ledger.db", 0o666);
    closed_again(MONDAY, "ledger_writable_by_others", "ledger.db");
    mode("scratch", 0o777);
    closed_again(MONDAY, "scratch_writable_by_others", "scratch");
    mode("job.toml", 0o666);
    closed_again(MONDAY, "recipients_writable_by_others", "job.toml");
    mode("", 0o1777);
    assert_ne!(job.run(MONDAY, &["--prove", "none"]).code, 2, "nobody can replace a file there");
}
