//! Countries, as the last line of a foreign address names them: in French, capitals, no accents.
//!
//! Takes an ISO 3166 alpha-2 code or a French name. Gives the [`Country`], and whether La Poste delivers
//! there as at home (France, its overseas territories, Monaco).
//! Never guesses: a name that is not in the table is refused.

use serde::{Deserialize, Serialize};

use super::{address::postal_capitals, excerpt};

/// A row of the table: alpha-2 code, name as printed.
type Row = (&'static str, &'static str);

/// The countries and territories of ISO 3166-1, by code.
#[rustfmt::skip]
const COUNTRIES: [Row; 249] = [
    ("AD", "ANDORRE"),
    ("AE", "EMIRATS ARABES UNIS"),
    ("AF", "AFGHANISTAN"),
    ("AG", "ANTIGUA ET BARBUDA"),
    ("AI", "ANGUILLA"),
    ("AL", "ALBANIE"),
    ("AM", "ARMENIE"),
    ("AO", "ANGOLA"),
    ("AQ", "ANTARCTIQUE"),
    ("AR", "ARGENTINE"),
    ("AS", "SAMOA AMERICAINES"),
    ("AT", "AUTRICHE"),
    ("AU", "AUSTRALIE"),
    ("AW", "ARUBA"),
    ("AX", "ILES ALAND"),
    ("AZ", "AZERBAIDJAN"),
    ("BA", "BOSNIE HERZEGOVINE"),
    ("BB", "BARBADE"),
    ("BD", "BANGLADESH"),
    ("BE", "BELGIQUE"),
    ("BF", "BURKINA FASO"),
    ("BG", "BULGARIE"),
    ("BH", "BAHREIN"),
    ("BI", "BURUNDI"),
    ("BJ", "BENIN"),
    ("BL", "SAINT BARTHELEMY"),
    ("BM", "BERMUDES"),
    ("BN", "BRUNEI"),
    ("BO", "BOLIVIE"),
    ("BQ", "BONAIRE SAINT EUSTACHE ET SABA"),
    ("BR", "BRESIL"),
    ("BS", "BAHAMAS"),
    ("BT", "BHOUTAN"),
    ("BV", "ILE BOUVET"),
    ("BW", "BOTSWANA"),
    ("BY", "BIELORUSSIE"),
    ("BZ", "BELIZE"),
    ("CA", "CANADA"),
    ("CC", "ILES COCOS"),
    ("CD", "REPUBLIQUE DEMOCRATIQUE DU CONGO"),
    ("CF", "REPUBLIQUE CENTRAFRICAINE"),
    ("CG", "CONGO"),
    ("CH", "SUISSE"),
    ("CI", "COTE D IVOIRE"),
    ("CK", "ILES COOK"),
    ("CL", "CHILI"),
    ("CM", "CAMEROUN"),
    ("CN", "CHINE"),
    ("CO", "COLOMBIE"),
    ("CR", "COSTA RICA"),
    ("CU", "CUBA"),
    ("CV", "CAP VERT"),
    ("CW", "CURACAO"),
    ("CX", "ILE CHRISTMAS"),
    ("CY", "CHYPRE"),
    ("CZ", "TCHEQUIE"),
    ("DE", "ALLEMAGNE"),
    ("DJ", "DJIBOUTI"),
    ("DK", "DANEMARK"),
    ("DM", "DOMINIQUE"),
    ("DO", "REPUBLIQUE DOMINICAINE"),
    ("DZ", "ALGERIE"),
    ("EC", "EQUATEUR"),
    ("EE", "ESTONIE"),
    ("EG", "EGYPTE"),
    ("EH", "SAHARA OCCIDENTAL"),
    ("ER", "ERYTHREE"),
    ("ES", "ESPAGNE"),
    ("ET", "ETHIOPIE"),
    ("FI", "FINLANDE"),
    ("FJ", "FIDJI"),
    ("FK", "ILES MALOUINES"),
    ("FM", "MICRONESIE"),
    ("FO", "ILES FEROE"),
    ("FR", "FRANCE"),
    ("GA", "GABON"),
    ("GB", "ROYAUME UNI"),
    ("GD", "GRENADE"),
    ("GE", "GEORGIE"),
    ("GF", "GUYANE FRANCAISE"),
    ("GG", "GUERNESEY"),
    ("GH", "GHANA"),
    ("GI", "GIBRALTAR"),
    ("GL", "GROENLAND"),
    ("GM", "GAMBIE"),
    ("GN", "GUINEE"),
    ("GP", "GUADELOUPE"),
    ("GQ", "GUINEE EQUATORIALE"),
    ("GR", "GRECE"),
    ("GS", "GEORGIE DU SUD ET ILES SANDWICH DU SUD"),
    ("GT", "GUATEMALA"),
    ("GU", "GUAM"),
    ("GW", "GUINEE BISSAU"),
    ("GY", "GUYANA"),
    ("HK", "HONG KONG"),
    ("HM", "ILES HEARD ET MACDONALD"),
    ("HN", "HONDURAS"),
    ("HR", "CROATIE"),
    ("HT", "HAITI"),
    ("HU", "HONGRIE"),
    ("ID", "INDONESIE"),
    ("IE", "IRLANDE"),
    ("IL", "ISRAEL"),
    ("IM", "ILE DE MAN"),
    ("IN", "INDE"),
    ("IO", "TERRITOIRE BRITANNIQUE OCEAN INDIEN"),
    ("IQ", "IRAK"),
    ("IR", "IRAN"),
    ("IS", "ISLANDE"),
    ("IT", "ITALIE"),
    ("JE", "JERSEY"),
    ("JM", "JAMAIQUE"),
    ("JO", "JORDANIE"),
    ("JP", "JAPON"),
    ("KE", "KENYA"),
    ("KG", "KIRGHIZISTAN"),
    ("KH", "CAMBODGE"),
    ("KI", "KIRIBATI"),
    ("KM", "COMORES"),
    ("KN", "SAINT CHRISTOPHE ET NIEVES"),
    ("KP", "COREE DU NORD"),
    ("KR", "COREE DU SUD"),
    ("KW", "KOWEIT"),
    ("KY", "ILES CAIMANS"),
    ("KZ", "KAZAKHSTAN"),
    ("LA", "LAOS"),
    ("LB", "LIBAN"),
    ("LC", "SAINTE LUCIE"),
    ("LI", "LIECHTENSTEIN"),
    ("LK", "SRI LANKA"),
    ("LR", "LIBERIA"),
    ("LS", "LESOTHO"),
    ("LT", "LITUANIE"),
    ("LU", "LUXEMBOURG"),
    ("LV", "LETTONIE"),
    ("LY", "LIBYE"),
    ("MA", "MAROC"),
    ("MC", "MONACO"),
    ("MD", "MOLDAVIE"),
    ("ME", "MONTENEGRO"),
    ("MF", "SAINT MARTIN"),
    ("MG", "MADAGASCAR"),
    ("MH", "ILES MARSHALL"),
    ("MK", "MACEDOINE DU NORD"),
    ("ML", "MALI"),
    ("MM", "BIRMANIE"),
    ("MN", "MONGOLIE"),
    ("MO", "MACAO"),
    ("MP", "ILES MARIANNES DU NORD"),
    ("MQ", "MARTINIQUE"),
    ("MR", "MAURITANIE"),
    ("MS", "MONTSERRAT"),
    ("MT", "MALTE"),
    ("MU", "MAURICE"),
    ("MV", "MALDIVES"),
    ("MW", "MALAWI"),
    ("MX", "MEXIQUE"),
    ("MY", "MALAISIE"),
    ("MZ", "MOZAMBIQUE"),
    ("NA", "NAMIBIE"),
    ("NC", "NOUVELLE CALEDONIE"),
    ("NE", "NIGER"),
    ("NF", "ILE NORFOLK"),
    ("NG", "NIGERIA"),
    ("NI", "NICARAGUA"),
    ("NL", "PAYS BAS"),
    ("NO", "NORVEGE"),
    ("NP", "NEPAL"),
    ("NR", "NAURU"),
    ("NU", "NIUE"),
    ("NZ", "NOUVELLE ZELANDE"),
    ("OM", "OMAN"),
    ("PA", "PANAMA"),
    ("PE", "PEROU"),
    ("PF", "POLYNESIE FRANCAISE"),
    ("PG", "PAPOUASIE NOUVELLE GUINEE"),
    ("PH", "PHILIPPINES"),
    ("PK", "PAKISTAN"),
    ("PL", "POLOGNE"),
    ("PM", "SAINT PIERRE ET MIQUELON"),
    ("PN", "ILES PITCAIRN"),
    ("PR", "PORTO RICO"),
    ("PS", "PALESTINE"),
    ("PT", "PORTUGAL"),
    ("PW", "PALAOS"),
    ("PY", "PARAGUAY"),
    ("QA", "QATAR"),
    ("RE", "LA REUNION"),
    ("RO", "ROUMANIE"),
    ("RS", "SERBIE"),
    ("RU", "RUSSIE"),
    ("RW", "RWANDA"),
    ("SA", "ARABIE SAOUDITE"),
    ("SB", "ILES SALOMON"),
    ("SC", "SEYCHELLES"),
    ("SD", "SOUDAN"),
    ("SE", "SUEDE"),
    ("SG", "SINGAPOUR"),
    ("SH", "SAINTE HELENE"),
    ("SI", "SLOVENIE"),
    ("SJ", "SVALBARD ET ILE JAN MAYEN"),
    ("SK", "SLOVAQUIE"),
    ("SL", "SIERRA LEONE"),
    ("SM", "SAINT MARIN"),
    ("SN", "SENEGAL"),
    ("SO", "SOMALIE"),
    ("SR", "SURINAME"),
    ("SS", "SOUDAN DU SUD"),
    ("ST", "SAO TOME ET PRINCIPE"),
    ("SV", "EL SALVADOR"),
    ("SX", "SAINT MARTIN PARTIE NEERLANDAISE"),
    ("SY", "SYRIE"),
    ("SZ", "ESWATINI"),
    ("TC", "ILES TURQUES ET CAIQUES"),
    ("TD", "TCHAD"),
    ("TF", "TERRES AUSTRALES FRANCAISES"),
    ("TG", "TOGO"),
    ("TH", "THAILANDE"),
    ("TJ", "TADJIKISTAN"),
    ("TK", "TOKELAU"),
    ("TL", "TIMOR ORIENTAL"),
    ("TM", "TURKMENISTAN"),
    ("TN", "TUNISIE"),
    ("TO", "TONGA"),
    ("TR", "TURQUIE"),
    ("TT", "TRINITE ET TOBAGO"),
    ("TV", "TUVALU"),
    ("TW", "TAIWAN"),
    ("TZ", "TANZANIE"),
    ("UA", "UKRAINE"),
    ("UG", "OUGANDA"),
    ("UM", "ILES MINEURES ELOIGNEES DES ETATS UNIS"),
    ("US", "ETATS UNIS"),
    ("UY", "URUGUAY"),
    ("UZ", "OUZBEKISTAN"),
    ("VA", "VATICAN"),
    ("VC", "SAINT VINCENT ET LES GRENADINES"),
    ("VE", "VENEZUELA"),
    ("VG", "ILES VIERGES BRITANNIQUES"),
    ("VI", "ILES VIERGES AMERICAINES"),
    ("VN", "VIET NAM"),
    ("VU", "VANUATU"),
    ("WF", "WALLIS ET FUTUNA"),
    ("WS", "SAMOA"),
    ("YE", "YEMEN"),
    ("YT", "MAYOTTE"),
    ("ZA", "AFRIQUE DU SUD"),
    ("ZM", "ZAMBIE"),
    ("ZW", "ZIMBABWE"),
];

