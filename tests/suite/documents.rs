//! The documents: their links lead somewhere, their commands exist, and what `README.md` and `docs/drill.md` show is what the
//! program prints.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::job::{pli, program};
use crate::tools::text;

/// The most lines of the README: whoever opens it reads it to the end.
const README_LINES: usize = 200;
/// In a quoted output: as a line, any lines; within a line, any text.
const LEFT_OUT: &str = "…";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(page: &Path) -> String {
    fs_err::read_to_string(page).unwrap()
}

/// The pages of `docs/`, and those beside it.
fn pages() -> Vec<PathBuf> {
    let of = |folder: &Path| {
        let files = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|ending| ending == "md")).collect::<Vec<_>>()
    };
    let mut found = [of(root()), of(&root().join("docs"))].concat();
    found.sort();
    assert!(found.len() > 30, "the pages were found");
    found
}

/// A page without its fenced blocks.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings =
        text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let anchor = |heading: &str| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn each_link_leads_to_a_file_and_a_heading() {
    let mut seen = 0;
    for page in pages() {
        for link in prose(&read(&page)).split("](").skip(1) {
            let link = link.split(')').next().unwrap_or_default();
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: `{link}` is not there", page.display());
            let there = anchor.is_empty() || anchors(&prose(&read(&target))).contains(anchor);
            assert!(there, "{}: `{link}` names no heading", page.display());
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen} links were followed");
}

#[test]
fn the_readme_is_short() {
    let lines = read(&root().join("README.md")).lines().count();
    assert!(lines < README_LINES, "README.md has {lines} lines");
}

#[test]
fn each_page_has_its_reader() {
    let list = read(&root().join("docs/README.md"));
    for page in pages().iter().filter(|page| page.parent() == Some(&root().join("docs"))) {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(name == "README.md" || list.contains(&format!("({name})")), "docs/README.md lists {name}");
    }
}

/// The keys in the first cells of a page's tables: `` `bureau.phone`, `.phone_overseas` `` are two of one table.
fn keys(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        let mut table = String::new();
        for name in row.split(" |").next().unwrap_or_default().split('`').skip(1).step_by(2) {
            let name = name.strip_prefix('.').map_or(name.to_owned(), |name| format!("{table}.{name}"));
            table = name.rsplit_once('.').map_or(String::new(), |(table, _)| table.to_owned());
            found.insert(name.trim_end_matches(".*").to_owned());
        }
    }
    found
}

/// The places of a schema that hold no table of known keys.
fn leaves(schema: &Value, path: &str, found: &mut Vec<String>) {
    match schema["properties"].as_object() {
        Some(properties) => {
            for (key, schema) in properties {
                leaves(schema, format!("{path}.{key}").trim_start_matches('.'), found);
            }
        }
        None => found.push(path.to_owned()),
    }
}

#[test]
fn each_key_of_the_job_file_is_described() {
    let described = keys(&read(&root().join("docs/job-file.md")));
    let schema = read(&root().join("docs/schemas/job.schema.json"));
    let mut all = Vec::new();
    leaves(&serde_json::from_str(&schema).unwrap(), "", &mut all);
    assert!(all.len() > 80, "{} keys", all.len());
    for key in &all {
        let plain = |told: &str| told.split(".<").next().unwrap_or_default().to_owned();
        let is_told = |told: &String| *key == plain(told) || key.starts_with(&format!("{}.", plain(told)));
        assert!(described.iter().any(is_told), "docs/job-file.md lacks `{key}`");
    }
    for told in &described {
        let plain = told.split(".<").next().unwrap_or_default();
        let is_there = |key: &String| key == plain || key.starts_with(&format!("{plain}."));
        assert!(all.iter().any(is_there), "docs/job-file.md has `{told}`, which is no key");
    }
}

/// The command lines of a page that run `pli`: lines of fenced blocks, and code within its prose.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block = None;
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            block = if block.is_none() { Some(language) } else { None };
            continue;
        }
        let prompted = line.strip_prefix("$ ");
        let parts: Vec<&str> = match block {
            Some("sh" | "console") => prompted.unwrap_or(line).split("&& ").collect(),
            Some(_) => prompted.into_iter().collect(),
            None => line.split('`').skip(1).step_by(2).collect(),
        };
        let commands = parts.into_iter().map(str::trim).filter_map(|part| part.strip_prefix("pli "));
        found.extend(commands.map(|command| command.split(" #").next().unwrap_or_default().to_owned()));
    }
    found
}

/// What `--help` says, by the words before it; `None` where there is no such command.
type Helps = BTreeMap<String, Option<String>>;

