//! The tables of a ledger with their columns, in an order in which each refers to earlier ones only (or is checked at the
//! commit): what is copied, exported, imported and compared, whatever database keeps it.

use std::sync::LazyLock;

use super::LedgerError;
use super::database::{Database, Row, Value};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number.
    Integer,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
}

use Kind::{Bytes, Integer, Text};

/// The most columns that a table has.
pub(super) const MOST_COLUMNS: usize = 15;

/// A table of the ledger.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in the order of `select` and `insert`.
    pub columns: &'static [(&'static str, Kind)],
    /// What is read of it: its name, and a condition where not all rows are the ledger's own.
    pub source: String,
    /// The query of these rows, in a fixed order.
    pub select: String,
    /// The statement that inserts a row.
    pub insert: String,
}

/// A table's name, its columns, and those that order its rows.
type Outline = (&'static str, &'static [(&'static str, Kind)], &'static str);

const OUTLINES: [Outline; 21] = [
    ("note", &[("name", Text), ("value", Integer), ("mark", Bytes)], "name"),
    ("intake_file", &[("sha256", Text), ("name", Text), ("night", Text), ("rows", Integer)], "sha256"),
    (
        "record",
        &[
            ("id", Integer),
            ("card", Bytes),
            ("marks", Bytes),
            ("reason", Text),
            ("night", Text),
            ("requested", Text),
            ("source_file", Text),
            ("line", Integer),
            ("key_month", Text),
            ("body", Bytes),
            ("purged", Text),
        ],
        "id",
    ),
    ("duty", &[("id", Integer), ("record", Integer), ("kind", Text), ("due", Text), ("state", Text)], "id"),
    ("dead_card", &[("card", Bytes), ("night", Text), ("replaced_by", Bytes)], "card"),
    ("reissue_release", &[("card", Bytes), ("night", Text), ("reason", Bytes)], "night, card, reason"),
    (
        "lot",
        &[
            ("id", Integer),
            ("name", Text),
            ("kind", Text),
            ("night", Text),
            ("state", Text),
            ("pieces", Integer),
            ("template", Text),
            ("first_tracking", Integer),
        ],
        "id",
    ),
    (
        "print_file",
        &[("lot", Integer), ("number", Integer), ("path", Text), ("sha256", Text), ("purged", Text)],
        "lot, number",
    ),
    (
        "piece",
        &[
            ("lot", Integer),
            ("sequence", Integer),
            ("duty", Integer),
            ("attempt", Integer),
            ("file", Integer),
            ("first_page", Integer),
            ("pages", Integer),
            ("state", Text),
        ],
        "lot, sequence",
    ),
    (
        "event",
        &[
            ("id", Integer),
            ("at", Text),
            ("lot", Integer),
            ("sequence", Integer),
            ("state", Text),
            ("cause", Text),
            ("run", Integer),
            ("by_whom", Text),
        ],
        "id",
    ),
    (
        "run",
        &[
            ("id", Integer),
            ("night", Text),
            ("state", Text),
            ("sealed_for", Integer),
            ("body", Bytes),
            ("key_month", Text),
        ],
        "id",
    ),
    (
        "finding",
        &[
            ("id", Integer),
            ("run", Integer),
            ("kind", Text),
            ("night", Text),
            ("code", Text),
            ("card", Bytes),
            ("body", Bytes),
            ("key_month", Text),
        ],
        "id",
    ),
    (
        "passage",
        &[("lot", Integer), ("sequence", Integer), ("camera", Text), ("read", Bytes)],
        "lot, sequence, camera, read",
    ),
    (
        "alarm",
        &[
            ("id", Integer),
            ("lot", Integer),
            ("sequence", Integer),
            ("kind", Text),
            ("source", Bytes),
            ("at", Text),
            ("place", Text),
            ("said", Text),
            ("mark", Bytes),
            ("decided", Text),
            ("verdict", Text),
            ("reason", Text),
            ("by_whom", Text),
        ],
        "id",
    ),
    ("milestone", &[("lot", Integer), ("name", Text), ("day", Text)], "lot, name"),
    (
        "returned",
        &[
            ("id", Integer),
            ("lot", Integer),
            ("sequence", Integer),
            ("day", Text),
            ("reason", Text),
            ("body", Bytes),
            ("key_month", Text),
            ("batch", Text),
            ("box", Integer),
            ("by_whom", Text),
            ("address", Bytes),
            ("state_before", Text),
            ("undone", Text),
            ("destroyed", Text),
            ("witness", Text),
        ],
        "id",
    ),
    (
        "return_release",
        &[
            ("id", Integer),
            ("lot", Integer),
            ("sequence", Integer),
            ("address", Bytes),
            ("upto", Integer),
            ("day", Text),
            ("reason", Text),
            ("by_whom", Text),
        ],
        "id",
    ),
    (
        "picture",
        &[
            ("id", Integer),
            ("sha256", Text),
            ("page", Integer),
            ("day", Text),
            ("body", Bytes),
            ("key_month", Text),
        ],
        "id",
    ),
    (
        "picture_piece",
        &[("picture", Integer), ("lot", Integer), ("sequence", Integer)],
        "picture, lot, sequence",
    ),
    ("hold", &[("card", Bytes), ("reason", Text), ("day", Text), ("by_whom", Text)], "card"),
    ("release", &[("number", Integer), ("ledger", Text), ("night", Text), ("head", Text)], "number"),
];

/// All tables.
pub(super) static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| OUTLINES.iter().map(table).collect());

fn table((name, columns, order): &Outline) -> Table {
    let names = columns.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ");
    let places = (1..=columns.len()).map(|number| format!("?{number}")).collect::<Vec<_>>().join(", ");
    // Where the audit log of a job stands is nothing of another job's.
    let source = if *name == "note" {
        format!("{name} WHERE name NOT IN ('audit', 'audit_next')")
    } else {
        (*name).to_owned()
    };
    Table {
        name,
        columns,
        select: format!("SELECT {names} FROM {source} ORDER BY {order}"),
        source,
        insert: format!("INSERT INTO {name} ({names}) VALUES ({places})"),
    }
}

impl Table {
    /// The values of a row of `select`, of which the first `columns.len()` are used.
    ///
    /// # Errors
    /// Those of the row.
    pub(super) fn values<'r>(&self, row: &'r dyn Row) -> Result<[Value<'r>; MOST_COLUMNS], LedgerError> {
        let mut values = [Value::Null; MOST_COLUMNS];
        for (column, (_, kind)) in self.columns.iter().enumerate() {
            values[column] = match kind {
                Integer => row.integer(column)?.map_or(Value::Null, Value::Integer),
                Text => row.text(column)?.map_or(Value::Null, Value::Text),
                Bytes => row.bytes(column)?.map_or(Value::Null, Value::Bytes),
            };
        }
        Ok(values)
    }
}

