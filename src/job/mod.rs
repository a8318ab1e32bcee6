//! The job file: the settings of a night, read once and validated before work starts.

mod approvals;
mod audit;
mod card_rules;
pub(crate) mod commented;
mod dated_template;
mod error;
mod feedback;
mod keeping;
mod key_location;
mod ledger_home;
mod mapping;
mod object_url;
mod owner;
mod percent;
mod postal;
mod press;
mod returns;
mod secret;
mod sections;
mod server_address;
mod settings;

use crate::files::hexadecimal;
use foreign::{is_unprintable, key_offset, line_and_column, plain_words};
use std::path::{Path, PathBuf};

use jiff::civil::{Date, Time};
use sha2::{Digest, Sha256};
use template::Paper;

pub use error::JobError;
pub(crate) use keeping::{Dispatch, Retention};
pub use key_location::{KeyLocation, KeyUriFault, TokenKey};
pub(crate) use ledger_home::{LedgerHome, LedgerLocation};
pub use mail::Encoding;
pub use mapping::RecordMapping;
pub(crate) use mapping::{
    CLIENT_REF, Column, FixedColumn, FixedLayout, Place, Trailer, header_name, line_to_add, quoted,
};
pub(crate) use object_url::{ObjectUrl, OutputLocation};
pub(crate) use owner::JobOwner;
pub(crate) use postal::{Bundle, BundleArea, LetterOrder, Postage, PostalWeight};
pub(crate) use press::{Duplex, Imposition, Press};
pub(crate) use returns::OnHold;
pub use secret::Secret;
pub use sections::{Bureau, SigningProfile};
pub(crate) use sections::{ClosedDay, Input, Sections};
pub(crate) use server_address::{ServerAddress, ServerHost, ServerTls};

/// The largest job file that is read, in bytes.
const MAX_JOB_FILE_SIZE: u64 = 1 << 20;

/// A validated job. Paths are absolute or relative to the current folder.
#[derive(Debug, Clone)]
pub struct Job {
    /// The job file.
    pub file: PathBuf,
    /// The tables of the job file. The methods of [`Job`] return their settings as a night uses them.
    pub(crate) sections: Sections,
    /// SHA-256 of the file's text, in hexadecimal.
    digest: String,
    /// The facts of the bureau that the file leaves out.
    bureau_left_out: Vec<&'static str>,
    /// Whether the file leaves out the prefix of tracking identifiers.
    tracking_prefix_left_out: bool,
}

impl Job {
    /// Reads and validates a job file (or the `job.toml` of a folder).
    ///
    /// # Errors
    /// [`JobError::Unreadable`]; [`JobError::HoldsSecret`]: a private key or a PIN; [`JobError::Invalid`]: an unknown key, a missing key or a value out of range, with line and
    /// column.
    pub fn load(path: &Path) -> Result<Job, JobError> {
        let file = if path.is_dir() { path.join("job.toml") } else { path.to_owned() };
        let text = foreign::read_text(&file, MAX_JOB_FILE_SIZE)?;
        let name = file.display().to_string();
        if let Some((offset, secret)) = Secret::find(&text) {
            let (line, column) = line_and_column(&text, offset);
            return Err(JobError::HoldsSecret { file: name, line, column, secret });
        }
        let invalid = |offset: usize, message: String, advice: String| {
            let (line, column) = line_and_column(&text, offset);
            JobError::Invalid { file: name.clone(), line, column, message, advice }
        };
        let sections: Sections = toml::from_str(&text).map_err(|error| {
            let (message, advice) = plain_words(error.message());
            let advice = advice.unwrap_or_else(|| "correct this line of the job file".to_owned());
            invalid(error.span().map_or(0, |span| span.start), message, advice)
        })?;
        let bureau_left_out = sections::left_out_of_bureau(&text);
        let tracking_prefix_left_out = !sections::says(&text, "mailers", "tracking_prefix");
        let digest = hexadecimal(Sha256::digest(&text));
        let job = Job { file, sections, digest, bureau_left_out, tracking_prefix_left_out };
        match job.fault() {
            None => Ok(job),
            Some((key, message)) => {
                // What is wrong stands before the advice, where the advice alone does not say it.
                let (problem, advice) =
                    message.rsplit_once("; ").unwrap_or(("can't be used as it is", &message));
                let colon = if message.contains("; ") { ":" } else { "" };
                Err(invalid(key_offset(&text, &key), format!("`{key}`{colon} {problem}"), advice.to_owned()))
            }
        }
    }

