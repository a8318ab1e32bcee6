//! Keys on a token, with SoftHSM 2 as the HSM: nights are signed, fail and resume; the PIN stays where it is.

use std::path::PathBuf;

use crate::book;
use crate::job::{FRIDAY, Ran, TestJob, program};
use crate::tools::{output, text, tool};

const PIN: &str = "4938-secret-17";
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

/// A job whose signing key lies on a token of its own.
struct TokenJob {
    job: TestJob,
    module: &'static str,
}

impl TokenJob {
    /// A fresh token `bureau` with a key `signing`. `None` without SoftHSM where a missing judge skips the test.
    fn new(profile: &str) -> Option<TokenJob> {
        let job = TestJob::new();
        fs_err::create_dir_all(job.path("tokens")).unwrap();
        let tokens = job.path("tokens");
        job.write("softhsm2.conf", &format!("directories.tokendir = {}\nlog.level = ERROR\n", text(&tokens)));
        let module = MODULES.into_iter().find(|path| PathBuf::from(path).exists()).unwrap_or_default();
        let token_job = TokenJob { job, module };
        let init = ["--init-token", "--free", "--label", "bureau", "--so-pin", "87654321", "--pin", PIN];
        token_job.command("softhsm2-util", &init)?;
        token_job.job.write("keys/hsm.pin", &format!("{PIN}\n"));
        token_job.set_pin_mode(0o600);
        let made = token_job.keys(&["new", "signing", "--profile", profile, "--output", &token_job.uri("")]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        token_job.name_key("keys/signing.pem", &token_job.relative_uri());
        if profile != "ed25519" {
            token_job.job.replace("job.toml", "[signing]", &format!("[signing]\nprofile = \"{profile}\""));
        }
        Some(token_job)
    }

    fn set_pin_mode(&self, mode: u32) {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs_err::set_permissions(self.job.path("keys/hsm.pin"), permissions).unwrap();
    }

    fn name_key(&self, from: &str, to: &str) {
        self.job.replace("job.toml", &format!("key = \"{from}\""), &format!("key = \"{to}\""));
    }

    /// The key's URI as the job has it, relative to its folder.
    fn relative_uri(&self) -> String {
        format!("pkcs11:token=bureau;object=signing?module-path={}&pin-source=file:keys/hsm.pin", self.module)
    }

    /// The key's URI from anywhere.
    fn uri(&self, more: &str) -> String {
        let pin = self.job.path("keys/hsm.pin");
        let name = format!("pkcs11:token=bureau;object=signing{more}");
        format!("{name}?module-path={}&pin-source=file:{}", self.module, text(&pin))
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Option<Vec<u8>> {
        let conf = format!("SOFTHSM2_CONF={}", text(&self.job.path("softhsm2.conf")));
        output(name, &["--help"])?;
        let all: Vec<&str> = [conf.as_str(), name].into_iter().chain(arguments.iter().copied()).collect();
        tool("env", &all)
    }

    fn pli(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = program();
        command.env("SOFTHSM2_CONF", self.job.path("softhsm2.conf")).envs(environment.iter().copied());
        command.args(arguments).output().expect("the program starts").into()
    }

    fn keys(&self, arguments: &[&str]) -> Ran {
        self.pli(&[&["keys"], arguments].concat(), &[])
    }

    /// Runs the Friday.
    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let job = self.job.path("job.toml");
        self.pli(&[&["run", text(&job), "--json", "--date", FRIDAY], arguments].concat(), environment)
    }

    /// Puts a module before the token that fails as the environment says. `None` without a C compiler where a missing judge
    /// skips the test.
    fn behind_failing_module(&self) -> Option<[(&'static str, &str); 1]> {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/failing_module.c");
        let library = self.job.path("failing.so");
        tool("cc", &["-shared", "-fPIC", "-O1", "-o", text(&library), source, "-ldl"])?;
        let uri = self.relative_uri();
        self.name_key(&uri, &uri.replace(self.module, "failing.so"));
        Some([("PASS_ON_TO", self.module)])
    }

    fn nothing_left(&self) {
        assert!(!self.job.path("out/2026-11-20/letters").exists(), "nothing was released");
        let db = rusqlite::Connection::open(self.job.path("ledger.db")).unwrap();
        let pieces: i64 = db.query_row("SELECT count(*) FROM piece", [], |row| row.get(0)).unwrap();
        assert_eq!(pieces, 0, "no number was used");
    }

    /// The blocks of the Friday's letters with their signatures, as the manifest has them.
    fn blocks(&self) -> Vec<(String, String)> {
        let rows = self.job.table("out/2026-11-20/letters/26324A.manifest.csv");
        let split = |row: &std::collections::BTreeMap<String, String>| {
            let (block, signature) = row["twoddoc"].split_once('\u{1f}').expect("a signature");
            (block.to_owned(), signature.to_owned())
        };
        rows.iter().map(split).collect()
    }

    /// Searches what the program said, and every file but the PIN's own, for the PIN.
    fn pin_is_nowhere(&self, said: &[&Ran]) {
        let holds = |bytes: &[u8]| bytes.windows(PIN.len()).any(|window| window == PIN.as_bytes());
        for ran in said {
            assert!(!holds(ran.stdout.as_bytes()) && !holds(ran.stderr.as_bytes()), "the PIN was said");
        }
        for file in self.job.files().iter().filter(|file| !file.ends_with("keys/hsm.pin")) {
            assert!(!holds(&fs_err::read(file).unwrap()), "the PIN stands in {}", file.display());
        }
    }
}

#[test]
fn a_night_is_signed_on_a_token() {
    for profile in ["ecdsa-p256", "ed25519"] {
        let Some(token) = TokenJob::new(profile) else { return };
        let ran = token.run(&["--prove", "all", "-vv"], &[]);
        assert_eq!(ran.code, 1, "the fixture's rejects alone: {}", ran.stderr);
        let report = ran.json();
        assert_eq!((&report["letters"], &report["proof"]["pieces"]), (&22.into(), &22.into()), "{profile}");
        let listed = token.keys(&["list", &token.uri(""), "--json"]);
        assert_eq!(report["keys"]["signing"], listed.json()[0]["fingerprint"]);
        assert_eq!(listed.json()[0]["kind"], profile);
        assert_eq!(listed.json()[0]["file"], "pkcs11:token=bureau;object=signing", "without its query");
        token.pin_is_nowhere(&[&ran, &listed]);
    }
}

/// The certificate of a lot is signed on the token, and proved with the public key alone, without token, module or PIN.
#[test]
fn a_lot_certified_on_a_token_is_proved_without_it() {
    for profile in ["ecdsa-p256", "ed25519"] {
        let Some(token) = TokenJob::new(profile) else { return };
        assert_eq!(token.run(&["--prove", "all"], &[]).code, 1);
        let exported = token.keys(&["export", &token.uri(""), "--id", "FR00/0001"]);
        fs_err::create_dir_all(token.job.path("trust")).unwrap();
        token.job.write("trust/bureau.pub", &exported.stdout);
        let lot = token.job.path("out/2026-11-20/letters");
        let prove =
            ["prove", text(&lot), "--trust", text(&token.job.path("trust")), "--json"].map(str::to_owned);
        let ran: Ran = program().args(&prove).output().unwrap().into();
        assert_eq!(ran.code, 0, "{profile}: {}{}", ran.stdout, ran.stderr);
        let report = ran.json();
        assert_eq!(report["lots"][0]["checked"]["signatures"], 22);
        assert!(report["lots"][0]["signed_by"].as_str().is_some_and(|signer| !signer.is_empty()));
        token.pin_is_nowhere(&[&ran]);
    }
}

/// A request for approval is signed on the token, and read without it; a vote on the token is weighed as any other.
#[test]
fn a_request_for_approval_is_signed_on_a_token() {
    let Some(token) = TokenJob::new("ed25519") else { return };
    let other = token.job.path("keys/other.pem");
    assert_eq!(token.keys(&["new", "signing", "--output", text(&other)]).code, 0);
    token.job.write("keys/token.pub", &token.keys(&["export", &token.uri("")]).stdout);
    let toml = token.job.read("job.toml");
    let listed = "[approvals]\nkeys = [\"keys/token.pub\", \"keys/other.pub\"]";
    token.job.write("job.toml", &format!("{toml}\n{listed}\n"));
    let asked = token.run(&["--key", &token.uri("")], &[]);
    let error = &asked.json()["error"];
    assert_eq!((asked.code, &error["code"]), (3, &"approval_needed".into()), "{}", asked.stdout);
    let advice = error["advice"].as_str().unwrap();
    assert!(advice.contains("other.pub") && !advice.contains("token.pub"), "{advice}");
    let listed = token.job.pli("approve", &["list"]).json();
    assert_eq!(listed["unusable"].as_array().map(Vec::len), Some(0), "{listed}");
    let [id, hash] = ["id", "hash"].map(|key| listed["requests"][0][key].as_str().unwrap().to_owned());
    let job = token.job.path("job.toml");
    let own = ["approve", text(&job), "--json", "sign", &id, "--hash", &hash, "--key", &token.uri("")];
    let own = token.pli(&own, &[]);
    assert_eq!((own.code, &own.json()["error"]["code"]), (3, &"approval_refused".into()), "{}", own.stdout);
    token.pin_is_nowhere(&[&asked, &own]);
    token.nothing_left();
}

#[test]
fn openssl_verifies_what_the_token_signed() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    token.run(&[], &[]);
    let exported = token.keys(&["export", &token.uri(""), "--id", "FR00/0001"]);
    assert!(
        exported.stdout.starts_with("2D-DOC: FR00/0001\n-----BEGIN PUBLIC KEY-----"),
        "{}",
        exported.stderr
    );
    token.job.write("bureau.pub", &exported.stdout);
    let (block, signature) = token.blocks().swap_remove(7);
    let raw = twoddoc::base32::decode(signature.as_bytes()).unwrap();
    let der = p256::ecdsa::Signature::from_slice(&raw).unwrap().to_der();
    token.job.write("block", &block);
    fs_err::write(token.job.path("block.sig"), der.as_bytes()).unwrap();
    let [public, signature, block] =
        ["bureau.pub", "block.sig", "block"].map(|file| text(&token.job.path(file)).to_owned());
    let verify = ["dgst", "-sha256", "-verify", &public, "-signature", &signature, &block];
    let Some(said) = tool("openssl", &verify) else { return };
    assert_eq!(String::from_utf8_lossy(&said).trim(), "Verified OK");
}

#[test]
fn a_key_made_by_other_peoples_tools_signs_too() {
    let Some(token) = TokenJob::new("ed25519") else { return };
    let to_token = ["--module", token.module, "--token-label", "bureau", "--login", "--pin", PIN];
    let generate = ["--keypairgen", "--key-type", "EC:prime256v1", "--label", "signing", "--id", "a1"];
    if token.command("pkcs11-tool", &[&to_token[..], &generate[..], &["--usage-sign"]].concat()).is_none() {
        return;
    }
    let listed = token.keys(&["list", &token.uri("")]);
    assert!(listed.code == 2 && listed.stderr.contains("several private keys"), "{}", listed.stderr);
    let by_id = token.keys(&["list", &token.uri(";id=%A1;type=private")]);
    assert!(by_id.stdout.contains("ecdsa-p256"), "{}", by_id.stderr);
    let again = token.keys(&["new", "signing", "--output", &token.uri("")]);
    assert!(again.code == 2 && again.stderr.contains("never overwritten"), "{}", again.stderr);
}

#[test]
fn an_hsm_that_goes_in_the_middle_stops_the_night_and_the_same_command_resumes() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    let Some(environment) = token.behind_failing_module() else { return };
    let gone = token.run(&[], &[&environment[..], &[("FAIL_AFTER", "9")]].concat());
    assert_eq!(gone.code, 4, "{}", gone.stderr);
    assert_eq!(gone.json()["error"]["exit_code"], 4);
    for word in ["26324A0000", "DeviceRemoved", "nothing was released", "the same command"] {
        assert!(gone.stderr.contains(word), "`{word}` in: {}", gone.stderr);
    }
    // The first to be refused is a thread that signs, or one that only opens its session.
    assert!(["C_Sign", "C_OpenSession"].iter().any(|call| gone.stderr.contains(call)), "{}", gone.stderr);
    token.nothing_left();
    let never = token.run(&[], &[&environment[..], &[("FAIL_AFTER", "0")]].concat());
    assert_eq!(never.code, 4, "an HSM that is not there is no fault of the job: {}", never.stderr);
    token.nothing_left();
    let resumed = token.run(&["--prove", "all"], &environment);
    assert_eq!((resumed.code, &resumed.json()["letters"]), (1, &22.into()), "{}", resumed.stderr);
    assert_eq!(resumed.json()["lots"][0]["first_piece"], "26324A000001");
    token.pin_is_nowhere(&[&gone, &never, &resumed]);
}

