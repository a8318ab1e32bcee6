//! Countries, as the last line of a foreign address names them: in French, capitals, no accents.
//!
//! A country is found by its ISO 3166 code or its French name, with or without its article; a name that is not in the table
//! is refused. The
//! table also says where La Poste delivers at the inland rate: France, its overseas territories and Monaco.

use serde::{Deserialize, Serialize};

use crate::Worded;
use crate::text::{excerpt, postal_capitals};

mod table;

use table::{ALSO_CALLED, COUNTRIES, FRENCH_POST, Row};

/// A country or territory of ISO 3166-1, or Kosovo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(&'static Row);

/// The text names no country of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no country; write its two-letter ISO code, such as BE, or its French name, such as BELGIQUE", excerpt(.0))]
pub struct CountryFault(String);

impl Country {
    /// Finds a country by alpha-2 code, alpha-3 code or French name. Case, accents, hyphens, apostrophes and the article are
    /// ignored. An empty text is France.
    ///
    /// # Errors
    /// [`CountryFault`] if the table has neither the code nor the name.
    pub fn find(text: &str) -> Result<Self, CountryFault> {
        let foreign = |c: char| !(c.is_alphabetic() || c.is_whitespace() || "-'’.,()".contains(c));
        if text.contains(foreign) {
            return Err(CountryFault(text.to_owned()));
        }
        let wanted = postal_capitals(text);
        let wanted = if text.trim().is_empty() { "FR" } else { wanted.as_str() };
        let without_article =
            ["LA ", "LE ", "LES ", "L "].iter().find_map(|article| wanted.strip_prefix(article));
        let found = Self::named(wanted).or_else(|| Self::named(without_article?));
        found.ok_or_else(|| CountryFault(text.to_owned()))
    }

    /// The country of a two-letter code.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        COUNTRIES.iter().find(|row| row.0 == code).map(Self)
    }

    /// The country of a code or name in capitals without accents.
    fn named(wanted: &str) -> Option<Self> {
        let also = ALSO_CALLED.iter().find(|(name, _)| *name == wanted);
        let wanted = also.map_or(wanted, |(_, code)| code);
        COUNTRIES.iter().find(|(two, three, name)| [*two, *three, *name].contains(&wanted)).map(Self)
    }

    /// The two-letter code.
    pub fn code(self) -> &'static str {
        self.0.0
    }

    /// The French name in capitals without accents, as printed.
    pub fn name(self) -> &'static str {
        self.0.2
    }

    /// Whether La Poste delivers there at the inland rate, so that no country line is printed.
    pub(crate) fn in_french_post(self) -> bool {
        self.postcodes().is_some()
    }

    /// Whether a French postcode lies in this country or territory.
    pub(crate) fn has_postcode(self, postcode: &str) -> bool {
        self.postcodes().is_some_and(|prefixes| prefixes.iter().any(|prefix| postcode.starts_with(prefix)))
    }

    fn postcodes(self) -> Option<&'static [&'static str]> {
        FRENCH_POST.iter().find(|(code, _)| *code == self.code()).map(|(_, prefixes)| *prefixes)
    }
}

impl TryFrom<String> for Country {
    type Error = CountryFault;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::find(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

impl Worded for CountryFault {
    fn french(&self) -> String {
        format!(
            "«\u{A0}{}\u{A0}» n’est pas un pays\u{202F}; écrivez son code ISO à deux lettres, comme BE, ou son nom français, comme BELGIQUE",
            excerpt(&self.0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_printable() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
        for (code, three, name) in COUNTRIES {
            assert_eq!((code.len(), three.len()), (2, 3));
            assert_eq!(Country::find(three).map(Country::code), Ok(code));
            assert!(name.chars().all(|c| c.is_ascii_uppercase() || c == ' '), "{name}");
            assert!(name.len() <= 38 || code == "UM" || code == "GS", "{name}");
            assert_eq!(Country::find(name).map(Country::code), Ok(code));
            assert_eq!(Country::find(&code.to_lowercase()).map(Country::name), Ok(name));
        }
        assert!(ALSO_CALLED.iter().all(|(name, _)| Country::find(name).is_ok()));
        assert!(FRENCH_POST.iter().all(|(code, _)| Country::find(code).is_ok()));
    }

    #[test]
    fn many_spellings() {
        for (text, name) in [
            ("", "FRANCE"),
            ("FRA", "FRANCE"),
            ("Côte d’Ivoire", "COTE D IVOIRE"),
            ("Royaume-Uni", "ROYAUME UNI"),
            ("états-unis", "ETATS UNIS"),
            ("be", "BELGIQUE"),
            ("XK", "KOSOVO"),
            ("Kosovo", "KOSOVO"),
            ("République du Kosovo", "KOSOVO"),
            ("La Belgique", "BELGIQUE"),
            ("L’Allemagne", "ALLEMAGNE"),
            ("Le Salvador", "EL SALVADOR"),
            ("deu", "ALLEMAGNE"),
            ("Turkiye", "TURQUIE"),
            ("(Les) Pays-Bas", "PAYS BAS"),
        ] {
            assert_eq!(Country::find(text).map(Country::name), Ok(name), "{text}");
        }
        for text in ["XX", "Germany", "-", "ZZZ"] {
            assert!(Country::find(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_french_post() {
        for text in ["", "MC", "La Réunion", "Guyane"] {
            assert!(Country::find(text).is_ok_and(Country::in_french_post), "{text}");
        }
        let monaco = Country::find("Monaco").expect("in the table");
        assert!(monaco.has_postcode("98000") && !monaco.has_postcode("06500"));
        assert!(!Country::find("BE").expect("in the table").has_postcode("10000"));
    }
}
