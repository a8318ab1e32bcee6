//! The report of a pile for the returned-mail clerk: one HTML file that opens from the disk, without network.
//!
//! Counts first, then the doubtful pages with their pictures and what was read and expected, then all others in a table. The
//! clerk decides with the keyboard, and the page saves `decisions.json` ([`super::decisions`]). In the bureau's
//! language. What others wrote is legible and escaped; scripts and styles run by their digests only.

mod candidates;
mod case;
mod summary;
mod toolbar;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use mail::Language;
use mail::returned::ReturnReasons;
use sha2::{Digest, Sha256};

use super::booking::MailerUnderWay;
use super::crop::Crop;
use super::outcome::{Outcome, Verdict};
use crate::files::Escaped;
use crate::ledger::{HeldAddress, RepeatedReturn, State};

/// The style sheet.
const STYLE: &str = include_str!("report.css");
/// The script.
const SCRIPT: &str = include_str!("report.js");

/// What a report says.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// The bureau's language.
    pub language: Language,
    /// The bureau's name.
    pub bureau: &'a str,
    /// The day of the returns.
    pub day: Date,
    /// The batch.
    pub batch: &'a str,
    /// Who scanned.
    pub by: &'a str,
    /// What is said of each page, in the order of the pile.
    pub outcomes: &'a [Outcome],
    /// The reasons of returns.
    pub reasons: &'a ReturnReasons,
    /// The identifier of the signed block's field that is the card's number.
    pub number_field: Option<&'a str>,
    /// What the ledger knows of the pieces that outcomes name, by printed reference.
    pub known: &'a HashMap<String, KnownPiece>,
    /// The pages' pictures, by path and page; `None` if the report is to have none.
    pub pictures: Option<&'a HashMap<(String, u32), Crop>>,
    /// Mailers that are to be recalled, since the holder's letter came back.
    pub mailers: &'a [MailerUnderWay],
    /// Cards whose mail came back more than once.
    pub repeated: &'a [RepeatedReturn],
    /// Addresses on the hold list.
    pub held: &'a [HeldAddress],
}

/// What the ledger knows of a piece.
#[derive(Debug, Clone)]
pub(crate) struct KnownPiece {
    /// Its card's number; `None` for a mailer, and once it is purged.
    pub card_number: Option<String>,
    /// Its state before this pile.
    pub state: State,
    /// The day on which it left.
    pub dispatched: Option<Date>,
    /// The days on which it came back before this pile.
    pub returned: Vec<Date>,
}

/// Writes a report as an HTML file.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    // A file without a digest was not read, so nothing can be decided of it.
    let (doubtful, unopened): (Vec<&Outcome>, Vec<&Outcome>) = report
        .outcomes
        .iter()
        .filter(|outcome| outcome.is_doubtful())
        .partition(|outcome| !outcome.sha256.is_empty());
    head(out, report)?;
    summary::write(out, report)?;
    summary::unopened(out, report.language, &unopened)?;
    let language = report.language;
    let to_decide = language.of("À décider :", "To decide:");
    writeln!(out, "<main>\n<h2 id=\"doubtful\">{to_decide} {}</h2>", doubtful.len())?;
    if doubtful.is_empty() {
        writeln!(out, "<p>{}</p>", language.of("Aucune image n’est douteuse.", "No picture is doubtful."))?;
    } else {
        toolbar::bar(out, language)?;
    }
    for (number, outcome) in (1..).zip(&doubtful) {
        case::write(out, report, number, outcome)?;
    }
    others(out, report)?;
    writeln!(out, "</main>")?;
    toolbar::decision(out, language)?;
    candidates::write(out, report, &doubtful)?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn head(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    let (language, day) = (report.language, report.day);
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
        <meta name=\"referrer\" content=\"no-referrer\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <title>{} – {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
        <a class=\"skip\" href=\"#doubtful\">{}</a>",
        language.code(),
        digest(STYLE),
        digest(SCRIPT),
        language.of(format!("Retours du {day}"), format!("Returned mail of {day}")),
        Escaped(report.bureau),
        language.of("Aller aux images à décider", "Go to the pictures to decide"),
    )
}

/// Writes the table of the pages that nobody must look at.
fn others(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let others = report.outcomes.iter().filter(|outcome| !outcome.is_doubtful());
    let count = others.clone().count();
    let language = report.language;
    let known = language.of("Reconnus :", "Recognised:");
    let filter = language.of("Filtrer", "Filter");
    let [picture, piece, card, of_kind, reason, next, remark] = language.of(
        ["Image", "Pli", "Carte", "Nature", "Motif", "Suite", "Remarque"],
        ["Picture", "Piece", "Card", "Kind", "Reason", "Next", "Remark"],
    );
    writeln!(
        out,
        "<h2>{known} {count}</h2>\n<p class=\"filter\" hidden><label>{filter} <input type=\"search\" id=\"filter\"></label> <span id=\"found\" role=\"status\"></span></p>\n\
        <div class=\"scroll\"><table id=\"others\">\n<thead><tr><th scope=\"col\">{picture}</th><th scope=\"col\" class=\"figure\">Page</th><th scope=\"col\">{piece}</th>\
        <th scope=\"col\">{card}</th><th scope=\"col\">{of_kind}</th><th scope=\"col\">{reason}</th><th scope=\"col\">{next}</th><th scope=\"col\">{remark}</th></tr></thead>\n<tbody>"
    )?;
    for outcome in others {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td class=\"figure\">{}</td><td class=\"text\">{}</td><td class=\"text\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            Escaped(&outcome.path),
            outcome.page,
            Escaped(outcome.piece_id.as_deref().unwrap_or("–")),
            Escaped(outcome.card_number.as_deref().unwrap_or("–")),
            kind(language, outcome),
            Escaped(report.reason(outcome)),
            disposition(language, outcome.disposition.as_deref()),
            Escaped(outcome.remark.text(language)),
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>")
}

impl Report<'_> {
    /// Why a piece came back in words, or its code where they are not known.
    fn reason<'o>(&'o self, outcome: &'o Outcome) -> &'o str {
        let language = self.language;
        match outcome.return_reason.as_deref() {
            Some(code) => self.reasons.words_in(language, code),
            None => language.of("non indiqué", "not stated"),
        }
    }
}

/// A verdict as a clerk reads it.
fn verdict(language: Language, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Matched => language.of("Reconnu", "Recognised"),
        Verdict::UnknownCard => language.of("Carte inconnue du registre", "Card unknown to the ledger"),
        Verdict::Duplicate => language.of("Déjà revenu", "Came back before"),
        Verdict::SignatureInvalid => language.of("Signature fausse", "False signature"),
        Verdict::Inconsistent => language.of("Contradictoire", "Contradictory"),
        Verdict::Unreadable => language.of("Illisible", "Unreadable"),
    }
}

fn kind(language: Language, outcome: &Outcome) -> &'static str {
    match outcome.kind.as_deref() {
        Some("letter") => language.of("courrier carte", "card letter"),
        Some("mailer") => language.of("courrier codes", "code mailer"),
        Some("separator") => language.of("feuille de séparation", "separator sheet"),
        Some("not_ours") => language.of("rien de nous", "none of ours"),
        _ => "–",
    }
}

fn disposition(language: Language, code: Option<&str>) -> Escaped<'_> {
    Escaped(match code {
        Some("hold") => language.of("à garder", "to keep"),
        Some("to_issuer") => language.of("à rendre à l’émetteur", "back to the issuer"),
        Some("destroy") => language.of("à détruire", "to destroy"),
        Some(other) => other,
        None => "–",
    })
}
