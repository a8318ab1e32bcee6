//! `pli verify`: texts, lines, pictures; judged on codes signed by others and read by other people's tools.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::job::{FRIDAY, Ran, TestJob, pli, program};
use crate::schemas::answers;
use crate::tools::{picture, text, tool};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/twoddoc/fixtures");

/// Runs `pli verify` with lines on standard input.
fn verify_lines(arguments: &[&str], lines: &[u8]) -> Ran {
    let mut child = program()
        .arg("verify")
        .args(arguments)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines).unwrap();
    child.wait_with_output().unwrap().into()
}

fn statuses(json: &Value) -> Vec<&str> {
    let one = std::slice::from_ref(json);
    let all = json.as_array().map_or(one, Vec::as_slice);
    all.iter().map(|examined| examined["signature"]["status"].as_str().unwrap()).collect()
}

/// A code of type A6 signed by python-cryptography, and a trust folder that holds its key.
fn foreign_code(curve: &str) -> (String, tempfile::TempDir) {
    let trust = tempfile::tempdir().unwrap();
    fs_err::copy(format!("{FIXTURES}/twoddoc/{curve}.pub"), trust.path().join("some name")).unwrap();
    (fs_err::read_to_string(format!("{FIXTURES}/twoddoc/{curve}.code")).unwrap(), trust)
}

#[test]
fn a_code_is_one_object_with_the_contract_s_keys() {
    for curve in ["p256", "p384", "p521"] {
        let (code, trust) = foreign_code(curve);
        let ran = pli(&["verify", "--trust", text(trust.path()), "--json", &code]);
        let json = ran.json();
        assert_eq!((ran.code, statuses(&json)), (0, vec!["valid"]), "{curve}: {}", ran.stdout);
        assert_eq!(json["signature"]["algorithm"], format!("ecdsa-{curve}"));
        let header = &json["header"];
        assert_eq!((&header["version"], &header["ca_id"]), (&4.into(), &"FR00".into()));
        assert_eq!(
            (&header["emission_date"], &header["signature_date"]),
            (&Value::Null, &"2027-01-22".into())
        );
        let field = serde_json::json!({"id": "80", "name": json["fields"][0]["name"], "value": "MARTIN", "truncated": false});
        assert_eq!(json["fields"][0], field);
        assert_eq!(json["annex"], serde_json::json!([]));
        let altered =
            pli(&["verify", "--trust", text(trust.path()), "--json", &code.replace("MARTIN", "MARTON")]);
        assert_eq!((altered.code, statuses(&altered.json())), (1, vec!["invalid"]));
    }
}

#[test]
fn what_was_only_read_is_untrusted() {
    let (code, _) = foreign_code("p256");
    let ran = pli(&["verify", "--json", &code]);
    answers("verify", &ran.stdout);
    assert_eq!((ran.code, statuses(&ran.json())), (1, vec!["untrusted"]));
    let shown = pli(&["verify", &code]);
    assert!(shown.stdout.contains("UNTRUSTED") && shown.stdout.contains("MARTIN"), "{}", shown.stdout);
    assert!(!shown.stdout.contains("VALID") && !shown.stdout.to_lowercase().contains("authentic"));
}

#[test]
fn lines_are_judged_one_by_one_and_one_that_is_not_valid_shows_in_the_exit_code() {
    let (code, trust) = foreign_code("p256");
    let arguments = ["--trust", text(trust.path()), "--json"];
    let lines = format!("{code}\r\n\n{}\nHC1:NOT A CODE\n{code}", code.replace(['\u{1d}', '\u{1f}'], ""));
    let ran = verify_lines(&arguments, lines.as_bytes());
    let json = ran.json();
    assert_eq!((ran.code, statuses(&json)), (1, vec!["valid", "unreadable", "unreadable", "valid"]));
    assert!(json[1]["signature"]["reason"].as_str().unwrap().contains("the scanner dropped"));
    assert_eq!((&json[1]["header"]["document_type"], &json[2]["header"]), (&"A6".into(), &Value::Null));
    let ran = verify_lines(&arguments, format!("{code}\n{code}\n").as_bytes());
    assert_eq!((ran.code, statuses(&ran.json())), (0, vec!["valid", "valid"]));
    let dressed = format!("\u{feff}]d1{code} \n{}\n{code}\n", "A".repeat(70_000));
    let ran = verify_lines(&arguments, dressed.as_bytes());
    assert_eq!((ran.code, statuses(&ran.json())), (1, vec!["valid", "unreadable", "valid"]));
    let ran = verify_lines(&arguments, b"\n");
    assert_eq!((ran.code, ran.json()["error"]["exit_code"].clone()), (2, 2.into()));
}

