//! Numbers in messages, with what they count.

use std::fmt;

/// A number with what it counts: `1 day`, `2 days`, `2 entries`.
pub(crate) fn counted(number: impl fmt::Display, thing: &str) -> String {
    let number = number.to_string();
    match thing.strip_suffix('y') {
        _ if number == "1" => format!("1 {thing}"),
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{number} {stem}ies"),
        _ => format!("{number} {thing}s"),
    }
}

/// The word that agrees with a number: `one` with 1, `more` with all others.
pub(crate) fn agreeing<'w>(number: impl fmt::Display, one: &'w str, more: &'w str) -> &'w str {
    if number.to_string() == "1" { one } else { more }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_agrees_with_its_number() {
        let said = [0u64, 1, 2].map(|number| {
            let is = agreeing(number, "is", "are");
            format!("{} {is}, {}", counted(number, "day"), counted(number, "entry"))
        });
        assert_eq!(said, ["0 days are, 0 entries", "1 day is, 1 entry", "2 days are, 2 entries"]);
    }
}
