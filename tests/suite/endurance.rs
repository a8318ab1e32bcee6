//! A thousand kills in a row on one job, at random changes: the bureau's nights as if nothing had happened.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::book;
use crate::job::{Ran, TestJob, pli, program};
use crate::killing::{Cut, Killer};
use crate::ledger_care::{lose, recoverable};
use crate::power::Loss;
use crate::tools::text;

const KILLS: u32 = 1000;
/// New records a night.
const RECORDS: usize = 60;
/// Rounds of purge, backup and restoration after each night.
const CARE: u32 = 3;

/// Invented records and codes, enough for all nights.
struct Persons {
    header: String,
    rows: Vec<String>,
    codes: HashMap<String, String>,
}

impl Persons {
    fn new() -> Persons {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("sample");
        assert_eq!(pli(&["sample", "--count", "40000", "--out", text(&out), "-q"]).code, 0);
        let cards = fs_err::read_to_string(out.join("inbox/cards.csv")).unwrap();
        let mut lines = cards.lines().map(str::to_owned);
        let header = lines.next().unwrap();
        let rows = lines.filter(|row| row.contains(",first,") && !row.contains('"')).collect();
        let codes =
            pli::vault::open(&out.join("inbox/codes.csv.age"), &out.join("keys/codes.identity")).unwrap();
        let codes = String::from_utf8(codes.to_vec()).unwrap();
        let of_card = |line: &str| Some((line.split(',').next()?.to_owned(), line.to_owned()));
        Persons { header, rows, codes: codes.lines().filter_map(of_card).collect() }
    }

    /// Puts the records of a night, and their codes, into the inbox of a job. Codes stay there for a week.
    fn bring(&self, job: &TestJob, number: usize, night: Date) {
        for name in job.names("inbox").iter().filter(|name| name.starts_with("cards-")) {
            fs_err::remove_file(job.path(&format!("inbox/{name}"))).unwrap();
        }
        let before = night - 1.day();
        let row = |row: &String| {
            let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
            cells[3] = format!("{before}T10:15:00");
            cells.join(",")
        };
        let rows = self.rows.iter().skip(number * RECORDS).take(RECORDS);
        let rows: Vec<String> = rows.map(row).collect();
        assert_eq!(rows.len(), RECORDS, "there are records for another night");
        job.write(&format!("inbox/cards-{night}.csv"), &format!("{}\n{}\n", self.header, rows.join("\n")));
        let cards: Vec<&str> = rows.iter().filter_map(|row| row.split(',').next()).collect();
        let codes: Vec<&str> = cards.iter().map(|card| &*self.codes[*card]).collect();
        job.seal_codes(format!("card_number,pin,puk,assistance_code\n{}\n", codes.join("\n")).as_bytes());
        fs_err::rename(job.path("inbox/codes.csv.age"), job.path(&format!("inbox/codes-{night}.csv.age")))
            .unwrap();
        let _ = fs_err::remove_file(job.path(&format!("inbox/codes-{}.csv.age", night - 7.days())));
    }
}

/// Who kills.
struct Reaper {
    killer: Killer,
    random: u64,
    /// The last change of each command that is worth trying.
    last: BTreeMap<&'static str, u32>,
    kills: BTreeMap<&'static str, u32>,
}

impl Reaper {
    fn killed(&self) -> u32 {
        self.kills.values().sum()
    }

    /// A number from 0 to `below` - 1.
    fn draw(&mut self, below: u32) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % u64::from(below)) as u32
    }

    /// Kills a command at a random change, or takes the power away there, and has the same command go on.
    fn round(&mut self, job: &TestJob, what: &'static str, arguments: &[&str]) {
        let last = *self.last.entry(what).or_insert(300);
        let change = 1 + self.draw(last);
        let cut = if self.draw(4) == 0 { Cut::Power(Loss::Some(self.draw(1000))) } else { Cut::Kill };
        let command = || {
            let mut command = program();
            command.args(arguments);
            command
        };
        let killed = self.killer.cuts(&mut command(), change, cut, &job.path("")).is_cut;
        let round = self.killed();
        let at = format!("{arguments:?}, {cut:?} at change {change}, after {round} rounds");
        if killed {
            *self.kills.entry(what).or_default() += 1;
            self.last.insert(what, last.max(change + change / 10));
        } else {
            self.last.insert(what, change.max(10));
        }
        let ran: Ran = command().output().expect("the program starts").into();
        assert!((0..=1).contains(&ran.code), "{at}: {}{}", ran.stdout, ran.stderr);
        let check = job.pli("ledger", &["check"]);
        assert!(check.code == 0 && check.json()["sound"] == true, "{at}: {}{}", check.stdout, check.stderr);
    }
}

