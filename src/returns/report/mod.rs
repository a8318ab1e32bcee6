//! The report of a pile for the returned-mail clerk: one HTML file that opens from the disk, without network.
//!
//! Counts first, then the doubtful pages with their pictures and what was read and expected, then all others in a table. The
//! clerk decides with the keyboard, and the page saves `decisions.json` ([`super::decisions`]). In French, as all sheets of the
//! floor. What others wrote is legible and escaped; scripts and styles run by their digests only.

mod candidates;
mod case;
mod summary;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
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
    summary::unopened(out, &unopened)?;
    writeln!(out, "<main>\n<h2 id=\"doubtful\">À décider : {}</h2>", doubtful.len())?;
    if doubtful.is_empty() {
        writeln!(out, "<p>Aucune image n’est douteuse.</p>")?;
    } else {
        out.write_all(BAR.as_bytes())?;
    }
    for (number, outcome) in (1..).zip(&doubtful) {
        case::write(out, report, number, outcome)?;
    }
    others(out, report)?;
    writeln!(out, "</main>\n{DECISION}")?;
    candidates::write(out, report, &doubtful)?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// The bar of the decisions, which the script shows.
const BAR: &str = r#"<noscript><p>Sans JavaScript, ce rapport se lit ; les décisions ne s’y enregistrent pas.</p></noscript>
<div class="bar" id="bar" role="toolbar" aria-label="Décisions" hidden>
<strong id="progress"></strong>
<label>Votre nom <input id="by" autocomplete="name" maxlength="200"></label>
<button type="button" id="previous">Précédent (k)</button>
<button type="button" id="next">Suivant (j)</button>
<button type="button" id="undo">Annuler (u)</button>
<button type="button" id="save" class="first">Enregistrer (s)</button>
<label><input type="checkbox" id="shortcuts" checked> raccourcis clavier</label>
<span id="message" role="status"></span>
</div>
<p class="soft">Touches : <kbd>j</kbd> <kbd>→</kbd> suivant, <kbd>k</kbd> <kbd>←</kbd> précédent, <kbd>a</kbd> accepter le premier numéro,
<kbd>2</kbd> à <kbd>9</kbd> un autre, <kbd>c</kbd> corriger, <kbd>n</kbd> rien de nous, <kbd>z</kbd> agrandir, <kbd>u</kbd> annuler, <kbd>s</kbd> enregistrer,
<kbd>Échap</kbd> quitter la saisie.</p>
"#;

/// What the script adds to each doubtful page.
const DECISION: &str = r#"<template id="decision">
<div class="decision" role="group" aria-label="Décision">
<p class="decided"></p>
<div class="row choices"></div>
<div class="row">
<button type="button" class="correct">Corriger (c)</button>
<button type="button" class="none">Rien de nous (n)</button>
</div>
<form hidden>
<label>Numéro de carte (10 chiffres) ou référence imprimée <input autocomplete="off" spellcheck="false"></label>
<label>Encore une fois, si aucun symbole de l’image ne le lit <input autocomplete="off" spellcheck="false"></label>
<p class="error" role="alert"></p>
<button>Valider (Entrée)</button>
</form>
</div>
</template>"#;

fn head(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
        <meta name=\"referrer\" content=\"no-referrer\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <title>Retours du {} – {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
        <a class=\"skip\" href=\"#doubtful\">Aller aux images à décider</a>",
        digest(STYLE),
        digest(SCRIPT),
        report.day,
        Escaped(report.bureau),
    )
}

/// Writes the table of the pages that nobody must look at.
fn others(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let others = report.outcomes.iter().filter(|outcome| !outcome.is_doubtful());
    let count = others.clone().count();
    writeln!(
        out,
        "<h2>Reconnus : {count}</h2>\n<p class=\"filter\" hidden><label>Filtrer <input type=\"search\" id=\"filter\"></label> <span id=\"found\" role=\"status\"></span></p>\n\
        <div class=\"scroll\"><table id=\"others\">\n<thead><tr><th scope=\"col\">Image</th><th scope=\"col\" class=\"figure\">Page</th><th scope=\"col\">Pli</th>\
        <th scope=\"col\">Carte</th><th scope=\"col\">Nature</th><th scope=\"col\">Motif</th><th scope=\"col\">Suite</th><th scope=\"col\">Remarque</th></tr></thead>\n<tbody>"
    )?;
    for outcome in others {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td class=\"figure\">{}</td><td class=\"text\">{}</td><td class=\"text\">{}</td><td>{}</td><td>{}</td><td>{}</td><td lang=\"en\">{}</td></tr>",
            Escaped(&outcome.path),
            outcome.page,
            Escaped(outcome.piece_id.as_deref().unwrap_or("–")),
            Escaped(outcome.card_number.as_deref().unwrap_or("–")),
            kind(outcome),
            Escaped(report.reason(outcome)),
            disposition(outcome.disposition.as_deref()),
            Escaped(&outcome.reason),
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>")
}

impl Report<'_> {
    /// The French words of why a piece came back, or its code where they are not known.
    fn reason<'o>(&'o self, outcome: &'o Outcome) -> &'o str {
        outcome.return_reason.as_deref().map_or("non indiqué", |code| self.reasons.words(code))
    }
}

/// A verdict as a clerk reads it.
fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Matched => "Reconnu",
        Verdict::UnknownCard => "Carte inconnue du registre",
        Verdict::Duplicate => "Déjà revenu",
        Verdict::SignatureInvalid => "Signature fausse",
        Verdict::Inconsistent => "Contradictoire",
        Verdict::Unreadable => "Illisible",
    }
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome.kind.as_deref() {
        Some("letter") => "courrier carte",
        Some("mailer") => "courrier codes",
        Some("separator") => "feuille de séparation",
        Some("not_ours") => "rien de nous",
        _ => "–",
    }
}

fn disposition(code: Option<&str>) -> Escaped<'_> {
    Escaped(match code {
        Some("hold") => "à garder",
        Some("to_issuer") => "à rendre à l’émetteur",
        Some("destroy") => "à détruire",
        Some(other) => other,
        None => "–",
    })
}
