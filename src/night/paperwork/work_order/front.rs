//! The sheet around its list of files: the lot, its counts and facts, the heads of further pages.
//!
//! Functions that write from top to bottom return where the next part begins.

use std::borrow::Cow;

use super::{WorkOrder, proved, table, title};
use crate::night::lot::Turn;
use crate::night::paperwork::BundleSpan;
use crate::night::paperwork::sheet::{
    BAR_HEIGHT, GREY, HAIR, LEFT, Page, PaperworkError, RIGHT, ROOM, WHITE, barcode, bold, confidential_mark,
    confidential_word, kind_name, regular, words,
};
use mail::Language;
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
    let language = order.language;
    page.text(LEFT, 50.0, 240.0, bold(9.5), order.bureau)?;
    let night = words::long_date(language, order.night);
    let night = language.of(format!("Nuit du {night}"), format!("Night of {night}"));
    page.text_left_of(RIGHT, 50.0, 240.0, regular(9.5), &night)?;
    page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
    page.text(LEFT, 90.0, ROOM, bold(25.0), title(language))?;
    let bars = barcode(page, order.lot, LOT_BASELINE - BAR_HEIGHT)?;
    page.text(LEFT, 119.0, 100.0, regular(8.5).grey(GREY), "Lot")?;
    page.text(LEFT - 2.5, LOT_BASELINE, bars - LEFT, bold(68.0), order.lot)?;
    page.text(LEFT, 202.0, ROOM, bold(15.0), kind_name(language, order.kind))?;
    let mut y = 217.0;
    if order.kind == PieceKind::Mailer {
        y = confidential(page, language, y)? + 14.0;
    }
    let y = counts(page, order, y)?;
    facts(page, order, y)
}

/// Writes a warning band on mailers and returns its bottom.
fn confidential(page: &mut Page, language: Language, y: f32) -> Result<f32, PaperworkError> {
    let height = 52.0;
    page.fill(LEFT, y, ROOM, height, 0.0);
    page.text(LEFT + 14.0, y + 31.0, 110.0, bold(14.0).grey(WHITE), confidential_word(language))?;
    let lines = [
        language.of(
            "Chaque pli contient un code personnel. Ne pas ouvrir, lire, copier ni photographier.",
            "Each piece holds a personal code. Do not open, read, copy or photograph it.",
        ),
        language.of(
            "Ne jamais laisser sans surveillance, ni réunir avec les courriers carte.",
            "Never leave it unattended, nor bring it together with the card letters.",
        ),
        language.of(
            "Compter les gâches, les consigner et les détruire sous contrôle de la sécurité.",
            "Count the spoiled pieces, record them, and destroy them before the security officer.",
        ),
    ];
    for (row, line) in lines.into_iter().enumerate() {
        page.text(LEFT + 138.0, y + 17.0 + 12.0 * row as f32, ROOM - 150.0, regular(8.5).grey(WHITE), line)?;
    }
    Ok(y + height)
}

