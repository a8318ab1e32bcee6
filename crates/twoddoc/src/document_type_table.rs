//! The document types of perimeter 01 (specification 3.2.6 §5 and 3.3.x), and `P1`, which is not national.
//!
//! One type a line, sorted by code: date of issue, mandatory identifiers, optional identifiers. 01 to 0D are optional in
//! every type and are not listed. The lists come from version 3.3.4, their footnotes from 3.2.6 §8 (p. 99-115). An
//! identifier that a table of §8 does not list is optional in the table's types if its group is named below the table, or
//! if official specimens carry identifiers of that group. 26 to 29 and B3 are of version 3.3.8: no public text lists
//! their identifiers, so any is permitted.

use super::document_types::{
    Choice, DocumentType,
    EmissionDate::{self, Forbidden, Optional, Required},
    Unlisted,
};

type Identifiers = &'static [&'static str];

const fn national(
    code: &'static str,
    name: &'static str,
    emission_date: EmissionDate,
    mandatory: Identifiers,
    optional: Identifiers,
) -> DocumentType {
    let (choices, unlisted, national): (&[Choice], _, _) = (&[], &NONE, true);
    DocumentType { code, name, emission_date, mandatory, choices, optional, unlisted, national }
}

/// A type that names a beneficiary, by 10 or by 11, 12 and 13.
const fn with_beneficiary(
    code: &'static str,
    name: &'static str,
    emission_date: EmissionDate,
    mandatory: Identifiers,
    optional: Identifiers,
) -> DocumentType {
    let choices: &[Choice] = &[&[&["10"], &["11", "12", "13"]]];
    DocumentType { choices, ..national(code, name, emission_date, mandatory, optional) }
}

/// A type of a table of §8 below which groups of identifiers are named.
const fn among(unlisted: &'static Unlisted, document_type: DocumentType) -> DocumentType {
    DocumentType { unlisted, ..document_type }
}

/// A type in which identifiers are interchangeable.
const fn choosing(choices: &'static [Choice], document_type: DocumentType) -> DocumentType {
    DocumentType { choices, ..document_type }
}

/// A type whose identifiers no public text lists.
const fn unpublished(code: &'static str, name: &'static str) -> DocumentType {
    among(&ANY, national(code, name, Optional, &[], &[]))
}

/// No group.
const NONE: Unlisted = Unlisted { groups: "", listed: &[] };

/// Every group.
const ANY: Unlisted = Unlisted { groups: "123456789ABCDEFGHIL", listed: &[] };

/// Group 7.2 (p. 100).
const BANK: Unlisted = Unlisted { groups: "3", listed: &["30", "31", "32", "35", "36", "37", "38"] };

/// Group 7.4 (p. 102).
#[rustfmt::skip]
const EMPLOYMENT: Unlisted = Unlisted {
    groups: "5",
    listed: &["53", "54", "55", "57", "58", "59", "5A", "5N", "5Q", "5R", "5S", "5T"],
};

