//! The nights' folders, on this machine or in an object store: files are read, replaced and removed there.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{LeftFile, PurgeReport};
use crate::certificate::{CERTIFICATE_ENDING, salts_name};
use crate::failure::Failure;
use crate::files::{remove_file, sync_folders, write_whole};
use crate::job::{Job, ObjectUrl, OutputLocation};
use crate::ledger::{Ledger, LotFile, PurgeOrder, ReleaseMark};
use crate::night::release::NightOutput;
use crate::store::Bucket;

/// The largest report or table that is read, in bytes.
pub(super) const MAX_FILE: u64 = 1 << 30;

/// The place of all nights.
pub(super) struct Outputs<'j> {
    job: &'j Job,
    place: Place,
}

/// Where it is.
enum Place {
    Folder(PathBuf),
    Objects(ObjectUrl, Box<Bucket>),
}

/// What is left of a `run.json`: it still says that its night was released, and by which ledger.
#[derive(Serialize, Deserialize)]
struct PurgedReport {
    night: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<ReleaseMark>,
    /// The day on which the report was purged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purged: Option<String>,
}

impl<'j> Outputs<'j> {
    /// The place of a job's nights. Does not connect to an object store yet.
    pub(super) fn of(job: &'j Job) -> Result<Outputs<'j>, Failure> {
        let place = match job.output() {
            OutputLocation::Folder(folder) => Place::Folder(folder),
            OutputLocation::Objects(url) => {
                let bucket = Box::new(Bucket::open(&url)?);
                Place::Objects(url, bucket)
            }
        };
        Ok(Outputs { job, place })
    }

    /// The path or URL of a file, for a person.
    pub(super) fn display(&self, name: &str) -> String {
        match &self.place {
            Place::Folder(folder) => folder.join(name).display().to_string(),
            Place::Objects(url, ..) => url.join(name).to_string(),
        }
    }

    /// The bytes of a file; `None` where there is none.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        match &self.place {
            Place::Folder(folder) => match foreign::read(&folder.join(name), MAX_FILE) {
                Err(error) if error.error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Failure::midway("output_unreadable", error.to_string())
                    .in_file(&error.file)
                    .with_advice("let this user read the outputs, then run the same command again")
                    .caused_by(error)),
                Ok(bytes) => Ok(Some(bytes)),
            },
            Place::Objects(_, bucket) => Ok(bucket.read(name, MAX_FILE)?),
        }
    }

    fn holds(&self, name: &str) -> Result<bool, Failure> {
        match &self.place {
            Place::Folder(folder) => Ok(folder.join(name).exists()),
            Place::Objects(_, bucket) => Ok(bucket.holds(name)?),
        }
    }

    /// Gives a file of a night other bytes, all at once. It is drafted in the night's staging folder.
    pub(super) fn replace(&self, night: &str, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let Ok(day) = night.parse() else { return Ok(()) };
        let output = NightOutput::of(self.job, day)?;
        output.report(name, |draft| Ok(write_whole(draft, bytes)?))?;
        Ok(output.clear()?)
    }

    /// Removes a file durably; there may be none.
    pub(super) fn remove(&self, name: &str) -> Result<(), Failure> {
        match &self.place {
            Place::Folder(folder) => Ok(remove_file(&folder.join(name))?),
            Place::Objects(_, bucket) => Ok(bucket.remove(name)?),
        }
    }

    /// Removes what a purge removes here.
    pub(super) fn purge(
        &self,
        ledger: &Ledger,
        order: &PurgeOrder,
        report: &mut PurgeReport,
    ) -> Result<(), Failure> {
        let limit = |days| order.limit(days);
        let files = ledger.files_until(limit(order.retention.files))?;
        for file in &files {
            report.count("print_files", &file.night);
            if !order.dry_run {
                self.remove(&place_of(file))?;
                self.forget_salts(&place_of(file))?;
            }
        }
        if !order.dry_run {
            let nights: BTreeSet<&str> = files.iter().map(|file| file.night.as_str()).collect();
            nights.iter().try_for_each(|night| self.tidy(night))?;
            ledger.note_removed(&files, order.day)?;
        }
        for night in ledger.nights_until(limit(order.retention.findings))? {
            for table in ["rejects.csv", "warnings.csv"] {
                self.end_table(&format!("{night}/{table}"), night, order, report)?;
            }
        }
        for night in ledger.nights_until(limit(order.retention.events))? {
            self.end_reports(night, ledger, order, report)?;
        }
        self.name_strangers(ledger, limit(order.retention.files), report)
    }

    /// Removes the salts of a lot whose certificate goes: nobody can try texts against its digests any more.
    pub(super) fn forget_salts(&self, certificate: &str) -> Result<(), Failure> {
        let Some(lot) = certificate.strip_suffix(CERTIFICATE_ENDING) else { return Ok(()) };
        let salts = self.job.proof_salts().join(salts_name(lot));
        remove_file(&salts)?;
        for folder in salts.ancestors().skip(1).take(2) {
            // A folder with other lots in it stays.
            let _ = fs_err::remove_dir(folder);
        }
        Ok(())
    }

    fn end_table(
        &self,
        name: &str,
        night: Date,
        order: &PurgeOrder,
        report: &mut PurgeReport,
    ) -> Result<(), Failure> {
        if self.holds(name)? {
            report.count("findings_tables", &night.to_string());
            if !order.dry_run {
                self.remove(name)?;
            }
        }
        Ok(())
    }

    /// Removes the reports of a night's runs. The last one keeps its night and its release, which the ledger is held against.
    fn end_reports(
        &self,
        night: Date,
        ledger: &Ledger,
        order: &PurgeOrder,
        report: &mut PurgeReport,
    ) -> Result<(), Failure> {
        for number in 1..ledger.runs_of_night(night)? {
            let name = format!("{night}/run-{number}.json");
            if self.holds(&name)? {
                report.count("run_reports", &night.to_string());
                if !order.dry_run {
                    self.remove(&name)?;
                }
            }
        }
        let name = format!("{night}/run.json");
        let Some(bytes) = self.read(&name)? else { return Ok(()) };
        let found: Option<PurgedReport> = serde_json::from_slice(&bytes).ok();
        if found.as_ref().is_some_and(|found| found.purged.is_some()) {
            return Ok(());
        }
        report.count("run_reports", &night.to_string());
        if order.dry_run {
            return Ok(());
        }
        let ledger = found.and_then(|found| found.ledger);
        let kept = PurgedReport { night: night.to_string(), ledger, purged: Some(order.day.to_string()) };
        self.replace(
            &night.to_string(),
            "run.json",
            &serde_json::to_vec_pretty(&kept).map_err(io::Error::from)?,
        )
    }

    /// Removes the folders of a night's lots where nothing is left in them, and syncs the night's.
    fn tidy(&self, night: &str) -> Result<(), Failure> {
        let Place::Folder(folder) = &self.place else { return Ok(()) };
        let night = folder.join(night);
        for lots in ["letters", "mailers"] {
            // A folder with other files in it stays.
            let _ = fs_err::remove_dir(night.join(lots));
        }
        Ok(sync_folders(&night, &["letters/-".to_owned(), "mailers/-".to_owned()])?)
    }

    /// Names the files of old nights that no lot of the ledger has.
    fn name_strangers(&self, ledger: &Ledger, limit: Date, report: &mut PurgeReport) -> Result<(), Failure> {
        let Place::Folder(folder) = &self.place else { return Ok(()) };
        for night in ledger.nights_until(limit)? {
            let known: BTreeSet<PathBuf> = ledger.paths_of_night(night)?.into_iter().collect();
            for lots in ["letters", "mailers"] {
                for entry in fs_err::read_dir(folder.join(night.to_string()).join(lots)).into_iter().flatten()
                {
                    let name = entry?.file_name();
                    if !known.contains(&Path::new(lots).join(&name)) {
                        let path = folder.join(night.to_string()).join(lots).join(&name);
                        let reason = format!(
                            "the ledger of {} does not know this file; remove it if it names somebody",
                            self.job.file.display()
                        );
                        report.left.push(LeftFile { path: path.display().to_string(), reason });
                    }
                }
            }
        }
        Ok(())
    }
}

/// The path of a lot's file, relative to the place of all nights.
pub(super) fn place_of(file: &LotFile) -> String {
    format!("{}/{}", file.night, file.path)
}
