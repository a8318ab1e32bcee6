//! The recipients of sealed files: every line of the files that name them is used or refused.

use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use foreign::legible;
use serde::{Deserialize, Serialize};

use super::keys::fingerprint;
use super::seal::SealError;
use crate::files::open_to_writers;

/// The largest file of recipients that is read, in bytes.
const MAX_RECIPIENTS_SIZE: u64 = 64 << 10;

/// The advice on a text that is no recipient.
const ONE_A_LINE: &str = "write an age recipient (`age1…`), or the path of a file with one a line: whoever is to open the files makes it with `pli keys new press`, keeps the identity and sends you the `.pub`";

/// The recipients of a sealed file.
#[derive(Clone)]
pub struct Recipients(Vec<(Recipient, RecipientSummary)>);

/// A recipient by name, as console, report and work order show it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RecipientSummary {
    /// The first sixteen hexadecimal digits of the SHA-256 of the recipient, as `pli keys list` prints them.
    pub fingerprint: String,
    /// The recipient: an age public key.
    pub recipient: String,
    /// Where the job names it: a file with the line, or the job's key itself.
    pub source: String,
}

impl Recipients {
    /// A recipient of this process alone.
    pub(super) fn of_process(recipient: Recipient) -> Recipients {
        Recipients(vec![(recipient, RecipientSummary::default())])
    }

    /// Each recipient by name, in the order of the job.
    pub(crate) fn summaries(&self) -> Vec<RecipientSummary> {
        self.0.iter().map(|(_, summary)| summary.clone()).collect()
    }

    /// The recipients as age takes them.
    pub(super) fn each(&self) -> impl Iterator<Item = &dyn age::Recipient> {
        self.0.iter().map(|(recipient, _)| recipient as &dyn age::Recipient)
    }

    /// Adds a recipient that is not there yet.
    fn add(&mut self, recipient: Recipient, source: String) {
        let recipient_text = recipient.to_string();
        if let Some((_, known)) = self.0.iter().find(|(_, known)| known.recipient == recipient_text) {
            tracing::warn!(
                code = "recipient_twice",
                "{source}: the same recipient as {}, and counted once",
                known.source
            );
            return;
        }
        let fingerprint = fingerprint(recipient_text.as_bytes());
        self.0.push((recipient, RecipientSummary { fingerprint, recipient: recipient_text, source }));
    }
}

/// Reads the recipients of mailers: `age1…` as text, or files that hold one a line, whose paths `resolve` completes. Lines
/// that begin with `#` and empty lines are passed over, as age does.
///
/// # Errors
/// [`SealError::Recipient`], [`SealError::RecipientLine`]: a text or line that is no recipient, or no recipient at all;
/// [`SealError::LooseRecipients`]: everybody may write a file or its folder.
pub fn recipients(texts: &[String], resolve: impl Fn(&str) -> PathBuf) -> Result<Recipients, SealError> {
    recipients_of("seal_to", texts, resolve)
}

/// Reads the recipients of the backup of the ledger's keys, as [`recipients`] does.
///
/// # Errors
/// Those of [`recipients`].
pub(crate) fn recovery_recipients(
    texts: &[String],
    resolve: impl Fn(&str) -> PathBuf,
) -> Result<Recipients, SealError> {
    recipients_of("ledger.recovery", texts, resolve)
}

/// Reads the recipients that a key of the job names.
fn recipients_of(
    key: &'static str,
    texts: &[String],
    resolve: impl Fn(&str) -> PathBuf,
) -> Result<Recipients, SealError> {
    let mut found = Recipients(Vec::new());
    for text in texts {
        match text.trim() {
            inline if inline.starts_with("age1") => {
                let fault = |Unfit { reason, advice }| SealError::Recipient {
                    text: legible(inline).into_owned(),
                    reason: reason.to_owned(),
                    advice: advice.to_owned(),
                };
                found.add(recipient(inline).map_err(fault)?, key.to_owned());
            }
            _ => add_file(&mut found, text, &resolve(text))?,
        }
    }
    match found.0.is_empty() {
        true => Err(SealError::Recipient {
            text: key.to_owned(),
            reason: "names nobody".to_owned(),
            advice: ONE_A_LINE.to_owned(),
        }),
        false => Ok(found),
    }
}

/// Adds the recipients of a file, which the job calls `text`.
fn add_file(found: &mut Recipients, text: &str, path: &Path) -> Result<(), SealError> {
    let unfit = |reason: String| SealError::Recipient {
        text: legible(text).into_owned(),
        reason,
        advice: ONE_A_LINE.to_owned(),
    };
    let content = foreign::read_text(path, MAX_RECIPIENTS_SIZE).map_err(|error| unfit(error.to_string()))?;
    refuse_open_file(path)?;
    let mut empty = true;
    for (line, content) in (1..).zip(content.trim_start_matches('\u{feff}').lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        empty = false;
        let fault = |Unfit { reason, advice }| SealError::RecipientLine {
            file: path.display().to_string(),
            line,
            reason,
            advice,
        };
        found.add(recipient(content).map_err(fault)?, format!("{}:{line}", legible(text)));
    }
    if empty { Err(unfit("holds no age recipient".to_owned())) } else { Ok(()) }
}

/// Refuses a file that names recipients (a file of recipients, a job file) and that every user may write or replace; warns
/// where its group may.
///
/// # Errors
/// [`SealError::LooseRecipients`].
pub(crate) fn refuse_open_file(path: &Path) -> Result<(), SealError> {
    let Some(open) = open_to_writers(path) else { return Ok(()) };
    let (shown, mode) = (open.path.display().to_string(), open.mode);
    if open.everybody {
        return Err(SealError::LooseRecipients { path: shown, mode });
    }
    tracing::warn!(
        code = "recipients_of_group",
        "{shown}: its group may write it (mode {mode:03o}) and so decide who can open what is sealed; `chmod g-w {shown}` closes it"
    );
    Ok(())
}

/// Why a text is no recipient, and what to do. Never repeats the text, which may be a private key by mistake.
struct Unfit {
    reason: &'static str,
    advice: &'static str,
}

/// Whether a text begins so, in upper or lower case.
fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with))
}

fn recipient(text: &str) -> Result<Recipient, Unfit> {
    let ask_for_one = "ask whoever is to open the files for an age recipient (`age1…`), which `pli keys new press` or `age-keygen` makes there";
    let unfit = |reason, advice| Err(Unfit { reason, advice });
    let kind = text.rsplit_once('1').map_or("", |(kind, _)| kind);
    match text {
        _ if kind.eq_ignore_ascii_case("age") => text.parse().or_else(|_| {
            unfit("a mistyped age recipient: its checksum is wrong", "copy the recipient again, all of it")
        }),
        _ if begins(text, "AGE-SECRET-KEY-") || begins(text, "AGE-PLUGIN-") => unfit(
            "a private key, and recipients are public ones",
            "write its public half here (`age-keygen -y`), and make a new key if others could read this one",
        ),
        _ if text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-") => {
            unfit("an SSH key, and files are sealed to age recipients only", ask_for_one)
        }
        _ if text.starts_with("age1pq1") => {
            unfit("a post-quantum recipient, which this program can't seal to", ask_for_one)
        }
        _ if text.starts_with("age1") => {
            unfit("the recipient of an age plugin, which this program can't seal to", ask_for_one)
        }
        _ if text.starts_with("-----BEGIN") => {
            unfit("a file in PEM, and files are sealed to age recipients only", ask_for_one)
        }
        _ => unfit("no age recipient (`age1…`)", "correct the line, or begin it with `#` if it is a comment"),
    }
}