    /// A path of the job, relative to the job file's folder.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        match self.file.parent() {
            Some(folder) if folder.as_os_str().is_empty() => path.as_ref().to_owned(),
            Some(folder) => folder.join(path),
            None => path.as_ref().to_owned(),
        }
    }

    /// The first value that is out of range: its key and the advice, with the problem and `; ` before it where the advice
    /// alone does not say it.
    fn fault(&self) -> Option<(String, String)> {
        let s = &self.sections;
        let ranged = |ok: bool, key, message: &str| (!ok).then(|| (key, message.to_owned()));
        ranged(!s.bureau.name.trim().is_empty(), "name", "write the issuer's name")
            .or_else(|| {
                let (key, _) = s.bureau.texts().find(|(_, text)| text.chars().any(is_unprintable))?;
                let message = "a character in it can't be printed; write it on one line, without control characters";
                Some((key, message.to_owned()))
            })
            .or_else(|| {
                let OutputLocation::Folder(folder) = self.output() else { return None };
                let taken = folder.exists() && !folder.is_dir();
                ranged(!taken, "dir", "a file has this name, and nights are written into a folder; name a folder, or move the file away")
            })
            .or_else(|| {
                let (url, scratch) = (s.output.scratch.to_string_lossy().contains("://"), self.scratch());
                let usable = !url && (scratch.is_dir() || !scratch.exists());
                ranged(usable, "scratch", "locks and spools need a folder; name one of this machine, or of a file system that all shards mount")
            })
            .or_else(|| ranged(!s.input.cards.is_empty(), "cards", "name at least one file or glob"))
            .or_else(|| ranged(s.output.pieces_per_file > 0, "pieces_per_file", "must be 1 or more"))
            .or_else(|| ranged(s.bureau.name.chars().count() <= 60, "name", "write at most 60 characters"))
            .or_else(|| {
                let patterns = s.input.cards.iter().map(|text| ("cards", text));
                let patterns = patterns.chain(s.input.codes.iter().map(|text| ("codes", text)));
                let mut faults = patterns
                    .filter_map(|(key, text)| Some((key, ObjectUrl::parse(text)?.err()?.to_string())));
                faults.next()
            })
            .or_else(|| {
                let mut patterns = s.input.cards.iter().chain(&s.input.codes);
                let folder = patterns.any(|text| ObjectUrl::parse(text).is_none());
                let message = "announcements are looked for in folders, and `cards` and `codes` name object stores only; leave `announced` out, or add the pattern of a folder to `cards`";
                ranged(folder || !s.input.announced, "announced", message)
            })
            .or_else(|| {
                let message = "what comes by standard input has no signature, and `signers` asks for one; have codes sent as files, or leave `codes_piped` out";
                ranged(!s.input.codes_piped || s.input.signers.is_empty(), "codes_piped", message)
            })
            .or_else(|| {
                let objects = matches!(s.output.dir, OutputLocation::Objects(_));
                let message = "mailers in clear never leave this machine; leave `unsealed` out, or name a folder as `output.dir`";
                ranged(!(objects && s.output.unsealed), "unsealed", message)
            })
            .or_else(|| s.letters.template.fault().map(|fault| ("letters.template", fault.to_owned())))
            .or_else(|| s.mailers.template.fault().map(|fault| ("mailers.template", fault.to_owned())))
            .or_else(|| s.postage.fault())
            .or_else(|| s.rules.fault())
            .or_else(|| postal::bundle_fault(s).map(|(key, message)| (key, message.to_owned())))
            .or_else(|| s.ledger.fault())
            .or_else(|| s.retention.fault())
            .or_else(|| s.feedback.fault(&self.feedback_folder()))
            .or_else(|| s.press.fault(s.output.pieces_per_file))
            .or_else(|| {
                let percent = s.limits.max_reject_percent;
                ranged((0.0..=100.0).contains(&percent), "max_reject_percent", "write 0 to 100")
            })
            .or_else(|| {
                let percent = s.limits.max_cancelled_percent;
                ranged((0.0..=100.0).contains(&percent), "max_cancelled_percent", "write 0 to 100")
            })
            .or_else(|| {
                let percent = s.limits.max_missing_percent;
                ranged((0.0..=100.0).contains(&percent), "max_missing_percent", "write 0 to 100")
            })
            .or_else(|| {
                let days = s.limits.max_working_days;
                ranged((1..=250).contains(&days), "max_working_days", "write 1 to 250")
            })
            .or_else(|| {
                let prefix = &s.mailers.tracking_prefix;
                let well_formed =
                    prefix.len() == 2 && prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
                ranged(well_formed, "tracking_prefix", "write two capitals or digits, such as \"XX\"")
            })
            .or_else(|| {
                let ten_digits = s.mailers.first_tracking_number <= 9_999_999_999;
                ranged(ten_digits, "first_tracking_number", "write at most ten digits")
            })
            .or_else(|| {
                let known = s.mailers.paper_opacity;
                let wrong = known.is_some_and(|opacity| !Paper::OPACITIES.contains(&opacity));
                ranged(!wrong, "paper_opacity", "write the paper's opacity (ISO 2471) in per cent, 50 to 100")
            })
            .or_else(|| {
                let valid = parse_cut_off(&s.calendar.cut_off).is_some();
                ranged(valid, "cut_off", "write a time such as \"17:00\"")
            })
            .or_else(|| {
                let valid = s.calendar.closed.iter().all(|day| closed_day(day).is_some());
                ranged(valid, "closed", "write dates such as \"2026-12-24\"")
            })
            .map(|(key, message)| (key.to_owned(), message))
            .or_else(|| RecordMapping::of(&s.input).err())
            .or_else(|| s.inserter.check().err().map(|fault| (fault.path(), fault.to_string())))
            .or_else(|| s.returns.fault())
            .or_else(|| s.approvals.fault())
            .or_else(|| s.roles.fault())
    }
}

fn parse_cut_off(text: &str) -> Option<Time> {
    let (hours, minutes) = text.split_once(':')?;
    Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()
}

fn closed_day(day: &ClosedDay) -> Option<Date> {
    match day {
        ClosedDay::Toml(datetime) => datetime.to_string().parse().ok(),
        ClosedDay::Text(text) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests;
