//! The job file's `[postcode]` and `[postage]`, and the order of letters for the post (docs/postage.md).

use mail::postcode::PostcodeCheck;
use serde::Deserialize;

use super::{Job, Sections};
use mail::piece::PieceKind;

/// The weight classes of a job that names none, in grams.
const CLASSES: [u32; 3] = [20, 50, 100];
/// The heaviest class that a job may name, in grams.
const HEAVIEST: u32 = 30_000;
/// The longest name of a postal product, in characters.
const LONGEST_PRODUCT: usize = 60;

/// Whether postcode and town of an address are held against the official table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PostcodeSettings {
    /// What becomes of an address whose postcode and town do not belong together.
    pub check: PostcodeCheck,
}

/// How pieces are handed to the post.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Postage {
    /// The upper limits of the weight classes, in grams, the least first.
    pub classes: Vec<u32>,
    /// The fewest pieces that a lot should have; fewer is a warning.
    pub min_pieces: u32,
    /// The name of the postal product.
    pub product: String,
}

impl Default for Postage {
    fn default() -> Postage {
        Postage { classes: CLASSES.to_vec(), min_pieces: 0, product: String::new() }
    }
}

impl Postage {
    /// The class of a weight in grams; `None` for a piece that is heavier than the last class.
    pub(crate) fn class(&self, grams: f64) -> Option<u32> {
        self.classes.iter().copied().find(|class| grams <= f64::from(*class))
    }

    /// The first value that can't be used: its key and the advice.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let rising = self.classes.is_sorted_by(|a, b| a < b);
        let ranged = |class: &u32| (1..=HEAVIEST).contains(class);
        if self.classes.is_empty() || !rising || !self.classes.iter().all(ranged) {
            let advice = format!("write grams from 1 to {HEAVIEST}, the least first, such as [20, 50, 100]");
            return Some(("classes", advice));
        }
        let legible = !self.product.contains(foreign::is_unprintable);
        if !legible || self.product.chars().count() > LONGEST_PRODUCT {
            return Some(("product", format!("write at most {LONGEST_PRODUCT} characters on one line")));
        }
        None
    }
}

/// In which order the letters of a lot are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LetterOrder {
    /// As their records stand in the files.
    #[default]
    Input,
    /// By postcode; abroad comes last.
    Postcode,
    /// By structure, then by postcode; letters to nobody's structure come last.
    Structure,
}

/// Where a lot of letters is broken into bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "write a number of pieces, 1 or more, or \"departement\"")]
pub(crate) enum Bundle {
    /// After so many pieces.
    Pieces(std::num::NonZeroU32),
    /// Where the département changes.
    By(BundleArea),
}

/// What the pieces of a bundle have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BundleArea {
    /// The département; abroad, the country.
    Departement,
}

impl Job {
    /// What becomes of an address whose postcode and town do not belong together.
    pub(crate) fn postcode_check(&self) -> PostcodeCheck {
        self.sections.postcode.check
    }

    /// How pieces are handed to the post.
    pub(crate) fn postage(&self) -> &Postage {
        &self.sections.postage
    }

    /// The order of letters.
    pub(crate) fn letter_order(&self) -> LetterOrder {
        self.sections.letters.order
    }

    /// Where the lots of a kind are broken into bundles; `None` where they are not. Mailers never are: their order tells
    /// nothing of their addresses.
    pub(crate) fn bundle(&self, kind: PieceKind) -> Option<Bundle> {
        self.sections.letters.bundle.filter(|_| kind == PieceKind::Letter)
    }
}

/// The fault of bundles that the order of letters does not allow.
pub(super) fn bundle_fault(sections: &Sections) -> Option<(&'static str, &'static str)> {
    let letters = &sections.letters;
    let by_area = letters.bundle == Some(Bundle::By(BundleArea::Departement));
    (by_area && letters.order != LetterOrder::Postcode).then_some((
        "bundle",
        "bundles by département need letters in the order of postcodes; write `order = \"postcode\"` in `[letters]` too",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_has_the_first_class_that_holds_it() {
        let postage = Postage::default();
        let classes = [0.1, 20.0, 20.1, 50.0, 100.0, 100.1].map(|grams| postage.class(grams));
        assert_eq!(classes, [Some(20), Some(20), Some(50), Some(50), Some(100), None]);
    }

    #[test]
    fn classes_rise() {
        for classes in [vec![], vec![20, 20], vec![50, 20], vec![0, 20], vec![20, 40_000]] {
            assert!(Postage { classes, ..Postage::default() }.fault().is_some());
        }
        assert!(Postage::default().fault().is_none());
    }
}
