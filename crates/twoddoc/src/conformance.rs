//! Conformance of a parsed code: its header and fields against its document type.

use super::document_types::{DocumentType, EmissionDate};
use super::findings::Findings;
use super::header::Header;
use super::identifiers::DataIdentifier;
use super::parse::{Code, Form};
use super::version::Version;

/// The only published perimeter, in C40 and in binary (S326 p. 32-33).
const NATIONAL: [&str; 2] = ["01", "0001"];

/// Minimum length of a signature, in bytes (S326 p. 25).
const MIN_SIGNATURE_LENGTH: usize = 64;

/// Adds a finding for each rule that the header, the signature or the fields break.
pub(super) fn check(code: &Code, findings: &mut Findings) {
    check_header(&code.header, findings);
    check_signature(code, findings);
    if code.form == Form::Binary {
        return;
    }
    let Some(document_type) = code.document_type() else {
        let unknown = &code.header.document_type;
        findings.note(format!("document type `{unknown}` is not in our tables"));
        return;
    };
    check_emission(&code.header, document_type, findings);
    check_fields(code, document_type, findings);
}

fn check_header(header: &Header, findings: &mut Findings) {
    if header.version == Version::V01 {
        findings.note("header version 01 must not be issued any more");
    }
    if header.ca_id.ends_with("00") {
        findings.note(format!("`{}` is a test authority", header.ca_id));
    }
    if matches!(header.certificate_id.as_str(), "0000" | "00000") {
        findings.note("certificate `0000` is kept for tests");
    }
    if header.signature_date.is_none() {
        findings.departure("the signature is not dated");
    }
    let perimeter = header.perimeter.as_deref().unwrap_or("01");
    if !NATIONAL.contains(&perimeter) {
        findings.departure(format!("perimeter `{perimeter}` is not published"));
    }
}

fn check_signature(code: &Code, findings: &mut Findings) {
    let length = code.signature.as_ref().map(Vec::len);
    match length {
        Some(length) if length < MIN_SIGNATURE_LENGTH => {
            findings.invalid(format!("the signature has {length} bytes, fewer than 64"));
        }
        None if code.header.version == Version::V01 => {
            findings.invalid("no signature follows the message");
        }
        _ => {}
    }
    if !code.annex.is_empty() {
        findings.note("the annex is not signed");
    }
    if !code.annex.is_empty() && code.header.version < Version::V04 {
        findings.departure("only header version 04 has annexes");
    }
}

fn check_emission(header: &Header, document_type: &DocumentType, findings: &mut Findings) {
    let code = document_type.code;
    match (document_type.emission_date, header.emission_date) {
        (EmissionDate::Required, None) => {
            findings.departure(format!("type `{code}` needs a date of emission"));
        }
        (EmissionDate::Forbidden, Some(_)) => {
            findings.departure(format!("type `{code}` has no date of emission"));
        }
        _ => {}
    }
}

fn check_fields(code: &Code, document_type: &DocumentType, findings: &mut Findings) {
    let name = document_type.code;
    if !document_type.national {
        findings.note(format!("document type `{name}` is not national"));
    }
    let in_characters = code.fields.iter().filter(|field| !field.binary);
    let present: Vec<_> = in_characters.map(|field| field.id.as_str()).collect();
    for id in document_type.missing(&present) {
        findings.departure(format!("`{id}` is mandatory in type `{name}` and missing"));
    }
    for (index, id) in present.iter().enumerate() {
        if present[..index].contains(id) {
            findings.departure(format!("`{id}` stands more than once"));
        }
        if DataIdentifier::find(id).is_some_and(|known| !document_type.permits(known)) {
            findings.note(format!("`{id}` is not listed for type `{name}`"));
        }
    }
}
