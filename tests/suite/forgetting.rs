//! Keeping and forgetting: what was kept long enough is nowhere any more, and a person is exported and erased.

use serde_json::Value;

use crate::job::{Ran, TestJob, pli, program};
use crate::killing::{CutAt, FULL, KILL, Killer, POWER};
use crate::schemas::answers;

/// The nights of letters and of their mailers, on the weekdays of the fixture's, and long ago on any machine.
const FRIDAY: &str = "2020-11-20";
const MONDAY: &str = "2020-11-23";
/// The last day of their month was 90 days ago.
const OVER: &str = "2021-02-28";
/// Both nights were more than 365 days ago.
const LATER: &str = "2021-11-26";

/// The fixture's job six years earlier.
fn past_job() -> TestJob {
    let job = TestJob::new();
    let mut cards = job.read("inbox/cards.csv");
    for (year, before) in [("2023-", "2017-"), ("2024-", "2018-"), ("2026-", "2020-"), ("2027-", "2021-")] {
        cards = cards.replace(year, before);
    }
    job.write("inbox/cards.csv", &cards);
    job
}

/// Runs both nights. The record file lies in the inbox again afterwards.
fn both_nights(job: &TestJob) {
    let ran = job.run(FRIDAY, &[]);
    assert!(ran.code <= 1, "{}{}", ran.stdout, ran.stderr);
    let (cards, aside) = (job.path("inbox/cards.csv"), job.path("cards.aside"));
    fs_err::rename(&cards, &aside).unwrap();
    let ran = job.run(MONDAY, &[]);
    assert!(ran.code <= 1 && ran.json()["mailers"].as_u64() > Some(5), "{}{}", ran.stdout, ran.stderr);
    fs_err::rename(aside, cards).unwrap();
    // An operator's own list, which nothing but the operator removes.
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
}

fn ledger(job: &TestJob, arguments: &[&str]) -> Ran {
    let file = job.path("job.toml");
    let mut all = vec!["ledger", file.to_str().unwrap(), "--json"];
    all.extend(arguments);
    pli(&all)
}

fn purge(job: &TestJob, day: &str) -> Ran {
    ledger(job, &["purge", "--date", day])
}

fn total(months: &Value) -> u64 {
    months.as_object().map_or(0, |months| months.values().filter_map(Value::as_u64).sum())
}

/// Texts that name the persons of the records: card numbers, identifiers, names and streets.
fn naming(cards: &str) -> Vec<String> {
    let mut table = csv::Reader::from_reader(cards.as_bytes());
    let rows = table.records().filter_map(Result::ok);
    let cells =
        |row: csv::StringRecord| [0, 8, 12, 19].map(|column| row.get(column).unwrap_or("").to_owned());
    rows.flat_map(cells).filter(|cell| cell.len() > 8).collect()
}

/// The files that hold one of these texts.
fn holding(job: &TestJob, texts: &[String]) -> Vec<String> {
    let holds =
        |bytes: &[u8]| texts.iter().any(|text| bytes.windows(text.len()).any(|it| it == text.as_bytes()));
    let files = job.files().into_iter().filter(|file| holds(&fs_err::read(file).unwrap()));
    files.map(|file| file.strip_prefix(job.path("")).unwrap().display().to_string()).collect()
}

/// What is left after a purge of all that was kept, whether or not it was interrupted.
fn assert_forgotten(job: &TestJob, naming: &[String]) {
    assert_eq!(holding(job, naming), Vec::<String>::new());
    for night in [FRIDAY, MONDAY] {
        assert_eq!(job.names(&format!("out/{night}")), ["run.json"], "files of {night}");
    }
    let keys = job.names("keys/ledger");
    assert!(keys.contains(&"destroyed".to_owned()) && !keys.contains(&"2020-11.key".to_owned()), "{keys:?}");
    let check = ledger(job, &["check"]);
    assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
}

