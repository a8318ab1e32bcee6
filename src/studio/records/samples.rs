//! Samples for designers: each is the invented record, changed in what its name says, and one that the intake accepts. Together
//! they are the extremes of what a template has to show.

use mail::address::PostalAddress;
use mail::card::{CardFamily, CardNumber, Generation};
use mail::holder::{Civility, Holder, Title};
use mail::identifiers::{PsIdNat, StructureId};
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::profession::Profession;
use mail::reason::Reason;

use super::invented_record;
use crate::failure::Failure;

/// A sample: its name in commands, what it shows in English and French, and what it changes.
pub(super) struct Sample {
    pub id: &'static str,
    pub en: &'static str,
    pub fr: &'static str,
    change: fn(&mut Issuance) -> Option<()>,
}

impl Sample {
    /// The sample as a record of pieces of this kind.
    ///
    /// # Errors
    /// A bug, if a value of it is not valid.
    pub(super) fn record(&self, kind: PieceKind) -> Result<Issuance, Failure> {
        let mut record = invented_record(kind)?;
        match (self.change)(&mut record) {
            Some(()) => Ok(record),
            None => Err(Failure::bug(format!("the sample `{}` has an invalid value", self.id))),
        }
    }
}

/// The record of a sample.
///
/// # Errors
/// `specimen_sample`: there is no such sample.
pub(in crate::studio) fn sample(name: &str, kind: PieceKind) -> Result<Issuance, Failure> {
    match SAMPLES.iter().find(|sample| sample.id == name) {
        Some(sample) => sample.record(kind),
        None => {
            Err(Failure::usage("specimen_sample", format!("there is no sample `{}`", mail::excerpt(name)))
                .with_advice(format!("the samples are {}", sample_names())))
        }
    }
}

/// The names of the samples, for messages.
fn sample_names() -> String {
    SAMPLES.iter().map(|sample| sample.id).collect::<Vec<_>>().join(", ")
}

macro_rules! samples {
    ($($id:literal, $en:literal, $fr:literal, $change:expr;)*) => {
        /// Every sample, in the order in which designers see them.
        pub(super) static SAMPLES: &[Sample] =
            &[$(Sample { id: $id, en: $en, fr: $fr, change: $change }),*];
    };
}