/// Copies all rows from one database into another, whose tables are empty. Both have their transaction open.
///
/// # Errors
/// Those of either database.
pub(super) fn copy(from: &dyn Database, into: &dyn Database) -> Result<u64, LedgerError> {
    let mut rows = 0;
    for table in TABLES.iter() {
        from.query(&table.select, &[], &mut |row| {
            rows += 1;
            into.execute(&table.insert, &table.values(row)?[..table.columns.len()])
        })?;
    }
    Ok(rows)
}

/// Deletes all rows of a ledger without records and releases: notes, such as that of its keys.
///
/// # Errors
/// Those of the database.
pub(super) fn clear_notes(db: &dyn Database) -> Result<(), LedgerError> {
    db.execute_now("DELETE FROM note", &[]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{LedgerHome, LedgerLocation};
    use crate::ledger::Ledger;

    #[test]
    fn every_table_and_column_of_the_schema_is_listed() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = LedgerLocation::File(folder.path().join("ledger.db"));
        let ledger =
            Ledger::open(&LedgerHome { location, keys: folder.path().join("keys") }).expect("a ledger");
        let sql = "SELECT tables.name, columns.name, columns.type FROM sqlite_schema AS tables,
                   pragma_table_info(tables.name) AS columns WHERE tables.type = 'table' ORDER BY 1, 2";
        let text = |row: &dyn Row, column| row.need_text(column).map(str::to_owned);
        let columns = ledger.list(sql, &[], |row| Ok((text(row, 0)?, text(row, 1)?, text(row, 2)?)));
        let listed = |table: &'static Table| {
            table.columns.iter().map(|(column, kind)| {
                let kind = match kind {
                    Integer => "INTEGER",
                    Text => "TEXT",
                    Bytes => "BLOB",
                };
                (table.name.to_owned(), (*column).to_owned(), kind.to_owned())
            })
        };
        let mut all: Vec<_> = TABLES.iter().flat_map(listed).collect();
        all.sort();
        assert_eq!(columns.expect("columns"), all);
    }
}
