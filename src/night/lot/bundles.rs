//! Bundles: the parts into which a lot of letters is broken for the post. They are numbered from 1, in the order of the lot.

use crate::job::{Bundle, BundleArea};
use mail::address::PostalAddress;

/// Numbers bundles, piece by piece.
#[derive(Debug, Clone)]
pub(crate) struct Bundling {
    rule: Bundle,
    number: u32,
    pieces: u32,
    area: String,
}

impl Bundling {
    /// Begins with the lot's first bundle.
    pub(crate) fn begin(rule: Bundle) -> Bundling {
        Bundling { rule, number: 0, pieces: 0, area: String::new() }
    }

    /// The bundle of the next piece, which goes to this address.
    pub(crate) fn next(&mut self, address: &PostalAddress) -> u32 {
        let area = match self.rule {
            Bundle::Pieces(_) => "",
            Bundle::By(BundleArea::Departement) => bundle_area(address),
        };
        let full = match self.rule {
            Bundle::Pieces(most) => self.pieces == most.get(),
            Bundle::By(_) => self.area != area,
        };
        if self.number == 0 || full {
            self.number += 1;
            self.pieces = 0;
            area.clone_into(&mut self.area);
        }
        self.pieces += 1;
        self.number
    }
}

/// The département of an address; the country's code abroad, `00` for the armed forces, `20` for a CEDEX office in Corsica of
/// which the département is not known.
fn bundle_area(address: &PostalAddress) -> &str {
    let abroad = address.country().map(|country| country.code());
    abroad.or_else(|| address.departement()).or_else(|| address.postcode()?.get(..2)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(rule: Bundle, lasts: &[&str]) -> Vec<u32> {
        let mut bundles = Bundling::begin(rule);
        let address = |last: &str| {
            PostalAddress::build(["A", "", "", "1 RUE HAUTE", "", last], "", "").expect("valid").0
        };
        lasts.iter().map(|last| bundles.next(&address(last))).collect()
    }

    #[test]
    fn a_bundle_ends_when_it_is_full() {
        let two = Bundle::Pieces(std::num::NonZeroU32::new(2).expect("two"));
        assert_eq!(numbers(two, &["75015 PARIS"; 5]), [1, 1, 2, 2, 3]);
    }

    #[test]
    fn a_bundle_ends_where_the_departement_changes() {
        let lasts = [
            "00800 ARMEES",
            "01000 BOURG",
            "01090 FRANCHELEINS",
            "20000 AJACCIO",
            "20200 BASTIA",
            "97110 POINTE A PITRE",
            "97200 FORT DE FRANCE",
        ];
        assert_eq!(numbers(Bundle::By(BundleArea::Departement), &lasts), [1, 2, 2, 3, 4, 5, 6]);
    }
}
