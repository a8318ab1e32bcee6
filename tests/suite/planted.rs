//! A job whose codes stand nowhere by chance, and the search for them in everything that a night leaves.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::job::{FRIDAY, MONDAY, program};
use crate::memory::{Needles, files_below, search_files};
use crate::tools::{output, text};

/// A job with invented records whose letters were printed, and codes of which each is planted to be unlike all else.
pub struct Planted {
    pub folder: tempfile::TempDir,
    pub needles: Needles,
}

impl Planted {
    pub fn new(count: u32) -> Planted {
        let folder = tempfile::tempdir().expect("a folder");
        let job = folder.path().join("job");
        let mut sample = program();
        sample.args(["sample", "--count", &count.to_string(), "--bad-percent", "0", "-q", "--out"]);
        assert!(sample.arg(&job).status().expect("the program starts").success());
        let codes = plant(&job);
        assert!(run(&job, FRIDAY).output().expect("it ends").status.success());
        fs_err::remove_file(job.join("inbox/cards.csv")).unwrap();
        // No code stands in a record, a number or a digest by chance.
        let needles = Needles::of(&codes);
        assert_eq!(search_files(&job, &needles, false), None);
        Planted { folder, needles }
    }

    pub fn job(&self) -> PathBuf {
        self.folder.path().join("job")
    }

    /// The same job in another folder.
    pub fn twin(&self) -> Planted {
        let folder = tempfile::tempdir().expect("a folder");
        let copied = Command::new("cp").arg("-a").args([&self.job(), folder.path()]).status();
        assert!(copied.is_ok_and(|status| status.success()));
        Planted { folder, needles: self.needles.clone() }
    }

    /// The first form in which a code stands in a file of the job, of its temporary folder or of what it said, with the file:
    /// plain, in UTF-16, hexadecimal or base64, each also deflated; in the text of a page; in its glyph codes.
    pub fn search_all(&self) -> Option<(String, &'static str)> {
        search_files(self.folder.path(), &self.needles, true).or_else(|| {
            let found = |path: PathBuf| {
                let bytes = fs_err::read(&path).ok()?;
                // Also one that was cut short: poppler looks for its objects then.
                let form = bytes.starts_with(b"%PDF-").then(|| {
                    let page = || in_pages(&path, &self.needles).then_some("the text of a page");
                    page().or_else(|| self.needles.find_glyphs(&bytes).then_some("glyph codes"))
                });
                form?.map(|form| (path.display().to_string(), form))
            };
            files_below(self.folder.path()).into_iter().find_map(found)
        })
    }

    /// Shows that the search finds codes where they are: in the codes file, and in the pages of a night's mailers.
    pub fn assert_search_finds(&self) {
        let open = |sealed: &Path, identity: &str| {
            pli::vault::open(sealed, &self.job().join(format!("keys/{identity}.identity"))).unwrap()
        };
        let shown = self.folder.path().join("opened");
        fs_err::write(&shown, &*open(&self.job().join("inbox/codes.csv.age"), "codes")).unwrap();
        assert_eq!(self.search_all(), Some((text(&shown).to_owned(), "plain")));
        let mailers = files_below(&self.job().join("out").join(MONDAY));
        let sealed =
            mailers.into_iter().find(|path| text(path).ends_with(".pdf.age")).expect("sealed mailers");
        let pages = open(&sealed, "press");
        fs_err::write(&shown, &*pages).unwrap();
        assert!(in_pages(&shown, &self.needles), "in the text of pages");
        assert!(self.needles.find_glyphs(&pages), "in glyph codes");
        assert!(
            self.needles.find_glyphs(&pages[..pages.len() / 2]),
            "in glyph codes of a file that was cut short"
        );
        assert!(self.search_all().is_some());
        fs_err::remove_file(shown).unwrap();
    }
}

/// Whether pages of a PDF show a code, as poppler reads them.
fn in_pages(pdf: &Path, needles: &Needles) -> bool {
    let Some(read) = output("pdftotext", &["-layout", text(pdf), "-"]) else { return false };
    // Codes are shown in groups.
    let shown: Vec<u8> = read.stdout.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    needles.find(&shown).is_some()
}

pub fn kill(pid: u32, signal: &str) {
    // It may have ended meanwhile.
    let _ = Command::new("kill").args([signal, "--", &pid.to_string()]).stderr(Stdio::null()).status();
}

pub fn run(job: &Path, night: &str) -> Command {
    let mut command = program();
    command.args(["run", text(&job.join("job.toml")), "--date", night, "--json"]);
    command
}

/// Gives each card of a sample codes that stand nowhere by chance, and returns them.
fn plant(job: &Path) -> Vec<String> {
    let identity = job.join("keys/codes.identity");
    let plain = pli::vault::open(&job.join("inbox/codes.csv.age"), &identity).unwrap();
    let plain = String::from_utf8(plain.to_vec()).unwrap();
    let mut planted = Vec::new();
    let mut text = "card_number,pin,puk,assistance_code\n".to_owned();
    for (number, line) in (1_u64..).zip(plain.lines().skip(1)) {
        let mut cells = line.split(',');
        let (card, pin) = (cells.next().unwrap(), cells.next().unwrap());
        let random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        let letters: String = (0..8).map(|at| char::from(b'A' + (random >> (4 * at) & 15) as u8)).collect();
        let [puk, assistance] = [format!("97{:06}", random % 1_000_000), format!("ZQ{letters}")];
        text.push_str(&format!("{card},{pin},{puk},{assistance}\n"));
        // Among thousands of numbers of eight digits some are a part of another number; among twenty none is.
        planted.extend((number <= 20).then_some(puk));
        planted.push(assistance);
    }
    let recipients = pli::vault::recipients(&["keys/codes.pub".to_owned()], |path| job.join(path)).unwrap();
    fs_err::write(
        job.join("inbox/codes.csv.age"),
        pli::vault::seal_bytes(&recipients, text.as_bytes()).unwrap(),
    )
    .unwrap();
    planted
}
