//! Faults of settings files (TOML) in plain words: a deserializer speaks of types that no user knows.

use crate::legible;

/// What is wrong with a setting, and what to write instead, from the message of a TOML deserializer. A message of another
/// form is returned as it is, without advice.
pub fn plain_words(message: &str) -> (String, Option<String>) {
    let message = legible(message.trim_end()).replace("\\u{a}", ", ");
    let between = |prefix: &str| message.strip_prefix(prefix)?.split_once(", expected ");
    if let Some((found, wanted)) = between("invalid type: ") {
        return wrong_type(&Found::parse(found), Wanted::parse(wanted));
    }
    if let Some((found, wanted)) = between("invalid value: ") {
        let (found, wanted) = (Found::parse(found), Wanted::parse(wanted));
        return match (&found, wanted) {
            (Found::Plain(number), Wanted::Whole | Wanted::Signed) if number.parse::<u128>().is_ok() => {
                (format!("`{number}` is too large"), Some("write a smaller number".to_owned()))
            }
            _ => (
                format!("{} can't stand here", found.described()),
                Some(format!("write {}", wanted.described())),
            ),
        };
    }
    if let Some((key, known)) = between("unknown field ") {
        let known = known.trim_start_matches("one of ");
        return (format!("there is no key {key} here"), Some(choice(key, "the keys here are", known)));
    }
    if let Some((value, known)) = between("unknown variant ") {
        return (format!("{value} is no value of this key"), Some(choice(value, "write", known)));
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        let advice = format!("add a line `{} = …`", key.trim_matches('`'));
        return (format!("the key {key} is missing"), Some(advice));
    }
    if message.starts_with("wanted string or table") || message.starts_with("data did not match any variant")
    {
        return ("this value can't stand here".to_owned(), Some("write a text in quotes".to_owned()));
    }
    if message.starts_with("write ") {
        return ("this value can't stand here".to_owned(), Some(message));
    }
    if message == "duplicate key" {
        return ("this key is there twice".to_owned(), Some("keep one of the two lines".to_owned()));
    }
    (message, None)
}

/// Line and column, from 1, of a byte of the text.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    (line, before.chars().rev().take_while(|&c| c != '\n').count() + 1)
}

/// Where a key (which begins its line) or a value begins in a settings file. A key with dots is looked for in its table, where
/// tables of one file have keys of the same name: `inserter.letters.results.status`.
pub fn key_offset(text: &str, key: &str) -> usize {
    if key.contains('.') {
        return offset_in_table(text, key);
    }
    let named = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
    let key_line = numbered(text).find(|(_, line)| named(line)).map(|(begin, _)| begin);
    key_line.or_else(|| text.find(key)).unwrap_or(0)
}

/// Where the line begins that names most of a path: its key, an inline table that holds it, or the header of its table.
fn offset_in_table(text: &str, path: &str) -> usize {
    let (mut table, mut found) = (String::new(), (0, 0));
    for (begin, line) in numbered(text) {
        let named = match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((header, _)) => {
                table = header.trim().to_owned();
                table.clone()
            }
            None => match line.split_once('=') {
                Some((key, _)) if table.is_empty() => key.trim().to_owned(),
                Some((key, _)) => format!("{table}.{}", key.trim()),
                None => continue,
            },
        };
        let holds = path.strip_prefix(&named).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if holds && named.len() > found.1 {
            found = (begin, named.len());
        }
    }
    found.0
}

/// The lines without the blanks before them, each with the offset of its first character.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.split_inclusive('\n').scan(0, |end, line| {
        let begin = *end;
        *end += line.len();
        Some((begin, line))
    });
    lines.map(|(begin, line)| (begin + line.len() - line.trim_start().len(), line.trim_start()))
}

fn wrong_type(found: &Found, wanted: Wanted) -> (String, Option<String>) {
    let stands = match (found, wanted) {
        // The deserializer calls both a map.
        (Found::Table, Wanted::Text) => "a table, or a date or a time without quotes,".to_owned(),
        _ => found.described(),
    };
    let problem = format!("{stands} stands where {} belongs", wanted.described());
    let advice = match (found, wanted) {
        (Found::Text(text), Wanted::Whole | Wanted::Number) if text.parse::<f64>().is_ok() => {
            format!("write `{text}` without quotes")
        }
        (Found::Text(text), Wanted::Truth) if text == "true" || text == "false" => {
            format!("write `{text}` without quotes")
        }
        (Found::Text(text), Wanted::List) => format!("write it in brackets: `[\"{text}\"]`"),
        (Found::Plain(value), Wanted::Text) => format!("write it in quotes: `\"{value}\"`"),
        (_, wanted) => format!("write {}", wanted.described()),
    };
    (problem, Some(advice))
}

/// The value that a deserializer found.
enum Found {
    /// A text in quotes.
    Text(String),
    /// A number, date or truth value, as it is written.
    Plain(String),
    /// A list.
    List,
    /// A table.
    Table,
    /// Anything else, as the deserializer says it.
    Other(String),
}

impl Found {
    fn parse(said: &str) -> Found {
        let quoted = |mark: char| said.split_once(mark)?.1.strip_suffix(mark).map(str::to_owned);
        match said.split(' ').next().unwrap_or_default() {
            "string" => quoted('"').map_or_else(|| Found::Other("a text".to_owned()), Found::Text),
            "integer" | "boolean" | "floating" => {
                quoted('`').map_or_else(|| Found::Other("a number".to_owned()), Found::Plain)
            }
            "sequence" => Found::List,
            "map" => Found::Table,
            _ => Found::Other(said.to_owned()),
        }
    }

