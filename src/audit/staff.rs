//! The marks of staff: the log names nobody, and a list that lies apart says whose marks they are.
//!
//! A mark is drawn by chance, so that it says nothing once its row is removed from the list.

use std::io;
use std::path::Path;

use crate::failure::Failure;
use crate::files::{harmless_cell, hexadecimal, private_folder, sync_folders, write_private};

/// The largest list that is read, in bytes.
const MAX_LIST: u64 = 4 << 20;
/// Random bytes of a mark.
const BYTES: usize = 4;

/// The marks of these names, in their order. New names are added to the list. The caller holds the log's lock.
///
/// # Errors
/// `audit_staff`: the list can't be read; I/O errors.
pub(super) fn marks(list: &Path, names: &[&str]) -> Result<Vec<String>, Failure> {
    let mut known = read(list)?;
    let before = known.len();
    let mut marks = Vec::with_capacity(names.len());
    for name in names {
        let name = harmless_cell(name).into_owned();
        if let Some((mark, _)) = known.iter().find(|(_, listed)| *listed == name) {
            marks.push(mark.clone());
            continue;
        }
        let mark = loop {
            let mut bytes = [0; BYTES];
            getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
            let mark = format!("s{}", hexadecimal(bytes));
            if known.iter().all(|(taken, _)| *taken != mark) {
                break mark;
            }
        };
        known.push((mark.clone(), name));
        marks.push(mark);
    }
    if known.len() > before {
        write(list, &known)?;
    }
    Ok(marks)
}

fn read(list: &Path) -> Result<Vec<(String, String)>, Failure> {
    if !list.exists() {
        return Ok(Vec::new());
    }
    let unreadable = |problem: String| {
        Failure::refused("audit_staff", format!("the list of marks can't be read: {problem}"))
            .in_file(list.display())
            .with_advice("restore it from a backup, or move it away: marks of a new list are others")
    };
    let bytes = foreign::read(list, MAX_LIST).map_err(|error| unreadable(error.to_string()))?;
    let rows: Result<Vec<_>, csv::Error> =
        csv::Reader::from_reader(&*bytes).into_deserialize::<(String, String)>().collect::<Result<_, _>>();
    rows.map_err(|error| unreadable(error.to_string()))
}

fn write(list: &Path, known: &[(String, String)]) -> Result<(), Failure> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["mark", "name"]).map_err(io::Error::other)?;
    for (mark, name) in known {
        table.write_record([mark, name]).map_err(io::Error::other)?;
    }
    let bytes = table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    let folder = list.parent().unwrap_or(Path::new("."));
    private_folder(folder)?;
    write_private(list, &bytes)?;
    Ok(sync_folders(folder, &[])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("kept/staff.csv");
        let first = marks(&list, &["martin", "=cmd,\"x\""]).unwrap();
        assert_eq!(marks(&list, &["=cmd,\"x\"", "martin"]).unwrap(), [first[1].clone(), first[0].clone()]);
        assert_ne!(first[0], first[1]);
        let text = fs_err::read_to_string(&list).unwrap();
        assert!(text.contains("martin") && text.contains("'=cmd"), "{text}");
        fs_err::write(&list, "mark,name\nonly one cell\n").unwrap();
        assert_eq!(marks(&list, &["martin"]).unwrap_err().code(), "audit_staff");
    }
}