#[test]
fn a_release_cut_short_is_finished_without_the_hsm() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    let report = token.run(&[], &[]).json();
    let signed = token.blocks();
    let (placed, staging) = ("out/2026-11-20/letters/26324A-0001.pdf", "out/.staging-2026-11-20/letters");
    fs_err::create_dir_all(token.job.path(staging)).unwrap();
    fs_err::rename(token.job.path(placed), token.job.path(staging).join("26324A-0001.pdf")).unwrap();
    book::cut_short(&token.job);
    fs_err::remove_dir_all(token.job.path("tokens")).unwrap();
    let finished = token.run(&[], &[]);
    assert_eq!(finished.json()["files"], report["files"], "{}", finished.stderr);
    assert!(token.job.path(placed).exists(), "the file took its place");
    assert_eq!(token.blocks(), signed, "and nothing was signed again");
}

#[test]
fn a_killed_night_resumes_though_its_signatures_are_new() {
    for delay in [30, 90, 150, 250, 400] {
        let Some(token) = TokenJob::new("ecdsa-p256") else { return };
        let mut child = program()
            .env("SOFTHSM2_CONF", token.job.path("softhsm2.conf"))
            .args(["run", text(&token.job.path("job.toml")), "--date", FRIDAY, "-q"])
            .spawn()
            .expect("the program starts");
        std::thread::sleep(std::time::Duration::from_millis(delay));
        let _ = child.kill();
        let _ = child.wait();
        let resumed = token.run(&["--prove", "all"], &[]);
        assert_eq!(resumed.code, 1, "after {delay} ms: {}", resumed.stderr);
        assert_eq!(resumed.json()["letters"], 22, "after {delay} ms");
        assert!(!token.job.path("out/.staging-2026-11-20").exists(), "after {delay} ms");
    }
}

