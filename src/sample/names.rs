//! Names of invented people, combined from common first and last names. Every name fits the fields of both pieces: the line
//! that names the holder has at most [`LONGEST_LINE`] characters.

use super::random::Random;
use mail::holder::{Civility, Holder, Title};

/// The longest line that names a holder, in characters. Every built-in template has room for it.
pub(super) const LONGEST_LINE: usize = 45;

/// Last names in their usual spelling.
#[rustfmt::skip]
const LAST_NAMES: [&str; 148] = [
    "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent",
    "Simon", "Michel", "Lefebvre", "Leroy", "Roux", "David", "Bertrand", "Morel", "Fournier", "Girard",
    "Bonnet", "Dupont", "Lambert", "Fontaine", "Rousseau", "Vincent", "Muller", "Lefèvre", "Faure", "André",
    "Mercier", "Blanc", "Guérin", "Boyer", "Garnier", "Chevalier", "François", "Legrand", "Gauthier", "Garcia",
    "Perrin", "Robin", "Clément", "Morin", "Nicolas", "Henry", "Roussel", "Mathieu", "Gautier", "Masson",
    "Marchand", "Duval", "Denis", "Dumont", "Marie", "Lemaire", "Noël", "Meyer", "Dufour", "Meunier",
    "Brun", "Blanchard", "Giraud", "Joly", "Rivière", "Lucas", "Brunet", "Gaillard", "Barbier", "Arnaud",
    "Martinez", "Gérard", "Renard", "Schmitt", "Leclercq", "Picard", "Bourgeois", "Colin", "Vidal", "Aubert",
    "Lecomte", "Rolland", "Caron", "Fabre", "Delmas", "Bénard", "Éluard", "Écochard", "Étève", "Émery",
    "Évrard", "Çelik", "Çakir", "Besançon", "Garçonnet", "Lançon", "Œuvrard", "Lœuillet", "Bœuf", "Cœurdevey",
    "Faÿ", "Haÿs", "Ghÿs", "Loÿs", "L'Hôte", "L'Héritier", "L’Hermitte", "L'Huillier", "d'Aubigné", "D'Angelo",
    "d’Estrées", "N'Diaye", "M'Bengue", "O'Brien", "Ly", "Ba", "Vu", "Le", "Sy", "Hô",
    "Nguyên", "Trân", "Diallo", "Traoré", "Benali", "Haddad", "Cohen", "Lévy", "da Silva", "dos Santos",
    "Le Goff", "Le Gall", "Le Bihan", "Kerbrat", "Quéméneur", "Etchegaray", "Luciani", "Casanova", "Santoni", "Hoarau",
    "Payet", "Grondin", "Célestine", "Kanouté", "Wamytan", "Müller", "Strauß", "Øster",
];

/// Last names that are combined into double names.
#[rustfmt::skip]
const HALVES: [&str; 24] = [
    "Martin", "Dubois", "Lefèvre", "Noël", "Bœuf", "Étève", "Faÿ", "Rivière", "Besançon", "Guérin", "Roux", "Brun",
    "Clément", "Émery", "Vidal", "Joly", "Lévy", "Petit", "Duval", "Caron", "Traoré", "Ly", "Blanc", "Gérard",
];

/// Last names that leave little room, or none, for a first name in the 38 characters of the signed block.
#[rustfmt::skip]
const LONG_LAST_NAMES: [&str; 12] = [
    "de Villeneuve-Montlaur", "Lœuillet de La Motte-Aubry", "Rochebrune-Castelviel", "d'Hautefontaine de Broÿe",
    "Étchevarry-Larramendy", "Quéméneur-Kerguiduff", "de La Tour-Saint-Éloi", "Ramanantsoavina",
    "Papadimitrakopoulou", "Grandjean de L'Espinasse", "Çağlayan-Besançon", "Vanderstraeten-Cœurdevey",
];

/// First names for the long last names.
#[rustfmt::skip]
const LONG_FIRST_NAMES: [(Civility, &str); 8] = [
    (Civility::Mme, "Marie-Antoinette"), (Civility::Mme, "Anne-Charlotte"), (Civility::Mme, "Marie Françoise Zoé"),
    (Civility::Mme, "Éléonore-Bérengère"), (Civility::M, "Jean-Christophe"), (Civility::M, "Charles-Édouard"),
    (Civility::M, "Pierre-Emmanuel"), (Civility::M, "François-Xavier"),
];

/// First names that go with any last name.
const SHORT_FIRST_NAMES: [(Civility, &str); 6] = [
    (Civility::Mme, "Léa"),
    (Civility::Mme, "Zoé"),
    (Civility::Mme, "Ève"),
    (Civility::M, "Luc"),
    (Civility::M, "Guy"),
    (Civility::M, "Noé"),
];

