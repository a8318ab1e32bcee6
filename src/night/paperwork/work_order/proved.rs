//! What the sheet says of the lot's proof, in French.

use super::ProvedFacts;
use crate::night::order::Prove;
use crate::night::paperwork::sheet::words::counted;

/// The lines on the proof, with their labels.
pub(super) fn lines(proved: &ProvedFacts) -> Vec<(&'static str, String)> {
    let how = match proved.extent {
        Prove::None => return vec![("Relecture", "Aucune\u{202F}: lot non relu".to_owned())],
        Prove::Sample if proved.pieces == 0 => {
            format!("Conformité des fichiers seule\u{202F}; pièces non relues (règles\u{A0}{})", proved.rules)
        }
        Prove::Sample => format!("Par échantillon, sur image (règles\u{A0}{})", proved.rules),
        Prove::All => format!("Chaque pièce, dans les fichiers (règles\u{A0}{})", proved.rules),
    };
    let mut lines = vec![("Relecture", how)];
    let counts = [
        (proved.pieces, "pièce"),
        (proved.texts, "texte"),
        (proved.symbols, "symbole"),
        (proved.signatures, "signature"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, noun)| counted(count, noun)).collect();
    if !counts.is_empty() {
        lines.push(("Relus, justes", counts.join(", ")));
    }
    if proved.extent == Prove::All && proved.drawn > 0 {
        lines.push(("Échantillon", format!("{}, sur image aussi", counted(proved.drawn, "pièce"))));
    }
    lines
}
