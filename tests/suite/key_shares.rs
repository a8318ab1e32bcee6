//! Shares of a key on paper: read back by poppler, libdmtx and zxing-cpp, and recovered.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::job::{Ran, TestJob, pli, program};
use crate::schemas::answers;
use crate::tools::{pdf_text, python, text, tool};

/// A key that was split, with the folder of its shares.
struct Backup {
    job: TestJob,
    written: Value,
}

/// Splits a key into shares in a folder.
fn split(key: &Path, needed: &str, shares: &str, folder: &Path) -> Ran {
    pli(&[
        "keys",
        "backup",
        text(key),
        "--shares",
        shares,
        "--needed",
        needed,
        "--output",
        text(folder),
        "--json",
    ])
}

impl Backup {
    fn new(key: &str, needed: &str, shares: &str) -> Backup {
        let job = TestJob::new();
        let (key, folder) = (job.path(key), job.path("shares"));
        let ran = split(&key, needed, shares, &folder);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        Backup { written: ran.json(), job }
    }

    fn file(&self, share: usize, kind: &str) -> PathBuf {
        self.written["shares"][share - 1][kind].as_str().unwrap().into()
    }

    fn restore(&self, shares: &[usize], output: &str) -> Ran {
        let output = self.job.path(output);
        let files: Vec<PathBuf> = shares.iter().map(|share| self.file(*share, "text")).collect();
        let mut arguments = vec!["keys", "restore", "--json", "--output", text(&output)];
        arguments.extend(files.iter().map(|file| text(file)));
        pli(&arguments)
    }

    /// Recovers the key from what is typed.
    fn typed(&self, typed: &str, output: &str) -> Ran {
        use std::io::Write as _;
        use std::process::Stdio;
        let mut child = program();
        child.args(["keys", "restore", "--json", "--output", text(&self.job.path(output))]);
        let mut child =
            child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }
}

fn refused(ran: &Ran, code: &str) -> String {
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &Value::from(code)), "{}", ran.stdout);
    format!(
        "{} {} {}",
        ran.json()["error"]["file"],
        ran.json()["error"]["message"],
        ran.json()["error"]["advice"]
    )
}

/// What libdmtx and zxing-cpp read on a sheet, which must agree.
fn code(backup: &Backup, share: usize) -> Option<String> {
    let folder = backup.job.path(&format!("codes/{share}"));
    fs_err::create_dir_all(&folder).unwrap();
    let (sheet, stem) = (backup.file(share, "sheet"), folder.join("sheet"));
    let drawn = ["-r", "300", "-f", "1", "-l", "1", "-gray", "-singlefile", text(&sheet), text(&stem)];
    tool("pdftoppm", &[&["-png"][..], &drawn].concat())?;
    tool("pdftoppm", &drawn)?;
    let read = tool("dmtxread", &["-N1", "-m20000", text(&folder.join("sheet.png"))])?;
    let read = String::from_utf8(read).unwrap();
    if let Some(said) = python("zxing-cpp", &["tests/symbols.py", text(&folder)]) {
        let hex: String = read.trim().bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(said.split_whitespace().nth(1), Some(hex.as_str()), "zxing-cpp reads what libdmtx reads");
    }
    Some(read.trim().to_owned())
}

#[test]
fn sheets_and_texts_hold_the_same_shares_and_recover_the_key() {
    for (key, of) in [("keys/signing.pem", "keys/signing.pub"), ("keys/codes.identity", "keys/codes.pub")] {
        let backup = Backup::new(key, "3", "5");
        let job = &backup.job;
        assert_eq!(backup.written["shares"].as_array().unwrap().len(), 5);
        answers("key-backup", &backup.written.to_string());
        #[cfg(unix)]
        for file in job.files().iter().filter(|file| file.starts_with(job.path("shares"))) {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&fs_err::metadata(file).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
        let restored = backup.restore(&[5, 1, 3], "restored");
        assert_eq!(restored.code, 0, "{}", restored.stdout);
        assert_eq!(job.read("restored"), job.read(key), "byte for byte");
        assert_eq!(restored.json()[0]["public"].as_str().unwrap().trim(), job.read(of).trim());
        assert!(
            refused(&backup.restore(&[5, 1, 3], "restored"), "key_invalid").contains("never overwritten")
        );
        #[cfg(unix)]
        {
            let metadata = fs_err::metadata(job.path("restored")).unwrap();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777, 0o600);
        }
        // What is printed is what the text has.
        let lines = |share| {
            let text = fs_err::read_to_string(backup.file(share, "text")).unwrap();
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
        };
        for share in 1..=5 {
            let Some(pages) = pdf_text(&backup.file(share, "sheet")) else { break };
            let printed: Vec<String> = pages
                .iter()
                .flat_map(|page| page.lines())
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .filter(|line| line.split(' ').count() == 9 && line.starts_with(['s', 'k']))
                .collect();
            assert_eq!(printed, lines(share), "share {share}");
            assert!(
                pages[0].contains(&format!("{share} sur 5")) && pages[0].contains("3 parts sur 5"),
                "{}",
                pages[0]
            );
        }
        let codes: Option<Vec<String>> = [2, 3, 4].map(|share| code(&backup, share)).into_iter().collect();
        let Some(codes) = codes else { return };
        let pasted = backup.typed(&codes.join("\r\n"), "pasted");
        assert_eq!(pasted.code, 0, "{}", pasted.stdout);
        assert_eq!(job.read("pasted"), job.read(key));
        // One share typed in capitals, one pasted from its code, one from the printed words with the key's lines left out.
        let mixed = format!(
            "{}\n{}\n{}",
            lines(1).join("\n").to_uppercase(),
            codes[2],
            lines(5).into_iter().filter(|line| line.starts_with('s')).collect::<Vec<_>>().join("\n")
        );
        let typed = backup.typed(&mixed, "typed");
        assert_eq!(typed.code, 0, "{}", typed.stdout);
        assert_eq!(job.read("typed"), job.read(key));
    }
}

