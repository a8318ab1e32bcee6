//! National identifiers of persons (`PS_Id_nat`) and of structures (`Struct_IdNat`).
//!
//! An identifier is a type digit and a number. Its parser checks every digit and changes none. The two tables of types
//! differ: `3` is FINESS for a person and SIRET for a structure.

use std::fmt;

mod numbers;
mod person;
mod structure;

pub use numbers::{
    NumberFault, finess_key, finess_valid, luhn_key, rpps_rang_valid, rpps_valid, siren_valid, siret_valid,
};
pub use person::{PsIdNat, PsIdNatFault, PsIdNatKind};
pub use structure::{StructureId, StructureIdFault, StructureIdKind};

/// Conversions of an identifier from and to text.
macro_rules! text_conversions {
    ($identifier:ty, $fault:ty) => {
        impl fmt::Display for $identifier {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl TryFrom<String> for $identifier {
            type Error = $fault;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$identifier> for String {
            fn from(identifier: $identifier) -> Self {
                identifier.as_str().to_owned()
            }
        }
    };
}

text_conversions!(PsIdNat, PsIdNatFault);
text_conversions!(StructureId, StructureIdFault);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn persons() {
        let good = [
            ("810005678908", PsIdNatKind::Rpps),
            ("00B1055421", PsIdNatKind::Adeli),
            ("101234567801/12", PsIdNatKind::AdeliPractice),
            ("3010000024/A.b_c-9", PsIdNatKind::Finess),
            ("4732829320/1", PsIdNatKind::Siren),
            ("573282932000074/0042", PsIdNatKind::Siret),
            ("610003879623017/7", PsIdNatKind::RppsPractice),
        ];
        for (text, kind) in good {
            assert_eq!(PsIdNat::parse(text).map(|id| id.kind()), Ok(kind), "{text}");
        }
    }

    #[test]
    fn persons_refused() {
        let bad = [
            ("", "ps_id_nat_type"),
            ("710005678908", "ps_id_nat_type"),
            ("é10005678908", "ps_id_nat_type"),
            ("2123456789", "ps_id_nat_deprecated_type"),
            ("9123456789", "ps_id_nat_deprecated_type"),
            ("10jean@medecin.mssante.fr", "ps_id_nat_not_on_cards"),
            ("30123456", "ps_id_nat_not_on_cards"),
            ("810005678901", "ps_id_nat_check_digit"),
            ("81000567890", "ps_id_nat_length"),
            ("81000567890B", "ps_id_nat_character"),
            ("00b1055421", "ps_id_nat_character"),
            ("0é", "ps_id_nat_character"),
            ("810005678908/1", "ps_id_nat_internal_id"),
            ("3630781003", "ps_id_nat_internal_id"),
            ("3630781003/", "ps_id_nat_internal_id"),
            ("3630781003/a/b", "ps_id_nat_internal_id"),
            ("3630781003/123456789012345678901", "ps_id_nat_internal_id"),
            ("3630781004/1", "ps_id_nat_check_digit"),
            ("3961781003/1", "ps_id_nat_departement"),
            ("3631781002/1", "ps_id_nat_third_character"),
            ("10005678908", "ps_id_nat_bare"),
            ("10005678901", "ps_id_nat_check_digit"),
            ("310099991", "ps_id_nat_bare"),
            ("010055421", "ps_id_nat_bare"),
            ("800000000000", "ps_id_nat_zeros"),
            ("0000000000", "ps_id_nat_zeros"),
            ("4000000000/1", "ps_id_nat_zeros"),
            ("500000000000000/1", "ps_id_nat_zeros"),
            ("3000000000/1", "ps_id_nat_zeros"),
            ("600000000000000/1", "ps_id_nat_zeros"),
            ("100000000000/1", "ps_id_nat_zeros"),
            ("511122233344455/1", "ps_id_nat_check_digit"),
        ];
        for (text, code) in bad {
            assert_eq!(PsIdNat::parse(text).map_err(|fault| fault.code()), Err(code), "{text}");
        }
    }

    #[test]
    fn structures() {
        let good = [
            ("1630781003", Some("63")),
            ("12B0000020", Some("2B")),
            ("2732829320", None),
            ("373282932000074", None),
            ("012345678901", None),
            ("410003879623017", None),
        ];
        for (text, departement) in good {
            let id = StructureId::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            assert_eq!(id.departement(), departement, "{text}");
        }
    }

    #[test]
    fn the_advice_on_a_bare_number_is_accepted() {
        let advised = |message: String| message.rsplit('`').nth(1).expect("an identifier").to_owned();
        for bare in ["10005678908", "310099991"] {
            let fault = PsIdNat::parse(bare).expect_err("bare").to_string();
            assert!(PsIdNat::parse(&advised(fault)).is_ok(), "{bare}");
        }
        for bare in ["73282932000074", "732829320", "2B0000020"] {
            let fault = StructureId::parse(bare).expect_err("bare").to_string();
            assert!(StructureId::parse(&advised(fault)).is_ok(), "{bare}");
        }
    }

    #[test]
    fn overseas_structures_know_their_departement() {
        for (body, departement) in [("97010000", "971"), ("97040000", "974"), ("98050000", "976")] {
            let key = finess_key(body).expect("digits");
            let id = StructureId::parse(&format!("1{body}{key}")).expect("valid");
            assert_eq!(id.departement(), Some(departement));
        }
    }

    #[test]
    fn structures_refused() {
        let bad = [
            ("", "structure_id_type"),
            ("7630781003", "structure_id_type"),
            ("5630781003", "structure_id_deprecated_type"),
            ("6630781003", "structure_id_deprecated_type"),
            ("40123", "structure_id_not_on_cards"),
            ("41ABC", "structure_id_not_on_cards"),
            ("410003879623018", "structure_id_check_digit"),
            ("163078100", "structure_id_length"),
            ("1630781003/4", "structure_id_character"),
            ("1630781004", "structure_id_check_digit"),
            ("2000000000", "structure_id_zeros"),
            ("300000000000000", "structure_id_zeros"),
            ("400000000000000", "structure_id_zeros"),
            ("1000000000", "structure_id_zeros"),
            ("311122233344455", "structure_id_check_digit"),
            ("73282932000074", "structure_id_bare"),
            ("732829320", "structure_id_bare"),
            ("630781003", "structure_id_bare"),
        ];
        for (text, code) in bad {
            assert_eq!(StructureId::parse(text).map_err(|fault| fault.code()), Err(code), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_finess_key_makes_its_body_valid(departement in "(0[1-9]|[3-8][0-9]|2[AB])", order in "[0-9]{5}") {
            let body = format!("{departement}0{order}");
            let key = finess_key(&body).expect("a body");
            let number = format!("{body}{key}");
            prop_assert!(finess_valid(&number));
            let text = format!("1{number}");
            prop_assert_eq!(StructureId::parse(&text).expect("valid").to_string(), text);
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,30}") {
            let _ = PsIdNat::parse(&text);
            let _ = StructureId::parse(&text);
            let _ = (siret_valid(&text), rpps_rang_valid(&text), luhn_key(&text), finess_key(&text));
        }
    }
}