#[test]
fn ecdsa_of_a_token_is_new_each_time_and_the_rest_of_the_night_is_not() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    token.run(&[], &[]);
    let first = token.blocks();
    fs_err::remove_file(token.job.path("ledger.db")).unwrap();
    let lost = token.run(&[], &[]);
    assert_eq!(lost.code, 3, "the files of a lost ledger are not written over: {}", lost.stderr);
    assert_eq!(token.blocks(), first);
    fs_err::remove_dir_all(token.job.path("out")).unwrap();
    token.run(&[], &[]);
    let second = token.blocks();
    assert!(first.iter().zip(&second).all(|(a, b)| a.0 == b.0 && a.1 != b.1), "{first:?} {second:?}");
}

#[test]
fn a_token_with_one_session_signs_for_all_threads() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    let Some(environment) = token.behind_failing_module() else { return };
    let limits = [("SESSIONS", "1"), ("RAYON_NUM_THREADS", "6")];
    let ran = token.run(&[], &[&environment[..], &limits].concat());
    assert_eq!((ran.code, &ran.json()["letters"]), (1, &22.into()), "{}", ran.stderr);
}

#[test]
fn a_pin_is_tried_once_and_never_where_that_could_lock_the_token() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    let Some(environment) = token.behind_failing_module() else { return };
    let locking = token.run(&[], &[&environment[..], &[("FINAL_TRY", "1")]].concat());
    assert!(locking.code == 2 && locking.stderr.contains("lock the token"), "{}", locking.stderr);
    token.job.write("keys/hsm.pin", &format!("{PIN}x\n"));
    let refused = token.run(&["-vv"], &environment);
    assert_eq!(refused.code, 2, "not 4, which a scheduler would try again: {}", refused.stderr);
    assert!(refused.stderr.contains("keys/hsm.pin"), "{}", refused.stderr);
    token.nothing_left();
    token.set_pin_mode(0o644);
    let loose = token.run(&[], &environment);
    assert!(loose.code == 2 && loose.stderr.contains("chmod 600"), "{}", loose.stderr);
    fs_err::remove_file(token.job.path("keys/hsm.pin")).unwrap();
    let missing = token.run(&[], &environment);
    assert!(missing.code == 2 && missing.stderr.contains("keys/hsm.pin"), "{}", missing.stderr);
    token.pin_is_nowhere(&[&locking, &refused, &loose, &missing]);
}

