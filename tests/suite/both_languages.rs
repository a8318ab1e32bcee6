//! Holds a French message against its English one.

/// The texts that an English message quotes.
fn quotations(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// The numbers of a message, sorted.
fn numbers(message: &str) -> Vec<&str> {
    let mut numbers: Vec<&str> =
        message.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).collect();
    numbers.sort_unstable();
    numbers
}

/// Checks that two messages say the same, each in its language: the same quotations and numbers, French spaces and quotes.
///
/// # Panics
/// They do not.
pub fn assert_same(english: &str, french: &str) {
    assert_ne!(english, french, "the message has no French");
    for quoted in quotations(english) {
        assert!(
            french.contains(&format!("«\u{A0}{quoted}\u{A0}»")),
            "`{quoted}` is not quoted in {french:?}"
        );
    }
    assert_eq!(numbers(english), numbers(french), "{english:?}, {french:?}");
    let quoted: Vec<&str> = french.split(['«', '»']).skip(1).step_by(2).collect();
    let own = quoted.iter().fold(french.to_owned(), |text, quoted| text.replacen(quoted, "", 1));
    for wrong in [" ;", " :", " ?", " !", "'", "`", "  "] {
        assert!(!own.contains(wrong), "`{wrong}` is no French: {french:?}");
    }
}