// The longest line that names a holder has 45 characters in samples of jobs, a line of an address 38.
samples! {
    "usual", "Usual record", "Fiche courante", |_| Some(());
    "longest-name", "Longest name", "Nom le plus long", |r| {
        name(r, Some(Civility::Mme), None, "Papadimitrakopoulou-Larramendy", "Anne-Élise");
        address(r, ["A PAPADIMITRAKOPOULOU LARRAMENDY", "", "", "9 RUE GEORGES PITARD", "", "75015 PARIS"], "")
    };
    "shortest-name", "Shortest name, no civility", "Nom le plus court, sans civilité", |r| {
        name(r, None, None, "Ly", "Ô");
        r.organisation = "SCM".to_owned();
        address(r, ["LY O", "", "", "", "LE BOURG", "23260 CROCQ"], "")
    };
    "title", "Professor", "Professeur", |r| {
        name(r, Some(Civility::M), Some(Title::Pr), "Grandjean de L’Espinasse", "Charles-Édouard");
        address(r, ["PR GRANDJEAN DE L ESPINASSE C E", "", "", "9 RUE GEORGES PITARD", "", "75015 PARIS"], "")
    };
    "accents-french", "Every French accent", "Toutes les lettres accentuées du français", |r| {
        name(r, Some(Civility::Mme), None, "Àâäçéèêëîïôöùûüÿæœ", "Àâäçéèêëîïôöùûüÿæœ");
        r.organisation = "Œuvre ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ àâæçéèêëîïôœùûüÿ".to_owned();
        address(r, ["Mme Àâäçéèêëîïôöùûüÿæœ", "« L’Étoile à l’Œillet »", "", "9 RUE GEORGES PITARD", "", "75015 PARIS"], "")
    };
    "accents-europe", "Letters of Europe and Vietnam", "Lettres d’Europe et du Vietnam", |r| {
        name(r, Some(Civility::M), None, "Żółkiewski-Çağlayan", "Jiří Øyvind Nguyễn");
        r.organisation = "Ångström, Łódź, Đặng, Öğretmenoğlu, Škoda".to_owned();
        address(r, ["M ŻÓŁKIEWSKI ÇAĞLAYAN J", "Résidence Ångström – Łódź", "Chez Đặng Thị Hường", "Straße der Jugend 4", "", "10115 BERLIN"], "DE")
    };
    "apostrophes", "Apostrophes, particles, hyphens", "Apostrophes, particules, traits d’union", |r| {
        name(r, Some(Civility::M), None, "d’Hautefontaine de L'Hôte", "Jean-Loup O'Neil");
        r.organisation = "Pharmacie « L’Étoile » & fils".to_owned();
        address(r, ["M D HAUTEFONTAINE DE L HOTE J L", "", "", "2 B RUE DE L ABBE DE L EPEE", "", "75005 PARIS"], "")
    };
    "six-full-lines", "Six full lines of 38 characters", "Six lignes pleines de 38 caractères", |r| {
        address(r, [
            "MMES VANDERSTRAETEN COEURDEVEY CAMILLE",
            "RESIDENCE LES TERRASSES DE LA FONTAINE",
            "IMMEUBLE LE GRAND PAVOIS ENTREE B HALL",
            "17 AVENUE DU GENERAL DE GAULLE PROLONG",
            "LIEU DIT LES GRANDES VERGNES BP 900217",
            "76801 SAINT ETIENNE DU ROUVRAY CEDEX 1",
        ], "")
    };
    "one-line", "Shortest address", "Adresse la plus courte", |r| {
        address(r, ["LY O", "", "", "", "", "86963 FUTUROSCOPE CEDEX"], "")
    };
    "cedex", "CEDEX and post box", "CEDEX et boîte postale", |r| {
        address(r, ["CENTRE HOSPITALIER", "MME SPECIMEN CAMILLE", "", "AVENUE DU MAQUIS DU GRESIVAUDAN", "CS 10217", "38043 GRENOBLE CEDEX 9"], "")
    };
    "foreign", "Foreign address", "Adresse à l’étranger", |r| {
        address(r, ["MME SPECIMEN CAMILLE", "", "", "12, avenue Louise", "", "1050 BRUXELLES"], "BE")
    };
    "foreign-full", "Foreign address, seven full lines", "Adresse à l’étranger, sept lignes pleines", |r| {
        address(r, [
            "MMES VANDERSTRAETEN COEURDEVEY CAMILLE",
            "C/O THE ROYAL INFIRMARY, WARD 12 BED 4",
            "BUILDING OF THE FRIENDS OF THE HOSPICE",
            "128 KING EDWARD POINT MEMORIAL PARKWAY",
            "GRYTVIKEN OLD WHALING STATION HARBOURS",
            "SIQQ 1ZZ GRYTVIKEN, KING EDWARD POINTS",
        ], "GS")
    };
    "overseas", "Overseas, without a country line", "Outre-mer, sans ligne de pays", |r| {
        address(r, ["MME SPECIMEN CAMILLE", "", "", "30 RUE DE L ALMA", "BP 1812", "98800 NOUMEA"], "NC")
    };
    "army", "Armed forces", "Armées", |r| {
        address(r, ["MME SPECIMEN CAMILLE", "", "2E REGIMENT MEDICAL", "", "SP 85101", "00315 ARMEES"], "")
    };
    "structure", "Card without a holder’s name", "Carte non nominative", |r| {
        r.holder = Holder::Structure;
        at_work(r, CardFamily::Cpe, "32A0000170/POOL.3", "12A0000170")?;
        r.organisation = "Clinique « Les Îles »".to_owned();
        address(r, ["CLINIQUE LES ILES", "SERVICE DES URGENCES", "", "12 BOULEVARD PASTEUR", "", "20090 AJACCIO"], "")
    };
    "longest-organisation", "Longest organisation, no holder’s name", "Structure au nom le plus long, carte non nominative", |r| {
        r.holder = Holder::Structure;
        at_work(r, CardFamily::Cpe, "3630781003/POOL", "1630781003")?;
        r.organisation = "Établissement de santé mentale Sainte-Œuvre-X".to_owned();
        address(r, ["ESM SAINTE OEUVRE", "SERVICE DU PERSONNEL", "", "CHEMIN DU LAC", "", "63000 CLERMONT FERRAND"], "")
    };
    "replaced-card", "Lost card, replaced", "Carte perdue, remplacée", |r| {
        r.reason = Reason::Incident;
        replaced(r)
    };
    "change", "Change of name or activity", "Changement de nom ou d’activité", |r| {
        r.reason = Reason::Change;
        replaced(r)
    };
    "renewal", "Renewal, long dates", "Renouvellement, dates longues", |r| {
        r.reason = Reason::Renewal;
        r.expiry_date = Some(jiff::civil::date(2026, 12, 31));
        replaced(r)
    };
    "rpps", "CPS with an RPPS number (8)", "CPS à numéro RPPS (8)", |r| person(r, CardFamily::Cps, "810003879623");
    "adeli", "CPS with an ADELI number (0)", "CPS à numéro ADELI (0)", |r| person(r, CardFamily::Cps, "00B1055421");
    "adeli-practice", "CPE of an ADELI practice (1)", "CPE d’un cabinet ADELI (1)", |r| {
        at_work(r, CardFamily::Cpe, "101234567801/12", "012345678901")
    };
    "finess", "CPE of a FINESS structure (3)", "CPE d’un établissement FINESS (3)", |r| {
        at_work(r, CardFamily::Cpe, "3010000024/A.b_c-9", "1010000024")
    };
    "siren", "CDA of a SIREN structure (4)", "CDA d’une structure SIREN (4)", |r| {
        at_work(r, CardFamily::Cda, "4732829320/7", "2732829320")
    };
    "siret", "CPA of a SIRET structure (5)", "CPA d’une structure SIRET (5)", |r| {
        at_work(r, CardFamily::Cpa, "573282932000074/0042", "373282932000074")
    };
    "rpps-practice", "CPE of an RPPS practice (6)", "CPE d’un cabinet RPPS (6)", |r| {
        at_work(r, CardFamily::Cpe, "610003879623017/7", "410003879623017")
    };
    "longest-identifier", "Longest identifier", "Identifiant le plus long", |r| {
        at_work(r, CardFamily::Cpe, "573282932000074/ABCDEFGHIJ0123456789", "373282932000074")
    };
    "longest-profession", "Longest profession", "Profession la plus longue", |r| {
        r.profession = Some(Profession::parse("98").ok()?);
        Some(())
    };
    "student", "Professional in training (CPF)", "Professionnel en formation (CPF)", |r| person(r, CardFamily::Cpf, "810003879623");
    "director", "Director (CDE)", "Directeur d’établissement (CDE)", |r| {
        at_work(r, CardFamily::Cde, "3970401071/1", "1970401071")
    };
}