#[test]
fn a_purge_leaves_no_name_in_any_file_and_the_next_night_runs() {
    let job = past_job();
    both_nights(&job);
    let naming = naming(&job.read("inbox/cards.csv"));
    assert!(naming.len() > 60);
    let before = holding(&job, &naming);
    assert!(before.iter().any(|file| file.ends_with("rejects.csv")), "{before:?}");
    assert!(before.iter().any(|file| file.ends_with(".manifest.csv")), "{before:?}");

    let rehearsal = ledger(&job, &["purge", "--date", OVER, "--dry-run"]).json();
    assert!(rehearsal["dry_run"] == true && total(&rehearsal["rows"]["records"]) > 20, "{rehearsal}");
    assert_eq!(holding(&job, &naming), before, "a rehearsal removes nothing");
    let copy = job.twin();

    let ran = purge(&job, OVER);
    let purged = ran.json();
    assert_eq!(purged["rows"], rehearsal["rows"]);
    assert_eq!(purged["files"], rehearsal["files"]);
    assert_eq!(purged["keys"], serde_json::json!(["2020-11"]));
    for kind in ["print_files", "findings_tables", "record_files"] {
        assert!(total(&purged["files"][kind]) > 0, "{kind}: {purged}");
    }
    assert!(job.path("out/2020-11-20/run.json").exists(), "events_days are not over");
    let purged = purge(&job, LATER).json();
    assert!(
        total(&purged["rows"]["run_reports"]) == 2 && total(&purged["files"]["run_reports"]) == 2,
        "{purged}"
    );
    assert_forgotten(&job, &naming);
    let again = purge(&job, LATER).json();
    assert_eq!((total(&again["rows"]["records"]), total(&again["files"])), (0, 0), "{again}");

    let done = job.run(FRIDAY, &[]);
    assert_eq!((done.code, &done.json()["already_done"]), (0, &true.into()), "{}", done.stderr);
    assert!(!job.path("out/2020-11-20/letters").exists(), "an old night is not printed again");
    let next = job.run(LATER, &["--only", "mailers"]);
    assert!(next.code <= 1, "{}", next.stderr);
    fs_err::remove_file(job.path("out/ledger.stamp")).unwrap();
    assert!(job.run(LATER, &["--only", "mailers"]).code <= 1, "its history is known without the stamp");

    // A backup of before with the keys of after.
    fs_err::remove_dir_all(copy.path("keys/ledger")).unwrap();
    fs_err::create_dir_all(copy.path("keys/ledger")).unwrap();
    for name in job.names("keys/ledger") {
        fs_err::copy(job.path(&format!("keys/ledger/{name}")), copy.path(&format!("keys/ledger/{name}")))
            .unwrap();
    }
    let person = ledger(&copy, &["person", "2400140649", "export"]).json();
    assert_eq!(
        (&person["records"][0]["record"], person["findings"].as_array().unwrap().len()),
        (&Value::Null, 0)
    );
    let back = purge(&copy, OVER).json();
    assert!(back["forgotten_again"].as_u64() > Some(20), "{back}");
}

#[test]
fn a_day_in_the_future_is_refused_and_so_is_a_purge_without_a_ledger() {
    let job = past_job();
    assert_eq!(purge(&job, OVER).code, 2);
    both_nights(&job);
    let future = purge(&job, "2099-01-01");
    let error = future.json();
    assert_eq!((future.code, &error["error"]["code"]), (2, &"purge_in_future".into()));
}

#[test]
fn what_is_held_survives_until_it_is_let_go() {
    let job = past_job();
    both_nights(&job);
    let kept = ledger(&job, &["person", "2400140649", "--keep", "file 12/2026"]);
    assert_eq!(kept.code, 0, "{}", kept.stderr);
    answers("person-held", &kept.stdout);
    let purged = purge(&job, LATER).json();
    answers("ledger-purge", &purged.to_string());
    assert_eq!(purged["holds"][0]["reason"], "file 12/2026");
    let held = ledger(&job, &["person", "2400140649", "export"]).json();
    assert_eq!(held["records"][0]["record"]["ps_id_nat"], "810003879623", "{held}");
    assert!(!held["records"][0]["pieces"][0]["events"].as_array().unwrap().is_empty());
    let refused = ledger(&job, &["person", "2400140649", "erase"]);
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (3, &"person_held".into()));
    assert_eq!(ledger(&job, &["person", "2400140649", "--let-go"]).json()["cards"], 1);
    purge(&job, LATER);
    let gone = ledger(&job, &["person", "2400140649", "export"]).json();
    assert_eq!(gone["records"][0]["purged"], LATER);
}

