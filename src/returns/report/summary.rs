//! The head of a report: whose pile it is, the counts, what came back repeatedly, which addresses are on hold.

use std::collections::BTreeMap;
use std::io::{self, Write};

use mail::Language;

use super::{Report, disposition};
use crate::files::Escaped;
use crate::ledger::PiecePlace;
use crate::returns::booking::MailerUnderWay;
use crate::returns::outcome::{Outcome, Verdict};
use jiff::civil::Date;
use mail::issuance::Issuance;

/// Writes the head.
pub(super) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let (pages, language) = (report.outcomes.len(), report.language);
    let day = language.date(report.day);
    writeln!(
        out,
        "<header>\n<p class=\"soft\">{}</p>\n<h1>{}</h1>\n<p>{} <span class=\"text\">{}</span> – {} {} – {pages}&#160;{}</p>",
        Escaped(report.bureau),
        language.of(format!("Retours du {day}"), format!("Returned mail of {day}")),
        language.of("Lot de retours", "Batch of returns"),
        Escaped(report.batch),
        language.of("numérisé par", "scanned by"),
        Escaped(report.by),
        language.of("résultats", "results"),
    )?;
    if report.pictures.is_none() {
        let none = language.of("Sans images, comme demandé.", "Without pictures, as asked.");
        writeln!(out, "<p>{none}</p>")?;
    }
    writeln!(out, "<div class=\"counts\">")?;
    let verdicts = Verdict::ALL.map(|verdict| {
        (
            super::verdict(language, verdict).to_owned(),
            report.outcomes.iter().filter(|outcome| outcome.verdict == verdict).count(),
        )
    });
    counts(out, (language, "Verdicts"), &verdicts)?;
    counts(out, (language, language.of("Motifs", "Reasons")), &by_reason(report))?;
    counts(out, (language, language.of("Suites", "Next")), &by_disposition(report))?;
    writeln!(out, "</div>")?;
    mailers(out, language, report.mailers)?;
    let repeated = report
        .repeated
        .iter()
        .map(|card| Recurring::of(language, card.record.as_ref(), &card.pieces, &card.days));
    let title = language.of("Cartes revenues plusieurs fois", "Cards that came back more than once");
    recurring(out, (language, title), &repeated.collect::<Vec<_>>())?;
    let held = report
        .held
        .iter()
        .map(|address| Recurring::of(language, address.record.as_ref(), &address.pieces, &address.days));
    let title = language.of("Adresses bloquées", "Addresses on hold");
    recurring(out, (language, title), &held.collect::<Vec<_>>())?;
    writeln!(out, "</header>")
}

/// How many returns have each reason, in the order in which reasons are configured.
fn by_reason(report: &Report) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for outcome in report.outcomes.iter().filter(|outcome| outcome.disposition.is_some()) {
        let words = report.reason(outcome);
        let place = report
            .reasons
            .codes()
            .position(|code| report.reasons.words_in(report.language, code) == words)
            .unwrap_or(usize::MAX);
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
    let words = |code| disposition(report.language, Some(code)).0.to_owned();
    counts.into_iter().map(|(code, count)| (words(code), count)).collect()
}

fn counts(
    out: &mut impl Write,
    (language, title): (Language, &str),
    rows: &[(String, usize)],
) -> io::Result<()> {
    writeln!(out, "<section><h2>{title}</h2>")?;
    if rows.is_empty() {
        let none = language.of("Aucun retour.", "Nothing came back.");
        return writeln!(out, "<p class=\"soft\">{none}</p></section>");
    }
    writeln!(out, "<table><tbody>")?;
    for (words, count) in rows {
        writeln!(out, "<tr><th scope=\"row\">{}</th><td class=\"figure\">{count}</td></tr>", Escaped(words))?;
    }
    writeln!(out, "</tbody></table></section>")
}

/// Writes the files that could not be opened.
pub(super) fn unopened(out: &mut impl Write, language: Language, outcomes: &[&Outcome]) -> io::Result<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let [title, file, remark] = language.of(
        ["Fichiers à numériser de nouveau :", "Fichier", "Remarque"],
        ["Files to scan again:", "File", "Remark"],
    );
    writeln!(
        out,
        "<section><h2>{title} {}</h2>\n<table><thead><tr><th scope=\"col\">{file}</th><th scope=\"col\">{remark}</th></tr></thead><tbody>",
        outcomes.len()
    )?;
    for outcome in outcomes {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td>{}</td></tr>",
            Escaped(&outcome.path),
            Escaped(outcome.remark.text(language))
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}

/// Writes the mailers that must not leave, before everything that can wait.
fn mailers(out: &mut impl Write, language: Language, mailers: &[MailerUnderWay]) -> io::Result<()> {
    if mailers.is_empty() {
        return Ok(());
    }
    let [title, why, mailer, state, letter] = language.of(
        [
            "Courriers codes à rappeler :",
            "La lettre du titulaire est revenue et son courrier codes n’est pas parti :",
            "Courrier codes",
            "État",
            "Lettre revenue",
        ],
        [
            "Code mailers to recall:",
            "The holder’s letter came back, and the code mailer has not left:",
            "Code mailer",
            "State",
            "Letter that came back",
        ],
    );
    writeln!(
        out,
        "<section><h2>{title} {}</h2>\n<p>{why} <span class=\"text\">pli recall</span>.</p>\n\
        <table><thead><tr><th scope=\"col\">{mailer}</th><th scope=\"col\">{state}</th><th scope=\"col\">{letter}</th></tr></thead><tbody>",
        mailers.len()
    )?;
    for MailerUnderWay { letter, mailer, state } in mailers {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td>{}</td><td class=\"text\">{}</td></tr>",
            Escaped(mailer),
            state.name(language),
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
    fn of(language: Language, record: Option<&Issuance>, pieces: &[PiecePlace], days: &[Date]) -> Recurring {
        let name = record.map(|record| match record.client_ref.as_str() {
            "" => record.card_number.as_str().to_owned(),
            reference => reference.to_owned(),
        });
        let pieces: Vec<String> = pieces.iter().map(|place| shown(language, place)).collect();
        Recurring {
            name: name.unwrap_or_else(|| language.of("effacé", "erased").to_owned()),
            pieces: pieces.join(", "),
            returns: days.len(),
            last: days.last().map(|day| language.date(*day)).unwrap_or_default(),
        }
    }
}

/// A piece in a list: the printed reference of an original, the place of a reprint in its lot.
fn shown(language: Language, PiecePlace { lot, kind, sequence }: &PiecePlace) -> String {
    match lot.reprint_number() {
        None => lot.piece_id(*kind, *sequence),
        Some(_) => {
            let lot = lot.marked(*kind);
            language.of(format!("n° {sequence} du lot {lot}"), format!("no. {sequence} of lot {lot}"))
        }
    }
}

fn recurring(
    out: &mut impl Write,
    (language, title): (Language, &str),
    rows: &[Recurring],
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let colon = language.of(" :", ":");
    let [file, pieces, returns, last] =
        language.of(["Dossier", "Plis", "Retours", "Dernier"], ["File", "Pieces", "Returns", "Last"]);
    writeln!(
        out,
        "<section><h2>{title}{colon} {}</h2>\n<table><thead><tr><th scope=\"col\">{file}</th><th scope=\"col\">{pieces}</th><th scope=\"col\" class=\"figure\">{returns}</th><th scope=\"col\">{last}</th></tr></thead><tbody>",
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