    fn described(&self) -> String {
        match self {
            Found::Text(text) => format!("the text \"{text}\""),
            Found::Plain(value) => format!("`{value}`"),
            Found::List => "a list".to_owned(),
            Found::Table => "a table".to_owned(),
            Found::Other(said) => said.clone(),
        }
    }
}

/// What belongs there.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    /// A whole number of 0 or more.
    Whole,
    /// A whole number, also below 0.
    Signed,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// A text.
    Text,
    /// A list.
    List,
    /// A table.
    Table,
    /// Anything else, as the deserializer says it.
    Other(&'a str),
}

impl Wanted<'_> {
    fn parse(said: &str) -> Wanted<'_> {
        match said {
            "u8" | "u16" | "u32" | "u64" | "usize" => Wanted::Whole,
            "i8" | "i16" | "i32" | "i64" | "isize" => Wanted::Signed,
            "f32" | "f64" => Wanted::Number,
            "a boolean" => Wanted::Truth,
            "a string" | "path string" | "string or table" | "a character" => Wanted::Text,
            "a sequence" => Wanted::List,
            _ if said.starts_with("struct ") || said.ends_with("map") => Wanted::Table,
            _ if said.starts_with("enum ") => Wanted::Text,
            _ => Wanted::Other(said),
        }
    }

    fn described(self) -> String {
        match self {
            Wanted::Whole => "a whole number of 0 or more",
            Wanted::Signed => "a whole number",
            Wanted::Number => "a number",
            Wanted::Truth => "true or false",
            Wanted::Text => "a text in quotes",
            Wanted::List => "a list in brackets",
            Wanted::Table => "a table",
            Wanted::Other(said) => said,
        }
        .to_owned()
    }
}

/// The advice to choose among the known names, with the nearest one first.
fn choice(written: &str, words: &str, known: &str) -> String {
    let nearest =
        known.split([',', ' ']).filter(|name| name.len() > 2).min_by_key(|name| steps(written, name));
    match nearest.filter(|name| steps(written, name) <= 2) {
        Some(nearest) => format!("did you mean {nearest}? {words} {known}"),
        None => format!("{words} {known}"),
    }
}

/// The name that a misspelled one is meant to be: the nearest of these, at most two characters away. Capitals count as small
/// letters.
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_lowercase();
    let distance = |name: &str| steps(&written, &name.to_lowercase());
    let allowed = if written.chars().count() < 5 { 1 } else { 2 };
    let nearest = known.into_iter().min_by_key(|name| distance(name))?;
    (distance(nearest) <= allowed).then_some(nearest)
}

/// How many characters must be changed, added or removed to turn one text into the other.
fn steps(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, character) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_its_table() {
        let text = "status = 1\n[a.x]\nstatus = 2\n\n[b]\n  x = { status = 3 }\n[c.x.status]\n0 = 1\n";
        let line = |key| line_and_column(text, key_offset(text, key));
        assert_eq!(line("status"), (1, 1));
        assert_eq!(line("a.x.status"), (3, 1));
        assert_eq!(line("a.x.delimiter"), (2, 1), "the header of a table without the key");
        assert_eq!(line("b.x.status"), (6, 3));
        assert_eq!(line("c.x.status"), (7, 1));
        assert_eq!(line("d.status"), (1, 1));
    }

    #[test]
    fn a_wrong_type_is_said_with_what_to_write() {
        for (said, advice) in [
            ("invalid type: string \"600\", expected u32", "write `600` without quotes"),
            ("invalid type: string \"fine\", expected u32", "write a whole number of 0 or more"),
            ("invalid type: integer `3`, expected a string", "write it in quotes: `\"3\"`"),
            ("invalid type: string \"a\", expected a sequence", "write it in brackets: `[\"a\"]`"),
            ("invalid type: string \"true\", expected a boolean", "write `true` without quotes"),
            ("invalid value: integer `-1`, expected u32", "write a whole number of 0 or more"),
            ("invalid value: integer `70000`, expected u16", "write a smaller number"),
            ("invalid type: map, expected a string", "write a text in quotes"),
            ("invalid type: integer `3`, expected struct Bureau", "write a table"),
        ] {
            assert_eq!(plain_words(said).1.as_deref(), Some(advice), "{said}");
        }
        let (time, _) = plain_words("invalid type: map, expected a string");
        assert!(time.contains("a time without quotes"), "{time}");
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("Reson", ["family", "reason"]), Some("reason"));
        assert_eq!(nearest("pim", ["pin", "puk"]), Some("pin"));
        assert_eq!(nearest("xyz", ["pin", "puk"]), None);
        assert_eq!(nearest("card", []), None);
    }

    #[test]
    fn a_name_that_is_not_known_is_said_with_the_nearest() {
        let (problem, advice) = plain_words("unknown field `dpl`, expected one of `dpi`, `duplex`");
        assert_eq!(problem, "there is no key `dpl` here");
        assert_eq!(advice.unwrap(), "did you mean `dpi`? the keys here are `dpi`, `duplex`");
        let (_, advice) = plain_words("unknown variant `red`, expected `long-edge` or `short-edge`");
        assert_eq!(advice.unwrap(), "write `long-edge` or `short-edge`");
        assert_eq!(plain_words("missing field `name`").1.unwrap(), "add a line `name = …`");
    }

    #[test]
    fn another_message_stays_and_is_legible() {
        assert_eq!(plain_words("unclosed table\u{1b}"), ("unclosed table\\u{1b}".to_owned(), None));
    }
}
