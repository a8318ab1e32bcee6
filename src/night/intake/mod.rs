//! Intake: the record files of a night become valid records, and a finding for everything that is wrong.
//!
//! Every row is accepted or rejected, so rows are always accepted plus rejected; blank lines and lines of delimiters alone
//! are not rows. An accepted row
//! becomes an [`Issuance`], and may have warnings. A rejected row has at least one finding. A bad row never stops the
//! intake: only a file that can't be read as a whole ends it, with an [`IntakeError`]. A bounded part of a row is kept in
//! memory, and messages shorten long values.
//!
//! | codes of rejects | meaning |
//! |---|---|
//! | `field_count`, `unclosed_quote`, `stray_quote`, `fixed_short`, `fixed_outside` | the row does not have the shape of a record |
//! | `field_too_long`, `nul_byte`, `encoding`, `mojibake`, `control_character` | a field can't be read as text |
//! | `missing_value` | an empty field that this card or reason needs |
//! | `card_number`, `duplicate_card_number`, `replaced_card_number`, `replaced_same_card` | card numbers |
//! | `card_family`, `reason`, `status`, `civility`, `title`, `replaced_generation` | not one of the allowed words, or not one of the job's generations |
//! | `date`, `date_time`, `date_time_no_time`, `date_time_offset`, `date_range`, `date_order` | dates |
//! | `renewal_not_for_cpf` | a CPF is never renewed |
//! | `ps_id_nat_` … `type`, `deprecated_type`, `not_on_cards`, `internal_id`, `length`, `character`, `check_digit`, `departement`, `third_character`, `zeros`, `bare` | the holder's identifier |
//! | `structure_id_` … `type`, `deprecated_type`, `not_on_cards`, `length`, `character`, `check_digit`, `departement`, `third_character`, `zeros`, `bare` | the structure's identifier |
//! | `profession_unknown`, `profession_deprecated` | profession |
//! | `name_character`, `name_no_letter`, `name_length`, `organisation_length` | names |
//! | `address_length`, `address_character`, `address_postcode`, `address_postcode_unknown`, `address_locality`, `address_cedex`, `country_unknown` | address |
//!
//! | codes of warnings | meaning |
//! |---|---|
//! | `address_recipient_supplied` | line 1 was empty and holds the recipient now |
//! | `address_not_capitals` | line 4 or 5 in lower case or with accents |
//! | `address_no_street` | lines 2 to 5 are empty |
//! | `no_value_word`, `sheet_error`, `formula`, `markup`, `escape`, `question_marks`, `stray_accent`, `odd_character` | what a program left in a printed text |
//! | `request_in_future`, `request_long_ago`, `expired_long_ago`, `expiry_far_ahead` | a date that may be wrong; a request of a later day waits |
//! | `generation_contradicted` | the expiry makes the replaced card a CPS2ter, and the record says another generation |
//! | `postcode_unknown`, `postcode_other_town` | the postcode is not in the official table, or is another town's; a reject where the job says so (`[postcode] check`) |
//! | `country_mismatch`, `departement_mismatch` | the postcode lies elsewhere than the country or the structure |
//! | `replaced_card_missing` | a renewal, change or incident names no replaced card |
//! | `civility_without_name` | a civility or a title is left out, because the card has no holder |
//! | `file_not_taken` | a file of the inbox that no pattern takes, or that is not whole yet |
//! | `file_may_hold_codes` | such a file whose header is that of codes in clear |

#[cfg(test)]
mod advice_tests;
mod announcement;
mod cells;
mod counting;
mod dates;
mod error;
mod examiner;
mod fixed_rows;
#[cfg(test)]
mod foreign_tests;
mod french_names;
mod header;
mod header_columns;
mod inbox;
#[cfg(test)]
mod language_tests;
mod lines;
mod persons;
mod record_file;
mod record_reader;
mod records;
mod row_layout;
mod rules;
mod shown;
mod signed;
#[cfg(test)]
mod signed_tests;
mod source;
mod sources;
mod stream;
mod taken;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trailer_tests;
mod unpacking;

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

