//! Pieces that are printed again: they look as they did, in lots of their own, and each leaves once.

use serde_json::Value;

use crate::book;
use crate::inserter::{copied, marked_job};
use crate::job::{FRIDAY, MONDAY, Ran, TestJob};
use crate::killing::{Cut, CutAt, FULL, KILL, Killer, POWER};
use crate::same::assert_same;
use crate::tools::{pdf_text, picture, text, tool};

const LETTERS: &str = "out/2026-11-20/letters/26324A";
const AGAIN: &str = "out/2026-11-23/letters/26324A.1";

/// A job after its Friday.
fn printed() -> TestJob {
    let job = TestJob::new();
    assert_eq!(job.run(FRIDAY, &["--prove", "none"]).code, 1);
    job
}

fn reprint(job: &TestJob, pieces: &[&str], more: &[&str]) -> Ran {
    job.pli("reprint", &[pieces, &["--reason", "torn", "--date", MONDAY], more].concat())
}

fn refused(ran: &Ran, exit: i32, code: &str, advice: &str) {
    let error = &ran.json()["error"];
    assert_eq!((ran.code, &error["code"]), (exit, &code.into()), "{}", ran.stdout);
    assert!(error["advice"].as_str().unwrap_or_default().contains(advice), "{error}");
}

/// The values under a key of all entries of a list.
fn all<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap()).collect()
}

fn balances(job: &TestJob, lot: &str) -> Value {
    let ran = job.pli("status", &["--lot", lot, "--account"]);
    assert_eq!((ran.code, &ran.json()["balances"]), (0, &true.into()), "{}", ran.stdout);
    ran.json()
}

/// Says in the ledger what a camera would say of a piece.
fn report(job: &TestJob, lot: &str, sequence: u32, state: &str) {
    let db = book::open(job);
    let (kind, name) = (if lot.starts_with('L') { "letter" } else { "mailer" }, &lot[1..]);
    let lot = format!("(SELECT id FROM lot WHERE kind = '{kind}' AND name = '{name}')");
    let script = format!(
        "UPDATE piece SET state = '{state}' WHERE lot = {lot} AND sequence = {sequence};
         UPDATE note SET value = value + 1 WHERE name = 'events';
         INSERT INTO event (id, at, lot, sequence, state, cause, run, by_whom)
         SELECT value, '2026-11-23T08:00:00Z', {lot}, {sequence}, '{state}', 'camera', NULL, 'test'
         FROM note WHERE name = 'events'"
    );
    db.execute_batch(&script).unwrap();
}

