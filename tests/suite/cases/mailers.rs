//! What mailers tell from outside: who can open them, their order, their size.

use std::process::Command;

use super::codes::{CARDS, HEADER, MAILERS, SOUND, codes, job, job_with, monday};
use crate::book;
use crate::job::{FRIDAY, MONDAY, TestJob};
use crate::missing::missing;
use crate::tools::{output, pdf_text, text};

#[test]
fn every_line_of_a_recipients_file_is_used_or_refused() {
    let base = job();
    base.seal_codes(codes(SOUND).as_bytes());
    let press = base.read("keys/press.pub");
    let second = base.read("keys/codes.pub");
    let mistyped = press.trim().replacen("age1", "age1q", 1);
    let private = base.read("keys/press.identity").lines().last().unwrap().to_owned();
    for (file, refused) in [
        (format!("# the first press\n\n{press}\r\n  {second}# end\n").replace("# end", "\n# end"), None),
        (format!("{press}ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA press\n"), Some(("press.pub:2", "an SSH key"))),
        (format!("{press}{mistyped}\n"), Some(("press.pub:2", "mistyped"))),
        (format!("{press}agel{}", &second[4..]), Some(("press.pub:2", "no age recipient"))),
        (format!("{press}age1yubikey1qwerty\n"), Some(("press.pub:2", "plugin"))),
        (format!("{press}age1pq1qwerty\n"), Some(("press.pub:2", "post-quantum"))),
        (format!("{press}{private}\n"), Some(("press.pub:2", "a private key"))),
        ("# nobody\n".to_owned(), Some(("press.pub", "holds no age recipient"))),
        ("\u{feff}\n".to_owned(), Some(("press.pub", "holds no age recipient"))),
    ] {
        let job = base.twin();
        job.write("keys/press.pub", &file);
        let ran = monday(&job);
        match refused {
            None => {
                assert_eq!(ran.json()["recipients"].as_array().map(Vec::len), Some(2), "{}", ran.stderr);
                let sealed = job.path(&format!("{MAILERS}-0001.pdf.age"));
                for identity in ["press", "codes"] {
                    let identity = job.path(&format!("keys/{identity}.identity"));
                    let opened = output("age", &["-d", "-i", text(&identity), text(&sealed)]);
                    assert!(
                        opened.is_none_or(|opened| opened.status.success()),
                        "a second press opens it too"
                    );
                }
            }
            Some((place, words)) => {
                assert_eq!(
                    (ran.code, &ran.json()["error"]["code"]),
                    (2, &"seal_recipient".into()),
                    "{words}"
                );
                assert!(
                    ran.stderr.contains(place) && ran.stderr.contains(words),
                    "`{words}` in: {}",
                    ran.stderr
                );
                assert!(!ran.stderr.contains(&private[20..40]), "a private key was shown");
            }
        }
    }
}

#[test]
fn a_recipient_named_twice_counts_once() {
    let job = job();
    job.seal_codes(codes(SOUND).as_bytes());
    let press = job.read("keys/press.pub");
    job.write("keys/press.pub", &press.repeat(2));
    job.replace("job.toml", "\"keys/press.pub\"", &format!("\"keys/press.pub\", \"{}\"", press.trim()));
    let ran = monday(&job);
    let recipients = ran.json()["recipients"].clone();
    assert_eq!(recipients.as_array().map(Vec::len), Some(1), "{recipients}");
    assert!(ran.stderr.contains("press.pub:2: the same recipient"), "{}", ran.stderr);
}

