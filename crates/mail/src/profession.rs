//! The professions of card holders (TRE_G15, version of 28 March 2025).
//!
//! A profession that the nomenclature has closed does not parse.

use serde::{Deserialize, Serialize};

use crate::Worded;
use crate::text::excerpt;

/// The authority of the professions without an Order.
const ARS: &str = "Agence régionale de santé";

const MEDECINS: &str = "Ordre national des médecins";
const PHARMACIENS: &str = "Ordre national des pharmaciens";
const DENTISTES: &str = "Ordre national des chirurgiens-dentistes";
const SAGES_FEMMES: &str = "Ordre national des sages-femmes";
const INFIRMIERS: &str = "Ordre national des infirmiers";
const KINESITHERAPEUTES: &str = "Ordre des masseurs-kinésithérapeutes";
const PODOLOGUES: &str = "Ordre national des pédicures-podologues";

/// A row of the nomenclature: code, French name, Order.
type Row = (&'static str, &'static str, Option<&'static str>);

/// The open professions, by code. 93 is accepted: the nomenclature lists it for the cards of psychologists.
const OPEN: [Row; 25] = [
    ("10", "Médecin", Some(MEDECINS)),
    ("21", "Pharmacien", Some(PHARMACIENS)),
    ("26", "Audioprothésiste", None),
    ("28", "Opticien-lunetier", None),
    ("31", "Assistant dentaire", None),
    ("32", "Physicien médical", None),
    ("40", "Chirurgien-dentiste", Some(DENTISTES)),
    ("50", "Sage-femme", Some(SAGES_FEMMES)),
    ("60", "Infirmier", Some(INFIRMIERS)),
    ("69", "Infirmier psychiatrique", Some(INFIRMIERS)),
    ("70", "Masseur-kinésithérapeute", Some(KINESITHERAPEUTES)),
    ("80", "Pédicure-podologue", Some(PODOLOGUES)),
    ("81", "Orthoprothésiste", None),
    ("82", "Podo-orthésiste", None),
    ("83", "Orthopédiste-orthésiste", None),
    ("84", "Oculariste", None),
    ("85", "Épithésiste", None),
    ("86", "Technicien de laboratoire médical", None),
    ("91", "Orthophoniste", None),
    ("92", "Orthoptiste", None),
    ("93", "Psychologue", None),
    ("94", "Ergothérapeute", None),
    ("95", "Diététicien", None),
    ("96", "Psychomotricien", None),
    ("98", "Manipulateur d'électroradiologie médicale", None),
];

/// The professions closed on 13 December 2024.
const CLOSED: [(&str, &str); 5] = [
    ("35", "aide-soignant"),
    ("36", "ambulancier"),
    ("37", "auxiliaire de puériculture"),
    ("38", "préparateur en pharmacie hospitalière"),
    ("39", "préparateur en pharmacie"),
];

/// An open profession of the nomenclature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Profession(&'static Row);

/// What is wrong with a profession code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfessionFault {
    /// A code that the nomenclature does not have.
    #[error("`{}` is no profession of TRE_G15; write its two digits, such as 10 for médecin", excerpt(.0))]
    Unknown(String),
    /// A code that the nomenclature has closed.
    #[error(
        "profession {code} ({label}) was closed on 13 December 2024; write the code that replaced it, or end the card"
    )]
    Deprecated {
        /// The code.
        code: &'static str,
        /// Its French name.
        label: &'static str,
    },
}

impl ProfessionFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "profession_unknown",
            Self::Deprecated { .. } => "profession_deprecated",
        }
    }
}

impl Profession {
    /// Reads a two-digit code of TRE_G15.
    ///
    /// # Errors
    /// [`ProfessionFault::Deprecated`] if the code is closed, [`ProfessionFault::Unknown`] if the nomenclature never had it.
    pub fn parse(code: &str) -> Result<Self, ProfessionFault> {
        if let Some(row) = OPEN.iter().find(|row| row.0 == code) {
            return Ok(Self(row));
        }
        match CLOSED.iter().find(|row| row.0 == code) {
            Some((code, label)) => Err(ProfessionFault::Deprecated { code, label }),
            None => Err(ProfessionFault::Unknown(code.to_owned())),
        }
    }

    /// Every open profession, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        OPEN.iter().map(Self)
    }

    /// The two digits.
    pub fn code(self) -> &'static str {
        self.0.0
    }

    /// The French name, such as `Médecin`.
    pub fn label(self) -> &'static str {
        self.0.1
    }

    /// The Order that holds the register of the profession, if it has one.
    pub fn order(self) -> Option<&'static str> {
        self.0.2
    }

    /// The Order, or else the regional health agency.
    pub fn authority(self) -> &'static str {
        self.order().unwrap_or(ARS)
    }
}

impl TryFrom<String> for Profession {
    type Error = ProfessionFault;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::parse(&code)
    }
}

impl From<Profession> for String {
    fn from(profession: Profession) -> Self {
        profession.code().to_owned()
    }
}

impl Worded for ProfessionFault {
    fn french(&self) -> String {
        match self {
            Self::Unknown(code) => format!(
                "«\u{A0}{}\u{A0}» n’est pas une profession de TRE_G15\u{202F}; écrivez ses deux chiffres, comme 10 pour médecin",
                excerpt(code)
            ),
            Self::Deprecated { code, label } => format!(
                "la profession {code} ({label}) est close depuis le 13 décembre 2024\u{202F}; écrivez le code qui l’a remplacée, ou mettez fin à la carte"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_professions() {
        let doctor = Profession::parse("10").expect("open");
        assert_eq!((doctor.label(), doctor.order()), ("Médecin", Some("Ordre national des médecins")));
        assert_eq!(Profession::parse("93").map(Profession::authority), Ok(ARS));
        assert!(Profession::all().all(|p| Profession::parse(p.code()) == Ok(p)));
        assert!(Profession::all().is_sorted_by_key(Profession::code));
    }

    #[test]
    fn closed_and_unknown_professions() {
        for code in ["35", "36", "37", "38", "39"] {
            assert_eq!(Profession::parse(code).map_err(|f| f.code()), Err("profession_deprecated"));
        }
        for code in ["", "1", "100", "é", "99"] {
            assert_eq!(Profession::parse(code).map_err(|f| f.code()), Err("profession_unknown"));
        }
    }

    #[test]
    fn the_seven_orders() {
        let mut orders: Vec<_> = Profession::all().filter_map(Profession::order).collect();
        orders.sort_unstable();
        orders.dedup();
        assert_eq!(orders.len(), 7);
    }
}
