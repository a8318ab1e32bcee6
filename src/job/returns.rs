//! The job file's `[returns]`: what becomes of mail that comes back (docs/returns.md).

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use jiff::civil::Date;
use mail::returned::{Disposition, ReasonFault, ReasonSettings, ReturnReasons};
use serde::Deserialize;

use super::Job;
use crate::files::private_folder;

/// The folder of what is written of returned mail, in the job's folder.
const RETURNS: &str = "returns";
/// The folder of the pictures that are kept, in the folder of a day.
const PICTURES: &str = "pictures";
/// The most returns that an address may have before it is held.
const MOST_RETURNS: u32 = 1000;

/// What becomes of mail that comes back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReturnSettings {
    /// Whether a mailer waits while its card's letter lies here.
    pub hold_mailer: bool,
    /// From how many returns on an address is on the hold list.
    pub hold_after: u32,
    /// What intake does with a record whose address is on the hold list.
    pub on_hold: OnHold,
    /// Whether the rows of mailers in `returns.csv` have the card's number.
    pub mailer_card: bool,
    /// Whether pictures of returns are kept.
    pub pictures: bool,
    /// What becomes of a piece, by the code of its reason.
    pub disposition: BTreeMap<String, Disposition>,
    /// Further reasons, and labels of the built-in ones, by code.
    pub reasons: BTreeMap<String, ReasonSettings>,
}

impl Default for ReturnSettings {
    fn default() -> ReturnSettings {
        ReturnSettings {
            hold_mailer: true,
            hold_after: 2,
            on_hold: OnHold::Warn,
            mailer_card: false,
            pictures: false,
            disposition: BTreeMap::new(),
            reasons: BTreeMap::new(),
        }
    }
}

/// What intake does with a record whose address is on the hold list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnHold {
    /// A warning; the letter is printed.
    Warn,
    /// The record is rejected.
    Reject,
}

impl ReturnSettings {
    /// The first value that can't be used: its key and the advice.
    pub(super) fn fault(&self) -> Option<(String, String)> {
        if !(1..=MOST_RETURNS).contains(&self.hold_after) {
            return Some(("returns.hold_after".to_owned(), format!("write 1 to {MOST_RETURNS}")));
        }
        self.reasons().err().map(|fault| (fault.path(), fault.to_string()))
    }

    fn reasons(&self) -> Result<ReturnReasons, ReasonFault> {
        ReturnReasons::build(&self.reasons, &self.disposition)
    }
}

impl Job {
    /// Why mail comes back, and what becomes of it.
    pub(crate) fn return_reasons(&self) -> ReturnReasons {
        // Reasons that can't be used were refused when the job was read.
        self.sections.returns.reasons().unwrap_or_default()
    }

    /// Whether a mailer waits while its card's letter lies here.
    pub(crate) fn holds_mailers_of_returned_letters(&self) -> bool {
        self.sections.returns.hold_mailer
    }

    /// From how many returns on an address is on the hold list.
    pub(crate) fn hold_after(&self) -> u32 {
        self.sections.returns.hold_after
    }

    /// What intake does with a record whose address is on the hold list.
    pub(crate) fn on_hold(&self) -> OnHold {
        self.sections.returns.on_hold
    }

    /// Whether the rows of mailers in `returns.csv` have the card's number.
    pub(crate) fn shows_cards_of_returned_mailers(&self) -> bool {
        self.sections.returns.mailer_card
    }

    /// Whether pictures of returns are kept.
    pub(crate) fn keeps_return_pictures(&self) -> bool {
        self.sections.returns.pictures
    }

    /// The folder of the folders of returns.
    pub(crate) fn returns_root(&self) -> PathBuf {
        self.path(RETURNS)
    }

    /// The folder of what is written of the returns of a day: `returns.csv`, reports, pictures, minutes of destruction.
    pub(crate) fn returns_folder(&self, day: Date) -> PathBuf {
        self.returns_root().join(day.to_string())
    }

    /// A picture of a day's returns that is kept. Its folder is there, for this user alone.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn returns_picture(&self, day: Date, name: &str) -> io::Result<PathBuf> {
        let folder = self.returns_file(day, PICTURES)?;
        private_folder(&folder)?;
        Ok(folder.join(name))
    }

    /// A file in [`Job::returns_folder`]. The folder is there, for this user alone.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn returns_file(&self, day: Date, name: &str) -> io::Result<PathBuf> {
        let folder = self.returns_folder(day);
        private_folder(&self.returns_root())?;
        private_folder(&folder)?;
        Ok(folder.join(name))
    }
}
