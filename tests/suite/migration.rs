//! A ledger of an earlier version is brought up to date, however often that is cut short: every row once, nothing in clear.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::book;
use crate::job::{FRIDAY, Ran, TestJob, program};
use crate::killing::{Cut, CutAt, FULL, KILL, Killer, POWER};
use crate::same::rows;
use crate::tools::text;

/// Records that the ledger has and no piece.
const MORE: u32 = 300;
const TABLES: [&str; 11] = [
    "intake_file",
    "record",
    "duty",
    "dead_card",
    "reissue_release",
    "lot",
    "print_file",
    "piece",
    "run",
    "finding",
    "release",
];

/// The schema of version 3.
fn empty_version_3(file: &Path) -> Connection {
    let db = Connection::open(file).unwrap();
    let tables = [
        include_str!("../../src/ledger/sqlite/before/version_1.sql"),
        include_str!("../../src/ledger/sqlite/before/piece_of_version_2.sql"),
        include_str!("../../src/ledger/sqlite/before/version_3.sql"),
        "PRAGMA user_version = 3; PRAGMA journal_mode = WAL;",
    ];
    db.execute_batch(&tables.concat()).unwrap();
    db
}

/// The records of a ledger as JSON, by file and line.
fn bodies(job: &TestJob) -> BTreeMap<(String, i64), serde_json::Value> {
    let mut bodies = BTreeMap::new();
    for row in job.table("inbox/cards.csv") {
        let person = job.pli("ledger", &["person", &row["card_number"], "export"]);
        if person.code != 0 {
            continue;
        }
        for record in person.json()["records"].as_array().unwrap() {
            let place =
                (record["source_file"].as_str().unwrap().to_owned(), record["line"].as_i64().unwrap());
            bodies.insert(place, record["record"].clone());
        }
    }
    bodies
}

/// A job whose Friday version 3 of the ledger has released.
fn job_of_version_3() -> TestJob {
    let job = TestJob::new();
    assert_eq!(job.run(FRIDAY, &["--prove", "none"]).code, 1);
    let (bodies, cards) = (bodies(&job), book::cards(&job));
    let old = empty_version_3(&job.path("old.db"));
    old.execute("ATTACH ?1 AS now", [text(&job.path("ledger.db"))]).unwrap();
    let card_of = |hash: Vec<u8>| cards.get(&hash).cloned().expect("a card");
    old.execute_batch("BEGIN; INSERT INTO intake_file SELECT * FROM now.intake_file").unwrap();
    let sql = "SELECT id, card, reason, night, source_file, line FROM now.record";
    for_each(&old, sql, |row| {
        let (file, line): (String, i64) = (row.get(4)?, row.get(5)?);
        let body = bodies[&(file.clone(), line)].to_string();
        let (id, reason, night): (i64, String, String) = (row.get(0)?, row.get(2)?, row.get(3)?);
        let card = card_of(row.get(1)?);
        old.execute(
            "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![id, card, reason, night, file, line, body],
        )
    });
    for_each(&old, "SELECT card, night, replaced_by FROM now.dead_card", |row| {
        let by = row.get::<_, Option<Vec<u8>>>(2)?.map(card_of);
        old.execute(
            "INSERT INTO dead_card VALUES (?1, ?2, ?3)",
            params![card_of(row.get(0)?), row.get::<_, String>(1)?, by],
        )
    });
    for_each(&old, "SELECT card, night FROM now.reissue_release", |row| {
        let sql = "INSERT INTO reissue_release VALUES (?1, ?2, 'lost_codes')";
        old.execute(sql, params![card_of(row.get(0)?), row.get::<_, String>(1)?])
    });
    old.execute_batch(
        "INSERT INTO duty SELECT * FROM now.duty;
         INSERT INTO lot SELECT name, kind, night, 'released', pieces, template FROM now.lot ORDER BY id;
         INSERT INTO print_file SELECT name, kind, path, sha256 FROM now.print_file JOIN now.lot ON id = lot ORDER BY lot, number;
         INSERT INTO piece SELECT name || CASE kind WHEN 'mailer' THEN '\\' ELSE '' END || printf('%06d', sequence), name, kind,
            sequence, duty, path, first_page, piece.pages, first_tracking + sequence - 1, 'released'
            FROM now.piece AS piece JOIN now.lot AS lot ON id = piece.lot
            JOIN now.print_file AS print_file ON print_file.lot = id AND number = file",
    )
    .unwrap();
    let report = job.read(&format!("out/{FRIDAY}/run.json"));
    old.execute("INSERT INTO run VALUES (1, ?1, 'released', ?2)", params![FRIDAY, report]).unwrap();
    let head = head_of_first(FRIDAY, &report);
    old.execute("INSERT INTO release SELECT number, ledger, night, ?1 FROM now.release", [&head]).unwrap();
    let mut stamp: serde_json::Value = serde_json::from_str(&job.read("out/ledger.stamp")).unwrap();
    stamp["head"] = head.into();
    job.write("out/ledger.stamp", &stamp.to_string());
    for row in job.table(&format!("out/{FRIDAY}/rejects.csv")) {
        let column = |name: &str| row[name].clone();
        let line: i64 = row["line"].parse().unwrap();
        let values = params![
            column("source_file"),
            line,
            column("card_number"),
            column("field"),
            column("code"),
            column("message")
        ];
        old.execute("INSERT INTO finding VALUES (1, 'reject', ?1, ?2, ?3, ?4, ?5, ?6)", values).unwrap();
    }
    let body = bodies.values().next().unwrap();
    let mut numbers = String::new();
    for more in 0..MORE {
        let (id, card) = (10_000 + more, format!("{}", 2_900_000_000_u64 + u64::from(more)));
        let mut body = body.clone();
        body["card_number"] = card.clone().into();
        let sql = "INSERT INTO record VALUES (?1, ?2, 'first', '2026-11-19', 'inbox/before.csv', ?3, ?4)";
        old.execute(sql, params![id, card, more + 2, body.to_string()]).unwrap();
        old.execute("INSERT INTO duty VALUES (?1, ?1, 'letter', NULL, 'cancelled')", [id]).unwrap();
        numbers.push_str(&(card + "\n"));
    }
    old.execute_batch("COMMIT; DETACH now;").unwrap();
    drop(old);
    job.write("numbers.txt", &numbers);
    fs_err::rename(job.path("old.db"), job.path("ledger.db")).unwrap();
    fs_err::remove_dir_all(job.path("keys/ledger")).unwrap();
    job
}

