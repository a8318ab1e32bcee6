//! What a clerk can accept of a doubtful page, as data for the script.

use std::io::{self, Write};

use mail::card::CardNumber;
use mail::lot::WrittenPiece;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Report;
use crate::files::script_json;
use crate::returns::outcome::{Outcome, Verdict};

/// The most numbers that are offered for a page: the keys 1 to 9.
const MOST: usize = 9;

/// A number that a clerk can accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Candidate {
    /// The key of the decision: `card_number` or `piece_id`.
    pub key: &'static str,
    /// Its value.
    pub text: String,
}

/// A doubtful page for the script.
#[derive(Serialize)]
struct Case<'o> {
    path: &'o str,
    page: u32,
    sha256: &'o str,
    candidates: Vec<Candidate>,
    /// Every number that was read, so that one that is typed can be held against it.
    read: Vec<String>,
}

#[derive(Serialize)]
struct Data<'o> {
    /// The report's own name: a digest of its cases.
    report: String,
    cases: Vec<Case<'o>>,
}

/// Writes the data of the doubtful pages.
pub(super) fn write(out: &mut impl Write, report: &Report, doubtful: &[&Outcome]) -> io::Result<()> {
    let cases: Vec<Case> = doubtful
        .iter()
        .map(|outcome| Case {
            path: &outcome.path,
            page: outcome.page,
            sha256: &outcome.sha256,
            candidates: candidates(outcome, report.number_field),
            read: read(outcome, report.number_field).collect(),
        })
        .collect();
    let digest = Sha256::digest(serde_json::to_vec(&(report.batch, &cases))?);
    let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let json = serde_json::to_string(&Data { report: name, cases })?;
    writeln!(out, "<script type=\"application/json\" id=\"data\">{}</script>", script_json(&json))
}

/// The numbers that a clerk can accept, the likeliest first. `number_field`: the block's field that is a card's number.
pub(super) fn candidates(outcome: &Outcome, number_field: Option<&str>) -> Vec<Candidate> {
    let believed = outcome.piece_id.iter().chain(&outcome.card_number).cloned();
    let mut found: Vec<Candidate> = Vec::new();
    for candidate in believed.chain(read(outcome, number_field)).filter_map(candidate) {
        // The piece's card is not another choice, unless the two are in doubt.
        let is_its_card = outcome.piece_id.is_some()
            && outcome.verdict != Verdict::Inconsistent
            && outcome.card_number.as_ref() == Some(&candidate.text);
        if !is_its_card && !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found.truncate(MOST);
    found
}

fn candidate(text: String) -> Option<Candidate> {
    if CardNumber::parse(&text).is_ok() {
        return Some(Candidate { key: "card_number", text });
    }
    WrittenPiece::parse(&text).map(|_| Candidate { key: "piece_id", text })
}

/// Every card number and reference that was read: in the symbols, then in the block.
fn read(outcome: &Outcome, number_field: Option<&str>) -> impl Iterator<Item = String> {
    let symbols = outcome.symbols.iter().map(|symbol| symbol.text.trim());
    let names = |text: &&str| CardNumber::parse(text).is_ok() || WrittenPiece::parse(text).is_some();
    symbols.filter(names).chain(number_of_block(outcome, number_field)).map(str::to_owned)
}

/// The card's number that the block states.
pub(super) fn number_of_block<'o>(outcome: &'o Outcome, number_field: Option<&str>) -> Option<&'o str> {
    let number = block_fields(outcome).find(|(id, ..)| Some(*id) == number_field);
    number.map(|(.., value)| value).filter(|value| CardNumber::parse(value).is_ok())
}

/// The fields of the block: identifier, name and value.
pub(super) fn block_fields(outcome: &Outcome) -> impl Iterator<Item = (&str, &str, &str)> {
    let fields = outcome.twoddoc.as_ref().and_then(|block| block.get("fields")?.as_array());
    fields.into_iter().flatten().filter_map(|field| {
        let text = |key: &str| field.get(key).and_then(serde_json::Value::as_str);
        Some((text("id")?, text("name").unwrap_or_default(), text("value")?))
    })
}
