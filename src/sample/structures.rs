//! The structures that holders work in, and the identifiers of structures and holders.
//!
//! Takes dice, the family of a card and a département. Gives names and identifiers that go together.
//! Never a name longer than [`LONGEST_NAME`].

use super::dice::Dice;
use super::numbers;
use mail::card::CardFamily;

/// The longest name of a structure, in characters.
#[cfg(test)]
pub(super) const LONGEST_NAME: usize = 45;

const HOSPITALS: [&str; 10] = [
    "Centre hospitalier",
    "CHU",
    "Clinique",
    "EHPAD",
    "Hôpital",
    "CENTRE DE RÉÉDUCATION",
    "Polyclinique",
    "INSTITUT MÉDICO ÉDUC.",
    "SSIAD",
    "Laboratoire",
];
const PRACTICES: [&str; 6] =
    ["Cabinet médical", "Maison de santé", "CABINET", "Centre de santé", "SCM", "Cabinet paramédical"];
const PHARMACIES: [&str; 3] = ["Pharmacie", "PHARMACIE", "SELARL Pharmacie"];
const AUTHORISED: [&str; 6] =
    ["CPAM", "Mutuelle", "SERVICE DE SANTÉ", "Maison du handicap", "Éditeur", "RÉSEAU DE SANTÉ"];

#[rustfmt::skip]
const CALLED: [&str; 26] = [
    "des Tilleuls", "Les Glycines", "Saint-Éloi", "Notre-Dame", "du Bourg-Neuf", "de l'Étoile", "Val de Seine", "Pasteur",
    "de la Côte", "Les Œillets", "du Parc", "Sainte-Anne", "des Quais", "de l'Hôtel-Dieu", "du Marché", "L'Oasis",
    "Belle-Île", "des Trois Lys", "du Haÿ", "de Bretagne", "du Forez", "Les Érables", "Bel-Air", "Sud-Façade",
    "d'Armor", "du Vieux Pont",
];

/// Names that don't fit on a line of an address, and how they are shortened there.
const LONG_NAMES: [(&str, &str); 4] = [
    ("Centre hospitalier intercommunal du Vexin", "CHI DU VEXIN"),
    ("Groupement de coopération sanitaire Océan", "GCS OCEAN"),
    ("Établissement de santé mentale Sainte-Œuvre", "ESM SAINTE OEUVRE"),
    ("Maison de santé pluriprofessionnelle du Haÿ", "MSP DU HAY"),
];

/// A structure as a record names it, and as an address does.
#[derive(Clone)]
pub(super) struct Structure {
    /// The name in the record.
    pub name: String,
    /// The name on a line of an address.
    pub line: String,
    /// A post office, which has a SIRET of its own kind.
    pub post_office: bool,
}

impl Structure {
    /// Invents the structure of a card.
    pub fn invent(dice: &mut Dice, family: CardFamily, profession: &str) -> Structure {
        let authorised = matches!(family, CardFamily::Cpa | CardFamily::Cda);
        if authorised && dice.chance(150) {
            let name = format!("La Poste {}", dice.pick(&CALLED));
            return Structure { line: name.clone(), name, post_office: true };
        }
        if !authorised && dice.chance(40) {
            let (name, line) = dice.pick(&LONG_NAMES);
            return Structure { name: name.to_owned(), line: line.to_owned(), post_office: false };
        }
        let kind = match (family, profession) {
            _ if authorised => dice.pick(&AUTHORISED),
            (CardFamily::Cps, "21") if dice.chance(850) => dice.pick(&PHARMACIES),
            (CardFamily::Cps, _) if dice.chance(550) => dice.pick(&PRACTICES),
            _ => dice.pick(&HOSPITALS),
        };
        let name = format!("{kind} {}", dice.pick(&CALLED));
        Structure { line: name.clone(), name, post_office: false }
    }
}

/// The identifiers of a record: the holder's and the structure's, which may be missing.
pub(super) struct Identifiers {
    /// `PS_Id_nat`.
    pub holder: String,
    /// `Struct_IdNat`, or nothing.
    pub structure: String,
}

