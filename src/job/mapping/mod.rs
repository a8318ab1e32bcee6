//! How the files of issuers become ours: their names of columns, their codes, their dates, what they don't send, and where
//! columns stand in files without delimiters (docs/input.md).
//!
//! A mapping is checked when the job is read. It never guesses: a value that it does not name stays as it is.

mod column;
mod date_form;
mod fixed;

use std::collections::BTreeMap;

use mail::{Worded, Words, composed, excerpt};

use super::sections::Input;
pub(crate) use column::{CLIENT_REF, Column};
pub(crate) use date_form::{DateForm, DateSetting};
pub(crate) use fixed::{FixedColumn, FixedLayout, FixedSettings, Place, Trailer};

/// How the record files of a job become ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordMapping {
    columns: BTreeMap<Column, String>,
    client_ref: Option<String>,
    constants: BTreeMap<Column, String>,
    values: BTreeMap<Column, BTreeMap<String, String>>,
    dates: BTreeMap<Column, DateForm>,
    fixed: Option<FixedLayout>,
}

/// A setting that can't be used: its key, and the problem, then `; ` and the advice.
type MappingFault = (String, String);

impl RecordMapping {
    /// The mapping of a job.
    ///
    /// # Errors
    /// The first setting that can't be used.
    pub(super) fn of(input: &Input) -> Result<RecordMapping, MappingFault> {
        let mut mapping = RecordMapping::default();
        mapping.add_columns(&input.columns)?;
        mapping.add_constants(&input.constants)?;
        mapping.refuse_shared_names()?;
        mapping.add_values(&input.values)?;
        mapping.add_dates(&input.dates)?;
        if let Some(settings) = &input.fixed {
            mapping.fixed = Some(FixedLayout::of(settings, &mapping.constants)?);
        }
        Ok(mapping)
    }

    fn add_columns(&mut self, columns: &BTreeMap<String, String>) -> Result<(), MappingFault> {
        for (ours, theirs) in columns {
            let key = format!("input.columns.{ours}");
            let theirs = header_name(theirs);
            if theirs.is_empty() {
                return Err((key, "it names no column; write its name in the header of the file".to_owned()));
            }
            if ours == CLIENT_REF {
                self.client_ref = Some(theirs);
                continue;
            }
            match Column::named(ours) {
                Some(column) => self.columns.insert(column, theirs),
                None => return Err((key, unknown_column(ours))),
            };
        }
        Ok(())
    }

    fn add_constants(&mut self, constants: &BTreeMap<String, String>) -> Result<(), MappingFault> {
        for (ours, text) in constants {
            let key = format!("input.constants.{ours}");
            let Some(column) = Column::named(ours) else {
                return Err(match ours == CLIENT_REF {
                    true => (
                        key,
                        "every record has a reference of its own, or none; take the line out".to_owned(),
                    ),
                    false => (key, unknown_column(ours)),
                });
            };
            if column == Column::CardNumber {
                let message = "every record has a number of its own; name its column in `[input.columns]`";
                return Err((key, message.to_owned()));
            }
            if let Some(theirs) = self.columns.get(&column) {
                let message = format!(
                    "`[input.columns]` names its column `{}` already; keep one of the two",
                    excerpt(theirs)
                );
                return Err((key, message));
            }
            let text = composed(text.trim()).into_owned();
            column.check(&text).map_err(|message| (key, message))?;
            self.constants.insert(column, text);
        }
        Ok(())
    }

    /// Refuses two columns of ours that one column of theirs would fill.
    fn refuse_shared_names(&self) -> Result<(), MappingFault> {
        let read = Column::ALL.into_iter().filter(|column| !self.constants.contains_key(column));
        let columns = read.map(|column| (column.name(), self.name(column)));
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for (ours, theirs) in columns.chain([(CLIENT_REF, self.client_ref_name())]) {
            if let Some(other) = known.insert(theirs, ours) {
                // The key that is there: a column without one has its own name.
                let (key, other) = if ours == theirs { (other, ours) } else { (ours, other) };
                let message =
                    format!("`{}` is the column of `{other}` already; name another one", excerpt(theirs));
                return Err((format!("input.columns.{key}"), message));
            }
        }
        Ok(())
    }

    fn add_values(
        &mut self,
        tables: &BTreeMap<String, BTreeMap<String, String>>,
    ) -> Result<(), MappingFault> {
        for (ours, table) in tables {
            let key = format!("input.values.{ours}");
            if ours == CLIENT_REF {
                let message = "a reference is carried as it is written; take the table out";
                return Err((key, message.to_owned()));
            }
            let Some(column) = Column::named(ours) else { return Err((key, unknown_column(ours))) };
            self.refuse_constant(column, &key)?;
            let mut values = BTreeMap::new();
            for (theirs, value) in table {
                let key = format!("{key}.{}", quoted(theirs));
                column.check(value).map_err(|message| (key.clone(), message))?;
                if values.insert(composed(theirs.trim()).into_owned(), value.clone()).is_some() {
                    return Err((
                        key,
                        "only spaces tell it from another line; keep one of the two".to_owned(),
                    ));
                }
            }
            self.values.insert(column, values);
        }
        Ok(())
    }

