//! Where samples are sent: localities with their postcodes, streets, residences, hamlets. Localities are real, the lines
//! before them are random.

use super::random::Random;

/// The kind of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressKind {
    /// A street in a town.
    Street,
    /// A post office for companies: a BP or CS, and CEDEX.
    Cedex,
    /// A hamlet, with or without a street.
    Hamlet,
    /// A postal sector of the armed forces.
    Army,
    /// Another country.
    Abroad,
}

/// The last line of an address, with its kind and country.
#[derive(Debug, Clone)]
pub(super) struct Locality {
    /// The kind of address.
    pub kind: AddressKind,
    /// Postcode and locality.
    pub last_line: String,
    /// The country; empty in France.
    pub country: &'static str,
}

/// Postcode and locality, with the country.
type LastLine = (&'static str, &'static str);

#[rustfmt::skip]
const TOWNS: [&str; 70] = [
    "01000 BOURG EN BRESSE", "02100 SAINT QUENTIN", "03200 VICHY", "05000 GAP", "06000 NICE", "06400 CANNES",
    "07200 AUBENAS", "08000 CHARLEVILLE MEZIERES", "10000 TROYES", "11000 CARCASSONNE", "12000 RODEZ",
    "13100 AIX EN PROVENCE", "14000 CAEN", "15000 AURILLAC", "16000 ANGOULEME", "17000 LA ROCHELLE", "18000 BOURGES",
    "19100 BRIVE LA GAILLARDE", "21000 DIJON", "22000 SAINT BRIEUC", "24000 PERIGUEUX", "25000 BESANCON",
    "26000 VALENCE", "27000 EVREUX", "28000 CHARTRES", "29200 BREST", "30000 NIMES", "31000 TOULOUSE", "32000 AUCH",
    "33000 BORDEAUX", "34000 MONTPELLIER", "35000 RENNES", "37000 TOURS", "38000 GRENOBLE", "39000 LONS LE SAUNIER",
    "40100 DAX", "42000 SAINT ETIENNE", "44000 NANTES", "45000 ORLEANS", "49000 ANGERS", "50100 CHERBOURG EN COTENTIN",
    "51100 REIMS", "54000 NANCY", "56000 VANNES", "57000 METZ", "59000 LILLE", "59491 VILLENEUVE D ASCQ",
    "62200 BOULOGNE SUR MER", "63000 CLERMONT FERRAND", "64100 BAYONNE", "65000 TARBES", "66000 PERPIGNAN",
    "67000 STRASBOURG", "68100 MULHOUSE", "71100 CHALON SUR SAONE", "72000 LE MANS", "73000 CHAMBERY", "74000 ANNECY",
    "76600 LE HAVRE", "78000 VERSAILLES", "80000 AMIENS", "83000 TOULON", "84000 AVIGNON", "85000 LA ROCHE SUR YON",
    "86000 POITIERS", "87000 LIMOGES", "88100 SAINT DIE DES VOSGES", "92130 ISSY LES MOULINEAUX", "93200 SAINT DENIS",
    "94270 LE KREMLIN BICETRE",
];

#[rustfmt::skip]
const HAMLETS: [&str; 14] = [
    "04420 LE BRUSQUET", "09140 AULUS LES BAINS", "12780 VEZINS DE LEVEZOU", "23260 CROCQ", "29450 COMMANA",
    "38270 SAINT BARTHELEMY DE BEAUREPAIRE", "39130 BONLIEU", "43150 LE MONASTIER SUR GAZEILLE", "48160 LE COLLET DE DEZE",
    "52190 LE MONTSAUGEONNAIS", "63850 EGLISENEUVE D ENTRAIGUES", "74340 SAMOENS", "80860 NOUVION", "89630 QUARRE LES TOMBES",
];

#[rustfmt::skip]
const CEDEX: [&str; 21] = [
    "06003 NICE CEDEX 1", "13385 MARSEILLE CEDEX 5", "14033 CAEN CEDEX 9", "21079 DIJON CEDEX", "25030 BESANCON CEDEX",
    "29609 BREST CEDEX", "31059 TOULOUSE CEDEX 9", "33076 BORDEAUX CEDEX", "34295 MONTPELLIER CEDEX 5",
    "35033 RENNES CEDEX 9", "38043 GRENOBLE CEDEX 9", "44093 NANTES CEDEX 1", "54035 NANCY CEDEX", "59037 LILLE CEDEX",
    "63003 CLERMONT FERRAND CEDEX 1", "67091 STRASBOURG CEDEX", "69437 LYON CEDEX 03", "75651 PARIS CEDEX 13",
    "76801 SAINT ETIENNE DU ROUVRAY CEDEX 1", "86963 FUTUROSCOPE CHASSENEUIL CEDEX", "92055 PARIS LA DEFENSE CEDEX",
];

