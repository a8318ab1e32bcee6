//! Splits the directory of an authority into parts: a MIME multipart file of certificates and revocation lists
//! (RFC 4387 §2.2, RFC 2046 §5.1).
//!
//! Directories are published unsigned, so their certificates are not trusted for being in the folder.

use super::der::{SEQUENCE, element};
use super::pem::decode_base64;
use std::borrow::Cow;

/// Maximum length of a boundary (RFC 2046 §5.1.1).
const MAX_BOUNDARY: usize = 70;

/// Maximum number of lines before the first boundary.
const MAX_PREAMBLE_LINES: usize = 60;

/// The decoded parts of a multipart file; `None` if the file is not one. A part is `None` if it can't be decoded.
pub(super) fn parts(file: &[u8]) -> Option<Vec<Option<Cow<'_, [u8]>>>> {
    let (boundary, mut rest) = first_delimiter(file)?;
    let mut parts = Vec::new();
    while let Some((headers, body)) = headers_and_body(rest) {
        let length = body_length(body, boundary);
        let (body, after) = body.split_at_checked(length)?;
        parts.push(decode(headers, body));
        match after_delimiter(after, boundary) {
            Some(next) => rest = next,
            None => break,
        }
    }
    (!parts.is_empty()).then_some(parts)
}

/// The boundary, and the bytes after the first delimiter line. Before it, the file may have an HTTP status line, headers
/// and any text (RFC 2046 §5.1.1), except DER, XML and PEM.
fn first_delimiter(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = file;
    if matches!(file.first(), Some(&SEQUENCE | b'<')) {
        return None;
    }
    for _ in 0..MAX_PREAMBLE_LINES {
        let (line, after) = line(rest)?;
        if line.starts_with(b"-----BEGIN ") {
            return None;
        }
        let boundary = line.strip_prefix(b"--").map(<[u8]>::trim_ascii_end);
        let boundary = boundary.filter(|name| (1..=MAX_BOUNDARY).contains(&name.len()));
        if let Some(boundary) = boundary.filter(|name| has_content_type(after) || is_closed(name, after)) {
            return Some((boundary, after));
        }
        rest = after;
    }
    None
}

/// Whether a part has a Content-Type header.
fn has_content_type(part: &[u8]) -> bool {
    headers(part).is_some_and(|(headers, _)| value(&headers, "content-type").is_some())
}

/// Whether the closing delimiter of a boundary follows. This distinguishes parts without headers from text. A boundary
/// without letters or digits is a ruled line and does not count.
fn is_closed(boundary: &[u8], after: &[u8]) -> bool {
    let last = [b"\n--", boundary, b"--"].concat();
    boundary.iter().any(u8::is_ascii_alphanumeric) && after.windows(last.len()).any(|window| window == last)
}

/// The headers of a part, and its body. A part whose first line is not a header has none.
fn headers_and_body(part: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let is_object = part.first() == Some(&SEQUENCE);
    let is_text = || line(part).is_some_and(|(line, _)| !line.is_empty() && !line.contains(&b':'));
    if is_object || is_text() { Some((Vec::new(), part)) } else { headers(part) }
}

/// The first line without its line end, and the bytes after it.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = (bytes.get(..end)?, bytes.get(end + 1..)?);
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// The lines up to the first empty one, and the bytes after it. `None` if there are more than 20.
fn headers(part: &[u8]) -> Option<(Vec<&[u8]>, &[u8])> {
    let mut headers = Vec::new();
    let mut rest = part;
    loop {
        let (line, after) = line(rest)?;
        if line.is_empty() {
            return Some((headers, after));
        }
        if headers.len() == 20 {
            return None;
        }
        headers.push(line);
        rest = after;
    }
}

/// The value of a header, in lowercase.
fn value(headers: &[&[u8]], name: &str) -> Option<String> {
    headers.iter().find_map(|header| {
        let (found, value) = std::str::from_utf8(header).ok()?.split_once(':')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_ascii_lowercase())
    })
}

/// The length of a part. A DER object encodes its own length, so a delimiter among its bytes does not end it.
fn body_length(body: &[u8], boundary: &[u8]) -> usize {
    let delimiter = [b"--", boundary].concat();
    let object = element(body).filter(|element| element.tag == SEQUENCE);
    if let Some(object) = object.filter(|object| object.rest.trim_ascii_start().starts_with(&delimiter)) {
        return body.len() - object.rest.trim_ascii_start().len();
    }
    body.windows(delimiter.len()).position(|window| window == delimiter).unwrap_or(body.len())
}

/// The bytes after a delimiter line; `None` after the closing one.
fn after_delimiter<'a>(bytes: &'a [u8], boundary: &[u8]) -> Option<&'a [u8]> {
    let rest = bytes.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let (line, after) = line(rest)?;
    line.trim_ascii().is_empty().then_some(after)
}

/// Decodes a part in Base64. A part without headers that is not DER is tried as Base64 too.
fn decode<'a>(headers: Vec<&[u8]>, body: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    if value(&headers, "content-transfer-encoding").as_deref() == Some("base64") {
        return decode_base64(body.iter().copied()).map(Cow::Owned);
    }
    let is_bare = headers.is_empty() && body.first() != Some(&SEQUENCE);
    let decoded = if is_bare { decode_base64(body.iter().copied()) } else { None };
    Some(decoded.map_or(Cow::Borrowed(body), Cow::Owned))
}