/// First names of women.
#[rustfmt::skip]
const WOMEN: [&str; 64] = [
    "Marie", "Nathalie", "Isabelle", "Sylvie", "Catherine", "Françoise", "Valérie", "Christine", "Sandrine", "Céline",
    "Véronique", "Stéphanie", "Sophie", "Laurence", "Aurélie", "Émilie", "Julie", "Camille", "Hélène", "Élodie",
    "Anaïs", "Chloé", "Léa", "Manon", "Inès", "Jade", "Louise", "Zoé", "Maëlys", "Noémie",
    "Élise", "Ève", "Édith", "Agnès", "Solène", "Maëva", "Héloïse", "Gaëlle", "Anne-Sophie", "Marie-Claude",
    "Marie-Ange", "Anne Laure", "Fatima", "Aïcha", "Nadia", "Leïla", "Khadija", "Aminata", "Fatoumata", "Mai",
    "Thi Hông", "Ursula", "Ingrid", "Dolorès", "Concepción", "Lætitia", "Cunégonde", "Océane", "Clémence", "Apolline",
    "Sœurette", "Bérénice", "Joséphine", "Ô",
];

/// First names of men.
#[rustfmt::skip]
const MEN: [&str; 56] = [
    "Jean", "Philippe", "Michel", "Alain", "Patrick", "Nicolas", "Christophe", "Pierre", "Christian", "Éric",
    "Frédéric", "Laurent", "Stéphane", "David", "Pascal", "Daniel", "Alexandre", "Julien", "Thierry", "Olivier",
    "Bernard", "Thomas", "Sébastien", "Gérard", "Didier", "Dominique", "Vincent", "François", "Bruno", "Guillaume",
    "Jérôme", "Jacques", "Marc", "Maxime", "Romain", "Claude", "Antoine", "Franck", "Jean-Pierre", "Anthony",
    "Kévin", "Gilles", "Cédric", "Serge", "André", "Mathieu", "Benjamin", "Loïc", "Maël", "Noé",
    "Ilyès", "Mamadou", "Thành", "José", "Jean Baptiste", "Gaëtan",
];

/// Someone who holds a card.
#[derive(Clone)]
pub(super) struct Person {
    /// How the person is addressed.
    pub civility: Option<Civility>,
    /// The title of a doctor or professor.
    pub title: Option<Title>,
    /// The last name.
    pub last_name: String,
    /// The first name or names.
    pub first_name: String,
}

impl Person {
    /// Invents a person of a profession, or of none (an empty code).
    pub(super) fn invent(random: &mut Random, profession: &str) -> Person {
        let title = title(random, profession);
        let (civility, last_name, first_name) = match random.chance(25) {
            true => long_name(random),
            false => usual_name(random),
        };
        let civility = Some(civility).filter(|_| !random.chance(20));
        let last_name = if random.chance(700) { last_name.to_uppercase() } else { last_name };
        let mut person = Person { civility, title, last_name, first_name };
        if person.line().chars().count() > LONGEST_LINE {
            let (civility, first_name) = random.pick(&SHORT_FIRST_NAMES);
            person.civility = person.civility.map(|_| civility);
            first_name.clone_into(&mut person.first_name);
        }
        person
    }

    /// The line that names the person on a letter.
    pub(super) fn line(&self) -> String {
        let (last_name, first_name) = (self.last_name.clone(), self.first_name.clone());
        let holder = Holder::Named { civility: self.civility, title: self.title, last_name, first_name };
        holder.display_line("")
    }
}

fn title(random: &mut Random, profession: &str) -> Option<Title> {
    match profession {
        "10" if random.chance(40) => Some(Title::Pr),
        "10" | "40" => Some(Title::Dr).filter(|_| random.chance(850)),
        "21" => Some(Title::Dr).filter(|_| random.chance(400)),
        _ => None,
    }
}

fn usual_name(random: &mut Random) -> (Civility, String, String) {
    let last_name = match random.below(100) {
        0..8 => format!("{}-{}", random.pick(&HALVES), random.pick(&HALVES)),
        8..11 => format!("{} {}", random.pick(&HALVES), random.pick(&HALVES)),
        _ => random.pick(&LAST_NAMES).to_owned(),
    };
    match random.chance(640) {
        true => (Civility::Mme, last_name, random.pick(&WOMEN).to_owned()),
        false => (Civility::M, last_name, random.pick(&MEN).to_owned()),
    }
}

fn long_name(random: &mut Random) -> (Civility, String, String) {
    let (civility, first_name) = random.pick(&LONG_FIRST_NAMES);
    (civility, random.pick(&LONG_LAST_NAMES).to_owned(), first_name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::random::Purpose;
    use super::*;
    use mail::holder::check_name;

    #[test]
    fn every_name_is_one_and_fits() {
        for number in 0..20_000 {
            let person = Person::invent(&mut Random::new(5, number, Purpose::Record), "10");
            assert_eq!(check_name(&person.last_name), Ok(()));
            assert_eq!(check_name(&person.first_name), Ok(()));
            let line = person.line();
            assert!(line.chars().count() <= LONGEST_LINE, "{line}");
            assert!(line.split(' ').all(|word| word.chars().count() <= 26), "{line}");
        }
    }
}
