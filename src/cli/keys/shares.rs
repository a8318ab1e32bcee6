//! `pli keys backup` and `pli keys restore`

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::location;
use crate::cli::acts::{Act, job_of_key};
use crate::cli::output_path::refuse_unless_folder;
use crate::cli::run::today;
use crate::failure::{Failure, counted};
use crate::job::{Job, KeyLocation};
use crate::night::{ShareSheet, share_sheet};
use crate::vault::{
    KeyShare, KeySummary, read_shares, recover_key, restore_key, split_key, write_share_file,
};
use zeroize::Zeroizing;

/// The most bytes of shares that are read.
const MAX_SIZE: u64 = 1 << 20;

/// A key that is split into shares.
#[derive(Debug, Args)]
pub(in crate::cli) struct Backup {
    /// The private key's file
    #[arg(value_name = "FILE")]
    key: PathBuf,
    /// How many shares, one for each holder; 16 at most
    #[arg(long, value_name = "N")]
    shares: u8,
    /// How many of them recover the key; 2 at least
    #[arg(long, value_name = "K")]
    needed: u8,
    /// The folder of the shares: for each a sheet to print and a text
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

/// A backup that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct WrittenBackup {
    key: KeySummary,
    set: String,
    needed: u8,
    shares: Vec<WrittenShare>,
}

/// The files of a share.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WrittenShare {
    share: u8,
    sheet: String,
    text: String,
}

impl Backup {
    /// What the audit log has of it.
    pub(super) fn act(&self) -> Option<Act> {
        let (job, name) = (job_of_key(&self.key)?, name_of(&self.key));
        let act = Act::new(&job, "keys backup").option(true, format_args!("key={name}"));
        Some(
            act.option(true, format_args!("shares={}", self.shares))
                .option(true, format_args!("needed={}", self.needed)),
        )
    }

    /// Writes the shares of the key.
    ///
    /// # Errors
    /// `key_on_token`, `share_count`, `key_too_large`; those of the key and its folder.
    pub(super) fn run(&self) -> Result<WrittenBackup, Failure> {
        refuse_unless_folder("shares_folder", "--output", &self.output)?;
        let KeyLocation::File(file) = location(&self.key)? else {
            return Err(Failure::usage("key_on_token", "a key on a token never leaves it, so that it can't be split")
                .with_advice("copy it by the HSM's own means to a second HSM, or make a second key there with `pli keys rotate`"));
        };
        let (key, shares) = split_key(&file, self.needed, self.shares)?;
        let set = shares.first().map(KeyShare::set).unwrap_or_default();
        // All sheets are drawn before the first is written.
        let drawn = shares.iter().map(|share| self.draw(share, &key)).collect::<Result<Vec<_>, Failure>>()?;
        let mut written = Vec::new();
        for (share, (sheet, text)) in shares.iter().zip(&drawn) {
            let name = format!("{set}-{}-of-{}", share.index(), share.count());
            let [sheet_file, text_file] =
                ["pdf", "txt"].map(|ending| self.output.join(format!("{name}.{ending}")));
            write_share_file(&sheet_file, sheet)?;
            write_share_file(&text_file, text.as_bytes())?;
            let [sheet, text] = [sheet_file, text_file].map(|file| file.display().to_string());
            written.push(WrittenShare { share: share.index(), sheet, text });
        }
        Ok(WrittenBackup { key, set, needed: self.needed, shares: written })
    }

