//! Returned mail: pictures and a hand scanner become verdicts and bookings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::job::{FRIDAY, Ran, TestJob, pli, program};
use crate::schemas::{answers, judged};
use crate::tools::{text, tool};

const TUESDAY: &str = "2026-12-01";

/// A job whose letters have left.
fn posted() -> TestJob {
    let job = TestJob::new();
    let ran = job.run(FRIDAY, &["--only", "letters", "--prove", "none"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let left = job.pli("dispatch", &["L26324A", "--date", "2026-11-23"]);
    assert_eq!(left.code, 0, "{}", left.stderr);
    job
}

/// Reference and card of each letter, in their order.
fn letters(job: &TestJob) -> Vec<(String, String)> {
    let rows = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    rows.iter().map(|row| (row["piece_id"].clone(), row["card_number"].clone())).collect()
}

/// A picture of the page of the `n`th letter, drawn by poppler.
fn scan_of(job: &TestJob, n: usize, name: &str, arguments: &[&str]) -> PathBuf {
    let row = &job.table("out/2026-11-20/letters/26324A.manifest.csv")[n - 1];
    let pdf = job.path("out/2026-11-20/letters").join(&row["file"]);
    let picture = job.path(name);
    fs_err::create_dir_all(picture.parent().unwrap()).unwrap();
    let stem = picture.with_extension("");
    let page = &row["first_page"];
    let all =
        [&["-singlefile", "-f", page, "-l", page, "-gray", "-png"], arguments, &[text(&pdf), text(&stem)]];
    tool("pdftoppm", &all.concat()).expect("pdftoppm");
    picture
}

fn scan(job: &TestJob, arguments: &[&str], code: i32) -> Vec<Value> {
    let ran = job.pli("scan", arguments);
    assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
    ran.json().as_array().expect("an array").clone()
}

fn verdicts(outcomes: &[Value]) -> Vec<(&str, Option<&str>)> {
    outcomes
        .iter()
        .map(|outcome| (outcome["verdict"].as_str().unwrap(), outcome["piece_id"].as_str()))
        .collect()
}

fn states(job: &TestJob) -> BTreeMap<String, String> {
    let ran = job.pli("status", &["--lot", "L26324A"]);
    let pieces = ran.json();
    let pieces = pieces["pieces"].as_array().or(pieces.as_array()).cloned().unwrap_or_default();
    pieces
        .iter()
        .filter_map(|piece| {
            Some((piece["piece_id"].as_str()?.to_owned(), piece["state"].as_str()?.to_owned()))
        })
        .collect()
}

fn blank(path: &Path) {
    image::GrayImage::from_pixel(800, 1100, image::Luma([250])).save(path).unwrap();
}

#[test]
fn a_pile_is_judged_in_its_order_and_booked_once() {
    let job = posted();
    let pieces = letters(&job);
    scan_of(&job, 1, "pile/1 letter.png", &["-r", "150"]);
    // The front of an envelope: no block is seen.
    scan_of(&job, 2, "pile/2 front.png", &["-r", "150", "-x", "0", "-y", "0", "-W", "1240", "-H", "900"]);
    let other = scan_of(&job, 1, "pile/3 the same letter.png", &["-r", "200"]);
    blank(&job.path("pile/4 blank.png"));
    fs_err::write(job.path("pile/5 notes.txt"), "no picture").unwrap();
    let pile = job.path("pile").display().to_string();
    let day = ["--date", TUESDAY];
    let rehearsed = scan(&job, &[&[pile.as_str(), "--dry-run", "--reason", "refused"], &day[..]].concat(), 1);
    let outcomes = scan(&job, &[&[pile.as_str(), "--reason", "refused"], &day[..]].concat(), 1);
    answers("scan", &Value::from(outcomes.clone()).to_string());
    let (one, two) = (Some(pieces[0].0.as_str()), Some(pieces[1].0.as_str()));
    let wanted =
        [("matched", one), ("matched", two), ("matched", one), ("unreadable", None), ("unreadable", None)];
    assert_eq!(verdicts(&outcomes), wanted);
    assert_eq!(verdicts(&rehearsed), wanted, "a rehearsal says the same");
    assert_eq!(outcomes[0]["card_number"], pieces[0].1.as_str());
    assert_eq!(outcomes[0]["twoddoc"]["signature"]["status"], "valid");
    assert_eq!((&outcomes[0]["return_reason"], &outcomes[1]["twoddoc"]), (&"refused".into(), &Value::Null));
    assert_eq!(outcomes[0]["symbols"].as_array().unwrap().len(), 2);

    // The same pile again is known, and books nothing; another scan of a piece is a duplicate.
    let again = scan(&job, &[&[pile.as_str()], &day[..]].concat(), 1);
    assert_eq!(verdicts(&again), wanted);
    assert!(again.iter().take(4).all(|outcome| outcome["seen_before"] == true));
    fs_err::rename(other, job.path("late.png")).unwrap();
    scan_of(&job, 1, "late.png", &["-r", "180"]);
    let late = job.path("late.png").display().to_string();
    assert_eq!(verdicts(&scan(&job, &[&late], 1)), [("duplicate", one)]);
    let rows = job.table("returns/2026-12-01/returns.csv");
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&*rows[0]["piece_id"], &*rows[0]["reason"], &*rows[0]["days"]),
        (one.unwrap(), "refused", "8")
    );
    let returned: Vec<_> = states(&job).into_iter().filter(|(_, state)| state == "returned").collect();
    assert_eq!(returned.len(), 2);
    job.assert_sound();
}