#[rustfmt::skip]
const CORSICA: [&str; 8] = [
    "20000 AJACCIO", "20090 AJACCIO", "20100 SARTENE", "20137 PORTO VECCHIO", "20200 BASTIA", "20250 CORTE",
    "20260 CALVI", "20600 FURIANI",
];

const OVERSEAS: [LastLine; 12] = [
    ("97110 POINTE A PITRE", "GP"),
    ("97122 BAIE MAHAULT", "GUADELOUPE"),
    ("97200 FORT DE FRANCE", "MQ"),
    ("97232 LE LAMENTIN", "MARTINIQUE"),
    ("97300 CAYENNE", "GF"),
    ("97320 SAINT LAURENT DU MARONI", "Guyane"),
    ("97400 SAINT DENIS", "RE"),
    ("97410 SAINT PIERRE", "La Réunion"),
    ("97420 LE PORT", ""),
    ("97600 MAMOUDZOU", "YT"),
    ("97150 SAINT MARTIN", "MF"),
    ("97500 SAINT PIERRE ET MIQUELON", "PM"),
];

const PACIFIC: [LastLine; 5] = [
    ("98800 NOUMEA", "NC"),
    ("98835 DUMBEA", "NOUVELLE CALEDONIE"),
    ("98850 KOUMAC", ""),
    ("98714 PAPEETE", "PF"),
    ("98600 UVEA", "WF"),
];

const MONACO: [LastLine; 2] = [("98000 MONACO", "MC"), ("98000 MONACO", "")];

const ARMY: [&str; 4] = ["00200 ARMEES", "00310 ARMEES", "00450 ARMEES", "00864 ARMEES"];

#[rustfmt::skip]
const ABROAD: [LastLine; 12] = [
    ("1050 BRUXELLES", "BE"), ("4000 LIÈGE", "BELGIQUE"), ("1207 GENÈVE", "CH"), ("1003 LAUSANNE", "Suisse"),
    ("L-1728 LUXEMBOURG", "LU"), ("66117 SAARBRÜCKEN", "ALLEMAGNE"), ("10123 TORINO TO", "IT"),
    ("08002 BARCELONA", "ESPAGNE"), ("LONDON SW1A 9ZZ", "ROYAUME-UNI"), ("MONTRÉAL QC H2X 9Z9", "CANADA"),
    ("20250 CASABLANCA", "MA"), ("1000-999 LISBOA", "PT"),
];

/// Streets; with the longest number and way no line is longer than 38 characters.
#[rustfmt::skip]
pub(super) const STREETS: [&str; 40] = [
    "DES LILAS", "VICTOR HUGO", "DE LA REPUBLIQUE", "JEAN JAURES", "DU 8 MAI 1945", "DE L EGLISE", "DU MOULIN",
    "PASTEUR", "DE LA GARE", "GAMBETTA", "DES ECOLES", "DU GENERAL LECLERC", "DE VERDUN", "DU CHATEAU", "DE LA MAIRIE",
    "DES ACACIAS", "CARNOT", "EMILE ZOLA", "DE LA FONTAINE", "DES CHAMPS", "MARIE CURIE", "GEORGES PITARD",
    "DU FAUBOURG", "SAINT MICHEL", "D ALSACE", "DES TILLEULS", "PAUL BERT", "NOTRE DAME", "DE BRETAGNE", "DU PORT",
    "DES PYRENEES", "ARISTIDE BRIAND", "DE LA LIBERATION", "DU STADE", "DES CORDELIERS", "JULES FERRY", "DU PUITS",
    "DE LA PAIX", "DES VIGNES", "ANTOINE PARMENTIER",
];

/// Kinds of street, most of them streets.
#[rustfmt::skip]
pub(super) const WAYS: [(u32, &str); 11] = [
    (45, "RUE"), (15, "AVENUE"), (8, "BOULEVARD"), (7, "PLACE"), (7, "CHEMIN"), (6, "IMPASSE"), (5, "ALLEE"),
    (3, "ROUTE"), (2, "QUAI"), (1, "COURS"), (1, "SQUARE"),
];

/// Streets abroad, written as in their country.
#[rustfmt::skip]
pub(super) const STREETS_ABROAD: [&str; 8] = [
    "12, avenue Louise", "Rue de la Pépinière 4", "Königstraße 27", "Calle Mayor, 8-2º", "Via San Carlo, 31",
    "221 Saint Catherine Street", "5 bis, boulevard d'Anfa", "Rua da Prata 118",
];

/// Hamlets.
#[rustfmt::skip]
pub(super) const LIEUX_DITS: [&str; 12] = [
    "LE MOULIN NEUF", "LA CROIX BLANCHE", "LES QUATRE VENTS", "LE BOURG", "KERANGUEN", "LA GRANGE AUX LOUPS",
    "LES HAUTES TERRES", "LE MAS SAINT JEAN", "LIEU DIT PRE COMMUN", "LA VIEILLE EGLISE", "CAMPAGNE BEL AIR",
    "LE PETIT BOIS",
];