/// What a job's ledger has of every card: its pieces, and what waits.
fn of_cards(job: &TestJob) -> Vec<String> {
    let db = book::open(job);
    let sql = "SELECT hex(record.card), record.night, duty.kind, duty.due, duty.state, lot.name, lot.night, lot.state, lot.pieces,
            sequence, attempt, piece.file, first_page, piece.pages, piece.state, first_tracking
        FROM record JOIN duty ON duty.record = record.id LEFT JOIN piece ON piece.duty = duty.id
        LEFT JOIN lot ON lot.id = piece.lot ORDER BY record.id, duty.id, attempt";
    let mut statement = db.prepare(sql).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row| -> rusqlite::Result<String> {
        let cells: Result<Vec<rusqlite::types::Value>, _> =
            (0..columns).map(|column| row.get(column)).collect();
        Ok(format!("{:?}", cells?))
    };
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

#[test]
#[ignore = "takes twenty minutes"]
fn a_thousand_kills_in_a_row() {
    let Some(killer) = Killer::new() else { return };
    let seed = std::env::var("PLI_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_201_120_u64);
    let mut say = std::io::stderr();
    writeln!(say, "PLI_SEED={seed}").unwrap();
    let mut reaper = Reaper { killer, random: seed.max(1), last: BTreeMap::new(), kills: BTreeMap::new() };
    let (persons, job) = (Persons::new(), recoverable());
    for file in ["inbox/cards.csv", "inbox/codes.csv.age", "reissues.csv"] {
        fs_err::remove_file(job.path(file)).unwrap();
    }
    let mut night = date(2020, 11, 20);
    persons.bring(&job, 0, night);
    assert!(job.run(&night.to_string(), &[]).code <= 1);
    // With the same keys, so that both hash a card alike.
    let twin = job.twin();
    let toml = job.path("job.toml");
    let toml = text(&toml);
    let mut number = 0;
    while reaper.killed() < KILLS {
        number += 1;
        night += if night.weekday() == jiff::civil::Weekday::Friday { 3.days() } else { 1.day() };
        let day = night.to_string();
        persons.bring(&job, number, night);
        fs_err::remove_dir_all(twin.path("inbox")).unwrap();
        fs_err::create_dir(twin.path("inbox")).unwrap();
        for name in job.names("inbox") {
            fs_err::copy(job.path(&format!("inbox/{name}")), twin.path(&format!("inbox/{name}"))).unwrap();
        }
        let ran = twin.run(&day, &["--prove", "none"]);
        assert!(ran.code <= 1, "{day}: {}{}", ran.stdout, ran.stderr);
        if number % 2 == 1 {
            reaper.round(&job, "run", &["run", toml, "--date", &day]);
        } else {
            for share in ["1/2", "2/2"] {
                reaper.round(&job, "shard", &["run", toml, "--date", &day, "--shard", share]);
            }
            reaper.round(&job, "merge", &["merge", toml, "--date", &day]);
        }
        for _ in 0..CARE {
            reaper.round(&job, "purge", &["ledger", toml, "purge", "--date", &day]);
            let backup = job.path("backup.db");
            reaper.round(&job, "backup", &["ledger", toml, "backup", text(&backup), "--force"]);
            let copy = job.twin();
            lose(&copy);
            let (file, identity, toml) =
                (copy.path("backup.db"), copy.path("recovery.identity"), copy.path("job.toml"));
            let order =
                ["ledger", text(&toml), "restore", text(&file), "--identity", text(&identity), "--force"];
            reaper.round(&copy, "restore", &order);
            assert_eq!(of_cards(&copy), of_cards(&job), "the restored ledger of {day}");
        }
        if number % 10 == 0 {
            writeln!(say, "{day}: {} kills", reaper.killed()).unwrap();
        }
    }
    let (whole, killed) = (of_cards(&twin), of_cards(&job));
    // Some of the sample's records are rejected.
    assert!(whole.len() > RECORDS * number, "{} letters and mailers in {number} nights", whole.len());
    for (one, other) in whole.iter().zip(&killed) {
        assert_eq!(one, other);
    }
    assert_eq!(whole.len(), killed.len());
    writeln!(say, "{} nights, {} cards, kills: {:?}", number + 1, whole.len() / 2, reaper.kills).unwrap();
}
