//! Sound files have no fault; a file with one change has a fault of the clause that the change breaks.
#![allow(missing_docs)]

use std::sync::Arc;

use preflight::{Clause, Fault, Marks, Standard, preflight};

const ARCHIVE: &[u8] = include_bytes!("fixtures/archive.pdf");
const IMPOSED: &[u8] = include_bytes!("fixtures/imposed.pdf");

fn faults(file: &[u8], standard: Standard) -> Vec<Fault> {
    preflight(&Arc::new(file.to_vec()), standard, Marks::All)
}

/// The file with `from`, which stands in clear somewhere, replaced by `to`, which is as long.
fn changed(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "offsets stay");
    let start = file.windows(from.len()).position(|window| window == from.as_bytes());
    let start = start.unwrap_or_else(|| panic!("`{from}` is not in the file"));
    [&file[..start], to.as_bytes(), &file[start + from.len()..]].concat()
}

#[test]
fn sound_files_have_no_fault() {
    for (file, standard) in
        [(ARCHIVE, Standard::Press), (ARCHIVE, Standard::PressAndArchive), (IMPOSED, Standard::Imposed)]
    {
        assert_eq!(faults(file, standard), [], "{standard:?}");
    }
}

#[test]
fn a_change_breaks_its_clause() {
    let changes = [
        ("%PDF-1.6", "%PDF-1.7", Clause::X4File),
        ("/ID[<", "/IE[<", Clause::X4Trailer),
        (">PDF/X-4<", ">PDF/X-3<", Clause::X4Metadata),
        ("/Trapped /False", "/Trapped /Bogus", Clause::X4Information),
        ("/S /GTS_PDFX", "/S /GTS_PDFY", Clause::X4OutputIntent),
        ("/CIDToGIDMap", "/CIDToGIDMop", Clause::X4Fonts),
        ("0 0 0 .5 k", "0 0 1 .5 k", Clause::X4Colour),
        ("/OPM 1", "/HTP 1", Clause::X4GraphicsState),
        ("/Filter /FlateDecode", "/Filter /LZWDecode  ", Clause::X4Streams),
        ("/op true/OPM 1", "/op true/OPN 1", Clause::Overprint),
        (">PDF/VT-1<", ">PDF/VT-2<", Clause::Vt1Identification),
        ("/RecordLevel 2", "/RecordLevel 1", Clause::Vt1Tree),
        ("/GTS_Encapsulated true", "/GTS_Encapsulated null", Clause::Vt1Reuse),
        (">GTS_PDFVTModDate<", ">GTS_PDFVTModDay_<", Clause::A2bMetadata),
        ("/S /GTS_PDFA1", "/S /GTS_PDFA9", Clause::A2bOutputIntent),
    ];
    for (from, to, clause) in changes {
        let faults = faults(&changed(ARCHIVE, from, to), Standard::PressAndArchive);
        assert!(faults.iter().any(|fault| fault.clause == clause), "{from}: {faults:?}");
    }
}

#[test]
fn imposed_sheets_are_not_pdf_vt_1_and_letters_are_not_imposed() {
    let clauses =
        |file, standard| faults(file, standard).iter().map(|fault| fault.clause).collect::<Vec<_>>();
    assert!(clauses(IMPOSED, Standard::Press).contains(&Clause::Vt1Identification));
    assert!(clauses(ARCHIVE, Standard::Imposed).contains(&Clause::Vt1Identification));
}

#[test]
fn what_is_not_a_pdf_is_a_fault_and_no_panic() {
    for file in [&b""[..], b"%PDF-1.6", &ARCHIVE[..9000], &ARCHIVE[9000..]] {
        assert!(!faults(file, Standard::Press).is_empty());
    }
}
