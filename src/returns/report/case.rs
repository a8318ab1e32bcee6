//! A doubtful page: its picture with the symbols outlined, what was read, and what was expected.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::candidates::{block_fields, number_of_block};
use super::{KnownPiece, Report, kind, verdict};
use crate::files::Escaped;
use crate::night::state_in_french;
use crate::returns::crop::View;
use crate::returns::outcome::{Outcome, Polygon, SymbolFormat};
use mail::calendar::french_date;
use mail::card::CardNumber;

/// The size of a symbol's number in a picture, and how far it stands from the corner, in its pixels.
const LABEL: f32 = 6.0;

/// The most characters of a symbol that are shown at once, and how many begin a longer text.
const LONGEST_SHOWN: usize = 40;
const BEGINNING: usize = 12;
/// The least width at which a picture is shown, in pixels of the screen.
const LEAST_SHOWN: f32 = 800.0;

/// Writes the page, with its number among the doubtful ones.
pub(super) fn write(
    out: &mut impl Write,
    report: &Report,
    number: usize,
    outcome: &Outcome,
) -> io::Result<()> {
    writeln!(
        out,
        "<article class=\"case\" tabindex=\"-1\" aria-labelledby=\"case-{number}\">\n\
        <h3 id=\"case-{number}\">{number}. {}</h3>\n<p class=\"text soft\">{}, page {}</p>\n<p lang=\"en\">{}</p>\n<div class=\"pair\">\n<div>",
        verdict(outcome.verdict),
        Escaped(&outcome.path),
        outcome.page,
        Escaped(&outcome.reason),
    )?;
    pictures(out, report, outcome)?;
    writeln!(out, "</div>\n<div class=\"facts\">")?;
    symbols(out, outcome)?;
    sides(out, report, outcome)?;
    writeln!(out, "<p>Motif du retour : {}</p>\n</div>\n</div>\n</article>", Escaped(report.reason(outcome)))
}

fn pictures(out: &mut impl Write, report: &Report, outcome: &Outcome) -> io::Result<()> {
    let Some(pictures) = report.pictures else { return Ok(()) };
    match pictures.get(&(outcome.path.clone(), outcome.page)) {
        None => writeln!(out, "<p class=\"soft\">L’image ne peut pas être montrée.</p>"),
        Some(crop) => {
            if let Some(close) = &crop.close {
                view(out, close, outcome, "Symboles, agrandis")?;
            }
            let caption = match outcome.symbols.is_empty() {
                true => "Page entière, comme elle a été numérisée",
                false => "Page entière, redressée",
            };
            view(out, &crop.page, outcome, caption)
        }
    }
}

/// Writes a picture with the symbols' outlines over it.
fn view(out: &mut impl Write, view: &View, outcome: &Outcome, caption: &str) -> io::Result<()> {
    let View { jpeg, width, height, .. } = view;
    let enlarged = (LEAST_SHOWN / (*width).max(1) as f32).max(1.0);
    let (wide, high) = (*width as f32 * enlarged, *height as f32 * enlarged);
    writeln!(
        out,
        "<figure><svg class=\"view\" viewBox=\"0 0 {width} {height}\" width=\"{wide:.0}\" height=\"{high:.0}\" role=\"img\" aria-label=\"{caption}\">\
        <image href=\"data:image/jpeg;base64,{jpeg}\" width=\"{width}\" height=\"{height}\"/>"
    )?;
    for (number, symbol) in (1..).zip(&outcome.symbols) {
        outline(out, view, &symbol.polygon, "read", &format!("{number}"))?;
    }
    for polygon in &outcome.unread {
        outline(out, view, polygon, "unread", "?")?;
    }
    writeln!(out, "</svg><figcaption>{caption}</figcaption></figure>")
}

fn outline(out: &mut impl Write, view: &View, polygon: &Polygon, class: &str, label: &str) -> io::Result<()> {
    let corners = polygon.map(|corner| view.transform.apply(corner));
    if corners.iter().flatten().any(|value| !value.is_finite()) {
        return Ok(());
    }
    let points: Vec<String> = corners.iter().map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
    let left = corners.iter().map(|[x, _]| *x).fold(f32::INFINITY, f32::min);
    let top = corners.iter().map(|[_, y]| *y).fold(f32::INFINITY, f32::min);
    writeln!(
        out,
        "<polygon class=\"{class}\" points=\"{}\"/><text class=\"{class}\" x=\"{left:.1}\" y=\"{:.1}\">{label}</text>",
        points.join(" "),
        (top - LABEL).max(22.0),
    )
}

