//! The sheet around its list of files: the lot, its counts and facts, the heads of further pages.
//!
//! Functions that write from top to bottom return where the next part begins.

use std::borrow::Cow;

use super::{WorkOrder, proved, table};
use crate::night::lot::Turn;
use crate::night::paperwork::BundleSpan;
use crate::night::paperwork::sheet::{
    BAR_HEIGHT, GREY, HAIR, LEFT, Page, PaperworkError, RIGHT, ROOM, WHITE, barcode, bold, confidential_mark,
    kind_name, regular, words,
};
use mail::piece::PieceKind;
use template::Seal;

/// The top of the list of files on a further page.
pub(super) const CONTINUATION_TOP: f32 = 86.0;

/// Space between columns.
const GUTTER: f32 = 17.0;

/// The baseline of the lot's name and its bars.
const LOT_BASELINE: f32 = 177.0;
/// The most recipients that are listed.
const SHOWN_RECIPIENTS: usize = 3;

/// Writes the front of the sheet above its list of files and returns the top of that list.
pub(super) fn front(page: &mut Page, order: &WorkOrder) -> Result<f32, PaperworkError> {
    page.text(LEFT, 50.0, 240.0, bold(9.5), order.bureau)?;
    let night = format!("Nuit du {}", words::long_date(order.night));
    page.text_left_of(RIGHT, 50.0, 240.0, regular(9.5), &night)?;
    page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
    page.text(LEFT, 90.0, ROOM, bold(25.0), "Ordre de fabrication")?;
    let bars = barcode(page, order.lot, LOT_BASELINE - BAR_HEIGHT)?;
    page.text(LEFT, 119.0, 100.0, regular(8.5).grey(GREY), "Lot")?;
    page.text(LEFT - 2.5, LOT_BASELINE, bars - LEFT, bold(68.0), order.lot)?;
    page.text(LEFT, 202.0, ROOM, bold(15.0), kind_name(order.kind))?;
    let mut y = 217.0;
    if order.kind == PieceKind::Mailer {
        y = confidential(page, y)? + 14.0;
    }
    let y = counts(page, order, y)?;
    facts(page, order, y)
}

/// Writes a warning band on mailers and returns its bottom.
fn confidential(page: &mut Page, y: f32) -> Result<f32, PaperworkError> {
    let height = 52.0;
    page.fill(LEFT, y, ROOM, height, 0.0);
    page.text(LEFT + 14.0, y + 31.0, 110.0, bold(14.0).grey(WHITE), "CONFIDENTIEL")?;
    let lines = [
        "Chaque pli contient un code personnel. Ne pas ouvrir, lire, copier ni photographier.",
        "Ne jamais laisser sans surveillance, ni réunir avec les courriers carte.",
        "Compter les gâches, les consigner et les détruire sous contrôle de la sécurité.",
    ];
    for (row, line) in lines.into_iter().enumerate() {
        page.text(LEFT + 138.0, y + 17.0 + 12.0 * row as f32, ROOM - 150.0, regular(8.5).grey(WHITE), line)?;
    }
    Ok(y + height)
}

/// Writes the counts in large figures and returns the top of the facts.
fn counts(page: &mut Page, order: &WorkOrder, y: f32) -> Result<f32, PaperworkError> {
    let sides = if order.layout.duplex() { "Recto verso" } else { "Recto" };
    let columns = [
        ("Pièces", words::count(order.pieces.into())),
        ("Pages", words::count(order.pages.into())),
        ("Feuilles", words::count(order.sheets.into())),
        ("Impression", sides.to_owned()),
    ];
    let width = (ROOM + GUTTER) / columns.len() as f32;
    page.fill(LEFT, y, ROOM, 0.75, 0.0);
    for (column, (label, value)) in columns.iter().enumerate() {
        let x = LEFT + width * column as f32;
        page.text(x, y + 15.0, width - GUTTER, regular(8.5).grey(GREY), label)?;
        page.text(x, y + 37.0, width - GUTTER, bold(20.0), value)?;
    }
    Ok(y + 48.0)
}