/// Further names that people write.
const ALSO_CALLED: [(&str, &str); 30] = [
    ("ANGLETERRE", "GB"),
    ("BELARUS", "BY"),
    ("BOSNIE ET HERZEGOVINE", "BA"),
    ("CABO VERDE", "CV"),
    ("CENTRAFRIQUE", "CF"),
    ("COREE", "KR"),
    ("CONGO BRAZZAVILLE", "CG"),
    ("CONGO KINSHASA", "CD"),
    ("ECOSSE", "GB"),
    ("ETATS UNIS D AMERIQUE", "US"),
    ("FRA", "FR"),
    ("FRANCE METROPOLITAINE", "FR"),
    ("GRANDE BRETAGNE", "GB"),
    ("GUYANE", "GF"),
    ("HOLLANDE", "NL"),
    ("ILE MAURICE", "MU"),
    ("IRLANDE DU NORD", "GB"),
    ("MACEDOINE", "MK"),
    ("MYANMAR", "MM"),
    ("PAYS DE GALLES", "GB"),
    ("PRINCIPAUTE DE MONACO", "MC"),
    ("REPUBLIQUE DE COREE", "KR"),
    ("REPUBLIQUE DU CONGO", "CG"),
    ("REPUBLIQUE TCHEQUE", "CZ"),
    ("REUNION", "RE"),
    ("SWAZILAND", "SZ"),
    ("TERRES AUSTRALES ET ANTARCTIQUES FRANCAISES", "TF"),
    ("UK", "GB"),
    ("USA", "US"),
    ("VIETNAM", "VN"),
];

