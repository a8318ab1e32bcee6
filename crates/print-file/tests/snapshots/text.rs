//! A print file as text: objects in the order of the file, streams inflated, the objects of object streams and the
//! entries of cross-reference streams one by one.
//!
//! What depends on how well something was deflated (lengths, offsets, identifiers made from digests) becomes `…`;
//! profiles and font programs become their lengths.

use std::fmt::Write as _;
use std::io::Read as _;

/// The text of a file.
pub(crate) fn of_file(file: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = file;
    while let Some(end) = find(rest, b" 0 obj\n").filter(|end| !rest[..*end].starts_with(b"startxref")) {
        let start = rest[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |line| line + 1);
        push_escaped(&mut text, &rest[..start]);
        let number = String::from_utf8_lossy(&rest[start..end]).into_owned();
        rest = push_object(&mut text, file, &number, &rest[end + b" 0 obj\n".len()..]);
    }
    let end = String::from_utf8_lossy(rest);
    text + &masked(&end, "startxref\n", "\n")
}

/// Appends the object of that number, whose body begins `rest`; returns what follows it.
fn push_object<'f>(text: &mut String, file: &[u8], number: &str, rest: &'f [u8]) -> &'f [u8] {
    const STREAM: &[u8] = b"stream\n";
    const END: &[u8] = b"endobj\n";
    let end = find(rest, END).expect("an end of the object");
    let _ = writeln!(text, "{number} 0 obj");
    let Some(start) = find(&rest[..end], STREAM) else {
        push_escaped(text, &rest[..end + END.len()]);
        return &rest[end + END.len()..];
    };
    let dictionary = String::from_utf8_lossy(&rest[..start]).into_owned();
    let length = entry(&dictionary, "/Length ").expect("a length");
    let data = &rest[start + STREAM.len()..][..length];
    let rest = &rest[start + STREAM.len() + length..];
    let after = find(rest, END).expect("an end of the object") + END.len();
    push_stream(text, file, &dictionary, data);
    push_escaped(text, &rest[..after]);
    &rest[after..]
}

fn push_stream(text: &mut String, file: &[u8], dictionary: &str, data: &[u8]) {
    let deflated = dictionary.contains("FlateDecode");
    let plain = if deflated { inflated(data) } else { data.to_vec() };
    let shown = if deflated { masked(dictionary, "/Length ", "/\n>") } else { dictionary.to_owned() };
    let shown = masked(&masked(&shown, "/ID[<", ">"), "><", ">");
    let _ = writeln!(text, "{shown}stream");
    if dictionary.contains("/ObjStm") {
        push_small_objects(text, dictionary, &plain);
    } else if dictionary.contains("/XRef") {
        push_entries(text, file, &plain);
    } else if dictionary.contains("/Length1 ") || dictionary.contains("/N 4") {
        let _ = write!(text, "({} bytes)", plain.len());
    } else {
        push_escaped(text, &plain);
    }
}

/// The objects of an object stream (ISO 32000-1 §7.5.7).
fn push_small_objects(text: &mut String, dictionary: &str, plain: &[u8]) {
    let first = entry(dictionary, "/First ").expect("where objects begin");
    let numbers = String::from_utf8_lossy(&plain[..first]).into_owned();
    let numbers: Vec<usize> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let bodies = &plain[first..];
    for (index, pair) in numbers.chunks_exact(2).enumerate() {
        let end = numbers.get(2 * index + 3).map_or(bodies.len(), |next| next - 1);
        let _ = write!(text, "{}: ", pair[0]);
        push_escaped(text, &bodies[pair[1]..end]);
        text.push('\n');
    }
}

/// The entries of a cross-reference stream of 1, 4 and 2 bytes with PNG's predictor "up" (ISO 32000-1 §7.5.8).
fn push_entries(text: &mut String, file: &[u8], predicted: &[u8]) {
    let mut entry = [0u8; 7];
    for (number, row) in predicted.chunks_exact(8).enumerate() {
        entry.iter_mut().zip(&row[1..]).for_each(|(byte, step)| *byte = byte.wrapping_add(*step));
        let field = |bytes: &[u8]| bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        let (second, third) = (field(&entry[1..5]), field(&entry[5..]));
        let _ = match entry[0] {
            0 => writeln!(text, "{number}: free"),
            1 if file[second as usize..].starts_with(format!("{number} 0 obj\n").as_bytes()) => {
                writeln!(text, "{number}: in the file")
            }
            1 => writeln!(text, "{number}: not at its offset"),
            _ => writeln!(text, "{number}: in {second}, index {third}"),
        };
    }
}

/// The number behind a key.
fn entry(dictionary: &str, key: &str) -> Option<usize> {
    let digits = dictionary.split(key).nth(1)?;
    digits.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// The text with what stands between `before` and the next of the characters `after` as `…`, each time.
fn masked(text: &str, before: &str, after: &str) -> String {
    let mut parts = text.split(before);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|character| after.contains(character)).unwrap_or(part.len());
        masked.extend([before, "…", &part[end..]]);
    }
    masked
}

/// Appends bytes as text: UTF-8 lines as they are if no other byte is among them, else other bytes in hexadecimal.
fn push_escaped(text: &mut String, bytes: &[u8]) {
    if let Ok(plain) = std::str::from_utf8(bytes)
        && !plain.contains(|c: char| c.is_control() && c != '\n')
    {
        let version = concat!("pli ", env!("CARGO_PKG_VERSION"));
        return text.push_str(&masked(&plain.replace(version, "pli …"), "uuid:", "<"));
    }
    for byte in bytes {
        match byte {
            b'\n' | b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\x{byte:02X}")),
        }
    }
}

fn inflated(data: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(data).read_to_end(&mut plain).unwrap();
    plain
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
