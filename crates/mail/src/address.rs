//! Postal addresses (NF Z 10-011).
//!
//! [`PostalAddress::build`] checks the six lines and the country of a record. It returns the address with warnings, or
//! every fault that would keep La Poste from delivering it. No line is cut or rewritten: only its spaces are tidied.

use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::text::{postal_capitals, tidy};
use foreign::is_unprintable;

mod fault;
mod french;
mod rewriting;

use fault::LINES;

pub use fault::{AddressFault, AddressWarning, MAX_CHARACTERS};

/// Where an address lies, as the post sorts and charges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PostalArea {
    /// Metropolitan France and Monaco.
    Domestic,
    /// The overseas départements and collectivities: postcodes 971 to 978, 984 and 986 to 988.
    Overseas,
    /// The armed forces: postcodes that begin with 00.
    Military,
    /// Abroad.
    Foreign,
}

impl PostalArea {
    /// `domestic`, `overseas`, `military` or `foreign`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Domestic => "domestic",
            Self::Overseas => "overseas",
            Self::Military => "military",
            Self::Foreign => "foreign",
        }
    }
}

/// An address that can be printed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PostalAddress {
    lines: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<Country>,
}

impl PostalAddress {
    /// Builds the address of a record. `raw` holds its six lines. `country` is a code or a name; empty is France.
    /// `recipient` becomes line 1 when the record left that empty.
    ///
    /// # Errors
    /// Every [`AddressFault`] of the address, in the order of its lines.
    pub fn build(
        raw: [&str; LINES],
        country: &str,
        recipient: &str,
    ) -> Result<(Self, Vec<AddressWarning>), Vec<AddressFault>> {
        let mut lines = raw.map(tidy);
        let mut warnings = Vec::new();
        let mut supplied = false;
        if lines[0].is_empty() && !recipient.is_empty() {
            lines[0] = tidy(recipient);
            supplied = true;
            warnings.push(AddressWarning::RecipientSupplied(lines[0].clone()));
        }
        let mut faults = line_faults(&lines, supplied);
        if lines[1..LINES - 1].iter().all(String::is_empty) && !french::is_cedex(&lines[LINES - 1]) {
            warnings.push(AddressWarning::NoStreet);
        }
        let country = Country::find(country);
        match &country {
            Ok(country) if country.in_french_post() => {
                faults.extend(french::faults(&lines));
                warnings.extend(french::warnings(&lines, *country));
            }
            Ok(_) => {}
            Err(fault) => faults.push(fault.clone().into()),
        }
        faults.sort_by_key(AddressFault::line);
        match country {
            Ok(country) if faults.is_empty() => {
                let country = Some(country).filter(|country| !country.in_french_post());
                let lines = lines.into_iter().filter(|line| !line.is_empty()).collect();
                Ok((Self { lines, country }, warnings))
            }
            _ => Err(faults),
        }
    }

    /// The printed lines, at most seven: the lines that are not empty, then the country of an address abroad.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str).chain(self.country.map(Country::name))
    }

    /// The printed lines without the country.
    pub(crate) fn own_lines(&self) -> &[String] {
        &self.lines
    }

    /// The address with these lines and this country, which another had.
    pub(crate) fn of_parts(lines: Vec<String>, country: Option<Country>) -> Self {
        Self { lines, country }
    }

    /// The country of an address abroad; `None` where La Poste delivers at the inland rate.
    pub fn country(&self) -> Option<Country> {
        self.country
    }

    /// The lines in postal capitals, each on its own line: the same for two addresses of one place, whatever their case and
    /// accents.
    pub fn place(&self) -> String {
        let mut place = String::new();
        for line in self.lines() {
            place.push_str(&postal_capitals(line));
            place.push('\n');
        }
        place
    }

    /// The postcode of a French address.
    pub fn postcode(&self) -> Option<&str> {
        if self.country.is_some() { None } else { self.lines.last()?.get(..5) }
    }

    /// Where the address lies.
    pub fn area(&self) -> PostalArea {
        match self.postcode().map(|postcode| postcode.split_at(2)) {
            None => PostalArea::Foreign,
            Some(("00", _)) => PostalArea::Military,
            Some(("98", rest)) if rest.starts_with('0') => PostalArea::Domestic,
            Some(("97" | "98", _)) => PostalArea::Overseas,
            Some(_) => PostalArea::Domestic,
        }
    }

    /// The locality of a French address: what follows the postcode on the last line.
    pub(crate) fn locality(&self) -> Option<&str> {
        if self.country.is_some() { None } else { self.lines.last()?.get(6..) }
    }

    /// The line above the last one: the special mention or lieu-dit where the address has one, else the street.
    pub(crate) fn line_before_last(&self) -> Option<&str> {
        self.lines.iter().rev().nth(1).map(String::as_str)
    }

    /// The département of a French address, see [`departement`].
    pub fn departement(&self) -> Option<&str> {
        departement(self.postcode()?)
    }
}

