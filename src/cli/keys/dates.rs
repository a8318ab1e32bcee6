//! `pli keys rotate`, `pli keys retire`, and the dates of keys

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::location;
use crate::approvals::{self, Subject, hash};
use crate::audit::{RETIRE, from_day, of_key};
use crate::cli::acts::{Act, job_of_key, jobs_of_key};
use crate::cli::approve::RequestKey;
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::night::{lock_alone, ready_ledger};
use crate::vault::{
    Following, KeyDates, KeyRegister, KeySummary, RotatedKey, change_register, describe_public,
    folder_of_job, rotated_key,
};

/// The job to which a key belongs.
#[derive(Debug, Args)]
pub(in crate::cli) struct OfJob {
    /// The job of the key; default: the one whose folder, or its `keys`, holds the key, if there is one job alone
    #[arg(long, value_name = "JOB")]
    job: Option<PathBuf>,
}

impl OfJob {
    /// The path of the job, for the audit log.
    pub(super) fn path(&self, key: &Path) -> Option<PathBuf> {
        match (&self.job, location(key)) {
            (Some(job), _) => Some(job.clone()),
            (None, Ok(KeyLocation::File(file))) => job_of_key(&file),
            _ => None,
        }
    }

    /// The job; `None` for a key that belongs to none.
    fn job(&self, key: &Path) -> Result<Option<Job>, Failure> {
        Ok(self.path(key).map(|job| Job::load(&job)).transpose()?)
    }

    /// The job, for a command that changes the dates of a key.
    ///
    /// # Errors
    /// `key_job`: several jobs may have it, or none is known and a register lies beside the key; those of the job.
    fn job_to_change(&self, key: &Path) -> Result<Option<Job>, Failure> {
        let job = self.job(key)?;
        if let (None, KeyLocation::File(file)) = (&job, location(key)?) {
            let register = KeyRegister::file_in(&beside(&file));
            let (several, dated) = (!jobs_of_key(&file).is_empty(), register.symlink_metadata().is_ok());
            if several || dated {
                let problem = match several {
                    true => {
                        "several job files lie there, and the approvers and the log of its job are to know of the change"
                    }
                    false => {
                        "its days in `register.toml` may be a job's, whose approvers and log are to know of the change"
                    }
                };
                let file = foreign::legible(&file.display().to_string()).into_owned();
                return Err(Failure::usage("key_job", problem).in_file(file).with_advice(
                    "name the job of the key with `--job`; the days of a key of no job are written into `register.toml` by hand",
                ));
            }
        }
        Ok(job)
    }

    /// The folder whose register has the dates of a key.
    fn folder(&self, key: &Path, job: Option<&Job>) -> Result<PathBuf, Failure> {
        match (job, location(key)?) {
            (Some(job), _) => Ok(folder_of_job(job)),
            (None, KeyLocation::File(file)) => Ok(beside(&file)),
            (None, KeyLocation::Token(_)) => {
                Err(Failure::usage("key_register", "a token has no register of dates")
                    .with_advice("name the job of the key with `--job`: its `keys/register.toml` has them"))
            }
        }
    }

    /// The register that has the dates of a key, to be read.
    ///
    /// # Errors
    /// Those of the register, and of a job that is named.
    pub(super) fn register(&self, key: &Path) -> Result<KeyRegister, Failure> {
        if let Some(job) = &self.job {
            return Ok(KeyRegister::of_job(&Job::load(job)?)?);
        }
        // Keys can be described beside a job that can't be used.
        match (self.job(key).ok().flatten(), location(key)?) {
            (Some(job), _) => Ok(KeyRegister::of_job(&job)?),
            (None, KeyLocation::File(path)) if path.is_dir() => Ok(KeyRegister::of_folder(&path)?),
            (None, KeyLocation::File(file)) => Ok(KeyRegister::of_folder(&beside(&file))?),
            (None, KeyLocation::Token(_)) => Ok(KeyRegister::default()),
        }
    }
}

fn beside(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// The days on which a new key is valid.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewDates {
    /// The first day on which it is valid; a run refuses it before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::night_date::parse)]
    from: Option<Date>,
    /// The last day on which it is valid; a run tells of it 30 days before, and refuses it after
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::night_date::parse)]
    to: Option<Date>,
}

