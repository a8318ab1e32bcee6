//! The sealed files of a lot: those that the ledger knows, or those in a folder at a press that has no job.

use std::path::{Path, PathBuf};

use super::{SEALED, records_folder, shown};
use crate::failure::Failure;
use crate::job::{Job, OutputLocation};
use crate::ledger::Ledger;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// How the name of a sealed print file ends.
const PRINT_FILE: &str = ".pdf.age";

/// A lot of mailers.
#[derive(Debug)]
pub(crate) struct SealedLot {
    /// Its name with its kind, such as `M26327A`.
    pub(super) name: String,
    files: Vec<SealedFile>,
    /// The folder of the records of its openings.
    pub(super) records: PathBuf,
}

/// The files by which the folder of a job, and that of its outputs, are known.
const OF_JOBS: [&str; 2] = ["job.toml", "ledger.stamp"];

/// Refuses a folder of a job: what is opened there is counted, logged and approved by the job.
///
/// # Errors
/// `unseal_job`; I/O errors: the folder is not there.
fn refuse_folder_of_job(folder: &Path) -> Result<(), Failure> {
    let whole = fs_err::canonicalize(folder)?;
    let is_of_job = |above: &&Path| OF_JOBS.iter().any(|name| above.join(name).symlink_metadata().is_ok());
    match whole.ancestors().find(is_of_job) {
        None => Ok(()),
        Some(job) => {
            let problem =
                format!("it lies in the folder of a job, {}, which counts what is opened", shown(job));
            Err(Failure::refused("unseal_job", problem)
                .in_file(shown(folder))
                .with_advice("name the job with `--job`, and leave `--folder` out"))
        }
    }
}

/// A sealed print file.
#[derive(Debug)]
pub(super) struct SealedFile {
    /// Its name without its folder.
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// SHA-256 of the released bytes; `None` where no ledger says so.
    pub(super) sha256: Option<String>,
}

impl SealedLot {
    /// The lot as the ledger of a job has it.
    ///
    /// # Errors
    /// `unseal_object_store`: the nights are in an object store; ledger errors.
    pub(crate) fn of_job(job: &Job, ledger: &Ledger, name: &LotName) -> Result<SealedLot, Failure> {
        let OutputLocation::Folder(out) = job.output() else {
            return Err(Failure::usage("unseal_object_store", "the job's nights are in an object store")
                .with_advice("copy the lot's sealed files to a folder, and name it with `--folder`"));
        };
        let lots = ledger.lots(Some(name.as_str()))?;
        let night = lots.into_iter().find(|lot| lot.kind == PieceKind::Mailer.code()).map(|lot| lot.night);
        let folder = out.join(night.unwrap_or_default());
        let files = ledger.files_in_place(name, PieceKind::Mailer)?.into_iter();
        let files = files.filter(|(path, _)| path.ends_with(PRINT_FILE)).map(|(path, sha256)| SealedFile {
            name: path.rsplit('/').next().unwrap_or(&path).to_owned(),
            path: folder.join(&path),
            sha256: Some(sha256),
        });
        let records = records_folder(&job.path(""));
        Ok(SealedLot { name: name.marked(PieceKind::Mailer), files: files.collect(), records })
    }

    /// The lot's files in a folder, or in its folder `mailers`.
    ///
    /// # Errors
    /// `unseal_job`: the folder is a job's; I/O errors: it can't be listed.
    pub(crate) fn in_folder(folder: &Path, name: &LotName) -> Result<SealedLot, Failure> {
        refuse_folder_of_job(folder)?;
        let below = folder.join(PieceKind::Mailer.folder());
        let listed = if below.is_dir() { below.as_path() } else { folder };
        let prefix = format!("{name}-");
        let mut files = Vec::new();
        for entry in fs_err::read_dir(listed)? {
            let path = entry?.path();
            let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
            let number = file.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(PRINT_FILE));
            if number.is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit())) {
                files.push(SealedFile { name: file.to_owned(), path: path.clone(), sha256: None });
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let records = records_folder(folder);
        Ok(SealedLot { name: name.marked(PieceKind::Mailer), files, records })
    }

    /// The files to open: all, or the one of this name, with or without its ending.
    ///
    /// # Errors
    /// `unseal_nothing`: there is no sealed file; `unseal_unknown_file`.
    pub(super) fn chosen(&self, file: Option<&str>) -> Result<Vec<&SealedFile>, Failure> {
        if self.files.is_empty() {
            let problem = format!("lot {} has no sealed print file here", self.name);
            return Err(Failure::usage("unseal_nothing", problem).with_advice(
                "see `output.unsealed` in the job file, and whether the lot's files were purged",
            ));
        }
        let Some(wanted) = file else { return Ok(self.files.iter().collect()) };
        let is_wanted =
            |file: &&SealedFile| file.name == wanted || file.name.strip_suffix(SEALED) == Some(wanted);
        let chosen: Vec<&SealedFile> = self.files.iter().filter(is_wanted).collect();
        if chosen.is_empty() {
            let names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
            let problem = format!("lot {} has no file `{}`", self.name, shown(Path::new(wanted)));
            return Err(Failure::usage("unseal_unknown_file", problem)
                .with_advice(format!("its files are {}", names.join(", "))));
        }
        Ok(chosen)
    }
}
