//! What the sources say of the keys of their types: the documentation of the fields.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The documentation of fields, by the field's name in a document, for each type of a name.
pub(super) struct Words(BTreeMap<String, Vec<BTreeMap<String, String>>>);

impl Words {
    /// Reads the sources of the program and its crates.
    pub(super) fn of_sources() -> Words {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        for folder in ["src", "crates/mail/src", "crates/template/src", "crates/composition/src"] {
            rust_files(&root.join(folder), &mut files);
        }
        let mut found = Words(BTreeMap::new());
        for file in files {
            found.add(&fs_err::read_to_string(file).expect("a source"));
        }
        found
    }

    /// Adds the types of a source.
    fn add(&mut self, text: &str) {
        let mut current: Option<(String, BTreeMap<String, String>)> = None;
        let (mut words, mut renamed) = (String::new(), None);
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(name) = struct_name(line) {
                current = Some((name.to_owned(), BTreeMap::new()));
            } else if line == "}" {
                if let Some((name, fields)) = current.take() {
                    self.0.entry(name).or_default().push(fields);
                }
            } else if let Some(said) = trimmed.strip_prefix("///") {
                words = format!("{words} {}", said.trim());
                continue;
            } else if let Some(name) =
                trimmed.split("rename = \"").nth(1).filter(|_| trimmed.starts_with('#'))
            {
                renamed = name.split('"').next().map(str::to_owned);
                continue;
            } else if trimmed.starts_with('#') {
                continue;
            } else if let (Some((_, fields)), Some(name)) = (&mut current, field_name(trimmed)) {
                fields.insert(renamed.take().unwrap_or_else(|| name.to_owned()), words.trim().to_owned());
            }
            words.clear();
            renamed = None;
        }
    }

    /// The documentation of the keys of a type: of all types of that name the one that has these keys.
    pub(super) fn of(&self, name: &str, keys: &[&str]) -> BTreeMap<&str, &str> {
        let wanted: BTreeSet<&str> = keys.iter().copied().collect();
        let types = self.0.get(name).into_iter().flatten();
        let mut fitting =
            types.filter(|fields| fields.keys().map(String::as_str).collect::<BTreeSet<_>>() == wanted);
        let found = fitting.next().into_iter().flatten();
        found.map(|(key, words)| (key.as_str(), words.as_str())).collect()
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs_err::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => rust_files(&path, found),
            false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The name of the type whose fields follow this line.
fn struct_name(line: &str) -> Option<&str> {
    let (before, name) = line.split_once("struct ")?;
    let opens = line.ends_with(" {") && (before.is_empty() || before.starts_with("pub"));
    opens.then(|| name.split([' ', '<']).next().unwrap_or_default())
}

/// The name of the field that a line declares.
fn field_name(line: &str) -> Option<&str> {
    let name = line.split_once(": ")?.0;
    let name = name.rsplit(' ').next()?;
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (plain && line.ends_with(',')).then_some(name)
}
