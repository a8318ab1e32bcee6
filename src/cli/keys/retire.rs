//! `pli keys retire`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::dates::{DatedKey, approved, approving, named};
use super::location;
use super::of_job::OfJob;
use crate::approvals;
use crate::audit::{RETIRE, from_day, of_key};
use crate::cli::acts::Act;
use crate::cli::approve::RequestKey;
use crate::failure::Failure;
use crate::vault::{KeyRegister, change_register, describe_public};

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
