//! The document types of perimeter 01 (specification 3.2.6 §5 and 3.3.x), and `P1`, which is not national.
//!
//! One type a line, sorted by code: date of issue, mandatory identifiers, optional identifiers. 01 to 0D are optional in
//! every type and are not listed. The lists come from version 3.3.4. Identifiers that the official specimens of 3.2.6
//! carry in addition are listed as optional.

use super::document_types::{
    DocumentType,
    EmissionDate::{self, Forbidden, Optional, Required},
};

type Identifiers = &'static [&'static str];

const fn national(
    code: &'static str,
    name: &'static str,
    emission_date: EmissionDate,
    mandatory: Identifiers,
    optional: Identifiers,
) -> DocumentType {
    DocumentType { code, name, emission_date, mandatory, beneficiary: false, optional, national: true }
}

/// A type that names a beneficiary, by 10 or by 11, 12 and 13.
const fn with_beneficiary(
    code: &'static str,
    name: &'static str,
    emission_date: EmissionDate,
    mandatory: Identifiers,
    optional: Identifiers,
) -> DocumentType {
    let beneficiary = true;
    DocumentType { beneficiary, ..national(code, name, emission_date, mandatory, optional) }
}

#[rustfmt::skip]
pub(super) static TABLE: [DocumentType; 55] = [
    with_beneficiary("00", "Justificatif de domicile", Required, &["20", "21", "22", "23", "24", "25", "26"], &["1G", "1I", "1J", "1K", "1L"]),
    with_beneficiary("01", "Facture (énergie, téléphonie, internet, eau)", Required, &["22", "24", "26"], &["14", "15", "16", "17", "18", "19", "1A", "1B", "1C", "1D", "1E", "1F", "1G", "1H", "1I", "1J", "1K", "1L", "1M", "1N", "1O", "1P", "20", "21", "23", "25", "27", "28", "29", "2A", "2B", "2C", "2D"]),
    with_beneficiary("02", "Avis de taxe d'habitation", Required, &["22", "24", "25", "26"], &["1G", "1I", "1J", "1K", "1L", "23"]),
    national("03", "Relevé d'identité bancaire", Forbidden, &["30", "31", "32"], &["08"]),
    national("04", "Avis d'impôt sur les revenus", Forbidden, &["43", "44", "45", "46", "47", "4A"], &["41", "48", "49"]),
    national("05", "Relevé d'identité SEPAmail", Forbidden, &["08", "30", "35"], &[]),
    with_beneficiary("06", "Bulletin de salaire", Required, &["53", "54", "55", "58", "59"], &["50", "51", "52", "57", "5A", "5T"]),
    national("07", "Titre d'identité", Required, &["60", "62", "65", "66", "67", "68", "6C"], &["61", "63", "69", "6A", "6F", "6N", "6O", "6S", "6T", "6U", "6V", "6W", "6X", "6Y"]),
    national("08", "MRZ", Required, &["6F"], &[]),
    with_beneficiary("09", "Facture étendue", Required, &["22", "24", "26"], &[]),
    national("10", "Contrat de travail", Required, &["57", "5A", "61", "62"], &["50", "53", "54", "55", "58", "59", "5T"]),
    national("11", "Relevé de compte", Required, &["30", "31", "32", "36", "37", "38"], &["08", "35"]),
    national("12", "Acte d'huissier", Required, &["90", "92", "94", "96"], &["91", "93", "95"]),
    national("13", "Document étranger", Required, &["60", "62", "63", "67", "68", "69", "6A", "6C", "6J", "6K", "6L", "6P", "6Q", "6U", "6W", "6X"], &["61", "66", "6M", "6N", "6O", "6R", "6S", "6T", "6V", "6Y"]),
    national("14", "Attestation DICEM", Required, &["A2", "AO", "AP", "AQ", "AS", "AT", "AW", "AY", "AZ", "60", "62"], &["69", "6A", "AR", "AU", "AV", "AX"]),
    national("15", "Autorisation de travail", Required, &["55", "5N", "5Q", "5R", "5S", "5T", "61", "62", "67", "69", "6A", "6L"], &["50", "5M", "66", "6Z"]),
    national("16", "Attestation de demande d'asile", Forbidden, &["60", "62", "67", "69", "6Q", "6O", "G0", "G1", "G2"], &[]),
    national("17", "Attestation de fin de droit ADA", Required, &["60", "69", "6G", "6H", "6Q", "G3", "G4", "G5"], &[]),
    national("18", "Avis de situation déclarative à l'impôt", Forbidden, &["43", "44", "45", "46", "4B"], &["41", "47", "48", "49"]),
    national("19", "Déclaration de dons", Forbidden, &["4C", "4D", "4E", "4F", "4G", "4H"], &["4I"]),
    national("20", "Déclaration de cession de droits sociaux", Forbidden, &["4C", "4E", "4F", "4J", "4K", "4L"], &["4M"]),
    national("21", "Attestation 2041-ASK", Forbidden, &["4N", "4O", "4P", "4Q", "4R", "4S"], &["4T", "4U", "55"]),
    national("22", "Carte européenne d'arme à feu", Forbidden, &["0D", "60", "67", "69", "6A", "6G", "HI", "HJ", "HK", "HL", "HM", "HN", "HO", "HP", "HQ", "HR", "HS"], &[]),
    national("23", "Certificat de preuve de vie", Required, &["87", "60", "88", "69", "8A", "8B", "8C", "8D", "8J"], &["89", "8E", "8F", "8G", "8H", "8I", "8K"]),
    national("24", "", Forbidden, &["43", "44", "45", "46", "4B", "4V", "4W", "4X"], &["41", "47", "48", "49"]),
    national("25", "", Required, &["06", "57", "5A", "5S", "5T", "62", "66", "67", "69", "6A"], &[]),
    national("A0", "Certificat de qualité de l'air", Required, &["A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A9"], &["AA"]),
    national("A1", "Courrier permis à points", Required, &["AB", "AC", "60", "6G", "6H"], &[]),
    national("A2", "Carte mobilité inclusion", Required, &["AH", "AI"], &[]),
    national("A3", "Macaron VTC", Forbidden, &["A1", "AJ", "AK"], &[]),
    national("A4", "Certificat de décès", Required, &["70", "72", "73", "77", "78", "7C", "7D", "7E", "7G", "7K", "7M"], &[]),
    national("A5", "Carte T3P", Forbidden, &["AI", "AL"], &[]),
    national("A6", "Carte professionnelle sapeur-pompier", Forbidden, &["80", "81", "82", "83"], &["84", "85", "86"]),
    national("A7", "Certificat de qualité de l'air V2", Required, &["A0", "A1", "A2", "A4", "A5", "A6", "A9", "AM"], &["A3", "A7", "AA"]),
    national("A8", "Certificat de cession électronique", Required, &["A1", "A4", "AA", "AN", "C1", "C2", "C3", "C4", "C6", "C7", "C8", "C9", "CA", "CB", "CC"], &["C0", "C5"]),
    national("A9", "Permis de chasser", Required, &["80", "81", "69", "85"], &["86"]),
    national("AA", "Arrêté permis de conduire", Required, &["60", "69", "6A", "6G", "6H", "AC", "E0", "E1"], &["09", "AD", "AE", "E2", "E3"]),
    national("AB", "Relevé d'information permis de conduire", Required, &["09", "60", "69", "6A", "6G", "6H", "AC", "E4", "E5", "E8"], &["AG", "E6", "E7"]),
    national("AC", "Licence de conducteur de train", Required, &["80", "81", "82", "86"], &["AI"]),
    national("AD", "Certificat de réussite à l'examen du permis", Required, &["60", "62", "69", "D3", "E9", "EA", "EC", "ED"], &["D4", "EB", "EE", "EF"]),
    national("AE", "Certificat de décès V2", Required, &["70", "72", "73", "77", "78", "7C", "7D", "7E", "7G", "7M", "7P"], &[]),
    national("B0", "Diplôme", Required, &["B6", "B7", "B9", "B1", "B2", "BD", "BG", "BH", "BI", "BJ"], &["BB"]),
    national("B1", "Attestation de versement de la CVEC", Required, &["B7", "B2", "BB", "BK"], &["B0", "B3"]),
    national("B2", "Test COVID", Required, &["F0", "F1", "F2", "F3", "F4", "F5", "F6"], &[]),
    national("C1", "Renseignement tarifaire contraignant", Required, &["D0", "D1", "D2", "D3", "D4", "D5", "D8"], &[]),
    national("C2", "Accord préalable de transfert d'armes", Required, &["D6", "D7", "D8", "DY"], &["DB", "DC", "DD", "DH", "DI", "DT", "DU", "DV", "DW"]),
    national("C3", "", Required, &["D6", "D7", "D8", "DY"], &["DH", "DX"]),
    national("C4", "", Required, &["D6", "D7", "D8", "DY"], &["DE", "DH", "DI", "DT", "DU", "DV", "DW"]),
    national("C5", "", Required, &["D7", "D9", "DA", "DY"], &["DM", "DN", "DO", "DP", "DT", "DW", "DX"]),
    national("C6", "", Required, &["D6", "D7", "D8", "DY"], &["DH", "DX"]),
    national("C7", "Bon de livraison", Required, &["DY", "DZ", "H0", "H1", "H2", "H3", "H4", "H5", "H7", "H8", "H9", "HA", "HB", "HC"], &["DE", "DM", "DT", "H6"]),
    national("C8", "Bon de livraison V2", Required, &["DI", "DX", "DY", "DZ", "H1", "H3", "H4", "H5", "H7", "H8", "H9", "HA", "HB", "HC", "HD", "HE", "HF", "HG", "HH"], &["H6"]),
    national("C9", "Caducée infirmier", Required, &["I0", "I1", "I3", "I4", "I5", "I6"], &["I2"]),
    national("L1", "Attestation vaccinale", Required, &["L0", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "LA"], &[]),
    DocumentType { national: false, ..national("P1", "Lettre d'accompagnement de carte, hors nomenclature nationale", Optional, &["01", "10", "82", "83"], &[]) },
];