/// Writes the counts in large figures and returns the top of the facts.
fn counts(page: &mut Page, order: &WorkOrder, y: f32) -> Result<f32, PaperworkError> {
    let language = order.language;
    let sides = match order.layout.duplex() {
        true => language.of("Recto verso", "Both sides"),
        false => language.of("Recto", "One side"),
    };
    let columns = [
        (language.of("Pièces", "Pieces"), words::count(language, order.pieces.into())),
        ("Pages", words::count(language, order.pages.into())),
        (language.of("Feuilles", "Sheets"), words::count(language, order.sheets.into())),
        (language.of("Impression", "Printing"), sides.to_owned()),
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
    let language = order.language;
    let classes: Vec<String> =
        order.weight_classes.iter().map(|class| words::count(language, (*class).into())).collect();
    let weight = format!("{}\u{A0}g", classes.join(", "));
    let version: String = order.template_version.chars().take(12).collect();
    let sealing = match order.sealed {
        true => language.of("Fichiers scellés", "Files sealed"),
        false => language.of("Fichiers non scellés", "Files not sealed"),
    };
    let [first, last] = &order.ends;
    let none = language.of("Aucune", "None");
    let mut rows = vec![
        Row::Pair([
            (language.of("Première pièce", "First piece"), first),
            (language.of("Dernière pièce", "Last piece"), last),
        ]),
        Row::Pair([
            (language.of("Classe de poids", "Weight class"), &weight),
            (language.of("Scellement", "Sealing"), sealing),
        ]),
        Row::Pair([(language.of("Modèle", "Template"), order.template), ("Version", &version)]),
        Row::Whole(language.of("Support", "Media"), order.media.into()),
        Row::Whole(language.of("Clé de signature", "Signing key"), order.key.unwrap_or(none).into()),
    ];
    let proved = proved::lines(language, &order.proved);
    rows.extend(proved.into_iter().map(|(label, value)| Row::Whole(label, value.into())));
    let label = language.of("Liasses", "Bundles");
    rows.extend(bundles(language, order.bundles).into_iter().map(|text| Row::Whole(label, text.into())));
    let postage = language.of("Affranchissement", "Postage");
    let too_few = order.too_few.map(|least| too_few(language, order.pieces, least));
    rows.extend(too_few.map(|text| Row::Whole(postage, text.into())));
    let paper = language.of("Papier", "Paper");
    rows.extend(order.opacity.map(|opacity| Row::Whole(paper, opaque(language, opacity).into())));
    let renew = language.of("Clé à renouveler", "Key to renew");
    rows.extend(order.ending.iter().take(SHOWN_RECIPIENTS).map(|key| Row::Whole(renew, key.into())));
    let closed = language.of("Journal d\u{2019}audit, clos le", "Audit log, closed");
    rows.extend(order.audit.map(|head| Row::Whole(closed, head.into())));
    if !order.recipients.is_empty() {
        rows.push(Row::Whole(language.of("Scellés pour", "Sealed for"), recipients(order).into()));
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
fn bundles(language: Language, bundles: &[BundleSpan]) -> Option<String> {
    let count = words::counted(language, bundles.len() as u64, ("liasse", "bundle"));
    let begins = |bundle: &BundleSpan| match bundle.departement.as_str() {
        "" => bundle.first.to_string(),
        departement => format!("{} ({departement})", bundle.first),
    };
    let shown: Vec<String> = bundles.iter().take(SHOWN_BUNDLES).map(begins).collect();
    let more = if bundles.len() > SHOWN_BUNDLES { "…" } else { "" };
    let shown = format!("{}{more}", shown.join(", "));
    let from = language.of("à partir des plis", "from the pieces");
    (!bundles.is_empty()).then(|| format!("{count}, {from} {shown}"))
}

/// The warning of a lot that is too small for its rate.
fn too_few(language: Language, pieces: u32, least: u32) -> String {
    let pieces = words::counted(language, pieces.into(), ("pli", "piece"));
    let least = words::count(language, least.into());
    language.of(
        format!("{pieces}\u{202F}: moins que le minimum de {least}"),
        format!("{pieces}: fewer than the minimum of {least}"),
    )
}

/// The demand for opaque paper.
fn opaque(language: Language, opacity: f64) -> String {
    let percent = words::decimal(language, opacity);
    language.of(
        format!("Opacité {percent}\u{A0}% au moins (ISO\u{A0}2471)"),
        format!("Opacity at least {percent}% (ISO\u{A0}2471)"),
    )
}

/// The fingerprints of those who can open the files, as many as a line holds.
fn recipients(order: &WorkOrder) -> String {
    let fingerprints = order.recipients.iter().map(|recipient| recipient.fingerprint.as_str());
    let mut shown = fingerprints.take(SHOWN_RECIPIENTS).collect::<Vec<_>>().join(", ");
    let more = order.recipients.len().saturating_sub(SHOWN_RECIPIENTS);
    if more > 0 {
        let (language, others) = (order.language, ("autre", "other"));
        let and = language.of("et", "and");
        shown.push_str(&format!(" {and} {}", words::counted(language, more as u64, others)));
    }
    shown
}

/// Instructions for press, guillotine and inserter.
fn instructions<'o>(order: &'o WorkOrder) -> impl Iterator<Item = (&'static str, &'o str)> {
    let (language, layout) = (order.language, order.layout);
    let imposed = language.of(
        "2 poses A4 sur A3 (420 × 297 mm). Couper au milieu\u{202F}; pile de droite sous celle de gauche",
        "2 A4 up on A3 (420 × 297 mm). Cut in the middle; right stack under the left one",
    );
    let imposed = layout.imposed().then_some(("Imposition", imposed));
    let turned = match (layout.turn, layout.imposed()) {
        (Turn::ShortEdge, false) => language
            .of("Tête-bêche\u{202F}: retourner sur le petit côté", "Head to foot: turn on the short edge"),
        (Turn::ShortEdge, true) => language.of(
            "Tête-bêche\u{202F}: retourner la feuille A3 sur son grand côté",
            "Head to foot: turn the A3 sheet on its long edge",
        ),
        (Turn::LongEdge, false) => language
            .of("Tête à tête\u{202F}: retourner sur le grand côté", "Head to head: turn on the long edge"),
        (Turn::LongEdge, true) => language.of(
            "Tête à tête\u{202F}: retourner la feuille A3 sur son petit côté",
            "Head to head: turn the A3 sheet on its short edge",
        ),
        (Turn::Simplex, _) => {
            language.of("Recto seul\u{202F}: ne pas retourner", "One side only: do not turn")
        }
    };
    let ends = language.of(
        "Début et fin, compris dans les pages et les feuilles\u{202F}; à retirer avant la mise sous pli",
        "Header and trailer, counted among pages and sheets; remove them before inserting",
    );
    let ends = order.lot_sheets.then_some((language.of("Feuilles de lot", "Lot sheets"), ends));
    let turned = (language.of("Retournement", "Turning"), turned);
    imposed.into_iter().chain([turned]).chain(closing(order)).chain(ends)
}

/// The envelope that the template names, and what closes a piece that has none.
fn closing<'o>(order: &'o WorkOrder) -> impl Iterator<Item = (&'static str, &'o str)> {
    let language = order.language;
    let seal = match order.seal {
        Seal::Envelope => None,
        Seal::Pressure => Some(
            language.of("Pli scellé par pression, sans enveloppe", "Piece sealed by pressure, no envelope"),
        ),
        Seal::Glue => Some(language.of("Pli collé, sans enveloppe", "Piece glued, no envelope")),
    };
    let envelope = order.envelope.filter(|_| order.seal == Seal::Envelope);
    let envelope = envelope.map(|(title, reference)| {
        [(language.of("Enveloppe", "Envelope"), title), (language.of("Référence", "Reference"), reference)]
    });
    envelope.into_iter().flatten().chain(seal.map(|seal| (language.of("Fermeture", "Closing"), seal)))
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
    let language = order.language;
    page.text(LEFT + 60.0, 50.0, 145.0, regular(9.5), kind_name(language, order.kind))?;
    if order.kind == PieceKind::Mailer {
        confidential_mark(page, language)?;
    }
    let continued = format!("{} ({})", title(language), language.of("suite", "continued"));
    page.text_left_of(RIGHT, 50.0, 190.0, regular(9.5), &continued)?;
    page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
    Ok(CONTINUATION_TOP)
}
