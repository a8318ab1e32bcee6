//! The commands of the documents: each exists, with each of its options.

use std::collections::BTreeMap;

use super::{pages, read};
use crate::job::program;

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
            Some("sh") => line.split("&& ").collect(),
            Some(_) => prompted.map(|line| line.split("&& ").collect()).unwrap_or_default(),
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
            // What stands in quotes is a text, or another program's.
            let own = command.split('"').step_by(2).collect::<Vec<_>>().join(" ");
            for option in own.split(|c: char| !(c.is_ascii_lowercase() || c == '-')) {
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