#[test]
fn a_letter_printed_again_is_the_original_except_for_reference_date_and_signature() {
    let job = TestJob::new();
    copied(&job.path(""), "card-letter", "");
    let toml = job.read("job.toml");
    job.write("job.toml", &format!("{toml}\n[letters]\ntemplate = \"templates/card-letter\"\n"));
    job.run(FRIDAY, &["--prove", "none"]);
    fs_err::remove_dir_all(job.path("templates")).unwrap();
    job.replace("job.toml", "ASIP Santé", "Another bureau");
    let list = job.path(&format!("{LETTERS}.manifest.csv"));
    let ran = reprint(&job, &["--list", text(&list)], &["--card-in-hand", "--prove", "all"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (before, after) =
        (job.table(&format!("{LETTERS}.manifest.csv")), job.table(&format!("{AGAIN}.manifest.csv")));
    assert!(before.len() > 20 && before.len() == after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after["piece_id"], format!("{}.1", before["piece_id"]));
        for same in
            ["sequence", "first_page", "pages", "card_number", "window_barcode", "template", "variant"]
        {
            assert_eq!(before[same], after[same], "{same}");
        }
        assert_ne!(before["twoddoc"], after["twoddoc"]);
    }
    job.assert_sound();
    let of_night = job.path(&format!("{LETTERS}-0001.pdf"));
    let again = job.path(&format!("{AGAIN}-0001.pdf"));
    let (Some(then), Some(now)) = (pdf_text(&of_night), pdf_text(&again)) else { return };
    for ((then, now), row) in then.iter().zip(&now).zip(&after) {
        let differ: Vec<(&str, &str)> =
            then.lines().zip(now.lines()).filter(|(then, now)| then != now).collect();
        let [(_, reference), (old, new)] = differ[..] else { panic!("two lines differ: {differ:?}") };
        assert!(old.contains("20 novembre 2026") && new.contains("23 novembre 2026"), "{old}\n{new}");
        assert!(reference.contains(&row["piece_id"]), "{reference}");
        assert_eq!(then.lines().count(), now.lines().count());
    }
    // Reference and date, and the 2D-DOC, in millimetres from the top left corner.
    same_pictures(
        &job,
        [text(&of_night), text(&again)],
        &[[39.0, 34.0, 50.0, 11.0], [99.0, 199.0, 35.0, 36.0]],
    );
    let symbol = job.path("window.png");
    picture(&again, 2, 300, [10.0, 54.5, 70.0, 30.0], &symbol);
    let Some(read) = tool("zbarimg", &["-q", "--raw", "-Sdisable", "-Scode39.enable", text(&symbol)]) else {
        return;
    };
    assert_eq!(String::from_utf8_lossy(&read).trim(), before[1]["card_number"]);
}

/// Draws two files and compares their pages outside these rectangles.
fn same_pictures(job: &TestJob, pdfs: [&str; 2], outside: &[[f64; 4]]) {
    const DPI: f64 = 60.0;
    for (name, pdf) in ["then", "now"].iter().zip(pdfs) {
        if tool("pdftoppm", &["-r", "60", "-gray", "-png", pdf, text(&job.path(name))]).is_none() {
            return;
        }
    }
    let pages = |name: &str| {
        job.names(".").into_iter().filter(|file| file.starts_with(&format!("{name}-"))).collect::<Vec<_>>()
    };
    let (then, now) = (pages("then"), pages("now"));
    assert!(then.len() > 20 && then.len() == now.len());
    let pixel = |mm: f64| (mm / 25.4 * DPI).round() as u32;
    let changes = |x: u32, y: u32| {
        outside.iter().any(|[left, top, width, height]| {
            (pixel(*left)..pixel(left + width)).contains(&x)
                && (pixel(*top)..pixel(top + height)).contains(&y)
        })
    };
    for (then, now) in then.iter().zip(&now) {
        let [then, now] = [then, now].map(|file| image::open(job.path(file)).unwrap().into_luma8());
        let differs =
            then.enumerate_pixels().find(|(x, y, dot)| !changes(*x, *y) && now.get_pixel(*x, *y) != *dot);
        assert_eq!(differs.map(|(x, y, _)| (x, y)), None, "in dots at {DPI} dpi");
    }
}

#[test]
fn a_reprint_lot_has_its_own_paperwork_numbers_and_control_codes() {
    let job = marked_job(
        "[letters]\ntemplate = \"templates/card-letter\"\n[mailers]\ntemplate = \"templates/mailer-igc-sante\"",
    );
    job.run(FRIDAY, &["--prove", "none"]);
    let ran = reprint(&job, &["26324A000007", "26324A000003", "L26324A000007"], &["--card-in-hand"]);
    let lots = &ran.json()["lots"];
    assert_eq!(
        (all(lots, "lot"), all(lots, "reprint_of")),
        (vec!["26324A.1"], vec!["26324A"]),
        "{}",
        ran.stderr
    );
    assert_eq!(all(&lots[0]["pieces"], "piece_id"), ["26324A000003.1", "26324A000007.1"]);
    assert_eq!(all(&lots[0]["pieces"], "original"), ["26324A000003", "26324A000007"]);
    let control = job.table(&format!("{AGAIN}.control.csv"));
    let column = |name: &str| control.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("control_code"), ["L26324A.10000010101", "L26324A.10000020101"]);
    assert_eq!(column("reprint_of"), ["26324A000003", "26324A000007"]);
    assert_eq!(column("omr_sequence"), ["1", "2"]);
    assert!(!job.table(&format!("{LETTERS}.control.csv"))[0].contains_key("reprint_of"));
    for name in ["26324A.1.work-order.pdf", "26324A.1.xjdf"] {
        assert!(job.path(&format!("out/{MONDAY}/letters/{name}")).exists(), "{name}");
    }
    let run: Value = serde_json::from_str(&job.read(&format!("out/{MONDAY}/run.json"))).unwrap();
    assert_eq!(
        (&run["reprint"], &run["letters"], &run["ledger"]["release"]),
        (&"torn".into(), &2.into(), &2.into())
    );
    // The day's own lots keep their letters.
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let night = job.run(MONDAY, &["--prove", "none"]).json();
    assert_eq!(all(&night["lots"], "lot"), ["26327A", "26327A"], "{night}");
    assert!(job.path(&format!("out/{MONDAY}/run-1.json")).exists());
    assert_eq!(job.run(MONDAY, &[]).json()["already_done"], true);
    job.assert_sound();
    let symbol = job.path("code.png");
    picture(&job.path(&format!("{AGAIN}-0001.pdf")), 2, 300, [86.0, 12.0, 22.0, 22.0], &symbol);
    let Some(read) = tool("dmtxread", &["-N1", "-m3000", text(&symbol)]) else { return };
    assert_eq!(String::from_utf8_lossy(&read), "L26324A.10000020101");
}