/// Groups 7.2 to 7.7 and 7.9 to 7.11 (p. 106).
#[rustfmt::skip]
const VEHICLE: Unlisted = Unlisted {
    groups: "345678ABC",
    listed: &["60", "62", "6G", "6H", "A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A9", "AA", "AB", "AC", "AH", "AI", "AJ", "AK", "AL", "AM", "AN", "AO", "AP", "AQ", "AR", "AS", "AT", "AU", "AV", "AW", "AX", "AY", "AZ", "C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "CA", "CB", "CC"],
};

/// The group of diplomas (p. 107).
#[rustfmt::skip]
const DIPLOMA: Unlisted = Unlisted {
    groups: "B",
    listed: &["B0", "B1", "B2", "B6", "B7", "B9", "BB", "BD", "BG", "BH", "BI", "BJ", "BK"],
};

/// The group of health (p. 108).
#[rustfmt::skip]
const HEALTH: Unlisted = Unlisted {
    groups: "7",
    listed: &["70", "71", "72", "73", "77", "78", "7C", "7D", "7E", "7G", "7K", "7M", "7P"],
};

/// The group of customs (p. 110).
#[rustfmt::skip]
const CUSTOMS: Unlisted = Unlisted {
    groups: "D",
    listed: &["D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "DA", "DH", "DI", "DX", "DY", "DZ"],
};

/// Time of death, or of its attestation (p. 108).
const DEATH: &[Choice] = &[&[&["70"], &["71"]]];

/// All first names, or one (p. 107).
const FIRST_NAMES: &[Choice] = &[&[&["B0"], &["B1"]]];

#[rustfmt::skip]
pub(super) static TABLE: [DocumentType; 60] = [
    with_beneficiary("00", "Justificatif de domicile", Required, &["20", "21", "22", "23", "24", "25", "26"], &["1G", "1I", "1J", "1K", "1L"]),
    with_beneficiary("01", "Facture (énergie, téléphonie, internet, eau)", Required, &["22", "24", "26"], &["14", "15", "16", "17", "18", "19", "1A", "1B", "1C", "1D", "1E", "1F", "1G", "1H", "1I", "1J", "1K", "1L", "1M", "1N", "1O", "1P", "20", "21", "23", "25", "27", "28", "29", "2A", "2B", "2C", "2D"]),
    with_beneficiary("02", "Avis de taxe d'habitation", Required, &["22", "24", "25", "26"], &["1G", "1I", "1J", "1K", "1L", "23"]),
    among(&BANK, national("03", "Relevé d'identité bancaire", Forbidden, &["30", "31", "32"], &["08"])),
    national("04", "Avis d'impôt sur les revenus", Forbidden, &["43", "44", "45", "46", "47", "4A"], &["41", "48", "49", "4Y", "4Z"]),
    among(&BANK, national("05", "Relevé d'identité SEPAmail", Forbidden, &["08", "30", "35"], &[])),
    among(&EMPLOYMENT, with_beneficiary("06", "Bulletin de salaire", Required, &["53", "54", "55", "58", "59"], &["57", "5A", "5T"])),
    national("07", "Titre d'identité", Required, &["60", "62", "65", "66", "67", "68", "6C"], &["61", "63", "69", "6A", "6F", "6N", "6O", "6S", "6T", "6U", "6V", "6W", "6X", "6Y"]),
    national("08", "MRZ", Required, &["6F"], &[]),
    with_beneficiary("09", "Facture étendue", Required, &["22", "24", "26"], &[]),
    among(&EMPLOYMENT, national("10", "Contrat de travail", Required, &["57", "5A", "61", "62"], &["53", "54", "55", "58", "59", "5T"])),
    among(&BANK, national("11", "Relevé de compte", Required, &["30", "31", "32", "36", "37", "38"], &["08", "35"])),
    national("12", "Acte d'huissier", Required, &["90", "92", "94", "96"], &["91", "93", "95"]),
    national("13", "Document étranger", Required, &["60", "62", "63", "67", "68", "69", "6A", "6C", "6J", "6K", "6L", "6P", "6Q", "6U", "6W", "6X"], &["61", "66", "6M", "6N", "6O", "6R", "6S", "6T", "6V", "6Y"]),
    among(&VEHICLE, national("14", "Attestation DICEM", Required, &["A2", "AO", "AP", "AQ", "AS", "AT", "AW", "AY", "AZ", "60", "62"], &["69", "6A", "AR", "AU", "AV", "AX"])),
    among(&EMPLOYMENT, national("15", "Autorisation de travail", Required, &["55", "5N", "5Q", "5R", "5S", "5T", "61", "62", "67", "69", "6A", "6L"], &["66", "6Z"])),
    national("16", "Attestation de demande d'asile", Forbidden, &["60", "62", "67", "69", "6Q", "6O", "G0", "G1", "G2"], &[]),
    national("17", "Attestation de fin de droit ADA", Required, &["60", "69", "6G", "6H", "6Q", "G3", "G4", "G5"], &[]),
    national("18", "Avis de situation déclarative à l'impôt", Forbidden, &["43", "44", "45", "46", "4B"], &["41", "47", "48", "49", "4Y", "4Z"]),
    national("19", "Déclaration de dons", Forbidden, &["4C", "4D", "4E", "4F", "4G", "4H"], &["4I"]),
    national("20", "Déclaration de cession de droits sociaux", Forbidden, &["4C", "4E", "4F", "4J", "4K", "4L"], &["4M"]),
    national("21", "Attestation 2041-ASK", Forbidden, &["4N", "4O", "4P", "4Q", "4R", "4S"], &["4T", "4U", "55"]),
    national("22", "Carte européenne d'arme à feu", Forbidden, &["0D", "60", "67", "69", "6A", "6G", "HI", "HJ", "HK", "HL", "HM", "HN", "HO", "HP", "HQ", "HR", "HS"], &[]),
    national("23", "Certificat de preuve de vie", Required, &["87", "60", "88", "69", "8A", "8B", "8C", "8D", "8J"], &["89", "8E", "8F", "8G", "8H", "8I", "8K"]),
    national("24", "Avis de situation déclarative à l'impôt V2", Forbidden, &["43", "44", "45", "46", "4B", "4V", "4W", "4X"], &["41", "47", "48", "49", "4Y", "4Z"]),
    among(&EMPLOYMENT, national("25", "Autorisation de travail, métier en tension", Required, &["06", "57", "5A", "5S", "5T", "62", "66", "67", "69", "6A"], &["60", "6C", "6Q"])),
    unpublished("26", "Certificat de conformité sûreté aéroportuaire"),
    unpublished("27", "Avis de situation déclarative à l'impôt V3"),
    unpublished("28", "Avis d'impôt sur les revenus V2"),
    unpublished("29", "Attestation d'activité professionnelle"),
    among(&VEHICLE, national("A0", "Certificat de qualité de l'air", Required, &["A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A9"], &["AA"])),
    among(&VEHICLE, national("A1", "Courrier permis à points", Required, &["AB", "AC", "60", "69", "6G", "6H"], &["6A"])),
    among(&VEHICLE, national("A2", "Carte mobilité inclusion", Required, &["AH", "AI"], &[])),
    among(&VEHICLE, national("A3", "Macaron VTC", Forbidden, &["A1", "AJ", "AK"], &[])),
    choosing(DEATH, among(&HEALTH, national("A4", "Certificat de décès", Required, &["72", "73", "77", "78", "7C", "7D", "7E", "7G", "7K", "7M"], &[]))),
    among(&VEHICLE, national("A5", "Carte T3P", Forbidden, &["AI", "AL"], &[])),
    national("A6", "Carte professionnelle sapeur-pompier", Forbidden, &["80", "81", "82", "83"], &["84", "85", "86"]),
    among(&VEHICLE, national("A7", "Certificat de qualité de l'air V2", Required, &["A0", "A1", "A2", "A4", "A5", "A6", "A9", "AM"], &["A3", "A7", "AA"])),
    among(&VEHICLE, national("A8", "Certificat de cession électronique", Required, &["A1", "A4", "AA", "AN", "C1", "C2", "C3", "C4", "C6", "C7", "C8", "C9", "CA", "CB", "CC"], &["C0", "C5"])),
    national("A9", "Permis de chasser", Required, &["80", "81", "69", "85"], &["86"]),
    national("AA", "Arrêté permis de conduire", Required, &["60", "69", "6A", "6G", "6H", "AC", "E0", "E1"], &["09", "AD", "AE", "E2", "E3"]),
    national("AB", "Relevé d'information permis de conduire", Required, &["09", "60", "69", "6A", "6G", "6H", "AC", "E4", "E5", "E8"], &["AG", "E6", "E7"]),
    national("AC", "Licence de conducteur de train", Required, &["80", "81", "82", "86"], &["AI"]),
    national("AD", "Certificat de réussite à l'examen du permis", Required, &["60", "62", "69", "D3", "E9", "EA", "EC", "ED"], &["D4", "EB", "EE", "EF"]),
    choosing(DEATH, among(&HEALTH, national("AE", "Certificat de décès V2", Required, &["72", "73", "77", "78", "7C", "7D", "7E", "7G", "7M", "7P"], &[]))),
    choosing(FIRST_NAMES, among(&DIPLOMA, national("B0", "Diplôme", Required, &["B6", "B7", "B9", "B2", "BD", "BG", "BH", "BI", "BJ"], &["BB"]))),
    among(&DIPLOMA, national("B1", "Attestation de versement de la CVEC", Required, &["B7", "B2", "BB", "BK"], &["B0", "B3"])),
    national("B2", "Test COVID", Required, &["F0", "F1", "F2", "F3", "F4", "F5", "F6"], &[]),
    unpublished("B3", "Titrage antirabique"),
    national("C1", "Renseignement tarifaire contraignant", Required, &["D0", "D1", "D2", "D3", "D4", "D5", "D8"], &[]),
    among(&CUSTOMS, national("C2", "Accord préalable de transfert d'armes", Required, &["D6", "D7", "D8", "DY"], &["DH", "DI"])),
    among(&CUSTOMS, national("C3", "Permis de transfert d'armes à feu et de munitions", Required, &["D6", "D7", "D8", "DY"], &["DH", "DX"])),
    among(&CUSTOMS, national("C4", "Autorisation d'importation de matériels de guerre", Required, &["D6", "D7", "D8", "DY"], &["DH", "DI"])),
    among(&CUSTOMS, national("C5", "Licence d'exportation d'armes à feu", Required, &["D7", "D9", "DA", "DY"], &["DX"])),
    among(&CUSTOMS, national("C6", "Agrément de transfert d'armes à feu et de munitions", Required, &["D6", "D7", "D8", "DY"], &["DH", "DX"])),
    among(&CUSTOMS, national("C7", "Bon de livraison", Required, &["DY", "DZ", "H0", "H1", "H2", "H3", "H4", "H5", "H7", "H8", "H9", "HA", "HB", "HC"], &["H6"])),
    among(&CUSTOMS, national("C8", "Bon de livraison V2", Required, &["DI", "DX", "DY", "DZ", "H1", "H3", "H4", "H5", "H7", "H8", "H9", "HA", "HB", "HC", "HD", "HE", "HF", "HG", "HH"], &["H6"])),
    national("C9", "Caducée infirmier", Required, &["I0", "I1", "I3", "I4", "I5", "I6"], &["I2"]),
    national("L1", "Attestation vaccinale", Required, &["L0", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "LA"], &[]),
    DocumentType { national: false, ..national("P1", "Lettre d'accompagnement de carte, hors nomenclature nationale", Optional, &["01", "10", "82", "83"], &[]) },
];
