//! Letters and mailers apart: what the mailers' side writes names nobody, and who may see whose a mailer is.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, Ran, TORN, TestJob, pli, program};
use crate::missing::missing;
use crate::tools::{pdf_text, python, text};

/// The numbers of the fixture's cards and the names of its holders, as they would be found in a text.
fn names(job: &TestJob) -> BTreeSet<String> {
    let rows = job.table("inbox/cards.csv");
    let columns = ["card_number", "replaced_card_number", "ps_id_nat", "last_name", "address_2"];
    let cells = rows.iter().flat_map(|row| columns.map(|column| row[column].trim().to_owned()));
    // Shorter names are parts of other words.
    let names: BTreeSet<String> = cells.filter(|name| name.chars().count() >= 5).collect();
    assert!(names.len() > 60, "{names:?}");
    names
}

fn assert_names_nobody(what: &str, text: &str, names: &BTreeSet<String>) {
    for name in names {
        assert!(!text.contains(name.as_str()), "{what} names `{name}`: {text}");
    }
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn nothing_of_the_mailers_side_names_a_card_or_a_holder() {
    let job = TestJob::new();
    let without_sheets = job.read("job.toml");
    let toml = without_sheets.replacen("[limits]", "[press]\nlot_sheets = true\n\n[limits]", 1);
    job.write("job.toml", &toml);
    let names = names(&job);
    job.run(FRIDAY, &["--prove", "none"]);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let night = pli(&["run", text(&job.path("job.toml")), "--only", "mailers", "--date", MONDAY, "-vv"]);
    assert!(night.code <= 1, "{}", night.stderr);
    let first = "26327A\\000001";
    let mut said = vec![("run".to_owned(), night)];
    let read = "read_at,value,position\n2026-11-24T08:00:01,XX 000 000 0001 7,1\n";
    job.write("camera.csv", read);
    let camera = job.path("camera.csv");
    for (command, arguments) in [
        ("status", vec!["--lot", "M26327A"]),
        ("status", vec!["--piece", first]),
        ("status", vec!["--tracking", "XX 000 000 0001 7"]),
        ("reconcile", vec![text(&camera), "--lot", "M26327A"]),
        ("recall", vec![first, "--reason", "spoiled"]),
        ("reprint", [&["26327A\\000002"], &TORN[..]].concat()),
        ("dispatch", vec!["M26327A"]),
        ("audit", vec![]),
        ("run", vec!["--date", "2026-11-24", "--only", "mailers"]),
    ] {
        let job_file = job.path("job.toml");
        if command == "reprint" {
            job.write("job.toml", &without_sheets);
        }
        let plain: Vec<&str> = [command, text(&job_file)].into_iter().chain(arguments.clone()).collect();
        let ran = if command == "audit" { pli(&plain) } else { job.pli(command, &arguments) };
        assert!([0, 1, 3].contains(&ran.code), "{plain:?}: {}", ran.stderr);
        said.push((format!("{plain:?}"), ran));
        if command == "status" {
            said.push((format!("{plain:?} as text"), pli(&plain)));
            said.push((format!("{plain:?} as CSV"), pli(&[&plain[..], &["--csv"]].concat())));
        }
    }
    for (what, ran) in &said {
        assert_names_nobody(what, &ran.stdout, &names);
        assert_names_nobody(what, &ran.stderr, &names);
    }
    // Rejects name a card: a person must mend them. They are of the night, and of no lot.
    let of_night = files(&job.path(&format!("out/{MONDAY}")));
    let reports = ["rejects.csv", "warnings.csv"];
    let lot = of_night.iter().filter(|file| !reports.iter().any(|report| file.ends_with(report)));
    let audit = files(&job.path("audit"));
    let after_press = job.path("after-press");
    let lists = if after_press.is_dir() { files(&after_press) } else { Vec::new() };
    let mut pages = 0;
    for file in lot.chain(&audit).chain(&lists) {
        let shown = file.display().to_string();
        assert_names_nobody("a file's name", &shown, &names);
        assert_names_nobody(&shown, &String::from_utf8_lossy(&fs_err::read(file).unwrap()), &names);
        if file.extension().is_some_and(|ending| ending == "pdf") {
            let Some(text) = pdf_text(file) else { return };
            pages += text.len();
            assert_names_nobody(&shown, &text.concat(), &names);
        }
    }
    assert!(pages > 0, "there are work orders");
}

/// The rows of an export, by table.
fn rows(export: &str) -> BTreeMap<String, Vec<Value>> {
    let mut tables: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in export.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(table) = line["t"].as_str() {
            tables.entry(table.to_owned()).or_default().push(line["r"].clone());
        }
    }
    tables
}

