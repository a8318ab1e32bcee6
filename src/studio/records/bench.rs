//! The records among which a designer chooses.

use std::path::{Path, PathBuf};

use foreign::legible;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::reason::CodesDuty;

use super::samples::SAMPLES;
use crate::failure::{Failure, Position};
use crate::job::Job;
use mail::Language;

use crate::night::intake::{Finding, IntakeSettings, ReadRow, first_rows, local_record_files};

/// The most rows of a designer's file, or of an inbox, that can be chosen: the first ones.
const MAX_ROWS: usize = 1000;

/// Where a record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RecordGroup {
    /// Made for the purpose.
    Samples,
    /// A row of the designer's `cards.csv`.
    Csv,
    /// A row of the inbox of a job.
    Job,
}

/// A record that a designer can choose.
#[derive(Debug, Clone)]
pub(crate) struct BenchRecord {
    /// What names it in requests: a sample's name, or a row's group, file and line.
    pub id: String,
    /// Where it comes from.
    pub group: RecordGroup,
    /// Its name in English; for a row what names the row.
    pub en: String,
    /// Its name in French; for a row what names the row.
    pub fr: String,
    /// The record, or why the row is none.
    record: Result<Issuance, Vec<Finding>>,
}

impl BenchRecord {
    /// The record.
    ///
    /// # Errors
    /// `specimen_record`: the row would be rejected; each part is a fault with its file, line and column.
    pub(crate) fn issuance(&self) -> Result<&Issuance, Failure> {
        self.record.as_ref().map_err(|findings| {
            let part = |finding: &Finding| {
                let problem = format!("{}: {}", finding.field, finding.message);
                Failure::usage("specimen_record", problem)
                    .at(Position::line(&finding.source_file, finding.line))
            };
            Failure::usage("specimen_record", format!("`{}` is no valid record", self.en))
                .with_parts(findings.iter().map(part).collect())
        })
    }
}

/// The records for a template of this kind: the samples, then the first rows of `csv`, then those of the inbox of `job` on this
/// machine. A row that leads to no piece of this kind is left out.
///
/// # Errors
/// Intake errors: a file that can't be read or is no record file; `input_*`: a folder or file of the inbox that is not there.
pub(crate) fn bench_records(
    kind: PieceKind,
    csv: Option<&Path>,
    job: Option<&Job>,
) -> Result<Vec<BenchRecord>, Failure> {
    let mut records = Vec::new();
    for sample in SAMPLES {
        let (id, en, fr) = (sample.id.to_owned(), sample.en.to_owned(), sample.fr.to_owned());
        let record = Ok(sample.record(kind)?);
        records.push(BenchRecord { id, group: RecordGroup::Samples, en, fr, record });
    }
    if let Some(csv) = csv {
        let (files, settings) = ([csv.to_owned()], IntakeSettings::default());
        records.extend(rows(RecordGroup::Csv, kind, &files, Path::new(""), &settings)?);
    }
    if let Some(job) = job {
        let settings = IntakeSettings { language: Language::English, ..IntakeSettings::of_job(job, None) };
        let files = local_record_files(job)?;
        records.extend(rows(RecordGroup::Job, kind, &files, &job.path(""), &settings)?);
    }
    Ok(records)
}

/// The first rows of files that lead to a piece of this kind, and those that are no record.
fn rows(
    group: RecordGroup,
    kind: PieceKind,
    files: &[PathBuf],
    folder: &Path,
    settings: &IntakeSettings,
) -> Result<Vec<BenchRecord>, Failure> {
    let rows = first_rows(files, folder, settings, MAX_ROWS)?;
    let wanted =
        rows.into_iter().filter(|row| row.record.as_ref().map_or(true, |record| leads_to(record, kind)));
    Ok(wanted.map(|row| bench_record(group, files, row)).collect())
}

/// Whether a record leads to a piece of this kind.
fn leads_to(record: &Issuance, kind: PieceKind) -> bool {
    match kind {
        PieceKind::Letter => record.reason.letter(),
        PieceKind::Mailer => record.reason.codes(record.replaced_generation) != CodesDuty::None,
    }
}

/// A row, named by its file, line and holder.
fn bench_record(group: RecordGroup, files: &[PathBuf], row: ReadRow) -> BenchRecord {
    let ReadRow { file, line, record } = row;
    let path = files.get(file).and_then(|file| file.file_name()).unwrap_or_default();
    let holder = match &record {
        Ok(record) => record.holder.display_line(&record.organisation),
        Err(findings) => {
            let fields: Vec<&str> = findings.iter().map(|finding| finding.field.as_str()).collect();
            format!("✗ {}", fields.join(", "))
        }
    };
    let name = format!("{}:{line}  {holder}", path.display());
    let name = legible(&name).into_owned();
    let prefix = if group == RecordGroup::Csv { "csv" } else { "job" };
    BenchRecord { id: format!("{prefix}-{file}-{line}"), group, en: name.clone(), fr: name, record }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "card_number,card_family,reason,requested_at,issue_date,expiry_date,replaced_card_number,\
        replaced_generation,ps_id_nat,structure_id,civility,title,last_name,first_name,profession_code,organisation,\
        address_1,address_2,address_3,address_4,address_5,address_6,country,status";
    const GOOD: &str = "2400140649,CPS,first,2026-11-19T10:15:00,,,,,810003879623,,MME,DR,MARTIN,Françoise,10,,,,,\
        9 RUE GEORGES PITARD,,75015 PARIS,,issued";

    #[test]
    fn rows_are_named_by_file_and_line_and_bad_ones_say_their_column() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cards.csv");
        let bad = GOOD.replace("2400140649", "2400140656").replace("75015 PARIS", "");
        let again = GOOD.replace("2400140649", "2400140663").replace(",first,", ",codes_reissue,");
        fs_err::write(&file, format!("{HEADER}\n{GOOD}\n{bad}\n{again}\n")).unwrap();
        let rows = |kind| -> Vec<BenchRecord> {
            let records = bench_records(kind, Some(&file), None).unwrap();
            records.into_iter().filter(|record| record.group == RecordGroup::Csv).collect()
        };
        let letters = rows(PieceKind::Letter);
        let names: Vec<&str> = letters.iter().map(|record| record.en.as_str()).collect();
        assert_eq!(names, ["cards.csv:2  Dr MARTIN Françoise", "cards.csv:3  ✗ address_6"]);
        let failure = letters[1].issuance().unwrap_err();
        assert_eq!(failure.parts()[0].position().and_then(|position| position.line), Some(3));
        assert!(failure.parts()[0].message().starts_with("address_6: "), "{failure}");
        assert_eq!(rows(PieceKind::Mailer).len(), 3);
    }
}
