//! Codes files and sealed files, sound and damaged.

use std::time::{Duration, Instant};

use crate::job::{FRIDAY, MONDAY, Ran, TestJob};
use crate::tools::{pdf_text, text, tool};

pub const HEADER: &str = "card_number,pin,puk,assistance_code";
/// The cards of the fixture's lines 2 to 4, whose mailers follow on the Monday.
pub const CARDS: [&str; 3] = ["2400140649", "2400158480", "2417203395"];
pub const SOUND: [&str; 3] = ["4821,90817263,A1B2C3", "5930,81726354,", "7164,72635445,D4E5"];
pub const MAILERS: &str = "out/2026-11-23/mailers/26327A";

/// A job whose three letters have left on the Friday.
pub fn job() -> TestJob {
    job_with("")
}

/// The same with more settings under `[output]`.
pub fn job_with(output: &str) -> TestJob {
    let job = TestJob::new();
    job.replace("job.toml", "[output]\n", &format!("[output]\n{output}"));
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    job.records(&[2, 3, 4].map(|line| job.row(line)));
    assert_eq!(job.run(FRIDAY, &["--prove", "none"]).json()["letters"], 3);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    job
}

pub fn monday(job: &TestJob) -> Ran {
    job.run(MONDAY, &["--prove", "none"])
}

/// A codes file of the three cards.
pub fn codes(rows: [&str; 3]) -> String {
    let rows: Vec<String> = CARDS.iter().zip(rows).map(|(card, codes)| format!("{card},{codes}")).collect();
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// The text of all sealed mailers, opened with the press's identity.
fn mailers(job: &TestJob) -> Option<String> {
    let opened =
        pli::vault::open(&job.path(&format!("{MAILERS}-0001.pdf.age")), &job.path("keys/press.identity"));
    fs_err::write(job.path("opened.pdf"), &*opened.unwrap()).unwrap();
    Some(pdf_text(&job.path("opened.pdf"))?.concat())
}

/// The findings of a table as `code field line card`.
fn findings(job: &TestJob, table: &str) -> Vec<String> {
    let rows = job.table(&format!("out/2026-11-23/{table}.csv")).into_iter();
    let shown = |row: std::collections::BTreeMap<String, String>| {
        format!("{} {} {} {}", row["code"], row["field"], row["line"], row["card_number"])
            .trim_end()
            .to_owned()
    };
    rows.map(shown).collect()
}

/// No message repeats a code of the file.
fn says_no_code(job: &TestJob, ran: &Ran, codes: &str) {
    let long: Vec<String> =
        codes.split([',', ';', '\n', '"', '\r']).filter(|cell| cell.len() == 8).map(str::to_owned).collect();
    crate::secrets::search(
        "what the program said",
        format!("{}{}", ran.stdout, ran.stderr).as_bytes(),
        &long,
    );
    for table in ["rejects.csv", "warnings.csv", "run.json"] {
        let path = job.path(&format!("out/2026-11-23/{table}"));
        let bytes = fs_err::read(path).unwrap_or_default();
        crate::secrets::search(table, &bytes, &long);
    }
}

#[test]
fn a_codes_file_is_read_as_csv() {
    let base = job();
    let quoted = |cells: &str| format!("\"{}\"", cells.replace(',', "\",\""));
    let [one, two, three] = SOUND;
    let all_quoted = format!(
        "{}\r\n{}\r\n{}\r\n\r\n{}\r\n",
        quoted(HEADER),
        quoted(&format!("{},{one}", CARDS[0])),
        quoted(&format!("{},{two}", CARDS[1])),
        quoted(&format!("{},{three}", CARDS[2]))
    );
    let semicolons = format!("\u{feff}{}", codes(SOUND).replace(',', ";"));
    let blank_rows = format!("{},,,\n \n\u{1a}", codes(SOUND));
    for sound in [codes(SOUND), all_quoted, semicolons, blank_rows] {
        let job = base.twin();
        job.seal_codes(sound.as_bytes());
        let ran = monday(&job);
        assert_eq!((ran.code, &ran.json()["mailers"]), (0, &3.into()), "{sound}: {}", ran.stderr);
        let Some(text) = mailers(&job) else { return };
        for code in ["4821", "9081 7263", "A1B2C3", "817", "7263 5445", "D4E5"] {
            assert!(text.contains(code), "{code} of {sound}");
        }
    }
}

#[test]
fn a_cell_that_is_no_code_is_rejected_with_its_line_and_never_printed() {
    let base = job();
    for (row, code) in [
        ("4821,90817263,\"12,34\"", "assistance_code_format assistance_code"),
        ("4821,90817263,\"A\nB\"", "assistance_code_format assistance_code"),
        ("4821,90817263,\"A\"\"B\"", "assistance_code_format assistance_code"),
        ("4821,90817263,é", "assistance_code_format assistance_code"),
        ("\"48,21\",90817263,", "pin_format pin"),
        ("４８２１,90817263,", "pin_format pin"),
        ("4821,9081 7263,", "puk_format puk"),
        ("4821,90817263,12,34", "codes_cells card_number"),
        ("4821,90817263", "codes_cells card_number"),
    ] {
        let job = base.twin();
        let plain = codes([SOUND[0], row, SOUND[2]]);
        job.seal_codes(plain.as_bytes());
        let ran = monday(&job);
        assert_eq!((ran.code, &ran.json()["mailers"]), (1, &2.into()), "{row}: {}", ran.stderr);
        let rejects = job.read("out/2026-11-23/rejects.csv");
        assert!(rejects.contains("inbox/codes.csv.age:3: "), "{row}: {rejects}");
        let found = findings(&job, "rejects");
        assert!(found.len() == 1 && found[0].starts_with(code), "{row}: {found:?}");
        says_no_code(&job, &ran, &plain);
    }
}

/// A codes file that can't be used, its stable code, and words of its message.
struct Damage<'a> {
    sealed: Vec<u8>,
    code: &'a str,
    words: &'a [&'a str],
}