/// What La Poste delivers as at home, with the beginnings of its postcodes; France has all of them.
const FRENCH_POST: [(&str, &[&str]); 14] = [
    ("BL", &["97133", "977"]),
    ("FR", &[""]),
    ("GF", &["973"]),
    ("GP", &["971"]),
    ("MC", &["980"]),
    ("MF", &["97150", "97080", "978"]),
    ("MQ", &["972"]),
    ("NC", &["988"]),
    ("PF", &["987"]),
    ("PM", &["975"]),
    ("RE", &["974"]),
    ("TF", &["984"]),
    ("WF", &["986"]),
    ("YT", &["976"]),
];

/// A country or territory of ISO 3166-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(&'static Row);

/// The text names no country of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no country; write its two-letter ISO code, such as BE, or its French name, such as BELGIQUE", excerpt(.0))]
pub struct CountryFault(String);

impl Country {
    /// Finds a country by code or French name, whatever the case, accents, hyphens and apostrophes. Nothing
    /// is France.
    ///
    /// # Errors
    /// [`CountryFault`] when the table has neither.
    pub fn find(text: &str) -> Result<Self, CountryFault> {
        let strange = |c: char| !(c.is_alphabetic() || c.is_whitespace() || "-'’.,()".contains(c));
        if text.contains(strange) {
            return Err(CountryFault(text.to_owned()));
        }
        let wanted = postal_capitals(text);
        let wanted = if text.trim().is_empty() { "FR" } else { wanted.as_str() };
        let also = ALSO_CALLED.iter().find(|(name, _)| *name == wanted);
        let wanted = also.map_or(wanted, |(_, code)| code);
        let row = COUNTRIES.iter().find(|(code, name)| *code == wanted || *name == wanted);
        row.map(Self).ok_or_else(|| CountryFault(text.to_owned()))
    }

    /// The two-letter code.
    pub fn code(self) -> &'static str {
        self.0.0
    }

    /// The French name in capitals without accents, as printed.
    pub fn name(self) -> &'static str {
        self.0.1
    }

    /// Whether La Poste delivers there as at home: no country line is printed.
    pub fn in_french_post(self) -> bool {
        self.postcodes().is_some()
    }

    /// Whether a French postcode lies in this country or territory.
    pub fn has_postcode(self, postcode: &str) -> bool {
        self.postcodes().is_some_and(|starts| starts.iter().any(|start| postcode.starts_with(start)))
    }

    fn postcodes(self) -> Option<&'static [&'static str]> {
        FRENCH_POST.iter().find(|(code, _)| *code == self.code()).map(|(_, starts)| *starts)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_printable() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
        for (code, name) in COUNTRIES {
            assert_eq!(code.len(), 2);
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