#[test]
fn recipients_from_no_regular_file_are_refused_at_once() {
    let base = job();
    base.seal_codes(codes(SOUND).as_bytes());
    for path in ["/dev/zero", "keys", "keys/nowhere.pub"] {
        let job = base.twin();
        job.replace("job.toml", "\"keys/press.pub\"", &format!("\"{path}\""));
        let ran = monday(&job);
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"seal_recipient".into()), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn recipients_that_everybody_can_replace_are_refused_until_the_advice_is_followed() {
    use std::os::unix::fs::PermissionsExt;
    let base = job();
    base.seal_codes(codes(SOUND).as_bytes());
    for (path, mode, code) in [("keys/press.pub", 0o646, 2), ("keys", 0o757, 2), ("keys/press.pub", 0o664, 0)]
    {
        let job = base.twin();
        fs_err::set_permissions(job.path(path), PermissionsExt::from_mode(mode)).unwrap();
        let ran = monday(&job);
        assert_eq!(ran.code, code, "{path}: {}", ran.stderr);
        assert!(ran.stderr.contains(path) && ran.stderr.contains("chmod"), "{path}: {}", ran.stderr);
        if code == 2 {
            let advice = ran.json()["error"]["advice"].as_str().unwrap().to_owned();
            let command = advice.split('`').find(|part| part.starts_with("chmod ")).expect("a command");
            assert!(Command::new("sh").args(["-c", command]).status().unwrap().success());
            assert_eq!(monday(&job).code, 0, "{command}");
        }
    }
}

#[test]
fn recipients_are_named_and_a_change_is_an_alert() {
    let job = TestJob::new();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    let later = job.row(5);
    job.records(&[2, 3, 4].map(|line| job.row(line)));
    job.run(FRIDAY, &["--prove", "none"]);
    job.records(&[later]);
    job.seal_codes(format!("{}2431877204,2857,63544536,\n", codes(SOUND)).as_bytes());
    let first = monday(&job).json();
    assert_eq!(
        (&first["letters"], &first["mailers"], &first["alerts"]),
        (&1.into(), &3.into(), &serde_json::Value::Null)
    );
    let listed = crate::job::pli(&["keys", "list", text(&job.path("keys/press.identity")), "--json"]).json();
    let fingerprint = listed[0]["fingerprint"].as_str().unwrap().to_owned();
    assert_eq!(first["recipients"][0]["fingerprint"], fingerprint);
    assert_eq!(first["recipients"][0]["source"], "keys/press.pub:1");
    if let Some(pages) = pdf_text(&job.path(&format!("{MAILERS}.work-order.pdf"))) {
        assert!(pages.concat().contains(&fingerprint), "the work order names it");
    }
    // Somebody appends a line.
    job.write("keys/press.pub", &format!("{}{}", job.read("keys/press.pub"), job.read("keys/codes.pub")));
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let ran = job.run("2026-11-24", &["--prove", "none"]);
    let second = ran.json();
    assert_eq!((&second["mailers"], &second["alerts"][0]["code"]), (&1.into(), &"recipients_changed".into()));
    assert!(second["alerts"][0]["message"].as_str().unwrap().contains("is new"), "{second}");
    assert!(ran.stderr.contains("can be opened by other keys"), "{}", ran.stderr);
    let kept: serde_json::Value = serde_json::from_str(&job.read("out/2026-11-24/run.json")).unwrap();
    assert_eq!(kept["alerts"], second["alerts"]);
    let again = crate::job::pli(&["run", text(&job.path("job.toml")), "--date", "2026-11-24"]);
    assert!(
        again.stdout.contains(&format!("sealed to {fingerprint}")),
        "the console names them: {}",
        again.stdout
    );
}

#[test]
fn mailers_in_clear_are_an_alert_of_each_night() {
    let job = job_with("unsealed = true\n");
    job.seal_codes(codes(SOUND).as_bytes());
    let friday: serde_json::Value = serde_json::from_str(&job.read("out/2026-11-20/run.json")).unwrap();
    assert_eq!(friday["alerts"][0]["code"], "mailers_unsealed");
    let ran = monday(&job);
    assert_eq!((ran.code, &ran.json()["alerts"][0]["code"]), (0, &"mailers_unsealed".into()));
    assert!(ran.stderr.contains("`output.unsealed` is true"), "{}", ran.stderr);
    assert!(ran.json()["recipients"].is_null());
}

/// What a reader of the two manifests would conclude from the rank of the pieces.
fn linked_by_rank(job: &TestJob) -> (usize, usize) {
    let letters = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let mailers = job.table(&format!("{MAILERS}.manifest.csv"));
    let letters = letters.iter().filter(|row| row["variant"].contains("codes=new"));
    let cards = book::mailed(job, MONDAY);
    assert_eq!(cards.len(), mailers.len());
    let pairs = cards.iter().zip(letters);
    let right = pairs.clone().filter(|(card, letter)| **card == letter["card_number"]);
    (right.count(), pairs.count())
}

/// Sixty letters that all lead to a mailer.
fn sixty() -> TestJob {
    let job = TestJob::new();
    let row = job.row(2);
    let rows: Vec<String> = (0..60).map(|index| row.replace(CARDS[0], &card(index))).collect();
    job.records(&rows);
    let codes: Vec<String> = (0..60)
        .map(|index| format!("{},{:04},{:08},", card(index), 2000 + 7 * index, 10_203_040 + 7919 * index))
        .collect();
    job.seal_codes(format!("{HEADER}\n{}\n", codes.join("\n")).as_bytes());
    job
}

fn card(index: u32) -> String {
    format!("24300{:05}", 71 * index + 12)
}

#[test]
fn rank_and_variant_link_no_mailer_to_its_card() {
    let job = sixty();
    job.both_nights();
    let (right, all) = linked_by_rank(&job);
    assert!(all == 60 && right <= 10, "{right} of {all} are right");
    let mailers = job.table(&format!("{MAILERS}.manifest.csv"));
    assert!(mailers.iter().all(|row| row["variant"].is_empty()), "a rare variant would name its card");
    let tracking: Vec<&String> = mailers.iter().map(|row| &row["tracking_id"]).collect();
    assert!(tracking.is_sorted(), "tracking numbers follow the sequence");
    // The same inputs make the same night; other keys make another order.
    let twin = job.twin();
    fs_err::remove_dir_all(twin.path("out/2026-11-23")).unwrap();
    let again = sixty();
    again.both_nights();
    assert_ne!(
        book::mailed(&twin, MONDAY),
        book::mailed(&again, MONDAY),
        "the order follows from the codes identity"
    );
}

#[test]
fn a_night_in_shares_has_the_same_order_of_mailers() {
    let whole = sixty();
    whole.replace("job.toml", "[output]\n", "[output]\npieces_per_file = 7\n");
    whole.run(FRIDAY, &["--prove", "none"]);
    fs_err::remove_file(whole.path("inbox/cards.csv")).unwrap();
    let merged = whole.twin();
    assert_eq!(monday(&whole).code, 0);
    for share in ["2/2", "1/2"] {
        assert_eq!(merged.run(MONDAY, &["--prove", "none", "--shard", share]).code, 0);
    }
    assert_eq!(merged.pli("merge", &["--date", MONDAY]).code, 0);
    crate::same::assert_same(&whole, &merged, MONDAY);
}

#[test]
fn the_size_of_a_sealed_mailer_tells_nothing_of_its_codes() {
    let base = job_with("pieces_per_file = 1\n");
    let sizes = |rows: [&str; 3]| {
        let job = base.twin();
        job.seal_codes(codes(rows).as_bytes());
        assert_eq!(monday(&job).json()["mailers"], 3);
        // The header of a sealed file has some random bytes, so sizes are those of what is sealed.
        let open = |number: u32| {
            let sealed = job.path(&format!("{MAILERS}-{number:04}.pdf.age"));
            pli::vault::open(&sealed, &job.path("keys/press.identity")).unwrap()
        };
        let sizes: Vec<usize> = (1..=3).map(|number| open(number).len()).collect();
        assert!(sizes.iter().all(|size| size % (64 << 10) == 0), "padded to a step");
        let opened = open(1);
        fs_err::write(job.path("opened.pdf"), &*opened).unwrap();
        if let Some(checked) = output("qpdf", &["--check", text(&job.path("opened.pdf"))]) {
            assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
        }
        sizes
    };
    let all_alike = sizes(["1111,11111111,1111", "1111,11111111,1111", "1111,11111111,1111"]);
    let all_digits = sizes(["4821,90817263,A1B2C3", "0937,56473829,WQXZKJ", "5930,81726354,"]);
    let letters = sizes(["7778,77777778,abcdefghij", "2468,13579135,", "9999,00000000,0"]);
    assert!(
        all_alike.len() == 3 && all_alike == all_digits && all_digits == letters,
        "{all_alike:?} {all_digits:?} {letters:?}"
    );
}

#[test]
fn rage_or_age_opens_what_is_sealed() {
    let job = job();
    job.seal_codes(codes(SOUND).as_bytes());
    monday(&job);
    let sealed = job.path(&format!("{MAILERS}-0001.pdf.age"));
    let open = |tool: &str| -> Option<Vec<u8>> {
        let identity = job.path("keys/press.identity");
        let output = Command::new(tool).args(["-d", "-i", text(&identity), text(&sealed)]).output().ok()?;
        Some(output.stdout)
    };
    match ["age", "rage"].into_iter().find_map(open) {
        Some(opened) => assert!(opened.starts_with(b"%PDF-")),
        None => missing("`age` or `rage`"),
    }
}