impl NewDates {
    /// Finds, before the key is made, where its dates are to be written; `None` where it gets none.
    ///
    /// # Errors
    /// `key_dates`: the last day is before the first; `key_register`: a token without a job; those of job and register.
    pub(super) fn folder(&self, of_job: &OfJob, key: &Path) -> Result<Option<PathBuf>, Failure> {
        if self.from.is_none() && self.to.is_none() {
            return Ok(None);
        }
        refuse_disorder(self.from, self.to)?;
        let folder = of_job.folder(key, of_job.job(key)?.as_ref())?;
        KeyRegister::of_folder(&folder)?;
        Ok(Some(folder))
    }

    /// Writes the dates of a key.
    ///
    /// # Errors
    /// Those of the register.
    pub(super) fn write(&self, folder: &Path, key: &KeySummary) -> Result<(), Failure> {
        Ok(change_register(folder, |register| {
            let dates = register.entry(key);
            (dates.valid_from, dates.valid_to) = (self.from, self.to);
            Ok(())
        })?)
    }
}

fn refuse_disorder(from: Option<Date>, to: Option<Date>) -> Result<(), Failure> {
    match from.zip(to) {
        Some((from, to)) if from > to => {
            let problem = format!("the last day, {to}, is before the first, {from}");
            Err(Failure::usage("key_dates", problem).with_advice("correct `--from` or `--to`"))
        }
        _ => Ok(()),
    }
}

/// A key with its dates.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct DatedKey {
    #[serde(flatten)]
    pub(super) key: KeySummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_from: Option<Date>,
}

impl DatedKey {
    /// A key with the dates of a register.
    pub(super) fn of(key: KeySummary, register: &KeyRegister) -> DatedKey {
        let dates: Vec<&KeyDates> = register.dates(&key).collect();
        DatedKey {
            valid_from: dates.iter().filter_map(|dates| dates.valid_from).max(),
            valid_to: dates.iter().filter_map(|dates| dates.valid_to).min(),
            retired_from: dates.iter().filter_map(|dates| dates.retired_from).min(),
            key,
        }
    }

    /// One line for a person.
    pub(super) fn line(&self) -> String {
        let KeySummary { fingerprint, kind, file, .. } = &self.key;
        let words = [
            ("valid from", self.valid_from),
            ("valid to", self.valid_to),
            ("retired from", self.retired_from),
        ];
        let words: Vec<String> =
            words.into_iter().filter_map(|(word, day)| Some(format!("{word} {}", day?))).collect();
        let dates = if words.is_empty() { String::new() } else { format!("  {}", words.join(", ")) };
        format!("{fingerprint}  {kind}  {}{dates}", foreign::legible(file))
    }
}

/// A key that gets its successor.
#[derive(Debug, Args)]
pub(in crate::cli) struct Rotate {
    /// The key that is followed: the private key's file, or a PKCS#11 URI
    #[arg(value_name = "FILE|URI")]
    old: PathBuf,
    /// The successor's file, its public key beside it; or, for signing, a token's PKCS#11 URI
    #[arg(long, value_name = "FILE|URI")]
    output: PathBuf,
    /// The first day of the successor; a signing key that it follows signs until the day before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::night_date::parse)]
    from: Date,
    /// The last day of the successor
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::night_date::parse)]
    to: Date,
    #[command(flatten)]
    of_job: OfJob,
    #[command(flatten)]
    request: RequestKey,
}

/// A rotation that was done.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Rotated {
    old: DatedKey,
    new: DatedKey,
    /// What the job is to have from the first day on.
    job_line: String,
}

impl Rotate {
    /// What the audit log has of it.
    pub(super) fn act(&self) -> Option<Act> {
        let act = Act::new(&self.of_job.path(&self.old)?, "keys rotate");
        Some(act.option(true, named(&self.old)).option(true, format_args!("from={}", self.from)))
    }

