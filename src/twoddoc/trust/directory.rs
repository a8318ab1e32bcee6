//! The directories of authorities: one MIME multipart file of certificates (RFC 4387 §2.2, RFC 2046 §5.1).
//!
//! They are served without a signature, so what comes out of them proves nothing by standing in the folder.

use super::der::{SEQUENCE, element};
use super::pem::decode_base64;
use std::borrow::Cow;

/// The longest boundary: RFC 2046 §5.1.1.
const LONGEST_BOUNDARY: usize = 70;

/// The parts of a multipart file; `None` if it is none. A part is `None` if it can't be decoded.
pub(super) fn parts(file: &[u8]) -> Option<Vec<Option<Cow<'_, [u8]>>>> {
    let (boundary, mut rest) = first_delimiter(file)?;
    let mut parts = Vec::new();
    while let Some((headers, body)) = headers(rest) {
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

/// The boundary and what follows its first line. The lines before it may be the headers of the whole.
fn first_delimiter(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = file;
    for _ in 0..20 {
        let (line, after) = line(rest)?;
        let boundary = line
            .strip_prefix(b"--")
            .filter(|name| !name.starts_with(b"---BEGIN "))
            .map(<[u8]>::trim_ascii_end);
        if let Some(boundary) = boundary.filter(|name| (1..=LONGEST_BOUNDARY).contains(&name.len())) {
            return has_content_type(after).then_some((boundary, after));
        }
        let is_header =
            line.is_empty() || line.contains(&b':') || line.starts_with(b" ") || line.starts_with(b"\t");
        rest = is_header.then_some(after)?;
    }
    None
}

fn has_content_type(part: &[u8]) -> bool {
    headers(part).is_some_and(|(headers, _)| value(&headers, "content-type").is_some())
}

/// A line without its end, and what follows.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = (bytes.get(..end)?, bytes.get(end + 1..)?);
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// The lines up to the empty one, and what follows.
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

/// The value of a header, in lower case.
fn value(headers: &[&[u8]], name: &str) -> Option<String> {
    headers.iter().find_map(|header| {
        let (found, value) = std::str::from_utf8(header).ok()?.split_once(':')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_ascii_lowercase())
    })
}

/// Where a part ends. An object in DER says itself how long it is, whatever its bytes look like.
fn body_length(body: &[u8], boundary: &[u8]) -> usize {
    let delimiter = [b"--", boundary].concat();
    let object = element(body).filter(|element| element.tag == SEQUENCE);
    if let Some(object) = object.filter(|object| object.rest.trim_ascii_start().starts_with(&delimiter)) {
        return body.len() - object.rest.trim_ascii_start().len();
    }
    body.windows(delimiter.len()).position(|window| window == delimiter).unwrap_or(body.len())
}

/// What follows a delimiter's line, or nothing if it is the last.
fn after_delimiter<'a>(bytes: &'a [u8], boundary: &[u8]) -> Option<&'a [u8]> {
    let rest = bytes.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let (line, after) = line(rest)?;
    line.trim_ascii().is_empty().then_some(after)
}

fn decode<'a>(headers: Vec<&[u8]>, body: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    if value(&headers, "content-transfer-encoding").as_deref() == Some("base64") {
        return decode_base64(body.iter().copied()).map(Cow::Owned);
    }
    Some(Cow::Borrowed(body))
}