/// The record of each mailer that was printed, as an export ties them.
fn records_of_mailers(export: &str) -> BTreeMap<(i64, i64), i64> {
    let tables = rows(export);
    let number = |row: &Value, column: &str| row[column].as_i64().unwrap();
    let lots = tables["lot"].iter().filter(|row| row["kind"] == "mailer");
    let lots: BTreeSet<i64> = lots.map(|row| number(row, "id")).collect();
    let duties: BTreeMap<i64, i64> =
        tables["duty"].iter().map(|row| (number(row, "id"), number(row, "record"))).collect();
    let pieces = tables["piece"].iter().filter(|row| lots.contains(&number(row, "lot")));
    pieces.map(|row| ((number(row, "lot"), number(row, "sequence")), duties[&number(row, "duty")])).collect()
}

/// Turns the opaque number of a mailer's record back, with the ledger's key, by Python's own library.
const TURN_BACK: &str = r#"
import hashlib, hmac, sys
key = bytes.fromhex(open(sys.argv[1]).read().split()[1])
key = hmac.new(key, b"pli: the ledger's opaque ids", hashlib.sha256).digest()
for number in sys.argv[2:]:
    number = int(number).to_bytes(8, "big", signed=True)
    halves = [number[:4], number[4:]]
    for step in reversed(range(10)):
        changed, other = (0, 1) if step % 2 == 0 else (1, 0)
        mask = hmac.new(key, b"record" + bytes([0, step]) + halves[other], hashlib.sha256).digest()
        halves[changed] = bytes(a ^ b for a, b in zip(halves[changed], mask))
    print(int.from_bytes(b"".join(halves), "big", signed=True))
"#;

