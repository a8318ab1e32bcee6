//! A quoted output, held against what is printed.

/// In a quoted output: as a line, any lines; within a line, any text.
pub const LEFT_OUT: &str = "…";

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
pub fn as_quoted(said: &[&str], quoted: &[&str]) -> bool {
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