/// The head of a ledger's first release.
fn head_of_first(night: &str, body: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["", night, body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn for_each(db: &Connection, sql: &str, each: impl Fn(&rusqlite::Row) -> rusqlite::Result<usize>) {
    let mut statement = db.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        each(row).unwrap();
    }
}

/// What brings the ledger up to date here. Without `ledger.recovery` it warns.
fn back_up(job: &TestJob) -> Ran {
    job.pli("ledger", &["backup", text(&job.path("backup.db")), "--force"])
}

/// Texts of the ledger's files that name somebody.
fn in_clear(job: &TestJob, naming: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for name in
        job.names(".").into_iter().filter(|name| name.contains("ledger.db") || name.contains("backup.db"))
    {
        let bytes = fs_err::read(job.path(&name)).unwrap();
        let holds = |text: &&String| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        found.extend(naming.iter().filter(holds).map(|text| format!("{name}: {text}")));
    }
    found
}

fn cut_migrations_are_finished(step: usize, cut: CutAt) {
    let Some(killer) = Killer::new() else { return };
    let made = job_of_version_3();
    let of_row = |row: &BTreeMap<String, String>| [row["card_number"].clone(), row["address_4"].clone()];
    let mut naming: Vec<String> = made.table("inbox/cards.csv").iter().take(5).flat_map(of_row).collect();
    naming.retain(|text| text.len() > 7);
    naming.push("2900000007".to_owned());
    assert!(in_clear(&made, &naming).len() > 5, "version 3 has them in clear");
    let whole = made.twin();
    assert_eq!(back_up(&whole).code, 1);
    let told = |job: &TestJob| TABLES.map(|table| rows(job, table));
    let expected = told(&whole);
    assert!(expected[1].len() > 300 && expected[7].len() > 20);
    let check = |job: &TestJob, at: &str| {
        assert_eq!(told(job), expected, "{at}");
        assert_eq!(in_clear(job, &naming), Vec::<String>::new(), "{at}");
        job.assert_sound();
    };
    Killer::sweep(step, |change| {
        let at = format!("{:?} at change {change}", cut(change));
        let job = made.twin();
        let mut command = program();
        command.arg("ledger").arg(job.path("job.toml")).args(["-q", "backup"]).arg(job.path("backup.db"));
        let ended = killer.cuts(&mut command, change, cut(change), &job.path(""));
        if ended.is_done {
            check(&job, &at);
        }
        let ran = back_up(&job);
        assert_eq!(ran.code, 1, "{at}: {}{}", ran.stdout, ran.stderr);
        check(&job, &at);
        if !ended.is_cut || change == 1 {
            let again = job.run(FRIDAY, &[]);
            assert_eq!(
                (again.code, &again.json()["already_done"]),
                (1, &true.into()),
                "{at}: {}",
                again.stderr
            );
        }
        if cut(change) == Cut::Kill {
            assert!(!job.names(".").iter().any(|name| name.ends_with(".partial")), "{at}");
        }
        ended.is_cut
    });
}

#[test]
fn a_killed_migration_is_finished_by_the_next_command() {
    cut_migrations_are_finished(31, KILL);
}

#[test]
fn a_migration_is_finished_after_a_power_loss() {
    cut_migrations_are_finished(41, POWER);
}

#[test]
fn a_migration_on_a_full_disk_is_finished_once_there_is_room() {
    cut_migrations_are_finished(41, FULL);
}

#[test]
#[ignore = "takes minutes; the tests above try some of the moments"]
fn a_migration_cut_at_any_moment_is_finished_by_the_next_command() {
    [KILL, POWER, FULL].into_iter().for_each(|cut| cut_migrations_are_finished(1, cut));
}
