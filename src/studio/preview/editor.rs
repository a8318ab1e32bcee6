//! Opens a place in the designer's editor.

use std::path::Path;
use std::process::{Command, Stdio};

use hyper::StatusCode;

use super::places::Place;
use super::refusal::Refusal;
use crate::failure::Failure;

/// Editors by name: the command, or the address that the system opens.
const KNOWN: [(&str, &str); 11] = [
    ("vscode", "vscode://file{file}:{line}:{column}"),
    ("code", "code --goto {file}:{line}:{column}"),
    ("codium", "codium --goto {file}:{line}:{column}"),
    ("cursor", "cursor://file{file}:{line}:{column}"),
    ("zed", "zed {file}:{line}:{column}"),
    ("helix", "hx {file}:{line}:{column}"),
    ("sublime", "subl {file}:{line}:{column}"),
    ("kate", "kate --line {line} --column {column} {file}"),
    ("gedit", "gedit {file} +{line}:{column}"),
    ("emacs", "emacsclient --no-wait +{line}:{column} {file}"),
    ("gvim", "gvim --remote-silent +{line} {file}"),
];

/// What opens an address.
const OPENER: &str = match () {
    () if cfg!(target_os = "macos") => "open",
    () if cfg!(windows) => "explorer",
    () => "xdg-open",
};

/// How an editor is asked to open a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Editor {
    /// A program and its arguments, with `{file}`, `{line}` and `{column}`.
    Command(Vec<String>),
    /// An address that the system opens, with the same placeholders.
    Address(String),
}

impl Editor {
    /// An editor by name, a command, or an address, as `--editor` takes it. A command is split at spaces, except in quotes; no
    /// shell reads it.
    ///
    /// # Errors
    /// `preview_editor`: it is empty, has an open quote, or names no file.
    pub(crate) fn parse(text: &str) -> Result<Editor, Failure> {
        let known = KNOWN.iter().find(|(name, _)| *name == text);
        let text = known.map_or(text, |(_, pattern)| *pattern);
        let wrong = |problem: String| {
            let names: Vec<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
            let advice = format!(
                "write one of {}, or a command such as \"nvim --server /tmp/nvim --remote {{file}}\"",
                names.join(", ")
            );
            Err(Failure::usage("preview_editor", problem).with_advice(advice))
        };
        if !text.contains("{file}") {
            return wrong(format!("`--editor {text}` has no `{{file}}`"));
        }
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        if scheme
            .is_some_and(|scheme| scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)))
        {
            return Ok(Editor::Address(text.to_owned()));
        }
        match words(text) {
            Some(words) => Ok(Editor::Command(words)),
            None => wrong(format!("`--editor {text}` has a quote that is not closed")),
        }
    }

    /// Looks for the program that opens places.
    ///
    /// # Errors
    /// `preview_editor`: it is not on this machine.
    pub(crate) fn installed(self) -> Result<Editor, Failure> {
        let program = match &self {
            Editor::Command(words) => words.first().map_or("", String::as_str),
            Editor::Address(_) => OPENER,
        };
        if is_installed(program) {
            return Ok(self);
        }
        let problem = format!("`--editor`: there is no program `{program}` on this machine");
        let advice = format!("install `{program}`, name another editor, or leave `--editor` out");
        Err(Failure::usage("preview_editor", problem).with_advice(advice))
    }

    /// Opens a place.
    ///
    /// # Errors
    /// A refusal if the file is gone, or the editor can't be started.
    pub(super) fn open(&self, place: &Place) -> Result<(), Refusal> {
        let file = fs_err::canonicalize(&place.file).map_err(|_| Refusal::not_found())?;
        let file = file.display().to_string();
        let filled = |pattern: &str, file: &str| {
            let (line, column) = (place.line.to_string(), place.column.to_string());
            pattern.replace("{line}", &line).replace("{column}", &column).replace("{file}", file)
        };
        let started = match self {
            Editor::Command(words) => {
                let words: Vec<String> = words.iter().map(|word| filled(word, &file)).collect();
                start(&words)
            }
            Editor::Address(pattern) => open_address(&filled(pattern, &escaped(&file))),
        };
        started.map_err(|error| {
            let message = format!("the editor can't be started: {error}");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "editor", message)
        })
    }
}

/// Opens an address with the program that the system has for it, or with `$BROWSER`.
///
/// # Errors
/// I/O errors: no such program.
pub(crate) fn open_address(address: &str) -> std::io::Result<()> {
    let web = address.starts_with("http");
    let browser = std::env::var("BROWSER").ok().filter(|browser| web && !browser.trim().is_empty());
    let program = match browser.as_deref() {
        // It may list several; the first is tried.
        Some(browser) => browser.split(':').next().unwrap_or(browser),
        None => OPENER,
    };
    let mut words = words(program).unwrap_or_else(|| vec![program.to_owned()]);
    match words.iter_mut().find(|word| word.contains("%s")) {
        Some(word) => *word = word.replace("%s", address),
        None => words.push(address.to_owned()),
    }
    start(&words)
}

