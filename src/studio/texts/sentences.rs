//! A paragraph as sentences.

/// Words that end in a full stop inside a sentence.
const SHORT: [&str; 14] =
    ["M.", "MM.", "Mme.", "Dr.", "Pr.", "art.", "cf.", "etc.", "p.", "ex.", "tél.", "av.", "bd.", "réf."];

/// The sentences of a paragraph. One ends after a full stop, a question or exclamation mark or an ellipsis, and what closes it,
/// where white space and the begin of another one follow.
pub(super) fn sentences(paragraph: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begin = 0;
    for (index, character) in paragraph.char_indices() {
        if !matches!(character, '.' | '!' | '?' | '…') {
            continue;
        }
        let after = paragraph[index + character.len_utf8()..].trim_start_matches(is_closing);
        // What closes a quotation may follow after a space.
        let spaces = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        let after = if spaces.starts_with('»') { spaces.trim_start_matches(is_closing) } else { after };
        let end = paragraph.len() - after.len();
        let sentence = &paragraph[begin..end];
        if after.starts_with([' ', '\u{2002}', '\u{2003}'])
            && begins(after.trim_start())
            && !is_short(sentence)
        {
            found.push(sentence.trim());
            begin = end;
        }
    }
    found.push(paragraph[begin..].trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

/// What may stand between the end of a sentence and white space.
fn is_closing(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | '»' | '”' | ')' | '*')
}

/// Whether a sentence may begin so.
fn begins(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|first| first.is_uppercase() || first.is_numeric() || "«“(‹*–—•".contains(first))
}

/// Whether the full stop belongs to the last word: a short form, or an initial.
fn is_short(sentence: &str) -> bool {
    let last =
        sentence.rsplit(|c: char| c.is_whitespace() || matches!(c, '’' | '\'')).next().unwrap_or_default();
    let initial = last.chars().count() == 2 && last.starts_with(char::is_uppercase);
    initial || SHORT.iter().any(|short| last.eq_ignore_ascii_case(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        for (paragraph, expected) in [
            (
                "La carte est neuve. Elle remplace l’autre.",
                &["La carte est neuve.", "Elle remplace l’autre."][..],
            ),
            ("Une question ? Appelez le 0 825 852 000.", &["Une question ?", "Appelez le 0 825 852 000."]),
            (
                "Voir l’art. L. 1110 du code. « Oui. » Fin",
                &["Voir l’art. L. 1110 du code.", "« Oui. »", "Fin"],
            ),
            ("Dr. Martin, av. Foch, etc. et tout.", &["Dr. Martin, av. Foch, etc. et tout."]),
            ("ASIP Santé, esante.gouv.fr", &["ASIP Santé, esante.gouv.fr"]),
            ("Fait à Paris. ‹date›", &["Fait à Paris.", "‹date›"]),
            ("", &[]),
        ] {
            assert_eq!(sentences(paragraph), expected);
        }
    }
}