#[test]
fn each_damage_of_a_codes_file_is_told_apart() {
    let base = job();
    let sealed = |plain: &[u8]| {
        base.seal_codes(plain);
        fs_err::read(base.path("inbox/codes.csv.age")).unwrap()
    };
    let plain = codes(SOUND);
    let whole = sealed(plain.as_bytes());
    let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let header = |text: &str| sealed(plain.replace(HEADER, text).as_bytes());
    let damage = |sealed, code, words| Damage { sealed, code, words };
    let cases = [
        damage(whole[..whole.len() - 5].to_vec(), "seal_damaged", &["cut short"][..]),
        damage(whole[..60].to_vec(), "seal_cut_short", &["cut short"]),
        damage(Vec::new(), "seal_empty", &["is empty"]),
        damage(plain.clone().into_bytes(), "seal_not_sealed", &["not sealed", "age -r age1"]),
        damage([&whole[..], b"\r\n"].concat(), "seal_trailing", &["2 more bytes"]),
        damage([&utf16_mark()[..], &utf16].concat(), "seal_not_sealed", &["not sealed"]),
        damage(sealed(&[&utf16_mark()[..], &utf16].concat()), "codes_encoding", &[":1", "UTF-16"]),
        damage(sealed(&utf16), "codes_encoding", &["UTF-16"]),
        damage(
            sealed(plain.replace('\n', ",\n").as_bytes()),
            "codes_columns",
            &[":1", "ends in a delimiter"],
        ),
        damage(header("card_number,pin,puk"), "codes_columns", &[":1", "`assistance_code` is missing"]),
        damage(header("card_number,pin,pin,puk,assistance_code"), "codes_columns", &["`pin` is there twice"]),
        damage(header("card_number,pni,puk,assistance_code"), "codes_columns", &["column 2 is `pni`"]),
        damage(
            sealed(plain.replace(&format!("{HEADER}\n"), "").as_bytes()),
            "codes_columns",
            &["header is missing"],
        ),
        damage(sealed(plain.replace(',', "|").as_bytes()), "codes_columns", &["separated by"]),
        damage(sealed(format!("sep=,\n{plain}").as_bytes()), "codes_columns", &["`sep=`"]),
        damage(sealed(b""), "codes_empty", &["holds nothing"]),
        damage(sealed(b"PK\x03\x04rest"), "codes_not_csv", &["workbook"]),
        damage(sealed(&whole), "codes_not_csv", &["sealed twice"]),
        damage(
            sealed(plain.replace(",A1B2C3", ",\"A1B2C3").as_bytes()),
            "codes_quotes",
            &[":2", "not closed"],
        ),
    ];
    for Damage { sealed, code, words } in cases {
        let job = base.twin();
        fs_err::write(job.path("inbox/codes.csv.age"), sealed).unwrap();
        let ran = monday(&job);
        let error = ran.json()["error"].clone();
        assert_eq!((ran.code, &error["code"]), (2, &code.into()), "{}", ran.stderr);
        for word in words.iter().chain(&["codes.csv.age"]) {
            assert!(ran.stderr.contains(word), "`{word}` in: {}", ran.stderr);
        }
        assert!(!ran.stderr.contains("must be sealed to"), "{}", ran.stderr);
        assert!(error["advice"].as_str().is_some_and(|advice| !advice.is_empty()));
        assert_eq!(error["line"].is_u64(), code.starts_with("codes_"), "{}", ran.stderr);
        says_no_code(&job, &ran, &plain);
    }
}