#[test]
fn symbols_of_one_code_are_put_together() {
    let (code, trust) = foreign_code("p521");
    let (left, right) = code.split_at(100);
    let arguments = ["--trust", text(trust.path()), "--json"];
    let ran = verify_lines(&arguments, format!("EA1B11{right}\nEA1B01{left}\n").as_bytes());
    assert_eq!((ran.code, statuses(&ran.json())), (0, vec!["valid"]), "{}", ran.stdout);
    let twice = format!("EA1B11{right}\nEA1B01{left}\nEA1B11{right}\n");
    assert_eq!(verify_lines(&arguments, twice.as_bytes()).code, 0);
    let ran = verify_lines(&arguments, format!("EA1B02{left}\n").as_bytes());
    let reason = ran.json()["signature"]["reason"].as_str().unwrap().to_owned();
    assert_eq!((ran.code, reason.as_str()), (1, "only 1 of the 3 symbols of set `A1B` were read"));
}

#[test]
fn the_bureau_s_own_letters_are_valid_and_every_page_is_read() {
    let job = TestJob::new();
    assert_eq!(job.pli("run", &["--date", FRIDAY]).code, 1);
    let manifest = job.read(&format!("out/{FRIDAY}/letters/26324A.manifest.csv"));
    let codes: Vec<String> = csv::Reader::from_reader(manifest.as_bytes())
        .records()
        .map(|row| row.unwrap().iter().find(|cell| cell.starts_with("DC04")).unwrap().to_owned())
        .collect();
    let trust = job.path("keys");
    let arguments = ["--trust", text(&trust), "--json"];
    let ran = verify_lines(&arguments, (codes.join("\n") + "\n").as_bytes());
    assert_eq!((ran.code, statuses(&ran.json())), (0, vec!["valid"; codes.len()]), "{}", ran.stdout);
    let secret = job.read("keys/signing.pem");
    let secret = secret.lines().nth(1).unwrap();
    assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret));

    let pdf = job.path(&format!("out/{FRIDAY}/letters/26324A-0001.pdf"));
    let ran = pli(&["verify", "--trust", text(&trust), "--json", "--image", text(&pdf)]);
    assert_eq!((ran.code, statuses(&ran.json())), (0, vec!["valid"; codes.len()]));
    let read = |examined: &Value, id| {
        let fields = examined["fields"].as_array().unwrap();
        fields.iter().find(|field| field["id"] == id).map(|field| field["value"].clone())
    };
    for (examined, code) in ran.json().as_array().unwrap().iter().zip(&codes) {
        let card = read(examined, "82").unwrap();
        assert!(code.contains(&format!("82{}", card.as_str().unwrap())), "pages are in order");
    }
}

