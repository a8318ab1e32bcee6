//! The holder of a card: a person, or only a structure.
//!
//! [`Holder::display_line`] is the line that names the holder on a piece. A name is never shortened: one that is too
//! long for its line is refused by the template or the address.

use serde::{Deserialize, Serialize};

use crate::text::{excerpt, is_latin_letter, look_alike, shown_character, shown_character_in};
use crate::{Language, Worded};

/// The longest last name or first name, in characters.
const MAX_NAME_CHARACTERS: usize = 60;

/// How a person is addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Civility {
    /// Monsieur.
    M,
    /// Madame.
    Mme,
}

impl Civility {
    /// Every civility.
    pub const ALL: [Self; 2] = [Self::M, Self::Mme];

    /// `M` or `MME`, as records and the signed block spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::M => "M",
            Self::Mme => "MME",
        }
    }

    /// `M.` or `Mme`, as a letter spells it.
    fn abbreviation(self) -> &'static str {
        match self {
            Self::M => "M.",
            Self::Mme => "Mme",
        }
    }
}

/// The title of a health professional; printed instead of the civility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Title {
    /// Docteur.
    Dr,
    /// Professeur.
    Pr,
}

impl Title {
    /// Every title.
    pub const ALL: [Self; 2] = [Self::Dr, Self::Pr];

    /// `DR` or `PR`, as records spell it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Dr => "DR",
            Self::Pr => "PR",
        }
    }

    /// `Dr` or `Pr`, as a letter spells it.
    fn abbreviation(self) -> &'static str {
        match self {
            Self::Dr => "Dr",
            Self::Pr => "Pr",
        }
    }
}

/// Who holds a card.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A person.
    Named {
        /// How the person is addressed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        civility: Option<Civility>,
        /// The person's title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<Title>,
        /// The last name, as the record spells it.
        last_name: String,
        /// The first name or names, as the record spells them.
        first_name: String,
    },
    /// Nobody: the card belongs to the structure (a CPE without a name).
    Structure,
}

impl Holder {
    /// The line that names the holder on a letter: title or else civility, last name in capitals, first name
    /// (`Dr MARTIN Françoise`). It is the organisation when the card has no person.
    pub fn display_line(&self, organisation: &str) -> String {
        match self {
            Self::Structure => organisation.to_owned(),
            Self::Named { civility, title, last_name, first_name } => {
                let address = title.map(Title::abbreviation).or(civility.map(Civility::abbreviation));
                let name = format!("{} {first_name}", last_name.to_uppercase());
                match address {
                    Some(address) => format!("{address} {name}"),
                    None => name,
                }
            }
        }
    }
}

/// What is wrong with a last name or a first name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// A character that no name has.
    #[error("the name holds {} at character {position}; {}", shown_character(*.character), name_advice(Language::English, .name))]
    Character {
        /// The name.
        name: String,
        /// The first such character.
        character: char,
        /// Its position in the name, from 1.
        position: usize,
    },
    /// No letter at all.
    #[error("`{}` has no letter; write the name in full", excerpt(.0))]
    NoLetter(String),
    /// More characters than a card or a letter has room for.
    #[error("the name has {0} characters; {MAX_NAME_CHARACTERS} is the most, so write its usual short form")]
    Length(usize),
}

impl NameFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Character { .. } => "name_character",
            Self::NoLetter(_) => "name_no_letter",
            Self::Length(_) => "name_length",
        }
    }
}

fn is_name_character(character: char) -> bool {
    is_latin_letter(character) || matches!(character, ' ' | '-' | '\'' | '’' | '.')
}

/// What to write instead of a name with a wrong character: the name itself where only look-alikes are wrong.
fn name_advice(language: Language, name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if is_name_character(c) { c } else { look_alike(c).unwrap_or(c) }).collect();
    match check_name(&plain) {
        Ok(()) => {
            let plain = excerpt(&plain);
            language.of(format!("écrivez «\u{A0}{plain}\u{A0}»"), format!("write `{plain}`"))
        }
        Err(_) => language
            .of(
                "n’employez que lettres latines, espaces, traits d’union, apostrophes et points",
                "write it with Latin letters, spaces, hyphens, apostrophes and full stops only",
            )
            .to_owned(),
    }
}

/// Checks that a text can be a last name or a first name.
///
/// # Errors
/// [`NameFault::Character`], [`NameFault::NoLetter`] or [`NameFault::Length`], checked in this order.
pub fn check_name(name: &str) -> Result<(), NameFault> {
    if let Some((character, position)) = name.chars().zip(1..).find(|(c, _)| !is_name_character(*c)) {
        return Err(NameFault::Character { name: name.to_owned(), character, position });
    }
    if !name.chars().any(char::is_alphabetic) {
        return Err(NameFault::NoLetter(name.to_owned()));
    }
    match name.chars().count() {
        length if length > MAX_NAME_CHARACTERS => Err(NameFault::Length(length)),
        _ => Ok(()),
    }
}

impl Worded for NameFault {
    fn french(&self) -> String {
        match self {
            Self::Character { name, character, position } => format!(
                "le nom contient {} en position {position}\u{202F}; {}",
                shown_character_in(Language::French, *character),
                name_advice(Language::French, name)
            ),
            Self::NoLetter(name) => {
                format!("«\u{A0}{}\u{A0}» n’a aucune lettre\u{202F}; écrivez le nom en entier", excerpt(name))
            }
            Self::Length(length) => format!(
                "le nom a {length} caractères\u{202F}; {MAX_NAME_CHARACTERS} au plus, écrivez donc sa forme courte habituelle"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(civility: Option<Civility>, title: Option<Title>) -> Holder {
        Holder::Named { civility, title, last_name: "Martin".into(), first_name: "Françoise".into() }
    }

    #[test]
    fn lines_of_a_letter() {
        let (mme, dr) = (Some(Civility::Mme), Some(Title::Dr));
        assert_eq!(named(mme, None).display_line(""), "Mme MARTIN Françoise");
        assert_eq!(named(mme, dr).display_line("CHU"), "Dr MARTIN Françoise");
        assert_eq!(named(Some(Civility::M), None).display_line(""), "M. MARTIN Françoise");
        assert_eq!(named(None, None).display_line(""), "MARTIN Françoise");
        assert_eq!(Holder::Structure.display_line("CHU DE NANTES"), "CHU DE NANTES");
    }

    #[test]
    fn names_people_have() {
        for name in
            ["LE GOFF", "d’Almeida", "O'Brien", "Œuvrard-Ÿvetot", "Jr.", "François", "Franc\u{327}ois"]
        {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_nobody_has() {
        for (name, code) in
            [("MARTIN2", "name_character"), ("Ã©lise", "name_character"), ("-", "name_no_letter")]
        {
            assert_eq!(check_name(name).map_err(|fault| fault.code()), Err(code), "{name}");
        }
        for (name, words) in [
            ("d`Almeida", "the backtick U+0060 at character 2; write `d'Almeida`"),
            ("MARTIN‐DURAND", "`‐` (U+2010) at character 7; write `MARTIN-DURAND`"),
            ("R2D2", "`2` at character 2; write it with Latin letters"),
        ] {
            let fault = check_name(name).expect_err(name).to_string();
            assert!(fault.ends_with(words) || fault.contains(words), "{fault}");
        }
        assert_eq!(check_name(&"É".repeat(60)), Ok(()));
        assert_eq!(check_name(&"É".repeat(61)), Err(NameFault::Length(61)));
    }

    #[test]
    fn serde_writes_the_codes() {
        assert_eq!(serde_json::to_string(&Civility::Mme).expect("json"), "\"MME\"");
    }
}
