//! The file as bytes: header, cross-references, trailer, and where objects and streams begin and end.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Object, ObjectIdentifier, Stream, String as PdfString};

use super::{Clause, Faults, is_name};

/// Checks header, trailer and cross-references. Returns the document information.
pub(super) fn check<'a>(bytes: &'a [u8], pdf: &'a Pdf, faults: &mut Faults) -> Option<Dict<'a>> {
    let header =
        bytes.starts_with(b"%PDF-1.6\n%") && bytes.get(10..14).is_some_and(|b| b.iter().all(|b| *b > 127));
    faults.expect(header, Clause::X4File, || "no header of PDF 1.6 with a line of binary bytes".to_owned());
    let (start, section) = section(bytes, pdf, faults)?;
    let trailer = section.dict().clone();
    check_trailer(&trailer, faults);
    check_offsets(bytes, pdf, start, &section, faults);
    trailer.get::<Dict>("Info")
}

/// The cross-reference stream to which `startxref` at the end of the file leads, with its offset.
fn section<'a>(bytes: &'a [u8], pdf: &'a Pdf, faults: &mut Faults) -> Option<(usize, Stream<'a>)> {
    let tail = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(64)..]).into_owned();
    let start = tail.split("startxref\n").nth(1).and_then(|rest| {
        let (number, end) = rest.split_once('\n')?;
        let number: usize = number.parse().ok()?;
        (end == "%%EOF\n").then_some(number)
    });
    let id = start.and_then(|start| object_at(bytes, start));
    let stream = id
        .and_then(|id| pdf.xref().get::<Stream>(id))
        .filter(|stream| is_name(stream.dict(), "Type", "XRef"));
    if stream.is_none() {
        faults.add(
            Clause::X4File,
            "`startxref` does not lead to a cross-reference stream at the end of the file",
        );
    }
    start.zip(stream)
}

fn check_trailer(trailer: &Dict, faults: &mut Faults) {
    faults.expect(!trailer.contains_key("Encrypt"), Clause::X4Trailer, || "the file is encrypted".to_owned());
    faults.expect(!trailer.contains_key("Prev"), Clause::X4File, || {
        "the file has an incremental update".to_owned()
    });
    let ids: Vec<PdfString> = trailer.get::<Array>("ID").map(|ids| ids.iter().collect()).unwrap_or_default();
    let sound = ids.len() == 2 && ids.iter().all(|id| id.len() >= 16);
    faults.expect(sound, Clause::X4Trailer, || "`ID` is not two identifiers".to_owned());
}

/// Checks that every object begins at its offset, and that every stream is as long as it says.
fn check_offsets(bytes: &[u8], pdf: &Pdf, section_start: usize, section: &Stream, faults: &mut Faults) {
    let Some(entries) = entries(section) else {
        faults.add(Clause::X4File, "the cross-reference stream's entries are not as many as it says");
        return;
    };
    for (number, &(kind, field)) in entries.iter().enumerate() {
        match kind {
            0 => {}
            1 => check_object(bytes, pdf, number, field, section_start, faults),
            2 => {
                let message = || format!("object {number} lies in object {field}, which is no stream");
                let holder = entries.get(field).map(|&(kind, _)| kind);
                faults.expect(holder == Some(1), Clause::X4File, message);
            }
            _ => faults.add(Clause::X4File, format!("object {number} has an entry of an unknown type")),
        }
    }
}

/// The type of each entry with its second field, an offset or the number of an object stream (ISO 32000-1 §7.5.8.3).
fn entries(section: &Stream) -> Option<Vec<(usize, usize)>> {
    let widths: Vec<u32> = section.dict().get::<Array>("W")?.iter::<u32>().collect();
    let [kind, second, third] = <[u32; 3]>::try_from(widths).ok()?.map(|width| width.min(8) as usize);
    let bytes = section.decoded().ok()?;
    let size = section.dict().get::<u32>("Size")? as usize;
    let number = |bytes: &[u8]| bytes.iter().fold(0usize, |value, byte| value << 8 | usize::from(*byte));
    let whole = kind > 0 && bytes.len() == size * (kind + second + third);
    whole.then(|| {
        let each = bytes.chunks_exact(kind + second + third);
        each.map(|entry| (number(&entry[..kind]), number(&entry[kind..kind + second]))).collect()
    })
}

fn check_object(bytes: &[u8], pdf: &Pdf, number: usize, start: usize, section: usize, faults: &mut Faults) {
    let id = object_at(bytes, start).filter(|id| id.obj_number == number as i32 && start <= section);
    let Some(id) = id else {
        faults.add(Clause::X4File, format!("object {number} is not where the cross-references say"));
        return;
    };
    let Some(Object::Stream(stream)) = pdf.xref().get::<Object>(id) else { return };
    let length = stream.dict().get::<u32>("Length").map(|length| length as usize);
    let content = stream.raw_data();
    let offset = (content.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
    let before = bytes.get(..offset).is_some_and(|b| b.ends_with(b"stream\n") || b.ends_with(b"stream\r\n"));
    let rest = bytes.get(offset..).and_then(|rest| rest.get(length?..));
    let after = rest.is_some_and(|rest| rest.starts_with(b"\nendstream"));
    let sound = length == Some(content.len()) && before && after;
    faults.expect(sound, Clause::A2bStreams, || {
        format!("object {number}: the stream is not as long as it says, or not on lines of its own")
    });
    check_stream(number, stream.dict(), faults);
}

/// Checks that a stream's data are in this file, and that its only filter is Flate, DCT or CCITT.
fn check_stream(number: usize, stream: &Dict, faults: &mut Faults) {
    let external = ["F", "FFilter", "FDecodeParms"].iter().any(|key| stream.contains_key(key));
    faults.expect(!external, Clause::X4Streams, || format!("object {number} has its data in another file"));
    let filter = stream.get::<Object>("Filter");
    let allowed = match filter {
        None => true,
        Some(Object::Name(name)) => matches!(&*name, b"FlateDecode" | b"DCTDecode" | b"CCITTFaxDecode"),
        Some(_) => false,
    };
    faults.expect(allowed, Clause::X4Streams, || {
        format!("object {number}: a filter that is not Flate, DCT or CCITT")
    });
}

/// The object that begins at an offset with `n 0 obj` on a line of its own (ISO 19005-2 §6.1.9).
fn object_at(bytes: &[u8], start: usize) -> Option<ObjectIdentifier> {
    let line = bytes.get(start..)?.split(|byte| *byte == b'\n').next()?;
    let number = std::str::from_utf8(line.get(..16.min(line.len()))?).ok()?.strip_suffix(" 0 obj")?;
    Some(ObjectIdentifier::new(number.parse().ok()?, 0))
}
