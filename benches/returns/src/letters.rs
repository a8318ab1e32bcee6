//! Letters of a released print file, as pages.

use std::path::{Path, PathBuf};
use std::process::Command;

use image::GrayImage;
use serde::Deserialize;

use crate::fault::Fault;
use crate::page::{PAPER_DPI, Page};

/// The night that [`Letters::print`] runs.
const NIGHT: &str = "2026-11-20";
/// Of a hundred records of `pli sample`, more than seventy are a letter of the first night.
const RECORDS_FOR_A_LETTER: f64 = 1.4;
/// The least card number that [`Letters::print`] gives. The others follow in sequence.
pub const FIRST_CARD_NUMBER: u64 = 2_400_000_000;

/// What the bench takes from a row of the manifest.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    file: String,
    first_page: u32,
    card_number: String,
    twoddoc: String,
}

/// Released letters whose pages can be drawn.
#[derive(Debug, Clone)]
pub struct Letters {
    folder: PathBuf,
    rows: Vec<Row>,
}

impl Letters {
    /// Prints at least `count` letters with the program `pli`, in the new job folder `job`: `pli sample`, with card
    /// numbers in sequence from [`FIRST_CARD_NUMBER`], then `pli run`. A job that is there already is opened.
    ///
    /// # Errors
    /// [`Fault::Program`] if `pli` fails; I/O errors; [`Fault::Asked`] if it has fewer than `count` letters.
    pub fn print(pli: &Path, job: &Path, count: usize) -> Result<Letters, Fault> {
        if !job.exists() {
            let records = (count as f64 * RECORDS_FOR_A_LETTER).ceil() as usize + 20;
            let arguments = ["sample", "--quiet", "--seed", "13", "--count", &records.to_string(), "--out"];
            ran(Command::new(pli).args(arguments).arg(job))?;
            number_in_sequence(&job.join("inbox/cards.csv"))?;
            // Letters alone: the sealed codes are of the numbers that the records had.
            fs_err::remove_file(job.join("inbox/codes.csv.age"))?;
            let night = ["--quiet", "--date", NIGHT, "--only", "letters", "--prove", "none"];
            ran(Command::new(pli).arg("run").arg(job).args(night))?;
        }
        let letters = Letters::open(&job.join("out").join(NIGHT).join("letters"))?;
        match letters.len() >= count {
            true => Ok(letters),
            false => Err(Fault::Asked(format!(
                "`{}` has {} letters and {count} are needed; remove the folder, and it is made anew",
                job.display(),
                letters.len(),
            ))),
        }
    }

    /// The letters of a night's folder `letters`.
    ///
    /// # Errors
    /// I/O errors; [`Fault::Manifest`].
    pub fn open(folder: &Path) -> Result<Letters, Fault> {
        let mut rows = Vec::new();
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(".manifest.csv") {
                for row in csv::Reader::from_reader(fs_err::File::open(path)?).into_deserialize() {
                    rows.push(row?);
                }
            }
        }
        Ok(Letters { folder: folder.to_owned(), rows })
    }

    /// How many letters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Draws a letter, counted from 0, with `pdftoppm` at 600 dpi. The letters repeat.
    ///
    /// # Errors
    /// [`Fault::Program`] if `pdftoppm` fails; [`Fault::Asked`] if there are no letters.
    pub fn page(&self, index: usize) -> Result<Page, Fault> {
        let row = index.checked_rem(self.len()).and_then(|index| self.rows.get(index));
        let row = row.ok_or_else(|| Fault::Asked(format!("`{}` has no letters", self.folder.display())))?;
        let page = row.first_page.to_string();
        let resolution = PAPER_DPI.to_string();
        let arguments = ["-gray", "-r", &resolution, "-f", &page, "-l", &page];
        let file = ran(Command::new("pdftoppm").args(arguments).arg(self.folder.join(&row.file)))?;
        let print = pgm(&file).ok_or_else(|| Fault::Program("pdftoppm".to_owned(), "no PGM".to_owned()))?;
        Ok(Page { print, card_number: row.card_number.clone(), twoddoc: row.twoddoc.clone() })
    }
}

/// Gives the records card numbers in sequence, so that every number has neighbours that are alive.
fn number_in_sequence(file: &Path) -> Result<(), Fault> {
    let mut reader = csv::Reader::from_reader(fs_err::File::open(file)?);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers()?)?;
    for (number, record) in (FIRST_CARD_NUMBER..).zip(reader.into_records()) {
        let record = record?;
        writer.write_field(number.to_string())?;
        writer.write_record(record.iter().skip(1))?;
    }
    let rows = writer.into_inner().map_err(|error| Fault::File(error.into_error()))?;
    Ok(fs_err::write(file, rows)?)
}

/// What a program wrote to its standard output.
fn ran(command: &mut Command) -> Result<Vec<u8>, Fault> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Fault::Program(program.clone(), error.to_string()))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(Fault::Program(program, String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

/// The picture of a binary PGM file with 255 levels and no comment, as `pdftoppm` writes it.
fn pgm(file: &[u8]) -> Option<GrayImage> {
    let mut lines = file.splitn(4, |&byte| byte == b'\n');
    let (magic, size, most, pixels) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
    let (width, height) = std::str::from_utf8(size).ok()?.split_once(' ')?;
    let picture = GrayImage::from_raw(width.parse().ok()?, height.parse().ok()?, pixels.to_vec())?;
    (magic == b"P5" && most == b"255").then_some(picture)
}