/// Whether a program is there to be started: by its path, or in a folder of `PATH`.
fn is_installed(program: &str) -> bool {
    let endings: &[&str] = if cfg!(windows) { &["", ".exe", ".cmd", ".bat"] } else { &[""] };
    let is_there = |folder: &Path| {
        endings.iter().any(|ending| is_executable(&folder.join(format!("{program}{ending}"))))
    };
    match Path::new(program).components().count() {
        0 => false,
        1 => std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|f| is_there(&f))),
        _ => is_there(Path::new("")),
    }
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs_err::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

/// Starts a program that goes on by itself.
fn start(words: &[String]) -> std::io::Result<()> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(std::io::ErrorKind::NotFound.into());
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    // Whatever becomes of it is the editor's affair; no process may stay as a zombie.
    std::thread::spawn(move || child.wait());
    Ok(())
}

/// A command's words: split at spaces, except in quotes. `None` for an open quote.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let (mut quote, mut inside) = (None, false);
    for character in text.chars() {
        match (quote, character) {
            (None, '"' | '\'') => (quote, inside) = (Some(character), push(&mut words, inside, None)),
            (Some(open), closed) if open == closed => quote = None,
            (None, ' ' | '\t') => inside = false,
            (_, character) => inside = push(&mut words, inside, Some(character)),
        }
    }
    quote.is_none().then_some(words)
}

/// Adds a character to the last word, or to a new one. Returns `true`: a word is open.
fn push(words: &mut Vec<String>, inside: bool, character: Option<char>) -> bool {
    if !inside {
        words.push(String::new());
    }
    if let Some(word) = words.last_mut() {
        word.extend(character);
    }
    true
}

/// A path as part of an address.
fn escaped(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte);
    let part = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_without_a_shell() {
        let split = |text| words(text).map(|words| words.join("|"));
        assert_eq!(split("code  --goto {file}:1").as_deref(), Some("code|--goto|{file}:1"));
        assert_eq!(split("'my editor' \"{file} x\" ''").as_deref(), Some("my editor|{file} x|"));
        assert_eq!(split("a;b $(c) `d`").as_deref(), Some("a;b|$(c)|`d`"));
        assert_eq!(split("'open"), None);
    }

    #[test]
    fn editors_are_known_by_name_and_a_command_names_the_file() {
        assert!(KNOWN.iter().all(|(name, _)| Editor::parse(name).is_ok()));
        assert!(matches!(Editor::parse("vscode"), Ok(Editor::Address(_))));
        assert!(matches!(Editor::parse("myed://open?f={file}"), Ok(Editor::Address(_))));
        assert!(matches!(Editor::parse("nvim {file} +{line}"), Ok(Editor::Command(_))));
        for wrong in ["", "vim", "'vim {file}"] {
            let failure = Editor::parse(wrong).unwrap_err();
            let advised = failure.advice().unwrap().split('"').nth(1).unwrap().to_owned();
            assert!(Editor::parse(&advised).is_ok(), "{wrong}: {failure}");
        }
        assert_eq!(escaped("/a b/é%.typ"), "/a%20b/%C3%A9%25.typ");
    }

    #[cfg(unix)]
    #[test]
    fn an_editor_that_is_not_there_is_refused() {
        for there in ["true {file}", "/bin/sh {file}"] {
            assert!(Editor::parse(there).unwrap().installed().is_ok(), "{there}");
        }
        for nowhere in
            ["no-such-editor {file}", "/no/such/editor {file}", "/etc/passwd {file}", "/tmp {file}"]
        {
            let failure = Editor::parse(nowhere).unwrap().installed().unwrap_err();
            assert!(
                failure.advice().is_some_and(|advice| advice.contains("leave `--editor` out")),
                "{failure}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_editor_is_started_with_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let (file, told) = (folder.path().join("a b.typ"), folder.path().join("told"));
        fs_err::write(&file, "x").unwrap();
        let editor = Editor::parse(&format!(
            "sh -c 'printf %s \"$0\" > \"$1.new\"; mv \"$1.new\" \"$1\"' {{file}}:{{line}}:{{column}} {}",
            told.display()
        ));
        editor.unwrap().open(&Place { file: file.clone(), line: 3, column: 7 }).unwrap();
        let mut read = None;
        for _ in 0..200 {
            read = fs_err::read_to_string(&told).ok();
            if read.is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let file = fs_err::canonicalize(file).unwrap();
        assert_eq!(read.unwrap(), format!("{}:3:7", file.display()));
    }
}
