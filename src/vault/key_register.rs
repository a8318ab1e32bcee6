//! The register of a folder of keys: from when to when each is valid, and from when on it is retired.
//!
//! A TOML file, `register.toml`, beside the keys. It names keys by their public halves, so that it serves keys in files, keys on
//! tokens and recipients alike, and holds no secret. A key that it does not name has no dates.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foreign::{line_and_column, plain_words};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::key_error::{KeyError, UnfitDates};
use super::keys::{KeySummary, fingerprint};
use super::rotation::Following;
use crate::files::{self, open_to_writers};
use crate::job::{Job, KeyLocation};

/// The name of the file.
const NAME: &str = "register.toml";
/// The folder of a job's keys, in the job's folder.
const FOLDER: &str = "keys";
/// The largest register that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;
/// What the file says of itself.
const HEAD: &str = "# When each key is valid. `pli keys new`, `rotate` and `retire` write this file; days can be written by hand, too.\n# It holds no secret: keys are named by their public halves. docs/keys.md\n";

/// The dates of the keys of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeyRegister {
    keys: Vec<KeyDates>,
}

/// A register's file.
#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Contents {
    #[serde(default)]
    key: Vec<KeyDates>,
}

/// A key with its dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyDates {
    /// The key as `pli keys list` names it.
    pub fingerprint: String,
    /// The public half: base64 of SubjectPublicKeyInfo in DER, or an age recipient.
    pub public: String,
    /// Where the key lay when it was entered, for people.
    #[serde(default)]
    pub file: String,
    /// The first day on which it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last day on which it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// The first day on which it is used for nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_from: Option<Date>,
    /// The fingerprint of the key that follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// The key that is being made to follow it; gone once it has its dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub following: Option<Following>,
}

impl KeyDates {
    /// A key without dates.
    pub(crate) fn of(key: &KeySummary) -> KeyDates {
        KeyDates {
            fingerprint: key.fingerprint.clone(),
            public: public_text(key),
            file: key.file.clone(),
            valid_from: None,
            valid_to: None,
            retired_from: None,
            successor: None,
            following: None,
        }
    }

    /// Whether it says nothing of its key.
    pub(crate) fn is_blank(&self) -> bool {
        let days = [self.valid_from, self.valid_to, self.retired_from];
        days == [None; 3] && self.successor.is_none() && self.following.is_none()
    }

    /// The last day on which it is used.
    pub(crate) fn last_day(&self) -> Option<Date> {
        let before_retirement = self.retired_from.map(|day| day.yesterday().unwrap_or(day));
        [self.valid_to, before_retirement].into_iter().flatten().min()
    }

    /// How its dates forbid its use for what bears the date `day`, on the day `today`; `None` where they allow it. A retired key
    /// is used no more even for what bears an earlier date.
    pub(crate) fn unfit(&self, day: Date, today: Option<Date>) -> Option<UnfitDates> {
        let latest = today.map_or(day, |today| today.max(day));
        if let Some(from) = self.retired_from.filter(|from| latest >= *from) {
            return Some(UnfitDates::Retired { from });
        }
        if let Some(from) = self.valid_from.filter(|from| day < *from) {
            return Some(UnfitDates::NotYet { from, day });
        }
        self.valid_to.filter(|until| day > *until).map(|until| UnfitDates::Expired { until, day })
    }

    /// The lines that tell a trust folder on which days a signing key signs; empty where it has no days.
    pub(crate) fn day_lines(&self) -> String {
        let from = self.valid_from.map(|day| format!("2D-DOC from: {day}\n"));
        let until = self.last_day().map(|day| format!("2D-DOC until: {day}\n"));
        from.into_iter().chain(until).collect()
    }

    /// A signing key with its days, as a trust folder has it; `None` for a recipient.
    pub(crate) fn trust_lines(&self) -> Option<String> {
        let begin = "-----BEGIN PUBLIC KEY-----";
        let pem = || format!("{}{begin}\n{}\n-----END PUBLIC KEY-----\n", self.day_lines(), self.public);
        (!self.public.starts_with("age1")).then(pem)
    }