/// Writes the table of the symbols.
fn symbols(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    writeln!(out, "<h4>Lu sur l’image</h4>")?;
    if !outcome.unread.is_empty() {
        writeln!(out, "<p>{} symbole(s) trouvé(s) et non lu(s), en pointillé.</p>", outcome.unread.len())?;
    }
    if outcome.symbols.is_empty() {
        return writeln!(out, "<p class=\"soft\">Aucun symbole n’a été lu.</p>");
    }
    writeln!(
        out,
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">№</th><th scope=\"col\">Symbole</th><th scope=\"col\">Texte</th><th scope=\"col\">Étape</th><th scope=\"col\" class=\"figure\">Confiance</th></tr></thead><tbody>"
    )?;
    for (number, symbol) in (1..).zip(&outcome.symbols) {
        let format = match symbol.format {
            SymbolFormat::Code39 if !symbol.agreed => "Code 39, une seule bande",
            SymbolFormat::Code39 => "Code 39",
            SymbolFormat::DataMatrix => "Data Matrix",
        };
        writeln!(
            out,
            "<tr><td>{number}</td><td>{format}</td><td>{}</td><td lang=\"en\">{}</td><td class=\"figure\">{:.0}&#160;%</td></tr>",
            text_of(&symbol.text),
            Escaped(&symbol.step),
            (symbol.confidence * 100.0).clamp(0.0, 100.0),
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// A symbol's text; a long one is folded behind its beginning.
fn text_of(text: &str) -> String {
    let beginning: String = text.chars().take(BEGINNING).collect();
    match text.chars().count() > LONGEST_SHOWN {
        false => format!("<span class=\"text\">{}</span>", Escaped(text)),
        true => format!(
            "<details class=\"text\"><summary>{}…</summary>{}</details>",
            Escaped(&beginning),
            Escaped(text)
        ),
    }
}

/// Writes bars, block and ledger side by side, as far as there is something of them. Card numbers that are not all the same
/// are marked.
fn sides(out: &mut impl Write, report: &Report, outcome: &Outcome) -> io::Result<()> {
    let known = outcome.piece_id.as_ref().and_then(|piece| report.known.get(piece));
    let bars = outcome.symbols.iter().filter(|symbol| symbol.format == SymbolFormat::Code39);
    let bars: Vec<&str> = bars.map(|symbol| symbol.text.as_str()).collect();
    let of_block = number_of_block(outcome, report.number_field);
    let of_ledger = known.and_then(|piece| piece.card_number.as_deref());
    let of_bars = bars.iter().copied().filter(|text| CardNumber::parse(text).is_ok());
    let cards: BTreeSet<&str> = of_bars.chain(of_block).chain(of_ledger).collect();
    let side = Sides { cards: &cards };
    writeln!(out, "<div class=\"sides\">")?;
    if !bars.is_empty() {
        writeln!(out, "<div><h4>Barres</h4><dl>")?;
        bars.iter().try_for_each(|text| side.fact(out, "Texte", text))?;
        writeln!(out, "</dl></div>")?;
    }
    if let Some(block) = &outcome.twoddoc {
        writeln!(out, "<div><h4>Bloc 2D-DOC</h4><dl>")?;
        for (id, name, value) in block_fields(outcome) {
            side.fact(out, &format!("{id} {name}"), value)?;
        }
        block.get("signature").map_or(Ok(()), |signature| signature_facts(out, side, signature))?;
        writeln!(out, "</dl></div>")?;
    }
    if let Some(piece) = &outcome.piece_id {
        writeln!(out, "<div><h4>Registre</h4><dl>")?;
        side.fact(out, "Pli", piece)?;
        side.fact(out, "Nature", kind(outcome))?;
        known.map_or(Ok(()), |piece| ledger_facts(out, side, piece))?;
        writeln!(out, "</dl></div>")?;
    }
    writeln!(out, "</div>")?;
    if cards.len() > 1 {
        writeln!(out, "<p class=\"differs\">≠ Les numéros de carte ne sont pas les mêmes.</p>")?;
    }
    Ok(())
}

fn signature_facts(out: &mut impl Write, side: Sides<'_>, signature: &serde_json::Value) -> io::Result<()> {
    let text = |key: &str| signature.get(key).and_then(serde_json::Value::as_str);
    let status = match text("status") {
        Some("valid") => "valable",
        Some("invalid") => "fausse",
        Some("untrusted") => "signataire inconnu",
        Some("unreadable") => "illisible",
        _ => return Ok(()),
    };
    side.fact(out, "Signature", status)?;
    text("signer").map_or(Ok(()), |signer| side.fact(out, "Signataire", signer))
}

fn ledger_facts(out: &mut impl Write, side: Sides<'_>, piece: &KnownPiece) -> io::Result<()> {
    if let Some(number) = &piece.card_number {
        side.fact(out, "Carte", number)?;
    }
    side.fact(out, "État", state_in_french(piece.state))?;
    if let Some(day) = piece.dispatched {
        side.fact(out, "Parti le", &french_date(day))?;
    }
    if !piece.returned.is_empty() {
        let days: Vec<String> = piece.returned.iter().copied().map(french_date).collect();
        side.fact(out, "Revenu le", &days.join(", "))?;
    }
    Ok(())
}

/// Facts that stand side by side.
#[derive(Clone, Copy)]
struct Sides<'c> {
    /// The card numbers among them.
    cards: &'c BTreeSet<&'c str>,
}

impl Sides<'_> {
    fn fact(self, out: &mut impl Write, label: &str, value: &str) -> io::Result<()> {
        let class = match self.cards.len() > 1 && self.cards.contains(value) {
            true => "text differs",
            false => "text",
        };
        writeln!(out, "<dt>{}</dt><dd class=\"{class}\">{}</dd>", Escaped(label), Escaped(value))
    }
}