/// A row of the table of facts: labels with their values.
enum Row<'o> {
    /// Two facts side by side.
    Pair([(&'static str, &'o str); 2]),
    /// One fact across the sheet.
    Whole(&'static str, Cow<'o, str>),
}

/// The height of a row, where there is room.
const ROW: f32 = 19.0;
/// Space under the table.
const UNDER: f32 = 24.0;

/// Writes the table of facts and returns the top of the list of files. Rows are lower where there are many.
fn facts(page: &mut Page, order: &WorkOrder, y: f32) -> Result<f32, PaperworkError> {
    let weight = format!("{}\u{A0}g", words::count(order.weight_class.into()));
    let version: String = order.template_version.chars().take(12).collect();
    let sealing = if order.sealed { "Fichiers scellés" } else { "Fichiers non scellés" };
    let [first, last] = &order.ends;
    let mut rows = vec![
        Row::Pair([("Première pièce", first), ("Dernière pièce", last)]),
        Row::Pair([("Classe de poids", &weight), ("Scellement", sealing)]),
        Row::Pair([("Modèle", order.template), ("Version", &version)]),
        Row::Whole("Support", order.media.into()),
        Row::Whole("Clé de signature", order.key.unwrap_or("Aucune").into()),
    ];
    rows.extend(
        proved::lines(&order.proved).into_iter().map(|(label, value)| Row::Whole(label, value.into())),
    );
    rows.extend(bundles(order.bundles).into_iter().map(|text| Row::Whole("Liasses", text.into())));
    rows.extend(
        order.too_few.map(|least| Row::Whole("Affranchissement", too_few(order.pieces, least).into())),
    );
    rows.extend(order.opacity.map(|opacity| Row::Whole("Papier", opaque(opacity).into())));
    rows.extend(
        order.ending.iter().take(SHOWN_RECIPIENTS).map(|key| Row::Whole("Clé à renouveler", key.into())),
    );
    rows.extend(order.audit.map(|head| Row::Whole("Journal d\u{2019}audit, clos le", head.into())));
    if !order.recipients.is_empty() {
        rows.push(Row::Whole("Scellés pour", recipients(order).into()));
    }
    rows.extend(instructions(order).map(|(label, instruction)| Row::Whole(label, instruction.into())));
    let height = ((table::LOWEST_TOP - UNDER - y) / rows.len() as f32).min(ROW);
    let mut top = y;
    for row in &rows {
        match row {
            Row::Pair(facts) => pair(page, top, height, *facts)?,
            Row::Whole(label, value) => fact(page, (LEFT, top), (ROOM, height), (label, value))?,
        }
        top += height;
    }
    page.fill(LEFT, top, ROOM, 0.5, HAIR);
    Ok(top + UNDER)
}

/// The most bundles that the front lists: as many as a line holds, whatever their numbers.
const SHOWN_BUNDLES: usize = 3;

/// How many bundles the lot has, and where the first ones begin; the manifest has the others.
fn bundles(bundles: &[BundleSpan]) -> Option<String> {
    let count = words::counted(bundles.len() as u64, "liasse");
    let begins = |bundle: &BundleSpan| match bundle.departement.as_str() {
        "" => bundle.first.to_string(),
        departement => format!("{} ({departement})", bundle.first),
    };
    let shown: Vec<String> = bundles.iter().take(SHOWN_BUNDLES).map(begins).collect();
    let more = if bundles.len() > SHOWN_BUNDLES { "…" } else { "" };
    (!bundles.is_empty()).then(|| format!("{count}, à partir des plis {}{more}", shown.join(", ")))
}

/// The warning of a lot that is too small for its rate.
fn too_few(pieces: u32, least: u32) -> String {
    let (pieces, least) = (words::count(pieces.into()), words::count(least.into()));
    format!("{pieces} plis\u{202F}: moins que le minimum de {least}")
}

/// The demand for opaque paper.
fn opaque(opacity: f64) -> String {
    let percent = opacity.to_string().replace('.', ",");
    format!("Opacité {percent}\u{A0}% au moins (ISO\u{A0}2471)")
}