use crate::job::Job;
pub use crate::job::{Encoding, RecordMapping};
pub use crate::ledger::Finding;
#[cfg(test)]
pub(crate) use announcement::Announcement;
pub use announcement::read_announcement;
pub(crate) use counting::count_rows;
pub use error::IntakeError;
use mail::Language;
use mail::card::{CardNumber, Generation};
use mail::identifiers::PsIdNat;
use mail::issuance::Issuance;
use mail::postcode::PostcodeCheck;
pub(super) use record_file::RecordFile;
pub(crate) use row_layout::ShownCell;
pub(crate) use shown::ShownFile;
pub(super) use shown::shown_files;
pub(crate) use sources::{RecordSources, local_record_files, record_files};
pub(super) use sources::{
    check_codes_folders, codes_digests, codes_of_night, local_codes_files, taken_files,
};
pub(super) use stream::{StreamError, stream};
pub(super) use taken::{TakenBundle, archive_fault, spent_announcements, taken_bundles};
pub use unpacking::GzipFault;

/// How the record files of a job are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeSettings {
    /// The encoding of every file.
    pub encoding: Encoding,
    /// Columns to ignore. A column of the contract is read even if it is named here.
    pub ignore: Vec<String>,
    /// The night, against which requests are held.
    pub night: Option<Date>,
    /// The language of findings.
    pub language: Language,
    /// What becomes of an address whose postcode and town do not belong together.
    pub postcode: PostcodeCheck,
    /// How the files become ours.
    pub mapping: RecordMapping,
    /// The age identity that opens sealed files.
    pub identity: PathBuf,
    /// The generations of cards that records may name.
    pub generations: Vec<Generation>,
}

impl IntakeSettings {
    /// The settings of a job.
    pub fn of_job(job: &Job, night: Option<Date>) -> IntakeSettings {
        let input = job.input();
        IntakeSettings {
            encoding: input.encoding,
            ignore: input.ignore.clone(),
            night,
            postcode: job.postcode_check(),
            generations: job.generations(),
            mapping: job.record_mapping(),
            identity: job.cards_identity(),
            language: job.language(),
        }
    }
}

impl Default for IntakeSettings {
    fn default() -> IntakeSettings {
        IntakeSettings {
            encoding: Encoding::default(),
            ignore: Vec::new(),
            night: None,
            language: Language::default(),
            postcode: PostcodeCheck::default(),
            mapping: RecordMapping::default(),
            identity: PathBuf::new(),
            generations: Generation::ALL.to_vec(),
        }
    }
}

/// Everything that the record files of a night hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// The files, in the order given.
    pub files: Vec<IntakeFile>,
    /// The valid records, by file and line.
    pub records: Vec<AcceptedRow>,
    /// The faults of rejected rows, at least one for each.
    pub rejects: Vec<Finding>,
    /// The warnings on accepted rows.
    pub warnings: Vec<Finding>,
    /// How many rows the files have, accepted and rejected together.
    pub rows: u64,
    /// How many rows were rejected.
    pub rejected_rows: u64,
    /// Cards that rejected rows declare revoked. Nothing may be sent for them.
    pub revoked: Vec<CardNumber>,
}

/// A record file that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntakeFile {
    /// Its path as findings name it.
    pub name: String,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// How many rows it has.
    pub rows: u64,
}

/// A valid record, with its file and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRow {
    /// The index of its file in [`Intake::files`].
    pub file: usize,
    /// The line on which the record begins; the header is line 1.
    pub line: u64,
    /// The record.
    pub issuance: Issuance,
}

/// The card that an incident replaces: lost, stolen or out of order.
#[derive(Debug, Clone)]
pub(super) struct LostCard {
    /// The card.
    pub card: CardNumber,
    /// The holder's identifier, where it can be read.
    pub ps_id_nat: Option<PsIdNat>,
}