    /// The first thing that is wrong with an entry, in words.
    fn fault(&self) -> Option<&'static str> {
        let of_public = match self.public.starts_with("age1") {
            true => Some(fingerprint(self.public.as_bytes())),
            false => STANDARD.decode(&self.public).ok().map(|der| fingerprint(&der)),
        };
        if of_public.as_ref() != Some(&self.fingerprint) {
            return Some("its `fingerprint` is not that of its `public`");
        }
        let ordered = self.valid_from.zip(self.valid_to).is_none_or(|(from, to)| from <= to);
        (!ordered).then_some("`valid_to` is before `valid_from`")
    }
}

impl KeyRegister {
    /// The file of the register of a folder of keys.
    pub(crate) fn file_in(folder: &Path) -> PathBuf {
        folder.join(NAME)
    }

    /// The register of a folder of keys; an empty one where there is no file.
    ///
    /// # Errors
    /// [`KeyError::Invalid`]: with its line, what can't be read; [`KeyError::LooseFolder`]: everybody may write it;
    /// [`KeyError::Unreadable`].
    pub(crate) fn of_folder(folder: &Path) -> Result<KeyRegister, KeyError> {
        let file = folder.join(NAME);
        if !file.exists() && !file.is_symlink() {
            return Ok(KeyRegister::default());
        }
        let text = foreign::read_text(&file, MAX_SIZE)?;
        if let Some(open) = open_to_writers(&file).filter(|open| open.everybody) {
            return Err(KeyError::LooseFolder { path: open.path.display().to_string(), mode: open.mode });
        }
        let contents: Contents = toml::from_str(&text).map_err(|error| {
            let (message, advice) = plain_words(error.message());
            let (line, _) = line_and_column(&text, error.span().map_or(0, |span| span.start));
            let advice =
                advice.unwrap_or_else(|| "correct this line, or restore the file from its backup".to_owned());
            KeyError::invalid_line(&file, line as u64, message).with_advice(advice)
        })?;
        for (index, key) in contents.key.iter().enumerate() {
            let twice = contents.key.iter().take(index).any(|other| other.public == key.public);
            let fault = key.fault().or(twice.then_some("its key stands in another entry, too"));
            if let Some(fault) = fault {
                let reason = format!("the entry {} of `[[key]]`: {fault}", index + 1);
                let advice = "correct it, or restore the file from its backup";
                return Err(
                    KeyError::invalid_line(&file, line_of_entry(&text, index), reason).with_advice(advice)
                );
            }
        }
        Ok(KeyRegister { keys: contents.key })
    }

    /// The registers of a job together: that of its folder `keys`, and those beside the files of keys that it names elsewhere.
    ///
    /// # Errors
    /// Those of [`KeyRegister::of_folder`].
    pub(crate) fn of_job(job: &Job) -> Result<KeyRegister, KeyError> {
        let mailers = job.mailers();
        let recipients = mailers.seal_to.unwrap_or_default().iter().filter(|text| !text.starts_with("age1"));
        let mut files: Vec<PathBuf> = recipients.map(|file| job.path(file)).collect();
        files.extend([mailers.codes_identity, job.cards_identity()]);
        if let KeyLocation::File(file) = job.letters().key {
            files.push(file);
        }
        let mut folders = vec![folder_of_job(job)];
        folders.extend(files.iter().filter_map(|file| Some(file.parent()?.to_owned())));
        folders.sort();
        folders.dedup();
        let mut keys = Vec::new();
        for folder in folders {
            keys.extend(KeyRegister::of_folder(&folder)?.keys);
        }
        Ok(KeyRegister { keys })
    }

    /// Whether no key has dates.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that have dates.
    pub(crate) fn keys(&self) -> &[KeyDates] {
        &self.keys
    }

    /// The dates of a key; none where it has no dates, several where several registers have them.
    pub(crate) fn dates(&self, key: &KeySummary) -> impl Iterator<Item = &KeyDates> {
        let public = public_text(key);
        self.keys.iter().filter(move |dates| dates.public == public)
    }