#[test]
fn the_pin_stands_in_a_file_and_neither_in_the_environment_nor_in_the_uri() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    let module = format!("pkcs11:object=signing?module-path={}", token.module);
    let told = token.pli(&["keys", "list", &format!("{module}&pin-source=env:HSM_PIN")], &[("HSM_PIN", PIN)]);
    assert!(told.code == 2 && told.stderr.contains("pin-source=file:"), "{}", told.stderr);
    let lacking = token.keys(&["list", &module]);
    assert!(lacking.code == 2 && lacking.stderr.contains("pin-source=file:"), "{}", lacking.stderr);
    let shown = token.keys(&["list", &format!("{module}&pin-value={PIN}"), "--json"]);
    assert!(shown.code == 2 && shown.stderr.contains("pin-source=file:"), "{}", shown.stderr);
    token.pin_is_nowhere(&[&told, &lacking, &shown]);
    let uri = token.relative_uri();
    token.name_key(&uri, &uri.replace("source=file:keys/hsm.pin", &format!("value={PIN}")));
    let job = token.run(&["-vv"], &[]);
    assert!(job.code == 2 && job.stderr.contains("job.toml:"), "with its line: {}", job.stderr);
    token.job.write("job.toml", "");
    token.pin_is_nowhere(&[&job]);
}