/// What a rejected row says of cards all the same.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// The card that it declares revoked.
    pub revoked: Option<CardNumber>,
    /// The card that its incident replaces.
    pub lost: Option<LostCard>,
    /// Its own card, where the number can be read.
    pub card: Option<CardNumber>,
}

/// A row, accepted or rejected.
#[derive(Debug)]
pub(super) enum ExaminedRow {
    /// A valid record and its warnings.
    Accepted(Box<AcceptedRow>, Vec<Finding>),
    /// The faults, and what the row says of cards.
    Rejected(Vec<Finding>, Declared),
}

/// Reads record files.
///
/// # Errors
/// [`IntakeError`]: a file can't be read or is no record file.
pub fn take_in(files: &[PathBuf], settings: &IntakeSettings) -> Result<Intake, IntakeError> {
    let mut intake = Intake::default();
    let files: Vec<RecordFile> =
        files.iter().map(|path| RecordFile::at(path.clone(), Path::new(""))).collect();
    let read = stream(&files, settings, &mut |rows| {
        rows.into_iter().for_each(|row| intake.add(row));
        Ok::<_, Infallible>(())
    });
    match read {
        Ok(files) => intake.files = files,
        Err(StreamError::Intake(error)) => return Err(error),
        Err(StreamError::Receiver(never)) => match never {},
    }
    intake.rows = intake.files.iter().map(|file| file.rows).sum();
    Ok(intake)
}

/// A row of a record file, read for a designer.
#[derive(Debug, Clone)]
pub(crate) struct ReadRow {
    /// The index of its file among those read.
    pub file: usize,
    /// The line on which it begins; the header is line 1.
    pub line: u64,
    /// The record, or what is wrong with the row.
    pub record: Result<Issuance, Vec<Finding>>,
}

/// The first rows of record files, `limit` at most, accepted and rejected in the order of files and lines. Findings name
/// files relative to `folder`.
///
/// # Errors
/// [`IntakeError`]: a file can't be read or is no record file.
pub(crate) fn first_rows(
    files: &[PathBuf],
    folder: &Path,
    settings: &IntakeSettings,
    limit: usize,
) -> Result<Vec<ReadRow>, IntakeError> {
    let files: Vec<RecordFile> = files.iter().map(|path| RecordFile::at(path.clone(), folder)).collect();
    let mut read: Vec<ReadRow> = Vec::new();
    let ended = stream(&files, settings, &mut |rows| {
        read.extend(rows.into_iter().map(|row| ReadRow::of(row, &files)));
        if read.len() < limit { Ok(()) } else { Err(Enough) }
    });
    read.truncate(limit);
    match ended {
        Ok(_) | Err(StreamError::Receiver(Enough)) => Ok(read),
        Err(StreamError::Intake(error)) => Err(error),
    }
}

/// As many rows are read as were asked for.
struct Enough;

impl ReadRow {
    fn of(row: ExaminedRow, files: &[RecordFile]) -> ReadRow {
        match row {
            ExaminedRow::Accepted(row, _) => {
                ReadRow { file: row.file, line: row.line, record: Ok(row.issuance) }
            }
            ExaminedRow::Rejected(findings, _) => {
                let first = findings.first();
                let file =
                    first.and_then(|first| files.iter().position(|file| file.name() == first.source_file));
                let line = first.map_or(0, |first| first.line);
                ReadRow { file: file.unwrap_or_default(), line, record: Err(findings) }
            }
        }
    }
}

impl Intake {
    fn add(&mut self, row: ExaminedRow) {
        match row {
            ExaminedRow::Accepted(record, warnings) => {
                self.records.push(*record);
                self.warnings.extend(warnings);
            }
            ExaminedRow::Rejected(rejects, declared) => {
                self.rejected_rows += 1;
                self.revoked.extend(declared.revoked);
                self.rejects.extend(rejects);
            }
        }
    }
}