#[test]
fn a_person_is_exported_and_erased() {
    let job = past_job();
    both_nights(&job);
    let texts = |card: &str, holder: &str| [card.to_owned(), holder.to_owned()];
    let martin = texts("2400140649", "810003879623");
    let by_card = ledger(&job, &["person", &martin[0], "export"]).json();
    let by_holder = ledger(&job, &["person", &martin[1], "export"]).json();
    assert_eq!(by_card["records"], by_holder["records"]);
    let kinds: Vec<&str> = by_card["records"][0]["pieces"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|piece| piece["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["letter", "mailer"]);
    let named: Vec<&str> =
        by_card["files"].as_array().unwrap().iter().filter_map(|file| file["path"].as_str()).collect();
    for file in ["inbox/cards.csv", "letters/20325A.manifest.csv", "letters/20325A-0001.pdf", ".pdf.age"] {
        assert!(named.iter().any(|path| path.ends_with(file)), "{file}: {named:?}");
    }
    let out = job.path("person.json");
    answers("person", &by_card.to_string());
    let exported = ledger(&job, &["person", &martin[0], "export", out.to_str().unwrap()]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    answers("person-exported", &exported.stdout);
    assert_eq!(
        serde_json::from_str::<Value>(&job.read("person.json")).unwrap()["records"],
        by_card["records"]
    );
    fs_err::remove_file(out).unwrap();

    // The print files of both lots are past their days: nothing is left of the person.
    purge(&job, "2021-01-15");
    fs_err::write(job.path("inbox/cards.csv"), "").unwrap();
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let erased = ledger(&job, &["person", &martin[1], "erase"]);
    assert_eq!(erased.code, 0, "{}{}", erased.stdout, erased.stderr);
    answers("person-erased", &erased.stdout);
    assert_eq!(holding(&job, &martin), Vec::<String>::new());
    let after = ledger(&job, &["person", &martin[0], "export"]).json();
    assert_eq!(after["records"][0]["record"], Value::Null);
    assert_eq!(ledger(&job, &["person", &martin[1], "export"]).code, 2, "no mark is left");
    assert_eq!(
        ledger(&job, &["person", "2400158480", "export"]).json()["records"][0]["record"]["card_number"],
        "2400158480"
    );
}

#[test]
fn a_file_that_the_press_may_need_is_left_and_the_inbox_is_not_taken_in_again() {
    let job = past_job();
    both_nights(&job);
    let rows = job.read("inbox/cards.csv").lines().count();
    let erased = ledger(&job, &["person", "2400140649", "erase"]);
    let report = erased.json();
    assert_eq!(erased.code, 1, "{report}");
    let left = report["left"].as_array().unwrap();
    assert!(
        left.iter().any(|left| left["path"].as_str().unwrap().ends_with("20325A.manifest.csv")),
        "{report}"
    );
    assert!(left[0]["reason"].as_str().unwrap().contains("2020-12-20"), "{report}");
    let cards = job.read("inbox/cards.csv");
    assert!(!cards.contains("2400140649") && cards.contains("2400158480"));
    assert!((rows - 3..rows).contains(&cards.lines().count()), "only the person's rows are cut");
    let again = job.run(FRIDAY, &[]);
    assert_eq!((again.code, &again.json()["already_done"]), (1, &true.into()), "{}", again.stderr);
    // The advice works: the purge removes them.
    purge(&job, "2020-12-24");
    assert_eq!(holding(&job, &["2400140649".to_owned()]), Vec::<String>::new());
}

#[test]
fn a_person_whose_mailer_waits_is_not_erased() {
    let job = past_job();
    job.run(FRIDAY, &[]);
    let refused = ledger(&job, &["person", "2400140649", "erase"]);
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (3, &"piece_under_way".into()));
    assert!(ledger(&job, &["person", "2400140649", "export"]).json()["records"][0]["record"].is_object());
    assert_eq!(ledger(&job, &["person", "9999999990", "export"]).code, 2);
    assert_eq!(ledger(&job, &["person", "MARTIN", "export"]).code, 2);
}

/// Cuts purges short at many moments. Wherever one was cut, the next one finishes it.
fn cut_purges_are_finished(step: usize, cut: CutAt) {
    let Some(killer) = Killer::new() else { return };
    let made = past_job();
    both_nights(&made);
    let naming = naming(&made.read("inbox/cards.csv"));
    Killer::sweep(step, |change| {
        let job = made.twin();
        let mut command = program();
        command.arg("ledger").arg(job.path("job.toml")).args(["purge", "--date", LATER, "-q"]);
        let ended = killer.cuts(&mut command, change, cut(change), &job.path(""));
        if ended.is_done {
            assert_forgotten(&job, &naming);
        }
        let finished = purge(&job, LATER);
        assert!(finished.code <= 1, "{:?} at change {change}: {}", cut(change), finished.stderr);
        assert_forgotten(&job, &naming);
        ended.is_cut
    });
}

#[test]
fn a_killed_purge_is_finished_by_the_next_one() {
    cut_purges_are_finished(31, KILL);
}

#[test]
fn a_purge_is_finished_after_a_power_loss() {
    cut_purges_are_finished(61, POWER);
}

#[test]
fn a_purge_on_a_full_disk_is_finished_once_there_is_room() {
    cut_purges_are_finished(61, FULL);
}

#[test]
#[ignore = "takes minutes; the tests above try some of the moments"]
fn a_purge_cut_at_any_moment_is_finished_by_the_next_one() {
    [KILL, POWER, FULL].into_iter().for_each(|cut| cut_purges_are_finished(1, cut));
}