/// The département of a postcode: its first two digits, `2A` or `2B` in Corsica, three digits overseas and in Monaco.
/// `None` for the armed forces and for CEDEX offices in Corsica of which it is not known.
pub fn departement(postcode: &str) -> Option<&str> {
    match postcode.get(..3)? {
        "200" | "201" | "207" => Some("2A"),
        "202" | "204" | "206" => Some("2B"),
        corsica if corsica.starts_with("20") => None,
        overseas if overseas.starts_with("97") || overseas.starts_with("98") => Some(overseas),
        army if army.starts_with("00") => None,
        _ => postcode.get(..2),
    }
}

/// The faults that no line may have, whatever the country.
fn line_faults(lines: &[String; LINES], supplied: bool) -> Vec<AddressFault> {
    let mut faults = Vec::new();
    for (line, text) in (1..).zip(lines) {
        if let Some(character) = text.chars().find(|c| is_unprintable(*c)) {
            faults.push(AddressFault::Unprintable { line, character });
        }
        let length = text.chars().count();
        match line {
            _ if length <= MAX_CHARACTERS => {}
            1 if supplied => faults.push(AddressFault::RecipientLength(length)),
            _ => faults.push(AddressFault::Length { line, length }),
        }
    }
    if lines[LINES - 1].is_empty() {
        faults.push(AddressFault::LastLineMissing);
    }
    faults
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn french(lines: [&str; LINES]) -> Result<(PostalAddress, Vec<AddressWarning>), Vec<AddressFault>> {
        PostalAddress::build(lines, "", "Mme MARTIN Françoise")
    }

    fn routed(last: &str) -> Result<Option<String>, Vec<&'static str>> {
        let built = french(["MME MARTIN", "", "", "9 RUE HAUTE", "", last]);
        built
            .map(|(address, _)| address.departement().map(str::to_owned))
            .map_err(|faults| faults.iter().map(AddressFault::code).collect())
    }

    #[test]
    fn empty_lines_are_dropped_and_spaces_tidied() {
        let (address, warnings) =
            french([" ASIP  SANTE ", "Mme Durand", "", "9 RUE GEORGES PITARD", "", "75015   PARIS"])
                .expect("valid");
        let lines: Vec<_> = address.lines().collect();
        assert_eq!(lines, ["ASIP SANTE", "Mme Durand", "9 RUE GEORGES PITARD", "75015 PARIS"]);
        assert_eq!(address.postcode(), Some("75015"));
        assert_eq!(warnings, []);
    }

    #[test]
    fn postcodes_and_departements() {
        let good = [
            ("75015 PARIS", Some("75")),
            ("01000 BOURG EN BRESSE", Some("01")),
            ("20000 AJACCIO", Some("2A")),
            ("20137 PORTO VECCHIO", Some("2A")),
            ("20200 BASTIA", Some("2B")),
            ("20600 FURIANI", Some("2B")),
            ("97400 ST DENIS", Some("974")),
            ("98000 MONACO", Some("980")),
            ("00800 ARMEES", None),
            ("86963 FUTUROSCOPE CEDEX", Some("86")),
            ("38043 GRENOBLE CEDEX 9", Some("38")),
            ("59056 ROUBAIX CEDEX 1", Some("59")),
            ("20401 BASTIA CEDEX 9", Some("2B")),
            ("20704 AJACCIO CEDEX 9", Some("2A")),
            ("20303 AJACCIO CEDEX", None),
            ("97139 LES ABYMES CEDEX", Some("971")),
            ("98845 NOUMEA CEDEX", Some("988")),
            ("98713 PAPEETE", Some("987")),
            ("98600 UVEA", Some("986")),
        ];
        for (line, departement) in good {
            assert_eq!(routed(line), Ok(departement.map(str::to_owned)), "{line}");
        }
    }

    #[test]
    fn areas() {
        let area = |last, country| {
            PostalAddress::build(["A", "", "", "1 RUE", "", last], country, "")
                .map(|(address, _)| address.area().code())
        };
        for (last, country, wanted) in [
            ("75015 PARIS", "", "domestic"),
            ("20200 BASTIA", "", "domestic"),
            ("98000 MONACO", "MC", "domestic"),
            ("97110 POINTE A PITRE", "", "overseas"),
            ("98800 NOUMEA", "NC", "overseas"),
            ("00450 ARMEES", "", "military"),
            ("1050 BRUXELLES", "BE", "foreign"),
        ] {
            assert_eq!(area(last, country), Ok(wanted), "{last}");
        }
    }

    #[test]
    fn routing_lines_refused() {
        let bad = [
            ("", "address_last_line"),
            ("PARIS", "address_postcode"),
            ("75 015 PARIS", "address_postcode"),
            ("750155 PARIS", "address_postcode"),
            ("75015PARIS", "address_postcode"),
            ("75015", "address_locality"),
            ("75015 15", "address_locality"),
            ("96000 NULLE PART", "address_postcode_unknown"),
            ("99123 NULLE PART", "address_postcode_unknown"),
            ("20300 NULLE PART", "address_postcode_unknown"),
            ("98300 NULLE PART", "address_postcode_unknown"),
            ("96000 NULLE PART CEDEX", "address_postcode_unknown"),
            ("F 67000 STRASBOURG", "address_postcode"),
            ("AD500 ANDORRE LA VIEILLE", "address_postcode"),
            ("97900 NULLE PART", "address_postcode_unknown"),
            ("00000 NULLE PART", "address_postcode_unknown"),
            ("86963 CEDEX", "address_cedex"),
            ("86963 CEDEX FUTUROSCOPE", "address_cedex"),
            ("86963 FUTUROSCOPE CEDEX 123", "address_cedex"),
            ("86963 FUTUROSCOPE CEDEX A", "address_cedex"),
            ("86963 FUTUROSCOPE CEDEX9", "address_cedex"),
            ("75015 Paris", "address_character"),
            ("42000 SAINT-ETIENNE", "address_character"),
            ("42000 SAINT ÉTIENNE", "address_character"),
        ];
        for (line, code) in bad {
            assert_eq!(routed(line), Err(vec![code]), "{line}");
        }
    }

    #[test]
    fn the_wrong_character_is_named_with_what_to_write() {
        let faults =
            french(["MME MARTIN", "", "", "9, rue de l'Église", "", "75015 PARIS"]).expect_err("a comma");
        assert_eq!(faults[0].to_string(), "line 4 holds `,` at character 2; write `9 RUE DE L EGLISE`");
    }

    #[test]
    fn the_advice_on_a_line_is_accepted() {
        let lines = [
            ["9 RUE HAUTE", "F-67000 STRASBOURG"],
            ["9 RUE HAUTE", "F 67000 STRASBOURG"],
            ["9 RUE HAUTE", "MC-98000 MONACO"],
            ["12/14 RUE HAUTE", "63000 CLERMONT FERRAND"],
            ["9 RUE HAUTE", "63000.0 CLERMONT FERRAND"],
            ["9 RUE HAUTE", "42000 Saint-Étienne"],
        ];
        for [street, last] in lines {
            let faults = french(["MME MARTIN", "", "", street, "", last]).expect_err(last);
            let message = faults[0].to_string();
            let advised = message.rsplit("write `").next().and_then(|rest| rest.split('`').next());
            let advised = advised.unwrap_or_else(|| panic!("{message}"));
            let (street, last) = if faults[0].line() == 4 { (advised, last) } else { (street, advised) };
            let again = french(["MME MARTIN", "", "", street, "", last]);
            assert!(again.is_ok_and(|(_, warnings)| warnings.is_empty()), "{message}");
        }
    }

    #[test]
    fn a_recipient_that_is_too_long_is_no_fault_of_an_empty_line() {
        let lines = ["", "", "", "9 RUE HAUTE", "", "75015 PARIS"];
        let faults = PostalAddress::build(lines, "", &"X".repeat(39)).expect_err("too long");
        assert_eq!((faults[0].code(), faults[0].line()), ("address_length", 1));
        assert!(faults[0].to_string().starts_with("line 1 is empty, and the recipient's name"));
    }

    #[test]
    fn an_address_without_a_street_is_warned_of() {
        let codes = |last| {
            let (_, warnings) = french(["MME MARTIN", "", "", "", "", last]).expect("valid");
            warnings.iter().map(AddressWarning::code).collect::<Vec<_>>()
        };
        assert_eq!(codes("63000 CLERMONT FERRAND"), ["address_no_street"]);
        assert_eq!(codes("44093 NANTES CEDEX 1"), [""; 0]);
    }

    #[test]
    fn lower_case_on_line_4_is_only_a_warning() {
        let (_, warnings) = french(["MME MARTIN", "", "", "9 rue Haute", "", "75015 PARIS"]).expect("valid");
        assert_eq!(warnings[0].code(), "address_not_capitals");
        assert_eq!(warnings[0].line(), 4);
    }

    #[test]
    fn every_fault_of_an_address_is_reported() {
        let long = "X".repeat(39);
        let faults = french([&long, "a\u{7}b", "", "9-11 RUE HAUTE", "", "75015 Paris"]).expect_err("faulty");
        let found: Vec<_> = faults.iter().map(|fault| (fault.line(), fault.code())).collect();
        let wanted = [
            (1, "address_length"),
            (2, "address_unprintable"),
            (4, "address_character"),
            (6, "address_character"),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn thirty_eight_characters_fit() {
        assert!(french([&"É".repeat(38), "", "", "9 RUE HAUTE", "", "75015 PARIS"]).is_ok());
    }

    #[test]
    fn an_empty_line_1_is_supplied() {
        let (address, warnings) = french(["", "", "", "9 RUE HAUTE", "", "75015 PARIS"]).expect("valid");
        assert_eq!(address.lines().next(), Some("Mme MARTIN Françoise"));
        assert_eq!(warnings[0].code(), "address_recipient_supplied");
    }

    #[test]
    fn abroad_the_country_is_the_last_line() {
        let lines = ["MME MARTIN", "", "", "Rue de la Loi, 16", "", "1000 Bruxelles"];
        let (address, warnings) = PostalAddress::build(lines, "be", "").expect("valid");
        assert_eq!(address.lines().last(), Some("BELGIQUE"));
        assert_eq!((address.postcode(), address.departement()), (None, None));
        assert_eq!(warnings, []);
        let json = serde_json::to_string(&address).expect("json");
        assert_eq!(json, r#"{"lines":["MME MARTIN","Rue de la Loi, 16","1000 Bruxelles"],"country":"BE"}"#);
        assert_eq!(serde_json::from_str::<PostalAddress>(&json).expect("read back"), address);
    }

    #[test]
    fn abroad_still_needs_short_lines_and_a_last_one() {
        let long = "X".repeat(39);
        let faults = PostalAddress::build(["A", "", "", &long, "", ""], "Suisse", "").expect_err("faulty");
        let found: Vec<_> = faults.iter().map(AddressFault::code).collect();
        assert_eq!(found, ["address_length", "address_last_line"]);
        let faults = PostalAddress::build(["A", "", "", "B", "", "C"], "Atlantis", "").expect_err("faulty");
        assert_eq!((faults[0].line(), faults[0].code()), (7, "country_unknown"));
    }

    #[test]
    fn monaco_is_delivered_at_the_inland_rate() {
        let lines = ["A", "", "", "1 PLACE DU PALAIS", "", "98000 MONACO"];
        let (address, warnings) = PostalAddress::build(lines, "MC", "").expect("valid");
        assert_eq!((address.country(), warnings), (None, vec![]));
        let lines = ["A", "", "", "1 PLACE DU PALAIS", "", "06000 NICE"];
        let (_, warnings) = PostalAddress::build(lines, "Monaco", "").expect("valid");
        assert_eq!(warnings[0].code(), "country_mismatch");
    }

    proptest! {
        #[test]
        fn any_lines_are_judged_without_panic(lines in prop::array::uniform6("\\PC{0,45}|[0-9]{5} [A-Z ]{0,20}"),
                                              country in "|BE|\\PC{0,10}") {
            let lines = lines.each_ref().map(String::as_str);
            if let Ok((address, _)) = PostalAddress::build(lines, &country, "X") {
                prop_assert!(address.lines().count() <= 7);
                prop_assert!(address.lines().all(|line| !line.is_empty()));
            }
        }
    }
}
