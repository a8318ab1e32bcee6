//! How many bytes a letter, a mailer and a record take: as in the last nights and in the ledger itself, where they are large
//! enough to say it; else as measured with the built-in templates over 7,000 pieces, and doubled, because other templates print more.

use super::Scene;
use super::finding::shown;
use crate::failure::Failure;
use crate::job::LedgerLocation;
use crate::night::report::Report;
use mail::piece::PieceKind;

/// Bytes of a letter, with what lies beside the print files: 1,679 measured.
const LETTER: u64 = 3_400;
/// Bytes of a mailer: 3,165 measured.
const MAILER: u64 = 6_400;
/// Bytes of a record in the ledger's file and its log: 1,010 measured, twice.
const RECORD: u64 = 4_000;
/// Bytes beside the print file for each piece: rows of the manifest, the control file, the certificate and the proof. 800 measured.
const BESIDE: u64 = 1_600;
/// The fewest pieces of a night, and the fewest records of a ledger, that say how large one is: what every file has once, such as
/// fonts, hardly counts then.
const ENOUGH: u64 = 500;

/// The bytes of one thing, and whether they are this job's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Bytes at most.
    pub(super) bytes: u64,
    own: bool,
}

/// What the night's size is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// A letter.
    pub(super) letter: Size,
    /// A mailer.
    pub(super) mailer: Size,
    /// A record in the ledger; `None` where that is a server's.
    pub(super) record: Option<Size>,
}

impl Sizes {
    /// The sizes of a job.
    ///
    /// # Errors
    /// Ledger errors.
    pub(super) fn of(scene: &Scene) -> Result<Sizes, Failure> {
        let runs = scene.ledger.as_ref().map_or(Ok(Vec::new()), |ledger| ledger.last_runs())?;
        let runs: Vec<Report> = runs.iter().filter_map(|run| serde_json::from_str(run).ok()).collect();
        let records = scene.ledger.as_ref().map_or(Ok(0), |ledger| ledger.records_taken_in())?;
        let ledger = match scene.job.ledger().location {
            LedgerLocation::File(file) => Some(fs_err::metadata(file).map_or(0, |found| found.len())),
            LedgerLocation::Server(_) => None,
        };
        Ok(Sizes {
            letter: piece(&runs, PieceKind::Letter, LETTER),
            mailer: piece(&runs, PieceKind::Mailer, MAILER),
            record: ledger.map(|bytes| record(bytes, records)),
        })
    }

    /// Where they are from, for a person.
    pub(super) fn words(&self) -> String {
        let piece = |size: Size| match size.own {
            true => format!("{} as in the last nights", shown(size.bytes)),
            false => format!("{} as of the built-in templates", shown(size.bytes)),
        };
        let record = |size: Size| match size.own {
            true => format!(", a record {} as in this ledger", shown(size.bytes)),
            false => format!(", a record {} as in other ledgers", shown(size.bytes)),
        };
        let record = self.record.map(record).unwrap_or_default();
        format!("a letter {}, a mailer {}{record}", piece(self.letter), piece(self.mailer))
    }
}

/// The largest average of the last nights, and a quarter more; `measured` where none was large enough.
fn piece(runs: &[Report], kind: PieceKind, measured: u64) -> Size {
    let of_run = |run: &Report| {
        let folder = kind.folder();
        let files = run.files.iter().filter(|file| file.path.starts_with(folder));
        let (bytes, pieces) = files.fold((0u64, 0u64), |(bytes, pieces), file| {
            (bytes.saturating_add(file.bytes), pieces.saturating_add(u64::from(file.pieces)))
        });
        (pieces >= ENOUGH).then(|| bytes.div_ceil(pieces))
    };
    match runs.iter().filter_map(of_run).max() {
        Some(average) => Size { bytes: average.saturating_add(average / 4) + BESIDE, own: true },
        None => Size { bytes: measured, own: false },
    }
}

/// The ledger's bytes for each record, in its file and its log, and a quarter more.
fn record(ledger: u64, records: u64) -> Size {
    match ledger.checked_div(records).filter(|_| records >= ENOUGH) {
        Some(bytes) => Size { bytes: bytes * 5 / 2, own: true },
        None => Size { bytes: RECORD, own: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::night::report::Report;

    fn run(files: &[(&str, u32, u64)]) -> Report {
        let files: Vec<_> = files
            .iter()
            .map(|(path, pieces, bytes)| {
                serde_json::json!({ "path": path, "sha256": "", "pieces": pieces, "pages": 1, "bytes": bytes })
            })
            .collect();
        Report { files: serde_json::from_value(files.into()).unwrap(), ..Report::default() }
    }

    #[test]
    fn pieces_are_as_large_as_in_the_largest_of_the_last_nights() {
        let small = run(&[("letters/26327A-0001.pdf", 499, 9_999_999)]);
        let first = Size { bytes: LETTER, own: false };
        assert_eq!(piece(&[], PieceKind::Letter, LETTER), first);
        assert_eq!(piece(std::slice::from_ref(&small), PieceKind::Letter, LETTER), first, "a small night");
        let nights = [
            small,
            run(&[("letters/26328A-0001.pdf", 400, 400_000), ("letters/26328A-0002.pdf", 100, 200_000)]),
            run(&[
                ("letters/26329A-0001.pdf", 500, 500_000),
                ("mailers/26329A-0001.pdf.age", 600, 6_000_000),
            ]),
        ];
        let letter = piece(&nights, PieceKind::Letter, LETTER);
        assert_eq!(letter, Size { bytes: 1_200 + 300 + BESIDE, own: true });
        assert_eq!(
            piece(&nights, PieceKind::Mailer, MAILER),
            Size { bytes: 10_000 + 2_500 + BESIDE, own: true }
        );
    }

    #[test]
    fn a_record_is_as_large_as_in_its_ledger() {
        assert_eq!(record(800_000, 100), Size { bytes: RECORD, own: false });
        assert_eq!(record(0, 0), Size { bytes: RECORD, own: false });
        assert_eq!(record(1_000_000, 1_000), Size { bytes: 2_500, own: true });
    }
}
