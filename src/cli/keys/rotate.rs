//! `pli keys rotate`

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::dates::{DatedKey, approved, approving, named, refuse_disorder};
use super::location;
use super::of_job::OfJob;
use crate::approvals;
use crate::cli::acts::Act;
use crate::cli::approve::RequestKey;
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::vault::{Following, KeyRegister, KeySummary, RotatedKey, change_register, rotated_key};

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

/// The first key of a file, or the key of a token.
fn describe_first(key: &KeyLocation) -> Result<KeySummary, Failure> {
    Ok(crate::vault::describe(key)?)
}
