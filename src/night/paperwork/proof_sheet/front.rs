//! The first page of a proof sheet: what the template is, how it was checked, and the place to sign.

use super::super::sheet::words::{counted, long_date};
use super::super::sheet::{
    FOOTER_TOP, Fonts, GREY, HAIR, LEFT, Page, PaperworkError, RIGHT, ROOM, WASH, bold, kind_name, regular,
};
use mail::Language;
use mail::piece::PieceKind;

use super::{GONE, PROGRAM, ProofSheet};

/// The sheet judges French wording, so it is French whatever the bureau speaks.
const FRENCH: Language = Language::French;

/// What the check of a template holds against all variants, in words.
const RULES: [&str; 6] = [
    "mise en page de toutes les variantes, polices et images présentes, noir seul",
    "données connues, à leur place et à leur taille, sans recouvrement",
    "adresse et codes-barres dans les fenêtres, quel que soit le jeu du pli dans l’enveloppe",
    "rien d’autre dans les fenêtres ; rien sous la carte ni sur les plis",
    "zones de silence des codes-barres, 2D-DOC et marques de mise sous pli",
    "export conforme à l’impression (PDF/X-4)",
];
/// What it holds against letters, and against mailers.
const RULE_OF_LETTERS: &str = "aucun code confidentiel";
const RULE_OF_MAILERS: &str = "codes confidentiels et numéro de carte à l’intérieur, le pli une fois plié";
/// The height of the box to sign.
const SIGN_HEIGHT: f32 = 150.0;
/// How many warnings are written out.
const MOST_WARNINGS: usize = 8;

/// Draws it.
pub(super) fn front<'f>(fonts: &'f Fonts, proof: &ProofSheet) -> Result<Page<'f>, PaperworkError> {
    let mut page = Page::new(fonts);
    page.text(LEFT, 50.0, ROOM, bold(12.0), "Bon à tirer")?;
    page.text_left_of(RIGHT, 50.0, ROOM * 0.6, regular(9.0).grey(GREY), proof.bureau)?;
    page.fill(LEFT, 58.0, ROOM, 1.25, 0.0);
    let lines = page.free_text((LEFT, 100.0), ROOM, (bold(26.0), 31.0), 2, proof.title)?;
    let mut y = 100.0 + 31.0 * lines.max(1) as f32;
    for (label, value) in facts(proof) {
        page.text(LEFT, y, 100.0, regular(9.0).grey(GREY), label)?;
        y += 14.0
            * page.free_text((LEFT + 110.0, y), ROOM - 110.0, (regular(10.0), 14.0), 2, &value)?.max(1)
                as f32;
    }
    y = rules(&mut page, y + 16.0, proof.kind)?;
    warnings(&mut page, y + 10.0, &proof.warnings)?;
    sign(&mut page, FOOTER_TOP - SIGN_HEIGHT - 18.0)?;
    Ok(page)
}

/// What the template is: labels and values.
fn facts(proof: &ProofSheet) -> Vec<(&'static str, String)> {
    let sentences = proof.sentences.iter().filter(|sentence| sentence.sign != GONE).count() as u64;
    let pages = proof.variants.iter().map(|variant| variant.pages.len() as u64).sum();
    let mut facts = vec![
        ("Modèle", proof.name.to_owned()),
        ("Version", proof.version.to_owned()),
        ("Nature", kind_name(FRENCH, proof.kind).to_owned()),
        ("Support", proof.media.to_owned()),
        ("Date", long_date(FRENCH, proof.day)),
        ("Programme", PROGRAM.to_owned()),
        (
            "Contenu",
            format!(
                "{}, {}, {}",
                counted(FRENCH, proof.variants.len() as u64, ("variante", "variant")),
                counted(FRENCH, pages, ("page", "page")),
                counted(FRENCH, sentences, ("phrase", "sentence"))
            ),
        ),
    ];
    if let Some((name, version)) = proof.against {
        facts.push(("Comparé à", format!("{name}, version {}", super::abridged(version))));
    }
    facts
}

/// The rules that hold, from `y` downwards; returns where they end.
fn rules(page: &mut Page, y: f32, kind: PieceKind) -> Result<f32, PaperworkError> {
    page.text(LEFT, y, ROOM, bold(11.0), "Contrôles passés par toutes les variantes")?;
    let mut y = y + 18.0;
    let own = match kind {
        PieceKind::Letter => RULE_OF_LETTERS,
        PieceKind::Mailer => RULE_OF_MAILERS,
    };
    for rule in RULES.into_iter().chain([own]) {
        page.fill(LEFT + 1.0, y - 6.0, 4.5, 4.5, 0.0);
        y += 13.0 * page.free_text((LEFT + 14.0, y), ROOM - 14.0, (regular(9.5), 13.0), 2, rule)? as f32;
    }
    Ok(y)
}

/// The warnings of the check, which stop nothing.
fn warnings(page: &mut Page, y: f32, warnings: &[String]) -> Result<(), PaperworkError> {
    let title = match warnings.len() as u64 {
        0 => "Aucun avertissement".to_owned(),
        count => counted(FRENCH, count, ("avertissement", "warning")),
    };
    page.text(LEFT, y, ROOM, bold(11.0), &title)?;
    let mut y = y + 18.0;
    for warning in warnings.iter().take(MOST_WARNINGS) {
        y += 12.0 * page.free_text((LEFT + 14.0, y), ROOM - 14.0, (regular(8.5), 12.0), 2, warning)? as f32;
    }
    if warnings.len() > MOST_WARNINGS {
        page.text(
            LEFT + 14.0,
            y,
            ROOM,
            regular(8.5).grey(GREY),
            "La suite est donnée par « pli template check ».",
        )?;
    }
    Ok(())
}

/// The place to sign.
fn sign(page: &mut Page, y: f32) -> Result<(), PaperworkError> {
    page.fill(LEFT, y, ROOM, SIGN_HEIGHT, WASH);
    page.frame(LEFT, y, ROOM, SIGN_HEIGHT, 1.0, 0.0);
    let boxes = [
        ("Bon à tirer", LEFT + 16.0),
        ("Bon à tirer sous réserve des corrections", LEFT + 110.0),
        ("À corriger, nouvelle épreuve", LEFT + 320.0),
    ];
    for (words, x) in boxes {
        page.fill(x, y + 16.0, 11.0, 11.0, 1.0);
        page.frame(x, y + 16.0, 11.0, 11.0, 1.0, 0.0);
        page.text(x + 17.0, y + 25.5, RIGHT - x - 22.0, bold(9.5), words)?;
    }
    for (words, x, width) in [
        ("Nom", LEFT + 16.0, 160.0),
        ("Date", LEFT + 192.0, 100.0),
        ("Signature", LEFT + 308.0, ROOM - 324.0),
    ] {
        page.text(x, y + 52.0, width, regular(8.5).grey(GREY), words)?;
        page.fill(x, y + SIGN_HEIGHT - 16.0, width, 0.75, HAIR);
    }
    Ok(())
}