    /// Makes the successor, once two persons approved where the job says so.
    ///
    /// # Errors
    /// `key_dates`, `key_register`, `key_job`, `approval_needed`; those of keys, job and register.
    pub(super) fn run(&self) -> Result<Rotated, Failure> {
        refuse_disorder(Some(self.from), Some(self.to))?;
        let (old, output) = (location(&self.old)?, location(&self.output)?);
        let job = self.of_job.job_to_change(&self.old)?;
        let folder = self.of_job.folder(&self.old, job.as_ref())?;
        KeyRegister::of_folder(&folder)?;
        if let Some(job) = approving(job.as_ref()) {
            let key = describe_first(&old)?;
            let details = [
                ("successor", output.to_string()),
                ("first day", self.from.to_string()),
                ("last day", self.to.to_string()),
            ];
            approved(job, &self.request, approvals::Act::RotateKey, &key, details)?;
        }
        let RotatedKey { old, new } = self.made(&folder, &old, &output)?;
        change_register(&folder, |register| {
            let dates = register.entry(&new);
            (dates.valid_from, dates.valid_to) = (Some(self.from), Some(self.to));
            let dates = register.entry(&old);
            dates.following = None;
            dates.successor = Some(new.fingerprint.clone());
            if old.kind != "age"
                && let Ok(before) = self.from.yesterday()
            {
                // A key whose own days begin later never signs.
                dates.valid_to = Some(dates.valid_to.map_or(before, |known| known.min(before)));
                dates.valid_from = dates.valid_from.map(|from| from.min(before));
            }
            Ok(())
        })?;
        let register = KeyRegister::of_folder(&folder)?;
        let job_line = self.job_line(job.as_ref(), &new);
        Ok(Rotated { old: DatedKey::of(old, &register), new: DatedKey::of(new, &register), job_line })
    }

    /// Makes the successor once the register says that it comes. What an earlier command made that was killed is taken.
    fn made(&self, folder: &Path, old: &KeyLocation, output: &KeyLocation) -> Result<RotatedKey, Failure> {
        let following = Following { file: output.to_string(), from: self.from, to: self.to };
        let key = describe_first(old)?;
        let begun = change_register(folder, |register| {
            let before = register.entry(&key).following.replace(following.clone());
            Ok(before.is_some_and(|before| before.file == following.file))
        })?;
        rotated_key(old, output, begun).map_err(|error| {
            // What was begun before stays to be finished.
            let undone = (!begun).then(|| {
                change_register(folder, |register| {
                    register.entry(&key).following = None;
                    register.drop_blank();
                    Ok(())
                })
            });
            undone.and_then(Result::err).unwrap_or(error).into()
        })
    }

    /// What the job is to have.
    fn job_line(&self, job: Option<&Job>, new: &KeySummary) -> String {
        let base = job.and_then(|job| std::path::absolute(job.path(".")).ok());
        let relative = |file: &Path| {
            let whole = std::path::absolute(file).ok();
            let within = whole
                .zip(base.as_ref())
                .and_then(|(file, base)| Some(file.strip_prefix(base).ok()?.to_owned()));
            within.unwrap_or_else(|| file.to_owned()).display().to_string()
        };
        let old = std::path::absolute(&self.old).ok();
        let same = |file: PathBuf| std::path::absolute(file).ok() == old;
        if new.kind != "age" {
            return format!("[signing] key = {:?}", relative(&self.output));
        }
        match job {
            Some(job) if same(job.mailers().codes_identity) => {
                format!("[input] codes_identity = {:?}", relative(&self.output))
            }
            Some(job) if same(job.cards_identity()) => {
                format!("[input] cards_identity = {:?}", relative(&self.output))
            }
            _ => format!("[output] seal_to = [{:?}]", relative(&self.output.with_extension("pub"))),
        }
    }
}

impl Rotated {
    /// What was made, and what is to be done, for a person.
    pub(super) fn text(&self) -> String {
        let from = self.new.valid_from.map(|day| day.to_string()).unwrap_or_default();
        let next = match self.new.key.kind.as_str() {
            "age" => {
                "the old key is in the new file too: both open what was sealed to them. Give the new public key to those who seal to it"
            }
            _ => {
                "give both public keys to those who verify: `pli keys export KEY --id CA/CERTIFICATE` writes them with their days"
            }
        };
        format!(
            "{}\n{}\n  from {from} on the job has: {}\n  {next}",
            self.new.line(),
            self.old.line(),
            self.job_line
        )
    }
}