    fn add_dates(&mut self, dates: &BTreeMap<String, DateSetting>) -> Result<(), MappingFault> {
        for (ours, setting) in dates {
            let key = format!("input.dates.{ours}");
            let column = Column::named(ours).filter(|column| Column::DATES.contains(column));
            let Some(column) = column else {
                let names = Column::DATES.map(Column::name);
                let meant = foreign::nearest(ours, names);
                let meant = meant.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
                let message = format!("it is no column of dates; {meant}those are {}", names.join(", "));
                return Err((key, message));
            };
            self.refuse_constant(column, &key)?;
            let form = DateForm::of(column, setting).map_err(|message| (key, message))?;
            self.dates.insert(column, form);
        }
        Ok(())
    }

    fn refuse_constant(&self, column: Column, key: &str) -> Result<(), MappingFault> {
        match self.constants.contains_key(&column) {
            true => {
                let message = "`[input.constants]` has the value of every record; take one of the two out";
                Err((key.to_owned(), message.to_owned()))
            }
            false => Ok(()),
        }
    }

    /// Whether record files are as ours are.
    pub(crate) fn is_plain(&self) -> bool {
        *self == RecordMapping::default()
    }

    /// The name of a column in the header of a file.
    pub(crate) fn name(&self, column: Column) -> &str {
        self.columns.get(&column).map_or(column.name(), String::as_str)
    }

    /// The name of the column of the client's reference in the header of a file.
    pub(crate) fn client_ref_name(&self) -> &str {
        self.client_ref.as_deref().unwrap_or(CLIENT_REF)
    }

    /// The value of a column that files don't have.
    pub(crate) fn constant(&self, column: Column) -> Option<&str> {
        self.constants.get(&column).map(String::as_str)
    }

    /// What a value of theirs stands for; `None` where the job does not name it.
    pub(crate) fn value(&self, column: Column, theirs: &str) -> Option<&str> {
        self.values.get(&column)?.get(theirs).map(String::as_str)
    }

    /// How the dates of a column are written; `None`: as ISO 8601 has them.
    pub(crate) fn date_form(&self, column: Column) -> Option<&DateForm> {
        self.dates.get(&column)
    }

    /// The layout of a file without delimiters.
    pub(crate) fn layout(&self, name: &str, path: &str) -> Option<&FixedLayout> {
        self.fixed.as_ref().filter(|layout| layout.is_of(name, path))
    }

    /// The line that the job lacks for a value, and the words that it may stand for; `None` where a value of this column can't
    /// be mapped.
    pub(crate) fn missing_line(&self, column: Column, theirs: &str) -> Option<Words> {
        let mapped = self.values.contains_key(&column) || (!self.is_plain() && !column.words().is_empty());
        let short = !theirs.is_empty() && theirs == excerpt(theirs);
        if !mapped || !short || self.constants.contains_key(&column) {
            return None;
        }
        let instead = match column.words().is_empty() {
            true => Words::new("notre valeur", "our value"),
            false => Words::new("un de ces mots", "one of these words"),
        };
        let line = line_to_add(column, theirs, "…");
        Some(Words::of(
            format!("{}, avec {} à la place des points", line.french(), instead.french()),
            format!("{line}, with {instead} for the dots"),
        ))
    }
}

/// The advice to add a line to the values of a column.
pub(crate) fn line_to_add(column: Column, theirs: &str, ours: &str) -> Words {
    let (line, name) = (format!("{} = {}", quoted(theirs), quoted(ours)), column.name());
    Words::of(
        format!("ajoutez la ligne «\u{A0}{line}\u{A0}» à «\u{A0}[input.values.{name}]\u{A0}»"),
        format!("add the line `{line}` to `[input.values.{name}]`"),
    )
}

/// A text as a key or value of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// The name of a column as headers and job files are compared: composed, without spaces at its ends, and with plain spaces for those
/// that do not break, which nobody sees.
pub(crate) fn header_name(written: &str) -> String {
    composed(written.trim()).replace(['\u{A0}', '\u{202F}'], " ")
}

/// There is no such column of ours.
fn unknown_column(name: &str) -> String {
    let names = || Column::ALL.into_iter().map(Column::name).chain([CLIENT_REF]);
    match foreign::nearest(name, names()) {
        Some(meant) => format!("there is no column `{}`; did you mean `{meant}`?", excerpt(name)),
        None => format!(
            "there is no column `{}`; ours stand before the equals sign: {}",
            excerpt(name),
            names().collect::<Vec<_>>().join(", ")
        ),
    }
}

#[cfg(test)]
mod tests;