#[test]
fn symbols_of_two_letters_on_one_sheet_are_a_contradiction() {
    let job = posted();
    let (one, two) =
        (scan_of(&job, 3, "one.png", &["-r", "150"]), scan_of(&job, 4, "two.png", &["-r", "150"]));
    let (mut sheet, other) = (image::open(&one).unwrap().to_luma8(), image::open(&two).unwrap().to_luma8());
    let (width, height) = sheet.dimensions();
    let lower = image::imageops::crop_imm(&other, 0, height / 2, width, height / 2).to_image();
    image::imageops::replace(&mut sheet, &lower, 0, i64::from(height / 2));
    sheet.save(&one).unwrap();
    let outcomes = scan(&job, &[&one.display().to_string()], 1);
    assert_eq!(verdicts(&outcomes), [("inconsistent", None)]);
    assert_eq!(outcomes[0]["card_number"], Value::Null);

    // Two letters side by side on the glass are two pieces.
    let mut glass = image::GrayImage::from_pixel(2 * width + 60, height + 40, image::Luma([220]));
    let left = image::open(scan_of(&job, 3, "left.png", &["-r", "150"])).unwrap().to_luma8();
    image::imageops::replace(&mut glass, &left, 0, 20);
    image::imageops::replace(&mut glass, &other, i64::from(width) + 40, 0);
    glass.save(job.path("glass.png")).unwrap();
    let outcomes = scan(&job, &[&job.path("glass.png").display().to_string()], 0);
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|outcome| outcome["verdict"] == "matched"));
}

#[test]
fn a_block_that_was_changed_is_not_genuine() {
    let job = posted();
    let letter = scan_of(&job, 5, "letter.png", &["-r", "150"]).display().to_string();
    // Another key takes the place of the bureau's.
    fs_err::remove_file(job.path("keys/signing.pub")).unwrap();
    let other = job.path("other.pem").display().to_string();
    let made =
        Command::new(env!("CARGO_BIN_EXE_pli")).args(["keys", "new", "signing", "--output", &other]).output();
    assert!(made.unwrap().status.success());
    fs_err::rename(job.path("other.pub"), job.path("keys/signing.pub")).unwrap();
    let outcomes = scan(&job, &[&letter], 1);
    assert_eq!(outcomes[0]["verdict"], "signature_invalid");
    assert!(states(&job).values().all(|state| state == "dispatched"), "nothing is booked");
}