/// The fingerprints of those who can open the files, as many as a line holds.
fn recipients(order: &WorkOrder) -> String {
    let fingerprints = order.recipients.iter().map(|recipient| recipient.fingerprint.as_str());
    let mut shown = fingerprints.take(SHOWN_RECIPIENTS).collect::<Vec<_>>().join(", ");
    let more = order.recipients.len().saturating_sub(SHOWN_RECIPIENTS);
    if more > 0 {
        shown.push_str(&format!(" et {}", words::counted(more as u64, "autre")));
    }
    shown
}

/// Instructions for press, guillotine and inserter.
fn instructions<'o>(order: &'o WorkOrder) -> impl Iterator<Item = (&'static str, &'o str)> {
    let layout = order.layout;
    let imposed = layout.imposed().then_some((
        "Imposition",
        "2 poses A4 sur A3 (420 × 297 mm). Couper au milieu\u{202F}; pile de droite sous celle de gauche",
    ));
    let turned = match (layout.turn, layout.imposed()) {
        (Turn::ShortEdge, false) => "Tête-bêche\u{202F}: retourner sur le petit côté",
        (Turn::ShortEdge, true) => "Tête-bêche\u{202F}: retourner la feuille A3 sur son grand côté",
        (Turn::LongEdge, false) => "Tête à tête\u{202F}: retourner sur le grand côté",
        (Turn::LongEdge, true) => "Tête à tête\u{202F}: retourner la feuille A3 sur son petit côté",
        (Turn::Simplex, _) => "Recto seul\u{202F}: ne pas retourner",
    };
    let ends =
        "Début et fin, compris dans les pages et les feuilles\u{202F}; à retirer avant la mise sous pli";
    let ends = order.lot_sheets.then_some(("Feuilles de lot", ends));
    imposed.into_iter().chain([("Retournement", turned)]).chain(closing(order)).chain(ends)
}

/// The envelope that the template names, and what closes a piece that has none.
fn closing<'o>(order: &'o WorkOrder) -> impl Iterator<Item = (&'static str, &'o str)> {
    let seal = match order.seal {
        Seal::Envelope => None,
        Seal::Pressure => Some("Pli scellé par pression, sans enveloppe"),
        Seal::Glue => Some("Pli collé, sans enveloppe"),
    };
    let envelope = order.envelope.filter(|_| order.seal == Seal::Envelope);
    let envelope = envelope.map(|(title, reference)| [("Enveloppe", title), ("Référence", reference)]);
    envelope.into_iter().flatten().chain(seal.map(|seal| ("Fermeture", seal)))
}

/// Writes two facts side by side.
fn pair(page: &mut Page, y: f32, height: f32, facts: [(&str, &str); 2]) -> Result<(), PaperworkError> {
    let width = (ROOM - GUTTER) / 2.0;
    for (column, (label, value)) in facts.into_iter().enumerate() {
        let x = LEFT + (width + GUTTER) * column as f32;
        fact(page, (x, y), (width, height), (label, value))?;
    }
    Ok(())
}

fn fact(
    page: &mut Page,
    (x, y): (f32, f32),
    (width, height): (f32, f32),
    (label, value): (&str, &str),
) -> Result<(), PaperworkError> {
    let indent = 84.0;
    let line = y + height - 6.0;
    page.fill(x, y, width, 0.5, HAIR);
    page.text(x, line, indent - 6.0, regular(8.5).grey(GREY), label)?;
    page.text(x + indent, line, width - indent, regular(10.0), value)
}

/// Writes the head of a further page and returns the top of its list of files.
pub(super) fn continuation(page: &mut Page, order: &WorkOrder) -> Result<f32, PaperworkError> {
    page.text(LEFT, 50.0, 60.0, bold(12.0), order.lot)?;
    page.text(LEFT + 60.0, 50.0, 145.0, regular(9.5), kind_name(order.kind))?;
    if order.kind == PieceKind::Mailer {
        confidential_mark(page)?;
    }
    page.text_left_of(RIGHT, 50.0, 190.0, regular(9.5), "Ordre de fabrication (suite)")?;
    page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
    Ok(CONTINUATION_TOP)
}
