//! Identification: the XMP packet, and the document information that must agree with it.

use hayro_syntax::object::{Dict, Name, Stream, String as PdfString};

use super::xmp::{DC, MEDIA, PDF, PDFA, PDFVT, PDFX, PROPERTY, Properties, XMP};
use super::{Clause, Faults, Standard, is_name};

/// The entries that document information may have. Any other could hold a holder's name.
const KNOWN: [&str; 7] = ["Title", "Creator", "Producer", "CreationDate", "ModDate", "Trapped", "Type"];

/// Checks metadata, document information and the catalog's keys.
pub(super) fn check(catalog: &Dict, information: Option<&Dict>, standard: Standard, faults: &mut Faults) {
    let Some(properties) = read(catalog, faults) else { return };
    check_properties(&properties, faults);
    check_records(&properties, standard, faults);
    match information {
        Some(information) => check_information(information, &properties, faults),
        None => faults.add(Clause::X4Information, "no document information"),
    }
    if standard.archived() {
        check_archive(&properties, faults);
    }
    const FORBIDDEN: [&str; 8] =
        ["OpenAction", "AA", "AcroForm", "Names", "Outlines", "URI", "OCProperties", "Collection"];
    for key in FORBIDDEN {
        let message = || format!("the catalog has `{key}`");
        faults.expect(!catalog.contains_key(key), Clause::X4Interaction, message);
    }
}

fn read(catalog: &Dict, faults: &mut Faults) -> Option<Properties> {
    let clause = Clause::X4Metadata;
    let Some(metadata) = catalog.get::<Stream>("Metadata") else {
        faults.add(clause, "no metadata");
        return None;
    };
    let typed = is_name(metadata.dict(), "Type", "Metadata") && is_name(metadata.dict(), "Subtype", "XML");
    faults.expect(typed, clause, || "the metadata are not marked as XML".to_owned());
    let unfiltered = !metadata.dict().contains_key("Filter");
    faults.expect(unfiltered, clause, || "the metadata are filtered".to_owned());
    let packet = metadata.decoded().ok()?;
    let properties = std::str::from_utf8(&packet).ok().and_then(Properties::read);
    let wrapped = packet.starts_with("<?xpacket begin=\"\u{FEFF}\"".as_bytes());
    faults.expect(wrapped && properties.is_some(), clause, || "the metadata are no XMP packet".to_owned());
    properties
}

fn check_properties(properties: &Properties, faults: &mut Faults) {
    let x4 = properties.one(PDFX, "GTS_PDFXVersion") == Some("PDF/X-4");
    faults.expect(x4, Clause::X4Metadata, || "`pdfxid:GTS_PDFXVersion` is not `PDF/X-4`".to_owned());
    let needed = [
        (DC, "title"),
        (XMP, "CreateDate"),
        (XMP, "ModifyDate"),
        (XMP, "MetadataDate"),
        (MEDIA, "DocumentID"),
        (MEDIA, "VersionID"),
        (MEDIA, "RenditionClass"),
        (PDF, "Producer"),
        (PDF, "Trapped"),
    ];
    for (space, name) in needed {
        let present = properties.one(space, name).is_some();
        faults.expect(present, Clause::X4Metadata, || format!("the metadata have no `{name}`"));
    }
    let id = properties.one(MEDIA, "DocumentID").is_some_and(is_uuid);
    faults.expect(id, Clause::X4Metadata, || "`DocumentID` is no UUID".to_owned());
}

/// Checks the identification of PDF/VT-1. An imposed file must have none: a page of PDF/VT-1 belongs to one record, and
/// an imposed sheet to two.
fn check_records(properties: &Properties, standard: Standard, faults: &mut Faults) {
    let clause = Clause::Vt1Identification;
    let version = properties.one(PDFVT, "GTS_PDFVTVersion");
    let modified = properties.one(PDFVT, "GTS_PDFVTModDate");
    if standard.imposed() {
        let unclaimed = version.is_none() && modified.is_none();
        return faults.expect(unclaimed, clause, || "imposed sheets that claim PDF/VT-1".to_owned());
    }
    let vt1 = version == Some("PDF/VT-1");
    faults.expect(vt1, clause, || "`pdfvtid:GTS_PDFVTVersion` is not `PDF/VT-1`".to_owned());
    let agrees = modified.is_some() && modified == properties.one(XMP, "ModifyDate");
    faults.expect(agrees, clause, || "`pdfvtid:GTS_PDFVTModDate` is not `xmp:ModifyDate`".to_owned());
}

/// Whether `text` is `uuid:` and a UUID.
pub(super) fn is_uuid(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("uuid:") else { return false };
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && uuid.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn check_information(information: &Dict, properties: &Properties, faults: &mut Faults) {
    let clause = Clause::X4Information;
    for key in information.keys() {
        let known = KNOWN.iter().any(|known| known.as_bytes() == &*key);
        faults.expect(known, clause, || format!("an entry `{}`", String::from_utf8_lossy(&key)));
    }
    let expected = [
        ("Title", properties.one(DC, "title").map(str::to_owned)),
        ("Producer", properties.one(PDF, "Producer").map(str::to_owned)),
        ("Creator", properties.one(XMP, "CreatorTool").map(str::to_owned)),
        ("CreationDate", properties.one(XMP, "CreateDate").map(pdf_date)),
        ("ModDate", properties.one(XMP, "ModifyDate").map(pdf_date)),
    ];
    for (key, expected) in expected {
        let found = information.get::<PdfString>(key).map(|text| decode(&text));
        let agrees = found.is_some() && found == expected;
        faults.expect(agrees, clause, || format!("`{key}` is missing, or differs from the metadata"));
    }
    let trapped = information.get::<Name>("Trapped").map(|name| String::from_utf8_lossy(&name).into_owned());
    let known = matches!(trapped.as_deref(), Some("True" | "False"));
    let agrees = trapped.as_deref() == properties.one(PDF, "Trapped");
    faults
        .expect(known && agrees, clause, || "`Trapped` is missing, or differs from the metadata".to_owned());
}

/// Decodes a text string: UTF-16 with a byte order mark, else one byte a character (ISO 32000-1 §7.9.2.2).
fn decode(bytes: &[u8]) -> String {
    match bytes.strip_prefix(b"\xFE\xFF") {
        Some(wide) => {
            let units: Vec<u16> =
                wide.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        None => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// A date of XMP in the format of document information.
fn pdf_date(date: &str) -> String {
    format!("D:{}", date.replace(['-', ':', 'T'], ""))
}

fn check_archive(properties: &Properties, faults: &mut Faults) {
    let clause = Clause::A2bMetadata;
    let identified =
        (properties.one(PDFA, "part"), properties.one(PDFA, "conformance")) == (Some("2"), Some("B"));
    faults.expect(identified, clause, || "the metadata do not claim PDF/A-2b".to_owned());
    for name in ["GTS_PDFXVersion", "GTS_PDFVTVersion", "GTS_PDFVTModDate", "Trapped"] {
        let described = properties.contains(PROPERTY, "name", name);
        faults.expect(described, clause, || format!("no extension schema describes `{name}`"));
    }
}