#[test]
fn a_code_of_a_retired_key_is_genuine_if_it_was_signed_in_time() {
    let job = posted();
    let letter = scan_of(&job, 5, "letter.png", &["-r", "150"]).display().to_string();
    let reference = letters(&job)[4].0.clone();
    let late = job.twin();
    let retire = |job: &TestJob, from: &str| {
        let key = job.path("keys/signing.pem");
        let retired = crate::job::pli(&["keys", "retire", text(&key), "--from", from]);
        assert_eq!(retired.code, 0, "{}", retired.stderr);
        // The letters of the next nights are signed with another key, and the old one's files go to a safe.
        let new = job.path("keys/signing-2.pem");
        assert_eq!(crate::job::pli(&["keys", "new", "signing", "--output", text(&new)]).code, 0);
        job.replace("job.toml", "keys/signing.pem", "keys/signing-2.pem");
        for half in ["pem", "pub"] {
            fs_err::remove_file(job.path(&format!("keys/signing.{half}"))).unwrap();
        }
    };
    // Signed on the Friday, retired from the Saturday on, scanned in December.
    retire(&job, "2026-11-21");
    let outcomes = scan(&job, &[&letter, "--date", TUESDAY], 0);
    assert_eq!(verdicts(&outcomes), [("matched", Some(&*reference))], "{outcomes:?}");
    assert_eq!(states(&job)[&reference], "returned");
    // Retired from the Friday on, it should have signed nothing of the Friday any more.
    retire(&late, FRIDAY);
    let outcomes = scan(&late, &[&letter, "--date", TUESDAY], 1);
    assert_eq!(outcomes[0]["verdict"], "signature_invalid", "{outcomes:?}");
    assert_eq!(states(&late)[&reference], "dispatched", "nothing is booked");
}

#[test]
fn a_negative_is_read_and_what_follows_in_an_animation_is_named() {
    let job = posted();
    let pieces = letters(&job);
    let negative = scan_of(&job, 1, "negative.png", &["-r", "150"]);
    let mut picture = image::open(&negative).unwrap().to_luma8();
    image::imageops::invert(&mut picture);
    picture.save(&negative).unwrap();
    let one = Some(pieces[0].0.as_str());
    assert_eq!(verdicts(&scan(&job, &[text(&negative)], 0)), [("matched", one)]);

    let frame = image::open(scan_of(&job, 2, "second.png", &["-r", "150"])).unwrap().to_rgba8();
    let animation = job.path("animation.gif");
    let mut encoder = image::codecs::gif::GifEncoder::new(fs_err::File::create(&animation).unwrap());
    encoder.encode_frames([image::Frame::new(frame.clone()), image::Frame::new(frame)]).unwrap();
    drop(encoder);
    let outcomes = scan(&job, &[text(&animation)], 1);
    assert_eq!(verdicts(&outcomes), [("matched", Some(pieces[1].0.as_str())), ("unreadable", None)]);
    assert!(outcomes[1]["reason"].as_str().unwrap().contains("animation"), "{}", outcomes[1]);
    let keys = job.path("keys");
    let ran = pli(&["verify", "--trust", text(&keys), "--json", "--image", text(&animation)]);
    let codes = ran.json();
    let status = |index: usize| codes[index]["signature"]["status"].as_str().map(str::to_owned);
    assert_eq!((ran.code, status(0), status(1)), (1, Some("valid".into()), Some("unreadable".into())));
}

fn wand(job: &TestJob, lines: &str, arguments: &[&str]) -> Ran {
    job.pli_with("scan", &[&["-"], arguments].concat(), lines)
}

