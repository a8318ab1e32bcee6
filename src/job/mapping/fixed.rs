//! Files without delimiters: the place of each column in a line.

use std::collections::BTreeMap;

use foreign::is_unprintable;
use glob::{MatchOptions, Pattern};
use serde::Deserialize;

use super::column::{CLIENT_REF, Column};

/// The longest line of a layout, in characters.
const LONGEST: u32 = 10_000;

/// `[input.fixed]`: files without delimiters.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FixedSettings {
    /// Patterns of the files, as in `input.cards`; none: all.
    #[serde(default)]
    files: Vec<String>,
    /// How many lines stand before the first record.
    #[serde(default)]
    skip: u64,
    /// Whether the issuer leaves out the spaces at the ends of lines.
    #[serde(default)]
    trimmed: bool,
    /// Places to leave alone, each as start (from 1) and length, in characters.
    #[serde(default)]
    ignore: Vec<Vec<u32>>,
    /// The line with which every file ends; without it a file ends with its last record.
    #[serde(default)]
    trailer: Option<TrailerSettings>,
    /// The place of each column: start (from 1) and length, in characters.
    columns: BTreeMap<String, Vec<u32>>,
}

/// The last line of files without delimiters.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrailerSettings {
    /// How it begins.
    starts_with: String,
    /// The place of the number of records in it: start (from 1) and length, in characters.
    #[serde(default)]
    count: Option<Vec<u32>>,
}

/// The last line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trailer {
    /// How it begins.
    pub(crate) starts_with: String,
    /// The place of the number of records; `None` where it has none.
    pub(crate) count: Option<Place>,
}

/// A place in a line, in characters from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its first character.
    pub(crate) first: usize,
    /// Its last character.
    pub(crate) last: usize,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FixedColumn {
    /// A column.
    Column(Column),
    /// The client's reference.
    ClientRef,
}

/// Where the columns of a line stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FixedLayout {
    files: Vec<Pattern>,
    /// How many lines stand before the first record.
    pub(crate) skip: u64,
    /// Whether a line may end early.
    pub(crate) trimmed: bool,
    /// The line with which the file ends; `None` where that is a record.
    pub(crate) trailer: Option<Trailer>,
    /// The columns by their places.
    pub(crate) columns: Vec<(FixedColumn, Place)>,
    /// By character from 0, whether something belongs there or it is to be left alone.
    taken: Vec<bool>,
}

/// A pattern matches as it does in the inbox.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

impl Place {
    fn of(numbers: &[u32]) -> Result<Place, String> {
        let [start, length] = *numbers else {
            return Err("a place is two numbers, start and length; write such as [1, 10]".to_owned());
        };
        if start == 0 {
            return Err("places are counted from 1; write the place of its first character".to_owned());
        }
        if length == 0 {
            return Err("a length of 0 holds nothing; write how many characters it has".to_owned());
        }
        match start.checked_add(length - 1).filter(|last| *last <= LONGEST) {
            Some(last) => Ok(Place { first: start as usize, last: last as usize }),
            None => Err(format!("a line has {LONGEST} characters at most; write start and length")),
        }
    }

    fn overlaps(self, other: Place) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.first == self.last {
            true => write!(f, "character {}", self.first),
            false => write!(f, "characters {} to {}", self.first, self.last),
        }
    }
}

impl FixedColumn {
    fn named(name: &str) -> Option<FixedColumn> {
        if name == CLIENT_REF {
            return Some(FixedColumn::ClientRef);
        }
        Column::named(name).map(FixedColumn::Column)
    }

    /// Our name of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            FixedColumn::Column(column) => column.name(),
            FixedColumn::ClientRef => CLIENT_REF,
        }
    }
}

impl Trailer {
    /// The last line that a job describes.
    ///
    /// # Errors
    /// The key below `input.fixed`, and the problem, then `; ` and the advice.
    fn of(settings: &TrailerSettings) -> Result<Trailer, (&'static str, String)> {
        let TrailerSettings { starts_with, count } = settings;
        if starts_with.trim().is_empty() || starts_with.chars().any(is_unprintable) {
            let message = "it says nothing that can be found; write how the last line begins, such as \"99\"";
            return Err(("trailer.starts_with", message.to_owned()));
        }
        let count =
            count.as_deref().map(Place::of).transpose().map_err(|message| ("trailer.count", message))?;
        Ok(Trailer { starts_with: starts_with.clone(), count })
    }
}