#[test]
fn a_certificate_is_requested_for_a_key_on_a_token() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    let request = token.job.path("request.csr");
    let made = token.keys(&[
        "request",
        &token.uri(""),
        "--ca",
        "FR03",
        "--certificate-id",
        "AB12",
        "--organisation",
        "Bureau d'émission",
        "--organisation-id",
        "0002 732829320",
        "--output",
        text(&request),
    ]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    tool("openssl", &["req", "-in", text(&request), "-verify", "-noout"]);
}

#[test]
fn a_key_on_a_token_has_dates_a_successor_and_an_end() {
    let Some(token) = TokenJob::new("ecdsa-p256") else { return };
    let file = token.job.path("job.toml");
    let (old, of_job) = (token.uri(""), ["--job", text(&file), "--json"]);
    let new = old.replace("object=signing", "object=signing-2027");
    let dates = ["--from", "2026-11-23", "--to", "2028-12-31"];
    let homeless = token.keys(&[&["rotate", &old, "--output", &new, "--json"][..], &dates].concat());
    assert!(homeless.code == 2 && homeless.stdout.contains("`--job`"), "{}", homeless.stdout);
    let rotated = token.keys(&[&["rotate", &old, "--output", &new][..], &dates, &of_job].concat());
    assert_eq!(rotated.code, 0, "{}", rotated.stdout);
    let said = rotated.json();
    assert_eq!(
        (&said["new"]["kind"], &said["old"]["valid_to"]),
        (&"ecdsa-p256".into(), &"2026-11-22".into())
    );
    assert!(said["job_line"].as_str().unwrap().contains("object=signing-2027"), "{said}");
    let listed = token.keys(&[&["list", &old, &new][..], &of_job].concat()).json();
    assert_eq!(
        (&listed[0]["valid_to"], &listed[1]["valid_from"]),
        (&"2026-11-22".into(), &"2026-11-23".into())
    );

    let early = token.relative_uri();
    token.name_key(&early, &early.replace("object=signing", "object=signing-2027"));
    let refused = token.run(&["--only", "letters"], &[]);
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (2, &"key_not_yet_valid".into()));
    token.name_key(&early.replace("object=signing", "object=signing-2027"), &early);
    let friday = token.run(&["--only", "letters"], &[]);
    assert_eq!(friday.code, 1, "{}", friday.stderr);
    assert!(friday.json()["alerts"].to_string().contains("key_ends_soon"), "{}", friday.stdout);

    let retired = token.keys(&[&["retire", &old, "--from", "2026-11-21"][..], &of_job].concat());
    assert_eq!(retired.json()["retired_from"], "2026-11-21", "{}", retired.stdout);
    let block = token.blocks().swap_remove(0);
    let exported = token.pli(&["keys", "export", &old, "--job", text(&file)], &[]);
    assert!(exported.stdout.starts_with("2D-DOC until: 2026-11-20\n-----BEGIN"), "{}", exported.stdout);
    fs_err::create_dir_all(token.job.path("trust")).unwrap();
    token.job.write("trust/token.pem", &exported.stdout);
    let text_of_block = format!("{}\u{1f}{}", block.0, block.1);
    let trust = token.job.path("trust");
    let verified = token.pli(&["verify", "--trust", text(&trust), "--json", &text_of_block], &[]);
    assert_eq!(verified.json()["signature"]["status"], "valid", "{}", verified.stdout);

    let folder = token.job.path("shares");
    let backup =
        token.keys(&["backup", &old, "--shares", "3", "--needed", "2", "--output", text(&folder), "--json"]);
    assert_eq!((backup.code, &backup.json()["error"]["code"]), (2, &"key_on_token".into()));
    assert!(backup.stdout.contains("HSM's own means") && !folder.exists(), "{}", backup.stdout);
    token.pin_is_nowhere(&[&rotated, &retired, &refused, &friday, &backup]);
}