#[test]
fn a_wand_books_as_it_goes_and_takes_back() {
    let job = posted();
    let pieces = letters(&job);
    let lines = format!(
        "RETURN/REFUSED\n]A0*{}*\n{}\nUNDO\n1234\nEND OF BOX\n{}\n{}\n",
        pieces[0].1, pieces[1].0, pieces[2].1, pieces[2].0
    );
    let ran = wand(&job, &lines, &["--date", TUESDAY]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let outcomes = ran.json().as_array().unwrap().clone();
    let id = |index: usize| Some(pieces[index].0.as_str());
    assert_eq!(
        verdicts(&outcomes),
        [("matched", id(0)), ("unreadable", None), ("matched", id(2)), ("duplicate", id(2))]
    );
    let rows = job.table("returns/2026-12-01/returns.csv");
    let booked: Vec<_> = rows.iter().map(|row| (&*row["piece_id"], &*row["reason"], &*row["box"])).collect();
    assert_eq!(booked, [(id(0).unwrap(), "refused", "1"), (id(2).unwrap(), "refused", "2")]);
    assert_eq!(states(&job)[id(1).unwrap()], "dispatched", "it was taken back");
    let lines = format!("RETURN/REFUSED\n{}\nUNDO\n", pieces[4].0);
    let by_line = wand(&job, &lines, &["--date", TUESDAY, "--jsonl"]);
    assert_eq!(by_line.stdout.lines().count(), 2, "{}", by_line.stdout);
    answers("scan-line", &by_line.stdout);
    answers("status-list", &job.pli("status", &["--lot", "L26324A"]).stdout);
    job.assert_sound();
}

#[test]
fn a_line_that_is_no_scan_ends_no_wand() {
    let job = posted();
    let pieces = letters(&job);
    let lines = format!("{}\n\0\n{}\n{}\n", pieces[0].0, "9".repeat(70_000), pieces[1].0);
    let ran = wand(&job, &lines, &["--date", TUESDAY]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let outcomes = ran.json().as_array().unwrap().clone();
    let id = |index: usize| Some(pieces[index].0.as_str());
    let wanted = [("matched", id(0)), ("unreadable", None), ("unreadable", None), ("matched", id(1))];
    assert_eq!(verdicts(&outcomes), wanted);
    assert_eq!((&outcomes[1]["page"], &outcomes[3]["page"]), (&2.into(), &4.into()), "lines");
    assert_eq!(states(&job)[id(1).unwrap()], "returned");
}

#[test]
fn what_a_clerk_decided_is_booked_unless_it_is_stale() {
    let job = posted();
    let pieces = letters(&job);
    for name in ["1.png", "2.png", "3.png"] {
        blank(&job.path(name));
        let mut picture = image::open(job.path(name)).unwrap().to_luma8();
        picture.put_pixel(u32::from(name.as_bytes()[0]), 1, image::Luma([0]));
        picture.save(job.path(name)).unwrap();
    }
    let paths: Vec<String> =
        ["1.png", "2.png", "3.png"].iter().map(|n| job.path(n).display().to_string()).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let outcomes = scan(&job, &[&paths[..], &["--box", "5", "--reason", "refused"]].concat(), 1);
    let decision = |index: usize, key: &str, value: Value| {
        let mut decision = serde_json::json!({
            "path": outcomes[index]["path"], "page": 1, "sha256": outcomes[index]["sha256"], "by": "C. Leroy"
        });
        decision[key] = value;
        decision
    };
    let decisions = serde_json::json!([
        decision(0, "card_number", pieces[6].1.as_str().into()),
        decision(1, "none", true.into()),
        decision(2, "card_number", "9999999999".into()),
    ]);
    job.write("decisions.json", &decisions.to_string());
    let file = job.path("decisions.json").display().to_string();
    let ran = job.pli("scan", &["--accept", &file]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    answers("scan-accept", &ran.stdout);
    judged(&[("decisions", &job.path("decisions.json"))]);
    let report = ran.json();
    assert_eq!(report["accepted"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(report["refused"][0]["path"], outcomes[2]["path"]);
    assert_eq!(states(&job)[&pieces[6].0], "returned");
    let day = job.names("returns").pop().expect("a day");
    let rows = job.table(&format!("returns/{day}/returns.csv"));
    let booked: Vec<_> = rows
        .iter()
        .map(|row| (&*row["piece_id"], &*row["reason"], &*row["box"], &*row["booked_by"]))
        .collect();
    assert_eq!(booked, [(&*pieces[6].0, "refused", "5", "C. Leroy")], "as the picture came");
    // Once more they are stale.
    let again = job.pli("scan", &["--accept", &file]).json();
    assert_eq!(again["accepted"].as_array().unwrap().len(), 0, "{again}");
    job.assert_sound();
}

#[test]
fn sheets_of_the_press_are_graded_and_a_pale_one_has_a_lower_grade() {
    let job = posted();
    let good = scan_of(&job, 1, "good.png", &["-r", "600"]);
    // Ink of level 102 on paper of level 204: a contrast of 40 %.
    let mut pale = image::open(&good).unwrap().to_luma8();
    pale.pixels_mut().for_each(|pixel| pixel.0[0] = 102 + (u16::from(pixel.0[0]) * 102 / 255) as u8);
    pale.save(job.path("pale.png")).unwrap();
    let paths = [good, job.path("pale.png")].map(|path| path.display().to_string());
    let arguments = [paths[0].as_str(), &paths[1], "--grade", "--dry-run", "--date", TUESDAY];
    let outcomes = scan(&job, &arguments, 0);
    for symbol in outcomes[0]["symbols"].as_array().unwrap() {
        let grade = &symbol["grade"];
        assert_eq!(
            (&grade["letter"], &grade["overall"], &grade["worst"]),
            (&"A".into(), &4.0.into(), &Value::Null)
        );
        let growth = grade["growth"].as_array().unwrap();
        assert!(growth.iter().all(|growth| growth.as_f64().unwrap().abs() < 20.0), "{grade}");
        // A pixel a dot.
        let pixels = if symbol["format"] == "Code39" { 6.0 } else { 12.0 };
        assert!((grade["pixels"].as_f64().unwrap() - pixels).abs() < 0.1, "{grade}");
    }
    for symbol in outcomes[1]["symbols"].as_array().unwrap() {
        let grade = &symbol["grade"];
        assert_eq!((&grade["letter"], &grade["worst"]), (&"C".into(), &"symbol_contrast".into()), "{grade}");
        let contrast = grade["parameters"].as_array().unwrap();
        let contrast = contrast.iter().find(|parameter| parameter["name"] == "symbol_contrast").unwrap();
        assert_eq!((&contrast["value"], &contrast["grade"]), (&40.0.into(), &2.0.into()));
    }
    let rows = job.table("returns/2026-12-01/grades.csv");
    let grades: Vec<_> =
        rows.iter().map(|row| (&*row["symbol"], &*row["overall"], &*row["letter"])).collect();
    assert_eq!(grades.len(), 4);
    assert!(
        rows.iter().all(|row| row["lot"].ends_with("26324A") && row["parameters"].contains("growth")),
        "{rows:?}"
    );
    assert!(states(&job).values().all(|state| state != "returned"), "nothing is booked");
}

#[test]
fn a_separator_says_why_what_follows_came_back() {
    let job = posted();
    let pieces = letters(&job);
    let sheets = job.path("separators.pdf").display().to_string();
    let made = job.pli("scan", &["--separators", &sheets]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    answers("separators", &made.stdout);
    let sheet = |page: &str, name: &str| {
        let stem = job.path(name);
        fs_err::create_dir_all(stem.parent().unwrap()).unwrap();
        let all = ["-singlefile", "-f", page, "-l", page, "-r", "100", "-gray", "-png", &sheets, text(&stem)];
        tool("pdftoppm", &all).expect("pdftoppm");
    };
    sheet("2", "pile/1");
    scan_of(&job, 1, "pile/2.png", &["-r", "150"]);
    // The menu of a wand, which was left in the feeder, states every reason and so none.
    sheet("6", "pile/3");
    scan_of(&job, 2, "pile/4.png", &["-r", "150"]);
    sheet("3", "pile/5");
    scan_of(&job, 3, "pile/6.png", &["-r", "150"]);
    let outcomes = scan(&job, &[&job.path("pile").display().to_string(), "--date", TUESDAY], 1);
    let said: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            (
                outcome["verdict"].as_str().unwrap(),
                outcome["piece_id"].as_str(),
                outcome["return_reason"].as_str(),
            )
        })
        .collect();
    let id = |index: usize| Some(pieces[index].0.as_str());
    let (unknown, refused) = (Some("unknown"), Some("refused"));
    assert_eq!(
        said,
        [
            ("matched", None, unknown),
            ("matched", id(0), unknown),
            ("unreadable", None, None),
            ("matched", id(1), unknown),
            ("matched", None, refused),
            ("matched", id(2), refused)
        ]
    );
    assert_eq!(
        (&outcomes[1]["disposition"], &outcomes[5]["disposition"]),
        (&"destroy".into(), &"hold".into())
    );
}

#[test]
fn a_folder_is_watched_until_somebody_interrupts() {
    let job = posted();
    let inbox = job.path("inbox of scans");
    fs_err::create_dir_all(&inbox).unwrap();
    let child = program()
        .args(["scan", text(&job.path("job.toml")), text(&inbox), "--watch", "--jsonl"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    scan_of(&job, 1, "letter.png", &["-r", "150"]);
    fs_err::rename(job.path("letter.png"), inbox.join("letter.png")).unwrap();
    let booked = || states(&job).values().any(|state| state == "returned");
    let begun = std::time::Instant::now();
    while !booked() && begun.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    tool("kill", &["-INT", &child.id().to_string()]).expect("kill");
    let ended = child.wait_with_output().unwrap();
    let line: Value = serde_json::from_slice(&ended.stdout).expect("one line of JSON");
    assert_eq!((&line["verdict"], ended.status.code()), (&"matched".into(), Some(0)));
}
