//! The links of the documents lead somewhere, each page has its reader, and lines end where a reader's window does.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{pages, read, root};

/// The most lines of the README: whoever opens it reads it to the end.
const README_LINES: usize = 200;
/// The most characters of a line of prose.
const LINE_LENGTH: usize = 120;

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

/// Whether a line of prose is too long, and could be broken: a row of a table, a picture and a single piece of code can't.
fn is_too_long(line: &str) -> bool {
    let outside = line.split('`').step_by(2).collect::<String>();
    let can_be_broken = outside.trim().contains(' ') && !line.starts_with('|') && !line.starts_with("![");
    line.chars().count() > LINE_LENGTH && can_be_broken
}

#[test]
fn lines_of_prose_are_short() {
    let named = |page: &PathBuf| !page.ends_with("CHANGELOG.md");
    let mut long = Vec::new();
    for page in pages().iter().filter(|page| named(page)) {
        let text = prose(&read(page));
        let lines = text.lines().filter(|line| is_too_long(line));
        long.extend(lines.map(|line| format!("{}: {line}", page.file_name().unwrap().display())));
    }
    assert!(long.is_empty(), "longer than {LINE_LENGTH} characters:\n{}", long.join("\n"));
    let words = "word ".repeat(30);
    assert!(is_too_long(&words) && is_too_long(&format!("- `code` {words}")), "the test can fail");
    assert!(!is_too_long(&format!("| {words}")) && !is_too_long(&format!("  `{words}`,")));
}