/// What `--help` says of the command that plain words name, such as `ledger job.toml backup`.
fn help(words: &[&str], known: &mut Helps) -> Option<String> {
    let help = known.entry(words.join(" ")).or_insert_with(|| {
        let ran = program().args(words).arg("--help").output().unwrap();
        ran.status.success().then(|| String::from_utf8_lossy(&ran.stdout).into_owned())
    });
    help.clone()
}

/// The commands that a help lists.
fn nested(help: &str) -> Vec<&str> {
    let list = help
        .split_once("\nCommands:\n")
        .map_or("", |(_, list)| list.split("\n\n").next().unwrap_or_default());
    list.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

/// What the help says of a command line, and of all commands beside it where it names several; `None` where there is no such
/// command. A placeholder such as `LOT` is refused before the help that follows it, so words are taken off the end.
fn told(command: &str, known: &mut Helps) -> Option<String> {
    let is_plain = |word: &&str| word.chars().all(|c| c.is_alphanumeric() || "./_@\\".contains(c));
    let words: Vec<&str> = command.split_whitespace().take_while(is_plain).collect();
    let (count, own) =
        (1..=words.len()).rev().find_map(|count| Some((count, help(&words[..count], known)?)))?;
    let inner = nested(&own);
    if words.get(count).is_some_and(|word| !inner.is_empty() && !inner.contains(word)) {
        return None;
    }
    let several = command.contains('|');
    let outer = (1..=count)
        .rev()
        .find(|count| several && help(&words[..*count], known).is_some_and(|own| !nested(&own).is_empty()));
    let mut all = own.clone();
    if let Some(count) = outer {
        let own = help(&words[..count], known)?;
        for name in nested(&own).into_iter().filter(|name| *name != "help") {
            all += &help(&[&words[..count], &[name]].concat(), known)?;
        }
    }
    Some(all)
}

#[test]
fn each_command_and_each_option_exists() {
    let mut known = Helps::new();
    let mut seen = 0;
    for page in pages().iter().filter(|page| !page.ends_with("CHANGELOG.md")) {
        for command in commands(&read(page))
            .iter()
            .filter(|command| command.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            let told = told(command, &mut known);
            let told = told.unwrap_or_else(|| panic!("{}: `pli {command}`: no such command", page.display()));
            for option in command.split(|c: char| !(c.is_ascii_lowercase() || c == '-')) {
                let wanted = option.starts_with("--") && option.len() > 3;
                assert!(
                    !wanted || told.contains(option),
                    "{}: `pli {command}` has no {option}",
                    page.display()
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen} commands were found");
}

/// Whether a line is the one that is quoted.
fn is_line(said: &str, quoted: &str) -> bool {
    let mut parts = quoted.split(LEFT_OUT);
    let Some(mut rest) = said.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// Whether lines are those that are quoted.
fn as_quoted(said: &[&str], quoted: &[&str]) -> bool {
    match quoted.split_first() {
        None => said.is_empty(),
        Some((line, rest)) if line.trim() == LEFT_OUT => {
            (0..=said.len()).any(|from| as_quoted(&said[from..], rest))
        }
        Some((line, rest)) => {
            said.first().is_some_and(|said| is_line(said, line)) && as_quoted(&said[1..], rest)
        }
    }
}

#[test]
fn a_quoted_output_is_held_against_what_is_said() {
    assert!(
        is_line("a b c", "a b c")
            && is_line("a b c", "a …")
            && is_line("a b c", "… c")
            && is_line("abc", "a…c")
    );
    assert!(!is_line("a b c", "a b") && !is_line("a b c", "a … d") && !is_line("ab", "a…bc"));
    assert!(as_quoted(&["a", "b", "c"], &["a", "  …"]) && as_quoted(&["a"], &["…", "a", "…"]));
    assert!(
        !as_quoted(&["a", "b"], &["a"]) && !as_quoted(&["a"], &["a", "b"]) && !as_quoted(&["b"], &["…", "a"])
    );
}

/// Runs the consoles of a page, one after the other in a folder, and holds what they print against the page.
#[cfg(unix)]
fn consoles(page: &str, folder: &Path) {
    let shown = read(&root().join(page));
    let programs = Path::new(env!("CARGO_BIN_EXE_pli")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut seen = 0;
    for block in shown.split("```console\n").skip(1).map(|rest| rest.split_once("```").unwrap().0) {
        for part in format!("\n{block}").split("\n$ ").skip(1) {
            let (line, quoted) = part.split_once('\n').unwrap_or((part, ""));
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec 2>&1; {line}")]).current_dir(folder);
            let ran = shell.env("PATH", &path).env("NO_COLOR", "1").output().unwrap();
            let said = String::from_utf8_lossy(&ran.stdout).into_owned();
            let [output, quoted] = [&*said, quoted.trim_end()].map(|text| text.lines().collect::<Vec<_>>());
            assert!(as_quoted(&output, &quoted), "{page}: $ {line}\n{said}");
            seen += 1;
        }
    }
    assert!(seen > 0, "{page} has a console");
}

#[cfg(unix)]
#[test]
fn the_drill_restores_a_lost_ledger() {
    consoles("docs/drill.md", tempfile::tempdir().unwrap().path());
}

#[cfg(unix)]
#[test]
fn the_readme_shows_the_demonstration() {
    consoles("README.md", tempfile::tempdir().unwrap().path());
}

/// A camera's file of lines: minute and second past eight, what it read in the window, what on the card.
#[cfg(unix)]
fn camera(file: &Path, reads: &[(usize, String, String)]) {
    let mut text = String::from("read_at,value,position,card_value\n");
    for (place, (second, value, card)) in (1..).zip(reads) {
        text += &format!("2026-11-24T08:{:02}:{:02},{value},{place},{card}\n", second / 60, second % 60);
    }
    fs_err::write(file, text).unwrap();
}

/// The lot of forty letters of `docs/after-the-press.md`, with what machine and people report of it.
#[cfg(unix)]
#[test]
fn a_day_of_a_lot_goes_as_its_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job");
    let made = pli(&["sample", "--count", "42", "--seed", "3", "--out", text(&job)]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let ran = pli(&["run", text(&job), "--date", "2026-11-23", "--only", "letters"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    fs_err::remove_file(job.join("inbox/cards.csv")).unwrap();
    let manifest = csv::Reader::from_path(job.join("out/2026-11-23/letters/26327A.manifest.csv")).unwrap();
    let cards: Vec<String> = manifest.into_records().map(|row| row.unwrap()[6].to_owned()).collect();
    assert_eq!(cards.len(), 40);
    let mut reads = Vec::new();
    for (piece, card) in (1..).zip(&cards).filter(|(piece, _)| ![4, 12, 20].contains(piece)) {
        let beside = if piece == 30 { &cards[30] } else { card };
        reads.push((piece, card.clone(), beside.clone()));
        if piece == 17 {
            reads.push((piece + 1, card.clone(), card.clone()));
        }
        if piece == 9 {
            let misread = if card.ends_with('1') { '2' } else { '1' };
            reads.push((piece, format!("{}{misread}", &card[..9]), String::new()));
        }
    }
    camera(&job.join("camera.csv"), &reads);
    let again = [4, 20, 30].map(|piece| (200 + piece, cards[piece - 1].clone(), cards[piece - 1].clone()));
    camera(&job.join("again.csv"), &again);
    let scans = "BY HAND\n26327A000012\nSPOILED\n26327A000004\n26327A000020\n";
    fs_err::write(job.join("scans.txt"), scans).unwrap();
    fs_err::write(job.join("spoiled.txt"), "26327A000030\n").unwrap();
    consoles("docs/after-the-press.md", &job);
}

/// What lays out every variant, once or twice: `wording.rs` runs these commands.
#[cfg(unix)]
const LONG: [&str; 2] = ["pli template texts ", "pli template proof "];

/// Runs the scripts of a page, line by line in a folder; each line must end well.
#[cfg(unix)]
fn scripts(page: &str, folder: &Path) {
    let shown = read(&root().join(page));
    let programs = Path::new(env!("CARGO_BIN_EXE_pli")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut seen = 0;
    for block in shown.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0) {
        let lines = block.replace("\\\n", " ");
        let is_run = |line: &&str| !line.trim().is_empty() && !LONG.iter().any(|long| line.starts_with(long));
        for line in lines.lines().filter(is_run) {
            let mut shell = Command::new("sh");
            let ran = shell.args(["-c", line]).current_dir(folder).env("PATH", &path).output().unwrap();
            assert!(ran.status.success(), "{page}: {line}\n{}", String::from_utf8_lossy(&ran.stderr));
            seen += 1;
        }
    }
    assert!(seen > 0, "{page} has a script");
}

#[cfg(unix)]
#[test]
fn the_scripts_of_designers_and_operators_run() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job");
    let made = pli(&["sample", "--count", "20", "--seed", "7", "--out", text(&job)]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let lettre = job.join("lettre");
    fs_err::create_dir(&lettre).unwrap();
    for file in fs_err::read_dir(root().join("docs/templates/05-variants")).unwrap() {
        let file = file.unwrap().path();
        fs_err::copy(&file, lettre.join(file.file_name().unwrap())).unwrap();
    }
    fs_err::copy(job.join("inbox/cards.csv"), job.join("cards.csv")).unwrap();
    scripts("docs/editors.md", &job);
    scripts("docs/template-reference.md", &job);
    scripts("docs/operator.md", folder.path());
}
