//! What a reader read, without what readers add to it.

/// What readers write where they read nothing.
const NO_READS: [&str; 7] = ["NOREAD", "NO READ", "NO_READ", "NO-READ", "NO CODE", "ERROR", "BR"];

/// The characters that readers repeat over the length of the code where they read nothing.
const FILLERS: [char; 3] = ['?', '-', '0'];

/// The symbologies whose AIM prefix is dropped, each with its greatest option: Code 39, Data Matrix, Code 128.
const AIM_PREFIXES: [(u8, u8); 3] = [(b'A', b'7'), (b'd', b'6'), (b'C', b'0')];

/// What a camera or a hand scanner read; empty where it read nothing.
///
/// Dropped are an AIM prefix (`]A0` to `]A7`, `]d0` to `]d6`, `]C0`), and blanks, control characters and the asterisks of
/// Code 39 at both ends. A text that means "not read" is empty: those of [`NO_READS`], capitals or not, and one of
/// [`FILLERS`] over and over.
pub(super) fn plain_value(text: &str) -> &str {
    let text = without_ends(text);
    let text = without_ends(without_aim_prefix(text));
    if is_no_read(text) { "" } else { text }
}

fn without_ends(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '*')
}

fn without_aim_prefix(text: &str) -> &str {
    let known = |symbology: u8, option: u8| {
        AIM_PREFIXES
            .iter()
            .any(|(known, greatest)| symbology == *known && (b'0'..=*greatest).contains(&option))
    };
    match text.as_bytes() {
        [b']', symbology, option, ..] if known(*symbology, *option) => &text[3..],
        _ => text,
    }
}

fn is_no_read(text: &str) -> bool {
    let filled = |filler: &char| text.chars().all(|c| c == *filler);
    NO_READS.iter().any(|no_read| no_read.eq_ignore_ascii_case(text)) || FILLERS.iter().any(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_readers_add_is_dropped() {
        for (text, value) in [
            ("2400140649", "2400140649"),
            ("]A02400140649", "2400140649"),
            ("]A7*2400140649*\r", "2400140649"),
            ("*]A12400140649*", "2400140649"),
            (" ]d1L26327A0009080101 ", "L26327A0009080101"),
            ("]C026327A\\000001.1\r\n", "26327A\\000001.1"),
            ("\u{2}2400140649\u{3}", "2400140649"),
            ("XX 000 009 7959 7", "XX 000 009 7959 7"),
        ] {
            assert_eq!(plain_value(text), value, "{text:?}");
        }
    }

    #[test]
    fn other_prefixes_stay() {
        for text in ["]A8240", "]d7240", "]C1240", "]Q1240", "]A", "]é0240", "A0240", "]A0]A0240"] {
            assert_ne!(plain_value(text), "240", "{text}");
        }
    }

    #[test]
    fn what_means_that_nothing_was_read() {
        for text in [
            "",
            " ",
            "*",
            "**",
            "NOREAD",
            "NoRead",
            "no read",
            "]A0NOREAD",
            "ERROR",
            "BR",
            "?",
            "??????????",
            "-",
            "---",
            "0000000000",
            "*0*",
            "\r",
        ] {
            assert_eq!(plain_value(text), "", "{text:?}");
        }
        for text in ["0000000001", "BR1", "?-", "NOREAD2", "L26327A000000"] {
            assert_eq!(plain_value(text), text);
        }
    }
}
