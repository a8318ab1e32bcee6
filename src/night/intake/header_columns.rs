//! The columns that a header names, held against those that a record file has.

use super::IntakeError;
use super::french_names::column_named;
use crate::job::{CLIENT_REF, Column, RecordMapping, header_name, quoted};
use mail::excerpt;

/// So many unknown columns are named, the others counted.
const NAMED: usize = 30;
/// With fewer names, none of them known, a line is a title or of another format.
const FEWEST: usize = 6;
/// Columns of a codes file.
const CODES: [&str; 2] = ["pin", "puk"];

/// Whether the job leaves a column alone.
fn is_ignored(name: &str, ignore: &[String]) -> bool {
    ignore.iter().any(|ignored| header_name(ignored) == name)
}

/// The names that were found in a header.
pub(super) struct Found<'f> {
    /// The path, as given.
    pub(super) file: &'f str,
    /// The line of the header.
    pub(super) line: u64,
    /// The names, without spaces at their ends.
    pub(super) names: &'f [String],
    /// What the job says of them.
    pub(super) mapping: &'f RecordMapping,
}

impl Found<'_> {
    /// The names of the columns that a file may have.
    fn known_names(&self) -> impl Iterator<Item = &str> {
        let sent = Column::ALL.into_iter().filter(|column| self.mapping.constant(*column).is_none());
        sent.map(|column| self.mapping.name(column)).chain([self.mapping.client_ref_name()])
    }

    /// The field of every column, each of which must stand in the header once, unless its value is a constant.
    pub(super) fn indices(&self) -> Result<[Option<usize>; Column::COUNT], IntakeError> {
        let mut indices = [None; Column::COUNT];
        let mut missing = Vec::new();
        for column in Column::ALL.into_iter().filter(|column| self.mapping.constant(*column).is_none()) {
            let name = self.mapping.name(column);
            let mut found = (0..self.names.len()).filter(|index| self.names[*index] == name);
            match (found.next(), found.next()) {
                (Some(index), None) => indices[column as usize] = Some(index),
                (Some(first), Some(second)) => return Err(self.duplicate(name, first, second)),
                (None, _) if name == column.name() => missing.push(format!("`{name}`")),
                (None, _) => missing.push(format!("`{}` (our `{}`)", excerpt(name), column.name())),
            }
        }
        if missing.is_empty() { Ok(indices) } else { Err(self.missing(&missing)) }
    }

    /// The field of the client's reference, which stands in the header once at most.
    pub(super) fn client_ref(&self, ignore: &[String]) -> Result<Option<usize>, IntakeError> {
        let name = self.mapping.client_ref_name();
        if is_ignored(name, ignore) {
            return Ok(None);
        }
        let mut found = (0..self.names.len()).filter(|index| self.names[*index] == name);
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => Err(self.duplicate(name, first, second)),
            (index, _) => Ok(index),
        }
    }

    fn duplicate(&self, name: &str, first: usize, second: usize) -> IntakeError {
        let (file, line, column) = (self.file.to_owned(), self.line, excerpt(name));
        IntakeError::DuplicateColumn { file, line, column, first: first + 1, second: second + 1 }
    }

    fn missing(&self, missing: &[String]) -> IntakeError {
        let delimiter = if self.names.len() == 1 { "; columns are separated by `,` or `;`" } else { "" };
        let (file, line, columns) = (self.file.to_owned(), self.line, missing.join(", "));
        let mapped = !self.mapping.is_plain();
        IntakeError::MissingColumns { file, line, columns, delimiter, mapped }
    }

    /// Refuses a column of the file whose value the job has as a constant, unless the job leaves it alone.
    fn refuse_constants(&self, ignore: &[String]) -> Result<(), IntakeError> {
        let constants = Column::ALL.into_iter().filter(|column| self.mapping.constant(*column).is_some());
        for column in constants.filter(|column| !is_ignored(column.name(), ignore)) {
            let unread = self.known_names().all(|name| name != column.name());
            let place = self.names.iter().position(|name| name == column.name()).filter(|_| unread);
            if let Some(index) = place {
                let (file, line) = (self.file.to_owned(), self.line);
                return Err(IntakeError::ConstantColumn {
                    file,
                    line,
                    column: column.name(),
                    number: index + 1,
                });
            }
        }
        Ok(())
    }

    /// Refuses columns that are neither of the contract nor ignored by the job.
    pub(super) fn refuse_unknown(&self, ignore: &[String]) -> Result<(), IntakeError> {
        self.refuse_constants(ignore)?;
        let known = |name: &str| self.known_names().any(|known| known == name);
        let unknown: Vec<(usize, &str)> = (1..)
            .zip(self.names.iter().map(String::as_str))
            .filter(|(_, name)| !known(name) && !is_ignored(name, ignore))
            .collect();
        let Some((first, _)) = unknown.first() else { return Ok(()) };
        let (file, line) = (self.file.to_owned(), self.line);
        if let Some((column, _)) = unknown.iter().find(|(_, name)| name.is_empty()) {
            return Err(IntakeError::NamelessColumn { file, line, column: *column });
        }
        let shown = |(number, name): &(usize, &str)| format!("`{}` (number {number})", excerpt(name));
        let mut columns: Vec<String> = unknown.iter().take(NAMED).map(shown).collect();
        if unknown.len() > NAMED {
            columns.push(format!("and {} more", unknown.len() - NAMED));
        }
        let (columns, advice) = (columns.join(", "), self.advice_on(&unknown));
        Err(IntakeError::UnknownColumns { file, line, columns, first: *first, advice })
    }

    /// What to do about unknown columns, by number and name.
    fn advice_on(&self, unknown: &[(usize, &str)]) -> String {
        if unknown.iter().any(|(_, name)| CODES.iter().any(|code| name.eq_ignore_ascii_case(code))) {
            return "these are codes in clear, which no record file may hold; have them sealed as a codes file by who makes the codes (`age -R keys/codes.pub`), and destroy this copy".to_owned();
        }
        if unknown.len() == self.names.len() && self.names.len() < FEWEST {
            return "this line is not that of the columns' names (card_number, card_family …); take out what stands before it, or have the records exported as CSV".to_owned();
        }
        if let Some((ours, theirs)) = unknown.iter().find_map(|(_, name)| self.renamed(name)) {
            return format!(
                "the job reads `{ours}` from a column `{}`; take that line out of `[input.columns]`, or correct it",
                excerpt(theirs)
            );
        }
        let meant: Vec<(&str, &str)> =
            unknown.iter().take(NAMED).filter_map(|(_, name)| Some((self.meant(name)?, *name))).collect();
        let map = self.line_to_add(unknown, &meant);
        if meant.is_empty() {
            return match self.mapping.is_plain() {
                true => format!("{map}correct its name, or list it in input.ignore"),
                false => {
                    "name it in `[input.columns]` if we need it, otherwise list it in input.ignore".to_owned()
                }
            };
        }
        let meant: Vec<String> =
            meant.iter().map(|(ours, theirs)| format!("`{ours}` for `{}`", excerpt(theirs))).collect();
        format!(
            "did you mean {}? {map}correct the name, or list the column in input.ignore",
            meant.join(" and ")
        )
    }

    /// How an unknown column is mapped in a job that maps none: the first that is meant to be one of ours, otherwise the first of
    /// all to the first of ours that is missing. Empty where ours are all there.
    fn line_to_add(&self, unknown: &[(usize, &str)], meant: &[(&str, &str)]) -> String {
        let mut missing = self.known_names().filter(|ours| self.names.iter().all(|name| name != ours));
        let first = || Some((missing.next().filter(|ours| *ours != CLIENT_REF)?, unknown.first()?.1));
        let line = meant.first().copied().or_else(first).filter(|(_, theirs)| excerpt(theirs) == **theirs);
        match line.filter(|_| self.mapping.is_plain()) {
            Some((ours, theirs)) => format!(
                "map it by a line under `[input.columns]`, our name first (`{ours} = {}`), ",
                quoted(theirs)
            ),
            None => String::new(),
        }
    }

    /// Our column of this name, which the job reads from another column that is not there: both names.
    fn renamed(&self, name: &str) -> Option<(&'static str, &str)> {
        let column = Column::ALL.into_iter().find(|column| column.name() == name)?;
        let theirs = self.mapping.name(column);
        self.names.iter().all(|name| name != theirs).then_some((column.name(), theirs))
    }

    /// The column that a misspelled or a French one is meant to be, `last_name` for `lastname` or `NOM`, unless it is there too.
    fn meant(&self, name: &str) -> Option<&str> {
        let is_missing = |column: &&str| self.names.iter().all(|name| name != column);
        let french = column_named(name).map(Column::name);
        if let Some(column) = self.known_names().filter(is_missing).find(|column| Some(*column) == french) {
            return Some(column);
        }
        let plain = |name: &str| -> String {
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let written = plain(name);
        let distance = |column: &&str| strsim::osa_distance(&plain(column), &written);
        let closest = self.known_names().filter(is_missing).min_by_key(distance)?;
        // Columns that differ in a digit alone are not taken for one another.
        let allowed = if written.len() < 6 || closest.starts_with("address_") { 1 } else { 2 };
        (distance(&closest) <= allowed).then_some(closest)
    }
}
