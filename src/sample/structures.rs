//! The structures that holders work in, and the identifiers of structures and holders, which go together. No name is longer
//! than [`LONGEST_NAME`].

use super::numbers;
use super::random::Random;
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
const PROPER_NAMES: [&str; 26] = [
    "des Tilleuls", "Les Glycines", "Saint-Éloi", "Notre-Dame", "du Bourg-Neuf", "de l'Étoile", "Val de Seine", "Pasteur",
    "de la Côte", "Les Œillets", "du Parc", "Sainte-Anne", "des Quais", "de l'Hôtel-Dieu", "du Marché", "L'Oasis",
    "Belle-Île", "des Trois Lys", "du Haÿ", "de Bretagne", "du Forez", "Les Érables", "Bel-Air", "Sud-Façade",
    "d'Armor", "du Vieux Pont",
];

/// Names longer than a line of an address, with their short forms.
const LONG_NAMES: [(&str, &str); 4] = [
    ("Centre hospitalier intercommunal du Vexin", "CHI DU VEXIN"),
    ("Groupement de coopération sanitaire Océan", "GCS OCEAN"),
    ("Établissement de santé mentale Sainte-Œuvre", "ESM SAINTE OEUVRE"),
    ("Maison de santé pluriprofessionnelle du Haÿ", "MSP DU HAY"),
];

/// A structure, with its name in the record and in the address.
#[derive(Clone)]
pub(super) struct Structure {
    /// The name in the record.
    pub name: String,
    /// The name on a line of an address.
    pub line: String,
    /// Whether it is a post office, whose SIRET has another check rule.
    pub post_office: bool,
}

impl Structure {
    /// Invents the structure of a card.
    pub(super) fn invent(random: &mut Random, family: CardFamily, profession: &str) -> Structure {
        let authorised = matches!(family, CardFamily::Cpa | CardFamily::Cda);
        if authorised && random.chance(150) {
            let name = format!("La Poste {}", random.pick(&PROPER_NAMES));
            return Structure { line: name.clone(), name, post_office: true };
        }
        if !authorised && random.chance(40) {
            let (name, line) = random.pick(&LONG_NAMES);
            return Structure { name: name.to_owned(), line: line.to_owned(), post_office: false };
        }
        let kind = match (family, profession) {
            _ if authorised => random.pick(&AUTHORISED),
            (CardFamily::Cps, "21") if random.chance(850) => random.pick(&PHARMACIES),
            (CardFamily::Cps, _) if random.chance(550) => random.pick(&PRACTICES),
            _ => random.pick(&HOSPITALS),
        };
        let name = format!("{kind} {}", random.pick(&PROPER_NAMES));
        Structure { line: name.clone(), name, post_office: false }
    }
}

/// The identifiers of a record: the holder's and the structure's, which may be missing.
pub(super) struct Identifiers {
    /// `PS_Id_nat`.
    pub holder: String,
    /// `Struct_IdNat`; may be empty.
    pub structure: String,
}

impl Identifiers {
    /// Draws identifiers that go together: a practice carries its holder's RPPS number, the staff of an establishment
    /// its establishment's number.
    pub(super) fn draw(
        random: &mut Random,
        family: CardFamily,
        departement: &str,
        post_office: bool,
    ) -> Identifiers {
        match family {
            CardFamily::Cps => professional(random, departement),
            CardFamily::Cpf => in_training(random, departement),
            CardFamily::Cpe | CardFamily::Cde => establishment(random, departement),
            CardFamily::Cpa | CardFamily::Cda => authorised(random, departement, post_office),
        }
    }
}

fn professional(random: &mut Random, departement: &str) -> Identifiers {
    if random.chance(110) {
        let structure = match random.below(3) {
            0 => format!("0{}", numbers::adeli_practice(random, departement)),
            1 => finess_or_siret(random, departement),
            _ => String::new(),
        };
        return Identifiers { holder: format!("0{}", numbers::adeli(random, departement)), structure };
    }
    let rpps = numbers::rpps(random);
    let structure = match random.below(100) {
        0..42 => finess_or_siret(random, departement),
        42..62 => format!("4{}", numbers::rpps_rang(random, &rpps)),
        62..74 => format!("3{}", numbers::siret(random)),
        74..82 => format!("2{}", numbers::siren(random)),
        _ => String::new(),
    };
    Identifiers { holder: format!("8{rpps}"), structure }
}

fn in_training(random: &mut Random, departement: &str) -> Identifiers {
    let structure = if random.chance(650) { finess_or_siret(random, departement) } else { String::new() };
    Identifiers { holder: format!("8{}", numbers::rpps(random)), structure }
}

fn establishment(random: &mut Random, departement: &str) -> Identifiers {
    if random.chance(120) {
        let rpps = numbers::rpps(random);
        let practice = numbers::rpps_rang(random, &rpps);
        let holder = format!("6{practice}/{}", register(random));
        return Identifiers { holder, structure: format!("4{practice}") };
    }
    let structure = finess_or_siret(random, departement);
    // For a person 3 is FINESS and 5 is SIRET; for a structure they are 1 and 3.
    let kind = if structure.starts_with('1') { '3' } else { '5' };
    Identifiers { holder: format!("{kind}{}/{}", &structure[1..], register(random)), structure }
}

fn authorised(random: &mut Random, departement: &str, post_office: bool) -> Identifiers {
    if post_office {
        let siret = numbers::siret_of_la_poste(random);
        return Identifiers {
            holder: format!("5{siret}/{}", register(random)),
            structure: format!("3{siret}"),
        };
    }
    if random.chance(120) {
        return establishment(random, departement);
    }
    let siret = numbers::siret(random);
    let structure = if random.chance(450) { format!("2{}", &siret[..9]) } else { format!("3{siret}") };
    Identifiers { holder: format!("5{siret}/{}", register(random)), structure }
}

/// A number of a member of staff in the structure's own register.
fn register(random: &mut Random) -> String {
    match random.below(4) {
        0 => random.digits(6),
        1 => format!("A{}", random.digits(4)),
        2 => format!("{}.{}", random.digits(3), random.digits(2)),
        _ => random.within(1, 99).to_string(),
    }
}

/// A FINESS number, four in a hundred of another département than the address; a SIRET where FINESS has no numbers, and
/// sometimes elsewhere.
fn finess_or_siret(random: &mut Random, departement: &str) -> String {
    const ELSEWHERE: [&str; 5] = ["63", "75", "2A", "69", "971"];
    let departement = if random.chance(40) { random.pick(&ELSEWHERE) } else { departement };
    match numbers::finess(random, departement).filter(|_| !random.chance(60)) {
        Some(number) => format!("1{number}"),
        None => format!("3{}", numbers::siret(random)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Purpose;
    use super::*;
    use mail::address::MAX_CHARACTERS;

    #[test]
    fn names_fit() {
        for record in 0..5000 {
            let random = &mut Random::new(2, record, Purpose::Record);
            let family = random.pick(&CardFamily::ALL);
            let structure = Structure::invent(random, family, "21");
            assert!(structure.name.chars().count() <= LONGEST_NAME, "{}", structure.name);
            assert!(structure.line.chars().count() <= MAX_CHARACTERS, "{}", structure.line);
        }
    }
}
