//! What issuers call our columns in French.

use crate::job::Column;
use mail::postal_capitals;

/// Their names in capitals, without accents, spaces and joining words, by our column.
const NAMES: [(Column, &[&str]); 24] = [
    (Column::CardNumber, &["NUMCARTE", "NUMEROCARTE", "NOCARTE", "CARTE"]),
    (Column::CardFamily, &["FAMILLE", "FAMILLECARTE", "TYPECARTE"]),
    (Column::Reason, &["MOTIF", "MOTIFEMISSION", "MOTIFDEMANDE"]),
    (Column::RequestedAt, &["DATEDEMANDE", "DEMANDE"]),
    (Column::IssueDate, &["DATEEMISSION", "DATEDELIVRANCE"]),
    (Column::ExpiryDate, &["DATEEXPIRATION", "DATEFIN", "DATEFINVALIDITE"]),
    (Column::ReplacedCardNumber, &["CARTEREMPLACEE", "NUMCARTEREMPLACEE", "NUMEROCARTEREMPLACEE"]),
    (Column::ReplacedGeneration, &["GENERATION", "GENERATIONREMPLACEE", "GENERATIONCARTEREMPLACEE"]),
    (Column::PsIdNat, &["IDNAT", "IDNATPS", "PSIDNAT", "IDENTIFIANTNATIONAL", "RPPS", "NUMRPPS"]),
    (Column::StructureId, &["IDSTRUCTURE", "STRUCTURE", "FINESS", "NUMFINESS"]),
    (Column::Civility, &["CIVILITE"]),
    (Column::Title, &["TITRE"]),
    (Column::LastName, &["NOM", "NOMEXERCICE", "NOMFAMILLE"]),
    (Column::FirstName, &["PRENOM", "PRENOMEXERCICE"]),
    (Column::ProfessionCode, &["PROFESSION", "CODEPROFESSION"]),
    (Column::Organisation, &["RAISONSOCIALE", "ETABLISSEMENT", "ORGANISME"]),
    (Column::Address1, &["ADRESSE1", "ADR1", "LIGNE1"]),
    (Column::Address2, &["ADRESSE2", "ADR2", "LIGNE2"]),
    (Column::Address3, &["ADRESSE3", "ADR3", "LIGNE3"]),
    (Column::Address4, &["ADRESSE4", "ADR4", "LIGNE4"]),
    (Column::Address5, &["ADRESSE5", "ADR5", "LIGNE5"]),
    (Column::Address6, &["ADRESSE6", "ADR6", "LIGNE6"]),
    (Column::Country, &["PAYS", "CODEPAYS"]),
    (Column::Status, &["STATUT", "ETAT", "ETATCARTE"]),
];

/// The column that an issuer's name of it means, `last_name` for `Nom d’exercice`.
pub(super) fn column_named(theirs: &str) -> Option<Column> {
    let capitals = postal_capitals(theirs);
    let joins = |word: &&str| !matches!(*word, "D" | "DE" | "DU" | "DES" | "L" | "LA" | "LE");
    let name: String = capitals.split(' ').filter(joins).collect();
    NAMES.into_iter().find(|(_, names)| names.contains(&name.as_str())).map(|(column, _)| column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_s_name_means_one_column() {
        for (theirs, column) in [
            ("NUM_CARTE", "card_number"),
            ("Nom d’exercice", "last_name"),
            ("prénom", "first_name"),
            ("Date de la demande", "requested_at"),
            ("ADR_6", "address_6"),
        ] {
            assert_eq!(column_named(theirs).map(Column::name), Some(column), "{theirs}");
        }
        assert_eq!(column_named("remarques"), None);
        let mut all: Vec<&str> = NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "no name means two columns");
        assert!(Column::ALL.into_iter().zip(NAMES).all(|(column, (own, _))| column == own));
    }
}