/// Buildings and residences, in capitals or as people write them.
#[rustfmt::skip]
pub(super) const BUILDINGS: [&str; 14] = [
    "RESIDENCE LES OLIVIERS", "BATIMENT C", "IMMEUBLE LE MERIDIEN", "RESIDENCE DU PARC BATIMENT B2",
    "Résidence « Les Érables »", "ENTREE A BATIMENT JONQUILLE", "TOUR EUROPE", "ESCALIER 3", "Bât. 4 – Entrée D",
    "VILLA LES EMBRUNS", "ZONE ARTISANALE DES PRES", "PARC D ACTIVITES DE LA MADELEINE", "LE CLOS DE L'ABBAYE", "HLM LES PINS",
];

/// Lines of exactly 38 characters, the most that fit: delivery points, residences, streets.
pub(super) const FULL_POINTS: [&str; 2] =
    ["APPARTEMENT 1204 ETAGE 12 COULOIR NORD", "CHEZ MONSIEUR ET MADAME LANGLOIS AINES"];
/// Residences of exactly 38 characters.
pub(super) const FULL_BUILDINGS: [&str; 3] = [
    "RESIDENCE LES TERRASSES DE LA FONTAINE",
    "Résidence « L'Orée du Bois » – Bât. B2",
    "IMMEUBLE LE GRAND PAVOIS ENTREE B HALL",
];
/// Streets of exactly 38 characters.
pub(super) const FULL_STREETS: [&str; 3] = [
    "128 B BOULEVARD DES FRERES MONTGOLFIER",
    "17 AVENUE DU GENERAL DE GAULLE PROLONG",
    "45 T RUE DES ANCIENS COMBATTANTS D AFN",
];

impl Locality {
    /// Draws any locality.
    pub(super) fn draw(random: &mut Random) -> Locality {
        match random.below(1000) {
            0..560 => Locality::town(random),
            560..700 => Locality::arrondissement(random),
            700..820 => Locality::of(AddressKind::Cedex, random.pick(&CEDEX), ""),
            820..865 => Locality::of(AddressKind::Hamlet, random.pick(&HAMLETS), ""),
            865..895 => Locality::of(AddressKind::Street, random.pick(&CORSICA), ""),
            895..955 => Locality::with_country(AddressKind::Street, random.pick(&OVERSEAS)),
            955..967 => Locality::with_country(AddressKind::Street, random.pick(&PACIFIC)),
            967..973 => Locality::with_country(AddressKind::Street, random.pick(&MONACO)),
            973..980 => Locality::of(AddressKind::Army, random.pick(&ARMY), ""),
            _ => Locality::with_country(AddressKind::Abroad, random.pick(&ABROAD)),
        }
    }

    /// Draws a street in a town of metropolitan France.
    pub(super) fn town(random: &mut Random) -> Locality {
        Locality::of(AddressKind::Street, random.pick(&TOWNS), "")
    }

    /// Draws an arrondissement of Paris, Lyon or Marseille.
    fn arrondissement(random: &mut Random) -> Locality {
        let last_line = match random.below(10) {
            0..6 if random.chance(40) => "75116 PARIS".to_owned(),
            0..6 => format!("750{:02} PARIS", random.within(1, 20)),
            6..8 => format!("690{:02} LYON", random.within(1, 9)),
            _ => format!("130{:02} MARSEILLE", random.within(1, 16)),
        };
        Locality { kind: AddressKind::Street, last_line, country: "" }
    }

    fn of(kind: AddressKind, last_line: &str, country: &'static str) -> Locality {
        Locality { kind, last_line: last_line.to_owned(), country }
    }

    fn with_country(kind: AddressKind, (last_line, country): LastLine) -> Locality {
        Locality::of(kind, last_line, country)
    }

    /// The postcode, in France.
    pub(super) fn postcode(&self) -> Option<&str> {
        if self.kind == AddressKind::Abroad { None } else { self.last_line.get(..5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail::address::MAX_CHARACTERS;

    #[test]
    fn full_lines_are_full() {
        let full = FULL_POINTS.iter().chain(&FULL_BUILDINGS).chain(&FULL_STREETS);
        for line in full {
            assert_eq!(line.chars().count(), MAX_CHARACTERS, "{line}");
        }
        assert!(CEDEX.iter().any(|line| line.len() == MAX_CHARACTERS));
    }

    #[test]
    fn the_longest_street_fits() {
        let way = WAYS.iter().map(|(_, way)| way.len()).max().unwrap_or_default();
        let street = STREETS.iter().map(|street| street.len()).max().unwrap_or_default();
        assert!("999 B ".len() + way + 1 + street <= MAX_CHARACTERS);
    }
}