    /// A share as sheet and as text.
    fn draw(
        &self,
        share: &KeyShare,
        key: &KeySummary,
    ) -> Result<(Zeroizing<Vec<u8>>, Zeroizing<String>), Failure> {
        let (lines, code, set) = (share.lines(), share.code(), share.set());
        let plain: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
        let job = job_of_key(&self.key).and_then(|job| Job::load(&job).ok());
        let sheet = ShareSheet {
            language: job.map(|job| job.language()).unwrap_or_default(),
            index: share.index(),
            count: share.count(),
            needed: share.needed(),
            set: &set,
            fingerprint: &key.fingerprint,
            file: &name_of(&self.key),
            lines: &plain,
            code: &code,
            day: today(),
        };
        let mut text = Zeroizing::new(String::with_capacity(256 + 64 * plain.len()));
        text.push_str(&format!(
            "# pli: share {} of {} of the key {}, set {set}; {} of them recover it\n",
            share.index(),
            share.count(),
            key.fingerprint,
            share.needed()
        ));
        for line in &plain {
            text.push_str(line);
            text.push('\n');
        }
        Ok((Zeroizing::new(share_sheet(&sheet)?), text))
    }
}

impl WrittenBackup {
    /// What was written, and what is to be done with it, for a person.
    pub(super) fn text(&self) -> String {
        let KeySummary { fingerprint, kind, file, .. } = &self.key;
        let mut lines = vec![format!(
            "{fingerprint}  {kind}  {}: {}, {} recover it",
            foreign::legible(file),
            counted(self.shares.len(), "share"),
            self.needed
        )];
        lines.extend(self.shares.iter().map(|share| format!("  {}", foreign::legible(&share.sheet))));
        lines.push(
            "  print each for its holder, see with the printed sheets that `pli keys restore` recovers the key, then remove the folder"
                .to_owned(),
        );
        lines.join("\n")
    }
}

/// A key that is recovered from shares.
#[derive(Debug, Args)]
pub(in crate::cli) struct Restore {
    /// Files with shares as text; `-` reads lines that are typed or pasted (end them with Ctrl-D)
    #[arg(value_name = "SHARE", default_value = "-")]
    shares: Vec<PathBuf>,
    /// The recovered key's file
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Restore {
    /// What the audit log has of it.
    pub(super) fn act(&self) -> Option<Act> {
        let (job, name) = (job_of_key(&self.output)?, name_of(&self.output));
        Some(Act::new(&job, "keys restore").option(true, format_args!("key={name}")))
    }

    /// Recovers the key.
    ///
    /// # Errors
    /// `share_unreadable`; those of the shares; `key_invalid`: there is a file already.
    pub(super) fn run(&self) -> Result<Vec<KeySummary>, Failure> {
        if self.output.exists() {
            return Err(Failure::usage("key_invalid", "there is a file already; keys are never overwritten")
                .in_file(self.output.display())
                .with_advice("name another file"));
        }
        let mut shares = Vec::new();
        for file in &self.shares {
            let (name, text) = read(file)?;
            shares.extend(read_shares(&name, &text)?);
        }
        Ok(restore_key(&recover_key(&shares)?, &self.output)?)
    }
}

/// The name and the text of a file, or of standard input.
fn read(file: &Path) -> Result<(String, Zeroizing<String>), Failure> {
    let advice = "name the `.txt` of a share, or type the lines of its sheet on standard input";
    if file != Path::new("-") {
        let name = foreign::legible(&file.display().to_string()).into_owned();
        return match foreign::read_text(file, MAX_SIZE) {
            Ok(text) => Ok((name, Zeroizing::new(text))),
            Err(error) => Err(Failure::usage("share_unreadable", error.to_string())
                .in_file(name)
                .with_advice(advice)
                .caused_by(error)),
        };
    }
    let mut text = Zeroizing::new(String::with_capacity(64 << 10));
    match std::io::stdin().lock().take(MAX_SIZE).read_to_string(&mut text) {
        Ok(_) => Ok(("standard input".to_owned(), text)),
        Err(error) => {
            Err(Failure::usage("share_unreadable", error.to_string()).with_advice(advice).caused_by(error))
        }
    }
}

/// A file's name, for people.
fn name_of(file: &Path) -> String {
    foreign::legible(&file.file_name().unwrap_or(file.as_os_str()).to_string_lossy()).into_owned()
}