#[test]
fn a_piece_is_printed_again_once_for_each_time_that_somebody_asks_for_its_last_print() {
    let job = printed();
    let first = reprint(&job, &["26324A000002", "26324A000004"], &["--card-in-hand"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let same = reprint(&job, &["26324A000002", "26324A000004"], &["--card-in-hand"]).json();
    assert_eq!(all(&same["already"], "reprint"), ["26324A000002.1", "26324A000004.1"]);
    assert_eq!((all(&same["already"], "lot")[0], all(&same["lots"], "lot").len()), ("L26324A.1", 0));
    let second = reprint(&job, &["26324A000002.1", "26324A000004"], &["--card-in-hand"]).json();
    assert_eq!(all(&second["lots"], "lot"), ["26324A.2"]);
    assert_eq!(all(&second["lots"][0]["pieces"], "piece_id"), ["26324A000002.2"]);
    assert_eq!(all(&second["already"], "piece_id"), ["26324A000004"]);
    let shown = job.pli("status", &["--piece", "26324A000002"]).json();
    let events = &shown["history"];
    let states = all(events, "state");
    assert!(states.ends_with(&["spoiled", "reprinted"]), "{shown}");
    assert!(all(events, "cause").ends_with(&["torn", "26324A000002.1"]), "{shown}");
    let account = balances(&job, "L26324A");
    assert_eq!((&account["spoiled"], &account["reprinted"]), (&2.into(), &2.into()));
    balances(&job, "L26324A.1");
    job.assert_sound();
}

#[test]
fn a_letter_without_its_card_is_given_up_and_nothing_is_printed() {
    let job = printed();
    report(&job, "L26324A", 3, "missing");
    for _ in 0..2 {
        let ran = reprint(&job, &["26324A000002", "26324A000003"], &[]);
        let remakes = &ran.json()["remakes"];
        assert_eq!(
            (ran.code, all(remakes, "state")),
            (1, vec!["card_spoiled", "card_lost"]),
            "{}",
            ran.stderr
        );
        assert!(ran.json()["lots"].as_array().unwrap().is_empty());
    }
    assert!(!job.path(&format!("out/{MONDAY}")).exists());
    balances(&job, "L26324A");
    let remakes = |job: &TestJob| {
        let rows = job.table("feedback/remakes.csv");
        rows.iter().map(|row| row["piece_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(remakes(&job), ["26324A000002", "26324A000003"]);
    // The lost card was found.
    assert_eq!(reprint(&job, &["26324A000003"], &["--card-in-hand"]).code, 0);
    balances(&job, "L26324A");
    assert_eq!(remakes(&job), ["26324A000002"]);
    let spared = job.twin();
    // The other was in hand all the time: the flag was forgotten.
    let again = reprint(&job, &["26324A000002"], &["--card-in-hand"]);
    assert_eq!((again.code, all(&again.json()["lots"], "lot")), (0, vec!["26324A.2"]));
    balances(&job, "L26324A");
    job.assert_sound();
    assert!(remakes(&job).is_empty());
    let told: Vec<String> = job
        .names("feedback")
        .iter()
        .filter(|name| name.starts_with("20"))
        .flat_map(|name| job.table(&format!("feedback/{name}")))
        .filter(|row| row["piece_id"] == "26324A000002" && row["event"] != "printed")
        .map(|row| format!("{} {}", row["event"], row["detail"]))
        .collect();
    assert_eq!(told, ["card_spoiled torn", "reprinted 26324A000002.1"], "the correction is a further row");
    // A new record of that card came in meanwhile.
    let sql = "INSERT INTO record (id, card, marks, reason, night, requested, source_file, line, key_month)
               SELECT 9000, card, marks, reason, night, requested, source_file, line, key_month FROM record
               JOIN duty ON duty.record = record.id JOIN piece ON piece.duty = duty.id
               WHERE piece.lot = 1 AND piece.sequence = 2";
    book::open(&spared).execute(sql, []).unwrap();
    refused(
        &reprint(&spared, &["26324A000002"], &["--card-in-hand"]),
        3,
        "card_spoiled",
        "leave the piece out",
    );
}

#[test]
fn an_order_with_a_piece_that_may_not_be_printed_does_nothing() {
    let job = printed();
    let in_hand = &["--card-in-hand"][..];
    let rows = job.table(&format!("{LETTERS}.manifest.csv"));
    let dead = book::hash(&job, "card", &rows[4]["card_number"]);
    let sql = "INSERT INTO dead_card (card, night, replaced_by) VALUES (?1, '2026-11-20', NULL)";
    book::open(&job).execute(sql, [dead]).unwrap();
    refused(
        &reprint(&job, &["26324A000002", "26324A000005"], in_hand),
        3,
        "dead_card",
        "leave the piece out",
    );
    report(&job, "L26324A", 6, "dispatched");
    let ran = reprint(&job, &["26324A000002", "26324A000005", "26324A000006"], in_hand);
    refused(&ran, 3, "reprint_refused", "leave");
    assert_eq!(all(&ran.json()["error"]["parts"], "code"), ["dead_card", "piece_gone"]);
    refused(&reprint(&job, &["26324A000002", "L26324A009999"], in_hand), 2, "unknown_piece", "pli status");
    refused(&reprint(&job, &["26324A000002.1"], in_hand), 2, "unknown_piece", "pli status");
    job.write("list.csv", "piece_id,cause\nL26324A000002,torn\n\n# later\nL26324A009998,torn\nmonday\n");
    let list = job.path("list.csv");
    let ran = reprint(&job, &["--list", text(&list)], in_hand);
    refused(&ran, 2, "piece_list", "");
    assert_eq!(ran.json()["error"]["line"], 6, "{}", ran.stdout);
    refused(&job.pli("reprint", &["26324A000002", "--reason", " "]), 2, "arguments", "--help");
    let states = job.pli("status", &["--state", "spoiled"]).json();
    assert!(states.as_array().is_none_or(Vec::is_empty), "{states}");
    assert!(!job.path(&format!("out/{MONDAY}")).exists());
}

#[test]
fn a_mailer_is_printed_again_only_for_one_that_two_persons_saw_destroyed() {
    let job = TestJob::new();
    job.both_nights();
    let seen = &["--destroyed-by", "A. Martin", "--witness", "B. Petit"][..];
    let pieces = &["M26327A000001", "26327A\\000002"][..];
    refused(&reprint(&job, &pieces[..1], &[]), 3, "destruction_unwitnessed", "--witness NAME");
    let alone = &["--destroyed-by", "A. Martin", "--witness", "a. martin "][..];
    refused(&reprint(&job, pieces, alone), 3, "destruction_unwitnessed", "two different persons");
    let both = &["M26327A000001", "L26324A000001"][..];
    refused(
        &reprint(&job, both, &[seen, &["--card-in-hand"]].concat()),
        3,
        "kinds_mixed",
        "once for the letters",
    );
    report(&job, "M26327A", 3, "missing");
    let missing = reprint(&job, &["M26327A000003"], seen);
    assert_eq!((missing.code, all(&missing.json()["compromised"], "piece_id")), (1, vec!["26327A\\000003"]));
    let codes = fs_err::read(job.path("inbox/codes.csv.age")).unwrap();
    job.seal_codes(b"card_number,pin,puk,assistance_code\n");
    refused(&reprint(&job, pieces, seen), 3, "codes_gone", "input.codes");
    fs_err::write(job.path("inbox/codes.csv.age"), codes).unwrap();
    let ran = reprint(&job, pieces, seen);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (then, now) = (
        job.table("out/2026-11-23/mailers/26327A.manifest.csv"),
        job.table("out/2026-11-23/mailers/26327A.1.manifest.csv"),
    );
    let numbers = |rows: &[std::collections::BTreeMap<String, String>]| -> Vec<u64> {
        let digits = |row: &std::collections::BTreeMap<String, String>| -> String {
            row["tracking_id"].chars().filter(char::is_ascii_digit).collect()
        };
        rows.iter().map(|row| digits(row).parse::<u64>().unwrap() / 10).collect()
    };
    assert_eq!(numbers(&now)[0], numbers(&then).last().unwrap() + 1, "numbers go on");
    let open = |file: &str| {
        let clear = pli::vault::open(&job.path(file), &job.path("keys/press.identity")).unwrap();
        fs_err::write(job.path("clear.pdf"), &*clear).unwrap();
        let text = pdf_text(&job.path("clear.pdf"));
        fs_err::remove_file(job.path("clear.pdf")).unwrap();
        text
    };
    let history = job.pli("status", &["--piece", "M26327A000001"]).json();
    let cause = "torn; destroyed by A. Martin, witness B. Petit";
    assert!(all(&history["history"], "cause").contains(&cause), "{history}");
    balances(&job, "M26327A");
    job.assert_sound();
    let files =
        ["26327A-0001", "26327A.1-0001"].map(|file| open(&format!("out/2026-11-23/mailers/{file}.pdf.age")));
    let [Some(then), Some(now)] = files else { return };
    // The front shows the reference and the tracking identifier anew; the codes are the same.
    let differ = then[0].lines().zip(now[0].lines()).filter(|(then, now)| then != now).count()
        + then[1].lines().zip(now[1].lines()).filter(|(then, now)| then != now).count();
    assert!((1..=4).contains(&differ), "{differ} lines differ");
    assert!(now.concat().contains("26327A\\000001.1"));
}

/// A window of the folded mailer through which a camera sees its reference and its control code, and neither card nor code.
const FOLLOWED: &str =
    "#window(x: 12mm, y: 29mm, width: 92mm, height: 14mm, holds: (\"code39\", \"control-code\"))
#at(16mm, 31mm, code39(\"piece_barcode\", chars: 15, height: 10mm, x: 0.2117mm))
#at(85mm, 30mm, control-code())";

#[test]
fn mailers_are_followed_by_a_barcode_of_their_reference_and_by_their_control_code() {
    let job = TestJob::new();
    let template = copied(&job.path(""), "mailer-igc-sante", FOLLOWED).join("template.toml");
    let held = fs_err::read_to_string(&template)
        .unwrap()
        .replace("envelope = \"dl-window-low\"", "envelope = { play_mm = { x = 4, y = 1 } }");
    fs_err::write(&template, held).unwrap();
    let toml = job.read("job.toml");
    job.write("job.toml", &format!("{toml}\n[mailers]\ntemplate = \"templates/mailer-igc-sante\"\n"));
    job.both_nights();
    let seen = &["--destroyed-by", "A. Martin", "--witness", "B. Petit"][..];
    let ran = reprint(&job, &["M26327A000002"], seen);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lots = [
        ("26327A", "M26327A000001", "M26327A0000010101"),
        ("26327A.1", "M26327A000002.1", "M26327A.10000010101"),
    ];
    for (lot, barcode, code) in lots {
        let control = job.table(&format!("out/2026-11-23/mailers/{lot}.control.csv"));
        let seen =
            ["window_symbology", "window_value", "control_code"].map(|column| control[0][column].as_str());
        assert_eq!(seen, ["code39", barcode, code]);
        let sealed = job.path(&format!("out/2026-11-23/mailers/{lot}-0001.pdf.age"));
        let (clear, png) = (job.path("clear.pdf"), job.path("window.png"));
        fs_err::write(&clear, &*pli::vault::open(&sealed, &job.path("keys/press.identity")).unwrap())
            .unwrap();
        if picture(&clear, 1, 300, [12.0, 25.0, 92.0, 20.0], &png).is_none() {
            return;
        }
        fs_err::remove_file(&clear).unwrap();
        let Some(read) = tool("zbarimg", &["-q", "--raw", "-Sdisable", "-Scode39.enable", text(&png)]) else {
            return;
        };
        assert_eq!(String::from_utf8_lossy(&read).trim(), barcode);
        let Some(read) = tool("dmtxread", &["-N1", "-m3000", text(&png)]) else { return };
        assert_eq!(String::from_utf8_lossy(&read), code);
    }
}

/// Cuts reprints short at many moments. The outcome is that of one whole reprint.
fn cut_reprints_resume(step: usize, cut: CutAt) {
    let Some(killer) = Killer::new() else { return };
    let made = printed();
    let pieces = ["L26324A000002", "L26324A000005"];
    let again = |job: &TestJob| reprint(job, &pieces, &["--card-in-hand", "--prove", "none"]);
    let whole = made.twin();
    assert_eq!(again(&whole).code, 0);
    Killer::sweep(step, |change| {
        let job = made.twin();
        let mut command = crate::job::program();
        command.arg("reprint").arg(job.path("job.toml")).args(pieces);
        command.args(["--card-in-hand", "--reason", "torn", "--date", MONDAY, "--prove", "none", "-q"]);
        let ended = killer.cuts(&mut command, change, cut(change), &job.path(""));
        if ended.is_done {
            assert_same(&whole, &job, MONDAY);
        }
        let resumed = again(&job);
        assert_eq!(resumed.code, 0, "{:?} at change {change}: {}", cut(change), resumed.stderr);
        let report = resumed.json();
        let printed =
            report["lots"].as_array().unwrap().iter().flat_map(|lot| all(&lot["pieces"], "original"));
        let told: Vec<&str> = printed.chain(all(&report["already"], "piece_id")).collect();
        assert_eq!(told, ["26324A000002", "26324A000005"], "at change {change}");
        assert_same(&whole, &job, MONDAY);
        job.assert_sound();
        if cut(change) == Cut::Kill {
            assert_eq!(job.names("out"), [FRIDAY, MONDAY, "ledger.stamp"], "at change {change}");
        }
        ended.is_cut
    });
}

#[test]
fn a_killed_reprint_resumes_with_the_same_command() {
    cut_reprints_resume(61, KILL);
}

#[test]
#[ignore = "takes minutes; the test above tries some of the moments"]
fn a_reprint_cut_at_any_moment_resumes_with_the_same_command() {
    [KILL, POWER, FULL].into_iter().for_each(|cut| cut_reprints_resume(1, cut));
}
