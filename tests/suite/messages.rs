//! The tables of stable codes, `docs/messages.md` and, for templates, `docs/template-check.md`: each code that the source can
//! report is in its table, and each code of a table is in the source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The calls that take a code: their name, the files in which it is meant, and the code's place among the arguments.
const CALLS: [(&str, &str, usize); 32] = [
    ("Failure::usage", "src/", 0),
    ("Failure::refused", "src/", 0),
    ("Failure::midway", "src/", 0),
    ("Alert::of", "src/", 0),
    ("add", "src/night/run/alerts.rs", 0),
    ("refused", "src/night/release/history.rs", 0),
    ("failed", "src/night/paperwork/piece_sheets/", 0),
    ("refuse_unless_file", "src/cli/", 0),
    ("refuse_unless_folder", "src/cli/", 0),
    ("refuse_file_on_the_way", "src/cli/", 0),
    ("ending", "src/cli/template/", 0),
    ("Fault::of_file", "src/proving/", 0),
    ("Fault::of_piece", "src/proving/", 0),
    ("fault", "src/proving/pieces.rs", 0),
    ("row", "src/night/intake/stream.rs", 0),
    ("Fault::of_row", "src/night/intake/", 0),
    ("Fault::of_client_ref", "src/night/intake/", 0),
    ("Fault::new", "src/night/intake/", 1),
    ("fault", "src/night/intake/", 1),
    ("warn", "src/night/intake/", 1),
    ("value", "src/night/intake/", 2),
    ("Remark::new", "src/night/", 1),
    ("PieceFault::new", "crates/composition/", 1),
    ("PieceFault::new", "src/", 1),
    ("found", "src/vault/code_statistics.rs", 1),
    ("fault", "src/vault/codes_file.rs", 2),
    ("defer", "src/night/", 1),
    ("warn", "src/night/production/", 2),
    ("warn", "src/night/planning/", 2),
    ("finding", "src/night/planning/", 2),
    ("finding", "src/night/planning/", 1),
    ("finding", "src/night/production/", 1),
];
/// Calls whose code is the name of the column that is their second argument.
const COLUMN_CALLS: [&str; 2] = ["word", "required_word"];
/// The macros whose events are shown on standard error without `-v`. Their field `code` stands before the message.
const EVENTS: [&str; 2] = ["tracing::warn!", "tracing::error!"];
/// Files in which codes stand beside texts, in pairs: every word of theirs with an underscore is a code, except for names of
/// columns and keys.
const PAIRS: [&str; 5] = [
    "src/vault/codes_cells.rs",
    "src/vault/codes_error.rs",
    "src/vault/codes_header.rs",
    "src/vault/seal.rs",
    "src/night/planning/cancellation.rs",
];
const COLUMNS: [&str; 3] = ["assistance_code", "card_number", "replaced_card_number"];
/// Files whose `code` is a word of the records and the ledger, and no message.
const WORDS: [&str; 10] = [
    "crates/mail/src/address.rs",
    "crates/mail/src/card.rs",
    "crates/mail/src/country.rs",
    "crates/mail/src/language.rs",
    "crates/mail/src/piece.rs",
    "crates/mail/src/reason.rs",
    "crates/mail/src/returned.rs",
    "src/ledger/alarm.rs",
    "src/ledger/state.rs",
    "src/returns/outcome.rs",
];
/// What reports none: the list of invented faults, which are other files' codes, and two libraries.
const SILENT: [&str; 3] = ["src/sample/defects.rs", "crates/twoddoc/", "crates/symbols/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the program, without comment lines and without what only tests compile.
struct Source {
    name: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    rust_files(&root().join("crates"), &mut files);
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(root()).unwrap().to_str().expect("UTF-8").to_owned();
        let of_tests = name.trim_end_matches(".rs").split('/').any(|part| part.ends_with("tests"));
        let silent = SILENT.iter().any(|folder| name.starts_with(folder)) || name.contains("conformance");
        if !of_tests && !silent {
            let text = fs_err::read_to_string(&file).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            found.push(Source { name, text: lines.collect::<Vec<_>>().join("\n") });
        }
    }
    assert!(found.len() > 300, "the sources were found");
    found
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => rust_files(&path, found),
            false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The arguments of a call, from behind its bracket on.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut quoted, mut escaped) = (0, 0, false, false);
    let mut found = Vec::new();
    for (offset, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                found.push(&text[start..offset]);
                return found;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&text[start..offset]);
                start = offset + 1;
            }
            _ => {}
        }
    }
    found
}

/// What follows each call of a name.
fn calls<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let call = format!("{name}(");
    let of_a_name = |before: Option<char>| before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let found = text.match_indices(&call).filter(|(offset, _)| {
        let before = &text[..*offset];
        !of_a_name(before.chars().next_back()) && !before.ends_with("fn ")
    });
    found.map(|(offset, _)| &text[offset + call.len()..]).collect()
}

