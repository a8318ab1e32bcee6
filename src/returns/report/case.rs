//! A doubtful page: its picture with the symbols outlined, what was read, and what was expected.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::candidates::{block_fields, number_of_block};
use super::{KnownPiece, Report, kind, verdict};
use crate::files::Escaped;
use crate::returns::crop::View;
use crate::returns::outcome::{Outcome, Polygon, SymbolFormat};
use mail::Language;
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
        <h3 id=\"case-{number}\">{number}. {}</h3>\n<p class=\"text soft\">{}, page {}</p>\n<p>{}</p>\n<div class=\"pair\">\n<div>",
        verdict(report.language, outcome.verdict),
        Escaped(&outcome.path),
        outcome.page,
        Escaped(outcome.remark.text(report.language)),
    )?;
    pictures(out, report, outcome)?;
    writeln!(out, "</div>\n<div class=\"facts\">")?;
    symbols(out, report.language, outcome)?;
    sides(out, report, outcome)?;
    let why = report.language.of("Motif du retour :", "Reason of the return:");
    writeln!(out, "<p>{why} {}</p>\n</div>\n</div>\n</article>", Escaped(report.reason(outcome)))
}

fn pictures(out: &mut impl Write, report: &Report, outcome: &Outcome) -> io::Result<()> {
    let language = report.language;
    let Some(pictures) = report.pictures else { return Ok(()) };
    match pictures.get(&(outcome.path.clone(), outcome.page)) {
        None => {
            let hidden = language.of("L’image ne peut pas être montrée.", "The picture can’t be shown.");
            writeln!(out, "<p class=\"soft\">{hidden}</p>")
        }
        Some(crop) => {
            if let Some(close) = &crop.close {
                view(out, close, outcome, language.of("Symboles, agrandis", "Symbols, enlarged"))?;
            }
            let caption = match outcome.symbols.is_empty() {
                true => {
                    language.of("Page entière, comme elle a été numérisée", "Whole page, as it was scanned")
                }
                false => language.of("Page entière, redressée", "Whole page, straightened"),
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
fn symbols(out: &mut impl Write, language: Language, outcome: &Outcome) -> io::Result<()> {
    writeln!(out, "<h4>{}</h4>", language.of("Lu sur l’image", "Read on the picture"))?;
    if !outcome.unread.is_empty() {
        let unread = language
            .of("symbole(s) trouvé(s) et non lu(s), en pointillé", "symbol(s) found and not read, dotted");
        writeln!(out, "<p>{} {unread}.</p>", outcome.unread.len())?;
    }
    if outcome.symbols.is_empty() {
        let none = language.of("Aucun symbole n’a été lu.", "No symbol was read.");
        return writeln!(out, "<p class=\"soft\">{none}</p>");
    }
    let [symbol, text, step, confidence] =
        language.of(["Symbole", "Texte", "Étape", "Confiance"], ["Symbol", "Text", "Step", "Confidence"]);
    writeln!(
        out,
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">№</th><th scope=\"col\">{symbol}</th><th scope=\"col\">{text}</th><th scope=\"col\">{step}</th><th scope=\"col\" class=\"figure\">{confidence}</th></tr></thead><tbody>"
    )?;
    for (number, symbol) in (1..).zip(&outcome.symbols) {
        let format = match symbol.format {
            SymbolFormat::Code39 if !symbol.agreed => {
                language.of("Code 39, une seule bande", "Code 39, one band only")
            }
            SymbolFormat::Code39 => "Code 39",
            SymbolFormat::DataMatrix => "Data Matrix",
        };
        writeln!(
            out,
            "<tr><td>{number}</td><td>{format}</td><td>{}</td><td lang=\"en\">{}</td><td class=\"figure\">{:.0}{}%</td></tr>",
            text_of(&symbol.text),
            Escaped(&symbol.step),
            (symbol.confidence * 100.0).clamp(0.0, 100.0),
            language.of("&#160;", ""),
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
    let (side, language) = (Sides { cards: &cards }, report.language);
    writeln!(out, "<div class=\"sides\">")?;
    if !bars.is_empty() {
        writeln!(out, "<div><h4>{}</h4><dl>", language.of("Barres", "Bars"))?;
        bars.iter().try_for_each(|text| side.fact(out, language.of("Texte", "Text"), text))?;
        writeln!(out, "</dl></div>")?;
    }
    if let Some(block) = &outcome.twoddoc {
        writeln!(out, "<div><h4>{}</h4><dl>", language.of("Bloc 2D-DOC", "2D-DOC block"))?;
        for (id, name, value) in block_fields(outcome) {
            side.fact(out, &format!("{id} {name}"), value)?;
        }
        block
            .get("signature")
            .map_or(Ok(()), |signature| signature_facts(out, (language, side), signature))?;
        writeln!(out, "</dl></div>")?;
    }
    if let Some(piece) = &outcome.piece_id {
        writeln!(out, "<div><h4>{}</h4><dl>", language.of("Registre", "Ledger"))?;
        side.fact(out, language.of("Pli", "Piece"), piece)?;
        side.fact(out, language.of("Nature", "Kind"), kind(language, outcome))?;
        known.map_or(Ok(()), |piece| ledger_facts(out, (language, side), piece))?;
        writeln!(out, "</dl></div>")?;
    }
    writeln!(out, "</div>")?;
    if cards.len() > 1 {
        let differ =
            language.of("Les numéros de carte ne sont pas les mêmes.", "The card numbers are not the same.");
        writeln!(out, "<p class=\"differs\">≠ {differ}</p>")?;
    }
    Ok(())
}

fn signature_facts(
    out: &mut impl Write,
    (language, side): (Language, Sides<'_>),
    signature: &serde_json::Value,
) -> io::Result<()> {
    let text = |key: &str| signature.get(key).and_then(serde_json::Value::as_str);
    let status = match text("status") {
        Some("valid") => language.of("valable", "valid"),
        Some("invalid") => language.of("fausse", "false"),
        Some("untrusted") => language.of("signataire inconnu", "unknown signer"),
        Some("unreadable") => language.of("illisible", "unreadable"),
        _ => return Ok(()),
    };
    side.fact(out, "Signature", status)?;
    text("signer").map_or(Ok(()), |signer| side.fact(out, language.of("Signataire", "Signer"), signer))
}

fn ledger_facts(
    out: &mut impl Write,
    (language, side): (Language, Sides<'_>),
    piece: &KnownPiece,
) -> io::Result<()> {
    if let Some(number) = &piece.card_number {
        side.fact(out, language.of("Carte", "Card"), number)?;
    }
    side.fact(out, language.of("État", "State"), piece.state.name(language))?;
    if let Some(day) = piece.dispatched {
        side.fact(out, language.of("Parti le", "Left on"), &language.date(day))?;
    }
    if !piece.returned.is_empty() {
        let days: Vec<String> = piece.returned.iter().map(|day| language.date(*day)).collect();
        side.fact(out, language.of("Revenu le", "Came back on"), &days.join(", "))?;
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
