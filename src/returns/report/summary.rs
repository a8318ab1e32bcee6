//! The head of a report: whose pile it is, the counts, what came back repeatedly, which addresses are on hold.

use std::collections::BTreeMap;
use std::io::{self, Write};

use mail::calendar::french_date;

use super::{Report, disposition};
use crate::files::Escaped;
use crate::ledger::PiecePlace;
use crate::night::state_in_french;
use crate::returns::booking::MailerUnderWay;
use crate::returns::outcome::{Outcome, Verdict};
use jiff::civil::Date;
use mail::issuance::Issuance;

/// Writes the head.
pub(super) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let pages = report.outcomes.len();
    writeln!(
        out,
        "<header>\n<p class=\"soft\">{}</p>\n<h1>Retours du {}</h1>\n<p>Lot de retours <span class=\"text\">{}</span> – numérisé par {} – {pages}&#160;résultats</p>",
        Escaped(report.bureau),
        french_date(report.day),
        Escaped(report.batch),
        Escaped(report.by),
    )?;
    if report.pictures.is_none() {
        writeln!(out, "<p>Sans images, comme demandé.</p>")?;
    }
    writeln!(out, "<div class=\"counts\">")?;
    let verdicts = Verdict::ALL.map(|verdict| {
        (
            super::verdict(verdict).to_owned(),
            report.outcomes.iter().filter(|outcome| outcome.verdict == verdict).count(),
        )
    });
    counts(out, "Verdicts", &verdicts)?;
    counts(out, "Motifs", &by_reason(report))?;
    counts(out, "Suites", &by_disposition(report))?;
    writeln!(out, "</div>")?;
    mailers(out, report.mailers)?;
    let repeated =
        report.repeated.iter().map(|card| Recurring::of(card.record.as_ref(), &card.pieces, &card.days));
    recurring(out, "Cartes revenues plusieurs fois", &repeated.collect::<Vec<_>>())?;
    let held = report
        .held
        .iter()
        .map(|address| Recurring::of(address.record.as_ref(), &address.pieces, &address.days));
    recurring(out, "Adresses bloquées", &held.collect::<Vec<_>>())?;
    writeln!(out, "</header>")
}

/// How many returns have each reason, in the order in which reasons are configured.
fn by_reason(report: &Report) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for outcome in report.outcomes.iter().filter(|outcome| outcome.disposition.is_some()) {
        let words = report.reason(outcome);
        let place =
            report.reasons.codes().position(|code| report.reasons.words(code) == words).unwrap_or(usize::MAX);
        *counts.entry((place, words)).or_default() += 1;
    }
    counts.into_iter().map(|((_, words), count)| (words.to_owned(), count)).collect()
}

/// How many returns go which way.
fn by_disposition(report: &Report) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for code in report.outcomes.iter().filter_map(|outcome| outcome.disposition.as_deref()) {
        *counts.entry(code).or_default() += 1;
    }
    counts.into_iter().map(|(code, count)| (disposition(Some(code)).0.to_owned(), count)).collect()
}

fn counts(out: &mut impl Write, title: &str, rows: &[(String, usize)]) -> io::Result<()> {
    writeln!(out, "<section><h2>{title}</h2>")?;
    if rows.is_empty() {
        return writeln!(out, "<p class=\"soft\">Aucun retour.</p></section>");
    }
    writeln!(out, "<table><tbody>")?;
    for (words, count) in rows {
        writeln!(out, "<tr><th scope=\"row\">{}</th><td class=\"figure\">{count}</td></tr>", Escaped(words))?;
    }
    writeln!(out, "</tbody></table></section>")
}

/// Writes the files that could not be opened.
pub(super) fn unopened(out: &mut impl Write, outcomes: &[&Outcome]) -> io::Result<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section><h2>Fichiers à numériser de nouveau : {}</h2>\n<table><thead><tr><th scope=\"col\">Fichier</th><th scope=\"col\">Remarque</th></tr></thead><tbody>",
        outcomes.len()
    )?;
    for outcome in outcomes {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td lang=\"en\">{}</td></tr>",
            Escaped(&outcome.path),
            Escaped(&outcome.reason)
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}

/// Writes the mailers that must not leave, before everything that can wait.
fn mailers(out: &mut impl Write, mailers: &[MailerUnderWay]) -> io::Result<()> {
    if mailers.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section><h2>Courriers codes à rappeler : {}</h2>\n<p>La lettre du titulaire est revenue et son courrier codes n’est pas parti : <span class=\"text\">pli recall</span>.</p>\n\
        <table><thead><tr><th scope=\"col\">Courrier codes</th><th scope=\"col\">État</th><th scope=\"col\">Lettre revenue</th></tr></thead><tbody>",
        mailers.len()
    )?;
    for MailerUnderWay { letter, mailer, state } in mailers {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td>{}</td><td class=\"text\">{}</td></tr>",
            Escaped(mailer),
            state_in_french(*state),
            Escaped(letter)
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}

/// A card or an address from which mail came back repeatedly.
struct Recurring {
    /// The client's reference, else the card's number, else nothing is known any more.
    name: String,
    pieces: String,
    returns: usize,
    last: String,
}

impl Recurring {
    fn of(record: Option<&Issuance>, pieces: &[PiecePlace], days: &[Date]) -> Recurring {
        let name = record.map(|record| match record.client_ref.as_str() {
            "" => record.card_number.as_str().to_owned(),
            reference => reference.to_owned(),
        });
        let pieces: Vec<String> = pieces.iter().map(shown).collect();
        Recurring {
            name: name.unwrap_or_else(|| "effacé".to_owned()),
            pieces: pieces.join(", "),
            returns: days.len(),
            last: days.last().copied().map(french_date).unwrap_or_default(),
        }
    }
}

/// A piece in a list: the printed reference of an original, the place of a reprint in its lot.
fn shown(PiecePlace { lot, kind, sequence }: &PiecePlace) -> String {
    match lot.reprint_number() {
        None => lot.piece_id(*kind, *sequence),
        Some(_) => format!("n° {sequence} du lot {}", lot.marked(*kind)),
    }
}

fn recurring(out: &mut impl Write, title: &str, rows: &[Recurring]) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section><h2>{title} : {}</h2>\n<table><thead><tr><th scope=\"col\">Dossier</th><th scope=\"col\">Plis</th><th scope=\"col\" class=\"figure\">Retours</th><th scope=\"col\">Dernier</th></tr></thead><tbody>",
        rows.len()
    )?;
    for Recurring { name, pieces, returns, last } in rows {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td class=\"text\">{}</td><td class=\"figure\">{returns}</td><td>{}</td></tr>",
            Escaped(name),
            Escaped(pieces),
            Escaped(last),
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}