    /// The dates of a key that has them in this register, to be changed; new ones without any day otherwise.
    pub(crate) fn entry(&mut self, key: &KeySummary) -> &mut KeyDates {
        let public = public_text(key);
        let index = self.keys.iter().position(|dates| dates.public == public).unwrap_or_else(|| {
            self.keys.push(KeyDates::of(key));
            self.keys.len() - 1
        });
        &mut self.keys[index]
    }

    /// Refuses a key whose dates forbid its use for what bears the date `day`. `today`: the clock's day, where it counts;
    /// `place`: the key of the job that names it. Returns its last day, where it has one.
    ///
    /// # Errors
    /// [`KeyError::Dates`]; [`KeyError::Unfinished`]: it has no dates, because its making was cut short.
    pub(crate) fn require(
        &self,
        key: &KeySummary,
        day: Date,
        today: Option<Date>,
        place: &str,
    ) -> Result<Option<Date>, KeyError> {
        let unfinished = self.keys.iter().find(|old| old.following.as_ref().is_some_and(|next| next.is(key)));
        if let Some(old) = unfinished.filter(|_| self.dates(key).next().is_none()) {
            return Err(KeyError::Unfinished { file: key.file.clone(), old: old.file.clone() });
        }
        for known in self.dates(key) {
            if let Some(dates) = known.unfit(day, today) {
                return Err(KeyError::Dates {
                    file: key.file.clone(),
                    fingerprint: known.fingerprint.clone(),
                    dates,
                    advice: self.advice(known, dates, place),
                });
            }
        }
        Ok(self.dates(key).filter_map(KeyDates::last_day).min())
    }

    /// What to do about a key that can't be used.
    fn advice(&self, key: &KeyDates, dates: UnfitDates, place: &str) -> String {
        if let UnfitDates::NotYet { .. } = dates {
            return format!(
                "until then name the key before it in `{place}`; the dates stand in `{FOLDER}/{NAME}`"
            );
        }
        let follows = |one: &&KeyDates| key.successor.as_ref() == Some(&one.fingerprint);
        match self.keys.iter().find(follows) {
            Some(next) => {
                let file = match place {
                    // The job names the public half.
                    "output.seal_to" => Path::new(&next.file).with_extension("pub").display().to_string(),
                    _ => next.file.clone(),
                };
                format!("name its successor in `{place}`: {file} ({})", next.fingerprint)
            }
            None => format!(
                "make its successor with `pli keys rotate` (for a key of others, let them), and name it in `{place}`; the dates stand in `{FOLDER}/{NAME}`"
            ),
        }
    }

    /// Leaves keys out of which nothing is said.
    pub(crate) fn drop_blank(&mut self) {
        self.keys.retain(|dates| !dates.is_blank());
    }

    fn text(&self) -> Result<String, KeyError> {
        let contents = Contents { key: self.keys.clone() };
        let text = toml::to_string(&contents).map_err(std::io::Error::other)?;
        Ok(format!("{HEAD}\n{text}"))
    }
}

/// The folder of a job's keys.
pub(crate) fn folder_of_job(job: &Job) -> PathBuf {
    job.path(FOLDER)
}

/// Changes the register of a folder, which no other process changes meanwhile.
///
/// # Errors
/// Those of [`KeyRegister::of_folder`] and of `change`; [`KeyError::Io`]. Nothing is changed then.
pub(crate) fn change_register<T>(
    folder: &Path,
    change: impl FnOnce(&mut KeyRegister) -> Result<T, KeyError>,
) -> Result<T, KeyError> {
    files::make_folder(folder)?;
    let lock = fs_err::File::open(folder)?.into_parts().0;
    lock.lock()?;
    let mut register = KeyRegister::of_folder(folder)?;
    let changed = change(&mut register)?;
    files::write_public(&folder.join(NAME), register.text()?.as_bytes())?;
    Ok(changed)
}

/// A public key as a register names it.
fn public_text(key: &KeySummary) -> String {
    let lines = key.public.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    lines.collect()
}

/// The line of the nth entry of a register, from 1.
fn line_of_entry(text: &str, index: usize) -> u64 {
    let entries = (1..).zip(text.lines()).filter(|(_, line)| line.trim_start().starts_with("[[key]]"));
    entries.map(|(line, _)| line).nth(index).unwrap_or(1)
}

#[cfg(test)]
mod tests;
