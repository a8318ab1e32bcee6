//! Mixed codes of header version 04: C40 characters first, then binary to the end (S326 p. 27).
//!
//! In the symbol the change is codeword E7, or FE E7 where C40 is left first. Some readers of symbols give the content
//! with that mark, most without, so the place is found: a complete field after which binary blocks run exactly to the
//! end and hold a signature. Without a mark it is the last such place, since a binary identifier is not to be taken
//! for a field only where the field is not sound.

use super::binary::{self, runs_to_a_signature};
use super::document_types::DocumentType;
use super::fields::{Boundary, boundaries, cut};
use super::findings::Findings;
use super::header::Header;
use super::parse::{Code, Form};

/// How the change may be marked.
const MARKS: [&[u8]; 2] = [&[0xFE, 0xE7], &[0xE7]];

/// Where a code changes to binary.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Switch {
    /// The end of the characters.
    characters: usize,
    /// The beginning of the blocks.
    blocks: usize,
}

/// Finds the change, if there is one, after a header of `length` bytes.
pub(super) fn switch(code: &[u8], length: usize, document_type: Option<&DocumentType>) -> Option<Switch> {
    let message = code.get(length..)?;
    let runs = runs_to_a_signature(message);
    if !runs.contains(&true) {
        return None;
    }
    let runs_from = |at: usize| runs.get(at).copied().unwrap_or_default();
    let at = |characters: usize, mark: usize| Switch {
        characters: length + characters,
        blocks: length + characters + mark,
    };
    let marked = |end: &Boundary| {
        let mark = MARKS.iter().find(|mark| message[end.at..].starts_with(mark))?;
        runs_from(end.at + mark.len()).then(|| at(end.at, mark.len()))
    };
    let ends = boundaries(message, document_type);
    let unmarked = || ends.iter().rev().find(|end| end.sound && runs_from(end.at)).map(|end| at(end.at, 0));
    ends.iter().find_map(marked).or_else(unmarked)
}

/// Reads a code that changes to binary there.
pub(super) fn parse(
    header: Header,
    code: &[u8],
    length: usize,
    switch: &Switch,
    findings: &mut Findings,
) -> Code {
    let (characters, blocks) = (&code[..switch.characters], &code[switch.blocks..]);
    let mut fields = cut(&characters[length..], DocumentType::find(&header.document_type), findings);
    let read = binary::read_blocks(blocks, findings);
    fields.extend(read.fields);
    let signed_blocks = blocks.get(..read.signed).unwrap_or(blocks);
    // The change is not signed: characters could be passed off as blocks.
    let in_characters = |byte: &u8| matches!(byte, 0x20..=0x7E | 0x1D | 0x1E);
    if !signed_blocks.is_empty() && signed_blocks.iter().all(in_characters) {
        findings.invalid("what stands in binary could be characters as well, and nothing signed says which");
    }
    Code {
        form: Form::Mixed,
        header,
        fields,
        annex: read.annex,
        signature: read.signature,
        signed: [characters, signed_blocks].concat(),
        scanner: None,
        findings: Vec::new(),
    }
}
