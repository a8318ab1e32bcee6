//! The head of a report: whose pile it is, the counts, what came back repeatedly, which addresses are on hold.

use std::collections::BTreeMap;
use std::io::{self, Write};

use mail::calendar::french_date;

use super::escape::Escaped;
use super::{Recurring, Report, disposition};
use crate::returns::outcome::Verdict;

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
    recurring(out, "Revenus plusieurs fois", "Pli", report.repeated)?;
    recurring(out, "Adresses bloquées", "Dossier", report.held)?;
    writeln!(out, "</header>")
}

/// How many returns have each reason, in the order in which reasons are configured.
fn by_reason(report: &Report) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for outcome in report.outcomes.iter().filter(|outcome| outcome.disposition.is_some()) {
        let words = report.reason(outcome);
        let place = report.reasons.iter().position(|(_, known)| known == words).unwrap_or(usize::MAX);
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

fn recurring(out: &mut impl Write, title: &str, what: &str, rows: &[Recurring]) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section><h2>{title} : {}</h2>\n<table><thead><tr><th scope=\"col\">{what}</th><th scope=\"col\" class=\"figure\">Retours</th><th scope=\"col\">Dernier</th></tr></thead><tbody>",
        rows.len()
    )?;
    for Recurring { name, returns, last } in rows {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td class=\"figure\">{returns}</td><td>{}</td></tr>",
            Escaped(name),
            french_date(*last)
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}
