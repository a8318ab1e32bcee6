//! What the ledger notes of each page of a picture: the same picture is known again, gets its verdict, and books nothing.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::booking::Pile;
use super::outcome::Outcome;
use crate::failure::Failure;
use crate::ledger::{Ledger, ReturnWriter, SeenPicture};

/// What is noted of a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Note {
    /// How many pages the file has.
    pub pages: usize,
    /// The pile in which it came.
    pub batch: String,
    /// Its box.
    pub box_number: Option<u32>,
    /// The day.
    pub on: Date,
    /// What was said of the page.
    pub outcomes: Vec<Outcome>,
}

impl Note {
    /// The pile in which the page came.
    pub(super) fn pile(&self) -> Pile {
        Pile { on: self.on, batch: self.batch.clone(), box_number: self.box_number }
    }

    /// What is noted of a page; `None` where it was not read, where that is purged, or where another version wrote it in
    /// another way.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(super) fn of_page(ledger: &Ledger, sha256: &str, page: u32) -> Result<Option<Note>, Failure> {
        let text = ledger.seen_picture(sha256, page)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// What is noted of all pages of a file; `None` where one of them is not known.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(super) fn of_file(ledger: &Ledger, sha256: &str) -> Result<Option<Vec<Note>>, Failure> {
        let mut notes: Vec<Note> = Vec::new();
        loop {
            let page = u32::try_from(notes.len() + 1).unwrap_or(u32::MAX);
            let Some(note) = Note::of_page(ledger, sha256, page)? else { return Ok(None) };
            let pages = note.pages;
            notes.push(note);
            if notes.len() >= pages {
                return Ok(Some(notes));
            }
        }
    }

    /// Writes it. An earlier note of the same page is replaced.
    ///
    /// # Errors
    /// Those of the ledger.
    pub(super) fn write(&self, writer: &ReturnWriter, ledger: &Ledger) -> Result<(), Failure> {
        let Some(Outcome { sha256, page, .. }) = self.outcomes.first() else { return Ok(()) };
        let mut places = Vec::new();
        for piece_id in self.outcomes.iter().filter_map(|outcome| outcome.piece_id.as_ref()) {
            places.extend(ledger.piece(piece_id)?.and_then(|piece| piece.place()));
        }
        let text = serde_json::to_string(self).map_err(std::io::Error::from)?;
        let seen = SeenPicture { sha256, page: *page, outcomes: &text, on: self.on, places: &places };
        Ok(writer.note_picture(&seen)?)
    }

    /// The outcome that a changed one takes the place of: the only one, or that of the same symbols.
    pub(super) fn replace(&mut self, changed: &Outcome) {
        let texts = |outcome: &Outcome| -> Vec<String> {
            outcome.symbols.iter().map(|symbol| symbol.text.clone()).collect()
        };
        match self.outcomes.as_mut_slice() {
            [only] => *only = changed.clone(),
            several => {
                for known in several.iter_mut().filter(|known| texts(known) == texts(changed)) {
                    *known = changed.clone();
                }
            }
        }
    }
}