/// A key that is retired.
#[derive(Debug, Args)]
pub(in crate::cli) struct Retire {
    /// The key: a private or public key's file, a recipient (`age1…`), or a PKCS#11 URI
    #[arg(value_name = "FILE|RECIPIENT|URI")]
    retired: PathBuf,
    /// The first day on which it is used no more. What it signed with an earlier date stays valid
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::night_date::parse)]
    from: Date,
    #[command(flatten)]
    of_job: OfJob,
    #[command(flatten)]
    request: RequestKey,
}

impl Retire {
    /// What the audit log has of it.
    pub(super) fn act(&self) -> Option<Act> {
        let act = Act::new(&self.of_job.path(&self.retired)?, RETIRE).option(true, named(&self.retired));
        let key = location(&self.retired).ok().and_then(|key| describe_public(&key).ok());
        let act = act.option(true, from_day(self.from));
        // By the fingerprint the register is held against the log.
        Some(match key {
            Some(key) => act.option(true, of_key(&key.fingerprint)),
            None => act,
        })
    }

    /// Retires the key, once two persons approved where the job says so.
    ///
    /// # Errors
    /// `key_retired`: it is retired from an earlier day on; `key_register`, `key_job`, `approval_needed`; those of key, job and register.
    pub(super) fn run(&self) -> Result<DatedKey, Failure> {
        let key = describe_public(&location(&self.retired)?)?;
        let job = self.of_job.job_to_change(&self.retired)?;
        let folder = self.of_job.folder(&self.retired, job.as_ref())?;
        let register = KeyRegister::of_folder(&folder)?;
        let known = register.dates(&key).find_map(|dates| dates.retired_from);
        if let Some(known) = known.filter(|known| *known < self.from) {
            let problem = format!("the key {} is retired from {known} on already", key.fingerprint);
            return Err(Failure::usage("key_retired", problem)
                .with_advice("a retirement is not put off; make another key with `pli keys rotate`"));
        }
        if known != Some(self.from) {
            if let Some(job) = approving(job.as_ref()) {
                let details = [("first day without it", self.from.to_string())];
                approved(job, &self.request, approvals::Act::RetireKey, &key, details)?;
            }
            change_register(&folder, |register| {
                register.entry(&key).retired_from = Some(self.from);
                Ok(())
            })?;
        }
        let register = KeyRegister::of_folder(&folder)?;
        Ok(DatedKey::of(key, &register))
    }
}

/// What is to be done about a retired key, for a person.
pub(super) fn retired_text(key: &DatedKey) -> String {
    let next = match key.key.kind.as_str() {
        "age" => "no run seals to it or opens codes with it from that day on; take it out of the job",
        _ => {
            "write its public key again into each trust folder, so that others know the day, too: `pli keys export KEY --id CA/CERTIFICATE`"
        }
    };
    format!("{}\n  {next}", key.line())
}

/// The job, where its approvers are asked.
fn approving(job: Option<&Job>) -> Option<&Job> {
    job.filter(|job| job.lists_approvers())
}

/// Lets an act on a key pass that two persons approved.
fn approved<const N: usize>(
    job: &Job,
    request: &RequestKey,
    act: approvals::Act,
    key: &KeySummary,
    details: [(&str, String); N],
) -> Result<(), Failure> {
    let _lock = lock_alone(job)?;
    let ledger = ready_ledger(job)?;
    let subject =
        Subject::new(act, Vec::new(), details).under(format!("key {}", key.fingerprint), hash(&key.public));
    approvals::pass(job, &ledger, &request.asking()?, vec![subject])
}

/// The first key of a file, or the key of a token.
fn describe_first(key: &KeyLocation) -> Result<KeySummary, Failure> {
    Ok(crate::vault::describe(key)?)
}

/// A key's name for the audit log: its file's name, its recipient, or its URI without where the PIN is.
fn named(key: &Path) -> String {
    match location(key) {
        Ok(KeyLocation::File(file)) => {
            let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
            format!("key={}", foreign::legible(&name))
        }
        Ok(token) => format!("key={token}"),
        Err(_) => "key".to_owned(),
    }
}
