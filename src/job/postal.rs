//! The job file's `[postcode]` and `[postage]`, and the order of letters for the post (docs/postage.md).

use mail::postcode::PostcodeCheck;
use serde::Deserialize;
use template::Manifest;

use super::{Job, Sections};
use mail::piece::PieceKind;

/// The weight classes of a job that names none, in grams. A heavier piece has the last.
const CLASSES: [u32; 6] = [20, 100, 250, 500, 1000, 3000];
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
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Postage {
    /// The upper limits of the weight classes, in grams, the least first. Without them: 20, 100, 250, 500, 1000, 3000.
    pub classes: Option<Vec<u32>>,
    /// The fewest pieces that a lot should have; fewer is a warning.
    pub min_pieces: u32,
    /// The name of the postal product.
    pub product: String,
}

/// The weight classes of the pieces of a template: the same in manifest, control file, print file, work order and deposit
/// table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PostalWeight<'a> {
    classes: &'a [u32],
    manifest: &'a Manifest,
}

impl PostalWeight<'_> {
    /// The class of a piece with so many sheets, in grams; the last class for heavier pieces, which production refuses where
    /// the job names its classes.
    pub(crate) fn class(self, sheets: u32) -> u32 {
        let grams = self.grams(sheets);
        let holds = |class: &u32| grams <= f64::from(*class);
        let last = self.classes.last().copied().unwrap_or_default();
        self.classes.iter().copied().find(holds).unwrap_or(last)
    }

    /// The weight of a piece with so many sheets, in grams.
    pub(crate) fn grams(self, sheets: u32) -> f64 {
        self.manifest.grams(sheets)
    }
}

impl Postage {
    /// The weight classes of the pieces of a template.
    pub(crate) fn weight<'a>(&'a self, manifest: &'a Manifest) -> PostalWeight<'a> {
        PostalWeight { classes: self.classes.as_deref().unwrap_or(&CLASSES), manifest }
    }

    /// The last class that the job names, where it is less than a weight in grams.
    pub(crate) fn exceeded_by(&self, grams: f64) -> Option<u32> {
        let last = self.classes.as_ref()?.last().copied()?;
        (grams > f64::from(last)).then_some(last)
    }

    /// The first value that can't be used: its key and the advice.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let rising = |classes: &[u32]| !classes.is_empty() && classes.is_sorted_by(|a, b| a < b);
        let ranged = |class: &u32| (1..=HEAVIEST).contains(class);
        let sound = |classes: &[u32]| rising(classes) && classes.iter().all(ranged);
        if self.classes.as_deref().is_some_and(|classes| !sound(classes)) {
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
        // A sheet of 10 g in an envelope that makes up the weight.
        let of = |classes: Option<&[u32]>, grams: f64, sheets: u32| {
            let text = format!(
                "kind = \"letter\"\nmain = \"a.typ\"\ntitle = \"A\"\nmedia = \"B\"\nvariants = []\n\
                 grammage = {}\nenvelope_g = {}\n",
                10.0 / (0.210 * 0.297),
                grams - 10.0
            );
            let manifest: Manifest = toml::from_str(&text).unwrap();
            let postage = Postage { classes: classes.map(<[u32]>::to_vec), ..Postage::default() };
            postage.weight(&manifest).class(sheets)
        };
        let grams = [10.5, 19.9, 20.1, 49.9, 100.1, 999.0, 2999.0, 4000.0];
        let usual = grams.map(|grams| of(None, grams, 1));
        assert_eq!(usual, [20, 20, 100, 100, 250, 1000, 3000, 3000]);
        let named = grams.map(|grams| of(Some(&[20, 50, 100]), grams, 1));
        assert_eq!(named, [20, 20, 50, 50, 100, 100, 100, 100]);
        assert_eq!([1, 2, 5, 10].map(|sheets| of(Some(&[20, 50, 100]), 12.0, sheets)), [20, 50, 100, 100]);
    }

    #[test]
    fn only_a_class_that_the_job_names_is_exceeded() {
        let named = Postage { classes: Some(vec![20, 50]), ..Postage::default() };
        assert_eq!([50.0, 50.1].map(|grams| named.exceeded_by(grams)), [None, Some(50)]);
        assert_eq!(Postage::default().exceeded_by(9000.0), None);
    }

    #[test]
    fn classes_rise() {
        for classes in [vec![], vec![20, 20], vec![50, 20], vec![0, 20], vec![20, 40_000]] {
            assert!(Postage { classes: Some(classes), ..Postage::default() }.fault().is_some());
        }
        assert!(Postage::default().fault().is_none());
    }
}
