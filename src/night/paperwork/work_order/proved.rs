//! What the sheet says of the lot's proof.

use mail::Language;

use super::ProvedFacts;
use crate::night::order::Prove;
use crate::night::paperwork::sheet::words::counted;

/// The lines on the proof, with their labels.
pub(super) fn lines(language: Language, proved: &ProvedFacts) -> Vec<(&'static str, String)> {
    let read_back = language.of("Relecture", "Read back");
    let rules = proved.rules;
    let how = match proved.extent {
        Prove::None => {
            let none = language.of("Aucune\u{202F}: lot non relu", "None: the lot was not read back");
            return vec![(read_back, none.to_owned())];
        }
        Prove::Sample if proved.pieces == 0 => language.of(
            format!("Conformité des fichiers seule\u{202F}; pièces non relues (règles\u{A0}{rules})"),
            format!("Standards of the files only; no piece read back (rules\u{A0}{rules})"),
        ),
        Prove::Sample => language.of(
            format!("Par échantillon, sur image (règles\u{A0}{rules})"),
            format!("A sample, from pictures (rules\u{A0}{rules})"),
        ),
        Prove::All => language.of(
            format!("Chaque pièce, dans les fichiers (règles\u{A0}{rules})"),
            format!("Every piece, in the files (rules\u{A0}{rules})"),
        ),
    };
    let mut lines = vec![(read_back, how)];
    let counts = [
        (proved.pieces, ("pièce", "piece")),
        (proved.texts, ("texte", "text")),
        (proved.symbols, ("symbole", "symbol")),
        (proved.signatures, ("signature", "signature")),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, noun)| counted(language, count, noun)).collect();
    if !counts.is_empty() {
        lines.push((language.of("Relus, justes", "Read, right"), counts.join(", ")));
    }
    if proved.extent == Prove::All && proved.drawn > 0 {
        let drawn = counted(language, proved.drawn, ("pièce", "piece"));
        let drawn = language.of(format!("{drawn}, sur image aussi"), format!("{drawn}, from pictures too"));
        lines.push((language.of("Échantillon", "Sample"), drawn));
    }
    lines
}