impl Identifiers {
    /// Draws identifiers that go together: a practice carries its holder's RPPS number, the staff of an establishment
    /// its establishment's number.
    pub fn draw(dice: &mut Dice, family: CardFamily, departement: &str, post_office: bool) -> Identifiers {
        match family {
            CardFamily::Cps => professional(dice, departement),
            CardFamily::Cpf => in_training(dice, departement),
            CardFamily::Cpe | CardFamily::Cde => establishment(dice, departement),
            CardFamily::Cpa | CardFamily::Cda => authorised(dice, departement, post_office),
        }
    }
}

fn professional(dice: &mut Dice, departement: &str) -> Identifiers {
    if dice.chance(110) {
        let structure = match dice.below(3) {
            0 => format!("0{}", numbers::adeli_practice(dice, departement)),
            1 => finess_or_siret(dice, departement),
            _ => String::new(),
        };
        return Identifiers { holder: format!("0{}", numbers::adeli(dice, departement)), structure };
    }
    let rpps = numbers::rpps(dice);
    let structure = match dice.below(100) {
        0..42 => finess_or_siret(dice, departement),
        42..62 => format!("4{}", numbers::rpps_rang(dice, &rpps)),
        62..74 => format!("3{}", numbers::siret(dice)),
        74..82 => format!("2{}", numbers::siren(dice)),
        _ => String::new(),
    };
    Identifiers { holder: format!("8{rpps}"), structure }
}

fn in_training(dice: &mut Dice, departement: &str) -> Identifiers {
    let structure = if dice.chance(650) { finess_or_siret(dice, departement) } else { String::new() };
    Identifiers { holder: format!("8{}", numbers::rpps(dice)), structure }
}

fn establishment(dice: &mut Dice, departement: &str) -> Identifiers {
    if dice.chance(120) {
        let rpps = numbers::rpps(dice);
        let practice = numbers::rpps_rang(dice, &rpps);
        let holder = format!("6{practice}/{}", register(dice));
        return Identifiers { holder, structure: format!("4{practice}") };
    }
    let structure = finess_or_siret(dice, departement);
    // For a person 3 is FINESS and 5 is SIRET; for a structure they are 1 and 3.
    let kind = if structure.starts_with('1') { '3' } else { '5' };
    Identifiers { holder: format!("{kind}{}/{}", &structure[1..], register(dice)), structure }
}

fn authorised(dice: &mut Dice, departement: &str, post_office: bool) -> Identifiers {
    if post_office {
        let siret = numbers::siret_of_la_poste(dice);
        return Identifiers {
            holder: format!("5{siret}/{}", register(dice)),
            structure: format!("3{siret}"),
        };
    }
    if dice.chance(120) {
        return establishment(dice, departement);
    }
    let siret = numbers::siret(dice);
    let structure = if dice.chance(450) { format!("2{}", &siret[..9]) } else { format!("3{siret}") };
    Identifiers { holder: format!("5{siret}/{}", register(dice)), structure }
}

/// What a structure calls its staff in its own register.
fn register(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => dice.digits(6),
        1 => format!("A{}", dice.digits(4)),
        2 => format!("{}.{}", dice.digits(3), dice.digits(2)),
        _ => dice.within(1, 99).to_string(),
    }
}

/// A FINESS number, four times in a hundred of another département than the address; a SIRET where FINESS has no
/// numbers, and sometimes elsewhere.
fn finess_or_siret(dice: &mut Dice, departement: &str) -> String {
    const ELSEWHERE: [&str; 5] = ["63", "75", "2A", "69", "971"];
    let departement = if dice.chance(40) { dice.pick(&ELSEWHERE) } else { departement };
    match numbers::finess(dice, departement).filter(|_| !dice.chance(60)) {
        Some(number) => format!("1{number}"),
        None => format!("3{}", numbers::siret(dice)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Purpose;
    use super::*;
    use mail::address::MAX_CHARACTERS;

    #[test]
    fn names_fit() {
        for record in 0..5000 {
            let dice = &mut Dice::new(2, record, Purpose::Record);
            let family = dice.pick(&CardFamily::ALL);
            let structure = Structure::invent(dice, family, "21");
            assert!(structure.name.chars().count() <= LONGEST_NAME, "{}", structure.name);
            assert!(structure.line.chars().count() <= MAX_CHARACTERS, "{}", structure.line);
        }
    }
}