fn utf16_mark() -> [u8; 2] {
    [0xFF, 0xFE]
}

#[test]
fn a_file_sealed_to_another_key_is_sealed_again_as_the_advice_says() {
    let job = job();
    fs_err::write(job.path("plain.csv"), codes(SOUND)).unwrap();
    let seal = |recipient: &str| {
        let out = job.path("inbox/codes.csv.age");
        tool("age", &["-r", recipient, "-o", text(&out), text(&job.path("plain.csv"))])
    };
    if seal(job.read("keys/press.pub").trim()).is_none() {
        return;
    }
    let ran = monday(&job);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"seal_closed".into()));
    let advice = ran.json()["error"]["advice"].as_str().unwrap().to_owned();
    let recipient =
        advice.split("age -r ").nth(1).and_then(|rest| rest.split('`').next()).expect("a recipient");
    seal(recipient);
    assert_eq!(monday(&job).code, 0);
}

#[test]
fn a_row_without_a_card_number_is_reported_with_its_line() {
    let job = job();
    job.seal_codes(codes(SOUND).replace(CARDS[1], "240015848").as_bytes());
    let ran = monday(&job);
    assert_eq!((ran.code, &ran.json()["mailers"]), (1, &2.into()), "{}", ran.stderr);
    let found = findings(&job, "warnings");
    assert!(found.contains(&"codes_card_number card_number 3".to_owned()), "{found:?}");
    assert!(found.iter().any(|finding| finding.starts_with("codes_missing")), "{found:?}");
    assert!(job.read("out/2026-11-23/warnings.csv").contains("inbox/codes.csv.age,3"));
}