#[test]
fn openssl_and_python_read_a_restored_key() {
    let backup = Backup::new("keys/signing.pem", "2", "2");
    assert_eq!(backup.restore(&[2, 1], "restored.pem").code, 0);
    let restored = backup.job.path("restored.pem");
    let Some(public) = tool("openssl", &["pkey", "-in", text(&restored), "-pubout"]) else { return };
    assert_eq!(String::from_utf8(public).unwrap(), backup.job.read("keys/signing.pub"));
}

#[test]
fn shares_that_do_not_recover_the_key_are_named() {
    let backup = Backup::new("keys/signing.pem", "3", "4");
    let said = refused(&backup.restore(&[1, 4], "restored"), "shares_missing");
    assert!(said.contains("2 of 3") && said.contains("2, 3"), "{said}");
    let said = refused(&backup.restore(&[1, 4, 1], "restored"), "share_doubled");
    assert!(said.contains("share 1") && said.contains("-1-of-4.txt"), "{said}");
    let other = Backup::new("keys/signing.pem", "3", "4");
    let foreign = other.file(2, "text");
    let kept = backup.file(2, "text");
    let own = fs_err::read_to_string(&kept).unwrap();
    fs_err::write(&kept, fs_err::read(foreign).unwrap()).unwrap();
    let said = refused(&backup.restore(&[1, 2, 3], "restored"), "share_foreign");
    assert!(said.contains("-2-of-4.txt"), "{said}");
    // A word that was read wrong: its line is named, and not the word.
    let line = own.lines().position(|line| line.starts_with("s2 ")).unwrap();
    let word = own.lines().nth(line).unwrap().split(' ').nth(3).unwrap().to_owned();
    let other = if word == "lusab" { "lusad" } else { "lusab" };
    fs_err::write(&kept, own.replacen(&word, other, 1)).unwrap();
    let ran = backup.restore(&[1, 2, 3], "restored");
    let said = refused(&ran, "share_line");
    assert!(said.contains("-2-of-4.txt") && !said.contains(other), "{said}");
    assert_eq!(ran.json()["error"]["line"], line + 1);
    let sheet = backup.file(1, "sheet");
    let ran =
        pli(&["keys", "restore", "--json", "--output", text(&backup.job.path("restored")), text(&sheet)]);
    assert!(refused(&ran, "share_unreadable").contains(".txt"));
    assert!(!backup.job.path("restored").exists());

    let (key, folder) = (backup.job.path("keys/signing.pem"), backup.job.path("others"));
    for (needed, shares) in [("1", "3"), ("4", "3"), ("2", "17")] {
        refused(&split(&key, needed, shares, &folder), "share_count");
    }
    #[cfg(unix)]
    {
        fs_err::create_dir(&folder).unwrap();
        fs_err::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let arguments = [
            "keys",
            "backup",
            text(&key),
            "--shares",
            "3",
            "--needed",
            "2",
            "--output",
            text(&folder),
            "--json",
        ];
        refused(&pli(&arguments), "key_replaceable_by_others");
    }
    let log: String = backup
        .job
        .names("audit")
        .iter()
        .filter(|name| name.ends_with(".jsonl"))
        .map(|name| backup.job.read(&format!("audit/{name}")))
        .collect();
    assert!(
        log.contains("keys backup") && log.contains("shares=4") && log.contains("key=signing.pem"),
        "{log}"
    );
}