#[test]
fn an_export_says_whose_a_mailer_is_only_where_that_is_asked_for() {
    let job = TestJob::new();
    job.both_nights();
    // A mailer that came back: the mark of its address is that of its record.
    for lot in ["L26324A", "M26327A"] {
        let left = job.pli("dispatch", &[lot, "--date", MONDAY]);
        assert_eq!(left.code, 0, "{}", left.stdout);
    }
    let back = job.pli_with("scan", &["-", "--date", "2026-12-01"], "RETURN/REFUSED\n26327A\\000001\n");
    assert_eq!(back.code, 0, "{}{}", back.stdout, back.stderr);
    let toml = job.path("job.toml");
    let export = |arguments: &[&str]| {
        let ran = pli(&[&["ledger", text(&toml), "export"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let (opaque, personal) = (export(&[]), export(&["--personal"]));
    let address = |export: &str| rows(export)["returned"][0]["address"].as_str().unwrap().to_owned();
    assert_ne!(address(&opaque), address(&personal));
    // Without the keys no mailer's record is one that the export has, and their order tells nothing.
    let (hidden, shown) = (records_of_mailers(&opaque), records_of_mailers(&personal));
    let numbers = |export: &str, table: &str| -> BTreeSet<i64> {
        rows(export)[table].iter().map(|row| row["id"].as_i64().unwrap()).collect()
    };
    let records = numbers(&opaque, "record");
    assert!(shown.len() > 9 && shown.values().all(|record| records.contains(record)));
    assert!(hidden.len() == shown.len() && hidden.values().all(|record| !records.contains(record)));
    let duties = &rows(&opaque)["duty"];
    let of_mailers: Vec<i64> =
        duties.iter().filter(|row| row["kind"] == "mailer").map(|row| row["id"].as_i64().unwrap()).collect();
    assert!(of_mailers.is_sorted() && of_mailers.len() > 9);
    let first = duties.iter().position(|row| row["kind"] == "mailer").unwrap();
    assert!(duties[first..].iter().all(|row| row["kind"] == "mailer"), "no mailer stands beside its letter");
    // Another library, with the ledger's key.
    let index = job.path("keys/ledger/index.key");
    job.write("turn_back.py", TURN_BACK);
    let script = job.path("turn_back.py");
    let opaque_numbers: Vec<String> = hidden.values().map(i64::to_string).collect();
    let arguments: Vec<&str> =
        [text(&script), text(&index)].into_iter().chain(opaque_numbers.iter().map(String::as_str)).collect();
    if let Some(turned) = python("hmac", &arguments) {
        let turned: Vec<i64> = turned.lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(turned, shown.values().copied().collect::<Vec<_>>());
    }
    // It comes back whole, with the keys alone.
    job.write("opaque.jsonl", &opaque);
    fs_err::rename(job.path("ledger.db"), job.path("before.db")).unwrap();
    fs_err::rename(job.path("keys/ledger"), job.path("keys/aside")).unwrap();
    let import = |job: &TestJob| job.pli("ledger", &["import", text(&job.path("opaque.jsonl"))]);
    let without = import(&job);
    assert_eq!(
        (without.code, &without.json()["error"]["code"]),
        (3, &"ledger_keys".into()),
        "{}",
        without.stdout
    );
    let strange = TestJob::new();
    strange.both_nights();
    fs_err::rename(strange.path("keys/ledger"), job.path("keys/ledger")).unwrap();
    let strange = import(&job);
    assert_eq!(
        (strange.code, &strange.json()["error"]["code"]),
        (3, &"ledger_keys".into()),
        "{}",
        strange.stdout
    );
    fs_err::remove_dir_all(job.path("keys/ledger")).unwrap();
    fs_err::rename(job.path("keys/aside"), job.path("keys/ledger")).unwrap();
    assert_eq!(import(&job).code, 0);
    job.assert_sound();
    assert_eq!(export(&["--personal"]), personal);
    // Who asked for it is in the audit log.
    let log: String = files(&job.path("audit"))
        .iter()
        .map(|file| String::from_utf8_lossy(&fs_err::read(file).unwrap()).into_owned())
        .collect();
    assert_eq!(log.matches("\"personal\"").count(), 2, "{log}");
}

#[test]
fn what_is_kept_of_a_person_names_no_mailer_unless_that_is_asked_for() {
    let job = TestJob::new();
    job.both_nights();
    let export = |arguments: &[&str]| {
        let ran = job.pli("ledger", &[&["person", "2400140649", "export"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stdout);
        ran.json()
    };
    let pieces = |export: &Value| export["records"][0]["pieces"].as_array().unwrap().clone();
    let (opaque, personal) = (pieces(&export(&[])), pieces(&export(&["--personal"])));
    let id = |pieces: &[Value], kind: &str| {
        pieces.iter().find(|piece| piece["kind"] == kind).unwrap()["piece_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(id(&opaque, "letter"), id(&personal, "letter"));
    assert!(id(&opaque, "mailer").is_empty() && id(&personal, "mailer").starts_with("26327A\\"));
    assert!(!export(&[]).to_string().contains("26327A\\\\"), "nor does a file");
    assert_eq!(job.pli("ledger", &["person", "2400140649", "erase", "--personal"]).code, 2);
}

/// The user and group of the office, and of those who print letters and mailers: nobody's of this system.
const OFFICE: u32 = 41_000;
const ANNA: u32 = 41_001;
const BRUNO: u32 = 41_002;

/// Gives a job to the office, and returns a folder with the program that every user may run.
fn shared_program(job: &TestJob) -> tempfile::TempDir {
    let everybody = || PermissionsExt::from_mode(0o755);
    fs_err::set_permissions(job.path(""), everybody()).unwrap();
    let shared = tempfile::tempdir().unwrap();
    fs_err::set_permissions(shared.path(), everybody()).unwrap();
    fs_err::copy(program().get_program(), shared.path().join("pli")).unwrap();
    give(&job.path(""));
    shared
}

fn give(path: &Path) {
    chown(path, Some(OFFICE), Some(OFFICE)).unwrap();
    if path.is_dir() {
        fs_err::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path()));
    }
}

/// Runs the program with a real and an effective user, as a rule of `sudo` and `setpriv` do.
fn as_user(program: &Path, real: u32, effective: u32, arguments: &[&str]) -> Option<Ran> {
    let [real, effective, office] = [real, effective, OFFICE].map(|number| number.to_string());
    let ran = Command::new("setpriv")
        .args(["--ruid", &real, "--euid", &effective, "--rgid", &office, "--egid", &office, "--clear-groups"])
        .arg(program)
        .args(arguments)
        .env("NO_COLOR", "1")
        .output();
    match ran {
        Ok(ran) => Some(ran.into()),
        Err(_) => {
            missing("`setpriv`");
            None
        }
    }
}

#[test]
fn operators_of_letters_and_of_mailers_work_in_one_office_and_read_none_of_its_files() {
    if fs_err::metadata("/proc/self").unwrap().uid() != 0 {
        // Only root becomes another user.
        return;
    }
    let job = TestJob::new();
    let toml = job.read("job.toml");
    job.write("job.toml", &format!("{toml}\n[roles]\nletters = [\"{ANNA}\"]\nmailers = [\"{BRUNO}\"]\n"));
    let shared = shared_program(&job);
    let binary = shared.path().join("pli");
    let toml = job.path("job.toml");
    let released = job.path("reissues.csv");
    let friday = ["run", text(&toml), "--date", FRIDAY, "--release-reissues", text(&released), "--json"];
    let run = |real, effective, arguments: &[&str]| as_user(&binary, real, effective, arguments);
    let Some(both) = run(ANNA, OFFICE, &friday) else { return };
    let code = |ran: &Ran| (ran.code, ran.json()["error"]["code"].as_str().unwrap_or_default().to_owned());
    assert_eq!(code(&both), (2, "roles_need_only".to_owned()));
    let letters = [&friday[..], &["--only", "letters"]].concat();
    let wrong = run(BRUNO, OFFICE, &letters).unwrap();
    assert_eq!(code(&wrong), (3, "wrong_user".to_owned()), "{}", wrong.stderr);
    // The office itself prints nothing, and root as little.
    assert_eq!(code(&run(OFFICE, OFFICE, &letters).unwrap()), (3, "wrong_user".to_owned()));
    assert_eq!(code(&run(0, OFFICE, &letters).unwrap()), (3, "wrong_user".to_owned()));
    let printed = run(ANNA, OFFICE, &letters).unwrap();
    assert_eq!(printed.code, 1, "{}{}", printed.stdout, printed.stderr);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let monday = ["run", text(&toml), "--date", MONDAY, "--only", "mailers", "--json"];
    assert_eq!(code(&run(ANNA, OFFICE, &monday).unwrap()), (3, "wrong_user".to_owned()));
    let printed = run(BRUNO, OFFICE, &monday).unwrap();
    assert!(printed.code <= 1, "{}{}", printed.stdout, printed.stderr);
    // All of it is the office's, and neither user reads the other's files, or his own, by himself.
    for folder in [format!("out/{FRIDAY}/letters"), format!("out/{MONDAY}/mailers")] {
        let found = fs_err::metadata(job.path(&folder)).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o777), (OFFICE, 0o700), "{folder}");
        for user in [ANNA, BRUNO] {
            let [user, folder] = [user.to_string(), text(&job.path(&folder)).to_owned()];
            let listed = Command::new("setpriv")
                .args(["--reuid", &user, "--regid", &user, "--clear-groups", "ls", &folder])
                .output()
                .unwrap();
            assert!(!listed.status.success() && listed.stdout.is_empty(), "{user} reads {folder}");
        }
    }
    // Each moves pieces of his own kind, and the office those of both.
    let (letter, mailer) = ("L26324A000001", "M26327A\\000001");
    let act = |user, arguments: &[&str]| {
        let [command, rest @ ..] = arguments else { unreachable!() };
        run(user, OFFICE, &[&[*command, text(&toml), "--json"], rest].concat()).unwrap()
    };
    let card = ["recall", "--card", "2400140649", "--reason", "lost"];
    for (user, arguments) in [
        (ANNA, &["recall", mailer, "--reason", "wrong paper"][..]),
        (ANNA, &["recall", "--lot", "M26327A", "--reason", "wrong paper"]),
        (ANNA, &["dispatch", "M26327A"]),
        (BRUNO, &["recall", letter, "--reason", "wrong paper"]),
        (BRUNO, &["dispatch", "L26324A"]),
        (ANNA, &card),
        (BRUNO, &card),
    ] {
        assert_eq!(code(&act(user, arguments)), (3, "wrong_user".to_owned()), "{arguments:?}");
    }
    let pulled = act(OFFICE, &card);
    let kinds: Vec<Value> =
        pulled.json()["recalled"].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect();
    assert_eq!((pulled.code, kinds), (0, vec!["letter".into(), "mailer".into()]), "{}", pulled.stdout);
    assert!(act(ANNA, &["dispatch", "L26324A"]).code <= 1);
    assert!(act(BRUNO, &["dispatch", "M26327A"]).code <= 1);
    let alone = run(ANNA, ANNA, &letters).unwrap();
    assert!(alone.code >= 2, "by himself a user opens neither ledger nor keys: {}", alone.stdout);
}

#[test]
fn an_audit_head_that_this_user_may_not_read_is_told_as_unreadable() {
    if fs_err::metadata("/proc/self").unwrap().uid() != 0 {
        // Only root becomes another user.
        return;
    }
    let job = TestJob::new();
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let shared = shared_program(&job);
    let binary = shared.path().join("pli");
    let (toml, piece) = (job.path("job.toml"), "26324A000001");
    let verifies = ["audit", text(&toml), "--json"];
    let acts = ["recall", text(&toml), piece, "--reason", "wrong paper", "--json"];
    let Some(sound) = as_user(&binary, OFFICE, OFFICE, &verifies) else { return };
    assert_eq!(sound.code, 0, "{}", sound.stdout);
    let head = job.names("audit").into_iter().find(|name| name.ends_with(".head")).unwrap();
    for file in [format!("audit/{head}"), "kept/audit.stamp".to_owned()] {
        let file = job.path(&file);
        chown(&file, Some(0), Some(0)).unwrap();
        for command in [&verifies[..], &acts] {
            let told = as_user(&binary, OFFICE, OFFICE, command).unwrap();
            let error = &told.json()["error"];
            assert_eq!((told.code, &error["code"]), (4, &"audit_io".into()), "{}", told.stdout);
            let named = error["file"].as_str().is_some_and(|named| named.ends_with(text(&file)));
            assert!(named && error["advice"].as_str().unwrap().contains("let this user read"), "{error}");
        }
        // What the advice says.
        chown(&file, Some(OFFICE), Some(OFFICE)).unwrap();
        assert_eq!(as_user(&binary, OFFICE, OFFICE, &verifies).unwrap().code, 0);
    }
}

/// Every file below a folder, with its owner and its bytes.
fn owned_files(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let owned = |file: &PathBuf| (fs_err::symlink_metadata(file).unwrap().uid(), fs_err::read(file).unwrap());
    files(folder).into_iter().map(|file| (file.clone(), owned(&file))).collect()
}

/// The commands of an advice, between its backticks.
fn commands_of(advice: &str) -> Vec<&str> {
    advice.split('`').skip(1).step_by(2).collect()
}

fn shell(line: &str) -> Ran {
    Command::new("sh").args(["-c", line]).env("NO_COLOR", "1").output().unwrap().into()
}

#[test]
fn a_user_to_whom_a_job_does_not_belong_writes_nothing_into_it() {
    if fs_err::metadata("/proc/self").unwrap().uid() != 0 {
        // Only root becomes another user.
        return;
    }
    let job = TestJob::new();
    assert!(job.run(FRIDAY, &[]).code <= 1);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let shared = shared_program(&job);
    let binary = shared.path().join("pli");
    let (toml, shares) = (job.path("job.toml"), shared.path().join("shares"));
    let (folder, key) = (job.path(""), job.path("keys/signing.pem"));
    let (toml, folder, key) = (text(&toml), text(&folder), text(&key));
    let backup = shared.path().join("ledger.backup");
    let writers: [&[&str]; 9] = [
        &["run", toml, "--date", MONDAY],
        &["run", toml, "--date", MONDAY, "--dry-run", "--only", "letters"],
        &["run", toml, "--date", MONDAY, "--shard", "1/2"],
        &["check", toml, "--date", MONDAY],
        &["recall", folder, "L26324A000001", "--reason", "wrong paper"],
        &["ledger", toml, "backup", text(&backup)],
        &["keys", "backup", key, "--shares", "3", "--needed", "2", "--output", text(&shares)],
        &["audit", toml, "incident", "L26324A"],
        &["audit", toml, "restart"],
    ];
    let before = owned_files(&job.path(""));
    // Root, and another user who comes into the job.
    for user in [0, ANNA] {
        for arguments in writers {
            let arguments = [arguments, &["--json"]].concat();
            let Some(ran) = as_user(&binary, user, user, &arguments) else { return };
            if user == 0 {
                let error = &ran.json()["error"];
                assert_eq!((ran.code, &error["code"]), (2, &"job_of_another_user".into()), "{arguments:?}");
                assert!(error["message"].as_str().unwrap().contains(&OFFICE.to_string()), "{error}");
            }
            assert!(ran.code >= 2, "{arguments:?}");
        }
    }
    assert!(!backup.exists() && !shares.exists());
    // Whoever only reads leaves nothing.
    for arguments in [
        &["status", toml][..],
        &["ledger", toml, "check"],
        &["audit", toml],
        &["doctor", toml, "--look", "modes", "--look", "audit"],
    ] {
        let ran = as_user(&binary, 0, 0, &[arguments, &["--json"]].concat()).unwrap();
        assert!(!ran.stdout.contains("job_of_another_user"), "{}", ran.stdout);
        assert!(ran.code <= 1, "{}", ran.stdout);
    }
    assert!(before == owned_files(&job.path("")), "nothing came, went or changed");
    // What the advice says.
    let refused =
        as_user(&binary, 0, 0, &["recall", toml, "L26324A000001", "--reason", "wrong paper", "--json"]);
    let advice = refused.unwrap().json()["error"]["advice"].as_str().unwrap().to_owned();
    let line = commands_of(&advice)[0].replace("pli …", text(&binary));
    let recalled = shell(&format!("{line} recall {toml} L26324A000001 --reason 'wrong paper'"));
    assert_eq!(recalled.code, 0, "{line}: {}", recalled.stderr);
    assert!(owned_files(&job.path("")).values().all(|(user, _)| *user == OFFICE));
    // A job of root's folder is anybody's who may write there, as in a container.
    chown(folder, Some(0), Some(0)).unwrap();
    let ran = as_user(&binary, 0, 0, &["check", toml, "--date", MONDAY]).unwrap();
    assert!(ran.code <= 1, "{}", ran.stderr);
}

#[test]
fn the_doctor_names_files_that_another_user_made_and_whoever_owns_the_job_may_ask_it() {
    if fs_err::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let job = TestJob::new();
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let toml = job.read("job.toml");
    let roles = |letters: &str, mailers: &str| {
        let roles = format!("{toml}\n[roles]\nletters = [\"{letters}\"]\nmailers = [\"{mailers}\"]\n");
        job.write("job.toml", &roles);
    };
    roles("pli-letters", "pli-mailers");
    let shared = shared_program(&job);
    fs_err::set_permissions(job.path(""), PermissionsExt::from_mode(0o700)).unwrap();
    let binary = shared.path().join("pli");
    let file = job.path("job.toml");
    let looks = ["doctor", text(&file), "--date", MONDAY, "--json", "--look", "user", "--look", "modes"];
    let finding = |ran: &Ran, look: &str| {
        let found = ran.json()["findings"].as_array().unwrap().clone();
        found.into_iter().find(|finding| finding["look"] == look).unwrap()
    };
    // The office, and root, look at both kinds; a stranger is told who prints, and with which command.
    for (real, effective) in [(OFFICE, OFFICE), (0, 0)] {
        let Some(looked) = as_user(&binary, real, effective, &looks) else { return };
        assert_eq!(looked.code, 0, "{}", looked.stdout);
        let said = finding(&looked, "user")["message"].as_str().unwrap().to_owned();
        assert!(said.contains("pli-letters") && said.contains("looks at both"), "{said}");
    }
    let wrong = ["run", text(&file), "--date", MONDAY, "--only", "mailers", "--json"];
    let told = as_user(&binary, OFFICE, OFFICE, &wrong).unwrap();
    assert_eq!((told.code, &told.json()["error"]["code"]), (3, &"wrong_user".into()));
    assert!(told.stdout.contains("/usr/lib/pli/as mailers pli"), "{}", told.stdout);
    // An operator by himself is led to the owner, not to other modes.
    let alone = as_user(&binary, ANNA, ANNA, &looks).unwrap();
    let lost = finding(&alone, "job");
    assert_eq!((alone.code, &lost["code"]), (2, &"job_unreadable".into()), "{}", alone.stdout);
    let advice = lost["advice"].as_str().unwrap();
    assert!(
        advice.contains(&format!("belongs to the user {OFFICE}")) && advice.contains("as letters"),
        "{advice}"
    );
    // Files that root made.
    let head = job.names("audit").into_iter().find(|name| name.ends_with(".head")).unwrap();
    for file in [format!("audit/{head}"), "kept/audit.stamp".to_owned(), "ledger.db".to_owned()] {
        chown(job.path(&file), Some(0), Some(0)).unwrap();
    }
    // A public key of root's serves.
    chown(job.path("keys/codes.pub"), Some(0), Some(0)).unwrap();
    fs_err::set_permissions(job.path("keys/codes.pub"), PermissionsExt::from_mode(0o644)).unwrap();
    let sick = as_user(&binary, 0, 0, &looks).unwrap();
    let found = finding(&sick, "modes");
    assert_eq!((sick.code, &found["code"]), (2, &"files_of_another_user".into()), "{}", sick.stdout);
    let said = found["message"].as_str().unwrap();
    assert!(said.starts_with("3 files ") && said.contains("(root)"), "{said}");
    let remedy = commands_of(found["advice"].as_str().unwrap())[0].to_owned();
    assert_eq!(shell(&remedy).code, 0, "{remedy}");
    let looked = as_user(&binary, OFFICE, OFFICE, &looks).unwrap();
    assert_eq!(looked.code, 0, "{}", looked.stdout);
}

#[test]
fn a_senders_file_that_the_office_may_not_read_is_told_with_the_access_list_that_lets_it_in() {
    if fs_err::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let job = TestJob::new();
    let shared = shared_program(&job);
    let binary = shared.path().join("pli");
    let (toml, cards) = (job.path("job.toml"), job.path("inbox/cards.csv"));
    chown(&cards, Some(BRUNO), Some(BRUNO)).unwrap();
    fs_err::set_permissions(&cards, PermissionsExt::from_mode(0o640)).unwrap();
    let check = ["check", text(&toml), "--date", FRIDAY, "--json"];
    let Some(refused) = as_user(&binary, OFFICE, OFFICE, &check) else { return };
    let error = &refused.json()["error"];
    assert_eq!((refused.code, &error["code"]), (2, &"input_unreadable".into()), "{}", refused.stdout);
    let advice = error["advice"].as_str().unwrap().to_owned();
    let lists = commands_of(&advice);
    assert!(
        lists[0].starts_with(&format!("setfacl -m u:{OFFICE}:rw ")) && lists[0].ends_with("cards.csv"),
        "{advice}"
    );
    assert!(
        lists[1].starts_with(&format!("setfacl -d -m u:{OFFICE}:rw ")) && lists[1].ends_with("inbox"),
        "{advice}"
    );
    match shell("command -v setfacl").code {
        0 => assert_eq!(shell(lists[0]).code, 0, "{advice}"),
        _ => chown(&cards, Some(OFFICE), Some(OFFICE)).unwrap(),
    }
    let checked = as_user(&binary, OFFICE, OFFICE, &check).unwrap();
    assert!(checked.code <= 1, "{}", checked.stdout);
}
