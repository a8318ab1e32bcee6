//! The job file: the settings of a night, read once and validated before work starts.

mod approvals;
mod audit;
mod card_rules;
pub(crate) mod commented;
mod dated_template;
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

use crate::failure::{Exit, Explained, Position};
use crate::files::hexadecimal;
use foreign::{UnreadableFile, is_unprintable, key_offset, line_and_column, plain_words};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, Time};
use sha2::{Digest, Sha256};
use template::Paper;

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

/// A job file that can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The file can't be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// The file is no valid job.
    #[error("{message}")]
    Invalid {
        /// The job file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The problem.
        message: String,
        /// What to do.
        advice: String,
    },
    /// A secret stands in the file.
    #[error("{}", secret.problem())]
    HoldsSecret {
        /// The job file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// Its kind.
        secret: Secret,
    },
}

impl Explained for JobError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        match self {
            JobError::Unreadable(_) => "job_unreadable",
            JobError::Invalid { .. } => "job_invalid",
            JobError::HoldsSecret { .. } => "job_holds_secret",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            JobError::Unreadable(unreadable) if unreadable.error.kind() == ErrorKind::InvalidData => {
                Some("save the job file as UTF-8".to_owned())
            }
            JobError::Unreadable(unreadable) if unreadable.error.kind() == ErrorKind::PermissionDenied => {
                Some(owner::advice_to_strangers(Path::new(&unreadable.file)))
            }
            JobError::Unreadable(unreadable) => Some(
                foreign::advice(&unreadable.error)
                    .unwrap_or("name a job file that can be read, or make one with `pli sample --count 500 --out DIR`")
                    .to_owned(),
            ),
            JobError::Invalid { advice, .. } => Some(advice.clone()),
            JobError::HoldsSecret { secret, .. } => Some(secret.advice().to_owned()),
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            JobError::Unreadable(unreadable) => Some(Position::file(&unreadable.file)),
            JobError::Invalid { file, line, column, .. }
            | JobError::HoldsSecret { file, line, column, .. } => {
                Some(Position::column(file, *line as u64, *column as u64))
            }
        }
    }
}

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
mod tests {
    use super::*;
    use crate::failure::Failure;
    use mail::Language;