#[test]
fn armoured_files_and_files_of_several_identities_are_opened_as_age_does() {
    let job = job();
    fs_err::write(job.path("plain.csv"), codes(SOUND)).unwrap();
    let out = job.path("inbox/codes.csv.age");
    let public = job.path("keys/codes.pub");
    let sealed = tool("age", &["-a", "-R", text(&public), "-o", text(&out), text(&job.path("plain.csv"))]);
    if sealed.is_none() {
        return;
    }
    // A second identity before the right one, comments, blank lines and carriage returns.
    let own = job.read("keys/codes.identity");
    let other = job.read("keys/press.identity");
    job.write(
        "keys/codes.identity",
        &format!("# made for this test\r\n\r\n{other}\n{own}").replace('\n', "\r\n"),
    );
    let armoured = fs_err::read(&out).unwrap();
    let ran = monday(&job.twin());
    assert_eq!((ran.code, &ran.json()["mailers"]), (0, &3.into()), "{}", ran.stderr);
    for (damaged, code) in [
        (armoured[..armoured.len() - 40].to_vec(), "seal_cut_short"),
        ([&armoured[..], b"more"].concat(), "seal_trailing"),
        (String::from_utf8_lossy(&armoured).replace("\nYWdl", "\n!!!!").into_bytes(), "seal_damaged"),
    ] {
        fs_err::write(&out, damaged).unwrap();
        let ran = monday(&job);
        assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &code.into()), "{}", ran.stderr);
    }
}

#[test]
fn an_identity_that_can_t_be_used_is_named_by_its_line_and_never_shown() {
    let base = job();
    base.seal_codes(codes(SOUND).as_bytes());
    let own = base.read("keys/codes.identity");
    let secret = own.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap().to_owned();
    for (identity, words) in [
        (own.replace(&secret, &secret[..secret.len() - 1]), "codes.identity:2: a damaged age identity"),
        (format!("{own}AGE-PLUGIN-YUBIKEY-1XYZ\n"), "codes.identity:3: the identity of an age plugin"),
        ("age-encryption.org/v1\n-> scrypt x 18\n".to_owned(), "is sealed itself"),
        ("-----BEGIN AGE ENCRYPTED FILE-----\n".to_owned(), "is sealed itself"),
        (base.read("keys/codes.pub"), "codes.identity:1: a public key"),
        (base.read("keys/signing.pem"), "codes.identity:1: a key in PEM"),
        ("# nothing\n".to_owned(), "no age identity in it"),
    ] {
        let job = base.twin();
        job.write("keys/codes.identity", &identity);
        let ran = monday(&job);
        assert!(ran.code == 2 && ran.stderr.contains(words), "`{words}` in: {}", ran.stderr);
        assert!(!ran.stderr.contains(&secret[20..40]), "an identity was shown");
    }
}

#[test]
fn a_header_of_two_megabytes_is_refused_at_once() {
    let job = job();
    let stanza = format!("-> X25519 {}\n{}\n", "A".repeat(43), "B".repeat(43));
    let sealed = format!("age-encryption.org/v1\n{}--- {}\n", stanza.repeat(23_000), "C".repeat(43));
    assert!(sealed.len() > 2 << 20);
    job.write("inbox/codes.csv.age", &sealed);
    let started = Instant::now();
    let ran = monday(&job);
    assert_eq!(
        (ran.code, &ran.json()["error"]["code"]),
        (2, &"seal_header_too_large".into()),
        "{}",
        ran.stderr
    );
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_run_of_one_code_is_a_warning_without_the_code_or_a_card() {
    let job = job();
    job.in_english();
    let plain = codes(["4444,90817263,A1B2C3", "4444,90817263,A1B2C3", "4444,90817263,A1B2C3"]);
    job.seal_codes(plain.as_bytes());
    let ran = monday(&job);
    assert_eq!((ran.code, &ran.json()["mailers"]), (0, &3.into()), "{}", ran.stderr);
    let expected = [
        "pin_simple pin",
        "pin_repeated pin",
        "puk_repeated puk",
        "assistance_code_repeated assistance_code",
    ];
    assert_eq!(findings(&job, "warnings"), expected.map(|finding| format!("{finding} 1")));
    let warnings = job.read("out/2026-11-23/warnings.csv");
    assert!(warnings.contains("3 of 3 cards have the same PIN") && !warnings.contains("4444"), "{warnings}");
    says_no_code(&job, &ran, &plain);
}
