//! The journal of a long run: a line of JSON for each page that was read, so that a run that is cut short goes on where it
//! ended.

use std::io::Write as _;
use std::path::Path;

use returns_bench::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A journal that lines are added to. Without a file it keeps nothing.
pub struct Journal(Option<fs_err::File>);

impl Journal {
    /// Opens a journal, or begins it. Returns the lines that it has. `settings` say what its lines depend on besides the
    /// readers themselves.
    ///
    /// A last line that was cut short is dropped.
    pub fn open<L: DeserializeOwned>(
        path: Option<&Path>,
        settings: &str,
    ) -> Result<(Journal, Vec<L>), Fault> {
        let Some(path) = path else { return Ok((Journal(None), Vec::new())) };
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        let text = if path.exists() { fs_err::read_to_string(path)? } else { String::new() };
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let mut lines = whole.lines();
        let first: Option<String> = lines.next().map(serde_json::from_str).transpose()?;
        if first.as_deref().is_some_and(|first| first != settings) {
            let first = first.unwrap_or_default();
            return Err(Fault::Asked(format!(
                "the journal `{}` is of a run with `{first}`, and this one is with `{settings}`; name another journal",
                path.display(),
            )));
        }
        let known = lines.map(serde_json::from_str).collect::<Result<Vec<L>, _>>()?;
        if whole.len() < text.len() {
            fs_err::write(path, whole)?;
        }
        let file = fs_err::OpenOptions::new().create(true).append(true).open(path)?;
        let mut journal = Journal(Some(file));
        if first.is_none() {
            journal.add(&settings)?;
        }
        Ok((journal, known))
    }

    /// Adds a line.
    pub fn add(&mut self, line: &impl Serialize) -> Result<(), Fault> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        Ok(file.write_all(&bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_goes_on_where_it_was_cut_short_and_only_with_its_settings() {
        let folder = std::env::temp_dir().join(format!("returns-journal-{}", std::process::id()));
        let path = folder.join("journal.jsonl");
        let (mut journal, lines) = Journal::open::<u32>(Some(&path), "budget 900").unwrap();
        assert!(lines.is_empty());
        [7u32, 8].iter().for_each(|line| journal.add(line).unwrap());
        let whole = fs_err::read_to_string(&path).unwrap();
        assert_eq!(whole, "\"budget 900\"\n7\n8\n");
        fs_err::write(&path, whole + "9").unwrap();
        let (mut journal, lines) = Journal::open::<u32>(Some(&path), "budget 900").unwrap();
        assert_eq!(lines, [7, 8]);
        journal.add(&9u32).unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "\"budget 900\"\n7\n8\n9\n");
        assert!(matches!(Journal::open::<u32>(Some(&path), "budget 800"), Err(Fault::Asked(_))));
        fs_err::remove_dir_all(folder).unwrap();
    }
}
