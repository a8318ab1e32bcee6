//! Characters, references and names of XML 1.0.
//!
//! Resolves references, and normalises line ends and attribute values. The only entities are the five of XML §4.6.

use super::error::XmlErrorKind;

/// Whether a document must not contain a character (XML §2.2).
pub(super) fn is_forbidden(character: &char) -> bool {
    !matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a text is a name without a colon (Namespaces in XML §3).
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(begins_name)
        && text.chars().all(|character| begins_name(character) || continues_name(character))
}

/// Whether a name may begin with a character (XML §2.3 \[4\], without the colon).
fn begins_name(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// Whether a name may contain a character after its first one only (XML §2.3 \[4a\]).
fn continues_name(character: char) -> bool {
    matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Resolves a reference, given without `&` and `;` (XML §4.1, §4.6).
///
/// # Errors
/// [`XmlErrorKind::Reference`] if it is an entity that only a document type could define, or a character that XML forbids.
pub(super) fn resolve_reference(reference: &str) -> Result<char, XmlErrorKind> {
    let character = match reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        other => other.strip_prefix('#').and_then(character_of_number),
    };
    character.filter(|one| !is_forbidden(one)).ok_or(XmlErrorKind::Reference)
}

/// The character of a decimal number, or of a hexadecimal one after `x`.
fn character_of_number(digits: &str) -> Option<char> {
    let (digits, radix) = digits.strip_prefix('x').map_or((digits, 10), |digits| (digits, 16));
    // `from_str_radix` would accept a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    char::from_u32(u32::from_str_radix(digits, radix).ok()?)
}

/// Normalises the line ends of a comment or an instruction (XML §2.11). References have no meaning there.
///
/// # Errors
/// [`XmlErrorKind::Character`] if it contains a character that XML forbids.
pub(super) fn content(written: &str) -> Result<String, XmlErrorKind> {
    match written.chars().find(is_forbidden) {
        Some(character) => Err(XmlErrorKind::Character(character)),
        None => Ok(written.replace("\r\n", "\n").replace('\r', "\n")),
    }
}

/// Normalises the value of an attribute. White space becomes spaces, except white space written as a reference
/// (XML §3.3.3; without a document type every attribute is CDATA).
///
/// # Errors
/// [`XmlErrorKind::Character`], [`XmlErrorKind::Reference`], [`XmlErrorKind::Ampersand`] if no `;` follows an `&`,
/// [`XmlErrorKind::LessThan`] if it contains `<`.
pub(super) fn value(written: &str) -> Result<String, XmlErrorKind> {
    let mut value = String::with_capacity(written.len());
    let written = content(written)?;
    let mut rest = written.as_str();
    while let Some(at) = rest.find(['&', '<', '\t', '\n']) {
        let (plain, special) = rest.split_at(at);
        value.push_str(plain);
        rest = if let Some(reference) = special.strip_prefix('&') {
            let (name, rest) = reference.split_once(';').ok_or(XmlErrorKind::Ampersand)?;
            value.push(resolve_reference(name)?);
            rest
        } else if let Some(rest) = special.strip_prefix(['\t', '\n']) {
            value.push(' ');
            rest
        } else {
            return Err(XmlErrorKind::LessThan);
        };
    }
    value.push_str(rest);
    Ok(value)
}
