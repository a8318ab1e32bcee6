//! Mixed codes of header version 04: C40 characters first, then binary to the end (S326 p. 27).
//!
//! In the symbol, codeword E7 marks the switch, or FE E7 if C40 is unlatched first. Some decoders keep that mark in the
//! content, most drop it. The switch is therefore searched for: it is the end of a complete field, after which binary
//! blocks run exactly to the end of the code and include a signature. A marked offset wins. Without a mark, it is the
//! last offset up to which all fields conform.

use super::binary::{self, runs_to_a_signature};
use super::document_types::DocumentType;
use super::fields::{Boundary, boundaries, split};
use super::findings::Findings;
use super::header::Header;
use super::parse::{Code, Form};

/// The codewords that mark the switch.
const MARKS: [&[u8]; 2] = [&[0xFE, 0xE7], &[0xE7]];

/// Where a code switches to binary.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Switch {
    /// End offset of the C40 characters.
    characters_end: usize,
    /// Start offset of the binary blocks.
    blocks_start: usize,
}

/// Finds the switch, if there is one, after a header of `length` bytes.
pub(super) fn switch(code: &[u8], length: usize, document_type: Option<&DocumentType>) -> Option<Switch> {
    let message = code.get(length..)?;
    let runs = runs_to_a_signature(message);
    if !runs.contains(&true) {
        return None;
    }
    let runs_from = |offset: usize| runs.get(offset).copied().unwrap_or_default();
    let switch_at = |characters: usize, mark: usize| Switch {
        characters_end: length + characters,
        blocks_start: length + characters + mark,
    };
    let marked = |end: &Boundary| {
        let mark = MARKS.iter().find(|mark| message[end.offset..].starts_with(mark))?;
        runs_from(end.offset + mark.len()).then(|| switch_at(end.offset, mark.len()))
    };
    let ends = boundaries(message, document_type);
    let unmarked = || {
        ends.iter()
            .rev()
            .find(|end| end.conforms && runs_from(end.offset))
            .map(|end| switch_at(end.offset, 0))
    };
    ends.iter().find_map(marked).or_else(unmarked)
}

/// Parses a code that switches to binary at `switch`.
pub(super) fn parse(
    header: Header,
    code: &[u8],
    length: usize,
    switch: &Switch,
    findings: &mut Findings,
) -> Code {
    let (characters, blocks) = (&code[..switch.characters_end], &code[switch.blocks_start..]);
    let mut fields = split(&characters[length..], DocumentType::find(&header.document_type), findings);
    let read = binary::read_blocks(blocks, findings);
    fields.extend(read.fields);
    let signed_blocks = blocks.get(..read.signed).unwrap_or(blocks);
    // The offset of the switch is not signed: an attacker could present characters as binary blocks.
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