    fn load(text: &str) -> Result<Job, JobError> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("job.toml");
        fs_err::write(&file, text).expect("written");
        Job::load(&file)
    }

    const SMALLEST: &str = "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n";

    #[test]
    fn every_key_but_two_has_a_default() {
        let job = load(SMALLEST).expect("a job");
        assert_eq!(job.sections.output.pieces_per_file, 2000);
        assert_eq!(job.sections.signing.fields.len(), 4);
        assert_eq!(job.cut_off(), Time::constant(17, 0, 0, 0));
        assert_eq!(job.bureau_left_out().len(), 5);
        let said = load(&SMALLEST.replace("[input]", "phone = \"1\"\n[input]")).expect("a job");
        assert!(said.bureau_left_out().len() == 4 && !said.bureau_left_out().contains(&"phone"));
    }

    #[test]
    fn the_bureau_speaks_french_unless_it_says_english() {
        assert_eq!(load(SMALLEST).expect("a job").language(), Language::French);
        let speaking =
            |code: &str| load(&SMALLEST.replace("[input]", &format!("language = \"{code}\"\n[input]")));
        assert_eq!(speaking("fr").expect("a job").language(), Language::French);
        assert_eq!(speaking("en").expect("a job").language(), Language::English);
        let failure = Failure::from(speaking("de").expect_err("German"));
        let said = failure.to_string();
        assert!(said.contains("job.toml:3:12") && said.contains("`de`"), "{said}");
        assert!(said.contains("fr") && said.contains("en"), "{said}");
    }

    #[test]
    fn an_unknown_key_is_reported_with_its_line() {
        let error = load(&format!("{SMALLEST}colour = 3\n")).expect_err("an unknown key");
        let error = Failure::from(error).to_string();
        assert!(error.contains("job.toml:5:1") && error.contains("colour"), "{error}");
    }

    #[test]
    fn object_stores_take_no_credential_no_clear_mailer_and_no_ledger() {
        let url = "s3://bureau/nights";
        let job = load(&format!("{SMALLEST}[output]\ndir = \"{url}\"\n")).expect("a job");
        assert!(
            matches!(&job.sections.output.dir, OutputLocation::Objects(found) if found.to_string() == url)
        );
        for (extra, position, word) in [
            ("[output]\ndir = \"s3://a:zpqm@bureau/out\"", ":6:", "environment"),
            ("[output]\ndir = \"ftp://bureau/out\"", ":6:", "s3://"),
            ("[output]\ndir = \"s3://bureau/out\"\nunsealed = true", ":7:1", "in clear"),
            ("[ledger]\nurl = \"s3://bureau/ledger.db\"", ":6:1", "never an object"),
            ("[ledger]\nurl = \"postgres://db:zpqm/ledger\"", ":6:1", "port"),
            ("[ledger]\nurl = \"postgres://pli:zpqm@db/ledger\"", ":6:8", "`PGPASSWORD`"),
        ] {
            let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(extra)).to_string();
            assert!(error.contains(position) && error.contains(word) && !error.contains("zpqm"), "{error}");
        }
        let announced =
            "cards = [\"s3://b/cards.csv\"]\ncodes = [\"s3://b/codes.csv.age\"]\nannounced = true";
        let announced = SMALLEST.replace("cards = [\"cards.csv\"]", announced);
        let error = Failure::from(load(&announced).expect_err("no folder")).to_string();
        assert!(error.contains(":6:1") && error.contains("looked for in folders"), "{error}");
        let cards = SMALLEST.replace("cards.csv", "s3://a:zpqm@bureau/cards.csv");
        let error = Failure::from(load(&cards).expect_err("a password")).to_string();
        assert!(
            error.contains(":4:1") && error.contains("environment") && !error.contains("zpqm"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_name_and_values_out_of_range_are_errors() {
        assert!(load("[bureau]\n[input]\ncards=[\"a\"]\n").is_err());
        for extra in [
            "[inserter.letters]\ncode_content = \"{lot}{pin}\"",
            "[inserter.mailers]\nomr_marks = [\"staple\"]",
            "[inserter.letters.results]\ndelimiter = \"ab\"",
            "[inserter.letters.results.fields]\nvalue = 0",
            "[inserter.mailers]\nresults = { fields = { value = { start = 0, length = 3 } } }",
            "[inserter.letters.results.fields]\nvalue = true",
            "[inserter.letters.results.fields]\nvalue = -1",
            "[inserter.letters.results.fields]\nvalues = 1",
            "[inserter.letters.results.status]\n7 = \"broken\"",
        ] {
            let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(extra)).to_string();
            assert!(error.contains(":6:"), "{error}");
        }
        let machines =
            "[inserter.letters.results]\nend_mark = \"T\"\n[inserter.mailers.results]\nend_mark = \" \"";
        let error = Failure::from(load(&format!("{SMALLEST}{machines}\n")).expect_err("a blank")).to_string();
        assert!(error.contains(":8:1: `inserter.mailers.results.end_mark`: can't begin"), "{error}");
        for extra in [
            "[press]\ndpi = 7",
            "[mailers]\npaper_opacity = 49",
            "[mailers]\npaper_opacity = nan",
            "[limits]\nmax_reject_percent = 101",
            "[limits]\nmax_working_days = 0",
            "[calendar]\ncut_off = \"5pm\"",
            "[ledger]\nkeys = \"\"",
            "[retention]\nnames_days = 0",
            "[returns]\nhold_after = 0",
            "[returns.disposition]\nmoved = \"hold\"",
            "[returns.reasons.moved]\nwords = \"\"",
        ] {
            let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(extra)).to_string();
            assert!(error.contains(":6:1"), "{error}");
        }
    }

    #[test]
    fn what_a_night_could_not_use_is_refused_when_the_job_is_read() {
        let later =
            "[{ path = \"a\" }, { from = 2026-12-01, path = \"b\" }, { from = 2026-12-01, path = \"c\" }]";
        for (extra, position, word) in [
            ("[mailers]\ntracking_prefix = \"xx\"".to_owned(), ":6:1", "two capitals or digits"),
            ("[mailers]\nfirst_tracking_number = 10000000000".to_owned(), ":6:1", "at most ten digits"),
            (format!("[letters]\ntemplate = {later}"), ":6:1", "a later `from` than the one before"),
            (format!("[letters]\ntemplate = \"a\"\n[mailers]\ntemplate = {later}"), ":8:1", "a later `from`"),
        ] {
            let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(&extra)).to_string();
            assert!(error.contains(position) && error.contains(word), "{error}");
        }
        assert!(load(&format!("{SMALLEST}[mailers]\nfirst_tracking_number = 9999999999\n")).is_ok());
    }

    #[test]
    fn what_is_kept_has_defaults_and_what_can_t_be_kept_is_said() {
        let job = load(SMALLEST).expect("a job");
        let days = job.retention();
        assert_eq!((days.names, days.findings, days.files, days.inputs, days.events), (90, 90, 30, 30, 365));
        assert!(job.ledger_keys().ends_with("keys/ledger") && job.ledger_recovery().is_empty());
        assert_eq!(job.max_working_days(), 10);
        for (extra, position, word) in [
            ("[ledger]\ndispatch = \"posted\"", ":6:12", "`posted` is no value"),
            ("[retention]\nnames_days = 30\nfiles_days = 31", ":7:1", "at most the 30 days"),
            ("[retention]\nevents_days = -1", ":6:15", "`-1`"),
            ("[retention]\nnames = 30", ":6:1", "`names`"),
        ] {
            let error = Failure::from(load(&format!("{SMALLEST}{extra}\n")).expect_err(extra)).to_string();
            assert!(error.contains(position) && error.contains(word), "{error}");
        }
    }
}