#[test]
fn pictures_by_another_renderer_are_read() {
    let job = TestJob::new();
    job.pli("run", &["--date", FRIDAY]);
    let pdf = job.path(&format!("out/{FRIDAY}/letters/26324A-0001.pdf"));
    for dpi in [150, 300, 600] {
        let png = job.path("page.png");
        if picture(&pdf, 1, dpi, [0.0, 0.0, 210.0, 297.0], &png).is_none() {
            return;
        }
        let ran = pli(&["verify", "--trust", text(&job.path("keys")), "--json", "--image", text(&png)]);
        assert_eq!((ran.code, statuses(&ran.json())), (0, vec!["valid"]), "{dpi} dpi: {}", ran.stdout);
    }
    let stem = job.path("page");
    tool("pdftoppm", &["-r", "200", "-f", "1", "-l", "1", "-jpeg", "-singlefile", text(&pdf), text(&stem)]);
    let ran = pli(&["verify", "--trust", text(&job.path("keys")), "--image", text(&job.path("page.jpg"))]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

#[test]
fn what_can_t_be_opened_is_told_and_leaves_by_door_two() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not-a-picture.png");
    fs_err::write(&file, b"\x89PNG\r\n\x1a\nbut no picture").unwrap();
    let nowhere = folder.path().join("nowhere");
    let cases: [&[&str]; 5] = [
        &["--image", text(&file)],
        &["--image", text(&nowhere)],
        &["--trust", text(&nowhere), "DC04"],
        &[],
        &["--fetch", "DC04"],
    ];
    for arguments in cases {
        let ran = pli(&[&["verify"], arguments].concat());
        assert_eq!((ran.code, ran.stderr.is_empty()), (2, false), "{arguments:?}");
    }
    let blank = folder.path().join("blank.png");
    write_blank_png(&blank);
    let ran = pli(&["verify", "--json", "--image", text(&blank)]);
    assert_eq!((ran.code, statuses(&ran.json())), (1, vec!["unreadable"]));
}

fn write_blank_png(path: &Path) {
    image::GrayImage::from_pixel(200, 200, image::Luma([255])).save(path).unwrap();
}

#[test]
fn a_reader_that_goes_away_ends_the_command() {
    let (code, trust) = foreign_code("p256");
    let mut child = program()
        .args(["verify", "--trust", text(trust.path()), "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut lines = child.stdin.take().unwrap();
    // More than a pipe holds: only a command that ends lets this end.
    while writeln!(lines, "{code}").is_ok() {}
    assert_eq!(child.wait().unwrap().code(), Some(0), "a closed pipe is no failure");
}

#[test]
fn a_picture_in_the_negative_and_beside_a_stamp_is_read() {
    let (code, trust) = foreign_code("p256");
    let symbol = |message: &[u8]| {
        let symbol = symbols::datamatrix::encode_c40(message).unwrap();
        let side = (symbol.side() as u32 + 8) * 4;
        image::GrayImage::from_fn(side, side, |x, y| {
            let module = |dot: u32| (dot / 4).wrapping_sub(4) as usize;
            image::Luma([if symbol.dark(module(y), module(x)) { 0 } else { 255 }])
        })
    };
    let (ours, stamp) = (symbol(code.as_bytes()), symbol(b"SD12345 POSTAL STAMP"));
    let mut page = image::GrayImage::from_pixel(700, 400, image::Luma([255]));
    image::imageops::overlay(&mut page, &ours, 20, 20);
    image::imageops::overlay(&mut page, &stamp, 450, 40);
    let mut negative = ours.clone();
    image::imageops::invert(&mut negative);
    let file = trust.path().join("picture.png");
    for picture in [page, negative] {
        picture.save(&file).unwrap();
        let ran = pli(&["verify", "--trust", text(trust.path()), "--json", "--image", text(&file)]);
        assert_eq!((ran.code, statuses(&ran.json())), (0, vec!["valid"]), "{}", ran.stdout);
    }
}

#[test]
fn a_damaged_file_of_the_trust_folder_is_told_and_the_rest_counts() {
    let (code, trust) = foreign_code("p256");
    let damaged = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";
    fs_err::write(trust.path().join("damaged.pem"), damaged).unwrap();
    fs_err::create_dir(trust.path().join("deeper")).unwrap();
    fs_err::write(trust.path().join("deeper/README"), "Nothing of trust.").unwrap();
    let ran = pli(&["verify", "--trust", text(trust.path()), &code]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stderr.contains("damaged.pem") && !ran.stderr.contains("README"), "{}", ran.stderr);
}

#[test]
fn official_specimens_have_their_verdict() {
    let Some(folder) = std::env::var_os("PLI_VECTORS") else {
        let _ = writeln!(
            std::io::stderr(),
            "official_specimens_have_their_verdict: skipped, PLI_VECTORS is not set"
        );
        return;
    };
    let vectors = fs_err::read(Path::new(&folder).join("2ddoc.json")).unwrap();
    let vectors: Value = serde_json::from_slice(&vectors).unwrap();
    for vector in vectors["vectors"].as_array().unwrap() {
        let trust = tempfile::tempdir().unwrap();
        fs_err::write(trust.path().join("certificate"), vector["cert_pem"].as_str().unwrap()).unwrap();
        let raw = vector["raw"].as_str().unwrap();
        let ran = pli(&["verify", "--trust", text(trust.path()), "--json", raw]);
        let valid = vector["expected_valid"] == true;
        assert_eq!((ran.code == 0, statuses(&ran.json())[0] == "valid"), (valid, valid), "{}", vector["id"]);
    }
}