impl FixedLayout {
    /// The layout that a job describes; `constants` stand for columns without a place.
    ///
    /// # Errors
    /// The key, and the problem, then `; ` and the advice.
    pub(super) fn of(
        settings: &FixedSettings,
        constants: &BTreeMap<Column, String>,
    ) -> Result<FixedLayout, (String, String)> {
        let fault = |key: &str, message: String| (format!("input.fixed.{key}"), message);
        let mut columns: Vec<(FixedColumn, Place)> = Vec::new();
        for (name, place) in &settings.columns {
            let key = format!("columns.{name}");
            let column = FixedColumn::named(name).ok_or_else(|| fault(&key, super::unknown_column(name)))?;
            let place = Place::of(place).map_err(|message| fault(&key, message))?;
            if let FixedColumn::Column(column) = column
                && constants.contains_key(&column)
            {
                let message = format!("`[input.constants]` has a value for `{name}`; keep one of the two");
                return Err(fault(&key, message));
            }
            if let Some((other, there)) = columns.iter().find(|(_, there)| there.overlaps(place)) {
                let message =
                    format!("{place} overlap with `{}` ({there}); correct one of them", other.name());
                return Err(fault(&key, message));
            }
            columns.push((column, place));
        }
        let placed = |column: Column| columns.iter().any(|(there, _)| *there == FixedColumn::Column(column));
        let unplaced = |column: &Column| !placed(*column) && !constants.contains_key(column);
        let missing: Vec<Column> = Column::ALL.into_iter().filter(unplaced).collect();
        if let [first, ..] = missing.as_slice() {
            return Err(fault("columns", no_place(*first, &missing)));
        }
        columns.sort_by_key(|(_, place)| place.first);
        let ignored: Result<Vec<Place>, String> =
            settings.ignore.iter().map(|numbers| Place::of(numbers)).collect();
        let ignored = ignored.map_err(|message| fault("ignore", message))?;
        let patterns: Result<Vec<Pattern>, _> =
            settings.files.iter().map(|text| Pattern::new(text)).collect();
        let files = patterns
            .map_err(|error| fault("files", format!("{error}; write patterns such as \"inbox/*.txt\"")))?;
        let trailer = settings.trailer.as_ref().map(Trailer::of).transpose();
        let trailer = trailer.map_err(|(key, message)| fault(key, message))?;
        let taken = taken(columns.iter().map(|(_, place)| *place).chain(ignored));
        Ok(FixedLayout { files, skip: settings.skip, trimmed: settings.trimmed, trailer, columns, taken })
    }

    /// Whether a file has this layout: its name relative to the job's folder, or its whole path, matches a pattern.
    pub(crate) fn is_of(&self, name: &str, path: &str) -> bool {
        let matches =
            |pattern: &Pattern| pattern.matches_with(name, OPTIONS) || pattern.matches_with(path, OPTIONS);
        self.files.is_empty() || self.files.iter().any(matches)
    }

    /// The last column and its place.
    pub(crate) fn last(&self) -> Option<(FixedColumn, Place)> {
        self.columns.last().copied()
    }

    /// Whether something belongs to a character, from 1, or it is to be left alone.
    pub(crate) fn takes(&self, character: usize) -> bool {
        character.checked_sub(1).and_then(|index| self.taken.get(index)).copied().unwrap_or_default()
    }
}

/// What to do about columns that have no place, the first of which stands for all.
fn no_place(first: Column, missing: &[Column]) -> String {
    let (name, names) =
        (first.name(), missing.iter().map(|column| column.name()).collect::<Vec<_>>().join(", "));
    let constant = match first.check("") {
        _ if first == Column::CardNumber => String::new(),
        Ok(()) => format!(", or where the file does not have it `{name} = \"\"` to `[input.constants]`"),
        Err(_) => {
            ", or where the file does not have it the value of all records to `[input.constants]`".to_owned()
        }
    };
    format!("no place for {names}; add such as `{name} = [1, 10]`{constant}")
}

fn taken(places: impl Iterator<Item = Place>) -> Vec<bool> {
    let mut taken = Vec::new();
    for Place { first, last } in places {
        if taken.len() < last {
            taken.resize(last, false);
        }
        taken.iter_mut().take(last).skip(first - 1).for_each(|taken| *taken = true);
    }
    taken
}