/// Whether a text has the form of a code.
fn is_code(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() > 1
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The codes in quotes.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('"').skip(1).step_by(2).filter(|text| is_code(text)).map(str::to_owned)
}

/// The codes of an argument: those in quotes, and the constants of the same file.
fn codes_of(argument: &str, source: &Source) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = quoted(argument).collect();
    let name = argument.trim();
    if !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
        let constant = format!("const {name}: &str = ");
        let value = source.text.split_once(&constant).and_then(|(_, value)| value.split_once(';'));
        found.extend(value.into_iter().flat_map(|(value, _)| quoted(value)));
    }
    found
}

/// `ReplacedGeneration` as the name of a column: `replaced_generation`.
fn column(name: &str) -> String {
    let mut found = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !found.is_empty() {
            found.push('_');
        }
        found.push(character.to_ascii_lowercase());
    }
    found
}

/// The codes that a file reports.
fn codes(source: &Source) -> BTreeSet<String> {
    let Source { name, text } = source;
    let mut found = BTreeSet::new();
    for (call, files, place) in CALLS {
        if name.starts_with(files) {
            let named = calls(text, call).into_iter().map(arguments);
            let codes = named.filter_map(|all| Some(codes_of(all.get(place)?, source)));
            found.extend(codes.flatten());
        }
    }
    found.extend(event_codes(source).into_iter().flatten().flat_map(|code| codes_of(code, source)));
    for call in COLUMN_CALLS.iter().filter(|_| name.starts_with("src/night/intake/")) {
        let named = calls(text, call).into_iter().flat_map(arguments);
        found.extend(named.filter_map(|argument| argument.trim().strip_prefix("Column::").map(column)));
    }
    if PAIRS.contains(&name.as_str()) {
        let codes = quoted(text).filter(|code| code.contains('_') && !COLUMNS.contains(&code.as_str()));
        found.extend(codes);
    }
    if !WORDS.contains(&name.as_str()) {
        for signature in ["fn code(&self) -> &'static str {", "fn code(self) -> &'static str {"] {
            for body in text.split(signature).skip(1) {
                found.extend(arguments(body).into_iter().flat_map(quoted));
            }
        }
        for value in text.split("code: \"").skip(1) {
            found.extend(value.split('"').next().filter(|code| is_code(code)).map(str::to_owned));
        }
    }
    found
}

/// What each event of a file that is shown has as its code; `None` where it has none.
fn event_codes(source: &Source) -> Vec<Option<&str>> {
    let all = EVENTS.iter().flat_map(|event| calls(&source.text, event)).map(arguments);
    all.map(|all| all.into_iter().find_map(|argument| argument.trim().strip_prefix("code = "))).collect()
}

/// The codes of the program, except for those of templates, and the codes of templates.
fn all_codes() -> [BTreeSet<String>; 2] {
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for source in sources() {
        let page = usize::from(source.name.starts_with("crates/template/"));
        found[page].extend(codes(&source));
    }
    found
}

/// The codes in the first cell of the rows of a page's tables whose head begins with `code`.
fn table(page: &str) -> Vec<String> {
    let text = fs_err::read_to_string(root().join("docs").join(page)).unwrap();
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let first = line.strip_prefix("| ").and_then(|row| row.split(" |").next());
        inside = match first {
            Some(cell) if cell.starts_with("code") => true,
            Some(cell) if inside => {
                found.extend(cell.split('`').skip(1).step_by(2).map(str::to_owned));
                true
            }
            _ => inside && line.starts_with('|'),
        };
    }
    found
}

#[test]
fn each_code_stands_once_in_its_table_and_no_other_does() {
    for (page, known) in ["messages.md", "template-check.md"].into_iter().zip(all_codes()) {
        assert!(known.len() > 50, "codes were found for {page}");
        let rows = table(page);
        let told: BTreeSet<String> = rows.iter().cloned().collect();
        let missing: Vec<_> = known.difference(&told).collect();
        let unknown: Vec<_> = told.difference(&known).collect();
        assert!(
            missing.is_empty(),
            "docs/{page} lacks {missing:?}: give each a row, with its cause and its cure"
        );
        assert!(unknown.is_empty(), "docs/{page} has {unknown:?}, which no source reports");
        let twice: Vec<_> =
            told.iter().filter(|code| rows.iter().filter(|row| row == code).count() > 1).collect();
        assert!(twice.is_empty(), "docs/{page} has {twice:?} in more than one row");
    }
}

#[test]
fn each_warning_on_standard_error_has_a_code() {
    let mut seen = 0;
    for source in sources() {
        let codes = event_codes(&source);
        seen += codes.len();
        assert!(codes.iter().all(Option::is_some), "{}: an event without `code = …`", source.name);
    }
    assert!(seen > 30, "{seen} events were found");
}

