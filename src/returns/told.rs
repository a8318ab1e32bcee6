//! What is said of pages that show no piece.

use mail::returned::ReturnReasons;

use super::outcome::{Outcome, Verdict};
use super::reading::Fault;
use super::remark::Remark;

impl Outcome {
    /// Of a page on which nothing was read yet.
    pub(super) fn blank(path: &str, page: u32, sha256: &str) -> Outcome {
        Outcome {
            path: path.to_owned(),
            page,
            sha256: sha256.to_owned(),
            size: [0; 2],
            symbols: Vec::new(),
            unread: Vec::new(),
            kind: None,
            piece_id: None,
            card_number: None,
            twoddoc: None,
            verdict: Verdict::Unreadable,
            remark: Remark::default(),
            return_reason: None,
            disposition: None,
            seen_before: false,
        }
    }
}

/// The kind of a page that separates what comes before it from what comes after.
pub(super) const SEPARATOR: &str = "separator";

/// A page whose barcodes state several reasons, as the menu of a wand does.
pub(super) fn contradicting_reasons(blank: Outcome) -> Outcome {
    let remark = Remark::new(
        "ses codes à barres disent plusieurs motifs, donc aucun ne compte\u{202F}: posez une seule feuille de séparation devant un paquet",
        "its barcodes state several reasons, so none counts: lay one separator before a batch",
    );
    Outcome { remark, ..blank }
}

/// A separator of another job.
pub(super) fn unknown_reason(blank: Outcome) -> Outcome {
    let remark = Remark::new(
        "une feuille de séparation dont cette tâche n’a pas le motif\u{202F}: ce qui suit est sans motif\u{202F}; ajoutez-le à «\u{A0}[returns.reasons]\u{A0}»",
        "a separator whose reason this job does not have: what follows has no reason; add it to `[returns.reasons]`",
    );
    Outcome { remark, ..blank }
}

/// A page that can't be read.
pub(super) fn told_of_fault(blank: Outcome, fault: &Fault) -> Outcome {
    let advice = fault.advice.as_ref().map(|advice| format!(": {advice}")).unwrap_or_default();
    let problem = fault.problem.trim_start_matches("can't be read: ");
    let french = format!("ne peut être lu\u{202F}: {}", fault.french);
    let remark = Remark::of(french, format!("can\u{2019}t be read: {problem}{advice}"));
    Outcome { remark, ..blank }
}

/// A page on which nothing of ours was read.
pub(super) fn told_of_nothing(blank: Outcome) -> Outcome {
    let remark = match (blank.symbols.len(), blank.unread.len()) {
        (0, 0) => Remark::new(
            "ni Code 39 ni Data Matrix n’a été trouvé\u{202F}: un dos blanc, une lettre étrangère, ou des symboles cachés",
            "no Code 39 and no Data Matrix was found: a blank back, a foreign letter, or symbols that are hidden",
        ),
        (0, _) => Remark::new(
            "un symbole a été trouvé et ne peut être lu\u{202F}: regardez le pli",
            "a symbol was found and can\u{2019}t be read: look at the piece",
        ),
        (_, 0) => Remark::new(
            "des symboles ont été lus, et aucun n’est de nous",
            "symbols were read, and none of them is ours",
        ),
        _ => Remark::new(
            "des symboles ont été lus qui ne sont pas de nous, et un autre a été trouvé qui ne peut être lu",
            "symbols were read that are not ours, and one was found that can\u{2019}t be read",
        ),
    };
    Outcome { remark, ..blank }
}

/// A separator: why the pieces behind it came back.
pub(super) fn separator(blank: Outcome, code: &str, reasons: &ReturnReasons) -> Outcome {
    let words = reasons.words(code);
    Outcome {
        kind: Some(SEPARATOR.to_owned()),
        verdict: Verdict::Matched,
        remark: Remark::of(
            format!(
                "une feuille de séparation\u{202F}: ce qui suit est revenu pour ce motif\u{202F}: {words}"
            ),
            format!("a separator: what follows came back because: {words}"),
        ),
        return_reason: Some(code.to_owned()),
        ..blank
    }
}

#[cfg(test)]
mod tests {
    use foreign::ChildError;
    use mail::Language;
    use symbols::PictureError;

    use super::super::outcome::{Polygon, SymbolFormat, SymbolRead};
    use super::*;
    use crate::both_languages::assert_same;
    use crate::raster::RasterError;

    fn blank() -> Outcome {
        Outcome::blank("a.png", 1, "")
    }

    fn symbol() -> SymbolRead {
        SymbolRead {
            format: SymbolFormat::Code39,
            text: "A".to_owned(),
            polygon: Polygon::default(),
            step: "straight".to_owned(),
            confidence: 1.0,
            agreed: true,
            grade: None,
        }
    }

    #[test]
    fn what_is_told_of_a_page_has_both_languages() {
        let unread = vec![Polygon::default()];
        let file = || "a.pdf".to_owned();
        let faults: [Fault; 9] = [
            PictureError::TooLarge { width: 20_000, height: 30_000 }.into(),
            PictureError::TooLaborious("it takes too long".to_owned()).into(),
            PictureError::Unreadable("no picture".to_owned()).into(),
            RasterError::NotPdf(file()).into(),
            RasterError::Encrypted(file()).into(),
            RasterError::PageTooLarge { file: file(), page: 3, width_mm: 900, height_mm: 4000, dpi: 200 }
                .into(),
            RasterError::NoPage { file: file(), page: 7 }.into(),
            Fault::no_answer(&ChildError::Time(30)),
            Fault::no_answer(&ChildError::Died(1 << 30)),
        ];
        let mut told = vec![
            told_of_nothing(blank()),
            told_of_nothing(Outcome { unread: unread.clone(), ..blank() }),
            told_of_nothing(Outcome { symbols: vec![symbol()], ..blank() }),
            told_of_nothing(Outcome { symbols: vec![symbol()], unread, ..blank() }),
            contradicting_reasons(blank()),
            unknown_reason(blank()),
        ];
        told.extend(faults.iter().map(|fault| told_of_fault(blank(), fault)));
        for Outcome { remark, .. } in told {
            assert_same(remark.text(Language::English), remark.text(Language::French));
        }
    }
}
