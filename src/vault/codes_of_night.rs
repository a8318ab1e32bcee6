//! All the codes files of a night, asked by card.

use super::codes::CardCodes;
use super::codes_cells::card;
use super::codes_error::{CodesError, CodesFault};
use super::codes_file::CodesFile;

/// The codes of a card; `None` where no file has it.
pub(crate) type CodesOfCard = Option<Result<CardCodes, CodesFault>>;

/// All the codes files of a night.
#[derive(Default)]
pub struct CodesOfNight {
    files: Vec<CodesFile>,
}

impl CodesOfNight {
    /// Adds a file.
    pub fn add(&mut self, file: CodesFile) {
        self.files.push(file);
    }

    /// The name of each file, and how many of its rows name a card.
    pub(crate) fn files(&self) -> impl Iterator<Item = (String, u64)> {
        self.files.iter().map(|file| (file.name().to_owned(), file.row_count()))
    }

    /// What a person should know of the files.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = &CodesFault> {
        self.files.iter().flat_map(CodesFile::warnings)
    }

    /// Checks that no file was altered or lost since it was opened. Asked after codes were read: the faults of cards whose codes
    /// could not be read again are not theirs.
    ///
    /// # Errors
    /// `codes_changed`, `codes_unreadable`.
    pub fn check_unchanged(&self) -> Result<(), CodesError> {
        match self.files.iter().find_map(CodesFile::broken) {
            Some(broken) => Err(broken.clone()),
            None => Ok(()),
        }
    }

    /// A card's codes; `None` where no file has the card. Files with different codes for it are a fault.
    pub fn of_card(&self, card_number: &str) -> Option<Result<CardCodes, CodesFault>> {
        let number = card(card_number.as_bytes())?;
        let mut known = self.files.iter().filter_map(|file| {
            let rows = file.rows_of(number);
            Some((file, *rows.first()?, file.codes(rows)?))
        });
        let (_, _, first) = known.next()?;
        let Ok(codes) = first else { return Some(first) };
        for (other, row, again) in known {
            match again {
                Ok(again) if again.same_as(&codes) => {}
                Ok(_) => return Some(Err(other.contradiction(row))),
                Err(fault) => return Some(Err(fault)),
            }
        }
        Some(Ok(codes))
    }

    /// The codes of several cards, in their order. The rows are read in the order of the files, so that each chunk is opened
    /// once.
    pub(crate) fn of_cards(&self, card_numbers: &[&str]) -> Vec<CodesOfCard> {
        let mut order: Vec<usize> = (0..card_numbers.len()).collect();
        order.sort_by_cached_key(|index| self.position(card_numbers[*index]));
        let mut found: Vec<CodesOfCard> = card_numbers.iter().map(|_| None).collect();
        for index in order {
            found[index] = self.of_card(card_numbers[index]);
        }
        found
    }

    /// The first file that has a card, and the offset of its row there.
    fn position(&self, card_number: &str) -> Option<(usize, u64)> {
        let number = card(card_number.as_bytes())?;
        let rows = self.files.iter().map(|file| file.rows_of(number).first());
        rows.enumerate().find_map(|(index, row)| Some((index, row?.offset())))
    }
}
