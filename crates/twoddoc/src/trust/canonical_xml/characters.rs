//! Characters, references and names of XML 1.0.
//!
//! Takes text as it is written. Gives it as it is meant: references resolved, line ends and values normalised.
//! Never knows an entity besides the five of XML §4.6.

/// Whether a character has no place in a document (XML §2.2).
pub(super) fn unsuitable(character: &char) -> bool {
    !matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a text is a name without colon (Namespaces in XML §3).
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(begins_name)
        && text.chars().all(|character| begins_name(character) || continues_name(character))
}

/// XML §2.3 \[4\], without the colon.
fn begins_name(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// XML §2.3 \[4a\], what a name may have after its first character only.
fn continues_name(character: char) -> bool {
    matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// What stands between `&` and `;`, resolved (XML §4.1, §4.6).
///
/// # Errors
/// An entity that only a document type could define, or a character that XML does not permit.
pub(super) fn referred(reference: &str) -> Result<char, String> {
    let character = match reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        other => other.strip_prefix('#').and_then(numbered),
    };
    character
        .filter(|one| !unsuitable(one))
        .ok_or_else(|| "a reference to something XML does not know".to_owned())
}

fn numbered(digits: &str) -> Option<char> {
    let (digits, radix) = digits.strip_prefix('x').map_or((digits, 10), |digits| (digits, 16));
    // `from_str_radix` would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    char::from_u32(u32::from_str_radix(digits, radix).ok()?)
}

/// The characters of a comment or an instruction, where references have no meaning: line ends only (XML §2.11).
pub(super) fn content(written: &str) -> Result<String, String> {
    match written.chars().find(unsuitable) {
        Some(character) => Err(format!("the character {character:?} has no place in XML")),
        None => Ok(written.replace("\r\n", "\n").replace('\r', "\n")),
    }
}

/// The value of an attribute: white space becomes spaces, and white space that is written as a reference stays
/// (XML §3.3.3; without a document type every attribute is CDATA).
pub(super) fn value(written: &str) -> Result<String, String> {
    let mut value = String::with_capacity(written.len());
    let written = content(written)?;
    let mut rest = written.as_str();
    while let Some(at) = rest.find(['&', '<', '\t', '\n']) {
        let (plain, special) = rest.split_at(at);
        value.push_str(plain);
        rest = if let Some(reference) = special.strip_prefix('&') {
            let (name, rest) = reference.split_once(';').ok_or("an `&` that begins nothing")?;
            value.push(referred(name)?);
            rest
        } else if let Some(rest) = special.strip_prefix(['\t', '\n']) {
            value.push(' ');
            rest
        } else {
            return Err("`<` in an attribute".to_owned());
        };
    }
    value.push_str(rest);
    Ok(value)
}