#[test]
fn each_cell_of_the_tables_says_something() {
    let page = fs_err::read_to_string(root().join("docs/messages.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    assert!(rows.len() > 100);
    for row in rows {
        assert!(row.trim_matches('|').split(" | ").all(|cell| !cell.trim().is_empty()), "{row}");
    }
}

/// The exit codes of a code's row, by code.
fn exits() -> BTreeMap<String, String> {
    let page = fs_err::read_to_string(root().join("docs/messages.md")).unwrap();
    let mut found = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let codes = cells[0].split('`').skip(1).step_by(2);
        found.extend(codes.filter(|_| cells.len() == 4).map(|code| (code.to_owned(), cells[1].to_owned())));
    }
    found
}

#[test]
fn each_exit_code_is_that_of_the_source() {
    let exits = exits();
    let mut seen = 0;
    for source in sources() {
        for (call, exit) in [("Failure::usage", '2'), ("Failure::refused", '3'), ("Failure::midway", '4')] {
            for all in calls(&source.text, call).into_iter().map(arguments) {
                for code in codes_of(all.first().copied().unwrap_or_default(), &source) {
                    let told = exits.get(&code).is_none_or(|told| told.contains(exit));
                    assert!(told, "docs/messages.md: `{code}` ends with {exit}, too ({})", source.name);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 150, "{seen} failures were found");
}

/// The codes that the invented records are refused with are told by nobody but their own test.
#[test]
fn the_faults_of_invented_records_are_in_the_table() {
    let defects = fs_err::read_to_string(root().join("src/sample/defects.rs")).unwrap();
    let defects = defects.split("#[cfg(test)]").next().unwrap_or_default();
    let told: BTreeSet<String> = table("messages.md").into_iter().collect();
    let mut seen = 0;
    for list in defects.split("(&[\"").skip(1) {
        let list = list.split(']').next().unwrap_or_default();
        for code in format!("\"{list}").split('"').skip(1).step_by(2) {
            assert!(told.contains(code), "docs/messages.md lacks `{code}`");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen} faults were found");
}

#[test]
fn each_function_that_takes_a_code_is_known_here() {
    let known: BTreeSet<&str> = CALLS.iter().filter_map(|(call, ..)| call.rsplit("::").next()).collect();
    for Source { name, text } in sources() {
        for function in text.split("fn ").skip(1).filter(|_| !name.contains("preview")) {
            let Some((head, rest)) = function.split_once('(') else { continue };
            let takes = arguments(rest).iter().any(|argument| argument.trim() == "code: &'static str");
            let head = head.split('<').next().unwrap_or_default();
            assert!(!takes || known.contains(head), "{name}: `{head}` takes a code; name it in CALLS");
        }
    }
}

#[test]
fn a_call_is_split_at_its_own_commas() {
    let text = "Failure::usage(\"a_code\", format!(\"{},)\", [1, 2]))\n.with(CODE)";
    let found = calls(text, "Failure::usage");
    assert_eq!(arguments(found[0]), ["\"a_code\"", " format!(\"{},)\", [1, 2])"]);
    assert_eq!(calls("unwarn(1) fn warn(2) x.warn(3)", "warn"), ["3)"]);
    assert_eq!(column("ReplacedGeneration"), "replaced_generation");
}

/// The codes that the doctor itself gives its findings. Others are the run's.
fn doctor_codes() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources().into_iter().filter(|source| source.name.starts_with("src/doctor/")) {
        let named = calls(&source.text, "Finding::warning").into_iter().map(arguments);
        found.extend(named.filter_map(|all| Some(codes_of(all.get(1)?, &source))).flatten());
        found.extend(codes(&source));
    }
    found
}

/// The codes in the third cell of the rows of the doctor's looks.
fn codes_of_looks() -> BTreeSet<String> {
    let page = fs_err::read_to_string(root().join("docs/doctor.md")).unwrap();
    let (_, rows) = page.split_once("| look |").expect("the table of the looks");
    let cells = rows.lines().skip(2).map_while(|row| row.split('|').nth(3));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn each_code_of_the_doctor_has_a_cause_and_a_cure_and_no_other_is_told() {
    let (own, looks) = (doctor_codes(), codes_of_looks());
    assert!(own.len() > 12 && looks.len() > 40, "{} and {} codes were found", own.len(), looks.len());
    let messages: BTreeSet<String> = table("messages.md").into_iter().collect();
    let missing: Vec<_> =
        own.iter().filter(|code| !looks.contains(*code) && !messages.contains(*code)).collect();
    assert!(
        missing.is_empty(),
        "docs/doctor.md lacks {missing:?}: give each a row, with its cause and its cure"
    );
    let [run, templates] = all_codes();
    let known = |code: &&String| own.contains(*code) || run.contains(*code) || templates.contains(*code);
    let unknown: Vec<_> = looks.iter().filter(|code| !known(code)).collect();
    assert!(unknown.is_empty(), "docs/doctor.md has {unknown:?}, which neither the doctor nor a run reports");
}