fn name(
    record: &mut Issuance,
    civility: Option<Civility>,
    title: Option<Title>,
    last_name: &str,
    first_name: &str,
) {
    let (last_name, first_name) = (last_name.to_owned(), first_name.to_owned());
    record.holder = Holder::Named { civility, title, last_name, first_name };
}

fn address(record: &mut Issuance, lines: [&str; 6], country: &str) -> Option<()> {
    record.address = PostalAddress::build(lines, country, "").ok()?.0;
    Some(())
}

/// A card of a person, by the person's own identifier.
fn person(record: &mut Issuance, family: CardFamily, ps_id_nat: &str) -> Option<()> {
    record.family = family;
    record.ps_id_nat = PsIdNat::parse(ps_id_nat).ok()?;
    Some(())
}

/// A card of somebody who works in a structure, by an identifier of that structure.
fn at_work(record: &mut Issuance, family: CardFamily, ps_id_nat: &str, structure_id: &str) -> Option<()> {
    record.structure_id = Some(StructureId::parse(structure_id).ok()?);
    record.profession = None;
    person(record, family, ps_id_nat)
}

/// A card that replaces one of the generation before.
fn replaced(record: &mut Issuance) -> Option<()> {
    record.replaced_card_number = Some(CardNumber::parse("2400000517").ok()?);
    record.replaced_generation = Some(Generation::CPS2TER);
    Some(())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use super::*;
    use crate::night::intake::{IntakeSettings, first_rows};

    /// The columns of a sample, as the issuer of cards would write them.
    fn row(record: &Issuance, number: usize) -> String {
        let (civility, title, last_name, first_name) = match &record.holder {
            Holder::Structure => ("", "", "", ""),
            Holder::Named { civility, title, last_name, first_name } => {
                let (civility, title) = (civility.map(Civility::code), title.map(Title::code));
                (civility.unwrap_or(""), title.unwrap_or(""), last_name.as_str(), first_name.as_str())
            }
        };
        let country = record.address.country();
        let mut lines: Vec<&str> = record.address.lines().collect();
        lines.truncate(lines.len() - usize::from(country.is_some()));
        // Lines that are empty stand before the last one.
        let last = lines.pop().unwrap();
        lines.resize(5, "");
        let mut row = format!(
            "24{number:08},{},{},{},,",
            record.family.code(),
            record.reason.code(),
            record.requested_at
        );
        let expiry = match record.reason {
            Reason::Renewal => record.expiry_date.unwrap().to_string(),
            _ => String::new(),
        };
        let replaced = if record.reason.replaces_a_card() { "2400000517,CPS2TER" } else { "," };
        let profession = record.profession.map(String::from).unwrap_or_default();
        let structure = record.structure_id.as_ref().map(StructureId::to_string).unwrap_or_default();
        write!(row, "{expiry},{replaced},{},{structure},", record.ps_id_nat).unwrap();
        write!(row, "{civility},{title},{last_name},{first_name},{profession},\"{}\"", record.organisation)
            .unwrap();
        lines.iter().for_each(|line| write!(row, ",\"{line}\"").unwrap());
        writeln!(row, ",\"{last}\",{},issued", country.map_or("", |country| country.code())).unwrap();
        row
    }

    #[test]
    fn the_intake_accepts_every_sample() {
        let mut text = "card_number,card_family,reason,requested_at,issue_date,expiry_date,replaced_card_number,\
            replaced_generation,ps_id_nat,structure_id,civility,title,last_name,first_name,profession_code,organisation,\
            address_1,address_2,address_3,address_4,address_5,address_6,country,status\n"
            .to_owned();
        let records: Vec<Issuance> =
            SAMPLES.iter().map(|sample| sample.record(PieceKind::Letter).unwrap()).collect();
        for (number, record) in records.iter().enumerate() {
            text.push_str(&row(record, number));
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cards.csv");
        fs_err::write(&file, text).unwrap();
        let rows = first_rows(&[file], Path::new(""), &IntakeSettings::default(), 1000).unwrap();
        assert_eq!(rows.len(), SAMPLES.len());
        for (sample, (record, row)) in SAMPLES.iter().zip(records.iter().zip(rows)) {
            let read = row.record.unwrap_or_else(|findings| panic!("{}: {findings:?}", sample.id));
            assert_eq!(
                (&read.holder, &read.organisation),
                (&record.holder, &record.organisation),
                "{}",
                sample.id
            );
            assert!(read.address.lines().eq(record.address.lines()), "{}", sample.id);
        }
    }

    #[test]
    fn samples_are_what_their_names_say() {
        let record = |id| sample(id, PieceKind::Letter).unwrap();
        assert_eq!(record("longest-name").holder.display_line("").chars().count(), 45);
        let full = record("six-full-lines");
        assert!(
            full.address.lines().all(|line| line.chars().count() == 38) && full.address.lines().count() == 6
        );
        let foreign = record("foreign-full");
        assert!(foreign.address.lines().take(6).all(|line| line.chars().count() == 38));
        assert_eq!(foreign.address.lines().count(), 7);
        let kinds: std::collections::BTreeSet<_> =
            SAMPLES.iter().map(|sample| record(sample.id).ps_id_nat.kind()).collect();
        assert_eq!(kinds.len(), 7);
        let names: std::collections::BTreeSet<_> =
            SAMPLES.iter().map(|sample| (sample.id, sample.en, sample.fr)).collect();
        assert_eq!(names.len(), SAMPLES.len());
        assert_eq!(sample("none", PieceKind::Letter).unwrap_err().code(), "specimen_sample");
    }
}
